"""Boundaries of which something can't be right: put right where the file itself says how, else an error or a warning.

All areas are made up.
"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geo_bosoc.boundaries.read import read_areas, read_context_layer
from geo_bosoc.problems import Report
from geo_bosoc.text.letters import repaired

X, Y = 575_000.0, 6_220_000.0
NAMES = ["Nørrebro", "Ægirsvænge", "Ålykkeparken Øst"]
LONG = 10_081_001_000_000_017


def squares(number: int, x: float = X, y: float = Y) -> list[shapely.Polygon]:
    return [shapely.box(x + 100 * i, y, x + 100 * i + 100, y + 100) for i in range(number)]


def layer(number: int = 3, crs: object = 25832, **columns: list) -> gpd.GeoDataFrame:
    data = {"area_id": [f"{i:02d}" for i in range(number)], "name": NAMES[:number], **columns}
    return gpd.GeoDataFrame(data, geometry=squares(number), crs=crs)


def write(frame: gpd.GeoDataFrame, path: Path, **options: object) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    return path


def read(path: Path, **keys: object) -> tuple[gpd.GeoDataFrame, Report]:
    report = Report()
    return read_areas(path, report=report, **keys), report  # type: ignore[arg-type]


def only_error(report: Report) -> str:
    (problem,) = report.errors
    return str(problem)


# ---- coordinate systems that say nothing


def geopackage_of_srs(path: Path, srs: int) -> Path:
    write(layer(), path)
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute("UPDATE gpkg_contents SET srs_id = ?", (srs,))
        base.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (srs,))
    return path


@pytest.mark.parametrize("srs", [-1, 0])
def test_a_geopackage_of_undefined_crs_states_none(tmp_path: Path, srs: int) -> None:
    path = geopackage_of_srs(tmp_path / "a.gpkg", srs)
    areas, report = read(path)
    assert not len(areas)
    assert "does not state its coordinate reference system" in only_error(report)
    assert 'crs = "EPSG:25832"' in only_error(report)
    assert len(read(path, crs="EPSG:25832")[0]) == 3


@pytest.mark.parametrize(
    "wkt",
    [
        'LOCAL_CS["Drawing",UNIT["metre",1]]',
        'ENGCRS["Site",EDATUM["x"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]',
    ],
)
def test_a_drawing_s_crs_states_none(tmp_path: Path, wkt: str) -> None:
    path = write(layer(), tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".prj").write_text(wkt)
    assert 'crs = "EPSG:25832"' in only_error(read(path)[1])


def test_mapinfo_nonearth_states_none(tmp_path: Path) -> None:
    corners = "\n".join(
        f"Region 1\n5\n{x} {Y}\n{x + 100} {Y}\n{x + 100} {Y + 100}\n{x} {Y + 100}\n{x} {Y}"
        for x in (X, X + 100)
    )
    head = (
        'Version 300\nCharset "WindowsLatin1"\nDelimiter ","\n'
        'CoordSys NonEarth Units "m" Bounds (0, 0) (10000000, 10000000)\n'
        "Columns 2\narea_id Char(10)\nname Char(20)\nData\n\n"
    )
    (tmp_path / "a.mif").write_text(head + corners + "\n")
    (tmp_path / "a.mid").write_text('"01","A"\n"02","B"\n')
    assert 'crs = "EPSG:25832"' in only_error(read(tmp_path / "a.mif")[1])


@pytest.mark.parametrize("crs", ["EPSG:5799", "EPSG:4978", "banana", "EPSG:999999999999"])
def test_a_crs_that_leads_nowhere_is_refused(tmp_path: Path, crs: str) -> None:
    path = write(layer(), tmp_path / "a.gpkg")
    assert crs in only_error(read(path, crs=crs)[1])


# ---- lists


@pytest.mark.parametrize(
    ("value", "text"),
    [(["0101", "0147"], "0101, 0147"), ([1, 2], "1, 2"), ({"kode": "0101"}, '{"kode":"0101"}')],
)
@pytest.mark.parametrize("form", ["geojson", "parquet"])
def test_lists_and_records_become_text(tmp_path: Path, value: object, text: str, form: str) -> None:
    path = tmp_path / f"a.{form}"
    if form == "geojson":
        write(layer(2), path)
        collection = json.loads(path.read_text())
        for feature in collection["features"]:
            feature["properties"]["municipality"] = value
        path.write_text(json.dumps(collection))
    else:
        write(layer(2), path)
        table = pq.read_table(path)
        pq.write_table(table.append_column("municipality", pa.array([value] * 2)), path)
    areas, report = read(path)
    assert not report.problems
    plain = [re.sub(r"(?<=[:{]) *| *(?=})", "", each) for each in areas["municipality"]]
    assert plain == [text] * 2


def test_an_id_that_is_a_list_is_an_error_that_names_the_column(tmp_path: Path) -> None:
    path = write(layer(2), tmp_path / "a.geojson")
    collection = json.loads(path.read_text())
    for feature in collection["features"]:
        feature["properties"]["area_id"] = ["01", "02"]
    path.write_text(json.dumps(collection))
    assert "column area_id" in only_error(read(path)[1])


# ---- places


def test_over_half_outside_denmark_is_an_error(tmp_path: Path) -> None:
    frame = layer()
    frame.geometry = [*squares(1), *squares(2, 0.0, 0.0)]
    areas, report = read(write(frame, tmp_path / "a.gpkg"))
    assert not len(areas)
    assert "2 of 3 features lie outside Denmark" in only_error(report)
    assert "features 2 and 3" in only_error(report)


def test_one_of_three_outside_is_a_warning_that_names_it(tmp_path: Path) -> None:
    frame = layer()
    frame.geometry = [*squares(2), *squares(1, 0.0, 0.0)]
    areas, report = read(write(frame, tmp_path / "a.gpkg"))
    assert len(areas) == 2
    assert "feature 3" in str(report.warnings[0])


def test_a_context_point_at_null_island_is_left_out_and_told(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        geometry=[shapely.Point(X, Y), shapely.LineString([(X, Y), (0, 0)]), shapely.Point(X, Y)], crs=25832
    )
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    report = Report()
    assert len(read_context_layer(tmp_path / "a.gpkg", report=report)) == 2
    assert "feature 2" in str(report.warnings[0])


def test_topojson_with_heights_is_an_error(tmp_path: Path) -> None:
    def topology(height: list[int]) -> str:
        arc = [[0, 0, *height], [100, 0, *height], [0, 100, *height], [-100, 0, *height], [0, -100, *height]]
        shape = {"type": "Polygon", "arcs": [[0]], "properties": {"area_id": "01", "name": "A"}}
        return json.dumps(
            {
                "type": "Topology",
                "transform": {"scale": [0.001, 0.001], "translate": [10.0, 56.0]},
                "objects": {"areas": {"type": "GeometryCollection", "geometries": [shape]}},
                "arcs": [arc],
            }
        )

    (tmp_path / "flat.topojson").write_text(topology([]))
    (tmp_path / "high.topojson").write_text(topology([7]))
    areas, report = read(tmp_path / "flat.topojson", crs="EPSG:4326")
    assert len(areas) == 1
    assert not report.errors
    assert "heights" in str(read(tmp_path / "high.topojson", crs="EPSG:4326")[1].errors[0])


# ---- ids


@pytest.mark.parametrize("form", ["geojson", "gpkg", "fgb", "parquet"])
def test_long_ids_beside_a_row_without_keep_their_digits(tmp_path: Path, form: str) -> None:
    ids = pd.array([LONG, LONG + 1, None], dtype="Int64")
    path = write(layer(area_id=ids), tmp_path / f"a.{form}")  # type: ignore[arg-type]
    areas, report = read(path, where="area_id IS NOT NULL")
    assert not report.errors
    assert areas["area_id"].tolist() == [str(LONG), str(LONG + 1)]


def test_ids_of_over_nineteen_digits_are_read_from_geojson_itself(tmp_path: Path) -> None:
    path = write(layer(2), tmp_path / "a.geojson")
    text = path.read_text().replace('"area_id": "00"', '"area_id": 123456789012345678901')
    path.write_text(text.replace('"area_id": "01"', '"area_id": 123456789012345678902'))
    areas, report = read(path)
    assert not report.errors
    assert areas["area_id"].tolist() == ["123456789012345678901", "123456789012345678902"]


@pytest.mark.parametrize("form", ["gpkg", "parquet", "fgb"])
def test_long_ids_stored_as_decimals_are_an_error(tmp_path: Path, form: str) -> None:
    path = write(layer(2, area_id=[float(LONG), float(LONG + 100)]), tmp_path / f"a.{form}")
    assert "their last digits are lost in features 1 and 2" in only_error(read(path)[1])


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp", "parquet"])
def test_whole_numbers_written_as_decimals_are_read_as_whole(tmp_path: Path, form: str) -> None:
    path = write(layer(2, area_id=["751.0", "752.0"]), tmp_path / f"a.{form}")
    areas, report = read(path)
    assert areas["area_id"].tolist() == ["751", "752"]
    assert "751.0 are read as 751" in str(report.problems[0])


def test_codes_of_two_parts_stay_as_they_are(tmp_path: Path) -> None:
    path = write(layer(3, area_id=["1.0", "1.1", "2.0"]), tmp_path / "a.gpkg")
    areas, report = read(path)
    assert areas["area_id"].tolist() == ["1.0", "1.1", "2.0"]
    assert not report.problems


def test_ids_that_a_spreadsheet_shortened_are_an_error(tmp_path: Path) -> None:
    path = write(layer(2, area_id=["1.0081E+16", "1.0082E+16"]), tmp_path / "a.gpkg")
    assert "last digits are lost" in only_error(read(path)[1])


# ---- letters


def shapefile(folder: Path, encoding: str, cpg: str | None, driver: int = 0) -> Path:
    """A Shapefile whose names are written in `encoding`, and which says of it what `cpg` and `driver` do."""
    path = write(layer(name=["N" * 40] * 3), folder / "a.shp", encoding="UTF-8")
    data = bytearray(path.with_suffix(".dbf").read_bytes())
    data[29] = driver
    for name in NAMES:
        place = data.index(b"N" * 40)
        data[place : place + 40] = name.encode(encoding).ljust(40)
    path.with_suffix(".dbf").write_bytes(bytes(data))
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


@pytest.mark.parametrize(
    "cpg", [None, "OEM", "865", "cp865", "IBM865", "850", "437", "UTF-8", "ANSI 1252", "88591", "?"]
)
@pytest.mark.parametrize("encoding", ["cp865", "cp850", "cp1252", "utf-8"])
def test_names_are_read_whatever_the_cpg_file_says(tmp_path: Path, encoding: str, cpg: str | None) -> None:
    areas, report = read(shapefile(tmp_path, encoding, cpg))
    assert areas["name"].tolist() == NAMES
    assert not report.warnings


@pytest.mark.parametrize("driver", [0x00, 0x01, 0x02, 0x03, 0x08, 0x57, 0x65, 0x66])
@pytest.mark.parametrize("encoding", ["cp865", "cp850", "cp1252", "utf-8"])
def test_names_are_read_whatever_the_dbf_file_says(tmp_path: Path, encoding: str, driver: int) -> None:
    areas, report = read(shapefile(tmp_path, encoding, None, driver))
    assert areas["name"].tolist() == NAMES
    assert not report.warnings


@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet"])
@pytest.mark.parametrize("wrong", ["latin-1", "cp437", "cp1252"])
def test_names_that_were_exported_wrong_are_put_right(tmp_path: Path, form: str, wrong: str) -> None:
    names = [name.encode("cp865").decode(wrong, "ignore") for name in NAMES[:2]]
    areas, _ = read(write(layer(2, name=names), tmp_path / f"a.{form}"))
    assert areas["name"].tolist() == NAMES[:2]


def test_letters_that_are_lost_are_a_warning_with_the_first_feature(tmp_path: Path) -> None:
    path = write(layer(3, name=["Nyhavn", "N\ufffdrrebro", "V?nget"]), tmp_path / "a.gpkg")
    areas, report = read(path)
    assert len(areas) == 3
    assert [problem.row for problem in report.warnings] == [2]


USUAL = (
    "Sct. Jørgen’s Gård;D’Angleterre;Café Müller;1½ plan;A/B Øst;“Huset”;Sankt Knud´s;Öland;N°1;Nyt hus?;5 m² bolig;"
    "‘Ny’ by;a·b;Å;Bø – øst;»Huset«;På Sø;SØ OG Ø"
)


@pytest.mark.parametrize("name", USUAL.split(";"))
def test_names_that_people_write_are_left_alone(name: str) -> None:
    repair = repaired([name, None, "Nørrebro"])
    assert repair.values == [name, None, "Nørrebro"]
    assert repair.written_in is None
    assert not repair.unreadable
