"""Finished tables of areas as they were: ids that changed, and periods with boundaries of their own.

Registers with addresses are counted on today's boundaries, whatever their period, so that only tables that came with
areas' ids are looked at here. Ids that changed are those of today before anything is counted; a table's rows of a
period with other boundaries are counted on those, and recounted (`geo_bosoc.follow_up.recount`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.results import RECOUNT_COLUMNS
from geo_bosoc.follow_up.recount import AREA, DWELLINGS, Recount, recount
from geo_bosoc.indicators import Indicator, count_indicators
from geo_bosoc.models.area_history import AreaHistory, read_area_history
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report, read_or_none
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.project.registers import Registers
from geo_bosoc.project.spec import Project

_KEYS: Final = ["area_id", "period", "indicator"]
_NUMBERS: Final = ["numerator", "denominator", "unknown"]


@dataclass(frozen=True)
class EarlierAreas:
    """What a project says of areas as they were.

    Attributes
    ----------
    history : AreaHistory
        Areas that were renamed, merged or split.
    boundaries : mapping of str to GeoDataFrame
        By period, the areas that its tables are of.
    tables : mapping of str to LazyFrame
        By register, the rows of those periods; they are in no other frame.
    exhaustive : bool
        Whether everybody lived in one of those areas.
    """

    history: AreaHistory = field(default_factory=AreaHistory)
    boundaries: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    tables: Mapping[str, pl.LazyFrame] = field(default_factory=dict)
    exhaustive: bool = False


def read_earlier_areas(project: Project, areas: Collection[str], report: Report) -> EarlierAreas:
    """Read the boundaries of earlier periods and the table of ids that ``[follow_up]`` names.

    Parameters
    ----------
    project : Project
        The project.
    areas : collection of str
        Today's areas.
    report : Report
        Takes the problems.
    """
    part = project.spec.follow_up
    if part is None:
        return EarlierAreas()
    history = AreaHistory()
    if part.area_history is not None:
        history = read_area_history(project.root / part.area_history, areas=areas, report=report)
    today = next((each for each in project.spec.boundaries.values() if each.role == "assessed"), None)
    columns: dict[str, Any] = {} if today is None else {"id": today.id, "name": today.name}
    read: dict[str, gpd.GeoDataFrame] = {}
    boundaries: dict[str, gpd.GeoDataFrame] = {}
    for period, path in sorted(part.boundaries.items()):
        if path not in read:
            inner = Report()
            layer = read_or_none(partial(read_areas, project.root / path, **columns, report=inner), inner)
            report.problems += [problem for problem in inner.problems if problem not in report.problems]
            if layer is None or inner.errors:
                continue
            read[path] = layer
        boundaries[period] = read[path]
    return EarlierAreas(history, boundaries, exhaustive=part.exhaustive_boundaries)


def split_tables(registers: Registers, earlier: EarlierAreas) -> tuple[Registers, EarlierAreas]:
    """Finished tables under today's ids, and the rows of periods with boundaries of their own apart from them."""
    names = [
        name
        for name, spec in registers.specs.items()
        if spec.place == "area" and spec.unit == "count" and name in registers.frames
    ]
    if not names or not (earlier.history.changes or earlier.boundaries):
        return registers, earlier
    periods = list(earlier.boundaries)
    is_apart = pl.col("period").cast(pl.String).is_in(periods) & (pl.col("area_id") != MUNICIPALITY)

    def of_today(rows: pl.LazyFrame) -> pl.LazyFrame:
        rest = rows.filter(~is_apart.fill_null(False)) if periods else rows
        return earlier.history.with_later_ids(rest)

    frames, parts, tables = dict(registers.frames), dict(registers.parts), {}
    for name in names:
        tables[name] = frames[name].filter(is_apart.fill_null(False))
        frames[name] = of_today(frames[name])
        parts[name] = tuple(replace(part, frame=of_today(part.frame)) for part in parts.get(name, ()))
    return replace(registers, frames=frames, parts=parts), replace(earlier, tables=tables if periods else {})


def with_recounted(
    counts: pd.DataFrame,
    together: pd.DataFrame,
    earlier: EarlierAreas,
    *,
    indicators: Collection[Indicator],
    areas: gpd.GeoDataFrame,
    dwellings: pl.DataFrame | None,
    parameters: Parameters,
    report: Report,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Counts with the figures of periods that have boundaries of their own, recounted.

    Parameters
    ----------
    counts, together : DataFrame
        Finalised counts of the areas, and of all of them together.
    earlier : EarlierAreas
        The boundaries and the tables' rows.
    indicators : collection of Indicator
        Those that count in finished tables alone; pooled and carried ones rest on several periods and are left out.
    areas : GeoDataFrame
        Today's.
    dwellings : DataFrame or None
        The address table, ``x, y``.
    parameters : mapping
        Values for ``:name`` in the predicates.
    report : Report
        Takes what is shared out, and how.

    Returns
    -------
    counts, together, recounted : DataFrame
        The counts, and ``area_id, period, indicator, method, reason`` of those that were recounted.
    """
    recounted = [_by_history(counts, earlier, [each.id for each in indicators])]
    single = tuple(each for each in indicators if each.pool_years == 1 and not each.carry_forward)
    if not earlier.boundaries or not single:
        return counts, together, recounted[0]
    points = None
    if dwellings is not None and {"x", "y"} <= set(dwellings.columns):
        located = dwellings.select("x", "y").drop_nulls()
        points = pd.DataFrame({name: located[name].to_numpy() for name in ("x", "y")})
    for period, before in earlier.boundaries.items():
        if period not in set(counts["period"]):
            report.warn(
                phrase("the run has no period {period}: these boundaries are not used.", period=period),
                key=f"follow_up.boundaries.{period}",
                hint="Name the period under [run] periods.",
            )
            continue
        tables = {
            name: rows.filter(pl.col("period").cast(pl.String) == period)
            for name, rows in earlier.tables.items()
        }
        of_tables = count_indicators(
            tables,
            single,
            areas=before,
            periods=[period],
            parameters=parameters,
            check_base=False,
            report=report,
        )
        if report.errors:
            break
        result = recount(
            of_tables,
            before,
            areas,
            indicators=single,
            dwellings=points,
            exhaustive=earlier.exhaustive,
            report=report,
        )
        if report.errors:
            break
        counts = _replaced(counts, result.counts, period)
        together = _replaced(together, _all_areas(of_tables, result), period)
        recounted.append(result.counts[list(RECOUNT_COLUMNS)])
        _tell(result, period, report)
    return counts, together, pd.concat(recounted, ignore_index=True)


def _replaced(counts: pd.DataFrame, figures: pd.DataFrame, period: str) -> pd.DataFrame:
    """Counts with other figures in some of their rows."""
    keyed = figures.set_index(_KEYS)
    keys = pd.MultiIndex.from_frame(counts[_KEYS].astype(str))
    rows = keys.isin(keyed.index)
    figures_of_rows = keyed.reindex(keys[rows])
    changed = counts.astype(dict.fromkeys(_NUMBERS, "Int64"))
    for name in _NUMBERS:
        changed.loc[rows, name] = figures_of_rows[name].to_numpy()
    changed.loc[rows, "status"] = figures_of_rows["status"].to_numpy()
    changed.loc[rows, "data_period"] = period
    return changed


def _by_history(counts: pd.DataFrame, earlier: EarlierAreas, indicators: Sequence[str]) -> pd.DataFrame:
    """What of finished tables came from areas that have other ids today."""
    rows = []
    for period in sorted(set(counts["period"].astype(str)) - set(earlier.boundaries)):
        for area_id in sorted(set(counts["area_id"].astype(str))) if earlier.history.changes else ():
            kinds = earlier.history.kinds_before(area_id, period)
            if kinds:
                method = "" if "split" in kinds else "merged" if "merged" in kinds else "renamed"
                reason = "split" if "split" in kinds else ""
                rows += [(area_id, period, indicator, method, reason) for indicator in indicators]
    return pd.DataFrame(rows, columns=list(RECOUNT_COLUMNS), dtype=object)


def _all_areas(before: pd.DataFrame, result: Recount) -> pd.DataFrame:
    """All of today's areas together: the earlier ones less what lies in none of today's, each person once."""
    rows = []
    for (period, indicator), group in before.groupby(["period", "indicator"], sort=True):
        outside = result.outside[
            (result.outside["period"] == period) & (result.outside["indicator"] == indicator)
        ]
        complete = (group["status"] == "ok").all() and (outside["status"] == "ok").all()
        numbers = [
            int(group[name].sum()) - int(outside[name].sum()) if complete else None for name in _NUMBERS
        ]
        rows.append((ALL_AREAS, period, indicator, *numbers, "ok" if complete else "missing"))
    return pd.DataFrame(rows, columns=[*_KEYS, *_NUMBERS, "status"])


def _tell(result: Recount, period: str, report: Report) -> None:
    """How many areas have figures that were shared out, and which have none."""
    for method, text in (
        (
            DWELLINGS,
            "{period}: the table's figures are shared out over dwellings, on today's boundaries: {areas}.",
        ),
        (AREA, "{period}: the table's figures are shared out by square metres, the last resort: {areas}."),
    ):
        rows = result.counts[(result.counts["method"] == method) & (result.counts["status"] == "ok")]
        ids = sorted(rows["area_id"].unique())
        if ids:
            areas = count_text(len(ids), "area")
            report.warn(
                phrase(text, period=period, areas=areas), key=f"follow_up.boundaries.{period}", count=len(ids)
            )
    lost = sorted(result.counts.loc[result.counts["reason"] == "not_covered", "area_id"].unique())
    if lost:
        report.warn(
            phrase(
                "{period}: no earlier figure tells of all of these areas: {ids}.",
                period=period,
                ids=joined([*lost[:5], *(["..."] if len(lost) > 5 else [])]),
            ),
            key=f"follow_up.boundaries.{period}",
            count=len(lost),
            hint="Write exhaustive_boundaries = true where nobody lived outside the earlier areas.",
        )
