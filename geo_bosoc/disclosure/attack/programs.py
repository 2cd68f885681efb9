"""Integer programs (HiGHS): which states stand in a solution of a component.

Only states that no solution near another shows (`neighbours`) need a program.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from geo_bosoc.disclosure.attack.neighbours import Neighbours
from geo_bosoc.disclosure.attack.system import Fact, Linear, Live


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
    options = {unknown: [group[0] for group in groups[unknown]] for unknown in unknowns}
    fixed = {u: next(iter(live[u])) for fact in facts for u in fact.scope if u not in options}
    neighbours = Neighbours(facts, options, fixed)

    def mark(unknown: int, index: int) -> bool:
        """Note a group of states that is possible; whether that is new."""
        fresh = bool(unseen[columns[unknown][index]] > 0)
        for each in together[unknown] if index in together[unknown] else {index}:
            seen[unknown].add(each)
            unseen[columns[unknown][each]] = 0.0
        return fresh

    def see(world: Mapping[int, int]) -> bool:
        """Note a solution and those around it; whether it shows anything new."""
        numbers = {unknown: group_of[unknown, world[unknown]] for unknown in unknowns}
        fresh = sum(mark(unknown, index) for unknown, index in numbers.items()) > 0
        first_states = {unknown: groups[unknown][index][0] for unknown, index in numbers.items()}
        still = {unknown for unknown in unknowns if unseen[columns[unknown]].any()}
        for unknown, states in neighbours.around(first_states, still):
            if unknown in still:
                for state in states:
                    mark(unknown, group_of[unknown, state])
        return fresh

    for world in witnesses:
        if all(unknown in world for unknown in unknowns):
            see(world)
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
