"""Attributes as text: ids of areas with whole numbers put right and lost digits reported, and lists and records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import feature_list
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

EXACT: Final = 2**53
"""Whole numbers from here on are not all different as decimals (floating point): 10081001000000017 becomes ...016."""

WHOLE_AS_DECIMAL: Final = r"^(\d+)[.,]0+$"
"""A whole number that a program wrote as a decimal, such as ``751.0``."""

TRUE_DECIMAL: Final = r"^\d+[.,]\d*[1-9]\d*$"
"""A code of two parts, such as ``1.2``: beside such codes ``1.0`` is one as well."""

SCIENTIFIC: Final = r"^(\d[.,]\d+[eE]\+?\d{2,3}|\d+([.,]\d+)?[eE]\+\d+)$"
"""A long number that a spreadsheet wrote shorter, such as ``1.0081E+16``: its last digits are gone."""

LOST_DIGITS: Final = phrase("long ids were turned into decimals, and their last digits are lost")
AS_WHOLE: Final = "ids such as 751.0 are read as 751: a program took them for decimals."
AS_TEXT: Final = "Store the column as text where the file comes from, and export it again."
_NESTED: Final = (list, tuple, dict, np.ndarray)


def ids_as_text(
    values: pd.Series[Any], rows: NDArray[np.int64], column: str, file: Path, report: Report
) -> list[str] | None:
    """Ids as text; missing, fractional and reserved ones, and those with lost digits, are errors with their rows.

    Parameters
    ----------
    values : Series
        The ids as the file holds them.
    rows : ndarray of int
        The features' numbers in the file.
    column : str
        The column that holds them.
    file : Path
        The file, for the problems.
    report : Report
        Takes the errors.
    """
    if pd.api.types.is_bool_dtype(values):
        report.error("true or false cannot be an id.", file=file, column=column)
        return None
    nothing: NDArray[np.bool_] = np.zeros(len(values), dtype=bool)
    broken = lost = nothing
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype(float)
        broken = (values.notna() & (numbers % 1 != 0)).to_numpy(dtype=bool)
        if pd.api.types.is_float_dtype(values):
            lost = (numbers.abs() >= EXACT).to_numpy(dtype=bool)
        usable = values.notna().to_numpy(dtype=bool) & ~broken
        ids = [str(int(value)) if is_usable else "" for value, is_usable in zip(values, usable, strict=True)]
        report.note(
            "the ids are stored as numbers: a leading zero that they once had is gone.",
            file=file,
            column=column,
            hint="If the registers write the ids with leading zeros, store the column as text.",
        )
    else:
        ids = _whole_again(texts(values), column, file, report)
        lost = np.array([bool(re.match(SCIENTIFIC, text_id)) for text_id in ids], dtype=bool)
    blank = np.array([not text_id for text_id in ids], dtype=bool) & ~broken
    reserved = np.array([text_id.startswith("@") for text_id in ids], dtype=bool)
    for mask, fault, hint in (
        (broken, phrase("ids that are not whole numbers"), "Choose another id column."),
        (lost, LOST_DIGITS, AS_TEXT),
        (
            blank,
            phrase("no id"),
            'Give each area an id, or leave such rows out with where = "... IS NOT NULL".',
        ),
        (
            reserved,
            phrase('ids that begin with "@", which is reserved for reference areas'),
            "Choose another id.",
        ),
    ):
        if mask.any():
            report.error(
                phrase("{fault} in {features}.", fault=fault, features=feature_list(rows[mask])),
                file=file,
                column=column,
                count=int(mask.sum()),
                hint=hint,
            )
    return None if report.errors else ids


def texts(values: pd.Series[Any]) -> list[str]:
    """Values as stripped text, missing ones empty, whole floats without ``.0``."""
    return [
        ""
        if pd.isna(value)
        else str(int(value))
        if isinstance(value, float) and value.is_integer()
        else str(value).strip()
        for value in values.tolist()
    ]


def _whole_again(ids: list[str], column: str, file: Path, report: Report) -> list[str]:
    """``751.0`` as ``751`` where all ids are written so, as a program does that took them for decimals."""
    decimal = [bool(re.match(WHOLE_AS_DECIMAL, text_id)) for text_id in ids if text_id]
    if not any(decimal) or any(re.match(TRUE_DECIMAL, text_id) for text_id in ids):
        return ids
    if not all(decimal):
        report.warn(
            phrase(
                "{count} of {total} ids are written as decimals, such as 751.0, and are kept so.",
                count=sum(decimal),
                total=len(decimal),
            ),
            file=file,
            column=column,
            count=sum(decimal),
            hint="If they were whole numbers, store the column as text where the file comes from.",
        )
        return ids
    report.note(AS_WHOLE, file=file, column=column, count=len(decimal))
    return [re.sub(WHOLE_AS_DECIMAL, r"\1", text_id) for text_id in ids]


def lists_as_text(table: pd.DataFrame) -> tuple[pd.DataFrame, frozenset[str]]:
    """Columns of lists and records as text, such as ``0101, 0147``, and their names."""
    nested = {}
    for name in table.columns:
        if table[name].dtype == object:
            values = table[name].tolist()
            if any(isinstance(value, _NESTED) for value in values):
                nested[str(name)] = [_list_as_text(value) for value in values]
    return (table.assign(**nested) if nested else table), frozenset(nested)


def _list_as_text(value: Any) -> Any:
    plain = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(plain, (list, tuple)) and not any(isinstance(part, _NESTED) for part in plain):
        return ", ".join(str(part) for part in plain if part is not None)
    return json.dumps(plain, ensure_ascii=False, default=str) if isinstance(plain, _NESTED) else plain
