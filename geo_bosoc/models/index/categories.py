"""Categories of an index model: areas scored together, and cut into classes by their share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.categorisation import GateState, Row, areas_by_period, blank_row
from geo_bosoc.models.exact_values import Cells, Reading, read
from geo_bosoc.models.index.engine import TOTAL, CompositeIndex, Part
from geo_bosoc.models.index.normalise import share_classes
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.spec import UNDETERMINED, Model

Array = npt.NDArray[np.float64]


def composite(model: Model, exact_cells: Cells, period: str) -> CompositeIndex:
    """The model's index; high scores are worse, so that a criterion where high is good counts against."""
    assert model.index is not None
    parts = []
    for criterion in model.criterion:
        reference_area = read_reference(model, exact_cells, period, criterion)
        reference = None if reference_area.value is None else float(reference_area.value)
        if criterion.complement and reference is not None:
            reference = 1 - reference
        direction = -1 if criterion.direction == "low_is_bad" else 1
        parts.append(
            Part(
                criterion.key,
                direction,
                criterion.weight,
                criterion.group,
                criterion.transform,
                criterion.goalposts,
                reference,
            )
        )
    return CompositeIndex(parts, model.index)


def matrix(model: Model, exact_cells: Cells, areas: Sequence[str], period: str) -> Array:
    """Values (bad side) of areas by criteria; missing ones are nan."""
    rows = [
        [_value(read(exact_cells, area, period, c), c.complement) for c in model.criterion] for area in areas
    ]
    return np.array(rows, dtype=float).reshape(len(areas), len(model.criterion))


def index_rows(
    model: Model, exact_cells: Cells, areas: Sequence[str], period: str, gates: Mapping[str, GateState]
) -> tuple[list[Row], list[Row]]:
    """Category and criteria rows of one period.

    Only areas that pass the gates are scored and ranked; an area without a score is undetermined, and classes
    are shares of the areas that have one. `points` is the score, and of a criterion its normalised value.
    """
    assert model.index is not None
    index = composite(model, exact_cells, period)
    inside = [area for area in areas if gates[area].category is None]
    reference = _reference(model, exact_cells, inside, period)
    values = matrix(model, exact_cells, inside, period)
    computable = bool(np.isfinite(reference).any(axis=0).all()) if reference.size else False
    normalised = np.full(values.shape, np.nan)
    scores = np.full(len(inside), np.nan)
    if computable and inside:
        index.fit(reference)
        normalised = index.normalised(values)
        scores = index.aggregate(normalised)[TOTAL].to_numpy()
    shares = list(reversed(model.index.shares))
    classes = share_classes(scores, shares, edges=model.index.edges, ties=model.index.ties)
    positions = {area: position for position, area in enumerate(inside)}
    rows = [
        _row(model, area, period, gates[area], positions.get(area), scores, classes, values) for area in areas
    ]
    criteria: list[Row] = []
    for area, area_values, parts in zip(inside, values, normalised, strict=True):
        area_rows = _criteria(model, exact_cells, area, period, area_values)
        criteria += [row | {"points": _or_none(part)} for row, part in zip(area_rows, parts, strict=True)]
    return rows, criteria


def _reference(model: Model, exact_cells: Cells, inside: Sequence[str], period: str) -> Array:
    assert model.index is not None
    if model.index.fit_period == "":
        return matrix(model, exact_cells, inside, period)
    areas = areas_by_period(exact_cells)
    periods = list(areas) if model.index.fit_period == "*" else [model.index.fit_period]
    return np.vstack([matrix(model, exact_cells, areas.get(year, []), year) for year in periods])


def _row(
    model: Model,
    area: str,
    period: str,
    gate: GateState,
    position: int | None,
    scores: Array,
    classes: npt.NDArray[np.int64],
    values: Array,
) -> Row:
    row = blank_row(model, area, period)
    row["assumed"] = ", ".join(gate.assumed) or None
    if position is None:
        return row | {"category": gate.category, "undetermined_by": ", ".join(gate.missing) or None}
    if classes[position] == 0:
        missing = [
            c.indicator for c, value in zip(model.criterion, values[position], strict=True) if np.isnan(value)
        ]
        return row | {"category": UNDETERMINED, "undetermined_by": ", ".join(dict.fromkeys(missing)) or None}
    score = float(scores[position])
    worst_first = len(model.category) - int(classes[position])
    return row | {
        "category": model.category[worst_first].id,
        "points": score,
        "points_min": score,
        "points_max": score,
    }


def _criteria(model: Model, exact_cells: Cells, area: str, period: str, values: Array) -> list[Row]:
    rows: list[Row] = []
    for criterion, value in zip(model.criterion, values, strict=True):
        reading = read(exact_cells, area, period, criterion)
        reference_area = read_reference(model, exact_cells, period, criterion)
        rows.append(
            {
                "area_id": area,
                "period": period,
                "model": model.id,
                "criterion": criterion.key,
                "indicator": criterion.indicator,
                "value": None if np.isnan(value) else float(1 - value if criterion.complement else value),
                "reference": None if reference_area.value is None else float(reference_area.value),
                "measure": "value",
                "operator": None,
                "met": None,
                "status": reading.status,
                "missing_periods": ", ".join(reading.missing) or None,
            }
        )
    return rows


def _value(reading: Reading, complement: bool) -> float:
    if reading.value is None:
        return float("nan")
    return float(1 - reading.value if complement else reading.value)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
