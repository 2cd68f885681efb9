"""Values from counts: rates with their 95 % intervals, and the reference area's figure. Nothing is ever rounded.

Registers are whole populations: the interval tells how much a small number varies by chance, not a sampling error. A
mean has no interval here, since sums of squares are not counted; nor has a share weighted by a column of weights, whose
effective base is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

Floats = npt.NDArray[np.float64]

Z95: Final = 1.959963984540054
"""The normal distribution's 97.5 % point: half of a two-sided 95 % interval in standard deviations."""


def wilson(count: npt.ArrayLike, denominator: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval for a share ``count / denominator``, without continuity correction.

    Parameters
    ----------
    count : array-like
        How many are met, 0 <= count <= denominator; full-time persons (fractions) are allowed. For weights between 0
        and 1 the variance is at most that of yes or no with the same mean, so the interval is then wide enough.
    denominator : array-like
        How many have a known status (unknowns left out).
    z : float
        Half the interval's width in standard deviations; 1.96 for 95 %.

    Returns
    -------
    low, high : ndarray of float
        Fractions in [0, 1]; NaN where the denominator is 0 or the count does not lie between 0 and the denominator.

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
    x, n = np.asarray(count, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        valid = (n > 0) & (x >= 0) & (x <= n)
        share = x / n
        centre = share + z * z / (2 * n)
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        divisor = 1 + z * z / n
        low = np.where(x == 0, 0.0, (centre - half) / divisor)
        high = np.where(x == n, 1.0, (centre + half) / divisor)
    return np.where(valid, low, np.nan), np.where(valid, high, np.nan)


EXACT_BELOW: Final = 10
"""Events below which a rate's limits are the exact ones, as public-health practice has it."""


def poisson_interval(
    count: npt.ArrayLike, denominator: npt.ArrayLike, *, z: float = Z95
) -> tuple[Floats, Floats]:
    """Interval for a rate ``count / denominator``, the count being Poisson: exact below 10 events, Byar's from 10 on.

    The exact limits are the gamma quantiles that belong to the chi-squared ones of Garwood: low
    ``chi2(a/2; 2 O) / 2``, high ``chi2(1 - a/2; 2 O + 2) / 2``. Byar's formula gives .0131 where the exact lower
    limit at one event is .0253.

    Parameters
    ----------
    count : array-like
        Events, at least 0; full-time persons (fractions) are allowed.
    denominator : array-like
        Persons (or person-years) that they are counted over.
    z : float
        Half the interval's width in standard deviations; 1.96 for 95 %.

    Returns
    -------
    low, high : ndarray of float
        Plain fractions (0.023 is 23 per 1,000); NaN where the denominator is 0 or the count negative.

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

    x, n = np.asarray(count, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    low, high = byar(x, n, z=z)
    with np.errstate(divide="ignore", invalid="ignore"):
        is_exact = (n > 0) & (x >= 0) & (x < EXACT_BELOW)
        events = np.where(is_exact, x, 1.0)
        # Byar's lower limit at 10 lies a little under the exact one: fractions just below 10 don't pass it
        least = np.minimum(gammaincinv(events, ndtr(-z)), byar(EXACT_BELOW, 1, z=z)[0])
        low = np.where(is_exact, np.where(x == 0, 0.0, least) / n, low)
        high = np.where(is_exact, gammaincinv(events + 1, ndtr(z)) / n, high)
    return low, high


def byar(count: npt.ArrayLike, denominator: npt.ArrayLike, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Byar's approximate interval for a rate ``count / denominator``, the count being Poisson.

    Low ``O (1 - 1/(9 O) - z/(3 sqrt O))^3 / denominator``, high the same with O + 1 and plus. Within 0.2 % of
    the exact limits from 10 events on; below, the lower one is too low (0.013 instead of 0.025 at one
    event): `poisson_interval` takes it from 10 events on only.

    Parameters
    ----------
    count : array-like
        Events, at least 0.
    denominator : array-like
        Persons (or person-years) that they are counted over.
    z : float
        Half the interval's width in standard deviations; 1.96 for 95 %.

    Returns
    -------
    low, high : ndarray of float
        Plain fractions (0.023 is 23 per 1,000); NaN where the denominator is 0 or the count negative.

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
    x, n = np.asarray(count, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        valid = (n > 0) & (x >= 0)
        low = np.where(x == 0, 0.0, x * np.maximum(1 - 1 / (9 * x) - z / (3 * np.sqrt(x)), 0.0) ** 3)
        next_count = x + 1
        high = next_count * (1 - 1 / (9 * next_count) + z / (3 * np.sqrt(next_count))) ** 3
        return np.where(valid, low / n, np.nan), np.where(valid, high / n, np.nan)


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
    counts : DataFrame
        What `count_indicators` returns.
    indicators : sequence of Indicator
        What the counts are; an indicator of `counts` that is not among them is an error.
    reference : DataFrame, optional
        Counts of one reference area (``@municipality``), the same indicators and periods.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

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

    Examples
    --------
    >>> from geo_bosoc.indicators import Side
    >>> sides = {"denominator": Side(), "numerator": Side(where="age < 25")}
    >>> young = Indicator(id="young", label_da="Prøve", label_en="", unit="percent", **sides)
    >>> counts = pd.DataFrame(
    ...     {"area_id": ["a"], "period": ["2024"], "indicator": ["young"], "numerator": [1], "denominator": [4],
    ...      "unknown": [0], "status": ["ok"]}
    ... )
    >>> indicator_table(counts, [young])["value"].tolist()
    [0.25]
    """
    inner_report = Report()
    specs = {indicator.id: indicator for indicator in indicators}
    _check(counts, phrase("counts"), specs, inner_report)
    if reference is not None:
        _check(reference, phrase("reference counts"), specs, inner_report)
        if not inner_report.errors and reference.duplicated(["period", "indicator"]).any():
            inner_report.error(
                "The reference counts hold several rows for a period and indicator.",
                hint="Give the rows of one reference area, such as @municipality.",
            )
    if inner_report.errors:
        inner_report.hand_over(report)
        return pd.DataFrame(columns=list(COLUMNS))
    table = _with_values(counts, specs)
    if reference is None:
        table["reference"] = np.nan
    else:
        reference_area = _with_values(reference, specs)
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
    inner_report.hand_over(report)
    extra = [name for name in ("data_period",) if name in table.columns]
    return _null_counts_without_base(_null_missing_counts(table[[*COLUMNS, *extra]]), specs)


def _null_missing_counts(table: pd.DataFrame) -> pd.DataFrame:
    """The table with counts that are empty where there are none: what is missing or withheld is no zero."""
    unknown = ~table["status"].isin(["ok", "no_base"])
    no_base = unknown & (table["denominator"].fillna(0) == 0)
    rows_by_column = {"numerator": unknown, "denominator": no_base, "unknown": unknown}
    return table.assign(
        **{name: table[name].astype("Int64").mask(rows) for name, rows in rows_by_column.items()}
    )


def _null_counts_without_base(table: pd.DataFrame, specs: dict[str, Indicator]) -> pd.DataFrame:
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
                phrase("The {counts} have no column {column}.", counts=name, column=column),
                hint="They are what count_indicators returns.",
            )
    if not report.errors:
        for unknown in sorted(set(counts["indicator"].unique()) - set(specs)):
            report.error(
                phrase(
                    "The {counts} hold the indicator {indicator}, which is not among those given.",
                    counts=name,
                    indicator=unknown,
                )
            )


def _with_values(counts: pd.DataFrame, specs: dict[str, Indicator]) -> pd.DataFrame:
    """Counts with value, low, high and the status that the base decides."""
    table = counts.reset_index(drop=True).copy()
    size = len(table)
    value, low, high = (np.full(size, np.nan) for _ in range(3))
    status = table["status"].to_numpy(dtype=object, copy=True)
    for name, rows in table.groupby("indicator", sort=False).indices.items():
        spec = specs[str(name)]
        counted, persons = integer_sides(table.iloc[rows], spec)
        numerator, base = counted / spec.scale, persons.astype(np.float64)
        is_ok = status[rows] == "ok"
        if spec.unit == "count":
            value[rows] = np.where(is_ok, numerator, np.nan)
            continue
        status[rows[is_ok & (base <= 0)]] = "no_base"
        has_base = is_ok & (base > 0)
        positions = rows[has_base]
        # One division of two whole numbers: the nearest double to the true value.
        value[positions] = counted[has_base] / (persons[has_base] * spec.scale)
        interval = {"percent": wilson, "per_1000": poisson_interval, "per_10000": poisson_interval}.get(
            spec.unit
        )
        if interval is not None and spec.weight is None and spec.mean_of is None and spec.base_known:
            low[positions], high[positions] = interval(numerator[has_base], base[has_base])
    table["value"], table["low"], table["high"], table["status"] = (
        value,
        low,
        high,
        pd.Series(status.tolist()),
    )
    return table


def integer_sides(rows: pd.DataFrame, spec: Indicator) -> tuple[np.ndarray, np.ndarray]:
    """Numerator (in parts of `Indicator.scale`) and base as whole numbers, by the indicator's rule for unknowns."""
    # what is empty has a status of its own, and no value
    numerator, base, unknown = (
        rows[name].fillna(0).to_numpy(np.int64) for name in ("numerator", "denominator", "unknown")
    )
    if spec.unknown == "exclude":
        return numerator, base - unknown
    return (numerator + unknown * spec.scale, base) if spec.unknown == "met" else (numerator, base)
