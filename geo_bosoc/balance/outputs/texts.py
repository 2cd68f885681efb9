"""The words of the balance's workbook, tables and plots, in Danish and English."""

from __future__ import annotations

from typing import Final

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.what_if import ASSUMPTION
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.provenance import source_line
from geo_bosoc.text.numbers import SOURCES

WORDS: Final = {
    "title": ("Den blandede by", "The mixed city"),
    "area_id": ("Område-id", "Area id"),
    "name": ("Område", "Area"),
    "plan": ("Udviklingsplan", "Development plan"),
    "total": ("Boliger", "Dwellings"),
    "dwellings": ("Boliger", "Dwellings"),
    "social": ("Almene", "Social"),
    "private_rental": ("Privat udlejning", "Private rental"),
    "cooperative": ("Andel", "Co-operative"),
    "owner_occupied": ("Ejer", "Owner-occupied"),
    "public": ("Offentlige", "Public"),
    "other": ("Andre", "Other"),
    "unknown": ("Uoplyst", "Unknown"),
    "family": ("Familieboliger", "Family dwellings"),
    "youth": ("Ungdomsboliger", "Youth dwellings"),
    "elderly": ("Ældreboliger", "Elderly dwellings"),
    "care": ("Plejeboliger", "Care dwellings"),
    "social_family": ("Almene familieboliger", "Social family dwellings"),
    "social_youth": ("Almene ungdomsboliger", "Social youth dwellings"),
    "social_elderly": ("Almene ældreboliger", "Social elderly dwellings"),
    "social_care": ("Plejeboliger", "Care dwellings"),
    "several": ("Flere slags på adressen", "Several kinds at the address"),
    "no_dwelling": ("Bolig ikke fundet", "No dwelling found"),
    "detached": ("Parcelhus", "Detached"),
    "terraced": ("Rækkehus", "Terraced"),
    "flat": ("Etagebolig", "Flat"),
    "student": ("Kollegium", "Student residence"),
    "institution": ("Institution", "Institution"),
    "other_use": ("Anden helårsbeboelse", "Other use"),
    "tenure": ("Ejerform", "Tenure"),
    "kind": ("Almen boligtype", "Kind of social dwelling"),
    "size": ("Størrelse (m2)", "Size (m2)"),
    "built": ("Byggeår", "Building year"),
    "use": ("Anvendelse", "Use"),
    "dimension": ("Efter", "By"),
    "category": ("Gruppe", "Group"),
    "low": ("Mindst", "At least"),
    "high": ("Højst", "At most"),
    "social_share": ("Andel almene", "Social share"),
    "entropy": ("Entropi (0-1)", "Entropy (0-1)"),
    "simpson": ("Simpson", "Simpson"),
    "blocks": ("Blokke", "Blocks"),
    "inner_d_corrected": (
        "D mellem områdets blokke, tilfældet fratrukket",
        "D between its blocks, chance taken out",
    ),
    "one_sided_share": ("Boliger i ensidige blokke", "Dwellings in one-sided blocks"),
    "neighbour_share": ("Andel almene hos naboer", "Neighbours' social share"),
    "contrast": ("Forskel til naboer", "Difference from neighbours"),
    "verdict": ("Blandet?", "Mixed?"),
    "mixed": ("Blandet", "Mixed"),
    "mixed_on_average": ("Kun i gennemsnit", "On average only"),
    "one_sided": ("Ensidigt", "One-sided"),
    "no_dwellings": ("Ingen boliger", "No dwellings"),
    "scale": ("Målestok", "Scale"),
    "areas": ("områder", "areas"),
    "address": ("adresser", "addresses"),
    "grid": ("kvadratnet, m", "square grid, m"),
    "nearest": ("nærmeste beboere", "nearest residents"),
    "measure": ("Mål", "Measure"),
    "dissimilarity": ("Ulighed D", "Dissimilarity D"),
    "isolation": ("Isolation", "Isolation"),
    "exposure": ("Møde", "Exposure"),
    "information": ("Theils H", "Theil's H"),
    "group": ("Gruppe", "Group"),
    "value": ("Værdi", "Value"),
    "expected": ("Ved tilfældighed", "By chance"),
    "corrected": ("Tilfældet fratrukket", "Chance taken out"),
    "year": ("1. januar", "1 January"),
    "variant": ("Projekter", "Projects"),
    "all": ("alle", "all"),
    "likely": ("mindst 50 %", "at least 50%"),
    "decided": ("besluttede", "decided"),
    "base": ("Nævner i reglen", "The rule's base"),
    "demolished": ("Nedrevne", "Demolished"),
    "business_m2": ("Erhverv, m2", "Business, m2"),
    "share_low": ("Andel, mindst", "Share, at least"),
    "share_high": ("Andel, højst", "Share, at most"),
    "met": ("Overholdt", "Kept"),
    "met:met": ("ja", "yes"),
    "met:not_met": ("nej", "no"),
    "met:undetermined": ("uafklaret", "undetermined"),
    "met:no_dwellings": ("ingen boliger", "no dwellings"),
    "too_many_high": ("For mange, højst", "Too many, at most"),
    "way": ("Hvordan", "How"),
    "build_other": ("Byg andre boliger", "Build other dwellings"),
    "demolish": (
        "Riv familieboliger ned (regnes med i nævneren)",
        "Demolish family dwellings (counted in the base)",
    ),
    "demolish_not_counted": ("Riv ned (regnes ikke med)", "Demolish (not counted)"),
    "convert": ("Sælg eller ændr type", "Sell or change kind"),
    "number_low": ("Færrest, mindst", "Fewest, at least"),
    "number_high": ("Færrest, højst", "Fewest, at most"),
    "unit": ("Enhed", "Unit"),
    "project_id": ("Projekt", "Project"),
    "action": ("Handling", "Action"),
    "build": ("bygges", "build"),
    "probability": ("Sandsynlighed", "Probability"),
    "m2": ("Erhverv, m2", "Business, m2"),
    "to_tenure": ("Bliver ejerform", "Becomes tenure"),
    "to_kind": ("Bliver type", "Becomes kind"),
    "kept_from": ("Overholdt fra 1. januar", "Kept from 1 January"),
    "facts": ("Forhold for dispensation", "Facts for a dispensation"),
    "done": ("Færdigt i", "Done in"),
    "facts:met": ("er til stede", "are there"),
    "facts:not_met": ("er ikke til stede", "are not there"),
    "facts:undetermined": ("uafklaret", "undetermined"),
    "family_share_of_municipality": (
        "andel af kommunens familieboliger",
        "share of the municipality's family dwellings",
    ),
    "new_building_suffices": ("om nybyggeri er nok", "whether new building suffices"),
    "sale_at_a_loss": ("om salg giver tab", "whether a sale is at a loss"),
    "conviction_met": ("om kriteriet for dømte er opfyldt", "whether the criterion of convictions is met"),
    "missing": ("Mangler", "Missing"),
    "chance_low": ("Chance, mindst", "Chance, at least"),
    "chance_high": ("Chance, højst", "Chance, at most"),
    "share_expected": ("Forventet andel", "Expected share"),
    "indicator": ("Indikator", "Indicator"),
    "value_now": ("I dag", "Today"),
    "value_if": ("Hvis", "If"),
    "unlike": ("Boliger uden forbillede", "Dwellings without a model"),
    "residents": ("Beboere", "Residents"),
    "estate_id": ("Afdeling", "Estate"),
    "outside_share": ("Uden for arbejdsstyrken", "Outside the work force"),
    "exempt": ("Fritaget", "Exempt"),
    "exempt:exempt": ("ja", "yes"),
    "exempt:not_exempt": ("nej", "no"),
    "exempt:undetermined": ("uafklaret", "undetermined"),
    "reason": ("Hvorfor", "Why"),
    "over": ("over trinnet", "above the step"),
    "listed": ("på listen", "on the list"),
    "banned": ("loven", "the law"),
    "vacancies": ("Ledige om året", "Vacancies a year"),
    "every": ("Hver n'te", "Every n-th"),
    "assigned_before": ("Anvist uden fritagelse", "Assigned without exemption"),
    "assigned_by_ladder": ("Anvist efter trinnet", "Assigned by the step"),
    "extra": ("Overtaget", "Taken over"),
    "assigned_after": ("Anvist i alt", "Assigned in all"),
    "share_after": ("Andel af ledige", "Share of vacancies"),
    "flexible": ("Fleksibel udlejning", "Flexible letting"),
    "waiting_list": ("Venteliste", "Waiting list"),
    "sheet_readme": ("Læs mig", "Read me"),
    "sheet_mix": ("Boligsammensætning", "Mix"),
    "sheet_mixed": ("Blandet", "Mixed"),
    "sheet_scales": ("Opdeling", "Segregation"),
    "sheet_rule": ("Reglen", "The rule"),
    "sheet_fewest": ("Færrest boliger", "Fewest dwellings"),
    "sheet_projects": ("Projekter", "Projects"),
    "sheet_years": ("År for år", "Year by year"),
    "sheet_counts": ("Tal", "Figures"),
    "sheet_chances": ("Chance", "Chance"),
    "sheet_ifs": ("Hvis", "If"),
    "sheet_letting": ("Anvisning", "Assignment"),
    "sheet_residents": ("Beboere", "Residents"),
    "plot_mix": ("Boliger efter ejerform, {period}", "Dwellings by tenure, {period}"),
    "plot_rule": ("{rule}", "{rule}"),
    "plot_scales": ("Almene boliger: ulighed D efter målestok", "Social housing: dissimilarity D by scale"),
    "limit": ("grænsen", "the limit"),
    "municipality": ("Kommunen", "The municipality"),
    "band_assumed": ("antagelse", "assumption"),
}
"""A value that is a word only under one head has it in front: ``met:met``."""


def word(key: str, language: str) -> str:
    """A word in the language; the key itself where there is none."""
    known = WORDS.get(key)
    return key if known is None else known[0 if language == "da" else 1]


def value_word(column: str, value: str, language: str) -> str:
    """The word for a value of a column."""
    if column == "missing":
        parts = [word(part, language) for part in value.split(", ") if part]
        return ", ".join(part[:1].lower() + part[1:] for part in parts)
    return word(f"{column}:{value}" if f"{column}:{value}" in WORDS else value, language)


def area_name(area_id: str, results: BalanceResults) -> str:
    """An area's name; the municipality's word for the whole."""
    return (
        word("municipality", results.language)
        if area_id == MUNICIPALITY
        else results.area_names.get(area_id, area_id)
    )


def notes(results: BalanceResults) -> list[tuple[str, str]]:
    """The read-me: what was counted, from what, with which rules and assumptions."""
    da = results.language == "da"
    rule, codes = results.rule, results.codes
    facts = results.report.facts.get("tenure_mix", {}).get("periods", {}).get(results.period, {})
    told = [
        ("Boliger" if da else "Dwellings", dwellings_source(results)),
        (
            "Koder" if da else "Codes",
            f"{codes.label_da if da else codes.label_en}, {codes.version}. {codes.source}",
        ),
        ("Antagelse" if da else "Assumption", codes.assumption_da if da else codes.assumption_en),
        (
            "Ikke placeret" if da else "Not placed",
            "; ".join(f"{_fact(key, da)}: {count}" for key, count in facts.items()),
        ),
        ("Regel" if da else "Rule", f"{rule.label_da if da else rule.label_en}. {rule.source}"),
        ("Antagelse" if da else "Assumption", rule.assumption_da if da else rule.assumption_en),
        ("Tjek" if da else "Check", rule.check_da if da else rule.check_en),
        (
            "Blandet" if da else "Mixed",
            f"{results.band[0]:g}-{results.band[1]:g} %"
            + (f" ({word('band_assumed', results.language)})" if results.band_assumed else ""),
        ),
        (
            "Små enheder" if da else "Small units",
            "D, isolation og H vises også med tilfældet fratrukket: (I - E) / (1 - E), hvor E er den nøjagtige "
            "forventning, hvis boligerne var fordelt tilfældigt (Carrington og Troske 1997). Simpson er uden bias. "
            "Nærmeste beboere er ikke rettet."
            if da
            else "D, isolation and H are shown with chance taken out too: (I - E) / (1 - E), E the exact expectation "
            "if dwellings were dealt out at random (Carrington and Troske 1997). Simpson has no bias. Nearest "
            "residents are not corrected.",
        ),
        (
            "Projekter" if da else "Projects",
            "Et projekt tæller fra 1. januar året efter. Ingen prognose."
            if da
            else "A project counts from 1 January of the year after. Not a forecast.",
        ),
    ]
    if results.edition.internal:
        told.append(("Hvis" if da else "If", ASSUMPTION[results.language]))
        told.append((SOURCES[results.language], "\n".join(_sources(results))))
        if results.ladder is not None:
            steps = [step.assumption_da if da else step.assumption_en for step in results.ladder.step]
            ladder = (
                f"{results.ladder.label_da if da else results.ladder.label_en}. {results.ladder.source}. "
            )
            told.append(("Anvisning" if da else "Assignment", ladder + " ".join(filter(None, steps))))
    return [(left, right) for left, right in told if right]


def dwellings_source(results: BalanceResults) -> str:
    """Register, period, status date and source of the dwellings that every figure counts."""
    return source_line(
        {
            "register": results.register,
            "data_period": results.period,
            "status_date": results.status_date,
            "source": results.source,
        },
        results.language,
    )


def _sources(results: BalanceResults) -> list[str]:
    """A line an indicator of the internal set: its word, and what stands behind it."""
    labels = {**results.what_if_labels, "residents": word("residents", results.language)}
    told: dict[str, list[str]] = {}
    for row in results.sources.to_dict("records"):
        line = source_line({str(name): value for name, value in row.items()}, results.language)
        told.setdefault(labels.get(str(row["indicator"]), str(row["indicator"])), []).append(line)
    return [f"{label}: {'; '.join(lines)}" for label, lines in told.items()]


_FACTS: Final = {
    "dwellings": "boliger",
    "in_no_area": "i intet område",
    "left_out_as_institution": "udeladt som institution",
    "ownership_unknown": "ejerforhold uoplyst",
    "ownership_code_not_in_list": "ukendt ejerforholdskode",
    "use_unknown": "anvendelse uoplyst",
    "size_unknown": "størrelse uoplyst",
    "built_unknown": "byggeår uoplyst",
    "social_without_kind": "almene uden type",
    "listed_but_private": "på afdelingslisten, men private",
}


def _fact(key: str, danish: bool) -> str:
    return _FACTS.get(key, key) if danish else key.replace("_", " ")
