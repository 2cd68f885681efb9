"""Places in the order in which they are looked at: those outside every area with a risk category first."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import few_households, hidden_services
from geo_bosoc.disclosure.primary import small
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

NEW_IN_SUMMARY: Final = 3
"""New places that a command's result names."""


def areas_without_category(categories: pd.DataFrame, period: str) -> frozenset[str]:
    """The assessed areas that no model gives a risk category in a period, as they are too small or a figure is missing.

    Parameters
    ----------
    categories : DataFrame
        ``area_id, period, model, category`` of the yearly run; empty without a model, and then there is no such area.
    period : str
        Which.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> rows = [("0001", "2024", "m", "deprived"), ("0002", "2024", "m", "too_small")]
    >>> categories = pd.DataFrame(rows, columns=["area_id", "period", "model", "category"])
    >>> sorted(areas_without_category(categories, "2024"))
    ['0002']
    """
    rows = categories[categories["period"].astype(str) == period]
    without = rows["category"].astype(str).isin([TOO_SMALL, UNDETERMINED])
    ids = rows["area_id"].astype(str)
    return frozenset(ids[without]) - frozenset(ids[~without])


def known_places(results: BottomUpResults) -> frozenset[str]:
    """Places that lie in an area with a risk category, by a good part of their homes; the other places are new."""
    within = results.within.astype(str)
    return frozenset(within.loc[~within["area_id"].isin(results.without_category), "place_id"])


def known_estate(results: BottomUpResults, place_id: str) -> str:
    """The assessed areas that a place lies in, by name; those without a risk category say so. Empty in none."""
    language = results.language
    within = results.within[results.within["place_id"].astype(str) == place_id]
    names = (
        dict(zip(results.areas["area_id"].astype(str), results.areas["name"].astype(str), strict=True))
        if len(results.areas)
        else {}
    )
    estates = []
    for area in within["area_id"].astype(str):
        name = names.get(area) or area
        uncategorised = area in results.without_category
        estates.append(word("bottom_up", "uncategorised", language, name=name) if uncategorised else name)
    return ", ".join(estates)


def excess_services(results: BottomUpResults, minimum: int) -> pd.Series:
    """Services given at each place beyond what the municipality's rates would give, of the kinds that are shown.

    Kinds that are hidden at a place are in neither sum: beside the kinds that are shown, a sum of all would tell them.

    Parameters
    ----------
    results : BottomUpResults
        Of the study.
    minimum : int
        The least count that may be shown.

    Returns
    -------
    Series of Int64
        By `place_id`, a whole number; missing where no kind is shown.
    """
    kinds = results.service_rates.kinds
    kinds = kinds[kinds["place_id"].isin(results.places["place_id"])].reset_index(drop=True)
    shown = kinds[~hidden_services(results, kinds, minimum).to_numpy()]
    excess = (shown["services"] - shown["expected"]).groupby(shown["place_id"].astype(str)).sum()
    return excess.round().astype("Int64").reindex(results.places["place_id"].astype(str))


def place_order(results: BottomUpResults) -> list[str]:
    """The places' ids: new ones before those in areas with a risk category; of each, the most services beyond what is
    expected first, then the most residents.

    Figures that are hidden come last, by id: the order tells no more than the figures that are shown.
    """
    minimum = results.edition.least_shown
    places = results.places["place_id"].astype(str).reset_index(drop=True)
    residents = results.places["residents"].astype("Int64").reset_index(drop=True)
    hidden = small(residents, minimum) | places.isin(few_households(results, minimum))
    table = pd.DataFrame(
        {
            "place_id": places,
            "known": places.isin(known_places(results)),
            "excess": excess_services(results, minimum).to_numpy(),
            "residents": residents.mask(hidden),
        }
    )
    ranked = table.sort_values(
        ["known", "excess", "residents", "place_id"], ascending=[True, False, False, True]
    )
    return [str(place) for place in ranked["place_id"]]


def in_place_order(frame: pd.DataFrame, results: BottomUpResults, *then: str) -> pd.DataFrame:
    """Rows of places (column ``place_id``) in the places' order, then by other columns; other rows come first."""
    position = {place: rank for rank, place in enumerate(place_order(results))}
    rank = frame["place_id"].astype(str).map(position).fillna(-1)
    return frame.assign(_rank=rank).sort_values(["_rank", *then], kind="stable").drop(columns="_rank")


def newness_line(results: BottomUpResults, place_id: str) -> str:
    """Whether a place is new or lies in an area with a risk category, and in which, as a sentence."""
    estates = known_estate(results, place_id)
    is_known = place_id in known_places(results)
    key = "lies_in_known" if is_known else "lies_in_new" if estates else "lies_nowhere"
    return word("bottom_up", key, results.language, estates=estates)


def new_place_lines(results: BottomUpResults) -> list[str]:
    """Sentences of a command's result: how many places are new, and the first of them."""
    minimum = results.edition.least_shown
    of_estates = known_places(results)
    new = [place for place in place_order(results) if place not in of_estates]
    if not new:
        return []
    excess = excess_services(results, minimum)
    names = dict(zip(results.places["place_id"].astype(str), results.places["name"].astype(str), strict=True))
    first = [
        phrase(
            "{name} ({place}: {excess} services beyond what is expected)",
            name=names[place] or place,
            place=place,
            excess=number(int(excess[place]), results.language),
        )
        for place in new[:NEW_IN_SUMMARY]
        if not pd.isna(excess[place]) and int(excess[place]) > 0
    ]
    count = count_text(len(new), "place")
    if not first:
        return [phrase("{places} outside every area with a risk category.", places=count)]
    return [
        phrase(
            "{places} outside every area with a risk category, first: {first}.",
            places=count,
            first=joined(first, "; "),
        )
    ]
