"""Solutions near a solution: another state for one unknown, and a few others changed so that all facts fit again.

They show that a state is possible at the cost of some sums; only states that are not shown so need an integer program.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from geo_bosoc.disclosure.attack.system import Fact, Linear

CHANGES: Final = 8
"""Unknowns that may change with the first."""
TRIES: Final = 2000
"""Changes that are looked at for a state."""


class Neighbours:
    """Looks for solutions near a solution of one component.

    Parameters
    ----------
    facts : sequence of Linear or Table
        Of the component.
    options : mapping of int to sequence of int
        By unknown, the states that it may change to, one of each group that facts tell apart.
    fixed : mapping of int to int
        States of the unknowns that may not change.
    """

    def __init__(
        self, facts: Sequence[Fact], options: Mapping[int, Sequence[int]], fixed: Mapping[int, int]
    ) -> None:
        self.options, self.fixed = options, fixed
        self.facts: dict[int, list[Fact]] = defaultdict(list)
        for fact in facts:
            for unknown in fact.scope:
                self.facts[unknown].append(fact)
        self._order = {id(fact): self._freest_first(fact) for fact in facts}
        self._tries = 0

    def _freest_first(self, fact: Fact) -> list[int]:
        """Places of a fact's unknowns, those that fewest facts bind first."""
        return sorted(range(len(fact.scope)), key=lambda place: len(self.facts[fact.scope[place]]))

    def search(self, world: Mapping[int, int], unknown: int, state: int) -> dict[int, int] | None:
        """A solution with this state for an unknown, near to `world`; None where there is none so near."""
        changed = {**self.fixed, **world, unknown: state}
        broken = [fact for fact in self.facts[unknown] if not _fits(fact, changed)]
        self._tries = TRIES
        if not self._mend(changed, broken, {unknown}, CHANGES):
            return None
        return {each: changed[each] for each in world}

    def _mend(self, world: dict[int, int], broken: Sequence[Fact], changed: set[int], changes: int) -> bool:
        """Change others in `world` until no fact is broken; undone where it does not work out."""
        if not broken:
            return True
        if changes == 0:
            return False
        fact = broken[0]
        states = [world[unknown] for unknown in fact.scope]
        total = _total(fact, states) if isinstance(fact, Linear) else 0
        for position in self._order[id(fact)]:
            unknown = fact.scope[position]
            if unknown in changed or unknown not in self.options:
                continue
            before = world[unknown]
            for state in self.options[unknown]:
                if state == before:
                    continue
                self._tries -= 1
                if self._tries < 0:
                    return False
                if isinstance(fact, Linear):
                    weights = fact.weights[position]
                    if not _in_range(fact, total - weights[before] + weights[state]):
                        continue
                    world[unknown] = state
                else:
                    world[unknown] = state
                    if not _fits(fact, world):
                        continue
                rest = [each for each in broken[1:] if not _fits(each, world)]
                rest += [
                    f for f in self.facts[unknown] if f is not fact and f not in rest and not _fits(f, world)
                ]
                changed.add(unknown)
                if self._mend(world, rest, changed, changes - 1):
                    return True
                changed.discard(unknown)
            world[unknown] = before
        return False


def _total(fact: Linear, states: Sequence[int]) -> int:
    return sum(weights[state] for weights, state in zip(fact.weights, states, strict=True))


def _in_range(fact: Linear, total: int) -> bool:
    return any(low <= total <= high for low, high in fact.ranges)


def _fits(fact: Fact, world: Mapping[int, int]) -> bool:
    return fact.fits([world[unknown] for unknown in fact.scope])
