"""Figures drawn anew, and categorised by the same rules as exact ones, in floats and over all areas at once.

Registers are whole populations, so this is not about a sample: it is what chance alone does to small numbers
("tilfældig variation ved små tal"). The distributions are those of the intervals that the indicator table
prints: a draw is the end of a one-sided interval whose confidence is drawn (Wilson for shares, Poisson
for rates).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_bosoc.indicators.rates import EXACT_BELOW
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import Reading
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import score_areas
from geo_bosoc.models.rules import (
    area_answers,
    evaluate,
    first_met,
    period_tests,
    tests_of_area,
    unknown_figures,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.three_valued import FigureAnswers, decide

Array = npt.NDArray[np.float64]


def wilson_draw(value: Array, denominator: Array, z: Array) -> Array:
    """A share's possible true value at normal deviate z: the Wilson bound, from its two-sided formula.

    (p + z^2/2n + z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n); Wilson 1927.

    >>> wilson_draw(np.array(0.1), np.array(100.0), np.array([-1.959964, 1.959964])).round(4).tolist()
    [0.0552, 0.1744]
    """
    square = z * z / denominator
    inner = np.sqrt(np.maximum(value * (1 - value) / denominator + square / (4 * denominator), 0.0))
    return np.asarray((value + square / 2 + z * inner) / (1 + square), dtype=float)


def wilson_chance(value: Array, denominator: Array, limit: Array) -> Array:
    """Chance that a share's true value lies above a limit: the confidence distribution that Wilson's interval has."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (value - limit) / np.sqrt(limit * (1 - limit) / denominator)
    chance = _normal(z)
    return np.asarray(np.where(limit <= 0, 1.0, np.where(limit >= 1, 0.0, chance)), dtype=float)


def _normal(z: Array) -> Array:
    """The standard normal distribution function."""
    from scipy.special import ndtr  # slow to import, and most runs draw only

    return np.asarray(ndtr(z), dtype=float)


def poisson_draw(count: Array, denominator: Array, z: Array) -> Array:
    """A rate's possible true value at normal deviate z: the bound of `poisson_interval`.

    From 10 events on Byar's, above (o+1) (1 - 1/(9(o+1)) + z/(3 sqrt(o+1)))^3, below o (1 - 1/(9o) + z/(3
    sqrt(o)))^3 (Breslow & Day 1987); under 10 the exact gamma quantiles.
    """
    next_count = count + 1
    positive = np.maximum(count, 1e-12)
    above = next_count * (1 - 1 / (9 * next_count) + z / (3 * np.sqrt(next_count))) ** 3
    below = positive * np.maximum(1 - 1 / (9 * positive) + z / (3 * np.sqrt(positive)), 0.0) ** 3
    small = count < EXACT_BELOW
    if small.any():
        from scipy.special import gammaincinv

        shape, exact, events, deviate = above.shape, *np.broadcast_arrays(small, positive, z)
        above, below = (np.broadcast_to(bound, shape).copy() for bound in (above, below))
        chance = _normal(deviate[exact])
        above[exact] = gammaincinv(events[exact] + 1, chance)
        below[exact] = gammaincinv(events[exact], chance)
    below = np.where(count > 0, below, 0.0)
    return np.asarray(
        np.where(z >= 0, np.maximum(above, count), np.minimum(below, count)) / denominator, dtype=float
    )


def poisson_chance(count: Array, denominator: Array, limit: Array) -> Array:
    """Chance that a rate's true value lies above a limit: the confidence at which `poisson_draw` gives the limit."""
    from scipy.special import gammainc

    events = np.maximum(limit * denominator, 0.0)
    next_count, positive = count + 1, np.maximum(count, 1e-12)
    small = count < EXACT_BELOW
    part_above = np.where(
        small,
        gammainc(next_count, events),
        _normal((np.cbrt(events / next_count) - 1 + 1 / (9 * next_count)) * 3 * np.sqrt(next_count)),
    )
    part_below = np.where(
        small,
        gammainc(positive, events),
        _normal((np.cbrt(events / positive) - 1 + 1 / (9 * positive)) * 3 * np.sqrt(positive)),
    )
    below = np.where(
        events >= count,
        np.maximum(part_above, 0.5),
        np.where(count > 0, np.minimum(part_below, 0.5), 0.0),
    )
    return np.asarray(1 - below, dtype=float)


def redraw(
    value: Array,
    denominator: Array,
    rates: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    draws: int | None = None,
) -> Array:
    """Figures of another year in which nothing has changed: counts drawn anew at the same underlying value.

    Shares are drawn binomial, rates Poisson. A count of none (or of all) is drawn at half a person, so that
    what happened not to occur is not taken to be impossible. Values without a denominator stay. With `draws` so many
    such years, one after the other along a new first axis.
    """
    if draws is not None:  # years last: the generator is fastest with the same chance again and again
        value, denominator = (
            np.broadcast_to(each[..., None], (*each.shape, draws)) for each in (value, denominator)
        )
        return np.moveaxis(redraw(value, denominator, rates[..., None], rng), -1, 0)
    drawable = np.isfinite(denominator) & (denominator > 0) & np.isfinite(value)
    size = np.where(drawable, np.maximum(np.rint(denominator), 1), 1).astype(np.int64)
    chance = np.clip((np.where(drawable, value, 0.5) * size + 0.5) / (size + 1), 0.0, 1.0)
    drawn = rng.binomial(size, chance) / size
    counted = rates & drawable
    if counted.any():
        mean = np.where(counted, np.maximum(value * size, 0.5), 1.0)
        drawn = np.where(counted, rng.poisson(mean) / size, drawn)
    return np.asarray(np.where(drawable, drawn, value), dtype=float)


def draw_values(value: Array, denominator: Array, rates: npt.NDArray[np.bool_], z: Any) -> Array:
    """One draw of possible true values; values without a denominator stay where they are."""
    drawable = np.isfinite(denominator) & (denominator > 0) & np.isfinite(value)
    size = np.where(drawable, denominator, 1.0)
    given = np.where(drawable, value, 0.0)
    drawn = wilson_draw(np.clip(given, 0, 1), size, z)
    if rates.any():
        drawn = np.where(rates, poisson_draw(given * size, size, z), drawn)
    return np.asarray(np.where(drawable, drawn, value), dtype=float)


Categoriser = Callable[[Array, Array | None, Array | None, Array | None], npt.NDArray[np.int64]]
"""From values (areas x criteria), factors, shifts and weights to each area's category, as its position in the model; -1
unknown. Several draws at once lie along a first axis of all of them.
"""


@dataclass(frozen=True)
class Figures:
    """The figures of some areas as arrays, areas by criteria.

    Attributes
    ----------
    areas : tuple of str
        The areas, in the order of the rows.
    value : ndarray
        On the bad side; nan where not known.
    denominator : ndarray
        Persons it is of; nan where there is no chance in it to draw.
    rates : ndarray of bool
        Whether it is a rate (Poisson) rather than a share (Wilson).
    limits : tuple of ndarray
        For each criterion areas by thresholds, the area value at each; nan where not known.
    high_is_met : tuple of bool
        For each criterion whether it is met above its limits.
    strict : tuple of bool
        For each criterion whether a value at the limit does not meet it.
    unknown : tuple of tuple of FigureAnswers
        For each area of a rules model what is unknown (figures and earlier years).
    """

    areas: tuple[str, ...]
    value: Array
    denominator: Array
    rates: npt.NDArray[np.bool_]
    limits: tuple[Array, ...]
    high_is_met: tuple[bool, ...]
    strict: tuple[bool, ...]
    unknown: tuple[tuple[FigureAnswers, ...], ...]

    def rows(self, block: range) -> Figures:
        """Those of some areas that lie one after the other."""
        chosen = slice(block.start, block.stop)
        return replace(
            self,
            areas=self.areas[chosen],
            value=self.value[chosen],
            denominator=self.denominator[chosen],
            rates=self.rates[chosen],
            limits=tuple(limit[chosen] for limit in self.limits),
            unknown=self.unknown[chosen],
        )


def read_figures(categorisation: Categorisation, areas: Sequence[str], period: str) -> Figures:
    """Figures, denominators and limits of some areas in one period, from a categorisation's exact cells."""
    model, cells, averaged = categorisation.model, categorisation.cells, categorisation.averaged
    shape = (len(areas), len(model.criterion))
    value, denominator = np.full(shape, np.nan), np.full(shape, np.nan)
    limits: list[Array] = []
    unknown: list[tuple[FigureAnswers, ...]] = []
    if model.kind == "points":
        scores = score_areas(model, cells, areas, period, averaged=averaged)
        for column, criterion in enumerate(model.criterion):
            column_scores = [scores[area][column] for area in areas]
            for row, score in enumerate(column_scores):
                value[row, column], denominator[row, column] = _figure(criterion, score.reading)
            rows = [
                [np.nan if limit is None else float(limit) for limit in score.limits]
                for score in column_scores
            ]
            limits.append(np.array(rows, dtype=float).reshape(len(areas), len(criterion.bands)))
        high = tuple(criterion.direction == "high_is_bad" for criterion in model.criterion)
        unknown = [()] * len(areas)
    else:
        edges = np.full(shape, np.nan)
        of_period = period_tests(model, cells, period, averaged=averaged)
        for row, area in enumerate(areas):
            tests = tests_of_area(model, cells, area, period, of_period, averaged=averaged)
            answers, readings = area_answers(
                model, cells, area, period, categorisation.history, tests, averaged=averaged
            )
            for column, criterion in enumerate(model.criterion):
                value[row, column], denominator[row, column] = _figure(criterion, readings[criterion.key])
                limit = tests.by_criterion[criterion.key][0].limit
                edges[row, column] = np.nan if limit is None else float(limit)
            unknown.append(tuple(unknown_figures(answers)))
        limits = [edges[:, [column]] for column in range(shape[1])]
        high = tuple(criterion.operator in (">", ">=") for criterion in model.criterion)
    rates = np.array([criterion.unit in ("per_1000", "per_10000") for criterion in model.criterion])
    return Figures(
        tuple(areas),
        value,
        denominator,
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
    for column, criterion in enumerate(model.criterion):
        reached = np.zeros(values.shape[:-1], dtype=np.intp)
        factor = None if factors is None else factors[..., column, None]
        if factor is not None and not figures.high_is_met[column]:
            factor = 1 / factor
        for band in range(len(criterion.bands)):
            limit = figures.limits[column][:, band]
            reached += meets_limit(
                figures, column, values[..., column], limit if factor is None else limit * factor
            )
        weight = 1.0 if weights is None else weights[..., column, None]
        total += np.array([0.0, *criterion.steps])[reached] * weight
    return total


def points_categoriser(model: Model, figures: Figures) -> Categoriser:
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
        positions = np.zeros(total.shape, dtype=np.int64)
        for cut in range(len(cuts)):
            positions += total < moved[..., cut, None] - 1e-9
        return positions

    return run


def rules_categoriser(model: Model, figures: Figures) -> Categoriser:
    """Categories of drawn figures under a rules model; what was unknown stays so. It has no cut-offs or weights."""
    order = {category.id: position for position, category in enumerate(model.category)}
    cache: dict[tuple[tuple[bool, ...], tuple[FigureAnswers, ...]], int] = {}
    keys = [criterion.key for criterion in model.criterion]
    kinds: dict[tuple[FigureAnswers, ...], int] = {}  # areas with the same unknowns are categorised alike
    kind_of = np.array([kinds.setdefault(unknown, len(kinds)) for unknown in figures.unknown], dtype=np.int64)

    def position(truth: tuple[bool, ...], unknown: tuple[FigureAnswers, ...]) -> int:
        if (truth, unknown) not in cache:
            opened = {key for figure in unknown for key, _ in figure.ways[0]}
            answers = [
                FigureAnswers(key, (((key, is_met),),))
                for key, is_met in zip(keys, truth, strict=True)
                if key not in opened
            ]
            outcome = decide(
                [*answers, *unknown], lambda completed: first_met(model, evaluate(model, completed))
            )
            cache[truth, unknown] = order[outcome.outcomes[0]] if outcome.certain else -1
        return cache[truth, unknown]

    def run(
        values: Array, factors: Array | None, _shifts: Array | None, _weights: Array | None
    ) -> npt.NDArray[np.int64]:
        met = np.zeros(values.shape, dtype=bool)
        pattern = np.broadcast_to(kind_of, values.shape[:-1]).ravel()
        for column in range(len(keys)):
            factor = np.ones(1) if factors is None else factors[..., column, None]
            met[..., column] = meets_limit(
                figures, column, values[..., column], figures.limits[column][:, 0] * factor
            )
            pattern = 2 * pattern + met[..., column].ravel()
            if column % 30 == 29:  # few patterns occur: numbered anew they stay within 64 bits
                pattern = np.unique(pattern, return_inverse=True)[1]
        _, examples, which = np.unique(pattern, return_index=True, return_inverse=True)
        truths = met.reshape(-1, len(keys))
        positions = [
            position(tuple(truths[row].tolist()), figures.unknown[row % len(kind_of)])
            for row in examples.tolist()
        ]
        return np.array(positions, dtype=np.int64)[which].reshape(values.shape[:-1])

    return run


def meets_limit(figures: Figures, column: int, values: Array, limits: Array) -> npt.NDArray[np.bool_]:
    """Whether values of a criterion pass limits.

    One within a billionth of a limit is taken to be at it, as exact counts are. Every value is below an infinite limit.
    """
    with np.errstate(invalid="ignore"):
        margin = 1e-9 * np.minimum(np.abs(limits), 1e300)
        if figures.high_is_met[column]:
            return np.asarray(
                values > limits + margin if figures.strict[column] else values >= limits - margin
            )
        return np.asarray(values < limits - margin if figures.strict[column] else values <= limits + margin)


def _figure(criterion: Criterion, reading: Reading) -> tuple[float, float]:
    if reading.value is None:
        return float("nan"), float("nan")
    value = float(bad_side(reading.value, criterion))
    cell = reading.cell
    if criterion.unit in ("mean", "count") or cell.denominator is None or cell.numerator is None:
        return value, float("nan")
    return value, float(cell.denominator * reading.parts)
