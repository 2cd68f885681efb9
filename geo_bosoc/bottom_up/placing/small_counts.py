"""Which assignments are shown: few households are hidden, and so is what would give them away.

Shown are sums over the years by estate, and by organisation (or what is pooled of them) each year. A hidden estate's
count must leave at least two of the values 1 to `minimum` - 1 possible, whoever adds up all that is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geo_bosoc.disclosure.primary import small


@dataclass(frozen=True)
class ShownCounts:
    """What may be shown of assignments.

    Attributes
    ----------
    hidden : frozenset of str
        Estates whose counts are not shown.
    pooled : frozenset of str
        Organisations that are shown as one only.
    by_risk : bool
        Whether the yearly counts of estates at risk, and of all others, may be shown.
    years : frozenset of int
        Years whose count of all assignments may be shown; where one may not, nothing by estate or organisation is.
    """

    hidden: frozenset[str]
    pooled: frozenset[str]
    by_risk: bool
    years: frozenset[int]


def shown_counts(counts: pd.DataFrame, window: frozenset[int], minimum: int) -> ShownCounts:
    """What may be shown of the assignments by estate and year.

    Parameters
    ----------
    counts : DataFrame
        ``estate_id, year, assigned`` (true counts), and each estate's ``organisation``, ``at_risk`` and ``base``
        (whether its dwellings are known: sums are made over those).
    window : frozenset of int
        The years that an estate's count is the sum of.
    minimum : int
        The least count that is shown besides 0; 1 shows all.

    Returns
    -------
    ShownCounts

    Examples
    --------
    >>> rows = [("A", 2023, 9), ("B", 2023, 3), ("C", 2023, 6)]
    >>> counts = pd.DataFrame(rows, columns=["estate_id", "year", "assigned"])
    >>> counts = counts.assign(organisation="Vest", at_risk=False, base=True)
    >>> sorted(shown_counts(counts, frozenset({2023}), 5).hidden)
    ['B', 'C']
    """
    every_estate, every_organisation = (
        frozenset(counts[name].astype(str)) for name in ("estate_id", "organisation")
    )
    totals = counts.groupby("year")["assigned"].sum()
    years = frozenset(int(str(year)) for year in totals.index[~small(totals, minimum).to_numpy()])
    if len(years) < len(totals):
        return ShownCounts(every_estate, every_organisation, False, years)
    in_window = counts[counts["year"].isin(window)]
    estates = in_window.groupby(["estate_id", "organisation", "at_risk", "base"], as_index=False)[
        "assigned"
    ].sum()
    pooled = _pool(counts, minimum)
    by_risk = _may_be_split(counts, pooled, minimum)
    while True:
        labels = ["pool", "base", *(["at_risk"] if by_risk else [])]
        groups = estates.assign(pool=_pools(estates["organisation"], pooled)).groupby(labels)
        protected = [_hidden_of(group, int(estates["assigned"].sum()), minimum) for _, group in groups]
        if None not in protected:
            hidden = frozenset[str]().union(*(each for each in protected if each is not None))
            return ShownCounts(hidden, pooled, by_risk, years)
        if by_risk:
            by_risk = False
        elif pooled < every_organisation:
            pooled = _with_next(counts, pooled)
        else:
            return ShownCounts(every_estate, every_organisation, False, years)


def _may_be_split(counts: pd.DataFrame, pooled: frozenset[str], minimum: int) -> bool:
    """Whether estates at risk and all others may be shown by year: beside the organisations' sums, these may give away
    what each organisation has on either side."""
    cells = counts.assign(pool=_pools(counts["organisation"], pooled))
    sums = [cells.groupby([*keys, "at_risk", "year"])["assigned"].sum() for keys in ([], ["pool"])]
    return not any(small(each, minimum).any() for each in sums)


def _pools(organisations: pd.Series, pooled: frozenset[str]) -> pd.Series:
    """Each organisation, and one word for those that are pooled."""
    return organisations.mask(organisations.isin(pooled), "@pooled")


def _pool(counts: pd.DataFrame, minimum: int) -> frozenset[str]:
    """The organisations that are shown as one, so that no year's count of any that is shown is small."""
    pooled = frozenset[str]()
    everybody = counts.groupby("year")["assigned"].sum()
    while len(pooled) < counts["organisation"].nunique():
        sums = (
            counts.assign(pool=_pools(counts["organisation"], pooled))
            .groupby(["pool", "year"])["assigned"]
            .sum()
        )
        rest = everybody.reindex(sums.index.get_level_values("year")).to_numpy() - sums
        unsafe = sums[small(sums, minimum) | small(rest, minimum)].index.get_level_values("pool")
        names = frozenset(str(name) for name in unsafe) - {"@pooled"}
        if len(pooled | names) == 0 or (not len(unsafe) and len(pooled) != 1):
            break
        pooled = pooled | names if names else _with_next(counts, pooled)
    return pooled


def _with_next(counts: pd.DataFrame, pooled: frozenset[str]) -> frozenset[str]:
    """With the organisation of fewest assignments that is not among them."""
    totals = counts[~counts["organisation"].isin(pooled)].groupby("organisation")["assigned"].sum()
    return pooled | {str(totals.sort_values(kind="stable").index[0])}


def _hidden_of(group: pd.DataFrame, everybody: int, minimum: int) -> frozenset[str] | None:
    """The estates to hide of a group whose sum is known; None where not even all of them would do.

    Of two hidden estates one household may be thought from one to the other where the giver has two or more: another
    value is then as possible as the true one.
    """
    counts = group.set_index("estate_id")["assigned"].astype("int64").sort_index()
    primary = counts.index[small(counts, minimum) | small(everybody - counts, minimum)]
    too_few = [str(name) for name in primary]
    candidates = counts[(counts > 0) & ~counts.index.isin(primary)].sort_values(kind="stable")
    hidden, spare = list(too_few), [str(name) for name in candidates.index]
    while any(not _is_safe(name, hidden, counts) for name in too_few):
        if not spare:
            return None
        hidden.append(spare.pop(0))
    return frozenset(hidden)


def _is_safe(name: str, hidden: list[str], counts: pd.Series) -> bool:
    count = int(counts[name])
    others = [int(counts[other]) for other in hidden if other != name]
    return bool(others) and (count >= 2 or max(others) >= 2)
