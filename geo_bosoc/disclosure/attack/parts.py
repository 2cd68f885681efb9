"""Indicators of one base that add up, as an outsider knows them: declared in the indicator file, or seen in figures.

Parts that fill their base tell each other in an area, and their totals tell each other too: a total that is hidden is
what the others leave. Parts that do not fill it are together at most the base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.attack.public_set import PublicSet
from geo_bosoc.disclosure.attack.system import PARTS, SUMS, Linear, System
from geo_bosoc.disclosure.attack.two_definitions import is_hidden_base
from geo_bosoc.disclosure.secondary.breakdowns import adding_up

MOST_PARTS: Final = 6
LEAST_ROWS: Final = 3
"""Rows shown in full in which parts must add up before an outsider takes it that they always do."""
LEAST_ROWS_OF_TOTAL: Final = 6
"""The same where the total is another indicator: many more sums are tried, and a few agree by chance."""


class Parts(NamedTuple):
    """Indicators that add up in each row.

    Attributes
    ----------
    indicators : tuple of str
        Ids of the parts.
    total : str or None
        The indicator that they add up to; None for the base.
    is_open : bool
        Whether there are others besides: together they are then at most the base.
    """

    indicators: tuple[str, ...]
    total: str | None = None
    is_open: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        """The parts and their total."""
        return self.indicators if self.total is None else (*self.indicators, self.total)


class PartFacts:
    """The facts of one set's parts.

    Parameters
    ----------
    system : System
        With the unknowns of the set's suppressed figures.
    public : PublicSet
        The set.
    release : int
        Its number.
    areas : sequence of str
        The areas that totals are made up of: those that lie in no other.
    parts : sequence of Parts
        What adds up.
    """

    def __init__(
        self, system: System, public: PublicSet, release: int, areas: Sequence[str], parts: Sequence[Parts]
    ) -> None:
        self.system, self.public, self.release = system, public, release
        self.areas, self.parts = areas, parts

    def add_facts(self) -> None:
        """Add what parts of a row leave of their base or total, and what totals that are shown leave of the others."""
        public = self.public
        for parts in self.parts:
            for area, period in sorted({key[:2] for key in public.suppressed if key[2] in parts.all}):
                if parts.total is None:
                    self._row(parts, area, period)
                else:
                    self._row_of_total(parts, parts.total, area, period)
            for period in sorted({key[1] for key in public.suppressed}) if parts.total is None else ():
                for reference_area in (ALL_AREAS, MUNICIPALITY):
                    self._totals(parts, reference_area, period)

    def _unknown(self, area: str, period: str, indicator: str) -> int | None:
        key = (area, period, indicator)
        return None if key in self.public.withheld else self.system.index.get((self.release, *key))

    def _persons(self, unknown: int) -> tuple[int, ...]:
        return tuple(state.quarters // 4 for state in self.system.unknowns[unknown].states)

    def _row(self, parts: Parts, area: str, period: str) -> None:
        """What the shown parts of a row leave of the base."""
        public = self.public
        scope: list[int] = []
        rest = Fraction(0)
        base: int | None = None
        keys = [
            (area, period, part) for part in parts.indicators if (area, period, part) in public.suppressed
        ]
        withheld = [key[2] for key in keys if key in public.withheld or is_hidden_base(public, key)]
        for indicator in parts.indicators:
            figure, unknown = (
                public.figures.get((area, period, indicator)),
                self._unknown(area, period, indicator),
            )
            if unknown is not None:
                scope.append(unknown)
            elif figure is not None and figure.count is not None:
                rest += figure.count
            base = figure.base if figure is not None and figure.base is not None else base
        if base is None or base < public.policy.minimum:
            return
        weights = tuple(map(self._persons, scope))
        goal = int(base - rest)
        if scope:
            low = 0 if withheld or parts.is_open else goal
            self.system.facts[PARTS].append(Linear(tuple(scope), weights, ((low, goal),)))
        elif len(withheld) == 1 and not parts.is_open:
            public.leak("parts of one base", (area, period, withheld[0]), "the others")

    def _row_of_total(self, parts: Parts, total: str, area: str, period: str) -> None:
        """Parts less their total are nobody, whichever of them are hidden."""
        scope, weights = [], []
        rest = Fraction(0)
        for sign, indicator in (*((1, each) for each in parts.indicators), (-1, total)):
            figure, unknown = (
                self.public.figures.get((area, period, indicator)),
                self._unknown(area, period, indicator),
            )
            if unknown is not None:
                scope.append(unknown)
                weights.append(tuple(sign * count for count in self._persons(unknown)))
            elif figure is not None and figure.count is not None:
                rest -= sign * figure.count
            else:
                return
        if scope:
            goal = int(rest)
            self.system.facts[PARTS].append(Linear(tuple(scope), tuple(weights), ((goal, goal),)))

    def _totals(self, parts: Parts, reference_area: str, period: str) -> None:
        """What totals of parts that are shown leave for the others, in all areas together or at most in them."""
        totals = {each: self.public.totals.get((reference_area, period, each)) for each in parts.indicators}
        shown = [total for total in totals.values() if total is not None and total.count is not None]
        hidden = [name for name, total in totals.items() if total not in shown]
        bases = {total.base for total in shown}
        base = next(iter(bases), None)
        if not shown or not hidden or len(bases) != 1 or not base:
            return
        rest = base - sum(total.count or 0 for total in shown)
        scope: list[int] = []
        for area in self.areas:
            for indicator in hidden:
                figure, unknown = (
                    self.public.figures.get((area, period, indicator)),
                    self._unknown(area, period, indicator),
                )
                if unknown is not None:
                    scope.append(unknown)
                elif figure is not None and figure.count is not None:
                    rest -= figure.count
                elif figure is None or figure.status != "no_base":
                    return
            base -= self._base_of(area, period, parts)
        if scope and base >= 0 and rest >= 0:  # else areas overlap: nothing can be subtracted
            weights = tuple(map(self._persons, scope))
            is_whole = reference_area == ALL_AREAS and not parts.is_open
            self.system.facts[SUMS].append(
                Linear(tuple(scope), weights, ((int(rest) if is_whole else 0, int(rest)),))
            )

    def _base_of(self, area: str, period: str, parts: Parts) -> int:
        """The base of an area's parts as it is shown, or the least that it may be."""
        figures = (self.public.figures.get((area, period, each)) for each in parts.indicators)
        return max((figure.base or 0 for figure in figures if figure is not None), default=0)


def parts_of(public: PublicSet) -> list[Parts]:
    """What adds up in a set: to the base, to another indicator, or (declared parts) to no more than the base."""
    bases: dict[str, dict[tuple[str, str], int | None]] = defaultdict(dict)
    counts: dict[str, dict[tuple[str, str], Fraction | None]] = defaultdict(dict)
    for (area, period, indicator), figure in public.figures.items():
        if public.scales.get(indicator, 1) == 1 and indicator not in public.heads:
            bases[indicator][area, period] = figure.base
            counts[indicator][area, period] = None if figure.suppressed else figure.count
    minimum = public.policy.minimum
    closed: list[tuple[str, ...]] = []
    of_totals: list[Parts] = []
    for indicators in of_one_base(bases):
        for size in range(2, min(len(indicators), MOST_PARTS) + 1):
            for parts in combinations(sorted(indicators), size):
                if not any(set(each) <= set(parts) for each in closed) and _add_up(
                    parts, bases, counts, minimum
                ):
                    closed.append(parts)
        of_totals += _of_totals(sorted(indicators), counts)
    declared: list[Parts] = []
    for names in public.breakdowns:
        parts = tuple(sorted(set(names) & set(bases)))
        is_known = any(set(each) <= set(parts) for each in closed)
        if len(parts) > 1 and not is_known and all(bases[each] == bases[parts[0]] for each in parts):
            is_closed = _add_up(parts, bases, counts, minimum, least_rows=1)
            declared.append(Parts(parts, is_open=not is_closed))
    return [*map(Parts, closed), *declared, *of_totals]


def _of_totals(
    indicators: Sequence[str], counts: Mapping[str, Mapping[tuple[str, str], Fraction | None]]
) -> Iterator[Parts]:
    """Parts of one base that add up to another indicator in every row that shows all of that base."""
    rows = [
        row for row in counts[indicators[0]] if all(counts[each].get(row) is not None for each in indicators)
    ]
    numbers = {
        each: np.array([int(counts[each][row] or 0) for row in rows], dtype=np.int64) for each in indicators
    }
    counted = [each for each in indicators if np.count_nonzero(numbers[each]) >= LEAST_ROWS_OF_TOTAL]
    for total in counted:
        candidates = [(each, numbers[each]) for each in counted if each != total]
        for parts in adding_up(numbers[total], candidates):
            yield Parts(parts, total)


def of_one_base(bases: Mapping[str, Mapping[tuple[str, str], int | None]]) -> list[list[str]]:
    """Indicators that show the same base in every row."""
    families: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for indicator, by_row in bases.items():
        families[tuple(sorted((row, base or -1) for row, base in by_row.items()))].append(indicator)
    return list(families.values())


def _add_up(
    parts: Sequence[str],
    bases: Mapping[str, Mapping[tuple[str, str], int | None]],
    counts: Mapping[str, Mapping[tuple[str, str], Fraction | None]],
    minimum: int,
    least_rows: int = LEAST_ROWS,
) -> bool:
    """Whether parts fill their base wherever all are shown; what they leave of it for hidden ones can be theirs."""
    rows = 0
    for row, base in bases[parts[0]].items():
        numbers = [counts[part].get(row) for part in parts]
        shown = [number for number in numbers if number is not None]
        if not base:
            continue
        if len(shown) < len(numbers):
            rest = base - sum(shown)
            is_small = 0 < rest < minimum or 0 < base - rest < minimum
            if base >= minimum and (rest < 0 or (len(numbers) - len(shown) == 1 and not is_small)):
                return False  # a single one is small itself: with others it would be one of several
            continue
        if sum(shown) != base:
            return False
        rows += 1
    return rows >= least_rows
