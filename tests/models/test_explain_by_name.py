"""An area is explained by its id or by its name, and what is no area is one plain error."""

from __future__ import annotations

import pandas as pd
import pytest

import geo_bosoc as gb
from geo_bosoc.models import Categorisation, categorise_table

AREAS = pd.DataFrame(
    {
        "area_id": ["0001", "0002", "0003", "0004"],
        "name": ["Åparken", "Toften", "toften", None],
    }
)


@pytest.fixture(scope="module")
def categorised() -> Categorisation:
    rows = [
        {"area": area_id, "year": year, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 2.5,
         "basic_edu_pct": 55.0, "income_pct_region": 50.0, "non_western_pct": 30.0}
        for area_id in AREAS["area_id"]
        for year in (2023, 2024)
    ]  # fmt: skip
    return categorise_table(pd.DataFrame(rows), gb.load_model("national-2021"))


def test_a_name_is_as_good_as_an_id(categorised: Categorisation) -> None:
    by_name = gb.explain(categorised, "åPARKEN", areas=AREAS, language="en")
    assert by_name == gb.explain(categorised, "0001", areas=AREAS, language="en")
    assert by_name.startswith("Åparken (0001), 2024: ")
    assert gb.explain(categorised, "0001", areas=AREAS, name="Park") == gb.explain(
        categorised, "0001", name="Park"
    )
    assert gb.explain(categorised, "0004", areas=AREAS).startswith("0004, 2024: ")


@pytest.mark.parametrize(
    ("area", "areas", "message"),
    [
        ("Toften", AREAS, r'2 areas are called "Toften"\. Give an id: 0002, 0003\.'),
        ("Aparken", AREAS, r'there is no area "Aparken"\. Did you mean "Åparken"\?'),
        ("9", AREAS, r'there is no area "9"\. There are: .*Åparken'),
        ("00010", None, r'there is no area "00010"\. Did you mean "0001"'),
    ],
)
def test_what_is_no_area_is_one_error(
    categorised: Categorisation, area: str, areas: pd.DataFrame | None, message: str
) -> None:
    with pytest.raises(gb.InputError, match=message) as wrong:
        gb.explain(categorised, area, areas=areas)
    assert len(wrong.value.problems) == 1


def test_a_period_without_the_area(categorised: Categorisation) -> None:
    with pytest.raises(gb.InputError, match=r'"0001" has no category in 2019\. It has one in 2023, 2024\.'):
        gb.explain(categorised, "Åparken", areas=AREAS, period="2019")
