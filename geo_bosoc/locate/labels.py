"""Location labels: where points lie, as counting needs it. One label a point, and what each label stands for.

Points with the same areas, on the same side of the outline, share a label. A register joined with labels is read
once; areas, the municipality and all areas together are then sums over labels.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.locate.address_keys import Frame, all_differ, distinct_points, key_columns, point_columns
from geo_bosoc.locate.join import locate
from geo_bosoc.problems import Report

MATCH_STATUSES: Final = (
    "in_one_area",
    "in_several_areas",
    "in_no_area",
    "outside_municipality",
    "without_coordinates",
    "address_not_found",
    "without_address",
)
"""What may become of a register's row; each row has exactly one."""

LabelCodes = np.ndarray[tuple[int], np.dtype[np.uint16 | np.uint32]]

WITHOUT: Final = 0
"""Label for rows without an address (or without coordinates, where these are the address)."""

NOT_FOUND: Final = 1
"""Label of rows whose address is not in the table."""

_FIRST: Final = 2
_SECOND_SEED: Final = 1


@dataclass(frozen=True)
class Labels:
    """Labels of a set of points.

    Attributes
    ----------
    keys : tuple of str
        The columns that name a point.
    points : DataFrame
        The keys and ``label`` (UInt32); one row a point.
    labels : DataFrame
        ``label, status`` (place in `MATCH_STATUSES`), ``inside`` the outline; sorted,
        from 0.
    areas : DataFrame
        ``label, area_id``: a row for each area that a label stands for.
    """

    keys: tuple[str, ...]
    points: pl.DataFrame
    labels: pl.DataFrame
    areas: pl.DataFrame

    @functools.cached_property
    def label_of(self) -> LabelCodes:
        """The label of each point by its number; then that of no known point, and that of rows without a key."""
        dtype = np.uint16 if self.labels.height < 2**16 else np.uint32
        return np.concatenate(
            [self.points["label"].to_numpy().astype(dtype), np.array([NOT_FOUND, WITHOUT], dtype)]
        )

    @functools.cached_property
    def status_of(self) -> LabelCodes:
        """The match status of each label, its place in `MATCH_STATUSES`."""
        return self.labels["status"].to_numpy().astype(np.uint16)

    @functools.cached_property
    def _hashed_points(self) -> tuple[pl.DataFrame, npt.NDArray[np.uint64]] | None:
        """Where the one key is text and no two of its hashes are the same: ``@hash, @point``, and by point a second
        hash."""
        if len(self.keys) != 1 or self.points.schema[self.keys[0]] != pl.String:
            return None
        key = pl.col(self.keys[0])
        hashes = self.points.select(key.hash().alias("@hash")).with_row_index("@point")
        if hashes["@hash"].n_unique() < hashes.height:
            return None
        return hashes, self.points.select(key.hash(_SECOND_SEED)).to_series().to_numpy()

    def numbers_of(self, frame: pl.LazyFrame) -> npt.NDArray[np.uint32]:
        """By row, the number of its point in `points`, or behind these one for rows whose key is not among them and one
        for rows without a key.

        Text is joined by a hash of 64 bits, and each match confirmed by a second one, which takes half of the time
        (``benchmarks/RESULTS.md``). The rows are joined in any order and their numbers put back in theirs.
        """
        schema, keys = frame.collect_schema(), list(self.keys)
        missing = pl.any_horizontal(pl.col(name).is_null() for name in keys).alias("@missing")
        hashed = self._hashed_points if schema[keys[0]] == pl.String else None
        if hashed is not None:
            table, second = hashed
            key = pl.col(keys[0])
            rows = frame.select(key.hash().alias("@hash"), key.hash(_SECOND_SEED).alias("@second"), missing)
            on = ["@hash"]
        else:
            table = self.points.with_row_index("@point").select(
                *(pl.col(name).cast(schema[name], strict=False) for name in keys), "@point"
            )
            rows, on = frame.select(*keys, missing), keys
        joined = rows.with_row_index("@row").join(table.lazy(), on=on, how="left").drop(on)
        nowhere = pl.lit(self.points.height, dtype=pl.UInt32)
        point = pl.when("@missing").then(nowhere + 1).otherwise(pl.col("@point").fill_null(nowhere))
        placed = (
            joined.with_columns(point.cast(pl.UInt32).alias("@point"))
            .drop("@missing")
            .collect(engine="streaming")
        )
        points = placed["@point"].to_numpy(writable=True)
        if hashed is not None:
            matched = np.flatnonzero(points < self.points.height)
            clash = second[points[matched]] != placed["@second"].to_numpy()[matched]
            points[matched[clash]] = self.points.height
        numbers = np.empty(placed.height, np.uint32)
        numbers[placed["@row"].to_numpy()] = points
        return numbers


def label_addresses(
    addresses: Frame,
    areas: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None = None,
    *,
    on: str | Sequence[str] = "address_id",
    report: Report | None = None,
) -> Labels:
    """Locate addresses once, and label each by the areas that it lies in: what registers are counted by.

    Parameters
    ----------
    addresses : DataFrame or LazyFrame
        The address table: its key columns, ``x`` and ``y`` in EPSG:25832. The rows of one key are one address.
    areas : GeoDataFrame
        ``area_id`` and polygons in EPSG:25832 (`geo_bosoc.read_areas`); they may overlap.
    outline : GeoDataFrame, optional
        The municipality's outline, for the match report and for whom the municipality's figures count.
    on : str or sequence of str
        The key columns; the coordinates themselves, ``["x", "y"]``, will do.
    report : Report, optional
        Collects problems and, as the fact ``located``, the counts; without it warnings are issued.

    Returns
    -------
    Labels
        For `geo_bosoc.count_indicators` and `geo_bosoc.match_report`.

    Raises
    ------
    InputError
        As `geo_bosoc.locate`.

    Examples
    --------
    >>> import shapely
    >>> square = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=25832)
    >>> addresses = pl.DataFrame({"address_id": ["1", "2"], "x": [50.0, 500.0], "y": [50.0, 50.0]})
    >>> label_addresses(addresses, square, report=Report()).areas["area_id"].to_list()
    ['a']
    """
    keys = key_columns(on)
    inner_report = Report()
    frame = point_columns(addresses, keys, "x", "y", inner_report)
    if frame is None:
        inner_report.hand_over(report)
        nowhere = pl.DataFrame(schema={**dict.fromkeys(keys, pl.String), "area_id": pl.String})
        return label_points(keys, nowhere.select(keys).with_columns(x=0.0, y=0.0), nowhere, None)
    frame, _, _ = distinct_points(frame, keys, "x", "y")
    located, inside = locate_and_label(frame, keys, areas, outline, inner_report)
    inner_report.hand_over(report)
    return label_points(keys, frame, located, inside)


def locate_and_label(
    points: pl.DataFrame,
    keys: Sequence[str],
    areas: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None,
    report: Report,
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The areas of each point (`geo_bosoc.locate.join.locate`), and the keys of the points inside the outline.

    Parameters
    ----------
    points : DataFrame
        The key columns, ``x`` and ``y``.
    keys : sequence of str
        The columns that name a point.
    areas, outline : GeoDataFrame
        EPSG:25832; without an outline the second part of the result is None.
    report : Report
        What there is to know of the areas' points.
    """
    located = locate(points, areas, on=keys, report=report)
    if outline is None:
        return located, None
    return located, locate(points, outline, on=keys, report=Report()).select(list(keys))


def label_points(
    keys: Sequence[str],
    points: pl.DataFrame,
    located: pl.DataFrame,
    inside: pl.DataFrame | None,
    placed: pl.Series | None = None,
) -> Labels:
    """Label points.

    Parameters
    ----------
    keys : sequence of str
        The columns that name a point.
    points : DataFrame
        The key columns, ``x`` and ``y``; rows of one key are one point, rows without a key are left out.
    placed : Series of bool, optional
        Which of the points have coordinates; by default those whose ``x`` and ``y`` are finite.
    located : DataFrame
        The key columns and ``area_id``, a row for each area of a point (`geo_bosoc.locate.join.locate`).
    inside : DataFrame or None
        The keys of the points inside the outline; None where no outline is known.
    """
    by = list(keys)
    finite = pl.col("x").is_finite() & pl.col("y").is_finite() if placed is None else pl.lit(placed)
    rows = points.lazy().select(*by, finite.fill_null(False).alias("placed")).drop_nulls(by)
    frame = rows.collect(engine="streaming")
    if not all_differ(frame, by):
        frame = rows.group_by(by, maintain_order=True).agg(pl.col("placed").any()).collect(engine="streaming")
    base, combined = _area_sets(frame, located, by)
    within = np.ones(frame.height, dtype=bool)
    if inside is not None and not _same(frame, inside, by):
        flagged = inside.select(by).unique().with_columns(pl.lit(True).alias("within"))
        joined = frame.select(by).join(flagged, on=by, how="left", maintain_order="left", nulls_equal=True)
        within = joined["within"].fill_null(False).to_numpy()
    codes = base * 4 + frame["placed"].to_numpy() * 2 + within
    kinds = np.flatnonzero(np.bincount(codes))
    label_of = np.zeros(codes.max(initial=0) + 1, dtype=np.uint32)
    label_of[kinds] = np.arange(len(kinds)) + _FIRST
    number = pl.Series("label", label_of[codes])
    return Labels(tuple(keys), frame.select(*keys, number), _labels(kinds, combined), _areas(kinds, combined))


def _same(frame: pl.DataFrame, other: pl.DataFrame, keys: list[str]) -> bool:
    """The same keys in the same order."""
    return other.height == frame.height and frame.select(keys).equals(other.select(keys))


def _area_sets(
    frame: pl.DataFrame, located: pl.DataFrame, keys: list[str]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[list[str]]]:
    """For each point the number of its areas in a list of sets of areas, 0 being none; and that list."""
    area_ids = located["area_id"]
    area_dtype = area_ids.dtype if isinstance(area_ids.dtype, pl.Enum) else pl.Enum(area_ids.unique().sort())
    codes_of = area_ids.cast(area_dtype).to_physical().to_numpy().astype(np.int64)
    used = np.flatnonzero(np.bincount(codes_of, minlength=len(area_dtype.categories)))
    ids = area_dtype.categories[used].sort()
    number = np.zeros(len(area_dtype.categories), dtype=np.int64)
    number[used] = ids.search_sorted(area_dtype.categories[used]) + 1
    codes = located.select(keys).with_columns(pl.Series("area", number[codes_of]))
    sets: list[list[str]] = [[], *([name] for name in ids)]
    if _same(frame, codes, keys):  # each in one area, as in a whole country
        return codes["area"].to_numpy(), sets
    if not all_differ(codes, keys):
        grouped = (
            codes.group_by(keys).agg(pl.col("area").sort()).with_columns(pl.col("area").list.len().alias("n"))
        )
        several = grouped.filter(pl.col("n") > 1)
        distinct = several.select("area").unique().sort("area").with_row_index("number", offset=len(sets))
        sets += [[ids[place - 1] for place in row] for row in distinct["area"].to_list()]
        codes = pl.concat(
            [
                grouped.filter(pl.col("n") == 1).select(*keys, pl.col("area").list.first().cast(pl.Int64)),
                several.join(distinct, on="area").select(
                    *keys, pl.col("number").cast(pl.Int64).alias("area")
                ),
            ]
        )
    joined = frame.select(keys).join(codes, on=keys, how="left", maintain_order="left", nulls_equal=True)
    return joined["area"].cast(pl.Int64).fill_null(0).to_numpy(), sets


def _labels(kinds: np.ndarray[tuple[int], np.dtype[np.int64]], sets: list[list[str]]) -> pl.DataFrame:
    """What became of each label's points; the first two labels have none."""
    number_of_areas = np.array([len(sets[kind // 4]) for kind in kinds], dtype=np.int64)
    placed, inside = (kinds // 2) % 2 == 1, kinds % 2 == 1
    conditions = [number_of_areas == 1, number_of_areas > 1, ~placed, ~inside]
    names = ("in_one_area", "in_several_areas", "without_coordinates", "outside_municipality")
    status = np.select(
        conditions, [MATCH_STATUSES.index(name) for name in names], MATCH_STATUSES.index("in_no_area")
    )
    first = [MATCH_STATUSES.index("without_address"), MATCH_STATUSES.index("address_not_found")]
    return pl.DataFrame(
        {
            "label": pl.Series(np.arange(len(kinds) + _FIRST), dtype=pl.UInt32),
            "status": pl.Series([*first, *status.tolist()], dtype=pl.Int8),
            "inside": pl.Series([False, False, *inside.tolist()], dtype=pl.Boolean),
        }
    )


def _areas(kinds: np.ndarray[tuple[int], np.dtype[np.int64]], sets: list[list[str]]) -> pl.DataFrame:
    pairs = [(number + _FIRST, name) for number, kind in enumerate(kinds) for name in sets[kind // 4]]
    return pl.DataFrame(pairs, schema={"label": pl.UInt32, "area_id": pl.String}, orient="row")
