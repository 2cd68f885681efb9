"""The demo in raw shape: exactly the counts of the ready one, but for those whom the files' faults take away."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.demo import RawDemo, write_raw_demo
from geo_bosoc.disclosure.results import MUNICIPALITY, Results
from geo_bosoc.indicators import count_everyone, count_indicators, load_indicators
from geo_bosoc.locate.join import locate
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, run_project

YEARS = (2022, 2023, 2024)
NAMES = (
    "residents", "outside_labour_market", "health", "youth_crime", "exposed_children", "low_income_families",
    "child_wellbeing", "youth_education", "safety",
)  # fmt: skip
KEYS = ["area_id", "period", "indicator"]
NUMBERS = ["numerator", "denominator", "unknown"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RawDemo, Results, Report]:
    folder = tmp_path_factory.mktemp("rå demo æøå")
    demo = write_raw_demo(folder, residents=6000, years=YEARS)
    report = Report()
    return folder, demo, analyse(folder, report=report), report


def ready(demo: RawDemo) -> dict[str, pl.DataFrame]:
    """The ready tables, with nobody placed whom a fault takes away."""
    gone = pl.col("fault").is_not_null() & (pl.col("fault") != "settled_by_hand")
    persons = demo.rows.with_columns(
        pl.when(~gone.fill_null(False)).then(pl.col("address_id")).alias("address_id")
    )
    return {"persons": persons, "survey": demo.municipality.registers["survey"]}


def counted(frames: dict[str, pl.DataFrame], areas: list[str]) -> pd.DataFrame:
    lazy = {name: frame.lazy() for name, frame in frames.items()}
    return count_indicators(
        lazy,
        load_indicators(NAMES),
        areas=areas,
        periods=[str(y) for y in YEARS],
        ids={"persons": {"person": "person_id"}},
    )


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    ours = ours[ours["indicator"].isin(NAMES)].set_index(KEYS)[NUMBERS].sort_index().astype("int64")
    theirs = theirs.set_index(KEYS)[NUMBERS].sort_index().astype("int64")
    pd.testing.assert_frame_equal(ours, theirs)


def test_exactly_the_counts_of_the_ready_demo(made: tuple[Path, RawDemo, Results, Report]) -> None:
    _, demo, found, _ = made
    areas = sorted(found.areas["area_id"])
    frames = {
        name: frame.join(demo.listed, on="address_id", how="left") for name, frame in ready(demo).items()
    }
    assert_same(found.table, counted(frames, areas))
    everyone = {name: frame.lazy() for name, frame in ready(demo).items()}
    reference = count_indicators(
        count_everyone(everyone),
        load_indicators(NAMES),
        areas=[MUNICIPALITY],
        periods=[str(y) for y in YEARS],
    )
    yard = found.reference_areas[found.reference_areas["area_id"] == MUNICIPALITY]
    assert_same(yard, reference)  # the faults take nobody out of the municipality


def test_each_one_taken_away_is_told_with_the_reason(made: tuple[Path, RawDemo, Results, Report]) -> None:
    _, demo, found, report = made
    told = {
        (period, reason): counts["persons"]
        for period, reasons in report.facts["homes"]["persons"].items()
        if period != "left_out"
        for reason, counts in reasons.items()
    }
    fault = pl.when(pl.col("fault") == "settled_by_hand").then(None).otherwise("fault").fill_null("placed")
    rows = demo.rows.group_by("period", fault.alias("r")).agg(pl.col("person_id").n_unique())
    assert told == {(period, reason): persons for period, reason, persons in rows.rows()}
    assert len({reason for _, reason in told}) == 6
    assert (demo.rows["fault"] == "settled_by_hand").sum() > 0

    # Both numbers: residents of the areas in the ready demo (by outline), and in the raw one.
    outline = locate(demo.municipality.registers["addresses"], found.areas, report=Report())
    by_outline = demo.rows.join(outline, on="address_id").height
    gone = pl.col("fault").is_not_null() & (pl.col("fault") != "settled_by_hand")
    lost = demo.rows.join(demo.listed, on="address_id").filter(gone.fill_null(False)).height
    differences = report.facts["membership"]["total"]
    private = sum(total["inside_not_listed_persons"] for total in differences.values())
    added = sum(total["listed_outside_persons"] for total in differences.values())
    unlisted = outline.select("address_id").join(demo.listed, on="address_id", how="anti")
    private_lost = demo.rows.join(unlisted, on="address_id").filter(gone.fill_null(False)).height
    raw = int(found.table.loc[found.table["indicator"] == "residents", "numerator"].sum())
    assert raw == by_outline - lost - private - private_lost + added
    assert raw < by_outline and private > 0 and added > 0


def test_strangers_and_lost_zeros_are_told(made: tuple[Path, RawDemo, Results, Report]) -> None:
    _, _, _, report = made
    assert report.facts["homes"]["charges"]["2024"]["not_in_population"] == {"rows": 3, "persons": 1}
    assert any("leading zero" in problem.message for problem in report.problems)
    assert report.facts["corrections"]["rows"] > 0


def test_the_dwellings_of_the_linked_files_are_those_of_the_ready_tables(
    made: tuple[Path, RawDemo, Results, Report],
) -> None:
    _, demo, _, report = made
    told = report.facts["register:dwellings"]["bbr"]
    for year in YEARS:
        assert told[str(year)]["units"] == demo.municipality.registers[f"dwellings_{year}"].height
        assert told[str(year)]["without_ownership"] == 0
    own = report.facts["membership"]["organisations_own_dwellings"]
    assert own and all(both["listed"] == both["own"] for both in own.values())


def test_no_person_number_name_or_street_is_left_anywhere(
    made: tuple[Path, RawDemo, Results, Report], capfd: pytest.CaptureFixture[str]
) -> None:
    folder, demo, _, _ = made
    report = Report()
    outcome = run_project(folder, internal=True, unguarded=True, report=report)
    canaries = [
        number
        for pnr in demo.rows["pnr"].unique().sort().head(400)
        for number in (pnr, f"{pnr[:6]}-{pnr[6:]}")
    ]
    streets = demo.municipality.registers["addresses"]["street"].unique().to_list()
    written = (
        "\n".join(str(problem) for problem in report.problems)
        + str(report.facts)
        + "".join(capfd.readouterr())
    )
    texts = {"messages": written}
    for file in outcome.files:
        texts[file.name] = file.read_bytes().decode("latin-1")
    for name, text in texts.items():
        assert not [c for c in canaries if c in text], name
        if name == "messages":
            assert not [street for street in streets if street in text]


@pytest.mark.parametrize(
    ("written", "instead", "key"),
    [
        ('benefits = "section-61a", ', "", "registers.benefits.full_time"),
        ('benefits = "section-61a"', 'benefits = "section-61"', "registers.benefits.full_time.benefits"),
        ('role = "population"\nid = "PNR"\n', 'role = "population"\n', "registers.persons.id"),
        ('role = "population"\n', "", "registers.support.person"),
    ],
)
def test_what_is_forgotten_is_one_error_with_its_key(
    made: tuple[Path, RawDemo, Results, Report], written: str, instead: str, key: str
) -> None:
    folder = made[0]
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    assert written in text
    (folder / "other.toml").write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        analyse(folder / "other.toml", report=Report())
    assert [problem.key for problem in wrong.value.problems] == [key]


def test_a_forgotten_status_date_is_told_by_its_key(made: tuple[Path, RawDemo, Results, Report]) -> None:
    folder = made[0]
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    head, tail = text.split("[registers.persons]")
    (folder / "other.toml").write_text(
        head + "[registers.persons]" + tail.replace('status_date = "{year}-01-01"\n', "", 1), encoding="utf-8"
    )
    with pytest.raises(InputError) as wrong:
        analyse(folder / "other.toml", report=Report())
    assert {problem.key for problem in wrong.value.problems} == {"registers.persons.status_date"}
