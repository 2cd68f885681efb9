"""Tables of finished values, as a ministry or a housing fund sends them: read, understood, categorised as
they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.categorise import categorise_cells
from geo_bosoc.models.cells import Cell, decimal
from geo_bosoc.models.history import History
from geo_bosoc.models.measures import UNIT_PARTS
from geo_bosoc.models.rule_spec import Column
from geo_bosoc.models.rules import without_origin
from geo_bosoc.models.spec import Criterion, Model
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.yardsticks import MUNICIPALITY

AREA_NAMES: Final = ("area", "area_id", "område", "name")
PERIOD_NAMES: Final = ("year", "period", "år")
UNITS: Final[Mapping[str, Any]] = {"_pct": "percent", "_per_10000": "per_10000", "_per_1000": "per_1000"}
MARKS: Final = {"": "missing", "...": "missing", "..": "protected", "*": "protected", ".": "not_applicable"}
MARKS_MORE: Final = {"•": "not_applicable", "–": "missing", "nan": "missing"}


def read_finished(path: str | Path) -> pd.DataFrame:
    """A CSV of finished values as text, as it is: ``;`` or ``,`` or tab, UTF-8 with or without BOM, or
    cp1252.

    Raises
    ------
    InputError
        The file is not there, is empty, or a row has more fields than the header.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError([Problem("error", "the file is not there", file=file.name)])
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    lines = text.splitlines()
    if not lines:
        raise InputError([Problem("error", "the file is empty", file=file.name)])
    separator = max((";", ",", "\t"), key=lines[0].count)
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    header, body = [name.strip() for name in rows[0]], [row for row in rows[1:] if any(map(str.strip, row))]
    report = Report()
    for at, row in enumerate(rows[1:], start=2):
        if len(row) > len(header):
            report.error(f"has {len(row)} fields, the header {len(header)}", file=file, row=at)
    report.raise_errors()
    padded = [row + [""] * (len(header) - len(row)) for row in body]
    return pd.DataFrame(padded, columns=header, dtype=object)


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
    report: Report | None = None,
) -> Categorisation:
    """Categorise a table of finished values as it is, with no boundaries or registers.

    Parameters
    ----------
    table : a frame, or the path of a CSV: one row an area and year, columns as `needed_columns` names them.
        Numbers may be text with decimal comma; ``..``, ``*`` and ``<5`` are protected, blank is missing,
        ``-`` is zero.
    area, period : names of the key columns; found among the usual names where left out. Without a period
        column all rows are of one period.
    yearly : the values are those of single years, so that a model's windows are averaged here. Otherwise they
        are taken as averaged already, as published tables are.
    origin : False runs the model without residents' origin.
    assume : gates to take as passed where the figure is missing, such as ``("residents",)`` for areas that
        are on a published list; told in the column `assumed`.
    municipality : text in the area column that marks the municipality's own row (the yardstick).

    Raises
    ------
    InputError
        No area column, none of the model's columns, a number that cannot be read, or an area twice in a
        period.
    """
    own = Report()
    frame = table if isinstance(table, pd.DataFrame) else read_finished(table)
    file = None if isinstance(table, pd.DataFrame) else Path(table).name
    area_column = area or next((name for name in AREA_NAMES if name in frame.columns), None)
    period_column = period or next((name for name in PERIOD_NAMES if name in frame.columns), None)
    if area_column is None or area_column not in frame.columns:
        usual = ", ".join(AREA_NAMES)
        own.error(
            "there is no column with the area", hint=f"Name one with area=, or call it {usual}.", file=file
        )
        own.raise_errors()
    if period_column is not None and period_column not in frame.columns:
        own.error(f"there is no column {period_column!r}", file=file)
        own.raise_errors()
    used = model if origin else without_origin(model)
    names = [str(name).strip() for name in frame[area_column]]
    names = [MUNICIPALITY if name == municipality else name for name in names]
    periods = [_period(value) for value in frame[period_column]] if period_column else ["-"] * len(frame)
    keys = list(zip(names, periods, strict=True))
    seen: set[tuple[str, str]] = set()
    for at, key in enumerate(keys):
        if key in seen:
            own.error(f"area {key[0]} stands twice in {key[1]}", file=file, row=at + 2, column=area_column)
        seen.add(key)
    cells: dict[tuple[str, str, str], Cell] = {}
    read = {column.name for choices in _sources(used).values() for column in choices}
    if not read & set(frame.columns):
        own.error(
            f"the table holds none of the columns that model {used.id} reads",
            hint=f"It reads {', '.join(sorted(read))}.",
            file=file,
        )
        own.settle(report)
        own.raise_errors()
    for indicator, choices in _sources(used).items():
        present = [column for column in choices if column.name in frame.columns]
        if not present:
            wanted = " or ".join(column.name for column in choices)
            own.warn(f"model {used.id} reads {wanted}, which the table does not hold", file=file)
        for at, (name, told) in enumerate(keys):
            cell = Cell(None, "missing")
            for column in present:
                cell = _cell(frame[column.name].iloc[at], column, own, file, at + 2)
                if cell.value is not None:
                    break
            cells[name, told, indicator] = cell
    own.settle(report)
    return categorise_cells(cells, used, history=history, assume=assume, finished=not yearly)


def _sources(model: Model) -> dict[str, tuple[Column, ...]]:
    sources: dict[str, tuple[Column, ...]] = {
        gate.indicator: (Column(name=gate.indicator, unit="count"),) for gate in model.gates
    }
    for criterion in model.criterion:
        sources[criterion.indicator] = columns_of(criterion)
    return sources


def _period(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _cell(raw: Any, column: Column, report: Report, file: str | None, row: int) -> Cell:
    text = "" if raw is None or (isinstance(raw, float) and raw != raw) or raw is pd.NA else str(raw).strip()
    marks = MARKS | MARKS_MORE
    if text.lower() in marks:
        return Cell(None, marks[text.lower()])
    if text.startswith("<"):
        return Cell(None, "protected")
    if text == "-":
        return Cell(Fraction(0), "ok")
    number = _number(raw, text, whole=column.unit == "count")
    if number is None:
        report.error("is not a number", hint="Write 40.7 or 40,7.", file=file, row=row, column=column.name)
        return Cell(None, "missing")
    return Cell(number / UNIT_PARTS[column.unit], "ok")


def _number(raw: Any, text: str, *, whole: bool = False) -> Fraction | None:
    """The number that was typed; in a count, groups of three digits are thousands: 1.250 residents are 1250."""
    if isinstance(raw, float):
        return decimal(raw)
    plain = text.replace("\u00a0", "").replace(" ", "").removesuffix("%")
    if whole and re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", "")
    if "," in plain and "." in plain:
        plain = plain.replace(".", "") if plain.rindex(",") > plain.rindex(".") else plain.replace(",", "")
    try:
        return Fraction(plain.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return None
