"""Documents: Word and HTML say the same, in real headings and tables; their figures are those of the published CSV."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from document_parts import Parts, html_parts, word_parts

from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults, stamp_texts
from geo_bosoc.outputs.csv_tables import write_categories_csv
from geo_bosoc.outputs.documents import html_file, papers
from geo_bosoc.outputs.documents.area_profile import write_profiles
from geo_bosoc.outputs.documents.document import (
    Bullets,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    TableCell,
    WordsBox,
)
from geo_bosoc.outputs.documents.html_file import html_text, write_html
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.outputs.documents.word_file import write_word
from geo_bosoc.outputs.documents.yearly_report import write_report
from geo_bosoc.outputs.texts import reference_word
from geo_bosoc.text.numbers import in_unit, number, protected_word

Maker = Callable[..., PublishedResults]
HOSTILE = {
    "A01": "<script>alert(1)</script>",
    "A02": "=cmd|'/c calc'!A0",
    "A03": "Nul\x00 og \x1b[31m, \ufffe, \x85",
    "A04": "Øst \u202eenruT\u202c \u200fמזרח",
    "A05": "Meget lang " + "a" * 200,
    "A06": "</style><img src=x onerror=alert(1)>&amp;",
    "A07": "To\nlinjer\tog {{indhold}}",
    "A08": "Bagest \x9f",
}


def written(published: PublishedResults, folder: Path, **keys: object) -> list[Path]:
    """The report and every profile."""
    part = DocumentsPart.model_validate({"report": True, "profiles": True, **keys})
    of_set = Papers(published, part)
    (folder / "profiles").mkdir(parents=True)
    write_report(of_set, folder / "yearly_report.docx", folder / "yearly_report.html")
    write_profiles(of_set, folder / "profiles")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def parts_of(path: Path) -> Parts:
    return word_parts(path) if path.suffix == ".docx" else html_parts(path)


@pytest.fixture(scope="module")
def public(small_shown: Maker, tmp_path_factory: pytest.TempPathFactory) -> tuple[PublishedResults, Path]:
    published, folder = small_shown(), tmp_path_factory.mktemp("papers")
    written(published, folder)
    write_categories_csv(published, folder / "categories.csv")
    return published, folder


def rows_of(file: Path) -> Mapping[tuple[str, str], dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return {(row["area_id"], row["period"]): row for row in csv.DictReader(stream, delimiter=";")}


def shown_figures(published: PublishedResults, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each indicator's label, and its figure in a row of the CSV as a reader is to see it."""
    for spec in published.indicators:
        if row[f"{spec.id}_status"] == "protected":
            yield spec.label_da, protected_word("da")
        elif row[f"{spec.id}_value"]:
            value = float(row[f"{spec.id}_value"].replace(",", "."))
            yield spec.label_da, in_unit(value, spec.unit, "da", 2 if spec.unit == "mean" else 1)


def test_each_figure_of_an_area_is_that_of_the_csv(public: tuple[PublishedResults, Path]) -> None:
    published, folder = public
    rows, compared, suppressed = rows_of(folder / "categories.csv"), 0, 0
    for path in (folder / "profiles").iterdir():
        area_id = path.name.split("_")[0].upper()
        for head, *lines in parts_of(path).tables:
            for place, column in enumerate(head):
                if (period := column.removeprefix("Området ")) not in published.periods:
                    continue
                figures = dict(shown_figures(published, rows[area_id, period]))
                for line in lines:
                    if line[0] in figures:
                        assert line[place] == figures[line[0]], (path.name, line[0], period)
                        compared += 1
                        suppressed += line[place] == protected_word("da")
    assert compared > 100 and suppressed > 10


def test_each_figure_of_a_reference_is_the_published_one(public: tuple[PublishedResults, Path]) -> None:
    published, folder = public
    called = reference_word(MUNICIPALITY, "da").casefold()
    frame = published.reference_areas[published.reference_areas["area_id"] == MUNICIPALITY]
    figures = {(row.indicator, row.period): row.value for row in frame.itertuples()}
    compared = 0
    for path in (folder / "profiles").iterdir():
        for head, *lines in parts_of(path).tables:
            for place, column in enumerate(head):
                name, _, period = column.rpartition(" ")
                if name.casefold() != called:
                    continue
                for spec in published.indicators:
                    decimals = 2 if spec.unit == "mean" else 1
                    for line in (line for line in lines if line[0] == spec.label_da):
                        value = figures[spec.id, period]
                        assert line[place] == in_unit(value, spec.unit, "da", decimals)
                        compared += 1
    assert compared > 30


def test_categories_and_residents_of_the_report_are_those_of_the_csv(
    public: tuple[PublishedResults, Path],
) -> None:
    published, folder = public
    rows = rows_of(folder / "categories.csv")
    ids = {name: area_id for area_id, name in published.areas[["area_id", "name"]].itertuples(index=False)}
    for path in (folder / "yearly_report.docx", folder / "yearly_report.html"):
        compared = 0
        for head, *lines in parts_of(path).tables:
            for line in lines:
                for place, column in enumerate(head):
                    row = rows.get((ids.get(line[0], ""), column))
                    if row is not None:
                        assert line[place] == row["category_label"]
                        compared += 1
                    elif column == "Beboere" and line[0] in ids:
                        residents = rows[ids[line[0]], published.periods[-1]]["residents"]
                        assert line[place] == number(float(residents), "da")
                        compared += 1
        assert compared >= 2 * len(ids)  # areas that are not assessed stand in a note


def test_word_and_html_say_the_same(public: tuple[PublishedResults, Path]) -> None:
    _, folder = public
    for path in folder.rglob("*.docx"):
        word, page = word_parts(path), html_parts(path.with_suffix(".html"))
        assert word.headings == page.headings
        assert word.tables == page.tables
        assert word.alt_texts == page.alt_texts
        assert word.title == page.title


def test_headings_tables_and_pictures_serve_those_who_do_not_see(
    public: tuple[PublishedResults, Path],
) -> None:
    _, folder = public
    for path in (*folder.rglob("*.docx"), *folder.rglob("*.html")):
        parts = parts_of(path)
        levels = [0, *(level for level, _ in parts.headings)]
        assert all(level <= before + 1 for before, level in pairwise(levels)), path.name
        assert len(levels) > 3 and all(text.strip() for _, text in parts.headings)
        assert parts.tables and all(parts.header_rows)
        assert all(len(text) > 20 for text in parts.alt_texts)
        assert parts.title.strip()
        assert parts.language == ("da-DK" if path.suffix == ".docx" else "da")


def test_every_page_says_what_the_set_is(small_shown: Maker, tmp_path: Path) -> None:
    published = small_shown("internal")
    stamps = stamp_texts(published)
    assert len(stamps) == 3
    for path in written(published, tmp_path, formats=("docx",), profiles=("A01",)):
        for section in docx.Document(str(path)).sections:
            text = " ".join(paragraph.text for paragraph in section.header.paragraphs)
            assert all(stamp in text for stamp in stamps)
    page = html_text(papers.document_of(Papers(published, DocumentsPart()), "T", "S", iter(())))
    css = page[page.index("--stamps:") : page.index("@page")]
    assert all(word in css for word in re.findall(r"\w+", " ".join(stamps)))
    assert page.count("@top-right { content: var(--stamps)") == 1


def test_hostile_names_are_text(small_shown: Maker, tmp_path: Path) -> None:
    published = small_shown("internal", names=HOSTILE)
    paths = written(replace(published, name="</style><script>alert(2)</script>" * 9), tmp_path)
    assert len(paths) == 2 * (1 + len(HOSTILE))
    for path in paths:
        parts = parts_of(path)  # a file that XML forbids anything in is not read at all
        text = "\n".join([parts.title, *parts.texts])
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]", text
        )
        if path.suffix == ".html":
            page = path.read_text(encoding="utf-8")
            assert "<script" not in page and "onerror=alert(1)>" not in page.replace("&gt;", "")
            assert page.count("</style>") == 1 and page.count("<img src=x") == 0
        if path.parent.name == "profiles":
            assert re.fullmatch(r"[a-z0-9_]{1,80}\.(docx|html)", path.name)
    report = word_parts(tmp_path / "yearly_report.docx")
    names = {row[0] for table in report.tables for row in table}
    assert {HOSTILE["A01"], HOSTILE["A02"], HOSTILE["A05"], "Nul og [31m, ,  "} <= names


def test_the_same_input_gives_the_same_bytes(
    small_shown: Maker, public: tuple[PublishedResults, Path], tmp_path: Path
) -> None:
    """Whether a profile is written by itself or among others."""
    again = written(small_shown(), tmp_path, profiles=("A08",))
    assert len(again) == 4
    for path in again:
        assert path.read_bytes() == (public[1] / path.relative_to(tmp_path)).read_bytes(), path.name


def test_without_python_docx_html_is_written(
    small_shown: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "is_word_installed", lambda: False)
    names = {path.suffix for path in written(small_shown(), tmp_path, profiles=())}
    assert names == {".html"}


EVERY_BLOCK = Document(
    title="Prøve",
    subtitle="2024",
    language="da",
    blocks=(
        Heading("Del"),
        Paragraph("Tekst", "lead"),
        Heading("Afsnit", 2),
        Bullets(("et", "to")),
        PageBreak(),
        Table(("Navn", "Tal"), ((TableCell("Øst"), TableCell("skjult", True, True)),), "Tabel"),
        WordsBox("Ord", ("Linje",)),
        WordsBox("Plads"),
        Paragraph("Kilde", "note"),
    ),
    stamps=(),
    footer="Fod · 2024",
    file_date=datetime(2024, 1, 1),
)


def test_every_kind_of_block_is_in_both_files(tmp_path: Path) -> None:
    write_word(EVERY_BLOCK, tmp_path / "a.docx")
    write_html(EVERY_BLOCK, tmp_path / "a.html")
    word, page = word_parts(tmp_path / "a.docx"), html_parts(tmp_path / "a.html")
    assert word.texts == ["Prøve", "2024", *page.texts[2:]]
    assert word.headings == page.headings == [(1, "Del"), (2, "Afsnit")]
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        body = package.read("word/document.xml").decode("utf-8")
        assert body.count("<w:pageBreakBefore") == 1
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_letters_stand_out_from_the_page() -> None:
    """WCAG 2, 1.4.3: at least 4.5 : 1, also on the grey of header rows."""
    colours = set(re.findall(r"[{; ]color: (#[0-9a-f]{6})", html_file._STYLE))
    assert len(colours) >= 4
    for colour in colours:
        assert (luminance("#e3e6ec") + 0.05) / (luminance(colour) + 0.05) >= 4.5, colour
