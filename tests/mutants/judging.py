"""What became of a mutant: an error or a warning that names its place, the same figures, or silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from clean_project import YEARS, Clean
from registry import TABLES, Mutant

import geo_bosoc as gb

COLUMNS = ("area_id", "period", "indicator", "numerator", "denominator", "unknown", "value", "status")


@dataclass(frozen=True)
class Result:
    """Of one run: its figures (none after an error), and all problems."""

    figures: pd.DataFrame | None
    problems: tuple[gb.Problem, ...]


def run(project: Path) -> Result:
    """All stages of a run, and nothing written."""
    report = gb.Report()
    try:
        findings = gb.analyse(project, report=report)
    except gb.InputError as error:
        return Result(None, (*error.problems, *report.warnings))
    figures = pd.concat([findings.table, findings.reference_areas])[list(COLUMNS)]
    return Result(figures.sort_values(list(COLUMNS[:3]), ignore_index=True), tuple(report.problems))


def project_of(changed: list[str]) -> str:
    """The smallest of `PROJECTS` that reads what was changed."""
    if "areas" in changed:
        return "bosoc.toml"
    return "tables.toml" if set(changed) <= set(TABLES) else "persons.toml"


def changed_files(clean: Clean, mutated: Clean) -> list[str]:
    """The names of what a mutant changed: sheets, or ``areas``."""
    names = [name for name, sheet in mutated.sheets.items() if sheet != clean.sheets[name]]
    same = len(mutated.layer) == len(clean.layer) and all(
        mutated.layer[name].tolist() == clean.layer[name].tolist() for name in clean.layer.columns
    )
    return names if same and mutated.layer.crs == clean.layer.crs else [*names, "areas"]


def verdict(clean: Clean, expected: Result, mutated: Clean, result: Result, mutant: Mutant) -> str:
    """error | warning | same | empty | a sentence that says what is wrong with it."""
    changed = changed_files(clean, mutated)
    assert changed, "the mutant changed nothing"
    told = [one for one in result.problems if _names_place(one, changed, clean, mutant)]
    if result.figures is None:
        return "error" if told else f"an error without its place: {result.problems}"
    fresh = [one for one in told if one.level == "warning" and one not in expected.problems]
    if mutant.kind == "beside another period":
        assert expected.figures is not None
        if not fresh:
            return "silent"
        both = [one for one in fresh if _both_figures(one)]
        return "warning" if both else f"a warning without both figures: {[str(one) for one in fresh]}"
    if fresh:
        return "warning"
    assert expected.figures is not None
    if result.figures.equals(expected.figures):
        return "same"
    if _only_emptied(expected.figures, result.figures):
        return "empty"
    return (
        "silent"
        if not told
        else f"only {[(one.level, str(one)) for one in told if one not in expected.problems]}"
    )


def _only_emptied(expected: pd.DataFrame, figures: pd.DataFrame) -> bool:
    """Whether areas differ only by figures that are missing or withheld, and say so."""
    keys = list(COLUMNS[:3])
    of_areas = [frame[~frame["area_id"].str.startswith("@")].set_index(keys) for frame in (expected, figures)]
    if not of_areas[0].index.equals(of_areas[1].index):
        return False
    shown = of_areas[1]["status"] == "ok"
    empty = of_areas[1].loc[~shown, "value"].isna().all()
    return bool(empty and (~shown).sum() <= 2 and of_areas[1][shown].equals(of_areas[0][shown]))


def _both_figures(problem: gb.Problem) -> bool:
    """Whether a warning holds a figure of each of two periods, or names doubled keys with their number."""
    text = problem.message
    doubled = problem.count is not None and "several rows of one period" in text
    return doubled or all(re.search(rf"\d \w* ?in {year}|\) in {year}|\d in {year}", text) for year in YEARS)


def _names_place(problem: gb.Problem, changed: list[str], clean: Clean, mutant: Mutant) -> bool:
    """File (or its key), and where in it: a row, a column, a key of the project file, an area, a value."""
    files = {clean.file(name) for name in changed}
    registers = {name.partition("_")[0] for name in changed} | set(mutant.also)
    for name in mutant.also:
        files |= {clean.file(each) for each in clean.sheets if each.partition("_")[0] == name}
    key = problem.key or ""
    by_key = any(key == f"registers.{name}" or key.startswith(f"registers.{name}.") for name in registers)
    by_key = by_key or (
        problem.level == "error" and key.startswith("indicator.")
    )  # the condition that cannot be
    by_key = by_key or ("areas" in changed and key.startswith("boundaries"))
    by_file = problem.file is not None and (
        problem.file in files or any(problem.file.replace("{period}", year) in files for year in YEARS)
    )
    return by_key or by_file
