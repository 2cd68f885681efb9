"""One period compared with the next: registers that lose or double rows, and figures that move by a factor.

Nothing in a file says that a tenth of its rows are missing. Compared with another period it shows: a municipality does
not lose a tenth of its residents in a year. Only totals are looked at, those of the municipality, else those of all
areas that have the figure in both periods: what a single area does from year to year is its own affair, and chance.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.plan import Part
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, joined, phrase

Kind = Literal["stock", "events", "total", "part", "share", "mean", "bare"]


@dataclass(frozen=True)
class Limit:
    """What a figure does from one year to the next.

    Attributes
    ----------
    yearly : float
        The change that no year brings, as a logarithm: .05 is five per cent.
    chance : float
        How many standard deviations of chance are added to it.
    dispersion : float
        The variance of chance, in that of counts that fall independently of each other.
    """

    yearly: float
    chance: float
    dispersion: float = 1.0


LIMITS: Final[Mapping[Kind, Limit]] = {
    "stock": Limit(0.05, 2.5, 0.05),  # residents and dwellings: nearly all were there a year ago
    "events": Limit(0.25, 4),  # rows of cases, charges, answers
    "total": Limit(0.06, 4, 0.4),  # a finished table's column, all of it
    "part": Limit(0.06, 4),  # those of a register or table that meet a condition: year groups differ
    "share": Limit(0.25, 4),
    "mean": Limit(0.25, 4),
    "bare": Limit(0.4, 0),  # a published percentage without its base: nothing says what chance does
}
_COUNTS: Final = ("numerator", "denominator", "unknown")


@dataclass(frozen=True)
class Source:
    """What is needed of a register to judge its totals and to name them.

    Attributes
    ----------
    name : str
        As the project file has it.
    kind : {"stock", "total", "events"}
        stock, where rows are residents or dwellings on a day; total, a finished table; events, any other.
    file : str or None
        The path of its files, perhaps with ``{period}``.
    columns : mapping of str to str, optional
        Its own names of columns, by ours.
    shift : int
        Its rows count in the list of so many years later.
    internal : bool
        No figure of it may be published.
    """

    name: str
    kind: Kind
    file: str | None = None
    columns: Mapping[str, str] | None = None
    shift: int = 0
    internal: bool = False

    def file_of(self, period: str) -> str | None:
        """The name of the file that holds a period."""
        if self.file is None:
            return None
        data = f"{int(period[:4]) - self.shift}{period[4:]}" if period[:4].isdigit() else period
        return self.file.replace("{period}", data).replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Figure:
    """A total in one period: a number of rows or persons, or `count` of `base`; of a mean, its value and base."""

    period: str
    count: float
    base: float = 1.0


def implausible(kind: Kind, before: Figure, after: Figure) -> bool:
    """Whether a total changes more from one period to a later one than years and chance let it.

    >>> implausible("stock", Figure("2023", 10_000), Figure("2024", 9_000))
    True
    >>> implausible("events", Figure("2023", 430), Figure("2024", 357))
    False
    >>> implausible("share", Figure("2023", 357, 12_420), Figure("2024", 3_570, 12_420))
    True
    """
    limit = LIMITS[kind]
    allowed = limit.yearly * max(1.0, _years(before.period, after.period))
    if kind in ("mean", "bare"):
        smaller, larger = sorted((before.count, after.count))
        if smaller <= 0:
            return False
        spread = math.sqrt(limit.dispersion * (1 / before.base + 1 / after.base))
        return math.log(larger / smaller) > allowed + limit.chance * spread
    low, high = sorted((before, after), key=lambda each: each.count / each.base)
    if low.base <= 0 or high.base <= 0 or low.count < 0:
        return False
    # The square root of a count has the same variance, a quarter, whatever the count (Anscombe).
    factor = math.exp(allowed)
    difference = math.sqrt((high.count + 0.375) / high.base) - math.sqrt(
        factor * (low.count + 0.375) / low.base
    )
    spread = math.sqrt(limit.dispersion * 0.25 * (1 / high.base + factor / low.base))
    return difference > limit.chance * spread


def _years(before: str, after: str) -> float:
    """Years between two periods, ``2023`` or ``2023K1``; 1 where they are none."""

    def moment(period: str) -> float:
        return int(period[:4]) + (int(period[5]) - 1) / 4 if len(period) > 5 else int(period[:4])

    try:
        return abs(moment(after) - moment(before))
    except ValueError:
        return 1.0


def report_row_steps(
    rows: Mapping[str, Mapping[str, int]], sources: Mapping[str, Source], report: Report, *, minimum: int
) -> set[tuple[str, str, str]]:
    """Warn of registers whose number of rows makes an implausible step.

    Parameters
    ----------
    rows : mapping of str to mapping of str to int
        The number of rows by register and period.
    sources : mapping of str to Source
        By register.
    report : Report
        Takes the warnings.
    minimum : int
        A number from 1 to one less is written as fewer than it.

    Returns
    -------
    set of tuple of str
        The register and both periods of each step.
    """
    row_steps: set[tuple[str, str, str]] = set()
    for name, by_period in rows.items():
        source = sources[name]
        figures = [Figure(period, count) for period, count in sorted(by_period.items())]
        steps = [step for step in pairwise(figures) if implausible(source.kind, *step)]
        row_steps |= {(name, before.period, after.period) for before, after in steps}
        if steps:
            texts = [
                joined(_in_period(_number(figure.count, minimum), figure.period) for figure in step)
                for step in steps
            ]
            report.warn(
                phrase(
                    "the number of rows changes more from one period to the next than is likely: {figures}.",
                    figures=joined(texts, "; "),
                ),
                key=f"registers.{source.name}",
                file=source.file_of(steps[0][1].period),
                hint="Compare both: rows may be missing, or doubled. If it did change so, nothing is wrong.",
            )
    return row_steps


def report_figure_steps(
    table: pd.DataFrame,
    reference: pd.DataFrame,
    parts: Sequence[Part],
    sources: Mapping[str, Source],
    report: Report,
    *,
    minimum: int,
    row_steps: Collection[tuple[str, str, str]] = (),
) -> None:
    """Warn of bases and values that make an implausible step, each problem once.

    Parameters
    ----------
    table, reference : DataFrame
        Indicator tables, of the areas and of reference areas (``@municipality`` of them is used).
    parts : sequence of Part
        Which register has what share in each indicator.
    sources : mapping of str to Source
        By register.
    report : Report
        Takes the warnings.
    minimum : int
        A number of persons from 1 to one less is written as fewer than it.
    row_steps : collection of tuple of str
        Steps of registers' rows that were reported before (see `report_row_steps`).
    """
    municipal = reference[reference["area_id"] == MUNICIPALITY]
    of_areas = {str(name): rows for name, rows in table.groupby("indicator", sort=False)}
    of_municipality = {str(name): rows for name, rows in municipal.groupby("indicator", sort=False)}
    numerator_parts = {part.indicator.id: part for part in parts if part.side != "denominator"}
    internal = {part.indicator.id: part for part in parts if sources[part.register].internal}
    reported: set[tuple[object, ...]] = set()
    for part in parts:
        if part.side == "numerator":
            continue
        indicator, side = part.indicator, part.indicator.denominator
        steps = _steps(indicator, of_areas.get(indicator.id), of_municipality.get(indicator.id))
        bases = [step for step in steps if _base_moves(part, sources[part.register], step)]
        new_steps = [step for step in bases if (part.register, *step.periods) not in row_steps]
        subject: tuple[object, ...] = (part.register, side.where, side.sum, part.id_column, indicator.weight)
        if new_steps and subject not in reported:
            _report_steps(part, side.sum, new_steps, "base", sources, report, minimum)
            reported.add(subject)
        if indicator.unit == "count":
            continue
        numerator_part = numerator_parts.get(indicator.id, part)
        rows = indicator.numerator or side
        column = indicator.mean_of or rows.sum
        values = [
            step
            for step in steps
            if step not in bases
            and (numerator_part.register, *step.periods) not in row_steps
            and implausible(_kind_of_value(indicator), *(total.judged for total in step.totals))
        ]
        base = (part.register, side.where, side.sum)
        subject = (numerator_part.register, rows.where, column, *base, indicator.unit)
        if values and subject not in reported:
            # Named by the register that nobody may publish, where one of the two is: it is left out with it then.
            _report_steps(
                internal.get(indicator.id, numerator_part), column, values, "value", sources, report, minimum
            )
            reported.add(subject)


@dataclass(frozen=True)
class _Total:
    """An indicator's figures in one period: whole persons, and the value that is shown."""

    period: str
    count: float
    base: float
    value: float
    mean: bool

    @property
    def judged(self) -> Figure:
        """Count and base; of a mean, and of a percentage without base, the value."""
        if self.mean or math.isnan(self.base):
            return Figure(self.period, self.value, 1.0 if math.isnan(self.base) else self.base)
        return Figure(self.period, self.count, self.base)


@dataclass(frozen=True)
class _Step:
    totals: tuple[_Total, _Total]
    where: Message

    @property
    def periods(self) -> tuple[str, str]:
        return self.totals[0].period, self.totals[1].period


def _steps(indicator: Indicator, table: pd.DataFrame | None, municipal: pd.DataFrame | None) -> list[_Step]:
    """Neighbouring periods: the municipality's totals, else those of the areas that have the figure in both."""
    if municipal is not None:
        valid = municipal[municipal["status"] == "ok"].sort_values("period")
        if len(valid) > 1:
            totals = [_total(indicator, str(row["period"]), row) for _, row in valid.iterrows()]
            return [_Step(pair, phrase("in the municipality")) for pair in pairwise(totals)]
    if table is None:
        return []
    valid = table[(table["status"] == "ok") & table["denominator"].notna()]
    by_period = valid.set_index(["period", "area_id"])[list(_COUNTS)].astype("float64")
    steps = []
    for before, after in pairwise(sorted(valid["period"].unique())):
        first, second = by_period.loc[before], by_period.loc[after]
        both = first.index.intersection(second.index)
        if len(both):
            pair = (
                _total(indicator, str(before), first.loc[both].sum()),
                _total(indicator, str(after), second.loc[both].sum()),
            )
            steps.append(_Step(pair, phrase("in all areas together")))
    return steps


def _total(indicator: Indicator, period: str, row: pd.Series) -> _Total:
    """Counts without their scales, by the indicator's rule for unknowns."""
    numerator, base, unknown = (float("nan") if pd.isna(row[name]) else float(row[name]) for name in _COUNTS)
    if indicator.unknown == "exclude":
        base -= unknown
    elif indicator.unknown == "met":
        numerator += unknown * indicator.scale
    count, persons = numerator / indicator.scale / indicator.weight_scale, base / indicator.weight_scale
    mean = _kind_of_value(indicator) == "mean"
    value = float(row["value"]) if "value" in row.index else count / persons if persons > 0 else float("nan")
    return _Total(period, count, persons, value, mean)


def _kind_of_value(indicator: Indicator) -> Kind:
    if not indicator.base_known:
        return "bare"
    return "mean" if indicator.mean_of is not None or indicator.unit == "mean" else "share"


def _base_moves(part: Part, source: Source, step: _Step) -> bool:
    """Whether the base makes an implausible step that the number of rows doesn't show."""
    indicator, side = part.indicator, part.indicator.denominator
    if not indicator.base_known:
        return False
    kind: Kind = "part" if source.kind == "stock" or side.where is not None else source.kind
    if source.kind == "events":
        kind = "events"
    name = "count" if indicator.unit == "count" else "base"
    before, after = (Figure(total.period, getattr(total, name)) for total in step.totals)
    return implausible(kind, before, after)


def _report_steps(
    part: Part,
    column: str | None,
    steps: Sequence[_Step],
    figure: Literal["base", "value"],
    sources: Mapping[str, Source],
    report: Report,
    minimum: int,
) -> None:
    """One warning of an indicator's steps, with both figures of each."""
    indicator, source = part.indicator, sources[part.register]
    show = _base_text if figure == "base" else _value_text
    texts = [
        joined(_in_period(show(indicator, total, minimum), total.period) for total in step.totals)
        for step in steps
    ]
    report.warn(
        phrase(
            "{figure} {indicator} {areas} changes more from one period to the next than is likely: {figures}.",
            figure=phrase("the number of") if indicator.unit == "count" else _FIGURES[figure],
            indicator=indicator.id,
            areas=steps[0].where,
            figures=joined(texts, "; "),
        ),
        key=f"registers.{source.name}",
        file=source.file_of(steps[0].totals[1].period),
        column=None if column is None else (source.columns or {}).get(column, column),
        hint="Compare both: a column may be in another unit or moved, or rows be missing or doubled. "
        "If it did change so, nothing is wrong.",
    )


_FIGURES: Final = {"base": phrase("the base of"), "value": phrase("the value of")}
_PARTS: Final = {"per_1000": (1_000, phrase("per 1,000")), "per_10000": (10_000, phrase("per 10,000"))}


def _in_period(text: Message, period: str) -> Message:
    return phrase("{figure} in {period}", figure=text, period=period)


def _base_text(indicator: Indicator, total: _Total, minimum: int) -> Message:
    return _number(total.count if indicator.unit == "count" else total.base, minimum)


def _value_text(indicator: Indicator, total: _Total, minimum: int) -> Message:
    """The value with its counts; where they are small, only that."""
    if total.mean or math.isnan(total.base):
        value = total.value * (1 if total.mean else 100)
        return phrase("{value:,.4g}", value=value) if total.mean else phrase("{value:,.4g} %", value=value)
    small = any(0 < round(each) < minimum for each in (total.count, total.base - total.count, total.base))
    count, base = (_number(each, minimum) for each in (total.count, total.base))
    counts = phrase("{count} of {base}", count=count, base=base)
    if small:
        return counts
    parts, sign = _PARTS.get(indicator.unit, (100, phrase("%")))
    return phrase("{value:,.3g} {unit} ({counts})", value=total.value * parts, unit=sign, counts=counts)


def _number(count: float, minimum: int) -> Message:
    small = 0 < round(count) < minimum
    return (
        phrase("fewer than {minimum}", minimum=minimum) if small else phrase("{count:,}", count=round(count))
    )
