"""Counting one part of one register: what a worker does, on this machine or another.

A part's counts are whole numbers that may be added to any other part's. So it does not matter how many parts there
are, where they are counted, or in which order they come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.counting.raw_counts import added, raw_counts, raw_counts_of_groups
from geo_bosoc.indicators.plan import Ids, make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.labels import Labels
from geo_bosoc.locate.match_report import LabelledRows, Match, match_rows
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report

AREAS: Final = "areas"
TARGETS: Final = (AREAS, MUNICIPALITY, ALL_AREAS)
"""What is counted: each area, everybody in the municipality, everybody in any area."""


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
    own_row : the municipality is what a row of its own says, and nothing where there is none: a finished table, whose
        rows do not tell whom they leave out.
    """

    register: str
    frame: pl.LazyFrame
    person: str | None = None
    once: bool = False
    own_row: bool = False
    period: str | None = None


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


@dataclass(frozen=True)
class LabelledPart:
    """What was found of where a part's rows lie: what there is to know of them before they are counted.

    `labelled` are the rows with their label as ``area_id``; `period` is that of all, where they have one.
    """

    labelled: pl.LazyFrame
    period: str | None
    match: Match
    person_like: bool


def label_part(part: RegisterPart, labels: Labels) -> LabelledPart:
    """Look up where each of a part's rows lies."""
    rows = LabelledRows.of(part.frame, labels, part.period)
    period = rows.periods[0] if len(rows.periods) == 1 else None
    match = match_rows(rows, part.person, unique=part.once)
    return LabelledPart(rows.labelled(), period, match, rows.person_like())


def count_part(
    part: RegisterPart, labels: Labels | None, plan: CountPlan, named: LabelledPart | None = None
) -> PartCounts:
    """Count a part's rows in each area, in the municipality and in all areas together.

    `labels` are those of its addresses or points; None for finished counts. `named` is what was found of its rows
    already (`label_part`).
    """
    once, plain = _split(part.register, plan)
    if labels is None:
        frames = _finished(part, plan)
        counts, seen = _count_targets(part, frames, (*plain, *once), plan)
        return PartCounts(part.register, counts, {}, seen)
    named = named or label_part(part, labels)
    told = Report()
    raw: dict[str, list[pl.DataFrame]] = {target: [] for target in TARGETS}
    if plain:
        counted = raw_counts_of_groups(
            **_arguments(part, named.labelled, plain, plan),
            groups=_groups(labels, plan),
            period=named.period,
            report=told,
        )
        for target, frame in counted.items():
            raw[target].append(frame)
    told.raise_errors()
    uncounted: dict[str, Mapping[str, int]] = dict(told.facts.get("counting", {}))
    if once:
        more, seen = _count_targets(part, _by_label(named.labelled, labels, plan), once, plan)
        uncounted.update(seen)
        for target, frame in more.items():
            raw[target].append(frame)
    whole = {
        target: frames[0] if len(frames) == 1 else added(frames) for target, frames in raw.items() if frames
    }
    return PartCounts(part.register, whole, named.match, uncounted, named.person_like)


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


def _by_label(labelled: pl.LazyFrame, labels: Labels, plan: CountPlan) -> dict[str, pl.LazyFrame]:
    """The rows of each target, from labels: with a row for each area that a row's label stands for."""
    groups = {target: frame.lazy() for target, frame in _groups(labels, plan).items()}
    return {
        target: labelled.join(frame, on="area_id", how="inner").drop("area_id").rename({"group": "area_id"})
        for target, frame in groups.items()
    }


def _groups(labels: Labels, plan: CountPlan) -> dict[str, pl.DataFrame]:
    """The labels of each target's groups: areas, the municipality, all areas together."""
    known, areas = labels.labels, labels.areas
    inside = known.filter("inside") if plan.rows == "inside" else known
    listed = pl.Enum(areas["area_id"].unique().sort())
    named = {
        AREAS: areas.select("label", pl.col("area_id").cast(listed).alias("group")),
        MUNICIPALITY: inside.select("label", pl.lit(MUNICIPALITY).alias("group")),
        ALL_AREAS: areas.select("label", pl.lit(ALL_AREAS).alias("group")).unique(),
    }
    kind = pl.Series(labels.label_of[:0]).dtype
    return {
        target: frame.select(pl.col("label").cast(kind).alias("area_id"), "group")
        for target, frame in named.items()
    }


def _everybody(frame: pl.LazyFrame, area_id: str) -> pl.LazyFrame:
    return frame.with_columns(pl.lit(area_id).alias("area_id"))
