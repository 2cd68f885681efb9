"""The sheets of assignment, as they may be shown: supply and need by year, and the load of each estate."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.placing.load import estate_load
from geo_bosoc.bottom_up.placing.small_counts import ShownCounts
from geo_bosoc.bottom_up.placing.supply import SUPPLY_COLUMNS, need_by_year, with_use
from geo_bosoc.bottom_up.placing.tables import PlacingTables
from geo_bosoc.disclosure.primary import small
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

LOADS = ("piling", "above", "as_all", "below", "hidden")
"""What is said of an estate, the worst first; ``piling`` is above and at risk."""
_OF_ASSIGNED = ("assigned", "used", "unused", "beyond")


def supply_sheet(supply: pd.DataFrame, publishable: ShownCounts, language: Language) -> pd.DataFrame:
    """Right and use by organisation and year, after them the pooled ones as one, and all.

    Pooled organisations have their vacancies and their right; in sums they count as one organisation.
    """
    pooled = supply["organisation"].isin(publishable.pooled)
    hidden = pooled | ~supply["year"].isin(publishable.years)
    rows = supply.assign(hidden=hidden & supply["assigned"].notna())
    for name in _OF_ASSIGNED:
        rows[name] = rows[name].mask(hidden)
    parts = [rows.assign(organisation=_organisations(rows["organisation"], language), rank=0)]
    as_one = _sums(supply[pooled]) if pooled.any() else supply[:0]
    if pooled.any() and not pooled.all():
        label = word("bottom_up", "placing_pooled", language)
        parts.append(as_one.assign(organisation=label, rank=1, hidden=False))
    if len(set(supply["organisation"])) > 1:
        each = pd.concat([supply[~pooled], as_one]) if len(as_one) else supply
        summed = [name for name in SUPPLY_COLUMNS if name not in ("organisation", "year", "every")]
        total = each.groupby("year")[summed].sum(min_count=1).reset_index()
        away = ~total["year"].isin(publishable.years) & total["assigned"].notna()
        for name in _OF_ASSIGNED:
            total[name] = total[name].mask(away)
        label = word("bottom_up", "placing_all", language)
        parts.append(total.assign(organisation=label, rank=2, hidden=away))
    sheet = pd.concat(parts, ignore_index=True)
    sheet["every"] = sheet["every"].astype("Int64")
    return sheet.sort_values(["rank", "organisation", "year"], ignore_index=True)[
        [*SUPPLY_COLUMNS, "hidden"]
    ]  # fmt: skip


def _sums(supply: pd.DataFrame) -> pd.DataFrame:
    """Organisations as if they were one, by year."""
    summed = supply.groupby("year")[["vacancies", "right", "assigned"]].sum(min_count=1).reset_index()
    return with_use(
        summed.assign(organisation="").reindex(columns=[*summed.columns, "organisation", "every"])
    )


def _organisations(names: pd.Series, language: Language) -> pd.Series:
    return names.mask(names == "", word("bottom_up", "placing_no_organisation", language))


def need_sheet(
    tables: PlacingTables, supply: pd.DataFrame, publishable: ShownCounts, minimum: int
) -> pd.DataFrame:
    """Need beside right by year; what few households would be read from is missing, in a row that says ``hidden``."""
    sheet = need_by_year(tables, supply)
    in_estates = sheet["year"].map(supply.groupby("year")["assigned"].sum(min_count=1)).astype("Int64")
    elsewhere = sheet["assigned"] - in_estates
    few_waiting = small(sheet["waiting"], minimum)
    few_assigned = small(sheet["assigned"], minimum) | small(elsewhere, minimum) | small(-elsewhere, minimum)
    few_assigned |= in_estates.notna() & ~sheet["year"].isin(publishable.years)
    sheet["waiting"] = sheet["waiting"].mask(few_waiting)
    sheet["assigned"] = sheet["assigned"].mask(few_assigned)
    for name in ("need", "covered", "shortage"):
        sheet[name] = sheet[name].mask(few_waiting | few_assigned)
    return sheet.assign(hidden=few_waiting | few_assigned)


def load_sheet(
    totals: pd.DataFrame,
    dwellings: Mapping[str, int],
    publishable: ShownCounts,
    names: Mapping[str, str],
    years: Collection[int],
    language: Language,
) -> pd.DataFrame:
    """The load of every estate whose dwellings are known, the worst first and the hidden ones last.

    Parameters
    ----------
    totals : DataFrame
        An estate a row: ``estate_id, organisation, at_risk, assigned`` over the years.
    dwellings : mapping of str to int
        By estate.
    publishable : ShownCounts
        What may be shown.
    names : mapping of str to str
        By area its name.
    years : collection of int
        Those that ``assigned`` is the sum of.
    language : {"da", "en"}
        Of the words.

    Returns
    -------
    DataFrame
        ``estate_id, name, organisation, dwellings, years, assigned, per_100_dwellings, low, high, smoothed, times_all,
        share_assigned, share_dwellings, at_risk_mark, load, load_key, hidden``.
    """
    with_dwellings = totals[totals["estate_id"].isin(set(dwellings))].sort_values("estate_id")
    seen = with_dwellings[~with_dwellings["estate_id"].isin(publishable.hidden)]
    figures = estate_load(
        seen.set_index("estate_id")["assigned"], dwellings, int(with_dwellings["assigned"].sum()), len(years)
    )
    of_estate = ["estate_id", "organisation", "at_risk"]
    sheet = with_dwellings[of_estate].merge(figures, on="estate_id", how="left")
    sheet = sheet.rename(columns={"per_100": "per_100_dwellings"})
    hidden = sheet["assigned"].isna()
    stock = sheet["estate_id"].map(dwellings)
    key = np.where((sheet["load"] == "above") & sheet["at_risk"], "piling", sheet["load"].fillna("hidden"))
    sheet = sheet.assign(
        name=[names.get(estate, "") for estate in sheet["estate_id"]],
        organisation=_organisations(sheet["organisation"], language),
        dwellings=stock.astype("int64"),
        assigned=sheet["assigned"].astype("Int64"),
        share_dwellings=stock / max(1, sum(dwellings.values())),
        years=years_text(years),
        at_risk_mark=np.where(sheet["at_risk"], "x", ""),
        load_key=key,
        load=[word("bottom_up", f"load_{each}", language) for each in key],
        hidden=hidden,
        rank=[LOADS.index(each) if each in ("piling", "above") else 2 for each in key],
    )
    sheet = sheet.sort_values(
        ["hidden", "rank", "per_100_dwellings", "estate_id"], ascending=[True, True, False, True], ignore_index=True
    )  # fmt: skip
    return sheet[["estate_id", "name", "organisation", "dwellings", "years", "assigned", "per_100_dwellings", "low",
                  "high", "smoothed", "times_all", "share_assigned", "share_dwellings", "at_risk_mark", "load",
                  "load_key", "hidden"]]  # fmt: skip


def risk_sheet(counts: pd.DataFrame, dwellings: Mapping[str, int]) -> pd.DataFrame:
    """By year how many assignments went to estates at risk, beside these estates' share of the dwellings.

    Only where both may be shown (`ShownCounts.by_risk`).
    """
    at_risk = set(counts.loc[counts["at_risk"], "estate_id"])
    every = counts.groupby("year")["assigned"].sum()
    to_risk = counts[counts["at_risk"]].groupby("year")["assigned"].sum().reindex(every.index, fill_value=0)
    stock = sum(count for estate, count in dwellings.items() if estate in at_risk)
    sheet = pd.DataFrame(
        {
            "year": every.index.astype("int64"),
            "assigned": every.astype("int64").to_numpy(),
            "to_at_risk": to_risk.astype("int64").to_numpy(),
            "share_at_risk": (to_risk / every.where(every > 0)).astype("float64").to_numpy(),
            "share_dwellings": stock / max(1, sum(dwellings.values())),
        }
    )
    return sheet.reset_index(drop=True)


def years_text(years: Collection[int]) -> str:
    """The first and the last year.

    >>> years_text([2020, 2021, 2022]), years_text([2024])
    ('2020-2022', '2024')
    """
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}-{last}"


def percent(share: float, language: Language) -> str:
    """A share as whole per cent."""
    return number(100 * share, language)
