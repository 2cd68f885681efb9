"""What staff pointed at, what was found, and where both are the same: layers to switch on over the map of places."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import nomination_word, shown_as_word, word
from geo_bosoc.outputs.page.page_model import Overlay
from geo_bosoc.text.numbers import number

NOMINATIONS: Final = ("#15171a", "6 5")
FOUND: Final = ("#12609c", "")
OVERLAP: Final = ("#8c1c5c", "")
"""Colour and dashes of each layer's line."""


def overlays_of(results: BottomUpResults) -> tuple[Overlay, ...]:
    """The three layers: nominations (those of the same outline as one, with their number), found places, and the
    overlap.

    Outlines of few households are not in them, and no nomination is a pin on a home
    (`geo_bosoc.bottom_up.publishable_geometries`).
    """
    language = results.language
    undrawn = int(results.nominations.geometry.isna().sum())
    left_out = word("none_drawn", language, count=number(undrawn, language)) if undrawn else ""
    note = word("note_nominations", language, least=results.least_households)
    return (
        Overlay(
            "found",
            word("layer_found", language),
            word("note_found", language),
            _plain(results.found_places, "found_id"),
            *FOUND,
        ),
        Overlay(
            "overlap",
            word("layer_overlap", language),
            word("note_overlap", language),
            _plain(results.overlap, "place_id"),
            *OVERLAP,
            pattern="dots",
        ),
        Overlay(
            "nominations",
            word("layer_nominations", language),
            " ".join(filter(None, (note, left_out))),
            _nominations(results),
            *NOMINATIONS,
            count=len(results.nominations),
        ),
    )


def _plain(rows: gpd.GeoDataFrame, title: str) -> gpd.GeoDataFrame:
    shapes = rows[rows.geometry.notna()].reset_index(drop=True)
    told = {"title": shapes[title], "lines": [[] for _ in range(len(shapes))], "count": 0, "area": ""}
    return gpd.GeoDataFrame(told, geometry=shapes.geometry.to_numpy(), crs=rows.crs)


def _nominations(results: BottomUpResults) -> gpd.GeoDataFrame:
    """Nominations by outline: those that are drawn alike stand in one tooltip."""
    rows = results.nominations[results.nominations.geometry.notna()]
    names = dict(zip(results.places["place_id"].astype(str), results.places["name"].astype(str), strict=True))
    grouped: dict[tuple[str, bytes], list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        told = {str(key): value for key, value in row.items()}
        grouped.setdefault((str(row["place_id"]), row["geometry"].wkb), []).append(told)
    features = []
    for (place, _), ones in grouped.items():
        drawn = [
            f"({shown_as_word(str(one['shown_as']), int(one['side']), results.language)})" for one in ones
        ]
        lines = [f"{nomination_word(one, results)} {how}" for one, how in zip(ones, drawn, strict=True)]
        features.append(
            {
                "title": names.get(place) or place,
                "lines": lines,
                "count": len(ones),
                "area": place,
                "geometry": ones[0]["geometry"],
            }
        )
    columns = ["title", "lines", "count", "area", "geometry"]
    frame = pd.DataFrame(features, columns=columns)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=results.nominations.crs)
