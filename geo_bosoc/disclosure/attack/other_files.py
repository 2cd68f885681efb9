"""The other files of a written set: workbooks, GeoPackage, page data and documents.

They show what the tables show. What they show of a suppressed figure beyond that is a leak, by the same lists; totals
and outlines, which no table has, are read from them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any, Final

import pyogrio

from geo_bosoc.disclosure.attack.documents import PAPERS, read_paper
from geo_bosoc.disclosure.attack.follow_up_tables import (
    FOLLOW_UP,
    FOLLOW_UP_LAYERS,
    FOLLOW_UP_WORKBOOK,
    read_follow_up_csv,
    read_follow_up_layers,
    read_follow_up_workbook,
)
from geo_bosoc.disclosure.attack.pages import (
    DIGITS,
    DWELLINGS,
    PACKED,
    SUPPRESSED_STATUS,
    read_change_page,
    read_page,
    unpacked,
)
from geo_bosoc.disclosure.attack.public_set import PublicSet, hidden_words
from geo_bosoc.disclosure.attack.read import AREA_FIELDS
from geo_bosoc.disclosure.attack.rows import check_area, check_figure, read_workbook

FILES: Final = frozenset(
    {
        "categories.csv",
        "criteria.csv",
        "run.json",
        "categories.xlsx",
        "categories.gpkg",
        "risk_map.html",
        "README.md",
    }
)
FOLLOW_UP_PAGE: Final = "follow_up.html"
DOCUMENTS: Final = frozenset({".html", ".htm", ".md", ".txt", ".docx", ".odt", ".svg"})
_BLOCKS: Final = re.compile(r"</(?:p|tr|li|h\d|text|w:p|w:tr|text:p|table:table-row)>|\n")
_TAGS: Final = re.compile(r"<[^>]*>")


def read_other_files(public: PublicSet, folder: Path) -> None:
    """Read what stands beside the tables into `public`: totals, outlines, and leaks."""
    if (folder / "categories.gpkg").is_file():
        _read_geopackage(public, folder / "categories.gpkg")
    if (folder / "categories.xlsx").is_file():
        read_workbook(public, folder / "categories.xlsx")
    if (folder / "risk_map.html").is_file():
        read_page(public, folder / "risk_map.html")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in FILES or path.name.startswith(DWELLINGS):
            continue
        if path.name == FOLLOW_UP_PAGE:
            read_change_page(public, path)
        elif path.name == FOLLOW_UP_WORKBOOK:
            read_follow_up_workbook(public, path)
        elif path.name == FOLLOW_UP_LAYERS:
            read_follow_up_layers(public, path)
        elif path.name.startswith(FOLLOW_UP) and path.suffix == ".csv":
            read_follow_up_csv(public, path)
        elif path.suffix.lower() in DOCUMENTS:
            _read_document(public, path)
            if path.suffix.lower() in PAPERS:
                read_paper(public, path)
        else:
            public.unread.add(name)


# ---- GeoPackage


def _read_geopackage(public: PublicSet, path: Path) -> None:
    for layer, kind in pyogrio.list_layers(path):
        if layer in ("layer_styles", "sources"):
            if layer == "sources":
                rows = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
                for indicator, label in zip(rows.get("indicator", ()), rows.get("label", ()), strict=False):
                    public.labels.setdefault(str(label), str(indicator))
            continue
        rows = pyogrio.read_dataframe(path, layer=layer, read_geometry=bool(kind) and not public.shapes)
        if "area_id" not in rows.columns:
            if not layer.startswith(("context", *CONTEXT_LAYERS)):
                public.leak(path.name, (layer,), "layer")
            continue
        if "geometry" in rows.columns:
            public.shapes = dict(zip(rows["area_id"].astype(str), rows.geometry, strict=True))
        indicators = sorted(public.indicators, key=len, reverse=True)
        fields = {
            column: (indicator, column.removeprefix(f"{indicator}_"))
            for column in rows.columns
            for indicator in indicators
            if column.startswith(f"{indicator}_")
        }
        others = [c for c in rows.columns if c not in fields and c != "geometry"]
        for record in rows.drop(columns="geometry", errors="ignore").to_dict("records"):
            area, period = str(record["area_id"]), str(record.get("period", ""))
            by_indicator: dict[str, dict[str, Any]] = {}
            for column, (indicator, name) in fields.items():
                by_indicator.setdefault(indicator, {})[name] = record[column]
            for indicator, cells in by_indicator.items():
                check_figure(public, path.name, (area, period, indicator), cells)
            key = (area, period, str(record.get("model", "")))
            unlisted = [c for c in others if c not in AREA_FIELDS and not c.startswith("is_")]
            check_area(public, path.name, key, record, [*(AREA_FIELDS & set(others)), *unlisted])


CONTEXT_LAYERS: Final = ("municipality", "districts", "estates", "overlaps")


# ---- documents


def _read_cells(public: PublicSet, file: str, data: Mapping[str, Any]) -> None:
    """Cells of a page that say they are suppressed, and hold more than their base."""
    for unit in data["figures"].get("units", ()):
        for panel in unit["indicators"]:
            columns = panel["columns"]
            for p, line in enumerate(columns.get("status", ())):
                for a in (a for a, status in enumerate(line) if status == SUPPRESSED_STATUS):
                    key = (str(unit["areas"][a]["id"]), str(unit["periods"][p]), str(panel["id"]))
                    for name in set(columns) - {"status", "base"}:
                        if columns[name] and columns[name][p][a] is not None:
                            public.leak(file, key, name)


def texts_of(data: Any) -> Iterator[str]:
    """Every text in a page's data.

    >>> list(texts_of({"a": ["b", 1], "c": {"d": "e"}}))
    ['b', 'e']
    """
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for part in data.values():
            yield from texts_of(part)
    elif isinstance(data, list):
        for part in data:
            yield from texts_of(part)


def _read_document(public: PublicSet, path: Path) -> None:
    """A text that names an area and a suppressed figure of it together with any number but the base."""
    if path.suffix.lower() in (".docx", ".odt"):
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        text = "\n".join(part.decode("utf-8", "replace") for part in parts)
    else:
        text = path.read_text(encoding="utf-8", errors="replace")
    data = unpacked(text)
    if data:  # the page of a study: its data are read text by text, not as one
        _read_cells(public, path.name, data)
        text = "\n".join([*texts_of(data), PACKED.sub("", text)])
    blocks = [unescape(_TAGS.sub(" ", block)) for block in _BLOCKS.split(text)]
    hidden: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for (area, period, indicator), figure in public.suppressed.items():
        hidden.setdefault((area, indicator), []).append((period, figure.base))
    for block in blocks:
        for area, name in public.names.items():
            if not name or name not in block:
                continue
            for label, indicator in public.labels.items():
                if label and label in block:
                    for period, base in hidden.get((area, indicator), ()):
                        rest = block.replace(name, "").replace(label, "")
                        for mark in sorted(hidden_words(), key=len, reverse=True):
                            rest = rest.replace(mark, "")
                        numbers = set(DIGITS.findall(rest)) - {period, str(base), area}
                        if period in block and numbers:
                            public.leak(path.name, (area, period, indicator), "text")
