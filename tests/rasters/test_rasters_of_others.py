"""Rasters that others made: Frederiksberg's population against its table and exactextract, and odd files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from test_zonal_counts import areas_of, box_of, counts, mean, share, total, values

from geo_bosoc.problems import InputError, Report

DATA = Path(os.environ.get("GEO_BOSOC_DATA", ""))
ODD = DATA / "rasters" / "odd"
POPULATION = DATA / "rasters" / "frederiksberg_population_100m.tif"
pytestmark = pytest.mark.skipif("GEO_BOSOC_DATA" not in os.environ, reason="GEO_BOSOC_DATA is unset")


@pytest.fixture(scope="module")
def blocks() -> gpd.GeoDataFrame:
    """The 362 blocks (karréer)."""
    layer = gpd.read_file(DATA / "registers" / "frederiksberg" / "karre_4326.geojson")
    return layer.to_crs(25832).rename(columns={"distrikt_id": "area_id"})


def cells_with_people() -> list[shapely.Polygon]:
    """The raster's cells that have a value, as squares."""
    with rasterio.open(POPULATION) as file:
        rows, columns = np.nonzero(file.read(1) != file.nodata)
        transform = file.transform
    return [box_of(transform, x, y, x + 1, y + 1) for x, y in zip(columns, rows, strict=True)]


def test_over_the_outline_of_its_own_cells_nobody_is_lost() -> None:
    cells = cells_with_people()
    assert len(cells) == 956
    assert values(counts(POPULATION, areas_of(shapely.union_all(cells)), total()), "total") == [101_168]
    by_cell = counts(POPULATION, areas_of(*cells), total())
    assert sum(values(by_cell, "total")) == by_cell.loc[("@areas", "total"), "value"] == 101_168


def test_over_the_blocks_it_is_what_exactextract_gives_and_not_the_table(blocks: gpd.GeoDataFrame) -> None:
    report = Report()
    table = counts(POPULATION, blocks, total(), report=report)
    by_block = table.xs("total", level="indicator")["value"].astype(float).loc[blocks["area_id"]]
    by_hand = exactextract.exact_extract(str(POPULATION), blocks, ["sum"], output="pandas")["sum"]
    np.testing.assert_allclose(by_block, by_hand, atol=0.01)
    assert round(by_block.sum()) == round(by_hand.sum()) == 75_363
    rows = json.loads(
        (DATA / "registers" / "frederiksberg" / "befolkning_alle.json").read_text(encoding="utf-8")
    )
    people = pd.DataFrame(rows)
    first = people[(people["type_id"] == 12) & (people["udtraek_dato"] == "2012-10-02")]
    assert first["antal_samlet"].sum() == 101_079
    warnings = [problem for problem in report.problems if problem.level == "warning"]
    assert [each.message.split(":")[0] for each in warnings] == [
        "a raster of counts is coarser than the areas"
    ]


@pytest.mark.parametrize("rule", ["exact", "centre"])
@pytest.mark.parametrize(
    ("name", "crs", "band", "average", "unknown"),
    [
        ("byte.tif", None, None, 50_706 / 400, 0),
        ("float_nan.tif", "EPSG:25832", None, 0.85 / 5, 1 / 6),
        ("float_raster_with_nodata.tif", None, None, 0.75 / 98, 58 / 156),
        ("rotated.tif", "EPSG:25832", None, 74.5, 0),
    ],
)
def test_odd_files_give_the_right_figure(
    rule: str, name: str, crs: str | None, band: int | None, average: float, unknown: float
) -> None:
    with rasterio.open(ODD / name) as file:
        outline = box_of(file.transform, 0, 0, file.width, file.height)
        file_crs = crs or file.crs
    area = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[shapely.segmentize(outline, 50)], crs=file_crs)
    fields = {"rule": rule, **({"crs": crs} if crs else {}), **({"band": band} if band else {})}
    table = counts(ODD / name, area, mean(scale=1_000_000), **fields)
    row = table.loc[("a", "mean")]
    assert row["value"] == pytest.approx(average, rel=1e-4)
    assert row["unknown"] / row["denominator"] == pytest.approx(unknown, abs=1e-4)


def test_a_raster_without_any_data_gives_no_figure() -> None:
    with rasterio.open(ODD / "all-nodata.tif") as file:
        outline = box_of(file.transform, 0, 0, 20, 20)
        area = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[outline], crs=file.crs)
    table = counts(ODD / "all-nodata.tif", area, share("value > 0"), band=1)
    row = table.loc[("a", "share")]
    assert row["status"] == "no_base" and row["unknown"] == row["denominator"] > 0


@pytest.mark.parametrize(
    ("name", "fields", "text"),
    [
        ("all-nodata.tif", {}, "several bands, and none is named"),
        ("float_nan.tif", {}, "does not say which coordinate system"),
        ("rotated.tif", {}, "does not say which coordinate system"),
        ("corrupt.tif", {"band": 1}, "a part of the raster is damaged"),
        ("byte.tif", {"crs": "EPSG:25832"}, "covers none of the areas"),
    ],
)
def test_odd_files_give_one_clear_error(name: str, fields: dict[str, object], text: str) -> None:
    with rasterio.open(ODD / name) as file:
        if file.crs is None or "crs" in fields:
            area = areas_of(shapely.box(575_000, 6_220_000, 575_100, 6_220_100))
        else:
            outline = box_of(file.transform, 0, 0, file.width, file.height)
            area = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[outline], crs=file.crs)
    with pytest.raises(InputError, match=text) as error:
        counts(ODD / name, area, mean(), **fields)
    assert len(error.value.problems) == 1
