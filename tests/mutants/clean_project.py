"""A small made-up project in which nothing is wrong, in four dresses: text files, workbooks, Parquet and JSON.

Every file is a `Sheet`: rows of plain values, the first of them the head. A mutant changes one of them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
from shapely.geometry import box

YEARS = ("2023", "2024")
AREAS = 12
WEST, NORTH = 575_000, 6_224_000  # of a grid of squares of one kilometre, four beside each other
NAMES = ("Nørrevang", "Ægirsparken", "Ålykke", "Søvænget", "Bøgely", "Højbo", "Lærkely", "Årslev", "Kærby",
         "Møllevang", "Åkrogen", "Engvang")  # fmt: skip
CLASSES = ("0-17", "18-64", "65+")
DRESSES = ("csv", "xlsx", "parquet", "json")
SUFFIX = {"csv": "csv", "xlsx": "xlsx", "parquet": "parquet", "json": "json"}
LAYER = {"csv": "geojson", "xlsx": "gpkg", "parquet": "gpkg", "json": "shp"}


@dataclass
class Sheet:
    """A table's head and rows, and what only a workbook or a text file knows of them."""

    rows: list[list[Any]]
    above: list[list[Any]] = field(default_factory=list)
    below: list[list[Any]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)  # column -> number format of a workbook
    hidden_sheet_before: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    separator: str = ";"
    decimal: str = ","
    encoding: str = "utf-8"

    @property
    def head(self) -> list[Any]:
        return self.rows[0]

    @property
    def body(self) -> list[list[Any]]:
        return self.rows[1:]

    def column(self, name: str) -> int:
        return self.head.index(name)

    def change(
        self, name: str, how: Callable[[Any], Any], where: Callable[[list[Any]], bool] | None = None
    ) -> None:
        """Change the cells of a column, in the rows that meet a condition."""
        at = self.column(name)
        for row in self.body:
            if where is None or where(row):
                row[at] = how(row[at])


@dataclass
class Clean:
    """The files of a project by their names without ending, its layer, and how it is written."""

    dress: str
    sheets: dict[str, Sheet]
    layer: gpd.GeoDataFrame

    def copy(self) -> Clean:
        return Clean(self.dress, deepcopy(self.sheets), self.layer.copy())

    def file(self, name: str) -> str:
        """The name of a file."""
        return f"areas.{LAYER[self.dress]}" if name == "areas" else f"{name}.{SUFFIX[self.dress]}"


def ids(dress: str) -> list[str]:
    """Ids with a leading zero, or with a letter."""
    if dress in ("csv", "parquet"):
        return [f"01{number:02d}" for number in range(1, AREAS + 1)]
    return [f"Omr{number:02d}" for number in range(1, AREAS + 1)]


def make_clean(dress: str) -> Clean:
    """The project: the truth is of our making, and the same in every dress."""
    draw = np.random.default_rng(14)
    areas = ids(dress)
    corners = [(WEST + 1_000 * (at % 4), NORTH + 1_000 * (at // 4)) for at in range(AREAS)]
    layer = gpd.GeoDataFrame(
        {"area_id": areas, "name": list(NAMES)},
        geometry=[box(x, y, x + 1_000, y + 1_000) for x, y in corners],
        crs=25832,
    )
    people: list[list[Any]] = [["omr", "aar", "alder", "n"]]
    police: list[list[Any]] = [["omr", "aar", "unge", "sigtede"]]
    income: list[list[Any]] = [["omr", "aar", "beboere", "lav_pct", "ejendom"]]
    ages = draw.integers(90, 400, (AREAS, 3))
    young, charged = draw.integers(61, 240, AREAS), draw.integers(6, 21, AREAS)
    share = draw.integers(105, 395, AREAS)
    for year in YEARS:
        for at, area in enumerate(areas):
            drift = draw.integers(-3, 4, 3)
            for kind, name in enumerate(CLASSES):
                people.append([area, int(year), name, int(ages[at, kind] + drift[kind])])
            police.append([area, int(year), int(young[at] + drift[0]), int(charged[at] + abs(drift[1]))])
            income.append(
                [
                    area,
                    int(year),
                    int(ages[at].sum() + drift[2]),
                    float(share[at] + drift[1]) / 10,
                    int(7_001 + 13 * at),
                ]
            )
        police.append(["Kommunen", int(year), int(5_003 + drift[0]), int(301 + drift[1])])
    addresses: list[list[Any]] = [["address_id", "x", "y"]]
    homes: list[tuple[str, float, float]] = []
    for at, (x, y) in enumerate(corners):
        homes += [(f"adr-{at:02d}{door:02d}", x + 37.5 + 60 * door, y + 480.25 + door) for door in range(12)]
    homes += [(f"adr-99{door:02d}", WEST + 4_700.5 + 40 * door, NORTH + 333.5) for door in range(24)]
    addresses += [[name, float(x), float(y)] for name, x, y in homes]
    sheets = {
        "people": Sheet(people),
        "police": Sheet(police),
        "income": Sheet(income),
        "addresses": Sheet(addresses),
    }
    n = 620
    home = draw.integers(0, len(homes), n)
    age, works = draw.integers(0, 91, n), draw.random(n) < 0.74
    absence = np.round(draw.gamma(2.0, 3.0, n), 1).clip(0, 60)
    for step, year in enumerate(YEARS):
        rows: list[list[Any]] = [["pid", "address_id", "alder", "arbejde", "fravaer"]]
        for at in range(step * 3, n - 3 + step * 3):
            known = "ja" if works[at] else "nej"
            rows.append([f"p{at:05d}x", homes[home[at]][0], int(age[at] + step), known, float(absence[at])])
        sheets[f"persons_{year}"] = Sheet(rows)
    return Clean(dress, sheets, layer)


PROJECTS = {"bosoc.toml": "all", "tables.toml": "tables", "persons.toml": "persons"}
"""Project files of the same folder: all of it, or a half that runs faster."""

_USE = {"tables": ["young", "counted", "crime", "low_income"], "persons": ["outside", "absence"]}


def _toml(dress: str, part: str) -> str:
    end = SUFFIX[dress]
    use = [name for half, names in _USE.items() if part in (half, "all") for name in names]
    tables = f"""[registers.people]
path = "people.{end}"
unit = "count"
area = "omr"
period = "aar"

[registers.police]
path = "police.{end}"
unit = "count"
area = "omr"
period = "aar"
reference_row = "Kommunen"

[registers.income]
path = "income.{end}"
unit = "count"
area = "omr"
period = "aar"
per_cent = {{ lav_pct = "beboere" }}
"""
    persons = f"""[registers.addresses]
path = "addresses.{end}"
unit = "address"
id = "address_id"
x = "x"
y = "y"

[registers.persons]
path = "persons_{{period}}.{end}"
unit = "person"
role = "population"
id = "pid"
place = "address"
status_date = "{{year}}-01-01"
"""
    return f"""[project]
name = "Prøve"
municipality = "0999"
language = "en"
output = "maps"
made_up = true

[boundaries.areas]
path = "areas.{LAYER[dress]}"
id = "area_id"
name = "name"

{tables if part != "persons" else ""}
{persons if part != "tables" else ""}
[indicators]
file = "indicators_{part}.toml"
use = {use}

[run]
periods = ["2023", "2024"]
"""


OF_TABLES = """
[[indicator]]
id = "young"
label_da = "Børn"
label_en = "Children"
denominator = { register = "people", sum = "n" }
numerator = { register = "people", sum = "n", where = "alder = '0-17'" }

[[indicator]]
id = "counted"
label_da = "Talte"
label_en = "Counted"
unit = "count"
denominator = { register = "people", sum = "n" }

[[indicator]]
id = "crime"
label_da = "Sigtede"
label_en = "Charged"
denominator = { register = "police", sum = "unge" }
numerator = { register = "police", sum = "sigtede" }

[[indicator]]
id = "low_income"
label_da = "Lav indkomst"
label_en = "Low income"
denominator = { register = "income", sum = "beboere" }
numerator = { register = "income", sum = "lav_pct_count" }
"""

OF_PERSONS = """
[[indicator]]
id = "outside"
label_da = "Uden arbejde"
label_en = "Without work"
denominator = { register = "persons", where = "alder BETWEEN 18 AND 64" }
numerator = { register = "persons", where = "arbejde = 'nej'" }

[[indicator]]
id = "absence"
label_da = "Fravær"
label_en = "Absence"
unit = "mean"
scale = 10
denominator = { register = "persons", where = "alder BETWEEN 6 AND 16" }
mean_of = "fravaer"
"""

INDICATORS = {"all": OF_TABLES + OF_PERSONS, "tables": OF_TABLES, "persons": OF_PERSONS}


def write(clean: Clean, folder: Path) -> None:
    """Write all files and the project files."""
    for name, part in PROJECTS.items():
        (folder / name).write_text(_toml(clean.dress, part), encoding="utf-8")
        (folder / f"indicators_{part}.toml").write_text(INDICATORS[part], encoding="utf-8")
    write_parts(clean, [*clean.sheets, "areas"], folder)


def write_parts(clean: Clean, names: Iterable[str], folder: Path) -> None:
    """Write sheets by their names, and the layer for ``areas``."""
    for name in names:
        if name == "areas":
            write_layer(clean.layer, folder / clean.file(name))
        else:
            write_sheet(clean.sheets[name], folder / clean.file(name))


def write_layer(layer: gpd.GeoDataFrame, path: Path) -> None:
    for old in path.parent.glob(path.stem + ".*"):
        if old.suffix in (".shp", ".dbf", ".shx", ".prj", ".cpg", ".gpkg", ".geojson"):
            old.unlink()
    layer.to_file(path, **({"encoding": "utf-8"} if path.suffix == ".shp" else {}))


def write_sheet(sheet: Sheet, path: Path) -> None:
    _WRITERS[path.suffix[1:]](sheet, path)


def _csv(sheet: Sheet, path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.separator, lineterminator="\n")

    def cell(value: Any) -> Any:
        return (
            str(value).replace(".", sheet.decimal)
            if isinstance(value, float)
            else ""
            if value is None
            else value
        )

    writer.writerows([cell(value) for value in row] for row in (*sheet.above, *sheet.rows, *sheet.below))
    path.write_bytes(text.getvalue().encode(sheet.encoding))


def _xlsx(sheet: Sheet, path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    if sheet.hidden_sheet_before:
        page.title, page.sheet_state = "Gammel", "hidden"
        for row in sheet.rows:
            page.append([value // 2 if isinstance(value, int) and value < 1_900 else value for value in row])
        page = book.create_sheet("Tal")
        book.active = 1
    for row in (*sheet.above, *sheet.rows, *sheet.below):
        page.append(row)
    for column, kind in sheet.formats.items():
        for (cell,) in page.iter_rows(min_row=2 + len(sheet.above), min_col=column + 1, max_col=column + 1):
            cell.number_format = kind
    for cells in sheet.merged:
        page.merge_cells(cells)
    for row in sheet.hidden_rows:
        page.row_dimensions[row].hidden = True
    book.save(path)


def _frame(sheet: Sheet) -> pd.DataFrame:
    frame = pd.DataFrame(sheet.body, columns=sheet.head).infer_objects()
    for name in [name for name, dtype in frame.dtypes.items() if dtype == np.dtype(object)]:
        kinds = {type(value) for value in frame[name] if value is not None}
        if kinds - {str} and str in kinds:  # text among numbers: a column of text
            frame[name] = [None if value is None else str(value) for value in frame[name]]
    return frame


def _parquet(sheet: Sheet, path: Path) -> None:
    _frame(sheet).to_parquet(path)


def _json(sheet: Sheet, path: Path) -> None:
    rows = [dict(zip(sheet.head, row, strict=False)) for row in sheet.body]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


_WRITERS: Mapping[str, Callable[[Sheet, Path], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "json": _json,
}
