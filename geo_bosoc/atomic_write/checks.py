"""Where output may be written: what is wrong with a folder before anything is reckoned, and with a disk that fails."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from geo_bosoc.problems import Problem, Report

_LONGEST_NAME: Final = 200
"""Bytes of a folder's name: the draft beside it has a longer one, and 255 is what file systems take."""

_LONGEST_PATH: Final = 3500
"""Bytes of the whole path; the files' own names follow."""

_SPARE_BYTES: Final = 256 * 1024
"""A disk with less than this left is full: what writes through other libraries does not say so."""

_WORDS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than may be written here",
    errno.EROFS: "the disk may only be read",
    errno.EACCES: "the folder may not be written to",
    errno.EPERM: "the folder may not be written to",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EIO: "the disk does not answer as it should",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "there is a file of that name",
    errno.EISDIR: "there is a folder of that name",
}
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_OF_SQLITE: Final = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
}
_FULL_IN_WORDS: Final = ("disk is full", "no space left on device")
"""What GDAL, Arrow and Polars say in place of a number."""
_ROOM_HINT: Final = "Make room, or write somewhere else with --output; the files of the last run are kept."
_PLACE_HINT: Final = "Name another folder with --output, or as output under [project]."

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
        report.error("the output folder's name holds a control character.", hint=_PLACE_HINT, **where)
        return
    too_long = any(len(os.fsencode(part)) > _LONGEST_NAME for part in folder.parts)
    if too_long or len(os.fsencode(text)) > _LONGEST_PATH:
        report.error("the output folder's name is too long.", hint=_PLACE_HINT, **where)
        return
    try:
        resolved = folder.resolve()
        _check_resolved(resolved, inputs, report, where)
    except (
        OSError,
        RuntimeError,
    ) as error:  # a link that leads to itself is a RuntimeError before Python 3.13
        reason = _reason(error) or "the path leads nowhere"
        report.error(f"nothing can be written to the output folder: {reason}.", hint=_PLACE_HINT, **where)


def check_output_file(file: Path, report: Report, *, inputs: Iterable[Path] = ()) -> None:
    """Say what is wrong with a CSV file to be written; it may be there already, but is none of the `inputs`."""
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
        elif resolved.suffix.lower() in _OTHER_KINDS:
            report.error("what is written is CSV.", file=file, hint="Give it the ending .csv.")
        elif not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            report.error(
                f'nothing can be written to "{existing.name or existing}".', file=file, hint=_FILE_HINT
            )
    except (OSError, RuntimeError) as error:
        reason = _reason(error) or "the path leads nowhere"
        report.error(f"the output file cannot be written: {reason}.", hint=_FILE_HINT)


def _are_same(first: Path, second: Path) -> bool:
    """Whether two names lead to one file, as links do and names on a disk to which capitals make no difference."""
    return first.exists() and second.exists() and first.samefile(second)


def _check_resolved(resolved: Path, inputs: Iterable[Path], report: Report, where: dict[str, Any]) -> None:
    if resolved == Path(resolved.anchor):
        report.error("the root of a disk cannot be the output folder.", hint=_PLACE_HINT, **where)
        return
    if resolved.exists() and not resolved.is_dir():
        report.error("the output folder is a file, not a folder.", hint=_PLACE_HINT, **where)
        return
    existing = next(path for path in (resolved, *resolved.parents) if path.exists())
    if not existing.is_dir():
        report.error(
            f'the output folder lies below "{existing.name}", which is a file, not a folder.',
            hint=_PLACE_HINT,
            **where,
        )
        return
    parent = resolved.parent if resolved.parent.exists() else existing
    if not (os.access(existing, os.W_OK | os.X_OK) and os.access(parent, os.W_OK | os.X_OK)):
        report.error(
            "the output folder, or the one it lies in, may not be written to.", hint=_PLACE_HINT, **where
        )
        return
    for path in inputs:
        input_path = path.resolve()
        if resolved in (input_path, input_path.parent):
            report.error(
                f"the output folder holds what the run reads ({input_path.name}): output would lie among the input.",
                hint='Give the output a folder of its own, such as output = "maps" under [project].',
                **where,
            )
            return


def not_written(error: BaseException, folder: Path) -> Problem | None:
    """What a failure to write means in plain words; None where it is no matter of the disk."""
    reason = _reason(error)
    if reason is None and not (isinstance(error, Exception) and is_full(folder)):
        return None
    full = reason is None or _number(error) in _FULL
    return Problem(
        "error",
        f"the files cannot be written: {reason or _WORDS[errno.ENOSPC]}.",
        hint=_ROOM_HINT if full else _PLACE_HINT,
        file=folder.name or str(folder),
    )


def is_full(folder: Path) -> bool:
    """Whether the disk that a folder lies on has no room left."""
    existing = next((path for path in (folder, *folder.parents) if path.is_dir()), None)
    try:
        return existing is not None and shutil.disk_usage(existing).free < _SPARE_BYTES
    except OSError:
        return False


def _reason(error: BaseException) -> str | None:
    """An error of the operating system in words."""
    number = _number(error)
    if number is None:
        return None
    return _WORDS.get(number, os.strerror(number).lower())


def _number(error: BaseException) -> int | None:
    """The operating system's number of an error, whichever library raised it; None where it is of another kind.

    SQLite gives the room back that it could not fill, so that the disk itself no longer tells.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _OF_SQLITE.get(code & 0xFF)
    text = str(error).lower()
    return errno.ENOSPC if any(words in text for words in _FULL_IN_WORDS) else None
