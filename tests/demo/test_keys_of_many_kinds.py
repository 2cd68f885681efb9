"""One model, eight indicators, files keyed in six ways: counts and categories are those of files keyed by person."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.demo import RawDemo, write_raw_demo
from geo_bosoc.disclosure.results import Results
from geo_bosoc.problems import Report
from geo_bosoc.project import analyse

YEARS = (2023, 2024)
KEYS = ["area_id", "period", "indicator"]
NUMBERS = ["numerator", "denominator", "unknown"]
REGISTERS = {
    "education": """
[registers.education]                    # DAR's address id
path = "data/registers/uddannelse_adresse.csv"
unit = "case"
address = "ADRESSE"
period = "AAR"
text = ["ADRESSE"]
status_date = "{year}-01-01"
""",
    "absence": """
[registers.absence]                      # BBR's dwelling id
path = "data/registers/fravær_bolig.csv"
unit = "case"
dwelling = "BOLIG"
period = "AAR"
text = ["BOLIG"]
""",
    "measures": """
[registers.measures]                     # a finished table with its own row for the municipality
path = "data/registers/foranstaltninger_omraade.csv"
unit = "count"
area = "OMRAADE"
period = "AAR"
text = ["OMRAADE"]
reference_row = "Kommunen"
status_date = "{year}-01-01"
""",
}


def key(letter: str, column: str) -> pl.Expr:
    """The ids of DAR (an address a door) and BBR in the raw files, for the demo's dwellings."""
    return pl.format(f"{letter}0000000-0000-4000-8000-{{}}", pl.col(column).str.slice(1).str.zfill(12))


def write(folder: Path, name: str, rows: pl.DataFrame) -> None:
    text = rows.write_csv(separator=";", float_precision=1)
    (folder / "data" / "registers" / name).write_text(text.replace(".", ","), encoding="utf-8")


def with_other_keys(folder: Path, demo: RawDemo) -> Path:
    """Three of the files that name persons are keyed otherwise; who has no place there has no key here."""
    gone = pl.col("fault").is_not_null() & (pl.col("fault") != "settled_by_hand")
    rows = demo.rows.with_columns(gone.fill_null(False).alias("gone"))
    placed = pl.when(~pl.col("gone"))
    period = pl.col("period").alias("AAR")
    level = pl.when(pl.col("education") == "basic").then(pl.lit("grundskole")).otherwise(pl.lit("mere"))
    young = rows.filter(pl.col("age") == 24).select(
        placed.then(key("a", "dwelling_id")).alias("ADRESSE"),
        period,
        pl.when(pl.col("education").is_not_null()).then(level).alias("NIVEAU"),
        pl.when(pl.col("in_education")).then(pl.lit("ja")).otherwise(pl.lit("nej")).alias("IGANG"),
    )
    write(folder, "uddannelse_adresse.csv", young)
    pupils = rows.filter(pl.col("absence_pct").is_not_null())
    pupils = pupils.select(placed.then(key("d", "dwelling_id")).alias("BOLIG"), period, "absence_pct")
    write(folder, "fravær_bolig.csv", pupils)
    measured = rows.filter((pl.col("age") < 18) & pl.col("measures"))
    inside = (
        measured.filter(~pl.col("gone"))
        .join(demo.listed, on="address_id")
        .group_by("area_id", "period")
        .len()
    )
    whole = measured.group_by("period").len().select(pl.lit("Kommunen").alias("area_id"), "period", "len")
    every = demo.listed.select("area_id").unique().join(rows.select("period").unique(), how="cross")
    table = every.join(inside, on=["area_id", "period"], how="left").with_columns(pl.col("len").fill_null(0))
    table = pl.concat([table.sort("area_id", "period"), whole.sort("period")])
    write(
        folder,
        "foranstaltninger_omraade.csv",
        table.rename({"area_id": "OMRAADE", "period": "AAR", "len": "MED"}),
    )
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    for name, own in REGISTERS.items():
        before, _, after = text.partition(f"[registers.{name}]")
        text = before + own.strip() + "\n\n[registers." + after.split("[registers.", 1)[1]
    (folder / "other.toml").write_text(
        text.replace("indicators.toml", "other_indicators.toml"), encoding="utf-8"
    )
    indicators = (folder / "indicators.toml").read_text(encoding="utf-8")
    by_person = 'register = "measures", where = "age BETWEEN 0 AND 17", distinct = "person"'
    for written, instead in (
        ('register = "education", where = "age = 24"', 'register = "education"'),
        (by_person, 'register = "measures", sum = "MED"'),
    ):
        assert written in indicators
        indicators = indicators.replace(written, instead)
    (folder / "other_indicators.toml").write_text(indicators, encoding="utf-8")
    return folder / "other.toml"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    folder = tmp_path_factory.mktemp("nøgler")
    demo = write_raw_demo(folder, residents=4000, years=YEARS)
    return analyse(folder, report=Report()), analyse(with_other_keys(folder, demo), report=Report())


def test_the_counts_are_those_of_the_files_keyed_by_person(both: tuple[Results, Results]) -> None:
    by_person, otherwise = both
    for name in ("table", "reference_areas"):
        one, other = (getattr(found, name) for found in (by_person, otherwise))
        whole = other["area_id"] != "@areas"  # finished tables have no row for all areas together
        one, other = (
            frame[frame["area_id"] != "@areas"].set_index(KEYS).sort_index() for frame in (one, other[whole])
        )
        pd.testing.assert_frame_equal(one[NUMBERS], other[NUMBERS])
    pd.testing.assert_frame_equal(by_person.categories, otherwise.categories)


def test_each_indicator_tells_its_own_register_and_day(both: tuple[Results, Results]) -> None:
    told = both[1].sources[both[1].sources["period"] == "2024"].set_index(["indicator", "register"])
    assert told.loc[("child_wellbeing", "absence"), "status_date"] == "2024-01-01"  # the dwellings'
    assert told.loc[("youth_crime", "charges"), "data_period"] == "2023"
    registers = {name for indicator, name in told.index if indicator in _of_the_model(both[1])}
    assert registers == {
        "support",
        "persons",
        "charges",
        "measures",
        "places",
        "absence",
        "education",
        "survey",
    }


def _of_the_model(found: Results) -> set[str]:
    (model,) = found.models
    assert len(model.criterion) == 8
    return {criterion.indicator for criterion in model.criterion}
