"""Flagged homes to places: along what is walked, never across a barrier, and of at least so many residents."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sklearn.cluster import DBSCAN

from geo_bosoc.bottom_up import join_places
from geo_bosoc.problems import InputError, Report

EAST, NORTH = 570_000.0, 6_220_000.0


def homes(*points: tuple[float, float], residents: int = 20) -> pd.DataFrame:
    xy = np.array(points) + np.array([EAST, NORTH])
    ids = [f"h{row:03d}" for row in range(len(xy))]
    return pd.DataFrame({"address_id": ids, "x": xy[:, 0], "y": xy[:, 1], "residents": residents})


def barrier(*shapes: shapely.Geometry, crs: str = "EPSG:25832") -> gpd.GeoDataFrame:
    moved = [shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH])) for shape in shapes]
    return gpd.GeoDataFrame(geometry=moved, crs="EPSG:25832").to_crs(crs)


def sizes(frame: pd.DataFrame) -> list[int]:
    return sorted(frame["place_id"].value_counts().tolist(), reverse=True)


ROW = [(30.0 * step, 0.0) for step in range(10)]


@pytest.mark.parametrize("method", ["single", "dbscan", "hdbscan"])
@pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:4326"])
def test_no_place_lies_across_a_barrier(method: str, crs: str) -> None:
    railway = barrier(shapely.LineString([(135, -500), (135, 500)]), crs=crs)
    lake = barrier(shapely.box(130, -500, 140, 500), crs=crs)
    every = homes(*ROW)
    assert sizes(join_places(every, method=method, report=Report())) == [10]
    for line in (railway, lake):
        parted = join_places(every, method=method, barriers=line, report=Report())
        assert sizes(parted) == [5, 5]
        sides = every.set_index("address_id")["x"][parted["address_id"]].to_numpy() < EAST + 135
        assert pd.Series(sides).groupby(parted["place_id"].to_numpy()).nunique().max() == 1


def test_people_walk_round_the_end_of_a_barrier_where_there_are_homes() -> None:
    wall = barrier(shapely.LineString([(45, -500), (45, 20)]))
    assert sizes(join_places(homes(*ROW), barriers=wall, report=Report())) == [8]
    round_it = [*ROW, (30.0, 40.0), (60.0, 40.0)]
    assert sizes(join_places(homes(*round_it), barriers=wall, report=Report())) == [12]
    dense = join_places(homes(*round_it), barriers=wall, method="hdbscan", report=Report())
    assert sizes(dense) == [12]


def test_a_houseboat_is_parted_from_nobody() -> None:
    canal = barrier(shapely.box(50, -500, 70, 500))
    afloat = [(0.0, 0.0), (20.0, 0.0), (40.0, 0.0), (60.0, 0.0)]
    assert sizes(join_places(homes(*afloat), barriers=canal, report=Report())) == [4]


@pytest.mark.parametrize("least", [0, 60, 61])
def test_residents_make_a_place(least: int) -> None:
    row, enough = [(0.0, 10.0 * step) for step in range(3)], [(900.0, 10.0 * step) for step in range(4)]
    report = Report()
    joined = join_places(homes(*row, *enough), least_residents=least, report=report)
    assert sizes(joined) == ([4, 3] if least <= 60 else [4])
    assert [problem.count for problem in report.problems] == ([] if least <= 60 else [1])
    with pytest.raises(InputError, match="0 or more"):
        join_places(homes(*row), least_residents=-1)


def test_density_divides_into_places_of_enough_residents_and_loses_no_home() -> None:
    rng = np.random.default_rng(4)
    west, east = rng.normal((0, 0), 20, (40, 2)), rng.normal((220, 0), 20, (40, 2))
    between = [(60.0, 0.0), (110.0, 0.0), (160.0, 0.0)]
    every = homes(*map(tuple, west), *map(tuple, east), *between)
    divided = join_places(every, method="hdbscan", least_residents=200, report=Report())
    assert len(divided) == len(join_places(every, report=Report())) == 83
    assert divided["place_id"].nunique() == 2
    x = every.set_index("address_id")["x"]
    for _, part in divided.groupby("place_id")["address_id"]:
        assert len(part) >= 40 and np.ptp(x[part].to_numpy()) < 220
    # The size is in residents: as many homes of fewer people are not divided.
    pairs = every.assign(residents=2)
    assert (
        join_places(pairs, method="hdbscan", least_residents=100, report=Report())["place_id"].nunique() == 1
    )


def test_a_row_of_lone_homes_ties_places_together_by_a_single_threshold_alone() -> None:
    block = [(15.0 * column, 15.0 * row) for column in range(4) for row in range(4)]
    other = [(x + 320.0, y) for x, y in block]
    lone = [(115.0, 0.0), (185.0, 0.0), (255.0, 0.0)]
    every = homes(*block, *lone, *other)
    assert sizes(join_places(every, method="single", report=Report())) == [35]
    assert join_places(every, least_homes=4, report=Report())["place_id"].nunique() == 2


def test_without_barriers_it_is_scikit_learns_dbscan() -> None:
    rng = np.random.default_rng(7)
    every = homes(*map(tuple, rng.uniform(0, 1500, (300, 2))))
    every = pd.concat([every, every.tail(4).assign(address_id=[f"again{row}" for row in range(4)])])
    label = DBSCAN(eps=75.0, min_samples=3).fit_predict(
        every.sort_values(["x", "y", "address_id"])[["x", "y"]]
    )
    joined = join_places(every, least_residents=0, report=Report())
    assert len(joined) == (label >= 0).sum()
    assert sizes(joined) == sorted(np.bincount(label[label >= 0]).tolist(), reverse=True)
