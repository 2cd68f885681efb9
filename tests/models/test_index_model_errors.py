"""Model files of kind index that are wrong: told by key when the file is read."""

from __future__ import annotations

import pytest

from geo_bosoc.models.load import parse_model
from geo_bosoc.problems import InputError


@pytest.mark.parametrize("key, value", [("bands", [1, 2]), ("threshold", 40)])
def test_an_index_refuses_the_keys_of_points_and_rules(key: str, value: object) -> None:
    labels = {"label_da": "Alle", "label_en": "All", "colour": "#111111"}
    model = {
        "id": "m",
        "version": "1",
        "kind": "index",
        "index": {"normalise": "rank", "shares": [1.0]},
        "criterion": [{"indicator": "p", "unit": "percent"}],
        "category": [{"id": "all", **labels}],
    }
    assert parse_model(model).id == "m"
    model["criterion"] = [{"indicator": "p", "unit": "percent", key: value}]
    with pytest.raises(InputError, match=f"criterion 'p' has {key}"):
        parse_model(model)
