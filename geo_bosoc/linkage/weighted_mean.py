"""Several rows a person become one: the weighted mean of a value."""

from __future__ import annotations

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec_parts import WeightedMean


def to_weighted_mean(
    rows: pl.LazyFrame, part: WeightedMean, where: str, report: Report
) -> pl.LazyFrame | None:
    """One row a person and period: the mean of `part.value` weighted by `part.weight`.

    A pupil who went to two schools has one per cent of their own, weighted by the months at each. Rows without value
    or with a weight that is not above zero add nothing; who has no other is left with an empty value. Other columns
    are those of the row with the largest weight.

    Returns
    -------
    ``person_id, period``, ``part.result`` and the other columns; None with errors in `report`.
    """
    schema = rows.collect_schema()
    for name in part.names():
        if not (schema[name].is_numeric() or schema[name] == pl.Null):
            report.error("these are no numbers.", key=f"{where}.weighted_mean", column=name)
    if report.errors:
        return None
    value = pl.col(part.value).cast(pl.Float64)
    weight = pl.col(part.weight).cast(pl.Float64) if part.weight else pl.lit(1.0)
    counts = value.is_not_null() & (weight > 0).fill_null(False)
    keys = ["person_id", "period"]
    others = [name for name in schema if name not in (*keys, *part.names(), part.result)]
    prepared = rows.with_columns(
        pl.when(counts).then(value * weight).alias("@product"), pl.when(counts).then(weight).alias("@weight")
    )
    first = [
        pl.col(name)
        .sort_by([weight.fill_null(0), *others], descending=[True, *[False] * len(others)])
        .first()
        for name in others
    ]
    total = pl.col("@weight").sum()
    # nine decimals: sums of floats differ in the last bit with the order of the rows
    mean = pl.when(total > 0).then((pl.col("@product").sum() / total).round(9)).alias(part.result)
    return prepared.group_by(keys).agg(mean, *first)
