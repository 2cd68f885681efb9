"""``categories.xlsx``: what a committee paper needs, to be read, filtered and printed from Excel."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults, threshold_sentences
from geo_bosoc.models.spec import NOT_ASSESSED, RANGE, Model
from geo_bosoc.models.texts.describe import category_text
from geo_bosoc.outputs.columns import side_by_side
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
from geo_bosoc.outputs.workbook.category_sheets import (
    area_columns,
    beside_columns,
    flags_sheet,
    period_sheet,
    points_cell,
    residents_cell,
)
from geo_bosoc.outputs.workbook.data_sheets import category_cell, criteria_sheet, figures_sheet
from geo_bosoc.outputs.workbook.sheet import (
    INTEGER,
    TEXT,
    Book,
    Cell,
    Column,
    Look,
    missing,
    open_book,
    width_of,
)
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.numbers import (
    day,
    number,
    protected_word,
)
from geo_bosoc.text.provenance import Provenance, gathered

BOLD = Look(bold=True)
NUMBER = Look(INTEGER)


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
    """Write the workbook: read me, overview, categories, a sheet a period, figures, criteria and sources.

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
    with open_book(published, path, heading, word("tables", "page", published.language)) as book:
        table = categories_table(published) if table is None else table
        _readme(book, published)
        for number, model in enumerate(published.models):
            extra = "" if number == 0 else f" {model.id}"
            rows = table.loc[table["model"] == model.id]
            _overview(book, published, model, rows, extra)
            _categories(book, published, model, rows, extra)
            flags_sheet(book, published, model, extra)
        for period in sorted(table["period"].unique()):
            period_sheet(book, published, table.loc[table["period"] == period], period)
        figures_sheet(book, published, "sheet_reference_areas", published.reference_areas)
        figures_sheet(book, published, "sheet_figures", published.table)
        if published.models:
            criteria_sheet(book, published, criteria_table(published) if criteria is None else criteria)
        _indicators(book, published)
        _sources(book, published)


def _readme(book: Book, published: PublishedResults) -> None:
    sheet, row = book.add(word("tables", "sheet_readme", published.language), book.title)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    for left, right, bold in readme_lines(published):
        row += 1
        book.put(sheet, row, 0, Cell(left, Look(bold=bold, border=False, wrap=not bold)))
        if right:
            book.put(sheet, row, 1, Cell(right, Look(border=False, wrap=True)))
            sheet.set_row(row, 15.5 * (1 + max(len(right) // 115, len(left) // 30)))


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
            f"{model.id}, {word('tables', 'version', language)} {model.version}",
            *ranges_note(table, language),
            *_notice(model, published),
        ],
        foot=foot,
        freeze=1,
    )


def _categories(
    book: Book, published: PublishedResults, model: Model, table: pd.DataFrame, extra: str
) -> None:
    """Each area's category in every period, side by side, and what moved it last."""
    language = published.language
    periods = sorted(table["period"].unique())
    labels = criterion_labels(published)
    widest = width_of([class_word(model, name, language) for name in set(category_classes(table))], 12, 22)
    columns = [*area_columns(published), Column(word("tables", "residents", language), 10)]
    score = {"points": word("tables", "points", language), "index": word("tables", "index", language)}.get(
        model.kind, ""
    )
    for period in periods:
        columns.append(Column(f"{word('tables', 'category', language)} {period}", widest))
        columns += [Column(score, 8)] if score else []
    columns += [Column(word("tables", "moved_by", language), 56)] if model.kind == "points" else []
    extras = beside_columns(published, model, periods[-1])
    columns += [column for column, _ in extras]
    by_area: dict[str, dict[str, Mapping[Hashable, Any]]] = {}
    for record in table[[name for name in (*ORDER, "possible") if name in table.columns]].to_dict(
        orient="records"
    ):
        by_area.setdefault(str(record["area_id"]), {})[record["period"]] = record
    rows = []
    for area_id, by_period in sorted(by_area.items()):
        last = by_period[periods[-1]]
        cells = [Cell(area_id), Cell(last["name"]), residents_cell(last["residents"], published)]
        for period in periods:
            row = by_period[period]
            cells.append(category_cell(model, category_class(row["category"], row.get("possible")), language))
            cells += [points_cell(row, model)] if score else []
        if model.kind == "points":
            cells.append(Cell(readable(last["moved_by"], labels), Look(wrap=True, indent=1)))
        cells += [record.get(area_id, Cell("")) for _, record in extras]
        rows.append(cells)
    book.table(
        word("tables", "sheet_categories", language) + extra,
        f"{word('tables', 'sheet_categories', language)}: {model.label(language)}",
        columns,
        rows,
        notes=_notice(model, published),
    )


def ranges_note(table: pd.DataFrame, language: Language) -> list[str]:
    """How many categories are told as ranges, of all that areas were given; nothing where none is."""
    ranges = int((table["category"] == RANGE).sum())
    not_assessed = ["", *(category.id for category in NOT_ASSESSED)]
    total = int((~table["category"].isin(not_assessed)).sum())
    if not ranges:
        return []
    numbers = {"ranges": number(ranges, language), "total": number(total, language)}
    return [word("tables", "ranges_note", language, **numbers)]


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
    heads = [
        ("indicator", 34),
        ("period", 10),
        ("register", 20),
        ("data_period", 14),
        ("status_date", 14),
        ("source", 60),
    ]
    rows = []
    for row in published.sources.to_dict(orient="records"):
        cells = ["" if missing(row.get(head)) else str(row.get(head)) for head, _ in heads]
        cells[0] = labels.get(cells[0], cells[0])
        cells[2] = word_or_key("registers", cells[2], language)
        cells[4] = day(row.get("status_date"), language)
        rows.append([Cell(cell, TEXT) for cell in cells])
    name = word("tables", "sheet_sources", language)
    book.table(
        name,
        name,
        [Column(word_or_key("tables", head, language), width) for head, width in heads],
        rows,
        freeze=1,
    )


Line = tuple[str, str, bool]
"""What stands to the left and to the right, and whether the left is a heading."""


def readme_lines(published: PublishedResults) -> list[Line]:
    """The lines of the read-me sheet, in order; a heading has nothing to its right."""
    language = published.language
    lines: list[Line] = [*_sheets(published), _blank_line()]
    lines += [*_dates(published), _blank_line()]
    for model in published.models:
        lines += [*_model_lines(model, published), _blank_line()]
    assumptions = list(_assumptions(published))
    if assumptions:
        lines += [_heading("heading_assumptions", published), *assumptions, _blank_line()]
    lines.append(_heading("heading_small", published))
    if published.policy.suppresses:
        span = f"1-{published.policy.minimum - 1}"
        mark = protected_word(language)
        rule = word("tables", "small_rule", language, persons=span, mark=mark)
        lines.append(("", rule, False))
        lines += [("", note, False) for note in threshold_sentences(published.policy, language)]
        lines += [("", note, False) for note in ranges_note(published.categories, language)]
    lines += [("", word("tables", "unknown_rule", language), False), _blank_line()]
    warnings = [str(problem) for problem in published.report.problems if problem.level != "note"]
    if warnings:
        lines += [_heading("heading_warnings", published), *(("", text, False) for text in warnings)]
    return lines


def _sheets(published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_sheets", published)
    names = ["overview", "categories"] if published.models else []
    names += (
        ["flags"]
        if any(side_by_side(model) for model in published.models) and not published.flags.empty
        else []
    )
    for name in names:
        yield (
            word_or_key("tables", f"sheet_{name}", language),
            word_or_key("tables", f"is_{name}", language),
            False,
        )
    yield ", ".join(published.periods), word("tables", "is_period", language), False
    names = [
        "reference_areas",
        "figures",
        *(["criteria"] if published.models else []),
        "indicators",
        "sources",
    ]
    for name in names:
        yield (
            word_or_key("tables", f"sheet_{name}", language),
            word_or_key("tables", f"is_{name}", language),
            False,
        )


def _dates(published: PublishedResults) -> Iterator[Line]:
    """Per period the status dates of its registers."""
    language = published.language
    yield _heading("heading_dates", published)
    for period, part in published.sources.groupby("period", sort=True):
        dated = part.loc[part["status_date"].notna(), ["register", "status_date"]].drop_duplicates()
        pairs = sorted(
            f"{word_or_key('registers', str(row.register), language)}: {day(row.status_date, language)}"
            for row in dated.itertuples(index=False)
        )
        yield str(period), "; ".join(pairs), False


def _model_lines(model: Model, published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_model", published)
    yield model.label(language), f"{model.id}, {word('tables', 'version', language)} {model.version}", False
    notice = model.notice(language)
    if notice:
        yield word("tables", "notice", language), notice, False
        yield word("tables", "notice", language), model.case_state(language), False
    source = model.source_text(language)
    if source:
        yield word("tables", "source", language), source, False
    for gate in model.gates:
        indicator = word_or_key("tables", gate.indicator, language)
        text = f"{indicator} {gate.operator} {number(gate.threshold, language)}. {gate.source_text(language)}".strip()
        yield word("tables", "gate", language), text, False
    for category in model.category:
        yield category.label(language), category_text(model, category, language), False


def _assumptions(published: PublishedResults) -> Iterator[Line]:
    """Every assumption that a figure or a category rests on, with what it belongs to."""
    language = published.language
    parts: list[tuple[str, Provenance]] = []
    for model in published.models:
        parts.append((model.label(language), model))
        parts += [(word("tables", "gate", language), gate) for gate in model.gates]
        parts += [(criterion.label(language), criterion) for criterion in model.criterion]
        parts += [(category.label(language), category) for category in model.category]
    parts += [(spec.label(language), spec) for spec in published.indicators]
    for label, text in gathered(parts, language):
        yield label, text, False


def _heading(key: str, published: PublishedResults) -> Line:
    return word_or_key("tables", key, published.language), "", True


def _blank_line() -> Line:
    return "", "", False
