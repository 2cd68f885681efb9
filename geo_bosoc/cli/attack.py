"""The command that attacks a written public set, for whoever answers for what is published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_bosoc.cli.options import EXIT_INPUT, console, say

HELP = (
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
) -> None:
    """Attack a written public set: can anybody work out a suppressed figure from it? (`HELP` says more.)"""
    from geo_bosoc.disclosure.attack import attack as attack_set

    with console.status("attacking ..."):
        report = attack_set(folder, earlier or (), models=model or (), seconds=seconds)
    typer.echo(report.text())
    if not report.promise_holds:
        say("The promise is broken: do not publish this set. This report is for internal use.")
        raise typer.Exit(EXIT_INPUT)
    say("The promise is kept. This report is for internal use.")
