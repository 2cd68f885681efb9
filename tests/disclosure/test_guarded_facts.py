"""The manifest's facts: no small number of persons, and nothing else touched."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.facts import (
    guarded_facts,
    guarded_problems,
    public_facts,
    public_problems,
    publishable_facts,
    publishable_problems,
)
from geo_bosoc.problems import NonPersonal, Problem, Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.text.messages import problem_as_dict


def test_small_numbers_of_persons_are_ranges_and_the_rest_stands() -> None:
    facts = {
        "match": {"persons": {"2024": {"in_no_area": {"rows": 4, "persons": 0}, "in_one_area": {"rows": 5}}}},
        "homes": {"absence": [1, 700]},
        "boundaries.areas": {"areas: a.geojson": NonPersonal(repaired=2)},
    }
    told = guarded_facts(facts, 5)
    assert told["match"]["persons"]["2024"] == {
        "in_no_area": {"rows": "1-4", "persons": 0},
        "in_one_area": {"rows": "5 or more"},
    }
    assert told["homes"] == {"absence": ["1-4", 700]}
    assert told["boundaries.areas"] == facts["boundaries.areas"]
    assert facts["homes"] == {"absence": [1, 700]}


def test_a_fact_that_nobody_marked_is_guarded_and_one_that_counts_no_persons_stands() -> None:
    counts = {
        "rows": 3,
        "few": np.int64(2),
        "by_year": pd.Series([4, 700]),
        "share": 0.5,
        "all": True,
        "word": "3",
    }
    guarded = guarded_facts({"new stage": {"persons": counts}}, 5)["new stage"]["persons"]
    assert guarded == {
        "rows": "1-4", "few": "1-4", "by_year": ["1-4", 700], "share": "1-4", "all": True, "word": "3",
    }  # fmt: skip
    assert guarded_facts({"total": 3, "none": 0, "enough": 5}, 5) == {"total": "1-4", "none": 0, "enough": 5}
    marked = {"new layer": NonPersonal(polygons=3, by_kind={"lakes": 1})}
    assert guarded_facts(marked, 5) == marked
    # The mark stays where reports are put together.
    inner, outer = Report(facts=marked), Report()
    inner.hand_over(outer)
    assert guarded_facts({"all": outer.facts}, 5)["all"] == marked


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


def test_dwellings_of_the_building_register_are_guarded_by_reason() -> None:
    same = {"Enhed: doubled": 3, "units": 900, "without_building": 0}
    years = {
        "2023": {"Enhed: not_in_force": 40, **same, "without_address": 7},
        "2024": {"Enhed: not_in_force": 2, **same, "without_address": 1},
    }
    told = guarded_facts({"register:dwellings": {"files": ["Enhed.csv"], "bbr": years}}, 5)[
        "register:dwellings"
    ]
    assert told["files"] == ["Enhed.csv"]
    # One reason alone could be worked out from a year in which all are told: the next smallest goes with it.
    assert told["bbr"]["2023"] == {
        "Enhed: not_in_force": "5 or more", "Enhed: doubled": "1-4", "units": 900, "without_building": 0,
        "without_address": 7,
    }  # fmt: skip
    assert told["bbr"]["2024"] == {
        "Enhed: not_in_force": "1-4", "Enhed: doubled": "1-4", "units": 900, "without_building": 0,
        "without_address": "1-4",
    }  # fmt: skip
    assert (
        guarded_facts({"register:persons": {"rows": 3, "unit": "person"}}, 5)["register:persons"]["rows"]
        == "1-4"
    )


def test_the_balance_tells_no_few_residents() -> None:
    facts = {
        "balance": {
            "residents_by_tenure": {"no_dwelling": {"2024": 3}},
            "estate_list": NonPersonal(estates=3),
        }
    }
    told = guarded_facts(facts, 5)["balance"]
    assert told == {"residents_by_tenure": {"no_dwelling": {"2024": "1-4"}}, "estate_list": {"estates": 3}}


def test_nothing_is_counted_in_public_of_a_register_that_may_not_be_published() -> None:
    facts = {
        "register:police": {"files": ["p.csv"], "rows": 9029, "unit": "case", "purpose": "Map", "publish": "internal"},
        "register:persons": {"files": ["b.csv"], "rows": 100, "unit": "person"},
        "homes": {"police": {"2024": {}}, "police@event": {"2024": {}}, "persons": {"2024": {}}},
        "match": {"police": {}, "persons": {}},
        "counting": {"youth_crime": {"base_unknown": 7}, "residents": {"base_unknown": 8}},
        "membership": {"total": {}},
        "benefits": {"registers.police": {"rows": 9}, "registers.persons": {"rows": 8}},
        "new stage": {"police": {"rows": 9}, "youth_crime": 7, "persons": {"rows": 8}},
    }  # fmt: skip
    told = publishable_facts(facts, {"police"}, {"youth_crime"})
    assert told == {
        "register:police": {"files": ["p.csv"], "unit": "case", "purpose": "Map", "publish": "internal"},
        "register:persons": facts["register:persons"],
        "homes": {"persons": {"2024": {}}},
        "match": {"persons": {}},
        "counting": {"residents": {"base_unknown": 8}},
        "membership": {"total": {}},
        "benefits": {"registers.persons": {"rows": 8}},
        "new stage": {"persons": {"rows": 8}},
    }
    assert "membership" not in publishable_facts(facts, {"persons"}, set())
    problems = [
        Problem("warning", "3 of 9,029 rows belong to nobody.", key="registers.police"),
        Problem("warning", "9 of 9,029 rows belong to nobody.", key="registers.police@event"),
        Problem("note", "the leading zero of 6,614 person numbers was lost.", file="p.csv"),
        Problem("warning", "1 point holds many.", key="registers.persons"),
        Problem("note", "the model also counts health.", key="indicators.use"),
    ]
    assert publishable_problems(problems, facts, {"police"}) == problems[3:]


def test_no_small_number_follows_from_the_facts_that_all_may_read() -> None:
    """From large numbers a small one follows: rows less reasons, a total less the areas that are told."""
    facts = {
        "register:persons": {"files": ["p.csv"], "rows": 1000, "unit": "person", "source": "CPR"},
        "match": {"persons": {"2024": {"in_one_area": {"rows": 600}, "in_no_area": {"rows": 397}}}},
        "membership": {
            "source": "The organisation",
            "total": {"2024": {"listed_outside_persons": 40}},
            "areas": {"2024": {"01": {"listed_outside_persons": 37}, "02": {"listed_outside_persons": "<5"}}},
        },
        "membership_rows_without_address": {"01": 12},
        "carried_forward": {"safety": {"2023": "2022"}},
        "balance": {
            "tenure_mix": NonPersonal(dwellings=3),
            "residents_by_tenure": {"several": {"2024": 700}},
            "letting": {"ladder": "copenhagen-40plus", "load_before": 313},
        },
        "boundaries.areas": {"areas: a.geojson": NonPersonal(features=3)},
    }  # fmt: skip
    before = guarded_facts(facts, 5)
    match, total = before["match"]["persons"]["2024"], before["membership"]["total"]["2024"]
    assert before["register:persons"]["rows"] - sum(reason["rows"] for reason in match.values()) == 3
    areas = before["membership"]["areas"]["2024"]
    assert total["listed_outside_persons"] - areas["01"]["listed_outside_persons"] == 3
    assert public_facts(facts) == {
        "register:persons": {"unit": "person", "source": "CPR"},
        "carried_forward": {"safety": {"2023": "2022"}},
        "balance": {"tenure_mix": {"dwellings": 3}},
        "boundaries.areas": {"areas: a.geojson": {"features": 3}},
    }


def test_messages_that_all_may_read_hold_no_number_of_persons() -> None:
    facts = {
        "register:persons": {"files": ["p.csv"]},
        "boundaries.areas": {"areas: a.geojson": NonPersonal(features=60)},
    }
    problems = [
        Problem("note", "`where` keeps 60 of 60 features.", file="a.geojson", count=60),
        Problem("warning", "37 of 1,204 rows lie in no area since 2021.", file="p.csv", count=37),
        Problem("warning", "1,204 rows of 2023K4 hold on 2024-01-01.", hint="See 12 rows.", count=1204),
        Problem("warning", "1 row names no address.", file="p.csv", count=1),
        Problem("warning", "one person has two homes.", file="p.csv"),
        Problem("warning", "a home is not known.", file="p.csv", row=17),
        Problem("warning", "600 persons, of them 3 without a home.", file="p.csv", count=600),
        Problem("note", "the model also counts health.", key="indicators.use"),
        Problem("note", "3 features.", file="p.csv", count=3),
    ]
    public = public_problems(problems, facts, 5)
    assert [problem.message for problem in public] == [
        "`where` keeps 60 of 60 features.",
        "… of … rows lie in no area since 2021.",
        "… rows of 2023K4 hold on 2024-01-01.",
        "the model also counts health.",
    ]
    assert [problem.count for problem in public] == [60, None, None, None]
    assert public[2].hint == "See … rows."


def test_what_may_not_be_told_in_english_is_not_told_in_danish_either() -> None:
    rows = joined([count_text(3, "row"), phrase("rows {rows}", rows="3, 7, 12.")], ": ")
    small, large = Problem("note", rows, row=3, count=3), Problem("note", count_text(1204, "row"), count=1204)
    assert problem_as_dict(guarded_problems([small], 5)[0], "da") == {
        "level": "note",
        "message": "færre end 5 rækker.",
    }
    assert [problem_as_dict(each, "da")["message"] for each in public_problems([small, large], {}, 5)] == [
        "… rækker"
    ]
