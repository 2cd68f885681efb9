"""Sets that are consistent with the one published before: frozen periods, new ones, revised ones, and `publish`."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from disclosure.releases import people, write_project
from typer.testing import CliRunner

from geo_bosoc.cli.app import app
from geo_bosoc.disclosure.attack import attack
from geo_bosoc.outputs.csv_tables import read_categories_csv
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import Outcome, check_project, run_project
from geo_bosoc.project.sets.publish import publish_project

FIRST, SECOND, SURVEY = people(1), people(2), people(3)
HOUSE = [("C", 995.0, True, False), ("C", 995.0, False, False), ("C", 995.0, False, True)]
"""Near the border to D."""
MOVED = {"C": -20.0}
"""The border of C and D as it is after the house has moved to D."""
ARCHIVE = "archive/2023"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose set of 2023 is put aside."""
    folder = tmp_path_factory.mktemp("releases") / "town"
    write_project(folder, {"2023": [*FIRST, *HOUSE]}, survey=[*SURVEY, *HOUSE])
    run_project(folder)
    publish_project(folder, folder / ARCHIVE)
    return folder


@pytest.fixture
def published(template: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(template, tmp_path / "town"))


def figures(folder: Path, period: str) -> pd.DataFrame:
    table = read_categories_csv(folder / "categories.csv")
    return table[table["period"] == period].reset_index(drop=True)


def lines(path: Path, period: str) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.startswith(period)]


def second_release(folder: Path, *, previous: str | None = ARCHIVE, revise: bool = False) -> Outcome:
    """2024 comes with it, the house lies in D, and 2023's register was corrected."""
    corrected = [*FIRST, *HOUSE, ("D", 400.0, False, True), *[("E", 500.0, True, False)] * 30]
    write_project(
        folder,
        {"2023": corrected, "2024": [*SECOND, *HOUSE]},
        borders=MOVED,
        previous=previous,
        revise=revise,
        survey=[*SURVEY, *HOUSE],
    )
    return run_project(folder)


def below(folder: Path) -> int:
    return attack(folder / "maps", [folder / ARCHIVE], models=[folder / "model.toml"]).below


def test_frozen_rows_are_those_that_were_published_and_a_new_period_is_added(published: Path) -> None:
    outcome = second_release(published)
    for name in ("categories.csv", "criteria.csv"):
        assert lines(published / "maps" / name, "2023") == lines(published / ARCHIVE / name, "2023")
    new = figures(published / "maps", "2024")
    assert set(new["work_status"]) == {"ok", "protected"}
    old = figures(published / ARCHIVE, "2023")
    assert list(new["category_before"]) == ["" if each == "range" else each for each in old["category"]]
    # the survey of 2023 stands behind 2024 too: as it was published, though the house has moved
    assert new["unsafe_numerator"].equals(old["unsafe_numerator"])
    assert new["unsafe_denominator"].equals(old["unsafe_denominator"])
    (note,) = (each for each in outcome.results.report.problems if each.key == "disclosure.previous")
    assert note.level == "note" and "2023: 8, 2024: 2" in note.message


def test_the_same_data_again_are_the_same_set_and_no_note(published: Path) -> None:
    project = (published / "bosoc.toml").read_text(encoding="utf-8")
    named = f'{project}\n[disclosure]\nprevious = "{ARCHIVE}"\n'
    (published / "bosoc.toml").write_text(named, encoding="utf-8")
    outcome = run_project(published)
    assert not outcome.results.report.problems
    for path in sorted((published / ARCHIVE).iterdir()):
        if path.name != "run.json":
            assert path.read_bytes() == (published / "maps" / path.name).read_bytes(), path.name


def test_a_house_moved_between_two_releases_is_found_without_the_earlier_set_alone(published: Path) -> None:
    second_release(published, previous=None)
    assert below(published) > 0
    second_release(published)
    assert below(published) == 0


def test_without_a_named_set_a_run_and_a_check_warn(published: Path) -> None:
    report = Report()
    check_project(published, report=report)
    assert not report.warnings
    write_project(published, {"2023": FIRST}, survey=[*SURVEY, *HOUSE])
    check_project(published, report=report)
    assert [each.key for each in report.warnings] == ["disclosure.previous"]
    outcome = second_release(published, previous=None)
    assert "disclosure.previous" in {each.key for each in outcome.results.report.warnings}
    manifest = json.loads((published / "maps" / "run.json").read_text(encoding="utf-8"))
    assert "disclosure.previous" not in {each.get("key") for each in manifest["warnings"]}


def test_a_revised_period_hides_what_was_hidden_and_shows_no_small_difference(published: Path) -> None:
    second_release(published, revise=True)
    old, new = figures(published / ARCHIVE, "2023"), figures(published / "maps", "2023")
    for name in ("work", "charged", "unsafe"):
        was_hidden = old[f"{name}_status"] == "protected"
        assert (new.loc[was_hidden, f"{name}_status"] == "protected").all()
        for number in ("numerator", "denominator"):
            change = (new[f"{name}_{number}"] - old[f"{name}_{number}"]).abs().dropna()
            assert not change.between(1, 4).any()
    hidden = old["work_status"] == "protected"
    assert hidden.any() and new.loc[hidden, "category"].equals(old.loc[hidden, "category"])
    by_area = new.set_index("area_id")
    assert by_area.loc["E", "work_denominator"] == old.set_index("area_id").loc["E", "work_denominator"] + 30
    assert below(published) == 0


def test_the_same_data_give_the_same_bytes(published: Path) -> None:
    for revise in (False, True):
        sums = []
        for _ in range(2):
            second_release(published, revise=revise)
            files = sorted((published / "maps").iterdir())
            sums.append(
                {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.name != "run.json"}
            )
        assert sums[0] == sums[1]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"version": "2"}, "models"), ({"areas": "ABCDE"}, "areas"), ({"indicators": ["work"]}, "indicators")],
)
def test_a_frozen_period_of_another_shape_is_an_error(
    published: Path, change: dict[str, object], word: str
) -> None:
    persons = {"2023": [*FIRST, *HOUSE]}
    write_project(published, persons, previous=ARCHIVE, survey=[*SURVEY, *HOUSE], **change)  # type: ignore[arg-type]
    with pytest.raises(InputError) as error:
        check_project(published)
    (problem,) = error.value.problems
    assert word in problem.message and "revise = true" in str(problem.hint)
    write_project(published, persons, previous=ARCHIVE, revise=True, survey=[*SURVEY, *HOUSE], **change)  # type: ignore[arg-type]
    check_project(published)


def test_a_set_that_is_not_whole_is_an_error(published: Path) -> None:
    categories = published / ARCHIVE / "categories.csv"
    categories.write_text(categories.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for previous, words in (
        (ARCHIVE, "not whole"),
        ("archive/2022", "no public set"),
        ("maps", "output folder"),
    ):
        write_project(published, {"2023": FIRST}, previous=previous)
        with pytest.raises(InputError) as error:
            check_project(published)
        assert any(words in problem.message for problem in error.value.problems)


def test_publish_copies_the_set_and_says_what_to_write(published: Path) -> None:
    outcome = CliRunner().invoke(app, ["publish", str(published / "out"), "--project", str(published)])
    assert outcome.exit_code == 0 and 'previous = "out"' in outcome.output
    names = {path.name for path in (published / "maps").iterdir()}
    assert {path.name for path in (published / "out").iterdir()} == names
    for name in names:
        assert (published / "out" / name).read_bytes() == (published / "maps" / name).read_bytes()


def test_publish_refuses(published: Path) -> None:
    for place, words in (
        (ARCHIVE, "not empty"),
        ("maps/2023", "output folder"),
        ("maps-internal/x", "output folder"),
    ):
        with pytest.raises(InputError, match=words):
            publish_project(published, published / place)
    (published / "maps" / "criteria.csv").unlink()
    with pytest.raises(InputError, match="not whole"):
        publish_project(published, published / "new")
    (published / "maps" / "run.json").unlink()
    with pytest.raises(InputError, match="no public set"):
        publish_project(published, published / "new")
    assert not (published / "new").exists()
