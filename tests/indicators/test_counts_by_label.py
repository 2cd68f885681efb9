"""One road: counts by the labels of addresses are those of rows joined with their areas, and of everybody."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo_bosoc as gb
from geo_bosoc.indicators import Side

X, Y = 575_000.0, 6_220_000.0
AREAS = gpd.GeoDataFrame(
    {"area_id": ["1", "2", "9"]},
    geometry=[
        shapely.box(X, Y, X + 100, Y + 100),
        shapely.box(X + 100, Y, X + 200, Y + 100),
        shapely.box(X + 150, Y, X + 250, Y + 100),
    ],
    crs=25832,
)
ADDRESSES = pl.DataFrame(
    {
        "address_id": ["in1", "in2", "both", "none", "blank"],
        "x": [X + 10, X + 110, X + 160, X + 500, None],
        "y": [Y + 10, Y + 10, Y + 10, Y + 10, None],
    }
)
YOUNG = gb.Indicator(
    id="young",
    label_da="Under 25",
    label_en="Under 25",
    unit="percent",
    denominator=Side(),
    numerator=Side(where="age < 25"),
)
ONCE = YOUNG.model_copy(update={"id": "once", "distinct": "person"})
NUMBERS = ["numerator", "denominator", "unknown"]


def by_joins(persons: pl.LazyFrame, report: gb.Report) -> pd.DataFrame:
    """The same counts by way of `join_areas` and `count_everyone`."""
    located = gb.locate(ADDRESSES, AREAS, report=report)
    joined = gb.join_areas(persons, located, on="address_id")
    indicators = [YOUNG, ONCE]
    periods = persons.collect()["period"].unique().sort().to_list()
    of_areas = gb.count_indicators(
        {"persons": joined}, indicators, areas=AREAS, periods=periods, report=report
    )
    inside = persons.filter(pl.col("address_id").is_in(["in1", "in2", "both"]).fill_null(False))
    references = [
        gb.count_indicators(
            gb.count_everyone({"persons": rows}, area_id),
            indicators,
            areas=[area_id],
            periods=periods,
            report=report,
        )
        for area_id, rows in (("@municipality", persons), ("@areas", inside))
    ]
    return pd.concat([of_areas, *references], ignore_index=True)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["p1", "p2", "p3"]),
            st.sampled_from(["2023", "2024"]),
            st.sampled_from([*ADDRESSES["address_id"], "gone", None]),
            st.sampled_from([20, 40, None]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_labels_give_what_joins_give(rows: list[tuple[str, str, str | None, int | None]]) -> None:
    schema = {"person_id": pl.String, "period": pl.String, "address_id": pl.String, "age": pl.Int64}
    persons = pl.LazyFrame(rows, schema=schema, orient="row")
    report = gb.Report()
    labels = gb.label_addresses(ADDRESSES, AREAS, report=report)
    periods = persons.collect()["period"].unique().sort().to_list()
    counts = gb.count_indicators(
        {"persons": persons}, [YOUNG, ONCE], labels=labels, areas=AREAS, periods=periods, report=report
    )
    expected = by_joins(persons, report)
    pd.testing.assert_frame_equal(counts, expected, check_dtype=False)
    (match,) = report.facts["match"].values()
    assert sum(statuses["rows"] for period in match.values() for statuses in period.values()) == len(rows)
    located = gb.locate(ADDRESSES, AREAS, report=report)
    assert match == gb.match_report(persons, located, ADDRESSES, person="person_id")


def test_a_finished_table_beside_persons_keeps_its_own_municipality() -> None:
    persons = pl.LazyFrame({"person_id": ["p1"], "period": ["2024"], "address_id": ["in1"], "age": [20]})
    table = pl.LazyFrame(
        {"area_id": ["1", "2", "9", "@municipality"], "period": ["2024"] * 4, "charged": [1, 2, 3, 50]}
    )
    charged = gb.Indicator(
        id="charged",
        label_da="Sigtede",
        label_en="Charged",
        unit="count",
        denominator=Side(register="police", sum="charged"),
    )
    counts = gb.count_indicators(
        {"persons": persons, "police": table},
        [YOUNG, charged],
        labels={"persons": gb.label_addresses(ADDRESSES, AREAS, report=gb.Report())},
        areas=AREAS,
        report=gb.Report(),
    ).set_index(["area_id", "indicator"])
    assert counts.loc[("@municipality", "charged"), "denominator"] == 50
    assert counts.loc[("@areas", "charged"), "denominator"] == 6
    assert counts.loc[("@municipality", "young"), NUMBERS].tolist() == [1, 1, 0]


def test_rows_with_neither_area_nor_labels_are_an_error() -> None:
    persons = pl.LazyFrame({"person_id": ["p1"], "period": ["2024"], "address_id": ["in1"], "age": [20]})
    with pytest.raises(gb.InputError, match=r"The register persons has no column area_id, and no labels\."):
        gb.count_indicators({"persons": persons}, [YOUNG], labels={})


def test_a_register_without_parts_is_named() -> None:
    labels = gb.label_addresses(ADDRESSES, AREAS, report=gb.Report())
    with pytest.raises(gb.InputError, match="The register persons has no parts"):
        gb.count_indicators({"persons": []}, [YOUNG], labels=labels)
