"""The plot of calibration in the documentation: 20 made-up cities, next year and in three years.

``python tests/follow_up/calibration_plot.py`` writes ``docs/early_warning.svg``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from made_up_cities import City, make_city

from geo_bosoc.follow_up.ahead.calibration import calibration_bins
from geo_bosoc.follow_up.ahead.random_walk import chance_over, fit_walk

PLOT: Final = Path(__file__).parents[2] / "docs" / "early_warning.svg"
KINDS: Final = ((-1.2, 0.1), (-2.5, 0.2))
"""Level and yearly step of the cities' figures: a common one, and a rare one that moves more."""
_SIZE, _LEFT, _TOP, _APART = 240, 50, 40, 310
_STYLE: Final = "text{font:12px sans-serif;fill:#333}.h{font-weight:bold}line,path{stroke:#999;fill:none}"


def city_of(number: int) -> City:
    level, step = KINDS[number % len(KINDS)]
    return make_city(number, level=level, step=step)


def held_back(city: City, horizon: int, city_id: int) -> pd.DataFrame:
    """Forecasts of a city's last year, from the years up to so many before it."""
    series = city.series
    years = len(series.years) - horizon
    past = series.head(years)
    limit = np.full(len(series.value), city.threshold)
    observed = (series.value[:, -1] >= city.threshold).astype(float)
    return pd.DataFrame({
        "area_id": [f"{city_id}-{area}" for area in range(len(observed))],
        "chance": chance_over(fit_walk(past), past, limit, float(horizon)),
        "same": (series.value[:, years - 1] >= city.threshold).astype(float),
        "share": observed.mean(),
        "observed": observed,
    })  # fmt: skip


def twenty_cities(horizon: int) -> pd.DataFrame:
    """All their forecasts."""
    return pd.concat([held_back(city_of(number), horizon, number) for number in range(20)])


def plot_text(panels: dict[str, pd.DataFrame]) -> str:
    """Bins of several horizons as an SVG: what came against the chance, with binomial 95 % limits."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_APART * len(panels) + 20} 340" role="img">',
             f"<style>{_STYLE}</style>",
             "<title>Hvor ofte prognoserne gik i opfyldelse, efter chance: 20 opdigtede byer</title>"]  # fmt: skip
    for number, (head, bins) in enumerate(panels.items()):
        left = _LEFT + number * _APART

        def x(share: float, left: int = left) -> float:
            return round(left + share * _SIZE, 1)

        def y(share: float) -> float:
            return round(_TOP + (1 - share) * _SIZE, 1)

        parts.append(f'<text class="h" x="{left}" y="22">{head}</text>')
        parts.append(f'<path d="M{x(0)} {y(1)}V{y(0)}H{x(1)}"/><path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" '
                     'stroke-dasharray="4 4"/>')  # fmt: skip
        for share in (0, 0.5, 1):
            label = f"{share:.0%}".replace("%", " %")
            parts.append(f'<text x="{x(share)}" y="{y(0) + 18:g}" text-anchor="middle">{label}</text>')
            parts.append(f'<text x="{left - 6}" y="{y(share) + 4:g}" text-anchor="end">{label}</text>')
        parts.append(f'<text x="{x(0.5)}" y="{y(0) + 38:g}" text-anchor="middle">Chance</text>')
        for row in bins.itertuples(index=False):
            middle = x(row.chance)
            parts.append(f'<path d="M{middle} {y(row.low)}V{y(row.high)}" stroke-width="3"/>')
            fill = "#1f7a8c" if row.within else "#b3261e"
            parts.append(f'<circle cx="{middle}" cy="{y(row.observed)}" r="4.5" fill="{fill}"/>')
    return "\n".join([*parts, "</svg>", ""])


def make_plot() -> str:
    """The plot of the documentation."""
    return plot_text({
        "Næste år": calibration_bins(twenty_cities(1)),
        "Om tre år": calibration_bins(twenty_cities(3)),
    })  # fmt: skip


if __name__ == "__main__":
    PLOT.write_text(make_plot(), encoding="utf-8", newline="\n")
