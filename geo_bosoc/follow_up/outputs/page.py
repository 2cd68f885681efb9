"""The follow-up as a map: status x dynamics, which way categories moved and why, and the change of each indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.sentences import in_language
from geo_bosoc.follow_up.outputs.category_layers import (
    CAUSES,
    causes_layers,
    dynamics_layer,
    moves_layer,
    nearest_pairs,
)
from geo_bosoc.follow_up.outputs.goals_on_map import GOALS, goals_layer, goals_of_page
from geo_bosoc.follow_up.spec import ClassesPart
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.texts.sentences import origin_notices
from geo_bosoc.outputs.class_limits import theme_limits
from geo_bosoc.outputs.geopackage.write import VARIABLES, write_map_geopackage
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.page.risk_map import write_page
from geo_bosoc.outputs.thematic_map import Variable
from geo_bosoc.text.catalogue import LANGUAGES, Language, word, words
from geo_bosoc.text.numbers import UNIT_FACTOR


def write_follow_up_map(results: FollowUpResults, path: str | Path) -> None:
    """Write the self-contained map page of the follow-up; nothing where no two periods are compared."""
    page = follow_up_page(results)
    if page is not None:
        others = [language for language in LANGUAGES if language != results.language]
        pages = {language: follow_up_page(results, language) for language in others}
        write_page(page, path, {language: each for language, each in pages.items() if each is not None})


def write_follow_up_geopackage(results: FollowUpResults, path: str | Path) -> None:
    """Write the layers of the map for QGIS, in the same colours (`geo_bosoc.outputs.geopackage.write`).

    For each period ``dynamics_<period>``, ``moves_<period>`` and ``goals_<period>``, as far as there are any, and
    ``change_<period>`` with the change of each indicator, a style each; in an internal set where persons are linked
    ``causes_<n>_years_<period>``. Nothing where no two periods are compared.
    """
    page = follow_up_page(results)
    if page is None:
        return
    tables = {layer.id: _table_of_layer(layer.id) for layer in page.classifications}
    notice = word("follow_up_map", "note", results.language)
    write_map_geopackage(page, path, tables={**tables, VARIABLES: "change"}, notice=notice)


def _table_of_layer(name: str) -> str:
    """What the names of a classification's layers begin with in the GeoPackage."""
    if name == GOALS:
        return GOALS
    if CAUSES in name:
        return f"causes_{name.rpartition('-')[2]}_years"
    return "moves" if name.endswith("-moves") else "dynamics"


def follow_up_page(results: FollowUpResults, language: Language | None = None) -> Page | None:
    """The follow-up as a map page: layers for status x dynamics, moves of categories, goals, and one an indicator.

    In an internal set where persons are linked over years, layers say why categories changed. All is drawn from the
    tables of the same set. Each period is shown with the one that lies the fewest years before it; classes of change
    are the same in all periods.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    language : {"da", "en"}, optional
        Of its words, instead of the results'; sentences of the study's tables stay in theirs.

    Returns
    -------
    Page or None
        None where no two periods are compared.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> results = gb.follow_up.study_follow_up(gb.suppress(gb.analyse("bosoc.toml")))  # doctest: +SKIP
    >>> [layer.id for layer in gb.follow_up.follow_up_page(results).classifications]  # doctest: +SKIP
    ['aarhus-2018-categories', 'aarhus-2018-moves']
    """
    if language is not None:
        results = replace(results, published=in_language(results.published, language, labels_alone=True))
    frames, published, language = results.frames, results.published, results.language
    change = nearest_pairs(frames.get("change"))
    if change is None:
        return None
    text = words("follow_up_map", language)
    variables = tuple(
        _variable(indicator, change, results.part.classes, language)
        for indicator in published.indicators
        if (change["indicator"] == indicator.id).any()
    )
    table = _table(change, published.indicators, results.part.change.against)
    is_reference = table["area_id"].str.startswith("@")
    classifications, explanations, without_card = [], {}, [GOALS]
    for model in published.models:
        for layer, why in (dynamics_layer(results, model), moves_layer(results, model)):
            if layer is not None:
                classifications.append(layer)
                explanations[layer.id] = why
        causes = causes_layers(results, model)
        classifications += causes
        without_card += [layer.id for layer in causes]
    goals = goals_of_page(results, sorted(table["period"].unique()))
    if (of_goals := goals_layer(results, goals)) is not None:
        classifications.append(of_goals)
    return Page(
        name=published.name,
        title=text["title"],
        language=language,
        made_up=results.made_up,
        edition=results.edition,
        areas=published.areas,
        context=published.context,
        backdrop=published.backdrop,
        residents=published.residents,
        classifications=tuple(classifications),
        variables=variables,
        table=table[~is_reference].reset_index(drop=True),
        reference_areas=table[is_reference].reset_index(drop=True),
        sources=published.sources[published.sources["period"].isin(table["period"].unique())],
        origin_notices=tuple(origin_notices(published.models, language)),
        explanations=explanations,
        points=_how_sure(change, language),
        notes=(text["note"],),
        goals=goals,
        without_card=tuple(without_card),
    )


def _variable(
    indicator: Indicator, change: pd.DataFrame, classes: ClassesPart, language: Language
) -> Variable:
    """The change of an indicator, in percentage points where it is a share."""
    unit = word("follow_up_map", f"unit_{indicator.unit}", language)
    rows = change[(change["indicator"] == indicator.id) & ~change["area_id"].str.startswith("@")]
    differences = rows["difference"] * UNIT_FACTOR[indicator.unit]
    return Variable(
        id=indicator.id,
        label=word("follow_up_map", "change_of", language, label=indicator.label(language), unit=unit),
        unit="count" if indicator.unit == "count" else "mean",
        direction=indicator.direction,
        definition=indicator.definition(language),
        assumption=word("follow_up_map", "interval", language),
        source=indicator.source_text(language),
        limits=theme_limits(differences, classes.theme(indicator.id)),
        is_difference=True,
        group="change",
    )


def _how_sure(change: pd.DataFrame, language: Language) -> dict[tuple[str, str, str], list[str]]:
    """Whether each change is larger than chance, by area, period and indicator, where that can be told."""
    said = {each: word("follow_up_map", f"differs_{each}", language) for each in ("yes", "no")}
    rows = change.loc[change["differs"].isin(said), ["area_id", "period", "indicator", "differs"]]
    return {(area, period, name): [said[each]] for area, period, name, each in rows.to_numpy().tolist()}


def _table(change: pd.DataFrame, indicators: Sequence[Indicator], against: str | None) -> pd.DataFrame:
    """The differences in the shape of an indicator table; `against` is what all are seen against, if anything is."""
    chosen = {each.id: against or each.reference_area for each in indicators}
    factor = (
        change["indicator"].map({each.id: UNIT_FACTOR[each.unit] for each in indicators}).astype("float64")
    )
    empty = pd.Series(pd.NA, index=change.index, dtype="Int64")
    return pd.DataFrame(
        {
            "area_id": change["area_id"].astype(str),
            "period": change["period"],
            "indicator": change["indicator"],
            "numerator": empty,
            "denominator": empty,
            "unknown": empty,
            "value": change["difference"] * factor,
            "low": change["low"] * factor,
            "high": change["high"] * factor,
            "reference": change["reference_difference"] * factor,
            "reference_area": change["indicator"].map(chosen),
            "ratio": np.nan,
            "status": change["status"],
            "period_before": change["period_before"],
        }
    ).reset_index(drop=True)
