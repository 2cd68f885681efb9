"""Areas within areas: what is between them must not be few persons."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import pandas as pd
import polars as pl
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.disclosure.secondary.differences import (
    disjoint_members,
    pairs_by_geometry,
    pairs_by_labels,
    unsafe_differences,
)
from geo_bosoc.locate.labels import Labels, label_addresses
from geo_bosoc.problems import Report

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
NONE = pd.DataFrame(columns=["first", "second"])


def counts(*rows: tuple[str, int, int] | tuple[str, int, int, int]) -> pd.DataFrame:
    cells = [(area, "2024", "i", n, d, *(u or [0])) for area, n, d, *u in rows]
    return pd.DataFrame(cells, columns=COLUMNS)


def within(*pairs: str) -> AreaPairs:
    """Pairs written as "outer inner"."""
    return AreaPairs(pd.DataFrame([pair.split() for pair in pairs], columns=["outer", "inner"]), NONE)


def unsafe(table: pd.DataFrame, pairs: AreaPairs) -> list[str]:
    flags = unsafe_differences(table, pairs, small_cells(table, [], 5))
    return ["".join(name[0] for name in flags.columns if row[name]) for _, row in flags.iterrows()]


def test_two_areas_that_differ_by_a_house() -> None:
    assert unsafe(counts(("a", 23, 203), ("b", 20, 200)), within("a b")) == ["nud", ""]
    assert unsafe(counts(("a", 23, 230), ("b", 20, 200)), within("a b")) == ["nu", ""]
    assert unsafe(counts(("a", 48, 230), ("b", 20, 200)), within("a b")) == ["nu", ""]  # all but two
    assert unsafe(counts(("a", 30, 230), ("b", 20, 200)), within("a b")) == ["", ""]
    assert unsafe(counts(("a", 20, 230), ("b", 20, 200)), within("a b")) == ["", ""]  # none is shown
    assert unsafe(counts(("a", 30, 230, 9), ("b", 20, 200, 6)), within("a b")) == ["u", ""]
    # the figure of b is suppressed; the bases differ by three persons all the same
    assert unsafe(counts(("a", 9, 203), ("b", 4, 200)), within("a b")) == ["nud", ""]


def test_of_a_chain_the_largest_goes_first() -> None:
    table = counts(("a", 26, 260), ("b", 23, 230), ("c", 20, 200))
    assert unsafe(table, within("a b", "b c", "a c")) == ["nu", "nu", ""]


def test_an_area_less_several_within_it() -> None:
    table = counts(("town", 33, 310), ("b", 20, 150), ("c", 10, 100))
    assert unsafe(table, within("town b", "town c")) == ["nu", "", ""]  # three of 60
    table = counts(("town", 40, 310), ("b", 20, 150), ("c", 10, 100))
    assert unsafe(table, within("town b", "town c")) == ["", "", ""]
    # c is suppressed, and with nobody else left it would be the difference
    table = counts(("town", 23, 250), ("b", 20, 150), ("c", 3, 100))
    assert unsafe(table, within("town b", "town c")) == ["nu", "", ""]


def test_members_do_not_overlap() -> None:
    pairs = within("town quarter", "town estate", "quarter estate", "town b", "town c")
    overlaps = pd.DataFrame({"first": ["b"], "second": ["c"]})
    assert disjoint_members(AreaPairs(pairs.containments, overlaps)) == {
        "quarter": ["estate"], "town": ["b", "quarter"],
    }  # fmt: skip
    assert disjoint_members(within("a b", "b a", "b c", "a c")) == {"a": ["c"], "b": ["c"]}


def squares() -> gpd.GeoDataFrame:
    boxes = {
        "estate": shapely.box(0, 0, 100, 100),
        "island": shapely.box(900, 900, 950, 950),
        "street": shapely.box(50, 50, 150, 150),
        "town": shapely.box(0, 0, 500, 500),
    }
    return gpd.GeoDataFrame({"area_id": list(boxes)}, geometry=list(boxes.values()), crs=25832)


def test_pairs_by_labels_and_by_geometry() -> None:
    xy = [(10, 10), (60, 60), (120, 120), (400, 400), (910, 910)]
    addresses = pl.DataFrame(
        {
            "address_id": [str(i) for i in range(5)],
            "x": [float(x) for x, _ in xy],
            "y": [float(y) for _, y in xy],
        }
    )
    labels = label_addresses(addresses, squares(), report=Report())
    for pairs in (
        pairs_by_labels(labels),
        pairs_by_labels({"a": labels, "b": labels}),
        pairs_by_geometry(squares()),
    ):
        assert pairs.containments.values.tolist() == [["town", "estate"], ["town", "street"]]
        assert pairs.overlaps.values.tolist() == [["estate", "street"]]
    # without the address that only the street has, the estate contains it
    labels = label_addresses(addresses.filter(pl.col("address_id") != "2"), squares(), report=Report())
    assert ["estate", "street"] in pairs_by_labels(labels).containments.values.tolist()


def test_pairs_by_period() -> None:
    points = pl.DataFrame({"key": ["1", "1", "2"], "period": ["2023", "2024", "2024"], "label": [2, 2, 3]})
    areas = pl.DataFrame({"label": [2, 2, 3], "area_id": ["a", "b", "b"]})
    pairs = pairs_by_labels(Labels(("key", "period"), points, pl.DataFrame(), areas))
    assert pairs.containments.values.tolist() == [["a", "b", "2023"], ["b", "a", "2023"], ["b", "a", "2024"]]
    table = pd.concat(
        [counts(("a", 20, 200), ("b", 23, 240)), counts(("a", 20, 200), ("b", 23, 240)).assign(period="2023")]
    )
    table = table.reset_index(drop=True)
    flags = unsafe_differences(table, pairs, small_cells(table, [], 5))
    assert flags["numerator"].tolist() == [False, True, False, True]


def test_releases_are_areas_under_other_ids() -> None:
    table = counts(("a", 23, 203), ("2023/a", 20, 200))
    assert unsafe(table, within("a 2023/a")) == ["nud", ""]


@given(st.integers(5, 9), st.integers(5, 9), st.integers(1, 7))
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_differences_that_are_published_alike_keep_the_promise(first: int, second: int, rest: int) -> None:
    """A town of two estates and some others: every outcome is a period."""
    worlds = list(product(range(first + 1), range(second + 1), range(rest + 1)))
    rows = []
    for number, (a, b, others) in enumerate(worlds):
        period = f"{number:05}"
        rows += [("a", period, "i", a, first, 0), ("b", period, "i", b, second, 0)]
        rows.append(("town", period, "i", a + b + others, first + second + rest, 0))
    table = pd.DataFrame(rows, columns=COLUMNS)
    hidden = small_cells(table, [], 5)
    hidden |= unsafe_differences(table, within("town a", "town b"), hidden)["numerator"]
    shown = [tuple(values) for values in table["numerator"].where(~hidden, -1).to_numpy().reshape(-1, 3)]
    left: dict[tuple[tuple[int, ...], int], set[int]] = {}
    for seen, world in zip(shown, worlds, strict=True):
        for position, count in enumerate(world):
            left.setdefault((seen, position), set()).add(count)
    for seen, world in zip(shown, worlds, strict=True):
        for position, (count, base) in enumerate(zip(world, (first, second, rest), strict=True)):
            sides = [side for side in (range(1, 5), range(base - 4, base)) if count in side and base >= 5]
            if sides:
                assert any(set(side) <= left[seen, position] for side in sides), (seen, world)
