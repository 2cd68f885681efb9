"""A mutation test: whatever goes wrong with a clean project's files is never a figure in silence.

From a made-up project in which nothing is wrong (three finished tables, persons with addresses, boundaries; as text
files, workbooks, Parquet and JSON with GeoJSON, GeoPackage and shapefiles) mutants are made, of three classes:

*Seen in the file*: an error, a warning that names the place (the file or its key in the project), the same figures as
of the clean project, or, where single cells were emptied or withheld, figures that are empty and say so.
    sign of a cell and of a column; factor 100 and 1000; hundredths; percentages as shares and shares among them, number
    formats of per cent; totals of classes and of areas, with and without a label; doubled rows, keys and tables; merged
    and once-written labels; titles, notes, headings, blank rows and columns, the head again; the table on its side;
    heads exchanged, renamed or without their column; columns and rows moved; hidden sheets and rows; areas, classes,
    years and the municipality's row left out, whole or in one year; wrong, shifted, provisional and short years; ids in
    another case, with blanks, marks, decimals or without their zeros; literals otherwise or in another case; decimal
    and thousands marks, units, words, faults of formulas and codes for missing in cells; other encodings and
    separators; persons twice, without key or address, of impossible age or absence; statuses in another case, word or
    none; swapped axes, other CRS, 0,0 and kilometres; areas twice, without id, of no surface, elsewhere, or not drawn.
*Seen beside another period*: a warning with both figures.
    a tenth of the rows left out or doubled (persons, tables), a column by a factor (2, 10, a half, a tenth), a status
    turned round, in one of two years.
*Not to be seen*: one event row, one day, one cell within its range, and what else ``docs/what_is_checked.md`` names.
    Not tested.

Each mutant is tried in one dress, by turns, with a place that hypothesis draws; ``GEO_BOSOC_MUTANTS=20`` draws so many
dresses and places of each.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import cell_mutants
import judging
import pytest
import row_mutants
import table_mutants
from clean_project import DRESSES, PROJECTS, Clean, make_clean, write, write_parts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from registry import MUTANTS

assert all((table_mutants, cell_mutants, row_mutants))  # each fills MUTANTS

EXAMPLES = int(os.environ.get("GEO_BOSOC_MUTANTS", "1"))
GOOD = ("error", "warning", "same")
EMPTIED = (
    "a withheld figure",
    "an empty cell",
    "an empty cell below a class",
    "a value that is not available",
)
"""Mutants that take a cell away or mark it as missing: an empty figure that says so is right of them alone."""

SILENT: dict[str, str] = {}
"""Mutants that are not seen today, and why."""

Folders = dict[str, tuple[Clean, Path, dict[str, judging.Result]]]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The clean project in each dress, written and run."""
    made: Folders = {}
    for dress in DRESSES:
        clean, folder = make_clean(dress), tmp_path_factory.mktemp(dress)
        write(clean, folder)
        made[dress] = clean, folder, {name: judging.run(folder / name) for name in PROJECTS}
    return made


def test_nothing_is_wrong_with_the_clean_project(folders: Folders) -> None:
    for dress, (_, _, results) in folders.items():
        for name, result in results.items():
            levels = {each.level for each in result.problems}
            assert result.figures is not None, (dress, name, result.problems)
            assert levels <= {"note"}, (dress, name, result.problems)
            assert (result.figures["status"] == "ok").mean() > 0.8


def test_every_dress_has_the_same_figures(folders: Folders) -> None:
    figures = [results["bosoc.toml"].figures for _, _, results in folders.values()]
    values = [sorted(frame["value"].dropna()) for frame in figures if frame is not None]
    assert len(values) == 4
    assert all(each == values[0] for each in values)


def _marked(name: str) -> object:
    marks = [pytest.mark.xfail(reason=SILENT[name])] if name in SILENT else []
    return pytest.param(name, marks=marks, id=name)


@pytest.mark.parametrize("name", [_marked(name) for name in MUTANTS])
def test_no_mutant_is_a_figure_in_silence(name: str, folders: Folders) -> None:
    mutant = MUTANTS[name]
    turn = list(MUTANTS).index(name)

    @settings(
        max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(dress=st.integers(0, len(DRESSES) - 1), place=st.integers(0, 2**20))
    def tried(dress: int, place: int) -> None:
        clean, folder, expected = folders[mutant.dresses[(turn + dress) % len(mutant.dresses)]]
        mutated = clean.copy()
        mutant.change(mutated, random.Random(f"{name} {place}"))
        changed = judging.changed_files(clean, mutated)
        project = judging.project_of(changed)
        try:
            write_parts(mutated, changed, folder)
            result = judging.run(folder / project)
        finally:
            write_parts(clean, changed, folder)
        verdict = judging.verdict(clean, expected[project], mutated, result, mutant)
        right = (*GOOD, "empty") if name in EMPTIED else GOOD
        assert verdict in right, f"{clean.dress}, place {place}: {verdict}"

    tried()
