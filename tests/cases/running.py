"""How a case of ``$GEO_BOSOC_DATA/cases`` is tried: in a copy, and what came of it in a form that tests can ask."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import geo_bosoc as gb

DATA = os.environ.get("GEO_BOSOC_DATA")
CASES = Path(DATA) / "cases" if DATA else None
NEEDS_CASES = pytest.mark.skipif(
    CASES is None or not CASES.is_dir(), reason="GEO_BOSOC_DATA is not set: the cases lie there"
)


Test = Callable[[Path], None]
TESTS: dict[str, tuple[str, Test]] = {}


def right(case: str, part: str = "") -> Callable[[Test], Test]:
    """The function tells whether the case is right; it is given a copy of the case's folder."""

    def add(function: Test) -> Test:
        TESTS[f"{case[:2]}:{part}" if part else case[:2]] = (case, function)
        return function

    return add


@dataclass(frozen=True)
class Tried:
    """What a run of a project gave: figures, or the errors that stopped it."""

    report: gb.Report
    errors: tuple[gb.Problem, ...] = ()
    categories: pd.DataFrame | None = None
    findings: gb.Results | None = None

    @property
    def problems(self) -> list[gb.Problem]:
        """Everything that was said, the errors first."""
        return [*self.errors, *(one for one in self.report.problems if one not in self.errors)]

    def said(self, *words: str, level: str | None = None) -> list[gb.Problem]:
        """The problems that hold every one of these words, wherever in them (case makes no difference)."""
        return said(self.problems, *words, level=level)

    def figure(self, area: str, period: str, column: str) -> Any:
        """A cell of ``categories.csv``; None where it is empty."""
        assert self.categories is not None, f"no figures: {[str(one) for one in self.errors]}"
        rows = self.categories
        row = rows[(rows["area_id"] == area) & (rows["period"] == period)]
        assert len(row) == 1, f"{area} in {period} has {len(row)} rows"
        value = row.iloc[0][column]
        return None if pd.isna(value) else value

    def share(self, area: str, period: str, indicator: str) -> Fraction | None:
        """Numerator over denominator, exactly; None where the value is empty. The value must be the same."""
        value = self.figure(area, period, f"{indicator}_value")
        if value is None:
            return None
        exact = Fraction(
            int(self.figure(area, period, f"{indicator}_numerator")),
            int(self.figure(area, period, f"{indicator}_denominator")),
        )
        assert float(exact) == pytest.approx(value)
        return exact

    def reference(self, reference: str, period: str, indicator: str) -> Fraction | None:
        """The share of a reference area such as ``@areas``; None where it has no value."""
        assert self.findings is not None, f"no figures: {[str(one) for one in self.errors]}"
        table = self.findings.reference_areas
        rows = table[
            (table["area_id"] == reference) & (table["period"] == period) & (table["indicator"] == indicator)
        ]
        if rows.empty or rows["value"].isna().all():
            return None
        assert len(rows) == 1
        return Fraction(int(rows.iloc[0]["numerator"]), int(rows.iloc[0]["denominator"]))


def said(problems: Any, *words: str, level: str | None = None) -> list[gb.Problem]:
    """Those of `problems` that hold every one of the words."""
    return [
        one
        for one in problems
        if (level is None or one.level == level)
        and all(word.casefold() in str(one).casefold() for word in words)
    ]


def copied(case: str, into: Path) -> Path:
    """A copy of a case's folder, which a test may change."""
    assert CASES is not None
    folder = into / case
    shutil.copytree(CASES / case, folder)
    return folder


def run(folder: Path) -> Tried:
    """``geo-bosoc run --internal --unguarded`` in this process; the figures are those of the internal CSV."""
    report = gb.Report()
    try:
        outcome = gb.run_project(
            folder / "bosoc.toml", internal=True, unguarded=True, language="en", report=report
        )
    except gb.InputError as error:
        return Tried(report, error.problems)
    internal = [path for path in outcome.files if path.name == "categories.csv" and "internal" in str(path)]
    assert len(internal) == 1
    table = pd.read_csv(internal[0], dtype={"area_id": str, "period": str}, encoding="utf-8-sig")
    return Tried(report, (), table, outcome.results)


def check(folder: Path) -> Tried:
    """``geo-bosoc check`` in this process."""
    from geo_bosoc.project import check_project

    report = gb.Report()
    try:
        check_project(folder / "bosoc.toml", report=report)
    except gb.InputError as error:
        return Tried(report, error.problems)
    return Tried(report)


def read(path: Path, **spec: Any) -> tuple[pd.DataFrame | None, list[gb.Problem]]:
    """`read_register`, collected; no frame where it ended with errors."""
    report = gb.Report()
    try:
        frame = gb.read_register(path, report=report, **spec).collect().to_pandas()
    except gb.InputError as error:
        return None, [*error.problems, *report.problems]
    return (None if report.errors else frame), report.problems


def areas(path: Path, **spec: Any) -> tuple[Any, list[gb.Problem]]:
    """`read_areas`; no frame where it ended with errors."""
    report = gb.Report()
    try:
        frame = gb.read_areas(path, report=report, **spec)
    except gb.InputError as error:
        return None, [*error.problems, *report.problems]
    return (None if report.errors else frame), report.problems


@dataclass(frozen=True)
class Command:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


def command(folder: Path, *arguments: str) -> Command:
    """``geo-bosoc`` in this process, as its `main` runs it: its exit code, and what it wrote."""
    from geo_bosoc.cli import app

    out, told = io.StringIO(), io.StringIO()
    before, argv = Path.cwd(), sys.argv
    os.chdir(folder)
    sys.argv = ["geo-bosoc", *arguments]
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(told),
        ):
            app.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        os.chdir(before)
        sys.argv = argv
    return Command(code, out.getvalue(), told.getvalue())


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """A small program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
