"""What two definitions of an indicator tell of each other: what they count differently is a count of persons, too.

The figure by the definition in force stays. That by the other one is hidden where it is small itself, where the two
differ by few or by all but few, or where that in force is hidden: an outsider who knows these rules knows which counts
a mark leaves. The difference is protected as a figure is: few persons, or all but few.

Not covered: what totals tell of bases that are hidden since they differ by few.
"""

from __future__ import annotations

from collections.abc import Iterator

from geo_bosoc.disclosure.attack.public_set import Figure, FigureKey, PublicSet
from geo_bosoc.disclosure.attack.system import LOWER, NEUTRAL, PARTS, UPPER, Linear, State, System


def counts_beside(public: PublicSet, key: FigureKey) -> frozenset[int]:
    """Counts that a hidden figure by another definition may have for the sake of the one in force, which is shown."""
    area, period, indicator = key
    hidden = public.figures[key]
    shown = public.figures.get((area, period, public.in_force.get(indicator, "")))
    if shown is None or shown.count is None or hidden.base is None:
        return frozenset()
    count, base, minimum = int(shown.count), hidden.base, public.policy.minimum
    if shown.base is not None and 0 < abs(base - shown.base) < minimum:
        return frozenset(range(base + 1))  # hidden since the bases differ by few
    apart = [*range(1, minimum), *(base - each for each in range(1, minimum))]
    return frozenset(
        each for size in apart for each in (count - size, count + size) if size > 0 and 0 <= each <= base
    )


def goes_with_the_one_in_force(public: PublicSet, key: FigureKey) -> bool:
    """Whether a figure by another definition is hidden since the one in force is."""
    area, period, indicator = key
    return (area, period, public.in_force.get(indicator, "")) in public.suppressed


def is_hidden_base(public: PublicSet, key: FigureKey) -> bool:
    """Whether a figure by another definition shows no base since that differs by few from the base in force."""
    area, period, indicator = key
    shown = public.figures.get((area, period, public.in_force.get(indicator, "")))
    return public.figures[key].base is None and shown is not None and shown.base is not None


class TwoDefinitions:
    """The facts of one set's figures by two definitions."""

    def __init__(self, system: System, public: PublicSet, release: int) -> None:
        self.system, self.public, self.release = system, public, release

    def add_facts(self) -> None:
        """Add each difference as a figure of its own, bound to the two."""
        for key, other, shown in self._pairs():
            area, period, indicator = key
            name = f"{indicator} less {self.public.in_force[indicator]}"
            if other.base and shown.base:
                self._add(
                    (area, period, f"base of {name}"), [other.base - shown.base], max(other.base, shown.base)
                )
            if other.base is None or shown.count is None:
                continue
            if other.count is not None:
                self._add((area, period, name), [int(other.count - shown.count)], other.base)
                continue
            unknown = self.system.index.get((self.release, *key))
            if unknown is None:
                continue
            counts = [state.quarters // 4 for state in self.system.unknowns[unknown].states]
            differences = sorted({count - int(shown.count) for count in counts})
            number = self._add((area, period, name), differences, other.base)
            if number is not None:
                weights = (tuple(counts), tuple(-each for each in differences))
                goal = int(shown.count)
                self.system.facts[PARTS].append(Linear((unknown, number), weights, ((goal, goal),)))

    def _pairs(self) -> Iterator[tuple[FigureKey, Figure, Figure]]:
        """Figures of areas and of totals by another definition, each with that in force."""
        for figures in (self.public.figures, self.public.totals):
            for (area, period, indicator), other in sorted(figures.items(), key=lambda each: each[0]):
                shown = figures.get((area, period, self.public.in_force.get(indicator, "")))
                if shown is not None:
                    yield (area, period, indicator), other, shown

    def _add(self, row: FigureKey, differences: list[int], base: int) -> int | None:
        """Add a difference that may be small; no number where it is none that needs protection."""
        states = [State(4 * each, base, abs(each), self._sides(each, base)) for each in differences]
        if all(state.sides == {NEUTRAL} for state in states):
            return None
        return self.system.add((self.release, *row), states, difference=True)

    def _sides(self, difference: int, base: int) -> frozenset[str]:
        """The sides of the promise on which a difference lies, whichever of the two counts more."""
        small = range(1, self.public.policy.minimum)
        size = abs(difference)
        sides = {side for side, number in ((LOWER, size), (UPPER, base - size)) if number in small}
        return frozenset(sides if size and sides else {NEUTRAL})
