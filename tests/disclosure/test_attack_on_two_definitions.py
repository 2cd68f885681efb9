"""The attack knows that one period counted by two definitions tells what they count differently."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_results import SPECS, model_of, results_of

from geo_bosoc.disclosure.attack import AttackReport, attack_sets, published_set
from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators import by_definition
from geo_bosoc.indicators.spec import Reform, Side

REFORM = Reform(valid_from="2024", numerator=Side(where="new"), overlap=("2024",))
DATED = by_definition([SPECS[0].model_copy(update={"reform": (REFORM,)}), SPECS[1]])
BEFORE = "crime_before_2024"
DIFFERENCE = f"{BEFORE} less crime"
Pairs = Mapping[str, tuple[tuple[int, int], tuple[int, int]]]
"""By area, count and base by the definition in force, and by the one before."""


def attacked(pairs: Pairs, municipality: tuple[int, int] = (300, 350)) -> AttackReport:
    """The report on what is published of areas with crime by two definitions."""
    counts = {
        (area, "2024", name): count
        for area, both in pairs.items()
        for name, count in (("crime", both[0]), (BEFORE, both[1]), ("safety", (30, 90)))
    }
    references = {"crime": municipality[0], BEFORE: municipality[1], "safety": 250}
    results = results_of(counts, model_of((2.0, 4.0), (1.25, 1.75, 2.5)), references, DATED)
    return attack_sets([published_set(suppress(results))])


def rows_below(report: AttackReport) -> set[tuple[str, str]]:
    below = report.cells[report.cells["below"]]
    return set(zip(below["area_id"], below["indicator"], strict=True))


def switched_off(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    def nothing(frame: pd.DataFrame, *_: object, **__: object) -> pd.DataFrame:
        return pd.DataFrame(False, index=frame.index, columns=list(FIGURES))

    monkeypatch.setattr(f"geo_bosoc.disclosure.suppressed_tables.{rule}", nothing)


LITTLE: Pairs = {
    "a": ((20, 90), (23, 90)),
    "b": ((30, 90), (40, 90)),
    "c": ((20, 90), (20, 90)),
    "d": ((3, 90), (30, 90)),
}


def test_a_pair_that_differs_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    report = attacked(LITTLE)
    assert report.promise_holds and not report.contradictions, report.text()
    switched_off(monkeypatch, "unsafe_definitions")
    assert rows_below(attacked(LITTLE)) == {("a", DIFFERENCE)}


def test_bases_that_differ_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs: Pairs = {"a": ((20, 90), (40, 93)), "b": ((30, 90), (40, 90)), "c": ((20, 90), (40, 80))}
    assert attacked(pairs).promise_holds
    switched_off(monkeypatch, "unsafe_definitions")
    assert rows_below(attacked(pairs)) == {("a", f"base of {DIFFERENCE}")}


def test_totals_by_both_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """One hidden difference is what all areas differ by, less what the others do."""
    pairs: Pairs = {"a": ((20, 90), (23, 90)), "b": ((30, 90), (40, 90)), "c": ((9, 90), (19, 90))}
    assert attacked(pairs).promise_holds
    switched_off(monkeypatch, "unsafe_definition_totals")
    assert ("a", DIFFERENCE) in rows_below(attacked(pairs))


def test_the_municipality_by_both_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs: Pairs = {"a": ((20, 90), (40, 90)), "b": ((30, 90), (40, 90))}
    assert attacked(pairs, (300, 303)).promise_holds
    switched_off(monkeypatch, "unsafe_definitions")
    switched_off(monkeypatch, "unsafe_definition_totals")
    assert rows_below(attacked(pairs, (300, 303))) == {("@municipality", DIFFERENCE)}


BASE = 40
PAIR = st.tuples(st.integers(0, BASE), st.integers(-6, 6)).map(
    lambda drawn: ((drawn[0], BASE), (min(max(drawn[0] + drawn[1], 0), BASE), BASE))
)


@settings(max_examples=8)
@given(st.lists(PAIR, min_size=2, max_size=5))
def test_whatever_the_counts_it_finds_none(pairs: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    report = attacked({f"a{number}": pair for number, pair in enumerate(pairs)})
    assert report.promise_holds and not report.contradictions, report.text()
