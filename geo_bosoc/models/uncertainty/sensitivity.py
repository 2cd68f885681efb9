"""How far an index's ranks hang on how it is made, and what another index says of the same areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.models.apply import categorise_cells
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.index.draws import draw_weights
from geo_bosoc.models.index_spec import TOTAL, Aggregation, IndexSpec, Normalisation
from geo_bosoc.models.spec import Model

Array = npt.NDArray[np.float64]

SCALES: Final[tuple[Normalisation, ...]] = ("minmax", "z", "rank")
WAYS: Final[tuple[Aggregation, ...]] = ("arithmetic", "geometric")
POSITIVE: Final = (1.0, 100.0)
"""The scale on which a geometric mean is taken."""


@dataclass(frozen=True)
class Sensitivity:
    """What each choice in an index does to its ranks.

    Attributes
    ----------
    choices : DataFrame
        One row a choice made otherwise: ``choice`` (``normalise``, ``aggregate``, ``without`` a criterion or
        ``weights``), ``instead`` (what was taken; of weights how many draws), ``areas`` (how many have a rank both
        ways), ``changed`` (share of them in another category), ``mean_shift, largest_shift`` (in ranks), ``spearman``.
    ranks : DataFrame
        One row an area: ``area_id, rank, low, middle, high``: its rank from the worst, and the 5th, 50th and 95th per
        cent of its ranks over all draws of weights.
    """

    choices: pd.DataFrame
    ranks: pd.DataFrame


def sensitivity(
    done: Categorisation,
    *,
    period: str | None = None,
    draws: int = 200,
    concentration: float | None = None,
    seed: int = 0,
) -> Sensitivity:
    """Make an index again with one choice after another made otherwise.

    Parameters
    ----------
    done : Categorisation
        Of an index model.
    period : str, optional
        The period; the latest where it is left out.
    draws : int, optional
        How many sets of weights are drawn, round those of criteria and groups (see
        `geo_bosoc.models.index.draws.draw_weights`).
    concentration : float, optional
        How firmly they lie round the given ones.
    seed : int, optional
        Where the random numbers start.

    Returns
    -------
    Sensitivity
        Each choice's effect, and each area's interval of ranks.

    Raises
    ------
    ValueError
        The model is no index.

    Notes
    -----
    Criteria and groups that name a scale or an aggregation of their own keep it. Where a geometric mean is tried,
    scales run from 1 to 100. Each choice is a run of the model over all periods; draws of weights take the run's own
    normalised values.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> done = categorise_table("shares.csv", load_model("berlin-mss"))  # doctest: +SKIP
    >>> sensitivity(done).choices[["choice", "instead", "changed"]]  # doctest: +SKIP
    """
    spec = done.model.index
    if spec is None:
        raise ValueError("sensitivity is told of a model of kind index")
    chosen = period or str(max(done.scores["period"], default=""))
    score = main_score(spec)
    base = _ranks(done, score, chosen)
    categories = _categories(done, chosen)
    rows = []
    for choice, instead, model in _variants(done.model, spec):
        other = categorise_cells(done.cells, model, averaged=done.averaged)
        of = _top_score(spec, done.model, instead) if choice == "without" else score
        before, after = _ranks(done, of, chosen), _ranks(other, of, chosen)
        rows.append(_row(choice, instead, before, categories, after, _categories(other, chosen)))
    drawn = _drawn_ranks(done, spec, score, chosen, draws, concentration, seed)
    if drawn is not None and len(drawn.columns):
        shifts = drawn.sub(base, axis=0).abs()
        middle = drawn.median(axis=1)
        rows.append(
            {
                "choice": "weights",
                "instead": str(draws),
                "areas": len(drawn),
                "changed": np.nan,
                "mean_shift": float(shifts.to_numpy().mean()),
                "largest_shift": float(shifts.to_numpy().max()),
                "spearman": float(middle.corr(base.reindex(middle.index), method="spearman")),
            }
        )
    columns = ["choice", "instead", "areas", "changed", "mean_shift", "largest_shift", "spearman"]
    ranks = pd.DataFrame({"area_id": base.index, "rank": base.to_numpy()})
    if drawn is not None:
        for name, share in (("low", 0.05), ("middle", 0.5), ("high", 0.95)):
            bounds = drawn.quantile(share, axis=1, interpolation="lower")
            ranks[name] = bounds.reindex(base.index).to_numpy()
    return Sensitivity(pd.DataFrame(rows, columns=columns), ranks)


def main_score(spec: IndexSpec) -> str:
    """The score that an index is told by: all criteria's, or its first group's where they are not put together."""
    return TOTAL if spec.total else spec.group[0].id


def _top_score(spec: IndexSpec, model: Model, key: str) -> str:
    """The score that a criterion ends up in: the index, or the highest of its groups where there is none."""
    if spec.total:
        return TOTAL
    parents = {group.id: group.parent for group in spec.group}
    here = next(criterion.group for criterion in model.criterion if criterion.key == key)
    while parents[here]:
        here = parents[here]
    return here


def _variants(model: Model, spec: IndexSpec) -> Iterator[tuple[str, str, Model]]:
    """The model with one choice made otherwise."""
    if spec.normalise in SCALES:
        for scale in SCALES:
            to = POSITIVE if spec.aggregate in ("geometric", "harmonic") else spec.to
            if scale != spec.normalise and not (scale == "z" and to is POSITIVE):
                yield "normalise", scale, _with(model, spec, normalise=scale, to=to)
    if spec.aggregate in ("arithmetic", "geometric") and spec.normalise in (
        "minmax",
        "percentile",
        "goalposts",
    ):
        way = next(each for each in WAYS if each != spec.aggregate)
        yield "aggregate", way, _with(model, spec, aggregate=way, to=POSITIVE, renormalise=True)
    for criterion in model.criterion:
        siblings = [each for each in model.criterion if each.group == criterion.group]
        if len(siblings) > 1:
            left = tuple(each for each in model.criterion if each.key != criterion.key)
            yield "without", criterion.key, model.model_copy(update={"criterion": left})


def _with(model: Model, spec: IndexSpec, **changes: Any) -> Model:
    return model.model_copy(update={"index": spec.model_copy(update=changes)})


def _ranks(done: Categorisation, score: str, period: str) -> pd.Series:
    rows = done.scores[(done.scores["score"] == score) & (done.scores["period"] == period)]
    return rows.drop_duplicates("area_id").set_index("area_id")["rank"].dropna()


def _categories(done: Categorisation, period: str) -> pd.Series:
    rows = done.categories[done.categories["period"] == period]
    return rows.set_index("area_id")["category"]


def _row(
    choice: str,
    instead: str,
    base: pd.Series,
    categories: pd.Series,
    other: pd.Series,
    other_categories: pd.Series,
) -> dict[str, Any]:
    both = base.index.intersection(other.index)
    shifts = (other.reindex(both) - base.reindex(both)).abs()
    changed = categories.reindex(both) != other_categories.reindex(both)
    return {
        "choice": choice,
        "instead": instead,
        "areas": len(both),
        "changed": float(changed.mean()) if len(both) else np.nan,
        "mean_shift": float(shifts.mean()) if len(both) else np.nan,
        "largest_shift": float(shifts.max()) if len(both) else np.nan,
        "spearman": float(base.reindex(both).corr(other.reindex(both), method="spearman"))
        if len(both) > 1
        else np.nan,
    }


def _drawn_ranks(
    done: Categorisation,
    spec: IndexSpec,
    score: str,
    period: str,
    draws: int,
    concentration: float | None,
    seed: int,
) -> pd.DataFrame | None:
    """Ranks of areas (rows) under drawn weights (columns) of the criteria in a score; None where nothing is known."""
    from geo_bosoc.models.index.quality import effective_weights

    weights = effective_weights(done.model, score)
    rows = done.criteria[(done.criteria["period"] == period) & done.criteria["criterion"].isin(list(weights))]
    wide = rows.pivot_table(index="area_id", columns="criterion", values="points")
    wide = wide.reindex(columns=list(weights)).dropna()
    if len(wide) < 2 or len(weights) < 2:
        return None
    drawn = draw_weights(list(weights.values()), draws, concentration=concentration, seed=seed)
    sums = pd.DataFrame(wide.to_numpy() @ drawn.T, index=wide.index)
    return (sums if spec.high_is_good else -sums).rank(method="min")


@dataclass(frozen=True)
class Comparison:
    """An index beside another published one.

    Attributes
    ----------
    areas : DataFrame
        ``area_id, rank, other_rank, shift``: ranks from the worst among the areas that both have, those that differ
        most first; a positive shift is milder in the other one.
    spearman, kendall : float
        Rank correlations.
    """

    areas: pd.DataFrame
    spearman: float
    kendall: float


def compare_ranks(
    done: Categorisation,
    other: Mapping[str, float],
    *,
    score: str = TOTAL,
    period: str | None = None,
    high_is_worse: bool = True,
) -> Comparison:
    """What would be different by another index: ranks of the areas that both have.

    Parameters
    ----------
    done : Categorisation
        Of an index model.
    other : mapping of str to float
        The other index's score, or rank, by area.
    score : str, optional
        The score that is compared: a group's id, or the index.
    period : str, optional
        The period; the latest where it is left out.
    high_is_worse : bool, optional
        Whether high numbers of the other one are worse; False for ranks that begin with the worst.

    Returns
    -------
    Comparison
        The ranks and how they go together.

    Raises
    ------
    ValueError
        Under two areas are in both.

    Examples
    --------
    >>> compare_ranks(done, {"a": 3.0, "b": 1.5}).spearman  # doctest: +SKIP
    """
    from scipy.stats import kendalltau, rankdata, spearmanr  # slow to load

    spec = done.model.index
    assert spec is not None
    chosen = period or str(max(done.scores["period"], default=""))
    rows = done.scores[(done.scores["score"] == score) & (done.scores["period"] == chosen)]
    values = rows.drop_duplicates("area_id").set_index("area_id")["value"].dropna()
    both = [area for area in values.index if other.get(area) is not None]
    if len(both) < 2:
        raise ValueError("the other index has under two of the areas")
    first = values.loc[both].to_numpy(float) * (1 if spec.high_is_good else -1)
    second = np.array([float(other[area]) for area in both]) * (-1 if high_is_worse else 1)
    ranks_of = [rankdata(each, method="min") for each in (first, second)]
    areas = pd.DataFrame({"area_id": both, "rank": ranks_of[0], "other_rank": ranks_of[1]})
    areas["shift"] = areas["other_rank"] - areas["rank"]
    order = areas["shift"].abs().sort_values(ascending=False, kind="stable").index
    return Comparison(
        areas.loc[order].reset_index(drop=True),
        float(spearmanr(first, second).statistic),
        float(kendalltau(first, second).statistic),
    )
