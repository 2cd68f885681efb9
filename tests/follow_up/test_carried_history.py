"""Figures and categories of areas that were renamed, merged or split, under today's ids: by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_bosoc.follow_up.changes.area_history import carry_categories, carry_figures
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models.area_history import AreaChange, AreaHistory

NUMBERS = ["numerator", "denominator", "unknown"]
YOUNG = Indicator(id="young", label_en="Young", denominator=Side(), numerator=Side(where="age < 25"))
HISTORY = AreaHistory(
    (
        AreaChange("1", "one", "2021", "renamed"),
        AreaChange("7", "9", "2022", "merged"),
        AreaChange("9", "9", "2022", "merged"),
        AreaChange("5", "5", "2022", "split"),
        AreaChange("5", "6", "2022", "split"),
    )
)


def table_of(*rows: tuple[str, str, int | None, int | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["area_id", "period", "numerator", "denominator", "status"])
    return frame.assign(indicator="young", unknown=0).astype(dict.fromkeys(NUMBERS, "Int64"))


def figures(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[object, ...]]:
    columns = ["numerator", "denominator", "status", "history"]
    rows = frame[["area_id", "period", *columns]].itertuples(index=False, name=None)
    return {
        (area, period): tuple(None if pd.isna(cell) else cell for cell in cells)
        for area, period, *cells in rows
    }


def test_renamed_is_carried_merged_is_added_and_split_is_said() -> None:
    table = table_of(
        ("1", "2020", 4, 20, "ok"),
        ("one", "2021", 5, 21, "ok"),
        ("7", "2021", 6, 30, "ok"),
        ("9", "2021", 8, 40, "ok"),
        ("9", "2022", 15, 71, "ok"),
        ("5", "2021", 9, 50, "ok"),
        ("5", "2022", 5, 26, "ok"),
        ("6", "2022", 4, 25, "ok"),
    )
    carried = carry_figures(table, HISTORY, [YOUNG])
    assert figures(carried) == {
        ("one", "2020"): (4, 20, "ok", "renamed"),
        ("one", "2021"): (5, 21, "ok", ""),
        ("9", "2021"): (14, 70, "ok", "merged"),
        ("9", "2022"): (15, 71, "ok", ""),
        ("5", "2020"): (None, None, "missing", "split"),
        ("6", "2020"): (None, None, "missing", "split"),
        ("5", "2021"): (None, None, "missing", "split"),
        ("6", "2021"): (None, None, "missing", "split"),
        ("5", "2022"): (5, 26, "ok", ""),
        ("6", "2022"): (4, 25, "ok", ""),
    }
    merged = carried[(carried["area_id"] == "9") & (carried["period"] == "2021")]
    assert merged["value"].tolist() == [0.2]


def test_what_is_withheld_or_missing_of_one_part_is_so_of_the_sum() -> None:
    hidden = table_of(("7", "2021", None, 30, "protected"), ("9", "2021", 8, 40, "ok"))
    assert figures(carry_figures(hidden, HISTORY, [YOUNG]))["9", "2021"][:3] == (None, None, "protected")
    alone = table_of(("9", "2021", 8, 40, "ok"))
    assert figures(carry_figures(alone, HISTORY, [YOUNG]))["9", "2021"][2] == "missing"
    bare = YOUNG.model_copy(update={"base_known": False})
    both = table_of(("7", "2021", 3, 10, "ok"), ("9", "2021", 4, 10, "ok"))
    assert figures(carry_figures(both, HISTORY, [bare]))["9", "2021"][2] == "missing"


def test_the_municipality_is_what_figures_are_held_against() -> None:
    table = table_of(("1", "2020", 4, 20, "ok"), ("@municipality", "2020", 10, 100, "ok"))
    carried = carry_figures(table, HISTORY, [YOUNG]).set_index("area_id")
    assert carried.loc["one", "ratio"] == pytest.approx(2)
    assert carried.loc["@municipality", "numerator"] == 10


def test_categories_follow_as_far_as_they_can() -> None:
    rows = [("1", "at_risk", 5.0), ("7", "deprived", 9.0), ("9", "deprived", 8.0), ("5", "at_risk", 4.0)]
    frame = pd.DataFrame(rows, columns=["area_id", "category", "points"]).assign(
        period="2021", model="m", possible=None
    )
    carried = carry_categories(frame.assign(period="2020"), HISTORY).set_index("area_id")
    assert carried["category"].to_dict() == {"one": "at_risk", "9": "deprived"}
    assert carried.loc["one", "points"] == 5 and pd.isna(carried.loc["9", "points"])
    differing = frame.assign(category=["at_risk", "deprived", "at_risk", "at_risk"])
    nine = carry_categories(differing, HISTORY).set_index("area_id").loc["9"]
    assert (nine["category"], nine["possible"], nine["history"]) == ("range", "deprived, at_risk", "merged")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=6))
def test_no_person_is_lost_or_made_where_areas_merge(counts: list[tuple[int, int]]) -> None:
    """However many areas become one, and by whatever steps: their people are the same."""
    names = [f"a{number}" for number in range(len(counts))]
    steps = []
    for number in range(1, len(names)):
        before = names[0] if number == 1 else f"m{number - 1}"
        steps += [
            AreaChange(before, f"m{number}", str(2010 + number), "merged"),
            AreaChange(names[number], f"m{number}", str(2010 + number), "merged"),
        ]
    rows = [(name, "2010", met, met + rest, "ok") for name, (met, rest) in zip(names, counts, strict=True)]
    carried = carry_figures(table_of(*rows), AreaHistory(tuple(steps)), [YOUNG])
    assert carried["area_id"].tolist() == [f"m{len(names) - 1}"]
    assert carried["numerator"].sum() == sum(met for met, _ in counts)
    assert carried["denominator"].sum() == sum(met + rest for met, rest in counts)
