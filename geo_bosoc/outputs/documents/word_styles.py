"""The named styles of Word documents: those that a template lacks are added in a plain form.

Word knows its built-in styles by English names in every language ("heading 1" is "Overskrift 1" on a Danish screen), so
that a file made anywhere serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

TITLE: Final = "Title"
SUBTITLE: Final = "Subtitle"
LEAD: Final = "Lead Paragraph"
NOTE: Final = "Note Text"
STAMP: Final = "Stamp"
CAPTION: Final = "Caption"
BULLET: Final = "List Bullet"
TABLE: Final = "Area Table"
TABLE_TEXT: Final = "Area Table Text"
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
    TABLE_TEXT: (9, None, False, 0, 1),
}
"""Styles of paragraphs: size in points, colour, bold, space before and after in points."""


def plain_styles(template: WordDocument) -> None:
    """Give a new Word document the plain form of every style, on A4."""
    from docx.shared import Cm, Pt

    normal: Any = template.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.1
    _without_theme(normal, "Calibri")
    for name in _PARAGRAPHS:
        _paragraph_style(template, name)
    add_missing_styles(template)
    section = template.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    section.header_distance = section.footer_distance = Cm(1.1)


def add_missing_styles(template: WordDocument) -> None:
    """Add the styles that a Word file lacks; those that it has stay as they are.

    Parameters
    ----------
    template : docx.document.Document
        The file. A style that it spells in other letters ("Heading 1" of other programs) is spelled as Word does.
    """
    from docx.enum.style import WD_STYLE_TYPE
    from docx.styles import BabelFish

    internal = {name: BabelFish.ui2internal(name) for name in (*_PARAGRAPHS, TABLE)}
    by_letters = {name.casefold(): name for name in internal.values()}
    kinds = dict.fromkeys(internal.values(), WD_STYLE_TYPE.PARAGRAPH) | {TABLE: WD_STYLE_TYPE.TABLE}
    present: set[str] = set()
    for style in template.styles.element.style_lst:
        name = by_letters.get((style.name_val or "").casefold())
        if name is None:
            continue
        if style.type == kinds[name] and name not in present:
            style.name_val = name
            present.add(name)
        else:  # of characters, or there twice
            style.name_val = f"{style.name_val} ({style.styleId})"
    for name in _PARAGRAPHS:
        if internal[name] not in present:
            _paragraph_style(template, name)
            if name == BULLET:
                _number(template, template.styles[name])
    if TABLE not in present:
        _table_style(template)


def _paragraph_style(template: Any, name: str) -> None:
    """A style of paragraphs in its plain form, made where there is none."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    size, colour, bold, before, after = _PARAGRAPHS[name]
    styles = template.styles
    style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    normal = styles.default(WD_STYLE_TYPE.PARAGRAPH)
    if style.base_style is None and normal is not None:
        style.base_style = normal
    style.hidden, style.quick_style = False, True
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    if normal is not None and normal.font.name:
        style.font.name = normal.font.name
        _without_theme(style, normal.font.name)
    style.font.color.rgb = RGBColor.from_string(colour or "1F2328")
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.keep_with_next = name.startswith("Heading") or name in (TITLE, STAMP)
    if name.startswith("Heading"):
        _outline(style, int(name[-1]) - 1)
    if name == TABLE_TEXT:
        form.line_spacing, form.first_line_indent, form.alignment = 1.0, Pt(0), WD_ALIGN_PARAGRAPH.LEFT
    for border in style.element.xpath("./w:pPr/w:pBdr"):  # Word's plain template underlines the title
        border.getparent().remove(border)


def _outline(style: Any, level: int) -> None:
    """Say of a heading's style which level it has, by which Word and screen readers know it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:outlineLvl")):
        properties.remove(old)
    mark: Any = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level))
    properties.append(mark)


def _without_theme(style: Any, font: str) -> None:
    """Take the theme's font from a style, which would go before its name."""
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for mark in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{mark}"), None)
    for mark in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{mark}"), font)


def _number(template: Any, style: Any) -> None:
    """Give a style the points of a list, which a file without lists has no definition of."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.parts.numbering import NumberingPart
    from docx.shared import Cm

    part = template.part
    related = [each for each in part.rels.values() if each.reltype == RELATIONSHIP_TYPE.NUMBERING]
    if related:
        numbering = related[0].target_part.element
    else:
        numbering = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name = PackURI("/word/numbering.xml")
        new = NumberingPart(name, CONTENT_TYPE.WML_NUMBERING, numbering, part.package)
        part.relate_to(new, RELATIONSHIP_TYPE.NUMBERING)
    ids = [int(each) for each in numbering.xpath("./w:abstractNum/@w:abstractNumId | ./w:num/@w:numId")]
    number = max(ids, default=0) + 1
    form = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="singleLevel"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="&#8226;"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>'
    )
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(form)
    else:
        first.addprevious(form)
    last = numbering.xpath("./w:num")
    use = parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>')
    if last:
        last[-1].addnext(use)
    else:
        form.addnext(use)
    properties = style.element.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_numId().val = number
    style.paragraph_format.left_indent = Cm(0.63)
    style.paragraph_format.first_line_indent = -Cm(0.63)


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
