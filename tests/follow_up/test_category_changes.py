"""What tipped a category: checked by hand on small models, and on made-up results with hidden figures and ranges."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pandas as pd
import pytest
from ranges_shown import with_ranges

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.changes.category_changes import (
    CATEGORY_CHANGE_COLUMNS,
    category_changes,
    transitions,
    turnover,
)
from geo_bosoc.follow_up.changes.tipping_criteria import (
    HISTORY,
    category_from,
    earlier_years,
    tipping_criteria,
)
from geo_bosoc.models import parse_model
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import category_counts

Shown = Callable[..., PublishedResults]


def _category(name: str, **settings: object) -> dict[str, object]:
    return {"id": name, "label_da": name, "label_en": name, "colour": "#123456", **settings}


def points_model(**settings: object) -> Model:
    criteria = [{"indicator": name, "bands": [1, 2, 3]} for name in ("crime", "health", "safety")]
    categories = [_category("worst", min_points=6), _category("middle", min_points=3), _category("rest")]
    return parse_model(
        {"id": "p", "version": "2024", "kind": "points", "criterion": criteria, "category": categories}
        | settings
    )


def rules_model() -> Model:
    """Listed: 2 of 3; hard: listed three years in a row. Two criteria look at one figure."""
    value = {"measure": "value", "operator": ">"}
    criteria = [
        {"id": "work_40", "indicator": "work", "threshold": 40, **value},
        {"id": "work_30", "indicator": "work", "threshold": 30, **value},
        {"indicator": "crime", "threshold": 2, **value},
        {"indicator": "education", "threshold": 60, **value},
    ]
    categories = [
        _category(
            "hard", rule=[{"categories": ["listed"], "persistence": {"categories": ["listed"], "years": 3}}]
        ),
        _category("listed", rule=[{"at_least": 2, "of": ["work_40", "crime", "education"]}]),
        _category("watched", rule=[{"requires": ["work_30"]}]),
        _category("rest"),
    ]
    return parse_model(
        {"id": "r", "version": "2024", "kind": "rules", "criterion": criteria, "category": categories}
    )


def _sure(**answers: float) -> dict[str, tuple[float, float]]:
    return {key: (value, value) for key, value in answers.items()}


@pytest.mark.parametrize(
    ("before", "after", "sufficient", "necessary"),
    [
        ((2, 2, 1), (3, 2, 1), ("crime",), ("crime",)),  # one alone, 5 to 6
        ((2, 2, 1), (3, 3, 1), ("crime", "health"), ()),  # 5 to 7: each would do
        ((1, 2, 1), (2, 3, 1), (), ("crime", "health")),  # 4 to 6: both needed
        ((2, 0, 3), (3, 2, 1), ("health",), ("health",)),  # 5 to 6: crime alone would do, too, see below
    ],
)
def test_points_by_hand(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    sufficient: tuple[str, ...],
    necessary: tuple[str, ...],
) -> None:
    names = ("crime", "health", "safety")
    first, second = (_sure(**dict(zip(names, each, strict=True))) for each in (before, after))
    causes = tipping_criteria(points_model(), first, second, "middle", "worst")
    if before == (2, 0, 3):  # crime +1, health +2, safety -2: crime alone gives 6, and without it 5
        sufficient, necessary = ("crime", "health"), ("crime", "health")
    assert (causes.sufficient, causes.necessary) == (sufficient, necessary)
    assert "safety" not in causes.tipped_by  # it moved the other way, or not at all


def test_the_way_back_is_the_mirror_image() -> None:
    causes = tipping_criteria(
        points_model(),
        _sure(crime=3, health=2, safety=1),
        _sure(crime=2, health=2, safety=1),
        "worst",
        "middle",
    )
    assert causes.tipped_by == causes.sufficient == causes.necessary == ("crime",)
    assert causes.alone == {"crime": "middle"}


def test_a_hidden_answer_leaves_open_what_it_leaves_open() -> None:
    before = _sure(crime=3, health=3) | {"safety": (0, 3)}
    after = _sure(crime=1, health=0) | {"safety": (0, 1)}
    causes = tipping_criteria(points_model(), before, after, "worst", "rest")
    assert causes.tipped_by == ("crime", "health")
    assert causes.is_explained
    assert causes.alone == {"crime": UNDETERMINED, "health": UNDETERMINED}
    assert causes.sufficient == ()


def test_a_hold_is_not_explained_by_points() -> None:
    model = points_model(hold=2)
    causes = tipping_criteria(
        model, _sure(crime=2, health=2, safety=1), _sure(crime=3, health=3, safety=2), "rest", "worst"
    )
    assert causes.tipped_by == ("crime", "health", "safety")
    assert not causes.is_explained
    assert causes.sufficient == causes.necessary == ()


def test_rules_by_hand() -> None:
    model, history = rules_model(), History()
    years = earlier_years(model, "a", "2024", history)
    assert list(years.values()) == [(0.0, 1.0), (0.0, 1.0)]
    years = dict.fromkeys(years, (0.0, 0.0))
    before = _sure(work_40=0, work_30=1, crime=1, education=0) | years
    after = _sure(work_40=1, work_30=1, crime=1, education=0) | years
    causes = tipping_criteria(model, before, after, "watched", "listed")
    assert causes.tipped_by == causes.sufficient == causes.necessary == ("work_40",)
    # crime is no longer met, but education is: the one without the other would have taken it off the list
    swapped = _sure(work_40=1, work_30=1, crime=0, education=1) | years
    assert category_from(model, swapped) == "listed"
    # out of work falls beneath both thresholds at once: one figure, told by both criteria
    gone = _sure(work_40=0, work_30=0, crime=1, education=0) | years
    causes = tipping_criteria(model, after, gone, "listed", "rest")
    assert causes.tipped_by == causes.sufficient == ("work_40", "work_30")


def test_the_lists_of_earlier_years_tip_it() -> None:
    model = rules_model()
    listed = {(year, "listed"): {"a": year != "2021"} for year in ("2021", "2022", "2023", "2024")}
    answers = _sure(work_40=1, work_30=1, crime=1, education=0)
    before, after = (
        answers | earlier_years(model, "a", period, History(listed)) for period in ("2023", "2024")
    )
    assert (category_from(model, before), category_from(model, after)) == ("listed", "hard")
    causes = tipping_criteria(model, before, after, "listed", "hard")
    assert causes.tipped_by == causes.sufficient == causes.necessary == (HISTORY,)


def test_results_by_hand(small_shown: Shown) -> None:
    """Areas 2 and 3 of the made-up city: their points are worked out by hand in the comment."""
    changes = category_changes(small_shown("internal", "en"))
    assert list(changes.columns) == list(CATEGORY_CHANGE_COLUMNS)
    rows = changes.set_index(["area_id", "period"])
    # 2022: 1 + 2 + 1 + 1 = 5, 2023: 2 + 2 + 1 + 2 = 7: each of the two that rose gives 6 by itself
    worse = rows.loc[("A02", "2023")]
    assert (worse["category_before"], worse["category"], worse["direction"]) == (
        "at_risk",
        "deprived",
        "worse",
    )
    assert (worse["tipped_by"], worse["sufficient"]) == ("outside_labour_market|safety",) * 2
    assert worse["necessary"] == ""
    assert "Outside the labour market (from 1 to 2 points)" in worse["reason"]
    assert "would have been enough" in worse["reason"]
    # 2023: 2 + 2 + 1 + 2 = 7, 2024: 1 + 1 + 0 + 1 = 3: none alone
    better = rows.loc[("A03", "2024")]
    assert (better["direction"], better["sufficient"], better["by_chance"]) == ("better", "", "no")
    assert len(better["tipped_by"].split("|")) == 4
    assert "None of them alone" in better["reason"]
    assert "larger than chance" in better["reason"]
    assert rows.loc[("A07", "2024")]["direction"] == "not_assessed"
    assert rows.loc[("A06", "2024")]["reason"] == "Outside risk in both 2023 and 2024."


def test_reasons_in_danish(small_shown: Shown) -> None:
    changes = category_changes(small_shown("internal", "da"), [("2022", "2024")])
    row = changes.set_index("area_id").loc["A02"]
    assert row["reason"].startswith("Fra Risikoområde (2022) til Udsat (2024): dårligere. Udslaget gav ")
    assert row["category_label"] == "Udsat"


def test_ranges_are_said_as_such(small_shown: Shown) -> None:
    shown = with_ranges(small_shown("public", "da"))
    changes = category_changes(shown)
    rows = changes.set_index(["area_id", "period"])
    for key in (("A01", "2024"), ("A02", "2024"), ("A03", "2023"), ("A03", "2024")):
        row = rows.loc[key]
        assert row["direction"] == "range"
        assert row[["tipped_by", "sufficient", "necessary", "by_chance"]].tolist() == [""] * 4
        assert "vises som flere mulige" in row["reason"]
    assert rows.loc[("A01", "2024")]["category_label"] == "Udsat eller Særligt udsat"
    assert rows.loc[("A01", "2024")]["category"] == "range:severely_deprived, deprived"


def test_a_hidden_criterion_is_not_named(small_shown: Shown) -> None:
    shown = with_ranges(small_shown("public", "en"))
    categories = shown.categories.copy()
    row = (categories["area_id"] == "A03") & (categories["period"] == "2023")
    categories.loc[row, ["category", "possible"]] = ["deprived", None]
    changes = category_changes(dataclasses.replace(shown, categories=categories), [("2023", "2024")])
    change = changes.set_index("area_id").loc["A03"]
    assert change["direction"] == "better"
    assert "youth_crime" not in change["tipped_by"]
    assert "hidden or missing" in change["reason"]  # 5 to 8 points: the shown answers leave the category open


def test_transitions_and_turnover_add_up(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    changes = category_changes(shown)
    table = transitions(changes, shown.models, "en")
    counts = category_counts(shown)["aarhus-2018"]
    for side, period in (("category_before", "period_before"), ("category", "period")):
        for (when, category), areas in table.groupby([period, side])["areas"].sum().items():
            assert areas == counts[when].get(category, 0)
    rows = turnover(changes, shown.models, "en")
    last = rows[rows["period"] == "2024"].set_index("category")
    assert last.loc["deprived", "left_areas"] == "Havneøen"
    assert "Havneøen" in last.loc["at_risk", "entered_areas"]
    assert ((rows["areas_before"] - rows["left"]) >= rows["stayed"]).all()


def test_the_published_chance_decides_where_no_figure_differs(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    table = shown.table.assign(
        low=float("nan"), high=float("nan")
    )  # no interval: whether figures differ is open
    answers = []
    for chance in (0.2, 0.01, float("nan")):
        categories = shown.categories.assign(change_by_chance=chance)
        results = dataclasses.replace(shown, table=table, categories=categories)
        changes = category_changes(results, [("2023", "2024")]).set_index("area_id")
        answers.append(changes.loc["A03", "by_chance"])
    assert answers == ["yes", "no", "cannot_tell"]


def test_without_models_there_is_nothing(small_shown: Shown) -> None:
    shown = small_shown("public", "da", with_model=False)
    changes = category_changes(shown)
    assert changes.empty
    assert transitions(changes, shown.models).empty
    assert turnover(changes, shown.models).empty


def test_rules_of_a_published_result(rules_shown: Shown) -> None:
    shown = rules_shown("internal", "en")
    changes = category_changes(shown)
    assert set(changes["model"]) == {model.id for model in shown.models}
    moved = changes[changes["direction"].isin(["better", "worse"]) & (changes["model"] == "national-test")]
    assert len(moved)
    assert (moved["reason"].str.len() > 20).all()
    for name in ("sufficient", "necessary"):
        named = moved[name].str.split("|").explode()
        assert set(named) <= {"", HISTORY, *(c.key for m in shown.models for c in m.criterion)}


def test_frames_are_the_same_twice(small_shown: Shown) -> None:
    shown = small_shown("public", "da")
    pd.testing.assert_frame_equal(category_changes(shown), category_changes(shown))
