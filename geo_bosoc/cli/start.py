"""The commands that begin: a project of one's own, a look into a file, and the made-up municipality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.cli.language import spoken
from geo_bosoc.cli.options import LanguageOption, check_language, console, output_language, say
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import listed, phrase
from geo_bosoc.text.catalogue import as_language

INIT_HELP = (
    "Start a project of your own. It asks nothing.\n\n"
    "Without --from: a project on small made-up files, which passes 'geo-bosoc check' and 'geo-bosoc run' as it is. "
    "--with says what your files are like: persons (rows of persons with addresses), tables (finished figures for each "
    "area) or raw (CPR extract, address register, lists). Then put your own files in their place, and change the lines "
    "marked '<- ret' ('<- change' with --lang en).\n\n"
    "Nothing that is there already is written over."
)
"""What --help says; a paragraph is one line, so that it is broken where the console ends."""


def init(
    folder: Annotated[Path, typer.Argument(help="The new project's folder.", metavar="DIR")] = Path(),
    kind: Annotated[
        str | None, typer.Option("--with", help="Made-up files of a kind: persons, tables or raw.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Start a project: `INIT_HELP` says how."""
    from geo_bosoc.demo.start import START_KINDS, write_start
    from geo_bosoc.project.start.folder import repository_above

    check_language(lang)
    language = as_language(lang or "da")
    chosen = next((each for each in START_KINDS if each == (kind or "persons")), None)
    if chosen is None:
        raise typer.BadParameter(
            spoken(phrase("write {kinds}", kinds=listed(START_KINDS, "or"))), param_hint="--with"
        )
    with plain_errors(folder), console.status("making up files ..."):
        written = write_start(folder, chosen, language=language)
    for path in written:
        say(phrase("wrote {file}", file=path))
    if (above := repository_above(folder)) is not None:
        say(
            phrase(
                "This folder lies inside the git repository {folder}: keep people's data outside of it.",
                folder=above,
            )
        )
    say(
        phrase(
            "Next: geo-bosoc run --project {folder}. Then put your own files into data/, and change the marked lines.",
            folder=folder,
        )
    )


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
    say(phrase("wrote the demo to {folder}. Next: geo-bosoc run --project {folder}", folder=folder))


def describe(
    file: Annotated[
        Path, typer.Argument(help="A CSV, Parquet, workbook or JSON file, or a map file.", metavar="FILE")
    ],
    lang: LanguageOption = None,
) -> None:
    """Say what is in a file: format, columns, types, gaps, keys, years, layers; no value of its rows is shown."""
    from geo_bosoc.project.describe_file import describe_file

    language = output_language(lang)
    report = Report()
    text = describe_file(file, language, report=report)
    if text:
        typer.echo(text)
    report.raise_errors()


def schemas(
    folder: Annotated[
        Path, typer.Argument(help="Where they go: the project's folder.", metavar="DIR")
    ] = Path(),
) -> None:
    """Write JSON schemas for editors, which then check and explain each key of a TOML file as you write."""
    from geo_bosoc.project.reference.schemas import write_schemas

    with plain_errors(folder):
        written = write_schemas(folder)
    for path in written:
        say(phrase("wrote {file}", file=path))
    say(phrase('Next: write "#:schema ./bosoc.schema.json" as the first line of bosoc.toml.'))
