"""Damaged files: what the readers beneath raise of them is told as the file's fault, not as ours."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import PARQUET

READING_FAILED: Final = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    pa.ArrowException,
    OSError,
)
"""What reading a damaged file may raise."""


def is_damage(error: BaseException) -> bool:
    """Whether an exception tells of a Parquet file's own bytes."""
    if isinstance(error, pl.exceptions.PanicException):
        return True
    return isinstance(error, pl.exceptions.ComputeError) and str(error).startswith("parquet:")


def tell_damaged(files: Iterable[Path], report: Report) -> bool:
    """Errors for those of the files that cannot be read to the end; whether there was any."""
    before = len(report.errors)
    for file in files:
        if file.suffix.lower() not in PARQUET:
            continue
        try:
            pq.ParquetFile(file).close()
            for name in pl.scan_parquet(file).collect_schema():
                pl.scan_parquet(file).select(pl.col(name).null_count()).collect(engine="streaming")
                pl.scan_parquet(file).select(pl.col(name).last()).collect(engine="streaming")
        except READING_FAILED:
            report.error(
                "this Parquet file is damaged: it cannot be read to the end.",
                file=file,
                hint="Copy or fetch it again.",
            )
    return len(report.errors) > before


def tell_unreadable_columns(
    frame: pl.LazyFrame, columns: dict[str, str], file: Path, report: Report
) -> set[str]:
    """Columns of types that hold no text, number or date are errors; returns those with text kept as bytes.

    Parameters
    ----------
    frame : the file's columns.
    columns : those to look at, by our own name.
    """
    schema = frame.collect_schema()
    as_text: set[str] = set()
    for name, written in columns.items():
        dtype = schema[written]
        value = pl.col(written)
        if dtype.is_nested():
            report.error("this column holds lists or records.", file=file, column=written)
        elif dtype in (pl.Duration, pl.Time, pl.Object):
            report.error("this column holds times of day or durations.", file=file, column=written)
        elif dtype == pl.Binary:
            if not _is_text(frame.select(value.cast(pl.String))):
                report.error(
                    "this column holds binary data.",
                    file=file,
                    column=written,
                    hint="Write it as text or numbers, or choose another column.",
                )
            else:
                as_text.add(name)
        elif dtype in (pl.UInt64, pl.Int128, pl.UInt128):
            too_large = (value.max() > 2**63 - 1) | (value.min() < -(2**63))
            if frame.select(too_large).collect(engine="streaming").item():
                report.error(
                    "this column holds whole numbers of more than 18 digits.",
                    file=file,
                    column=written,
                    hint="Write them as text if they are ids.",
                )
    return as_text


def _is_text(frame: pl.LazyFrame) -> bool:
    """Whether bytes that become text are text."""
    try:
        frame.select(pl.all().null_count()).collect(engine="streaming")
    except pl.exceptions.ComputeError as error:
        if is_damage(error):
            raise
        return False
    return True
