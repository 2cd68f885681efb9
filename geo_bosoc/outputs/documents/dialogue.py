"""The pack for the yearly dialogue with a housing organisation: its areas, their figures, what was agreed. Internal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY, group_area
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.outputs.documents.area_profile import ProfileFigures, profile_name
from geo_bosoc.outputs.documents.document import (
    Block,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    TableCell,
    WordsBox,
)
from geo_bosoc.outputs.documents.figures import Figures
from geo_bosoc.outputs.documents.maps import map_picture
from geo_bosoc.outputs.documents.papers import Papers, document_of, topic_heading, write_document
from geo_bosoc.outputs.documents.report_result import areas_table, changes_blocks, movements
from geo_bosoc.text.catalogue import word

_TOPICS: Final = ("goals", "nominations")
"""What studies tell that belongs on the table."""
_NOTES: Final = 12
"""Lines to write on."""
_MAP_WIDTH: Final = 13.0
"""Unit: cm."""


def write_dialogues(papers: Papers, folder: Path) -> None:
    """Write the packs that are asked for, a Word and an HTML file each, into a folder; of the internal set alone.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    folder : Path
        Where they go.
    """
    if not papers.edition.internal:
        return
    figures = ProfileFigures(papers.published)
    for group in dict.fromkeys(papers.part.dialogue):
        make = partial(dialogue_pack, papers, group, figures=figures)
        write_document(papers, make, folder / profile_name("", group))


def dialogue_pack(papers: Papers, group: str, *, figures: ProfileFigures | None = None) -> Document:
    """The pack of a group of areas as a document.

    Parameters
    ----------
    papers : Papers
        What may be told in the internal set.
    group : str
        One of the results' groups.
    figures : ProfileFigures, optional
        Those of the same results, where they are there already.

    Raises
    ------
    ValueError
        The papers are of the public set.
    """
    if not papers.edition.internal:
        raise ValueError("a pack for a dialogue is of the internal set alone")
    figures = figures or ProfileFigures(papers.published)
    language = papers.language
    title = word("documents", "dialogue_title", language, group=group)
    subtitle = word(
        "documents", "dialogue_subtitle", language, project=papers.published.name, period=figures.last
    )
    return document_of(papers, title, subtitle, _blocks(papers, figures, group))


def _blocks(papers: Papers, figures: ProfileFigures, group: str) -> Iterator[Block]:
    """The pack's parts, in order."""
    published, language = papers.published, papers.language
    areas = [area_id for area_id in published.groups.get(group, ()) if area_id in figures.names]
    names = ", ".join(figures.name(area_id) for area_id in areas)
    yield Paragraph(word("documents", "dialogue_areas", language, names=names), "lead")
    for model in published.models:
        yield Heading(model.label(language))
        yield areas_table(figures, model, areas)
        moves = movements(figures, model)
        yield from changes_blocks(
            papers, figures, model, {area: way for area, way in moves.items() if area in areas}
        )
        yield map_picture(papers, model.id, figures.last, marked=areas, width_cm=_MAP_WIDTH)
    yield Heading(word("documents", "dialogue_agreed", language))
    yield from _agreed(papers, group)
    yield Heading(word("documents", "dialogue_figures", language))
    yield group_table(papers, figures, group)
    for area_id in areas:
        yield Heading(figures.name(area_id), 2)
        yield _area_table(papers, figures, area_id, group)
        topics = papers.of_topics(area_id)
        for topic in _TOPICS:
            if topics.get(topic):
                yield Heading(topic_heading(topic, language), 3)
                yield from topics[topic]
    yield PageBreak()
    yield from _meeting(papers, group)
    yield Paragraph(word("documents", "as_a_whole", language), "note")
    if published.policy.suppresses:
        yield Paragraph(word("common", "suppressed_why", language), "note")


def group_table(papers: Papers, figures: Figures, group: str) -> Table:
    """The figures of a group's areas together, beside all assessed areas and the municipality.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : Figures
        The figures of the same results.
    group : str
        One of the results' groups.
    """
    of_group = group_area(group)
    columns = [(of_group, period) for period in (figures.before, figures.last) if period]
    return _table(
        figures,
        papers.published.indicators,
        [*columns, (ALL_AREAS, figures.last), (MUNICIPALITY, figures.last)],
    )


def _area_table(papers: Papers, figures: Figures, area_id: str, group: str) -> Table:
    """An area's figures beside the group's and the municipality's."""
    shown = [spec for spec in papers.published.indicators if figures.is_there(area_id, spec)]
    columns = [(area_id, period) for period in (figures.before, figures.last) if period]
    others = [(area, figures.last) for area in (group_area(group), MUNICIPALITY)]
    return _table(figures, shown, [*columns, *others])


def _table(figures: Figures, specs: Sequence[Indicator], columns: Sequence[tuple[str, str]]) -> Table:
    """A row for each indicator, a column for each area and period."""
    header = (
        word("documents", "figure", figures.language),
        *(figures.head(area, period) for area, period in columns),
    )
    rows = tuple(
        (
            TableCell(spec.label(figures.language)),
            *(
                figures.cell(area, period, spec)
                if figures.row(area, period, spec.id)
                else TableCell("–", is_number=True, is_quiet=True)
                for area, period in columns
            ),
        )
        for spec in specs
    )
    return Table(header, rows, widths=(2.2, *(1.4 for _ in columns)))


def _agreed(papers: Papers, group: str) -> Iterator[Block]:
    """What was agreed before, and how it stands."""
    language = papers.language
    lines = papers.agreed.get(group, ())
    if not lines:
        yield Paragraph(word("documents", "nothing_agreed", language))
        return
    heads = ("agreed_when", "agreed_what", "agreed_status")
    rows = tuple(tuple(TableCell(text) for text in line) for line in lines)
    yield Table(tuple(word("documents", key, language) for key in heads), rows, widths=(1.0, 4.0, 2.0))


def _meeting(papers: Papers, group: str) -> Iterator[Block]:
    """Room for what is said and agreed, the next meeting, and who was there."""
    language = papers.language
    yield Heading(word("documents", "meeting", language))
    yield WordsBox(word("documents", "meeting_notes", language), lines=_NOTES)
    heads = ("new_agreement", "who_does_it", "by_when")
    yield _form([word("documents", key, language) for key in heads], ["", "", "", ""], (4.0, 2.0, 1.5))
    heads = ("next_meeting", "meeting_date", "meeting_place")
    yield _form([word("documents", key, language) for key in heads], [""], (3.0, 2.0, 2.5))
    yield _form(
        [word("documents", key, language) for key in ("signed_for", "signed_date", "signature")],
        [papers.published.name, group],
        (2.5, 1.5, 3.5),
    )


def _form(heads: Sequence[str], rows: Sequence[str], widths: Sequence[float]) -> Table:
    """A table to fill in: of each row the first cell is given, or empty."""
    blank = (TableCell("\u00a0"),) * (len(heads) - 1)
    lines = tuple((TableCell(first or "\u00a0"), *blank) for first in rows)
    return Table(tuple(heads), lines, widths=tuple(widths))
