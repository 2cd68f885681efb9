"""Points to areas: the same as asking shapely about every pair, however the geometry tries to prevent it."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width
from geo_bosoc.locate import point_in_polygon
from geo_bosoc.locate.join import locate
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import BosocWarning, InputError, Report

X, Y = 575_000.0, 6_220_000.0


def areas_of(shapes: list, ids: list[str] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"area_id": ids or [f"a{i:03d}" for i in range(len(shapes))]}, geometry=list(shapes), crs=25832
    )


def points_of(xy: object) -> pl.DataFrame:
    array = np.asarray(xy, dtype=float).reshape(-1, 2)
    return pl.DataFrame({"address_id": np.arange(len(array)), "x": array[:, 0], "y": array[:, 1]})


def oracle(xy: NDArray[np.float64], shapes: list) -> set[tuple[int, int]]:
    """Every pair asked one by one, unprepared."""
    return {
        (i, j)
        for i, point in enumerate(xy)
        if np.isfinite(point).all()
        for j, shape in enumerate(shapes)
        if shape is not None and shapely.intersects(shape, shapely.Point(*point))
    }


def pairs(xy: NDArray[np.float64], shapes: list, grid: bool | None) -> set[tuple[int, int]]:
    hits = find_areas(
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        np.array(shapes, dtype=object),
        grid=grid,
    )
    first = {(int(i), int(hits.first[i])) for i in np.flatnonzero(hits.first >= 0)}
    more = set(zip(hits.more_point.tolist(), hits.more_area.tolist(), strict=True))
    assert len(more) == len(hits.more_point), "no pair twice"
    assert not first & more
    for i, j in more:
        assert hits.first[i] < j, "first is the least"
    return first | more


def nearby(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points and their neighbours one unit in the last place away, in all directions."""
    up, down = np.nextafter(xy, np.inf), np.nextafter(xy, -np.inf)
    choices = [[xy[:, 0], up[:, 0], down[:, 0]], [xy[:, 1], up[:, 1], down[:, 1]]]
    return np.concatenate([np.column_stack(pair) for pair in itertools.product(*choices)])


def hard_points(shapes: list, random: np.random.Generator) -> NDArray[np.float64]:
    """Vertices, places on edges, all of these an ulp away, points level with vertices, and some anywhere."""
    there = [shape for shape in shapes if shape is not None and not shape.is_empty]
    vertices = shapely.get_coordinates(there)
    along = [
        shapely.get_coordinates(
            shapely.line_interpolate_point(shape.boundary, random.random(5), normalized=True)
        )
        for shape in there
    ]
    west, south, east, north = shapely.total_bounds(there)
    anywhere = np.column_stack(
        [random.uniform(west - 5, east + 5, 60), random.uniform(south - 5, north + 5, 60)]
    )
    level = np.column_stack([random.uniform(west, east, len(vertices)), vertices[:, 1]])
    upright = np.column_stack([vertices[:, 0], random.uniform(south, north, len(vertices))])
    return np.concatenate([nearby(vertices), nearby(np.concatenate(along)), anywhere, level, upright])


def star(random: np.random.Generator, x: float, y: float, size: float, corners: int) -> shapely.Polygon:
    turn = np.sort(random.uniform(0, 2 * np.pi, corners))
    reach = random.uniform(0.2, 1.0, corners) * size
    shape = shapely.Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)]))
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(["stars", "cells", "holes", "parts", "layers", "squares"]),
)
def test_the_same_as_asking_about_every_pair(seed: int, kind: str) -> None:
    random = np.random.default_rng(seed)
    shapes = made(kind, random)
    xy = hard_points(shapes, random)
    expected = oracle(xy, shapes)
    assert pairs(xy, shapes, grid=False) == expected
    assert pairs(xy, shapes, grid=True) == expected


def test_a_hundred_thousand_hard_points_at_once() -> None:
    """Cells that share edges, stars that overlap them and each other, a ring with a hole, areas in parts; asked of
    shapely pair by pair, unprepared."""
    random = np.random.default_rng(11)
    seeds = shapely.multipoints(np.array([X, Y]) + random.uniform(0, 3_000, (60, 2)))
    cells = list(shapely.get_parts(shapely.voronoi_polygons(seeds)))
    stars = [star(random, *(np.array([X, Y]) + random.uniform(0, 3_000, 2)), 400, 25) for _ in range(12)]
    ring = shapely.Point(X + 1_500, Y + 1_500).buffer(900).difference(stars[0])
    shapes = [*cells, *stars, ring, shapely.union_all(stars[:4]), shapely.union_all(cells[::7])]
    hard = [hard_points(shapes, random)]
    while sum(map(len, hard)) < 100_000:
        hard.append(hard_points(shapes, random))
    xy = np.concatenate(hard)[:100_000]
    points = shapely.points(xy)
    expected = {
        (int(i), j)
        for j, shape in enumerate(shapes)
        for i in np.flatnonzero(shapely.intersects(shape, points))
    }
    assert pairs(xy, shapes, grid=True) == expected
    assert pairs(xy, shapes, grid=False) == expected
    assert len(expected) > 150_000  # most lie in several


def made(kind: str, random: np.random.Generator) -> list:
    scale = 10 ** random.uniform(-1, 4)
    if kind == "stars":
        return [
            star(
                random,
                X + random.uniform(0, 3) * scale,
                Y + random.uniform(0, 3) * scale,
                scale,
                int(random.integers(3, 30)),
            )
            for _ in range(6)
        ]
    if kind == "cells":
        seeds = shapely.multipoints(np.array([X, Y]) + random.uniform(0, scale, (12, 2)))
        return list(shapely.get_parts(shapely.voronoi_polygons(seeds)))
    if kind == "holes":
        outer = shapely.Point(X, Y).buffer(scale * 4)
        inner = star(random, X, Y, scale * 2, 12)
        return [outer.difference(inner), inner, None, shapely.Polygon()]
    if kind == "parts":
        each = [star(random, X + i * scale * 0.8, Y, scale / 3, 7) for i in range(6)]
        return [shapely.union_all(each[::2]), shapely.union_all(each[1::2])]
    if kind == "layers":
        seeds = shapely.multipoints(np.array([X, Y]) + random.uniform(0, scale, (9, 2)))
        cells = list(shapely.get_parts(shapely.voronoi_polygons(seeds)))
        return [shapely.union_all(cells[:4]), *cells, shapely.union_all(cells[4:]), shapely.union_all(cells)]
    return [
        shapely.box(X + i * scale, Y + j * scale, X + (i + 1) * scale, Y + (j + 1) * scale)
        for i in range(4)
        for j in range(4)
    ]


@pytest.mark.parametrize("chunk", [7, 64])
def test_small_chunks_give_the_same(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    random = np.random.default_rng(3)
    shapes = made("layers", random)
    xy = hard_points(shapes, random)
    expected = oracle(xy, shapes)
    monkeypatch.setattr(point_in_polygon, "_CHUNK", chunk)
    assert pairs(xy, shapes, grid=True) == expected


def test_many_points_on_a_coarse_and_on_a_fine_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    seeds = shapely.multipoints(np.array([X, Y]) + random.uniform(0, 5_000, (80, 2)))
    shapes = list(shapely.get_parts(shapely.voronoi_polygons(seeds)))
    xy = np.array([X, Y]) + random.uniform(-500, 5_500, (20_000, 2))
    plain = pairs(xy, shapes, grid=False)
    for cells in (1, 50, 1_000, 100_000):
        monkeypatch.setattr(point_in_polygon, "_MOST_CELLS", cells)
        assert pairs(xy, shapes, grid=True) == plain


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(X, Y, X + 1e5, Y + 1),  # much wider than high
        shapely.box(X, Y, X + 1e-7, Y + 1e-7),  # no room for a grid
        shapely.Polygon([(X, Y), (X + 1e5, Y + 9e4), (X + 1e5, Y + 9e4 + 1)]),  # long slanting edges
    ],
)
def test_odd_extents(shape: shapely.Polygon) -> None:
    random = np.random.default_rng(5)
    xy = hard_points([shape], random)
    assert pairs(xy, [shape], grid=True) == oracle(xy, [shape])


def test_nothing_in_nothing_out() -> None:
    square = shapely.box(X, Y, X + 10, Y + 10)
    assert pairs(np.empty((0, 2)), [square], None) == set()
    assert pairs(np.array([[X, Y]]), [], None) == set()
    assert pairs(np.array([[X, Y]]), [None, shapely.Polygon()], None) == set()
    located = locate(points_of([]), areas_of([square]))
    assert located.shape == (0, 2)
    assert locate(points_of([[X, Y]]), areas_of([]), report=Report()).shape == (0, 2)


def test_other_peoples_geometry_is_left_alone() -> None:
    shapes = np.array([shapely.box(X, Y, X + 10, Y + 10)])
    find_areas(np.full(5, X), np.full(5, Y), shapes)
    assert not shapely.is_prepared(shapes).any()


# --- the rule on borders


def row_of_squares(count: int = 4, side: float = 100.0) -> list:
    return [shapely.box(X + i * side, Y, X + (i + 1) * side, Y + side) for i in range(count)]


def found(located: pl.DataFrame) -> dict[int, list[str]]:
    result: dict[int, list[str]] = {}
    for address, area in located.with_columns(pl.col("area_id").cast(pl.String)).iter_rows():
        result.setdefault(address, []).append(area)
    return result


def test_a_shared_border_goes_to_the_first_by_id() -> None:
    xy = [
        [X + 100, Y + 50],
        [X + 100, Y],
        [X, Y],
        [X + 50, Y + 100],
        [X + 50, Y + 100.0001],
        [X + 250, Y + 1],
    ]
    ids = ["b", "a", "d", "c"]
    report = Report()
    located = locate(points_of(xy), areas_of(row_of_squares(), ids), report=report)
    assert found(located) == {0: ["a"], 1: ["a"], 2: ["b"], 3: ["b"], 5: ["d"]}
    assert report.facts["located"]["on_a_shared_border"] == 2
    assert "2 addresses on a border" in str(report.problems[0])
    both = locate(points_of(xy), areas_of(row_of_squares(), ids), overlap=True, report=Report())
    assert found(both) == {0: ["a", "b"], 1: ["a", "b"], 2: ["b"], 3: ["b"], 5: ["d"]}


def test_areas_that_overlap_both_count() -> None:
    district = shapely.box(X - 50, Y - 50, X + 450, Y + 150)
    shapes = [*row_of_squares(), district]
    ids = ["1", "2", "3", "4", "0"]
    xy = [[X + 50, Y + 50], [X + 100, Y + 50], [X - 10, Y + 50], [X + 1000, Y]]
    located = locate(points_of(xy), areas_of(shapes, ids), report=Report())
    assert found(located) == {0: ["0", "1"], 1: ["0", "1"], 2: ["0"]}, "the border of 1 and 2 goes to 1"
    report = Report()
    locate(points_of(xy), areas_of(shapes, ids), report=report)
    told = " ".join(map(str, report.problems))
    assert "2 addresses in several areas that overlap, counted in each: 0 and 1; 0 and 2." in told
    first = locate(points_of(xy), areas_of(shapes, ids), overlap=False, report=Report())
    assert found(first) == {0: ["0"], 1: ["0"], 2: ["0"]}


def test_a_narrow_overlap_is_a_border_drawn_twice() -> None:
    left = shapely.box(X, Y, X + 100, Y + 100)
    for width, areas in ((0.3, ["a000"]), (0.9, ["a000", "a001"])):
        right = shapely.box(X + 100 - width, Y, X + 200, Y + 100)
        report = Report()
        located = locate(points_of([[X + 100 - width / 2, Y + 50]]), areas_of([left, right]), report=report)
        assert found(located) == {0: areas}
        assert report.facts["located"]["narrow_overlaps"] == (len(areas) == 1)
        assert report.facts["located"]["in_several_areas"] == (len(areas) == 2)


def rule(xy: NDArray[np.float64], shapes: list, overlap: bool | None) -> set[tuple[int, int]]:
    """The rule on borders, written plainly."""
    result = set()
    for i, group in itertools.groupby(sorted(oracle(xy, shapes)), key=lambda pair: pair[0]):
        kept: list[int] = []
        for _, j in group:
            if overlap or all(overlap is None and _broad(shapes[k], shapes[j]) for k in kept):
                kept.append(j)
        result |= {(i, j) for j in kept}
    return result


def _broad(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    parts = [part for part in shapely.get_parts(a.intersection(b)) if part.geom_type == "Polygon"]
    return any(mean_width(np.array([part]))[0] >= SLIVER_WIDTH for part in parts)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(["stars", "cells", "holes", "layers", "squares"]),
    overlap=st.sampled_from([None, True, False]),
)
def test_the_rule_and_the_order_of_rows(seed: int, kind: str, overlap: bool | None) -> None:
    random = np.random.default_rng(seed)
    shapes = [shape for shape in made(kind, random) if shape is not None and not shape.is_empty]
    xy = hard_points(shapes, random)
    frame, areas = points_of(xy), areas_of(shapes)
    located = locate(frame, areas, overlap=overlap, report=Report())
    wanted = {(i, f"a{j:03d}") for i, j in rule(xy, shapes, overlap)}
    assert set(located.with_columns(pl.col("area_id").cast(pl.String)).iter_rows()) == wanted
    assert len(located) == len(wanted)
    shuffled = locate(
        frame.sample(fraction=1, shuffle=True, seed=seed % 97),
        areas.sample(frac=1, random_state=seed % 89),
        overlap=overlap,
        report=Report(),
    )
    assert shuffled.sort("address_id", "area_id").equals(located.sort("address_id", "area_id"))
    half = [locate(frame[part::2], areas, overlap=overlap, report=Report()) for part in (0, 1)]
    assert pl.concat(half).sort("address_id", "area_id").equals(located.sort("address_id", "area_id")), (
        "split and added"
    )


def test_over_a_coverage_each_point_counts_once() -> None:
    random = np.random.default_rng(8)
    shapes = made("cells", random)
    hull = shapely.union_all(shapes)
    west, south, east, north = hull.bounds
    xy = np.column_stack(
        [random.uniform(west - 9, east + 9, 3_000), random.uniform(south - 9, north + 9, 3_000)]
    )
    xy = np.concatenate([xy, shapely.get_coordinates(shapes)])
    located = locate(points_of(xy), areas_of(shapes), report=Report())
    inside = shapely.intersects_xy(np.array(shapes)[:, None], xy[:, 0], xy[:, 1]).any(axis=0).sum()
    per_area = located.group_by("area_id").len()["len"].sum()
    assert per_area == len(located) == inside
    assert located["address_id"].is_unique().all()


# --- frames


def test_frames_keys_and_order() -> None:
    areas = areas_of(row_of_squares(), ["01", "02", "10", "9"])
    frame = points_of([[X + 310, Y + 1], [X + 10, Y + 1], [X + 110, Y + 1], [X - 1, Y]])
    located = locate(frame, areas)
    assert located.columns == ["address_id", "area_id"]
    assert located["address_id"].to_list() == [0, 1, 2]
    assert located["area_id"].dtype == pl.Enum(["01", "02", "10", "9"])
    assert located["area_id"].to_list() == ["9", "01", "02"]
    assert locate(frame.lazy(), areas).equals(located)
    assert locate(frame.to_pandas(), areas).equals(located)
    by_place = locate(frame, areas, on=["x", "y"])
    assert by_place.columns == ["x", "y", "area_id"]
    assert by_place["area_id"].to_list() == ["9", "01", "02"]
    renamed = frame.rename({"address_id": "adresse", "x": "øst", "y": "nord"})
    assert locate(renamed, areas, on="adresse", x="øst", y="nord").columns == ["adresse", "area_id"]
    with pytest.warns(DeprecationWarning, match="on="):
        assert locate(frame, areas, key=["x", "y"]).equals(by_place)


def test_each_address_once_whatever_its_rows() -> None:
    areas = areas_of(row_of_squares())
    frame = pl.DataFrame(
        {
            "address_id": ["b", "a", "b", "c", None, "c", "d"],
            "x": [X + 10, X + 110, X + 10, None, X + 10, X + 210, X + 10.0],
            "y": [Y + 10] * 7,
        }
    )
    report = Report()
    located = locate(frame, areas, report=report)
    assert found(located) == {"a": ["a001"], "b": ["a000"], "c": ["a002"], "d": ["a000"]}
    assert located["address_id"].to_list() == ["a", "b", "c", "d"]
    assert report.facts["located"]["addresses"] == 4
    assert report.facts["located"]["rows_without_address"] == 1
    assert not report.warnings
    moved = pl.concat([frame, pl.DataFrame({"address_id": ["b"], "x": [X - 500], "y": [Y + 10]})])
    with pytest.warns(BosocWarning, match=r"1 address given with different coordinates"):
        again = locate(moved, areas)
    assert "b" not in found(again)


def test_points_without_a_place_are_counted() -> None:
    frame = points_of([[X + 10, Y + 10], [np.nan, Y], [X, np.inf], [-np.inf, np.nan], [X + 5000, Y]])
    frame = pl.concat([frame, pl.DataFrame({"address_id": [9], "x": [None], "y": [Y]}, schema=frame.schema)])
    report = Report()
    located = locate(frame, areas_of(row_of_squares()), report=report)
    assert located["address_id"].to_list() == [0]
    assert report.facts["located"]["without_coordinates"] == 4
    assert report.facts["located"]["in_an_area"] == 1


def test_what_cannot_be_right_is_told() -> None:
    areas = areas_of(row_of_squares())
    frame = points_of([[X + 10, Y + 10]])
    with pytest.raises(InputError) as error:
        locate(frame.drop("y").with_columns(x=pl.lit("575000,1")), areas, on="id")
    assert len(error.value.problems) == 3
    with pytest.raises(InputError, match="not in EPSG:25832"):
        locate(frame, areas.to_crs(4326))
    with pytest.raises(InputError, match="several times: a"):
        locate(frame, areas_of(row_of_squares(2), ["a", "a"]))
    with pytest.raises(InputError, match="must be text"):
        locate(frame, areas.assign(area_id=[1, 2, 3, 4]))
    with pytest.warns(BosocWarning, match="x and y look swapped"):
        locate(frame.rename({"x": "y", "y": "x"}), areas)
    with pytest.warns(BosocWarning, match="none of the addresses"):
        locate(points_of([[10.1, 56.1]]), areas)
    with pytest.warns(BosocWarning, match="single precision"):
        locate(frame.with_columns(pl.col("x").cast(pl.Float32)), areas)


def test_whole_numbers_and_pandas_integers_are_coordinates() -> None:
    frame = pd.DataFrame({"address_id": ["a"], "x": [int(X) + 10], "y": [int(Y) + 10]})
    assert locate(frame, areas_of(row_of_squares()))["area_id"].to_list() == ["a000"]


def test_keys_that_are_known_to_differ_need_not_be_compared() -> None:
    random = np.random.default_rng(11)
    areas = areas_of([shapely.box(X + 10 * i, Y, X + 10 * i + 12, Y + 10) for i in range(4)])
    points = points_of(
        np.column_stack([random.uniform(X - 5, X + 50, 300), random.uniform(Y - 2, Y + 12, 300)])
    )
    told, known = Report(), Report()
    assert locate(points, areas, report=told).equals(locate(points, areas, distinct=True, report=known))
    assert told == known
