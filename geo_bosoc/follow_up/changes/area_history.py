"""Figures and categories of areas that were renamed, merged or split, under the ids that they have today.

A renamed area's are carried on. Merged ones' counts are added up, and their figure is missing where one of them is
missing or withheld; a mean or a percentage without its base can't be added up. Of a split area's parts nothing is told
but that: recounting from addresses or dwellings (`geo_bosoc.follow_up.recount`) gives them a history. In a run,
registers with addresses are counted on today's boundaries anyway; what is here is for figures that came with areas'
ids, and for frames of earlier runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators import indicator_table
from geo_bosoc.indicators.plan import STATUS_RANK
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.area_history import AreaHistory
from geo_bosoc.models.category import RANGE

_NUMBERS: Final = ["numerator", "denominator", "unknown"]
_COUNT_KEYS: Final = ["area_id", "period", "indicator"]
_CATEGORY_KEYS: Final = ["area_id", "period", "model"]


def carry_figures(
    table: pd.DataFrame, history: AreaHistory, indicators: Sequence[Indicator] = ()
) -> pd.DataFrame:
    """An indicator table under today's ids.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown, status`` and more, of runs of several years one
        below the other; reference areas may be among them.
    history : AreaHistory
        What became of the areas (`geo_bosoc.models.area_history.read_area_history`).
    indicators : sequence of Indicator
        What the figures are.

    Returns
    -------
    DataFrame
        As `geo_bosoc.indicator_table` gives it, beside the municipality's figures where they are in the table, and
        ``history``: ``renamed``, ``merged`` or ``split`` (the last without a figure), "" where nothing happened.

    Examples
    --------
    >>> from geo_bosoc.indicators.spec import Side
    >>> from geo_bosoc.models.area_history import AreaChange
    >>> rows = [("1", 4, 50), ("2", 9, 60)]
    >>> table = pd.DataFrame(
    ...     [(area, "2021", "young", n, d, 0, "ok") for area, n, d in rows], columns=[*_COUNT_KEYS, *_NUMBERS, "status"]
    ... )
    >>> young = Indicator(id="young", label_en="Young", denominator=Side(), numerator=Side(where="age < 25"))
    >>> merged = AreaHistory(tuple(AreaChange(area, "3", "2022", "merged") for area in "12"))
    >>> carry_figures(table, merged, [young])[["area_id", "numerator", "denominator", "history"]].values.tolist()
    [['3', 13, 110, 'merged']]
    """
    later = _with_later_ids(table, history)
    specs = {indicator.id: indicator for indicator in indicators}
    rows: list[dict[str, Any]] = []
    for key, group in later.groupby(_COUNT_KEYS, sort=True):
        area_id, period, indicator = (str(each) for each in key)
        before = set(group["area_id_before"])
        expected = history.members(area_id, period)
        counts: dict[str, Any] = dict(zip(_COUNT_KEYS, (area_id, period, indicator), strict=True))
        status = max(group["status"].astype(str), key=lambda name: STATUS_RANK.get(name, 0))
        if before != expected or (len(group) > 1 and not _adds_up(specs.get(indicator))):
            status = "missing"
        for name in _NUMBERS:
            numbers = group[name].astype("Int64")
            counts[name] = (
                pd.NA if status not in ("ok", "no_base") or numbers.isna().any() else int(numbers.sum())
            )
        counts["status"] = "ok" if status == "no_base" else status
        rows.append(counts)
    slices = later[["period", "indicator"]].astype(str).drop_duplicates().itertuples(index=False, name=None)
    rows += [
        {"area_id": area_id, "period": period, "indicator": indicator, "status": "missing"}
        for period, indicator in sorted(slices)
        for area_id in history.parts_of_split(period)
    ]
    counts_now = pd.DataFrame(rows, columns=[*_COUNT_KEYS, *_NUMBERS, "status"])
    counts_now = counts_now.astype(dict.fromkeys(_NUMBERS, "Int64")).drop_duplicates(_COUNT_KEYS)
    counts_now = counts_now.sort_values(_COUNT_KEYS, ignore_index=True)
    municipal = counts_now[counts_now["area_id"] == MUNICIPALITY]
    rated = indicator_table(counts_now, indicators, municipal if len(municipal) else None)
    return rated.assign(history=_kinds(rated, history))


def carry_categories(categories: pd.DataFrame, history: AreaHistory) -> pd.DataFrame:
    """Categories under today's ids.

    Parameters
    ----------
    categories : DataFrame
        ``area_id, period, model, category`` and more.
    history : AreaHistory
        What became of the areas.

    Returns
    -------
    DataFrame
        The same columns and ``history``. An area that was merged of areas of the same category has it; else its
        category is ``range``, ``possible`` (where there is such a column) holds all of theirs, and points and other
        figures are missing: no model was applied to them together. Parts of split areas have no rows.

    Examples
    --------
    >>> from geo_bosoc.models.area_history import AreaChange
    >>> rows = {"area_id": ["1", "2"], "period": "2021", "model": "m", "category": ["at_risk", "deprived"]}
    >>> merged = AreaHistory(tuple(AreaChange(area, "3", "2022", "merged") for area in "12"))
    >>> carry_categories(pd.DataFrame(rows), merged)[["area_id", "category"]].values.tolist()
    [['3', 'range']]
    """
    later = _with_later_ids(categories, history)
    rows: list[dict[str, Any]] = []
    for _, group in later.groupby(_CATEGORY_KEYS, sort=True):
        first: dict[str, Any] = {str(name): cell for name, cell in group.iloc[0].items()}
        if len(group) > 1:
            names = list(dict.fromkeys(group["category"].astype(str)))
            first = {name: first[name] for name in _CATEGORY_KEYS}
            first["category"] = names[0] if len(names) == 1 else RANGE
            if "possible" in categories.columns and len(names) > 1:
                first["possible"] = ", ".join(names)
        rows.append(first)
    carried = pd.DataFrame(rows, columns=list(categories.columns))
    return carried.assign(history=_kinds(carried, history))


def _adds_up(spec: Indicator | None) -> bool:
    """Whether figures of areas may be added up: counts and bases are, and so are the sums behind means."""
    return spec is None or spec.base_known


def _with_later_ids(frame: pd.DataFrame, history: AreaHistory) -> pd.DataFrame:
    """Rows under today's ids, with the ids they had; those of areas that were split since are gone."""
    pairs = list(zip(frame["area_id"].astype(str), frame["period"].astype(str), strict=True))
    later = {pair: history.later_id(*pair) for pair in set(pairs)}
    cells: Any = [later[pair] for pair in pairs]
    renamed = frame.assign(area_id_before=[pair[0] for pair in pairs], area_id=cells)
    return renamed[renamed["area_id"].notna()]


def _kinds(frame: pd.DataFrame, history: AreaHistory) -> list[str]:
    pairs = zip(frame["area_id"].astype(str), frame["period"].astype(str), strict=True)
    kinds = (history.kinds_before(*pair) for pair in pairs)
    return [next((kind for kind in ("split", "merged", "renamed") if kind in of_row), "") for of_row in kinds]
