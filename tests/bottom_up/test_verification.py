"""ServiceRates against those who could get it, and places held against the steering group's criteria."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.bottom_up.detection.stability import place_stability
from geo_bosoc.bottom_up.places.place_figures import comparison_places
from geo_bosoc.bottom_up.presence.service_rates import (
    municipal_service_rates,
    smooth_rates,
    variance_between_places,
)
from geo_bosoc.bottom_up.presence.services import Service, load_services
from geo_bosoc.bottom_up.verification import verify
from geo_bosoc.models import load_model
from geo_bosoc.problems import InputError, Report

KINDS = (
    Service(id="school", label_da="Skole", label_en="School", eligible="age BETWEEN 6 AND 17"),
    Service(id="care", label_da="Pleje", label_en="Care", eligible="age >= 67"),
    Service(id="job", label_da="Job", label_en="Job", eligible="age BETWEEN 18 AND 66"),
)


def toy() -> tuple[pd.DataFrame, pd.DataFrame]:
    ages = [10] * 4 + [70] * 2 + [30] * 4 + [10] * 4 + [70] * 6 + [30] * 20
    persons = pd.DataFrame({"person_id": [f"p{i:02d}" for i in range(40)], "age": ages})
    persons["address_id"] = ["a"] * 5 + ["b"] * 5 + ["c"] * 30
    cases = pd.DataFrame(
        [("p00", "school"), ("p00", "school"), ("p01", "school"), ("p04", "care"), ("p06", "job"), ("p00", "care"),
         ("p10", "school"), ("p20", "job"), ("p14", "care"), ("p99", "job"), ("p01", "dance")],
        columns=["person_id", "service"],
    )  # fmt: skip
    return cases, persons


def test_presence_by_hand() -> None:
    cases, persons = toy()
    homes = pd.DataFrame({"place_id": ["P1", "P1", "P2"], "address_id": ["a", "b", "c"]})
    report = Report()
    found = municipal_service_rates(cases, persons, homes, KINDS, report=report)
    kinds = found.kinds.set_index(["place_id", "service"])
    # Ten live in P1: 4 children of whom 2 get school psychology (the doubled case is one), 2 old, 4 adults.
    assert kinds.loc[("P1", "school"), ["services", "eligible"]].tolist() == [2, 4]
    assert kinds.loc[("@municipality", "school"), ["services", "eligible"]].tolist() == [3, 8]
    assert kinds.loc[("P1", "school"), "per_100"] == 50
    assert kinds.loc[("P1", "school"), "ratio"] == pytest.approx(0.5 / (3 / 8))
    places = found.places.set_index("place_id")
    expected = 4 * 3 / 8 + 2 * 2 / 8 + 4 * 2 / 24
    assert places.loc["P1", "services"] == 4
    assert places.loc["P1", "expected"] == pytest.approx(expected)
    assert places.loc["P1", "services_per_100"] == pytest.approx(100 * 7 / 40 * 4 / expected)
    assert places.loc["@municipality", "services_per_100"] == pytest.approx(100 * 7 / 40)
    assert places["residents"].to_dict() == {"P1": 10, "P2": 30, "@municipality": 40}
    told = {problem.message: problem.count for problem in report.problems}
    assert sorted(told.values()) == [1, 1, 1]  # a child's care, nobody's job, a kind that is none


def test_several_kinds_meet_in_a_person_and_a_case_may_have_an_address_only() -> None:
    _, persons = toy()
    services = (KINDS[0], Service(id="family", label_da="Familie", label_en="Family"))
    cases = pd.DataFrame(
        [("p00", "school", "a"), ("p00", "family", "a"), ("p01", "family", "a"), (None, "family", "c")],
        columns=["person_id", "service", "address_id"],
    )
    found = municipal_service_rates(cases, persons, services=services, report=Report()).places.set_index(
        "place_id"
    )
    assert found["several"].to_dict() == {"a": 1, "b": 0, "c": 0, "@municipality": 1}
    assert found["services"].to_dict() == {"a": 3, "b": 0, "c": 1, "@municipality": 4}
    assert found["residents"].to_dict() == {"a": 5, "b": 5, "c": 30, "@municipality": 40}


def test_smoothing_is_that_of_esda() -> None:
    from esda.smoothing import Empirical_Bayes

    rng = np.random.default_rng(1)
    base = rng.integers(20, 400, 60).astype(float)
    events = rng.poisson(base * rng.gamma(4, 0.02, 60)).astype(float)
    mean = events.sum() / base.sum()
    own = smooth_rates(events, base, mean, variance_between_places(events, base, mean))
    assert own == pytest.approx(np.asarray(Empirical_Bayes(events, base).r).ravel(), abs=1e-12)
    assert variance_between_places(base * 0.1, base, 0.1) == 0.0  # no more than chance: all are the mean
    assert smooth_rates(np.array([5.0, 0.0]), np.array([10.0, 0.0]), 0.1, 0.0) == pytest.approx([0.1, 0.1])


def test_the_shipped_services() -> None:
    assert [one.id for one in load_services()][:2] == ["job_centre", "social_psychiatry"]
    assert all(one.gather("da") and one.label("en") for one in load_services())
    with pytest.raises(InputError, match="no such file"):
        load_services("nowhere.toml")
    wrong = (Service(id="x", label_da="Prøve", label_en="", eligible="aeg > 3"),)
    with pytest.raises(InputError, match="aeg"):
        municipal_service_rates(toy()[0], toy()[1], services=wrong)


def town(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Forty addresses a place of 5 residents; places A and B get far more, C what others get, D is a single home."""
    rng = np.random.default_rng(seed)
    rows, cases = [], []
    for place in [*"ABC", *(f"R{i:02d}" for i in range(12))]:
        for number in range(200):
            one = f"{place}{number:03d}"
            age = int(rng.integers(0, 90))
            rows.append((one, f"{place}-{number // 5}", age))
            often = 0.3 if place in "AB" else 0.06
            kinds = ["family_support"] if age < 18 else ["elderly_care"] if age >= 67 else ["job_centre"]
            kinds += ["ssp"] if 10 <= age < 18 else ["social_psychiatry"] if age >= 18 else []
            cases += [(one, kind) for kind in kinds if rng.random() < often]
    persons = pd.DataFrame(rows, columns=["person_id", "address_id", "age"])
    homes = persons[["address_id"]].drop_duplicates()
    homes.insert(0, "place_id", homes["address_id"].str.split("-").str[0])
    homes = pd.concat([homes, pd.DataFrame({"place_id": ["D"], "address_id": ["R00-0"]})], ignore_index=True)
    return pd.DataFrame(cases, columns=["person_id", "service"]), persons, homes


def places(**named: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {"place_id": list(named), "named": list(named.values()), "found": [not one for one in named.values()]}
    )


NAMED = {"A": True, "B": False, "C": True, "D": True}


def test_the_four_verdicts() -> None:
    cases, persons, homes = town()
    own = homes[homes["place_id"].isin(list(NAMED))]
    found = verify(places(**NAMED), own, cases, persons, references=homes, report=Report())
    verdicts = found.verdicts.set_index("place_id")
    assert verdicts["verdict"].to_dict() == {
        "A": "confirmed", "B": "found_not_named", "C": "not_seen", "D": "undetermined",
    }  # fmt: skip
    assert verdicts.loc["D", "why"] == "few_residents" and (verdicts["held"].drop("D") > 0.9).all()
    one = found.evidence.set_index(["place_id", "criterion"]).loc[("A", "services_per_100")]
    assert one["low"] < one["value"] < one["high"] and one["met"] == "met"
    assert one["threshold"] == pytest.approx(1.5 * one["municipality"])
    assert one["similar"] == pytest.approx(one["municipality"], rel=0.9) and one["similar"] < one["low"]
    assert set(
        found.comparison_places.loc[found.comparison_places["place_id"] == "D", "similar_id"]
    ).isdisjoint({"D", "R00"})


def test_the_same_criteria_for_named_and_found_places_and_the_same_seed_the_same_answer() -> None:
    cases, persons, homes = town()
    own = homes[homes["place_id"].isin(list(NAMED))]
    one = verify(places(**NAMED), own, cases, persons, references=homes, report=Report())
    turned = places(**{name: not named for name, named in NAMED.items()})
    other = verify(turned, own, cases, persons, references=homes, report=Report())
    pd.testing.assert_frame_equal(one.evidence, other.evidence)
    assert other.verdicts["verdict"].tolist()[:3] == ["found_not_named", "confirmed", "found_not_seen"]
    again = verify(
        places(**NAMED).iloc[::-1], own.iloc[::-1], cases, persons, references=homes, report=Report()
    )
    pd.testing.assert_frame_equal(one.verdicts, again.verdicts)
    alone = verify(
        places(A=True), own[own["place_id"] == "A"], cases, persons, references=homes, report=Report()
    )
    pd.testing.assert_frame_equal(one.verdicts.head(1), alone.verdicts)  # others decide nothing


def test_origin_is_never_used() -> None:
    cases, persons, homes = town()
    own = homes[homes["place_id"].isin(list(NAMED))]
    rng = np.random.default_rng(1)
    results = []
    for origin in (None, "danish", rng.choice(["danish", "western", "non_western"], len(persons))):
        people = persons if origin is None else persons.assign(origin=origin)
        results.append(verify(places(**NAMED), own, cases, people, references=homes, report=Report()))
    for other in results[1:]:
        pd.testing.assert_frame_equal(results[0].verdicts, other.verdicts)
        pd.testing.assert_frame_equal(results[0].evidence, other.evidence)
    with pytest.raises(InputError, match="origin"):
        verify(places(**NAMED), own, cases, persons, criteria="national-2021")
    model = load_model("skanderborg")
    sly = model.model_copy(
        update={"criterion": (model.criterion[0].model_copy(update={"indicator": "non_western_pct"}),)}
    )
    with pytest.raises(InputError, match="origin"):
        verify(places(**NAMED), own, cases, persons, criteria=sly)


def test_criteria_of_the_steering_groups_own_and_missing_figures() -> None:
    cases, persons, homes = town()
    own = homes[homes["place_id"].isin(list(NAMED))]
    model = load_model("skanderborg")
    own_one = {"indicator": "evictions", "id": "persons_with_several_pct"}
    criteria = model.model_copy(
        update={"criterion": (*model.criterion[:2], model.criterion[2].model_copy(update=own_one))}
    )
    with pytest.raises(InputError, match="evictions"):
        verify(places(**NAMED), own, cases, persons, criteria=criteria)
    every = homes["address_id"].drop_duplicates()
    counts = pd.DataFrame(
        {"address_id": every, "indicator": "evictions", "numerator": 1, "denominator": 5, "unknown": 0}
    )
    counts.loc[counts["address_id"].str.startswith("C"), "unknown"] = 5
    counts.loc[counts["address_id"].str.startswith("C"), "numerator"] = 0
    found = verify(
        places(**NAMED),
        own,
        cases,
        persons,
        criteria=criteria,
        counts=counts,
        references=homes,
        report=Report(),
    )
    told = found.evidence.set_index(["place_id", "criterion"])
    assert told.loc[("A", "persons_with_several_pct"), "value"] == pytest.approx(0.2)
    assert told.loc[("C", "persons_with_several_pct"), "met"] == "undetermined"
    # C meets neither of the other two, so that the missing figure settles nothing.
    assert found.verdicts.set_index("place_id")["verdict"].to_dict()["C"] == "not_seen"


def test_a_found_place_that_does_not_come_back_is_undetermined() -> None:
    cases, persons, homes = town()
    own = homes[homes["place_id"].isin(list(NAMED))]
    stability = pd.DataFrame({"place_id": ["A", "B"], "back": [0.2, 0.2], "jaccard": [0.1, 0.1]})
    found = verify(
        places(**NAMED), own, cases, persons, references=homes, stability=stability, report=Report()
    ).verdicts.set_index("place_id")
    assert found.loc["B", ["verdict", "why"]].tolist() == ["undetermined", "seldom_found"]
    assert found.loc["A", "verdict"] == "confirmed"  # named: that it is not found again says nothing of it


def test_what_is_wrong_is_told_at_once() -> None:
    cases, persons, homes = town()
    with pytest.raises(InputError) as told:
        verify(places(A=True).drop(columns="found"), homes, cases, persons, criteria="aarhus-2018", draws=0)
    assert len(told.value.problems) >= 3
    with pytest.raises(InputError, match="no homes"):
        verify(places(X=True), homes, cases, persons)


def test_similar_places_share_no_home() -> None:
    _, persons, homes = town()
    near = comparison_places(persons, homes[homes["place_id"] == "D"], homes, 3)
    assert len(near["D"]) == 3 and not {"D", "R00"} & set(near["D"])


def test_a_strong_place_comes_back_and_a_place_of_nothing_does_not() -> None:
    from planted_city import city

    from geo_bosoc.bottom_up import (
        core_addresses,
        false_discovery,
        join_places,
        local_statistic,
    )

    made_up = city(1, residents=4_000, place=400, share=0.6)
    local = local_statistic(made_up.addresses, made_up.units, (60, 200), permutations=19, report=Report())
    flagged = false_discovery(local["p"])
    found = join_places(made_up.addresses[core_addresses(local, flagged)], report=Report())
    others = made_up.addresses[~made_up.addresses["address_id"].isin(made_up.planted)].head(20)
    homes = pd.concat([found, pd.DataFrame({"place_id": "X", "address_id": others["address_id"]})])
    args = (made_up.addresses, made_up.units, local, flagged, homes)
    told = place_stability(*args, draws=10).set_index("place_id")
    assert told.loc["P001", "back"] >= 0.9 and told.loc["P001", "jaccard"] > 0.5
    assert told.loc["X", "back"] == 0 and told.loc["X", "jaccard"] < 0.1
    pd.testing.assert_frame_equal(told, place_stability(*args, draws=10).set_index("place_id"))
    never = place_stability(*args[:3], np.zeros(len(local), bool), homes, draws=10)
    assert (never["back"] == 0).all()
