"""The yearly report (Boligsocial årsrapport): what came out, what moved, each figure, and how sure all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.outputs.documents.area_profile import ProfileFigures, definitions
from geo_bosoc.outputs.documents.document import (
    Block,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    TableCell,
)
from geo_bosoc.outputs.documents.figures import Figures
from geo_bosoc.outputs.documents.maps import map_picture
from geo_bosoc.outputs.documents.papers import TOPICS, Papers, document_of, topic_heading, write_document
from geo_bosoc.outputs.documents.report_method import doubt_blocks, method_blocks
from geo_bosoc.outputs.documents.report_result import result_blocks
from geo_bosoc.outputs.documents.series import breakdown_blocks, breakdowns_of, ranking_picture
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import word, word_or_key

_MOST_COLUMNS: Final = 6
"""Periods in the tables of the references: what a page is wide enough for."""
_MOST_AREAS: Final = 18
"""Areas in a ranking: with map and table a figure fills a page."""
_MAP_WIDTH: Final = 12.0
"""Unit: cm."""


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
    figures = ProfileFigures(papers.published)
    title = word("documents", "report_title", papers.language)
    subtitle = word(
        "documents", "report_subtitle", papers.language, project=papers.published.name, period=figures.last
    )
    return document_of(papers, title, subtitle, _blocks(papers, figures))


def _blocks(papers: Papers, figures: ProfileFigures) -> Iterator[Block]:
    """The report's parts, in order."""
    published, language = papers.published, papers.language
    for model in published.models:
        yield from result_blocks(papers, figures, model)
    if not published.models:
        count = len(figures.names)
        yield Paragraph(
            word("documents", "without_model", language, count=count, period=figures.last), "lead"
        )
    yield from _topics(papers, figures)
    yield from doubt_blocks(papers, figures)
    for model in published.models:
        yield from method_blocks(papers, model)
    yield from definitions(papers, figures, published.indicators)


def _topics(papers: Papers, figures: Figures) -> Iterator[Block]:
    """Topic by topic the figures of all areas, and what the studies tell of all of them."""
    of_studies = papers.of_topics()
    for topic in TOPICS:
        specs = [spec for spec in papers.published.indicators if spec.theme == topic]
        blocks = of_studies.get(topic, [])
        if not specs and not blocks:
            continue
        breakdowns = breakdowns_of(specs)
        parts = {spec.id for group in breakdowns.values() for spec in group}
        alone = [spec for spec in specs if spec.id not in parts]
        if alone:
            yield PageBreak()
        yield Heading(topic_heading(topic, papers.language))
        for place, spec in enumerate(alone):
            if place:
                yield PageBreak()
            yield from indicator_blocks(papers, figures, spec)
        for name, group in breakdowns.items():
            title = word_or_key("documents", f"breakdown_{name}", papers.language)
            yield from breakdown_blocks(figures, ALL_AREAS, title.removeprefix("breakdown_"), group)
        yield from blocks


def indicator_blocks(papers: Papers, figures: Figures, spec: Indicator) -> Iterator[Block]:
    """What is said of an indicator: in words, as a map, as a ranking, and what the areas are compared with.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : Figures
        Its figures.
    spec : Indicator
        The indicator.
    """
    label = spec.label(papers.language)
    if label != topic_heading(spec.theme, papers.language):
        yield Heading(label, 2)
    sentences = [*_extremes(figures, spec), *_all_together(figures, spec)]
    if not sentences:
        yield Paragraph(word("documents", "nothing_shown", papers.language, period=figures.last))
    else:
        yield Paragraph(" ".join(sentences))
    yield from _references(figures, spec)
    if sentences:
        ranking = ranking_picture(figures, spec, most=_MOST_AREAS)
        yield from [] if ranking is None else [ranking]
        yield map_picture(papers, spec.id, figures.last, width_cm=_MAP_WIDTH)


def _extremes(figures: Figures, spec: Indicator) -> Iterator[str]:
    """Which areas have the highest and the lowest figure."""
    period = figures.last
    values = {area: figures.value(area, period, spec) for area in figures.names}
    shown = {area: value for area, value in values.items() if value is not None}
    if not shown:
        return
    order = sorted(shown, key=lambda area: (-shown[area], figures.name(area), area))

    def said(area: str) -> str:
        return f"{figures.name(area)} ({figures.cell(area, period, spec).text})"

    if len(order) == 1:
        yield word("documents", "one_shown", figures.language, period=period, area=said(order[0]))
        return
    yield word(
        "documents",
        "extremes",
        figures.language,
        period=period,
        highest=said(order[0]),
        lowest=said(order[-1]),
    )


def _all_together(figures: Figures, spec: Indicator) -> Iterator[str]:
    """How all areas together have developed, beside the municipality."""
    language, last, before = figures.language, figures.last, figures.before

    def cell(area: str, period: str) -> str:
        shown_cell = figures.cell(area, period, spec)
        return "" if shown_cell.is_quiet else shown_cell.text

    areas = cell(ALL_AREAS, last)
    if areas and before and cell(ALL_AREAS, before):
        yield word(
            "documents",
            "areas_then_now",
            language,
            before=before,
            figure_before=cell(ALL_AREAS, before),
            period=last,
            figure=areas,
        )
    elif areas:
        yield word("documents", "areas_now", language, period=last, figure=areas)
    if municipality := cell(MUNICIPALITY, last):
        yield word("documents", "municipality_now", language, figure=municipality)


def _references(figures: Figures, spec: Indicator) -> Iterator[Table]:
    """What the areas are compared with, over the periods."""
    periods = figures.periods[-_MOST_COLUMNS:]
    rows = [
        (
            TableCell(sentence_case(figures.name(area))),
            *(figures.cell(area, period, spec) for period in periods),
        )
        for area in figures.references(spec)
    ]
    if rows:
        header = (word("documents", "compared_with", figures.language), *periods)
        yield Table(header, tuple(rows), widths=_widths(periods))


def _widths(periods: Sequence[str]) -> tuple[float, ...]:
    return (3.0, *(1.0 for _ in periods))
