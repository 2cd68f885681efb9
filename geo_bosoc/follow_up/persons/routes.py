"""Where linked persons went between two periods: from which place to which, and whether they were born or died.

A person born in between, or dead by the later status date, did not move into the municipality or away from it. Whoever
is no more in the register is told as ``left`` where the dead are known, and as ``left_or_died`` where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from geo_bosoc.follow_up.persons.link import UNPLACED, LinkedPersons
from geo_bosoc.indicators.plan import quarter_number

ROUTE: Final = ["place_before", "place", "same_home", "born", "died"]
GONE: Final = -1
"""Code of the place of persons whom the register does not have in a period."""


def join_periods(linked: LinkedPersons, before: str, period: str) -> pl.DataFrame:
    """A row a person of either period: where the person lived in both, and what the person counted.

    Returns
    -------
    DataFrame
        ``place_before, place`` (codes; -1: not in the register), ``same_home, born, died``, ``move`` (a number for each
        pair of homes that somebody moved between), the codes of what each counts (``<indicator>_before, <indicator>``),
        and ``tenure_before, tenure`` where homes have one. No key is in it.
    """
    first, last = linked.persons[before], linked.persons[period]
    renamed = first.rename({name: f"{name}_before" for name in first.columns if name != "person"})
    joined = renamed.lazy().join(last.lazy(), on="person", how="full", coalesce=True)
    new, gone = pl.col("place_before").is_null(), pl.col("place").is_null()
    names = [indicator.id for indicator in linked.indicators]
    tenures = [name for name in ("tenure_before", "tenure") if name.removesuffix("_before") in last.columns]
    return joined.select(
        pl.col("place_before", "place").cast(pl.Int32).fill_null(GONE),
        (pl.col("home_before") == pl.col("home")).fill_null(False).alias("same_home"),
        pl.when(pl.col("home_before") != pl.col("home"))
        .then(pl.struct("home_before", "home").hash())
        .alias("move"),
        (new & _born_since(linked, before, period)).fill_null(False).alias("born"),
        (gone & _dead_by(linked, period)).alias("died"),
        *tenures,
        *(pl.col(name).fill_null(0) for name in names),
        *(pl.col(f"{name}_before").fill_null(0) for name in names),
    ).collect()


def _born_since(linked: LinkedPersons, before: str, period: str) -> pl.Expr:
    """Whether a person was born after the status date of the period before; by age where birth dates are not read."""
    columns = linked.persons[period].columns
    if "birth_date" in columns and before in linked.days:
        return pl.col("birth_date") > linked.days[before]
    age = pl.col("age") if "age" in columns else pl.lit(None, dtype=pl.Int64)
    return age < max(1.0, years_between(before, period))


def _dead_by(linked: LinkedPersons, period: str) -> pl.Expr:
    """Whether a person was dead by the period's status date; those who died later had left before."""
    if linked.deaths is None:
        return pl.lit(False)
    by_then = pl.col("day").is_null() | (pl.col("day") <= linked.days[period])
    return pl.col("person").is_in(linked.deaths.filter(by_then)["person"].implode())


@dataclass(frozen=True)
class FlowsOfPersons:
    """What linked persons were to areas: a place in the arrays for each person and area of either period.

    Attributes
    ----------
    flows : DataFrame
        ``area_id, direction, fate`` (`area_flows`), distinct.
    person : ndarray
        Row of the person in what `join_periods` gives.
    flow : ndarray
        Row of `flows`.
    """

    flows: pl.DataFrame
    person: npt.NDArray[np.int64]
    flow: npt.NDArray[np.int64]


def flows_of_persons(linked: LinkedPersons, joined: pl.DataFrame) -> FlowsOfPersons:
    """Each area that a person of `joined` (`join_periods`) came to, went from or was in both times.

    Parameters
    ----------
    linked : LinkedPersons
        Says which areas the codes of places stand for.
    joined : DataFrame
        From `join_periods`.
    """
    size = len(linked.area_sets.areas) + 1
    sizes = (size, size, 2, 2, 2)
    columns = [*(pl.col(name) - GONE for name in ROUTE[:2]), *map(pl.col, ROUTE[2:])]
    code = pl.lit(0, dtype=pl.Int64)
    for column, several in zip(columns, sizes, strict=True):
        code = code * several + column.cast(pl.Int64)
    route, codes = pd.factorize(joined.select(code).to_series().to_numpy())
    parts = np.unravel_index(codes, sizes)
    routes = pl.DataFrame(
        {
            **{name: part.astype(np.int32) + GONE for name, part in zip(ROUTE[:2], parts[:2], strict=True)},
            **{name: part.astype(bool) for name, part in zip(ROUTE[2:], parts[2:], strict=True)},
        }
    )
    kind = ["area_id", "direction", "fate"]
    of_routes = area_flows(linked, routes).join(routes.with_row_index("route"), on=ROUTE)
    flows = of_routes.select(kind).unique().sort(kind)
    of_routes = of_routes.join(flows.with_row_index("flow"), on=kind).sort("route", "flow")
    of_route = np.bincount(of_routes["route"].to_numpy(), minlength=len(codes))
    of_person = of_route[route]
    begin_of_route, begin_of_person = (np.cumsum(each) - each for each in (of_route, of_person))
    person = np.repeat(np.arange(len(route)), of_person)
    place = np.arange(len(person)) - begin_of_person[person] + begin_of_route[route[person]]
    return FlowsOfPersons(flows, person, of_routes["flow"].to_numpy()[place].astype(np.int64))


def count_flows(
    linked: LinkedPersons,
    joined: pl.DataFrame,
    flows: FlowsOfPersons,
    before: str,
    period: str,
    indicator: str,
) -> pl.DataFrame:
    """How many persons came to areas, went or were in them both times, by what they count in an indicator.

    Returns
    -------
    DataFrame
        ``indicator, area_id, direction, fate, n0, d0, u0, n1, d1, u1, persons``; persons who count nothing are left
        out.
    """
    tables = [linked.patterns[each, indicator] for each in (before, period)]
    codes = [joined[name].to_numpy() for name in (f"{indicator}_before", indicator)]
    sizes = (flows.flows.height, len(tables[0]), len(tables[1]))
    pattern = codes[0].astype(np.int64) * sizes[2] + codes[1]
    code = pattern[flows.person] + flows.flow * (sizes[1] * sizes[2])
    if math.prod(sizes) <= 8 * len(code):  # as for most indicators: counting is faster than sorting
        counts = np.bincount(code)
        present = np.flatnonzero(counts)
        persons = counts[present]
    else:
        present, persons = np.unique(code, return_counts=True)
    parts = np.unravel_index(present, sizes)
    counted = (parts[1] > 0) | (parts[2] > 0)
    kind, *patterns = (part[counted] for part in parts)
    sides = {
        f"{side}{end}": tables[end][patterns[end], column]
        for end in (0, 1)
        for column, side in enumerate("ndu")
    }
    return flows.flows[kind].with_columns(
        **{name: pl.Series(values) for name, values in sides.items()},
        persons=pl.Series(persons[counted]).cast(pl.Int64),
        indicator=pl.lit(indicator),
    )


def area_flows(linked: LinkedPersons, routes: pl.DataFrame) -> pl.DataFrame:
    """Each area's part in routes between places: who came, who went and who was there both times.

    Parameters
    ----------
    linked : LinkedPersons
        Says which areas the codes of places stand for.
    routes : DataFrame
        ``place_before, place, same_home, born, died``, distinct.

    Returns
    -------
    DataFrame
        The routes with ``area_id``, ``direction`` (in, out or both) and ``fate``: a component, or ``remained`` of those
        who were there both times.
    """
    areas = linked.area_sets.areas
    codes = [code for code, ids in enumerate(areas) for _ in ids]
    names = [area for ids in areas for area in ids]
    area_of = pl.LazyFrame(
        {"code": pl.Series(codes, dtype=pl.Int32), "area_id": pl.Series(names, dtype=pl.String)}
    )
    now, earlier = (
        routes.lazy()
        .select(ROUTE)
        .join(area_of, left_on=place, right_on="code")
        .with_columns(was=pl.lit(True))
        for place in ("place", "place_before")
    )
    flows = now.join(earlier, on=[*ROUTE, "area_id"], how="full", coalesce=True, suffix="_before")
    before, place = pl.col("place_before"), pl.col("place")
    between = (
        pl.when((before == UNPLACED) | (place == UNPLACED))
        .then(pl.lit("other"))
        .when("same_home")
        .then(pl.lit("boundary"))
    )
    entry = (
        pl.when(before == GONE)
        .then(pl.when("born").then(pl.lit("born")).otherwise(pl.lit("arrived")))
        .otherwise(between.otherwise(pl.lit("moved_in")))
    )
    exit_ = (
        pl.when(place == GONE)
        .then(pl.when("died").then(pl.lit("died")).otherwise(pl.lit(linked.left)))
        .otherwise(between.otherwise(pl.lit("moved_out")))
    )
    is_in, is_out = pl.col("was_before").is_null(), pl.col("was").is_null()
    return flows.select(
        *ROUTE,
        "area_id",
        pl.when(is_in)
        .then(pl.lit("in"))
        .when(is_out)
        .then(pl.lit("out"))
        .otherwise(pl.lit("both"))
        .alias("direction"),
        pl.when(is_in).then(entry).when(is_out).then(exit_).otherwise(pl.lit("remained")).alias("fate"),
    ).collect()


def count_routes(
    linked: LinkedPersons, before: str, period: str, joined: pl.DataFrame | None = None
) -> pl.DataFrame:
    """How many persons went from one place to another, children and all.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period.
    before, period : str
        Two of its periods.
    joined : DataFrame, optional
        What `join_periods` gave for them.

    Returns
    -------
    DataFrame
        ``place_before, place`` (codes; -1: not in the register), ``same_home, born, died``, ``tenure_before, tenure``
        where homes have one, ``persons``, and ``households``: how many pairs of homes they moved between.
    """
    joined = join_periods(linked, before, period) if joined is None else joined
    keys = [*ROUTE, *(name for name in ("tenure_before", "tenure") if name in joined.columns)]
    persons = joined.group_by(keys).agg(pl.len().cast(pl.Int64).alias("persons"))
    moved = joined.filter(pl.col("move").is_not_null())
    households = moved.group_by(keys).agg(pl.col("move").n_unique().cast(pl.Int64).alias("households"))
    both = persons.join(households, on=keys, how="left", nulls_equal=True)
    return both.with_columns(pl.col("households").fill_null(0)).sort(keys)


def routes_of_pairs(
    linked: LinkedPersons,
    pairs: Sequence[tuple[str, str]],
    routes: Mapping[tuple[str, str], pl.DataFrame] | None = None,
) -> dict[tuple[str, str], pl.DataFrame]:
    """The routes of each pair of periods: those that are counted already, or counted here (`count_routes`)."""
    return {pair: count_routes(linked, *pair) if routes is None else routes[pair] for pair in pairs}


def years_between(before: str, period: str) -> float:
    """Years from one period to another; 1 where their form does not say.

    Examples
    --------
    >>> years_between("2023", "2024"), years_between("2023K4", "2024K1")
    (1.0, 0.25)
    """
    first, last = quarter_number(before), quarter_number(period)
    return 1.0 if first is None or last is None else (last - first) / 4
