"""How far an area is from another category: the smallest set of changes, in persons, that would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from geo_bosoc.models.categorisation import Categorisation, areas_by_period
from geo_bosoc.models.exact_values import Cell, Cells, shift
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import Score, bands_reached, category_of, persons_needed, points_of, score_areas
from geo_bosoc.models.rules import (
    CriterionResult,
    OutcomeCache,
    area_answers,
    category_outcome,
    evaluate_area,
    period_tests,
    tests_of_area,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """Changes in persons, by criterion, that together change the category, all else unchanged.

    `persons` are signed changes of each numerator in the last period read ("-11" is 11 fewer). Denominators,
    reference areas and other areas stay as they are. No set with fewer persons in all changes the category.
    """

    area_id: str
    persons: Mapping[str, int]
    category: str

    @property
    def total(self) -> int:
        """Persons in all, fewer and more alike."""
        return sum(abs(change) for change in self.persons.values())

    def text(self, model: Model, language: str) -> str:
        """The change in words."""
        labels = {criterion.key: criterion.label(language) for criterion in model.criterion}
        parts = []
        for key, change in self.persons.items():
            size = number(abs(change), language)
            persons = word("sentences", "fewer" if change < 0 else "more", language, size=size)
            parts.append(f"{labels[key]}: {persons}")
        category = model.category_label(self.category, language)
        return word("sentences", "smallest_change", language, category=category, changes="; ".join(parts))


def smallest_change(categorisation: Categorisation, area_id: str, period: str) -> Change | None:
    """The set of changes with the fewest persons in all that gives the area another category.

    Parameters
    ----------
    categorisation : Categorisation
        By a points or a rules model.
    area_id, period : str
        Which area, in which period.

    Returns
    -------
    Change or None
        The changes, by criterion. Ties go to fewer criteria, then to the order of the model.

    Notes
    -----
    None where the category is not known, no counts are known, or nothing within the denominators does it. A change
    in how many residents there are is not looked at: it would change every denominator. For an index there is none:
    scores hang on all areas. Nor for a model that holds categories, or counts one indicator twice. Of pooled years the
    change is one of the pooled count.

    Examples
    --------
    >>> from geo_bosoc.models import categorise, parse_model
    >>> import pandas as pd
    >>> model = parse_model({
    ...     "id": "example", "version": "2024-01-01", "kind": "points",
    ...     "criterion": [{"indicator": "crime", "measure": "value", "bands": [2.0, 4.0]}],
    ...     "category": [
    ...         {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "colour": "#2a0f52", "min_points": 2},
    ...         {"id": "other", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
    ...     ],
    ... })
    >>> row = {"area_id": "0001", "period": "2024", "indicator": "crime", "numerator": 9, "denominator": 300,
    ...        "value": 0.03, "status": "ok"}
    >>> smallest_change(categorise(pd.DataFrame([row]), model), "0001", "2024").text(model, "en")
    'Smallest change to another category (Risk): crime: 3 more.'
    """
    model = categorisation.model
    if categorisation.category_by_area[area_id, period] not in {category.id for category in model.category}:
        return None  # too small or undetermined
    if model.kind == "points":
        indicators = [criterion.indicator for criterion in model.criterion]
        if model.hold or len(set(indicators)) < len(indicators):
            return None
        return _points_change(categorisation, area_id, period)
    return _rules_change(categorisation, area_id, period) if model.kind == "rules" else None


def apply_change(exact_cells: Cells, area_id: str, persons: Mapping[Key, int]) -> dict[Key, Cell]:
    """The cells with some numerators of an area changed by so many persons; keys are the cells'."""
    changed = dict(exact_cells)
    for key, change in persons.items():
        cell = exact_cells[key]
        if key[0] != area_id or cell.numerator is None or cell.denominator is None:
            raise ValueError("only counted figures of the area can be changed")
        numerator = cell.numerator + change * cell.scale
        value = Fraction(numerator, cell.denominator * cell.scale)
        changed[key] = cell._replace(numerator=numerator, value=value)
    return changed


def _points_change(categorisation: Categorisation, area: str, period: str) -> Change | None:
    model = categorisation.model
    compares_areas = any(criterion.measure == "z" for criterion in model.criterion)
    areas = areas_by_period(categorisation.cells)[period] if compares_areas else [area]
    scores = score_areas(model, categorisation.cells, areas, period, averaged=categorisation.averaged)[area]
    if not all(score.decided for score in scores):
        return None
    points = sum(score.least for score in scores)
    category_now = category_of(model, points)
    # What each number of points gained or lost costs at least, criterion by criterion; z is left where it is.
    best: dict[float, tuple[int, int, tuple[tuple[str, int], ...]]] = {0.0: (0, 0, ())}
    for score in scores:
        options = {0.0: 0} | ({} if score.criterion.measure == "z" else _steps(score))
        following: dict[float, tuple[int, int, tuple[tuple[str, int], ...]]] = {}
        for gained, (cost, used, path) in best.items():
            for step, persons in options.items():
                choice = (
                    cost + abs(persons),
                    used + (persons != 0),
                    (*path, (score.criterion.key, persons)) if persons else path,
                )
                total = gained + step
                if total not in following or choice[:2] < following[total][:2]:
                    following[total] = choice
        best = following
    categories = {gained: category_of(model, points + gained) for gained in best}
    reaching = [
        (best[gained], category) for gained, category in categories.items() if category != category_now
    ]
    if not reaching:
        return None
    (_, _, path), category = min(reaching, key=lambda reached: reached[0][:2])
    return Change(area, dict(path), category)


def _steps(score: Score) -> dict[float, int]:
    """For each number of points that can be gained or lost on one criterion, the least change in persons."""
    steps: dict[float, int] = {}
    limits = [limit for limit in score.limits if limit is not None]
    for limit in limits:
        persons = persons_needed(score.criterion, score.reading, limit)
        if persons is None:
            continue
        value = _changed(score.reading.cell, persons)
        if score.reading.parts > 1:
            value = (score.reading.others + value) / score.reading.parts
        band = bands_reached(score.criterion, bad_side(value, score.criterion), limits)
        gained = points_of(score.criterion, band) - score.least
        if gained and (gained not in steps or abs(persons) < abs(steps[gained])):
            steps[gained] = persons
    return steps


def _changed(cell: Cell, persons: int) -> Fraction:
    assert cell.numerator is not None and cell.denominator is not None
    return Fraction(cell.numerator + persons * cell.scale, cell.denominator * cell.scale)


def _rules_change(categorisation: Categorisation, area: str, period: str) -> Change | None:
    model, history, averaged = categorisation.model, categorisation.history, categorisation.averaged
    cells = categorisation.cells_by_area[area]
    tests = period_tests(model, categorisation.cells, period, averaged=averaged)
    tests = tests_of_area(model, cells, area, period, tests, averaged=averaged)
    cache: OutcomeCache = {}
    now = evaluate_area(model, cells, area, period, history, averaged=averaged, tests=tests, cache=cache)
    category_now = now.category.outcomes[0]
    options = _figure_options(now.criteria, period)
    best: Change | None = None
    least: tuple[int, int] | None = None
    for choice in product(*options.values()):
        changes = {key: change for key, change in zip(options, choice, strict=True) if change}
        cost = (sum(abs(change) for change in changes.values()), len(changes))
        if not changes or (least is not None and cost >= least):
            continue
        persons = {(area, year, indicator): change for (indicator, year), change in changes.items()}
        changed = apply_change(cells, area, persons)
        answers, _ = area_answers(model, changed, area, period, history, tests, averaged=averaged)
        then = category_outcome(model, answers, cache).category
        if then.certain and then.outcomes[0] != category_now:
            best = Change(area, _by_criterion(now.criteria, changes, period), then.outcomes[0])
            least = cost
    return best


def _figure_options(results: Sequence[CriterionResult], period: str) -> dict[tuple[str, str], list[int]]:
    """For each figure (indicator and the period it is changed in) the changes that cross some threshold."""
    options: dict[tuple[str, str], list[int]] = {}
    for result in results:
        if result.persons is None or result.limit is None:
            continue
        key = (result.criterion.indicator, _last_period(result, period))
        options.setdefault(key, [0]).append(result.persons)
    return {key: sorted(set(changes), key=lambda n: (abs(n), n)) for key, changes in options.items()}


def _last_period(result: CriterionResult, period: str) -> str:
    window = result.criterion.window
    return shift(period, max(window)) if window and result.reading.parts > 1 else period


def _by_criterion(
    results: Sequence[CriterionResult], changes: Mapping[tuple[str, str], int], period: str
) -> dict[str, int]:
    """The changes by the first criterion that each is the crossing of."""
    persons: dict[str, int] = {}
    for key, change in changes.items():
        for result in results:
            if (result.criterion.indicator, _last_period(result, period)) == key and result.persons == change:
                persons[result.criterion.key] = change
                break
    return persons
