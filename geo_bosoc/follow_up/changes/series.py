"""Each indicator over all periods, for areas and reference areas; and what of a change is a reform of its definition.

Where the definition was changed (`[[indicator.reform]]`) the series breaks. A period that was counted by both
definitions says how much of the change is the reform: what the two count differently of the same people. The rest is
what became of the area. Without such a period, or where a figure of it is not shown, that cannot be told.

A chained series is asked for: earlier figures times what the new definition gave in the overlap for each one that the
old one gave. That this was so in all earlier years is an assumption, and stands beside each such figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.disclosure.results import Results
from geo_bosoc.indicators.spec import Indicator

SERIES_COLUMNS: Final = (
    *("area_id", "indicator", "period", "value", "low", "high", "reference", "definition", "is_break"),
    *("other_value", "change", "reform_change", "other_change", "reform_share", "status", "method", "note"),
)
CHAINED_COLUMNS: Final = ("chained_value", "assumption")
NO_OVERLAP, HIDDEN_OVERLAP, SEVERAL_REFORMS = "no_overlap", "hidden_overlap", "several_reforms"
"""Why it cannot be told how much of a change is the reform."""

_KEYS: Final = ["area_id", "indicator", "period"]
_Values = Mapping[tuple[str, str], float]
"""By area and period."""
_Definition = tuple[str, bool]
"""A reform's first period, and whether the definition is that before it."""


def series(results: Results, *, chained: bool = False) -> pd.DataFrame:
    """Every indicator's series, a row for each area or reference area and period.

    Parameters
    ----------
    results : Results
        Of a run; of `PublishedResults` what is published alone.
    chained : bool
        Whether earlier figures are also given on the level of the last definition.

    Returns
    -------
    DataFrame
        ``area_id, indicator, period, value, low, high, reference``; ``definition`` (the first period of the definition
        in force; empty of the first one), ``is_break`` (the first period by another definition than the one before
        it), ``other_value`` (by the other definition, where the period was counted by both), ``change`` (from the
        period before), ``reform_change`` and ``other_change`` (what of it is the reform, and the rest),
        ``reform_share`` (the former over the change), ``status``, ``method`` (how a figure that came
        with areas as they were became one of today's: ``undivided``, ``dwellings``, ``area``, ``renamed``,
        ``merged``; "" where it was counted on today's boundaries) and ``note`` (``no_overlap``, ``hidden_overlap``,
        ``several_reforms``: why a reform's part cannot be told; ``not_covered``, ``mean``, ``no_base``, ``split``: why
        there is no figure). With `chained` also ``chained_value`` and
        ``assumption`` (``chained`` where a figure rests on it). Indicators in their order, reference areas last.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> gb.follow_up.series(published).query("is_break")  # doctest: +SKIP
    """
    order = {indicator.id: number for number, indicator in enumerate(results.indicators)}
    others = [each for each in results.indicators if each.other_definition is not None]
    rows = pd.concat([results.table, results.reference_areas], ignore_index=True)
    rows = rows[rows["indicator"].isin(list(order))]
    overlaps = rows[rows["indicator"].isin([each.id for each in others])]
    rows = rows[~rows["indicator"].isin([each.id for each in others])]
    frame = rows[[*_KEYS, "value", "low", "high", "reference", "status"]].astype(dict.fromkeys(_KEYS, str))
    frame = frame.assign(
        is_reference=frame["area_id"].str.startswith("@"), place=frame["indicator"].map(order)
    ).sort_values(["is_reference", "area_id", "place", "period"], kind="stable", ignore_index=True)
    figures = frame["value"].where(frame["status"] == "ok").astype("float64")
    before = figures.groupby([frame["area_id"], frame["indicator"]]).shift()
    frame = frame.drop(columns=["is_reference", "place"]).assign(
        definition="",
        is_break=False,
        other_value=np.nan,
        change=figures - before,
        reform_change=np.nan,
        note="",
    )
    if chained:
        frame = frame.assign(chained_value=figures, assumption="")
    names = (
        "definition",
        "is_break",
        "other_value",
        "reform_change",
        "note",
        *(CHAINED_COLUMNS if chained else ()),
    )
    columns = {name: frame[name].to_numpy(copy=True) for name in names}
    for indicator in results.indicators:
        if indicator.reform and indicator.other_definition is None:
            of_indicator = [each for each in others if _other_of(each) == indicator.id]
            _tell_reforms(frame, columns, indicator, of_indicator, overlaps)
    frame = frame.assign(**columns)
    change = frame["change"].where(frame["change"] != 0)
    frame = frame.assign(
        other_change=frame["change"] - frame["reform_change"], reform_share=frame["reform_change"] / change
    )
    frame = _with_methods(frame, results.recounted)
    return frame[[*SERIES_COLUMNS, *(CHAINED_COLUMNS if chained else ())]]


def _with_methods(frame: pd.DataFrame, recounted: pd.DataFrame) -> pd.DataFrame:
    """The series with how each figure came to be one of today's area; why one could not is its note."""
    methods = frame[_KEYS].merge(recounted.astype(str), on=_KEYS, how="left").fillna("")
    note = frame["note"].where(frame["note"] != "", methods["reason"])
    return frame.assign(method=methods["method"].to_numpy(), note=note)


def _other_of(indicator: Indicator) -> str:
    other = indicator.other_definition
    return "" if other is None else other.indicator


def _tell_reforms(
    frame: pd.DataFrame,
    columns: Mapping[str, NDArray[Any]],
    indicator: Indicator,
    others: Sequence[Indicator],
    overlaps: pd.DataFrame,
) -> None:
    """Write an indicator's breaks, and what of its changes are reforms, into columns beside the frame."""
    starts = [reform.valid_from for reform in indicator.reform]
    values, is_hidden = _overlap_values(others, overlaps)
    for area_id, of_area in frame[frame["indicator"] == indicator.id].groupby("area_id", sort=False):
        steps = _Steps(str(area_id), starts, values, is_hidden)
        figures = of_area["value"].where(of_area["status"] == "ok").astype("float64")
        periods = of_area["period"].tolist()
        for number, (row, period) in enumerate(zip(of_area.index, periods, strict=True)):
            columns["definition"][row] = max((s for s in starts if s <= period), default="")
            columns["other_value"][row] = steps.other_value(period)
            if number:
                was, now = periods[number - 1], period
                part, note, is_break = steps.part(was, now, *figures.iloc[number - 1 : number + 1])
                columns["reform_change"][row] = part
                columns["note"][row] = note
                columns["is_break"][row] = is_break
        if "chained_value" in columns:
            factor = 1.0
            for number in range(len(periods) - 1, 0, -1):
                factor *= steps.factor(
                    *periods[number - 1 : number + 1], *figures.iloc[number - 1 : number + 1]
                )
                row = of_area.index[number - 1]
                columns["chained_value"][row] = figures.iloc[number - 1] * factor
                columns["assumption"][row] = "" if np.isnan(factor) or factor == 1 else "chained"


def _overlap_values(
    others: Sequence[Indicator], overlaps: pd.DataFrame
) -> tuple[dict[_Definition, _Values], dict[_Definition, set[tuple[str, str]]]]:
    """By definition that is not in force its figures that are shown, and the areas and periods of those hidden."""
    values: dict[_Definition, _Values] = {}
    is_hidden: dict[_Definition, set[tuple[str, str]]] = {}
    for each in others:
        other = each.other_definition
        assert other is not None
        rows = overlaps[overlaps["indicator"] == each.id]
        rows = rows[rows["period"].astype(str).isin(other.periods)]
        cells = list(zip(rows["area_id"].astype(str), rows["period"].astype(str), strict=True))
        statuses = rows["status"].tolist()
        key = (other.valid_from, other.is_before)
        figures = zip(cells, rows["value"].astype("float64"), statuses, strict=True)
        values[key] = {cell: value for cell, value, status in figures if status == "ok"}
        is_hidden[key] = {cell for cell, status in zip(cells, statuses, strict=True) if status == "protected"}
    return values, is_hidden


class _Steps:
    """What reforms do to one area's series, from one period to the next."""

    def __init__(
        self,
        area_id: str,
        starts: Sequence[str],
        values: Mapping[_Definition, _Values],
        is_hidden: Mapping[_Definition, set[tuple[str, str]]],
    ) -> None:
        self.area_id, self.starts = area_id, starts
        self.values, self.is_hidden = values, is_hidden

    def _value(self, start: str, is_before: bool, period: str) -> float:
        """The figure by a reform's other definition; NaN where there is none that is shown."""
        return self.values.get((start, is_before), {}).get((self.area_id, period), np.nan)

    def other_value(self, period: str) -> float:
        """The figure by the other definition of the nearest reform that counted the period by both."""
        for start in reversed(self.starts):
            value = self._value(start, start <= period, period)
            if not np.isnan(value):
                return value
        return np.nan

    def part(self, before: str, period: str, value_before: float, value: float) -> tuple[float, str, bool]:
        """What of the change is the reform, why that cannot be told, and whether the series breaks."""
        between = [start for start in self.starts if before < start <= period]
        if not between:
            return self._growth(before, period, value_before, value), "", False
        if len(between) > 1:
            return np.nan, SEVERAL_REFORMS, True
        start = between[0]
        by_before = self._value(start, True, period)
        if not np.isnan(by_before):
            return value - by_before, "", True
        by_after = self._value(start, False, before)
        if not np.isnan(by_after):
            return by_after - value_before, "", True
        hidden = any(
            (self.area_id, each) in self.is_hidden.get((start, is_before), set())
            for each, is_before in ((period, True), (before, False))
        )
        return np.nan, HIDDEN_OVERLAP if hidden else NO_OVERLAP, True

    def _growth(self, before: str, period: str, value_before: float, value: float) -> float:
        """What a reform that came before adds to the change: it may take more than one period to have its effect."""
        for start in reversed(self.starts):
            if start <= before:
                return (value - self._value(start, True, period)) - (
                    value_before - self._value(start, True, before)
                )
        return np.nan

    def factor(self, before: str, period: str, value_before: float, value: float) -> float:
        """What the figure before is multiplied by to stand on the level of the period's definition."""
        between = [start for start in self.starts if before < start <= period]
        if not between:
            return 1.0
        part, _, _ = self.part(before, period, value_before, value)
        by_before = self._value(between[0], True, period)
        new, old = (value_before + part, value_before) if np.isnan(by_before) else (value, by_before)
        return new / old if old > 0 else np.nan
