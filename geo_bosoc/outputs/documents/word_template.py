"""The Word file that documents are written into: the municipality's own, or a plain one with the same named styles.

Word knows its built-in styles by English names in every language ("heading 1" is "Overskrift 1" on a Danish screen), so
that a letterhead made anywhere serves: its styles, logo, header and footer are taken as they are. A style that it lacks
is added in the plain form.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import Message, phrase

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

CONTENT_MARK: Final = ("{{indhold}}", "{{content}}")
"""A paragraph of the template with one of these alone is where the document goes; else it goes to the end."""
TITLE: Final = "Title"
SUBTITLE: Final = "Subtitle"
LEAD: Final = "Lead Paragraph"
NOTE: Final = "Note Text"
STAMP: Final = "Stamp"
CAPTION: Final = "Caption"
BULLET: Final = "List Bullet"
TABLE: Final = "Area Table"
_INK: Final = "2A2560"
_GREY: Final = "50565E"
_RED: Final = "9C2B00"

_PARAGRAPHS: Final[dict[str, tuple[float, str | None, bool, float, float]]] = {
    TITLE: (24, _INK, True, 0, 2),
    SUBTITLE: (12, _GREY, False, 0, 10),
    "Heading 1": (16, _INK, True, 18, 4),
    "Heading 2": (12.5, None, True, 12, 3),
    "Heading 3": (10.5, None, True, 8, 2),
    LEAD: (12.5, None, False, 0, 6),
    NOTE: (8.5, _GREY, False, 0, 4),
    STAMP: (9, _RED, True, 0, 6),
    CAPTION: (9, _GREY, False, 2, 8),
    BULLET: (10.5, None, False, 0, 2),
}
"""Styles of paragraphs: size in points, colour, bold, space before and after in points."""
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TEMPLATE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_TYPES: Final = "[Content_Types].xml"


def is_word_installed() -> bool:
    """Whether python-docx is there, which writes Word files."""
    try:
        import docx  # noqa: F401
    except ImportError:
        return False
    return True


def open_template(path: Path | None) -> WordDocument:
    """A Word document to write into, with every style that is used.

    Parameters
    ----------
    path : Path or None
        The municipality's own: a ``.docx`` or ``.dotx``. None for the plain one.

    Raises
    ------
    InputError
        It is no Word file that can be read: one sentence says why.
    """
    import docx

    if path is None:
        template = docx.Document()
        _plain(template)
        return template
    try:
        template = docx.Document(io.BytesIO(_as_document(path)))
    except FileNotFoundError:
        raise _wrong(path, phrase("there is no such file.")) from None
    except InputError:
        raise
    except Exception:  # zipfile, lxml and python-docx each have errors of their own for a file that is none
        raise _wrong(path, phrase("this is no Word file that can be read.")) from None
    _add_missing(template)
    return template


def check_template(path: Path) -> None:
    """Raise `InputError` where a template cannot be used; as `open_template`, before anything is counted."""
    if is_word_installed():
        open_template(path)


def _wrong(path: Path, message: Message) -> InputError:
    hint = phrase("Name a Word file saved as .docx or .dotx, or leave template out.")
    return InputError([Problem("error", message, file=path.name, key="documents.template", hint=hint)])


def _as_document(path: Path) -> bytes:
    """The file's bytes; a template (``.dotx``) said to be a document, which python-docx takes alone."""
    content = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        old = content[:4] == b"\xd0\xcf\x11\xe0"
        text = "this is a Word file of before 2007." if old else "this is no Word file."
        raise _wrong(path, phrase(text))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        types = package.read(_TYPES).decode("utf-8") if _TYPES in names else ""
        if "wordprocessingml" not in types and "ms-word" not in types:
            raise _wrong(path, phrase("this is no Word file."))
        if "macroEnabled" in types:
            raise _wrong(path, phrase("this Word file has macros."))
        if _TEMPLATE not in types:
            return content
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in names:
                data = package.read(name)
                target.writestr(name, types.replace(_TEMPLATE, _MAIN).encode() if name == _TYPES else data)
    return changed.getvalue()


def _plain(template: Any) -> None:
    """The plain form of every style, on A4."""
    from docx.shared import Cm, Pt

    normal = template.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.1
    _east_asian(normal, "Calibri")
    for name in _PARAGRAPHS:
        _paragraph_style(template, name)
    _add_missing(template)
    section = template.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    section.header_distance = section.footer_distance = Cm(1.1)


def _add_missing(template: Any) -> None:
    """Add what the file has no style of."""
    present = {style.name for style in template.styles}
    for name in _PARAGRAPHS:
        if name not in present:
            _paragraph_style(template, name)
    if TABLE not in present:
        _table_style(template)


def _paragraph_style(template: Any, name: str) -> None:
    """A style of paragraphs in its plain form, made where there is none."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    size, colour, bold, before, after = _PARAGRAPHS[name]
    styles = template.styles
    present = {each.name for each in styles}
    style = styles[name] if name in present else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if style.base_style is None and "Normal" in present:
        style.base_style = styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    if "Normal" in present and styles["Normal"].font.name:
        style.font.name = styles["Normal"].font.name
        _east_asian(style, style.font.name)
    style.font.color.rgb = RGBColor.from_string(colour or "1F2328")
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.keep_with_next = name.startswith("Heading") or name in (TITLE, STAMP)
    borders = style.element.xpath("./w:pPr/w:pBdr")
    for border in borders:  # Word's plain template underlines the title
        border.getparent().remove(border)


def _east_asian(style: Any, font: str) -> None:
    """Take the theme's font from a style, which would go before its name."""
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for mark in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{mark}"), None)
    for mark in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{mark}"), font)


def _table_style(template: Any) -> None:
    """The style of tables: lines between rows, a grey header row."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    template.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="AreaTable">'
            f'<w:name w:val="{TABLE}"/><w:uiPriority w:val="59"/><w:qFormat/>'
            '<w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/></w:pPr>'
            '<w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>'
            '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="6" w:color="8A9099"/>'
            '<w:bottom w:val="single" w:sz="6" w:color="8A9099"/>'
            '<w:insideH w:val="single" w:sz="4" w:color="D0D3D8"/></w:tblBorders>'
            '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
            '<w:shd w:val="clear" w:color="auto" w:fill="E3E6EC"/></w:tcPr></w:tblStylePr></w:style>'
        )
    )
