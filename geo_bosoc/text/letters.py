"""Danish letters in text that was read in a wrong encoding: seen by signs that no name has, and put right.

A DOS code page writes ``Nørrebro`` with a byte that Latin-1 has as a control character, and Windows as a quotation
mark. Nobody writes control characters, drawn lines or Greek letters inside a Danish word: they say that the encoding is
wrong, and the letters that other encodings give for the same bytes say which one is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase

DANISH: Final = "æøåÆØÅ"

_PLAIN: Final = "A-Za-z" + DANISH + "éèêëáàâäãíìîïóòôöõúùûüýÿçñðþßœšžčőűşğÉÈÊËÁÀÂÄÃÍÌÎÏÓÒÔÖÕÚÙÛÜÝÇÑÐÞŒŠŽČŐŰŞĞ"

_NEVER: Final = "\u0080-\u009f\ufffd\u2500-\u259f"
"""Control characters, the sign for "unreadable", drawn lines: in no name at all."""

_IN_NO_WORD: Final = "¢£¤¥¦§¨©ª«¬®¯°±¶¸¹º»¼½¾¿¡†‡‰‹›“”„‚‘™÷×µƒπσΣτΦΩδ∞φε∩≡≥≤⌠⌡≈∙√ⁿ²∆ﬁﬂ◊"
"""Signs that stand between words or beside figures, never between two letters."""

_FOREIGN: Final = "řŘĺĹćĆжЖшШеЕцЦψΨζΖĘęųŲ"
"""Letters of other code pages at the place of the Danish ones."""

_SIGNS: Final = re.compile(
    f"[{_NEVER}]"
    f"|(?<=[{_PLAIN}])[{_IN_NO_WORD}](?=[{_PLAIN}])"
    f"|(?<![^\\W\\d_])[¢¥†›¿¾®¯µ°σ×](?=[a-zæøå]{{2}})"
    f"|(?<=[{_PLAIN}])[\u0370-\u04ff]|[\u0370-\u04ff](?=[{_PLAIN}])"
    f"|(?<=[{_PLAIN}])[?](?=[a-zæøå])"
)
_FOREIGN_SIGNS: Final = re.compile(f"[{_FOREIGN}]")
_MIXED_CASE: Final = re.compile(f"(?<=[{_PLAIN}])[ÆØÅ](?=[a-zæøå])|(?<=[A-ZÆØÅ])[æøåùèíõëü](?=[A-ZÆØÅ])")
"""Great and small letters mixed as nobody writes them."""

_UTF8_AS_LATIN: Final = re.compile("Ã[\u0080-\u00bf†˜…¦¸¥©–—„“”˜†¸¥…]")

_WAYS: Final = (
    *((wrong, "utf-8") for wrong in ("latin-1", "cp1252", "cp865", "cp850", "cp437", "mac_roman")),
    *((wrong, "cp865") for wrong in ("latin-1", "cp1252", "cp437")),
    ("cp865", "cp1252"),
    ("cp850", "cp1252"),
    ("cp437", "cp1252"),
    ("latin-1", "mac_roman"),
    ("cp1252", "mac_roman"),
    *((wrong, "mac_roman") for wrong in ("cp865", "cp850", "cp437")),
    ("mac_roman", "cp1252"),
    ("cp866", "cp865"),
    ("cp866", "cp1252"),
    *((wrong, "cp1252") for wrong in ("cp1250", "cp1257", "cp1251", "cp1253")),
)
"""What text was read as, and what it was written in: those that are certain first."""

_USUAL: Final = frozenset(_PLAIN + "’‘–—´§°½²³“”„")

_NAMES: Final = {
    "utf-8": "UTF-8",
    "cp865": phrase("a DOS code page (865)"),
    "cp1252": phrase("Windows' own code page (1252)"),
    "mac_roman": phrase("Macintosh's own code page"),
}


@dataclass(frozen=True)
class Repair:
    """Texts with the letters put right, what they were `written_in`, and those that stay unreadable by their place."""

    values: list[Any]
    written_in: str | None
    unreadable: list[int]


def has_wrong_signs(text: str) -> bool:
    """Whether a text holds signs that no Danish name has inside a word.

    >>> [has_wrong_signs(text) for text in ("Nørrebro", "N\\x9brrebro", "N›rrebro", "Sct. Jørgen’s", "A 1/2")]
    [False, True, True, False, False]
    """
    if text.isascii():
        return "?" in text and bool(_SIGNS.search(text))
    return bool(_SIGNS.search(text) or _UTF8_AS_LATIN.search(text))


def repaired(values: Sequence[Any]) -> Repair:
    """A column's texts with letters that were read in a wrong encoding put right, where one way gives Danish words."""
    texts = {value for value in values if isinstance(value, str)}
    strange = {text for text in texts if has_wrong_signs(text)}
    if not strange:
        foreign = {text for text in texts if not text.isascii() and _FOREIGN_SIGNS.search(text)}
        danish = any(set(DANISH) & set(text) for text in texts)
        strange = set() if danish else foreign
    if not strange:
        return Repair(list(values), None, [])
    not_ascii = {text for text in texts if not text.isascii()}
    for wrong, right in _WAYS:
        for selected in (not_ascii, strange):
            decoded = _read_again(selected, wrong, right)
            rest = {letter for text in not_ascii - selected for letter in text if not letter.isascii()}
            if decoded is not None and not rest - _USUAL:
                repaired_values = [
                    decoded.get(value, value) if isinstance(value, str) else value for value in values
                ]
                return Repair(repaired_values, right, [])
    positions = [
        position for position, value in enumerate(values) if isinstance(value, str) and value in strange
    ]
    return Repair(list(values), None, positions)


def _read_again(texts: Iterable[str], wrong: str, right: str) -> Mapping[str, str] | None:
    """The texts read in another encoding; None where that gives no Danish words."""
    decoded = {}
    for text in texts:
        try:
            decoded[text] = _bytes(text, wrong).decode(right)
        except (UnicodeEncodeError, UnicodeDecodeError):
            return None
    if any(has_wrong_signs(text) or _FOREIGN_SIGNS.search(text) for text in decoded.values()):
        return None
    if any(_MIXED_CASE.search(text) for text in decoded.values()):
        return None
    letters = {letter for text in decoded.values() for letter in text if not letter.isascii()}
    return decoded if letters & set(DANISH) and not letters - _USUAL else None


def _bytes(text: str, encoding: str) -> bytes:
    """The bytes that were read as `text`; what Windows' code pages leave out stands for itself."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        if not encoding.startswith("cp125"):
            raise
        return b"".join(
            bytes([ord(sign)]) if "\x80" <= sign <= "\x9f" else sign.encode(encoding) for sign in text
        )


def mend_letters(table: pd.DataFrame, file: Path, report: Report) -> pd.DataFrame:
    """A layer's text with æ, ø and å brought back where it was read in a wrong encoding, with a note.

    Text that stays unreadable is a warning with its features.
    """
    mended: dict[str, list[Any]] = {}
    ways: dict[str, list[str]] = {}
    for name in table.columns:
        if not (table[name].dtype == object or pd.api.types.is_string_dtype(table[name])):
            continue
        repair = repaired(table[name].tolist())
        if repair.written_in is not None:
            mended[str(name)] = repair.values
            ways.setdefault(repair.written_in, []).append(str(name))
        elif repair.unreadable:
            first = repair.unreadable[0] + 1
            report.warn(
                phrase(
                    "{texts} with signs that are in no Danish word, the first in feature {first}: "
                    "the file was read, or once written, in a wrong encoding.",
                    texts=count_text(len(repair.unreadable), "text"),
                    first=first,
                ),
                file=file,
                column=str(name),
                row=first,
                count=len(repair.unreadable),
                hint="Export it again as GeoPackage, or as Shapefile in UTF-8 (with a .cpg file).",
            )
    for way, columns in ways.items():
        if way == "utf-8":
            tell_utf8(file, table[columns], report)
            continue
        report.note(
            phrase(
                "the letters æ, ø, å were read as {encoding}, which the file does not declare.",
                encoding=_NAMES[way],
            ),
            file=file,
            column=", ".join(columns),
        )
    return table.assign(**mended) if mended else table


def tell_utf8(file: Path, table: pd.DataFrame, report: Report) -> None:
    """Say which columns are in UTF-8 though the file says nothing, or something else, of it."""
    columns = [
        str(name) for name in table.columns if not all(str(value).isascii() for value in table[name].tolist())
    ]
    if columns:
        report.note(
            "the letters æ, ø, å were read from UTF-8 text that the file does not declare (a missing .cpg file).",
            file=file,
            column=", ".join(columns),
        )
