"""Parts of one base: found, and suppressed so that what is left of the base tells no small count."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from rule_aware import promised_values

from geo_bosoc.disclosure.policy import as_policy
from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.results import MUNICIPALITY, AreaPairs
from geo_bosoc.disclosure.secondary.breakdowns import Breakdown, find_breakdowns, totals_over_parts
from geo_bosoc.disclosure.secondary.parts import cells_to_add_in_breakdowns
from geo_bosoc.disclosure.secondary.suppressed_values import possible_values
from geo_bosoc.disclosure.secondary.within_area import unknowns_of_one_base
from geo_bosoc.disclosure.suppressed_tables import PublishedTables, suppressed_cells, with_unsafe_totals
from geo_bosoc.indicators.spec import Indicator, Side

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]


def spec(name: str, **keys: Any) -> Indicator:
    plain: dict[str, Any] = {
        "denominator": Side(), "numerator": Side(where="x"), "label_da": name, "label_en": name,
    }  # fmt: skip
    return Indicator(id=name, **{**plain, **keys})


def table(denominator: int, unknown: int = 0, period: str = "2024", **numerators: int) -> pd.DataFrame:
    rows = [("a", period, name, n, denominator, unknown) for name, n in numerators.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def added(counts: pd.DataFrame, *specs: Indicator, **keys: Any) -> list[tuple[str, bool]]:
    possible = possible_values(counts, small_cells(counts, specs, 5), specs)
    cells = cells_to_add_in_breakdowns(
        counts, find_breakdowns(counts, specs), possible, indicators=specs, **keys
    )
    return list(cells[["indicator", "withheld"]].itertuples(index=False, name=None))


def test_parts_are_found_where_they_add_up_everywhere() -> None:
    first = table(20, 2, owned=10, rented=5, other=3, young=7, old=11)
    second = table(30, 0, "2025", owned=10, rented=15, other=5, young=9, old=20)
    counts = pd.concat([first, second], ignore_index=True)
    assert find_breakdowns(first)[:2] == (
        Breakdown(("old", "young")),
        Breakdown(("other", "owned", "rented")),
    )
    assert find_breakdowns(counts) == (Breakdown(("other", "owned", "rented")),)


def test_a_part_that_categories_rest_on_goes_last() -> None:
    specs = [spec(name, breakdown="support") for name in ("outside", "employed", "student")]
    counts = table(60, outside=18, employed=39, student=3)
    assert added(counts, *specs) == [("outside", False)]
    assert added(counts, *specs, spared=["outside"]) == [("employed", False)]
    assert added(counts, *specs, spared=["outside", "employed"]) == [("outside", False)]


def test_declared_parts_need_not_add_up() -> None:
    specs = [spec("x", breakdown="tenure"), spec("y", breakdown="tenure"), spec("z", breakdown="other")]
    counts = table(40, x=20, y=10, z=1)
    assert find_breakdowns(counts, specs) == (Breakdown(("x", "y")),)
    assert added(counts, *specs) == []  # ten others
    assert added(table(33, x=20, y=10), *specs) == [("y", False)]  # three others
    assert added(table(29, x=20, y=7), *specs) == [("y", False)]
    assert added(table(27, x=20, y=6), *specs) == [("y", False)]


def test_the_smallest_other_part_goes_too() -> None:
    assert added(table(40, x=22, y=15, z=3)) == [("y", False)]
    assert added(table(20, x=12, y=5, z=3)) == [("y", False)]
    assert added(table(40, x=12, y=12, z=16)) == []
    # the smallest other is at most the next one: of 5 and 5 it would be plain, of 5, 5 and 9 not
    assert added(table(42, v=5, w=5, x=9, y=20, z=3)) == [("x", False)]
    assert added(table(40, x=38, y=2)) == []  # both are suppressed already
    assert added(table(40, x=20, y=17, z=2, w=1)) == []  # 1 or 2 each


def test_last_years_choice_goes_again() -> None:
    counts = pd.concat([table(40, x=22, y=15, z=3), table(40, 0, "2025", x=15, y=21, z=4)])
    counts = counts.reset_index(drop=True)
    assert added(counts) == [("y", False), ("y", False)]
    before = {("a", "2023", "x")}
    assert added(counts, previous=before) == [("x", False), ("x", False)]


def test_of_two_suppressed_ones_with_one_value_all_are_withheld() -> None:
    assert added(table(40, x=30, y=8, z=1, w=1)) == [("x", True), ("y", True)]


def test_a_total_that_is_an_indicator() -> None:
    counts = pd.concat(
        [table(90, out=24, sick=21, jobless=3, free=50), table(90, 0, "2025", out=30, sick=10, jobless=20, free=1)]
    ).reset_index(drop=True)  # fmt: skip
    assert added(counts) == [("sick", False)]


def strictly(counts: pd.DataFrame, *specs: Indicator) -> list[tuple[str, bool]]:
    return added(counts, *specs, least=4)


def test_with_every_value_promised_parts_go_in_the_order_of_the_indicator_file() -> None:
    specs = [spec(name, breakdown="tenure") for name in ("w", "z", "x", "y")]
    assert strictly(table(90, w=40, z=3, x=20, y=27), *specs) == [("y", False)]
    assert strictly(table(90, w=40, z=3, x=27, y=20), *specs) == [("y", False)]  # whichever is smaller
    # of 3 and 6 together, 4 would leave 5, the least that is not small: that this is not enough must not be told
    assert strictly(table(90, w=40, z=3, x=41, y=6), *specs) == [("y", False), ("x", False)]
    assert strictly(table(90, w=39, z=3, x=41, y=7), *specs) == [("y", False)]
    assert strictly(table(90, w=76, z=3, x=6, y=5), *specs) == [("y", False), ("x", False), ("w", False)]
    assert strictly(table(90, w=80, z=5, x=2, y=3), *specs) == []  # 2 and 3, or 1 and 4
    assert strictly(table(90, w=82, z=5, x=1, y=2), *specs) == [("z", False), ("w", False)]
    # that the other parts are 0 would tell, of five small ones that are all withheld, that they are not 1 to 3
    assert strictly(table(90, w=87, z=1, x=2, y=0), *specs) == [("y", True)]
    counts = table(60, w=18, x=2, y=0, out_of_home=20)
    cells = cells_to_add_in_breakdowns(
        counts,
        [Breakdown(("w", "x", "y"), "out_of_home")],
        possible_values(counts, small_cells(counts, [], 5)),
        least=4,
    )
    assert cells[["indicator", "withheld"]].to_numpy().tolist() == [["w", True], ["y", True]]


def test_a_total_that_is_suppressed_leaves_a_rest_that_is_one_more_part() -> None:
    """Of 14, all but 4 are 4 and 6: the 4 and the total would be 1 to 4 and 10 to 13, but for the 6."""
    alone = table(14, x=4, y=6, all_of_them=10)
    breakdowns = [Breakdown(("x", "y"), "all_of_them")]
    hidden = possible_values(alone, small_cells(alone, [], 5))
    assert set(hidden) == {("a", "2024", "x"), ("a", "2024", "all_of_them")}
    cells = cells_to_add_in_breakdowns(alone, breakdowns, hidden)
    assert cells[["indicator", "withheld"]].to_numpy().tolist() == [["y", True]]
    shown = table(40, x=12, y=16, all_of_them=28)  # gone for another area's sake
    hidden = possible_values(shown, shown["indicator"] == "all_of_them")
    for least in (2, 4):
        cells = cells_to_add_in_breakdowns(shown, breakdowns, hidden, least=least)
        assert len(cells) == 1
        assert not cells["withheld"].any()


def worlds_of(denominator: int, number: int, adding_up_to: str) -> list[tuple[int, ...]]:
    """All counts of so many parts of a base; `total`: with the sum of them, which need not be all."""
    counts = (each for each in product(range(denominator + 1), repeat=number) if sum(each) <= denominator)
    if adding_up_to == "total":
        return [(*each, sum(each)) for each in counts]
    return [each for each in counts if sum(each) == denominator or adding_up_to == "open"]


@given(
    denominator=st.integers(5, 20),
    number=st.integers(2, 4),
    adding_up_to=st.sampled_from(["base", "total", "open"]),
    promise=st.sampled_from([(5, 2), (5, 3), (5, 4), (3, 2), (7, 3)]),
    spared=st.sampled_from(["", "u", "uv", "x"]),
)
@example(denominator=10, number=5, adding_up_to="base", promise=(5, 2), spared="u")  # 1, 1, 1, 1 and 6
@example(denominator=14, number=2, adding_up_to="total", promise=(5, 2), spared="u")
@example(denominator=18, number=3, adding_up_to="total", promise=(5, 2), spared="u")
@example(denominator=12, number=4, adding_up_to="base", promise=(5, 4), spared="u")
@example(denominator=12, number=4, adding_up_to="total", promise=(5, 4), spared="u")
@example(denominator=9, number=3, adding_up_to="base", promise=(3, 2), spared="u")
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_all_outcomes_that_are_published_alike_keep_the_promise(
    denominator: int, number: int, adding_up_to: str, promise: tuple[int, int], spared: str
) -> None:
    minimum, least = promise
    denominator = min(denominator, 20 if adding_up_to == "base" else 27 - 3 * number)
    worlds = worlds_of(denominator, number, adding_up_to)
    names = "uvwxy"[: len(worlds[0])]
    has_total = adding_up_to == "total"
    breakdown = Breakdown(tuple(names[: len(names) - has_total]), names[-1] if has_total else None)
    rows = [
        (f"{area:06}", "2024", name, n, denominator, 0)
        for area, counts in enumerate(worlds)
        for name, n in zip(names, counts, strict=True)
    ]
    counts = pd.DataFrame(rows, columns=COLUMNS)
    small = small_cells(counts, [], minimum)
    possible = possible_values(counts, small, minimum=minimum)
    cells = cells_to_add_in_breakdowns(
        counts, [breakdown], possible, spared=spared, minimum=minimum, least=least
    )
    keys = set(cells[COLUMNS[:3]].itertuples(index=False, name=None))
    added_too = pd.Series([key in keys for key in counts[COLUMNS[:3]].itertuples(index=False, name=None)])
    shown = counts["numerator"].where(~(small | added_too), -1).to_numpy().reshape(-1, len(names))
    left: dict[tuple[Any, int], set[int]] = {}
    for seen, world in zip(map(tuple, shown), worlds, strict=True):
        for position, n in enumerate(world):
            left.setdefault((seen, position), set()).add(n)
    for seen, world in zip(map(tuple, shown), worlds, strict=True):
        for position, n in enumerate(world):
            for side in promised_values((n, denominator), minimum):
                assert len(left[seen, position].intersection(side)) >= min(least, len(side)), (world, seen)


@pytest.mark.parametrize("policy", ["five", "five-strict"])
@pytest.mark.parametrize("protected", [1, 2])
def test_a_part_that_its_source_suppressed_does_not_follow_from_the_others(
    policy: str, protected: int
) -> None:
    """All counts of four parts of 14, each an area of its own, whose first parts came as "<5".

    What the source's own marks exclude (13 of 14, where two parts are one or more) nothing of ours can give back.
    """
    names, base = ("w", "x", "y", "z"), 14
    specs = [spec(name, breakdown="tenure", numerator=Side(where=name)) for name in names]
    worlds = [each for each in worlds_of(base, 4, "base") if all(0 < n < 5 for n in each[:protected])]
    rows = [
        (f"{area:05}", "2024", name, n, base, 0)
        for area, world in enumerate(worlds)
        for name, n in zip(names, world, strict=True)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"numerator": "Int64", "unknown": "Int64"})
    at_source = table["indicator"].isin(names[:protected])
    table["status"] = at_source.map({True: "protected", False: "ok"})
    table.loc[at_source, ["numerator", "unknown"]] = pd.NA
    nothing = pd.DataFrame(columns=[*COLUMNS, "status"])
    pairs = AreaPairs(pd.DataFrame(columns=["outer", "inner"]), pd.DataFrame(columns=["first", "second"]))
    chosen = as_policy(policy)
    suppression = suppressed_cells(PublishedTables(table, nothing, nothing), pairs, specs, chosen)
    hidden = suppression.cells["numerator"] | at_source
    seen = table["numerator"].mask(hidden, -1).astype(int).to_numpy().reshape(len(worlds), -1)
    left: dict[tuple[Any, int], set[int]] = {}
    for publication, world in zip(map(tuple, seen), worlds, strict=True):
        for position, n in enumerate(world):
            left.setdefault((publication, position), set()).add(n)
    assert (seen >= 0).any()
    by_source = [set(numbers) for numbers in zip(*worlds, strict=True)]
    for publication, world in zip(map(tuple, seen), worlds, strict=True):
        for position, n in enumerate(world):
            for side in promised_values((n, base)):
                possible = left[publication, position].intersection(side)
                least = min(chosen.least, len(by_source[position].intersection(side)))
                assert len(possible) >= least, (world, publication)


def test_of_a_part_that_its_source_suppressed_among_others_besides() -> None:
    specs = [spec(name, breakdown="tenure") for name in ("x", "y", "z")]
    shown = pd.concat([table(40, x=20, y=7, z=8), table(40, 0, "2025", x=20, y=11, z=0)]).reset_index(
        drop=True
    )
    counts = shown.astype({"numerator": "Int64"})
    counts.loc[5, "numerator"] = pd.NA  # at most nine, beside others: it may be any of 1 to 4
    possible = possible_values(counts, counts["numerator"].isna(), specs)
    assert not len(
        cells_to_add_in_breakdowns(counts, find_breakdowns(counts, specs), possible, indicators=specs)
    )
    counts.loc[4, "numerator"] = 19  # at most one
    added_too = cells_to_add_in_breakdowns(counts, find_breakdowns(counts, specs), possible, indicators=specs)
    assert added_too["period"].unique().tolist() == ["2025"]


@pytest.mark.parametrize(
    ("rows", "letters"),
    [
        ([("x", 12, 50, 3), ("y", 20, 50, 0)], ["", "u"]),
        ([("x", 12, 50, 4), ("y", 20, 50, 0)], ["nud", "u"]),  # at least four are unknown
        ([("x", 12, 50, 4), ("y", 20, 50, 2)], ["", ""]),
        ([("x", 12, 50, 3), ("y", 20, 50, 9)], ["", "u"]),
        ([("x", 12, 50, 0), ("y", 20, 50, 9)], ["", ""]),
        ([("x", 12, 50, 3), ("y", 20, 51, 0)], ["", ""]),
        ([("x", 12, 50, 3), ("residents", 50, 50, 0)], ["nud", ""]),
    ],
)
def test_unknowns_follow_from_two_bases(rows: list[tuple[Any, ...]], letters: list[str]) -> None:
    counts = pd.DataFrame([("a", "2024", *row) for row in rows], columns=COLUMNS)
    specs = [spec("x"), spec("y"), spec("residents", numerator=None, unit="count")]
    flags = unknowns_of_one_base(counts, small_cells(counts, specs, 5), indicators=specs)
    assert ["".join(name[0] for name in flags.columns if row[name]) for _, row in flags.iterrows()] == letters


def test_a_sum_of_areas_does_not_tell_a_part_that_is_suppressed_with_a_small_one() -> None:
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    parts = {"work": (30, 20), "benefit": (17, 20), "pension": (3, 10)}
    rows = [(area, "2024", name, n[row], 50, 0) for name, n in parts.items() for row, area in enumerate("ab")]
    table = pd.DataFrame(rows, columns=columns)
    totals = pd.DataFrame(
        [
            (area, "2024", name, sum(n) + more, 100 + more, 0)
            for name, n in parts.items()
            for area, more in (("@areas", 0), ("@municipality", 800), ("@filled", 4))
        ],
        columns=columns,
    )
    suppressed = (table["area_id"] == "a") & table["indicator"].isin(["benefit", "pension"])
    gone = totals_over_parts(totals, table, find_breakdowns(table), suppressed)
    assert set(totals.loc[gone, ["area_id", "indicator"]].itertuples(index=False, name=None)) == {
        (area, name) for area in ("@areas", "@filled") for name in ("benefit", "pension")
    }


@pytest.mark.parametrize("policy", ["five", "five-strict"])
def test_a_total_with_others_outside_does_not_tell_a_small_part_either(policy: str) -> None:
    """All parts of 12 in an area and of 6 outside the areas, each pair of them a period of its own.

    A part that is suppressed with a small one is no more than the municipality has besides those that are shown.
    """
    inside, outside = worlds_of(12, 3, "base"), worlds_of(6, 3, "base")
    shown_area = (30, 31, 32)
    worlds = list(product(inside, outside))
    area_rows, total_rows = [], []
    for number, (here, beyond) in enumerate(worlds):
        period = f"{number:05}"
        for name, n, other, more in zip("xyz", here, shown_area, beyond, strict=True):
            area_rows += [
                (f"a{period}", period, name, n, 12, 0),
                (f"b{period}", period, name, other, sum(shown_area), 0),
            ]
            total_rows.append((MUNICIPALITY, period, name, n + other + more, 12 + sum(shown_area) + 6, 0))
    table, totals = (
        pd.DataFrame(rows, columns=COLUMNS).assign(status="ok") for rows in (area_rows, total_rows)
    )
    tables = PublishedTables(table, totals, pd.DataFrame())
    pairs = AreaPairs(pd.DataFrame(columns=["outer", "inner"]), pd.DataFrame(columns=["first", "second"]))
    chosen = as_policy(policy)
    suppression = suppressed_cells(tables, pairs, (), chosen)
    suppression = with_unsafe_totals(tables, suppression, suppression.possible, (), chosen)
    seen = [
        frame["numerator"].mask(hidden["numerator"], -1).to_numpy().reshape(len(worlds), -1)
        for frame, hidden in ((table, suppression.cells), (totals, suppression.references))
    ]
    left: dict[tuple[Any, int], set[int]] = {}
    publications = [(tuple(of_areas), tuple(of_totals)) for of_areas, of_totals in zip(*seen, strict=True)]
    for publication, (here, _) in zip(publications, worlds, strict=True):
        for position, n in enumerate(here):
            left.setdefault((publication, position), set()).add(n)
    for publication, (here, beyond) in zip(publications, worlds, strict=True):
        for position, n in enumerate(here):
            for side in promised_values((n, 12)):
                assert len(left[publication, position].intersection(side)) >= chosen.least, (here, beyond)
