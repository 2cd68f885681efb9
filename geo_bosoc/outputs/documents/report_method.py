"""How sure the yearly report's figures are, in plain words, and by which rules the areas were categorised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from geo_bosoc.disclosure.results import threshold_sentences
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.describe import category_text, criterion_text
from geo_bosoc.models.uncertainty.robustness import LIKELY_BY_CHANCE
from geo_bosoc.outputs.documents.document import Block, Bullets, Heading, Paragraph, Table, TableCell
from geo_bosoc.outputs.documents.figures import Figures, category_fill
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.texts import absent, possible_of, sentence_case
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

_HOLDS: Final = 0.9
"""From which share of draws on the report says that a category holds."""


def doubt_blocks(papers: Papers, figures: Figures) -> Iterator[Block]:
    """How sure the figures are: small numbers, what is shown as several categories, intervals, draws and chance.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : Figures
        The figures of the same results.
    """
    language, published = papers.language, papers.published
    yield Heading(word("documents", "doubt", language))
    items = []
    if published.policy.suppresses:
        items += [
            word("common", "suppressed_why", language),
            *threshold_sentences(published.policy, language),
        ]
    hidden = _hidden(figures)
    if hidden:
        items.append(
            word("documents", "doubt_hidden", language, period=figures.last, count=hidden[0], total=hidden[1])
        )
    items.append(word("documents", "doubt_intervals", language))
    yield Bullets(tuple(items))
    for model in published.models:
        of_model = list(_doubt_of_model(figures, model))
        if len(published.models) > 1 and of_model:
            yield Heading(model.label(language), 2)
        if of_model:
            yield Bullets(tuple(of_model))


def _hidden(figures: Figures) -> tuple[str, str] | None:
    """How many of the areas' figures of the last period are hidden, and of how many; None where none is."""
    table = figures.published.table
    rows = table[table["period"] == figures.last]
    count = int((rows["status"] == "protected").sum())
    return (number(count, figures.language), number(len(rows), figures.language)) if count else None


def _doubt_of_model(figures: Figures, model: Model) -> Iterator[str]:
    """What is to be said of a model's categories in the last period."""
    language, last = figures.language, figures.last
    classes = {area_id: figures.category_class(model, area_id, last) for area_id in figures.names}
    counts: dict[str, Any] = {"period": last, "total": number(len(classes), language)}
    ranges = sum(possible_of(name) is not None for name in classes.values())
    key = "doubt_ranges" if ranges else "doubt_no_ranges"
    yield word("documents", key, language, **counts, count=number(ranges, language))
    without = sum(name in {"", *(each.id for each in NOT_ASSESSED)} for name in classes.values())
    if without:
        yield word("documents", "doubt_not_assessed", language, **counts, count=number(without, language))
    rows = {area_id: figures.category(model, area_id, last) for area_id in classes}
    drawn = {area_id: float(row["held"]) for area_id, row in rows.items() if not absent(row.get("held"))}
    if drawn:
        sure = sum(share >= _HOLDS for share in drawn.values())
        least = min(drawn, key=lambda area_id: (drawn[area_id], figures.name(area_id), area_id))
        yield word(
            "documents",
            "doubt_draws",
            language,
            count=number(sure, language),
            total=number(len(drawn), language),
            share=number(100 * _HOLDS, language),
            area=figures.name(least),
            least=number(100 * drawn[least], language),
        )
    if any(not absent(row.get("change_by_chance")) for row in rows.values()):
        yield word("documents", "doubt_chance", language, limit=number(100 * LIKELY_BY_CHANCE, language))


def method_blocks(papers: Papers, model: Model) -> Iterator[Block]:
    """By which rules a model gives an area its category, and where they are from.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    model : Model
        One of its models.
    """
    language = papers.language
    yield Heading(word("documents", "method", language, model=model.label(language)))
    source = model.source_text(language)
    facts = [
        word("documents", "method_model", language, model=model.label(language), version=model.version),
        f"{word('descriptions', 'source', language)}: {source}" if source else "",
        model.notice(language) or "",
        model.case_state(language) or "",
        word("descriptions", "pooled", language, years=model.pool_years) if model.pool_years > 1 else "",
        word(
            "descriptions",
            "hold",
            language,
            size=number(model.hold, language, 0 if model.hold.is_integer() else 1),
        )
        if model.hold
        else "",
    ]
    yield from (Paragraph(fact) for fact in facts if fact)
    if model.gates:
        yield Paragraph(word("descriptions", "gates", language))
        yield Bullets(tuple(_gates(papers, model)))
    rows = tuple(
        (
            TableCell(criterion.label(language)),
            TableCell(sentence_case(criterion_text(model, criterion, language))),
        )
        for criterion in model.criterion
    )
    heads = (word("documents", "criterion", language), word("documents", "how_judged", language))
    yield Table(heads, rows, widths=(2, 4))
    categories = tuple(
        (
            TableCell(category.label(language), fill=category_fill(model, category.id)),
            TableCell(sentence_case(category_text(model, category, language).strip())),
        )
        for category in model.category
    )
    heads = (word("tables", "category", language), word("documents", "what_it_takes", language))
    yield Table(heads, categories, widths=(2, 4))
    for parameter in model.parameter:
        yield Paragraph(_parameter(parameter, papers), "note")


def _gates(papers: Papers, model: Model) -> Iterator[str]:
    """What an area must meet to be assessed, a line each."""
    language = papers.language
    labels = {spec.id: spec.label(language) for spec in papers.published.indicators}
    for gate in model.gates:
        what = labels.get(gate.indicator) or word("descriptions", "residents", language)
        source = gate.source_text(language)
        line = f"{what} {word('operators', gate.operator, language)} {number(gate.threshold, language)}"
        yield f"{line} ({source})" if source else line


def _parameter(parameter: Any, papers: Papers) -> str:
    """A dated figure from outside that the model takes."""
    language = papers.language
    name = (
        (parameter.label_da if language == "da" else parameter.label_en) or parameter.label_en or parameter.id
    )
    values = ", ".join(
        f"{year}: {number(dated.value / dated.times, language, 3)}"
        for year, dated in sorted(parameter.values.items())
    )
    return f"{name} ({word('descriptions', 'per_cent', language)}): {values}"
