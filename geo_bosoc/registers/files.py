"""Files of a register: which there are, what an opened one gives, why and until when they are held.

What is kept of them while a run lasts lies in a private folder.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.atomic_write.private_folder import private_folder
from geo_bosoc.problems import Report, refuse_names
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.spec import RegisterSpec

TEXT: Final = (".csv", ".txt", ".tsv")
PARQUET: Final = (".parquet", ".pq")
WORKBOOK: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ROWS: Final = (".json",)


@dataclass(frozen=True)
class RegisterFile:
    """A file of a register, and the period that its name says."""

    path: Path
    period: str | None = None

    @property
    def name(self) -> str:
        return self.path.name


def find_files(
    spec: RegisterSpec, folder: Path | None, periods: Collection[str] | None, report: Report, key: str | None
) -> list[RegisterFile]:
    """The files that the specification's paths name, sorted by name; what names none is an error in `report`.

    Of files told apart by ``{period}``, only those of `periods` are taken (all if None).
    """
    files_by_path: dict[Path, RegisterFile] = {}
    resolved: set[Path] = set()
    for pattern in spec.paths:
        where = {"key": f"{key}.path" if key else None, "file": Path(pattern).name}
        path_pattern = Path(pattern) if folder is None else folder / pattern
        if "{period}" in pattern:
            files = _files_by_period(path_pattern)
            if not files:
                report.error(_no_match_message(path_pattern), **where)
            if periods is not None:
                in_periods = [file for file in files if file.period in periods]
                for period in (
                    sorted(set(periods) - {file.period for file in files if file.period}) if files else ()
                ):
                    report.warn(phrase("there is no file for {period}.", period=period), **where)
                files = in_periods
        elif any(sign in pattern for sign in "*?") and not path_pattern.exists():
            files = [RegisterFile(path) for path in sorted(_glob(path_pattern)) if path.is_file()]
            if not files:
                report.error(_no_match_message(path_pattern), **where)
        else:
            files = [RegisterFile(path_pattern)]
            if not path_pattern.is_file():
                report.error(
                    phrase(
                        "this is a folder, not a file (looked in {folder})."
                        if path_pattern.is_dir()
                        else "there is no such file (looked in {folder}).",
                        folder=_folder(path_pattern),
                    ),
                    **where,
                )
                files = []
        for file in files:
            parts = file.path.relative_to(folder).parts if folder and file.path.is_relative_to(folder) else ()
            refuse_names(parts or (file.name,), report, "the file or its folder", **where)
            if file.path.stat().st_size == 0:
                report.error("the file is empty.", file=file.path, key=where["key"])
            elif file.path.resolve() in resolved:
                report.warn(
                    "the file is named twice under path; it is read once.", file=file.path, key=where["key"]
                )
            else:
                resolved.add(file.path.resolve())
                files_by_path.setdefault(file.path, file)
    return [files_by_path[path] for path in sorted(files_by_path)]


def data_periods(spec: RegisterSpec, periods: Collection[str] | None) -> set[str] | None:
    """The periods of the files themselves that stand for `periods` (see `period_shift`)."""
    if periods is None:
        return None
    return {f"{int(period[:4]) - spec.period_shift}{period[4:]}" for period in periods}


def periods_to_read(
    spec: RegisterSpec, folder: Path | None, periods: Collection[str]
) -> Collection[str] | None:
    """The periods to read of a register; None for all, also where its files are of other periods: that it lacks those
    asked for is told of all registers together (`geo_bosoc.project.checks.not_in_registers`)."""
    if not periods:
        return None
    if all("{period}" in path for path in spec.paths):
        of_files = _periods_of_files(spec, folder)
        if of_files and not of_files & (data_periods(spec, periods) or set()):
            return None
    return periods


def periods_with_files(spec: RegisterSpec, folder: Path | None, periods: Sequence[str]) -> list[str]:
    """Those of the periods that the register has files for, and the last one in any case."""
    earlier = list(periods[:-1])
    if earlier and any("{period}" in path for path in spec.paths):
        of_files = _periods_of_files(spec, folder)
        earlier = [period for period in earlier if (data_periods(spec, [period]) or set()) & of_files]
    return [*earlier, *periods[-1:]]


def _periods_of_files(spec: RegisterSpec, folder: Path | None) -> set[str]:
    """The periods that the files' names tell."""
    return {file.period for file in find_files(spec, folder, None, Report(), None) if file.period}


def _folder(path: Path) -> str:
    """The folder as the user wrote it: only its last two parts, so that no user's name ends in a log."""
    parts = path.parent.parts[-2:]
    return "/".join(part.strip("/\\") for part in parts) or phrase("this folder")


def _no_match_message(pattern: Path) -> str:
    return phrase("no file fits this pattern (looked in {folder}).", folder=_folder(pattern))


def _glob(pattern: Path) -> list[Path]:
    """Files that fit a pattern whose folders may hold ``*`` as well."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if any(sign in part for sign in "*?"))
    root = Path(*parts[:first]) if first else Path()
    return list(root.glob(str(Path(*parts[first:])))) if root.is_dir() else []


def _files_by_period(pattern: Path) -> list[RegisterFile]:
    """Files told apart by ``{period}``: a year or quarter, anywhere in the path."""
    written = pattern.as_posix()
    expression = re.escape(written)
    expression = expression.replace(re.escape("{period}"), r"(?P<period>\d{4}(?:[KQkq][1-4])?)", 1)
    expression = expression.replace(re.escape("{period}"), r"(?P=period)")
    expression = expression.replace(r"\*", r"[^/]*").replace(r"\?", r"[^/]")
    files = []
    for path in _glob(Path(written.replace("{period}", "*"))):
        match = re.fullmatch(expression, path.as_posix())
        if match and path.is_file():
            files.append(RegisterFile(path, match["period"].upper().replace("Q", "K")))
    return sorted(files, key=lambda file: (file.period or "", file.path))


_numbers: Final = itertools.count(1)


def new_private_file() -> Path:
    """A path for a new Parquet file in the private folder."""
    return private_folder() / f"{next(_numbers):06d}.parquet"


ACROSS: Final = "@period"
"""Name of the column with the period that a column's header says (`years_across`)."""

ROW: Final = "@row"
"""Name of the column with each row's number, as the user's own program shows it."""


@dataclass(frozen=True)
class Source:
    """An opened file.

    Attributes
    ----------
    header : tuple of str
        The column names as written, blanks around them removed; may hold doubles.
    batches : callable
        From column positions to frames with columns ``c<position>`` and `ROW`.
    decimal : str or None
        The decimal mark to assume of text when the figures do not tell; None to ask the user.
    both_marks : bool
        Text may hold numbers with either decimal mark, since the program's own numbers have a point.
    header_hint : callable
        What to tell a user who misses columns (their names), if anything.
    ends_at_blank : bool
        Below a blank row notes may stand (workbooks).
    merged_down : callable
        Of a column's position, first and last row of each range of rows whose cells are one.
    """

    header: tuple[str, ...]
    batches: Callable[[Sequence[int]], Iterator[pl.DataFrame]]
    decimal: str | None = None
    both_marks: bool = False
    header_hint: Callable[[Sequence[str]], str | None] = field(default=lambda _names: None)
    ends_at_blank: bool = False
    merged_down: Callable[[int], Sequence[tuple[int, int]]] = field(default=lambda _position: ())


@dataclass(frozen=True)
class OpenedFile:
    """A file that could be opened, and where the columns to read stand in it.

    Attributes
    ----------
    file : RegisterFile
        The file.
    source : Source or None
        What its reader gives; None of a Parquet file, which is scanned.
    header : tuple of str
        Its column names.
    positions : dict of str to int
        Where each column stands in the file, by our own name.
    across : dict of str to int
        The columns that become rows (`years_across`), by their period; empty if there are none.
    """

    file: RegisterFile
    source: Source | None
    header: tuple[str, ...]
    positions: dict[str, int]
    across: dict[str, int]


GOVERNANCE_FIELDS: Final = ("purpose", "legal_basis", "source", "received", "delete_by")


def check_governance(
    specs: Mapping[str, RegisterSpec], report: Report, *, today: date, made_up: bool = False
) -> None:
    """Warn where a register of people says too little about itself, or should be deleted by now.

    Registers of addresses, and of made-up people, may say nothing.
    """
    for name, spec in specs.items():
        if spec.delete_by is not None and spec.delete_by < today:
            report.warn(
                phrase("this register was to be deleted by {day}.", day=spec.delete_by),
                key=f"registers.{name}.delete_by",
                hint="Delete its files, or settle a new date.",
            )
        if spec.received is not None and spec.received > today:
            report.warn("this register was received in the future.", key=f"registers.{name}.received")
        missing = [field for field in GOVERNANCE_FIELDS if not getattr(spec, field)]
        if missing and not made_up and spec.unit in ("person", "case", "dwelling"):
            report.warn(
                phrase("the register does not say: {keys}.", keys=", ".join(missing)),
                key=f"registers.{name}",
                hint="Write them in the project file; run.json prints them.",
            )
