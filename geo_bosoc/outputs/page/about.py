"""The page's "About the figures": sources, definitions, the models' assumptions, notes on the data."""

from __future__ import annotations

from typing import Any

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.suppress import RESIDENTS
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.columns import column_words
from geo_bosoc.outputs.layers import plain_number, text
from geo_bosoc.outputs.map_texts import word
from geo_bosoc.text.numbers import day, register_word
from geo_bosoc.text.provenance import Provenance, gathered


def about(published: PublishedResults) -> dict[str, Any]:
    """Sources by period, models with their assumptions, notes, and what is not shown.

    Returns
    -------
    dict
        ``indicators`` (label, definition, assumption, source), ``sources`` (by period, one row an indicator:
        ``[label, register, period, status date, source]``), ``models``, ``notes`` (the run's warnings) and
        ``protection``.
    """
    language = published.language
    return {
        "indicators": [
            {
                "label": indicator.label(language),
                "definition": indicator.definition(language),
                "assumption": indicator.assumption_text(language),
                "source": indicator.source_text(language),
            }
            for indicator in published.indicators
        ],
        "sources": [_sources(published, period) for period in published.periods],
        "models": [_model(model, published) for model in published.models],
        "notes": [str(problem) for problem in published.report.warnings],
        "protection": word("protection", language, minimum=published.minimum) if published.guard else "",
    }


def _sources(published: PublishedResults, period: str) -> list[list[str]]:
    labels = {indicator.id: indicator.label(published.language) for indicator in published.indicators}
    labels.setdefault(RESIDENTS, column_words([RESIDENTS], {}, published.language)[RESIDENTS])
    order = {key: index for index, key in enumerate(labels)}
    rows = published.sources[published.sources["period"].astype(str) == period].to_dict("records")
    rows = sorted(rows, key=lambda row: order.get(str(row["indicator"]), len(order)))
    return [
        [
            labels.get(str(row["indicator"]), str(row["indicator"])),
            register_word(text(row.get("register")), published.language),
            text(row.get("data_period")),
            day(row.get("status_date"), published.language),
            text(row.get("source")),
        ]
        for row in rows
    ]


def _model(model: Model, published: PublishedResults) -> dict[str, Any]:
    language = published.language
    labels = {indicator.id: indicator.label(language) for indicator in published.indicators}
    parts: list[tuple[str, Provenance]] = [("", model)]
    parts += [(_gate(gate, labels, language), gate) for gate in model.gates]
    parts += [
        (labels.get(criterion.indicator) or criterion.label(language), criterion)
        for criterion in model.criterion
    ]
    parts += [(category.label(language), category) for category in model.category]
    return {
        "label": model.label(language),
        "version": f"{model.id}, {word('version', language)} {model.version}",
        "notice": " ".join(filter(None, (model.notice(language), model.case_state(language)))),
        "source": model.source_text(language),
        "gates": [_gate(gate, labels, language) for gate in model.gates],
        "assumptions": [list(pair) for pair in gathered(parts, language)],
    }


def _gate(gate: Any, labels: dict[str, str], language: str) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(gate.operator, gate.operator)
    threshold = plain_number(gate.threshold, language)
    if gate.indicator == "residents":
        return f"{sign} " + word("residents", language, count=threshold)
    return f"{labels.get(gate.indicator, gate.indicator)} {sign} {threshold}"
