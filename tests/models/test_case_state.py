"""The state of case C-417/23 is a dated text, shown with models that use residents' origin."""

from __future__ import annotations

import pytest

from geo_bosoc.models import list_models, load_model
from geo_bosoc.models.load import parse_model
from geo_bosoc.models.spec_parts import list_states
from geo_bosoc.models.texts.describe import describe_model
from geo_bosoc.models.variants import without_origin


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_it_is_shown_with_models_that_use_origin_and_with_no_other(model) -> None:  # type: ignore[no-untyped-def]
    for language, day in (("da", "26.11.2026"), ("en", "26 Nov 2026")):
        text = describe_model(model, language)  # type: ignore[arg-type]
        assert (day in text) == ("Østre Landsret" in text) == ("C-417/23" in text) == model.uses_origin
    assert without_origin(model).case_state("da") == ""


def test_states_go_by_date_in_both_languages() -> None:
    states = list_states()
    assert [state.date for state in states] == sorted(state.date for state in states)
    assert all(state.text_da and state.text_en and state.mark in ("H", "M") for state in states)


def test_a_model_file_may_add_a_newer_state() -> None:
    data = load_model("national-2021").model_dump(mode="python", exclude_defaults=True)
    later = {
        "date": "2027-03-01",
        "text_da": "Landsretten har afgjort sagen.",
        "text_en": "The court has ruled.",
    }
    model = parse_model(data | {"state": [later]})
    assert model.case_state("da") == "Sagens stand den 01.03.2027: Landsretten har afgjort sagen."
    older = later | {"date": "2026-01-01"}
    assert "26 Nov 2026" in parse_model(data | {"state": [older]}).case_state("en")
