"""A document as a Word file: real headings, tables with header rows, pictures with texts, in the template's styles."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.outputs.documents.document import (
    Block,
    Bullets,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    TableCell,
    WordsBox,
    column_shares,
    printable,
)
from geo_bosoc.outputs.documents.word_template import (
    BULLET,
    CAPTION,
    CONTENT_MARK,
    LEAD,
    NOTE,
    STAMP,
    SUBTITLE,
    TABLE,
    TITLE,
    open_template,
)
from geo_bosoc.text.catalogue import word

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_ROLES: Final[dict[str, str | None]] = {"body": None, "lead": LEAD, "note": NOTE}
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_LANGUAGES: Final = {"da": "da-DK", "en": "en-GB"}
_CM: Final = 360_000
"""Word's units in a centimetre."""
_SWATCH: Final = "\u25a0 "
"""A square in the colour of a category, before its word."""


def write_word(document: Document, path: Path, template: Path | None = None) -> None:
    """Write a document as a Word file; the same input gives the same bytes.

    Parameters
    ----------
    document : Document
        What is written.
    path : Path
        The file.
    template : Path, optional
        The municipality's own Word file; its styles, logo, header and footer are taken.

    Raises
    ------
    InputError
        The template is no Word file.
    """
    document = printable(document)
    target = open_template(template)
    _properties(target, document)
    width = _text_width(target)
    before = _body_before(target, document)
    writer = _Writer(target, width)
    for block in document.blocks:
        writer.block(block)
    _put_in_place(target, before)
    _footer(target, document, has_own=template is not None)
    content = io.BytesIO()
    target.save(content)
    with atomic_file(path) as draft:
        draft.write_bytes(_without_clock(content.getvalue()))


def _properties(target: Any, document: Document) -> None:
    """Title, language and date; nobody's name."""
    from docx.oxml.ns import qn

    properties = target.core_properties
    properties.title, properties.subject = document.title, document.subject or document.subtitle
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.language = _LANGUAGES[document.language]
    properties.created = properties.modified = document.file_date
    properties.revision = 1
    run = target.styles.element.xpath("./w:docDefaults/w:rPrDefault/w:rPr")
    if run:
        for old in run[0].findall(qn("w:lang")):
            run[0].remove(old)
        mark = run[0].makeelement(qn("w:lang"), {qn("w:val"): _LANGUAGES[document.language]})
        run[0].append(mark)


def _text_width(target: Any) -> float:
    """How wide the text is, in cm."""
    section = target.sections[0]
    width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    return float(width) / _CM if width > 0 else 16.0


def _body_before(target: Any, document: Document) -> Any:
    """Write stamps, title and subtitle; the paragraph of the template that the document takes the place of, if any."""
    mark = next((each for each in target.paragraphs if each.text.strip().lower() in CONTENT_MARK), None)
    if mark is None:
        for paragraph in list(target.paragraphs):
            if not paragraph.text.strip() and not paragraph._p.xpath(
                ".//w:drawing|.//w:sectPr|.//w:br|.//w:pict"
            ):
                paragraph._p.getparent().remove(paragraph._p)
    begin = len(target.element.body)
    for stamp in document.stamps:
        target.add_paragraph(stamp.text, STAMP)
    target.add_paragraph(document.title, TITLE)
    if document.subtitle:
        target.add_paragraph(document.subtitle, SUBTITLE)
    return None if mark is None else (mark, begin)


def _put_in_place(target: Any, before: Any) -> None:
    """Move what was written at the end to the template's mark."""
    if before is None:
        return
    mark, begin = before
    body = target.element.body
    end = len(body) - (1 if body[-1].tag.endswith("}sectPr") else 0)
    written = list(body)[begin - (1 if body[-1].tag.endswith("}sectPr") else 0) : end]
    for element in written:
        mark._p.addprevious(element)
    body.remove(mark._p)


class _Writer:
    """Appends blocks to a Word document."""

    def __init__(self, target: WordDocument, width: float) -> None:
        self.target: Any = target
        self.width = width
        self.pictures = 0
        self.breaks = False

    def block(self, block: Block) -> None:
        """Append a block."""
        if isinstance(block, PageBreak):
            self.breaks = True
            return
        begin = len(self.target.element.body)
        writers: dict[type, Callable[[Any], None]] = {
            Heading: self.heading,
            Paragraph: self.paragraph,
            Bullets: self.bullets,
            Table: self.table,
            Picture: self.picture,
            WordsBox: self.words,
        }
        writers[type(block)](block)
        if self.breaks:
            self._break_before(begin)

    def _break_before(self, begin: int) -> None:
        """Start a page with what was appended from a place on."""
        from docx.text.paragraph import Paragraph as WordParagraph

        body = self.target.element.body
        first = body[begin - (1 if body[-1].tag.endswith("}sectPr") else 0)]
        if first.tag.endswith("}p"):
            WordParagraph(first, self.target).paragraph_format.page_break_before = True
        self.breaks = False

    def heading(self, block: Heading) -> None:
        """A heading in the template's style."""
        self.target.add_paragraph(block.text, f"Heading {min(max(block.level, 1), 3)}")

    def paragraph(self, block: Paragraph) -> None:
        """Running text."""
        self.target.add_paragraph(block.text, _ROLES[block.role])

    def bullets(self, block: Bullets) -> None:
        """A point each."""
        for item in block.items:
            self.target.add_paragraph(item, BULLET)

    def table(self, block: Table) -> None:
        """A table: its first row is repeated on each page, no row is broken."""
        from docx.oxml.ns import qn

        if block.caption:
            caption = self.target.add_paragraph(block.caption, CAPTION)
            caption.paragraph_format.keep_with_next = True
        table = self.target.add_table(len(block.rows) + 1, len(block.header), TABLE)
        table.autofit = False
        properties = table._tbl.tblPr
        if block.caption:
            properties.append(properties.makeelement(qn("w:tblCaption"), {qn("w:val"): block.caption}))
        numbers = [any(row[place].is_number for row in block.rows) for place in range(len(block.header))]
        heads = tuple(
            TableCell(head, is_number=is_number)
            for head, is_number in zip(block.header, numbers, strict=True)
        )
        sizes = [int(share * self.width * _CM) for share in column_shares(block)]
        for column, size in zip(table._tbl.tblGrid.gridCol_lst, sizes, strict=True):
            column.w = size
        for number, (row, cells) in enumerate(zip(table._tbl.tr_lst, (heads, *block.rows), strict=True)):
            marks = row.get_or_add_trPr()
            marks.append(marks.makeelement(qn("w:cantSplit"), {}))
            if number == 0:
                marks.append(marks.makeelement(qn("w:tblHeader"), {}))
            for element, cell, size in zip(row.tc_lst, cells, sizes, strict=True):
                element.width = size
                self._cell(element, cell)
        self.target.add_paragraph("").paragraph_format.space_after = 0

    def _cell(self, element: Any, cell: TableCell) -> None:
        """A cell's text."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt, RGBColor
        from docx.text.paragraph import Paragraph as WordParagraph

        paragraph = WordParagraph(element.p_lst[0], self.target)
        paragraph.paragraph_format.space_after = Pt(1)
        if cell.is_number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if cell.fill is not None:
            for colour in cell.fill.stripes or (cell.fill.colour,):
                paragraph.add_run(_SWATCH).font.color.rgb = RGBColor.from_string(colour.lstrip("#"))
        run = paragraph.add_run(cell.text)
        if cell.is_bold:
            run.bold = True
        if cell.is_quiet:
            run.italic = True
            run.font.color.rgb = RGBColor.from_string("6A7077")

    def picture(self, block: Picture) -> None:
        """A picture in a paragraph of its own, with its text, and what stands under it."""
        from docx.shared import Cm

        self.pictures += 1
        paragraph = self.target.add_paragraph()
        paragraph.paragraph_format.keep_with_next = bool(block.caption)
        shape = paragraph.add_run().add_picture(io.BytesIO(block.png), width=Cm(min(block.width, self.width)))
        marks = shape._inline.docPr
        marks.set("descr", block.alt)
        marks.set("name", f"{word('documents', 'picture', 'en')} {self.pictures}")
        if block.caption:
            self.target.add_paragraph(block.caption, CAPTION)

    def words(self, block: WordsBox) -> None:
        """A frame with somebody's words, or with lines to write on."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls, qn
        from docx.shared import Cm, Pt
        from docx.text.paragraph import Paragraph as WordParagraph

        table = self.target.add_table(1, 1)
        properties = table._tbl.tblPr
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="6" w:color="8A9099"/>'
            for side in ("top", "left", "bottom", "right")
        )
        properties.append(parse_xml(f"<w:tblBorders {nsdecls('w')}>{sides}</w:tblBorders>"))
        cell = table._tbl.tr_lst[0].tc_lst[0]
        cell.width = int(self.width * _CM)
        first = WordParagraph(cell.p_lst[0], self.target)
        first.add_run(block.title).bold = True
        for words in block.words:
            element = parse_xml(f"<w:p {nsdecls('w')}/>")
            cell.append(element)
            WordParagraph(element, self.target).add_run(words)
        if not block.words:
            row = table._tbl.tr_lst[0].get_or_add_trPr()
            height = row.makeelement(
                qn("w:trHeight"), {qn("w:val"): str(int(Cm(block.lines).twips)), qn("w:hRule"): "atLeast"}
            )
            row.append(height)
        self.target.add_paragraph("").paragraph_format.space_after = Pt(4)


def _footer(target: Any, document: Document, *, has_own: bool) -> None:
    """What stands at the foot of every page: source and page number; stamps in its head, whatever the template has."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for section in target.sections:
        heads = [section.header]
        feet = [section.footer]
        if section.different_first_page_header_footer:
            heads.append(section.first_page_header)
            feet.append(section.first_page_footer)
        for head in heads if document.stamps else ():
            text = " ".join(stamp.text for stamp in document.stamps)
            paragraph = head.add_paragraph(text, STAMP)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _drop_first_if_empty(head)
        for foot in feet:
            if has_own and any(each.text.strip() for each in foot.paragraphs):
                continue
            paragraph = foot.add_paragraph(f"{document.footer}   ", NOTE)
            _page_number(paragraph)
            _drop_first_if_empty(foot)


def _drop_first_if_empty(part: Any) -> None:
    """Take the empty paragraph away that a new head or foot begins with."""
    first = part.paragraphs[0]
    if len(part.paragraphs) > 1 and not first.text and not first._p.xpath(".//w:drawing|.//w:pict"):
        first._p.getparent().remove(first._p)


def _page_number(paragraph: Any) -> None:
    """A field that Word fills with the page's number."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )


def _without_clock(content: bytes) -> bytes:
    """The package with one date for all its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 0
            target.writestr(entry, source.read(name))
    return written.getvalue()
