"""Limits between classes of the values of all periods together, so that a class is the same in each of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo_bosoc.indicators.map_classes import DEFAULT_CLASSES, DEFAULT_SCHEME, MOST_CLASSES, ThemeClasses


def class_limits(values: Sequence[float], decimals: int) -> list[float]:
    """Rising limits between at most five classes of about equal size, each with a value in it.

    >>> class_limits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0), class_limits([2.0, 2.0], 1), class_limits([], 1)
    ([3.0, 5.0, 6.0, 8.0], [], [])
    """
    if not values:
        return []
    ordered = np.sort(np.asarray(values, dtype=float))
    cuts = np.quantile(ordered, [step / DEFAULT_CLASSES for step in range(1, DEFAULT_CLASSES)])
    limits: list[float] = []
    for cut in sorted({round(float(cut), decimals) for cut in cuts}):
        since = limits[-1] if limits else -np.inf
        if ((ordered >= since) & (ordered < cut)).any() and (ordered >= cut).any():
            limits.append(cut)
    return limits


def theme_limits(
    values: npt.ArrayLike, theme: ThemeClasses | None, *, decimals: int = 1
) -> tuple[float, ...] | None:
    """The limits of a theme as the project file has it: those given, or its scheme's.

    Parameters
    ----------
    values : array-like
        Of all areas and periods, in the unit that they are shown in; missing ones are left out.
    theme : ThemeClasses or None
        As the project file has it.
    decimals : int, optional
        What limits are rounded to.

    Returns
    -------
    tuple of float or None
        None where quintiles are meant, as where nothing is said (`class_limits`).

    Examples
    --------
    >>> theme_limits(range(9), ThemeClasses(limits=(10, 20))), theme_limits(range(9), ThemeClasses(classes=3))
    ((10.0, 20.0), (2.5, 5.5))
    """
    if theme is None:
        return None
    if theme.limits:
        return theme.limits
    scheme, size = theme.scheme or DEFAULT_SCHEME, theme.size
    if (scheme, size) == (DEFAULT_SCHEME, DEFAULT_CLASSES):
        return None
    return class_breaks(values, scheme, classes=size, decimals=decimals)


def class_breaks(
    values: npt.ArrayLike, scheme: str = DEFAULT_SCHEME, *, classes: int = DEFAULT_CLASSES, decimals: int = 1
) -> tuple[float, ...]:
    """Limits between classes of values of all periods together, by one of mapclassify's schemes.

    Parameters
    ----------
    values : array-like
        Of all areas and periods; missing ones are left out.
    scheme : {"quantiles", "equal_interval", "fisher_jenks", "std_mean", "maximum_breaks"}, optional
        One of mapclassify's.
    classes : int, optional
        How many; fewer come out where values are few. `std_mean` has five of its own.
    decimals : int, optional
        What limits are rounded to.

    Returns
    -------
    tuple of float
        Rising limits, one less than classes, each with a value on both sides; a value on a limit belongs above it.

    Examples
    --------
    >>> class_breaks([-3, -2, -1, 0, 1, 2, 3, 4], "equal_interval", classes=2), class_breaks([1.0])
    ((0.5,), ())
    """
    known_values = np.asarray(values, dtype=np.float64)
    known_values = np.sort(known_values[np.isfinite(known_values)])
    if len(np.unique(known_values)) < 2:
        return ()
    size = min(classes, len(np.unique(known_values)))
    if scheme == DEFAULT_SCHEME:  # the default, which every run takes
        bins = np.quantile(known_values, np.arange(1, size + 1) / size)
    else:
        bins = _mapclassify_bins(known_values, scheme, size)
    edges = [_edge(known_values, float(limit), decimals) for limit in bins if limit < known_values[-1]]
    return tuple(sorted({edge for edge in edges if edge > known_values[0]}))[: MOST_CLASSES - 1]


def _edge(values: npt.NDArray[np.float64], highest: float, decimals: int) -> float:
    """A limit halfway between the highest value of a class and the next one, as round as it can be."""
    place = int(np.searchsorted(values, highest, side="right"))
    lower, upper = values[max(place - 1, 0)], values[place]
    rounded = (round(float(lower + upper) / 2, places) for places in range(decimals, decimals + 3))
    return next((edge for edge in rounded if lower < edge <= upper), float(upper))


def _mapclassify_bins(
    known_values: npt.NDArray[np.float64], scheme: str, size: int
) -> npt.NDArray[np.float64]:
    """The upper limits of one of mapclassify's schemes."""
    import mapclassify  # seconds to import where numba is installed, which it compiles with

    settings = {} if scheme == "std_mean" else {"k": size}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # where values are alike there are fewer classes
        return np.asarray(mapclassify.classify(known_values, scheme, **settings).bins, dtype=np.float64)
