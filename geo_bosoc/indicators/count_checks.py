"""What only the counts show: numerators over their denominators, and conditions that no row meets.

Each side may be right in its own file, where the two are counted apart (charged persons over residents), so only the
counts together show it. No message holds a count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.plan import Part
from geo_bosoc.indicators.rates import integer_sides
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, joined, phrase

RATES: Final = ("per_1000", "per_10000")
MOST_NAMED: Final = 5
SMALLEST_BASE: Final = 5
"""Rates of areas with a smaller base are not reported: a few events among fewer people are no wonder."""


@dataclass(frozen=True)
class OverBase:
    """An indicator whose numerator is over its base: by period, the areas (``area_id``, reference areas first)."""

    indicator: Indicator
    areas: Mapping[str, tuple[str, ...]]


def over_base(
    counts: pd.DataFrame, indicators: Sequence[Indicator], *, smallest_base: int = SMALLEST_BASE
) -> tuple[OverBase, ...]:
    """The shares and rates whose numerator is over their base.

    An area without any base has no value, and is left out. So are rates of areas with a base under `smallest_base`.

    Parameters
    ----------
    counts : DataFrame
        Finalised counts (`count_indicators`) of areas, of reference areas, or of both.
    indicators : sequence of Indicator
        Those to check.
    smallest_base : int
        Rates over fewer persons or dwellings are left out.

    Returns
    -------
    tuple of OverBase
        In the order of `indicators`.
    """
    results = []
    figures = counts[counts["status"] == "ok"]
    for indicator in indicators:
        share = indicator.unit == "percent"
        if not (share or indicator.unit in RATES) or indicator.numerator is None or not indicator.base_known:
            continue
        rows = figures[figures["indicator"] == indicator.id]
        numerator, base = integer_sides(rows, indicator)
        over = rows[(numerator > base * indicator.scale) & (base >= (1 if share else max(1, smallest_base)))]
        if len(over):
            areas = {
                str(period): _ordered(rows_of_period)
                for period, rows_of_period in over.groupby("period", observed=True)
            }
            results.append(OverBase(indicator, areas))
    return tuple(results)


def report_over_base(
    counts: pd.DataFrame,
    parts: Sequence[Part],
    report: Report,
    *,
    smallest_base: int = SMALLEST_BASE,
    register_name: Callable[[str], str] = str,
    register_file: Callable[[str], str | None] | None = None,
    internal: Collection[str] = (),
) -> None:
    """Report shares over 100 per cent, an error, and rates of more events than persons.

    A rate is a warning where the whole municipality's is over its base, and a note where a single area's is: events
    may be more than persons. Only indicators are judged whose sides are counted apart; within one register each row of
    the numerator is a row of the base.

    Parameters
    ----------
    counts : DataFrame
        As in `over_base`.
    parts : sequence of Part
        Which register each side is counted in (`geo_bosoc.indicators.plan.make_parts`).
    report : Report
        Takes the problems.
    smallest_base : int
        As in `over_base`.
    register_name, register_file : callable
        A register's name in messages, and its file, by its name in `parts`.
    internal : collection of str
        Registers that nothing may be published of: where the base's is, its file is named, and not the other.
    """
    sides: dict[str, dict[str, Part]] = {}
    for part in parts:
        if part.side != "both":
            sides.setdefault(part.indicator.id, {})[part.side] = part
    separate = [part.indicator for part in parts if part.side == "numerator"]
    for over in over_base(counts, separate, smallest_base=smallest_base):
        numerator, base = (sides[over.indicator.id][side].register for side in ("numerator", "denominator"))
        _report_indicator(
            over,
            register_name(numerator),
            register_name(base),
            register_file(base if base in internal else numerator) if register_file is not None else None,
            report,
        )


def _report_indicator(
    over: OverBase, numerator_register: str, denominator_register: str, file: str | None, report: Report
) -> None:
    indicator = over.indicator
    same_register = numerator_register == denominator_register
    where = (
        phrase("both in register {register}", register=numerator_register)
        if same_register
        else phrase(
            "register {numerator} over register {base}",
            numerator=numerator_register,
            base=denominator_register,
        )
    )
    key = f"indicator.{indicator.id}.numerator"
    if indicator.unit == "percent":
        report.error(
            phrase(
                "{indicator}: the numerator is over its base ({registers}) in {areas}: a share over 100 %.",
                indicator=indicator.id,
                registers=where,
                areas=_listed(over.areas),
            ),
            file=file,
            key=key,
            count=sum(map(len, over.areas.values())),
            hint="Compare the two: do both cover the same areas and periods, and does each count persons once "
            '(distinct = "person")? If the numerator counts events, write unit = "per_1000".',
        )
        return
    in_reference_areas = {
        period: named
        for period, ids in over.areas.items()
        if (named := tuple(area for area in ids if area in (MUNICIPALITY, ALL_AREAS)))
    }
    if in_reference_areas:
        report.warn(
            phrase(
                "{indicator}: the numerator is over its base ({registers}) in {areas}: more events than the base has "
                "persons or dwellings.",
                indicator=indicator.id,
                registers=where,
                areas=_listed(in_reference_areas),
            ),
            file=file,
            key=key,
            hint="Compare the two: do both cover the same areas and periods, and in which unit is each counted?",
        )
        return
    report.note(
        phrase(
            "{indicator}: the numerator is over its base ({registers}) in {areas}.",
            indicator=indicator.id,
            registers=where,
            areas=_listed(over.areas),
        ),
        file=file,
        key=key,
        hint="Events may be more than persons; persons may not.",
    )


def _ordered(rows: pd.DataFrame) -> tuple[str, ...]:
    ids = {str(area) for area in rows["area_id"]}
    first = [area for area in (MUNICIPALITY, ALL_AREAS) if area in ids]
    return (*first, *sorted(ids - {MUNICIPALITY, ALL_AREAS}))


_TOGETHER: Final = {MUNICIPALITY: phrase("the municipality"), ALL_AREAS: phrase("all areas together")}


def _listed(areas: Mapping[str, tuple[str, ...]]) -> Message:
    """The areas of each period; periods with the same ones together.

    >>> _listed({"2023": ("01", "02"), "2024": ("01", "02"), "2025": ("@municipality",)})
    'areas 01, 02 (2023, 2024), the municipality (2025)'
    """
    periods: dict[tuple[str, ...], list[str]] = {}
    for period, ids in areas.items():
        periods.setdefault(ids, []).append(period)
    return joined(
        phrase("{areas} ({periods})", areas=_named(ids), periods=joined(when))
        for ids, when in periods.items()
    )


def _named(ids: Sequence[str]) -> Message:
    texts = [_TOGETHER[area] for area in ids if area in _TOGETHER]
    other_areas = [area for area in ids if area not in _TOGETHER]
    if other_areas:
        names = joined(other_areas[:MOST_NAMED])
        if len(other_areas) > MOST_NAMED:
            names = phrase("{names} and {count:,} more", names=names, count=len(other_areas) - MOST_NAMED)
        texts.append(
            phrase("area {names}", names=names)
            if len(other_areas) == 1
            else phrase("areas {names}", names=names)
        )
    return (
        phrase("{first} and {last}", first=texts[0], last=texts[1])
        if len(texts) == 2
        else joined(texts, ", ")
    )


_BY_CHANCE: Final = 0.05
"""A period without any is reported where it would be met by chance no oftener than this."""


@dataclass(frozen=True)
class Unmet:
    """A side of an indicator that counts nothing in any area.

    `periods` are those without any; `others` those with some (empty: none at all).
    """

    indicator: Indicator
    side: Literal["numerator", "denominator"]
    periods: tuple[str, ...]
    others: tuple[str, ...]


def unmet_conditions(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator]
) -> tuple[Unmet, ...]:
    """The sides that count nothing in any area.

    Rare events may be missing in small areas: where they are met in other periods, or in the municipality outside the
    areas, a period without any is reported only if chance would not have it so in one of twenty.

    Parameters
    ----------
    counts, reference_areas : DataFrame
        Finalised counts of the areas, and of the reference areas (`count_indicators` with labels gives both).
    indicators : sequence of Indicator
        Those that are counted.

    Returns
    -------
    tuple of Unmet
        In the order of `indicators`.
    """
    return tuple(_unmet(counts, reference_areas, indicators))


def _unmet(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator]
) -> Iterator[Unmet]:
    areas = _sums(counts)
    municipal_sums = _sums(reference_areas[reference_areas["area_id"] == MUNICIPALITY])
    for indicator in indicators:
        if indicator.id not in areas:
            continue
        sums = areas[indicator.id]
        municipal = municipal_sums.get(indicator.id)
        empty = sums.index[sums["denominator"] == 0]
        non_empty = sums.index[sums["denominator"] > 0]
        if len(non_empty) == 0:
            yield Unmet(indicator, "denominator", tuple(empty), ())
            continue
        if len(empty) and _is_no_chance(float(sums.loc[non_empty, "denominator"].mean())):
            yield Unmet(indicator, "denominator", tuple(empty), tuple(non_empty))
        if indicator.numerator is None and indicator.mean_of is None:
            continue
        with_denominator = sums.loc[non_empty]
        without, others = (
            with_denominator[with_denominator["numerator"] == 0],
            with_denominator[with_denominator["numerator"] != 0],
        )
        if without.empty:
            continue
        rate = _rate(others) if not others.empty else _rate(municipal) if municipal is not None else 0.0
        unmet_periods = [
            str(period)
            for period, base in without["denominator"].items()
            if rate == 0 or _is_no_chance(rate * float(base))
        ]
        if unmet_periods:
            yield Unmet(indicator, "numerator", tuple(unmet_periods), tuple(map(str, others.index)))


def _sums(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By indicator, numerator and denominator a period, of the areas that have a figure."""
    valid = counts[counts["status"] == "ok"]
    sums = valid.groupby(["indicator", "period"], observed=True)[["numerator", "denominator"]].sum()
    return {
        str(name): frame.droplevel(0).sort_index()
        for name, frame in sums.groupby(level="indicator", observed=True)
    }


def _rate(sums: pd.DataFrame) -> float:
    base = float(sums["denominator"].sum())
    return float(sums["numerator"].sum()) / base if base else 0.0


def _is_no_chance(expected: float) -> bool:
    """Whether no event at all is rarer than one time in twenty where so many are expected."""
    return math.exp(-abs(expected)) < _BY_CHANCE
