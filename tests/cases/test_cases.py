"""Every folder of ``$GEO_BOSOC_DATA/cases`` is a test: the right value of its README, or the one clear sentence.

The truth is the README's, never our output's, and stands in the three modules beside.
What is wrong today is in `PENDING` and must fail: who mends one takes it out. Of 40 only f7a-f7e belong here.
"""

from __future__ import annotations

from pathlib import Path

import cases_of_figures
import cases_of_places
import cases_of_tables
import pytest
from running import CASES, NEEDS_CASES, TESTS, copied

assert all((cases_of_figures, cases_of_places, cases_of_tables))  # each fills TESTS

PENDING: dict[str, str] = {}


def _marked(name: str) -> object:
    marks = [pytest.mark.xfail(strict=True, reason=PENDING[name])] if name in PENDING else []
    return pytest.param(name, marks=marks, id=name)


@NEEDS_CASES
@pytest.mark.parametrize("name", [_marked(name) for name in TESTS])
def test_case(name: str, tmp_path: Path) -> None:
    case, is_right = TESTS[name]
    is_right(copied(case, tmp_path))


@NEEDS_CASES
def test_every_folder_is_tried() -> None:
    assert CASES is not None
    folders = {path.name for path in CASES.iterdir() if path.is_dir()}
    assert folders == {case for case, _ in TESTS.values()}
    assert set(PENDING) <= set(TESTS)
