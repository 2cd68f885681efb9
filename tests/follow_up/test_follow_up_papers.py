"""What the follow-up tells in papers: its figures are those of its tables, and a public set tells of no moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.disclosure.results import ALL_AREAS, PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.goals.goal_texts import figure_text
from geo_bosoc.follow_up.outputs.change_sections import change_text
from geo_bosoc.follow_up.outputs.sections import follow_up_sections, goal_levels
from geo_bosoc.follow_up.spec import DynamicsPart, FollowUpPart
from geo_bosoc.follow_up.spec_parts import GoalsPart, SafetyPart
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.indicators.similar_areas import TwinsPart
from geo_bosoc.outputs.documents.document import Block, Table, texts_of
from geo_bosoc.text.numbers import in_unit

Shown = Callable[..., PublishedResults]
GOALS = """goal_id;label;area_id;indicator;category;baseline;baseline_period;target;target_period;unit
out;Færre uden for arbejdsmarkedet;A01;outside_labour_market;;55;2022;30;2026;
town;Færre sigtede i byen;@municipality;youth_crime;;;2022;halveres;2026;
"""


@pytest.fixture
def results(small_shown: Shown, tmp_path: Path) -> Callable[..., FollowUpResults]:
    (tmp_path / "goals.csv").write_text(GOALS, encoding="utf-8")
    sets: Any = ({"source": "goals.csv"},)
    part = FollowUpPart(
        years=(1, 2),
        dynamics=DynamicsPart(years=1),
        goals=GoalsPart(sets=sets),
        safety=SafetyPart(indicators=("safety",)),
        twins=TwinsPart(by=("outside_labour_market",), number=2),
    )

    def study(output_set: str, frames: dict[str, pd.DataFrame] | None = None) -> FollowUpResults:
        return study_follow_up(small_shown(output_set, "da"), part, folder=tmp_path, internal_frames=frames)

    return study


def tables(blocks: Iterable[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def rows_by_name(table: Table) -> dict[str, list[str]]:
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


@pytest.mark.parametrize("area", ["A01", "A03", "A08", ALL_AREAS])
def test_changes_are_those_of_the_table(results: Callable[..., FollowUpResults], area: str) -> None:
    study = results("public")
    change = tables(follow_up_sections(study, area)["change"])[0]
    assert change.header[2:] == ("Ændret siden 2023", "Ændret siden 2022")
    frame = study.frames["change"].set_index(["area_id", "period", "period_before", "indicator"])
    texts_of_row = rows_by_name(change)
    for spec in study.published.indicators:
        rows = [frame.loc[(area, "2024", before, spec.id)] for before in ("2023", "2022")]
        if all(row["status"] in ("missing", "no_base") for row in rows):
            assert spec.label("da") not in texts_of_row
            continue
        for text, row in zip(texts_of_row[spec.label("da")][1:], rows, strict=True):
            if row["status"] != "ok":
                assert text == {"protected": "skjult"}.get(row["status"], text)
                assert not any(letter.isdigit() for letter in text)
                continue
            size = change_text(row["difference"], spec.unit, "da")
            assert text.startswith(size)
            sure = {"yes": " (sikker forskel)", "no": " (kan være tilfældigt)"}.get(row["differs"], "")
            assert text.removeprefix(size) == (sure if size[0] in "+−" else "")


def test_a_figure_that_is_shown_stands_where_its_change_is_hidden(
    results: Callable[..., FollowUpResults],
) -> None:
    study = results("public")
    table = study.published.table
    now = table[(table["period"] == "2024") & (table["status"] == "ok")].set_index(["area_id", "indicator"])
    units = {spec.id: spec for spec in study.published.indicators}
    frame = study.frames["change"]
    hidden = frame[(frame["period"] == "2024") & (frame["status"] == "protected")]
    pairs = {(row["area_id"], row["indicator"]) for row in hidden.to_dict("records")} & set(now.index)
    assert pairs
    for area, indicator in pairs:
        spec = units[indicator]
        texts_of_row = rows_by_name(tables(follow_up_sections(study, area)["change"])[0])[spec.label("da")]
        assert texts_of_row[0] == in_unit(
            now.loc[(area, indicator), "value"], spec.unit, "da", 2 if spec.unit == "mean" else 1
        )


def test_the_history_has_every_period_and_the_reason_of_each_change(
    results: Callable[..., FollowUpResults],
) -> None:
    study = results("internal")
    frame = study.frames["category_changes"]
    moved = frame[(frame["period"] == "2024") & frame["direction"].isin(["better", "worse"])]
    moved = moved[moved["period_before"] == "2023"]
    for row in moved.to_dict("records"):
        history = tables(follow_up_sections(study, row["area_id"])["change"])[1]
        assert [each[0].text for each in history.rows] == study.published.periods
        assert history.rows[-1][2].text == row["reason"]
        assert history.rows[-1][1].fill is not None
    report = tables(follow_up_sections(study, ALL_AREAS)["change"])[-1]
    assert {row[1].text for row in report.rows} == set(moved["reason"])


def test_goals_of_an_area_and_of_all(results: Callable[..., FollowUpResults]) -> None:
    study = results("public")
    (of_area,) = tables(follow_up_sections(study, "A01")["goals"])
    last = study.frames["goals"].set_index(["goal_id", "period"]).loc[("out", "2024")]
    label, start, latest, goal, status, _ = (cell.text for cell in of_area.rows[0])
    assert label == last["label"]
    assert start == f"{figure_text(last['baseline'], 'percent', 'da')} i 2022"
    assert latest == f"{figure_text(last['value'], 'percent', 'da')} i 2024"
    assert goal.startswith(figure_text(last["goal"], "percent", "da")) and goal.endswith("i 2026")
    assert last["sentence"].startswith(status)
    (of_all,) = tables(follow_up_sections(study, ALL_AREAS)["goals"])
    assert [row[0].text.partition(": ")[0] for row in of_all.rows] == [study.area_names["A01"], "Kommunen"]
    assert "goals" not in follow_up_sections(study, "A02")
    assert goal_levels(study, "A01") == {"outside_labour_market": (last["goal"], "målet i 2026")}


def test_the_survey_says_on_which_side_an_area_lies(results: Callable[..., FollowUpResults]) -> None:
    study = results("internal")
    frame = study.frames["safety"]
    survey = tables(follow_up_sections(study, ALL_AREAS)["safety"])[0]
    last = frame[(frame["period"] == frame["period"].max()) & (frame["status"] == "ok")].set_index("area_id")
    by_name = rows_by_name(survey)
    assert set(by_name) == {study.area_names[area] for area in last.index}
    words = {"no": "ingen sikker forskel", "worse": "ligger dårligere", "better": "ligger bedre"}
    for area, row in last.iterrows():
        assert by_name[study.area_names[str(area)]][1] == in_unit(row["value"], "percent", "da")
        assert by_name[study.area_names[str(area)]][-1] == words.get(row["differs_from_population"], "–")


def moves_frames() -> dict[str, pd.DataFrame]:
    keys = {"area_id": "A01", "period_before": "2023", "period": "2024"}
    moves = pd.DataFrame(
        [
            {**keys, "direction": "out", "flow": "same_home", "persons": 90.0, "share": 0.9, "status": "ok"},
            {**keys, "direction": "out", "flow": "moved_out", "persons": np.nan, "share": np.nan,
             "status": "protected"},
        ]
    )  # fmt: skip
    between = pd.DataFrame(
        [("2023", "2024", "areas", "A01", "@elsewhere", 40.0, "ok"),
         ("2023", "2024", "areas", "A01", "A02", 7.0, "ok"),
         ("2023", "2024", "areas", "A01", "A03", np.nan, "protected")],
        columns=["period_before", "period", "between", "origin", "destination", "persons", "status"],
    )  # fmt: skip
    return {"moves": moves, "moves_between": between}


def test_moves_stand_in_the_internal_set_alone(results: Callable[..., FollowUpResults]) -> None:
    study = results("internal", moves_frames())
    flows, places = tables(follow_up_sections(study, "A01")["moves"])
    assert rows_by_name(flows) == {
        "Samme bolig": ["90", "90,0 %"],
        "Flyttet til kommunen i øvrigt": ["skjult", "skjult"],
    }
    assert rows_by_name(places) == {"Kommunen uden for områderne": ["40"], study.area_names["A02"]: ["7"]}
    public = results("public")
    for area in ("A01", ALL_AREAS):
        assert "moves" not in follow_up_sections(public, area)
    with pytest.raises(ValueError, match="internal set alone"):
        results("public", moves_frames())


def test_no_id_stands_in_a_paper_and_twins_are_named(results: Callable[..., FollowUpResults]) -> None:
    study = results("internal", moves_frames())
    for area in ("A01", "A02", ALL_AREAS):
        sections = follow_up_sections(study, area)
        texts = [text for blocks in sections.values() for block in blocks for text in texts_of(block)]
        assert not [text for text in texts for key in study.area_names if key in text]
    (twins,) = follow_up_sections(study, "A01")["residents"]
    rows = study.frames["twins"].query("area_id == 'A01' and period == '2024'").sort_values("rank")
    assert ", ".join(study.area_names[each] for each in rows["twin"]) in next(iter(texts_of(twins)))
