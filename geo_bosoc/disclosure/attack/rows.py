"""What rows of any file may show of suppressed figures; and the workbook, read by the words of its heads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import fastexcel

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.attack.public_set import (
    Figure,
    PublicSet,
    exact_number,
    hidden_words,
    sentence_rest,
)
from geo_bosoc.disclosure.attack.read import ALLOWED_OF_CRITERION, ALLOWED_OF_FIGURE
from geo_bosoc.text.catalogue import LANGUAGES, words

IDENTITY: Final = frozenset({"area_id", "name", "kind", "period", "model", "model_version", "residents"})
"""Columns that name the row, and its residents, which have a figure of their own."""
_MOVED: Final = frozenset({"moved", "moved_by", "why"})
"""Columns of the workbook that say what moved an area."""
_OF_AREA: Final = frozenset(
    {
        "held",
        "change_by_chance",
        "undetermined_by",
        "possible",
        "socioeconomic",
        "small_base",
        "smallest_change",
    }
)
"""Columns that say something of an area as a whole."""
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_BLANK: Final = frozenset({"", "nan", "None", "NaT"})


def check_figure(public: PublicSet, file: str, key: tuple[str, str, str], columns: Mapping[str, Any]) -> None:
    """Leaks of a row that holds one figure: by field what stands in it."""
    if key not in public.figures or not public.figures[key].suppressed:
        return
    for name, cell in columns.items():
        text = "" if cell is None else str(cell).strip()
        if name == "reference" and key[2] in public.of_rest and text not in _BLANK:
            public.leak(file, key, name)
        if text in _BLANK or name in ALLOWED_OF_FIGURE or (name == "value" and text in hidden_words()):
            continue
        if name == "points":
            clue(public, file, key, text)
        else:
            public.leak(file, key, name)


def clue(public: PublicSet, file: str, key: tuple[str, str, str], text: str, model_id: str = "") -> None:
    """Points of a suppressed figure: a clue where one criterion looks at it, a leak where it is not clear whose."""
    area, period, indicator = key
    criteria = [
        (model.id, criterion.key)
        for model in public.models
        for criterion in model.criterion
        if criterion.indicator == indicator and model_id in ("", model.id)
    ]
    points = exact_number(text.split(" ")[0], ",")
    if len(criteria) == 1 and points is not None:
        public.points.setdefault((area, period, *criteria[0]), points)
    else:
        public.leak(file, key, "points")


def check_area(
    public: PublicSet, file: str, key: tuple[str, str, str], columns: Mapping[str, Any], names: Iterable[str]
) -> None:
    """Leaks of what is said of an area with suppressed figures: what ``categories.csv`` leaves empty."""
    area, period, _ = key
    row = public.area_rows.get(key)
    if row is None or (area, period) not in public.hidden_rows:
        return
    for name in set(names) - IDENTITY:
        text = str(columns.get(name, "")).strip()
        if text in _BLANK or row.get(name) or (name == "points" and _is_bounds(public, text, row)):
            continue
        public.leak(file, (area, period), name)


def _is_bounds(public: PublicSet, text: str, row: Mapping[str, str]) -> bool:
    """Whether points are the bounds that the row itself gives ("6-12"), with the most that its model can give."""
    most = {f"{model.max_points:g}" for model in public.models}
    bounds = {row.get("points_min", ""), row.get("points_max", "")}
    return bounds <= set(_NUMBER.findall(text)) <= bounds | most


def read_workbook(public: PublicSet, path: Path) -> None:
    """Read the workbook's sheets that hold figures: leaks, clues and totals. A sheet of another name is a leak."""
    titles = {
        text: key.removeprefix("sheet_")
        for language in LANGUAGES
        for key, text in words("tables", language).items()
        if key.startswith("sheet_")
    }
    heads = {
        text: key
        for language in LANGUAGES
        for key, text in words("tables", language).items()
        if not key.startswith(("sheet_", "is_", "heading_", "unit_", "met_", "status_", "measure_"))
    } | {
        words("comparisons", language)[key]: key
        for language in LANGUAGES
        for key in ("reference_area", "reference", "ratio")
    }
    workbook = fastexcel.read_excel(path)
    for sheet in workbook.sheet_names:
        model = next((each.id for each in public.models if sheet.endswith(f" {each.id}")), "")
        title = sheet.removesuffix(f" {model}") if model else sheet
        kind = titles.get(title, "period" if sheet.split(" ")[0] in public.periods else "")
        if kind in ("readme", "overview", "indicators", "sources", "flags"):
            continue
        if not kind:
            public.leak(path.name, (sheet,), "sheet")
            continue
        rows = workbook.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()
        start = next(
            (
                n
                for n, row in enumerate(rows)
                if row and heads.get(str(row[0])) in ("period", "area_id", "name")
            ),
            None,
        )
        if start is None:
            continue
        titles_of = [str(cell or "") for cell in rows[start]]
        names = [heads.get(title, title) for title in titles_of]
        body = [[("" if cell is None else str(cell)) for cell in row] for row in rows[start + 1 :]]
        if kind in ("figures", "reference_areas"):
            _figure_rows(public, path.name, names, body)
        elif kind == "criteria":
            _criterion_rows(public, path.name, names, body)
        elif kind in ("result", "changes", "categories", "behind"):
            _category_rows(public, path.name, titles_of, body, heads, model)
        else:
            _period_rows(public, path.name, sheet.split(" ")[0], titles_of, body, heads)


def indicator_of(public: PublicSet, label: str) -> str:
    """The indicator that a label with its unit names; the label itself where it names none."""
    bare = label.rsplit(" (", 1)[0]
    return public.labels.get(label) or public.labels.get(bare) or label


def _figure_rows(public: PublicSet, file: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    totals = {
        words("tables", language)[area]: area for language in LANGUAGES for area in (MUNICIPALITY, ALL_AREAS)
    }
    for row in rows:
        cells = dict(zip(names, row, strict=False))
        period, area = cells.pop("period", ""), cells.pop("area_id", "")
        name, indicator = cells.pop("name", ""), indicator_of(public, cells.pop("indicator", ""))
        if area:
            check_figure(public, file, (area, period, indicator), cells)
        elif name in totals:
            count, base, unknown, value = (
                exact_number(cells.get(field, ""))
                for field in ("numerator", "denominator", "unknown", "value")
            )
            if count is not None and base is not None:
                total = Figure("ok", Fraction(count), int(base - (unknown or 0)), value)
                public.totals[totals[name], period, indicator] = total


def _criterion_rows(
    public: PublicSet, file: str, names: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    for row in rows:
        cells = dict(zip(names, row, strict=False))
        area, period, label = cells.get("area_id", ""), cells.get("period", ""), cells.get("criterion", "")
        key = (area, period, indicator_of(public, label))
        figure = public.figures.get(key)
        if figure is None or not figure.suppressed:
            continue
        for name, cell in cells.items():
            if not cell or name in ALLOWED_OF_CRITERION - {"sentence", "met"} or cell in hidden_words():
                continue
            criterion = (
                area,
                period,
                cells.get("model", ""),
                public.criteria.get((cells.get("model", ""), label), ""),
            )
            number = exact_number(cell)
            if name == "points" and number is not None:
                public.points.setdefault(criterion, number)
            elif name == "threshold" and number is not None:
                public.threshold.setdefault(criterion, number)
            elif name == "met":
                met = {
                    words("tables", each)[f"met_{state}"]: state
                    for each in LANGUAGES
                    for state in ("met", "not_met")
                }
                if cell in met:
                    public.met.setdefault(criterion, met[cell])
            elif name != "sentence" or (sentence_rest(cell, label) and criterion not in public.points):
                public.leak(file, key, name)


def _category_rows(
    public: PublicSet,
    file: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    heads: Mapping[str, str],
    model: str,
) -> None:
    """A row an area, with each period's category and points behind each other; of the first model if none is named.

    What is said of the area as a whole is of the last period.
    """
    ids = {name: area for area, name in public.names.items()}
    ids |= {f"{name} ({area})": area for area, name in public.names.items()}
    last = max(public.periods, default="")
    for row in rows:
        period, area = last, ids.get(row[0])
        if area is None:
            public.leak(file, (row[0],), "name")
            continue
        for title, cell in zip(titles, row, strict=False):
            start, _, end = title.rpartition(" ")
            name = heads.get(start) if end in public.periods else heads.get(title)
            period = end if end in public.periods else period
            key = (area, period, model or public.models[0].id)
            if name == "points":
                check_area(public, file, key, {"points": cell}, ["points"])
            elif name == "category" and cell != public.area_rows.get(key, {}).get("category_label", cell):
                public.leak(file, (area, period), "category")
            elif name in _MOVED:
                _check_moved(public, file, (area, last, key[2]), cell)
            elif name in _OF_AREA:
                check_area(public, file, (area, last, key[2]), {name: cell}, [name])


def _check_moved(public: PublicSet, file: str, key: tuple[str, str, str], text: str) -> None:
    """Leaks of what is said to have moved an area: suppressed figures, and their criteria if no table has them."""
    area, period, model = key
    earlier = max((each for each in public.periods if each < period), default=period)
    listed = public.area_rows.get(key, {}).get("moved_by", "")
    for part in re.split(r"\n|, ", text):
        labels = [label for label in public.labels if label and part.startswith(label)]
        label = max(labels, key=len, default="")
        indicator = public.labels.get(label, "")
        if not any((area, each, indicator) in public.suppressed for each in (period, earlier)):
            continue
        criterion = public.criteria.get((model, label), indicator)
        is_met = all((area, each, model, criterion) in public.met for each in (period, earlier))
        if "→" in part or not (is_met or criterion in listed):
            public.leak(file, (area, period, indicator), "moved_by")


def _period_rows(
    public: PublicSet,
    file: str,
    period: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    heads: Mapping[str, str],
) -> None:
    """A row an area, with each indicator's value and, behind it, its points."""
    for row in rows:
        indicator = ""
        for title, cell in zip(titles, row, strict=False):
            name = heads.get(title, "")
            if name == "points" and indicator:
                check_figure(public, file, (row[0], period, indicator), {"points": cell})
            elif name == "points" and public.models:
                check_area(public, file, (row[0], period, public.models[0].id), {"points": cell}, ["points"])
            elif not name or name == "residents":
                indicator = indicator_of(public, title)
                check_figure(public, file, (row[0], period, indicator), {"value": cell})
