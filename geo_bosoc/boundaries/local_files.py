"""Map layers are read from local files of formats that are known, and from nothing that such a file may point to."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

import pyogrio

from geo_bosoc.problems.messages import phrase
from geo_bosoc.problems.person_number_forms import holds_person_number

PARQUET: Final = (".parquet", ".geoparquet")
FORMATS: Final = (
    ".gpkg", ".geojson", ".json", ".geojsonl", ".geojsons", ".topojson", ".shp", ".fgb", ".gml", ".kml", ".tab", ".mif",
    ".dxf", ".gdb", ".sqlite", ".csv", ".zip", ".shz",
)  # fmt: skip
_ARCHIVES: Final = (".zip", ".shz")
_PARTS: Final = (
    ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".qpj", ".dat", ".map", ".id", ".ind", ".mid",
    ".xsd", ".gfs", ".xml", ".txt", ".pdf", ".md", ".html", ".htm",
)  # fmt: skip
_FORMATS_HINT: Final = (
    "Export it as GeoPackage: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GML and GeoParquet are read."
)
_BEGINNING: Final = 64 * 1024
_ELSEWHERE: Final = (
    b"<ogrvrt",
    b"<vrtdataset",
    b"<gdal_wms",
    b"<wms_",
    b"<ogrwfs",
    b"<wcs_",
    b"<networklink",
)
pyogrio.set_gdal_config_options(
    {
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GML_DOWNLOAD_WFS_SCHEMA": "NO",
        "GML_SKIP_RESOLVE_ELEMS": "ALL",
    }
)


class UnreadableError(Exception):
    """The file cannot be read; the message says why, `hint` what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def must_be_file(file: Path) -> None:
    """Refuse what is no file with something in it, and a part of a Shapefile."""
    if file.is_dir() and file.suffix.lower() != ".gdb":
        raise UnreadableError("this is a folder.", "Name the file in it.")
    if not file.exists():
        raise UnreadableError("the file is not there.", "Check the name and the folder.")
    if file.is_file() and file.stat().st_size == 0:
        raise UnreadableError("the file is empty (0 bytes).", "Fetch or export it again.")
    if file.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        raise UnreadableError("this is one part of a Shapefile.", "Name the file that ends in .shp.")


def must_be_local(file: Path, layer: str | None = None) -> None:
    """Refuse formats that are not known to hold their features themselves: others make GDAL open what they name, in
    other files or on the network. GDAL goes by what is in a file, so that its beginning is looked at too."""
    if holds_person_number(file.name) or (layer is not None and holds_person_number(layer)):
        raise UnreadableError(
            "the name of the file or its layer holds what looks like a person number (CPR).",
            "Give it another name.",
        )
    suffix = file.suffix.lower()
    if suffix not in (*FORMATS, *PARQUET):
        raise UnreadableError(
            phrase("files that end in {ending} are not read.", ending=suffix or phrase("nothing")),
            _FORMATS_HINT,
        )
    if file.is_dir():
        return
    if suffix not in _ARCHIVES:
        with file.open("rb") as opened:
            _must_hold_features(opened.read(_BEGINNING))
        return
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    _must_be_local_member(PurePosixPath(member.filename))
                    with archive.open(member) as opened:
                        _must_hold_features(opened.read(_BEGINNING))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        raise UnreadableError("the archive is damaged, or locked.", "Fetch it again, or unpack it.") from None


def _must_be_local_member(path: PurePosixPath) -> None:
    """As `_must_be_local`, of a file in an archive: parts of a layer, and texts beside it, may stand there."""
    if holds_person_number(str(path)):
        raise UnreadableError(
            "a name in the archive looks like a person number (CPR).", "Unpack it and rename."
        )
    suffix = path.suffix.lower()
    if suffix in _ARCHIVES or (suffix not in (*FORMATS, *_PARTS) and ".gdb" not in str(path.parent).lower()):
        raise UnreadableError(
            phrase(
                "there is a file that ends in {ending} in the archive.", ending=suffix or phrase("nothing")
            ),
            _FORMATS_HINT,
        )


def _must_hold_features(beginning: bytes) -> None:
    """Refuse a file that begins as one that names other sources."""
    text = beginning.replace(b"\0", b"").lower()
    if any(mark in text for mark in _ELSEWHERE):
        raise UnreadableError("the file names other sources instead of holding features.", _FORMATS_HINT)
