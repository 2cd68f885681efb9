"""The risk map: one HTML file that opens from a folder, holds all it needs and contacts no host."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.inline_assets import (
    CONTENT_POLICY,
    check_self_contained,
    json_script,
    leaflet,
    page_file,
    script,
    style,
)
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.page_model import Overlay, Page
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.text.catalogue import word

if TYPE_CHECKING:
    import folium

SCRIPTS: Final = (
    "base.js",
    "hatching.js",
    "drawing.js",
    "overlays.js",
    "names.js",
    "legend.js",
    "panel.js",
    "controls.js",
    "search.js",
    "about.js",
    "start.js",
)
"""Our scripts under ``page/``, in the order they are put into the page."""


_START: Final = 'var map_risk = geoBosoc.start("map_risk");'
"""The script that draws the map; its element has the id that Folium would give it."""


def risk_map(published: PublishedResults, overlays: Sequence[Overlay] = ()) -> folium.Map:
    """The interactive map of categories and indicators, as Folium holds it.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them; areas in EPSG:25832.
    overlays : sequence of Overlay, optional
        Layers that the reader can switch on and off over the areas.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; ``get_root().render()`` is the whole page, the text that `write_risk_map` writes.
        Layers can be added as to any map. Those that need jQuery, Bootstrap or a tile server do not work here: their
        files would have to be fetched.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> results = gb.analyse("bosoc.toml", periods=["2024"])  # doctest: +SKIP
    >>> gb.risk_map(gb.suppress(results)).save("my_map.html")  # doctest: +SKIP
    """
    import folium  # slow to import, and pages are written without it
    from branca.element import Figure
    from folium.template import Template

    page = published_page(published, overlays)
    data = encode_page(page)
    ends = data["bounds"]
    drawn = folium.Map([sum(end[axis] for end in ends) / 2 for axis in (0, 1)] if ends else None, tiles=None)
    drawn.default_js, drawn.default_css, drawn._id = [], [], "risk"
    drawn._template = Template("{% macro script(this, kwargs) %}" + _START + "{% endmacro %}")
    figure = Figure(height="760px")
    figure.header._children.clear()
    figure._template = Template(
        "{{ head }}{{ this.header.render(**kwargs) }}\n</head>\n<body>\n{{ body }}{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>"
    )
    figure._template.globals.update(head=_head(page), body=_body(page, data))
    figure.add_child(drawn, name="map")
    return drawn


def write_risk_map(published: PublishedResults, path: str | Path, overlays: Sequence[Overlay] = ()) -> None:
    """Write the risk map: a self-contained HTML file in UTF-8.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them; areas in EPSG:25832.
    path : str or Path
        The file.
    overlays : sequence of Overlay, optional
        Layers that the reader can switch on and off over the areas.

    Raises
    ------
    NotSelfContained
        The page would fetch something; nothing is written.
    OutputInUse
        `path` is open in a program that does not let it be replaced.
    """
    write_page(published_page(published, overlays), path)


def write_page(page: Page, path: str | Path) -> None:
    """Write a page as `write_risk_map` writes the yearly run's."""
    text = page_text(page)
    check_self_contained(text)
    with atomic_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def page_text(page: Page) -> str:
    """A page as the text of its file."""
    body = _body(page, encode_page(page))
    return f"{_head(page)}\n</head>\n<body>\n{body}\n<script>\n\n    {_START}\n</script>\n</body>\n</html>"


def _head(page: Page) -> str:
    """The beginning of a page, up to where its head may be continued."""
    last = page.periods[-1] if page.periods else ""
    title = " · ".join(part for part in (page.title, page.name, last) if part)
    return (
        f'<!DOCTYPE html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_escaped(CONTENT_POLICY)}">\n'
        f"<title>{_escaped(title)}</title>\n" + _elements(style(leaflet()[0]), style(page_file("page.css")))
    )


def _body(page: Page, data: dict[str, Any]) -> str:
    """The elements of a page, up to the script that draws the map."""
    return _elements(
        f"<noscript>{word('map', 'noscript', page.language)}</noscript>",
        page_file("page.html").strip(),
        json_script("page-data", data),
        script(leaflet()[1]),
        *(script(page_file(name)) for name in SCRIPTS),
    )


def _elements(*elements: str) -> str:
    """Elements one beneath the other, as Folium renders them."""
    return "".join(f"\n    {element}" for element in elements)


def _escaped(text: str) -> str:
    """Text as it stands in HTML, written as Folium's templates write it."""
    return html.escape(text, quote=False).replace("'", "&#39;").replace('"', "&#34;")
