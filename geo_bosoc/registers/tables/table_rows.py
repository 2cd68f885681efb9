"""Which rows of a sheet are the table's, and what a run reads the table for.

Blank rows and headings are no end while rows of areas follow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.labels import LabelColumns, filled_down
from geo_bosoc.registers.tables.text import ranges


def tidied(source: Source, spec: RegisterSpec, use: TableUse, file: Path, report: Report) -> Source:
    """A finished table's source whose rows are all the table's, each with its labels."""
    ours = {written: name for name, written in spec.columns.items()}
    own_names = {f"c{at}": ours.get(name, name) for at, name in enumerate(source.header)}
    roles = {spec.period_column, spec.id, *spec.text, None if spec.areas_across else spec.area}
    needed = {column for column, name in own_names.items() if name in roles}
    area = next((column for column, name in own_names.items() if name == spec.area), None)
    columns = LabelColumns(
        own_names=own_names,
        needed=needed,
        merged={f"c{at}": source.merged_down(at) for at in range(len(source.header))},
        fill_down=spec.fill_down,
        used=use.used_columns,
    )

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        frame = _full_rows(source, positions)
        if frame is None:
            return
        if source.ends_at_blank:
            known = None if spec.areas_across else _known_ids(spec, use)
            frame = table_rows(frame, area if area in frame.columns else None, known, file, report)

        def more_labels() -> pl.DataFrame:
            before = len(report.problems)
            others = _full_rows(source, range(len(source.header)))
            del report.problems[before:]  # told already, of the columns that are read
            return frame.select(ROW) if others is None else others

        yield filled_down(frame, columns, file, report, more_labels=more_labels)

    return replace(source, batches=batches)


def _full_rows(source: Source, positions: Sequence[int]) -> pl.DataFrame | None:
    frames = list(source.batches(positions))
    return pl.concat(frames, how="vertical") if frames else None


def _known_ids(spec: RegisterSpec, use: TableUse) -> frozenset[str] | None:
    ids = use.area_ids()
    if ids is None:
        return None
    return frozenset(_folded(each) for each in [*ids, *([spec.reference_row] if spec.reference_row else [])])


def table_rows(
    frame: pl.DataFrame, area: str | None, columns: Collection[str] | None, file: Path, report: Report
) -> pl.DataFrame:
    """The rows of the table: to its last row of an area, without blank rows and headings between; notes are below.

    Parameters
    ----------
    area : the column with the areas' ids; None where the table ends at its first blank row in any case.
    columns : all ids, as `str.casefold` writes them; where they are not known, the ids above say what ids look like.
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
        shapes = {_shape(each) for each in ids[:first] if each}
        others = [name for name in names if name != area]
        figures = frame.select(pl.any_horizontal(~_is_empty(frame, name) for name in others)).to_series()
        seen = set(ids[:first])
        for at in range(first, frame.height):
            each = ids[at]
            if each and figures[at] and (each in columns if columns is not None else _shape(each) in shapes):
                following = [int(blank) for blank in blanks if blank > at]
                end = following[0] if following else frame.height
        again = _second_table(frame, ids, first, end, seen, names)
        if again is not None:
            report.warn(
                "a second table begins here and is not read.",
                file=file,
                row=int(frame[ROW][again]),
                hint="Give it a sheet of its own, or a register with header_row, if it is to be read.",
            )
            end = first
    below = int((~empty.slice(end)).sum())
    if below:
        report.note(
            f"the table ends at the empty row; {below} rows below it are taken for notes.",
            file=file,
            row=int(frame[ROW][end]),
        )
    inside = frame.head(end)
    gaps = empty.head(end)
    if gaps.any():
        report.note(
            f"blank rows inside the table are skipped: row{'' if gaps.sum() == 1 else 's'} "
            f"{ranges(inside.filter(gaps)[ROW].to_list())}.",
            file=file,
            count=int(gaps.sum()),
        )
    inside = inside.filter(~gaps)
    return _without_headings(inside, area, columns, file, report)


def _second_table(
    frame: pl.DataFrame,
    ids: Sequence[str | None],
    first: int,
    end: int,
    seen: Collection[str | None],
    names: Sequence[str],
) -> int | None:
    """Where a second table begins below a blank row: a head of words above ids that were there already."""
    below = [at for at in range(first, end) if any(frame[name][at] not in (None, "") for name in names)]
    if not below or not any(ids[at] in seen and ids[at] for at in below):
        return None
    for at in below:
        cells = [frame[name][at] for name in names]
        words = [cell for cell in cells if isinstance(cell, str) and not any(sign.isdigit() for sign in cell)]
        if len(words) > 1 and len(words) == len([cell for cell in cells if cell not in (None, "")]):
            return at if ids[at] not in seen else None
    return None


def _without_headings(
    frame: pl.DataFrame, area: str | None, columns: Collection[str] | None, file: Path, report: Report
) -> pl.DataFrame:
    """The rows without those that have words in the area's column, no area's id, and nothing beside."""
    if area is None or columns is None or frame.width < 3:
        return frame
    others = [name for name in frame.columns if name not in (ROW, area)]
    alone = frame.select(
        ~_is_empty(frame, area) & pl.all_horizontal(_is_empty(frame, name) for name in others)
    ).to_series()
    stranger = pl.Series([v is not None and _folded(_as_id(v)) not in columns for v in frame[area].to_list()])
    headings = alone & stranger
    if headings.any():
        report.note(
            f"headings inside the table are skipped: row{'' if headings.sum() == 1 else 's'} "
            f"{ranges(frame.filter(headings)[ROW].to_list())}.",
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
    return "".join(sign for at, sign in enumerate(signs) if at == 0 or sign != signs[at - 1])


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
    indicator : its id.
    column : the figure; rows that meet each of `conditions` are added up.
    is_count : the figures are counts of whole persons or things.
    signed : figures under 0 are possible (kroner, a mean).
    denominator : the column of the denominator, where it stands in the same rows and the figure is a part of it.
    strict : the figure can never be over its denominator; else it is strange.
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
    area_ids : gives the ids of all areas; None where they are not known.
    sums : what is added up of the table; None where anything may be.
    figures : the same by indicator, with what each can be.
    conditions : the predicates on the register's rows, of whatever kind it is.
    alone : False where other registers are read beside it: periods that it lacks are told of all of them together.
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
        for condition in {condition for each in self.sums or () for condition in each.conditions}:
            with contextlib.suppress(InputError):  # told where the indicators are checked
                columns |= predicate_columns(condition)
        return frozenset(columns)
