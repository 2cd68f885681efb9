"""Cells in areas: closed forms, exactextract run by hand, brute force by small points, whichever way a raster lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio import Affine

from geo_bosoc.indicators import Indicator, Side, count_indicators, indicator_table
from geo_bosoc.indicators.counting.registers import RegisterPart
from geo_bosoc.problems import InputError, Report
from geo_bosoc.rasters.raster_files import coordinates
from geo_bosoc.rasters.zonal.registers import RasterRegister, count_rasters, open_raster_register
from geo_bosoc.rasters.zonal.settings import with_raster_settings
from geo_bosoc.registers.spec import RegisterSpec

WEST, NORTH, CELL = 575_000.0, 6_220_000.0, 10.0
NORTH_UP = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
SOUTH_UP = Affine(CELL, 0, WEST, 0, CELL, NORTH)
TURNED = Affine(8, 6, WEST, 6, -8, NORTH)
LEANING = Affine(10, 3, WEST, 1, -9, NORTH)
WAYS = {"north-up": NORTH_UP, "south-up": SOUTH_UP, "turned": TURNED, "leaning": LEANING}
WORDS = {"label_da": "Prøve", "label_en": "Trial"}
RASTER = Side(register_name="noise")


def mean(name: str = "mean", **fields: Any) -> Indicator:
    return Indicator(id=name, denominator=RASTER, mean_of="value", unit="mean", **WORDS, **fields)


def share(where: str, name: str = "share", **fields: Any) -> Indicator:
    return Indicator(id=name, denominator=RASTER, numerator=Side(where=where), **WORDS, **fields)


def total(name: str = "total", column: str = "value") -> Indicator:
    side = RASTER.model_copy(update={"sum": column})
    return Indicator(id=name, denominator=side, unit="count", **WORDS)


def write(path: Path, band: NDArray[Any], transform: Affine = NORTH_UP, **fields: Any) -> Path:
    rows, columns = band.shape
    profile = {"driver": "GTiff", "crs": "EPSG:25832", "transform": transform, "count": 1, **fields}
    with rasterio.open(path, "w", width=columns, height=rows, dtype=band.dtype, **profile) as file:
        file.write(band, 1)
    return path


def areas_of(*polygons: Any) -> gpd.GeoDataFrame:
    ids = [f"{number:02d}" for number in range(1, len(polygons) + 1)]
    return gpd.GeoDataFrame({"area_id": ids}, geometry=list(polygons), crs="EPSG:25832")


def in_cells(transform: Affine, *corners: tuple[float, float]) -> Any:
    """A polygon by the columns and rows of its corners."""
    columns, rows = np.array(corners, np.float64).T
    return shapely.Polygon(np.column_stack(coordinates(transform, columns, rows)))


def box_of(transform: Affine, left: float, top: float, right: float, bottom: float) -> Any:
    return in_cells(transform, (left, top), (right, top), (right, bottom), (left, bottom))


def counts(
    path: Path,
    areas: gpd.GeoDataFrame,
    *indicators: Indicator,
    outline: gpd.GeoDataFrame | None = None,
    others: dict[str, Path] | None = None,
    report: Report | None = None,
    **fields: Any,
) -> pd.DataFrame:
    """Values of rasters in areas, by the public functions; a row an area and indicator, reference areas last."""
    registers: dict[str, RasterRegister] = {}
    for name, file in {"noise": path, **(others or {})}.items():
        own_fields = fields if name == "noise" else {}
        spec = RegisterSpec(path=str(file), unit="raster", period="2024", **own_fields)
        opened = open_raster_register(spec, None, (), (), problems := Report(), name=name)
        problems.raise_errors()
        assert opened is not None
        registers[name] = opened
    problems = Report()
    settled = with_raster_settings(indicators, registers, problems)
    problems.raise_errors()
    schemas = {name: register.schema(registers) for name, register in registers.items()}
    further = count_rasters(
        registers, settled, schemas, areas=areas, outline=outline, periods=["2024"], report=report or Report()
    )
    parts = {name: [RegisterPart(name, pl.LazyFrame(schema=schema))] for name, schema in schemas.items()}
    counted = count_indicators(
        parts, settled, labels={}, areas=areas, periods=["2024"], further=further, report=Report()
    )
    return indicator_table(counted, settled).set_index(["area_id", "indicator"])


def values(table: pd.DataFrame, indicator: str) -> list[float]:
    """The areas' values of an indicator."""
    rows = table.xs(indicator, level="indicator")
    return [float(value) for area, value in rows["value"].items() if not str(area).startswith("@")]


SQUARES = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize("way", WAYS)
def test_whole_cells_give_their_values(tmp_path: Path, way: str) -> None:
    transform = WAYS[way]
    path = write(tmp_path / "a.tif", SQUARES, transform)
    areas = areas_of(
        box_of(transform, 0, 0, 1, 1), box_of(transform, 1, 0, 3, 2), box_of(transform, 0, 0, 4, 3)
    )
    for rule in ("exact", "centre"):
        table = counts(path, areas, mean(), total(), share("value >= 5"), rule=rule)
        assert values(table, "mean") == [0, (1 + 2 + 5 + 6) / 4, 5.5]
        assert values(table, "total") == [0, 14, 66]
        assert values(table, "share") == [0, 0.5, 7 / 12]


@pytest.mark.parametrize("way", WAYS)
def test_parts_of_cells_count_with_their_share(tmp_path: Path, way: str) -> None:
    transform = WAYS[way]
    path = write(tmp_path / "a.tif", SQUARES, transform)
    # A quarter of cell 0, half of 1, half of 4, all of 5; within one cell; a triangle, half of cell 3.
    areas = areas_of(
        box_of(transform, 0.5, 0.5, 2, 2),
        box_of(transform, 2.25, 1.25, 2.5, 1.75),
        in_cells(transform, (3, 0), (4, 0), (3, 1)),
    )
    table = counts(path, areas, mean(), total())
    assert values(table, "mean") == pytest.approx([(0.5 * 1 + 0.5 * 4 + 5) / 2.25, 6, 3], rel=1e-6)
    assert values(table, "total") == pytest.approx([7.5, 6 * 0.125, 1.5], rel=1e-6)
    cell_m2 = abs(transform.determinant)
    base = table.xs("mean", level="indicator")["denominator"].iloc[:3] / counted_parts(cell_m2)
    assert base.tolist() == pytest.approx([2.25 * cell_m2, 0.125 * cell_m2, 0.5 * cell_m2], rel=1e-4)


def counted_parts(cell_m2: float) -> int:
    """In how many parts a m2 is counted of such cells: at least ten thousand a cell."""
    return next(10**power for power in range(9) if cell_m2 * 10**power >= 10_000)


def test_centres_decide_under_the_other_rule(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES)
    areas = areas_of(box_of(NORTH_UP, 0.6, 0.4, 2.4, 2.6), box_of(NORTH_UP, 2.1, 0.1, 2.4, 0.4))
    table = counts(path, areas, mean(), rule="centre")
    assert values(table, "mean")[0] == (1 + 5 + 9) / 3
    assert table.loc[("02", "mean"), "status"] == "no_base"


@pytest.mark.parametrize("rule", ["exact", "centre"])
def test_what_has_no_data_is_unknown(tmp_path: Path, rule: str) -> None:
    band = SQUARES.copy()
    band[1, 1], band[0, 3] = -1, np.nan
    path = write(tmp_path / "a.tif", band, nodata=-1)
    # Over nodata; over the edge by one column and one row; all without data.
    areas = areas_of(
        box_of(NORTH_UP, 0, 0, 2, 2), box_of(NORTH_UP, 3, -1, 5, 1), box_of(NORTH_UP, 1, 1, 2, 2)
    )
    table = counts(path, areas, mean(), share("value >= 1"), rule=rule)
    assert values(table, "mean")[0] == (0 + 1 + 4) / 3
    assert values(table, "share")[0] == 2 / 3
    rows = table.xs("share", level="indicator").iloc[:3]
    assert (rows["unknown"] / rows["denominator"]).tolist() == [0.25, 1, 1]
    assert rows["status"].tolist() == ["ok", "no_base", "no_base"]
    every_area = table.loc[("@areas", "share")]  # the third lies in the first: no cell counts twice
    assert every_area["unknown"] / every_area["denominator"] == pytest.approx(5 / 8)


def test_marks_of_the_register_are_no_values(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES)
    table = counts(path, areas_of(box_of(NORTH_UP, 0, 0, 4, 3)), mean(), missing=[11, 10])
    assert values(table, "mean") == [4.5]


def test_scale_and_offset(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES.astype(np.int16))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (40.0,)
    table = counts(path, areas_of(box_of(NORTH_UP, 0, 0, 4, 3)), mean(), share("value >= 45.5"))
    assert values(table, "mean") == [42.75]
    assert values(table, "share") == [1 / 12]


def test_shares_of_classes_add_up(tmp_path: Path) -> None:
    band = np.random.default_rng(3).integers(1, 5, (40, 50)).astype(np.uint8)
    path = write(tmp_path / "a.tif", band)
    area = areas_of(box_of(NORTH_UP, 3.3, 2.2, 44.4, 35.5))
    table = counts(path, area, *[share(f"value = {each}", f"class_{each}") for each in range(1, 5)])
    parts = [values(table, f"class_{each}")[0] for each in range(1, 5)]
    assert sum(parts) == pytest.approx(1, abs=1e-12)


def random_areas(seed: int, columns: int, rows: int, transform: Affine) -> gpd.GeoDataFrame:
    """Star-shaped polygons, some over the raster's edge and over each other."""
    draw = np.random.default_rng(seed)
    polygons = []
    for _ in range(6):
        angles = np.sort(draw.uniform(0, 2 * np.pi, 9))
        reach = draw.uniform(0.5, 6, 9)
        middle = draw.uniform([0, 0], [columns, rows])
        corners = np.column_stack([middle[0] + reach * np.cos(angles), middle[1] + reach * np.sin(angles)])
        polygons.append(shapely.make_valid(in_cells(transform, *map(tuple, corners.tolist()))))
    return areas_of(*polygons)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equals_exactextract_by_hand(tmp_path: Path, seed: int) -> None:
    band = np.random.default_rng(seed).normal(50, 9, (14, 17))
    band[3, 4] = band[9, 9] = -9999
    path = write(tmp_path / "a.tif", band, nodata=-9999)
    areas = random_areas(seed, 17, 14, NORTH_UP)
    by_hand = exactextract.exact_extract(str(path), areas, ["mean", "sum"], output="pandas")
    table = counts(path, areas, mean(weight="area", weight_scale=10_000, scale=100_000), total())
    np.testing.assert_allclose(values(table, "mean"), by_hand["mean"], rtol=1e-6)
    np.testing.assert_allclose(values(table, "total"), by_hand["sum"], atol=0.05)


@pytest.mark.parametrize("way", WAYS)
def test_equals_a_hundred_points_a_cell_side(tmp_path: Path, way: str) -> None:
    transform = WAYS[way]
    band = np.random.default_rng(5).normal(50, 9, (9, 11))
    path = write(tmp_path / "a.tif", band, transform)
    areas = random_areas(8, 11, 9, transform)
    steps = (np.arange(900) + 0.5) / 100, (np.arange(1100) + 0.5) / 100
    rows, columns = (axis.ravel() for axis in np.meshgrid(*steps, indexing="ij"))
    x, y = coordinates(transform, columns, rows)
    table = counts(path, areas, mean(), share("value >= 50"))
    for number, polygon in enumerate(areas.geometry):
        inside = shapely.contains_xy(polygon, x, y)
        in_it = band[rows[inside].astype(int), columns[inside].astype(int)]
        assert values(table, "mean")[number] == pytest.approx(in_it.mean(), rel=2e-3)
        assert values(table, "share")[number] == pytest.approx((in_it >= 50).mean(), abs=5e-3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 19), seed=st.integers(0, 99))
def test_counts_of_parts_add_up(tmp_path: Path, cut: int, seed: int) -> None:
    """Counts over a partition by whole cells are those over the whole, to the last part."""
    band = np.random.default_rng(seed).normal(50, 9, (12, 20)).round(3)
    path = write(tmp_path / "a.tif", band)
    areas = areas_of(box_of(NORTH_UP, 0, 0, cut, 12), box_of(NORTH_UP, cut, 0, 20, 12))
    table = counts(path, areas, mean(), total(), outline=areas_of(box_of(NORTH_UP, 0, 0, 20, 12)))
    for name in ("mean", "total"):
        numbers = table.xs(name, level="indicator")[["numerator", "denominator"]].astype("int64")
        assert (numbers.loc[["01", "02"]].sum() == numbers.loc["@municipality"]).all()
        assert (numbers.loc[["01", "02"]].sum() == numbers.loc["@areas"]).all()


def test_many_parts_of_a_file_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    band = np.random.default_rng(4).normal(50, 9, (120, 160)).astype(np.float32)
    path = write(tmp_path / "a.tif", band, tiled=True, blockxsize=16, blockysize=16)
    areas = random_areas(4, 160, 120, NORTH_UP)
    quantile = mean("middle", quantile=0.5)
    at_once = [
        counts(path, areas, mean(), share("value > 50"), quantile, rule=rule) for rule in ("exact", "centre")
    ]
    monkeypatch.setattr("geo_bosoc.rasters.values.block_windows.__defaults__", (None, 16 * 32))
    monkeypatch.setattr("geo_bosoc.rasters.zonal.coverage.MOST_ROWS", 50)
    in_parts = [
        counts(path, areas, mean(), share("value > 50"), quantile, rule=rule) for rule in ("exact", "centre")
    ]
    for one_go, parts in zip(at_once, in_parts, strict=True):
        pd.testing.assert_frame_equal(one_go, parts)


def test_a_raster_in_degrees_under_areas_in_metres(tmp_path: Path) -> None:
    transform = Affine(0.0005, 0, 10.20, 0, -0.0003, 56.18)
    rows, columns = np.indices((120, 130))
    path = write(tmp_path / "a.tif", (rows * 1000 + columns).astype(np.float64), transform, crs="EPSG:4326")
    lon, lat = coordinates(
        transform, np.array([20.3, 90.7, 110.2, 15.1]), np.array([10.2, 20.4, 100.9, 90.8])
    )
    area = gpd.GeoSeries([shapely.Polygon(np.column_stack([lon, lat]))], crs=4326).to_crs(25832)
    table = counts(path, areas_of(*area), mean(), total(column="area"))
    assert values(table, "total") == pytest.approx([area.area.sum()], rel=1e-6)
    # The mean of a value that grows evenly is that of the middle, in m2: cells are smaller further north.
    by_hand = exactextract.exact_extract(
        str(path), gpd.GeoDataFrame(geometry=area.to_crs(4326)), ["mean"], output="pandas"
    )
    assert values(table, "mean") == pytest.approx(by_hand["mean"].tolist(), rel=1e-3)


def test_a_quantile_is_the_lowest_value_that_enough_of_the_area_does_not_pass(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES)
    areas = areas_of(box_of(NORTH_UP, 0, 0, 4, 3), box_of(NORTH_UP, 0.5, 0, 2, 1))
    quantiles = [mean(f"q{round(100 * each)}", quantile=each) for each in (0.25, 0.5, 0.9, 0.99)]
    table = counts(path, areas, *quantiles)
    assert [values(table, each.id)[0] for each in quantiles] == [2, 5, 10, 11]
    assert [values(table, each.id)[1] for each in quantiles] == [0, 1, 1, 1]  # a third of it is 0
    rows = table.xs("q50", level="indicator")
    assert rows[["numerator", "denominator", "unknown", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("people_cell", [5.0, 10.0, 20.0])
def test_weighed_by_a_raster_of_people(tmp_path: Path, people_cell: float) -> None:
    """However fine its cells are, who lives in the noise hears it."""
    path = write(tmp_path / "noise.tif", np.array([[40.0, 60.0], [50.0, 70.0]]))
    each = 80 * (people_cell / 20) ** 2  # of 80 on the west half, none on the east
    size = round(20 / people_cell)
    people = np.full((size, size), each)
    people[:, size // 2 :] = 0 if size > 1 else each
    others = {
        "people": write(tmp_path / "people.tif", people, Affine(people_cell, 0, WEST, 0, -people_cell, NORTH))
    }
    area = areas_of(box_of(NORTH_UP, 0, 0, 2, 2))
    table = counts(path, area, mean(weight="people"), share("value >= 50", weight="people"), others=others)
    assert values(table, "mean") == [45.0 if size > 1 else 55.0]
    assert table.loc[("01", "share"), "denominator"] == (40_000 if size > 1 else 80_000)
    assert values(table, "share") == [0.5 if size > 1 else 0.75]


def test_distance_to_a_class(tmp_path: Path) -> None:
    band = np.ones((5, 5), np.uint8)
    band[0, 0] = 3
    path = write(tmp_path / "a.tif", band)
    areas = areas_of(box_of(NORTH_UP, 0, 0, 1, 1), box_of(NORTH_UP, 3, 4, 4, 5), box_of(NORTH_UP, 0, 0, 3, 1))
    table = counts(path, areas, mean(), share("value <= 10"), distance_to="value = 3")
    assert values(table, "mean") == [0, 50, 10]
    assert values(table, "share") == [1, 0, 2 / 3]


def test_a_sum_over_coarse_cells_is_warned_about(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES)
    report = Report()
    counts(path, areas_of(box_of(NORTH_UP, 0, 0, 2, 2)), total(), report=report)
    assert [problem.message for problem in report.problems if "coarser than the areas" in problem.message]
    report = Report()
    counts(path, areas_of(box_of(NORTH_UP, 0, 0, 2, 2)), mean(), report=report)
    assert not [problem for problem in report.problems if problem.level == "warning"]


def test_a_raster_elsewhere_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES, Affine(10, 0, 400_000, 0, -10, 6_100_000))
    with pytest.raises(InputError, match="covers none of the areas") as error:
        counts(path, areas_of(box_of(NORTH_UP, 0, 0, 2, 2)), mean(), share("value > 1"))
    assert len(error.value.problems) == 1


def test_a_value_that_is_a_mark_is_no_sum(tmp_path: Path) -> None:
    band = SQUARES.astype(np.float64)
    band[2, 2] = -1.7e300
    path = write(tmp_path / "a.tif", band)
    with pytest.raises(InputError, match="pass what can be counted"):
        counts(path, areas_of(box_of(NORTH_UP, 0, 0, 4, 3)), mean())


def test_what_no_raster_gives_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", SQUARES)
    with pytest.raises(InputError) as error:
        counts(
            path,
            areas_of(box_of(NORTH_UP, 0, 0, 4, 3)),
            share("value > 1", "a", weight="people"),
            share("value > 1", "b", distinct="person"),
            Indicator(id="c", denominator=RASTER, numerator=Side(sum="value"), **WORDS),
        )
    texts = [problem.message for problem in error.value.problems]
    assert [text[:28] for text in texts] == [
        '"people" is no raster regist', "a raster has no persons to t", "a share or a mean of a raste",
    ]  # fmt: skip
