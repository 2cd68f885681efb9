"""Tables of finished values, as a ministry or a housing fund sends them: read, understood, categorised as
they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.categorise import categorise_cells
from geo_bosoc.models.exact_values import Cell, decimal
from geo_bosoc.models.indicator_rows import indicator_columns, to_wide
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Criterion, Model
from geo_bosoc.models.spec_parts import UNIT_PARTS, Column
from geo_bosoc.models.table_checks import (
    ReadColumn,
    check_column,
    limits_of,
    tell_municipality,
    tell_unused,
)
from geo_bosoc.models.table_files import (
    AREA_NAMES,
    area_column_of,
    period_column_of,
    read_finished,
    row_numbers,
)
from geo_bosoc.models.variants import without_origin
from geo_bosoc.problems import Report

UNITS: Final[Mapping[str, Any]] = {"_pct": "percent", "_per_10000": "per_10000", "_per_1000": "per_1000"}
MARKS: Final = {"": "missing", "...": "missing", "..": "protected", "*": "protected", ".": "not_applicable"}
MARKS_MORE: Final = {"•": "not_applicable", "–": "missing", "nan": "missing"}


def columns_of(criterion: Criterion) -> tuple[Column, ...]:
    """Columns of a finished table that a criterion can be read from; by default ``<indicator>`` and
    ``..._pct``.
    """
    if criterion.columns:
        return criterion.columns
    name = criterion.indicator
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            return (Column(name=name, unit=unit),)
    share = (Column(name=f"{name}_pct", unit="percent"),) if criterion.unit == "percent" else ()
    return (*share, Column(name=name, unit=criterion.unit))


def needed_columns(model: Model) -> dict[str, tuple[str, ...]]:
    """For each indicator of the model, gates included, the columns of a finished table that can hold it."""
    needed: dict[str, tuple[str, ...]] = {gate.indicator: (gate.indicator,) for gate in model.gates}
    for criterion in model.criterion:
        needed[criterion.indicator] = tuple(column.name for column in columns_of(criterion))
    return needed


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
    table : a frame, or the path of a file (see `read_finished`): one row an area and year, columns as
        `needed_columns` names them; or one row an indicator with ``indicator, area_value, municipality_value`` (LBF's
        table, see `to_wide`). Numbers may be text with decimal comma; ``..``, ``*`` and ``<5`` are
        protected, blank is missing, ``-`` is zero.
    area, period : names of the key columns; found among the usual names where left out. Without a period
        column all rows are of one period.
    yearly : the values are those of single years, so that a model's windows are averaged here. Otherwise they
        are taken as averaged already, as published tables are.
    origin : False runs the model without residents' origin.
    assume : gates to take as passed where the figure is missing, such as ``("residents",)`` for areas that
        are on a published list; told in the column `assumed`.
    municipality : text in the area column that marks the municipality's own row (the reference area). Without it
    criteria
        that compare with the municipality are undetermined.
    missing : further marks for missing values, such as ``(-1, -99997)``.
    shares, per_cent : columns of percentages that hold shares (0.25 is 25 %), and those of which no value passes 1
        though they are in per cent.
    sheet : of a workbook, by name or number from 1; the first by default.

    Raises
    ------
    InputError
        No area column, none of the model's columns, a number that cannot be read or cannot be, or an area twice in a
        period.
    """
    own = Report()
    frame = table if isinstance(table, pd.DataFrame) else read_finished(table, sheet=sheet)
    file = None if isinstance(table, pd.DataFrame) else Path(table).name
    marks = MARKS | MARKS_MORE | {str(mark).strip().lower(): "missing" for mark in missing}
    roles = indicator_columns([str(name) for name in frame.columns]) if area is None else None
    if roles is not None:  # an indicator a row, the municipality's figure next to the area's
        frame = _widened(frame, roles, model, marks, own, file)
        area, period, municipality = "area", "period", MUNICIPALITY
        per_cent = {*per_cent, *frame.attrs.get("per_cent", ())}
    header = [str(name) for name in frame.columns]
    area_column = area or area_column_of(header)
    period_column = period or period_column_of(header)
    if area_column is None or area_column not in frame.columns:
        usual = ", ".join(AREA_NAMES)
        own.error(
            "there is no column with the area", hint=f"Name one with area=, or call it {usual}.", file=file
        )
        own.raise_errors()
    assert area_column is not None
    if period_column is not None and period_column not in frame.columns:
        own.error(f"there is no column {period_column!r}", file=file)
        own.raise_errors()
    used = model if origin else without_origin(model)
    sources = _sources(used)
    read = {column.name for choices in sources.values() for column in choices}
    present = read & set(header)
    key_columns = {area_column, period_column or area_column}
    for name in sorted(present | key_columns):
        if header.count(name) > 1:
            own.error("this name stands above several columns", file=file, column=name)
    if not present:
        own.error(
            f"the table holds none of the columns that model {used.id} reads.",
            hint=f"It reads {', '.join(sorted(read))}.",
            file=file,
        )
    if own.errors:
        own.settle(report)
        own.raise_errors()
    numbers = row_numbers(frame)
    areas = [_text_of(value) for value in frame[area_column]]
    here = [at for at, name in enumerate(areas) if name]
    without = [numbers[at] for at, name in enumerate(areas) if not name]
    if without:
        own.warn(
            "rows without an area are skipped",
            file=file,
            row=without[0],
            column=area_column,
            count=len(without),
        )
    names = [MUNICIPALITY if areas[at] == municipality else areas[at] for at in here]
    periods = [_text_of(frame[period_column].iloc[at]) if period_column else "-" for at in here]
    rows = [numbers[at] for at in here]
    keys = list(zip(names, periods, strict=True))
    seen: set[tuple[str, str]] = set()
    for key, row in zip(keys, rows, strict=True):
        if key in seen:
            own.error(f"area {key[0]} is duplicated in {key[1]}", file=file, row=row, column=area_column)
        seen.add(key)
    gates = {gate.indicator for gate in used.gates}
    bounded = {criterion.indicator: criterion.bounded for criterion in used.criterion}
    limits = limits_of(used)
    columns: dict[str, list[Cell]] = {}
    for indicator, choices in sources.items():
        for column in choices:
            if column.name in header and column.name not in columns:
                raw = [frame[column.name].iloc[at] for at in here]
                cells_of, numbers_of = _column(raw, rows, column, marks, column.name in shares, own, file)
                columns[column.name] = cells_of
                stated = [isinstance(value, str) and value.strip().endswith("%") for value in raw]
                check_column(
                    ReadColumn(
                        column,
                        numbers_of,
                        stated,
                        rows,
                        gate=indicator in gates or used.kind != "index",  # an index may be made of scores
                        bounded=bounded.get(indicator, True),
                        limit=limits.get(indicator),
                    ),
                    file,
                    own,
                    shares=shares,
                    per_cent=per_cent,
                )
    cells: dict[tuple[str, str, str], Cell] = {}
    for indicator, choices in sources.items():
        readable = [columns[column.name] for column in choices if column.name in columns]
        if not readable:
            wanted = " or ".join(column.name for column in choices)
            own.warn(f"model {used.id} reads {wanted}, which the table does not hold", file=file)
        for at, (name, told) in enumerate(keys):
            cell = Cell(None, "missing")
            for column_cells in readable:
                cell = column_cells[at]
                if cell.value is not None:
                    break
            cells[name, told, indicator] = cell
    known = {
        indicator: {
            p
            for (a, p, i), c in cells.items()
            if a == MUNICIPALITY and i == indicator and c.value is not None
        }
        for indicator in sources
    }
    tell_municipality(used, keys, municipality, area_column, file, own, areas_by_period=known)
    tell_unused(header, {*read, *key_columns, *AREA_NAMES}, used, file, own)
    own.settle(report)
    own.raise_errors()
    return categorise_cells(cells, used, history=history, assume=assume, finished=not yearly)


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
    tell_unused([str(name) for name in frame.columns], roles.values(), model, file, report)
    if report.errors:
        report.raise_errors()
    return wide


def _sources(model: Model) -> dict[str, tuple[Column, ...]]:
    sources: dict[str, tuple[Column, ...]] = {
        gate.indicator: (Column(name=gate.indicator, unit="count"),) for gate in model.gates
    }
    for criterion in model.criterion:
        sources[criterion.indicator] = columns_of(criterion)
    return sources


def _text_of(value: Any) -> str:
    """A key as text: a workbook's 2024.0 is 2024."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


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
    cells: list[Cell] = []
    figures: list[Fraction | None] = []
    for value, row in zip(raw, rows, strict=True):
        number, status = _figure(value, column, marks, report, file, row)
        figures.append(number)
        cells.append(Cell(None if number is None else number / parts, status))
    return cells, figures


def _figure(
    raw: Any, column: Column, marks: Mapping[str, str], report: Report, file: str | None, row: int
) -> tuple[Fraction | None, str]:
    text = _text_of(raw)
    if text.lower() in marks:
        return None, marks[text.lower()]
    if text.startswith("<"):
        return None, "protected"
    if text == "-":
        return Fraction(0), "ok"
    number = _number(raw, text, integer=column.unit == "count")
    if number is None:
        report.error("is not a number", hint="Write 40.7 or 40,7.", file=file, row=row, column=column.name)
        return None, "missing"
    return number, "ok"


def _number(raw: Any, text: str, *, integer: bool = False) -> Fraction | None:
    """The number that was typed; in a count, groups of three digits are thousands: 1.250 residents are 1250."""
    if isinstance(raw, float):
        return decimal(raw) if math.isfinite(raw) else None
    plain = text.replace("\u00a0", "").replace(" ", "").removesuffix("%").replace("\u2212", "-")
    if integer and re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", "")
    if "," in plain and "." in plain:
        plain = plain.replace(".", "") if plain.rindex(",") > plain.rindex(".") else plain.replace(",", "")
    plain = plain.replace(",", ".")
    return Fraction(plain) if _TYPED.fullmatch(plain) else None


_TYPED: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?")
"""A number as people and programs write it; one of hundreds of digits is a mistake."""
