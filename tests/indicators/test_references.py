"""Rest, groups, outside and given references: counts that add up, and the status of what is not there."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_bosoc.indicators import (
    Indicator,
    Side,
    group_rows,
    indicator_table,
    rest_of_municipality,
    with_references,
)
from geo_bosoc.indicators.references import given_rows, outside_rows

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
CRIME = Indicator(id="crime", denominator=Side(), numerator=Side(where="charged"), label_da="Sigtede")
COUNT = Indicator(id="residents", denominator=Side(), unit="count", label_da="Beboere")


def rows(*figures: tuple[object, ...], spec: Indicator = CRIME) -> pd.DataFrame:
    """An indicator table of 2024: area, numerator, denominator, unknown, status."""
    frame = [(area, "2024", spec.id, n, d, u, status) for area, n, d, u, status in figures]
    counts = pd.DataFrame(frame, columns=COLUMNS).astype(
        dict.fromkeys(("numerator", "denominator", "unknown"), "Int64")
    )
    return indicator_table(counts, [spec])


COUNTS = st.tuples(st.integers(0, 40), st.integers(1, 60), st.integers(0, 9))


@given(st.lists(COUNTS, min_size=1, max_size=5), COUNTS, st.sampled_from(["exclude", "met", "not_met"]))
def test_area_and_rest_are_the_municipality(
    areas: list[tuple[int, int, int]], others: tuple[int, int, int], unknown: str
) -> None:
    spec = CRIME.model_copy(update={"unknown": unknown})
    of_areas = [(str(n), a, a + b + c, c, "ok") for n, (a, b, c) in enumerate(areas)]
    a, b, c = (sum(parts) for parts in zip(*areas, others, strict=True))
    table = rows(*of_areas, spec=spec)
    municipality = rows(("@municipality", a, a + b + c, c, "ok"), spec=spec)
    rest = rest_of_municipality(table, municipality, [spec])
    everybody = float(municipality["value"].iloc[0])
    base = b + a if unknown == "exclude" else a + b + c
    for area, reference in zip(table.itertuples(), rest.itertuples(), strict=True):
        own_base = base - int(reference.denominator)
        assert own_base * area.value + int(reference.denominator) * reference.value == pytest.approx(
            base * everybody
        )


def test_a_figure_that_is_not_there_has_no_rest() -> None:
    table = rows(("a", None, 40, None, "protected"), ("b", 9, 40, 0, "ok"), ("c", 90, 400, 0, "ok"))
    municipality = rows(("@municipality", 60, 300, 0, "ok"))
    rest = rest_of_municipality(table, municipality, [CRIME])
    assert rest["status"].tolist() == ["protected", "ok", "missing"]  # c has more than the municipality
    assert rest["numerator"].tolist() == [pd.NA, 51, pd.NA]
    assert rest_of_municipality(table, municipality.iloc[:0], [CRIME])["status"].tolist()[1] == "missing"


def test_groups_add_up_and_hide_with_a_member() -> None:
    table = rows(("a", 6, 40, 2, "ok"), ("b", 9, 60, 0, "ok"), ("c", None, 50, None, "protected"))
    groups = group_rows(table, {"west": ["a", "b"], "all": ["a", "b", "c"], "gone": ["a", "x"]}, [CRIME])
    assert groups["area_id"].tolist() == ["@group:west", "@group:all", "@group:gone"]
    assert groups["status"].tolist() == ["ok", "protected", "missing"]
    assert groups["value"].iloc[0] == pytest.approx(15 / 98)
    assert groups["value"].isna().tolist() == [False, True, True]


def test_outside_and_given_references() -> None:
    references = rows(("@municipality", 60, 300, 0, "ok"), ("@areas", 40, 100, 0, "ok"))
    assert outside_rows(references, [CRIME])["value"].tolist() == [20 / 200]
    printed = pd.DataFrame(
        [("@region", "crime", "2024", 30, 100, 0.3), ("@national", "crime", "2024", None, None, 0.25)],
        columns=["reference", "indicator", "period", "numerator", "denominator", "value"],
    )
    shown = given_rows(printed, [CRIME], references[:1])
    assert shown["value"].tolist() == [0.3, 0.25]
    assert shown["low"].isna().tolist() == [False, True]
    assert shown["ratio"].tolist() == pytest.approx([1.5, 1.25])
    assert shown["numerator"].tolist() == [30, pd.NA]


def test_the_reference_is_the_one_that_is_chosen() -> None:
    references = rows(("@municipality", 60, 300, 0, "ok"), ("@areas", 40, 100, 0, "ok"))
    table = rows(("a", 20, 50, 0, "ok")).assign(reference=0.2, ratio=2.0)
    assert with_references(table, references, [CRIME]) is table
    for reference, value in (("@rest", 40 / 250), ("@areas", 0.4), ("@region", float("nan"))):
        chosen = with_references(table, references, [CRIME.model_copy(update={"reference": reference})])
        assert chosen["reference_area"].tolist() == [reference]
        assert chosen["reference"].tolist() == pytest.approx([value], nan_ok=True)
        assert chosen["ratio"].tolist() == pytest.approx([0.4 / value], nan_ok=True)
    with pytest.raises(ValidationError, match="reference"):
        Indicator(**{**CRIME.model_dump(), "reference": "rest"})
