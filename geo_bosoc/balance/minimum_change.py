"""The fewest dwellings that would keep a rule: built, demolished, converted, or floor space; and two ways together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import pandas as pd

from geo_bosoc.balance.rule_lists import ShareRule
from geo_bosoc.balance.rules import Stock, base_of, keeps

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


def fewest(
    stock: Stock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
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


def fewest_together(
    stock: Stock,
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
        built = _least(lambda x, number=number, left=left: keeps(number, left + x, rule))  # type: ignore[misc]
        if built <= most_built:
            rows.append((many, built, many + built))
        if not built:
            break
    frame = pd.DataFrame(rows, columns=["taken", "built", "together"])
    return frame.sort_values(["together", "taken"], kind="stable").reset_index(drop=True)


def _test(
    number: int, stock: Stock, rule: ShareRule, way: Way, *, count_demolished: bool, count_business: bool
) -> Callable[[int], bool]:
    base = base_of(stock, rule, count_demolished=count_demolished, count_business=count_business)
    spare = stock.business_m2 % rule.m2_per_dwelling if rule.m2_per_dwelling else 0

    def enough(amount: int) -> bool:
        return keeps(
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
