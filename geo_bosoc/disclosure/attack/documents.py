"""Documents of a written set, Word and HTML: each passage with what it stands under, and what it shows of a figure.

In a paper the area may stand in the title, the indicator before a row and the period above a column: a cell is read
with all of them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, Literal
from xml.etree import ElementTree

from geo_bosoc.disclosure.attack.pages import DIGITS
from geo_bosoc.disclosure.attack.public_set import PublicSet, hidden_words
from geo_bosoc.text.catalogue import LANGUAGES, word

PAPERS: Final = frozenset({".docx", ".html", ".htm"})
"""Endings of the files that are read as papers."""
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALT: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_SENTENCES: Final = re.compile(r"(?<=[.;!?])\s+")
_TITLE: Final = 0
_BODY: Final = "word/document.xml"
_STYLES: Final = "word/styles.xml"


@dataclass(frozen=True)
class Passage:
    """A text of a document, and what it stands under.

    Attributes
    ----------
    text : str
        The text of a cell, of a row, or of a paragraph.
    heads : tuple of str
        Of a cell, the first cell of its row and the head of its column.
    under : tuple of str
        The headings that it stands under, the nearest first; the document's title last.
    """

    text: str
    heads: tuple[str, ...] = ()
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A part of a document in its order: a heading with its level (0 for the title), a text, or the rows of a table."""

    kind: Literal["heading", "text", "table"]
    texts: tuple[str, ...] = ()
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def read_paper(public: PublicSet, path: Path) -> None:
    """Write down what a document shows of suppressed figures.

    Parameters
    ----------
    public : PublicSet
        What was read of the set so far; takes the leaks.
    path : Path
        A Word or an HTML file.
    """
    hidden: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for (area, period, indicator), figure in public.suppressed.items():
        hidden.setdefault((area, indicator), []).append((period, figure.base))
    names = {area: name for area, name in public.names.items() if name}
    labels = [(label, indicator) for label, indicator in public.labels.items() if label]
    periods = {period for _, period, _ in public.figures}
    marks = sorted(hidden_words(), key=len, reverse=True)
    parts = _word_parts(path) if path.suffix.lower() == ".docx" else _html_parts(path)
    for passage in passages(parts):
        context = " | ".join((*passage.heads, *(() if passage.heads else (passage.text,))))
        if not DIGITS.search(passage.text):
            continue
        meant = [(label, indicator) for label, indicator in labels if label in context]
        if not meant:
            continue
        for area in _areas_of(passage, context, names, periods):
            for label, indicator in meant:
                for period, base in hidden.get((area, indicator), ()):
                    rest = passage.text.replace(names[area], "").replace(label, "")
                    for mark in marks:
                        rest = rest.replace(mark, "")
                    if period in context and set(DIGITS.findall(rest)) - {period, str(base), area}:
                        public.leak(path.name, (area, period, indicator), "text")


def _areas_of(passage: Passage, context: str, names: dict[str, str], periods: set[str]) -> list[str]:
    """The areas that a passage is about: those that it names, else the one that it stands under.

    What stands in a column with another head than the area's word and a period is of a reference area.
    """
    named = [area for area, name in names.items() if name in context]
    if named:
        return named
    if passage.heads:
        head = passage.heads[-1]
        for period in periods:
            head = head.replace(period, "")
        neutral = {"", *(word("documents", "the_area", language) for language in LANGUAGES)}
        if head.strip() not in neutral:
            return []
    for heading in passage.under:
        above = [area for area, name in names.items() if name in heading]
        if above:
            longest = max(len(names[area]) for area in above)
            return [area for area in above if len(names[area]) == longest]
    return []


def passages(parts: Iterator[_Part]) -> Iterator[Passage]:
    """The passages of a document: sentences, rows and cells, with what they stand under."""
    headings: dict[int, str] = {}
    for part in parts:
        if part.kind == "heading":
            headings = {level: text for level, text in headings.items() if level < part.level}
            headings[part.level] = part.texts[0]
        under = tuple(headings[level] for level in sorted(headings, reverse=True))
        for text in part.texts:
            yield from (Passage(sentence, under=under) for sentence in _SENTENCES.split(text))
        for row in part.rows:
            yield Passage(" | ".join(row))
        for row in part.rows[1:]:
            for head, cell in zip(part.rows[0][1:], row[1:], strict=False):
                yield Passage(cell, heads=(row[0], head), under=under)


def _word_parts(path: Path) -> Iterator[_Part]:
    """The parts of a Word file; heads, feet, notes and properties as texts."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        roots = {
            name: ElementTree.fromstring(archive.read(name))
            for name in names
            if name.endswith(".xml") and name not in (_BODY, _STYLES)
        }
        body = ElementTree.fromstring(archive.read(_BODY)) if _BODY in names else None
        styles = ElementTree.fromstring(archive.read(_STYLES)) if _STYLES in names else None
    levels: dict[str, int] = {}
    for style in () if styles is None else styles.iter(f"{_WORD}style"):
        name = style.find(f"{_WORD}name")
        called = "" if name is None else str(name.get(f"{_WORD}val", "")).casefold()
        match = re.fullmatch(r"heading (\d)", called)
        if match or called == "title":
            levels[str(style.get(f"{_WORD}styleId"))] = int(match.group(1)) if match else _TITLE
    for element in () if body is None else _blocks(body):
        if element.tag == f"{_WORD}tbl":
            rows = tuple(
                tuple(_text(cell) for cell in row.findall(f"{_WORD}tc")) for row in element.iter(f"{_WORD}tr")
            )
            yield _Part("table", rows=rows)
            continue
        style_name = element.find(f"{_WORD}pPr/{_WORD}pStyle")
        level = None if style_name is None else levels.get(str(style_name.get(f"{_WORD}val")))
        text = _text(element)
        if level is not None and text:
            yield _Part("heading", (text,), level)
        elif text:
            yield _Part("text", (text,))
        alts = tuple(str(each.get("descr")) for each in element.iter(_ALT) if each.get("descr"))
        if alts:
            yield _Part("text", alts)
    for root in roots.values():
        yield _Part("text", tuple("".join(each.itertext()) for each in root))


def _blocks(body: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Paragraphs and tables in order, also those within other elements."""
    for element in body:
        if element.tag in (f"{_WORD}p", f"{_WORD}tbl"):
            yield element
        else:
            yield from _blocks(element)


def _text(element: ElementTree.Element) -> str:
    """The letters of a Word element."""
    return "".join(
        (each.text or "") if each.tag == f"{_WORD}t" else " "
        for each in element.iter()
        if each.tag in (f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}p")
    ).strip()


def _html_parts(path: Path) -> Iterator[_Part]:
    """The parts of an HTML file."""
    reader = _HtmlParts()
    reader.feed(path.read_text(encoding="utf-8", errors="replace"))
    reader.close()
    reader.end_text()
    yield from reader.parts


class _HtmlParts(HTMLParser):
    """Collects the parts of a page."""

    _BREAKING: Final = frozenset(
        {"p", "li", "div", "td", "th", "tr", "table", "caption", "figcaption", "title", "br", "ul", "body",
         "h1", "h2", "h3", "h4", "h5", "h6", "text", "script", "style"}
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[_Part] = []
        self.letters: list[str] = []
        self.rows: list[list[str]] = []
        self.tag = ""

    def end_text(self) -> None:
        """Put down the text that has been read."""
        text = " ".join("".join(self.letters).split())
        self.letters = []
        if self.tag in ("td", "th") and self.rows:
            self.rows[-1].append(text)
        elif text and (match := re.fullmatch(r"h(\d)", self.tag)):
            self.parts.append(_Part("heading", (text,), int(match.group(1)) - 1))
        elif text and self.tag not in ("script", "style"):
            self.parts.append(_Part("text", (text,)))
        self.tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens; what a picture says of itself is a text."""
        alts = tuple(value for name, value in attrs if name in ("alt", "title", "aria-label") and value)
        if alts:
            self.parts.append(_Part("text", alts))
        if tag not in self._BREAKING:
            return
        if self.letters or self.tag:
            self.end_text()
        self.tag = tag
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        """A tag closes."""
        if tag not in self._BREAKING:
            return
        if self.letters or self.tag == tag:
            self.end_text()
        if tag == "table" and self.rows:
            self.parts.append(_Part("table", rows=tuple(map(tuple, self.rows))))
            self.rows = []

    def handle_data(self, data: str) -> None:
        """Letters."""
        self.letters.append(data)
