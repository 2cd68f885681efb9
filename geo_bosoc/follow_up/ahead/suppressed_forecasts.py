"""What of early warning and of the list ahead an internal set may show: nothing that tells of a suppressed figure.

Chances are worked out from what the set itself shows, so that they tell no more than that. A place on the list goes
where any figure of the model is suppressed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY
from geo_bosoc.follow_up.ahead.figure_series import without_persistence
from geo_bosoc.follow_up.ahead.list_ahead import ListAhead
from geo_bosoc.models import Categorisation, categorise
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import size_text
from geo_bosoc.outputs.texts import class_word
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

Figures = frozenset[tuple[str, str]]

LIKELY: Final = 0.25
"""A sentence is written where the chance that it is another way then is at least so much."""


def suppressed_figures(published: PublishedResults) -> Figures:
    """Areas and indicators of which some period is suppressed in a set."""
    rows = published.table[published.table["status"] == "protected"]
    return frozenset(rows[["area_id", "indicator"]].itertuples(index=False, name=None))


def as_published(categorisation: Categorisation, published: PublishedResults) -> Categorisation:
    """The categorisation that one makes who has a set of output alone: forecasts from it tell no more than the set.

    A suppressed figure is reckoned with as half of the least count that is shown, rounded down (2 persons of 1-4), or
    as all but so many where most are met everywhere; without its base it is missing. Categories are those that are
    published.

    Parameters
    ----------
    categorisation : Categorisation
        By one of the models, on true figures.
    published : PublishedResults
        The set.

    Returns
    -------
    Categorisation
        The same where nothing is suppressed, and by an index, which early warning does not read.
    """
    table = published.table
    if categorisation.model.kind == "index" or not (table["status"] == "protected").any():
        return categorisation
    model = without_persistence(categorisation.model)
    done = categorise(
        _with_guesses(table, published),
        model,
        reference_areas=published.reference_areas,
        indicators=published.indicators,
        history=published.histories.get(model.id),
    )
    if model is not categorisation.model:
        return done
    rows = published.categories[published.categories["model"] == model.id]
    keys = (done.categories["area_id"], done.categories["period"])
    shown = rows.set_index(["area_id", "period"])["category"].reindex(pd.MultiIndex.from_arrays(keys))
    return replace(done, categories=done.categories.assign(category=shown.to_numpy()))


def _with_guesses(table: pd.DataFrame, published: PublishedResults) -> pd.DataFrame:
    """A published table with a count for each suppressed share whose base is shown."""
    scales = {
        each.id: each.scale
        for each in published.indicators
        if each.unit not in ("mean", "count") and each.mean_of is None and each.weight is None
    }
    scale = table["indicator"].map(scales)
    base = table["denominator"].astype("Float64")
    sums = (
        table[table["status"] == "ok"].groupby("indicator")[["numerator", "denominator"]].sum().astype(float)
    )
    mostly = {
        name
        for name, shares in (sums["numerator"] / sums["denominator"]).items()
        if shares > 0.5 * scales.get(str(name), 1)
    }
    small = published.policy.minimum // 2
    count = (base - small).where(table["indicator"].isin(mostly), small)
    guessed = (table["status"] == "protected") & scale.notna() & (base > 0)
    return table.assign(
        numerator=table["numerator"].mask(guessed, (count * scale).astype("Int64")),
        value=table["value"].mask(guessed, (count / base).astype("Float64")),
        status=table["status"].mask(guessed, "ok"),
    )


def suppress_warnings(warning: pd.DataFrame, published: PublishedResults) -> pd.DataFrame:
    """Early warnings of a set (`as_published`) as it shows them.

    Where the last figure is suppressed, or the category is a range, nothing is said: status ``protected``, no numbers.

    Parameters
    ----------
    warning : DataFrame
        Of one model (`geo_bosoc.follow_up.ahead.early_warning.EarlyWarnings`).
    published : PublishedResults
        The internal set that it is for; without suppression nothing goes.
    """
    table = published.table
    hidden = pd.MultiIndex.from_frame(
        table.loc[table["status"] == "protected", ["area_id", "period", "indicator"]]
    )
    gone = pd.Series(
        pd.MultiIndex.from_frame(warning[["area_id", "period", "indicator"]]).isin(hidden),
        index=warning.index,
    ) | ((warning["criterion"] == CATEGORY) & (warning["now"] == RANGE))
    blank = {name: warning[name].mask(gone) for name in ("value", "chance")}
    return warning.assign(
        **blank, now=warning["now"].mask(gone, ""), status=warning["status"].mask(gone, "protected")
    )


def suppress_list(ahead: ListAhead, model: Model, hidden: Figures) -> dict[str, pd.DataFrame]:
    """The tables of a list ahead without areas that a suppressed figure of the municipality's own is behind.

    Parameters
    ----------
    ahead : ListAhead
        Of one model.
    model : Model
        The list's model.
    hidden : frozenset of (str, str)
        Areas and indicators (`suppressed_figures`).

    Returns
    -------
    dict of str to DataFrame
        ``list_ahead, list_margins, list_conditions, list_obligations``.
    """
    areas = {area for area, indicator in hidden if indicator in model.indicators}
    gone = ahead.areas["area_id"].isin(areas)
    blank = [
        name for name in ahead.areas.columns if name not in ("area_id", "model", "period", "status", "notice")
    ]
    listed = ahead.areas.astype(object)
    listed.loc[gone, blank] = None
    listed.loc[gone, "status"] = "protected"
    keys = ahead.margins[["area_id", "indicator"]].itertuples(index=False, name=None)
    rows = pd.Series([key in hidden for key in keys], index=ahead.margins.index, dtype=bool)
    margins = ahead.margins.astype(object)
    margins.loc[rows, ["value", "met", "margin", "margin_persons", "persons_by"]] = None
    margins.loc[rows, "status"] = "protected"
    return {
        "list_ahead": listed,
        "list_margins": margins.astype(dict.fromkeys(("value", "threshold", "margin"), "float64")).astype(
            {"margin_persons": "Int64"}
        ),
        "list_conditions": _without(ahead.conditions, areas),
        "list_obligations": _without(ahead.obligations, areas),
    }


def _without(frame: pd.DataFrame, areas: Collection[str]) -> pd.DataFrame:
    return frame[~frame["area_id"].isin(list(areas))].reset_index(drop=True)


def warning_sentences(warning: pd.DataFrame, model: Model, language: Language) -> pd.DataFrame:
    """The warnings with a sentence where it may well be another way then, and for each category.

    It is about the area as a whole, and says so.

    Parameters
    ----------
    warning : DataFrame
        Of one model, as the set may show it.
    model : Model
        Its model.
    language : {"da", "en"}
        Of the sentences.
    """
    criteria = {criterion.key: criterion for criterion in model.criterion}
    sentences = []
    for row in warning.to_dict("records"):
        chance = row["chance"]
        if row["status"] != "ok" or pd.isna(chance):
            sentences.append("")
            continue
        percent = number(100 * chance, language, 0 if 0.01 <= chance <= 0.99 else 1)
        if row["criterion"] == CATEGORY:
            now = class_word(model, str(row["now"]), language)
            key, values = "worse_category", {"now": now}
        else:
            change = 1 - chance if row["now"] == "met" else chance
            if change < LIKELY:
                sentences.append("")
                continue
            criterion = criteria[row["criterion"]]
            limit = size_text(criterion, "value", float(row["threshold"]), language)
            key, values = f"passes_{row['now']}", {"figure": criterion.label(language), "limit": limit}
        sentences.append(
            word("early_warning", key, language, year=row["period_ahead"], chance=percent, **values)
        )
    return warning.assign(sentence=sentences)
