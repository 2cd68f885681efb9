"""Who entered and left each category from one period to another, and why: which criteria tipped it, or chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.disclosure.results import Results
from geo_bosoc.follow_up.changes.change import area_names, chosen_pairs, compare
from geo_bosoc.follow_up.changes.tipping_criteria import (
    HISTORY,
    Answers,
    TippingCriteria,
    answers_by_area,
    earlier_years,
    tipping_criteria,
)
from geo_bosoc.follow_up.spec import PeriodPair
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.rules import from_flags, merge_histories
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import figure_label
from geo_bosoc.models.uncertainty.robustness import LIKELY_BY_CHANCE
from geo_bosoc.outputs.texts import category_class, category_word, class_word, classes_in_order
from geo_bosoc.text.catalogue import Language, as_language, word, words
from geo_bosoc.text.numbers import number

CATEGORY_CHANGE_COLUMNS: Final = (
    "area_id", "name", "model", "period_before", "period", "category_before", "category_before_label", "category",
    "category_label", "direction", "tipped_by", "sufficient", "necessary", "by_chance", "reason",
)  # fmt: skip
"""The columns of `category_changes`, in order."""
TRANSITION_COLUMNS: Final = (
    "model", "period_before", "period", "category_before", "category_before_label", "category", "category_label",
    "areas",
)  # fmt: skip
TURNOVER_COLUMNS: Final = (
    "model", "period_before", "period", "category", "category_label", "areas_before", "stayed", "entered", "left",
    "areas", "entered_areas", "left_areas",
)  # fmt: skip


def category_changes(
    results: Results,
    pairs: Sequence[PeriodPair] | None = None,
    *,
    years: int | None = None,
    change: pd.DataFrame | None = None,
    language: str | None = None,
) -> pd.DataFrame:
    """Each area's category in two periods, what tipped it, and whether chance may have.

    Everything is worked out from the categories, criteria and figures in `results` alone: of published results nothing
    follows that does not follow from them. A category that is a range, or undetermined, is said as such, and nothing is
    said of what moved it.

    Parameters
    ----------
    results : Results
        Of a run with a model; those that `suppress` gave, to publish what comes out.
    pairs : sequence of (str, str), optional
        Pairs of periods, the earlier first; left out, each period and the one before it.
    years : int, optional
        All pairs so many years apart, in the place of `pairs`.
    change : DataFrame, optional
        What `geo_bosoc.follow_up.compare` gave for the same pairs, where it is worked out already.
    language : {"da", "en"}, optional
        Of names, labels and reasons; that of the results where it is left out.

    Returns
    -------
    DataFrame
        One row an area, model and pair: `CATEGORY_CHANGE_COLUMNS`. ``direction`` is better, worse, same, range (one of
        the two is a range), undetermined or not_assessed; ``tipped_by`` the criteria whose answer moved towards the new
        category, ``sufficient`` those that alone would have given it, ``necessary`` those without which it had not
        moved, "|" between ids; ``by_chance`` yes, no or cannot_tell. It is no where the figure behind a criterion that
        tipped it differs between the periods (`geo_bosoc.follow_up.compare`); else the published chance of another
        category with nothing changed decides (``change_by_chance``, yes from 5 per cent on); without it, yes where no
        figure behind those criteria differs.

    Raises
    ------
    InputError
        A period is not in the results.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> changes = gb.follow_up.category_changes(gb.suppress(gb.analyse("bosoc.toml")))  # doctest: +SKIP
    >>> changes["direction"].value_counts()["same"]  # doctest: +SKIP
    120
    """
    chosen = as_language(language or results.language)
    both = chosen_pairs(results, None, None, pairs, years)
    indicator_labels = {indicator.id: indicator.label(chosen) for indicator in results.indicators}
    if not both or not results.models:
        return pd.DataFrame(columns=list(CATEGORY_CHANGE_COLUMNS))
    change = compare(results, pairs=both) if change is None else change
    keys = zip(change["area_id"], change["indicator"], change["period_before"], change["period"], strict=True)
    differs = dict(zip(keys, change["differs"], strict=True))
    names = area_names(results, chosen)
    rows: list[dict[str, Any]] = []
    for model in results.models:
        told_categories = _by_area(results.categories[results.categories["model"] == model.id])
        answers = answers_by_area(model, results.criteria)
        history = merge_histories(
            results.histories.get(model.id, from_flags(results.flags.iloc[:0])),
            from_flags(results.flags[results.flags["model"] == model.id]),
        )
        for before, period in both:
            redefined = _redefined(results, before, period)
            for area in results.areas["area_id"].astype(str):
                old, new = told_categories.get((area, before)), told_categories.get((area, period))
                if old is None and new is None:
                    continue
                of_both = [
                    answers.get((area, each), {}) | earlier_years(model, area, each, history)
                    for each in (before, period)
                ]
                row = {"area_id": area, "name": names.get(area, area), "model": model.id}
                row |= {"period_before": before, "period": period, "redefined": redefined}
                rows.append(
                    row
                    | _change(model, row, old or {}, new or {}, of_both, differs, indicator_labels, chosen)
                )
    return pd.DataFrame(rows, columns=list(CATEGORY_CHANGE_COLUMNS))


def transitions(changes: pd.DataFrame, models: Sequence[Model], language: str = "da") -> pd.DataFrame:
    """How many areas went from each category to each: a row a model, pair of periods and pair of categories.

    Parameters
    ----------
    changes : DataFrame
        As `category_changes` gives them.
    models : sequence of Model
        Whose categories they are.
    language : {"da", "en"}, optional
        Of the labels.

    Returns
    -------
    DataFrame
        `TRANSITION_COLUMNS`: every pair of the model's categories, with 0 areas too, and the others that occur (a
        range, undetermined, too small, or empty where the area has no category in that period).

    Examples
    --------
    >>> table = transitions(changes, results.models, "en")  # doctest: +SKIP
    >>> table[table["category_before"] != table["category"]]["areas"].sum()  # doctest: +SKIP
    14
    """
    rows = []
    for model, before, period, part in _pairs(changes, models):
        labels = _labels(part, model, as_language(language))
        counts = part.groupby(["category_before", "category"], sort=False).size()
        for old in labels:
            for new in labels:
                areas = int(counts.get((old, new), 0))
                if areas or {old, new} <= {each.id for each in model.category}:
                    rows.append((model.id, before, period, old, labels[old], new, labels[new], areas))
    return pd.DataFrame(rows, columns=list(TRANSITION_COLUMNS))


def turnover(changes: pd.DataFrame, models: Sequence[Model], language: str = "da") -> pd.DataFrame:
    """Who stayed in each category, who entered and who left: a row a model, pair of periods and category.

    Parameters
    ----------
    changes : DataFrame
        As `category_changes` gives them.
    models : sequence of Model
        Whose categories they are.
    language : {"da", "en"}, optional
        Of the labels.

    Returns
    -------
    DataFrame
        `TURNOVER_COLUMNS`; areas count as entered or left where the category of both periods is told, so that
        ``areas_before - left + entered`` is ``areas`` only where no area is a range or undetermined. The areas' names
        have "; " between them.

    Examples
    --------
    >>> turnover(changes, results.models, "en").query("category == 'deprived'")["entered"]  # doctest: +SKIP
    """
    rows = []
    for model, before, period, part in _pairs(changes, models):
        moved = part["direction"].isin(["better", "worse"])
        for category in model.category:
            was, now = part["category_before"] == category.id, part["category"] == category.id
            entered, left = (part.loc[moved & each, "name"] for each in (now, was))
            numbers = [was.sum(), (was & now).sum(), len(entered), len(left), now.sum()]
            row = (model.id, before, period, category.id, category.label(language))
            listed = ("; ".join(sorted(each)) for each in (entered, left))
            rows.append((*row, *(int(size) for size in numbers), *listed))
    return pd.DataFrame(rows, columns=list(TURNOVER_COLUMNS))


def _pairs(changes: pd.DataFrame, models: Sequence[Model]) -> Iterator[tuple[Model, str, str, pd.DataFrame]]:
    """The changes of each model and pair of periods, in order."""
    for model in models:
        of_model = changes[changes["model"] == model.id]
        for (before, period), part in of_model.groupby(["period_before", "period"], sort=True):
            yield model, str(before), str(period), part


def _labels(part: pd.DataFrame, model: Model, language: Language) -> dict[str, str]:
    """The words of the categories that occur and of the model's own, in the model's order."""
    classes = set(part["category_before"]) | set(part["category"])
    return {name: class_word(model, name, language) for name in classes_in_order(model, classes)}


def _redefined(results: Results, before: str, period: str) -> frozenset[str]:
    """The indicators that are counted by another definition than before."""
    return frozenset(
        each.id
        for each in results.indicators
        if any(before < reform.valid_from <= period for reform in each.reform)
    )


def _by_area(categories: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    rows = categories.to_dict("records")
    return {(str(row["area_id"]), str(row["period"])): {str(k): v for k, v in row.items()} for row in rows}


def _change(
    model: Model,
    key: Mapping[str, Any],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    answers: Sequence[Answers],
    differs: Mapping[tuple[str, str, str, str], str],
    indicator_labels: Mapping[str, str],
    language: Language,
) -> dict[str, Any]:
    """What is said of one area, model and pair of periods."""
    classes = [category_class(each.get("category", ""), each.get("possible")) for each in (old, new)]
    labels = [
        category_word(model, each.get("category", ""), language, each.get("possible")) for each in (old, new)
    ]
    direction = _direction(model, str(old.get("category", "")), str(new.get("category", "")))
    tipping, by_chance = TippingCriteria(), ""
    if direction in ("better", "worse"):
        tipping = tipping_criteria(model, answers[0], answers[1], *classes)
        by_chance = _by_chance(model, key, tipping, new, differs)
    row = {
        "category_before": classes[0],
        "category_before_label": labels[0],
        "category": classes[1],
        "category_label": labels[1],
        "direction": direction,
        "by_chance": by_chance,
    }
    row |= {name: "|".join(getattr(tipping, name)) for name in ("tipped_by", "sufficient", "necessary")}
    return row | {"reason": _reason(model, {**key, **row}, tipping, answers, indicator_labels, language)}


def _direction(model: Model, before: str, after: str) -> str:
    order = {category.id: rank for rank, category in enumerate(model.category)}
    if before in order and after in order:
        step = order[after] - order[before]
        return "same" if step == 0 else ("better" if step > 0 else "worse")
    if RANGE in (before, after):
        return RANGE
    return UNDETERMINED if UNDETERMINED in (before, after) else "not_assessed"


def _by_chance(
    model: Model,
    key: Mapping[str, Any],
    tipping: TippingCriteria,
    new: Mapping[str, Any],
    differs: Mapping[tuple[str, str, str, str], str],
) -> str:
    """Whether chance may have tipped it: yes, no, or cannot_tell."""
    criteria = {criterion.key: criterion for criterion in model.criterion}
    answers = []
    for name in tipping.tipped_by:
        if name == HISTORY or criteria[name].window or model.pool_years > 1:
            answers.append("cannot_tell")  # the figure compared is not that of the period alone
            continue
        if criteria[name].indicator in key["redefined"]:
            return "cannot_tell"
        figure = (key["area_id"], criteria[name].indicator, key["period_before"], key["period"])
        answers.append(differs.get(figure, "") or "cannot_tell")
    if "yes" in answers:
        return "no"
    chance = new.get("change_by_chance")
    if isinstance(chance, float) and chance == chance:
        return "yes" if chance >= LIKELY_BY_CHANCE else "no"
    return "yes" if answers and set(answers) == {"no"} else "cannot_tell"


def _reason(
    model: Model,
    row: Mapping[str, Any],
    tipping: TippingCriteria,
    answers: Sequence[Answers],
    indicator_labels: Mapping[str, str],
    language: Language,
) -> str:
    """The row in words."""
    text, direction = words("category_changes", language), row["direction"]
    labels = {"before": row["category_before_label"], "after": row["category_label"]}
    labels |= {"period_before": row["period_before"], "period": row["period"]}
    if direction in (RANGE, UNDETERMINED, "not_assessed"):
        return text[direction].format(**labels)
    if direction == "same":
        return text["same"].format(**labels)
    parts = [text[direction].format(**labels)]
    named = {
        name: text["history"] if name == HISTORY else figure_label(model, name, language, indicator_labels)
        for name in tipping.tipped_by
    }
    for criterion in model.criterion:
        if criterion.key in named and criterion.indicator in row["redefined"]:
            named[criterion.key] = f"{named[criterion.key]} ({text['new_definition']})"
    if model.kind == "index":
        parts.append(text["index"])
    elif named:
        moves = [_move(model, name, named[name], answers, language) for name in named]
        parts.append(text["tipped_by"].format(criteria=_listed(moves, language)))
    else:
        parts.append(text["not_tipped"])
    parts += _weights(tipping, named, text, language)
    if not tipping.is_explained and _has_hidden(model, answers):
        parts.append(text["hidden"])
    if row["by_chance"] in ("yes", "no"):
        parts.append(text[f"by_chance_{row['by_chance']}"])
    return " ".join(parts)


def _weights(
    tipping: TippingCriteria, named: Mapping[str, str], text: Mapping[str, str], language: Language
) -> list[str]:
    """Which of several criteria would have done alone, and which it could not do without."""
    if not tipping.is_explained or len(named) < 2:
        return []
    parts = []
    if tipping.sufficient:
        alone = [named[name] for name in tipping.sufficient if name in named]
        key = "sufficient" if len(alone) == 1 else "sufficient_each"
        parts.append(text[key].format(criteria=_listed(alone, language)))
    else:
        parts.append(text["together"])
    without = [named[name] for name in tipping.necessary if name in named]
    if without:
        key = "necessary" if len(without) == 1 else "necessary_each"
        parts.append(text[key].format(criteria=_listed(without, language)))
    if any(alone != needed for alone in tipping.sufficient for needed in tipping.necessary):
        parts.append(text["opposed"])  # without one the other would have done, had nothing moved against it
    return parts


def _move(model: Model, name: str, label: str, answers: Sequence[Answers], language: Language) -> str:
    """A criterion with its answers in both periods: "Health (from 3 to 2 points)"."""
    if name == HISTORY:
        return label
    before, after = (each[name][0] for each in answers)
    if model.kind == "rules":
        key = "now_met" if after else "no_longer_met"
        return f"{label} ({word('category_changes', key, language)})"
    sizes = {
        key: number(size, language, 0 if float(size).is_integer() else 1)
        for key, size in (("before", before), ("after", after))
    }
    return f"{label} ({word('category_changes', 'points', language, **sizes)})"


def _has_hidden(model: Model, answers: Sequence[Answers]) -> bool:
    """Whether a criterion's answer is not known in one of the periods."""
    keys = {criterion.key for criterion in model.criterion}
    return any(least != most for each in answers for key, (least, most) in each.items() if key in keys)


def _listed(names: Sequence[str], language: Language) -> str:
    """``A, B and C``."""
    *first, last = names
    return f"{', '.join(first)} {word('common', 'and', language)} {last}" if first else last
