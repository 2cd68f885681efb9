"""Counting one part of one register: what a worker does, on this machine or another.

A part's counts are whole numbers that may be added to any other part's. So it does not matter how many parts there
are, where they are counted, or in which order they come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc import identity
from geo_bosoc.findings import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.count_frames import added
from geo_bosoc.indicators.counting import raw_counts, raw_counts_of_groups
from geo_bosoc.indicators.plan import Ids, make_parts
from geo_bosoc.locating import FATES
from geo_bosoc.predicates import Parameters
from geo_bosoc.problems import Report
from geo_bosoc.project.places import NOT_FOUND, Places, point_numbers

AREAS: Final = "areas"
TARGETS: Final = (AREAS, MUNICIPALITY, ALL_AREAS)
"""What is counted: each area, everybody in the municipality, everybody in any area."""

_NOT_FOUND: Final = FATES.index("address_not_found")
_AT_A_TIME: Final = 200_000

Match = dict[str, dict[str, dict[str, int]]]
"""Rows, persons and addresses by period and fate (`geo_bosoc.locating.match_report`)."""


@dataclass(frozen=True)
class CountPlan:
    """What all parts have in common.

    `schemas` are the columns of every register; `rows` says whom the municipality's figure counts (register or
    inside); `periods` None counts all of them.
    """

    indicators: tuple[Indicator, ...]
    schemas: Mapping[str, Mapping[str, Any]]
    parameters: Parameters
    ids: Ids
    periods: tuple[str, ...] | None
    rows: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class RegisterPart:
    """Some rows of a register, all of the periods that they hold.

    Attributes
    ----------
    frame : the rows; with ``area_id`` where they are finished counts.
    person : the column that tells persons apart, where there is one.
    once : no person stands twice in a period, and each has an id.
    period : that of all rows, where it is known that they have one.
    filled : columns of which it is known that they miss no value.
    own_row : a finished table has a row of its own for the municipality.
    """

    register: str
    frame: pl.LazyFrame
    person: str | None = None
    once: bool = False
    own_row: bool = False
    period: str | None = None
    filled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PartCounts:
    """Raw counts by target, what became of the rows, and how many could not be counted, by indicator.

    `person_like`: an address that is not in the table may be a person number.
    """

    register: str
    raw: Mapping[str, pl.DataFrame]
    match: Match = field(default_factory=dict)
    uncounted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    person_like: bool = False


def count_part(part: RegisterPart, places: Places | None, plan: CountPlan) -> PartCounts:
    """Count a part's rows in each area, in the municipality and in all areas together.

    `places` are the labels of its addresses or points; None for finished counts.
    """
    once, plain = _split(part.register, plan)
    if places is None:
        frames = _finished(part, plan)
        counts, seen = _count_targets(part, frames, (*plain, *once), plan)
        return PartCounts(part.register, counts, {}, seen)
    rows = NamedRows.of(part.frame, places, part.period)
    match, person_like, periods = match_part(part, rows), rows.person_like(), rows.periods
    labelled, height = rows.labelled(), len(rows.labels)
    del rows
    told = Report()
    raw: dict[str, list[pl.DataFrame]] = {target: [] for target in TARGETS}
    if plain:
        period = periods[0] if len(periods) == 1 else None
        counted = raw_counts_of_groups(
            **_arguments(part, labelled, plain, plan),
            groups=_groups(places, plan),
            period=period,
            filled=part.filled,
            height=height,
            report=told,
        )
        for target, frame in counted.items():
            raw[target].append(frame)
    told.raise_errors()
    uncounted: dict[str, Mapping[str, int]] = dict(told.facts.get("counting", {}))
    if once:
        more, seen = _count_targets(part, _by_label(labelled, places, plan), once, plan)
        uncounted.update(seen)
        for target, frame in more.items():
            raw[target].append(frame)
    whole = {
        target: frames[0] if len(frames) == 1 else added(frames) for target, frames in raw.items() if frames
    }
    return PartCounts(part.register, whole, match, uncounted, person_like)


@dataclass(frozen=True)
class NamedRows:
    """A part's rows, and where and when each of them is.

    Rows come out of a file, or of memory, in the same order each time: what was found of them is laid beside them.

    Attributes
    ----------
    labels : by row, the label of the point that it names.
    periods : those that occur, and `period_of` the place of each row's own; None where there is one.
    seen : by place of the period and number of the point (see `geo_bosoc.project.places.point_numbers`), whether a row
        names it.
    """

    frame: pl.LazyFrame
    places: Places
    labels: npt.NDArray[np.uint16 | np.uint32]
    periods: list[str | None]
    period_of: npt.NDArray[np.uint32] | None
    seen: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pl.LazyFrame, places: Places, period: str | None = None) -> NamedRows:
        periods: list[str | None] = [period]
        if period is None:
            found = frame.select(pl.col("period").unique()).collect(engine="streaming")
            periods = found["period"].sort().to_list()
        several = len(periods) > 1
        numbered = point_numbers(frame, places)
        if several:
            places_of = pl.int_range(len(periods), dtype=pl.UInt32, eager=True)
            number = pl.col("period").replace_strict(pl.Series(periods), places_of, default=None)
            numbered = numbered.with_columns(number.alias("@period"))
        seen = np.zeros((len(periods), places.points.height + 2), dtype=bool)

        def label(rows: pl.Series) -> pl.Series:
            points = rows.struct.field("point").to_numpy()
            seen[rows.struct.field("@period").to_numpy() if several else 0, points] = True
            return pl.Series(places.label_of.take(points))

        wanted = ["point", *(["@period"] if several else [])]
        kind = pl.Series(places.label_of[:0]).dtype
        labelled = pl.struct(wanted).map_batches(label, return_dtype=kind, is_elementwise=True)
        held = numbered.select(labelled.alias("@label"), *wanted[1:]).collect(engine="streaming")
        own = held["@period"].to_numpy() if several else None
        return cls(frame, places, held["@label"].to_numpy(), periods, own, seen)

    def unknown(self) -> pl.LazyFrame:
        """The keys of the rows whose point is not known, and their ``period``."""
        wanted = pl.DataFrame({"@unknown": self.labels == NOT_FOUND})
        keys = list(dict.fromkeys([*self.places.keys, "period"]))
        return _beside(wanted, self.frame.select(keys)).filter("@unknown").select(keys)

    def person_like(self) -> bool:
        """Whether a key that is not known holds a person number."""
        if not self.seen[:, self.places.points.height].any():
            return False
        return bool(identity.count_person_numbers(self.unknown(), self.places.keys))

    def labelled(self) -> pl.LazyFrame:
        """The rows with their label as ``area_id``."""
        return _beside(pl.DataFrame({"area_id": self.labels}), self.frame)


def _beside(found: pl.DataFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """What was found of some rows, and beside it the rows.

    What was found stands first: what Polars learns of a plan, and the data in it, it keeps with the plan's first frame
    as long as that lives; and the rows' frame lives as long as the run.
    """
    return pl.concat([found.lazy(), rows], how="horizontal")


def match_part(part: RegisterPart, rows: NamedRows) -> Match:
    """What became of a part's rows: rows, persons and addresses by period and fate."""
    places, points = rows.places, rows.places.points.height
    persons: dict[tuple[str | None, int], int] = {}
    if part.person and not part.once:
        persons = _persons(rows, part.person)
    result: Match = {}
    for number, period in enumerate(rows.periods):
        seen = rows.seen[number]
        if not seen.any():
            continue
        here = rows.labels if rows.period_of is None else rows.labels[rows.period_of == number]
        fate_of, kinds = places.fate_of, len(FATES)
        by_label = _often(here, len(fate_of))
        row_counts = np.bincount(fate_of, weights=by_label, minlength=kinds)
        address_counts = np.bincount(fate_of[places.label_of[:points][seen[:points]]], minlength=kinds)
        told = {
            int(fate): {"rows": int(row_counts[fate]), "addresses": int(address_counts[fate])}
            for fate in np.flatnonzero(row_counts)
        }
        if seen[points]:
            told[_NOT_FOUND]["addresses"] = _unknown_addresses(rows, period)
        period_told = {}
        for fate in sorted(told):
            counted = {"rows": told[fate]["rows"]}
            if part.person:
                counted["persons"] = told[fate]["rows"] if part.once else persons.get((period, fate), 0)
            period_told[FATES[fate]] = {**counted, "addresses": told[fate]["addresses"]}
        result[str(period)] = period_told
    return result


def _often(labels: npt.NDArray[np.uint16 | np.uint32], many: int) -> npt.NDArray[np.int64]:
    """How often each of `many` labels stands there; some at a time, since numpy makes long numbers of them first."""
    counted = np.zeros(many, np.int64)
    for first in range(0, len(labels), _AT_A_TIME):
        counted += np.bincount(labels[first : first + _AT_A_TIME], minlength=many)
    return counted


def _unknown_addresses(rows: NamedRows, period: str | None) -> int:
    """How many different addresses of a period are not in the table."""
    mine = rows.unknown().filter(pl.col("period").eq_missing(period)).select(list(rows.places.keys))
    return int(mine.unique().select(pl.len()).collect(engine="streaming").item())


def _persons(rows: NamedRows, person: str) -> dict[tuple[str | None, int], int]:
    """Distinct persons by period and fate."""
    fates = pl.DataFrame({"@fate": rows.places.fate_of[rows.labels]})
    marked = _beside(fates, rows.frame.select("period", person))
    counted = marked.group_by("period", "@fate").agg(pl.col(person).drop_nulls().n_unique().alias("n"))
    return {(period, fate): n for period, fate, n in counted.collect(engine="streaming").iter_rows()}


def _split(register: str, plan: CountPlan) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...]]:
    """The indicators that count in this register: those that count somebody once, and those that count rows."""
    once: dict[str, Indicator] = {}
    plain: dict[str, Indicator] = {}
    for part in make_parts(plan.indicators, plan.schemas, plan.ids):
        if part.register == register:
            (plain if part.id_column is None else once).setdefault(part.indicator.id, part.indicator)
    return tuple(once.values()), tuple(one for name, one in plain.items() if name not in once)


def _arguments(
    part: RegisterPart, frame: pl.LazyFrame, indicators: Sequence[Indicator], plan: CountPlan
) -> dict[str, Any]:
    """The registers as counting takes them: this part's rows, and no row of the others."""
    places = frame.collect_schema()["area_id"]
    others = {
        name: pl.LazyFrame(schema={**schema, "area_id": places, "period": pl.String})
        for name, schema in plan.schemas.items()
        if name != part.register
    }
    order = {name: frame if name == part.register else others[name] for name in plan.schemas}
    return {
        "registers": order,
        "indicators": indicators,
        "parameters": plan.parameters,
        "periods": plan.periods,
        "ids": plan.ids,
    }


def _count_targets(
    part: RegisterPart, frames: Mapping[str, pl.LazyFrame], indicators: Sequence[Indicator], plan: CountPlan
) -> tuple[dict[str, pl.DataFrame], dict[str, Mapping[str, int]]]:
    """Raw counts of each target's own rows; what could not be counted is that of the areas' rows."""
    raw, uncounted = {}, {}
    for target, frame in frames.items():
        told = Report()
        raw[target] = raw_counts(**_arguments(part, frame, indicators, plan), report=told)
        told.raise_errors()
        if target == AREAS:
            uncounted = dict(told.facts.get("counting", {}))
    return raw, uncounted


def _finished(part: RegisterPart, plan: CountPlan) -> dict[str, pl.LazyFrame]:
    own_row = pl.col("area_id") == MUNICIPALITY
    return {
        AREAS: part.frame,
        MUNICIPALITY: _everybody(part.frame.filter(own_row if part.own_row else ~own_row), MUNICIPALITY),
        ALL_AREAS: _everybody(part.frame.filter(pl.col("area_id").is_in(list(plan.areas))), ALL_AREAS),
    }


def _by_label(labelled: pl.LazyFrame, places: Places, plan: CountPlan) -> dict[str, pl.LazyFrame]:
    """The rows of each target, from labels: with a row for each area that a row's label stands for."""
    groups = {target: frame.lazy() for target, frame in _groups(places, plan).items()}
    return {
        target: labelled.join(frame, on="area_id", how="inner").drop("area_id").rename({"group": "area_id"})
        for target, frame in groups.items()
    }


def _groups(places: Places, plan: CountPlan) -> dict[str, pl.DataFrame]:
    """The labels of each target's groups: areas, the municipality, all areas together."""
    labels, areas = places.labels, places.areas
    inside = labels.filter("inside") if plan.rows == "inside" else labels
    listed = pl.Enum(areas["area_id"].unique().sort())
    named = {
        AREAS: areas.select("label", pl.col("area_id").cast(listed).alias("group")),
        MUNICIPALITY: inside.select("label", pl.lit(MUNICIPALITY).alias("group")),
        ALL_AREAS: areas.select("label", pl.lit(ALL_AREAS).alias("group")).unique(),
    }
    kind = pl.Series(places.label_of[:0]).dtype
    return {
        target: frame.select(pl.col("label").cast(kind).alias("area_id"), "group")
        for target, frame in named.items()
    }


def _everybody(frame: pl.LazyFrame, area_id: str) -> pl.LazyFrame:
    return frame.with_columns(pl.lit(area_id).alias("area_id"))
