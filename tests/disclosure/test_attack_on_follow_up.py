"""The attack reads the follow-up's workbook as it reads its CSV files: of a suppressed figure no table may tell."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from small_results import model_of, published_results

from geo_bosoc.disclosure.attack import PublicSet, read_set
from geo_bosoc.disclosure.attack.follow_up_tables import TABLES
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs import FRAMES
from geo_bosoc.follow_up.outputs.tables import write_follow_up_workbook, write_frame_csv
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.outputs.csv_tables import write_categories_csv, write_criteria_csv
from geo_bosoc.outputs.manifest import write_manifest

MODEL = model_of((2.0, 4.0), (1.25, 1.75, 2.5))
HIDDEN = ("1", "2024", "crime")
"""3 persons of 40; a year before they were 15."""


def published() -> PublishedResults:
    counts = dict.fromkeys(product("12", ("2023", "2024"), ("crime", "safety")), (15, 40))
    counts |= {HIDDEN: (3, 40), ("2", "2024", "crime"): (2, 50), ("2", "2023", "crime"): (3, 50)}
    results = published_results(counts, MODEL, {"crime": 200, "safety": 250})
    residents = [(area, period, 400) for area in "12" for period in ("2023", "2024")]
    return replace(results, residents=pd.DataFrame(residents, columns=["area_id", "period", "residents"]))


def written(results: FollowUpResults, folder: Path) -> PublicSet:
    """What an outsider reads of a set with its follow-up; the model's file is named."""
    folder.mkdir()
    write_categories_csv(results.published, folder / "categories.csv")
    write_criteria_csv(results.published, folder / "criteria.csv")
    write_manifest(results.published, folder / "run.json")
    write_follow_up_workbook(results, folder / "follow_up.xlsx")
    for frame in FRAMES:
        if frame.file and frame.name in results.frames:
            write_frame_csv(results, folder / frame.file)
    criteria = "".join(
        f'[[criterion]]\nindicator = "{name}"\nbands = [1.25, 1.75, 2.5]\n' for name in ("crime", "safety")
    )
    categories = "".join(
        f'[[category]]\nid = "{name}"\nlabel_en = "{name}"\ncolour = "#9b1c1f"\n{least}\n'
        for name, least in (("red", "min_points = 4"), ("yellow", "min_points = 2"), ("green", ""))
    )
    head = 'id = "small"\nversion = "2024-01-01"\nkind = "points"\n'
    (folder.parent / "small.toml").write_text(head + criteria + categories, encoding="utf-8")
    return read_set(folder, models=[folder.parent / "small.toml"])


def test_no_file_of_a_public_set_is_unread_and_none_tells(tmp_path: Path) -> None:
    study = study_follow_up(published())
    assert {"change", "series", "category_changes", "residents"} <= set(study.frames)
    public = written(study, tmp_path / "set")
    assert HIDDEN in public.suppressed
    assert not public.unread
    assert not public.leaks


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("change", "difference", 0.3),
        ("change", "direction", "better"),
        ("series", "value", 0.075),
        ("category_changes", "tipped_by", "crime"),
        ("category_changes", "reason", "crime (from 3 to 0 points) tipped it."),
        ("residents", "residents", 3),
    ],
)
def test_what_a_table_tells_of_a_suppressed_figure_is_found_in_sheet_and_file(
    table: str, column: str, cell: object, tmp_path: Path
) -> None:
    results = published()
    area, period, indicator = HIDDEN
    if table == "residents":
        rows = results.residents.astype({"residents": "Int64"})
        of_row = (rows["area_id"] == area) & (rows["period"] == period)
        results = replace(results, residents=rows.assign(residents=rows["residents"].mask(of_row)))
    study = study_follow_up(results)
    frame = study.frames[table].astype({column: object})
    if table == "residents":
        row = {"area_id": area, "period_before": "2023", "period": period, column: cell}
        frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    else:
        chosen = (frame["area_id"] == area) & (frame["period"] == period)
        if "indicator" in frame:
            chosen &= frame["indicator"] == indicator
        assert chosen.sum() == 1
        frame.loc[chosen, column] = cell
    frame = frame.astype({column: "Float64"}) if isinstance(cell, (int, float)) else frame
    leaking = replace(study, frames={**study.frames, table: frame})
    leaks = written(leaking, tmp_path / "set").leaks
    file = next(each.file for each in FRAMES if each.name == table)
    assert {(leak.file, leak.field) for leak in leaks} == {(file, column), ("follow_up.xlsx", column)}
    assert all(leak.row.startswith(f"{area}, {period}") for leak in leaks)


def test_a_category_that_categories_csv_does_not_tell_is_found(tmp_path: Path) -> None:
    study = study_follow_up(published())
    frame = study.frames["category_changes"]
    shown = frame.loc[frame["area_id"] == "2", "category"].item()
    other = next(name for name in ("red", "yellow", "green") if name not in shown)
    changed = frame.assign(category=frame["category"].mask(frame["area_id"] == "2", other))
    leaking = replace(study, frames={**study.frames, "category_changes": changed})
    leaks = written(leaking, tmp_path / "set").leaks
    assert {(leak.file, leak.field, leak.row) for leak in leaks} == {
        (name, "category", "2, 2024") for name in ("follow_up.xlsx", "follow_up_categories.csv")
    }


def test_tables_of_the_internal_set_are_leaks_in_a_public_one(tmp_path: Path) -> None:
    assert {frame.name for frame in FRAMES if "public" in frame.sets} == TABLES
    study = study_follow_up(published())
    public = written(study, tmp_path / "set")
    assert not public.leaks
    (tmp_path / "set" / "follow_up_moves.csv").write_text("area_id,persons\n1,3\n", encoding="utf-8")
    public = read_set(tmp_path / "set", models=[tmp_path / "small.toml"])
    assert {(leak.file, leak.field) for leak in public.leaks} == {("follow_up_moves.csv", "file")}
