"""Goals in words: a sentence for each row, and figures, periods and statuses as people read them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import UNIT_FACTOR, in_unit, number


def figure_text(value: float, unit: str, language: Language) -> str:
    """A figure in its unit, without decimals where it has none.

    Examples
    --------
    >>> figure_text(0.471, "percent", "da"), figure_text(0.45, "percent", "da"), figure_text(121.5, "kr.", "da")
    ('47,1 %', '45 %', '121,5 kr.')
    """
    if math.isnan(value):
        return number(None, language)
    figure = value * UNIT_FACTOR.get(unit, 1.0)
    decimals = 0 if abs(figure - round(figure)) < 1e-9 else 1
    if unit in UNIT_FACTOR:
        return (
            number(figure, language, decimals)
            if unit == "count"
            else in_unit(value, unit, language, decimals)
        )
    return " ".join(filter(None, (number(figure, language, decimals), unit)))


def period_text(period: str, language: Language) -> str:
    """A period in a sentence.

    Examples
    --------
    >>> period_text("2024H1", "da"), period_text("2024K3", "en"), period_text("2024", "da")
    ('1. halvår 2024', 'quarter 3 of 2024', '2024')
    """
    if len(period) <= 4:
        return period
    key = "half_year" if period[4] == "H" else "quarter"
    return word("goals", key, language, number=period[5:], year=period[:4])


def goal_sentence(row: Mapping[Any, Any], language: Language) -> str:
    """A row of `geo_bosoc.follow_up.assess_goals` as a sentence.

    Parameters
    ----------
    row : Mapping
        The row.
    language : {"da", "en"}
        Of the sentence.

    Returns
    -------
    str
        Status, figure and goal; why it cannot be told.

    Examples
    --------
    >>> row = {"status": "on_course", "reason": "keeps_the_path", "value": 0.471, "period": "2020", "goal": 0.45,
    ...        "goal_period": "2022", "unit": "percent", "path_value": 0.48, "goal_text": "45", "baseline": 0.525,
    ...        "baseline_period": "2017", "ratio": float("nan"), "municipality_value": float("nan"),
    ...        "municipality_baseline": float("nan"), "within_chance": "", "definition_changed": ""}
    >>> goal_sentence(row, "da")
    'På vej: 47,1 % i 2020, målet er 45 % i 2022. Vejen dertil går over 48 % i 2020.'
    """

    def figure(name: str) -> str:
        return figure_text(row[name], row["unit"], language)

    status = word("follow_up", f"status:{row['status']}", language)
    period, goal_period = period_text(row["period"], language), period_text(row["goal_period"], language)
    goal = figure("goal") if not math.isnan(row["goal"]) else row["goal_text"]
    parts = []
    if row["status"] == "no_goal":
        parts.append(_followed(row, language))
    elif row["status"] == "cannot_tell":
        reason = word("follow_up", f"reason:{row['reason']}", language)
        parts.append(
            word(
                "goals",
                "not_judged",
                language,
                status=status,
                reason=reason,
                goal=goal,
                goal_period=goal_period,
            )
        )
    else:
        key = "judged_by_distance" if row["reason"].startswith("distance_") else "judged"
        parts.append(
            word("goals", key, language, status=status, value=figure("value"), period=period, goal=goal,
                 goal_period=goal_period, reason=word("follow_up", f"reason:{row['reason']}", language))
        )  # fmt: skip
    has_path = not math.isnan(row["path_value"]) and row["path_value"] != row["goal"]
    if row["status"] in ("on_course", "behind") and has_path:
        parts.append(word("goals", "path", language, value=figure("path_value"), period=period))
    if row["within_chance"] == "yes" and row["status"] != "cannot_tell":
        parts.append(word("goals", "within_chance", language))
    return " ".join(parts)


def _followed(row: Mapping[Any, Any], language: Language) -> str:
    """A figure that has no goal: the area's next to the municipality's."""
    is_baseline = not row["period"]
    names = ("baseline", "municipality_baseline") if is_baseline else ("value", "municipality_value")
    area, municipal = (figure_text(row[name], row["unit"], language) for name in names)
    period = period_text(row["baseline_period"] if is_baseline else row["period"], language)
    if math.isnan(row[names[1]]):
        return word("goals", "followed_alone", language, value=area, period=period)
    ratio = number(None if math.isnan(row["ratio"]) else row["ratio"], language, 2)
    return word("goals", "followed", language, value=area, municipality=municipal, period=period, ratio=ratio)
