"""The follow-up as tables: a workbook with a sheet a table, ready to print, and a CSV file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from geo_bosoc.follow_up.outputs import FRAMES, FollowUpFrame
from geo_bosoc.follow_up.outputs.sheet_cells import column_cells, row_facts
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.outputs.workbook.book_file import open_book
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.read_me import source_of
from geo_bosoc.outputs.workbook.sheet import Book, Column, Drawn
from geo_bosoc.text.catalogue import word, word_or_key, words


def frame_of_file(name: str) -> FollowUpFrame:
    """The table that a CSV file holds, by the file's name."""
    return next(frame for frame in FRAMES if frame.file == name)


def write_frame_csv(results: FollowUpResults, path: str | Path) -> None:
    """Write the table that the file's name stands for, with names of areas; nothing where it has no rows.

    Numbers are as they were worked out: shares are fractions. An internal set has ``output_set`` as its last column.
    """
    frame = results.frames.get(frame_of_file(Path(path).name).name)
    if frame is None or frame.empty:
        return
    if "area_id" in frame.columns:
        place = list(frame.columns).index("area_id") + 1
        frame = frame.copy()
        codes, areas = pd.factorize(frame["area_id"])
        names = [results.area_names.get(str(area), "") for area in areas]
        frame.insert(place, "name", pd.Index([*names, ""], dtype="str").take(codes))
    if results.edition.internal:
        frame = frame.assign(output_set=results.edition.mark)
    write_csv(frame, path, results.language)


def write_follow_up_workbook(results: FollowUpResults, path: str | Path) -> None:
    """Write the follow-up to an Excel file, a sheet a table; nothing where there is none.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    shown = [frame for frame in FRAMES if frame.name in results.frames]
    shown = [frame for frame in shown if results.edition.output_set in frame.sets]
    if not shown:
        return
    heading = f"{word('follow_up', 'title', results.language)}: {results.published.name}"
    with open_book(results, path, heading, source_of(results.published)) as book:
        _readme(book, results, shown)
        for frame in shown:
            rows = results.frames[frame.name]
            if not frame.has_hidden_rows:
                rows = rows[rows["status"] != "protected"]
            if frame.is_sheet:
                _sheet(book, results, frame.name, rows)


def _readme(book: Book, results: FollowUpResults, shown: Sequence[FollowUpFrame]) -> None:
    """What each sheet holds, and how to read it."""
    notes = [
        (word_or_key("follow_up", f"sheet_{frame.name}", results.language), _about(frame, results))
        for frame in shown
    ]
    notes.append(
        (word("follow_up", "custody", results.language), word("follow_up", "custody_note", results.language))
    )
    notes += [
        (
            model.label(results.language),
            f"{model.notice(results.language)} {model.case_state(results.language)}",
        )
        for model in results.further_models
        if model.uses_origin
    ]
    lines = [(left, right, False) for left, right in notes]
    book.text_sheet(word("follow_up", "sheet_readme", results.language), book.title, lines)


def _about(frame: FollowUpFrame, results: FollowUpResults) -> str:
    """What a table holds, and which of its rows are in its file alone."""
    about = word_or_key("follow_up", f"about_{frame.name}", results.language)
    if not frame.is_sheet:
        return f"{about} {word('follow_up', 'in_file_alone', results.language, file=frame.file)}"
    if not frame.has_hidden_rows and (results.frames[frame.name]["status"] == "protected").any():
        return f"{about} {word('follow_up', 'hidden_in_file_alone', results.language, file=frame.file)}"
    return about


def _sheet(book: Book, results: FollowUpResults, name: str, frame: pd.DataFrame) -> None:
    """A sheet of a table, with names in the place of ids."""
    names = list(frame.columns)
    if "area_id" in names and "name" not in names:
        names.insert(names.index("area_id") + 1, "name")
    names = [column for column in names if column != "status" or (frame["status"] != "ok").any()]
    names = [column for column in names if column not in frame.columns or not _is_empty(frame[column])]
    title = word_or_key("follow_up", f"sheet_{name}", results.language)
    own_heads = words("follow_up", results.language)
    heads = {
        column: own_heads.get(f"{name}:{column}", word_or_key("follow_up", column, results.language))
        for column in names
    }
    facts = row_facts(frame, results)
    cells = [column_cells(name, column, frame, facts, results) for column in names]
    columns = [
        Column(heads[column], _width(heads[column], of)) for column, of in zip(names, cells, strict=True)
    ]
    book.table(title, f"{title}: {results.published.name}", columns, zip(*cells, strict=True))


def _is_empty(column: pd.Series) -> bool:
    """Whether no row has anything to say in a column: a yes, a text, a number."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return bool(column.isna().all())
    return bool((column.isna() | column.isin(["", False])).all())


def _width(head: str, cells: Sequence[Drawn]) -> float:
    texts = {value for value, _ in cells if isinstance(value, str)}
    longest = max((len(text) for text in texts), default=0)
    return 60 if longest > 60 else width_of([*texts, *head.split()], 11, 44)
