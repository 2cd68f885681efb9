"""The risk map: one HTML file that opens from a folder, holds all it needs and contacts no host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Figure
from folium.template import Template

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.sentences import in_language
from geo_bosoc.memory import rare_collection
from geo_bosoc.outputs.page.backdrop_encoding import picture_element, surface_elements
from geo_bosoc.outputs.page.further_layers import with_studies
from geo_bosoc.outputs.page.inline_assets import (
    CONTENT_POLICY,
    Raw,
    check_self_contained,
    json_script,
    leaflet,
    packed_script,
    page_file,
    script,
    style,
)
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.page_model import Overlay, Page
from geo_bosoc.outputs.page.published_page import published_page, told_by_sentences
from geo_bosoc.text.catalogue import LANGUAGES, Language, word

SCRIPTS: Final = (
    "base.js",
    "data.js",
    "figures.js",
    "address.js",
    "hatching.js",
    "drawing.js",
    "symbols.js",
    "background.js",
    "surfaces.js",
    "context.js",
    "overlays.js",
    "parts.js",
    "room_for_names.js",
    "names.js",
    "keyboard.js",
    "spoken.js",
    "small_screens.js",
    "filter.js",
    "legend.js",
    "goals.js",
    "side_by_side.js",
    "charts.js",
    "series.js",
    "panel.js",
    "controls.js",
    "search.js",
    "about.js",
    "play.js",
    "room.js",
    "compare.js",
    "table.js",
    "picture.js",
    "paper.js",
    "start.js",
)
"""Our scripts under ``page/``, in the order they are put into the page."""


class _Page(Figure):
    """A page with a language, whose title is text; its parts come in a fixed order."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.language }}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy | e }}">\n'
        "<title>{{ this.title | e }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        "<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, title: str, language: str) -> None:
        super().__init__(title=title, height="760px")
        self.language = language
        self.policy = CONTENT_POLICY
        self.header._children.clear()


class RiskMap(folium.Map):
    """A `folium.Map` drawn by our own scripts, with Leaflet inside the page and none of Folium's links.

    Folium layers can be added as to any map. Those that need jQuery, Bootstrap or a tile server do not work
    here: their files would have to be fetched.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = geoBosoc.start({{ this.get_name() | tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, title: str, language: str, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self._id = "risk"
        self.page = _Page(title, language)
        self.page.add_child(self, name="map")


StudyPages = Mapping[str, Callable[[Language], Page | None]]
"""By a study's name what gives its page in a language, or None where it has none."""


@rare_collection()
def risk_map(
    published: PublishedResults, overlays: Sequence[Overlay] = (), studies: StudyPages | None = None
) -> folium.Map:
    """The interactive map of categories and indicators, as Folium holds it.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them; areas in EPSG:25832.
    overlays : sequence of Overlay, optional
        Layers that the reader can switch on and off over the areas.
    studies : mapping, optional
        What gives the pages of studies of the same set, whose layers and units stand on the map too.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; ``get_root().render()`` is the whole page, the same text for the same
        input.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> results = gb.analyse("bosoc.toml", periods=["2024"])  # doctest: +SKIP
    >>> gb.risk_map(gb.suppress(results)).save("my_map.html")  # doctest: +SKIP
    """
    pages: dict[Language, Page] = {}
    for language in LANGUAGES:
        page = published_page(in_language(published, language, told_by_sentences(published)), overlays)
        others = {name: study(language) for name, study in (studies or {}).items()}
        pages[language] = with_studies(
            page, {name: other for name, other in others.items() if other is not None}
        )
    return draw_page(pages.pop(published.language), pages)


def write_risk_map(
    published: PublishedResults,
    path: str | Path,
    overlays: Sequence[Overlay] = (),
    studies: StudyPages | None = None,
) -> None:
    """Write the risk map: a self-contained HTML file in UTF-8.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them; areas in EPSG:25832.
    path : str or Path
        The file.
    overlays : sequence of Overlay, optional
        Layers that the reader can switch on and off over the areas.
    studies : mapping, optional
        What gives the pages of studies of the same set, whose layers and units stand on the map too.

    Raises
    ------
    NotSelfContained
        The page would fetch something; nothing is written.
    OutputInUse
        `path` is open in a program that does not let it be replaced.
    """
    _write(risk_map(published, overlays, studies), path)


def draw_page(page: Page, translations: Mapping[Language, Page] | None = None) -> folium.Map:
    """A page as Folium holds it, with its words in other languages where it is given in them."""
    data = encode_page(page, translations)
    ends = data["figures"]["units"][0]["bounds"]
    middle = [sum(end[axis] for end in ends) / 2 for axis in (0, 1)] if ends else None
    last = page.periods[-1] if page.periods else ""
    title = " · ".join(part for part in (page.title, page.name, last) if part)
    drawn = RiskMap(title, page.language, location=middle)
    css, code = leaflet()
    html = drawn.page
    html.header.add_child(Raw(style(css)), name="leaflet_css")
    for name in ("page.css", "small_screens.css"):
        html.header.add_child(Raw(style(page_file(name))), name=name)
    skeleton = page_file("page.html").strip()
    html.html.add_child(
        Raw(f"<noscript>{word('map', 'noscript', page.language)}</noscript>"), name="noscript"
    )
    html.html.add_child(Raw(skeleton), name="skeleton")
    if page.backdrop.background is not None:
        html.html.add_child(Raw(picture_element(page.backdrop.background)), name="background")
    for surface, element in surface_elements(page).items():
        html.html.add_child(Raw(element), name=f"surface-{surface}")
    opening = {
        "language": page.language,
        "bounds": ends,
        "notices": [notice["text"] for notice in data["words"][page.language]["notices"]],
        "unreadable": word("map", "unreadable", page.language),
    }
    html.html.add_child(Raw(json_script("page-opening", opening)), name="opening")
    html.html.add_child(Raw(packed_script("page-figures", data["figures"])), name="figures")
    for language, words_of_page in data["words"].items():
        html.html.add_child(
            Raw(packed_script(f"page-words-{language}", words_of_page)), name=f"words_{language}"
        )
    html.html.add_child(Raw(script(code)), name="leaflet_js")
    for name in SCRIPTS:
        html.html.add_child(Raw(script(page_file(name))), name=name)
    return drawn


def write_page(page: Page, path: str | Path, translations: Mapping[Language, Page] | None = None) -> None:
    """Write a page as `write_risk_map` writes the yearly run's."""
    _write(draw_page(page, translations), path)


def _write(drawn: folium.Map, path: str | Path) -> None:
    html = drawn.get_root().render()
    check_self_contained(html)
    with atomic_file(path) as draft:
        draft.write_text(html, encoding="utf-8", newline="\n")
