"""How hard life is in each quarter and year, and the chances that follow from it.

One score a quarter: 0 where the municipality's average lies, 1 in the worst estate, below 0 among detached
houses. Every share follows the score with a strength of its own, and each quarter departs from that in its
own way, so that disadvantages go together without being the same thing eight times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_bosoc.demo.dwellings import Site
from geo_bosoc.demo.estates import Estate
from geo_bosoc.demo.shapes import Floats

STRENGTH: Final[dict[str, tuple[float, float]]] = {
    "outside": (0.154, 1.03),
    "health": (0.078, 0.98),
    "charged_young": (0.021, 1.55),
    "charged_adult": (0.012, 1.25),
    "convicted": (0.0085, 1.30),
    "measure": (0.027, 1.30),
    "free_place": (0.145, 1.12),
    "absence": (6.2, 0.52),
    "basic_final": (0.115, 1.30),
    "basic_older": (0.21, 1.30),
    "unsafe": (0.068, 1.45),
    "non_western": (0.06, 2.35),
    "presence": (0.050, 1.00),
}
"""For each chance (for absence: mean per cent) its level at score 0, and the log ratio to that at score 1."""

_LADDER: Final = (
    (0.0, 1.08),
    (0.03, 1.03),
    (0.06, 0.86),
    (0.30, 0.77),
    (0.33, 0.66),
    (0.86, 0.56),
    (0.89, 0.12),
    (1.0, -0.08),
)
"""Score by rank of disadvantage among the larger estates (0 is the worst)."""


@dataclass(frozen=True)
class Scores:
    """`value` is (sites, years); `own` holds each chance's departure from it, of the same shape."""

    years: tuple[int, ...]
    value: Floats
    own: dict[str, Floats]

    def chance(self, name: str, year: int, site: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """The chance (or mean) `name` in a year, for each of the given site numbers."""
        level, strength = STRENGTH[name]
        at = self.years.index(year)
        out: Floats = level * np.exp(strength * (self.value[:, at] + self.own[name][:, at]))[site]
        return out if name == "absence" else np.minimum(out, 0.9)


def score_sites(
    sites: list[Site], estates: list[Estate], years: tuple[int, ...], rng: np.random.Generator
) -> Scores:
    """Scores of all sites over the years: estates by their planned rank, others by kind; all drift."""
    large = [i for i, e in enumerate(estates) if e.plan.residents > 500]
    ranks = {
        number: place / max(1, len(large) - 1)
        for place, number in enumerate(sorted(large, key=lambda i: estates[i].plan.rank))
    }
    knots = np.array(_LADDER)
    start = np.array([site.worry for site in sites])
    for i, site in enumerate(sites):
        if site.estate >= 0:
            rank = ranks.get(site.estate, float(rng.uniform(0.1, 1.0)))
            start[i] = np.interp(rank, knots[:, 0], knots[:, 1])
    blocks = [i for i, site in enumerate(sites) if site.kind == "block" and site.dwellings > 40]
    for i in blocks[:2]:  # hard places that are on nobody's list
        start[i] = 0.85
    middle, count = np.mean(years), len(sites)
    slope = rng.normal(-0.005, 0.022, (count, 1))
    steps = rng.normal(0, 0.025, (count, len(years))).cumsum(axis=1)
    value = start[:, None] + slope * (np.array(years) - middle) + steps - steps[:, -1:]
    own = {
        name: rng.normal(0, 0.08, (count, 1)) + rng.normal(0, 0.03, (count, len(years))).cumsum(axis=1)
        for name in STRENGTH
    }
    return Scores(years, value, own)
