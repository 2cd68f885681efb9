"""Counts of an earlier year's areas on the boundaries of another year: exact where they can be, to the last person."""

from __future__ import annotations

import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

import geo_bosoc as gb
from geo_bosoc.follow_up.recount import recount
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.locate.apportion import apportion
from geo_bosoc.problems import InputError

NUMBERS = ["numerator", "denominator", "unknown"]
DATA = os.environ.get("GEO_BOSOC_DATA") or None


def squares(**corners: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    shapes = [box(*corner) for corner in corners.values()]
    return gpd.GeoDataFrame({"area_id": list(corners), "name": list(corners)}, geometry=shapes, crs=25832)


def counts_of(**figures: tuple[int | None, int | None, int | None]) -> pd.DataFrame:
    rows = [(area, "2019", "idle", *numbers, "ok") for area, numbers in figures.items()]
    frame = pd.DataFrame(rows, columns=["area_id", "period", "indicator", *NUMBERS, "status"])
    return frame.astype(dict.fromkeys(NUMBERS, "Int64"))


OLD = squares(a=(0, 0, 100, 100), b=(100, 0, 200, 100))
LATER = squares(west=(0, 0, 50, 100), east=(50, 0, 200, 100))
MEAN = Indicator(id="idle", denominator=Side(), mean_of="absence", unit="mean", label_da="Fravær")


def by_area(frame: pd.DataFrame, *columns: str) -> dict[str, list[object]]:
    rows = frame[["area_id", *columns]].itertuples(index=False, name=None)
    return {area: [None if pd.isna(cell) else cell for cell in cells] for area, *cells in rows}


def test_dwellings_come_before_square_metres() -> None:
    """Three of the four dwellings of a stand in its eastern half; b lies in the new area whole."""
    homes = pd.DataFrame({"x": [10.0, 60.0, 70.0, 80.0, 150.0], "y": 50.0})
    counts = counts_of(a=(20, 80, 4), b=(5, 30, 0))
    assert by_area(recount(counts, OLD, LATER, dwellings=homes).counts, *NUMBERS, "method") == {
        "west": [5, 20, 1, "dwellings"],
        "east": [20, 90, 3, "dwellings"],
    }
    assert by_area(recount(counts, OLD, LATER).counts, *NUMBERS, "method") == {
        "west": [10, 40, 2, "area"],
        "east": [15, 70, 2, "area"],
    }


def test_dwellings_at_one_address_weigh_as_many() -> None:
    homes = pd.DataFrame({"x": [10.0, 60.0, 150.0], "y": 50.0, "dwellings": [1, 9, 3]})
    assert by_area(
        recount(counts_of(a=(10, 100, 0), b=(0, 0, 0)), OLD, LATER, dwellings=homes).counts, *NUMBERS
    ) == {
        "west": [1, 10, 0],
        "east": [9, 90, 0],
    }


def test_areas_that_were_merged_are_the_sum_and_nothing_is_assumed() -> None:
    merged = squares(ab=(0, 0, 200, 100))
    result = recount(counts_of(a=(7, 33, 1), b=(8, 44, 2)), OLD, merged)
    assert by_area(result.counts, *NUMBERS, "method", "status") == {"ab": [15, 77, 3, "undivided", "ok"]}
    assert result.outside.empty


def test_who_lives_in_none_of_the_later_areas_is_outside() -> None:
    later = squares(west=(0, 0, 50, 100))
    result = recount(counts_of(a=(11, 101, 0), b=(3, 9, 0)), OLD, later)
    assert by_area(result.counts, *NUMBERS) == {"west": [5, 50, 0]}
    assert by_area(result.outside, *NUMBERS, "method") == {
        "a": [6, 51, 0, "area"],
        "b": [3, 9, 0, "undivided"],
    }


def test_a_later_area_that_reaches_beyond_the_earlier_ones_is_not_counted_short() -> None:
    later = squares(wide=(50, 0, 400, 100))
    counts = counts_of(a=(10, 50, 0), b=(10, 50, 0))
    assert by_area(recount(counts, OLD, later).counts, "denominator", "status", "reason") == {
        "wide": [None, "missing", "not_covered"]
    }
    homes = pd.DataFrame({"x": [10.0, 60.0, 150.0, 390.0], "y": 50.0})
    assert recount(counts, OLD, later, dwellings=homes).counts["reason"].tolist() == ["not_covered"]
    assert recount(counts, OLD, later, dwellings=homes[:3]).counts["denominator"].tolist() == [75]


def test_means_are_never_interpolated_but_whole_areas_add_up() -> None:
    counts = counts_of(a=(700, 100, 0), b=(300, 50, 0))
    split = recount(counts, OLD, LATER, indicators=[MEAN]).counts
    assert by_area(split, "numerator", "status", "reason") == {
        "west": [None, "missing", "mean"],
        "east": [None, "missing", "mean"],
    }
    merged = recount(counts, OLD, squares(ab=(0, 0, 200, 100)), indicators=[MEAN]).counts
    assert by_area(merged, *NUMBERS) == {"ab": [1000, 150, 0]}


def test_percentages_without_base_can_not_even_be_added_up() -> None:
    bare = MEAN.model_copy(update={"mean_of": None, "unit": "percent", "base_known": False})
    merged = recount(
        counts_of(a=(3, 10, 0), b=(4, 10, 0)), OLD, squares(ab=(0, 0, 200, 100)), indicators=[bare]
    )
    assert by_area(merged.counts, "numerator", "reason") == {"ab": [None, "no_base"]}


def test_what_is_withheld_or_not_there_leaves_no_figure_in_its_place() -> None:
    counts = counts_of(a=(None, 40, None), b=(9, 60, 0))
    counts.loc[0, "status"] = "protected"
    result = by_area(recount(counts, OLD, LATER).counts, "numerator", "denominator", "status")
    assert result == {"west": [None, None, "protected"], "east": [None, None, "protected"]}
    only_a = recount(counts_of(a=(5, 40, 0)), OLD, LATER).counts
    assert by_area(only_a, "denominator", "status") == {"west": [20, "ok"], "east": [None, "missing"]}


def test_the_municipality_stays_as_it_was() -> None:
    counts = pd.concat([counts_of(a=(5, 40, 0), b=(9, 60, 0)), counts_of(**{"@municipality": (50, 400, 3)})])
    last = recount(counts, OLD, LATER).counts.iloc[-1]
    assert (last["area_id"], last["denominator"], last["method"]) == ("@municipality", 400, "undivided")


def test_overlapping_earlier_areas_would_count_twice() -> None:
    with pytest.raises(InputError, match="earlier areas overlap"):
        recount(counts_of(a=(1, 9, 0)), squares(a=(0, 0, 100, 100), c=(50, 0, 150, 100)), LATER)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=9))
def test_whole_parts_add_up_and_are_within_one_of_their_share(total: int, weights: list[int]) -> None:
    if not sum(weights):
        with pytest.raises(ValueError, match="more than nothing"):
            apportion(total, weights)
        return
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )


def figures_of(residents: int) -> st.SearchStrategy[tuple[int, int, int]]:
    return st.integers(0, residents).flatmap(
        lambda unknown: st.tuples(st.integers(0, residents - unknown), st.just(residents), st.just(unknown))
    )


FIGURE = st.integers(0, 40).flatmap(figures_of)


@given(
    figures=st.lists(FIGURE, min_size=4, max_size=4),
    cuts=st.lists(st.integers(5, 195), min_size=1, max_size=4, unique=True),
    homes=st.lists(st.tuples(st.integers(1, 199), st.integers(1, 199)), max_size=12),
    reach=st.integers(20, 200),
)
def test_recounting_keeps_every_person(
    figures: list[tuple[int, int, int]], cuts: list[int], homes: list[tuple[int, int]], reach: int
) -> None:
    """Four squares, cut anew: what the new areas have and what lies outside is the register, whatever the way."""
    old = squares(a=(0, 0, 100, 100), b=(100, 0, 200, 100), c=(0, 100, 100, 200), d=(100, 100, 200, 200))
    edges = [0, *sorted(cuts), 200]
    later = squares(**{f"n{n}": (edges[n], 0, edges[n + 1], reach) for n in range(len(edges) - 1)})
    points = pd.DataFrame({"x": [x + 0.5 for x, _ in homes], "y": [y + 0.5 for _, y in homes]}, dtype=float)
    counts = counts_of(**dict(zip("abcd", figures, strict=True)))
    result = recount(counts, old, later, dwellings=points)
    assert (result.counts["status"] == "ok").all()
    together = pd.concat([result.counts, result.outside])
    assert together[NUMBERS].sum().tolist() == counts[NUMBERS].sum().tolist()
    assert (together["numerator"] <= together["denominator"] - together["unknown"]).all()


def test_addresses_are_counted_on_any_boundaries_exactly() -> None:
    """A run counts each year's register on today's boundaries: nothing is shared out, and no one is lost."""
    draw = np.random.default_rng(7)
    addresses = pl.DataFrame(
        {
            "address_id": [f"a{n}" for n in range(300)],
            "x": draw.uniform(0, 200, 300),
            "y": draw.uniform(0, 100, 300),
        }
    )
    persons = pl.LazyFrame(
        {
            "person_id": [f"p{n}" for n in range(900)],
            "address_id": [f"a{n % 300}" for n in range(900)],
            "period": ["2019" if n < 450 else "2024" for n in range(900)],
            "age": draw.integers(0, 90, 900),
        }
    )
    young = Indicator(id="young", label_da="Unge", denominator=Side(), numerator=Side(where="age < 25"))
    exact = {}
    for name, areas in (("old", OLD), ("later", LATER)):
        labels = gb.label_addresses(addresses, areas)
        exact[name] = gb.count_indicators({"persons": persons}, [young], labels=labels, areas=areas)
    in_areas = {name: counts[~counts["area_id"].str.startswith("@")] for name, counts in exact.items()}
    sums = [counts.groupby("period")[NUMBERS].sum() for counts in in_areas.values()]
    pd.testing.assert_frame_equal(*sums)
    located = addresses.to_pandas() if hasattr(addresses, "to_pandas") else addresses
    homes = pd.DataFrame({name: located[name].to_numpy() for name in ("x", "y")})
    shared = recount(in_areas["old"], OLD, LATER, dwellings=homes).counts
    both = shared.merge(in_areas["later"], on=["area_id", "period", "indicator"], suffixes=("", "_exact"))
    assert len(both) == 4
    assert (both["denominator"] - both["denominator_exact"]).abs().max() < 20
    assert shared.groupby("period")["denominator"].sum().tolist() == sums[0]["denominator"].tolist()


@pytest.mark.skipif(DATA is None, reason="GEO_BOSOC_DATA is not set: Frederiksberg's tables are not here")
def test_frederiksbergs_blocks_and_cells() -> None:
    """The blocks' residents on the cells' boundaries: every quarter is kept to the last person, and lies within 90 of
    the cells' own table, as the sources do."""
    folder = Path(str(DATA)) / "registers" / "frederiksberg"
    blocks, cells = (
        gpd.read_file(folder / f"{name}_4326.geojson")
        .to_crs(25832)
        .rename(columns={"distrikt_id": "area_id"})
        for name in ("karre", "kvadratnet")
    )
    rows = pd.DataFrame(json.loads((folder / "befolkning_18_64.json").read_text(encoding="utf-8")))
    keys = {"distrikt_id": "area_id", "antal_samlet": "denominator", "antal": "numerator"}
    counts = rows.rename(columns=keys).assign(indicator="adults", unknown=0, status="ok")
    counts["period"] = counts["udtraek_dato"].str[:7]
    of_blocks, of_cells = counts[counts["type_id"] == 12], counts[counts["type_id"] == 11]
    result = recount(of_blocks, blocks, cells, exhaustive=True)
    assert (result.counts["status"] == "ok").all()
    sums = [
        frame.groupby("period")[["numerator", "denominator"]].sum().astype("int64")
        for frame in (of_blocks, pd.concat([result.counts, result.outside]), of_cells)
    ]
    pd.testing.assert_frame_equal(*sums[:2])
    apart = (sums[2] - sums[1])["denominator"]
    assert apart.between(85, 90).all()
    assert set(apart) == {85, 86, 89, 90}
    assert result.outside["denominator"].sum() == 0
