"""What a categorisation is, and the rows that its frames are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

import pandas as pd

from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import Criterion, Measure, exact
from geo_bosoc.models.exact_values import Cell, Cells, Reading
from geo_bosoc.models.measures import FLIPPED, Spread, bad_side, measured
from geo_bosoc.models.points import NO_SPREAD, Score, category_between, category_of, possible_categories
from geo_bosoc.models.row_columns import Row, RowColumns
from geo_bosoc.models.rules import CriterionResult, History, RulesResult
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.models.table_cells import TableCells
from geo_bosoc.models.three_valued import PossibleOutcomes

CATEGORY_COLUMNS: Final = (
    "area_id", "period", "model", "model_version", "category", "points", "points_min", "points_max",
    "undetermined_by", "category_before", "points_before", "moved_by", "possible", "socioeconomic", "assumed",
)  # fmt: skip
CRITERIA_COLUMNS: Final = (
    "area_id", "period", "model", "criterion", "indicator", "value", "reference", "measure", "operator",
    "threshold", "met", "margin", "margin_persons", "points", "status", "needed", "missing_periods",
)  # fmt: skip
SCORE_COLUMNS: Final = (
    "area_id", "period", "model", "score", "value", "rank", "ranked", "classing", "class",
)  # fmt: skip
FLAG_COLUMNS: Final = ("area_id", "period", "model", "category", "met", "settled_by")


@dataclass(frozen=True)
class Categorisation:
    """What a model says of each area and period, and why.

    Attributes
    ----------
    categories : DataFrame
        One row an area and period: ``area_id, period, model, model_version, category, points, points_min, points_max,
        undetermined_by, category_before, points_before, moved_by, possible, socioeconomic, assumed``.
        `undetermined_by` names the indicators that would settle it, ", " between them ("history 2014" for a year
        whose list is not known); `possible` the categories it can be; `moved_by` the points that changed since the
        period before in the same table ("health +1, safety -1"; "safety ?" where one of the two is not known);
        `socioeconomic` the category without residents' origin, where the model uses it; `assumed` the gates that were
        taken as passed, or ``held`` where the category stands though the points ask for another. None where there is
        nothing to say.
    criteria : DataFrame
        One row an area, period and criterion: ``area_id, period, model, criterion, indicator, value, reference,
        measure, operator, threshold, met, margin, margin_persons, points, status, needed, missing_periods``. Value
        and reference are those of the table (never turned); `threshold` is in the measure's own terms (of a points
        model the last band reached, or the first where none is); `margin` is measure minus threshold;
        `margin_persons` the least signed change in the numerator that crosses it, all else unchanged; `needed` what
        the one missing period's figure must pass.
    model : Model
        The model, as it was run.
    flags : DataFrame
        Of a rules model, one row an area, period and category: ``met`` says whether it holds by itself, apart from
        the others; ``settled_by`` what would decide it.
    scores : DataFrame
        Of an index model, one row an area, period, score and classing: ``area_id, period, model, score`` (a group's id,
        or ``index``), ``value``, ``rank`` (1 is the worst; equal scores share the first place), ``ranked`` (how many
        areas are), ``classing`` and ``class`` (None where the score has no classing of its own).
    cells : Mapping of (str, str, str) to Cell
        The exact figures behind it, reference areas among them, for explanations and margins.
    history : History
        What is known of earlier years, for rules that ask for years in a row.
    averaged : bool
        Whether the figures were taken as averaged already.
    """

    categories: pd.DataFrame
    criteria: pd.DataFrame
    model: Model
    flags: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FLAG_COLUMNS)))
    scores: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SCORE_COLUMNS)))
    cells: Cells = field(repr=False, default_factory=dict)
    history: History = field(repr=False, default_factory=History)
    averaged: bool = False

    @cached_property
    def category_by_area(self) -> Mapping[tuple[str, str], str]:
        """The category of each area and period."""
        keys = zip(self.categories["area_id"].tolist(), self.categories["period"].tolist(), strict=True)
        return dict(zip(keys, self.categories["category"].tolist(), strict=True))

    @cached_property
    def cells_by_area(self) -> Mapping[str, Cells]:
        """The cells of each area, reference areas among them."""
        by_area: dict[str, dict[tuple[str, str, str], Cell]] = {}
        for key, cell in self.cells.items():
            by_area.setdefault(key[0], {})[key] = cell
        return by_area


def areas_by_period(exact_cells: Cells) -> dict[str, list[str]]:
    """The areas of each period, reference areas left out; both in order."""
    areas: dict[str, set[str]] = {}
    pairs = (
        exact_cells.areas() if isinstance(exact_cells, TableCells) else ((a, p) for a, p, _ in exact_cells)
    )
    for area, period in pairs:
        if not area.startswith("@"):
            areas.setdefault(period, set()).add(area)
    return {period: sorted(areas[period]) for period in sorted(areas)}


class GateState(NamedTuple):
    """What the gates say of an area: the category it falls in (None: it passes), what is missing, what was assumed."""

    category: str | None
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


class Rows:
    """Rows gathered period by period, until `to_categorisation` makes frames of them."""

    def __init__(self) -> None:
        self.categories = RowColumns(CATEGORY_COLUMNS)
        self.criteria = RowColumns(CRITERIA_COLUMNS)
        self.flags = RowColumns(FLAG_COLUMNS)
        self.scores = RowColumns(SCORE_COLUMNS)

    def to_categorisation(
        self, model: Model, exact_cells: Cells, history: History, *, averaged: bool
    ) -> Categorisation:
        """The frames, sorted by period and area."""
        return Categorisation(
            categories=self.categories.frame(),
            criteria=self.criteria.frame(),
            model=model,
            flags=self.flags.frame(),
            scores=self.scores.frame(),
            cells=exact_cells,
            history=history,
            averaged=averaged,
        )


def flags_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows of `flag_rows` as a frame, sorted by period and area."""
    columns = RowColumns(FLAG_COLUMNS)
    columns.add(rows)
    return columns.frame()


def flag_rows(model: Model, area: str, period: str, result: RulesResult, gate: GateState) -> list[Row]:
    """Flags of one area: not met where a gate is not passed, undetermined where that is not known."""
    rows: list[Row] = []
    for category in model.category[:-1]:
        state, settled = result.flags[category.id], result.flags_settled_by[category.id]
        if gate.category is not None and not gate.missing:
            state, settled = "not_met", ()
        elif gate.missing and state != "not_met":
            state, settled = "undetermined", (*gate.missing, *settled)
        key = {"area_id": area, "period": period, "model": model.id, "category": category.id}
        rows.append(key | {"met": state, "settled_by": ", ".join(dict.fromkeys(settled)) or None})
    return rows


@dataclass(frozen=True, slots=True)
class HeldCategory:
    """The category an area stands in, and the points it had when it was given."""

    category: str
    points: float


EMPTY: Final = (
    "category", "points", "points_min", "points_max", "undetermined_by", "category_before", "points_before",
    "moved_by", "possible", "socioeconomic", "assumed",
)  # fmt: skip


def blank_row(model: Model, area: str, period: str) -> Row:
    """A category row before anything is known."""
    row: Row = {"area_id": area, "period": period, "model": model.id, "model_version": model.version}
    return row | dict.fromkeys(EMPTY)


def points_row(model: Model, area: str, period: str, scores: Sequence[Score], gate: GateState) -> Row:
    """The category row of one area under a points model."""
    row = blank_row(model, area, period)
    least, most = sum(score.least for score in scores), sum(score.most for score in scores)
    row["assumed"] = ", ".join(gate.assumed) or None
    if gate.category is not None and gate.category != UNDETERMINED:
        return row | {"category": gate.category}
    category = category_between(model, least, most)
    unknown = list(gate.missing)
    if category == UNDETERMINED:
        unknown += _open_indicators(scores)
    row |= {"category": gate.category or category, "points_min": least, "points_max": most}
    row["points"] = least if least == most and all(score.decided for score in scores) else None
    if row["category"] == UNDETERMINED:
        row["possible"] = ", ".join(possible_categories(model, least, most))
        row["undetermined_by"] = ", ".join(dict.fromkeys(unknown)) or None
    return row


def with_hold(
    model: Model, row: Row, held_category: HeldCategory | None, scores: Sequence[Score]
) -> tuple[Row, HeldCategory | None]:
    """The row under `hold`: a category stands until points have moved by more than `hold` since it was given.

    With unknown points the category stands, changes, or is undetermined as all the points still possible say.
    """
    if row["points_min"] is None or (row["category"] == UNDETERMINED and row["points"] is not None):
        return row, held_category  # not assessed, or a gate is not known: the area stays where it stood
    decided = row["points"] is not None
    if held_category is None:
        new = decided and row["category"] != UNDETERMINED
        return row, HeldCategory(row["category"], row["points"]) if new else None
    ends = {
        held_category.category
        if abs(points - held_category.points) <= model.hold
        else category_of(model, points)
        for points in (row["points_min"], row["points_max"], *_inside(row, held_category, model.hold))
    }
    if len(ends) > 1:
        names = [category.id for category in model.category if category.id in ends]
        unknown = ", ".join(dict.fromkeys(_open_indicators(scores)))
        changed = {"category": UNDETERMINED, "possible": ", ".join(names), "undetermined_by": unknown}
        return row | changed, held_category
    category = ends.pop()
    if category == held_category.category and row["category"] != category and decided:
        return row | {"category": category, "assumed": "held"}, held_category
    row = row | {"category": category, "possible": None, "undetermined_by": None}
    if category == held_category.category or not decided:
        return row, held_category
    return row, HeldCategory(category, row["points"])


def _open_indicators(scores: Sequence[Score]) -> list[str]:
    return [score.criterion.indicator for score in scores if score.least != score.most]


def _inside(row: Row, held_category: HeldCategory, size: float) -> list[float]:
    """Whole points between the ends, where the category given could stand though it does not at the ends."""
    low, high = math.ceil(row["points_min"]), math.floor(row["points_max"])
    near = (held_category.points - size, held_category.points, held_category.points + size)
    return [
        *(float(points) for points in range(low, high + 1)),
        *(points for points in near if row["points_min"] <= points <= row["points_max"]),
    ]


def rules_row(
    model: Model,
    area: str,
    period: str,
    outcome: PossibleOutcomes[str],
    without_origin: PossibleOutcomes[str] | None,
    gate: GateState,
) -> Row:
    """The category row of one area under a rules model, with the category without residents' origin."""
    row = blank_row(model, area, period)
    row["assumed"] = ", ".join(gate.assumed) or None
    if gate.category is not None and gate.category != UNDETERMINED:
        return row | {"category": gate.category}
    order = [category.id for category in model.category]
    possible = sorted(outcome.outcomes, key=order.index)
    if gate.missing or not outcome.certain:
        settled = dict.fromkeys((*gate.missing, *outcome.settled_by))
        row |= {
            "category": UNDETERMINED,
            "possible": ", ".join(possible),
            "undetermined_by": ", ".join(settled),
        }
    else:
        row["category"] = possible[0]
    if without_origin is not None:
        certain = without_origin.certain and not gate.missing
        row["socioeconomic"] = without_origin.outcomes[0] if certain else UNDETERMINED
    return row


def change_since(
    before: tuple[Row, Mapping[str, float | None]], row: Row, points: Mapping[str, float | None]
) -> Row:
    """What an area was the period before, and which points changed since."""
    old_row, old_points = before
    change: Row = {"category_before": old_row["category"], "points_before": old_row["points"]}
    if row["points_min"] is None or old_row["points_min"] is None:
        return change
    changes: list[str] = []
    for key, now in points.items():
        was = old_points.get(key)
        if now is not None and was is not None and now != was:
            changes.append(f"{key} {now - was:+g}")
        elif (now is None) != (was is None):
            changes.append(f"{key} ?")
    return change | {"moved_by": ", ".join(changes) or None}


def points_rows(model: Model, area: str, period: str, scores: Sequence[Score]) -> list[Row]:
    """The criteria rows of one area under a points model."""
    rows: list[Row] = []
    for score in scores:
        criterion, value = score.criterion, score.reading.value
        row = _criterion_row(
            model, area, period, criterion, score.reading, score.reference, criterion.measure
        )
        row |= {
            "margin_persons": score.persons,
            "points": score.least if score.decided else None,
            "status": score.status,
        }
        if score.band is not None and value is not None:
            size = criterion.bands[max(score.band - 1, 0)]
            row |= _threshold(criterion, criterion.measure, size, value, score.reference, score.scatter)
            row["met"] = "met" if score.band else "not_met"
            if criterion.measure == "value" and criterion.direction == "low_is_bad":
                row["operator"] = FLIPPED[criterion.operator]
        rows.append(row)
    return rows


def rules_rows(model: Model, area: str, period: str, results: Sequence[CriterionResult]) -> list[Row]:
    """The criteria rows of one area under a rules model."""
    rows: list[Row] = []
    for result in results:
        criterion, reading, limit = result.criterion, result.reading, result.criterion.limit
        assert limit is not None
        measure, size = limit
        row = _criterion_row(model, area, period, criterion, reading, result.reference, measure)
        row |= _threshold(criterion, measure, size, reading.value, result.reference, NO_SPREAD)
        row |= {"met": result.met, "margin_persons": result.persons, "status": result.status}
        row["needed"] = None if result.needed is None else float(result.needed)
        rows.append(row)
    return rows


def _criterion_row(
    model: Model,
    area: str,
    period: str,
    criterion: Criterion,
    reading: Reading,
    reference: Fraction | None,
    measure: Measure,
) -> Row:
    plain = 1 - reference if criterion.complement and reference is not None else reference
    return {
        "area_id": area,
        "period": period,
        "model": model.id,
        "criterion": criterion.key,
        "indicator": criterion.indicator,
        "value": None if reading.value is None else float(reading.value),
        "reference": None if plain is None else float(plain),
        "measure": measure,
        "operator": criterion.operator,
        "threshold": None,
        "met": "undetermined",
        "margin": None,
        "margin_persons": None,
        "points": None,
        "status": reading.status,
        "needed": None,
        "missing_periods": ", ".join(reading.missing) or None,
    }


def _threshold(
    criterion: Criterion,
    measure: Measure,
    size: float,
    value: Fraction | None,
    reference: Fraction | None,
    scatter: Spread,
) -> Row:
    limit = exact(size)
    if measure in ("value", "difference"):
        limit = limit / UNIT_PARTS[criterion.unit]
    if value is None:
        return {"threshold": float(limit)}
    size_here = measured(criterion, measure, bad_side(value, criterion), reference, scatter)
    return {"threshold": float(limit), "margin": None if size_here is None else size_here - float(limit)}
