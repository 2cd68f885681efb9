"""Numbers of persons that a program took for amounts: ``9902997391.0``, ``9.902997391E9``, ``9.902.997.391``.

Excel, pandas and Java write whole numbers so once a column has become one of floats. The digits are all there, and the
number is read as if it had been left alone; where only some are left (``2,9E+09``) nobody can tell which person it was.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_BLANKS: Final = r"\s*"
_FLOAT: Final = rf"^{_BLANKS}(\d{{9,10}})[.,]0*{_BLANKS}$"
_EXPONENT: Final = rf"^{_BLANKS}([1-9])[.,](\d{{1,9}})[eE]\+?0?([89]){_BLANKS}$"
_GROUP: Final = r"[.,\s]\d{3}"
_GROUPS: Final = rf"^{_BLANKS}(?:\d(?:{_GROUP}){{3}}|\d\d\d?(?:{_GROUP}){{2,3}}){_BLANKS}$"
_CUT: Final = rf"^{_BLANKS}[1-9](?:[.,]\d{{1,5}})?[eE]\+?0?[89]{_BLANKS}$"
_ANY_EXPONENT: Final = rf"^{_BLANKS}[1-9](?:[.,]\d{{1,9}})?[eE]\+?0?[89]{_BLANKS}$"

MAYBE: Final = r"^\s*\d{1,3}[.,\s]\d"
"""In every text that is grouped or has an exponent."""

IN_OTHER_COLUMNS: Final = r"^\s*(?:\d{10}\.0|[1-9][.,]\d{7,9}[eE]\+?0?9)\s*$"
"""What is looked for outside columns of keys: ``9902997391.0``, as floats are written; ``9902997391,00`` is money."""

ENDING: Final = ".0"

MOST_CUT: Final = 0.01
"""Among numbers with an exponent, so many end in four zeros or more by chance, and far fewer."""


def as_digits(ids: pl.Expr) -> pl.Expr:
    """Ids as text, those that were written as amounts as the digits that they were; all others as they are.

    >>> texts = ["9902997391.0", "9.902997391E9", "9,902997391E+09", "9.902.997.391", "102034567.0", "P1.0", "x"]
    >>> pl.DataFrame({"v": texts}).select(as_digits(pl.col("v"))).to_series().to_list()
    ['9902997391', '9902997391', '9902997391', '9902997391', '102034567', 'P1.0', 'x']
    """
    parts = ids.str.extract_groups(_EXPONENT)
    first, rest = parts.struct.field("1"), parts.struct.field("2")
    nine = parts.struct.field("3") == "9"
    enough = rest.str.len_chars() <= pl.when(nine).then(9).otherwise(8)
    padded = pl.when(nine).then(rest.str.pad_end(9, "0")).otherwise(rest.str.pad_end(8, "0"))
    return (
        pl.when(ids.str.contains(_FLOAT))
        .then(ids.str.extract(_FLOAT))
        .when(ids.str.contains(_GROUPS))
        .then(ids.str.replace_all(r"[^\d]", ""))
        .when(enough.fill_null(False))
        .then(first + padded)
        .otherwise(ids)
    )


def without_ending(ids: pl.Expr) -> pl.Expr:
    """Keys of digits without the ``.0`` of floats."""
    return ids.str.replace(r"^(\d+)\.0$", "$1")


def count_cut(ids: pl.Series) -> int:
    """How many texts hold a number of a person whose last digits are gone (``2,9E+09``); 0 where they are too few to
    be more than numbers that end in zeros.

    >>> count_cut(pl.Series(["2,9E+09", "1,2E+09"])), count_cut(pl.Series(["9.902997391E9"] * 200 + ["2.90299E9"]))
    (2, 0)
    """
    if ids.dtype != pl.String:
        return 0
    cut = int(ids.str.contains(_CUT).sum())
    return cut if cut > MOST_CUT * int(ids.str.contains(_ANY_EXPONENT).sum()) else 0
