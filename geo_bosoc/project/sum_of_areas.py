"""The figure of all areas together (``@areas``) from finished tables: the sum of the areas that have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.plan import Ids, make_parts
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec

_NUMBERS = ("numerator", "denominator", "unknown")


def finished_only(
    indicators: Sequence[Indicator], specs: Mapping[str, RegisterSpec], ids: Ids
) -> tuple[Indicator, ...]:
    """The indicators that count in finished tables alone."""
    places: dict[str, set[bool]] = {}
    for part in make_parts(indicators, specs, ids, Report()):
        spec = specs[part.register]
        places.setdefault(part.indicator.id, set()).add(spec.place == "area" and spec.unit == "count")
    return tuple(indicator for indicator in indicators if places.get(indicator.id) == {True})


def without_areas_that_miss(
    counts: pd.DataFrame, together: pd.DataFrame, indicators: Sequence[Indicator], report: Report
) -> pd.DataFrame:
    """The counts of all areas together, of those areas only that have a figure.

    One area whose figure is missing or withheld would else leave all of them without one. How many are left out is
    told.

    Parameters
    ----------
    counts, together : settled counts of each area, and of ``@areas``.
    indicators : those to look at (see `finished_only`).
    """
    names = {indicator.id for indicator in indicators}
    ours = counts[counts["indicator"].isin(names)]
    shown = ours["status"] == "ok"
    keys = ["period", "indicator"]
    lacking = (~shown).groupby([ours[key] for key in keys]).sum()
    every = shown.groupby([ours[key] for key in keys]).size()
    some = shown.groupby([ours[key] for key in keys]).any()
    partly = some.index[(lacking > 0) & some]
    if partly.empty:
        return together
    sums = ours[shown].groupby(keys)[list(_NUMBERS)].sum()
    data = ours[shown].groupby(keys)["data_period"].first()
    changed = together.astype(dict.fromkeys(_NUMBERS, "Int64"))
    rows = changed.set_index(keys).index
    at = rows.isin(partly)
    for name in _NUMBERS:
        changed.loc[at, name] = sums[name].reindex(rows[at]).to_numpy()
    changed.loc[at, "data_period"] = data.reindex(rows[at]).to_numpy()
    changed.loc[at, "status"] = "ok"
    for indicator in sorted({name for _, name in partly}):
        periods = [period for period, name in partly if name == indicator]
        lost = ", ".join(f"{lacking[p, indicator]} of {every[p, indicator]} in {p}" for p in periods)
        report.note(
            f"areas have no figure ({lost}): all areas together are the others.", key=f"indicator.{indicator}"
        )
    return changed
