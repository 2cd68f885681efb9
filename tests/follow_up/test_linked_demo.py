"""The demo's internal follow-up: who moved, why areas left categories, and no person in any of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pytest
from described_columns import undescribed_columns, undescribed_headings

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs.page import follow_up_page
from geo_bosoc.follow_up.outputs.tables import write_follow_up_workbook
from geo_bosoc.follow_up.persons.linked_disclosure import suppress_linked
from geo_bosoc.follow_up.spec import FollowUpPart
from geo_bosoc.problems import Report
from geo_bosoc.project.analysis import Analysis, analyse_project
from geo_bosoc.project.requests import request_of_link
from geo_bosoc.project.spec import load_project
from geo_bosoc.project.studies.linked_persons import frames_of_linked_persons

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    project = load_project(ROOT)
    return analyse_project(project, requests=[request_of_link(project)], report=Report())


@pytest.fixture(scope="module")
def unguarded(analysis: Analysis) -> dict[str, pd.DataFrame]:
    return frames_in(analysis, Policy(policy="unsuppressed"))


@pytest.fixture(scope="module")
def guarded(analysis: Analysis) -> dict[str, pd.DataFrame]:
    return frames_in(analysis, Policy())


def frames_in(analysis: Analysis, policy: Policy) -> dict[str, pd.DataFrame]:
    published = suppress(analysis.results, "internal", policy)
    return frames_of_linked_persons(load_project(ROOT), analysis, published, Report())


def test_an_area_leaves_a_category_by_moves_by_its_residents_and_by_chance(
    unguarded: dict[str, pd.DataFrame],
) -> None:
    causes = unguarded["category_causes"].set_index(["area_id", "period_before", "period"])
    left = {
        ("0038", "2020", "2021"): ("moves", "fordi folk flyttede til og fra"),
        ("0006", "2021", "2022"): ("residents", "fordi beboerne selv ændrede sig"),
        ("0012", "2020", "2021"): ("chance", "inden for det tilfældige"),
    }
    for key, (cause, words) in left.items():
        row = causes.loc[key]
        assert row["cause"] == cause
        assert words in row["reason"]
        assert row["category_before"] != row["category"]


def test_map_workbook_and_sentence_say_which_in_the_set_as_it_is_written(
    analysis: Analysis, guarded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    published = suppress(analysis.results, "internal", Policy())
    results = study_follow_up(published, FollowUpPart(years=(1, 4)), internal_frames=guarded)
    page = follow_up_page(results)
    assert page is not None
    layers = {layer.id: layer for layer in page.classifications}
    of_categories = {name: results.frames[name] for name in ("category_changes", "category_causes")}
    write_follow_up_workbook(replace(results, frames=of_categories), tmp_path / "follow_up.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "follow_up.xlsx", read_only=True)["Hvorfor ny kategori"]
    lines = [tuple(map(str, line)) for line in sheet.iter_rows(values_only=True)]
    for area, before, period, drawn, cause, sentence in (
        ("0004", "2020", "2024", "cause_moves", "flytning", "fordi folk flyttede til og fra."),
        ("0006", "2021", "2022", "cause_residents", "beboerne selv", "fordi beboerne selv ændrede sig."),
        ("0012", "2020", "2021", "cause_chance", "tilfældigt", "ændringen ligger inden for det tilfældige."),
    ):
        rows = layers[f"aarhus-2018-causes-{int(period) - int(before)}"].rows
        row = rows[(rows["area_id"] == area) & (rows["period"] == period)].squeeze()
        assert (row["category"], row["period_before"]) == (drawn, before)
        assert row["reason"].endswith(sentence)
        notes = page.explanations["aarhus-2018-moves"][area, period].notes
        assert any(f"({before})" in note and note.endswith(sentence) for note in notes)
        opposed = area == "0004"  # two figures fell, either would have done, and a third rose against them
        assert any("Andre tal trak den anden vej." in note for note in notes) == opposed
        (line,) = (line for line in lines if {area, before, period} <= set(line))
        assert cause in line
        assert any(cell.endswith(sentence) for cell in line)


def test_the_change_of_category_says_what_persons_show(
    analysis: Analysis, guarded: dict[str, pd.DataFrame]
) -> None:
    published = suppress(analysis.results, "internal", Policy())
    changes = study_follow_up(published, FollowUpPart(years=(1, 4)), internal_frames=guarded).frames[
        "category_changes"
    ]
    reasons = changes.set_index(["area_id", "period_before", "period"])["reason"]
    causes = guarded["category_causes"]
    assert {"chance", "residents"} <= set(causes["cause"])
    for row in causes.itertuples(index=False):
        assert "Med personer fulgt over årene: " in reasons[row.area_id, row.period_before, row.period]
    same = changes[changes["category_before"] == changes["category"]]
    assert not same["reason"].str.contains("Med personer").any()


def test_parts_add_up_to_each_change_and_no_survey_is_laid_to_persons(
    analysis: Analysis, unguarded: dict[str, pd.DataFrame]
) -> None:
    components = unguarded["components"]
    table = analysis.results.table.set_index(["area_id", "indicator", "period"])
    sums = components.groupby(["area_id", "indicator", "period_before", "period"])[
        ["numerator", "effect"]
    ].sum()
    for (area, indicator, before, period), row in sums.iterrows():
        figures = [table.loc[(area, indicator, each)] for each in (before, period)]
        assert row["numerator"] == figures[1]["numerator"] - figures[0]["numerator"]
        if figures[0]["status"] == figures[1]["status"] == "ok":
            assert row["effect"] == pytest.approx(figures[1]["value"] - figures[0]["value"], abs=1e-9)
    others = set(components.loc[components["component"] == "other", "indicator"])
    assert others == {"safety", "road_noise_land"}  # of respondents, and of land


def test_both_directions_of_moves_are_all_residents(
    analysis: Analysis, unguarded: dict[str, pd.DataFrame]
) -> None:
    residents = analysis.results.residents.set_index(["area_id", "period"])["residents"]
    moves = unguarded["moves"]
    dead = pl.read_parquet(ROOT / "data" / "registers" / "deaths.parquet")
    died = moves.loc[(moves["area_id"] == "@municipality") & (moves["flow"] == "died"), "persons"]
    assert died.sum() == dead.height
    assert "left_or_died" not in set(moves["flow"]) | set(unguarded["components"]["component"])
    sums = moves.groupby(["area_id", "period_before", "period", "direction"])["persons"].sum()
    for (area, before, period, direction), persons in sums.items():
        if area in set(analysis.results.areas["area_id"]):
            assert persons == residents[area, period if direction == "in" else before]
    between = unguarded["moves_between"]
    tenures = between[between["between"] == "tenures"]
    assert {"social", "owner_occupied", "private_rental"} <= set(tenures["origin"])
    assert (tenures["origin"] != tenures["destination"]).any()


def test_destinations_add_up_to_the_movers_of_each_plan(unguarded: dict[str, pd.DataFrame]) -> None:
    rows = unguarded["destinations"]
    assert set(rows["origin"]) == {"U1", "U2"}
    apart = rows[rows["destination"].isin(["@areas", "@elsewhere"])]
    sums = apart.groupby(["origin", "period_before", "period"])
    for _, group in sums:
        assert group["households"].sum() == group["movers"].iloc[0]
        assert group["expected"].sum() == pytest.approx(group["movers"].iloc[0])
    yearly = rows[rows["period_before"] != "2020"].groupby("origin")["households"].sum()
    assert (yearly > 0).all()


def test_small_counts_are_suppressed_and_do_not_follow_from_what_is_beside_them(
    guarded: dict[str, pd.DataFrame], unguarded: dict[str, pd.DataFrame]
) -> None:
    for name in ("components", "move_profiles", "moves", "moves_between", "destinations"):
        shown = guarded[name]
        assert len(shown) >= len(unguarded[name])
        for column in {"persons", "gained", "lost", "base_only", "households"} & set(shown.columns):
            numbers = shown[column].dropna().astype(int)
            assert not numbers.between(1, 4).any(), (name, column)
        hidden = shown[shown["status"] == "protected"]
        assert len(hidden)
    sums = {
        "moves": ["area_id", "period", "direction"],
        "components": ["area_id", "indicator", "period_before", "period"],
        "destinations": ["origin", "period_before", "period"],
    }
    for name, keys in sums.items():
        hidden = guarded[name].assign(hidden=guarded[name]["status"] == "protected").groupby(keys)["hidden"]
        assert not ((hidden.sum() == 1) & ~hidden.all()).any(), name


def test_a_figure_that_is_suppressed_has_no_parts(
    analysis: Analysis, guarded: dict[str, pd.DataFrame]
) -> None:
    published = suppress(analysis.results, "internal", Policy())
    cells = published.table.loc[published.table["status"] == "protected", ["area_id", "indicator", "period"]]
    protected = set(cells.itertuples(index=False, name=None))
    assert protected
    for name in ("components", "linked_change", "move_profiles"):
        rows = guarded[name]
        keys = rows[["area_id", "indicator", "period"]].itertuples(index=False, name=None)
        of_protected = pd.Series([key in protected for key in keys], index=rows.index)
        assert (rows.loc[of_protected, "status"] == "protected").all()


def test_every_sheet_and_column_is_described(
    analysis: Analysis, guarded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    published = suppress(analysis.results, "internal", Policy())
    results = study_follow_up(published, FollowUpPart(), internal_frames=guarded)
    frames = {
        name: frame.groupby("status" if "status" in frame else "cause").head(5)
        for name, frame in results.frames.items()
        if name in guarded
    }
    write_follow_up_workbook(replace(results, frames=frames), tmp_path / "follow_up.xlsx")
    assert not undescribed_headings(tmp_path / "follow_up.xlsx")
    counts = ["numerator", "denominator", "unknown"]
    for frame in guarded.values():
        assert not set(undescribed_columns(list(frame.columns), "follow_up")) - set(counts)


def test_linked_persons_are_for_an_internal_set_alone(
    analysis: Analysis, unguarded: dict[str, pd.DataFrame]
) -> None:
    with pytest.raises(ValueError, match="internal set alone"):
        suppress_linked(unguarded, suppress(analysis.results, "public", Policy()))
