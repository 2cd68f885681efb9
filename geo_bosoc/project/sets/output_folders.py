"""What is wrong with the folders that output goes to: files of others, documents that were changed by hand."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from geo_bosoc.atomic_write.checks import check_output_folder
from geo_bosoc.atomic_write.errors import OutputNotWritten
from geo_bosoc.balance.outputs import OUTPUTS as BALANCE_OUTPUTS
from geo_bosoc.bottom_up.outputs import OUTPUTS as BOTTOM_UP_OUTPUTS
from geo_bosoc.disclosure.results import OutputSet
from geo_bosoc.follow_up.outputs import OUTPUTS as FOLLOW_UP_OUTPUTS
from geo_bosoc.outputs.documents import OUTPUTS as DOCUMENT_OUTPUTS
from geo_bosoc.outputs.manifest import WrittenSet, written_set
from geo_bosoc.outputs.registry import MANIFEST, YEARLY, edited_by_people, files_of, set_folder
from geo_bosoc.outputs.registry import OUTPUTS as YEARLY_OUTPUTS
from geo_bosoc.problems import Problem, Report, add_problems, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.spec import Project

_STUDIES: Final = (*BALANCE_OUTPUTS, *BOTTOM_UP_OUTPUTS, *FOLLOW_UP_OUTPUTS, *DOCUMENT_OUTPUTS)
OUTPUTS: Final = (*YEARLY_OUTPUTS, *_STUDIES)
"""Every output."""


def refuse_foreign(folder: Path, names: Iterable[str], written: Collection[str]) -> None:
    """Refuse to write over files that no earlier run has written.

    Parameters
    ----------
    folder : Path
        The folder of the set.
    names : iterable of str
        The files to be written.
    written : collection of str
        Those that earlier runs have written.

    Raises
    ------
    OutputNotWritten
        Files of these names are there, and are not ours.
    """
    foreign = [name for name in names if name not in written and os.path.lexists(folder / name)]
    if foreign:
        files = (
            phrase("this file and {count} more", count=len(foreign) - 1)
            if len(foreign) > 1
            else phrase("this file")
        )
        problem = Problem(
            "error",
            phrase(
                '{files} in "{folder}" would be lost, and no run has written it as far as run.json there says.',
                files=files,
                folder=folder.name,
            ),
            hint="Move it away, or name another folder with --output, or as output under [project].",
            file=foreign[0],
        )
        raise OutputNotWritten([problem])


def refuse_edited(folder: Path, earlier: WrittenSet, replaced: Collection[str]) -> None:
    """Refuse to replace documents that somebody has written in since a run wrote them.

    Parameters
    ----------
    folder : Path
        The folder of the set.
    earlier : WrittenSet
        What an earlier run wrote there.
    replaced : collection of str
        The files of it that the run replaces or takes away.

    Raises
    ------
    OutputNotWritten
        Documents were changed by hand; all of them are named.
    """
    edited = earlier.changed(folder, edited_by_people(OUTPUTS, replaced))
    if edited:
        problem = Problem(
            "error",
            phrase(
                'these documents in "{folder}" were changed by hand since a run wrote them, and would be lost: '
                "{files}.",
                folder=folder.name,
                files=joined(sorted(edited)),
            ),
            hint="Move them to a folder of your own, or write to another folder with --output, or as output under "
            "[project].",
        )
        raise OutputNotWritten([problem])


def check_output(
    project: Project,
    output: Path | None,
    report: Report,
    *,
    results: Collection[str],
    sets: Collection[OutputSet],
) -> None:
    """Say what is wrong with the folders that a project's output goes to, before anything is read.

    Parameters
    ----------
    project : Project
        The project.
    output : Path or None
        A folder instead of the project's.
    report : Report
        Takes what is wrong.
    results : collection of str
        What will be written: the yearly run's results, and those of studies.
    sets : collection of {"public", "internal"}
        Of which sets.
    """
    where: dict[str, Any] = {"key": "project.output", "file": project.file.name} if output is None else {}
    folder = output if output is not None else project.output
    problems = Report()
    check_output_folder(folder, problems, inputs=input_files(project), **where)
    if "internal" in sets and not problems.errors:
        check_output_folder(set_folder("internal", folder), problems, **where)
    if not problems.errors:
        for output_set in sets:
            target = set_folder(output_set, folder)
            lines = [output for output in OUTPUTS if output.results in results and output_set in output.sets]
            names = [name for name in files_of(lines, target) if "*" not in name]
            earlier = written_set(target, *MANIFEST.names)
            read_or_none(partial(refuse_foreign, target, names, earlier.names), problems)
            replaced = replaced_files(earlier, target, results, output_set)
            read_or_none(partial(refuse_edited, target, earlier, replaced), problems)
    add_problems(report, problems.problems)


def replaced_files(
    earlier: WrittenSet, target: Path, results: Collection[str], output_set: OutputSet
) -> set[str]:
    """The files of an earlier run that one of these results replaces: all, or those of a study by itself."""
    if YEARLY in results:
        return set(earlier.names)
    of_study = [output for output in OUTPUTS if output.results in results and output_set in output.sets]
    return set(earlier.names) & set(files_of(of_study, target))
