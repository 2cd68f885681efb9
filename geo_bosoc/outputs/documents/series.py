"""Pictures of figures in documents: lines over the periods, parts of a whole, areas in a ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.outputs.documents.document import Picture, Table, TableCell
from geo_bosoc.outputs.documents.figures import Figures
from geo_bosoc.outputs.plots.bars import Bar, Dot, dot_plot, stacked_bars
from geo_bosoc.outputs.plots.lines import Line, Panel, line_grid
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import UNIT_FACTOR

MOST_PERIODS: Final = 10
"""Periods that lines go back."""
MOST_PANELS: Final = 6
"""Plots of lines in one picture: half a page."""


def shown_value(value: float | None, spec: Indicator) -> float | None:
    """A figure in the unit that it is shown in: per cent, not a share."""
    return None if value is None else value * UNIT_FACTOR[spec.unit]


def series_pictures(
    figures: Figures,
    area_id: str,
    specs: Sequence[Indicator],
    levels: Mapping[str, tuple[float, str]] | None = None,
) -> list[Picture]:
    """Lines over all periods there are (up to ten) of an area beside its references, a plot for each indicator.

    Parameters
    ----------
    figures : Figures
        Whose they are.
    area_id : str
        The area.
    specs : sequence of Indicator
        What is drawn; one without two figures of the area is left out.
    levels : mapping of str to (float, str), optional
        By indicator a level to reach in its inner unit, and what stands at its line (`Papers.levels_of`).
    """
    periods = figures.periods[-MOST_PERIODS:]
    drawn = [
        spec for spec in specs if sum(figures.value(area_id, each, spec) is not None for each in periods) > 1
    ]
    pictures = []
    for begin in range(0, len(drawn), MOST_PANELS):
        part = drawn[begin : begin + MOST_PANELS]
        panels = [_panel(figures, area_id, spec, periods, (levels or {}).get(spec.id)) for spec in part]
        png = line_grid(panels, periods, figures.language)
        pictures.append(Picture(png, _series_alt(figures, area_id, part)))
    return pictures


def _panel(
    figures: Figures,
    area_id: str,
    spec: Indicator,
    periods: Sequence[str],
    level: tuple[float, str] | None,
) -> Panel:
    """One indicator's lines."""
    lines = [_line(figures, area_id, spec, periods, is_area=True)]
    if spec.unit != "count":  # a number is compared with no other area's number
        lines += [_line(figures, reference, spec, periods) for reference in figures.references(spec)]
    breaks = {
        reform.valid_from: word("documents", "new_definition", figures.language, period=reform.valid_from)
        for reform in spec.reform
    }
    suffix = " %" if spec.unit == "percent" else ""
    goal, goal_label = (None, "") if level is None else (shown_value(level[0], spec), level[1])
    return Panel(spec.label(figures.language), tuple(lines), suffix, breaks, goal, goal_label)


def _line(
    figures: Figures, area_id: str, spec: Indicator, periods: Sequence[str], *, is_area: bool = False
) -> Line:
    """The line of an area or a reference area; of the area with its interval."""
    ends: dict[str, dict[str, float]] = {"value": {}, "low": {}, "high": {}}
    for period in periods:
        for end in ends if is_area else ("value",):
            value = shown_value(figures.end(area_id, period, spec, end), spec)
            if value is not None:
                ends[end][period] = value
    return Line(figures.name(area_id), ends["value"], is_area, ends["low"], ends["high"])


def _series_alt(figures: Figures, area_id: str, specs: Sequence[Indicator]) -> str:
    """What the lines show in words: the last figure of each, and of the area that it is compared with."""
    parts = []
    for spec in specs:
        period = max(each for each in figures.periods if figures.value(area_id, each, spec) is not None)
        compared = ", ".join(
            f"{figures.name(reference)} {cell.text}"
            for reference in figures.references(spec)
            if not (cell := figures.cell(reference, period, spec)).is_quiet
        )
        figure = figures.cell(area_id, period, spec).text
        parts.append(
            f"{spec.label(figures.language)} {figure} {period}" + (f" ({compared})" if compared else "")
        )
    return word(
        "documents", "series_alt", figures.language, area=figures.name(area_id), figures="; ".join(parts)
    )


def breakdowns_of(specs: Sequence[Indicator]) -> dict[str, list[Indicator]]:
    """The breakdowns among indicators: those of two parts and more, by name."""
    parts: dict[str, list[Indicator]] = {}
    for spec in specs:
        if spec.breakdown:
            parts.setdefault(spec.breakdown, []).append(spec)
    return {name: group for name, group in parts.items() if len(group) > 1}


def breakdown_blocks(
    figures: Figures, area_id: str, title: str, parts: Sequence[Indicator]
) -> list[Picture | Table]:
    """The parts of a whole as stacked bars - the area, all assessed areas, the municipality - and as a table.

    Parts that are not shown are one, "Anonyme": what is left to the whole.

    Parameters
    ----------
    figures : Figures
        Whose they are.
    area_id : str
        The area.
    title : str
        What is broken down.
    parts : sequence of Indicator
        Those of the breakdown, without the class of the rest.
    """
    language, period = figures.language, figures.last
    areas = [
        area
        for area in dict.fromkeys((area_id, ALL_AREAS, MUNICIPALITY))
        if any(figures.value(area, period, spec) is not None for spec in parts)
    ]
    if not areas:
        return []
    bars = [
        Bar(sentence_case(figures.name(area)), tuple(figures.value(area, period, spec) for spec in parts))
        for area in areas
    ]
    labels = part_labels([spec.label(language) for spec in parts])
    rest = word("documents", "anonymous", language)
    rows = tuple(
        (TableCell(spec.label(language)), *(figures.cell(area, period, spec) for area in areas))
        for spec in parts
    )
    shares = "; ".join(
        f"{bar.label}: " + ", ".join(f"{row[0].text} {row[place + 1].text}" for row in rows)
        for place, bar in enumerate(bars)
    )
    alt = word("documents", "bars_alt", language, title=title, period=period, shares=shares)
    png = stacked_bars(bars, labels, language, rest=rest, title=f"{title}, {period}")
    header = (title, *(figures.head(area, period) for area in areas))
    return [Picture(png, alt), Table(header, rows)]


def part_labels(labels: Sequence[str]) -> list[str]:
    """Names of parts without what all of them begin with, for a legend under a title that says it.

    Parameters
    ----------
    labels : sequence of str
        Such as "Support: employed".

    Examples
    --------
    >>> part_labels(["Forsørgelse: i arbejde", "Forsørgelse: SU"]), part_labels(["Eget", "Leje"])
    (['I arbejde', 'SU'], ['Eget', 'Leje'])
    """
    begin = {label.partition(": ")[0] for label in labels}
    if len(begin) > 1 or not all(": " in label for label in labels):
        return list(labels)
    short = [label.partition(": ")[2] for label in labels]
    return [f"{label[:1].upper()}{label[1:]}" for label in short]


def ranking_picture(figures: Figures, spec: Indicator, *, marked: str = "", most: int = 40) -> Picture | None:
    """All areas in order of a figure, the worst above, with intervals and the references' levels; None without figures.

    Parameters
    ----------
    figures : Figures
        Whose they are.
    spec : Indicator
        What they are put in order by.
    marked : str, optional
        The id of an area to mark.
    most : int, optional
        Of more areas the worst so many are drawn; areas whose figure is not shown are left out, and counted.
    """
    language, period = figures.language, figures.last
    values = {area: figures.value(area, period, spec) for area in figures.names}
    shown = {area: value for area, value in values.items() if value is not None}
    if not shown:
        return None
    sign = 1 if spec.direction == "low_is_bad" else -1
    order = sorted(shown, key=lambda area: (sign * shown[area], figures.name(area), area))[:most]
    dots = [
        Dot(
            figures.name(area),
            shown_value(shown[area], spec),
            shown_value(figures.end(area, period, spec, "low"), spec),
            shown_value(figures.end(area, period, spec, "high"), spec),
            is_marked=area == marked,
        )
        for area in order
    ]
    levels = {
        figures.name(area): level
        for area in (figures.references(spec) if spec.unit != "count" else ())
        if (level := shown_value(figures.value(area, period, spec), spec)) is not None
    }
    label = spec.label(language)
    suffix = " %" if spec.unit == "percent" else ""
    png = dot_plot(dots, language, title=f"{label}, {period}", suffix=suffix, lines=levels)
    first, last = order[0], order[-1]
    alt = word(
        "documents",
        "ranking_alt",
        language,
        indicator=label,
        period=period,
        first=f"{figures.name(first)} {figures.cell(first, period, spec).text}",
        last=f"{figures.name(last)} {figures.cell(last, period, spec).text}",
    )
    return Picture(png, alt, _ranking_caption(len(order), len(shown), len(values), language))


def _ranking_caption(drawn: int, shown: int, every: int, language: Language) -> str:
    """How many areas are not in a ranking: those that come after the ones drawn, and those without a figure."""
    parts = []
    if drawn < shown:
        parts.append(word("documents", "ranking_first", language, count=drawn, total=shown))
    if left_out := every - shown:
        key = "ranking_left_out" if left_out > 1 else "ranking_one_left_out"
        parts.append(word("documents", key, language, count=left_out))
    return " ".join(parts)
