"""A set of files takes the place of another as one step: with a journal, so that a dead process's step can be ended.

The new files lie complete beside the folders when the journal is written; what follows are moves, which can be ended
in either direction by whoever comes next.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from geo_bosoc.atomic_write.errors import OutputInUse

JOURNAL: Final = "journal.json"

_NO_SYNC: Final = (errno.EINVAL, errno.ENOSYS, errno.EBADF, errno.EOPNOTSUPP)
"""What file systems answer that cannot be asked to write through."""


@dataclass(frozen=True)
class FolderChange:
    """What changes in a folder; names have ``/`` in subfolders.

    Attributes
    ----------
    folder : Path
        Where the set is.
    new : Path
        Where its new files wait.
    old : Path
        Where its old files go.
    written : tuple of str
        The new files.
    removed : tuple of str
        Old files that no new one takes the place of.
    marks : tuple of str
        Files that say that the set is whole: they go first and come last.
    existed : bool
        Whether the folder was there before.
    """

    folder: Path
    new: Path
    old: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    marks: tuple[str, ...] = ()
    existed: bool = True

    def move_out(self, *, marks: bool) -> None:
        """Move the old files away; on a second try, those that are still there."""
        for name in self._names((*self.written, *self.removed), marks):
            is_old = name not in self.written or (self.new / name).exists()
            if is_old and (self.folder / name).is_file():
                _move(self.folder, self.old, name)

    def move_in(self, *, marks: bool) -> None:
        """Move the new files in; on a second try, those that are still waiting."""
        for name in self._names(self.written, marks):
            if (self.new / name).exists():
                _move(self.new, self.folder, name)

    def move_back(self, *, marks: bool) -> None:
        """Move those of the new files that are in the folder back to where they waited."""
        for name in self._names(self.written, marks):
            if not (self.new / name).exists() and (self.folder / name).is_file():
                _move(self.folder, self.new, name)

    def put_back(self, *, marks: bool) -> None:
        """Move the old files back."""
        old_files = [path.relative_to(self.old).as_posix() for path in self.old.rglob("*") if path.is_file()]
        for name in self._names(sorted(old_files), marks):
            _move(self.old, self.folder, name)

    def remove_empty(self, *, rolled_back: bool) -> None:
        """Remove subfolders, and the folder, that have become empty."""
        inner = {
            parent for name in (*self.written, *self.removed) for parent in PurePosixPath(name).parents[:-1]
        }
        paths = [
            self.folder / parent for parent in sorted(inner, key=lambda path: len(path.parts), reverse=True)
        ]
        if (rolled_back and not self.existed) or not (rolled_back or self.written):
            paths.append(self.folder)
        for path in paths:
            with contextlib.suppress(OSError):
                path.rmdir()

    def sync(self) -> None:
        """Have the folder's entries written through."""
        names = (*self.written, *self.removed)
        for path in sorted({self.folder, *((self.folder / name).parent for name in names)}):
            sync_folder(path)

    def _names(self, names: Iterable[str], marks: bool) -> Iterator[str]:
        return (name for name in names if (name in self.marks) == marks)


@dataclass(frozen=True)
class Swap:
    """Changes of one or more folders that happen together.

    Attributes
    ----------
    journal : Path
        The file that names them while they happen, in a folder of the process beside or in the first of the folders.
    changes : tuple of FolderChange
        One for each folder.
    """

    journal: Path
    changes: tuple[FolderChange, ...]

    def begin(self) -> None:
        """Write the new files through, then the journal: from here on the step is ended, by whomever."""
        for change in self.changes:
            for name in change.written:
                sync_file(change.new / name)
            for path in sorted({(change.new / name).parent for name in change.written}):
                sync_folder(path)
        entries = [_as_entry(change, self._root) for change in self.changes]
        draft = self.journal.with_suffix(".draft")
        draft.write_text(json.dumps(entries), encoding="utf-8")
        sync_file(draft)
        draft.replace(self.journal)
        sync_folder(self.journal.parent)
        sync_folder(self._root)

    def forward(self) -> None:
        """Put the new set in the old one's place."""
        self._each("move_out", marks=True)
        self._sync()
        self._each("move_out", marks=False)  # fails where a file is open elsewhere, before anything new is in
        self._each("move_in", marks=False)
        self._sync()
        self._each("move_in", marks=True)

    def back(self) -> None:
        """Put the old set back."""
        self._each("move_back", marks=True)
        self._each("move_back", marks=False)
        self._each("put_back", marks=False)
        self._sync()
        self._each("put_back", marks=True)

    def end(self, *, rolled_back: bool) -> None:
        """Remove the journal, when all moves in one direction are made; if it stays, it does no harm."""
        for change in self.changes:
            change.remove_empty(rolled_back=rolled_back)
        self._sync()
        with contextlib.suppress(OSError):
            self.journal.unlink()
        sync_folder(self.journal.parent)

    def recover(self) -> None:
        """End a dead process's step: forward, or where that cannot be done, back."""
        try:
            self.forward()
        except (OSError, OutputInUse):
            self.back()
            self.end(rolled_back=True)
        else:
            self.end(rolled_back=False)

    @classmethod
    def read(cls, journal: Path) -> Swap | None:
        """The step that a journal names; None where there is none, or it names what no journal of ours does."""
        try:
            entries = json.loads(journal.read_text(encoding="utf-8"))
            root = journal.parent.parent
            return cls(journal, tuple(_from_entry(entry, root) for entry in entries))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def _root(self) -> Path:
        return self.journal.parent.parent

    def _each(self, step: str, *, marks: bool) -> None:
        for change in self.changes:
            getattr(change, step)(marks=marks)

    def _sync(self) -> None:
        for change in self.changes:
            change.sync()


def sync_file(path: Path) -> None:
    """Have a file written through to the disk."""
    with path.open("r+b") as stream:
        try:
            os.fsync(stream.fileno())
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise


def sync_folder(path: Path) -> None:
    """Have a folder's entries written through, where the system can do it (Windows cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _move(source: Path, target: Path, name: str) -> None:
    moved = target / name
    try:
        moved.parent.mkdir(parents=True, exist_ok=True)
        (source / name).replace(moved)
    except PermissionError:
        raise OutputInUse(PurePosixPath(name).name) from None


def _as_entry(change: FolderChange, root: Path) -> dict[str, Any]:
    """A change as plain data, with paths from the folder that the process's own lies in: it may be moved or mounted."""
    paths = {
        field: os.path.relpath(getattr(change, field), root).replace(os.sep, "/")
        for field in ("folder", "new", "old")
    }
    return {**asdict(change), **paths}


def _from_entry(entry: dict[str, Any], root: Path) -> FolderChange:
    lists = {field: tuple(map(str, entry[field])) for field in ("written", "removed", "marks")}
    paths = {field: str(entry[field]) for field in ("folder", "new", "old")}
    inner = [PurePosixPath(name) for names in lists.values() for name in names]
    outer = [PurePosixPath(path) for path in paths.values()]
    if any(path.is_absolute() or ".." in path.parts for path in inner):
        raise ValueError("a name that lies outside of the folder")
    if any(path.is_absolute() or ".." in path.parts[1:] for path in outer):
        raise ValueError("a folder that lies elsewhere")
    folder, new, old = (Path(os.path.normpath(root / paths[field])) for field in ("folder", "new", "old"))
    return FolderChange(
        folder, new, old, lists["written"], lists["removed"], lists["marks"], bool(entry["existed"])
    )
