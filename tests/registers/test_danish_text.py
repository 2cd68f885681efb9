"""Danish numbers, dates, periods and marks in text."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.problems import InputError
from geo_bosoc.registers.infer_types import read_column
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import ValueCounts, infer_formats
from geo_bosoc.registers.tables.periods import to_period
from geo_bosoc.text.numbers import number

COUNT = RegisterSpec(path="t.csv", unit="count")
PERSON = RegisterSpec(path="t.csv", unit="person")


def read(values: list[str | None], spec: RegisterSpec = COUNT, decimal: str | None = ",") -> pl.DataFrame:
    """A column as the readers read it: tallied, decided, converted."""
    column = pl.Series("v", values, dtype=pl.String)
    counts = ValueCounts()
    counts.add(column, spec)
    formats, issues = infer_formats([counts], [decimal], [False], spec, as_text=False, file_marks=[None])
    assert not [issue for issue in issues if issue.what != "assumed_comma"]
    return column.to_frame().select(read_column("v", pl.String(), formats[0], spec))


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20), st.sampled_from(["da", "en"]))
@settings(max_examples=100)
def test_whole_numbers_written_in_a_language_are_read_back_equal(values: list[int], language: str) -> None:
    spec = RegisterSpec(path="t.csv", unit="count", decimal="," if language == "da" else ".")
    frame = read([number(value, language) for value in values], spec)
    assert frame["v"].to_list() == values
    assert frame["v"].dtype == pl.Int64


@given(
    st.lists(st.decimals(-(10**10), 10**10, places=3, allow_nan=False), min_size=1, max_size=20),
    st.sampled_from(["da", "en"]),
)
@settings(max_examples=100)
def test_decimals_written_in_a_language_are_read_back_equal(values: list, language: str) -> None:
    spec = RegisterSpec(path="t.csv", unit="count", decimal="," if language == "da" else ".")
    frame = read([number(float(value), language, 3) for value in values], spec)
    assert frame["v"].to_list() == [float(f"{float(value):.3f}") for value in values]


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
@settings(max_examples=200)
def test_a_float_written_with_a_comma_is_read_back_to_the_bit(value: float) -> None:
    if abs(value) >= 1e18:
        value = value % 1e6
    spec = RegisterSpec(path="t.csv", unit="count", decimal=",")
    frame = read([repr(value).replace(".", ",") if "." in repr(value) else f"{value!r}", "0,5"], spec)
    assert frame["v"][0] == value


@given(st.dates(datetime.date(1500, 1, 1), datetime.date(2199, 12, 31)))
@settings(max_examples=60)
def test_dates_in_every_form(day: datetime.date) -> None:
    forms = [
        "%Y-%m-%d",
        "%d-%m-%Y",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%Y-%m-%d 00:00:00",
        "%Y-%m-%dT12:00:00.000+02:00",
    ]
    year = f"{day.year:04d}"
    written = [day.strftime(form.replace("%Y", year)) for form in forms]
    written += [f"{year}{day:%m%d}", f"{year}{day:%m%d}1200", f"{day.day}-{day.month}-{year}"]
    assert read([*written, "31-12-9999"])["v"].to_list() == [day] * len(written) + [
        datetime.date(9999, 12, 31)
    ]


def test_days_that_the_calendar_does_not_have_are_no_dates() -> None:
    frame = pl.DataFrame({"v": ["2024-02-30", "31-04-2024", "20241301", "2024", "x", None]})
    assert frame.select(text.to_date(pl.col("v"))).to_series().null_count() == 6


def test_thousands_with_points_and_spaces() -> None:
    assert read(["1.234", "12.345.678", "7", "1 234", "1\u00a0234"])["v"].to_list() == [
        1234,
        12345678,
        7,
        1234,
        1234,
    ]
    assert read(["1.234,5", "0,25", "-3"])["v"].to_list() == [1234.5, 0.25, -3.0]
    assert read(["1,234.5", ".25", "1e3"], decimal=".")["v"].to_list() == [1234.5, 0.25, 1000.0]
    assert read(["40.7", "0.5"])["v"].to_list() == [40.7, 0.5]  # the figures themselves show the point


def test_codes_with_leading_zeros_stay_text() -> None:
    assert read(["0751", "101", "461"])["v"].to_list() == ["0751", "101", "461"]
    assert read(["0", "0,5", "10"])["v"].dtype == pl.Float64


def test_numbers_too_long_for_a_number_stay_text() -> None:
    assert read(["12345678901234567890", "1"])["v"].dtype == pl.String


def test_marks_in_a_finished_count() -> None:
    frame = read(["12", "..", "<5", "*", "-", ".", "•", "...", "", None, "NULL", "NA", "< 3"])
    assert frame["v"].to_list() == [12, None, None, None, 0, *[None] * 8]
    assert frame["v__mark"].to_list() == [
        None,
        "protected",
        "protected",
        "protected",
        None,
        "not_applicable",
        "not_applicable",
        *["missing"] * 5,
        "protected",
    ]


def test_a_dash_is_zero_only_among_whole_numbers_of_a_count() -> None:
    assert read(["4,5", "-"])["v"].to_list() == [4.5, None]
    assert read(["4,5", "-"])["v__mark"].to_list() == [None, "missing"]
    assert read(["4", "-"], PERSON)["v"].to_list() == [4, None]


def test_empty_cells_alone_need_no_marks() -> None:
    assert read(["4", "", None]).columns == ["v"]


def test_marks_of_the_users_own() -> None:
    spec = RegisterSpec(path="t.csv", unit="count", missing=["uoplyst"], protected=["skjult"])
    frame = read(["4", "uoplyst", "skjult"], spec)
    assert frame["v"].to_list() == [4, None, None]
    assert frame["v__mark"].to_list() == [None, "missing", "protected"]


def test_text_keeps_what_may_be_codes() -> None:
    frame = read(["work", "-", ".", "*", "<5", "", "..."], PERSON)
    assert frame["v"].to_list() == ["work", "-", ".", "*", "<5", None, None]


def test_truth_values() -> None:
    assert read(["true", "FALSE", "", "SAND", "Falsk"])["v"].to_list() == [True, False, None, True, False]
    assert read(["ja", "nej"])["v"].to_list() == ["ja", "nej"]
    assert read(["1", "0"])["v"].to_list() == [1, 0]


def test_nothing_but_marks() -> None:
    assert read(["<5", ".."])["v"].dtype == pl.Int64
    assert read(["", None])["v"].dtype == pl.Null


@pytest.mark.parametrize(
    ("written", "year", "quarter"),
    [
        ("2024", "2024", "2024"),
        ("2024K3", "2024K3", "2024K3"),
        ("2024q3", "2024K3", "2024K3"),
        ("2024 K3", "2024K3", "2024K3"),
        ("2012-10-02", "2012", "2012K4"),
        ("01-07-2013", "2013", "2013K3"),
        ("20240101", "2024", "2024K1"),
        ("2024M06", "2024", "2024K2"),
        ("2024-06", "2024", "2024K2"),
        ("spring", None, None),
        ("2024/25", "2025", "2025"),
        ("2024/2025", "2025", "2025"),
        ("2024/26", None, None),
    ],
)
def test_periods(written: str, year: str | None, quarter: str | None) -> None:
    frame = pl.DataFrame({"v": [written]})
    assert frame.select(to_period(pl.col("v"), "year")).item() == year
    assert frame.select(to_period(pl.col("v"), "quarter")).item() == quarter


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_comma_before_three_digits_is_asked_about(tmp_path: Path, suffix: str) -> None:
    """1,234 among figures that do not tell is a thousand to an English program and one and a bit to a Danish one."""
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text("area_id;n\nA;12\nB;1,234\n", encoding="utf-8")
    else:
        path.write_text('[{"area_id": "A", "n": "12"}, {"area_id": "B", "n": "1,234"}]', encoding="utf-8")
    with pytest.raises(InputError, match=r'1,234 may be .*decimal = "\." \(it is a thousand\)'):
        read_register(path, unit="count", period="2024")
    frame = read_register(path, unit="count", period="2024", decimal=".").collect()
    assert frame["n"].to_list() == [12, 1234]
