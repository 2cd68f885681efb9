"""Early warning: the chance that an area passes each threshold of a model next year and in three years.

From the area's own figures and those of all assessed areas (`random_walk`). Each chance is of what the model will read:
the figure that is counted, against the threshold as it stood last, for as many people as now. Chances of several
criteria are taken to be independent of each other, given the figures so far. What a forecast is worth is shown on years
that are held back (`calibration`): where it is no better than "same as this year" or than the share over all areas, it
says that it cannot tell. It is about an area, never about those who live in it, and is for internal use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.follow_up.ahead.calibration import (
    BIN_COLUMNS,
    FORECAST_COLUMNS,
    calibration_bins,
    judge_forecasts,
)
from geo_bosoc.follow_up.ahead.figure_series import ModelFigures
from geo_bosoc.follow_up.ahead.random_walk import chance_over
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.exact_values import shift
from geo_bosoc.models.uncertainty.simulation import points_categoriser, rules_categoriser

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CATEGORY: Final = "category"
"""In the column `criterion`: the chance is that of a worse category."""
WARNING_COLUMNS: Final = (
    "area_id", "model", "period", "horizon", "period_ahead", "criterion", "indicator", "step", "threshold",
    "value", "now", "chance", "status",
)  # fmt: skip
CALIBRATION_COLUMNS: Final = (
    "model", "criterion", "indicator", "horizon", "held_back", "forecasts", "brier", "brier_same",
    "brier_share", "bins", "bins_within", "verdict", "reason",
)  # fmt: skip
WARNING_BIN_COLUMNS: Final = ("model", "criterion", "horizon", *BIN_COLUMNS)
DRAWS: Final = 2_000


@dataclass(frozen=True)
class EarlyWarnings:
    """What may come, and what such forecasts were worth.

    Attributes
    ----------
    warning : DataFrame
        One row an area, criterion, threshold and horizon: ``area_id, model, period, horizon`` (years), ``period_ahead,
        criterion, indicator, step`` (which of the criterion's thresholds, from 1), ``threshold, value, now`` (met |
        not_met), ``chance`` of being over the threshold then, ``status`` (ok | cannot_tell | missing | protected). With
        the criterion ``category`` one row an area and horizon: `now` is its category, `chance` that of a worse one.
    calibration : DataFrame
        One row a criterion and horizon: see `CALIBRATION_COLUMNS` and `judge_forecasts`.
    bins : DataFrame
        One row a criterion, horizon and bin of chances: see `calibration_bins`.
    """

    warning: pd.DataFrame
    calibration: pd.DataFrame
    bins: pd.DataFrame


def early_warnings(
    categorisation: Categorisation,
    *,
    horizons: Sequence[int] = (1, 3),
    data_periods: Mapping[tuple[str, str], str] | None = None,
    seed: int = 0,
) -> EarlyWarnings:
    """The chance that each area passes each threshold of a model, and what such chances were worth.

    Parameters
    ----------
    categorisation : Categorisation
        By a points or a rules model, of at least three periods.
    horizons : sequence of int, optional
        How many years ahead.
    data_periods : mapping of (str, str) to str, optional
        The period of the data behind an indicator and period, where that is another (a survey carried forward): its
        figure then counts once, and is no outcome of a forecast.
    seed : int, optional
        Where the random numbers start that the chance of a worse category is drawn with.

    Returns
    -------
    EarlyWarnings
        Empty where the model is an index, whose scores compare areas with each other.

    Notes
    -----
    Categories that need several years in a row are left out of "a worse category": the lists say who has them. A model
    that holds categories (`hold`) and areas of which a figure is missing get no chance of a worse category.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> rows = [{"area": area, "year": year, "residents": 1500, "outside_labour_pct": 30 + 2 * step + size}
    ...         for step, year in enumerate(range(2020, 2025)) for size, area in enumerate("abc")]
    >>> done = categorise_table(pd.DataFrame(rows), load_model("combined-letting"))
    >>> early_warnings(done).calibration["reason"].unique().tolist()
    ['few']
    """
    if categorisation.model.kind == "index":
        return _stacked([], [], [])
    data = ModelFigures.of(categorisation, data_periods or {})
    warnings: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    bins: list[pd.DataFrame] = []
    for horizon in horizons:
        chances: list[list[Array | None]] = []
        for column, criterion in enumerate(data.model.criterion):
            held_back, forecasts = _held_back(data, column, horizon)
            key: dict[str, Any] = {"model": data.model.id, "criterion": criterion.key, "horizon": horizon}
            verdict = (
                key | {"indicator": criterion.indicator, "held_back": held_back} | judge_forecasts(forecasts)
            )
            verdicts.append(verdict)
            bins.append(calibration_bins(forecasts).assign(**key))
            ahead = _chances(data, column, len(data.periods), horizon)
            chances.append(ahead)
            warnings += _criterion_rows(data, column, horizon, ahead, str(verdict["verdict"]))
        held_back, forecasts = _held_back_categories(data, horizon, seed)
        key = {"model": data.model.id, "criterion": CATEGORY, "horizon": horizon}
        verdict = key | {"indicator": "", "held_back": held_back} | judge_forecasts(forecasts)
        verdicts.append(verdict)
        bins.append(calibration_bins(forecasts).assign(**key))
        worse = _worse(data, len(data.periods), chances, seed)
        warnings += _category_rows(data, horizon, worse, str(verdict["verdict"]))
    return _stacked(warnings, verdicts, bins)


def _chances(data: ModelFigures, column: int, periods: int, horizon: int) -> list[Array | None]:
    """Chance of each step of a criterion to be met so many years after the first `periods`, by area."""
    figures = data.figures[periods - 1]
    steps = figures.limits[column].shape[1]
    fitted = data.walk(column, periods)
    if fitted is None:
        return [None] * steps
    walk, past = fitted
    chances: list[Array | None] = []
    high, strict = figures.high_is_met[column], figures.strict[column]
    for step in range(steps):
        limit = figures.limits[column][:, step]
        over = chance_over(walk, past, limit, float(horizon), strict=strict if high else not strict)
        chance = over if high else 1 - over
        chances.append(np.where(np.isnan(limit), np.nan, chance))
    return chances


def _held_back(data: ModelFigures, column: int, horizon: int) -> tuple[str, pd.DataFrame]:
    """Forecasts of periods that are there, from those before alone."""
    frames, periods = [], []
    for number, target in data.targets(horizon):
        if data.repeated[column, target]:
            continue
        chances = _chances(data, column, number + 1, horizon)
        now, then = data.met(column, number), data.met(column, target)
        for step, chance in enumerate(chances):
            if chance is None:
                continue
            fits = np.isfinite(chance) & np.isfinite(now[:, step]) & np.isfinite(then[:, step])
            if fits.any():
                share = float(then[fits, step].mean())
                frames.append(_forecasts(data, fits, chance, now[:, step], share, then[:, step]))
                periods.append(data.periods[target])
    return ", ".join(dict.fromkeys(periods)), _concat(frames)


def _held_back_categories(data: ModelFigures, horizon: int, seed: int) -> tuple[str, pd.DataFrame]:
    frames, periods = [], []
    for number, target in data.targets(horizon):
        chances = [_chances(data, column, number + 1, horizon) for column in range(len(data.model.criterion))]
        worse = _worse(data, number + 1, chances, seed)
        before, after = (data.ranks(position) for position in (number, target))
        fits = np.isfinite(worse) & np.isfinite(before) & np.isfinite(after)
        if fits.any():
            then = (after < before).astype(float)
            frames.append(_forecasts(data, fits, worse, np.zeros(len(then)), float(then[fits].mean()), then))
            periods.append(data.periods[target])
    return ", ".join(periods), _concat(frames)


def _forecasts(
    data: ModelFigures, fits: Flags, chance: Array, same: Array, share: float, observed: Array
) -> pd.DataFrame:
    areas = [area for area, is_fit in zip(data.areas, fits, strict=True) if is_fit]
    columns = (areas, chance[fits], same[fits], share, observed[fits])
    return pd.DataFrame(dict(zip(FORECAST_COLUMNS, columns, strict=True)))


def _worse(data: ModelFigures, periods: int, chances: Sequence[Sequence[Array | None]], seed: int) -> Array:
    """Chance of a worse category, by area; drawn, with random numbers of each area's own."""
    figures, model = data.figures[periods - 1], data.model
    now = data.ranks(periods - 1)
    result = np.full(len(data.areas), np.nan)
    if model.hold or not data.areas:
        return result
    draws = (DRAWS, len(model.criterion))
    uniform = np.stack(
        [np.random.default_rng([seed, row]).random(draws) for row in range(len(data.areas))], axis=1
    )
    columns = {(each.indicator, each.complement): number for number, each in enumerate(model.criterion)}
    values = np.empty((DRAWS, len(data.areas), len(model.criterion)))
    assessed = np.isfinite(now)
    for number, criterion in enumerate(model.criterion):
        if model.kind == "points":
            assessed &= np.isfinite(figures.value[:, number])
        steps, high = chances[number], figures.high_is_met[number]
        if any(chance is None for chance in steps):  # a count, or nothing to go by yet: it stays as it is
            values[..., number] = figures.value[:, number]
            continue
        table = np.stack([chance for chance in steps if chance is not None], axis=1)
        drawn = uniform[..., columns[criterion.indicator, criterion.complement]]  # one figure, one draw
        reached = ((drawn if high else 1 - drawn)[..., None] < table).sum(axis=-1)
        values[..., number] = _values_at(figures.limits[number], reached, high=high)
    categoriser = points_categoriser if model.kind == "points" else rules_categoriser
    positions = categoriser(model, figures)(values, None, None, None)
    share = ((positions >= 0) & (positions < now)).mean(axis=0)
    certain = (positions >= 0).all(axis=0)
    return np.where(assessed & certain, share, np.nan)


def _values_at(limits: Array, reached: npt.NDArray[np.int64], *, high: bool) -> Array:
    """A value at which just so many of the thresholds are met."""
    sign = 1.0 if high else -1.0
    ends = np.full((len(limits), 1), np.inf)
    edges = np.concatenate([-ends, limits * sign, ends], axis=1)
    with np.errstate(invalid="ignore"):
        middle = (edges[:, :-1] + edges[:, 1:]) / 2
    middle[:, 0], middle[:, -1] = -np.inf, np.inf
    return np.asarray(sign * middle[np.arange(len(limits)), reached], dtype=float)


def _criterion_rows(
    data: ModelFigures, column: int, horizon: int, chances: Sequence[Array | None], verdict: str
) -> list[dict[str, Any]]:
    criterion, figures, last = data.model.criterion[column], data.figures[-1], data.periods[-1]
    met = data.met(column, len(data.periods) - 1)
    rows = []
    for step, chance in enumerate(chances):
        for row, area in enumerate(data.areas):
            value, limit = figures.value[row, column], figures.limits[column][row, step]
            turned = criterion.complement
            status = verdict if np.isfinite(met[row, step]) else "missing"
            size = float("nan") if chance is None else float(chance[row])
            if status == "ok" and not np.isfinite(size):
                status = "cannot_tell"
            rows.append({
                "area_id": area, "model": data.model.id, "period": last, "horizon": horizon,
                "period_ahead": shift(last, horizon), "criterion": criterion.key, "indicator": criterion.indicator,
                "step": step + 1, "threshold": 1 - limit if turned else limit, "value": 1 - value if turned else value,
                "now": "missing" if status == "missing" else "met" if met[row, step] else "not_met",
                "chance": _shown(size) if status == "ok" else float("nan"), "status": status,
            })  # fmt: skip
    return rows


def _category_rows(data: ModelFigures, horizon: int, worse: Array, verdict: str) -> list[dict[str, Any]]:
    last = data.periods[-1]
    rows = []
    for row, area in enumerate(data.areas):
        now = data.categories.get((area, last), UNDETERMINED)
        status = "missing" if now == UNDETERMINED else verdict
        if status == "ok" and not np.isfinite(worse[row]):
            status = "cannot_tell"
        rows.append({
            "area_id": area, "model": data.model.id, "period": last, "horizon": horizon,
            "period_ahead": shift(last, horizon), "criterion": CATEGORY, "indicator": "", "step": None,
            "threshold": float("nan"), "value": float("nan"), "now": now,
            "chance": _shown(float(worse[row])) if status == "ok" else float("nan"), "status": status,
        })  # fmt: skip
    return rows


def _shown(chance: float) -> float:
    """To a tenth of a per cent, which is more than anybody can tell; never impossible, never certain."""
    return min(max(round(chance, 3), 0.001), 0.999)


def _concat(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in FORECAST_COLUMNS})
    return pd.concat(frames, ignore_index=True)


def _stacked(
    warnings: list[dict[str, Any]], verdicts: list[dict[str, Any]], bins: list[pd.DataFrame]
) -> EarlyWarnings:
    warning = pd.DataFrame(warnings, columns=list(WARNING_COLUMNS)).astype({"step": "Int64"})
    order = ["model", "horizon", "criterion", "step", "area_id"]
    filled = [frame for frame in bins if len(frame)]
    stacked = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
    return EarlyWarnings(
        warning.sort_values(order, kind="stable", ignore_index=True, key=_ordered),
        pd.DataFrame(verdicts, columns=list(CALIBRATION_COLUMNS)),
        stacked.reindex(columns=list(WARNING_BIN_COLUMNS)),
    )


def _ordered(column: pd.Series) -> pd.Series:
    return column.fillna(0) if column.name == "step" else column
