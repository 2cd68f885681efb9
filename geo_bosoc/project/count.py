"""From registers to counts: each address located once, each register counted by area and reference area."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators import count_indicators
from geo_bosoc.indicators.counting.registers import RegisterPart
from geo_bosoc.indicators.executor import Executor
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.linkage.estate_membership import apply_membership, compare, report_differences
from geo_bosoc.locate.labels import Labels, label_points, locate_and_label
from geo_bosoc.locate.match_report import Match
from geo_bosoc.problems import Report, add_problems
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.progress import Progress
from geo_bosoc.project.cell_registers import count_cells
from geo_bosoc.project.checks.finished_tables import (
    indicators_of_finished_tables,
    municipal_by_own_row,
    report_missing_municipal_rows,
    sum_of_areas_with_figures,
    warn_table_gaps,
    without_other_periods,
)
from geo_bosoc.project.checks.not_in_registers import check_periods_with_figures
from geo_bosoc.project.earlier_areas import with_recounted
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.rasters.zonal.registers import count_rasters
from geo_bosoc.registers.spec import RegisterSpec

MAX_UNLOCATED_SHARE = 0.05
"""Above this share of a period's rows without a location in the municipality, a register is warned about."""

UNLOCATED = ("without_address", "address_not_found", "without_coordinates", "outside_municipality")
"""Match statuses of rows with no location in the municipality (see `geo_bosoc.locate.match_report.match_report`)."""


def label_registers(inputs: Inputs, report: Report) -> dict[str, Labels]:
    """Locate every distinct address or point once.

    The result has an entry for each register whose rows lie at an address or a point; registers by address share one
    set of located addresses.
    """
    labels: dict[str, Labels] = {}
    shared: Labels | None = None
    for name, register in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.unit == "raster" or spec.place == "cell":
            continue
        if spec.place == "area":
            if not inputs.period_request.lacks(name):
                finished = municipal_by_own_row(spec)
                table = spec.unit == "count"
                _report_unknown_areas(name, register, inputs.areas, report, finished=finished, table=table)
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
    """The addresses labelled by area; the estate membership list decides on those that it names."""
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
        each_period = pl.DataFrame({"period": sorted(periods)})
        points = points.drop("period", strict=False).join(each_period, how="cross")
        inside = inside.join(each_period, how="cross") if inside is not None else None
    return label_points(keys, points, located, inside)


def _address_keys(inputs: Inputs, report: Report) -> pl.DataFrame:
    """``address_id, key``: how the estate membership list names each address."""
    assert inputs.membership is not None and inputs.addresses is not None
    by = inputs.membership.spec.by
    if by in inputs.addresses.columns:
        return inputs.addresses.select("address_id", pl.col(by).cast(pl.String).alias("key"))
    for name, frame in inputs.registers.items():
        schema = frame.collect_schema()
        if inputs.specs[name].unit == "dwelling" and by in schema and "address_id" in schema:
            keys = frame.select("address_id", pl.col(by).cast(pl.String).alias("key"))
            return keys.drop_nulls().unique().sort("address_id", "key").collect(engine="streaming")
    report.error(
        phrase("neither the address table nor the dwellings have the column {column}.", column=by),
        key="membership.by",
        hint="Read DAR or BBR files, or name the column in columns = { ... }.",
    )
    return pl.DataFrame(schema={"address_id": pl.String, "key": pl.String})


def _report_match(name: str, match: Match, spec: RegisterSpec, report: Report) -> None:
    """The match statuses of a register's rows, and a warning where too many have no location."""
    if spec.place == "xy":  # here the coordinates are the address
        match = {
            period: {
                status.replace("without_address", "without_coordinates"): numbers
                for status, numbers in statuses.items()
            }
            for period, statuses in match.items()
        }
    report.facts.setdefault("match", {})[name] = match
    total = sum(numbers["rows"] for statuses in match.values() for numbers in statuses.values())
    in_areas = any({"in_one_area", "in_several_areas"} & statuses.keys() for statuses in match.values())
    if total and not in_areas and spec.role == "population":
        report.error(
            phrase("none of {total} rows lies in an area.", total=total),
            key=f"registers.{name}",
            count=total,
            hint="See whether the boundaries and the coordinates are of the same place, and in the CRS that is said.",
        )
    for period, statuses in match.items():
        rows = sum(numbers["rows"] for numbers in statuses.values())
        unlocated = sum(statuses[status]["rows"] for status in UNLOCATED if status in statuses)
        if rows and unlocated > MAX_UNLOCATED_SHARE * rows:
            report.warn(
                phrase(
                    "{unlocated} of {rows} rows in {period} have no address that is known and inside the "
                    "municipality.",
                    unlocated=unlocated,
                    rows=rows,
                    period=period,
                ),
                key=f"registers.{name}",
                hint="The match report in run.json of the internal set counts them by reason.",
                count=unlocated,
            )


def _report_unknown_areas(
    name: str, register: pl.LazyFrame, areas: gpd.GeoDataFrame, report: Report, *, finished: bool, table: bool
) -> None:
    """A finished table's areas against the boundaries': how many are in the one and not in the other."""
    table_areas = set(register.select("area_id").drop_nulls().unique().collect(engine="streaming")["area_id"])
    table_areas.discard(MUNICIPALITY)
    boundary_areas = set(areas["area_id"])
    report.facts.setdefault("match", {})[name] = {
        "areas_without_rows": len(boundary_areas - table_areas),
        "areas_unknown": len(table_areas - boundary_areas),
    }
    key = f"registers.{name}"
    if not table_areas and register.limit(1).collect().is_empty():
        return  # no rows of these periods: reported as they were read
    if not table_areas & boundary_areas:
        report.error(
            "none of the table's area ids is an area's id.",
            key=key,
            hint="Compare them: leading zeros are kept.",
        )
        return
    if table_areas - boundary_areas:
        unknown = sorted(table_areas - boundary_areas)
        text = (
            "{ids} of the table {is_are} no area ({names}): no area counts them."
            if finished
            else "{ids} of the table {is_are} no area ({names}): they count in the municipality only."
        )
        ids = count_text(len(unknown), "area id")
        is_are = phrase("is" if len(unknown) == 1 else "are")
        names = joined([*unknown[:5], *(["..."] if len(unknown) > 5 else [])])
        report.warn(phrase(text, ids=ids, is_are=is_are, names=names), key=key)
    if boundary_areas - table_areas and not table:  # of a table, they are named with its other gaps
        number = len(boundary_areas - table_areas)
        has_have = phrase("has" if number == 1 else "have")
        areas_text = count_text(number, "area")
        report.note(
            phrase("{areas} {has_have} no row in the table.", areas=areas_text, has_have=has_have), key=key
        )


def count_project(
    inputs: Inputs,
    labels: Mapping[str, Labels],
    *,
    periods: Collection[str],
    rows: Literal["register", "inside"],
    report: Report,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count every register of a project, by area and for the reference areas ``@municipality`` and ``@areas``.

    Parameters
    ----------
    inputs : Inputs
        What was read: areas, registers and indicators.
    labels : mapping of str to Labels
        Where the rows of each register lie (`label_registers`).
    periods : collection of str
        The periods to count; empty for those that the registers hold.
    rows : {"register", "inside"}
        Whom the municipality's figure counts (see `ReferencePart`).
    report : Report
        Takes the match report (``facts["match"]``), what could not be counted, and warnings.
    executor : Executor, optional
        Where the parts are counted; here if left out.
    progress : Progress, optional
        Shows how far the counting is.

    Returns
    -------
    counts, reference_counts, yearly, recounted : DataFrame
        The counts of the areas, of the reference areas, and of single periods behind the areas' pooled figures; and how
        figures of areas as they were became those of today's (`geo_bosoc.project.earlier_areas.with_recounted`).
    """
    ids = id_columns(inputs.specs)
    schemas = {name: dict(frame.collect_schema()) for name, frame in inputs.registers.items()}
    for name in labels:
        if "area_id" in schemas[name]:
            report.error(
                "the register has a column area_id already.", column="area_id", key=f"registers.{name}"
            )
    report.raise_errors()
    report_missing_municipal_rows(
        inputs.registers, inputs.specs, inputs.indicators, inputs.uses, tuple(periods), ids, report
    )
    warn_table_gaps(inputs, periods, report)
    further = count_rasters(
        inputs.rasters,
        inputs.indicators,
        schemas,
        areas=inputs.areas,
        outline=inputs.outline,
        periods=periods,
        parameters=inputs.parameters,
        report=report,
    )
    of_cells, shared_out = count_cells(inputs, labels, periods, report)
    inner = Report()
    yearly: list[pd.DataFrame] = []
    everything = count_indicators(
        _parts(inputs),
        inputs.indicators,
        labels=labels,
        parameters=inputs.parameters,
        areas=inputs.areas,
        periods=periods,
        ids=ids,
        municipality="register" if inputs.outline is None else rows,
        deferred_checks=inputs.deferred_checks,
        check_base=False,
        each_period=yearly.append,
        further=[*further, *of_cells],
        executor=executor,
        progress=progress,
        report=inner,
    )
    add_problems(report, inner.errors)
    report.raise_errors()
    for name, match in inner.facts.pop("match").items():
        _report_match(name, match, inputs.specs[name], report)
    inner.hand_over(report)
    counts, municipality, all_areas = _by_target(everything)
    of_tables = indicators_of_finished_tables(inputs.indicators, inputs.specs, ids)
    counts, all_areas, recounted = with_recounted(
        counts,
        all_areas,
        inputs.earlier,
        indicators=of_tables,
        areas=inputs.areas,
        dwellings=inputs.addresses,
        parameters=inputs.parameters,
        report=report,
    )
    _check_periods(counts, inputs, report)
    all_areas = sum_of_areas_with_figures(counts, all_areas, of_tables, report)
    references = pd.concat([without_other_periods(counts, municipality), all_areas], ignore_index=True)
    return counts, references, pd.concat(yearly), pd.concat([recounted, shared_out], ignore_index=True)


def _parts(inputs: Inputs) -> dict[str, list[RegisterPart]]:
    """The rows of each register, in parts that are counted apart; those of cells are counted elsewhere."""
    return {
        name: [
            RegisterPart(
                register=name,
                frame=rows.frame.clear() if inputs.specs[name].place == "cell" else rows.frame,
                period=rows.period,
                person=inputs.specs[name].id if inputs.specs[name].unit == "person" else None,
                unique=name in inputs.unique,
                municipal_row=municipal_by_own_row(inputs.specs[name]),
            )
            for rows in inputs.parts[name]
        ]
        for name in inputs.registers
    }


def _by_target(counts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The counts of the areas, of the municipality and of all areas, whole numbers as each of them has them."""
    targets = [counts["area_id"] == target for target in (MUNICIPALITY, ALL_AREAS)]
    split = [counts[~(targets[0] | targets[1])], *(counts[target] for target in targets)]
    numbers = ["numerator", "denominator", "unknown"]
    complete = [[name for name in numbers if frame[name].notna().all()] for frame in split]
    areas, municipality, all_areas = (
        frame.astype(dict.fromkeys(names, "int64")).reset_index(drop=True)
        for frame, names in zip(split, complete, strict=True)
    )
    return areas, municipality, all_areas


def _check_periods(counts: pd.DataFrame, inputs: Inputs, report: Report) -> None:
    """Report periods for which there is nothing to count, and what others lack."""
    registers_of: dict[str, list[str]] = {}
    tallies: list[str] = []
    for part in make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs), Report()):
        name, spec = part.indicator.id, inputs.specs[part.register]
        registers_of.setdefault(name, []).append(register_of(part.register))
        if part.indicator.unit == "count" and spec.unit in ("case", "count"):
            tallies.append(name)
    check_periods_with_figures(
        counts, inputs.period_request, inputs.indicators, registers_of, tallies, report
    )
