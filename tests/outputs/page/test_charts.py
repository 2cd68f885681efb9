"""What the charts of the side panel are drawn from: the lines that the model's texts give, breaks, cut-offs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from page_data import page_data

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.sentences import in_language, published_cut_lines
from geo_bosoc.indicators.spec import Reform, Side
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.published_page import published_page

Shown = Callable[..., PublishedResults]


@pytest.mark.parametrize("made", ["small_shown", "rules_shown"])
def test_lines_lie_where_the_models_texts_put_them(made: str, request: pytest.FixtureRequest) -> None:
    shown = request.getfixturevalue(made)("public", "en")
    lines = published_cut_lines(shown)
    data = page_data(published_page(shown))
    seen = 0
    for panel in data["indicators"]:
        step = 10 ** panel["decimals"]
        by_model: dict[str, list[tuple[dict, list[str]]]] = {}
        for cut, labels in zip(panel.get("cuts", []), panel.get("cut_labels", []), strict=True):
            by_model.setdefault(data["models"][cut["model"]]["id"], []).append((cut, labels))
        for model, cuts in by_model.items():
            for place, period in enumerate(data["periods"]):
                expected = lines[model, panel["id"], period]
                assert len(expected) == len(cuts)
                for line, (cut, labels) in zip(expected, cuts, strict=True):
                    assert labels[place] == line.label("en") and cut.get("points") == line.points
                    assert cut["criterion"] == line.criterion
                    number = cut["values"][place]
                    assert (number is None) == (line.value is None)
                    assert number is None or number == pytest.approx(line.value * step, abs=0.501)
                    seen += 1
    assert seen == sum(map(len, lines.values())) > 0


def test_the_labels_of_lines_are_in_each_language(small_shown: Shown) -> None:
    shown = small_shown("public", "da")
    pages = {"en": published_page(in_language(shown, "en"))}
    words = encode_page(published_page(shown), pages)["words"]
    first = {language: words[language]["units"][0]["indicators"][0]["cut_labels"][0] for language in words}
    assert first["da"] == ["1 point: mindst 1,20 gange kommunens"] * 3
    assert first["en"] == ["1 point: at least 1.20 times the municipality's"] * 3


def test_points_are_drawn_on_the_models_cut_offs(small_shown: Shown, rules_shown: Shown) -> None:
    (model,) = page_data(published_page(small_shown()))["models"]
    assert model["scale"]["most"] == 12
    assert dict(model["scale"]["cut_offs"]) == {
        "severely_deprived": 10,
        "deprived": 6,
        "at_risk": 3,
        "outside_risk": 0,
    }
    assert all(
        ("scale" in each) == (each["kind"] == "points")
        for each in page_data(published_page(rules_shown()))["models"]
    )


def test_a_new_definition_breaks_the_line_at_its_first_period(small_shown: Shown) -> None:
    shown = small_shown()
    reform = Reform(valid_from="2024", numerator=Side(where="outside"))
    first, *others = shown.indicators
    reformed = replace(shown, indicators=(first.model_copy(update={"reform": (reform,)}), *others))
    panels = page_data(published_page(reformed))["indicators"]
    assert panels[0]["breaks"] == [2]
    assert not any("breaks" in panel for panel in panels[1:])


def test_one_period_is_no_series(small_shown: Shown) -> None:
    shown = small_shown()
    frames = ("table", "reference_areas", "residents", "categories", "criteria", "sources")
    last = {name: (frame := getattr(shown, name))[frame["period"] == "2024"] for name in frames}
    assert page_data(published_page(shown))["charts"] is True
    assert "charts" not in page_data(published_page(replace(shown, **last)))
