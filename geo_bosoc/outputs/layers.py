"""The layers a reader can choose: for each, its classes, and the class of every area in every period.

A category layer and an indicator layer have the same shape, so the page draws both with the same few lines.
All classing is done here, on values that were never rounded, and numbers become text here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.map_texts import word
from geo_bosoc.text.colours import (
    WITHOUT_FIGURE,
    Fill,
    category_fills,
    steps,
)
from geo_bosoc.text.numbers import (
    MISSING,
    NOT_IN_MODEL,
    UNIT_FACTOR,
    UNIT_SUFFIX,
    number,
    protected_word,
)

MOST_CLASSES: Final = 5
NO_ROW: Final = ""
_NA: Final = pd.NA

Rows = Mapping[tuple[str, str], dict[str, Any]]
"""Rows of a frame by area and period."""


@dataclass(frozen=True)
class Class:
    """One class of a layer: its word, its fill, and whether its areas have been assessed (have a figure)."""

    id: str
    label: str
    fill: Fill
    assessed: bool = True

    def as_data(self) -> dict[str, Any]:
        """The class as plain data for the page."""
        hatch = self.fill.hatch
        told: dict[str, Any] = {"id": self.id, "label": self.label, "colour": self.fill.colour}
        if hatch is not None:
            told["hatch"] = {
                "angle": hatch.angle,
                "spacing": hatch.spacing,
                "width": hatch.width,
                "cross": hatch.cross,
                "dots": hatch.dots,
                "ink": self.fill.ink,
            }
        return told


def absent(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NA, or text of no length."""
    return value is None or value is _NA or value != value or value == ""


def text(value: Any) -> str:
    """A cell as text, an empty one as ``""``."""
    return "" if absent(value) else str(value)


def by_area(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of `frame` by ``(area_id, period)``; of several the first counts."""
    names = [str(name) for name in frame.columns]
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for values in zip(*(frame[name].tolist() for name in frame.columns), strict=True):
        row = dict(zip(names, values, strict=True))
        rows.setdefault((str(row["area_id"]), str(row["period"])), row)
    return rows


def category_layer(
    published: PublishedResults, model: Model, names: Sequence[str]
) -> tuple[dict[str, Any], list[Class], Rows]:
    """The layer of a model's categories, its classes, and the rows of `shown.categories` behind it.

    Parameters
    ----------
    names : the areas' names in the order of `shown.areas`.
    """
    language, periods = published.language, published.periods
    areas = [str(area) for area in published.areas["area_id"]]
    own = [category.id for category in model.category]
    frame = published.categories[published.categories["model"] == model.id]
    rank = {name: index for index, name in enumerate(own)}
    order = frame["category"].map(rank).fillna(len(own)).sort_values(kind="stable").index
    rows = by_area(frame.loc[order])
    found = [[text(rows.get((area, period), {}).get("category")) for area in areas] for period in periods]
    present = {name for line in found for name in line}
    others = [name for name in WITHOUT_FIGURE if name in present and name not in rank]
    others += sorted(present - set(own) - set(others))
    fills = category_fills([category.colour for category in model.category])
    classes = [
        Class(category.id, category.label(language), fill)
        for category, fill in zip(model.category, fills, strict=True)
    ]
    classes += [
        Class(
            name,
            _category_word(model, name, language),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE[NO_ROW]),
            False,
        )
        for name in others
    ]
    at = {each.id: index for index, each in enumerate(classes)}
    drawn = [[at[name] for name in line] for line in found]
    notes, ranked = [], []
    for period, line in zip(periods, drawn, strict=True):
        these = [rows.get((area, period), {}) for area in areas]
        notes.append([points_text(row, language, model.kind) for row in these])
        size = [-_number(row.get("points"), _number(row.get("points_min"), -1.0)) for row in these]
        ranked.append(sorted(range(len(areas)), key=lambda i: (line[i], size[i], names[i], areas[i])))
    layer = {
        "kind": "category",
        "label": model.label(language),
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "notes": notes,
        "order": ranked,
        "legend": _legend(classes, drawn, language),
    }
    return layer, classes, rows


def _category_word(model: Model, name: str, language: str) -> str:
    label = NOT_IN_MODEL[language] if name == NO_ROW else model.category_label(name, language)
    return label[:1].upper() + label[1:]


def points_text(row: Mapping[str, Any], language: str, kind: str = "points") -> str:
    """An area's points as text: one number, or the range they lie in where figures are missing.

    Of an index model (`kind`) it is the index.
    """
    if kind == "index":
        score = row.get("points")
        return "" if absent(score) else word("index", language, points=number(float(str(score)), language, 2))
    if not absent(row.get("points")):
        return _points(row["points"], language)
    least, most = row.get("points_min"), row.get("points_max")
    if absent(least) or absent(most):
        return ""
    if least == most:
        return _points(least, language)
    return word(
        "points_range", language, least=plain_number(least, language), most=plain_number(most, language)
    )


def _points(points: Any, language: str) -> str:
    key = "point" if float(points) == 1 else "points"
    return word(key, language, points=plain_number(points, language))


def plain_number(value: Any, language: str) -> str:
    """A number with decimals only where it has any: ``3``, ``2,5``."""
    decimals = 0 if float(value).is_integer() else 1
    return number(float(value), language, decimals)


def indicator_layer(
    published: PublishedResults, indicator: Indicator, rows: Rows, names: Sequence[str]
) -> tuple[dict[str, Any], list[Class]]:
    """The layer of an indicator's values, in at most five classes that are the same in every period.

    Classes lie between the pooled values' quintiles (type 7), rounded as they are shown; a value on a
    limit belongs above it. `rows` are the indicator's cells of `shown.table`.
    """
    language, periods = published.language, published.periods
    areas = [str(area) for area in published.areas["area_id"]]
    factor = UNIT_FACTOR[indicator.unit]
    reverse = indicator.direction == "low_is_bad"
    statuses = [[_status(rows.get((area, period))) for area in areas] for period in periods]
    values_of = [
        [
            float(rows[(area, period)]["value"]) * factor if status == "ok" else None
            for area, status in zip(areas, line, strict=True)
        ]
        for period, line in zip(periods, statuses, strict=True)
    ]
    limits, classes = _classes(
        published,
        indicator,
        [float(row["value"]) * factor for row in rows.values() if has_value(row)],
        {status for line in statuses for status in line},
    )
    at = {each.id: index for index, each in enumerate(classes)}
    drawn, ranked = [], []
    for values, line in zip(values_of, statuses, strict=True):
        drawn.append(
            [
                at[status] if value is None else bisect_right(limits, value)
                for value, status in zip(values, line, strict=True)
            ]
        )
        sign = 1.0 if reverse else -1.0
        size = [float("inf") if value is None else sign * value for value in values]
        ranked.append(sorted(range(len(areas)), key=lambda i: (size[i], names[i], areas[i])))
    if indicator.direction == "neutral":
        order_note = word("darker_high", language)
    else:
        order_note = word("darker_low" if reverse else "darker_high", language)
    layer = {
        "kind": "indicator",
        "label": indicator.label(language),
        "classes": [each.as_data() for each in classes],
        "drawn": drawn,
        "order": ranked,
        "legend": _legend(classes, drawn, language),
        "order_note": order_note,
        "unit": "" if indicator.unit == "percent" else UNIT_SUFFIX[indicator.unit][language].strip(),
    }
    return layer, classes


def indicator_classes(published: PublishedResults, indicator: Indicator) -> tuple[list[float], list[Class]]:
    """The limits between the classes of an indicator's values, and the classes, as `indicator_layer` has them."""
    rows = published.table.loc[
        published.table["indicator"] == indicator.id, ["area_id", "period", "value", "status"]
    ]
    told = by_area(rows)
    areas = [str(area) for area in published.areas["area_id"]]
    known = [float(row["value"]) * UNIT_FACTOR[indicator.unit] for row in told.values() if has_value(row)]
    return _classes(
        published,
        indicator,
        known,
        {_status(told.get((area, period))) for period in published.periods for area in areas},
    )


def _classes(
    published: PublishedResults, indicator: Indicator, values: Sequence[float], statuses: Collection[str]
) -> tuple[list[float], list[Class]]:
    """Limits between values and the classes, those of cells without a value last."""
    language = published.language
    limits = class_limits(values, 0 if indicator.unit == "count" else 1)
    fills = steps(len(limits) + 1, indicator.direction == "low_is_bad")
    labels = _class_labels(limits, indicator, language)
    classes = [
        Class(f"class_{index}", label, fill)
        for index, (label, fill) in enumerate(zip(labels, fills, strict=True))
    ]
    present = set(statuses) - {"ok"}
    gone = [name for name in WITHOUT_FIGURE if name in present] + sorted(present - set(WITHOUT_FIGURE))
    return limits, classes + [
        Class(
            name,
            _sentence_case(status_word(name, language, published.minimum)),
            WITHOUT_FIGURE.get(name, WITHOUT_FIGURE["missing"]),
            False,
        )
        for name in gone
    ]


def class_limits(values: Sequence[float], decimals: int) -> list[float]:
    """Rising limits between at most five classes of about equal size, each with a value in it.

    >>> class_limits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0), class_limits([2.0, 2.0], 1), class_limits([], 1)
    ([3.0, 5.0, 6.0, 8.0], [], [])
    """
    if not values:
        return []
    known = np.sort(np.asarray(values, dtype=float))
    cuts = np.quantile(known, [step / MOST_CLASSES for step in range(1, MOST_CLASSES)])
    limits: list[float] = []
    for cut in sorted({round(float(cut), decimals) for cut in cuts}):
        since = limits[-1] if limits else -np.inf
        if ((known >= since) & (known < cut)).any() and (known >= cut).any():
            limits.append(cut)
    return limits


def _class_labels(limits: Sequence[float], indicator: Indicator, language: str) -> list[str]:
    if not limits:
        return [word("all", language)]
    places = 0 if indicator.unit == "count" else 1
    plain = [number(limit, language, places) for limit in limits]
    unit = UNIT_SUFFIX["percent"][language] if indicator.unit == "percent" else ""
    labels = [word("below", language, value=plain[0] + unit)]
    labels += [word("between", language, low=low, high=high + unit) for low, high in pairwise(plain)]
    return [*labels, word("above", language, value=plain[-1] + unit)]


def has_value(row: Mapping[str, Any] | None) -> bool:
    """Whether a cell of the indicator table has a value that may be shown."""
    return row is not None and text(row.get("status")) == "ok" and not absent(row.get("value"))


def _status(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "missing"
    if has_value(row):
        return "ok"
    status = text(row.get("status"))
    return "missing" if status in ("", "ok") else status


def status_word(status: str, language: str, minimum: int | None) -> str:
    """What is said in the place of a value that is not there."""
    if status == "protected":
        return protected_word(language, minimum)
    if status in ("no_base", "not_applicable"):
        return word(status, language)
    return MISSING[language]


def _sentence_case(label: str) -> str:
    return label[:1].upper() + label[1:]


def _number(value: Any, otherwise: float) -> float:
    return otherwise if absent(value) else float(value)


def _legend(classes: Sequence[Class], drawn: Sequence[Sequence[int]], language: str) -> list[dict[str, Any]]:
    """Per period: areas in each class, their share of those that have a category, and how many have one."""
    lines = []
    for period in drawn:
        counts = [sum(one == index for one in period) for index in range(len(classes))]
        assessed = sum(count for count, each in zip(counts, classes, strict=True) if each.assessed)
        shares = [
            number(100 * count / assessed, language) + UNIT_SUFFIX["percent"][language]
            if each.assessed and assessed
            else ""
            for count, each in zip(counts, classes, strict=True)
        ]
        lines.append(
            {
                "counts": counts,
                "shares": shares,
                "note": word("share_note", language, count=number(assessed, language)),
            }
        )
    return lines
