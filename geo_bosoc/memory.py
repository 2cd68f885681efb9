"""What a run may take of the machine: memory, threads that share work, and how often objects are collected."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow

from geo_bosoc.problems.messages import phrase

_LEAST: Final = 200
_UNITS: Final = {"mb": 1, "gb": 1_000}
_SIZE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mb|gb)", re.IGNORECASE)

THREADS: Final = 2
"""As many cores as an office PC has to spare; more threads hold more of the work in memory at once. No result depends
on it."""
_RARELY: Final = 20_000_000
"""New objects between two searches for cycles of objects; Python's default is some hundreds."""


@dataclass(frozen=True)
class Memory:
    """What reading and counting may take beside the libraries, the boundaries and the addresses, in megabytes.

    It bounds what is held at a time: keys that are compared, text that is taken in before it goes to the private
    folder, and rows of a register that are counted together. Less memory takes more time; the figures are the same.
    """

    megabytes: float = 1_500

    @classmethod
    def of(cls, text: str) -> Memory:
        """From ``"1.5 GB"`` or ``"800 MB"``.

        Raises
        ------
        ValueError
            It is no such size, or too small to work with.

        Examples
        --------
        >>> Memory.of("1.5 GB").megabytes, Memory.of("800 MB").megabytes
        (1500.0, 800.0)
        """
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            raise ValueError('memory is written "800 MB" or "1.5 GB".')
        size = float(match[1].replace(",", ".")) * _UNITS[match[2].lower()]
        if size < _LEAST:
            raise ValueError(phrase("memory has to be at least {least} MB.", least=_LEAST))
        return cls(size)

    @property
    def keys(self) -> int:
        """Keys to compare at a time, some 24 bytes each: an eighth of it."""
        return max(1, self._eighth // 24)

    @property
    def rows(self) -> int:
        """Rows of a register to count at a time, some 60 bytes each: an eighth of it."""
        return max(1, self._eighth // 60)

    @property
    def text(self) -> int:
        """Bytes of text to hold of a file before it goes to the private folder; columns and batches multiply it."""
        return self._eighth // 3

    @property
    def _eighth(self) -> int:
        return int(self.megabytes * 1e6 / 8)


def release_memory() -> None:
    """Give memory that was let go back to the system, where its allocators hold on to it: Arrow's, and Linux's own,
    which after reading and locating a country kept a hundred megabytes."""
    pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # other C libraries than glibc lack it
            ctypes.CDLL(None).malloc_trim(0)


@contextlib.contextmanager
def rare_collection() -> Iterator[None]:
    """While this lasts, Python searches for cycles of objects ("garbage collection") ten thousand times more rarely.

    A run makes millions of cells, rows and words that are in no cycle; searching them again and again takes a tenth of
    its processor time. Works as a decorator too.

    Examples
    --------
    >>> with rare_collection():
    ...     gc.get_threshold()[0]
    20000000
    """
    before = gc.get_threshold()
    if before[0]:  # else the program that calls us has switched it off
        gc.set_threshold(max(before[0], _RARELY), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
