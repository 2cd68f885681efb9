"""What a published row says: which counts its mark leaves, and whether an outcome of the models fits what it shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from geo_bosoc.disclosure.attack.public_set import Figure, FigureKey, Policy, PublicSet, exact_number
from geo_bosoc.disclosure.attack.system import BASE, LOWER, NEUTRAL, UPPER, State
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL, Criterion
from geo_bosoc.models.exact_values import ABSENT, Cell
from geo_bosoc.models.points import category_of, possible_categories
from geo_bosoc.models.rules import CategoryOutcome
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import LANGUAGES, word

RANGE: Final = "range"
"""A category that is published as one of several."""


def decimal(number: float) -> Fraction:
    """A number of a model as it is written there.

    >>> decimal(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(number))


def shown_cell(public: PublicSet, key: FigureKey, figure: Figure) -> Cell:
    """A figure that is shown, as an exact value."""
    if figure.suppressed:
        return ABSENT
    scale = public.scales.get(key[2], 1)
    if scale and figure.count is not None and figure.base and key[2] not in public.heads:
        count = int(figure.count * scale)
        return Cell(figure.count / figure.base, "ok", count, figure.base, scale)
    return Cell(figure.value, "ok") if figure.value is not None else ABSENT


def states_of(
    figure: Figure,
    policy: Policy,
    scale: int,
    counts_all: bool,
    secondary: bool = False,
    further: Iterable[int] = (),
) -> tuple[State, ...]:
    """The counts that a suppressed figure may have by its mark and its base.

    Parameters
    ----------
    figure : Figure
        A suppressed one.
    policy : Policy
        Of the set.
    scale : int
        Of the indicator's counts (0: a mean, of which only the base counts persons).
    counts_all : bool
        Whether the count is the base.
    secondary : bool, optional
        Whether it may be suppressed for the sake of another figure, and be any count.
    further : iterable of int, optional
        Counts that would be suppressed as well.
    """
    base, most = figure.base, policy.minimum - 1
    if base is None or base <= most:
        bases = range(1, most + 1) if base is None else [base]
        base_side = frozenset({BASE})
        if scale == 0 or counts_all:
            return tuple(State(4 * d, d, d, base_side) for d in bases)
        return tuple(State(4 * n, d, n, base_side) for d in bases for n in range(d + 1))
    states: dict[int, State] = {}
    steps = range(4, 4 * most + 1, 4) if scale <= 1 else range(1, 4 * policy.minimum)
    for quarters in steps:
        persons = math.ceil(quarters / 4)
        for count, value, side in (
            (quarters, persons, LOWER),
            (4 * base - quarters, base - persons, UPPER),
        ):
            if 0 < count < 4 * base:
                before = states[count].sides if count in states else frozenset()
                states[count] = State(count, base, value, before | {side})
    others: Iterable[int] = (0, 4 * base) if policy.zeros_hidden else ()
    if (secondary or base < policy.minimum_base) and scale == 1:
        others = range(0, 4 * base + 1, 4)
    for count in [*others, *(4 * count for count in further if scale == 1)]:
        states.setdefault(count, State(count, base, count // 4, frozenset({NEUTRAL})))
    return tuple(states[count] for count in sorted(states))


def fits_clues(
    criterion: Criterion,
    outcome: Fraction,
    points: Fraction | None,
    met: str | None,
    threshold: Fraction | None,
) -> bool:
    """Whether points that a criterion gives fit what is shown of it."""
    if points is not None and outcome != points:
        return False
    if met is not None and (outcome > 0) != (met == "met"):
        return False
    if threshold is None or len(set(criterion.steps)) < len(criterion.steps):
        return True
    steps = [decimal(step) for step in criterion.steps]
    band = steps.index(outcome) if outcome in steps else 0
    return float(decimal(criterion.bands[band])) == float(threshold)


@dataclass(frozen=True)
class RowPoints:
    """What an area's row says of its points.

    Attributes
    ----------
    model : Model
        A model of points.
    row : mapping of str to str
        ``points, points_min, points_max, category, possible``, as far as they are there.
    mark : str
        The decimal mark of the row's numbers.
    gates_shown : bool
        Whether the figures of the model's gates are shown; where they are not, the category tells nothing of points.
    """

    model: Model
    row: Mapping[str, str]
    mark: str
    gates_shown: bool

    def fits(self, least: Fraction, slack: Fraction) -> bool:
        """Whether points from `least` to `least` + `slack` may be what the row was made from."""
        most = least + slack
        points, low, high = (
            exact_number(self.row.get(name, ""), self.mark) for name in ("points", "points_min", "points_max")
        )
        if points is not None and (slack or least != points):
            return False
        if (low is not None and least < low) or (high is not None and most > high):
            return False
        category = self.row.get("category", "")
        if self.model.hold or category in ("", TOO_SMALL) or not self.gates_shown:
            return True
        possible = possible_categories(self.model, float(least), float(most))
        listed = [name for name in self.row.get("possible", "").split(", ") if name]
        if category == RANGE:
            return not listed or bool(set(possible) & set(listed))
        if category == UNDETERMINED:
            return len(possible) > 1 and (not listed or listed == list(possible))
        if category not in {each.id for each in self.model.category}:
            return True
        return category_of(self.model, float(least)) == category == category_of(self.model, float(most))


def runs(numbers: Sequence[int], less: int) -> tuple[tuple[int, int], ...]:
    """Whole numbers in order, `less` taken from each, as ranges; an impossible range where there is none.

    >>> runs([4, 5, 6, 9], 1)
    ((3, 5), (8, 8))
    """
    ranges: list[tuple[int, int]] = []
    for number in (each - less for each in numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges) or ((1, 0),)


def fits_outcome(outcome: CategoryOutcome, row: Mapping[str, str]) -> bool:
    """Whether what comes of rules fits the row's category, and each category's flag.

    Earlier years are open here, so that an outcome may be several; the category fits where it is among them.
    """
    category = row.get("category", "")
    listed = {name for name in row.get("possible", "").split(", ") if name}
    outcomes = set(outcome.category.outcomes)
    if category == RANGE and listed and not outcomes & listed:
        return False
    if category == UNDETERMINED and len(outcomes) == 1:
        return False
    if category not in ("", TOO_SMALL, RANGE, UNDETERMINED) and category not in outcomes:
        return False
    opposite = {"met": "not_met", "not_met": "met"}
    for name, met in outcome.flags.items():
        state = FLAG_STATES.get(row.get(f"is_{name}", ""), "")
        if category != TOO_SMALL and met == opposite.get(state):
            return False
    return True


FLAG_STATES: Final = {"met": "met", "not_met": "not_met"} | {
    word("tables", f"met_{state}", language): state for state in ("met", "not_met") for language in LANGUAGES
}
"""What the words of a category's flag mean."""
