"""The yearly run: locate, count, rate, categorise, protect, show - in that order, and never back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geo_bosoc.balance.findings import BalanceFindings
from geo_bosoc.collecting import rarely_collected
from geo_bosoc.findings import MUNICIPALITY, Findings, Language, OutputSet, Shown
from geo_bosoc.indicators import indicator_table
from geo_bosoc.memory import give_back
from geo_bosoc.models import Categorisation
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS, FLAG_COLUMNS
from geo_bosoc.own_process import OwnProcess
from geo_bosoc.problems import InputError, Report, add_problems, read_or_none
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance import find_balance
from geo_bosoc.project.balance_run import BALANCE_FACTS, BALANCE_FILES, write_balance_set
from geo_bosoc.project.checking_studies import check_studies
from geo_bosoc.project.custody import check_custody
from geo_bosoc.project.inputs import RESIDENTS, check_output, read_inputs
from geo_bosoc.project.kept import FOLDER
from geo_bosoc.project.located import Kept
from geo_bosoc.project.models_used import categorise_all, with_doubt
from geo_bosoc.project.output_set import FILES, WORKBOOKS, Outcome, write_set
from geo_bosoc.project.over_base import tell_over_bases
from geo_bosoc.project.period_steps import tell_period_steps
from geo_bosoc.project.sources import internal_indicators, sources_of
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.tally import place_registers, tally
from geo_bosoc.project.unmet import tell_unmet
from geo_bosoc.protect import show
from geo_bosoc.safe_write import OutputFolder

if TYPE_CHECKING:
    from geo_bosoc.bottom_up.findings import BottomUpFindings

_MANY_FIGURES = 10_000
"""From so many figures on, the workbook is written by a Python of its own, which takes a second to start."""


def find(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    fresh: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Everything a run finds, on true counts, for analysts; no output is written and nothing is guarded.

    Where the addresses lie is kept in the project's folder ``.geo_bosoc`` and used again while neither they nor the
    boundaries change; `fresh` finds it anew.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    return find_and_categorise(
        project,
        periods=periods,
        model=model,
        language=language,
        fresh=fresh,
        report=report,
        progress=progress,
    )[0]


@rarely_collected()
def find_and_categorise(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    doubt: bool = False,
    internal: bool = False,
    fresh: bool = False,
    keep: bool = True,
    report: Report | None = None,
    progress: Progress | None = None,
    beside: OwnProcess | None = None,
    until: ExitStack | None = None,
) -> tuple[Findings, tuple[Categorisation, ...]]:
    """As `find`, with each model's categorisation, which explanations are made from.

    With `doubt` the categories say how sure they are; with `internal` each area's smallest change too. `beside` is
    started when there will be much to write. With `keep`, what the next run may use is written until `until` ends.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    steps.step("project file", 1, 6)
    loaded = project if isinstance(project, Project) else load_project(project)
    steps.step("reading boundaries and registers", 2, 6)
    wanted = tuple(periods or loaded.spec.run.periods)
    kept = Kept(loaded.root / FOLDER, fresh, keep)
    inputs = read_inputs(
        loaded,
        own,
        model=model,
        periods=wanted,
        progress=steps,
        counted_by_address=True,
        meanwhile=kept,
    )
    steps.step("locating addresses", 3, 6)
    placed = place_registers(inputs, own, kept)
    meanwhile = inputs.located
    inputs = replace(inputs, addresses=None, located=None)  # labels have taken their place
    own.raise_errors()
    give_back()
    steps.step("counting", 4, 6)
    _start(beside, len(inputs.areas) * len(inputs.indicators) * len(wanted))
    counts, yard_counts = tally(
        inputs,
        placed,
        periods=wanted,
        rows=loaded.spec.reference.rows,
        report=own,
        engine=loaded.spec.run.where_counted,
        progress=steps,
        release=True,
    )
    tell_unmet(counts, yard_counts, inputs, own)
    tell_over_bases(counts, yard_counts, inputs, own, minimum=loaded.spec.protect.minimum)
    waiting = until or ExitStack()
    if meanwhile is not None:
        if keep:
            meanwhile.keep()
        waiting.callback(meanwhile.close)
    give_back()
    steps.step("categorising", 5, 6)
    _start(beside, len(counts))  # where the project file names no periods
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
    findings = Findings(
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
        yardsticks=yardsticks[yardsticks["indicator"].isin(names)].reset_index(drop=True),
        residents=_residents(table),
        models=tuple(one.model for one in done),
        categories=_below(told, CATEGORY_COLUMNS),
        criteria=_below([one.criteria for one in done], CRITERIA_COLUMNS),
        flags=_below([one.flags for one in done], FLAG_COLUMNS),
        sources=sources_of(inputs, counts, told_in),
        report=own,
    )
    if until is None:
        waiting.close()
    return findings, done


def _start(beside: OwnProcess | None, figures: int) -> None:
    """Start the second Python, once, where so many figures are worth it."""
    if beside is not None and figures > _MANY_FIGURES:
        beside.start()


@dataclass(frozen=True)
class Study:
    """All that a run finds, and what of it may be shown: what is left to do is to write it."""

    findings: Findings
    shown: Mapping[OutputSet, Shown]
    balance: BalanceFindings | None = None
    bottom_up: BottomUpFindings | None = None


@rarely_collected()
def study_project(
    project: Project,
    *,
    periods: Collection[str] | None = None,
    output: Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    fresh: bool = False,
    keep: bool = True,
    report: Report,
    progress: Progress | None = None,
    beside: OwnProcess | None = None,
    until: ExitStack | None = None,
) -> Study:
    """Every stage of a run but the writing, which `check_project` and `run_project` share.

    What is wrong is told in one order: custody and output folder, the project's files, what was located and counted,
    the studies. A study whose registers cannot be read is looked at as far as its own files go.

    Parameters
    ----------
    internal : the internal set too, and what goes into it alone: the bottom-up study.
    keep : False leaves nothing behind, not even where the addresses lie.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    spec = project.spec
    check_custody(spec.registers, report, today=date.today(), made_up=spec.project.made_up)
    check_output(project, output, report)
    try:
        findings, _ = find_and_categorise(
            project,
            periods=periods,
            model=model,
            language=language,
            doubt=True,
            internal=internal,
            fresh=fresh,
            keep=keep,
            report=report,
            progress=progress,
            beside=beside,
            until=until,
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
        each: show(findings, each, minimum, guard=not (unguarded and each == "internal")) for each in sets
    }
    return Study(findings, shown, balance, bottom_up)


@rarely_collected()
def run_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    output: str | Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    fresh: bool = False,
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
    fresh : locate the addresses anew, whatever is kept of earlier runs.

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
    with ExitStack() as until, OwnProcess(WORKBOOKS) as beside:
        study = study_project(
            loaded,
            periods=periods,
            output=folder if output is not None else None,
            model=model,
            language=language,
            internal=internal,
            unguarded=unguarded,
            fresh=fresh,
            report=own,
            progress=steps,
            beside=beside,
            until=until,
        )
        steps.step("writing maps and tables", 6, 6)
        balance, minimum = study.balance, loaded.spec.protect.minimum
        files = FILES if balance is None else (*FILES[:-1], *BALANCE_FILES, FILES[-1])
        prefixes = {each: "" if each == "public" else "internal/" for each in study.shown}
        owned = [f"{prefix}{name}" for prefix in prefixes.values() for name in files]
        owned += _bottom_up_names(study, folder)
        # After an error the second Python ends before the folder that it writes to is taken away.
        with OutputFolder(folder, owned=owned) as out, beside:
            _write_bottom_up(study, out, minimum)
            for output_set, shown in study.shown.items():
                prefix = prefixes[output_set]
                if balance is not None:
                    write_balance_set(balance, out, output_set, prefix=prefix, minimum=minimum)
                write_set(shown, out, loaded, prefix=prefix, progress=steps, beside=beside)
    return Outcome(study.findings, folder, tuple(folder / name for name in owned if (folder / name).exists()))


def _balance(
    project: Project, found: Findings, language: str | None, report: Report
) -> BalanceFindings | None:
    """The study of balance, where the project has one; its problems join the run's."""
    if project.spec.balance is None:
        return None
    own = Report()
    last = found.periods[-1] if found.periods else None
    balance = read_or_none(lambda: find_balance(project, period=last, language=language, report=own), own)
    add_problems(report, own.problems)
    report.facts["balance"] = {name: own.facts[name] for name in BALANCE_FACTS if name in own.facts}
    return balance


def _bottom_up(
    project: Project, found: Findings, report: Report, *, guard: bool = True
) -> BottomUpFindings | None:
    """The bottom-up study, where the project has one; its problems join the run's."""
    if project.spec.bottom_up is None:
        return None
    from geo_bosoc.project.bottom_up import find_bottom_up  # slow to import, and not in every project

    own = Report()
    below = read_or_none(lambda: find_bottom_up(project, found, guard=guard, report=own), own)
    add_problems(report, own.problems)
    return below


def _bottom_up_names(study: Study, folder: Path) -> list[str]:
    """The names of the bottom-up files; all of them are internal."""
    if study.bottom_up is None:
        return []
    from geo_bosoc.project import bottom_up_run

    return bottom_up_run.bottom_up_names(study.bottom_up, folder)


def _write_bottom_up(study: Study, out: OutputFolder, minimum: int) -> None:
    if study.bottom_up is not None:
        from geo_bosoc.project import bottom_up_run

        bottom_up_run.write_bottom_up_set(study.bottom_up, out, minimum=minimum)


def _below(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Frames of several models one below the other; without a model, no rows."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _residents(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["indicator"] == RESIDENTS) & (table["status"] == "ok")]
    frame = rows[["area_id", "period", "numerator"]].rename(columns={"numerator": "residents"})
    return frame.astype({"residents": "int64"}).reset_index(drop=True)
