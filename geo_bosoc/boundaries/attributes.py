"""Attributes that a map file fills with lists or records, as text."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pandas as pd

_NESTED: Final = (list, tuple, dict, np.ndarray)


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
    if isinstance(plain, (list, tuple)) and not any(isinstance(each, _NESTED) for each in plain):
        return ", ".join(str(each) for each in plain if each is not None)
    return json.dumps(plain, ensure_ascii=False, default=str) if isinstance(plain, _NESTED) else plain
