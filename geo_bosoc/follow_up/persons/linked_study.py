"""The frames of persons linked over years, on true counts, and why areas changed category in sentences."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd
import polars as pl

from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.persons.causes import category_causes, linked_change
from geo_bosoc.follow_up.persons.components import split_change
from geo_bosoc.follow_up.persons.destinations import destinations
from geo_bosoc.follow_up.persons.link import LinkedPersons
from geo_bosoc.follow_up.persons.moves import area_moves, move_profiles, moves_between
from geo_bosoc.follow_up.persons.routes import count_routes
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import class_word
from geo_bosoc.text.catalogue import Language, word

PAIR: Final = ["period_before", "period"]


def linked_frames(
    linked: LinkedPersons,
    results: Results,
    pairs: Sequence[tuple[str, str]],
    origins: Mapping[str, Collection[str]],
    *,
    without_origin: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Everything that is worked out of linked persons, on true counts.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period (`geo_bosoc.follow_up.persons.link.link_persons`).
    results : Results
        The yearly results.
    pairs : sequence of (str, str)
        The periods to compare. Moves are told of those that follow each other most closely.
    origins : mapping of str to collection of str
        By name, the areas that it is followed from where people went.
    without_origin : collection of str, optional
        The models that are run without residents' origin.

    Returns
    -------
    dict of str to DataFrame
        ``components, linked_change, category_causes, moves, moves_between, move_profiles, destinations``: not to be
        written as they are (`geo_bosoc.follow_up.persons.linked_disclosure.suppress_linked`).
    """
    areas = [str(area) for area in results.areas["area_id"]]
    joined: dict[tuple[str, str], pl.DataFrame] = {}
    components = split_change(linked, results.table, results.indicators, pairs, joined=joined)
    changes = linked_change(components, results.table, results.indicators, pairs)
    causes = [
        category_causes(
            components, changes, results.table, results.reference_areas, results.categories, model, results.indicators,
            pairs, history=results.histories.get(model.id), origin=model.id not in without_origin,
        )
        for model in results.models
    ]  # fmt: skip
    near = nearest(pairs)
    routes = {pair: count_routes(linked, *pair, joined.pop(pair, None)) for pair in near}
    joined.clear()
    return {
        "components": components,
        "linked_change": changes.assign(status="ok"),
        "category_causes": pd.concat(causes, ignore_index=True) if causes else pd.DataFrame(),
        "moves": area_moves(linked, near, areas, routes),
        "moves_between": moves_between(linked, near, areas, routes),
        "move_profiles": move_profiles(components, results.indicators),
        "destinations": destinations(linked, origins, near, areas, routes),
    }


def nearest(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs that hold no other period of the pairs between them.

    Examples
    --------
    >>> nearest([("2022", "2023"), ("2023", "2024"), ("2022", "2024")])
    [('2022', '2023'), ('2023', '2024')]
    """
    before: dict[str, str] = {}
    for earlier, later in pairs:
        before[later] = max(earlier, before.get(later, earlier))
    return [(earlier, later) for later, earlier in sorted(before.items())]


def with_reasons(frame: pd.DataFrame, published: PublishedResults) -> pd.DataFrame:
    """The causes of changes of category, each with its sentence.

    Parameters
    ----------
    frame : DataFrame
        From `geo_bosoc.follow_up.persons.causes.category_causes`.
    published : PublishedResults
        Names, models and language.

    Returns
    -------
    DataFrame
        The rows with ``reason``.
    """
    models = {model.id: model for model in published.models}
    names = dict(
        zip(published.areas["area_id"].astype(str), published.areas["name"].astype(str), strict=True)
    )
    if frame.empty:
        return frame
    columns = ["area_id", "model", "category_before", "category", *PAIR, "cause", "detail"]
    reasons = []
    for area, model, former, category, before, period, cause, detail in (
        frame[columns].astype(str).to_numpy().tolist()
    ):
        area_name, categories = names.get(area, area), (former, category)
        reasons.append(
            cause_sentence(
                area_name, models[model], categories, (before, period), cause, detail, published.language
            )
        )
    return frame.assign(reason=reasons)


def cause_sentence(
    area: str,
    model: Model,
    categories: tuple[str, str],
    periods: tuple[str, str],
    cause: str,
    detail: str,
    language: Language,
) -> str:
    """Why an area left one category for another, in a sentence.

    Parameters
    ----------
    area : str
        Its name.
    model : Model
        Whose categories they are.
    categories, periods : (str, str)
        Before, and now.
    cause, detail : str
        As `geo_bosoc.follow_up.persons.causes.category_causes` has them.
    language : {"da", "en"}
        Of the sentence.
    """
    former, category = (class_word(model, each, language).lower() for each in categories)
    return word(
        "follow_up", "category_reason", language, area=area, before=periods[0], now=periods[1], former=former,
        category=category, why=_why(cause, detail, language),
    )  # fmt: skip


def _why(cause: str, detail: str, language: Language) -> str:
    """The cause in words, as a part of a sentence."""
    if cause in ("chance", "cannot_tell"):
        return word("follow_up", f"because_{cause}", language)
    parts = []
    for name in re.split(r"[|+]", cause):
        key = f"because_{name}_{detail}" if name == "residents" and detail else f"because_{name}"
        parts.append(word("follow_up", key, language))
    joining = "because_each" if "+" in cause else "because_together"
    return functools.reduce(
        lambda first, second: word("follow_up", joining, language, first=first, second=second), parts
    )


def with_causes(changes: pd.DataFrame, causes: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The changes of category, with what persons followed over the years say of each.

    Parameters
    ----------
    changes : DataFrame
        From `geo_bosoc.follow_up.changes.category_changes.category_changes`.
    causes : DataFrame
        ``area_id, model, period_before, period, cause, detail``.
    language : {"da", "en"}
        Of the sentences.

    Returns
    -------
    DataFrame
        The changes; a sentence more in the ``reason`` of those that have a cause. Whether it is chance is then said by
        the persons alone, who are the same in both periods: of the figures' own intervals nothing is said.
    """
    keys = ["area_id", "model", *PAIR]
    sentences: dict[tuple[str, ...], str] = {}
    by_chance: dict[tuple[str, ...], str] = {}
    of_figures = [word("category_changes", f"by_chance_{answer}", language) for answer in ("yes", "no")]
    for *key, cause, detail in causes[[*keys, "cause", "detail"]].astype(str).to_numpy().tolist():
        is_open = cause in ("chance", "cannot_tell")
        sentences[tuple(key)] = (
            word("follow_up", f"followed_{cause}", language)
            if is_open
            else word("follow_up", "followed", language, why=_why(cause, detail, language))
        )
        by_chance[tuple(key)] = {"chance": "yes", "cannot_tell": "cannot_tell"}.get(cause, "no")
    reasons, answers = [], []
    for *key, reason, answer in changes[[*keys, "reason", "by_chance"]].astype(str).to_numpy().tolist():
        sentence = sentences.get(tuple(key), "")
        plain = functools.reduce(str.removesuffix, of_figures if sentence else [], reason).strip()
        reasons.append(" ".join(filter(None, (plain, sentence))))
        answers.append(by_chance.get(tuple(key), answer))
    return changes.assign(reason=reasons, by_chance=answers)
