"""Lists of services and predicates of the bottom-up study that do not fit the registers. Made-up data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.project import check_project

SERVICE = """
[[service]]
id = "job_centre"
label_da = "Jobcenter"
label_en = "Job centre"
eligible = "ELIGIBLE"
"""


def own_list(project: Path, head: str = "", eligible: str = "age >= 18") -> None:
    (project / "services.toml").write_text(head + SERVICE.replace("ELIGIBLE", eligible), encoding="utf-8")


def kinds(project: Path) -> pl.Series:
    return pl.read_parquet(project / "data" / "registers" / "cases.parquet")["service"]


def problems(project: Path) -> list[Problem]:
    report = Report()
    try:
        check_project(project, internal=True, report=report)
    except InputError as error:
        return [*report.warnings, *error.problems]
    return report.warnings


def test_kinds_that_the_list_does_not_know_are_named_and_counted(changed: Callable[..., Path]) -> None:
    project = changed('services = "services.toml"')
    own_list(project)
    with pytest.raises(InputError) as told:
        check_project(project, internal=True, report=Report())
    (problem,) = told.value.problems
    assert (problem.level, problem.file, problem.column, problem.key) == (
        "error",
        "cases.parquet",
        "service",
        "bottom_up.services",
    )
    unknown = kinds(project).filter(kinds(project) != "job_centre")
    assert problem.count == len(unknown) > 0
    assert all(name in problem.message for name in unknown.unique()) and "job_centre" not in problem.message
    assert 'unknown_names = "ignore"' in str(problem.hint)


def test_a_slip_in_the_cases_is_told_with_the_list_that_ships(changed: Callable[..., Path]) -> None:
    project = changed()
    file = project / "data" / "registers" / "cases.parquet"
    cases = pl.read_parquet(file)
    slip = pl.when(pl.col("service") == "job_centre").then(pl.lit("Job_centre")).otherwise(pl.col("service"))
    cases.with_columns(service=slip).write_parquet(file)
    (problem,) = [one for one in problems(project) if one.key == "bottom_up.services"]
    assert problem.level == "error" and "Job_centre" in problem.message
    assert problem.count == int((cases["service"] == "job_centre").sum())


def test_other_kinds_may_be_left_out_and_values_that_nobody_has_are_told(
    changed: Callable[..., Path],
) -> None:
    project = changed(
        'services = "services.toml"', 'dwellings = "dwellings"', "institutions = 'bbr_use IN (160, 999)'"
    )
    own_list(project, 'unknown_names = "ignore"\n', "labour = 'Outside' OR age BETWEEN 18 AND 66")
    told = problems(project)  # in the report alone: no warning of Python's
    assert not [one for one in told if one.key == "bottom_up.services"]
    (left_out,) = [one for one in told if "the list of services does not have" in one.message]
    assert left_out.count == int((kinds(project) != "job_centre").sum())
    met = {one.key: one for one in told if "never occur" in one.message}
    who = met.pop("service.job_centre.eligible")
    assert (who.level, who.file, who.column) == ("warning", "persons_2024.parquet", "labour")
    assert "'Outside'" in who.message and "'outside'" in str(who.hint)
    where = met.pop("bottom_up.institutions")
    assert (where.level, where.file, where.column) == ("warning", "dwellings_2024.parquet", "bbr_use")
    assert where.message.startswith("160, 999 never occur") or where.message.startswith("999 never occurs")
    assert not met
