"""Where points lie, as counting needs it: one label a point, and what each label stands for.

Points with the same areas, on the same side of the outline, share a label. A register joined with labels is read
once; areas, the municipality and all areas together are then sums over labels.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from geo_bosoc.locate.address_keys import all_differ
from geo_bosoc.locate.match_report import MATCH_STATUSES
from geo_bosoc.project.point_numbers import PointNumbers

Labels = np.ndarray[tuple[int], np.dtype[np.uint16 | np.uint32]]

WITHOUT: Final = 0
"""Label for rows without an address (or without coordinates, where these are the address)."""

NOT_FOUND: Final = 1
"""Label of rows whose address is not in the table."""

_FIRST: Final = 2

ROW: Final = "@row"
"""The key of points that are told apart by their rows (`by_row`)."""


@dataclass(frozen=True)
class Places:
    """Labels of a set of points.

    Attributes
    ----------
    keys : the columns that name a point.
    points : the keys and ``label`` (UInt32); one row a point. Without keys where `made` stands for them.
    labels : ``label, fate`` (place in `geo_bosoc.locate.match_report.MATCH_STATUSES`), ``inside`` the outline;
    sorted, from 0.
    areas : ``label, area_id``: a row for each area that a label stands for.
    made : `numbers`, where they were made before.
    """

    keys: tuple[str, ...]
    points: pl.DataFrame
    labels: pl.DataFrame
    areas: pl.DataFrame
    made: PointNumbers | None = None

    @functools.cached_property
    def numbers(self) -> PointNumbers | None:
        """Looks up the number of a point, its row in `points`. None where keys are several, no text, or the same."""
        return self.made or number_points(self.points, self.keys)

    def without_keys(self) -> Places:
        """The same without the keys' text, where `numbers` tells them: that of millions is a hundred megabytes."""
        if self.numbers is None:
            return self
        return replace(self, points=self.points.select("label"), made=self.numbers)

    @functools.cached_property
    def label_of(self) -> Labels:
        """The label of each point by its number; then that of no known point, and that of rows without a key."""
        small = np.uint16 if self.labels.height < 2**16 else np.uint32
        return np.concatenate(
            [self.points["label"].to_numpy().astype(small), np.array([NOT_FOUND, WITHOUT], small)]
        )

    @functools.cached_property
    def fate_of(self) -> Labels:
        """The fate of each label, its place in `geo_bosoc.locate.match_report.MATCH_STATUSES`."""
        return self.labels["fate"].to_numpy().astype(np.uint16)


def number_points(points: pl.DataFrame, keys: Sequence[str]) -> PointNumbers | None:
    """Looks up a point by its key: its row in `points`. None where keys are several, no text, missing, or the same."""
    if len(keys) != 1 or points.schema[keys[0]] != pl.String or points[keys[0]].null_count():
        return None
    try:
        return PointNumbers(points[keys[0]])
    except ValueError:
        return None


def by_row(points: pl.DataFrame) -> pl.DataFrame:
    """The points with their row for a key, where each row is a point of its own: numbers are quicker to handle than
    text, and stand for it."""
    return points.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW), "x", "y")


def make_places(
    keys: Sequence[str],
    points: pl.DataFrame,
    located: pl.DataFrame,
    inside: pl.DataFrame | None,
    numbers: PointNumbers | None = None,
) -> Places:
    """Label points.

    Parameters
    ----------
    points : the key columns, ``x`` and ``y``; rows of one key are one point, rows without a key are left out.
    located : the key columns and ``area_id``, a row for each area of a point (`geo_bosoc.locate.join.locate`).
    inside : the keys of the points inside the outline; None where no outline is known.
    numbers : those of `points`, where they are made already (`number_points`): all keys differ then, and none is
        missing. `located` and `inside` then name points by their `ROW`.
    """
    by = list(keys) if numbers is None else [ROW]
    there = pl.col("x").is_finite() & pl.col("y").is_finite()
    own = points if numbers is None else by_row(points)
    known = own.lazy().drop_nulls(by).select(*by, there.fill_null(False).alias("there"))
    frame = known.collect(engine="streaming")
    if numbers is None and not all_differ(frame, by):
        frame = known.group_by(by, maintain_order=True).agg(pl.col("there").any()).collect(engine="streaming")
    base, combined = _bases(frame, located, by)
    within = np.ones(frame.height, dtype=bool)
    if inside is not None and not _same(frame, inside, by):
        flagged = inside.select(by).unique().with_columns(pl.lit(True).alias("within"))
        joined = frame.select(by).join(flagged, on=by, how="left", maintain_order="left", nulls_equal=True)
        within = joined["within"].fill_null(False).to_numpy()
    codes = base * 4 + frame["there"].to_numpy() * 2 + within
    kinds = np.flatnonzero(np.bincount(codes))
    label_of = np.zeros(codes.max(initial=0) + 1, dtype=np.uint32)
    label_of[kinds] = np.arange(len(kinds)) + _FIRST
    number = pl.Series("label", label_of[codes])
    return Places(
        tuple(keys),
        (frame if numbers is None else points).select(*keys, number),
        _labels(kinds, combined),
        _areas(kinds, combined),
        numbers,
    )


def point_numbers(frame: pl.LazyFrame, places: Places) -> pl.LazyFrame:
    """The frame with each row's point as ``point`` (UInt32): its number in `Places.points`, or behind these one for
    rows whose key is not among them and one for rows without a key."""
    schema, keys = frame.collect_schema(), list(places.keys)
    if places.numbers is not None and schema[keys[0]] == pl.String:
        return frame.with_columns(places.numbers.of(keys[0]))
    table = places.points.with_row_index("point").select(
        *(pl.col(name).cast(schema[name], strict=False) for name in keys), "point"
    )
    nowhere = pl.lit(places.points.height, dtype=pl.UInt32)
    missing = pl.any_horizontal(pl.col(name).is_null() for name in keys)
    point = pl.when(missing).then(nowhere + 1).otherwise(pl.col("point").fill_null(nowhere))
    return frame.join(table.lazy(), on=keys, how="left", maintain_order="left").with_columns(
        point.cast(pl.UInt32).alias("point")
    )


def _same(frame: pl.DataFrame, other: pl.DataFrame, keys: list[str]) -> bool:
    """The same keys in the same order."""
    return other.height == frame.height and frame.select(keys).equals(other.select(keys))


def _bases(
    frame: pl.DataFrame, located: pl.DataFrame, keys: list[str]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[list[str]]]:
    """For each point the number of its areas in a list of sets of areas, 0 being none; and that list."""
    named = located["area_id"]
    listed = named.dtype if isinstance(named.dtype, pl.Enum) else pl.Enum(named.unique().sort())
    codes_of = named.cast(listed).to_physical().to_numpy().astype(np.int64)
    used = np.flatnonzero(np.bincount(codes_of, minlength=len(listed.categories)))
    ids = listed.categories[used].sort()
    number = np.zeros(len(listed.categories), dtype=np.int64)
    number[used] = ids.search_sorted(listed.categories[used]) + 1
    codes = located.select(keys).with_columns(pl.Series("area", number[codes_of]))
    sets: list[list[str]] = [[], *([name] for name in ids)]
    if _same(frame, codes, keys):  # each in one area, as in a whole country
        return codes["area"].to_numpy(), sets
    if not all_differ(codes, keys):
        many = (
            codes.group_by(keys).agg(pl.col("area").sort()).with_columns(pl.col("area").list.len().alias("n"))
        )
        several = many.filter(pl.col("n") > 1)
        distinct = several.select("area").unique().sort("area").with_row_index("number", offset=len(sets))
        sets += [[ids[place - 1] for place in row] for row in distinct["area"].to_list()]
        codes = pl.concat(
            [
                many.filter(pl.col("n") == 1).select(*keys, pl.col("area").list.first().cast(pl.Int64)),
                several.join(distinct, on="area").select(
                    *keys, pl.col("number").cast(pl.Int64).alias("area")
                ),
            ]
        )
    joined = frame.select(keys).join(codes, on=keys, how="left", maintain_order="left", nulls_equal=True)
    return joined["area"].cast(pl.Int64).fill_null(0).to_numpy(), sets


def _labels(kinds: np.ndarray[tuple[int], np.dtype[np.int64]], sets: list[list[str]]) -> pl.DataFrame:
    """What became of each label's points; the first two labels have none."""
    many = np.array([len(sets[kind // 4]) for kind in kinds], dtype=np.int64)
    there, inside = (kinds // 2) % 2 == 1, kinds % 2 == 1
    conditions = [many == 1, many > 1, ~there, ~inside]
    told = ("in_one_area", "in_several_areas", "without_coordinates", "outside_municipality")
    fate = np.select(
        conditions, [MATCH_STATUSES.index(name) for name in told], MATCH_STATUSES.index("in_no_area")
    )
    first = [MATCH_STATUSES.index("without_address"), MATCH_STATUSES.index("address_not_found")]
    return pl.DataFrame(
        {
            "label": pl.Series(np.arange(len(kinds) + _FIRST), dtype=pl.UInt32),
            "fate": pl.Series([*first, *fate.tolist()], dtype=pl.Int8),
            "inside": pl.Series([False, False, *inside.tolist()], dtype=pl.Boolean),
        }
    )


def _areas(kinds: np.ndarray[tuple[int], np.dtype[np.int64]], sets: list[list[str]]) -> pl.DataFrame:
    pairs = [(number + _FIRST, name) for number, kind in enumerate(kinds) for name in sets[kind // 4]]
    return pl.DataFrame(pairs, schema={"label": pl.UInt32, "area_id": pl.String}, orient="row")
