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
from geo_bosoc.indicators.counting.raw_counts import raw_counts, raw_counts_of_groups, sum_counts
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
    register : str
        The register's name.
    frame : LazyFrame
        The rows; with ``area_id`` where they are finished counts.
    person : str or None
        The column that tells persons apart, where there is one.
    unique : bool
        No person occurs twice in a period, and each has an id.
    municipal_row : bool
        The municipality is what a row of its own says, and nothing where there is none: a finished table, whose rows do
        not say whom they leave out.
    period : str or None
        The period of all rows, where they are sure to have one.
    """

    register: str
    frame: pl.LazyFrame
    person: str | None = None
    unique: bool = False
    municipal_row: bool = False
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
    """The rows of a part with their labels: where each lies, before they are counted.

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
    match = match_rows(rows, part.person, unique=part.unique)
    return LabelledPart(rows.labelled(), period, match, rows.person_like())


def count_part(
    part: RegisterPart, labels: Labels | None, plan: CountPlan, labelled_part: LabelledPart | None = None
) -> PartCounts:
    """Count a part's rows in each area, in the municipality and in all areas together.

    `labels` are those of its addresses or points; None for finished counts. `labelled_part` is what `label_part`
    gave for it.
    """
    distinct_indicators, row_indicators = _indicators_of(part.register, plan)
    if labels is None:
        frames = _finished_rows(part, plan)
        counts, unknown_rows = _count_targets(part, frames, (*row_indicators, *distinct_indicators), plan)
        return PartCounts(part.register, counts, {}, unknown_rows)
    labelled_part = labelled_part or label_part(part, labels)
    inner_report = Report()
    raw: dict[str, list[pl.DataFrame]] = {target: [] for target in TARGETS}
    if row_indicators:
        row_counts = raw_counts_of_groups(
            **_counting_arguments(part, labelled_part.labelled, row_indicators, plan),
            groups=_labels_of_targets(labels, plan),
            period=labelled_part.period,
            report=inner_report,
        )
        for target, frame in row_counts.items():
            raw[target].append(frame)
    inner_report.raise_errors()
    uncounted: dict[str, Mapping[str, int]] = dict(inner_report.facts.get("counting", {}))
    if distinct_indicators:
        distinct_counts, unknown_rows = _count_targets(
            part, _rows_by_target(labelled_part.labelled, labels, plan), distinct_indicators, plan
        )
        uncounted.update(unknown_rows)
        for target, frame in distinct_counts.items():
            raw[target].append(frame)
    summed = {
        target: frames[0] if len(frames) == 1 else sum_counts(frames)
        for target, frames in raw.items()
        if frames
    }
    return PartCounts(part.register, summed, labelled_part.match, uncounted, labelled_part.person_like)


def _indicators_of(register: str, plan: CountPlan) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...]]:
    """The indicators that count in this register: those that count distinct persons (or homes), and those that
    count rows."""
    distinct_indicators: dict[str, Indicator] = {}
    row_indicators: dict[str, Indicator] = {}
    for part in make_parts(plan.indicators, plan.schemas, plan.ids):
        if part.register == register:
            (row_indicators if part.id_column is None else distinct_indicators).setdefault(
                part.indicator.id, part.indicator
            )
    return tuple(distinct_indicators.values()), tuple(
        indicator for name, indicator in row_indicators.items() if name not in distinct_indicators
    )


def _counting_arguments(
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
        inner_report = Report()
        raw[target] = raw_counts(**_counting_arguments(part, frame, indicators, plan), report=inner_report)
        inner_report.raise_errors()
        if target == AREAS:
            uncounted = dict(inner_report.facts.get("counting", {}))
    return raw, uncounted


def _finished_rows(part: RegisterPart, plan: CountPlan) -> dict[str, pl.LazyFrame]:
    is_municipal = pl.col("area_id") == MUNICIPALITY
    return {
        AREAS: part.frame,
        MUNICIPALITY: _in_one_area(
            part.frame.filter(is_municipal if part.municipal_row else ~is_municipal), MUNICIPALITY
        ),
        ALL_AREAS: _in_one_area(part.frame.filter(pl.col("area_id").is_in(list(plan.areas))), ALL_AREAS),
    }


def _rows_by_target(labelled: pl.LazyFrame, labels: Labels, plan: CountPlan) -> dict[str, pl.LazyFrame]:
    """The rows of each target, from labels: with a row for each area that a row's label stands for."""
    groups = {target: frame.lazy() for target, frame in _labels_of_targets(labels, plan).items()}
    return {
        target: labelled.join(frame, on="area_id", how="inner").drop("area_id").rename({"group": "area_id"})
        for target, frame in groups.items()
    }


def _labels_of_targets(labels: Labels, plan: CountPlan) -> dict[str, pl.DataFrame]:
    """The labels of each target's groups: areas, the municipality, all areas together."""
    all_labels, areas = labels.labels, labels.areas
    inside = all_labels.filter("inside") if plan.rows == "inside" else all_labels
    area_dtype = pl.Enum(areas["area_id"].unique().sort())
    label_groups = {
        AREAS: areas.select("label", pl.col("area_id").cast(area_dtype).alias("group")),
        MUNICIPALITY: inside.select("label", pl.lit(MUNICIPALITY).alias("group")),
        ALL_AREAS: areas.select("label", pl.lit(ALL_AREAS).alias("group")).unique(),
    }
    label_dtype = pl.Series(labels.label_of[:0]).dtype
    return {
        target: frame.select(pl.col("label").cast(label_dtype).alias("area_id"), "group")
        for target, frame in label_groups.items()
    }


def _in_one_area(frame: pl.LazyFrame, area_id: str) -> pl.LazyFrame:
    return frame.with_columns(pl.lit(area_id).alias("area_id"))
