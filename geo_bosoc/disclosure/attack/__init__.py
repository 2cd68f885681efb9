"""The attack: what an outsider can work out of suppressed figures with a written public set and the public rules.

It reads files alone, never true counts, and tells where a promise is broken, never a value.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.disclosure.attack.criteria import Criteria
from geo_bosoc.disclosure.attack.links import Links, Relations
from geo_bosoc.disclosure.attack.other_files import read_other_files
from geo_bosoc.disclosure.attack.public_set import FigureKey, Leak, Policy, PublicSet
from geo_bosoc.disclosure.attack.read import read_csv_set
from geo_bosoc.disclosure.attack.report import AttackReport, make_report, values_left
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.attack.solve import SECONDS, Solution, solve_facts
from geo_bosoc.disclosure.attack.system import (
    ANY_BASE,
    NESTED,
    NEUTRAL,
    POINTS,
    Fact,
    Live,
    System,
    Unknown,
    propagate,
)

__all__ = [
    "AttackReport",
    "Leak",
    "Policy",
    "PublicSet",
    "Search",
    "attack",
    "attack_sets",
    "published_set",
    "read_set",
    "report_of",
]


def attack(
    folder: str | Path,
    earlier: Sequence[str | Path] = (),
    *,
    models: Sequence[str | Path] = (),
    seconds: float = SECONDS,
) -> AttackReport:
    """Attack a written public set with its own files, and those of sets that were published before.

    Parameters
    ----------
    folder : path
        The folder of the set: ``categories.csv``, ``criteria.csv``, ``run.json``, and what else a run wrote.
    earlier : sequence of path, optional
        Folders of earlier sets.
    models : sequence of path, optional
        Files of the models that do not ship with the package.
    seconds : float, optional
        Time for the integer programs, together.

    Returns
    -------
    AttackReport
        How many values of each suppressed figure are left, by step. It names rows and no values, and is for internal
        use.

    Raises
    ------
    InputError
        A folder holds no public set, or a model of it is not to be had.

    Examples
    --------
    >>> from geo_bosoc.disclosure.attack import attack
    >>> report = attack("maps")  # doctest: +SKIP
    >>> report.below  # doctest: +SKIP
    0
    """
    return attack_sets([read_set(each, models=models) for each in (folder, *earlier)], seconds=seconds)


def read_set(folder: str | Path, *, models: Sequence[str | Path] = ()) -> PublicSet:
    """Read all files of a set as an outsider does (see `attack`)."""
    public = read_csv_set(folder, models=models)
    read_other_files(public, Path(folder))
    return public


def attack_sets(sets: Sequence[PublicSet], *, seconds: float = SECONDS) -> AttackReport:
    """As `attack`, on sets that are read; the first is the one that is attacked, the others came before it."""
    return report_of(Search.of(sets, seconds), sets)


def report_of(search: Search, sets: Sequence[PublicSet]) -> AttackReport:
    """The report of a search through sets."""
    return make_report(
        search.system.unknowns,
        search.live,
        [public.policy for public in sets],
        sorted(set().union(*(public.leaks for public in sets))),
        contradictions=search.contradictions,
        unsettled=search.unsettled,
        unread=tuple(sorted(set().union(*(public.unread for public in sets)))),
    )


@dataclass(frozen=True)
class Search:
    """The unknowns of sets, and the states that are left after each step: what the report counts, and never shows.

    Attributes
    ----------
    system : System
        Unknowns and facts.
    live : list of list of frozenset of int
        By step and unknown, the states that are left.
    contradictions, unsettled : int
        See `AttackReport`.
    """

    system: System
    live: list[Live]
    contradictions: int = 0
    unsettled: int = 0

    def below(
        self, counts: Mapping[FigureKey, tuple[int, int]], least: int, step: int | None = None
    ) -> list[FigureKey]:
        """Figures of the set of which fewer values than promised are left on the side where they truly lie.

        Only who has the true counts can ask: the report, which has none, takes the side that has most values left.

        Parameters
        ----------
        counts : mapping of (str, str, str) to (int, int)
            True counts and bases (those whose status is known) by area, period and indicator.
        least : int
            How many values must stay possible.
        step : int, optional
            After which step of the attack; all but the last, which takes the promise at its word, if left out.
        """
        live = self.live[-2 if step is None else step - 1]
        rows: list[FigureKey] = []
        for number, unknown in enumerate(self.system.unknowns):
            release, *row = unknown.row
            key = (row[0], row[1], row[2])
            if release or not unknown.protected or key not in counts:
                continue
            quarters, base = 4 * counts[key][0], counts[key][1]
            true = [
                state
                for state in unknown.states
                if state.quarters == quarters and state.base in (base, ANY_BASE)
            ]
            left = values_left(unknown, live[number])
            if any(len(left.get(side, ())) < least for state in true for side in state.sides - {NEUTRAL}):
                rows.append(key)
        return rows

    @classmethod
    def of(cls, sets: Sequence[PublicSet], seconds: float = SECONDS) -> Search:
        """Take all steps."""
        system = System()
        relations = Relations.of(sets)
        secondary = relations.secondary(sets)
        for release, public in enumerate(sets):
            Criteria(system, public, release, secondary).add_facts()
        Links(system, sets, relations).add_facts()
        live: Live = [frozenset(range(len(unknown.states))) for unknown in system.unknowns]
        by_step, facts, contradictions = [live], list[Fact](), 0
        for step in range(POINTS, NESTED + 1):
            facts += system.facts[step]
            live, contradictions = propagate(live, facts)
            by_step.append(live)
        deadline = time.monotonic() + seconds
        targets = [_targets(unknown) for unknown in system.unknowns]
        solution = solve_facts(live, facts, targets, deadline)
        last = _with_promise(system, facts, solution, sets, targets, deadline)
        contradictions = max(contradictions, solution.contradictions)
        return cls(system, [*by_step, solution.live, last.live], contradictions, last.unsettled)


def _targets(unknown: Unknown) -> frozenset[int]:
    """States that stand for a promised value."""
    states = enumerate(unknown.states if unknown.protected else ())
    return frozenset(number for number, state in states if state.sides != {NEUTRAL})


def _with_promise(
    system: System,
    facts: Sequence[Fact],
    solution: Solution,
    sets: Sequence[PublicSet],
    targets: Sequence[frozenset[int]],
    deadline: float,
) -> Solution:
    """What is left for one who takes the promise at its word: sides on which it would be broken are ruled out.

    A cell of which no side keeps the promise stays as it is: there it is broken.
    """
    while True:
        live, narrowed = solution.live, False
        while (safer := _without_broken_sides(system, live, sets)) != live:
            live, _ = propagate(safer, facts)
            narrowed = True
        if not narrowed:
            return solution
        solution = solve_facts(live, facts, targets, deadline, solution)


def _without_broken_sides(system: System, live: Live, sets: Sequence[PublicSet]) -> Live:
    """States on sides that keep the promise; of sets that were not written under the rules, all."""
    left = list(live)
    for number, unknown in enumerate(system.unknowns):
        public = sets[unknown.row[0]]
        least = public.policy.least
        sides = values_left(unknown, live[number]) if unknown.protected and public.by_rules else {}
        safe = {side for side, values in sides.items() if side == NEUTRAL or len(values) >= least}
        if safe and len(safe) < len(sides):
            left[number] = frozenset(n for n in live[number] if unknown.states[n].sides & safe)
    return left
