"""What a static map shows, before anything is drawn: each area's class, what moved, the legend's counts, the words.

All of it is of published results; a range of categories is a class of its own, and nothing narrower is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd

from geo_bosoc.disclosure.results import Stamp
from geo_bosoc.outputs.static_map.ground import Ground
from geo_bosoc.outputs.thematic_map import Class
from geo_bosoc.text.catalogue import Language

Direction = Literal["worse", "better"]
Chance = Literal["no", "yes", "cannot_tell"]


@dataclass(frozen=True)
class Movement:
    """How an area's category differs from the period before.

    Attributes
    ----------
    direction : {"worse", "better"}
        Towards which end of the model.
    chance : {"no", "yes", "cannot_tell"}
        Whether chance in small numbers may have done it.
    """

    direction: Direction
    chance: Chance


@dataclass(frozen=True)
class LegendLine:
    """A class in the legend.

    Attributes
    ----------
    drawn : Class
        The class.
    now, before : int or None
        How many areas are in it, in the map's period and in the period before; None where there is none before.
    """

    drawn: Class
    now: int
    before: int | None


@dataclass(frozen=True)
class MapContent:
    """A theme in a period, ready to be drawn.

    Attributes
    ----------
    title, subtitle : str
        What stands above the map.
    language : {"da", "en"}
        Of the words.
    theme, period : str
        The id of a model or an indicator, and the period.
    is_categorised : bool
        Whether it shows a model's categories; else an indicator's figures.
    before : str
        The period before; "" where there is none.
    areas : GeoDataFrame
        ``area_id, name, geometry``; the name is the id where there is none.
    classes : tuple of Class
        Every class that an area may have in some period.
    drawn : tuple of int
        By area its class in the period.
    order : tuple of int
        Places of the areas, those that matter most first.
    moves : mapping of int to Movement
        By the place of an area.
    legend : tuple of LegendLine
        The classes that have areas in the period or the one before, and all of a model's categories.
    ground : Ground
        What is drawn beneath, and how far the map reaches.
    notes : tuple of str
        What must be said with it, a paragraph each: what a category is, what is suppressed, sources, the model.
    stamps : tuple of Stamp
        Internal, small numbers shown, made-up.
    alt : str
        What it shows, in words.
    """

    title: str
    subtitle: str
    language: Language
    theme: str
    period: str
    is_categorised: bool
    before: str
    areas: gpd.GeoDataFrame
    classes: tuple[Class, ...]
    drawn: tuple[int, ...]
    order: tuple[int, ...]
    moves: Mapping[int, Movement]
    legend: tuple[LegendLine, ...]
    ground: Ground
    notes: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    alt: str

    def places_of(self, area_ids: Sequence[str]) -> list[int]:
        """The places of areas by their ids."""
        positions = {str(area_id): position for position, area_id in enumerate(self.areas["area_id"])}
        return [positions[area_id] for area_id in area_ids if area_id in positions]
