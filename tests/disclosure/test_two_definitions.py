"""One period counted by two definitions: what they count differently is a count of persons, and not given away."""

from __future__ import annotations

from itertools import product

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.disclosure.suppressed_tables import (
    PublishedTables,
    publish_tables,
    suppressed_cells,
    with_unsafe_totals,
)
from geo_bosoc.indicators import by_definition, indicator_table
from geo_bosoc.indicators.spec import Indicator, Reform, Side

COUNTS = ["numerator", "denominator", "unknown"]
COLUMNS = ["area_id", "period", "indicator", *COUNTS]
REFORM = Reform(valid_from="2024", numerator=Side(where="code = 'new'"), overlap=("2024",))
SPECS = by_definition(
    [
        Indicator(
            id="m", label_en="M", denominator=Side(), numerator=Side(where="code = 'old'"), reform=(REFORM,)
        )
    ]
)
BEFORE = "m_before_2024"
NO_PAIRS = AreaPairs(pd.DataFrame(columns=["outer", "inner"]), pd.DataFrame(columns=["first", "second"]))
Figures = dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]]


def published(figures: Figures, municipality: tuple[int, int] = (900, 950)) -> PublishedTables:
    """What of areas and totals is shown; by area the counts in force and those by the definition before."""
    rows = [
        (area, "2024", name, *counts)
        for area, both in figures.items()
        for name, counts in zip(("m", BEFORE), both, strict=True)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).assign(status="ok")
    sums = table.groupby(["period", "indicator"], as_index=False)[COUNTS].sum().assign(area_id=ALL_AREAS)
    municipal = [
        (MUNICIPALITY, "2024", name, count, 9000, 0)
        for name, count in zip(("m", BEFORE), municipality, strict=True)
    ]
    totals = pd.concat([sums, pd.DataFrame(municipal, columns=COLUMNS)], ignore_index=True).assign(
        status="ok"
    )
    rated = [
        indicator_table(frame, SPECS).astype(dict.fromkeys(COUNTS, "Int64")) for frame in (table, totals)
    ]
    tables = PublishedTables(
        *rated, pd.DataFrame({"area_id": [], "period": [], "residents": []}).astype({"residents": "Int64"})
    )
    suppression = suppressed_cells(tables, NO_PAIRS, SPECS, Policy())
    suppression = with_unsafe_totals(tables, suppression, suppression.possible, SPECS, Policy())
    return publish_tables(tables, suppression, SPECS, Policy())


def shown_cells(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int, int]]:
    rows = frame[frame["status"] == "ok"].fillna({"unknown": 0})
    return {
        (row["area_id"], row["indicator"]): tuple(int(row[name]) for name in COUNTS)
        for _, row in rows.iterrows()
    }


def test_a_difference_of_few_persons_takes_the_other_definition_with_it() -> None:
    figures: Figures = {
        "differs_little": ((20, 90, 0), (23, 90, 0)),
        "none": ((20, 90, 0), (20, 90, 0)),
        "many": ((20, 90, 0), (25, 90, 0)),
        "other_base": ((10, 90, 0), (60, 80, 0)),
        "base": ((20, 90, 0), (30, 93, 0)),
        "small": ((3, 90, 0), (30, 90, 0)),
    }
    cells = shown_cells(published(figures).table)
    assert {area for area in figures if (area, BEFORE) in cells} == {"none", "many", "other_base"}
    assert {area for area in figures if (area, "m") in cells} == set(figures) - {"small"}


def test_bases_that_differ_by_few_are_not_shown_side_by_side() -> None:
    figures: Figures = {
        "base": ((20, 90, 0), (30, 93, 0)),
        "unknown": ((20, 95, 5), (40, 95, 3)),
        "hidden": ((3, 90, 0), (30, 92, 0)),
        "far": ((10, 90, 0), (60, 80, 0)),
        "same": ((20, 90, 0), (23, 90, 0)),
    }
    tables = published(figures)
    rows = tables.table.set_index(["area_id", "indicator"])["denominator"]
    assert {area for area in figures if pd.isna(rows[area, BEFORE])} == {"base", "unknown", "hidden"}
    assert rows[:, "m"].notna().all()
    totals = tables.reference_areas.set_index(["area_id", "indicator"])["denominator"]
    assert pd.isna(totals[ALL_AREAS, BEFORE]) and totals[ALL_AREAS, "m"] == 450
    assert totals[MUNICIPALITY, BEFORE] == 9000


def test_one_hidden_difference_does_not_follow_from_all_areas_together() -> None:
    """23 - 20 would be what all areas differ by, less what the others do."""
    figures: Figures = {
        "a": ((20, 90, 0), (23, 90, 0)),
        "b": ((30, 90, 0), (40, 90, 0)),
        "c": ((9, 90, 0), (19, 90, 0)),
    }
    totals = shown_cells(published(figures).reference_areas)
    assert (ALL_AREAS, BEFORE) not in totals and (ALL_AREAS, "m") in totals
    assert (MUNICIPALITY, BEFORE) in totals  # the people outside all areas are a count that nobody is told


def test_the_municipalitys_figures_are_judged_alike() -> None:
    figures: Figures = {"a": ((20, 90, 0), (40, 90, 0)), "b": ((30, 90, 0), (40, 90, 0))}
    totals = shown_cells(published(figures, (900, 903)).reference_areas)
    assert (MUNICIPALITY, "m") in totals and (MUNICIPALITY, BEFORE) not in totals


BASE = 60
PAIR = st.tuples(st.integers(0, BASE), st.integers(-6, 6)).map(
    lambda drawn: ((drawn[0], BASE, 0), (min(max(drawn[0] + drawn[1], 0), BASE), BASE, 0))
)


@settings(max_examples=16)
@given(st.lists(PAIR, min_size=2, max_size=5), st.booleans())
def test_an_outsider_learns_no_difference_of_few(
    pairs: list[tuple[tuple[int, int, int], ...]], one_way: bool
) -> None:
    """Each shown pair differs by nobody or by five; of hidden ones more than one value fits all areas together."""
    figures: Figures = {}
    for number, (now, before) in enumerate(pairs):
        ordered = sorted((now, before)) if one_way else (now, before)
        figures[f"a{number}"] = (ordered[0], ordered[1])
    tables = published(figures)
    cells, totals = shown_cells(tables.table), shown_cells(tables.reference_areas)
    together = {area for area in figures if (area, "m") in cells and (area, BEFORE) in cells}
    differences = {area: cells[area, BEFORE][0] - cells[area, "m"][0] for area in together}
    assert all(abs(each) not in range(1, 5) for each in differences.values()), differences
    if (ALL_AREAS, "m") not in totals or (ALL_AREAS, BEFORE) not in totals:
        return
    rest = totals[ALL_AREAS, BEFORE][0] - totals[ALL_AREAS, "m"][0] - sum(differences.values())
    small = [
        area
        for area, (now, before) in figures.items()
        if area not in together and abs(before[0] - now[0]) in range(1, 5)
    ]
    others = [area for area in figures if area not in together and area not in small]
    if not small or others:
        return  # a hidden figure of the others may be anything
    fitting = [
        case
        for case in product([each for each in range(-4, 5) if each], repeat=len(small))
        if sum(case) == rest
    ]
    for number in range(len(small)):
        assert len({case[number] for case in fitting}) > 1, (figures, rest)
