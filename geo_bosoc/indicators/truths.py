"""How many rows of each group meet each of many conditions, for millions of rows.

A group-by adds conditions up one by one: a row of twenty indicators is some fifty additions, each to a sum of its own.
Here the truth values of a row are the bits of one word, and a group has a word for each binary digit of its counters:
the first holds the last digits of all of them, the second the digits before, and so on. Adding a row to all counters is
adding two numbers of one digit, side by side: what stands in both words is carried to the next, and after a few words
nothing is left to carry. So a row costs some ten instructions whatever the number of conditions, up to 64, and the
counts are whole numbers that no order of rows can change.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.jit import Int, Kernel
from geo_bosoc.threads import THREADS

_WORD: Final = 64
Words = npt.NDArray[np.uint64]


def count_truths(
    groups: npt.NDArray[np.uint16 | np.uint32], truths: pl.DataFrame, *, threads: int = THREADS
) -> npt.NDArray[np.int64]:
    """Count the rows of each group that meet each condition.

    Parameters
    ----------
    groups : n numbers from 0.
    truths : n rows, a column of truth values for each condition; unknown counts as false.
    threads : work at a time; each has its own counters.

    Returns
    -------
    A row for each number up to the greatest of `groups`, a column for each condition.
    """
    many = int(groups.max(initial=0)) + 1 if len(groups) else 0
    counts = np.zeros((many, truths.width), np.int64)
    if not many:
        return counts
    words = -(-len(groups) // _WORD)
    steps = np.linspace(0, words, threads + 1).astype(np.int64)
    for first in range(0, truths.width, _WORD):
        bits = _words(truths[:, first : first + _WORD], words)

        def count(step: int, bits: Words = bits) -> npt.NDArray[np.int64]:
            digits = np.zeros((many, len(groups).bit_length()), np.uint64)
            _add(digits, groups, bits, steps[step], steps[step + 1])
            made = np.zeros((many, len(bits)), np.int64)
            _read(digits, made)
            return made

        with ThreadPoolExecutor(threads) as pool:
            for made in pool.map(count, range(threads)):
                counts[:, first : first + _WORD] += made
    return counts


def _words(truths: pl.DataFrame, words: int) -> Words:
    """The truth values of each column as bits, the first row's the lowest of the first word."""
    made = np.zeros((truths.width, words), np.uint64)
    room = made.view(np.uint8)
    for row, column in zip(room, truths, strict=True):
        held: Any = (column.fill_null(False) if column.null_count() else column).to_arrow()
        bits = np.frombuffer(held.buffers()[1], np.uint8)
        if held.offset:
            bits = np.unpackbits(bits, bitorder="little")[held.offset : held.offset + len(held)]
            bits = np.packbits(bits, bitorder="little")
        size = -(-len(held) // 8)
        row[:size] = bits[:size]
        if len(held) % 8:  # what lies behind the last row is anything
            row[size - 1] &= (1 << len(held) % 8) - 1
    return made


def _add_rows(
    digits: Words, groups: npt.NDArray[np.uint16 | np.uint32], bits: Words, first: Int, last: Int
) -> None:
    """Add the rows of some words to the counters of their groups."""
    block = np.zeros(_WORD, np.uint64)
    none = np.uint64(0)
    for word in range(first, last):
        for row in range(len(bits)):
            block[row] = bits[row, word]
        for row in range(len(bits), _WORD):
            block[row] = none
        # Turn the square of bits over: in halves, then in halves of these, down to pairs.
        half, mask = 32, np.uint64(0xFFFFFFFF)
        while half:
            row = 0
            while row < _WORD:
                shift = np.uint64(half)
                crossed = ((block[row] >> shift) ^ block[row + half]) & mask
                block[row + half] ^= crossed
                block[row] ^= crossed << shift
                row = ((row | half) + 1) & ~half
            half >>= 1
            mask ^= mask << np.uint64(half)
        begin = word * _WORD
        for row in range(min(_WORD, len(groups) - begin)):
            carried, group, digit = block[row], groups[begin + row], 0
            while carried != none:
                before = digits[group, digit]
                digits[group, digit] = before ^ carried
                carried &= before
                digit += 1


def _read_digits(digits: Words, counts: npt.NDArray[np.int64]) -> None:
    """The counters as numbers."""
    for group in range(len(digits)):
        for digit in range(digits.shape[1]):
            word = digits[group, digit]
            if word != np.uint64(0):
                for column in range(counts.shape[1]):
                    counts[group, column] += np.int64((word >> np.uint64(column)) & np.uint64(1)) << digit


_add: Final = Kernel(_add_rows)
_read: Final = Kernel(_read_digits)
