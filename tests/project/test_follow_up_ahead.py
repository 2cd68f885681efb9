"""Early warning and the list of 1 December in a run: in the internal set alone, and behind no suppressed figure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.studies.follow_up import run_follow_up

AHEAD = ("warning", "warning_calibration", "list", "list_margins", "list_conditions", "list_obligations")


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"follow_up_{name}.csv", sep=";", decimal=",", dtype={"area_id": str})


@pytest.fixture(scope="module")
def town(whole_town_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("varsel") / "by"
    shutil.copytree(whole_town_template, folder)
    file = folder / "bosoc.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        "parameters = { national_convicted = 0.76 }  # per cent, mean of two years (made up)",
        'parameters = { national_convicted = 0.76 }\nbases = { non_western_pct = "residents" }',
    )
    file.write_text(text, encoding="utf-8")
    values = folder / "data" / "registers" / "list_values.csv"
    frame = pd.read_csv(values, sep=";", decimal=",", dtype={"area_id": str})
    frame["residents"] = frame["residents"] + 1000
    frame.to_csv(values, sep=";", decimal=",", index=False, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def guarded(town: Path) -> tuple[Path, str]:
    outcome = run_follow_up(town, output=town / "a", internal=True, report=Report())
    return town, str(outcome.summary())


def test_it_is_in_the_internal_set_alone(guarded: tuple[Path, str]) -> None:
    town, summary = guarded
    internal = town / "a-internal"
    assert not [name for name in AHEAD if (town / "a" / f"follow_up_{name}.csv").exists()]
    for name in AHEAD:
        if name not in (
            "list_conditions",
            "list_obligations",
        ):  # where every area is too small there are none
            assert (table(internal, name)["output_set"] == "internal").all(), name
    sheets = openpyxl.load_workbook(town / "a" / "follow_up.xlsx", read_only=True).sheetnames
    inner = openpyxl.load_workbook(internal / "follow_up.xlsx", read_only=True).sheetnames
    assert {"Varsel", "Listen 1. december"} <= set(inner) and not {"Varsel", "Listen 1. december"} & set(
        sheets
    )
    assert "De nationale lister fra 2021, 2024" in summary and "C-417/23" in summary
    manifest = (town / "a" / "run.json").read_text(encoding="utf-8")
    assert "list_values" not in manifest


def test_its_manifest_says_what_a_runs_does(guarded: tuple[Path, str]) -> None:
    town = guarded[0]
    public, internal = (
        json.loads((town / folder / "run.json").read_text(encoding="utf-8")) for folder in ("a", "a-internal")
    )
    assert {"project", "periods", "models", "sources", "warnings", "facts", "versions"} <= set(public)
    assert set(public["studies"]) == {"follow_up"} and "inputs" not in public
    protection = public["facts"]["protection"]
    assert (public["minimum"], protection["output_set"]) == (5, "public")
    assert public["disclosure"]["suppressed_cells"] == protection["suppressed_cells"] > 0
    assert (
        set(internal["facts"]["link"]) == {"purpose", "legal_basis", "deaths"}
        and "link" not in public["facts"]
    )
    counted = [name for name, fact in internal["facts"].items() if "rows" in fact]
    assert counted and not any("rows" in public["facts"].get(name, {}) for name in counted)


def test_two_years_cannot_tell_and_no_suppressed_figure_is_behind_anything(guarded: tuple[Path, str]) -> None:
    internal = guarded[0] / "a-internal"
    warning = table(internal, "warning")
    assert (
        set(warning["status"]) <= {"cannot_tell", "protected", "missing"} and warning["chance"].isna().all()
    )
    hidden = warning[warning["status"] == "protected"]
    assert len(hidden) and hidden["value"].isna().all() and hidden["now"].isna().all()
    assert set(table(internal, "warning_calibration")["reason"]) == {"few"}


def test_the_list_has_margins_in_persons_by_the_municipalitys_own_counts(guarded: tuple[Path, str]) -> None:
    internal = guarded[0] / "a-internal"
    margins = table(internal, "list_margins")
    gate = margins[margins["criterion"] == "residents"]
    assert (gate["figure_from"] == "own").all()  # not the table's, which was changed
    assert (gate["value"] + gate["margin_persons"]).isin([999, 1000]).all()
    origin = margins[(margins["criterion"] == "non_western_pct") & (margins["status"] == "ok")]
    assert (origin["persons_by"].dropna() == "base").all() and origin["uses_origin"].all()


def test_what_is_wrong_with_it_is_told(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "by"
    shutil.copytree(town, folder)
    file = folder / "bosoc.toml"
    text = file.read_text(encoding="utf-8").replace('year = "2024"', 'year = "2031"')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"list_values.csv.*no rows of 2031. It has rows of 2024"):
        run_follow_up(folder, internal=True, report=Report())
    file.write_text(text.replace('model = "national-2021"', 'model = "aarhus-2018"'), encoding="utf-8")
    with pytest.raises(InputError, match="model aarhus-2018 is no list"):
        run_follow_up(folder, internal=True, report=Report())
