"""What is checked of a register as a whole: periods, doubled keys, and rows in several copies.

A key in several rows may be meant (a person with two places); every row in the same number of copies is not: an export
was appended to itself, or joined to a list of doubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, count_text, phrase
from geo_bosoc.registers.files import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX


@dataclass(frozen=True)
class KeyCheck:
    """What the check of a register's keys has shown.

    Attributes
    ----------
    unique : bool
        Each row has a key, and none is doubled in a period; False where it was not looked for.
    same_place : bool
        The rows of each doubled address have the same place.
    """

    unique: bool = False
    same_place: bool = False


@dataclass(frozen=True)
class KeySummary:
    """A file's keys: how many rows have none, and whether any is doubled."""

    without: int
    doubled: bool

    @classmethod
    def of(cls, hashes: np.ndarray[Any, np.dtype[np.uint64]], without: int) -> KeySummary:
        """From the hashes of all keys, and the number of rows `without` a key."""
        ordered = np.sort(hashes)
        return cls(without, bool((ordered[1:] == ordered[:-1]).any()))


def check_periods(
    frame: pl.LazyFrame, file: str | Path, spec: RegisterSpec, period_column: str | None, report: Report
) -> dict[str | None, int]:
    """Check that each row of a file has a period; returns the number of rows of each.

    Only an address table may do without periods.
    """
    counted = frame.group_by("period").agg(pl.len().alias("rows")).sort("period").collect(engine="streaming")
    rows: dict[str | None, int] = dict(counted.rows())
    without = rows.get(None, 0)
    if without and period_column is not None:
        first = frame.filter(pl.col("period").is_null()).select(ROW).head(5).collect()[ROW].to_list()
        report.error(
            phrase(
                "{rows} with no period here: {first}",
                rows=count_text(without, "row"),
                first=_rows(first, without),
            ),
            file=file,
            column=spec.columns.get(period_column, period_column),
            row=first[0],
            count=without,
            hint="A period is written 2024 or 2024K1, or as a date with the day before the month and a year of four "
            "digits (31-01-2024, 2024-01-31). Leave rows that have none (open ends in 9999) out with where.",
        )
    elif without and spec.unit != "address" and not spec.snapshots:
        report.error(
            "nothing says which period the rows are of.",
            file=file,
            hint='Name the column (period = "year"), or the period itself (period = "2024"), '
            "or write {period} in the path.",
        )
    return rows


def check_doubled(
    frame: pl.LazyFrame,
    file: str | Path,
    spec: RegisterSpec,
    report: Report,
    *,
    height: int,
    at_once: int,
    single_file: bool,
    single_period: bool = False,
    summary: KeySummary | None = None,
) -> KeyCheck:
    """Tell keys that are doubled in a period.

    A person, dwelling or case in two rows is a warning, all rows in several copies an error. An area with two figures
    for one period, or an address with two places, is an error. `height` is the number of all rows, `at_once`
    that of keys to compare at a time; `single_file` and `single_period` say that all rows are of the same. `summary` is
    that of the keys of just these rows, all of one period, where the file has been looked through already.
    """
    if spec.unit == "count":
        if spec.has_areas:
            _check_doubled_figures(frame, file, spec, report, single_file)
        return KeyCheck()
    if spec.id is None or spec.spell is not None:  # one key in several rows is what stays and spells are
        if spec.unit != "address":
            tell_doubled_rows(frame, file, spec, report, height=height)
        return KeyCheck()
    keys = [spec.id, "period"]
    filled = frame.filter(pl.col(spec.id).is_not_null())
    if summary is None:
        summary = _key_summary(frame, spec.id, [spec.id] if single_period else keys, height, at_once)
    without, doubled = summary.without, summary.doubled
    if without:
        report.warn(
            phrase("{rows} without {column}.", rows=count_text(without, "row"), column=spec.id),
            file=file,
            column=spec.id,
            count=without,
        )
    if not doubled:
        return KeyCheck(unique=not without)
    if spec.unit == "address":
        places = ["address_id", "period", "x", "y"]
        distinct = with_places(filled).unique(places, keep="first", maintain_order=True)
        if _any_doubled(distinct, keys):
            rows = _doubled_rows(distinct, keys, single_file)
            report.error(
                phrase(
                    "{addresses} with two places: {rows}",
                    addresses=count_text(rows["keys"], "address", "addresses"),
                    rows=rows["listed"],
                ),
                file=file,
                column=spec.id,
                row=rows["row"],
                count=rows["keys"],
            )
            return KeyCheck()
        rows = _doubled_rows(filled, keys, single_file)
        nowhere = _count_without_place(filled)
        without_place = phrase(" ({rows} of them without one)", rows=count_text(nowhere, "row"))
        report.warn(
            phrase(
                "{addresses} in several rows, always at the same place{without_place}; each counts once: {rows}",
                addresses=count_text(rows["keys"], "address", "addresses"),
                without_place=without_place if nowhere else "",
                rows=rows["listed"],
            ),
            file=file,
            column=spec.id,
            count=rows["keys"],
        )
        return KeyCheck(same_place=True)
    rows = _doubled_rows(filled, keys, single_file)
    all_doubled = not without and rows["rows"] == height
    if all_doubled and tell_doubled_rows(frame, file, spec, report, height=height, keys=rows["keys"]):
        return KeyCheck()
    if rows["keys"]:
        report.warn(
            phrase(
                "{keys} in several rows of one period: {rows}",
                keys=_units(rows["keys"], spec.unit),
                rows=rows["listed"],
            ),
            file=file,
            column=spec.id,
            count=rows["keys"],
            hint=phrase('Each row is counted unless the indicator says distinct = "{unit}".', unit=spec.unit)
            if spec.unit != "case"
            else None,
        )
    return KeyCheck()


def _check_doubled_figures(
    frame: pl.LazyFrame, file: str | Path, spec: RegisterSpec, report: Report, single_file: bool
) -> None:
    """A finished table has one row an area and period, or text, dates or truth values tell them apart."""
    classes = [
        name
        for name, dtype in frame.collect_schema().items()
        if not dtype.is_numeric() and dtype != pl.Null and not name.endswith(MARK_SUFFIX)
    ]
    keys = list(dict.fromkeys(["area_id", "period", *classes, *([spec.id] if spec.id is not None else [])]))
    if not _any_doubled(frame, keys):
        return
    rows = _doubled_rows(frame, keys, single_file)
    if rows["keys"]:
        report.error(
            phrase(
                "{areas} with several rows for one period: {rows}",
                areas=count_text(rows["keys"], "area"),
                rows=rows["listed"],
            ),
            file=file,
            column=spec.columns.get(spec.area, spec.area),
            row=rows["row"],
            count=rows["keys"],
            hint="Choose rows with where, name the column that tells them apart as id, "
            'or set period_by = "quarter" if the periods are quarters.',
        )


def with_places(addresses: pl.LazyFrame) -> pl.LazyFrame:
    """The rows without those that have no place and whose address has one in another row."""
    placed = pl.col("x").is_not_null() & pl.col("y").is_not_null()
    return addresses.filter(placed | ~placed.any().over("address_id", "period"))


def _count_without_place(addresses: pl.LazyFrame) -> int:
    """How many rows have no place while their address has one in another row."""
    rows = [frame.select(pl.len()).collect().item() for frame in (addresses, with_places(addresses))]
    return int(rows[0] - rows[1])


def _key_summary(frame: pl.LazyFrame, key: str, keys: list[str], height: int, at_once: int) -> KeySummary:
    """The rows without `key`, and whether any of `keys` is doubled among the others.

    Hashes are compared, and of a large register one share of them after the other, so that memory stays bounded.
    """
    hashed = (pl.col(key).hash() if keys == [key] else pl.struct(keys).hash()).alias("hash")
    filled = frame.filter(pl.col(key).is_not_null()).select(hashed)
    turns = max(1, -(-height // at_once))
    keyed, doubled = 0, False
    for turn in range(turns):
        share = filled.filter(pl.col("hash") % turns == turn) if turns > 1 else filled
        hashes = share.collect(engine="streaming")["hash"].to_numpy()
        keyed += len(hashes)
        doubled = doubled or KeySummary.of(hashes, 0).doubled
    return KeySummary(height - keyed, doubled)


def _any_doubled(frame: pl.LazyFrame, keys: list[str]) -> bool:
    """Is any key doubled? Hashes are compared, so that a register of millions of rows needs little memory."""
    counted = frame.select(pl.struct(keys).hash().alias("key")).select(
        pl.len().alias("rows"), pl.col("key").n_unique().alias("keys")
    )
    row = counted.collect(engine="streaming").row(0, named=True)
    return bool(row["rows"] != row["keys"])


def _doubled_rows(frame: pl.LazyFrame, keys: list[str], single_file: bool) -> dict[str, Any]:
    """How many keys are doubled, the first of their rows, and these as text."""
    doubled = (
        frame.select(ROW, *keys)
        .filter(pl.len().over(keys) > 1)
        .collect()  # exact: compares the keys themselves
    )
    first = doubled[ROW].sort().head(5).to_list()
    return {
        "keys": doubled.select(keys).n_unique() if doubled.height else 0,
        "rows": doubled.height,
        "row": first[0] if first and single_file else None,
        "listed": _rows(first, doubled.height)
        if single_file
        else phrase("{rows} over several files.", rows=count_text(doubled.height, "row")),
    }


def _units(count: int, unit: str) -> Message:
    """A number of persons, dwellings or cases, as the register's unit is."""
    if unit == "person":
        return count_text(count, "person")
    return count_text(count, "dwelling") if unit == "dwelling" else count_text(count, "case")


def _rows(first: list[int], count: int) -> Message:
    """The first row numbers, as text."""
    numbers = ", ".join(map(str, first)) + (" ..." if count > len(first) else ".")
    return phrase("row {rows}" if count == 1 else "rows {rows}", rows=numbers)


LEAST_DIFFERENT: Final = 5
"""Fewer different rows than these may be alike by chance."""

_IN_TURN: Final = 200_000
"""Of more rows than these, one share of the hashes is enough: each copy of a row has the same hash."""


def tell_doubled_rows(
    frame: pl.LazyFrame, file: str | Path, spec: RegisterSpec, report: Report, *, height: int, keys: int = 0
) -> bool:
    """Whether every row has the same number of copies, which is reported.

    With a key it is an error, since a key has one row; without a key a warning, since rows of few columns may be alike.
    `height` is the number of all rows, `keys` that of different keys, where they are in the columns; 0 without a key.
    """
    columns = sorted(name for name in frame.collect_schema().names() if name != ROW)
    if height > _IN_TURN and not keys and _is_single(frame.select(columns)):
        return False
    copies = _copies(frame.select(pl.struct(columns).hash().alias("hash")), height)
    if (
        copies < 2
        or height % copies
        or height // copies < LEAST_DIFFERENT
        or (keys and height // copies != keys)
    ):
        return False
    times = phrase("twice") if copies == 2 else phrase("{copies} times", copies=copies)
    if keys:
        report.error(
            phrase(
                "all rows are in the file {times}: {rows} of {keys}.",
                times=times,
                rows=count_text(height, "row"),
                keys=count_text(keys, "key"),
            ),
            file=file,
            column=spec.columns.get(spec.id or "", spec.id),
            count=height,
            hint="Take the copies out of the file. If the rows are different ones, name the column that tells them "
            "apart as id.",
        )
    else:
        report.warn(
            phrase(
                "all rows are in the file {times}: {rows}, of which {different:,} are different. Each is counted.",
                times=times,
                rows=count_text(height, "row"),
                different=height // copies,
            ),
            file=file,
            count=height,
            hint="Take the copies out of the file, or name the column with the rows' own key as id.",
        )
    return True


def _is_single(rows: pl.LazyFrame) -> bool:
    """Whether the first row has no copy: cheaper to see than what all rows are."""
    first = rows.head(1).collect()
    same = [pl.col(column.name).eq_missing(pl.lit(column[0], dtype=column.dtype)) for column in first]
    return rows.filter(pl.all_horizontal(same)).head(2).collect(engine="streaming").height < 2


def _copies(hashes: pl.LazyFrame, height: int) -> int:
    """How many copies each row has; 0 where they differ."""
    turns = max(1, height // _IN_TURN)
    share = hashes.filter(pl.col("hash") % turns == 0) if turns > 1 else hashes
    ordered = np.sort(share.collect(engine="streaming")["hash"].to_numpy())
    if not len(ordered):
        return 0
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(starts, len(ordered)))
    return int(counts[0]) if (counts == counts[0]).all() else 0
