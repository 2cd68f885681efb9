"""The commands that begin: a project of one's own, a look into a file, and the made-up municipality."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.cli.language import SPOKEN, spoken
from geo_bosoc.cli.options import (
    LanguageOption,
    SpokenOption,
    check_language,
    console,
    output_language,
    say,
    show_problems,
    warnings_first,
)
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import listed, phrase
from geo_bosoc.text.catalogue import Language, as_language

INIT_HELP = (
    "Start a project of your own. It asks nothing, and writes over nothing.\n\n"
    "Without --from: a project on small made-up files, which passes 'geo-bosoc check' and 'geo-bosoc run' as it is. "
    "--with says what your files are like: persons (rows of persons with addresses), tables (finished figures for each "
    "area) or raw (CPR extract, address register, lists). Then put your own files in their place, and change the lines "
    "marked '<- ret' ('<- change' with --lang en).\n\n"
    "With --from: a project that reads your own files where they lie: registers (CSV, Parquet, workbooks, JSON) and "
    "boundaries (GeoPackage, GeoJSON, Shapefile, GeoParquet, FlatGeobuf), or folders of them. Columns, coordinates, "
    "keys and periods are guessed from names and values; each guess stands in bosoc.toml with its reason, and what "
    "could not be guessed is a marked line: 'geo-bosoc init my-project --from areas.gpkg persons.csv addresses.csv'."
)
"""What --help says; a paragraph is one line, so that it is broken where the console ends."""


def init(
    folder: Annotated[Path, typer.Argument(help="The new project's folder.", metavar="DIR")] = Path(),
    more: Annotated[list[Path] | None, typer.Argument(help="More files for --from.", metavar="FILES")] = None,
    kind: Annotated[
        str | None, typer.Option("--with", help="Made-up files of a kind: persons, tables or raw.")
    ] = None,
    from_files: Annotated[
        list[Path] | None,
        typer.Option("--from", help="Your own files and folders, as many as there are.", metavar="FILES"),
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Start a project: `INIT_HELP` says how."""
    from geo_bosoc.project.start.folder import repository_above

    check_language(lang)
    language = as_language(lang or "da")
    files = [*(from_files or []), *(more or [])]
    if files and folder.is_file():  # no DIR was given: what stands there is a file
        folder, files = Path(), [*(from_files or []), folder, *(more or [])]
    if files and kind is not None:
        raise typer.BadParameter("goes without --from: either made-up files or your own", param_hint="--with")
    if files and not from_files:
        raise typer.BadParameter(
            phrase("name files with --from: --from {file}", file=files[0]), param_hint="FILES"
        )
    SPOKEN.set(language)  # it is the project's from here on
    if files:
        _init_from_files(folder, files, language)
    else:
        _init_with_kind(folder, kind or "persons", language)
    if (above := repository_above(folder)) is not None:
        say(
            phrase(
                "This folder lies inside the git repository {folder}: keep people's data outside of it.",
                folder=above,
            )
        )


def _init_with_kind(folder: Path, kind: str, language: Language) -> None:
    """Made-up files of a kind, and a project that runs on them."""
    from geo_bosoc.demo.start import START_KINDS, write_start

    chosen = next((each for each in START_KINDS if each == kind), None)
    if chosen is None:
        raise typer.BadParameter(
            phrase("write {kinds}", kinds=listed(START_KINDS, "or")), param_hint="--with"
        )
    with plain_errors(folder), console.status(spoken("making up files ...")):
        written = write_start(folder, chosen, language=language)
    _say_written(written)
    say(
        phrase(
            "Next: geo-bosoc run --project {folder}. Then put your own files into data/, and change the marked lines.",
            folder=folder,
        )
    )


def _init_from_files(folder: Path, files: list[Path], language: Language) -> None:
    """A project that reads the user's files; each guess is said with its reason."""
    from geo_bosoc.project.start.guessed_project import start_from_files

    report = Report()
    with plain_errors(folder), warnings_first(report), console.status(spoken("looking into the files ...")):
        started = start_from_files(folder, files, language=language, report=report)
    show_problems(report.problems)
    for line in started.guesses:
        say(line)
    _say_written(started.files)
    say(phrase("Next: look at the marked lines, then: geo-bosoc check --project {folder}", folder=folder))


def _say_written(files: Iterable[Path]) -> None:
    for path in files:
        say(phrase("wrote {file}", file=path))


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
    lang: SpokenOption = None,
) -> None:
    """Write a made-up municipality of 100,000 people with a project file that runs on it."""
    from geo_bosoc.demo import write_demo, write_raw_demo

    check_language(lang)
    with plain_errors(folder), console.status(spoken("making up a municipality ...")):
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


def template(
    file: Annotated[Path, typer.Argument(help="The new Word file.", metavar="FILE")],
    lang: LanguageOption = None,
) -> None:
    """Write a plain Word file to make a letterhead of, which documents are written in; nothing is written over."""
    from geo_bosoc.outputs.documents.word_template import is_word_installed, write_template

    language = output_language(lang)
    if not is_word_installed():
        wrong = phrase("Word files need python-docx.")
        raise InputError([Problem("error", wrong, hint="Install it with 'pip install python-docx'.")])
    if file.suffix.lower() != ".docx":
        wrong = phrase("{file}: what is written is a Word file.", file=file.name)
        raise InputError([Problem("error", wrong, hint="Give it the ending .docx.")])
    if file.exists():
        wrong = phrase("{file} is there already and is not written over.", file=file.name)
        raise InputError([Problem("error", wrong, hint="Give another name.")])
    with plain_errors(file):
        write_template(file, language)
    say(phrase("wrote {file}", file=file))
    say(
        phrase(
            'Next: put in logo, letters and colours, and write template = "{file}" under [documents].',
            file=file.name,
        )
    )


def schemas(
    folder: Annotated[
        Path, typer.Argument(help="Where they go: the project's folder.", metavar="DIR")
    ] = Path(),
    lang: SpokenOption = None,
) -> None:
    """Write JSON schemas for editors, which then check and explain each key of a TOML file as you write."""
    from geo_bosoc.project.reference.schemas import write_schemas

    check_language(lang)
    with plain_errors(folder):
        written = write_schemas(folder)
    for path in written:
        say(phrase("wrote {file}", file=path))
    say(phrase('Next: write "#:schema ./bosoc.schema.json" as the first line of bosoc.toml.'))
