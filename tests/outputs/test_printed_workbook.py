"""The workbook on paper: the year's result on one page, who moved and why, and letters that can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from printed_sheets import LEAST, letters, misprints, scale

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.texts import criterion_labels
from geo_bosoc.outputs.workbook.book_file import new_book
from geo_bosoc.outputs.workbook.printed_page import LETTERS, column_points, printed_page, text_lines
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column
from geo_bosoc.outputs.workbook.write import write_workbook
from geo_bosoc.text.colours import WITHOUT_FIGURE

Maker = Callable[..., PublishedResults]
DATA = ("2022", "2023", "2024", "Sammenligning", "Tal", "Kriterier")


def with_copies(results: PublishedResults, times: int) -> PublishedResults:
    """The same results with each area so many times."""

    def repeated(frame: Any) -> Any:
        copies = [
            frame.assign(area_id=[f"{area}-{n:02d}" for area in frame["area_id"]]) for n in range(times)
        ]
        if "name" in frame.columns:
            copies = [
                copy.assign(name=[f"{name} {n}" for name in copy["name"]]) for n, copy in enumerate(copies)
            ]
        return pd.concat(copies, ignore_index=True)

    tables = ("areas", "table", "residents", "categories", "criteria")
    return replace(results, **{name: repeated(getattr(results, name)) for name in tables})


def written(results: PublishedResults, folder: Path) -> Any:
    """The workbook, read back."""
    write_workbook(results, folder / "c.xlsx")
    return openpyxl.load_workbook(folder / "c.xlsx")


def table_of(sheet: Any) -> list[list[Any]]:
    """The head of a sheet and the rows beneath it."""
    top = int(sheet.print_title_rows.strip("$").split(":")[0])
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=top)]


@pytest.mark.parametrize("times", [1, 7, 15])
def test_every_sheet_prints_in_letters_that_can_be_read(
    small_shown: Maker, tmp_path: Path, times: int
) -> None:
    book = written(with_copies(small_shown(), times), tmp_path)
    assert misprints(book) == []
    result = book["Årets resultat"]
    assert result.print_title_rows and (times == 1 or result.page_setup.orientation == "portrait")
    if times == 7:  # 56 areas
        assert scale(result) * LETTERS >= LEAST and result.page_setup.fitToHeight in (None, 1)
        assert all(letters(book[name]) >= LEAST for name in book.sheetnames)
    if times == 15:
        assert result.page_setup.fitToHeight == 0 and result.page_setup.fitToWidth in (None, 1)


def test_the_result_has_the_worst_first_and_those_not_assessed_last(
    small_shown: Maker, tmp_path: Path
) -> None:
    head, *rows = table_of(written(small_shown(), tmp_path)["Årets resultat"])
    assert head == [
        "Område", "Beboere", "Kategori 2024", "Point", "Kategori 2023", "Point", "Hvad der er ændret",
    ]  # fmt: skip
    assert [row[0] for row in rows] == [
        "Søndervang", "Nørreparken", "Bakkegårdsparken", "Havneøen", "Møllevangen", "Åbrinken", "Kirkebakken",
        "Lille Enghave",
    ]  # fmt: skip
    assert rows[0][1:] == [2410, "Særligt udsat", 12, "Særligt udsat", 11, "Skolefravær (procent) +1"]
    assert rows[-2][2:4] == ["Uafklaret", "2-5"] and rows[-1][2] == "For lille til at blive vurderet"


def test_areas_that_are_not_assessed_are_grey_as_on_the_map(small_shown: Maker, tmp_path: Path) -> None:
    book = written(small_shown(), tmp_path)
    greys = {}
    for sheet in (book["Årets resultat"], book["2024"]):
        greys |= {
            cell.value: cell.fill.start_color.rgb[2:].lower()
            for row in sheet.iter_rows() for cell in row if cell.fill.fill_type and cell.value
        }  # fmt: skip
    for text, name in (
        ("For lille til at blive vurderet", "too_small"), ("Uafklaret", "undetermined"), ("skjult", "protected"),
    ):  # fmt: skip
        assert f"#{greys[text]}" == WITHOUT_FIGURE[name].colour


def test_the_changes_say_who_moved_from_what_to_what_and_why(small_shown: Maker, tmp_path: Path) -> None:
    shown = small_shown()
    head, *rows = table_of(written(shown, tmp_path)["Ændringer"])
    assert head == [
        "Område", "Beboere", "Kategori 2023", "Point", "Kategori 2024", "Point", "Retning", "Hvorfor",
    ]  # fmt: skip
    assert len(rows) == 1 and rows[0][0] == "Havneøen"
    assert rows[0][2:7] == ["Udsat", 7, "Risikoområde", 3, "bedre"]
    lines = rows[0][7].split("\n")
    values = shown.table.set_index(["area_id", "period", "indicator"])["value"]
    before, now = (values[("A03", period, "outside_labour_market")] for period in ("2023", "2024"))
    text = next(line for line in lines if line.startswith(criterion_labels(shown)["outside_labour_market"]))
    assert text.endswith(f"-1: {100 * before:.1f} % → {100 * now:.1f} %".replace(".", ","))
    assert len(lines) == 4


def test_where_nobody_moved_it_says_so_and_one_period_has_no_changes(
    small_shown: Maker, tmp_path: Path
) -> None:
    shown = small_shown()
    same = shown.categories["period"] != "2024"
    still = pd.concat([shown.categories[same], shown.categories[shown.categories["period"] == "2023"].assign(
        period="2024", moved_by=None)])  # fmt: skip
    sheet = written(replace(shown, categories=still), tmp_path)["Ændringer"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "Ingen områder har fået en anden kategori." in texts
    last = {
        name: getattr(shown, name)[getattr(shown, name)["period"] == "2024"]
        for name in ("table", "reference_areas", "residents", "categories", "criteria", "sources")
    }
    book = written(replace(shown, **last), tmp_path)
    assert "Ændringer" not in book.sheetnames
    assert table_of(book["Årets resultat"])[0][:4] == ["Område", "Beboere", "Kategori 2024", "Point"]


def test_areas_of_one_name_are_told_apart_and_no_ids_stand_in_the_sheets_to_print(
    small_shown: Maker, tmp_path: Path
) -> None:
    shown = small_shown(names={"A04": "Søndervang"})
    book = written(shown, tmp_path)
    names = [row[0] for row in table_of(book["Årets resultat"])]
    assert {"Søndervang (A01)", "Søndervang (A04)"} <= set(names) and "Havneøen" in names
    ids = {spec.id for spec in shown.indicators} | {each.id for each in shown.models[0].category}
    ids |= {shown.models[0].id, "too_small", "undetermined"} - {"residents"}
    for name in ("Årets resultat", "Ændringer", "Oversigt", "Kategorier", "Bag kategorien"):
        words = {cell.value for row in book[name].iter_rows() for cell in row if isinstance(cell.value, str)}
        assert not [text for text in words if any(each in text for each in ids)]


def test_a_wide_sheet_begins_each_page_with_the_areas_and_its_heading(tmp_path: Path) -> None:
    file = new_book(str(tmp_path / "wide.xlsx"), {})
    book = Book(file, "Kommunen", ["Opdigtede data: ingen findes. Ingen."], "Side &P", "Kilde: personer")
    columns = [Column(f"Tal {place}", 20) for place in range(40)]
    book.table("Bred", "En bred tabel", columns, [[Cell(1)] * 40], freeze=1)
    file.close()
    sheet = openpyxl.load_workbook(tmp_path / "wide.xlsx")["Bred"]
    assert sheet.col_breaks.brk and sheet.print_title_cols == "$A:$A" and sheet.print_title_rows == "$3:$3"
    assert sheet.print_area == "'Bred'!$A$3:$AN$4"  # the heading stands in the head of each page
    assert sheet.oddHeader.left.text == "En bred tabel\n&BOpdigtede data: ingen findes&B"
    assert sheet.oddFooter.left.text == "&A · Kilde: personer" and sheet.oddFooter.right.text == "Side &P"


def test_a_long_table_prints_its_last_period(small_shown: Maker, tmp_path: Path) -> None:
    book = written(with_copies(small_shown(), 7), tmp_path)
    for name in ("Tal", "Kriterier"):
        sheet = book[name]
        first, last = (int(cell.rpartition("$")[2]) for cell in sheet.print_area.split(":"))
        assert {sheet.cell(row, 1).value for row in range(first, last + 1)} == {"2024"}
        assert sheet.cell(first - 1, 1).value == "2023"
        assert any("udskriften har den seneste" in str(sheet.cell(row, 1).value) for row in range(1, 5))


def test_how_a_sheet_is_printed_follows_from_its_widths() -> None:
    assert column_points(8.43) == 48.0  # Excel's standard column: 64 pixels
    small = printed_page([20, 10], 200)
    assert not small.is_landscape and small.scale == 1 and not small.breaks
    assert printed_page([20] * 7, 300).is_landscape
    tall = printed_page([20, 10], 4_000, single=True)
    assert not tall.is_single and tall.letters >= LEAST
    wide = printed_page([10] * 80, 300, repeated=1)
    assert wide.breaks and wide.letters >= LEAST
    pages = [b - a for a, b in zip((1, *wide.breaks), (*wide.breaks, 80), strict=True)]
    assert sum(pages) == 79 and max(pages) - pages[0] == 0


def test_texts_take_the_lines_that_they_need() -> None:
    assert text_lines("Udsat", 10) == 1 and text_lines("Udsat eller Særligt udsat", 14) == 2
    assert text_lines("en\nto\ntre", 80) == 3 and text_lines("x" * 50, 10) >= 4
