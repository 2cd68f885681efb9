"""Points located once: the areas that each lies in, found here and now or while something else is read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.project.kept import locate_kept, points_digest
from geo_bosoc.project.places import (
    ROW,
    Places,
    by_row,
    make_places,
    number_points,
)
from geo_bosoc.project.point_numbers import PointNumbers

AreasAndOutline = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]
"""The areas, and the outline where there is one."""

Later = list[Callable[[], None]]
"""What is to be written once it is known that nothing is wrong."""


@dataclass(frozen=True)
class Kept:
    """Where located addresses are kept between runs (None: nowhere); `fresh` locates them anew, and without `writes`
    what is kept is used and nothing is added."""

    folder: Path | None = None
    fresh: bool = False
    writes: bool = True


@dataclass(frozen=True)
class Placed:
    """A set of points with the areas they lie in, which of them lie inside the outline (None: no outline), and their
    `numbers`, where they were made: `located` and `inside` then name points by their rows (see
    `geo_bosoc.project.places.make_places`)."""

    keys: list[str]
    points: pl.DataFrame
    located: pl.DataFrame
    inside: pl.DataFrame | None
    numbers: PointNumbers | None = None

    def labelled(self) -> Places:
        return make_places(self.keys, self.points, self.located, self.inside, self.numbers)


def place(
    points: pl.DataFrame,
    keys: list[str],
    areas: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None,
    kept: Kept,
    report: Report,
    later: Later | None = None,
    numbers: PointNumbers | None = None,
) -> Placed:
    """Locate points in the areas and the outline; what is to be kept of it is written at once, or `later`. Points that
    have `numbers` are known to differ, and are located by their rows."""
    by, own = (keys, points) if numbers is None else ([ROW], by_row(points))
    digest = functools.cache(lambda: points_digest(own, by))

    def found(layer: gpd.GeoDataFrame, told: Report) -> pl.DataFrame:
        return locate_kept(
            own,
            layer,
            keys=by,
            folder=kept.folder,
            fresh=kept.fresh,
            distinct=numbers is not None,
            digest=digest,
            report=told,
            later=later if kept.writes else [],
        )

    located = found(areas, report)
    inside = found(outline, Report()).select(by) if outline is not None else None
    return Placed(keys, points, located, inside, numbers)


class Meanwhile:
    """The addresses of a table, located in a thread while the registers are read; what is to be kept of them is written
    in that thread too, when nothing is left to count: by then it is known that nothing is wrong with what was read, and
    there is a processor to spare.

    `layers` gives the areas and the outline, and may have to wait for them.
    """

    def __init__(self, addresses: pl.DataFrame, layers: Callable[[], AreasAndOutline], kept: Kept) -> None:
        self._report = Report()
        self._later: Later = []
        self._written: list[Future[None]] = []

        def labels() -> Places:
            keys = ["address_id"]
            numbers = number_points(addresses, keys)
            areas, outline = layers()
            return place(addresses, keys, areas, outline, kept, self._report, self._later, numbers).labelled()

        self._thread = ThreadPoolExecutor(1, thread_name_prefix="locating")
        self._made: Future[Places] | None = self._thread.submit(labels)

    def places(self, report: Report) -> Places:
        """The labels of the addresses, to be asked for once: they are not held here any longer. Problems go to
        `report`."""
        assert self._made is not None
        made, self._made = self._made.result(), None
        self._report.settle(report)
        return made

    def keep(self) -> None:
        """Begin to write what is to be kept."""
        self._written = [self._thread.submit(write) for write in self._later]
        self._later.clear()

    def close(self) -> None:
        """Wait for what is being written."""
        for written in self._written:
            written.result()
        self._thread.shutdown()
