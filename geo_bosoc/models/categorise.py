"""Categories of areas: one verb for every kind of model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.cells import ABSENT, Cell, Cells, read_cells
from geo_bosoc.models.measures import bad_side, holds, measured, spread
from geo_bosoc.models.points import FLIPPED, Score, score_areas, settle
from geo_bosoc.models.spec import UNDETERMINED, Gate, Model, exact
from geo_bosoc.problems import Report

MUNICIPALITY: Final = "@municipality"

CATEGORY_COLUMNS: Final = (
    "area_id", "period", "model", "model_version", "category", "points", "points_min", "points_max",
    "undetermined_by", "category_before", "points_before", "moved_by",
)  # fmt: skip
CRITERIA_COLUMNS: Final = (
    "area_id", "period", "model", "criterion", "indicator", "value", "reference", "measure", "operator",
    "threshold", "met", "margin", "margin_persons", "points", "status",
)  # fmt: skip
NUMBERS: Final = (
    "points", "points_min", "points_max", "points_before", "value", "reference", "threshold", "margin",
    "margin_persons",
)  # fmt: skip


@dataclass(frozen=True)
class Categorisation:
    """What a model says of each area and period, and why.

    Attributes
    ----------
    categories : one row an area and period: ``area_id, period, model, model_version, category, points,
        points_min, points_max, undetermined_by, category_before, points_before, moved_by``. `undetermined_by`
        names the indicators that would settle it, ", " between them; `moved_by` the points that changed since
        the period before in the same table ("health +1, safety -1"; "safety ?" where one of the two is not
        known). Both are None where there is nothing to tell.
    criteria : one row an area, period and criterion: ``area_id, period, model, criterion, indicator, value,
        reference, measure, operator, threshold, met, margin, margin_persons, points, status``. Value and
        reference are those of the table (never turned); `threshold` is the last band reached, or the first
        where none is, in the measure's own terms; `margin` is measure minus threshold; `margin_persons` the
        least signed change in the numerator that crosses it, all else held.
    model : the model.
    cells, yardsticks : the exact figures behind it, for explanations and margins.
    """

    categories: pd.DataFrame
    criteria: pd.DataFrame
    model: Model
    cells: Cells = field(repr=False, default_factory=dict)
    yardsticks: Mapping[tuple[str, str], Cell] = field(repr=False, default_factory=dict)


def categorise(
    table: pd.DataFrame,
    model: Model,
    *,
    yardsticks: pd.DataFrame | None = None,
    indicators: Sequence[Indicator] = (),
    report: Report | None = None,
) -> Categorisation:
    """Put each area of each period in a category.

    Parameters
    ----------
    table : indicator table, one row an area, period and indicator (see `geo_bosoc.findings.Findings.table`).
    yardsticks : rows of the same shape for ``@municipality``. Without them the column `reference` of `table`
        is used, as the decimal it prints.
    indicators : definitions of the indicators, which say scale and what unknowns count as (see `read_cells`).

    Returns
    -------
    Categorisation
        Areas in order of id, periods as text. Thresholds are compared as exact fractions of counts.

    Raises
    ------
    InputError
        The table does not have the columns, or doubles rows. That the model names an indicator which the
        table does not hold is a warning: every area is then undetermined by it.
    """
    own = Report()
    cells = read_cells(table, indicators=indicators, report=own)
    references = _yardsticks(table, yardsticks, indicators, own)
    present = set(table["indicator"].astype(str))
    for name in dict.fromkeys([c.indicator for c in model.criterion] + [g.indicator for g in model.gates]):
        if name not in present:
            own.warn(f"model {model.id} uses {name}, which the table does not hold", key=f"indicators.{name}")
    own.settle(report)
    pairs = sorted({(period, area) for area, period, _ in cells if not area.startswith("@")})
    categories: list[dict[str, Any]] = []
    criteria: list[dict[str, Any]] = []
    before: dict[str, tuple[dict[str, Any], tuple[Score, ...]]] = {}
    for period in sorted({period for period, _ in pairs}):
        areas = [area for told, area in pairs if told == period]
        passed = {area: gate_state(model.gates, cells, area, period) for area in areas}
        scores = score_areas(model, cells, references, areas, period)
        for area in areas:
            row = _category_row(model, area, period, scores[area], passed[area])
            if area in before:
                row |= _moved(*before[area], row, scores[area])
            before[area] = (row, scores[area])
            categories.append(row)
            criteria += [_criterion_row(model, area, period, s, _scatter(s, scores)) for s in scores[area]]
    return Categorisation(
        _frame(categories, CATEGORY_COLUMNS),
        _frame(criteria, CRITERIA_COLUMNS),
        model,
        cells,
        references,
    )


def gate_state(
    gates: Sequence[Gate], cells: Cells, area: str, period: str
) -> tuple[str | None, tuple[str, ...]]:
    """What the gates say of an area: the category it falls to (None where it passes), and the values that are
    missing.

    A gate that is not passed decides, whatever is unknown about the others.
    """
    unknown: list[str] = []
    for gate in gates:
        value = cells.get((area, period, gate.indicator), ABSENT).value
        if value is None:
            unknown.append(gate.indicator)
        elif not holds(value, gate.operator, exact(gate.threshold)):
            return gate.category, ()
    return (UNDETERMINED, tuple(unknown)) if unknown else (None, ())


def _yardsticks(
    table: pd.DataFrame, yardsticks: pd.DataFrame | None, indicators: Sequence[Indicator], report: Report
) -> dict[tuple[str, str], Cell]:
    if yardsticks is not None:
        found = read_cells(yardsticks, indicators=indicators, name="yardsticks", report=report)
        return {(period, name): cell for (area, period, name), cell in found.items() if area == MUNICIPALITY}
    if "reference" not in table.columns:
        return {}
    rows = table.loc[table["reference"].notna(), ["period", "indicator", "reference"]]
    rows = rows.drop_duplicates(["period", "indicator"])
    rows = rows.assign(value=rows["reference"], status="ok", area_id=MUNICIPALITY)
    return {(period, name): cell for (_, period, name), cell in read_cells(rows).items()}


def _category_row(
    model: Model, area: str, period: str, scores: Sequence[Score], gate: tuple[str | None, tuple[str, ...]]
) -> dict[str, Any]:
    least, most = sum(s.least for s in scores), sum(s.most for s in scores)
    decided, missing = gate
    unknown: list[str] = []
    category = decided or settle(model, least, most)
    if category == UNDETERMINED:
        unknown = list(missing)
        if settle(model, least, most) == UNDETERMINED:
            unknown += [s.criterion.indicator for s in scores if not s.known]
    too_small = category not in {c.id for c in model.category} and category != UNDETERMINED
    return {
        "area_id": area,
        "period": period,
        "model": model.id,
        "model_version": model.version,
        "category": category,
        "points": None if too_small or least != most else least,
        "points_min": None if too_small else least,
        "points_max": None if too_small else most,
        "undetermined_by": ", ".join(dict.fromkeys(unknown)) or None,
        "category_before": None,
        "points_before": None,
        "moved_by": None,
    }


def _moved(
    before: Mapping[str, Any], old: Sequence[Score], row: Mapping[str, Any], new: Sequence[Score]
) -> dict[str, Any]:
    told = {"category_before": before["category"], "points_before": before["points"]}
    if row["points_min"] is None or before["points_min"] is None:
        return told
    changes: list[str] = []
    for then, now in zip(old, new, strict=True):
        if then.known and now.known and now.least != then.least:
            changes.append(f"{now.criterion.key} {now.least - then.least:+g}")
        elif then.known != now.known:
            changes.append(f"{now.criterion.key} ?")
    return told | {"moved_by": ", ".join(changes) or None}


def _scatter(score: Score, scores: Mapping[str, Sequence[Score]]) -> Any:
    if score.criterion.measure != "z":
        return spread(())
    same = [s for row in scores.values() for s in row if s.criterion.key == score.criterion.key]
    return spread(bad_side(s.cell.value, s.criterion) for s in same if s.cell.value is not None)


def _criterion_row(model: Model, area: str, period: str, score: Score, scatter: Any) -> dict[str, Any]:
    criterion = score.criterion
    turned = criterion.complement and score.reference is not None
    reference = 1 - score.reference if turned and score.reference is not None else score.reference
    row: dict[str, Any] = {
        "area_id": area,
        "period": period,
        "model": model.id,
        "criterion": criterion.key,
        "indicator": criterion.indicator,
        "value": _number(score.cell.value),
        "reference": _number(reference),
        "measure": criterion.measure,
        "operator": criterion.operator,
        "threshold": None,
        "met": "undetermined",
        "margin": None,
        "margin_persons": score.persons,
        "points": score.least if score.known else None,
        "status": score.status,
    }
    if score.band is None or score.cell.value is None:
        return row
    band = exact(criterion.bands[max(score.band - 1, 0)])
    if criterion.measure in ("value", "difference"):
        band = band / {"percent": 100, "per_1000": 1_000, "per_10000": 10_000}.get(criterion.unit, 1)
    size = measured(criterion, bad_side(score.cell.value, criterion), score.reference, scatter)
    margin = None if size is None or math.isinf(size) else size - float(band)
    if criterion.measure == "value" and criterion.direction == "low_is_bad":
        row["operator"] = FLIPPED[criterion.operator]
    return row | {"threshold": float(band), "met": "met" if score.band else "not_met", "margin": margin}


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _frame(rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in NUMBERS:
        if column in frame.columns:
            frame[column] = frame[column].astype("float64")
    by = [column for column in ("period", "area_id") if column in frame.columns]
    return frame.sort_values(by, kind="stable", ignore_index=True)
