"""What a file's columns may hold: guesses with a reason each, and the names, Danish and English, that speak for them.

A name is compared without case, Danish letters and signs between words (`VEJ_KODE`, `vejkode` and `Vejkode` are one). A
name alone decides little: whoever guesses looks at the values too, and says which of both was the reason.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from geo_bosoc.text.catalogue import word

COLUMN_NAMES: Final = Path(__file__).with_name("column_names.toml")

_PREFIX: Final = re.compile(r"^(?:prog|bolig|kommunens?|dst|lbf|bbr|cpr)(?=[a-z]{3})")


@dataclass(frozen=True)
class Guess:
    """What something is taken for, and why.

    Attributes
    ----------
    value : str
        What it is taken for: a role of `ROLES`, a separator, a CRS.
    reason : str
        The line of ``[guesses]`` in the catalogue that says why.
    details : tuple of tuple of str
        What fills that line's placeholders. Never a value of a row that is about a person.
    """

    value: str
    reason: str
    details: tuple[tuple[str, str], ...] = ()

    def why(self, language: str = "en") -> str:
        """The reason in words.

        >>> Guess("x", "name", (("name", "oest"),)).why()
        'its name "oest"'
        """
        return word("guesses", self.reason, language, **dict(self.details))


def guess(value: str, reason: str, **details: object) -> Guess:
    """A guess whose reason's placeholders are filled with `details`."""
    return Guess(value, reason, tuple((name, str(detail)) for name, detail in details.items()))


def folded(name: str) -> str:
    """A column's name in the form that all ways of writing it share.

    >>> folded("VEJ_KODE"), folded("Øst-koordinat"), folded("år")
    ('vejkode', 'oestkoordinat', 'aar')
    """
    plain = name.lower()
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        plain = plain.replace(letter, written)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]", "", plain)


def roles_by_name(name: str) -> tuple[str, ...]:
    """What a column of this name may hold, the likeliest first; nothing for names that say nothing.

    >>> roles_by_name("prog_distrikt_nr"), roles_by_name("KOMKOD"), roles_by_name("rødder")
    (('area',), ('municipality',), ())
    """
    plain = folded(name)
    shorter = _PREFIX.sub("", plain)
    return _roles().get(plain) or _roles().get(shorter, ())


@cache
def measures() -> tuple[str, ...]:
    """The columns that indicators of the package read, of those that have other names elsewhere.

    >>> "labour" in measures()
    True
    """
    return tuple(_names()["measures"])


@cache
def _names() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(COLUMN_NAMES.read_text(encoding="utf-8"))


@cache
def _roles() -> Mapping[str, tuple[str, ...]]:
    """What each name may stand for."""
    roles: dict[str, tuple[str, ...]] = {}
    for table in _names().values():
        for role, names in table.items():
            for name in names:
                roles[name] = (*roles.get(name, ()), role)
    return roles


def is_percentage_name(name: str) -> bool:
    """Whether a column's name says that it holds per cent.

    >>> [is_percentage_name(name) for name in ("Under 18 år, pct.", "andel", "procent_ledige", "outside_labour_pct")]
    [True, True, True, True]
    >>> is_percentage_name("antal")
    False
    """
    return re.search(r"%|(?:^|[^a-zæøå])(?:pct|procent|andel|per ?cent)", name.lower()) is not None
