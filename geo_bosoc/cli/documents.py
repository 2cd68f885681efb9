"""The commands of single documents: the yearly report, and the profiles of areas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_bosoc.cli.language import spoken
from geo_bosoc.cli.options import (
    LanguageOption,
    PeriodOption,
    ProjectOption,
    check_language,
    console,
    say,
    show_problems,
    warnings_first,
)
from geo_bosoc.problems import Report

if TYPE_CHECKING:
    from geo_bosoc.project.document_runs import WrittenDocuments

_FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", readable=False, help="The folder to write to; left out, the one you stand in."
    ),
]
_InternalOption = Annotated[
    bool,
    typer.Option("--internal", help="Of the internal set, stamped, in files named _internal."),
]
_ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Write over documents of the same name, whoever worked on them.")
]


def report(
    project: ProjectOption = Path("bosoc.toml"),
    output: _FolderOption = None,
    period: PeriodOption = None,
    lang: LanguageOption = None,
    internal: _InternalOption = False,
    overwrite: _ReplaceOption = False,
) -> None:
    """Write the yearly report alone, as Word and HTML: what came out, what moved, each figure, how sure it is."""
    from geo_bosoc.project.document_runs import run_report

    _write(
        run_report,
        project,
        output=output,
        periods=period,
        language=lang,
        internal=internal,
        overwrite=overwrite,
    )


def profile(
    area: Annotated[
        list[str] | None, typer.Argument(help="An area's id, or its name; several may be given.")
    ] = None,
    project: ProjectOption = Path("bosoc.toml"),
    every: Annotated[bool, typer.Option("--all", help="Every assessed area.")] = False,
    output: _FolderOption = None,
    period: PeriodOption = None,
    lang: LanguageOption = None,
    internal: _InternalOption = False,
    overwrite: _ReplaceOption = False,
) -> None:
    """Write the profiles of areas alone, as Word and HTML: category and why, every figure beside others, the years."""
    from geo_bosoc.project.document_runs import run_profiles

    if bool(area) == every:
        raise typer.BadParameter("name areas, or write --all for every one", param_hint="AREA")
    _write(
        run_profiles,
        project,
        None if every else area,
        output=output,
        periods=period,
        language=lang,
        internal=internal,
        overwrite=overwrite,
    )


def _write(write: Callable[..., WrittenDocuments], *arguments: Any, **settings: Any) -> None:
    """Write documents; warnings and what was written are shown at the end."""
    from geo_bosoc.progress import Steps

    check_language(settings["language"])
    problems = Report()
    with warnings_first(problems), Steps(console, spoken) as steps:
        outcome = write(*arguments, report=problems, progress=steps, **settings)
    show_problems(problems.problems)
    say(outcome.summary())
