"""Colours and hatching of classes on a map: told apart by colour, by lightness, by lines and by word.

Red, orange, yellow and green belong to the categories of the Aarhus model; indicators are drawn in blue to
violet, and areas without a category or a figure in greys with lines of their own, never green or white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SEQUENTIAL: Final = ("#d5dcec", "#abb8d9", "#8190c0", "#5c64a3", "#3c357c")
"""Five steps from light to dark for indicators; a reader without colour sees the same order."""


@dataclass(frozen=True)
class Hatch:
    """Lines drawn over a colour.

    Attributes
    ----------
    angle : float
        Degrees, clockwise from upright lines.
    spacing : float
        Pixels from line to line.
    width : float
        Pixels; the diameter where the pattern is dots.
    cross : bool
        A second set of lines across the first.
    dots : bool
        Dots in the place of lines.
    """

    angle: float
    spacing: float
    width: float
    cross: bool = False
    dots: bool = False


STRIPE: Final = 6
"""Pixels across each band of a striped fill."""
STRIPE_ANGLE: Final = 45
"""Degrees that the bands lean, clockwise from upright."""

BY_RANK: Final[tuple[Hatch, ...]] = (
    Hatch(45, 7, 1.5, cross=True),
    Hatch(45, 7, 1.5),
    Hatch(45, 8, 2.2, dots=True),
    Hatch(-45, 7, 1.5),
    Hatch(0, 8, 1.2, cross=True),
    Hatch(45, 5, 2.4, dots=True),
)
"""Hatching of a model's categories, worst first; the last category, which takes the rest, is plain."""


@dataclass(frozen=True)
class Fill:
    """How a class is filled: a colour, lines over it or none, and the colour of the lines.

    Attributes
    ----------
    colour : str
        ``#rrggbb``.
    hatch : Hatch or None
        Lines over it.
    stripes : tuple of str
        In the place of both: slanting bands in each of these colours, with a thin dark line between bands.
    """

    colour: str
    hatch: Hatch | None = None
    stripes: tuple[str, ...] = ()

    @property
    def ink(self) -> str:
        """Colour of the lines: dark on a light fill, light on a dark one."""
        return "#ffffff" if lightness(self.colour) < 52 else "#2b2b2b"


WITHOUT_FIGURE: Final = {
    "too_small": Fill("#c4c7cb", Hatch(0, 6, 1.6, dots=True)),
    "undetermined": Fill("#a3a9b1", Hatch(90, 5, 1.4)),
    "not_listed": Fill("#d9dbde", None),
    "": Fill("#ced1d5", Hatch(0, 6, 1.0)),
    "missing": Fill("#ced1d5", Hatch(0, 6, 1.0)),
    "protected": Fill("#a3a9b1", Hatch(45, 6, 1.1, cross=True)),
    "no_base": Fill("#c4c7cb", Hatch(0, 6, 1.6, dots=True)),
    "not_applicable": Fill("#d9dbde", Hatch(90, 8, 1.0)),
}
"""Fills of the classes that any map may have beside its own: areas not assessed, figures not there."""


def lightness(colour: str) -> float:
    """Lightness L* (CIE 1976) of an sRGB colour ``#rrggbb``: 0 is black, 100 is white.

    >>> round(lightness("#ffffff")), round(lightness("#777777")), round(lightness("#000000"))
    (100, 50, 0)
    """
    linear: list[float] = []
    for start in (1, 3, 5):
        part = int(colour[start : start + 2], 16) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    if luminance <= 216 / 24389:
        return luminance * 24389 / 27
    return float(116 * luminance ** (1 / 3) - 16)


def paler(colour: str, share: float) -> str:
    """A colour ``#rrggbb`` with a share (0-1) of white mixed in.

    >>> paler("#000000", 0.5), paler("#12609c", 0)
    ('#808080', '#12609c')
    """
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def category_fills(colours: Sequence[str]) -> list[Fill]:
    """Fills of a model's categories (``#rrggbb``, worst first) in their order, each with hatching of its own."""
    last = len(colours) - 1
    return [
        Fill(colour, BY_RANK[rank % len(BY_RANK)] if rank < last else None)
        for rank, colour in enumerate(colours)
    ]


def striped(fills: Sequence[Fill]) -> Fill:
    """The fill of a class that is one of several: bands in the colours of each.

    >>> striped([Fill("#b2182b"), Fill("#ef8a62")]).stripes
    ('#b2182b', '#ef8a62')
    """
    return Fill(fills[0].colour, stripes=tuple(fill.colour for fill in fills))


def steps(count: int, reverse: bool = False, colours: Sequence[str] = ()) -> list[Fill]:
    """Fills of `count` classes of an indicator, light to dark; dark to light with `reverse`.

    Parameters
    ----------
    count : int
        How many classes: 1 to 5, or to as many as `colours`.
    reverse : bool, optional
        Whether the darkest comes first.
    colours : sequence of str, optional
        Colours that are given (``#rrggbb``), in the order of the classes, whatever `reverse`; where classes are fewer,
        some of them, spread evenly.

    Examples
    --------
    >>> [fill.colour for fill in steps(2, colours=("#ffffff", "#777777", "#000000"))]
    ['#ffffff', '#000000']
    """
    every = colours or SEQUENTIAL
    if not 1 <= count <= len(every):
        raise ValueError(f"between 1 and {len(every)} classes can be told apart, not {count}")
    last = len(every) - 1
    chosen = [every[round(index * last / max(count - 1, 1))] for index in range(count)]
    return [Fill(colour) for colour in (reversed(chosen) if reverse and not colours else chosen)]
