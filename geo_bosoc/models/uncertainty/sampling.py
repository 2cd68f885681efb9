"""Sampling doubt of a figure: where its true value may lie, given the counts behind it.

Registers are whole populations, so this is not about a sample: it is what chance alone does to small numbers
("tilfældig variation ved små tal"). The distributions are those of the intervals that the indicator table
prints: a draw is the end of a one-sided interval whose confidence is drawn (Wilson for shares, Poisson
for rates).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geo_bosoc.indicators.intervals import EXACT_BELOW

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
