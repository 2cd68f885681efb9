"""Killed at any moment, the next command finds the old set or the new, whole; two runs at once take turns.

A process is stopped before each of its calls that change the disk: first all of a swap, then all of a recovery;
some are killed in earnest.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.atomic_write import drafts, lock, owner, write
from geo_bosoc.atomic_write.errors import OutputBusy, OutputNotWritten
from geo_bosoc.atomic_write.write import OutputFolder, atomic_file, folders_left_behind, recover

MARK = "run.json"
NAMES = (MARK, "a.csv", "sub/b.csv")
OLD = {**dict.fromkeys(NAMES, "old"), "gone.csv": "old", "README.md": "keep"}
NEW = {**dict.fromkeys(NAMES, "new"), "added.csv": "new", "README.md": "keep"}

WRITING = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.utime", "os.truncate", "open")

_calls: list[Callable[[str], None]] = []
"""What is done at each call that changes the disk."""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _calls:
        return
    writes = event in WRITING
    if event == "open":
        writes = isinstance(arguments[0], str) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if writes:
        _calls[-1](event)


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    sys.addaudithook(_audit)


@pytest.fixture(autouse=True)
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process leaves nothing unwritten; `test_atomic_write.py` has the order that matters to a power cut."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    """A set in two folders."""
    for folder in (tmp_path / "maps", tmp_path / "inside"):
        for name, text in OLD.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return tmp_path / "maps"


def content(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def write_new(maps: Path) -> None:
    """The set that takes the old one's place: a file goes, one comes."""
    with OutputFolder(maps, owned=OLD.keys() - {"README.md"},
                      others={maps.with_name("inside"): ["gone.csv"]}, marks=[MARK], wait=0) as out:  # fmt: skip
        for folder in (maps, maps.with_name("inside")):
            for name in (*NAMES, "added.csv"):
                out.path(name, folder).write_text("new", encoding="utf-8")


def make_whole(maps: Path) -> None:
    drafts._swept.clear()
    recover(maps, others=[maps.with_name("inside")])


class Killed(BaseException):
    """What a killed process does after it: nothing."""


def killed_at(number: int, action: Callable[[Path], None], maps: Path) -> bool:
    """Whether a process is stopped before its `number`-th call that changes the disk, or is done before.

    It takes place here, under the name of a process that runs no more: from that call on, none succeeds.
    """
    count = 0

    def call(event: str) -> None:
        nonlocal count
        count += 1
        if count >= number:
            raise Killed

    with contextlib.suppress(Killed):
        as_another(call, action, maps)
    return count >= number


def as_another(call: Callable[[str], None], action: Callable[[Path], None], maps: Path) -> None:
    """Do something under the name of a process that runs no more, `call` before each call that changes the disk."""
    host = owner.owner_tag().split("-")[1]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, "_tag_of", lambda process: f"7fffffff-{host}-000001")
        _calls.append(call)
        try:
            action(maps)
        finally:
            _calls.clear()
            write._stages.clear()


def really_killed_at(number: int, action: Callable[[Path], None], maps: Path) -> bool:
    """The same in a process that is killed."""
    child = os.fork()
    if child == 0:
        count = 0

        def call(event: str) -> None:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

        _calls.append(call)
        code = 1
        try:
            action(maps)
            code = 0
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def check_half(maps: Path) -> None:
    """What a reader may see at any moment: where the mark is, all is of one set."""
    for folder in (maps, maps.with_name("inside")):
        shown = {name: text for name, text in content(folder).items() if ".writing" not in name}
        assert MARK not in shown or shown in (OLD, NEW), shown


def check_whole(maps: Path) -> str:
    """That the set is the old one or the new in both folders, and nothing is left beside them."""
    folders = [maps, maps.with_name("inside")]
    assert sorted(path.name for path in maps.parent.iterdir()) == ["inside", "maps"]
    assert not any(
        path.is_dir() and not any(path.iterdir()) for folder in folders for path in folder.iterdir()
    )
    assert not any(".writing" in path.name for folder in folders for path in folder.iterdir())
    return check_sets(maps)


def check_sets(maps: Path) -> str:
    """That the set is the old one or the new in both folders."""
    contents = [
        {name: text for name, text in content(folder).items() if ".writing" not in name}
        for folder in (maps, maps.with_name("inside"))
    ]
    assert contents in ([OLD, OLD], [NEW, NEW])
    return "old" if contents[0] == OLD else "new"


def restore(maps: Path) -> None:
    for folder in (maps, maps.with_name("inside")):
        (folder / "added.csv").unlink(missing_ok=True)
        for name, text in OLD.items():
            (folder / name).write_text(text, encoding="utf-8")


def test_killed_before_any_call_of_a_swap(maps: Path) -> None:
    states = []
    for number in range(1, 500):
        restore(maps)
        if not killed_at(number, write_new, maps):
            break
        check_half(maps)
        make_whole(maps)
        states.append(check_whole(maps))
    assert check_whole(maps) == "new" and len(states) > 30
    assert states == sorted(states, reverse=True) and set(states) == {"old", "new"}  # first old, then new


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed processes are forked")
def test_really_killed(maps: Path) -> None:
    states = []
    for number in range(5, 500, 9):
        restore(maps)
        if not really_killed_at(number, write_new, maps):
            break
        check_half(maps)
        make_whole(maps)
        states.append(check_whole(maps))
    assert states == sorted(states, reverse=True) and set(states) == {"old", "new"}


def test_killed_before_any_call_of_a_recovery(maps: Path) -> None:
    swap_calls = calls_of(write_new, maps)
    for number in (swap_calls // 2, swap_calls * 5 // 6):
        for second in range(1, 500):
            restore(maps)
            assert killed_at(number, write_new, maps)
            if not killed_at(second, make_whole, maps):
                break
            check_half(maps)
            make_whole(maps)
            check_whole(maps)
        check_whole(maps)


def calls_of(action: Callable[[Path], None], maps: Path) -> int:
    """How many calls an action makes that change the disk."""
    calls: list[int] = []
    _calls.append(lambda event: calls.append(1))
    action(maps)
    _calls.clear()
    restore(maps)
    return len(calls)


def test_killed_where_there_was_no_set(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    for number in range(1, 500):
        killed = killed_at(number, write_new, maps)
        make_whole(maps)
        expected = {f"{folder}/{name}" for folder in ("maps", "inside") for name in (*NAMES, "added.csv")}
        assert set(content(tmp_path)) in (set(), expected)
        if not killed:
            break
        for name in content(tmp_path):
            (tmp_path / name).unlink()
        for folder in sorted(tmp_path.rglob("*"), reverse=True):
            folder.rmdir()
    assert number > 30


def test_a_file_that_is_open_now_leads_back_to_the_old_set(
    maps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap_calls = calls_of(write_new, maps)
    replace = Path.replace

    def replace_unless_open(self: Path, target: str | os.PathLike[str]) -> Path:
        if Path(target) == maps / "added.csv":
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    backs = 0
    for number in range(swap_calls // 3, swap_calls + 1, 4):
        restore(maps)
        killed_at(number, write_new, maps)
        began = not (maps / MARK).exists() and not (maps / "added.csv").exists()
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", replace_unless_open)
            make_whole(maps)
        assert check_whole(maps) == "old" or not began
        backs += began
    assert backs > 2


def test_drafts_of_killed_processes_are_swept(tmp_path: Path) -> None:
    def write_file(folder: Path) -> None:
        with atomic_file(folder / "x.csv") as draft:
            draft.write_text("whole", encoding="utf-8")

    for number in range(1, 20):
        drafts._swept.clear()
        if not killed_at(number, write_file, tmp_path):
            break
        drafts._swept.clear()
        drafts.sweep_drafts(tmp_path)
        assert content(tmp_path) in ({}, {"x.csv": "whole"})
        (tmp_path / "x.csv").unlink(missing_ok=True)
    assert content(tmp_path) == {"x.csv": "whole"} and number > 2


def test_a_run_finds_what_another_left_by_itself(maps: Path) -> None:
    swap_calls = calls_of(write_new, maps)
    restore(maps)
    assert killed_at(swap_calls * 2 // 3, write_new, maps)
    assert folders_left_behind(maps.parent) == ["maps"]
    write_new(maps)
    assert check_whole(maps) == "new" and folders_left_behind(maps.parent) == []


def test_a_second_run_waits_for_the_first(maps: Path) -> None:
    entered, done = threading.Event(), threading.Event()

    def first() -> None:
        with OutputFolder(maps, marks=[MARK]) as out:
            path = out.path("a.csv")
            entered.set()
            done.wait(60)
            path.write_text("first", encoding="utf-8")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(60)
    with pytest.raises(OutputBusy) as caught, OutputFolder(maps, wait=0.2):
        pass
    assert f"process {os.getpid()} on this computer, since 20" in str(caught.value)
    recover(maps, wait=0)  # a run that lives is let be
    assert len(list(maps.parent.glob(".maps-*.writing"))) == 1
    threading.Timer(0.3, done.set).start()
    with OutputFolder(maps) as out:
        assert content(maps)["a.csv"] == "first"
        out.path("a.csv").write_text("second", encoding="utf-8")
    thread.join()
    assert content(maps)["a.csv"] == "second"
    assert not list(maps.parent.glob(".*"))


TURN = """
import sys, time
from pathlib import Path
from geo_bosoc.atomic_write.write import OutputFolder
for _ in range(15):
    with OutputFolder(Path(sys.argv[1]), marks=["run.json"]) as out:
        for name in ("a.csv", "run.json"):
            out.path(name).write_text(sys.argv[2], encoding="utf-8")
    time.sleep(0.01)
"""


def test_processes_at_once_take_turns(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    processes = [
        subprocess.Popen([sys.executable, "-c", TURN, str(maps), name]) for name in ("first", "second")
    ]
    while any(process.poll() is None for process in processes):
        time.sleep(0.01)
    assert [process.returncode for process in processes] == [0, 0]
    assert len(set(content(tmp_path).values())) == 1 and set(content(tmp_path)) == {
        "maps/a.csv",
        "maps/run.json",
    }


def test_a_lock_of_a_dead_owner_is_taken_over_and_one_of_another_computer_is_respected(maps: Path) -> None:
    path = maps.parent / ".maps.lock"
    path.write_text("", encoding="utf-8")  # its maker died before it wrote its name
    os.utime(path, (0, 0))
    with OutputFolder(maps, wait=0):
        pass
    entry = {
        "owner": "1-ffffff-ffffff",
        "token": "t",
        "process": 1,
        "computer": "PC-42",
        "since": "2026-11-30T07:00",
    }
    path.write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(OutputBusy, match=r'process 1 on "PC-42", since 2026-11-30 07:00.*delete .maps.lock'):
        OutputFolder(maps, wait=0).__enter__()
    os.utime(path, (0, 0))
    with OutputFolder(maps, wait=0):
        assert not lock.lock_is_dead(path)
    assert not path.exists()


def test_a_swap_of_another_computer_is_ended_when_its_lock_is_gone(maps: Path) -> None:
    killed_at(calls_of(write_new, maps) * 2 // 3, write_new, maps)
    (stage,) = maps.parent.glob(".maps-*.writing")
    process, _, start = owner.tag_in(stage.name, r"\.maps-{tag}-\d+\.writing").split("-")
    renamed = stage.with_name(
        stage.name.replace(
            owner.tag_in(stage.name, r"\.maps-{tag}-\d+\.writing"), f"{process}-ffffff-{start}"
        )
    )
    journal = (stage / "journal.json").read_text(encoding="utf-8")
    (stage / "journal.json").write_text(journal.replace(stage.name, renamed.name), encoding="utf-8")
    stage.rename(renamed)
    path = maps.parent / ".maps.lock"
    entry = {
        **json.loads(path.read_text(encoding="utf-8")),
        "owner": f"{process}-ffffff-{start}",
        "computer": "PC-42",
    }
    path.write_text(json.dumps(entry), encoding="utf-8")
    make_whole(maps)  # the other may be at it
    assert renamed.exists()
    path.unlink()
    make_whole(maps)
    check_whole(maps)


def test_what_may_not_be_swept_stops_nobody(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = maps.parent / f".maps-7fffffff-{owner.owner_tag().split('-')[1]}-000001-0.writing"
    stage.mkdir()

    def refuse(event: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    _calls.append(refuse)
    try:
        make_whole(maps)
    finally:
        _calls.clear()
    assert stage.exists()
    make_whole(maps)
    assert not stage.exists()


@pytest.mark.parametrize(
    ("handle", "code", "last_error", "expected"),
    [(0, 0, 87, None), (0, 0, 5, ""), (7, 0, 0, None), (7, 259, 0, "42")],
)
def test_whether_a_process_runs_on_windows(
    monkeypatch: pytest.MonkeyPatch, handle: int, code: int, last_error: int, expected: str | None
) -> None:
    """Its calls as Microsoft documents them, played here."""
    closed = []

    class Call:
        def __init__(self, function: Callable[..., Any]) -> None:
            self.function = function

        def __call__(self, *arguments: Any) -> Any:
            return self.function(*arguments)

    class Kernel:
        def __init__(self, name: str, use_last_error: bool) -> None:
            self.OpenProcess = Call(lambda access, inherit, process: handle)
            self.CloseHandle = Call(lambda opened: closed.append(opened.value))

        def GetExitCodeProcess(self, opened: Any, answer: Any) -> int:
            answer._obj.value = code
            return 1

        def GetProcessTimes(self, opened: Any, start: Any, *others: Any) -> int:
            start._obj.value = 42
            return 1

    monkeypatch.setattr(ctypes, "WinDLL", Kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: last_error, raising=False)
    assert owner._start_on_windows(123) == expected
    assert closed == ([handle] if handle else [])


@pytest.mark.parametrize(
    ("error", "events", "lasting"),
    [
        (errno.ENOSPC, ("os.mkdir", "open"), True),  # a full disk still moves and removes
        (errno.EACCES, WRITING, False),  # a file that is open in Excel, a scanner of viruses
        (errno.EROFS, WRITING, True),
        (errno.EIO, WRITING, False),
    ],
)
def test_a_disk_that_refuses_any_call_keeps_a_whole_set_and_says_so(
    maps: Path, error: int, events: tuple[str, ...], lasting: bool
) -> None:
    refused = count = 0

    def call(event: str) -> None:
        nonlocal count
        count += event in events
        if event in events and (count == number or (lasting and count > number)):
            raise OSError(error, os.strerror(error))

    for number in range(1, 500):
        restore(maps)
        count = 0
        try:
            as_another(call, write_new, maps)
        except OutputNotWritten as caught:
            refused += 1
            (problem,) = caught.problems
            assert problem.hint and str(maps.parent) not in str(problem)
        check_half(maps)
        if not lasting:
            check_sets(maps)  # it is whole already
        make_whole(maps)
        check_whole(maps)
        if count < number:
            break
    assert refused > 10 and check_whole(maps) == "new"
