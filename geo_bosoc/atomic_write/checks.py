"""Where output may be written: what is wrong with a folder or file before anything is read."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from geo_bosoc.atomic_write.errors import PLACE_HINT, reason_of
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

_LONGEST_NAME: Final = 200
"""Bytes of a folder's name: the draft beside it has a longer one, and 255 is what file systems take."""

_LONGEST_PATH: Final = 3500
"""Bytes of the whole path; the files' own names follow."""

_FILE_HINT: Final = "Name another file with --output."
_OTHER_KINDS: Final = (
    ".xlsx",
    ".xls",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".parquet",
    ".pq",
    ".json",
    ".gpkg",
    ".geojson",
)


def check_output_folder(folder: Path, report: Report, *, inputs: Iterable[Path] = (), **where: Any) -> None:
    """Say what is wrong with an output folder; nothing is written, and nothing on the disk is changed.

    Parameters
    ----------
    folder : Path
        The folder; it need not exist.
    report : Report
        Takes what is wrong.
    inputs : iterable of Path, optional
        Files and folders that a run reads; none may lie right in the output folder, nor be it.
    **where : object
        Fields of `Problem`, such as the key of the project file that names the folder.
    """
    text = str(folder)
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        report.error("the output folder's name holds a control character.", hint=PLACE_HINT, **where)
        return
    too_long = any(len(os.fsencode(part)) > _LONGEST_NAME for part in folder.parts)
    if too_long or len(os.fsencode(text)) > _LONGEST_PATH:
        report.error("the output folder's name is too long.", hint=PLACE_HINT, **where)
        return
    try:
        resolved = folder.resolve()
        _check_resolved(resolved, inputs, report, where)
    except (
        OSError,
        RuntimeError,
    ) as error:  # a link that leads to itself is a RuntimeError before Python 3.13
        reason = reason_of(error) or phrase("the path leads nowhere")
        report.error(
            phrase("nothing can be written to the output folder: {reason}.", reason=reason),
            hint=PLACE_HINT,
            **where,
        )


def check_output_file(
    file: Path, report: Report, *, inputs: Iterable[Path] = (), columns: Sequence[str] = (), mark: str = ""
) -> None:
    """Say what is wrong with a CSV file, or a workbook, to be written.

    Parameters
    ----------
    file : Path
        The file. It may be there already if it is empty, or begins with the columns, but is none of the `inputs`.
    report : Report
        Takes what is wrong.
    inputs : iterable of Path, optional
        Files that are read.
    columns : sequence of str, optional
        The columns that a file of ours begins with.
    mark : str, optional
        The keyword of a workbook of ours; left out, no workbook is written.
    """
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in str(file)):
        report.error("the output file's name holds a control character.", hint=_FILE_HINT)
        return
    try:
        resolved = file.resolve()
        existing = next(path for path in resolved.parents if path.exists())
        if resolved.is_dir():
            report.error("the output is a folder, not a file.", file=file, hint=_FILE_HINT)
        elif resolved.exists() and not resolved.is_file():
            report.error("the output is a device, not a file.", file=file, hint=_FILE_HINT)
        elif any(resolved == path.resolve() or _are_same(resolved, path) for path in inputs):
            report.error("this is the file that is read: it would be lost.", file=file, hint=_FILE_HINT)
        elif resolved.suffix.lower() in _OTHER_KINDS and not _is_book(resolved, mark):
            report.error("what is written is CSV.", file=file, hint="Give it the ending .csv.")
        elif not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            report.error(
                phrase('nothing can be written to "{name}".', name=existing.name or existing),
                file=file,
                hint=_FILE_HINT,
            )
        elif resolved.exists() and not (
            _has_keyword(resolved, mark) if _is_book(resolved, mark) else _begins_with(resolved, columns)
        ):
            report.error(
                "this file is here already and holds something else than categories: it would be lost.",
                file=file,
                hint=_FILE_HINT,
            )
    except (OSError, RuntimeError) as error:
        reason = reason_of(error) or phrase("the path leads nowhere")
        report.error(phrase("the output file cannot be written: {reason}.", reason=reason), hint=_FILE_HINT)


def _begins_with(file: Path, columns: Sequence[str]) -> bool:
    """Whether a file is empty, or a CSV of these columns, with whichever delimiter."""
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        head = stream.readline()
    return not head or any(head.startswith(delimiter.join(columns)) for delimiter in ";,")


def _are_same(first: Path, second: Path) -> bool:
    """Whether two names lead to one file, as links do and names on a disk to which capitals make no difference."""
    return first.exists() and second.exists() and first.samefile(second)


def _check_resolved(resolved: Path, inputs: Iterable[Path], report: Report, where: dict[str, Any]) -> None:
    if resolved == Path(resolved.anchor):
        report.error("the root of a disk cannot be the output folder.", hint=PLACE_HINT, **where)
        return
    if resolved.exists() and not resolved.is_dir():
        report.error("the output folder is a file, not a folder.", hint=PLACE_HINT, **where)
        return
    existing = next(path for path in (resolved, *resolved.parents) if path.exists())
    if not existing.is_dir():
        report.error(
            phrase(
                'the output folder lies below "{name}", which is a file, not a folder.', name=existing.name
            ),
            hint=PLACE_HINT,
            **where,
        )
        return
    needed = os.W_OK | os.X_OK | (os.R_OK if existing == resolved else 0)
    if not os.access(existing, needed):
        report.error(
            phrase("the output folder may not be read or written to.")
            if existing == resolved
            else phrase(
                'the folder "{name}" that the output goes to may not be read or written to.',
                name=existing.name,
            ),
            hint=PLACE_HINT,
            **where,
        )
        return
    for path in inputs:
        input_path = path.resolve()
        if resolved in (input_path, input_path.parent):
            report.error(
                phrase(
                    "the output folder holds what the run reads ({name}): output would lie among the input.",
                    name=input_path.name,
                ),
                hint='Give the output a folder of its own, such as output = "maps" under [project].',
                **where,
            )
            return


def _is_book(file: Path, mark: str) -> bool:
    """Whether a workbook is to be written, and may be."""
    return bool(mark) and file.suffix.lower() == ".xlsx"


def _has_keyword(file: Path, mark: str) -> bool:
    """Whether a workbook that is there already is empty, or has the keyword of ours."""
    if file.stat().st_size == 0:
        return True
    try:
        with zipfile.ZipFile(file) as book:
            return f"<cp:keywords>{mark}</cp:keywords>".encode() in book.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError):
        return False
