"""The words of static maps: titles, what must be said with a map, and the text for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import geopandas as gpd

from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.models.exact_values import periods_read
from geo_bosoc.models.provenance import lines_of
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.static_map.content import Chance, Direction, LegendLine, Movement
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

MOST_NAMES: Final = 12
"""So many areas are named in a sentence; of more, their number is told."""
DIRECTIONS: Final[tuple[Direction, ...]] = ("worse", "better")
CHANCES: Final[tuple[Chance, ...]] = ("no", "yes", "cannot_tell")


def map_title(published: PublishedResults, theme: str, period: str) -> str:
    """What a map is called: the theme, the period and the project."""
    names = {"theme": _theme_words(published, theme), "period": period, "project": published.name}
    return word("static_map", "title", published.language, **names)


def series_title(published: PublishedResults, theme: str, first: str, last: str) -> str:
    """What the sheet of several periods is called."""
    shown = _theme_words(published, theme)
    names = {"theme": shown, "first": first, "last": last, "project": published.name}
    return word("static_map", "series_title", published.language, **names)


def _theme_words(published: PublishedResults, theme: str) -> str:
    if any(model.id == theme for model in published.models):
        return word("common", "map_title", published.language)
    return next((spec.label(published.language) for spec in published.indicators if spec.id == theme), "")


def map_subtitle(published: PublishedResults, theme: str) -> str:
    """What stands below the title: the model with its version, or what an indicator counts."""
    language = published.language
    for model in published.models:
        if model.id == theme:
            version = word("map", "version", language)
            return f"{model.label(language)} ({model.id}, {version} {model.version})"
    return next((spec.definition(language) for spec in published.indicators if spec.id == theme), "")


def map_notes(published: PublishedResults, theme: str, period: str, areas: gpd.GeoDataFrame) -> Iterator[str]:
    """What must be said with a map, a paragraph each."""
    language = published.language
    model = next((each for each in published.models if each.id == theme), None)
    yield word("static_map", "category_is_of_area" if model is not None else "figure_is_of_area", language)
    if model is not None:
        yield from filter(None, (model.notice(language), model.case_state(language)))
    if published.policy.suppresses:
        yield word("static_map", "suppressed", language)
    shapeless = areas.loc[areas.geometry.isna() | areas.geometry.is_empty, "name"].tolist()
    if shapeless:
        yield word("static_map", "no_outline", language, names=some_names(shapeless, language))
    sources = _sources(published, model, theme, period)
    if sources:
        yield f"{word('common', 'sources', language)}: {'; '.join(sources)}."


def _sources(published: PublishedResults, model: Model | None, theme: str, period: str) -> list[str]:
    """Register, period, status date and source of what a map rests on, each once."""
    if model is None:
        figures = [(theme, period)]
    else:
        figures = [
            (criterion.indicator, year)
            for criterion in model.criterion
            for year in periods_read(model, criterion, period)
        ]
        figures += [(gate.indicator, period) for gate in model.gates]
    lines = (line for figure in figures for line in lines_of(published.sources, *figure, published.language))
    return list(dict.fromkeys(lines))


def some_names(names: Sequence[str], language: Language) -> str:
    """Names with commas between; of many their number.

    >>> some_names(["Elmeparken", "Søndervang"], "da"), some_names(["A"] * 20, "da")
    ('Elmeparken, Søndervang', '20 områder')
    """
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return word("static_map", "areas", language, count=number(len(names), language))


def movement_words(movement: Movement, before: str, language: Language) -> str:
    """What a movement's sign means in the legend."""
    chance = word("static_map", f"chance_{movement.chance}", language)
    return word("static_map", f"moved_{movement.direction}", language, before=before, chance=chance)


def alt_text(
    published: PublishedResults,
    title: str,
    before: str,
    legend: Sequence[LegendLine],
    moved: Sequence[tuple[str, Movement]],
    worst: Sequence[str],
) -> str:
    """What a map shows, in words: the stamps, how many areas each class has now and before, and what moved.

    Parameters
    ----------
    published : PublishedResults
        What it shows.
    title, before : str
        The map's title, and the period before.
    legend : sequence of LegendLine
        Its classes.
    moved : sequence of (str, Movement)
        The areas that moved, by name.
    worst : sequence of str
        The names of the areas in a model's worst category.
    """
    language = published.language
    total = sum(line.now for line in legend)
    parts = [
        *stamp_texts(published),
        f"{title}.",
        word("static_map", "alt_areas", language, count=number(total, language)),
    ]
    counts = [
        f"{line.drawn.label}: {number(line.now, language)}"
        + ("" if line.before is None else f" ({before}: {number(line.before, language)})")
        for line in legend
    ]
    parts.append("; ".join(counts) + ".")
    if worst:
        parts.append(f"{legend[0].drawn.label}: {some_names(worst, language)}.")
    for direction in DIRECTIONS:
        for chance in CHANCES:
            of_kind = [name for name, each in moved if (each.direction, each.chance) == (direction, chance)]
            if of_kind:
                sign = movement_words(Movement(direction, chance), before, language)
                parts.append(f"{sign}: {some_names(of_kind, language)}.")
    return " ".join(parts)
