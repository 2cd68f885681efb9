"""What stays possible: unknown counts, the facts that bind them, and what each fact by itself leaves.

An `Unknown` is in one of several states; a `Linear` fact bounds a sum over some unknowns, a `Table` fact lists the
combinations that are allowed. `propagate` takes every fact by itself until nothing moves;
`geo_bosoc.disclosure.attack.solve` takes them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

POINTS, CATEGORIES, PERIODS, SUMS, PARTS, NESTED = range(2, 8)
"""Steps of the attack; 1 is mark and base, 8 all together."""
LOWER: Final = "lower"
UPPER: Final = "upper"
BASE: Final = "base"
NEUTRAL: Final = "neutral"
WITHHELD: Final = "withheld"
ANY_BASE: Final = -1
"""The base of a state whose base is not told."""


@dataclass(frozen=True, slots=True)
class State:
    """A count that an unknown may be, in quarters of a person, with its base.

    `value` is the promised value that it stands for, `sides` the sides of the promise that it lies on (`LOWER` is 1-4,
    `UPPER` all but 1-4, `BASE` a base of 1-4, `WITHHELD` anything that is told of an area below a threshold); a count
    that needs no protection lies on `NEUTRAL`.
    """

    quarters: int
    base: int
    value: int
    sides: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A count that is not published: the row that it stands in, and the states that its mark and base leave.

    A `difference` of two areas is protected only where it must be small; what is not `protected` helps to write facts.
    """

    row: tuple[int, str, str, str]
    states: tuple[State, ...]
    protected: bool = True
    difference: bool = False


@dataclass(frozen=True, slots=True)
class Linear:
    """The sum of a weight for each unknown's state lies in one of some ranges (both ends included)."""

    scope: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]
    ranges: tuple[tuple[int, int], ...]

    def fits(self, states: Sequence[int]) -> bool:
        """Whether a state of each unknown of the scope fits."""
        total = sum(weights[state] for weights, state in zip(self.weights, states, strict=True))
        return any(low <= total <= high for low, high in self.ranges)

    def group(self, position: int, state: int) -> int:
        """What the fact sees of a state."""
        return self.weights[position][state]


@dataclass(frozen=True, slots=True)
class Table:
    """The classes of the unknowns' states, taken together, are an allowed combination."""

    scope: tuple[int, ...]
    classes: tuple[tuple[int, ...], ...]
    allowed: frozenset[tuple[int, ...]]

    def fits(self, states: Sequence[int]) -> bool:
        """Whether a state of each unknown of the scope fits."""
        return tuple(c[state] for c, state in zip(self.classes, states, strict=True)) in self.allowed

    def group(self, position: int, state: int) -> int:
        """What the fact sees of a state."""
        return self.classes[position][state]


Fact = Linear | Table
Live = list[frozenset[int]]
"""By unknown, the states that are still possible."""


def equal(first: int, second: int, first_keys: Sequence[Hashable], second_keys: Sequence[Hashable]) -> Table:
    """The fact that two unknowns are in states of the same key."""
    number = {key: index for index, key in enumerate(dict.fromkeys([*first_keys, *second_keys]))}
    classes = tuple(tuple(number[key] for key in keys) for keys in (first_keys, second_keys))
    shared = set(classes[0]) & set(classes[1])
    return Table((first, second), classes, frozenset((index, index) for index in shared))


def propagate(live: Live, facts: Sequence[Fact], changed: Iterable[int] | None = None) -> tuple[Live, int]:
    """What each fact by itself leaves, until nothing moves.

    Parameters
    ----------
    live : list of frozenset of int
        States by unknown; not changed.
    facts : sequence of Linear or Table
        What binds them.
    changed : iterable of int, optional
        Positions of the facts to begin with; by default all.

    Returns
    -------
    live : list of frozenset of int
        States that are left; never none: a fact that nothing fits is left out.
    contradictions : int
        Facts that were left out.
    """
    left = list(live)
    of_unknown: dict[int, list[int]] = defaultdict(list)
    for position, fact in enumerate(facts):
        for unknown in fact.scope:
            of_unknown[unknown].append(position)
    queue = dict.fromkeys(range(len(facts)) if changed is None else changed)
    dropped: set[int] = set()
    while queue:
        position = next(iter(queue))
        del queue[position]
        fact = facts[position]
        supported = supported_sum(left, fact) if isinstance(fact, Linear) else _supported_rows(left, fact)
        if not all(supported):
            dropped.add(position)
            continue
        for unknown, states in zip(fact.scope, supported, strict=True):
            if len(states) < len(left[unknown]):
                left[unknown] = states
                queue.update(dict.fromkeys(each for each in of_unknown[unknown] if each not in dropped))
    return left, len(dropped)


def supported_sum(live: Live | Mapping[int, frozenset[int]], fact: Linear) -> list[frozenset[int]]:
    """States from which a sum in range can be made: sums as bits of whole numbers, from the left and the right."""
    shifts = [
        {state: weights[state] for state in live[unknown]}
        for unknown, weights in zip(fact.scope, fact.weights, strict=True)
    ]
    least = [min(weights.values()) for weights in shifts]
    floor, room = sum(least), sum(max(weights.values()) for weights in shifts) - sum(least)
    target = 0
    for low, high in fact.ranges:
        start, end = max(low - floor, 0), min(high - floor, room)
        if start <= end:
            target |= ((1 << (end - start + 1)) - 1) << start
    before = [1]
    for weights, lowest in zip(shifts, least, strict=True):
        sums = 0
        for weight in set(weights.values()):
            sums |= before[-1] << (weight - lowest)
        before.append(sums)
    after, supported = target, []
    for position in reversed(range(len(shifts))):
        weights, lowest, needed = shifts[position], least[position], 0
        fitting = {w for w in set(weights.values()) if (before[position] << (w - lowest)) & after}
        for weight in fitting:
            needed |= after >> (weight - lowest)
        supported.append(frozenset(state for state, weight in weights.items() if weight in fitting))
        after = needed
    return supported[::-1]


def _supported_rows(live: Live, fact: Table) -> list[frozenset[int]]:
    """States whose class stands in an allowed combination of classes that are all still there."""
    present = [
        {classes[state] for state in live[unknown]}
        for unknown, classes in zip(fact.scope, fact.classes, strict=True)
    ]
    seen: list[set[int]] = [set() for _ in present]
    for row in fact.allowed:
        if all(each in classes for each, classes in zip(row, present, strict=True)):
            for each, classes in zip(row, seen, strict=True):
                classes.add(each)
    return [
        frozenset(state for state in live[unknown] if classes[state] in fitting)
        for unknown, classes, fitting in zip(fact.scope, fact.classes, seen, strict=True)
    ]


@dataclass
class System:
    """Unknowns of all sets, by row, and the facts that each step adds."""

    unknowns: list[Unknown] = field(default_factory=list)
    index: dict[tuple[int, str, str, str], int] = field(default_factory=dict)
    facts: dict[int, list[Fact]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self,
        row: tuple[int, str, str, str],
        states: Sequence[State],
        *,
        protected: bool = True,
        difference: bool = False,
    ) -> int:
        """Add an unknown (see `Unknown`)."""
        self.unknowns.append(Unknown(row, tuple(states), protected, difference))
        self.index[row] = len(self.unknowns) - 1
        return len(self.unknowns) - 1
