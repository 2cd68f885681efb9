"""Scenarios: the balance year by year, what stands and what the projects change, and when the rules are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.rule_lists import ShareRule
from geo_bosoc.balance.rules import DwellingStock, denominator_of, share_met
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase

Variant = Literal["decided", "likely", "all"]
VARIANTS: Final[Mapping[Variant, float]] = {"decided": 1.0, "likely": 0.5, "all": 0.0}
"""Which projects go into a variant: those with at least this probability (and more than none)."""
MOST_OUTCOMES: Final = 50_000
"""Distinct outcomes of an area's projects behind the probability; more are not counted through."""


@dataclass(frozen=True)
class Balance:
    """An area's dwellings at a time: by tenure, the family dwellings between bounds, and what a rule may count."""

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

    def stock_for(self, rule: ShareRule) -> DwellingStock:
        """What a rule asks of the area."""
        low, high = (
            (self.social, self.social) if rule.counts == "social" else (self.family_low, self.family_high)
        )
        return DwellingStock(low, high, self.dwellings, self.demolished, self.business_m2)


def scenario(
    dwelling_stock: pd.DataFrame,
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
    dwelling_stock : DataFrame
        ``area_id``, one column a tenure (counts), ``family_low, family_high``, and where there are any ``demolished``
        and ``business_m2``: what stands on 1 January of `start`.
    projects : DataFrame
        As `check_projects` gives them. A project of year Y counts from 1 January Y + 1 on; projects before `start`
        are part of the stock already and left out, those after the horizon too.
    start, horizon : int
        The first and last year.
    variants : sequence of {"decided", "likely", "all"}, optional
        decided (probability 1), likely (0.5 and more), all (more than 0).
    report : Report, optional
        Takes a warning where more is demolished or converted than stands.

    Returns
    -------
    DataFrame
        ``area_id, year, variant``, the tenures, ``dwellings, social, family_low, family_high, demolished,
        business_m2``, whole numbers.

    Notes
    -----
    Demolished dwellings stay in `demolished`; new social family dwellings replace them there, each for another. Of
    dwellings whose kind is not known any number may be family dwellings: the bounds widen. Nothing is a forecast.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import check_projects, scenario
    >>> stock = pd.DataFrame(
    ...     {"area_id": ["U1"], "social": [80], "other": [20], "family_low": [80], "family_high": [80]}
    ... )
    >>> projects = check_projects(
    ...     pd.DataFrame({"area_id": ["U1"], "year": [2025], "tenure": ["owner_occupied"], "dwellings": [50]})
    ... )
    >>> years = scenario(stock, projects, start=2025, horizon=2026, variants=["decided"])
    >>> years[["year", "dwellings", "social", "family_high"]].values.tolist()
    [[2025, 100, 80, 80], [2026, 150, 80, 80]]
    """
    inner_report = Report()
    rows: list[dict[str, Any]] = []
    by_area: dict[str, list[dict[str, Any]]] = {}
    for row in projects.to_dict("records"):
        project = {str(key): value for key, value in row.items()}
        by_area.setdefault(str(project["area_id"]), []).append(project)
    for record in dwelling_stock.sort_values("area_id", kind="stable").to_dict("records"):
        area = str(record["area_id"])
        area_projects = [project for project in by_area.get(area, ()) if project["year"] >= start]
        for variant in variants:
            balance = _balance(record)
            included = [
                project
                for project in area_projects
                if project["probability"] >= max(VARIANTS[variant], 1e-12)
            ]
            for year in range(start, horizon + 1):
                for project in (project for project in included if project["year"] == year - 1):
                    balance, short = apply_project(balance, project)
                    if short and variant == variants[-1]:
                        inner_report.warn(
                            phrase(
                                "project {project} takes {dwellings} more than stand in the area.",
                                project=project["project_id"],
                                dwellings=count_text(int(short), "dwelling"),
                            ),
                            count=short,
                            column="dwellings",
                        )
                tenures: dict[str, Any] = dict(zip(map(str, TENURES), balance.tenures, strict=True))
                rows.append({"area_id": area, "year": year, "variant": variant, **tenures,
                             "dwellings": balance.dwellings, "family_low": balance.family_low,
                             "family_high": balance.family_high, "demolished": balance.demolished,
                             "business_m2": balance.business_m2})  # fmt: skip
    inner_report.hand_over(report)
    return pd.DataFrame(rows)


def compliance_probability(
    dwelling_stock: pd.DataFrame,
    projects: pd.DataFrame,
    rule: ShareRule,
    *,
    start: int,
    year: int,
    count_demolished: bool = True,
    count_business: bool = True,
) -> pd.DataFrame:
    """The probability that each area meets a rule on 1 January of `year`, if projects come or not independently.

    Every outcome is counted through, nothing is simulated. An area whose bounds lie on both sides of the limit has a
    range.

    Parameters
    ----------
    dwelling_stock, projects : DataFrame
        As in `scenario`.
    rule : ShareRule
        See `load_rules`.
    start, year : int
        The year of the stock, and the year asked about.
    count_demolished, count_business : bool, optional
        As in `geo_bosoc.balance.share_rule`.

    Returns
    -------
    DataFrame
        ``area_id, chance_low, chance_high`` (0-1; missing with more than `MOST_OUTCOMES` outcomes), ``share_expected``
        (the mean share over the outcomes, at the upper bound of the family dwellings).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import check_projects, compliance_probability, load_rules
    >>> stock = pd.DataFrame(
    ...     {"area_id": ["U1"], "social": [50], "other": [50], "family_low": [50], "family_high": [50]}
    ... )
    >>> table = pd.DataFrame(
    ...     {"area_id": ["U1"], "year": [2025], "tenure": ["other"], "dwellings": [25], "probability": [0.6]}
    ... )
    >>> rule = load_rules().rule("family-40")
    >>> compliance_probability(stock, check_projects(table), rule, start=2025, year=2026)["chance_high"].tolist()
    [0.6]
    """
    rows = []
    for record in dwelling_stock.sort_values("area_id", kind="stable").to_dict("records"):
        area = str(record["area_id"])
        area_projects = projects[(projects["area_id"] == area) & projects["year"].between(start, year - 1)]
        outcomes: dict[Balance, float] = {_balance(record): 1.0}
        for project in area_projects.to_dict("records"):
            probability = float(project["probability"])
            next_outcomes: dict[Balance, float] = {}
            for balance, weight in outcomes.items():
                changed, _ = apply_project(balance, {str(k): v for k, v in project.items()})
                for outcome, chance in ((changed, probability), (balance, 1 - probability)):
                    if chance > 0:
                        next_outcomes[outcome] = next_outcomes.get(outcome, 0.0) + weight * chance
            outcomes = next_outcomes
            if len(outcomes) > MOST_OUTCOMES:
                break
        if len(outcomes) > MOST_OUTCOMES:
            rows.append((area, float("nan"), float("nan"), float("nan")))
            continue
        low = high = share = 0.0
        for balance, weight in outcomes.items():
            area_stock = balance.stock_for(rule)
            met = share_met(
                area_stock, rule, count_demolished=count_demolished, count_business=count_business
            )
            low += weight * (met in ("met", "no_dwellings"))
            high += weight * (met != "not_met")
            denominator = denominator_of(
                area_stock, rule, count_demolished=count_demolished, count_business=count_business
            )
            share += weight * (area_stock.high / denominator if denominator else 0.0)
        rows.append((area, low, high, share))
    return pd.DataFrame(rows, columns=["area_id", "chance_low", "chance_high", "share_expected"])


def compliance_year(rule_by_year: pd.DataFrame) -> pd.DataFrame:
    """From which year on the rule is met to the horizon, by area and variant (missing: not met at the horizon).

    Parameters
    ----------
    rule_by_year : DataFrame
        ``area_id, variant, year, met``.

    Returns
    -------
    DataFrame
        ``area_id, variant, kept_from`` (Int64).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import compliance_year
    >>> rule = pd.DataFrame(
    ...     {"area_id": "U1", "variant": "all", "year": [2025, 2026, 2027], "met": ["not_met", "met", "met"]}
    ... )
    >>> compliance_year(rule)["kept_from"].tolist()
    [2026]
    """
    rows = []
    for key, rows_of_area in rule_by_year.groupby(["area_id", "variant"], sort=False):
        first_year = None
        for row in rows_of_area.sort_values("year", ascending=False).itertuples(index=False):
            if row.met != "met":
                break
            first_year = row.year
        rows.append((*key, first_year))
    frame = pd.DataFrame(rows, columns=["area_id", "variant", "kept_from"])
    return frame.astype({"kept_from": "Int64"})


def apply_project(balance: Balance, project: Mapping[str, Any]) -> tuple[Balance, int]:
    """The balance after a project, and by how many dwellings it asks for more than stand."""
    dwellings, m2 = int(project["dwellings"]), int(project["m2"])
    action = project["action"]
    if action == "build":
        return _built(balance, project["tenure"], project["kind"], dwellings, m2), 0
    standing = balance.tenures[TENURES.index(project["tenure"])]
    if project["tenure"] == "social" and project["kind"] == "family":
        standing = min(standing, balance.family_high)
    removed = min(dwellings, standing)
    after = _removed(balance, project["tenure"], project["kind"], removed)
    if action == "demolish":
        after = replace(
            after, demolished=after.demolished + removed, business_m2=max(0, after.business_m2 - m2)
        )
    else:
        converted = _built(after, project["to_tenure"], project["to_kind"], removed, m2)
        after = replace(converted, demolished=after.demolished)
    return after, dwellings - removed


def _built(balance: Balance, tenure: str, kind: str, dwellings: int, m2: int) -> Balance:
    family = (dwellings, dwellings) if (tenure, kind) == ("social", "family") else (0, 0)
    if tenure == "social" and not kind:
        family = (0, dwellings)
    return Balance(
        _changed(balance.tenures, tenure, dwellings),
        balance.family_low + family[0],
        balance.family_high + family[1],
        max(0, balance.demolished - family[0]),
        balance.business_m2 + m2,
    )


def _removed(balance: Balance, tenure: str, kind: str, dwellings: int) -> Balance:
    tenures = _changed(balance.tenures, tenure, -dwellings)
    low, high = balance.family_low, balance.family_high
    if tenure == "social" and kind in ("family", ""):
        low = max(0, low - dwellings)
        high = high - dwellings if kind == "family" else high
    social = tenures[TENURES.index("social")]
    unknown = tenures[TENURES.index("unknown")]
    high = min(high, max(low, social + unknown))
    return replace(balance, tenures=tenures, family_low=min(low, high), family_high=high)


def _changed(tenures: tuple[int, ...], tenure: str, change: int) -> tuple[int, ...]:
    position = TENURES.index(tenure)
    return (*tenures[:position], tenures[position] + change, *tenures[position + 1 :])


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
