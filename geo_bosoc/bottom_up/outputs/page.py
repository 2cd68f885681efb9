"""Named and found places as a map: the risk map's page, with what the registers say of each place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_bosoc.bottom_up.outputs.overlays import overlays_of
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import (
    KNOWN,
    VERDICTS,
    evidence_line,
    hidden_services,
    known_as,
    nomination_word,
    overlap_lines,
    shown_evidence,
    stability_line,
    undetermined_because,
    word,
)
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS
from geo_bosoc.models.provenance import SERVICES
from geo_bosoc.models.spec import Category, Criterion, Model
from geo_bosoc.models.spec_parts import Rule
from geo_bosoc.outputs.page.risk_map import write_risk_map
from geo_bosoc.text.numbers import protected_word

_VERIFIED: Final = "bottom-up"
_KNOWN: Final = "bottom-up-known"


def drawn_places(results: BottomUpResults) -> gpd.GeoDataFrame:
    """The places that may be drawn: those with a polygon."""
    shapes = results.places.geometry
    there = shapes.notna() & shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & ~shapes.is_empty
    return results.places[there.to_numpy()].sort_values("place_id", ignore_index=True)


def published_bottom_up(results: BottomUpResults) -> PublishedResults:
    """The places in the shape that the map page is drawn from; small numbers hidden, always the internal set.

    Layers: the verdict, with the evidence as sentences; how the place became known (nominations, found places and where
    they are the same); how many nominations; services by kind per 100 who could get them.
    """
    minimum = results.edition.least_shown
    places = drawn_places(results)
    areas = places.rename(columns={"place_id": "area_id"})[["area_id", "name", "geometry"]]
    areas = areas.assign(kind=[_kind_word(row, results) for row in places.to_dict("records")])
    indicators = (_nominations(), *(_service(one) for one in results.service_rates.services))
    table = _table(results, places, minimum)
    people = (
        places[["place_id", "residents"]]
        .rename(columns={"place_id": "area_id"})
        .assign(period=results.period)
    )
    few = small(people["residents"], minimum)
    models = (_verified_model(), _known_model())
    services = results.sources[results.sources["indicator"] == SERVICES]
    sources = pd.concat([services.assign(indicator=one.id) for one in indicators[1:]] or [services])
    return PublishedResults(
        name=results.name,
        title=word("title", results.language),
        language=results.language,
        made_up=results.made_up,
        municipality=results.municipality,
        areas=gpd.GeoDataFrame(areas, geometry="geometry", crs=results.places.crs),
        context=results.context,
        indicators=indicators,
        table=table[table["area_id"] != MUNICIPALITY].reset_index(drop=True),
        reference_areas=table[table["area_id"] == MUNICIPALITY].reset_index(drop=True),
        residents=people[~few][["area_id", "period", "residents"]].astype({"residents": "int64"}),
        models=models,
        categories=_categories(results, places),
        criteria=_criteria(results, places, minimum),
        sources=sources,
        report=results.report,
        edition=results.edition,
    )


def write_bottom_up_map(results: BottomUpResults, path: str | Path) -> None:
    """Write the self-contained map page (see `geo_bosoc.outputs.page.risk_map.write_risk_map`), with the layers
    that `overlays_of` makes."""
    write_risk_map(published_bottom_up(results), path, overlays_of(results))


def _kind_word(row: Any, results: BottomUpResults) -> str:
    return KNOWN[known_as(bool(row["named"]), bool(row["found"]))][0 if results.language == "da" else 1]


def place_sentences(results: BottomUpResults, minimum: int) -> dict[str, list[str]]:
    """By place why it is undetermined, who named it, with what it overlaps, its criteria, and whether it comes back."""
    hidden = protected_word(results.language, minimum)
    told: dict[str, list[str]] = {}
    for row in results.verdicts.to_dict("records"):
        place = str(row["place_id"])
        because = undetermined_because({str(k): v for k, v in row.items()}, results.language)
        rows = results.nominations[results.nominations["place_id"] == place].to_dict("records")
        units = "; ".join(nomination_word({str(k): v for k, v in one.items()}, results) for one in rows)
        named = f"{word('named_by', results.language)}: {units}." if units else ""
        steady = stability_line({str(k): v for k, v in row.items()}, results.language)
        told[place] = [line for line in (because, named, *overlap_lines(results, place), steady) if line]
    for row in shown_evidence(results, minimum).to_dict("records"):
        line = evidence_line({str(k): v for k, v in row.items()}, results, hidden)
        told.setdefault(str(row["place_id"]), []).append(line)
    return told


def _nominations() -> Indicator:
    return Indicator(
        id="nominations", denominator=Side(), unit="count", direction="neutral",
        label_da="Nævnt af medarbejdere (antal)", label_en="Nominations by staff",
    )  # fmt: skip


def _service(service: Any) -> Indicator:
    return Indicator(
        id=f"service_{service.id}", denominator=Side(), mean_of="services", unit="mean",
        label_da=f"{service.label_da}, modtagere {word('per_100', 'da')}",
        label_en=f"{service.label_en}, recipients {word('per_100', 'en')}",
    )  # fmt: skip


def _table(results: BottomUpResults, places: gpd.GeoDataFrame, minimum: int) -> pd.DataFrame:
    kinds = results.service_rates.kinds
    kinds = kinds[kinds["place_id"].isin([*places["place_id"], MUNICIPALITY])]
    hide = hidden_services(results, kinds, minimum).to_numpy()
    empty = (kinds["eligible"] == 0).to_numpy()
    rates = dict(kinds.loc[kinds["place_id"] == MUNICIPALITY, ["service", "per_100"]].to_numpy().tolist())
    reference = kinds["service"].map(rates).astype("float64")
    services = pd.DataFrame({
        "area_id": kinds["place_id"].to_numpy(), "indicator": ("service_" + kinds["service"]).to_numpy(),
        "numerator": kinds["services"].astype("Int64").mask(hide | empty).to_numpy(),
        "denominator": kinds["eligible"].astype("Int64").mask(small(kinds["eligible"], minimum)).to_numpy(),
        "value": kinds["per_100"].mask(hide | empty).to_numpy(float),
        "low": kinds["low"].mask(hide | empty).to_numpy(float),
        "high": kinds["high"].mask(hide | empty).to_numpy(float),
        "reference": reference.to_numpy(),
        "ratio": kinds["ratio"].mask(hide | empty).to_numpy(float),
        "status": np.where(empty, "no_base", np.where(hide, "protected", "ok")),
    })  # fmt: skip
    count = places["nominations"].astype("Int64")
    named = pd.DataFrame({
        "area_id": places["place_id"], "indicator": "nominations", "numerator": count, "denominator": count,
        "value": count.astype(float), "low": np.nan, "high": np.nan, "reference": np.nan, "ratio": np.nan,
        "status": "ok",
    })  # fmt: skip
    table = pd.concat([named, services], ignore_index=True)
    return table.assign(period=results.period, unknown=pd.Series(0, index=table.index, dtype="Int64"))


def _model(name: str, labels: tuple[str, str], notes: tuple[str, str], classes: Any) -> Model:
    criterion = Criterion(indicator="nominations", operator=">=", threshold=0.0, measure="value")
    rule = Rule(requires=("nominations",))
    *first, last = classes.items()
    categories = [Category(id=key, label_da=da, label_en=en, colour=colour, rule=(rule,))
                  for key, (da, en, colour) in first]  # fmt: skip
    key, (da, en, colour) = last
    return Model(
        id=name, version="1", kind="rules", label_da=labels[0], label_en=labels[1], assumption_da=notes[0],
        assumption=notes[1], criterion=(criterion,),
        category=(*categories, Category(id=key, label_da=da, label_en=en, colour=colour)),
    )  # fmt: skip


def _verified_model() -> Model:
    own = {key: told for key, told in VERDICTS.items() if key != "undetermined"}
    return _model(
        _VERIFIED, ("Efterprøvning", "Verification"),
        ("Nævnte og fundne steder efterprøves med styregruppens kriterier. Et sted er et flag, ikke en kategori.",
         "Named and found places are verified by the steering group's criteria. A place is a flag, no category."),
        own,
    )  # fmt: skip


def _known_model() -> Model:
    return _model(
        _KNOWN, ("Hvordan stedet blev kendt", "How the place became known"),
        ("Nævnt af medarbejdere, fundet af den lokale statistik, eller begge dele.",
         "Named by staff, found by the local statistic, or both."),
        KNOWN,
    )  # fmt: skip


def _categories(results: BottomUpResults, places: gpd.GeoDataFrame) -> pd.DataFrame:
    verdicts = results.verdicts.set_index("place_id")
    rows = []
    for row in places.to_dict("records"):
        place = row["place_id"]
        verdict = str(verdicts["verdict"].get(place, "undetermined"))
        known = known_as(bool(row["named"]), bool(row["found"]))
        rows += [
            (place, _VERIFIED, verdict, verdicts["held"].get(place, np.nan)),
            (place, _KNOWN, known, np.nan),
        ]
    frame = pd.DataFrame(rows, columns=["area_id", "model", "category", "held"])
    empty = {name: None for name in CATEGORY_COLUMNS if name not in frame.columns}
    points = dict.fromkeys(("points", "points_min", "points_max", "points_before"), np.nan)
    return frame.assign(**empty | points | {"period": results.period, "model_version": "1"})


def _criteria(results: BottomUpResults, places: gpd.GeoDataFrame, minimum: int) -> pd.DataFrame:
    """The evidence as sentences of the panel; figures stand in them, guarded, and nowhere else."""
    lines = place_sentences(results, minimum)
    rows = [(place, line) for place in places["place_id"] for line in lines.get(str(place), [])]
    frame = pd.DataFrame(rows, columns=["area_id", "sentence"])
    empty = {name: None for name in CRITERIA_COLUMNS if name not in frame.columns}
    return frame.assign(**empty | {"period": results.period, "model": _VERIFIED})


_ROUND: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def sketch(
    geometry: Any,
    context: Sequence[Any],
    detected: Sequence[Any] = (),
    *,
    size: int = 340,
    margin: float = 250.0,
) -> dict[str, Any]:
    """A place and the lines around it as paths of an SVG drawing, `size` pixels square.

    Parameters
    ----------
    geometry : the place. context : lines around it. found : outlines that the place was found with.

    Returns
    -------
    dict
        `size`, `place`, `found` and `lines` (text of SVG paths), `bar` (pixels) and `metres` (what the bar stands
        for: a round number).
    """
    west, south, east, north = shapely.bounds(geometry).tolist()
    half = max(east - west, north - south) / 2 + margin
    middle = ((west + east) / 2, (south + north) / 2)
    frame = shapely.box(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    to = size / (2 * half)

    def path(shape: Any) -> str:
        parts = []
        for ring in shapely.get_parts(
            shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape
        ):
            if ring.geom_type not in ("LineString", "LinearRing"):
                continue
            xy = shapely.get_coordinates(ring)
            steps = [f"{(x - middle[0] + half) * to:.1f} {(middle[1] + half - y) * to:.1f}" for x, y in xy]
            parts.append("M" + "L".join(steps))
        return "".join(parts)

    near = [shapely.intersection(shape, frame) for shape in context if shapely.intersects(shape, frame)]
    lines = [path(shape) for shape in near]
    metres = max(one for one in _ROUND if one * to <= size / 3 or one == _ROUND[0])
    return {"size": size, "place": path(geometry), "found": [path(shape) for shape in detected],
            "lines": [one for one in lines if one], "bar": round(metres * to, 1), "metres": metres}  # fmt: skip
