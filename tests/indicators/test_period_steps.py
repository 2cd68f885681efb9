"""Steps from one period to the next: what is told, with both figures, and what is left to chance and to years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.indicators import Indicator, indicator_table
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.spec import Side
from geo_bosoc.indicators.steps import (
    Figure,
    Source,
    implausible,
    report_figure_steps,
    report_row_steps,
)
from geo_bosoc.problems import Report

PERSONS = Source("persons", "stock", "data/persons_{period}.csv")


def rows_told(rows: dict[str, int], source: Source = PERSONS) -> list[str]:
    report = Report()
    report_row_steps({source.name: rows}, {source.name: source}, report, minimum=5)
    return [str(each) for each in report.warnings]


@pytest.mark.parametrize("residents", [400, 5_000, 100_000, 350_000])
@pytest.mark.parametrize("factor", [0.9, 1.1, 2, 0.5, 0.02])
def test_a_tenth_of_the_residents_is_told_with_both_figures(residents: int, factor: float) -> None:
    now = round(residents * factor)
    (told,) = rows_told({"2023": residents, "2024": now})
    assert f"{residents:,} in 2023, {now:,} in 2024" in told
    assert told.startswith("persons_2024.csv, [registers.persons]: ")


@pytest.mark.parametrize("factor", [0.97, 1, 1.04])
@pytest.mark.parametrize("residents", [20, 300, 100_000])
def test_what_a_year_brings_is_not_told(residents: int, factor: float) -> None:
    assert not rows_told({"2023": residents, "2024": round(residents * factor)})


def test_a_year_that_stands_out_on_both_sides_is_told_once() -> None:
    (told,) = rows_told({"2022": 1_000, "2023": 2_000, "2024": 1_010})
    assert "1,000 in 2022, 2,000 in 2023; 2,000 in 2023, 1,010 in 2024" in told


def test_more_years_bring_more_change() -> None:
    assert rows_told({"2022": 10_000, "2023": 11_200})
    assert not rows_told({"2021": 10_000, "2024": 11_200})
    assert rows_told({"2023K4": 10_000, "2024K1": 11_200})


def test_cases_and_answers_vary_from_year_to_year() -> None:
    cases = Source("cases", "events")
    assert not rows_told({"2023": 430, "2024": 357}, cases)
    assert not rows_told({"2023": 3, "2024": 12}, cases)
    assert rows_told({"2023": 9_000, "2024": 900}, cases)


def test_a_small_number_is_not_told() -> None:
    (told,) = rows_told({"2023": 3, "2024": 900})
    assert "fewer than 5 in 2023" in told


def test_nothing_beside_something_is_told() -> None:
    assert implausible("share", Figure("2023", 0, 500), Figure("2024", 100, 500))
    assert not implausible("share", Figure("2023", 0, 500), Figure("2024", 4, 500))


def test_chance_alone_is_hardly_ever_told() -> None:
    """Counts that fall by chance with nothing changed: not one of 3,000 pairs of years."""
    draw = np.random.default_rng(7)
    for expected in (3, 300, 3_000):
        for first, second in draw.poisson(expected, (1_000, 2)):
            for kind in ("events", "part"):
                assert not implausible(kind, Figure("2023", first), Figure("2024", second)), (first, second)


def indicator(name: str, **more: object) -> Indicator:
    labels = {"label_da": name, "label_en": name}
    return Indicator.model_validate({"id": name, **labels, **more})


CRIME = indicator(
    "crime", denominator=Side(register="t", sum="young"), numerator=Side(register="t", sum="charged")
)


def figures_told(
    indicators: list[Indicator],
    rows: list[tuple[str, str, str, int, int]],
    *sources: Source,
    moved: frozenset[tuple[str, str, str]] = frozenset(),
) -> list[str]:
    counts = pd.DataFrame(rows, columns=["area_id", "period", "indicator", "numerator", "denominator"])
    counts = counts.assign(unknown=0, status="ok").astype({"unknown": "int64"})
    table = indicator_table(counts, indicators)
    areas, municipal = (
        table[~table["area_id"].str.startswith("@")],
        table[table["area_id"].str.startswith("@")],
    )
    report = Report()
    used = {source.name: source for source in sources}
    parts = make_parts(indicators, list(used))
    report_figure_steps(areas, municipal, parts, used, report, minimum=5, row_steps=moved)
    return [str(each) for each in report.warnings]


TABLE = Source("t", "total", "politi.csv", {"charged": "Sigtede", "young": "Unge"})


def test_a_numerator_by_a_factor_is_told_with_its_column_and_both_figures() -> None:
    rows = [
        ("@municipality", "2023", "crime", 360, 12_400),
        ("@municipality", "2024", "crime", 3_600, 12_400),
    ]
    (told,) = figures_told([CRIME], rows, TABLE)
    assert told.startswith(
        "politi.csv, column Sigtede, [registers.t]: the value of crime in the municipality"
    )
    assert "2.9 % (360 of 12,400) in 2023, 29 % (3,600 of 12,400) in 2024" in told


def test_a_base_by_a_factor_is_told_once_for_all_that_rest_on_it() -> None:
    other = CRIME.model_copy(update={"id": "other"})
    rows = [
        ("@municipality", year, name, 360, base)
        for year, base in (("2023", 12_400), ("2024", 1_240))
        for name in ("crime", "other")
    ]
    (told,) = figures_told([CRIME, other], rows, TABLE)
    assert "column Unge" in told
    assert "12,400 in 2023, 1,240 in 2024" in told


def test_steps_of_rows_are_not_told_again() -> None:
    rows = [("@municipality", "2023", "crime", 360, 12_400), ("@municipality", "2024", "crime", 720, 24_800)]
    assert figures_told([CRIME], rows, TABLE)
    assert not figures_told([CRIME], rows, TABLE, moved=frozenset({("t", "2023", "2024")}))


def test_without_the_municipality_the_areas_that_have_both_periods_are_compared() -> None:
    """B joins in 2024: that is no step; A and C together are."""
    rows = [("A", "2023", "crime", 30, 1_000), ("C", "2023", "crime", 30, 1_000)]
    rows += [
        ("A", "2024", "crime", 32, 1_010),
        ("B", "2024", "crime", 700, 9_000),
        ("C", "2024", "crime", 29, 990),
    ]
    assert not figures_told([CRIME], rows, TABLE)
    moved = [
        (area, year, name, count * 10 if year == "2024" else count, base)
        for area, year, name, count, base in rows
    ]
    (told,) = figures_told([CRIME], [row for row in moved if row[0] != "B"], TABLE)
    assert "in all areas together" in told
    assert "(60 of 2,000) in 2023" in told
    assert "(610 of 2,000) in 2024" in told


def test_a_mean_by_a_factor_is_told() -> None:
    absence = indicator("absence", denominator=Side(register="p"), mean_of="days", unit="mean")
    rows = [
        ("@municipality", "2023", "absence", 69_000, 10_000),
        ("@municipality", "2024", "absence", 6_900, 10_000),
    ]
    (told,) = figures_told([absence], rows, Source("p", "stock"))
    assert "6.9 in 2023, 0.69 in 2024" in told
    assert "column days" in told


def test_a_small_number_of_persons_is_not_told_beside_its_base() -> None:
    rows = [("@municipality", "2023", "crime", 3, 12_400), ("@municipality", "2024", "crime", 3_600, 12_400)]
    (told,) = figures_told([CRIME], rows, TABLE)
    assert "fewer than 5 of 12,400 in 2023" in told


def test_what_nobody_may_publish_is_told_under_its_register() -> None:
    """A manifest that may be published leaves problems of such a register out."""
    mixed = indicator(
        "mixed", denominator=Side(register="p"), numerator=Side(register="secret", where="kind = 1")
    )
    rows = [
        ("@municipality", "2023", "mixed", 360, 12_400),
        ("@municipality", "2024", "mixed", 3_600, 12_400),
    ]
    secret = Source("secret", "events", internal=True)
    (told,) = figures_told([mixed], rows, Source("p", "stock"), secret)
    assert "[registers.secret]" in told
