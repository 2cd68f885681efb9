"""Functions compiled at first use (numba), and kept on disk where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numba

Int: TypeAlias = Any
"""An int64 within compiled code (an int to Python, a numpy integer to the type checker)."""


class Kernel:
    """A function compiled by numba at first use, cached on disk where that is possible."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._compiled = numba.njit(nogil=True)(function)
        try:
            self._compiled.enable_caching()
        except RuntimeError:  # numba finds no folder that it may write to
            self.cached = False
        else:
            self.cached = True

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self._compiled(*arguments)
        except OSError:  # the cache folder was full or was taken away after numba had looked at it
            if not self.cached:
                raise
            self.cached = False
            self._compiled = numba.njit(nogil=True)(self._function)
            return self._compiled(*arguments)
