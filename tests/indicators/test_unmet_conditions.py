"""Conditions that no row meets in any area. Made-up figures."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.indicators.count_checks import unmet_conditions
from geo_bosoc.indicators.spec import Indicator

SHARE = Indicator.model_validate(
    {
        "id": "share",
        "label_da": "a",
        "label_en": "a",
        "denominator": {"register": "persons"},
        "numerator": {"register": "persons", "where": "x = 'ja'"},
    }
)
COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "status"]


def found(
    rows: list[tuple[str, str, int, int]], whole: tuple[tuple[str, int, int], ...] = (), status: str = "ok"
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    counts = pd.DataFrame([(a, p, "share", n, d, status) for a, p, n, d in rows], columns=COLUMNS)
    yard = pd.DataFrame([("@municipality", p, "share", n, d, "ok") for p, n, d in whole], columns=COLUMNS)
    return [(one.side, one.periods, one.others) for one in unmet_conditions(counts, yard, [SHARE])]


def test_never_met() -> None:
    assert found([("A", "2023", 0, 50), ("B", "2023", 0, 70), ("A", "2024", 0, 3)]) == [
        ("numerator", ("2023", "2024"), ())
    ]
    assert found([("A", "2023", 0, 0), ("B", "2023", 0, 0)]) == [("denominator", ("2023",), ())]


def test_not_met_in_one_period_of_several() -> None:
    rows = [("A", "2022", 5, 50), ("A", "2023", 0, 50), ("A", "2024", 6, 50)]
    assert found(rows) == [("numerator", ("2023",), ("2022", "2024"))]
    rows = [("A", "2022", 5, 50), ("A", "2023", 0, 0), ("A", "2024", 6, 50)]
    assert found(rows) == [("denominator", ("2023",), ("2022", "2024"))]


def test_what_chance_may_do_is_not_told() -> None:
    """One of a hundred in 50: none of them has a probability of exp(-0.5) = 0.6."""
    assert found([("A", "2022", 1, 100), ("A", "2023", 0, 50)]) == []
    assert found([("A", "2023", 0, 50)], (("2023", 10, 1000),)) == []
    assert found([("A", "2023", 0, 500)], (("2023", 10, 1000),)) == [("numerator", ("2023",), ())]


def test_figures_that_are_met_or_withheld() -> None:
    assert found([("A", "2022", 0, 100), ("B", "2022", 1, 100)]) == []
    assert found([("A", "2022", 0, 100)], status="protected") == []
