"""A register read twice: the same file under two names, or the same rows in two files, would count everybody double."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.sources import ROW
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
                    f"the files of {other.period} and {file.period} are the same, byte by byte.",
                    file=file.path,
                    key=where,
                    hint="Is one of them a copy that was meant to be replaced?",
                )
            elif spec.unit == "address":
                report.warn(f"the file is a copy of {other.name}.", file=file.path, key=where)
            else:
                report.error(
                    f"the file is a copy of {other.name}: all of its rows would count twice.",
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
            own = np.sort(rows.to_numpy())
            for other, theirs in hashes:
                if _same(own, theirs, keyed=keyed):
                    report.error(
                        f"the file holds the same rows as {other.name}: they would count twice.",
                        file=file.path,
                        hint="Leave one of the two files out of path.",
                    )
            hashes.append((file, own))


def _same(first: np.ndarray, other: np.ndarray, *, keyed: bool) -> bool:
    least = min(len(first), len(other))
    if least < LEAST_ROWS:
        return False
    if np.array_equal(first, other) and len(np.unique(first)) >= LEAST_ROWS:
        return True
    return keyed and len(np.intersect1d(first, other)) >= SAME_ROWS * least


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
