"""A map page of very many areas is slow: the run says so, and what to do."""

import geopandas as gpd
import shapely

from geo_bosoc.problems import Report
from geo_bosoc.project.layers import LARGE_MAP, note_large_map


def squares(count: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(x, 0, x + 1, 1) for x in range(count)], crs=25832)


def test_a_large_map_is_noted_from_its_limit_on() -> None:
    report = Report()
    note_large_map(squares(LARGE_MAP - 1), report)
    assert report.problems == []
    note_large_map(squares(LARGE_MAP), report)
    (note,) = report.problems
    assert note.level == "note"
    assert "5,000 areas" in note.message and "GeoPackage" in str(note.hint)
