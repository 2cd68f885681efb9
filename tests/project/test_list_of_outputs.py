"""A new output is a function, a line in the list and a test: nothing else has to know of it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.outputs.registry import OUTPUTS, Output
from geo_bosoc.problems import Report
from geo_bosoc.project import run_project
from geo_bosoc.project.sets import output_set
from geo_bosoc.project.sets.outcome import file_lines

ROOT = Path(__file__).parents[2]


def write_names(published: PublishedResults, path: Path) -> None:
    """The whole of a new output."""
    lines = [*stamp_texts(published), *published.areas["name"]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Output:
    module = ModuleType("area_names")
    module.write_names = write_names  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "area_names", module)
    added = Output(("area_names.txt",), "area_names:write_names")
    monkeypatch.setattr(output_set, "OUTPUTS", (*output_set.OUTPUTS, added))
    return added


def test_a_line_in_the_list_is_all_that_a_new_output_takes(
    town: Path, line: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = run_project(town, periods=["2024"], internal=True, report=Report())
    (name,) = line.names
    for folder in (outcome.folder, town / "maps-internal"):
        path = folder / name
        assert path in outcome.files
        assert ("INTERNT" in path.read_text(encoding="utf-8")) == (folder != outcome.folder)
        manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert name in {entry["name"] for entry in manifest["outputs"]}
    assert name in outcome.summary()
    # Where the line goes, so does the file of the last run.
    monkeypatch.setattr(output_set, "OUTPUTS", (line, *output_set.OUTPUTS[:-1]))
    monkeypatch.setattr(sys.modules["area_names"], "write_names", lambda published, path: None)
    run_project(town, periods=["2024"], report=Report())
    assert not list(town.rglob(name)) and (outcome.folder / "run.json").exists()


def test_every_name_is_in_one_line_whose_function_is_there() -> None:
    names = [(set_, name) for output in output_set.OUTPUTS for set_ in output.sets for name in output.names]
    assert len(names) == len(set(names))
    for output in output_set.OUTPUTS:
        assert callable(output.function), output.writer


def test_no_other_module_lists_the_files() -> None:
    """A file's name is in the list, and elsewhere only in words for a reader (docstrings and messages)."""
    names = [re.escape(name) for output in output_set.OUTPUTS for name in output.names if "*" not in name]
    quoted = re.compile(rf"[\"']({'|'.join(names)})[\"']")
    lists = {f"geo_bosoc/{room}outputs" for room in ("", "balance/", "bottom_up/", "follow_up/")}
    lists.add("geo_bosoc/outputs/documents")
    for path in sorted((ROOT / "geo_bosoc").rglob("*.py")):
        found = quoted.findall(path.read_text(encoding="utf-8"))
        is_list = path.parent.relative_to(ROOT).as_posix() in lists and path.stem in (
            "registry",
            "__init__",
            "frames",
        )
        is_reader = "attack" in path.parts  # of a written set, as somebody outside reads it
        assert is_list or is_reader or not found, path


def test_the_guide_names_the_files_of_a_run() -> None:
    table = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("| file | for |")[2].partition("\n\n")[0]
    )
    assert set(re.findall(r"`(\w+\.\w+)`", table)) == {
        name for output in OUTPUTS if "public" in output.sets for name in output.names
    }


def test_a_summary_counts_what_lies_in_folders_of_a_set() -> None:
    maps, internal = Path("maps"), Path("maps-internal")
    public = [maps / "categories.csv", maps / "profiles" / "0001.docx", maps / "profiles" / "0002.docx"]
    lines = file_lines([*public, internal / "categories.csv", internal / "profiles" / "0001.docx"], maps)
    assert lines[0] == "Wrote categories.csv, profiles/ (2 files) to maps."
    assert lines[1].startswith("Wrote 2 files of the internal set to maps-internal")
    assert len(file_lines(public, maps)) == 1
