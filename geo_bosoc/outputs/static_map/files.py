"""Static maps as files (PNG, SVG, PDF), each with its text for those who do not see it; or as a figure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, get_args

import matplotlib as mpl
from matplotlib.figure import Figure

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.static_map.content import MapContent
from geo_bosoc.outputs.static_map.multiples import draw_series, series_contents
from geo_bosoc.outputs.static_map.paper import STYLE
from geo_bosoc.outputs.static_map.sheet import Size, draw_sheet
from geo_bosoc.outputs.static_map.themes import map_content
from geo_bosoc.problems import InputError, Problem, did_you_mean
from geo_bosoc.problems.messages import joined, phrase

DOTS_PER_INCH: Final = 300
FORMATS: Final = ("png", "svg", "pdf")


def static_map(
    published: PublishedResults,
    *,
    period: str | Sequence[str] | None = None,
    theme: str | None = None,
    size: Size = "A4",
    path: str | Path | None = None,
    font: str | None = None,
) -> Figure:
    """A map for paper: areas by category or figure, legend with counts, what moved, sources, and what must be said.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them.
    period : str or sequence of str, optional
        A period; several give a small map of each on one sheet. Left out, the last one.
    theme : str, optional
        The id of a model or an indicator. Left out, the first model, or without one the first indicator.
    size : {"A4", "A3"}, optional
        Of the paper.
    path : str or Path, optional
        Where the map is written: its ending, ``.png`` (300 dots an inch), ``.svg`` or ``.pdf``, says as what. What it
        shows in words is written beside it, as ``.txt``.
    font : str, optional
        The letters, where they are installed; else those that come with matplotlib.

    Returns
    -------
    Figure
        Of matplotlib, without pyplot.

    Raises
    ------
    InputError
        There is no such theme, period or size, or the path has another ending.
    OutputInUse
        `path` is open in a program that does not let it be replaced.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> figure = gb.static_map(published, size="A3", path="map.pdf")  # doctest: +SKIP
    """
    _check("size", size, get_args(Size))
    if path is not None:
        _check("path", Path(path).suffix.lower().removeprefix("."), FORMATS)
    periods = None if period is None or isinstance(period, str) else list(period)
    with mpl.rc_context(STYLE):
        if periods:
            contents = series_contents(published, theme, periods)
            figure, content = draw_series(contents, size, font), contents[-1]
        else:
            content = map_content(published, theme, period if isinstance(period, str) else None)
            figure = draw_sheet(content, size, font)
        if path is not None:
            write_map(figure, content, [Path(path)])
    return figure


def write_map(figure: Figure, content: MapContent, paths: Sequence[Path]) -> None:
    """Write a figure in each format, and its text once beside them.

    Parameters
    ----------
    figure : Figure
        The map.
    content : MapContent
        What it shows.
    paths : sequence of Path
        One for each format, of the same stem.
    """
    for path in paths:
        data = _bytes(figure, path.suffix.lower().removeprefix("."), content)
        with atomic_file(path) as draft:
            draft.write_bytes(data)
    with atomic_file(paths[0].with_suffix(".txt")) as draft:
        draft.write_text("\n".join([content.alt, *content.notes, ""]), encoding="utf-8", newline="\n")


def _bytes(figure: Figure, ending: str, content: MapContent) -> bytes:
    """A figure as a file: its title and what it shows among its properties, and no date or program."""
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Title": content.title, "Description": content.alt, "Software": None},
        "svg": {"Title": content.title, "Date": None, "Creator": None},
        "pdf": {
            "Title": content.title,
            "Subject": content.alt,
            "CreationDate": None,
            "Creator": None,
            "Producer": None,
        },
    }
    out = io.BytesIO()
    figure.savefig(out, format=ending, dpi=DOTS_PER_INCH, metadata=metadata[ending])
    if ending != "svg":
        return out.getvalue()
    text = out.getvalue().decode("utf-8")
    described = f"</title>\n <desc>{escape(content.alt, quote=False)}</desc>"
    return text.replace("</title>", described, 1).replace("<svg ", '<svg role="img" ', 1).encode("utf-8")


def _check(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        message = phrase('"{value}" is none of {choices}.', value=value, choices=joined(choices))
        raise InputError([Problem("error", message, key=name, hint=did_you_mean(value, choices))])
