"""Figures drawn anew, and categorised by the same rules as exact ones, in floats and over all areas at once.

Registers are whole populations, so this is not about a sample: it is what chance alone does to small numbers
("tilfældig variation ved små tal"). The distributions are those of the intervals that the indicator table
prints: a draw is the end of a one-sided interval whose confidence is drawn (Wilson for shares, Poisson
for rates).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_bosoc.indicators.intervals import EXACT_BELOW
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.exact_values import Reading
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import score_areas
from geo_bosoc.models.rules import History, evaluate, first, judge, open_figures
from geo_bosoc.models.spec import Criterion, Model
from geo_bosoc.models.three_valued import Unknowns, decide

Array = npt.NDArray[np.float64]


def wilson_draw(value: Array, base: Array, z: Array) -> Array:
    """A share's possible true value at normal deviate z: the Wilson bound, from its two-sided formula.

    (p + z^2/2n + z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n); Wilson 1927.

    >>> wilson_draw(np.array(0.1), np.array(100.0), np.array([-1.959964, 1.959964])).round(4).tolist()
    [0.0552, 0.1744]
    """
    square = z * z / base
    inner = np.sqrt(np.maximum(value * (1 - value) / base + square / (4 * base), 0.0))
    return np.asarray((value + square / 2 + z * inner) / (1 + square), dtype=float)


def wilson_chance(value: Array, base: Array, limit: Array) -> Array:
    """Chance that a share's true value lies above a limit: the confidence distribution that Wilson's interval
    has.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (value - limit) / np.sqrt(limit * (1 - limit) / base)
    chance = _normal(z)
    return np.asarray(np.where(limit <= 0, 1.0, np.where(limit >= 1, 0.0, chance)), dtype=float)


def _normal(z: Array) -> Array:
    """The standard normal distribution function."""
    from scipy.special import ndtr  # slow to import, and most runs draw only

    return np.asarray(ndtr(z), dtype=float)


def poisson_draw(count: Array, base: Array, z: Array) -> Array:
    """A rate's possible true value at normal deviate z: the bound of `poisson_interval`.

    From 10 events on Byar's, above (o+1) (1 - 1/(9(o+1)) + z/(3 sqrt(o+1)))^3, below o (1 - 1/(9o) + z/(3
    sqrt(o)))^3 (Breslow & Day 1987); under 10 the exact gamma quantiles.
    """
    more = count + 1
    safe = np.maximum(count, 1e-12)
    above = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    below = safe * np.maximum(1 - 1 / (9 * safe) + z / (3 * np.sqrt(safe)), 0.0) ** 3
    few = count < EXACT_BELOW
    if few.any():
        from scipy.special import gammaincinv

        shape, small, events, deviate = above.shape, *np.broadcast_arrays(few, safe, z)
        above, below = (np.broadcast_to(each, shape).copy() for each in (above, below))
        part = _normal(deviate[small])
        above[small] = gammaincinv(events[small] + 1, part)
        below[small] = gammaincinv(events[small], part)
    below = np.where(count > 0, below, 0.0)
    return np.asarray(
        np.where(z >= 0, np.maximum(above, count), np.minimum(below, count)) / base, dtype=float
    )


def poisson_chance(count: Array, base: Array, limit: Array) -> Array:
    """Chance that a rate's true value lies above a limit: the confidence at which `poisson_draw` gives the limit."""
    from scipy.special import gammainc

    events = np.maximum(limit * base, 0.0)
    more, safe = count + 1, np.maximum(count, 1e-12)
    few = count < EXACT_BELOW
    part_above = np.where(
        few,
        gammainc(more, events),
        _normal((np.cbrt(events / more) - 1 + 1 / (9 * more)) * 3 * np.sqrt(more)),
    )
    part_below = np.where(
        few,
        gammainc(safe, events),
        _normal((np.cbrt(events / safe) - 1 + 1 / (9 * safe)) * 3 * np.sqrt(safe)),
    )
    below = np.where(
        events >= count,
        np.maximum(part_above, 0.5),
        np.where(count > 0, np.minimum(part_below, 0.5), 0.0),
    )
    return np.asarray(1 - below, dtype=float)


def redraw(
    value: Array,
    base: Array,
    rates: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    draws: int | None = None,
) -> Array:
    """Figures of another year in which nothing has changed: counts drawn anew at the same underlying value.

    Shares are drawn binomial, rates Poisson. A count of none (or of all) is drawn at half a person, so that
    what happened not to occur is not taken to be impossible. Values without a base stay. With `draws` so many such
    years, one after the other along a new first axis.
    """
    if draws is not None:  # years last: the generator is fastest with the same chance again and again
        value, base = (np.broadcast_to(each[..., None], (*each.shape, draws)) for each in (value, base))
        return np.moveaxis(redraw(value, base, rates[..., None], rng), -1, 0)
    known = np.isfinite(base) & (base > 0) & np.isfinite(value)
    size = np.where(known, np.maximum(np.rint(base), 1), 1).astype(np.int64)
    chance = np.clip((np.where(known, value, 0.5) * size + 0.5) / (size + 1), 0.0, 1.0)
    drawn = rng.binomial(size, chance) / size
    counted = rates & known
    if counted.any():
        mean = np.where(counted, np.maximum(value * size, 0.5), 1.0)
        drawn = np.where(counted, rng.poisson(mean) / size, drawn)
    return np.asarray(np.where(known, drawn, value), dtype=float)


def draw_values(value: Array, base: Array, rates: npt.NDArray[np.bool_], z: Any) -> Array:
    """One draw of possible true values; values without a base stay where they are."""
    known = np.isfinite(base) & (base > 0) & np.isfinite(value)
    size = np.where(known, base, 1.0)
    given = np.where(known, value, 0.0)
    drawn = wilson_draw(np.clip(given, 0, 1), size, z)
    if rates.any():
        drawn = np.where(rates, poisson_draw(given * size, size, z), drawn)
    return np.asarray(np.where(known, drawn, value), dtype=float)


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
