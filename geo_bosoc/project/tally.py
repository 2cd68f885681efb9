"""From registers to counts: each address located once, each register counted by area and for the yardsticks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.findings import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators import count_indicators, everybody
from geo_bosoc.locating import join_areas, locate, match_report
from geo_bosoc.membership import apply_membership, compare, tell_differences
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs, id_columns
from geo_bosoc.registers import RegisterSpec

NOT_FOUND_SHARE = 0.05
"""Above this share of a period's rows without a known address, a register is warned about."""

TAKEN_OUT = ("without_address", "address_not_found", "without_coordinates", "outside_municipality")
"""Fates of rows that have no place in the municipality (see `geo_bosoc.locating.match_report`)."""


@dataclass(frozen=True)
class Placed:
    """A set of points with the areas they lie in, and which of them lie inside the outline (None: no outline)."""

    keys: list[str]
    points: pl.DataFrame
    located: pl.DataFrame
    inside: pl.DataFrame | None


def place_registers(inputs: Inputs, report: Report) -> dict[str, Placed]:
    """Locate every distinct address or point once, and tell by register what became of its rows.

    The result has an entry for each register whose rows lie at an address or a point; registers by address share one
    set of located addresses.
    """
    placed: dict[str, Placed] = {}
    shared: Placed | None = None
    for name, register in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.place == "area":
            _tell_unknown_areas(name, register, inputs.areas, report)
            continue
        if spec.place == "address":
            assert inputs.addresses is not None
            shared = shared or _place_addresses(inputs, report)
            placed[name] = shared
        else:
            points = register.select("x", "y").unique().sort("x", "y").collect(engine="streaming")
            placed[name] = _place(points, ["x", "y"], inputs, report)
        _tell_match(name, register, spec, placed[name], inputs, report)
    return placed


def _place(points: pl.DataFrame, keys: list[str], inputs: Inputs, report: Report) -> Placed:
    located = locate(points, inputs.areas, key=keys, report=report)
    inside = None
    if inputs.outline is not None:
        inside = locate(points, inputs.outline, key=keys, report=Report()).select(keys).unique()
    return Placed(keys, points, located, inside)


def _place_addresses(inputs: Inputs, report: Report) -> Placed:
    """Where the addresses lie; the list of estates decides on those that it names."""
    assert inputs.addresses is not None
    placed = _place(inputs.addresses, ["address_id"], inputs, report)
    if inputs.membership is None:
        return placed
    by_address = {
        name: frame for name, frame in inputs.registers.items() if inputs.specs[name].place == "address"
    }
    periods = {
        period
        for frame in by_address.values()
        for period in frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls()
    }
    address_keys = _address_keys(inputs, report)
    keys, located = apply_membership(placed.located, address_keys, inputs.membership, periods, report)
    counted = {}
    for name, frame in by_address.items():
        spec = inputs.specs[name]
        if spec.role == "population" or spec.unit == "dwelling":
            counted["persons" if spec.role == "population" else "dwellings"] = frame
    differences = compare(located, placed.located, inputs.membership, counted)
    tell_differences(differences, inputs.membership, report)
    points, inside = inputs.addresses, placed.inside
    if "period" in keys:
        each = pl.DataFrame({"period": sorted(periods)})
        points = points.drop("period", strict=False).join(each, how="cross")
        inside = inside.join(each, how="cross") if inside is not None else None
    return Placed(keys, points, located, inside)


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


def _tell_match(
    name: str, register: pl.LazyFrame, spec: RegisterSpec, placed: Placed, inputs: Inputs, report: Report
) -> None:
    person = spec.id if spec.unit == "person" else None
    told = match_report(
        register,
        placed.located,
        placed.points if spec.place == "address" else None,
        on=placed.keys,
        person=person,
        outline=inputs.outline,
    )
    if spec.place == "xy":  # here the coordinates are the address
        told = {
            period: {
                fate.replace("without_address", "without_coordinates"): seen for fate, seen in fates.items()
            }
            for period, fates in told.items()
        }
    report.facts.setdefault("match", {})[name] = told
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


def _tell_unknown_areas(name: str, register: pl.LazyFrame, areas: gpd.GeoDataFrame, report: Report) -> None:
    """A finished table's areas against the boundaries': who is in one and not in the other, in counts."""
    theirs = set(register.select("area_id").drop_nulls().unique().collect(engine="streaming")["area_id"])
    theirs.discard(MUNICIPALITY)
    ours = set(areas["area_id"])
    told = {"areas_without_rows": len(ours - theirs), "areas_unknown": len(theirs - ours)}
    report.facts.setdefault("match", {})[name] = told
    key = f"registers.{name}"
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
            f"{len(unknown)} area ids of the table are no area ({named});"
            " they count in the municipality only.",
            key=key,
        )
    if ours - theirs:
        report.note(f"{len(ours - theirs)} areas have no row in the table.", key=key)


def tally(
    inputs: Inputs,
    placed: Mapping[str, Placed],
    *,
    periods: Collection[str],
    rows: str,
    report: Report,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of each area, and of the yardsticks ``@municipality`` and ``@areas``.

    Parameters
    ----------
    periods : the periods to tell; empty for those that the registers hold.
    rows : whom the municipality's figure counts: ``register`` or ``inside`` (see `ReferencePart`).
    """
    ids = id_columns(inputs.specs)
    joined = {
        name: join_areas(frame, placed[name].located, on=placed[name].keys) if name in placed else frame
        for name, frame in inputs.registers.items()
    }
    common: dict[str, Any] = {"parameters": inputs.parameters, "ids": ids}
    counts = count_indicators(
        joined, inputs.indicators, areas=inputs.areas, periods=list(periods) or None, report=report, **common
    )
    told = sorted(counts["period"].unique())
    everyone = {name: _reference_rows(name, inputs, placed, rows) for name in inputs.registers}
    in_areas = {name: _rows_in_areas(name, inputs, placed) for name in inputs.registers}
    yardsticks = [
        count_indicators(
            everybody(frames, area_id),
            inputs.indicators,
            areas=[area_id],
            periods=told,
            report=Report(),
            **common,
        )
        for area_id, frames in ((MUNICIPALITY, everyone), (ALL_AREAS, in_areas))
    ]
    return counts, pd.concat(yardsticks, ignore_index=True)


def _reference_rows(name: str, inputs: Inputs, placed: Mapping[str, Placed], rows: str) -> pl.LazyFrame:
    """The rows that the municipality's figure counts, each once."""
    frame = inputs.registers[name]
    if inputs.specs[name].place == "area":
        own_row = pl.col("area_id") == MUNICIPALITY
        return frame.filter(own_row if inputs.specs[name].reference_row else ~own_row)
    inside = placed[name].inside
    if rows == "inside" and inside is not None:
        return frame.join(inside.lazy(), on=placed[name].keys, how="semi")
    return frame


def _rows_in_areas(name: str, inputs: Inputs, placed: Mapping[str, Placed]) -> pl.LazyFrame:
    """The rows that lie in any assessed area, each once, however many areas it lies in."""
    frame = inputs.registers[name]
    if name not in placed:
        return frame.filter(pl.col("area_id").is_in(list(inputs.areas["area_id"])))
    keys = placed[name].keys
    return frame.join(placed[name].located.select(keys).unique().lazy(), on=keys, how="semi")
