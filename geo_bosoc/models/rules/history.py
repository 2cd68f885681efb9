"""Earlier years: who was in which category, as published or as computed, and what is not known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo_bosoc.models.lookups import shift
from geo_bosoc.models.rule_spec import Persistence


@dataclass(frozen=True)
class History:
    """Which areas were in which category in which period.

    Attributes
    ----------
    members : for each period and category, what is known of areas: in it (True) or not (False).
    complete : periods and categories whose list is whole, so that an area it does not name was not in it. A
        period that is not here at all is unknown, not "not listed".
    """

    members: Mapping[tuple[str, str], Mapping[str, bool]] = field(default_factory=dict)
    complete: frozenset[tuple[str, str]] = frozenset()

    def was(self, area: str, period: str, categories: Iterable[str]) -> bool | None:
        """Whether an area was in any of the categories; None where that is not known."""
        told = list(categories)
        answers = [self._one(area, period, category) for category in told]
        if any(answers):
            return True
        # One of the names settles the period: they change from regime to regime and never stand together.
        return None if all(answer is None for answer in answers) else False

    def _one(self, area: str, period: str, category: str) -> bool | None:
        found = self.members.get((period, category), {}).get(area)
        if found is None and (period, category) in self.complete:
            return False
        return found


def from_lists(lists: pd.DataFrame, *, category: str, area: str = "area", period: str = "year") -> History:
    """History from lists that are whole: one row an area and year it was listed in.

    Every year that occurs is taken as the complete list of that year.
    """
    members: dict[tuple[str, str], dict[str, bool]] = {}
    for name, told in zip(lists[area].astype(str), lists[period].astype(str), strict=True):
        members.setdefault((told, category), {})[name] = True
    return History(members, frozenset(members))


def from_flags(flags: pd.DataFrame) -> History:
    """History from the `flags` of earlier categorisations: what was undetermined stays unknown."""
    members: dict[tuple[str, str], dict[str, bool]] = {}
    rows = flags.loc[flags["met"] != "undetermined", ["area_id", "period", "category", "met"]]
    for area, told, category, state in rows.itertuples(index=False):
        members.setdefault((str(told), str(category)), {})[str(area)] = state == "met"
    return History(members)


def merge(first: History, second: History) -> History:
    """Both histories; where both know something of an area, the first is believed."""
    members: dict[tuple[str, str], dict[str, bool]] = {
        key: dict(told) for key, told in second.members.items()
    }
    for key, told in first.members.items():
        members[key] = {**members.get(key, {}), **told}
    return History(members, first.complete | second.complete)


def years_before(
    persistence: Persistence, area: str, period: str, history: History
) -> dict[str, bool | None]:
    """For each earlier year that persistence asks of, whether the area was in one of its categories."""
    periods = [shift(period, -back) for back in range(persistence.years - 1, 0, -1)]
    return {told: history.was(area, told, persistence.categories) for told in periods}
