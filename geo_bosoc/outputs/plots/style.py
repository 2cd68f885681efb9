"""The style of all plots: letters, colours, numbers on axes; the same figures give the same bytes."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo_bosoc.text.numbers import number

BASE_RC: Final[Any] = {
    "svg.hashsalt": "geo_bosoc",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""Settings of matplotlib for every plot; its own DejaVu Sans is there on every machine."""
RC: Final[Any] = {
    **BASE_RC,
    "font.size": 8.5,
    "axes.edgecolor": "#8a9099",
    "axes.labelcolor": "#50565e",
    "xtick.color": "#50565e",
    "ytick.color": "#50565e",
    "axes.titleweight": "bold",
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
}
"""The same for the plots of documents."""
INK: Final = "#1f2328"
QUIET: Final = "#50565e"
GRID: Final = "#e3e6ec"
AREA: Final = "#3c357c"
"""The colour of the area that a plot is about."""
REFERENCES: Final = ("#b2532f", "#2f7f6f", "#8a6d1f", "#6a7077")
"""Colours of what it is compared with, told apart by their dashes as well."""
DASHES: Final[tuple[Any, ...]] = ("--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
PARTS: Final = ("#3c357c", "#8190c0", "#d9a441", "#8fb8a4", "#b2532f", "#5b8fa8", "#c9b7d8", "#b9bcc2")
"""Colours of the parts of a whole."""
ANONYMOUS: Final = "#e3e4e6"
"""Of the part that stands for those that are not shown."""
DPI: Final = 200
"""Pixels an inch of the pictures in documents."""
_CM: Final = 1 / 2.54
_METADATA: Final[Any] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
"""What matplotlib would write of itself, left out."""


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib's settings while the block runs."""
    with mpl.rc_context(RC):
        yield


def new_figure(
    width_cm: float,
    height_cm: float,
    *,
    left: float = 1.4,
    right: float = 0.3,
    above: float = 0.75,
    below: float = 0.7,
    gap: float = 1.5,
) -> Figure:
    """An empty figure of a size on paper, with room left on each side of its axes.

    Matplotlib's own engines for layout draw everything twice, or more often: a document of many plots has no time for
    that, and what stands beside the axes is known.

    Parameters
    ----------
    width_cm, height_cm : float
        The size. Unit: cm, as of all others.
    left, right, above, below : float, optional
        Room for what stands beside the axes.
    gap : float, optional
        Between two axes beside one another.

    Examples
    --------
    >>> [round(float(size), 2) for size in new_figure(16, 6).get_size_inches()]
    [6.3, 2.36]
    """
    figure = Figure(figsize=(width_cm * _CM, height_cm * _CM))
    FigureCanvasAgg(figure)
    inner_width = width_cm - left - right
    figure.subplots_adjust(
        left=left / width_cm,
        right=1 - right / width_cm,
        top=1 - above / height_cm,
        bottom=below / height_cm,
        wspace=2 * gap / max(inner_width - gap, 1),
    )
    return figure


def text_width(texts: Iterable[str], size: float) -> float:
    """About how wide the widest line of some texts is. Unit: cm.

    Parameters
    ----------
    texts : iterable of str
        May have several lines each.
    size : float
        Of the letters. Unit: points.

    Examples
    --------
    >>> round(text_width(["kommunen"], 8.5), 2)
    1.49
    """
    longest = max((len(line) for each in texts for line in each.split("\n")), default=0)
    return longest * size * 0.622 / 72 * 2.54


def png_bytes(figure: Figure, dpi: int = DPI) -> bytes:
    """A figure as a PNG, without a date or a program's name in it."""
    content = io.BytesIO()
    write_figure(figure, content, "png", dpi)
    return content.getvalue()


def write_figure(figure: Figure, target: Path | IO[bytes], ending: str, dpi: int) -> None:
    """Write a figure without a date or a program's name in the file: the same bytes for the same figures.

    Parameters
    ----------
    figure : Figure
        Drawn under `BASE_RC`.
    target : Path or IO
        Where it goes.
    ending : {"svg", "png"}
        What it is written as.
    dpi : int
        Pixels an inch.
    """
    figure.savefig(target, format=ending, dpi=dpi, metadata=_METADATA[ending])


def axis_numbers(language: str, suffix: str = "") -> Any:
    """How the numbers on an axis are written: with decimals where the steps between them have some.

    >>> axis_numbers("da", " %")(12.5, 0), axis_numbers("da", " %")(1200, 0)
    ('12,5 %', '1.200 %')
    """

    def written(value: float, _: Any) -> str:
        decimals = (
            0 if abs(value - round(value)) < 1e-9 else 1 if abs(10 * value - round(10 * value)) < 1e-9 else 2
        )
        return number(value, language, decimals) + suffix

    return written


def folded(text: str, width: int) -> str:
    """A label over several lines, broken between words.

    >>> folded("områderne under ét", 10)
    'områderne\\nunder ét'
    """
    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) or text


def shortened(text: str, most: int = 44) -> str:
    """A label of at most so many letters, so that there is room for what it names.

    >>> shortened("Elmeparken"), shortened("Elmeparken", 7)
    ('Elmeparken', 'Elmepa…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def spread(positions: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Move labels apart so that no two are nearer than `least`, in their order and as near their positions as may be.

    Parameters
    ----------
    positions : sequence of float
        Where the labels would stand, in any order.
    least : float
        The least distance between two.
    low, high : float
        What they must stay between, as far as there is room.

    Examples
    --------
    >>> spread([1.0, 1.1, 5.0], 1.0, 0.0, 10.0)
    [0.55, 1.55, 5.0]
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    groups: list[tuple[list[int], float]] = []
    for index in order:
        members, centre = [index], positions[index]
        while groups:
            before, centre_before = groups[-1]
            reach = least * (len(before) + len(members)) / 2
            if centre - centre_before >= reach - 1e-12:
                break
            groups.pop()
            every = [*before, *members]
            middle = sum(positions[each] - least * place for place, each in enumerate(every)) / len(every)
            members, centre = every, middle + least * (len(every) - 1) / 2
        groups.append((members, centre))
    moved = [0.0] * len(positions)
    for members, centre in groups:
        half = least * (len(members) - 1) / 2
        middle = min(max(centre, low + half), max(high - half, low + half))
        for place, index in enumerate(members):
            moved[index] = middle - half + least * place
    return [round(place, 10) for place in moved]
