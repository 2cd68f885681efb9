"""What of early warning and of the list ahead an internal set may show: nothing that a suppressed figure is behind.

A chance is worked out from all years of a figure, so it goes where any of them is suppressed; the chance of a worse
category, and a place on the list, where any figure of the model is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.early_warning import CATEGORY
from geo_bosoc.follow_up.list_ahead import ListAhead
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


def suppress_warnings(warning: pd.DataFrame, model: Model, published: PublishedResults) -> pd.DataFrame:
    """Early warnings without what a suppressed figure is behind: status ``protected``, and no numbers.

    Parameters
    ----------
    warning : DataFrame
        Of one model (`geo_bosoc.follow_up.early_warning.EarlyWarnings`).
    model : Model
        Its model.
    published : PublishedResults
        The internal set that it is for; without suppression nothing goes.
    """
    hidden = suppressed_figures(published)
    areas = {area for area, indicator in hidden if indicator in model.indicators}
    rows = [
        area in areas if criterion == CATEGORY else (area, indicator) in hidden
        for area, criterion, indicator in warning[["area_id", "criterion", "indicator"]].itertuples(
            index=False, name=None
        )
    ]
    gone = pd.Series(rows, index=warning.index, dtype=bool)
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
