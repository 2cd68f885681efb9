"""The data of a map page in tests: as its scripts read them, the words of a language put to the figures."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geo_bosoc.disclosure.attack.pages import PACKED, unpacked
from geo_bosoc.outputs.page.figure_columns import STATUSES
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.text.packed import pack


def page_data(page: Page, unit: int = 0) -> dict[str, Any]:
    """One unit of a page in its own language, with the words of the whole page."""
    return _joined(encode_page(page), unit)


def html_data(html: str, unit: int = 0) -> dict[str, Any]:
    """As `page_data`, of a page as it is written."""
    return _joined(unpacked(html), unit)


def page_text(path: Path) -> str:
    """A written page as text, with its data unpacked."""
    html = path.read_text(encoding="utf-8")
    return html + json.dumps(unpacked(html), ensure_ascii=False)


def _joined(data: dict[str, Any], unit: int) -> dict[str, Any]:
    figures = copy.deepcopy(data["figures"]["units"][unit])
    page_words = data["words"][data["figures"]["language"]]
    words = page_words["units"][unit]
    for layer, labels in zip(figures["layers"], words["layers"], strict=True):
        layer |= {name: part for name, part in labels.items() if name != "classes"}
        for each, label in zip(layer["classes"], labels["classes"], strict=True):
            each["label"] = label
    for name in ("models", "indicators"):
        for each, labels in zip(figures[name], words[name], strict=True):
            each |= labels
    others = {name: part for name, part in words.items() if name not in figures}
    return {**page_words, "context": data["figures"]["context"], **figures, **others}


def cell(data: dict[str, Any], indicator: int, period: int, area: int) -> dict[str, Any]:
    """An area's numbers, those that are there; its status where it has no figure, and what criteria gave."""
    panel = data["indicators"][indicator]
    numbers = {name: column[period][area] for name, column in panel["columns"].items() if column}
    status = STATUSES[numbers.pop("status", 0)]
    numbers = {name: number for name, number in numbers.items() if number is not None}
    results = panel.get("results", [])
    if results and results[period][area]:
        numbers["results"] = results[period][area]
    return numbers if status == "ok" else numbers | {"status": status}


def counts(layer: dict[str, Any], period: int) -> dict[str, int]:
    """How many areas each class of a layer has."""
    drawn = layer["drawn"][period]
    return {each["id"]: drawn.count(place) for place, each in enumerate(layer["classes"])}


def tampered(html: str, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> str:
    """A written page whose figures and words of its first unit are changed, in each language."""
    data = unpacked(html)
    for words in data["words"].values():
        change(data["figures"]["units"][0], words["units"][0])

    def packed_anew(match: re.Match[str]) -> str:
        name = match.group(1)
        part = data["figures"] if name == "figures" else data["words"][name.removeprefix("words-")]
        return f'<script type="application/json" id="page-{name}">"{pack(part)}"</script>'

    return PACKED.sub(packed_anew, html)
