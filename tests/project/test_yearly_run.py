"""The run on a small made-up town: its files, the same bytes twice, both sets, and nothing lost on the way."""

from __future__ import annotations

import json
import os
from itertools import product
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pytest
from page_data import page_text

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY
from geo_bosoc.outputs.registry import OUTPUTS
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import (
    analyse,
    analysis,
    check_project,
    explain_area,
    run,
    run_project,
)
from geo_bosoc.project.worker import Worker
from geo_bosoc.text.catalogue import word

FILES = [name for output in OUTPUTS for name in output.names if not name.startswith("surfaces/")]


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"area_id": str, "period": str}
    )


def test_the_same_input_gives_the_same_bytes_in_all_but_the_manifests_time(
    town: Path, town_maps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the workbook is written in this process or in one beside it."""
    started = []

    class Watched(Worker):
        def start(self) -> None:
            before = self._pool
            super().start()
            if self._pool is not before:  # once, however often it is asked for
                started.append(self._pool)

    monkeypatch.setattr(run, "Worker", Watched)
    monkeypatch.setattr(analysis, "_LARGE_WORKBOOK", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    run_project(town, report=Report(), internal=True)
    assert len(started) == 1
    for name, part in product(FILES, ("", "-internal")):
        first, second = (folder.parent / f"maps{part}" / name for folder in (town_maps, town / "maps"))
        if name.endswith("run.json"):
            earlier, later = (json.loads(path.read_text(encoding="utf-8")) for path in (first, second))
            assert earlier.pop("written_at")
            assert later.pop("written_at")
            assert earlier == later
        else:
            assert first.read_bytes() == second.read_bytes(), name


def test_sums_over_the_areas_and_the_rest_are_the_register(town: Path) -> None:
    """Areas do not overlap here: those in areas add up to the reference area, and with the rest to the register."""
    found = analyse(town, report=Report())
    counts = found.table.set_index(["indicator", "period"])
    yards = found.reference_areas.set_index(["area_id", "indicator", "period"])
    for indicator in ("outside_labour_market", "youth_crime", "child_wellbeing"):
        for period in found.periods:
            inside = counts.loc[(indicator, period), ["numerator", "denominator", "unknown"]].sum()
            together = yards.loc[(ALL_AREAS, indicator, period), ["numerator", "denominator", "unknown"]]
            assert list(inside) == list(together)
            assert together["denominator"] < yards.loc[(MUNICIPALITY, indicator, period), "denominator"]
    for period in found.periods:
        persons = pl.read_parquet(town / f"data/registers/persons_{period}.parquet")
        match = found.report.facts["match"]["persons"][period]
        assert sum(fate["rows"] for fate in match.values()) == len(persons)
        adults = persons.filter(pl.col("age").is_between(18, 64))
        whole = yards.loc[(MUNICIPALITY, "outside_labour_market", period)]
        assert whole["denominator"] == len(adults)
        assert whole["numerator"] == (adults["labour"] == "outside").sum()
        assert whole["unknown"] == adults["labour"].null_count()


def test_splitting_a_register_over_two_files_changes_nothing(town: Path, town_maps: Path) -> None:
    for period in ("2023", "2024"):
        file = town / f"data/registers/persons_{period}.parquet"
        persons = pl.read_parquet(file)
        for number, part in enumerate((persons[: len(persons) // 3], persons[len(persons) // 3 :])):
            part.write_parquet(town / f"data/registers/part{number}_{period}.parquet")
        file.unlink()
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    (town / "bosoc.toml").write_text(
        text.replace("persons_{period}.parquet", "part*_{period}.parquet"), encoding="utf-8"
    )
    split = run_project(town, output=town / "split", report=Report()).folder
    assert (town_maps / "categories.csv").read_bytes() == (split / "categories.csv").read_bytes()


def test_the_public_set_hides_what_the_internal_one_may_show(town: Path) -> None:
    out = run_project(town, internal=True, unguarded=True, report=Report()).folder
    public, internal = read_csv(out / "categories.csv"), read_csv(town / "maps-internal" / "categories.csv")
    status = [name for name in public.columns if name.endswith("_status")]
    assert (public[status] == "protected").any(axis=None)
    assert not (internal[status] == "protected").any(axis=None)
    for name in (name.removesuffix("_status") for name in status):
        shown = public[public[f"{name}_status"] == "ok"]
        assert not shown[f"{name}_numerator"].between(1, 4).any()
    for shown, possible, true in zip(
        public["category"], public["possible"], internal["category"], strict=True
    ):
        assert shown == true or (shown == "range" and true in possible.split(", "))
    assert "INTERN" in (town / "maps-internal" / "risk_map.html").read_text(encoding="utf-8")


def test_a_run_without_a_model_maps_indicators_only(town: Path) -> None:
    text = (town / "bosoc.toml").read_text(encoding="utf-8").replace('[model]\nid = "aarhus-2018"\n', "")
    (town / "bosoc.toml").write_text(text, encoding="utf-8")
    outcome = run_project(town, report=Report())
    assert not (outcome.folder / "criteria.csv").exists()
    assert "category" in read_csv(outcome.folder / "categories.csv").columns


def test_english_output_and_one_period(town: Path) -> None:
    outcome = run_project(town, periods=["2024"], language="en", output=town / "en", report=Report())
    table = pd.read_csv(outcome.folder / "categories.csv", encoding="utf-8-sig", dtype={"period": str})
    assert set(table["period"]) == {"2024"}
    assert 'lang="en"' in (outcome.folder / "risk_map.html").read_text(encoding="utf-8")


def test_check_reads_everything_and_writes_nothing(town: Path) -> None:
    before = sorted(town.rglob("*"))
    check_project(town, report=Report())
    assert sorted(town.rglob("*")) == before


def test_problems_of_all_files_are_told_together_and_nothing_is_written(town: Path) -> None:
    (town / "data/boundaries/areas.geojson").write_text("{", encoding="utf-8")
    persons = town / "data/registers/persons_2024.parquet"
    pl.read_parquet(persons).drop("labour").write_parquet(persons)
    (town / "data/registers/survey.parquet").unlink()
    with pytest.raises(InputError) as caught:
        run_project(town, report=Report())
    told = [str(problem) for problem in caught.value.problems]
    assert any("areas.geojson" in line for line in told)
    assert any("labour" in line for line in told)
    assert any("survey" in line for line in told)
    assert not (town / "maps").exists()


def test_an_area_is_explained_by_id_or_name_and_near_names_are_offered(town: Path) -> None:
    found = analyse(town, report=Report())
    area, name = found.areas["area_id"].iloc[0], found.areas["name"].iloc[0]
    by_id = explain_area(town, area, report=Report())
    assert word("common", "made_up", "da") in by_id
    assert name in by_id
    assert explain_area(town, name.upper(), report=Report()) == by_id
    with pytest.raises(InputError, match="Did you mean"):
        explain_area(town, name[:-1], report=Report())


def test_an_explanation_ends_with_the_sources_of_its_figures(town: Path) -> None:
    text = explain_area(town, "0001", language="en", report=Report())
    lines = text.partition("\nSources:\n")[2].partition("\n\n")[0].splitlines()
    assert len(lines) == 8  # one a criterion, by the words that the criteria have above
    assert lines[0].startswith("- Outside the labour market: persons 2024, 1 Jan 2024 (")
    assert lines[-1].startswith(
        "- Residents who feel unsafe: survey 2023, 1 Sep 2023 ("
    )  # the last one asked
    for line in lines:
        assert text.count(line.partition(":")[0] + ":") >= 2


def test_every_file_of_a_run_tells_period_day_and_source(town_maps: Path) -> None:
    """Each by itself, so that it can be handed on alone; the public set and the internal one."""
    for folder in (town_maps, town_maps.with_name("maps-internal")):
        for name in FILES:
            told = _all_text(folder / name)
            assert "Kendt kilde" in told, name
            assert "2023-09-01" in told or "01.09.2023" in told, name


def _all_text(path: Path) -> str:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        return " ".join(
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
        )
    if path.suffix == ".html":
        return page_text(path)
    return " ".join(path.read_bytes().decode("utf-8", "replace").split())


def test_check_finds_what_the_run_would_stumble_over(town: Path) -> None:
    """A column of the wrong type is told beside a boundary file that is not there."""
    file = town / "data/registers/persons_2024.parquet"
    pl.read_parquet(file).with_columns(pl.col("age").cast(pl.String)).write_parquet(file)
    other = town / "data/registers/persons_2023.parquet"
    pl.read_parquet(other).with_columns(pl.col("age").cast(pl.String)).write_parquet(other)
    (town / "data/boundaries/areas.geojson").unlink()
    with pytest.raises(InputError) as caught:
        check_project(town, report=Report())
    told = " ".join(str(problem) for problem in caught.value.problems)
    assert "areas.geojson" in told
    assert "`age` (text)" in told
