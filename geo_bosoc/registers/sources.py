"""An opened file of a register: its header and its rows in batches, whatever the format.

Nothing is interpreted here beyond what a format itself says: text stays text, a workbook's and JSON's own numbers and
dates keep their types. No message of a reader holds a cell's value; the messages of the libraries beneath may, and
are never passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

ROW: Final = "@row"
"""Name of the column with each row's number, as the user's own program shows it."""


@dataclass(frozen=True)
class Source:
    """An opened file.

    Attributes
    ----------
    header : the column names as written, blanks around them removed; may hold doubles.
    batches : function from column positions to frames with columns ``c<position>`` and `ROW`.
    decimal : the decimal mark to assume of text when the figures do not tell; None to ask the user.
    both_marks : text may hold numbers with either decimal mark, since the program's own numbers have a point.
    header_hint : what to tell a user who misses columns.
    ends_at_blank : below a blank row notes may stand (workbooks).
    merged_down : of a column's position, first and last row of each range of rows whose cells are one.
    """

    header: tuple[str, ...]
    batches: Callable[[Sequence[int]], Iterator[pl.DataFrame]]
    decimal: str | None = None
    both_marks: bool = False
    header_hint: Callable[[Sequence[str]], str | None] = field(default=lambda _names: None)
    ends_at_blank: bool = False
    merged_down: Callable[[int], Sequence[tuple[int, int]]] = field(default=lambda _position: ())
