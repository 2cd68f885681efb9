"""Nominations, and named and found places, as a GeoPackage with styles for QGIS."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from geo_bosoc.bottom_up.outputs.overlays import DETECTED, NOMINATIONS, OVERLAP
from geo_bosoc.bottom_up.outputs.page import drawn_places, place_sentences, variable_labels, variable_sources
from geo_bosoc.bottom_up.places.place_order import (
    excess_services,
    known_estate,
    known_places,
    place_order,
)
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import VERDICT_COLOURS, known_as, shown_reasons_of, unit_names, verdict_word
from geo_bosoc.disclosure.primary import small
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.outputs.geopackage.layers_file import FeatureLayer, Style, write_layers
from geo_bosoc.outputs.geopackage.qgis_style import StyleClass, categories_style, line_style
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.colours import WITHOUT_FIGURE, category_fills


def write_bottom_up_geopackage(results: BottomUpResults, path: str | Path) -> None:
    """Write the layers, each with a style: `places` (verified), `nominations` (what staff pointed at, never a lone
    home),
    `found_places` (as they were found) and `overlap` (both named and found). Those without a feature are left out.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    language, minimum = results.language, results.edition.least_shown
    # As on the map, which has a fill for what is undetermined.
    verdicts = [verdict for verdict in VERDICT_COLOURS if verdict != UNDETERMINED]
    fills = dict(zip(verdicts, category_fills([VERDICT_COLOURS[key] for key in verdicts]), strict=True))
    fills |= WITHOUT_FIGURE
    classes = [StyleClass(key, verdict_word(key, language), fills[key]) for key in VERDICT_COLOURS]
    title = f"{word('bottom_up', 'title', language)}, {results.period}"
    places = place_features(results, minimum)
    places_qml = categories_style("verdict", classes, _aliases(places, language))
    layers = [
        FeatureLayer("places", title, places, (Style(word("bottom_up", "verdict", language), places_qml),))
    ]
    for name, label, features, (colour, dashes) in (
        ("nominations", "layer_nominations", nomination_features(results), NOMINATIONS),
        ("found_places", "layer_found", found_features(results, minimum), DETECTED),
        ("overlap", "layer_overlap", overlap_features(results, minimum), OVERLAP),
    ):
        if len(features):
            legend = word_or_key("bottom_up", label, language)
            qml = line_style(colour, bool(dashes), legend, _aliases(features, language))
            layers.append(FeatureLayer(name, title, features, (Style(legend, qml),)))
    layers += [layer for part in results.shown_parts().values() for layer in part.layers]
    labels = variable_labels(results)
    write_layers(layers, path, results, variable_sources(results), labels, results.file_date)


def place_features(results: BottomUpResults, minimum: int = 5) -> gpd.GeoDataFrame:
    """The places as the GeoPackage tells them: `rank, place_id, name, new, known_estate, excess,
    verdict, verdict_label, known, known_label,
    nominations, held, back, jaccard, why, residents, households, meeting, output_set`."""
    places = drawn_places(results)
    language = results.language
    verdicts = results.verdicts.set_index("place_id")
    lines = place_sentences(results, minimum)
    kinds = results.service_rates.kinds
    labels = {service.id: service.label(language) for service in results.service_rates.services}
    meeting = kinds[kinds["meets"].astype(bool)].groupby("place_id")["service"].agg(list).to_dict()
    origins = [known_as(bool(a), bool(b)) for a, b in zip(places["named"], places["found"], strict=True)]
    verdict = [str(verdicts["verdict"].get(place, "undetermined")) for place in places["place_id"]]
    people = places["residents"].astype("Int64")
    households = places["households"].astype("Int64")
    ranks = {place: rank for rank, place in enumerate(place_order(results), start=1)}
    of_estates = known_places(results)
    return gpd.GeoDataFrame(
        {
            "rank": [ranks[str(place)] for place in places["place_id"]],
            "place_id": places["place_id"].astype(str),
            "name": places["name"].astype(str),
            "new": [str(place) not in of_estates for place in places["place_id"]],
            "known_estate": [known_estate(results, str(place)) for place in places["place_id"]],
            "excess": excess_services(results, minimum)[places["place_id"].astype(str)].to_numpy(),
            "verdict": verdict,
            "verdict_label": [verdict_word(key, language) for key in verdict],
            "known": origins,
            "known_label": [word("bottom_up", f"known_{key}", language) for key in origins],
            "nominations": places["nominations"].astype("int64"),
            **{
                name: [float(verdicts[name].get(place, np.nan)) for place in places["place_id"]]
                for name in ("held", "back", "jaccard")
            },
            "why": [" ".join(lines.get(str(place), [])) for place in places["place_id"]],
            "residents": people.mask(small(people, minimum)),
            "households": households.mask(small(households, minimum)),
            "meeting": [
                ", ".join(labels.get(k, k) for k in meeting.get(place, [])) for place in places["place_id"]
            ],
            "output_set": results.edition.mark,
        },
        geometry=places.geometry.to_numpy(),
        crs=places.crs,
    )


def _aliases(layer: gpd.GeoDataFrame, language: str) -> dict[str, str]:
    return {"fid": ""} | {
        name: word_or_key("bottom_up", name, language) for name in layer.columns if name != "geometry"
    }


def nomination_features(results: BottomUpResults) -> gpd.GeoDataFrame:
    """Nominations that may be drawn: `nomination_id, place_id, name, unit, date, reasons, source_kind, joined_by,
    joined_to, shown_as, side, output_set`."""
    rows = _drawn(results.nominations)
    names = dict(zip(results.places["place_id"].astype(str), results.places["name"].astype(str), strict=True))
    units = unit_names(results)
    nominations = rows.assign(
        name=rows["place_id"].map(names).fillna(""),
        unit=[sentence_case(units.get(str(unit), str(unit))) for unit in rows["unit"]],
        reasons=[sentence_case(text) for text in shown_reasons_of(rows, results)],
        side=rows["side"].astype("int64"),
        output_set=results.edition.mark,
    )
    order = [
        "nomination_id",
        "place_id",
        "name",
        "unit",
        "date",
        "reasons",
        "source_kind",
        "joined_by",
        "joined_to",
        "shown_as",
        "side",
        "output_set",
        "geometry",
    ]
    return gpd.GeoDataFrame(nominations[order], geometry="geometry", crs=results.nominations.crs)


def found_features(results: BottomUpResults, minimum: int = 5) -> gpd.GeoDataFrame:
    """Places as they were found: `found_id, place_id, name, homes, households, residents, output_set`."""
    return _counted(results.found_places, results, minimum)


def overlap_features(results: BottomUpResults, minimum: int = 5) -> gpd.GeoDataFrame:
    """Homes both named and found: `place_id, found_id, name, homes, households, residents, jaccard, same,
    output_set`."""
    return _counted(results.overlap, results, minimum)


def _counted(rows: gpd.GeoDataFrame, results: BottomUpResults, minimum: int) -> gpd.GeoDataFrame:
    features = _drawn(rows).assign(output_set=results.edition.mark)
    for name in ("homes", "households", "residents"):
        counts = features[name].astype("Int64")
        features[name] = counts if name == "homes" else counts.mask(small(counts, minimum))
    order = [name for name in features.columns if name != "geometry"]
    return gpd.GeoDataFrame(features[[*order, "geometry"]], geometry="geometry", crs=rows.crs)


def _drawn(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows[rows.geometry.notna()].reset_index(drop=True)
