"""The long sheets of the workbook: every figure and every criterion, one row each."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo_bosoc.findings import ALL_AREAS, MUNICIPALITY, Language, Shown
from geo_bosoc.indicators.spec import Indicator, Unit
from geo_bosoc.models.spec import Model
from geo_bosoc.reports.sheets import (
    LAST_ROW,
    NOT_ASSESSED_FILL,
    PLAIN,
    PLAIN_QUIET,
    QUIET,
    TWO,
    UNIT_FORMAT,
    WHOLE,
    Book,
    Cell,
    Column,
    Look,
    filled,
    missing,
    width_of,
)
from geo_bosoc.reports.tables import criteria_table
from geo_bosoc.reports.words import categories_of, category_word, status_word, word
from geo_bosoc.wording import UNIT_FACTOR, UNIT_SUFFIX, WITHOUT_BASE

FIGURES = ("value", "numerator", "denominator", "unknown", "low", "high", "reference", "ratio", "status")

PLAIN_WHOLE = Look(WHOLE, border=False)
PLAIN_TWO = Look(TWO, border=False)
PLAIN_INDENTED = Look(border=False, indent=1)
PLAIN_WRAPPED = Look(wrap=True, border=False)


def figures_sheet(book: Book, shown: Shown, sheet: str, table: pd.DataFrame) -> None:
    """Every figure, one row each: counts, value, interval and the municipality's."""
    language = shown.language
    specs = {spec.id: spec for spec in shown.indicators}
    names = dict(zip(shown.areas["area_id"], shown.areas["name"], strict=True))
    names |= {key: word(key, language) for key in (MUNICIPALITY, ALL_AREAS)}
    table, notes = _fitting(table.sort_values(["period", "area_id"], kind="stable"), shown)
    heads = ["period", "area_id", "name", "indicator", "value", "numerator", "denominator", "unknown", "low",
             "high", "reference", "ratio", "status"]  # fmt: skip
    widths = [9, 11, width_of(list(names.values()), 14, 30), 36, 12, 11, 11, 10, 13, 13, 12, 13, 18]
    columns = [Column(word(head, language), width) for head, width in zip(heads, widths, strict=True)]
    looks = {spec.id: unit_look(spec.unit) for spec in shown.indicators}
    labels = {spec.id: with_unit(spec, shown) for spec in shown.indicators}
    factors = {spec.id: _factor(spec) for spec in shown.indicators}
    counted = {spec.id: PLAIN_WHOLE if spec.scale == 1 else PLAIN_TWO for spec in shown.indicators}
    without_base = WITHOUT_BASE[language]
    rows = []
    for (
        period,
        area,
        indicator,
        value,
        numerator,
        denominator,
        unknown,
        low,
        high,
        reference,
        ratio,
        status,
    ) in zip(*(table[name].tolist() for name in ("period", "area_id", "indicator", *FIGURES)), strict=True):
        if indicator not in specs:
            continue
        spec, total, look = specs[indicator], area.startswith("@"), looks[indicator]
        factor = factors[indicator]
        instead = "" if status == "ok" else status_word(status, shown, total=total)
        rows.append(
            [
                Cell(period, PLAIN),
                Cell("" if total else area, PLAIN),
                Cell(names.get(area, area), PLAIN),
                Cell(labels[indicator], PLAIN),
                _plain_value(value, factor, look, instead),
                Cell(None if missing(numerator) else numerator / spec.scale, counted[indicator]),
                Cell(denominator, PLAIN_WHOLE),
                Cell(unknown, PLAIN_WHOLE),
                Cell(_times(low, factor), look),
                Cell(_times(high, factor), look),
                Cell(_times(reference, factor), look),
                Cell(ratio, PLAIN_TWO),
                Cell(instead or ("" if spec.base_known else without_base), PLAIN_QUIET),
            ]
        )
    book.table(word(sheet, language), word(sheet, language), columns, rows, notes=notes, freeze=4)


def criteria_sheet(book: Book, shown: Shown) -> None:
    """Each criterion of each area and period: figure, threshold, met, points."""
    language = shown.language
    specs = {spec.id: spec for spec in shown.indicators}
    table, notes = _fitting(criteria_table(shown), shown)
    heads = [
        *("period", "area_id", "name", "model", "criterion_label", "value", "reference", "measure"),
        *("operator", "threshold", "met", "margin", "margin_persons", "points", "sentence"),
    ]
    heads = [head for head in heads if head in table.columns]
    widths = {"name": 24, "model": 16, "criterion_label": 30, "sentence": 60, "margin": 13}
    words = {"criterion_label": "criterion"}
    columns = [Column(word(words.get(head, head), language), widths.get(head, 11)) for head in heads]
    looks = {spec.id: unit_look(spec.unit) for spec in shown.indicators}
    cells = shown.table[["area_id", "period", "indicator", "status"]].itertuples(index=False)
    told = {(row.area_id, row.period, row.indicator): status_word(str(row.status), shown) for row in cells}
    rows = []
    asked = list(dict.fromkeys([*heads, "area_id", "period", "indicator", "measure"]))
    listed = [table[name].tolist() if name in table.columns else [None] * len(table) for name in asked]
    nothing = status_word("missing", shown)
    for values in zip(*listed, strict=True):
        row = dict(zip(asked, values, strict=True))
        spec = specs.get(row["indicator"])
        look = looks.get(row["indicator"], PLAIN_TWO)
        instead = told.get((row["area_id"], row["period"], row["indicator"]), nothing)
        rows.append([_criterion_cell(head, row, spec, look, instead, shown) for head in heads])
    name = word("sheet_criteria", language)
    book.table(name, name, columns, rows, notes=notes, freeze=3)


def _criterion_cell(
    head: str, row: Mapping[str, Any], spec: Indicator | None, look: Look, instead: str, shown: Shown
) -> Cell:
    """A cell of the criteria; threshold and distance are in the indicator's unit or are bare ratios and scores."""
    value = row[head]
    if head == "value" and spec is not None:
        return _plain_value(value, _factor(spec), look, instead)
    in_unit = head == "reference" or row.get("measure") in ("value", "difference")
    if head in ("reference", "threshold", "margin") and spec is not None and in_unit:
        return Cell(_times(value, _factor(spec)), look)
    if head in ("met", "measure"):
        return Cell("" if missing(value) else word(f"{head}_{value}", shown.language), PLAIN_INDENTED)
    if isinstance(value, str):
        return Cell(
            value, PLAIN_WRAPPED if head == "sentence" else PLAIN_INDENTED if head == "operator" else PLAIN
        )
    whole = {"margin_persons": PLAIN_WHOLE, "points": PLAIN}
    return Cell(None if missing(value) else float(value), whole.get(head, PLAIN_TWO))


def value_cell(value: object, status: str, spec: Indicator, shown: Shown, *, total: bool = False) -> Cell:
    """A value in its unit (a `total` in bold), or the words for why it is not there."""
    if missing(value):
        return Cell(status_word(status, shown, total=total) if status != "ok" else "", QUIET)
    return Cell(_times(value, _factor(spec)), unit_look(spec.unit, True, total))


def category_cell(model: Model, category: str, language: Language) -> Cell:
    """A category's word on the model's colour."""
    known = categories_of(model)
    fill = known[category].colour if category in known else NOT_ASSESSED_FILL
    return Cell(category_word(model, category, language), filled(fill))


def _plain_value(value: object, factor: float, look: Look, instead: str) -> Cell:
    return Cell(instead, PLAIN_QUIET) if missing(value) else Cell(_times(value, factor), look)


@functools.cache
def unit_look(unit: Unit, border: bool = False, bold: bool = False) -> Look:
    return Look(UNIT_FORMAT[unit], border=border, bold=bold)


def _factor(spec: Indicator) -> float:
    """What a value is multiplied by: nothing for shares, which Excel's own format shows in per cent."""
    return 1.0 if spec.unit == "percent" else UNIT_FACTOR[spec.unit]


def _times(value: Any, factor: float) -> float | None:
    return None if missing(value) else float(value) * factor


def with_unit(spec: Indicator, shown: Shown) -> str:
    suffix = UNIT_SUFFIX[spec.unit][shown.language].strip()
    return spec.label(shown.language) + (f" ({suffix})" if suffix else "")


def _fitting(table: pd.DataFrame, shown: Shown) -> tuple[pd.DataFrame, list[str]]:
    """The rows that a sheet can hold: the latest periods, with a note of what is left out."""
    room = LAST_ROW - 20
    if len(table) <= room:
        return table, []
    counts = table["period"].value_counts().sort_index(ascending=False).cumsum()
    kept = sorted(period for period in _names(counts) if counts[period] <= room)
    first = kept[0] if kept else ""
    note = word("cut_rows", shown.language).format(first)
    return table.loc[table["period"].isin(kept)], [note]


def _names(counts: pd.Series) -> Iterator[str]:
    return (str(name) for name in counts.index)
