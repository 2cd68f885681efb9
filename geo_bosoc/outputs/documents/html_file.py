"""A document as HTML that prints: one file that contacts no host, with A4 pages, headings and tables that repeat."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Final

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
from geo_bosoc.text.colours import Fill

CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""Tells the browser to contact no host and to run no script."""

# Chromium and Edge (131 and later) put texts in the margins of pages, and nothing else there; Firefox has no boxes in
# the margins, and repeats on each page what has a fixed place: the text then begins below it.
_STYLE: Final = """
@page { size: A4; margin: 18mm 17mm 20mm 17mm; }
@page { @top-right { content: var(--stamps); font: 700 8pt/1.3 var(--letters); color: #9c2b00; } }
@page { @bottom-left { content: var(--foot); font: 8pt/1.3 var(--letters); color: #50565e; vertical-align: top; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt/1.3 var(--letters); color: #50565e;
  vertical-align: top; } }
* { box-sizing: border-box; }
html { --letters: "Segoe UI", "Liberation Sans", Arial, sans-serif; font: 10.5pt/1.45 var(--letters);
  color: #1f2328; background: #eef0f3; }
body { margin: 0 auto; max-width: 210mm; padding: 14mm 17mm; background: #fff; overflow-wrap: break-word; }
header { border-bottom: 2px solid #3c357c; margin-bottom: 6mm; }
h1 { font-size: 22pt; line-height: 1.15; margin: 0 0 1mm; color: #2a2560; }
.subtitle { font-size: 12pt; color: #50565e; margin: 0 0 3mm; }
h2 { font-size: 15pt; margin: 8mm 0 2mm; color: #2a2560; break-after: avoid; }
h3 { font-size: 12pt; margin: 5mm 0 1.5mm; break-after: avoid; }
h4 { font-size: 10.5pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 0 0 2.5mm; orphans: 3; widows: 3; }
.lead { font-size: 12.5pt; line-height: 1.4; }
.note { font-size: 8.5pt; color: #50565e; }
.stamp { font-weight: 700; color: #9c2b00; border: 1px solid #9c2b00; padding: 1mm 2.5mm; margin: 0 0 3mm; }
ul { margin: 0 0 3mm; padding-left: 5mm; }
.table { margin: 0 0 4mm; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: 9.5pt; hyphens: auto; }
caption { text-align: left; font-weight: 600; padding: 0 0 1mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border-bottom: 1px solid #d0d3d8; padding: 1mm 2mm 1mm 1.5mm; text-align: left; vertical-align: top; }
th { background: #e3e6ec; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
tbody th { background: none; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.quiet { color: #5f656c; font-style: italic; }
.bold { font-weight: 700; }
.swatch { display: inline-block; width: 3.2mm; height: 3.2mm; margin-right: 1.5mm; vertical-align: -0.4mm;
  border: 0.5px solid #555b63; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
figure { margin: 0 0 4mm; break-inside: avoid; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { font-size: 8.5pt; color: #50565e; margin-top: 1mm; }
.words { border: 1px solid #8a9099; padding: 3mm 4mm; margin: 0 0 4mm; break-inside: avoid; }
.words .line { border-bottom: 1px dotted #8a9099; height: 8mm; }
.break { break-before: page; }
footer { border-top: 1px solid #d0d3d8; margin-top: 8mm; padding-top: 2mm; font-size: 8.5pt; color: #50565e; }
.running { display: none; }
@media print {
  html { background: none; }
  body { max-width: none; padding: 0; }
  footer { display: none; }
}
@supports (-moz-appearance: none) {
  @media print {
    body { padding-top: 7mm; box-decoration-break: clone; }
    .running { display: block; position: fixed; top: 0; left: 0; right: 0; text-align: right; font-size: 8pt;
      font-weight: 700; color: #9c2b00; }
    footer { display: block; }
  }
}
@media (max-width: 40rem) {
  body { padding: 5mm 4mm; }
  h1 { font-size: 17pt; }
  h2 { font-size: 13.5pt; }
  .table { overflow-x: auto; }
  table { table-layout: auto; font-size: 9pt; }
  col { width: auto !important; }
}
"""


def write_html(document: Document, path: Path) -> None:
    """Write a document as one HTML file.

    Parameters
    ----------
    document : Document
        What is written.
    path : Path
        The file.
    """
    with atomic_file(path) as draft:
        draft.write_text(html_text(document), encoding="utf-8", newline="\n")


def html_text(document: Document) -> str:
    """The HTML of a document; every text in it is escaped.

    >>> from datetime import datetime
    >>> document = Document("<b>", "2024", "da", (Paragraph("a & b"),), (), "", datetime(2024, 1, 1))
    >>> "<h1>&lt;b&gt;</h1>" in html_text(document), "<p>a &amp; b</p>" in html_text(document)
    (True, True)
    """
    document = printable(document)
    stamps = "".join(f'<p class="stamp">{escape(stamp.text)}</p>\n' for stamp in document.stamps)
    running = " ".join(stamp.text for stamp in document.stamps)
    subtitle = f'<p class="subtitle">{escape(document.subtitle)}</p>\n' if document.subtitle else ""
    in_margins = {"--stamps": running, "--foot": document.footer}
    margins = "".join(f"{name}: {_css_text(text)}; " for name, text in in_margins.items() if text)
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>:root {{ {margins}}}{_STYLE}</style>\n</head>\n<body>\n"
        + (f'<div class="running" aria-hidden="true">{escape(running)}</div>\n' if running else "")
        + f"{stamps}<header>\n<h1>{escape(document.title)}</h1>\n{subtitle}</header>\n<main>\n"
        + "\n".join(_block(block) for block in document.blocks)
        + f"\n</main>\n<footer>{escape(document.footer)}</footer>\n</body>\n</html>\n"
    )


def _css_text(text: str) -> str:
    """A text in a style sheet: what is neither letter, digit nor space by its number, so that nothing ends it.

    >>> print(_css_text('Ærø</style>'))
    "Ærø\\3c \\2f style\\3e "
    """
    letters = (sign if sign.isalnum() or sign == " " else f"\\{ord(sign):x} " for sign in text)
    return f'"{"".join(letters)}"'


def _block(block: Block) -> str:
    """A block as HTML."""
    if isinstance(block, Heading):
        level = min(block.level, 3) + 1
        return f"<h{level}>{escape(block.text)}</h{level}>"
    if isinstance(block, Paragraph):
        mark = "" if block.role == "body" else f' class="{block.role}"'
        return f"<p{mark}>{escape(block.text)}</p>"
    if isinstance(block, Bullets):
        return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in block.items) + "\n</ul>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        return _picture(block)
    if isinstance(block, WordsBox):
        return _words(block)
    assert isinstance(block, PageBreak)
    return '<div class="break"></div>'


def _table(table: Table) -> str:
    """A table: heads with a scope, the first cell of each row too."""
    caption = f"<caption>{escape(table.caption)}</caption>\n" if table.caption else ""
    widths = "".join(f'<col style="width:{100 * share:.2f}%">' for share in column_shares(table))
    numbers = [any(row[place].is_number for row in table.rows) for place in range(len(table.header))]
    heads = "".join(
        f'<th scope="col"{_class(number=is_number)}>{escape(head)}</th>'
        for head, is_number in zip(table.header, numbers, strict=True)
    )
    rows = "\n".join(
        "<tr>" + "".join(_cell(cell, is_first=place == 0) for place, cell in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="table"><table>\n{caption}<colgroup>{widths}</colgroup>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _class(**marks: bool) -> str:
    """The attribute for those of the classes that hold."""
    names = [name for name, applies in marks.items() if applies]
    return f' class="{" ".join(names)}"' if names else ""


def _cell(cell: TableCell, *, is_first: bool) -> str:
    """A cell, with the colour of its category before its word."""
    tag, scope = ("th", ' scope="row"') if is_first else ("td", "")
    swatch = (
        ""
        if cell.fill is None
        else f'<span class="swatch" style="background:{_background(cell.fill)}"></span>'
    )
    marks = _class(number=cell.is_number, quiet=cell.is_quiet, bold=cell.is_bold)
    return f"<{tag}{scope}{marks}>{swatch}{escape(cell.text)}</{tag}>"


def _background(fill: Fill) -> str:
    """A fill in CSS: its colour, or the stripes of a range."""
    if not fill.stripes:
        return fill.colour
    share = 100 / len(fill.stripes)
    parts = [
        f"{colour} {share * place:.1f}% {share * (place + 1):.1f}%"
        for place, colour in enumerate(fill.stripes)
    ]
    return f"linear-gradient(135deg, {', '.join(parts)})"


def _picture(picture: Picture) -> str:
    """A picture within the file, with its text."""
    data = base64.b64encode(picture.png).decode("ascii")
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(picture.alt)}" '
        f'style="width:{picture.width:.1f}cm">{caption}</figure>'
    )


def _words(box: WordsBox) -> str:
    """A frame with words, or with lines to write on."""
    inside = (
        "".join(f"<p>{escape(words)}</p>" for words in box.words) or '<div class="line"></div>' * box.lines
    )
    return f'<div class="words"><p class="bold">{escape(box.title)}</p>{inside}</div>'
