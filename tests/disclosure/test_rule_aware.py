"""The rule-aware helpers find what a publisher gives away, and the package's own suppression gives nothing away."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rule_aware import (
    MOST_WORLDS,
    Count,
    Counts,
    Key,
    all_worlds,
    broken_by_twins,
    broken_in_worlds,
    canonical,
    count_worlds,
    promised_values,
)
from small_results import SPECS, model_of, published_results

from geo_bosoc.disclosure.categories.category_ranges import PublicFigures, tell
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.exact_values import Cell
from geo_bosoc.models.spec import Model

REFERENCE = Fraction(1, 10)
BANDS = (Fraction(5, 4), Fraction(7, 4), Fraction(5, 2))
CRIME: Key = ("1", "2024", "crime")
SAFETY: Key = ("1", "2024", "safety")


def hidden(count: Count) -> Count | str:
    """A figure as it is shown, with no more than its mark and base where it is small."""
    return (f"of {count[1]}" if count[1] >= 5 else "of few") if promised_values(count) else count


def points(count: Count) -> int:
    return sum(Fraction(*count) >= REFERENCE * band for band in BANDS) if count[1] else 0


def marks_only(counts: Counts) -> Hashable:
    """A publisher that shows nothing of a suppressed figure but its base."""
    return tuple((key, hidden(count)) for key, count in sorted(counts.items()))


def with_points(counts: Counts) -> Hashable:
    """A publisher that shows the points of suppressed figures too."""
    return marks_only(counts), tuple(points(count) for _, count in sorted(counts.items()))


def where_it_was_needed(counts: Counts) -> Hashable:
    """A publisher that shows the points, but hides them where they would tell a single count: that tells it too."""
    shown = []
    for _, count in sorted(counts.items()):
        alike = [n for n in range(1, 5) if points((n, count[1])) == points(count)]
        shown.append(None if promised_values(count) and len(alike) < 2 else points(count))
    return marks_only(counts), tuple(shown)


def test_marks_alone_keep_the_strictest_promise() -> None:
    assert not broken_in_worlds(all_worlds({CRIME: 8, SAFETY: 3}), marks_only, least=4)
    assert not broken_by_twins({CRIME: (3, 8), SAFETY: (2, 50)}, marks_only, least=4)


def test_points_break_it() -> None:
    # Of 20, 1 to 4 are 5, 10, 15 and 20 %: no points for 1 and 2, one for 3, two for 4.
    broken = broken_in_worlds(all_worlds({CRIME: 20}), with_points)
    assert {world[CRIME] for _, world in broken} == {(3, 20), (4, 20)}
    assert broken_by_twins({CRIME: (3, 20), SAFETY: (1, 20)}, with_points) == [CRIME]


def test_hiding_where_it_is_needed_tells_what_was_hidden() -> None:
    """3 and 4 of 20 are both hidden then, which is two; of 25, 4 alone is, and its points are missed."""
    assert not broken_in_worlds(all_worlds({CRIME: 20}), where_it_was_needed)
    broken = broken_in_worlds(all_worlds({CRIME: 25}), where_it_was_needed)
    assert {world[CRIME] for _, world in broken} == {(4, 25)}


def test_a_twin_may_need_another_figure_to_change_with_it() -> None:
    def total(counts: Counts) -> Hashable:
        return marks_only(counts), sum(persons for persons, _ in counts.values())

    assert not broken_by_twins({CRIME: (3, 40), SAFETY: (2, 40)}, total)
    assert broken_by_twins({CRIME: (3, 40), SAFETY: (12, 40)}, total) == [CRIME]


def test_figures_that_are_one_count_change_together() -> None:
    later: Key = ("1", "2025", "crime")

    def one_survey(counts: Counts) -> Hashable:
        return marks_only(counts), counts[CRIME] == counts[later]

    counts = {CRIME: (3, 40), later: (3, 40)}
    tied = {CRIME: [later], later: [CRIME]}
    assert not broken_by_twins(counts, one_survey, tied=tied, tries=1)
    assert broken_by_twins(counts, one_survey, tries=1)


# ---- the package's own suppression


@settings(max_examples=2, phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_small_worlds_keep_the_promise(data: st.DataObject) -> None:
    bases = {CRIME: data.draw(st.integers(5, 30), "crime")}
    shown = {SAFETY: (data.draw(st.integers(5, 35), "safety"), 40)}
    if data.draw(st.booleans(), "both small"):
        bases, shown = {CRIME: 12, SAFETY: 5}, {}
    model = model_of(
        data.draw(st.sampled_from([(1.0, 2.0), (2.0, 4.0), (3.0, 5.0)]), "cut-offs"),
        data.draw(st.sampled_from([(1.25, 1.75, 2.5), (1.5, 2.5, 4.0)]), "bands"),
    )
    references = {spec.id: data.draw(st.integers(60, 300), spec.id) for spec in SPECS}
    worlds = [world | shown for world in all_worlds(bases, small=True)]
    broken = broken_in_worlds(worlds, lambda counts: canonical(published_results(counts, model, references)))
    assert not broken, broken[0]


def told_categories(
    counts: Counts, model: Model, references: dict[str, Fraction], data_periods: dict[tuple[str, str], str]
) -> Hashable:
    """What is told of each category, by the engine alone: quick enough for thousands of worlds."""
    periods = sorted({period for _, period, _ in counts})
    municipal = {(MUNICIPALITY, p, i): Cell(value, "ok") for p in periods for i, value in references.items()}
    true = {key: Cell(Fraction(*count), "ok", *count) for key, count in counts.items()}
    small = {key for key, count in counts.items() if promised_values(count)}
    shown = {key: Cell(None, "protected") if key in small else cell for key, cell in true.items()}
    bases = {key: counts[key][1] for key in small if counts[key][1] >= 5}
    scores = {
        (area, period, model.id, criterion.key): float(
            sum(cell.value >= references[indicator] * Fraction(band) for band in criterion.bands)
        )
        for (area, period, indicator), cell in true.items()
        for criterion in model.criterion
        if criterion.indicator == indicator and cell.value is not None
    }
    figures = PublicFigures(shown | municipal, true | municipal, bases, data_periods, scores)
    ranges = tell([model], SPECS, figures, Policy()).ranges
    return marks_only(counts), tuple(sorted(ranges.items()))


@settings(max_examples=6, phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_categories_of_small_worlds_keep_the_promise(data: st.DataObject) -> None:
    bases = {
        CRIME: data.draw(st.integers(5, 30), "crime"),
        SAFETY: data.draw(st.integers(4, 20), "safety"),
        ("1", "2025", "crime"): data.draw(st.integers(5, 9), "crime a year later"),
    }
    model = model_of(
        data.draw(st.sampled_from([(1.0, 2.0), (2.0, 4.0), (3.0, 5.0)]), "cut-offs"),
        data.draw(st.sampled_from([(1.25, 1.75, 2.5), (1.5, 2.5, 4.0)]), "bands"),
    )
    references = {spec.id: Fraction(data.draw(st.integers(60, 300), spec.id), 1000) for spec in SPECS}
    data_periods = {(spec.id, period): period for spec in SPECS for period in ("2024", "2025")}
    data_periods["safety", "2025"] = "2024"  # a survey stands for two years
    assert count_worlds(bases) <= MOST_WORLDS
    worlds = [world | {("1", "2025", "safety"): world[SAFETY]} for world in all_worlds(bases)]
    broken = broken_in_worlds(worlds, lambda counts: told_categories(counts, model, references, data_periods))
    assert not broken, broken[0]
