"""Two indicators that count the same are one figure: suppressed alike, and one unknown in categories."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import pandas as pd
import pytest
from rule_aware import Counts, Key, broken_in_worlds, promised_values
from small_results import SPECS, model_of

from geo_bosoc.disclosure.categories.category_ranges import PublicFigures, tell
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import MUNICIPALITY, AreaPairs
from geo_bosoc.disclosure.secondary.breakdowns import Breakdown, find_breakdowns
from geo_bosoc.disclosure.secondary.same_figures import hidden_alike, same_figures
from geo_bosoc.disclosure.suppressed_tables import PublishedTables, suppressed_cells
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models.exact_values import Cell

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
NO_PAIRS = AreaPairs(pd.DataFrame(columns=["outer", "inner"]), pd.DataFrame(columns=["first", "second"]))
SHOWN = {"b": (9, 8, 7), "c": (12, 11, 10), "d": (20, 15, 12)}
"""Of other areas: out of work, at work and studying."""


def spec(name: str, **keys: Any) -> Indicator:
    side = Side(register="persons")
    return Indicator(
        id=name, denominator=side, numerator=Side(where=name), label_da=name, label_en=name, **keys
    )


def table_of(counts: Mapping[str, Mapping[str, int]], residents: Mapping[str, int]) -> pd.DataFrame:
    rows = [
        (area, "2024", name, n, residents[area], 0)
        for area, by_name in counts.items()
        for name, n in by_name.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def with_the_same_twice(first: int, second: int, third: int) -> pd.DataFrame:
    """Areas where everybody is out of work, at work or studying, and who is out of work is counted twice."""
    by_area = {"a": (first, second, third), **SHOWN}
    counts = {
        area: {"idle": n, "out_of_work": n, "work": work, "study": study}
        for area, (n, work, study) in by_area.items()
    }
    return table_of(counts, {area: sum(numbers) for area, numbers in by_area.items()})


def suppressed(table: pd.DataFrame, specs: tuple[Indicator, ...] = ()) -> pd.Series:
    table = table.assign(status="ok")
    tables = PublishedTables(table, table.iloc[:0], pd.DataFrame())
    return suppressed_cells(tables, NO_PAIRS, specs, Policy()).cells["numerator"]


def test_equal_counts_everywhere_or_one_definition() -> None:
    table = with_the_same_twice(3, 10, 12)
    assert same_figures(table) == {"idle": "idle", "out_of_work": "idle"}
    assert same_figures(table[table["area_id"].isin(["a", "b"])]) == {}  # two rows may agree by chance
    one_area = table[table["area_id"] == "a"]
    twice = [spec("idle"), spec("out_of_work").model_copy(update={"numerator": Side(where="idle")})]
    assert same_figures(one_area, twice) == {"idle": "idle", "out_of_work": "idle"}
    assert same_figures(one_area, [spec("idle"), spec("out_of_work")]) == {}
    table.loc[0, "unknown"] = 1
    assert same_figures(table) == {}


def test_a_share_and_its_number_are_one_figure_and_a_share_and_a_mean_are_not() -> None:
    table = with_the_same_twice(3, 10, 12)
    assert same_figures(table, [spec("idle", unit="count"), spec("out_of_work")])
    mean = Indicator(
        id="idle", denominator=Side(), mean_of="x", unit="mean", label_da="idle", label_en="idle"
    )
    assert not same_figures(table, [mean, spec("out_of_work")])


def test_what_is_hidden_of_one_is_hidden_of_the_other() -> None:
    table = with_the_same_twice(3, 10, 12)
    hidden = (table["area_id"] == "b") & (table["indicator"] == "out_of_work")
    alike = hidden_alike(table, hidden, same_figures(table))
    assert table.loc[alike, ["area_id", "indicator"]].to_numpy().tolist() == [
        ["b", "idle"],
        ["b", "out_of_work"],
    ]
    assert hidden_alike(table, hidden, {}) is hidden


def test_a_breakdown_has_one_part_for_both() -> None:
    table = with_the_same_twice(3, 10, 12)
    assert find_breakdowns(table) == (Breakdown(("idle", "study", "work")),)
    specs = [spec(name, breakdown="support") for name in ("out_of_work", "study")]
    assert Breakdown(("idle", "study")) in find_breakdowns(table, specs)


@pytest.mark.parametrize("declared", [True, False])
def test_small_worlds_with_a_part_that_is_an_indicator_of_its_own(declared: bool) -> None:
    """Every world of an area's three parts of 12, one of them counted twice."""
    specs = tuple(spec(name, breakdown="support") for name in ("out_of_work", "study", "work") if declared)
    worlds = [(n, m, 12 - n - m) for n, m in product(range(13), repeat=2) if n + m <= 12]
    left: dict[tuple[Hashable, int], set[int]] = {}
    seen = []
    for world in worlds:
        table = with_the_same_twice(*world)
        shown = table["numerator"].mask(suppressed(table, specs), -1)
        names = table["indicator"].isin(["idle", "out_of_work"])
        assert (
            shown[names & (table["indicator"] == "idle")].tolist()
            == shown[names & (table["indicator"] == "out_of_work")].tolist()
        )
        seen.append(tuple(shown))
        for position, n in enumerate(world):
            left.setdefault((seen[-1], position), set()).add(n)
    for world, publication in zip(worlds, seen, strict=True):
        for position, n in enumerate(world):
            for side in promised_values((n, 12)):
                assert len(left[publication, position].intersection(side)) >= 2, (world, position)


def publication_of(counts: Counts, same: Mapping[str, str]) -> Hashable:
    """What is told of the categories of two criteria, as the publisher takes them for one figure or two."""
    model = model_of((2.0, 4.0), (1.25, 1.75, 2.5))
    reference = Fraction(1, 10)
    municipal = {(MUNICIPALITY, "2024", each.id): Cell(reference, "ok") for each in SPECS}
    true = {key: Cell(Fraction(*count), "ok", *count) for key, count in counts.items()}
    small = {key for key, count in counts.items() if promised_values(count)}
    shown = {key: Cell(None, "protected") if key in small else cell for key, cell in true.items()}
    scores = {
        (*key[:2], "small", criterion.key): float(
            sum(true[key].value >= reference * Fraction(band) for band in criterion.bands)  # type: ignore[operator]
        )
        for key in true
        for criterion in model.criterion
        if criterion.indicator == key[2]
    }
    bases = {key: counts[key][1] for key in small}
    figures = PublicFigures(shown | municipal, true | municipal, bases, {}, scores, same=same)
    return tuple(sorted(small)), tuple(sorted(tell([model], SPECS, figures, Policy()).ranges.items()))


def test_one_figure_under_two_ids_is_one_unknown_of_a_category() -> None:
    keys: list[Key] = [("1", "2024", each.id) for each in SPECS]
    broken = dict.fromkeys(("joined", "apart"), 0)
    for base in range(6, 31):
        worlds = [dict.fromkeys(keys, (n, base)) for n in range(base + 1)]
        for name, same in (("joined", {"crime": "crime", "safety": "crime"}), ("apart", {})):
            broken[name] += len(
                broken_in_worlds(worlds, lambda world, same=same: publication_of(world, same))
            )
    assert broken["joined"] == 0 < broken["apart"]
