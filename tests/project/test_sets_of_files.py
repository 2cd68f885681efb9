"""The internal set lies beside the public one, none that is not of the last run stays, and what is not ours stays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from geo_bosoc.atomic_write.errors import OutputNotWritten
from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.disclosure.results import OutputSet
from geo_bosoc.outputs.registry import MANIFEST, Output
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import load_project
from geo_bosoc.project.sets import output_folders, output_set, publish
from geo_bosoc.project.sets.output_folders import check_output
from geo_bosoc.project.sets.output_set import SetsWriting, write_outputs

YEARLY_FILES, STUDY_FILES = ("map.html", "table.csv"), ("study.xlsx", "sheets/*.html")
DOCUMENTS = ("papers/*",)


class Line(Output):
    """A line of the list whose files say in which run they were written."""

    @property
    def function(self) -> Any:
        def write(results: Any, *paths: Path, **_: Any) -> None:
            for name, path in zip(self.names, paths, strict=True):
                target = path / "one.html" if "*" in name else path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(results.text, encoding="utf-8")

        return write


@pytest.fixture(autouse=True)
def short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (Line(YEARLY_FILES, "x:y"), Line(STUDY_FILES, "x:y", results="study"), MANIFEST)
    lines = (*lines, Line(DOCUMENTS, "x:y", results="papers", edited_by_people=True))

    def write_manifest(results: Any, outputs: Any, path: Any, *_: Any) -> None:
        root = path("")
        names = output_set.files_of([line for line in outputs if line != MANIFEST], root)
        arguments = {"heading": {"output_set": results.text}, "studies": {}, "removed": ()}
        files = {name: root / name for name in names}
        output_set.amend_manifest({}, path("run.json"), outputs=files, **arguments)

    for module in (output_set, output_folders, publish):
        monkeypatch.setattr(module, "OUTPUTS", lines)
    monkeypatch.setattr(output_set, "_write_manifest", write_manifest)
    monkeypatch.setattr(output_set, "stamp_texts", lambda results: [])


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    return tmp_path / "maps"


def run(maps: Path, text: str, *parts: str) -> tuple[str, ...]:
    """A run of some results (``yearly``, ``study``) of some sets (``+internal``); what it says at the end."""
    names = [part for part in parts if "+" not in part]
    results: Mapping[str, Any] = {name: SimpleNamespace(text=text) for name in names}
    sets = {"public": results, **({"internal": results} if "+internal" in parts else {})}
    project = load_project(Path(__file__).parents[2])
    return write_outputs(sets, maps, project).notes  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def listed_outputs(folder: Path) -> set[str]:
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {entry["name"] for entry in manifest["outputs"]}


ALL = {"map.html", "table.csv", "study.xlsx", "sheets/one.html"}


def test_a_public_run_takes_the_internal_set_of_an_earlier_one_away(maps: Path) -> None:
    inside = maps.with_name("maps-internal")
    assert run(maps, "first", "yearly", "study", "+internal") == ()
    assert content(maps) == content(inside) == dict.fromkeys(ALL, "first")
    assert listed_outputs(maps) == listed_outputs(inside) == ALL
    (note,) = run(maps, "second", "yearly", "study")
    assert "maps-internal" in note and "not of this run" in note
    assert content(maps) == dict.fromkeys(ALL, "second") and not inside.exists()


def test_what_is_not_ours_or_was_changed_by_hand_stays(maps: Path) -> None:
    inside = maps.with_name("maps-internal")
    run(maps, "first", "yearly", "+internal")
    (inside / "notes.docx").write_text("mine", encoding="utf-8")
    (inside / "table.csv").write_text("answers", encoding="utf-8")
    _, note = run(maps, "second", "yearly")
    assert "table.csv" in note and "changed by hand" in note
    assert content(inside) == {"notes.docx": "mine", "table.csv": "answers"}
    assert not (inside / "run.json").exists()


def test_a_study_by_itself_replaces_its_own_files_and_the_manifest_knows(maps: Path) -> None:
    inside = maps.with_name("maps-internal")
    run(maps, "first", "yearly", "study", "+internal")
    run(maps, "second", "study", "+internal")
    assert content(maps)["map.html"] == content(inside)["map.html"] == "first"
    assert content(maps)["study.xlsx"] == content(inside)["study.xlsx"] == "second"
    assert listed_outputs(maps) == listed_outputs(inside) == ALL
    run(maps, "third", "study")  # the yearly run's internal files are as public as before: of one run
    assert content(maps)["study.xlsx"] == "third" and set(content(inside)) == set(
        YEARLY_FILES
    ) == listed_outputs(inside)
    fingerprints = json.loads((maps / "run.json").read_text(encoding="utf-8"))["outputs"]
    assert {entry["bytes"] for entry in fingerprints if entry["name"] in ("study.xlsx", "map.html")} == {5}


@pytest.mark.parametrize(
    "error", [InputError([]), OSError(28, "of a register, not of the maps"), KeyboardInterrupt()]
)
def test_a_run_that_fails_after_a_set_was_begun_leaves_the_old_one(maps: Path, error: BaseException) -> None:
    """The public set is written while the internal one is studied, which may fail."""
    run(maps, "first", "yearly")
    before = {path: path.read_bytes() for path in maps.parent.rglob("*") if path.is_file()}
    project, results = load_project(Path(__file__).parents[2]), {"yearly": SimpleNamespace(text="second")}
    with pytest.raises(type(error)) as raised, SetsWriting(maps, project) as writing:
        writing.begin("public", results)  # type: ignore[arg-type]
        for wait in writing._waits:
            wait()
        raise error
    assert raised.value is error
    assert {path: path.read_bytes() for path in maps.parent.rglob("*") if path.is_file()} == before


def test_a_yearly_run_takes_along_what_it_does_not_write_any_more(maps: Path) -> None:
    run(maps, "first", "yearly", "study")
    run(maps, "second", "yearly")
    assert content(maps) == dict.fromkeys(YEARLY_FILES, "second")
    assert listed_outputs(maps) == set(YEARLY_FILES) and not (maps / "sheets").exists()


def test_an_internal_set_of_a_former_version_inside_the_public_one_goes(maps: Path) -> None:
    old, inside = maps / "internal", maps.with_name("maps-internal")
    run(maps, "first", "yearly", "study", "+internal")
    inside.rename(old)
    (note,) = run(maps, "second", "yearly", "+internal")
    assert "former version" in note and not old.exists()
    assert content(inside) == dict.fromkeys(YEARLY_FILES, "second")
    # A study by itself wrote no manifest then; what else lies there stays.
    for name in ("study.xlsx", "sheets/one.html", "mine.txt"):
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_text("old", encoding="utf-8")
    run(maps, "third", "yearly")
    assert content(old) == {"mine.txt": "old"} and not inside.exists()
    run(maps, "fourth", "yearly")
    assert content(old) == {"mine.txt": "old"}
    assert sorted(path.name for path in maps.parent.iterdir()) == ["maps"]


def test_files_that_no_run_has_written_are_not_written_over(maps: Path) -> None:
    for name in ("table.csv", "sheets/one.html"):
        (maps / name).parent.mkdir(parents=True, exist_ok=True)
        (maps / name).write_text("mine", encoding="utf-8")
        with pytest.raises(OutputNotWritten, match="no run has written it") as caught:
            run(maps, "first", "yearly", "study")
        assert caught.value.problems[0].file == name and set(content(maps)) == {name}
        (maps / name).unlink()
    run(maps, "first", "yearly")
    (maps / "study.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputNotWritten, match="no run has written it"):
        run(maps, "second", "study")
    (maps / "run.json").write_text('{"foreign": true}', encoding="utf-8")
    with pytest.raises(OutputNotWritten, match="this file and 2 more"):
        run(maps, "second", "yearly")
    assert content(maps) == {**dict.fromkeys(YEARLY_FILES, "first"), "study.xlsx": "mine"}


def test_what_would_be_lost_is_told_before_a_run(maps: Path) -> None:
    project = load_project(Path(__file__).parents[2])
    inside = maps.with_name("maps-internal")
    for folder in (maps, inside):
        folder.mkdir()
        (folder / "table.csv").write_text("mine", encoding="utf-8")

    def problems(results: tuple[str, ...], sets: tuple[OutputSet, ...]) -> list[str]:
        report = Report()
        check_output(project, maps, report, results=results, sets=sets)
        return [problem.message for problem in report.errors]

    assert len(problems(("yearly",), ("public",))) == 1
    assert '"maps-internal"' in problems(("yearly", "study"), ("public", "internal"))[1]
    assert problems(("study",), ("public", "internal")) == []


def test_a_run_that_waits_for_another_knows_what_that_one_wrote(maps: Path) -> None:
    entered, texts = threading.Event(), []

    def first() -> None:
        with OutputFolder(maps):
            entered.set()
            time.sleep(0.3)
        run(maps, "first", "yearly")
        texts.append("first")

    def second() -> None:
        run(maps, "second", "yearly")
        texts.append("second")

    threads = [threading.Thread(target=target) for target in (first, second)]
    threads[0].start()
    entered.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == ["first", "second"] and listed_outputs(maps) == set(YEARLY_FILES)
    assert len(set(content(maps).values())) == 1


def test_documents_that_were_changed_by_hand_are_never_written_over(maps: Path) -> None:
    run(maps, "first", "yearly", "papers")
    run(maps, "again", "yearly", "papers")  # nobody has written in them
    document = maps / "papers" / "one.html"
    document.write_text("the coordinator's own words", encoding="utf-8")
    before = content(maps)
    for results in (("yearly", "papers"), ("yearly",), ("papers",)):
        with pytest.raises(OutputNotWritten, match="changed by hand") as caught:
            run(maps, "later", *results)
        assert content(maps) == before
    (problem,) = caught.value.problems
    assert "papers/one.html" in problem.message
    assert "Move them" in (problem.hint or "")
    run(maps, "later", "study")  # it replaces its own files alone
    assert document.read_text(encoding="utf-8") == "the coordinator's own words"
    document.rename(maps.parent / "one.html")
    run(maps, "last", "yearly", "papers")
    assert document.read_text(encoding="utf-8") == "last"


def test_changed_documents_are_told_of_before_anything_is_read(maps: Path) -> None:
    run(maps, "first", "yearly", "papers", "+internal")
    document = maps.with_name("maps-internal") / "papers" / "one.html"
    document.write_text("minutes of the meeting", encoding="utf-8")
    project = load_project(Path(__file__).parents[2])

    def problems(*sets: OutputSet) -> list[str]:
        report = Report()
        check_output(project, maps, report, results=("yearly", "papers"), sets=sets)
        return [problem.message for problem in report.errors]

    (message,) = problems("public", "internal")
    assert "maps-internal" in message
    assert "papers/one.html" in message
    assert problems("public") == []  # what was changed in the internal set stays there
    assert "Left what was changed by hand" in " ".join(run(maps, "again", "yearly", "papers"))
    assert document.read_text(encoding="utf-8") == "minutes of the meeting"


def test_a_set_is_whole_without_the_documents_that_were_moved_or_changed(maps: Path) -> None:
    run(maps, "public", "yearly", "papers")
    manifest = maps / "run.json"
    text = json.loads(manifest.read_text(encoding="utf-8")) | {"periods": ["2024"]}
    manifest.write_text(json.dumps(text), encoding="utf-8")
    document = maps / "papers" / "one.html"
    document.write_text("the coordinator's own words", encoding="utf-8")
    assert "papers/one.html" in publish.whole_public_set(maps).names
    document.unlink()
    publish.whole_public_set(maps)
    (maps / "table.csv").write_text("changed", encoding="utf-8")
    with pytest.raises(InputError, match="not as the run wrote it"):
        publish.whole_public_set(maps)
