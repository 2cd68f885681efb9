"""The themes of static maps: a model's categories, or an indicator's figures, of published results in a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from geo_bosoc.disclosure.results import PublishedResults, stamps
from geo_bosoc.models.uncertainty.robustness import LIKELY_BY_CHANCE
from geo_bosoc.outputs.category_order import way_of
from geo_bosoc.outputs.figure_classes import variable_classes
from geo_bosoc.outputs.layers import by_area, category_layer, variable_layer
from geo_bosoc.outputs.static_map.content import Chance, LegendLine, MapContent, Movement
from geo_bosoc.outputs.static_map.ground import Ground
from geo_bosoc.outputs.static_map.words import alt_text, map_notes, map_subtitle, map_title
from geo_bosoc.outputs.texts import absent
from geo_bosoc.outputs.thematic_map import (
    Class,
    Classification,
    ThematicMap,
    area_names,
    published_map,
    sortable_names,
)
from geo_bosoc.problems import InputError, Problem, did_you_mean
from geo_bosoc.problems.messages import phrase

Layer = tuple[dict[str, Any], list[Class]]


def themes_of(published: PublishedResults) -> list[str]:
    """The ids of what maps can be made of: the models, then the indicators."""
    return [*(each.id for each in published.models), *(each.id for each in published.indicators)]


def main_themes(published: PublishedResults) -> list[str]:
    """What maps are made of where nothing is chosen: the models, or without one the indicators."""
    return [each.id for each in published.models] or [each.id for each in published.indicators]


def map_content(
    published: PublishedResults,
    theme: str | None = None,
    period: str | None = None,
    by_chance: Mapping[tuple[str, str, str, str], Chance] = MappingProxyType({}),
    ground: Ground | None = None,
) -> MapContent:
    """What the map of a theme in a period shows.

    Parameters
    ----------
    published : PublishedResults
        What may be shown.
    theme : str, optional
        The id of a model or an indicator; left out, the first model, or without a model the first indicator.
    period : str, optional
        One of the results' periods; left out, the last one.
    by_chance : mapping of (str, str, str, str) to str, optional
        Whether chance may have changed a category (yes, no or cannot_tell), by model, area, the period before and the
        period. What it does not tell is told by the published chance of another category with nothing changed.
    ground : Ground, optional
        What lies beneath the areas, where other maps have it too.

    Raises
    ------
    InputError
        There is no such theme or period.
    """
    theme = _chosen("theme", theme, themes_of(published), first=True)
    period = _chosen("period", period, published.periods, first=False)
    position = published.periods.index(period)
    before = published.periods[position - 1] if position else ""
    thematic_map = published_map(published)
    names = area_names(thematic_map)
    classification = next((each for each in thematic_map.classifications if each.id == theme), None)
    if classification is None:
        layer, classes = _graduated(thematic_map, theme, names)
    else:
        layer, classes, _ = category_layer(thematic_map, classification, sortable_names(names))
    drawn, order = tuple(layer["drawn"][position]), tuple(layer["order"][position])
    moves = {}
    if classification is not None and before:
        answers = {
            key[1]: answer
            for key, answer in by_chance.items()
            if key[::2] == (theme, before) and key[3] == period
        }
        moves = _movements(thematic_map, classification, classes, layer["drawn"], position, answers)
    legend = _legend(layer, classes, classification, position)
    areas = published.areas[["area_id", "geometry"]].assign(name=names).reset_index(drop=True)
    title = map_title(published, theme, period)
    return MapContent(
        title=title,
        subtitle=map_subtitle(published, theme),
        language=published.language,
        theme=theme,
        period=period,
        is_categorised=classification is not None,
        before=before,
        areas=areas,
        classes=tuple(classes),
        drawn=drawn,
        order=order,
        moves=moves,
        legend=legend,
        ground=ground or Ground(published.areas, published.context),
        notes=tuple(map_notes(published, theme, period, areas)),
        stamps=tuple(stamps(published)),
        alt=alt_text(
            published,
            title,
            before,
            legend,
            [(names[index], moves[index]) for index in order if index in moves],
            [names[index] for index in order if classification is not None and drawn[index] == 0],
        ),
    )


def _chosen(what: str, name: str | None, choices: Sequence[str], *, first: bool) -> str:
    """A theme or a period that there is."""
    if name is not None and name in choices:
        return name
    if name is None and choices:
        return choices[0] if first else choices[-1]
    message = (
        phrase('there is no "{name}" in the results.', name=name)
        if name is not None
        else phrase("the results hold nothing that a map could show.")
    )
    raise InputError([Problem("error", message, key=what, hint=did_you_mean(name or "", choices))])


def _graduated(thematic_map: ThematicMap, theme: str, names: Sequence[str]) -> Layer:
    """The layer of an indicator and its classes."""
    variable = next(each for each in thematic_map.variables if each.id == theme)
    table = thematic_map.table[thematic_map.table["indicator"] == theme]
    layer = variable_layer(thematic_map, variable, by_area(table), sortable_names(names))
    return layer, variable_classes(thematic_map, variable, table)[1]


def _legend(
    layer: dict[str, Any], classes: Sequence[Class], classification: Classification | None, position: int
) -> tuple[LegendLine, ...]:
    """The classes that have areas now or before, and all that a model or an indicator has itself."""
    category_ids = {each.id for each in classification.categories} if classification is not None else None
    now = layer["legend"][position]["counts"]
    before = layer["legend"][position - 1]["counts"] if position else [None] * len(classes)
    return tuple(
        LegendLine(drawn, count, earlier)
        for drawn, count, earlier in zip(classes, now, before, strict=True)
        if count or earlier or (drawn.assessed if category_ids is None else drawn.id in category_ids)
    )


def _movements(
    thematic_map: ThematicMap,
    classification: Classification,
    classes: Sequence[Class],
    drawn: Sequence[Sequence[int]],
    period_position: int,
    answers: Mapping[str, Chance],
) -> dict[int, Movement]:
    """By place the areas whose category is another one, whatever a range turns out to be."""
    now, before, period = (
        drawn[period_position],
        drawn[period_position - 1],
        thematic_map.periods[period_position],
    )
    categories = [category.id for category in classification.categories]
    rows = by_area(classification.rows[classification.rows["period"] == period])
    moves = {}
    for position, (new, old) in enumerate(zip(now, before, strict=True)):
        way = way_of(categories, classes[old].id, classes[new].id)
        if way is None:
            continue
        area_id = thematic_map.area_ids[position]
        chance = answers.get(area_id) or _chance(rows.get((area_id, period), {}).get("change_by_chance"))
        moves[position] = Movement(way, chance)
    return moves


def _chance(value: Any) -> Chance:
    if absent(value):
        return "cannot_tell"
    return "yes" if float(value) >= LIKELY_BY_CHANCE else "no"
