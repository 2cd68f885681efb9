"""Registers to areas by way of their addresses, and the account of what became of every row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.io.plugins import register_io_source

from geo_bosoc.locate.join import join_areas, locate
from geo_bosoc.locate.labels import MATCH_STATUSES, label_points
from geo_bosoc.locate.match_report import match_report
from geo_bosoc.problems import InputError, Report

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
OUTLINE = gpd.GeoDataFrame(geometry=[shapely.box(X - 1000, Y - 1000, X + 1000, Y + 1000)], crs=25832)
ADDRESSES = pl.DataFrame(
    {
        "address_id": ["in1", "in2", "both", "none", "abroad", "blank"],
        "x": [X + 10, X + 110, X + 160, X + 500, X + 5000, None],
        "y": [Y + 10, Y + 10, Y + 10, Y + 10, Y + 10, None],
    }
)
REGISTER = pl.LazyFrame(
    {
        "person_id": ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p1", None],
        "period": ["2024"] * 8 + ["2023", "2023"],
        "address_id": ["in1", "in1", "in2", "both", "none", "abroad", "blank", "gone", None, "in1"],
    }
)


def test_joining_gives_each_row_its_areas() -> None:
    joined = join_areas(REGISTER, locate(ADDRESSES, AREAS), on="address_id")
    assert isinstance(joined, pl.LazyFrame)
    table = joined.collect(engine="streaming").with_columns(pl.col("area_id").cast(pl.String))
    assert table.columns == ["person_id", "period", "address_id", "area_id"]
    counts = dict(table.group_by("area_id").len().iter_rows())
    assert counts == {"1": 3, "2": 2, "9": 1, None: 5}
    assert sorted(table.filter(address_id="both")["area_id"]) == ["2", "9"]


def test_the_account_by_hand() -> None:
    located = locate(ADDRESSES, AREAS)
    account = match_report(REGISTER, located, ADDRESSES, person="person_id", outline=OUTLINE)
    one = {"rows": 1, "persons": 1, "addresses": 1}
    assert account == {
        "2023": {
            "in_one_area": {"rows": 1, "persons": 0, "addresses": 1},
            "without_address": {"rows": 1, "persons": 1, "addresses": 0},
        },
        "2024": {
            "in_one_area": {"rows": 3, "persons": 3, "addresses": 2},
            "in_several_areas": one,
            "in_no_area": one,
            "outside_municipality": one,
            "without_coordinates": one,
            "address_not_found": one,
        },
    }
    assert list(account["2024"]) == [fate for fate in MATCH_STATUSES if fate in account["2024"]]
    without = match_report(REGISTER.drop("period"), located, ADDRESSES)
    assert without["all"]["in_no_area"] == {"rows": 2, "addresses": 2}


def test_registers_with_coordinates_of_their_own() -> None:
    register = REGISTER.join(ADDRESSES.lazy(), on="address_id", how="left").drop("address_id")
    points = register.select("x", "y").unique()
    located = locate(points, AREAS, on=["x", "y"])
    joined = join_areas(register, located, on=["x", "y"]).collect()
    assert joined["area_id"].drop_nulls().len() == 6
    account = match_report(register, located, on=["x", "y"], outline=OUTLINE)
    assert account["2024"]["in_one_area"] == {"rows": 3, "addresses": 2}
    assert account["2024"]["without_address"]["rows"] == 2
    assert sum(fate["rows"] for period in account.values() for fate in period.values()) == 10


def test_rows_that_come_in_another_order_each_time() -> None:
    """A register made by a join does not promise an order: its rows must not change places with each other's labels."""
    rows = REGISTER.collect()
    turns = itertools.cycle([rows, rows.reverse(), rows.sample(fraction=1, shuffle=True, seed=1)])

    def rows_in_turn(
        columns: list[str] | None, condition: pl.Expr | None, limit: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        frame = next(turns).lazy()
        frame = frame if condition is None else frame.filter(condition)
        frame = frame if columns is None else frame.select(columns)
        yield (frame if limit is None else frame.head(limit)).collect()

    register = register_io_source(rows_in_turn, schema=rows.schema)
    located = locate(ADDRESSES, AREAS)
    expected = match_report(REGISTER, located, ADDRESSES, person="person_id", outline=OUTLINE)
    for _ in range(3):
        assert match_report(register, located, ADDRESSES, person="person_id", outline=OUTLINE) == expected


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*ADDRESSES["address_id"], "gone", None]), st.sampled_from(["a", "b"]))
    )
)
def test_every_row_has_one_fate_and_areas_add_up(rows: list[tuple[str | None, str]]) -> None:
    register = pl.LazyFrame(
        {"address_id": [row[0] for row in rows], "period": [row[1] for row in rows]},
        schema={"address_id": pl.String, "period": pl.String},
    )
    located = locate(ADDRESSES, AREAS)
    account = match_report(register, located, ADDRESSES, outline=OUTLINE)
    total = {
        fate: sum(period.get(fate, {"rows": 0})["rows"] for period in account.values())
        for fate in MATCH_STATUSES
    }
    assert sum(total.values()) == len(rows)
    joined = join_areas(register, located, on="address_id").collect()
    assert joined["area_id"].null_count() == len(rows) - total["in_one_area"] - total["in_several_areas"]
    assert len(joined) == len(rows) + total["in_several_areas"], "two areas each"


def test_keys_of_unlike_types() -> None:
    numbers = ADDRESSES.with_columns(address_id=pl.Series(range(6)))
    located = locate(numbers, AREAS)
    small = pl.LazyFrame({"address_id": pl.Series([0, 2], dtype=pl.Int16), "period": ["2024", "2024"]})
    assert join_areas(small, located, on="address_id").collect()["area_id"].to_list() == ["1", "2", "9"]
    assert match_report(small, located, numbers)["2024"]["in_several_areas"]["rows"] == 1
    coded = REGISTER.with_columns(pl.col("address_id").cast(pl.Categorical))
    assert join_areas(coded, locate(ADDRESSES, AREAS), on="address_id").collect()["area_id"].null_count() == 5
    with pytest.raises(InputError, match="text in the register and a number in the address table"):
        join_areas(REGISTER, located, on="address_id")


def test_what_cannot_be_joined() -> None:
    located = locate(ADDRESSES, AREAS)
    with pytest.raises(InputError, match="already"):
        join_areas(REGISTER.with_columns(area_id=pl.lit("1")), located, on="address_id")
    with pytest.raises(InputError, match='no column "adresse"'):
        join_areas(REGISTER, located, on="adresse")
    with pytest.raises(InputError, match='no column "cpr"'):
        match_report(REGISTER, located, ADDRESSES, person="cpr")


def test_splitting_the_register_gives_the_same_counts() -> None:
    random = np.random.default_rng(2)
    register = pl.DataFrame(
        {"address_id": random.choice([*ADDRESSES["address_id"], "gone"], 500), "period": "2024"}
    )
    located = locate(ADDRESSES, AREAS, report=Report())

    def counts(part: pl.DataFrame) -> dict[str | None, int]:
        joined = join_areas(part.lazy(), located, on="address_id")
        return dict(joined.group_by(pl.col("area_id").cast(pl.String)).len().collect().iter_rows())

    whole, one, two = counts(register), counts(register[:123]), counts(register[123:])
    assert whole == {area: one.get(area, 0) + two.get(area, 0) for area in whole}


def test_a_match_by_hash_is_confirmed_by_a_second_hash() -> None:
    """Text keys are joined by a hash; where the second one differs, the row's address is not in the table."""
    located = locate(ADDRESSES, AREAS)
    labels = label_points(["address_id"], ADDRESSES, located, None)
    rows = pl.LazyFrame({"address_id": ["in1", "both", "gone", None, "in1"]})
    points = labels.points["address_id"].to_list()
    expected = [points.index("in1"), points.index("both"), len(points), len(points) + 1, points.index("in1")]
    assert labels.numbers_of(rows).tolist() == expected
    hashed = labels._hashed_points
    assert hashed is not None
    labels.__dict__["_hashed_points"] = (hashed[0], hashed[1] + np.uint64(1))
    assert labels.numbers_of(rows).tolist() == [len(points)] * 3 + [len(points) + 1, len(points)]
    labels.__dict__["_hashed_points"] = None  # two addresses of one hash: the text itself is joined
    assert labels.numbers_of(rows).tolist() == expected
