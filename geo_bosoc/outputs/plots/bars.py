"""Bars and dots: the parts of a whole, areas in a ranking, an area's figures beside what they are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from geo_bosoc.outputs.plots.style import (
    ANONYMOUS,
    AREA,
    GRID,
    INK,
    PARTS,
    QUIET,
    REFERENCES,
    axis_numbers,
    folded,
    new_figure,
    plot_style,
    png_bytes,
    shortened,
    text_width,
)
from geo_bosoc.text.colours import lightness
from geo_bosoc.text.numbers import number

_MARKERS = ("D", "s", "^", "v")


@dataclass(frozen=True)
class Bar:
    """A bar of parts.

    Attributes
    ----------
    label : str
        Its name.
    shares : tuple of float or None
        The share of each part, 0-1; None where it is not shown. What is left to the whole is drawn as `stacked_bars`'
        `rest`.
    """

    label: str
    shares: tuple[float | None, ...]


def stacked_bars(
    bars: Sequence[Bar],
    parts: Sequence[str],
    language: str,
    *,
    rest: str,
    title: str = "",
    colours: Sequence[str] = PARTS,
    width_cm: float = 16.0,
) -> bytes:
    """Bars of parts that make a whole, as a PNG; the parts of each that are not shown are one, in grey.

    Parameters
    ----------
    bars : sequence of Bar
        From above to below.
    parts : sequence of str
        The parts' names, in the order of the shares.
    language : {"da", "en"}
        Of numbers.
    rest : str
        What the part is called that is left to the whole, such as "Anonyme".
    title : str, optional
        Over the plot.
    colours : sequence of str, optional
        Of the parts, in their order.
    width_cm : float, optional
        Its width on paper.

    Examples
    --------
    >>> stacked_bars([Bar("Elmeparken", (0.6, None))], ["I arbejde", "SU"], "da", rest="Anonyme")[:4]
    b'\\x89PNG'
    """
    with plot_style():
        legend = 0.45 * ((len(parts) + 3) // 3) + 0.1
        names = [folded(bar.label, 26) for bar in bars]
        left_room = text_width(names, 8.5) + 0.35
        height = 1.6 + 0.85 * len(bars) + legend
        figure = new_figure(width_cm, height, left=left_room, right=0.75, below=0.7 + legend)
        axes: Any = figure.subplots()
        left = [0.0] * len(bars)
        for place, part in enumerate(parts):
            colour = colours[place % len(colours)]
            shares = [bar.shares[place] or 0.0 for bar in bars]
            _segment(axes, shares, left, colour, part, language)
            left = [begin + share for begin, share in zip(left, shares, strict=True)]
        over = [max(0.0, 1.0 - begin) if begin < 0.9995 else 0.0 for begin in left]
        if any(over):
            _segment(axes, over, left, ANONYMOUS, rest, language)
        axes.set_yticks(range(len(bars)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.xaxis.set_major_formatter(FuncFormatter(axis_numbers(language, " %")))
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
        if title:
            axes.set_title(title)
        figure.legend(
            loc="lower left", ncols=3, frameon=False, fontsize=8, handlelength=1.2, borderaxespad=0.1
        )
        return png_bytes(figure)


def _segment(
    axes: Any, shares: Sequence[float], left: Sequence[float], colour: str, label: str, language: str
) -> None:
    """One part of every bar, with its per cent where there is room."""
    widths, begins = [100 * share for share in shares], [100 * begin for begin in left]
    axes.barh(
        range(len(shares)),
        widths,
        0.66,
        left=begins,
        color=colour,
        label=label,
        edgecolor="white",
        linewidth=0.6,
    )
    for row, (width, begin) in enumerate(zip(widths, begins, strict=True)):
        if width >= 4.5:
            ink = "white" if lightness(colour) < 58 else INK
            text = number(width, language)
            axes.text(begin + width / 2, row, text, ha="center", va="center", fontsize=7.5, color=ink)


@dataclass(frozen=True)
class Dot:
    """A row of a dot plot.

    Attributes
    ----------
    label : str
        Its name.
    value : float or None
        In the unit that is shown; None where it is not shown.
    low, high : float or None, optional
        The ends of its interval.
    references : mapping of str to float, optional
        What it is compared with, by name.
    is_marked : bool, optional
        Whether it is what the plot is about.
    note : str, optional
        What stands in the place of a figure that is not shown.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    references: Mapping[str, float] = field(default_factory=dict)
    is_marked: bool = False
    note: str = ""


def dot_plot(
    dots: Sequence[Dot],
    language: str,
    *,
    title: str = "",
    suffix: str = "",
    lines: Mapping[str, float] | None = None,
    width_cm: float = 16.0,
) -> bytes:
    """Dots with their intervals, a row each, as a PNG: a ranking of areas, or an area's figures.

    Parameters
    ----------
    dots : sequence of Dot
        From above to below.
    language : {"da", "en"}
        Of numbers.
    title : str, optional
        Over the plot.
    suffix : str, optional
        After numbers, such as " %".
    lines : mapping of str to float, optional
        Levels drawn through all rows, by name: the municipality's figure.
    width_cm : float, optional
        Its width on paper.

    Examples
    --------
    >>> dot_plot([Dot("Elmeparken", 18.2, 15.0, 21.9)], "da", suffix=" %", lines={"kommunen": 9.4})[:4]
    b'\\x89PNG'
    """
    dots = [replace(dot, label=shortened(dot.label)) for dot in dots]
    with plot_style():
        levels = dict(lines or {})
        names = list(dict.fromkeys(name for dot in dots for name in dot.references))
        rows = 1 if names or levels else 0
        left_room = text_width([dot.label for dot in dots], 8.5) + 0.35
        height, below = 1.8 + 0.42 * len(dots) + 0.55 * rows, 0.75 + 0.55 * rows
        figure = new_figure(width_cm, height, left=left_room, below=below)
        axes: Any = figure.subplots()
        for row, dot in enumerate(dots):
            colour = AREA if dot.is_marked or not any(each.is_marked for each in dots) else QUIET
            if dot.value is None:
                axes.annotate(dot.note, (0.01, row), xycoords=("axes fraction", "data"), va="center",
                              fontsize=7.5, style="italic", color=QUIET)  # fmt: skip
                continue
            if dot.low is not None and dot.high is not None:
                axes.plot([dot.low, dot.high], [row, row], color=colour, alpha=0.3, linewidth=3.2, zorder=2)
            axes.plot([dot.value], [row], "o", color=colour, markersize=5, zorder=4)
        for place, name in enumerate(names):
            drawn = [(dot.references[name], row) for row, dot in enumerate(dots) if name in dot.references]
            axes.plot(
                [value for value, _ in drawn],
                [row for _, row in drawn],
                _MARKERS[place % len(_MARKERS)],
                color=REFERENCES[place % len(REFERENCES)],
                markerfacecolor="white",
                markersize=4.5,
                linestyle="none",
                label=name,
                zorder=3,
            )
        for place, (name, value) in enumerate(levels.items()):
            colour = REFERENCES[place % len(REFERENCES)]
            axes.axvline(value, color=colour, linewidth=1.1, linestyle="--", label=name, zorder=1)
        _dot_axes(axes, dots, language, suffix)
        if title:
            axes.set_title(title)
        if rows:
            figure.legend(loc="lower left", ncols=3, frameon=False, fontsize=8, borderaxespad=0.1)
        return png_bytes(figure)


def _dot_axes(axes: Any, dots: Sequence[Dot], language: str, suffix: str) -> None:
    """A row for each dot, numbers below, from 0."""
    axes.set_yticks(range(len(dots)), [dot.label for dot in dots])
    for label, dot in zip(axes.get_yticklabels(), dots, strict=True):
        if dot.is_marked:
            label.set_fontweight("bold")
    axes.set_ylim(len(dots) - 0.4, -0.6)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0), high)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(axis_numbers(language, suffix)))
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)


def weight_bars(
    rows: Sequence[tuple[str, float, float]], words: tuple[str, str], language: str, *, title: str = ""
) -> bytes:
    """Each criterion's weight beside its share of what sets areas apart, as a PNG.

    Parameters
    ----------
    rows : sequence of (str, float, float)
        Name, weight and share of variance (may be under 0), from above to below.
    words : (str, str)
        What the two are called.
    language : {"da", "en"}
        Of numbers.
    title : str, optional
        Over the plot.

    Examples
    --------
    >>> weight_bars([("Arbejde", 0.5, 0.7), ("Skole", 0.5, 0.3)], ("vægt", "andel"), "da")[:4]
    b'\\x89PNG'
    """
    with plot_style():
        names = [folded(name, 34) for name, *_ in rows]
        figure = new_figure(
            16.0, 2.2 + 0.8 * len(rows), left=text_width(names, 8.5) + 0.35, right=0.75, below=1.25
        )
        axes: Any = figure.subplots()
        for offset, place, colour in ((-0.19, 1, PARTS[1]), (0.19, 2, AREA)):
            axes.barh(
                [number + offset for number in range(len(rows))],
                [100 * float(row[place]) for row in rows],
                0.36,
                color=colour,
                label=words[place - 1],
            )
        axes.axvline(0, color="#8a9099", linewidth=0.8)
        axes.set_yticks(range(len(rows)), names)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(FuncFormatter(axis_numbers(language, " %")))
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.set_title(title)
        figure.legend(
            loc="lower left", ncols=2, frameon=False, fontsize=8, handlelength=1.2, borderaxespad=0.1
        )
        return png_bytes(figure)


def rank_intervals(
    ranks: Sequence[tuple[float, float, float]], words: tuple[str, str], language: str, *, title: str = ""
) -> bytes:
    """Each area's rank, and between which ranks it lies when weights are drawn, as a PNG.

    Parameters
    ----------
    ranks : sequence of (float, float, float)
        An area's rank, and the ends of its interval.
    words : (str, str)
        What stands below and to the left.
    language : {"da", "en"}
        Of numbers.
    title : str, optional
        Over the plot.

    Examples
    --------
    >>> rank_intervals([(1, 1, 2), (2, 1, 3)], ("plads", "interval"), "da")[:4]
    b'\\x89PNG'
    """
    with plot_style():
        figure = new_figure(16.0, 9.0, left=1.5, right=0.5, below=1.1)
        axes: Any = figure.subplots()
        ordered = sorted(ranks)
        places = [rank for rank, *_ in ordered]
        axes.vlines(
            places,
            [low for _, low, _ in ordered],
            [high for *_, high in ordered],
            color=PARTS[1],
            linewidth=max(0.4, min(4.0, 300 / max(len(ordered), 1))),
        )
        axes.plot(places, places, color=AREA, linewidth=1.0)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(axis_numbers(language)))
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(words[0])
        axes.set_ylabel(words[1])
        axes.set_title(title)
        return png_bytes(figure)
