"""The attributes of a map layer as the rows of a register: finished figures that stand with the areas themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl

from geo_bosoc.boundaries.attributes import texts
from geo_bosoc.boundaries.files import open_layer, read_layer
from geo_bosoc.problems import Report
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec

LAYERS: Final = (".gpkg", ".geojson", ".shp", ".fgb")


def open_map_layer(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a layer's attribute table; where the file has several layers, `sheet` names the layer.

    Examples
    --------
    >>> from geo_bosoc.registers.spec import RegisterSpec
    >>> spec = RegisterSpec(path="estates.geojson", unit="count", area="nr")
    >>> open_map_layer(Path("estates.geojson"), spec, report := Report()) is None, len(report.errors)
    (True, 1)
    """
    layer = None if spec.sheet is None else str(spec.sheet)
    opened = open_layer(file, layer=layer, report=report)
    if opened is None:
        return None
    header = opened.columns

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        features = read_layer(opened, columns=[header[position] for position in positions], report=report)
        if features is None:
            return
        columns: dict[str, Any] = {
            f"c{position}": _as_polars(features.table[header[position]]) for position in positions
        }
        columns[ROW] = pl.Series(features.rows.tolist(), dtype=pl.Int64)
        yield pl.DataFrame(columns)

    return Source(header, batches, both_marks=True)


def _as_polars(values: pd.Series[Any]) -> pl.Series:
    """A column of whole numbers, of numbers, or of texts; what is missing is null."""
    if pd.api.types.is_bool_dtype(values):
        return pl.Series(values.to_list(), dtype=pl.Boolean)
    if pd.api.types.is_numeric_dtype(values):
        numbers = pl.Series([None if pd.isna(value) else float(value) for value in values], dtype=pl.Float64)
        whole_numbers = ((numbers == numbers.floor()) & (numbers.abs() < 2**53)).fill_null(True).all()
        return numbers.cast(pl.Int64) if whole_numbers else numbers
    return pl.Series([text or None for text in texts(values)], dtype=pl.String)
