"""Files are written whole or not at all, and a set of files changes together or stays as it was."""

from __future__ import annotations

import contextlib
import errno
import itertools
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final

from geo_bosoc.atomic_write.drafts import entries, new_draft, sweep_drafts
from geo_bosoc.atomic_write.errors import OutputBusy, OutputInUse, OutputNotWritten, plain_errors
from geo_bosoc.atomic_write.lock import WAIT, FolderLock, lock_is_dead
from geo_bosoc.atomic_write.owner import STALE_SECONDS, TAG, age, is_left_behind, owner_tag, tag_in
from geo_bosoc.atomic_write.swap import JOURNAL, FolderChange, Swap, sync_file, sync_folder
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import phrase

_STAGE: Final = ".writing"
_RECOVERY_WAIT: Final = 5.0

_numbers: Final = itertools.count()
_stages: Final[set[Path]] = set()
"""Folders in which this process is writing a set."""


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
    in_set = any(stage in target.parents for stage in _stages)  # written through with its set
    with plain_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not in_set:
            sweep_drafts(target.parent)
    draft = new_draft(target.parent, target.suffix)
    try:
        with plain_errors(target):
            yield draft
            if not in_set:
                sync_file(draft)
            try:
                draft.replace(target)
            except PermissionError:
                raise OutputInUse(target.name) from None
            if not in_set:
                sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def recover(folder: Path, *, others: Iterable[Path] = (), wait: float = _RECOVERY_WAIT) -> None:
    """Make whole what a process left that died while it changed a set of files, and sweep what it left beside it.

    Parameters
    ----------
    folder : Path
        The output folder; it need not exist.
    others : iterable of Path, optional
        Folders that are written together with it.
    wait : float, optional
        Seconds to wait for another process that writes there; it has looked itself.

    Raises
    ------
    OutputNotWritten
        A file is open in another program, or the disk fails: the set is not whole yet, and has none of its marks.
    """
    folder = folder.absolute()
    around = list(dict.fromkeys([folder.parent, folder, *(other.absolute() for other in others)]))
    for path in around:
        sweep_drafts(path)
    locks = [_lock_path(path, folder) for path in (folder.parent, folder)]
    is_locked = any(path.exists() for path in locks) and not any(map(lock_is_dead, locks))
    stages = [stage for path in around for stage in _left_stages(path, folder.name, locked=not is_locked)]
    if not stages and not any(map(lock_is_dead, locks)):
        return
    is_half = any((stage / JOURNAL).exists() for stage in stages)
    with (
        contextlib.suppress(OutputBusy if is_half else OutputNotWritten),  # what cannot be swept does no harm
        plain_errors(folder),
        FolderLock(_lock_path(_home(folder), folder), folder.name, wait=wait),
    ):
        _recover_stages(folder, around)


def folders_left_behind(parent: Path) -> list[str]:
    """The names of output folders in `parent` that a dead process may have left half changed."""
    names = [re.fullmatch(rf"\.(.+)-{TAG}-\d+\{_STAGE}", path.name) for path in entries(parent)]
    return sorted({match[1] for match in names if match is not None})


class OutputFolder:
    """The files of a run: written beside the folder, swapped in together at the end, all of them or none.

    Used as a context manager. An error or Ctrl-C inside the block leaves the folder as it was; a process that is
    killed leaves what `recover` makes whole. Files in the folder that are not part of the set (a README, another
    set's subfolder) are not touched. One process at a time writes to a folder: another waits.

    Parameters
    ----------
    folder : str or Path
        Made where it does not exist.
    owned : iterable of str, optional
        Names (with ``/`` in subfolders) of files that belong to the set; those of an earlier run that this one does
        not write are taken away, so that old and new never stand side by side.
    others : mapping of Path to iterable of str, optional
        Further folders that change together with this one, each with the names of files that belong to its set.
    marks : iterable of str, optional
        Names of files that say that a set is whole: they are taken away first and come last.
    wait : float, optional
        Seconds to wait for another process that is writing to the folder.

    Raises
    ------
    OutputBusy
        On entering the block: another process is writing to the folder.
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

    def __init__(
        self,
        folder: str | Path,
        *,
        owned: Iterable[str] = (),
        others: Mapping[Path, Iterable[str]] | None = None,
        marks: Iterable[str] = (),
        wait: float = WAIT,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.owned: dict[Path, tuple[str, ...]] = {self.folder: tuple(owned)}
        self.owned |= {path.absolute(): tuple(names) for path, names in (others or {}).items()}
        self.marks = tuple(marks)
        self._wait = wait
        self._stages: list[Path] = []
        self._drafts: dict[Path, Path] = {}
        self._lock: FolderLock | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> OutputFolder:
        with plain_errors(self.folder), contextlib.ExitStack() as stack:
            for folder in self.owned:
                folder.parent.mkdir(parents=True, exist_ok=True)
                if folder.exists() and not folder.is_dir():
                    raise NotADirectoryError(errno.ENOTDIR, "not a folder")
            lock_path = _lock_path(_home(self.folder), self.folder)
            self._lock = stack.enter_context(FolderLock(lock_path, self.folder.name, wait=self._wait))
            around = list(dict.fromkeys([self.folder.parent, *self.owned]))
            _recover_stages(self.folder, around)
            self._open = stack.pop_all()
        return self

    def path(self, name: str, folder: Path | None = None) -> Path:
        """Where to write the file `name` (with ``/`` in subfolders) until the set is complete.

        `folder` is one of the further folders; left out, the first.
        """
        if self._lock is None:
            raise RuntimeError("an output folder is written inside its with-block")
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts:
            raise ValueError(f"{name!r} is not a name inside the output folder")
        draft_path = self._draft(self.folder if folder is None else folder.absolute()) / inner
        draft_path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.refresh()
        return draft_path

    def claim(self, names: Iterable[str], folder: Path | None = None) -> None:
        """Name files of an earlier run that go where no new ones take their place; inside the block."""
        self.owned[self.folder if folder is None else folder.absolute()] = tuple(names)

    def names(self, folder: Path | None = None) -> list[str]:
        """The files that have been written so far."""
        draft = self._drafts.get(self.folder if folder is None else folder.absolute())
        if draft is None:
            return []
        return sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lock, self._lock = self._lock, None
        if lock is None:
            return
        with self._open, plain_errors(self.folder):
            if kind is None:
                self._swap(lock)
            elif isinstance(error, Exception) and not isinstance(error, InputError):
                raise error

    def _draft(self, folder: Path) -> Path:
        """Where files of a folder wait, made when the first is asked for."""
        if folder not in self._drafts:
            home = _home(folder)
            stage = next((path for path in self._stages if path.parent == home), None)
            if stage is None:
                stage = _new_stage(home, self.folder.name)
                self._stages.append(stage)
                self._open.callback(_discard, stage, self._stages[0] / JOURNAL)
            draft = stage / f"new{len(self._drafts)}"
            draft.mkdir()
            self._drafts[folder] = draft
        return self._drafts[folder]

    def _swap(self, lock: FolderLock) -> None:
        changes = []
        for folder, names in self.owned.items():
            written = self.names(folder)
            others = [name for name in dict.fromkeys(names) if name not in written]
            removed = [name for name in others if (folder / name).is_file()]
            if written or removed:
                new = self._draft(folder)
                old = new.with_name(new.name.replace("new", "old"))
                change = (folder, new, old, tuple(written), tuple(removed), self.marks, folder.is_dir())
                changes.append(FolderChange(*change))
        if not changes:
            return
        swap = Swap(self._stages[0] / JOURNAL, tuple(changes))
        if not lock.is_ours():
            raise OutputBusy(self.folder.name, phrase("it has taken this one's turn over"), "Run again.")
        swap.begin()
        try:
            swap.forward()
        except BaseException:
            _undo(swap)
            raise
        swap.end(rolled_back=False)


def _undo(swap: Swap) -> None:
    """Put the old set back; where that fails too, say that the next command will end it."""
    try:
        swap.back()
        swap.end(rolled_back=True)
    except (OSError, OutputInUse) as error:
        name = error.problems[0].file if isinstance(error, OutputInUse) else swap.changes[0].folder.name
        raise OutputNotWritten(
            [
                Problem(
                    "error",
                    "some files could not be replaced, and others could not be put back.",
                    hint="Close what is open in other programs; the next command, such as geo-bosoc check, then puts "
                    "the files of the set in order.",
                    file=name,
                )
            ]
        ) from error


def _home(folder: Path) -> Path:
    """Where files wait that are to be moved into a folder: beside it; within, where none can be moved from there."""
    if not folder.is_dir():
        return folder.parent
    probe = new_draft(folder.parent)
    moved = folder / probe.name
    try:
        probe.touch()
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return folder
        raise
    try:
        probe.replace(moved)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return folder
        raise
    finally:
        for path in (probe, moved):
            path.unlink(missing_ok=True)
    return folder.parent


def _new_stage(home: Path, name: str) -> Path:
    """A new folder for the files of a set until they are complete."""
    while True:
        stage = home / f".{name}-{owner_tag()}-{next(_numbers)}{_STAGE}"
        try:
            stage.mkdir(mode=0o700)
        except FileExistsError:
            continue
        _stages.add(stage)
        return stage


def _discard(stage: Path, journal: Path) -> None:
    """Remove the folder of a set; while there is a journal it is left to whoever comes next."""
    _stages.discard(stage)
    if not journal.exists():
        shutil.rmtree(stage, ignore_errors=True)


def _lock_path(home: Path, folder: Path) -> Path:
    return home / f".{folder.name}.lock"


def _left_stages(home: Path, name: str, *, locked: bool) -> list[Path]:
    """The folders of sets that processes have left which died, or failed to put things in order.

    Where the output folder's lock is ours or nobody's (`locked`), nobody changes a set: each with a journal is left.
    """
    left = []
    for path in entries(home):
        if not (path.name.startswith(f".{name}-") and path.name.endswith(_STAGE)) or path in _stages:
            continue
        tag = tag_in(path.name, rf"\.{re.escape(name)}-{{tag}}-\d+\{_STAGE}")
        if tag is None:
            died = age(path) > STALE_SECONDS
        else:
            died = tag == owner_tag() or is_left_behind(path, tag) or (locked and (path / JOURNAL).exists())
        if died and path.is_dir():
            left.append(path)
    return left


def _recover_stages(folder: Path, around: Iterable[Path]) -> None:
    """End the changes that dead processes have begun, and remove what they left; under the folder's lock."""
    stages = [stage for home in around for stage in _left_stages(home, folder.name, locked=True)]
    for stage in stages:
        swap = Swap.read(stage / JOURNAL)
        if swap is not None:
            swap.recover()
    for stage in stages:
        if not (stage / JOURNAL).exists():  # one that says nothing we understand is left alone
            shutil.rmtree(stage, ignore_errors=True)
