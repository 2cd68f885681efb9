"""Per cent signs: cells of a workbook and texts that say themselves that they are per cent.

In a column of percentages (`RegisterSpec.per_cent`) ``25 %`` is 25, in one of shares (`RegisterSpec.share`) it is 0.25.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

import polars as pl

from geo_bosoc.registers.values import text

PublishedResults = Literal["times_100", "as_is"]
"""How a spreadsheet shows a number in per cent: times 100, or with a sign behind it."""

Unit = Literal["percent", "share"]

_SIGNED: Final = r"^[^%‰]*\d[^%‰]*\s*(%|pct\.?|procent)$"


def with_signs(values: pl.Series, rows: pl.Series, published: Mapping[int, PublishedResults]) -> pl.Series:
    """A workbook's column as text where cells are shown in per cent: 0.25 becomes ``25%``; other cells as they are."""
    texts = []
    numeric = values.dtype.is_numeric()
    for value, row in zip(values.to_list(), rows.to_list(), strict=True):
        how = published.get(row)
        if value is None or (how is None and not numeric):
            texts.append(value)
            continue
        try:
            number = Decimal(repr(value) if isinstance(value, float) else str(value))
        except InvalidOperation:
            texts.append(str(value))
            continue
        if how == "times_100":
            number *= 100
        texts.append(_plain(number) + ("%" if how is not None else ""))
    return pl.Series(values.name, texts, dtype=pl.String)


def without_signs(values: pl.Series, unit: Unit, decimal: str | None) -> tuple[pl.Series, pl.Series]:
    """Text without its per cent signs, in the unit that the column is read in; and which values had one.

    Parameters
    ----------
    decimal : the decimal mark of a hundredth, where no number in the column shows one.
    """
    stripped = values.str.strip_chars(text.BLANKS)
    signed = stripped.str.to_lowercase().str.contains(_SIGNED).fill_null(False)
    if not signed.any():
        return values, signed
    bare = stripped.str.replace(r"(?i)(%|pct\.?|procent)$", "").str.strip_chars(text.BLANKS)
    if unit == "share":
        decimal = "," if bool(bare.str.contains(",", literal=True).any()) else decimal
        moved = [_hundredth(value, decimal) if value is not None else None for value in bare.to_list()]
        bare = pl.Series(values.name, moved, dtype=pl.String)
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
    whole, _, decimals = written.rstrip("0").partition(".")
    return f"{whole}.{decimals}{'0' * (len(decimals) == 3)}" if decimals else whole
