"""Areas below the thresholds of a policy: which of their figures are withheld whole, base and all.

A threshold asks how many residents or households an area has, in each period by itself. Of a figure that it withholds
nothing is shown: neither count nor base. What is left of a total is then no one area's: of the sum of all areas count
and base go where one or two areas of it are withheld, and so does what an area that is made up of others shows. A total
that stays (the municipality's, and what a model compares with) takes further areas with it until there are three, those
with the fewest residents first.

What decisions tell. That a figure is withheld tells that the area is below the threshold (or, of an area made up of
others, that one of them is), which is the rule itself and rests on no count but those of residents and households.

Not covered: data that stand for several periods, of which one period is below the threshold and another is not; what
is left between two areas of which one holds the other, where both are above the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.policy import Policy, SizeOf, Threshold
from geo_bosoc.disclosure.primary import CELL
from geo_bosoc.disclosure.results import AreaPairs, Results
from geo_bosoc.disclosure.secondary.differences import direct_parts, pairs_by_geometry
from geo_bosoc.disclosure.secondary.same_figures import same_figures
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import phrase

FEWEST: Final = 3
"""Areas of a total of which nothing is shown, where any is: of two, each could subtract its own."""
LEAST_OUTSIDE: Final = 5
"""Persons outside of a total's areas with whom it is no longer as good as their sum."""
FINE_CLASSES: Final = 3
"""Parts of one base from which on a breakdown is more than one group and its rest."""
_SLOT = ["area_id", "period"]


def indicators_of(threshold: Threshold, indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """The ids of the indicators whose figures a threshold withholds.

    Key figures are counts of everybody and means; a share tells of a group, a breakdown of several.

    Examples
    --------
    >>> from geo_bosoc.indicators import load_indicators
    >>> some = load_indicators(["residents", "safety"])
    >>> indicators_of(Threshold("residents", 200, "shares"), some)
    ('safety',)
    """
    names = [each.breakdown for each in indicators if each.breakdown]
    fine = {name for name in names if names.count(name) >= FINE_CLASSES}

    def is_withheld(spec: Indicator) -> bool:
        if threshold.figures == "shares":
            return spec.unit not in ("count", "mean") and spec.mean_of is None
        return threshold.figures == "every" or spec.breakdown in fine

    return tuple(spec.id for spec in indicators if is_withheld(spec))


class Withheld(NamedTuple):
    """What thresholds withhold.

    Attributes
    ----------
    reasons : Series of str
        On the rows of `Results.table` (numbered from 0): ``few_residents``, ``few_households``, or ``other_areas``
        where withheld figures would follow from it; missing where the figure is not withheld.
    totals : DataFrame
        ``area_id, period, indicator`` of the reference areas that go.
    slots : frozenset of (str, str)
        Areas and periods whose residents are not shown.
    """

    reasons: pd.Series
    totals: pd.DataFrame
    slots: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_withheld(self) -> pd.Series:
        """Which rows are withheld."""
        return self.reasons.notna()


def withheld_figures(results: Results, policy: Policy) -> Withheld:
    """Which figures of areas are withheld whole, and which totals go with them.

    Parameters
    ----------
    results : Results
        True counts.
    policy : Policy
        Its thresholds; without any, nothing is withheld.

    Raises
    ------
    InputError
        The results do not say how many residents or households the areas have.
    """
    table = results.table.reset_index(drop=True)
    reason = pd.Series(None, index=table.index, dtype="object")
    names = [table[name].astype(str) for name in _SLOT]
    is_of_all = pd.Series(False, index=table.index)
    same = same_figures(table, results.indicators) if policy.thresholds else {}
    for threshold in policy.thresholds:
        size = area_sizes(results, threshold.of, policy).reindex(pd.MultiIndex.from_arrays(names)).fillna(0)
        is_low = pd.Series(size.to_numpy() < threshold.minimum, index=table.index)
        is_of_all |= is_low & (threshold.figures == "every")
        names_of = {same.get(name, name) for name in indicators_of(threshold, results.indicators)}
        is_low &= table["indicator"].map(lambda name: same.get(name, name)).isin(names_of)
        reason = reason.mask(is_low & reason.isna(), f"few_{threshold.of}")
    nobody = ~_with_people(table)
    reason = reason.mask(nobody, None)
    totals: list[tuple[str, str, str]] = []
    if reason.notna().any():
        reason, totals = _with_totals(results, table, reason)
    is_of_all |= (reason == "other_areas") & any(each.figures == "every" for each in policy.thresholds)
    slots = table.loc[is_of_all & ~nobody, _SLOT].astype(str).itertuples(index=False, name=None)
    return Withheld(reason, pd.DataFrame(totals, columns=list(CELL)), frozenset(slots))


def area_sizes(results: Results, of: SizeOf, policy: Policy) -> pd.Series:
    """How many residents or households each area has, by area and period.

    Those of the population register, else of an indicator of that name.

    Raises
    ------
    InputError
        Neither is there.
    """
    frame = results.residents if of == "residents" else results.households
    counted = results.table[(results.table["indicator"] == of) & results.table["numerator"].notna()]
    if frame.empty:
        frame = counted.rename(columns={"numerator": of})
    if frame.empty:
        raise InputError([_problem_of_sizes(of, policy)])
    keys = pd.MultiIndex.from_frame(frame[_SLOT].astype(str))
    return pd.Series(frame[of].to_numpy(dtype=np.int64), index=keys)


def _problem_of_sizes(of: SizeOf, policy: Policy) -> Problem:
    if of == "residents":
        counted = phrase("residents")
        hint = 'Add a register of persons with role = "population", or an indicator with the id "residents".'
    else:
        counted = phrase("households")
        hint = (
            'Write households = "dwelling_id" under [disclosure], which counts the population register\'s column '
            '"dwelling_id" or "household_id", or add an indicator with the id "households".'
        )
    message = phrase(
        'the policy "{policy}" asks how many {counted} each area has, and nothing counts them.',
        policy=policy.policy,
        counted=counted,
    )
    return Problem("error", message, key="disclosure.policy", hint=hint)


def _with_people(table: pd.DataFrame) -> pd.Series:
    """The rows of areas and periods that anybody is counted in: an area where nobody lives has nothing to withhold."""
    anybody = (table["denominator"].astype("Int64") > 0).fillna(False).astype(bool)
    return anybody.groupby([table[name] for name in _SLOT]).transform("any").astype(bool)


def _with_totals(
    results: Results, table: pd.DataFrame, reason: pd.Series
) -> tuple[pd.Series, list[tuple[str, str, str]]]:
    """The reasons with the areas that go with withheld ones, and the totals that go."""
    residents = results.residents.set_index(_SLOT)["residents"] if not results.residents.empty else None
    slots = pd.MultiIndex.from_frame(table[_SLOT])
    size = np.zeros(len(table)) if residents is None else residents.reindex(slots).fillna(0).to_numpy()
    columns = _Columns(table, reason, size)
    pairs = results.pairs or pairs_by_geometry(results.areas)
    stay = {
        MUNICIPALITY,
        *(
            area_id
            for model in results.models
            for each in model.criterion
            for area_id in each.counted_references
        ),
    }
    totals = results.reference_areas[results.reference_areas["denominator"].notna()]
    cells = sorted(  # the sum of all areas last: what goes for another total's sake counts for it too
        totals[[*CELL, "denominator"]].itertuples(index=False, name=None),
        key=lambda cell: cell[0] == ALL_AREAS,
    )
    gone: list[tuple[str, str, str]] = []
    before: list[str | None] = []
    while before != columns.reason:
        before, gone = list(columns.reason), []
        while columns.withhold_outer_areas(pairs):
            pass
        for area, period, indicator, base in cells:
            rows = list(columns.rows.get((period, indicator), {}).values())
            missing = columns.missing(rows)
            if not missing or not (area == ALL_AREAS or columns.is_made_up(int(base), rows)):
                continue
            if area not in stay or not columns.withhold_further(rows, missing):
                gone.append((area, period, indicator))
    return pd.Series(columns.reason, index=table.index, dtype="object"), gone


class _Columns:
    """The figures of one period and indicator, area by area, with what is withheld of them."""

    def __init__(self, table: pd.DataFrame, reason: pd.Series, size: NDArray[np.float64]) -> None:
        self.table = table
        self.reason: list[str | None] = [None if pd.isna(each) else str(each) for each in reason]
        self.base = table["denominator"].astype("Int64").fillna(0).to_numpy(dtype=np.int64)
        self.size = size
        self.rows: dict[tuple[str, str], dict[str, int]] = {}
        keys = table[list(CELL)].itertuples(index=False, name=None)
        for row, (area, period, indicator) in enumerate(keys):
            self.rows.setdefault((period, indicator), {})[area] = row

    def missing(self, rows: Sequence[int]) -> int:
        """How many more must be withheld of some rows, so that it is none or `FEWEST`."""
        number = sum(self.reason[row] is not None and self.base[row] > 0 for row in rows)
        return FEWEST - number if 0 < number < FEWEST else 0

    def is_made_up(self, denominator: int, rows: Sequence[int]) -> bool:
        """Whether (nearly) nobody of a denominator is outside some rows."""
        return denominator - int(self.base[list(rows)].sum()) < LEAST_OUTSIDE

    def withhold_further(self, rows: Sequence[int], number: int) -> bool:
        """Withhold so many more of some rows, of the areas with the fewest residents; False where there are not."""
        free = [row for row in rows if self.reason[row] is None and self.base[row] > 0]
        free.sort(key=lambda row: (self.size[row], self.table["area_id"].iloc[row]))
        if len(free) < number:
            return False
        for row in free[:number]:
            self.reason[row] = "other_areas"
        return True

    def withhold_outer_areas(self, pairs: AreaPairs) -> bool:
        """Withhold the figures of areas that are made up of others, of which one or two are withheld."""
        changed = False
        for numbers, members in direct_parts(self.table, pairs):
            periods = set(self.table["period"].iloc[numbers])
            for (period, _), rows in self.rows.items():
                for outer, inside in members.items() if period in periods else ():
                    row = rows.get(outer)
                    parts = [rows[area] for area in inside if area in rows]
                    if row is None or self.reason[row] is not None or not self.missing(parts):
                        continue
                    if self.is_made_up(int(self.base[row]), parts):
                        self.reason[row] = "other_areas"
                        changed = True
        return changed
