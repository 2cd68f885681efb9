"""The points kind on closed forms: bands, gates, unknowns, what moved, words."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.models import (
    calibrate,
    categorise,
    explain,
    list_models,
    load_model,
    parse_model,
    sentences,
)
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.points import with_cutoffs
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import BosocWarning, InputError

EIGHT = [
    "outside_labour_market",
    "health",
    "youth_crime",
    "exposed_children",
    "low_income_families",
    "child_wellbeing",
    "youth_education",
    "safety",
]
SMALL = {
    "id": "small",
    "version": "2024-01-01",
    "kind": "points",
    "gates": [{"indicator": "residents", "operator": ">", "threshold": 500}],
    "criterion": [
        {"indicator": "out", "bands": [1.5, 2, 3], "base_en": "residents aged 18-64", "met_en": "outside"},
        {"indicator": "crime", "bands": [1.5, 2, 3]},
    ],
    "category": [
        {"id": "red", "label_da": "Rød", "label_en": "Red", "colour": "#9b1c1f", "min_points": 4},
        {"id": "yellow", "label_da": "Gul", "label_en": "Yellow", "colour": "#f2bf33", "min_points": 2},
        {"id": "green", "label_da": "Grøn", "label_en": "Green", "colour": "#c4e8b4"},
    ],
}


def rows(
    area: str, period: str = "2024", residents: int | None = 900, **counts: tuple[int, int] | str
) -> list[dict]:
    made = [
        {
            "area_id": area,
            "period": period,
            "indicator": "residents",
            "numerator": residents,
            "denominator": residents,
        }
        | {"unknown": 0, "value": residents, "status": "ok" if residents is not None else "missing"}
    ]
    for name, pair in counts.items():
        known = not isinstance(pair, str)
        n, d = pair if known else (None, None)
        made.append(
            {
                "area_id": area,
                "period": period,
                "indicator": name,
                "numerator": n,
                "denominator": d,
                "unknown": 0,
            }
            | {"value": n / d if known and d else None, "status": "ok" if known else pair}
        )
    return made


def frame(*parts: list[dict]) -> pd.DataFrame:
    return pd.DataFrame([row for part in parts for row in part])


CITY = frame(rows("@municipality", residents=100_000, out=(1_000, 10_000), crime=(200, 10_000)))
MODEL = parse_model(SMALL)


def one(model: Model, *parts: list[dict], reference_areas: pd.DataFrame = CITY) -> pd.Series:
    return categorise(frame(*parts), model, reference_areas=reference_areas).categories.iloc[-1]


def test_preset_is_whole() -> None:
    assert list_models()[0].id == "aarhus-2018"
    model = load_model("aarhus-2018")
    assert [c.indicator for c in model.criterion] == EIGHT
    assert model.max_points == 24
    assert [c.id for c in model.category] == ["severely_deprived", "deprived", "at_risk", "outside_risk"]
    assert all(c.source and c.assumption for c in model.criterion)
    assert len({c.bands for c in model.criterion}) > 1
    assert model.gates[0].operator == ">" and model.gates[0].threshold == 500
    colours = {c.colour for c in model.categories}
    assert len(colours) == 6
    assert not {c.colour for c in NOT_ASSESSED} & {"#ffffff", "#c4e8b4"}


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16


def test_colours_step_in_lightness() -> None:
    steps = [lightness(c.colour) for c in load_model("aarhus-2018").category]
    assert all(after - before > 8 for before, after in pairwise(steps))


@pytest.mark.parametrize(
    ("count", "points"), [(149, 0), (150, 1), (199, 1), (200, 2), (299, 2), (300, 3), (1000, 3), (0, 0)]
)
def test_bands_are_reached_at_and_not_under(count: int, points: int) -> None:
    row = one(MODEL, rows("a", out=(count, 1000), crime=(0, 100)))
    assert row["points"] == points


def test_bands_are_exact_where_floats_are_not() -> None:
    model = parse_model(
        SMALL | {"criterion": [{"indicator": "out", "bands": [1.1]}], "category": SMALL["category"][1:]}
    )
    city = frame(rows("@municipality", out=(1, 5)))
    assert (11 / 50) / (1 / 5) < 1.1
    assert one(model, rows("a", out=(11, 50)), reference_areas=city)["points"] == 1


def test_gate_is_strict_and_unknown_gate_is_undetermined() -> None:
    assert one(MODEL, rows("a", residents=500, out=(300, 1000), crime=(0, 9)))["category"] == "too_small"
    assert one(MODEL, rows("a", residents=501, out=(300, 1000), crime=(0, 9)))["category"] == "yellow"
    row = one(MODEL, rows("a", residents=None, out=(300, 1000), crime=(0, 9)))
    assert row["category"] == "undetermined" and row["undetermined_by"] == "residents"


def test_missing_value_leaves_what_is_certain() -> None:
    row = one(MODEL, rows("a", out=(300, 1000), crime="protected"))
    assert (row["category"], row["points_min"], row["points_max"]) == ("undetermined", 3, 6)
    assert row["undetermined_by"] == "crime" and pd.isna(row["points"])
    easy = SMALL | {"category": [SMALL["category"][0] | {"min_points": 3}, SMALL["category"][2]]}
    assert one(parse_model(easy), rows("a", out=(300, 1000), crime="missing"))["category"] == "red"


def test_complement_turns_area_and_reference_area() -> None:
    model = parse_model(
        SMALL | {"criterion": [{"indicator": "safe", "bands": [1.5, 2.5, 4], "complement": True}]}
    )
    city = frame(rows("@municipality", safe=(95, 100)))
    result = categorise(frame(rows("a", safe=(82, 100))), model, reference_areas=city)
    assert result.categories["points"].item() == 2
    criterion = result.criteria.iloc[0]
    assert criterion["value"] == pytest.approx(0.82) and criterion["reference"] == pytest.approx(0.95)
    assert criterion["margin"] == pytest.approx(18 / 5 - 2.5)
    assert criterion["margin_persons"] == 6


def test_low_is_bad_and_difference_and_value_and_z() -> None:
    def points(criterion: dict, **values: tuple[int, int]) -> float:
        model = parse_model(SMALL | {"gates": [], "criterion": [criterion | {"indicator": "mark"}]})
        city = frame(rows("@municipality", mark=(70, 10)))
        table = frame(*(rows(area, mark=pair) for area, pair in values.items()))
        return categorise(table, model, reference_areas=city).categories.set_index("area_id")["points"]["a"]

    low = {"direction": "low_is_bad", "unit": "mean"}
    assert points(low | {"bands": [1.25, 1.4]}, a=(50, 10)) == 2
    assert points(low | {"bands": [1, 2], "measure": "difference"}, a=(51, 10)) == 1
    assert points(low | {"bands": [6], "measure": "value"}, a=(60, 10)) == 1
    assert points(low | {"bands": [6], "measure": "value"}, a=(61, 10)) == 0
    assert points(low | {"bands": [1.9, 2.1], "measure": "z"}, a=(50, 10), b=(60, 10), c=(70, 10)) == 1


def test_no_reference_area_is_said() -> None:
    city = frame(rows("@municipality", out=(0, 100), crime=(1, 100)))
    result = categorise(frame(rows("a", out=(0, 10), crime=(1, 100))), MODEL, reference_areas=city)
    assert list(result.criteria["status"]) == ["no_reference", "ok"]
    assert result.categories["category"].item() == "undetermined"


def test_reference_column_serves_where_there_are_no_reference_areas() -> None:
    table = frame(rows("a", out=(300, 1000), crime=(4, 100))).assign(reference=[None, 0.1, 0.02])
    assert categorise(table, MODEL).categories["points"].item() == 5


def test_what_moved() -> None:
    before = rows("a", "2023", out=(300, 1000), crime=(2, 100))
    now = rows("a", "2024", out=(200, 1000), crime=(4, 100))
    city = pd.concat([CITY.assign(period="2023"), CITY])
    result = categorise(frame(before, now), MODEL, reference_areas=city)
    row = result.categories.iloc[-1]
    assert (row["category_before"], row["points_before"], row["moved_by"]) == (
        "yellow",
        3,
        "out -1, crime +2",
    )
    text = explain(result, "a", language="en")
    assert "200 of the 1,000 residents aged 18-64 are outside (20.0%)" in text
    assert "Changed: out -1, crime +2" in text
    assert "crime: hidden." in text
    assert "4 af de 100" in explain(result, "a", minimum=0)


def test_margin_in_persons_is_least() -> None:
    for count in range(0, 1001, 37):
        result = categorise(frame(rows("a", out=(count, 1000), crime=(0, 9))), MODEL, reference_areas=CITY)
        change = int(result.criteria["margin_persons"].iloc[0])
        step = 1 if change > 0 else -1

        def reached(n: int) -> tuple:
            row = categorise(frame(rows("a", out=(n, 1000), crime=(0, 9))), MODEL, reference_areas=CITY)
            return row.categories["points"].item()

        assert reached(count + change) != reached(count)
        assert reached(count + change - step) == reached(count)


def test_small_figures_stay_out_of_words() -> None:
    result = categorise(frame(rows("a", out=(997, 1000), crime=(3, 100))), MODEL, reference_areas=CITY)
    text = " ".join(sentences(result, language="en", internal=True)["sentence"])
    assert "997" not in text and "3 of" not in text and "99.7" not in text


def test_unknown_area_is_told() -> None:
    result = categorise(frame(rows("a", out=(1, 10), crime=(0, 9))), MODEL, reference_areas=CITY)
    with pytest.raises(InputError, match='there is no area "b"'):
        explain(result, "b")


def test_problems_are_listed_together() -> None:
    bad = SMALL | {
        "kind": "points",
        "colour": "x",
        "criterion": [{"indicator": "a", "bands": [2, 1]}, {"bandz": [1]}],
    }
    with pytest.raises(InputError) as caught:
        parse_model(bad, file="my.toml")
    text = str(caught.value)
    assert "criterion[1: a]" in text and "criterion[2]" in text and "bandz" in text and "colour" in text
    with pytest.raises(InputError, match="no model 'nowhere'"):
        load_model("nowhere")
    table = frame(rows("a", out=(1, 10)), rows("a", out=(1, 10)))
    with pytest.raises(InputError, match="2 rows too many"):
        categorise(table, MODEL, reference_areas=CITY)
    with pytest.warns(BosocWarning, match="misses crime"):
        categorise(frame(rows("a", out=(1, 10))), MODEL, reference_areas=CITY)


shares = st.one_of(st.none(), st.integers(0, 400))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(shares, shares, st.integers(400, 700)), min_size=1, max_size=6), st.randoms())
def test_more_disadvantage_never_lowers_and_filling_in_never_contradicts(cells: list, random: object) -> None:
    order = {"green": 0, "yellow": 1, "red": 2}

    def run(values: list) -> dict:
        parts = [
            rows(
                f"a{i}",
                residents=size,
                out="missing" if out is None else (out, 1000),
                crime="missing" if c is None else (c, 1000),
            )
            for i, (out, c, size) in enumerate(values)
        ]
        random.shuffle(parts)  # type: ignore[attr-defined]
        return (
            categorise(frame(*parts), MODEL, reference_areas=CITY)
            .categories.set_index("area_id")["category"]
            .to_dict()
        )

    now = run(cells)
    worse = run([(None if o is None else min(o + 40, 1000), c, s) for o, c, s in cells])
    for area, category in now.items():
        if category in order and worse[area] in order:
            assert order[worse[area]] >= order[category]
    for fill in (0, 25, 170, 400):
        filled = run([(fill if o is None else o, fill if c is None else c, s) for o, c, s in cells])
        for area, category in now.items():
            assert category in ("undetermined", filled[area])


def test_calibrate_finds_or_says_why_not() -> None:
    points = pd.DataFrame(
        {"points": [21, 19, 15, 14, 8, 7, 7, 2, None], "category": ["x"] * 8 + ["undetermined"]}
    )
    found = calibrate(points, {"red": 2, "orange": 2, "yellow": 3, "green": 1})
    assert found.exact and found.cutoffs == {"red": 19, "orange": 14, "yellow": 7}
    assert found.ranges["red"] == (15, 19) and found.left_out == 1
    tied = calibrate(points, {"red": 2, "orange": 2, "yellow": 2, "green": 2})
    assert not tied.exact and tied.ties == (7,) and sum(tied.counts.values()) == 8
    assert "7 points" in tied.message("en") and "No cut-offs" in tied.message()
    assert "8 områder" in calibrate(points, {"red": 3, "green": 9}).message("da")
    none = calibrate(points, {"red": 2, "orange": 0, "yellow": 5, "green": 1})
    assert none.exact and 15 < none.cutoffs["orange"] < 19
    with pytest.raises(InputError, match="several periods"):
        calibrate(points.assign(period=range(9)), {"red": 2, "green": 1})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 24), min_size=4, max_size=30), st.data())
def test_calibrated_cutoffs_give_their_counts_and_none_does_better(
    points: list[int], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(points)), min_size=2, max_size=2)))
    wanted = {"red": cuts[0], "yellow": cuts[1] - cuts[0], "green": len(points) - cuts[1]}
    found = calibrate(pd.DataFrame({"points": points}), wanted)
    high, low = found.cutoffs["red"], found.cutoffs["yellow"]

    def counts(red: float, yellow: float) -> list[int]:
        return [
            sum(p >= red for p in points),
            sum(yellow <= p < red for p in points),
            sum(p < yellow for p in points),
        ]

    assert counts(high, low) == list(found.counts.values()) and low < high
    error = sum(abs(a - b) for a, b in zip(found.counts.values(), wanted.values(), strict=True))
    best = min(
        sum(abs(a - b) for a, b in zip(counts(red, yellow), wanted.values(), strict=True))
        for red in range(26)
        for yellow in range(red + 1)
    )
    assert error == best and found.exact == (best == 0)


def test_calibrated_model_is_marked() -> None:
    points = pd.DataFrame({"points": [6, 3, 1]})
    model = with_cutoffs(MODEL, calibrate(points, {"red": 1, "yellow": 1, "green": 1}), version="2025-01-01")
    assert [c.min_points for c in model.category] == [6, 3, None]
    assert model.version == "2025-01-01" and "calibrated" in (model.category[0].assumption or "")
