"""What staff pointed at, what was found, and where both are the same: layers to switch on over the map of places."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.findings import BottomUpFindings
from geo_bosoc.bottom_up.words import nomination_word, shown_as_word, word
from geo_bosoc.maps.overlays import Overlay
from geo_bosoc.wording import number

NOMINATIONS: Final = ("#15171a", "6 5")
FOUND: Final = ("#12609c", "")
OVERLAP: Final = ("#8c1c5c", "")
"""Colour and dashes of each layer's line."""


def overlays_of(found: BottomUpFindings) -> tuple[Overlay, ...]:
    """The three layers: nominations (those of the same outline as one, with their number), found places, and the overlap.

    Outlines of few households are not in them, and no nomination is a pin on a home (`geo_bosoc.bottom_up.drawn`).
    """
    language = found.language
    undrawn = int(found.nominations.geometry.isna().sum())
    left_out = word("none_drawn", language, count=number(undrawn, language)) if undrawn else ""
    note = word("note_nominations", language, least=found.least_households)
    return (
        Overlay("found", word("layer_found", language), word("note_found", language), _plain(found.found_places, "found_id"),
                *FOUND),
        Overlay("overlap", word("layer_overlap", language), word("note_overlap", language), _plain(found.overlap, "place_id"),
                *OVERLAP, pattern="dots"),
        Overlay("nominations", word("layer_nominations", language), " ".join(filter(None, (note, left_out))),
                _nominations(found), *NOMINATIONS, count=len(found.nominations)),
    )  # fmt: skip


def _plain(rows: gpd.GeoDataFrame, title: str) -> gpd.GeoDataFrame:
    shapes = rows[rows.geometry.notna()].reset_index(drop=True)
    told = {"title": shapes[title], "lines": [[] for _ in range(len(shapes))], "count": 0, "area": ""}
    return gpd.GeoDataFrame(told, geometry=shapes.geometry.to_numpy(), crs=rows.crs)


def _nominations(found: BottomUpFindings) -> gpd.GeoDataFrame:
    """Nominations by outline: those that are drawn alike stand in one tooltip."""
    rows = found.nominations[found.nominations.geometry.notna()]
    names = dict(zip(found.places["place_id"].astype(str), found.places["name"].astype(str), strict=True))
    grouped: dict[tuple[str, bytes], list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        told = {str(key): value for key, value in row.items()}
        grouped.setdefault((str(row["place_id"]), row["geometry"].wkb), []).append(told)
    features = []
    for (place, _), ones in grouped.items():
        drawn = [f"({shown_as_word(str(one['shown_as']), int(one['side']), found.language)})" for one in ones]
        lines = [f"{nomination_word(one, found)} {how}" for one, how in zip(ones, drawn, strict=True)]
        features.append({"title": names.get(place) or place, "lines": lines, "count": len(ones), "area": place,
                         "geometry": ones[0]["geometry"]})  # fmt: skip
    columns = ["title", "lines", "count", "area", "geometry"]
    frame = pd.DataFrame(features, columns=columns)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=found.nominations.crs)
