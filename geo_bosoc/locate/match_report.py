"""What became of the rows of a register: the location label of each row, and the match report of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from geo_bosoc.locate.address_keys import (
    Frame,
    distinct_points,
    key_columns,
    point_columns,
    with_keys_of,
)
from geo_bosoc.locate.labels import MATCH_STATUSES, NOT_FOUND, Labels, label_points
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text import find_person_numbers


def match_report(
    register: pl.LazyFrame,
    located: pl.DataFrame,
    points: Frame | None = None,
    *,
    on: str | Sequence[str] = "address_id",
    x: str = "x",
    y: str = "y",
    person: str | None = None,
    outline: gpd.GeoDataFrame | None = None,
) -> dict[str, dict[str, dict[str, int]]]:
    """Count what became of a register's rows: the first thing to look at when a figure seems wrong.

    Parameters
    ----------
    register : polars.LazyFrame
        The rows, with the key columns and ``period`` where there is one.
    located : polars.DataFrame
        What `locate` gave for `points`.
    points : polars.DataFrame, polars.LazyFrame or pandas.DataFrame, optional
        The address table, with keys and coordinates; left out where the key is the register's own coordinates.
    on : str or sequence of str
        The key columns.
    x, y : str
        The coordinate columns.
    person : str, optional
        The column that tells persons apart, where there is one.
    outline : GeoDataFrame, optional
        The municipality's polygon (or polygons together) in EPSG:25832, where there is one.

    Returns
    -------
    dict
        ``{period: {status: {"rows": n, "persons": n, "addresses": n}}}``, periods sorted (``"all"`` without
        periods), each of `MATCH_STATUSES` that occurs, in that order. A row has one status, so rows add up to the
        register's; a person or address is counted once under each status that its rows have. ``addresses``
        are distinct keys, ``persons`` is there when `person` is given. An address in an area is never
        counted as outside the municipality.

    Raises
    ------
    InputError
        A column is missing, or a key is text in one frame and a number in the other.

    Examples
    --------
    >>> points = pl.DataFrame({"address_id": ["1", "2"], "x": [50.0, 500.0], "y": [50.0, 50.0]})
    >>> located = pl.DataFrame({"address_id": ["1"], "area_id": ["a"]})
    >>> persons = pl.LazyFrame({"address_id": ["1", "1", "2"], "period": ["2024"] * 3})
    >>> match_report(persons, located, points)["2024"]["in_one_area"]
    {'rows': 2, 'addresses': 1}
    """
    keys = key_columns(on)
    report = Report()
    schema = register.collect_schema()
    table = register.select(pl.col(keys)).unique().collect(engine="streaming") if points is None else points
    frame = point_columns(table, keys, x, y, report)
    if person is not None and person not in schema:
        report.error(
            phrase('there is no column "{column}".', column=person),
            column=person,
            hint=phrase("There are: {names}.", names=", ".join(schema)),
        )
    report.raise_errors()
    assert frame is not None
    frame, _, _ = distinct_points(frame, keys, x, y)
    with_keys_of(frame, schema, keys, report)
    report.raise_errors()
    px, py = (frame[name].fill_null(float("nan")) for name in (x, y))
    inside = None
    if outline is not None and len(frame):
        shape = np.array([shapely.union_all(outline.geometry.to_numpy())], dtype=object)
        inside = frame.select(keys).filter(find_areas(px.to_numpy(), py.to_numpy(), shape).first >= 0)
    labels = label_points(keys, frame.select(keys), located, inside, placed=(px.is_finite() & py.is_finite()))
    period = pl.col("period").cast(pl.String) if "period" in schema else pl.lit("all").alias("period")
    columns = [*keys, *((person,) if person is not None and person not in keys else ())]
    # Computed here, once: a frame with a join in it may give its rows in another order each time.
    rows = register.select(*columns, period).collect(engine="streaming").lazy()
    return match_rows(LabelledRows.of(rows, labels), person, unique=False)


_NOT_FOUND: Final = MATCH_STATUSES.index("address_not_found")
_AT_A_TIME: Final = 200_000

Match = dict[str, dict[str, dict[str, int]]]
"""Rows, persons and addresses by period and match status (`geo_bosoc.locate.match_report.match_report`)."""


@dataclass(frozen=True)
class LabelledRows:
    """Some rows of a register, and where and when each of them is.

    Rows come out of a file, or of memory, in the same order each time: their labels are laid beside them.

    Attributes
    ----------
    frame : LazyFrame
        The rows.
    points : Labels
        The labels of the points that they name.
    labels : ndarray
        By row, the label of the point that it names.
    periods : list of str
        Those that occur.
    period_of : ndarray or None
        By row, the place of its period among `periods`; None where there is one period.
    named_points : ndarray of bool
        By place of the period and number of the point (`geo_bosoc.locate.labels.Labels.numbers_of`), whether a row
        names it.
    """

    frame: pl.LazyFrame
    points: Labels
    labels: npt.NDArray[np.uint16 | np.uint32]
    periods: list[str | None]
    period_of: npt.NDArray[np.uint32] | None
    named_points: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pl.LazyFrame, points: Labels, period: str | None = None) -> LabelledRows:
        """Look up where each row lies; `period` is that of all rows, where they have one."""
        periods: list[str | None] = [period]
        if period is None:
            occurring = frame.select(pl.col("period").unique()).collect(engine="streaming")
            periods = occurring["period"].sort().to_list() or [None]
        period_of = None
        if len(periods) > 1:
            places = pl.int_range(len(periods), dtype=pl.UInt32, eager=True)
            place = pl.col("period").replace_strict(pl.Series(periods), places, default=None)
            period_of = frame.select(place).collect(engine="streaming")["period"].to_numpy()
        named_points = np.zeros((len(periods), points.points.height + 2), dtype=bool)
        numbers = points.numbers_of(frame)
        named_points[0 if period_of is None else period_of, numbers] = True
        return cls(frame, points, points.label_of.take(numbers), periods, period_of, named_points)

    def unknown(self) -> pl.LazyFrame:
        """The keys of the rows whose point is not known, and their ``period``."""
        unknown = pl.DataFrame({"@unknown": self.labels == NOT_FOUND})
        keys = list(dict.fromkeys([*self.points.keys, "period"]))
        return _horizontal(unknown, self.frame.select(keys)).filter("@unknown").select(keys)

    def person_like(self) -> bool:
        """Whether a key that is not known holds a person number."""
        if not self.named_points[:, self.points.points.height].any():
            return False
        return bool(find_person_numbers.count_person_numbers(self.unknown(), self.points.keys))

    def labelled(self) -> pl.LazyFrame:
        """The rows with their label as ``area_id``."""
        return _horizontal(pl.DataFrame({"area_id": self.labels}), self.frame)


def match_rows(rows: LabelledRows, person: str | None, *, unique: bool) -> Match:
    """What became of a part's rows: rows, persons and addresses by period and match status.

    `person` is the column that tells persons apart, where there is one; `unique` says that none occurs twice in
    a period.
    """
    labels, points = rows.points, rows.points.points.height
    persons: dict[tuple[str | None, int], int] = {}
    if person and not unique:
        persons = _persons(rows, person)
    result: Match = {}
    for number, period in enumerate(rows.periods):
        named_points = rows.named_points[number]
        if not named_points.any():
            continue
        row_labels = rows.labels if rows.period_of is None else rows.labels[rows.period_of == number]
        status_of, kinds = labels.status_of, len(MATCH_STATUSES)
        by_label = _label_counts(row_labels, len(status_of))
        row_counts = np.bincount(status_of, weights=by_label, minlength=kinds)
        address_counts = np.bincount(
            status_of[labels.label_of[:points][named_points[:points]]], minlength=kinds
        )
        counts_by_status = {
            int(status): {"rows": int(row_counts[status]), "addresses": int(address_counts[status])}
            for status in np.flatnonzero(row_counts)
        }
        if named_points[points]:
            counts_by_status[_NOT_FOUND]["addresses"] = _unknown_addresses(rows, period)
        match_by_status = {}
        for status in sorted(counts_by_status):
            counted = {"rows": counts_by_status[status]["rows"]}
            if person:
                counted["persons"] = (
                    counts_by_status[status]["rows"] if unique else persons.get((period, status), 0)
                )
            match_by_status[MATCH_STATUSES[status]] = {
                **counted,
                "addresses": counts_by_status[status]["addresses"],
            }
        result[str(period)] = match_by_status
    return result


def _horizontal(matched: pl.DataFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """What was found of some rows, and beside it the rows.

    What was found stands first: what Polars learns of a plan, and the data in it, it keeps with the plan's first frame
    as long as that lives; and the rows' frame lives as long as the run.
    """
    return pl.concat([matched.lazy(), rows], how="horizontal")


def _label_counts(labels: npt.NDArray[np.uint16 | np.uint32], number: int) -> npt.NDArray[np.int64]:
    """How often each of `number` labels stands there; some at a time, since numpy makes long numbers of them first."""
    counted = np.zeros(number, np.int64)
    for first in range(0, len(labels), _AT_A_TIME):
        counted += np.bincount(labels[first : first + _AT_A_TIME], minlength=number)
    return counted


def _unknown_addresses(rows: LabelledRows, period: str | None) -> int:
    """How many different addresses of a period are not in the table."""
    addresses = rows.unknown().filter(pl.col("period").eq_missing(period)).select(list(rows.points.keys))
    return int(addresses.unique().select(pl.len()).collect(engine="streaming").item())


def _persons(rows: LabelledRows, person: str) -> dict[tuple[str | None, int], int]:
    """Distinct persons by period and match status."""
    statuses = pl.DataFrame({"@status": rows.points.status_of[rows.labels]})
    marked = _horizontal(statuses, rows.frame.select("period", person))
    counted = marked.group_by("period", "@status").agg(pl.col(person).drop_nulls().n_unique().alias("n"))
    return {(period, status): n for period, status, n in counted.collect(engine="streaming").iter_rows()}
