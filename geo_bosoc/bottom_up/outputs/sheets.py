"""One page a place, ready to print: the services present, why, and who to gather; and what papers tell of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
import shapely
from jinja2 import Environment, StrictUndefined

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.bottom_up.places.place_order import in_place_order, newness_line, place_order
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.study_parts import ShownPart
from geo_bosoc.bottom_up.texts import (
    VERDICT_COLOURS,
    adoption_note,
    evidence_line,
    few_households,
    gather,
    hidden_services,
    known_as,
    nomination_word,
    overlap_lines,
    same_answer_line,
    short_notes,
    shown_evidence,
    source_notes,
    stability_line,
    undetermined_because,
    verdict_word,
)
from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY, stamp_texts
from geo_bosoc.outputs.documents.document import Block, Paragraph, Sections, Table, TableCell
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.numbers import number, protected_word


def sheet_name(place_id: str) -> str:
    """The file of a place's sheet: letters, digits, hyphens and underscores of its id only.

    >>> sheet_name("P001"), sheet_name("A/1")
    ('P001.html', 'A_1.html')
    """
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in place_id) + ".html"


def place_sheet(
    results: BottomUpResults, place_id: str, parts: Mapping[str, ShownPart] = MappingProxyType({})
) -> str:
    """A place's sheet as HTML that fetches nothing; text is escaped, figures of few persons are hidden.

    The sentences of the study's parts stand last, in the order of `parts` (`BottomUpResults.shown_parts`).
    """
    language, minimum = results.language, results.edition.least_shown
    row = results.places.loc[results.places["place_id"].astype(str) == place_id].iloc[0]
    verdicts = results.verdicts[results.verdicts["place_id"].astype(str) == place_id].to_dict("records")
    verdict: dict[str, Any] = (
        {str(k): v for k, v in verdicts[0].items()} if verdicts else {"verdict": "undetermined"}
    )
    key = str(verdict["verdict"])
    alone = place_id in few_households(results, minimum)
    hidden = word("bottom_up", "few_households", language) if alone else protected_word(language)
    evidence = shown_evidence(results, minimum)
    evidence = evidence[evidence["place_id"].astype(str) == place_id]
    why = [undetermined_because(verdict, language), *overlap_lines(results, place_id)]
    why += [
        evidence_line({str(k): v for k, v in record.items()}, results, hidden)
        for record in evidence.to_dict("records")
    ]
    named = results.nominations[results.nominations["place_id"].astype(str) == place_id].to_dict("records")
    nominating = [
        nomination_word({str(key): value for key, value in record.items()}, results) for record in named
    ]
    drawn = row["geometry"] is not None and not row["geometry"].is_empty
    lines = [shape for name, layer in sorted(results.context.items()) for shape in layer.geometry
             if shape is not None and shape.geom_type.endswith("LineString") and name]  # fmt: skip
    around = _found_outlines(results, place_id) if bool(row["named"]) else []
    title = str(row["name"]) or place_id
    page: str = _template().render(
        language=language,
        title=f"{title} · {word('bottom_up', 'title', language)}",
        stamps=stamp_texts(results),
        name=title,
        place_id=place_id,
        rank=word(
            "bottom_up",
            "rank_of",
            language,
            rank=number(place_order(results).index(place_id) + 1, language),
            count=number(len(results.places), language),
        ),
        newness=newness_line(results, place_id),
        known=word("bottom_up", f"known_{known_as(bool(row['named']), bool(row['found']))}", language),
        at_date=word("bottom_up", "at_date", language, period=results.period),
        verdict=verdict_word(key, language),
        colour=VERDICT_COLOURS.get(key, VERDICT_COLOURS["undetermined"]),
        size=_size(row, results, hidden, minimum),
        held=same_answer_line(verdict, language),
        back=stability_line(verdict, language),
        named_by="; ".join(nominating),
        drawing=sketch(row["geometry"], lines, around) if drawn else None,
        found_here=word("bottom_up", "layer_found", language) if around else "",
        not_drawn=word("bottom_up", "not_drawn", language, count=results.least_households),
        gather=gather(results, place_id, minimum),
        why=[line for line in why if line],
        services=_services(results, place_id, hidden, minimum),
        parts=[
            {"heading": word("bottom_up", f"part_{key}", language), "lines": of_place}
            for key, part in parts.items()
            if (of_place := part.lines.get(place_id))
        ],
        words={name: sentence_case(word_or_key("bottom_up", name, language)) for name in (
            "gather", "why", "present", "service", "services", "eligible", "per_100", "municipality", "meets",
            "nobody", "named_by")},
        adopted=adoption_note(results),
        note=" ".join([*short_notes(results), *source_notes(results)]),
    )  # fmt: skip
    return page


def write_place_sheets(results: BottomUpResults, folder: str | Path) -> None:
    """Write a sheet a place.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        A file is open in a program that does not let it be replaced.
    """
    parts = results.shown_parts()
    for place in results.places["place_id"].astype(str):
        with atomic_file(Path(folder) / sheet_name(place)) as draft:
            draft.write_text(place_sheet(results, place, parts), encoding="utf-8", newline="\n")


def bottom_up_sections(results: BottomUpResults, area_id: str) -> Sections:
    """The places of an area, for papers of the internal set alone.

    Parameters
    ----------
    results : BottomUpResults
        Of the study; all of it is internal.
    area_id : str
        One of the assessed areas; ``@areas`` for every place.

    Returns
    -------
    Sections
        The topic ``nominations``; nothing where there is no place in the area.
    """
    within = results.within
    places = in_place_order(results.places, results)
    if area_id != ALL_AREAS:
        of_area = set(within.loc[within["area_id"].astype(str) == area_id, "place_id"].astype(str))
        places = places[places["place_id"].astype(str).isin(of_area)]
    rows = tuple(
        _place_row(results, {str(name): value for name, value in row.items()})
        for row in places.drop(columns="geometry").to_dict("records")
    )
    if not rows:
        return {}
    language = results.language
    heads = ("name", "known_label", "verdict_label", "named_by", "gather_short")
    header = tuple(word("bottom_up", key, language) for key in heads)
    blocks: list[Block] = [
        Table(header, rows, widths=(2.9, 2.2, 2.8, 3.2, 3.2)),
        Paragraph(word("bottom_up", "note_flag", language), "note"),
    ]
    return {"nominations": blocks}


def _place_row(results: BottomUpResults, place: Mapping[str, Any]) -> tuple[TableCell, ...]:
    """A place: its name, how it became known, what the registers say, who named it, and who to gather."""
    language, place_id = results.language, str(place["place_id"])
    verdicts = results.verdicts[results.verdicts["place_id"].astype(str) == place_id].to_dict("records")
    verdict = {str(name): value for name, value in verdicts[0].items()} if verdicts else {}
    outcome = verdict_word(str(verdict.get("verdict", "undetermined")), language)
    named = results.nominations[results.nominations["place_id"].astype(str) == place_id].to_dict("records")
    units = [nomination_word({str(name): value for name, value in row.items()}, results) for row in named]
    origin = known_as(bool(place["named"]), bool(place["found"]))
    cells = (
        str(place["name"]) or place_id,
        word("bottom_up", f"known_{origin}", language),
        " ".join(filter(None, (outcome, undetermined_because(verdict, language)))),
        sentence_case("; ".join(units)) or "–",
        "; ".join(gather(results, place_id, results.edition.least_shown)) or "–",
    )
    return tuple(TableCell(text) for text in cells)


def _template() -> Any:
    text = (files("geo_bosoc.bottom_up.outputs") / "templates" / "place_sheet.html").read_text(
        encoding="utf-8"
    )
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(text)


def _found_outlines(results: BottomUpResults, place: str) -> list[Any]:
    """Outlines of the found places that went into a named one."""
    rows = results.found_places[results.found_places["place_id"].astype(str) == place]
    return [shape for shape in rows.geometry if shape is not None and not shape.is_empty]


def _size(row: Any, results: BottomUpResults, hidden: str, minimum: int) -> str:
    parts = []
    alone = str(row["place_id"]) in few_households(results, minimum)
    for name in ("residents", "households"):
        count = int(row[name])
        text = (
            hidden
            if alone or bool(small(pd.Series([count]), minimum)[0])
            else number(count, results.language)
        )
        parts.append(f"{word_or_key('bottom_up', name, results.language)}: {text}")
    return ". ".join(parts) + "."


def _services(results: BottomUpResults, place: str, hidden: str, minimum: int) -> list[dict[str, Any]]:
    kinds = results.service_rates.kinds
    municipal_rates = kinds[kinds["place_id"] == MUNICIPALITY].set_index("service")["per_100"]
    place_kinds = kinds[kinds["place_id"].astype(str) == place]
    suppressed = hidden_services(results, place_kinds, minimum)
    alone = place in few_households(results, minimum)
    services = []
    for (_, row), hide in zip(place_kinds.iterrows(), suppressed, strict=True):
        base_few = alone or bool(small(pd.Series([int(row["eligible"])]), minimum)[0])
        label = next(
            service.label(results.language)
            for service in results.service_rates.services
            if service.id == row["service"]
        )
        rate = float(row["per_100"])
        services.append({
            "label": label,
            "services": hidden if hide else number(int(row["services"]), results.language),
            "eligible": hidden if base_few else number(int(row["eligible"]), results.language),
            "per_100": hidden if hide else number(rate, results.language, 1),
            "municipality": number(float(municipal_rates.get(row["service"], float("nan"))), results.language, 1),
            "meets": bool(row["meets"]) and not alone,
        })  # fmt: skip
    return services


_ROUND: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def sketch(
    geometry: Any,
    context: Sequence[Any],
    detected: Sequence[Any] = (),
    *,
    size: int = 340,
    margin: float = 250.0,
) -> dict[str, Any]:
    """A place and the lines around it as paths of an SVG drawing.

    Parameters
    ----------
    geometry : BaseGeometry
        The place.
    context : sequence of BaseGeometry
        Lines around it.
    detected : sequence of BaseGeometry, optional
        Outlines that the place was detected with.
    size : int, optional
        Pixels of each side of the drawing.
    margin : float, optional
        Metres around the place.

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
    scale = size / (2 * half)

    def path(shape: Any) -> str:
        parts = []
        for ring in shapely.get_parts(
            shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape
        ):
            if ring.geom_type not in ("LineString", "LinearRing"):
                continue
            xy = shapely.get_coordinates(ring)
            steps = [
                f"{(x - middle[0] + half) * scale:.1f} {(middle[1] + half - y) * scale:.1f}" for x, y in xy
            ]
            parts.append("M" + "L".join(steps))
        return "".join(parts)

    near = [shapely.intersection(shape, frame) for shape in context if shapely.intersects(shape, frame)]
    lines = [path(shape) for shape in near]
    metres = max(length for length in _ROUND if length * scale <= size / 3 or length == _ROUND[0])
    return {"size": size, "place": path(geometry), "found": [path(shape) for shape in detected],
            "lines": list(filter(None, lines)), "bar": round(metres * scale, 1), "metres": metres}  # fmt: skip
