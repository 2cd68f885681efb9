"""Finished tables as publishers send them, in workbooks: titles, merged years, areas across, the municipality's row.

They are counted from the demo's people, and say that they are made up.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter


def _masked(count: int) -> int | str:
    return "<5" if 0 < count < 5 else count or "-"


def _workbook(path: Path) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"created": datetime(2024, 1, 1)})  # the same bytes on every day
    return book


def _numbers(rows: pl.DataFrame, test: pl.Expr, *by: str) -> dict[tuple[str, ...], int]:
    return {
        tuple(map(str, key)): frame.height
        for key, frame in rows.filter(test).partition_by(*by, as_dict=True).items()
    }


def write_police_table(path: Path, by_area: pl.DataFrame, rows: pl.DataFrame, years: tuple[int, ...]) -> None:
    """Charged persons and residents of 10-17 years by area and year, small numbers as ``<5``; the municipality last.

    Parameters
    ----------
    path : Path
        The workbook.
    by_area : DataFrame
        The rows of persons of all years that live in an area, with ``area_id``.
    rows : DataFrame
        Those of everybody.
    years : tuple of int
        The years.
    """
    young = pl.col("age").is_between(10, 17)
    municipality = rows.with_columns(pl.lit("Kommunen").alias("area_id"))
    keys = ["area_id", "period", "age", "charged"]
    people = pl.concat([by_area.select(keys), municipality.select(keys)])
    residents = _numbers(people, young, "area_id", "period")
    charged = _numbers(people, young & pl.col("charged"), "area_id", "period")
    with _workbook(path) as book:
        sheet = book.add_worksheet("Sigtede")
        sheet.write_row(0, 0, ["Sigtede 10-17-årige efter bopæl (opdigtede tal)"])
        sheet.write_row(3, 0, ["Område", "År", "Sigtede", "Unge"])
        areas = [*sorted(by_area["area_id"].unique()), "Kommunen"]
        lines = [(area, str(year)) for area in areas for year in years]
        for row, label in enumerate(lines, 4):
            sheet.write_row(
                row, 0, [*label, _masked(charged.get(label, 0)), _masked(residents.get(label, 0))]
            )
        sheet.write_row(len(lines) + 6, 0, ["Anm.: færdselsloven er ikke med."])


def write_estate_table(path: Path, by_area: pl.DataFrame, rows: pl.DataFrame, years: tuple[int, ...]) -> None:
    """Residents and the share of children by estate: years across over two columns each, the municipality last.

    Parameters
    ----------
    path : Path
        The workbook.
    by_area : DataFrame
        The rows of persons of all years that live in an area, with ``area_id``.
    rows : DataFrame
        Those of everybody.
    years : tuple of int
        The years.
    """
    young = pl.col("age") < 18
    with _workbook(path) as book:
        sheet = book.add_worksheet("Beboere")
        sheet.write_row(0, 0, ["Beboere i almene boligafdelinger (opdigtede tal)"])
        sheet.write(3, 0, "Afdeling")
        for number, year in enumerate(years):
            sheet.merge_range(2, 1 + 2 * number, 2, 2 + 2 * number, str(year))
            sheet.write_row(3, 1 + 2 * number, ["Beboere", "Under 18 år, pct."])
        areas = [*sorted(by_area["area_id"].unique()), "Kommunen"]
        for row, area in enumerate(areas, 4):
            area_rows = rows if area == "Kommunen" else by_area.filter(pl.col("area_id") == area)
            cells: list[object] = [area]
            for year in years:
                residents = area_rows.filter(pl.col("period") == str(year))
                share = (
                    round(100 * residents.filter(young).height / residents.height, 1)
                    if residents.height
                    else 0
                )
                cells += [residents.height, share] if residents.height >= 100 else ["..", ".."]
            sheet.write_row(row, 0, cells)


def write_education_table(
    path: Path, by_area: pl.DataFrame, rows: pl.DataFrame, years: tuple[int, ...]
) -> None:
    """Per cent with basic school only, areas across: no base, the whole municipality in the last column.

    Parameters
    ----------
    path : Path
        The workbook.
    by_area : DataFrame
        The rows of persons of all years that live in an area, with ``area_id``.
    rows : DataFrame
        Those of everybody.
    years : tuple of int
        The years.
    """
    grown = pl.col("age").is_between(30, 59)
    areas = sorted(by_area["area_id"].unique())
    with _workbook(path) as book:
        sheet = book.add_worksheet("Uddannelse")
        sheet.write_row(0, 0, ["Grundskole som højeste uddannelse, 30-59-årige, pct. (opdigtede tal)"])
        sheet.write_row(2, 0, ["År", *areas, "Hele kommunen"])
        for row, year in enumerate(years, 3):
            cells: list[object] = [year]
            for area in [*areas, None]:
                area_rows = rows if area is None else by_area.filter(pl.col("area_id") == area)
                adults = area_rows.filter(grown & (pl.col("period") == str(year)))
                too_few = adults.height < 50
                cells.append(
                    ".."
                    if too_few
                    else round(100 * adults.filter(pl.col("education") == "basic").height / adults.height, 1)
                )
            sheet.write_row(row, 0, cells)
        sheet.write_row(len(years) + 4, 0, ["Kilde: ingen; tallene er opdigtede."])
