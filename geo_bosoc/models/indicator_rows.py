"""Tables with an indicator a row, the area's figure next to the municipality's, as LBF's agreements print them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Column
from geo_bosoc.models.table_files import columns_by_role
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, listed, phrase

LBF_IDS: Final = {
    "children in day care": "day_care",
    "9th-grade mark, Danish and mathematics": "marks_9th_grade",
    "basic school only and not in education": "basic_school_only",
    "neither in education nor employment": "neet",
    "no attachment to labour market or education": "no_attachment",
    "charged at least once": "charged",
    "basically safe": "basically_safe",
    "voluntary work": "voluntary_work",
    "turnout": "turnout",
}
"""The nine indicators that are followed 2019-26, by the words the agreements use for them."""
OCCASIONS: Final = frozenset({"turnout"})
"""Indicators given once an occasion, of which the latest counts: what follows their name is no part of the area."""
_WHOLE_AREA: Final = "area"
_FIGURES: Final = ("area_value", "municipality_value")
_AGES: Final = re.compile(r"\d+\s*(-|–|to|til)\s*\d+(\s*(years|år|-årige|årige))?", re.IGNORECASE)
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "indicator": ("indicator", "indikator"),
    "area_value": ("area_value", "området", "områdets værdi", "område_værdi"),
    "municipality_value": ("municipality_value", "kommunen", "kommunens værdi", "kommune_værdi"),
    "area": ("area", "area_id", "område", "boligområde", "name"),
    "period": ("year", "period", "år"),
    "unit": ("unit", "enhed"),
}
_UNIT_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("percent", "per cent", "pct", "pct.", "procent", "%"), "percent"),
    **dict.fromkeys(("mark", "mean", "karakter", "gennemsnit", "snit"), "mean"),
}


_SAID: Final[Mapping[str, str]] = {MUNICIPALITY: phrase("the municipality"), _WHOLE_AREA: phrase("the area")}

Check = Callable[[Any, Column, int], object]
"""Reports a figure that cannot be read: its cell, the column it stands in and its unit, and the row."""


@dataclass(frozen=True)
class _Row:
    """What a row of the table says, with its number in the file."""

    indicator: str
    part: str
    area: str
    period: str
    figures: Mapping[str, Any]
    number: int
    percent: bool


def indicator_columns(header: Sequence[str]) -> dict[str, str] | None:
    """By its role each column of a table with an indicator a row; None where it is another kind of table."""
    named = columns_by_role(header, _ROLES)
    return named if {"indicator", "area_value", "municipality_value"} <= set(named) else None


def split_name(text: str, names: Mapping[str, str]) -> tuple[str, str] | None:
    """An indicator's id and what follows its name ("basically safe, Herredsvang"); None for an unknown name."""
    plain = " ".join(text.split())
    for name in sorted(names, key=len, reverse=True):
        if plain.casefold().startswith(name.casefold()):
            rest = plain[len(name) :]
            if not rest or not rest[0].isalnum():
                return names[name], rest.strip(" ,:-–()")
    return None


def names_of(model: Model) -> dict[str, str]:
    """By every name of a model's criteria (id, labels, the words of LBF's agreements) the indicator."""
    names = {name: indicator for name, indicator in LBF_IDS.items() if indicator in model.indicators}
    for criterion in model.criterion:
        for text in (criterion.indicator, criterion.label_da, criterion.label_en):
            if text:
                names.setdefault(text, criterion.indicator)
    return names


def to_wide(
    table: pd.DataFrame,
    columns: Mapping[str, str],
    model: Model,
    report: Report,
    *,
    check: Check,
    numbers: Sequence[int],
    file: str | None = None,
) -> pd.DataFrame:
    """The table as `categorise_table` reads it: a row an area and period, a column an indicator.

    Figures of several years are one period, the latest, where each indicator has one year; an indicator with several
    years makes a period of each. Of an indicator that is given once an occasion (turnout) the latest counts. What is
    given for parts of the area is not read for the whole, and is a note.

    Parameters
    ----------
    table : DataFrame
        One row an indicator of an area and period.
    columns : Mapping of str to str
        By its role each column (see `indicator_columns`).
    model : Model
        The model that reads the table.
    report : Report
        Where problems go.
    check : callable
        Reports a figure that cannot be read.
    numbers : sequence of int
        The row in the file of each row.
    file : str, optional
        The file, for messages.

    Returns
    -------
    DataFrame
        ``area`` (`MUNICIPALITY` for the municipality's rows), ``period`` and the model's columns, cells as they are;
        in ``attrs["per_cent"]`` the columns whose unit the table says is per cent.
    """
    rows = _without_parts(_rows(table, columns, model, report, numbers, file), columns, report, file)
    for row in rows:
        unit = _column(model, row.indicator).unit
        for role in _FIGURES:
            check(row.figures[role], Column(name=columns[role], unit=unit), row.number)
    by_period = _in_periods(rows, report, columns, file)
    cells: dict[tuple[str, str, str], tuple[Any, int]] = {}
    for period, row in by_period:
        column = _column(model, row.indicator).name
        for area, role in ((row.area, "area_value"), (MUNICIPALITY, "municipality_value")):
            key, value = (area, period, column), row.figures[role]
            before = cells.setdefault(key, (value, row.number))
            differs = str(before[0]).strip() != str(value).strip()
            if before[1] != row.number and (area != MUNICIPALITY or differs):
                whose = _SAID.get(area, area)
                report.error(
                    phrase(
                        "{indicator} of {area} stands in row {row} too, in {period}.",
                        indicator=row.indicator,
                        area=whose,
                        row=before[1],
                        period=period,
                    ),
                    file=file,
                    row=row.number,
                    column=columns["indicator"],
                    hint="Leave one of the rows out.",
                )
    wide: dict[tuple[str, str], dict[str, Any]] = {}
    for (area, period, column), (value, _) in cells.items():
        wide.setdefault((area, period), {"area": area, "period": period})[column] = value
    names = dict.fromkeys(column for _, _, column in cells)
    filled = [{name: row.get(name, "") for name in ("area", "period", *names)} for row in wide.values()]
    frame = pd.DataFrame(filled, columns=["area", "period", *names], dtype=object)
    if "unit" in columns:
        units = {row.indicator for row in rows if row.percent}
        frame.attrs["per_cent"] = [_column(model, indicator).name for indicator in sorted(units)]
    return frame


def _rows(
    table: pd.DataFrame,
    columns: Mapping[str, str],
    model: Model,
    report: Report,
    numbers: Sequence[int],
    file: str | None,
) -> list[_Row]:
    names = names_of(model)
    rows: list[_Row] = []
    unused: dict[str, int] = {}
    for number, row in zip(numbers, table.to_dict("records"), strict=True):
        text = _text(row[columns["indicator"]])
        if not text:
            continue
        split = split_name(text, names)
        if split is None:
            unused.setdefault(text, number)
            continue
        indicator, rest = split
        unit = _text(row[columns["unit"]]) if "unit" in columns else ""
        if unit:
            _check_unit(unit, _column(model, indicator), columns["unit"], report, number, file)
        rows.append(
            _Row(
                indicator,
                "" if indicator in OCCASIONS or _AGES.fullmatch(rest) else rest,
                (_text(row[columns["area"]]) if "area" in columns else "") or _WHOLE_AREA,
                _text(row[columns["period"]]) if "period" in columns else "-",
                {role: row[columns[role]] for role in _FIGURES},
                number,
                _UNIT_WORDS.get(unit.casefold()) == "percent",
            )
        )
    if unused:
        texts = [phrase("{name} (row {row})", name=name, row=number) for name, number in unused.items()]
        hint = phrase("It reads {names}.", names=joined(sorted(set(names.values()))))
        level = report.note if rows else report.error
        level(
            phrase("model {model} does not use the indicators {names}.", model=model.id, names=joined(texts)),
            file=file,
            column=columns["indicator"],
            hint=hint,
        )
    return rows


def _check_unit(text: str, column: Column, name: str, report: Report, number: int, file: str | None) -> None:
    unit = _UNIT_WORDS.get(text.casefold())
    if unit != column.unit:
        means = {"percent": phrase("percent"), "mean": phrase("mark")}.get(column.unit, column.unit)
        report.error(
            phrase("the unit is {unit}, where the model reads {unit_read}.", unit=text, unit_read=means),
            file=file,
            row=number,
            column=name,
            hint=phrase("Give the figures in {unit}, and write {unit} here.", unit=means),
        )


def _without_parts(
    rows: Sequence[_Row], columns: Mapping[str, str], report: Report, file: str | None
) -> list[_Row]:
    """The rows without those for parts of the area, whose figure for the whole is missing."""
    area_rows: list[_Row] = []
    parts: dict[tuple[str, str, str], _Row] = {}
    for row in rows:
        if not row.part:
            area_rows.append(row)
            continue
        report.note(
            phrase(
                "{indicator} is given for a part of the area ({part}) and is not read for all of it.",
                indicator=row.indicator,
                part=row.part,
            ),
            file=file,
            row=row.number,
            column=columns["indicator"],
        )
        parts.setdefault((row.area, row.indicator, row.period), row)
    with_figure = {(row.area, row.indicator, row.period) for row in area_rows}
    for key, row in parts.items():
        if key not in with_figure:
            figures = {**row.figures, "area_value": ""}
            area_rows.append(replace(row, part="", figures=figures))
    return area_rows


def _in_periods(
    rows: Sequence[_Row], report: Report, columns: Mapping[str, str], file: str | None
) -> list[tuple[str, _Row]]:
    """Each row with the period it counts in."""
    plain = [row for row in rows if row.indicator not in OCCASIONS] or list(rows)
    years: dict[tuple[str, str], set[str]] = {}
    for row in plain:
        years.setdefault((row.area, row.indicator), set()).add(row.period)
    periods = sorted({row.period for row in plain})
    if all(len(each) == 1 for each in years.values()) and len(periods) > 1:
        report.note(
            phrase(
                "figures of {periods} are read together, as those of {period}.",
                periods=listed(periods),
                period=periods[-1],
            ),
            file=file,
            column=columns.get("period"),
        )
        by_period = [(periods[-1], row) for row in plain]
    else:
        by_period = [(row.period, row) for row in plain]
    latest: dict[tuple[str, str, str], _Row] = {}
    for row in (row for row in rows if row not in plain):
        for period in sorted({period for period, each in by_period if each.area == row.area}):
            key = (row.area, row.indicator, period)
            before = latest.get(key)
            if row.period <= period and (before is None or before.period < row.period):
                latest[key] = row
    return by_period + [(period, row) for (_, _, period), row in latest.items()]


def _column(model: Model, indicator: str) -> Column:
    criterion = next(each for each in model.criterion if each.indicator == indicator)
    return criterion.columns[0] if criterion.columns else Column(name=indicator, unit=criterion.unit)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
