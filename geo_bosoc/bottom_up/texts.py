"""The words of the bottom-up outputs, and the sentences that say why: guarded here, once for every writer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.services import OTHER, gather_words
from geo_bosoc.disclosure.primary import small
from geo_bosoc.models.provenance import SERVICES, lines_of
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
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Steder nedefra", "Places from below"),
    "verdict": ("Efterprøvning", "Verification"),
    "known": ("Hvordan stedet blev kendt", "How the place became known"),
    "met": ("opfyldt", "met"),
    "not_met": ("ikke opfyldt", "not met"),
    "undetermined": ("uafklaret", "undetermined"),
    "municipality": ("kommunen", "the municipality"),
    "similar": ("lignende steder", "similar places"), "threshold": ("grænsen", "the threshold"),
    "held_in": ("Holdt i {share} af gentagelserne", "Held in {share} of the repetitions"),
    "held": ("Holdt, andel", "Held, share"),
    "back_in": ("Fundet igen i {share} af gentagelserne, med {jaccard} af boligerne fælles (Jaccard)",
                "Found again in {share} of the repetitions, with {jaccard} of the homes in common (Jaccard)"),
    "never_back": ("Ikke fundet igen i nogen gentagelse", "Found again in no repetition"),
    "back": ("Fundet igen, andel", "Found again, share"),
    "jaccard": ("Fælles boliger (Jaccard)", "Shared homes (Jaccard)"),
    "overlap_with": ("Nævnt og fundet: {homes} adresser er fælles med det fundne {found} (Jaccard {jaccard})",
                     "Named and found: {homes} addresses are shared with the found {found} (Jaccard {jaccard})"),
    "layer_nominations": ("Nævnt af medarbejdere", "Named by staff"),
    "layer_found": ("Fundet i registrene", "Found in the registers"),
    "layer_overlap": ("Overlap: både nævnt og fundet", "Overlap: both named and found"),
    "note_nominations": ("Stiplet kant om det, der er peget på; tallet er, hvor mange gange. En enkelt bolig vises som "
                         "det mindste felt i kvadratnettet med mindst {least} husstande.",
                         "A dashed line round what staff pointed at; the number is how many times. A single home is "
                         "shown as the smallest square of the grid with at least {least} households."),
    "note_found": ("Blå kant om de boliger, som den lokale statistik fandt.",
                   "A blue line round the homes that the local statistic found."),
    "note_overlap": ("Prikket, hvor de samme boliger er både nævnt og fundet.",
                     "Dotted where the same homes are both named and found."),
    "none_drawn": ("{count} er ikke tegnet (for få husstande, eller en undtaget adresse).",
                   "{count} not drawn (too few households, or an excluded address)."),
    "shown_as": ("Vist som", "Shown as"), "estate": ("boligområde", "estate"), "homes_outline": ("boliger", "homes"),
    "square": ("felt på {side} m", "square of {side} m"), "not_drawn_here": ("ikke tegnet", "not drawn"),
    "few_households": ("skjult (få husstande)", "hidden (few households)"),
    "side": ("Felt, m", "Square, m"), "nomination_id": ("Nr.", "No."), "source_kind": ("Nævnt som", "Named as"),
    "kind_estate": ("boligområde", "estate"),
    "kind_point": ("punkt", "point"), "kind_polygon": ("tegnet område", "area drawn"),
    "kind_address": ("adresse", "address"), "kind_name": ("navn", "name"),
    "joined_by": ("Samlet, fordi", "Put together because"), "joined_to": ("Samlet med", "Put together with"),
    "first": ("den første", "the first"), "same_estate": ("samme boligområde", "the same estate"),
    "inside_estate": ("ligger i boligområdet", "lies in the estate"), "overlap": ("fælles boliger", "shared homes"),
    "near": ("ligger ved siden af", "lies beside it"),
    "found_id": ("Fundet som", "Found as"),
    "found_as": ("Fundet som", "Found as"), "same": ("Samme sted", "Same place"),
    "sheet_overlap": ("Overlap", "Overlap"), "row": ("Række i filen", "Row in the file"),
    "candidate_kind": ("Slags", "Kind"), "candidate": ("Forslag", "Candidate"),
    "candidate_name": ("Forslagets navn", "Candidate's name"), "score": ("Lighed", "Likeness"),
    "accept": ("ja eller nej", "ja or nej (yes or no)"),
    "verdict_label": ("Efterprøvning", "Verification"), "known_label": ("Hvordan kendt", "How known"),
    "meeting": ("Indsatser, der mødes", "Services that meet"), "output_set": ("Udgave", "Edition"),
    "per_100": ("pr. 100, der kan få det", "per 100 who could get it"),
    "place_id": ("Sted", "Place"), "name": ("Navn", "Name"), "named": ("Nævnt", "Named"), "found": ("Fundet", "Found"),
    "nominations": ("Nævnt af (antal)", "Nominations"), "homes": ("Adresser", "Addresses"),
    "households": ("Husstande", "Households"), "residents": ("Beboere", "Residents"), "drawn": ("Tegnet", "Drawn"),
    "criterion": ("Kriterium", "Criterion"),
    "value": ("Værdi", "Value"), "low": ("Lav", "Low"), "high": ("Høj", "High"),
    "service": ("Indsats", "Service"),
    "services": ("Modtagere", "Recipients"), "eligible": ("Kan få det", "Could get it"),
    "smoothed": ("Udjævnet pr. 100", "Smoothed per 100"), "ratio": ("Gange kommunen", "Times the municipality"),
    "meets": ("Mødes her", "Meets here"), "unit": ("Enhed", "Unit"), "date": ("Dato", "Date"),
    "area_id": ("Område", "Area"),
    "reason": ("Årsag", "Reason"), "answer": ("Svar", "Answer"),
    "sheet_readme": ("Læs mig", "Read me"), "sheet_places": ("Steder", "Places"), "sheet_evidence": ("Hvorfor", "Why"),
    "sheet_presence": ("Indsatser", "Services"), "sheet_nominations": ("Nævnt af", "Named by"),
    "sheet_unsettled": ("Skal afgøres", "To settle"),
    "gather": ("Hvem samles i et koordinationsforum", "Who to gather in a coordination forum"),
    "present": ("Kommunens indsatser på stedet", "The municipality's services at the place"),
    "why": ("Hvorfor", "Why"), "named_by": ("Nævnt af", "Named by"),
    "nobody": ("Ingen indsats mødes her med andre.", "No service meets others here."),
    "not_drawn": ("Tegnes ikke: under {count} husstande.", "Not drawn: under {count} households."),
    "at_date": ("Tal for {period}", "Figures of {period}"),
}  # fmt: skip
WHY_UNDETERMINED: Final[Mapping[str, tuple[str, str]]] = {
    "few_residents": ("For få beboere til at afgøre det.", "Too few residents to tell."),
    "missing": ("Der mangler et tal, som ville afgøre det.", "A figure that would settle it is missing."),
    "unsteady": ("Svaret holder ikke, når beboere, k og grænser varieres.",
                 "The answer does not hold when residents, k and thresholds are varied."),
}  # fmt: skip
_NOTES: Final = (
    ("Et sted er et flag, der skal undersøges. Det er ikke en kategori.",
     "A place is a flag to look into. It is no category."),
    ("Nævnte og fundne steder er efterprøvet med de samme kriterier. Beboernes oprindelse indgår ikke.",
     "Named and found places are verified by the same criteria. Residents' origin plays no part."),
    ("Fritekst og navne på medarbejdere er ikke med. {few}", "Free text and names of staff are left out. {few}"),
    ("Det, som medarbejdere har peget på, er tegnet som boligområdet, som en kant om boligerne eller som det mindste "
     "felt i det danske kvadratnet med mindst {least} husstande, aldrig som en enkelt bolig. Hvor der ligger en "
     "undtaget adresse, er det ikke tegnet.",
     "What staff pointed at is drawn as the estate, as an outline of the homes, or as the smallest square of the "
     "Danish grid with at least {least} households, never as a single home. Where an excluded address lies it is not "
     "drawn."),
    ("Et område er kun tegnet om mindst {least} husstande, og aldrig om et herberg, en institution eller en undtaget "
     "adresse.",
     "An area is drawn round at least {least} households, and never round a shelter, an institution or an excluded "
     "address."),
    ("Kortet over risiko viser andelen blandt hver boligs {k} nærmeste beboere: {indicator}.",
     "The risk surface shows the share among each home's {k} nearest residents: {indicator}."),
)  # fmt: skip
_FEW: Final = {
    True: ("Tal på få personer er skjult.", "Figures of few persons are hidden."),
    False: ("Tal på få personer er vist, som de er.", "Figures of few persons are shown as they are."),
}


def word(key: str, language: str, **values: object) -> str:
    """A word or short text; a key without one stands for itself."""
    told = _WORDS.get(key, (key, key))[0 if language == "da" else 1]
    return told.format(**values) if values else told


def verdict_word(verdict: str, language: str) -> str:
    return VERDICTS[verdict][0 if language == "da" else 1] if verdict in VERDICTS else verdict


def undetermined_because(row: Mapping[str, Any], language: str) -> str:
    """Why a place is undetermined; empty for the others."""
    told = WHY_UNDETERMINED.get(str(row.get("why") or ""))
    return told[0 if language == "da" else 1] if told else ""


def notes(results: BottomUpResults) -> list[str]:
    at = 0 if results.language == "da" else 1
    label = results.indicator.label(results.language)
    few = _FEW[results.edition.guard][at]
    told = [
        note[at].format(least=results.least_households, k=results.k, indicator=label, few=few)
        for note in _NOTES
    ]
    return [*told, *source_notes(results)]


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
