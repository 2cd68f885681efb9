"""Claims about areas: published ones, closed forms, and what a suppressed figure lets nobody say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults
from geo_bosoc.follow_up import Claim, check_claim
from geo_bosoc.indicators import indicator_table, wilson
from geo_bosoc.problems import InputError
from geo_bosoc.text.numbers import in_unit

NAMES = {"A01": "Frydenlund", "A02": "Herredsvang", "A03": "Nordbyen"}
COUNTS = {"A01": (360, 1000), "A02": (310, 1000), "A03": (None, 40), MUNICIPALITY: (17_000, 100_000)}


@pytest.fixture(scope="session")
def printed(small_shown: Callable[..., PublishedResults]) -> PublishedResults:
    """The shares of an agreement: 36 % and 31 % outside the labour market, 17 % in the municipality."""
    shown = small_shown("public", "en")
    spec = next(spec for spec in shown.indicators if spec.unit == "percent")
    rows = [
        (area, "2024", spec.id, count, base, 0, "protected" if count is None else "ok")
        for area, (count, base) in COUNTS.items()
    ]
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    counts = pd.DataFrame(rows, columns=columns).astype({"numerator": "Int64", "denominator": "Int64"})
    table = indicator_table(counts, [spec], counts[counts["area_id"] == MUNICIPALITY])
    is_area = table["area_id"] != MUNICIPALITY
    areas = shown.areas.assign(name=shown.areas["area_id"].map(NAMES).fillna("X"))
    return replace(
        shown,
        indicators=(spec.model_copy(update={"id": "outside", "label_en": "Outside the labour market"}),),
        table=table[is_area].assign(indicator="outside").reset_index(drop=True),
        reference_areas=table[~is_area].assign(indicator="outside").reset_index(drop=True),
        areas=areas,
        groups={"Both estates": ("A01", "A02")},
    )


def test_twice_the_rest_holds_for_one_estate_and_not_for_the_other(printed: PublishedResults) -> None:
    first = check_claim(printed, "outside in Frydenlund > 2 x rest")
    other = check_claim(printed, "Outside the labour market in Herredsvang more than 2 times the rest")
    assert (first.holds, other.holds) == ("yes", "no")
    assert first.reference is not None and first.reference.value == pytest.approx(16_640 / 99_000)
    assert "Frydenlund, 2024: 36.0% (360 of 1,000)." in first.sentence
    assert "the rest of the municipality: 16.8% (16,640 of 99,000)" in first.sentence
    assert "2.14 times as much; the claim says over 2 times, which is 33.6%" in first.sentence
    assert first.sentence.startswith("It holds.") and other.sentence.startswith("It does not hold.")


def test_chance_is_told_from_the_intervals(printed: PublishedResults) -> None:
    claim = check_claim(printed, "outside in A01 > 33 %")
    low, high = wilson(360, 1000)
    assert (claim.low, claim.high) == pytest.approx((float(low) - 0.33, float(high) - 0.33))
    assert claim.by_chance == "no" and check_claim(printed, "outside in A01 > 34 %").by_chance == "yes"
    # twice the municipality, of which the area is a hundredth: 0.98 times the area less 1.98 times the rest
    twice = check_claim(printed, "outside in A01 > 2 x municipality")
    rest_low, rest_high = wilson(16_640, 99_000)
    middle = 0.98 * 0.36 - 1.98 * 16_640 / 99_000
    assert middle == pytest.approx(0.36 - 2 * 0.17)
    below = ((0.98 * (0.36 - low)) ** 2 + (1.98 * (rest_high - 16_640 / 99_000)) ** 2) ** 0.5
    above = ((0.98 * (high - 0.36)) ** 2 + (1.98 * (16_640 / 99_000 - rest_low)) ** 2) ** 0.5
    assert (twice.low, twice.high) == pytest.approx((middle - below, middle + above))


def test_nothing_is_told_of_a_suppressed_figure(printed: PublishedResults) -> None:
    for text in (
        "outside in A03 > 2 x rest",
        "outside in A03 < 10",
        "outside in A01 > A03",
        "outside in A03 > 0",
    ):
        claim = check_claim(printed, text)
        assert (claim.holds, claim.by_chance) == ("cannot_tell", "cannot_tell")
        assert claim.sentence.startswith("It cannot be told: the figure of Nordbyen")
    rest = check_claim(printed, "outside in A03 > rest").reference
    assert rest is not None and rest.value is None and rest.numerator is None
    assert in_unit(0.17, "percent", "en") in check_claim(printed, "outside in A03 > municipality").sentence


def test_a_small_rest_is_not_told(printed: PublishedResults) -> None:
    references = printed.reference_areas.assign(numerator=pd.array([363], dtype="Int64"), denominator=1500)
    claim = check_claim(replace(printed, reference_areas=references), "outside in A01 > rest")
    assert claim.holds == "cannot_tell" and "3" not in claim.sentence.split("municipality")[-1]


def read(printed: PublishedResults, text: str) -> Claim:
    return check_claim(printed, text, language="da")


def test_danish_words_groups_and_exact_numbers(printed: PublishedResults) -> None:
    assert read(printed, "outside i Both estates mindst 33,5 %").holds == "yes"  # 670 of 2,000 are just that
    assert read(printed, "outside i Both estates over 33,5 %").holds == "no"
    assert read(printed, "outside i herredsvang (2024) højst 2 gange resten af kommunen").holds == "yes"
    claim = read(printed, "outside in A01 2024 > A02")
    assert claim.sentence.startswith("Det holder.") and "1,16 gange så meget" in claim.sentence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outsid in A01 > 2", 'no indicator "outsid".*Did you mean "outside"'),
        ("outside in A0l > 2", 'no area has the id or name "A0l".*Did you mean "A0'),
        ("outside in Frydenlunt > 2", 'Did you mean "Frydenlund"'),
        ("outside in A01 1999 > 2", "no figures of 1999"),
        ("outside in A01 > 2 x rset", '"rset" is no reference.*Did you mean "rest"'),
        ("outside in A01 > two", '"two" is neither a number nor a reference'),
        ("outside in A01 > 2 apples", "neither a number nor a reference"),
        ("outside in A01 >", "nothing stands after the operator"),
        ("outside in A01", "no operator"),
        ("outside A01 > 2", '"in" is missing'),
        ("outside in X > 2", 'several areas are called "X"'),
    ],
)
def test_what_cannot_be_read_says_what_was_meant(printed: PublishedResults, text: str, message: str) -> None:
    with pytest.raises(InputError, match="(?s)" + message):
        check_claim(printed, text)
