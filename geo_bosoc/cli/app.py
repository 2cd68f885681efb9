"""The commands. Nothing below this file knows that there is a command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from geo_bosoc.atomic_write.checks import check_output_file
from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.cli.attack import HELP as ATTACK_HELP
from geo_bosoc.cli.attack import attack
from geo_bosoc.cli.options import (
    LanguageOption,
    ModelOption,
    OutputOption,
    PeriodOption,
    ProjectOption,
    check_language,
    console,
    one_period,
    run_and_exit,
    say,
    show_problems,
    warnings_first,
)
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import as_language

if TYPE_CHECKING:
    pass


class StudyOutcome(Protocol):
    """What a study by itself returns."""

    def summary(self) -> str: ...


app = typer.Typer(
    name="geo-bosoc",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which neighbourhoods need help, and why: from area boundaries and registers to category maps, tables and "
    "explanations.\n\nStart with 'geo-bosoc demo my-demo', then 'geo-bosoc run --project my-demo': a whole made-up "
    "municipality to look at. For your own: 'geo-bosoc init my-project', edit its bosoc.toml, 'geo-bosoc check', "
    "'geo-bosoc run'.\n\nExit codes: 0 done, 1 input or configuration wrong, or the files cannot be written, 2 wrong "
    "usage, 3 a fault in the program, 130 interrupted.",
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
            unguarded=show_small_numbers,
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
        typer.echo(f"{entry.id:<22} {entry.version:<12} {entry.kind:<7} {entry.label('en')}")


@models_app.command("show")
def models_show(
    model: Annotated[str, typer.Argument(help="A model's id, or the path of a model file.")],
    lang: LanguageOption = "en",
) -> None:
    """Explain one model in words: its rules, their sources, what is an assumption, and the columns it needs."""
    from geo_bosoc.models import describe_model, load_model

    check_language(lang)
    typer.echo(describe_model(load_model(model), as_language(lang or "en")))


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


@app.command()
def categorise(
    table: Annotated[
        Path,
        typer.Argument(
            help="A CSV, workbook, Parquet or JSON file with one row an area and year, figures as they were published."
        ),
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", help="A model's id (see 'geo-bosoc models'), or a file.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", readable=False, help="Write a CSV here; else it goes to standard output."
        ),
    ] = None,
    lang: LanguageOption = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(
            "--assume", help="Take this gate as passed where its figure is missing, such as residents."
        ),
    ] = None,
    without_origin: Annotated[
        bool, typer.Option("--without-origin", help="Leave residents' origin out of the model.")
    ] = False,
    yearly: Annotated[
        bool, typer.Option("--yearly", help="The figures are single years': average them as the model says.")
    ] = False,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            help="Earlier lists, for 'five years in a row': a CSV with area and year of each listing (years that "
            "occur are whole lists), or 'published' for the national lists 2012 and 2015-2019.",
        ),
    ] = None,
    municipality: Annotated[
        str | None, typer.Option("--municipality", help="The text that marks the municipality's own row.")
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option("--missing", help="A further mark for missing values, such as -1.")
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", help="A column of percentages that holds shares: 0.25 is 25 %."),
    ] = None,
    per_cent: Annotated[
        list[str] | None,
        typer.Option("--per-cent", help="A column of percentages of which no value passes 1."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="A workbook's sheet, by name or number; else the first.")
    ] = None,
) -> None:
    """Categorise a table of finished figures as it is, with no boundaries or registers.

    'geo-bosoc models show ID' names the columns that a model reads. A figure that is missing or was withheld leaves the
    category undetermined, and the answer says which figure would settle it.
    """
    from geo_bosoc.models import categorise_table, load_model, read_history
    from geo_bosoc.outputs.columns import FINISHED_KEYS, finished_table
    from geo_bosoc.outputs.csv_tables import csv_text, write_csv

    check_language(lang)
    report = Report()
    if output is not None:
        inputs = [table, Path(model), *([Path(history)] if history else [])]
        check_output_file(output, report, inputs=inputs, columns=FINISHED_KEYS)
        report.raise_errors()
    chosen = load_model(model)
    with warnings_first(report):
        categorised = categorise_table(
            table,
            chosen,
            origin=not without_origin,
            yearly=yearly,
            assume=tuple(assume or ()),
            history=None if history is None else read_history(history, chosen),
            municipality=municipality,
            missing=tuple(missing or ()),
            shares=tuple(share or ()),
            per_cent=tuple(per_cent or ()),
            sheet=int(sheet) if sheet is not None and sheet.isdigit() else sheet,
            report=report,
        )
        report.raise_errors()
    show_problems(report.problems)
    language = as_language(lang or "en")
    finished = finished_table(categorised, language)
    if categorised.model.notice(language):
        say(categorised.model.notice(language))
        say(categorised.model.case_state(language))
    if output is None:
        typer.echo(csv_text(finished, language), nl=False)
    else:
        write_csv(finished, output, language)
        say(f"wrote {output}")


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
    show_small_numbers: Annotated[
        bool, typer.Option("--unguarded", help="Show small numbers, and say so in every file.")
    ] = False,
) -> None:
    """Places that staff named and places that nobody named, verified: the steering group's files (internal only)."""
    from geo_bosoc.project.studies.runs import run_bottom_up

    only_period = one_period(period, "places are found in one period")
    _run_study(
        run_bottom_up, project, period=only_period, output=output, language=lang, unguarded=show_small_numbers
    )


app.command(help=ATTACK_HELP)(attack)


@app.command()
def publish(
    folder: Annotated[
        Path, typer.Argument(help="A new folder for the copy, outside of the output folder.", metavar="DIR")
    ],
    project: ProjectOption = Path("bosoc.toml"),
) -> None:
    """Put the public set aside as it is published, so that the next runs can be made consistent with it."""
    from geo_bosoc.project.sets.publish import publish_project

    with plain_errors(folder), console.status("copying ..."):
        publication = publish_project(project, folder)
    say(publication.summary())


def _run_study(run_study: Callable[..., StudyOutcome], project: Path, **settings: Any) -> None:
    """Run a study by itself; its warnings and what it wrote are shown at the end."""
    from geo_bosoc.progress import Steps

    check_language(settings["language"])
    report = Report()
    with warnings_first(report), Steps(console) as steps:
        outcome = run_study(project, report=report, progress=steps, **settings)
    show_problems([problem for problem in report.problems if problem.level != "note"])
    say(outcome.summary())


def main() -> None:
    """Run the command line; every way out has an exit code that means something."""
    run_and_exit(app)


if __name__ == "__main__":
    main()
