"""A page as plain data for its scripts: areas, layers, panels, and what is said about the figures.

Every number is text here, in the language's own form; a suppressed cell gives no more than its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import stamps, threshold_sentences
from geo_bosoc.outputs.columns import column_words
from geo_bosoc.outputs.layers import absent, by_area, category_layer, text, variable_layer
from geo_bosoc.outputs.page.geometry_encoding import area_outlines, bounds_of, context_layers, overlay_data
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.page.side_panel import RESIDENTS, classification_panel, twins_panel, variable_panel
from geo_bosoc.outputs.thematic_map import Classification, area_names, sortable_names
from geo_bosoc.text.catalogue import Language, word, word_or_key, words
from geo_bosoc.text.numbers import day, number


def encode_page(page: Page) -> dict[str, Any]:
    """All that a page shows, as plain data for its scripts.

    Returns
    -------
    dict
        ``language, title, name, notices, words, periods, bounds, context, areas, overlays, layers, models,
        indicators, about``, and ``twins`` and ``goals`` where the page has any. Lists by period follow `page.periods`,
        lists by area `page.areas`; layers are the classifications' first.
    """
    names = area_names(page)
    sort_names = sortable_names(names)
    tables, reference_tables = (
        {key: by_area(part) for key, part in frame.groupby("indicator", sort=False)}
        for frame in (page.table, page.reference_areas)
    )
    layers: list[dict[str, Any]] = []
    models: list[dict[str, Any]] = []
    for classification in page.classifications:
        layer, classes, rows = category_layer(page, classification, sort_names)
        layers.append(layer)
        positions = {each.id: index for index, each in enumerate(classes)}
        models.append(classification_panel(page, classification, rows, positions))
        if classification.id in page.without_card:
            models[-1]["card"] = False
    indicators: list[dict[str, Any]] = []
    for variable in page.variables:
        rows = tables.get(variable.id, {})
        layer = variable_layer(page, variable, rows, sort_names)
        panel = variable_panel(page, variable, rows, reference_tables.get(variable.id, {}))
        layer["notes"] = [[cell["value"] for cell in line] for line in panel["cells"]]
        layers.append(layer | {"indicator": len(indicators)})
        indicators.append(panel)
    alike = twins_panel(page)
    return {
        "language": page.language,
        "title": page.title,
        "name": page.name,
        "notices": notices(page),
        "words": {
            **words("map", page.language),
            "suppressed_why": word("common", "suppressed_why", page.language),
        },
        "periods": page.periods,
        "bounds": bounds_of(page.areas),
        "context": context_layers(page.context, page.areas),
        "areas": _areas(page, names),
        "overlays": overlay_data(page.overlays, page.area_ids),
        "layers": layers,
        "models": models,
        "indicators": indicators,
        "about": about(page),
        **({"twins": alike} if alike else {}),
        **({"goals": _goals(page)} if page.goals else {}),
    }


def _goals(page: Page) -> list[dict[str, Any]]:
    """The goals with how they stand in each period; ``area`` is the place among the areas, or None."""
    positions = {area: index for index, area in enumerate(page.area_ids)}
    return [
        {
            "area": positions.get(goal.area_id),
            "place": goal.place,
            "label": goal.label,
            "indicator": goal.indicator,
            "standings": [
                None if standing is None else asdict(standing)
                for standing in map(goal.standings.get, page.periods)
            ],
        }
        for goal in page.goals
    ]


def notices(page: Page) -> list[dict[str, str]]:
    """What must be said on the page: made-up data, internal use, small numbers shown, the use of origin."""
    stamped = [{"kind": stamp.kind, "text": stamp.text} for stamp in stamps(page)]
    return stamped + [{"kind": "origin", "text": notice} for notice in page.origin_notices]


def about(page: Page) -> dict[str, Any]:
    """The page's "About the figures".

    Returns
    -------
    dict
        ``indicators`` (label, definition, assumption, source), ``sources`` (by period, one row a variable:
        ``[label, register, period, status date, source]``), ``models`` with their assumptions, ``notes`` and
        ``protection`` (what is not shown).
    """
    language = page.language
    return {
        "indicators": [
            {
                "label": variable.label,
                "definition": variable.definition,
                "assumption": variable.assumption,
                "source": variable.source,
            }
            for variable in page.variables
        ],
        "sources": [_sources(page, period) for period in page.periods],
        "models": [_about_classification(each, language) for each in page.classifications],
        "notes": list(page.notes),
        "protection": _protection(page.edition.policy, language),
    }


def _protection(policy: Policy, language: Language) -> str:
    """What is not shown, of figures and of areas."""
    if not policy.suppresses:
        return ""
    rule = word("map", "protection", language, minimum=policy.minimum)
    return " ".join([rule, *threshold_sentences(policy, language)])


def _about_classification(classification: Classification, language: str) -> dict[str, Any]:
    return {
        "label": classification.label,
        "version": f"{classification.id}, {word('map', 'version', language)} {classification.version}",
        "notice": " ".join(filter(None, (classification.notice, classification.case_state))),
        "source": classification.source,
        "gates": list(classification.gates),
        "assumptions": [list(pair) for pair in classification.assumptions],
    }


def _sources(page: Page, period: str) -> list[list[str]]:
    labels = {variable.id: variable.label for variable in page.variables}
    labels.setdefault(RESIDENTS, column_words([RESIDENTS], {}, page.language)[RESIDENTS])
    order = {key: index for index, key in enumerate(labels)}
    rows = page.sources[page.sources["period"].astype(str) == period].to_dict("records")
    rows = sorted(rows, key=lambda row: order.get(str(row["indicator"]), len(order)))
    return [
        [
            labels.get(str(row["indicator"]), str(row["indicator"])),
            word_or_key("registers", text(row.get("register")), page.language),
            text(row.get("data_period")),
            day(row.get("status_date"), page.language),
            text(row.get("source")),
        ]
        for row in rows
    ]


def _areas(page: Page, names: Sequence[str]) -> list[dict[str, Any]]:
    language = page.language
    residents = by_area(page.residents)
    kinds = page.areas["kind"] if "kind" in page.areas.columns else [""] * len(page.areas)
    encoded = []
    for area, name, kind, outline in zip(
        page.areas["area_id"], names, kinds, area_outlines(page.areas), strict=True
    ):
        counts: list[Any] = [residents.get((str(area), each), {}).get("residents") for each in page.periods]
        encoded.append(
            {
                "id": str(area),
                "name": name,
                "kind": word_or_key("area_kinds", text(kind), language),
                "residents": [
                    ""
                    if absent(count)
                    else word("map", "residents", language, count=number(int(count), language))
                    for count in counts
                ],
                **outline,
            }
        )
    return encoded
