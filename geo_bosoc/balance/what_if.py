"""What the indicators would be if people like those who live in such dwellings today moved in. An "if", no forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.balance.codes import TENURES

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


def if_indicators(
    area_counts: pd.DataFrame,
    group_counts: pd.DataFrame,
    group_dwellings: pd.DataFrame,
    before: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    until: int,
    start: int,
    variant_from: float = 0.0,
) -> pd.DataFrame:
    """Each indicator of each area as it would be if the projects were carried out and lived in as such dwellings are.

    Parameters
    ----------
    area_counts : ``area_id, indicator, numerator, denominator`` (unknown taken from the denominator) today.
    group_counts : the same by ``group`` for the whole municipality (`geo_bosoc.balance.what_if.group_of`).
    group_dwellings : ``group, dwellings`` in the whole municipality.
    before : ``area_id, dwellings`` that stand today.
    projects : as `check_projects` gives them; those of `start` to `until` - 1 with more than `variant_from` count.

    Returns
    -------
    ``area_id, indicator, numerator_now, denominator_now, value_now, numerator_if, denominator_if, value_if, unlike``:
    `unlike` are dwellings of a group that the municipality has none of: they are left empty.

    Notes
    -----
    An area of D dwellings that loses y keeps (D - y) / D of its counts. Each new dwelling of a group adds the group's
    mean numerator and denominator a dwelling. A conversion is both. See `ASSUMPTION`.
    """
    mine = projects[projects["year"].between(start, until - 1) & (projects["probability"] > variant_from)]
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
