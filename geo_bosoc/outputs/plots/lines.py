"""Lines over periods: an area beside what it is compared with, with names at the lines and the breaks of reforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from matplotlib.ticker import FuncFormatter, MaxNLocator

from geo_bosoc.outputs.plots.style import (
    AREA,
    DASHES,
    GRID,
    INK,
    QUIET,
    REFERENCES,
    axis_numbers,
    folded,
    new_figure,
    plot_style,
    png_bytes,
    spread,
    text_width,
)

_SOLID: Final = "-"
_NAME: Final = 24
"""Letters of a name at a line's end before it is folded."""


@dataclass(frozen=True)
class Line:
    """A line of a plot.

    Attributes
    ----------
    label : str
        Its name, which stands at its end.
    values : mapping of str to float
        By period, in the unit that is shown (per cent, not shares); a period without a figure is left out.
    is_area : bool, optional
        Whether it is the area that the plot is about: drawn heavier, with its interval.
    low, high : mapping of str to float, optional
        The ends of its interval by period.
    """

    label: str
    values: Mapping[str, float]
    is_area: bool = False
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """What one plot of lines shows.

    Attributes
    ----------
    title : str
        Over it.
    lines : tuple of Line
        The area's first.
    suffix : str, optional
        After the numbers of the axis, such as " %".
    breaks : mapping of str to str, optional
        By period from which a new definition counts, what stands at its break.
    goal : float, optional
        A level to reach, drawn across.
    goal_label : str, optional
        What stands at it.
    """

    title: str
    lines: tuple[Line, ...]
    suffix: str = ""
    breaks: Mapping[str, str] = field(default_factory=dict)
    goal: float | None = None
    goal_label: str = ""


def line_plot(
    panel: Panel, periods: Sequence[str], language: str, *, width_cm: float = 16.0, height_cm: float = 5.6
) -> bytes:
    """Lines over periods as a PNG, with their names at their ends.

    A figure that is missing or suppressed is a gap: the line is not drawn over it, and single figures are dots.

    Parameters
    ----------
    panel : Panel
        What is drawn.
    periods : sequence of str
        From left to right.
    language : {"da", "en"}
        Of numbers.
    width_cm, height_cm : float, optional
        Its size on paper.

    Examples
    --------
    >>> line = Line("Elmeparken", {"2023": 18.0, "2024": 16.5}, is_area=True)
    >>> line_plot(Panel("Utryghed", (line,)), ["2023", "2024"], "da")[:4]
    b'\\x89PNG'
    """
    with plot_style():
        labels = [folded(each, _NAME) for each in (*(line.label for line in panel.lines), panel.goal_label)]
        figure = new_figure(width_cm, height_cm, right=text_width(labels, 8.3) + 0.3)
        axes: Any = figure.subplots()
        _names(figure, axes, _draw(axes, panel, periods, language), len(periods))
        return png_bytes(figure)


def line_grid(
    panels: Sequence[Panel],
    periods: Sequence[str],
    language: str,
    *,
    width_cm: float = 16.0,
    row_cm: float = 4.3,
) -> bytes:
    """Several plots of lines side by side, two in a row, as a PNG; one legend names the lines of all.

    Parameters
    ----------
    panels : sequence of Panel
        In their order; lines of one name are drawn alike in all.
    periods : sequence of str
        From left to right.
    language : {"da", "en"}
        Of numbers.
    width_cm, row_cm : float, optional
        The width of the whole and the height of a row on paper.

    Examples
    --------
    >>> line = Line("Elmeparken", {"2023": 18.0, "2024": 16.5}, is_area=True)
    >>> line_grid([Panel("Utryghed", (line,)), Panel("Fravær", (line,))], ["2023", "2024"], "da")[:4]
    b'\\x89PNG'
    """
    with plot_style():
        rows = (len(panels) + 1) // 2
        row_gap = 1.35
        figure = new_figure(width_cm, row_cm * rows + 0.9, above=1.75)
        plot_height = (row_cm * rows + 0.9 - 1.75 - 0.7 - row_gap * (rows - 1)) / rows
        figure.subplots_adjust(hspace=row_gap / plot_height)
        grid: Any = figure.subplots(rows, 2, squeeze=False)
        names = [line.label for panel in panels for line in panel.lines if not line.is_area]
        order = {name: place for place, name in enumerate(dict.fromkeys(names))}
        handles: dict[str, Any] = {}
        for axes, panel in zip(grid.flat, panels, strict=False):
            _draw(axes, panel, periods, language, order)
            if panel.goal is not None:
                _goal_name(axes, panel)
            drawn, labels = axes.get_legend_handles_labels()
            handles |= dict(zip(labels, drawn, strict=True))
        for axes in list(grid.flat)[len(panels) :]:
            axes.set_visible(False)
        areas = [line.label for panel in panels for line in panel.lines if line.is_area]
        labels = [name for name in dict.fromkeys([*areas, *order]) if name in handles]
        figure.legend(
            [handles[name] for name in labels],
            labels,
            loc="upper left",
            ncols=3,
            borderaxespad=0.1,
            frameon=False,
            fontsize=8,
            handlelength=2.6,
        )
        return png_bytes(figure)


def _draw(
    axes: Any,
    panel: Panel,
    periods: Sequence[str],
    language: str,
    order: Mapping[str, int] | None = None,
) -> list[tuple[float, str, str, bool]]:
    """Draw a panel's lines, and what stands at their ends: the last figure, name, colour, whether it is the area's."""
    positions = {period: place for place, period in enumerate(periods)}
    names = [line.label for line in panel.lines if not line.is_area]
    order = order or {name: place for place, name in enumerate(dict.fromkeys(names))}
    ends: list[tuple[float, str, str, bool]] = []
    for line in panel.lines:
        points = {positions[period]: value for period, value in line.values.items() if period in positions}
        if not points:
            continue
        colour, dashes = AREA, _SOLID
        if not line.is_area:
            place = order[line.label]
            colour, dashes = REFERENCES[place % len(REFERENCES)], DASHES[place % len(DASHES)]
        axes.plot(
            range(len(periods)),
            [points.get(place, float("nan")) for place in range(len(periods))],
            linestyle=dashes,
            color=colour,
            linewidth=2.4 if line.is_area else 1.4,
            zorder=3 + line.is_area,
            label=line.label,
        )
        alone = [place for place in points if place - 1 not in points and place + 1 not in points]
        marked = sorted(points) if line.is_area else alone
        axes.plot(
            marked,
            [points[place] for place in marked],
            linestyle="none",
            marker="o",
            color=colour,
            markersize=4.2 if line.is_area else 3.5,
            zorder=5,
        )
        _interval(axes, line, positions, colour)
        ends.append((points[max(points)], line.label, colour, line.is_area))
    for period, label in panel.breaks.items():
        if period in positions:
            _break(axes, positions[period] - 0.5, label)
    if panel.goal is not None:
        axes.axhline(panel.goal, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
        ends.append((panel.goal, panel.goal_label, INK, False))
    _axes(axes, periods, language, panel.suffix)
    axes.set_title(panel.title)
    return ends


def _goal_name(axes: Any, panel: Panel) -> None:
    """The goal's words over its line."""
    axes.annotate(
        panel.goal_label,
        (1, panel.goal),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=6.5,
        color=INK,
    )


def _interval(axes: Any, line: Line, positions: Mapping[str, int], colour: str) -> None:
    """The area's interval as a band, period by period."""
    both = [period for period in line.low if period in line.high and period in positions]
    if not line.is_area or not both:
        return
    places = [positions[period] for period in both]
    low, high = [line.low[period] for period in both], [line.high[period] for period in both]
    axes.errorbar(
        places,
        [(first + second) / 2 for first, second in zip(low, high, strict=True)],
        [(second - first) / 2 for first, second in zip(low, high, strict=True)],
        fmt="none",
        ecolor=colour,
        alpha=0.35,
        linewidth=4,
        zorder=2,
    )


def _break(axes: Any, place: float, label: str) -> None:
    """A definition ends here and another one begins."""
    axes.axvline(place, color=QUIET, linewidth=0.8, linestyle=":")
    axes.annotate(
        folded(label, 22),
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -1),
        textcoords="offset points",
        va="top",
        fontsize=6.5,
        color=QUIET,
    )


def _axes(axes: Any, periods: Sequence[str], language: str, suffix: str) -> None:
    """Periods below, numbers to the left, from 0 where that leaves the lines room."""
    axes.set_xticks(range(len(periods)), periods)
    axes.set_xlim(-0.3, max(len(periods) - 1, 0) + 0.3)
    low, high = axes.get_ylim()
    if low < 0.6 * high or low < 0:
        low = min(low, 0)
    if high <= low:
        high = low + 1
    axes.set_ylim(low, high + 0.06 * (high - low))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(axis_numbers(language, suffix)))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _names(figure: Any, axes: Any, ends: Sequence[tuple[float, str, str, bool]], count: int) -> None:
    """The lines' names to the right of their ends, none over another."""
    low, high = axes.get_ylim()
    labels = [folded(label, _NAME) for _, label, _, _ in ends]
    rows = max((label.count("\n") + 1 for label in labels), default=1)
    height = figure.get_figheight() * 72 * 0.74
    least = (high - low) * rows * 10.0 / height
    places = spread([value for value, _, _, _ in ends], least, low, high)
    for (_, _, colour, is_area), label, place in zip(ends, labels, places, strict=True):
        axes.annotate(
            label,
            (max(count - 1, 0) + 0.3, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8 if is_area else 7.5,
            fontweight="bold" if is_area else "normal",
            annotation_clip=False,
            linespacing=1.0,
        )
