"""The data of a written set's pages: the map, and the page of changes.

What they show of a suppressed figure beyond its mark and base is a leak; totals, which no table has, are read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.attack.public_set import Figure, PublicSet, hidden_words, sentence_rest
from geo_bosoc.disclosure.attack.read import NEVER_WITH_RANGE, table_rows
from geo_bosoc.disclosure.attack.rows import check_area, clue

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
        *("layers", "models", "indicators", "about", "goals", "twins"),
    }
)
PANEL_FIELDS: Final = frozenset(
    {"points", "before", "apart", "possible", "unsettled", "notes", "sure", "flags", "criteria"}
)
_GOAL_TABLE: Final = "follow_up_goals.csv"
_COLUMN_OF: Final = {
    "baseline": "baseline",
    "goal": "goal",
    "latest": "value",
    "path": "path_value",
    "municipality": "municipality_value",
}
"""The columns of that table by the names of a page's figures."""
_OF_SUPPRESSED_GOAL: Final = frozenset({"baseline", "goal"})
"""The figures that stand with a goal whose figure is suppressed: what it starts from, and what was agreed on."""
PAGE_DATA: Final = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)
_NUMBER: Final = re.compile(r"\d[\d.,]*")
DIGITS: Final = re.compile(r"\d+")


def read_page(public: PublicSet, path: Path) -> None:
    """The map of a yearly run: totals of all areas, and what it tells of suppressed figures."""
    match = PAGE_DATA.search(path.read_text(encoding="utf-8"))
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
            digits = "".join(DIGITS.findall(str(content)))
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


def read_change_page(public: PublicSet, path: Path) -> None:
    """A page of changes since an earlier period: of a figure that is suppressed in one of them it may tell nothing."""
    match = PAGE_DATA.search(path.read_text(encoding="utf-8", errors="replace"))
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
    _read_goals(public, path, data.get("goals", ()), areas)


def _read_goals(
    public: PublicSet, path: Path, goals: Iterable[Mapping[str, Any]], areas: Sequence[str]
) -> None:
    """Goals of a page, which tell what the table of goals beside it tells, and nothing of a suppressed figure."""
    table = path.with_name(_GOAL_TABLE)
    rows, _ = table_rows(table) if table.is_file() else ([], "")
    names = {row["name"]: row["area_id"].lstrip("'") for row in rows}
    for goal in goals:
        area = names.get(goal["place"], "") if goal["area"] is None else areas[goal["area"]]
        indicator = str(goal["indicator"])
        of_goal = [
            row
            for row in rows
            if (row["area_id"].lstrip("'"), row["indicator"].lstrip("'")) == (area, indicator)
        ]
        for standing in filter(None, goal["standings"]):
            period, status = str(standing["period"]), standing["status"]
            key = (area, period, indicator)
            same = [
                row for row in of_goal if not period or (row["period"], row["status"]) == (period, status)
            ]
            if not same:
                public.leak(path.name, key, "goals")
            shown = {name for name, column in _COLUMN_OF.items() if any(row[column] for row in same)}
            shown |= {"goal"}  # which may be told in words
            if not period or key in public.suppressed:
                shown &= _OF_SUPPRESSED_GOAL
            for name, _, text in standing["figures"]:
                if name not in shown and text not in hidden_words():
                    public.leak(path.name, key, name)
            if key in public.suppressed and any(DIGITS.search(note) for note in standing["notes"]):
                public.leak(path.name, key, "sentence")
