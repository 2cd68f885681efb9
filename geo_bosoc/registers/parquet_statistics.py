"""What a Parquet file says itself of its columns: smallest and largest value, and how many rows have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.registers.checks.person_bounds import Span


def column_spans(path: Path, columns: Mapping[str, str]) -> tuple[int, dict[str, Span]]:
    """The rows of a file, and the span of each column (our name = the file's) that the file has statistics of."""
    try:
        with pq.ParquetFile(path) as file:
            spans = {name: _span(counted) for name, counted in _sound_statistics(file, columns).items()}
            return int(file.metadata.num_rows), {
                name: span for name, span in spans.items() if span is not None
            }
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return 0, {}


def _span(counted: list[Any]) -> Span | None:
    """Over all row groups; None where one of them says nothing."""
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


def _sound_statistics(file: pq.ParquetFile, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """Each column's statistics (our name = the file's), one a row group; None among them where a group has none.

    Columns that the file does not have, or whose parts are of another type than its footer says (a damaged file), are
    left out: Arrow ends the whole process when it is asked for these.
    """
    about = file.metadata
    places = {about.schema.column(at).path: at for at in range(about.num_columns)}
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    statistics: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if column not in places:
            continue
        place = places[column]
        chunks = [group.column(place) for group in groups]
        kind = about.schema.column(place).physical_type
        if chunks and all(chunk.physical_type == kind for chunk in chunks):
            statistics[name] = [chunk.statistics for chunk in chunks]
    return statistics
