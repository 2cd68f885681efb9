"""The commands of a project: check, run, explain, the studies by themselves, and what leaves the house."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.cli.language import SPOKEN, project_language, spoken
from geo_bosoc.cli.options import (
    EXIT_INPUT,
    LanguageOption,
    ModelOption,
    OutputOption,
    PeriodOption,
    ProjectOption,
    SpokenOption,
    check_language,
    console,
    example,
    one_period,
    output_language,
    say,
    show_problems,
    warnings_first,
    write_new_file,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase

ATTACK_HELP = (
    "Attack a written public set: can anybody work out a suppressed figure from it?\n\n"
    "It does what an outsider can do who has every file of the set, the models with their bands and cut-offs, this "
    "program and its rules: for each suppressed figure it rules out the counts that do not fit what is shown - points, "
    "categories, the periods before, totals, parts of one base, areas within areas, sets published earlier - and "
    "counts how many are left. It never sees the true figures.\n\n"
    "The table has a line for each step, with what the steps before it used: how many figures have one, two, three or "
    "four values left, and how many are below what the set's policy promises ('five': at least 2 of the counts 1-4). "
    "Below it stand the worst rows, never a value, and fields that ought to be empty. The table is for internal use: "
    "it says where to look.\n\n"
    "Run it before a set leaves the house, with --earlier for each set that is out already: 'geo-bosoc attack maps "
    "--earlier archive/2023 --earlier archive/2024'.\n\n"
    "Exit codes: 0 the promise is kept, 1 it is broken, or the folder holds no public set. What is promised and what "
    "is not: docs/disclosure.md."
)
"""What --help says; a paragraph is one line, so that it is broken where the console ends."""


UNGUARDED_ALONE = "goes with --internal: the public set is always guarded"


class StudyOutcome(Protocol):
    """What a study by itself returns."""

    def summary(self) -> str: ...


def check(
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    model: ModelOption = None,
    lang: SpokenOption = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Check what 'run --internal' does, [bottom_up] among it.")
    ] = False,
) -> None:
    """Do all that 'run' does but write: every problem is listed, nothing is changed."""
    from geo_bosoc.progress import Steps
    from geo_bosoc.project import check_project

    check_language(lang)
    report = Report()
    with warnings_first(report), Steps(console, spoken) as steps:
        study = check_project(
            project, periods=period, model=model, internal=internal, report=report, progress=steps
        )
    show_problems(report.problems)
    warnings = count_text(len(report.warnings), "warning")
    command = "geo-bosoc run --internal" if internal else "geo-bosoc run"
    say(phrase("All counted; {warnings}. '{command}' makes the maps.", warnings=warnings, command=command))
    if study.left_out:
        tables = joined([f"[{name}]" for name in study.left_out])
        say(phrase("Of the internal set alone: {tables}. --internal checks that too.", tables=tables))


def run(
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    lang: LanguageOption = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Also write the internal set, stamped, to OUTPUT-internal.")
    ] = False,
    show_small_numbers: Annotated[
        bool,
        typer.Option(
            "--unguarded", help="With --internal: show small numbers there, and say so in every file."
        ),
    ] = False,
) -> None:
    """Make the year's maps, tables and workbook from the project's boundaries and registers."""
    from geo_bosoc.progress import Steps
    from geo_bosoc.project import run_project

    check_language(lang)
    if show_small_numbers and not internal:
        raise typer.BadParameter(UNGUARDED_ALONE, param_hint="--unguarded")
    report = Report()
    with warnings_first(report), Steps(console, spoken) as steps:
        outcome = run_project(
            project,
            periods=period,
            output=output,
            model=model,
            language=lang,
            internal=internal,
            unguarded=show_small_numbers,
            report=report,
            progress=steps,
        )
    show_problems(report.problems)
    say(outcome.summary())


def explain(
    area: Annotated[str, typer.Argument(help="An area's id, or its name.")],
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    model: ModelOption = None,
    lang: LanguageOption = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Also how many persons it would take; not for publication.")
    ] = False,
) -> None:
    """Say why one area has its category: each indicator's figure, its threshold, its points, and what moved it."""
    from geo_bosoc.progress import Steps
    from geo_bosoc.project import explain_area

    check_language(lang)
    report = Report()
    with warnings_first(report), Steps(console, spoken) as steps:
        text = explain_area(
            project,
            area,
            periods=period,
            model=model,
            language=lang,
            internal=internal,
            report=report,
            progress=steps,
        )
    typer.echo(text)


CLAIM_HELP = (
    "Hold a claim against the figures: a sentence with both figures, whether it holds, and whether chance could "
    "explain it.\n\nA claim is an indicator (id or name) in an area (id, name or group), a year where it is not the "
    "last one, an operator (> >= < <=, over, at least ...), and a number, a reference, or so many times a reference. "
    "References are rest (the municipality less the area), municipality, outside (the municipality outside all "
    "areas), areas, region, national, twins (the areas most like it), and other areas and groups.\n\nFor example: "
    '"health in 0012 2024 > 10 %", "youth_crime in 0012 at least 2 x rest", "health in 0012 > 0015".'
)


def claim(
    text: Annotated[str, typer.Argument(help='The claim, in quotes: "youth_crime in 0012 > 2 x rest".')],
    project: ProjectOption = Path("bosoc.toml"),
    lang: LanguageOption = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Against the internal set; not for publication.")
    ] = False,
    show_small_numbers: Annotated[
        bool, typer.Option("--unguarded", help="With --internal: small numbers too.")
    ] = False,
) -> None:
    """Hold a claim against the figures."""
    from geo_bosoc.progress import Steps
    from geo_bosoc.project.studies.follow_up import check_project_claim

    check_language(lang)
    report = Report()
    with warnings_first(report), Steps(console, spoken) as steps:
        answer, stamps = check_project_claim(
            project,
            text,
            language=lang,
            internal=internal,
            unguarded=show_small_numbers,
            report=report,
            progress=steps,
        )
    for line in stamps:
        typer.echo(line)
    typer.echo(answer.sentence)


def balance(
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal", help="Also the internal workbook: chances, what if, letting, residents by tenure."
        ),
    ] = False,
) -> None:
    """The mixed city: dwellings by tenure now and under the plans, when the rule is kept, what is missing for it."""
    from geo_bosoc.project import run_balance

    only_period = one_period(period, "the balance starts from one period")
    _run_study(run_balance, project, period=only_period, output=output, language=lang, internal=internal)


bottom_up_app = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    epilog=example("geo-bosoc bottom-up --project my-project"),
)


@bottom_up_app.callback()
def bottom_up(
    context: typer.Context,
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    show_small_numbers: Annotated[
        bool, typer.Option("--unguarded", help="Show small numbers, and say so in every file.")
    ] = False,
) -> None:
    """Places that staff named and places that nobody named, verified: the steering group's files (internal only)."""
    if context.invoked_subcommand is not None:
        for name, given in (("--period", period), ("--output", output), ("--unguarded", show_small_numbers)):
            if given:
                raise typer.BadParameter("this goes with the study, which writes no form", param_hint=name)
        context.obj = (project, lang)
        return
    from geo_bosoc.project.studies.runs import run_bottom_up

    only_period = one_period(period, "places are found in one period")
    _run_study(
        run_bottom_up, project, period=only_period, output=output, language=lang, unguarded=show_small_numbers
    )


@bottom_up_app.command("criteria", epilog=example("geo-bosoc bottom-up criteria --project my-project"))
def bottom_up_criteria(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="The new form; left out, criteria.toml in the project's folder.", metavar="FILE"),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option("--project", "-p", help="The project file, or the folder that holds bosoc.toml."),
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Write the steering group's form: the criteria for places on one page, who adopted them and when.

    The form is a TOML file with plain words beside each line. Nothing is written over.
    """
    from geo_bosoc.bottom_up.criteria_form import form_text

    project_above, lang_above = context.obj
    project, lang = project or project_above, lang or lang_above
    language = project_language(project) if lang is None else output_language(lang)
    folder = project if project.is_dir() else project.parent
    form = file or folder / "criteria.toml"
    write_new_file(form, form_text(language or output_language(None)))
    say(phrase("wrote {file}", file=form))
    named = form.resolve()
    if named.is_relative_to(folder.resolve()):
        named = named.relative_to(folder.resolve())
    say(
        phrase(
            'Next: let the steering group fill it in, and write criteria = "{file}" under [bottom_up].',
            file=named.as_posix(),
        )
    )


def follow_up(
    project: ProjectOption = Path("bosoc.toml"),
    output: OutputOption = None,
    lang: LanguageOption = None,
    internal: Annotated[
        bool,
        typer.Option("--internal", help="Also what rests on persons linked over years, and what may come."),
    ] = False,
    show_small_numbers: Annotated[
        bool, typer.Option("--unguarded", help="With --internal: show small numbers there, and say so.")
    ] = False,
) -> None:
    """What became of the areas from year to year: change, categories entered and left, goals and how they stand."""
    from geo_bosoc.project.studies.follow_up import run_follow_up

    if show_small_numbers and not internal:
        raise typer.BadParameter(UNGUARDED_ALONE, param_hint="--unguarded")
    _run_study(
        run_follow_up,
        project,
        output=output,
        language=lang,
        internal=internal,
        unguarded=show_small_numbers,
    )


def attack(
    folder: Annotated[
        Path, typer.Argument(help="The folder of a public set, as 'geo-bosoc run' wrote it.", metavar="DIR")
    ],
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--earlier",
            help="The folder of a set that was published before; may be given several times. Figures of one can give "
            "away those of another.",
            metavar="DIR",
        ),
    ] = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            "--model",
            "-m",
            help="The file of a model of your own that the set was made by; an outsider may have it.",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            min=1,
            help="Time for the integer programs; large sets need more.",
        ),
    ] = 60.0,
    lang: SpokenOption = None,
) -> None:
    """Attack a written public set: can anybody work out a suppressed figure from it? (`ATTACK_HELP` says more.)"""
    from geo_bosoc.disclosure.attack import attack as attack_set

    check_language(lang)
    with console.status(spoken("attacking ...")):
        report = attack_set(folder, earlier or (), models=model or (), seconds=seconds)
    typer.echo(report.text(SPOKEN.get()))
    if not report.promise_holds:
        say("The promise is broken: do not publish this set. This report is for internal use.")
        raise typer.Exit(EXIT_INPUT)
    say("The promise is kept. This report is for internal use.")


def publish(
    folder: Annotated[
        Path, typer.Argument(help="A new folder for the copy, outside of the output folder.", metavar="DIR")
    ],
    project: ProjectOption = Path("bosoc.toml"),
    lang: SpokenOption = None,
) -> None:
    """Put the public set aside as it is published, so that the next runs can be made consistent with it."""
    from geo_bosoc.project.sets.publish import publish_project

    check_language(lang)
    with plain_errors(folder), console.status(spoken("copying ...")):
        publication = publish_project(project, folder)
    say(publication.summary())


def _run_study(run_study: Callable[..., StudyOutcome], project: Path, **settings: Any) -> None:
    """Run a study by itself; its warnings and what it wrote are shown at the end."""
    from geo_bosoc.progress import Steps

    check_language(settings["language"])
    report = Report()
    with warnings_first(report), Steps(console, spoken) as steps:
        outcome = run_study(project, report=report, progress=steps, **settings)
    show_problems(report.problems)
    say(outcome.summary())
