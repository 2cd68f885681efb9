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


def byar(count: npt.ArrayLike, base: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Byar's interval for a rate ``count / base``, the count being Poisson.

    Low ``O (1 - 1/(9 O) - z/(3 sqrt O))^3 / base``, high the same with O + 1 and plus. Within 0.2 % of
    the exact limits from 10 events on; below, the lower one is a little low (0.013 instead of 0.025 at one
    event).

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
