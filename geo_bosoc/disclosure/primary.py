"""Which cells are too small to show: a count or its complement is 1 to 4 persons.

Everything here works on true counts and answers true or false a cell; `geo_bosoc.disclosure.suppress` does the
hiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from geo_bosoc.indicators.spec import Indicator

COUNTS = ("numerator", "denominator", "unknown")
MOST_WEIGHT = 12
"""The most that one person is taken to weigh in a weighted indicator: the months of a year."""
CELL = ("area_id", "period", "indicator")


def small(counts: pd.Series, minimum: int, scale: pd.Series | int = 1) -> pd.Series:
    """Which counts are above 0 and below `minimum` persons.

    Parameters
    ----------
    counts : Series
        Whole numbers, in fixed point where `scale` is above 1 (12500 at 10000 is 1.25 persons).
    minimum : int
        Persons; 0 and `minimum` itself are not small.
    scale : Series or int, optional
        What counts are multiplied by.

    Returns
    -------
    Series of bool
        False where there is no count.

    Examples
    --------
    >>> small(pd.Series([0, 1, 4, 5]), 5).tolist()
    [False, True, True, False]
    """
    numbers = counts.astype("Int64")
    return ((numbers > 0) & (numbers < minimum * scale)).fillna(False).astype(bool)


def small_cells(table: pd.DataFrame, indicators: Iterable[Indicator], minimum: int) -> pd.Series:
    """Which cells of an indicator table (or of reference areas) must not be shown.

    A share or rate is small when its numerator, its complement (denominator - unknown - numerator), its
    denominator or what is known of it is 1 to `minimum` - 1 persons; full-time persons (`Indicator.scale`)
    are judged in persons. A mean has no count of persons above its line and is judged by its base. A small
    unknown alone hides no figure: see `without_small_unknown`.

    Counts of a weighted indicator do not tell how many persons stand behind them; each is taken to weigh at
    most `MOST_WEIGHT`, which hides too much rather than too little.

    Parameters
    ----------
    table : DataFrame
        ``indicator, numerator, denominator, unknown`` (whole numbers or missing).
    indicators : iterable of Indicator
        What the figures are; a figure of an indicator that is not among them is judged as a share.
    minimum : int
        Persons.

    Returns
    -------
    Series of bool
        On the index of `table`; False where the counts are missing.
    """
    specs = {indicator.id: indicator for indicator in indicators}
    weights = {key: MOST_WEIGHT * spec.weight_scale for key, spec in specs.items() if spec.weight is not None}
    weight = _for_each(table["indicator"], weights)
    scale = _for_each(table["indicator"], {key: spec.scale for key, spec in specs.items()})
    means = [key for key, spec in specs.items() if spec.mean_of is not None or spec.unit == "mean"]
    numerator, denominator, unknown = (table[name].astype("Int64") for name in COUNTS)
    known_base = denominator - unknown.fillna(0)
    complement = known_base * scale - numerator
    count_is_small = small(numerator, minimum, weight * scale) | small(complement, minimum, weight * scale)
    base_is_small = small(known_base, minimum, weight) | small(denominator, minimum, weight)
    return base_is_small | (count_is_small & ~table["indicator"].isin(means))


def without_small_unknown(
    table: pd.DataFrame, indicators: Iterable[Indicator], minimum: int, *, others: pd.Series | None = None
) -> pd.DataFrame:
    """The table with unknowns of 1 to `minimum` - 1 persons missing, and folded into the count beside them.

    Where the value leaves the unknown out, the denominator becomes those whose status is known; where it
    counts them as met, the numerator holds them too. So value = numerator / denominator still, and the cell
    does not tell how many were unknown. The unknowns of the rows `others` go in the same way, whatever they are.

    Everything else stays, and missing counts as they are.
    """
    specs = {indicator.id: indicator for indicator in indicators}
    weights = {key: MOST_WEIGHT * spec.weight_scale for key, spec in specs.items() if spec.weight is not None}
    small_unknown = small(table["unknown"], minimum, _for_each(table["indicator"], weights))
    if others is not None:
        small_unknown |= others & (table["unknown"].astype("Int64") > 0).fillna(False).astype(bool)
    rules = table["indicator"].map({key: spec.unknown for key, spec in specs.items()}).fillna("exclude")
    scale = _for_each(table["indicator"], {key: spec.scale for key, spec in specs.items()})
    numerator, denominator, unknown = (table[name].astype("Int64") for name in COUNTS)
    return table.assign(
        numerator=numerator.mask(small_unknown & (rules == "met"), numerator + unknown * scale),
        denominator=denominator.mask(small_unknown & (rules == "exclude"), denominator - unknown),
        unknown=unknown.mask(small_unknown),
    )


def _for_each(indicators: pd.Series, numbers: Mapping[str, int]) -> pd.Series:
    """A whole number for each row by its indicator, 1 where none is told."""
    return indicators.map(dict(numbers)).astype("Int64").fillna(1)
