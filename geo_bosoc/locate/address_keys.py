"""The points of a frame: their key columns and coordinates, each distinct key once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

Frame = pl.DataFrame | pl.LazyFrame | pd.DataFrame


def key_columns(on: str | Sequence[str]) -> list[str]:
    """The key columns that an argument `on` names."""
    return [on] if isinstance(on, str) else list(on)


def point_columns(points: Frame, keys: list[str], x: str, y: str, report: Report) -> pl.DataFrame | None:
    """The columns that are needed, coordinates as float64; what is missing or no number goes to the report."""
    columns = list(dict.fromkeys([*keys, x, y]))
    if isinstance(points, pd.DataFrame):
        points = pl.from_pandas(pd.DataFrame(points[[name for name in columns if name in points]]))
    lazy = points.lazy()
    schema = lazy.collect_schema()
    for name in columns:
        if name not in schema:
            report.error(
                phrase('the points have no column "{name}".', name=name),
                column=name,
                hint=phrase("There are: {names}.", names=", ".join(schema) or phrase("none")),
            )
        elif name in (x, y) and not schema[name].is_numeric() and schema[name] != pl.Null:
            report.error(
                "coordinates must be numbers.",
                column=name,
                hint=phrase("They are read as {type}.", type=str(schema[name])),
            )
        elif name in (x, y) and schema[name] == pl.Float32:
            report.warn(
                "coordinates are stored with single precision, half a metre at best.",
                column=name,
                hint="Store them as double precision (64 bits).",
            )
    if report.errors:
        return None
    numbers = [pl.col(name).cast(pl.Float64).fill_nan(None).alias(name) for name in (x, y)]
    return lazy.select(*(pl.col(name) for name in columns if name not in (x, y)), *numbers).collect(
        engine="streaming"
    )


def distinct_points(frame: pl.DataFrame, keys: list[str], x: str, y: str) -> tuple[pl.DataFrame, int, int]:
    """One row a key; the rows without one; the keys with several positions (the westernmost is taken)."""
    keyed = frame if set(keys) == {x, y} else frame.drop_nulls(keys)
    keyless = len(frame) - len(keyed)
    if all_differ(keyed, keys):
        return keyed, keyless, 0
    distinct = keyed.lazy().unique().collect(engine="streaming")
    if all_differ(distinct, keys):
        return distinct.sort(keys), keyless, 0
    with_coordinates = distinct.drop_nulls([x, y])
    elsewhere = len(with_coordinates) - with_coordinates.select(keys).unique().height
    distinct = distinct.sort([*keys, *(name for name in (x, y) if name not in keys)], nulls_last=True)
    return distinct.unique(subset=keys, keep="first", maintain_order=True), keyless, elsewhere


def all_differ(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether the keys are surely all different: each is greater than the one before, as in a table that is sorted by
    it, or else their hashes are (a clash of hashes costs time, no more)."""
    if len(keys) == 1 and _rises(frame[keys[0]]):
        return True
    hashes = np.sort(frame.select(keys).hash_rows().to_numpy())
    return not (hashes[1:] == hashes[:-1]).any()


def _rises(column: pl.Series) -> bool:
    """Whether there is a value in each row, greater than the one before; most columns that do not rise soon show it."""
    if column.null_count():
        return False
    return all(
        (part.slice(1) > part.slice(0, max(len(part) - 1, 0))).all() for part in (column.head(1_000), column)
    )


def with_keys_of(table: pl.DataFrame, schema: pl.Schema, keys: list[str], report: Report) -> pl.DataFrame:
    """The key columns as the register has them, so that they join; what cannot be goes to the report."""
    text = (pl.String, pl.Categorical, pl.Enum)
    casts = []
    for name in keys:
        if name not in schema:
            report.error(
                phrase('the register has no column "{name}".', name=name),
                column=name,
                hint=phrase("There are: {names}.", names=", ".join(schema)),
            )
        elif name not in table.columns:
            report.error(phrase('the located addresses have no column "{name}".', name=name), column=name)
        elif schema[name] != table.schema[name]:
            if isinstance(schema[name], text) != isinstance(table.schema[name], text):
                kinds = [phrase("text"), phrase("a number")]
                kinds = kinds if isinstance(schema[name], text) else kinds[::-1]
                report.error(
                    phrase(
                        "this key is {kind} in the register and {other_kind} in the address table.",
                        kind=kinds[0],
                        other_kind=kinds[1],
                    ),
                    column=name,
                    hint="Read both as text.",
                )
            else:
                casts.append(pl.col(name).cast(schema[name], strict=False))
    return table.with_columns(casts) if casts else table
