"""The commands on models and indicators, those that ship or of a file, and on tables that a model categorises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_bosoc.atomic_write.checks import check_output_file
from geo_bosoc.cli.options import LanguageOption, check_language, say, show_problems, warnings_first
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import as_language

models_app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False, help="List the models, or explain one."
)


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
