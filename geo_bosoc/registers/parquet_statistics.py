"""What a Parquet file says itself of its columns: smallest and largest value, and how many rows have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.registers.person_bounds import Span


def column_spans(path: Path, columns: Mapping[str, str]) -> tuple[int, dict[str, Span]]:
    """The rows of a file, and the span of each column (our name = the file's) that the file has statistics of."""
    try:
        with pq.ParquetFile(path) as file:
            told = file.metadata
            places = {told.schema.column(at).path: at for at in range(told.num_columns)}
            groups = [told.row_group(number) for number in range(told.num_row_groups)]
            spans = {}
            for name, column in columns.items():
                if column in places:
                    kind = told.schema.column(places[column]).physical_type
                    span = _span([group.column(places[column]) for group in groups], kind)
                    if span is not None:
                        spans[name] = span
            return int(told.num_rows), spans
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return 0, {}


def _span(chunks: list[Any], physical_type: str) -> Span | None:
    """Over all row groups; None where one of them says nothing, or the file is damaged."""
    if not chunks or any(chunk.physical_type != physical_type for chunk in chunks):
        return None
    counted = [chunk.statistics for chunk in chunks]
    if any(each is None or not each.has_null_count for each in counted):
        return None
    ordered = [each for each in counted if each.has_min_max]
    if len(ordered) != len(counted):
        return None
    return Span(
        min(each.min for each in ordered),
        max(each.max for each in ordered),
        sum(each.null_count for each in counted),
    )
