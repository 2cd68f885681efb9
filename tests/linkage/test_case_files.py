"""Weeks to full-time persons, pupils' own mean absence, and the lists of benefits: checked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.linkage import list_benefit_lists, load_benefits
from geo_bosoc.linkage.person_totals import to_full_time, to_weighted_mean
from geo_bosoc.linkage.population import holds_on, one_each, with_bounds
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec_parts import FullTime, Spell, WeightedMean


def years(
    rows: list[tuple[str, str, str]], benefits: str, report: Report | None = None
) -> dict[tuple[str, str], int]:
    frame = pl.LazyFrame(rows, schema=["person_id", "week", "benefit"], orient="row")
    part = FullTime(benefits=benefits, benefit="benefit", week="week")
    done = to_full_time(frame, part, "registers.benefits", report or Report())
    assert done is not None
    return {(p, y): n for p, y, n in done.select("person_id", "period", "weeks_outside").collect().rows()}


@pytest.mark.parametrize("name", list_benefit_lists())
def test_a_list_tells_its_source_and_assumption_in_both_languages(name: str) -> None:
    report = Report()
    lists = load_benefits(name, report, "key")
    assert lists is not None and not report.problems
    assert [str(each.valid_from) for each in lists] == ["None", "2025-07-01", "2026-02-01"]
    for listed in lists:
        for told in (listed.source_text, listed.assumption_text):
            assert told("da") and told("en") and told("da") != told("en")
        assert {benefit.mark for benefit in listed.benefit} <= {"fact", "assumption"}
        if name == "section-51b":  # the law's definition is known to exist, and no more
            assert {benefit.mark for benefit in listed.benefit} == {"assumption"}


def test_three_months_are_a_quarter_of_a_person() -> None:
    rows = [("a", f"2023{week:02d}", "kontanthjælp") for week in range(1, 14)]
    frame = pl.LazyFrame(rows, schema=["person_id", "week", "benefit"], orient="row")
    part = FullTime(benefits="section-61a", benefit="benefit", week="week")
    done = to_full_time(frame, part, "registers.b", Report())
    assert done is not None
    assert done.collect().rows(named=True) == [
        {"person_id": "a", "period": "2023", "outside_fte": 0.25, "weeks_outside": 13}
    ]


def test_overlapping_benefits_count_once_and_the_first_in_order_decides() -> None:
    rows = [
        ("a", "2023-W10", "Kontanthjælp"),  # both outside: one week
        ("a", "2023-W10", "førtidspension"),
        (
            "a",
            "2023U11",
            "kontanthjælp",
        ),  # a flex job comes first under section 61a, not in BoSocData's order
        ("a", "2023U11", "fleksjob"),
        ("a", "202312", "fleksjob"),
        ("a", "202313", "su"),
    ]
    assert years(rows, "section-61a") == {("a", "2023"): 1}
    assert years(rows, "bosocdata") == {("a", "2023"): 2}


def test_a_spell_holds_in_the_weeks_whose_thursday_it_covers() -> None:
    frame = pl.LazyFrame(
        {
            "person_id": ["a", "b", "c"],
            "start": [
                date(2022, 12, 30),
                date(2023, 1, 6),
                date(2020, 1, 1),
            ],  # a Friday, a Friday, a Wednesday
            "slut": [
                date(2023, 1, 12),
                date(2023, 1, 11),
                date(9999, 12, 31),
            ],  # a Thursday, a Wednesday, open
            "ydelse": ["kontanthjælp"] * 3,
        }
    )
    part = FullTime(benefits="bosocdata", benefit="ydelse", start="start", to="slut")
    done = to_full_time(frame, part, "registers.b", Report())
    assert done is not None
    told = (
        done.select("person_id", "period", "weeks_outside", "outside_fte")
        .sort("person_id", "period")
        .collect()
        .rows()
    )
    assert told[0] == ("a", "2023", 2, 2 / 52)
    assert [row[:3] for row in told[1:]] == [
        ("c", "2020", 53),
        ("c", "2021", 52),
        ("c", "2022", 52),
        ("c", "2023", 52),
    ]
    assert all(row[3] == 1 for row in told[1:])


UNKNOWN = pl.LazyFrame(
    [
        ("a", "202301", "Borgerløn"),
        ("a", "202302", "kontanthjælp"),
        ("b", "202301", "lykkepenge"),
        ("c", "202301", "kontanthjælp"),
        ("c", "202301", "Borgerløn"),
        ("d", "202301", ""),
        ("e", "202301", "dagpenge"),
    ],
    schema=["person_id", "week", "benefit"],
    orient="row",
)


def test_benefits_that_no_list_knows_are_an_error_that_lists_them() -> None:
    report = Report()
    part = FullTime(benefits="section-61a", benefit="benefit", week="week")
    assert to_full_time(UNKNOWN, part, "registers.benefits", report) is None
    [problem] = report.errors
    assert problem.key == "registers.benefits.full_time.benefits"
    assert (problem.column, problem.count) == ("benefit", 3)
    assert '"Borgerløn", "lykkepenge"' in problem.message and "kontanthjælp" not in problem.message
    assert "unknown_names" in str(problem.hint)


@pytest.mark.parametrize(
    ("says", "weeks"),
    [
        ("outside", {"a": 2, "b": 1, "c": 1, "d": 0, "e": 1}),
        ("inside", {"a": 1, "b": 0, "c": 1, "d": 0, "e": 1}),
        ("ignore", {"a": 1, "c": 1, "d": 0, "e": 1}),
    ],
)
@pytest.mark.parametrize("in_list", [True, False])
def test_what_unknown_names_count_as_may_be_said(
    tmp_path: Path, says: str, weeks: dict[str, int], in_list: bool
) -> None:
    """Known benefits decide first; a blank name is nobody's benefit. By hand."""
    benefits = "section-61a"
    if in_list:
        benefits = "own.toml"
        (tmp_path / benefits).write_text(
            'id = "own"\nversion = "1"\nlabel_da = "a"\nlabel_en = "a"\n'
            f'unknown_names = "{says}"\n'
            '[[benefit]]\nid = "x"\ncodes = ["kontanthjælp", "dagpenge"]\noutside = true\n',
            encoding="utf-8",
        )
    part = FullTime(
        benefits=benefits, benefit="benefit", week="week", unknown_names=None if in_list else says
    )
    report = Report()
    done = to_full_time(UNKNOWN, part, "registers.benefits", report, tmp_path)
    assert done is not None and not report.errors
    assert dict(done.select("person_id", "weeks_outside").collect().rows()) == weeks
    assert [p.count for p in report.problems if p.level == "note" and "Borgerløn" in p.message] == [3]


def test_weeks_that_cannot_be_read_are_told() -> None:
    report = Report()
    assert years([("a", "202354", "dagpenge"), ("a", "202352", "dagpenge")], "bosocdata", report) == {
        ("a", "2023"): 1
    }
    assert [
        problem.count for problem in report.warnings if "rests on an assumption" not in problem.message
    ] == [1]


def test_three_definitions_ship_and_others_are_an_error() -> None:
    assert list_benefit_lists() == ("bosocdata", "section-51b", "section-61a")
    report = Report()
    assert load_benefits("paragraf-9", report, "registers.b.full_time.benefits") is None
    assert [problem.key for problem in report.errors] == ["registers.b.full_time.benefits"]


def test_a_list_of_ones_own_with_dates(tmp_path: Path) -> None:
    (tmp_path / "egen.toml").write_text(
        'id = "egen"\nversion = "2024-01-01"\nlabel_da = "a"\nlabel_en = "a"\nsource = "s"\n'
        '[[benefit]]\nid = "x"\ncodes = ["ny"]\noutside = true\nvalid_from = 2023-07-03\n',
        encoding="utf-8",
    )
    rows = pl.LazyFrame(
        [("a", "202326", "ny"), ("a", "202327", "ny")], schema=["person_id", "w", "b"], orient="row"
    )
    part = FullTime(benefits="egen.toml", benefit="b", week="w")
    done = to_full_time(rows, part, "registers.b", Report(), tmp_path)
    assert done is not None and done.collect()["weeks_outside"].to_list() == [1]


DAYS = st.dates(date(2021, 1, 1), date(2024, 12, 31))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            DAYS,
            st.one_of(DAYS, st.just(date(9999, 12, 31))),
            st.sampled_from(["kontanthjælp", "førtidspension", "su", "fleksjob", "ukendt"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["bosocdata", "section-61a", "section-51b"]),
)
def test_a_person_year_is_never_over_one_full_time_person(
    rows: list[tuple[str, date, date, str]], benefits: str
) -> None:
    frame = pl.LazyFrame(rows, schema=["person_id", "fra", "til", "ydelse"], orient="row")
    part = FullTime(benefits=benefits, benefit="ydelse", start="fra", to="til", unknown_names="inside")
    done = to_full_time(frame, part, "registers.b", Report())
    assert done is not None
    found = done.collect()
    assert found.filter((pl.col("outside_fte") > 1) | (pl.col("outside_fte") < 0)).is_empty()
    assert found.select("person_id", "period").is_unique().all()


STAYS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["A1", "A2"]), DAYS, st.one_of(DAYS, st.none())),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(STAYS, st.lists(DAYS, min_size=1, max_size=3, unique=True))
def test_nobody_has_two_homes_on_a_date(
    rows: list[tuple[str, str, date, date | None]], dates: list[date]
) -> None:
    kinds = {"p": pl.String, "address_id": pl.String, "fra": pl.Date, "til": pl.Date}
    frame = pl.LazyFrame(rows, schema=kinds, orient="row")
    bounded = with_bounds(frame, Spell(start="fra", to="til"), "p", Report(), "r")
    assert bounded is not None
    days = {str(number): day for number, day in enumerate(dates)}
    kept, _ = one_each(bounded.collect(), "p", days)
    assert kept.select("p", "period").is_unique().all()
    for period, day in days.items():
        lives = {p for p, _, fra, til in rows if fra <= day and (til is None or til > day)}
        assert set(kept.filter(pl.col("period") == period)["p"]) == lives
    other, _ = one_each(bounded.reverse().collect(), "p", days)
    assert kept.sort(kept.columns).equals(other.sort(other.columns))


@settings(max_examples=40, deadline=None)
@given(st.lists(DAYS, min_size=2, max_size=6, unique=True), DAYS)
def test_half_open_stays_that_meet_cover_each_day_once(starts: list[date], day: date) -> None:
    starts = sorted(starts)
    rows = [
        ("a", str(i), start, end)
        for i, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    ]
    kinds = {"p": pl.String, "address_id": pl.String, "fra": pl.Date, "til": pl.Date}
    frame = pl.LazyFrame(rows, schema=kinds, orient="row")
    for spell in (Spell(start="fra", to="til"), Spell(start="fra")):
        bounded = with_bounds(frame, spell, "p", Report(), "r")
        assert bounded is not None
        found = bounded.filter(holds_on(day)).collect()
        assert found.height == (1 if day >= starts[0] else 0)
    closed = frame.with_columns(pl.col("til") - timedelta(days=1))
    bounded = with_bounds(closed, Spell(start="fra", to="til", to_included=True), "p", Report(), "r")
    assert bounded is not None
    assert bounded.filter(holds_on(day)).collect().height == (1 if day >= starts[0] else 0)


def test_two_schools_a_year_are_weighted_by_months() -> None:
    rows = pl.LazyFrame(
        {
            "person_id": ["a", "a", "b", "c", "c"],
            "period": ["2024"] * 5,
            "skole": ["280123", "280456", "280123", "280123", "280456"],
            "fravaer": [4.0, 10.0, 7.5, None, 3.0],
            "maaneder": [8, 2, 10, 6, 0],
        }
    )
    part = WeightedMean(value="fravaer", weight="maaneder", name="absence_pct")
    done = to_weighted_mean(rows, part, "registers.s", Report())
    assert done is not None
    found = done.sort("person_id").collect()
    assert found["absence_pct"].to_list() == [pytest.approx(5.2), 7.5, None]
    assert found["skole"].to_list() == ["280123", "280123", "280123"]
