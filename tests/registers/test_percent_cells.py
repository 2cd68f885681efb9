"""Cells that are shown in per cent, in sheets whose table begins right of column A. Made-up figures."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_register

FIGURES = [0.25, 0.5, 0.125]


def write_xlsx(path: Path, column: int, note: int | None) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for at, name in enumerate(("area_id", "n", "p")):
        sheet.cell(1, column + at, name)
    for row, figure in enumerate(FIGURES, 2):
        for at, value in enumerate(("ABC"[row - 2], 80, figure)):
            sheet.cell(row, column + at, value)
        sheet.cell(row, column + 2).number_format = "0.0%"
        if column > 1:  # formatted, and empty
            sheet.cell(row, column - 1).number_format = "0%"
    if note is not None:
        sheet.cell(note, 1, "Kilde: opdigtet")
    book.save(path)


def write_ods(path: Path, column: int, note: int | None) -> None:
    def cell(value: str | float) -> str:
        kind, text = ("string", str(value)) if isinstance(value, str) else ("float", str(value))
        if isinstance(value, float):
            kind = "percentage"
        number = f' office:value="{value}"' if kind != "string" else ""
        return (
            f'<table:table-cell office:value-type="{kind}"{number}><text:p>{text}</text:p></table:table-cell>'
        )

    empty = f'<table:table-cell table:number-columns-repeated="{column - 1}"/>' if column > 1 else ""
    rows: list[tuple[str | float, ...]] = [("area_id", "n", "p")]
    rows += [("ABC"[at], 80, figure) for at, figure in enumerate(FIGURES)]
    lines = [f"<table:table-row>{empty}{''.join(map(cell, row))}</table:table-row>" for row in rows]
    if note is not None:
        repeated = f'table:number-rows-repeated="{note - len(rows) - 1}"'
        lines += [f"<table:table-row {repeated}><table:table-cell/></table:table-row>"]
        lines += [f"<table:table-row>{cell('Kilde: opdigtet')}</table:table-row>"]
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Ark1">{"".join(lines)}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", manifest)
        book.writestr("content.xml", content)


@pytest.mark.parametrize("form", ["xlsx", "ods"])
@pytest.mark.parametrize("column", [1, 2, 5])
@pytest.mark.parametrize("note", [None, 80])
def test_the_format_follows_its_column(tmp_path: Path, form: str, column: int, note: int | None) -> None:
    path = tmp_path / f"t.{form}"
    (write_xlsx if form == "xlsx" else write_ods)(path, column, note)
    report = Report()
    frame = read_register(path, unit="count", place="area", period="2024", per_cent={"p": "n"}, report=report)
    assert not report.errors
    rows = frame.collect().sort("area_id")
    assert rows["p_count"].to_list() == [20, 40, 10]
