"""Segregation: closed forms, toys worked by hand, invariants, chance by brute force, and scales."""

from __future__ import annotations

from itertools import combinations
from math import comb, log

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geo_bosoc.balance import (
    decompose,
    diversity,
    mixed_inside,
    neighbour_contrast,
    segregation_at_scales,
    segregation_indices,
    square_grid_ids,
    target_bands,
)
from geo_bosoc.balance.segregation import measures
from geo_bosoc.balance.segregation.measures import (
    dissimilarity,
    entropy,
    information,
    isolation,
    simpson,
)

GROUPS = ["a", "b"]


def table(*rows: tuple[int, ...]) -> pd.DataFrame:
    names = ["a", "b", "c", "d"][: len(rows[0])]
    return pd.DataFrame(rows, columns=names).assign(area_id=[str(i) for i in range(len(rows))])


def value(
    frame: pd.DataFrame, measure: str, group: str = "", other: str = "", column: str = "value"
) -> float:
    found = frame[(frame["measure"] == measure) & (frame["group"] == group) & (frame["other"] == other)]
    return float(found[column].iloc[0])


def test_all_mixed_is_nought() -> None:
    index = segregation_indices(table((10, 30, 60), (1, 3, 6), (20, 60, 120)), ["a", "b", "c"])
    assert value(index, "information") == pytest.approx(0, abs=1e-12)
    for group, share in (("a", 0.1), ("b", 0.3), ("c", 0.6)):
        assert value(index, "dissimilarity", group) == pytest.approx(0, abs=1e-12)
        assert value(index, "isolation", group) == pytest.approx(share)
    assert value(index, "exposure", "a", "c") == pytest.approx(0.6)


def test_all_apart_is_one() -> None:
    index = segregation_indices(table((50, 0, 0), (0, 30, 0), (0, 0, 7), (0, 0, 0)), ["a", "b", "c"])
    assert value(index, "information") == pytest.approx(1)
    for group in "abc":
        assert value(index, "dissimilarity", group) == pytest.approx(1)
        assert value(index, "isolation", group) == pytest.approx(1)
        assert value(index, "dissimilarity", group, column="corrected") == pytest.approx(1)
    assert value(index, "exposure", "a", "b") == 0


def test_worked_by_hand() -> None:
    """Two units, 8 of a and 2 of b, 2 of a and 8 of b."""
    index = segregation_indices(table((8, 2), (2, 8)), GROUPS)
    assert value(index, "dissimilarity", "a") == pytest.approx(0.6)  # (|.8-.2| + |.2-.8|) / 2
    assert value(index, "isolation", "a") == pytest.approx(0.68)  # .8*.8 + .2*.2
    assert value(index, "exposure", "a", "b") == pytest.approx(0.32)
    inner = -(0.8 * log(0.8) + 0.2 * log(0.2))
    assert value(index, "information") == pytest.approx(1 - inner / log(2))
    # chance, isolation: (X-1)(T-U)/(T(T-1)) + U/T = 9*18/380 + 2/20
    assert value(index, "isolation", "a", column="expected") == pytest.approx(9 * 18 / 380 + 0.1)
    assert value(index, "exposure", "a", "b", column="expected") == pytest.approx(10 * 18 / 380)
    row = diversity(table((8, 2), (5, 5), (0, 0)), GROUPS)
    assert row["simpson"].tolist()[:2] == pytest.approx([1 - (56 + 2) / 90, 1 - 40 / 90])
    assert row["entropy"].tolist()[:2] == pytest.approx([inner / log(2), 1.0])
    assert row["entropy"].isna().tolist() == [False, False, True] and row["a_share"].isna().tolist()[2]
    assert simpson(np.array([8, 2]), corrected=False) == pytest.approx(0.32)


def test_target_bands_compare_exactly() -> None:
    told = target_bands(table((25, 75), (40, 60), (24, 76), (41, 59), (0, 0)), GROUPS, {"a": (25, 40)})
    assert told["verdict"].tolist() == ["in", "in", "below", "above", "no_dwellings"]


def deals(sizes: list[int], group: int) -> list[tuple[int, ...]]:
    """Every way of dealing `group` marked dwellings out over the units, each as likely as the others."""
    seats = [unit for unit, size in enumerate(sizes) for _ in range(size)]
    return [
        tuple(sum(seats[seat] == unit for seat in chosen) for unit in range(len(sizes)))
        for chosen in combinations(range(len(seats)), group)
    ]


@pytest.mark.parametrize(
    ("sizes", "group"), [([3, 4, 2], 4), ([1, 1, 1, 5], 3), ([6, 2], 5), ([2, 2, 2, 2], 1)]
)
def test_chance_is_the_mean_over_every_deal(sizes: list[int], group: int) -> None:
    total = np.array(sizes)
    every = deals(sizes, group)
    assert len(every) == comb(sum(sizes), group)
    d = np.mean([dissimilarity(np.array(x), total - np.array(x)) for x in every])
    xpx = np.mean([isolation(np.array(x), total) for x in every])
    h = np.mean([information(np.column_stack([x, total - np.array(x)])) for x in every])
    assert measures.expected_dissimilarity(group, total) == pytest.approx(d, abs=1e-12)
    assert measures.expected_exposure(group, None, total) == pytest.approx(xpx, abs=1e-12)
    sums = np.array([group, sum(sizes) - group])
    assert measures.expected_information(sums, total) == pytest.approx(h, abs=1e-10)


def test_small_units_are_far_from_even_by_chance_alone_and_the_correction_takes_it_out() -> None:
    rng = np.random.default_rng(7)
    units = np.repeat(np.arange(400), 5)  # 400 blocks of five dwellings
    mine = rng.permutation(np.repeat([1, 0], [600, 1400]))
    own = np.bincount(units, weights=mine).astype(np.int64)
    index = segregation_indices(pd.DataFrame({"a": own, "b": 5 - own}), GROUPS)
    assert value(index, "dissimilarity", "a") > 0.3
    assert abs(value(index, "dissimilarity", "a", column="corrected")) < 0.03
    assert abs(value(index, "information", column="corrected")) < 0.03
    assert abs(value(index, "isolation", "a", column="corrected")) < 0.03


cities = st.integers(2, 4).flatmap(
    lambda groups: st.lists(
        st.lists(st.integers(0, 60), min_size=groups, max_size=groups), min_size=2, max_size=12
    )
)


@settings(max_examples=60, deadline=None)
@given(cities, st.randoms(use_true_random=False))
def test_invariants(rows: list[list[int]], rng) -> None:
    counts = np.array(rows, dtype=np.int64)
    if (counts.sum(axis=0) == 0).any():
        return
    total = counts.sum(axis=1)
    h, d = information(counts), dissimilarity(counts[:, 0], total - counts[:, 0])
    assert -1e-12 <= h <= 1 + 1e-12
    assert np.isnan(d) or -1e-12 <= d <= 1 + 1e-12
    shuffled = counts[rng.sample(range(len(counts)), len(counts))]
    assert information(shuffled) == pytest.approx(h, abs=1e-12)
    assert information(counts * 3) == pytest.approx(h, abs=1e-9)  # composition only
    halves = np.vstack([counts * 2, counts * 2])  # splitting each unit in two alike changes nothing
    assert information(halves) == pytest.approx(h, abs=1e-9)
    merged = np.vstack(
        [counts[:2].sum(axis=0, keepdims=True), counts[2:]]
    )  # merging units never segregates more
    assert information(merged) <= h + 1e-9
    frame = pd.DataFrame(counts, columns=[f"g{i}" for i in range(counts.shape[1])])
    split = decompose(
        frame.assign(area_id=["x" if i % 2 else "y" for i in range(len(frame))]), list(frame.columns)
    )
    assert split["part"].sum() == pytest.approx(h, abs=1e-9)
    exposures = [  # everybody meets somebody: isolation and exposures add up to one
        row
        for row in segregation_indices(frame, list(frame.columns)).itertuples()
        if row.measure in ("isolation", "exposure")
    ]
    for name in frame.columns:
        assert sum(row.value for row in exposures if row.group == name) == pytest.approx(1)


def test_one_group_alone_has_no_index_and_breaks_nothing() -> None:
    index = segregation_indices(table((5, 0), (7, 0)), GROUPS)
    assert np.isnan(value(index, "information")) and np.isnan(value(index, "dissimilarity", "a"))
    assert np.isnan(value(index, "isolation", "b"))


def test_two_one_sided_blocks_do_not_pass_for_mixed() -> None:
    blocks = pd.DataFrame(
        {
            "area_id": ["halves", "halves", "mixed", "mixed", "one", "empty"],
            "a": [40, 0, 20, 20, 80, 0],
            "b": [0, 80, 40, 40, 2, 0],
        }
    )
    told = mixed_inside(blocks, GROUPS, "a", (25, 40)).set_index("area_id")
    assert told["verdict"].to_dict() == {
        "halves": "mixed_on_average", "mixed": "mixed", "one": "one_sided", "empty": "no_dwellings",
    }  # fmt: skip
    assert told.loc["halves", "share"] == told.loc["mixed", "share"] == pytest.approx(1 / 3)
    assert told.loc["halves", "one_sided_share"] == 1 and told.loc["mixed", "one_sided_share"] == 0


def test_blocks_that_are_small_by_chance_are_not_called_apart() -> None:
    rng = np.random.default_rng(3)
    own = np.bincount(np.repeat(np.arange(150), 2), weights=rng.permutation(np.repeat([1, 0], [100, 200])))
    blocks = pd.DataFrame({"area_id": "x", "a": own.astype(int), "b": 2 - own.astype(int)})
    told = mixed_inside(blocks, GROUPS, "a", (25, 40)).iloc[0]
    assert told["inner_d"] > 0.6 and told["verdict"] == "mixed"


def test_grid_ids_are_those_of_the_danish_square_grid() -> None:
    x, y = (
        np.array([574_900.0, 574_999.9, 575_000.0, np.nan]),
        np.array([6_223_600.0, 6_223_699.0, 6_223_700.0, 1.0]),
    )
    assert square_grid_ids(x, y, 100) == ["100m_62236_5749", "100m_62236_5749", "100m_62237_5750", None]
    assert square_grid_ids(x, y, 1000) == ["1km_6223_574", "1km_6223_574", "1km_6223_575", None]
    with pytest.raises(ValueError, match="m wide"):
        square_grid_ids(x, y, 70)


def test_scales_from_the_same_homes() -> None:
    """A chequerboard of 100 m cells: all apart in cells and addresses, evenly mixed in square kilometres."""
    rows = [(f"A{i}_{j}", 500_050.0 + 100 * i, 6_200_050.0 + 100 * j, str(i // 10), (i + j) % 2)
            for i in range(20) for j in range(20)]  # fmt: skip
    homes = pd.DataFrame(rows, columns=["address_id", "x", "y", "area_id", "kind"])
    homes = homes.assign(a=homes["kind"] * 10, b=(1 - homes["kind"]) * 10)
    scales = segregation_at_scales(homes, GROUPS, ks=(10, 50, 1000))
    found = {(r.scale, r.size): r.value for r in scales[scales["measure"] == "information"].itertuples()}
    assert found[("grid", 100)] == pytest.approx(1) and found[("address", 0)] == pytest.approx(1)
    assert found[("grid", 1000)] == pytest.approx(0) and found[("areas", 0)] == pytest.approx(0)
    assert found[("nearest", 10)] == pytest.approx(1)  # an address holds its own ten residents
    assert found[("nearest", 1000)] < 0.01 < found[("nearest", 50)] < 1
    assert scales.loc[scales["scale"] == "nearest", "corrected"].isna().all()


def test_neighbours_within_a_distance_and_isolates() -> None:
    shapes = [box(0, 0, 100, 100), box(120, 0, 200, 100), box(5000, 0, 5100, 100)]
    areas = gpd.GeoDataFrame({"area_id": ["0", "1", "2"]}, geometry=shapes, crs=25832)
    told = neighbour_contrast(areas, table((90, 10), (10, 90), (5, 5)), "a", GROUPS).set_index("area_id")
    assert told.loc["0", "contrast"] == pytest.approx(0.8) and told.loc["1", "contrast"] == pytest.approx(
        -0.8
    )
    assert told.loc["2", "neighbours"] == 0 and np.isnan(told.loc["2", "contrast"])


def test_entropy_of_equal_groups() -> None:
    assert float(entropy(np.array([7, 7, 7, 7]))) == pytest.approx(log(4))
    assert float(entropy(np.array([9, 0]))) == 0.0
