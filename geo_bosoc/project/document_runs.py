"""A report or profiles by themselves, from a project file to documents in a folder of one's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from geo_bosoc.atomic_write.checks import check_output_folder
from geo_bosoc.atomic_write.errors import OutputNotWritten
from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.memory import rare_collection
from geo_bosoc.models.texts.explain import find_area
from geo_bosoc.outputs.documents.area_profile import ProfileFigures, area_profile, profile_name
from geo_bosoc.outputs.documents.document import Document
from geo_bosoc.outputs.documents.papers import Papers, write_document
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.outputs.documents.yearly_report import yearly_report
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.sets.open_project import from_here, open_project
from geo_bosoc.project.sets.outcome import warning_lines
from geo_bosoc.project.spec import Project
from geo_bosoc.project.study import study_project

Makers = Mapping[str, Callable[[], Document]]
"""By the name of a file without its ending, what makes the document."""


@dataclass(frozen=True)
class WrittenDocuments:
    """The documents that a command has written.

    Attributes
    ----------
    folder : Path
        Where they lie.
    files : tuple of Path
        Those written, by name.
    internal : bool
        Whether they are for internal use only.
    report : Report
        The warnings of the run.
    """

    folder: Path
    files: tuple[Path, ...]
    internal: bool
    report: Report

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        names, folder = joined([path.name for path in self.files]), from_here(self.folder)
        lines: list[str] = [phrase("Wrote {files} to {folder}.", files=names, folder=folder)]
        if self.internal:
            lines.append("They are for internal use: not for publication.")
        return joined([*lines, *warning_lines(self.report)], "\n")


def run_report(
    project: str | Path | Project,
    *,
    output: str | Path | None = None,
    periods: Collection[str] | None = None,
    language: str | None = None,
    internal: bool = False,
    overwrite: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> WrittenDocuments:
    """Write a project's yearly report, and nothing else.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    output : str or Path, optional
        The folder it goes to; left out, the working folder.
    periods : collection of str, optional
        Instead of the project file's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        The report of the internal set, stamped, in a file named ``_internal``.
    overwrite : bool
        A document of that name is written over.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files.
    OutputNotWritten
        There is another document of that name.
    """

    def makers(papers: Papers) -> Makers:
        return {"yearly_report": partial(yearly_report, papers)}

    return _run(
        project,
        makers,
        output=output,
        periods=periods,
        language=language,
        internal=internal,
        overwrite=overwrite,
        report=report,
        progress=progress,
    )


def run_profiles(
    project: str | Path | Project,
    areas: Sequence[str] | None,
    *,
    output: str | Path | None = None,
    periods: Collection[str] | None = None,
    language: str | None = None,
    internal: bool = False,
    overwrite: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> WrittenDocuments:
    """Write the profiles of areas, and nothing else.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    areas : sequence of str or None
        Ids or names; None for every area.
    output : str or Path, optional
        The folder they go to; left out, the working folder.
    periods : collection of str, optional
        Instead of the project file's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        The profiles of the internal set, stamped, in files named ``_internal``.
    overwrite : bool
        Documents of those names are written over.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files, or there is no such area.
    OutputNotWritten
        There is another document of one of the names.
    """

    def makers(papers: Papers) -> Makers:
        published = papers.published
        every = [str(area_id) for area_id in published.areas["area_id"]]
        ids = every if areas is None else _ids_of(published.areas, areas)
        figures = ProfileFigures(published)
        return {
            profile_name(area_id, figures.name(area_id)): partial(
                area_profile, papers, area_id, figures=figures
            )
            for area_id in ids
        }

    return _run(
        project,
        makers,
        output=output,
        periods=periods,
        language=language,
        internal=internal,
        overwrite=overwrite,
        report=report,
        progress=progress,
    )


def _ids_of(areas: Any, names: Sequence[str]) -> list[str]:
    """The ids of areas that are named by id or name; all that are wrong are said at once."""
    problems, ids = Report(), []
    for name in names:
        try:
            ids.append(find_area(areas, name)[0])
        except InputError as error:
            problems.problems.extend(error.problems)
    problems.raise_errors()
    return list(dict.fromkeys(ids))


@rare_collection()
def _run(
    project: str | Path | Project,
    makers: Callable[[Papers], Makers],
    *,
    output: str | Path | None,
    periods: Collection[str] | None,
    language: str | None,
    internal: bool,
    overwrite: bool,
    report: Report | None,
    progress: Progress | None,
) -> WrittenDocuments:
    """Study a project, and write documents of one of its sets to a folder."""
    report, progress = report or Report(), progress or Silent()
    folder = Path() if output is None else Path(output)
    loaded = _for_documents(open_project(project))
    check_output_folder(folder, report, inputs=() if output is None else input_files(loaded))
    report.raise_errors()
    study = study_project(
        loaded,
        periods=periods,
        language=language,
        internal=internal,
        report=report,
        progress=progress,
        is_written=False,
    )
    papers = study.papers["internal" if internal else "public"]
    ending = "_internal" if internal else ""
    progress.step("writing documents", 6, 6)
    with OutputFolder(folder) as out:
        documents = makers(papers)
        for done, (name, make) in enumerate(documents.items(), 1):
            write_document(papers, make, out.path(f"{name}{ending}"))
            progress.part(done, len(documents))
        names = out.names()
        if not overwrite:
            _refuse_others(folder, {name: out.path(name) for name in names})
    return WrittenDocuments(folder, tuple(folder / name for name in names), internal, report)


def _for_documents(project: Project) -> Project:
    """The project with its documents' dress, and none of the documents that a run writes."""
    part = project.spec.documents or DocumentsPart()
    bare = part.model_copy(update={"report": False, "profiles": False, "dialogue": (), "maps": None})
    return replace(project, spec=project.spec.model_copy(update={"documents": bare}))


def _refuse_others(folder: Path, drafts: Mapping[str, Path]) -> None:
    """Refuse to write over documents that are not what would be written: somebody may have worked on them."""
    others = [
        name
        for name, draft in drafts.items()
        if os.path.lexists(folder / name)
        and not ((folder / name).is_file() and (folder / name).read_bytes() == draft.read_bytes())
    ]
    if others:
        problem = Problem(
            "error",
            phrase("there already and not written over: {files}.", files=joined(others)),
            hint="Name another folder with --output, or write over them with --replace.",
        )
        raise OutputNotWritten([problem])
