"""Names of columns as people write them: æ, ø, å or ae, oe, aa, with blanks or underscores, in any case."""

from __future__ import annotations

import unicodedata


def fold_name(name: str) -> str:
    """The name in a form that all ways of writing it share.

    >>> fold_name("Områdenavn") == fold_name("omraadenavn"), fold_name("Area_ID")
    (True, 'area id')
    """
    plain = name.lower()
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("_", " ")):
        plain = plain.replace(letter, written)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c)).strip()
