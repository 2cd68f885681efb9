"""What drives an index, what goes together, and how far its ranks hang on how it is made: against closed forms.
Made-up data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo_bosoc.models import categorise_table, compare_ranks, parse_model, sensitivity
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.index import effective_weights, index_quality
from geo_bosoc.models.index.quality import scores_of_parts
from geo_bosoc.outputs.workbook.finished_book import write_finished_book
from geo_bosoc.problems import Report


def run(table: pd.DataFrame, **index: Any) -> Categorisation:
    criteria = [
        {"indicator": name, "label_da": f"Kriterie {name}", "label_en": f"Criterion {name}", "unit": "mean"}
        for name in table.columns[1:]
    ]
    for each in criteria:
        if index.get("group"):
            each["group"] = "left" if each["indicator"] in ("p", "q") else "right"
    categories = [
        {"id": name, "label_da": name, "label_en": name, "colour": "#111111"} for name in ("worse", "better")
    ]
    spec = {"normalise": "z", "renormalise": True, "shares": [0.3, 0.7]} | index
    model = {"id": "m", "version": "1", "kind": "index", "label_da": "Prøve", "label_en": "Trial"}
    parsed = parse_model(model | {"index": spec, "criterion": criteria, "category": categories})
    return categorise_table(table, parsed, report=Report())


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    p = rng.normal(10, 2, 60)
    frame = pd.DataFrame({"area": [f"a{number:02d}" for number in range(60)]})
    return frame.assign(
        p=p, q=p * 2 + rng.normal(0, 0.2, 60), r=-p + rng.normal(0, 3, 60), s=rng.normal(0, 1, 60)
    )


def test_weights_up_the_tree_and_what_drives_an_index(table: pd.DataFrame) -> None:
    group = [{"id": "left", "weight": 3, "label_da": "Venstre", "label_en": "Left"}, {"id": "right"}]
    done = run(table, group=group)
    assert effective_weights(done.model) == {"p": 0.375, "q": 0.375, "r": 0.125, "s": 0.125}
    quality = index_quality(done)
    of_index = quality.criteria[quality.criteria["score"] == "index"].set_index("criterion")
    assert of_index["variance_share"].sum() == pytest.approx(1)
    z = table.set_index("area").apply(lambda column: (column - column.mean()) / column.std())
    score = z @ pd.Series({"p": 0.375, "q": 0.375, "r": 0.125, "s": 0.125})
    assert of_index.loc["p", "correlation"] == pytest.approx(z["p"].corr(score))
    expected = np.cov(0.375 * z["p"], score)[0, 1] / score.var()
    assert of_index.loc["p", "variance_share"] == pytest.approx(expected)
    pair = quality.correlations.set_index(["first", "second"])["correlation"]
    assert pair["p", "q"] == pair["q", "p"] == pytest.approx(table["p"].corr(table["q"]))
    left = quality.scores.set_index("score").loc["left"]
    r = pair["p", "q"]
    assert left["alpha"] == pytest.approx(2 * r / (1 + r))
    assert left["first_component"] == pytest.approx((1 + r) / 2)
    said = [str(notice) for notice in quality.notices]
    assert any("Criterion r counts against the index" in each for each in said)
    assert any("Criterion p and Criterion q say the same" in each for each in said)


def test_scores_of_published_parts_are_those_of_the_index(table: pd.DataFrame) -> None:
    group = [{"id": "left", "weight": 3, "rescale": "z"}, {"id": "right", "aggregate": "sum"}]
    done = run(table, group=group, rescale="minmax")
    again = scores_of_parts(done.model, done.criteria)
    for name in ("value", "rank"):
        pd.testing.assert_series_equal(again[name], done.scores[name])
    hidden = done.criteria.assign(
        points=done.criteria["points"].mask(done.criteria["area_id"] == "a00", np.nan)
    )
    fewer = scores_of_parts(done.model, hidden)
    assert fewer.loc[fewer["area_id"] == "a00", "value"].isna().all() and set(fewer["ranked"]) == {59}


def test_each_choice_made_otherwise(table: pd.DataFrame) -> None:
    done = run(table, normalise="minmax")
    made = sensitivity(done, draws=50, seed=3)
    choices = made.choices.set_index(["choice", "instead"])
    assert {("normalise", "z"), ("normalise", "rank"), ("aggregate", "geometric"), ("without", "s")} <= set(
        choices.index
    )
    left = run(table.drop(columns="s"), normalise="minmax")
    ranks = [each.scores.set_index("area_id")["rank"] for each in (done, left)]
    assert choices.loc[("without", "s"), "largest_shift"] == (ranks[0] - ranks[1]).abs().max()
    both = [each.categories.set_index("area_id")["category"] for each in (done, left)]
    assert choices.loc[("without", "s"), "changed"] == pytest.approx((both[0] != both[1]).mean())
    assert (made.ranks["low"] <= made.ranks["high"]).all() and len(made.ranks) == 60
    firm = sensitivity(done, draws=20, concentration=1e9).ranks
    assert (firm["high"] - firm["low"]).max() <= 1


def test_beside_another_index(table: pd.DataFrame) -> None:
    done = run(table)
    ranks = done.scores.set_index("area_id")["rank"]
    same = compare_ranks(done, ranks.to_dict(), high_is_worse=False)
    assert same.spearman == same.kendall == pytest.approx(1) and (same.areas["shift"] == 0).all()
    swapped = ranks.to_dict()
    first, last = ranks.idxmin(), ranks.idxmax()
    swapped[first], swapped[last] = swapped[last], swapped[first]
    other = compare_ranks(done, swapped, high_is_worse=False)
    assert set(other.areas["area_id"].head(2)) == {first, last} and other.areas["shift"].abs().max() == 59
    with pytest.raises(ValueError, match="under two"):
        compare_ranks(done, {"nowhere": 1.0})


def test_an_index_of_little_has_no_quality_but_no_fault() -> None:
    for rows in (1, 2):
        table = pd.DataFrame({"area": ["a", "b"][:rows], "p": ["1", "2"][:rows], "q": ["2", "2"][:rows]})
        done = run(table)
        assert len(index_quality(done).criteria) == 2 and len(sensitivity(done, draws=5).choices) >= 2


def test_the_workbook_tells_areas_weights_quality_and_model(table: pd.DataFrame, tmp_path: Path) -> None:
    done = run(table)
    write_finished_book(done, tmp_path / "index.xlsx", "da", "made up")
    book = openpyxl.load_workbook(tmp_path / "index.xlsx")
    assert book.sheetnames == [
        "Områder",
        "Vægte",
        "Sammenhæng",
        "Korrelationer",
        "Følsomhed",
        "Pladser",
        "Figurer",
        "Modellen",
    ]
    texts = [cell.value for row in book["Vægte"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any(each.startswith("Kriterie r tæller imod indekset") for each in texts)
    assert len(book["Figurer"]._images) == 2
    areas = list(book["Områder"].iter_rows(values_only=True))
    assert "Kriterie p: normaliseret" in areas[1] and len(areas) == 62
