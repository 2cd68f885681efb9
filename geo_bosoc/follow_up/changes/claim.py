"""Claims held against figures: "youth_crime in 0012 > 2 x rest", answered in a sentence with both figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Literal

import pandas as pd

from geo_bosoc.boundaries.reference_areas import GROUP, MUNICIPALITY, OUTSIDE, REST, TWINS
from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.changes.change import difference_interval
from geo_bosoc.follow_up.changes.claim_text import ClaimText, Names, read_claim
from geo_bosoc.indicators.references import group_rows, outside_rows, rest_of_municipality
from geo_bosoc.indicators.similar_areas import TwinsPart, find_twins, twin_rows
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.exact_values import read_cells
from geo_bosoc.models.measures import holds
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.outputs.texts import reference_word
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import in_unit, number

Answer = Literal["yes", "no", "cannot_tell"]


@dataclass(frozen=True)
class Figure:
    """A figure of a claim.

    Attributes
    ----------
    name : str
        Whose it is, as the sentence calls it.
    value : Fraction or None
        Exact; None where it is not shown.
    status : str
        ``ok``, or why there is none.
    low, high : float
        Its 95 % interval; NaN where it has none.
    numerator : float or None
        How many, in persons.
    denominator : int or None
        Of how many whose status is known.
    """

    name: str
    value: Fraction | None
    status: str
    low: float = math.nan
    high: float = math.nan
    numerator: float | None = None
    denominator: int | None = None


@dataclass(frozen=True)
class Claim:
    """A claim and its answer.

    Attributes
    ----------
    text : ClaimText
        As it was read.
    period : str
        The period that it was held against.
    figure : Figure
        The area's.
    reference : Figure or None
        What it is compared with; None where the claim names a number.
    limit : Fraction or None
        The number, or so many times the reference.
    holds : {"yes", "no", "cannot_tell"}
        Whether it is so; "cannot_tell" where a figure is not shown or missing.
    by_chance : {"yes", "no", "cannot_tell"}
        Whether chance alone could turn the answer; "cannot_tell" where a figure has no interval.
    low, high : float
        The 95 % interval of the area's value less the limit.
    sentence : str
        The answer in words.
    """

    text: ClaimText
    period: str
    figure: Figure
    reference: Figure | None
    limit: Fraction | None
    holds: Answer
    by_chance: Answer
    low: float
    high: float
    sentence: str


def check_claim(
    results: Results, text: str, *, by: TwinsPart | None = None, language: Language | None = None
) -> Claim:
    """Whether a claim about an area's figure holds, with both figures, and whether chance could explain it.

    Parameters
    ----------
    results : PublishedResults or Results
        What is published of a run; of true results the answer is for internal use.
    text : str
        The claim (`geo_bosoc.follow_up.changes.claim_text`).
    by : TwinsPart, optional
        Which figures twins are told by, and how many there are; left out, as the results say.
    language : {"da", "en"}, optional
        Of the sentence; the results' where it is left out.

    Returns
    -------
    Claim
        Values are compared as exact fractions. The interval is that of the difference of two shares or rates from
        their own intervals (Newcombe's hybrid score method, for so many times the reference by Zou and Donner's
        MOVER); of an area beside the municipality that holds it, the rest of the municipality takes its place, so that
        nobody is counted on both sides. Figures of region and country stand without doubt.

    Raises
    ------
    InputError
        The claim cannot be read, or names something that is not there.

    References
    ----------
    R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10; G. Y. Zou, A. Donner (2008), Statistics in
    Medicine 27, 1693-1702.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> gb.follow_up.check_claim(published, "youth_crime in 0012 > 2 x rest").holds  # doctest: +SKIP
    'yes'
    """
    language = language or results.language
    claim = read_claim(text, _names(results))
    spec = next(spec for spec in results.indicators if spec.id == claim.indicator)
    if claim.is_percent and spec.unit != "percent":
        raise InputError(
            [Problem("error", "the indicator is not in per cent.", key="claim", hint="Leave % out.")]
        )
    evaluation = _Evaluation(results, claim, spec, by, language)
    return evaluation.claim()


def _names(results: Results) -> Names:
    areas = results.areas[["area_id", "name"]].astype(str)
    return Names(
        {spec.id: (spec.label_da, spec.label_en) for spec in results.indicators},
        {area: (name,) for area, name in areas.itertuples(index=False, name=None)},
        tuple(results.groups),
        results.periods,
    )


class _Evaluation:
    """The figures that a claim names, of one set of results."""

    def __init__(
        self, results: Results, text: ClaimText, spec: Indicator, by: TwinsPart | None, language: Language
    ) -> None:
        self.results, self.text, self.spec, self.language = results, text, spec, language
        self.minimum = 0
        if isinstance(results, PublishedResults) and results.policy.suppresses:
            self.minimum = results.policy.minimum
        self.nearest = results.nearest
        if by is not None or results.profile is None:
            part = (by or TwinsPart()).checked(results.indicators, report := Report())
            report.raise_errors()
            self.nearest = find_twins(results.table, part.by, number=part.number)
        self.table = self._of_indicator(results.table)
        self.reference_areas = self._of_indicator(results.reference_areas)
        self.names = dict(results.areas[["area_id", "name"]].astype(str).itertuples(index=False, name=None))
        self.period = text.period or self._last_period()

    def _of_indicator(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["indicator"] == self.spec.id].reset_index(drop=True)

    def _last_period(self) -> str:
        """The last period with a figure of the area that is shown; else the last one."""
        rows = self._rows(self.text.area_id)
        shown = rows.loc[rows["status"] == "ok", "period"]
        return str(max(shown if len(shown) else self.results.periods))

    def _rows(self, area_id: str, of: str | None = None) -> pd.DataFrame:
        """The rows of an area or reference area; of rest and twins as the area `of` sees them."""
        if area_id == REST:
            rows = rest_of_municipality(self._rows(of or ""), self.reference_areas, [self.spec])
            is_small = small_cells(rows, [self.spec], self.minimum) & (rows["status"] == "ok")
            return rows.assign(status=rows["status"].mask(is_small, "protected"))
        if area_id == TWINS:
            rows = twin_rows(self.table, self.nearest[self.nearest["area_id"] == of], [self.spec])
            return rows.reset_index(drop=True)
        if area_id == OUTSIDE and not (self.reference_areas["area_id"] == OUTSIDE).any():
            return outside_rows(self.reference_areas, [self.spec])
        if area_id.startswith(GROUP):
            name = area_id.removeprefix(GROUP)
            return group_rows(self.table, {name: self.results.groups[name]}, [self.spec])
        frame = self.reference_areas if area_id.startswith("@") else self.table
        return frame[frame["area_id"] == area_id].reset_index(drop=True)

    def figure(self, area_id: str, of: str | None = None) -> Figure:
        """The figure of an area or reference area in the claim's period."""
        rows = self._rows(area_id, of)
        rows = rows[rows["period"] == self.period].reset_index(drop=True)
        name = self.names.get(area_id) or reference_word(area_id, self.language)
        if rows.empty:
            return Figure(name, None, "missing")
        row = rows.iloc[0]
        key = (str(row["area_id"]), self.period, self.spec.id)
        cell = read_cells(rows, indicators=[self.spec])[key]
        if cell.value is None:
            return Figure(name, None, cell.status)
        persons = None if cell.numerator is None else float(Fraction(cell.numerator, cell.scale))
        low, high = (float(row[side]) if pd.notna(row[side]) else math.nan for side in ("low", "high"))
        return Figure(name, cell.value, "ok", low, high, persons, cell.denominator)

    def claim(self) -> Claim:
        """The answer."""
        text = self.text
        figure = self.figure(text.area_id)
        reference: Figure | None = None
        limit: Fraction | None = text.number / UNIT_PARTS[self.spec.unit]
        if text.reference is not None:
            reference = self.figure(text.reference, text.area_id)
            limit = None if reference.value is None else text.number * reference.value
        answer: Answer = "cannot_tell"
        if figure.value is not None and limit is not None:
            answer = "yes" if holds(figure.value, text.operator, limit) else "no"
        low, high = self._interval(figure, reference) if answer != "cannot_tell" else (math.nan, math.nan)
        by_chance: Answer = "cannot_tell"
        if math.isfinite(low) and math.isfinite(high):
            by_chance = "yes" if low <= 0 <= high else "no"
        sentence = self._sentence(figure, reference, limit, answer, by_chance, (low, high))
        return Claim(text, self.period, figure, reference, limit, answer, by_chance, low, high, sentence)

    def _interval(self, figure: Figure, reference: Figure | None) -> tuple[float, float]:
        """The 95 % interval of the figure less the limit."""
        times = float(self.text.number)
        if reference is None:
            limit = times / UNIT_PARTS[self.spec.unit]
            return figure.low - limit, figure.high - limit
        weight = 0.0
        if self.text.reference == MUNICIPALITY and figure.denominator and reference.denominator:
            # what the municipality has is the area's share of it and the rest's
            rest = self.figure(REST, self.text.area_id)
            if rest.value is not None:
                weight = times * figure.denominator / reference.denominator
                times, reference = times - weight, rest
        if reference.value is None or figure.value is None:
            return math.nan, math.nan
        fixed = self.text.reference is not None and math.isnan(reference.low)
        middle = float(reference.value)
        low, high = (middle, middle) if fixed else (reference.low, reference.high)
        less, more = sorted((1 - weight) * end for end in (figure.low, figure.high))
        ends = difference_interval(
            (times * middle, times * low, times * high),
            ((1 - weight) * float(figure.value), less, more),
        )
        return float(ends[0]), float(ends[1])

    def _sentence(
        self,
        figure: Figure,
        reference: Figure | None,
        limit: Fraction | None,
        answer: Answer,
        by_chance: Answer,
        interval: tuple[float, float],
    ) -> str:
        language = self.language
        sentence = partial(word, "claims", language=language)
        label = self.spec.label(language)
        parts = [
            sentence(
                "figure",
                indicator=label,
                area=figure.name,
                period=self.period,
                figure=self._figure_text(figure),
            )
        ]
        if reference is not None:
            parts.append(sentence("beside", reference=reference.name, figure=self._figure_text(reference)))
        if answer == "cannot_tell":
            hidden = [each.name for each in (figure, reference) if each is not None and each.value is None]
            return " ".join(
                [sentence("cannot_tell", whose=f" {word('common', 'and', language)} ".join(hidden)), *parts]
            )
        assert figure.value is not None and limit is not None
        parts.insert(0, sentence(answer))
        operator = word("operators", self.text.operator, language)
        shown_limit = self._in_unit(float(limit))
        if reference is None:
            parts.append(sentence("limit", operator=operator, limit=shown_limit))
        else:
            size = "–" if not reference.value else number(float(figure.value / reference.value), language, 2)
            times = number(float(self.text.number), language, 0 if self.text.number.denominator == 1 else 2)
            once = "once" if self.text.number == 1 else "times"
            parts.append(sentence(once, size=size, operator=operator, times=times, limit=shown_limit))
        if by_chance != "cannot_tell":
            low, high = (self._difference(end) for end in interval)
            parts.append(sentence(f"chance_{by_chance}", low=low, high=high))
        else:
            parts.append(sentence("chance_cannot_tell"))
        return " ".join(parts)

    def _figure_text(self, figure: Figure) -> str:
        """A figure with its counts, or why it is not shown."""
        if figure.value is None:
            key = "suppressed" if figure.status == "protected" else "missing"
            return word("common", key, self.language)
        value = self._in_unit(float(figure.value))
        if figure.numerator is None or figure.denominator is None or self.spec.unit in ("mean", "count"):
            return value
        count = number(figure.numerator, self.language, 0 if self.spec.scale == 1 else 1)
        base = number(figure.denominator, self.language)
        return word("claims", "counts", self.language, value=value, count=count, base=base)

    def _in_unit(self, value: float) -> str:
        return in_unit(value, self.spec.unit, self.language)

    def _difference(self, value: float) -> str:
        text = number(value * UNIT_PARTS[self.spec.unit], self.language, 1)
        return word("claims", "points", self.language, size=text) if self.spec.unit == "percent" else text
