"""Staff at places and households that several services meet in: closed forms, faults of files, and small numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.bottom_up.presence.staff import (
    PresencePart,
    households_met,
    read_staff,
    staff_at_places,
)
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.problems import Report

HOMES = pd.DataFrame(
    {"address_id": ["a", "b", "c"], "x": [0.0, 100.0, 5000.0], "y": 0.0, "residents": [30, 70, 100]}
)


def _staff(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "full_time", "x", "y"])


def test_positions_are_shared_by_the_residents_within_reach():
    staff = _staff(("skole", 20.0, 50.0, 0.0), ("klub", 5.0, 5010.0, 0.0), ("klub", 9.0, 90_000.0, 0.0))
    places = pd.DataFrame({"place_id": ["N1", "N2"], "address_id": ["a", "c"]})
    table = staff_at_places(staff, HOMES, places, 300).set_index("place_id")
    assert table.loc["N1", "positions"] == pytest.approx(20 * 30 / 100)
    assert table.loc["N1", "per_100"] == pytest.approx(20.0)
    assert table.loc["N2", ["institutions_in", "institutions_near"]].tolist() == [1, 1]
    assert table.loc["N1", ["institutions_in", "institutions_near"]].tolist() == [1, 1]
    assert table.loc[MUNICIPALITY, "positions"] == pytest.approx(25.0)  # nobody lives near the third


def test_shares_of_all_homes_are_the_positions():
    rng = np.random.default_rng(4)
    homes = pd.DataFrame(
        {
            "address_id": [f"a{n}" for n in range(400)],
            "x": rng.uniform(0, 3000, 400),
            "y": rng.uniform(0, 3000, 400),
            "residents": rng.integers(0, 9, 400),
        }
    )
    staff = _staff(*[("skole", float(n), *rng.uniform(500, 2500, 2)) for n in range(1, 30)])
    every = pd.DataFrame({"place_id": "N1", "address_id": homes["address_id"]})
    table = staff_at_places(staff, homes, every, 400)
    assert table["positions"].tolist() == pytest.approx([staff["full_time"].sum()] * 2)
    turned = staff_at_places(staff[::-1].reset_index(drop=True), homes[::-1], every[::-1], 400)
    pd.testing.assert_frame_equal(table, turned)


def test_a_small_place_is_smoothed_towards_the_municipality():
    rows = pd.DataFrame({"place_id": ["N1"], "address_id": ["a"]})
    table = staff_at_places(_staff(("klub", 8.0, 0.0, 0.0)), HOMES, rows, 50).set_index("place_id")
    mean = table.loc[MUNICIPALITY, "per_100"]
    assert mean < table.loc["N1", "smoothed"] <= table.loc["N1", "per_100"]


def test_every_fault_of_the_file_is_told_with_its_row(tmp_path: Path):
    path = tmp_path / "staff.csv"
    path.write_text(
        "slags;timer;adresse_id;leder\nskole;370;a;Tornskaden\nklub;mange;b;\nklub;37;nowhere;\nklub;;a;\n",
        encoding="utf-8",
    )
    report = Report()
    staff = read_staff(path, HOMES, report, columns={})
    assert staff.values.tolist() == [["skole", 10.0, 0.0, 0.0]]
    assert [(problem.row, problem.column) for problem in report.problems] == [
        (3, "timer"),
        (4, "adresse_id"),
        (5, "timer"),
    ]
    assert "Tornskaden" not in str(report.problems)


def test_a_file_without_its_columns_says_which(tmp_path: Path):
    path = tmp_path / "staff.csv"
    path.write_text("slags;x\nskole;3\n", encoding="utf-8")
    report = Report()
    assert read_staff(path, HOMES, report, columns={}).empty
    assert [problem.column for problem in report.problems] == ["full_time", "address_id"]


def test_households_are_counted_by_the_kinds_that_meet_there():
    persons = pd.DataFrame(
        {
            "person_id": ["p1", "p2", "p3", "p4"],
            "address_id": ["a", "a", "a", "c"],
            "home": ["h1", "h1", "h2", "h3"],
        }
    )
    cases = pd.DataFrame(
        {"person_id": ["p1", "p2", "p2", "p3", "p3", "p4"], "service": ["x", "y", "z", "x", "x", "y"]}
    )
    places = pd.DataFrame({"place_id": ["N1"], "address_id": ["a"]})
    table = households_met(cases, persons, "home", places)
    assert table.values.tolist() == [["N1", 2, 1], [MUNICIPALITY, 3, 1]]


def test_few_households_and_small_counts_are_hidden():
    households = pd.DataFrame(
        {"place_id": ["N1", "N2", MUNICIPALITY], "households": [80, 90, 4000], "met": [3, 9, 60]}
    )
    staff = staff_at_places(
        _staff(("skole", 10.0, 0.0, 0.0)), HOMES, pd.DataFrame({"place_id": ["N1"], "address_id": ["a"]}), 300
    )
    part = PresencePart(staff, households, {"N1": 80, "N2": 4}, 300.0, (), (), {})
    shown = part.show("da", 5)
    met = shown.sheets["sheet_households_met"].set_index("place_id")
    assert met["households_met"].isna().tolist() == [True, True, False]  # too few met; too few homes
    assert "skjult" in " ".join(shown.lines["N1"]) and "3" not in shown.lines["N1"][-1].split(":")[-1]
    assert "20,0" not in " ".join(shown.lines["N2"])
    everything = part.show("en", 1)
    assert everything.sheets["sheet_households_met"]["households_met"].tolist() == [3, 9, 60]
    assert "10.0 full-time positions" in everything.lines["N1"][0]
