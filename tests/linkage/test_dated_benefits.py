"""Benefits across the reforms of 1 July 2025 and 1 February 2026: each week by the list in force. Made-up rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.linkage import load_benefits
from geo_bosoc.linkage.benefit_lists import in_force, periods_of
from geo_bosoc.linkage.person_totals import to_full_time
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec_parts import FullTime

NAMES = ("bosocdata", "section-51b", "section-61a")
OWN = (
    'id = "egen"\nversion = "2027"\nvalid_from = 2027-01-01\nlabel_da = "a"\nlabel_en = "a"\nsource = "s"\n'
    '[[benefit]]\nid = "x"\ncodes = ["borgerløn"]\noutside = true\n'
)


def by_week(
    rows: list[tuple[str, str]], benefits: str | tuple[str, ...], report: Report, base: Path | None = None
) -> dict[str, int]:
    """Weeks outside of one person by year."""
    frame = pl.LazyFrame(
        [("a", week, name) for week, name in rows], schema=["person_id", "u", "y"], orient="row"
    )
    part = FullTime(benefits=benefits, benefit="y", week="u")
    done = to_full_time(frame, part, "registers.b", report, base)
    return {} if done is None else dict(done.select("period", "weeks_outside").collect().rows())


def by_spell(
    rows: list[tuple[date, date, str]], report: Report, benefits: str = "section-61a"
) -> dict[str, int]:
    frame = pl.LazyFrame([("a", *row) for row in rows], schema=["person_id", "fra", "til", "y"], orient="row")
    part = FullTime(benefits=benefits, benefit="y", start="fra", to="til")
    done = to_full_time(frame, part, "registers.b", report)
    return {} if done is None else dict(done.select("period", "weeks_outside").collect().rows())


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_a_week_is_the_one_of_its_thursday(name: str) -> None:
    lists = load_benefits(name, Report(), "k")
    assert lists is not None
    read_by = {
        date(2025, 6, 23): None,
        date(2025, 6, 30): "2025-07-01",  # the reform is on the Tuesday of week 27
        date(2026, 1, 26): "2025-07-01",  # and on the Sunday of week 5
        date(2026, 2, 2): "2026-02-01",
    }
    for monday, version in read_by.items():
        listed = in_force(lists, monday)
        assert listed is not None and (listed.version if listed.valid_from else None) == version


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "benefit",
    ["Kontanthjælp", "kontanthjælp, mindstesats", "Kontanthjælp (grundsats)", "KONTANTHJÆLP - FORHØJET SATS",
     "kontanthjaelp", "Mindstesats", "130"],
)  # fmt: skip
def test_the_one_cash_benefit_counts_from_july_2025(name: str, benefit: str) -> None:
    report = Report()
    assert by_week([("202530", benefit), ("202606", benefit)], name, report) == {"2025": 1, "2026": 1}
    assert not report.errors


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "benefit",
    [
        "Uddannelseshjælp",
        "selvforsørgelses- og hjemrejseydelse",
        "Selvforsørgelses og hjemrejseydelse",
        "overgangsydelse",
    ],
)
def test_a_name_of_the_older_list_is_refused_after_the_reform(name: str, benefit: str) -> None:
    before = Report()
    assert by_week([("202526", benefit)], name, before) == {"2025": 1} and not before.errors
    after = Report()
    assert by_week([("202526", benefit), ("202529", benefit), ("202540", benefit)], name, after) == {}
    (problem,) = after.errors
    assert problem.message == (
        f'"{benefit}" is the name of a benefit until 2025-06-30 only, and occurs in the weeks 2025-W29 to 2025-W40.'
    )
    assert (problem.key, problem.count) == ("registers.b.full_time.benefits", 2)


def test_a_name_of_the_newer_list_is_refused_before_the_reform() -> None:
    report = Report()
    assert by_week([("202410", "forhøjet sats"), ("202410", "kontanthjælp")], "bosocdata", report) == {}
    assert '"forhøjet sats" is the name of a benefit from 2025-07-01 on only' in report.errors[0].message


def test_all_such_names_are_told_at_once() -> None:
    report = Report()
    rows = [("202530", "uddannelseshjælp"), ("202530", "overgangsydelse"), ("202501", "grundsats")]
    by_week(rows, "section-61a", report)
    assert len(report.errors) == 3


def test_in_the_week_of_a_reform_names_of_both_lists_are_read() -> None:
    report = Report()
    rows = [("202527", "uddannelseshjælp"), ("202527", "kontanthjælp, grundsats")]  # 30 June to 6 July
    assert by_week(rows[:1], "bosocdata", report) == {"2025": 1}
    assert by_week(rows[1:], "bosocdata", report) == {"2025": 1}
    assert not report.errors


def test_a_spell_across_the_reform_is_split_by_week() -> None:
    report = Report()
    assert by_spell([(date(2025, 6, 2), date(2025, 7, 27), "Kontanthjælp")], report) == {"2025": 8}
    assert not report.errors
    assert [problem.message for problem in report.problems if problem.level == "note"] == [
        "from 2025-07-01 on the weeks are read by another list of benefits (section-61a, 2025-07-01): "
        "a series across that day has a break."
    ]
    assert report.facts["benefits"]["registers.b"]["version"] == "2021-12-01, 2025-07-01"
    late = Report()
    assert by_spell([(date(2025, 6, 2), date(2025, 7, 27), "Uddannelseshjælp")], late) == {}
    assert "2025-W28 to 2025-W30" in late.errors[0].message and late.errors[0].count == 3
    ends = Report()
    assert by_spell([(date(2025, 6, 2), date(2025, 6, 30), "Uddannelseshjælp")], ends) == {"2025": 4}
    assert not ends.errors


def test_weeks_before_the_reform_only_are_read_by_the_older_list_alone() -> None:
    report = Report()
    by_week([("202401", "kontanthjælp")], "bosocdata", report)
    assert report.facts["benefits"]["registers.b"]["version"] == "2018-01-01"
    assert [problem.level for problem in report.problems] == ["warning"]  # its assumption


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("benefit", ["Ressourceforløb", "revalidering", "revalideringsydelse"])
def test_courses_granted_before_february_2026_run_on(name: str, benefit: str) -> None:
    report = Report()
    assert by_week([("202604", benefit), ("202610", benefit)], name, report) == {"2026": 2}
    assert not report.errors


def test_a_list_of_ones_own_stands_beside_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / "egen.toml").write_text(OWN, encoding="utf-8")
    report = Report()
    rows = [("202650", "kontanthjælp"), ("202702", "borgerløn")]
    assert by_week(rows, ("section-61a", "egen.toml"), report, tmp_path) == {"2026": 1, "2027": 1}
    wrong = Report()
    by_week([("202702", "kontanthjælp")], ("section-61a", "egen.toml"), wrong, tmp_path)
    assert '"kontanthjælp" is the name of a benefit until 2026-12-31 only' in wrong.errors[0].message


def test_two_lists_of_one_day_are_an_error_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "egen.toml").write_text(OWN.replace("2027-01-01", "2026-02-01"), encoding="utf-8")
    report = Report()
    assert load_benefits(["bosocdata", "egen.toml"], report, "k", tmp_path) is None
    assert "in force from 2026-02-01 on: bosocdata 2026-02-01 and egen 2027." in report.errors[0].message
    double = Report()
    assert load_benefits(["bosocdata", "section-61a"], double, "k") is None
    assert any("without a first day" in problem.message for problem in double.errors)


def test_the_periods_of_a_name_are_told_once() -> None:
    lists = load_benefits("bosocdata", Report(), "k")
    assert lists is not None
    assert periods_of("grundsats", lists) == ["from 2025-07-01 on"]
    assert periods_of("uddannelseshjælp", lists) == ["until 2025-06-30"]
    assert periods_of("kontanthjælp", lists) == ["always"]
    assert periods_of("borgerløn", lists) == []


def test_codes_that_a_workbook_made_numbers_are_read() -> None:
    frame = pl.LazyFrame({"person_id": ["a", "b"], "u": ["202530", "202530"], "y": [130.0, 651.0]})
    done = to_full_time(frame, FullTime(benefits="bosocdata", benefit="y", week="u"), "registers.b", Report())
    assert done is not None
    assert dict(done.select("person_id", "weeks_outside").collect().rows()) == {"a": 1, "b": 0}


def test_spells_that_hold_on_no_day_are_told() -> None:
    frame = pl.LazyFrame(
        {
            "person_id": ["a", "b", "c"],
            "fra": [date(2024, 1, 1), None, date(2024, 3, 1)],
            "til": [date(2024, 1, 7), date(2024, 2, 1), date(2024, 2, 1)],
            "y": ["kontanthjælp"] * 3,
        }
    )
    report = Report()
    part = FullTime(benefits="bosocdata", benefit="y", start="fra", to="til")
    done = to_full_time(frame, part, "registers.b", report)
    assert done is not None and done.collect()["weeks_outside"].to_list() == [1]
    assert [problem.message for problem in report.warnings[:2]] == [
        "1 row without a first day that can be read: counted nowhere.",
        "1 row with an end before the beginning: counted nowhere.",
    ]


def test_an_overlap_is_read_by_the_earlier_list_too(tmp_path: Path) -> None:
    """One's own list of 2026 no longer counts a benefit that the one before does: the same weeks by both."""
    earlier = OWN.replace("valid_from = 2027-01-01\n", "").replace('"2027"', '"2025"')
    later = OWN.replace("2027-01-01", "2026-01-01").replace('"2027"', '"2026"').replace("true", "false")
    for name, text in (("earlier.toml", earlier), ("later.toml", later)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    weeks = [("2025-W50", "borgerløn"), ("2026-W02", "borgerløn"), ("2026-W03", "borgerløn")]
    frame = pl.LazyFrame([("a", *row) for row in weeks], schema=["person_id", "u", "y"], orient="row")
    part = FullTime(benefits=("earlier.toml", "later.toml"), benefit="y", week="u", also_by=("2025",))
    report = Report()
    done = to_full_time(frame, part, "registers.b", report, tmp_path)
    assert done is not None and not report.errors
    shares = done.sort("period").collect()
    assert shares["weeks_outside"].to_list() == [1, 0]
    assert [round(share * 53) for share in shares["outside_fte_2025"]] == [1, 2]
    assert shares["outside_fte"].to_list() == [1 / 52, 0.0]


def test_a_version_that_there_is_not_and_names_that_it_does_not_know_are_errors() -> None:
    frame = pl.LazyFrame({"person_id": ["a"], "u": ["2025-W40"], "y": ["forhøjet sats"]})
    for version, text in (
        ("2020-01-01", "no list of benefits of 2020-01-01"),
        ("2021-12-01", "does not know these"),
    ):
        part = FullTime(benefits="section-61a", benefit="y", week="u", also_by=(version,))
        report = Report()
        assert to_full_time(frame, part, "registers.b", report) is None
        assert text in report.errors[0].message
    part = FullTime(
        benefits="section-61a", benefit="y", week="u", also_by=("2021-12-01",), unknown_names="outside"
    )
    done = to_full_time(frame, part, "registers.b", Report())
    assert done is not None and done.collect()["outside_fte_2021_12_01"].to_list() == [1 / 52]
