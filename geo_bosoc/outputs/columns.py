"""Columns of tables: what they are called, and what stands with a category: what is open or assumed, how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models import Categorisation
from geo_bosoc.models.index_spec import TOTAL
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import category_word
from geo_bosoc.text.catalogue import Language, word_or_key, words

TEXTS: Final = ("possible", "socioeconomic", "assumed", "small_base", "smallest_change")
NUMBERS: Final = ("held", "change_by_chance")


def column_words(columns: Iterable[str], labels: Mapping[str, str], language: str) -> dict[str, str]:
    """A word for each column, in their order.

    Parameters
    ----------
    columns : iterable of str
        Names of columns.
    labels : mapping of str to str
        Words of indicators and criteria by id, for columns such as ``<id>_value``.
    language : {"da", "en"}
        Of the words.

    Examples
    --------
    >>> column_words(["name", "health_value"], {"health": "Helbred"}, "da")
    {'name': 'Område', 'health_value': 'Helbred: værdi'}
    """
    figures = words("figure_columns", language)
    by_length = sorted(figures, key=len, reverse=True)
    named: dict[str, str] = {}
    for column in columns:
        figure = next((name for name in by_length if column.endswith(f"_{name}")), "")
        start = column.removesuffix(f"_{figure}")
        if start in labels and figure:
            named[column] = f"{labels[start]}: {figures[figure]}"
        else:
            named[column] = word_or_key("columns", column, language)
    return named


def beside_category(published: PublishedResults, model: Model, period: str) -> pd.DataFrame:
    """What a model tells beside its category in a period: `area_id` and the columns that say anything in any period.

    The columns are the same in every period, so that layers can be compared.
    """
    every = published.categories.loc[published.categories["model"] == model.id]
    rows = every.loc[every["period"] == period].drop_duplicates("area_id")
    extras = pd.DataFrame({"area_id": rows["area_id"]})
    for name in TEXTS:
        if name in every.columns and every[name].notna().any():
            extras[name] = rows[name].fillna("").astype(str)
            if name == "socioeconomic":
                labels = {category.id: category.label(published.language) for category in model.categories}
                extras["socioeconomic_label"] = extras[name].map(labels).fillna("")
    for name in NUMBERS:
        if name in every.columns and every[name].notna().any():
            extras[name] = rows[name].astype("Float64").astype("float64")
    flags = published.flags.loc[
        (published.flags["model"] == model.id) & (published.flags["period"] == period)
    ]
    for category in model.category[:-1] if (published.flags["model"] == model.id).any() else ():
        met = (
            flags.loc[flags["category"] == category.id].drop_duplicates("area_id").set_index("area_id")["met"]
        )
        extras[f"is_{category.id}"] = extras["area_id"].map(met).fillna("").astype(str)
    return extras


BESIDE_TEXTS: Final = ("undetermined_by", "possible", "assumed", "small_base")
SHARES: Final = ("held", "change_by_chance")
APART: Final = ("socioeconomic", "socioeconomic_label")
CHANGE: Final = "smallest_change"
FLAG: Final = "is_"
KEYS: Final = ["period", "model", "area_id"]


def beside_table(published: PublishedResults, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``categories.csv`` behind the others, in the rows of `rows` (``period, model, area_id``).

    Returns
    -------
    DataFrame
        ``undetermined_by, possible, assumed, small_base`` (ids, ", " between them) and ``held, change_by_chance`` as
        far as `shown.categories` has them; ``socioeconomic, socioeconomic_label`` where a model uses residents'
        origin; ``smallest_change`` in the internal set; ``is_<category>`` for the categories of models with rules,
        where an area may be in several (yes, no or undetermined; empty for other models).
    """
    had = published.categories.columns
    names = [name for name in (*BESIDE_TEXTS, *SHARES) if name in had]
    if any(model.uses_origin for model in published.models):
        names += [name for name in APART[:1] if name in had]
    if published.output_set == "internal" and CHANGE in had:
        names.append(CHANGE)
    extras = published.categories[[*KEYS, *names]].drop_duplicates(KEYS)
    table = rows[KEYS].merge(extras, on=KEYS, how="left")
    if APART[0] in names:
        models = {model.id: model for model in published.models}
        pairs = zip(table["model"], table[APART[0]], strict=True)
        labels = [
            category_word(models.get(model), category, published.language)
            if isinstance(category, str)
            else ""
            for model, category in pairs
        ]
        table.insert(list(table.columns).index(APART[0]) + 1, APART[1], labels)
    flags = flag_table(published)
    if not flags.empty:
        table = table.merge(flags, on=KEYS, how="left")
    return table.drop(columns=KEYS)


def flag_table(published: PublishedResults) -> pd.DataFrame:
    """``period, model, area_id`` and a column ``is_<category>`` for each category of models with rules, in words."""
    flags = published.flags
    if flags.empty:
        return pd.DataFrame(columns=KEYS)
    met = flags.assign(
        met=[word_or_key("tables", f"met_{state}", published.language) for state in flags["met"]]
    )
    met = met.drop_duplicates([*KEYS, "category"])
    wide = met.set_index([*KEYS, "category"])["met"].unstack("category")  # noqa: PD010
    order = dict.fromkeys(category.id for model in published.models for category in model.category)
    return wide[[name for name in order if name in wide.columns]].add_prefix(FLAG).reset_index()


def side_by_side(model: Model) -> bool:
    """Whether areas may be in several of a model's categories, so that each is told by itself."""
    return model.kind == "rules" and len(model.category) > 2


BOOK_MARK: Final = "geo_bosoc categorise"
"""The keyword of workbooks that are written of finished tables."""

FINISHED_KEYS: Final = ("area_id", "period", "model", "model_version", "category")
"""The columns that `finished_table` begins with."""


def finished_table(done: Categorisation, language: Language) -> pd.DataFrame:
    """One row an area and period.

    Returns
    -------
    DataFrame
        ``area_id, period, model, model_version, category, category_label`` and ``category_local`` (in the language of
        the model's country, where the model gives it); ``points, points_min, points_max`` where the model gives points;
        ``possible, undetermined_by`` (what it can still be, and the figures that would
        settle it), ``socioeconomic`` (the result without residents' origin) and ``assumed`` where they say
        anything; then for a model of rules a column ``is_<category>`` for each of its categories (yes, no or
        undetermined: areas may be in several); for an index the columns of `index_columns`.
    """
    rows = done.categories
    label = rows["category"].map(lambda name: done.model.category_label(str(name), language))
    table = rows[list(FINISHED_KEYS)].assign(category_label=label)
    local = {category.id: category.label_local for category in done.model.category if category.label_local}
    if local:
        table["category_local"] = rows["category"].map(local).fillna("")
    said = ("points", "points_min", "points_max", "possible", "undetermined_by", "socioeconomic", "assumed")
    for name in said:
        if name in rows.columns and rows[name].replace("", None).notna().any():
            table[name] = rows[name]
    if done.model.kind == "index":
        return table.merge(index_columns(done), on=["area_id", "period"], how="left", validate="one_to_one")
    if done.flags.empty:
        return table
    met = done.flags.assign(
        met=done.flags["met"].map(lambda state: word_or_key("tables", f"met_{state}", language))
    )
    wide = met.set_index(["area_id", "period", "category"])["met"].unstack("category")  # noqa: PD010
    order = [category.id for category in done.model.category if category.id in wide.columns]
    wide = wide[order].add_prefix("is_").reset_index()
    return table.merge(wide, on=["area_id", "period"], how="left", validate="one_to_one")


def index_columns(done: Categorisation) -> pd.DataFrame:
    """What an index is made of, one row an area and period.

    Returns
    -------
    DataFrame
        ``area_id, period``; ``rank`` (from the worst) and ``ranked`` (how many are) of the index; ``score_<group>``
        and ``rank_<group>`` of its groups; ``class_<classing>``; ``part_<criterion>``, each criterion's normalised
        value.
    """
    scores = done.scores
    keys = ["area_id", "period"]
    columns: dict[str, pd.Series] = {}
    by_score = {str(name): rows for name, rows in scores.groupby("score", sort=False)}
    for name, rows in by_score.items():
        values = rows.drop_duplicates(keys).set_index(keys)
        if name == TOTAL:
            columns["rank"], columns["ranked"] = values["rank"], values["ranked"]
        else:
            columns[f"score_{name}"], columns[f"rank_{name}"] = values["value"], values["rank"]
    for classing, rows in scores.groupby("classing", sort=False):
        columns[f"class_{classing}"] = rows.set_index(keys)["class"]
    for criterion, rows in done.criteria.groupby("criterion", sort=False):
        columns[f"part_{criterion}"] = rows.set_index(keys)["points"]
    return pd.DataFrame(columns).rename_axis(keys).reset_index()
