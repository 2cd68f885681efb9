"""What the page knows, as plain data: areas, layers, and for each area the words of its side panel.

Every number is text here already, in the language's own form; a guarded cell gives no more than its word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, PublishedResults, stamps
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.texts.sentences import origin_notices
from geo_bosoc.outputs.layers import (
    Rows,
    absent,
    by_area,
    category_layer,
    has_value,
    indicator_layer,
    plain_number,
    status_word,
    text,
)
from geo_bosoc.outputs.map_texts import all_words, kind_word, word
from geo_bosoc.outputs.page.about import about
from geo_bosoc.outputs.page.geometry_encoding import area_outlines, context_layers
from geo_bosoc.outputs.page.model_panel import criterion_lines, model_panel
from geo_bosoc.outputs.page.overlays import Overlay, overlay_data
from geo_bosoc.text.numbers import (
    INDICATOR_MAP_TITLE,
    MAP_TITLE,
    UNIT_SUFFIX,
    WITHOUT_BASE,
    in_unit,
    number,
)

RESIDENTS: Final = "residents"
"""The indicator that counts everybody; the panel tells it in its heading."""
STRIP: Final = 1000
"""Length of the small scale that shows an area beside its reference areas."""


def page_data(published: PublishedResults, overlays: Sequence[Overlay] = ()) -> dict[str, Any]:
    """Everything the page shows, ready for JSON.

    Parameters
    ----------
    shown : guarded findings.
    overlays : layers that the reader can switch on and off over the areas.

    Returns
    -------
    dict
        ``language, title, name, notices, words, periods, bounds, context, areas, overlays, layers, models,
        indicators, about``. Lists by period follow `shown.periods`, lists by area `shown.areas`; layers are the models'
        first.
    """
    language = published.language
    names = area_names(published)
    tables = {key: by_area(part) for key, part in published.table.groupby("indicator", sort=False)}
    reference_areas = {
        key: by_area(part) for key, part in published.reference_areas.groupby("indicator", sort=False)
    }
    layers: list[dict[str, Any]] = []
    models: list[dict[str, Any]] = []
    for model in published.models:
        layer, classes, rows = category_layer(published, model, _sortable(names))
        layers.append(layer)
        models.append(model_panel(published, model, classes, rows))
    indicators: list[dict[str, Any]] = []
    points = criterion_lines(published)
    for indicator in published.indicators:
        rows = tables.get(indicator.id, {})
        layer, _ = indicator_layer(published, indicator, rows, _sortable(names))
        panel = _indicator_panel(published, indicator, rows, reference_areas.get(indicator.id, {}), points)
        layer["notes"] = [[cell["value"] for cell in line] for line in panel["cells"]]
        layers.append(layer | {"indicator": len(indicators)})
        indicators.append(panel)
    return {
        "language": language,
        "title": published.title or (MAP_TITLE if published.models else INDICATOR_MAP_TITLE)[language],
        "name": published.name,
        "notices": notices(published),
        "words": all_words(language),
        "periods": published.periods,
        "bounds": _all_bounds(published),
        "context": context_layers(published.context, published.areas),
        "areas": _areas(published, names),
        "overlays": overlay_data(overlays, list(published.areas["area_id"].astype(str))),
        "layers": layers,
        "models": models,
        "indicators": indicators,
        "about": about(published),
    }


def notices(published: PublishedResults) -> list[dict[str, str]]:
    """What must be said on every page: made-up data, internal use, unguarded numbers, the use of origin."""
    told = [{"kind": stamp.kind, "text": stamp.text} for stamp in stamps(published)]
    told += [
        {"kind": "origin", "text": text} for text in origin_notices(published.models, published.language)
    ]
    return told


def area_names(published: PublishedResults) -> list[str]:
    """Names in the order of the areas: the id where there is none, and behind a name that stands twice."""
    ids = [str(area) for area in published.areas["area_id"]]
    names = [text(name) or key for name, key in zip(published.areas["name"], ids, strict=True)]
    double = {name for name in names if names.count(name) > 1}
    return [f"{name} ({key})" if name in double else name for name, key in zip(names, ids, strict=True)]


def _sortable(names: Sequence[str]) -> list[str]:
    """Names as they sort in Danish: æ, ø and å come last."""
    last = str.maketrans({"æ": "z{", "ø": "z|", "å": "z}", "ä": "z{", "ö": "z|"})
    return [name.casefold().translate(last) for name in names]


def _areas(published: PublishedResults, names: Sequence[str]) -> list[dict[str, Any]]:
    language = published.language
    residents = by_area(published.residents)
    kinds = published.areas["kind"] if "kind" in published.areas.columns else [""] * len(published.areas)
    told = []
    for area, name, kind, outline in zip(
        published.areas["area_id"], names, kinds, area_outlines(published.areas), strict=True
    ):
        counts: list[Any] = [
            residents.get((str(area), each), {}).get("residents") for each in published.periods
        ]
        told.append(
            {
                "id": str(area),
                "name": name,
                "kind": kind_word(text(kind), language),
                "residents": [
                    "" if absent(count) else word("residents", language, count=number(int(count), language))
                    for count in counts
                ],
                **outline,
            }
        )
    return told


def _all_bounds(published: PublishedResults) -> list[list[float]] | None:
    whole = published.areas.geometry.to_crs(4326)
    if whole.is_empty.all():
        return None
    west, south, east, north = whole.total_bounds
    return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]


def _indicator_panel(
    published: PublishedResults,
    indicator: Indicator,
    rows: Rows,
    reference_areas: Rows,
    points: Mapping[tuple[str, str, str], list[str]],
) -> dict[str, Any]:
    """An indicator's part of the panel: by period and area its figures, by period the two reference areas."""
    language = published.language
    every = [*rows.values(), *reference_areas.values()]
    ends = [float(row[key]) for row in every if has_value(row) for key in ("value", "high") if _is(row, key)]
    longest = max((end for end in ends if end > 0), default=0.0)
    references = {period: row.get("reference") for (_, period), row in rows.items() if _is(row, "reference")}
    cells, yards = [], []
    for period in published.periods:
        line = []
        for area in published.areas["area_id"]:
            cell = _cell(published, indicator, rows.get((str(area), period)), longest)
            told = points.get((str(area), period, indicator.id))
            line.append(cell | {"points": told} if told else cell)
        cells.append(line)
        yards.append(
            {
                "municipality": _reference_figure(
                    published,
                    indicator,
                    reference_areas.get((MUNICIPALITY, period)),
                    longest,
                    references.get(period),
                ),
                "all_areas": _reference_figure(
                    published, indicator, reference_areas.get((ALL_AREAS, period)), longest, None
                ),
            }
        )
    return {
        "label": indicator.label(language),
        "in_heading": indicator.id == RESIDENTS,
        "cells": cells,
        "yardsticks": yards,
    }


def _is(row: Mapping[str, Any], key: str) -> bool:
    return not absent(row.get(key))


def _cell(
    published: PublishedResults, indicator: Indicator, row: Mapping[str, Any] | None, longest: float
) -> dict[str, Any]:
    language = published.language
    if row is None or not has_value(row):
        status = "missing" if row is None or text(row["status"]) in ("", "ok") else text(row["status"])
        told = {"value": status_word(status, language, published.minimum), "status": status}
        if row is not None and _is(row, "denominator") and status == "protected":
            told["counts"] = word("base", language, count=number(int(row["denominator"]), language))
        return told
    told_cell: dict[str, Any] = {"value": in_unit(float(row["value"]), indicator.unit, language)}
    counts = _counts(indicator, row, language)
    if counts:
        told_cell["counts"] = counts
    if _is(row, "low") and _is(row, "high"):
        low = in_unit(float(row["low"]), indicator.unit, language)
        high = in_unit(float(row["high"]), indicator.unit, language)
        low = low.removesuffix(UNIT_SUFFIX[indicator.unit][language])
        told_cell["interval"] = word("interval", language, low=low, high=high)
    if _is(row, "ratio"):
        told_cell["ratio"] = word("ratio", language, ratio=number(float(row["ratio"]), language, 2))
    if indicator.unit != "count":
        told_cell["strip"] = _strip(row, longest)
    return told_cell


def _counts(indicator: Indicator, row: Mapping[str, Any], language: str) -> str:
    """Count and base behind a value, and how many could not be told; a mean has its base alone."""
    if not indicator.base_known:
        return WITHOUT_BASE[language]
    if indicator.unit == "count" or not _is(row, "denominator"):
        return ""
    unknown = int(row["unknown"]) if _is(row, "unknown") else 0
    base = number(int(row["denominator"]) - (unknown if indicator.unknown == "exclude" else 0), language)
    told = word("base", language, count=base)
    if indicator.unit != "mean" and _is(row, "numerator"):
        met = unknown if indicator.unknown == "met" else 0
        count = int(row["numerator"]) / indicator.scale + met
        told = word("counts", language, n=plain_number(count, language), d=base)
    if unknown > 0:
        told += ", " + word("unknown", language, count=number(unknown, language))
    return told


def _strip(row: Mapping[str, Any], longest: float) -> list[int]:
    """Where value, low and high lie on a scale from 0 to `STRIP`."""
    keys = ("value", "low", "high") if _is(row, "low") and _is(row, "high") else ("value",)
    if longest <= 0:
        return [0 for _ in keys]
    return [min(STRIP, max(0, round(STRIP * float(row[key]) / longest))) for key in keys]


def _reference_figure(
    published: PublishedResults,
    indicator: Indicator,
    row: Mapping[str, Any] | None,
    longest: float,
    reference: Any,
) -> dict[str, Any] | None:
    """A reference area's figure; the table's own reference where no reference area row was counted."""
    if indicator.unit == "count":
        return None
    if row is None:
        if absent(reference):
            return None
        row = {"value": float(reference), "status": "ok"}
    if not has_value(row):
        return {"value": status_word(text(row["status"]), published.language, None)}
    told: dict[str, Any] = {"value": in_unit(float(row["value"]), indicator.unit, published.language)}
    counts = _counts(indicator, row, published.language)
    if counts:
        told["counts"] = counts
    return told | {"at": _strip({"value": row["value"]}, longest)[0]}
