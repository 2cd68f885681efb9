"""Borders on a page: each line once, close to where it was, and no area lost, broken or parted from its neighbour."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from drawn_borders import drawn_areas
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.affinity import translate

from geo_bosoc.outputs.page import geometry_encoding
from geo_bosoc.outputs.page.geometry_encoding import TOLERANCE, encode_areas
from geo_bosoc.outputs.page.shared_borders import shared_borders, simplified

CORNER = (724_000, 6_175_000)


def areas_of(shapes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[translate(shape, *CORNER) for shape in shapes], crs=25832)


def lattice(moves: np.ndarray, cells: int, size: int) -> list[shapely.Polygon]:
    """Cells of a square whose borders wind: each vertex moved, the same for all cells that have it."""
    x, y = np.meshgrid(np.arange(cells * size + 1), np.arange(cells * size + 1), indexing="ij")
    points = (np.dstack([x, y]) + moves) * 3.0
    shapes = []
    for left in range(0, cells * size, size):
        for low in range(0, cells * size, size):
            right, high = left + size, low + size
            sides = (
                points[left:right, low],
                points[right, low:high],
                points[right:left:-1, high],
                points[left, high:low:-1],
            )
            shapes.append(shapely.Polygon(np.concatenate(sides)))
    return shapes


@settings(max_examples=25, deadline=None)
@given(arrays(float, (13, 13, 2), elements=st.floats(-0.3, 0.3)), st.sampled_from([1_000_000, 300, 100, 20]))
def test_a_coverage_stays_one(moves, budget):
    areas = areas_of(lattice(moves, 3, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geometry_encoding, "VERTICES", budget)
        borders, outlines = encode_areas(areas)
    drawn = gpd.GeoSeries(drawn_areas(borders, outlines), crs=4326)
    tolerance = TOLERANCE * 2 ** (18 - borders["zoom"])
    assert drawn.is_valid.all() and not drawn.is_empty.any()
    assert areas.hausdorff_distance(drawn.to_crs(25832)).max() <= tolerance
    steps = shapely.transform(drawn.to_numpy(), lambda places: np.rint(places / borders["step"]))
    assert shapely.coverage_is_valid(steps) or not shapely.coverage_is_valid(areas.geometry.to_numpy())


estates = st.lists(
    st.builds(
        lambda x, y, width, height, sides, hole: shapely.Polygon(
            [
                (x + width * np.cos(turn), y + height * np.sin(turn))
                for turn in np.arange(sides) / sides * 2 * np.pi
            ],
            [[(x - hole, y), (x, y + hole), (x + hole, y)]] if hole else [],
        ),
        x=st.integers(0, 60),
        y=st.integers(0, 60),
        width=st.floats(1, 40),
        height=st.floats(1, 40),
        sides=st.integers(4, 60),
        hole=st.sampled_from([0, 0.2]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(estates)
def test_areas_that_overlap_stay_what_they_are(shapes):
    areas = areas_of(shapes)
    borders, outlines = encode_areas(areas)
    drawn = gpd.GeoSeries(drawn_areas(borders, outlines), crs=4326)
    assert drawn.is_valid.all() and not drawn.is_empty.any()
    assert areas.hausdorff_distance(drawn.to_crs(25832)).max() <= TOLERANCE


def test_an_island_in_a_lake_is_one_line():
    shore = [(3, 3), (6, 3), (6, 6), (3, 6)]
    lake, island = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [shore]), shapely.Polygon(shore[::-1])
    borders = shared_borders(np.array([lake, island]), 1.0)
    assert borders.areas == [[[[0], [1]]], [[[-2]]]]
    assert [len(line) for line in borders.lines] == [5, 5]
    assert shapely.equals(borders.polygons, [lake, island]).all()


def test_three_areas_meet_in_a_node():
    west, south, north = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)
    west = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)])
    borders = shared_borders(np.array([west, south, north]), 1.0)
    assert len(borders.lines) == 6  # three outside, three between
    assert sum(len(ring) for area in borders.areas for part in area for ring in part) == 9
    assert shapely.equals(borders.polygons, [west, south, north]).all()


def test_a_border_is_thinned_for_both_sides():
    wave = [(x, 0.3 * (x % 2)) for x in range(21)]
    north = shapely.Polygon([*wave, (20, 9), (0, 9)])
    south = shapely.Polygon([*wave[::-1], (0, -9), (20, -9)])
    borders = shared_borders(np.array([north, south]), 0.1)
    thin = simplified(borders, 0.4 * 111_700)
    assert borders.vertices > thin.vertices
    assert thin.areas == borders.areas
    assert shapely.coverage_is_valid(thin.polygons)


def test_a_house_in_a_bend_stays_outside():
    """Thinned, the bend would run through the house that stands in it."""
    bend = shapely.Polygon([(0, 0), (100, 0), (100, 50), (52, 50), (50, 42), (48, 50), (0, 50)])
    house = shapely.box(49.5, 46, 50.5, 49)
    borders = shared_borders(np.array([bend, house]), 0.5)
    thin = simplified(borders, 10 * 111_700)
    assert not shapely.intersects(thin.polygons[0], thin.polygons[1])


def test_a_grid_too_coarse_for_an_area_is_made_finer():
    tiny = shapely.box(0.1, 0.1, 0.4, 0.4)
    fine = shared_borders(np.array([shapely.box(0, 0, 9, 9), tiny]), 1.0)
    assert fine.step == 0.25
    assert fine.polygons[1].area * fine.step**2 == 0.25


def test_an_area_that_rounding_would_cross_stays_valid():
    """Rounded by itself, the vertex in the middle would come to lie beyond the line it is close to."""
    narrow = shapely.Polygon([(0, 0), (9, 4.6), (9, 9), (0, 9), (4, 2.1)])
    plain = shapely.transform(narrow, np.rint)
    assert not plain.is_valid
    drawn = shared_borders(np.array([narrow]), 1.0)
    assert drawn.is_valid.all()
    assert (
        shapely.transform(drawn.polygons[0], lambda places: places * drawn.step).hausdorff_distance(narrow)
        < 2
    )


def test_a_hole_smaller_than_a_step_is_gone():
    pond = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(4, 4), (4.1, 4), (4, 4.1)]])
    assert shapely.equals(shared_borders(np.array([pond]), 1.0).polygons[0], shapely.box(0, 0, 9, 9))


def test_areas_without_an_outline():
    borders, outlines = encode_areas(areas_of([shapely.Polygon(), shapely.box(0, 0, 5, 5)]))
    assert outlines[0]["rings"] == [] and outlines[0]["bounds"] is None and outlines[0]["inside"] is None
    assert len(borders["lines"]) == 1 and outlines[1]["size"] == 25


def test_parts_in_a_collection():
    box, far = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
    mixed = shapely.GeometryCollection([shapely.MultiPolygon([box, far]), shapely.Point(3, 3)])
    assert shapely.equals(
        shared_borders(np.array([mixed]), 1.0).polygons[0], shapely.MultiPolygon([box, far])
    )
