"""The statistics in a Parquet file's footer, asked for where Arrow can answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def sound_statistics(file: pq.ParquetFile, columns: Mapping[str, str]) -> dict[str, list[Any]]:
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


def columns_without_gaps(path: Path, columns: Mapping[str, str]) -> frozenset[str]:
    """The columns that miss no value, as the file itself says."""
    with pq.ParquetFile(path) as file:
        return frozenset(
            name
            for name, counted in sound_statistics(file, columns).items()
            if all(each is not None and each.has_null_count and each.null_count == 0 for each in counted)
        )
