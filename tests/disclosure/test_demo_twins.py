"""For suppressed figures of the demo: other counts, with as many values as are promised, that publish just the same."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product

from demo_results import demo_of_two_years, true_counts
from rule_aware import Count, Key, canonical, promised_values

import geo_bosoc as gb
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import suppression_reasons
from geo_bosoc.disclosure.results import ALL_AREAS, PublishedResults, Results

PERIODS = ("2022", "2023")
"""The survey of 2022 stands behind both."""
TRIES = 40
"""Changes that are tried for a figure."""


@dataclass(frozen=True)
class Demo:
    """The demo: true and as published, true counts of suppressed figures, and the areas that are not assessed."""

    results: Results
    published: PublishedResults
    suppressed: Mapping[Key, Count]
    not_assessed: frozenset[str]

    def same_count(self, key: Key) -> list[Key]:
        """A figure, and those of other periods that are the same survey."""
        sources = self.results.sources
        slices = zip(sources["indicator"], sources["period"], strict=True)
        data_of = dict(zip(slices, sources["data_period"], strict=True))
        area, period, name = key
        return [(area, each, name) for each in PERIODS if data_of[name, each] == data_of[name, period]]

    def with_counts(self, changes: Mapping[Key, Count]) -> Results:
        """The results with other counts and bases, and the total of all areas that they make."""
        table, totals = self.results.table.copy(), self.results.reference_areas.copy()
        keys = table[["area_id", "period", "indicator"]].itertuples(index=False, name=None)
        rows = dict(zip(keys, table.index, strict=True))
        for key, (count, base) in changes.items():
            for row in (rows[each] for each in self.same_count(key)):
                denominator = base + table.loc[row, "unknown"]
                before = table.loc[row]
                of_all = (
                    totals[["area_id", "period", "indicator"]]
                    == (ALL_AREAS, *before[["period", "indicator"]])
                ).all(axis=1)
                totals.loc[of_all, "numerator"] += count - before["numerator"]
                totals.loc[of_all, "denominator"] += denominator - before["denominator"]
                table.loc[row, ["numerator", "denominator", "value"]] = [count, denominator, count / base]
        (model,) = self.results.models
        done = gb.categorise(table, model, reference_areas=totals, indicators=self.results.indicators)
        return replace(
            self.results,
            table=table,
            reference_areas=totals,
            categories=done.categories,
            criteria=done.criteria,
            flags=done.flags,
        )

    def shifts(self, key: Key, new: Count) -> Iterator[dict[Key, Count]]:
        """A figure with another count, and a second suppressed one of its indicator and period that keeps the sums.

        By itself where the total of all areas is suppressed: somebody outside of all areas makes up for it.
        """
        persons, people = (now - before for now, before in zip(new, self.suppressed[key], strict=True))
        others = [each for each in self.suppressed if each[1:] == key[1:] and each[0] != key[0]]
        for other in sorted(others, key=lambda each: (each[0] not in self.not_assessed, each)):
            count, base = self.suppressed[other]
            changed = (count - persons, base - people)
            if changed in alike((count, base)):
                yield {key: new, other: changed}
        totals = self.published.reference_areas
        is_total = (totals[["area_id", "period", "indicator"]] == [ALL_AREAS, *key[1:]]).all(axis=1)
        if (totals.loc[is_total, "status"] == "protected").any():
            yield {key: new}

    def like_changes(self, key: Key, side: list[int]) -> Iterator[dict[Key, Count]]:
        """Changes that may publish the same: of the figure and one that keeps the sums; then of a third and fourth."""
        before = self.suppressed[key]
        values = [each for each in alike(before) if each[0] in side and each[0] != before[0]]
        values.sort(key=lambda each: abs(Fraction(*each) - Fraction(*before)))
        for new in values:
            yield from islice(self.shifts(key, new), 2)
        neighbours = [each for each in self.suppressed if each[:2] == key[:2] and each[2] != key[2]]
        for new, second in product(values, neighbours):
            for other in alike(self.suppressed[second]):
                for first, also in islice(product(self.shifts(key, new), self.shifts(second, other)), 1):
                    yield first | also


def alike(count: Count) -> list[Count]:
    """Counts, with their bases, of which mark and base say the same: on the same side, or where neither is small."""
    _, base = count
    if 0 < base < 5:
        return [(persons, each) for each in range(1, 5) for persons in range(each + 1)]
    sides = promised_values(count)
    return [
        (persons, base)
        for persons in range(base + 1)
        if any(persons in side for side in sides) or (not sides and not promised_values((persons, base)))
    ]


@functools.cache
def demo() -> Demo:
    results = demo_of_two_years()
    published = gb.suppress(results)
    counts = true_counts(results)
    suppressed = published.table[published.table["status"] == "protected"]
    keys = suppressed[["area_id", "period", "indicator"]].itertuples(index=False, name=None)
    true = {key: counts[key] for key in keys if key in counts}
    categories = published.categories
    too_small = categories.loc[categories["category"] == "too_small", "area_id"]
    return Demo(results, published, true, frozenset(too_small))


def sample() -> list[Key]:
    """One figure of each indicator, reason and of areas that are assessed or not, the middle of each by area."""
    each_town = demo()
    reasons = suppression_reasons(each_town.results, each_town.published.table, Policy())
    groups: dict[tuple[str, str, bool], list[Key]] = {}
    for key in sorted(key for key, count in each_town.suppressed.items() if promised_values(count)):
        groups.setdefault((key[2], reasons[key], key[0] in each_town.not_assessed), []).append(key)
    return [keys[len(keys) // 2] for _, keys in sorted(groups.items())]


def test_the_same_counts_publish_the_same() -> None:
    assert canonical(gb.suppress(demo().with_counts({}))) == canonical(demo().published)


def test_each_figure_of_a_sample_has_a_twin() -> None:
    """At least two values are promised: the true one, and that of a twin."""
    seen = canonical(demo().published)
    alone = [
        key
        for key in sample()
        for side in promised_values(demo().suppressed[key])
        if not any(
            canonical(gb.suppress(demo().with_counts(changes))) == seen
            for changes in islice(demo().like_changes(key, side), TRIES)
        )
    ]
    assert not alone
