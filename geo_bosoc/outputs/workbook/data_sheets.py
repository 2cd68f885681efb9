"""The long sheets of the workbook: every figure and every criterion, one row each."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, PublishedResults
from geo_bosoc.indicators.spec import Indicator, Unit
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import class_word, possible_of, reference_word, status_word
from geo_bosoc.outputs.workbook.looks import (
    INTEGER,
    PLAIN,
    PLAIN_QUIET,
    QUIET,
    SUPPRESSED_FIGURE,
    TWO_DECIMALS,
    UNIT_FORMAT,
    Look,
    category_look,
)
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.sheet import LAST_ROW, Book, Cell, Column, Drawn, missing
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.colours import WITHOUT_FIGURE
from geo_bosoc.text.numbers import UNIT_FACTOR

PLAIN_INTEGER = Look(INTEGER, border=False)
PLAIN_DECIMALS = Look(TWO_DECIMALS, border=False)
PLAIN_INDENTED = Look(border=False, indent=1)
_LONG_TABLE = 200
"""Rows from which a table prints its last period alone."""
PLAIN_WRAPPED = Look(wrap=True, border=False)


def figures_sheet(book: Book, published: PublishedResults, sheet: str, table: pd.DataFrame) -> None:
    """Every figure, one row each: counts, value, interval and the municipality's."""
    language = published.language
    specs = {spec.id: spec for spec in published.indicators}
    names = dict(zip(published.areas["area_id"], published.areas["name"], strict=True))
    names |= {key: reference_word(key, language) for key in table["area_id"] if key.startswith("@")}
    names |= {key: word_or_key("tables", key, language) for key in (MUNICIPALITY, ALL_AREAS)}
    table, notes = _fitting(table.sort_values(["period", "area_id"], kind="stable"), published)
    heads = ["period", "area_id", "name", "indicator", "value", "numerator", "denominator", "unknown", "low",
             "high", "reference", "ratio", "status"]  # fmt: skip
    widths = [8, 9, width_of(list(names.values()), 14, 26), 34, 10, 12, 9, 9, 10, 10, 11, 10, 16]
    columns = [
        Column(word_or_key("tables", head, language), width)
        for head, width in zip(heads, widths, strict=True)
    ]
    compared = "reference_area" in table.columns
    if compared:
        head_words = {head: word("comparisons", head, language) for head in ("reference", "ratio")}
        columns = [
            Column(head_words.get(head, column.head), column.width)
            for head, column in zip(heads, columns, strict=True)
        ]
        columns.append(Column(word("comparisons", "reference_area", language), 24))
    table = table[table["indicator"].isin(list(specs))]
    row_specs = [specs[indicator] for indicator in table["indicator"]]
    totals = [area.startswith("@") for area in table["area_id"]]
    looks = [unit_look(spec.unit) for spec in row_specs]
    counted = [
        PLAIN_INTEGER if spec.scale == 1 or spec.is_of_raster else PLAIN_DECIMALS for spec in row_specs
    ]
    factor = np.array([_factor(spec) for spec in row_specs])
    weight_scale = np.array([float(spec.weight_scale) for spec in row_specs])
    scale = weight_scale * np.array([float(spec.scale) for spec in row_specs])
    labels = {spec.id: with_unit(spec, published) for spec in published.indicators}
    status_words = [
        "" if status == "ok" else status_word(status, published)
        for status, is_total in zip(table["status"].tolist(), totals, strict=True)
    ]
    note = ["" if spec.base_known else word("common", "without_base", language) for spec in row_specs]
    areas = table["area_id"].tolist()
    cells = [
        _alike(table["period"].tolist(), PLAIN),
        _alike(["" if is_total else area for area, is_total in zip(areas, totals, strict=True)], PLAIN),
        _alike([names.get(area, area) for area in areas], PLAIN),
        _alike([labels[spec.id] for spec in row_specs], PLAIN),
        _or_words(_floats(table, "value") * factor, looks, status_words),
        zip((_floats(table, "numerator") / scale).tolist(), counted, strict=True),
        _alike((_floats(table, "denominator") / weight_scale).tolist(), PLAIN_INTEGER),
        _alike((_floats(table, "unknown") / weight_scale).tolist(), PLAIN_INTEGER),
        *(
            zip((_floats(table, name) * factor).tolist(), looks, strict=True)
            for name in ("low", "high", "reference")
        ),
        _alike(_floats(table, "ratio").tolist(), PLAIN_DECIMALS),
        _alike([instead or base for instead, base in zip(status_words, note, strict=True)], PLAIN_QUIET),
    ]
    if compared:
        cells.append(
            _alike([reference_word(area, language) for area in table["reference_area"].tolist()], PLAIN)
        )
    rows = zip(*cells, strict=True)
    unprinted = _rows_before_last(table)
    book.table(
        word_or_key("tables", sheet, language),
        word_or_key("tables", sheet, language),
        columns,
        rows,
        notes=[*notes, *_printed_note(unprinted, published)],
        freeze=4,
        unprinted=unprinted,
    )


def criteria_sheet(book: Book, published: PublishedResults, table: pd.DataFrame) -> None:
    """Each criterion of each area and period: figure, threshold, met, points.

    `table` is the `geo_bosoc.outputs.csv_tables.criteria_table`.
    """
    language = published.language
    table, notes = _fitting(table, published)
    heads = [
        *("period", "area_id", "name", "model", "criterion_label", "value", "reference", "measure"),
        *("operator", "threshold", "met", "margin", "margin_persons", "points"),
        *("suppressed_because", "possible_counts", "sentence"),
    ]
    heads = [head for head in heads if head in table.columns]
    widths = {"name": 20, "model": 13, "criterion_label": 24, "sentence": 60, "suppressed_because": 20}
    words = {"criterion_label": "criterion"}
    columns = [
        Column(word_or_key("tables", words.get(head, head), language), widths.get(head, 9)) for head in heads
    ]
    cells = [_criterion_cells(head, table, published) for head in heads]
    rows = zip(*cells, strict=True)
    name = word("tables", "sheet_criteria", language)
    unprinted = _rows_before_last(table)
    notes = [*notes, *_printed_note(unprinted, published)]
    book.table(name, name, columns, rows, notes=notes, freeze=3, unprinted=unprinted)


def _criterion_cells(head: str, table: pd.DataFrame, published: PublishedResults) -> Iterable[Drawn]:
    """A column of the criteria."""
    if head in ("value", "reference", "threshold", "margin"):
        return _criterion_figures(head, table, published)
    if head == "suppressed_because":
        most = published.policy.minimum - 1
        words = {
            reason: word("tables", f"because_{reason}", published.language, most=most)
            for reason in table[head].dropna().unique()
        }
        return _alike([words.get(reason, "") for reason in table[head].tolist()], PLAIN_QUIET)
    if head in ("margin_persons", "points", "possible_counts"):
        return _alike(_floats(table, head).tolist(), PLAIN if head == "points" else PLAIN_INTEGER)
    if head in ("met", "measure"):
        words = {
            value: word_or_key("tables", f"{head}_{value}", published.language)
            for value in table[head].dropna().unique()
        }
        return _alike([words.get(value, "") for value in table[head].tolist()], PLAIN_INDENTED)
    look = {"sentence": PLAIN_WRAPPED, "operator": PLAIN_INDENTED}.get(head, PLAIN)
    return _alike(table[head].tolist(), look)


def _criterion_figures(head: str, table: pd.DataFrame, published: PublishedResults) -> Iterable[Drawn]:
    """A column of figures; threshold and distance are in the indicator's unit or are bare ratios and scores."""
    specs = {spec.id: spec for spec in published.indicators}
    row_specs = [specs.get(indicator) for indicator in table["indicator"]]
    in_unit = [True] * len(table)
    if head in ("threshold", "margin"):
        in_unit = table.reindex(columns=["measure"])["measure"].isin(["value", "difference"]).tolist()
    units = [spec if unit else None for spec, unit in zip(row_specs, in_unit, strict=True)]
    factor = np.array([1.0 if spec is None else _factor(spec) for spec in units])
    looks = [PLAIN_DECIMALS if spec is None else unit_look(spec.unit) for spec in units]
    figures = _floats(table, head) * factor
    if head != "value":
        return zip(figures.tolist(), looks, strict=True)
    table_keys, row_keys = (
        list(zip(*(frame[name].tolist() for name in ("area_id", "period", "indicator")), strict=True))
        for frame in (published.table, table)
    )
    status = dict(zip(table_keys, published.table["status"].tolist(), strict=True))
    words_by_status = {each: status_word(str(each), published) for each in {*status.values(), "missing"}}
    words = [
        "" if spec is None else words_by_status[status.get(key, "missing")]
        for spec, key in zip(row_specs, row_keys, strict=True)
    ]
    return _or_words(figures, looks, words)


def _alike(values: Iterable[Any], look: Look) -> Iterable[Drawn]:
    """A column whose cells look the same."""
    return zip(values, itertools.repeat(look))


def _or_words(figures: npt.NDArray[np.float64], looks: Sequence[Look], words: Sequence[str]) -> list[Drawn]:
    """A column of figures, with words in the place of the missing ones."""
    rows = zip(figures.tolist(), looks, words, strict=True)
    return [(figure, look) if figure == figure else (status, PLAIN_QUIET) for figure, look, status in rows]


def _floats(table: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where there is none."""
    return pd.to_numeric(table[column]).to_numpy(dtype=float, na_value=np.nan)


def value_cell(
    value: object, status: str, spec: Indicator, published: PublishedResults, *, total: bool = False
) -> Cell:
    """A value in its unit (a `total` in bold), or the words for why it is not there."""
    if missing(value):
        look = SUPPRESSED_FIGURE if status == "protected" else QUIET
        return Cell(status_word(status, published) if status != "ok" else "", look)
    return Cell(_times(value, _factor(spec)), unit_look(spec.unit, True, total))


def category_cell(model: Model, category: str, language: Language) -> Cell:
    """The word of a class (`geo_bosoc.outputs.texts.category_class`) on the model's colour.

    A range has stripes in the colour of the worst category that it lies between, on that of the mildest. Classes that
    are no category have the greys of the maps.
    """
    colour_by_id = {each.id: each.colour for each in model.category}
    between = [colour_by_id[name] for name in possible_of(category) or [category] if name in colour_by_id]
    grey = WITHOUT_FIGURE.get(category, WITHOUT_FIGURE[""]).colour
    worst, *_, mildest = between * 2 or [grey] * 2
    look = category_look(mildest, None if worst == mildest else worst)
    return Cell(class_word(model, category, language), look)


@functools.cache
def unit_look(unit: Unit, border: bool = False, bold: bool = False) -> Look:
    """How values in a unit are drawn."""
    return Look(UNIT_FORMAT[unit], border=border, bold=bold)


def _factor(spec: Indicator) -> float:
    """What a value is multiplied by: nothing for shares, which Excel's own format shows in per cent."""
    return 1.0 if spec.unit == "percent" else UNIT_FACTOR[spec.unit]


def _times(value: Any, factor: float) -> float | None:
    return None if missing(value) else float(value) * factor


def with_unit(spec: Indicator, published: PublishedResults) -> str:
    """An indicator's word, with its unit where it has one."""
    suffix = word("unit_suffixes", spec.unit, published.language).strip()
    return spec.label(published.language) + (f" ({suffix})" if suffix else "")


def _fitting(table: pd.DataFrame, published: PublishedResults) -> tuple[pd.DataFrame, list[str]]:
    """The rows that a sheet can hold: the latest periods, with a note of what is left out."""
    most_rows = LAST_ROW - 20
    if len(table) <= most_rows:
        return table, []
    counts = table["period"].value_counts().sort_index(ascending=False).cumsum()
    latest = sorted(period for period in _names(counts) if counts[period] <= most_rows)
    first = latest[0] if latest else ""
    note = word("tables", "cut_rows", published.language, period=first)
    return table.loc[table["period"].isin(latest)], [note]


def _rows_before_last(table: pd.DataFrame) -> int:
    """The rows of earlier periods, which come first; a long table is printed without them."""
    if len(table) < _LONG_TABLE:
        return 0
    return int((table["period"] != table["period"].max()).sum())


def _printed_note(unprinted: int, published: PublishedResults) -> list[str]:
    """That a sheet prints its last period alone, where it does."""
    return [word("tables", "printed_rows", published.language)] if unprinted else []


def _names(counts: pd.Series) -> Iterator[str]:
    return (str(name) for name in counts.index)
