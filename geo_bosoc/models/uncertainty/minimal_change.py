"""How far an area is from another category: the smallest set of changes, in persons, that would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.exact_values import Cell, Cells, shift
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import (
    Score,
    bands_reached,
    by_points,
    persons_needed,
    points_of,
    score_areas,
)
from geo_bosoc.models.rules import CriterionResult, judge
from geo_bosoc.models.spec import UNDETERMINED, Model
from geo_bosoc.text.numbers import number

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """Changes in persons, by criterion, that together change the category, all else held.

    `persons` are signed changes of each numerator in the last period read ("-11" is 11 fewer); `period` is
    that of each. Bases, reference areas and other areas are held. No set with fewer persons in all changes the
    category.
    """

    area_id: str
    persons: Mapping[str, int]
    category: str

    @property
    def total(self) -> int:
        return sum(abs(change) for change in self.persons.values())

    def text(self, model: Model, language: str) -> str:
        """The change in words."""
        labels = {criterion.key: criterion.label(language) for criterion in model.criterion}
        parts = []
        for key, change in self.persons.items():
            size = number(abs(change), language)
            if language == "da":
                parts.append(f"{labels[key]}: {size} {'færre' if change < 0 else 'flere'}")
            else:
                parts.append(f"{labels[key]}: {size} {'fewer' if change < 0 else 'more'}")
        category = model.category_label(self.category, language)
        if language == "da":
            return f"Mindste ændring til en anden kategori ({category}): {'; '.join(parts)}."
        return f"Smallest change to another category ({category}): {'; '.join(parts)}."


def smallest_change(categorisation: Categorisation, area_id: str, period: str) -> Change | None:
    """The set of changes with the fewest persons in all that gives the area another category.

    None where the category is not known, no counts are known, or nothing within the bases does it. A change
    in how many residents there are is not looked at: it would change every base. Ties go to fewer criteria,
    then to the order of the model. For an index there is none: scores hang on all areas. Nor for a model that
    holds categories, or counts one indicator twice. Of pooled years the change is one of the pooled count.
    """
    rows = categorisation.categories
    row = rows[(rows["area_id"] == area_id) & (rows["period"] == period)].iloc[0]
    model = categorisation.model
    if row["category"] == UNDETERMINED or row["category"] not in {c.id for c in model.category}:
        return None
    if model.kind == "points":
        indicators = [criterion.indicator for criterion in model.criterion]
        if model.hold or len(set(indicators)) < len(indicators):
            return None
        return _points_change(categorisation, area_id, period)
    return _rules_change(categorisation, area_id, period) if model.kind == "rules" else None


def apply_change(cells: Cells, area_id: str, persons: Mapping[Key, int]) -> dict[Key, Cell]:
    """The cells with some numerators of an area changed by so many persons; keys are the cells'."""
    changed = dict(cells)
    for key, change in persons.items():
        cell = cells[key]
        if key[0] != area_id or cell.count is None or cell.base is None:
            raise ValueError("only counted figures of the area can be changed")
        count = cell.count + change * cell.scale
        changed[key] = replace(cell, count=count, value=Fraction(count, cell.base * cell.scale))
    return changed


def _points_change(categorisation: Categorisation, area: str, period: str) -> Change | None:
    model = categorisation.model
    named = {name for name, told, _ in categorisation.cells if told == period and not name.startswith("@")}
    areas = sorted(named) if any(c.measure == "z" for c in model.criterion) else [area]
    scores = score_areas(model, categorisation.cells, areas, period, finished=categorisation.finished)[area]
    if not all(score.decided for score in scores):
        return None
    points = sum(score.least for score in scores)
    here = by_points(model, points)
    # What each number of points gained or lost costs at least, criterion by criterion; z is left where it is.
    best: dict[float, tuple[int, int, tuple[tuple[str, int], ...]]] = {0.0: (0, 0, ())}
    for score in scores:
        options = {0.0: 0} | ({} if score.criterion.measure == "z" else _steps(score))
        following: dict[float, tuple[int, int, tuple[tuple[str, int], ...]]] = {}
        for gained, (cost, used, path) in best.items():
            for more, persons in options.items():
                way = (
                    cost + abs(persons),
                    used + (persons != 0),
                    (*path, (score.criterion.key, persons)) if persons else path,
                )
                total = gained + more
                if total not in following or way[:2] < following[total][:2]:
                    following[total] = way
        best = following
    reaching = [
        (way, by_points(model, points + g)) for g, way in best.items() if by_points(model, points + g) != here
    ]
    if not reaching:
        return None
    (_, _, path), category = min(reaching, key=lambda item: item[0][:2])
    return Change(area, dict(path), category)


def _steps(score: Score) -> dict[float, int]:
    """For each number of points that can be gained or lost on one criterion, the least change in persons."""
    steps: dict[float, int] = {}
    told = [limit for limit in score.limits if limit is not None]
    for limit in told:
        persons = persons_needed(score.criterion, score.reading, limit)
        if persons is None:
            continue
        value = _changed(score.reading.cell, persons)
        total = (score.reading.others + value) / score.reading.parts
        band = bands_reached(score.criterion, bad_side(total, score.criterion), told)
        gained = points_of(score.criterion, band) - score.least
        if gained and (gained not in steps or abs(persons) < abs(steps[gained])):
            steps[gained] = persons
    return steps


def _changed(cell: Cell, persons: int) -> Fraction:
    assert cell.count is not None and cell.base is not None
    return Fraction(cell.count + persons * cell.scale, cell.base * cell.scale)


def _rules_change(categorisation: Categorisation, area: str, period: str) -> Change | None:
    model = categorisation.model
    history = categorisation.history
    now = judge(model, categorisation.cells, area, period, history, finished=categorisation.finished)
    here = now.category.outcomes[0]
    options = _figure_options(now.rulings, period)
    best: Change | None = None
    rank: tuple[int, int] | None = None
    for choice in product(*options.values()):
        made = {key: change for key, change in zip(options, choice, strict=True) if change}
        cost = (sum(abs(change) for change in made.values()), len(made))
        if not made or (rank is not None and cost >= rank):
            continue
        cells = apply_change(
            categorisation.cells, area, {(area, told, name): n for (name, told), n in made.items()}
        )
        then = judge(model, cells, area, period, history, finished=categorisation.finished).category
        if then.certain and then.outcomes[0] != here:
            keys = _criterion_of(now.rulings, made, period)
            best, rank = Change(area, keys, then.outcomes[0]), cost
    return best


def _figure_options(rulings: Sequence[CriterionResult], period: str) -> dict[tuple[str, str], list[int]]:
    """For each figure (indicator and the period it is changed in) the changes that cross some threshold."""
    options: dict[tuple[str, str], list[int]] = {}
    for ruling in rulings:
        if ruling.persons is None or ruling.limit is None:
            continue
        key = (ruling.criterion.indicator, _last(ruling, period))
        options.setdefault(key, [0]).append(ruling.persons)
    return {key: sorted(set(changes), key=lambda n: (abs(n), n)) for key, changes in options.items()}


def _last(ruling: CriterionResult, period: str) -> str:
    window = ruling.criterion.window
    return shift(period, max(window)) if window and ruling.reading.parts > 1 else period


def _criterion_of(
    rulings: Sequence[CriterionResult], made: Mapping[tuple[str, str], int], period: str
) -> dict[str, int]:
    """The changes by the first criterion that each is the crossing of."""
    told: dict[str, int] = {}
    for key, change in made.items():
        for ruling in rulings:
            if (ruling.criterion.indicator, _last(ruling, period)) == key and ruling.persons == change:
                told[ruling.criterion.key] = change
                break
    return told
