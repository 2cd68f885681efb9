"""The list of outputs: every file that a run writes is a line here, and a function that takes published results.

A study has a list of its own lines (`OUTPUTS` in the ``outputs`` of its room); `project` puts the
lists together and walks them, and has no other list of file names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Final

from geo_bosoc.disclosure.results import OutputSet, Stamped

YEARLY: Final = "yearly"
"""The name of the yearly run's results, which are `PublishedResults`."""
BOTH: Final[tuple[OutputSet, ...]] = ("public", "internal")


def set_folder(output_set: OutputSet, folder: Path) -> Path:
    """Where the files of a set lie: the public ones in the output folder, the internal ones beside it, never inside.

    Examples
    --------
    >>> set_folder("internal", Path("maps")).as_posix()
    'maps-internal'
    """
    if output_set == "public":
        return folder
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{named.name}-internal")


@dataclass(frozen=True)
class Output:
    """A line of the list: files, the function that writes them, and the sets that have them.

    Attributes
    ----------
    names : tuple of str
        Names in the folder of a set. One with ``*`` in it stands for as many files as there are to write.
    writer : str
        ``module:function``, imported when something is written. The function is called with the results and the path
        of each name (of a name with ``*``, its folder); where there is nothing to tell it writes nothing.
    sets : tuple of {"public", "internal"}, optional
        Those that have it; by default both.
    results : str, optional
        Whose results the function takes: of the yearly run, or of a study (``balance``, ``bottom_up``, ``follow_up``).
    in_worker : bool, optional
        Whether it is what a worker process writes first: for what takes seconds in a large city.
    edited_by_people : bool, optional
        Whether people write in its files: a run then refuses to replace one that was changed since it was written.
    takes_studies : bool, optional
        Whether the function takes what gives the pages of the set's studies too (``studies``).
    """

    names: tuple[str, ...]
    writer: str
    sets: tuple[OutputSet, ...] = BOTH
    results: str = YEARLY
    in_worker: bool = False
    edited_by_people: bool = False
    takes_studies: bool = False

    @property
    def function(self) -> Callable[..., None]:
        """The function that writes the files."""
        module, _, name = self.writer.partition(":")
        function: Callable[..., None] = getattr(import_module(module), name)
        return function

    def paths(self, path: Callable[[str], Path]) -> list[Path]:
        """Where the function is to write; `path` gives the place of a name in the folder of the set."""
        return [path(name.rpartition("/*")[0] if "*" in name else name) for name in self.names]


MANIFEST: Final = Output(("run.json",), "geo_bosoc.outputs.manifest:write_manifest")
"""It names the other files of its set, so that it is written last, and takes more than results."""

TABLES: Final = Output(
    ("categories.csv", "criteria.csv", "categories.xlsx"),
    "geo_bosoc.outputs.workbook.write:write_tables",
    in_worker=True,
)
"""The tables, which are made once for the CSV files and the workbook."""
PREVIOUS: Final = (*TABLES.names[:2], *MANIFEST.names)
"""The files of a set published before that a run reads again."""

OUTPUTS: Final = (
    Output(("risk_map.html",), "geo_bosoc.outputs.page.risk_map:write_risk_map", takes_studies=True),
    Output(("categories.gpkg",), "geo_bosoc.outputs.geopackage.write:write_geopackage"),
    TABLES,
    Output(("surfaces/*",), "geo_bosoc.outputs.surfaces:write_surfaces", ("internal",)),
    MANIFEST,
)
"""The outputs of the yearly run."""


def outputs_of(
    outputs: Iterable[Output], results: Mapping[str, Stamped], output_set: OutputSet
) -> list[Output]:
    """The lines of a set that there are results for."""
    return [output for output in outputs if output_set in output.sets and output.results in results]


def edited_by_people(outputs: Iterable[Output], names: Iterable[str]) -> list[str]:
    """Those of a set's files that people write in.

    >>> outputs = [Output(("profiles/*",), "module:function", edited_by_people=True)]
    >>> edited_by_people(outputs, ["categories.csv", "profiles/0001_elmeparken.docx"])
    ['profiles/0001_elmeparken.docx']
    """
    patterns = [name for output in outputs if output.edited_by_people for name in output.names]
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def files_of(outputs: Iterable[Output], folder: Path) -> list[str]:
    """The names of a set's files in its folder; those of a name with ``*`` as far as they are there."""
    names: list[str] = []
    for name in (name for output in outputs for name in output.names):
        matches = sorted(folder.glob(name)) if "*" in name else []
        names += [path.relative_to(folder).as_posix() for path in matches] if "*" in name else [name]
    return names
