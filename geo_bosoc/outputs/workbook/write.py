"""``categories.xlsx``: what a committee paper needs, to be read, filtered and printed from Excel."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.csv_tables import (
    ORDER,
    categories_table,
    criteria_table,
    write_categories_csv,
    write_criteria_csv,
)
from geo_bosoc.outputs.texts import (
    category_class,
    category_classes,
    class_word,
    classes_in_order,
    criterion_labels,
    readable,
)
from geo_bosoc.outputs.workbook.area_results import AreaResult, area_results
from geo_bosoc.outputs.workbook.book_file import open_book
from geo_bosoc.outputs.workbook.category_sheets import (
    area_column,
    beside_columns,
    flags_sheet,
    period_sheet,
    points_cell,
    residents_cell,
    version_note,
)
from geo_bosoc.outputs.workbook.data_sheets import category_cell, criteria_sheet, figures_sheet
from geo_bosoc.outputs.workbook.looks import INTEGER, TEXT, Look
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.read_me import ranges_note, readme_lines, source_of
from geo_bosoc.outputs.workbook.result_sheets import changes_sheet, result_sheet
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column, missing
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.numbers import (
    day,
)

BOLD = Look(bold=True)
MOVED = Look(wrap=True, indent=1)


def write_tables(published: PublishedResults, categories: Path, criteria: Path, workbook: Path) -> None:
    """Write ``categories.csv``, ``criteria.csv`` (where there is a model) and the workbook, each table made once.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        A file is open in another program; it is left as it was.
    """
    table = categories_table(published)
    write_categories_csv(published, categories, table=table)
    of_criteria = criteria_table(published) if published.models else None
    write_criteria_csv(published, criteria, table=of_criteria)
    write_workbook(published, workbook, table=table, criteria=of_criteria)


def write_workbook(
    published: PublishedResults,
    path: str | Path,
    *,
    table: pd.DataFrame | None = None,
    criteria: pd.DataFrame | None = None,
) -> None:
    """Write the workbook: the year's result and the changes, overview and categories; then what it all rests on, and
    the data: a sheet a period, figures and criteria.

    Numbers are numbers, shares are shown in per cent, hidden and missing figures say so in words; text is
    text, whatever it looks like. `table` and `criteria` are the `categories_table` and the `criteria_table` of the
    results, where they are made already. The same input gives the same bytes.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    title = word(
        "tables", "workbook_title" if published.models else "workbook_title_plain", published.language
    )
    heading = f"{title}: {published.name}"
    with open_book(published, path, heading, source_of(published)) as book:
        table = categories_table(published) if table is None else table
        for number, model in enumerate(published.models):
            extra = "" if number == 0 else f" {model.id}"
            rows = table.loc[table["model"] == model.id]
            areas = area_results(published, model, rows)
            result_sheet(book, published, model, areas, extra)
            changes_sheet(book, published, model, areas, extra)
            _overview(book, published, model, rows, extra)
            _categories(book, published, model, areas, rows, extra)
            _behind(book, published, model, areas, extra)
            flags_sheet(book, published, model, extra)
            if model.index is not None:
                from geo_bosoc.outputs.workbook.finished_book import (
                    index_sheets,
                )  # few models are, and it loads much

                index_sheets(book, published, model, extra)
        book.text_sheet(
            word("tables", "sheet_readme", published.language), book.title, readme_lines(published)
        )
        _indicators(book, published)
        _sources(book, published)
        for period in sorted(table["period"].unique()):
            period_sheet(book, published, table.loc[table["period"] == period], period)
        figures_sheet(book, published, "sheet_reference_areas", published.reference_areas)
        figures_sheet(book, published, "sheet_figures", published.table)
        if published.models:
            criteria_sheet(book, published, criteria_table(published) if criteria is None else criteria)


def _overview(book: Book, published: PublishedResults, model: Model, table: pd.DataFrame, extra: str) -> None:
    """How many areas each category has in each period."""
    language = published.language
    periods = sorted(table["period"].unique())
    classes = category_classes(table)
    counts = table.groupby([classes, "period"]).size()
    categories = classes_in_order(model, classes)
    rows = []
    for category in categories:
        numbers = [int(counts.get((category, period), 0)) for period in periods]
        rows.append(
            [category_cell(model, category, language), *(Cell(number, Look(INTEGER)) for number in numbers)]
        )
    totals = [int((table["period"] == period).sum()) for period in periods]
    foot = [
        [
            Cell(word("tables", "total", language), BOLD),
            *(Cell(number, Look(INTEGER, bold=True)) for number in totals),
        ]
    ]
    widest = width_of([class_word(model, name, language) for name in categories], 24)
    book.table(
        word("tables", "sheet_overview", language) + extra,
        f"{word('tables', 'sheet_overview', language)}: {model.label(language)}",
        [Column(word("tables", "category", language), widest), *(Column(period, 10) for period in periods)],
        rows,
        notes=[
            version_note(model, language),
            *ranges_note(table, language),
            *_notice(model, published),
        ],
        foot=foot,
        freeze=1,
    )


def _categories(
    book: Book,
    published: PublishedResults,
    model: Model,
    areas: Sequence[AreaResult],
    table: pd.DataFrame,
    extra: str,
) -> None:
    """Each area's category in every period, side by side, the worst first."""
    language = published.language
    periods = sorted(table["period"].unique())
    widest = width_of([class_word(model, name, language) for name in set(category_classes(table))], 12, 26)
    columns = [area_column(published), Column(word("tables", "residents", language), 9)]
    score = {"points": word("tables", "points", language), "index": word("tables", "index", language)}.get(
        model.kind, ""
    )
    for period in periods:
        columns.append(Column(f"{word('tables', 'category', language)} {period}", widest))
        columns += [Column(score, 7)] if score else []
    by_area: dict[str, dict[str, Mapping[Hashable, Any]]] = {}
    for record in table[[name for name in (*ORDER, "possible") if name in table.columns]].to_dict(
        orient="records"
    ):
        by_area.setdefault(str(record["area_id"]), {})[record["period"]] = record
    rows = []
    for area in areas:
        by_period = by_area[area.area_id]
        cells = [Cell(area.name), residents_cell(area.now["residents"], published)]
        for period in periods:
            row = by_period[period]
            cells.append(category_cell(model, category_class(row["category"], row.get("possible")), language))
            cells += [points_cell(row, model)] if score else []
        rows.append(cells)
    book.table(
        word("tables", "sheet_categories", language) + extra,
        f"{word('tables', 'sheet_categories', language)}: {model.label(language)}",
        columns,
        rows,
        notes=_notice(model, published),
        freeze=1,
    )


def _behind(
    book: Book, published: PublishedResults, model: Model, areas: Sequence[AreaResult], extra: str
) -> None:
    """What stands behind the category of each assessed area: what moved, what is open or assumed, how sure it is."""
    language, labels = published.language, criterion_labels(published)
    areas = [area for area in areas if area.class_now != TOO_SMALL]
    period = max((area.now["period"] for area in areas), default="")
    extras = beside_columns(published, model, period)
    moves = {area.area_id: readable(str(area.now.get("moved_by") or ""), labels) for area in areas}
    if any(moves.values()):
        column = Column(word("tables", "moved_by", language), 44)
        extras.insert(0, (column, {area_id: Cell(text, MOVED) for area_id, text in moves.items()}))
    if not extras:
        return
    columns = [area_column(published), Column(word("tables", "category", language), 25)]
    rows = [
        [
            Cell(area.name),
            category_cell(model, area.class_now, language),
            *(cell_by_area.get(area.area_id, Cell("")) for _, cell_by_area in extras),
        ]
        for area in areas
    ]
    title = word("tables", "sheet_behind", language)
    book.table(
        title + extra,
        f"{title} {period}: {model.label(language)}",
        [*columns, *(column for column, _ in extras)],
        rows,
        notes=_notice(model, published),
        freeze=1,
    )


def _notice(model: Model, published: PublishedResults) -> list[str]:
    """The notice where the model uses residents' origin."""
    notice = model.notice(published.language)
    return [notice] if notice else []


def _indicators(book: Book, published: PublishedResults) -> None:
    language = published.language
    heads = [("indicator", 28), ("unit", 12), ("definition", 60), ("source", 36), ("assumption", 44)]
    wrapped = Look(wrap=True)
    rows = [
        [
            Cell(spec.label(language), wrapped),
            Cell(word_or_key("tables", f"unit_{spec.unit}", language)),
            Cell(spec.definition(language), wrapped),
            Cell(spec.source_text(language), wrapped),
            Cell(spec.assumption_text(language), wrapped),
        ]
        for spec in published.indicators
    ]
    name = word("tables", "sheet_indicators", language)
    columns = [Column(word_or_key("tables", head, language), width) for head, width in heads]
    book.table(name, name, columns, rows, freeze=1)


def _sources(book: Book, published: PublishedResults) -> None:
    language = published.language
    labels = {RESIDENTS: word("tables", "residents", language)}
    labels |= {spec.id: spec.label(language) for spec in published.indicators}
    heads = ("indicator", "period", "register", "data_period", "status_date", "source")
    rows = []
    for row in published.sources.to_dict(orient="records"):
        cells = ["" if missing(row.get(head)) else str(row.get(head)) for head in heads]
        cells[0] = labels.get(cells[0], cells[0])
        cells[2] = word_or_key("registers", cells[2], language)
        cells[4] = day(row.get("status_date"), language)
        rows.append([Cell(cell, TEXT) for cell in cells])
    name = word("tables", "sheet_sources", language)
    book.table(
        name,
        name,
        [
            Column(
                word_or_key("tables", head, language),
                width_of([str(row[place].value) for row in rows], 9, 44),
            )
            for place, head in enumerate(heads)
        ],
        rows,
        freeze=1,
        single=True,
    )
