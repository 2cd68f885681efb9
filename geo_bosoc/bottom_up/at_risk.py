"""Areas that no model flags, with a profile like those it does: a flag to look closer, never a category."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report

COLUMNS: Final = ("area_id", "at_risk", "distance", "limit", "to_others", "alike", "drivers")
_DRIVER: Final = 0.5
"""Standard deviations worse than the middle of the areas without a flag: what counts as driving."""


def at_risk(
    table: pd.DataFrame,
    categorised: Collection[str],
    indicators: Sequence[Indicator],
    *,
    period: str,
    neighbours: int = 3,
    within: float = 0.9,
    report: Report | None = None,
) -> pd.DataFrame:
    """Compare the profile of each area that no model flags with those that one does.

    Each indicator is standardised over all areas and turned so that more is worse. An area's distance is the mean
    Euclidean distance to its nearest categorised areas. It is at risk where that is no more than what most of the
    categorised areas have to each other (their quantile `within`), and less than its distance to the nearest areas
    without a flag: it lies among the categorised ones, and not merely at the edge of the others.

    Parameters
    ----------
    table : an indicator table: `area_id, period, indicator, value`.
    categorised : ids of the areas that a model puts into one of its categories.
    indicators : what makes the profile, with `direction`; neutral ones and plain counts are left out. Residents' origin
        is for the caller to leave out.
    period : the one compared.
    neighbours : how many nearest areas.
    within : share of the categorised areas whose distance to each other is the limit.
    report : told which areas lack a figure (they are left out), or that there are too few to compare with.

    Returns
    -------
    DataFrame with a row for each area without a flag that has all figures: `area_id, at_risk` (bool), `distance,
    limit, to_others` (standard deviations), `alike` (ids of the nearest categorised areas, nearest first, ", " between
    them), `drivers` (ids of the indicators in which it is clearly worse than the middle of the areas without a flag
    and nearer to the categorised ones, the strongest first). Empty with fewer than `neighbours` + 1 of either.
    """
    own = Report()
    if neighbours < 1:
        own.error("is 1 or more.", key="neighbours")
    if not 0 < within <= 1:
        own.error("lies above 0 and is 1 at most.", key="within")
    own.raise_errors()
    used = [one for one in indicators if one.unit != "count" and one.direction != "neutral"]
    rows = table[(table["period"] == period) & table["indicator"].isin([one.id for one in used])]
    wide = rows.pivot_table(index="area_id", columns="indicator", values="value", aggfunc="first", sort=True)
    used = [one for one in used if one.id in wide.columns]
    wide = wide.reindex(columns=[one.id for one in used])
    whole = wide.dropna()
    if len(whole) < len(wide):
        own.note("areas lack a figure and were not compared with the categorised ones.",
                 key="at_risk", count=len(wide) - len(whole))  # fmt: skip
    flagged = whole.index.isin(list(categorised))
    if not used or min(flagged.sum(), (~flagged).sum()) <= neighbours:
        own.note("too few areas to say which resemble the categorised ones.", key="at_risk")
        own.settle(report)
        return pd.DataFrame(columns=list(COLUMNS))
    turned = np.array([-1.0 if one.direction == "low_is_bad" else 1.0 for one in used])
    profile: NDArray[np.float64] = StandardScaler().fit_transform(whole.to_numpy(np.float64)) * turned
    like, unlike = profile[flagged], profile[~flagged]
    among = NearestNeighbors(n_neighbors=neighbours).fit(like)
    limit = float(np.quantile(_apart(NearestNeighbors(n_neighbors=neighbours + 1).fit(like), like), within))
    far, which = among.kneighbors(unlike)
    distance = far.mean(axis=1)
    others = _apart(NearestNeighbors(n_neighbors=neighbours + 1).fit(unlike), unlike)
    middle = np.median(unlike, axis=0)
    ids = whole.index.to_numpy(dtype=object)
    alike_ids = ids[flagged]
    result = []
    for row, (area, mine) in enumerate(zip(ids[~flagged], unlike, strict=True)):
        nearest = like[which[row]].mean(axis=0)
        pull = (mine - middle) ** 2 - (mine - nearest) ** 2
        driving = [
            at for at in np.argsort(-pull, kind="stable") if pull[at] > 0 and mine[at] - middle[at] > _DRIVER
        ]
        flag = bool(distance[row] <= limit and distance[row] < others[row])
        result.append(
            (str(area), flag, float(distance[row]), limit, float(others[row]),
             ", ".join(str(alike_ids[at]) for at in which[row]), ", ".join(used[at].id for at in driving))
        )  # fmt: skip
    own.settle(report)
    frame = pd.DataFrame(result, columns=list(COLUMNS))
    return frame.sort_values(["distance", "area_id"], ignore_index=True)


def _apart(fitted: NearestNeighbors, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row's mean distance to its nearest others (itself, the first one at 0, left out)."""
    far, _ = fitted.kneighbors(rows)
    return np.asarray(far[:, 1:].mean(axis=1), dtype=np.float64)
