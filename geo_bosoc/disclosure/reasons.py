"""Why figures are suppressed: for the internal set alone."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import CELL, small_cells
from geo_bosoc.disclosure.results import Results


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
