"""Solutions near a solution: other states for some unknowns, so that all facts fit again.

They show that a state is possible at the cost of some sums; only states that are not shown so need an integer program.
`Neighbours.around` changes as many summands of one sum as it takes and leaves all other facts as they are;
`Neighbours.search` changes a few unknowns, and through them several facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from geo_bosoc.disclosure.attack.system import Fact, Linear, supported_sum

CHANGES: Final = 3
"""Unknowns that may change with the first."""
TRIES: Final = 60
"""Changes that are looked at for a state."""
MOST_RANGES: Final = 64
"""Ranges of sums that are taken together; with more each stands by itself."""


class _Sum(NamedTuple):
    """A sum, and by place and state what every other fact sees of it."""

    fact: Linear
    seen_by_others: tuple[Mapping[int, tuple[int, ...]], ...]


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
        self._sums = [self._sum(joined, parts) for joined, parts in _joined_sums(facts)]
        self._shown: set[tuple[int, tuple[tuple[int, ...], ...]]] = set()

    def _sum(self, joined: Linear, parts: Collection[int]) -> _Sum:
        seen: list[Mapping[int, tuple[int, ...]]] = []
        for unknown in joined.scope:
            others = [(f, f.scope.index(unknown)) for f in self.facts[unknown] if id(f) not in parts]
            states = self.options[unknown] if unknown in self.options else (self.fixed[unknown],)
            seen.append({s: tuple(fact.group(place, s) for fact, place in others) for s in states})
        return _Sum(joined, tuple(seen))

    def around(
        self, world: Mapping[int, int], open_unknowns: Set[int]
    ) -> Iterator[tuple[int, frozenset[int]]]:
        """States of unknowns that stand in solutions which differ from `world` in the summands of one sum alone.

        Parameters
        ----------
        world : mapping of int to int
            A solution, of states that are among the options.
        open_unknowns : set of int
            Unknowns of which more states are to be shown; sums of others are passed by, and those that were made up
            from the same states before.
        """
        for number, (fact, seen_by_others) in enumerate(self._sums):
            if open_unknowns.isdisjoint(fact.scope):
                continue
            others = tuple(
                seen[world[unknown] if unknown in world else self.fixed[unknown]]
                for unknown, seen in zip(fact.scope, seen_by_others, strict=True)
            )
            if (number, others) in self._shown:
                continue  # a solution that differs in this sum alone has shown them
            self._shown.add((number, others))
            live = {
                unknown: frozenset(state for state, each in seen.items() if each == same)
                for unknown, seen, same in zip(fact.scope, seen_by_others, others, strict=True)
            }
            yield from zip(fact.scope, supported_sum(live, fact), strict=True)

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


def _joined_sums(facts: Sequence[Fact]) -> Iterator[tuple[Linear, frozenset[int]]]:
    """Sums over the same unknowns as one sum each (a count and its complement), and the ids of the facts in it."""
    by_scope: dict[tuple[int, ...], list[Linear]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, Linear):
            by_scope[fact.scope].append(fact)
    for scope, sums in by_scope.items():
        ranges: dict[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]] = {}
        for fact in sums:
            before = ranges.get(fact.weights, fact.ranges)
            ranges[fact.weights] = tuple(
                (max(low, least), min(high, most))
                for low, high in before
                for least, most in fact.ranges
                if max(low, least) <= min(high, most)
            )
        joined = [Linear(scope, weights, both) for weights, both in ranges.items()]
        ids = frozenset(map(id, sums))
        if len(joined) == 2 and (pair := _pair(*joined)) is not None:
            yield pair, ids
            continue
        for fact in joined:
            yield fact, frozenset(id(each) for each in sums if each.weights == fact.weights)


def _pair(first: Linear, second: Linear) -> Linear | None:
    """Two sums as one: the first in steps that are longer than the second is wide; None where it has many ranges.

    In the place of the second the sum of both stands, which for counts and complements is that of the bases: they
    differ less.
    """
    both = tuple(
        tuple(a + b for a, b in zip(left, right, strict=True))
        for left, right in zip(first.weights, second.weights, strict=True)
    )
    least = sum(min(weights) for weights in both)
    most = sum(max(weights) for weights in both)
    firsts = [number for low, high in first.ranges for number in range(low, min(high, low + MOST_RANGES) + 1)]
    if len(firsts) * len(second.ranges) > MOST_RANGES:
        return None
    step = most - least + 1
    ranges = tuple(
        (number * step + start, number * step + end)
        for number in firsts
        for low, high in second.ranges
        if (start := max(low + number, least)) <= (end := min(high + number, most))
    )
    weights = tuple(
        tuple(a * step + b for a, b in zip(left, sums, strict=True))
        for left, sums in zip(first.weights, both, strict=True)
    )
    return Linear(first.scope, weights, ranges)
