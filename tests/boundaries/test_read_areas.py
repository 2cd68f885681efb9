"""Boundaries in: every format alike, every fault told, every repair told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width
from geo_bosoc.boundaries.read import read_areas, read_context_layer
from geo_bosoc.problems import BosocWarning, InputError, Report

X, Y = 575_000.0, 6_220_000.0


def box(x: float, y: float, width: float = 100.0, height: float = 100.0) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def layer(geometry: list, crs: object = 25832, **columns: list) -> gpd.GeoDataFrame:
    columns = columns or {"area_id": [f"{i:02d}" for i in range(len(geometry))]}
    columns.setdefault("name", [f"Area {i}" for i in range(len(geometry))])
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def write(frame: gpd.GeoDataFrame, path: Path, **options: object) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    return path


def texts(report: Report, level: str) -> str:
    return "\n".join(str(problem) for problem in report.problems if problem.level == level)


FORMATS = ["gpkg", "geojson", "shp", "fgb", "parquet"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_areas(tmp_path: Path, suffix: str) -> None:
    frame = layer(
        [box(200, 0), box(0, 0), box(100, 0)], area_id=["03", "01", "02"], name=["Ålborg", "Nørrebro", "Ærø"]
    )
    path = write(frame, tmp_path / f"grænser æøå.{suffix}")
    report = Report()
    areas = read_areas(path, report=report)
    assert not report.problems
    assert list(areas.columns) == ["area_id", "name", "kind", "geometry"]
    assert areas["area_id"].tolist() == ["01", "02", "03"]
    assert areas["name"].tolist() == ["Nørrebro", "Ærø", "Ålborg"]
    assert areas["kind"].tolist() == ["area"] * 3
    assert areas.crs.to_epsg() == 25832
    assert (
        areas.geometry.normalize()
        .geom_equals_exact(gpd.GeoSeries([box(0, 0), box(100, 0), box(200, 0)], crs=25832).normalize(), 1e-3)
        .all()
    )


@pytest.mark.parametrize("crs", [4326, 4258, 3857, 25833, 25832, 7416])
def test_any_crs_comes_out_in_25832(tmp_path: Path, crs: int) -> None:
    frame = layer([box(0, 0)]).to_crs(crs)
    areas = read_areas(write(frame, tmp_path / "a.gpkg"), report=(report := Report()))
    assert not report.errors
    assert areas.crs.to_epsg() == 25832
    assert np.allclose(areas.total_bounds, [X, Y, X + 100, Y + 100], atol=1e-3)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.95, 0.5, 0.03, 0.0])
def test_a_file_cut_off_is_one_plain_error(tmp_path: Path, suffix: str, share: float) -> None:
    path = write(layer([box(i * 100, 0) for i in range(40)]), tmp_path / f"cut.{suffix}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError) as error:
        read_areas(path)
    (problem,) = error.value.problems
    assert problem.file == path.name
    assert problem.hint
    assert str(tmp_path) not in str(error.value)


def test_rubbish_and_absence(tmp_path: Path) -> None:
    (tmp_path / "rubbish.gpkg").write_bytes(b"\x00\xff" * 300)
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "plain.parquet")
    (tmp_path / "table.csv").write_text("area_id;name\n1;A\n", encoding="utf-8")
    part = write(layer([box(0, 0)]), tmp_path / "part.shp")
    part.with_suffix(".dbf").unlink()
    for name, said in {
        "rubbish.gpkg": "cannot be opened",
        "plain.parquet": "not GeoParquet",
        "table.csv": "no layer with geometry",
        "gone.gpkg": "not there",
        "part.shp": ".dbf",
        "part.shx": "one part of a Shapefile",
    }.items():
        with pytest.raises(InputError, match=said):
            read_areas(tmp_path / name)
    with pytest.raises(InputError, match="folder"):
        read_areas(tmp_path)


def test_several_layers_are_named(tmp_path: Path) -> None:
    path = write(layer([box(0, 0)]), tmp_path / "two.gpkg", layer="districts")
    write(layer([box(0, 0), box(100, 0)]), path, layer="estates", append=True)
    with pytest.raises(InputError, match="districts, estates"):
        read_areas(path)
    with pytest.raises(InputError, match='Did you mean "estates"'):
        read_areas(path, layer="estate")
    assert len(read_areas(path, layer="estates")) == 2


def test_missing_columns_are_listed_all_at_once(tmp_path: Path) -> None:
    path = write(layer([box(0, 0)], KODE=["01"], navn=["A"], name=["B"]), tmp_path / "a.geojson")
    with pytest.raises(InputError) as error:
        read_areas(path, id="kode", name="title", kind="type", where="areal > 3")
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 4
    assert 'Did you mean "KODE"?' in said[0]
    assert all("KODE, navn, name" in line for line in said)


def test_a_missing_crs_is_an_error_with_a_guess(tmp_path: Path) -> None:
    metres = write(layer([box(0, 0)]), tmp_path / "metres.shp")
    degrees = write(layer([box(0, 0)]).to_crs(4326), tmp_path / "degrees.shp")
    for path, guess in ((metres, "EPSG:25832"), (degrees, "EPSG:4326")):
        path.with_suffix(".prj").unlink()
        with pytest.raises(InputError, match=f'give crs = "{guess}"'):
            read_areas(path)
        assert np.allclose(read_areas(path, crs=guess).total_bounds, [X, Y, X + 100, Y + 100], atol=1e-3)
    with pytest.raises(InputError, match="is not known"):
        read_areas(metres, crs="EPSG:999999")


def test_coordinates_that_cannot_be_denmark(tmp_path: Path) -> None:
    # A GeoJSON file in metres that does not say so is read as degrees.
    metres = tmp_path / "metres.geojson"
    feature = {
        "type": "Feature",
        "properties": {"area_id": "01", "name": "A"},
        "geometry": box(0, 0).__geo_interface__,
    }
    metres.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with pytest.raises(InputError, match='look like EPSG:25832: give crs = "EPSG:25832"'):
        read_areas(metres)
    assert len(read_areas(metres, crs="EPSG:25832", report=Report())) == 1

    flipped = shapely.transform(layer([box(0, 0)]).to_crs(4326).geometry.iloc[0], lambda xy: xy[:, ::-1])
    with pytest.raises(InputError, match="Latitude and longitude look swapped"):
        read_areas(write(layer([flipped], crs=4326), tmp_path / "swapped.gpkg"))

    berlin = shapely.box(13.3, 52.4, 13.4, 52.5)
    with pytest.raises(InputError, match="not in Denmark when read as EPSG:4326"):
        read_areas(write(layer([berlin], crs=4326), tmp_path / "berlin.gpkg"))

    home = layer([box(0, 0)]).to_crs(4326).geometry.iloc[0]
    report = Report()
    areas = read_areas(write(layer([berlin, home], crs=4326), tmp_path / "mixed.gpkg"), report=report)
    assert areas["area_id"].tolist() == ["01"]
    assert "1 feature outside Denmark left out: feature 1." in texts(report, "warning")


def test_invalid_polygons_are_repaired_and_told(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    frame = layer([box(200, 0), bowtie])
    path = write(frame, tmp_path / "a.gpkg")
    with pytest.warns(
        BosocWarning, match=r"1 polygon invalid as they stand \(Self-intersection\).*feature 2"
    ):
        areas = read_areas(path)
    assert areas.geometry.is_valid.all()
    assert areas.geometry.area.tolist() == pytest.approx([10_000, 5_000])


def test_nothing_left_after_repair_is_told(tmp_path: Path) -> None:
    line = shapely.Polygon([(X, Y), (X + 100, Y), (X + 50, Y), (X, Y)])
    report = Report()
    areas = read_areas(write(layer([line, box(0, 0)]), tmp_path / "a.gpkg"), report=report)
    assert areas["area_id"].tolist() == ["01"]
    assert "feature 1" in texts(report, "warning")
    with pytest.raises(InputError, match="no polygon in it has an area"):
        read_areas(write(layer([line]), tmp_path / "b.gpkg"))


def test_empty_null_and_other_geometries(tmp_path: Path) -> None:
    point = shapely.Point(X, Y)
    mixed = shapely.GeometryCollection([box(300, 0), shapely.GeometryCollection([point, box(500, 0)])])
    frame = layer([None, shapely.Polygon(), point, box(0, 0), mixed])
    report = Report()
    areas = read_areas(write(frame, tmp_path / "a.gpkg"), report=report)
    assert areas["area_id"].tolist() == ["03", "04"]
    assert areas.geometry.area.tolist() == pytest.approx([10_000, 20_000])
    told = texts(report, "warning")
    assert "2 features without geometry left out: features 1 and 2." in told
    assert "features 3 and 5" in told
    with pytest.raises(InputError, match="drawn as a context layer"):
        read_areas(write(layer([point]), tmp_path / "b.gpkg"))
    with pytest.raises(InputError, match="no feature in it has a geometry"):
        read_areas(write(layer([None, None]), tmp_path / "c.gpkg"))


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = write(layer([shapely.force_3d(box(0, 0), 12.0)]), tmp_path / "a.gpkg")
    areas = read_areas(path, report=(report := Report()))
    assert not areas.geometry.has_z.any()
    assert "heights" in texts(report, "note")


def test_open_rings_are_closed(tmp_path: Path) -> None:
    ring = [[10.0, 56.0], [10.01, 56.0], [10.01, 56.01], [10.0, 56.01]]
    feature = {
        "type": "Feature",
        "properties": {"area_id": "1", "name": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "open.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    areas = read_areas(path, report=(report := Report()))
    assert areas.geometry.is_valid.all()
    assert "does not close" in texts(report, "warning")


@pytest.mark.parametrize("ending", [".geojson", ".json", ".topojson"])
@pytest.mark.parametrize("key", ["properties", "coordinates", "cut off"])
def test_nesting_too_deep_is_a_plain_error(tmp_path: Path, ending: str, key: str) -> None:
    deep = "[" * 10_000 + ("" if key == "cut off" else "1" + "]" * 10_000)
    ring = [[[10.0, 56.0], [10.01, 56.0], [10.01, 56.01], [10.0, 56.0]]]
    properties = '{"area_id": "1", "name": "A", "more": ' + (deep if key == "properties" else "1") + "}"
    geometry = '{"type": "Polygon", "coordinates": ' + (str(ring) if key == "properties" else deep) + "}"
    feature = f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'
    path = tmp_path / f"deep{ending}"
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")
    with pytest.raises(InputError, match="nested too deeply"):
        read_areas(path)


def test_slivers_are_taken_out_and_told(tmp_path: Path) -> None:
    strip = box(0, 200, 100, 0.2)
    assert mean_width(np.array([strip, box(0, 0)]))[0] == pytest.approx(2 * 20 / 200.4)
    frame = layer([shapely.MultiPolygon([box(0, 0), strip]), strip])
    report = Report()
    areas = read_areas(write(frame, tmp_path / "a.gpkg"), report=report)
    assert areas.geometry.iloc[0].equals(box(0, 0))
    assert areas.geometry.iloc[1].equals(strip), "an area is never removed for being thin"
    assert "1 sliver," in texts(report, "note")
    assert f"narrower than {SLIVER_WIDTH} m all over: feature 2" in texts(report, "warning")


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        (["0751", " 0101 "], ["0101", "0751"]),
        ([751, 101], ["101", "751"]),
        ([751.0, 1.0], ["1", "751"]),
        (["1.0", "01"], ["01", "1.0"]),
    ],
)
def test_ids_are_text_and_zeros_never_invented(tmp_path: Path, values: list, ids: list[str]) -> None:
    path = write(layer([box(0, 0), box(100, 0)], area_id=values), tmp_path / "a.gpkg")
    areas = read_areas(path, report=(report := Report()))
    assert areas["area_id"].tolist() == ids
    assert ("stored as numbers" in texts(report, "note")) == (not isinstance(values[0], str))


def test_ids_that_are_no_ids(tmp_path: Path) -> None:
    for values, said in (
        (["01", None], "no id in feature 2"),
        (["01", "  "], "no id in feature 2"),
        ([1.5, 2.0], "not whole numbers in feature 1"),
        (["@areas", "1"], "begin with"),
        ([True, False], "true or false"),
    ):
        path = write(layer([box(0, 0), box(100, 0)], area_id=values), tmp_path / "a.geojson")
        with pytest.raises(InputError, match=said):
            read_areas(path, report=None)


def test_rows_of_one_area_are_joined_and_of_two_are_refused(tmp_path: Path) -> None:
    shapes = [box(0, 0), box(200, 0), box(400, 0), box(100, 0)]
    path = write(layer(shapes, area_id=["b", "a", "c", "b"], name=["B", "A", "C", "B"]), tmp_path / "a.gpkg")
    areas = read_areas(path, report=(report := Report()))
    assert areas["area_id"].tolist() == ["a", "b", "c"]
    assert areas.geometry.area.tolist() == pytest.approx([10_000, 20_000, 10_000])
    assert "1 area given in several rows, which were joined: features 1 and 4." in texts(report, "warning")
    path = write(layer(shapes, area_id=["b", "a", "c", "b"], name=["B", "A", "C", "D"]), tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r'the id "b" is given to areas that differ .*features 1 and 4'):
        read_areas(path)


def test_where_keeps_rows_and_tells(tmp_path: Path) -> None:
    frame = layer([box(i * 100, 0) for i in range(4)], udsat=["ja", "nej", None, "ja"], areal=[1, 2, 3, 4])
    frame["area_id"] = ["a", "b", "c", "d"]
    path = write(frame, tmp_path / "a.gpkg")
    areas = read_areas(path, where="udsat = 'ja' AND areal > 1", report=(report := Report()))
    assert areas["area_id"].tolist() == ["d"]
    assert "keeps 1 of 4" in texts(report, "note")
    with pytest.raises(InputError, match="keeps none"):
        read_areas(path, where="areal > 100")
    with pytest.raises(InputError, match="AVG"):
        read_areas(path, where="areal > AVG(areal)")
    assert areas.columns.tolist() == ["area_id", "name", "kind", "geometry"]


def test_optional_columns_names_and_kinds(tmp_path: Path) -> None:
    frame = layer([box(0, 0), box(100, 0)], area_id=["1", "2"], name=["A", None], art=["estate", "district"])
    frame = frame.assign(municipality=["0751", "0751"], valid_from=pd.to_datetime(["2024-01-01", None]))
    for suffix in ("gpkg", "geojson", "parquet"):
        path = write(frame, tmp_path / f"a.{suffix}")
        areas = read_areas(path, kind="art", report=(report := Report()))
        assert areas["name"].tolist() == ["A", "2"]
        assert areas["kind"].tolist() == ["estate", "district"]
        assert areas["municipality"].tolist() == ["0751", "0751"]
        assert areas["valid_from"].tolist() == ["2024-01-01", ""]
        assert "1 area without a name" in texts(report, "note")


def test_errors_go_to_a_report_when_one_is_given(tmp_path: Path) -> None:
    areas = read_areas(tmp_path / "gone.gpkg", report=(report := Report()))
    assert len(areas) == 0
    assert areas.columns.tolist() == ["area_id", "name", "kind", "geometry"]
    assert len(report.errors) == 1


def test_context_layers_may_be_lines_and_points(tmp_path: Path) -> None:
    line = shapely.LineString([(X, Y), (X + 1000, Y + 10)])
    path = write(
        gpd.GeoDataFrame({"vej": ["Å-vej", "B", "C"]}, geometry=[line, None, shapely.Point(X, Y)], crs=25832),
        tmp_path / "a.gpkg",
    )
    report = Report()
    roads = read_context_layer(path, name="vej", kind="vej", report=report)
    assert roads["kind"].tolist() == ["Å-vej", "C"]
    assert roads.columns.tolist() == ["name", "kind", "geometry"]
    assert roads["name"].tolist() == ["Å-vej", "C"]
    assert roads.geometry.geom_type.tolist() == ["LineString", "Point"]
    assert "1 feature without geometry" in texts(report, "warning")
    assert read_context_layer(path, where="vej = 'C'", report=Report())["name"].tolist() == [""]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    frame = layer([box(i * 100, 0) for i in range(6)])
    path = write(frame.iloc[list(order)], tmp_path_factory.mktemp("order") / "a.fgb")
    areas = read_areas(path, report=Report())
    assert areas["area_id"].tolist() == frame["area_id"].tolist()
    assert areas.geometry.area.sum() == pytest.approx(60_000)
    assert areas.geometry.bounds.minx.tolist() == [X + i * 100 for i in range(6)]


def test_a_person_number_in_a_column_that_is_read_stops_the_reading(tmp_path: Path) -> None:
    square = shapely.box(X, Y, X + 100, Y + 100)
    frame = gpd.GeoDataFrame(
        {"area_id": ["1"], "name": ["010203-1234"], "memo": ["020304-1234"]}, geometry=[square], crs=25832
    )
    path = write(frame, tmp_path / "a.gpkg")
    report = Report()
    read_areas(path, report=report)
    (told,) = [str(problem) for problem in report.errors]
    assert "a.gpkg" in told
    assert "name" in told
    assert "row 1" in told
    assert "1234" not in told
    assert len(read_areas(path, not_person_numbers=["name"], report=Report())) == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023-12-31T23:00:00Z", "2024-01-01"),
        ("2024-06-30T22:30:00+00:00", "2024-07-01"),
        ("2024-01-01T00:30:00+01:00", "2024-01-01"),
        ("2024-01-01T00:00:00", "2024-01-01"),
        ("2024-01-01", "2024-01-01"),
        ("01-01-2024", "2024-01-01"),
    ],
)
@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_an_instant_with_a_zone_is_the_day_in_denmark(
    written: str, day: str, ending: str, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {"area_id": ["1", "2"], "name": ["a", "b"], "valid_from": [written, None]},
        geometry=[shapely.box(575_000, 6_224_000, 576_000, 6_225_000)] * 2,
        crs=25832,
    )
    path = tmp_path / f"areas.{ending}"
    if ending == "geojson":
        frame.to_crs(4326).to_file(path, driver="GeoJSON")
    else:
        frame.to_file(path, driver="GPKG")
    assert read_areas(path)["valid_from"].tolist() == [day, ""]


def test_times_that_a_file_types_with_a_zone(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"area_id": ["1"], "name": ["a"], "valid_to": pd.to_datetime(["2023-12-31T23:00:00Z"])},
        geometry=[shapely.box(575_000, 6_224_000, 576_000, 6_225_000)],
        crs=25832,
    )
    for name in ("areas.gpkg", "areas.parquet"):
        path = tmp_path / name
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path, driver="GPKG")
        assert read_areas(path)["valid_to"].tolist() == ["2024-01-01"]


@pytest.mark.parametrize(
    ("where", "words", "shown"),
    [
        ("udsat = 'Ja' OR udsat = 'nej'", "'Ja' never occurs", "'ja'"),
        ("udsat = 'ja' OR area_id = '07'", "'07' never occurs", ""),
        ("udsat IN ('ja', 'nej')", None, ""),
    ],
)
@pytest.mark.parametrize("read", [read_areas, read_context_layer])
def test_values_that_no_feature_has_are_told(
    tmp_path: Path, read: Callable[..., object], where: str, words: str | None, shown: str
) -> None:
    frame = layer(
        [box(0, 0), box(100, 0), box(200, 0)],
        area_id=["01", "02", "03"],
        name=["A", "B", "C"],
        udsat=["ja", "nej", "ja"],
    )
    report = Report()
    read(write(frame, tmp_path / "a.gpkg"), name="name", where=where, report=report)
    assert [one.key for one in report.warnings] == (["where"] if words else [])
    for one in report.warnings:
        assert words in one.message and one.file == "a.gpkg" and shown in one.message
        assert read is read_context_layer or "'02'" not in str(one)  # ids are not listed
