"""The ways in which a person number (CPR) is written, as regular expressions (Rust and Python),
and how texts are told that hold none.

All expressions are of *plain* text: digits, dashes and blanks of every script as the ones on a keyboard, and nothing
that takes no room (see `plain_text`). `geo_bosoc.text.person_numbers` says what counts as a person number, and where.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DASHES: Final = r"[\p{Pd}\x{2212}\x{2043}\x{02d7}]"
BLANKS: Final = r"\p{Z}"
NO_ROOM: Final = r"[\p{Cf}\p{Mn}]"
DOTS: Final = r"[\x{b7}\x{2022}\x{2027}\x{2219}\x{22c5}]"
SLASHES: Final = r"[\x{2044}\x{2215}]"
"""Signs that are written otherwise in plain text, as Rust's classes; Python's `re` has none, see `plain_text`."""

_ZEROS: Final = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
    0x1040, 0x17E0, 0x1810,
)  # fmt: skip
DIGITS: Final = {chr(zero + digit): str(digit) for zero in _ZEROS for digit in range(10)}
"""Digits of other scripts that are no compatibility forms of ours."""


def _day_month(between: str = "") -> str:
    """A day of the calendar (29 February included), or a day with 60 added, and its month."""
    return (
        rf"(?:(?:0[1-9]|[12][0-9]|6[1-9]|[78][0-9]){between}(?:0[1-9]|1[0-2])"
        rf"|[39]0{between}(?:0[13-9]|1[0-2])"  # not February
        rf"|[39]1{between}(?:0[13578]|1[02]))"
    )


DATE: Final = _day_month() + "[0-9]{2}"
_DATE_IN_BLANKS: Final = _day_month(r"\s") + r"\s"
_BEFORE: Final = (
    r"(?:^|[^\w.,]|(?:^|[^0-9])[.,]|(?:^|[^_])_|(?:^|[^A-Za-z])(?:[Pp][Nn][Rr]|[Nn][Rr]|[Nn][Oo])\.?)"
)
_AFTER: Final = r"(?:$|[^\w.,]|[.,](?:$|[^0-9])|_(?:$|[^_]))"
_AFTER_NO_DASH: Final = r"(?:$|[^\w.,-]|[.,](?:$|[^0-9])|_(?:$|[^_]))"
_NO_YEAR: Final = r"(?:[03-9][0-9]{3}|1[0-8][0-9]{2}|2[1-9][0-9]{2})"

NUMBER_IN_TEXT: Final = "(?:" + "|".join(
    (
        rf"{_BEFORE}{DATE}[-\s]{{0,3}}[0-9]{{4}}{_AFTER}",
        # 120345/2024 is a case and its year
        rf"{_BEFORE}{DATE} ?[/_:+*|\\] ?{_NO_YEAR}{_AFTER}",
        # DD-MM-YY-SSSS; a blank before four digits may begin a time of day
        rf"{_BEFORE}{_day_month('[-./_]')}[-./_](?:1[89]|20)?[0-9]{{2}} ?[-./_] ?{_NO_YEAR}{_AFTER_NO_DASH}",
        rf"{_BEFORE}{_DATE_IN_BLANKS}[0-9]{{2}}[-\s]{{1,3}}[0-9]{{4}}{_AFTER}",
        # with the century; a UUID may begin so, and goes on with a dash
        rf"{_BEFORE}{_day_month()}(?:1[89]|20)[0-9]{{2}} ?- ?{_NO_YEAR}{_AFTER_NO_DASH}",
        r"(?:[Cc][Pp][Rr]|[Pp][Ee][Rr][Ss][Oo][Nn][-_ .]?(?:[Nn][RrOo]|[Nn][Uu][Mm]))[-_.:#=\s]{0,3}"
        r"(?:[Nn][RrOo]|[Nn][Uu]?[Mm]?[Mm]?[Ee]?[Rr])?[-_.:#=\s]{0,3}[0-9]{5,8}[-/_.\s]{0,3}[0-9]{4}(?:$|[^0-9])",
        rf"^\s*{DATE}[0-9]{{4}}\.0?\s*$",
    )
) + ")"  # fmt: skip
"""A person number somewhere in a plain text, so written that it is hardly anything else."""

_NO_TIME: Final = r"(?:2[4-9][0-9]{2}|[3-9][0-9]{3}|[01][0-9][6-9][0-9]|2[0-3][6-9][0-9])"
EIGHT_DIGITS_OF_ANY_SCRIPT: Final = r"\p{Nd}(?:\P{Nd}{0,6}\p{Nd}){7}"
"""In every text with a person number in it, however it is written."""

_IN_NAME: Final = "|".join(
    (
        NUMBER_IN_TEXT,
        rf"(?:^|[^0-9A-Za-z.]|[A-Za-z]\.){DATE}(?:\.[0-9]{{4}}|[0-9]{{4}}\.0)(?:$|[^0-9])",
        rf"(?:^|[^0-9A-Za-z]){_day_month()}(?:1[89]|20)[0-9]{{2}}[-/_.]?{_NO_TIME}(?:$|[^0-9A-Za-z])",
        rf"(?:^|[^0-9A-Za-z])(?:1[89]|20)[0-9]{{2}}(?:0[1-9]|1[0-2])[0-9]{{2}}-{_NO_TIME}(?:$|[^0-9A-Za-z-])",
        r"(?:^|[^0-9A-Za-z.]|[A-Za-z]\.)[1-9][.,][0-9]{9}[eE]\+?0?9(?:$|[^0-9A-Za-z])",
    )
)
"""A person number in a name or a message, which hold neither coordinates nor figures with decimals in four places."""

WHOLE_NUMBER: Final = (
    r"^\s*(?:(?:[Cc][Pp][Rr]|[Pp][Nn][Rr]|[Pp][Ee][Rr][Ss][Oo][Nn])[A-Za-z]*[-_.:#=\s]{0,3}(?:[A-Za-z]{1,7}[-_.:#=\s]{0,4})?)?"
    r"(?:[0-9]{1,2}[-/_.\s]?[0-9]{2}[-/_.\s]?[0-9]{2}(?:[0-9]{2})?|[0-9]{4}[-/_.\s][0-9]{2}[-/_.\s][0-9]{2})"
    r"[-/_:+*|\\.\s]{0,3}[0-9A-Za-z]{2} ?[0-9A-Za-z]{2}\s*$"
)
"""A text that is nothing but nine, ten or twelve signs that may be a person number, if it stands where one belongs."""

SEPARATORS: Final = r"[-/_:+*|\\.,#=\s]"
"""What may stand between the parts of a number."""

CENTURY_LAST: Final = rf"^({_day_month()})(?:1[89]|20)([0-9]{{6}})$"
CENTURY_FIRST: Final = r"^(?:1[89]|20)([0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[1-9][0-9])([0-9]{4})$"
"""Twelve digits: DDMMYYYYSSSS and YYYYMMDDSSSS."""

LIKELY_DIGITS: Final = (
    rf"^(?:{DATE}[0-9]{{4}}|[1-9](?:0[1-9]|1[0-2])[0-9]{{6}}|{_day_month()}(?:1[89]|20)[0-9]{{6}})$"
)
"""Digits alone that begin with a day and a month, a lost zero put back."""

LIKELY_WHOLE: Final = (
    r"^\s*(?:[0-9]{9,10}|[0-9]{12}|[0-9]{5,6}[-/_:+*|\\.\s]{1,3}[0-9]{4}|[0-9]{8}[-/_:+*|\\.\s][0-9]{4}"
    r"|[0-9]{2}[-/_.\s][0-9]{2}[-/_.\s][0-9]{2}[-/_.\s][0-9]{2} ?[0-9]{2}"
    r"|[0-9]{1,3}(?:[.,\s][0-9]{3}){2,3})(?:[.,]0{0,2})?\s*$"
)
"""A text that is digits alone, in the groups of a person number or of an amount."""

NAME_OF_COLUMN: Final = re.compile(
    r"cpr|person[-_ .]?(?:nr|no\b|num)|(?:^|[^a-z])pnr(?:$|[^a-z])", re.IGNORECASE
)
_IN_TEXT: Final = re.compile(_IN_NAME)
_LEAST_DIGITS: Final = 9
INSTEAD: Final = "[person number]"


def plain_text(text: str) -> str:
    """A text with digits, dashes and blanks of all scripts as those of a keyboard, and without signs that take no room.

    >>> plain_text("99\\u00ad0299\\u20117391"), plain_text("\\uff12\\uff19")
    ('990299-7391', '29')
    """
    if text.isascii():
        return text
    plain = []
    for sign in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(sign)
        if category in ("Cf", "Mn"):
            continue
        if category == "Nd":
            plain.append(str(unicodedata.digit(sign)))
        elif category == "Pd" or sign in "\u2212\u2043\u02d7":
            plain.append("-")
        elif category.startswith("Z"):
            plain.append(" ")
        elif sign in "\xb7\u2022\u2027\u2219\u22c5":
            plain.append(".")
        else:
            plain.append("/" if sign in "\u2044\u2215" else sign)
    return "".join(plain)


def holds_person_number(text: str) -> bool:
    """Whether a text (a name, a label, a sentence) holds a person number.

    >>> holds_person_number("CPR 990299-7391"), holds_person_number("99029973918"), holds_person_number("BEK 1061")
    (True, False, False)
    """
    if len(text) < _LEAST_DIGITS or sum(map(str.isdigit, text)) < _LEAST_DIGITS:
        return False
    return _IN_TEXT.search(plain_text(text)) is not None


def without_person_numbers(text: str) -> str:
    """A text for people to read, person numbers in it blanked out.

    >>> without_person_numbers("no column CPR 990299-7391.")
    'no column CPR [person number].'
    """
    while holds_person_number(text):
        plain = plain_text(text)
        match = _IN_TEXT.search(plain)
        assert match is not None
        ends = [place for place in range(*match.span()) if plain[place] in "0123456789"]
        text = f"{plain[: ends[0]]}{INSTEAD}{plain[ends[-1] + 1 :]}"
    return text
