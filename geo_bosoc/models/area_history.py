"""An area's ids over the years: areas that were renamed, merged or split, by a table.

``area_id_before;area_id;from;kind``: from the period ``from`` on the area goes by ``area_id``; what a file says of
``area_id_before`` in earlier periods is said of that area. Of a *renamed* area all is carried on; of *merged* ones
counts are added up; of a *split* one the parts have no history, as no figure of the whole tells theirs. Changes follow
one another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import polars as pl

from geo_bosoc.models.table_files import read_finished, row_numbers
from geo_bosoc.problems import Report, did_you_mean, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers

ChangeKind = Literal["renamed", "merged", "split"]
HISTORY_COLUMNS: Final = ("area_id_before", "area_id", "from", "kind")
_KIND_NAMES: Final[Mapping[str, ChangeKind]] = {
    "renamed": "renamed", "omdøbt": "renamed", "nyt id": "renamed",
    "merged": "merged", "sammenlagt": "merged",
    "split": "split", "delt": "split", "opdelt": "split",
}  # fmt: skip


class AreaChange(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    area_id_before, area_id : str
        The ids before and after.
    valid_from : str
        The first period with the later id.
    kind : {"renamed", "merged", "split"}
        What became of the area.
    """

    area_id_before: str
    area_id: str
    valid_from: str
    kind: ChangeKind


@dataclass(frozen=True)
class AreaHistory:
    """What became of areas, in the order of time.

    Attributes
    ----------
    changes : tuple of AreaChange
        Sorted by period.
    """

    changes: tuple[AreaChange, ...] = ()

    def later_id(self, area_id: str, period: str) -> str | None:
        """The id under which an area of a period goes today; None where it was split since.

        Examples
        --------
        >>> rows = [("1", "2", "2020", "renamed"), ("2", "9", "2022", "merged"), ("3", "9", "2022", "merged")]
        >>> history = AreaHistory(tuple(AreaChange(*row) for row in rows))
        >>> history.later_id("1", "2019"), history.later_id("2", "2021"), history.later_id("2", "2023")
        ('9', '9', '2')
        """
        now: str | None = area_id
        for change in self.changes:
            if now == change.area_id_before and period < change.valid_from:
                now = None if change.kind == "split" else change.area_id
        return now

    def kinds_before(self, area_id: str, period: str) -> frozenset[ChangeKind]:
        """What happened since a period to what is an area today.

        Examples
        --------
        >>> history = AreaHistory((AreaChange("1", "2", "2020", "split"), AreaChange("2", "5", "2022", "renamed")))
        >>> sorted(history.kinds_before("5", "2019")), sorted(history.kinds_before("5", "2021"))
        (['renamed', 'split'], ['renamed'])
        """
        ids, kinds = {area_id}, set[ChangeKind]()
        for change in reversed(self.changes):
            if change.area_id in ids and period < change.valid_from:
                kinds.add(change.kind)
                ids.add(change.area_id_before)
        return frozenset(kinds)

    def members(self, area_id: str, period: str) -> frozenset[str]:
        """The areas of a period that are an area today, where none was split since.

        Examples
        --------
        >>> history = AreaHistory(tuple(AreaChange(area, "3", "2022", "merged") for area in ("1", "2")))
        >>> sorted(history.members("3", "2021")), sorted(history.members("3", "2022"))
        (['1', '2'], ['3'])
        """
        ids = {area_id}
        for change in reversed(self.changes):
            if change.area_id in ids and period < change.valid_from and change.kind != "split":
                ids.add(change.area_id_before)
        return frozenset(
            each
            for each in ids
            if self.later_id(each, period) == area_id and not self._is_made_later(each, period)
        )

    def _is_made_later(self, area_id: str, period: str) -> bool:
        """Whether an id came up after a period, and not of an area that had it already."""
        since = [change for change in self.changes if period < change.valid_from]
        made = [change.valid_from for change in since if change.area_id == area_id]
        ended = [change.valid_from for change in since if change.area_id_before == area_id]
        return bool(made) and (not ended or min(made) < min(ended))

    def parts_of_split(self, period: str) -> tuple[str, ...]:
        """The areas of today that are parts of areas which were split after a period."""
        ids = {
            change.area_id for change in self.changes if change.kind == "split" and period < change.valid_from
        }
        for change in self.changes:
            if change.area_id_before in ids and change.kind != "split":
                ids = (ids - {change.area_id_before}) | {change.area_id}
        return tuple(sorted(ids))

    def with_later_ids(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of a finished table under today's ids; those of areas that were split since are in no area.

        Parameters
        ----------
        rows : LazyFrame
            ``area_id`` and ``period``.
        """
        area, period = pl.col("area_id").cast(pl.String), pl.col("period").cast(pl.String)
        for change in self.changes:
            later = pl.lit(None if change.kind == "split" else change.area_id, dtype=pl.String)
            is_meant = (area == change.area_id_before) & (period < change.valid_from)
            # what is in no area has no id that could be meant
            area = pl.when(is_meant.fill_null(False)).then(later).otherwise(area)
        return rows.with_columns(area.alias("area_id")) if self.changes else rows


def read_area_history(
    source: str | Path, *, areas: Collection[str] | None = None, report: Report | None = None
) -> AreaHistory:
    """Read the table of areas that were renamed, merged or split.

    Parameters
    ----------
    source : str or Path
        A CSV or workbook with ``area_id_before, area_id, from, kind``.
    areas : collection of str, optional
        Today's areas: an id that no change leads on from must be one of them.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    AreaHistory
        Without changes where `report` took errors.

    Raises
    ------
    InputError
        The file cannot be read, or something in it is wrong: all of it, with row and column.
    """
    reading = Report()
    table = read_or_none(lambda: read_finished(source), reading)
    changes: list[AreaChange] = []
    if table is not None:
        file = Path(source).name
        columns = {str(name).strip().casefold(): name for name in table.columns}
        for name in HISTORY_COLUMNS:
            if name not in columns:
                reading.error(
                    phrase("there is no column {name}.", name=name),
                    file=file,
                    hint=phrase("The table has the columns {names}.", names=joined(HISTORY_COLUMNS)),
                )
        if not reading.errors:
            numbers = row_numbers(table)
            cells = {name: [_text(cell) for cell in table[columns[name]]] for name in HISTORY_COLUMNS}
            for name in HISTORY_COLUMNS[:2]:
                refuse_person_numbers(cells[name], name, reading, file=file, rows=numbers)
            rows = zip(numbers, *(cells[name] for name in HISTORY_COLUMNS), strict=True)
            changes = [
                change
                for number, *texts in rows
                if any(texts) and (change := _change(texts, number, file, reading)) is not None
            ]
            _check(changes, areas, file, reading)
    history = AreaHistory(() if reading.errors else tuple(sorted(changes, key=lambda each: each.valid_from)))
    reading.hand_over(report)
    return history


def _text(cell: object) -> str:
    """A cell of a CSV or a workbook as text; a year that a workbook holds as a number is one."""
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _change(texts: list[str], number: int, file: str, report: Report) -> AreaChange | None:
    """A row; None with errors in `report`."""
    errors_before = len(report.errors)
    for name, text in zip(HISTORY_COLUMNS, texts, strict=True):
        if not text:
            report.error("the cell is empty.", file=file, row=number, column=name)
    before, after, valid_from, word = texts
    kind = _KIND_NAMES.get(word.casefold())
    if word and kind is None:
        report.error(
            phrase("this is not known here: {word}.", word=word),
            file=file,
            row=number,
            column="kind",
            hint=did_you_mean(word, _KIND_NAMES)
            or phrase("There are: {names}.", names=joined(get_args(ChangeKind))),
        )
    if valid_from and not valid_from[:4].isdigit():
        report.error(
            "this is no period.",
            file=file,
            row=number,
            column="from",
            hint="Write a year, 2022, or a quarter, 2022K1.",
        )
    if len(report.errors) > errors_before or kind is None:
        return None
    return AreaChange(before, after, valid_from, kind)


def _check(changes: list[AreaChange], areas: Collection[str] | None, file: str, report: Report) -> None:
    """What rows say together: that an area becomes one thing at a time, and ends as an area of today."""
    before: dict[tuple[str, str], list[AreaChange]] = {}
    for change in changes:
        before.setdefault((change.valid_from, change.area_id_before), []).append(change)
    for (valid_from, area_id), rows in sorted(before.items()):
        kinds = {row.kind for row in rows}
        if len(rows) > 1 and kinds != {"split"}:
            report.error(
                phrase(
                    "{area} becomes several areas in {period}, and is not split.",
                    area=area_id,
                    period=valid_from,
                ),
                file=file,
                hint="Write split in each of its rows, or leave one row.",
            )
    goals = {(change.valid_from, change.area_id): change for change in changes if change.kind == "merged"}
    for (valid_from, area_id), _ in sorted(goals.items()):
        if sum(each.area_id == area_id and each.valid_from == valid_from for each in changes) < 2:
            report.error(
                phrase("{area} is merged of one area alone in {period}.", area=area_id, period=valid_from),
                file=file,
                hint="Write a row for each area that it was made of, or renamed.",
            )
    if areas is None:
        return
    led_on = {change.area_id_before for change in changes}
    ends = sorted({change.area_id for change in changes} - led_on - set(areas))
    if ends:
        report.error(
            phrase("these are no areas of today: {ids}.", ids=joined(ends[:5])),
            file=file,
            column="area_id",
            hint="Compare them with the boundaries: leading zeros are kept.",
        )
