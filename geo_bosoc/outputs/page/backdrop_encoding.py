"""What a reader can switch on besides a page's areas, as plain data: named layers, the picture, and surfaces."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np

from geo_bosoc.outputs.context import NAMED_COLOURS
from geo_bosoc.outputs.page.geometry_encoding import (
    CONTEXT_TOLERANCE,
    encode,
    encode_lines,
    encode_points,
)
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.surfaces import surface_classes, surface_note, surface_picture
from geo_bosoc.rasters.backdrop import Background, NamedLayer, Surface


def backdrop_data(page: Page) -> dict[str, Any]:
    """Layers that have a name, the picture beneath a page, and surfaces, as far as there are any.

    Parameters
    ----------
    page : Page
        The page.

    Returns
    -------
    dict
        ``named``: a list with ``id, colour, visible`` and ``features``, of each name ``points, lines, polygons`` (see
        `encode`) as far as there are any, and ``name`` where it is not empty. ``background``: ``bounds`` (``[[south,
        west], [north, east]]``), ``attribution, visible, opacity`` (per cent). ``surfaces``: a list with ``id, bounds``
        and ``colours``, those of the classes.
    """
    named = [
        {
            "id": name,
            "colour": layer.colour or NAMED_COLOURS[place % len(NAMED_COLOURS)],
            "visible": layer.visible,
            "features": _features(page.context[name]),
        }
        for place, (name, layer) in enumerate(_named_layers(page).items())
    ]
    background, surfaces = page.backdrop.background, page.backdrop.surfaces
    data: dict[str, Any] = {"named": named} if named else {}
    if background is not None:
        data["background"] = _background_data(background)
    if surfaces:
        data["surfaces"] = [_surface_data(surface) for surface in surfaces]
    return data


def backdrop_words(page: Page) -> dict[str, Any]:
    """``named_layers``: what the layers are called, and ``surface_words`` with ``label, note`` and ``classes`` in
    words; both in the order of `backdrop_data`, and nothing where there are none."""
    labels = [layer.label(page.language) for layer in _named_layers(page).values()]
    surfaces = [
        {
            "label": surface.label(page.language),
            "note": surface_note(surface, page.language),
            "classes": [each.label for each in surface_classes(surface, page.language).classes],
        }
        for surface in page.backdrop.surfaces
    ]
    return ({"named_layers": labels} if labels else {}) | ({"surface_words": surfaces} if surfaces else {})


def quiet_layers(page: Page) -> dict[str, gpd.GeoDataFrame]:
    """The layers of context that are drawn beneath the areas: those without a name."""
    return {name: layer for name, layer in page.context.items() if name not in page.backdrop.named_layers}


def picture_element(background: Background) -> str:
    """The picture as an element of a page, which a script draws."""
    picture = base64.b64encode(background.picture).decode("ascii")
    kind = background.format.lower()
    return f'<img id="background-picture" alt="" hidden src="data:image/{kind};base64,{picture}">'


def surface_elements(page: Page) -> dict[str, str]:
    """By id each surface's picture as an element of a page, which a script draws."""
    return {
        surface.id: f'<img id="surface-picture-{surface.id}" alt="" hidden src="data:image/png;base64,'
        f'{base64.b64encode(surface_picture(surface)[0]).decode("ascii")}">'
        for surface in page.backdrop.surfaces
    }


def _named_layers(page: Page) -> Mapping[str, NamedLayer]:
    """Those that the page has, and that hold anything."""
    layers = page.backdrop.named_layers
    return {name: layer for name, layer in layers.items() if name in page.context and len(page.context[name])}


def _corners(bounds: Sequence[float]) -> list[list[float]]:
    """South-west and north-east, as Leaflet takes them."""
    west, south, east, north = (round(each, 7) for each in bounds)
    return [[south, west], [north, east]]


def _surface_data(surface: Surface) -> dict[str, Any]:
    colours = [each.fill.colour for each in surface_classes(surface, "en").classes]
    return {"id": surface.id, "bounds": _corners(surface_picture(surface)[1]), "colours": colours}


def _background_data(background: Background) -> dict[str, Any]:
    return {
        "bounds": _corners(background.bounds),
        "attribution": background.attribution,
        "visible": background.visible,
        "opacity": round(background.opacity * 100),
    }


def _features(layer: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """What is drawn of a layer, all of one name together."""
    names = layer["name"].fillna("").astype(str) if "name" in layer.columns else [""] * len(layer)
    degrees = layer.geometry.simplify(CONTEXT_TOLERANCE).to_crs(4326)
    groups = degrees.groupby(np.asarray(names, dtype=object), sort=True)
    return [_feature(str(name), list(shapes)) for name, shapes in groups]


def _feature(name: str, shapes: Sequence[Any]) -> dict[str, Any]:
    kinds: dict[str, list[Any]] = {
        "points": encode_points(shapes),
        "lines": [line for shape in shapes for line in encode_lines(shape)],
        "polygons": [part for shape in shapes for part in encode(shape)],
    }
    return ({"name": name} if name else {}) | {kind: parts for kind, parts in kinds.items() if parts}
