"""What a Parquet file says itself of its columns: smallest and largest value, and how many rows have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.registers.checks.person_bounds import Span
from geo_bosoc.registers.readers.parquet_footer import sound_statistics


def column_spans(path: Path, columns: Mapping[str, str]) -> tuple[int, dict[str, Span]]:
    """The rows of a file, and the span of each column (our name = the file's) that the file has statistics of."""
    try:
        with pq.ParquetFile(path) as file:
            spans = {name: _span(counted) for name, counted in sound_statistics(file, columns).items()}
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
