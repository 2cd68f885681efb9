"""The balance year by year: what stands, what the projects change, and when the rules are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.dwellings import TENURES
from geo_bosoc.balance.rules import DwellingStock, ShareRule, base_of, share_met
from geo_bosoc.problems import Report

Variant = Literal["decided", "likely", "all"]
VARIANTS: Final[Mapping[Variant, float]] = {"decided": 1.0, "likely": 0.5, "all": 0.0}
"""Which projects go into a variant: those with at least this probability (and more than none)."""
MOST_OUTCOMES: Final = 50_000
"""Outcomes of an area's projects that are told apart for the chance; more are not counted through."""


@dataclass(frozen=True)
class Balance:
    """An area's dwellings at one time: by tenure, the family dwellings between bounds, and what a rule may count."""

    tenures: tuple[int, ...]
    family_low: int
    family_high: int
    demolished: int = 0
    business_m2: int = 0

    @property
    def dwellings(self) -> int:
        return sum(self.tenures)

    @property
    def social(self) -> int:
        return self.tenures[TENURES.index("social")]

    def stock(self, rule: ShareRule) -> DwellingStock:
        """What a rule asks of the area."""
        low, high = (
            (self.social, self.social) if rule.counts == "social" else (self.family_low, self.family_high)
        )
        return DwellingStock(low, high, self.dwellings, self.demolished, self.business_m2)


def scenario(
    stock: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    start: int,
    horizon: int,
    variants: Sequence[Variant] = ("decided", "likely", "all"),
    report: Report | None = None,
) -> pd.DataFrame:
    """The balance of every area on 1 January of each year from `start` to `horizon`.

    Parameters
    ----------
    stock : ``area_id``, one column a tenure (counts), ``family_low, family_high``, and where there are any
        ``demolished`` and ``business_m2``: what stands on 1 January of `start`.
    projects : as `check_projects` gives them. A project of year Y counts from 1 January Y + 1 on; projects before
        `start` are part of the stock already and left out, those after the horizon too.
    variants : decided (probability 1), likely (0.5 and more), all (more than 0).
    report : where it is told that more is demolished or converted than stands.

    Returns
    -------
    ``area_id, year, variant``, the tenures, ``dwellings, social, family_low, family_high, demolished, business_m2``,
    whole numbers.

    Notes
    -----
    Demolished dwellings are kept in `demolished`; new social family dwellings replace them there, one by one. Of
    dwellings whose kind is not known any number may be family dwellings: the bounds widen. Nothing is a forecast.
    """
    own = Report()
    rows: list[dict[str, Any]] = []
    by_area: dict[str, list[dict[str, Any]]] = {}
    for row in projects.to_dict("records"):
        project = {str(key): value for key, value in row.items()}
        by_area.setdefault(str(project["area_id"]), []).append(project)
    for record in stock.sort_values("area_id", kind="stable").to_dict("records"):
        area = str(record["area_id"])
        mine = [project for project in by_area.get(area, ()) if project["year"] >= start]
        for variant in variants:
            now = _balance(record)
            chosen = [project for project in mine if project["probability"] >= max(VARIANTS[variant], 1e-12)]
            for year in range(start, horizon + 1):
                for project in (one for one in chosen if one["year"] == year - 1):
                    now, short = apply_project(now, project)
                    if short and variant == variants[-1]:
                        own.warn(
                            f"project {project['project_id']} takes {short} more dwelling(s) than stand in the area.",
                            count=short,
                            column="dwellings",
                        )
                told: dict[str, Any] = dict(zip([str(name) for name in TENURES], now.tenures, strict=True))
                rows.append({"area_id": area, "year": year, "variant": variant, **told, "dwellings": now.dwellings,
                             "family_low": now.family_low, "family_high": now.family_high,
                             "demolished": now.demolished, "business_m2": now.business_m2})  # fmt: skip
    own.settle(report)
    return pd.DataFrame(rows)


def compliance_probability(
    stock: pd.DataFrame,
    projects: pd.DataFrame,
    rule: ShareRule,
    *,
    start: int,
    year: int,
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """The chance that each area keeps a rule on 1 January of `year`, if projects come or not each for itself.

    Every outcome is counted through, nothing is drawn. An area whose bounds lie on both sides of the limit has a range.

    Returns
    -------
    ``area_id, chance_low, chance_high`` (0-1; missing with more than `MOST_OUTCOMES` outcomes), ``share_expected``
    (the mean share over the outcomes, at the upper bound of the family dwellings).
    """
    rows = []
    for record in stock.sort_values("area_id", kind="stable").to_dict("records"):
        area = str(record["area_id"])
        mine = projects[(projects["area_id"] == area) & projects["year"].between(start, year - 1)]
        outcomes: dict[Balance, float] = {_balance(record): 1.0}
        for project in mine.to_dict("records"):
            chance = float(project["probability"])
            after: dict[Balance, float] = {}
            for state, weight in outcomes.items():
                changed, _ = apply_project(state, {str(k): v for k, v in project.items()})
                for one, part in ((changed, chance), (state, 1 - chance)):
                    if part > 0:
                        after[one] = after.get(one, 0.0) + weight * part
            outcomes = after
            if len(outcomes) > MOST_OUTCOMES:
                break
        if len(outcomes) > MOST_OUTCOMES:
            rows.append((area, float("nan"), float("nan"), float("nan")))
            continue
        low = high = share = 0.0
        for state, weight in outcomes.items():
            one_stock = state.stock(rule)
            met = share_met(one_stock, rule, count_demolished=count_demolished, count_business=count_business)
            low += weight * (met in ("met", "no_dwellings"))
            high += weight * (met != "not_met")
            base = base_of(one_stock, rule, count_demolished=count_demolished, count_business=count_business)
            share += weight * (one_stock.high / base if base else 0.0)
        rows.append((area, low, high, share))
    return pd.DataFrame(rows, columns=["area_id", "chance_low", "chance_high", "share_expected"])


def compliance_year(rule_by_year: pd.DataFrame) -> pd.DataFrame:
    """From which year on the rule is kept to the horizon, by area and variant (missing: not kept at the horizon).

    Parameters
    ----------
    rule_by_year : ``area_id, variant, year, met``.

    Returns
    -------
    ``area_id, variant, kept_from`` (Int64).
    """
    rows = []
    for key, part in rule_by_year.groupby(["area_id", "variant"], sort=False):
        kept_from = None
        for row in part.sort_values("year", ascending=False).itertuples(index=False):
            if row.met != "met":
                break
            kept_from = row.year
        rows.append((*key, kept_from))
    frame = pd.DataFrame(rows, columns=["area_id", "variant", "kept_from"])
    return frame.astype({"kept_from": "Int64"})


def apply_project(now: Balance, project: Mapping[str, Any]) -> tuple[Balance, int]:
    """The balance after a project, and by how many dwellings it asks for more than stand."""
    many, m2 = int(project["dwellings"]), int(project["m2"])
    action = project["action"]
    if action == "build":
        return _built(now, project["tenure"], project["kind"], many, m2), 0
    standing = now.tenures[TENURES.index(project["tenure"])]
    if project["tenure"] == "social" and project["kind"] == "family":
        standing = min(standing, now.family_high)
    taken = min(many, standing)
    after = _taken(now, project["tenure"], project["kind"], taken)
    if action == "demolish":
        after = replace(
            after, demolished=after.demolished + taken, business_m2=max(0, after.business_m2 - m2)
        )
    else:
        kept = after.demolished
        after = replace(_built(after, project["to_tenure"], project["to_kind"], taken, m2), demolished=kept)
    return after, many - taken


def _built(now: Balance, tenure: str, kind: str, dwellings: int, m2: int) -> Balance:
    family = (dwellings, dwellings) if (tenure, kind) == ("social", "family") else (0, 0)
    if tenure == "social" and not kind:
        family = (0, dwellings)
    return Balance(
        _moved(now.tenures, tenure, dwellings),
        now.family_low + family[0],
        now.family_high + family[1],
        max(0, now.demolished - family[0]),
        now.business_m2 + m2,
    )


def _taken(now: Balance, tenure: str, kind: str, dwellings: int) -> Balance:
    tenures = _moved(now.tenures, tenure, -dwellings)
    low, high = now.family_low, now.family_high
    if tenure == "social" and kind in ("family", ""):
        low = max(0, low - dwellings)
        high = high - dwellings if kind == "family" else high
    social = tenures[TENURES.index("social")]
    unknown = tenures[TENURES.index("unknown")]
    high = min(high, max(low, social + unknown))
    return replace(now, tenures=tenures, family_low=min(low, high), family_high=high)


def _moved(tenures: tuple[int, ...], tenure: str, by: int) -> tuple[int, ...]:
    at = TENURES.index(tenure)
    return (*tenures[:at], tenures[at] + by, *tenures[at + 1 :])


def _balance(record: Mapping[Any, Any]) -> Balance:
    def integer(name: str) -> int:
        value = record.get(name)
        return 0 if value is None or pd.isna(value) else int(value)

    return Balance(
        tuple(integer(tenure) for tenure in TENURES),
        integer("family_low"),
        integer("family_high"),
        integer("demolished"),
        integer("business_m2"),
    )
