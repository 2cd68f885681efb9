"""What if: the fewest dwellings that would keep a rule, and the indicators if the projects were lived in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.dwellings import TENURES
from geo_bosoc.balance.rules import DwellingStock, ShareRule, base_of, within_limit

Way = Literal["build_other", "demolish", "demolish_not_counted", "convert", "business_m2"]
WAYS: Final[tuple[Way, ...]] = ("build_other", "demolish", "demolish_not_counted", "convert", "business_m2")


def number_after(
    number: int, base: int, way: Way, amount: int, *, m2_per_dwelling: int = 75, spare_m2: int = 0
) -> tuple[int, int]:
    """The limited dwellings and the base after `amount` dwellings (or m2) in one way.

    Parameters
    ----------
    number, base : A and the rule's base before.
    way : ``build_other`` builds dwellings that the rule does not limit; ``demolish`` takes limited ones down and counts
        them in the base still; ``demolish_not_counted`` does not; ``convert`` makes them dwellings that the rule does
        not limit (sale, or another kind of social dwelling); ``business_m2`` builds floor space.
    spare_m2 : floor space above the last whole dwelling.
    """
    if way == "build_other":
        return number, base + amount
    if way == "business_m2":
        return number, base + (spare_m2 + amount) // m2_per_dwelling if m2_per_dwelling else base
    taken = min(amount, number)
    return number - taken, base - taken if way == "demolish_not_counted" else base


def minimum_change(
    stock: DwellingStock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> pd.DataFrame:
    """The fewest dwellings (or m2) of one way alone that keep the rule.

    Parameters
    ----------
    stock : the area; where its limited dwellings lie between bounds, both ends are solved.
    rule, count_demolished, count_business : as in `geo_bosoc.balance.share_rule`. Without `count_demolished` the way
        ``demolish`` is left out, without `count_business` the way ``business_m2``.

    Returns
    -------
    ``way, unit, number_low, number_high``: whole numbers, 0 where the rule is kept already.

    Notes
    -----
    Each way makes the share fall, so the least number is found by bisection on the exact comparison; that one fewer
    does not keep the rule is tested by counting up. With a limit of 40 % and x dwellings short of the base that A would
    need, 0.4 x may be demolished instead, or 2/3 x if the demolished may not be counted (180, 72 and 120).
    """
    rows = []
    for way in WAYS:
        if (way == "demolish" and (not count_demolished or rule.demolished_since is None)) or (
            way == "business_m2" and (not count_business or not rule.m2_per_dwelling)
        ):
            continue
        numbers = [
            _least(
                _test(at, stock, rule, way, count_demolished=count_demolished, count_business=count_business)
            )
            for at in (stock.low, stock.high)
        ]
        rows.append((way, "m2" if way == "business_m2" else "dwellings", *numbers))
    return pd.DataFrame(rows, columns=["way", "unit", "number_low", "number_high"])


def combined_change(
    stock: DwellingStock,
    rule: ShareRule,
    *,
    most_built: int,
    most_taken: int,
    taken: Literal["demolish", "demolish_not_counted", "convert"] = "convert",
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """Building and taking away together, within what is possible: every pair that just keeps the rule.

    Parameters
    ----------
    stock : its upper bound is solved.
    most_built, most_taken : how many dwellings can be built (of others), and demolished or converted.
    taken : in which way.

    Returns
    -------
    ``taken, built, together``, one row for each number taken for which building can do the rest, `built` the fewest;
    sorted by `together` and then by `taken`. Empty where nothing within the limits keeps the rule.
    """
    base = base_of(stock, rule, count_demolished=count_demolished, count_business=count_business)
    rows = []
    for many in range(min(most_taken, stock.high) + 1):
        number, left = number_after(stock.high, base, taken, many)
        built = _least(lambda x, number=number, left=left: within_limit(number, left + x, rule))  # type: ignore[misc]
        if built <= most_built:
            rows.append((many, built, many + built))
        if not built:
            break
    frame = pd.DataFrame(rows, columns=["taken", "built", "together"])
    return frame.sort_values(["together", "taken"], kind="stable").reset_index(drop=True)


def _test(
    number: int,
    stock: DwellingStock,
    rule: ShareRule,
    way: Way,
    *,
    count_demolished: bool,
    count_business: bool,
) -> Callable[[int], bool]:
    base = base_of(stock, rule, count_demolished=count_demolished, count_business=count_business)
    spare = stock.business_m2 % rule.m2_per_dwelling if rule.m2_per_dwelling else 0

    def enough(amount: int) -> bool:
        return within_limit(
            *number_after(number, base, way, amount, m2_per_dwelling=rule.m2_per_dwelling, spare_m2=spare),
            rule,
        )

    return enough


def _least(enough: Callable[[int], bool]) -> int:
    """The least number that is enough; once enough, more is enough too."""
    if enough(0):
        return 0
    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


ASSUMPTION: Final = {
    "da": "Hvis: de nye boliger bebos som kommunens boliger af samme slags i dag, og de nedrevne eller omdannede "
    "boligers beboere er som områdets gennemsnit. Det er en regneforudsætning, ikke en prognose.",
    "en": "If: the new dwellings are lived in as the municipality's dwellings of the same kind are today, and the "
    "residents of those demolished or converted are like the area's average. An assumption to reckon with, not a "
    "forecast.",
}


def group_of(tenure: str, kind: str) -> str:
    """The group of residents that a dwelling's tenure and kind belong to.

    >>> group_of("social", "family"), group_of("social", ""), group_of("cooperative", "")
    ('social_family', 'social', 'cooperative')
    """
    return f"social_{kind}" if tenure == "social" and kind else tenure


def what_if_indicators(
    area_counts: pd.DataFrame,
    group_counts: pd.DataFrame,
    group_dwellings: pd.DataFrame,
    before: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    horizon: int,
    start: int,
    probability_above: float = 0.0,
) -> pd.DataFrame:
    """Each indicator of each area as it would be if the projects were carried out and lived in as such dwellings are.

    Parameters
    ----------
    area_counts : ``area_id, indicator, numerator, denominator`` (unknown taken from the denominator) today.
    group_counts : the same by ``group`` for the whole municipality (`geo_bosoc.balance.what_if.group_of`).
    group_dwellings : ``group, dwellings`` in the whole municipality.
    before : ``area_id, dwellings`` that stand today.
    projects : as `check_projects` gives them; those of `start` to `horizon` - 1 that are likelier than
        `probability_above` count.

    Returns
    -------
    ``area_id, indicator, numerator_now, denominator_now, value_now, numerator_if, denominator_if, value_if, unlike``:
    `unlike` are dwellings of a group that the municipality has none of: they are left empty.

    Notes
    -----
    An area of D dwellings that loses y keeps (D - y) / D of its counts. Each new dwelling of a group adds the group's
    mean numerator and denominator a dwelling. A conversion is both. See `ASSUMPTION`.
    """
    mine = projects[
        projects["year"].between(start, horizon - 1) & (projects["probability"] > probability_above)
    ]
    per_dwelling = group_counts.merge(group_dwellings, on="group")
    per_dwelling = per_dwelling[per_dwelling["dwellings"] > 0]
    rates = {
        (str(row["group"]), str(row["indicator"])): (
            row["numerator"] / row["dwellings"],
            row["denominator"] / row["dwellings"],
        )
        for row in per_dwelling.to_dict("records")
    }
    standing = before.set_index("area_id")["dwellings"].to_dict()
    rows: list[dict[str, Any]] = []
    for row in area_counts.to_dict("records"):
        area, indicator = str(row["area_id"]), str(row["indicator"])
        changes = mine[mine["area_id"] == area]
        lost = int(changes.loc[changes["action"].isin(["demolish", "convert"]), "dwellings"].sum())
        there = int(standing.get(area, 0))
        kept = max(0, there - lost) / there if there else 0.0
        top, base, unlike = row["numerator"] * kept, row["denominator"] * kept, 0
        for group, many in _new(changes):
            if (group, indicator) in rates:
                top += many * rates[(group, indicator)][0]
                base += many * rates[(group, indicator)][1]
            else:
                unlike += many
        rows.append(
            {
                "area_id": area,
                "indicator": indicator,
                "numerator_now": row["numerator"],
                "denominator_now": row["denominator"],
                "value_now": _ratio(row["numerator"], row["denominator"]),
                "numerator_if": top,
                "denominator_if": base,
                "value_if": _ratio(top, base),
                "unlike": unlike,
            }
        )
    return pd.DataFrame(rows)


def _new(changes: pd.DataFrame) -> Sequence[tuple[str, int]]:
    """The groups of the new dwellings and how many there are of each."""
    found: dict[str, int] = {}
    for row in changes.to_dict("records"):
        if row["action"] == "demolish":
            continue
        way = ("to_tenure", "to_kind") if row["action"] == "convert" else ("tenure", "kind")
        group = group_of(*(str(row[name]) for name in way))
        found[group] = found.get(group, 0) + int(row["dwellings"])
    return sorted(found.items())


def _ratio(top: float, base: float) -> float:
    return top / base if base else float("nan")


GROUPS: Final = (*(f"social_{kind}" for kind in ("family", "youth", "elderly", "care")), *TENURES)
"""Every group of residents."""
