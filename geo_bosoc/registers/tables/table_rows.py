"""Which rows of a sheet are the table's, and what a run reads the table for.

Blank rows and headings are no end while rows of areas follow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import polars as pl

from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.labels import LabelColumns, filled_down
from geo_bosoc.registers.tables.text import ranges


def tidied(source: Source, spec: RegisterSpec, use: TableUse, file: Path, report: Report) -> Source:
    """A finished table's source whose rows are all the table's, each with its labels."""
    renamed = {written: name for name, written in spec.columns.items()}
    names = {f"c{position}": renamed.get(name, name) for position, name in enumerate(source.header)}
    roles = {spec.period_column, spec.id, *spec.text, None if spec.areas_across else spec.area}
    needed = {column for column, name in names.items() if name in roles}
    area = next((column for column, name in names.items() if name == spec.area), None)
    columns = LabelColumns(
        names=names,
        needed=needed,
        merged={f"c{position}": source.merged_down(position) for position in range(len(source.header))},
        fill_down=spec.fill_down,
        used=use.used_columns,
    )

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        frame = _full_rows(source, positions)
        if frame is None:
            return
        if source.ends_at_blank:
            ids = None if spec.areas_across else _area_ids(spec, use)
            frame = table_rows(frame, area if area in frame.columns else None, ids, file, report)

        def more_labels() -> pl.DataFrame:
            before = len(report.problems)
            others = _full_rows(source, range(len(source.header)))
            del report.problems[before:]  # reported already, of the columns that are read
            return frame.select(ROW) if others is None else others

        yield filled_down(frame, columns, file, report, more_labels=more_labels)

    return replace(source, batches=batches)


def _full_rows(source: Source, positions: Sequence[int]) -> pl.DataFrame | None:
    frames = list(source.batches(positions))
    return pl.concat(frames, how="vertical") if frames else None


def _area_ids(spec: RegisterSpec, use: TableUse) -> frozenset[str] | None:
    ids = use.area_ids()
    if ids is None:
        return None
    return frozenset(
        _folded(area_id) for area_id in [*ids, *([spec.reference_row] if spec.reference_row else [])]
    )


def table_rows(
    frame: pl.DataFrame, area: str | None, area_ids: Collection[str] | None, file: Path, report: Report
) -> pl.DataFrame:
    """The rows of the table: to its last row of an area, without blank rows and headings between; notes are below.

    Parameters
    ----------
    frame : DataFrame
        All rows of a sheet below the head.
    area : str or None
        The column with the areas' ids; None where the table ends at its first blank row in any case.
    area_ids : collection of str or None
        All ids, as `str.casefold` writes them; where they are None, the ids above say what ids look like.
    file : Path
        For messages.
    report : Report
        Takes notes of what is skipped, and a warning where a second table begins.
    """
    names = [name for name in frame.columns if name != ROW]
    empty = frame.select(pl.all_horizontal(_is_empty(frame, name) for name in names)).to_series()
    blanks = empty.arg_true()
    if blanks.is_empty():
        return frame
    first = int(blanks[0])
    end = first
    if area is not None:
        ids = [None if value is None else _folded(_as_id(value)) for value in frame[area].to_list()]
        shapes = {_shape(area_id) for area_id in ids[:first] if area_id}
        others = [name for name in names if name != area]
        filled = [~_is_empty(frame, name) for name in others] or [~_is_empty(frame, area)]
        figures = frame.select(pl.any_horizontal(filled)).to_series()
        seen = set(ids[:first])
        for index in range(first, frame.height):
            area_id = ids[index]
            if not area_id or not figures[index]:
                continue
            if area_id in area_ids if area_ids is not None else _shape(area_id) in shapes:
                following = [int(blank) for blank in blanks if blank > index]
                end = following[0] if following else frame.height
        second = _second_table(frame, ids, first, end, seen, names)
        if second is not None:
            report.warn(
                "a second table begins here and is not read.",
                file=file,
                row=int(frame[ROW][second]),
                hint="Give it a sheet of its own, or a register with header_row, if it is to be read.",
            )
            end = first
    below = int((~empty.slice(end)).sum())
    if below:
        report.note(
            phrase(
                "the table ends at the empty row; {rows} below it: taken for notes.",
                rows=count_text(below, "row"),
            ),
            file=file,
            row=int(frame[ROW][end]),
        )
    inside = frame.head(end)
    gaps = empty.head(end)
    if gaps.any():
        report.note(
            phrase(
                "blank rows inside the table are skipped: {row_word} {ranges}.",
                row_word=phrase("row" if gaps.sum() == 1 else "rows"),
                ranges=ranges(inside.filter(gaps)[ROW].to_list()),
            ),
            file=file,
            count=int(gaps.sum()),
        )
    inside = inside.filter(~gaps)
    return _without_headings(inside, area, area_ids, file, report)


def _second_table(
    frame: pl.DataFrame,
    ids: Sequence[str | None],
    first: int,
    end: int,
    seen: Collection[str | None],
    names: Sequence[str],
) -> int | None:
    """Where a second table begins below a blank row: a head of words above ids that were there already."""
    below = [
        index for index in range(first, end) if any(frame[name][index] not in (None, "") for name in names)
    ]
    if not below or not any(ids[index] in seen and ids[index] for index in below):
        return None
    for index in below:
        cells = [frame[name][index] for name in names]
        words = [cell for cell in cells if isinstance(cell, str) and not any(sign.isdigit() for sign in cell)]
        if len(words) > 1 and len(words) == len([cell for cell in cells if cell not in (None, "")]):
            return index if ids[index] not in seen else None
    return None


def _without_headings(
    frame: pl.DataFrame, area: str | None, area_ids: Collection[str] | None, file: Path, report: Report
) -> pl.DataFrame:
    """The rows without those that have words in the area's column, no area's id, and no other cell."""
    if area is None or area_ids is None or frame.width < 3:
        return frame
    others = [name for name in frame.columns if name not in (ROW, area)]
    alone = frame.select(
        ~_is_empty(frame, area) & pl.all_horizontal(_is_empty(frame, name) for name in others)
    ).to_series()
    stranger = pl.Series(
        [v is not None and _folded(_as_id(v)) not in area_ids for v in frame[area].to_list()]
    )
    headings = alone & stranger
    if headings.any():
        report.note(
            phrase(
                "headings inside the table are skipped: {row_word} {ranges}.",
                row_word=phrase("row" if headings.sum() == 1 else "rows"),
                ranges=ranges(frame.filter(headings)[ROW].to_list()),
            ),
            file=file,
            count=int(headings.sum()),
        )
    return frame.filter(~headings)


def _as_id(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _folded(value: str) -> str:
    return value.strip(text.BLANKS).casefold()


def _shape(value: str) -> str:
    """What an id looks like: letters and digits, each run as one."""
    signs = ["9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in value]
    return "".join(sign for sign, _ in groupby(signs))


def _is_empty(frame: pl.DataFrame, name: str) -> pl.Expr:
    value = pl.col(name)
    if frame.schema[name] == pl.String:
        return value.is_null() | (value.str.strip_chars(text.BLANKS) == "")
    return value.is_null()


@dataclass(frozen=True)
class Sum:
    """Rows that are added up: those that meet each of `conditions`; `column` is the figure (None: rows are counted)."""

    conditions: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True)
class Figure:
    """A column that an indicator adds up, and what it can be.

    Attributes
    ----------
    indicator : str
        Its id.
    column : str
        The figure; rows that meet each of `conditions` are added up.
    conditions : tuple of str
        Predicates.
    is_count : bool
        The figures are counts of whole persons or things.
    signed : bool
        Figures under 0 are possible (kroner, a mean).
    denominator : str or None
        The column of the denominator, where it stands in the same rows and the figure is a part of it.
    strict : bool
        The figure can never be over its denominator; else it is strange.
    """

    indicator: str
    column: str
    conditions: tuple[str, ...] = ()
    is_count: bool = True
    signed: bool = False
    denominator: str | None = None
    strict: bool = True


@dataclass(frozen=True)
class TableUse:
    """What finished tables are read for.

    Attributes
    ----------
    area_ids : callable
        Gives the ids of all areas; None where they are not known.
    sums : tuple of Sum or None
        What is added up of the table; None where anything may be.
    figures : tuple of Figure
        The same by indicator, with what each can be.
    conditions : tuple of str
        The predicates on the register's rows, of whatever kind it is.
    alone : bool
        False where other registers are read with it: periods that it lacks are reported for all of them together.
    """

    area_ids: Callable[[], Collection[str] | None] = field(default=lambda: None)
    sums: tuple[Sum, ...] | None = None
    figures: tuple[Figure, ...] = ()
    conditions: tuple[str, ...] = ()
    alone: bool = True

    @property
    def used_columns(self) -> frozenset[str]:
        """The columns that conditions of what is added up name."""
        columns: set[str] = set()
        for condition in {condition for added in self.sums or () for condition in added.conditions}:
            with contextlib.suppress(InputError):  # reported where the indicators are checked
                columns |= predicate_columns(condition)
        return frozenset(columns)
