"""What a categorisation is, and the rows that its frames are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.exact_values import Cells, Reading
from geo_bosoc.models.measures import FLIPPED, Spread, bad_side, measured
from geo_bosoc.models.points import Score, possible, settle
from geo_bosoc.models.rules import CriterionResult, History, RulesResult
from geo_bosoc.models.spec import UNDETERMINED, Criterion, Measure, Model, exact
from geo_bosoc.models.spec_parts import UNIT_PARTS

CATEGORY_COLUMNS: Final = (
    "area_id", "period", "model", "model_version", "category", "points", "points_min", "points_max",
    "undetermined_by", "category_before", "points_before", "moved_by", "possible", "socioeconomic", "assumed",
)  # fmt: skip
CRITERIA_COLUMNS: Final = (
    "area_id", "period", "model", "criterion", "indicator", "value", "reference", "measure", "operator",
    "threshold", "met", "margin", "margin_persons", "points", "status", "needed", "missing_periods",
)  # fmt: skip
FLAG_COLUMNS: Final = ("area_id", "period", "model", "category", "met", "settled_by")
NUMBERS: Final = frozenset((
    "points", "points_min", "points_max", "points_before", "value", "reference", "threshold", "margin",
    "margin_persons", "needed",
))  # fmt: skip


@dataclass(frozen=True)
class Categorisation:
    """What a model says of each area and period, and why.

    Attributes
    ----------
    categories : one row an area and period: ``area_id, period, model, model_version, category, points,
        points_min, points_max, undetermined_by, category_before, points_before, moved_by, possible,
        socioeconomic, assumed``. `undetermined_by` names the indicators that would settle it, ", " between
        them ("history 2014" for a year whose list is not known); `possible` the categories it can be;
        `moved_by` the points that changed since the period before in the same table ("health +1, safety -1";
        "safety ?" where one of the two is not known); `socioeconomic` the category without residents' origin,
        where the model uses it; `assumed` the gates that were taken as passed, or ``held`` where the category
        stands though the points ask for another. None where there is nothing to tell.
    criteria : one row an area, period and criterion: ``area_id, period, model, criterion, indicator, value,
        reference, measure, operator, threshold, met, margin, margin_persons, points, status, needed,
        missing_periods``. Value and reference are those of the table (never turned); `threshold` is in the
        measure's own terms (of a points model the last band reached, or the first where none is); `margin` is
        measure minus threshold; `margin_persons` the least signed change in the numerator that crosses it,
        all else held; `needed` what the one missing period's figure must pass.
    flags : of a rules model, one row an area, period and category: ``met`` says whether it holds by itself,
        beside the others; ``settled_by`` what would decide it.
    model : the model, as it was run.
    cells : the exact figures behind it, reference areas among them, for explanations and margins.
    history : what is known of earlier years, for rules that ask for years in a row.
    finished : whether the figures were taken as averaged already.
    """

    categories: pd.DataFrame
    criteria: pd.DataFrame
    model: Model
    flags: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FLAG_COLUMNS)))
    cells: Cells = field(repr=False, default_factory=dict)
    history: History = field(repr=False, default_factory=History)
    finished: bool = False


@dataclass
class Rows:
    """Rows gathered period by period, until `finish` makes frames of them."""

    categories: list[dict[str, Any]] = field(default_factory=list)
    criteria: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)

    def add_flags(
        self,
        model: Model,
        area: str,
        period: str,
        judgement: RulesResult,
        gate: tuple[str | None, tuple[str, ...], tuple[str, ...]],
    ) -> None:
        """Flags of one area: not met where a gate is not passed, undetermined where that is not known."""
        decided, missing, _ = gate
        for category in model.category[:-1]:
            state, settled = judgement.flags[category.id], judgement.flags_settled_by[category.id]
            if decided is not None and not missing:
                state, settled = "not_met", ()
            elif missing and state != "not_met":
                state, settled = "undetermined", (*missing, *settled)
            key = {"area_id": area, "period": period, "model": model.id, "category": category.id}
            self.flags.append(key | {"met": state, "settled_by": ", ".join(dict.fromkeys(settled)) or None})

    def flags_frame(self) -> pd.DataFrame:
        """The flags so far."""
        return _frame(self.flags, FLAG_COLUMNS)

    def finish(self, model: Model, cells: Cells, history: History, *, finished: bool) -> Categorisation:
        """The frames, sorted by period and area."""
        return Categorisation(
            categories=_frame(self.categories, CATEGORY_COLUMNS),
            criteria=_frame(self.criteria, CRITERIA_COLUMNS),
            model=model,
            flags=self.flags_frame(),
            cells=cells,
            history=history,
            finished=finished,
        )


def _frame(rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in frame.columns:
        frame[column] = frame[column].astype("float64" if column in NUMBERS else "object")
        if column not in NUMBERS:
            frame[column] = frame[column].where(frame[column].notna(), None)
    return frame.sort_values(["period", "area_id"], kind="stable", ignore_index=True)


Gated = tuple[str | None, tuple[str, ...], tuple[str, ...]]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
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


def points_row(model: Model, area: str, period: str, scores: Sequence[Score], gate: Gated) -> Row:
    """The category row of one area under a points model."""
    row = blank_row(model, area, period)
    least, most = sum(s.least for s in scores), sum(s.most for s in scores)
    decided, missing, assumed = gate
    row["assumed"] = ", ".join(assumed) or None
    if decided is not None and decided != UNDETERMINED:
        return row | {"category": decided}
    found = settle(model, least, most)
    unknown = list(missing)
    if found == UNDETERMINED:
        unknown += [s.criterion.indicator for s in scores if s.least != s.most]
    row |= {"category": decided or found, "points_min": least, "points_max": most}
    row["points"] = least if least == most and all(s.decided for s in scores) else None
    if row["category"] == UNDETERMINED:
        row["possible"] = ", ".join(possible(model, least, most))
        row["undetermined_by"] = ", ".join(dict.fromkeys(unknown)) or None
    return row


def hold(
    model: Model, row: Row, standing: Standing | None, scores: Sequence[Score]
) -> tuple[Row, Standing | None]:
    """The row under `hold`: a category stands until points have moved by more than `hold` since it was given.

    With unknown points the category stands, changes, or is undetermined as all the points still possible say.
    """
    if row["points_min"] is None or (row["category"] == UNDETERMINED and row["points"] is not None):
        return row, standing  # not assessed, or a gate is not known: the area keeps standing where it stood
    if standing is None:
        new = (
            None
            if row["points"] is None or row["category"] == UNDETERMINED
            else Standing(row["category"], row["points"])
        )
        return row, new
    ends = {
        standing.category if abs(points - standing.points) <= model.hold else settle(model, points, points)
        for points in (row["points_min"], row["points_max"], *_inside(row, standing, model.hold))
    }
    if len(ends) > 1:
        names = [category.id for category in model.category if category.id in ends]
        by = ", ".join(dict.fromkeys(s.criterion.indicator for s in scores if s.least != s.most))
        return row | {"category": UNDETERMINED, "possible": ", ".join(names), "undetermined_by": by}, standing
    category = ends.pop()
    if category == standing.category and row["category"] != category and row["points"] is not None:
        return row | {"category": category, "assumed": "held"}, standing
    row = row | {"category": category, "possible": None, "undetermined_by": None}
    if category == standing.category or row["points"] is None:
        return row, standing
    return row, Standing(category, row["points"])


def _inside(row: Row, standing: Standing, size: float) -> list[float]:
    """Whole points between the ends, where the held category could stand though it does not at the ends."""
    low, high = math.ceil(row["points_min"]), math.floor(row["points_max"])
    near = (standing.points - size, standing.points, standing.points + size)
    return [float(p) for p in range(low, high + 1)] + [
        p for p in near if row["points_min"] <= p <= row["points_max"]
    ]


def rules_row(
    model: Model, area: str, period: str, judgement: RulesResult, social: RulesResult | None, gate: Gated
) -> Row:
    """The category row of one area under a rules model."""
    row = blank_row(model, area, period)
    decided, missing, assumed = gate
    row["assumed"] = ", ".join(assumed) or None
    if decided is not None and decided != UNDETERMINED:
        return row | {"category": decided}
    verdict = judgement.category
    order = [category.id for category in model.category]
    told = sorted(verdict.outcomes, key=order.index)
    if missing or not verdict.certain:
        settled = dict.fromkeys((*missing, *verdict.settled_by))
        row |= {"category": UNDETERMINED, "possible": ", ".join(told), "undetermined_by": ", ".join(settled)}
    else:
        row["category"] = told[0]
    if social is not None:
        certain = social.category.certain and not missing
        row["socioeconomic"] = social.category.outcomes[0] if certain else UNDETERMINED
    return row


def moved(
    before: tuple[Row, Mapping[str, float | None]], row: Row, points: Mapping[str, float | None]
) -> Row:
    """What an area was the period before, and which points changed since."""
    old, then = before
    told: Row = {"category_before": old["category"], "points_before": old["points"]}
    if row["points_min"] is None or old["points_min"] is None:
        return told
    changes: list[str] = []
    for key, now in points.items():
        was = then.get(key)
        if now is not None and was is not None and now != was:
            changes.append(f"{key} {now - was:+g}")
        elif (now is None) != (was is None):
            changes.append(f"{key} ?")
    return told | {"moved_by": ", ".join(changes) or None}


def points_rows(model: Model, area: str, period: str, scores: Sequence[Score]) -> list[Row]:
    """The criteria rows of one area under a points model."""
    rows: list[Row] = []
    for s in scores:
        row = _criterion_row(model, area, period, s.criterion, s.reading, s.reference, s.criterion.measure)
        row |= {"margin_persons": s.persons, "points": s.least if s.decided else None, "status": s.status}
        if s.band is not None and s.reading.value is not None:
            size = s.criterion.bands[max(s.band - 1, 0)]
            row |= _threshold(s.criterion, s.criterion.measure, size, s.reading.value, s.reference, s.scatter)
            row["met"] = "met" if s.band else "not_met"
            if s.criterion.measure == "value" and s.criterion.direction == "low_is_bad":
                row["operator"] = FLIPPED[s.criterion.operator]
        rows.append(row)
    return rows


def rules_rows(model: Model, area: str, period: str, judgement: RulesResult) -> list[Row]:
    """The criteria rows of one area under a rules model."""
    rows: list[Row] = []
    for r in judgement.rulings:
        rows.append(ruling_row(model, area, period, r))
    return rows


def ruling_row(model: Model, area: str, period: str, ruling: CriterionResult) -> Row:
    """One criterion of one area under a rules model."""
    limit = ruling.criterion.limit
    assert limit is not None
    measure, size = limit
    row = _criterion_row(model, area, period, ruling.criterion, ruling.reading, ruling.reference, measure)
    row |= _threshold(ruling.criterion, measure, size, ruling.reading.value, ruling.reference, Spread(None))
    row |= {"met": ruling.met, "margin_persons": ruling.persons, "status": ruling.status}
    row["needed"] = None if ruling.needed is None else float(ruling.needed)
    return row


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
    told = measured(criterion, measure, bad_side(value, criterion), reference, scatter)
    return {"threshold": float(limit), "margin": None if told is None else told - float(limit)}
