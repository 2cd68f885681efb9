"""The chance of each category of areas that a model leaves unassessed, by the same model without its gate.

Worked out from what a set itself shows, so that it tells no more than the set: a suppressed count is taken to be each
of the counts that it may be, as likely one as another, and a figure of which nothing is shown is taken from the other
areas in turn. What is not known so widens the chances.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models import Categorisation, History, categorise
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.spec import Model
from geo_bosoc.models.uncertainty.robustness import robustness

Row = tuple[Any, ...]

DRAWS: Final = 1_000
ROUNDS: Final = 20
"""How many times what is not shown is filled in anew."""
FILLED: Final = ("numerator", "denominator", "unknown", "value", "status")
"""The columns of a figure that are taken from another area's."""


def worse_half(model: Model) -> tuple[str, ...]:
    """The worse half of a model's categories, the worst first; the one in the middle is not among them.

    >>> from geo_bosoc.models import load_model
    >>> worse_half(load_model("aarhus-2018"))
    ('severely_deprived', 'deprived')
    """
    names = [category.id for category in model.category]
    return tuple(names[: max(len(names) // 2, 1)])


def unassessed_areas(published: PublishedResults, model: Model, period: str) -> pd.Series:
    """By area why a model leaves it unassessed: the category that stands in the place of one of the model's own."""
    rows = published.categories
    of_model = rows[(rows["model"] == model.id) & (rows["period"] == period)]
    categories: pd.Series = of_model.set_index("area_id")["category"]
    assessed = [*(category.id for category in model.category), RANGE]
    return categories[~categories.isin(assessed)].sort_index()


def category_chances(
    published: PublishedResults, model: Model, period: str, *, seed: int = 0
) -> pd.DataFrame:
    """Areas that a model leaves unassessed, with the chance of each category by the same model without its gate.

    Parameters
    ----------
    published : PublishedResults
        The set; nothing else is read.
    model : Model
        A points or a rules model of the set.
    period : str
        The period.
    seed : int, optional
        Where the random numbers start.

    Returns
    -------
    DataFrame
        The worst first: ``area_id, reason`` (too_small | undetermined), ``points_min, points_max`` (of the figures that
        are shown, whatever the others are), ``severity`` (the mean place among the categories, 0 the last), ``drivers``
        (criteria that give points or are met by a figure that is shown, the heaviest first and a comma between), and a
        column ``chance_<category>`` for each category and for ``undetermined``.
    """
    reasons = unassessed_areas(published, model, period)
    history = published.histories.get(model.id)
    return chances_of(published.table, reasons, published, model, period, seed=seed, history=history)


def chances_of(
    figures: pd.DataFrame,
    reasons: pd.Series,
    published: PublishedResults,
    model: Model,
    period: str,
    *,
    seed: int = 0,
    history: History | None = None,
) -> pd.DataFrame:
    """As `category_chances`, of figures that need not be those of the set's areas.

    Parameters
    ----------
    figures : DataFrame
        An indicator table as the set's policy shows it.
    reasons : Series of str
        By ``area_id`` what stands in the column ``reason``; no other rows of the figures are looked at.
    published : PublishedResults
        The set, whose areas give figures in the place of those that are not shown, and whose reference areas the model
        compares with.
    model : Model
        A points or a rules model.
    period : str
        The period.
    seed : int, optional
        Where the random numbers start.
    history : History, optional
        Categories of earlier years.
    """
    free = model.model_copy(update={"gates": ()})
    table = figures[figures["area_id"].isin(reasons.index)]
    table = table[table["indicator"].isin(free.indicators)].sort_values(["area_id", "period", "indicator"])
    if not looks_back(model):
        table = table[table["period"] == period]
    given = _categorised(table, free, published, history)
    names = [*(category.id for category in model.category)]
    shares = _drawn_chances(
        table.reset_index(drop=True), free, published, period, reasons.index, seed, history
    )
    now = given.categories[given.categories["period"] == period].set_index("area_id").reindex(reasons.index)
    frame = pd.DataFrame({
        "area_id": reasons.index.astype(str), "reason": reasons.to_numpy(),
        "points_min": now["points_min"].to_numpy(float), "points_max": now["points_max"].to_numpy(float),
        "severity": shares.to_numpy() @ np.arange(len(names) - 1, -1, -1),
        "drivers": _drivers(given.criteria[given.criteria["period"] == period], free, reasons.index),
    })  # fmt: skip
    for name in names:
        frame[f"chance_{name}"] = shares[name].to_numpy()
    frame[f"chance_{UNDETERMINED}"] = (1 - shares.sum(axis=1)).clip(0, 1).round(6).to_numpy()
    return frame.sort_values(["severity", "area_id"], ascending=[False, True], ignore_index=True)


def _categorised(
    table: pd.DataFrame, free: Model, published: PublishedResults, history: History | None
) -> Categorisation:
    references = published.reference_areas
    return categorise(
        table,
        free,
        reference_areas=references[references["period"].isin(set(table["period"]))],
        indicators=published.indicators,
        history=history,
    )


def looks_back(model: Model) -> bool:
    """Whether a category rests on figures of other periods too."""
    has_window = any(criterion.window for criterion in model.criterion)
    return model.kind != "points" or model.pool_years > 1 or model.hold > 0 or has_window


def _drawn_chances(
    table: pd.DataFrame,
    free: Model,
    published: PublishedResults,
    period: str,
    areas: pd.Index,
    seed: int,
    history: History | None,
) -> pd.DataFrame:
    """By area the share of the draws in each category, with what is not shown filled in anew a number of times."""
    columns = [f"share_{category.id}" for category in free.category]
    total = pd.DataFrame(0.0, index=areas, columns=columns)
    choices = _choices(table, published)
    rounds = ROUNDS if choices else 1
    # Every part of what a figure may be has its turn, each figure in an order of its own: fewer rounds are needed.
    rng = np.random.default_rng([seed, rounds])
    turns = rng.permuted(np.tile(np.arange(rounds), (len(table), 1)), axis=1) + rng.random(
        (len(table), rounds)
    )
    for number in range(rounds):
        done = _categorised(_filled(table, choices, turns[:, number] / rounds), free, published, history)
        drawn = robustness(done, period, draws=DRAWS // rounds, seed=seed + number).areas
        total += drawn.set_index("area_id").reindex(areas)[columns].fillna(0)
    return (total / rounds).rename(columns=lambda name: name.removeprefix("share_"))


def _choices(table: pd.DataFrame, published: PublishedResults) -> dict[int, list[Row]]:
    """By row of the table whose figure is not shown what it may be: each count, or each figure of the other areas."""
    shown = published.table[published.table["status"] == "ok"].sort_values(["value", "area_id"])
    donors = dict(iter(shown.groupby(["indicator", "period"])))
    scales = {each.id: each.scale for each in published.indicators if _is_share(each)}
    most = published.policy.minimum - 1
    choices: dict[int, list[Row]] = {}
    for number, row in enumerate(table.to_dict("records")):
        name, base, others = (
            row["indicator"],
            row["denominator"],
            donors.get((row["indicator"], row["period"])),
        )
        if row["status"] == "ok":
            continue
        if row["status"] == "protected" and name in scales and not pd.isna(base) and base > most:
            is_mostly = others is not None and others["value"].astype(float).median() > 0.5
            counts = [int(base) - count if is_mostly else count for count in range(1, most + 1)]
            choices[number] = [
                (count * scales[name], base, row["unknown"], count / int(base), "ok") for count in counts
            ]
        elif others is not None:
            choices[number] = list(others[list(FILLED)].itertuples(index=False, name=None))
    return choices


def _filled(
    table: pd.DataFrame, choices: Mapping[int, list[Row]], drawn: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """The table with one of the figures that it may be wherever none is shown; `drawn` (0-1) says which, by row."""
    rows = list(table[list(FILLED)].itertuples(index=False, name=None))
    for number, figures in choices.items():
        rows[number] = figures[int(drawn[number] * len(figures))]
    types = {"numerator": "Int64", "denominator": "Int64", "unknown": "Int64", "value": "Float64"}
    return table.assign(**{
        name: pd.Series([None if pd.isna(each) else each for each in column], dtype=types.get(name, "object"))
        for name, column in zip(FILLED, zip(*rows, strict=True), strict=True)
    })  # fmt: skip


def _is_share(indicator: Indicator) -> bool:
    """Whether it is a plain share of its base, so that a count makes its value."""
    is_plain = indicator.mean_of is None and indicator.weight is None
    return is_plain and indicator.unit not in ("mean", "count")


def _drivers(criteria: pd.DataFrame, model: Model, areas: pd.Index) -> list[str]:
    """By area the criteria that weigh, of those whose figure is shown; the heaviest first."""
    order = {criterion.key: place for place, criterion in enumerate(model.criterion)}
    met = criteria[criteria["met"] == "met"]
    met = met.assign(weight=-met["points"].astype(float).fillna(1.0), place=met["criterion"].map(order))
    met = met.sort_values(["area_id", "weight", "place"])
    named = met.groupby("area_id")["criterion"].agg(",".join)
    return [str(named.get(area, "")) for area in areas]
