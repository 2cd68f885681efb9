"""A page as plain data for its scripts: figures as columns of numbers, and the words for them in each language.

What is shown stands once, whatever the language: geometry, classes, figures. Words stand by language, and a text that
was given in one alone stands as it was given. A suppressed cell gives no more than its status and its base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geo_bosoc.outputs.layers import text
from geo_bosoc.outputs.page.figure_columns import (
    category_columns,
    indicator_columns,
    name_places,
    residents_column,
    variable_columns,
)
from geo_bosoc.outputs.page.geometry_encoding import (
    area_outlines,
    bounds_of,
    context_layers,
    overlay_data,
    overlay_words,
)
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.page.page_words import (
    about,
    category_layer_words,
    goals_words,
    page_words,
    variable_layer_words,
)
from geo_bosoc.outputs.page.side_panel import classification_panel, results_of, twin_places, twins_by
from geo_bosoc.outputs.texts import reference_word, sentence_case
from geo_bosoc.outputs.thematic_map import area_names, sortable_names
from geo_bosoc.text.catalogue import Language, word, word_or_key


def encode_page(page: Page, translations: Mapping[Language, Page] | None = None) -> dict[str, Any]:
    """All that a page shows, as plain data for its scripts.

    Parameters
    ----------
    page : Page
        The page, and the units that it has beside its own areas.
    translations : mapping of str to Page, optional
        The same page in other languages: their words are taken from them.

    Returns
    -------
    dict
        ``figures`` and ``words``. Figures are ``language, languages, context, units``; each unit has
        ``id, periods, opens, bounds, areas, layers, models, indicators``, and ``overlays``, ``twins`` and ``goals``
        where it has any; lists by period follow its periods, lists by area its areas, layers are the classifications'
        first. Words are by language ``title, name, notices, words``, and ``units`` in the order of the figures'.
    """
    pages = {page.language: page, **(translations or {})}
    encoded = [_encode_unit(each) for each in (page, *page.units)]
    units = {page.language: [of_unit for _, of_unit in encoded]}
    for language, other in (translations or {}).items():
        units[language] = [_encode_unit(each)[1] for each in (other, *other.units)]
    return {
        "figures": {
            "language": page.language,
            "languages": list(pages),
            "context": context_layers(page.context, page.areas),
            "units": [figures for figures, _ in encoded],
        },
        "words": {
            language: {**page_words(each), "units": units[language]} for language, each in pages.items()
        },
    }


def _encode_unit(page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures of a unit's areas, and the words for them."""
    tables = _by_indicator(page.table)
    reference_tables = _by_indicator(page.reference_areas)
    layers: list[dict[str, Any]] = []
    layer_words: list[dict[str, Any]] = []
    models: list[dict[str, Any]] = []
    model_words: list[dict[str, Any]] = []
    for place, classification in enumerate(page.classifications):
        layer, classes = category_columns(page, classification, place)
        layers.append(layer)
        layer_words.append(category_layer_words(classification, classes, page))
        positions = {each.id: index for index, each in enumerate(classes)}
        models.append(
            {
                "id": classification.id,
                "kind": classification.kind,
                "card": classification.id not in page.without_card,
            }
        )
        model_words.append(classification_panel(page, classification, positions))
    indicators: list[dict[str, Any]] = []
    indicator_words: list[dict[str, Any]] = []
    for variable in page.variables:
        table = tables.get(variable.id, page.table[:0])
        layer, classes = variable_columns(page, variable, table)
        layers.append(layer | {"indicator": len(indicators)})
        layer_words.append(variable_layer_words(variable, classes, page.language))
        figures = indicator_columns(
            page, variable, table, reference_tables.get(variable.id, page.reference_areas[:0])
        )
        indicators.append(figures)
        indicator_words.append(_indicator_words(page, variable.id, variable.label, figures["against"]))
    figures_of_unit = {
        "id": page.unit,
        "periods": page.periods,
        "opens": _opens(page),
        "bounds": bounds_of(page.areas),
        "areas": _areas(page),
        "residents": residents_column(page),
        "layers": layers,
        "models": models,
        "indicators": indicators,
    }
    words_of_unit = {
        "label": page.unit_label or word("map", "areas", page.language),
        "kinds": _kinds(page),
        "layers": layer_words,
        "models": model_words,
        "indicators": indicator_words,
        "about": about(page),
    }
    if page.overlays:
        figures_of_unit["overlays"] = overlay_data(page.overlays, page.area_ids)
        words_of_unit["overlays"] = overlay_words(page.overlays)
    if (twins := twin_places(page)) is not None:
        figures_of_unit["twins"] = twins
        words_of_unit["twins_by"] = twins_by(page)
    if page.goals:
        words_of_unit["goals"] = goals_words(page)
    return figures_of_unit, words_of_unit


def _by_indicator(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby("indicator", sort=False)}


def _opens(page: Page) -> int:
    """The place of the period that the page opens on: the last one, unless it says another."""
    if page.opens_on in page.periods:
        return page.periods.index(page.opens_on)
    return max(len(page.periods) - 1, 0)


def _indicator_words(page: Page, indicator: str, label: str, against: str) -> dict[str, Any]:
    """The words of an indicator's part of the panel."""
    language = page.language
    data: dict[str, Any] = {
        "label": label,
        "against": reference_word(against, language),
        "chosen": sentence_case(reference_word(against, language)),
    }
    results = results_of(page, indicator)
    return data | ({"results": results} if results else {})


def _areas(page: Page) -> list[dict[str, Any]]:
    """Each area's id, name, place when sorted by name, and outline."""
    names = area_names(page)
    places = name_places(sortable_names(names), page.area_ids)
    return [
        {"id": area, "name": name, "place": place, **outline}
        for area, name, place, outline in zip(
            page.area_ids, names, places, area_outlines(page.areas), strict=True
        )
    ]


def _kinds(page: Page) -> Sequence[str]:
    """What kind of area each is, in words."""
    kinds = page.areas["kind"] if "kind" in page.areas.columns else [""] * len(page.areas)
    return [word_or_key("area_kinds", text(kind), page.language) for kind in kinds]
