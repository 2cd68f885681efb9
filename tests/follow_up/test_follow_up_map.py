"""The follow-up's map: its layers, classes that are told apart without colour and are the same in all periods."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from page_data import counts, page_data, tampered

from geo_bosoc.disclosure.attack.other_files import read_other_files
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs.page import follow_up_page, write_follow_up_map
from geo_bosoc.follow_up.outputs.tables import write_frame_csv
from geo_bosoc.follow_up.spec import ChangePart, ClassesPart, DynamicsPart, FollowUpPart
from geo_bosoc.follow_up.spec_parts import GoalsPart
from geo_bosoc.problems import Report
from geo_bosoc.text.colours import lightness

Shown = Callable[..., PublishedResults]
PART = FollowUpPart(dynamics=DynamicsPart(years=1))


@pytest.mark.parametrize("language", ["da", "en"])
def test_layers_of_the_map(small_shown: Shown, language: str) -> None:
    page = follow_up_page(study_follow_up(small_shown("internal", language), PART))
    assert page is not None
    assert page.periods == ["2023", "2024"]
    data = page_data(page)
    labels = [layer["label"] for layer in data["layers"]]
    assert len(labels) == 2 + 4
    assert labels[0].startswith({"da": "Kategori og udvikling", "en": "Category and direction"}[language])
    areas = page.area_ids
    dynamics = data["layers"][0]
    drawn = dict(zip(areas, dynamics["drawn"][1], strict=True))
    word = {"da": "Risikoområde, bedre", "en": "At-risk area, better"}[language]
    assert dynamics["classes"][drawn["A03"]]["label"] == word
    assert "Havneøen" not in str(data["models"][1])
    assert {"da": "Udslaget gav", "en": "It was tipped by"}[language] in str(data["models"][1])
    change = next(layer for layer in data["layers"] if layer["kind"] == "indicator")
    assert change["label"].endswith(
        {"da": "ændring i procentpoint", "en": "change in percentage points"}[language]
    )
    assert data["indicators"][0]["difference"] is True


def test_classes_are_told_apart_in_grey(small_shown: Shown) -> None:
    page = follow_up_page(study_follow_up(small_shown("internal", "da"), PART))
    assert page is not None
    for layer in page.classifications:
        fills = [category.fill for category in layer.categories]
        for first, second in combinations(fills, 2):
            assert first is not None
            assert second is not None
            apart = abs(lightness(first.colour) - lightness(second.colour))
            assert first.hatch != second.hatch or apart >= 10


def test_classes_of_change_are_the_same_in_all_periods(small_shown: Shown) -> None:
    given = {"outside_labour_market": (-2.0, 0.0, 2.0)}
    part = FollowUpPart(classes=ClassesPart(scheme="equal_interval", classes=3, limits=given))
    results = study_follow_up(small_shown("internal", "da"), part)
    page = follow_up_page(results)
    assert page is not None
    variables = {variable.id: variable for variable in page.variables}
    assert variables["outside_labour_market"].limits == (-2.0, 0.0, 2.0)
    rows = results.frames["change"]
    rows = rows[(rows["indicator"] == "safety") & ~rows["area_id"].str.startswith("@")]
    values = 100 * rows["difference"].dropna()
    third = (values.max() - values.min()) / 3
    limits = np.array(variables["safety"].limits)
    counts = [int((values <= values.min() + step * third).sum()) for step in (1, 2)]
    assert [int((values < limit).sum()) for limit in limits] == [
        count for count in counts if 0 < count < len(values)
    ]


def test_nothing_is_drawn_of_a_hidden_figure(small_shown: Shown, tmp_path: Path) -> None:
    """Whatever the hidden figures are, every table and the map are the same bytes."""
    shown = small_shown("public", "da")
    table = shown.table.copy()
    hidden = (table["status"] == "protected").to_numpy()
    assert hidden.any()
    files = []
    for number, count in enumerate((pd.NA, 3)):
        table.loc[hidden, "denominator"] = count
        results = study_follow_up(dataclasses.replace(shown, table=table.copy()), PART)
        write_follow_up_map(results, tmp_path / f"{number}.html")
        frames = {name: frame.to_csv() for name, frame in results.frames.items() if name != "series"}
        files.append(frames)
    assert files[0] == files[1]


def test_two_periods_are_needed(small_shown: Shown, tmp_path: Path) -> None:
    results = study_follow_up(small_shown("public", "da"), FollowUpPart(years=(9,)))
    assert follow_up_page(results) is None
    write_follow_up_map(results, tmp_path / "follow_up.html")
    assert not (tmp_path / "follow_up.html").exists()


def test_wrong_settings_say_where(small_shown: Shown) -> None:
    report = Report()
    part = FollowUpPart(change=ChangePart(against="@sogn"), dynamics=DynamicsPart(scheme="hamborg"))
    results = study_follow_up(small_shown("public", "en"), part, report=report)
    assert "dynamics" not in results.frames
    assert "change" not in results.frames
    assert [problem.key for problem in report.errors] == ["follow_up.change", "follow_up.dynamics.scheme"]


@pytest.mark.parametrize("moves", ["moves", "moves_or_deaths"])
def test_an_internal_map_says_what_persons_say(small_shown: Shown, moves: str) -> None:
    shown = small_shown("internal", "da")
    causes = pd.DataFrame(
        [
            ("A03", "aarhus-2018", "2023", "2024", moves, "", "Folk flyttede."),
            ("A02", "aarhus-2018", "2022", "2023", "chance", "", "Det kan være tilfældigt."),
        ],
        columns=["area_id", "model", "period_before", "period", "cause", "detail", "reason"],
    )
    results = study_follow_up(shown, PART, internal_frames={"category_causes": causes})
    page = follow_up_page(results)
    assert page is not None
    (note,) = page.explanations["aarhus-2018-moves"]["A03", "2024"].notes
    assert "flyttede" in note
    assert (
        "variation" not in note
    )  # what the figures' own intervals say of chance gives way to what persons say
    rows = results.frames["category_changes"].set_index(["area_id", "period_before", "period"])
    assert rows.loc[("A02", "2022", "2023"), "by_chance"] == "yes"
    assert rows.loc[("A03", "2023", "2024"), "by_chance"] == "no"
    causes_layer = next(layer for layer in page.classifications if layer.id == "aarhus-2018-causes-1")
    drawn = causes_layer.rows.set_index(["area_id", "period"])["category"]
    assert drawn["A03", "2024"] == f"cause_{moves}"
    classes = {each.id for each in causes_layer.categories}
    assert {each for each in classes if "moves" in each} == {f"cause_{moves}"}
    assert drawn["A02", "2023"] == "cause_chance"
    assert drawn["A05", "2024"] == "cause_none"
    assert causes_layer.id in page.without_card


def test_the_attack_reads_the_map(small_shown: Shown, tmp_path: Path) -> None:
    shown = small_shown("public", "da")
    write_follow_up_map(study_follow_up(shown, PART), tmp_path / "follow_up.html")
    public = published_set(shown)
    public.labels = {each.label("da"): each.id for each in shown.indicators}
    read_other_files(public, tmp_path)
    assert not public.leaks
    assert not public.unread
    text = (tmp_path / "follow_up.html").read_text(encoding="utf-8")
    hidden = shown.table[(shown.table["status"] == "protected") & (shown.table["period"] == "2024")].iloc[0]

    def with_value(figures: dict[str, Any], words: dict[str, Any]) -> None:
        place = [each["id"] for each in figures["indicators"]].index("youth_crime")
        area = [each["id"] for each in figures["areas"]].index(hidden["area_id"])
        figures["indicators"][place]["columns"]["value"][-1][area] = 30

    (tmp_path / "follow_up.html").write_text(tampered(text, with_value), encoding="utf-8")
    changed = published_set(shown)
    changed.labels = public.labels
    read_other_files(changed, tmp_path)
    assert changed.leaks


GOALS = """goal_id;label;area_id;indicator;category;baseline;baseline_period;target;target_period;unit
out;Færre uden for arbejdsmarkedet;A01;outside_labour_market;;55;2022;30;2026;
far;Flere uden for;A03;outside_labour_market;;10;2023;8;2026;
town;Færre sigtede i byen;@municipality;youth_crime;;;2022;halveres;2026;
listed;Halvt så mange områder;@areas;;severely_deprived|deprived;;2022;halveres;2026;
late;Møder;A02;møder;;2;2023;4;2026;møder
crime;Færre sigtede;A07;youth_crime;;;2022;halveres;2026;
"""


def goals_part(folder: Path) -> FollowUpPart:
    """A made-up agreement, and meetings that came in the second half of 2024 alone."""
    (folder / "goals.csv").write_text(GOALS, encoding="utf-8")
    registrations = "area_id;period;measure;value;unit\nA02;2024H2;møder;3;møder\n"
    (folder / "registrations.csv").write_text(registrations, encoding="utf-8")
    sets: Any = ({"source": "goals.csv"},)
    return FollowUpPart(goals=GoalsPart(sets=sets, registrations=("registrations.csv",)))


def test_goals_stand_in_the_panel_as_in_their_table(small_shown: Shown, tmp_path: Path) -> None:
    results = study_follow_up(small_shown("public", "da"), goals_part(tmp_path), folder=tmp_path)
    page = follow_up_page(results)
    assert page is not None
    goals = {goal.label: goal for goal in page.goals}
    rows = results.frames["goals"].set_index(["label", "period"])
    out = goals["Færre uden for arbejdsmarkedet"]
    assert (out.area_id, out.place) == ("A01", "Søndervang")
    standing = out.standings["2024"]
    assert standing.status == rows.loc[("Færre uden for arbejdsmarkedet", "2024"), "status"]
    assert [name for name, _, _ in standing.figures][:3] == ["baseline", "goal", "latest"]
    assert standing.figures[0][1:] == ("Udgangspunkt, 2022", "55 %")
    assert standing.figures[1][1:] == ("Mål, 2026", "30 %")
    town, listed = goals["Færre sigtede i byen"], goals["Halvt så mange områder"]
    assert (town.area_id, town.place) == ("", "Kommunen")
    assert (listed.area_id, listed.place) == ("", "Alle områder under ét")
    assert goals["Møder"].standings["2023"].notes == ("Intet tal efter udgangspunktet.",)
    assert goals["Møder"].standings["2024"].period == "2024H2"
    assert goals["Møder"].standings["2024"].figures[2][1:] == ("Seneste tal, 2. halvår 2024", "3 møder")


def test_an_area_is_drawn_by_the_goal_that_stands_worst(small_shown: Shown, tmp_path: Path) -> None:
    page = follow_up_page(study_follow_up(small_shown("public", "da"), goals_part(tmp_path), folder=tmp_path))
    assert page is not None
    layer = page.classifications[-1]
    assert (layer.id, page.without_card) == ("goals", ("goals",))
    drawn = layer.rows.set_index(["area_id", "period"])["category"]
    assert drawn["A05", "2024"] == "no_goal"
    for goal in page.goals:
        if goal.area_id:  # each of these areas has one
            assert drawn[goal.area_id, "2024"] == goal.standings["2024"].status
    data = page_data(page)
    shown = next(each for each in data["layers"] if each["label"] == "Områdernes mål")
    assessed = [counts(shown, 1)[each["id"]] for each in shown["classes"] if not each.get("beside")]
    assert sum(assessed) == 4  # of the areas, those with a goal are counted
    assert [model["card"] for model in data["models"]] == [True, False]


@pytest.mark.parametrize("changed", ["latest", "status", "note"])
def test_the_attack_reads_goals(small_shown: Shown, tmp_path: Path, changed: str) -> None:
    shown = small_shown("public", "da")
    results = study_follow_up(shown, goals_part(tmp_path), folder=tmp_path)
    write_follow_up_map(results, tmp_path / "follow_up.html")
    write_frame_csv(results, tmp_path / "follow_up_goals.csv")
    for name in ("goals.csv", "registrations.csv"):
        (tmp_path / name).unlink()
    intact = published_set(shown)
    intact.labels = {each.label("da"): each.id for each in shown.indicators}
    read_other_files(intact, tmp_path)
    assert not intact.leaks
    text = (tmp_path / "follow_up.html").read_text(encoding="utf-8")

    def with_goal(figures: dict[str, Any], words: dict[str, Any]) -> None:
        standing = next(goal for goal in words["goals"] if goal["label"] == "Færre sigtede")["standings"][1]
        assert standing["word"] in ("Kan ikke afgøres", "Cannot be told")
        if changed == "latest":
            standing["figures"] = [["latest", "Seneste tal, 2024", "12,2 pr. 1.000"]]
        elif changed == "note":
            standing["notes"] = ["Tre af 30."]
        else:
            standing["status"] = "met"

    (tmp_path / "follow_up.html").write_text(tampered(text, with_goal), encoding="utf-8")
    public = published_set(shown)
    public.labels = intact.labels
    read_other_files(public, tmp_path)
    assert public.leaks
