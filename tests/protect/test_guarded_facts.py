"""The manifest's facts: no small number of persons, and nothing else touched."""

from __future__ import annotations

from geo_bosoc.protect.facts import guarded_facts


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
        "in_one_area": {"rows": 5},
    }
    assert told["homes"] == {"absence": ["1-4", 700]}
    assert told["boundaries.areas"] == facts["boundaries.areas"]
    assert told["protection"] == facts["protection"]
    assert facts["homes"] == {"absence": [1, 700]}
