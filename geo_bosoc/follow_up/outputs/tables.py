"""The follow-up as tables: a workbook with a sheet a table, ready to print, and a CSV file each."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, cast

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from geo_bosoc.disclosure.results import RESIDENTS
from geo_bosoc.follow_up.outputs import FRAMES, FollowUpFrame
from geo_bosoc.follow_up.spec_parts import REFERENCES
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.follow_up.tipping_criteria import HISTORY
from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import figure_label
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.outputs.texts import class_word, status_word
from geo_bosoc.outputs.workbook.sheet import (
    INTEGER,
    PERCENT,
    QUIET,
    TEXT,
    TWO_DECIMALS,
    UNIT_FORMAT,
    Book,
    Cell,
    Column,
    Look,
    missing,
    open_book,
    width_of,
)
from geo_bosoc.text.catalogue import word, word_or_key, words
from geo_bosoc.text.numbers import UNIT_FACTOR

Kind = Literal[
    "value",  # in the unit of the row's indicator
    "difference",  # of two such values: percentage points where they are shares
    "share",  # a fraction, shown in per cent
    "ratio",
    "whole",
    "year",
]

KINDS: Final[dict[str, Kind]] = {
    "value": "value",
    "value_before": "value",
    "value_of_twins": "value",
    "ratio": "ratio",
    "rank": "whole",
    "figures_compared": "whole",
    "twins": "whole",
    "difference": "difference",
    "low": "difference",
    "high": "difference",
    "reference": "value",
    "reference_before": "value",
    "reference_difference": "difference",
    "against_reference": "difference",
    "change": "difference",
    "reform_change": "difference",
    "other_change": "difference",
    "reform_share": "share",
    "other_value": "value",
    "chained_value": "value",
    "baseline": "value",
    "goal": "value",
    "path_value": "value",
    "difference_low": "difference",
    "difference_high": "difference",
    "municipality_baseline": "value",
    "municipality_value": "value",
    "against_municipality": "difference",
    "areas": "whole",
    "areas_before": "whole",
    "stayed": "whole",
    "entered": "whole",
    "left": "whole",
    "residents": "whole",
    "residents_before": "whole",
    "residents_difference": "whole",
    "growth": "share",
    "correlation": "ratio",
    "effect": "difference",
    "value_stayed": "value",
    "persons": "whole",
    "gained": "whole",
    "lost": "whole",
    "base_only": "whole",
    "households": "whole",
    "movers": "whole",
    "share": "share",
    "threshold": "value",
    "margin": "difference",
    "margin_persons": "whole",
    "chance": "share",
    "observed": "share",
    "from_chance": "share",
    "to_chance": "share",
    "forecasts": "whole",
    "horizon": "whole",
    "step": "whole",
    "bin": "whole",
    "bins": "whole",
    "bins_within": "whole",
}
"""How numbers stand in a sheet, by column; a number of any other column is shown as it is."""
FRAME_KINDS: Final[dict[str, dict[str, Kind]]] = {
    "series": {"low": "value", "high": "value"},
    "goals": {"low": "value", "high": "value"},
    "safety": dict.fromkeys(("value", *REFERENCES), "share"),
    "move_profiles": {"low": "value", "high": "value"},
    "destinations": {"low": "ratio", "high": "ratio"},
    "warning_bins": {"low": "share", "high": "share"},
    "beside_twins": {"low": "value", "high": "value"},
}
"""The same for columns that are another thing in one table, by table."""

_AS_WRITTEN: Final = ("goal_baselines",)
"""Tables that are read back: their numbers stand in their own unit."""
_SIGNED: Final = {
    "percent": r"+0.0;\-0.0;0.0",
    "per_1000": r"+0.0;\-0.0;0.0",
    "per_10000": r"+0.0;\-0.0;0.0",
    "mean": r"+0.00;\-0.00;0.00",
    "count": r"+#,##0;\-#,##0;0",
}
"""How a difference in each unit is shown: of shares in percentage points, which its head says."""
_STATUSES_OF_FIGURES: Final = ("protected", "missing", "no_base", "not_published")
"""Why a figure is not there, which stands in its place; a goal's status says nothing of it."""
_EMPTY: Final = Cell("")
_WRAPPED: Final = Look(wrap=True)
_LONG_TEXTS: Final = ("reason", "assumption", "sentence", "path", "note", "method", "notice")
CATEGORY: Final = "category"
"""In the column `criterion` of early warnings: it is about the category."""


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
        frame.insert(place, "name", [results.area_names.get(str(area), "") for area in frame["area_id"]])
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
    shown = [frame for frame in FRAMES if frame.is_sheet and frame.name in results.frames]
    shown = [frame for frame in shown if results.edition.output_set in frame.sets]
    if not shown:
        return
    heading = f"{word('follow_up', 'title', results.language)}: {results.published.name}"
    with open_book(results, path, heading) as book:
        _readme(book, results, shown)
        for frame in shown:
            _sheet(book, results, frame.name, results.frames[frame.name])


def _readme(book: Book, results: FollowUpResults, shown: Sequence[FollowUpFrame]) -> None:
    """What each sheet holds, and how to read it."""
    sheet, row = book.add(word("follow_up", "sheet_readme", results.language), book.title)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    notes = [
        (word_or_key("follow_up", f"sheet_{frame.name}", results.language),
         word_or_key("follow_up", f"about_{frame.name}", results.language))
        for frame in shown
    ]  # fmt: skip
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
    for left, right in notes:
        row += 1
        book.put(sheet, row, 0, Cell(left, Look(bold=True, border=False)))
        book.put(sheet, row, 1, Cell(right, Look(border=False, wrap=True)))
        sheet.set_row(row, 15.5 * (1 + len(right) // 110))


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
    cells = [_cells(name, column, frame, results) for column in names]
    columns = [
        Column(heads[column], _width(heads[column], of)) for column, of in zip(names, cells, strict=True)
    ]
    book.table(title, f"{title}: {results.published.name}", columns, zip(*cells, strict=True))


def _is_empty(column: pd.Series) -> bool:
    """Whether no row has anything to say in a column: a yes, a text, a number."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return bool(column.isna().all())
    return bool((column.isna() | column.isin(["", False])).all())


def _cells(sheet: str, column: str, frame: pd.DataFrame, results: FollowUpResults) -> list[Cell]:
    """A column of a sheet; texts that are alike are put in words once."""
    if column == "name" and "name" not in frame.columns:
        return [Cell(results.area_names.get(str(area), str(area))) for area in frame["area_id"].tolist()]
    units: dict[str, Unit] = {
        criterion.indicator: criterion.unit
        for model in results.further_models
        for criterion in model.criterion
    }
    units |= {indicator.id: indicator.unit for indicator in results.published.indicators}
    kind = FRAME_KINDS.get(sheet, {}).get(column) or KINDS.get(column)
    in_words: dict[tuple[str, str, bool], Cell] = {}
    cells = []
    of_rows = (_strings(frame, name) for name in ("status", "model", "criterion", "indicator", "unit"))
    for value, status, model, criterion, indicator, unit in zip(
        frame[column].tolist(), *of_rows, strict=True
    ):
        if missing(value):
            is_figure = kind in ("value", "difference") and status in _STATUSES_OF_FIGURES
            cells.append(Cell(status_word(status, results.published), QUIET) if is_figure else _EMPTY)
        elif isinstance(value, str):
            key = (value, model, criterion == CATEGORY)
            if key not in in_words:
                text = _text(column, value, results.models.get(model), key[2], results)
                in_words[key] = Cell(text, _WRAPPED if column in _LONG_TEXTS else TEXT)
            cells.append(in_words[key])
        elif isinstance(value, bool):
            cells.append(Cell("x") if value else _EMPTY)
        elif sheet in _AS_WRITTEN:
            cells.append(Cell(float(value), TEXT))
        else:
            cells.append(_number(value, kind, _unit(indicator, unit, units)))
    return cells


def _strings(frame: pd.DataFrame, column: str) -> list[str]:
    """A column of texts; empty ones where the frame has none."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if missing(value) else str(value) for value in frame[column].tolist()]


def _number(value: Any, kind: Kind | None, unit: Unit) -> Cell:
    """A number by what its column holds."""
    if kind == "value":
        return Cell(
            float(value) * (1.0 if unit == "percent" else UNIT_FACTOR[unit]), _look(UNIT_FORMAT[unit])
        )
    if kind == "difference":
        return Cell(float(value) * UNIT_FACTOR[unit], _look(_SIGNED[unit]))
    if kind == "share":
        return Cell(float(value), _look(PERCENT))
    if kind == "whole":
        return Cell(int(value), _look(INTEGER))
    if kind == "year":
        return Cell(int(value), _look("0"))
    return Cell(float(value), _look("0" if float(value).is_integer() else TWO_DECIMALS))


@functools.cache
def _look(number: str) -> Look:
    return Look(number=number)


def _unit(indicator: str, written: str, units: Mapping[str, Unit]) -> Unit:
    """The unit of a row's figures: its indicator's, or its own; what neither says is a number."""
    if written in UNIT_FORMAT:
        return cast(Unit, written)
    if written:
        return "mean"  # kroner, marks, meetings: as many decimals as it has
    return units.get(indicator, "count")


def _text(
    column: str, value: str, model: Model | None, is_of_category: bool, results: FollowUpResults
) -> str:
    """A text as a reader has it: labels of indicators, models and categories, words of values."""
    if column in ("area_id", "period", "period_before") or value == "":
        return value
    if column.startswith("area_id"):
        return results.area_names.get(value, value)
    if column in ("origin", "destination"):
        subject = "follow_up" if value.startswith("@") else "balance"  # areas outside, and tenures
        return results.area_names.get(value, words(subject, results.language).get(value, value))
    if column == "cause":
        return ", ".join(
            word("follow_up", f"cause:{each}", results.language) for each in re.split(r"[|+]", value)
        )
    if column == "indicator":
        return results.labels.get(value, value)
    if column == "model" and model is not None:
        return model.label(results.language)
    if column.startswith("category") and model is not None:
        return class_word(model, value, results.language)
    if column in ("tipped_by", "sufficient", "necessary"):
        return _criteria(value, model, results)
    if (column == "now" and is_of_category) or column.startswith("possible"):
        return ", ".join(class_word(model, each, results.language) for each in value.split(", "))
    if column == "criterion" and model is not None:
        labels = {criterion.key: criterion.label(results.language) for criterion in model.criterion}
        return labels.get(value, word_or_key("follow_up", f"criterion:{value}", results.language))
    if column in ("missing", "figures"):
        return ", ".join(_figure_name(each, results) for each in value.split(", "))
    if column == "status" and value in ("ok", *_STATUSES_OF_FIGURES):
        return "" if value == "ok" else status_word(value, results.published)
    subject = "differs_from" if column.startswith("differs_from_") else column
    return words("follow_up", results.language).get(f"{subject}:{value}", value)


def _criteria(ids: str, model: Model | None, results: FollowUpResults) -> str:
    """Criteria with "|" between their ids, as a reader has them."""
    if model is None:
        return ids
    language = results.language
    labels = {**results.labels, HISTORY: word("category_changes", "history", language)}
    return ", ".join(figure_label(model, each, language, labels) for each in ids.split("|"))


def _figure_name(figure: str, results: FollowUpResults) -> str:
    """What a figure is called: an indicator's label, or an earlier list."""
    kind, _, year = figure.partition(" ")
    if kind == "history":
        return word("list_ahead", "list_of", results.language, year=year)
    if figure == RESIDENTS:
        return word("list_ahead", "residents", results.language)
    return results.labels.get(figure, figure)


def _width(head: str, cells: Sequence[Cell]) -> float:
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    longest = max((len(text) for text in texts), default=0)
    return 60 if longest > 60 else width_of([*texts, *head.split()], 11, 44)
