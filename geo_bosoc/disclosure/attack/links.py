"""What binds suppressed counts of several rows: one survey behind several periods, totals, parts of one base, areas
that hold others, and earlier releases of the same figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

import numpy as np
import shapely

from geo_bosoc.disclosure.attack.parts import LEAST_ROWS, PartFacts, Parts, of_one_base, parts_of
from geo_bosoc.disclosure.attack.public_set import Figure, FigureKey, PublicSet
from geo_bosoc.disclosure.attack.system import (
    BASE,
    LOWER,
    NESTED,
    NEUTRAL,
    PERIODS,
    UPPER,
    Linear,
    State,
    System,
    Table,
    equal,
)
from geo_bosoc.disclosure.attack.totals import Totals
from geo_bosoc.disclosure.attack.two_definitions import TwoDefinitions

TOLERANCE: Final = 1.0
"""Metres by which an area may pass another's outline and still lie in it."""
LARGEST_DIFFERENCE: Final = 200
"""Persons: of a larger difference between two areas, counts of 1-4 are not looked for."""


@dataclass(frozen=True)
class PublishedArea:
    """An area of a release."""

    release: int
    area: str


@dataclass(frozen=True)
class Relations:
    """How areas of all releases lie to each other, and which indicators of a release add up.

    Attributes
    ----------
    same : dict of PublishedArea to PublishedArea
        Areas of one outline, by the first of them.
    inside : set of (PublishedArea, PublishedArea)
        An area, and one that lies in it.
    parts : list of list of Parts
        By release, indicators of one base that add up.
    first_of : list of dict of str to str
        By release, indicators that are one figure, by the first of them.
    """

    same: dict[PublishedArea, PublishedArea]
    inside: set[tuple[PublishedArea, PublishedArea]]
    parts: list[list[Parts]]
    first_of: list[dict[str, str]]

    @classmethod
    def of(cls, releases: Sequence[PublicSet]) -> Relations:
        """Work them out from outlines and figures."""
        first_of = [_one_figure(public) for public in releases]
        return cls(*_outlines(releases), [parts_of(public) for public in releases], first_of)

    def secondary(self, releases: Sequence[PublicSet]) -> set[tuple[int, str, str, str]]:
        """Rows that may be suppressed for the sake of another, so that their mark does not say that they are small.

        Those of areas that hold others, of parts of one base, of the three that stand beside a total, and those that an
        earlier release suppressed on another base.
        """
        rows: set[tuple[int, str, str, str]] = set()
        outer = {area for area, _ in self.inside}
        for release, public in enumerate(releases):
            by_column: dict[tuple[str, str], list[str]] = defaultdict(list)
            for area, period, indicator in public.suppressed if public.by_rules else ():
                by_column[period, indicator].append(area)
                siblings = {
                    name for each in self.parts[release] if indicator in each.all for name in each.all
                }
                hidden = [part for part in siblings if (area, period, part) in public.suppressed]
                key = (area, period, indicator)
                earlier = [each.suppressed[key] for each in releases[release + 1 :] if key in each.suppressed]
                before = any(figure.base != public.figures[key].base for figure in earlier)
                if PublishedArea(release, area) in outer or len(hidden) > 1 or before:
                    rows.add((release, area, period, indicator))
            for (period, indicator), areas in by_column.items():
                totals = [area for area, *key in public.totals if key == [period, indicator]]
                if len(areas) <= LEAST_ROWS and totals:
                    rows |= {(release, area, period, indicator) for area in areas}
        return rows


class Links:
    """Facts that bind rows, of a set and earlier releases of it."""

    def __init__(self, system: System, releases: Sequence[PublicSet], relations: Relations) -> None:
        self.system, self.releases = system, releases
        self.relations = relations
        self._same, self._inside = relations.same, relations.inside

    def add_facts(self) -> None:
        """Add the facts of steps 4 to 7 that rows tell of each other."""
        self._one_count()
        for release, public in enumerate(self.releases):
            outer = self._outermost(release, public)
            Totals(self.system, public, release, outer).add_facts()
            PartFacts(self.system, public, release, outer, self.relations.parts[release]).add_facts()
            TwoDefinitions(self.system, public, release).add_facts()
        self._nested()

    def _figure(self, place: PublishedArea, period: str, indicator: str) -> tuple[Figure | None, int | None]:
        public, key = self.releases[place.release], (place.area, period, indicator)
        unknown = None if key in public.withheld else self.system.index.get((place.release, *key))
        return public.figures.get(key), unknown

    def _one_count(self) -> None:
        """Rows of one place, figure and data period are one count, in several periods, releases or indicators."""
        rows: dict[tuple[PublishedArea, str, str], list[tuple[int, FigureKey]]] = defaultdict(list)
        for release, public in enumerate(self.releases):
            for (area, period, indicator), figure in sorted(public.figures.items()):
                place = self._same.get(PublishedArea(release, area), PublishedArea(release, area))
                first_of = self.relations.first_of[release].get(indicator, indicator)
                key = (area, period, indicator)
                rows[place, first_of, figure.data_period or period].append((release, key))
        for keys in rows.values():
            first: int | None = None
            if len(keys) < 2:
                continue
            entries = []
            for release, (area, period, indicator) in keys:
                place = PublishedArea(release, area)
                entries.append((release, *self._figure(place, period, indicator)))
            step = PERIODS if len({release for release, _, _ in entries}) == 1 else NESTED
            for _, each, unknown in entries:
                if unknown is None or each is None:
                    continue
                shown = [
                    f for _, f, _ in entries if f is not None and not f.suppressed and f.base == each.base
                ]
                shown_counts = {figure.count for figure in shown if figure.count is not None}
                states = self.system.unknowns[unknown].states
                if len(shown_counts) == 1:
                    quarters = int(4 * shown_counts.pop())
                    classes = (tuple(int(state.quarters == quarters) for state in states),)
                    self.system.facts[step].append(Table((unknown,), classes, frozenset({(1,)})))
                if first is not None and first != unknown:
                    first_states = self.system.unknowns[first].states
                    counts = [[(s.quarters, s.base) for s in each] for each in (first_states, states)]
                    if set(counts[0]) & set(counts[1]):
                        self.system.facts[step].append(equal(first, unknown, *counts))
                first = unknown if first is None else first

    def _outermost(self, release: int, public: PublicSet) -> list[str]:
        """The areas of a set that lie in no other of it: those that totals are made up of."""
        return [
            area
            for area in sorted({area for area, _, _ in public.figures})
            if not any(place.release == release for place in self._around(PublishedArea(release, area)))
        ]

    def _around(self, place: PublishedArea) -> list[PublishedArea]:
        return [outer for outer, inner in self._inside if inner == place]

    def _nested(self) -> None:
        """Of areas that hold others: the difference is a figure too, and must be protected like any."""
        inner_of: dict[PublishedArea, list[PublishedArea]] = defaultdict(list)
        for outer, inner in self._inside:
            inner_of[outer].append(inner)
        for outer, inners in sorted(inner_of.items(), key=lambda each: (each[0].release, each[0].area)):
            groups = [[inner] for inner in inners]
            siblings = [i for i in inners if not any((o, i) in self._inside for o in inners)]
            siblings = [i for i in siblings if i.release == outer.release]
            if len(siblings) > 1 and _apart(self.releases[outer.release].shapes, siblings):
                groups.append(siblings)
            for period, indicator in sorted(
                {(p, i) for area, p, i in self.releases[outer.release].figures if area == outer.area}
            ):
                for group in groups:
                    self._difference(outer, group, period, indicator)

    def _difference(
        self, outer: PublishedArea, group: Sequence[PublishedArea], period: str, indicator: str
    ) -> None:
        public = self.releases[outer.release]
        if public.scales.get(indicator, 1) != 1:
            return
        scope, weights = [], []
        count, base, spread = Fraction(0), 0, [0, 0]
        for sign, place in ((1, outer), *((-1, inner) for inner in group)):
            figure, unknown = self._figure(place, period, indicator)
            if figure is None:
                return
            if unknown is not None:
                states = self.system.unknowns[unknown].states
                if len({state.base for state in states}) > 1:
                    return  # the base is not shown either
                base += sign * states[0].base
                counts = [sign * (state.quarters // 4) for state in states]
                scope.append(unknown)
                weights.append(tuple(counts))
                spread = [spread[0] + min(counts), spread[1] + max(counts)]
            elif figure.count is None or figure.base is None:
                return
            else:
                count, base = count + sign * figure.count, base + sign * figure.base
        if base < 0 or base > LARGEST_DIFFERENCE:
            return
        low, high = max(int(count) + spread[0], 0), min(int(count) + spread[1], base)
        minimum = public.policy.minimum
        outcomes = [difference_state(number, base, minimum) for number in range(low, high + 1)]
        if not outcomes or (not scope and all(NEUTRAL in state.sides for state in outcomes)):
            return
        names = "+".join(place.area for place in group)
        releases = {place.release for place in group} - {outer.release}
        names += "".join(f" of release {release}" for release in sorted(releases))
        row = (outer.release, f"{outer.area} less {names}", period, indicator)
        if row in self.system.index:
            return
        difference = self.system.add(row, outcomes, difference=True)
        numbers = tuple(-(state.quarters // 4) for state in outcomes)
        goal = -int(count)
        fact = Linear((*scope, difference), (*weights, numbers), ((goal, goal),))
        self.system.facts[NESTED].append(fact)


def difference_state(count: int, denominator: int, minimum: int) -> State:
    """A count of the persons in an area and not in another, with what must be protected in it."""
    if 0 < denominator < minimum:
        return State(4 * count, denominator, count, frozenset({BASE}))
    sides = {side for side, number in ((LOWER, count), (UPPER, denominator - count)) if 0 < number < minimum}
    return State(4 * count, denominator, count, frozenset(sides or {NEUTRAL}))


def _one_figure(public: PublicSet) -> dict[str, str]:
    """Indicators with the same base in every row and the same count in each that shows both, by the first of them."""
    bases: dict[str, dict[tuple[str, str], int | None]] = defaultdict(dict)
    for (area, period, indicator), figure in sorted(public.figures.items()):
        bases[indicator][area, period] = figure.base
    first_of: dict[str, str] = {}
    for indicators in of_one_base(bases):
        for first, second in combinations(sorted(indicators), 2):
            same_scale = public.scales.get(first) == public.scales.get(second)
            if second in first_of or not same_scale or (first in public.heads) != (second in public.heads):
                continue
            if public.in_force.get(second) == first:
                continue  # they may differ where one is hidden: see `two_definitions`
            pairs = [
                tuple(public.figures[area, period, each] for each in (first, second))
                for area, period in bases[first]
            ]
            shown = [
                (left.count, other.count)
                for left, other in pairs
                if not (left.suppressed or other.suppressed)
            ]
            if (
                all(left == other for left, other in shown)
                and sum(bool(left) for left, _ in shown) >= LEAST_ROWS
            ):
                first_of[second] = first_of.get(first, first)
    return first_of


def _outlines(
    releases: Sequence[PublicSet],
) -> tuple[dict[PublishedArea, PublishedArea], set[tuple[PublishedArea, PublishedArea]]]:
    """Areas of one outline (by the first of them), and pairs of an area and one that lies in it."""
    places = [
        (PublishedArea(release, area), shape)
        for release, public in enumerate(releases)
        for area, shape in sorted(public.shapes.items())
        if shape is not None and not shape.is_empty
    ]
    same: dict[PublishedArea, PublishedArea] = {}
    if not places:
        shared = (
            {area for public in releases for area, _, _ in public.figures} if len(releases) > 1 else set()
        )
        return {
            PublishedArea(r, area): PublishedArea(0, area) for r in range(len(releases)) for area in shared
        }, set()
    shapes = np.array([shape for _, shape in places], dtype=object)
    wide = shapely.buffer(shapes, TOLERANCE)
    outer, inner = shapely.STRtree(shapes).query(wide, predicate="covers")
    pairs = {(int(o), int(i)) for o, i in zip(outer, inner, strict=True) if o != i}
    for first, second in sorted(pairs):
        if first < second and (second, first) in pairs:
            root = same.get(places[first][0], places[first][0])
            same[places[second][0]] = root
    inside = {(places[o][0], places[i][0]) for o, i in pairs if (i, o) not in pairs}
    return same, inside


def _apart(shapes: Mapping[str, Any], places: Iterable[PublishedArea]) -> bool:
    """Whether outlines share no more than their borders."""
    listed = [shapes[place.area] for place in places if place.area in shapes]
    total = sum(shape.area for shape in listed)
    return bool(shapely.union_all(listed).area > total * (1 - 1e-6))
