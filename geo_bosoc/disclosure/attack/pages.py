"""The data of a written set's pages: the map, and the page of changes.

What they show of a suppressed figure beyond its mark and base is a leak; totals, which no table has, are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.attack.criteria import reference_of
from geo_bosoc.disclosure.attack.public_set import Figure, PublicSet, hidden_words, sentence_rest
from geo_bosoc.disclosure.attack.read import NEVER_WITH_RANGE, table_rows
from geo_bosoc.disclosure.attack.rows import check_area, clue
from geo_bosoc.disclosure.results import CHANGE
from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.exact_values import Cell
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.cut_lines import CutLine, cut_lines
from geo_bosoc.text.packed import unpack

FIGURE_FIELDS: Final = frozenset({"language", "languages", "context", "named", "background", "units"})
UNIT_FIELDS: Final = frozenset(
    {
        *("id", "periods", "opens", "bounds", "areas", "borders", "residents"),
        *("layers", "models", "indicators", "overlays", "twins", "charts", "side_by_side"),
    }
)
INDICATOR_FIELDS: Final = frozenset(
    {
        *("id", "unit", "decimals", "heading", "difference", "baseless"),
        *("card", "columns", "references", "against", "cuts", "breaks"),
    }
)
WORD_FIELDS: Final = frozenset({"title", "name", "notices", "words", "suffixes", "named_layers", "units"})
UNIT_WORDS: Final = frozenset(
    {
        *("label", "kinds", "layers", "models", "indicators", "about"),
        *("overlays", "twins_by", "goals", "side_by_side"),
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
PACKED: Final = re.compile(
    r'<script type="application/json" id="page-(figures|words-[a-z]+)">"(.*?)"</script>', re.DOTALL
)
DWELLINGS: Final = "balance"
"""What names of files and units begin with that count dwellings, not persons."""
SUPPRESSED_STATUS: Final = 1
"""What stands in a page's column of statuses where a figure is suppressed."""
DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class PageUnit:
    """One unit of a page: its figures, and its words in one language.

    Attributes
    ----------
    figures, words : dict
        As the page's scripts read them (`geo_bosoc.outputs.page.page_encoding`).
    language, page_language : str
        Of the words, and of the page.
    page_goals : sequence of mapping
        The goals in the page's own language.
    """

    figures: Mapping[str, Any]
    words: Mapping[str, Any]
    language: str
    page_language: str
    page_goals: Sequence[Mapping[str, Any]]

    @property
    def areas(self) -> list[str]:
        """The areas' ids."""
        return [str(area["id"]) for area in self.figures["areas"]]

    @property
    def periods(self) -> list[str]:
        """The periods."""
        return [str(period) for period in self.figures["periods"]]

    @property
    def labels(self) -> dict[str, str]:
        """The indicators by their words in the unit's language."""
        panels = zip(self.words["indicators"], self.figures["indicators"], strict=True)
        return {str(words["label"]): str(figures["id"]) for words, figures in panels}

    def positions(self) -> Iterator[tuple[int, int, str, str]]:
        """The positions of each period and area, and their names."""
        for p, period in enumerate(self.periods):
            for a, area in enumerate(self.areas):
                yield p, a, period, area


def unpacked(html: str) -> dict[str, Any]:
    """The data of a page: ``figures``, and ``words`` by language; nothing where it has none."""
    parts = {name: unpack(letters) for name, letters in PACKED.findall(html)}
    if "figures" not in parts:
        return {}
    words = {name.removeprefix("words-"): part for name, part in parts.items() if name != "figures"}
    return {"figures": parts["figures"], "words": words}


def page_units(public: PublicSet, path: Path) -> list[PageUnit]:
    """The units of a page in each language; what stands in a page that nobody reads here is a leak."""
    data = unpacked(path.read_text(encoding="utf-8", errors="replace"))
    if not data:
        public.leak(path.name, (), "page-figures")
        return []
    unknown = set(data["figures"]) - FIGURE_FIELDS
    units = []
    page_language = str(data["figures"]["language"])
    goals = [words_of_unit.get("goals", ()) for words_of_unit in data["words"][page_language]["units"]]
    for language, words in data["words"].items():
        unknown |= set(words) - WORD_FIELDS
        for figures, words_of_unit, page_goals in zip(
            data["figures"]["units"], words["units"], goals, strict=True
        ):
            unknown |= (set(figures) - UNIT_FIELDS) | (set(words_of_unit) - UNIT_WORDS)
            units.append(PageUnit(figures, words_of_unit, language, page_language, page_goals))
    for name in unknown:
        public.leak(path.name, (), name)
    return units


def read_page(public: PublicSet, path: Path) -> None:
    """The map of a yearly run: totals of all areas, and what it tells of suppressed figures."""
    for unit in page_units(public, path):
        if unit.figures["id"].startswith(DWELLINGS):
            continue
        _read_unit(public, path.name, unit)
        _read_changes(public, path, unit, CHANGE)


def _read_unit(public: PublicSet, file: str, unit: PageUnit) -> None:
    indicators = {name: place for place, name in enumerate(public.indicators)}
    for panel, words in zip(unit.figures["indicators"], unit.words["indicators"], strict=True):
        indicator = str(panel["id"])
        if indicator not in indicators:
            continue
        for p, a, period, area in unit.positions():
            _page_cell(public, file, (area, period, indicator), panel["columns"], (p, a))
            results = (words.get("results") or {})[p][a] if words.get("results") else None
            _page_results(public, file, (area, period, indicator), results or ())
        for period, total in zip(unit.periods, panel["references"].get("all_areas", ()), strict=False):
            if total and "met" in total and public.scales.get(indicator, 1) == 1:
                all_areas = Figure("ok", Fraction(total["met"]), int(total["base"]), None)
                public.totals.setdefault((ALL_AREAS, period, indicator), all_areas)
    for layer in unit.figures["layers"]:
        if layer.get("kind") != "indicator":
            continue
        indicator = str(unit.figures["indicators"][layer["indicator"]]["id"])
        for p, a, period, area in unit.positions():
            figure = public.figures.get((area, period, indicator))
            if figure is not None and figure.suppressed and _class_drawn(layer, p, a) != "protected":
                public.leak(file, (area, period, indicator), "drawn")
    labels = {**public.labels, **unit.labels}
    for model, panel in zip(public.models, unit.words["models"], strict=False):
        for p, a, period, area in unit.positions():
            _page_panel(public, file, (area, period, model.id), panel["panel"][p][a], labels)
    _page_points(public, file, unit)
    _page_cuts(public, file, unit)


def _page_points(public: PublicSet, file: str, unit: PageUnit) -> None:
    """The points that stand with areas on the map, as in the rows of the set."""
    columns = (("points", "points"), ("points_min", "least"), ("points_max", "most"))
    ids = {each.id for each in public.models}
    for layer in unit.figures["layers"]:
        model = str(unit.figures["models"][layer["model"]]["id"]) if layer.get("kind") == "category" else ""
        for p, a, period, area in unit.positions() if model in ids else ():
            numbers = {name: layer[column][p][a] for name, column in columns if column in layer}
            cells = {name: "" if number is None else f"{number:g}" for name, number in numbers.items()}
            check_area(public, file, (area, period, model), cells, cells)


def _page_cuts(public: PublicSet, file: str, unit: PageUnit) -> None:
    """Lines of bands and thresholds in charts: they lie where the set's own references put them."""
    models = {model.id: model for model in public.models}
    for panel in unit.figures["indicators"]:
        indicator, step = str(panel["id"]), 10 ** int(panel["decimals"])
        for name in set(panel) - INDICATOR_FIELDS:
            public.leak(file, (indicator,), name)
        for cut in panel.get("cuts", ()):
            model = models.get(str(unit.figures["models"][cut["model"]]["id"]))
            for period, number in zip(unit.periods, cut["values"], strict=True):
                if number is None:
                    continue
                lines = (
                    [] if model is None else _lines(public, model, cut["criterion"], period, panel["unit"])
                )
                limits = [line.value * step for line in lines if line.value is not None]
                if not any(abs(number - limit) <= 1 for limit in limits):
                    public.leak(file, (period, indicator), "cuts")


def _lines(public: PublicSet, model: Model, criterion: str, period: str, unit: Unit) -> list[CutLine]:
    """Where a criterion's lines lie, by what the set tells of its reference."""
    lines: list[CutLine] = []
    for each in model.criterion:
        if each.key == criterion:
            reading = reference_of(public, model, each, period)
            key = (each.reference_area, period, each.indicator)
            references = {} if reading.value is None else {key: Cell(reading.value, "ok")}
            alone = model.model_copy(update={"criterion": (each,)})
            drawn = cut_lines(alone, references, [period], units={each.indicator: unit}, averaged=True)
            lines += drawn.get((each.indicator, period), ())
    return lines


def _class_drawn(layer: Mapping[str, Any], p: int, a: int) -> str:
    return str(layer["classes"][layer["drawn"][p][a]]["id"])


def _page_cell(
    public: PublicSet,
    file: str,
    key: tuple[str, str, str],
    columns: Mapping[str, Sequence[Sequence[Any]]],
    place: tuple[int, int],
) -> None:
    """Of a suppressed figure a page has the status, and the base where the set tells it: no other number."""
    figure = public.figures.get(key)
    if figure is None or not figure.suppressed:
        return
    p, a = place
    for name, column in columns.items():
        number = column[p][a] if column else None
        if name == "status" or number is None or (name == "base" and str(number) == str(figure.base)):
            continue
        public.leak(file, key, name)


def _page_results(public: PublicSet, file: str, key: tuple[str, str, str], lines: Sequence[str]) -> None:
    """What criteria on a suppressed figure gave."""
    figure = public.figures.get(key)
    if figure is None or not figure.suppressed:
        return
    for line in lines:
        label, _, rest = str(line).rpartition(": ")
        named = [model.id for model in public.models if label and label in (model.label_da, model.label_en)]
        clue(public, file, key, rest, named[0] if named else "")


def _page_panel(
    public: PublicSet,
    file: str,
    key: tuple[str, str, str],
    panel: Mapping[str, Any],
    labels: Mapping[str, str],
) -> None:
    """What is said of an area's category, with each indicator's words in the language of the page."""
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
    for label, indicator in labels.items():
        if (area, period, indicator) in public.suppressed:
            if any(f"{label}:" in line for line in panel.get("sure", ())):
                public.leak(file, (area, period, indicator), "sure")
            for sentence in panel.get("criteria", ()):
                if sentence.startswith(f"{label}:") and sentence_rest(sentence, label):
                    public.leak(file, (area, period, indicator), "sentence")


def read_change_page(public: PublicSet, path: Path) -> None:
    """A page of changes since an earlier period: of a figure that is suppressed in one of them it may tell nothing."""
    for unit in page_units(public, path):
        ids = {str(name) for name in public.labels.values()}
        if any(str(panel["id"]) not in ids for panel in unit.figures["indicators"]):
            public.unread.add(path.name)  # a figure that no table of the set has
        _read_changes(public, path, unit)


def _read_changes(public: PublicSet, path: Path, unit: PageUnit, ending: str = "") -> None:
    """Figures of change, whose ids have an ending where they stand beside the indicators' own."""
    figures, words = unit.figures, unit.words
    layers = {layer["indicator"]: layer for layer in figures["layers"] if layer.get("kind") == "indicator"}
    for place, panel in enumerate(figures["indicators"]):
        for p, a, period, area in unit.positions():
            key = (area, period, str(panel["id"]).removesuffix(ending))
            if key not in public.suppressed or not str(panel["id"]).endswith(ending):
                continue
            numbers = [
                column[p][a] for name, column in panel["columns"].items() if column and name != "status"
            ]
            if any(number is not None for number in numbers):
                public.leak(path.name, key, "columns")
            if _class_drawn(layers[place], p, a) not in ("protected", "missing"):
                public.leak(path.name, key, "drawn")
    for model in words["models"]:
        for p, a, period, area in unit.positions():
            panel = model["panel"][p][a]
            for name in set(panel) - PANEL_FIELDS:
                public.leak(path.name, (area, period), name)
            for label, indicator in public.labels.items():
                key = (area, period, indicator)
                if key in public.suppressed and any(f"{label} (" in note for note in panel.get("notes", ())):
                    public.leak(path.name, key, "sentence")
    goals = words.get("goals", ())
    if unit.language == unit.page_language:
        _read_goals(public, path, goals, unit.areas)
    else:
        _compare_goals(public, path, goals, unit.page_goals)


def _compare_goals(
    public: PublicSet,
    path: Path,
    goals: Sequence[Mapping[str, Any]],
    same_goals: Sequence[Mapping[str, Any]],
) -> None:
    """Goals in another language: the same figures as in the page's own, which were compared with the table."""
    if len(goals) != len(same_goals):
        public.leak(path.name, (), "goals")
    for goal, same in zip(goals, same_goals, strict=False):
        if _figures_in(goal) != _figures_in(same):
            public.leak(path.name, (str(goal["label"]),), "goals")


def _figures_in(goal: Mapping[str, Any]) -> list[list[str]]:
    """What a goal tells in figures, however the language writes them, and which of its notes have any."""
    standings = [each or {} for each in goal["standings"]]
    return [
        [
            *(str(each.get(name, "")) for name in ("status", "period")),
            *("".join(DIGITS.findall(text)) for _, _, text in each.get("figures", ())),
            *(str(bool(DIGITS.search(note))) for note in each.get("notes", ())),
        ]
        for each in standings
    ]


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
