"""Numbers as people and programs write them, read alike down a column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.exact_values import decimal

SIGNS: Final = (".", ",")


@dataclass(frozen=True)
class Signs:
    """What full stop and comma mean in a column.

    Attributes
    ----------
    thousands : frozenset of str
        Those that stand between thousands.
    decimals : frozenset of str
        Those that stand before decimals.
    undecided : str
        The sign that stands before three last digits in every number that has one, so that none says what it means.
    """

    thousands: frozenset[str] = frozenset()
    decimals: frozenset[str] = frozenset()
    undecided: str = ""

    @property
    def mixed(self) -> frozenset[str]:
        """The signs that are both in one column, so that its numbers cannot be read."""
        return self.thousands & self.decimals

    def is_thousands(self, sign: str, *, count: bool) -> bool:
        """Whether a sign before three last digits stands between thousands, where the number itself does not say.

        Without a word from the rest of the column it does in a count (1.250 residents), and not in other figures.
        """
        if sign in self.thousands or sign in self.decimals:
            return sign in self.thousands
        other = SIGNS[1 - SIGNS.index(sign)]
        if other in self.thousands or other in self.decimals:
            return other in self.decimals
        return count

    @staticmethod
    def of(texts: Iterable[str]) -> Signs:
        """What the numbers of a column that can be read in one way say of the signs in all of them.

        >>> Signs.of(["8.742", "4.72"]).decimals, Signs.of(["1.250", "12,5"]).decimals
        (frozenset({'.'}), frozenset({','}))
        >>> sorted(Signs.of(["1.234.567", "4.72"]).mixed)
        ['.']
        """
        written_texts = [text for text in texts if "." in text or "," in text]
        if all("," not in text and text.count(".") == 1 for text in written_texts):
            # Nearly every column: one that says decimals is enough, and none can say thousands.
            says = any("decimals" in _says(plain(text)).values() for text in written_texts)
            if says:
                return Signs(decimals=frozenset({"."}))
            return Signs(
                undecided="." if any(_GROUPED.fullmatch(plain(text)) for text in written_texts) else ""
            )
        thousands: set[str] = set()
        decimals: set[str] = set()
        for text in written_texts:
            written = plain(text)
            for sign, means in _says(written).items():
                (thousands if means == "thousands" else decimals).add(sign)
        if thousands or decimals:
            return Signs(frozenset(thousands), frozenset(decimals))
        grouped = {match[1] for text in written_texts if (match := _GROUPED.fullmatch(plain(text)))}
        return Signs(undecided=grouped.pop() if len(grouped) == 1 else "")


def _says(written: str) -> dict[str, str]:
    """What one number says of the signs in it; nothing of a sign that could be either."""
    if not _NUMBER.fullmatch(written):
        return {}
    given = [sign for sign in SIGNS if sign in written]
    if len(given) == 2:
        last = max(given, key=written.rindex)
        return {sign: "decimals" if sign == last else "thousands" for sign in given}
    sign = given[0]
    if written.count(sign) > 1:
        return {sign: "thousands"}
    return {} if _GROUPED.fullmatch(written) else {sign: "decimals"}


def plain(text: str) -> str:
    """A number's text without blanks and per cent sign, with a plain minus."""
    return text.replace("\u00a0", "").replace(" ", "").removesuffix("%").replace("\u2212", "-")


def typed_number(
    raw: Any, text: str, *, integer: bool = False, signs: Signs | None = None
) -> Fraction | None:
    """The number that was typed; in a count, groups of three digits are thousands: 1.250 residents are 1250.

    Parameters
    ----------
    raw : object
        The cell as it was read.
    text : str
        Its text (`cell_text`).
    integer : bool, optional
        Whether it is a count.
    signs : Signs, optional
        What the rest of its column says of full stop and comma.

    Returns
    -------
    Fraction or None
        None where it is no number.

    Examples
    --------
    >>> typed_number("1.250", "1.250", integer=True), typed_number("8.742", "8.742", signs=Signs.of(["4.72"]))
    (Fraction(1250, 1), Fraction(4371, 500))
    """
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Fraction(raw)
    if isinstance(raw, float):
        return decimal(raw) if math.isfinite(raw) else None
    integers, point, decimals = text.partition(".")
    if (integers + decimals).isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS and integers:
        if not point:
            return Fraction(int(integers))
        if len(decimals) != 3 or (signs is not None and "." in signs.decimals and "." not in signs.thousands):
            return Fraction(int(integers + decimals), _TENS[len(decimals)])
    written = plain(text)
    if grouped := _GROUPED.fullmatch(written):
        sign = grouped[1]
        if written.count(sign) > 1 or (signs or Signs()).is_thousands(sign, count=integer):
            written = written.replace(sign, "")
    if "," in written and "." in written:
        thousands = "," if written.rindex(".") > written.rindex(",") else "."
        written = written.replace(thousands, "")
    written = written.replace(",", ".")
    return Fraction(written) if _TYPED.fullmatch(written) else None


def cell_text(value: Any) -> str:
    """A key as text: a workbook's 2024.0 is 2024."""
    if isinstance(value, str):
        return value.strip()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


_MOST_DIGITS: Final = 30
_TENS: Final = tuple(10**power for power in range(_MOST_DIGITS + 1))
_TYPED: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?")
"""A number as people and programs write it; one of hundreds of digits is a mistake."""

_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
"""Groups of three digits after a first one that does not begin with 0: thousands, or three decimals."""

_NUMBER: Final = re.compile(r"[+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d{1,2})?")
