"""What GDAL does not tell of a Shapefile: whether it is complete, and the encoding of its text.

The encoding is what its .cpg and .dbf files say of it, compared with the bytes themselves.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems.messages import listed, phrase

_BY_NUMBER: Final = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64), "cp852"),
    0x04: "mac_roman", 0x24: "cp860", 0x1C: "cp863", 0x26: "cp866", 0x65: "cp866", 0x67: "cp861", 0x6A: "cp737",
    0x6B: "cp857", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
"""The "language driver" in byte 29 of a .dbf file."""

_BY_WORD: Final = {
    **dict.fromkeys(("oem", "dos"), "cp865"),
    "ansi": "cp1252",
    **dict.fromkeys(("macintosh", "macroman"), "mac_roman"),
}

_UTF8_LETTER: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH: Final = re.compile(rb"[\x80-\xff]")


def must_be_complete(shapefile: Path) -> None:
    """Refuse a Shapefile of which a file beside it is missing, or the end."""
    missing = [end for end in (".dbf", ".shx") if not _sibling(shapefile, end)]
    if missing:
        raise UnreadableError(
            phrase("the rest of the Shapefile is missing beside it: {files}.", files=listed(missing)),
            "A Shapefile is several files of one name (.shp, .shx, .dbf, .prj): copy them all.",
        )
    if _cut_off(shapefile):
        raise UnreadableError("the file is damaged: its end is missing.", "Fetch or export it again.")


def _cut_off(shapefile: Path) -> bool:
    """Whether a .shp file is shorter than its header says (GDAL takes what is missing for empty features)."""
    with shapefile.open("rb") as opened:
        words = int.from_bytes(opened.read(100)[24:28], "big")
    return shapefile.stat().st_size < 2 * words


def _sibling(file: Path, end: str) -> bool:
    return any(file.with_suffix(suffix).exists() for suffix in (end, end.upper()))


def encoding_named(text: str) -> str | None:
    """Python's name of the encoding that a .cpg file names, in whatever dialect; None where it names none.

    >>> [encoding_named(text) for text in ("UTF-8", "OEM", "865", "IBM865", "ANSI 1252", "88591", "LDID/87", "x")]
    ['utf-8', 'cp865', 'cp865', 'cp865', 'cp1252', 'iso8859-1', 'cp1252', None]
    """
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    if plain.startswith("ldid"):
        return _BY_NUMBER.get(int(plain[4:] or 0)) if plain[4:].isdigit() else None
    if plain in ("utf8", "65001", "cp65001", "unicode"):
        return "utf-8"
    latin = re.search(r"8859(\d{1,2})$", plain) or re.fullmatch(r"latin(1)", plain)
    if latin:
        return _codec(f"iso8859-{latin[1]}")
    number = re.search(r"(\d{3,5})$", plain)
    if number:
        return _codec(f"cp{number[1]}")
    return _BY_WORD.get(plain)


def shapefile_encoding(file: Path, layer: str | None = None) -> tuple[str | None, bool]:
    """How GDAL calls the encoding that a Shapefile's text is in, and whether the Shapefile says so itself.

    None where the text is plain ASCII, or the file is no Shapefile. Bytes that are UTF-8 are UTF-8, whatever is said;
    others are what the .cpg or else the .dbf says, if that can be, or Windows' or Latin-1's letters.
    """
    cpg, dbf = _companions(file, layer)
    if not _HIGH.search(dbf[32:]):
        return None, True
    stated = encoding_named(cpg.decode("utf-8-sig", errors="replace")) if cpg else None
    stated = stated or (_BY_NUMBER.get(dbf[29]) if not cpg and len(dbf) > 32 else None)
    text = dbf[32:]
    other_bytes = _HIGH.findall(_UTF8_LETTER.sub(b"", text))
    if len(other_bytes) <= len(_UTF8_LETTER.findall(text)) / 20:
        return "UTF-8", stated == "utf-8"
    for codec in (stated, "cp1252"):
        if codec not in (None, "utf-8") and _can_be(text, codec):
            return _gdal_name(codec), codec == stated
    return "ISO-8859-1", stated == "iso8859-1"


def _companions(file: Path, layer: str | None) -> tuple[bytes, bytes]:
    """The .cpg and the .dbf file of a Shapefile, which may be zipped; empty where there is none."""
    end = file.suffix.lower()
    if end == ".shp":
        siblings = {path.suffix.lower(): path for path in file.parent.glob(f"{_escaped(file.stem)}.*")}
        cpg, dbf = (siblings.get(suffix) for suffix in (".cpg", ".dbf"))
        return (cpg.read_bytes() if cpg else b""), (dbf.read_bytes() if dbf else b"")
    if end == ".zip":
        try:
            with zipfile.ZipFile(file) as packed:
                names = {Path(name).name.lower(): name for name in packed.namelist()}
                stems = [Path(name).stem for name in names if name.endswith(".dbf")]
                stem = layer.lower() if layer is not None and layer.lower() in stems else "".join(stems[:1])
                return tuple(  # type: ignore[return-value]
                    packed.read(names[stem + suffix]) if stem + suffix in names else b""
                    for suffix in (".cpg", ".dbf")
                )
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
            return b"", b""
    return b"", b""


def _escaped(stem: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", stem)


def _can_be(text: bytes, codec: str | None) -> bool:
    try:
        text.decode(codec or "ascii")
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _gdal_name(codec: str | None) -> str:
    return {"mac_roman": "MACINTOSH", "iso8859-1": "ISO-8859-1"}.get(codec or "", (codec or "").upper())
