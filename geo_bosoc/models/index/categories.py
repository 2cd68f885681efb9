"""Categories of an index model: areas scored together, and cut into classes by their share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.categorisation import Gated, Row, blank_row
from geo_bosoc.models.exact_values import Cells, Reading, read, read_reference
from geo_bosoc.models.index.engine import TOTAL, CompositeIndex, Part
from geo_bosoc.models.index.normalise import share_classes
from geo_bosoc.models.spec import UNDETERMINED, Model

Array = npt.NDArray[np.float64]


def composite(model: Model, cells: Cells, period: str) -> CompositeIndex:
    """The model's index; high scores are worse, so that a criterion where high is good counts against."""
    assert model.index is not None
    parts = []
    for criterion in model.criterion:
        reference_area = read_reference(model, cells, period, criterion)
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


def matrix(model: Model, cells: Cells, areas: Sequence[str], period: str) -> Array:
    """Values (bad side) of areas by criteria; missing ones are nan."""
    rows = [[_value(read(cells, area, period, c), c.complement) for c in model.criterion] for area in areas]
    return np.array(rows, dtype=float).reshape(len(areas), len(model.criterion))


def index_rows(
    model: Model, cells: Cells, areas: Sequence[str], period: str, gates: Mapping[str, Gated]
) -> tuple[list[Row], list[Row]]:
    """Category and criteria rows of one period.

    Only areas that pass the gates are scored and ranked; an area without a score is undetermined, and classes
    are shares of the areas that have one. `points` is the score, and of a criterion its normalised value.
    """
    assert model.index is not None
    index = composite(model, cells, period)
    inside = [area for area in areas if gates[area][0] is None]
    reference = _reference(model, cells, inside, period)
    values = matrix(model, cells, inside, period)
    able = bool(np.isfinite(reference).any(axis=0).all()) if reference.size else False
    normalised = np.full(values.shape, np.nan)
    scores = np.full(len(inside), np.nan)
    if able and inside:
        index.fit(reference)
        normalised = index.normalised(values)
        scores = index.aggregate(normalised)[TOTAL].to_numpy()
    shares = list(reversed(model.index.shares))
    classes = share_classes(scores, shares, edges=model.index.edges, ties=model.index.ties)
    place = {area: at for at, area in enumerate(inside)}
    rows = [
        _row(model, area, period, gates[area], place.get(area), scores, classes, values) for area in areas
    ]
    criteria = [
        row for at, area in enumerate(inside) for row in _criteria(model, cells, area, period, values[at])
    ]
    parts = {
        area: {c.key: _or_none(float(normalised[place[area], at])) for at, c in enumerate(model.criterion)}
        for area in inside
    }
    for row in criteria:
        row["points"] = parts[row["area_id"]][row["criterion"]]
    return rows, criteria


def _reference(model: Model, cells: Cells, inside: Sequence[str], period: str) -> Array:
    assert model.index is not None
    if model.index.fit_period == "":
        return matrix(model, cells, inside, period)
    every = sorted({told for area, told, _ in cells if not area.startswith("@")})
    periods = every if model.index.fit_period == "*" else [model.index.fit_period]
    parts = []
    for told in periods:
        areas = sorted({area for area, p, _ in cells if p == told and not area.startswith("@")})
        parts.append(matrix(model, cells, areas, told))
    return np.vstack(parts)


def _row(
    model: Model,
    area: str,
    period: str,
    gate: Gated,
    position: int | None,
    scores: Array,
    classes: npt.NDArray[np.int64],
    values: Array,
) -> Row:
    row = blank_row(model, area, period)
    row["assumed"] = ", ".join(gate[2]) or None
    if position is None:
        return row | {"category": gate[0], "undetermined_by": ", ".join(gate[1]) or None}
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


def _criteria(model: Model, cells: Cells, area: str, period: str, values: Array) -> list[Row]:
    rows: list[Row] = []
    for criterion, value in zip(model.criterion, values, strict=True):
        reading = read(cells, area, period, criterion)
        reference_area = read_reference(model, cells, period, criterion)
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
