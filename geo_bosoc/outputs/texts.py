"""The words of tables and workbooks, in Danish and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from geo_bosoc.disclosure.results import (
    ALL_AREAS,
    MUNICIPALITY,
    Language,
    PublishedResults,
)
from geo_bosoc.models.spec import NOT_ASSESSED, Category, Model
from geo_bosoc.text.numbers import (
    MISSING,
    NOT_IN_MODEL,
    protected_word,
)

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "area_id": ("Område-id", "Area id"),
    "name": ("Område", "Area"),
    "period": ("Periode", "Period"),
    "residents": ("Beboere", "Residents"),
    "category": ("Kategori", "Category"),
    "points": ("Point", "Points"),
    "index": ("Indeks", "Index"),
    "before": ("Perioden før", "Period before"),
    "moved_by": ("Ændringer i point", "Moved by"),
    "undetermined_by": ("Uafklaret på grund af", "Undetermined by"),
    "possible": ("Kan være", "It can be"),
    "socioeconomic": ("Kategori uden herkomst", "Category without origin"),
    "assumed": ("Antaget", "Assumed"),
    "held": ("Kategorien holdt i trækninger", "Category held in draws"),
    "change_by_chance": (
        "Tilfældig variation: sandsynlighed for skift året efter",
        "Chance in small numbers: a change the year after",
    ),
    "small_base": ("Bygger på under 50 personer", "Rests on under 50 persons"),
    "smallest_change": ("Mindste ændring til en anden kategori", "Smallest change to another category"),
    "settled_by": ("Afgøres af", "Settled by"),
    "notice": ("Bemærk", "Note"),
    "model": ("Model", "Model"),
    "indicator": ("Indikator", "Indicator"),
    "criterion": ("Kriterium", "Criterion"),
    "value": ("Værdi", "Value"),
    "low": ("95 %-interval, fra", "95% interval, from"),
    "high": ("95 %-interval, til", "95% interval, to"),
    "numerator": ("Tæller", "Numerator"),
    "denominator": ("Nævner", "Denominator"),
    "unknown": ("Uoplyst", "Unknown"),
    "reference": ("Kommunen", "Municipality"),
    "ratio": ("Forhold til kommunen", "Ratio to the municipality"),
    "status": ("Status", "Status"),
    "measure": ("Mål", "Measure"),
    "operator": ("Operator", "Operator"),
    "threshold": ("Tærskel", "Threshold"),
    "met": ("Opfyldt", "Met"),
    "margin": ("Afstand til tærskel", "Distance to threshold"),
    "margin_persons": ("Afstand i personer", "Distance in persons"),
    "sentence": ("Forklaring", "Explanation"),
    "unit": ("Enhed", "Unit"),
    "definition": ("Definition", "Definition"),
    "source": ("Kilde", "Source"),
    "assumption": ("Antagelse", "Assumption"),
    "register": ("Register", "Register"),
    "data_period": ("Dataperiode", "Data period"),
    "status_date": ("Statusdato", "Status date"),
    "areas": ("områder", "areas"),
    "total": ("I alt", "Total"),
    "sheet_readme": ("Læs mig", "Read me"),
    "sheet_overview": ("Oversigt", "Overview"),
    "sheet_categories": ("Kategorier", "Categories"),
    "sheet_flags": ("Hver kategori for sig", "Each category by itself"),
    "sheet_figures": ("Tal", "Figures"),
    "sheet_criteria": ("Kriterier", "Criteria"),
    "sheet_yardsticks": ("Sammenligning", "Yardsticks"),
    "sheet_indicators": ("Indikatorer", "Indicators"),
    "sheet_sources": ("Kilder", "Sources"),
    "is_overview": (
        "antal områder i hver kategori og periode",
        "number of areas in each category and period",
    ),
    "is_categories": ("hvert områdes kategori i hver periode", "each area's category in each period"),
    "is_flags": (
        "om hver kategori gælder for sig; et område kan være i flere, og kategorien i de øvrige ark er den øverste",
        "whether each category holds by itself; an area may be in several, and the other sheets tell the first",
    ),
    "is_period": (
        "periodens kategorier, værdier og point, med kommunen og alle områder nederst",
        "the period's categories, values and points, with the municipality and all areas at the foot",
    ),
    "is_figures": (
        "alle tal: tæller, nævner, uoplyst, værdi og interval",
        "every figure: numerator, denominator, unknown, value and interval",
    ),
    "is_criteria": (
        "hvert kriterium: værdi, tærskel, opfyldt, point",
        "each criterion: value, threshold, met, points",
    ),
    "is_yardsticks": (
        "kommunen og alle områder under ét, som områderne ses op imod",
        "the municipality and all areas taken together, which the areas are seen against",
    ),
    "is_indicators": ("hvad der tælles", "what is counted"),
    "is_sources": (
        "register, dataperiode og statusdato for hver indikator og periode",
        "register, data period and status date of each indicator and period",
    ),
    "heading_sheets": ("Arkene", "The sheets"),
    "heading_model": ("Modellen", "The model"),
    "heading_assumptions": ("Antagelser", "Assumptions"),
    "heading_small": ("Små tal", "Small numbers"),
    "heading_warnings": ("Bemærkninger fra kørslen", "Warnings from the run"),
    "heading_dates": ("Perioder og statusdatoer", "Periods and status dates"),
    "version": ("version", "version"),
    "gate": ("Vurderes kun, hvis", "Assessed only if"),
    "small_rule": (
        "Tal for {} personer og tal, hvor resten er så få, vises ikke; der står ”{}”. Samlede tal, som de kan "
        "regnes ud fra, er også skjult. Kategorier og point er beregnet på de rigtige tal. En tæller på 0 vises. "
        "Er det kun de uoplyste, der er så få, vises deres antal ikke, og nævneren er dem, der er oplysninger om.",
        "Figures for {} persons, and figures where the rest is as few, are not shown; the cell says “{}”. Totals "
        "that they could be worked out from are hidden too. Categories and points are computed on the true "
        "figures. A count of 0 is shown. Where only the unknown are as few, their number is blank and the "
        "denominator is those whose status is known.",
    ),
    "unknown_rule": (
        "Personer uden oplysning holdes ude af beregningen, medmindre indikatoren siger andet.",
        "Persons without information count neither for nor against, unless the indicator says otherwise.",
    ),
    "cut_rows": (
        "Arket rummer kun perioder fra {}; resten står i categories.csv.",
        "The sheet holds periods from {} only; the rest is in categories.csv.",
    ),
    "page": ("Side &P af &N", "Page &P of &N"),
    "workbook_title": ("Områder og kategorier", "Areas and categories"),
    "workbook_title_plain": ("Områder og indikatorer", "Areas and indicators"),
    MUNICIPALITY: ("Hele kommunen", "The whole municipality"),
    ALL_AREAS: ("Alle områder under ét", "All areas together"),
    "status_ok": ("", ""),
    "status_missing": (MISSING["da"], MISSING["en"]),
    "status_no_base": ("ingen i nævneren", "nobody in the base"),
    "status_not_applicable": ("ikke relevant", "not applicable"),
    "met_met": ("ja", "yes"),
    "met_not_met": ("nej", "no"),
    "met_undetermined": ("uafklaret", "undetermined"),
    "measure_value": ("værdi", "value"),
    "measure_difference": ("forskel", "difference"),
    "measure_ratio": ("forhold", "ratio"),
    "measure_z": ("z-score", "z score"),
    "unit_percent": ("procent", "per cent"),
    "unit_per_1000": ("pr. 1.000", "per 1,000"),
    "unit_per_10000": ("pr. 10.000", "per 10,000"),
    "unit_mean": ("gennemsnit", "mean"),
    "unit_count": ("antal", "number"),
}


def word(key: str, language: Language) -> str:
    """The word for `key`; the key itself where there is none (a column that a model of the user's own
    brings).
    """
    danish, english = WORDS.get(key, (key, key))
    return danish if language == "da" else english


def status_word(status: str, published: PublishedResults, *, total: bool = False) -> str:
    """What stands in the place of a figure that is not there; a `total` is hidden without being small."""
    if status == "protected":
        return protected_word(published.language, None if total else published.minimum)
    return word(f"status_{status}", published.language)


def categories_of(model: Model) -> dict[str, Category]:
    """A model's categories by id, the classes that every model has beside its own included."""
    return {category.id: category for category in (*model.category, *NOT_ASSESSED)}


def category_word(model: Model | None, category: str, language: Language) -> str:
    """The word for a category; "not assessed" where the model has no row for the area."""
    if not category:
        return NOT_IN_MODEL[language]
    known = categories_of(model) if model is not None else {}
    return known[category].label(language) if category in known else category


def readable(ids: str, labels: Mapping[str, str]) -> str:
    """A list of ids in a cell with labels in their place: "health +1, safety -1" becomes "Helbred +1, ...".

    >>> readable("health +1; safety ?", {"health": "Helbred"})
    'Helbred +1, safety ?'
    """
    parts = [part for part in re.split(r"[;,]\s*", ids) if part]
    named = []
    for part in parts:
        key, _, rest = part.partition(" ")
        named.append(f"{labels.get(key, key)} {rest}".strip())
    return ", ".join(named)


def criterion_labels(published: PublishedResults) -> dict[str, str]:
    """Labels of indicators and of the models' criteria, by id."""
    labels = {each.id: each.label(published.language) for each in published.indicators}
    for model in published.models:
        for criterion in model.criterion:
            labels.setdefault(criterion.key, criterion.label(published.language))
    return labels
