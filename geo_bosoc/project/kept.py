"""Located addresses, kept between runs: which rows of an address table lie in which areas, and nothing else.

A run over the same addresses and boundaries takes them from the project's folder ``.geo_bosoc``. What is kept is
found by its content: a hash over every key (text by a hash of 64 bits of its own; a row's number where each row is an
address), coordinate, area id and vertex, and the versions of what decides. Any change gives another hash, so that
nothing stale can be used. A file holds row numbers and area ids; no address, no key and no coordinate.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
import shapely

import geo_bosoc
from geo_bosoc.atomic_write.write import OutputNotWritten, atomic_file
from geo_bosoc.locate.join import locate
from geo_bosoc.problems import Problem, Report

FOLDER: Final = ".geo_bosoc"
"""The folder in the project's own, left out of version control."""

MOST_FILES: Final = 24
"""The files that stay, the last used ones."""

_FORMAT: Final = b"geo_bosoc located 1\n"
_DIGEST: Final = 32
_SUFFIX: Final = ".located"
_AREAS: Final = 500
"""Outlines that are hashed at a time."""


def locate_kept(
    points: pl.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    keys: Sequence[str],
    folder: Path | None,
    fresh: bool = False,
    distinct: bool = False,
    digest: Callable[[], bytes] | None = None,
    report: Report,
    later: list[Callable[[], None]] | None = None,
) -> pl.DataFrame:
    """`geo_bosoc.locate.join.locate`, taken from `folder` where the same was located before; the same result
    either way.

    Parameters
    ----------
    points, areas, keys, distinct, report : as in `geo_bosoc.locate.join.locate`; coordinates in the columns x and y.
    folder : where results are kept; None keeps nothing.
    fresh : locate anew, whatever is kept, and keep the new result.
    digest : gives that of the points (`points_digest`), for several layers the same.
    later : takes what writes the result, for the caller to call; left out, it is written at once.

    Notes
    -----
    A file that does not hold what it should is told as a note and located anew. A folder that cannot be written
    costs time the next time, no more.
    """
    if folder is None:
        return locate(points, areas, key=list(keys), distinct=distinct, report=report)
    digest_of_points = digest or (lambda: points_digest(points, keys))

    def file() -> Path:
        return folder / f"{content_key(digest_of_points(), areas)}{_SUFFIX}"

    if not fresh and any(folder.glob(f"*{_SUFFIX}")):  # else the key is not asked for before there is time
        located = _taken(file(), points, keys, report)
        if located is not None:
            return located
    told = Report()
    located = locate(points, areas, key=list(keys), distinct=distinct, report=told)
    told.settle(report)
    if told.errors:
        return located

    named = digest_of_points()
    rows, ids = _rows(located, points, keys), located["area_id"].dtype.categories.to_list()  # type: ignore[attr-defined]

    def write() -> None:  # holds none of the points, which may be many
        with contextlib.suppress(OSError, OutputNotWritten):
            _write(folder / f"{content_key(named, areas)}{_SUFFIX}", rows, ids, told)
            _sweep(folder)

    if later is None:
        write()
    else:
        later.append(write)
    return located


def _taken(file: Path, points: pl.DataFrame, keys: Sequence[str], report: Report) -> pl.DataFrame | None:
    """What was kept in a file; None where there is none, or a damaged one, which is told."""
    if not file.exists():
        return None
    try:
        located, told = _read(file, points, keys)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        report.note("what was kept of the located addresses is damaged; they were located anew.", file=file)
        return None
    told.settle(report)
    with contextlib.suppress(OSError):
        os.utime(file)
    return located


def points_digest(points: pl.DataFrame, keys: Sequence[str]) -> bytes:
    """A hash over the points' keys and coordinates, in their order."""
    made = hashlib.blake2b(digest_size=_DIGEST)
    made.update(json.dumps([list(keys), points.height]).encode())
    for name in dict.fromkeys([*keys, "x", "y"]):
        _add_column(made, points[name])
    return made.digest()


def content_key(digest: bytes, areas: gpd.GeoDataFrame) -> str:
    """What the result depends on, as 32 hexadecimal digits: the points, by their `points_digest`, the areas' ids and
    outlines, and the versions of this package, Polars, shapely and GEOS."""
    made = hashlib.blake2b(_FORMAT, digest_size=16)
    versions = (geo_bosoc.__version__, pl.__version__, shapely.__version__, shapely.geos_version_string)
    made.update(json.dumps([versions, len(areas)]).encode())
    made.update(digest)
    names, shapes = areas["area_id"].tolist(), areas.geometry.to_numpy()
    for first in range(0, len(areas), _AREAS):
        part = slice(first, first + _AREAS)
        for name, shape in zip(names[part], shapely.to_wkb(shapes[part]), strict=True):
            outline = shape or b""
            made.update(json.dumps([str(name), len(outline)]).encode())
            made.update(outline)
    return made.hexdigest()


def _add_column(made: Any, column: pl.Series) -> None:
    """A column's values in bytes that do not depend on how they lie in memory."""
    made.update(f"{column.name} {column.dtype} ".encode())
    made.update(np.packbits(column.is_null().to_numpy()).tobytes())
    if column.dtype.is_numeric():
        made.update(np.ascontiguousarray(column.fill_null(0).to_numpy()).tobytes())
        return
    made.update(column.cast(pl.String).hash().to_numpy().tobytes())


def _rows(located: pl.DataFrame, points: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """What was located by the points' row numbers: ``row``, and the place of each area in the list of ids."""
    code = pl.col("area_id").to_physical()
    if located.select(keys).equals(points.select(keys)):  # each in one area, as in a whole country
        return located.select(code).with_row_index("row")
    rows = points.select(keys).with_row_index("row").unique(list(keys), keep="first")
    return located.join(rows, on=list(keys), how="left", maintain_order="left").select("row", code)


def _write(file: Path, rows: pl.DataFrame, ids: Sequence[str], told: Report) -> None:
    payload = io.BytesIO()
    head = {"facts": told.facts, "problems": [asdict(problem) for problem in told.problems]}
    line = json.dumps({**head, "ids": ids})
    payload.write(line.encode() + b"\n")
    rows.write_parquet(payload, compression="lz4")
    body = payload.getvalue()
    file.parent.mkdir(parents=True, exist_ok=True)
    ignored = file.parent / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    with atomic_file(file) as draft:
        draft.write_bytes(_FORMAT + hashlib.blake2b(body, digest_size=_DIGEST).digest() + body)


def _read(file: Path, points: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Report]:
    whole = file.read_bytes()
    start = len(_FORMAT) + _DIGEST
    body = whole[start:]
    if whole[:start] != _FORMAT + hashlib.blake2b(body, digest_size=_DIGEST).digest():
        raise ValueError(file.name)
    line, _, table = body.partition(b"\n")
    head = json.loads(line)
    places = pl.read_parquet(io.BytesIO(table))
    names = pl.Enum(head["ids"])
    area = pl.Series("area_id", head["ids"], dtype=names).gather(places["area_id"])
    told = Report([Problem(**problem) for problem in head["problems"]], head["facts"])
    return points.select(keys)[places["row"]].with_columns(area), told


def _sweep(folder: Path) -> None:
    """Only the last used files stay."""
    files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST_FILES:]:
        file.unlink(missing_ok=True)
