"""The lines over the map of places: nominations, detected places, and where both are the same homes."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import (
    named_times,
    nomination_word,
    shown_as_word,
)
from geo_bosoc.outputs.page.page_model import Overlay
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

NOMINATIONS: Final = ("#15171a", "6 5")
DETECTED: Final = ("#12609c", "")
OVERLAP: Final = ("#8c1c5c", "")
"""Colour and dashes of each layer's line."""


def overlays_of(results: BottomUpResults) -> tuple[Overlay, ...]:
    """The three layers: nominations (those of the same outline as one, with their number), where named and found places
    are the same homes, and found places, which the areas of the map show already: they are drawn when they are asked
    for. All are lines, so that the verdicts are seen within them.

    Outlines of few households are not in them, and no nomination is a pin on a home
    (`geo_bosoc.bottom_up.places.publishable_geometries`).
    """
    language = results.language
    undrawn = int(results.nominations.geometry.isna().sum())
    left_out = word("bottom_up", "none_drawn", language, count=number(undrawn, language)) if undrawn else ""
    note = word("bottom_up", "note_nominations", language, least=results.least_households)
    nominations = Overlay(
        "nominations",
        word("bottom_up", "layer_nominations", language),
        " ".join(filter(None, (note, left_out))),
        _nomination_features(results),
        *NOMINATIONS,
        count=len(results.nominations),
        counted=_counted(len(results.nominations), "time", language),
    )
    plain = {
        "overlap": (results.overlap, "place_id", OVERLAP, True),
        "found": (results.found_places, "found_id", DETECTED, False),
    }
    return (
        nominations,
        *(
            Overlay(
                name,
                word("bottom_up", f"layer_{name}", language),
                word("bottom_up", f"note_{name}", language),
                features := _plain(rows, title),
                *line,
                visible=visible,
                counted=_counted(len(features), "place", language),
            )
            for name, (rows, title, line, visible) in plain.items()
        ),
    )


def _counted(count: int, what: str, language: Language) -> str:
    """A number of places or nominations, in words."""
    return word("bottom_up_map", what if count == 1 else f"{what}s", language, count=number(count, language))


def _plain(rows: gpd.GeoDataFrame, title: str) -> gpd.GeoDataFrame:
    shapes = rows[rows.geometry.notna()].reset_index(drop=True)
    columns = {"title": shapes[title], "lines": [[] for _ in range(len(shapes))], "count": 0, "area": ""}
    return gpd.GeoDataFrame(columns, geometry=shapes.geometry.to_numpy(), crs=rows.crs)


def _nomination_features(results: BottomUpResults) -> gpd.GeoDataFrame:
    """Nominations by outline: those that are drawn alike stand in one tooltip."""
    rows = results.nominations[results.nominations.geometry.notna()]
    names = dict(zip(results.places["place_id"].astype(str), results.places["name"].astype(str), strict=True))
    grouped: dict[tuple[str, bytes], list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        nomination = {str(key): value for key, value in row.items()}
        grouped.setdefault((str(row["place_id"]), row["geometry"].wkb), []).append(nomination)
    features = []
    for (place, _), nominations in grouped.items():
        lines = []
        for nomination in nominations:
            shown_as = shown_as_word(str(nomination["shown_as"]), int(nomination["side"]), results.language)
            lines.append(f"{sentence_case(nomination_word(nomination, results))} · {shown_as}")
        features.append(
            {
                "title": names.get(place) or place,
                "lines": [named_times(len(nominations), results.language), *lines],
                "count": len(nominations),
                "area": place,
                "geometry": nominations[0]["geometry"],
            }
        )
    columns = ["title", "lines", "count", "area", "geometry"]
    frame = pd.DataFrame(features, columns=columns)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=results.nominations.crs)
