"""What a register's columns are taken for: by their names where their values can be that, else by their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from geo_bosoc.boundaries.municipal_bounds import BOUNDS
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import Kind, ValueCounts, decimal_mark_of, infer_formats
from geo_bosoc.registers.tables.periods import to_period
from geo_bosoc.text.find_person_numbers import count_person_numbers, names_person_numbers
from geo_bosoc.text.guesses import Guess, guess, roles_by_name

_NEARLY_ALL: Final = 0.95
_EAST, _NORTH = (430_000.0, 900_000.0), (6_030_000.0, 6_420_000.0)
_LONGITUDE, _LATITUDE = (7.5, 15.6), (54.3, 58.0)
_KVHX: Final = (
    r"^(?:\d{4}[ _-]?\d{4}[ _-]?[\d_ ]{3}[0-9A-ZÆØÅ_ ].{0,9}|\d{3,4}-\d{1,4}-\d{1,3}[A-ZÆØÅ]?(?:-.*)?)$"
)
_MUNICIPALITIES: Final = frozenset(int(code) for code in BOUNDS)


@dataclass(frozen=True)
class ColumnDescription:
    """A column: its name, the type that it would be read as, and what it is taken for.

    Attributes
    ----------
    name : str
        As the file has it.
    type : {"text", "whole", "decimal", "date", "truth", "empty"}
        The type that its values have.
    filled : int
        In how many of the rows that were looked at it has a value.
    distinct : int
        How many different values it has there.
    role : Guess or None
        A role of `geo_bosoc.text.guesses` (``person``, ``x``, ``area``, ``period``, ...), or the column that
        indicators of the package read (``age``, ``labour``, ...), with its reason; None where nothing speaks for any.
    """

    name: str
    type: Kind
    filled: int
    distinct: int
    role: Guess | None

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.type in ("whole", "decimal")


def describe_columns(
    frame: pl.DataFrame, spec: RegisterSpec
) -> tuple[tuple[ColumnDescription, ...], str | None]:
    """The columns described, and the decimal mark that their numbers show.

    Parameters
    ----------
    frame : DataFrame
        The rows, texts as they stand in the file.
    spec : RegisterSpec
        How they are read.

    Returns
    -------
    columns : tuple of ColumnDescription
        In order.
    decimal : str or None
        None where no number shows any.
    """
    counts = {name: ValueCounts() for name in frame.columns}
    for name, value_counts in counts.items():
        value_counts.add(frame[name], spec)
    decimal = decimal_mark_of(list(counts.values()))
    kinds: dict[str, Kind] = {}
    for name, value_counts in counts.items():
        formats, _ = infer_formats(
            [value_counts], [decimal], [True], spec, as_text=False, file_marks=[decimal]
        )
        kinds[name] = formats[0].kind
    persons = _person_number_columns(frame)
    columns = []
    for name in frame.columns:
        values = frame[name]
        filled = _filled(values)
        role = (
            guess("person", "person_numbers")
            if name in persons
            else _role(name, filled, kinds[name], decimal)
        )
        columns.append(ColumnDescription(name, kinds[name], filled.len(), filled.n_unique(), role))
    return tuple(columns), decimal


def _filled(values: pl.Series) -> pl.Series:
    if values.dtype != pl.String:
        return values.drop_nulls()
    stripped = values.str.strip_chars(text.BLANKS)
    return stripped.filter((stripped != "").fill_null(False))


def _person_number_columns(frame: pl.DataFrame) -> Collection[str]:
    named = [name for name in frame.columns if names_person_numbers(name)]
    counted: Mapping[str, int] = count_person_numbers(frame.lazy(), frame.columns, named)
    return [
        name
        for name, count in counted.items()
        if count >= 0.5 * max(1, frame[name].len() - frame[name].null_count())
    ]


def _role(name: str, filled: pl.Series, kind: Kind, decimal: str | None) -> Guess | None:
    """What a column is taken for: what its name says, where its values can be that; else what its values say."""
    numbers = _numbers(filled, kind, decimal)
    for role in roles_by_name(name):
        by_values = _fits(role, filled, kind, numbers)
        if by_values is not None:
            return guess(role, "name_and_values" if by_values else "name", name=name)
    return _role_by_values(filled, kind, numbers)


def numbers_of(values: pl.Series, decimal: str | None) -> pl.Series:
    """A column's values as numbers; null where they are none.

    Parameters
    ----------
    values : Series
        Numbers, or texts as they stand in the file.
    decimal : str or None
        The decimal mark of texts; a point where none is given.
    """
    if values.dtype != pl.String:
        return values.cast(pl.Float64, strict=False)
    number = text.to_number(pl.col("v").str.strip_chars(text.BLANKS), decimal or ".", integer=False)
    return values.to_frame("v").select(number).to_series().cast(pl.Float64)


def _numbers(filled: pl.Series, kind: Kind, decimal: str | None) -> pl.Series | None:
    if kind not in ("whole", "decimal") or filled.is_empty():
        return None
    return numbers_of(filled, decimal)


def _fits(role: str, filled: pl.Series, kind: Kind, numbers: pl.Series | None) -> bool | None:
    """Whether values speak for a role (True), say nothing of it (False), or speak against it (None)."""
    ranges = {"x": _EAST, "y": _NORTH, "longitude": _LONGITUDE, "latitude": _LATITUDE, "age": (0.0, 125.0)}
    if role in ranges:
        return True if numbers is not None and _between(numbers, ranges[role]) else None
    if role == "kvhx":
        return True if _matches(filled, _KVHX) else None
    if role == "municipality":
        return True if _municipality_codes(filled) else None
    if role in ("birth_date", "from", "to", "event"):
        return True if kind == "date" else None
    if role == "period":
        return True if _are_periods(filled, kind) else None
    if role in ("person", "case", "address", "dwelling"):
        return False if kind in ("text", "whole") else None
    return False


def _role_by_values(filled: pl.Series, kind: Kind, numbers: pl.Series | None) -> Guess | None:
    if kind == "text" and _matches(filled, r"^\d{8}.{10,11}$") and _matches(filled, _KVHX):
        return guess("kvhx", "kvhx_values")
    if numbers is None or filled.n_unique() < 2:
        return None
    if _between(numbers, _NORTH):
        return guess("y", "north_values")
    if kind == "decimal" and _between(numbers, _EAST):
        return guess("x", "east_values")
    return None


def _between(numbers: pl.Series, bounds: tuple[float, float]) -> bool:
    inside = numbers.is_between(*bounds).sum()
    return bool(inside >= _NEARLY_ALL * max(1, numbers.len() - numbers.null_count()))


def _matches(filled: pl.Series, pattern: str) -> bool:
    if filled.dtype != pl.String or filled.is_empty():
        return False
    return bool(filled.str.contains(pattern).sum() >= _NEARLY_ALL * filled.len())


def _municipality_codes(filled: pl.Series) -> bool:
    codes = filled.cast(pl.String).unique().cast(pl.Int64, strict=False)
    inside = codes.is_in(list(_MUNICIPALITIES)) | codes.is_between(900, 999)
    return bool(codes.len() and codes.null_count() == 0 and 2 * inside.sum() > codes.len())


def _are_periods(filled: pl.Series, kind: Kind) -> bool:
    if kind == "date":
        return True
    values = filled.cast(pl.String).unique().to_frame("v")
    read = values.select(to_period(pl.col("v"), "quarter")).to_series()
    return values.height > 0 and read.null_count() <= 0.05 * values.height
