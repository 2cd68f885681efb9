"""``categories.xlsx``: what a committee paper needs, to be read, filtered and printed from Excel."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo_bosoc.findings import ALL_AREAS, MUNICIPALITY, Shown
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.spec import Model
from geo_bosoc.reports.long_sheets import criteria_sheet, figures_sheet, value_cell, with_unit
from geo_bosoc.reports.readme_sheet import readme_lines
from geo_bosoc.reports.sheets import (
    PLAIN,
    QUIET,
    TEXT,
    WHOLE,
    Book,
    Cell,
    Column,
    Look,
    missing,
    new_book,
    width_of,
)
from geo_bosoc.reports.tables import ORDER, categories_table
from geo_bosoc.reports.words import (
    categories_of,
    category_word,
    criterion_labels,
    readable,
    stamps,
    status_word,
    word,
)
from geo_bosoc.safe_write import whole_file
from geo_bosoc.wording import day, register_word

BOLD = Look(bold=True)
NUMBER = Look(WHOLE)
NOT_ASSESSED_FILL = "#e1e3e6"


def write_workbook(shown: Shown, path: str | Path) -> None:
    """Write the workbook: read me, overview, categories, a sheet a period, figures, criteria and sources.

    Numbers are numbers, shares are shown in per cent, hidden and missing figures say so in words; text is
    text, whatever it looks like. The same input gives the same bytes.

    Raises
    ------
    geo_bosoc.safe_write.OutputInUse
        The file is open in another program; it is left as it was.
    """
    title = word("workbook_title" if shown.models else "workbook_title_plain", shown.language)
    heading = f"{title}: {shown.name}"
    marks = stamps(shown)
    with whole_file(path) as draft:
        file = new_book(
            str(draft), {"title": heading, "created": shown.file_date, "comments": " ".join(marks)}
        )
        book = Book(file, heading, marks, word("page", shown.language))
        table = categories_table(shown)
        _readme(book, shown)
        for number, model in enumerate(shown.models):
            extra = "" if number == 0 else f" {model.id}"
            own = table.loc[table["model"] == model.id]
            _overview(book, shown, model, own, extra)
            _categories(book, shown, model, own, extra)
        for period in sorted(table["period"].unique()):
            _period(book, shown, table.loc[table["period"] == period], period)
        figures_sheet(book, shown, "sheet_yardsticks", shown.yardsticks)
        figures_sheet(book, shown, "sheet_figures", shown.table)
        if shown.models:
            criteria_sheet(book, shown)
        _indicators(book, shown)
        _sources(book, shown)
        file.close()


def _readme(book: Book, shown: Shown) -> None:
    sheet, row = book.add(word("sheet_readme", shown.language), book.title)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    for left, right, bold in readme_lines(shown):
        row += 1
        book.put(sheet, row, 0, Cell(left, Look(bold=bold, border=False, wrap=not bold)))
        if right:
            book.put(sheet, row, 1, Cell(right, Look(border=False, wrap=True)))
            sheet.set_row(row, 15.5 * (1 + max(len(right) // 115, len(left) // 30)))


def _overview(book: Book, shown: Shown, model: Model, table: pd.DataFrame, extra: str) -> None:
    """How many areas each category has in each period."""
    language = shown.language
    periods = sorted(table["period"].unique())
    counts = table.groupby(["category", "period"]).size()
    known = [category.id for category in model.category]
    others = sorted(set(table["category"]) - set(known))
    rows = []
    for category in [*known, *others]:
        numbers = [int(counts.get((category, period), 0)) for period in periods]
        rows.append([_category(model, category, shown), *(Cell(number, Look(WHOLE)) for number in numbers)])
    totals = [int((table["period"] == period).sum()) for period in periods]
    foot = [
        [Cell(word("total", language), BOLD), *(Cell(number, Look(WHOLE, bold=True)) for number in totals)]
    ]
    widest = width_of([category_word(model, name, language) for name in [*known, *others]], 24)
    book.table(
        word("sheet_overview", language) + extra,
        f"{word('sheet_overview', language)}: {model.label(language)}",
        [Column(word("category", language), widest), *(Column(period, 10) for period in periods)],
        rows,
        notes=[f"{model.id}, {word('version', language)} {model.version}"],
        foot=foot,
        freeze=1,
    )


def _categories(book: Book, shown: Shown, model: Model, table: pd.DataFrame, extra: str) -> None:
    """Each area's category in every period, side by side, and what moved it last."""
    language = shown.language
    periods = sorted(table["period"].unique())
    labels = criterion_labels(shown)
    widest = width_of([category_word(model, name, language) for name in set(table["category"])], 12, 17)
    columns = [*_area_columns(shown), Column(word("residents", language), 10)]
    for period in periods:
        columns += [
            Column(f"{word('category', language)} {period}", widest),
            Column(word("points", language), 8),
        ]
    columns.append(Column(word("moved_by", language), 56))
    settled = shown.categories.loc[shown.categories["model"] == model.id]
    undetermined = {
        (row.area_id, row.period): _joined(row.undetermined_by, labels)
        for row in settled.itertuples(index=False)
        if row.period == periods[-1]
    }
    open_ones = any(undetermined.values())
    columns += [Column(word("undetermined_by", language), 30)] if open_ones else []
    by_area: dict[str, dict[str, Mapping[Hashable, Any]]] = {}
    for told in table[list(ORDER)].to_dict(orient="records"):
        by_area.setdefault(str(told["area_id"]), {})[told["period"]] = told
    rows = []
    for area_id, by_period in sorted(by_area.items()):
        last = by_period[periods[-1]]
        cells = [Cell(area_id), Cell(last["name"]), _whole(last["residents"], shown)]
        for period in periods:
            row = by_period[period]
            cells += [_category(model, row["category"], shown), _points(row)]
        cells.append(Cell(readable(last["moved_by"], labels), Look(wrap=True, indent=1)))
        if open_ones:
            cells.append(Cell(undetermined.get((area_id, periods[-1]), ""), Look(wrap=True)))
        rows.append(cells)
    book.table(
        word("sheet_categories", language) + extra,
        f"{word('sheet_categories', language)}: {model.label(language)}",
        columns,
        rows,
    )


def _period(book: Book, shown: Shown, table: pd.DataFrame, period: str) -> None:
    """A period's categories and the value and points of each indicator; yardsticks at the foot."""
    language = shown.language
    specs = [spec for spec in shown.indicators if spec.id != "residents"]
    models = shown.models
    columns = [*_area_columns(shown), Column(word("residents", language), 10)]
    for number, model in enumerate(models):
        name = word("category", language) + ("" if number == 0 else f" {model.id}")
        columns += [Column(name, 18), Column(word("points", language), 8)]
    for spec in specs:
        head = with_unit(spec, shown)
        columns.append(Column(head, width_of(head.split(), 17, 26)))
        columns += [Column(word("points", language), 8)] if models else []
    by_model = {key: part.to_dict(orient="records") for key, part in table.groupby("model", sort=False)}
    rows = []
    for place, row in enumerate(by_model[models[0].id if models else ""]):
        cells = [Cell(str(row["area_id"])), Cell(row["name"]), _whole(row["residents"], shown)]
        for model in models:
            own = by_model[model.id][place]
            cells += [_category(model, own["category"], shown), _points(own)]
        for spec in specs:
            cells.append(value_cell(row[f"{spec.id}_value"], row[f"{spec.id}_status"], spec, shown))
            cells += [Cell(row[f"{spec.id}_points"])] if models else []
        rows.append(cells)
    book.table(period, f"{book.title}, {period}", columns, rows, foot=_yardstick_rows(shown, specs, period))


def _yardstick_rows(shown: Shown, specs: Sequence[Indicator], period: str) -> list[list[Cell]]:
    own = shown.yardsticks.loc[shown.yardsticks["period"] == period]
    told = {(row.area_id, row.indicator): row for row in own.itertuples(index=False)}
    rows = []
    for yardstick in (MUNICIPALITY, ALL_AREAS):
        cells = [Cell(word(yardstick, shown.language), BOLD)] + [Cell("", BOLD)] * (2 + 2 * len(shown.models))
        for spec in specs:
            row = told.get((yardstick, spec.id))
            value, status = (row.value, row.status) if row is not None else (None, "missing")
            cells.append(value_cell(value, str(status), spec, shown, total=True))
            cells += [Cell("", BOLD)] if shown.models else []
        rows.append(cells)
    return rows


def _indicators(book: Book, shown: Shown) -> None:
    language = shown.language
    heads = [("indicator", 28), ("unit", 12), ("definition", 60), ("source", 36), ("assumption", 44)]
    wrapped = Look(wrap=True)
    rows = [
        [
            Cell(spec.label(language), wrapped),
            Cell(word(f"unit_{spec.unit}", language)),
            Cell(spec.definition(language), wrapped),
            Cell(spec.source_text(language), wrapped),
            Cell(spec.assumption_text(language), wrapped),
        ]
        for spec in shown.indicators
    ]
    name = word("sheet_indicators", language)
    columns = [Column(word(head, language), width) for head, width in heads]
    book.table(name, name, columns, rows, freeze=1)


def _sources(book: Book, shown: Shown) -> None:
    language = shown.language
    labels = {spec.id: spec.label(language) for spec in shown.indicators}
    heads = [
        ("indicator", 34),
        ("period", 10),
        ("register", 20),
        ("data_period", 14),
        ("status_date", 14),
        ("source", 60),
    ]
    rows = []
    for row in shown.sources.to_dict(orient="records"):
        cells = ["" if missing(row.get(head)) else str(row.get(head)) for head, _ in heads]
        cells[0] = labels.get(cells[0], cells[0])
        cells[2] = register_word(cells[2], language)
        cells[4] = day(row.get("status_date"), language)
        rows.append([Cell(cell, TEXT) for cell in cells])
    name = word("sheet_sources", language)
    book.table(name, name, [Column(word(head, language), width) for head, width in heads], rows, freeze=1)


def _area_columns(shown: Shown) -> list[Column]:
    names, ids = shown.areas["name"].astype(str), shown.areas["area_id"].astype(str)
    return [
        Column(word("area_id", shown.language), width_of(list(ids), 10, 16)),
        Column(word("name", shown.language), width_of(list(names), 14, 32)),
    ]


def _category(model: Model, category: str, shown: Shown) -> Cell:
    """A category's word on the model's colour."""
    known = categories_of(model)
    fill = known[category].colour if category in known else NOT_ASSESSED_FILL
    return Cell(category_word(model, category, shown.language), _filled(fill))


@functools.cache
def _filled(colour: str) -> Look:
    return Look(fill=colour, wrap=True, indent=1)


def _points(row: Mapping[Hashable, Any] | pd.Series) -> Cell:
    """Points, or the range they lie in where a figure is missing."""
    points, least, most = row["points"], row["points_min"], row["points_max"]
    if missing(points) and not missing(least) and not missing(most):
        return Cell(f"{least:g}-{most:g}", Look(align="right"))
    return Cell(points)


def _whole(value: Any, shown: Shown) -> Cell:
    if missing(value):
        return Cell("", PLAIN) if shown.residents.empty else Cell(status_word("protected", shown), QUIET)
    return Cell(int(value), NUMBER)


def _joined(ids: object, labels: dict[str, str]) -> str:
    return "" if missing(ids) else readable(str(ids), labels)
