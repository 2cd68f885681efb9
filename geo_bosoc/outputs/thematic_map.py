"""Thematic maps: areas with classifications and variables by period, as the map page and the GeoPackage draw them.

The yearly run and each study fill a `ThematicMap`. All classing is done here, on values that were never rounded, and
numbers become text here. A categorised and a graduated layer have the same shape, so that the page draws both with the
same few lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

import geopandas as gpd
import pandas as pd

from geo_bosoc.disclosure.results import Edition, PublishedResults, file_date
from geo_bosoc.indicators.spec import Direction, Indicator, Unit, UnknownRule
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.class_limits import theme_limits
from geo_bosoc.outputs.texts import possible_of
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.colours import STRIPE, STRIPE_ANGLE, Fill
from geo_bosoc.text.numbers import UNIT_FACTOR, either, number, protected_word
from geo_bosoc.text.provenance import Provenance, gathered

_Map = TypeVar("_Map", bound="ThematicMap")

LAYER_GROUPS: Final = ("categories", "indicators", "change", "goals", "groups", "balance", "bottom_up")
"""The groups that layers stand in, in the order that the page lists them."""


@dataclass(frozen=True)
class MapCategory:
    """A category of a classification.

    Attributes
    ----------
    id, label : str
        Its id and its word.
    colour : str
        As ``#rrggbb``.
    fill : Fill, optional
        How it is drawn, where that is not its colour with the lines of its rank.
    assessed : bool, optional
        Whether its areas count among those that have a category.
    """

    id: str
    label: str
    colour: str
    fill: Fill | None = None
    assessed: bool = True


@dataclass(frozen=True)
class Class:
    """One class of a layer.

    Attributes
    ----------
    id, label : str
        Its id and its word.
    fill : Fill
        How it is drawn.
    assessed : bool
        Whether its areas have been assessed (have a figure).
    is_range : bool
        Whether it lies between categories: it stands in the legend of periods that have it alone.
    """

    id: str
    label: str
    fill: Fill
    assessed: bool = True
    is_range: bool = False

    def as_data(self) -> dict[str, Any]:
        """The class as plain data for the page."""
        hatch = self.fill.hatch
        data: dict[str, Any] = {"id": self.id, "label": self.label, "colour": self.fill.colour}
        if hatch is not None:
            data["hatch"] = {
                "angle": hatch.angle,
                "spacing": hatch.spacing,
                "width": hatch.width,
                "cross": hatch.cross,
                "dots": hatch.dots,
                "ink": self.fill.ink,
            }
        if self.fill.stripes:
            colours = list(self.fill.stripes)
            data["stripes"] = {"colours": colours, "width": STRIPE, "angle": STRIPE_ANGLE}
        if self.is_range:
            data["range"] = True
        if not self.assessed:
            data["beside"] = True
        return data


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Categories that areas are put in: by a model, or by a study.

    Attributes
    ----------
    id, version, label : str
        As the page and the GeoPackage name it.
    categories : tuple of MapCategory
        The worst first; the last one takes the rest.
    rows : DataFrame
        ``area_id, period, category``, of a range ``possible``, and of a model with points ``points, points_min,
        points_max``; an area without a row is not in the model. A ``note`` is what stands with the area on the map.
        Other columns go to the GeoPackage.
    kind : {"rules", "points", "index"}, optional
        What the rows give beside a category: nothing, points, or the figure of an index.
    notice, case_state : str, optional
        What must be said with it: that it uses residents' origin, and the state of the law.
    source : str, optional
        Of the rules.
    gates : tuple of str, optional
        What an area must pass to be assessed.
    assumptions : tuple of (str, str), optional
        What rests on each assumption, and the assumption.
    share_note : str, optional
        What the shares in the legend are of, with ``{count}``; left out, of the areas that have a category.
    without_row : str, optional
        The word for areas without a row; left out, that they are not assessed.
    group : str, optional
        The group of layers that it stands in (`LAYER_GROUPS`).
    """

    id: str
    version: str
    label: str
    categories: tuple[MapCategory, ...]
    rows: pd.DataFrame
    kind: Literal["rules", "points", "index"] = "rules"
    notice: str = ""
    case_state: str = ""
    source: str = ""
    gates: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()
    share_note: str = ""
    without_row: str = ""
    group: str = "categories"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a graduated layer shows: the words for it, its unit, and which end of it is bad.

    Attributes
    ----------
    id, label : str
        The id in the tables, and the word for it.
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
        What values are shown in.
    direction : {"high_is_bad", "low_is_bad", "neutral"}, optional
        Which end is drawn dark.
    unknown : {"exclude", "met", "not_met"}, optional
        What the value takes those of unknown status to be.
    scale : int, optional
        What numerators are multiplied by (fixed point).
    weight_scale : int, optional
        What weights, of which bases are the sum, are multiplied by.
    is_of_raster : bool, optional
        Whether its counts are m2, or what is spread over cells.
    base_known : bool, optional
        False for a figure that comes without counts.
    definition, assumption, source : str, optional
        What stands about it under "About the figures".
    limits : tuple of float, optional
        Limits between its classes, in the unit that it is shown in; left out, the quintiles of all periods.
    colours : tuple of str, optional
        A colour for each class, from the lowest values to the highest; left out, steps from light to dark.
    is_difference : bool, optional
        Whether values are differences, on both sides of 0: no bar is drawn of them.
    group : str, optional
        The group of layers that it stands in (`LAYER_GROUPS`).
    """

    id: str
    label: str
    unit: Unit
    direction: Direction = "neutral"
    unknown: UnknownRule = "exclude"
    scale: int = 1
    weight_scale: int = 1
    is_of_raster: bool = False
    base_known: bool = True
    definition: str = ""
    assumption: str = ""
    source: str = ""
    limits: tuple[float, ...] | None = None
    colours: tuple[str, ...] = ()
    is_difference: bool = False
    group: str = "indicators"


@dataclass(frozen=True, kw_only=True)
class ThematicMap:
    """What may be drawn: areas in EPSG:25832, and what is shown of them in each period.

    Attributes
    ----------
    name : str
        Of the project.
    language : {"da", "en"}
        Of all words.
    made_up : bool
        Whether the registers are made up: every file then says so.
    edition : Edition
        The set that files belong to, and how small numbers are protected in them.
    areas : GeoDataFrame
        ``area_id, name, kind, geometry``.
    residents : DataFrame
        ``area_id, period, residents``.
    classifications : tuple of Classification
        The categorised layers.
    variables : tuple of Variable
        The graduated layers.
    table, reference_areas : DataFrame
        The figures of the variables in areas and reference areas, in the columns of an indicator table; a suppressed
        one is missing and its status is ``protected``.
    sources : DataFrame
        Where the figures come from (`geo_bosoc.models.provenance`).
    """

    name: str
    language: Language
    made_up: bool
    edition: Edition
    areas: gpd.GeoDataFrame
    residents: pd.DataFrame
    classifications: tuple[Classification, ...]
    variables: tuple[Variable, ...]
    table: pd.DataFrame
    reference_areas: pd.DataFrame
    sources: pd.DataFrame

    @cached_property
    def periods(self) -> list[str]:
        """The periods that there are figures of, sorted as text."""
        return sorted(self.table["period"].unique())

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the last period's year, never the clock."""
        return file_date(self.periods)

    @cached_property
    def area_ids(self) -> list[str]:
        """The areas' ids, in their order."""
        return [str(area) for area in self.areas["area_id"]]


def at_periods(thematic_map: _Map, periods: Collection[str]) -> _Map:
    """The map of some of its periods."""

    def of_periods(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["period"].isin(periods)].reset_index(drop=True)

    classifications = tuple(
        replace(classification, rows=of_periods(classification.rows))
        for classification in thematic_map.classifications
    )
    frames: Any = {
        name: of_periods(getattr(thematic_map, name)) for name in ("table", "reference_areas", "sources")
    }
    return replace(thematic_map, classifications=classifications, **frames)


def published_map(published: PublishedResults) -> ThematicMap:
    """The map of a yearly run: its models' categories, and its indicators."""
    return ThematicMap(**map_parts(published))


def map_parts(published: PublishedResults) -> dict[str, Any]:
    """What a `ThematicMap` of a yearly run is made of, by the names of its fields."""
    names = (
        "name",
        "language",
        "made_up",
        "edition",
        "areas",
        "residents",
        "table",
        "reference_areas",
        "sources",
    )
    return {
        **{name: getattr(published, name) for name in names},
        "classifications": tuple(classification_of(published, model) for model in published.models),
        "variables": tuple(_theme(published, indicator) for indicator in published.indicators),
    }


def _theme(published: PublishedResults, indicator: Indicator) -> Variable:
    """An indicator as a variable, with the classes that the project file gives it, cut from published values alone."""
    variable, theme = variable_of(indicator, published.language), published.themes.get(indicator.id)
    if theme is None:
        return variable
    rows = published.table[published.table["indicator"] == indicator.id]
    values = rows.loc[rows["status"] == "ok", "value"].astype("float64") * UNIT_FACTOR[indicator.unit]
    decimals = 0 if indicator.unit == "count" else 1
    return replace(variable, limits=theme_limits(values, theme, decimals=decimals), colours=theme.colours)


def variable_of(indicator: Indicator, language: Language) -> Variable:
    """An indicator as a variable."""
    return Variable(
        id=indicator.id,
        label=indicator.label(language),
        unit=indicator.unit,
        direction=indicator.direction,
        unknown=indicator.unknown,
        scale=indicator.scale,
        weight_scale=indicator.weight_scale,
        is_of_raster=indicator.is_of_raster,
        base_known=indicator.base_known,
        definition=indicator.definition(language),
        assumption=indicator.assumption_text(language),
        source=indicator.source_text(language),
    )


def classification_of(published: PublishedResults, model: Model) -> Classification:
    """A model's categories as a classification."""
    language = published.language
    labels = {indicator.id: indicator.label(language) for indicator in published.indicators}
    parts: list[tuple[str, Provenance]] = [("", model)]
    parts += [(_gate(gate, labels, language), gate) for gate in model.gates]
    parts += [
        (labels.get(criterion.indicator) or criterion.label(language), criterion)
        for criterion in model.criterion
    ]
    parts += [(category.label(language), category) for category in model.category]
    return Classification(
        id=model.id,
        version=model.version,
        label=model.label(language),
        categories=tuple(
            MapCategory(category.id, category.label(language), category.colour) for category in model.category
        ),
        rows=published.categories[published.categories["model"] == model.id],
        kind=model.kind,
        notice=model.notice(language),
        case_state=model.case_state(language),
        source=model.source_text(language),
        gates=tuple(_gate(gate, labels, language) for gate in model.gates),
        assumptions=tuple(gathered(parts, language)),
    )


def _gate(gate: Any, labels: Mapping[str, str], language: str) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(gate.operator, gate.operator)
    threshold = plain_number(gate.threshold, language)
    if gate.indicator == "residents":
        return f"{sign} " + word("map", "residents", language, count=threshold)
    return f"{labels.get(gate.indicator, gate.indicator)} {sign} {threshold}"


def category_label(classification: Classification, category: str, language: Language) -> str:
    """The word for a category or for the class of a range, those of areas that are not assessed included."""
    labels = {each.id: each.label(language) for each in NOT_ASSESSED}
    labels |= {each.id: each.label for each in classification.categories}
    between = possible_of(category)
    if between is None:
        return labels.get(category, category)
    return either([labels.get(name, name) for name in reversed(between)], language) or protected_word(
        language
    )


def plain_number(value: Any, language: str) -> str:
    """A number with decimals only where it has any: ``3``, ``2,5``."""
    decimals = 0 if float(value).is_integer() else 1
    return number(float(value), language, decimals)


def area_names(thematic_map: ThematicMap) -> list[str]:
    """Names in the order of the areas: the id where there is none, and behind a name that stands twice."""
    ids = [str(area) for area in thematic_map.areas["area_id"]]
    pairs = zip(thematic_map.areas["name"], ids, strict=True)
    names = [name if isinstance(name, str) and name else area_id for name, area_id in pairs]
    double = {name for name, times in Counter(names).items() if times > 1}
    return [f"{name} ({key})" if name in double else name for name, key in zip(names, ids, strict=True)]


def sortable_names(names: Sequence[str]) -> list[str]:
    """Names as they sort in Danish: æ, ø and å come last."""
    last = str.maketrans({"æ": "z{", "ø": "z|", "å": "z}", "ä": "z{", "ö": "z|"})
    return [name.casefold().translate(last) for name in names]
