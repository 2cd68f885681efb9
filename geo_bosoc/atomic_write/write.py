"""Files are written whole or not at all, and a set of files changes together or stays as it was."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from geo_bosoc.atomic_write.checks import not_written
from geo_bosoc.problems import InputError, Problem

_STALE_SECONDS = 24 * 3600


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


@contextlib.contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """A temporary sibling to write to, which takes the place of `path` when the block ends without an error.

    Raises
    ------
    OutputInUse
        `path` is open in a program that does not let it be replaced (Excel on Windows).
    OutputNotWritten
        The disk is full, or may not be written to.
    """
    target = Path(path)
    with plain_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
    draft = Path(name)
    try:
        draft.unlink()
        with plain_errors(target):
            yield draft
            try:
                draft.replace(target)
            except PermissionError:
                raise OutputInUse(target.name) from None
    finally:
        draft.unlink(missing_ok=True)


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


class OutputFolder:
    """The files of a run: written beside the folder, swapped in together at the end, all of them or none.

    Used as a context manager. An error or Ctrl-C inside the block leaves the folder as it was. Files in the
    folder that are not part of the set (a README, another set's subfolder) are not touched.

    Parameters
    ----------
    folder : str or Path
        Made where it does not exist.
    owned : iterable of str, optional
        Names (with ``/`` in subfolders) of files that belong to the set; those of an earlier run that this one does
        not write are taken away, so that old and new never stand side by side.

    Raises
    ------
    OutputInUse
        On leaving the block: a file to be replaced is open elsewhere. All old files are in place.
    OutputNotWritten
        The disk is full, or the folder may not be written to. All old files are in place.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "maps"
    >>> with OutputFolder(place) as out:
    ...     _ = out.path("note.txt").write_text("done", encoding="utf-8")
    >>> (place / "note.txt").read_text(encoding="utf-8")
    'done'
    """

    def __init__(self, folder: str | Path, *, owned: Iterable[str] = ()) -> None:
        self.folder = Path(folder).absolute()
        self.owned = tuple(PurePosixPath(name) for name in owned)
        self._draft: Path | None = None

    def __enter__(self) -> OutputFolder:
        parent = self.folder.parent
        with plain_errors(self.folder):
            parent.mkdir(parents=True, exist_ok=True)
            if self.folder.exists() and not self.folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "not a folder")
            self._recover()
            self._draft = Path(
                tempfile.mkdtemp(prefix=f".{self.folder.name}-", suffix=".writing", dir=parent)
            )
        return self

    def path(self, name: str) -> Path:
        """Where to write the file `name` (with ``/`` in subfolders) until the set is complete."""
        if self._draft is None:
            raise RuntimeError("an output folder is written inside its with-block")
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts:
            raise ValueError(f"{name!r} is not a name inside the output folder")
        draft_path = self._draft / inner
        draft_path.parent.mkdir(parents=True, exist_ok=True)
        return draft_path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        try:
            with plain_errors(self.folder):
                if kind is None:
                    self._swap(draft)
                elif isinstance(error, Exception) and not isinstance(error, InputError):
                    raise error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @property
    def _aside(self) -> Path:
        """Where the old files wait while the new ones move in."""
        return self.folder.parent / f".{self.folder.name}.before"

    def _swap(self, draft: Path) -> None:
        drafts = (path for path in draft.rglob("*") if path.is_file())
        written = sorted(PurePosixPath(path.relative_to(draft).as_posix()) for path in drafts)
        replaced = [name for name in dict.fromkeys([*written, *self.owned]) if (self.folder / name).is_file()]
        aside, moved_away, moved_in = self._aside, [], []
        aside.mkdir()
        current: PurePosixPath | None = None
        try:
            # moving a file away fails where it is open elsewhere, before anything new is in
            for current in replaced:
                _move(self.folder / current, aside / current)
                moved_away.append(current)
            for current in written:
                _move(draft / current, self.folder / current)
                moved_in.append(current)
        except BaseException as error:
            for name in reversed(moved_in):
                (self.folder / name).unlink(missing_ok=True)
            for name in reversed(moved_away):
                _move(aside / name, self.folder / name)
            shutil.rmtree(aside, ignore_errors=True)
            if isinstance(error, PermissionError) and current is not None:
                raise OutputInUse(str(current)) from None
            raise
        done = aside.with_suffix(".done")
        shutil.rmtree(done, ignore_errors=True)
        aside.replace(done)
        shutil.rmtree(done, ignore_errors=True)

    def _recover(self) -> None:
        """Put back what was left aside when a machine stopped in the middle of a swap; sweep old drafts."""
        aside = self._aside
        if aside.is_dir():
            for path in sorted(path for path in aside.rglob("*") if path.is_file()):
                target = self.folder / path.relative_to(aside)
                try:
                    _move(path, target)
                except PermissionError:
                    raise OutputInUse(target.name) from None
            shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(aside.with_suffix(".done"), ignore_errors=True)
        for draft in aside.parent.glob(f".{glob.escape(self.folder.name)}-*.writing"):
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(draft, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
