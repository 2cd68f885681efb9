"""The yearly run: locate, count, rate, categorise, protect, show - in that order, and never back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import (
    MUNICIPALITY,
    Language,
    OutputSet,
    PublishedResults,
    Results,
)
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators import indicator_table
from geo_bosoc.memory import give_back
from geo_bosoc.models import Categorisation
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS, FLAG_COLUMNS
from geo_bosoc.problems import (
    InputError,
    Report,
    add_problems,
    read_or_none,
)
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance import study_balance
from geo_bosoc.project.balance_run import BALANCE_FACTS, BALANCE_FILES, write_balance_set
from geo_bosoc.project.checking_studies import check_studies
from geo_bosoc.project.inputs import RESIDENTS, check_output, read_inputs
from geo_bosoc.project.models_used import categorise_all, with_doubt
from geo_bosoc.project.output_set import (
    FILES,
    WORKBOOKS,
    Outcome,
    write_set,
)
from geo_bosoc.project.over_base import tell_over_bases
from geo_bosoc.project.period_steps import tell_period_steps
from geo_bosoc.project.sources import internal_indicators, sources_of
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.tally import label_registers, tally
from geo_bosoc.project.unmet import tell_unmet
from geo_bosoc.project.worker import Worker
from geo_bosoc.registers.governance import check_custody

if TYPE_CHECKING:
    from geo_bosoc.bottom_up.results import BottomUpResults

_MANY_FIGURES = 10_000
"""From so many figures on, the workbook is written by a worker process, which takes a second to start."""


def analyse(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Results:
    """Everything a run finds, on true counts, for analysts; no output is written and nothing is guarded.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    return analyse_and_categorise(
        project,
        periods=periods,
        model=model,
        language=language,
        report=report,
        progress=progress,
    )[0]


def analyse_and_categorise(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    doubt: bool = False,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
    worker: Worker | None = None,
) -> tuple[Results, tuple[Categorisation, ...]]:
    """As `analyse`, with each model's categorisation, which explanations are made from.

    With `doubt` the categories say how sure they are; with `internal` they hold each area's smallest change too.
    `worker` is started as soon as it is known that there will be much to write.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    steps.step("project file", 1, 6)
    loaded = project if isinstance(project, Project) else load_project(project)
    steps.step("reading boundaries and registers", 2, 6)
    wanted = tuple(periods or loaded.spec.run.periods)
    inputs = read_inputs(
        loaded,
        own,
        model=model,
        periods=wanted,
        progress=steps,
        counted_by_address=True,
    )
    steps.step("locating addresses", 3, 6)
    labels = label_registers(inputs, own)
    inputs = replace(inputs, addresses=None)  # labels have taken their place
    own.raise_errors()
    give_back()
    steps.step("counting", 4, 6)
    _start(worker, len(inputs.areas) * len(inputs.indicators) * len(wanted))
    counts, yard_counts = tally(
        inputs,
        labels,
        periods=wanted,
        rows=loaded.spec.reference.rows,
        report=own,
        executor=loaded.spec.run.where_counted,
        progress=steps,
    )
    tell_unmet(counts, yard_counts, inputs, own)
    tell_over_bases(counts, yard_counts, inputs, own, minimum=loaded.spec.protect.minimum)
    give_back()
    steps.step("categorising", 5, 6)
    _start(worker, len(counts))  # where the project file names no periods
    reference = yard_counts[yard_counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts, inputs.indicators, reference)
    yardsticks = indicator_table(yard_counts, inputs.indicators, reference)
    tell_period_steps(inputs, table, yardsticks, own, minimum=loaded.spec.protect.minimum)
    done = categorise_all(table, yardsticks, inputs.uses, inputs.indicators, own)
    own.raise_errors()
    names = [indicator.id for indicator in inputs.shown]
    spec = loaded.spec.project
    told_in: Language = "en" if (language or spec.language) == "en" else "da"
    told = [one.categories for one in done]
    if doubt:
        told = [
            with_doubt(
                one,
                told_in,
                internal=internal,
                table=table,
                indicators=inputs.indicators,
                minimum=loaded.spec.protect.minimum,
            )
            for one in done
        ]
    findings = Results(
        name=spec.name,
        language=told_in,
        made_up=spec.made_up,
        municipality=spec.municipality,
        internal_indicators=internal_indicators(inputs),
        internal_registers=frozenset(
            name for name, register in loaded.spec.registers.items() if register.publish == "internal"
        ),
        areas=inputs.areas,
        context={
            **({"municipality": inputs.outline} if inputs.outline is not None else {}),
            **inputs.context,
        },
        indicators=inputs.shown,
        table=table[table["indicator"].isin(names)].reset_index(drop=True),
        reference_areas=yardsticks[yardsticks["indicator"].isin(names)].reset_index(drop=True),
        residents=_residents(table),
        models=tuple(one.model for one in done),
        categories=_below(told, CATEGORY_COLUMNS),
        criteria=_below([one.criteria for one in done], CRITERIA_COLUMNS),
        flags=_below([one.flags for one in done], FLAG_COLUMNS),
        sources=sources_of(inputs, counts, told_in),
        report=own,
    )
    return findings, done


def _start(worker: Worker | None, figures: int) -> None:
    """Start the worker, once, where so many figures are worth it."""
    if worker is not None and figures > _MANY_FIGURES:
        worker.start()


@dataclass(frozen=True)
class Study:
    """All that a run finds, and what of it may be shown: what is left to do is to write it."""

    findings: Results
    shown: Mapping[OutputSet, PublishedResults]
    balance: BalanceResults | None = None
    bottom_up: BottomUpResults | None = None


def study_project(
    project: Project,
    *,
    periods: Collection[str] | None = None,
    output: Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report,
    progress: Progress | None = None,
    worker: Worker | None = None,
) -> Study:
    """Every stage of a run but the writing, which `check_project` and `run_project` share.

    What is wrong is told in one order: custody and output folder, the project's files, what was located and counted,
    the studies. A study whose registers cannot be read is looked at as far as its own files go.

    Parameters
    ----------
    internal : the internal set too, and what goes into it alone: the bottom-up study.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    spec = project.spec
    check_custody(spec.registers, report, today=date.today(), made_up=spec.project.made_up)
    check_output(project, output, report)
    try:
        findings, _ = analyse_and_categorise(
            project,
            periods=periods,
            model=model,
            language=language,
            doubt=True,
            internal=internal,
            report=report,
            progress=progress,
            worker=worker,
        )
    except InputError as error:
        add_problems(report, error.problems)
        check_studies(project, tuple(periods or spec.run.periods), report)
        raise InputError(report.errors) from None
    balance = _balance(project, findings, language, report)
    bottom_up = _bottom_up(project, findings, report, guard=not unguarded) if internal else None
    report.raise_errors()
    sets: tuple[OutputSet, ...] = ("public", "internal") if internal else ("public",)
    minimum = spec.protect.minimum
    shown = {
        each: suppress(findings, each, minimum, guard=not (unguarded and each == "internal")) for each in sets
    }
    return Study(findings, shown, balance, bottom_up)


def run_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    output: str | Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Run a project from its files to the maps, tables and workbook in its output folder.

    Parameters
    ----------
    project : a project file, its folder, or a loaded `Project`.
    periods, output, model, language : instead of what the project file says.
    internal : write the internal set too, stamped, in the subfolder ``internal``.
    unguarded : show small numbers in the internal set (and say so in every file); never in the public one.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files. Nothing is written then.
    OutputNotWritten
        A file of the last run is open in another program, or the disk is full. The old set is kept whole.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    loaded = project if isinstance(project, Project) else load_project(project)
    folder = Path(output) if output is not None else loaded.output
    with Worker(WORKBOOKS) as worker:
        study = study_project(
            loaded,
            periods=periods,
            output=folder if output is not None else None,
            model=model,
            language=language,
            internal=internal,
            unguarded=unguarded,
            report=own,
            progress=steps,
            worker=worker,
        )
        steps.step("writing maps and tables", 6, 6)
        balance, minimum = study.balance, loaded.spec.protect.minimum
        files = FILES if balance is None else (*FILES[:-1], *BALANCE_FILES, FILES[-1])
        prefixes = {each: "" if each == "public" else "internal/" for each in study.shown}
        owned = [f"{prefix}{name}" for prefix in prefixes.values() for name in files]
        owned += _bottom_up_names(study, folder)
        # After an error the worker ends before the folder that it writes to is taken away.
        with OutputFolder(folder, owned=owned) as out, worker:
            _write_bottom_up(study, out, minimum)
            for output_set, shown in study.shown.items():
                prefix = prefixes[output_set]
                if balance is not None:
                    write_balance_set(balance, out, output_set, prefix=prefix, minimum=minimum)
                write_set(shown, out, loaded, prefix=prefix, progress=steps, worker=worker)
    return Outcome(study.findings, folder, tuple(folder / name for name in owned if (folder / name).exists()))


def _balance(
    project: Project, results: Results, language: str | None, report: Report
) -> BalanceResults | None:
    """The study of balance, where the project has one; its problems join the run's."""
    if project.spec.balance is None:
        return None
    own = Report()
    last = results.periods[-1] if results.periods else None
    balance = read_or_none(lambda: study_balance(project, period=last, language=language, report=own), own)
    add_problems(report, own.problems)
    report.facts["balance"] = {name: own.facts[name] for name in BALANCE_FACTS if name in own.facts}
    return balance


def _bottom_up(
    project: Project, results: Results, report: Report, *, guard: bool = True
) -> BottomUpResults | None:
    """The bottom-up study, where the project has one; its problems join the run's."""
    if project.spec.bottom_up is None:
        return None
    from geo_bosoc.project.bottom_up import study_bottom_up  # slow to import, and not in every project

    own = Report()
    below = read_or_none(lambda: study_bottom_up(project, results, guard=guard, report=own), own)
    add_problems(report, own.problems)
    return below


def _bottom_up_names(study: Study, folder: Path) -> list[str]:
    """The names of the bottom-up files; all of them are internal."""
    if study.bottom_up is None:
        return []
    from geo_bosoc.bottom_up.outputs.write import bottom_up_names

    return bottom_up_names(study.bottom_up, folder)


def _write_bottom_up(study: Study, out: OutputFolder, minimum: int) -> None:
    if study.bottom_up is not None:
        from geo_bosoc.bottom_up.outputs.write import write_bottom_up_set

        write_bottom_up_set(study.bottom_up, out, minimum=minimum)


def _below(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Frames of several models one below the other; without a model, no rows."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _residents(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["indicator"] == RESIDENTS) & (table["status"] == "ok")]
    frame = rows[["area_id", "period", "numerator"]].rename(columns={"numerator": "residents"})
    return frame.astype({"residents": "int64"}).reset_index(drop=True)
