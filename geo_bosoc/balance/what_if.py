"""What if: the minimum change that would meet a rule, and the indicators if the projects were lived in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.rule_lists import ShareRule
from geo_bosoc.balance.rules import DwellingStock, denominator_of, stock_of, within_limit

Way = Literal["build_other", "demolish", "demolish_not_counted", "convert", "business_m2"]
WAYS: Final[tuple[Way, ...]] = ("build_other", "demolish", "demolish_not_counted", "convert", "business_m2")


def number_after(
    number: int, denominator: int, way: Way, amount: int, *, m2_per_dwelling: int = 75, remainder_m2: int = 0
) -> tuple[int, int]:
    """The limited dwellings and the denominator after `amount` dwellings (or m2) in a way.

    Parameters
    ----------
    number, denominator : int
        A and the rule's denominator before.
    way : {"build_other", "demolish", "demolish_not_counted", "convert", "business_m2"}
        ``build_other`` builds dwellings that the rule does not limit; ``demolish`` takes limited ones down and counts
        them in the denominator still; ``demolish_not_counted`` does not; ``convert`` makes them dwellings that the rule
        does not limit (sale, or another kind of social dwelling); ``business_m2`` builds floor space.
    amount : int
        Dwellings, or square metres.
    m2_per_dwelling : int, optional
        Floor space that counts as a dwelling.
    remainder_m2 : int, optional
        Floor space above the last whole dwelling.

    Returns
    -------
    tuple of int
        Both after the change.
    """
    if way == "build_other":
        return number, denominator + amount
    if way == "business_m2":
        return number, denominator + (
            remainder_m2 + amount
        ) // m2_per_dwelling if m2_per_dwelling else denominator
    removed = min(amount, number)
    return number - removed, denominator - removed if way == "demolish_not_counted" else denominator


def minimum_change(
    dwelling_stock: DwellingStock,
    rule: ShareRule,
    *,
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """The fewest dwellings (or m2) by each way alone that meet the rule.

    Parameters
    ----------
    dwelling_stock : DwellingStock
        The area; where its limited dwellings lie between bounds, both ends are solved.
    rule : ShareRule
        See `load_rules`.
    count_demolished, count_business : bool, optional
        As in `geo_bosoc.balance.share_rule`. Without `count_demolished` the way ``demolish`` is left out, without
        `count_business` the way ``business_m2``.

    Returns
    -------
    DataFrame
        ``way, unit, number_low, number_high``: whole numbers, 0 where the rule is met already.

    Notes
    -----
    Each way makes the share fall, so the least number is found by bisection on the exact comparison; that a dwelling
    fewer does not meet the rule is tested by counting up. With a limit of 40 % and x dwellings short of the
    denominator that A would need, 0.4 x may be demolished instead, or 2/3 x if the demolished may not be counted
    (180, 72 and 120).

    Examples
    --------
    >>> from geo_bosoc.balance import DwellingStock, load_rules, minimum_change
    >>> change = minimum_change(DwellingStock(472, 472, 1000), load_rules().rule("family-40"))
    >>> change[["way", "unit", "number_high"]].values.tolist()[:2]
    [['build_other', 'dwellings', 180], ['demolish', 'dwellings', 72]]
    """
    denominator = denominator_of(
        dwelling_stock, rule, count_demolished=count_demolished, count_business=count_business
    )
    remainder_m2 = dwelling_stock.business_m2 % rule.m2_per_dwelling if rule.m2_per_dwelling else 0
    rows = []
    for way in WAYS:
        if (way == "demolish" and (not count_demolished or rule.demolished_since is None)) or (
            way == "business_m2" and (not count_business or not rule.m2_per_dwelling)
        ):
            continue
        numbers = [
            _least(partial(_meets, rule, number, denominator, way, remainder_m2))
            for number in (dwelling_stock.low, dwelling_stock.high)
        ]
        rows.append((way, "m2" if way == "business_m2" else "dwellings", *numbers))
    return pd.DataFrame(rows, columns=["way", "unit", "number_low", "number_high"])


TODAY: Final = "today"
"""The variant of the first year, which no project has changed yet."""


def minimum_changes(
    years: pd.DataFrame,
    rule: ShareRule,
    *,
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """The fewest dwellings that meet a rule, of each area: in the first year, and in the last one by variant.

    Parameters
    ----------
    years : DataFrame
        As `geo_bosoc.balance.scenario` gives it.
    rule : ShareRule
        See `load_rules`.
    count_demolished, count_business : bool, optional
        As in `minimum_change`.

    Returns
    -------
    DataFrame
        ``area_id, year, variant, way, unit, number_low, number_high``: what would be needed beyond what stands today
        (`variant` is ``today``), and beyond the projects of a variant by the last year.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import check_projects, load_rules, minimum_changes, scenario
    >>> stock = pd.DataFrame(
    ...     {"area_id": ["U1"], "social": [472], "other": [528], "family_low": [472], "family_high": [472]}
    ... )
    >>> projects = check_projects(
    ...     pd.DataFrame({"area_id": ["U1"], "year": [2027], "tenure": ["owner_occupied"], "dwellings": [150]})
    ... )
    >>> years = scenario(stock, projects, start=2026, horizon=2030, variants=["decided"])
    >>> fewest = minimum_changes(years, load_rules().rule("family-40"))
    >>> fewest.loc[fewest["way"] == "build_other", ["year", "variant", "number_high"]].values.tolist()
    [[2026, 'today', 180], [2030, 'decided', 30]]
    """
    names = ["area_id", "year", "variant", "way", "unit", "number_low", "number_high"]
    if years.empty:
        return pd.DataFrame(columns=names)
    first, last = int(years["year"].min()), int(years["year"].max())
    today = years[years["year"] == first].drop_duplicates("area_id").assign(variant=TODAY)
    horizon = years[years["year"] == last] if last > first else years.iloc[:0]
    rows = pd.concat([today, horizon], ignore_index=True).sort_values("area_id", kind="stable")
    parts = [
        minimum_change(
            stock_of({str(key): value for key, value in row.items()}, rule),
            rule,
            count_demolished=count_demolished,
            count_business=count_business,
        ).assign(area_id=row["area_id"], year=row["year"], variant=row["variant"])
        for row in rows.to_dict("records")
    ]
    return pd.concat(parts, ignore_index=True)[names]


def combined_change(
    dwelling_stock: DwellingStock,
    rule: ShareRule,
    *,
    most_built: int,
    most_removed: int,
    way: Literal["demolish", "demolish_not_counted", "convert"] = "convert",
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """Building and removing combined, within what is possible: every pair that just meets the rule.

    Parameters
    ----------
    dwelling_stock : DwellingStock
        Its upper bound is solved.
    rule : ShareRule
        See `load_rules`.
    most_built, most_removed : int
        How many dwellings can be built (of others), and demolished or converted.
    way : {"demolish", "demolish_not_counted", "convert"}, optional
        How they are removed.
    count_demolished, count_business : bool, optional
        As in `geo_bosoc.balance.share_rule`.

    Returns
    -------
    DataFrame
        ``taken, built, together``, one row for each number removed for which building can do the rest, `built` the
        fewest; sorted by `together` and then by `taken`. Empty where nothing within the limits meets the rule.

    Examples
    --------
    >>> from geo_bosoc.balance import DwellingStock, combined_change, load_rules
    >>> stock = DwellingStock(42, 42, 100)
    >>> combined_change(stock, load_rules().rule("family-40"), most_built=5, most_removed=2).values.tolist()
    [[2, 0, 2], [1, 3, 4], [0, 5, 5]]
    """
    denominator = denominator_of(
        dwelling_stock, rule, count_demolished=count_demolished, count_business=count_business
    )
    rows = []
    for removed in range(min(most_removed, dwelling_stock.high) + 1):
        number, denominator_after = number_after(dwelling_stock.high, denominator, way, removed)
        built = _least(partial(_meets, rule, number, denominator_after, "build_other", 0))
        if built <= most_built:
            rows.append((removed, built, removed + built))
        if not built:
            break
    frame = pd.DataFrame(rows, columns=["taken", "built", "together"])
    return frame.sort_values(["together", "taken"], kind="stable").reset_index(drop=True)


def _meets(
    rule: ShareRule, number: int, denominator: int, way: Way, remainder_m2: int, amount: int
) -> bool:  # fmt: skip
    """Whether the rule is met after `amount` dwellings (or m2) in a way."""
    after = number_after(
        number, denominator, way, amount, m2_per_dwelling=rule.m2_per_dwelling, remainder_m2=remainder_m2
    )
    return within_limit(*after, rule)


def _least(enough: Callable[[int], bool]) -> int:
    """The least number that is enough; any greater number is enough too."""
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
    """Each indicator of each area if the projects were carried out and lived in as such dwellings are today.

    Parameters
    ----------
    area_counts : DataFrame
        ``area_id, indicator, numerator, denominator`` (unknown taken from the denominator) today.
    group_counts : DataFrame
        The same by ``group`` for the whole municipality (`geo_bosoc.balance.what_if.group_of`).
    group_dwellings : DataFrame
        ``group, dwellings`` in the whole municipality.
    before : DataFrame
        ``area_id, dwellings`` that stand today.
    projects : DataFrame
        As `check_projects` gives them; those from `start` to the year before `horizon` that are likelier than
        `probability_above` count.
    horizon, start : int
        Years: 1 January of each.
    probability_above : float, optional
        From 0 to 1.

    Returns
    -------
    DataFrame
        ``area_id, indicator, numerator_now, denominator_now, value_now, numerator_if, denominator_if, value_if,
        unlike``: `unlike` are dwellings of a group that the municipality has none of: they are left empty.

    Notes
    -----
    An area of D dwellings that loses y keeps (D - y) / D of its counts. Each new dwelling of a group adds the group's
    mean numerator and denominator a dwelling. A conversion is both. See `what_if_assumption` in the catalogue.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import check_projects, what_if_indicators
    >>> count = {"indicator": ["low_income"], "numerator": [30], "denominator": [100]}
    >>> projects = check_projects(
    ...     pd.DataFrame({"area_id": ["U1"], "year": [2026], "tenure": ["owner_occupied"], "dwellings": [50]})
    ... )
    >>> table = what_if_indicators(
    ...     pd.DataFrame({"area_id": ["U1"], **count}),
    ...     pd.DataFrame({"group": ["owner_occupied"], **count, "numerator": [50], "denominator": [1000]}),
    ...     pd.DataFrame({"group": ["owner_occupied"], "dwellings": [500]}),
    ...     pd.DataFrame({"area_id": ["U1"], "dwellings": [60]}),
    ...     projects, start=2026, horizon=2030,
    ... )
    >>> table[["value_now", "numerator_if", "denominator_if", "value_if"]].values.tolist()
    [[0.3, 35.0, 200.0, 0.175]]
    """
    planned = projects[
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
    dwellings_by_area = before.set_index("area_id")["dwellings"].to_dict()
    rows: list[dict[str, Any]] = []
    for row in area_counts.to_dict("records"):
        area, indicator = str(row["area_id"]), str(row["indicator"])
        changes = planned[planned["area_id"] == area]
        removed = int(changes.loc[changes["action"].isin(["demolish", "convert"]), "dwellings"].sum())
        standing = int(dwellings_by_area.get(area, 0))
        remaining_share = max(0, standing - removed) / standing if standing else 0.0
        without_rate = 0
        numerator, denominator = row["numerator"] * remaining_share, row["denominator"] * remaining_share
        for group, new_dwellings in _new_dwellings(changes):
            if (group, indicator) in rates:
                numerator += new_dwellings * rates[(group, indicator)][0]
                denominator += new_dwellings * rates[(group, indicator)][1]
            else:
                without_rate += new_dwellings
        rows.append(
            {
                "area_id": area,
                "indicator": indicator,
                "numerator_now": row["numerator"],
                "denominator_now": row["denominator"],
                "value_now": _ratio(row["numerator"], row["denominator"]),
                "numerator_if": numerator,
                "denominator_if": denominator,
                "value_if": _ratio(numerator, denominator),
                "unlike": without_rate,
            }
        )
    return pd.DataFrame(rows)


def _new_dwellings(changes: pd.DataFrame) -> Sequence[tuple[str, int]]:
    """The groups of the new dwellings and how many there are of each."""
    dwellings_by_group: dict[str, int] = {}
    for row in changes.to_dict("records"):
        if row["action"] == "demolish":
            continue
        columns = ("to_tenure", "to_kind") if row["action"] == "convert" else ("tenure", "kind")
        group = group_of(*(str(row[name]) for name in columns))
        dwellings_by_group[group] = dwellings_by_group.get(group, 0) + int(row["dwellings"])
    return sorted(dwellings_by_group.items())


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")


GROUPS: Final = (*(f"social_{kind}" for kind in ("family", "youth", "elderly", "care")), *TENURES)
"""Every group of residents."""
