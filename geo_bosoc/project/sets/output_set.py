"""Writing: the outputs of the yearly run and of the studies in one list, walked once a set; all files or none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.disclosure.facts import REGISTER
from geo_bosoc.disclosure.results import OutputSet, PublishedResults, Stamped, stamp_texts
from geo_bosoc.outputs.manifest import WrittenSet, amend_manifest, written_set
from geo_bosoc.outputs.registry import (
    BOTH,
    MANIFEST,
    YEARLY,
    Output,
    files_of,
    outputs_of,
    set_folder,
)
from geo_bosoc.problems import InputError
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import files_without_persons, input_files
from geo_bosoc.project.sets.open_project import from_here
from geo_bosoc.project.sets.output_folders import OUTPUTS, refuse_edited, refuse_foreign, replaced_files
from geo_bosoc.project.spec import Project
from geo_bosoc.project.worker import Worker

Published = Mapping[OutputSet, Mapping[str, Stamped]]
"""What is to be written: for each set the results of the yearly run and of studies, by their name in the list."""


@dataclass(frozen=True)
class WrittenFiles:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
        In the order of the list of outputs.
    notes : tuple of str
        What was taken away of earlier runs, and why.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _SetPlan:
    """What a run does with the folder of a set.

    Attributes
    ----------
    folder : Path
        Where the set lies.
    outputs : list of Output
        What is written of it; nothing where the run does not write the set.
    earlier : WrittenSet
        What an earlier run wrote there.
    owned : tuple of str
        Files of the earlier run that are taken away where no new ones take their place.
    changed : tuple of str
        Where the run does not write the set: files of the earlier run that somebody has changed. They stay.
    """

    folder: Path
    outputs: list[Output]
    earlier: WrittenSet
    owned: tuple[str, ...]
    changed: tuple[str, ...] = ()

    @property
    def left(self) -> list[str]:
        """The files of the earlier run that stay, as it wrote them."""
        others = {*self.owned, *self.changed, *MANIFEST.names}
        return [name for name in self.earlier.names if name not in others]


class SetsWriting:
    """The writing of a run's sets: each is begun as soon as its results are there, and all take their place together.

    Used as a context manager. A yearly run replaces all that earlier runs have written, a study by itself only its own
    files. An internal set that this run does not write is taken away, since it is not of this run; files that somebody
    has changed stay. Whatever fails before `end`, in a study of a further set too, leaves everything as it was.

    Parameters
    ----------
    folder : Path
        The output folder, of the public set; the internal one lies beside it.
    project : Project
        Whose input files the manifests name.
    results : collection of str, optional
        The results that the sets have, by their name in the list of outputs: the yearly run's, which stand for all, or
        a study's.
    worker : Worker, optional
        Writes from the first output on while this process does other things, and at the end from the last one on.
    """

    def __init__(
        self,
        folder: Path,
        project: Project,
        *,
        results: Collection[str] = (YEARLY,),
        worker: Worker | None = None,
    ) -> None:
        self._folder, self._project, self._names = folder, project, frozenset(results)
        self._worker = worker or Worker()
        self._begun: dict[OutputSet, Mapping[str, Stamped]] = {}
        self._plans: dict[OutputSet, _SetPlan] = {}
        self._waits: list[Callable[[], None]] = []
        self._out: OutputFolder | None = None
        self._open = contextlib.ExitStack()

    def begin(self, output_set: OutputSet, results: Mapping[str, Stamped]) -> None:
        """Have the files of a set written.

        Parameters
        ----------
        output_set : {"public", "internal"}
            The set.
        results : mapping of str to Stamped
            All its results by name.

        Raises
        ------
        OutputBusy
            Another run is writing to the folder.
        OutputNotWritten
            Documents of an earlier run were changed by hand, or the folder may not be written to.
        """
        with plain_errors(self._folder):
            out = self._opened()
            self._begun[output_set] = results
            plan = self._plans[output_set] = self._plan(output_set)
            refuse_edited(plan.folder, plan.earlier, plan.owned)
            path = partial(out.path, folder=plan.folder)
            # What takes longest is begun first.
            for output in sorted(plan.outputs, key=lambda output: not output.in_worker):
                if output != MANIFEST:
                    named = {"studies": pages_of_studies(results)} if output.takes_studies else {}
                    function = output.writer if output.in_worker else output.function
                    arguments = (results[output.results], *output.paths(path))
                    self._waits.append(self._worker.call(function, *arguments, **named))

    def end(self, progress: Progress | None = None) -> WrittenFiles:
        """Write what is not written yet, a manifest of each set, and put everything in its place.

        Parameters
        ----------
        progress : Progress, optional
            Shows how much is written.

        Returns
        -------
        WrittenFiles
            The files, and what was taken away.

        Raises
        ------
        OutputInUse
            A file of an earlier run is open in another program. All old files stay as they were.
        OutputNotWritten
            A file of the same name is not of a run, or the disk is full. All old files stay as they were.
        """
        progress = progress or Silent()
        with plain_errors(self._folder):
            out = self._opened()
        with self._open:
            for done, wait in enumerate(reversed(self._waits), 1):
                wait()
                progress.part(done, len(self._waits))
            fingerprints: dict[Path, dict[str, Any]] = {}  # of the inputs, which all sets share
            plans = {each: self._plans.get(each) or self._plan(each) for each in BOTH}
            for output_set, plan in plans.items():
                results = self._begun.get(output_set, {})
                path = partial(out.path, folder=plan.folder)
                if MANIFEST in plan.outputs:  # it names the others, so that it comes last
                    _write_manifest(results[YEARLY], plan.outputs, path, self._project, fingerprints)
                elif plan.outputs or (plan.owned and plan.left):
                    _amend_manifest(plan, path, self._project, output_set, results)
                refuse_foreign(plan.folder, out.names(plan.folder), plan.earlier.names)
            for plan in (*plans.values(), *([self._inside] if self._inside.owned else [])):
                out.claim(plan.owned, plan.folder)
        names = {plan.folder: files_of(plan.outputs, plan.folder) for plan in plans.values()}
        written = [target / name for target in names for name in names[target]]
        files = tuple(path for path in written if path.exists())
        return WrittenFiles(files, tuple(_notes(plans["internal"], self._inside)))

    def __enter__(self) -> SetsWriting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (
            self._out is not None
        ):  # an error that is no matter of the disk, but where it was one it is said already
            self._open.__exit__(InputError, InputError([]), None)

    def _opened(self) -> OutputFolder:
        """The folder, in which nobody else writes from the first set on."""
        if self._out is None:
            self._inside = _inside(self._folder)
            others = [set_folder("internal", self._folder)]
            others += [self._inside.folder] if self._inside.owned else []
            folder = OutputFolder(self._folder, others=dict.fromkeys(others, ()), marks=MANIFEST.names)
            self._out = self._open.enter_context(folder)
            # After an error the worker ends before the folder that it writes to is taken away.
            self._open.enter_context(self._worker)
        return self._out

    def _plan(self, output_set: OutputSet) -> _SetPlan:
        """What the run does with a set, as far as its results are there."""
        target = set_folder(output_set, self._folder)
        outputs = outputs_of(OUTPUTS, self._begun.get(output_set, {}), output_set)
        earlier = written_set(target, *MANIFEST.names)
        replaced = replaced_files(earlier, target, self._names, output_set)
        changed = () if outputs else earlier.changed(target)
        replaced -= set(changed)
        owned = [name for name in earlier.names if name in replaced]
        marks = MANIFEST.names if owned or outputs else ()
        return _SetPlan(target, outputs, earlier, (*owned, *marks), changed)


def write_outputs(published: Published, folder: Path, project: Project) -> WrittenFiles:
    """Write every output that there are results for, and a manifest of each set, as `SetsWriting` does.

    Parameters
    ----------
    published : mapping
        By set the results, by their name in the list of outputs.
    folder : Path
        The output folder, of the public set.
    project : Project
        Whose input files the manifests name.

    Raises
    ------
    OutputNotWritten
        As `SetsWriting` says. All old files stay as they were.
    """
    names = {name for results in published.values() for name in results}
    with SetsWriting(folder, project, results=names) as writing:
        for output_set, results in published.items():
            writing.begin(output_set, results)
        return writing.end()


PAGES: Final[Mapping[str, str]] = {
    "follow_up": "geo_bosoc.follow_up.outputs.page:follow_up_page",
    "balance": "geo_bosoc.balance.outputs.page:balance_page",
    "bottom_up": "geo_bosoc.bottom_up.outputs.page:bottom_up_page",
    "bottom_up.areas": "geo_bosoc.bottom_up.outputs.page:area_page",
}
"""By the name of a study's results, and of one of its pages, the function of these and of a language that gives it."""


def pages_of_studies(of_set: Mapping[str, Stamped]) -> dict[str, Callable[..., Any]]:
    """By a study's name what gives its page in a language; in a public set nothing of a study that is internal.

    Parameters
    ----------
    of_set : mapping of str to Stamped
        The set's results by name.
    """
    return functions_of_studies(PAGES, of_set)


def functions_of_studies(
    registered: Mapping[str, str], of_set: Mapping[str, Stamped]
) -> dict[str, Callable[..., Any]]:
    """By a study's name a function of its results: functions of studies that the set has are imported alone.

    In a public set nothing is given of a study that is internal.

    Parameters
    ----------
    registered : mapping of str to str
        By the name of a study's results ``module:name`` of a function of these and of one thing more.
    of_set : mapping of str to Stamped
        The set's results by name.
    """
    is_internal = of_set[YEARLY].edition.internal
    functions: dict[str, Callable[..., Any]] = {}
    for name, function_path in registered.items():
        study = name.partition(".")[0]
        if study in of_set and (is_internal or not of_set[study].edition.internal):
            module, _, function = function_path.partition(":")
            functions[name] = partial(getattr(import_module(module), function), of_set[study])
    return functions


def _inside(folder: Path) -> _SetPlan:
    """An internal set that a former version has written inside the output folder: it goes."""
    target = folder / "internal"
    earlier = written_set(target, *MANIFEST.names)
    if not earlier.names:  # of a study by itself, which had no manifest
        internal = [output for output in OUTPUTS if "internal" in output.sets]
        names = [name for name in files_of(internal, target) if (target / name).is_file()]
        named = any(name in names for output in internal for name in output.names)
        earlier = WrittenSet(tuple(names) if named else ())
    changed = earlier.changed(target)
    return _SetPlan(
        target, [], earlier, tuple(name for name in earlier.names if name not in changed), changed
    )


def _notes(internal: _SetPlan, inside: _SetPlan) -> Iterator[str]:
    """What a run has taken away of an internal set of an earlier one."""
    if internal.owned and not internal.outputs:
        yield phrase(
            "Removed the internal set of an earlier run from {folder}: it is not of this run. --internal writes it "
            "anew.",
            folder=from_here(internal.folder),
        )
    if inside.owned:
        yield phrase(
            "Removed the internal set of a former version from {former}: it lies beside the public one now, in "
            "{folder}.",
            former=from_here(inside.folder),
            folder=from_here(internal.folder),
        )
    for plan in (internal, inside):
        if plan.owned and plan.changed:
            yield phrase(
                "Left what was changed by hand in {folder}: {files}.",
                folder=from_here(plan.folder),
                files=joined(sorted(plan.changed)),
            )


def _write_manifest(
    results: Stamped,
    outputs: list[Output],
    path: Callable[[str], Path],
    project: Project,
    fingerprints: dict[Path, dict[str, Any]],
) -> None:
    """The manifest of a set, whose other files are written."""
    assert isinstance(results, PublishedResults)
    root = path("")
    files = {name: root / name for name in files_of(outputs, root)}
    registers = list(project.spec.registers)
    named_only: set[Path] = set()
    inputs = input_files(project, periods=results.periods)
    if results.output_set == "public":
        registers = [name for name in registers if f"{REGISTER}{name}" in results.report.facts]
        inputs = input_files(project, periods=results.periods, registers=registers)
        named_only = set(inputs) - set(files_without_persons(project))
    MANIFEST.function(
        results,
        *MANIFEST.paths(path),
        inputs=[file for file in inputs if file not in named_only],
        named_only=named_only,
        outputs={name: file for name, file in files.items() if file.exists()},
        root=project.root,
        more={"registers": {name: project.spec.registers[name].governance() for name in registers}},
        fingerprints=fingerprints,
    )


def _amend_manifest(
    plan: _SetPlan,
    path: Callable[[str], Path],
    project: Project,
    output_set: OutputSet,
    results: Mapping[str, Stamped],
) -> None:
    """The manifest of a set of which a study by itself has written or taken away files."""
    root = path("")
    files = {name: root / name for name in files_of(plan.outputs, root)}
    (manifest,) = MANIFEST.paths(path)
    spec = project.spec.project
    stamps = [text for study in results.values() for text in stamp_texts(study)]
    heading = {
        "project": spec.name,
        "made_up": spec.made_up,
        "output_set": output_set,
        "stamps": list(dict.fromkeys(stamps)),
    }
    amend_manifest(
        plan.earlier.manifest,
        manifest,
        heading=heading,
        studies=results,
        removed=plan.owned,
        outputs={name: file for name, file in files.items() if file.exists()},
        root=project.root,
    )
