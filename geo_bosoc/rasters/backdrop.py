"""What the reader of a map page can switch on besides its areas: named layers, a picture beneath, and surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from geo_bosoc.text.provenance import in_language


@dataclass(frozen=True)
class NamedLayer:
    """What a layer of context is called, where the project file gives it a name to show.

    Attributes
    ----------
    label_da, label_en : str
        Its name; where one is missing, the other one stands for it.
    visible : bool
        Whether it is drawn when a page opens.
    colour : str
        ``#rrggbb``; empty where the page chooses.
    """

    label_da: str
    label_en: str = ""
    visible: bool = True
    colour: str = ""

    def label(self, language: str) -> str:
        """Its name in ``da`` or ``en``.

        >>> NamedLayer("Skoler").label("en")
        'Skoler'
        """
        return in_language(self.label_en, self.label_da, language)


@dataclass(frozen=True)
class Background:
    """A picture that lies beneath a map page.

    Attributes
    ----------
    picture : bytes
        As the file has it.
    format : {"WEBP", "JPEG", "PNG"}
        What it is encoded as.
    width, height : int
        Pixels.
    bounds : tuple of float
        West, south, east, north: degrees (EPSG:4326) of edges that are straight in web mercator.
    attribution : str
        Who made it, as it must be said.
    visible : bool
        Whether it is drawn when the page opens.
    opacity : float
        How strongly it is drawn then, 0-1.
    """

    picture: bytes
    format: str
    width: int
    height: int
    bounds: tuple[float, float, float, float]
    attribution: str
    visible: bool = True
    opacity: float = 0.6


def text_size(picture: bytes) -> int:
    """Bytes of a picture in a page, as text in base 64.

    >>> text_size(b"12345")
    8
    """
    return 4 * math.ceil(len(picture) / 3)


@dataclass(frozen=True)
class Surface:
    """A figure of the cells of a square grid: the density of residents, or a rate among the nearest ones.

    Attributes
    ----------
    id : str
        The indicator's, or another name without a space; files are named by it.
    label_da, label_en : str
        What it is called; where one is missing, the other one stands for it.
    unit : {"percent", "per_1000", "per_10000", "count"}
        What its figures are shown in: rates are plain fractions.
    direction : {"high_is_bad", "low_is_bad", "neutral"}
        Which end is drawn dark.
    cells : DataFrame
        ``east, north`` (lower left corner, metres, EPSG:25832) and ``value``: one row for each cell that has one.
    size : int
        Metres a cell.
    k : int
        How many residents make the surroundings of a cell.
    period : str
        Which period its residents are of.
    source : str
        Of its registers.
    """

    id: str
    label_da: str
    label_en: str
    unit: Literal["percent", "per_1000", "per_10000", "count"]
    direction: Literal["high_is_bad", "low_is_bad", "neutral"]
    cells: pd.DataFrame
    size: int
    k: int
    period: str
    source: str = ""

    def label(self, language: str) -> str:
        """What it is called in ``da`` or ``en``."""
        return in_language(self.label_en, self.label_da, language)


@dataclass(frozen=True)
class Backdrop:
    """Named layers, the background and the surfaces of map pages.

    Attributes
    ----------
    named_layers : mapping of str to NamedLayer
        By the name of a layer of context.
    background : Background or None
        The picture, where the project has one.
    surfaces : tuple of Surface
        Of the internal set alone.

    Examples
    --------
    >>> Backdrop({"schools": NamedLayer("Skoler", "Schools", visible=False)}).named_layers["schools"].label("da")
    'Skoler'
    """

    named_layers: Mapping[str, NamedLayer] = field(default_factory=dict)
    background: Background | None = None
    surfaces: tuple[Surface, ...] = ()
