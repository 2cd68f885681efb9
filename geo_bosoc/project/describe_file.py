"""What is in a file, in words: `geo-bosoc describe`. A table's head and columns, a map's layers, a raster's bands.

What is told of a column is its name, its type, how much of it is filled, how many different values it has, what it is
taken for, and the range of its numbers: from the fifth smallest to the fifth largest, since the smallest may be one
person's. Keys, coordinates and what looks like person numbers have no range.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.describe import LayerDescription, describe_layers, is_layer_file
from geo_bosoc.boundaries.municipal_bounds import BOUNDS
from geo_bosoc.problems import Report
from geo_bosoc.problems.person_number_forms import holds_person_number, without_person_numbers
from geo_bosoc.rasters.describe import describe_raster, is_raster_file
from geo_bosoc.registers.column_roles import ColumnDescription
from geo_bosoc.registers.describe import TableDescription, describe_table
from geo_bosoc.registers.tables import text as marks
from geo_bosoc.registers.tables.periods import head_period, to_period
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.guesses import Guess
from geo_bosoc.text.numbers import number

_FROM_END: Final = 5
"""The range of numbers is told from so many of them at either end."""
_LEAST_ROWS: Final = 4 * _FROM_END
_WITHOUT_RANGE: Final = frozenset(
    {"person", "address", "access_address", "dwelling", "household", "case", "kvhx", "x", "y", "longitude",
     "latitude", "id", "name", "area", "municipality"}
)  # fmt: skip
"""Roles whose numbers say who or where somebody is."""
_MARKS: Final = (
    *marks.MISSING_ANYWHERE[1:], *marks.MISSING_AMONG_FIGURES, *marks.PROTECTED_ANYWHERE,
    *marks.PROTECTED_AMONG_FIGURES, *marks.NOT_APPLICABLE, *marks.DASHES,
)  # fmt: skip
_SHOWN: Final = 8


def describe_file(path: str | Path, language: Language = "en", *, report: Report | None = None) -> str:
    """Say what is in a file of a register, of boundaries or a raster, without a value of any of a register's rows.

    Parameters
    ----------
    path : str or Path
        CSV, Parquet, a workbook or JSON rows; a map file with one or more layers; or a raster.
    language : {"da", "en"}, optional
        Danish or English.
    report : Report, optional
        Takes what keeps it from being read.

    Returns
    -------
    str
        A line or more for the file or each layer, then one for each column; empty where the file cannot be read.

    Raises
    ------
    InputError
        The file cannot be read, and no `report` was given.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "omraader.csv"
    >>> _ = file.write_text("omraade;aar;ledige\\nA;2023;<5\\nB;2023;12\\nA;2024;7\\nB;2024;8\\n", encoding="utf-8")
    >>> print(describe_file(file).splitlines()[0])
    omraader.csv: a table (csv), 4 rows, 3 columns
    """
    file, problems = Path(path), Report()
    lines: list[str] = []
    if is_raster_file(file):
        lines = describe_raster(file, language, problems)
    elif is_layer_file(file):
        layers = describe_layers(file, report=problems)
        for layer in layers:
            lines += ["", *_layer_lines(layer, language)] if lines else _layer_lines(layer, language)
    else:
        table = describe_table(file, report=problems)
        lines = [] if table is None else _table_lines(table, language)
    problems.hand_over(report)
    return without_person_numbers("\n".join(lines))


def _table_lines(table: TableDescription, language: Language) -> list[str]:
    text = partial(word, "file_descriptions", language=language)
    counts = f"{_count('rows', table.rows, language)}, {_count('columns', len(table.columns), language)}"
    lines = [f"{table.file.name}: {text('table', format=table.format)}, {counts}"]
    if not table.is_complete:
        lines.append(f"  {text('first_rows', rows=number(table.rows, language))}")
    for name in ("encoding", "separator", "decimal", "sheet", "header_row", "header_rows"):
        guess: Guess | None = getattr(table, name)
        if guess is not None:
            lines.append(f"  {text(name)}: {_as_shown(guess.value)} ({guess.why(language)})")
    if len(table.sheets) > 1:
        lines.append(f"  {text('sheets')}: {', '.join(table.sheets)}")
    if table.periods_across:
        lines.append(f"  {text('periods_across')}: {', '.join(table.periods_across)}")
    period = table.column("period")
    if period is not None and period.type != "date":
        values = _filled(table.sample[period.name]).cast(pl.String).unique().to_frame("v")
        read = values.select(to_period(pl.col("v"), "quarter")).to_series().drop_nulls()
        periods = read.unique().sort().to_list()
        shown = periods if len(periods) <= _SHOWN else [periods[0], "...", periods[-1]]
        lines.append(f"  {text('periods')}: {', '.join(shown)}")
    if _has_no_heading(table):
        return [*lines, f"  {text('no_heading')}"]
    keys = _keys(table, period)
    lines.append(f"  {text('keys')}: {'; '.join(keys) if keys else text('no_keys')}")
    lines += [f"  {text('persons', column=name)}" for name in _person_columns(table.columns)]
    lines += ["", text("heading")]
    return lines + [f"  {_column_line(each, table, language)}" for each in table.columns]


def _has_no_heading(table: TableDescription) -> bool:
    """Whether the names of columns look like values of a row: long numbers, days, person numbers; years are names."""
    names = pl.DataFrame({"v": [column.name.strip() for column in table.columns]}, schema={"v": pl.String})
    days = names.select(marks.to_date(pl.col("v")).is_not_null()).to_series().to_list()
    return any(
        holds_person_number(name)
        or (head_period(name) is None and (is_day or re.fullmatch(r"[\d.,]{4,}", name) is not None))
        for name, is_day in zip(names["v"].to_list(), days, strict=True)
    )


def _as_shown(value: str) -> str:
    return {"\t": "tab", " ": "blank"}.get(value, value)


def _filled(values: pl.Series) -> pl.Series:
    if values.dtype != pl.String:
        return values.drop_nulls()
    stripped = values.str.strip_chars(marks.BLANKS)
    return stripped.filter((stripped != "").fill_null(False))


def _keys(table: TableDescription, period: ColumnDescription | None) -> list[str]:
    """Columns of which each row has its own value, alone or in its period."""
    filled = [each for each in table.columns if each.filled == table.rows and table.rows > 1]
    alone = [each.name for each in filled if each.distinct == table.rows and each.type in ("text", "whole")]
    if alone or period is None:
        return alone[:_SHOWN]
    pairs = (
        (each, table.sample.select(each.name, period.name).n_unique())
        for each in filled
        if each.name != period.name and each.type in ("text", "whole")
    )
    return [f"{each.name} + {period.name}" for each, distinct in pairs if distinct == table.rows][:_SHOWN]


def _person_columns(columns: Iterable[ColumnDescription]) -> list[str]:
    return [each.name for each in columns if each.role is not None and each.role.reason == "person_numbers"]


def _column_line(column: ColumnDescription, table: TableDescription, language: Language) -> str:
    text = partial(word, "file_descriptions", language=language)
    missing = 1 - column.filled / table.rows if table.rows else 0.0
    parts = [text(f"type_{column.type}")]
    if missing:
        parts.append(text("missing", share=_share(missing, language)))
    parts.append(_distinct(column.distinct, language))
    values = table.sample[column.name]
    if ends := _range(values, column, table):
        low, high = (_end(end, ends, language) for end in ends)
        parts.append(text("range", low=low, high=high))
    if marked := _marks(values):
        counted = ", ".join(f"{mark} ({number(count, language)})" for mark, count in marked)
        parts.append(text("marks", marks=counted))
    if column.role is not None:
        parts.append(text("role", role=column.role.value, why=column.role.why(language)))
    return f"{column.name}: {'; '.join(parts)}"


def _share(share: float, language: Language) -> str:
    """Per cent without decimals; what rounds to none or all of it is not told as that."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "< 1 %"
    return "> 99 %" if rounded == 100 and share < 1 else f"{number(rounded, language)} %"


def _range(
    values: pl.Series, column: ColumnDescription, table: TableDescription
) -> tuple[float, float] | None:
    """The fifth smallest and the fifth largest number, where there are enough and they are nobody's key."""
    role = None if column.role is None else column.role.value
    if not column.is_number or role in _WITHOUT_RANGE or role == "period":
        return None
    if column.distinct > _SHOWN and column.distinct == column.filled:
        return None  # each row has its own: it may be a key
    if values.dtype == pl.String:
        decimal = table.decimal.value if table.decimal is not None else ","
        as_number = marks.to_number(pl.col("v").str.strip_chars(marks.BLANKS), decimal, integer=False)
        values = values.to_frame("v").select(as_number.cast(pl.Float64)).to_series()
    numbers = values.cast(pl.Float64).drop_nulls().drop_nans().sort()
    if numbers.len() < _LEAST_ROWS:
        return None
    return float(numbers[_FROM_END - 1]), float(numbers[-_FROM_END])


def _end(end: float, ends: Sequence[float], language: Language) -> str:
    """An end of a range: without decimals where both are whole, and a year as a year."""
    without_decimals = all(each.is_integer() for each in ends)
    return (
        f"{end:.0f}"
        if without_decimals and abs(end) < 10_000
        else number(end, language, 0 if without_decimals else 2)
    )


def _count(noun: str, count: int, language: Language) -> str:
    """A number of rows, columns or features."""
    key = f"one_{noun}" if count == 1 else noun
    return word("file_descriptions", key, language, count=number(count, language))


def _distinct(count: int, language: Language) -> str:
    key = "one_value" if count == 1 else "distinct"
    return word("file_descriptions", key, language, count=number(count, language))


def _marks(values: pl.Series) -> list[tuple[str, int]]:
    """The marks for what is missing, withheld or does not apply, each with how often it stands in the column."""
    if values.dtype != pl.String:
        return []
    stripped = values.str.strip_chars(marks.BLANKS).str.replace(r"^<\s*(\d)$", "<$1")
    marked = stripped.filter(
        (stripped.is_in(list(_MARKS)) | stripped.str.contains(r"^<\d$")).fill_null(False)
    )
    counts = Counter(marked.to_list())
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _layer_lines(layer: LayerDescription, language: Language) -> list[str]:
    text = partial(word, "file_descriptions", language=language)
    kind = text("layer", layer=layer.layer) if layer.layer is not None else text("map")
    counts = (
        f"{_count('features', layer.features, language)}, {_count('columns', len(layer.columns), language)}"
    )
    lines = [f"{layer.file.name}: {kind}, {counts}"]
    if layer.crs is None:
        lines.append(f"  {text('crs')}: {text('no_crs')}")
    else:
        lines.append(f"  {text('crs')}: {layer.crs.value} ({layer.crs.why(language)})")
    if layer.geometry is not None:
        lines.append(f"  {text('geometry')}: {_geometry_kinds(layer.geometry, language)}")
        lines += [f"  {text('extent')}: {each}" for each in _extent(layer.geometry, language)]
    for name in ("id", "name", "kind"):
        guess: Guess | None = getattr(layer, name)
        if guess is not None:
            lines.append(f"  {text(f'layer_{name}')}: {guess.value} ({guess.why(language)})")
    shown = {str(column) for column in layer.table.columns}
    if layer.columns:
        lines += ["", text("heading")]
    for column in layer.columns:
        words = _attribute(layer.table[column], language) if column in shown else text("list_or_person")
        lines.append(f"  {column}: {words}")
    return lines


def _geometry_kinds(geometry: NDArray[Any], language: Language) -> str:
    missing = int(shapely.is_missing(geometry).sum())
    kinds = Counter(shapely.get_type_id(geometry[~shapely.is_missing(geometry)]).tolist())
    parts = [
        f"{word('file_descriptions', f'geometry_{kind}', language)} {number(count, language)}"
        for kind, count in sorted(kinds.items())
    ]
    if missing:
        parts.append(f"{word('file_descriptions', 'geometry_none', language)} {number(missing, language)}")
    return ", ".join(parts)


def _extent(geometry: NDArray[Any], language: Language) -> Iterable[str]:
    """How large the layer is, and the municipalities that lie round its middle."""
    bounds = shapely.total_bounds(geometry[~shapely.is_missing(geometry)])
    if not np.isfinite(bounds).all():
        return
    west, south, east, north = (float(each) / 1_000 for each in bounds)
    x, y = (west + east) / 2, (south + north) / 2
    near = [
        (area[0], (area[3] - area[1]) * (area[4] - area[2]))
        for area in BOUNDS.values()
        if area[1] <= x <= area[3] and area[2] <= y <= area[4]
    ]
    names = [name for name, _ in sorted(near, key=lambda pair: (pair[1], pair[0]))][:3]
    width, height = (number(each, language, 0 if each >= 10 else 1) for each in (east - west, north - south))
    places = f" {word('common', 'or', language)} ".join(names)
    key = "size_near" if places else "size"
    yield word("file_descriptions", key, language, width=width, height=height, places=places)


def _attribute(values: pd.Series[Any], language: Language) -> str:
    text = partial(word, "file_descriptions", language=language)
    filled = values.dropna()
    if pd.api.types.is_bool_dtype(values):
        kind = "truth"
    elif pd.api.types.is_numeric_dtype(values):
        kind = "whole" if (filled % 1 == 0).all() else "decimal"
    elif pd.api.types.is_datetime64_any_dtype(values):
        kind = "date"
    else:
        kind = "text" if len(filled) else "empty"
    parts = [text(f"type_{kind}")]
    if len(filled) < len(values):
        parts.append(text("missing", share=_share(1 - len(filled) / len(values), language)))
    parts.append(_distinct(filled.astype(str).nunique(), language))
    return "; ".join(parts)
