"""Units in the words staff use: known, or shown in the words given, and never a name. Made-up texts."""

from __future__ import annotations

import pytest

from geo_bosoc.bottom_up.presence.services import (
    ANOTHER_UNIT,
    gather_words,
    list_units,
    load_services,
    unit_labels,
    unit_words,
)

SERVICES = load_services()
WORDS = unit_words(SERVICES, ())
FORMS = {
    "day_care": "Dagtilbudsleder dagtilbudslederne dagtilbuddet Dagtilbuddene børnehaven vuggestuen dagplejerne "
    "daginstitutionen day_care",
    "school": "Skoleleder skolelederne skolen skolerne folkeskolen Musikskolen lærerne klasselæreren SFO-lederen "
    "school",
    "social_psychiatry": "Socialpsykiatri Socialpsykiatrien socialpsykiatriens social_psychiatry",
    "elderly_care": "Ældrepleje Ældreplejen Aeldreplejen ældreplejens plejecentret plejehjemmet elderly_care",
    "home_care": "hjemmeplejen Hjemmesygeplejen hjemmehjælperne",
    "ssp": "SSP ssp SSP-konsulenten SSP-konsulenter sspkonsulent SSP-medarbejderen",
    "job_centre": "Jobcenter jobcentret Jobcenteret jobcentrets jobcenterchefen job_centre",
    "health_visitors": "Sundhedsplejerske sundhedsplejersken sundhedsplejerskerne Sundhedsplejen",
    "school_psychology": "PPR PPR-psykolog PPR-psykologen skolepsykologen school_psychology",
    "housing_allocation": "boligvisitation boligvisitationen boligvisitator Boligvisitatoren boliganvisningen",
    "housing_organisation": "boligforeningen Boligorganisationen viceværten ejendomsmesteren",
    "police": "Politi politiet lokalpolitiet nærpolitibetjenten betjenten",
    "youth_club": "klubben fritidsklubben ungdomsklubberne",
    "youth_school": "ungdomsskolen Ungdomsskolelederen",
    "library": "biblioteket bibliotekaren Biblioteksmedarbejder",
    "family_department": "familieafdelingen familierådgiverne",
    "family_support": "familiestøtte familiestøtten family_support",
    "substance_abuse": "rusmiddelcentret misbrugskonsulenten",
    "community_work": "boligsocial helhedsplanen",
}


@pytest.mark.parametrize(
    ("shown", "written"), [(shown, text) for shown, texts in FORMS.items() for text in texts.split()]
)
def test_a_unit_is_known_in_every_form(shown: str, written: str) -> None:
    for text in (written, written.upper(), written.lower(), f"  {written}, ", f"Leder af {written}"):
        assert WORDS.publishable_unit(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("skolelederen på Sødalskolen", "school"),
        ("Skoleleder Anne Jensen", "school"),
        ("Karen, dagplejer", "day_care"),
        ("Pædagogisk-psykologisk rådgivning", "school_psychology"),
        ("Boligsocial medarbejder ved skolen", "community_work"),
        ("boligsocial anvisning", "housing_allocation"),
        ("Børne- og familieafdelingen", "family_department"),
        ("UU-vejleder", "youth_guidance"),
    ],
)
def test_what_comes_first_decides_and_names_are_left_out(text: str, shown: str) -> None:
    assert WORDS.publishable_unit(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Gadeplansmedarbejderen", "gadeplansmedarbejderen"),
        ("Bostøtten", "bostøtten"),
        ("Anne Jensen, frivilligkoordinator", "frivilligkoordinator"),
        ("anne jensen, frivilligkoordinator", "frivilligkoordinator"),
        ("Leder Anne Jensen af den åbne rådgivning", "leder af den åbne rådgivning"),
        ("Team Trivsel", "team"),
    ],
)
def test_other_roles_are_shown_in_the_words_given(text: str, shown: str) -> None:
    assert WORDS.publishable_unit(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anne Jensen",
        "ANNE",
        "jensen",
        "0102031234",
        "Kirken",
        "politiker Jens Jensen",
        "Nørhus",
        "x" * 80,
    ],
)
def test_what_may_be_a_name_is_not_shown(text: str) -> None:
    assert WORDS.publishable_unit(text) == ANOTHER_UNIT


def test_a_projects_own_units_and_services_are_known_in_their_forms() -> None:
    words = unit_words(SERVICES, ("kirken", "UB"))
    assert words.publishable_unit("Kirken") == "kirken" and words.publishable_unit("ub") == "UB"
    assert words.publishable_unit("uberørt") == ANOTHER_UNIT


def test_every_unit_has_its_words_in_both_languages() -> None:
    words = unit_words((), ())
    for unit in list_units():
        for language in ("da", "en"):
            assert unit_labels((), language)[unit.id] and gather_words(language)[unit.id]
            for text in (unit.label(language), unit.gather(language)):
                assert words.publishable_unit(text) == unit.id


def test_units_are_small_letters_within_a_sentence_and_abbreviations_are_not() -> None:
    labels = unit_labels(SERVICES, "da")
    assert [labels[unit] for unit in ("job_centre", "school", "ssp", ANOTHER_UNIT)] == [
        "jobcenter", "skole", "SSP", "en anden enhed",
    ]  # fmt: skip
    assert unit_labels(SERVICES, "en")["job_centre"] == "job centre"
