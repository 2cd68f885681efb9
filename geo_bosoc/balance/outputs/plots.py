"""The balance as plots for a paper: SVG and PNG, the same bytes for the same figures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.outputs.texts import area_name, dwellings_source
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import MUNICIPALITY, stamp_texts
from geo_bosoc.outputs.plots.style import ANONYMOUS, BASE_RC, PARTS, write_figure
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.numbers import number

COLOURS: Final = dict(zip(TENURES, (*PARTS[:5], PARTS[7], ANONYMOUS), strict=True))
"""Of each tenure."""
_LINES: Final = {"all": "-", "likely": "--", "decided": ":"}
_CAPTION: Final = 150
"""How many letters a line under a plot holds."""
_LINE: Final = 0.14
"""Its height in inches."""
_STYLE: Final[Any] = {**BASE_RC, "font.size": 9}


def write_mix_plot(results: BalanceResults, svg: Path, png: Path) -> None:
    """Draw the shares of the tenures, in the municipality and the areas."""
    _write(_mix, results, svg, png)


def write_rule_plot(results: BalanceResults, svg: Path, png: Path) -> None:
    """Draw the rule's share year by year; nothing where no development plan is due."""
    if len(results.rules):
        _write(_rule, results, svg, png)


def write_scales_plot(results: BalanceResults, svg: Path, png: Path) -> None:
    """Draw the segregation of social housing at each scale; nothing where none was measured."""
    if len(results.scales):
        _write(_scales, results, svg, png)


def _write(draw: Callable[[BalanceResults], Figure], results: BalanceResults, svg: Path, png: Path) -> None:
    """Write a plot with its caption in both formats: no date in them, and the same bytes for the same figures."""
    with mpl.rc_context(_STYLE):
        figure = draw(results)
        FigureCanvasAgg(figure)
        _captioned(figure, results)
        for path in (svg, png):
            with atomic_file(path) as draft:
                write_figure(figure, draft, path.suffix[1:], 150)


def _captioned(figure: Figure, results: BalanceResults) -> None:
    """Period, status date and source under the plot, and that the data are made up where they are."""
    sources = f"{word('common', 'sources', results.language)}: {dwellings_source(results)}"
    lines = textwrap.wrap(sources, _CAPTION)
    stamped = stamp_texts(results)
    lines += stamped
    height = _LINE * len(lines) + 0.05
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + height)
    share = height / figure.get_figheight()
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0, share, 1, 1 - share))
    figure.draw_without_rendering()  # lays out plot and legend; what follows moves the legend into the room made
    figure.set_layout_engine("none")
    for legend in figure.legends:
        legend.set_bbox_to_anchor((0, share, 1, 1 - share), transform=figure.transFigure)
    for step, line in enumerate(reversed(lines)):
        colour = "#9c2b00" if line in stamped else "#555b63"
        height_share = (0.04 + _LINE * step) / figure.get_figheight()
        figure.text(0.01, height_share, line, fontsize=7, color=colour)


def _mix(results: BalanceResults) -> Figure:
    """Stacked shares of the tenures: the whole above, then the areas by their social share."""
    wide = results.tenures
    shares = wide.div(wide.sum(axis=1), axis=0)
    order = sorted((area for area in shares.index if area != MUNICIPALITY),
                   key=lambda area: (-shares.loc[area, "social"], area))[:40]  # fmt: skip
    areas = [area for area in (MUNICIPALITY, *order) if area in shares.index]
    figure = Figure(figsize=(8.3, 1.6 + 0.27 * len(areas)), layout="constrained")
    axes: Any = figure.subplots()
    left = np.zeros(len(areas))
    for tenure in TENURES:
        part = (
            shares.loc[areas, tenure].to_numpy() * 100 if tenure in shares.columns else np.zeros(len(areas))
        )
        if part.any():
            axes.barh(
                range(len(areas)),
                part,
                left=left,
                color=COLOURS[tenure],
                label=word_or_key("balance", tenure, results.language),
            )
        left += part
    axes.set_yticks(range(len(areas)), [area_name(str(area), results) for area in areas])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("%")
    axes.set_title(
        word("balance", "plot_mix", results.language).format(period=results.period), loc="left", fontsize=11
    )
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def _rule(results: BalanceResults) -> Figure:
    """The rule's share year by year: each area of a development plan in each variant, and the limit."""
    figure = Figure(figsize=(8.3, 4.6), layout="constrained")
    axes: Any = figure.subplots()
    colours = list(COLOURS.values())
    for number_, (area, part) in enumerate(results.rules.groupby("area_id", sort=True)):
        colour = colours[number_ % 5]
        for variant, line in _LINES.items():
            rows = part[part["variant"] == variant].sort_values("year")
            if rows.empty:
                continue
            years, low, high = (rows[name].to_numpy() for name in ("year", "share_low", "share_high"))
            label = f"{area_name(str(area), results)}, {word_or_key('balance', variant, results.language)}"
            axes.plot(years, 100 * high, line, color=colour, label=label, linewidth=1.8)
            if (low < high).any():
                axes.fill_between(years, 100 * low, 100 * high, color=colour, alpha=0.15, linewidth=0)
    limit = results.rule.limit_pct
    axes.axhline(limit, color="#b2532f", linewidth=1)
    axes.annotate(f"{word('balance', 'limit', results.language)}, {number(limit, results.language)} %", (1, limit),
                  xycoords=("axes fraction", "data"), ha="right", va="bottom", color="#b2532f")  # fmt: skip
    axes.set_ylim(0, max(100 * float(results.rules["share_high"].max()) * 1.08, limit * 1.2))
    axes.set_xticks(range(results.start, results.horizon + 1))
    axes.set_ylabel("%")
    axes.set_xlabel(word("balance", "year", results.language))
    label = results.rule.label(results.language)
    axes.set_title(word("balance", "plot_rule", results.language).format(rule=label), loc="left", fontsize=11)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def _scales(results: BalanceResults) -> Figure:
    """D of social housing at each scale, as it is and with chance taken out."""
    rows = results.scales[
        (results.scales["measure"] == "dissimilarity") & (results.scales["group"] == "social")
    ]
    figure = Figure(figsize=(8.3, 3.4), layout="constrained")
    axes: Any = figure.subplots()
    labels = [
        word_or_key("balance", str(scale), results.language).replace(" ", "\n") + (f" {size}" if size else "")
        for scale, size in zip(rows["scale"], rows["size"], strict=True)
    ]
    positions = np.arange(len(rows))
    axes.bar(
        positions - 0.2,
        rows["value"],
        0.4,
        color=COLOURS["private_rental"],
        label=word("balance", "value", results.language),
    )
    axes.bar(
        positions + 0.2,
        rows["corrected"].fillna(0),
        0.4,
        color=COLOURS["social"],
        label=word("balance", "corrected", results.language),
    )
    axes.set_xticks(positions, labels)
    axes.set_ylim(0, 1)
    axes.set_title(word("balance", "plot_scales", results.language), loc="left", fontsize=11)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
