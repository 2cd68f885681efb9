"""The yearly run: locate, count, rate, categorise, protect, show - in that order, and never back."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from geo_bosoc.balance.findings import BalanceFindings
from geo_bosoc.collecting import rarely_collected
from geo_bosoc.findings import MUNICIPALITY, Findings, Language, OutputSet, Shown
from geo_bosoc.indicators import indicator_table
from geo_bosoc.memory import give_back
from geo_bosoc.models import Categorisation
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS, FLAG_COLUMNS
from geo_bosoc.own_process import OwnProcess
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance import find_balance
from geo_bosoc.project.balance_run import BALANCE_FACTS, BALANCE_FILES, write_balance_set
from geo_bosoc.project.inputs import RESIDENTS, input_files, read_inputs
from geo_bosoc.project.kept import FOLDER
from geo_bosoc.project.located import Kept
from geo_bosoc.project.models_used import categorise_all, with_doubt
from geo_bosoc.project.sources import internal_indicators, sources_of
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.tally import place_registers, tally
from geo_bosoc.protect import show
from geo_bosoc.reports import (
    categories_table,
    write_categories_csv,
    write_criteria_csv,
    write_manifest,
)
from geo_bosoc.safe_write import OutputFolder

_MANY_FIGURES = 10_000
"""From so many figures on, the workbook is written by a Python of its own, which takes a second to start."""

WORKBOOKS = "geo_bosoc.reports.workbook"

FILES = ("risk_map.html", "categories.gpkg", "categories.csv", "criteria.csv", "categories.xlsx", "run.json")


@dataclass(frozen=True)
class Outcome:
    """What a run found and wrote."""

    findings: Findings
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it; no figure that is hidden elsewhere."""
        found = self.findings
        lines = [f"{len(found.areas)} areas, {', '.join(found.periods)}, {len(found.indicators)} indicators."]
        last = found.periods[-1] if found.periods else ""
        for model in found.models:
            rows = found.categories[
                (found.categories["model"] == model.id) & (found.categories["period"] == last)
            ]
            counts = rows["category"].value_counts()
            known = [(c.id, c.label(found.language)) for c in model.categories]
            told = [f"{counts[name]} {label}" for name, label in known if name in counts.index]
            lines.append(f"{model.id} {last}: {', '.join(told)}.")
        warned = len(found.report.warnings)
        if warned:
            lines.append(f"{warned} warning{'' if warned == 1 else 's'}: above, and in run.json.")
        names = [path.name for path in self.files if path.parent == self.folder]
        below = len(self.files) - len(names)
        also = f" and {below} files of the internal set" if below else ""
        lines.append(f"Wrote {', '.join(names)}{also} to {_from_here(self.folder)}.")
        return "\n".join(lines)


def _from_here(folder: Path) -> str:
    """A folder as seen from the working directory; on another Windows drive, whole."""
    try:
        return os.path.relpath(folder)
    except ValueError:
        return str(folder)


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
    report: Report | None = None,
    progress: Progress | None = None,
    beside: OwnProcess | None = None,
    until: ExitStack | None = None,
) -> tuple[Findings, tuple[Categorisation, ...]]:
    """As `find`, with each model's categorisation, which explanations are made from.

    With `doubt` the categories say how sure they are; with `internal` they hold each area's smallest change too.
    `beside` is started as soon as it is known that there will be much to write. What is kept for the next run is
    written in a thread, which is waited for here, or when `until` ends.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    steps.step("project file", 1, 6)
    loaded = project if isinstance(project, Project) else load_project(project)
    steps.step("reading boundaries and registers", 2, 6)
    wanted = tuple(periods or loaded.spec.run.periods)
    kept = Kept(loaded.root / FOLDER, fresh)
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
    waiting = until or ExitStack()
    if meanwhile is not None:
        meanwhile.keep()
        waiting.callback(meanwhile.close)
    give_back()
    steps.step("categorising", 5, 6)
    _start(beside, len(counts))  # where the project file names no periods
    reference = yard_counts[yard_counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts, inputs.indicators, reference)
    yardsticks = indicator_table(yard_counts, inputs.indicators, reference)
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
    OutputInUse
        A file of the last run is open in another program. The old set is kept whole.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    loaded = project if isinstance(project, Project) else load_project(project)
    with ExitStack() as until, OwnProcess(WORKBOOKS) as beside:
        found, _ = find_and_categorise(
            loaded,
            periods=periods,
            model=model,
            language=language,
            doubt=True,
            internal=internal,
            fresh=fresh,
            report=own,
            progress=steps,
            beside=beside,
            until=until,
        )
        steps.step("writing maps and tables", 6, 6)
        folder = Path(output) if output is not None else loaded.output
        sets: list[tuple[OutputSet, str]] = [("public", "")]
        if internal:
            sets.append(("internal", "internal/"))
        balance = _balance(loaded, found, language, own)
        files = FILES if balance is None else (*FILES[:-1], *BALANCE_FILES, FILES[-1])
        owned = [f"{prefix}{name}" for _, prefix in sets for name in files]
        minimum = loaded.spec.protect.minimum
        from_below = _bottom_up(loaded, found, folder, own, guard=not unguarded) if internal else None
        owned += from_below[1] if from_below is not None else []
        # After an error the second Python ends before the folder that it writes to is taken away.
        with OutputFolder(folder, owned=owned) as out, beside:
            if from_below is not None:
                from_below[0](out, minimum)
            for output_set, prefix in sets:
                guard = not (unguarded and output_set == "internal")
                shown = show(found, output_set, minimum, guard=guard)
                if balance is not None:
                    write_balance_set(balance, out, output_set, prefix=prefix, minimum=minimum)
                write_set(shown, out, loaded, prefix=prefix, progress=steps, beside=beside)
    return Outcome(found, folder, tuple(folder / name for name in owned if (folder / name).exists()))


def _balance(
    project: Project, found: Findings, language: str | None, report: Report
) -> BalanceFindings | None:
    """The study of balance, where the project has one; its warnings join the run's."""
    if project.spec.balance is None:
        return None
    own = Report()
    last = found.periods[-1] if found.periods else None
    balance = find_balance(project, period=last, language=language, report=own)
    report.problems += [problem for problem in own.problems if problem not in report.problems]
    report.facts["balance"] = {name: own.facts[name] for name in BALANCE_FACTS if name in own.facts}
    return balance


def _bottom_up(
    project: Project, found: Findings, folder: Path, report: Report, *, guard: bool = True
) -> tuple[Callable[[OutputFolder, int], None], list[str]] | None:
    """What writes the bottom-up files and their names, where the project has a [bottom_up]; all of it is internal."""
    if project.spec.bottom_up is None:
        return None
    from geo_bosoc.project import bottom_up_run
    from geo_bosoc.project.bottom_up import find_bottom_up

    own = Report()
    below = find_bottom_up(project, found, guard=guard, report=own)
    report.problems += [problem for problem in own.problems if problem not in report.problems]

    def write(out: OutputFolder, minimum: int) -> None:
        bottom_up_run.write_bottom_up_set(below, out, minimum=minimum)

    return write, bottom_up_run.bottom_up_names(below, folder)


def write_set(
    shown: Shown,
    out: OutputFolder,
    project: Project,
    *,
    beside: OwnProcess,
    prefix: str = "",
    progress: Progress | None = None,
) -> None:
    """Every file of one set of output, the workbook beside the others."""
    steps = progress or Silent()
    table = categories_table(shown)
    workbook = beside.call("write_workbook", shown, out.path(prefix + "categories.xlsx"), table=table)
    # Folium is slow to load: the workbook is begun first.
    from geo_bosoc.maps import write_geopackage, write_risk_map

    write_risk_map(shown, out.path(prefix + "risk_map.html"))
    steps.part(0.3, 1)  # shares of the time that a city's files take
    write_geopackage(shown, out.path(prefix + "categories.gpkg"))
    steps.part(0.6, 1)
    write_categories_csv(shown, out.path(prefix + "categories.csv"), table=table)
    if shown.models:
        write_criteria_csv(shown, out.path(prefix + "criteria.csv"))
    steps.part(0.7, 1)
    workbook()
    every = (*FILES, *BALANCE_FILES)
    written = {name: out.path(prefix + name) for name in every if out.path(prefix + name).exists()}
    custody = {name: spec.custody() for name, spec in project.spec.registers.items()}
    write_manifest(
        shown,
        out.path(prefix + "run.json"),
        inputs=input_files(project, periods=shown.periods),
        outputs=written,
        root=project.root,
        more={"registers": custody},
    )


def _below(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Frames of several models one below the other; without a model, no rows."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _residents(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["indicator"] == RESIDENTS) & (table["status"] == "ok")]
    frame = rows[["area_id", "period", "numerator"]].rename(columns={"numerator": "residents"})
    return frame.astype({"residents": "int64"}).reset_index(drop=True)
