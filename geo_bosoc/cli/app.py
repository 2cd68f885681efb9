"""The commands. Nothing below this file knows that there is a command line."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from geo_bosoc.atomic_write.write import plain_errors
from geo_bosoc.cli.categorise import categorise
from geo_bosoc.cli.options import (
    EXIT_FAULT,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    LanguageOption,
    ModelOption,
    OutputOption,
    PeriodOption,
    ProjectOption,
    check_language,
    console,
    one_period,
    say,
    show_problems,
    warnings_first,
)
from geo_bosoc.problems import InputError, Report


class StudyOutcome(Protocol):
    """What a study by itself returns."""

    def summary(self) -> str: ...


USAGE_ERROR: Any = typer.BadParameter.__bases__[0]
"""Typer's base of every wrong usage; it lives in click or in Typer itself, depending on the version."""

app = typer.Typer(
    name="geo-bosoc",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which neighbourhoods need help, and why: from area boundaries and registers to category maps, tables and "
    "explanations.\n\nStart with 'geo-bosoc demo my-demo', then 'geo-bosoc run --project my-demo': a whole made-up "
    "municipality to look at. For your own: 'geo-bosoc init my-project', edit its bosoc.toml, 'geo-bosoc check', "
    "'geo-bosoc run'.\n\nExit codes: 0 done, 1 input or configuration wrong, 2 wrong usage, 3 a fault in the "
    "program, 130 interrupted.",
)
models_app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False, help="List the models, or explain one."
)
app.add_typer(models_app, name="models")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The new project's folder.")] = Path(),
) -> None:
    """Write a commented bosoc.toml, and folders for boundaries and registers, to start your own project."""
    from geo_bosoc.project.template import repository_above, write_template

    with plain_errors(folder):
        written = write_template(folder)
    for path in written:
        say(f"wrote {path}")
    if (above := repository_above(folder)) is not None:
        say(f"This folder lies inside the git repository {above}: keep people's data outside of it.")
    say("Next: put your files in data/, edit bosoc.toml, and run 'geo-bosoc check'.")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the made-up municipality is written.")] = Path(
        "bosoc-demo"
    ),
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="The same people as municipalities get them: extracts by person, linked files, lists, workbooks.",
        ),
    ] = False,
) -> None:
    """Write a made-up municipality of 100,000 people with a project file that runs on it."""
    from geo_bosoc.demo import write_demo, write_raw_demo

    with plain_errors(folder), console.status("making up a municipality ..."):
        if raw:
            write_raw_demo(folder)
        else:
            write_demo(folder)
    say(f"wrote the demo to {folder}. Next: geo-bosoc run --project {folder}")


@app.command()
def check(
    project: ProjectOption = Path("bosoc.toml"), period: PeriodOption = None, model: ModelOption = None
) -> None:
    """Do all that 'run --internal' does but write: every problem is listed, nothing is changed."""
    from geo_bosoc.progress import Steps
    from geo_bosoc.project import check_project

    report = Report()
    with warnings_first(report), Steps(console) as steps:
        check_project(project, periods=period, model=model, report=report, progress=steps)
    show_problems(report.problems)
    warned = len(report.warnings)
    say(f"All counted; {warned} warning{'' if warned == 1 else 's'}. 'geo-bosoc run' makes the maps.")


@app.command()
def run(
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    lang: LanguageOption = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Also write the internal set, stamped, to OUTPUT/internal.")
    ] = False,
    unguarded: Annotated[
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
    if unguarded and not internal:
        raise typer.BadParameter(
            "goes with --internal: the public set is always guarded", param_hint="--unguarded"
        )
    report = Report()
    with warnings_first(report), Steps(console) as steps:
        outcome = run_project(
            project,
            periods=period,
            output=output,
            model=model,
            language=lang,
            internal=internal,
            unguarded=unguarded,
            report=report,
            progress=steps,
        )
    show_problems([problem for problem in report.problems if problem.level != "note"])
    say(outcome.summary())


@models_app.callback()
def models(context: typer.Context) -> None:
    """List the models that come with geo_bosoc."""
    if context.invoked_subcommand is None:
        models_list()


@models_app.command("list")
def models_list() -> None:
    """List the models that come with geo_bosoc, the Danish ones first."""
    from geo_bosoc.models import list_models

    for entry in list_models():
        typer.echo(f"{entry.id:<22} {entry.version:<12} {entry.kind:<7} {entry.label_en}")


@models_app.command("show")
def models_show(
    model: Annotated[str, typer.Argument(help="A model's id, or the path of a model file.")],
    lang: LanguageOption = "en",
) -> None:
    """Explain one model in words: its rules, their sources, what is an assumption, and the columns it needs."""
    from geo_bosoc.models import describe_model, load_model

    check_language(lang)
    typer.echo(describe_model(load_model(model), "da" if lang == "da" else "en"))


@app.command()
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
    with warnings_first(report), Steps(console) as steps:
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


app.command()(categorise)


@app.command()
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
    """The mixed city: dwellings by tenure now and under the plans, segregation, and the rules kept when."""
    from geo_bosoc.project import run_balance

    only_period = one_period(period, "the balance starts from one period")
    _run_study(run_balance, project, period=only_period, output=output, language=lang, internal=internal)


@app.command("bottom-up")
def bottom_up(
    project: ProjectOption = Path("bosoc.toml"),
    period: PeriodOption = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
    unguarded: Annotated[
        bool, typer.Option("--unguarded", help="Show small numbers, and say so in every file.")
    ] = False,
) -> None:
    """Places that staff named and places that nobody named, verified: the steering group's files (internal only)."""
    from geo_bosoc.project.bottom_up_run import run_bottom_up

    only_period = one_period(period, "places are found in one period")
    _run_study(run_bottom_up, project, period=only_period, output=output, language=lang, unguarded=unguarded)


def _run_study(run_study: Callable[..., StudyOutcome], project: Path, **settings: Any) -> None:
    """Run a study by itself; its warnings and what it wrote are told at the end."""
    from geo_bosoc.progress import Steps

    check_language(settings["language"])
    report = Report()
    with warnings_first(report), Steps(console) as steps:
        outcome = run_study(project, report=report, progress=steps, **settings)
    show_problems([problem for problem in report.problems if problem.level != "note"])
    say(outcome.summary())


def main() -> None:
    """Run the command line; every way out has an exit code that means something."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console in cp1252 must not fail on an arrow
            stream.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        show_problems(list(error.problems))
        many = len(error.problems)
        say(f"{many} problem{'' if many == 1 else 's'} to fix; nothing was written.")
        sys.exit(EXIT_INPUT)
    except USAGE_ERROR as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BaseException as error:
        from geo_bosoc.registers.checks.file_faults import is_damage

        if is_damage(error):
            say(
                "A Parquet file that a register names is damaged: it cannot be read to the end. Fetch it again."
            )
            sys.exit(EXIT_INPUT)
        if not isinstance(error, Exception):
            raise
        _fault(error)
        sys.exit(EXIT_FAULT)
    if code == EXIT_INTERRUPTED:  # Typer catches Ctrl-C itself and returns this code
        say("interrupted; nothing was left half-written.")
    sys.exit(code if isinstance(code, int) else 0)


def _fault(error: Exception) -> None:
    """A fault of ours: where it happened, without the message, which may hold somebody's data."""
    if os.environ.get("GEO_BOSOC_DEBUG"):
        traceback.print_exc()
        return
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "geo_bosoc" in frame.filename]
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "unknown place"
    say(f"A fault in geo_bosoc, not in your input: {type(error).__name__} at {place}.")
    say(
        "Its message is held back because it may quote your data. GEO_BOSOC_DEBUG=1 shows it, on your own screen."
    )


if __name__ == "__main__":
    main()
