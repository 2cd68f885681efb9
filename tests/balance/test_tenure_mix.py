"""Tenure and type mix: hand-counted figures, bounds without and with an estate list, residents by tenure."""

from __future__ import annotations

from itertools import product

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.balance import (
    family_counts,
    load_codes,
    residents_by_tenure,
    tenure_mix,
)
from geo_bosoc.problems import InputError, Report

LOCATED = pl.DataFrame({"address_id": ["a", "b", "b", "c"], "area_id": ["1", "1", "2", "2"]})


def dwellings(*rows: tuple[object, ...]) -> pl.LazyFrame:
    names = ["address_id", "bbr_ownership", "bbr_use", "m2", "built", "dwelling_type", "estate_id"]
    kinds = dict(
        zip(names, [pl.String, pl.Int64, pl.Int64, pl.Int64, pl.Int64, pl.String, pl.String], strict=True)
    )
    padded = [(*row, *[None] * (len(names) - len(row))) for row in rows]
    frame = pl.DataFrame(padded, schema=kinds, orient="row")
    return frame.with_columns(
        pl.lit("2024").alias("period"), pl.Series("dwelling_id", [f"D{i}" for i in range(len(rows))])
    ).lazy()


def cell(mix: pd.DataFrame, area: str, category: str, dimension: str = "tenure") -> tuple[object, int, int]:
    row = mix[
        (mix["area_id"] == area) & (mix["category"] == category) & (mix["dimension"] == dimension)
    ].iloc[0]
    count = None if pd.isna(row["dwellings"]) else int(row["dwellings"])
    return count, int(row["low"]), int(row["high"])


def test_codes_become_tenures_sizes_years_and_uses() -> None:
    rows = dwellings(
        ("a", 20, 140, 75, 1968, "family"),
        ("a", 10, 120, 140, 1925, "ordinary"),
        ("a", 10, 140, 39, 1899, "ordinary"),
        ("b", 41, 131, 40, 2010, "ordinary"),
        ("b", 90, 140, 60, 1970, "ordinary"),
        ("c", 30, 140, None, None, "ordinary"),
        ("nowhere", 80, 190, 100, 2000, "ordinary"),
    )
    report = Report()
    mix = tenure_mix(rows, located=LOCATED, report=report)
    assert cell(mix, "1", "social") == (1, 1, 1)
    assert cell(mix, "1", "owner_occupied") == (2, 2, 2)  # the house and the flat of code 90
    assert cell(mix, "1", "private_rental") == (1, 1, 1)  # a private person's flat
    assert cell(mix, "2", "private_rental") == (1, 1, 1)
    assert cell(mix, "1", "cooperative") == cell(mix, "2", "cooperative") == (1, 1, 1)  # b lies in both areas
    assert cell(mix, "@municipality", "cooperative") == (1, 1, 1)  # and counts once in the whole
    assert cell(mix, "@municipality", "public") == (1, 1, 1)
    assert cell(mix, "1", "40-59", "size")[0] == 1 and cell(mix, "1", "1-39", "size")[0] == 1
    assert cell(mix, "2", "unknown", "size")[0] == 1 and cell(mix, "2", "unknown", "built")[0] == 1
    assert cell(mix, "1", "1000-1899", "built")[0] == 1 and cell(mix, "1", "2010+", "built")[0] == 1
    assert cell(mix, "1", "family", "kind") == (1, 1, 1)
    facts = report.facts["tenure_mix"]["periods"]["2024"]
    assert facts["dwellings"] == 7 and facts["in_no_area"] == 1 and facts["size_unknown"] == 1
    assert mix.dtypes["low"] == "int64" and str(mix.dtypes["dwellings"]) == "Int64"


def test_letting_tells_private_renting_from_owning() -> None:
    rows = dwellings(("a", 10, 120, 90, 1950), ("a", 10, 140, 90, 1950), ("a", 90, 140, 90, 1950))
    let = rows.with_columns(pl.Series("letting", [1, 2, 1]))
    mix = tenure_mix(let, located=LOCATED)
    assert cell(mix, "1", "private_rental")[0] == 2 and cell(mix, "1", "owner_occupied")[0] == 1


def test_without_an_estate_list_family_dwellings_lie_between_bounds() -> None:
    rows = dwellings(
        *[("a", 20, 140, 70, 1970)] * 6, *[("a", 50, 140, 60, 1990)] * 3, ("a", 99, 140, 60, 1990)
    )
    mix = tenure_mix(rows.drop("dwelling_type", "estate_id"), located=LOCATED, areas=["1", "2"])
    assert cell(mix, "1", "family", "kind") == (None, 0, 7)  # the six of code 20 and the unknown one
    assert cell(mix, "1", "elderly", "kind") == (None, 0, 10)
    assert cell(mix, "1", "social") == (6, 6, 10)
    assert cell(mix, "1", "public") == (3, 0, 4)
    assert cell(mix, "1", "cooperative") == (0, 0, 1)
    assert cell(mix, "2", "cooperative") == (0, 0, 0)
    counts = family_counts(mix).set_index("area_id")
    assert counts.loc["1", "dwellings"] == 10 and pd.isna(counts.loc["1", "family"])
    assert counts.loc["1", "family_low"] == 0 and counts.loc["1", "family_high"] == 7


def test_the_estate_list_settles_what_it_can() -> None:
    rows = dwellings(
        *[("a", 20, 140, 70, 1970, None, "E1")] * 4,
        *[("c", 20, 140, 70, 1970, None, "E1")] * 2,
        *[("c", 50, 140, 50, 1990, None, "E2")] * 3,
    )
    estates = pd.DataFrame(
        {"estate_id": ["E1", "E2"], "family": [5, 0], "youth": [1, 0], "elderly": [0, 3], "care": [0, 0]}
    )
    mix = tenure_mix(rows, estates, located=LOCATED)
    assert cell(mix, "1", "family", "kind") == (None, 3, 4)  # at most one of the four is the youth dwelling
    assert cell(mix, "2", "family", "kind") == (None, 1, 2)
    assert cell(mix, "@municipality", "family", "kind") == (5, 5, 5)
    assert cell(mix, "2", "elderly", "kind") == (3, 3, 3)  # the municipality's own, known by the list


def test_a_private_dwelling_in_the_list_stays_private_and_is_told() -> None:
    report = Report()
    mix = tenure_mix(dwellings(("a", 10, 131, 80, 1980, "family")), located=LOCATED, report=report)
    assert cell(mix, "1", "owner_occupied")[0] == 1 and cell(mix, "1", "family", "kind") == (0, 0, 0)
    assert any("privately owned" in str(problem) for problem in report.warnings)


def test_institutions_count_only_where_the_list_knows_them() -> None:
    rows = dwellings(("a", 50, 160, 30, 1990, "care"), ("a", 50, 160, 30, 1990, "ordinary"))
    report = Report()
    mix = tenure_mix(rows, located=LOCATED, report=report)
    assert cell(mix, "1", "care", "kind") == (1, 1, 1) and cell(mix, "1", "social")[0] == 1
    assert report.facts["tenure_mix"]["periods"]["2024"]["left_out_as_institution"] == 1


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        tenure_mix(
            pl.LazyFrame({"address_id": ["a"], "m2": [1]}),
            pd.DataFrame({"estate_id": ["x"]}),
            located=LOCATED,
        )
    told = str(caught.value)
    assert all(name in told for name in ("bbr_use", "bbr_ownership", "built", "family", "estate_id"))


def test_a_code_list_of_another_time_is_told(tmp_path) -> None:
    codes = load_codes()
    report = Report()
    rows = dwellings(("a", 20, 140, 70, 1970)).with_columns(pl.lit("2010").alias("period"))
    tenure_mix(rows, None, codes, located=LOCATED, report=report)
    assert any("does not describe 2010" in str(problem) for problem in report.warnings)
    file = tmp_path / "wrong.toml"
    file.write_text('id = "x"\nversion = 1\n', encoding="utf-8")
    with pytest.raises(InputError, match="ownership"):
        load_codes(file)


def test_residents_by_tenure_by_dwelling_and_by_address() -> None:
    rows = dwellings(
        ("a", 20, 140, 70, 1970, "family"),
        ("a", 20, 140, 70, 1970, "elderly"),
        ("c", 41, 140, 70, 1970, "ordinary"),
    )
    persons = pl.LazyFrame(
        {
            "address_id": ["a", "a", "a", "c", "z"],
            "dwelling_id": ["D0", "D0", "D1", "D2", None],
            "period": ["2024"] * 5,
        }
    )
    report = Report()
    by_home = residents_by_tenure(persons, rows, located=LOCATED, report=report)
    found = {(r.area_id, r.group): r.residents for r in by_home.itertuples()}
    assert found[("1", "social_family")] == 2 and found[("1", "social_elderly")] == 1
    assert found[("@municipality", "no_dwelling")] == 1 and found[("2", "cooperative")] == 1
    assert report.facts["residents_by_tenure"]["no_dwelling"] == {"2024": 1}
    by_address = residents_by_tenure(persons.drop("dwelling_id"), rows, located=LOCATED)
    told = {(r.area_id, r.group): r.residents for r in by_address.itertuples()}
    assert told[("1", "several")] == 3 and told[("2", "cooperative")] == 1


KINDS = ["family", "youth", "elderly"]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ac"), st.sampled_from(KINDS)), min_size=1, max_size=6),
    st.integers(0, 2),
)
def test_bounds_hold_the_truth_and_are_tight(homes: list[tuple[str, str]], lost: int) -> None:
    """The truth lies within; and each bound is reached by some way of giving the list's kinds to the dwellings."""
    listed = {kind: sum(k == kind for _, k in homes) for kind in KINDS}
    kept = homes[: max(1, len(homes) - lost)]  # the register lacks some of the list's dwellings
    estates = pd.DataFrame({"estate_id": ["E"], **{k: [n] for k, n in listed.items()}, "care": [0]})
    rows = dwellings(*[(address, 20, 140, 70, 1970, None, "E") for address, _ in kept])
    mix = tenure_mix(rows, estates, located=LOCATED, report=Report())
    for area, address in (("1", "a"), ("2", "c")):
        here = [i for i, (at, _) in enumerate(kept) if at == address]
        for kind in KINDS:
            if not here:
                continue
            ways = {
                sum(way[i] == kind for i in here)
                for way in product(KINDS, repeat=len(kept))
                if all(way.count(k) <= n for k, n in listed.items())
            }
            _, low, high = cell(mix, area, kind, "kind")
            assert (low, high) == (min(ways), max(ways))
