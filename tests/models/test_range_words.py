"""A category that is told as a range, and a criterion on a hidden figure, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.models import categorise_table, explain, load_model, sentences
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.texts.sentences import category_words
from geo_bosoc.text.numbers import either

MODEL = load_model("aarhus-2018")


@pytest.mark.parametrize(
    ("possible", "danish", "english"),
    [
        ("severely_deprived, deprived", "Udsat eller Særligt udsat", "Deprived or Severely deprived"),
        ("deprived", "Udsat", "Deprived"),
        (None, "skjult", "hidden"),
        (np.nan, "skjult", "hidden"),
    ],
)
def test_the_words_of_a_range(possible: object, danish: str, english: str) -> None:
    assert category_words(MODEL, "range", possible, "da") == danish
    assert category_words(MODEL, "range", possible, "en") == english


def test_three_have_a_comma_and_an_or_and_other_categories_their_word() -> None:
    words = category_words(MODEL, "range", "severely_deprived, deprived, at_risk", "da")
    assert words == "Risikoområde, Udsat eller Særligt udsat"
    assert category_words(MODEL, "deprived", "severely_deprived, deprived", "da") == "Udsat"
    assert category_words(MODEL, "too_small", None, "en") == "Too small to be assessed"
    assert either(["A", "B", "C", "D"], "en") == "A, B, C or D"


def published(**changes: object) -> Categorisation:
    """An area whose youth crime is suppressed, as a published categorisation has it."""
    row: dict[str, object] = {
        "area": "Parken", "year": 2024, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 2.5,
        "basic_edu_pct": 55.0, "income_pct_region": 50.0, "non_western_pct": 30.0,
    }  # fmt: skip
    done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    criteria = done.criteria.copy()
    gone = criteria["criterion"] == criteria["criterion"].iloc[0]
    for column in ("value", "threshold", "met", "margin", "points"):
        criteria[column] = criteria[column].mask(gone)
    criteria.loc[gone, "status"] = "protected"
    categories = done.categories.assign(
        category="range", possible="vulnerable, not_listed", undetermined_by=None
    )
    return replace(done, categories=categories.assign(**changes), criteria=criteria)


def test_an_explanation_names_both_and_says_why_once() -> None:
    lines = explain(published(), "Parken", language="da").splitlines()
    model = load_model("national-2021")
    words = f"{model.category_label('not_listed', 'da')} eller {model.category_label('vulnerable', 'da')}"
    assert lines[0].startswith(f"Parken, 2024: {words}")
    assert lines.count("Kategorien vises som to mulige, fordi et af tallene bag er skjult.") == 1
    assert sum(line.startswith("Skjult: tallet bygger på for få personer") for line in lines) == 1
    assert not any("range" in line or line.startswith("Kan være") for line in lines)
    three = explain(published(possible="parallel, vulnerable, not_listed"), "Parken", language="en")
    assert "The category is shown as several possible ones" in three


def test_a_suppressed_criterion_tells_its_label_and_nothing_else() -> None:
    done = published()
    first, *others = sentences(done, language="da")["sentence"]
    assert first == f"{done.model.criterion[0].label('da')}: skjult."
    assert all("opfyldt" in text or "uafklaret" in text for text in others)
