"""How sure a category is: chance in small numbers, thresholds, cut-offs and weights moved, all at once or singly."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.memory import THREADS
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.spec import Model
from geo_bosoc.models.uncertainty.simulation import (
    Figures,
    draw_values,
    points_categoriser,
    poisson_chance,
    read_figures,
    redraw,
    rules_categoriser,
    wilson_chance,
)
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Assumption = Literal["sampling", "bands", "cutoffs", "weights"]
ALL: Final[tuple[Assumption, ...]] = ("sampling", "bands", "cutoffs", "weights")

SMALL_BASE: Final = 50
"""Persons in the base beneath which a figure is said to rest on few: there one person more or less moves a share
by over two percentage points.
"""

LIKELY_BY_CHANCE: Final = 0.05
"""From this probability on, a change of category with nothing changed is called within chance."""

_AT_ONCE: Final = 150_000
"""Figures (areas x criteria x draws) that a thread draws at a time, some 100 bytes each."""


@dataclass(frozen=True)
class Moves:
    """How far assumptions are moved in a draw.

    `bands`: each criterion's thresholds times exp(N(0, bands)), one factor a criterion; `cutoffs`: each
    cut-off up or down by at most so many points, every number equally likely, order kept; `weights`: each
    criterion's weight drawn from a Dirichlet round equal weights with this concentration per criterion (rules
    models have no weights).
    """

    bands: float = 0.1
    cutoffs: float = 1.0
    weights: float = 10.0


@dataclass(frozen=True)
class Robustness:
    """What the draws of one period say.

    Attributes
    ----------
    period : str
        The period.
    areas : DataFrame
        One row an assessed area: ``area_id, category, held`` (share of the draws in which it keeps its category),
        ``change_by_chance`` (chance that two years in which nothing changes differ in category), and one column
        ``share_<category>`` for each category.
    draws, seed : int
        How many, and from where.
    draw : callable
        ``draw(i)`` gives the categories of one of the draws again.
    criteria : DataFrame
        One row an area and criterion: ``area_id, criterion, chance_met`` (given the counts alone), and ``small``: a
        denominator under 50, or one person more or less changes the answer.
    sensitivity : DataFrame
        One row an assumption (``bands safety``, ``cutoffs``, ``sampling`` ...): ``changed`` is the share of areas x
        draws whose category changes when it alone is moved; the one that matters most first.
    """

    period: str
    areas: pd.DataFrame
    draws: int
    seed: int
    draw: Callable[[int], pd.DataFrame] = field(repr=False)
    _criteria: Callable[[], pd.DataFrame] = field(repr=False)
    _sensitivity: Callable[[], pd.DataFrame] = field(repr=False)

    @functools.cached_property
    def criteria(self) -> pd.DataFrame:
        """The chance that each criterion is met."""
        return self._criteria()

    @functools.cached_property
    def sensitivity(self) -> pd.DataFrame:
        """What each assumption does alone."""
        return self._sensitivity()

    def line(self, area_id: str, language: str = "da") -> str:
        """The one line that outputs show by default; empty for an area that was not assessed."""
        row = self.areas[self.areas["area_id"] == area_id]
        if row.empty:
            return ""
        return stability_text(row["held"].iloc[0], row["change_by_chance"].iloc[0], language)


def robustness(
    categorisation: Categorisation,
    period: str | None = None,
    *,
    draws: int = 1_000,
    seed: int = 0,
    what: Sequence[Assumption] = ALL,
    moves: Moves | None = None,
) -> Robustness:
    """Draw figures and assumptions many times, categorise each time, and count.

    Parameters
    ----------
    categorisation : Categorisation
        By a points or a rules model; for an index see `geo_bosoc.models.index.draws.weight_draws`.
    period : str, optional
        The period to look at; the last where it is left out.
    draws : int, optional
        How many draws.
    seed : int, optional
        Where the random numbers start; the same seed gives the same draws.
    what : sequence of {"sampling", "bands", "cutoffs", "weights"}, optional
        Which are moved: ``sampling`` (figures drawn given their counts), ``bands`` (or thresholds), ``cutoffs``,
        ``weights``.
    moves : Moves, optional
        How far.

    Returns
    -------
    Robustness
        How often each area keeps its category, and which assumptions matter.

    Notes
    -----
    Reference areas stay as they are: the municipality is large. Figures without counts, and means, have no chance in
    them here and stay too. A mean of years is given the last year's denominator times the years. Areas that were not
    assessed, or are undetermined, are left out.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> row = {"area": "Parken", "year": 2024, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 2.5,
    ...        "basic_edu_pct": 55.0, "income_pct_region": 50.0, "non_western_pct": 30.0}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> robustness(done, draws=50).areas.columns.tolist()[:4]
    ['area_id', 'category', 'held', 'change_by_chance']
    """
    model = categorisation.model
    if model.kind == "index":
        raise ValueError("an index has weights and ranks: use weight_draws")
    year = period if period is not None else str(categorisation.categories["period"].max())
    order = {category.id: position for position, category in enumerate(model.category)}
    rows = categorisation.categories
    rows = rows[(rows["period"] == year) & rows["category"].isin(list(order))]
    rows = rows.sort_values("area_id", kind="stable")
    figures = read_figures(categorisation, list(rows["area_id"]), year)
    categoriser = points_categoriser if model.kind == "points" else rules_categoriser
    positions_of = categoriser(model, figures)
    now = np.array([order[name] for name in rows["category"]], dtype=np.int64)
    size = moves if moves is not None else Moves()

    def categories(indices: Sequence[int], moved: Mapping[str, bool], only: int | None = None) -> Positions:
        """Categories of all areas in some draws (draws by areas)."""
        return positions_of(*_drawn(seed, indices, model, figures, size, moved, only))

    chosen: dict[str, bool] = {name: name in what for name in ALL}

    def count_categories(indices: Sequence[int]) -> Positions:
        """In how many of some draws each area is in each category."""
        drawn = categories(indices, chosen)
        return np.stack([(drawn == position).sum(axis=0) for position in range(len(order))], axis=1)

    def count_changes(block: range) -> Positions:
        """In how many draws two years of some areas differ."""
        part = figures.rows(block)
        years = np.empty((2, draws, *part.value.shape))
        # An area has random numbers of its own: how many a figure uses up hangs on its value, which no other may tell.
        for row, area in enumerate(block):
            rng = np.random.default_rng([seed, area, 1])
            for year in years:
                year[:, row] = redraw(part.value[row], part.denominator[row], part.rates[row], rng, draws)
        first, second = (categoriser(model, part)(year, None, None, None) for year in years)
        differing: Positions = (first != second).sum(axis=0)
        return differing

    counts = np.zeros((len(now), len(order)), dtype=np.int64)
    blocks = list(_batches(len(now), draws * len(model.criterion)))
    with ThreadPoolExecutor(THREADS) as threads:
        for times in threads.map(count_categories, _batches(draws, figures.value.size)):
            counts += times
        changes = [*threads.map(count_changes, blocks)]
    different = np.concatenate(changes) if changes else np.zeros(0, dtype=np.int64)
    share = counts / draws
    areas = pd.DataFrame({"area_id": rows["area_id"].to_numpy(), "category": rows["category"].to_numpy()})
    areas["held"] = share[np.arange(len(now)), now]
    areas["change_by_chance"] = different / draws
    for name, position in order.items():
        areas[f"share_{name}"] = share[:, position]

    def draw(index: int) -> pd.DataFrame:
        names = [*order, UNDETERMINED]
        drawn = [names[position] for position in categories([index], chosen)[0]]
        return pd.DataFrame({"area_id": areas["area_id"], "category": drawn})

    return Robustness(
        year,
        areas,
        draws,
        seed,
        draw,
        lambda: chances(categorisation, year),
        lambda: _sensitivity(model, chosen, now, draws, categories),
    )


def _batches(number: int, figures: int) -> Iterator[range]:
    """So many draws or areas, as many at once as memory allows where each has so many figures."""
    step = max(1, min(number, _AT_ONCE // max(figures, 1)))
    for start in range(0, number, step):
        yield range(start, min(start + step, number))


def chances(categorisation: Categorisation, period: str) -> pd.DataFrame:
    """Chance that each criterion of each area is met (a points model: its first band), given the counts alone."""
    model = categorisation.model
    rows = categorisation.criteria
    rows = rows[rows["period"] == period]
    areas = sorted(rows["area_id"].unique())
    figures = read_figures(categorisation, areas, period)
    frames = []
    for column, criterion in enumerate(model.criterion):
        value, denominator = figures.value[:, column], figures.denominator[:, column]
        limit = figures.limits[column][:, 0]
        with np.errstate(invalid="ignore"):
            above = (
                poisson_chance(value * denominator, denominator, limit)
                if figures.rates[0, column]
                else wilson_chance(np.clip(value, 0, 1), denominator, np.clip(limit, 0, 1))
            )
        met = above if figures.high_is_met[column] else 1 - above
        sure = np.where(np.isfinite(denominator), met, np.nan)
        criterion_rows = rows[rows["criterion"] == criterion.key].set_index("area_id").reindex(areas)
        near = criterion_rows["margin_persons"].abs().to_numpy(dtype=float) <= 1
        frames.append(
            pd.DataFrame(
                {
                    "area_id": areas,
                    "criterion": criterion.key,
                    "chance_met": np.where(np.isfinite(value) & np.isfinite(limit), sure, np.nan),
                    "small": (denominator < SMALL_BASE) | near,
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    return frame.sort_values("area_id", kind="stable", ignore_index=True)


def _drawn(
    seed: int,
    indices: Sequence[int],
    model: Model,
    figures: Figures,
    size: Moves,
    moved: Mapping[str, bool],
    only: int | None,
) -> tuple[Array, Array | None, Array | None, Array | None]:
    """Values, factors on thresholds, shifts of cut-offs and weights of some draws, a draw along each first axis.

    What is not moved is drawn all the same, so that what is moved is the same with and without it.
    """
    criteria, cuts = len(model.criterion), max(len(model.category) - 1, 0)
    factors, weights = np.empty((len(indices), criteria)), np.empty((len(indices), criteria))
    shifts, z = np.empty((len(indices), cuts)), np.empty((len(indices), *figures.value.shape))
    for row, index in enumerate(indices):
        rng = np.random.default_rng([seed, index])
        factors[row] = np.exp(rng.normal(0.0, size.bands, criteria))
        shifts[row] = np.rint(rng.uniform(-size.cutoffs - 0.5, size.cutoffs + 0.5, cuts))
        weights[row] = rng.dirichlet(np.full(criteria, size.weights)) * criteria
        if moved["sampling"]:
            rng.standard_normal(out=z[row])
    if only is not None:
        factors = np.where(np.arange(criteria) == only, factors, 1.0)
    if moved["sampling"]:
        values = draw_values(figures.value, figures.denominator, figures.rates, z)
    else:
        values = np.broadcast_to(figures.value, (len(indices), *figures.value.shape))
    return (
        values,
        factors if moved["bands"] else None,
        np.clip(shifts, -size.cutoffs, size.cutoffs) if moved["cutoffs"] else None,
        weights if moved["weights"] else None,
    )


def _sensitivity(
    model: Model,
    chosen: Mapping[str, bool],
    now: Positions,
    draws: int,
    categories: Callable[..., Positions],
) -> pd.DataFrame:
    assumptions: list[tuple[str, dict[str, bool], int | None]] = []
    for name in ALL:
        if not chosen[name] or (model.kind == "rules" and name in ("cutoffs", "weights")):
            continue
        alone: dict[str, bool] = {other: other == name for other in ALL}
        if name == "bands":
            keys = [criterion.key for criterion in model.criterion]
            assumptions += [(f"bands {key}", alone, column) for column, key in enumerate(keys)]
        else:
            assumptions.append((name, alone, None))
    sample = max(1, min(draws, 200))
    rows = []
    for label, moved, only in assumptions:
        changed = sum(
            int((categories(indices, moved, only) != now).sum()) for indices in _batches(sample, now.size)
        )
        rows.append({"assumption": label, "changed": changed / (sample * now.size) if now.size else 0.0})
    frame = pd.DataFrame(rows, columns=["assumption", "changed"])
    return frame.sort_values(
        ["changed", "assumption"], ascending=[False, True], kind="stable", ignore_index=True
    )


def stability_text(stability: Any, by_chance: Any, language: str) -> str:
    """How often the category held in the draws, and how likely it is to change by chance alone, in plain words.

    >>> stability_text(0.94, float("nan"), "da").partition(",")[0]
    'I 94 ud af 100 tænkte gentagelser'
    """
    parts = []
    if _is_number(stability):
        share = number(100 * float(stability), language)
        parts.append(word("sentences", "held_in_draws", language, share=share))
    if _is_number(by_chance):
        share = number(100 * float(by_chance), language)
        parts.append(word("sentences", "change_by_chance", language, share=share))
    return " ".join(parts)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
