"""Layers that a reader switches on over the areas: outlines with a line of their own, and a badge with a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd

from geo_bosoc.outputs.page.geometry_encoding import bounds, encode

Pattern = Literal["", "dots"]


@dataclass(frozen=True)
class Overlay:
    """A layer over the areas.

    Attributes
    ----------
    id : letters, digits, hyphens and underscores.
    label, note : its name in the list of layers, and what its signs mean.
    features : `geometry` (polygons; those without are left out), `title` and `lines` (a list of texts) of what hovering
        tells, `count` (the badge's number; 0 draws no badge) and `area` (the id of the area that pressing it
        chooses, or "").
    colour : ``#rrggbb`` of the line. dash : its pattern as SVG has it, "" for a whole line. pattern : what it is
    filled with.
    count : how many are told beside the label; by default the features.
    """

    id: str
    label: str
    note: str
    features: gpd.GeoDataFrame
    colour: str
    dash: str = ""
    pattern: Pattern = ""
    count: int | None = None


def overlay_data(overlays: Sequence[Overlay], areas: Sequence[str]) -> list[dict[str, Any]]:
    """Overlays as plain data for the page.

    Parameters
    ----------
    areas : ids in the order of the page's areas.

    Returns
    -------
    list of dict
        ``id, label, note, colour, dash, pattern, count`` and ``features``, each with ``rings`` (see
        `geo_bosoc.outputs.page.geometry_encoding.encode`), ``corner`` (``[latitude, longitude]``: the
        north-western corner of its largest
        part's bounds, where the badge stands), ``title, lines, count`` and ``area`` (its place among the areas, or
        None).
    """
    at = {str(area): index for index, area in enumerate(areas)}
    told = []
    for one in overlays:
        shapes = one.features[one.features.geometry.notna() & ~one.features.geometry.is_empty]
        degrees = shapes.geometry.to_crs(4326)
        features = []
        for row, shape in zip(shapes.drop(columns="geometry").to_dict("records"), degrees, strict=True):
            parts = shape.geoms if hasattr(shape, "geoms") else [shape]
            ends = bounds(max(parts, key=lambda part: part.area))
            features.append(
                {
                    "rings": encode(shape),
                    "corner": [ends[1][0], ends[0][1]] if ends else None,
                    "title": str(row["title"]),
                    "lines": [str(line) for line in row["lines"]],
                    "count": int(row["count"]),
                    "area": at.get(str(row["area"])),
                }
            )
        told.append(
            {
                "id": one.id,
                "label": one.label,
                "note": one.note,
                "colour": one.colour,
                "dash": one.dash,
                "pattern": one.pattern,
                "count": len(features) if one.count is None else one.count,
                "features": features,
            }
        )
    return told
