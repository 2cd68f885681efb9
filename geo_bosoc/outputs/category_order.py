"""Which category is worse: the order in which outputs name areas, and which way an area went from period to period.

A range stands for every category that it lies between: an area went a way only if it did whatever the ranges turn out
to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from geo_bosoc.models.category import NOT_ASSESSED, UNDETERMINED
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import absent, possible_of

Way = Literal["worse", "better"]


def category_ranks(categories: Sequence[str], name: str) -> list[int]:
    """The places, from the worst, of the categories that a class may be; none of a class that is no category.

    Parameters
    ----------
    categories : sequence of str
        Ids of a model's categories, the worst first.
    name : str
        The class of a row of categories (`geo_bosoc.outputs.texts.category_class`).

    Examples
    --------
    >>> category_ranks(["severely_deprived", "deprived", "at_risk"], "range:deprived, severely_deprived")
    [0, 1]
    >>> category_ranks(["deprived", "at_risk"], "too_small")
    []
    """
    rank = {category: place for place, category in enumerate(categories)}
    return sorted(rank[each] for each in possible_of(name) or [name] if each in rank)


def way_of(categories: Sequence[str], before: str, now: str) -> Way | None:
    """Which way an area went whose category was in one class and is in another; None where it cannot be said.

    Parameters
    ----------
    categories : sequence of str
        Ids of a model's categories, the worst first.
    before, now : str
        Classes of rows of categories.

    Examples
    --------
    >>> categories = ["severely_deprived", "deprived", "at_risk"]
    >>> way_of(categories, "at_risk", "range:severely_deprived, deprived"), way_of(categories, "deprived", "at_risk")
    ('worse', 'better')
    >>> way_of(categories, "deprived", "range:severely_deprived, deprived") is None
    True
    """
    earlier, later = category_ranks(categories, before), category_ranks(categories, now)
    if not earlier or not later:
        return None
    if later[-1] < earlier[0]:
        return "worse"
    return "better" if later[0] > earlier[-1] else None


def worst_first_key(
    model: Model, name: str, row: Mapping[Any, Any], area_name: str, area_id: str
) -> tuple[float, float, str, str]:
    """What areas are sorted by, the worst first: by category (a range in the middle of what it lies between), by points
    (those at most, where they lie between two), by name. Areas without a category come last, those in doubt first.

    Parameters
    ----------
    model : Model
        Whose categories they are.
    name : str
        The class of the area's category.
    row : mapping
        The row of its category: ``points, points_max``.
    area_name, area_id : str
        The area.
    """
    ranks = category_ranks([category.id for category in model.category], name)
    if not ranks:
        others = [UNDETERMINED, *(each.id for each in NOT_ASSESSED if each.id != UNDETERMINED)]
        place = others.index(name) if name in others else len(others)
        return float(len(model.category) + place), 0.0, area_name, area_id
    points = row.get("points_max") if absent(row.get("points")) else row["points"]
    by_points = -float(points) if model.kind == "points" and not absent(points) else 0.0  # type: ignore[arg-type]
    return (ranks[0] + ranks[-1]) / 2, by_points, area_name, area_id
