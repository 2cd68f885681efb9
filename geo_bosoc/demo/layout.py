"""Where houses and entrances stand: patterns of points laid into a plot, with streets and house numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo_bosoc.demo.shapes import Floats

Ints = NDArray[np.int64]
Kind = Literal["estate", "city", "villa", "terrace", "block", "village", "farm", "harbour", "hall", "care"]
Pattern = Literal["rows", "courts", "towers", "terraces", "houses", "city", "single"]

PATTERN: Final[dict[str, Pattern]] = {
    "city": "city",
    "villa": "houses",
    "terrace": "terraces",
    "block": "rows",
    "village": "houses",
    "harbour": "towers",
    "hall": "towers",
    "care": "single",
}


@dataclass(frozen=True)
class Spots:
    """Entrances in a plot: `xy` (n, 2) local metres, `street` (which of the plot's streets, from 0),
    `number`.
    """

    xy: Floats
    street: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.xy)

    def first(self, count: int) -> Spots:
        """The first `count` of them, whole streets before parts."""
        return Spots(self.xy[:count], self.street[:count], self.number[:count])

    def some(self, keep: NDArray[np.bool_]) -> Spots:
        """Those that `keep` says."""
        return Spots(self.xy[keep], self.street[keep], self.number[keep])


def _turned(u: Floats, v: Floats, turn: float, middle: Floats) -> Floats:
    c, s = np.cos(turn), np.sin(turn)
    return np.column_stack([u * c - v * s, u * s + v * c]) + middle


def _pattern(pattern: Pattern, reach: float, rng: np.random.Generator) -> tuple[Floats, Floats, Ints, Ints]:
    """Points (u along the street, v across), street and number over a square of half-width `reach`."""
    if pattern in ("houses", "rows", "terraces"):
        step, rows, gap = {"houses": (23.5, 76.0, 0), "rows": (16.5, 88.0, 5), "terraces": (8.8, 58.0, 7)}[
            pattern
        ]
        setback = {"houses": 18.0, "rows": 21.0, "terraces": 13.0}[pattern]
        columns = np.arange(-int(reach / step), int(reach / step) + 1)
        streets = np.arange(-int(reach / rows) - 1, int(reach / rows) + 2)
        column, street, side = (a.ravel() for a in np.meshgrid(columns, streets, [0, 1], indexing="ij"))
        keep = np.ones(len(column), dtype=bool) if gap == 0 else (column + street * 2 + side) % gap != gap - 1
        shift = rng.uniform(-step, step, len(streets))[street - streets[0]]
        u = column * step + shift
        v = street * rows + np.where(side == 0, -setback, setback)
        if pattern == "houses":
            u, v = u + rng.normal(0, 2.2, len(u)), v + rng.normal(0, 2.0, len(v))
            keep &= rng.random(len(u)) > 0.04
        number = 2 * (column - columns[0]) + side + 1
        return u[keep], v[keep], (street - streets[0])[keep].astype(np.int64), number[keep].astype(np.int64)
    if pattern == "towers":
        side = np.arange(-int(reach / 64), int(reach / 64) + 1)
        i, j = (a.ravel() for a in np.meshgrid(side, side, indexing="ij"))
        return (
            (i * 64.0 + 18.0 * (j % 2)).astype(np.float64),
            (j * 64.0).astype(np.float64),
            np.zeros(len(i), dtype=np.int64),
            np.arange(1, len(i) + 1, dtype=np.int64),
        )
    # Blocks about a court: entrances along the four sides of each.
    wide, deep, road = (74.0, 48.0, 20.0) if pattern == "courts" else (62.0, 44.0, 15.0)
    along, across = np.arange(6.0, wide, 14.5), np.arange(8.0, deep, 14.5)
    ring_u = np.concatenate([along, along, np.full(len(across), 0.0), np.full(len(across), wide)])
    ring_v = np.concatenate([np.full(len(along), 0.0), np.full(len(along), deep), across, across])
    blocks_u = np.arange(-int(reach / (wide + road)) - 1, int(reach / (wide + road)) + 2)
    blocks_v = np.arange(-int(reach / (deep + road)) - 1, int(reach / (deep + road)) + 2)
    i, j, k = (a.ravel() for a in np.meshgrid(blocks_u, blocks_v, np.arange(len(ring_u)), indexing="ij"))
    street = (j - blocks_v[0]).astype(np.int64)
    number = ((i - blocks_u[0]) * len(ring_u) + k + 1).astype(np.int64)
    return i * (wide + road) + ring_u[k], j * (deep + road) + ring_v[k], street, number


def lay_out(
    plot: BaseGeometry, pattern: Pattern, turn: float, rng: np.random.Generator, margin: float = 7.0
) -> Spots:
    """Entrances of a pattern that stand inside the plot, at least `margin` metres from its edge, by street.

    House numbers start at 1 on each side of each street and leave no holes but those of odd and even sides.
    """
    middle = np.array(plot.centroid.coords[0])
    if pattern == "single":
        inside = np.array(plot.representative_point().coords[0])
        return Spots(inside[None, :], np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))
    west, south, east, north = plot.bounds
    reach = 0.5 * float(np.hypot(east - west, north - south)) + 60
    u, v, street, number = _pattern(pattern, reach, rng)
    xy = np.round(_turned(u, v, turn, middle), 1)
    inner = plot.buffer(-margin)
    shapely.prepare(inner)
    keep = shapely.contains_xy(inner, xy[:, 0], xy[:, 1])
    xy, street, number = xy[keep], street[keep], number[keep]
    order = np.lexsort((number, street))
    xy, street, number = xy[order], street[order], number[order]
    streets, street = np.unique(street, return_inverse=True)
    out = number.copy()
    for i in range(len(streets)):
        for odd in (0, 1):
            side = np.flatnonzero((street == i) & (number % 2 == odd))
            out[side] = 2 * np.arange(len(side)) + (1 if odd else 2)
    order = np.lexsort((out, street))
    return Spots(xy[order], street[order].astype(np.int64), out[order])
