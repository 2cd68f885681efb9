"""The classes of a variable's figures: their limits, the same in every period, and their words and colours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from geo_bosoc.outputs.class_limits import class_limits
from geo_bosoc.outputs.texts import absent, column_values, sentence_case, text
from geo_bosoc.outputs.thematic_map import Class, ThematicMap, Variable
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.colours import WITHOUT_FIGURE, steps
from geo_bosoc.text.numbers import UNIT_FACTOR, number, protected_word

Classing = tuple[list[float], set[str]]
"""The limits between a variable's classes, and the statuses of drawn cells that have no figure."""


def variable_classes(
    thematic_map: ThematicMap, variable: Variable, table: pd.DataFrame
) -> tuple[list[float], list[Class]]:
    """The limits between the classes of a variable's values, and the classes: those without a value last.

    Parameters
    ----------
    thematic_map : ThematicMap
        The map that the layer is of.
    variable : Variable
        One of the map's.
    table : DataFrame
        The variable's rows of the map's table.
    """
    limits, statuses = limits_and_statuses(thematic_map, variable, table)
    return limits, classes_of(variable, limits, statuses, thematic_map.language)


def limits_and_statuses(thematic_map: ThematicMap, variable: Variable, table: pd.DataFrame) -> Classing:
    """What `variable_classes` are made of, whatever the language: limits, and why drawn cells have no figure."""
    rows = table.loc[~table.duplicated(["area_id", "period"])]  # of several rows the first counts
    figures = pd.to_numeric(rows["value"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    codes, names = pd.factorize(rows["status"], use_na_sentinel=False)
    names_of_status = [text(name) for name in names]
    is_ok = np.isin(codes, [code for code, name in enumerate(names_of_status) if name == "ok"])
    values = (figures[is_ok & ~np.isnan(figures)] * UNIT_FACTOR[variable.unit]).tolist()
    is_drawn = _is_any(rows["period"], thematic_map.periods) & _is_any(rows["area_id"], thematic_map.area_ids)
    statuses = {figure_status(1.0, names_of_status[code]) for code in np.unique(codes[is_drawn & ~is_ok])}
    is_incomplete = is_drawn.sum() < len(thematic_map.periods) * len(thematic_map.area_ids)
    if is_incomplete or np.isnan(figures[is_drawn & is_ok]).any():
        statuses.add("missing")
    return limits_of(variable, values), statuses


def limits_of(variable: Variable, values: Sequence[float]) -> list[float]:
    """The limits between classes: the variable's, or those of all its values as they are shown."""
    if variable.limits is not None:
        return list(variable.limits)
    return class_limits(values, 0 if variable.unit == "count" else 1)


def classes_of(
    variable: Variable, limits: Sequence[float], statuses: Collection[str], language: str
) -> list[Class]:
    """The classes between limits in words and colours, and one for each status of cells without a figure."""
    present = set(statuses) - {"ok"}
    fills = steps(len(limits) + 1, variable.direction == "low_is_bad", variable.colours)
    labels = _class_labels(limits, variable, language)
    classes = [
        Class(f"class_{index}", label, fill)
        for index, (label, fill) in enumerate(zip(labels, fills, strict=True))
    ]
    without = [name for name in WITHOUT_FIGURE if name in present] + sorted(present - set(WITHOUT_FIGURE))
    return classes + [
        Class(
            name,
            sentence_case(_status_word(name, language)),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE["missing"]),
            False,
        )
        for name in without
    ]


def figure_status(value: Any, status: Any) -> str:
    """``ok`` where there is a value that may be shown, else why there is none."""
    status = text(status)
    if status == "ok" and not absent(value):
        return "ok"
    return "missing" if status in ("", "ok") else status


def _is_any(column: pd.Series, values: Collection[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have one of the values (a set: `Series.isin` takes ten times as long on texts of Arrow)."""
    among = frozenset(values)
    return np.fromiter(map(among.__contains__, column_values(column)), dtype=bool, count=len(column))


def _class_labels(limits: Sequence[float], variable: Variable, language: str) -> list[str]:
    if not limits:
        return [word("map", "all", language)]
    least = 0 if variable.unit == "count" else 1
    exact = (places for places in range(least, 4) if all(round(each, places) == each for each in limits))
    places = next(exact, 4)
    plain = [number(limit, language, places) for limit in limits]
    unit = word("unit_suffixes", "percent", language) if variable.unit == "percent" else ""
    labels = [word("map", "below", language, value=plain[0] + unit)]
    labels += [word("map", "between", language, low=low, high=high + unit) for low, high in pairwise(plain)]
    return [*labels, word("map", "above", language, value=plain[-1] + unit)]


def _status_word(status: str, language: str) -> str:
    """What is said in the place of a value that is not there."""
    if status == "protected":
        return protected_word(language)
    if status in ("no_base", "not_applicable"):
        return word("map", status, language)
    return word("common", "missing", language)
