"""What somebody knows who has the rules of suppression too: only counts that would be published the same stay possible.

Nothing here models an attacker. `publish` is any function from counts to what is published of them (in a form that can
be compared), and two worlds of counts that publish the same cannot be told apart.

`broken_in_worlds` goes through all worlds of a small municipality; `broken_by_twins` looks, in a large one, for a twin
with another count for each of a sample of suppressed figures.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults

Key = tuple[str, str, str]
"""Area, period and indicator."""
Count = tuple[int, int]
"""Persons counted, and those whose status is known."""
Counts = Mapping[Key, Count]
Publish = Callable[[Counts], Hashable]

MOST_WORLDS = 20_000


def promised_values(count: Count, minimum: int = 5) -> list[list[int]]:
    """For each side on which a figure is small, the counts of which so many must stay possible.

    >>> promised_values((2, 50)), promised_values((47, 50)), promised_values((10, 50)), promised_values((1, 3))
    ([[1, 2, 3, 4]], [[46, 47, 48, 49]], [], [[0, 1, 2, 3, 4]])
    """
    persons, denominator = count
    if 0 < denominator < minimum:
        return [list(range(minimum))]
    small_counts = range(1, min(minimum, denominator + 1))
    sides = (list(small_counts), [denominator - each for each in reversed(small_counts)])
    return [side for side in sides if persons in side]


def counts_of(denominator: int, minimum: int = 5) -> list[Count]:
    """Every count of a denominator; a small denominator is not shown, so that it may be any small one."""
    denominators = [denominator] if denominator == 0 or denominator >= minimum else range(1, minimum)
    return [(persons, each) for each in denominators for persons in range(each + 1)]


def all_worlds(bases: Mapping[Key, int], *, small: bool = False) -> Iterator[dict[Key, Count]]:
    """Every choice of counts for these bases; only `small` ones where a count that is shown stands for itself."""
    keys = sorted(bases)
    choices = [[each for each in counts_of(bases[key]) if promised_values(each) or not small] for key in keys]
    for counts in product(*choices):
        yield dict(zip(keys, counts, strict=True))


def count_worlds(bases: Mapping[Key, int]) -> int:
    """How many there are."""
    return math.prod(len(counts_of(base)) for base in bases.values())


def broken_in_worlds(
    worlds: Iterable[Counts], publish: Publish, *, least: int = 2, minimum: int = 5
) -> list[tuple[Key, Counts]]:
    """Figures, each with a world, of which fewer counts stay possible among the worlds that publish the same."""
    groups: dict[Hashable, list[Counts]] = defaultdict(list)
    for world in worlds:
        groups[publish(world)].append(world)
    broken: list[tuple[Key, Counts]] = []
    for group in groups.values():
        possible: dict[Key, set[int]] = defaultdict(set)
        for world in group:
            for key, (persons, _) in world.items():
                possible[key].add(persons)
        seen = {(key, world[key]): world for world in group for key in world}
        for (key, count), world in sorted(seen.items(), key=lambda each: each[0]):
            sides = promised_values(count, minimum)
            if any(len(possible[key].intersection(side)) < min(least, len(side)) for side in sides):
                broken.append((key, world))
    return broken


def twin(
    counts: Counts,
    key: Key,
    value: int,
    publish: Publish,
    *,
    tied: Mapping[Key, Sequence[Key]] | None = None,
    tries: int = 300,
    minimum: int = 5,
) -> Counts | None:
    """Counts with this value for one figure that publish the same; None where none is found.

    Others that change with it are suppressed ones of the same area, and of the same indicator and period: none, then
    each, then each pair. `tied` names figures that are one count (a survey behind two years) and change together.
    """
    seen = publish(counts)
    related = [
        other
        for other in sorted(counts)
        if other != key
        and promised_values(counts[other], minimum)
        and (other[0] == key[0] or other[1:] == key[1:])
        and other not in (tied or {}).get(key, ())
    ]
    choices = {
        other: [each for side in promised_values(counts[other], minimum) for each in side]
        + [counts[other][1] - each for each in range(1, minimum) if counts[other][1] >= minimum]
        for other in related
    }

    def changes() -> Iterator[dict[Key, int]]:
        for size in range(3):
            for others in combinations(related, size):
                for persons in product(*(choices[other] for other in others)):
                    yield dict(zip(others, persons, strict=True))

    for change in islice(changes(), tries):
        changed = dict(counts)
        for each, persons in {key: value, **change}.items():
            for one_count in (each, *(tied or {}).get(each, ())):
                base = changed[one_count][1]
                changed[one_count] = (persons, max(base, persons) if base < minimum else base)
        if publish(changed) == seen:
            return changed
    return None


def broken_by_twins(
    counts: Counts,
    publish: Publish,
    *,
    sample: int = 20,
    least: int = 2,
    minimum: int = 5,
    tied: Mapping[Key, Sequence[Key]] | None = None,
    tries: int = 300,
) -> list[Key]:
    """Figures of a sample for which twins were not found with as many values as are promised.

    A figure that is named may be safe for all that: twins farther away are not looked for.
    """
    small = [key for key in sorted(counts) if promised_values(counts[key], minimum)]
    broken = []
    for key in random.Random(16).sample(small, min(sample, len(small))):
        for side in promised_values(counts[key], minimum):
            left = 1  # its own
            for value in side:
                if value != counts[key][0] and left < min(least, len(side)):
                    left += (
                        twin(counts, key, value, publish, tied=tied, tries=tries, minimum=minimum) is not None
                    )
            if left < min(least, len(side)):
                broken.append(key)
                break
    return broken


def canonical(published: PublishedResults) -> Hashable:
    """What is published, in a form that can be compared: every frame and fact, missing values alike."""
    frames = {
        name: getattr(published, name)
        for name in ("table", "reference_areas", "residents", "categories", "criteria", "flags", "sources")
    }
    rows = tuple((name, tuple(frame.columns), _rows(frame)) for name, frame in frames.items())
    problems = tuple(str(problem) for problem in published.report.problems)
    return rows, repr(sorted(published.report.facts.items())), problems


def _rows(frame: pd.DataFrame) -> tuple[tuple[Hashable, ...], ...]:
    columns = []
    for name in frame.columns:
        missing = frame[name].isna().tolist()
        columns.append(
            [None if gone else cell for cell, gone in zip(frame[name].tolist(), missing, strict=True)]
        )
    return tuple(zip(*columns, strict=True))
