"""Instants are Danish days in every format; school years and months are told apart or asked about. Made-up data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from geo_bosoc import read_register
from geo_bosoc.problems import InputError, Report
from geo_bosoc.text.days import danish_day, to_date

# Denmark is one hour ahead of UTC in winter and two in summer, from the last Sunday of March to that of October.
INSTANTS = {
    "2023-12-31T22:59:59Z": date(2023, 12, 31),
    "2023-12-31T23:00:00Z": date(2024, 1, 1),
    "2024-06-30T21:59:59.999999Z": date(2024, 6, 30),
    "2024-06-30T22:00:00.000000Z": date(2024, 7, 1),
    "2023-12-31T23:30:00+00:00": date(2024, 1, 1),
    "2023-12-31T23:30:00+0000": date(2024, 1, 1),
    "2023-12-31 23:30:00+00": date(2024, 1, 1),
    "2023-12-31 23:30:00.123 +00:00": date(2024, 1, 1),
    "2024-01-01T00:30:00+01:00": date(2024, 1, 1),
    "2024-01-01T00:30:00+0200": date(2023, 12, 31),
    "2023-12-31T18:30:00-05:00": date(2024, 1, 1),
    "20231231T233000Z": date(2024, 1, 1),
    "31-12-2023 23:30:00Z": date(2024, 1, 1),
    "2023-12-31T23:30:00Z[UTC]": date(2024, 1, 1),
    "2023-12-31T24:00:00Z": date(2024, 1, 1),
    "9999-12-31T23:30:00Z": date(9999, 12, 31),
    "9999-12-31T00:00:00+01:00": date(9999, 12, 31),
    "0001-01-01T00:00:00Z": date(1, 1, 1),
}
NAIVE = {
    "2023-01-13 13:22:29.845414": date(2023, 1, 13),
    "2023-12-31T23:30:00": date(2023, 12, 31),
    "13-01-2023 13:22": date(2023, 1, 13),
    "13.01.2023 kl. 13.22": date(2023, 1, 13),
    "13/1/2023 9:05": date(2023, 1, 13),
    "2023/01/13": date(2023, 1, 13),
    "2023-01-13+01:00": date(2023, 1, 13),
    "2023-01-13Z": date(2023, 1, 13),
    "03-04-2024": date(2024, 4, 3),
    "29-02-2024": date(2024, 2, 29),
}
NO_DATES = ["29-02-2023", "04/25/2024", "03-04-24", "2023-01-13T13", "2024-01-01T00:00:00+99:00", "24:00", ""]


def days(texts: list[str]) -> list[date | None]:
    return pl.DataFrame({"t": texts}, schema={"t": pl.String}).select(to_date(pl.col("t")))["t"].to_list()


@pytest.mark.parametrize("alone", [True, False])
def test_an_instant_with_a_zone_is_the_day_in_denmark(alone: bool) -> None:
    texts = list(INSTANTS | NAIVE)
    read = [days([text])[0] for text in texts] if alone else days(texts)
    assert dict(zip(texts, read, strict=True)) == INSTANTS | NAIVE
    assert days(NO_DATES) == [None] * len(NO_DATES)


def test_times_with_a_zone_in_any_unit_and_zone() -> None:
    times = [
        datetime(2023, 12, 31, 23, 30),
        datetime(2024, 6, 30, 22, 0),
        datetime(9999, 12, 31, 23, 30),
        None,
    ]
    right = [date(2024, 1, 1), date(2024, 7, 1), date(9999, 12, 31), None]
    for unit in ("ms", "us"):
        for zone in ("UTC", "America/New_York", "Europe/Copenhagen"):
            column = pl.Series("t", times, pl.Datetime(unit)).dt.replace_time_zone("UTC")
            column = column.dt.convert_time_zone(zone)
            assert (
                column.to_frame().select(danish_day(pl.col("t"), column.dtype))["t"].to_list()[:2]
                == right[:2]
            )
    naive = pl.Series("t", times, pl.Datetime("us"))
    assert naive.to_frame().select(danish_day(pl.col("t"), naive.dtype))["t"].to_list()[0] == date(
        2023, 12, 31
    )


def write(folder: Path, kind: str, texts: list[str]) -> Path:
    """The same rows in a format."""
    path = folder / f"t.{kind}"
    ids, areas = [str(n) for n in range(len(texts))], ["A"] * len(texts)
    frame = pl.DataFrame({"id": ids, "omr": areas, "dato": texts})
    if kind == "csv":
        frame.write_csv(path, separator=";")
    elif kind == "json":
        path.write_text(json.dumps(frame.to_dicts()), encoding="utf-8")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [frame.columns, *frame.rows()]:
            book.active.append(row)
        book.save(path)
    else:
        frame.write_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "parquet"])
@pytest.mark.parametrize("use", ["period", "event", "spell"])
def test_the_day_is_danish_in_every_format_and_use(tmp_path: Path, kind: str, use: str) -> None:
    texts = ["2023-12-31T23:30:00Z", "2023-12-31T22:30:00Z", "2024-06-30 22:30:00+00:00"]
    path = write(tmp_path, kind, texts)
    fields = {
        "period": {"period": "dato", "period_by": "quarter"},
        "event": {"event": "dato", "period_by": "quarter"},
        "spell": {"period": "2024", "spell": {"from": "dato"}},
    }[use]
    frame = read_register(path, unit="case", id="id", area="omr", **fields).collect()
    if use == "spell":
        assert frame["dato"].to_list() == [date(2024, 1, 1), date(2023, 12, 31), date(2024, 7, 1)]
    else:
        assert frame["period"].to_list() == ["2024K1", "2023K4", "2024K3"]


@pytest.mark.parametrize("zone", ["UTC", None])
def test_parquet_times(tmp_path: Path, zone: str | None) -> None:
    times = [datetime(2023, 12, 31, 23, 30), datetime(2024, 6, 30, 22, 30)]
    column = pl.Series("dato", times).dt.replace_time_zone(zone)
    path = tmp_path / "t.parquet"
    pl.DataFrame({"id": ["1", "2"], "omr": ["A", "A"], "dato": column}).write_parquet(path)
    frame = read_register(
        path, unit="case", id="id", area="omr", period="dato", period_by="quarter"
    ).collect()
    assert frame["period"].to_list() == (["2024K1", "2024K3"] if zone else ["2023K4", "2024K2"])
    plain = read_register(path, unit="case", id="id", area="omr", period="2024", columns=["dato"]).collect()
    assert plain["dato"].to_list()[0] == (date(2024, 1, 1) if zone else date(2023, 12, 31))


def test_workbook_times_keep_their_day(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [
        ["id", "omr", "dato"],
        [1, "A", datetime(2023, 12, 31, 23, 30)],
        [2, "A", datetime(2024, 1, 1)],
    ]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    frame = read_register(tmp_path / "t.xlsx", unit="case", id="id", area="omr", period="dato").collect()
    assert frame["period"].to_list() == ["2023", "2024"]


def test_parquet_texts_that_are_no_dates_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet", ["2024-01-01", "04/25/2024", ""])
    report = Report()
    read_register(path, unit="case", id="id", area="omr", event="dato", report=report)
    assert [(p.file, p.column, p.row) for p in report.errors] == [("t.parquet", "dato", 2)]


# ---- school years


def periods(tmp_path: Path, texts: list[str], kind: str = "csv", **fields: str) -> tuple[list[str], Report]:
    report = Report()
    frame = read_register(
        write(tmp_path, kind, texts), unit="case", id="id", area="omr", period="dato", report=report, **fields
    ).collect()
    return frame["period"].to_list(), report


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "parquet"])
def test_pairs_of_years_and_months(tmp_path: Path, kind: str) -> None:
    """By hand: a school year is the year in which it ends, a month the year it lies in."""
    read, report = periods(tmp_path, ["2010-11", "2011-12", "2012-13"], kind)
    assert read == ["2011", "2012", "2013"]
    assert [p.level for p in report.problems] == ["note"]
    read, report = periods(tmp_path, ["2010-01", "2010-11", "2011-12"], kind)
    assert (read, report.problems) == (["2010", "2010", "2011"], [])
    read, report = periods(tmp_path, ["2010/11", "2011/12", "2023/24", "1999/00", "2009/2010"], kind)
    assert (read, report.problems) == (["2011", "2012", "2024", "2000", "2010"], [])
    read, report = periods(tmp_path, ["2010/01", "2010/11"], kind)
    assert (read, report.problems) == (["2010", "2010"], [])


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "parquet"])
def test_what_may_be_both_is_asked(tmp_path: Path, kind: str) -> None:
    read, report = periods(tmp_path, ["2010-11", "2011-12"], kind)
    assert read == []
    [problem] = report.errors
    assert problem.key == "period_by" and problem.column == "dato" and problem.file == f"t.{kind}"
    assert "2011" in problem.message and "2010" in problem.message
    assert 'period_by = "school_year"' in str(problem.hint)
    assert periods(tmp_path, ["2010-11", "2011-12"], kind, period_by="school_year")[0] == ["2011", "2012"]
    assert periods(tmp_path, ["2010-11", "2011-12"], kind, period_by="year")[0] == ["2010", "2011"]
    assert periods(tmp_path, ["2010-11", "2011-12"], kind, period_by="quarter")[0] == ["2010K4", "2011K4"]


def test_a_school_year_begins_on_the_first_of_august(tmp_path: Path) -> None:
    texts = ["2023-07-31", "2023-08-01", "2023M09", "2024", "2023-2024"]
    assert periods(tmp_path, texts, period_by="school_year")[0] == ["2023", "2024", "2024", "2024", "2024"]


@pytest.mark.parametrize(
    "texts",
    [
        ["2010-01", "2012-13"],  # neither all months nor all school years
        ["31-12-9999", "01-01-2024"],
        ["04/25/2024", "03/04/2024"],
        ["03-04-24", "2024"],
        ["1224", "2024"],
        ["2023-2024", "2024"],
    ],
)
def test_what_is_no_period_is_an_error(tmp_path: Path, texts: list[str]) -> None:
    read, report = periods(tmp_path, texts)
    assert read == [] and report.errors[0].column == "dato"


@pytest.mark.parametrize(
    ("text", "word"),
    [("04/25/2024", "month first"), ("03-04-24", "four digits"), ("29-02-2023", "no such day")],
)
def test_a_date_that_is_none_is_an_error_with_the_reason(tmp_path: Path, text: str, word: str) -> None:
    path = write(tmp_path, "csv", ["03-04-2024", "05-06-2024", text])
    with pytest.raises(InputError) as caught:
        read_register(path, unit="case", id="id", area="omr", period="2024")
    [problem] = caught.value.problems
    assert problem.row == 4 and problem.column == "dato" and word in str(problem.hint)


def test_open_ends_stay(tmp_path: Path) -> None:
    path = write(tmp_path, "csv", ["31-12-9999", "9999-12-31T22:59:59Z", "01-01-2024"])
    frame = read_register(path, unit="case", id="id", area="omr", period="2024").collect()
    assert frame["dato"].to_list() == [date(9999, 12, 31), date(9999, 12, 31), date(2024, 1, 1)]


def test_utc_is_utc() -> None:
    """The closed form: Python's own clocks, at the hours around the changes of summer time."""
    hours = [
        datetime(2024, month, day, hour, tzinfo=UTC)
        for month, day in ((3, 31), (10, 27))
        for hour in range(24)
    ]
    summer = [
        (datetime(2024, 3, 31, 1, tzinfo=UTC) <= t < datetime(2024, 10, 27, 1, tzinfo=UTC)) for t in hours
    ]
    right = [
        date.fromordinal((t.toordinal() * 24 + t.hour + 1 + late) // 24)
        for t, late in zip(hours, summer, strict=True)
    ]
    assert days([t.isoformat() for t in hours]) == right
