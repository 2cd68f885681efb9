"""Thematic maps: areas with classifications and variables by period, as the map page and the GeoPackage draw them.

The yearly run and each study fill a `ThematicMap`. All classing is done here, on values that were never rounded, and
numbers become text here. A categorised and a graduated layer have the same shape, so that the page draws both with the
same few lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, Literal, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import Edition, Language, PublishedResults, file_date
from geo_bosoc.indicators.spec import Direction, Indicator, Unit, UnknownRule
from geo_bosoc.models.spec import NOT_ASSESSED, Model
from geo_bosoc.outputs.map_texts import word
from geo_bosoc.text.colours import (
    WITHOUT_FIGURE,
    Fill,
    category_fills,
    steps,
)
from geo_bosoc.text.numbers import (
    MISSING,
    NOT_IN_MODEL,
    UNIT_FACTOR,
    UNIT_SUFFIX,
    number,
    protected_word,
)
from geo_bosoc.text.provenance import Provenance, gathered

MOST_CLASSES: Final = 5
NO_ROW: Final = ""
_NA: Final = pd.NA

Rows = Mapping[tuple[str, str], dict[str, Any]]
"""Rows of a frame by area and period."""
_Map = TypeVar("_Map", bound="ThematicMap")


@dataclass(frozen=True)
class MapCategory:
    """A category of a classification: its id, its word, and its colour as ``#rrggbb``."""

    id: str
    label: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Categories that areas are put in: by a model, or by a study.

    Attributes
    ----------
    id, version, label : str
    categories : tuple of MapCategory
        The worst first; the last one takes the rest.
    rows : DataFrame
        ``area_id, period, category``, and of a model with points ``points, points_min, points_max``; an area without a
        row is not in the model. Other columns go to the GeoPackage.
    kind : {"rules", "points", "index"}, optional
    notice, case_state : str, optional
        What must be said with it: that it uses residents' origin, and the state of the law.
    source : str, optional
    gates : tuple of str, optional
        What an area must pass to be assessed.
    assumptions : tuple of (str, str), optional
        What rests on each assumption, and the assumption.
    """

    id: str
    version: str
    label: str
    categories: tuple[MapCategory, ...]
    rows: pd.DataFrame
    kind: Literal["rules", "points", "index"] = "rules"
    notice: str = ""
    case_state: str = ""
    source: str = ""
    gates: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a graduated layer shows: the words for it, its unit, and which end of it is bad.

    Attributes
    ----------
    id, label : str
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
    direction : {"high_is_bad", "low_is_bad", "neutral"}, optional
    unknown : {"exclude", "met", "not_met"}, optional
        What the value takes those of unknown status to be.
    scale : int, optional
        What numerators are multiplied by (fixed point).
    base_known : bool, optional
        False for a percentage that came without its counts.
    definition, assumption, source : str, optional
    """

    id: str
    label: str
    unit: Unit
    direction: Direction = "neutral"
    unknown: UnknownRule = "exclude"
    scale: int = 1
    base_known: bool = True
    definition: str = ""
    assumption: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ThematicMap:
    """What may be drawn: areas in EPSG:25832, and what is shown of them in each period.

    Attributes
    ----------
    name : str
        Of the project.
    language : {"da", "en"}
    made_up : bool
    edition : Edition
    areas : GeoDataFrame
        ``area_id, name, kind, geometry``.
    residents : DataFrame
        ``area_id, period, residents``.
    classifications : tuple of Classification
    variables : tuple of Variable
    table, reference_areas : DataFrame
        The figures of the variables in areas and reference areas, in the columns of an indicator table; a suppressed
        one is missing and its status is ``protected``.
    sources : DataFrame
        Where the figures come from (`geo_bosoc.models.provenance`).
    """

    name: str
    language: Language
    made_up: bool
    edition: Edition
    areas: gpd.GeoDataFrame
    residents: pd.DataFrame
    classifications: tuple[Classification, ...]
    variables: tuple[Variable, ...]
    table: pd.DataFrame
    reference_areas: pd.DataFrame
    sources: pd.DataFrame

    @cached_property
    def periods(self) -> list[str]:
        """The periods that there are figures of, sorted as text."""
        return sorted(self.table["period"].unique())

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the last period's year, never the clock."""
        return file_date(self.periods)

    @property
    def area_ids(self) -> list[str]:
        """The areas' ids, in their order."""
        return [str(area) for area in self.areas["area_id"]]


def at_periods(thematic_map: _Map, periods: Collection[str]) -> _Map:
    """The map of some of its periods."""

    def of_periods(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["period"].isin(periods)].reset_index(drop=True)

    classifications = tuple(
        replace(classification, rows=of_periods(classification.rows))
        for classification in thematic_map.classifications
    )
    frames: Any = {
        name: of_periods(getattr(thematic_map, name)) for name in ("table", "reference_areas", "sources")
    }
    return replace(thematic_map, classifications=classifications, **frames)


def published_map(published: PublishedResults) -> ThematicMap:
    """The map of a yearly run: its models' categories, and its indicators."""
    return ThematicMap(**map_parts(published))


def map_parts(published: PublishedResults) -> dict[str, Any]:
    """What a `ThematicMap` of a yearly run is made of, by the names of its fields."""
    names = (
        "name",
        "language",
        "made_up",
        "edition",
        "areas",
        "residents",
        "table",
        "reference_areas",
        "sources",
    )
    return {
        **{name: getattr(published, name) for name in names},
        "classifications": tuple(classification_of(published, model) for model in published.models),
        "variables": tuple(variable_of(indicator, published.language) for indicator in published.indicators),
    }


def variable_of(indicator: Indicator, language: Language) -> Variable:
    """An indicator as a variable."""
    return Variable(
        id=indicator.id,
        label=indicator.label(language),
        unit=indicator.unit,
        direction=indicator.direction,
        unknown=indicator.unknown,
        scale=indicator.scale,
        base_known=indicator.base_known,
        definition=indicator.definition(language),
        assumption=indicator.assumption_text(language),
        source=indicator.source_text(language),
    )


def classification_of(published: PublishedResults, model: Model) -> Classification:
    """A model's categories as a classification."""
    language = published.language
    labels = {indicator.id: indicator.label(language) for indicator in published.indicators}
    parts: list[tuple[str, Provenance]] = [("", model)]
    parts += [(_gate(gate, labels, language), gate) for gate in model.gates]
    parts += [
        (labels.get(criterion.indicator) or criterion.label(language), criterion)
        for criterion in model.criterion
    ]
    parts += [(category.label(language), category) for category in model.category]
    return Classification(
        id=model.id,
        version=model.version,
        label=model.label(language),
        categories=tuple(
            MapCategory(category.id, category.label(language), category.colour) for category in model.category
        ),
        rows=published.categories[published.categories["model"] == model.id],
        kind=model.kind,
        notice=model.notice(language),
        case_state=model.case_state(language),
        source=model.source_text(language),
        gates=tuple(_gate(gate, labels, language) for gate in model.gates),
        assumptions=tuple(gathered(parts, language)),
    )


def _gate(gate: Any, labels: Mapping[str, str], language: str) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(gate.operator, gate.operator)
    threshold = plain_number(gate.threshold, language)
    if gate.indicator == "residents":
        return f"{sign} " + word("residents", language, count=threshold)
    return f"{labels.get(gate.indicator, gate.indicator)} {sign} {threshold}"


def category_label(classification: Classification, category: str, language: Language) -> str:
    """The word for a category, those of areas that are not assessed included."""
    labels = {each.id: each.label(language) for each in NOT_ASSESSED}
    labels |= {each.id: each.label for each in classification.categories}
    return labels.get(category, category)


@dataclass(frozen=True)
class Class:
    """One class of a layer: its word, its fill, and whether its areas have been assessed (have a figure)."""

    id: str
    label: str
    fill: Fill
    assessed: bool = True

    def as_data(self) -> dict[str, Any]:
        """The class as plain data for the page."""
        hatch = self.fill.hatch
        data: dict[str, Any] = {"id": self.id, "label": self.label, "colour": self.fill.colour}
        if hatch is not None:
            data["hatch"] = {
                "angle": hatch.angle,
                "spacing": hatch.spacing,
                "width": hatch.width,
                "cross": hatch.cross,
                "dots": hatch.dots,
                "ink": self.fill.ink,
            }
        return data


def absent(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NA, or text of no length."""
    return value is None or value is _NA or value != value or value == ""


def text(value: Any) -> str:
    """A cell as text, an empty one as ``""``."""
    return "" if absent(value) else str(value)


def by_area(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of `frame` by ``(area_id, period)``; of several the first counts."""
    names = [str(name) for name in frame.columns]
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for values in zip(*(frame[name].tolist() for name in frame.columns), strict=True):
        row = dict(zip(names, values, strict=True))
        rows.setdefault((str(row["area_id"]), str(row["period"])), row)
    return rows


def rows_of(classification: Classification) -> Rows:
    """The rows of a classification by area and period; of several that of the worst category counts."""
    rank = {category.id: index for index, category in enumerate(classification.categories)}
    order = classification.rows["category"].map(rank).fillna(len(rank)).sort_values(kind="stable").index
    return by_area(classification.rows.loc[order])


def category_layer(
    thematic_map: ThematicMap, classification: Classification, names: Sequence[str]
) -> tuple[dict[str, Any], list[Class], Rows]:
    """The categorised layer of a classification.

    Parameters
    ----------
    thematic_map : ThematicMap
    classification : Classification
        One of the map's.
    names : sequence of str
        The areas' names in the order of the areas, as they sort.

    Returns
    -------
    layer : dict
        Plain data for the page.
    classes : list of Class
    rows : mapping
        The rows of the classification by area and period.
    """
    language, periods, areas = thematic_map.language, thematic_map.periods, thematic_map.area_ids
    rank = {category.id: index for index, category in enumerate(classification.categories)}
    rows = rows_of(classification)
    categories = [
        [text(rows.get((area, period), {}).get("category")) for area in areas] for period in periods
    ]
    present = {category for line in categories for category in line}
    others = [name for name in WITHOUT_FIGURE if name in present and name not in rank]
    others += sorted(present - set(rank) - set(others))
    fills = category_fills([category.colour for category in classification.categories])
    classes = [
        Class(category.id, category.label, fill)
        for category, fill in zip(classification.categories, fills, strict=True)
    ]
    classes += [
        Class(
            name,
            _sentence_case(
                NOT_IN_MODEL[language] if name == NO_ROW else category_label(classification, name, language)
            ),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE[NO_ROW]),
            False,
        )
        for name in others
    ]
    positions = {each.id: index for index, each in enumerate(classes)}
    drawn = [[positions[category] for category in line] for line in categories]
    notes, ranked = [], []
    for period, line in zip(periods, drawn, strict=True):
        period_rows = [rows.get((area, period), {}) for area in areas]
        notes.append([points_text(row, language, classification.kind) for row in period_rows])
        size = [-_number(row.get("points"), _number(row.get("points_min"), -1.0)) for row in period_rows]
        ranked.append(_ranked(list(zip(line, size, strict=True)), names, areas))
    layer = {
        "kind": "category",
        "label": classification.label,
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "notes": notes,
        "order": ranked,
        "legend": _legend(classes, drawn, language),
    }
    return layer, classes, rows


def _ranked(sizes: Sequence[Any], names: Sequence[str], areas: Sequence[str]) -> list[int]:
    """Positions of areas by size, name and id."""
    return sorted(range(len(areas)), key=lambda index: (sizes[index], names[index], areas[index]))


def points_text(row: Mapping[str, Any], language: str, kind: str = "points") -> str:
    """An area's points as text: one number, or the range they lie in where figures are missing.

    Of an index model (`kind`) it is the index.
    """
    if kind == "index":
        score = row.get("points")
        return "" if absent(score) else word("index", language, points=number(float(str(score)), language, 2))
    if not absent(row.get("points")):
        return _points(row["points"], language)
    least, most = row.get("points_min"), row.get("points_max")
    if absent(least) or absent(most):
        return ""
    if least == most:
        return _points(least, language)
    return word(
        "points_range", language, least=plain_number(least, language), most=plain_number(most, language)
    )


def _points(points: Any, language: str) -> str:
    key = "point" if float(points) == 1 else "points"
    return word(key, language, points=plain_number(points, language))


def plain_number(value: Any, language: str) -> str:
    """A number with decimals only where it has any: ``3``, ``2,5``."""
    decimals = 0 if float(value).is_integer() else 1
    return number(float(value), language, decimals)


def variable_layer(
    thematic_map: ThematicMap, variable: Variable, rows: Rows, names: Sequence[str]
) -> dict[str, Any]:
    """The graduated layer of a variable, in at most five classes that are the same in every period.

    Classes lie between the pooled values' quintiles (type 7), rounded as they are shown; a value on a limit belongs
    above it.

    Parameters
    ----------
    thematic_map : ThematicMap
    variable : Variable
    rows : mapping
        The variable's rows of the map's table.
    names : sequence of str
        The areas' names in the order of the areas, as they sort.

    Returns
    -------
    dict
        Plain data for the page.
    """
    language, periods, areas = thematic_map.language, thematic_map.periods, thematic_map.area_ids
    factor = UNIT_FACTOR[variable.unit]
    reverse = variable.direction == "low_is_bad"
    statuses = [[_status(rows.get((area, period))) for area in areas] for period in periods]
    values_of = [
        [
            float(rows[(area, period)]["value"]) * factor if status == "ok" else None
            for area, status in zip(areas, line, strict=True)
        ]
        for period, line in zip(periods, statuses, strict=True)
    ]
    limits, classes = variable_classes(thematic_map, variable, rows)
    positions = {each.id: index for index, each in enumerate(classes)}
    drawn, ranked = [], []
    for values, line in zip(values_of, statuses, strict=True):
        drawn.append(
            [
                positions[status] if value is None else bisect_right(limits, value)
                for value, status in zip(values, line, strict=True)
            ]
        )
        sign = 1.0 if reverse else -1.0
        ranked.append(
            _ranked([float("inf") if value is None else sign * value for value in values], names, areas)
        )
    return {
        "kind": "indicator",
        "label": variable.label,
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "order": ranked,
        "legend": _legend(classes, drawn, language),
        "order_note": word("darker_low" if reverse else "darker_high", language),
        "unit": "" if variable.unit == "percent" else UNIT_SUFFIX[variable.unit][language].strip(),
    }


def variable_classes(
    thematic_map: ThematicMap, variable: Variable, rows: Rows | None = None
) -> tuple[list[float], list[Class]]:
    """The limits between the classes of a variable's values, and the classes: those without a value last.

    Parameters
    ----------
    thematic_map : ThematicMap
    variable : Variable
    rows : mapping, optional
        The variable's rows of the map's table, where they are at hand.
    """
    if rows is None:
        table = thematic_map.table
        rows = by_area(table.loc[table["indicator"] == variable.id, ["area_id", "period", "value", "status"]])
    values = [float(row["value"]) * UNIT_FACTOR[variable.unit] for row in rows.values() if has_value(row)]
    cells = ((area, period) for period in thematic_map.periods for area in thematic_map.area_ids)
    present = {_status(rows.get(cell)) for cell in cells} - {"ok"}
    language = thematic_map.language
    limits = class_limits(values, 0 if variable.unit == "count" else 1)
    fills = steps(len(limits) + 1, variable.direction == "low_is_bad")
    labels = _class_labels(limits, variable, language)
    classes = [
        Class(f"class_{index}", label, fill)
        for index, (label, fill) in enumerate(zip(labels, fills, strict=True))
    ]
    without = [name for name in WITHOUT_FIGURE if name in present] + sorted(present - set(WITHOUT_FIGURE))
    return limits, classes + [
        Class(
            name,
            _sentence_case(status_word(name, language, thematic_map.edition.minimum)),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE["missing"]),
            False,
        )
        for name in without
    ]


def class_limits(values: Sequence[float], decimals: int) -> list[float]:
    """Rising limits between at most five classes of about equal size, each with a value in it.

    >>> class_limits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0), class_limits([2.0, 2.0], 1), class_limits([], 1)
    ([3.0, 5.0, 6.0, 8.0], [], [])
    """
    if not values:
        return []
    ordered = np.sort(np.asarray(values, dtype=float))
    cuts = np.quantile(ordered, [step / MOST_CLASSES for step in range(1, MOST_CLASSES)])
    limits: list[float] = []
    for cut in sorted({round(float(cut), decimals) for cut in cuts}):
        since = limits[-1] if limits else -np.inf
        if ((ordered >= since) & (ordered < cut)).any() and (ordered >= cut).any():
            limits.append(cut)
    return limits


def _class_labels(limits: Sequence[float], variable: Variable, language: str) -> list[str]:
    if not limits:
        return [word("all", language)]
    places = 0 if variable.unit == "count" else 1
    plain = [number(limit, language, places) for limit in limits]
    unit = UNIT_SUFFIX["percent"][language] if variable.unit == "percent" else ""
    labels = [word("below", language, value=plain[0] + unit)]
    labels += [word("between", language, low=low, high=high + unit) for low, high in pairwise(plain)]
    return [*labels, word("above", language, value=plain[-1] + unit)]


def has_value(row: Mapping[str, Any] | None) -> bool:
    """Whether a cell of the indicator table has a value that may be shown."""
    return row is not None and text(row.get("status")) == "ok" and not absent(row.get("value"))


def _status(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "missing"
    if has_value(row):
        return "ok"
    status = text(row.get("status"))
    return "missing" if status in ("", "ok") else status


def status_word(status: str, language: str, minimum: int | None) -> str:
    """What is said in the place of a value that is not there."""
    if status == "protected":
        return protected_word(language, minimum)
    if status in ("no_base", "not_applicable"):
        return word(status, language)
    return MISSING[language]


def _sentence_case(label: str) -> str:
    return label[:1].upper() + label[1:]


def _number(value: Any, otherwise: float) -> float:
    return otherwise if absent(value) else float(value)


def _legend(classes: Sequence[Class], drawn: Sequence[Sequence[int]], language: str) -> list[dict[str, Any]]:
    """Per period: areas in each class, their share of those that have a category, and how many have one."""
    lines = []
    for period in drawn:
        counts = [sum(drawn_class == index for drawn_class in period) for index in range(len(classes))]
        assessed = sum(count for count, each in zip(counts, classes, strict=True) if each.assessed)
        shares = [
            number(100 * count / assessed, language) + UNIT_SUFFIX["percent"][language]
            if each.assessed and assessed
            else ""
            for count, each in zip(counts, classes, strict=True)
        ]
        lines.append(
            {
                "counts": counts,
                "shares": shares,
                "note": word("share_note", language, count=number(assessed, language)),
            }
        )
    return lines
