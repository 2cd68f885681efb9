"""Which cells are too small to show: a count or its complement is 1 to 4 persons.

Everything here works on true counts and answers true or false a cell; `geo_bosoc.disclosure.suppress` does the
hiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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


def without_small_unknown(table: pd.DataFrame, indicators: Iterable[Indicator], minimum: int) -> pd.DataFrame:
    """The table with unknowns of 1 to `minimum` - 1 persons missing, and folded into the count beside them.

    Where the value leaves the unknown out, the denominator becomes those whose status is known; where it
    counts them as met, the numerator holds them too. So value = numerator / denominator still, and the cell
    does not tell how many were unknown.

    Everything else stays, and missing counts as they are.
    """
    specs = {indicator.id: indicator for indicator in indicators}
    weights = {key: MOST_WEIGHT * spec.weight_scale for key, spec in specs.items() if spec.weight is not None}
    small_unknown = small(table["unknown"], minimum, _for_each(table["indicator"], weights))
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


def secondary_cells(
    reference_areas: pd.DataFrame,
    table: pd.DataFrame,
    hidden: pd.Series,
    indicators: Sequence[Indicator],
    minimum: int,
) -> pd.Series:
    """Which reference areas give a hidden cell away by subtraction: the total less the areas that are shown.

    What is left when the shown areas are taken from a reference area is the hidden areas together with everybody
    outside the areas. It gives someone away when it is one single hidden area, or is itself too small to
    show. Nothing can be subtracted where areas overlap (the areas then hold more than the reference area).

    Parameters
    ----------
    reference_areas, table : DataFrame
        Indicator tables of the reference areas and of the areas.
    hidden : Series of bool
        On the index of `table`: the cells that are not shown.
    indicators : sequence of Indicator
        What the figures are.
    minimum : int
        Persons.

    Returns
    -------
    Series of bool
        On the index of `reference_areas`.
    """
    if reference_areas.empty:
        return pd.Series(False, index=reference_areas.index, dtype=bool)
    keys = ["period", "indicator"]
    references = reference_areas[[*keys, *COUNTS]].reset_index(drop=True)
    numbers = table[[*keys, *COUNTS]].astype(dict.fromkeys(COUNTS, "Int64"))
    counted = numbers["denominator"].notna()
    everyone = _sums(numbers[counted], references, keys)
    shown = _sums(numbers[counted & ~hidden], references, keys)
    concealed = _sums(numbers.assign(cells=1)[counted & hidden], references, keys, ("cells",))["cells"]
    total = references[list(COUNTS)].astype("Int64")
    outside = total["denominator"] - everyone["denominator"]
    rest = (total - shown[list(COUNTS)]).assign(indicator=references["indicator"])
    alone = (concealed == 1) & (outside == 0)
    gives = (concealed > 0) & (outside >= 0) & (alone | small_cells(rest, indicators, minimum))
    return pd.Series(gives.fillna(False).astype(bool).to_numpy(), index=reference_areas.index)


def _sums(
    numbers: pd.DataFrame, required: pd.DataFrame, keys: list[str], columns: Sequence[str] = COUNTS
) -> pd.DataFrame:
    """Sums of `columns` by `keys`, one row for each row of `required`, 0 where nothing is summed."""
    summed = numbers.groupby(keys, as_index=False, sort=True)[list(columns)].sum()
    return required[keys].merge(summed, on=keys, how="left")[list(columns)].fillna(0).astype("Int64")
