"""What is in a written document, read as any other program reads it: Word by python-docx, HTML by lxml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import html

SWATCH = "\u25a0 "


@dataclass
class Parts:
    """Title, headings with their levels, tables (the first row is the head), texts of pictures; all texts in order."""

    title: str = ""
    language: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    header_rows: list[bool] = field(default_factory=list)
    alt_texts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def word_parts(path: Path) -> Parts:
    """Of a Word file."""
    document = docx.Document(str(path))
    parts = Parts(document.core_properties.title, document.core_properties.language)
    for element in document.element.body:
        if element.tag.endswith("}p"):
            paragraph = Paragraph(element, document)
            assert paragraph.style is not None
            name = paragraph.style.name or ""
            if name.startswith("Heading "):
                parts.headings.append((int(name.split()[1]), paragraph.text))
            parts.texts += [paragraph.text] if paragraph.text else []
        elif element.tag.endswith("}tbl"):
            table = Table(element, document)
            rows = [[cell.text.replace(SWATCH, "") for cell in row.cells] for row in table.rows]
            parts.texts += [text for row in rows for cell in row for text in cell.split("\n") if text]
            if len(rows) > 1:  # a frame for somebody's words has one
                parts.tables.append(rows)
                parts.header_rows.append(bool(table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")))
    for picture in document.element.body.xpath(".//w:drawing//wp:docPr"):
        parts.alt_texts.append(picture.get("descr") or "")
    return parts


def html_parts(path: Path) -> Parts:
    """Of an HTML file."""
    page = html.fromstring(
        path.read_text(encoding="utf-8").encode("utf-8"), parser=html.HTMLParser(encoding="utf-8")
    )
    parts = Parts(page.findtext(".//title") or "", page.get("lang") or "")
    body = page.find("body")
    assert body is not None
    for element in body.iter("h1", "h2", "h3", "h4", "p", "li", "th", "td", "caption", "figcaption", "img"):
        text = "".join(element.itertext())
        if element.tag in ("h2", "h3", "h4"):
            parts.headings.append((int(element.tag[1]) - 1, text))
        if element.tag == "img":
            parts.alt_texts.append(element.get("alt") or "")
        parts.texts += [text] if text else []
    for table in body.iter("table"):
        rows = [["".join(cell.itertext()) for cell in row.iter("th", "td")] for row in table.iter("tr")]
        parts.tables.append(rows)
        heads = table.findall("./thead/tr/th")
        parts.header_rows.append(
            len(heads) == len(rows[0]) and all(each.get("scope") == "col" for each in heads)
        )
    return parts
