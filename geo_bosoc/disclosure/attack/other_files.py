"""The other files of a written set: workbook, GeoPackage, page data and documents.

They show what the tables show. What they show of a suppressed figure beyond that is a leak, by the same lists; totals
and outlines, which no table has, are read from them.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any, Final

import pyogrio

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.attack.public_set import Figure, PublicSet, hidden_words, sentence_rest
from geo_bosoc.disclosure.attack.read import AREA_FIELDS, NEVER_WITH_RANGE
from geo_bosoc.disclosure.attack.rows import check_area, check_figure, clue, read_workbook

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
DWELLINGS: Final = "balance"
"""What names of files begin with that count dwellings, not persons."""
DOCUMENTS: Final = frozenset({".html", ".htm", ".md", ".txt", ".docx", ".odt", ".svg"})
PAGE_FIELDS: Final = frozenset(
    {
        *(
            "language",
            "title",
            "name",
            "notices",
            "words",
            "periods",
            "bounds",
            "context",
            "areas",
            "overlays",
        ),
        *("layers", "models", "indicators", "about"),
    }
)
PANEL_FIELDS: Final = frozenset(
    {"points", "before", "apart", "possible", "unsettled", "notes", "sure", "flags", "criteria"}
)
_PAGE: Final = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)
_OF_SUPPRESSED_CELL: Final = frozenset({"value", "status", "counts"})
"""What a page's cell may hold of a suppressed figure: the mark, and its base."""
_NUMBER: Final = re.compile(r"\d[\d.,]*")
_DIGITS: Final = re.compile(r"\d+")
_BLOCKS: Final = re.compile(r"</(?:p|tr|li|h\d|text|w:p|w:tr|text:p|table:table-row)>|\n")
_TAGS: Final = re.compile(r"<[^>]*>")


def read_other_files(public: PublicSet, folder: Path) -> None:
    """Read what stands beside the tables into `public`: totals, outlines, and leaks."""
    if (folder / "categories.gpkg").is_file():
        _read_geopackage(public, folder / "categories.gpkg")
    if (folder / "categories.xlsx").is_file():
        read_workbook(public, folder / "categories.xlsx")
    if (folder / "risk_map.html").is_file():
        _read_page(public, folder / "risk_map.html")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in FILES or path.name.startswith(DWELLINGS):
            continue
        if path.suffix.lower() == ".html" and _PAGE.search(
            path.read_text(encoding="utf-8", errors="replace")
        ):
            _read_change_page(public, path)
        elif path.suffix.lower() in DOCUMENTS:
            _read_document(public, path)
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


# ---- page data


def _read_page(public: PublicSet, path: Path) -> None:
    match = _PAGE.search(path.read_text(encoding="utf-8"))
    if match is None:
        public.leak(path.name, (), "page-data")
        return
    data = json.loads(match.group(1))
    for name in set(data) - PAGE_FIELDS:
        public.leak(path.name, (), name)
    areas, periods = [str(area["id"]) for area in data["areas"]], [str(each) for each in data["periods"]]
    rows = [(p, a, period, area) for p, period in enumerate(periods) for a, area in enumerate(areas)]
    for indicator, panel in zip(public.indicators, data["indicators"], strict=False):
        for p, a, period, area in rows:
            _page_cell(public, path.name, (area, period, indicator), panel["cells"][p][a])
        for p, period in enumerate(periods):
            total = (panel["references"][p].get("all_areas") or {}).get("counts", "")
            numbers = [int(each.replace(".", "").replace(",", "")) for each in _NUMBER.findall(total)]
            if len(numbers) == 2 and public.scales.get(indicator, 1) == 1:
                all_areas = Figure("ok", Fraction(numbers[0]), numbers[1], None)
                public.totals.setdefault((ALL_AREAS, period, indicator), all_areas)
    for layer in data["layers"]:
        if layer.get("kind") != "indicator":
            continue
        indicator = public.indicators[layer["indicator"]]
        for p, a, period, area in rows:
            figure = public.figures.get((area, period, indicator))
            if (
                figure is not None
                and figure.suppressed
                and layer["classes"][layer["drawn"][p][a]]["id"] != "protected"
            ):
                public.leak(path.name, (area, period, indicator), "drawn")
    for model, panel in zip(public.models, data["models"], strict=False):
        for p, a, period, area in rows:
            _page_panel(public, path.name, (area, period, model.id), panel["panel"][p][a])


def _page_cell(public: PublicSet, file: str, key: tuple[str, str, str], cell: Mapping[str, Any]) -> None:
    figure = public.figures.get(key)
    if figure is None or not figure.suppressed:
        return
    for name, content in cell.items():
        if name == "status" or (name == "value" and str(content) in hidden_words()):
            continue
        if name == "counts":
            digits = "".join(_DIGITS.findall(str(content)))
            if digits and digits != str(figure.base):
                public.leak(file, key, name)
        elif name == "points":
            for line in content:
                label, _, rest = str(line).rpartition(": ")
                named = [
                    model.id for model in public.models if label and label in (model.label_da, model.label_en)
                ]
                clue(public, file, key, rest, named[0] if named else "")
        else:
            public.leak(file, key, name)


def _page_panel(public: PublicSet, file: str, key: tuple[str, str, str], panel: Mapping[str, Any]) -> None:
    before = panel.get("before") or {}
    row = public.area_rows.get(key, {})
    cells = {
        "points": panel.get("points", ""),
        "points_before": before.get("points", ""),
        "moved_by": "".join(size for _, size in before.get("moved", ()) if size != "?"),
    }
    check_area(public, file, key, cells, cells)
    area, period, _ = key
    for name in set(panel) - PANEL_FIELDS:
        public.leak(file, (area, period), name)
    if row.get("category") == "range" and panel.get("sure"):
        public.leak(file, (area, period), NEVER_WITH_RANGE[0])
    for label, indicator in public.labels.items():
        if (area, period, indicator) in public.suppressed:
            for sentence in panel.get("criteria", ()):
                if sentence.startswith(f"{label}:") and sentence_rest(sentence, label):
                    public.leak(file, (area, period, indicator), "sentence")


def _read_change_page(public: PublicSet, path: Path) -> None:
    """A page of changes since an earlier period: of a figure that is suppressed in one of them it may tell nothing."""
    match = _PAGE.search(path.read_text(encoding="utf-8", errors="replace"))
    data = json.loads(match.group(1)) if match is not None else {}
    for name in set(data) - PAGE_FIELDS:
        public.leak(path.name, (), name)
    areas, periods = [str(area["id"]) for area in data["areas"]], [str(each) for each in data["periods"]]
    labels = sorted(public.labels, key=len, reverse=True)
    named = [
        next((each for each in labels if panel["label"].startswith(each)), "") for panel in data["indicators"]
    ]
    if "" in named:
        public.unread.add(path.name)  # a figure that no table of the set has
    layers = {layer["indicator"]: layer for layer in data["layers"] if layer.get("kind") == "indicator"}
    for place, (label, panel) in enumerate(zip(named, data["indicators"], strict=True)):
        for p, period in enumerate(periods):
            for a, area in enumerate(areas):
                key = (area, period, public.labels.get(label, ""))
                if key not in public.suppressed:
                    continue
                _page_cell(public, path.name, key, panel["cells"][p][a])
                layer = layers[place]
                if layer["classes"][layer["drawn"][p][a]]["id"] != "protected":
                    public.leak(path.name, key, "drawn")
                if str(layer["notes"][p][a]) not in hidden_words():
                    public.leak(path.name, key, "notes")
    for model in data["models"]:
        for p, period in enumerate(periods):
            for a, area in enumerate(areas):
                panel = model["panel"][p][a]
                for name in set(panel) - PANEL_FIELDS:
                    public.leak(path.name, (area, period), name)
                for label, indicator in public.labels.items():
                    key = (area, period, indicator)
                    if key in public.suppressed and any(
                        f"{label} (" in note for note in panel.get("notes", ())
                    ):
                        public.leak(path.name, key, "sentence")


# ---- documents


def _read_cells(public: PublicSet, file: str, data: Mapping[str, Any]) -> None:
    """Cells of a page that say they are suppressed, and hold more than their base."""
    for panel in data.get("indicators", ()):
        for period, line in zip(data["periods"], panel["cells"], strict=False):
            for area, cell in zip(data["areas"], line, strict=False):
                for name in set(cell) - _OF_SUPPRESSED_CELL if cell.get("status") == "protected" else ():
                    public.leak(file, (str(area["id"]), str(period), str(panel["label"])), name)


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
    page = _PAGE.search(text)
    if page is not None:  # the page of a study: its data are read text by text, not as one
        data = json.loads(page.group(1))
        _read_cells(public, path.name, data)
        text = "\n".join([*texts_of(data), _PAGE.sub("", text)])
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
                        numbers = set(_DIGITS.findall(rest)) - {period, str(base), area}
                        if period in block and numbers:
                            public.leak(path.name, (area, period, indicator), "text")
