"""What the reader of a map page can switch on besides its areas: layers that have a name, and a picture beneath."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

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
class Backdrop:
    """Named layers and the background of map pages.

    Attributes
    ----------
    named_layers : mapping of str to NamedLayer
        By the name of a layer of context.
    background : Background or None
        The picture, where the project has one.

    Examples
    --------
    >>> Backdrop({"schools": NamedLayer("Skoler", "Schools", visible=False)}).named_layers["schools"].label("da")
    'Skoler'
    """

    named_layers: Mapping[str, NamedLayer] = field(default_factory=dict)
    background: Background | None = None
