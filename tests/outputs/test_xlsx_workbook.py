"""categories.xlsx, read back with another program's eyes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import Edition, PublishedResults
from geo_bosoc.outputs.workbook import data_sheets as module
from geo_bosoc.outputs.workbook.write import write_workbook

Maker = Callable[..., PublishedResults]


def rows_of(book: Any, name: str, head: str) -> Iterator[dict[str, Any]]:
    """The rows of a sheet under the row of heads that begins with `head`."""
    rows = [[cell.value for cell in row] for row in book[name].iter_rows()]
    top = next(number for number, row in enumerate(rows) if row[0] == head)
    for row in rows[top + 1 :]:
        if row[0] is None:
            return
        yield dict(zip(rows[top], row, strict=True))


@pytest.fixture
def book(small_shown: Maker, tmp_path: Path) -> Any:
    write_workbook(small_shown(), tmp_path / "c.xlsx")
    return openpyxl.load_workbook(tmp_path / "c.xlsx")


def test_the_sheets_in_their_order(book: Any) -> None:
    assert book.sheetnames == [
        "Årets resultat", "Ændringer", "Oversigt", "Kategorier", "Bag kategorien", "Læs mig", "Indikatorer",
        "Kilder", "2022", "2023", "2024", "Sammenligning", "Tal", "Kriterier",
    ]  # fmt: skip
    for sheet in book.worksheets:
        texts = [str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row]
        assert any("Opdigtede data" in text for text in texts)
        if sheet.title != "Læs mig":
            assert sheet.freeze_panes and sheet.auto_filter.ref


def test_categories_stand_side_by_side_in_the_models_colours(book: Any, small_shown: Maker) -> None:
    sheet = book["Kategorier"]
    rows = list(rows_of(book, "Kategorier", "Område"))
    assert len(rows) == 8
    first = rows[0]
    assert first["Område"] == "Søndervang" and first["Beboere"] == 2410
    assert [first[f"Kategori {year}"] for year in (2022, 2023, 2024)] == ["Særligt udsat"] * 3
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "Særligt udsat")
    assert cell.fill.start_color.rgb == "FFB2182B" and cell.font.color.rgb == "FFFFFFFF"
    behind = list(rows_of(book, "Bag kategorien", "Område"))
    assert behind[0]["Ændringer i point"] == "Skolefravær (procent) +1"
    assert [row["Uafklaret på grund af"] for row in behind if row["Uafklaret på grund af"]] == [
        "Utrygge beboere"
    ]
    overview = {row["Kategori"]: row["2024"] for row in rows_of(book, "Oversigt", "Kategori")}
    assert sum(overview.values()) == 8 and overview["Særligt udsat"] == 1


def test_numbers_are_numbers_and_hidden_ones_say_so(book: Any, small_shown: Maker) -> None:
    shown = small_shown()
    rows = {row["Område-id"]: row for row in rows_of(book, "2024", "Område-id")}
    cells = shown.table.set_index(["area_id", "period", "indicator"])
    value = rows["A01"]["Uden for arbejdsmarkedet (%)"]
    assert value == pytest.approx(cells.at[("A01", "2024", "outside_labour_market"), "value"], rel=1e-15)
    rate = rows["A01"]["Ungdomskriminalitet (pr. 1.000)"]
    assert rate == pytest.approx(1000 * cells.at[("A01", "2024", "youth_crime"), "value"], rel=1e-15)
    assert rows["A06"]["Ungdomskriminalitet (pr. 1.000)"] == "skjult"
    assert rows["A08"]["Utrygge beboere (%)"] == "ingen oplysning"
    sheet = book["2024"]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == value)
    assert cell.number_format == r"0.0\ %"
    foot = [row[1].value for row in sheet.iter_rows()][-2:]
    assert foot == ["Hele kommunen", "Alle områder under ét"]
    figures = list(rows_of(book, "Tal", "Periode"))
    assert len(figures) == len(shown.table)
    mean = next(row for row in figures if row["Indikator"] == "Skolefravær (procent)")
    assert mean["Værdi"] == pytest.approx(mean["Tæller"] / mean["Nævner"])
    for row in figures:
        if row["Status"] == "skjult":
            assert row["Tæller"] is None and row["Uoplyst"] is None and row["Værdi"] == "skjult"


def test_the_read_me_tells_model_dates_assumptions_and_warnings(book: Any) -> None:
    cells = (cell.value for row in book["Læs mig"].iter_rows() for cell in row if cell.value)
    text = "\n".join(str(value) for value in cells)
    for told in (
        "aarhus-2018, version 2024-01-01", "Pointgrænserne er vores antagelse.", "Aldersgrænsen 18-64",
        "personer: 01.01.2024", "addresses.csv: 12 addresses lie in no area.", "”skjult”", "Beboere > 500",
    ):  # fmt: skip
        assert told in text


def test_the_same_input_gives_the_same_bytes(small_shown: Maker, tmp_path: Path) -> None:
    for name in "ab":
        write_workbook(small_shown(), tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(place.name for place in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_text_is_never_a_formula_or_a_link(small_shown: Maker, tmp_path: Path) -> None:
    names = {
        "A01": '=HYPERLINK("http://x")',
        "A02": "http://example.org",
        "A03": "\x00\x0b<b>&amp;",
        "A04": "1234",
    }
    names |= {"A05": "{=1+1}", "A06": "x" * 40_000}
    write_workbook(small_shown(names=names), tmp_path / "c.xlsx")
    with zipfile.ZipFile(tmp_path / "c.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheets = [body for name, body in parts.items() if name.startswith("xl/worksheets/")]
    assert all(b"<f>" not in body and b"<hyperlink" not in body for body in sheets)
    read = {
        row["Område-id"]: row["Område"]
        for row in rows_of(openpyxl.load_workbook(tmp_path / "c.xlsx"), "2024", "Område-id")
    }
    assert read["A01"] == names["A01"] and read["A04"] == "1234" and len(read["A06"]) == 32_000


def test_internal_english_without_a_model(small_shown: Maker, tmp_path: Path) -> None:
    shown = replace(
        small_shown("internal", "en", with_model=False), edition=Edition("internal", UNSUPPRESSED)
    )
    write_workbook(shown, tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames == [
        "Read me",
        "Indicators",
        "Sources",
        "2022",
        "2023",
        "2024",
        "Reference areas",
        "Figures",
    ]
    for sheet in book.worksheets:
        stamps = [str(sheet.cell(row, 1).value) for row in (2, 3, 4)]
        assert stamps[0].startswith("INTERNAL") and stamps[1].startswith("WITHOUT PROTECTION")
    text = " ".join(str(cell.value) for row in book["Read me"].iter_rows() for cell in row)
    assert "hidden" not in text


def test_two_models_get_sheets_of_their_own(small_shown: Maker, tmp_path: Path) -> None:
    shown = small_shown()
    other = shown.models[0].model_copy(update={"id": "a-very-long-id-of-a-model-that-goes-on"})
    more = pd.concat([shown.categories, shown.categories.assign(model=other.id)])
    write_workbook(replace(shown, models=(*shown.models, other), categories=more), tmp_path / "c.xlsx")
    names = openpyxl.load_workbook(tmp_path / "c.xlsx").sheetnames
    assert len(names) == 19 and all(len(name) <= 31 for name in names)


def test_more_rows_than_a_sheet_holds_keep_the_latest_periods(
    small_shown: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST_ROW", 90)
    write_workbook(small_shown(), tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert {row["Periode"] for row in rows_of(book, "Tal", "Periode")} == {"2023", "2024"}
    assert any(
        "2023" in str(row[0].value) and "csv" in str(row[0].value) for row in book["Tal"].iter_rows(max_row=4)
    )


def test_a_criterion_on_figures_that_are_not_shown_is_left_empty(small_shown: Maker, tmp_path: Path) -> None:
    """Where an owner lets nothing be published there is no figure, and none is missing."""
    shown = small_shown()
    model = shown.models[0]
    gone = model.criterion[0].indicator
    criteria = shown.criteria.assign(value=shown.criteria["value"].mask(shown.criteria["indicator"] == gone))
    less = replace(
        shown,
        indicators=tuple(spec for spec in shown.indicators if spec.id != gone),
        table=shown.table[shown.table["indicator"] != gone],
        reference_areas=shown.reference_areas[shown.reference_areas["indicator"] != gone],
        criteria=criteria,
    )
    write_workbook(less, tmp_path / "less.xlsx")
    rows = list(rows_of(openpyxl.load_workbook(tmp_path / "less.xlsx"), "Kriterier", "Periode"))
    label = model.criterion[0].label("da")
    own = [row for row in rows if row["Kriterium"] == label]
    assert own and all(row["Værdi"] is None for row in own)
    assert any(isinstance(row["Værdi"], float) for row in rows if row["Kriterium"] != label)
