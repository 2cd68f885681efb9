"""A document as a Word file: real headings, tables with header rows, pictures with texts, in the template's styles."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from geo_bosoc.outputs.documents.word_frame import (
    CM,
    content_insertion,
    move_to_mark,
    set_properties,
    write_heads_and_feet,
)
from geo_bosoc.outputs.documents.word_styles import (
    BULLET,
    CAPTION,
    LEAD,
    NOTE,
    STAMP,
    SUBTITLE,
    TABLE,
    TABLE_TEXT,
    TITLE,
)
from geo_bosoc.outputs.documents.word_template import open_template, save_word
from geo_bosoc.text.catalogue import word

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_ROLES: Final[dict[str, str | None]] = {"body": None, "lead": LEAD, "note": NOTE}
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
    set_properties(target, document)
    insertion = content_insertion(target)
    for stamp in document.stamps:
        target.add_paragraph(stamp.text, STAMP)
    target.add_paragraph(document.title, TITLE)
    if document.subtitle:
        target.add_paragraph(document.subtitle, SUBTITLE)
    writer = _Writer(target, insertion.width)
    for block in document.blocks:
        writer.block(block)
    move_to_mark(target, insertion)
    write_heads_and_feet(target, document, has_own=template is not None)
    save_word(target, path)


class _Writer:
    """Appends blocks to a Word document."""

    def __init__(self, target: WordDocument, width: float) -> None:
        self.target: Any = target
        self.width = width
        self.cell_style = str(target.styles[TABLE_TEXT].style_id)
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
        paragraph = self.target.add_paragraph(block.text, f"Heading {min(max(block.level, 1), 3)}")
        paragraph.paragraph_format.keep_with_next = True

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
            TableCell(head, is_number=is_number, is_bold=True)
            for head, is_number in zip(block.header, numbers, strict=True)
        )
        sizes = [int(share * self.width * CM) for share in column_shares(block)]
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
        self.target.add_paragraph("", TABLE_TEXT)

    def _cell(self, element: Any, cell: TableCell) -> None:
        """A cell's text."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import RGBColor
        from docx.text.paragraph import Paragraph as WordParagraph

        paragraph = WordParagraph(element.p_lst[0], self.target)
        element.p_lst[0].style = self.cell_style  # by its id: by its name it would be looked up for each cell
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
            run.font.color.rgb = RGBColor.from_string("5F656C")

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
        from docx.shared import Cm
        from docx.text.paragraph import Paragraph as WordParagraph

        table = self.target.add_table(1, 1)
        properties = table._tbl.tblPr
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="6" w:color="8A9099"/>'
            for side in ("top", "left", "bottom", "right")
        )
        frame = parse_xml(f"<w:tblBorders {nsdecls('w')}>{sides}</w:tblBorders>")
        after = properties.xpath("./w:shd | ./w:tblLayout | ./w:tblCellMar | ./w:tblLook")
        if after:
            after[0].addprevious(frame)
        else:
            properties.append(frame)
        cell = table._tbl.tr_lst[0].tc_lst[0]
        cell.width = int(self.width * CM)
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
        self.target.add_paragraph("", TABLE_TEXT)
