"""The words of the bottom-up outputs, and the sentences that say why: guarded here, once for every writer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.nominations.reasons import reason_labels
from geo_bosoc.bottom_up.presence.services import ANOTHER_UNIT, gather_words, unit_labels
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.disclosure.primary import small
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.provenance import SERVICES, lines_of
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.text.catalogue import word, word_or_key, words
from geo_bosoc.text.numbers import day, in_unit, number

VERDICT_COLOURS: Final = {
    "confirmed": "#5b3a8c",
    "found_not_named": "#4a86b8",
    "not_seen": "#b9b3c9",
    "found_not_seen": "#c7dbea",
    "undetermined": "#c9ccd1",
}
ORIGIN_COLOURS: Final = {"both": "#3f2a6b", "named": "#8a6fb3", "found": "#7fb0d6"}
"""Colours of how a place became known."""


def verdict_word(outcome: str, language: str) -> str:
    """What the registers say of a place, in words."""
    return words("bottom_up", language).get(f"verdict_{outcome}", outcome)


def undetermined_because(row: Mapping[str, Any], language: str) -> str:
    """Why a place is undetermined; empty for the others."""
    return words("bottom_up", language).get(f"why_{row.get('why')}", "")


def notes(results: BottomUpResults) -> list[str]:
    """The read-me: how to read the places, what is left out, and where the figures come from."""
    text = partial(word, "bottom_up", language=results.language)
    flag, same_criteria, left_out = short_notes(results)
    lines = [
        flag,
        same_criteria,
        *criteria_notes(results),
        left_out,
        text("note_order"),
        text("note_pointed_at", least=results.least_households),
        text("note_outlines", least=results.least_households),
        text(
            "note_surface_services" if results.indicator is None else "note_surface",
            k=results.k,
            indicator=results.measure(),
        ),
    ]
    if results.indicator is None:
        lines.append(text("note_found_by_services"))
        lines.append(
            text("note_verified_by_others" if len(results.of_others) else "note_verified_by_the_same")
        )
    return [*lines, *source_notes(results)]


def short_notes(results: BottomUpResults) -> tuple[str, str, str]:
    """What each file says: a place is a flag, all are verified alike, and what is left out."""
    text = partial(word, "bottom_up", language=results.language)
    small_numbers = "few_suppressed" if results.edition.policy.suppresses else "few_shown"
    return text("note_flag"), text("note_criteria"), text("note_left_out", few=text(small_numbers))


def adoption_note(results: BottomUpResults) -> str:
    """Who adopted the criteria and when, or that nobody has; empty without criteria."""
    adopted, language = results.adopted, results.language
    if adopted is None:
        return ""
    if adopted.adopted_by:
        on = day(adopted.adopted_on, language)
        return word("bottom_up", "criteria_adopted", language, by=adopted.adopted_by, day=on)
    if adopted.form:
        return word("bottom_up", "criteria_draft", language)
    return word("bottom_up", "criteria_model", language, label=adopted.model.label(language))


def criteria_notes(results: BottomUpResults) -> list[str]:
    """Who adopted the criteria, which they are, and why the group looks at each."""
    adopted, language = results.adopted, results.language
    if adopted is None:
        return []
    seen = adopted.model.category[:-1]
    rules = seen[0].rule if len(seen) == 1 else ()
    lines = [adoption_note(results)]
    if len(rules) == 1 and rules[0].of and not rules[0].categories:
        rule = rules[0]
        criteria = {each.key: each for each in adopted.model.criterion}
        needed = [criterion_note(criteria[key], results, key in rule.requires) for key in rule.of]
        key = "seen_when_all" if rule.at_least == len(needed) else "seen_when"
        count, total = number(rule.at_least, language), number(len(needed), language)
        lines.append(word("bottom_up", key, language, count=count, total=total, criteria="; ".join(needed)))
    if adopted.form:
        lines += [
            word("bottom_up", "criterion_why", language, label=_criterion_label(each, results), why=why)
            for each in adopted.model.criterion
            if (why := each.assumption_text(language))
        ]
    return lines


def criterion_note(criterion: Criterion, results: BottomUpResults, required: bool) -> str:
    """A criterion with its limit, as part of a sentence."""
    language, limit = results.language, criterion.limit
    assert limit is not None
    measure, size = limit
    decimals = 0 if size == math.floor(size) else len(f"{size:g}".partition(".")[2])
    amount = number(size, language, decimals)
    key = "limit_times" if measure == "ratio" else f"limit_{criterion.unit}"
    limits = words("bottom_up", language)
    text = f"{_criterion_label(criterion, results)} {limits[_COMPARED[criterion.operator]]} "
    text += limits[key].format(amount=amount) if key in limits else amount
    return f"{text} ({limits['required']})" if required else text


def _criterion_label(criterion: Criterion, results: BottomUpResults) -> str:
    label = results.criteria.get(criterion.key)
    return label.label(results.language) if label is not None else criterion.key


_COMPARED: Final = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below"}


def source_notes(results: BottomUpResults) -> list[str]:
    """Period, status date and source: of the services, and of the indicator that places are found by."""
    words = {SERVICES: word("bottom_up", "services", results.language)}
    if results.indicator is not None:
        words[results.indicator.id] = results.measure()
    lines = {key: lines_of(results.sources, key, results.period, results.language) for key in words}
    head = word("common", "sources", results.language)
    return [f"{head}, {words[key]}: {'; '.join(texts)}." for key, texts in lines.items() if texts]


def known_as(named: bool, detected: bool) -> str:
    """How a place became known: a key of `ORIGIN_COLOURS`."""
    return "both" if named and detected else "named" if named else "found"


def few_households(results: BottomUpResults, minimum: int) -> set[str]:
    """Places of fewer than `minimum` households: what is told of them is told of homes, however many live there."""
    return set(results.places.loc[small(results.places["households"], minimum), "place_id"].astype(str))


def hidden_services(results: BottomUpResults, services_of_places: pd.DataFrame, minimum: int) -> pd.Series:
    """Rows of `ServiceRates.kinds` whose recipients, or those who could but do not get it, are too few to show; and all
    rows of places of few households."""
    got, could = services_of_places["services"], services_of_places["eligible"]
    is_small = small(got, minimum) | small(could, minimum) | small((could - got).clip(lower=0), minimum)
    return is_small | services_of_places["place_id"].astype(str).isin(few_households(results, minimum))


def hidden_places(results: BottomUpResults, minimum: int) -> set[str]:
    """Places where so few live, or so few get several services, that no figure of them is shown."""
    rows = results.service_rates.places
    is_few = small(rows["residents"], minimum) | small(rows["services"], minimum)
    return set(rows.loc[is_few, "place_id"].astype(str)) | few_households(results, minimum)


def hidden_halves(results: BottomUpResults, minimum: int) -> dict[str, set[str]]:
    """By figure, places of which one half of the homes has too few to be shown, or told from all."""
    halves = results.of_others.assign(place_id=results.of_others["place_id"].astype(str)).set_index(
        "place_id"
    )
    of_all = results.service_rates.places
    of_all = (
        of_all.assign(place_id=of_all["place_id"].astype(str)).set_index("place_id").reindex(halves.index)
    )
    figures = {"services": ("services", "residents"), "several": ("several",)}
    hidden: dict[str, set[str]] = {}
    for key, names in figures.items():
        is_few = pd.Series(False, index=halves.index)
        for name in names:
            counted = halves[name].astype("int64")
            is_few |= small(counted, minimum) | small(of_all[name].astype("int64") - counted, minimum)
        hidden[key] = set(halves.index[is_few])
    return hidden


def shown_evidence(results: BottomUpResults, minimum: int) -> pd.DataFrame:
    """The evidence without the figures that rest on few; `met` stays, since verdicts are made on true counts. Of places
    of few households there is none."""
    hidden = hidden_places(results, minimum)
    rows = results.service_rates.places
    others = rows["residents"] - rows["several"]
    several = set(rows.loc[small(rows["several"], minimum) | small(others, minimum), "place_id"].astype(str))
    halves = hidden_halves(results, minimum)
    hidden, several = hidden | halves["services"], several | halves["several"]
    alone = results.evidence["place_id"].astype(str).isin(few_households(results, minimum))
    evidence = results.evidence[~alone].reset_index(drop=True)
    is_few = evidence["place_id"].astype(str).isin(hidden)
    is_few |= evidence["place_id"].astype(str).isin(several) & evidence["criterion"].str.contains("several")
    shown = evidence.copy()
    for name in ("value", "low", "high"):
        shown[name] = shown[name].astype("float64").mask(is_few)
    return shown.assign(hidden=is_few.to_numpy())


def figure(value: Any, criterion: str, results: BottomUpResults) -> str:
    """A criterion's figure as text in its unit."""
    criterion_words = results.criteria.get(criterion)
    if value is None or pd.isna(value):
        return "–"
    if criterion_words is None or criterion_words.unit == "mean":
        decimals = 0 if float(value) == math.floor(float(value)) else 1
        return number(float(value), results.language, decimals)
    return in_unit(float(value), criterion_words.unit, results.language)


def evidence_line(row: Mapping[str, Any], results: BottomUpResults, hidden_word: str) -> str:
    """One criterion as a sentence: its figure with interval, what it is held against, and the answer."""
    language, criterion = results.language, str(row["criterion"])
    criterion_words = results.criteria.get(criterion)
    label = criterion_words.label(language) if criterion_words else criterion
    if row.get("hidden"):
        text = hidden_word
    else:
        text = figure(row["value"], criterion, results)
        if not pd.isna(row["low"]) and not pd.isna(row["high"]):
            text += f" ({figure(row['low'], criterion, results)}–{figure(row['high'], criterion, results)})"
    comparisons = [
        f"{word_or_key('bottom_up', name, language)} {figure(row[name], criterion, results)}"
        for name in ("municipality", "similar", "threshold")
        if not pd.isna(row[name])
    ]
    return (
        f"{label}: {text}; {', '.join([*comparisons, word_or_key('bottom_up', str(row['met']), language)])}."
    )


def same_answer_line(row: Mapping[str, Any], language: str) -> str:
    """How often the criteria gave the same answer in draws, from a place's row of `BottomUpResults.verdicts`; empty
    without an answer."""
    stability = row.get("held")
    if stability is None or pd.isna(stability):
        return ""
    return word("bottom_up", "same_answer", language, share=number(100 * float(stability), language))


def stability_line(row: Mapping[str, Any], language: str) -> str:
    """How often a place comes back, from its row of `BottomUpResults.verdicts`; empty where that is not known."""
    back = row.get("back")
    if back is None or pd.isna(back):
        return ""
    if float(back) == 0:
        return f"{word('bottom_up', 'never_back', language)}."
    share, jaccard = in_unit(float(back), "percent", language, 0), number(float(row["jaccard"]), language, 2)
    return f"{word('bottom_up', 'back_in', language, share=share, jaccard=jaccard)}."


def overlap_lines(results: BottomUpResults, place_id: str) -> list[str]:
    """With which found places a named place shares homes, and how much."""
    language = results.language
    lines = []
    for row in results.overlap[results.overlap["place_id"].astype(str) == place_id].to_dict("records"):
        homes, jaccard = number(int(row["homes"]), language), number(float(row["jaccard"]), language, 2)
        text = word(
            "bottom_up", "overlap_with", language, homes=homes, found=row["found_id"], jaccard=jaccard
        )
        lines.append(f"{text}.")
    return lines


def unit_names(results: BottomUpResults) -> dict[str, str]:
    """By id what units and kinds of service are called within a sentence (`unit_labels`)."""
    return unit_labels(results.service_rates.services, results.language)


def nomination_word(row: Mapping[str, Any], results: BottomUpResults) -> str:
    """A nomination as part of a sentence: who named the place, when, and why."""
    unit = unit_names(results).get(str(row["unit"]), str(row["unit"]))
    text = f"{unit}, {day(row['date'], results.language)}" if row["date"] else unit
    reasons = shown_reasons(str(row["place_id"]), str(row.get("reasons", "")), results)
    return f"{text} ({reasons})" if reasons else text


def shown_reasons(place_id: str, codes: str, results: BottomUpResults) -> str:
    """Why a nomination names its place, as codes say it; of a place of few households nothing is said."""
    if place_id in few_households(results, results.edition.least_shown):
        return ""
    return ", ".join(reason_labels(codes, results.reasons, results.language))


def shown_reasons_of(nominations: pd.DataFrame, results: BottomUpResults) -> list[str]:
    """`shown_reasons` of each row."""
    pairs = zip(nominations["place_id"].astype(str), nominations["reasons"].astype(str), strict=True)
    return [shown_reasons(place, codes, results) for place, codes in pairs]


def shown_as_word(shown_as: str, side: int, language: str) -> str:
    """What a nomination is drawn as."""
    key = {"homes": "homes_outline", "not_drawn": "not_drawn_here"}.get(shown_as, shown_as)
    return word_or_key("bottom_up", key, language).format(side=number(side, language))


def gather(results: BottomUpResults, place_id: str, minimum: int) -> list[str]:
    """Who to gather round a place: those whose services meet there (of few households, none), and the units that named
    it by name; each with a capital in front."""
    services = {service.id: service.gather(results.language) for service in results.service_rates.services}
    kinds = results.service_rates.kinds
    shown = place_id not in few_households(results, minimum)
    meeting = kinds[(kinds["place_id"].astype(str) == place_id) & kinds["meets"].astype(bool) & shown]
    strongest = meeting.sort_values(["ratio", "service"], ascending=[False, True])["service"]
    named = results.nominations.loc[results.nominations["place_id"].astype(str) == place_id, "unit"]
    units = gather_words(results.language) | services
    naming = [units.get(unit, unit) for unit in sorted(set(named.dropna().astype(str)) - {ANOTHER_UNIT})]
    meeting_there = [services.get(str(kind), str(kind)) for kind in strongest]
    return list(dict.fromkeys(sentence_case(unit) for unit in [*meeting_there, *naming]))


def named_times(count: int, language: str) -> str:
    """How many times a place was named, as a sentence has it.

    >>> named_times(1, "da"), named_times(4, "en")
    ('Nævnt én gang', 'Named 4 times')
    """
    if count == 1:
        return word("bottom_up_map", "named_once", language)
    return word("bottom_up_map", "named_times", language, count=number(count, language))
