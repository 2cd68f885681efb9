"""Why an area entered or left a category: people moved, the residents changed, the reference moved - or chance.

Each area is put in its category again with one part of the change undone. What undone would have left it where it was
has tipped it. Internal: it rests on true counts and on persons linked over years.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.follow_up.persons.components import KEYS, NUMBERS, SQUARES
from geo_bosoc.indicators.rates import Z95, integer_sides
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.apply import categorise_cells
from geo_bosoc.models.exact_values import Cell, Cells, exact_cell, read_cells
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Model
from geo_bosoc.models.variants import with_indicators, without_origin

CAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "moves": ("moved_in", "moved_out", "arrived", "left", "left_or_died"),
    "residents": ("stayed", "born", "died", "entered_base", "left_base"),
    "boundary": ("boundary",),
    "reference": (),
    "other": ("other",),
}
"""The components that are undone together, by what the cause is called; ``reference`` puts the municipality's figures
back. Where the dead are not known, they are undone with those who moved: the cause is then `MOVES_OR_DEATHS`."""
MOVES_OR_DEATHS: Final = "moves_or_deaths"
DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "stayed": ("stayed",),
    "ageing": ("born", "died", "entered_base", "left_base"),
}
"""What a change of the residents themselves may be: their status, or who of them is in the base."""
_COMPONENTS_OF: Final = {**CAUSES, **DETAILS}

CAUSE_COLUMNS: Final = (
    "area_id", "model", "period_before", "period", "category_before", "category", "cause", "detail", "by_chance",
)  # fmt: skip
CHANGE_COLUMNS: Final = (*KEYS, "value_before", "value", "difference", "low", "high", "differs")
CHANCE: Final = ("chance",)

Counts = tuple[int, int, int]
"""Numerator, denominator and unknown."""
_Variant = tuple[str, tuple[str, ...]]
"""An area and what is undone in it."""


def linked_change(
    components: pd.DataFrame,
    table: pd.DataFrame,
    indicators: Sequence[Indicator],
    pairs: Sequence[tuple[str, str]],
) -> pd.DataFrame:
    """The change of each figure with an interval that knows who is the same in both periods.

    Parameters
    ----------
    components : DataFrame
        From `geo_bosoc.follow_up.persons.components.split_change`.
    table : DataFrame
        The true indicator table of the areas.
    indicators : sequence of Indicator
        What the figures are.
    pairs : sequence of (str, str)
        The periods that were compared.

    Returns
    -------
    DataFrame
        ``area_id, indicator, period_before, period, value_before, value, difference, low, high, differs`` (yes, no or
        cannot_tell), where both values are there. Counts are left out.

    Notes
    -----
    With v and B the means of values and bases, the change is the sum of x = (dn - v db) / B over persons. Whoever stays
    in home and status adds nothing to it and makes it no less sure. Where persons change independently of each other
    (an assumption: households move together), the variance under no change is the sum of x squared; for residents who
    all stay this is McNemar's test. Figures that rest on no linked persons vary as two independent groups do.
    """
    specs = {indicator.id: indicator for indicator in indicators if indicator.unit != "count"}
    linked = set(components.loc[components["component"] != "other", "indicator"].unique())
    sums = components.groupby(list(KEYS))[list(SQUARES)].sum().reset_index()
    rows = table.loc[table["value"].notna(), ["area_id", "indicator", "period", "value", *NUMBERS]]
    by_period = {str(period): of_period for period, of_period in rows.groupby("period")}
    both = [
        by_period[before]
        .merge(by_period[period], on=["area_id", "indicator"], suffixes=("_before", ""))
        .assign(period_before=before, period=period)
        for before, period in pairs
        if before in by_period and period in by_period
    ]
    frames = []
    if both:
        compared = pd.concat(both, ignore_index=True).merge(sums, on=list(KEYS), how="left")
        for name, of_indicator in compared.groupby("indicator", sort=False):
            if name in specs:
                dropped = [] if name in linked else list(SQUARES)
                frames.append(_with_interval(of_indicator.drop(columns=dropped), specs[str(name)]))
    if not frames:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    changes = pd.concat(frames, ignore_index=True)
    order = {name: number for number, name in enumerate(specs)}
    changes = changes.assign(order=changes["indicator"].map(order))
    changes = changes.sort_values(["period", "period_before", "area_id", "order"], ignore_index=True)
    return changes[list(CHANGE_COLUMNS)]


def _with_interval(rows: pd.DataFrame, spec: Indicator) -> pd.DataFrame:
    """The rows of one indicator, both periods in each, with the difference and its interval."""
    values = [rows[f"value{end}"].to_numpy(dtype=float) for end in ("_before", "")]
    sides = [
        rows[[f"{name}{end}" for name in NUMBERS]].set_axis(list(NUMBERS), axis=1) for end in ("_before", "")
    ]
    counted = sides[0]["denominator"].notna().to_numpy() & sides[1]["denominator"].notna().to_numpy()
    bases = [integer_sides(side, spec)[1].astype(float) for side in sides]
    linked = "square" in rows
    with np.errstate(divide="ignore", invalid="ignore"):
        if linked:
            squares = rows[list(SQUARES)].fillna(0.0).to_numpy(dtype=float)
            mean, base = (values[0] + values[1]) / 2, (bases[0] + bases[1]) / 2
            variance = squares[:, 0] / spec.scale**2 - 2 * mean * squares[:, 1] / spec.scale
            variance = (variance + mean**2 * squares[:, 2]) / base**2
        else:
            spread = [value * (1 - value) if spec.unit == "percent" else value for value in values]
            variance = spread[0] / bases[0] + spread[1] / bases[1]
    has_interval = counted
    if not linked and (spec.mean_of is not None or spec.weight is not None or spec.unit == "mean"):
        has_interval = np.zeros(len(rows), dtype=bool)
    difference = values[1] - values[0]
    half = np.where(has_interval, Z95 * np.sqrt(np.maximum(variance, 0.0)), np.nan)
    same = difference == 0
    differs = np.where(
        np.isnan(half) & ~same, "cannot_tell", np.where(np.abs(difference) > half, "yes", "no")
    )
    return rows[list(KEYS)].assign(
        value_before=values[0], value=values[1], difference=difference,
        low=difference - half, high=difference + half, differs=np.where(same, "no", differs),
    )  # fmt: skip


def category_causes(
    components: pd.DataFrame,
    changes: pd.DataFrame,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    categories: pd.DataFrame,
    model: Model,
    indicators: Sequence[Indicator],
    pairs: Sequence[tuple[str, str]],
    *,
    history: History | None = None,
    origin: bool = True,
) -> pd.DataFrame:
    """What tipped each area that entered or left a category.

    Parameters
    ----------
    components, changes : DataFrame
        From `geo_bosoc.follow_up.persons.components.split_change` and `linked_change`.
    table, reference_areas : DataFrame
        The true indicator tables of the areas and of the reference areas.
    categories : DataFrame
        The areas' true categories, of this model or of several.
    model : Model
        The model. Of an index, which compares areas with each other, no cause is told.
    indicators : sequence of Indicator
        What the figures are.
    pairs : sequence of (str, str)
        The periods that were compared.
    history, origin : optional
        As in `geo_bosoc.models.categorise`.

    Returns
    -------
    DataFrame
        One row an area and pair whose category differs: ``area_id, model, period_before, period, category_before,
        category, cause, detail, by_chance``. `cause` is ``chance``; or the least set of `CAUSES` without which the area
        would have stayed in its category, joined by ``|``; several that would each have done so alone are joined by
        ``+``; or ``cannot_tell``. Where the dead are not known, it is ``moves_or_deaths`` instead of ``moves``.
        `detail` says of a change of the residents which of `DETAILS` it takes ("" where either or both together).

    Notes
    -----
    Chance first: every figure whose change lies within chance (`linked_change`) is put back; where the area is then in
    its former category, the change of category rests on such changes, and is told as chance. Next each cause alone is
    undone, then two together, and so on.
    """
    shown = categories[categories["model"] == model.id]
    model = with_indicators(model, indicators)
    model = model if origin else without_origin(model)
    used = [indicator for indicator in indicators if indicator.id in set(model.indicators)]
    cells = read_cells(table, indicators=used, only=model.indicators)
    references = read_cells(reference_areas, indicators=used, only=model.indicators)
    counts = _counts(table)
    frames = [pd.DataFrame(columns=list(CAUSE_COLUMNS))]
    for before, period in pairs:
        first, last = (
            shown[shown["period"] == each].set_index("area_id")["category"] for each in (before, period)
        )
        both = pd.DataFrame({"category_before": first, "category": last}).dropna()
        both = both[both["category_before"] != both["category"]].sort_index()
        if both.empty:
            continue
        causes = [("cannot_tell", "")] * len(both)
        if model.kind != "index":
            parts, differences = (frame[frame["area_id"].isin(both.index)] for frame in (components, changes))
            undone = _Undone(
                cells, references, parts, differences, counts, model, used, (before, period), history
            )
            causes = undone.causes(both["category_before"])
        rows = both.rename_axis("area_id").reset_index()
        rows = rows.assign(
            model=model.id, period_before=before, period=period,
            cause=[cause for cause, _ in causes], detail=[detail for _, detail in causes],
        )  # fmt: skip
        frames.append(rows.assign(by_chance=rows["cause"] == "chance")[list(CAUSE_COLUMNS)])
    return pd.concat(frames[1:] or frames, ignore_index=True)


class _Undone:
    """Areas as they would be in a period with some of what happened since another one undone."""

    def __init__(
        self,
        cells: Cells,
        references: Cells,
        components: pd.DataFrame,
        changes: pd.DataFrame,
        counts: Mapping[tuple[str, str, str], Counts],
        model: Model,
        indicators: Sequence[Indicator],
        pair: tuple[str, str],
        history: History | None,
    ) -> None:
        self.pair, self.model, self.counts, self.history = pair, model, counts, history
        before, period = pair
        self.specs = {indicator.id: indicator for indicator in indicators}
        self.figures: dict[str, dict[tuple[str, str], Cell]] = {}
        self.earlier: dict[tuple[str, str], Cell] = {}
        looks_back = _looks_back(model)
        for (area, when, name), cell in cells.items():
            if when == period or (looks_back and when < period):
                self.figures.setdefault(area, {})[when, name] = cell
            if when == before:
                self.earlier[area, name] = cell
        shown = {key: cell for key, cell in references.items() if key[1] <= period}
        earlier = {(key[0], period, key[2]): cell for key, cell in shown.items() if key[1] == before}
        self.references = {False: shown, True: shown | earlier}
        self.parts: dict[tuple[str, str], dict[str, Counts]] = {}
        of_pair = components[(components["period_before"] == before) & (components["period"] == period)]
        columns = ["area_id", "indicator", "component", *NUMBERS]
        for area, name, component, n, d, u in of_pair[columns].itertuples(index=False, name=None):
            self.parts.setdefault((area, name), {})[component] = (int(n), int(d), int(u))
        within = changes[(changes["period_before"] == before) & (changes["period"] == period)]
        within = within.loc[within["differs"] == "no", ["area_id", "indicator"]]
        self.within_chance = set(within.itertuples(index=False, name=None))
        deaths_unknown = (components["component"] == "left_or_died").any()
        self.moves = MOVES_OR_DEATHS if deaths_unknown else "moves"

    def causes(self, category_before: pd.Series) -> list[tuple[str, str]]:
        """The cause of each area's change of category, and of the residents' own change its detail."""
        result = dict.fromkeys(category_before.index, "")
        by_chance = self._categories({(area, CHANCE) for area in result})
        result |= {area: "chance" for area in result if by_chance[area, CHANCE] == category_before[area]}
        for size in range(1, len(CAUSES) + 1):
            unresolved = [area for area, cause in result.items() if not cause]
            sets = list(itertools.combinations(CAUSES, size))
            tried = self._categories({(area, causes) for area in unresolved for causes in sets})
            for area in unresolved:
                enough = [causes for causes in sets if tried[area, causes] == category_before[area]]
                if enough:
                    result[area] = "+".join(each[0] for each in enough) if size == 1 else "|".join(enough[0])
        details = self._details(result, category_before)
        return [
            (cause.replace("moves", self.moves) or "cannot_tell", details.get(area, ""))
            for area, cause in result.items()
        ]

    def _details(self, causes: Mapping[str, str], category_before: pd.Series) -> dict[str, str]:
        """Of areas whose residents changed, which part of that change it takes."""
        variants = {
            area: {detail: (detail, *others) for detail in DETAILS}
            for area, cause in causes.items()
            if "residents" in re.split(r"[|+]", cause)
            for others in [
                tuple(each for each in cause.split("|") if each != "residents" and "+" not in each)
            ]
        }
        tried = self._categories(
            {(area, several) for area, each in variants.items() for several in each.values()}
        )
        details = {}
        for area, by_detail in variants.items():
            enough = [
                name for name, several in by_detail.items() if tried[area, several] == category_before[area]
            ]
            details[area] = enough[0] if len(enough) == 1 else ""
        return details

    def _categories(self, variants: set[_Variant]) -> dict[_Variant, str]:
        """The category of each area with some causes undone."""
        categories: dict[_Variant, str] = {}
        for with_reference in (False, True):
            names = {
                area + "|" + "|".join(causes): (area, causes)
                for area, causes in sorted(variants)
                if ("reference" in causes) == with_reference
            }
            if not names:
                continue
            cells = dict(self.references[with_reference])
            for name, (area, causes) in names.items():
                cells |= {(name, *key): cell for key, cell in self._cells(area, causes).items()}
            outcome = categorise_cells(cells, self.model, history=_under_names(self.history, names))
            of_period = outcome.categories[outcome.categories["period"] == self.pair[1]]
            for name, category in zip(of_period["area_id"], of_period["category"], strict=True):
                categories[names[name]] = str(category)
        return categories

    def _cells(self, area: str, causes: tuple[str, ...]) -> dict[tuple[str, str], Cell]:
        """An area's figures up to the period, with some causes undone in it."""
        period = self.pair[1]
        cells = dict(self.figures[area])
        for name, spec in self.specs.items():
            now = self.counts.get((area, period, name))
            if causes == CHANCE:
                if (area, name) in self.within_chance and (area, name) in self.earlier:
                    cells[period, name] = self.earlier[area, name]
            elif now is not None and (area, name) in self.parts:
                parts = self.parts[area, name]
                names = {component for cause in causes for component in _COMPONENTS_OF[cause]}
                undone = [parts[component] for component in names if component in parts]
                if undone:
                    n, d, u = (now[side] - sum(part[side] for part in undone) for side in range(3))
                    cells[period, name] = exact_cell(None, "ok", n, d, u, spec)
        return cells


def _looks_back(model: Model) -> bool:
    """Whether a category rests on figures or categories of earlier periods too."""
    windows = any(criterion.window for criterion in model.criterion)
    return bool(model.kind == "rules" or model.hold or model.pool_years > 1 or windows)


def _counts(table: pd.DataFrame) -> dict[tuple[str, str, str], Counts]:
    """The counts of each figure, where there are any."""
    rows = table[table["numerator"].notna() & table["denominator"].notna()]
    columns = [rows[name].astype(str).tolist() for name in ("area_id", "period", "indicator")]
    numbers = [rows[name].fillna(0).astype("int64").tolist() for name in NUMBERS]
    return {(a, p, i): (n, d, u) for a, p, i, n, d, u in zip(*columns, *numbers, strict=True)}


def _under_names(history: History | None, names: Mapping[str, _Variant]) -> History | None:
    """What is known of earlier years, under the names of variants."""
    if history is None:
        return None
    members = {
        key: {name: listed[area] for name, (area, _) in names.items() if area in listed}
        for key, listed in history.members.items()
    }
    return History(members, history.complete)
