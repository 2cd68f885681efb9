"""Layers of a thematic map: for each its classes, and the class of every area in every period.

A categorised and a graduated layer have the same shape, so that the page draws both with the same few lines. All
classing is done here, on values that were never rounded, and numbers become text here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.outputs.figure_classes import classes_of, figure_status, limits_of
from geo_bosoc.outputs.texts import absent, category_class, column_values, possible_of, sentence_case, text
from geo_bosoc.outputs.thematic_map import (
    Class,
    Classification,
    ThematicMap,
    Variable,
    category_label,
    plain_number,
)
from geo_bosoc.text.catalogue import word, words
from geo_bosoc.text.colours import WITHOUT_FIGURE, category_fills, striped
from geo_bosoc.text.numbers import UNIT_FACTOR, number

NO_ROW: Final = ""

Rows = Mapping[tuple[str, str], dict[str, Any]]
"""Rows of a frame by area and period."""


def by_area(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of `frame` by ``(area_id, period)``; of several the first counts."""
    names = [str(name) for name in frame.columns]
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for values in zip(*(column_values(frame[name]) for name in frame.columns), strict=True):
        row = dict(zip(names, values, strict=True))
        rows.setdefault((str(row["area_id"]), str(row["period"])), row)
    return rows


def rows_of(classification: Classification) -> Rows:
    """The rows of a classification by area and period; of several that of the worst category counts."""
    rank = {category.id: index for index, category in enumerate(classification.categories)}
    order = classification.rows["category"].map(rank).fillna(len(rank)).sort_values(kind="stable").index
    return by_area(classification.rows.loc[order])


def category_classes_of(
    thematic_map: ThematicMap, classification: Classification
) -> tuple[list[Class], list[list[int]], list[float], Rows]:
    """The classes of a classification, and which each area is in.

    Parameters
    ----------
    thematic_map : ThematicMap
        The map that the layer is of.
    classification : Classification
        One of the map's.

    Returns
    -------
    classes : list of Class
        The worst first, then ranges, then areas that are not assessed.
    drawn : list of list of int
        By period and area the position of its class.
    ranks : list of float
        How bad each class is, the worst lowest; a range lies between its categories.
    rows : mapping
        The rows of the classification by area and period.
    """
    language, periods, areas = thematic_map.language, thematic_map.periods, thematic_map.area_ids
    rank: dict[str, float] = {category.id: index for index, category in enumerate(classification.categories)}
    rows = rows_of(classification)
    categories = [[_class_of(rows.get((area, period), {})) for area in areas] for period in periods]
    present = {category for line in categories for category in line}
    ranges = {name: between for name in present if (between := possible_of(name)) is not None}
    rank |= {
        name: sum(rank.get(each, len(rank)) for each in ids) / len(ids) for name, ids in ranges.items() if ids
    }
    others = [name for name in WITHOUT_FIGURE if name in present and name not in rank]
    others += sorted(present - set(rank) - set(others))
    by_rank = category_fills([category.colour for category in classification.categories])
    fills = [each.fill or fill for each, fill in zip(classification.categories, by_rank, strict=True)]
    fill_by_id = WITHOUT_FIGURE | {
        category.id: fill for category, fill in zip(classification.categories, fills, strict=True)
    }
    classes = [
        Class(category.id, category.label, fill, category.assessed)
        for category, fill in zip(classification.categories, fills, strict=True)
    ]
    classes += [
        Class(
            name,
            category_label(classification, name, language),
            striped([fill_by_id.get(each, WITHOUT_FIGURE[NO_ROW]) for each in ranges[name]]),
            is_range=True,
        )
        for name in sorted(ranges.keys() & rank.keys(), key=lambda name: (rank[name], name))
    ]
    classes += [
        Class(
            name,
            sentence_case(
                classification.without_row or word("common", "not_assessed", language)
                if name == NO_ROW
                else category_label(classification, name, language)
            ),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE[NO_ROW]),
            False,
        )
        for name in others
    ]
    positions = {each.id: index for index, each in enumerate(classes)}
    drawn = [[positions[category] for category in line] for line in categories]
    return classes, drawn, [rank.get(each.id, index) for index, each in enumerate(classes)], rows


def category_layer(
    thematic_map: ThematicMap, classification: Classification, names: Sequence[str]
) -> tuple[dict[str, Any], list[Class], Rows]:
    """The categorised layer of a classification.

    Parameters
    ----------
    thematic_map : ThematicMap
        The map that the layer is of.
    classification : Classification
        One of the map's.
    names : sequence of str
        The areas' names in the order of the areas, as they sort.

    Returns
    -------
    layer : dict
        ``kind, label, classes, drawn, order, legend``; lists by period.
    classes : list of Class
    rows : mapping
        The rows of the classification by area and period.
    """
    language, periods, areas = thematic_map.language, thematic_map.periods, thematic_map.area_ids
    classes, drawn, ranks, rows = category_classes_of(thematic_map, classification)
    ranked = []
    for period, line in zip(periods, drawn, strict=True):
        period_rows = [rows.get((area, period), {}) for area in areas]
        points = [_number(row.get("points"), _number(row.get("points_min"), -1.0)) for row in period_rows]
        sizes = [(ranks[index], index, -most) for index, most in zip(line, points, strict=True)]
        ranked.append(_ranked(sizes, names, areas))
    layer = {
        "kind": "category",
        "label": classification.label,
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "order": ranked,
        "legend": _legend(classes, drawn, language, classification.share_note),
    }
    return layer, classes, rows


def _class_of(row: Mapping[str, Any]) -> str:
    """The class of a row of categories."""
    return category_class(text(row.get("category")), text(row.get("possible")))


def _ranked(sizes: Sequence[Any], names: Sequence[str], areas: Sequence[str]) -> list[int]:
    """Positions of areas by size, name and id."""
    return sorted(range(len(areas)), key=lambda index: (sizes[index], names[index], areas[index]))


def points_text(row: Mapping[str, Any], language: str, kind: str = "points") -> str:
    """An area's points as text: one number, or the range they lie in where figures are missing.

    Of an index model (`kind`) it is the index.
    """
    if kind == "index":
        score = row.get("points")
        return (
            ""
            if absent(score)
            else word("map", "index", language, points=number(float(str(score)), language, 2))
        )
    if not absent(row.get("points")):
        return _points(row["points"], language)
    least, most = row.get("points_min"), row.get("points_max")
    if absent(least) or absent(most):
        return ""
    if least == most:
        return _points(least, language)
    return word(
        "map",
        "points_range",
        language,
        least=plain_number(least, language),
        most=plain_number(most, language),
    )


def _points(points: Any, language: str) -> str:
    key = "point" if float(points) == 1 else "points"
    return word("map", key, language, points=plain_number(points, language))


def variable_layer(
    thematic_map: ThematicMap, variable: Variable, rows: Rows, names: Sequence[str]
) -> dict[str, Any]:
    """The graduated layer of a variable, in classes that are the same in every period.

    Classes lie between the variable's limits, or between the pooled values' quintiles (type 7), rounded as they are
    shown; a value on a limit belongs above it.

    Parameters
    ----------
    thematic_map : ThematicMap
        The map that the layer is of.
    variable : Variable
        One of the map's.
    rows : mapping
        The variable's rows of the map's table.
    names : sequence of str
        The areas' names in the order of the areas, as they sort.

    Returns
    -------
    dict
        ``kind, label, classes, drawn, order, legend``; lists by period.
    """
    language, periods, areas = thematic_map.language, thematic_map.periods, thematic_map.area_ids
    factor = UNIT_FACTOR[variable.unit]
    reverse = variable.direction == "low_is_bad"
    statuses = [[figure_status(*_figure(rows.get((area, period)))) for area in areas] for period in periods]
    values_of = [
        [
            float(rows[(area, period)]["value"]) * factor if status == "ok" else None
            for area, status in zip(areas, line, strict=True)
        ]
        for period, line in zip(periods, statuses, strict=True)
    ]
    limits = limits_of(variable, [float(row["value"]) * factor for row in rows.values() if has_value(row)])
    classes = classes_of(variable, limits, {status for line in statuses for status in line}, language)
    positions = {each.id: index for index, each in enumerate(classes)}
    drawn, ranked = [], []
    for values, line in zip(values_of, statuses, strict=True):
        drawn.append(
            [
                positions[status] if value is None else bisect_right(limits, value)
                for value, status in zip(values, line, strict=True)
            ]
        )
        sign = 1.0 if reverse else -1.0
        ranked.append(
            _ranked([float("inf") if value is None else sign * value for value in values], names, areas)
        )
    return {
        "kind": "indicator",
        "label": variable.label,
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "order": ranked,
        "legend": _legend(classes, drawn, language),
    }


def has_value(row: Mapping[str, Any] | None) -> bool:
    """Whether a cell of the indicator table has a value that may be shown."""
    return row is not None and text(row.get("status")) == "ok" and not absent(row.get("value"))


def _figure(row: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """A row's value and its status."""
    return (None, None) if row is None else (row.get("value"), row.get("status"))


def _number(value: Any, otherwise: float) -> float:
    return otherwise if absent(value) else float(value)


def _legend(
    classes: Sequence[Class], drawn: Sequence[Sequence[int]], language: str, share_note: str = ""
) -> list[dict[str, Any]]:
    """Per period: areas in each class, their share of those that have a category, and how many have one."""
    note, lines = share_note or words("map", language)["share_note"], []
    for period in drawn:
        counts = [sum(drawn_class == index for drawn_class in period) for index in range(len(classes))]
        assessed = sum(count for count, each in zip(counts, classes, strict=True) if each.assessed)
        shares = [
            number(100 * count / assessed, language) + word("unit_suffixes", "percent", language)
            if each.assessed and assessed
            else ""
            for count, each in zip(counts, classes, strict=True)
        ]
        lines.append(
            {
                "counts": counts,
                "shares": shares,
                "note": note.format(count=number(assessed, language)),
            }
        )
    return lines
