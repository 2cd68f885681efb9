"""Values of cells: what holds none is told apart from zero, whichever way a file says so and however it lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio import Affine
from rasterio.enums import ColorInterp, Resampling
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.rasters.raster_files import coordinates, open_raster
from geo_bosoc.rasters.values import band_number, block_windows, read_values, values_at

NORTH_UP = Affine(10, 0, 575_000, 0, -10, 6_220_000)
SOUTH_UP = Affine(10, 0, 575_000, 0, 10, 6_220_000)
TURNED = Affine(8, 6, 575_000, 6, -8, 6_220_000)
COUNTED = np.arange(12, dtype=np.int16).reshape(3, 4)


def write(path: Path, *bands: NDArray[Any], transform: Affine = NORTH_UP, **settings: Any) -> Path:
    """A GeoTIFF of some bands of one type."""
    dataset_settings = {name: settings.pop(name) for name in list(settings) if name in ("scales", "offsets")}
    names, meanings = settings.pop("names", ()), settings.pop("meanings", None)
    mask = settings.pop("mask", None)
    rows, columns = bands[0].shape
    profile = {"driver": "GTiff", "crs": "EPSG:25832", "transform": transform, **settings}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", width=columns, height=rows, count=len(bands), dtype=bands[0].dtype, **profile
        ) as file,
    ):
        if meanings:
            file.colorinterp = meanings
        file.write(np.stack(bands))
        for name, value in dataset_settings.items():
            setattr(file, name, value)
        for number, name in enumerate(names, 1):
            file.set_band_description(number, name)
        if mask is not None:
            file.write_mask(mask)
    return path


def read(path: Path, band: int | str | None = None, missing: tuple[float, ...] = ()) -> NDArray[np.float64]:
    """All of a file's cells, NaN where there is no value."""
    with open_raster(path) as raster:
        window = Window(0, 0, raster.dataset.width, raster.dataset.height)
        values, has_data = read_values(raster, window, band, missing=missing)
    return np.where(has_data, values.astype(np.float64), np.nan)


def without(*cells: tuple[int, int]) -> NDArray[np.float64]:
    """The counted cells, some of them without a value."""
    values = COUNTED.astype(np.float64)
    for cell in cells:
        values[cell] = np.nan
    return values


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64"])
def test_zero_is_a_value_and_nodata_is_none(tmp_path: Path, dtype: str) -> None:
    path = write(tmp_path / "a.tif", COUNTED.astype(dtype), nodata=7)
    np.testing.assert_array_equal(read(path), without((1, 3)))
    assert read(path)[0, 0] == 0


def test_without_a_mark_every_cell_has_a_value(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read(write(tmp_path / "a.tif", COUNTED)), COUNTED)


def test_a_mark_that_the_type_cannot_hold_marks_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTED.astype(np.uint8))
    np.testing.assert_array_equal(read(path, missing=(-9999, 2.5)), COUNTED)


def test_lowest_float_as_nodata_is_recognised(tmp_path: Path) -> None:
    values = COUNTED.astype(np.float32)
    values[1, 1] = np.finfo(np.float32).min
    path = write(tmp_path / "a.tif", values, nodata=-3.4028234663852886e38)
    np.testing.assert_array_equal(read(path), without((1, 1)))


def test_no_number_and_infinite_are_none(tmp_path: Path) -> None:
    values = COUNTED.astype(np.float32)
    values[0, 1], values[2, 2], values[1, 0] = np.nan, np.inf, -np.inf
    path = write(tmp_path / "a.tif", values)
    np.testing.assert_array_equal(read(path), without((0, 1), (2, 2), (1, 0)))


def test_nodata_may_be_no_number(tmp_path: Path) -> None:
    values = COUNTED.astype(np.float32)
    values[0, 1] = np.nan
    np.testing.assert_array_equal(read(write(tmp_path / "a.tif", values, nodata=np.nan)), without((0, 1)))


def test_mask_band(tmp_path: Path) -> None:
    mask = np.full(COUNTED.shape, 255, np.uint8)
    mask[0, 0] = mask[2, 3] = 0
    path = write(tmp_path / "a.tif", COUNTED, mask=mask)
    np.testing.assert_array_equal(read(path), without((0, 0), (2, 3)))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("bands", [1, 2, 3])
def test_alpha_takes_away_only_what_is_fully_see_through(tmp_path: Path, dtype: str, bands: int) -> None:
    values = COUNTED.astype(dtype)
    alpha = np.full(values.shape, np.iinfo(dtype).max, dtype)
    alpha[0, 0], alpha[0, 1] = 0, 1
    meanings = [ColorInterp.gray] + [ColorInterp.undefined] * (bands - 1) + [ColorInterp.alpha]
    path = write(tmp_path / "a.tif", *[values] * bands, alpha, meanings=meanings)
    np.testing.assert_array_equal(read(path, 1), without((0, 0)))
    if bands == 1:  # the only one that holds values
        np.testing.assert_array_equal(read(path), without((0, 0)))


def test_nodata_beside_alpha(tmp_path: Path) -> None:
    alpha = np.full(COUNTED.shape, 255, np.int16)
    alpha[2, 0] = 0
    path = write(tmp_path / "a.tif", COUNTED, alpha, nodata=5, meanings=[ColorInterp.gray, ColorInterp.alpha])
    np.testing.assert_array_equal(read(path), without((1, 1), (2, 0)))


def test_scale_and_offset_are_applied_and_nodata_is_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTED, nodata=4, scales=(0.5,), offsets=(30.0,))
    np.testing.assert_array_equal(read(path), without((1, 0)) * 0.5 + 30)
    # A register's own mark is of the values as every program shows them.
    np.testing.assert_array_equal(read(path, missing=(30.5,)), without((1, 0), (0, 1)) * 0.5 + 30)


def test_further_marks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTED - 1, nodata=3)
    np.testing.assert_array_equal(read(path, missing=(-1, 9)), without((0, 0), (1, 0), (2, 2)) - 1)


def test_overviews_never_stand_for_cells(tmp_path: Path) -> None:
    values = np.arange(256 * 256, dtype=np.int32).reshape(256, 256)
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=64, blockysize=64)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4, 8], Resampling.average)
        assert file.overviews(1) == [2, 4, 8]
    np.testing.assert_array_equal(read(path), values)


@pytest.mark.parametrize("transform", [NORTH_UP, SOUTH_UP, TURNED])
def test_values_of_points_whichever_way_the_raster_lies(tmp_path: Path, transform: Affine) -> None:
    path = write(tmp_path / "a.tif", COUNTED, transform=transform, nodata=7)
    rows, columns = np.indices(COUNTED.shape)
    x, y = coordinates(transform, columns.ravel() + 0.5, rows.ravel() + 0.5)
    with open_raster(path) as raster:
        np.testing.assert_array_equal(values_at(raster, x, y, "EPSG:25832"), without((1, 3)).ravel())
        off = values_at(raster, np.array([x[0] - 500, np.nan, x[5]]), np.array([y[0], y[0], y[5]]), 25832)
    np.testing.assert_array_equal(off, [np.nan, np.nan, 5])


def test_points_are_transformed_to_the_raster(tmp_path: Path) -> None:
    transform = Affine(0.001, 0, 10.2, 0, -0.001, 56.2)
    path = write(tmp_path / "a.tif", COUNTED, transform=transform, crs="EPSG:4326")
    lon, lat = coordinates(transform, np.array([0.5, 3.5]), np.array([1.5, 2.5]))
    x, y = Transformer.from_crs(4326, 25832, always_xy=True).transform(lon, lat)
    with open_raster(path) as raster:
        np.testing.assert_array_equal(values_at(raster, x, y, "EPSG:25832"), [4, 11])


@pytest.mark.parametrize("most_cells", [80 * 70, 40 * 32, 1])
def test_parts_cover_every_cell_once_and_keep_to_blocks(tmp_path: Path, most_cells: int) -> None:
    path = write(tmp_path / "a.tif", np.zeros((200, 90), np.uint8), tiled=True, blockxsize=32, blockysize=32)
    covered = np.zeros((200, 90), np.int64)
    with open_raster(path) as raster:
        for part in block_windows(raster, Window(5, 40, 80, 150), most_cells=most_cells):
            rows, columns = part.toslices()
            covered[rows, columns] += 1
            if most_cells > 1:
                assert part.row_off % 32 == 0 or part.row_off == 40
                assert part.col_off % 32 == 0 or part.col_off == 5
                assert part.width * part.height <= most_cells
    expected = np.zeros_like(covered)
    expected[40:190, 5:85] = 1
    np.testing.assert_array_equal(covered, expected)


def test_many_points_over_strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).integers(0, 1000, (300, 200)).astype(np.int32)
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16)
    rows, columns = np.random.default_rng(2).integers(0, 200, (2, 500))
    x, y = coordinates(NORTH_UP, columns + 0.25, rows + 0.75)
    monkeypatch.setattr("geo_bosoc.rasters.values.block_windows.__defaults__", (None, 50 * 32))
    with open_raster(path) as raster:
        np.testing.assert_array_equal(values_at(raster, x, y, "EPSG:25832"), values[rows, columns])


def test_bands_by_number_and_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTED, COUNTED * 2, names=["day", "night"])
    np.testing.assert_array_equal(read(path, "night"), COUNTED * 2)
    np.testing.assert_array_equal(read(path, 1), COUNTED)
    with open_raster(path) as raster:
        assert band_number(raster, "2") == 2
        with pytest.raises(UnreadableError, match="several bands, and none is named") as error:
            band_number(raster)
        assert error.value.hint == "There are: 1 (day), 2 (night)."
        with pytest.raises(UnreadableError, match='no band "3"'):
            band_number(raster, 3)
        with pytest.raises(UnreadableError, match='no band "evening"'):
            band_number(raster, "evening")


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTED.astype(np.complex64))
    with pytest.raises(UnreadableError, match="no plain numbers"):
        read(path)


ODD = Path(os.environ.get("GEO_BOSOC_DATA", "")) / "rasters" / "odd"
needs_data = pytest.mark.skipif("GEO_BOSOC_DATA" not in os.environ, reason="GEO_BOSOC_DATA is unset")


@needs_data
@pytest.mark.parametrize(
    ("name", "crs", "band", "cells", "total"),
    [
        ("all-nodata.tif", None, 1, 0, 0),
        ("byte.tif", None, None, 400, 50706),
        ("float_nan.tif", "EPSG:25832", None, 5, 0.85),
        ("float_raster_with_nodata.tif", None, None, 98, 0.75),
        ("rotated.tif", "EPSG:25832", None, 150, 11175),
    ],
)
def test_odd_files(name: str, crs: str | None, band: int | None, cells: int, total: float) -> None:
    with open_raster(ODD / name, crs) as raster:
        window = Window(0, 0, raster.dataset.width, raster.dataset.height)
        values, has_data = read_values(raster, window, band)
    assert int(has_data.sum()) == cells
    assert values[has_data].astype(np.float64).sum() == pytest.approx(total)


@needs_data
@pytest.mark.parametrize("name", ["float_nan.tif", "rotated.tif"])
def test_odd_files_that_do_not_say_their_crs(name: str) -> None:
    with pytest.raises(UnreadableError, match="which coordinate system"), open_raster(ODD / name):
        pass


@needs_data
def test_a_damaged_file_is_one_error() -> None:
    with open_raster(ODD / "corrupt.tif") as raster:
        window = Window(0, 0, raster.dataset.width, raster.dataset.height)
        with pytest.raises(UnreadableError, match="a part of the raster is damaged"):
            read_values(raster, window, 1)
