"""Categorising drawn figures: the same rules as for exact ones, in floats and over all areas at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.lookups import Reading
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import score_areas
from geo_bosoc.models.rules.evaluate import (
    evaluate,
    first,
    judge,
    open_figures,
)
from geo_bosoc.models.rules.history import History
from geo_bosoc.models.rules.three_valued import Unknowns, decide
from geo_bosoc.models.spec import Criterion, Model

Array = npt.NDArray[np.float64]
Judge = Callable[[Array, Array | None, Array | None, Array | None], npt.NDArray[np.int64]]
"""From values (areas x criteria), factors, shifts and weights to each area's place among the categories; -1
unknown. Several draws at once lie along a first axis of all of them.
"""


@dataclass(frozen=True)
class Figures:
    """The figures of some areas as arrays, areas by criteria.

    Attributes
    ----------
    value : on the bad side; nan where not known.
    base : persons it is of; nan where it has no sampling doubt to draw.
    rates : whether it is a rate (Poisson) rather than a share (Wilson).
    limits : for each criterion areas by thresholds, the area value at each; nan where not known.
    high_is_met : for each criterion whether it is met above its limits.
    strict : for each criterion whether a value at the limit does not meet it.
    open : for each area of a rules model what is unknown (figures and earlier years).
    """

    areas: tuple[str, ...]
    value: Array
    base: Array
    rates: npt.NDArray[np.bool_]
    limits: tuple[Array, ...]
    high_is_met: tuple[bool, ...]
    strict: tuple[bool, ...]
    open: tuple[tuple[Unknowns, ...], ...]


def read_figures(categorisation: Categorisation, areas: Sequence[str], period: str) -> Figures:
    """Figures, bases and limits of some areas in one period, from a categorisation's exact cells."""
    model = categorisation.model
    shape = (len(areas), len(model.criterion))
    value, base = np.full(shape, np.nan), np.full(shape, np.nan)
    limits: list[Array] = []
    unknown: list[tuple[Unknowns, ...]] = []
    if model.kind == "points":
        scores = score_areas(model, categorisation.cells, areas, period, finished=categorisation.finished)
        for at, criterion in enumerate(model.criterion):
            own = [scores[area][at] for area in areas]
            for row, one in enumerate(own):
                value[row, at], base[row, at] = _figure(criterion, one.reading)
            made = [[np.nan if limit is None else float(limit) for limit in one.limits] for one in own]
            limits.append(np.array(made, dtype=float).reshape(len(areas), len(criterion.bands)))
        high = tuple(criterion.direction == "high_is_bad" for criterion in model.criterion)
        unknown = [()] * len(areas)
    else:
        edges = np.full(shape, np.nan)
        for row, area in enumerate(areas):
            told = judge(
                model,
                categorisation.cells,
                area,
                period,
                categorisation.history,
                finished=categorisation.finished,
            )
            for at, ruling in enumerate(told.rulings):
                value[row, at], base[row, at] = _figure(ruling.criterion, ruling.reading)
                edges[row, at] = np.nan if ruling.limit is None else float(ruling.limit)
            unknown.append(_open(categorisation, area, period, categorisation.history))
        limits = [edges[:, [at]] for at in range(shape[1])]
        high = tuple(criterion.operator in (">", ">=") for criterion in model.criterion)
    rates = np.array([criterion.unit in ("per_1000", "per_10000") for criterion in model.criterion])
    return Figures(
        tuple(areas),
        value,
        base,
        np.broadcast_to(rates, shape),
        tuple(limits),
        high,
        tuple(criterion.operator in (">", "<") for criterion in model.criterion),
        tuple(unknown),
    )


def points_sum(
    model: Model, figures: Figures, values: Array, factors: Array | None = None, weights: Array | None = None
) -> Array:
    """Points of drawn figures, thresholds moved by factors and criteria weighted."""
    total = np.zeros(values.shape[:-1])
    for at, criterion in enumerate(model.criterion):
        limits = figures.limits[at]
        if factors is not None:
            factor = factors[..., at, None, None]
            limits = limits * (factor if figures.high_is_met[at] else 1 / factor)
        reached = _passes(figures, at, values[..., at, None], limits).sum(axis=-1)
        weight = 1.0 if weights is None else weights[..., at, None]
        total += np.array([0.0, *criterion.steps])[reached] * weight
    return total


def points_judge(model: Model, figures: Figures) -> Judge:
    """Categories of drawn figures under a points model.

    Where weights are drawn, points are no longer whole: a cut-off of 18 then lies half a step below, at 17.5, so that
    an area with just 18 points does not lose its category to the least of moves.
    """
    steps = [high - low for c in model.criterion for low, high in pairwise((0.0, *c.steps)) if high > low]
    half = min(steps, default=1.0) / 2
    cuts = np.array([category.min_points for category in model.category[:-1]], dtype=float)

    def run(
        values: Array, factors: Array | None, shifts: Array | None, weights: Array | None
    ) -> npt.NDArray[np.int64]:
        total = points_sum(model, figures, values, factors, weights)
        moved = cuts if shifts is None else np.sort(cuts + shifts, axis=-1)[..., ::-1]
        if weights is not None:
            moved = moved - half
        return np.asarray((total[..., None] < moved[..., None, :] - 1e-9).sum(axis=-1), dtype=np.int64)

    return run


def rules_judge(model: Model, figures: Figures) -> Judge:
    """Categories of drawn figures under a rules model; what was unknown stays so. It has no cut-offs or weights."""
    order = {category.id: place for place, category in enumerate(model.category)}
    memory: dict[tuple[tuple[bool, ...], tuple[Unknowns, ...]], int] = {}
    keys = [criterion.key for criterion in model.criterion]
    groups: dict[tuple[Unknowns, ...], int] = {}  # areas with the same unknowns are judged alike
    kinds = np.array([groups.setdefault(unknown, len(groups)) for unknown in figures.open], dtype=np.int64)
    first_of = [figures.open.index(unknown) for unknown in groups]

    def place(truth: tuple[bool, ...], unknown: tuple[Unknowns, ...]) -> int:
        found = memory.get((truth, unknown))
        if found is None:
            opened = {key for group in unknown for key, _ in group.ways[0]}
            known = [
                Unknowns(key, (((key, met),),))
                for key, met in zip(keys, truth, strict=True)
                if key not in opened
            ]
            verdict = decide([*known, *unknown], lambda all_known: first(model, evaluate(model, all_known)))
            found = order[verdict.outcomes[0]] if verdict.certain else -1
            memory[truth, unknown] = found
        return found

    def run(
        values: Array, factors: Array | None, _shifts: Array | None, _weights: Array | None
    ) -> npt.NDArray[np.int64]:
        met = np.zeros(values.shape, dtype=bool)
        for at in range(len(keys)):
            factor = np.ones(1) if factors is None else factors[..., at, None]
            met[..., at] = _passes(figures, at, values[..., at], figures.limits[at][:, 0] * factor)
        rows = np.concatenate([np.broadcast_to(kinds[:, None], (*met.shape[:-1], 1)), met], axis=-1)
        distinct, which = np.unique(rows.reshape(-1, rows.shape[-1]), axis=0, return_inverse=True)
        places = [
            place(tuple(bool(each) for each in row[1:]), figures.open[int(first_of[row[0]])])
            for row in distinct
        ]
        return np.array(places, dtype=np.int64)[which].reshape(met.shape[:-1])

    return run


def _passes(figures: Figures, position: int, values: Array, limits: Array) -> npt.NDArray[np.bool_]:
    """Whether values pass limits; one within a billionth of a limit is taken to be at it, as exact counts
    are. Every value is below an infinite limit.
    """
    with np.errstate(invalid="ignore"):
        room = 1e-9 * np.minimum(np.abs(limits), 1e300)
        if figures.high_is_met[position]:
            return np.asarray(values > limits + room if figures.strict[position] else values >= limits - room)
        return np.asarray(values < limits - room if figures.strict[position] else values <= limits + room)


def _figure(criterion: Criterion, reading: Reading) -> tuple[float, float]:
    if reading.value is None:
        return float("nan"), float("nan")
    value = float(bad_side(reading.value, criterion))
    cell = reading.cell
    if criterion.unit in ("mean", "count") or cell.base is None or cell.count is None:
        return value, float("nan")
    return value, float(cell.base * reading.parts)


def _open(categorisation: Categorisation, area: str, period: str, history: History) -> tuple[Unknowns, ...]:
    found = open_figures(
        categorisation.model, categorisation.cells, area, period, history, finished=categorisation.finished
    )
    return tuple(found)
