"""Distance to the nearest shape of a layer: closed forms, and the plain way of measuring each pair."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.locate import join
from geo_bosoc.locate.join import distance_to_nearest

COORDINATE = st.floats(-1000, 1000, allow_nan=False, width=32)
PAIRS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=12)


def test_points_of_a_lattice_around_a_school() -> None:
    x, y = (each.ravel() for each in np.meshgrid(np.arange(-3.0, 4), np.arange(-3.0, 4)))
    school = gpd.GeoSeries([shapely.Point(0, 0)])
    assert np.allclose(distance_to_nearest(x, y, school), np.hypot(x, y))


def test_inside_a_park_nobody_is_far_and_its_hole_is_not_the_park() -> None:
    hole = [(4, 4), (4, 6), (6, 6), (6, 4)]
    park = gpd.GeoSeries([shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [hole])])
    assert distance_to_nearest([2, 5, 13, 13], [2, 5, 5, 14], park).tolist() == [0.0, 1.0, 3.0, 5.0]


def test_a_road_and_shapes_that_are_none() -> None:
    shapes = gpd.GeoSeries([shapely.LineString([(0, 0), (10, 0)]), None, shapely.Polygon()])
    assert distance_to_nearest([5, 14], [7, 3], shapes).tolist() == [7.0, 5.0]


def test_a_point_without_a_place_and_a_layer_without_shapes_give_nothing() -> None:
    shapes = gpd.GeoSeries([shapely.Point(0, 0)])
    assert np.isnan(distance_to_nearest([np.nan, 1.0], [1.0, np.inf], shapes)).all()
    assert np.isnan(distance_to_nearest([1.0], [1.0], gpd.GeoSeries([], dtype="geometry"))).all()


def test_a_long_coast_is_measured_by_its_edges() -> None:
    angles = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    radii = 100 + 20 * np.sin(9 * angles)
    coast = gpd.GeoSeries(
        [shapely.Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]))]
    )
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-200, 200, (2, 300))
    expected = shapely.distance(shapely.points(x, y), coast.iloc[0])
    assert np.allclose(distance_to_nearest(x, y, coast), expected)


@settings(max_examples=60, deadline=None)
@given(PAIRS, PAIRS, st.lists(st.tuples(COORDINATE, COORDINATE, st.floats(1, 300)), max_size=4), PAIRS)
def test_as_measuring_each_pair(
    homes: list[tuple[float, float]],
    points: list[tuple[float, float]],
    discs: list[tuple[float, float, float]],
    line: list[tuple[float, float]],
) -> None:
    shapes = [shapely.Point(point) for point in points]
    shapes += [shapely.Point(x, y).buffer(radius, quad_segs=70) for x, y, radius in discs]
    shapes += [shapely.LineString(line)] if len(line) > 1 else []
    layer = gpd.GeoSeries(shapes)
    x, y = np.array(homes, dtype=float).T
    expected = [min(shapely.distance(shapely.Point(home), shape) for shape in shapes) for home in homes]
    assert np.allclose(distance_to_nearest(x, y, layer), expected, atol=1e-6)


def test_however_many_points_are_measured_together(monkeypatch: object) -> None:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 100, (2, 50))
    layer = gpd.GeoSeries(gpd.points_from_xy(*rng.uniform(0, 100, (2, 9))))
    complete = distance_to_nearest(x, y, layer)
    monkeypatch.setattr(join, "POINTS_AT_ONCE", 7)  # type: ignore[attr-defined]
    assert np.array_equal(distance_to_nearest(x, y, layer), complete)
