"""Which point each row of a register names: looked up, not joined.

A join builds its table anew for every file of a register. Here it is built once and asked with plain arrays, which is
cheaper by half and holds no text: a key is known by 96 bits of two independent hashes, so that of sixty million rows
and three million points a wrong one is named with a chance below 1e-14.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]

_SEEDS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_RECORD: Final = np.dtype([("hash", np.uint64), ("second", np.uint32), ("number", np.uint32)])
_ONE_WORD: Final = np.complex128
"""As long as a record: numpy takes values of this length fastest."""


class PointNumbers:
    """The numbers 0, 1, ... of some distinct keys (text), `nowhere` for other keys, `without` for none.

    Parameters
    ----------
    keys : n texts without nulls.

    Raises
    ------
    ValueError
        Two keys are the same.
    """

    def __init__(self, keys: pl.Series) -> None:
        self.nowhere, self.without = len(keys), len(keys) + 1
        both = keys.rename("key").to_frame().select(*_hashed("key"))
        hashes = both["first"].to_numpy()
        order = np.argsort(hashes)
        # The keys of each first `bits` bits stand together; behind the last key stands one that is never asked for.
        records = np.zeros(len(keys) + 1, dtype=_RECORD)
        records["hash"][:-1], records["hash"][-1] = hashes[order], np.iinfo(np.uint64).max
        records["second"][:-1] = _half(both["second"].to_numpy())[order]
        records["number"][:-1], records["number"][-1] = order, self.nowhere
        if bool((records["hash"][1:-1] == records["hash"][:-2]).any()):
            raise ValueError("keys that are the same")
        bits = max(1, len(keys).bit_length())
        self._shift = np.uint64(64 - bits)
        filled = np.bincount(self._bucket(records["hash"][:-1]), minlength=1 << bits)
        self._starts = np.concatenate([[0], np.cumsum(filled[:-1])]).astype(np.uint32)
        self._records = records.view(_ONE_WORD)

    def of(self, column: str) -> pl.Expr:
        """An expression, row by row: the number of the point that a text column names (UInt32)."""
        asked = pl.struct(*_hashed(column), pl.col(column).is_null().alias("none"))
        return asked.map_batches(self._of_batch, return_dtype=pl.UInt32, is_elementwise=True).alias("point")

    def _of_batch(self, asked: pl.Series) -> pl.Series:
        first, second, none = (asked.struct.field(name) for name in ("first", "second", "none"))
        found = self.look_up(first.to_numpy(), _half(second.to_numpy()))
        if none.any():
            found[none.to_numpy()] = self.without
        return pl.Series(asked.name, found)

    def look_up(self, first: Hashes, second: Numbers) -> Numbers:
        """The numbers of keys with these two hashes."""
        at = self._starts.take(self._bucket(first), mode="clip").astype(np.int64)
        found = self._records.take(at, mode="clip")
        behind = np.flatnonzero(found.view(_RECORD)["hash"] < first)
        while len(behind):
            at[behind] += 1
            found[behind] = self._records.take(at[behind], mode="clip")
            behind = behind[found[behind].view(_RECORD)["hash"] < first[behind]]
        records = found.view(_RECORD)
        same = (records["hash"] == first) & (records["second"] == second)
        return np.where(same, records["number"], np.uint32(self.nowhere))

    def _bucket(self, hashes: Any) -> npt.NDArray[np.int64]:
        shifted: Hashes = hashes >> self._shift
        return shifted.view(np.int64)


def _half(hashes: Hashes) -> Numbers:
    """The lower 32 bits."""
    return hashes.astype(np.uint32)


def _hashed(column: str) -> tuple[pl.Expr, pl.Expr]:
    first, second = (pl.col(column).hash(seed=seed) for seed in _SEEDS)
    return first.alias("first"), second.alias("second")
