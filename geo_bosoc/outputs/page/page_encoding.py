"""A page as plain data for its scripts: figures as columns of numbers, and the words for them in each language.

What is shown stands once, whatever the language: geometry, classes, figures. Words stand by language, and a text that
was given in one alone stands as it was given. A suppressed cell gives no more than its status and its base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geo_bosoc.outputs.figure_classes import Classing, classes_of, limits_and_statuses
from geo_bosoc.outputs.layers import category_classes_of
from geo_bosoc.outputs.page.backdrop_encoding import backdrop_data, quiet_layers
from geo_bosoc.outputs.page.charts import chart_figures, chart_words
from geo_bosoc.outputs.page.figure_columns import (
    category_columns,
    compared_with,
    name_places,
    residents_column,
    variable_columns,
)
from geo_bosoc.outputs.page.geometry_encoding import (
    bounds_of,
    context_layers,
    encode_areas,
    overlay_data,
    overlay_words,
)
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.page.page_words import (
    CriterionLines,
    about,
    category_layer_words,
    classification_panel,
    goals_words,
    page_words,
    results_of,
    twin_places,
    twins_by,
    variable_layer_words,
)
from geo_bosoc.outputs.texts import reference_word, sentence_case, text
from geo_bosoc.outputs.thematic_map import Variable, area_names, sortable_names
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
        ``figures`` and ``words``. Figures are ``language, languages, context, units``, and ``named`` and ``background``
        where there are any (`backdrop_data`); each unit has
        ``id, periods, opens, bounds, borders, areas, layers, models, indicators``, and ``overlays``, ``twins``,
        ``goals`` and ``charts`` (that its periods are a series) where it has any; lists by period follow its
        periods, lists by area its areas, layers are the classifications' first. Words are by language
        ``title, name, notices, words``, and ``units`` in the order of the figures'.
    """
    pages = {page.language: page, **(translations or {})}
    tables = [_by_indicator(unit.table) for unit in (page, *page.units)]
    classings = [
        {
            variable.id: limits_and_statuses(unit, variable, of_unit.get(variable.id, unit.table[:0]))
            for variable in unit.variables
        }
        for unit, of_unit in zip((page, *page.units), tables, strict=True)
    ]
    return {
        "figures": {
            "language": page.language,
            "languages": list(pages),
            "context": context_layers(quiet_layers(page), page.areas),
            **backdrop_data(page),
            "units": [
                _figures_of(unit, of_unit, classes)
                for unit, of_unit, classes in zip((page, *page.units), tables, classings, strict=True)
            ],
        },
        "words": {
            language: {
                **page_words(each),
                "units": [
                    _words_of(unit, of_unit, classes)
                    for unit, of_unit, classes in zip((each, *each.units), tables, classings, strict=True)
                ],
            }
            for language, each in pages.items()
        },
    }


def _figures_of(
    page: Page, tables: Mapping[str, pd.DataFrame], classings: Mapping[str, Classing]
) -> dict[str, Any]:
    """The figures of a unit's areas, by its table of each indicator and the classes of its figures."""
    reference_tables = _by_indicator(page.reference_areas)
    layers = [
        category_columns(page, classification, place)
        for place, classification in enumerate(page.classifications)
    ]
    indicators: list[dict[str, Any]] = []
    for variable in page.variables:
        table = tables.get(variable.id, page.table[:0])
        reference_table = reference_tables.get(variable.id, page.reference_areas[:0])
        layer, figures = variable_columns(page, variable, table, reference_table, classings[variable.id])
        layers.append(layer | {"indicator": len(indicators)})
        card = {"card": False} if variable.id in page.without_card else {}
        indicators.append(figures | _chart_figures(page, figures) | card)
    borders, outlines = encode_areas(page.areas)
    figures_of_unit = {
        "id": page.unit,
        "periods": page.periods,
        "opens": _opens(page),
        "bounds": bounds_of(outlines),
        "borders": borders,
        "areas": _areas(page, outlines),
        "residents": residents_column(page),
        "layers": layers,
        "models": [
            {"id": each.id, "kind": each.kind, "card": each.id not in page.without_card}
            | ({"together": True} if each.id in page.one_card else {})
            | _points_scale(page, each.id)
            for each in page.classifications
        ],
        "indicators": indicators,
    }
    if page.side_by_side is not None:
        places = {variable.id: place for place, variable in enumerate(page.variables)}
        rows = [[places[name] for name in names] for _, names in page.side_by_side.rows]
        figures_of_unit["side_by_side"] = {"rows": rows}
    if page.charts is not None and len(page.periods) > 1:
        figures_of_unit["charts"] = True
    if page.overlays:
        figures_of_unit["overlays"] = overlay_data(page.overlays, page.area_ids)
    if (twins := twin_places(page)) is not None:
        figures_of_unit["twins"] = twins
    return figures_of_unit


def _words_of(
    page: Page, tables: Mapping[str, pd.DataFrame], classings: Mapping[str, Classing]
) -> dict[str, Any]:
    """The words for a unit's figures."""
    results = results_of(page)
    layers: list[dict[str, Any]] = []
    models: list[dict[str, Any]] = []
    for classification in page.classifications:
        classes, _, _, rows = category_classes_of(page, classification)
        layers.append(category_layer_words(classification, classes, page))
        positions = {each.id: index for index, each in enumerate(classes)}
        models.append(classification_panel(page, classification, rows, positions))
    indicators: list[dict[str, Any]] = []
    for variable in page.variables:
        table = tables.get(variable.id, page.table[:0])
        classes = classes_of(variable, *classings[variable.id], page.language)
        layers.append(variable_layer_words(variable, classes, page.language))
        indicators.append(_indicator_words(page, variable, table, results.get(variable.id)))
    words_of_unit = {
        "label": page.unit_label or word("map", "areas", page.language),
        "kinds": _kinds(page),
        "layers": layers,
        "models": models,
        "indicators": indicators,
        "about": about(page),
    }
    if page.side_by_side is not None:
        words_of_unit["side_by_side"] = {
            "heading": page.side_by_side.heading,
            "note": page.side_by_side.note,
            "columns": list(page.side_by_side.columns),
            "labels": [label for label, _ in page.side_by_side.rows],
        }
    if page.overlays:
        words_of_unit["overlays"] = overlay_words(page.overlays)
    if not page.nearest.empty and page.profile is not None:
        words_of_unit["twins_by"] = twins_by(page)
    if page.goals:
        words_of_unit["goals"] = goals_words(page)
    return words_of_unit


def _chart_figures(page: Page, figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the chart of a variable shows besides its figures."""
    if page.charts is None:
        return {}
    names = [each.id for each in page.classifications]
    return chart_figures(page.charts, figures["id"], names, page.periods, figures["decimals"])


def _points_scale(page: Page, classification: str) -> dict[str, Any]:
    """What a classification's points are drawn on, where it gives any."""
    scale = None if page.charts is None else page.charts.scales.get(classification)
    return {} if scale is None else {"scale": {"most": scale.most, "cut_offs": scale.cut_offs}}


def _by_indicator(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby("indicator", sort=False)}


def _opens(page: Page) -> int:
    """The place of the period that the page opens on: the last one, unless it says another."""
    if page.opens_on in page.periods:
        return page.periods.index(page.opens_on)
    return max(len(page.periods) - 1, 0)


def _indicator_words(
    page: Page, variable: Variable, table: pd.DataFrame, results: CriterionLines | None
) -> dict[str, Any]:
    """The words of an indicator's part of the panel."""
    against = reference_word(compared_with(variable, table), page.language)
    data: dict[str, Any] = {
        "label": variable.label,
        "against_words": against,
        "chosen": sentence_case(against),
    }
    if page.charts is not None:
        names = [each.id for each in page.classifications]
        data |= chart_words(page.charts, variable.id, names, page.periods, page.language)
    return data | ({"results": results} if results else {})


def _areas(page: Page, outlines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each area's id, name, place when sorted by name, and outline."""
    names = area_names(page)
    places = name_places(sortable_names(names), page.area_ids)
    return [
        {"id": area, "name": name, "place": place, **outline}
        for area, name, place, outline in zip(page.area_ids, names, places, outlines, strict=True)
    ]


def _kinds(page: Page) -> Sequence[str]:
    """What kind of area each is, in words."""
    kinds = page.areas["kind"] if "kind" in page.areas.columns else [""] * len(page.areas)
    return [word_or_key("area_kinds", text(kind), page.language) for kind in kinds]
