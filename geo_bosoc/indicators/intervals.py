"""95 % intervals for shares and rates, from counts alone.

Registers are whole populations: the interval tells how much a small number varies by chance, not a sampling
error. A mean has no interval here, since sums of squares are not counted; nor has a share weighted by a
column of weights, whose effective base is not known.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z95: Final = 1.959963984540054
"""The normal distribution's 97.5 % point: half of a two-sided 95 % interval in standard deviations."""


def wilson(count: npt.ArrayLike, base: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval for a share ``count / base``, without continuity correction.

    Parameters
    ----------
    count : how many are met, 0 <= count <= base; full-time persons (fractions) are allowed. For weights
        between 0 and 1 the variance is at most that of yes or no with the same mean, so the interval is
        then wide enough.
    base : how many are known (unknowns left out).

    Returns
    -------
    low, high : arrays of fractions in [0, 1]; NaN where the base is 0 or the count does not lie between 0
    and base.

    References
    ----------
    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22,
    209-212. R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, method 3; his table of examples is
    in the tests.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> print(round(float(low), 4), round(float(high), 4))
    0.2553 0.3662
    """
    x, n = np.asarray(count, dtype=np.float64), np.asarray(base, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sound = (n > 0) & (x >= 0) & (x <= n)
        share = x / n
        centre = share + z * z / (2 * n)
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        whole = 1 + z * z / n
        low = np.where(x == 0, 0.0, (centre - half) / whole)
        high = np.where(x == n, 1.0, (centre + half) / whole)
    return np.where(sound, low, np.nan), np.where(sound, high, np.nan)


EXACT_BELOW: Final = 10
"""Events below which a rate's limits are the exact ones, as public-health practice has it."""


def poisson_interval(count: npt.ArrayLike, base: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Interval for a rate ``count / base``, the count being Poisson: exact below 10 events, Byar's from 10 on.

    The exact limits are the gamma quantiles that belong to the chi-squared ones of Garwood: low
    ``chi2(a/2; 2 O) / 2``, high ``chi2(1 - a/2; 2 O + 2) / 2``. Byar's formula gives .0131 where the exact lower
    limit at one event is .0253.

    Parameters
    ----------
    count : events, at least 0; full-time persons (fractions) are allowed.
    base : persons (or person-years) that they are counted over.

    Returns
    -------
    low, high : arrays of plain fractions (0.023 is 23 per 1,000); NaN where the base is 0 or the count
        negative.

    References
    ----------
    F. Garwood (1936), "Fiducial limits for the Poisson distribution", Biometrika 28, 437-442; K. Ulm (1990),
    American Journal of Epidemiology 131, 373-375. The choice by size is that of England's public health technical
    guide on confidence intervals: exact for counts below 10, Byar from 10 on.

    Examples
    --------
    >>> low, high = poisson_interval([1, 5, 10], 1)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0253, 1.6235, 4.7874], [5.5716, 11.6683, 18.3915])
    """
    from scipy.special import gammaincinv, ndtr  # slow to import

    x, n = np.asarray(count, dtype=np.float64), np.asarray(base, dtype=np.float64)
    low, high = byar(x, n, z=z)
    with np.errstate(divide="ignore", invalid="ignore"):
        few = (n > 0) & (x >= 0) & (x < EXACT_BELOW)
        events = np.where(few, x, 1.0)
        # Byar's lower limit at 10 lies a little under the exact one: fractions just below 10 don't pass it
        least = np.minimum(gammaincinv(events, ndtr(-z)), byar(EXACT_BELOW, 1, z=z)[0])
        low = np.where(few, np.where(x == 0, 0.0, least) / n, low)
        high = np.where(few, gammaincinv(events + 1, ndtr(z)) / n, high)
    return low, high


def byar(count: npt.ArrayLike, base: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Byar's approximate interval for a rate ``count / base``, the count being Poisson.

    Low ``O (1 - 1/(9 O) - z/(3 sqrt O))^3 / base``, high the same with O + 1 and plus. Within 0.2 % of
    the exact limits from 10 events on; below, the lower one is too low (0.013 instead of 0.025 at one
    event): `poisson_interval` takes it from 10 events on only.

    Parameters
    ----------
    count : events, at least 0.
    base : persons (or person-years) that they are counted over.

    Returns
    -------
    low, high : arrays of plain fractions (0.023 is 23 per 1,000); NaN where the base is 0 or the count
    negative.

    References
    ----------
    N. E. Breslow, N. E. Day (1987), "Statistical Methods in Cancer Research II", IARC, chapter 2; so also
    the public health technical guides of England for counts of 10 and more.

    Examples
    --------
    >>> low, high = byar(10, 1)
    >>> print(round(float(low), 3), round(float(high), 3))
    4.787 18.391
    """
    x, n = np.asarray(count, dtype=np.float64), np.asarray(base, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sound = (n > 0) & (x >= 0)
        low = np.where(x == 0, 0.0, x * np.maximum(1 - 1 / (9 * x) - z / (3 * np.sqrt(x)), 0.0) ** 3)
        more = x + 1
        high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
        return np.where(sound, low / n, np.nan), np.where(sound, high / n, np.nan)
