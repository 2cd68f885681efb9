"""The commands that begin: a project of one's own, and the made-up municipality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.cli.options import console, say


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
