"""A run from configuration alone on the open data of Frederiksberg's "Boligsocialt Landkort": real tables, no model."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY
from geo_bosoc.problems import Report
from geo_bosoc.project import analyse, run_project

DATA = os.environ.get("GEO_BOSOC_DATA") or None
pytestmark = pytest.mark.skipif(
    DATA is None, reason="GEO_BOSOC_DATA is not set: Frederiksberg's tables are not here"
)

SHARES = {
    "befolkning_0_5": ("0-5 år", "Aged 0-5"),
    "befolkning_6_17": ("6-17 år", "Aged 6-17"),
    "befolkning_18_64": ("18-64 år", "Aged 18-64"),
    "befolkning_65_74": ("65-74 år", "Aged 65-74"),
    "befolkning_75": ("75 år og derover", "Aged 75 and over"),
    "boliger_med_mangler": ("Boliger med mangler", "Dwellings lacking installations"),
    "boliger_under_60kvm": ("Boliger under 60 m²", "Dwellings under 60 m²"),
}


def write_project(folder: Path) -> Path:
    source = Path(str(DATA)) / "registers" / "frederiksberg"
    registers, indicators = [], []
    for name, (danish, english) in SHARES.items():
        registers.append(_register(name, source))
        indicators.append(
            f'[[indicator]]\nid = "{name}"\nlabel_da = "{danish}"\nlabel_en = "{english}"\ndirection = "neutral"\n'
            f'denominator = {{ register = "{name}", sum = "antal_samlet" }}\n'
            f'numerator = {{ register = "{name}", sum = "antal" }}\n'
        )
    registers.append(_register("befolkning_alle", source))
    indicators.append(
        '[[indicator]]\nid = "befolkning_alle"\nlabel_da = "Beboere"\nlabel_en = "Residents"\nunit = "count"\n'
        'direction = "neutral"\ndenominator = { register = "befolkning_alle", sum = "antal_samlet" }\n'
    )
    registers.append(_register("boligkvm_per_person", source))
    indicators.append(
        '[[indicator]]\nid = "boligkvm_per_person"\nlabel_da = "Boligareal pr. person"\n'
        'label_en = "Dwelling area per person"\nunit = "mean"\ndirection = "neutral"\n'
        'denominator = { register = "boligkvm_per_person", sum = "antal_borger" }\n'
        'numerator = { register = "boligkvm_per_person", sum = "sum_areal" }\n'
    )
    (folder / "indicators.toml").write_text("\n".join(indicators), encoding="utf-8")
    (folder / "bosoc.toml").write_text(
        '[project]\nname = "Frederiksberg"\nmunicipality = "0147"\nlanguage = "da"\noutput = "maps"\n\n'
        f'[boundaries.areas]\npath = \'{source / "karre_4326.geojson"}\'\nid = "distrikt_id"\nname = "distrikt_id"\n\n'
        + "\n".join(registers)
        + '\n[indicators]\nfile = "indicators.toml"\n',
        encoding="utf-8",
    )
    return folder / "bosoc.toml"


def _register(name: str, source: Path) -> str:
    return (
        f'[registers.{name}]\npath = \'{source / (name + ".json")}\'\nunit = "count"\nplace = "area"\n'
        'columns = { area_id = "distrikt_id" }\nwhere = "type_id = 12"\n'
        'period = "udtraek_dato"\nperiod_by = "quarter"\n'
        'source = "Frederiksberg Kommune, Boligsocialt Landkort"\n'
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frederiksberg")
    run_project(write_project(folder), internal=True, report=Report())
    return folder / "maps"


def published(name: str) -> pd.DataFrame:
    rows = json.loads(
        (Path(str(DATA)) / "registers/frederiksberg" / f"{name}.json").read_text(encoding="utf-8")
    )
    table = pd.DataFrame(rows)
    table = table[table["type_id"] == 12].copy()
    day = pd.to_datetime(table["udtraek_dato"])
    table["period"] = day.dt.year.astype(str) + "K" + day.dt.quarter.astype(str)
    return table.rename(columns={"distrikt_id": "area_id"})


def read(run: Path) -> pd.DataFrame:
    return pd.read_csv(
        run / "categories.csv",
        sep=";",
        decimal=",",
        encoding="utf-8-sig",
        dtype={"area_id": str, "period": str},
    )


def test_every_file_is_there_and_the_seven_quarters(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    assert {"risk_map.html", "categories.gpkg", "categories.xlsx", "categories.csv", "run.json"} <= names
    table = read(run)
    assert sorted(table["period"].unique()) == [
        "2012K4", "2013K1", "2013K2", "2013K3", "2013K4", "2014K1", "2014K2",
    ]  # fmt: skip
    layers = {name for name, _ in pyogrio.list_layers(run / "categories.gpkg")}
    assert "indicators_2014K2" in layers


@pytest.mark.parametrize("name", sorted(SHARES))
def test_shares_are_the_published_ones(run: Path, name: str) -> None:
    """Every share that is shown is the published per cent; what is hidden has 1-4 on one side, or hides such a one.

    The age groups add up, so that one alone would follow from the others.
    """
    table = read(run)
    ours = table[["area_id", "period", f"{name}_value", f"{name}_status"]].assign(
        hidden_groups=sum(table[f"{each}_status"] == "protected" for each in SHARES)
    )
    both = ours.merge(published(name), on=["area_id", "period"])
    shown = both[both[f"{name}_status"] == "ok"]
    assert len(shown) > 100
    assert (shown[f"{name}_value"] * 100 - shown["procent"]).abs().max() < 1e-3
    hidden = both[both[f"{name}_status"] == "protected"]
    rest = hidden["antal_samlet"] - hidden["antal"]
    small = hidden["antal"].between(1, 4) | rest.between(1, 4) | hidden["antal_samlet"].between(1, 4)
    assert (small | (hidden["hidden_groups"] > 1)).all()


def test_all_blocks_together_are_their_sum_and_no_municipality(
    run: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The tables have no row of their own for the municipality: nothing is called so."""
    assert read(run)["befolkning_18_64_reference"].isna().all()
    found = analyse(write_project(tmp_path_factory.mktemp("sums")), report=Report())
    rows = found.reference_areas[found.reference_areas["indicator"] == "befolkning_18_64"]
    ours = rows[rows["area_id"] == ALL_AREAS].set_index("period")["value"]
    theirs = published("befolkning_18_64").groupby("period")[["antal", "antal_samlet"]].sum()
    expected = theirs["antal"] / theirs["antal_samlet"]
    assert len(ours) == 7
    assert (ours - expected).abs().max() < 1e-12
    assert rows.loc[rows["area_id"] == MUNICIPALITY, "value"].isna().all()


def test_blocks_without_a_row_are_told(run: Path) -> None:
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert manifest["periods"][0] == "2012K4"
    internal = run.with_name(f"{run.name}-internal") / "run.json"
    assert "match" in internal.read_text(encoding="utf-8") and "match" not in manifest["facts"]
