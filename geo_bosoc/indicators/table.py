"""The indicator table: from counts to values, intervals and the municipality's figure. Nothing is ever
rounded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_bosoc.indicators.intervals import Floats, poisson_interval, wilson
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report

COLUMNS = (
    *("area_id", "period", "indicator", "numerator", "denominator", "unknown"),
    *("value", "low", "high", "reference", "ratio", "status"),
)


def indicator_table(
    counts: pd.DataFrame,
    indicators: Sequence[Indicator],
    reference: pd.DataFrame | None = None,
    *,
    report: Report | None = None,
) -> pd.DataFrame:
    """Values from counts.

    Parameters
    ----------
    counts : what `count_indicators` returns.
    indicators : what the counts are; those that `counts` holds and this does not are refused.
    reference : counts of one reference area (``@municipality``), the same indicators and periods.

    Returns
    -------
    DataFrame
        The keys and counts (Int64, empty where a figure is missing or withheld), and ``value`` (numerator / scale /
        base; the base is denominator - unknown, or the denominator where unknowns count as met or not met), ``low``
        and ``high`` (95 %: Wilson for
        percent, Poisson for rates; none for means, counts, weighted shares and percentages without base, which
        have no counts either), ``reference`` (the reference area's value; none for counts), ``ratio`` (value /
        reference), ``status`` (ok, missing, no_base, protected, not_applicable; numbers are NaN unless ok),
        and ``data_period`` where the counts have it. One row for each of `counts`, in their order.

    Raises
    ------
    InputError
        A column is missing, an indicator is not known, or the reference area has several rows for a period.
    """
    found = Report()
    specs = {indicator.id: indicator for indicator in indicators}
    _check(counts, "counts", specs, found)
    if reference is not None:
        _check(reference, "reference counts", specs, found)
        if not found.errors and reference.duplicated(["period", "indicator"]).any():
            found.error(
                "The reference counts hold several rows for a period and indicator.",
                hint="Give the rows of one reference area, such as @municipality.",
            )
    if found.errors:
        found.settle(report)
        return pd.DataFrame(columns=list(COLUMNS))
    table = _valued(counts, specs)
    if reference is None:
        table["reference"] = np.nan
    else:
        reference_area = _valued(reference, specs)
        keyed = reference_area.set_index(["period", "indicator"])["value"]
        keys = pd.MultiIndex.from_frame(table[["period", "indicator"]])
        table["reference"] = keyed.reindex(keys).to_numpy(dtype=np.float64)
        counted = (
            table["indicator"]
            .map({name: spec.unit == "count" for name, spec in specs.items()})
            .to_numpy(bool)
        )
        table.loc[counted, "reference"] = np.nan
    base = table["reference"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = np.where(base > 0, table["value"].to_numpy(dtype=np.float64) / base, np.nan)
    found.settle(report)
    extra = [name for name in ("data_period",) if name in table.columns]
    return _without_made_base(_without_made_zeros(table[[*COLUMNS, *extra]]), specs)


def _without_made_zeros(table: pd.DataFrame) -> pd.DataFrame:
    """The table with counts that are empty where there are none: what is missing or withheld is no zero."""
    unknown = ~table["status"].isin(["ok", "no_base"])
    no_base = unknown & (table["denominator"].fillna(0) == 0)
    hidden = {"numerator": unknown, "denominator": no_base, "unknown": unknown}
    return table.assign(**{name: table[name].astype("Int64").mask(rows) for name, rows in hidden.items()})


def _without_made_base(table: pd.DataFrame, specs: dict[str, Indicator]) -> pd.DataFrame:
    """The table without counts where a percentage came without its base: the parts it is carried in are no persons."""
    bare = table["indicator"].isin([name for name, spec in specs.items() if not spec.base_known])
    if not bare.any():
        return table
    counts = {
        name: table[name].astype("Int64").mask(bare) for name in ("numerator", "denominator", "unknown")
    }
    return table.assign(**counts)


def _check(counts: pd.DataFrame, name: str, specs: dict[str, Indicator], report: Report) -> None:
    for column in (*COLUMNS[:6], "status"):
        if column not in counts.columns:
            report.error(
                f"The {name} have no column {column}.", hint="They are what count_indicators returns."
            )
    if not report.errors:
        for unknown in sorted(set(counts["indicator"]) - set(specs)):
            report.error(f"The {name} hold the indicator {unknown}, which is not among those given.")


def _valued(counts: pd.DataFrame, specs: dict[str, Indicator]) -> pd.DataFrame:
    """Counts with value, low, high and the status that the base decides."""
    table = counts.reset_index(drop=True).copy()
    size = len(table)
    value, low, high = (np.full(size, np.nan) for _ in range(3))
    status = table["status"].to_numpy(dtype=object, copy=True)
    for name, rows in table.groupby("indicator", sort=False).indices.items():
        spec = specs[str(name)]
        top, base = _fraction(table.iloc[rows], spec)
        known = status[rows] == "ok"
        if spec.unit == "count":
            value[rows] = np.where(known, top, np.nan)
            continue
        status[rows[known & (base <= 0)]] = "no_base"
        good = known & (base > 0)
        at = rows[good]
        # One division of two whole numbers: the nearest double to the true value.
        value[at] = _exact(table.iloc[rows], spec)[good]
        interval = {"percent": wilson, "per_1000": poisson_interval, "per_10000": poisson_interval}.get(
            spec.unit
        )
        if interval is not None and spec.weight is None and spec.mean_of is None and spec.base_known:
            low[at], high[at] = interval(top[good], base[good])
    table["value"], table["low"], table["high"], table["status"] = (
        value,
        low,
        high,
        pd.Series(status.tolist()),
    )
    return table


def _fraction(rows: pd.DataFrame, spec: Indicator) -> tuple[Floats, Floats]:
    """Numerator in persons (scale divided out) and base, by the indicator's rule for unknowns."""
    whole, base = whole_sides(rows, spec)
    return whole / spec.scale, base.astype(np.float64)


def _exact(rows: pd.DataFrame, spec: Indicator) -> Floats:
    whole, base = whole_sides(rows, spec)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(whole / (base * spec.scale), dtype=np.float64)


def whole_sides(rows: pd.DataFrame, spec: Indicator) -> tuple[np.ndarray, np.ndarray]:
    """Numerator (in parts of `Indicator.scale`) and base as whole numbers, by the indicator's rule for unknowns."""
    # what is empty has a status of its own, and no value
    top, base, unknown = (
        rows[name].fillna(0).to_numpy(np.int64) for name in ("numerator", "denominator", "unknown")
    )
    if spec.unknown == "exclude":
        return top, base - unknown
    return (top + unknown * spec.scale, base) if spec.unknown == "met" else (top, base)
