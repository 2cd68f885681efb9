"""Integer programs (HiGHS): which states stand in a solution of a component, and the solutions near one.

Near a solution, another state for one unknown, with a few others changed so that all facts fit again, shows that the
state is possible at the cost of some sums; only states that are not shown so need a program.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from geo_bosoc.disclosure.attack.system import Fact, Linear, Live

CHANGES: Final = 8
"""Unknowns that may change with the first."""
TRIES: Final = 2000
"""Changes that are looked at for a state."""


def possible_groups(
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
