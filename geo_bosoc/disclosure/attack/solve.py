"""What all facts together leave: small components by enumeration, the others by integer programming (HiGHS)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from geo_bosoc.disclosure.attack.neighbours import Neighbours
from geo_bosoc.disclosure.attack.system import Fact, Linear, Live, Table, propagate

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
            seen, complete = _program(left, component, unknowns, groups, targets, witnesses, deadline)
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


def _program(
    live: Live,
    facts: Sequence[Fact],
    unknowns: Sequence[int],
    groups: dict[int, list[list[int]]],
    targets: Sequence[frozenset[int]],
    witnesses: list[Mapping[int, int]],
    deadline: float,
) -> tuple[dict[int, set[int]], bool]:
    """Groups that stand in a solution: each program asks for as many as it can that no solution has shown yet.

    `witnesses` are solutions that are there already; new ones are added, with those near them.
    """
    rows = _Rows()
    columns = {u: [rows.column() for _ in groups[u]] for u in unknowns}
    for unknown in unknowns:
        rows.add(dict.fromkeys(columns[unknown], 1), 1, 1)
    for fact in facts:
        _add_fact(rows, fact, columns, groups, live)
    constraint = rows.constraint()
    bounds, integrality = Bounds(0, 1), np.ones(rows.columns)
    unseen = np.zeros(rows.columns)
    seen: dict[int, set[int]] = {unknown: set() for unknown in unknowns}
    for unknown in unknowns:
        if targets[unknown]:
            unseen[columns[unknown]] = 1.0
        else:
            seen[unknown].update(range(len(groups[unknown])))
    together = {
        u: {index for index, group in enumerate(groups[u]) if not targets[u].intersection(group)}
        for u in unknowns
    }
    group_of = {(u, s): index for u in unknowns for index, group in enumerate(groups[u]) for s in group}

    def see(world: Mapping[int, int]) -> bool:
        """Note a solution; whether it shows anything new."""
        fresh = False
        for unknown in unknowns:
            index = group_of[unknown, world[unknown]]
            fresh = fresh or unseen[columns[unknown][index]] > 0
            for each in together[unknown] if index in together[unknown] else {index}:
                seen[unknown].add(each)
                unseen[columns[unknown][each]] = 0.0
        return fresh

    for world in witnesses:
        if all(unknown in world for unknown in unknowns):
            see(world)
    options = {unknown: [group[0] for group in groups[unknown]] for unknown in unknowns}
    fixed = {u: next(iter(live[u])) for fact in facts for u in fact.scope if u not in options}
    neighbours = Neighbours(facts, options, fixed)
    goal = np.zeros(rows.columns)  # any solution first: what is near it shows most
    while unseen.any():
        if (seconds := deadline - time.monotonic()) <= 0:
            return seen, False
        outcome = milp(
            goal,
            constraints=constraint,
            bounds=bounds,
            integrality=integrality,
            options={"time_limit": seconds, "mip_rel_gap": 0.2},
        )
        if outcome.x is None:
            return seen, outcome.status == 2
        chosen = outcome.x > 0.5
        world = {
            u: groups[u][i][0] for u in unknowns for i, column in enumerate(columns[u]) if chosen[column]
        }
        if not see(world) and goal.any():
            return seen, outcome.status == 0
        witnesses.append(world)
        for unknown in unknowns:
            for index, state in enumerate(options[unknown]):
                if (
                    index not in seen[unknown]
                    and (near := neighbours.search(world, unknown, state)) is not None
                ):
                    see(near)
                    witnesses.append(near)
        goal = -unseen
    return seen, True


class _Rows:
    """Rows of an integer program as they are added."""

    def __init__(self) -> None:
        self.columns = 0
        self._entries: list[tuple[int, int, float]] = []
        self._ends: list[tuple[float, float]] = []

    def column(self) -> int:
        self.columns += 1
        return self.columns - 1

    def add(self, weights: Mapping[int, float], low: float, high: float) -> None:
        self._entries += [(len(self._ends), column, weight) for column, weight in weights.items() if weight]
        self._ends.append((low, high))

    def constraint(self) -> LinearConstraint:
        row, column, weight = zip(*self._entries, strict=True)
        matrix = csr_array((weight, (row, column)), shape=(len(self._ends), self.columns), dtype=float)
        low, high = zip(*self._ends, strict=True)
        return LinearConstraint(matrix, low, high)


def _add_fact(
    rows: _Rows, fact: Fact, columns: dict[int, list[int]], groups: dict[int, list[list[int]]], live: Live
) -> None:
    """A fact as rows: a sum as it stands, a table by a column for each combination."""
    seen: list[list[tuple[int, int | None]]] = []
    for position, unknown in enumerate(fact.scope):
        if unknown in columns:
            firsts = [group[0] for group in groups[unknown]]
            seen.append(
                [
                    (fact.group(position, s), column)
                    for s, column in zip(firsts, columns[unknown], strict=True)
                ]
            )
        else:
            seen.append([(fact.group(position, next(iter(live[unknown]))), None)])
    if isinstance(fact, Linear):
        constant = sum(pairs[0][0] for pairs in seen if pairs[0][1] is None)
        weights = {column: weight for pairs in seen for weight, column in pairs if column is not None}
        if len(fact.ranges) == 1:
            low, high = fact.ranges[0]
            rows.add(weights, low - constant, high - constant)
            return
        choices = [rows.column() for _ in fact.ranges]
        rows.add(dict.fromkeys(choices, 1), 1, 1)
        for end, least, most in ((0, 0.0, np.inf), (1, -np.inf, 0.0)):
            limits = {c: constant - limit[end] for c, limit in zip(choices, fact.ranges, strict=True)}
            rows.add(weights | limits, least, most)
        return
    present = [{each for each, _ in pairs} for pairs in seen]
    combinations = [row for row in fact.allowed if all(e in p for e, p in zip(row, present, strict=True))]
    chosen = {row: rows.column() for row in sorted(combinations)}
    rows.add(dict.fromkeys(chosen.values(), 1), 1, 1)
    for position, pairs in enumerate(seen):
        for each in sorted(present[position]):
            of_class = {column: 1 for number, column in pairs if number == each and column is not None}
            if of_class:
                of_rows = {column: -1 for row, column in chosen.items() if row[position] == each}
                rows.add(of_class | of_rows, 0, 0)
