"""The rules of balance: limits on shares, compared exactly, undetermined between bounds; dispensations and bans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import pandas as pd
from pydantic import Field

from geo_bosoc.balance.allocation import Ladder, Status, _Part
from geo_bosoc.models.spec import exact
from geo_bosoc.problems import InputError, Problem, load_spec


class ShareRule(_Part):
    """The most that a kind of dwelling may be of all dwellings.

    `m2_per_dwelling`: so much business floor space counts as one dwelling (0: none counts); `demolished_since`: the
    year after which demolished dwellings may be counted (missing: none may). `check_*` is told wherever the rule is
    shown.
    """

    id: str
    label_da: str
    label_en: str
    limit_pct: float = Field(gt=0, lt=100)
    counts: Literal["family", "social"]
    deadline: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    m2_per_dwelling: int = Field(default=0, ge=0)
    demolished_since: int | None = None
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    status: Status
    source: str
    assumption_da: str = ""
    assumption_en: str = ""
    check_da: str = ""
    check_en: str = ""


class Ban(_Part):
    """A legal ban on assigning households to areas of some categories."""

    id: str
    label_da: str
    label_en: str
    categories: tuple[str, ...] = Field(min_length=1)
    status: Status


class RuleLists(_Part):
    """A dated file of rules."""

    version: str
    share: tuple[ShareRule, ...] = ()
    ban: tuple[Ban, ...] = ()
    ladder: tuple[Ladder, ...] = ()

    def rule(self, name: str) -> ShareRule:
        """The share rule of this id."""
        return _by_id(self.share, name, "share rule")

    def ladder_of(self, name: str) -> Ladder:
        """The ladder of this id."""
        return _by_id(self.ladder, name, "ladder")


Line = TypeVar("Line", ShareRule, Ladder)


def _by_id(lines: tuple[Line, ...], name: str, what: str) -> Line:
    found = next((line for line in lines if line.id == name), None)
    if found is None:
        known = ", ".join(line.id for line in lines)
        raise InputError([Problem("error", f'there is no {what} "{name}".', hint=f"There are: {known}.")])
    return found


def load_rules(source: str | Path = "rules") -> RuleLists:
    """The rules that are shipped (``"rules"``), or a TOML file of the same shape.

    Raises
    ------
    InputError
        There is no such file, it is no TOML, or something in it is wrong (all of it is listed).
    """
    shipped = files("geo_bosoc.balance") / "lists" / "rules.toml"
    return load_spec(RuleLists, shipped if source == "rules" else Path(source))


Met = Literal["met", "not_met", "undetermined", "no_dwellings"]
DISPENSATION_SHARE_PCT: Final = 12
DISPENSATION_RESIDENTS: Final = 2100


@dataclass(frozen=True)
class DwellingStock:
    """What a share rule asks of an area.

    Attributes
    ----------
    low, high : the dwellings that the rule limits (A), between bounds; the same where they are known.
    dwellings : all dwellings that stand (D).
    demolished : dwellings demolished and not replaced by other social family dwellings (N).
    business_m2 : business floor space (B).
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

    def moved(self, **changes: int) -> DwellingStock:
        """The stock with other numbers."""
        return replace(self, **changes)


def base_of(
    stock: DwellingStock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> int:
    """The rule's base, D + N + floor(B / 75) with the rule's own square metres; N and B by option."""
    base = stock.dwellings
    if count_demolished and rule.demolished_since is not None:
        base += stock.demolished
    if count_business and rule.m2_per_dwelling:
        base += stock.business_m2 // rule.m2_per_dwelling
    return base


def within_limit(number: int, base: int, rule: ShareRule) -> bool:
    """Whether 100 number <= limit base, compared as whole numbers."""
    return 100 * number <= exact(rule.limit_pct) * base


def share_met(
    stock: DwellingStock, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> Met:
    """Whether the share is at most the limit: undetermined where the bounds lie on either side of it.

    >>> rule = load_rules().rule("family-40")
    >>> [share_met(DwellingStock(low, high, 100), rule) for low, high in ((40, 40), (41, 41), (0, 90))]
    ['met', 'not_met', 'undetermined']
    """
    base = base_of(stock, rule, count_demolished=count_demolished, count_business=count_business)
    if not base:
        return "no_dwellings"
    best, worst = within_limit(stock.low, base, rule), within_limit(stock.high, base, rule)
    return "met" if worst else "undetermined" if best else "not_met"


def share_rule(
    areas: pd.DataFrame, rule: ShareRule, *, count_demolished: bool = True, count_business: bool = True
) -> pd.DataFrame:
    """A share rule on every area.

    Parameters
    ----------
    areas : ``area_id`` (and ``period``), ``dwellings`` and the limited dwellings as ``low`` and ``high`` (for
        ``counts = "family"`` also called ``family_low, family_high``); ``demolished`` and ``business_m2`` where there
        are any (missing = 0).
    rule : see `load_rules`.
    count_demolished, count_business : whether demolished dwellings and floor space go into the base.

    Returns
    -------
    ``area_id, period, rule, low, high, dwellings, demolished, business_m2, base, share_low, share_high`` (0-1),
    ``limit_pct, met, too_many_low, too_many_high`` (how many of the limited dwellings are above the limit, the base as
    it is).

    Source: almenboligloven § 168 a; see the rule's own source and assumption.
    """
    rows: list[dict[str, Any]] = []
    for row in areas.to_dict("records"):
        stock = stock_of({str(key): value for key, value in row.items()}, rule)
        base = base_of(stock, rule, count_demolished=count_demolished, count_business=count_business)
        most = int(exact(rule.limit_pct) * base / 100)
        rows.append(
            {
                "area_id": row["area_id"],
                "period": row.get("period", "all"),
                "rule": rule.id,
                "low": stock.low,
                "high": stock.high,
                "dwellings": stock.dwellings,
                "demolished": stock.demolished,
                "business_m2": stock.business_m2,
                "base": base,
                "share_low": stock.low / base if base else float("nan"),
                "share_high": stock.high / base if base else float("nan"),
                "limit_pct": rule.limit_pct,
                "met": share_met(
                    stock, rule, count_demolished=count_demolished, count_business=count_business
                ),
                "too_many_low": max(0, stock.low - most),
                "too_many_high": max(0, stock.high - most),
            }
        )
    return pd.DataFrame(rows)


def stock_of(row: Mapping[str, Any], rule: ShareRule) -> DwellingStock:
    """A row's stock for a rule."""

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
    one is given is the Ministry's to say: this tells the facts only.

    Parameters
    ----------
    family, municipality_family : bounds (low, high) of the social family dwellings.
    new_building_suffices, sale_at_a_loss, residents, conviction_met : None where they are not known.

    Returns
    -------
    ``met``, ``not_met`` or ``undetermined``, and the names of the missing facts that could settle it.
    """
    least = 100 * family[0] > DISPENSATION_SHARE_PCT * municipality_family[1]
    most = 100 * family[1] > DISPENSATION_SHARE_PCT * municipality_family[0]
    large = True if least else None if most else False
    first = {
        "family_share_of_municipality": large,
        "new_building_suffices": None if new_building_suffices is None else not new_building_suffices,
        "sale_at_a_loss": sale_at_a_loss,
    }
    second = {
        "residents": None if residents is None else residents < DISPENSATION_RESIDENTS,
        "conviction_met": None if conviction_met is None else not conviction_met,
    }
    ways = [_all(first), _all(second)]
    if True in ways:
        return "met", ()
    if None not in ways:
        return "not_met", ()
    missing = [
        name
        for way, facts in zip(ways, (first, second), strict=True)
        if way is None
        for name, value in facts.items()
        if value is None
    ]
    return "undetermined", tuple(missing)


def _all(facts: Mapping[str, bool | None]) -> bool | None:
    values = list(facts.values())
    return False if False in values else None if None in values else True


def assignment_bans(categories: pd.DataFrame, rules: RuleLists | None = None) -> pd.DataFrame:
    """Which areas the law closes to assignment, by their category of the year.

    Parameters
    ----------
    categories : ``area_id, category`` of a national model; ``undetermined`` is told as such.

    Returns
    -------
    ``area_id, ban, status``: one row an area and ban that holds (``banned``) or may hold (``undetermined``).
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
