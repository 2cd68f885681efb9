"""How good an index is: what drives it, what goes together, and how far its ranks hang on how it is made.

Everything here is told and nothing is corrected: weights stay as the model gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.models.categorisation import SCORE_COLUMNS, Categorisation
from geo_bosoc.models.index.classes import settled
from geo_bosoc.models.index.engine import CompositeIndex, Part, criteria_of
from geo_bosoc.models.index.normalise import ranks
from geo_bosoc.models.index_spec import TOTAL, IndexSpec
from geo_bosoc.models.row_columns import RowColumns
from geo_bosoc.models.spec import Model
from geo_bosoc.problems.messages import Message, bilingual, phrase

Array = npt.NDArray[np.float64]

SAME: Final = 0.95
"""Two criteria that correlate more say the same."""

LEAST_ALPHA: Final = 0.6
"""Below it a group's criteria do not measure one thing."""

MOST_DRIVEN: Final = 0.5
"""A criterion that is behind a larger share of the score's variance drives it."""

LEAST_DRIVEN: Final = 0.2
"""Of its weight: a criterion that is behind a smaller part of the variance hardly counts."""


@dataclass(frozen=True)
class IndexQuality:
    """What an index is made of, in one period.

    Attributes
    ----------
    period : str
        The period.
    correlations : DataFrame
        ``first, second, correlation``: Pearson's, of the normalised criteria, each pair both ways.
    criteria : DataFrame
        One row a score and criterion in it: ``score, criterion, weight, effective_weight, correlation,
        variance_share``. The effective weight is the product of weights up the tree, siblings summing to one;
        `correlation` is the criterion's with the score; `variance_share` is cov(w x, s) / var(s), s the weighted sum
        of the normalised criteria, and sums to one over a score.
    scores : DataFrame
        ``score, criteria, areas, alpha, first_component``: Cronbach's alpha of the standardised criteria, and the share
        of their variance on the first principal component.
    components : DataFrame
        ``score, criterion, component, loading, explained``: the principal components of the standardised criteria.
    notices : tuple of str
        What to look at, in words.
    """

    period: str
    correlations: pd.DataFrame
    criteria: pd.DataFrame
    scores: pd.DataFrame
    components: pd.DataFrame
    notices: tuple[Message, ...]


def index_quality(done: Categorisation, period: str | None = None) -> IndexQuality:
    """What drives an index, and whether its criteria belong together.

    Parameters
    ----------
    done : Categorisation
        Of an index model.
    period : str, optional
        The period; the latest where it is left out.

    Returns
    -------
    IndexQuality
        Over the areas whose criteria are all known.

    Raises
    ------
    ValueError
        The model is no index.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> done = categorise_table("shares.csv", load_model("berlin-mss"))  # doctest: +SKIP
    >>> index_quality(done).criteria[["criterion", "variance_share"]]  # doctest: +SKIP
    """
    model, spec = done.model, done.model.index
    if spec is None:
        raise ValueError("quality is told of a model of kind index")
    chosen = period or str(max(done.criteria["period"], default=""))
    rows = done.criteria[done.criteria["period"] == chosen]
    keys = [criterion.key for criterion in model.criterion]
    wide = rows.pivot_table(index="area_id", columns="criterion", values="points").reindex(columns=keys)
    parts = wide.dropna()
    values = parts.to_numpy(dtype=float)
    related = _correlations(values)
    pairs = [
        (first, second, related[row, column])
        for row, first in enumerate(keys)
        for column, second in enumerate(keys)
        if row != column
    ]
    criteria: list[tuple[object, ...]] = []
    scores: list[tuple[object, ...]] = []
    components: list[tuple[object, ...]] = []
    scored = done.scores[done.scores["period"] == chosen].drop_duplicates(["score", "area_id"])
    for score in spec.scores:
        members = criteria_of(model, spec, score)
        places = [keys.index(key) for key in members]
        weights = effective_weights(model, score)
        of_score = (
            scored[scored["score"] == score]
            .set_index("area_id")["value"]
            .reindex(parts.index)
            .to_numpy(float)
        )
        shares = _variance_shares(values[:, places], np.array([weights[key] for key in members]))
        for key, place, share in zip(members, places, shares, strict=True):
            weight = next(each.weight for each in model.criterion if each.key == key)
            with_score = _correlation(values[:, place], of_score)
            criteria.append((score, key, weight, weights[key], with_score, share))
        explained, loadings = _components(related[np.ix_(places, places)])
        first = float(explained[0]) if len(explained) else np.nan
        alpha = _alpha(related[np.ix_(places, places)])
        scores.append((score, len(members), len(parts), alpha, first))
        components += [
            (score, key, number + 1, loadings[row, number], explained[number])
            for row, key in enumerate(members)
            for number in range(len(explained))
        ]
    of_criteria = pd.DataFrame(
        criteria,
        columns=["score", "criterion", "weight", "effective_weight", "correlation", "variance_share"],
    )
    of_scores = pd.DataFrame(scores, columns=["score", "criteria", "areas", "alpha", "first_component"])
    return IndexQuality(
        chosen,
        pd.DataFrame(pairs, columns=["first", "second", "correlation"]),
        of_criteria,
        of_scores,
        pd.DataFrame(components, columns=["score", "criterion", "component", "loading", "explained"]),
        tuple(_notices(pairs, of_criteria, of_scores, _names(model, spec))),
    )


def scores_of_parts(model: Model, criteria: pd.DataFrame) -> pd.DataFrame:
    """The scores that published parts give: of areas all of whose parts are shown, and ranked among these.

    Parameters
    ----------
    model : Model
        Of kind index.
    criteria : DataFrame
        ``area_id, period, criterion, points``: normalised parts, as they are published.

    Returns
    -------
    DataFrame
        As `geo_bosoc.models.categorisation.Categorisation.scores`, without classes. Nothing follows from them that does
        not from the parts.
    """
    spec = model.index
    assert spec is not None
    plain = [group.model_copy(update={"normalise": "none", "treat": "none"}) for group in spec.group]
    of_parts = spec.model_copy(update={"normalise": "none", "treat": "none", "group": tuple(plain)})
    parts = [Part(each.key, 1, each.weight, each.group) for each in model.criterion]
    columns = RowColumns(SCORE_COLUMNS)
    for period, rows in criteria.groupby("period", sort=True):
        wide = rows.pivot_table(index="area_id", columns="criterion", values="points")
        wide = wide.reindex(columns=[part.id for part in parts])
        if wide.empty:
            continue
        scores = CompositeIndex(parts, of_parts).fit(wide.to_numpy(float)).transform(wide.to_numpy(float))
        for name in spec.scores:
            values = settled(scores[name].to_numpy(), spec.decimals)
            places = ranks(values if spec.high_is_good else -values, "min")
            columns.add_columns(
                {
                    "area_id": wide.index.tolist(),
                    "period": [str(period)] * len(wide),
                    "model": [model.id] * len(wide),
                    "score": [name] * len(wide),
                    "value": values,
                    "rank": places,
                    "ranked": [int(np.isfinite(values).sum())] * len(wide),
                }
            )
    return columns.frame()


def effective_weights(model: Model, score: str = TOTAL) -> dict[str, float]:
    """How much each criterion weighs in a score: the product of weights up the tree, siblings summing to one.

    Parameters
    ----------
    model : Model
        Of kind index.
    score : str, optional
        A group's id; left out, the index.

    Returns
    -------
    dict of str to float
        By criterion; they sum to one.

    Examples
    --------
    >>> from geo_bosoc.models import load_model
    >>> round(effective_weights(load_model("wales-2011"))["income_rank"], 3)
    0.235
    """
    spec = model.index
    assert spec is not None
    group = "" if score == TOTAL else score
    inner = [(each.id, each.weight) for each in spec.group if each.parent == group]
    plain = [(each.key, each.weight) for each in model.criterion if each.group == group]
    total = sum(weight for _, weight in (*inner, *plain))
    weights = {key: weight / total for key, weight in plain}
    for name, weight in inner:
        for key, part in effective_weights(model, name).items():
            weights[key] = part * weight / total
    return weights


def _correlation(first: Array, second: Array) -> float:
    present = ~(np.isnan(first) | np.isnan(second))
    first, second = first[present], second[present]
    if first.size < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _correlations(values: Array) -> Array:
    """Of each two columns; nan where one has no spread, and where there are under three rows."""
    size = values.shape[1]
    if len(values) < 3:
        return np.full((size, size), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        related = np.asarray(np.corrcoef(values, rowvar=False), dtype=float).reshape(size, size)
    flat = np.ptp(values, axis=0) == 0
    related[flat, :] = related[:, flat] = np.nan
    return related


def _variance_shares(values: Array, weights: Array) -> Array:
    parts = values * weights
    score = parts.sum(axis=1)
    if len(score) < 3 or np.ptp(score) == 0:
        return np.full(len(weights), np.nan)
    off = score - score.mean()
    return np.asarray((parts * off[:, None]).mean(axis=0) / (off**2).mean(), dtype=float)


def _alpha(related: Array) -> float:
    """Cronbach's alpha of standardised criteria: k r / (1 + (k - 1) r), r the mean correlation."""
    size = len(related)
    if size < 2 or np.isnan(related).any():
        return float("nan")
    mean = (related.sum() - size) / (size * (size - 1))
    below = 1 + (size - 1) * mean
    return float(size * mean / below) if below > 0 else float("nan")


def _components(related: Array) -> tuple[Array, Array]:
    """Shares of variance of the principal components, and loadings (criteria by components)."""
    if not len(related) or np.isnan(related).any():
        return np.empty(0), np.empty((len(related), 0))
    spread, vectors = np.linalg.eigh(related)
    order = np.argsort(-spread, kind="stable")
    spread, vectors = np.maximum(spread[order], 0.0), vectors[:, order]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    return np.asarray(spread / spread.sum()), np.asarray(vectors * np.sqrt(spread))


def _names(model: Model, spec: IndexSpec) -> Mapping[str, str]:
    """What criteria and scores are called, in both languages."""
    names: dict[str, str] = {
        each.key: bilingual(each.label("en"), each.label("da")) for each in model.criterion
    }
    names |= {each.id: bilingual(each.label_en or each.id, each.label_da or each.id) for each in spec.group}
    return names | {TOTAL: bilingual("the index", "indekset")}


def _notices(
    pairs: list[tuple[str, str, float]],
    criteria: pd.DataFrame,
    scores: pd.DataFrame,
    names: Mapping[str, str],
) -> Iterator[Message]:
    """What to look at, worst kinds first."""
    for row in criteria.to_dict("records"):
        if row["correlation"] < 0:
            yield phrase(
                "{criterion} counts against {score}: areas that are worse on it score better ({correlation:.2f}).",
                criterion=names[row["criterion"]],
                score=names[row["score"]],
                correlation=row["correlation"],
            )
    for first, second, related in pairs:
        if first < second and related > SAME:
            yield phrase(
                "{first} and {second} say the same ({correlation:.2f}): together they weigh twice.",
                first=names[first],
                second=names[second],
                correlation=related,
            )
    members = criteria.groupby("score")["criterion"].transform("count")
    for row in criteria[members > 2].to_dict("records"):
        if row["variance_share"] > MOST_DRIVEN:
            yield phrase(
                "{criterion} alone is behind {share:.0%} of what sets areas apart in {score}; its weight is "
                "{weight:.0%}.",
                criterion=names[row["criterion"]],
                share=row["variance_share"],
                score=names[row["score"]],
                weight=row["effective_weight"],
            )
        elif row["variance_share"] < LEAST_DRIVEN * row["effective_weight"]:
            yield phrase(
                "{criterion} hardly counts in {score}: it weighs {weight:.0%} and is behind {share:.0%} of what sets "
                "areas apart.",
                criterion=names[row["criterion"]],
                score=names[row["score"]],
                weight=row["effective_weight"],
                share=max(row["variance_share"], 0.0),
            )
    for row in scores.to_dict("records"):
        if row["criteria"] > 2 and row["alpha"] < LEAST_ALPHA:
            yield phrase(
                "the criteria of {score} do not measure one thing (alpha {alpha:.2f}): areas in the middle are so for "
                "different reasons.",
                score=names[row["score"]],
                alpha=row["alpha"],
            )
