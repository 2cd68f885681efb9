"""What a command that writes sets of files returns: its results, its files, and a summary for the person who ran it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from geo_bosoc.outputs.registry import set_folder
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.project.sets.open_project import from_here

ResultsT = TypeVar("ResultsT")


@dataclass(frozen=True)
class WrittenResults(ABC, Generic[ResultsT]):
    """The results of a run or a study, and the files that were written.

    Attributes
    ----------
    results : Results, BalanceResults or BottomUpResults
        On true counts.
    folder : Path
        The output folder.
    files : tuple of Path
        In the order of the list of outputs.
    notes : tuple of str
        What was taken away of earlier runs, and why.
    """

    results: ResultsT
    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """A few lines for the person who ran it; no figure that is hidden elsewhere."""
        return joined([*self.result_lines(), *file_lines(self.files, self.folder), *self.notes], "\n")

    @abstractmethod
    def result_lines(self) -> list[str]:
        """What the summary says of the results and the warnings."""


def file_lines(files: Collection[Path], folder: Path) -> list[str]:
    """What a summary says of the written files."""
    public = [path.relative_to(folder) for path in files if path.is_relative_to(folder)]
    names: list[str] = [path.name for path in public if len(path.parts) == 1]
    for inner in dict.fromkeys(path.parts[0] for path in public if len(path.parts) > 1):
        count = count_text(sum(path.parts[0] == inner for path in public), "file")
        names.append(phrase("{folder} ({files})", folder=f"{inner}/", files=count))
    lines: list[str] = []
    if names:
        lines.append(phrase("Wrote {files} to {folder}.", files=joined(names), folder=from_here(folder)))
    if internal := len(files) - len(public):
        where = from_here(set_folder("internal", folder))
        written = count_text(internal, "file")
        lines.append(
            phrase(
                "Wrote {files} of the internal set to {folder}: not for publication.",
                files=written,
                folder=where,
            )
        )
    return lines


def warning_lines(report: Report) -> list[str]:
    """What a summary says of the warnings of a run, which stand above it."""
    warnings = count_text(len(report.warnings), "warning")
    return [phrase("{warnings}: above.", warnings=warnings)] if report.warnings else []
