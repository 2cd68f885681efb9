"""What each set takes of a run: the public one nothing that was read for the internal one, nor of its problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from geo_bosoc.disclosure.facts import REGISTER, public_problems, publishable_facts
from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.previous.published_before import PublishedBefore
from geo_bosoc.disclosure.results import Edition, OutputSet, PublishedResults, Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.problems import Problem, Report
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import (
    HOME_DATE_MARK,
    Request,
    columns_to_read,
    join_requests,
    plan_reading,
    register_of,
)
from geo_bosoc.project.spec import Project

if TYPE_CHECKING:
    from geo_bosoc.balance.results import BalanceResults


def suppressed_set(
    project: Project,
    results: Results,
    output_set: OutputSet,
    *,
    unguarded: bool = False,
    before: PublishedBefore | None = None,
    report: Report,
) -> PublishedResults:
    """What of a run's results goes into a set, by the project's policy; the public set audited where it asks for it.

    Parameters
    ----------
    project : Project
        The project.
    results : Results
        True counts.
    output_set : {"public", "internal"}
        The set.
    unguarded : bool
        Nothing is suppressed in the internal set.
    before : PublishedBefore, optional
        The set that was published before.
    report : Report
        Takes what the audit warns of.

    Raises
    ------
    InputError
        The audit finds a figure below the promise.
    """
    part = project.spec.disclosure
    if output_set == "internal":
        return suppress(results, output_set, UNSUPPRESSED if unguarded else part.rules, before=before)
    if not part.audit:
        return suppress(results, output_set, part.rules, before=before)
    from geo_bosoc.disclosure.audit import audited  # slow to import, and seldom asked for

    return audited(results, part.rules, before=before, report=report)


def report_of_public_set(
    project: Project, inputs: Inputs, report: Report, public: Sequence[Request], requests: Sequence[Request]
) -> Report:
    """A run's report as it were without the internal set: without what was read for that alone.

    Parameters
    ----------
    project : Project
        The project.
    inputs : Inputs
        What was read.
    report : Report
        Of the run so far, without what the internal studies add; not changed.
    public, requests : sequence of Request
        What studies of the public set want read, and what all want.
    """
    specs = project.spec.registers
    variants = {name: spec for name, spec in inputs.specs.items() if HOME_DATE_MARK in name}
    shared, full = (
        plan_reading(project, inputs.indicators, variants, join_requests(each), Report(), True)
        for each in (public, requests)
    )
    tables = frozenset(name for name, spec in specs.items() if spec.unit == "address")  # read for every run
    shared_names, full_names = shared.opened | tables, full.opened | tables
    files = {
        file: register_of(name.removeprefix(REGISTER))
        for name, fact in report.facts.items()
        if name.startswith(REGISTER)
        for file in fact.get("files", ())
    }
    inner_columns: dict[str, set[str]] = {}
    for name in full_names & shared_names & set(specs):
        columns = columns_to_read(project, shared, name)
        inner = columns_to_read(project, full, name) - columns
        named = {specs[name].columns.get(column, column) for column in columns}
        inner_columns[name] = {
            spelled
            for column in inner
            for spelled in (column, specs[name].columns.get(column, column))
            if spelled not in columns | named
        }

    def is_inner(problem: Problem) -> bool:
        key = (problem.key or "").split(".")
        name = (
            register_of(key[1]) if key[0] == "registers" and len(key) > 1 else files.get(problem.file or "")
        )
        if name is None or name not in full_names:
            return False
        return name not in shared_names or problem.column in inner_columns[name]

    gone = full_names - shared_names
    facts = publishable_facts(report.facts, gone, ())
    return Report(
        [problem for problem in report.problems if not is_inner(problem)],
        {name: fact for name, fact in facts.items() if register_of(name.removeprefix(REGISTER)) not in gone},
    )


def published_balance(
    results: BalanceResults, edition: Edition, table: pd.DataFrame | None = None
) -> BalanceResults:
    """The results for one set: those of the public one bear no problem that tells a number of persons.

    Parameters
    ----------
    results : BalanceResults
        On true counts.
    edition : Edition
        The set and its policy.
    table : DataFrame, optional
        The yearly run's indicator table of that set: what is suppressed there is not shown here either.
    """
    suppressed: frozenset[tuple[str, str]] = frozenset()
    if table is not None:
        rows = table[(table["period"] == results.period) & (table["status"] == "protected")]
        suppressed = frozenset(rows[["area_id", "indicator"]].itertuples(index=False, name=None))
    results = replace(results, edition=edition, suppressed=suppressed)
    if edition.internal:
        return results
    problems = public_problems(results.report.problems, results.report.facts, edition.policy.minimum)
    return replace(results, report=Report(problems, results.report.facts))
