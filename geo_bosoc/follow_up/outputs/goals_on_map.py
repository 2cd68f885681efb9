"""The goals on the follow-up's map: how each stands in each period, in words, and the areas by their goals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import GROUP
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.goals.goal_texts import figure_text, period_text
from geo_bosoc.follow_up.goals.targets import period_end
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.outputs.page.page_model import GoalStanding, PageGoal
from geo_bosoc.outputs.texts import status_word
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import Language, word, words
from geo_bosoc.text.colours import Fill, Hatch

GOALS: Final = "goals"
"""The id of the layer of goals."""
WORST_FIRST: Final[Mapping[str, Fill]] = {
    "moving_away": Fill("#3c357c", Hatch(-45, 5, 2.2)),
    "behind": Fill("#8190c0", Hatch(-45, 9, 1.4)),
    "cannot_tell": Fill("#dfe1e4", Hatch(90, 6, 1.2)),
    "on_course": Fill("#c9dfd5", Hatch(45, 9, 1.4)),
    "met": Fill("#8fb8a4"),
}
"""How an area is drawn by the status of the goal that stands worst."""
_WITHOUT: Final = ("no_goal", Fill("#f1f2f3"))
"""The class of areas that have no goal."""
_FIGURES: Final = (
    ("baseline", "baseline", "baseline_period"),
    ("goal", "goal", "goal_period"),
    ("value", "latest", "period"),
    ("path_value", "path", "period"),
    ("municipality_value", "municipality", "period"),
)
"""The figures of a goal, the words that they go by, and their periods, by the names of their columns."""


def goals_of_page(results: FollowUpResults, periods: Sequence[str]) -> tuple[PageGoal, ...]:
    """The goals of a set with how they stand in each period of its map, from its table of goals alone.

    A goal may be followed by half-years: the latest figure up to a period's end is that period's.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    periods : sequence of str
        The map's.
    """
    frame = results.frames.get("goals")
    if frame is None:
        return ()
    areas = set(results.published.areas["area_id"].astype(str))
    goals = []
    for _, rows in frame.groupby(["goal_set", "goal_id", "area_id", "indicator"], sort=False):
        records: list[dict[Any, Any]] = rows.to_dict("records")
        first = records[0]
        area = str(first["area_id"])
        is_group = area.startswith(GROUP)
        standings = {period: _standing(records, period, results) for period in periods}
        goals.append(
            PageGoal(
                area_id=area if area in areas else "",
                place=area.removeprefix(GROUP) if is_group else results.area_names.get(area, area),
                label=str(first["label"]) or results.labels.get(first["indicator"], str(first["indicator"])),
                indicator=str(first["indicator"]),
                standings={period: each for period, each in standings.items() if each is not None},
            )
        )
    return tuple(goals)


def goals_layer(results: FollowUpResults, goals: Sequence[PageGoal]) -> Classification | None:
    """The areas by the goal of theirs that stands worst; None where no area has a goal.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    goals : sequence of PageGoal
        From `goals_of_page`.
    """
    language = results.language
    order = list(WORST_FIRST)
    worst: dict[tuple[str, str], str] = {}
    for goal in goals:
        for period, standing in goal.standings.items():
            key = (goal.area_id, period)
            if goal.area_id and standing.status in order:
                worst[key] = min(worst.get(key, standing.status), standing.status, key=order.index)
    if not worst:
        return None
    name, fill = _WITHOUT
    categories = [
        MapCategory(status, word("follow_up", f"status:{status}", language), each.colour, each)
        for status, each in WORST_FIRST.items()
    ]
    categories.append(MapCategory(name, word("follow_up_map", name, language), fill.colour, fill, False))
    rows = [
        (str(area), period, worst.get((str(area), period), name))
        for period in sorted({period for _, period in worst})
        for area in results.published.areas["area_id"]
    ]
    return Classification(
        id=GOALS,
        group="goals",
        version=max(results.published.periods),
        label=word("follow_up_map", "goals", language),
        categories=tuple(categories),
        rows=pd.DataFrame(rows, columns=["area_id", "period", "category"]).assign(
            model_version="", possible="", undetermined_by=""
        ),
        source=word("follow_up_map", "goals_source", language),
        share_note=words("follow_up_map", language)["goals_share"],
        assumptions=tuple(("", text) for text in _assumptions(results)),
    )


def _standing(
    records: Sequence[Mapping[Any, Any]], period: str, results: FollowUpResults
) -> GoalStanding | None:
    """How a goal stands in a period of the map; None before its baseline."""
    row, language = row_at(records, period), results.language
    if row is None:
        return None
    figures = []
    for name, when, text in goal_figures(row, results.published):
        key = "goal_baseline_mean" if name == "baseline" and row["baseline_mean_of"] > 1 else f"goal_{name}"
        words_of = word("follow_up_map", key, language, period=when, count=str(row["baseline_mean_of"]))
        figures.append((name, words_of.strip(", "), text))
    return GoalStanding(
        status=str(row["status"]),
        word=word("follow_up", f"status:{row['status']}", language),
        period=str(row["period"]),
        figures=tuple(figures),
        notes=tuple(goal_notes(row, language)),
    )


def row_at(records: Sequence[Mapping[Any, Any]], period: str) -> Mapping[Any, Any] | None:
    """The row of a goal that says how it stands in a period: the latest up to its end; None before the baseline.

    Parameters
    ----------
    records : sequence of Mapping
        The rows of one goal in the table of goals, in order.
    period : str
        One of the results' periods.
    """
    first, end = records[0], period_end(period)
    if first["baseline_period"] and period_end(str(first["baseline_period"])) > end:
        return None
    until = [row for row in records if not row["period"] or period_end(str(row["period"])) <= end]
    if not until:  # there are figures, and all of them are later
        empty = {"period": "", "reason": "no_figure_after_baseline", "within_chance": ""}
        missing = dict.fromkeys(("value", "path_value", "municipality_value"), math.nan)
        until = [{**first, **empty, **missing, "status": "cannot_tell"}]
    return until[-1]


def goal_figures(row: Mapping[Any, Any], published: PublishedResults) -> list[tuple[str, str, str]]:
    """Baseline, goal, latest figure and others of a goal that there are: what it is, its period, the figure.

    Parameters
    ----------
    row : Mapping
        A row of the table of goals.
    published : PublishedResults
        Of the same set.
    """
    language = published.language
    if row["path_value"] == row["goal"] or row["status"] not in ("on_course", "behind", "moving_away"):
        row = {**row, "path_value": math.nan}
    if row["status"] != "no_goal":  # beside a goal, the municipality is the goal's or none of its business
        row = {**row, "municipality_value": math.nan}
    figures = []
    for column, name, period in _FIGURES:
        text = "" if math.isnan(row[column]) else figure_text(row[column], str(row["unit"]), language)
        if (
            column == "goal"
            and row["goal_text"]
            and any(letter.isalpha() for letter in str(row["goal_text"]))
        ):
            text = f"{text} ({row['goal_text']})" if text else str(row["goal_text"])
        if column == "value" and row["reason"] == "protected":
            text = status_word("protected", published)
        if text:
            figures.append((name, period_text(str(row[period]), language) if row[period] else "", text))
    return figures


def goal_notes(row: Mapping[Any, Any], language: Language) -> list[str]:
    """Why the goal stands as it does, and how sure that is."""
    notes = []
    if row["status"] not in ("met", "no_goal"):
        reason = word("follow_up", f"reason:{row['reason']}", language)
        notes.append(f"{reason[:1].upper()}{reason[1:]}.")
    if row["within_chance"] == "yes" and row["status"] not in ("cannot_tell", "no_goal"):
        notes.append(word("goals", "within_chance", language))
    return notes


def _assumptions(results: FollowUpResults) -> list[str]:
    """What the goals assume, each once."""
    texts = results.frames["goals"]["assumption"].fillna("").astype(str)
    return [text for text in dict.fromkeys(texts) if text]
