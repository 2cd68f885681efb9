"""Units and reasons in the words of staff: names in a table, codes, and free text that goes nowhere. Made-up texts."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo_bosoc.bottom_up.nominations.reasons import OTHER, load_reasons, reason_codes
from geo_bosoc.bottom_up.outputs.geopackage import nomination_features
from geo_bosoc.bottom_up.outputs.sheets import place_sheet
from geo_bosoc.bottom_up.outputs.tables import sheets
from geo_bosoc.bottom_up.presence.services import ANOTHER_UNIT, gather_words, load_services, unit_words
from geo_bosoc.bottom_up.texts import nomination_word
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project
from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up
from geo_bosoc.text.catalogue import word

REASONS = load_reasons()
CASES = Path(os.environ.get("GEO_BOSOC_DATA", "/nowhere")) / "cases" / "37-units-in-staff-s-words"


def test_each_unit_of_the_note_comes_out_named() -> None:
    file = CASES / "nominations.csv"
    if not file.is_file():
        pytest.skip("GEO_BOSOC_DATA is not set: the case with the note's units is not there")
    units = pd.read_csv(file, sep=";", dtype=str)["unit"]
    shown = ["day_care", "school", "social_psychiatry", "elderly_care", "ssp", "job_centre", "health_visitors",
             "school_psychology", "social_psychiatry"]  # fmt: skip
    words = unit_words(load_services(), ())
    assert [words.publishable_unit(unit) for unit in units] == shown
    for language in ("da", "en"):
        assert set(shown) <= set(gather_words(language)) | {service.id for service in load_services()}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("dagtilbudsledere", "day_care"),
        ("skoleledere", "school"),
        ("socialpsykiatrien", "social_psychiatry"),
        ("ældreplejen", "elderly_care"),
        ("jobcenteret", "job_centre"),
        ("boligvisitation", "housing_allocation"),
        ("sundhedsplejerske", "health_visitors"),
        ("SSP", "ssp"),
        ("PPR", "school_psychology"),
    ],
)
def test_the_notes_words_in_its_own_forms(written: str, shown: str) -> None:
    words = unit_words(load_services(), ())
    for text in (written, written.capitalize(), f"{written} Anne Jensen"):
        assert words.publishable_unit(text) == shown


def test_the_municipalitys_names_of_units_go_before_all_other_words() -> None:
    names = {"Ungehuset": "youth_club", "Skolen i Skoven": "family_department", "KUF": "ssp"}
    words = unit_words(load_services(), (), names)
    shown = {"Ungehuset": "youth_club", "ungehusets leder": "youth_club",
             "Lederen af Ungehuset, Jens Jensen": "youth_club", "Skolen i skoven": "family_department",
             "skolen": "school", "KUF-formanden": "ssp"}  # fmt: skip
    assert {text: words.publishable_unit(text) for text in shown} == shown
    assert unit_words(load_services(), ()).publishable_unit("KUF") == ANOTHER_UNIT


def test_every_reason_is_known_by_each_of_its_words_and_named_in_both_languages() -> None:
    for reason in REASONS:
        for text in (reason.id, reason.label_da, reason.label_en, *reason.words):
            assert reason_codes(text, REASONS) == (reason.id,)
            assert reason_codes(f" {text.upper()} ", REASONS) == (reason.id,)
        assert reason.label_da and reason.label_en
    assert not any(part in reason.id for reason in REASONS for part in ("origin", "western", "ethnic"))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ()),
        ("utryghed", ("unsafety",)),
        ("UTRYGHED; hærværk og affald", ("unsafety", "vandalism")),
        ("haervaerk, ensomhed", ("vandalism", "loneliness")),
        ("ensomhed/gæld", ("loneliness", "poverty")),
        ("Anne Jensen på 4. sal drikker", (OTHER,)),
        ("misbrug hos Anne Jensen", (OTHER,)),
        ("utryghed; Anne Jensen", ("unsafety", OTHER)),
        ("ingen utryghed", (OTHER,)),
    ],
)
def test_codes_are_read_and_free_text_is_another_reason(text: str, codes: tuple[str, ...]) -> None:
    assert reason_codes(text, REASONS) == codes


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('[[reason]]\nid = "noise"\nlabel_da = "Larm"\nwords = ["uro"]\n', "uro"),
        ('[[reason]]\nid = "other"\nlabel_da = "Andet"\n', "free text"),
    ],
)
def test_a_list_of_reasons_in_which_a_word_means_two_is_refused(
    tmp_path: Path, more: str, message: str
) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text('[[reason]]\nid = "unrest"\nlabel_da = "Uro"\n' + more, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_reasons(file)


def test_a_name_that_leads_to_no_unit_is_an_error(changed: Callable[..., Path]) -> None:
    project = changed('unit_names = { Ungehuset = "youth_clubb" }')
    with pytest.raises(InputError) as error:
        check_project(project, internal=True, report=Report())
    (problem,) = error.value.problems
    assert problem.key == "bottom_up.unit_names.Ungehuset" and "youth_club" in str(problem.hint)


def test_reasons_are_in_sheet_workbook_and_layer_and_none_of_a_place_of_few_households(
    outcome: BottomUpOutcome,
) -> None:
    results = outcome.results
    first = results.nominations["place_id"].iloc[0]
    coded = results.nominations.assign(reasons="unsafety vandalism")
    results = replace(results, nominations=coded, reasons=REASONS)
    assert "(utryghed, hærværk og affald)" in place_sheet(results, first)
    assert set(sheets(results)["sheet_nominations"]["reasons"]) == {"Utryghed, hærværk og affald"}
    assert set(nomination_features(results)["reasons"]) == {"Utryghed, hærværk og affald"}
    english = replace(results, language="en")
    row = coded.drop(columns="geometry").to_dict("records")[0]
    assert nomination_word(row, english).endswith("(unsafety, vandalism and litter)")
    few = replace(results, places=results.places.assign(households=4))
    assert "utryghed" not in place_sheet(few, first)
    assert not any(sheets(few)["sheet_nominations"]["reasons"])


def test_a_projects_units_and_reasons_reach_its_files_and_free_text_does_not(
    changed: Callable[..., Path], town: Path
) -> None:
    area = (
        (town / "data" / "registers" / "nominations.csv")
        .read_text(encoding="utf-8")
        .splitlines()[1]
        .split(";")[4]
    )
    rows = [
        "nomination_id;unit;date;concern;area_id",
        f"M1;Ungehuset;2024-02-01;larm;{area}",
        f"M2;Ungehuset;2024-02-02;Frydefuldfritekst hos Lærkehjort;{area}",
    ]
    reasons = '[[reason]]\nid = "noise"\nlabel_da = "støj om natten"\nwords = ["larm"]\n'
    project = changed(
        'reasons = "reasons.toml"',
        'unit_names = { Ungehuset = "youth_club" }',
        nominations="\n".join(rows) + "\n",
    )
    (project / "reasons.toml").write_text(reasons, encoding="utf-8")
    report = Report()
    outcome = run_bottom_up(project, report=report)
    lines = [nomination_word(row, outcome.results) for row in
             outcome.results.nominations.drop(columns="geometry").to_dict("records")]  # fmt: skip
    other = word("bottom_up_map", "another_reason", "da")
    assert lines == ["klub, 01.02.2024 (støj om natten)", f"klub, 02.02.2024 ({other})"]
    (note,) = [problem for problem in report.problems if problem.key == "bottom_up.reasons"]
    assert note.level == "note" and "M2" in note.message and note.count == 1
    files = [path for path in outcome.files if path.suffix in (".html", ".csv", ".json")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8-sig")
        assert "Frydefuld" not in text and "Lærkehjort" not in text
