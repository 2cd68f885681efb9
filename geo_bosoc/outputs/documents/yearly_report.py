"""The yearly report (Boligsocial årsrapport): what came out, what moved, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.documents.area_profile import definitions
from geo_bosoc.outputs.documents.document import Block, Document, Heading, Paragraph, Table, TableCell
from geo_bosoc.outputs.documents.figures import Figures, category_fill
from geo_bosoc.outputs.documents.papers import TOPICS, Papers, document_of, topic_heading, write_document
from geo_bosoc.outputs.layers import text
from geo_bosoc.outputs.texts import category_counts, class_word, criterion_labels, readable
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number


def write_report(papers: Papers, docx: Path, html: Path) -> None:
    """Write the yearly report where it is asked for, as a Word and an HTML file of one name."""
    assert docx.with_suffix("") == html.with_suffix("")
    if papers.part.report:
        write_document(papers, partial(yearly_report, papers), docx.with_suffix(""))


def yearly_report(papers: Papers) -> Document:
    """The yearly report as a document.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    """
    figures = Figures(papers.published)
    title = word("documents", "report_title", papers.language)
    subtitle = word(
        "documents", "report_subtitle", papers.language, project=papers.published.name, period=figures.last
    )
    return document_of(papers, title, subtitle, _blocks(papers, figures))


def _blocks(papers: Papers, figures: Figures) -> Iterator[Block]:
    """The report's parts, in order."""
    language = papers.language
    for model in papers.published.models:
        yield Heading(model.label(language))
        yield Paragraph(counts_sentence(papers, model, figures.last), "lead")
        yield _counts(papers, figures, model)
        yield _areas(papers, figures, model)
        yield from _changes(papers, figures, model)
    for topic, blocks in sorted(papers.of_topics().items(), key=lambda item: TOPICS.index(item[0])):
        yield Heading(topic_heading(topic, language))
        yield from blocks
    for problem in papers.published.report.warnings:
        yield Paragraph(str(problem), "note")
    yield from definitions(papers, figures, papers.published.indicators)


def counts_sentence(papers: Papers, model: Model, period: str) -> str:
    """How many areas there are in each category, in a sentence; categories without areas are left out.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    model : Model
        Whose categories they are.
    period : str
        One of the results' periods.
    """
    language = papers.language
    counts = category_counts(papers.published)[model.id].get(period, {})
    parts = [
        f"{number(count, language)} {class_word(model, name, language)}"
        for name, count in counts.items()
        if count
    ]
    return word("documents", "counts", language, period=period, counts=", ".join(parts))


def _counts(papers: Papers, figures: Figures, model: Model) -> Table:
    """How many areas each category has, now and before."""
    language = papers.language
    counts = category_counts(papers.published)[model.id]
    periods = [period for period in (figures.before, figures.last) if period]
    names = list(dict.fromkeys(name for period in periods for name in counts.get(period, {})))
    rows = tuple(
        (
            TableCell(class_word(model, name, language), fill=category_fill(model, name)),
            *(
                TableCell(number(counts.get(period, {}).get(name, 0), language), is_number=True)
                for period in periods
            ),
        )
        for name in names
        if any(counts.get(period, {}).get(name) for period in periods)
        or name in {c.id for c in model.category}
    )
    return Table((word("tables", "category", language), *periods), rows)


def _changes(papers: Papers, figures: Figures, model: Model) -> Iterator[Block]:
    """The areas that have another category than in the period before, and what moved their points."""
    language, last, before = papers.language, figures.last, figures.before
    if not before:
        return
    labels = criterion_labels(papers.published)
    rows = [
        (
            TableCell(figures.name(area_id)),
            figures.category_cell(model, area_id, before),
            figures.category_cell(model, area_id, last),
            TableCell(readable(text(figures.category(model, area_id, last).get("moved_by")), labels)),
        )
        for area_id in sorted(figures.names, key=lambda area_id: (figures.name(area_id), area_id))
        if figures.category_class(model, area_id, before) != figures.category_class(model, area_id, last)
    ]
    yield Heading(word("documents", "changes", language, before=before, period=last), 2)
    if not rows:
        yield Paragraph(word("documents", "no_changes", language))
        return
    header = (word("tables", "name", language), before, last, word("tables", "moved_by", language))
    yield Table(header, tuple(rows))


def _areas(papers: Papers, figures: Figures, model: Model) -> Table:
    """Each area's category, the worst first."""
    language = papers.language
    order = {category.id: rank for rank, category in enumerate(model.category)}

    def rank(area_id: str) -> tuple[float, str, str]:
        name = figures.category_class(model, area_id, figures.last)
        return order.get(name, len(order)), figures.name(area_id), area_id

    periods = [period for period in (figures.before, figures.last) if period]
    header = (word("tables", "name", language), word("tables", "residents", language), *periods)
    rows = tuple(
        (
            TableCell(figures.name(area_id)),
            figures.residents(area_id, figures.last),
            *(figures.category_cell(model, area_id, period) for period in periods),
        )
        for area_id in sorted(figures.names, key=rank)
    )
    return Table(header, rows)
