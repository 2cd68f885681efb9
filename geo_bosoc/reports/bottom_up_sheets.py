"""One page a place, ready to print: the services present, why, and who to gather in a coordination forum."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from geo_bosoc.bottom_up.findings import BottomUpFindings
from geo_bosoc.bottom_up.words import (
    KNOWN,
    VERDICTS,
    evidence_line,
    few_households,
    gather,
    hidden_services,
    known_as,
    nomination_word,
    notes,
    overlap_lines,
    shown_evidence,
    source_notes,
    stability_line,
    stamps,
    undetermined_because,
    verdict_word,
    word,
)
from geo_bosoc.findings import MUNICIPALITY
from geo_bosoc.maps.bottom_up_map import sketch
from geo_bosoc.protect.small_numbers import small
from geo_bosoc.safe_write import whole_file
from geo_bosoc.wording import in_unit, number, protected_word


def sheet_name(place: str) -> str:
    """The file of a place's sheet: letters, digits, hyphens and underscores of its id only.

    >>> sheet_name("P001"), sheet_name("A/1")
    ('P001.html', 'A_1.html')
    """
    return "".join(one if one.isalnum() or one in "-_" else "_" for one in place) + ".html"


def place_sheet(found: BottomUpFindings, place: str, *, minimum: int = 5) -> str:
    """A place's sheet as HTML that fetches nothing; text is escaped, figures of few persons are hidden."""
    language = found.language
    row = found.places.loc[found.places["place_id"].astype(str) == place].iloc[0]
    own = found.verdicts[found.verdicts["place_id"].astype(str) == place].to_dict("records")
    verdict: dict[str, Any] = {str(k): v for k, v in own[0].items()} if own else {"verdict": "undetermined"}
    key = str(verdict["verdict"])
    alone = place in few_households(found, minimum)
    hidden = word("few_households", language) if alone else protected_word(language, minimum)
    evidence = shown_evidence(found, minimum)
    evidence = evidence[evidence["place_id"].astype(str) == place]
    why = [undetermined_because(verdict, language), *overlap_lines(found, place)]
    why += [
        evidence_line({str(k): v for k, v in one.items()}, found, hidden)
        for one in evidence.to_dict("records")
    ]
    named = found.nominations[found.nominations["place_id"].astype(str) == place].to_dict("records")
    by = [nomination_word({str(key): value for key, value in one.items()}, found) for one in named]
    held = verdict.get("held")
    drawn = row["geometry"] is not None and not row["geometry"].is_empty
    lines = [shape for name, layer in sorted(found.context.items()) for shape in layer.geometry
             if shape is not None and shape.geom_type.endswith("LineString") and name]  # fmt: skip
    around = _found_outlines(found, place) if bool(row["named"]) else []
    title = str(row["name"]) or place
    page: str = _template().render(
        language=language,
        title=f"{title} · {word('title', language)}",
        stamps=stamps(found),
        name=title,
        place_id=place,
        known=KNOWN[known_as(bool(row["named"]), bool(row["found"]))][0 if language == "da" else 1],
        at_date=word("at_date", language, period=found.period),
        verdict=verdict_word(key, language),
        colour=VERDICTS.get(key, VERDICTS["undetermined"])[2],
        size=_size(row, found, hidden, minimum),
        held="" if held is None or pd.isna(held) else word(
            "held_in", language, share=in_unit(float(held), "percent", language, 0)),
        back=stability_line(verdict, language),
        named_by="; ".join(by),
        drawing=sketch(row["geometry"], lines, around) if drawn else None,
        found_here=word("layer_found", language) if around else "",
        not_drawn=word("not_drawn", language, count=found.least_households),
        gather=gather(found, place, minimum),
        why=[line for line in why if line],
        services=_services(found, place, hidden, minimum),
        words={name: word(name, language) for name in (
            "gather", "why", "present", "service", "services", "eligible", "per_100", "municipality", "meets",
            "nobody", "named_by")},
        note=" ".join([*notes(found)[:3], *source_notes(found)]),
    )  # fmt: skip
    return page


def write_place_sheet(found: BottomUpFindings, place: str, path: str | Path, *, minimum: int = 5) -> None:
    """Write a place's sheet.

    Raises
    ------
    geo_bosoc.safe_write.OutputInUse
        The file is open in a program that does not let it be replaced.
    """
    with whole_file(path) as draft:
        draft.write_text(place_sheet(found, place, minimum=minimum), encoding="utf-8", newline="\n")


def _template() -> Any:
    text = (files("geo_bosoc.reports") / "templates" / "place_sheet.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(text)


def _found_outlines(found: BottomUpFindings, place: str) -> list[Any]:
    """Outlines of the found places that went into a named one."""
    rows = found.found_places[found.found_places["place_id"].astype(str) == place]
    return [shape for shape in rows.geometry if shape is not None and not shape.is_empty]


def _size(row: Any, found: BottomUpFindings, hidden: str, minimum: int) -> str:
    told = []
    alone = str(row["place_id"]) in few_households(found, minimum)
    for name in ("residents", "households"):
        count = int(row[name])
        text = (
            hidden if alone or bool(small(pd.Series([count]), minimum)[0]) else number(count, found.language)
        )
        told.append(f"{word(name, found.language)}: {text}")
    return ". ".join(told) + "."


def _services(found: BottomUpFindings, place: str, hidden: str, minimum: int) -> list[dict[str, Any]]:
    kinds = found.presence.kinds
    whole = kinds[kinds["place_id"] == MUNICIPALITY].set_index("service")["per_100"]
    own = kinds[kinds["place_id"].astype(str) == place]
    few = hidden_services(found, own, minimum)
    alone = place in few_households(found, minimum)
    told = []
    for (_, row), hide in zip(own.iterrows(), few, strict=True):
        base_few = alone or bool(small(pd.Series([int(row["eligible"])]), minimum)[0])
        label = next(one.label(found.language) for one in found.presence.services if one.id == row["service"])
        rate = float(row["per_100"])
        told.append({
            "label": label,
            "services": hidden if hide else number(int(row["services"]), found.language),
            "eligible": hidden if base_few else number(int(row["eligible"]), found.language),
            "per_100": hidden if hide else number(rate, found.language, 1),
            "municipality": number(float(whole.get(row["service"], float("nan"))), found.language, 1),
            "meets": bool(row["meets"]) and not alone,
        })  # fmt: skip
    return told
