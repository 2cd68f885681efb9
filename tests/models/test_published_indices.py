"""Indices that others publish come out as published, through the command line."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pandas as pd
import pytest

from geo_bosoc.cli.app import main

DOCS = Path(__file__).parents[2] / "docs" / "models_of_others"


def published(name: str) -> Path:
    """A published file; the test is skipped where there is none."""
    folder = os.environ.get("GEO_BOSOC_DATA")
    path = Path(folder or "") / "composite" / name
    if not folder or not path.is_file():
        pytest.skip(f"GEO_BOSOC_DATA is not set, or has no composite/{name}: the published index is not here")
    return path


def categorised(monkeypatch: pytest.MonkeyPatch, table: Path, model: str, output: Path) -> pd.DataFrame:
    """What `geo-bosoc categorise` writes of a table, by area."""
    words = ["categorise", str(table), "--model", model, "--lang", "en", "--output", str(output)]
    monkeypatch.setattr("sys.argv", ["geo-bosoc", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    with output.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return pd.DataFrame(rows).set_index("area_id")


@pytest.mark.parametrize("year", [2013, 2015])
def test_berlins_status_dynamics_and_twelve_classes(
    year: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = published(f"berlin_mss_{year}_shares.csv")
    done = categorised(monkeypatch, table, "berlin-mss", tmp_path / "berlin.csv")
    classes = pd.read_csv(published(f"berlin_mss_{year}_classes.csv"), dtype=str).set_index("id")
    z = pd.read_csv(published(f"berlin_mss_{year}_z.csv"), dtype=str).set_index("id")
    left_out = classes["status_index"] == "0"
    assert set(done.loc[left_out[left_out].index, "category"]) == {"too_small", "left_out"}
    assessed = classes[~left_out]
    rows = done.loc[assessed.index]
    assert (rows["class_status"] == assessed["status_index"]).all()
    assert (rows["class_dynamics"] == assessed["dynamic_index"]).all()
    status = {"1": "high", "2": "middle", "3": "low", "4": "very_low"}
    dynamics = {"-": "falling", "+/-": "stable", "+": "rising"}
    both = assessed["status_index"].map(status) + "_" + assessed["dynamic_index"].map(dynamics)
    assert (rows["category"] == both).all() and both.nunique() >= 11
    assert set(rows.loc[rows["category"] == "high_rising", "category_local"]) == {
        "Status hoch, Dynamik positiv"
    }
    # The file holds the sum of the status values under the name of the first change.
    sums = z["z_d1_percentage_unemployed"].reindex(assessed.index).astype(float)
    assert sums.notna().sum() >= len(assessed) - 1
    assert (rows["score_status"].astype(float) - sums).abs().max() <= 2e-5


def test_every_rank_and_decile_of_wales(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = published("wales_2011.csv")
    done = categorised(monkeypatch, table, "wales-2011", tmp_path / "wales.csv")
    wales = pd.read_csv(table).set_index("lsoa01_code").loc[done.index]
    assert len(done) == 1896
    assert (done["rank"].astype(float) == wales["IMD_rank"]).all()
    assert (done["category"] == "decile_" + wales["IMD_decile"].astype(str)).all()
    for domain in (
        "income",
        "employment",
        "health",
        "education",
        "access",
        "housing",
        "crime",
        "environment",
    ):
        decile = wales[f"{domain.capitalize()}_decile"].astype(str)
        assert (done[f"class_{domain}_decile"] == decile).all(), domain


def test_asem_from_treated_values_to_the_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = published("ASEM_treated.csv")
    done = categorised(monkeypatch, table, str(DOCS / "asem.toml"), tmp_path / "asem.csv")
    aggregated = pd.read_csv(published("ASEM_aggregated.csv")).set_index("UnitCode").loc[done.index]
    for group in (
        "Physical",
        "ConEcFin",
        "Political",
        "Instit",
        "P2P",
        "Environ",
        "Social",
        "SusEcFin",
        "Conn",
        "Sust",
    ):
        assert (done[f"score_{group}"].astype(float) - aggregated[group]).abs().max() <= 1e-9, group
    assert (done["points"].astype(float) - aggregated["Index"]).abs().max() <= 1e-9


def test_townsend_of_districts_from_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = published("townsend_2011_counts.csv")
    done = categorised(monkeypatch, table, str(DOCS / "townsend.toml"), tmp_path / "townsend.csv")
    scores = pd.read_csv(published("townsend_2011_scores.csv"))
    scores.index = pd.Index(scores["geo_code"].str.strip())
    scores = scores.loc[done.index]
    assert len(done) == 404
    assert (done["points"].astype(float) - scores["TDS"]).abs().max() <= 1e-8
    assert (done["category"] == "quintile_" + scores["quintile"].astype(str)).all()


def test_human_development_as_published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Human Development Report 2020, table 1: Norway .957, Niger .394; a figure past its goalpost stops there."""
    table = tmp_path / "hdr.csv"
    table.write_text(
        "country,le,eys,mys,gnipc\nNorway,82.4,18.1,12.9,66494\nNiger,62.4,6.5,2.1,1201\n", encoding="utf-8"
    )
    done = categorised(monkeypatch, table, "hdi", tmp_path / "hdi.csv")
    assert done["points"].astype(float).round(3).to_dict() == {"Niger": 0.394, "Norway": 0.957}
    assert done["category"].to_dict() == {"Niger": "low", "Norway": "very_high"}
    assert done.loc["Norway", "part_expected_schooling"] == "1" and done.loc["Niger", "rank"] == "1"
