"""The words on the map page, in Danish and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "about": {"da": "Om tallene", "en": "About the figures"},
    "above": {"da": "mindst {value}", "en": "{value} and over"},
    "all": {"da": "alle værdier", "en": "all values"},
    "all_areas": {"da": "Alle områder samlet", "en": "All areas together"},
    "area": {"da": "Området", "en": "The area"},
    "areas": {"da": "Områder", "en": "Areas"},
    "assumption": {"da": "Antagelse", "en": "Assumption"},
    "back": {"da": "Alle områder", "en": "All areas"},
    "base": {"da": "{count} i grundlaget", "en": "{count} in the base"},
    "before": {"da": "Forrige periode og denne", "en": "The period before and this one"},
    "below": {"da": "under {value}", "en": "under {value}"},
    "between": {"da": "{low} til under {high}", "en": "{low} to under {high}"},
    "by_itself": {"da": "Hver kategori for sig", "en": "Each category by itself"},
    "categories": {"da": "Kategorier", "en": "Categories"},
    "close": {"da": "Luk", "en": "Close"},
    "counts": {"da": "{n} af {d}", "en": "{n} of {d}"},
    "criteria": {"da": "Kriterierne", "en": "The criteria"},
    "darker_high": {"da": "Mørkere farve er et højere tal.", "en": "A darker colour is a higher figure."},
    "darker_low": {"da": "Mørkere farve er et lavere tal.", "en": "A darker colour is a lower figure."},
    "figures_of": {"da": "Tal for", "en": "Figures of"},
    "flag_met": {"da": "opfyldt", "en": "met"},
    "flag_not_met": {"da": "ikke opfyldt", "en": "not met"},
    "flag_undetermined": {"da": "uafklaret", "en": "undetermined"},
    "gates": {"da": "Vurderes kun, når", "en": "Assessed only when"},
    "show_names": {"da": "Vis navne på kortet", "en": "Show names on the map"},
    "index": {"da": "indeks {points}", "en": "index {points}"},
    "indicator": {"da": "Indikator", "en": "Indicator"},
    "indicators": {"da": "Indikatorer", "en": "Indicators"},
    "interval": {"da": "95 %-interval {low}–{high}", "en": "95% interval {low}–{high}"},
    "interval_note": {
        "da": "Intervallet viser tilfældig variation ved små tal.",
        "en": "The interval shows random variation at small numbers.",
    },
    "layer": {"da": "Vis på kortet", "en": "Show on the map"},
    "legend": {"da": "Signaturforklaring", "en": "Legend"},
    "leaflet": {
        "da": "Kortet er tegnet med Folium og Leaflet. Siden henter intet fra nettet.",
        "en": "Drawn with Folium and Leaflet. The page fetches nothing from the network.",
    },
    "map": {"da": "Kort over områderne", "en": "Map of the areas"},
    "map_help": {
        "da": "Områderne kan også vælges i listen og med søgefeltet.",
        "en": "Areas can also be chosen in the list and with the search field.",
    },
    "met": {"da": "kriteriet er opfyldt", "en": "the criterion is met"},
    "model": {"da": "Model", "en": "Model"},
    "moved": {"da": "Hvad flyttede sig", "en": "What moved it"},
    "moved_nothing": {"da": "Ingen indikator skiftede point.", "en": "No indicator changed its points."},
    "municipality": {"da": "Kommunen", "en": "The municipality"},
    "no_before": {
        "da": "Der er ingen tidligere periode at sammenligne med.",
        "en": "There is no earlier period to compare with.",
    },
    "no_base": {"da": "ingen i målgruppen", "en": "nobody in the base"},
    "no_match": {"da": "Intet område med det navn", "en": "No area of that name"},
    "noscript": {
        "da": "Kortet kræver, at JavaScript er slået til i browseren.",
        "en": "The map needs JavaScript switched on in the browser.",
    },
    "not_applicable": {"da": "ikke relevant", "en": "not applicable"},
    "not_met": {"da": "kriteriet er ikke opfyldt", "en": "the criterion is not met"},
    "possible": {"da": "Kan være", "en": "It can be"},
    "settled_by": {"da": "afgøres af {names}", "en": "settled by {names}"},
    "share_note": {
        "da": "Andel af de {count} områder, der har en kategori.",
        "en": "Share of the {count} areas that have a category.",
    },
    "overlays": {"da": "Lag på kortet", "en": "Layers on the map"},
    "period": {"da": "Periode", "en": "Period"},
    "points": {"da": "{points} point", "en": "{points} points"},
    "point": {"da": "{points} point", "en": "{points} point"},
    "points_of": {"da": "{points} af {most} point", "en": "{points} of {most} points"},
    "points_range": {"da": "{least}–{most} point", "en": "{least}–{most} points"},
    "protection": {
        "da": "Tal, der bygger på færre end {minimum} personer, vises ikke (0 vises), og heller ikke samlede tal, "
        "som de kan regnes ud fra.",
        "en": "Figures that rest on fewer than {minimum} persons are not shown (0 is shown), nor are totals that "
        "they could be worked out from.",
    },
    "ratio": {"da": "{ratio}\u00a0×\u00a0kommunen", "en": "{ratio}\u00a0×\u00a0the\u00a0municipality"},
    "register": {"da": "Register", "en": "Register"},
    "residents": {"da": "{count} beboere", "en": "{count} residents"},
    "search": {"da": "Søg område", "en": "Find an area"},
    "search_hint": {"da": "Områdets navn", "en": "Name of the area"},
    "small_base": {
        "da": "Bygger på under {base} personer: {names}.",
        "en": "Rests on under {base} persons: {names}.",
    },
    "socioeconomic": {
        "da": "Alene efter de socioøkonomiske kriterier, uden herkomst",
        "en": "By the socio-economic criteria alone, without origin",
    },
    "source": {"da": "Kilde", "en": "Source"},
    "status_date": {"da": "Statusdato", "en": "Status date"},
    "undetermined_by": {"da": "Afhænger af", "en": "Depends on"},
    "unknown": {"da": "{count} uden oplysning", "en": "{count} without information"},
    "version": {"da": "version", "en": "version"},
    "warnings": {"da": "Bemærk om data", "en": "Notes on the data"},
    "whole": {"da": "Hele kortet", "en": "The whole map"},
    "zoom_in": {"da": "Zoom ind", "en": "Zoom in"},
    "zoom_out": {"da": "Zoom ud", "en": "Zoom out"},
}


KINDS: Final = {
    "social_housing": {"da": "alment boligområde", "en": "social-housing area"},
    "district": {"da": "bydel", "en": "district"},
    "estate": {"da": "boligafdeling", "en": "housing estate"},
}
"""Words for kinds of areas that have a usual id; others are shown as they are written."""


def kind_word(kind: str, language: str) -> str:
    """The kind of an area in words.

    >>> kind_word("social_housing", "da"), kind_word("city block", "da")
    ('alment boligområde', 'city block')
    """
    return KINDS[kind][language] if kind in KINDS else kind


def word(key: str, language: str, **values: object) -> str:
    """A word or phrase, its braces filled with `values`.

    >>> word("residents", "da", count="1.204")
    '1.204 beboere'
    """
    return WORDS[key][language].format(**values) if values else WORDS[key][language]


def all_words(language: str) -> dict[str, str]:
    """Every word in one language, for the page's scripts."""
    return {key: both[language] for key, both in WORDS.items()}
