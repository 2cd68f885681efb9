"""Person numbers: found where they hide, not seen where they are not, hashed alike however they are written."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.problems import Report
from geo_bosoc.problems.person_number_forms import plain_text
from geo_bosoc.text import find_person_numbers, person_numbers

DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2057, 12, 31))


def found_in_text(value: str) -> bool:
    test = find_person_numbers.person_number("v", pl.String)
    assert test is not None
    return bool(pl.DataFrame({"v": [value]}).select(test).item())


def found_in_number(value: float, dtype: type[pl.DataType], **options: bool) -> bool:
    test = find_person_numbers.person_number("v", dtype, **options)
    assert test is not None
    return bool(pl.DataFrame({"v": [value]}, schema={"v": dtype}).select(test).item())


@pytest.mark.parametrize(
    "value",
    [
        "0102034567",
        "010203-4567",
        "010203 4567",
        "010203–4567",
        " 010203-4567 ",
        "610203-4567",  # a replacement number: day 1 + 60
        "910103-4567",  # day 31 + 60
        "2902004567",
        "Ring til mor (010203-4567), ikke far",
        "barn:0102034567.",
        "cpr,0102034567,x",
        "010203-4567/2",
        "a\nb 0102034567\n",
    ],
)
def test_person_numbers_are_found_in_text(value: str) -> None:
    assert found_in_text(value)
    assert re.search(find_person_numbers.IN_TEXT, plain_text(value))


@pytest.mark.parametrize(
    "value",
    [
        "3002004567",  # 30 February
        "3104004567",  # 31 April
        "0013004567",
        "4512345678",  # a phone number with country code
        "+45 12 34 56 78",
        "550e8400-e29b-41d4-a716-446655440000",  # an address id
        "07511234_012B_ST_TV",  # a KVHX
        "0751123401234567890",
        "100m_61762_7197",
        "202401011200",
        "POINT (533640.5801010203 6152135.2)",
        "12.0102034567",
        "0102034567,25",
        "A0102034567",
        "01020345678",
        "0102-034567",
        "2024-01-01",
        "5123456",
        "",
    ],
)
def test_other_numbers_pass(value: str) -> None:
    assert not found_in_text(value)


@given(DATES, st.integers(0, 9999), st.sampled_from(["", "-", " "]), st.booleans())
@settings(max_examples=100)
def test_every_date_of_birth_is_found(day: datetime.date, serial: int, between: str, replaced: bool) -> None:
    first = f"{day.day + 60 * replaced:02d}{day:%m%y}"
    assert found_in_text(f"{first}{between}{serial:04d}")
    number = int(f"{first}{serial:04d}")
    assert found_in_number(number, pl.Int64, lost_zero=True)
    assert found_in_number(float(number), pl.Float64, lost_zero=True)
    assert found_in_number(number, pl.Int64) == (number >= 1_000_000_000)


@given(st.integers(-(10**12), 10**12))
@settings(max_examples=300)
def test_numbers_and_their_text_are_judged_alike(number: int) -> None:
    if number >= 10**9:
        assert found_in_number(number, pl.Int64) == found_in_text(str(number))
    elif not -(10**10) < number <= -(10**9):
        assert not found_in_number(number, pl.Int64)


def test_floats_that_are_no_whole_numbers_and_strange_ones_pass() -> None:
    for value in (1001901234.5, float("nan"), float("inf"), -1e300, 1e300, 6152135.2):
        assert not found_in_number(value, pl.Float64)
    assert find_person_numbers.person_number("v", pl.Int16) is None
    assert find_person_numbers.person_number("v", pl.Date) is None
    assert found_in_number(1001901234, pl.Int32)


def test_all_ways_of_writing_an_id_give_one_hash_and_other_ids_stay() -> None:
    ids = pl.Series(
        "pnr", ["010203-4567", "0102034567", "102034567", " 010203 4567", None, "P17", "", "P17 "]
    )
    hashed, count, lost = person_numbers.hash_ids(ids, person=True)
    assert hashed.to_list()[:4] == [hashed[0]] * 4
    assert hashed.to_list()[4:] == [None, "P17", None, "P17"]
    assert (count, lost) == (4, 1)
    assert len(hashed[0]) == 12
    assert not any(digits in hashed[0] for digits in ("0102", "4567"))
    numbers, _, lost = person_numbers.hash_ids(pl.Series("pnr", [102034567, None]), person=True)
    assert numbers.to_list() == [hashed[0], None]
    assert lost == 1
    floats, _, _ = person_numbers.hash_ids(pl.Series("pnr", [102034567.0]), person=True)
    assert floats[0] == hashed[0]


def test_in_a_person_register_the_shape_is_enough_elsewhere_the_date_decides() -> None:
    impossible = pl.Series("id", ["999999-9999", "010190AB12"])
    assert person_numbers.hash_ids(impossible, person=True)[1] == 2
    assert person_numbers.hash_ids(impossible, person=False)[1] == 0
    inside = pl.Series("id", ["sag 010203-4567/1"])
    assert person_numbers.hash_ids(inside, person=False)[1] == 1


def test_the_key_is_random_and_may_be_given() -> None:
    ids = pl.Series("id", ["0102034567"])
    given_key = person_numbers.hash_ids(ids, person=True, key=b"k" * 32)[0][0]
    assert given_key == person_numbers.pseudonym("010203-4567", b"k" * 32)
    program = "from geo_bosoc.text.person_numbers import pseudonym; print(pseudonym('0102034567'))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() not in (person_numbers.pseudonym("0102034567"), given_key)


def test_boundary_attributes_with_person_numbers_are_errors_without_the_value() -> None:
    layer = gpd.GeoDataFrame(
        {
            "area_id": ["0751", "0752", "0753"],
            "contact": ["x", None, "Jens 010203-4567"],
            "owner": [1, 2102034567, 3],
            "bfe": [1001901234, 2, 3],
            "share": [0.5, None, 1.0],
            "day": pd.to_datetime(["2024-01-01"] * 3),
        },
        geometry=gpd.points_from_xy([1, 2, 3], [1, 2, 3]),
    )
    report = Report()
    person_numbers.check_attributes(layer, report, file="areas.gpkg", allowed=["bfe"])
    assert [(p.file, p.column, p.row) for p in report.errors] == [
        ("areas.gpkg", "contact", 3),
        ("areas.gpkg", "owner", 2),
    ]
    told = " ".join(map(str, report.problems))
    assert "4567" not in told
    assert "Jens" not in told


PIECES = st.sampled_from(
    [*"0123456789", "-", " ", "\t", "P", "a", "æ", "٣", "–", "0102", "034567", "142034567"]
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=12).map("".join) | st.none(), min_size=100, max_size=120))
def test_the_quick_look_misses_no_id_that_is_hashed(ids: list[str | None]) -> None:
    column = pl.col("id")
    frame = pl.DataFrame({"id": ids}, schema={"id": pl.String}).with_columns(
        pl.any_horizontal(*(person_numbers.id_to_hash(column, person=person) for person in (True, False)))
        .fill_null(False)
        .alias("hashed")
    )
    by_id = (
        frame.with_row_index()
        .group_by("index")
        .agg(person_numbers.any_may_be_hashed(column).alias("possible"), pl.col("hashed").any())
    )
    assert by_id.filter(pl.col("hashed") & ~pl.col("possible")).is_empty()
    assert frame.select(person_numbers.any_may_be_hashed(column)).item() == by_id["possible"].any()


@pytest.mark.parametrize("held", ["142034567", "0102034567", "12345abcd", " 0102034567", "id 010203-4567"])
def test_the_quick_look_sees_one_among_many(held: str) -> None:
    frame = pl.DataFrame({"id": ["P00000001", "x", None, held]})
    assert frame.select(person_numbers.id_to_hash(pl.col("id"), person=True).any()).item()
    assert frame.select(person_numbers.any_may_be_hashed(pl.col("id"))).item()
    assert not frame.head(3).select(person_numbers.any_may_be_hashed(pl.col("id"))).item()
