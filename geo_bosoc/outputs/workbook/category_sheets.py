"""Sheets of categories: a period's, with every figure; each category by itself; and what stands with a category."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, PublishedResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import assumed_text, category_labels, figure_labels
from geo_bosoc.outputs.columns import SHARES, side_by_side
from geo_bosoc.outputs.csv_tables import ORDER
from geo_bosoc.outputs.texts import category_class, reference_word, sentence_case, status_word
from geo_bosoc.outputs.workbook.data_sheets import category_cell, value_cell, with_unit
from geo_bosoc.outputs.workbook.looks import (
    INTEGER,
    PLAIN,
    SUPPRESSED_FIGURE,
    TWO_DECIMALS,
    WHOLE_PERCENT,
    Look,
)
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column, missing
from geo_bosoc.text.catalogue import Language, word, word_or_key

Row = Mapping[Hashable, Any]
WRAPPED = Look(wrap=True, indent=1)
SHARE = Look(WHOLE_PERCENT)
_WIDTHS = {
    "socioeconomic": 22, "possible": 30, "undetermined_by": 30, "assumed": 30, "held": 10,
    "change_by_chance": 16, "small_base": 58, "smallest_change": 38,
}  # fmt: skip


def beside_columns(
    published: PublishedResults, model: Model, period: str
) -> list[tuple[Column, dict[str, Cell]]]:
    """The columns that say something of any area in a period: head, and a cell by area."""
    categories = published.categories[
        (published.categories["model"] == model.id) & (published.categories["period"] == period)
    ].drop_duplicates("area_id")
    rows = categories.to_dict(orient="records")
    columns = []
    for name, width in _WIDTHS.items():
        cells = {str(row["area_id"]): _cell(name, row, model, published) for row in rows}
        if any(not missing(cell.value) and cell.value != "" for cell in cells.values()):
            columns.append((Column(word_or_key("tables", name, published.language), width), cells))
    return columns


def _cell(name: str, row: Row, model: Model, published: PublishedResults) -> Cell:
    value, language = row.get(name), published.language
    if name in SHARES:
        return Cell(None if missing(value) else value, SHARE)
    if not isinstance(value, str) or not value:
        return Cell("", WRAPPED)
    if name == "socioeconomic":
        return category_cell(model, value, language)
    labels = {spec.id: spec.label(language) for spec in published.indicators}
    if name == "possible":
        if row["category"] == RANGE:  # its words say it
            return Cell("", WRAPPED)
        return Cell(", ".join(category_labels(model, value, language)), WRAPPED)
    if name == "assumed":
        return Cell(assumed_text(model, value, language, labels), WRAPPED)
    if name == "smallest_change":
        return Cell(value, WRAPPED)
    return Cell(", ".join(figure_labels(model, value, language, labels)), WRAPPED)


def flags_sheet(book: Book, published: PublishedResults, model: Model, extra: str) -> None:
    """Each area and period: of every category by itself whether it holds, and what would settle it."""
    flags = published.flags[published.flags["model"] == model.id]
    if not side_by_side(model) or flags.empty:
        return
    language = published.language
    labels = {spec.id: spec.label(language) for spec in published.indicators}
    names = dict(
        zip(published.areas["area_id"].astype(str), published.areas["name"].astype(str), strict=True)
    )
    categories = [category for category in model.category if category.id in set(flags["category"])]
    columns = [Column(word("tables", "period", language), 9), Column(word("tables", "area_id", language), 11),
               Column(word("tables", "name", language), 26)]  # fmt: skip
    columns += [Column(each.label(language), width_of([each.label(language)], 14, 24)) for each in categories]
    columns.append(Column(word("tables", "settled_by", language), 60))
    rows = []
    for (period, area), part in flags.groupby(["period", "area_id"], sort=True):
        flag_by_category = part.drop_duplicates("category").set_index("category").to_dict(orient="index")
        cells = [Cell(str(period)), Cell(str(area)), Cell(names.get(str(area), str(area)))]
        open_ones = []
        for category in categories:
            flag = flag_by_category.get(category.id, {})
            met = str(flag.get("met", ""))
            fill = category.colour if met == "met" else None
            cells.append(
                Cell(word_or_key("tables", f"met_{met}", language) if met else "", Look(fill=fill, indent=1))
            )
            by = ", ".join(figure_labels(model, flag.get("settled_by"), language, labels))
            open_ones += [f"{category.label(language)}: {by}"] if by else []
        cells.append(Cell("; ".join(open_ones), WRAPPED))
        rows.append(cells)
    book.table(
        word("tables", "sheet_flags", language) + extra,
        f"{word('tables', 'sheet_flags', language)}: {model.label(language)}",
        columns,
        rows,
        notes=[note for note in (word("tables", "is_flags", language), model.notice(language)) if note],
        freeze=3,
    )


BOLD = Look(bold=True)
NUMBER = Look(INTEGER)
INDEX = Look(TWO_DECIMALS)
RIGHT = Look(align="right")
Part = tuple[Column, Callable[[Mapping[str, Row]], Cell], Indicator | None]
"""A column, its cell of an area's rows by model, and the indicator whose reference area stands at its foot."""


def period_sheet(book: Book, published: PublishedResults, table: pd.DataFrame, period: str) -> None:
    """Write the sheet of a period; `table` holds its rows of `geo_bosoc.outputs.csv_tables.categories_table`.

    With several models every column of theirs says whose it is. Points stand beside an indicator for each model that
    gives it any; the result without origin beside the category of a model that uses it.
    """
    language = published.language
    parts = [part for model in published.models for part in _model_parts(published, model)]
    for spec in published.indicators:
        if spec.id != "residents":
            parts += _indicator_parts(published, spec)
    models = [model.id for model in published.models] or [""]
    by_area: dict[str, dict[str, Row]] = {}
    shown = [f"{spec.id}_{name}" for spec in published.indicators for name in ("value", "points", "status")]
    shown = [name for name in (*ORDER, "possible", "socioeconomic", *shown) if name in table.columns]
    for row in table[shown].to_dict(orient="records"):
        by_area.setdefault(str(row["area_id"]), {})[row["model"]] = row
    rows = []
    for area, row_by_model in by_area.items():
        first_row = row_by_model[models[0]]
        cells = [Cell(area), Cell(first_row["name"]), residents_cell(first_row["residents"], published)]
        rows.append([*cells, *(made(row_by_model) for _, made, _ in parts)])
    columns = [
        *area_columns(published),
        Column(word("tables", "residents", language), 10),
        *(column for column, _, _ in parts),
    ]
    book.table(
        period, f"{book.title}, {period}", columns, rows, foot=_reference_rows(published, parts, period)
    )


def _model_parts(published: PublishedResults, model: Model) -> list[Part]:
    language, whose = published.language, _whose(published.models, model)
    parts: list[Part] = [
        (
            Column(word("tables", "category", language) + whose, 25),
            lambda row_by_model: category_cell(model, _class_of(row_by_model[model.id]), language),
            None,
        )
    ]
    if model.kind != "rules":
        head = word("tables", "points" if model.kind == "points" else "index", language) + whose
        parts.append((Column(head, 8), lambda row_by_model: points_cell(row_by_model[model.id], model), None))
    if model.uses_origin:
        parts.append(
            (
                Column(word("tables", "socioeconomic", language) + whose, 22),
                lambda row_by_model: _apart(row_by_model[model.id], model, published),
                None,
            )
        )
    return parts


def _class_of(row: Row) -> str:
    return category_class(row["category"], row.get("possible"))


def _indicator_parts(published: PublishedResults, spec: Indicator) -> list[Part]:
    head = with_unit(spec, published)
    parts: list[Part] = [
        (
            Column(head, 10),
            lambda row_by_model: _value(next(iter(row_by_model.values())), spec, published),
            spec,
        )
    ]
    giving = [model for model in published.models if model.kind == "points"]
    giving = [model for model in giving if any(each.indicator == spec.id for each in model.criterion)]
    for model in giving:
        head = word("tables", "points", published.language) + _whose(giving, model)
        parts.append((Column(head, 6), _points_of(spec, model), None))
    return parts


def _points_of(spec: Indicator, model: Model) -> Callable[[Mapping[str, Row]], Cell]:
    return lambda row_by_model: Cell(row_by_model[model.id][f"{spec.id}_points"], RIGHT)


def _whose(models: Sequence[Model], model: Model) -> str:
    return f" {model.id}" if len(models) > 1 else ""


def _value(row: Row, spec: Indicator, published: PublishedResults) -> Cell:
    return value_cell(row[f"{spec.id}_value"], row[f"{spec.id}_status"], spec, published)


def _apart(row: Row, model: Model, published: PublishedResults) -> Cell:
    category = row.get("socioeconomic")
    return (
        category_cell(model, category, published.language)
        if isinstance(category, str) and category
        else Cell("")
    )


def _reference_rows(published: PublishedResults, parts: Sequence[Part], period: str) -> list[list[Cell]]:
    references = published.reference_areas.loc[published.reference_areas["period"] == period]
    row_by_key = {(row.area_id, row.indicator): row for row in references.itertuples(index=False)}
    rows = []
    names = {area: word_or_key("tables", area, published.language) for area in (MUNICIPALITY, ALL_AREAS)}
    for area in references["area_id"].astype(str).unique():
        names.setdefault(area, sentence_case(reference_word(area, published.language)))
    for reference_area, name in names.items():
        cells = [Cell("", BOLD), Cell(name, BOLD), Cell("", BOLD)]
        for _, _, spec in parts:
            row = None if spec is None else row_by_key.get((reference_area, spec.id))
            value, status = (row.value, row.status) if row is not None else (None, "missing")
            cells.append(
                Cell("", BOLD)
                if spec is None
                else value_cell(value, str(status), spec, published, total=True)
            )
        rows.append(cells)
    return rows


def area_names(published: PublishedResults) -> dict[str, str]:
    """Names of areas by id; where several areas have the same name, with the id."""
    ids, names = published.areas["area_id"].astype(str), published.areas["name"].astype(str)
    is_shared = names.duplicated(keep=False)
    return {
        area_id: f"{name} ({area_id})" if shared else name
        for area_id, name, shared in zip(ids, names, is_shared, strict=True)
    }


def area_column(published: PublishedResults) -> Column:
    """The column of `area_names`, as wide as they need."""
    return Column(
        word("tables", "name", published.language), width_of(area_names(published).values(), 14, 30)
    )


def version_note(model: Model, language: Language) -> str:
    """Which model, and of which date."""
    return f"{model.label(language)}, {word('tables', 'version', language)} {model.version}"


def area_columns(published: PublishedResults) -> list[Column]:
    """The columns of id and name, as wide as they need."""
    names, ids = published.areas["name"].astype(str), published.areas["area_id"].astype(str)
    return [
        Column(word("tables", "area_id", published.language), width_of(list(ids), 10, 16)),
        Column(word("tables", "name", published.language), width_of(list(names), 14, 32)),
    ]


def points_cell(row: Row, model: Model) -> Cell:
    """Points, the range they lie in where a figure is missing, or the score of an index."""
    points, least, most = row["points"], row["points_min"], row["points_max"]
    if missing(points) and not missing(least) and not missing(most):
        return Cell(f"{least:g}-{most:g}", RIGHT)
    return Cell(points, INDEX if model.kind == "index" else RIGHT)


def residents_cell(value: Any, published: PublishedResults) -> Cell:
    """How many residents, or that it is not shown."""
    if missing(value):
        return (
            Cell("", PLAIN)
            if published.residents.empty
            else Cell(status_word("protected", published), SUPPRESSED_FIGURE)
        )
    return Cell(int(value), NUMBER)
