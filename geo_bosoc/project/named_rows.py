"""A part's rows and where they lie: each one's point looked up, and what became of all of them told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.locate.match_report import MATCH_STATUSES
from geo_bosoc.project.places import NOT_FOUND, Places, point_numbers
from geo_bosoc.text import person_numbers

_NOT_FOUND: Final = MATCH_STATUSES.index("address_not_found")
_AT_A_TIME: Final = 200_000

Match = dict[str, dict[str, dict[str, int]]]
"""Rows, persons and addresses by period and fate (`geo_bosoc.locate.match_report.match_report`)."""


@dataclass(frozen=True)
class NamedRows:
    """A part's rows, and where and when each of them is.

    Rows come out of a file, or of memory, in the same order each time: what was found of them is laid beside them.

    Attributes
    ----------
    labels : by row, the label of the point that it names.
    periods : those that occur, and `period_of` the place of each row's own; None where there is one.
    seen : by place of the period and number of the point (see `geo_bosoc.project.places.point_numbers`), whether a row
        names it.
    """

    frame: pl.LazyFrame
    places: Places
    labels: npt.NDArray[np.uint16 | np.uint32]
    periods: list[str | None]
    period_of: npt.NDArray[np.uint32] | None
    seen: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pl.LazyFrame, places: Places, period: str | None = None) -> NamedRows:
        periods: list[str | None] = [period]
        if period is None:
            found = frame.select(pl.col("period").unique()).collect(engine="streaming")
            periods = found["period"].sort().to_list() or [None]
        several = len(periods) > 1
        numbered = point_numbers(frame, places)
        if several:
            places_of = pl.int_range(len(periods), dtype=pl.UInt32, eager=True)
            number = pl.col("period").replace_strict(pl.Series(periods), places_of, default=None)
            numbered = numbered.with_columns(number.alias("@period"))
        seen = np.zeros((len(periods), places.points.height + 2), dtype=bool)

        def label(rows: pl.Series) -> pl.Series:
            points = rows.struct.field("point").to_numpy()
            seen[rows.struct.field("@period").to_numpy() if several else 0, points] = True
            return pl.Series(places.label_of.take(points))

        wanted = ["point", *(["@period"] if several else [])]
        kind = pl.Series(places.label_of[:0]).dtype
        labelled = pl.struct(wanted).map_batches(label, return_dtype=kind, is_elementwise=True)
        held = numbered.select(labelled.alias("@label"), *wanted[1:]).collect(engine="streaming")
        own = held["@period"].to_numpy() if several else None
        return cls(frame, places, held["@label"].to_numpy(), periods, own, seen)

    def unknown(self) -> pl.LazyFrame:
        """The keys of the rows whose point is not known, and their ``period``."""
        wanted = pl.DataFrame({"@unknown": self.labels == NOT_FOUND})
        keys = list(dict.fromkeys([*self.places.keys, "period"]))
        return _beside(wanted, self.frame.select(keys)).filter("@unknown").select(keys)

    def person_like(self) -> bool:
        """Whether a key that is not known holds a person number."""
        if not self.seen[:, self.places.points.height].any():
            return False
        return bool(person_numbers.count_person_numbers(self.unknown(), self.places.keys))

    def labelled(self) -> pl.LazyFrame:
        """The rows with their label as ``area_id``."""
        return _beside(pl.DataFrame({"area_id": self.labels}), self.frame)


def match_rows(rows: NamedRows, person: str | None, *, once: bool) -> Match:
    """What became of a part's rows: rows, persons and addresses by period and fate.

    `person` is the column that tells persons apart, where there is one; `once` says that none stands twice in a period.
    """
    places, points = rows.places, rows.places.points.height
    persons: dict[tuple[str | None, int], int] = {}
    if person and not once:
        persons = _persons(rows, person)
    result: Match = {}
    for number, period in enumerate(rows.periods):
        seen = rows.seen[number]
        if not seen.any():
            continue
        here = rows.labels if rows.period_of is None else rows.labels[rows.period_of == number]
        fate_of, kinds = places.fate_of, len(MATCH_STATUSES)
        by_label = _often(here, len(fate_of))
        row_counts = np.bincount(fate_of, weights=by_label, minlength=kinds)
        address_counts = np.bincount(fate_of[places.label_of[:points][seen[:points]]], minlength=kinds)
        told = {
            int(fate): {"rows": int(row_counts[fate]), "addresses": int(address_counts[fate])}
            for fate in np.flatnonzero(row_counts)
        }
        if seen[points]:
            told[_NOT_FOUND]["addresses"] = _unknown_addresses(rows, period)
        period_told = {}
        for fate in sorted(told):
            counted = {"rows": told[fate]["rows"]}
            if person:
                counted["persons"] = told[fate]["rows"] if once else persons.get((period, fate), 0)
            period_told[MATCH_STATUSES[fate]] = {**counted, "addresses": told[fate]["addresses"]}
        result[str(period)] = period_told
    return result


def _beside(found: pl.DataFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """What was found of some rows, and beside it the rows.

    What was found stands first: what Polars learns of a plan, and the data in it, it keeps with the plan's first frame
    as long as that lives; and the rows' frame lives as long as the run.
    """
    return pl.concat([found.lazy(), rows], how="horizontal")


def _often(labels: npt.NDArray[np.uint16 | np.uint32], many: int) -> npt.NDArray[np.int64]:
    """How often each of `many` labels stands there; some at a time, since numpy makes long numbers of them first."""
    counted = np.zeros(many, np.int64)
    for first in range(0, len(labels), _AT_A_TIME):
        counted += np.bincount(labels[first : first + _AT_A_TIME], minlength=many)
    return counted


def _unknown_addresses(rows: NamedRows, period: str | None) -> int:
    """How many different addresses of a period are not in the table."""
    mine = rows.unknown().filter(pl.col("period").eq_missing(period)).select(list(rows.places.keys))
    return int(mine.unique().select(pl.len()).collect(engine="streaming").item())


def _persons(rows: NamedRows, person: str) -> dict[tuple[str | None, int], int]:
    """Distinct persons by period and fate."""
    fates = pl.DataFrame({"@fate": rows.places.fate_of[rows.labels]})
    marked = _beside(fates, rows.frame.select("period", person))
    counted = marked.group_by("period", "@fate").agg(pl.col(person).drop_nulls().n_unique().alias("n"))
    return {(period, fate): n for period, fate, n in counted.collect(engine="streaming").iter_rows()}
