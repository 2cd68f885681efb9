"""Lines of bands and thresholds on a chart: a figure beyond a line has what the line says, by the models themselves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geo_bosoc.models import Categorisation, categorise, load_model, parse_model
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.cut_lines import CutLine, cut_lines
from geo_bosoc.problems import Report

COLOUR = {"colour": "#2a0f52"}
CATEGORIES = [
    {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "min_points": 1, **COLOUR},
    {"id": "other", "label_da": "Andre", "label_en": "Other", **COLOUR},
]


def of_one(criterion: dict[str, Any]) -> Model:
    return parse_model(
        {
            "id": "example",
            "version": "2024-01-01",
            "kind": "points",
            "criterion": [{"indicator": "x", **criterion}],
            "category": CATEGORIES,
        }
    )


def frame(figures: dict[str, float]) -> pd.DataFrame:
    rows = [
        {"area_id": area, "period": "2024", "indicator": "x", "value": value, "status": "ok"}
        for area, value in figures.items()
    ]
    return pd.DataFrame(rows)


def categorised(model: Model, figures: dict[str, float], municipality: float) -> Categorisation:
    return categorise(frame(figures), model, reference_areas=frame({"@municipality": municipality}))


def lines_of(model: Model, municipality: float) -> tuple[CutLine, ...]:
    done = categorised(model, {"A": 0.1}, municipality)
    return cut_lines(model, done.cells, ["2024"])["x", "2024"]


@pytest.mark.parametrize(
    ("criterion", "values", "ratios", "label"),
    [
        ({"bands": [1.5, 2]}, (30.0, 40.0), (1.5, 2.0), "1 point: at least 1.50 times the municipality's"),
        ({"bands": [1.5], "operator": ">"}, (30.0,), (1.5,), "1 point: over 1.50 times the municipality's"),
        ({"measure": "value", "bands": [25, 40]}, (25.0, 40.0), (None, None), "1 point: at least 25%"),
        (
            {"measure": "difference", "bands": [5]},
            (25.0,),
            (None,),
            "1 point: at least the municipality's plus 5%",
        ),
        ({"complement": True, "bands": [1.1]}, (12.0,), (None,), "1 point: at most 12%"),
        (
            {"direction": "low_is_bad", "bands": [1.25, 2]},
            (16.0, 10.0),
            (0.8, 0.5),
            "1 point: at most 0.80 times the municipality's",
        ),
        (
            {"direction": "low_is_bad", "measure": "difference", "bands": [5]},
            (15.0,),
            (None,),
            "1 point: at most the municipality's minus 5%",
        ),
    ],
)  # fmt: skip
def test_a_line_lies_where_points_begin(
    criterion: dict[str, Any], values: tuple[float, ...], ratios: tuple[float | None, ...], label: str
) -> None:
    """Against a municipality of 20 %: figures a hair to either side of each line get its points, or do not."""
    model = of_one(criterion)
    lines = lines_of(model, 0.2)
    assert tuple(line.value for line in lines) == pytest.approx(values)
    assert tuple(line.ratio for line in lines) == pytest.approx(ratios)
    assert lines[0].label("en") == label
    assert [line.points for line in lines] == [1.0, 2.0][: len(lines)]
    high_is_bad = criterion.get("direction") != "low_is_bad" and not criterion.get("complement")
    for line in lines:
        assert line.value is not None and line.points is not None
        sides = {"above": line.value / 100 + 1e-9, "below": line.value / 100 - 1e-9}
        points = categorised(model, sides, 0.2).criteria.set_index("area_id")["points"]
        bad, good = ("above", "below") if high_is_bad else ("below", "above")
        assert (points[bad], points[good]) == (line.points, line.points - 1)


def test_a_line_without_a_shown_reference_has_no_place() -> None:
    model = of_one({"bands": [1.5]})
    (line,) = cut_lines(model, {}, ["2024"])["x", "2024"]
    assert (line.value, line.ratio) == (None, 1.5)
    of_rest = of_one({"bands": [1.5], "reference": {"of": "rest"}})
    (line,) = lines_of(of_rest, 0.2)
    assert (line.value, line.ratio) == (None, 1.5)
    assert line.label("da") == "1 point: mindst 1,50 gange resten af kommunens"


def test_the_lines_of_the_national_list() -> None:
    model = load_model("national-2021")
    lines = cut_lines(model, {}, ["2023", "2024"], units={"convicted_pct": "per_10000"})
    by_indicator = {
        indicator: [(line.kind, line.value) for line in of_indicator]
        for (indicator, period), of_indicator in lines.items()
        if period == "2023"
    }
    assert by_indicator["outside_labour_pct"] == [("threshold", 40.0), ("threshold", 30.0)]
    assert by_indicator["income_pct_region"] == [("threshold", 55.0), ("threshold", 65.0)]
    assert by_indicator["non_western_pct"] == [("threshold", 50.0), ("threshold", 30.0)]
    given = next(each for each in model.parameter if each.id == "national_convicted").values["2023"]
    national = given.value / given.times
    assert [line.value for line in lines["convicted_pct", "2023"]] == pytest.approx(
        [100 * 3 * national, 100 * 2 * national]
    )
    unknown = lines["convicted_pct", "2024"]  # of that year nobody has given the country's figure
    assert [(line.value, line.ratio) for line in unknown] == [(None, 3.0), (None, 2.0)]
    assert unknown[0].label("da") == "mindst 3 gange hele landets"
    assert lines["income_pct_region", "2023"][0].label("en") == "under 55%"


def test_bands_of_the_aarhus_model_move_with_the_municipality() -> None:
    model = load_model("aarhus-2018")
    table = pd.DataFrame(
        [
            {"area_id": area, "period": period, "indicator": criterion.indicator, "value": value, "status": "ok"}
            for period, value in (("2023", 0.1), ("2024", 0.12))
            for area in ("A", "@municipality")
            for criterion in model.criterion
        ]
    )  # fmt: skip
    is_reference = table["area_id"].str.startswith("@")
    done = categorise(table[~is_reference], model, reference_areas=table[is_reference], report=Report())
    lines = cut_lines(model, done.cells, ["2023", "2024"])
    assert len(lines) == 2 * len(model.criterion)
    for criterion in model.criterion:
        factor = 100 if criterion.unit == "percent" else 1
        for period, reference in (("2023", 0.1), ("2024", 0.12)):
            of_period = lines[criterion.indicator, period]
            expected = [factor * reference * band for band in criterion.bands]
            assert [line.value for line in of_period] == pytest.approx(expected)
            assert [line.points for line in of_period] == list(criterion.steps)


def test_an_index_has_none() -> None:
    assert cut_lines(load_model("copenhagen-sok"), {}, ["2024"]) == {}
