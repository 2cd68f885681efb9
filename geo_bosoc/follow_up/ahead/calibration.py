"""Whether chances that were given came true: bins with binomial limits, and Brier scores beside two naive rules.

A forecast is of something that came to be seen: each is made from the years before, as if no later one were known.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Reason = Literal["", "few", "same_as_now", "share_of_all", "calibration"]

BINS: Final = 10
_PLACES: Final = 6
LEAST_FORECASTS: Final = 50
"""Held-back forecasts beneath which nothing is said."""
FORECAST_COLUMNS: Final = ("area_id", "chance", "same", "share", "observed")
BIN_COLUMNS: Final = (
    "bin", "from_chance", "to_chance", "forecasts", "chance", "observed", "low", "high", "within",
)  # fmt: skip


def brier_score(chances: Array, observed: Array) -> float:
    """The mean squared distance of chances from what came (0 or 1): 0 is best. Brier 1950.

    >>> brier_score(np.array([0.8, 0.3]), np.array([1.0, 0.0])).__round__(3)
    0.065
    """
    return round(float(np.mean((np.asarray(chances) - np.asarray(observed)) ** 2)), _PLACES)


def calibration_bins(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Forecasts by their chance in ten bins of equal width, and whether the share that came lies where it may.

    Parameters
    ----------
    forecasts : DataFrame
        ``chance`` (0-1) and ``observed`` (0 or 1), a row a forecast.

    Returns
    -------
    DataFrame
        `BIN_COLUMNS`, a row a bin that holds forecasts: their mean chance, the share that came, and the limits that
        the share of so many independent forecasts of that chance keeps to 95 times in 100 (binomial quantiles).

    Examples
    --------
    >>> forecasts = pd.DataFrame({"chance": [0.12] * 50 + [0.9] * 50, "observed": [1] * 6 + [0] * 54 + [1] * 40})
    >>> calibration_bins(forecasts)[["bin", "forecasts", "observed", "low", "high", "within"]].round(2).values.tolist()
    [[2, 50, 0.12, 0.04, 0.22, True], [10, 50, 0.8, 0.82, 0.98, False]]
    """
    from scipy.stats import binom  # slow to import

    chance = forecasts["chance"].to_numpy(dtype=float)
    numbers = np.clip(np.floor(chance * BINS + 1e-9), 0, BINS - 1).astype(int)
    rows = []
    for number in range(BINS):
        here = numbers == number
        size = int(here.sum())
        if not size:
            continue
        mean = float(chance[here].mean())
        observed = float(forecasts["observed"].to_numpy(dtype=float)[here].mean())
        low, high = (float(binom.ppf(tail, size, mean)) / size for tail in (0.025, 0.975))
        within = bool(low - 1e-12 <= observed <= high + 1e-12)
        edges = (number / BINS, (number + 1) / BINS)
        numbers_of_bin = (round(each, _PLACES) for each in (mean, observed, low, high))
        rows.append((number + 1, *edges, size, *numbers_of_bin, within))
    return pd.DataFrame(rows, columns=list(BIN_COLUMNS))


def judge_forecasts(forecasts: pd.DataFrame) -> dict[str, float | int | str]:
    """Whether forecasts may be told: they beat both naive rules, and came true as often as they say.

    Parameters
    ----------
    forecasts : DataFrame
        `FORECAST_COLUMNS`, a row a held-back forecast: the area, the chance given, what "same as this year" says
        (0 or 1), the share over all areas, and what came (0 or 1). The share is that of the year itself, which the
        rule could not have known: it is the harder to beat.

    Returns
    -------
    dict
        ``forecasts``, the Brier scores ``brier``, ``brier_same``, ``brier_share``, ``bins`` and ``bins_within``,
        ``verdict`` (``ok`` or ``cannot_tell``) and ``reason``: ``few`` forecasts, not better than ``same_as_now`` or
        ``share_of_all`` by more than the standard error of the gain over areas, or more than one bin outside its limits
        (``calibration``).

    Examples
    --------
    >>> areas = [f"{number:02}" for number in range(60)]
    >>> sure = pd.DataFrame({"area_id": areas, "chance": [0.02] * 60, "same": 0.0, "share": 0.0, "observed": 0.0})
    >>> judge_forecasts(sure)["reason"]
    'same_as_now'
    """
    observed = forecasts["observed"].to_numpy(dtype=float)
    bins = calibration_bins(forecasts)
    scores = {
        name: brier_score(forecasts[column].to_numpy(dtype=float), observed) if len(forecasts) else float("nan")
        for name, column in (("brier", "chance"), ("brier_same", "same"), ("brier_share", "share"))
    }  # fmt: skip
    reason: Reason = ""
    if len(forecasts) < LEAST_FORECASTS:
        reason = "few"
    elif not _beats(forecasts, "same"):
        reason = "same_as_now"
    elif not _beats(forecasts, "share"):
        reason = "share_of_all"
    elif int((~bins["within"]).sum()) > 1:
        reason = "calibration"
    return {
        "forecasts": len(forecasts),
        **scores,
        "bins": len(bins),
        "bins_within": int(bins["within"].sum()),
        "verdict": "cannot_tell" if reason else "ok",
        "reason": reason,
    }


def _beats(forecasts: pd.DataFrame, rule: str) -> bool:
    """Whether the chances score better than a rule by more than chance over areas does."""
    observed = forecasts["observed"]
    gain = (forecasts[rule] - observed) ** 2 - (forecasts["chance"] - observed) ** 2
    sums = gain.groupby(forecasts["area_id"]).sum().to_numpy(dtype=float)
    mean = sums.mean()
    error = sums.std(ddof=1) / np.sqrt(len(sums)) if len(sums) > 1 else 0.0
    return bool(mean > error and mean > 0)
