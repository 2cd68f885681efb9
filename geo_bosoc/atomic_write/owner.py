"""Whose a temporary file or folder is, told by its name: a process that runs, or one that died and left it behind."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import re
import time
from pathlib import Path
from typing import Any, Final

TAG: Final = r"[0-9a-f]{1,8}-[0-9a-f]{6}-[0-9a-f]{6}"
"""A tag as a regular expression: the process's number, its computer and its start, in hexadecimal digits."""

STALE_SECONDS: Final = 24 * 3600
"""What another computer's process left is swept after a day: whether that process runs cannot be asked."""

_UNKNOWN_START: Final = "0" * 6
_STILL_ACTIVE: Final = 259
_ACCESS_DENIED: Final = 5
_QUERY_LIMITED_INFORMATION: Final = 0x1000


def owner_tag() -> str:
    """The tag of this process, for the names of what it makes for a while."""
    return _tag_of(os.getpid())


@functools.cache
def _tag_of(process: int) -> str:
    return f"{process:x}-{_host()}-{_start_digits(_start(process) or '')}"


def is_left_behind(path: Path, tag: str) -> bool:
    """Whether the process that a tag names has died; of another computer's, whether the file or folder is a day old.

    A number that now is another process's is told by its start. Where that cannot be had, a process is taken to run.
    """
    number, host, start = tag.split("-")
    if host != _host():
        return age(path) > STALE_SECONDS
    running_start = _start(int(number, 16))
    if running_start is None:
        return True
    digits = _start_digits(running_start)
    return _UNKNOWN_START not in (start, digits) and start != digits


def tag_in(name: str, pattern: str) -> str | None:
    """The tag in a name that fits a pattern (a regular expression with ``{tag}`` in it); None where it fits not."""
    match = re.fullmatch(pattern.replace("{tag}", f"(?P<tag>{TAG})"), name)
    return None if match is None else match["tag"]


def age(path: Path) -> float:
    """Seconds since a file or folder was changed; 0 where that cannot be asked."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


@functools.cache
def _host() -> str:
    return _digits(platform.node())


def _start_digits(start: str) -> str:
    return _digits(start) if start else _UNKNOWN_START


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _start(process: int) -> str | None:
    """When a process began, in whatever units; empty where that is not to be had, None where no such process runs."""
    if process <= 0:
        return None
    if os.name == "nt":
        return _start_on_windows(process)
    try:
        os.kill(process, 0)  # asks, and stops nothing: on Windows it would, and is not reached
    except (ProcessLookupError, OverflowError):
        return None
    except OSError:  # another user's
        pass
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        state, *others = fields.rpartition(")")[2].split()
        return None if state in "ZX" else f"{_boot()} {others[18]}"
    except (OSError, ValueError, IndexError):  # macOS has no /proc
        return ""


@functools.cache
def _boot() -> str:
    """Which start of the machine this is: processes are numbered and timed anew by each."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _start_on_windows(process: int) -> str | None:
    windows: Any = ctypes
    kernel = windows.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
    if not handle:
        return "" if windows.get_last_error() == _ACCESS_DENIED else None
    handle = ctypes.c_void_p(handle)
    try:
        exit_code = ctypes.c_ulong()
        times = [ctypes.c_ulonglong() for _ in range(4)]  # start, end, kernel, user
        if kernel.GetExitCodeProcess(handle, ctypes.byref(exit_code)) and exit_code.value != _STILL_ACTIVE:
            return None
        answered = kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
        return str(times[0].value) if answered else ""
    finally:
        kernel.CloseHandle(handle)
