"""A municipality's own Word file is used as it is; a wrong one is refused in a sentence, and nothing is written."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm, RGBColor
from typer.testing import CliRunner

from geo_bosoc.cli.app import app
from geo_bosoc.disclosure.results import Stamp
from geo_bosoc.outputs.documents.document import Bullets, Document, Heading, Paragraph, Table, TableCell
from geo_bosoc.outputs.documents.word_file import write_word
from geo_bosoc.outputs.documents.word_styles import BULLET, LEAD, NOTE, TABLE
from geo_bosoc.outputs.documents.word_template import check_template, open_template, write_template
from geo_bosoc.problems import InputError

PAPER = Document(
    title="Prøve",
    subtitle="2024",
    language="da",
    blocks=(
        Heading("Del"),
        Paragraph("Tekst", "lead"),
        Bullets(("et",)),
        Table(("Navn", "Tal"), ((TableCell("Øst"), TableCell("12", True)),)),
        Paragraph("Kilde", "note"),
    ),
    stamps=(Stamp("internal", "INTERNT"),),
    footer="Fod",
    file_date=datetime(2024, 1, 1),
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Changed = Callable[[str, bytes], bytes | None]


def one_pixel() -> bytes:
    """A picture, as a logo."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


def letterhead() -> Any:
    """With a logo in the head, an address at the foot, and headings of its own colour."""
    template = docx.Document()
    template.styles["Heading 1"].font.color.rgb = RGBColor(0, 120, 80)
    template.sections[0].header.paragraphs[0].add_run().add_picture(io.BytesIO(one_pixel()), width=Cm(1))
    template.sections[0].footer.paragraphs[0].text = "Mågesund Kommune · Rådhuset 1"
    return template


def written(template: Any, folder: Path, name: str = "brev.docx") -> Any:
    """The paper in a template, opened again."""
    path = folder / name
    template.save(path) if not isinstance(template, bytes) else path.write_bytes(template)
    write_word(PAPER, folder / "out.docx", path)
    return docx.Document(str(folder / "out.docx"))


def repacked(template: Any, change: Changed) -> bytes:
    """The package with parts changed, or left out where `change` gives None."""
    content, target = io.BytesIO(), io.BytesIO()
    template.save(content)
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            part = change(name, source.read(name))
            if part is not None:
                package.writestr(name, part)
    return target.getvalue()


def texts(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def style_of(document: Any, text: str) -> Any:
    return next(paragraph.style for paragraph in document.paragraphs if paragraph.text == text)


def test_styles_logo_and_foot_of_the_template_stay(tmp_path: Path) -> None:
    document = written(letterhead(), tmp_path)
    assert style_of(document, "Del").font.color.rgb == RGBColor(0, 120, 80)
    section = document.sections[0]
    assert section.header._element.xpath(".//w:drawing")
    assert [paragraph.text for paragraph in section.header.paragraphs][-1] == "INTERNT"
    foot = section.footer
    assert foot.paragraphs[0].text == "Mågesund Kommune · Rådhuset 1"
    assert foot._element.xpath(".//w:fldSimple[contains(@w:instr, 'PAGE')]")
    assert "Fod" not in " ".join(paragraph.text for paragraph in foot.paragraphs)


def test_a_foot_with_a_page_number_is_left_alone(tmp_path: Path) -> None:
    template = letterhead()
    mark = docx.oxml.parse_xml(
        f"<w:r {docx.oxml.ns.nsdecls('w')}><w:instrText> PAGE \\* MERGEFORMAT </w:instrText></w:r>"
    )
    template.sections[0].footer.paragraphs[0]._p.append(mark)
    assert len(written(template, tmp_path).sections[0].footer.paragraphs) == 1


def test_the_document_stands_where_the_mark_is(tmp_path: Path) -> None:
    template = letterhead()
    for text in ("Mågesund Kommune", "", "Teknik og Miljø", " {{INDHOLD}} ", "Venlig hilsen"):
        template.add_paragraph(text)
    document = written(template, tmp_path)
    lines = texts(document)
    assert lines[:2] == ["Mågesund Kommune", "Teknik og Miljø"]
    assert lines[-1] == "Venlig hilsen" and "{{" not in " ".join(lines)
    assert document.paragraphs[1].text == ""  # the letter's own empty line
    assert lines.index("Prøve") < lines.index("Kilde") < lines.index("Venlig hilsen")


def test_without_a_mark_it_follows_what_is_there(tmp_path: Path) -> None:
    template = letterhead()
    for text in ("Mågesund Kommune", "", "Teknik og Miljø", "", ""):
        template.add_paragraph(text)
    paragraphs = [paragraph.text for paragraph in written(template, tmp_path).paragraphs]
    assert paragraphs[:6] == ["Mågesund Kommune", "", "Teknik og Miljø", "INTERNT", "Prøve", "2024"]


def test_every_page_is_stamped_whatever_heads_there_are(tmp_path: Path) -> None:
    template = letterhead()
    template.settings.odd_and_even_pages_header_footer = True
    template.sections[0].different_first_page_header_footer = True
    template.sections[0].first_page_header.paragraphs[0].text = "Forside"
    template.add_section()  # its heads are those of the section before
    other = template.add_section()
    other.header.is_linked_to_previous = False
    other.header.paragraphs[0].text = "Bilag"
    document = written(template, tmp_path)
    for section in document.sections:
        heads = [section.header, section.even_page_header]
        heads += [section.first_page_header] if section.different_first_page_header_footer else []
        for head in heads:
            stamped = [paragraph.text for paragraph in head.paragraphs if paragraph.text == "INTERNT"]
            assert len(stamped) == 1
    assert document.sections[0].first_page_header.paragraphs[0].text == "Forside"
    assert document.sections[2].header.paragraphs[0].text == "Bilag"


def test_tables_are_as_wide_as_the_text_on_a_page_on_its_side(tmp_path: Path) -> None:
    template = letterhead()
    section = template.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    (table,) = written(template, tmp_path).tables
    assert sum(column.width.cm for column in table.columns) == pytest.approx(25.7, abs=0.05)


def test_ids_of_styles_may_be_danish_and_names_spelled_as_other_programs_do(tmp_path: Path) -> None:
    def change(name: str, part: bytes) -> bytes:
        if name != "word/styles.xml":
            return part
        text = part.decode("utf-8").replace('"Heading1"', '"Overskrift1"').replace('"ListBullet"', '"Punkt"')
        return text.replace('w:val="heading 1"', 'w:val="Heading 1"').encode("utf-8")

    document = written(repacked(letterhead(), change), tmp_path)
    style = style_of(document, "Del")
    assert (style.style_id, style.name) == ("Overskrift1", "Heading 1")
    assert style.font.color.rgb == RGBColor(0, 120, 80)
    assert style_of(document, "et").style_id == "Punkt"


def test_missing_styles_are_added(tmp_path: Path) -> None:
    def change(name: str, part: bytes) -> bytes | None:
        text = part.decode("utf-8") if name.endswith((".xml", ".rels")) else ""
        if name == "word/numbering.xml":
            return None
        if name == "word/styles.xml":
            styles = r"<w:style [^>]*w:styleId=\"(List|Title|Caption|Heading)[^>]*>.*?</w:style>"
            return re.sub(styles, "", text, flags=re.DOTALL).encode("utf-8")
        if text and "numbering" in text:
            return re.sub(r"<(Override|Relationship) [^>]*numbering[^>]*/>", "", text).encode("utf-8")
        return part

    document = written(repacked(letterhead(), change), tmp_path)
    names = {style.name for style in document.styles}
    assert {"Heading 1", "Title", BULLET, LEAD, NOTE, TABLE} <= names
    assert document.styles["Heading 1"].element.xpath("./w:pPr/w:outlineLvl/@w:val") == ["0"]
    (number,) = document.styles[BULLET].element.xpath("./w:pPr/w:numPr/w:numId/@w:val")
    numbering = document.part.numbering_part.element
    assert numbering.xpath(f"./w:num[@w:numId='{number}']/w:abstractNumId")
    assert numbering.xpath("./w:abstractNum//w:numFmt/@w:val") == ["bullet"]


def test_a_style_of_characters_with_a_name_that_is_used_is_no_hindrance(tmp_path: Path) -> None:
    template = letterhead()
    template.styles.add_style(LEAD, WD_STYLE_TYPE.CHARACTER)
    assert style_of(written(template, tmp_path), "Tekst").type == WD_STYLE_TYPE.PARAGRAPH


def test_a_dotx_serves_too_and_says_nothing_of_where_it_lay(tmp_path: Path) -> None:
    def change(name: str, part: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return part.replace(b"document.main+xml", b"template.main+xml")
        if name == "word/settings.xml":
            mark = f'<w:attachedTemplate xmlns:r="{RELATIONS}" r:id="rId77"/>'.encode()
            return part.replace(b"</w:settings>", mark + b"</w:settings>")
        return part

    content = repacked(letterhead(), change)
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId77" '
        f'Type="{RELATIONS}/attachedTemplate" '
        'Target="file:///H:/Users/somebody/brev.dotx" TargetMode="External"/></Relationships>'
    )
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("word/_rels/settings.xml.rels", relation)
    assert texts(written(target.getvalue(), tmp_path, "brev.dotx"))[1] == "Prøve"
    with zipfile.ZipFile(tmp_path / "out.docx") as package:
        assert not [name for name in package.namelist() if b"somebody" in package.read(name)]


def office(stream: str) -> bytes:
    """What a file of Office of before 2007, or a protected one, begins with, and the name of a stream in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + stream.encode("utf-16-le")


def package_of(types: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        if types:
            package.writestr("[Content_Types].xml", f'<Types><Override ContentType="{types}"/></Types>')
    return content.getvalue()


MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml wordprocessingml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Kaere kollega", "no Word file"),
        (b"", "no Word file"),
        (office("WordDocument"), "before 2007"),
        (office("EncryptedPackage"), "password"),
        (office("Workbook"), "no Word file"),
        (package_of(""), "no Word file"),
        (package_of(SHEET), "no Word file"),
        (package_of(MACROS), "macros"),
        (package_of(WORD), "that can be read"),
        (b"PK\x05\x06" + bytes(18), "no Word file"),
        (None, "no such file"),
    ],
)
def test_a_wrong_template_gives_one_sentence_and_nothing_is_written(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "brev.docx"
    if content is not None:
        path.write_bytes(content)
    for attempt in (lambda: check_template(path), lambda: write_word(PAPER, tmp_path / "out.docx", path)):
        with pytest.raises(InputError, match=says) as caught:
            attempt()
        (problem,) = caught.value.problems
        assert (problem.file, problem.key) == ("brev.docx", "documents.template")
        assert problem.hint
    assert not (tmp_path / "out.docx").exists()


def test_a_mark_that_cannot_be_used_is_told_of(tmp_path: Path) -> None:
    def refusal(*paragraphs: str, in_table: bool = False) -> str:
        template = letterhead()
        for text in paragraphs:
            template.add_paragraph(text)
        if in_table:
            template.add_table(1, 1).rows[0].cells[0].text = "{{indhold}}"
        template.save(tmp_path / "brev.docx")
        with pytest.raises(InputError) as caught:
            check_template(tmp_path / "brev.docx")
        return str(caught.value)

    assert "more than once" in refusal("{{indhold}}", "{{content}}")
    assert "other words" in refusal("Her: {{indhold}}")
    assert "in a table" in refusal(in_table=True)


def test_the_plain_template_is_one_to_begin_with(tmp_path: Path) -> None:
    path = tmp_path / "brevpapir.docx"
    write_template(path)
    first = path.read_bytes()
    write_template(path)
    assert path.read_bytes() == first
    check_template(path)
    document = open_template(path)
    assert texts(document) == ["{{indhold}}"]
    write_word(PAPER, tmp_path / "a.docx", path)
    write_word(PAPER, tmp_path / "b.docx")
    assert texts(docx.Document(str(tmp_path / "a.docx"))) == texts(docx.Document(str(tmp_path / "b.docx")))


def test_the_command_writes_it_and_writes_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "letterhead.docx"
    run = CliRunner().invoke
    assert run(app, ["template", str(path), "--lang", "en"]).exit_code == 0
    assert texts(open_template(path)) == ["{{content}}"]
    before = path.read_bytes()
    for name, says in (("letterhead.docx", "is there already"), ("letterhead.txt", "a Word file")):
        result = run(app, ["template", str(tmp_path / name)])
        assert isinstance(result.exception, InputError) and says in str(result.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["letterhead.docx"]
    assert path.read_bytes() == before
