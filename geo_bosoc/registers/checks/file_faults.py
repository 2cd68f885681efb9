"""Files that are faulty as a whole: damaged, or read twice, so that everybody would be counted double.

What the libraries raise of damaged files is reported as the file's fault, not as ours. The same file may stand there
under two names, and the same rows in two files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.files import PARQUET, ROW, RegisterFile
from geo_bosoc.registers.spec import RegisterSpec

SAME_ROWS: Final = 0.5
"""From this share of the smaller file's rows on, two files with keys hold the same rows."""

LEAST_ROWS: Final = 5


def tell_copies(files: Sequence[RegisterFile], spec: RegisterSpec, report: Report, key: str | None) -> None:
    """Files of the same bytes: an error where both are counted in one period, a warning where each has its own."""
    sizes: dict[int, list[RegisterFile]] = {}
    for file in files:
        sizes.setdefault(file.path.stat().st_size, []).append(file)
    for same_size in (group for group in sizes.values() if len(group) > 1):
        first: dict[bytes, RegisterFile] = {}
        for file in same_size:
            digest = _digest(file.path)
            other = first.setdefault(digest, file)
            if other is file:
                continue
            where = f"{key}.path" if key else "path"
            if other.period != file.period:
                report.warn(
                    phrase(
                        "the files of {period} and {other_period} are the same, byte by byte.",
                        period=other.period,
                        other_period=file.period,
                    ),
                    file=file.path,
                    key=where,
                    hint="Is one of them a copy that was meant to be replaced?",
                )
            elif spec.unit == "address":
                report.warn(
                    phrase("the file is a copy of {name}.", name=other.name), file=file.path, key=where
                )
            else:
                report.error(
                    phrase(
                        "the file is a copy of {name}: all of its rows would count twice.", name=other.name
                    ),
                    file=file.path,
                    key=where,
                    hint="Move one of them out of the folder, or name the files one by one.",
                )


def tell_same_rows(
    frames: Sequence[tuple[RegisterFile, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> None:
    """Files of one period that hold the same rows, in whatever format, are an error.

    Rows with a key are the same where key and columns are; without one only files that hold the same rows throughout
    are copies, since rows of few columns are alike by chance.
    """
    by_period: dict[str | None, list[tuple[RegisterFile, pl.LazyFrame]]] = {}
    for file, frame in frames:
        by_period.setdefault(file.period, []).append((file, frame))
    keyed = spec.id is not None or spec.person is not None
    for group in (group for group in by_period.values() if len(group) > 1):
        hashes: list[tuple[RegisterFile, np.ndarray]] = []
        for file, frame in group:
            columns = sorted(name for name in frame.collect_schema().names() if name != ROW)
            rows = frame.select(pl.struct(columns).hash().alias("hash")).collect(engine="streaming")["hash"]
            file_hashes = np.sort(rows.to_numpy())
            for other, other_hashes in hashes:
                if _are_same(file_hashes, other_hashes, keyed=keyed):
                    report.error(
                        phrase(
                            "the file holds the same rows as {name}: they would count twice.", name=other.name
                        ),
                        file=file.path,
                        hint="Leave one of the two files out of path.",
                    )
            hashes.append((file, file_hashes))


def _are_same(first: np.ndarray, other: np.ndarray, *, keyed: bool) -> bool:
    least = min(len(first), len(other))
    if least < LEAST_ROWS:
        return False
    if np.array_equal(first, other) and len(np.unique(first)) >= LEAST_ROWS:
        return True
    return keyed and len(np.intersect1d(first, other)) >= SAME_ROWS * least


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


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

    `columns` are those to look at, the name in the file by our own.
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
