"""What a disk refuses, in plain words, whichever library says it; everything then is as it was before."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import Message, phrase

_SPARE_BYTES: Final = 256 * 1024
"""A disk with less than this left is full: what writes through other libraries does not say so."""

_WORDS: Final = {
    errno.ENOSPC: phrase("the disk is full"),
    errno.EDQUOT: phrase("the disk quota is used up"),
    errno.EFBIG: phrase("the file would be larger than may be written here"),
    errno.EROFS: phrase("the disk may only be read"),
    errno.EACCES: phrase("the folder may not be read or written to"),
    errno.EPERM: phrase("the folder may not be read or written to"),
    errno.ENAMETOOLONG: phrase("the name is too long"),
    errno.EIO: phrase("the disk does not answer as it should"),
    errno.ENOTDIR: phrase("a part of the path is a file, not a folder"),
    errno.EEXIST: phrase("there is a file of that name"),
    errno.EISDIR: phrase("there is a folder of that name"),
    errno.EXDEV: phrase("the folder lies on another disk than the files that should be moved into it"),
    errno.EBUSY: phrase("the file or folder is in use"),
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
PLACE_HINT: Final = "Name another folder with --output, or as output under [project]."


class OutputNotWritten(InputError):
    """Files cannot be written where they should go; everything is as it was before."""


class OutputInUse(OutputNotWritten):
    """A file that should be replaced is open in another program; everything is as it was before."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__(
            [
                Problem(
                    "error",
                    "the file is open in another program, or may not be replaced.",
                    hint="Close it and run again; the files of the last run are all left as they were.",
                    file=name,
                )
            ]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._name,)


class OutputBusy(OutputNotWritten):
    """Another run is writing to the folder; everything is as that run leaves it."""

    def __init__(self, name: str, owner: str, hint: str) -> None:
        self._arguments = (name, owner, hint)
        super().__init__(
            [
                Problem(
                    "error",
                    phrase("another run is writing to this folder ({owner}).", owner=owner),
                    hint=hint,
                    file=name,
                )
            ]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments


@contextlib.contextmanager
def plain_errors(target: Path) -> Iterator[None]:
    """What a disk refuses, said in plain words; any other failure passes as it is."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        problem = not_written(error, target)
        if problem is None:
            raise
        raise OutputNotWritten([problem]) from error


def not_written(error: BaseException, folder: Path) -> Problem | None:
    """What a failure to write means in plain words; None where it is no matter of the disk."""
    reason = reason_of(error)
    if reason is None and not (isinstance(error, Exception) and is_full(folder)):
        return None
    full = reason is None or _number(error) in _FULL
    return Problem(
        "error",
        phrase("the files cannot be written: {reason}.", reason=reason or _WORDS[errno.ENOSPC]),
        hint=_ROOM_HINT if full else PLACE_HINT,
        file=folder.name or str(folder),
    )


def is_full(folder: Path) -> bool:
    """Whether the disk that a folder lies on has no room left."""
    existing = next((path for path in (folder, *folder.parents) if path.is_dir()), None)
    try:
        return existing is not None and shutil.disk_usage(existing).free < _SPARE_BYTES
    except OSError:
        return False


def reason_of(error: BaseException) -> Message | None:
    """An error of the operating system in words."""
    number = _number(error)
    if number is None:
        return None
    name = errno.errorcode.get(number, str(number))
    return _WORDS.get(number, phrase("the system refuses it with the error {name}", name=name))


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
