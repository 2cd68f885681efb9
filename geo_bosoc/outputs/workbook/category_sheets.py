"""What stands beside a category in the workbook: columns of the sheet of categories, and each category by itself."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import assumed_text, category_labels, figure_labels
from geo_bosoc.outputs.category_extras import SHARES, side_by_side
from geo_bosoc.outputs.texts import word
from geo_bosoc.outputs.workbook.data_sheets import category_cell
from geo_bosoc.outputs.workbook.sheet import (
    WHOLE_PERCENT,
    Book,
    Cell,
    Column,
    Look,
    missing,
    width_of,
)

Row = Mapping[Hashable, Any]
WRAPPED = Look(wrap=True)
SHARE = Look(WHOLE_PERCENT)
_WIDTHS = {
    "socioeconomic": 22, "possible": 30, "undetermined_by": 30, "assumed": 30, "held": 10,
    "change_by_chance": 14, "small_base": 30, "smallest_change": 46,
}  # fmt: skip


def beside_columns(
    published: PublishedResults, model: Model, period: str
) -> list[tuple[Column, dict[str, Cell]]]:
    """The columns that say something of any area in a period: head, and a cell by area."""
    own = published.categories[
        (published.categories["model"] == model.id) & (published.categories["period"] == period)
    ].drop_duplicates("area_id")
    rows = own.to_dict(orient="records")
    found = []
    for name, width in _WIDTHS.items():
        cells = {str(row["area_id"]): _cell(name, row, model, published) for row in rows}
        if any(not missing(cell.value) and cell.value != "" for cell in cells.values()):
            found.append((Column(word(name, published.language), width), cells))
    return found


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
        return Cell(", ".join(category_labels(model, value, language)), WRAPPED)
    if name == "assumed":
        return Cell(assumed_text(model, value, language, labels), WRAPPED)
    if name == "smallest_change":
        return Cell(value, WRAPPED)
    return Cell(", ".join(figure_labels(model, value, language, labels)), WRAPPED)


def flags_sheet(book: Book, published: PublishedResults, model: Model, extra: str) -> None:
    """Each area and period: of every category by itself whether it holds, and what would settle it."""
    own = published.flags[published.flags["model"] == model.id]
    if not side_by_side(model) or own.empty:
        return
    language = published.language
    labels = {spec.id: spec.label(language) for spec in published.indicators}
    names = dict(
        zip(published.areas["area_id"].astype(str), published.areas["name"].astype(str), strict=True)
    )
    categories = [category for category in model.category if category.id in set(own["category"])]
    columns = [Column(word("period", language), 9), Column(word("area_id", language), 11),
               Column(word("name", language), 26)]  # fmt: skip
    columns += [Column(each.label(language), width_of([each.label(language)], 14, 24)) for each in categories]
    columns.append(Column(word("settled_by", language), 60))
    rows = []
    for (period, area), part in own.groupby(["period", "area_id"], sort=True):
        told = part.drop_duplicates("category").set_index("category").to_dict(orient="index")
        cells = [Cell(str(period)), Cell(str(area)), Cell(names.get(str(area), str(area)))]
        open_ones = []
        for category in categories:
            flag = told.get(category.id, {})
            met = str(flag.get("met", ""))
            fill = category.colour if met == "met" else None
            cells.append(Cell(word(f"met_{met}", language) if met else "", Look(fill=fill, indent=1)))
            by = ", ".join(figure_labels(model, flag.get("settled_by"), language, labels))
            open_ones += [f"{category.label(language)}: {by}"] if by else []
        cells.append(Cell("; ".join(open_ones), WRAPPED))
        rows.append(cells)
    book.table(
        word("sheet_flags", language) + extra,
        f"{word('sheet_flags', language)}: {model.label(language)}",
        columns,
        rows,
        notes=[note for note in (word("is_flags", language), model.notice(language)) if note],
        freeze=3,
    )
