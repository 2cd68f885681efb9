"""categories.csv and criteria.csv: the columns agreed on, exact numbers both ways, no formulas."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import Edition, PublishedResults
from geo_bosoc.outputs.csv_tables import (
    categories_table,
    criteria_table,
    exact_decimal,
    read_categories_csv,
    write_categories_csv,
    write_criteria_csv,
)
from geo_bosoc.problems import InputError

Maker = Callable[..., PublishedResults]
HOSTILE = {
    "A01": "=HYPERLINK(\"http://x\";1)", "A02": "'=x", "A03": "-12", "A04": 'Sø "x"; y\r\nz, <b>', "A05": "@SUM(1)",
    "A06": "+45 12", "A07": "\t=1", "A08": "''=x",
}  # fmt: skip


def test_the_columns_are_those_agreed_on(small_shown: Maker, tmp_path: Path) -> None:
    shown = small_shown()
    write_categories_csv(shown, tmp_path / "c.csv")
    raw = (tmp_path / "c.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b"\r\n" in raw
    head = raw.decode("utf-8-sig").splitlines()[0].split(";")
    first = [
        *(
            "period",
            "area_id",
            "name",
            "model",
            "category",
            "category_label",
            "points",
            "points_min",
            "points_max",
        ),
        *("residents", "category_before", "points_before", "moved_by"),
    ]
    parts = ("value", "numerator", "denominator", "unknown", "reference", "points", "status")
    parts += ("data_period", "status_date", "source")
    expected = [f"{one.id}_{part}" for one in shown.indicators for part in parts]
    assert head == [*first, *expected, "undetermined_by"]
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == 8 * 3
    row = next(row for row in rows if (row["area_id"], row["period"]) == ("A01", "2024"))
    assert row["name"] == "Søndervang" and row["category_label"] == "Særligt udsat"
    assert (
        row["outside_labour_market_value"].startswith("0,49") and row["outside_labour_market_points"] == "3"
    )
    hidden = next(row for row in rows if row["youth_crime_status"] == "protected")
    assert [hidden[f"youth_crime_{name}"] for name in ("value", "numerator", "unknown")] == ["", "", ""]


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("output_set", ["public", "internal"])
@pytest.mark.parametrize("with_model", [True, False])
def test_what_is_written_reads_back_the_same(
    small_shown: Maker, tmp_path: Path, language: str, output_set: str, with_model: bool
) -> None:
    shown = small_shown(output_set, language, names=HOSTILE, with_model=with_model)
    write_categories_csv(shown, tmp_path / "c.csv")
    pd.testing.assert_frame_equal(read_categories_csv(tmp_path / "c.csv"), categories_table(shown))
    write_criteria_csv(shown, tmp_path / "k.csv")
    assert (tmp_path / "k.csv").exists() == with_model  # without a model there are no criteria to tell
    if with_model:
        rows = (tmp_path / "k.csv").read_text(encoding="utf-8-sig").splitlines()
        assert len(rows) >= 8 * 3 * 4


def test_the_same_input_gives_the_same_bytes(small_shown: Maker, tmp_path: Path) -> None:
    for name in ("1", "2"):
        write_categories_csv(small_shown(), tmp_path / f"c{name}.csv")
        write_criteria_csv(small_shown(), tmp_path / f"k{name}.csv")
    for kind in "ck":
        assert (tmp_path / f"{kind}1.csv").read_bytes() == (tmp_path / f"{kind}2.csv").read_bytes()


def test_no_cell_is_a_formula(small_shown: Maker, tmp_path: Path) -> None:
    write_categories_csv(small_shown(names=HOSTILE), tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream, delimiter=";")][:8]
    assert all(not name.startswith(("=", "+", "@", "\t")) for name in names)
    assert names[2] == "-12"


def test_the_internal_set_says_so_and_has_persons(small_shown: Maker) -> None:
    inside = replace(small_shown("internal"), edition=Edition("internal"))
    assert set(categories_table(inside)["output_set"]) == {"internal"}
    assert set(
        categories_table(replace(inside, edition=Edition("internal", UNSUPPRESSED)))["output_set"]
    ) == {"internal, unguarded"}
    assert "margin_persons" in criteria_table(inside).columns
    public = criteria_table(small_shown())
    assert "margin_persons" not in public.columns and "output_set" not in public.columns


def test_an_area_without_a_row_has_no_category(small_shown: Maker) -> None:
    shown = small_shown()
    rows = shown.categories.loc[shown.categories["area_id"] != "A05"]
    table = categories_table(replace(shown, categories=rows))
    none = table.loc[table["area_id"] == "A05"]
    assert set(none["category"]) == {""} and set(none["category_label"]) == {"Ikke vurderet"}
    assert len(table) == 24


def from_two_registers(shown: PublishedResults) -> PublishedResults:
    """Young people charged: persons of the list's year, and charges of the year before from a hostile owner."""
    rows = shown.sources.to_dict("records")
    charges = [
        {**row, "register": "charges", "data_period": str(int(row["period"]) - 1), "source": "=1+1"}
        for row in rows
        if row["indicator"] == "youth_crime"
    ]
    residents = [
        {**row, "indicator": "residents", "source": "CPR"}
        for row in rows
        if row["indicator"] == "youth_crime"
    ]
    dateless = [
        {**row, "status_date": None if row["indicator"] == "safety" else row["status_date"]} for row in rows
    ]
    return replace(
        shown, sources=pd.DataFrame([*dateless, *charges, *residents], columns=shown.sources.columns)
    )


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_figure_has_its_period_status_date_and_source_beside_it(
    small_shown: Maker, tmp_path: Path, language: str
) -> None:
    shown = from_two_registers(small_shown("public", language))
    write_categories_csv(shown, tmp_path / "c.csv")
    table = read_categories_csv(tmp_path / "c.csv")
    pd.testing.assert_frame_equal(table, categories_table(shown))
    row = table[(table["period"] == "2024") & (table["area_id"] == "A01")].iloc[0]
    source = next(spec.source for spec in shown.indicators if spec.id == "youth_crime")
    assert row["youth_crime_data_period"] == "2024; 2023"
    assert row["youth_crime_status_date"] == "2024-01-01"  # the same for both, and told once
    assert row["youth_crime_source"] == f"{source}; =1+1"
    assert row["safety_data_period"] == "2024" and row["safety_status_date"] == ""
    criteria = criteria_table(shown)
    own = criteria[(criteria["indicator"] == "youth_crime") & (criteria["period"] == "2023")]
    assert len(own) == 8 and set(own["data_period"]) == {"2023; 2022"}
    assert set(own["status_date"]) == {"2023-01-01"} and set(own["source"]) == {f"{source}; =1+1"}


def test_residents_tell_theirs_though_they_are_no_indicator_of_the_map(small_shown: Maker) -> None:
    shown = from_two_registers(small_shown())
    assert "residents" not in {spec.id for spec in shown.indicators}
    table = categories_table(shown)
    assert set(table["residents_source"]) == {"CPR"}
    assert list(table["residents_status_date"]) == [f"{period}-01-01" for period in table["period"]]


def test_a_criterion_over_several_years_tells_all_of_them(small_shown: Maker) -> None:
    shown = from_two_registers(small_shown())
    model = shown.models[0]
    windows = [
        each.model_copy(update={"window": (-2, -1)}) if each.indicator == "youth_crime" else each
        for each in model.criterion
    ]
    over = replace(shown, models=(model.model_copy(update={"criterion": tuple(windows)}),))
    table = criteria_table(over)
    own = table[(table["indicator"] == "youth_crime") & (table["period"] == "2024")]
    assert set(own["data_period"]) == {"2022; 2021; 2023; 2022"}
    assert set(own["status_date"]) == {"2022-01-01; 2022-01-01; 2023-01-01; 2023-01-01"}
    pooled = replace(shown, models=(model.model_copy(update={"pool_years": 3}),))
    table = criteria_table(pooled)
    own = table[(table["indicator"] == "safety") & (table["period"] == "2024")]
    assert set(own["data_period"]) == {"2022; 2023; 2024"}


def test_two_models_have_a_row_each(small_shown: Maker) -> None:
    shown = small_shown()
    other = shown.models[0].model_copy(update={"id": "other"})
    more = pd.concat([shown.categories, shown.categories.assign(model="other", category="deprived")])
    table = categories_table(replace(shown, models=(*shown.models, other), categories=more))
    assert len(table) == 48
    own = table.loc[table["model"] == "other"]
    assert set(own["category_label"]) == {"Udsat"} and own["safety_points"].isna().all()


def test_bad_files_are_told_with_row_and_column(tmp_path: Path, small_shown: Maker) -> None:
    write_categories_csv(small_shown(), tmp_path / "c.csv")
    lines = (tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()
    lines[3] = lines[3].replace(";1220;", ";twelve;")
    (tmp_path / "c.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_categories_csv(tmp_path / "c.csv")
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (4, "residents") and "twelve" not in str(problem)
    (tmp_path / "d.csv").write_text("a;b\n1;2;3\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_categories_csv(tmp_path / "d.csv")
    assert len(caught.value.problems) == 14


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(1.7976931348623157e308)
def test_numbers_read_back_to_the_same_bits(number: float) -> None:
    text = exact_decimal(number)
    assert float(text) == number and "e" not in text
