"""A raster as a map page's background: each pixel at its place, whatever the file is like, within the budget."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio import Affine
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile

from geo_bosoc.problems import InputError, Report
from geo_bosoc.rasters.background import MERCATOR, Background, read_background, text_size
from geo_bosoc.rasters.raster_files import coordinates

WEST, SOUTH, SIDE = 575_000, 6_220_000, 2_000
AREAS = gpd.GeoDataFrame(geometry=[shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)], crs="EPSG:25832")
CELL = 10.0
NORTH_UP = Affine(CELL, 0, WEST - 1_000, 0, -CELL, SOUTH + SIDE + 1_000)
"""Of a raster of 400 x 400 cells that reaches a kilometre beyond the areas."""
MARK = (WEST + 700.0, SOUTH + 1_300.0)
"""The middle of what is white in a black raster."""


def marked(transform: Affine, crs: str = "EPSG:25832", size: int = 400) -> NDArray[np.uint8]:
    """One band, black, with 7 x 7 white cells around the mark."""
    x, y = Transformer.from_crs(25832, crs, always_xy=True).transform(*MARK)
    column, row = (math.floor(each) for each in coordinates(~transform, x, y))
    band = np.zeros((1, size, size), np.uint8)
    band[0, row - 3 : row + 4, column - 3 : column + 4] = 255
    return band


def write(path: Path, bands: NDArray[Any], transform: Affine | None = NORTH_UP, **options: Any) -> Path:
    """A raster file; what is not said is a GeoTIFF in EPSG:25832."""
    count, rows, columns = bands.shape
    profile = {"driver": "GTiff", "crs": "EPSG:25832", "transform": transform, **options}
    colours, palette = profile.pop("meanings", None), profile.pop("palette", None)
    with rasterio.open(
        path, "w", width=columns, height=rows, count=count, dtype=bands.dtype, **profile
    ) as file:
        if colours:
            file.colorinterp = colours
        file.write(bands)
        if palette:
            file.write_colormap(1, palette)
    return path


def pixels(background: Background) -> NDArray[np.uint8]:
    """What a browser sees: red, green, blue and alpha."""
    with MemoryFile(background.picture) as memory, memory.open() as file:
        bands = file.read()
    opaque = np.full((1, *bands.shape[1:]), 255, np.uint8)
    return np.concatenate([bands, opaque]) if len(bands) == 3 else bands


def pixel_of(background: Background, x: float, y: float) -> tuple[float, float]:
    """Column and row of a place in EPSG:25832, by the picture's bounds in web mercator."""
    to_mercator = Transformer.from_crs(4326, MERCATOR.to_wkt(), always_xy=True)
    west, south = to_mercator.transform(*background.bounds[:2])
    east, north = to_mercator.transform(*background.bounds[2:])
    place = Transformer.from_crs(25832, MERCATOR.to_wkt(), always_xy=True).transform(x, y)
    return (
        (place[0] - west) / (east - west) * background.width,
        (north - place[1]) / (north - south) * background.height,
    )


FINE = Affine(2, 0, NORTH_UP.c, 0, -2, NORTH_UP.f)
"""Of a raster of 2,000 x 2,000 cells of the same ground."""


def photo(patches: int) -> NDArray[np.uint8]:
    """Patches of colour with some noise, as many pixels as `FINE` is for."""
    chance = np.random.default_rng(3)
    coarse = chance.integers(60, 190, (3, 2_000 // patches, 2_000 // patches))
    fine = coarse.repeat(patches, axis=1).repeat(patches, axis=2) + chance.integers(0, 20, (3, 2_000, 2_000))
    return fine.astype(np.uint8)


def read(path: Path, **options: Any) -> Background:
    background = read_background(path, AREAS, attribution="Opdigtet", **options)
    assert background is not None
    return background


@pytest.mark.parametrize(
    ("name", "transform", "crs"),
    [
        ("north up", NORTH_UP, "EPSG:25832"),
        ("south up", Affine(CELL, 0, WEST - 1_000, 0, CELL, SOUTH - 1_000), "EPSG:25832"),
        ("turned", Affine(7, -7, WEST + 1_000, 7, 7, SOUTH - 1_800), "EPSG:25832"),
        ("degrees", Affine(2e-4, 0, 10.18, 0, -1e-4, 56.145), "EPSG:4326"),
        ("zone 33", Affine(CELL, 0, 201_200, 0, -CELL, 6_231_000), "EPSG:25833"),
        ("mercator", Affine(18, 0, 1_133_500, 0, -18, 7_590_500), "EPSG:3857"),
    ],
)  # fmt: skip
def test_what_is_at_a_place_lands_there(tmp_path: Path, name: str, transform: Affine, crs: str) -> None:
    path = write(tmp_path / "map.tif", marked(transform, crs), transform, crs=crs)
    background = read(path)
    light = pixels(background)[0].astype(float) * (pixels(background)[3] > 127)
    assert light.max() > 200
    rows, columns = np.nonzero(light > 127)
    x, y = Transformer.from_crs(25832, crs, always_xy=True).transform(*MARK)
    corner = [math.floor(each) + 0.5 for each in coordinates(~transform, x, y)]
    middle = Transformer.from_crs(crs, 25832, always_xy=True).transform(*coordinates(transform, *corner))
    column, row = pixel_of(background, *middle)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((column, row), abs=1)


def test_it_is_cut_to_the_areas_and_a_tenth_around_them(tmp_path: Path) -> None:
    background = read(write(tmp_path / "map.tif", marked(NORTH_UP)))
    column, row = pixel_of(background, WEST + SIDE / 2, SOUTH + SIDE / 2)
    assert (column / background.width, row / background.height) == pytest.approx((0.5, 0.5), abs=0.01)
    west, south, east, north = AREAS.to_crs(4326).total_bounds
    assert (background.bounds[2] - background.bounds[0]) / (east - west) == pytest.approx(1.2, abs=0.01)
    assert (background.bounds[3] - background.bounds[1]) / (north - south) == pytest.approx(1.2, abs=0.01)
    # 2.4 km of cells of 10 m, which the reprojection turns a little
    assert background.width == pytest.approx(245, abs=12)


def colour_in_the_middle(background: Background) -> list[int]:
    shown = pixels(background)
    return [int(value) for value in shown[:, background.height // 2, background.width // 2]]


def plain(*values: int, dtype: str = "uint8") -> NDArray[Any]:
    return np.stack([np.full((400, 400), value, dtype) for value in values])


def test_bands_become_colours_by_what_they_mean(tmp_path: Path) -> None:
    red, green, blue, alpha = ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha
    palette = {0: (10, 20, 30, 255), 7: (200, 100, 50, 255)}
    cases = {
        "one band is grey": (plain(90), {}, [90, 90, 90, 255]),
        "three": (plain(200, 100, 50), {}, [200, 100, 50, 255]),
        "turned round": (plain(50, 100, 200), {"meanings": [blue, green, red]}, [200, 100, 50, 255]),
        "alpha": (plain(200, 100, 50, 128), {"meanings": [red, green, blue, alpha]}, [200, 100, 50, 128]),
        "near infrared": (
            plain(200, 100, 50, 7), {"meanings": [red, green, blue, ColorInterp.undefined]}, [200, 100, 50, 255],
        ),
        "palette": (plain(7), {"palette": palette, "photometric": "palette"}, [200, 100, 50, 255]),
    }  # fmt: skip
    for name, (bands, options, colour) in cases.items():
        background = read(write(tmp_path / "map.tif", bands, **options))
        assert colour_in_the_middle(background) == pytest.approx(colour, abs=3), name
        assert len(pixels(background)) == 4


def test_no_data_is_see_through_and_gives_no_colour_to_its_neighbours(tmp_path: Path) -> None:
    bands = plain(200, 200, 200)
    bands[:, :, :200] = 0
    shown = pixels(read(write(tmp_path / "map.tif", bands, nodata=0)))
    half = shown.shape[2] // 2
    assert (shown[3][:, : half - 4] == 0).all()
    assert (shown[3][:, half + 4 :] == 255).all()
    seen = shown[3] > 40
    assert shown[:3][:, seen].min() > 180  # no dark rim


def test_numbers_that_are_no_bytes_are_stretched(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(-20, 170, 400, dtype="float32"), (1, 400, 1))
    ramp[0, :20, :20] = np.nan
    shown = pixels(read(write(tmp_path / "heights.tif", ramp)))
    grey = shown[0][shown.shape[1] // 2].astype(int)
    assert (np.diff(grey) >= -2).all()
    assert grey[0] < 10
    assert grey[-1] > 245


def test_it_fits_the_budget_and_says_what_it_became(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.tif", photo(50), FINE)
    sizes = []
    for budget in (1.0, 0.15, 0.03):
        report = Report()
        background = read(path, budget=budget, report=report)
        assert text_size(background.picture) <= budget * 1e6
        sizes.append(text_size(background.picture))
        fact = report.facts["background"]
        assert (fact["width"], fact["height"], fact["bytes"]) == (
            background.width, background.height, sizes[-1],
        )  # fmt: skip
        assert f"of at most {budget:g} MB" in report.problems[0].message
    assert sizes == sorted(sizes, reverse=True)
    with pytest.raises(InputError, match=r"budget.*does not fit into 0.001 MB"):
        read(path, budget=0.001)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (3, 400, 400), dtype=np.uint8)
    path = write(tmp_path / "photo.tif", noise)
    assert read(path) == read(path)


def test_what_cannot_be_a_background_is_one_error(tmp_path: Path) -> None:
    good = marked(NORTH_UP)
    text = tmp_path / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    away = Affine(CELL, 0, WEST + 90_000, 0, -CELL, SOUTH)
    cases = [
        (tmp_path / "absent.tif", "the file is not there"),
        (text, "cannot be opened as a raster"),
        (write(tmp_path / "no_crs.tif", good, crs=None), 'which coordinate system.*crs = "EPSG:25832"'),
        (write(tmp_path / "no_place.png", good, None, crs=None, driver="PNG"), "does not say where it lies"),
        (write(tmp_path / "away.tif", good, away), "lies elsewhere"),
        (write(tmp_path / "complex.tif", good.astype("complex64")), "no plain numbers"),
    ]
    for path, message in cases:
        with pytest.raises(InputError, match=message) as error:
            read(path)
        assert len(error.value.problems) == 1
        assert error.value.problems[0].file == path.name
    assert read(tmp_path / "no_crs.tif", crs="EPSG:25832").width > 200
    with pytest.raises(InputError, match='"EPSG:0" is no coordinate system'):
        read(tmp_path / "no_crs.tif", crs="EPSG:0")


def test_a_mosaic_is_of_files_here_alone(tmp_path: Path) -> None:
    write(tmp_path / "tile.tif", marked(NORTH_UP))
    source = "<SimpleSource><SourceFilename {}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
    body = (
        '<VRTDataset rasterXSize="400" rasterYSize="400"><SRS>EPSG:25832</SRS>'
        f"<GeoTransform>{', '.join(str(each) for each in NORTH_UP.to_gdal())}</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1">SOURCE</VRTRasterBand></VRTDataset>'
    )
    mosaic = tmp_path / "mosaic.vrt"
    mosaic.write_text(body.replace("SOURCE", source.format('relativeToVRT="1">tile.tif')), encoding="utf-8")
    assert read(mosaic).width > 200
    web = "&lt;GDAL_WMS&gt;&lt;Service name='TMS'&gt;&lt;ServerUrl&gt;http://127.0.0.1/&lt;/ServerUrl&gt;&lt;/Service&gt;"
    for elsewhere in (
        ">/vsicurl/http://127.0.0.1/tile.tif",
        f">{web}",
        '"relativeToVRT="1">mosaic.vrt'.lstrip('"'),
    ):
        mosaic.write_text(body.replace("SOURCE", source.format(elsewhere)), encoding="utf-8")
        with pytest.raises(InputError, match="names a source that is no raster file here"):
            read(mosaic)


def test_a_gdal_without_webp_gives_jpeg_and_png(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasterio.Env, "drivers", lambda self: {"JPEG": "JPEG", "PNG": "PNG"})
    opaque = read(write(tmp_path / "photo.tif", photo(50), FINE), budget=0.05)
    assert (opaque.format, opaque.picture[:2]) == ("JPEG", b"\xff\xd8")
    assert text_size(opaque.picture) <= 0.05e6
    bands = plain(200, 100, 50)
    bands[:, :, :200] = 0
    see_through = read(write(tmp_path / "part.tif", bands, nodata=0))
    assert (see_through.format, see_through.picture[1:4]) == ("PNG", b"PNG")
    assert pixels(see_through)[3].min() == 0
