"""Tries every use of each file that it is given, in this process; started by `test_every_file`.

On standard output a line for each file as it begins, and one for each failure that is no `InputError`.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

import geo_bosoc as gb
from geo_bosoc.atomic_write.errors import OutputNotWritten
from geo_bosoc.boundaries.files import open_layer
from geo_bosoc.models import categorise_table
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.run import check_project

MODELS = ("aarhus-2018", "copenhagen-sok")
VECTOR = {".geojson", ".json", ".gml", ".gpkg", ".shp", ".topojson", ".xml", ".tif", ".gfs", ".dbf", ".shx"}
TABLE = {".csv", ".xlsx", ".json", ".parquet", ".geojson", ".dbf", ".tif", ".xml", ".toml", ".topojson"}
SQUARE = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"area_id": "A", "name": "A"},'
    ' "geometry": {"type": "Polygon", "coordinates":'
    " [[[10.2, 56.1], [10.3, 56.1], [10.3, 56.2], [10.2, 56.2], [10.2, 56.1]]]}}]}"
)
PROJECT = """
[project]
name = "Sweep"
municipality = "0999"
made_up = true
[boundaries.areas]
path = {path}
id = {id}
name = {name}
{crs}
[registers.t]
path = {table}
unit = {unit}
{place}
[indicators]
file = "indicators.toml"
use = ["i"]
[run]
periods = ["2024"]
"""
INDICATOR = """
[[indicator]]
id = "i"
label_da = "I"
label_en = "I"
definition_da = "I"
definition_en = "I"
{more}
denominator = {{ register = "t"{count} }}
"""
AREA = ("area_id", "omr", "omraade", "område", "area", "code", "kode", "ucode", "unitcode", "id", "nr")
NUMBER = ("n", "naevner", "antal", "residents", "beboere", "indhold", "population", "inhabitants", "z")
PERIOD = ("period", "year", "år", "aar", "tid", "time")
X, Y = ("x", "lon", "easting", "long"), ("y", "lat", "northing", "latitude")


def text_of(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(20_000).decode("utf-8-sig", "replace")


def header_of(file: Path) -> list[str]:
    """Column names that the file may have, by a plain look at it."""
    kind = file.suffix.lower()
    try:
        if kind == ".xlsx":
            return [str(name) for name in pd.read_excel(file, header=None, nrows=8).tail(1).to_numpy()[0]]
        if kind == ".csv":
            lines = text_of(file).splitlines()
            separator = max(";,\t", key=lines[0].count)
            return next(csv.reader(lines, delimiter=separator))
        if kind == ".json":
            rows = json.loads(file.read_text("utf-8"))
            return list(rows[0]) if isinstance(rows, list) else list(rows)
        opened = open_layer(file, report=Report())
        return [] if opened is None else list(opened.columns)
    except Exception:
        return ["area_id"]


def named(header: list[str], words: tuple[str, ...], otherwise: str) -> str:
    """The column of the header that is called like one of the words."""
    plain = {name.casefold(): name for name in reversed(header)}
    return next((plain[word] for word in words if word in plain), otherwise)


def uses(file: Path, folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What may be done with a file, right or wrong."""
    kind = file.suffix.lower()
    header = [name for name in header_of(file) if name] or ["area_id"]
    first, last = header[0], header[-1]
    second = header[1] if len(header) > 1 else first
    area, number = named(header, AREA, first), named(header, NUMBER, last)
    period, x, y = named(header, PERIOD, "2024"), named(header, X, second), named(header, Y, last)
    yield "read_areas", lambda: gb.read_areas(file)
    yield "read_areas id", lambda: gb.read_areas(file, id=area, name=second, kind=last)
    yield "read_areas crs", lambda: gb.read_areas(file, id=second, name=None, crs="EPSG:25832")
    where = f'"{first}" IS NOT NULL'
    yield "read_areas where", lambda: gb.read_areas(file, id=first, name=second, where=where)
    yield "read_context_layer", lambda: gb.read_context_layer(file, name=first)
    specs: dict[str, dict[str, Any]] = {
        "plain": {"unit": "count"},
        "count": {"unit": "count", "area": area, "period": period},
        "count across": {"unit": "count", "area": area, "years_across": "n"},
        "areas across": {"unit": "count", "areas_across": "n", "period": first, "header_rows": 2},
        "count per cent": {"unit": "count", "area": area, "period": period, "per_cent": {number: ""}},
        "count share": {"unit": "count", "area": area, "period": period, "share": {number: last}},
        "person": {"unit": "person", "id": first, "address": second, "period": period},
        "person in area": {"unit": "person", "id": first, "area": area, "period": period, "birth_date": last},
        "case": {"unit": "case", "id": first, "person": second, "period": last, "where": where},
        "address": {"unit": "address", "id": first, "x": x, "y": y, "period": "2024"},
        "degrees": {"unit": "address", "id": first, "x": x, "y": y, "crs": "EPSG:4326", "period": "2024"},
        "dar": {"unit": "address", "format": "dar"},
        "bbr": {"unit": "dwelling", "format": "bbr"},
    }
    for name, spec in specs.items():
        yield f"read_register {name}", lambda spec=spec: gb.read_register(file, **spec).collect()
    for model in MODELS:
        yield f"categorise {model}", lambda model=model: categorise_table(file, gb.load_model(model))
    yield (
        "categorise named",
        lambda: categorise_table(
            file,
            gb.load_model("national-2021"),
            area=area,
            period=named(header, PERIOD, first),
            origin=False,
            yearly=True,
        ),
    )
    of_a_case = "cases" in file.parts  # whose project is run in `test_cases.py`, and more in the mutants
    if kind == ".toml":
        yield "model", lambda: gb.load_model(file)
        yield "indicators", lambda: gb.load_indicators(file)
        if not of_a_case:
            yield "project", lambda: check_project(file)
    if file.parent == folder or of_a_case:
        return  # another ending: the readers have been tried
    table = {"area": area, "period": period, "number": number, "first": first, "second": second}
    if kind in VECTOR:  # what is no boundary file has been refused by read_areas
        crs = 'crs = "EPSG:25832"'
        yield f"project of areas {crs}", lambda: check_project(project(file, folder, table, crs=crs))
    if kind not in (".csv", ".xlsx", ".json"):
        return
    for unit in ("sum", "person"):
        yield f"project of {unit}", lambda unit=unit: check_project(project(file, folder, table, unit=unit))


def project(
    file: Path, folder: Path, names: dict[str, str], *, crs: str | None = None, unit: str = ""
) -> Path:
    """A small project with the file as its boundaries (where a `crs` is given) or as its table."""
    square, table = folder / "square.geojson", folder / "t.csv"
    square.write_text(SQUARE)
    table.write_text("area_id;period;n\nA;2024;5\n")
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in names.items()}
    if crs is not None:
        place, count = "", ', sum = "n"'
    elif unit == "person":
        place = f'area = {quoted["area"]}\nid = {quoted["first"]}\nperiod = "2024"'
        count = f', where = "{names["second"]} IS NOT NULL"'
    else:
        place = f"area = {quoted['area']}\nperiod = {quoted['period']}"
        count = f", sum = {quoted['number']}" if unit == "sum" else ""
    text = PROJECT.format(
        path=json.dumps(str(square if crs is None else file)),
        id='"area_id"' if crs is None else quoted["area"],
        name='"name"' if crs is None else quoted["second"],
        crs=crs or "",
        table=json.dumps(str(file if crs is None else table)),
        unit='"person"' if unit == "person" else '"count"',
        place=place,
    )
    (folder / "indicators.toml").write_text(
        INDICATOR.format(more='unit = "count"', count=count), encoding="utf-8"
    )
    toml = folder / "bosoc.toml"
    toml.write_text(text, encoding="utf-8")
    return toml


def main() -> None:
    """Try each file named on standard input, as a file of its kind or (after a tab) of another ending.

    After a second tab stands which third of the uses is tried, where one is enough.
    """
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        for line in sys.stdin:
            path, ending, third = line.rstrip("\n").split("\t")
            file = Path(path)
            if ending:
                file = Path(shutil.copyfile(file, Path(place) / f"{file.stem}{ending}"))
            for name, use in islice(uses(file, Path(place)), int(third or 0), None, 3 if third else 1):
                print(f"begin\t{name}\t{file}", flush=True)
                try:
                    use()
                except (InputError, OutputNotWritten):
                    pass
                except BaseException as error:
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    ours = [
                        one
                        for one in traceback.extract_tb(error.__traceback__)
                        if "geo_bosoc" in one.filename
                    ]
                    print(
                        f"fault\t{name}\t{file}\t{type(error).__name__}: {str(error)[:200]!r} at {where.filename}:"
                        f"{where.lineno} in {[f'{Path(o.filename).name}:{o.lineno}' for o in ours[-4:]]}",
                        flush=True,
                    )
    print("done", flush=True)


if __name__ == "__main__":
    main()
