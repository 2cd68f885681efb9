"""The figures of a page as columns of numbers: the browser makes words of them.

A column has a list a period, and in it a number an area, in the page's order; None where there is none. Figures are
whole numbers of the last decimal that is shown, rounded as every other output rounds them. A suppressed cell has its
status, and its base where that is told: no other column has a number there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY, REST, TWINS
from geo_bosoc.outputs.figure_classes import Classing, classes_of
from geo_bosoc.outputs.layers import by_area, category_classes_of, has_value
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.texts import absent, column_values, text
from geo_bosoc.outputs.thematic_map import Class, Classification, Variable
from geo_bosoc.text.numbers import UNIT_FACTOR

RESIDENTS: Final = "residents"
"""The variable that counts everybody; the panel tells it in its heading."""
STATUSES: Final = ("ok", "protected", "no_base", "not_applicable", "missing")
"""What a cell's status is told by: its place here; any other is ``missing``."""
Column = list[list[Any]]
"""By period and area."""
_NEAR: Final = 1e-9
"""So near to a half a figure is rounded by its decimals, as other outputs round it, and not by its product."""
_EXACT: Final = ("value", "low", "high")


def decimals_of(variable: Variable) -> int:
    """How many decimals a variable's figures are shown with."""
    return 0 if variable.unit == "count" else 1


def category_columns(page: Page, classification: Classification, model: int) -> dict[str, Any]:
    """A classification's layer: which class each area is in, and its points.

    Parameters
    ----------
    page : Page
        The page.
    classification : Classification
        One of the page's.
    model : int
        Its place among them.

    Returns
    -------
    dict
        ``kind, group, model, classes, drawn, ranks``, and ``points, least, most`` where areas have points.
    """
    classes, drawn, ranks, rows = category_classes_of(page, classification)
    layer: dict[str, Any] = {
        "kind": "category",
        "group": classification.group,
        "model": model,
        "classes": [_without_label(each) for each in classes],
        "drawn": drawn,
        "ranks": ranks,
    }
    decimals = 2 if classification.kind == "index" else 1
    for name, column in (("points", "points"), ("least", "points_min"), ("most", "points_max")):
        numbers = [
            [_rounded(rows.get((area, period), {}).get(column), decimals) for area in page.area_ids]
            for period in page.periods
        ]
        if _has_any(numbers):
            layer[name] = numbers
    return layer


def variable_columns(
    page: Page,
    variable: Variable,
    table: pd.DataFrame,
    reference_table: pd.DataFrame,
    classing: Classing,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A variable's layer and its figures.

    Parameters
    ----------
    page : Page
        The page.
    variable : Variable
        One of the page's.
    table, reference_table : DataFrame
        Its rows of the page's tables.
    classing : Classing
        The classes of its figures.

    Returns
    -------
    layer : dict
        ``kind, group, classes, drawn`` and ``reverse``, whether a low figure is the bad one.
    figures : dict
        ``id, unit, decimals``; ``heading``, ``difference`` and ``baseless`` where they are so; ``columns`` by
        name (`status, value, low, high, ratio, met, base, unknown, beside`); ``references`` by name with the same
        columns by period; and ``against``, the reference area that ratios are to.
    """
    cells = _FigureArrays(page, table)
    values = cells.numbers("value")
    shown = (cells.statuses == "ok") & ~np.isnan(values)
    limits, _ = classing
    classes = classes_of(variable, *classing, page.language)
    places = {each.id: index for index, each in enumerate(classes)}
    drawn = np.searchsorted(np.asarray(limits), values * UNIT_FACTOR[variable.unit], side="right")
    drawn[~shown] = [places["missing" if each in ("", "ok") else each] for each in cells.statuses[~shown]]
    layer = {
        "kind": "indicator",
        "group": variable.group,
        "classes": [_without_label(each) for each in classes],
        "drawn": drawn.tolist(),
        "reverse": variable.direction == "low_is_bad",
    }
    columns = _columns(cells, shown, variable)
    against = compared_with(variable, table)
    if against in (REST, TWINS):
        columns["beside"] = _last_decimal(np.where(shown, cells.numbers("reference"), np.nan), variable)
    flags = {
        "heading": variable.id == RESIDENTS and not variable.is_difference,
        "difference": variable.is_difference,
        "baseless": not variable.base_known,
    }
    figures = {
        "id": variable.id,
        "unit": variable.unit,
        "decimals": decimals_of(variable),
        "columns": {name: column for name, column in columns.items() if _has_any(column)},
        "references": _references(page, variable, table, reference_table, against),
        "against": against,
        **{name: True for name, is_so in flags.items() if is_so},
    }
    return layer, figures


def compared_with(variable: Variable, table: pd.DataFrame) -> str:
    """The reference area that a variable is compared with, by the rows of its table."""
    if "reference_area" not in table.columns or variable.unit == "count":
        return MUNICIPALITY
    chosen = {str(each) for each in table["reference_area"].dropna().unique()}
    others = sorted(chosen - {MUNICIPALITY, ALL_AREAS})
    return others[0] if others else MUNICIPALITY


def _references(
    page: Page, variable: Variable, table: pd.DataFrame, reference_table: pd.DataFrame, against: str
) -> dict[str, list[dict[str, Any] | None]]:
    """The figures of reference areas by period: the municipality's, all areas', and those that are chosen."""
    if variable.unit == "count":
        return {}
    rows = by_area(reference_table)
    chosen = "" if against in (MUNICIPALITY, REST, TWINS) else against
    references = {
        name: [_reference(variable, rows.get((area, period))) for period in page.periods]
        for name, area in (("municipality", MUNICIPALITY), ("all_areas", ALL_AREAS), ("chosen", chosen))
    }
    _fill_municipality(references["municipality"], page, variable, table)
    return {name: column for name, column in references.items() if any(column)}


class _FigureArrays:
    """The rows of a variable as arrays by period and area; of several rows the first counts."""

    def __init__(self, page: Page, table: pd.DataFrame) -> None:
        periods = {period: place for place, period in enumerate(page.periods)}
        areas = {area: place for place, area in enumerate(page.area_ids)}
        of_period = np.array(
            [periods.get(str(each), -1) for each in column_values(table["period"])], dtype=int
        )
        of_area = np.array([areas.get(str(each), -1) for each in column_values(table["area_id"])], dtype=int)
        rows = np.flatnonzero((of_period >= 0) & (of_area >= 0))[::-1]
        self.table = table
        self.places = np.full(len(periods) * len(areas), -1)
        self.places[of_period[rows] * len(areas) + of_area[rows]] = rows
        self.shape = (len(page.periods), len(page.area_ids))
        self.statuses = self._texts("status")

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """A column as floats; NaN where there is no row or no number."""
        if name not in self.table.columns:
            return np.full(self.shape, np.nan)
        column = pd.to_numeric(self.table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        filled = np.append(column, np.nan)[self.places]
        return np.asarray(filled, dtype=float).reshape(self.shape)

    def _texts(self, name: str) -> npt.NDArray[np.object_]:
        """A column as text; "" where there is no row or nothing in it."""
        column = [*map(text, column_values(self.table[name])), ""]
        texts: npt.NDArray[np.object_] = np.asarray(column, dtype=object)[self.places].reshape(self.shape)
        return texts


def _columns(cells: _FigureArrays, shown: npt.NDArray[np.bool_], variable: Variable) -> dict[str, Column]:
    """The columns of the cells: of suppressed ones the status and the base."""
    status = cells.statuses
    codes = {name: place for place, name in enumerate(STATUSES)}
    placed = np.where(shown, 0, codes["missing"])
    for name in ("protected", "no_base", "not_applicable"):
        placed[~shown & (status == name)] = codes[name]
    columns = {"status": placed.tolist() if placed.any() else []}
    for name in _EXACT:
        columns[name] = _last_decimal(np.where(shown, cells.numbers(name), np.nan), variable)
    columns["ratio"] = _scaled(np.where(shown, cells.numbers("ratio"), np.nan), 2)
    if variable.unit == "count" or not variable.base_known:
        return columns
    unknown = np.where(shown, np.nan_to_num(cells.numbers("unknown")), 0.0)
    has_base = shown | (status == "protected")
    without = unknown if variable.unknown == "exclude" else 0.0
    parts = variable.weight_scale
    columns["base"] = _scaled(np.where(has_base, cells.numbers("denominator") - without, np.nan) / parts, 0)
    columns["unknown"] = _scaled(np.where(unknown > 0, unknown, np.nan) / parts, 0)
    if variable.unit != "mean":
        met = cells.numbers("numerator") / variable.scale + (unknown if variable.unknown == "met" else 0.0)
        met = np.rint(met / parts) if variable.is_of_raster else met / parts
        columns["met"] = _plain(np.where(shown, met, np.nan))
    return columns


def _last_decimal(values: npt.NDArray[np.float64], variable: Variable) -> Column:
    """Figures as whole numbers of the last decimal that is shown."""
    return _scaled(values * UNIT_FACTOR[variable.unit], decimals_of(variable))


def _scaled(values: npt.NDArray[np.float64], decimals: int) -> Column:
    factor = 10**decimals
    scaled = values * factor
    rounded = np.rint(scaled)
    is_near = np.abs(np.abs(scaled - rounded) - 0.5) < _NEAR * (1 + np.abs(scaled))
    for place in zip(*np.nonzero(is_near), strict=True):
        rounded[place] = round(round(float(values[place]), decimals) * factor)
    column = np.nan_to_num(rounded).astype(np.int64).astype(object)
    column[np.isnan(rounded)] = None
    lines: Column = column.tolist()
    return lines


def _plain(values: npt.NDArray[np.float64]) -> Column:
    """Counts: whole ones as they are, weighted ones with a decimal."""
    if (np.rint(values) == values).all():  # never where one is NaN
        lines: Column = values.astype(np.int64).tolist()
        return lines
    return [
        [int(each) if each.is_integer() else _rounded(each, 1) for each in line] for line in values.tolist()
    ]


def _rounded(value: Any, decimals: int) -> float | int | None:
    """A number with as many decimals, a whole one as an integer."""
    if absent(value):
        return None
    number = round(float(value), decimals)
    return int(number) if number.is_integer() else number


def _has_any(column: Column) -> bool:
    return any(each is not None for line in column for each in line)


def _without_label(each: Class) -> dict[str, Any]:
    return {name: part for name, part in each.as_data().items() if name != "label"}


def _fill_municipality(
    column: list[dict[str, Any] | None], page: Page, variable: Variable, table: pd.DataFrame
) -> None:
    """The table's own reference where no row of the municipality was counted."""
    of_municipality = table[table["reference"].notna()]
    if "reference_area" in table.columns:
        of_municipality = of_municipality[
            of_municipality["reference_area"].fillna(MUNICIPALITY) == MUNICIPALITY
        ]
    last = of_municipality.drop_duplicates("period", keep="last")
    values: dict[str, float] = dict(zip(last["period"].astype(str), last["reference"], strict=True))
    for place, period in enumerate(page.periods):
        if column[place] is None and period in values:
            column[place] = _reference(variable, {"value": values[period], "status": "ok"})


def _reference(variable: Variable, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A reference area's figure in a period."""
    if row is None:
        return None
    if not has_value(row):
        status = text(row["status"])
        return {"status": STATUSES.index(status if status in STATUSES else "missing")}
    scale = 10 ** decimals_of(variable)
    value = round(float(row["value"]) * UNIT_FACTOR[variable.unit], decimals_of(variable))
    data: dict[str, Any] = {"value": round(value * scale)}
    if not variable.base_known or absent(row.get("denominator")):
        return data
    unknown = 0 if absent(row.get("unknown")) else int(row["unknown"])
    parts = variable.weight_scale
    base = int(row["denominator"]) - (unknown if variable.unknown == "exclude" else 0)
    data["base"] = base if parts == 1 else round(base / parts)
    if unknown > 0:
        data["unknown"] = unknown if parts == 1 else round(unknown / parts)
    if variable.unit != "mean" and not absent(row.get("numerator")):
        met = int(row["numerator"]) / variable.scale + (unknown if variable.unknown == "met" else 0)
        data["met"] = _rounded(met / parts, 0 if variable.is_of_raster else 1)
    return data


def residents_column(page: Page) -> Column:
    """How many live in each area."""
    rows = by_area(page.residents)
    return [
        [_count(rows.get((area, period), {}).get("residents")) for area in page.area_ids]
        for period in page.periods
    ]


def _count(value: Any) -> int | None:
    return None if absent(value) else int(value)


def name_places(sort_names: Sequence[str], area_ids: Iterable[str]) -> list[int]:
    """The place of each area when areas are sorted by name."""
    pairs = list(zip(sort_names, area_ids, strict=True))
    order = sorted(range(len(pairs)), key=pairs.__getitem__)
    places = [0] * len(order)
    for place, index in enumerate(order):
        places[index] = place
    return places
