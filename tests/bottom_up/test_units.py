"""Units in the words staff use: known, or shown in the words given, and never a name. Made-up texts."""

from __future__ import annotations

import pytest

from geo_bosoc.bottom_up.presence.services import (
    gather_words,
    list_units,
    load_services,
    unit_words,
)
from geo_bosoc.text.catalogue import word

SERVICES = load_services()
DA = unit_words(SERVICES, (), "da")
EN = unit_words(SERVICES, (), "en")
FORMS = {
    "dagtilbud": "Dagtilbudsleder dagtilbudslederne dagtilbuddet Dagtilbuddene børnehaven vuggestuen dagplejerne "
    "daginstitutionen day_care",
    "skole": "Skoleleder skolelederne skolen skolerne folkeskolen Musikskolen lærerne klasselæreren SFO-lederen school",
    "social_psychiatry": "Socialpsykiatri Socialpsykiatrien socialpsykiatriens social_psychiatry",
    "elderly_care": "Ældrepleje Ældreplejen Aeldreplejen ældreplejens plejecentret plejehjemmet elderly_care",
    "hjemmepleje": "hjemmeplejen Hjemmesygeplejen hjemmehjælperne",
    "ssp": "SSP ssp SSP-konsulenten SSP-konsulenter sspkonsulent SSP-medarbejderen",
    "job_centre": "Jobcenter jobcentret Jobcenteret jobcentrets jobcenterchefen job_centre",
    "sundhedspleje": "Sundhedsplejerske sundhedsplejersken sundhedsplejerskerne Sundhedsplejen",
    "school_psychology": "PPR PPR-psykolog PPR-psykologen skolepsykologen school_psychology",
    "boligvisitation": "boligvisitation boligvisitationen boligvisitator Boligvisitatoren boliganvisningen",
    "boligorganisation": "boligforeningen Boligorganisationen viceværten ejendomsmesteren",
    "politi": "Politi politiet lokalpolitiet nærpolitibetjenten betjenten",
    "klub": "klubben fritidsklubben ungdomsklubberne",
    "ungdomsskole": "ungdomsskolen Ungdomsskolelederen",
    "bibliotek": "biblioteket bibliotekaren Biblioteksmedarbejder",
    "familieafdeling": "familieafdelingen familierådgiverne",
    "family_support": "familiestøtte familiestøtten family_support",
    "substance_abuse": "rusmiddelcentret misbrugskonsulenten",
    "boligsocial indsats": "boligsocial helhedsplanen",
}


@pytest.mark.parametrize(
    ("shown", "written"), [(shown, text) for shown, texts in FORMS.items() for text in texts.split()]
)
def test_a_unit_is_known_in_every_form(shown: str, written: str) -> None:
    for text in (written, written.upper(), written.lower(), f"  {written}, ", f"Leder af {written}"):
        assert DA.publishable_name(text) == shown
    assert EN.publishable_name(written) != word("bottom_up_map", "another_unit", "en")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("skolelederen på Sødalskolen", "skole"),
        ("Skoleleder Anne Jensen", "skole"),
        ("Karen, dagplejer", "dagtilbud"),
        ("Pædagogisk-psykologisk rådgivning", "school_psychology"),
        ("Boligsocial medarbejder ved skolen", "boligsocial indsats"),
        ("boligsocial anvisning", "boligvisitation"),
        ("Børne- og familieafdelingen", "familieafdeling"),
        ("UU-vejleder", "ungeindsats"),
    ],
)
def test_what_comes_first_decides_and_names_are_left_out(text: str, shown: str) -> None:
    assert DA.publishable_name(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Gadeplansmedarbejderen", "Gadeplansmedarbejderen"),
        ("Bostøtten", "Bostøtten"),
        ("Anne Jensen, frivilligkoordinator", "frivilligkoordinator"),
        ("anne jensen, frivilligkoordinator", "frivilligkoordinator"),
        ("Leder Anne Jensen af den åbne rådgivning", "Leder af den åbne rådgivning"),
        ("Team Trivsel", "Team"),
    ],
)
def test_other_roles_are_shown_in_the_words_given(text: str, shown: str) -> None:
    assert DA.publishable_name(text) == EN.publishable_name(text) == shown


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
    assert DA.publishable_name(text) == "en anden enhed" and EN.publishable_name(text) == "another unit"


def test_a_projects_own_units_and_services_are_known_in_their_forms() -> None:
    words = unit_words(SERVICES, ("kirken", "UB"), "da")
    assert words.publishable_name("Kirken") == "kirken" and words.publishable_name("ub") == "UB"
    assert words.publishable_name("uberørt") == "en anden enhed"


def test_every_unit_has_its_words_in_both_languages() -> None:
    for unit in list_units():
        for language in ("da", "en"):
            assert unit.label(language) and gather_words(language)[unit.label(language)]
            known = unit_words((), (), language)
            assert (
                known.publishable_name(unit.label_da)
                == known.publishable_name(unit.label_en)
                == unit.label(language)
            )
            assert known.publishable_name(unit.gather(language)) == unit.label(language)
