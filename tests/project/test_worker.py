"""A worker process changes when work is done, never what comes out."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from geo_bosoc.atomic_write.errors import OutputInUse
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.project import worker as module
from geo_bosoc.project.worker import Worker

WORK = """
import os, pathlib, sys, time

from geo_bosoc.problems import InputError, Problem
from geo_bosoc.atomic_write.errors import OutputInUse

def note(path, text, *, ending="."):
    print("this line is no answer")
    pathlib.Path(path).write_text(f"{os.getpid()} {text}{ending}", encoding="utf-8")

def refuse(name):
    raise OutputInUse(name)

def problems():
    raise InputError([Problem("error", "one", file="a.csv"), Problem("error", "two", row=7)])

def die(path, here):
    if os.getpid() != here:
        os._exit(3)
    pathlib.Path(path).write_text("done here", encoding="utf-8")

def fail(here):
    raise ZeroDivisionError("here" if os.getpid() == here else "there")

def sleep(path):
    time.sleep(60)
    pathlib.Path(path).write_text("woke", encoding="utf-8")
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that both Pythons find, as they find this package: on the path of the one that asks."""
    (tmp_path / "work_for_two.py").write_text(WORK, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "work_for_two", raising=False)
    return "work_for_two"


@pytest.fixture
def here() -> int:
    return os.getpid()


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)


def test_a_started_one_does_the_work_elsewhere_and_several_times(
    tmp_path: Path, work: str, here: int
) -> None:
    with Worker(work) as worker:
        worker.start()
        waits = [worker.call(f"{work}:note", tmp_path / "one.txt", "æøå", ending="!")]
        waits[0]()
        worker.call(f"{work}:note", tmp_path / "two.txt", "again")()
    first, text = (tmp_path / "one.txt").read_text(encoding="utf-8").split()
    second = (tmp_path / "two.txt").read_text(encoding="utf-8").split()[0]
    assert text == "æøå!"
    assert first == second
    assert int(first) != here


def test_one_that_was_not_started_is_this_one(tmp_path: Path, work: str, here: int) -> None:
    with Worker(work) as worker:
        wait = worker.call(f"{work}:note", tmp_path / "one.txt", "text")
        wait()
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == f"{here} text."


def test_what_it_has_not_begun_is_done_by_whoever_waits(tmp_path: Path, work: str, here: int) -> None:
    with Worker(work) as worker:
        worker.start()
        worker.call(f"{work}:sleep", tmp_path / "late.txt")
        waits = [worker.call(f"{work}:note", tmp_path / name, "text") for name in ("one.txt", "two.txt")]
        for wait in reversed(waits):
            wait()
    for name in ("one.txt", "two.txt"):
        assert (tmp_path / name).read_text(encoding="utf-8") == f"{here} text."
    assert not (tmp_path / "late.txt").exists()


@pytest.mark.parametrize("why", ["one core", "built into another program", "frozen"])
def test_where_a_second_python_is_not_to_be_had_none_is_started(
    tmp_path: Path, work: str, here: int, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "one core":
        monkeypatch.setattr(module.os, "cpu_count", lambda: 1)
    elif why == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "qgis-bin"))
    with Worker(work) as worker:
        worker.start()
        worker.call(f"{work}:note", tmp_path / "one.txt", "text")()
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == f"{here} text."


def test_what_is_wrong_with_the_input_or_the_output_is_raised_as_it_was(work: str) -> None:
    with Worker(work) as worker:
        worker.start()
        with pytest.raises(OutputInUse) as in_use:
            worker.call(f"{work}:refuse", "categories.xlsx")()
        with pytest.raises(InputError) as wrong:
            worker.call(f"{work}:problems")()
    assert str(in_use.value) == str(OutputInUse("categories.xlsx"))
    problems = (Problem("error", "one", file="a.csv"), Problem("error", "two", row=7))
    assert wrong.value.problems == problems
    assert str(wrong.value) == str(InputError(problems))


def test_one_that_dies_costs_time_and_nothing_else(tmp_path: Path, work: str, here: int) -> None:
    with Worker(work) as worker:
        worker.start()
        worker.call(f"{work}:die", tmp_path / "one.txt", here)()
        assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "done here"
        worker.call(f"{work}:note", tmp_path / "two.txt", "and goes on")()
    assert (tmp_path / "two.txt").read_text(encoding="utf-8") == f"{here} and goes on."


def test_an_error_of_the_program_is_met_here_where_it_can_be_seen(work: str, here: int) -> None:
    with Worker(work) as worker:
        worker.start()
        with pytest.raises(ZeroDivisionError, match="here"):
            worker.call(f"{work}:fail", here)()


def test_an_interrupted_block_leaves_no_process_and_no_file(tmp_path: Path, work: str) -> None:
    began = time.monotonic()
    worker = Worker(work)
    with pytest.raises(KeyboardInterrupt), worker:
        worker.start()
        worker.call(f"{work}:note", tmp_path / "begun.txt", "begun")()
        worker.call(f"{work}:sleep", tmp_path / "one.txt")
        raise KeyboardInterrupt
    number = int((tmp_path / "begun.txt").read_text(encoding="utf-8").split()[0])
    with pytest.raises(OSError):
        os.kill(number, 0)
    assert time.monotonic() - began < 30
    assert not (tmp_path / "one.txt").exists()
