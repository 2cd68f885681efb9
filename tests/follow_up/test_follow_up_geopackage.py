"""The follow-up's GeoPackage: the layers of its map, the same bytes each time, and no more than its tables tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from geo_bosoc.disclosure.attack.other_files import read_other_files
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs.page import follow_up_page, write_follow_up_geopackage
from geo_bosoc.follow_up.spec import DynamicsPart, FollowUpPart

Shown = Callable[..., PublishedResults]
PART = FollowUpPart(dynamics=DynamicsPart(years=1))
NAME = "follow_up.gpkg"


def change(file: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.create_function("ST_IsEmpty", 1, lambda shape: shape is None)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            opened.create_function(name, 1, lambda shape: 0.0)
        opened.execute(statement, values)
        opened.commit()


def test_its_layers_are_those_of_the_map_in_the_same_colours(small_shown: Shown, tmp_path: Path) -> None:
    results = study_follow_up(small_shown("public", "da"), PART)
    for number in "12":
        write_follow_up_geopackage(results, tmp_path / f"{number}.gpkg")
    assert (tmp_path / "1.gpkg").read_bytes() == (tmp_path / "2.gpkg").read_bytes()
    file = tmp_path / "1.gpkg"
    assert [str(name) for name, _ in pyogrio.list_layers(file)] == [
        *("dynamics_2023", "dynamics_2024", "moves_2023", "moves_2024"),
        *("change_2023", "change_2024", "sources", "layer_styles"),
    ]
    rows = pyogrio.read_dataframe(file, layer="change_2024").set_index("area_id")
    assert rows.crs.to_epsg() == 25832 and set(rows["period_before"]) == {"2023"}
    frame = results.frames["change"]
    frame = frame[(frame["period"] == "2024") & (frame["indicator"] == "safety")].set_index("area_id")
    shown = frame.loc[~frame.index.str.startswith("@"), "difference"].dropna()
    assert (rows.loc[shown.index, "safety_value"] - 100 * shown).abs().max() < 1e-12
    hidden = rows[rows["youth_crime_status"] == "protected"]
    assert len(hidden) and hidden[["youth_crime_value", "youth_crime_low"]].isna().all(axis=None)
    moves = pyogrio.read_dataframe(file, layer="moves_2024").set_index("area_id")
    reasons = results.frames["category_changes"].set_index(["area_id", "period"])["reason"]
    assert moves.at["A03", "reason"] == reasons["A03", "2024"]
    page = follow_up_page(results)
    assert page is not None
    with closing(sqlite3.connect(file)) as opened:
        query = "SELECT styleQML FROM layer_styles WHERE f_table_name = ?"
        for layer, name in zip(page.classifications, ("dynamics_2024", "moves_2024"), strict=True):
            (qml,) = opened.execute(query, (name,)).fetchone()
            for category in layer.categories:
                rgb = ",".join(str(int(category.colour[place : place + 2], 16)) for place in (1, 3, 5))
                assert f'value="{category.id}"' in qml and f"{rgb},255" in qml


@pytest.mark.parametrize("tampered", ["", "figure", "range", "layer", "column"])
def test_the_attack_reads_it_as_it_reads_the_tables(
    small_shown: Shown, tmp_path: Path, tampered: str
) -> None:
    shown = small_shown("public", "da")
    file = tmp_path / NAME
    write_follow_up_geopackage(study_follow_up(shown, PART), file)
    hidden = shown.table[shown.table["status"] == "protected"].iloc[-1]
    if tampered == "figure":
        column, area = f"{hidden['indicator']}_value", hidden["area_id"]
        change(file, f"UPDATE change_{hidden['period']} SET {column} = 1.5 WHERE area_id = ?", area)
    elif tampered == "range":  # in the tables, where the layer tells a direction
        rows = shown.categories.assign(possible="deprived, at_risk")
        is_told = (rows["area_id"] == "A03") & (rows["period"] == "2024")
        shown = replace(shown, categories=rows.assign(category=rows["category"].mask(is_told, "range")))
    elif tampered == "layer":
        change(file, "UPDATE gpkg_contents SET table_name = 'causes_2024' WHERE table_name = 'moves_2024'")
        change(
            file,
            "UPDATE gpkg_geometry_columns SET table_name = 'causes_2024' WHERE table_name = 'moves_2024'",
        )
        change(file, "ALTER TABLE moves_2024 RENAME TO causes_2024")
    elif tampered == "column":
        change(file, "ALTER TABLE moves_2024 ADD COLUMN persons INTEGER DEFAULT 3")
    public = published_set(shown)
    public.labels = {each.label("da"): each.id for each in shown.indicators}
    public.area_rows = {key: {**row, "residents": "told"} for key, row in public.area_rows.items()}
    read_other_files(public, tmp_path)
    assert not public.unread
    assert bool(public.leaks) == bool(tampered)
