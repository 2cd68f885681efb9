"""What the agreements give a right to, what of it was used, and how far it goes towards the need."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.bottom_up.placing.tables import PlacingTables

SUPPLY_COLUMNS = (
    "organisation", "year", "vacancies", "every", "right", "assigned", "used", "unused", "beyond"
)  # fmt: skip
NEED_COLUMNS = ("year", "waiting", "assigned", "need", "right", "covered", "shortage")


def organisation_of_estates(vacancies: pd.DataFrame) -> dict[str, str]:
    """By estate the organisation of its last year."""
    rows = vacancies.sort_values(["estate_id", "year"])
    return dict(zip(rows["estate_id"].astype(str), rows["organisation"].astype(str), strict=True))


def every_of(agreements: pd.DataFrame, organisation: str, year: int) -> int:
    """Every which vacancy the municipality has of an organisation in a year; 0 where no agreement runs.

    The row that began last applies; where that one has ended, none does.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"organisation": ["Vest", "Vest"], "every": [6, 4], "from_year": [2020, 2023], "to_year": [pd.NA] * 2}
    >>> agreements = pd.DataFrame(rows)
    >>> [every_of(agreements, "Vest", year) for year in (2019, 2022, 2023)]
    [0, 6, 4]
    """
    rows = agreements[(agreements["organisation"] == organisation) & (agreements["from_year"] <= year)]
    if rows.empty:
        return 0
    last = rows.sort_values("from_year").iloc[-1]
    return 0 if pd.notna(last["to_year"]) and int(last["to_year"]) < year else int(last["every"])


def assigned_by_organisation(tables: PlacingTables) -> pd.DataFrame:
    """``organisation, year, assigned``; an estate whose organisation nobody gives has the organisation ``""``."""
    organisations = organisation_of_estates(tables.vacancies)
    rows = tables.assignments.assign(
        organisation=[organisations.get(str(estate), "") for estate in tables.assignments["estate_id"]]
    )
    summed = rows.groupby(["organisation", "year"])["assigned"].sum().reset_index()
    return summed.assign(**{name: summed[name].astype("int64") for name in ("year", "assigned")})


def supply_by_organisation(tables: PlacingTables) -> pd.DataFrame:
    """Right and use of it by housing organisation and year, on true counts.

    Parameters
    ----------
    tables : PlacingTables
        As they were read.

    Returns
    -------
    DataFrame
        `SUPPLY_COLUMNS`, sorted: ``vacancies`` of the organisation's estates where the law does not forbid
        assignment; ``right``; ``assigned`` (missing without a table of assignments); ``used`` of the right,
        ``unused`` of it, and assigned ``beyond`` it.

    Notes
    -----
    Of v vacancies of an organisation in a year the municipality has ``floor(v / every)``.
    """
    free = tables.vacancies[~tables.vacancies["banned"]]
    vacancies = free.groupby(["organisation", "year"])["vacancies"].sum().reset_index()
    vacancies = vacancies.assign(year=vacancies["year"].astype("int64"))
    assigned = assigned_by_organisation(tables)
    keys = ["organisation", "year"]
    supply = vacancies.merge(assigned, on=keys, how="outer").sort_values(keys)
    supply["vacancies"] = supply["vacancies"].fillna(0).astype("Int64")
    supply["every"] = [
        every_of(tables.agreements, str(organisation), int(year))
        for organisation, year in zip(supply["organisation"], supply["year"], strict=True)
    ]
    supply["right"] = [
        int(count) // int(every) if every else 0
        for count, every in zip(supply["vacancies"], supply["every"], strict=True)
    ]
    no_table = tables.assignments.empty
    supply["assigned"] = supply["assigned"].astype("Int64") if no_table else supply["assigned"].fillna(0)
    return with_use(supply)


def with_use(supply: pd.DataFrame) -> pd.DataFrame:
    """With ``used, unused, beyond`` from ``right`` and ``assigned``; missing where assignments are."""
    right, assigned = supply["right"].astype("Int64"), supply["assigned"].astype("Int64")
    used = right.where(right <= assigned.fillna(-1), assigned)
    full = supply.assign(
        right=right, assigned=assigned, used=used, unused=right - used, beyond=assigned - used
    )
    return full[list(SUPPLY_COLUMNS)].reset_index(drop=True)


def need_by_year(tables: PlacingTables, supply: pd.DataFrame) -> pd.DataFrame:
    """Need beside right by year, on true counts.

    Parameters
    ----------
    tables : PlacingTables
        As they were read.
    supply : DataFrame
        Of all organisations (`supply_by_organisation`).

    Returns
    -------
    DataFrame
        `NEED_COLUMNS`: ``need`` is who waited at the end of the year and who was assigned a dwelling in it,
        ``covered`` the right's share of it, ``shortage`` what the right lacks to it.
    """
    by_year = supply.groupby("year")[["right", "assigned"]].sum(min_count=1)
    table = tables.need.sort_values("year").reset_index(drop=True)
    years = table["year"].astype("int64")
    assigned = table["assigned"].fillna(years.map(by_year["assigned"]).astype("Int64"))
    right = years.map(by_year["right"]).astype("Int64")
    need = table["waiting"] + assigned.fillna(0)
    return pd.DataFrame(
        {
            "year": years,
            "waiting": table["waiting"],
            "assigned": assigned,
            "need": need,
            "right": right,
            "covered": (right / need.where(need > 0)).astype("Float64"),
            "shortage": (need - right).clip(lower=0),
        }
    )[list(NEED_COLUMNS)]
