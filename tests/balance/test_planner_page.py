"""The planner's page, tried as a new user would: its commands run, its figures come out."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.problems import Report
from geo_bosoc.project import study_balance
from geo_bosoc.project.studies.runs import BalanceOutcome
from geo_bosoc.text.messages import in_language

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "planner.md"
PYTHON = ROOT / "docs" / "planner_python.md"


@pytest.fixture(scope="module")
def found() -> BalanceResults:
    return study_balance(ROOT, report=Report())


def test_its_python_gives_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = doctest.testfile(str(PYTHON), module_relative=False, encoding="utf-8")
    assert done.attempted > 8 and done.failed == 0


def test_its_answer_and_its_table(found: BalanceResults) -> None:
    page = PAGE.read_text(encoding="utf-8")
    answers = in_language(BalanceOutcome(found, ROOT / "maps", ()).summary(), "da").splitlines()
    answer = [
        line
        for line in page.splitlines()
        if line.startswith(("Tranehegnet, udviklingsplan.", "  Færrest nye"))
    ]
    assert len(answer) == 2 and answers[answers.index(answer[0]) + 1] == answer[1]
    shares = found.rules[found.rules["area_id"] == "U1"].set_index(["variant", "year"])["share_high"]
    for variant, head in (("all", "alle"), ("likely", "mindst 50 % sandsynlige"), ("decided", "besluttede")):
        row = next(line for line in page.splitlines() if line.startswith(f"| {head} |"))
        printed = [float(part.replace(",", ".")) for part in re.findall(r"([\d,]+) %", row.split("|", 2)[2])]
        assert printed == [round(100 * shares[(variant, year)], 1) for year in (2024, 2027, 2028, 2030)]
    chance = found.chances.set_index("area_id").loc["U1"]
    assert f"{round(100 * chance.chance_low)} %" in page
    letting = found.report.facts["letting"]
    assert (letting["exempt"], letting["shift"], letting["load_before"]) == (6, 35, 313)
    assert "mixed" not in set(found.inside["verdict"])


def test_its_rows_of_plans_are_those_of_the_demo() -> None:
    plans = (ROOT / "data" / "registers" / "plans.csv").read_text(encoding="utf-8-sig").replace('""', "")
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"P0\d;", line)]
    assert len(rows) == 3
    for row in rows:
        assert row in plans


def test_what_would_be_enough_is_what_python_prints() -> None:
    printed = re.search(r"^\[(\(.*\))\]$", PYTHON.read_text(encoding="utf-8"), re.MULTILINE)
    assert printed
    numbers = {int(number) for number in re.findall(r"\d+", printed.group(1))}
    assert numbers == {
        int(number) for number in re.findall(r"\*\*(\d+)\*\*", PAGE.read_text(encoding="utf-8"))
    }
