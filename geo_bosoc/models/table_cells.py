"""The figures of a large table as exact cells that are made when they are looked at: two whole numbers a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.exact_values import Cell

_LARGEST = 2**62


class CellColumn(Sequence[Cell]):
    """A column's cells: numerators and denominators as arrays, and a status each.

    Parameters
    ----------
    cells : sequence of Cell
        Of a finished table: they have no counts.

    Examples
    --------
    >>> column = CellColumn([Cell(Fraction(1, 4), "ok"), Cell(None, "protected")])
    >>> column[0].value, column[1].status, len(column)
    (Fraction(1, 4), 'protected', 2)
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        values = [cell.value for cell in cells]
        self._above = _integers([0 if value is None else value.numerator for value in values])
        self._below = _integers([0 if value is None else value.denominator for value in values])
        self._statuses = [cell.status for cell in cells]

    def __len__(self) -> int:
        return len(self._statuses)

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Cell]: ...
    def __getitem__(self, place: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        below = int(self._below[place])
        value = Fraction(int(self._above[place]), below) if below else None
        return Cell(value, self._statuses[place])


def _integers(numbers: list[int]) -> npt.NDArray[Any]:
    """Whole numbers of 64 bits; as Python's own where one is too large for that."""
    fits = all(-_LARGEST < number < _LARGEST for number in numbers)
    return np.array(numbers, dtype=np.int64 if fits else object)


class TableCells(Mapping[tuple[str, str, str], Cell]):
    """Cells of a table by area, period and indicator.

    Parameters
    ----------
    keys : sequence of (str, str)
        Area and period of each row.
    columns : mapping of str to sequence of CellColumn
        By indicator, the columns that it may be read from: the first with a value counts.

    Examples
    --------
    >>> cells = TableCells([("a", "2024")], {"x": [CellColumn([Cell(Fraction(2), "ok")])]})
    >>> cells["a", "2024", "x"].value, ("b", "2024", "x") in cells, len(cells)
    (Fraction(2, 1), False, 1)
    """

    def __init__(
        self, keys: Sequence[tuple[str, str]], columns: Mapping[str, Sequence[Sequence[Cell]]]
    ) -> None:
        self._rows = {key: row for row, key in enumerate(keys)}
        self._columns = columns

    def __getitem__(self, key: tuple[str, str, str]) -> Cell:
        area, period, indicator = key
        row = self._rows[area, period]
        cell = Cell(None, "missing")
        for column in self._columns[indicator]:
            cell = column[row]
            if cell.value is not None:
                break
        return cell

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        for indicator in self._columns:
            for area, period in self._rows:
                yield area, period, indicator

    def __len__(self) -> int:
        return len(self._rows) * len(self._columns)

    def areas(self) -> Iterator[tuple[str, str]]:
        """Area and period of each row."""
        return iter(self._rows)
