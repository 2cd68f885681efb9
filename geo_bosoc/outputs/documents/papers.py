"""What papers are made of: the published results of a set, and what the studies tell in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.results import OfPublished, PublishedResults, stamps
from geo_bosoc.outputs.documents.document import Block, Document, LevelsOf, SectionsOf
from geo_bosoc.outputs.documents.html_file import write_html
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.outputs.documents.word_file import write_word
from geo_bosoc.outputs.documents.word_template import is_word_installed
from geo_bosoc.outputs.static_map.content import Chance
from geo_bosoc.text.catalogue import Language, word

TOPICS: Final = (
    "residents",
    "children",
    "youth",
    "employment",
    "income",
    "health",
    "safety",
    "dwellings",
    "surroundings",
    "moves",
    "citizenship",
    "other",
    "change",
    "goals",
    "agreed",
    "nominations",
)
"""What papers are about, in their order: the themes of indicators, and what studies alone tell of."""


@dataclass(frozen=True)
class Papers(OfPublished):
    """The results that the papers of a set are made of.

    Attributes
    ----------
    published : PublishedResults
        What the set publishes.
    part : DocumentsPart
        Which papers, and in what dress.
    folder : Path
        What `part` names files from: the project file's.
    sections : tuple of SectionsOf
        What the studies tell of an area, or of all of them.
    levels : tuple of LevelsOf
        The levels that studies know the figures of an area are to reach: drawn in plots of lines.
    words : mapping of str to tuple of str
        The local coordinators' words by area, a paragraph each.
    agreed : mapping of str to tuple of (str, str, str)
        By group what was agreed: period, text, status.
    by_chance : mapping of (str, str, str, str) to str
        Whether chance may have changed a category, as the follow-up says it: yes, no or cannot_tell, by model, area,
        the period before and the period.
    drawings : dict
        What has been drawn for several documents, so that it is drawn once (`map_picture`).
    """

    published: PublishedResults
    part: DocumentsPart
    folder: Path = Path()
    sections: tuple[SectionsOf, ...] = ()
    levels: tuple[LevelsOf, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agreed: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    by_chance: Mapping[tuple[str, str, str, str], Chance] = field(default_factory=dict)
    drawings: dict[Hashable, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def template(self) -> Path | None:
        """The municipality's Word file."""
        return None if self.part.template is None else self.folder / self.part.template

    def levels_of(self, area_id: str) -> dict[str, tuple[float, str]]:
        """The levels that an area's figures are to reach, by indicator, and what they are called."""
        return {name: level for levels_of in self.levels for name, level in levels_of(area_id).items()}

    def of_topics(self, area_id: str = ALL_AREAS) -> dict[str, list[Block]]:
        """What the studies tell of an area, by topic."""
        topics: dict[str, list[Block]] = {}
        for sections_of in self.sections:
            for topic, blocks in sections_of(area_id).items():
                topics.setdefault(topic, []).extend(blocks)
        return topics


def topic_heading(topic: str, language: Language) -> str:
    """The heading of a topic.

    >>> topic_heading("employment", "da")
    'Beskæftigelse'
    """
    return word("documents", f"topic_{topic}", language)


def document_of(papers: Papers, title: str, subtitle: str, blocks: Iterator[Block]) -> Document:
    """A document of a set: with its stamps, and at its foot whose it is and by which models."""
    published, language = papers.published, papers.language
    models = ", ".join(
        f"{model.id}, {word('tables', 'version', language)} {model.version}" for model in published.models
    )
    return Document(
        title=title,
        subtitle=subtitle,
        language=language,
        blocks=tuple(blocks),
        stamps=tuple(stamps(papers)),
        footer=" · ".join(text for text in (published.name, models) if text),
        file_date=papers.file_date,
    )


def write_document(papers: Papers, make: Callable[[], Document], path: Path) -> None:
    """Write a document in the forms that are asked for.

    Parameters
    ----------
    papers : Papers
        Whose it is.
    make : callable
        Makes the document; called once.
    path : Path
        The file's without an ending.
    """
    document = make()
    if "docx" in papers.part.formats and is_word_installed():
        write_word(document, path.with_name(f"{path.name}.docx"), papers.template)
    if "html" in papers.part.formats:
        write_html(document, path.with_name(f"{path.name}.html"))
