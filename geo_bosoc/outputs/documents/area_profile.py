"""The profile of an area (Områdeprofil): what it is, how it goes, and what the figures rest on."""

from __future__ import annotations

import multiprocessing
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from joblib.externals.loky import ProcessPoolExecutor

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.provenance import lines_of
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
from geo_bosoc.outputs.documents.maps import map_picture
from geo_bosoc.outputs.documents.papers import TOPICS, Papers, document_of, topic_heading, write_document
from geo_bosoc.outputs.documents.series import breakdown_blocks, breakdowns_of, series_pictures
from geo_bosoc.outputs.layers import points_text
from geo_bosoc.outputs.page.page_model import Explanation
from geo_bosoc.outputs.page.published_page import criterion_lines, explanations_of
from geo_bosoc.outputs.static_map.themes import main_themes
from geo_bosoc.outputs.texts import text
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.provenance import gathered

ENOUGH_FOR_TWO: Final = 12
"""So many profiles take longer than it takes to start a second process."""


class ProfileFigures(Figures):
    """What all profiles of a set are made of: the figures, and what the map's panel says of each category."""

    @cached_property
    def explanations(self) -> dict[str, dict[tuple[str, str], Explanation]]:
        """By model what is said of an area's category in a period."""
        return {model.id: explanations_of(self.published, model) for model in self.published.models}

    @cached_property
    def criteria(self) -> dict[tuple[str, str, str], list[str]]:
        """By area, period and indicator what the models' criteria gave."""
        return criterion_lines(self.published)


def write_profiles(papers: Papers, folder: Path) -> None:
    """Write the profiles that are asked for, a Word and an HTML file each, into a folder.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    folder : Path
        Where they go.
    """
    areas = profiled_areas(papers)
    in_worker = multiprocessing.parent_process() is not None  # a plain Python, which can start another one
    if not in_worker or len(areas) < ENOUGH_FOR_TWO or (os.cpu_count() or 1) == 1:
        _write_profiles_of(papers, areas, folder)
        return
    with ProcessPoolExecutor(max_workers=1) as pool:
        others = pool.submit(_write_profiles_of, papers, areas[1::2], folder)
        _write_profiles_of(papers, areas[::2], folder)
        others.result()


def _write_profiles_of(papers: Papers, areas: Sequence[str], folder: Path) -> None:
    """Write the profiles of some areas."""
    figures = ProfileFigures(papers.published)
    for area_id in areas:
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

    Parameters
    ----------
    area_id, name : str
        Of the area.

    Examples
    --------
    >>> profile_name("0001", "Åbyhøj Øst/Vest")
    '0001_aabyhoej_oest_vest'
    """
    plain = f"{area_id} {name}".lower()
    for letter, letters in (("å", "aa"), ("æ", "ae"), ("ø", "oe")):
        plain = plain.replace(letter, letters)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:80]


def area_profile(papers: Papers, area_id: str, *, figures: ProfileFigures | None = None) -> Document:
    """The profile of an area as a document.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    area_id : str
        One of its areas.
    figures : ProfileFigures, optional
        Those of the same results, where they are there already.
    """
    figures = figures or ProfileFigures(papers.published)
    subtitle = word(
        "documents", "profile_subtitle", papers.language, project=papers.published.name, period=figures.last
    )
    title = word("documents", "profile_title", papers.language, area=figures.name(area_id))
    return document_of(papers, title, subtitle, _blocks(papers, figures, area_id))


def _blocks(papers: Papers, figures: ProfileFigures, area_id: str) -> Iterator[Block]:
    """The profile's parts, in order."""
    language, published = papers.language, papers.published
    for model in published.models:
        yield from _category(figures, model, area_id)
    for model in published.models:
        yield from _criteria(figures, model, area_id)
    of_studies = papers.of_topics(area_id)
    shown = [spec for spec in published.indicators if figures.is_there(area_id, spec)]
    for topic in TOPICS:
        specs = [spec for spec in shown if spec.theme == topic]
        blocks = [*of_studies.get(topic, ())]
        if topic == "change":
            blocks = [
                *series_pictures(figures, area_id, _drawn_as_lines(shown), papers.levels_of(area_id)),
                *blocks,
            ]
        if specs or blocks:
            yield Heading(topic_heading(topic, language))
            yield from _figures(figures, area_id, specs)
            yield from blocks
    yield Heading(word("documents", "coordinator", language))
    yield WordsBox(word("documents", "coordinator_words", language), papers.words.get(area_id, ()))
    yield from _map(papers, figures, area_id)
    yield from definitions(papers, figures, shown)
    left_out = [spec.label(language) for spec in published.indicators if spec not in shown]
    if left_out:
        yield Paragraph(word("documents", "no_data", language, names=", ".join(left_out)), "note")


def _map(papers: Papers, figures: ProfileFigures, area_id: str) -> Iterator[Block]:
    """Where the area lies among the others, by the first model or, without one, the first indicator."""
    themes = main_themes(papers.published)
    if themes and figures.last:
        yield Heading(word("documents", "on_the_map", papers.language))
        yield map_picture(papers, themes[0], figures.last, marked=(area_id,), width_cm=13)


def _drawn_as_lines(specs: Sequence[Indicator]) -> list[Indicator]:
    """Those whose development is drawn: all but the parts of breakdowns, which are drawn as bars."""
    parts = {spec.id for group in breakdowns_of(specs).values() for spec in group}
    return [spec for spec in specs if spec.id not in parts]


def _category(figures: ProfileFigures, model: Model, area_id: str) -> Iterator[Block]:
    """What category the area has, what moved it, and how sure it is."""
    language = figures.language
    yield Paragraph(category_sentence(figures, model, area_id), "lead")
    said = figures.explanations[model.id].get((area_id, figures.last), Explanation())
    if said.before is not None and said.before.moves:
        moves = ", ".join(f"{name} {size}".strip() for name, size in said.before.moves)
        key = "moved" if said.before.is_complete else "moved_in_part"
        yield Paragraph(word("documents", key, language, before=figures.before, moves=moves))
    for flag in said.flags:
        yield Paragraph(f"{flag['label']}: {flag['answer']}.")
    if said.possible:
        yield Paragraph(word("documents", "possible", language, names=", ".join(said.possible)))
    if said.unsettled:
        yield Paragraph(word("documents", "unsettled", language, names=", ".join(said.unsettled)))
    for line in (*said.stability, *said.notes):
        yield Paragraph(line, "note")


def category_sentence(figures: Figures, model: Model, area_id: str) -> str:
    """What category an area has, with its points, in this period and the last one.

    Parameters
    ----------
    figures : Figures
        Whose they are.
    model : Model
        Whose category it is.
    area_id : str
        The area.
    """
    language = figures.language

    def said(period: str) -> str:
        row = figures.category(model, area_id, period)
        category = figures.category_cell(model, area_id, period).text
        points = points_text(row, language, model.kind) if row else ""
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


def _criteria(figures: ProfileFigures, model: Model, area_id: str) -> Iterator[Block]:
    """What the category rests on: each criterion's figure, what it is compared with, and what it gives."""
    language, last = figures.language, figures.last
    specs = {spec.id: spec for spec in figures.published.indicators}
    sentences = figures.explanations[model.id].get((area_id, last), Explanation()).criteria
    rows = []
    for criterion in model.criterion:
        spec = specs.get(criterion.indicator)
        if spec is None or model.kind == "index":
            continue
        gives = "; ".join(figures.criteria.get((area_id, last, spec.id), ()))
        hidden = not gives and figures.cell(area_id, last, spec).is_quiet
        compared = figures.cell(criterion.reference_area, last, spec)
        rows.append(
            (
                TableCell(criterion.label(language)),
                figures.cell(area_id, last, spec),
                TableCell("–", is_number=True) if compared.is_quiet else compared,
                figures.cell(area_id, last, spec) if hidden else TableCell(gives or "–", is_number=True),
            )
        )
    if not rows and not sentences:
        return
    yield Heading(word("documents", "criteria", language, model=model.label(language)))
    if rows and not sentences:
        header = (
            word("documents", "criterion", language),
            figures.head(area_id, last),
            f"{word('documents', 'compared_with', language)} {last}",
            word("documents", "gives", language),
        )
        yield Table(header, tuple(rows), widths=(5, 2, 2, 2))
    if sentences:
        yield Bullets(tuple(sentences))


def _figures(figures: Figures, area_id: str, specs: Sequence[Indicator]) -> Iterator[Block]:
    """The figures of a topic: a table, and bars of what are parts of a whole."""
    breakdowns = breakdowns_of(specs)
    parts = {spec.id for group in breakdowns.values() for spec in group}
    alone = [spec for spec in specs if spec.id not in parts]
    if alone:
        yield figures_table(figures, area_id, alone)
    for name, group in breakdowns.items():
        title = word_or_key("documents", f"breakdown_{name}", figures.language)
        yield from breakdown_blocks(figures, area_id, title.removeprefix("breakdown_"), group)


def figures_table(figures: Figures, area_id: str, specs: Sequence[Indicator]) -> Table:
    """An area's figures now and in the period before, beside those that it is compared with.

    Parameters
    ----------
    figures : Figures
        Whose they are.
    area_id : str
        The area.
    specs : sequence of Indicator
        A row each.
    """
    language = figures.language
    periods = [period for period in (figures.before, figures.last) if period]
    references = list(dict.fromkeys(area for spec in specs for area in figures.references(spec)))
    header = (
        word("documents", "figure", language),
        *(figures.head(area_id, period) for period in periods),
        *(figures.head(area, figures.last) for area in references),
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
    return Table(header, rows, widths=(max(1.7, 5.2 - len(header)), *([1.0] * (len(header) - 1))))


def definitions(papers: Papers, figures: Figures, specs: Sequence[Indicator]) -> Iterator[Block]:
    """What each indicator counts and where it comes from, what is assumed, and what is suppressed and why.

    Parameters
    ----------
    papers : Papers
        Whose they are.
    figures : Figures
        The figures of these.
    specs : sequence of Indicator
        The indicators that the document shows.
    """
    language, published = papers.language, papers.published
    yield Heading(word("documents", "definitions", language))
    header = (word("documents", "figure", language), word("documents", "counts_what", language),
              word("documents", "comes_from", language))  # fmt: skip
    rows = tuple(
        (
            TableCell(spec.label(language)),
            TableCell(spec.definition(language)),
            TableCell("; ".join(lines_of(published.sources, spec.id, figures.last, language))),
        )
        for spec in specs
    )
    yield Table(header, rows, widths=(2, 4, 2.4))
    assumed: list[str] = []
    for model in published.models:
        assumed += _assumptions(model, specs, language)
    if assumed:
        yield Heading(word("documents", "assumed", language), 2)
        yield Bullets(tuple(assumed))
    if published.policy.suppresses:
        yield Paragraph(word("common", "suppressed_why", language), "note")
    yield Paragraph(word("documents", "as_a_whole", language), "note")


def _assumptions(model: Model, specs: Sequence[Indicator], language: str) -> list[str]:
    """What rests on an assumption of ours: in the model's bands and limits, and in the indicators."""
    parts = [(spec.label(language), spec) for spec in specs]
    every = gathered([("", model), *parts], language)
    return [f"{what}: {text(assumption)}" if what else text(assumption) for what, assumption in every]
