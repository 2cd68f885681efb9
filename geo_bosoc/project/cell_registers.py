"""Registers by cell of the square grid in a run: their counts on the project's areas, by homes where there are any."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
import polars as pl

from geo_bosoc.disclosure.results import RECOUNT_COLUMNS
from geo_bosoc.indicators.counting.raw_counts import raw_counts
from geo_bosoc.indicators.counting.registers import AREAS, PartCounts
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.locate.labels import Labels, label_points, locate_and_label
from geo_bosoc.problems import Report, add_problems
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import id_columns
from geo_bosoc.rasters.cell_counts import (
    ADDRESSES,
    DWELLINGS,
    GROUND,
    RESIDENTS,
    CellAreas,
    CellCounts,
    Homes,
    share_cells,
)

_TEXTS = {
    RESIDENTS: "the cells' figures are shared out by where residents live: {areas}.",
    DWELLINGS: "the cells' figures are shared out by dwellings: {areas}.",
    ADDRESSES: "the cells' figures are shared out by addresses: {areas}.",
    GROUND: "the cells' figures are shared out by square metres, the last resort: {areas}.",
}


def count_cells(
    inputs: Inputs, labels: Mapping[str, Labels], periods: Collection[str], report: Report
) -> tuple[list[PartCounts], pd.DataFrame]:
    """Count the registers with ``place = "cell"``, and share their cells out to the areas.

    Parameters
    ----------
    inputs : Inputs
        What was read.
    labels : mapping of str to Labels
        Where the rows of registers with homes lie.
    periods : collection of str
        Those of the run; empty for all.
    report : Report
        Takes how the cells are shared out, and what is without a figure.

    Returns
    -------
    counts : list of PartCounts
        One a register.
    recounted : DataFrame
        `RECOUNT_COLUMNS`: by which method each area got its figures.
    """
    names = [name for name in inputs.registers if inputs.specs[name].place == "cell"]
    empty = pd.DataFrame(columns=list(RECOUNT_COLUMNS))
    if not names:
        return [], empty
    homes, areas = _homes(inputs, labels), CellAreas(inputs.areas, inputs.outline)
    schemas = {name: dict(frame.collect_schema()) for name, frame in inputs.registers.items()}
    no_rows = {
        name: pl.LazyFrame(schema={**schema, "area_id": pl.String, "period": pl.String})
        for name, schema in schemas.items()
    }
    ids = id_columns(inputs.specs)
    counts, recounted, problems = [], [empty], Report()
    for name in names:
        parts = make_parts(inputs.indicators, schemas, ids, Report())
        indicators = list(dict.fromkeys(part.indicator for part in parts if part.register == name))
        raw = raw_counts(
            {**no_rows, name: inputs.registers[name]},
            indicators,
            parameters=inputs.parameters,
            periods=periods or None,
            ids=ids,
            report=problems,
        )
        add_problems(report, problems.errors)
        report.raise_errors()
        shared = share_cells(raw, homes, areas, indicators=indicators)
        counts.append(PartCounts(name, shared.raw))
        of_indicators = shared.methods.merge(
            pd.DataFrame({"indicator": [each.id for each in indicators]}), how="cross"
        )
        recounted.append(of_indicators.assign(reason="")[list(RECOUNT_COLUMNS)])
        _tell(name, shared, report)
    return counts, pd.concat(recounted, ignore_index=True)


def _tell(name: str, shared: CellCounts, report: Report) -> None:
    """By what the cells were shared out, for how many areas; and which areas have no figure for it."""
    key = f"registers.{name}"
    last = shared.methods[shared.methods["period"] == shared.methods["period"].max()]
    for method, text in _TEXTS.items():
        count = int((last["method"] == method).sum())
        if count:
            level = report.warn if method == GROUND else report.note
            level(phrase(text, areas=count_text(count, "area")), key=key, count=count)
    if shared.absent:
        report.warn(
            phrase(
                "{cells} with homes in the areas are not in the table: nobody is counted there.",
                cells=count_text(shared.absent, "cell"),
            ),
            key=key,
            count=shared.absent,
            hint="Did the supplier leave out cells with few people? Ask for them as rows without a figure.",
        )
    areas = shared.raw[AREAS]
    lost = sorted(areas.filter(pl.col("status").cast(pl.String) != "ok")["area_id"].cast(pl.String).unique())
    if lost:
        report.warn(
            phrase(
                "cells without a figure lie in these areas, which have none for it: {ids}.",
                ids=joined([*lost[:5], *(["..."] if len(lost) > 5 else [])]),
            ),
            key=key,
            count=len(lost),
        )


def _homes(inputs: Inputs, labels: Mapping[str, Labels]) -> list[Homes]:
    """Where people and homes are, from the best source to the last."""
    homes = []
    for method, names in (
        (RESIDENTS, [name for name, spec in inputs.specs.items() if spec.role == "population"]),
        (DWELLINGS, [name for name, spec in inputs.specs.items() if spec.unit == "dwelling"]),
    ):
        for name in names:
            if name in labels and name in inputs.registers:
                homes.append(Homes(method, _points(inputs, name, labels[name]), labels[name]))
                break
    if inputs.addresses is not None and {"x", "y"} <= set(inputs.addresses.columns):
        of_addresses = next((labels[name] for name in labels if inputs.specs[name].place == "address"), None)
        if of_addresses is None:
            keys = ["address_id"]
            located, inside = locate_and_label(inputs.addresses, keys, inputs.areas, inputs.outline, Report())
            of_addresses = label_points(keys, inputs.addresses, located, inside)
        weights = of_addresses.points.with_columns(pl.lit(1, pl.Int64).alias("weight"))
        homes.append(Homes(ADDRESSES, _placed(weights, inputs.addresses), of_addresses))
    return homes


def _points(inputs: Inputs, name: str, labels: Labels) -> pl.DataFrame:
    """How many rows of a register lie at each point, by period."""
    keys = [*labels.keys]
    by_point = inputs.registers[name].drop_nulls(keys).group_by(list(dict.fromkeys([*keys, "period"])))
    weights = by_point.agg(pl.len().cast(pl.Int64).alias("weight")).collect(engine="streaming")
    types = {key: labels.points.schema[key] for key in keys}
    weights = weights.cast(types).join(labels.points, on=keys)  # type: ignore[arg-type]
    if {"x", "y"} <= set(keys):
        return _with_period(weights)
    assert inputs.addresses is not None
    return _placed(weights, inputs.addresses)


def _placed(weights: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """Weights by address, with the address's coordinates."""
    places = addresses.select("address_id", "x", "y").drop_nulls()
    first = places.unique("address_id", keep="first", maintain_order=True)
    return _with_period(weights.join(first, on="address_id"))


def _with_period(weights: pl.DataFrame) -> pl.DataFrame:
    if "period" not in weights.columns:
        weights = weights.with_columns(pl.lit(None, pl.String).alias("period"))
    return weights.select("x", "y", "label", pl.col("period").cast(pl.String), "weight")
