"""The manifest's facts: no small number of persons, and nothing else touched."""

from __future__ import annotations

from geo_bosoc.problems import Problem
from geo_bosoc.protect.facts import guarded_facts, guarded_problems


def test_small_numbers_of_persons_are_ranges_and_the_rest_stands() -> None:
    facts = {
        "match": {"persons": {"2024": {"in_no_area": {"rows": 4, "persons": 0}, "in_one_area": {"rows": 5}}}},
        "homes": {"absence": [1, 700]},
        "boundaries.areas": {"repaired": 2},
        "protection": {"guard": True, "minimum": 5, "hidden_cells": 3},
    }
    told = guarded_facts(facts, 5)
    assert told["match"]["persons"]["2024"] == {
        "in_no_area": {"rows": "1-4", "persons": 0},
        "in_one_area": {"rows": "5 or more"},
    }
    assert told["homes"] == {"absence": ["1-4", 700]}
    assert told["boundaries.areas"] == facts["boundaries.areas"]
    assert told["protection"] == facts["protection"]
    assert facts["homes"] == {"absence": [1, 700]}


def test_one_reason_alone_could_be_worked_out_from_the_total() -> None:
    reasons = {"placed": {"rows": 900}, "protected_address": {"rows": 2}, "not_a_home": {"rows": 40}}
    told = guarded_facts({"homes": {"persons": {"2024": reasons}}}, 5)["homes"]["persons"]["2024"]
    assert told == {
        "placed": {"rows": 900},
        "protected_address": {"rows": "1-4"},
        "not_a_home": {"rows": "5 or more"},
    }
    both = {**reasons, "no_address": {"rows": 1}}
    told = guarded_facts({"homes": {"persons": {"2024": both}}}, 5)["homes"]["persons"]["2024"]
    assert told["not_a_home"] == {"rows": 40}


def test_a_message_tells_no_small_count_and_not_which_rows() -> None:
    problems = [
        Problem(
            "warning", "1 person had several homes on the status date of 2021; the last counts.", count=1
        ),
        Problem("warning", "3 of 1,233 rows belong to nobody who lives here.", count=3),
        Problem("warning", "2 persons in several rows of one period: rows 3, 17.", row=3, count=2),
        Problem("note", "the leading zero of 4 person numbers was lost, and put back.", count=4),
        Problem("warning", "5 rows without id.", count=5),
        Problem("note", "3 areas have no row in the table."),
    ]
    assert [problem.message for problem in guarded_problems(problems, 5)] == [
        "fewer than 5 persons had several homes on the status date of 2021; the last counts.",
        "fewer than 5 of 1,233 rows belong to nobody who lives here.",
        "fewer than 5 persons in several rows of one period.",
        "the leading zero of fewer than 5 person numbers was lost, and put back.",
        "5 rows without id.",
        "3 areas have no row in the table.",
    ]
    guarded = guarded_problems(problems, 5)
    assert [problem.count for problem in guarded] == [None, None, None, None, 5, None]
    assert [problem.row for problem in guarded] == [None] * 6
