"""The attack on parts of one base: declared ones, others besides, and what shown totals leave of hidden ones."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pandas as pd
import pytest

from geo_bosoc.disclosure.attack import Search
from geo_bosoc.disclosure.attack.parts import Parts, parts_of
from geo_bosoc.disclosure.attack.public_set import Figure, FigureKey, Policy, PublicSet
from geo_bosoc.disclosure.policy import as_policy
from geo_bosoc.disclosure.results import MUNICIPALITY, AreaPairs
from geo_bosoc.disclosure.suppressed_tables import (
    PublishedTables,
    publish_tables,
    suppressed_cells,
    with_unsafe_totals,
)

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
NAMES = ("x", "y", "z")


def figure(count: int | None, base_count: int) -> Figure:
    return Figure(
        "protected" if count is None else "ok", None if count is None else Fraction(count), base_count, None
    )


def public_set(
    figures: dict[FigureKey, Figure], totals: dict[FigureKey, Figure] | None = None, *, declared: bool = True
) -> PublicSet:
    """A set without models."""
    breakdowns = (NAMES,) if declared else ()
    public = PublicSet("made up", Policy(), True, (), "en", figures, breakdowns=breakdowns)
    public.totals = totals or {}
    return public


def rows(*areas: tuple[int | None, ...], base_count: int = 40) -> dict[FigureKey, Figure]:
    return {
        (f"a{number}", "2024", name): figure(count, base_count)
        for number, counts in enumerate(areas)
        for name, count in zip(NAMES, counts, strict=True)
    }


def left(public: PublicSet, *key: str) -> set[int]:
    search = Search.of([public])
    assert not search.contradictions
    number = search.system.index[0, key[0], key[1], key[2]]
    states = search.system.unknowns[number].states
    return {states[each].quarters // 4 for each in search.live[-2][number]}


def test_a_declared_breakdown_needs_one_row_that_is_shown() -> None:
    figures = rows((20, 15, 5), (22, 15, None))
    assert left(public_set(figures), "a1", "2024", "z") == {3}
    assert len(left(public_set(figures, declared=False), "a1", "2024", "z")) > 1


def test_parts_with_others_besides_are_at_most_the_base() -> None:
    """Ten are hidden with a small one where eight are in none of the parts: no count is taken for a small one."""
    figures = rows((20, 15, 0), (22, None, None))
    assert parts_of(public_set(figures)) == [Parts(NAMES, is_open=True)]
    assert 10 in left(public_set(figures), "a1", "2024", "y")
    assert left(public_set(rows((20, 15, 0), (37, 1, None))), "a1", "2024", "z") == {1, 2}


def test_a_total_that_is_hidden_is_what_the_others_leave() -> None:
    figures = rows((20, 15, 5), (20, None, None))
    shown = {(MUNICIPALITY, "2024", name): figure(count, 90) for name, count in (("x", 45), ("y", 32))}
    assert max(left(public_set(figures), "a1", "2024", "z")) > 8
    assert (
        max(left(public_set(figures, shown), "a1", "2024", "z")) == 8
    )  # of 13 in the municipality, 5 are shown


def test_parts_of_another_indicator() -> None:
    areas = [(8 + n, 9 + 2 * n) for n in range(6)]
    figures = {
        (f"a{number}", "2024", name): figure(count, 90)
        for number, (first, second) in enumerate(areas)
        for name, count in (("x", first), ("y", second), ("z", first + second))
    }
    figures |= {
        ("a9", "2024", name): figure(count, 90) for name, count in (("x", 21), ("y", None), ("z", 24))
    }
    public = public_set(figures, declared=False)
    assert parts_of(public) == [Parts(("x", "y"), "z")]
    assert left(public, "a9", "2024", "y") == {3}


@pytest.mark.parametrize("mended", [True, False])
def test_a_total_with_few_outside_bounds_what_goes_with_a_small_part(
    mended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All parts of 12 in an area, beside six who live outside and are in one or two parts."""
    if not mended:
        monkeypatch.setattr(
            "geo_bosoc.disclosure.suppressed_tables.values_beside_small_parts", lambda *_, **__: {}
        )
    inside = [each for each in product(range(13), repeat=3) if sum(each) == 12]
    shown_area, outside = (30, 31, 32), [(6, 0, 0), (0, 6, 0), (0, 0, 6), (5, 1, 0)]
    area_rows, total_rows = [], []
    for number, (here, beyond) in enumerate(product(inside, outside)):
        period = f"{number:04}"
        for name, n, other, more in zip(NAMES, here, shown_area, beyond, strict=True):
            area_rows += [("a", period, name, n, 12, 0), ("b", period, name, other, sum(shown_area), 0)]
            total_rows.append((MUNICIPALITY, period, name, n + other + more, 12 + sum(shown_area) + 6, 0))
    frames = [
        pd.DataFrame(rows, columns=COLUMNS)
        .assign(status="ok", value=0.0, low=0.0, high=0.0, reference=0.0, ratio=0.0)
        .astype(dict.fromkeys(COLUMNS[3:], "Int64"))
        for rows in (area_rows, total_rows)
    ]
    residents = pd.DataFrame({"area_id": [], "period": [], "residents": []})
    tables = PublishedTables(frames[0], frames[1], residents)
    pairs = AreaPairs(pd.DataFrame(columns=["outer", "inner"]), pd.DataFrame(columns=["first", "second"]))
    policy = as_policy("five")
    suppression = suppressed_cells(tables, pairs, (), policy)
    suppression = with_unsafe_totals(tables, suppression, suppression.possible, (), policy)
    shown = publish_tables(tables, suppression, (), policy)
    figures, totals = (
        {
            (area, period, name): figure(None if pd.isna(count) else int(count), int(base))
            for area, period, name, count, base in frame[COLUMNS[:5]].itertuples(index=False, name=None)
        }
        for frame in (shown.table, shown.reference_areas)
    )
    totals = {key: total for key, total in totals.items() if total.count is not None}
    search = Search.of([public_set(figures, totals)])
    counts = {(area, period, name): (n, base) for area, period, name, n, base, _ in area_rows}
    below = search.below(counts, 2)
    assert not search.contradictions
    assert (not below) if mended else below
