"""Named and found places as a map: the risk map's page, with what the registers say of each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.outputs.overlays import overlays_of
from geo_bosoc.bottom_up.places.place_order import in_place_order, known_places, newness_line
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import (
    ORIGIN_COLOURS,
    VERDICT_COLOURS,
    criteria_notes,
    evidence_line,
    hidden_services,
    known_as,
    named_times,
    nomination_word,
    overlap_lines,
    same_answer_line,
    shown_evidence,
    stability_line,
    undetermined_because,
)
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.provenance import SERVICES
from geo_bosoc.outputs.page.page_model import Explanation, Page
from geo_bosoc.outputs.page.risk_map import write_page
from geo_bosoc.outputs.thematic_map import Classification, MapCategory, Variable
from geo_bosoc.text.catalogue import LANGUAGES, Language, word, words
from geo_bosoc.text.colours import BY_RANK, WITHOUT_FIGURE, Fill, paler
from geo_bosoc.text.messages import problem_in_language
from geo_bosoc.text.numbers import protected_word


def drawn_places(results: BottomUpResults) -> gpd.GeoDataFrame:
    """The places that may be drawn, in their order: those with a polygon."""
    shapes = results.places.geometry
    is_polygon = shapes.notna() & shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & ~shapes.is_empty
    return in_place_order(results.places[is_polygon.to_numpy()], results).reset_index(drop=True)


def bottom_up_page(results: BottomUpResults, language: Language | None = None) -> Page:
    """The places as a map page; small numbers suppressed, always of the internal set.

    Layers: the verdict, with the evidence as sentences, of new places before those in assessed areas, which are drawn
    paler; how the place became known (nominations, detected places and where they are the same); how many nominations,
    in words; services by kind per 100 who could get them. Its words are of the results' language, unless another is
    given.
    """
    results = results if language is None else replace(results, language=language)
    places = drawn_places(results)
    areas = places.rename(columns={"place_id": "area_id"})[["area_id", "name", "geometry"]]
    areas = areas.assign(kind=[_known_word(row, results) for row in places.to_dict("records")])
    table = _table(results, places, results.edition.least_shown)
    residents = (
        places[["place_id", "residents"]]
        .rename(columns={"place_id": "area_id"})
        .assign(period=results.period)
    )
    few_residents = small(residents["residents"], results.edition.least_shown)
    verdicts, origins, nominations = (
        _verdicts(results, places),
        _origins(results, places),
        _nominated(results, places),
    )
    return Page(
        name=results.name,
        title=word("bottom_up", "title", results.language),
        language=results.language,
        made_up=results.made_up,
        edition=results.edition,
        areas=gpd.GeoDataFrame(areas, geometry="geometry", crs=results.places.crs),
        context=results.context,
        residents=residents[~few_residents][["area_id", "period", "residents"]].astype(
            {"residents": "int64"}
        ),
        backdrop=results.backdrop,
        classifications=(verdicts, origins, nominations),
        without_card=(origins.id, nominations.id),
        variables=_variables(results),
        table=table[table["area_id"] != MUNICIPALITY].reset_index(drop=True),
        reference_areas=table[table["area_id"] == MUNICIPALITY].reset_index(drop=True),
        sources=variable_sources(results),
        overlays=overlays_of(results),
        explanations={verdicts.id: _explanations(results, places)},
        notes=tuple(problem_in_language(problem, results.language) for problem in results.report.warnings),
    )


def area_page(results: BottomUpResults, language: Language | None = None) -> Page | None:
    """What the study's parts show of the assessed areas, as layers for the map of the internal set; None where there is
    none."""
    results = results if language is None else replace(results, language=language)
    parts = results.shown_parts().values()
    layers = tuple(layer for part in parts for layer in part.area_layers)
    if not layers:
        return None
    lines = {key: each for part in parts for key, each in part.area_lines.items()}
    nothing = results.sources[:0]
    return Page(
        name=results.name,
        title=word("bottom_up", "title", results.language),
        language=results.language,
        made_up=results.made_up,
        edition=results.edition,
        areas=results.areas,
        context={},
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": []}),
        classifications=layers,
        variables=(),
        table=_table(results, results.places[:0], results.edition.least_shown)[:0],
        reference_areas=_table(results, results.places[:0], results.edition.least_shown)[:0],
        sources=nothing,
        explanations={
            layer.id: {
                (area, results.period): Explanation(criteria=each)
                for (name, area), each in lines.items()
                if name == layer.id
            }
            for layer in layers
        },
    )


def write_bottom_up_map(results: BottomUpResults, path: str | Path) -> None:
    """Write the self-contained map page (see `geo_bosoc.outputs.page.risk_map.write_risk_map`), with the layers
    that `overlays_of` makes."""
    pages = {language: bottom_up_page(results, language) for language in LANGUAGES}
    write_page(pages.pop(results.language), path, pages)


def variable_sources(results: BottomUpResults) -> pd.DataFrame:
    """Where the figures of each kind of services come from (`geo_bosoc.models.provenance.SOURCE_COLUMNS`)."""
    services = results.sources[results.sources["indicator"] == SERVICES]
    kinds = [services.assign(indicator=variable.id) for variable in _variables(results)]
    return pd.concat(kinds or [services])


def variable_labels(results: BottomUpResults) -> dict[str, str]:
    """The words of the layers of figures by id."""
    return {variable.id: variable.label for variable in _variables(results)}


def _known_word(row: Any, results: BottomUpResults) -> str:
    origin = known_as(bool(row["named"]), bool(row["found"]))
    return word("bottom_up", f"known_{origin}", results.language)


def place_sentences(results: BottomUpResults, minimum: int) -> dict[str, list[str]]:
    """By place whether it is new, why it is undetermined, who named it, with what it overlaps, its criteria, and
    whether it comes back."""
    hidden = protected_word(results.language)
    sentences: dict[str, list[str]] = {}
    for row in results.verdicts.to_dict("records"):
        place = str(row["place_id"])
        because = undetermined_because({str(k): v for k, v in row.items()}, results.language)
        rows = results.nominations[results.nominations["place_id"] == place].to_dict("records")
        units = "; ".join(
            nomination_word({str(k): v for k, v in nomination.items()}, results) for nomination in rows
        )
        named = f"{word('bottom_up', 'named_by', results.language)}: {units}." if units else ""
        steady = stability_line({str(k): v for k, v in row.items()}, results.language)
        newness = newness_line(results, place)
        sentences[place] = [
            line for line in (newness, because, named, *overlap_lines(results, place), steady) if line
        ]
    for row in shown_evidence(results, minimum).to_dict("records"):
        line = evidence_line({str(k): v for k, v in row.items()}, results, hidden)
        sentences.setdefault(str(row["place_id"]), []).append(line)
    return sentences


def _variables(results: BottomUpResults) -> tuple[Variable, ...]:
    """The recipients of each kind of services per 100."""
    language = results.language
    recipients = f"{word('bottom_up_map', 'recipients', language)} {word('bottom_up', 'per_100', language)}"
    return tuple(
        Variable(id=f"service_{service.id}", label=f"{service.label(language)}, {recipients}", unit="mean")
        for service in results.service_rates.services
    )


def _verdicts(results: BottomUpResults, places: gpd.GeoDataFrame) -> Classification:
    """What the registers say of each place: of new places first, then, paler, of those in assessed areas."""
    verdict_of = results.verdicts.set_index("place_id")["verdict"]
    of_estates = known_places(results)
    outcomes = [str(verdict_of.get(place, UNDETERMINED)) for place in places["place_id"]]
    lies_within = [str(place) in of_estates for place in places["place_id"]]
    categories = [
        f"{IN_AREA}{outcome}" if within else outcome
        for outcome, within in zip(outcomes, lies_within, strict=True)
    ]
    head = "new_place" if any(lies_within) else ""
    classes = [_verdict_class(outcome, outcome, head, results.language) for outcome in VERDICT_COLOURS]
    classes += [
        replace(_verdict_class(key, outcome, "in_area", results.language), fill=_quiet_fill(outcome, rank))
        for rank, outcome in enumerate(VERDICT_COLOURS)
        if (key := f"{IN_AREA}{outcome}") in categories
    ]
    verdicts = _classification("bottom-up", "verdict", classes, categories, results, places)
    note = words("bottom_up_map", results.language)["share_note"] if head else ""
    assumptions = (*verdicts.assumptions, *(("", line) for line in criteria_notes(results)))
    return replace(verdicts, share_note=note, assumptions=assumptions)


def _verdict_class(key: str, outcome: str, head: str, language: Language) -> MapCategory:
    """A class of the verdicts; what is undetermined counts in no share."""
    text = word("bottom_up", f"verdict_{outcome}", language)
    if head:
        text = word("bottom_up_map", head, language, verdict=text[:1].lower() + text[1:])
    is_settled = outcome != UNDETERMINED
    fill = None if is_settled else WITHOUT_FIGURE[UNDETERMINED]
    return MapCategory(key, text, VERDICT_COLOURS[outcome], fill=fill, assessed=is_settled)


def _quiet_fill(outcome: str, rank: int) -> Fill:
    """The fill of a verdict on a place in an assessed area: of the same kind as a new place's, and paler."""
    towards_white = 0.35 if outcome == "confirmed" else 0.65
    hatch = BY_RANK[rank] if outcome != UNDETERMINED else WITHOUT_FIGURE[UNDETERMINED].hatch
    assert hatch is not None
    return Fill(paler(VERDICT_COLOURS[outcome], towards_white), replace(hatch, width=hatch.width / 2))


def _origins(results: BottomUpResults, places: gpd.GeoDataFrame) -> Classification:
    """How each place became known."""
    categories = [known_as(bool(row["named"]), bool(row["found"])) for row in places.to_dict("records")]
    classes = [
        MapCategory(key, word("bottom_up", f"known_{key}", results.language), colour)
        for key, colour in ORIGIN_COLOURS.items()
    ]
    return _classification("bottom-up-known", "known", classes, categories, results, places)


def _nominated(results: BottomUpResults, places: gpd.GeoDataFrame) -> Classification:
    """How often staff named each place, in words."""
    language, counts = results.language, places["nominations"].fillna(0).astype(int)
    times = {3: "three_or_more", 2: "twice", 1: "once", 0: "never"}
    classes = [
        MapCategory(times[count], word("bottom_up_map", f"named_{times[count]}", language), colour)
        for count, colour in zip(times, NOMINATION_COLOURS, strict=True)
    ]
    categories = [times[min(count, 3)] for count in counts]
    notes = [named_times(count, language) if count > 3 else "" for count in counts]
    return _classification(
        "bottom-up-nominations", "nominations", classes, categories, results, places, notes
    )


def _classification(
    name: str,
    head: str,
    classes: Sequence[MapCategory],
    categories: Sequence[str],
    results: BottomUpResults,
    places: gpd.GeoDataFrame,
    notes: Sequence[str] | None = None,
) -> Classification:
    """A classification of the places; `head` is the key of its label."""
    rows = pd.DataFrame({"area_id": places["place_id"], "period": results.period, "category": categories})
    return Classification(
        id=name,
        version="1",
        label=word("bottom_up_map" if head == "nominations" else "bottom_up", head, results.language),
        categories=tuple(classes),
        rows=rows if notes is None else rows.assign(note=list(notes)),
        assumptions=(("", word("bottom_up_map", f"about_{head}", results.language)),),
    )


def _explanations(results: BottomUpResults, places: gpd.GeoDataFrame) -> dict[tuple[str, str], Explanation]:
    """The evidence of each place as sentences, and how sure its verdict is."""
    lines = place_sentences(results, results.edition.least_shown)
    parts = results.shown_parts().values()
    shares = dict(zip(results.verdicts["place_id"].astype(str), results.verdicts["held"], strict=True))
    explanations = {}
    for place in places["place_id"]:
        stability = same_answer_line({"held": shares.get(str(place))}, results.language)
        explanations[str(place), results.period] = Explanation(
            criteria=[
                *lines.get(str(place), []),
                *(line for part in parts for line in part.lines.get(str(place), ())),
            ],
            stability=[stability] if stability else [],
        )
    return explanations


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
    return services.assign(period=results.period, unknown=pd.Series(0, index=services.index, dtype="Int64"))


IN_AREA: Final = "in_area_"
"""Before a verdict: the place lies in an assessed area."""
NOMINATION_COLOURS: Final = ("#3f2a6b", "#8a6fb3", "#c3b4dc", "#e4e3e8")
"""Of places named three times or more, twice, once and never."""
