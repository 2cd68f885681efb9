"""What is guessed of a register's file: format, head, types and roles, on files of our making."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from geo_bosoc.problems import Report
from geo_bosoc.registers.describe import TableDescription, describe_table, find_head
from geo_bosoc.text.guesses import folded, roles_by_name


def described(file: Path) -> TableDescription:
    report = Report()
    table = describe_table(file, report=report)
    assert report.problems == []
    assert table is not None
    return table


def roles(table: TableDescription) -> dict[str, str]:
    return {column.name: column.role.value for column in table.columns if column.role is not None}


PERSONS = (
    "PNR;FOEDSELSDATO;KOMKOD;VEJKOD;HUSNR;ETAGE;SIDEDØR;INDKOMST;løn\r\n"
    "9902997391;01-02-1980;0751;0101;012B;ST;TV;123.456,50;1,5\r\n"
    "9903997392;11-02-1981;0751;0102;003;01;TH;99.000,25;2,25\r\n"
    "9904997393;21-02-1982;0751;0103;005;;;1.000,00;3,75\r\n"
)


@pytest.mark.parametrize(("encoding", "separator"), [("cp1252", ";"), ("utf-8-sig", ";"), ("utf-8", "\t")])
def test_an_extract_of_persons(tmp_path: Path, encoding: str, separator: str) -> None:
    file = tmp_path / "udtræk.csv"
    file.write_bytes(PERSONS.replace(";", separator).encode(encoding))
    table = described(file)
    assert table.separator is not None
    assert table.separator.value == separator
    assert table.encoding is not None
    assert table.encoding.value == encoding.removesuffix("-sig")
    assert table.decimal is not None
    assert table.decimal.value == ","
    assert roles(table) == {
        "PNR": "person", "FOEDSELSDATO": "birth_date", "KOMKOD": "municipality", "VEJKOD": "street",
        "HUSNR": "number", "ETAGE": "floor", "SIDEDØR": "door", "INDKOMST": "gross_income",
    }  # fmt: skip


def test_values_speak_where_names_say_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"A{number},57{number}010.5,622{number}001.5,07510101012BST  TV" for number in range(1, 6)]
    file.write_text("a,b,c,d\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = described(file)
    assert roles(table) == {"b": "x", "c": "y", "d": "kvhx"}
    reasons = {column.name: column.role.reason for column in table.columns if column.role is not None}
    assert reasons == {"b": "east_values", "c": "north_values", "d": "kvhx_values"}


def test_a_name_does_not_speak_against_the_values(tmp_path: Path) -> None:
    """A street is no easting, an age of 400 no age, and a column of words no municipality."""
    file = tmp_path / "a.csv"
    file.write_text("oest;alder;kommune;nr\nNord;400;Aarhus;a\nSyd;401;Odense;b\n", encoding="utf-8")
    assert roles(described(file)) == {"nr": "id"}


def test_a_workbook_with_titles_merged_years_and_notes(tmp_path: Path) -> None:
    file = tmp_path / "lbf.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("Tal")
        book.add_worksheet("Noter")
        sheet.write(0, 0, "Beboere i afdelinger (opdigtet)")
        sheet.write(3, 0, "Afdeling")
        for number, year in enumerate(("2023", "2024")):
            sheet.merge_range(2, 1 + 2 * number, 2, 2 + 2 * number, year)
            sheet.write_row(3, 1 + 2 * number, ["Beboere", "Pct."])
        for row in range(4):
            sheet.write_row(4 + row, 0, [f"000{row}", 100 + row, 1.5, 101 + row, 2.5])
        sheet.write(9, 0, "Kilde: ingen")
    table = described(file)
    assert (table.header_row, table.header_rows, table.sheet) != (None, None, None)
    assert table.header_row is not None
    assert table.header_row.value == "3"
    assert table.header_rows is not None
    assert table.header_rows.value == "2"
    assert table.sheets == ("Tal", "Noter")
    assert table.periods_across == ("2023", "2024")
    assert table.rows == 4
    assert [column.name for column in table.columns[:3]] == ["Afdeling", "2023 / Beboere", "2023 / Pct."]


def test_parquet_and_json(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"person_id": ["P1", "P2"], "alder": pl.Series([3, 44], dtype=pl.Int8), "aar": [2024, 2024]}
    )
    frame.write_parquet(tmp_path / "p.parquet")
    (tmp_path / "p.json").write_text(frame.write_json(), encoding="utf-8")
    for name in ("p.parquet", "p.json"):
        assert roles(described(tmp_path / name)) == {"person_id": "person", "alder": "age", "aar": "period"}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.docx", b"x", "cannot be read as a register"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"a;b\n\x00\x00;1\n", "no text file"),
        ("a.xlsx", b"PK\x03\x04broken", "workbook cannot be read"),
        ("a.parquet", b"PAR1", "Parquet"),
        ("a.json", b"[{", "JSON"),
    ],
)
def test_what_cannot_be_read_is_one_problem(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    report = Report()
    assert describe_table(tmp_path / name, report=report) is None
    assert len(report.errors) == 1
    assert words in str(report.errors[0])


def test_no_value_of_a_row_is_in_what_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(PERSONS.encode("cp1252"))
    shown = repr(described(file))
    for value in ("9902997391", "012B", "123.456", "01-02-1980"):
        assert value not in shown


def test_heads() -> None:
    codes = [["År", "0101", "0102"], ["2023", "1,5", "2,5"], ["2024", "1,6", "2,4"]]
    assert find_head(codes) == (0, 1)
    assert find_head([["Titel"], ["Område", "2023", "2024"], ["A", "1", "2"]]) == (1, 1)
    assert find_head([["navn"], ["A"], ["B"]]) == (0, 1)
    assert find_head([]) == (0, 1)


def test_names_are_compared_as_people_write_them() -> None:
    assert folded("Fødsels_Dato") == folded("FOEDSELSDATO")
    assert roles_by_name("Vej-kode") == ("street",)
    assert roles_by_name("Forsørgelse") == ("labour",)
