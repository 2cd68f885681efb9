"""Places that nobody named: found where they are planted, and nowhere where there are none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from planted_city import City, city, found_and_right
from scipy import stats

from geo_bosoc.bottom_up import (
    core_addresses,
    false_discovery,
    join_places,
    local_statistic,
    outline_places,
    worst_share,
)
from geo_bosoc.bottom_up.detection.scan import poisson_root, signed_root
from geo_bosoc.problems import InputError, Report

SMALL = {"residents": 5_000}


def find(made_up: City, seed: int = 1) -> set[str]:
    local = local_statistic(
        made_up.addresses, made_up.units, (60, 200), permutations=39, seed=seed, report=Report()
    )
    core = core_addresses(local, false_discovery(local["p"], 0.05))
    return set(join_places(made_up.addresses[core], report=Report())["address_id"])


def test_nothing_is_found_where_nothing_is_planted() -> None:
    alarms = sum(bool(find(city(seed, **SMALL))) for seed in range(20))
    assert alarms <= 3  # one is promised on average; four or more of 20 would happen once in sixty times


@pytest.mark.parametrize(
    ("place", "share", "recall", "precision"),
    [(60, 0.8, 0.8, 0.4), (200, 0.55, 0.8, 0.5), (800, 0.5, 0.85, 0.7), (2000, 0.5, 0.8, 0.8)],
)
def test_planted_places_are_found(place: int, share: float, recall: float, precision: float) -> None:
    # Somewhat below what 20 seeds gave in larger towns (docs/found_places.md).
    figures = []
    for seed in range(5):
        made_up = city(seed, place=place, share=share, **SMALL)
        figures.append(found_and_right(made_up, find(made_up)))
    found, right = np.nanmean(np.array(figures), axis=0)
    assert found >= recall
    assert right >= precision


def test_the_same_seed_gives_the_same_and_the_order_of_rows_decides_nothing_observed() -> None:
    made_up = city(3, place=300, share=0.5, **SMALL)
    one = local_statistic(made_up.addresses, made_up.units, 100, permutations=9, report=Report())
    pd.testing.assert_frame_equal(
        one, local_statistic(made_up.addresses, made_up.units, 100, permutations=9, report=Report())
    )
    shuffled = local_statistic(
        made_up.addresses.sample(frac=1, random_state=1), made_up.units, 100, permutations=9, report=Report()
    )
    columns = ["address_id", "at_risk", "cases", "expected", "statistic"]
    pd.testing.assert_frame_equal(
        one[columns].sort_values("address_id", ignore_index=True),
        shuffled[columns].sort_values("address_id", ignore_index=True),
    )


def test_draws_in_several_passes_give_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = city(1, residents=2_000)
    once = local_statistic(made_up.addresses, made_up.units, [50, 100], permutations=25, report=Report())
    monkeypatch.setattr("geo_bosoc.bottom_up.detection.local._SUMS_IN_MEMORY", 1)
    pd.testing.assert_frame_equal(
        once, local_statistic(made_up.addresses, made_up.units, [50, 100], permutations=25, report=Report())
    )


def test_p_is_even_where_there_is_only_chance() -> None:
    # Persons as units, so that the permutations are exactly how these cases were drawn.
    rng = np.random.default_rng(4)
    made_up = city(5, **SMALL)
    address = np.repeat(made_up.units["address_id"].to_numpy(), made_up.units["at_risk"])
    shares = []
    for seed in range(12):
        persons = pd.DataFrame(
            {"address_id": address, "at_risk": 1, "cases": (rng.random(address.size) < 0.2)}
        )
        persons["cases"] = persons["cases"].astype(np.int64)
        local = local_statistic(made_up.addresses, persons, 100, permutations=19, seed=seed, report=Report())
        shares.append([(local["p"] <= level).mean() for level in (0.05, 0.2, 0.5)])
    assert np.mean(shares, axis=0) == pytest.approx([0.05, 0.2, 0.5], abs=0.05)


def test_p_by_counting_every_draw() -> None:
    made_up = city(2, place=100, share=0.6, residents=1_500)
    local = local_statistic(made_up.addresses, made_up.units, 80, permutations=1, seed=3, report=Report())
    random = np.random.default_rng(3)
    units = made_up.units.copy()
    for size in (1, 2):
        rows = np.flatnonzero(units["at_risk"] == size)
        units.loc[rows, "cases"] = random.permutation(units.loc[rows, "cases"].to_numpy())
    drawn = local_statistic(made_up.addresses, units, 80, permutations=1, report=Report())["statistic"]
    tested = (local["at_risk"] >= 10).to_numpy()
    for row in np.flatnonzero(tested)[::25]:
        beyond = (drawn[tested] >= local["statistic"].iloc[row]).sum()
        assert local["p"].iloc[row] == pytest.approx((1 + beyond) / (1 + tested.sum()))


def test_statistic_by_hand() -> None:
    # 4 of 5 inside, 6 of 15 outside: against one share, 10 of 20.
    inside, outside, whole = stats.binom.logpmf([4, 6, 10], [5, 15, 20], [0.8, 0.4, 0.5])
    coefficients = np.log([5.0, 5005.0, 184756.0])  # of the three binomials, which the ratio does not hold
    ratio = (inside - coefficients[0]) + (outside - coefficients[1]) - (whole - coefficients[2])
    found = signed_root(np.array([4, 1, 0, 10]), np.array([5, 2, 0, 20]), 10, 20)
    assert found == pytest.approx([np.sqrt(2 * ratio), 0, 0, 0])
    assert signed_root(np.array([0]), np.array([5]), 10, 20)[0] < 0


def test_poisson_statistic_by_hand() -> None:
    # 12 services inside where 6 of 40 are expected: against the same level inside and outside.
    inside, outside = stats.poisson.logpmf([12, 28], [12, 28]), stats.poisson.logpmf([12, 28], [6, 34])
    found = poisson_root(np.array([12, 6, 0, 40]), np.array([15, 15, 0, 100]), 40, 100)
    assert found == pytest.approx([np.sqrt(2 * (inside.sum() - outside.sum())), 0, 0, 0])
    assert poisson_root(np.array([2]), np.array([15]), 40, 100)[0] < 0


def test_false_discovery_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    for many in (1, 5, 400):
        p = np.round(rng.beta(0.4, 2, many), 3).clip(0.0005)
        expected = stats.false_discovery_control(p) <= 0.1
        assert false_discovery(p, 0.1).tolist() == expected.tolist()
    assert not false_discovery(np.array([0.9, 0.8])).any()
    assert false_discovery(np.empty(0)).size == 0


def test_worst_share_takes_ties_whole_and_never_more() -> None:
    numerator, base = np.array([9, 5, 10, 1, 0, 3]), np.array([10, 10, 20, 10, 0, 10])
    people = np.array([10, 30, 30, 10, 10, 10])
    assert worst_share(numerator, base, people, 0.10).tolist() == [True, False, False, False, False, False]
    # 5/10 and 10/20 are the same: both would make 70 of 100, so neither is in at 60 %.
    assert worst_share(numerator, base, people, 0.60).tolist() == [True, False, False, False, False, False]
    assert worst_share(numerator, base, people, 0.70).tolist() == [True, True, True, False, False, False]
    assert worst_share(numerator, base, people, 1.0).tolist() == [True, True, True, True, False, True]
    assert worst_share(np.empty(0), np.empty(0), np.empty(0)).size == 0


def homes(*at: tuple[float, float], households: int = 8) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "address_id": [f"h{i:02d}" for i in range(len(at))],
            "x": [570_000.0 + x for x, _ in at],
            "y": [6_220_000.0 + y for _, y in at],
            "residents": 20,
            "households": households,
            "street": ["Søndergade" if y < 100 else "Møllevej" for _, y in at],
        }
    )


ROW = [(20.0 * i, 0.0) for i in range(6)]
ACROSS = [(20.0 * i, 60.0) for i in range(4)]
AWAY = [(20.0 * i, 900.0) for i in range(3)]


def test_a_street_divides_no_place_and_a_lone_home_is_none() -> None:
    every = homes(*ROW, *ACROSS, *AWAY, (2000.0, 2000.0))
    report = Report()
    joined = join_places(every.sample(frac=1, random_state=2), report=report)
    assert joined["place_id"].tolist() == ["P001"] * 10 + ["P002"] * 3
    assert joined["address_id"].tolist() == [f"h{i:02d}" for i in range(13)]
    assert report.problems[0].count == 1
    assert join_places(every.head(2), report=Report()).empty
    with pytest.raises(InputError, match="lone home"):
        join_places(every, least_homes=1)


def test_density_divides_a_place_again() -> None:
    tight = [(3.0 * i, 3.0 * j) for i in range(6) for j in range(5)]
    beside = [(70.0 + 3.0 * i, 3.0 * j) for i in range(6) for j in range(4)]
    every = homes(*tight, *beside)
    assert join_places(every, report=Report())["place_id"].nunique() == 1
    divided = join_places(every, method="hdbscan", report=Report())
    assert divided["place_id"].value_counts().to_dict() == {"P001": 30, "P002": 24}
    few = join_places(homes(*AWAY), method="hdbscan", report=Report())
    assert few["place_id"].tolist() == ["P001"] * 3


def test_outlines_hold_their_homes_and_small_ones_are_not_drawn() -> None:
    every = homes(*ROW, *ACROSS, *AWAY, households=4)
    every.loc[11:, "households"] = 1
    places = outline_places(every, join_places(every, report=Report()), report=Report())
    assert isinstance(places, gpd.GeoDataFrame) and places.crs == "EPSG:25832"
    assert places["place_id"].tolist() == ["P001", "P002"]
    assert places["households"].tolist() == [40, 6] and places["drawn_households"].tolist() == [40, 0]
    assert places["name"].tolist() == ["Søndergade", "Møllevej"]
    assert places.geometry.iloc[1] is None
    points = shapely.points(every.loc[:9, ["x", "y"]].to_numpy())
    assert shapely.contains(places.geometry.iloc[0], points).all()


def test_no_outline_holds_a_shelter_nor_points_at_it() -> None:
    block = [(30.0 * i, 30.0 * j) for i in range(9) for j in range(9)]
    every = homes(*block, households=3)
    shelter = every["address_id"].iloc[block.index((120.0, 120.0))]
    joined = join_places(every, report=Report())
    open_place = outline_places(every, joined, report=Report())
    place = outline_places(every, joined, exclude=[shelter], report=Report())
    at = shapely.points(*every.set_index("address_id").loc[shelter, ["x", "y"]].astype(float))
    assert shapely.intersects(open_place.geometry.iloc[0], at)
    drawn = place.geometry.iloc[0]
    assert not shapely.intersects(drawn, at)
    assert all(not shapely.intersects(shapely.polygons(ring), at) for ring in shapely.get_rings(drawn))
    assert place["homes"].iloc[0] == 80 and place["drawn_households"].iloc[0] <= 240


def test_names() -> None:
    every = homes(*ROW, *[(20.0 * i, 120.0) for i in range(4)]).assign(estate=[None] * 4 + ["Højvangen"] * 6)
    members = pd.DataFrame({"address_id": every["address_id"], "place_id": "P001"})
    assert outline_places(every, members, report=Report())["name"].tolist() == ["Højvangen"]
    without = every.drop(columns="estate")
    assert outline_places(without, members, report=Report())["name"].tolist() == ["Søndergade / Møllevej"]
    bare = without.drop(columns="street")
    assert outline_places(bare, members, report=Report())["name"].tolist() == [""]


def test_units_that_are_wrong() -> None:
    made_up = city(1, residents=300)
    units = made_up.units.head(20).copy()
    units.loc[0, "cases"] = 7
    units.loc[1, "address_id"] = "nowhere"
    with pytest.raises(InputError) as told:
        local_statistic(made_up.addresses, units, 50, permutations=0)
    assert [(p.column or p.key, p.count) for p in told.value.problems] == [
        ("cases", 1),
        ("address_id", 1),
        ("permutations", None),
    ]
    with pytest.raises(InputError, match="is not there"):
        local_statistic(made_up.addresses, units.drop(columns="at_risk"), 50)
