"""Surfaces from where people live: density and rates against closed forms, and what they are drawn as."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile

from geo_bosoc.problems import BosocWarning, InputError
from geo_bosoc.rasters.surfaces import classes_picture, inhabited_cells, resident_surface

CORNER = (570_000.0, 6_220_000.0)


def lattice(side: int, spacing: float, residents: int = 1) -> pd.DataFrame:
    """Homes on a square lattice; one lies in the middle of each cell that is as wide as the spacing."""
    east, north = np.meshgrid(np.arange(side), np.arange(side))
    return pd.DataFrame(
        {
            "address_id": [f"h{number}" for number in range(side * side)],
            "x": CORNER[0] + (east.ravel() + 0.5) * spacing,
            "y": CORNER[1] + (north.ravel() + 0.5) * spacing,
            "residents": residents,
        }
    )


def counts_of(homes: pd.DataFrame, numerator: object, unknown: object = 0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "address_id": homes["address_id"],
            "indicator": "outside",
            "numerator": numerator,
            "denominator": homes["residents"],
            "unknown": unknown,
        }
    )


def middle_of(surface: pd.DataFrame, side: int, spacing: float) -> pd.Series:
    at = surface["east"].eq(CORNER[0] + side // 2 * spacing) & surface["north"].eq(
        CORNER[1] + side // 2 * spacing
    )
    return surface[at].iloc[0]


@pytest.mark.parametrize(
    ("k", "steps"), [(5, 1.0), (9, math.sqrt(2)), (13, 2.0), (21, math.sqrt(5)), (37, math.sqrt(10))]
)
def test_density_on_a_lattice_is_that_of_gauss_circles(k: int, steps: float):
    """Within these steps of a lattice point lie so many points (Gauss's circle problem, OEIS A057655)."""
    surface = resident_surface(lattice(15, 100.0), k=k, size=100)
    row = middle_of(surface, 15, 100)
    assert row["radius"] == pytest.approx(100 * steps, abs=0.005)
    assert row["density"] == pytest.approx(k / (math.pi * steps**2), rel=1e-4)  # homes a hectare
    assert len(surface) == 225


def test_density_of_many_comes_near_that_of_the_lattice():
    row = middle_of(resident_surface(lattice(61, 50.0, 2), k=2_000, size=50), 61, 50)
    assert row["density"] == pytest.approx(2 / 0.25, rel=0.02)  # two persons on a quarter of a hectare


def test_where_k_live_within_a_circle_smaller_than_the_cell_the_cell_is_the_area():
    tower = pd.DataFrame({"address_id": ["t"], "x": [550.0], "y": [50.0], "residents": [900]})
    row = resident_surface(tower, k=400, size=100).iloc[0]
    assert (row["radius"], row["density"]) == (0.0, 900.0)


def test_a_rate_that_is_the_same_everywhere_is_that_rate_everywhere():
    homes = lattice(12, 70.0, 8)
    surface = resident_surface(homes, counts_of(homes, 2, 4), k=100, size=100)
    assert surface["outside"].to_numpy() == pytest.approx(0.5, abs=1e-12)  # 2 of the 4 who are known


def test_of_the_furthest_address_the_share_that_makes_up_k_counts():
    homes = pd.DataFrame(
        {"address_id": ["a", "b"], "x": [550.0, 950.0], "y": [50.0, 50.0], "residents": [30, 40]}
    )
    surface = resident_surface(homes, counts_of(homes, [30, 0]), k=40, size=100)
    assert surface["outside"].tolist() == pytest.approx([30 / 40, 0.0])
    assert surface["radius"].tolist() == [400.0, 0.0]


def test_cells_and_figures_of_few_are_left_out():
    homes = pd.DataFrame(
        {
            "address_id": ["a", "b", "c"],
            "x": [550.0, 5_550.0, 9_550.0],
            "y": [50.0, 50.0, 50.0],
            "residents": [30, 40, 4],
        }
    )
    surface = resident_surface(homes, counts_of(homes, [3, 36, 0]), k=30, size=100, least=5)
    assert surface["residents"].tolist() == [30, 40]
    assert surface["outside"].isna().tolist() == [True, True]  # 3 who do, 3 of 30 who do not
    assert surface["density"].notna().all()
    without = resident_surface(homes, counts_of(homes, [3, 36, 0]), k=30, size=100)
    assert without["outside"].tolist() == pytest.approx([0.1, 0.9, 26 / 30 * 0.9])


def test_nobody_known_is_no_rate():
    homes = lattice(3, 100.0, 10)
    assert resident_surface(homes, counts_of(homes, 0, 10), k=20)["outside"].isna().all()


def test_cells_run_from_north_to_south_and_a_border_belongs_north_and_east():
    homes = pd.DataFrame(
        {"x": [100.0, 99.99, 100.0, np.nan], "y": [0.0, 0.0, 300.0, 5.0], "residents": [2, 1, 3, 9]}
    )
    assert inhabited_cells(homes).to_numpy().tolist() == [[100, 300, 3], [0, 0, 1], [100, 0, 2]]


def test_what_is_missing_is_told_at_once():
    homes = lattice(2, 100.0)
    with pytest.raises(InputError) as error:
        resident_surface(homes, counts_of(homes, 1).drop(columns=["unknown", "numerator"]))
    assert [problem.column for problem in error.value.problems] == ["numerator", "unknown"]
    with pytest.raises(InputError, match="uses itself"):
        resident_surface(homes, counts_of(homes, 1).assign(indicator="density"))
    with pytest.warns(BosocWarning, match="fewer than"):
        assert len(resident_surface(homes, k=5)) == 4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_rates_lie_between_those_of_the_addresses_and_ids_decide_nothing(seed: int, k: int):
    random = np.random.default_rng(seed)
    residents = random.integers(1, 9, 60)
    homes = pd.DataFrame(
        {
            "address_id": [f"h{number}" for number in range(60)],
            "x": np.round(random.uniform(0, 900, 60), -1),
            "y": np.round(random.uniform(0, 900, 60), -1),
            "residents": residents,
        }
    )
    counts = counts_of(homes, random.binomial(residents, 0.4))
    surface = resident_surface(homes, counts, k=k)
    rates = counts["numerator"] / counts["denominator"]
    assert surface["outside"].between(rates.min() - 1e-12, rates.max() + 1e-12).all()
    assert surface["residents"].sum() == residents.sum()
    order = random.permutation(60)
    names = dict(zip(homes["address_id"], [f"z{number}" for number in order], strict=True))
    moved, their_counts = (
        each.assign(address_id=each["address_id"].map(names)).iloc[order] for each in (homes, counts)
    )
    pd.testing.assert_frame_equal(resident_surface(moved, their_counts, k=k), surface)


def test_cells_are_drawn_in_the_colours_of_their_classes():
    east = CORNER[0] + 100 * np.arange(5)
    cells = pd.DataFrame({"east": east, "north": CORNER[1]}).astype("int64")
    picture, bounds = classes_picture(cells.drop(index=2), np.array([0, 1, 1, 0]), ["#ff0000", "#0000ff"])
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    west, south, north = bounds[0], bounds[1], bounds[3]
    assert 55 < south < north < 57 and 9 < west < bounds[2] < 11
    with MemoryFile(picture) as memory, memory.open() as file:
        assert file.colorinterp[0].name == "palette"
        classes = file.read(1)
        colours = file.colormap(1)
    row = classes[classes.shape[0] // 2]
    drawn = [row[round((place + 0.5) / 5 * row.size)] for place in range(5)]
    assert [colours[int(each)] for each in drawn] == [
        (255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0), (0, 0, 255, 255), (255, 0, 0, 255),
    ]  # fmt: skip
    again, _ = classes_picture(cells.drop(index=2), np.array([0, 1, 1, 0]), ["#ff0000", "#0000ff"])
    assert again == picture
