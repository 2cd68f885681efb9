"""Where an area lies against the nearest border of its category: compared with the models, figure by figure."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.models import Categorisation, categorise, categorise_table, load_model, parse_model
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.texts.borders import border_texts
from geo_bosoc.models.uncertainty.robustness import stability_text
from geo_bosoc.text.numbers import number

COLUMNS = ("outside_labour_pct", "convicted_pct", "basic_edu_pct", "income_pct_region", "non_western_pct")


def texts_of(done: Categorisation, language: str = "en") -> dict[tuple[str, str], str]:
    return border_texts(done.model, done.categories, done.criteria, done.flags, language=language)  # type: ignore[arg-type]


def with_points(*points: float, model: str = "aarhus-2018") -> dict[str, str]:
    """The texts of areas that have these points, by the area's id."""
    done = load_model(model)
    cuts = [(category.min_points or 0, category.id) for category in done.category]
    rows = [
        {
            "area_id": f"{place:02}",
            "period": "2024",
            "category": next(name for cut, name in cuts if total >= cut),
            "points": total,
        }
        for place, total in enumerate(points)
    ]
    none = pd.DataFrame()
    texts = border_texts(done, pd.DataFrame(rows), none, none, language="da")
    return {area: text for (area, _), text in texts.items()}


def test_points_on_either_side_of_a_border() -> None:
    texts = with_points(18, 17, 14, 0, 5, 24)
    assert texts["00"] == "Nær grænsen: 18 point, 17 ville give Udsat."
    assert texts["01"] == "Nær grænsen: 17 point, 18 ville give Særligt udsat, 11 ville give Risikoområde."
    assert (
        texts["02"] == "Nærmeste grænse: 14 point, 11 ville give Risikoområde, 18 ville give Særligt udsat."
    )
    assert texts["03"] == "Nærmeste grænse: 0 point, 6 ville give Risikoområde."
    assert texts["04"] == "Nær grænsen: 5 point, 6 ville give Risikoområde."
    assert texts["05"] == "Nærmeste grænse: 24 point, 17 ville give Udsat."


def test_only_points_that_can_be_had_are_named() -> None:
    colours = {"colour": "#2a0f52"}
    model = parse_model(
        {
            "id": "example",
            "version": "2024-01-01",
            "kind": "points",
            "criterion": [
                {"indicator": "a", "measure": "value", "bands": [10, 20], "points": [2, 5]},
                {"indicator": "b", "measure": "value", "bands": [10], "points": [2.5]},
            ],
            "category": [
                {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "min_points": 4, **colours},
                {"id": "other", "label_da": "Andre", "label_en": "Other", **colours},
            ],
        }
    )
    frame = pd.DataFrame(
        [
            {"area_id": "1", "period": "2024", "indicator": name, "value": value, "status": "ok"}
            for name, value in (("a", 0.1), ("b", 0.1))
        ]
    )
    done = categorise(frame, model)
    assert done.categories["points"].tolist() == [4.5]
    assert texts_of(done) == {
        ("1", "2024"): "Nearest border: 4.5 points, 2.5 would give Risk.".replace("Risk", "Other")
    }


@pytest.mark.parametrize("category", ["range", "undetermined", "too_small"])
def test_nothing_is_said_of_a_range_or_of_hidden_points(category: str) -> None:
    model = load_model("aarhus-2018")
    rows = pd.DataFrame(
        [
            {
                "area_id": "1",
                "period": "2024",
                "category": category,
                "points": 12.0,
                "possible": "deprived, at_risk",
            },
            {"area_id": "2", "period": "2024", "category": "deprived", "points": None, "points_min": 12.0},
            {
                "area_id": "3",
                "period": "2024",
                "category": "at_risk",
                "points": 12.0,
            },  # not what the points give
        ]
    )
    assert border_texts(model, rows, pd.DataFrame(), pd.DataFrame()) == {}


def _beyond(criterion: Criterion, limit: float, met: bool) -> float:
    """A figure in per cent just on the other side of a limit."""
    sign = 1 if criterion.operator in (">", ">=") else -1
    is_strict = criterion.operator in (">", "<")
    if met:
        return limit if is_strict else limit - sign * 1e-6
    return limit + sign * 1e-6 if is_strict else limit


def test_rules_name_the_criterion_that_is_nearest_and_changes_the_category() -> None:
    model, random = load_model("national-2021"), np.random.default_rng(7)
    low, high = (25, 0.5, 40, 45, 20), (50, 3.5, 75, 75, 60)
    figures = random.uniform(low, high, (40, 5)).round(2)
    figures[:10] = random.uniform((5, 0.1, 10, 80, 5), (20, 0.3, 35, 95, 20), (10, 5)).round(2)
    table = pd.DataFrame(figures, columns=list(COLUMNS)).assign(residents=1500, year=2023)
    table["area"] = [f"A{place:02}" for place in range(len(table))]
    done = categorise_table(table, model)
    texts = texts_of(done)
    criteria = {criterion.key: criterion for criterion in model.criterion}
    moved, steps = [], []
    for row in done.criteria.to_dict("records"):
        criterion, area = criteria[row["criterion"]], row["area_id"]
        limit = 100 * row["threshold"]
        if row["measure"] == "ratio":
            limit = float(100 * Fraction(row["threshold"]) * Fraction(row["reference"]))
        now = table.set_index("area").loc[area]
        value = float(now[row["indicator"]])
        name = f"{area}-{row['criterion']}"
        change = {
            row["indicator"]: _beyond(criterion, limit, row["met"] == "met"),
            "area": name,
            "year": 2023,
        }
        moved.append({**now.to_dict(), **change})
        steps.append((area, name, criterion.label("en"), abs(value - limit) / limit))
    after = categorise_table(pd.DataFrame(moved), model).categories.set_index("area_id")["category"]
    before = done.categories.set_index("area_id")["category"]
    alone = 0
    for area, text in ((key[0], text) for key, text in texts.items()):
        of_area = [step for step in steps if step[0] == area]
        changing = [step for step in of_area if after[step[1]] != before[area]]
        _, name, label, share = min(changing or of_area, key=lambda step: step[3])
        head = "Near the border" if share <= 0.1 else "Nearest border"
        assert text.startswith(f"{head}: {label} is ")
        if changing:
            alone += 1
            if after[name] == "undetermined":  # of earlier years nothing is known
                assert text.endswith("the category is Parallel society or Transformation area.")
            else:
                assert text.endswith(f"the category is {model.category_label(after[name], 'en')}.")
        else:
            assert text.endswith("it alone does not change the category.")
    assert {area for area, _ in texts} == set(before[before != "undetermined"].index)
    assert 10 < alone < len(texts)


def test_an_unknown_answer_that_matters_silences_the_border() -> None:
    row = dict(zip(COLUMNS, (41.0, 2.5, None, 50.0, 20.0), strict=True)) | {"residents": 1500, "year": 2023}
    table = pd.DataFrame(
        [{"area": "A", **row}, {"area": "B", **row, "convicted_pct": 0.1, "income_pct_region": 60}]
    )
    done = categorise_table(table, load_model("national-2021"))
    states = done.categories.set_index("area_id")["category"]
    assert (states["A"], states["B"]) == ("vulnerable", "undetermined")
    assert list(texts_of(done)) == [("A", "2023")]


def test_an_index_names_the_nearest_on_either_side() -> None:
    names = ("basic_school", "low_income", "outside_labour", "non_western", "turnout", "unsafe")
    rows = []
    for area, step in zip("ABCDE", (0, 1, 2, 3, 4), strict=True):
        shares = {f"{name}_pct": 30 - step if name == "turnout" else 30 + step for name in names}
        rows.append({"area": area, "year": 2024, **shares})
    done = categorise_table(pd.DataFrame(rows), load_model("copenhagen-sok"))
    by_area = done.categories.set_index("area_id")
    assert by_area["category"]["E"] == "deprived_city_area"
    d, e = (number(float(by_area["points"][area]), "da", 2) for area in "DE")
    texts = texts_of(done, "da")
    assert texts["E", "2024"] == f"Nærmeste grænse: indeks {e}, nærmest i Øvrigt byområde er {d}."
    assert texts["D", "2024"] == f"Nærmeste grænse: indeks {d}, nærmest i Udsat byområde er {e}."
    assert texts["A", "2024"].endswith(f"nærmest i Udsat byområde er {e}.")


def test_the_share_of_draws_is_said_in_plain_words() -> None:
    assert stability_text(0.33, None, "da") == (
        "I 33 ud af 100 tænkte gentagelser, hvor tallene svinger, som små tal gør, og modellen justeres lidt, "
        "blev kategorien den samme."
    )
    assert stability_text(None, None, "en") == ""
