"""The steering group's form: written, filled in, read, and shown with who adopted it. Made-up groups."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from geo_bosoc.bottom_up.criteria_form import form_text, load_criteria
from geo_bosoc.bottom_up.outputs.page import bottom_up_page
from geo_bosoc.bottom_up.outputs.sheets import place_sheet
from geo_bosoc.bottom_up.outputs.tables import write_bottom_up_workbook
from geo_bosoc.bottom_up.results import criterion_words
from geo_bosoc.bottom_up.texts import criteria_notes
from geo_bosoc.cli.app import main
from geo_bosoc.models import load_model
from geo_bosoc.problems import InputError
from geo_bosoc.project.studies.runs import BottomUpOutcome

GROUP = "Styregruppen for det opdigtede Ravnsø"


def filled(folder: Path, *changes: tuple[str, str], language: str = "da") -> Path:
    text = form_text("da" if language == "da" else "en")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    form = folder / "criteria.toml"
    form.write_text(text, encoding="utf-8")
    return form


ADOPTED = (('adopted_by = ""', f'adopted_by = "{GROUP}"'), ('adopted_on = ""', "adopted_on = 2026-09-15"))


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_empty_form_judges_as_the_model_that_ships_and_is_a_draft(tmp_path: Path, language: str) -> None:
    criteria = load_criteria(filled(tmp_path, language=language))
    shipped = load_model("skanderborg")
    assert criteria.form and (criteria.adopted_by, criteria.adopted_on) == ("", "")
    limits = [(each.key, each.limit, each.operator, each.unit) for each in shipped.criterion]
    assert [(each.key, each.limit, each.operator, each.unit) for each in criteria.model.criterion] == limits
    assert criteria.model.category[0].rule == shipped.category[0].rule


def test_the_form_fits_on_one_page_of_paper() -> None:
    for text in (form_text("da"), form_text("en")):
        lines = text.splitlines()
        assert len(lines) <= 66 and max(map(len, lines)) <= 88


def test_who_adopted_it_when_and_what_must_be_met(tmp_path: Path) -> None:
    more = ("required = false", 'required = true\nlabel = "Indsatser hos os"')
    criteria = load_criteria(
        filled(tmp_path, *ADOPTED, more, ("criteria_to_meet = 2", "criteria_to_meet = 3"))
    )
    (rule,) = criteria.model.category[0].rule
    assert (criteria.adopted_by, criteria.adopted_on) == (GROUP, "2026-09-15")
    assert rule.requires == ("services_per_100",) and rule.at_least == 3
    assert criteria.model.criterion[0].label("da") == "Indsatser hos os"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('adopted_by = ""', f'adopted_by = "{GROUP}"'), "both who adopted"),
        (('adopted_on = ""', 'adopted_on = "2026-02-30"'), "no such day"),
        (('adopted_on = ""', 'adopted_on = "15/9 2026"'), "year-month-day"),
        (("at_least = 3", "times_municipality = 2"), "kinds of service are counted"),
        (("times_municipality = 1.5", "times_municipality = 1.5\nat_least = 2"), "one limit"),
        (("criteria_to_meet = 2", "criteria_to_meet = 4"), "criteria_to_meet is 4"),
        (('"service_kinds"', '"services_per_100"'), "services_per_100"),
        (('why = ""', 'why = "CPR 990299-7391"'), "person number"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_of_its_line(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        load_criteria(filled(tmp_path, change))
    assert all(problem.file == "criteria.toml" for problem in error.value.problems)


def test_a_model_file_and_a_models_id_are_criteria_as_before(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    from geo_bosoc.models.load import preset_text

    file.write_text(preset_text("skanderborg"), encoding="utf-8")
    assert load_criteria(str(file)).model == load_criteria("skanderborg").model
    with pytest.raises(InputError, match="no model"):
        load_criteria(str(tmp_path / "nothing.toml"))


def test_a_form_without_words_goes_by_the_indicators_name(tmp_path: Path) -> None:
    from geo_bosoc.indicators import load_indicators

    form = tmp_path / "criteria.toml"
    form.write_text('[[criterion]]\nfigure = "outside_labour_market"\nat_least = 40\n', encoding="utf-8")
    words = criterion_words(load_criteria(form).model, load_indicators(["outside_labour_market"]))
    label = load_indicators(["outside_labour_market"])[0].label_da
    assert words["outside_labour_market"].label_da == label != ""


def test_the_command_writes_the_form_in_the_projects_language_and_over_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bosoc.toml").write_text('[project]\nlanguage = "da"\n', encoding="utf-8")
    assert call(monkeypatch, "bottom-up", "criteria", "--project", str(tmp_path)) == 0
    form = tmp_path / "criteria.toml"
    assert form.read_text(encoding="utf-8") == form_text("da")
    assert 'criteria = "criteria.toml"' in capsys.readouterr().err
    form.write_text("adopted_by = 'somebody'\n", encoding="utf-8")
    assert call(monkeypatch, "bottom-up", "--project", str(tmp_path), "criteria") == 1
    assert "is not written over" in capsys.readouterr().err and "somebody" in form.read_text(encoding="utf-8")
    other = tmp_path / "udkast.toml"
    assert call(monkeypatch, "bottom-up", "criteria", str(other), "-p", str(tmp_path), "--lang", "en") == 0
    assert other.read_text(encoding="utf-8") == form_text("en")
    assert call(monkeypatch, "bottom-up", "--unguarded", "criteria", str(tmp_path / "x.toml")) == 2
    assert not (tmp_path / "x.toml").exists()


def test_workbook_sheets_and_map_say_who_adopted_the_criteria(
    outcome: BottomUpOutcome, tmp_path: Path
) -> None:
    results, form = outcome.results, filled(tmp_path, *ADOPTED, ('why = ""', 'why = "Det er dér, vi er."'))
    adopted = replace(results, adopted=load_criteria(form))
    line = f"Kriterierne er vedtaget af {GROUP} den 15.09.2026."
    assert criteria_notes(adopted)[0] == line
    assert "mindst 2 af 3 kriterier" in criteria_notes(adopted)[1]
    assert "mindst 1,5 gange kommunens tal" in criteria_notes(adopted)[1]
    for place in adopted.places["place_id"].astype(str):
        assert line in place_sheet(adopted, place)
    write_bottom_up_workbook(adopted, tmp_path / "b.xlsx")
    texts = [str(c.value) for row in openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0] for c in row]
    assert line in texts and any("Det er dér, vi er." in text for text in texts)
    verdict, *_ = bottom_up_page(adopted).classifications
    assert ("", line) in verdict.assumptions
    english = criteria_notes(replace(adopted, language="en"))
    assert english[0] == f"The criteria were adopted by {GROUP} on 15 Sep 2026."
    draft = replace(results, adopted=load_criteria(filled(tmp_path)))
    assert criteria_notes(draft)[0] == "Kriterierne er et udkast: ingen har vedtaget dem."
    assert "Skanderborg" in criteria_notes(results)[0]


def test_named_and_found_places_are_verified_by_the_form(changed: Callable[..., Path]) -> None:
    from geo_bosoc.problems import Report
    from geo_bosoc.project import check_project

    project = changed('criteria = "criteria.toml"')
    filled(project, *ADOPTED)
    check_project(project, internal=True, report=Report())
    (project / "criteria.toml").write_text("criteria_to_meet = 0\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        check_project(project, internal=True, report=Report())
    assert {problem.key for problem in error.value.problems} == {"criteria_to_meet", "criterion"}
