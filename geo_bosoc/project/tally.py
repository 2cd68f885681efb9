"""From registers to counts: each address located once, each register counted by area and for the reference areas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.counting.finalise import settled
from geo_bosoc.indicators.counting.frames import coded
from geo_bosoc.indicators.counting.registers import (
    AREAS,
    CountPlan,
    PartCounts,
    RegisterPart,
)
from geo_bosoc.indicators.executor import Executor, count_registers
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.linkage.estate_membership import apply_membership, compare, report_differences
from geo_bosoc.locate.labelled_rows import Match
from geo_bosoc.locate.labels import Labels, label_points, locate_and_label
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import Inputs, id_columns
from geo_bosoc.project.municipal_rows import municipal_by_own_row, tell_missing_rows, without_other_periods
from geo_bosoc.project.periods import check_periods_told
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.project.sum_of_areas import finished_only, without_areas_that_miss
from geo_bosoc.project.table_gaps import tell_table_gaps
from geo_bosoc.registers.spec import RegisterSpec

NOT_FOUND_SHARE = 0.05
"""Above this share of a period's rows without a known address, a register is warned about."""

TAKEN_OUT = ("without_address", "address_not_found", "without_coordinates", "outside_municipality")
"""Fates of rows that have no place in the municipality (see `geo_bosoc.locate.match_report.match_report`)."""


def label_registers(inputs: Inputs, report: Report) -> dict[str, Labels]:
    """Locate every distinct address or point once.

    The result has an entry for each register whose rows lie at an address or a point; registers by address share one
    set of located addresses.
    """
    labels: dict[str, Labels] = {}
    shared: Labels | None = None
    for name, register in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.place == "area":
            if not inputs.request.lacks(name):
                finished = municipal_by_own_row(spec)
                table = spec.unit == "count"
                _tell_unknown_areas(name, register, inputs.areas, report, finished=finished, table=table)
            continue
        if spec.place == "address":
            shared = shared or _label_addresses(inputs, report)
            labels[name] = shared
        else:
            points = register.select("x", "y").unique().sort("x", "y").collect(engine="streaming")
            located, inside = locate_and_label(points, ["x", "y"], inputs.areas, inputs.outline, report)
            labels[name] = label_points(["x", "y"], points, located, inside)
    return labels


def _label_addresses(inputs: Inputs, report: Report) -> Labels:
    """Where the addresses lie; the list of estates decides on those that it names."""
    points, keys = inputs.addresses, ["address_id"]
    assert points is not None
    located, inside = locate_and_label(points, keys, inputs.areas, inputs.outline, report)
    if inputs.membership is None:
        return label_points(keys, points, located, inside)
    by_address = {
        name: frame for name, frame in inputs.registers.items() if inputs.specs[name].place == "address"
    }
    periods = {
        period
        for frame in by_address.values()
        for period in frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls()
    }
    by_polygon = located
    keys, located = apply_membership(
        by_polygon, _address_keys(inputs, report), inputs.membership, periods, report
    )
    counted = {}
    for name, frame in by_address.items():
        spec = inputs.specs[name]
        if spec.role == "population" or spec.unit == "dwelling":
            counted["persons" if spec.role == "population" else "dwellings"] = frame
    report_differences(compare(located, by_polygon, inputs.membership, counted), inputs.membership, report)
    if "period" in keys:
        each = pl.DataFrame({"period": sorted(periods)})
        points = points.drop("period", strict=False).join(each, how="cross")
        inside = inside.join(each, how="cross") if inside is not None else None
    return label_points(keys, points, located, inside)


def _address_keys(inputs: Inputs, report: Report) -> pl.DataFrame:
    """``address_id, key``: how the list of estates names each address."""
    assert inputs.membership is not None and inputs.addresses is not None
    by = inputs.membership.spec.by
    if by in inputs.addresses.columns:
        return inputs.addresses.select("address_id", pl.col(by).cast(pl.String).alias("key"))
    for name, frame in inputs.registers.items():
        schema = frame.collect_schema()
        if inputs.specs[name].unit == "dwelling" and by in schema and "address_id" in schema:
            named = frame.select("address_id", pl.col(by).cast(pl.String).alias("key"))
            return named.drop_nulls().unique().sort("address_id", "key").collect(engine="streaming")
    report.error(
        f"neither the address table nor the dwellings have the column {by}.",
        key="membership.by",
        hint="Read DAR or BBR files, or name the column in columns = { ... }.",
    )
    return pl.DataFrame(schema={"address_id": pl.String, "key": pl.String})


def _tell_match(name: str, told: Match, spec: RegisterSpec, report: Report) -> None:
    """What became of a register's rows, and a warning where many have no place."""
    if spec.place == "xy":  # here the coordinates are the address
        told = {
            period: {
                fate.replace("without_address", "without_coordinates"): seen for fate, seen in fates.items()
            }
            for period, fates in told.items()
        }
    report.facts.setdefault("match", {})[name] = told
    every = sum(fate["rows"] for fates in told.values() for fate in fates.values())
    placed = any({"in_one_area", "in_several_areas"} & fates.keys() for fates in told.values())
    if every and not placed and spec.role == "population":
        report.error(
            f"none of {every} rows lies in an area.",
            key=f"registers.{name}",
            count=every,
            hint="See whether the boundaries and the coordinates are of the same place, and in the CRS that is said.",
        )
    for period, fates in told.items():
        rows = sum(fate["rows"] for fate in fates.values())
        lost = sum(fates[fate]["rows"] for fate in TAKEN_OUT if fate in fates)
        if rows and lost > NOT_FOUND_SHARE * rows:
            report.warn(
                f"{lost} of {rows} rows in {period} have no address that is known and inside the municipality.",
                key=f"registers.{name}",
                hint="The match report in run.json tells them by reason.",
                count=lost,
            )


def _tell_unknown_areas(
    name: str, register: pl.LazyFrame, areas: gpd.GeoDataFrame, report: Report, *, finished: bool, table: bool
) -> None:
    """A finished table's areas against the boundaries': who is in one and not in the other, in counts."""
    theirs = set(register.select("area_id").drop_nulls().unique().collect(engine="streaming")["area_id"])
    theirs.discard(MUNICIPALITY)
    ours = set(areas["area_id"])
    told = {"areas_without_rows": len(ours - theirs), "areas_unknown": len(theirs - ours)}
    report.facts.setdefault("match", {})[name] = told
    key = f"registers.{name}"
    if not theirs and register.limit(1).collect().is_empty():
        return  # no rows of these periods: told as they were read
    if not theirs & ours:
        report.error(
            "none of the table's area ids is an area's id.",
            key=key,
            hint="Compare them: leading zeros are kept.",
        )
        return
    if theirs - ours:
        unknown = sorted(theirs - ours)
        named = ", ".join(unknown[:5]) + (", ..." if len(unknown) > 5 else "")
        report.warn(
            f"{len(unknown)} area ids of the table are no area ({named}):"
            f" {'no area counts them.' if finished else 'they count in the municipality only.'}",
            key=key,
        )
    if ours - theirs and not table:  # of a table, they are named with its other gaps
        report.note(f"{len(ours - theirs)} areas have no row in the table.", key=key)


def tally(
    inputs: Inputs,
    labels: Mapping[str, Labels],
    *,
    periods: Collection[str],
    rows: str,
    report: Report,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of each area, and of the reference areas ``@municipality`` and ``@areas``; the match report goes to
    `report`.

    Parameters
    ----------
    periods : the periods to tell; empty for those that the registers hold.
    rows : whom the municipality's figure counts: ``register`` or ``inside`` (see `ReferencePart`).
    executor : where the parts are counted; here if left out.
    """
    ids = id_columns(inputs.specs)
    schemas = {name: dict(frame.collect_schema()) for name, frame in inputs.registers.items()}
    for name in labels:
        if "area_id" in schemas[name]:
            report.error(
                "the register has a column area_id already.", column="area_id", key=f"registers.{name}"
            )
    report.raise_errors()
    tell_missing_rows(
        inputs.registers, inputs.specs, inputs.indicators, inputs.uses, tuple(periods), ids, report
    )
    tell_table_gaps(inputs, periods, report)
    plan = CountPlan(
        indicators=inputs.indicators,
        schemas=schemas,
        parameters=inputs.parameters,
        ids=ids,
        periods=tuple(periods) or None,
        rows="register" if inputs.outline is None else rows,
        areas=tuple(inputs.areas["area_id"]),
    )
    parts = [
        RegisterPart(
            register=name,
            frame=rows_part.frame,
            period=rows_part.period,
            person=inputs.specs[name].id if inputs.specs[name].unit == "person" else None,
            once=name in inputs.once,
            own_row=municipal_by_own_row(inputs.specs[name]),
        )
        for name in inputs.registers
        for rows_part in inputs.parts[name]
    ]
    done = count_registers(parts, labels, plan, executor or Executor(), progress or Silent())
    for name in dict.fromkeys(one.register for one in done if one.person_like):
        for look in inputs.look_again.get(name, ()):
            look(report)
    report.raise_errors()
    for name in labels:
        match = {period: told for one in done if one.register == name for period, told in one.match.items()}
        _tell_match(name, dict(sorted(match.items())), inputs.specs[name], report)
    uncounted = _uncounted(done)
    if uncounted:
        report.facts["counting"] = uncounted
    counts = _settle(done, AREAS, list(inputs.areas["area_id"]), list(periods) or None, inputs, report)
    _check_periods(counts, inputs, report)
    told = sorted(counts["period"].unique())
    municipal, together = (
        _settle(done, target, [target], told, inputs, Report()) for target in (MUNICIPALITY, ALL_AREAS)
    )
    together = without_areas_that_miss(
        counts, together, finished_only(inputs.indicators, inputs.specs, ids), report
    )
    return counts, pd.concat([without_other_periods(counts, municipal), together], ignore_index=True)


def _check_periods(counts: pd.DataFrame, inputs: Inputs, report: Report) -> None:
    """Whether each period has something to tell, and what it lacks."""
    registers_of: dict[str, list[str]] = {}
    tallies: list[str] = []
    for part in make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs), Report()):
        name, spec = part.indicator.id, inputs.specs[part.register]
        registers_of.setdefault(name, []).append(register_of(part.register))
        if part.indicator.unit == "count" and spec.unit in ("case", "count"):
            tallies.append(name)
    check_periods_told(counts, inputs.request, inputs.indicators, registers_of, tallies, report)


def _settle(
    done: Sequence[PartCounts],
    target: str,
    areas: list[str],
    periods: list[str] | None,
    inputs: Inputs,
    report: Report,
) -> pd.DataFrame:
    """All parts' raw counts of one target, settled."""
    raw = pl.concat(coded([one.raw[target] for one in done if target in one.raw]), how="vertical")
    return settled(raw, inputs.indicators, areas=areas, periods=periods, report=report)


def _uncounted(done: Sequence[PartCounts]) -> dict[str, dict[str, int]]:
    """Rows that could not be counted, wherever they lie, by indicator and reason."""
    found: dict[str, dict[str, int]] = {}
    for one in done:
        for name, told in one.uncounted.items():
            here = found.setdefault(name, {})
            for reason, count in told.items():
                here[reason] = here.get(reason, 0) + count
    return dict(sorted(found.items()))
