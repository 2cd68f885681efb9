"""Tables of finished values, as a ministry or a housing fund sends them: read, understood, categorised as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.apply import categorise_cells
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import Cell, quotient_cells
from geo_bosoc.models.indicator_rows import indicator_columns, to_wide
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS, Column
from geo_bosoc.models.table_cells import CellColumn, TableCells
from geo_bosoc.models.table_checks import (
    ReadColumn,
    check_column,
    check_signs,
    limits_of,
    report_municipality,
    report_unused,
)
from geo_bosoc.models.table_files import (
    AREA_NAMES,
    MARKS,
    area_column_of,
    period_column_of,
    read_finished,
    row_numbers,
)
from geo_bosoc.models.typed_numbers import Signs, cell_text, typed_number
from geo_bosoc.models.variants import without_origin
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, listed, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers


def needed_columns(model: Model) -> dict[str, tuple[str, ...]]:
    """For each indicator of the model, gates included, the columns of a finished table that can hold it.

    >>> from geo_bosoc.models.load import load_model
    >>> needed_columns(load_model("national-2021"))["convicted_pct"]
    ('convicted_pct', 'convicted_per_10000')
    """
    return {
        indicator: tuple(column.name for column in columns) for indicator, columns in _sources(model).items()
    }


def categorise_table(
    table: pd.DataFrame | str | Path,
    model: Model,
    *,
    area: str | None = None,
    period: str | None = None,
    yearly: bool = False,
    history: History | None = None,
    origin: bool = True,
    assume: Collection[str] = (),
    municipality: str | None = None,
    missing: Collection[str | int] = (),
    shares: Collection[str] = (),
    per_cent: Collection[str] = (),
    sheet: int | str | None = None,
    report: Report | None = None,
) -> Categorisation:
    """Categorise a table of finished values as it is, with no boundaries or registers.

    Parameters
    ----------
    table : DataFrame, str or Path
        A frame, or the path of a file (see `read_finished`): one row an area and year, columns as `needed_columns`
        names them; or one row an indicator with ``indicator, area_value, municipality_value`` (LBF's table, see
        `to_wide`). Numbers may be text with decimal comma; ``..``, ``*`` and ``<5`` are protected, blank is missing,
        ``-`` is zero.
    model : Model
        The model.
    area, period : str, optional
        Names of the key columns; looked for among the usual names where left out. Without a period column all rows
        are of one period.
    yearly : bool, optional
        The values are those of single years, so that a model's windows are averaged here. Otherwise they are taken as
        averaged already, as published tables are.
    history : History, optional
        Who was in which category in earlier years.
    origin : bool, optional
        False runs the model without residents' origin.
    assume : collection of str, optional
        Gates to take as passed where the figure is missing, such as ``("residents",)`` for areas that are on a
        published list; listed in the column `assumed`.
    municipality : str, optional
        Text in the area column that marks the municipality's own row (the reference area). Without it criteria that
        compare with the municipality are undetermined.
    missing : collection of str or int, optional
        Further marks for missing values, such as ``(-1, -99997)``.
    shares : collection of str, optional
        Columns of percentages that hold shares (0.25 is 25 %).
    per_cent : collection of str, optional
        Columns of which no value passes 1 though they are in per cent.
    sheet : int or str, optional
        Of a workbook, by name or number from 1; the first by default.
    report : Report, optional
        Where warnings go.

    Returns
    -------
    Categorisation
        As `geo_bosoc.models.categorise` gives it.

    Raises
    ------
    InputError
        No area column, none of the model's columns, a number that cannot be read or cannot be, or an area twice in a
        period.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> row = {"area": "Parken", "year": 2024, "residents": 1400, "outside_labour_pct": "41,0", "convicted_pct": "2,5",
    ...        "basic_edu_pct": "55,0", "income_pct_region": "50,0", "non_western_pct": "30,0"}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> done.categories["category"].tolist()
    ['vulnerable']
    """
    table_report = Report()
    frame = table if isinstance(table, pd.DataFrame) else read_finished(table, sheet=sheet)
    file = None if isinstance(table, pd.DataFrame) else Path(table).name
    marks = MARKS | {str(mark).strip().lower(): "missing" for mark in missing}
    roles = indicator_columns([str(name) for name in frame.columns]) if area is None else None
    if roles is not None:  # an indicator a row, the municipality's figure next to the area's
        frame = _widened(frame, roles, model, marks, table_report, file)
        area, period, municipality = "area", "period", MUNICIPALITY
        per_cent = {*per_cent, *frame.attrs.get("per_cent", ())}
    applied = model if origin else without_origin(model)
    header = [str(name) for name in frame.columns]
    area_column, period_column = _key_columns(frame, area, period, applied.area_columns, table_report, file)
    sources = _sources(applied)
    readable = {column.name for choices in sources.values() for column in choices}
    present = readable & set(header)
    key_columns = {area_column, period_column or area_column}
    for name in sorted(present | key_columns):
        if header.count(name) > 1:
            table_report.error("this name stands above several columns", file=file, column=name)
    if not present:
        table_report.error(
            phrase("the table holds none of the columns that model {model} reads.", model=applied.id),
            hint=phrase("It reads {names}.", names=joined(sorted(readable))),
            file=file,
        )
    if table_report.errors:
        table_report.hand_over(report)
        table_report.raise_errors()
    keys, numbers, frame = _keys(frame, area_column, period_column, municipality, table_report, file)
    gates = {gate.indicator for gate in applied.gates}
    bounded = {criterion.indicator: criterion.bounded for criterion in applied.criterion}
    limits = limits_of(applied)
    column_cells: dict[str, CellColumn] = {}
    for indicator, choices in sources.items():
        for column in choices:
            if column.name not in header or column.name in column_cells:
                continue
            raw = frame[column.name].tolist()
            del frame[column.name]  # it is read once, and large tables are large
            cells_here, figures = _column(
                raw, numbers, column, marks, column.name in shares, table_report, file
            )
            column_cells[column.name] = CellColumn(cells_here)
            del cells_here
            read_column = ReadColumn(
                column,
                figures,
                [isinstance(value, str) and value.strip().endswith("%") for value in raw],
                numbers,
                gate=indicator in gates or applied.kind != "index",  # an index may be made of scores
                bounded=bounded.get(indicator, True),
                limit=limits.get(indicator),
            )
            check_column(read_column, file, table_report, shares=shares, per_cent=per_cent)
    columns_of: dict[str, list[CellColumn]] = {}
    municipal_periods: dict[str, set[str]] = {}
    divided = {each.indicator: each for each in applied.criterion if each.numerator}
    for indicator, choices in sources.items():
        candidates = [column_cells[column.name] for column in choices if column.name in column_cells]
        if indicator in divided:
            quotients = _quotients(divided[indicator], column_cells, table_report, file)
            candidates = [CellColumn(quotients)] if quotients is not None else []
        elif not candidates:
            columns = listed([column.name for column in choices], "or")
            table_report.warn(
                phrase(
                    "model {model} reads {columns}, which the table does not hold",
                    model=applied.id,
                    columns=columns,
                ),
                file=file,
            )
        columns_of[indicator] = candidates
        for position, (area_id, year) in enumerate(keys):
            if area_id == MUNICIPALITY and any(each[position].value is not None for each in candidates):
                municipal_periods.setdefault(indicator, set()).add(year)
    cells = TableCells(keys, columns_of)
    report_municipality(
        applied, keys, municipality, area_column, file, table_report, periods_with_figure=municipal_periods
    )
    report_unused(header, {*readable, *key_columns, *AREA_NAMES}, applied, file, table_report)
    if table_report.errors:
        table_report.hand_over(report)
        table_report.raise_errors()
    del frame, column_cells, columns_of, keys  # large tables are large
    done = categorise_cells(
        cells, applied, history=history, assume=assume, averaged=not yearly, report=table_report
    )
    table_report.hand_over(report)
    return done


def _key_columns(
    frame: pd.DataFrame,
    area: str | None,
    period: str | None,
    further: Sequence[str],
    report: Report,
    file: str | None,
) -> tuple[str, str | None]:
    """The columns with area and period: those that are named, or those with usual names."""
    header = [str(name) for name in frame.columns]
    area_column = area or area_column_of(header) or next((name for name in further if name in header), None)
    period_column = period or period_column_of(header)
    if area_column is None or area_column not in frame.columns:
        report.error(
            "there is no column with the area",
            hint=phrase(
                "Name it (--area, or area=... in Python), or give it a usual name ({names}).",
                names=joined(AREA_NAMES),
            ),
            file=file,
        )
        report.raise_errors()
    assert area_column is not None
    if period_column is not None and period_column not in frame.columns:
        report.error(phrase("there is no column '{name}'", name=period_column), file=file)
        report.raise_errors()
    return area_column, period_column


def _keys(
    frame: pd.DataFrame,
    area_column: str,
    period_column: str | None,
    municipality: str | None,
    report: Report,
    file: str | None,
) -> tuple[list[tuple[str, str]], list[int], pd.DataFrame]:
    """Area and period of each row that names an area, its row number in the file, and these rows."""
    numbers = row_numbers(frame)
    names = [cell_text(value) for value in frame[area_column]]
    refuse_person_numbers(names, area_column, report, file=file, rows=numbers)
    nameless = [number for number, name in zip(numbers, names, strict=True) if not name]
    if nameless:
        report.warn(
            "rows without an area are skipped",
            file=file,
            row=nameless[0],
            column=area_column,
            count=len(nameless),
        )
    positions = [position for position, name in enumerate(names) if name]
    numbers = [numbers[position] for position in positions]
    frame = frame.iloc[positions]
    areas = [MUNICIPALITY if names[position] == municipality else names[position] for position in positions]
    periods = [cell_text(value) for value in frame[period_column]] if period_column else ["-"] * len(areas)
    keys = list(zip(areas, periods, strict=True))
    seen: set[tuple[str, str]] = set()
    for key, number in zip(keys, numbers, strict=True):
        if key in seen:
            report.error(
                phrase("area {area} is duplicated in {period}", area=key[0], period=key[1]),
                file=file,
                row=number,
                column=area_column,
            )
        seen.add(key)
    return keys, numbers, frame


def _widened(
    frame: pd.DataFrame,
    roles: Mapping[str, str],
    model: Model,
    marks: Mapping[str, str],
    report: Report,
    file: str | None,
) -> pd.DataFrame:
    """A table with an indicator a row as one with a column an indicator (see `to_wide`)."""

    def check(value: Any, column: Column, row: int) -> object:
        return _figure(value, column, marks, report, file, row)

    wide = to_wide(frame, roles, model, report, check=check, numbers=row_numbers(frame), file=file)
    report_unused([str(name) for name in frame.columns], roles.values(), model, file, report)
    if report.errors:
        report.raise_errors()
    return wide


def _sources(model: Model) -> dict[str, tuple[Column, ...]]:
    sources: dict[str, tuple[Column, ...]] = {
        gate.indicator: (Column(name=gate.indicator, unit="count"),) for gate in model.gates
    }
    for criterion in model.criterion:
        sources[criterion.indicator] = criterion.table_columns
    return sources


def _column(
    raw: Sequence[Any],
    rows: Sequence[int],
    column: Column,
    marks: Mapping[str, str],
    share: bool,
    report: Report,
    file: str | None,
) -> tuple[list[Cell], list[Fraction | None]]:
    """A column's cells, and its figures in the column's own unit."""
    parts = 1 if share else UNIT_PARTS[column.unit]
    signs = Signs.of([value for value in raw if isinstance(value, str)])
    check_signs(signs, column, file, report)
    cells: list[Cell] = []
    figures: list[Fraction | None] = []
    for value, row in zip(raw, rows, strict=True):
        number, status = _figure(value, column, marks, report, file, row, signs)
        figures.append(number)
        cells.append(Cell(None if number is None else number / parts if parts != 1 else number, status))
    return cells, figures


def _figure(
    raw: Any,
    column: Column,
    marks: Mapping[str, str],
    report: Report,
    file: str | None,
    row: int,
    signs: Signs | None = None,
) -> tuple[Fraction | None, str]:
    text = cell_text(raw)
    if text.lower() in marks:
        return None, marks[text.lower()]
    if text.startswith("<"):
        return None, "protected"
    if text == "-":
        return Fraction(0), "ok"
    number = typed_number(raw, text, integer=column.unit == "count", signs=signs)
    if number is None:
        report.error("is not a number", hint="Write 40.7 or 40,7.", file=file, row=row, column=column.name)
        return None, "missing"
    return number, "ok"


def _quotients(
    criterion: Criterion,
    column_cells: Mapping[str, Sequence[Cell]],
    report: Report,
    file: str | None,
) -> list[Cell] | None:
    """The cells of a criterion whose figure is one sum of columns over another; None where a column is not there."""
    names = (*criterion.numerator, *criterion.denominator)
    absent = [name for name in names if name not in column_cells]
    if absent:
        report.warn(
            phrase(
                "criterion {criterion} divides columns, and the table does not hold {columns}",
                criterion=criterion.key,
                columns=joined(absent),
            ),
            file=file,
        )
        return None
    sides = [[column_cells[name] for name in side] for side in (criterion.numerator, criterion.denominator)]
    return quotient_cells(*sides)
