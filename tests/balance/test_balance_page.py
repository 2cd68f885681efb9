"""The balance as a map page: it opens on today, verdicts stand with what they rest on, variants side by side."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from geo_bosoc.balance.outputs.mixed import mixed_today
from geo_bosoc.balance.outputs.page import balance_page
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import word_or_key
from geo_bosoc.text.numbers import in_unit, number


def test_the_page_opens_on_today_and_each_verdict_stands_with_its_own_share_and_base(
    balance: BalanceResults,
) -> None:
    page = balance_page(balance)
    assert page.opens_on == str(balance.start) == page.periods[0]
    rules = {each.id.rpartition("-")[2]: each for each in page.classifications if each.id in page.one_card}
    assert list(rules) == ["decided", "likely", "all"]
    for row in balance.rules[balance.rules["met"] != "no_dwellings"].to_dict("records"):
        layer, key = rules[row["variant"]], (row["area_id"], str(row["year"]))
        drawn = layer.rows.set_index(["area_id", "period"]).loc[key]
        said = page.explanations[layer.id][key]
        share, base = in_unit(row["high"] / row["base"], "percent", "da"), number(row["base"], "da")
        assert drawn["category"] == {"met": "within_limit", "not_met": "above_limit"}[row["met"]]
        assert said.points == share and drawn["note"] == f"{share} af {base}"
        assert said.notes[0].startswith(
            f"{share} almene familieboliger ({number(row['high'], 'da')} af {base}); grænsen er 40 %."
        )
        missing = max(0, -(-5 * row["high"] // 2) - row["base"])
        assert (f"mangler mindst {number(missing, 'da')} boliger" in said.notes[0]) == (
            row["met"] == "not_met"
        )
        parts = row["dwellings"] + row["demolished"] + row["business_m2"] // 75
        assert parts == row["base"] and (parts == row["dwellings"] or base in said.notes[1])


def test_the_variants_of_the_projects_stand_side_by_side(balance: BalanceResults) -> None:
    page = balance_page(balance)
    table = page.side_by_side
    assert table is not None and len(table.columns) == 3
    variables = {each.id: each.label for each in page.variables}
    for label, names in table.rows:
        assert len(names) == 3 and set(names) <= set(variables)
        assert all(variables[name].startswith(label) for name in names)
    cells = page.table.set_index(["area_id", "period", "indicator"])["value"]
    years = balance.years.set_index(["area_id", "year", "variant"])
    for variant in ("decided", "likely", "all"):
        row = years.loc["U1", 2030, variant]
        assert cells["U1", "2030", f"family_{variant}"] == row["family_high"] / row["dwellings"]
    first = page.explanations[page.one_card[0]]
    assert [flag["met"] for flag in first["U1", "2028"].flags] == [
        str(met)
        for met in balance.rules.set_index(["area_id", "year", "variant"]).loc[
            [("U1", 2028, each) for each in ("decided", "likely", "all")], "met"
        ]
    ]
    # On the first day nothing is built yet: what the projects make of it is said of the horizon.
    assert "2030" in first["U1", "2024"].flags_heading and "2028" in first["U1", "2028"].flags_heading
    without = replace(balance, projects=balance.projects.iloc[:0])
    alone = balance_page(without)
    assert alone.one_card == (balance.rule.id,) and len(alone.side_by_side.columns) == 1


def test_where_no_area_is_mixed_the_map_still_tells_them_apart(balance: BalanceResults) -> None:
    mix = balance_page(balance).classifications[-1]
    assert "mixed" not in set(balance.inside["verdict"])
    rows = mix.rows.set_index("area_id")["category"]
    assert rows.nunique() > 1 and set(mix.rows["period"]) == {str(balance.start)}
    inside = balance.inside.set_index("area_id")
    for area, category in rows.items():
        share, inner = 100 * inside.loc[area, "share"], inside.loc[area, "inner_d_corrected"]
        place, apart = category.split("_")
        assert place == (
            "under" if share < balance.band[0] else "over" if share > balance.band[1] else "within"
        )
        is_one_kind = inside.loc[area, "share"] in (0, 1)
        assert apart == ("only" if is_one_kind else "apart" if inner >= 0.6 else "alike")
    assert {each.id for each in mix.categories} == {*rows, "within_alike"}
    cells = balance_page(balance).table.query("indicator == 'one_sided_blocks'").set_index("area_id")
    later = cells["period"] != str(balance.start)
    assert set(cells.loc[later, "status"]) == {
        "not_applicable"
    }  # nobody knows where in an area projects will stand
    cells = cells[~later]
    assert (cells["numerator"] / cells["denominator"]).to_dict() == pytest.approx(
        inside.loc[cells.index, "one_sided_share"].to_dict()
    )
    none = balance.inside.assign(share=0.0, inner_d_corrected=float("nan"), one_sided_share=1.0)
    assert set(mixed_today(replace(balance, inside=none))["apart"]) == {"only"}


def test_no_english_word_nor_id_stands_on_a_danish_page(balance: BalanceResults) -> None:
    report = Report()
    report.warn("there is no such file.")
    page = balance_page(replace(balance, report=report))
    assert page.notes == ("advarsel: der er ingen fil af det navn.",) or "no such" not in page.notes[0]
    texts = [
        *(each.label for each in (*page.variables, *page.classifications)),
        *(category.label for each in page.classifications for category in each.categories),
        *(each.without_row for each in page.classifications),
        *(each.definition for each in page.variables),
        *(text for each in page.explanations.values() for said in each.values() for text in said.notes),
        *(flag["answer"] for each in page.explanations.values() for said in each.values() for flag in said.flags),
        *page.side_by_side.columns, *(label for label, _ in page.side_by_side.rows),
    ]  # fmt: skip
    english = {
        "the",
        "of",
        "all",
        "decided",
        "likely",
        "family",
        "social",
        "dwellings",
        "today",
        "blocks",
        "kept",
    }
    for text in texts:
        assert not english & set(re.findall(r"\w+", text.lower())), text
        assert not re.search(
            r"private_rental|owner_occupied|cooperative|development_plan|family-40|U1|U2", text
        ), text
    assert word_or_key("area_kinds", "development_plan", "da") == "udviklingsplan"
