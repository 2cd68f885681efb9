"""Totals over areas: closed forms, and the promise against every outcome that is published alike."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.secondary.suppressed_values import possible_values
from geo_bosoc.disclosure.secondary.totals import cells_to_add, unsafe_totals
from geo_bosoc.indicators.spec import Indicator, Side

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
MUNICIPALITY, ALL_AREAS = "@municipality", "@areas"


def spec(**keys: Any) -> Indicator:
    plain: dict[str, Any] = {
        "id": "i", "denominator": Side(), "numerator": Side(where="x"), "label_da": "i", "label_en": "i",
    }  # fmt: skip
    return Indicator(**{**plain, **keys})


def counts(*rows: tuple[str, int | None, int | None] | tuple[str, int, int, int]) -> pd.DataFrame:
    cells = [(area, "2024", "i", n, d, *(u or [0])) for area, n, d, *u in rows]
    return pd.DataFrame(cells, columns=COLUMNS)


def unsafe(totals: pd.DataFrame, parts: pd.DataFrame, *specs: Indicator, **keys: Any) -> list[str]:
    """What must go of each total, as letters (numerator, unknown, denominator)."""
    possible = possible_values(parts, small_cells(parts, specs, 5), specs)
    flags = unsafe_totals(totals, parts, possible, indicators=specs, **keys)
    return ["".join(name[0] for name in flags.columns if row[name]) for _, row in flags.iterrows()]


def test_one_suppressed_area_is_the_total_less_the_others() -> None:
    parts = counts(("a", 3, 50), ("b", 9, 60))
    assert unsafe(counts((ALL_AREAS, 12, 110)), parts) == ["nu"]
    # 500 others, of whom 10 are met: 13 less 9 to 12 leaves all four
    assert unsafe(counts((MUNICIPALITY, 22, 610)), parts) == [""]
    # 500 others, of whom nobody is met: at most three in a
    assert unsafe(counts((MUNICIPALITY, 12, 610)), parts) == ["nu"]


@pytest.mark.parametrize(("numbers", "letters"), [((1, 4), ""), ((2, 3), ""), ((2, 2), "nu"), ((4, 4), "nu")])
def test_two_suppressed_areas_keep_their_values_where_they_add_up_to_5(
    numbers: tuple[int, int], letters: str
) -> None:
    parts = counts(("a", numbers[0], 50), ("b", numbers[1], 60), ("c", 20, 90))
    assert unsafe(counts((ALL_AREAS, 20 + sum(numbers), 200)), parts) == [letters]


def test_all_but_few() -> None:
    parts = counts(("a", 48, 50), ("b", 2, 60), ("c", 47, 50))
    assert unsafe(counts((ALL_AREAS, 97, 160)), parts) == [""]  # 46..49, 1..4 and 46..49
    assert unsafe(counts((ALL_AREAS, 102, 160)), counts(("a", 49, 50), ("b", 4, 60), ("c", 49, 50))) == ["nu"]


def test_a_secondary_area_promises_nothing_but_gives_way() -> None:
    parts = counts(("a", 3, 50), ("b", 30, 60))
    possible = {("a", "2024", "i"): range(1, 5), ("b", "2024", "i"): range(61)}
    assert not unsafe_totals(counts((ALL_AREAS, 33, 110)), parts, possible).to_numpy().any()
    del possible["b", "2024", "i"]
    assert unsafe_totals(counts((ALL_AREAS, 33, 110)), parts, possible)["numerator"].tolist() == [True]


def test_what_categories_tell_narrows_values() -> None:
    parts = counts(("a", 2, 50), ("b", 2, 60))
    possible = {("a", "2024", "i"): {1, 2}, ("b", "2024", "i"): {1, 2}}
    assert unsafe_totals(counts((ALL_AREAS, 4, 110)), parts, possible)["numerator"].tolist() == [True]
    possible["b", "2024", "i"] = {2, 3}
    assert unsafe_totals(counts((ALL_AREAS, 4, 110)), parts, possible)["numerator"].tolist() == [False]


def test_overlapping_areas_add_up_to_no_total() -> None:
    parts = counts(("a", 3, 50), ("b", 40, 60))
    assert unsafe(counts((ALL_AREAS, 33, 90)), parts) == [""]


def test_suppressed_bases() -> None:
    parts = counts(("a", 1, 3), ("b", 9, 60), ("c", 2, 4))
    assert unsafe(counts((ALL_AREAS, 12, 67)), parts) == ["nud"]
    assert unsafe(counts((MUNICIPALITY, 112, 567)), parts) == [""]
    # bases of 1 and 4, or 2 and 3, add up to 5 and keep their values; of the counts nobody is left to give way
    three_parts = counts(("a", 1, 3), ("b", 9, 60), ("c", 0, 2))
    assert unsafe(counts((ALL_AREAS, 10, 65)), three_parts) == ["nu"]
    several = counts(("a", 1, 3), ("b", 9, 60), ("c", 0, 2), *((name, 2, 50) for name in "def"))
    assert unsafe(counts((ALL_AREAS, 16, 215)), several) == [""]
    # one person outside: the bases could not both be four
    assert unsafe(counts((MUNICIPALITY, 12, 67)), parts) == ["nud"]


def test_a_few_people_outside_all_areas() -> None:
    parts = counts(("a", 10, 50), ("b", 20, 60))
    assert unsafe(counts((MUNICIPALITY, 33, 150)), parts) == ["nu"]  # three of 40
    assert unsafe(counts((MUNICIPALITY, 30, 150)), parts) == [""]  # none of 40
    assert unsafe(counts((MUNICIPALITY, 30, 113)), parts) == ["nud"]  # three persons


def test_municipality_less_all_areas_is_one_more_count() -> None:
    parts = counts(("a", 2, 50), ("b", 3, 60))
    both = counts((ALL_AREAS, 5, 110), (MUNICIPALITY, 8, 610))
    assert unsafe(both, parts) == ["nu", ""]
    assert unsafe(counts((ALL_AREAS, 5, 110), (MUNICIPALITY, 88, 610)), parts) == ["", ""]


def test_districts_between_areas_and_municipality() -> None:
    parts = counts(("a", 2, 50), ("b", 3, 60), ("c", 2, 50), ("d", 2, 60), ("e", 30, 60))
    totals = counts(("north", 5, 110), ("south", 34, 170), (MUNICIPALITY, 39, 280))
    members = {"north": ["a", "b"], "south": ["c", "d", "e"], MUNICIPALITY: list("abcde")}
    # c and d add up to 4; with north's total the municipality's would tell it
    assert unsafe(totals, parts, members=members) == ["nu", "nu", ""]
    members["south"] = ["c", "e"]
    wide = totals.assign(numerator=[5, 43, 150], denominator=[110, 170, 900])
    assert unsafe(wide, parts, members=members)[1] == ""


def test_a_total_beside_one_around_it_goes_whatever_its_sum() -> None:
    """The two areas have 2 of 25 together, or 1: that the smaller sum were shown and the other not would tell it."""
    for inside in [(1, 1), (1, 0), (3, 3), (4, 1), (1, 2)]:
        parts = counts(*((area, n, 7) for area, n in zip("ab", inside, strict=True)))
        rest = 7 - sum(inside)
        both = counts((ALL_AREAS, sum(inside), 14), (MUNICIPALITY, 7, 25))
        assert unsafe(both, parts)[0] == "nu" or rest in range(1, 5) or 0 in inside, inside
    # where 500 others may be any number of people, its own sum decides
    for inside, letters in [((2, 3), ""), ((2, 2), "nu")]:
        parts = counts(*((area, n, 50) for area, n in zip("ab", inside, strict=True)))
        assert unsafe(counts((ALL_AREAS, sum(inside), 100), (MUNICIPALITY, 90, 600)), parts) == [letters, ""]


def test_unknowns() -> None:
    parts = counts(("a", 10, 50, 3), ("b", 20, 60, 10))
    assert unsafe(counts((ALL_AREAS, 30, 110, 13)), parts) == ["u"]
    assert unsafe(counts((MUNICIPALITY, 130, 910, 113)), parts) == [""]
    assert unsafe(counts((MUNICIPALITY, 130, 910, 113)), parts, spec(unknown="met")) == ["u"]
    assert unsafe(counts((ALL_AREAS, 30, 110, 15)), counts(("a", 10, 50, 5), ("b", 20, 60, 10))) == [""]


def test_full_time_persons() -> None:
    full_time = spec(scale=10_000)
    parts = counts(("a", 25_000, 50), ("b", 25_000, 60), ("c", 200_000, 60))
    assert unsafe(counts((ALL_AREAS, 250_000, 170)), parts, full_time) == [""]
    assert unsafe(counts((ALL_AREAS, 225_000, 110)), parts.drop(index=1), full_time) == ["nu"]
    assert unsafe(counts((MUNICIPALITY, 525_000, 910)), parts.drop(index=1), full_time) == [""]


def test_means_are_judged_by_their_base() -> None:
    mean = spec(numerator=None, mean_of="x", unit="mean", scale=100)
    parts = counts(("a", 123_400, 4), ("b", 88_800, 50))
    assert unsafe(counts((MUNICIPALITY, 999_900, 900)), parts, mean) == [""]
    assert unsafe(counts((ALL_AREAS, 212_200, 54)), parts, mean) == ["nud"]


def test_plain_counts() -> None:
    residents = spec(id="i", numerator=None, unit="count")
    parts = counts(("a", 3, 3), ("b", 90, 90))
    assert unsafe(counts((ALL_AREAS, 93, 93)), parts, residents) == ["nud"]
    assert unsafe(counts((MUNICIPALITY, 1093, 1093)), parts, residents) == [""]


def test_totals_without_counts_and_parts_without_counts() -> None:
    parts = counts(("a", None, 50), ("b", 9, 60), ("c", None, None))
    assert unsafe_totals(counts((ALL_AREAS, None, None)), parts, {}).to_numpy().sum() == 0
    # a's count is suppressed at its source: alone, it must be 3
    assert unsafe_totals(counts((ALL_AREAS, 12, 110)), parts, {})["numerator"].tolist() == [True]
    assert unsafe_totals(counts((MUNICIPALITY, 90, 610)), parts, {})["numerator"].tolist() == [False]


def test_parts_are_added_by_base_until_three() -> None:
    parts = counts(("a", 3, 50), ("b", 20, 70), ("c", 20, 60), ("d", 20, 60), ("e", 20, 90))
    possible = {("a", "2024", "i"): range(1, 5)}
    made_up = counts((MUNICIPALITY, 83, 330))
    assert cells_to_add(made_up, parts, possible).cells["area_id"].tolist() == ["c", "d"]
    open_total = counts((MUNICIPALITY, 283, 1330))
    assert cells_to_add(open_total, parts, possible).cells.empty


def test_a_total_goes_where_its_parts_are_not_enough() -> None:
    parts = counts(("a", 3, 50), ("b", 20, 70))
    added = cells_to_add(counts((MUNICIPALITY, 23, 120)), parts, {("a", "2024", "i"): range(1, 5)})
    assert added.cells.empty
    assert added.totals["area_id"].tolist() == [MUNICIPALITY]


BASES = st.one_of(st.tuples(st.integers(5, 11), st.integers(5, 11)), st.tuples(*3 * [st.integers(5, 7)]))


def test_further_parts_are_added_where_three_are_not_enough() -> None:
    parts = counts(("a", 4, 50), ("b", 4, 60), ("c", 4, 70), ("d", 0, 80), ("e", 20, 90))
    possible = possible_values(parts, small_cells(parts, [], 5))
    total = counts((MUNICIPALITY, 32, 350))
    assert cells_to_add(total, parts, possible).cells["area_id"].tolist() == ["d"]
    assert cells_to_add(total, parts, possible, further=False).totals["area_id"].tolist() == [MUNICIPALITY]


@given(
    BASES,
    st.sampled_from([0, 7, 11]),
    st.sampled_from([ALL_AREAS, MUNICIPALITY, "both"]),
    st.booleans(),
    st.sampled_from([2, 4]),
)
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_all_outcomes_that_are_published_alike_keep_the_promise(
    bases: tuple[int, ...], outside: int, which: str, additions: bool, least: int
) -> None:
    """Every outcome is a period: what an outsider sees of it is what outcomes are grouped by."""
    worlds = list(product(*(range(base + 1) for base in bases), range(outside + 1)))
    areas = [f"a{number}" for number in range(len(bases))]
    part_rows, total_rows = [], []
    for number, (*inside, rest) in enumerate(worlds):
        period = f"{number:06}"
        part_rows += [(area, period, "i", n, d, 0) for area, n, d in zip(areas, inside, bases, strict=True)]
        total_rows.append((ALL_AREAS, period, "i", sum(inside), sum(bases), 0))
        total_rows.append((MUNICIPALITY, period, "i", sum(inside) + rest, sum(bases) + outside, 0))
    parts, totals = pd.DataFrame(part_rows, columns=COLUMNS), pd.DataFrame(total_rows, columns=COLUMNS)
    if which != "both":
        totals = totals[totals["area_id"] == which].reset_index(drop=True)
    suppressed = small_cells(parts, [], 5)
    small = suppressed.copy()
    gone: set[tuple[str, str, str]] = set()
    if additions:
        added = cells_to_add(totals, parts, possible_values(parts, suppressed), further=False, least=least)
        keys = set(added.cells.itertuples(index=False, name=None))
        gone = set(added.totals.itertuples(index=False, name=None))
        suppressed |= pd.Series(
            [key in keys for key in parts[COLUMNS[:3]].itertuples(index=False, name=None)]
        )
    flags = unsafe_totals(totals, parts, possible_values(parts, suppressed))["numerator"]
    flags |= pd.Series([key in gone for key in totals[COLUMNS[:3]].itertuples(index=False, name=None)])
    shown = pd.concat([parts["numerator"].where(~suppressed, -1), totals["numerator"].where(~flags, -1)])
    periods = pd.concat([parts["period"], totals["period"]])
    seen = shown.groupby(periods.to_numpy()).apply(tuple)
    left: dict[tuple[Any, int], set[int]] = {}
    for period, (*inside, _) in zip(seen.index, worlds, strict=True):
        for position, n in enumerate(inside):
            left.setdefault((seen[period], position), set()).add(n)
    for row in parts[small].itertuples():
        n, d, position = int(row.numerator), int(row.denominator), areas.index(row.area_id)
        values = left[seen[row.period], position]
        sides = [side for side in (set(range(1, 5)), set(range(d - 4, d))) if n in side]
        # a total that goes because three parts were not enough tells that, where not every value is promised
        promised = least if (MUNICIPALITY, row.period, "i") in gone else 4
        assert any(len(side & values) >= promised for side in sides), (n, d, values, seen[row.period])


def test_suppressed_bases_and_their_counts_keep_their_values() -> None:
    """Two bases of 1 to 6 beside one of 6: every outcome, bases too, is a period."""
    pairs = [(n, d) for d in range(1, 7) for n in range(d + 1)]
    worlds = [(*first, *second, n, 6) for first in pairs for second in pairs for n in range(7)]
    part_rows, total_rows = [], []
    for number, world in enumerate(worlds):
        period = f"{number:06}"
        part_rows += [
            (area, period, "i", n, d, 0) for area, n, d in zip("abc", world[::2], world[1::2], strict=True)
        ]
        total_rows.append((ALL_AREAS, period, "i", sum(world[::2]), sum(world[1::2]), 0))
    parts, totals = pd.DataFrame(part_rows, columns=COLUMNS), pd.DataFrame(total_rows, columns=COLUMNS)
    hidden = small_cells(parts, [], 5)
    flags = unsafe_totals(totals, parts, possible_values(parts, hidden))
    seen = [
        tuple(values)
        for values in pd.concat(
            [
                pd.DataFrame(parts["numerator"].where(~hidden, -1).to_numpy().reshape(-1, 3)),
                pd.DataFrame(parts["denominator"].where(parts["denominator"] >= 5, -1).to_numpy().reshape(-1, 3)),
                totals["numerator"].where(~flags["numerator"], -1),
                totals["denominator"].where(~flags["denominator"], -1),
            ],
            axis=1,
        ).to_numpy()
    ]  # fmt: skip
    assert not flags["denominator"].all()
    left: dict[tuple[Any, int], set[int]] = {}
    for each, world in zip(seen, worlds, strict=True):
        for position, value in enumerate(world):
            left.setdefault((each, position), set()).add(value)
    for each, world in zip(seen, worlds, strict=True):
        for position in (0, 2):
            n, d = world[position : position + 2]
            if d < 5:
                assert left[each, position] >= set(range(5)), (each, world)
                assert left[each, position + 1] >= set(range(1, 5)), (each, world)
            elif 0 < n < d:
                sides = [side for side in (range(1, 5), range(d - 4, d)) if n in side]
                assert any(set(side) <= left[each, position] for side in sides), (each, world)
