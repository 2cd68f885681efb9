"""What totals over areas tell: of suppressed counts, and of figures that a threshold withholds whole.

Of one withheld area the sum of all areas less the shown ones is its figure; of several, each has at most what is left.
A figure of which fewer values are left than are promised is told, be it small or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.attack.public_set import FigureKey, PublicSet
from geo_bosoc.disclosure.attack.system import (
    ANY_BASE,
    LOWER,
    SUMS,
    UPPER,
    WITHHELD,
    Linear,
    State,
    System,
    Table,
)

COUNT: Final = "count"
REST: Final = "rest"
BASE_OF: Final = "base"
"""What is told of a figure: its count, the others of its base, its base."""
LARGEST: Final = 10**9
"""More persons than any total."""

Bounds = tuple[int, int]
"""At least and at most."""


class Totals:
    """The facts of one set's totals.

    Parameters
    ----------
    system : System
        With the unknowns of the set's suppressed figures; gets those of the withheld ones.
    public : PublicSet
        The set.
    release : int
        Its number.
    areas : sequence of str
        The areas that totals are made up of: those that lie in no other.
    """

    def __init__(self, system: System, public: PublicSet, release: int, areas: Sequence[str]) -> None:
        self.system, self.public, self.release, self.areas = system, public, release, areas
        self._bounds: dict[tuple[FigureKey, str], Bounds] = {}

    def add_facts(self) -> None:
        """Add what each total leaves, and the withheld figures."""
        for (reference_area, period, indicator), total in sorted(self.public.totals.items()):
            if total.count is not None and total.base is not None and self._is_of_persons(indicator):
                self._total(period, indicator, (total.count, total.base), reference_area == ALL_AREAS)
        for key in sorted(self.public.withheld):
            for kind in (COUNT, REST, BASE_OF):
                if kind == COUNT or (key, kind) in self._bounds:
                    self._add_withheld(key, kind)

    def _is_of_persons(self, indicator: str) -> bool:
        return self.public.scales.get(indicator, 1) == 1

    def _total(self, period: str, indicator: str, total: tuple[Fraction, int], is_sum: bool) -> None:
        """Take the shown areas from a total."""
        public = self.public
        scope: list[int] = []
        withheld: list[FigureKey] = []
        count, base = total
        for area in self.areas:
            key = (area, period, indicator)
            figure, unknown = public.figures.get(key), self.system.index.get((self.release, *key))
            if key in public.withheld:
                withheld.append(key)
            elif unknown is not None:
                scope.append(unknown)
            elif figure is not None and figure.count is not None and figure.base is not None:
                count, base = count - figure.count, base - figure.base
            elif figure is None or figure.status != "no_base":
                return
        rest = (int(count), base)
        if scope:
            self._remainder(scope, rest, exact=is_sum and not withheld)
        if withheld and min(rest) >= 0:
            left = self._left_besides(scope, rest)
            if indicator in public.heads:
                del left[REST]
            self._bound(withheld, left, alone=is_sum and len(withheld) == 1)

    def _remainder(self, scope: Sequence[int], rest: tuple[int, int], *, exact: bool) -> None:
        """What is left of a total, in count and base, for the suppressed areas (`exact`) or at most for them."""
        states = [self.system.unknowns[unknown].states for unknown in scope]
        bases = [{state.base for state in each} for each in states]
        least, most = sum(map(min, bases)), sum(map(max, bases))
        count, base = rest
        if base < least or (exact and base > most):
            return  # areas overlap or do not fill the total: nothing can be subtracted
        counts = tuple(tuple(state.quarters // 4 for state in each) for each in states)
        complements = tuple(tuple(state.base - state.quarters // 4 for state in each) for each in states)
        for weights, total in ((counts, count), (complements, base - count)):
            low = total if exact else 0
            self.system.facts[SUMS].append(Linear(tuple(scope), weights, ((low, total),)))

    def _left_besides(self, scope: Sequence[int], rest: tuple[int, int]) -> dict[str, Bounds]:
        """What suppressed figures leave of a remainder's count, its complement and its base."""
        count, base = rest
        left = {COUNT: (count, count), REST: (base - count, base - count), BASE_OF: (base, base)}
        for unknown in scope:
            states = self.system.unknowns[unknown].states
            numbers = {
                COUNT: [state.quarters // 4 for state in states],
                REST: [state.base - state.quarters // 4 for state in states],
                BASE_OF: [state.base for state in states],
            }
            left = {
                kind: (low - max(numbers[kind]), high - min(numbers[kind]))
                for kind, (low, high) in left.items()
            }
        return left

    def _bound(self, keys: Sequence[FigureKey], left: Mapping[str, Bounds], *, alone: bool) -> None:
        """Withheld figures have at most what is left, and one that is `alone` all of it."""
        for kind, (least, most) in left.items():
            for key in keys:
                low, high = self._bounds.get((key, kind), (0, LARGEST))
                self._bounds[key, kind] = (max(low, least) if alone else low, min(high, most))

    def _add_withheld(self, key: FigureKey, kind: str) -> None:
        """Add an unknown for a withheld figure, and the fact of its bounds."""
        low, high = self._bounds.get((key, kind), (0, LARGEST))
        minimum = self.public.policy.minimum
        values = sorted({*range(minimum + 1), *range(max(low, 0), min(high, low + minimum) + 1)})
        side = {COUNT: {LOWER}, REST: {UPPER}, BASE_OF: set[str]()}[kind]
        states = [
            State(4 * n, ANY_BASE, n, frozenset({WITHHELD} | (side if 0 < n < minimum else set())))
            for n in values
        ]
        area, period, indicator = key
        name = indicator if kind == COUNT else f"{indicator} ({kind})"
        unknown = self.system.add((self.release, area, period, name), states)
        classes = (tuple(int(low <= n <= high) for n in values),)
        self.system.facts[SUMS].append(Table((unknown,), classes, frozenset({(1,)})))
