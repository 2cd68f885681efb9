"""Boundaries as municipalities publish them, and files broken in every way that others have collected."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_bosoc.boundaries.files import open_layer
from geo_bosoc.boundaries.geometry import repair_polygons
from geo_bosoc.boundaries.read import read_areas, read_context_layer
from geo_bosoc.problems import InputError, Report

DATA = os.environ.get("GEO_BOSOC_DATA") or None
pytestmark = pytest.mark.skipif(not DATA, reason="GEO_BOSOC_DATA is not set: real boundaries are not tried")
ROOT = Path(DATA or ".")
BROKEN = sorted((ROOT / "bad_geometry" / "geojson_invalid").rglob("*.geojson")) if DATA else []


@pytest.mark.parametrize(
    ("path", "id_column", "name", "count", "warned"),
    [
        ("areas/aarhus_statistics_districts.geojson", "prog_distrikt_nr", "prog_distrikt_navn", 96, ""),
        ("areas/aarhus_local_communities.geojson", "distrikt", "lokalsamfund", 24, ""),
        ("areas/copenhagen_roder.geojson", "rode_nr", "rodenavn", 399, "2 polygons invalid"),
        ("areas/copenhagen_social_housing_estates.geojson", "id", "afdelingsnavn", 506, "without geometry"),
        ("areas/copenhagen_deprived_city_areas.geojson", "id", "byomraade", 17, ""),
        ("areas/denmark_municipalities_2021.gpkg", "kode", "navn", 99, ""),
        ("areas/denmark_parishes_2021.gpkg", "kode", "navn", 2141, ""),
        ("registers/frederiksberg/karre_4326.geojson", "distrikt_id", None, 362, ""),
        ("registers/frederiksberg/kvadratnet_4326.geojson", "distrikt_id", None, 956, ""),
    ],
)
def test_real_files(path: str, id_column: str, name: str | None, count: int, warned: str) -> None:
    report = Report()
    areas = read_areas(ROOT / path, id=id_column, name=name, report=report)
    assert not report.errors
    assert len(areas) == count
    assert areas.crs.to_epsg() == 25832
    assert areas.geometry.is_valid.all()
    assert set(areas.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
    assert areas["area_id"].is_monotonic_increasing
    assert areas["area_id"].is_unique
    said = " ".join(str(problem) for problem in report.warnings)
    assert warned in said
    assert bool(said) == bool(warned)


def test_the_grid_of_frederiksberg_is_made_of_squares_of_100_m() -> None:
    areas = read_areas(ROOT / "registers/frederiksberg/kvadratnet_4326.geojson", id="distrikt_id", name=None)
    assert areas.geometry.area.median() == pytest.approx(10_000, rel=1e-3)


def test_municipal_codes_keep_their_zeros() -> None:
    areas = read_areas(ROOT / "areas/denmark_municipalities_2021.gpkg", id="kode", name="navn")
    assert areas.set_index("area_id")["name"]["0751"] == "Aarhus"
    assert areas.set_index("area_id")["name"]["0101"] == "København"


def test_unusable_coordinates_are_refused() -> None:
    with pytest.raises(InputError, match="does not state its coordinate reference system"):
        read_areas(ROOT / "bad_geometry/denmark_parishes_no_crs.topojson", id="id", name="SOGNENAVN")
    with pytest.raises(InputError, match="not in Denmark when read as EPSG:4326"):
        read_areas(ROOT / "bad_geometry/denmark_postcodes_misprojected.gpkg", id="id", name=None)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_broken_file_gives_one_clear_error(path: Path) -> None:
    """None of them lies in Denmark, so each one ends in an error that says why: never a trace, never two."""
    report = Report()
    assert len(read_context_layer(path, report=report)) <= 1
    if path.stem != "problematic_outside_lat_lon_boundaries":
        (problem,) = report.errors
        assert problem.file == path.name
        assert problem.hint
        assert str(ROOT) not in str(problem)
    with pytest.raises(InputError):
        read_areas(path, id="name", name=None)


# The collection is of Berlin. Laid over Denmark, what is wrong with each geometry is all that is left.
SHIFT = 4.0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("invalid_exterior_not_ccw", ""),
        ("invalid_interior_not_cw", ""),
        ("invalid_less_three_unique_nodes", "no polygon in it has an area"),
        ("invalid_unclosed", "does not close"),
        ("problematic_3d_coordinates", "heights"),
        ("problematic_duplicate_nodes", ""),
        ("problematic_excessive_vertices", ""),
        ("problematic_holes", ""),
        ("problematic_inner_and_exterior_ring_intersect", "invalid as they stand"),
        ("problematic_self_intersection_large", "invalid as they stand"),
        ("problematic_self_intersection_small", "invalid as they stand"),
    ],
)
def test_broken_geometry_in_denmark(tmp_path: Path, name: str, said: str) -> None:
    def moved(part: object) -> object:
        if isinstance(part, list) and len(part) >= 2 and all(isinstance(item, float | int) for item in part):
            return [part[0], part[1] + SHIFT, *part[2:]]
        return [moved(item) for item in part] if isinstance(part, list) else part

    (path,) = [path for path in BROKEN if path.stem == name]
    content = json.loads(path.read_text(encoding="utf-8"))
    features = content["features"] if content["type"] == "FeatureCollection" else [content]
    for feature in features:
        feature["properties"] = {"area_id": "1"}
        feature["geometry"]["coordinates"] = moved(feature["geometry"]["coordinates"])
    target = tmp_path / path.name
    target.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = Report()
    areas = read_areas(target, name=None, report=report)
    told = " ".join(str(problem) for problem in report.problems)
    assert said in told
    assert bool(told) == bool(said)
    if not report.errors:
        assert areas.geometry.is_valid.all()
        assert (areas.geometry.area > 0).all()


def _wkt_cases() -> list[tuple[str, str, bool]]:
    """GEOS's own cases of valid and invalid geometry: description, WKT, expected validity."""
    cases = []
    for path in sorted((ROOT / "bad_geometry" / "geos_validity").glob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("case"):
            shapes = {
                tag: (case.findtext(tag) or "").strip()
                for tag in ("a", "b")
                if (case.findtext(tag) or "").strip()
            }
            for op in case.iter("op"):
                shape = shapes.get((op.get("arg1") or "a").lower(), "")
                if (op.get("name") or "").lower() == "isvalid" and shape[:1].isalpha():
                    cases.append(
                        (f"{path.name}: {case.findtext('desc')}", shape, (op.text or "").strip() == "true")
                    )
    return cases


def test_repair_of_all_of_geos_validity_cases() -> None:
    cases = _wkt_cases()
    assert len(cases) > 100
    for text, wkt, valid in cases:
        geometry = np.array([shapely.from_wkt(wkt)], dtype=object)
        if geometry[0].geom_type not in ("Polygon", "MultiPolygon"):
            continue
        assert shapely.is_valid(geometry[0]) == valid, text
        report = Report()
        result, repaired = repair_polygons(geometry, np.array([1]), "as they stand", "cases", report)
        assert repaired[0] == (not valid), text
        assert bool(report.warnings) == (not valid), text
        if result[0] is not None:
            assert shapely.is_valid(result[0]), text
            assert result[0].geom_type in ("Polygon", "MultiPolygon"), text


def test_validity_is_checked_after_reprojection_too() -> None:
    """One of Copenhagen's roder is invalid as it stands and would be again after a plain reprojection."""
    report = Report()
    areas = read_areas(ROOT / "areas/copenhagen_roder.geojson", id="rode_nr", name="rodenavn", report=report)
    assert areas.geometry.is_valid.all()
    (fact,) = report.facts.values()
    assert fact["features"] == fact["areas"] == 399


@pytest.mark.parametrize("crs", [None, "EPSG:25832"])
def test_every_file_is_read_or_refused_in_plain_words(crs: str | None) -> None:
    files = [
        file for folder in ("areas", "bad_geometry") for file in (ROOT / folder).rglob("*") if file.is_file()
    ]
    assert files
    for file in files:
        read_context_layer(file, crs=crs, report=(report := Report()))
        assert all(problem.message for problem in report.problems), file
        opened = open_layer(file, report=Report())
        for column in (opened.columns if opened else ())[:2] or ["area_id"]:
            areas = read_areas(file, id=column, name=column, crs=crs, report=(report := Report()))
            assert bool(len(areas)) != bool(report.errors), (file, column)
