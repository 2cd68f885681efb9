"""Where the figures of many areas may stand in some years: a random walk of each, with what all have in common pooled.

On the logit scale (a mean: as it is) a figure starts at a level of its own and moves each year by a step of its own:

    state(i, t) = level + drift t + own(i) + walk(i, t)

`level` and `drift` are the same for all areas, ``own(i)`` has the variance `between`, the walk's steps have the
variance `step` a year, and what is observed scatters round the state `scatter` times as much as a binomial count of
that base does. The three variances are those that the areas' figures together make most likely (empirical Bayes); an
area with few people or few years leans on the others. Counts are met by working responses (penalised quasi-likelihood:
Breslow & Clayton 1993), forecasts are those of kriging with an unknown mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

DRIFT_SD: Final = 0.05
"""Of the drift a year, before anything is seen: a few years alone do not give a lasting trend."""
_SCATTER_SD: Final = 0.7
"""Of the logarithm of `scatter` round 0."""
_STEP: Final = (np.log(0.01), 2.0)
"""Mean and SD of the logarithm of `step`, which matter only where there are few years."""
_FAR: Final = 1e9
_ROUNDS: Final = 4
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class AreaSeries:
    """The figures of areas over years, areas by years; nan where there is none.

    Attributes
    ----------
    value : ndarray
        Shares from 0 to 1, or means.
    base : ndarray
        Persons that each is of; nan where it is not known, and all are then taken to be alike.
    offset : ndarray
        By year what a figure is measured from, such as the threshold (in the scale of `value`).
    years : ndarray
        The time of each column, in years from the first.
    shares : bool
        Whether the figures are shares of counted persons.
    """

    value: Array
    base: Array
    offset: Array
    years: Array
    shares: bool

    def head(self, columns: int) -> AreaSeries:
        """The first years alone."""
        return AreaSeries(
            self.value[:, :columns],
            self.base[:, :columns],
            self.offset[:columns],
            self.years[:columns],
            self.shares,
        )


@dataclass(frozen=True)
class Walk:
    """A fitted random walk.

    Attributes
    ----------
    level, drift : float
        Common to the areas, on the scale of the states (logit of the share less that of the offset; means: parts of
        the offset above it).
    between, step, scatter : float
        Variances: of areas' own levels, of a year's step, and how many times the binomial one the observed scatter has.
    """

    level: float
    drift: float
    between: float
    step: float
    scatter: float
    _response: Array
    _noise: Array
    _years: Array
    _precision: Array

    def ahead(self, years: float) -> tuple[Array, Array]:
        """Mean and variance of each area's state so many years after the last one."""
        end = float(self._years[-1]) + years
        gain, variance, design, row = _gain(self, np.array([end]))
        mean = row[0, 0] * self.level + row[0, 1] * self.drift
        residual = self._response - self.level - self.drift * self._years
        mean = mean + np.einsum("aot,at->ao", gain, residual)[:, 0]
        common = row - np.einsum("aot,tb->aob", gain, design)  # what an unknown level and drift add
        added = np.einsum("aob,bc,aoc->ao", common, np.linalg.inv(self._precision), common)
        return mean, (variance + added)[:, 0]


def fit_walk(series: AreaSeries) -> Walk:
    """Fit the walk of areas' figures.

    Parameters
    ----------
    series : AreaSeries
        At least two years, and a figure of at least two areas.

    Returns
    -------
    Walk
        The same input gives the same walk: nothing is drawn.

    Raises
    ------
    ValueError
        There are fewer than two years or areas with a figure.

    Examples
    --------
    >>> shares = np.array([[0.10, 0.11, 0.12], [0.30, 0.31, 0.30], [0.20, 0.18, 0.19]])
    >>> series = AreaSeries(shares, np.full((3, 3), 200.0), np.full(3, 0.25), np.arange(3.0), shares=True)
    >>> chance_over(fit_walk(series), series, np.full(3, 0.25), 1.0).round(1).tolist()
    [0.0, 1.0, 0.0]
    """
    seen = np.isfinite(series.value) & np.isfinite(series.offset)
    if seen.any(axis=0).sum() < 2 or seen.any(axis=1).sum() < 2:
        raise ValueError("a walk needs at least two years and two areas with a figure")
    base = np.where(np.isfinite(series.base) & (series.base > 0), series.base, 1.0)
    if not series.shares:
        return _fit_means(series, base, seen)
    pooled = np.nansum(np.where(seen, series.value * base, 0.0)) / np.sum(np.where(seen, base, 0.0))
    pooled = float(np.clip(pooled, 1e-4, 1 - 1e-4))
    value = np.where(seen, series.value, pooled)
    offset = logit(np.clip(np.where(np.isfinite(series.offset), series.offset, pooled), 1e-6, 1 - 1e-6))
    share = (value * base + 10 * pooled) / (base + 10)
    start, walk = np.log([0.25, 0.01, 1.0]), None
    for _ in range(_ROUNDS):
        share = np.clip(share, 1e-5, 1 - 1e-5)
        spread = share * (1 - share)
        response = logit(share) + (value - share) / spread - offset
        noise = np.where(seen, 1 / (base * spread), _FAR)
        walk, start = _most_likely(np.where(seen, response, 0.0), noise, series.years, start)
        share = expit(_smoothed(walk) + offset)
    assert walk is not None
    return walk


def _fit_means(series: AreaSeries, base: Array, seen: npt.NDArray[np.bool_]) -> Walk:
    """Means, measured in parts of the offset: their scatter in one year is read off their steps."""
    scale = np.where(np.isfinite(series.offset) & (series.offset != 0), np.abs(series.offset), 1.0)
    response = np.where(seen, (series.value - series.offset) / scale, 0.0)
    steps = np.diff(response, axis=1)[seen[:, 1:] & seen[:, :-1]]
    typical = float(np.median(base[seen]))
    size = max(float(np.mean(steps**2)) / 4 if len(steps) else 0.0, 1e-8)
    noise = np.where(seen, size * typical / base, _FAR)
    return _most_likely(response, noise, series.years, np.log([0.25, size, 1.0]), scale=size)[0]


def chance_over(walk: Walk, series: AreaSeries, limit: Array, years: float, *, strict: bool = False) -> Array:
    """Chance that each area's observed figure is at or over a limit, some years after the last one.

    Of shares it is that of a binomial count at the last base, over what the state can be; a wider or narrower scatter
    than the binomial one stands for a smaller or larger base. Of means it is that of a normal figure.

    Parameters
    ----------
    walk : Walk
        Of the series.
    series : AreaSeries
        The figures.
    limit : ndarray
        By area, in the scale of the figures.
    years : float
        How many years ahead.
    strict : bool, optional
        Whether the figure must be over the limit.

    Returns
    -------
    ndarray
        From 0 to 1 by area; nan where an area has no figure.
    """
    mean, variance = walk.ahead(years)
    base = _last_known(series.base)
    offset = _last_known(series.offset[None, :])[0]
    any_figure = np.isfinite(series.value).any(axis=1)
    if not series.shares:
        scale = abs(offset) or 1.0
        noise = _last_known(np.where(walk._noise < _FAR, walk._noise, np.nan))
        deviation = np.sqrt(variance + walk.scatter * np.where(np.isfinite(noise), noise, 0.0))
        return np.where(any_figure, 1 - _normal(((limit - offset) / scale - mean) / deviation), np.nan)
    from scipy.special import betainc  # slow to import

    base = np.where(np.isfinite(base) & (base > 0), base, 1.0)
    states = mean[:, None] + np.sqrt(np.maximum(variance, 0.0))[:, None] * _NODES
    share = expit(states + logit(np.clip(offset, 1e-6, 1 - 1e-6)))
    least = (
        np.floor(limit * base + 1e-9) + 1 if strict else np.ceil(limit * base - 1e-9)
    )  # the count that is over
    edge, size = (least - 0.5) / walk.scatter, base / walk.scatter
    with np.errstate(invalid="ignore"):
        upper = betainc(
            np.maximum(edge + 0.5, 1e-9)[:, None], np.maximum(size - edge + 0.5, 1e-9)[:, None], share
        )
    chance = upper @ _WEIGHTS
    chance = np.where(least <= 0, 1.0, np.where(least > base, 0.0, chance))
    return np.where(any_figure & np.isfinite(limit), np.clip(chance, 0.0, 1.0), np.nan)


def logit(share: Array) -> Array:
    """The logarithm of the odds."""
    return np.asarray(np.log(share) - np.log1p(-share), dtype=float)


def expit(state: Array) -> Array:
    """The share whose log odds these are."""
    return np.asarray(1 / (1 + np.exp(-np.clip(state, -30, 30))), dtype=float)


def _normal(z: Array) -> Array:
    from scipy.special import ndtr  # slow to import

    return np.asarray(ndtr(z), dtype=float)


def _last_known(values: Array) -> Array:
    """The last finite value of each row; nan where there is none."""
    finite = np.isfinite(values)
    last = values.shape[1] - 1 - np.argmax(finite[:, ::-1], axis=1)
    return np.where(finite.any(axis=1), values[np.arange(len(values)), last], np.nan)


def _most_likely(
    response: Array, noise: Array, years: Array, start: Array, *, scale: float = 0.01
) -> tuple[Walk, Array]:
    from scipy.optimize import minimize  # slow to import

    where = (np.log(scale), _STEP[1])

    def cost(parameters: Array) -> float:
        parameters = np.clip(parameters, -14.0, 6.0)
        _, deviance = _common(np.exp(parameters), response, noise, years)
        shrunk = ((parameters[1] - where[0]) / where[1]) ** 2 + (parameters[2] / _SCATTER_SD) ** 2
        return 0.5 * (deviance + float(shrunk))

    corners = np.vstack([start, start + 0.5 * np.eye(len(start))])
    limits = {"maxfev": 150, "xatol": 0.02, "fatol": 0.02, "initial_simplex": corners}
    best = minimize(cost, start, method="Nelder-Mead", options=limits)
    logarithms = np.clip(best.x, -14.0, 6.0)
    between, step, scatter = np.exp(logarithms)
    (beta, precision), _ = _common(np.exp(logarithms), response, noise, years)
    walk = Walk(
        float(beta[0]), float(beta[1]), float(between), float(step), float(scatter), response, noise, years, precision
    )  # fmt: skip
    return walk, logarithms


def _covariance(variances: Array, noise: Array, years: Array) -> Array:
    between, step, scatter = variances
    shared = between + step * np.minimum(years[:, None], years[None, :])
    covariance = np.broadcast_to(shared, (len(noise), *shared.shape)).copy()
    diagonal = np.arange(len(years))
    covariance[:, diagonal, diagonal] += scatter * noise
    return covariance


def _common(
    variances: Array, response: Array, noise: Array, years: Array
) -> tuple[tuple[Array, Array], float]:
    """Level and drift that are most likely under these variances, their precision, and the deviance."""
    covariance = _covariance(variances, noise, years)
    inverse = np.linalg.inv(covariance)
    design = np.stack([np.ones_like(years), years], axis=1)
    weighted = np.einsum("ast,tb->asb", inverse, design)
    precision = np.einsum("sb,asc->bc", design, weighted)
    precision[1, 1] += 1 / DRIFT_SD**2
    beta = np.linalg.solve(precision, np.einsum("asb,as->b", weighted, response))
    residual = response - design @ beta
    fit = float(np.einsum("as,ast,at->", residual, inverse, residual)) + (beta[1] / DRIFT_SD) ** 2
    size = float(np.linalg.slogdet(covariance)[1].sum())
    return (beta, precision), size + fit


def _gain(walk: Walk, times: Array) -> tuple[Array, Array, Array, Array]:
    """How states at some times lean on each area's figures, their variance given these, and the designs."""
    years = walk._years
    variances = np.array([walk.between, walk.step, walk.scatter])
    inverse = np.linalg.inv(_covariance(variances, walk._noise, years))
    cross = walk.between + walk.step * np.minimum(times[:, None], years[None, :])
    gain = np.einsum("os,ast->aot", cross, inverse)
    prior = walk.between + walk.step * times
    variance = prior[None, :] - np.einsum("aot,ot->ao", gain, cross)
    design = np.stack([np.ones_like(years), years], axis=1)
    row = np.stack([np.ones_like(times), times], axis=1)
    return gain, np.maximum(variance, 0.0), design, row


def _smoothed(walk: Walk) -> Array:
    """The states of the years seen, given all of them."""
    gain, *_ = _gain(walk, walk._years)
    common = walk.level + walk.drift * walk._years
    return np.asarray(common + np.einsum("aot,at->ao", gain, walk._response - common), dtype=float)
