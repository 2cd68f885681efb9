"""What is round the blocks of a document in a Word file: where they go, heads and feet of pages, title and language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from geo_bosoc.outputs.documents.document import Document
from geo_bosoc.outputs.documents.word_styles import NOTE, STAMP
from geo_bosoc.outputs.documents.word_template import content_paragraph

CM: Final = 360_000
"""Word's units in a centimetre."""
_LANGUAGES: Final = {"da": "da-DK", "en": "en-GB"}
_NARROWEST: Final = 4.0
_CONTENT: Final = (
    ".//w:t[normalize-space()] | .//w:drawing | .//w:pict | .//w:object | .//w:br | .//w:sectPr | .//w:fldChar"
    " | .//w:fldSimple | .//w:instrText"
)
"""What a paragraph that is not empty holds."""


@dataclass(frozen=True)
class Insertion:
    """Where a document goes in a Word file.

    Attributes
    ----------
    mark : object or None
        The paragraph (of lxml) whose place it takes; None for the end.
    begin : int
        How many elements the body had before anything was written.
    width : float
        How wide the text is there, in cm.
    """

    mark: Any
    begin: int
    width: float


def content_insertion(target: Any) -> Insertion:
    """Where the document goes: at the template's mark, or after what stands in it."""
    body = target.element.body
    mark = content_paragraph(target)
    if mark is None:
        for last in reversed(list(body)):
            if last.tag.endswith("}sectPr"):
                continue
            if not last.tag.endswith("}p") or last.xpath(_CONTENT):
                break
            body.remove(last)
    return Insertion(mark, len(_elements(body)), _text_width(_section_at(target, mark)))


def move_to_mark(target: Any, insertion: Insertion) -> None:
    """Move what was written at the end to the template's mark, which goes."""
    if insertion.mark is None:
        return
    for element in _elements(target.element.body)[insertion.begin :]:
        insertion.mark.addprevious(element)
    if insertion.mark.xpath(".//w:sectPr"):  # it ends a section, which stays
        for run in insertion.mark.xpath("./w:r"):
            insertion.mark.remove(run)
    else:
        insertion.mark.getparent().remove(insertion.mark)


def _elements(body: Any) -> list[Any]:
    """Paragraphs and tables of the body: all but the last section's form."""
    return [element for element in body if not element.tag.endswith("}sectPr")]


def _section_at(target: Any, mark: Any) -> Any:
    """The section that a paragraph is in; the last one for None."""
    sections = list(target.sections)
    if mark is None:
        return sections[-1]
    ends = mark.xpath("following::w:p/w:pPr/w:sectPr | ./w:pPr/w:sectPr")
    return sections[max(len(sections) - 1 - len(ends), 0)]


def _text_width(section: Any) -> float:
    """How wide the text is, or a column of it, in cm."""
    width = float((section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)) / CM
    columns = section._sectPr.xpath("./w:cols/@w:num")
    if columns and int(columns[0]) > 1:
        width = width / int(columns[0]) - 1.0
    return width if width >= _NARROWEST else 16.0


def set_properties(target: Any, document: Document) -> None:
    """Title, language and date; nobody's name."""
    from docx.enum.style import WD_STYLE_TYPE

    language = _LANGUAGES[document.language]
    properties = target.core_properties
    properties.title, properties.subject = document.title[:255], (document.subject or document.subtitle)[:255]
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.language = language
    properties.created = properties.modified = document.file_date
    properties.revision = 1
    for run in target.styles.element.xpath("./w:docDefaults/w:rPrDefault/w:rPr"):
        _set_language(run, language)
    normal = target.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    if normal is not None:
        _set_language(normal.element.get_or_add_rPr(), language)


def _set_language(run: Any, language: str) -> None:
    from docx.oxml.ns import qn

    for old in run.findall(qn("w:lang")):
        run.remove(old)
    run.append(run.makeelement(qn("w:lang"), {qn("w:val"): language}))


def write_heads_and_feet(target: Any, document: Document, *, has_own: bool) -> None:
    """Stamps in the head of every page, source and page number at its foot, whatever the template has.

    A foot of the template stays; the page's number is put below it where it has none. What it has on its first page
    alone stays as it is, but for the stamps.

    Parameters
    ----------
    target : docx.document.Document
        The Word file.
    document : Document
        Whose they are.
    has_own : bool
        Whether the file is the municipality's.
    """
    text = " ".join(stamp.text for stamp in document.stamps)
    even = target.settings.odd_and_even_pages_header_footer
    for section in target.sections:
        first = section.different_first_page_header_footer
        if text:
            others = [
                *([section.first_page_header] if first else []),
                *([section.even_page_header] if even else []),
            ]
            for head in _of_section(target, section, [section.header, *others]):
                _append(head, text, STAMP)
        for foot in _of_section(
            target, section, [section.footer, *([section.even_page_footer] if even else [])]
        ):
            _fill_foot(foot, document, has_own=has_own)


def _of_section(target: Any, section: Any, parts: list[Any]) -> Iterator[Any]:
    """The heads or feet that are a section's, not those of the section before it."""
    is_first = section._sectPr is target.sections[0]._sectPr
    return (part for part in parts if is_first or not part.is_linked_to_previous)


def _fill_foot(foot: Any, document: Document, *, has_own: bool) -> None:
    """The page's number in a foot that has none, beside the source where there is nothing else."""
    paragraphs = foot._element.xpath(".//w:p")
    if not has_own or not any(paragraph.xpath(_CONTENT) for paragraph in paragraphs):
        _page_number(_append(foot, f"{document.footer}   ", NOTE))
        return
    fields = foot._element.xpath(".//w:instrText/text() | .//w:fldSimple/@w:instr")
    if not any("PAGE" in str(field).upper().split() for field in fields):
        paragraph = _append(foot, "", NOTE)
        _align_right(paragraph)
        _page_number(paragraph)


def _append(part: Any, text: str, style: str) -> Any:
    """A paragraph at the end of a head or foot; the empty one that a new part begins with goes."""
    paragraph = part.add_paragraph(text, style)
    first = part.paragraphs[0]
    if len(part.paragraphs) > 1 and len(part._element) == 2 and not first._p.xpath(_CONTENT):
        first._p.getparent().remove(first._p)
    if style == STAMP:
        _align_right(paragraph)
    return paragraph


def _align_right(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _page_number(paragraph: Any) -> None:
    """A field that Word fills with the page's number."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )
