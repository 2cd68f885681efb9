"""The words of the bottom-up outputs, and the sentences that say why: guarded here, once for every writer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.services import OTHER, gather_words
from geo_bosoc.disclosure.primary import small
from geo_bosoc.models.provenance import SERVICES, lines_of
from geo_bosoc.text import catalogue
from geo_bosoc.text.numbers import SOURCES, in_unit, number

VERDICTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "confirmed": ("Bekræftet", "Confirmed", "#5b3a8c"),
    "found_not_named": ("Fundet, men ikke nævnt", "Found but not named", "#4a86b8"),
    "not_seen": ("Nævnt, men ikke set i data", "Named but not seen in data", "#b9b3c9"),
    "found_not_seen": (
        "Fundet, men kriterierne holder ikke",
        "Found, but the criteria do not hold",
        "#c7dbea",
    ),
    "undetermined": ("Uafklaret", "Undetermined", "#c9ccd1"),
}
KNOWN: Final[Mapping[str, tuple[str, str, str]]] = {
    "both": ("Både nævnt og fundet", "Both named and found", "#3f2a6b"),
    "named": ("Nævnt af medarbejdere", "Named by staff", "#8a6fb3"),
    "found": ("Fundet i registrene", "Found in the registers", "#7fb0d6"),
}


def word(key: str, language: str, **values: object) -> str:
    """A word or short text; a key without one stands for itself."""
    text = catalogue.word_or_key("bottom_up", key, language)
    return text.format(**values) if values else text


def verdict_word(verdict: str, language: str) -> str:
    return VERDICTS[verdict][0 if language == "da" else 1] if verdict in VERDICTS else verdict


def undetermined_because(row: Mapping[str, Any], language: str) -> str:
    """Why a place is undetermined; empty for the others."""
    return catalogue.words("bottom_up", language).get(f"why_{row.get('why')}", "")


def notes(results: BottomUpResults) -> list[str]:
    """The read-me: how to read the places, what is left out, and where the figures come from."""
    text = partial(word, language=results.language)
    lines = [
        text("note_flag"),
        text("note_criteria"),
        text("note_left_out", few=text("few_suppressed" if results.edition.guard else "few_shown")),
        text("note_pointed_at", least=results.least_households),
        text("note_outlines", least=results.least_households),
        text("note_surface", k=results.k, indicator=results.indicator.label(results.language)),
    ]
    return [*lines, *source_notes(results)]


def source_notes(results: BottomUpResults) -> list[str]:
    """Period, status date and source: of the services, and of the indicator that places are found by."""
    words = {
        SERVICES: word("services", results.language),
        results.indicator.id: results.indicator.label(results.language),
    }
    lines = {key: lines_of(results.sources, key, results.period, results.language) for key in words}
    head = SOURCES[results.language]
    return [f"{head}, {words[key]}: {'; '.join(told)}." for key, told in lines.items() if told]


def known_as(named: bool, detected: bool) -> str:
    """Key of `KNOWN`: how a place became known."""
    return "both" if named and detected else "named" if named else "found"


def few_households(results: BottomUpResults, minimum: int) -> set[str]:
    """Places of fewer than `minimum` households: what is told of them is told of homes, however many live there."""
    return set(results.places.loc[small(results.places["households"], minimum), "place_id"].astype(str))


def hidden_services(results: BottomUpResults, kinds: pd.DataFrame, minimum: int) -> pd.Series:
    """Rows of `ServiceRates.kinds` whose recipients, or those who could but do not get it, are too few to show; and all
    rows of places of few households."""
    got, could = kinds["services"], kinds["eligible"]
    few = small(got, minimum) | small(could, minimum) | small((could - got).clip(lower=0), minimum)
    return few | kinds["place_id"].astype(str).isin(few_households(results, minimum))


def hidden_places(results: BottomUpResults, minimum: int) -> set[str]:
    """Places where so few live, or so few get several services, that no figure of them is shown."""
    rows = results.service_rates.places
    few = small(rows["residents"], minimum) | small(rows["services"], minimum)
    return set(rows.loc[few, "place_id"].astype(str)) | few_households(results, minimum)


def shown_evidence(results: BottomUpResults, minimum: int) -> pd.DataFrame:
    """The evidence without the figures that rest on few; `met` stays, since verdicts are made on true counts. Of places
    of few households there is none."""
    hidden = hidden_places(results, minimum)
    rows = results.service_rates.places
    others = rows["residents"] - rows["several"]
    several = set(rows.loc[small(rows["several"], minimum) | small(others, minimum), "place_id"].astype(str))
    alone = results.evidence["place_id"].astype(str).isin(few_households(results, minimum))
    evidence = results.evidence[~alone].reset_index(drop=True)
    few = evidence["place_id"].astype(str).isin(hidden)
    few |= evidence["place_id"].astype(str).isin(several) & evidence["criterion"].str.contains("several")
    shown = evidence.copy()
    for name in ("value", "low", "high"):
        shown[name] = shown[name].astype("float64").mask(few)
    return shown.assign(hidden=few.to_numpy())


def figure(value: Any, criterion: str, results: BottomUpResults) -> str:
    """A criterion's figure as text in its unit."""
    known = results.criteria.get(criterion)
    if value is None or pd.isna(value):
        return "–"
    if known is None or known.unit == "mean":
        decimals = 0 if float(value) == math.floor(float(value)) else 1
        return number(float(value), results.language, decimals)
    return in_unit(float(value), known.unit, results.language)


def evidence_line(row: Mapping[str, Any], results: BottomUpResults, hidden_word: str) -> str:
    """One criterion as a sentence: its figure with interval, what it is held against, and the answer."""
    language, criterion = results.language, str(row["criterion"])
    known = results.criteria.get(criterion)
    label = known.label(language) if known else criterion
    if row.get("hidden"):
        told = hidden_word
    else:
        told = figure(row["value"], criterion, results)
        if not pd.isna(row["low"]) and not pd.isna(row["high"]):
            told += f" ({figure(row['low'], criterion, results)}–{figure(row['high'], criterion, results)})"
    beside = [
        f"{word(name, language)} {figure(row[name], criterion, results)}"
        for name in ("municipality", "similar", "threshold")
        if not pd.isna(row[name])
    ]
    return f"{label}: {told}; {', '.join([*beside, word(str(row['met']), language)])}."


def stability_line(row: Mapping[str, Any], language: str) -> str:
    """How often a place comes back, from its row of `BottomUpResults.verdicts`; empty where that is not known."""
    back = row.get("back")
    if back is None or pd.isna(back):
        return ""
    if float(back) == 0:
        return f"{word('never_back', language)}."
    share, jaccard = in_unit(float(back), "percent", language, 0), number(float(row["jaccard"]), language, 2)
    return f"{word('back_in', language, share=share, jaccard=jaccard)}."


def overlap_lines(results: BottomUpResults, place: str) -> list[str]:
    """With which found places a named place shares homes, and how much."""
    rows = results.overlap[results.overlap["place_id"].astype(str) == place]
    return [
        word("overlap_with", results.language, homes=number(int(row["homes"]), results.language), found=row["found_id"],
             jaccard=number(float(row["jaccard"]), results.language, 2)) + "."
        for row in rows.to_dict("records")
    ]  # fmt: skip


def nomination_word(row: Mapping[str, Any], results: BottomUpResults) -> str:
    """A nomination as a line: who named the place, and when."""
    labels = {one.id: one.label(results.language) for one in results.service_rates.services}
    unit = labels.get(str(row["unit"]), str(row["unit"]))
    return f"{unit}, {row['date']}" if row["date"] else unit


def shown_as_word(shown_as: str, side: int, language: str) -> str:
    """What a nomination is drawn as."""
    key = {"homes": "homes_outline", "not_drawn": "not_drawn_here"}.get(shown_as, shown_as)
    return word(key, language, side=number(side, language))


def gather(results: BottomUpResults, place: str, minimum: int) -> list[str]:
    """Who to gather round a place: those whose services meet there (of few households, none), and the units that named
    it by name."""
    services = {one.id: one.gather(results.language) for one in results.service_rates.services}
    kinds = results.service_rates.kinds
    shown = place not in few_households(results, minimum)
    meeting = kinds[(kinds["place_id"].astype(str) == place) & kinds["meets"].astype(bool) & shown]
    strongest = meeting.sort_values(["ratio", "service"], ascending=[False, True])["service"]
    named = results.nominations.loc[results.nominations["place_id"].astype(str) == place, "unit"]
    units = gather_words(results.language) | services
    naming = [units.get(unit, unit) for unit in sorted(set(named.dropna().astype(str)) - set(OTHER.values()))]
    return list(dict.fromkeys([*(services.get(str(kind), str(kind)) for kind in strongest), *naming]))
