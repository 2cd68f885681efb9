"""Which cells are too small to show: a count or its complement is 1 to 4 persons.

Everything here works on true counts and answers true or false a cell; `geo_bosoc.disclosure.suppress` does the
hiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import Results
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


def small_rests(
    table: pd.DataFrame,
    municipality: pd.DataFrame,
    compared: Iterable[str],
    indicators: Iterable[Indicator],
    minimum: int,
) -> pd.Series:
    """Which cells leave a small rest of the municipality: with the municipality's figure, they would tell its count.

    Parameters
    ----------
    table : DataFrame
        ``period, indicator, numerator, denominator, unknown`` of areas.
    municipality : DataFrame
        The same of the municipality.
    compared : iterable of str
        The indicators that are compared with the rest.
    indicators : iterable of Indicator
        What the figures are.
    minimum : int
        Persons.

    Returns
    -------
    Series of bool
        On the index of `table`.

    Examples
    --------
    >>> columns = ["period", "indicator", "numerator", "denominator", "unknown"]
    >>> areas = pd.DataFrame([("2024", "crime", 8, 90, 0), ("2024", "crime", 12, 80, 0)], columns=columns)
    >>> municipality = pd.DataFrame([("2024", "crime", 15, 900, 0)], columns=columns)
    >>> small_rests(areas, municipality, ["crime"], [], 5).tolist()
    [False, True]
    """
    keys = ["period", "indicator"]
    of_compared = table["indicator"].isin(list(compared))
    totals = municipality.drop_duplicates(keys).set_index(keys)[list(COUNTS)].astype("Int64")
    of_rows = totals.reindex(pd.MultiIndex.from_frame(table[keys])).set_axis(table.index)
    rests = table[["indicator"]].join(of_rows - table[list(COUNTS)].astype("Int64"))
    return small_cells(rests, indicators, minimum) & of_compared


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


def _for_each(indicators: pd.Series, numbers: Mapping[str, int]) -> pd.Series | int:
    """A whole number for each row by its indicator, 1 where none is told; 1 where it is so everywhere."""
    if set(numbers.values()) <= {1}:
        return 1
    return indicators.map(dict(numbers)).astype("Int64").fillna(1)


def suppression_reasons(
    results: Results, published: pd.DataFrame, policy: Policy, withheld: pd.Series | None = None
) -> dict[tuple[str, str, str], str]:
    """Why each suppressed figure of an area is not shown.

    Parameters
    ----------
    results : Results
        True counts.
    published : DataFrame
        The table as it is published.
    policy : Policy
        What is suppressed.
    withheld : Series of str, optional
        By row of `results.table`, numbered from 0, why a threshold withholds the figure
        (`geo_bosoc.disclosure.thresholds.Withheld`); missing where none does.

    Returns
    -------
    dict
        By area, period and indicator: ``publisher`` (it came suppressed), ``small_base`` (the base, or those whose
        status is known), ``small_count`` (the count or the rest, never told which), ``zero`` and ``minimum_base`` (the
        policy's options), ``few_residents`` and ``few_households`` (the area is below a threshold), ``other_areas``
        (figures of such an area would follow), or ``other_figures`` (a suppressed one would follow from it).
    """
    table = results.table
    numerator, denominator, unknown = (
        table[name].astype("Int64") for name in ("numerator", "denominator", "unknown")
    )
    base = denominator - unknown.fillna(0)
    scale = (
        table["indicator"].map({spec.id: spec.scale for spec in results.indicators}).fillna(1).astype("Int64")
    )
    none_or_all = (numerator == 0) | (numerator == base * scale)
    without_count = table.assign(numerator=pd.Series(pd.NA, index=table.index, dtype="Int64"))
    reasons = pd.Series("other_figures", index=table.index, dtype="object")
    means = [spec.id for spec in results.indicators if spec.unit == "mean" or spec.mean_of is not None]
    for reason, cells in (
        ("minimum_base", base < policy.minimum_base),
        ("minimum_base", (base < policy.minimum_mean_base) & table["indicator"].isin(means)),
        ("zero", none_or_all & (policy.zeros == "hide")),
        ("small_count", small_cells(table, results.indicators, policy.minimum)),
        ("small_base", small_cells(without_count, results.indicators, policy.minimum)),
        ("publisher", table["status"] == "protected"),
    ):
        reasons[cells.fillna(False).astype(bool)] = reason
    if withheld is not None:
        of_area = withheld.set_axis(table.index)
        reasons = reasons.mask(of_area.notna() & (reasons != "publisher"), of_area)
    by_cell = dict(zip(table[list(CELL)].itertuples(index=False, name=None), reasons, strict=True))
    suppressed = published.loc[published["status"] == "protected", list(CELL)]
    return {
        (str(area), str(period), str(indicator)): by_cell[area, period, indicator]
        for area, period, indicator in suppressed.itertuples(index=False, name=None)
    }
