"""The rules of balance: limits on shares, compared exactly, undetermined between bounds; dispensations and bans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.rule_lists import RuleLists, ShareRule, load_rules
from geo_bosoc.models.criteria import exact

Met = Literal["met", "not_met", "undetermined", "no_dwellings"]
DISPENSATION_SHARE_PCT: Final = 12
DISPENSATION_RESIDENTS: Final = 2100


@dataclass(frozen=True)
class DwellingStock:
    """What a share rule asks of an area.

    Attributes
    ----------
    low, high : int
        The dwellings that the rule limits (A), between bounds; the same where they are known.
    dwellings : int
        All dwellings that stand (D).
    demolished : int
        Dwellings demolished and not replaced by other social family dwellings (N).
    business_m2 : int
        Business floor space in square metres (B).

    Examples
    --------
    >>> from geo_bosoc.balance import DwellingStock
    >>> DwellingStock(400, 420, 1000)
    DwellingStock(low=400, high=420, dwellings=1000, demolished=0, business_m2=0)
    """

    low: int
    high: int
    dwellings: int
    demolished: int = 0
    business_m2: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= self.dwellings:
            raise ValueError("0 <= low <= high <= dwellings does not hold")
        if self.demolished < 0 or self.business_m2 < 0:
            raise ValueError("demolished dwellings and floor space are 0 or more")


def denominator_of(
    dwelling_stock: DwellingStock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> int:  # fmt: skip
    """The rule's denominator, D + N + floor(B / 75) with the rule's own square metres; N and B by option."""
    denominator = dwelling_stock.dwellings
    if count_demolished and rule.demolished_since is not None:
        denominator += dwelling_stock.demolished
    if count_business and rule.m2_per_dwelling:
        denominator += dwelling_stock.business_m2 // rule.m2_per_dwelling
    return denominator


def within_limit(number: int, denominator: int, rule: ShareRule) -> bool:
    """Whether 100 number <= limit denominator, compared as whole numbers."""
    return 100 * number <= exact(rule.limit_pct) * denominator


def share_met(
    dwelling_stock: DwellingStock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> Met:  # fmt: skip
    """Whether the share is at most the limit: undetermined where the bounds lie on either side of it.

    Parameters
    ----------
    dwelling_stock : DwellingStock
        The area.
    rule : ShareRule
        See `load_rules`.
    count_demolished, count_business : bool, optional
        Whether demolished dwellings and floor space go into the denominator.

    Returns
    -------
    {"met", "not_met", "undetermined", "no_dwellings"}

    Examples
    --------
    >>> from geo_bosoc.balance import DwellingStock, load_rules, share_met
    >>> rule = load_rules().rule("family-40")
    >>> [share_met(DwellingStock(low, high, 100), rule) for low, high in ((40, 40), (41, 41), (0, 90))]
    ['met', 'not_met', 'undetermined']
    """
    denominator = denominator_of(
        dwelling_stock, rule, count_demolished=count_demolished, count_business=count_business
    )
    if not denominator:
        return "no_dwellings"
    low_met, high_met = (
        within_limit(dwelling_stock.low, denominator, rule),
        within_limit(dwelling_stock.high, denominator, rule),
    )
    return "met" if high_met else "undetermined" if low_met else "not_met"


def share_rule(
    areas: pd.DataFrame, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> pd.DataFrame:
    """A share rule on every area.

    Parameters
    ----------
    areas : DataFrame
        ``area_id`` (and ``period``), ``dwellings`` and the limited dwellings as ``low`` and ``high`` (for ``counts =
        "family"`` also called ``family_low, family_high``); ``demolished`` and ``business_m2`` where there are any
        (missing = 0).
    rule : ShareRule
        See `load_rules`.
    count_demolished, count_business : bool, optional
        Whether demolished dwellings and floor space go into the denominator.

    Returns
    -------
    DataFrame
        ``area_id, period, rule, low, high, dwellings, demolished, business_m2, base, share_low, share_high`` (0-1),
        ``limit_pct, met, too_many_low, too_many_high`` (how many of the limited dwellings are above the limit, the
        denominator as it is).

    Notes
    -----
    Almenboligloven § 168 a; see the rule's own source and assumption.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import load_rules, share_rule
    >>> areas = pd.DataFrame({"area_id": ["U1"], "dwellings": [1000], "low": [450], "high": [450], "demolished": [50]})
    >>> share_rule(areas, load_rules().rule("family-40"))[["base", "share_low", "met", "too_many_low"]].values.tolist()
    [[1050, 0.42857142857142855, 'not_met', 30]]
    """
    rows: list[dict[str, Any]] = []
    for row in areas.to_dict("records"):
        dwelling_stock = stock_of({str(key): value for key, value in row.items()}, rule)
        denominator = denominator_of(
            dwelling_stock, rule, count_demolished=count_demolished, count_business=count_business
        )
        largest = int(exact(rule.limit_pct) * denominator / 100)
        met = share_met(
            dwelling_stock, rule, count_demolished=count_demolished, count_business=count_business
        )
        rows.append({
            "area_id": row["area_id"], "period": row.get("period", "all"), "rule": rule.id, **asdict(dwelling_stock),
            "base": denominator, "share_low": dwelling_stock.low / denominator if denominator else float("nan"),
            "share_high": dwelling_stock.high / denominator if denominator else float("nan"),
            "limit_pct": rule.limit_pct, "met": met, "too_many_low": max(0, dwelling_stock.low - largest),
            "too_many_high": max(0, dwelling_stock.high - largest),
        })  # fmt: skip
    return pd.DataFrame(rows)


def stock_of(row: Mapping[str, Any], rule: ShareRule) -> DwellingStock:
    """A row's dwelling stock for a rule."""

    def integer(*names: str) -> int:
        value = next((row[name] for name in names if name in row), None)
        return 0 if value is None or pd.isna(value) else int(value)

    limited = ("social",) if rule.counts == "social" else ()
    return DwellingStock(
        low=integer("low", *limited, "family_low"),
        high=integer("high", *limited, "family_high"),
        dwellings=integer("dwellings"),
        demolished=integer("demolished"),
        business_m2=integer("business_m2"),
    )


def demandable_dwellings(dwellings: int, rule: ShareRule) -> int:
    """Of so many dwellings in a new plan, how many the rule lets a municipality demand as social.

    Parameters
    ----------
    dwellings : int
        In the plan.
    rule : ShareRule
        See `load_rules`.

    Returns
    -------
    int

    Examples
    --------
    >>> from geo_bosoc.balance import demandable_dwellings, load_rules
    >>> demandable_dwellings(130, load_rules().rule("planloven-25"))
    32
    """
    return int(exact(rule.limit_pct) * dwellings / 100)


def dispensation(
    family: tuple[int, int],
    municipality_family: tuple[int, int],
    *,
    new_building_suffices: bool | None = None,
    sale_at_a_loss: bool | None = None,
    residents: int | None = None,
    conviction_met: bool | None = None,
) -> tuple[Met, tuple[str, ...]]:
    """Whether the facts for a dispensation from the 40 % rule are there, and which of them are not known.

    Either the area's family dwellings are over 12 % of the municipality's, new building does not suffice and a sale
    would be at a loss; or the area has under 2,100 residents and does not meet the criterion of convictions. Whether
    a dispensation is given is the Ministry's to say: these are the facts only.

    Parameters
    ----------
    family, municipality_family : tuple of int
        Bounds (low, high) of the social family dwellings.
    new_building_suffices, sale_at_a_loss : bool, optional
        None where it is not known.
    residents : int, optional
        None where they are not known.
    conviction_met : bool, optional
        None where it is not known.

    Returns
    -------
    met : {"met", "not_met", "undetermined"}
    missing : tuple of str
        The names of the missing facts that could settle it.

    Examples
    --------
    >>> from geo_bosoc.balance import dispensation
    >>> dispensation((100, 100), (1000, 1000), residents=1800)
    ('undetermined', ('conviction_met',))
    """
    low_above = 100 * family[0] > DISPENSATION_SHARE_PCT * municipality_family[1]
    high_above = 100 * family[1] > DISPENSATION_SHARE_PCT * municipality_family[0]
    above_share = True if low_above else None if high_above else False
    by_size = {
        "family_share_of_municipality": above_share,
        "new_building_suffices": None if new_building_suffices is None else not new_building_suffices,
        "sale_at_a_loss": sale_at_a_loss,
    }
    by_residents = {
        "residents": None if residents is None else residents < DISPENSATION_RESIDENTS,
        "conviction_met": None if conviction_met is None else not conviction_met,
    }
    outcomes = [_all_hold(by_size), _all_hold(by_residents)]
    if True in outcomes:
        return "met", ()
    if None not in outcomes:
        return "not_met", ()
    facts = {
        **(by_size if outcomes[0] is None else {}),
        **(by_residents if outcomes[1] is None else {}),
    }
    return "undetermined", tuple(name for name, value in facts.items() if value is None)


def _all_hold(facts: Mapping[str, bool | None]) -> bool | None:
    values = list(facts.values())
    return False if False in values else None if None in values else True


def assignment_bans(categories: pd.DataFrame, rules: RuleLists | None = None) -> pd.DataFrame:
    """Which areas the law closes to assignment, by their category of the year.

    Parameters
    ----------
    categories : DataFrame
        ``area_id, category`` of a national model; ``undetermined`` is returned as such.
    rules : RuleLists, optional
        By default the rules that are shipped.

    Returns
    -------
    DataFrame
        ``area_id, ban, status``: one row an area and ban that holds (``banned``) or may hold (``undetermined``).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import assignment_bans
    >>> assignment_bans(pd.DataFrame({"area_id": ["U1", "U2"], "category": ["prevention", "none"]})).values.tolist()
    [['U1', '59-7', 'banned']]
    """
    lists = rules if rules is not None else load_rules()
    rows = []
    for area, category in zip(categories["area_id"], categories["category"], strict=True):
        for ban in lists.ban:
            if category in ban.categories:
                rows.append((area, ban.id, "banned"))
            elif category == "undetermined":
                rows.append((area, ban.id, "undetermined"))
    return pd.DataFrame(rows, columns=["area_id", "ban", "status"])
