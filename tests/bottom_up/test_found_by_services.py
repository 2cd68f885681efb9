"""Places found by services: planted ones are found, old people are no place, and those who found do not confirm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from planted_city import KINDS, ServedCity, city, found_and_right, served_city

from geo_bosoc.bottom_up import (
    core_addresses,
    false_discovery,
    join_places,
    local_statistic,
    municipal_service_rates,
    place_stability,
    service_units,
)
from geo_bosoc.bottom_up.detection.clusters import worst_share_by_k
from geo_bosoc.bottom_up.presence.service_units import half_of_homes
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.runs import run_bottom_up


def homes_found(made_up: ServedCity, units: pd.DataFrame) -> set[str]:
    addresses = made_up.city.addresses
    local = local_statistic(addresses, units, (50, 100, 300), permutations=19, report=Report())
    core = core_addresses(local, false_discovery(local["p"], 0.05))
    return set(join_places(addresses[core], report=Report())["address_id"])


def units_of(made_up: ServedCity) -> pd.DataFrame:
    return service_units(made_up.cases, made_up.persons, KINDS, home="home", report=Report())


@pytest.mark.parametrize("seed", range(3))
def test_a_place_with_many_services_is_found_by_them_and_not_by_the_labour_market(seed: int) -> None:
    made_up = served_city(seed, place=300, times=3.0)
    recall, right = found_and_right(made_up.city, homes_found(made_up, units_of(made_up)))
    assert recall > 0.7 and right > 0.4
    assert found_and_right(made_up.city, homes_found(made_up, made_up.city.units))[0] < 0.2


def test_streets_of_old_people_are_no_place() -> None:
    for seed in range(3):
        made_up = served_city(seed)
        assert not homes_found(made_up, units_of(made_up))


def test_expected_services_add_up_and_chance_exchanges_like_with_like() -> None:
    made_up = served_city(1, place=300, times=2.0)
    units = units_of(made_up)
    assert units["expected"].sum() == pytest.approx(units["cases"].sum())
    assert units["cases"].sum() == len(made_up.cases) and units["at_risk"].sum() == len(made_up.persons)
    rates = made_up.cases["service"].value_counts()
    could = pd.cut(made_up.persons["age"], [-1, 17, 66, 200], labels=["family", "work", "care"])
    by_person = could.map((rates / could.value_counts()).to_dict()).astype(float)
    by_home = by_person.groupby(made_up.persons["home"]).sum()
    assert units["expected"].to_numpy() == pytest.approx(by_home.to_numpy())
    sizes = units.groupby("stratum")["expected"].agg(["size", "min", "max"])
    assert sizes["size"].min() >= 20
    assert ((sizes["max"] - sizes["min"]) < 0.15).mean() > 0.8


def test_the_order_of_rows_decides_nothing() -> None:
    made_up = served_city(2, residents=2_000)
    shuffled = ServedCity(
        made_up.city,
        made_up.persons.sample(frac=1, random_state=1),
        made_up.cases.sample(frac=1, random_state=2),
    )
    pd.testing.assert_frame_equal(units_of(made_up), units_of(shuffled))


def test_a_service_at_an_address_belongs_to_its_households_in_turn() -> None:
    persons = pd.DataFrame(
        {"person_id": [1, 2, 3, 4], "address_id": ["a", "a", "b", "shelter"], "home": [1, 2, 3, 4], "age": 40}
    )
    visits = pd.DataFrame({"service": "work", "address_id": ["a", "a", "a", "nowhere", "shelter"]})
    units = service_units(visits, persons, KINDS, home="home", exclude={"shelter"}, report=Report())
    assert units[["address_id", "cases"]].to_numpy().tolist() == [["a", 2], ["a", 1], ["b", 0]]
    assert units["expected"].tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_halves_are_whole_homes_and_half_of_them() -> None:
    made_up = served_city(3)
    lives, given = half_of_homes(made_up.cases, made_up.persons, home="home")
    assert made_up.persons.assign(first=lives).groupby("home")["first"].nunique().max() == 1
    assert lives.mean() == pytest.approx(0.5, abs=0.04)
    first = set(made_up.persons.loc[lives, "person_id"])
    assert (made_up.cases["person_id"].isin(first).to_numpy() == given).all()
    other, _ = half_of_homes(made_up.cases, made_up.persons, home="home", seed=2)
    assert 0.4 < (other == lives).mean() < 0.6


def test_the_homes_that_find_a_place_say_too_much_of_it_and_the_others_do_not() -> None:
    """Where nothing is planted, the worst 5 % of surroundings have more services than expected; by the homes that did
    not find them, they have as many as expected."""
    detecting, others = [], []
    for seed in range(5):
        made_up = served_city(seed)
        lives, given = half_of_homes(made_up.cases, made_up.persons, home="home")
        units = service_units(
            made_up.cases[given], made_up.persons[lives], KINDS, home="home", report=Report()
        )
        addresses = made_up.city.addresses
        local = local_statistic(addresses, units, 100, permutations=1, report=Report())
        worst = worst_share_by_k(local, addresses, 0.05)
        homes = pd.DataFrame({"place_id": "P", "address_id": addresses.loc[worst, "address_id"]})
        for ratios, cases, persons in (
            (detecting, made_up.cases[given], made_up.persons[lives]),
            (others, made_up.cases[~given], made_up.persons[~lives]),
        ):
            places = municipal_service_rates(cases, persons, homes, KINDS, report=Report()).places.iloc[0]
            ratios.append(places["services"] / places["expected"])
    assert np.mean(detecting) > 1.3
    assert np.mean(others) == pytest.approx(1.0, abs=0.2)


def test_a_planted_place_comes_back_in_draws_of_its_homes() -> None:
    made_up = served_city(0, place=300, times=3.0)
    units = units_of(made_up)
    addresses = made_up.city.addresses
    local = local_statistic(addresses, units, (50, 100), permutations=19, report=Report())
    homes = pd.DataFrame({"place_id": "P001", "address_id": sorted(made_up.city.planted)})
    flagged = false_discovery(local["p"], 0.05)
    back = place_stability(addresses, units, local, flagged, homes, draws=10)
    assert back["back"].iloc[0] >= 0.8


def test_units_without_expected_services_are_told() -> None:
    made_up = city(0, residents=500)
    with pytest.raises(Exception, match="stratum"):
        local_statistic(made_up.addresses, made_up.units.assign(expected=1.0), 50, report=Report())


def test_further_registers_count_beside_the_cases(changed: Callable[..., Path], town: Path) -> None:
    people = pl.read_parquet(town / "data" / "registers" / "persons_2024.parquet").head(40)
    visits = "\n".join(["person_id;period", *(f"{person};2024" for person in people["person_id"].to_list())])
    project = changed(
        "[[bottom_up.further_services]]", 'cases = "visits"', 'kind = "ssp"', 'person = "person_id"', visits=visits
    )  # fmt: skip
    file = project / "bosoc.toml"
    register = (
        '[registers.visits]\npath = "data/registers/visits.csv"\nunit = "case"\nplace = "person"\n'
        'person = "person_id"\nperiod = "period"\n\n'
    )
    text = file.read_text(encoding="utf-8").replace("[bottom_up]", register + "[bottom_up]")
    file.write_text(text, encoding="utf-8")
    results = run_bottom_up(project, report=Report()).results
    before = run_bottom_up(town, output=project / "before", report=Report()).results

    def ssp(rates: pd.DataFrame) -> int:
        rows = rates[(rates["place_id"] == "@municipality") & (rates["service"] == "ssp")]
        return int(rows["services"].iloc[0])

    young = int(((people["age"] >= 10) & (people["age"] < 18)).sum())
    assert 0 <= ssp(results.service_rates.kinds) - ssp(before.service_rates.kinds) <= 40
    assert young == 0 or ssp(results.service_rates.kinds) > ssp(before.service_rates.kinds)
