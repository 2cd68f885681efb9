"""Registers whose points are in other coordinate systems: the same metres, in whatever number of files, and no crash.

PROJ died with threads that Polars started, so files are read in a process of their own: one that dies is a failed test.
The places are made up: a lattice in EPSG:25832, transformed by pyproj in this process.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pyproj
import pytest

import geo_bosoc
from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register

SYSTEMS = ("EPSG:4326", "EPSG:25833", "EPSG:4258")
LARGE = 620_000

READ_TWICE = """
import sys
import geo_bosoc
from geo_bosoc.problems import Report
places = sys.argv[1:]
for pattern, crs in 2 * list(zip(places[::2], places[1::2], strict=True)):
    report = Report()
    frame = geo_bosoc.read_register(pattern, unit="case", id="id", x="x", y="y", crs=crs, report=report).collect()
    assert not report.problems, report.problems
    row = frame["id"].cast(int).to_numpy()
    dx = abs(frame["x"].to_numpy() - (550_000 + 10 * (row % 1000)))
    dy = abs(frame["y"].to_numpy() - (6_200_000 + 10 * (row // 1000)))
    assert max(dx.max(), dy.max()) < 0.01, (pattern, crs, dx.max(), dy.max())
    print(crs, pattern, frame.height, flush=True)
"""


def lattice(rows: int, crs: str, first: int = 0) -> pl.DataFrame:
    """Point number n lies at 550000 + 10 (n mod 1000), 6200000 + 10 (n div 1000) in EPSG:25832."""
    number = np.arange(first, first + rows)
    x, y = 550_000 + 10 * (number % 1000.0), 6_200_000 + 10 * (number // 1000.0)
    moved = pyproj.Transformer.from_crs("EPSG:25832", crs, always_xy=True).transform(x, y)
    return pl.DataFrame({"id": number.astype(str), "x": moved[0], "y": moved[1]})


def write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path)


def test_files_are_read_twice_in_one_process(tmp_path: Path) -> None:
    """Several small ones in every system, and one of more rows than are transformed together."""
    rows, places = {}, []
    for crs, end in product(SYSTEMS, ("csv", "parquet")):
        name = f"{crs[5:]}_{{period}}.{end}"
        for year in range(2020, 2024):
            write(lattice(50, crs, 50 * (year - 2020)), tmp_path / name.format(period=year))
        places += [str(tmp_path / name), crs]
        rows[f"{crs} {tmp_path / name}"] = 200
    write(lattice(LARGE, "EPSG:4326"), tmp_path / "large_2024.parquet")
    places += [str(tmp_path / "large_{period}.parquet"), "EPSG:4326"]
    rows[f"EPSG:4326 {places[-2]}"] = LARGE
    done = subprocess.run(
        [sys.executable, "-c", READ_TWICE, *places], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, f"exit {done.returncode} after {done.stdout}: {done.stderr[-2000:]}"
    assert done.stdout.splitlines() == 2 * [f"{place} {height}" for place, height in rows.items()]


def test_rows_keep_their_order_and_points_without_a_place_are_empty(tmp_path: Path) -> None:
    frame = lattice(10, "EPSG:4326").with_columns(
        pl.when(pl.col("id") == "3").then(None).otherwise(pl.col(name)).alias(name) for name in ("x", "y")
    )
    write(frame, tmp_path / "p.parquet")
    read = read_register(
        tmp_path / "p.parquet", unit="case", id="id", x="x", y="y", crs="EPSG:4326", period="2024"
    ).collect()
    assert read["id"].to_list() == [str(number) for number in range(10)]
    assert read["x"].is_null().to_list() == [number == 3 for number in range(10)]


@pytest.mark.parametrize("crs", ["banana", "99999999999999999999", "EPSG:5799", "EPSG:4978", "EPSG:5817"])
def test_a_crs_that_is_none_of_maps_is_an_error(tmp_path: Path, crs: str) -> None:
    write(lattice(3, "EPSG:4326"), tmp_path / "p.csv")
    report = Report()
    read_register(tmp_path / "p.csv", unit="case", x="x", y="y", crs=crs, period="2024", report=report)
    assert [problem.key for problem in report.errors] == ["crs"]
    with pytest.raises(InputError):
        read_register(tmp_path / "p.csv", unit="case", x="x", y="y", crs=crs, period="2024")


# ---- no function of PROJ, GEOS or GDAL is handed to Polars

CALLBACKS = {"map_batches", "map_elements", "map_groups", "map_rows", "register_io_source", "rolling_map"}
GEOMETRY = {"pyproj", "shapely", "geopandas", "pyogrio", "fiona", "osgeo"}
LOOKED_AT = {
    "registers/readers/parquet.py": "hashes of ids",
    "text/days.py": "Polars: the day of a text",
}
"""Modules that hand a function to Polars; who adds one here has seen that no geometry is touched in it."""


def test_no_geometry_library_is_called_in_a_polars_callback() -> None:
    root = Path(geo_bosoc.__file__).parent
    handing = set()
    for file in sorted(root.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if not any(name in text for name in CALLBACKS):
            continue
        tree = ast.parse(text)
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if not names & CALLBACKS:
            continue
        handing.add(file.relative_to(root).as_posix())
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & GEOMETRY, f"{file} hands a function to Polars and imports {imported & GEOMETRY}"
    assert handing <= set(LOOKED_AT)
