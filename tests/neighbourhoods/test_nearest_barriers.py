"""Barriers: what divides the land divides the neighbourhoods, and nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import InputError, Report

X, Y = 570_000.0, 6_220_000.0


def grid() -> pd.DataFrame:
    """A chessboard of 10 x 10 addresses, 10 m apart, one resident each; the address in column c, row r is "c,r"."""
    at = [(c, r) for c in range(10) for r in range(10)]
    return pd.DataFrame(
        {
            "address_id": [f"{c},{r}" for c, r in at],
            "x": [X + 10.0 * c for c, _ in at],
            "y": [Y + 10.0 * r for _, r in at],
            "residents": 1,
            "west": [int(c < 5) for c, _ in at],
            "south": [int(r < 5) for _, r in at],
        }
    )


def moved(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(X + x, Y + y) for x, y in points]


def barriers(*shapes: Any, crs: str | None = "EPSG:25832") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


MOTORWAY = LineString(moved((45, -500), (45, 500)))


def run(
    shapes: gpd.GeoDataFrame | None, k: int = 50, report: Report | None = None, **more: Any
) -> pd.DataFrame:
    found = nearest_sums(
        grid(),
        k,
        values=["west", "south"],
        barriers=shapes,
        report=Report() if report is None else report,
        **more,
    )
    return found.set_index("address_id")


@pytest.mark.parametrize("method", ["compiled", "tree"])
def test_a_motorway_divides_the_town(method: str) -> None:
    report = Report()
    found = run(barriers(MOTORWAY), report=report, method=method)
    west = [c < 5 for c, _ in (name.split(",") for name in found.index) for c in [int(c)]]
    assert found["reached"].all()
    assert found["west"].tolist() == [50 if here else 0 for here in west]
    assert found.loc["4,0", "radius"] == pytest.approx(np.hypot(40, 90))
    assert report.facts["nearest"] == {"pieces_of_land": 2}
    short = Report()
    assert not run(barriers(MOTORWAY), k=51, report=short)["reached"].any()
    assert short.warnings[0].count == 100


@pytest.mark.parametrize(
    "shape",
    [
        LineString(moved((45, -500), (45, 60))),  # ends in the middle of the town
        box(X + 41, Y + 20, X + 49, Y + 60),  # a lake that one can walk round
        LineString(moved((45, 200), (45, 500))),  # outside
    ],
)
def test_what_does_not_divide_the_land_is_no_barrier(shape: Any) -> None:
    pd.testing.assert_frame_equal(run(barriers(shape), k=37), run(None, k=37))


def test_a_gap_is_a_way_across_and_closing_it_shuts_it() -> None:
    south, north = LineString(moved((45, -500), (45, 40))), LineString(moved((45, 50), (45, 500)))
    pd.testing.assert_frame_equal(run(barriers(south, north)), run(None))
    # Two ends a few millimetres apart are the same centimetre.
    close = LineString(moved((45, 40.003), (45, 50)))
    pd.testing.assert_frame_equal(run(barriers(south, north, close)), run(barriers(MOTORWAY)))


def test_a_fjord_and_an_island() -> None:
    fjord = box(X + 41, Y - 500, X + 49, Y + 500)
    pd.testing.assert_frame_equal(run(barriers(fjord)), run(barriers(MOTORWAY)))
    moat = Polygon(
        moved((11, 11), (59, 11), (59, 59), (11, 59)), [moved((15, 15), (55, 15), (55, 55), (15, 55))]
    )
    found = run(barriers(moat), k=16)
    inner = [name for name in found.index if all(2 <= int(part) <= 5 for part in name.split(","))]
    assert set(found.index[found["addresses"].eq(16) & found["residents"].eq(16)]) >= set(inner)
    assert found.loc["2,2", "radius"] == pytest.approx(np.hypot(30, 30))


def test_order_crs_and_shape_of_the_barriers_do_not_matter() -> None:
    across = LineString(moved((-500, 35), (500, 35)))
    one = run(barriers(MOTORWAY, across), k=20)
    pd.testing.assert_frame_equal(run(barriers(across, MOTORWAY), k=20), one)
    degrees = barriers(MOTORWAY, across).to_crs(4326)
    pd.testing.assert_frame_equal(run(degrees, k=20), one)
    pd.testing.assert_frame_equal(run(barriers(MOTORWAY.union(across)), k=20), one)
    assert one.loc["0,0", "addresses"] == 20


def test_an_address_in_the_water_goes_with_the_nearest_land() -> None:
    report = Report()
    wide = box(X + 38, Y - 500, X + 55, Y + 500)  # columns 4 and 5 stand 2 and 5 m off the shore
    found = run(barriers(wide), k=50, report=report)
    pd.testing.assert_frame_equal(found, run(barriers(MOTORWAY)))
    assert [problem.count for problem in report.warnings] == [20]
    on_the_line = Report()
    found = run(barriers(LineString(moved((40, -500), (40, 500)))), report=on_the_line)
    assert on_the_line.warnings[0].count == 10
    assert found.loc["4,4", "west"] == 50


def test_places_asked_for_lie_on_their_own_side() -> None:
    asked = pd.DataFrame({"address_id": ["w", "e", "far"], "x": [X + 44, X + 46, X + 800], "y": [Y] * 3})
    found = run(barriers(MOTORWAY), k=10, queries=asked)
    assert found.loc["w", "west"] == found.loc["w", "residents"]
    assert found.loc[["e", "far"], "west"].tolist() == [0, 0]
    closed = LineString(moved((700, -500), (700, 500)))
    alone = run(barriers(closed), k=10, queries=asked)
    assert alone.loc["far"].to_dict() == {
        "k": 10, "radius": 0.0, "reached": False, "residents": 0, "addresses": 0, "west": 0, "south": 0,
    }  # fmt: skip


def test_brute_force_with_many_pieces() -> None:
    rng = np.random.default_rng(2)
    n = 400
    addresses = pd.DataFrame(
        {
            "address_id": [f"{i:03d}" for i in range(n)],
            "x": X + np.round(rng.uniform(0, 1000, n), 2),
            "y": Y + np.round(rng.uniform(0, 1000, n), 2),
            "residents": rng.integers(0, 5, n),
            "met": rng.integers(0, 3, n),
        }
    )
    cuts = [250.001, 499.999, 750.003]
    lines = [LineString(moved((at, -50), (at, 1050))) for at in cuts]
    lines += [LineString(moved((-50, at), (1050, at))) for at in cuts]
    found = nearest_sums(addresses, 50, values=["met"], barriers=barriers(*lines), report=Report())
    cell = np.searchsorted(cuts, addresses["x"] - X) * 4 + np.searchsorted(cuts, addresses["y"] - Y)
    parts: Sequence[pd.DataFrame] = [
        nearest_sums(part, 50, values=["met"], report=Report()) for _, part in addresses.groupby(cell)
    ]
    expected = pd.concat(parts).sort_values("address_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)
    assert not found["reached"].all() and found["reached"].any()


def test_barriers_that_are_none() -> None:
    with pytest.raises(InputError, match="a barrier is a line or a polygon"):
        run(barriers(Point(X, Y)))
    with pytest.raises(InputError, match="cover all"):
        run(barriers(box(X - 900, Y - 900, X + 900, Y + 900)))
    report = Report()
    pd.testing.assert_frame_equal(run(barriers(None, Polygon(), crs=None), report=report), run(None))
    assert len(report.warnings) == 2
