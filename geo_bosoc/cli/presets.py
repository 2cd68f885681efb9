"""The commands on models and indicators, those that ship or of a file, and on tables that a model categorises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_bosoc.atomic_write.checks import check_output_file
from geo_bosoc.cli.options import (
    LanguageOption,
    check_language,
    example,
    output_language,
    say,
    show_problems,
    warnings_first,
    write_new_file,
)
from geo_bosoc.problems import InputError, Problem, Report, did_you_mean
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import as_language, word

if TYPE_CHECKING:
    from geo_bosoc.indicators import Indicator

models_app = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    help="List the models, explain one, or copy one to change it.",
    epilog=example("geo-bosoc models show aarhus-2018"),
)
indicators_app = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    help="List the indicators, or explain one.",
    epilog=example("geo-bosoc indicators show outside_labour_market"),
)
OwnProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-p",
        help="Also the indicators of this project: its project file, or the folder that holds it.",
    ),
]


@models_app.callback()
def models(context: typer.Context) -> None:
    """List the models that come with geo_bosoc."""
    if context.invoked_subcommand is None:
        models_list()


@models_app.command("list", epilog=example("geo-bosoc models list --lang da"))
def models_list(lang: LanguageOption = None) -> None:
    """List the models that come with geo_bosoc, the Danish ones first."""
    from geo_bosoc.models import list_models

    language = output_language(lang)
    for entry in list_models():
        typer.echo(f"{entry.id:<22} {entry.version:<12} {entry.kind:<7} {entry.label(language)}")


@models_app.command("show", epilog=example("geo-bosoc models show aarhus-2018"))
def models_show(
    model: Annotated[str, typer.Argument(help="A model's id, or the path of a model file.")],
    project: OwnProjectOption = None,
    lang: LanguageOption = None,
) -> None:
    """Explain one model in words: its rules and their sources, what is assumed, the columns and values it needs."""
    from geo_bosoc.models import describe_model, load_model

    language = output_language(lang)
    typer.echo(describe_model(load_model(model), language, indicators=_indicators(project)))


@models_app.command(
    "copy",
    epilog=example("geo-bosoc models copy aarhus-2018 --output my-model.toml"),
)
def models_copy(
    model: Annotated[str, typer.Argument(help="The model's id (see 'geo-bosoc models').")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", readable=False, help="Write a new file here; else it goes to standard output."
        ),
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Copy the file of a model, with its comments, to start one of your own from; nothing is written over."""
    from geo_bosoc.models import model_to_change

    language = output_language(lang)
    content = model_to_change(
        model, file=output.name if output is not None else f"{model}-copy.toml", language=language
    )
    if output is None:
        typer.echo(content, nl=False)
        return
    write_new_file(output, content)
    say(phrase("wrote {file}", file=output))


@indicators_app.callback()
def indicators(context: typer.Context) -> None:
    """List the indicators that come with geo_bosoc."""
    if context.invoked_subcommand is None:
        indicators_list()


@indicators_app.command("list", epilog=example("geo-bosoc indicators list --project my-project"))
def indicators_list(project: OwnProjectOption = None, lang: LanguageOption = None) -> None:
    """List the indicators: id, unit, name, what is counted, and the models that use it."""
    language = output_language(lang)
    used = _models_by_indicator()
    for indicator in _indicators(project):
        unit = word("tables", f"unit_{indicator.unit}", language)
        typer.echo(f"{indicator.id}  ({unit})  {indicator.label(language)}")
        if definition := indicator.definition(language):
            typer.echo(f"    {definition}")
        if names := used.get(indicator.id):
            typer.echo(f"    {word('indicator_descriptions', 'models', language)}: {', '.join(names)}")


@indicators_app.command("show", epilog=example("geo-bosoc indicators show outside_labour_market"))
def indicators_show(
    indicator: Annotated[str, typer.Argument(help="An indicator's id (see 'geo-bosoc indicators').")],
    project: OwnProjectOption = None,
    lang: LanguageOption = None,
) -> None:
    """Explain one indicator in words: what is counted, in which columns and values, its source, what is assumed."""
    from geo_bosoc.indicators import describe_indicator

    language = output_language(lang)
    by_id = {each.id: each for each in _indicators(project)}
    if indicator not in by_id:
        wrong = phrase('there is no indicator "{name}".', name=indicator)
        hint = did_you_mean(indicator, by_id, count=2) or phrase("There are: {names}.", names=joined(by_id))
        raise InputError([Problem("error", wrong, hint=hint)])
    typer.echo(
        describe_indicator(by_id[indicator], language, models=_models_by_indicator().get(indicator, ()))
    )


def _indicators(project: Path | None) -> tuple[Indicator, ...]:
    """The indicators that ship; with a project first its own, which go before those of the same id."""
    from geo_bosoc.indicators import list_indicators, load_indicators

    if project is None:
        return list_indicators()
    from geo_bosoc.project import load_project

    loaded = load_project(project)
    part = loaded.spec.indicators
    names = [indicator.id for indicator in list_indicators()]
    return load_indicators([*part.use, *names], file=part.file, folder=loaded.root, report=Report())


def _models_by_indicator() -> dict[str, list[str]]:
    """By indicator, the ids of the models that ship and read it."""
    from geo_bosoc.models import list_models, needed_columns

    models_by_indicator: dict[str, list[str]] = {}
    for model in list_models():
        for name in needed_columns(model):
            models_by_indicator.setdefault(name, []).append(model.id)
    return models_by_indicator


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
            "--output",
            "-o",
            readable=False,
            help="Write a CSV here, or with the ending .xlsx a workbook, which of an index also tells what drives it; "
            "else a CSV goes to standard output.",
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
    area: Annotated[
        str | None, typer.Option("--area", help="The column with the area, where it has no usual name.")
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="The column with the year, where it has no usual name.")
    ] = None,
) -> None:
    """Categorise a table of finished figures as it is, with no boundaries or registers.

    'geo-bosoc models show ID' names the columns that a model reads. A figure that is missing or was withheld leaves the
    category undetermined, and the answer says which figure would settle it.
    """
    from geo_bosoc.models import categorise_table, load_model, read_history
    from geo_bosoc.outputs.columns import BOOK_MARK, FINISHED_KEYS, finished_table
    from geo_bosoc.outputs.csv_tables import csv_text, write_csv

    check_language(lang)
    report = Report()
    if output is not None:
        inputs = [table, Path(model), *([Path(history)] if history else [])]
        check_output_file(output, report, inputs=inputs, columns=FINISHED_KEYS, mark=BOOK_MARK)
        report.raise_errors()
    chosen = load_model(model)
    with warnings_first(report):
        categorised = categorise_table(
            table,
            chosen,
            area=area,
            period=period,
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
    elif output.suffix.lower() == ".xlsx":
        from geo_bosoc.outputs.workbook.finished_book import write_finished_book

        write_finished_book(categorised, output, output_language(lang), table.name)
        say(phrase("wrote {file}", file=output))
    else:
        write_csv(finished, output, language)
        say(phrase("wrote {file}", file=output))
