"""A numerator over its base where the two come from different registers. Made-up figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.facts import guarded_problems, publishable_problems
from geo_bosoc.indicators import count_indicators
from geo_bosoc.indicators.count_checks import over_base, report_over_base
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import InputError, Report

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]


def indicator(unit: str = "percent", **fields: Any) -> Indicator:
    return Indicator.model_validate(
        {
            "id": "charged",
            "label_da": "a",
            "label_en": "a",
            "unit": unit,
            "denominator": {"register": "persons"},
            "numerator": {"register": "charges"},
            **fields,
        }
    )


def messages(
    rows: list[tuple[str, str, int, int]], what: Indicator | None = None, status: str = "ok"
) -> list[tuple[str, str]]:
    what = what or indicator()
    counts = pd.DataFrame([(a, p, "charged", n, d, 0, status) for a, p, n, d in rows], columns=COLUMNS)
    report = Report()
    report_over_base(counts, make_parts([what], ["persons", "charges"]), report)
    return [(problem.level, problem.message) for problem in report.problems]


def test_a_share_over_its_base_is_an_error_that_names_registers_areas_and_period() -> None:
    rows = [(f"{n:02}", "2024", 12, 11) for n in range(1, 8)] + [("08", "2024", 11, 11), ("09", "2023", 7, 6)]
    [(level, message)] = messages(rows)
    assert level == "error"
    assert "charged: the numerator is over its base (register charges over register persons)" in message
    assert "in area 09 (2023), areas 01, 02, 03, 04, 05 and 2 more (2024)" in message


@pytest.mark.parametrize("area", [MUNICIPALITY, ALL_AREAS])
def test_so_is_that_of_all_areas_together(area: str) -> None:
    [(level, message)] = messages([(area, "2024", 12, 11), ("01", "2024", 3, 30)])
    assert level == "error"
    assert ("the municipality" if area == MUNICIPALITY else "all areas together") + " (2024)" in message


@pytest.mark.parametrize("unit", ["per_1000", "per_10000"])
def test_a_rate_warns_of_the_municipality_and_notes_an_area(unit: str) -> None:
    rate = indicator(unit)
    assert [level for level, _ in messages([(MUNICIPALITY, "2024", 12, 11), ("01", "2024", 9, 8)], rate)] == [
        "warning"
    ]
    assert [level for level, _ in messages([("01", "2024", 9, 8)], rate)] == ["note"]
    assert not messages([("01", "2024", 6, 4)], rate)


def test_no_message_holds_a_count() -> None:
    for unit in ("percent", "per_1000"):
        [(_, message)] = messages([("A", "2024", 31, 7)], indicator(unit))
        assert "31" not in message
        assert " 7" not in message


def test_what_is_right_or_has_no_value_is_not_told() -> None:
    assert not messages([("A", "2024", 11, 11), ("B", "2024", 0, 0), ("C", "2024", 3, 0)])
    assert not messages([("A", "2024", 12, 11)], status="protected")
    assert not messages([("A", "2024", 12, 11)], indicator("mean"))
    assert not messages([("A", "2024", 12, 11)], indicator("count"))
    # 700 hundredths of a full-time person over 11 persons
    assert not messages([("A", "2024", 700, 11)], indicator(scale=100))
    assert messages([("A", "2024", 1_101, 11)], indicator(scale=100))


def test_rows_of_one_register_are_not_judged_again() -> None:
    inside = indicator(denominator={"register": "charges"})
    counts = pd.DataFrame([("A", "2024", "charged", 12, 11, 0, "ok")], columns=COLUMNS)
    report = Report()
    report_over_base(counts, make_parts([inside], ["persons", "charges"]), report)
    assert not report.problems
    assert over_base(counts, [inside])


def registers(charges: int, base: int) -> dict[str, pl.LazyFrame]:
    def rows(count: int) -> pl.LazyFrame:
        ids = [f"p{n}" for n in range(count)]
        return pl.LazyFrame({"area_id": ["A"] * count, "period": ["2024"] * count, "person_id": ids})

    return {"persons": rows(base), "charges": rows(charges)}


def test_counting_refuses_it() -> None:
    with pytest.raises(InputError, match="register charges over register persons"):
        count_indicators(registers(8, 7), [indicator()])
    assert count_indicators(registers(7, 7), [indicator()])["numerator"].tolist() == [7]
    report = Report()
    count_indicators(registers(8, 7), [indicator("per_1000")], report=report)
    assert [problem.level for problem in report.problems] == ["note"]


def test_a_finished_table_over_a_register_of_persons() -> None:
    table = pl.LazyFrame({"area_id": ["A", "B"], "period": ["2024"] * 2, "ledige": [8, 3]})
    frames = {"persons": registers(0, 7)["persons"], "charges": table}
    with pytest.raises(InputError, match="area A"):
        count_indicators(frames, [indicator(numerator={"register": "charges", "sum": "ledige"})])


def test_what_is_published_keeps_the_areas_name() -> None:
    counts = pd.DataFrame([("1", "2024", "charged", 12, 11, 0, "ok")], columns=COLUMNS)
    report = Report()
    parts = make_parts([indicator("per_1000")], ["persons", "charges"])
    report_over_base(counts, parts, report, register_file="{}.csv".format, internal=["persons"])
    [problem] = guarded_problems(report.problems, 5)
    assert "area 1 (2024)" in problem.message
    assert not publishable_problems([problem], {"register:persons": {"files": ["persons.csv"]}}, ["persons"])
