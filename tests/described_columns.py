"""Which columns and headings of output files the documentation describes: `docs/columns.toml`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import openpyxl

TEXTS = tomllib.loads((Path(__file__).parents[1] / "docs" / "columns.toml").read_text(encoding="utf-8"))


def undescribed_columns(columns: list[str], *tables: str) -> list[str]:
    """Those of the columns that no table of `columns.toml` has, figures of an indicator by their ends."""
    names = {name for table in ("columns", *tables) for name in TEXTS[table]}
    ends = tuple(f"_{name}" for name in TEXTS["figures"])
    return [column for column in columns if column not in names and not column.endswith(ends)]


def undescribed_headings(workbook: Path, labels: frozenset[str] = frozenset()) -> list[str]:
    """Headings of a workbook's sheets that are not described, but for its read-me; `labels` are those of indicators."""
    sheets = {
        sheet["name"]: sheet["columns"]
        for sheet in TEXTS["sheet"]
        if sheet.get("file", "categories.xlsx") == workbook.name
    }
    missing = []
    for sheet in openpyxl.load_workbook(workbook, read_only=True).worksheets:
        if sheet.title in ("Læs mig", "Read me"):
            continue
        title = re.sub(r"^20\d\d$", "2024", sheet.title)
        rows = [
            [str(cell) for cell in row if cell is not None]
            for row in sheet.iter_rows(min_row=1, max_row=8, values_only=True)
        ]
        head = next((row for row in rows if len(row) > 1), [])
        for heading in head:
            plain = re.sub(r"\b20\d\d\b", "2024", heading)
            described = plain in sheets.get(title, ()) or {heading, re.sub(r" \(.*\)$", "", heading)} & labels
            missing += [] if described else [f"{sheet.title}: {heading}"]
    return missing
