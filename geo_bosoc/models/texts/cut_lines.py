"""Where a model's bands and thresholds lie on an indicator, as lines that a chart of its figures can be drawn with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.criteria import Criterion, Measure, Operator
from geo_bosoc.models.exact_values import Cells
from geo_bosoc.models.measures import FLIPPED, bad_side, limit_value
from geo_bosoc.models.points import NO_SPREAD
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.models.texts.sentences import condition, points_text, size_text
from geo_bosoc.text.catalogue import LANGUAGES, Language, word

CutKind = Literal["band", "threshold"]


@dataclass(frozen=True, slots=True)
class CutLine:
    """A line across a chart of an indicator's figures: where a band of points or a rule's threshold begins.

    Attributes
    ----------
    kind : {"band", "threshold"}
        Of a model of points, or of rules.
    criterion : str
        The criterion's id: an indicator may have several.
    value : float or None
        The figure that lies on it, in the unit that the indicator is shown in (40 is 40 %); None where the reference
        has no figure in that period, is another one for each area (the rest of the municipality), or where the spread
        of the areas says where it lies (z).
    ratio : float or None
        What the reference's figure is multiplied by to give `value`; None where the model does not say it as a multiple
        of it, as of a value, a difference and a good share that is turned.
    points : float or None
        What is given from there on; None of a threshold.
    labels : tuple of (str, str)
        By language what is written at it: "2 point: mindst 1,75 gange kommunens", "over 40 %".
    """

    kind: CutKind
    criterion: str
    value: float | None
    ratio: float | None
    points: float | None
    labels: tuple[tuple[Language, str], ...]

    def label(self, language: Language) -> str:
        """What is written at the line."""
        return dict(self.labels)[language]


def cut_lines(
    model: Model,
    reference_cells: Cells,
    periods: Iterable[str],
    *,
    units: Mapping[str, Unit] = MappingProxyType({}),
    averaged: bool = False,
) -> dict[tuple[str, str], tuple[CutLine, ...]]:
    """The bands and thresholds of a model on each indicator it looks at, in each period.

    Parameters
    ----------
    model : Model
        Of an index there are none: a figure gives no points by itself.
    reference_cells : Cells
        The figures of reference areas: of published ones, so that lines are a function of what is published.
    periods : iterable of str
        The periods that are drawn.
    units : mapping of str to str, optional
        What indicators are shown in; the criterion's unit where one is not named.
    averaged : bool, optional
        Whether the figures are means over the model's windows already.

    Returns
    -------
    dict of (str, str) to tuple of CutLine
        By indicator and period, in the order of the model's criteria and of their bands.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> lines = cut_lines(load_model("national-2021"), {}, ["2023"])["outside_labour_pct", "2023"]
    >>> [(line.criterion, line.value, line.label("en")) for line in lines]
    [('outside_labour_pct', 40.0, 'over 40%'), ('outside_labour_30', 30.0, 'over 30%')]
    """
    lines: dict[tuple[str, str], tuple[CutLine, ...]] = {}
    if model.kind == "index":
        return lines
    for period in periods:
        for criterion in model.criterion:
            key = criterion.indicator, period
            unit = units.get(criterion.indicator, criterion.unit)
            reading = read_reference(model, reference_cells, period, criterion, averaged=averaged)
            reference = None if reading.value is None else bad_side(reading.value, criterion)
            of_criterion = tuple(
                _line(criterion, measure, size, points, reference, unit)
                for measure, size, points in _cuts(model, criterion)
            )
            lines[key] = lines.get(key, ()) + of_criterion
    return lines


def _cuts(model: Model, criterion: Criterion) -> list[tuple[Measure, float, float | None]]:
    """Measure, size and points of each band of a criterion; of a rule its threshold."""
    if model.kind == "points":
        return [(criterion.measure, *band) for band in zip(criterion.bands, criterion.steps, strict=True)]
    return [] if criterion.limit is None else [(*criterion.limit, None)]


def _line(
    criterion: Criterion,
    measure: Measure,
    size: float,
    points: float | None,
    reference: Fraction | None,
    unit: Unit,
) -> CutLine:
    limit = limit_value(criterion, measure, size, reference, NO_SPREAD)
    plain = None
    if limit is not None and not math.isinf(limit):
        plain = 1 - limit if criterion.complement else limit
    is_inverse = criterion.direction == "low_is_bad"
    times = 1 / size if is_inverse and size else size
    labels = []
    for language in LANGUAGES:
        text = _condition(criterion, measure, size, plain, points is None, language)
        if points is not None:
            given = points_text(points, language)
            text = word("sentences", "band_from", language, points=given, condition=text)
        labels.append((language, text))
    return CutLine(
        "threshold" if points is None else "band",
        criterion.key,
        None if plain is None else float(plain * UNIT_PARTS[unit]),
        times if measure == "ratio" and not criterion.complement else None,
        points,
        tuple(labels),
    )


def _condition(
    criterion: Criterion,
    measure: Measure,
    size: float,
    limit: Fraction | float | None,
    is_rule: bool,
    language: Language,
) -> str:
    """What a figure must be to lie beyond the line, as it is shown: "at least 1.75 times the municipality's"."""
    is_inverse = criterion.direction == "low_is_bad"
    operator: Operator = criterion.operator
    if criterion.complement or (is_inverse and not is_rule):  # a rule's operator is of the figure itself
        operator = FLIPPED[operator]
    sign = word("operators", operator, language)
    if criterion.complement and limit is not None:
        return f"{sign} {size_text(criterion, 'value', float(limit), language)}"
    share = size / UNIT_PARTS[criterion.unit]
    if measure == "difference":
        return word(
            "sentences",
            "minus_whose" if is_inverse else "plus_whose",
            language,
            operator=sign,
            size=size_text(criterion, "value", share, language),
            whose=word("reference_genitives", criterion.reference_area, language),
        )
    times = 1 / size if is_inverse and measure == "ratio" and size else size
    shown = criterion.model_copy(update={"operator": operator})
    return condition(shown, measure, times if measure in ("ratio", "z") else share, language)
