"""The program: its commands in the order of its help. Nothing below this file knows that there is a command line."""

from __future__ import annotations

from typing import Annotated

import typer

from geo_bosoc import __version__
from geo_bosoc.cli.documents import profile, report
from geo_bosoc.cli.options import SpokenOption, check_language, example, run_and_exit
from geo_bosoc.cli.presets import categorise, indicators_app, models_app
from geo_bosoc.cli.projects import (
    ATTACK_HELP,
    CLAIM_HELP,
    attack,
    balance,
    bottom_up_app,
    check,
    claim,
    explain,
    follow_up,
    publish,
    run,
)
from geo_bosoc.cli.start import INIT_HELP, demo, describe, init, schemas, template

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


def show_version(value: bool) -> None:
    """Say which version this is, and end."""
    if value:
        typer.echo(f"geo-bosoc {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: ARG001 - its callback says it
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Say which version this is."),
    ] = False,
    lang: SpokenOption = None,
) -> None:
    """What may stand before the name of a command."""
    check_language(lang)


COMMANDS = (
    ("init", init, "geo-bosoc init my-project"),
    ("demo", demo, "geo-bosoc demo my-demo"),
    ("describe", describe, "geo-bosoc describe persons_2024.csv"),
    ("check", check, "geo-bosoc check --project my-project"),
    ("run", run, "geo-bosoc run --project my-project --period 2024"),
    ("explain", explain, 'geo-bosoc explain "Area name" --project my-project'),
    ("report", report, "geo-bosoc report --project my-project --output papers"),
    ("profile", profile, 'geo-bosoc profile "Area name" --project my-project --output papers'),
    (
        "categorise",
        categorise,
        "geo-bosoc categorise figures.xlsx --model national-2021 --output categories.csv",
    ),
    ("balance", balance, "geo-bosoc balance --project my-project --internal"),
    ("follow-up", follow_up, "geo-bosoc follow-up --project my-project --internal"),
    ("claim", claim, 'geo-bosoc claim "youth_crime in 0012 > 2 x rest" --project my-project'),
    ("attack", attack, "geo-bosoc attack my-project/maps --earlier archive/2023"),
    ("publish", publish, "geo-bosoc publish archive/2024 --project my-project"),
    ("template", template, "geo-bosoc template letterhead.docx"),
    ("schemas", schemas, "geo-bosoc schemas my-project"),
)
"""The commands in the order of the help, each with an example."""

for name, command, line in COMMANDS:
    app.command(
        name,
        help={attack: ATTACK_HELP, claim: CLAIM_HELP, init: INIT_HELP}.get(command),
        epilog=example(line),
    )(command)
app.add_typer(bottom_up_app, name="bottom-up")
app.add_typer(models_app, name="models")
app.add_typer(indicators_app, name="indicators")


def main() -> None:
    """Run the command line; every way out has an exit code that means something."""
    run_and_exit(app)


if __name__ == "__main__":
    main()
