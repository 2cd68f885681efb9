"""The profile of an area (Områdeprofil): what it is, how it goes, and what the figures rest on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.documents.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Paragraph,
    Table,
    TableCell,
    WordsBox,
)
from geo_bosoc.outputs.documents.figures import Figures
from geo_bosoc.outputs.documents.papers import TOPICS, Papers, document_of, topic_heading, write_document
from geo_bosoc.outputs.layers import absent, points_text
from geo_bosoc.text.catalogue import word


def write_profiles(papers: Papers, folder: Path) -> None:
    """Write the profiles that are asked for, a Word and an HTML file each, into a folder."""
    figures = Figures(papers.published)
    for area_id in profiled_areas(papers):
        make = partial(area_profile, papers, area_id, figures=figures)
        write_document(papers, make, folder / profile_name(area_id, figures.name(area_id)))


def profiled_areas(papers: Papers) -> list[str]:
    """The ids of the areas that profiles are asked for."""
    choice = papers.part.profiles
    every = [str(area_id) for area_id in papers.published.areas["area_id"]]
    if isinstance(choice, bool):
        return every if choice else []
    return [area_id for area_id in every if area_id in choice]


def profile_name(area_id: str, name: str) -> str:
    """The name of a profile's file, without an ending: plain letters, so that it goes by mail and in a web address.

    >>> profile_name("0001", "Åbyhøj Øst/Vest")
    '0001_aabyhoej_oest_vest'
    """
    text = f"{area_id} {name}".lower()
    for letter, plain in (("å", "aa"), ("æ", "ae"), ("ø", "oe")):
        text = text.replace(letter, plain)
    plain_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain_text).strip("_")[:80]


def area_profile(papers: Papers, area_id: str, *, figures: Figures | None = None) -> Document:
    """The profile of an area as a document.

    Parameters
    ----------
    papers : Papers
        What may be of_studies in the set.
    area_id : str
        One of its areas.
    figures : Figures, optional
        Those of the same results, where they are there already.
    """
    figures = figures or Figures(papers.published)
    subtitle = word(
        "documents", "profile_subtitle", papers.language, project=papers.published.name, period=figures.last
    )
    title = word("documents", "profile_title", papers.language, area=figures.name(area_id))
    return document_of(papers, title, subtitle, _blocks(papers, figures, area_id))


def _blocks(papers: Papers, figures: Figures, area_id: str) -> Iterator[Block]:
    """The profile's parts, in order."""
    language = papers.language
    for model in papers.published.models:
        yield Paragraph(category_sentence(figures, model, area_id), "lead")
    of_studies = papers.of_topics(area_id)
    absent_labels: list[str] = []
    for topic in TOPICS:
        specs = [spec for spec in papers.published.indicators if spec.theme == topic]
        shown = [spec for spec in specs if figures.is_there(area_id, spec)]
        absent_labels += [spec.label(language) for spec in specs if spec not in shown]
        if not shown and not of_studies.get(topic):
            continue
        yield Heading(topic_heading(topic, language))
        if shown:
            yield figures_table(figures, area_id, shown)
        yield from of_studies.get(topic, ())
    yield Heading(word("documents", "coordinator", language))
    yield WordsBox(word("documents", "coordinator_words", language), papers.words.get(area_id, ()))
    if absent_labels:
        yield Paragraph(word("documents", "no_data", language, names=", ".join(absent_labels)), "note")
    yield from definitions(papers)


def category_sentence(figures: Figures, model: Model, area_id: str) -> str:
    """What category an area has, with its points, in this period and the last one."""
    language = figures.language

    def said(period: str) -> str:
        row = figures.category(model, area_id, period)
        category = figures.category_cell(model, area_id, period).text
        points = points_text(row, language, model.kind) if row and not absent(row.get("points")) else ""
        return f"{category} ({points})" if points else category

    name, last = figures.name(area_id), figures.last
    if not figures.before:
        return word("documents", "category_now", language, area=name, period=last, category=said(last))
    return word(
        "documents",
        "category_now_before",
        language,
        area=name,
        period=last,
        category=said(last),
        before=figures.before,
        category_before=said(figures.before),
    )


def figures_table(figures: Figures, area_id: str, specs: Sequence[Indicator]) -> Table:
    """An area's figures now and in the period before, beside those that it is compared with."""
    language = figures.language
    periods = [period for period in (figures.before, figures.last) if period]
    references = list(dict.fromkeys(area for spec in specs for area in figures.references(spec)))
    header = (
        word("documents", "figure", language),
        *(f"{figures.name(area_id)} {period}" for period in periods),
        *(f"{figures.name(area)} {figures.last}" for area in references),
    )
    rows = tuple(
        (
            TableCell(spec.label(language)),
            *(figures.cell(area_id, period, spec) for period in periods),
            *(
                figures.cell(area, figures.last, spec)
                if area in figures.references(spec)
                else TableCell("–", is_number=True, is_quiet=True)
                for area in references
            ),
        )
        for spec in specs
    )
    return Table(header, rows)


def definitions(papers: Papers) -> Iterator[Block]:
    """What each indicator counts, and what is suppressed and why."""
    language = papers.language
    yield Heading(word("documents", "definitions", language))
    yield Bullets(
        tuple(
            f"{spec.label(language)}: {spec.definition(language) or spec.label(language)}"
            for spec in papers.published.indicators
        )
    )
    yield Paragraph(word("common", "suppressed_why", language), "note")
