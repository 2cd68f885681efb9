"""Labels that a finished table writes once a block: filled down where that is certain, asked about where it is not.

A label is certain where the sheet's cells are merged, where `fill_down` names the column, or where every block (the
rows from one label to the next) then holds the same classes, each once. Where a block would hold a class twice the rows
below the label are others': they have no label, and are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.text import ranges

_FIGURE: Final = "@figure"
_BLOCK: Final = "@block"


@dataclass(frozen=True)
class LabelColumns:
    """Which columns of a table are labels.

    Attributes
    ----------
    names : mapping of str to str
        Of each column, the name that `fill_down` and the specification use.
    needed : collection of str
        Columns that rows cannot do without: the area, the period, and those that the specification calls text.
    merged : mapping of str to sequence of tuple of int
        First and last row of the cells that are one, by column.
    fill_down : tuple of str or None
        Columns to fill by the specification, by our own names; None where it does not say.
    used : collection of str
        Columns that conditions name, by our own names.
    """

    names: Mapping[str, str]
    needed: Collection[str]
    merged: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    fill_down: tuple[str, ...] | None = None
    used: Collection[str] = ()


def filled_down(
    frame: pl.DataFrame,
    columns: LabelColumns,
    file: Path,
    report: Report,
    *,
    more_labels: Callable[[], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """The table with its labels on every row; doubtful ones are errors in `report`.

    Parameters
    ----------
    frame : DataFrame
        Raw columns in the order of the file, with `ROW`.
    columns : LabelColumns
        Which of them are labels.
    file : Path
        For messages.
    report : Report
        Takes what is wrong, and notes of what was filled down.
    more_labels : callable, optional
        Gives the table's other columns with `ROW`; called where labels are blank.
    """
    names = [name for name in frame.columns if name != ROW]
    labels = [name for name in names if name in columns.needed or not _holds_figures(frame[name])]
    figures = [name for name in names if name not in labels]
    if not labels or not figures:
        return frame
    table = frame.with_columns(
        *(_blank_as_null(frame, name) for name in labels),
        pl.any_horizontal(_is_filled(frame, name) for name in figures).alias(_FIGURE),
    )
    blank = {name: _blank_below(table, name).height for name in labels}
    if not any(blank.values()):
        return frame
    classes = list(labels)
    if more_labels is not None:
        others = more_labels()
        extra = [
            name for name in others.columns if name not in frame.columns and not _holds_figures(others[name])
        ]
        table = table.join(
            others.select(ROW, *(_blank_as_null(others, name) for name in extra)),
            on=ROW,
            how="left",
            maintain_order="left",
        )
        classes += extra
    headings: list[int] = []
    for name in sorted((name for name in labels if blank[name]), key=lambda name: blank[name]):
        before = table[name]
        table = _filled_column(table, name, classes, columns, file, report)
        headings += _heading_rows(table, name, before)
    result = frame.with_columns(table[name] for name in labels if not table[name].equals(frame[name]))
    return result.filter(~pl.col(ROW).is_in(headings)) if headings else result


def _filled_column(
    table: pl.DataFrame, name: str, classes: Sequence[str], columns: LabelColumns, file: Path, report: Report
) -> pl.DataFrame:
    label = columns.names.get(name, name)
    down = pl.col(name).forward_fill()
    if columns.fill_down is not None:
        if label not in columns.fill_down:
            return table
        return _report_labels(table, name, pl.lit(True), phrase("by fill_down"), label, file, report)
    inside = pl.lit(False)
    for first, last in columns.merged.get(name, ()):
        inside |= pl.col(ROW).is_between(first, last)
    if columns.merged.get(name):
        table = _report_labels(table, name, inside, phrase("from merged cells"), label, file, report)
    blank = _blank_below(table, name)
    if blank.is_empty():
        return table
    rows = table.with_columns(down.alias(_BLOCK)).filter(pl.col(_FIGURE) & pl.col(_BLOCK).is_not_null())
    rows = rows.with_columns(pl.col(_BLOCK).rle_id())
    class_columns = [
        other
        for other in classes
        if other != name and rows[other].null_count() == 0 and rows[other].n_unique() < rows.height
    ]
    blocks = rows.group_by(_BLOCK, maintain_order=True).agg(
        size=pl.len(), classes=pl.struct(class_columns).n_unique() if class_columns else pl.len()
    )
    sizes = blocks["size"]
    regular = blocks.height > 1 and sizes.n_unique() == 1 and sizes[0] > 1
    if class_columns:
        if (blocks["classes"] < sizes).any():
            return table  # a class would be doubled in a block: these rows are not the label's
        regular = regular and rows.select(pl.struct(class_columns).n_unique()).item() == sizes[0]
    if regular:
        return _report_labels(
            table, name, pl.lit(True), phrase("where every block holds the same classes"), label, file, report
        )
    often = label in columns.used and 2 * blank.height >= rows.height
    needed = name in columns.needed or often
    if class_columns and needed:
        numbers = blank[ROW].to_list()
        single = len(numbers) == 1
        report.error(
            phrase(
                "{rows} {has_have} no label here, below rows that have one: {row_word} {ranges}.",
                rows=count_text(len(numbers), "row"),
                has_have=phrase("has" if single else "have"),
                row_word=phrase("row" if single else "rows"),
                ranges=ranges(numbers),
            ),
            file=file,
            row=numbers[0],
            column=label,
            count=len(numbers),
            hint=phrase(
                'If the label above holds for them: fill_down = ["{label}"]; if they have none: '
                "fill_down = [].",
                label=label,
            ),
        )
    return table


def _report_labels(
    table: pl.DataFrame, name: str, rows: pl.Expr, why: str, label: str, file: Path, report: Report
) -> pl.DataFrame:
    """The table with a column filled down in some rows, and a note of it."""
    result = table.with_columns(
        pl.when(rows & pl.col(_FIGURE)).then(pl.col(name).forward_fill()).otherwise(pl.col(name)).alias(name)
    )
    count = table[name].null_count() - result[name].null_count()
    if count:
        report.note(
            phrase(
                "labels written once a block were filled down in {rows} ({why}).",
                rows=count_text(count, "row"),
                why=why,
            ),
            file=file,
            column=label,
            count=count,
        )
    return result


def _heading_rows(table: pl.DataFrame, name: str, before: pl.Series) -> list[int]:
    """Rows without figures whose label was taken by the rows below: the heads of blocks."""
    taken = table[name].is_not_null() & before.is_null()
    heads = table.filter(~table[_FIGURE] & before.is_not_null() & taken.shift(-1, fill_value=False))
    return heads[ROW].to_list()


def _blank_below(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows with figures whose label is blank, below one that is not."""
    return table.filter(pl.col(_FIGURE) & pl.col(name).is_null() & pl.col(name).forward_fill().is_not_null())


def _is_filled(frame: pl.DataFrame, name: str) -> pl.Expr:
    value = pl.col(name)
    if frame.schema[name] == pl.String:
        return value.is_not_null() & (value.str.strip_chars(text.BLANKS) != "")
    return value.is_not_null()


def _blank_as_null(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.when(_is_filled(frame, name)).then(pl.col(name)).alias(name)


def _holds_figures(values: pl.Series) -> bool:
    """Whether a column holds numbers, or signs that stand for them, rather than words."""
    if values.dtype.is_numeric() or values.dtype == pl.Null:
        return True
    if values.dtype != pl.String:
        return False
    cell = pl.col("v")
    frame = values.str.strip_chars(text.BLANKS).to_frame("v").filter((cell != "") & cell.is_not_null())
    number = text.is_number(cell, ",") | text.is_number(cell, ".")
    mark = text.is_not_applicable(cell) | text.is_dash(cell) | text.is_protected(cell, (), figures=True)
    numbers, marks = frame.select(numbers=number.sum(), marks=(mark & ~number).sum()).row(0)
    return frame.is_empty() or (numbers > 0 and 2 * (numbers + marks) > frame.height)


def tell_rows_without_area(frame: pl.LazyFrame, spec: RegisterSpec, file: str | Path, report: Report) -> None:
    """Rows of a finished table that have figures and no area: counted, and told."""
    schema = frame.collect_schema()
    figures = [
        name
        for name, dtype in schema.items()
        if dtype.is_numeric() and name != ROW and not name.endswith(MARK_SUFFIX)
    ]
    if not figures:
        return
    without = pl.col("area_id").is_null() & pl.any_horizontal(pl.col(name).is_not_null() for name in figures)
    rows = frame.filter(without).select(pl.col(ROW).unique()).collect()[ROW].sort().to_list()
    if rows:
        single = len(rows) == 1
        report.warn(
            phrase(
                "{rows} {has_have} no area: {row_word} {ranges}. They count in no area.",
                rows=count_text(len(rows), "row"),
                has_have=phrase("has" if single else "have"),
                row_word=phrase("row" if single else "rows"),
                ranges=ranges(rows),
            ),
            file=file,
            row=rows[0],
            column=spec.columns.get(spec.area, spec.area),
            count=len(rows),
        )
