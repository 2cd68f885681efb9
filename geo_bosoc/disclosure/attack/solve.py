"""What all facts together leave: small components by enumeration, the others by integer programming (`programs`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from geo_bosoc.disclosure.attack.programs import possible_groups
from geo_bosoc.disclosure.attack.system import Fact, Live, Table, propagate

WORLDS: Final = 20_000
"""Combinations up to which a component is enumerated."""
SECONDS: Final = 60.0
"""Time for the integer programs of a search; what they have not ruled out by then counts as possible."""


@dataclass(frozen=True)
class Solution:
    """What all facts together leave.

    Attributes
    ----------
    live : list of frozenset of int
        Possible states by unknown.
    contradictions : int
        Facts or components that nothing fits, which were left out.
    unsettled : int
        Unknowns for which time ran out: some of their states may be impossible.
    enumerated, programs : int
        Components that were enumerated, and that went to integer programming.
    """

    live: Live
    contradictions: int = 0
    unsettled: int = 0
    enumerated: int = 0
    programs: int = 0
    witnesses: tuple[Mapping[int, int], ...] = field(default=(), repr=False)


def solve_facts(
    live: Live,
    facts: Sequence[Fact],
    targets: Sequence[frozenset[int]],
    deadline: float,
    before: Solution | None = None,
) -> Solution:
    """What all facts together leave, exactly.

    Parameters
    ----------
    live : list of frozenset of int
        States by unknown; not changed.
    facts : sequence of Linear or Table
        What binds them.
    targets : sequence of frozenset of int
        By unknown, the states of which it is to be found out whether they are possible. Of the others, whether any
        is; of unknowns with no such state, nothing.
    deadline : float
        When the integer programs end (`time.monotonic`).
    before : Solution, optional
        The solution of the same facts with more states: components that have lost none are solved already.
    """
    left, contradictions = propagate(live, facts)
    unsettled = enumerated = programs = 0
    witnesses = [
        world
        for world in (before.witnesses if before is not None else ())
        if all(state in left[unknown] for unknown, state in world.items())
    ]
    for component in sorted(_components(left, facts), key=len):
        unknowns = sorted({unknown for fact in component for unknown in _open(left, fact)})
        if _is_tree(left, component):  # each fact by itself has said all
            continue
        if before is not None and all(left[unknown] == before.live[unknown] for unknown in unknowns):
            continue
        groups = {unknown: _groups(left, unknown, component) for unknown in unknowns}
        worlds = 1
        for unknown in unknowns:
            worlds *= len(groups[unknown])
        if worlds <= WORLDS:
            enumerated += 1
            seen, complete = _enumerate(left, component, unknowns, groups), True
        else:
            programs += 1
            seen, complete = possible_groups(left, component, unknowns, groups, targets, witnesses, deadline)
        if not complete:
            unsettled += sum(len(seen[unknown]) < len(groups[unknown]) for unknown in unknowns)
        elif not all(seen.values()):
            contradictions += 1
        else:
            for unknown in unknowns:
                left[unknown] = frozenset(s for index in seen[unknown] for s in groups[unknown][index])
    return Solution(left, contradictions, unsettled, enumerated, programs, tuple(witnesses))


def _always_fits(live: Live, fact: Fact) -> bool:
    """Whether every state that is left fits a sum, which then binds nothing."""
    if isinstance(fact, Table):
        return False
    weights = [[w[state] for state in live[u]] for u, w in zip(fact.scope, fact.weights, strict=True)]
    low, high = sum(map(min, weights)), sum(map(max, weights))
    return any(least <= low and high <= most for least, most in fact.ranges)


def _open(live: Live, fact: Fact) -> list[int]:
    return [unknown for unknown in fact.scope if len(live[unknown]) > 1]


def _components(live: Live, facts: Sequence[Fact]) -> list[list[Fact]]:
    """Facts that hang together by unknowns that are open."""
    parent: dict[int, int] = {}

    def root(unknown: int) -> int:
        while parent.setdefault(unknown, unknown) != unknown:
            parent[unknown] = parent[parent[unknown]]
            unknown = parent[unknown]
        return unknown

    binding = [
        (fact, scope)
        for fact in facts
        if len(scope := _open(live, fact)) > 1 and not _always_fits(live, fact)
    ]
    for _, scope in binding:
        for unknown in scope[1:]:
            parent[root(unknown)] = root(scope[0])
    components: dict[int, list[Fact]] = defaultdict(list)
    for fact, scope in binding:
        components[root(scope[0])].append(fact)
    return list(components.values())


def _is_tree(live: Live, facts: Sequence[Fact]) -> bool:
    """Whether no circle of facts and open unknowns is there, so that `propagate` is exact already."""
    scopes = [_open(live, fact) for fact in facts]
    unknowns = {unknown for scope in scopes for unknown in scope}
    return sum(map(len, scopes)) == len(unknowns) + len(facts) - 1


def _groups(live: Live, unknown: int, facts: Sequence[Fact]) -> list[list[int]]:
    """States of an unknown that no fact tells apart."""
    places = [(fact, fact.scope.index(unknown)) for fact in facts if unknown in fact.scope]
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for state in sorted(live[unknown]):
        groups[tuple(fact.group(place, state) for fact, place in places)].append(state)
    return list(groups.values())


def _enumerate(
    live: Live, facts: Sequence[Fact], unknowns: Sequence[int], groups: dict[int, list[list[int]]]
) -> dict[int, set[int]]:
    """Groups that stand in a world that fits all facts."""
    seen: dict[int, set[int]] = {unknown: set() for unknown in unknowns}
    place = {unknown: index for index, unknown in enumerate(unknowns)}
    fixed = {u: next(iter(live[u])) for fact in facts for u in fact.scope if u not in place}
    ready: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        ready[max(place[unknown] for unknown in fact.scope if unknown in place)].append(fact)
    world: list[int] = []

    def extend() -> None:
        if len(world) == len(unknowns):
            for unknown, index in zip(unknowns, world, strict=True):
                seen[unknown].add(index)
            return
        unknown = unknowns[len(world)]
        for index in range(len(groups[unknown])):
            world.append(index)
            states = [
                [groups[u][world[place[u]]][0] if u in place else fixed[u] for u in fact.scope]
                for fact in ready[len(world) - 1]
            ]
            if all(fact.fits(each) for fact, each in zip(ready[len(world) - 1], states, strict=True)):
                extend()
            world.pop()

    extend()
    return seen
