"""The made-up municipality written as a project: boundaries, registers, `bosoc.toml` and a word of warning.

The same town gives the same bytes on the same versions of polars, pyarrow and shapely: fixed writer
settings, no clock.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geo_bosoc.demo.names import MUNICIPALITY, MUNICIPALITY_CODE
from geo_bosoc.demo.plans import PLAN_TABLES
from geo_bosoc.demo.town import (
    RESIDENTS,
    SEED,
    YEARS,
    Town,
    make_town,
)
from geo_bosoc.problems import InputError, Problem

CSV_TABLES: Final = ("schools", "nominations", *PLAN_TABLES)
"""Tables that are written as CSV, as people keep them by hand."""
_PREFIXED: Final = ("person_id", "address_id", "dwelling_id", "case_id", "respondent_id")
_ARROW: Final = {
    pl.String: pa.string(),
    pl.Date: pa.date32(),
    pl.Boolean: pa.bool_(),
    pl.Int8: pa.int8(),
    pl.Int16: pa.int16(),
    pl.Int32: pa.int32(),
    pl.Int64: pa.int64(),
    pl.Float64: pa.float64(),
}


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a register as Parquet: ids that follow each other by their differences, other columns by
    dictionary.
    """
    schema = pa.schema([(name, _ARROW[type(dtype)]) for name, dtype in frame.schema.items()])
    table = pa.Table.from_pydict({name: frame[name].to_arrow() for name in frame.columns}).cast(schema)
    by_difference = [name for name in frame.columns if name in _PREFIXED]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in frame.columns if name not in by_difference],
        column_encoding=dict.fromkeys(by_difference, "DELTA_BYTE_ARRAY"),
        row_group_size=1_000_000,
        data_page_size=1 << 20,
        dictionary_pagesize_limit=1 << 22,
        write_statistics=False,
        store_schema=False,
        version="2.6",
    )


def _plain(value: Any) -> Any:
    """GeoJSON coordinates with the decimals they were given, and no more."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    number = round(float(value), 1)
    return int(number) if number.is_integer() else number


def write_layer(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as GeoJSON in EPSG:25832 (``crs`` says so, as in Danish open data), a line each."""
    names = [name for name in layer.columns if name != layer.geometry.name]
    lines = []
    for row in layer.itertuples(index=False):
        shape = shapely.geometry.mapping(row.geometry)
        feature = {
            "type": "Feature",
            "properties": {name: getattr(row, name) for name in names},
            "geometry": {"type": shape["type"], "coordinates": _plain(shape["coordinates"])},
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    text = (
        '{"type":"FeatureCollection","name":'
        + json.dumps(path.stem)
        + ',"crs":'
        + json.dumps(head, separators=(",", ":"))
    )
    path.write_text(text + ',"features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a small table as Danish CSV: semicolons, decimal comma, UTF-8 with a byte order mark."""
    text = frame.write_csv(separator=";", decimal_comma=True, line_terminator="\n")
    path.write_text(text, encoding="utf-8-sig", newline="\n")


def filled(template: str, **words: str) -> str:
    """A text of the folder ``templates`` with its ``@words@`` filled in."""
    text = (files("geo_bosoc.demo") / "templates" / template).read_text(encoding="utf-8")
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def check_folder(folder: Path) -> None:
    """Keep somebody's own project: an `InputError` where the folder holds a project file that is no demo's."""
    project = folder / "bosoc.toml"
    if project.exists() and "made_up = true" not in project.read_text(encoding="utf-8"):
        raise InputError(
            [
                Problem(
                    "error",
                    "there is a project file here already, and it is kept as it is.",
                    file=project.name,
                    hint="Name another folder for the made-up municipality: geo-bosoc demo my-demo.",
                )
            ]
        )


def write_town(town: Town, folder: Path, *, seed: int) -> None:
    """Write a town's files below `folder` (see `write_demo`)."""
    check_folder(folder)
    project = folder / "bosoc.toml"
    boundaries, registers = folder / "data" / "boundaries", folder / "data" / "registers"
    for place in (boundaries, registers):
        place.mkdir(parents=True, exist_ok=True)
    for name, layer in town.boundaries.items():
        write_layer(layer, boundaries / f"{name}.geojson")
    for name, table in town.registers.items():
        if name in CSV_TABLES:
            _write_csv(table, registers / f"{name}.csv")
        else:
            write_table(table, registers / f"{name}.parquet")
    years = sorted(name.removeprefix("persons_") for name in town.registers if name.startswith("persons_"))
    listed = ", ".join(f'"{year}"' for year in years)
    text = filled("bosoc.toml", name=MUNICIPALITY, code=MUNICIPALITY_CODE, periods=listed)
    project.write_text(text, encoding="utf-8", newline="\n")
    warning = filled("data_readme.md", seed=str(seed))
    (folder / "data" / "README.md").write_text(warning, encoding="utf-8", newline="\n")


def write_demo(
    folder: Path, *, seed: int = SEED, residents: int = RESIDENTS, years: tuple[int, ...] = YEARS
) -> None:
    """Write the made-up municipality: ``data/`` (boundaries, registers, a README) and ``bosoc.toml``.

    Files of an earlier made-up municipality there are replaced. The same arguments write the same bytes on
    the same versions of the libraries.

    Parameters
    ----------
    folder : where to write; made if it is not there.
    seed, residents, years : see `make_town`.

    Raises
    ------
    InputError
        The folder holds somebody's own project file.
    """
    write_town(make_town(residents=residents, years=years, seed=seed), folder, seed=seed)
