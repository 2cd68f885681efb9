"""Danish numbers, dates, truth values and missing marks in text: what a value is, and what it says.

Everything here is a Polars expression on a text column whose surrounding blanks are gone.

Marks (a cell that says why it holds no figure)
    empty, ``...``, ``NULL``      no data (``missing``); ``NA``, ``N/A`` and ``NaN`` among numbers and dates
    ``..``, ``*``, ``<5``         there, but not shown (``protected``)
    ``.``, ``•``                  does not apply (``not_applicable``)
    ``-``                         zero among the whole numbers of a finished count, otherwise no data
In a text column ``-``, ``.``, ``*``, ``•`` and ``<5`` are kept: there they may be codes or age bands.

Numbers
    ``1.234,5`` and ``1 234,5`` where the decimal mark is a comma; ``1,234.5`` and ``1e-05`` where it is a
    point.
    A number with leading zeros (``0751``) is a code and makes its column text.

Dates
    ``2024-01-01``, ``01-01-2024`` (also with dots or slashes), ``20240101``, ``202401011200``, each also
    with a time of day; with a zone they are the day in Denmark (see `geo_bosoc.text.days`). The open end
    ``31-12-9999`` is the date that it says.

Truth values
    ``true``/``false`` and Excel's ``SAND``/``FALSK`` become truth values (``charged`` or ``charged = TRUE``
    in a predicate); ``ja``/``nej`` stay text (``charged = 'ja'``) and ``0``/``1`` numbers (``charged = 1``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, Literal

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.text.days import to_date as to_date

BLANKS: Final = " \t\r\n\u00a0\u202f\ufeff"
MISSING_ANYWHERE: Final = ("", "...", "…", "NULL")
MISSING_AMONG_FIGURES: Final = ("NA", "N/A", "NaN", "nan", "#N/A", "#I/T")
PROTECTED_ANYWHERE: Final = ("..", "‥")
PROTECTED_AMONG_FIGURES: Final = ("*",)
NOT_APPLICABLE: Final = (".", "•")
DASHES: Final = ("-", "–", "—")

_BELOW: Final = r"^<\s*\d+$"
_SIGN: Final = r"^[+\-−]?"
_INTEGER: Final = _SIGN + r"\d{1,18}$"
_LEADING_ZERO: Final = _SIGN + r"0\d+([.,]\d*)?$"
_COMMA: Final = _SIGN + r"(\d{1,18}|[1-9]\d{0,2}([. \x{a0}\x{202f}]\d{3}){1,5})(,\d+)?([eE][+\-]?\d{1,3})?$"
_POINT: Final = _SIGN + r"((\d{1,18}|[1-9]\d{0,2}(,\d{3}){1,5})(\.\d+)?|\.\d+|\d+(\.\d+)?[eE][+\-]?\d{1,3})$"
_TRUTH: Final = r"^(?i:true|false|sand|falsk)$"


def float_as_text(value: pl.Expr) -> pl.Expr:
    """Floats as text with a decimal point, whole numbers without decimals."""
    integral = (value == value.floor()) & (value.abs() < 2**53)
    integers = value.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(integral).then(integers).otherwise(value.cast(pl.String))


def stripped(column: str) -> pl.Expr:
    """The column's text without surrounding blanks."""
    return pl.col(column).str.strip_chars(BLANKS)


def is_missing(value: pl.Expr, extra: Sequence[str], *, figures: bool) -> pl.Expr:
    """The value is empty, a mark for no data or one of `extra`; with `figures` also ``NA`` and the like."""
    marks = [*MISSING_ANYWHERE, *extra, *(MISSING_AMONG_FIGURES if figures else ())]
    return value.is_null() | value.is_in(marks)


def number_codes(marks: Sequence[str]) -> list[float]:
    """The numbers among marks for missing values: ``-99997``, ``-1,0``."""
    numbers = []
    for mark in marks:
        try:
            numbers.append(float(mark.strip().replace("−", "-").replace(",", ".")))
        except ValueError:
            continue
    return numbers


def without_codes(value: pl.Expr, marks: Sequence[str]) -> pl.Expr:
    """Numbers, those that are codes for missing values taken out."""
    codes = number_codes(marks)
    return pl.when(~value.cast(pl.Float64).is_in(codes)).then(value) if codes else value


def is_protected(value: pl.Expr, extra: Sequence[str], *, figures: bool) -> pl.Expr:
    """The value is a mark for a figure not shown, or one of `extra`; with `figures` also ``*`` and ``<5``."""
    marks = [*PROTECTED_ANYWHERE, *extra, *(PROTECTED_AMONG_FIGURES if figures else ())]
    return (value.is_in(marks) | value.str.contains(_BELOW)) if figures else value.is_in(marks)


def is_not_applicable(value: pl.Expr) -> pl.Expr:
    """The value is a mark for a figure that does not apply."""
    return value.is_in(list(NOT_APPLICABLE))


def is_dash(value: pl.Expr) -> pl.Expr:
    """The value is a dash of any length."""
    return value.is_in(list(DASHES))


def is_integer(value: pl.Expr) -> pl.Expr:
    """The value is digits alone, with or without a sign."""
    return value.str.contains(_INTEGER)


def has_leading_zero(value: pl.Expr) -> pl.Expr:
    """A number written with leading zeros: a code."""
    return value.str.contains(_LEADING_ZERO)


def is_number(value: pl.Expr, decimal: str) -> pl.Expr:
    """The value is a number when the decimal mark is `decimal` (``,`` or ``.``)."""
    return value.str.contains(_COMMA if decimal == "," else _POINT)


def has_fraction(value: pl.Expr, decimal: str) -> pl.Expr:
    """A number (see `is_number`) that is written with decimals or an exponent."""
    return value.str.contains(r"[,eE]" if decimal == "," else r"[.eE]")


def is_truth(value: pl.Expr) -> pl.Expr:
    """The value is a truth value, in English or in Danish."""
    return value.str.contains(_TRUTH)


def to_truth(value: pl.Expr) -> pl.Expr:
    """Whether a truth value (see `is_truth`) is true."""
    return value.str.to_lowercase().is_in(["true", "sand"])


def to_number(value: pl.Expr, decimal: str, *, integer: bool) -> pl.Expr:
    """The number that a text says: Int64 if `integer`, else Float64; null where it is none (see `is_number`).

    Texts with a decimal comma are read to the nearest double, as Polars reads those with a point.
    """
    plain = value.str.replace("−", "-", literal=True).str.replace(r"^\+", "")
    if decimal == ",":
        plain = plain.str.replace_all(r"[. \x{a0}\x{202f}]", "").str.replace(",", ".", literal=True)
    else:
        plain = plain.str.replace_all(",", "", literal=True)
    number = plain.cast(pl.Int64 if integer else pl.Float64, strict=False)
    return pl.when(is_number(value, decimal)).then(number)


def fold_name(name: str) -> str:
    """The name in a form that all ways of writing it share.

    >>> fold_name("Områdenavn") == fold_name("omraadenavn"), fold_name("Area_ID")
    (True, 'area id')
    """
    plain = name.lower()
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("_", " ")):
        plain = plain.replace(letter, written)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c)).strip()


NOT_AVAILABLE: Final = ("#N/A", "#I/T")
"""What stands for a missing figure, and is told as that."""

ERROR_WORDS: Final = (
    *(
        "#DIV/0!",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FIELD!",
    ),
    *(
        "#DIVISION/0!",
        "#REFERENCE!",
        "#VÆRDI!",
        "#NAVN?",
        "#NUL!",
        "#OVERLØB!",
        "#BEREGN!",
        "#TAL!",
        "#SPILD!",
    ),
)
"""The words of programs in English and Danish."""


def error_words(frame: pl.DataFrame, row: str, marks: Collection[str]) -> dict[str, dict[str, list[int]]]:
    """By text column, the rows of each error word in a batch; ``#N/A`` is not among them.

    `row` is the column with the rows' numbers, `marks` are words that the specification names as missing or protected.
    """
    columns = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not columns:
        return {}
    words = [word for word in ERROR_WORDS if word not in marks]
    with_hash = frame.select(pl.col(name).str.contains("#", literal=True).any() for name in columns).row(0)
    rows: dict[str, dict[str, list[int]]] = {}
    for name in [name for name, has_hash in zip(columns, with_hash, strict=True) if has_hash]:
        cell = pl.col(name).str.strip_chars(BLANKS).str.to_uppercase()
        for word, number in frame.filter(cell.is_in(words)).select(cell, row).iter_rows():
            rows.setdefault(name, {}).setdefault(word, []).append(number)
    return rows


def report_error_words(
    rows: Mapping[str, Mapping[str, list[int]]], columns: Mapping[str, str], file: Path, report: Report
) -> None:
    """The rows of `error_words`, column by column, as problems; `columns` says how the file names each."""
    for name, rows_by_word in rows.items():
        for word, numbers in rows_by_word.items():
            where = {
                "file": file,
                "row": numbers[0],
                "column": columns.get(name, name),
                "count": len(numbers),
            }
            single = len(numbers) == 1
            message = phrase(
                "{cells} {hold} {word}: {row_word} {ranges}.",
                cells=count_text(len(numbers), "cell"),
                hold=phrase("holds" if single else "hold"),
                word=word,
                row_word=phrase("row" if single else "rows"),
                ranges=ranges(numbers),
            )
            if word in NOT_AVAILABLE:
                report.warn(phrase("{message} It is read as missing.", message=message), **where)
            else:
                report.error(
                    message,
                    hint=phrase(
                        'Correct the formula; if the figure is missing, say so: missing = ["{word}"].',
                        word=word,
                    ),
                    **where,
                )


PercentFormat = Literal["times_100", "as_is"]
"""How a spreadsheet shows a number in per cent: times 100, or with a sign behind it."""

FractionUnit = Literal["percent", "share"]
"""What a column of fractions is read in: 25 or 0.25 for ``25 %``."""

_SIGNED: Final = r"^[^%‰]*\d[^%‰]*\s*(%|pct\.?|procent)$"


def with_signs(values: pl.Series, rows: pl.Series, formats: Mapping[int, PercentFormat]) -> pl.Series:
    """A workbook's column as text where cells are shown in per cent: 0.25 becomes ``25%``; other cells as they are.

    `formats` says by row number how such a cell is shown.
    """
    texts = []
    numeric = values.dtype.is_numeric()
    for value, row in zip(values.to_list(), rows.to_list(), strict=True):
        shown_as = formats.get(row)
        if value is None or (shown_as is None and not numeric):
            texts.append(value)
            continue
        try:
            number = Decimal(repr(value) if isinstance(value, float) else str(value))
        except InvalidOperation:
            texts.append(str(value))
            continue
        if shown_as == "times_100":
            number *= 100
        texts.append(_plain(number) + ("%" if shown_as is not None else ""))
    return pl.Series(values.name, texts, dtype=pl.String)


def without_signs(values: pl.Series, unit: FractionUnit, decimal: str | None) -> tuple[pl.Series, pl.Series]:
    """Text without its per cent signs, in the unit that the column is read in; and which values had one.

    `decimal` is the decimal mark of a hundredth, where no number in the column shows one.
    """
    stripped = values.str.strip_chars(BLANKS)
    signed = stripped.str.to_lowercase().str.contains(_SIGNED).fill_null(False)
    if not signed.any():
        return values, signed
    bare = stripped.str.replace(r"(?i)(%|pct\.?|procent)$", "").str.strip_chars(BLANKS)
    if unit == "share":
        decimal = "," if bool(bare.str.contains(",", literal=True).any()) else decimal
        shares = [_hundredth(value, decimal) if value is not None else None for value in bare.to_list()]
        bare = pl.Series(values.name, shares, dtype=pl.String)
    return bare.zip_with(signed, values), signed


def _hundredth(number: str, decimal: str | None) -> str:
    """A hundredth of a number, written with the same decimal mark; what is no number stays.

    >>> _hundredth("25,5", None), _hundredth("25", "."), _hundredth("<5", None)
    ('0,2550', '0.25', '<5')
    """
    mark = decimal or ("," if "," in number else ".")
    try:
        return _plain(Decimal(number.replace(",", ".").replace("−", "-")) / 100).replace(".", mark)
    except InvalidOperation:
        return number


def _plain(number: Decimal) -> str:
    """A decimal without exponent and without zeros at its end; never three decimals, which might be thousands."""
    written = f"{number:f}"
    if "." not in written:
        return written
    integer, _, decimals = written.rstrip("0").partition(".")
    return f"{integer}.{decimals}{'0' * (len(decimals) == 3)}" if decimals else integer


def ranges(numbers: Iterable[int], most: int = 5) -> str:
    """Numbers as text, those that follow each other together.

    >>> ranges([5, 6, 7, 9])
    '5-7, 9'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(start) if start == end else f"{start}-{end}" for start, end in runs[:most]]
    return ", ".join(texts) + (" ..." if len(runs) > most else "")
