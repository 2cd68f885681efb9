"""The page model: what a map page shows, as the yearly run and each study fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from geo_bosoc.indicators.similar_areas import TWIN_COLUMNS, TwinsPart
from geo_bosoc.outputs.page.charts import Charts
from geo_bosoc.outputs.thematic_map import ThematicMap
from geo_bosoc.rasters.backdrop import Backdrop

Pattern = Literal["", "dots"]


@dataclass(frozen=True)
class Overlay:
    """A layer over the areas.

    Attributes
    ----------
    id : str
        Letters, digits, hyphens and underscores.
    label, note : str
        Its name in the list of layers, and what its signs mean.
    features : GeoDataFrame
        ``geometry`` (polygons; those without are left out), ``title`` and ``lines`` (a list of texts) of what hovering
        tells, ``count`` (the badge's number; 0 draws no badge) and ``area`` (the id of the area that pressing it
        chooses, or "").
    colour : str
        ``#rrggbb`` of the line.
    dash : str, optional
        The line's pattern as SVG has it, "" for an unbroken line.
    pattern : {"", "dots"}, optional
        What the polygons are filled with.
    count : int, optional
        The number that stands with the label; by default that of the features.
    counted : str, optional
        That number in words.
    visible : bool, optional
        Whether it is drawn when the page opens.
    """

    id: str
    label: str
    note: str
    features: gpd.GeoDataFrame
    colour: str
    dash: str = ""
    pattern: Pattern = ""
    count: int | None = None
    counted: str = ""
    visible: bool = True


@dataclass(frozen=True)
class Before:
    """An area's category in the period before.

    Attributes
    ----------
    category : str
        Its id, or the class of a range (`geo_bosoc.outputs.texts.category_class`).
    points : str, optional
        In words.
    moves : tuple of (str, str), optional
        What moved the points since: an indicator's word, and the points with their sign.
    is_complete : bool, optional
        Whether `moves` are all that moved; not where a figure of either period is hidden.
    """

    category: str
    points: str = ""
    moves: tuple[tuple[str, str], ...] = ()
    is_complete: bool = True


@dataclass(frozen=True)
class Explanation:
    """What the side panel says of an area's category; what is empty is left out.

    Attributes
    ----------
    points : str
        In the place of the points of the row, such as "3 of 9 points".
    before : Before or None
        The period before, where there was a category.
    socioeconomic : str
        The category without residents' origin.
    possible : sequence of str
        Words of the categories that it can be, where a figure is missing.
    unsettled : sequence of str
        Words of the figures that would settle it.
    notes : sequence of str
        What is assumed, and what rests on few persons.
    stability : sequence of str
        How sure the category is, and the smallest change to another one.
    flags : sequence of dict
        Each category by itself, where an area may be in several: ``label, met, answer``.
    flags_heading : str
        What stands over them; left out, that each category stands by itself.
    criteria : sequence of str
        A sentence each.
    """

    points: str = ""
    before: Before | None = None
    socioeconomic: str = ""
    possible: Sequence[str] = ()
    unsettled: Sequence[str] = ()
    notes: Sequence[str] = ()
    stability: Sequence[str] = ()
    flags: Sequence[Mapping[str, str]] = ()
    flags_heading: str = ""
    criteria: Sequence[str] = ()


@dataclass(frozen=True)
class GoalStanding:
    """How a goal stands in a period.

    Attributes
    ----------
    status : {"met", "on_course", "behind", "moving_away", "cannot_tell", "no_goal"}
        As in the table of goals.
    word : str
        The status in words.
    period : str
        Of the figure that it was judged by; "" where there is none.
    figures : tuple of (str, str, str)
        What a figure is (baseline, goal, latest, path, municipality), the words for it, and the figure.
    notes : tuple of str
        Why it stands so, and how sure that is.
    """

    status: str
    word: str
    period: str
    figures: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageGoal:
    """A goal that the side panel tells of.

    Attributes
    ----------
    area_id : str
        The area that it is for; "" where it is for several, or for the municipality.
    place : str
        What it is for, in words.
    label, indicator : str
        What it is called, and the id of what it is measured by.
    standings : mapping of str to GoalStanding
        By period; none before its baseline.
    """

    area_id: str
    place: str
    label: str
    indicator: str
    standings: Mapping[str, GoalStanding]


@dataclass(frozen=True)
class SideBySide:
    """Variables that the panel sets in a table, in the place of a part for each.

    Attributes
    ----------
    heading, note : str
        What stands over it, before the period, and below it.
    columns : tuple of str
        What the variables of a row differ by.
    rows : tuple of (str, tuple of str)
        A row's word, and the id of a variable for each column. Where all rows have the same figure in every column, one
        is shown, beside the municipality's.
    """

    heading: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


Explanations = Mapping[tuple[str, str], Explanation]
"""By area and period."""


@dataclass(frozen=True, kw_only=True)
class Page(ThematicMap):
    """A map page: a thematic map, and what is said of it.

    Attributes
    ----------
    title : str
        The page's heading.
    context : mapping of str to GeoDataFrame
        Layers drawn quietly beneath the areas, by name; those that the backdrop names are drawn above them.
    backdrop : Backdrop, optional
        Which layers of context have a name, for the reader to switch on and off, and a picture beneath.
    overlays : tuple of Overlay, optional
        Layers that the reader can switch on and off over the areas.
    origin_notices : tuple of str, optional
        What must be said where a classification uses residents' origin.
    explanations : mapping, optional
        By the id of a classification what the panel says of each area.
    points : mapping, optional
        By area, period and variable what the criteria on it gave, as lines of text.
    notes : tuple of str, optional
        Warnings about the data.
    profile : TwinsPart or None, optional
        By which figures areas are called alike, where the page tells which are.
    nearest : DataFrame, optional
        Which areas those are (`geo_bosoc.indicators.similar_areas.find_twins`).
    goals : tuple of PageGoal, optional
        What was agreed on, and how it stands.
    charts : Charts or None, optional
        What is drawn over its periods; None where they are no series of figures.
    without_card : tuple of str, optional
        Ids of classifications and variables that have no card of their own in the side panel: it tells the same
        elsewhere.
    one_card : tuple of str, optional
        Ids of classifications that have one card together: that of the one on the map, else of the first.
    side_by_side : SideBySide or None, optional
        Variables that the panel sets in a table.
    protection : str or None, optional
        What is said of figures that are not shown; left out, what the set's policy does.
    opens_on : str, optional
        The period that the page opens on; the last one where it is empty.
    unit, unit_label : str, optional
        What its areas are: a name in the page's address, and words for the switch between units.
    units : tuple of Page, optional
        Other areas that the reader can switch to, each with figures of its own.
    """

    title: str
    context: Mapping[str, gpd.GeoDataFrame]
    backdrop: Backdrop = field(default_factory=Backdrop)
    overlays: tuple[Overlay, ...] = ()
    origin_notices: tuple[str, ...] = ()
    explanations: Mapping[str, Explanations] = field(default_factory=dict)
    points: Mapping[tuple[str, str, str], Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    goals: tuple[PageGoal, ...] = ()
    charts: Charts | None = None
    without_card: tuple[str, ...] = ()
    one_card: tuple[str, ...] = ()
    side_by_side: SideBySide | None = None
    protection: str | None = None
    opens_on: str = ""
    unit: str = "areas"
    unit_label: str = ""
    units: tuple[Page, ...] = ()
    profile: TwinsPart | None = None
    nearest: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TWIN_COLUMNS)))
