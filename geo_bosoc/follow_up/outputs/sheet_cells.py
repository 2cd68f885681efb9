"""The cells of the follow-up's sheets: names in the place of ids, words of values, numbers in their unit."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

import pandas as pd

from geo_bosoc.disclosure.results import RESIDENTS
from geo_bosoc.follow_up.changes.tipping_criteria import HISTORY
from geo_bosoc.follow_up.spec_parts import REFERENCES
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import figure_label
from geo_bosoc.outputs.texts import class_word, status_word
from geo_bosoc.outputs.workbook.looks import INTEGER, PERCENT, QUIET, TEXT, TWO_DECIMALS, UNIT_FORMAT, Look
from geo_bosoc.outputs.workbook.sheet import Drawn, missing
from geo_bosoc.text.catalogue import word, word_or_key, words
from geo_bosoc.text.numbers import UNIT_FACTOR

Kind = Literal[
    "value",  # in the unit of the row's indicator
    "difference",  # of two such values: percentage points where they are shares
    "share",  # a fraction, shown in per cent
    "ratio",
    "whole",
    "year",
]

KINDS: Final[dict[str, Kind]] = {
    "value": "value",
    "value_before": "value",
    "value_of_twins": "value",
    "ratio": "ratio",
    "rank": "whole",
    "figures_compared": "whole",
    "twins": "whole",
    "difference": "difference",
    "low": "difference",
    "high": "difference",
    "reference": "value",
    "reference_before": "value",
    "reference_difference": "difference",
    "against_reference": "difference",
    "change": "difference",
    "reform_change": "difference",
    "other_change": "difference",
    "reform_share": "share",
    "other_value": "value",
    "chained_value": "value",
    "baseline": "value",
    "goal": "value",
    "path_value": "value",
    "difference_low": "difference",
    "difference_high": "difference",
    "municipality_baseline": "value",
    "municipality_value": "value",
    "against_municipality": "difference",
    "areas": "whole",
    "areas_before": "whole",
    "stayed": "whole",
    "entered": "whole",
    "left": "whole",
    "residents": "whole",
    "residents_before": "whole",
    "residents_difference": "whole",
    "growth": "share",
    "correlation": "ratio",
    "effect": "difference",
    "value_stayed": "value",
    "persons": "whole",
    "gained": "whole",
    "lost": "whole",
    "base_only": "whole",
    "households": "whole",
    "movers": "whole",
    "share": "share",
    "threshold": "value",
    "margin": "difference",
    "margin_persons": "whole",
    "chance": "share",
    "observed": "share",
    "from_chance": "share",
    "to_chance": "share",
    "forecasts": "whole",
    "horizon": "whole",
    "step": "whole",
    "bin": "whole",
    "bins": "whole",
    "bins_within": "whole",
}
"""How numbers stand in a sheet, by column; a number of any other column is shown as it is."""
FRAME_KINDS: Final[dict[str, dict[str, Kind]]] = {
    "series": {"low": "value", "high": "value"},
    "goals": {"low": "value", "high": "value"},
    "safety": dict.fromkeys(("value", *REFERENCES), "share"),
    "move_profiles": {"low": "value", "high": "value"},
    "destinations": {"low": "ratio", "high": "ratio"},
    "warning_bins": {"low": "share", "high": "share"},
    "beside_twins": {"low": "value", "high": "value"},
}
"""The same for columns that are another thing in one table, by table."""

_AS_WRITTEN: Final = ("goal_baselines",)
"""Tables that are read back: their numbers stand in their own unit."""
_SIGNED: Final = {
    "percent": r"+0.0;\-0.0;0.0",
    "per_1000": r"+0.0;\-0.0;0.0",
    "per_10000": r"+0.0;\-0.0;0.0",
    "mean": r"+0.00;\-0.00;0.00",
    "count": r"+#,##0;\-#,##0;0",
}
"""How a difference in each unit is shown: of shares in percentage points, which its head says."""
_STATUSES_OF_FIGURES: Final = ("protected", "missing", "no_base", "not_published")
"""Why a figure is not there, which stands in its place; a goal's status says nothing of it."""
_EMPTY: Final[Drawn] = ("", TEXT)
_WRAPPED: Final = Look(wrap=True)
_LONG_TEXTS: Final = ("reason", "assumption", "sentence", "path", "note", "method", "notice")
RowFacts = tuple[str, str, bool, Unit]
"""Of a row: its status, its model, whether it is about a category, and the unit of its figures."""
CATEGORY: Final = "category"
"""In the column `criterion` of early warnings: it is about the category."""


def row_facts(frame: pd.DataFrame, results: FollowUpResults) -> list[RowFacts]:
    """What the cells of each row hang on, beside their own values.

    Parameters
    ----------
    frame : DataFrame
        A table of the follow-up.
    results : FollowUpResults
        Whose table it is.

    Returns
    -------
    list of RowFacts
        For `column_cells`.
    """
    units: dict[str, Unit] = {
        criterion.indicator: criterion.unit
        for model in results.further_models
        for criterion in model.criterion
    }
    units |= {indicator.id: indicator.unit for indicator in results.published.indicators}
    columns = [_strings(frame, name) for name in ("status", "model", "criterion", "indicator", "unit")]
    return [
        (status, model, criterion == CATEGORY, _unit(indicator, unit, units))
        for status, model, criterion, indicator, unit in zip(*columns, strict=True)
    ]


def column_cells(
    sheet: str, column: str, frame: pd.DataFrame, facts: Sequence[RowFacts], results: FollowUpResults
) -> list[Drawn]:
    """A column of a sheet; texts that are alike are put in words once.

    Parameters
    ----------
    sheet : str
        The name of the table.
    column : str
        A column of it, or ``name``: of the areas.
    frame : DataFrame
        The table.
    facts : sequence of RowFacts
        From `row_facts`.
    results : FollowUpResults
        Whose table it is.

    Returns
    -------
    list of Drawn
        A cell a row.
    """
    if column == "name" and "name" not in frame.columns:
        return [(results.area_names.get(area, area), TEXT) for area in _strings(frame, "area_id")]
    kind = FRAME_KINDS.get(sheet, {}).get(column) or KINDS.get(column)
    is_figure = kind in ("value", "difference")
    in_words: dict[tuple[str, str, bool], Drawn] = {}
    cells: list[Drawn] = []
    for value, (status, model, is_of_category, unit) in zip(_values(frame[column]), facts, strict=True):
        if missing(value):
            has_reason = is_figure and status in _STATUSES_OF_FIGURES
            cells.append((status_word(status, results.published), QUIET) if has_reason else _EMPTY)
        elif isinstance(value, str):
            key = (value, model, is_of_category)
            if key not in in_words:
                text = _text(column, value, results.models.get(model), is_of_category, results)
                in_words[key] = (text, _WRAPPED if column in _LONG_TEXTS else TEXT)
            cells.append(in_words[key])
        elif isinstance(value, bool):
            cells.append(("x", TEXT) if value else _EMPTY)
        elif sheet in _AS_WRITTEN:
            cells.append((float(value), TEXT))
        else:
            cells.append(_number(value, kind, unit))
    return cells


def _values(column: pd.Series) -> list[Any]:
    """A column's values as Python has them; of columns of texts in a tenth of the time that `tolist` takes."""
    values: list[Any] = column.to_numpy(dtype=object).tolist()
    return values


def _strings(frame: pd.DataFrame, column: str) -> list[str]:
    """A column of texts; empty ones where the frame has none."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if missing(value) else str(value) for value in _values(frame[column])]


def _number(value: Any, kind: Kind | None, unit: Unit) -> Drawn:
    """A number by what its column holds."""
    if kind == "value":
        return float(value) * (1.0 if unit == "percent" else UNIT_FACTOR[unit]), _look(UNIT_FORMAT[unit])
    if kind == "difference":
        return float(value) * UNIT_FACTOR[unit], _look(_SIGNED[unit])
    if kind == "share":
        return float(value), _look(PERCENT)
    if kind == "whole":
        return int(value), _look(INTEGER)
    if kind == "year":
        return int(value), _look("0")
    return float(value), _look("0" if float(value).is_integer() else TWO_DECIMALS)


@functools.cache
def _look(number: str) -> Look:
    return Look(number=number)


def _unit(indicator: str, written: str, units: Mapping[str, Unit]) -> Unit:
    """The unit of a row's figures: its indicator's, or its own; what neither says is a number."""
    if written in UNIT_FORMAT:
        return cast(Unit, written)
    if written:
        return "mean"  # kroner, marks, meetings: as many decimals as it has
    return units.get(indicator, "count")


def _text(
    column: str, value: str, model: Model | None, is_of_category: bool, results: FollowUpResults
) -> str:
    """A text as a reader has it: labels of indicators, models and categories, words of values."""
    if column in ("area_id", "period", "period_before") or value == "":
        return value
    if column == "compared_by":
        return ", ".join(results.labels.get(each, each) for each in value.split("|"))
    if column.startswith("area_id") or column == "twin":
        return results.area_names.get(value, value)
    if column in ("origin", "destination"):
        subject = "follow_up" if value.startswith("@") else "balance"  # areas outside, and tenures
        return results.area_names.get(value, words(subject, results.language).get(value, value))
    if column == "cause":
        return ", ".join(
            word("follow_up", f"cause:{each}", results.language) for each in re.split(r"[|+]", value)
        )
    if column == "indicator":
        return results.labels.get(value, value)
    if column == "model" and model is not None:
        return model.label(results.language)
    if column.startswith("category") and model is not None:
        return class_word(model, value, results.language)
    if column in ("tipped_by", "sufficient", "necessary"):
        return _criteria(value, model, results)
    if (column == "now" and is_of_category) or column.startswith("possible"):
        return ", ".join(class_word(model, each, results.language) for each in value.split(", "))
    if column == "criterion" and model is not None:
        labels = {criterion.key: criterion.label(results.language) for criterion in model.criterion}
        return labels.get(value, word_or_key("follow_up", f"criterion:{value}", results.language))
    if column in ("missing", "figures"):
        return ", ".join(_figure_name(each, results) for each in value.split(", "))
    if column == "status" and value in ("ok", *_STATUSES_OF_FIGURES):
        return "" if value == "ok" else status_word(value, results.published)
    subject = "differs_from" if column.startswith("differs_from_") else column
    return words("follow_up", results.language).get(f"{subject}:{value}", value)


def _criteria(ids: str, model: Model | None, results: FollowUpResults) -> str:
    """Criteria with "|" between their ids, as a reader has them."""
    if model is None:
        return ids
    language = results.language
    labels = {**results.labels, HISTORY: word("category_changes", "history", language)}
    return ", ".join(figure_label(model, each, language, labels) for each in ids.split("|"))


def _figure_name(figure: str, results: FollowUpResults) -> str:
    """What a figure is called: an indicator's label, or an earlier list."""
    kind, _, year = figure.partition(" ")
    if kind == "history":
        return word("list_ahead", "list_of", results.language, year=year)
    if figure == RESIDENTS:
        return word("list_ahead", "residents", results.language)
    return results.labels.get(figure, figure)
