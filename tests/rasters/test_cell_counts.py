"""Counts of cells on other areas: by homes, by dwellings, by addresses, by ground; the parts add up to the cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import polars as pl
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.indicators.counting.raw_counts import STATUSES, no_counts
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.locate.labels import label_addresses
from geo_bosoc.rasters.cell_counts import CellAreas, CellCounts, Homes, share_cells

WEST, SOUTH = 574_900, 6_223_600
CELLS = ["100m_62236_5749", "100m_62236_5750"]
SUM = Side(register_name="cells", sum="n")


def row(cell: str, numerator: int, base: int, unknown: int = 0, **changed: Any) -> dict[str, Any]:
    cells = {"area_id": cell, "period": "2024", "indicator": "share", "side": "both", "status": "ok"}
    return {**cells, "numerator": numerator, "denominator": base, "unknown": unknown, **changed}


def raw(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    types = {name: pl.String if dtype == STATUSES else dtype for name, dtype in no_counts().schema.items()}
    return pl.DataFrame(rows, schema=types).cast({"status": STATUSES, "side": no_counts().schema["side"]})


def areas(**corners: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Rectangles, in metres from the first cell's corner."""
    shapes = [
        shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)
        for west, south, east, north in corners.values()
    ]
    return gpd.GeoDataFrame({"area_id": list(corners)}, geometry=shapes, crs=25832)


LEFT_AND_RIGHT = areas(left=(0, 0, 50, 100), right=(50, 0, 200, 100))


def homes(method: str, *points: tuple[float, float, int], period: str | None = None) -> Homes:
    """Points with weights, in metres from the first cell's corner."""
    table = pl.DataFrame(
        {
            "address_id": [str(number) for number in range(len(points))],
            "x": [WEST + x for x, _, _ in points],
            "y": [SOUTH + y for _, y, _ in points],
            "weight": [weight for _, _, weight in points],
        }
    )
    labels = label_addresses(table.drop("weight"), LEFT_AND_RIGHT)
    placed = table.join(labels.points, on="address_id").with_columns(
        pl.lit(period, pl.String).alias("period")
    )
    return Homes(method, placed.select("x", "y", "label", "period", "weight"), labels)


def figures(counts: CellCounts, target: str = "areas") -> dict[str, tuple[int, int, int, str]]:
    frame = counts.raw[target].select(
        pl.col("area_id").cast(pl.String),
        "numerator",
        "denominator",
        "unknown",
        pl.col("status").cast(pl.String),
    )
    return {name: tuple(numbers) for name, *numbers in frame.iter_rows()}  # type: ignore[misc]


def methods(counts: CellCounts) -> dict[str, str]:
    return dict(zip(counts.methods["area_id"], counts.methods["method"], strict=True))


def test_by_ground_where_there_are_no_homes() -> None:
    counts = share_cells(raw([row(CELLS[0], 5, 11, 1), row(CELLS[1], 2, 4)]), [], CellAreas(LEFT_AND_RIGHT))
    assert figures(counts) == {"left": (3, 6, 1, "ok"), "right": (4, 9, 0, "ok")}
    assert figures(counts, "@areas") == {"@areas": (7, 15, 1, "ok")} and "@municipality" not in counts.raw
    assert methods(counts) == {"left": "area", "right": "area"}


def test_by_residents_then_dwellings_then_addresses_then_ground() -> None:
    cell = raw([row(CELLS[0], 10, 100)])
    residents = homes("residents", (10, 50, 1), (60, 50, 3))
    dwellings = homes("dwellings", (10, 50, 1), (60, 50, 1))
    addresses = homes("addresses", (10, 50, 4), (60, 50, 1))
    elsewhere = homes("residents", (150, 50, 9))
    place = CellAreas(LEFT_AND_RIGHT)
    for sources, left, method in (
        ([residents, dwellings, addresses], 25, "residents"),
        ([elsewhere, dwellings, addresses], 50, "dwellings"),
        ([elsewhere, addresses], 80, "addresses"),
        ([elsewhere], 50, "area"),
    ):
        counts = share_cells(cell, sources, place)
        assert figures(counts)["left"][1] == left and methods(counts)["left"] == method
        assert figures(counts)["left"][1] + figures(counts)["right"][1] == 100


def test_a_cell_in_one_area_is_no_matter_of_weights() -> None:
    counts = share_cells(raw([row(CELLS[1], 2, 4)]), [], CellAreas(LEFT_AND_RIGHT))
    assert figures(counts) == {"right": (2, 4, 0, "ok")} and methods(counts) == {"right": "undivided"}


def test_a_withheld_cell_leaves_the_areas_of_its_homes_without_a_figure() -> None:
    rows = [row(CELLS[0], 0, 0, status="protected"), row(CELLS[1], 2, 4)]
    only_left = homes("residents", (10, 50, 3), (150, 50, 9))
    counts = share_cells(raw(rows), [only_left], CellAreas(LEFT_AND_RIGHT))
    assert [figures(counts)[area][3] for area in ("left", "right")] == ["protected", "ok"]
    assert (
        figures(counts)["right"] == (2, 4, 0, "ok") and figures(counts, "@areas")["@areas"][3] == "protected"
    )
    by_ground = figures(share_cells(raw(rows), [], CellAreas(LEFT_AND_RIGHT)))
    assert {figure[3] for figure in by_ground.values()} == {"protected"}


def test_the_municipality_is_the_tables_row_or_what_lies_inside_its_outline() -> None:
    outline = areas(town=(0, 0, 150, 100))
    rows = [row(CELLS[0], 5, 10), row(CELLS[1], 2, 4)]
    counts = share_cells(raw(rows), [], CellAreas(LEFT_AND_RIGHT, outline))
    assert figures(counts, "@municipality") == {"@municipality": (6, 12, 0, "ok")}
    counts = share_cells(raw([*rows, row("@municipality", 8, 20)]), [], CellAreas(LEFT_AND_RIGHT, outline))
    assert figures(counts, "@municipality") == {"@municipality": (8, 20, 0, "ok")}


def test_totals_and_footnotes_are_no_cells() -> None:
    counts = share_cells(raw([row(CELLS[1], 2, 4), row("I alt", 99, 99)]), [], CellAreas(LEFT_AND_RIGHT))
    assert figures(counts) == {"right": (2, 4, 0, "ok")}


def test_overlapping_areas_each_have_their_people_and_all_together_have_them_once() -> None:
    both = areas(one=(0, 0, 100, 100), other=(0, 0, 50, 100))
    counts = share_cells(raw([row(CELLS[0], 5, 10)]), [], CellAreas(both))
    assert figures(counts) == {"one": (5, 10, 0, "ok"), "other": (2, 5, 0, "ok")}
    assert figures(counts, "@areas") == {"@areas": (5, 10, 0, "ok")}


def test_a_percentage_without_its_base_is_not_shared_out() -> None:
    bare = Indicator(id="share", label_da="x", denominator=SUM, numerator=SUM, base_known=False)
    rows = raw([row(CELLS[0], 5, 10), row(CELLS[1], 2, 4)])
    counts = share_cells(rows, [], CellAreas(LEFT_AND_RIGHT), indicators=[bare])
    assert figures(counts)["left"][3] == "missing"


def test_weights_of_the_period_or_the_latest_before_it() -> None:
    earlier, later = (
        homes("residents", point, period=period)
        for point, period in (((10, 5, 1), "2020"), ((60, 5, 1), "2023"))
    )
    together = Homes("residents", pl.concat([earlier.points, later.points]), earlier.labels)
    assert [together.of_period(period)["period"].to_list() for period in ("2019", "2022", "2024")] == [
        ["2020"], ["2020"], ["2023"],
    ]  # fmt: skip


def test_cells_that_the_table_lacks_are_counted() -> None:
    counts = share_cells(
        raw([row(CELLS[0], 1, 2)]), [homes("residents", (10, 5, 1), (150, 5, 2))], CellAreas(LEFT_AND_RIGHT)
    )
    assert counts.absent == 1


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=2),
    st.lists(st.tuples(st.floats(1, 199), st.floats(1, 99), st.integers(0, 30)), min_size=1, max_size=12),
)
def test_parts_add_up_and_nowhere_are_more_met_than_people(
    cells: list[tuple[int, int, int]], points: list[tuple[float, float, int]]
) -> None:
    rows = [
        row(cell, met, met + others + unknown, unknown)
        for cell, (met, others, unknown) in zip(CELLS, cells, strict=False)
    ]
    counts = share_cells(raw(rows), [homes("residents", *points)], CellAreas(LEFT_AND_RIGHT))
    parts = list(figures(counts).values())
    for number, name in enumerate(("numerator", "denominator", "unknown")):
        assert sum(part[number] for part in parts) == sum(each[name] for each in rows)
    assert all(met + unknown <= base for met, base, unknown, _ in parts)
