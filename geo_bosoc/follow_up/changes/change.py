"""What a figure did from one period to another: the difference with its interval, beside what its reference did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, REST
from geo_bosoc.disclosure.results import Results
from geo_bosoc.follow_up.spec import PeriodPair, period_pairs
from geo_bosoc.indicators.references import rest_of_municipality
from geo_bosoc.indicators.similar_areas import beside_same_twins
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.outputs.texts import reference_name
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text.catalogue import Language, as_language

Floats = npt.NDArray[np.float64]

CHANGE_COLUMNS: Final = (
    "area_id", "name", "indicator", "label", "unit", "period_before", "period", "value_before", "value",
    "difference", "low", "high", "differs", "direction", "reference_before", "reference",
    "reference_difference", "against_reference", "status", "assumption", "correlation",
)  # fmt: skip
"""The columns of `compare`, in order."""

_STATUSES: Final = ("protected", "not_published", "missing", "no_base", "not_applicable")
"""Why a figure is not there, the one that is said of two first."""
_VALUES: Final = ("value", "low", "high", "reference", "base")
_KEYS: Final = ["area_id", "indicator"]


def difference_interval(
    before: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    after: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    *,
    correlation: npt.ArrayLike = 0.0,
) -> tuple[Floats, Floats]:
    """Interval for a difference ``after - before`` of two figures that have an interval each ("square and add").

    With p the figures, l and u their limits and r the correlation of the two figures, the lower limit is ::

        d - sqrt((p2 - l2)^2 - 2 r (p2 - l2) (u1 - p1) + (u1 - p1)^2)

    and the upper one its mirror image. With Wilson's limits and r = 0 it is Newcombe's hybrid score interval for
    independent shares (method 10), with r not 0 his interval for paired ones; with limits of Poisson rates it is the
    same recovery of variances ("MOVER") for a difference of rates.

    Parameters
    ----------
    before, after : tuple of array-like
        Value, lower and upper limit of each figure; the intervals' level is that of the result.
    correlation : array-like, optional
        Of the two figures, -1 to 1. 0 where other persons are counted; the interval is too wide, never too narrow,
        where it is left at 0 and the figures rise and fall together.

    Returns
    -------
    low, high : ndarray of float
        Limits of the difference; NaN where a figure or limit is missing.

    References
    ----------
    R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", Statistics in Medicine 17, 873-890, and "Improved confidence intervals for the difference between
    binomial proportions based on paired data", 2635-2650; their printed examples are in the tests. G. Y. Zou, A. Donner
    (2008), "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine 27,
    1693-1702. H.-Q. Li, M.-L. Tang, W.-Y. Poon, N.-S. Tang (2011), "Confidence intervals for difference between two
    Poisson rates", Communications in Statistics - Simulation and Computation 40, 1478-1493.

    Examples
    --------
    >>> from geo_bosoc.indicators.rates import wilson
    >>> after, before = (56 / 70, *wilson(56, 70)), (48 / 80, *wilson(48, 80))
    >>> [round(float(limit), 4) for limit in difference_interval(before, after)]
    [0.0524, 0.3339]
    """
    first, low_first, high_first = (np.asarray(part, dtype=np.float64) for part in before)
    second, low_second, high_second = (np.asarray(part, dtype=np.float64) for part in after)
    r = np.asarray(correlation, dtype=np.float64)
    difference = second - first
    below, above = second - low_second, high_first - first
    low = difference - _root(below, above, r)
    below, above = first - low_first, high_second - second
    high = difference + _root(below, above, r)
    return low, high


def _root(below: Floats, above: Floats, correlation: Floats) -> Floats:
    squares = below**2 - 2 * correlation * below * above + above**2
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), dtype=np.float64)


def compare(
    results: Results,
    before: str | None = None,
    period: str | None = None,
    *,
    pairs: Sequence[PeriodPair] | None = None,
    years: int | None = None,
    against: str | None = None,
    correlation: float | Mapping[str, float] = 0.0,
    overlap: float | Mapping[str, float] = 1.0,
    language: str | None = None,
) -> pd.DataFrame:
    """Each indicator of each area in two periods: the difference, its 95 % interval, and what the reference did.

    Everything is worked out from the figures in `results` alone: of published results nothing follows that does not
    follow from them.

    Parameters
    ----------
    results : Results
        Of a run; those that `suppress` gave, to publish what comes out.
    before, period : str, optional
        The two periods.
    pairs : sequence of (str, str), optional
        Several pairs of periods, the earlier first.
    years : int, optional
        All pairs of periods so many years apart. Without periods, pairs and years: each period and the one before it.
    against : str, optional
        The reference area whose change is taken off (``@municipality``, ``@areas`` ...), of `results.reference_areas`,
        or ``@rest``: the municipality less the area. Left out, the reference that each indicator has in
        `results.table`; of ``@twins`` those of the later period, in both.
    correlation : float or mapping of str to float, optional
        How strongly what a person was counted as in one period goes with what the same person was counted as in the
        other (phi, -1 to 1), for all indicators or by id. 0 takes the periods as independent, which makes the interval
        rather too wide, since many residents are the same.
    overlap : float or mapping of str to float, optional
        The share of the smaller of both bases that is counted in both periods; matters with a `correlation` only.
    language : {"da", "en"}, optional
        Of names and labels; that of the results where it is left out.

    Returns
    -------
    DataFrame
        One row an area (reference areas among them), indicator and pair of periods: `CHANGE_COLUMNS`. ``differs`` is
        yes where the interval does not hold 0, no where it does, and cannot_tell where there is none: means, counts,
        weighted shares and percentages without base have no interval. ``direction`` says better or worse where it
        differs and one end is bad. ``against_reference`` is the difference less the reference's. ``assumption`` says
        what the interval rests on (independent; pooled: several years are added in each figure; paired: by the
        correlation given) or why there is none (no_interval; count; same_data: the figure is that of the earlier
        period; reform: the definition changed in between, see the series), and ``correlation`` is that of the two
        figures. Where a figure is not there in one of the periods, ``status`` says why (suppressed before missing), and
        no number is given.

    Raises
    ------
    InputError
        A period, reference area or indicator is not in the results, or a correlation or overlap is none.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> change = gb.compare(gb.analyse("bosoc.toml"), "2023", "2024")  # doctest: +SKIP
    >>> sorted(set(change["differs"]))  # doctest: +SKIP
    ['cannot_tell', 'no', 'yes']
    """
    both = chosen_pairs(results, before, period, pairs, years)
    chosen = as_language(language or results.language)
    _check(results, against, correlation, overlap)
    specs = {each.id: each for each in results.indicators if each.other_definition is None}
    table = pd.concat([results.table, results.reference_areas], ignore_index=True)
    table = table[table["indicator"].isin(list(specs))]
    rows = _rows(table, specs, against, results.reference_areas)
    frames = []
    for pair in both:
        of_pair = rows if against else beside_same_twins(rows, results.table, results.nearest, pair, specs)
        frames.append(_pair(of_pair, *pair, specs, correlation, overlap))
    if not frames:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    names = area_names(results, chosen)
    frame = pd.concat(frames, ignore_index=True)
    frame["name"] = frame["area_id"].map(names).fillna(frame["area_id"])
    frame["label"] = frame["indicator"].map({key: spec.label(chosen) for key, spec in specs.items()})
    frame["unit"] = frame["indicator"].map({key: spec.unit for key, spec in specs.items()})
    return frame[list(CHANGE_COLUMNS)]


def area_names(results: Results, language: Language) -> dict[str, str]:
    """Names of areas by id, reference areas by their word."""
    names = zip(results.areas["area_id"].astype(str), results.areas["name"].astype(str), strict=True)
    references = results.reference_areas["area_id"].astype(str).unique()
    return {str(area): reference_name(str(area), language) for area in references} | dict(names)


def chosen_pairs(
    results: Results,
    before: str | None,
    period: str | None,
    pairs: Sequence[PeriodPair] | None,
    years: int | None,
) -> list[PeriodPair]:
    """The pairs that are compared, checked."""
    report = Report()
    if before is not None or period is not None:
        if before is None or period is None or pairs is not None or years is not None:
            report.error("Two periods are compared: give both, or pairs, or years.")
            report.raise_errors()
        pairs = [(str(before), str(period))]
    if pairs is None:
        return list(pairwise(results.periods)) if years is None else period_pairs(results.periods, [years])
    for missing in sorted({each for pair in pairs for each in pair} - set(results.periods)):
        report.error(
            phrase(
                "The results hold no period {period}; they hold {periods}.",
                period=missing,
                periods=", ".join(results.periods),
            ),
            hint=did_you_mean(missing, results.periods),
        )
    for first, second in pairs:
        if first >= second:
            report.error(phrase("{period} is not before {later}.", period=first, later=second))
    report.raise_errors()
    return list(pairs)


def _check(
    results: Results,
    against: str | None,
    correlation: float | Mapping[str, float],
    overlap: float | Mapping[str, float],
) -> None:
    """Raise an error that lists what is wrong with the settings."""
    report = Report()
    references = sorted(results.reference_areas["area_id"].astype(str).unique())
    references += [REST] if MUNICIPALITY in references else []
    if against is not None and against not in references:
        report.error(
            phrase(
                'The results have no reference area "{area}"; they have {areas}.',
                area=against,
                areas=", ".join(f'"{each}"' for each in references),
            ),
            hint=did_you_mean(against, references),
        )
    ids = [indicator.id for indicator in results.indicators]
    for name, setting, least in (("correlation", correlation, -1.0), ("overlap", overlap, 0.0)):
        given = setting if isinstance(setting, Mapping) else {"": setting}
        for key, size in given.items():
            if key and key not in ids:
                report.error(
                    phrase("{name} names the indicator {indicator}, which is not in the results.",
                           name=name, indicator=key),
                    hint=did_you_mean(key, ids),
                )  # fmt: skip
            if not least <= size <= 1:
                report.error(phrase("{name} is a number from {least} to 1.", name=name, least=f"{least:g}"))
    report.raise_errors()


def _rows(
    table: pd.DataFrame, specs: Mapping[str, Indicator], against: str | None, references: pd.DataFrame
) -> pd.DataFrame:
    """The figures with their bases, and the chosen reference in the place of the table's."""
    columns = ["area_id", "period", "indicator", "value", "low", "high", "reference", "status"]
    rows = table[columns].astype(dict.fromkeys(("value", "low", "high", "reference"), "float64"))
    excludes = table["indicator"].map({key: spec.unknown == "exclude" for key, spec in specs.items()})
    base = table["denominator"].astype("Float64")
    rows["base"] = (base - table["unknown"].astype("Float64").fillna(0).where(excludes, 0)).astype("float64")
    rows["data_period"] = table["data_period"] if "data_period" in table.columns else table["period"]
    if against == REST:
        of_specs = references[references["indicator"].isin(list(specs))]
        rest = rest_of_municipality(table.reset_index(drop=True), of_specs, list(specs.values()))
        is_area = ~rows["area_id"].astype(str).str.startswith("@").to_numpy(bool)
        shown = (rest["status"] == "ok").to_numpy(bool) & is_area
        rows["reference"] = np.where(shown, rest["value"].to_numpy(np.float64), np.nan)
    elif against is not None:
        figures = references[(references["area_id"] == against) & (references["status"] == "ok")]
        keyed = figures.set_index(["period", "indicator"])["value"].astype("float64")
        keys = pd.MultiIndex.from_frame(rows[["period", "indicator"]])
        rows["reference"] = keyed.reindex(keys).to_numpy()
        rows["reference"] = rows["reference"].mask(rows["area_id"] == against)
    return rows


def _pair(
    rows: pd.DataFrame,
    first: str,
    second: str,
    specs: Mapping[str, Indicator],
    correlation: float | Mapping[str, float],
    overlap: float | Mapping[str, float],
) -> pd.DataFrame:
    """The differences of one pair of periods, in the table's order."""
    earlier, later = (rows[rows["period"] == each].drop(columns="period") for each in (first, second))
    both = later.merge(earlier, on=_KEYS, how="outer", suffixes=("", "_before"), sort=False)
    order = pd.MultiIndex.from_frame(rows[_KEYS].drop_duplicates())
    both = (
        both.set_index(_KEYS).reindex(order[order.isin(pd.MultiIndex.from_frame(both[_KEYS]))]).reset_index()
    )
    frame = both[_KEYS].assign(period_before=first, period=second)
    frame["status"] = _status(both["status_before"].fillna("missing"), both["status"].fillna("missing"))
    valid = (frame["status"] == "ok").to_numpy(bool)
    for name in ("value", "reference"):
        frame[f"{name}_before"] = both[f"{name}_before"].where(valid)
        frame[name] = both[name].where(valid)
    frame["difference"] = frame["value"] - frame["value_before"]
    frame["reference_difference"] = frame["reference"] - frame["reference_before"]
    frame["against_reference"] = frame["difference"] - frame["reference_difference"]
    phi = _by_indicator(correlation, frame["indicator"], otherwise=0.0)
    shares = _by_indicator(overlap, frame["indicator"], otherwise=1.0)
    sizes = both[["base_before", "base"]].to_numpy(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(sizes.min(axis=1) / sizes.max(axis=1))
    together = phi * shares * np.where(np.isfinite(ratio), ratio, 1.0)
    same = (both["data_period"] == both["data_period_before"]).to_numpy(bool)
    limits = difference_interval(
        (both["value_before"], both["low_before"], both["high_before"]),
        (both["value"], both["low"], both["high"]),
        correlation=together,
    )
    redefined = _redefined(frame["indicator"], first, second, specs)
    has_limits = valid & ~same & ~redefined
    frame["low"], frame["high"] = (np.where(has_limits, limit, np.nan) for limit in limits)
    frame["differs"] = _differs(frame, valid)
    frame["direction"] = _direction(frame, specs)
    frame["correlation"] = pd.Series(together, index=frame.index).where(frame["low"].notna())
    frame["assumption"] = _assumptions(frame, same, redefined, specs)
    return frame


def _redefined(
    indicators: pd.Series, first: str, second: str, specs: Mapping[str, Indicator]
) -> npt.NDArray[np.bool_]:
    """Which indicators are counted by another definition in the second period (`geo_bosoc.indicators.spec.Reform`)."""
    changed = {
        key: any(first < reform.valid_from <= second for reform in spec.reform) for key, spec in specs.items()
    }
    return np.asarray(indicators.map(changed), dtype=bool)


def _status(before: pd.Series, after: pd.Series) -> pd.Series:
    """What is said of two statuses: ok where both are, else the weightier."""
    rank = {status: place for place, status in enumerate(_STATUSES)} | {"ok": len(_STATUSES) + 1}
    ranks = [each.map(rank).fillna(len(_STATUSES)) for each in (before, after)]
    return before.where(ranks[0] <= ranks[1], after)


def _by_indicator(setting: float | Mapping[str, float], indicators: pd.Series, *, otherwise: float) -> Floats:
    """A setting's number for each row; `otherwise` of those that a mapping does not name."""
    if isinstance(setting, Mapping):
        return np.asarray(indicators.map(dict(setting)).fillna(otherwise), dtype=np.float64)
    return np.asarray([setting] * len(indicators), dtype=np.float64)


def _differs(frame: pd.DataFrame, valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    low, high = frame["low"].to_numpy(np.float64), frame["high"].to_numpy(np.float64)
    has_interval = np.isfinite(low) & np.isfinite(high)
    answer = np.where((low > 0) | (high < 0), "yes", "no").astype(object)
    answer[~has_interval] = "cannot_tell"
    answer[~valid] = ""
    return answer


def _direction(frame: pd.DataFrame, specs: Mapping[str, Indicator]) -> npt.NDArray[np.object_]:
    """Better or worse, of figures that differ and have a bad end."""
    sign = {"high_is_bad": 1.0, "low_is_bad": -1.0, "neutral": 0.0}
    signs = frame["indicator"].map({key: sign[spec.direction] for key, spec in specs.items()})
    worse = (frame["difference"] * signs).to_numpy(np.float64)
    clear = (frame["differs"] == "yes").to_numpy(bool)
    return np.where(clear & (worse > 0), "worse", np.where(clear & (worse < 0), "better", "")).astype(object)


def _assumptions(
    frame: pd.DataFrame,
    same: npt.NDArray[np.bool_],
    redefined: npt.NDArray[np.bool_],
    specs: Mapping[str, Indicator],
) -> npt.NDArray[np.object_]:
    """What each interval rests on, or why there is none: a word."""
    counts = frame["indicator"].map({key: spec.unit == "count" for key, spec in specs.items()}).to_numpy(bool)
    pooled = frame["indicator"].map({key: spec.pool_years > 1 for key, spec in specs.items()}).to_numpy(bool)
    rests_on = np.where(pooled, "pooled", "independent").astype(object)
    rests_on[frame["correlation"].fillna(0).to_numpy() != 0] = "paired"
    without = (frame["differs"] == "cannot_tell").to_numpy(bool)
    rests_on[without] = "no_interval"
    rests_on[without & counts] = "count"
    rests_on[same] = "same_data"
    rests_on[redefined] = "reform"
    rests_on[(frame["status"] != "ok").to_numpy(bool)] = ""
    return rests_on
