"""What stands beside a category in tables: the result without origin, what is open or assumed, how sure it is."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import category_word, word

TEXTS: Final = ("undetermined_by", "possible", "assumed", "small_base")
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
    names = [name for name in (*TEXTS, *SHARES) if name in had]
    if any(model.uses_origin for model in published.models):
        names += [name for name in APART[:1] if name in had]
    if published.output_set == "internal" and CHANGE in had:
        names.append(CHANGE)
    own = published.categories[[*KEYS, *names]].drop_duplicates(KEYS)
    table = rows[KEYS].merge(own, on=KEYS, how="left")
    if APART[0] in names:
        models = {model.id: model for model in published.models}
        told = zip(table["model"], table[APART[0]], strict=True)
        labels = [
            category_word(models.get(model), category, published.language)
            if isinstance(category, str)
            else ""
            for model, category in told
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
    met = flags.assign(met=[word(f"met_{state}", published.language) for state in flags["met"]])
    met = met.drop_duplicates([*KEYS, "category"])
    wide = met.set_index([*KEYS, "category"])["met"].unstack("category")  # noqa: PD010
    order = dict.fromkeys(category.id for model in published.models for category in model.category)
    return wide[[name for name in order if name in wide.columns]].add_prefix(FLAG).reset_index()


def side_by_side(model: Model) -> bool:
    """Whether areas may be in several of a model's categories, so that each is told by itself."""
    return model.kind == "rules" and len(model.category) > 2
