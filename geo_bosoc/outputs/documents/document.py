"""What a paper consists of, whatever it is written as: headings, paragraphs, tables, pictures.

A document is put together once, from published results, and written as Word (`word_file`) and as HTML that prints
(`html_file`): both say the same. Text is text here; nothing of a register is ever read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from geo_bosoc.disclosure.results import Stamp
from geo_bosoc.text.catalogue import Language
from geo_bosoc.text.colours import Fill

_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_SIGNS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Signs that XML forbids, and those that turn the direction of what follows."""
_LINE: Final = 92
"""Letters of a table on a line of the page's width."""
_LONGEST_TEXT: Final = 40
_LONGEST_WORD: Final = 24
_PADDING: Final = 3
"""Letters that the edges of a cell are worth."""


@dataclass(frozen=True)
class Heading:
    """A heading.

    Attributes
    ----------
    text : str
        Its words.
    level : int, optional
        1 for a part of the document, 2 for a section of it, 3 below that.
    """

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text.

    Attributes
    ----------
    text : str
        Its words.
    role : {"body", "lead", "note"}, optional
        The lead says what came out, in larger letters; a note is small: sources, what is suppressed.
    """

    text: str
    role: Literal["body", "lead", "note"] = "body"


@dataclass(frozen=True)
class Bullets:
    """A list of points.

    Attributes
    ----------
    items : tuple of str
        A point each.
    """

    items: tuple[str, ...]


@dataclass(frozen=True)
class TableCell:
    """A cell of a table.

    Attributes
    ----------
    text : str
        What stands in it.
    is_number : bool, optional
        Whether it stands to the right.
    is_quiet : bool, optional
        Whether it is grey: "skjult", "ingen oplysning".
    is_bold : bool, optional
        Whether its letters are bold.
    fill : Fill or None, optional
        The colour and lines of a category, as on the map.
    """

    text: str
    is_number: bool = False
    is_quiet: bool = False
    is_bold: bool = False
    fill: Fill | None = None


@dataclass(frozen=True)
class Table:
    """A table with a header row, which is repeated on each page.

    Attributes
    ----------
    header : tuple of str
        The columns' heads.
    rows : tuple of tuple of TableCell
        As many cells in each as there are heads; the first names the row.
    caption : str, optional
        What it shows, above it.
    widths : tuple of float, optional
        Shares of the width by column; left out, by the length of the texts.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    caption: str = ""
    widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("every row of a table has a cell for each column")


@dataclass(frozen=True)
class Picture:
    """A map or a plot.

    Attributes
    ----------
    png : bytes
        The picture.
    alt : str
        What it shows, in words, for those who do not see it.
    caption : str, optional
        What stands under it.
    width : float, optional
        Unit: cm. At most the width of the text.
    """

    png: bytes = field(repr=False)
    alt: str
    caption: str = ""
    width: float = 16.0

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a picture needs a text that says what it shows")


@dataclass(frozen=True)
class WordsBox:
    """A frame for somebody's own words: those that are given, or room to write.

    Attributes
    ----------
    title : str
        Whose words.
    words : tuple of str, optional
        Paragraphs that are given.
    lines : int, optional
        Empty lines where none are.
    """

    title: str
    words: tuple[str, ...] = ()
    lines: int = 5


@dataclass(frozen=True)
class PageBreak:
    """The next block starts a new page."""


Block = Heading | Paragraph | Bullets | Table | Picture | WordsBox | PageBreak

Sections = Mapping[str, Sequence[Block]]
"""What a study tells in a document, by topic (`TOPICS`); the document puts the heading."""

SectionsOf = Callable[[str], Sections]
"""What a study tells of an area by its id; of all areas together by ``@areas``."""

LevelsOf = Callable[[str], Mapping[str, tuple[float, str]]]
"""Levels that an area's figures are to reach, by its id: by indicator the level in its inner unit, and its words."""


@dataclass(frozen=True)
class Document:
    """A paper.

    Attributes
    ----------
    title : str
        What it is called.
    subtitle : str
        Of whom and when.
    language : {"da", "en"}
        Of its words.
    blocks : tuple of Block
        What stands in it, in order.
    stamps : tuple of Stamp
        What stands on every page: for internal use, small numbers shown, made-up data.
    footer : str
        What stands at the foot of every page beside its number.
    file_date : datetime
        The date inside the file.
    subject : str, optional
        What it is about, among the properties of the file.
    """

    title: str
    subtitle: str
    language: Language
    blocks: tuple[Block, ...]
    stamps: tuple[Stamp, ...]
    footer: str
    file_date: datetime
    subject: str = ""

    def texts(self) -> Iterator[str]:
        """Every text of it, in order."""
        yield from (self.title, self.subtitle, self.footer, *(stamp.text for stamp in self.stamps))
        for block in self.blocks:
            yield from texts_of(block)


def texts_of(block: Block) -> Iterator[str]:
    """The texts of a block, in order.

    >>> list(texts_of(Table(("Område",), ((TableCell("Elmeparken"),),), "Områder")))
    ['Områder', 'Område', 'Elmeparken']
    """
    if isinstance(block, Heading | Paragraph):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Table):
        yield from (block.caption, *block.header)
        yield from (cell.text for row in block.rows for cell in row)
    elif isinstance(block, Picture):
        yield from (block.alt, block.caption)
    elif isinstance(block, WordsBox):
        yield from (block.title, *block.words)


def plain_text(text: str) -> str:
    """A text as it can stand in any file: in one line, without signs that XML forbids or that turn round what follows.

    >>> plain_text("Nord\\x00en\\nSyd \\u202e12")
    'Norden Syd 12'
    """
    return _SIGNS.sub("", _BREAKS.sub(" ", text))


def printable(document: Document) -> Document:
    """A document whose every text is one that can stand in any file (`plain_text`)."""
    cleaned: Document = _printable(document)
    return cleaned


def _printable(part: Any) -> Any:
    """A text, or what holds texts."""
    if isinstance(part, str):
        return plain_text(part)
    if isinstance(part, Stamp):
        return Stamp(part.kind, plain_text(part.text))
    if isinstance(part, tuple):
        return tuple(_printable(each) for each in part)
    if is_dataclass(part) and not isinstance(part, type | Fill):
        return replace(part, **{each.name: _printable(getattr(part, each.name)) for each in fields(part)})
    return part


def column_shares(table: Table) -> list[float]:
    """Which share of the width each column of a table has: by its texts, and no word broken where that can be.

    >>> column_shares(Table(("Område", "Point"), ((TableCell("Elmeparken Syd"), TableCell("18")),)))
    [0.68, 0.32]
    >>> column_shares(Table(("Område", "Beboere"), ((TableCell("Syd"), TableCell("18")),), widths=(3, 1)))
    [0.75, 0.25]
    """
    if table.widths:
        return [share / sum(table.widths) for share in table.widths]
    columns = [[head, *(row[place].text for row in table.rows)] for place, head in enumerate(table.header)]
    words = [
        min(max(len(word) for text in texts for word in (text.split() or [""])), _LONGEST_WORD) + _PADDING
        for texts in columns
    ]
    sizes = [
        max(min(max(map(len, texts)), _LONGEST_TEXT) + _PADDING, least)
        for texts, least in zip(columns, words, strict=True)
    ]
    over = sum(sizes) - _LINE
    spare = sum(sizes) - sum(words)
    if over > 0 and spare > 0:  # what is longer than its longest word gives way
        give = min(over / spare, 1)
        widths = [size - give * (size - least) for size, least in zip(sizes, words, strict=True)]
    else:
        widths = [float(size) for size in sizes]
    return [round(width / sum(widths), 4) for width in widths]
