"""Tables of cells as GeoTIFF and back: every figure as it was, and no data is never zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from rasterio import Affine

from geo_bosoc import InputError
from geo_bosoc.rasters import cell_ids, read_grid, write_grid

FIGURES = st.one_of(st.just(float("nan")), st.just(0.0), st.floats(allow_infinity=False, width=64))


@settings(max_examples=40, deadline=None)
@given(
    size=st.sampled_from([100, 250, 1000]),
    rows=st.dictionaries(
        st.tuples(st.integers(0, 12), st.integers(0, 12)),
        st.tuples(FIGURES, FIGURES),
        min_size=1,
        max_size=30,
    ),
)
def test_cells_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, size: int, rows: dict[tuple[int, int], tuple[float, float]]
) -> None:
    corners = np.array(list(rows)) * size + [575_000, 6_223_000]
    cells = pd.DataFrame(
        {
            "cell": cell_ids(corners[:, 0], corners[:, 1], size),
            "east": corners[:, 0],
            "north": corners[:, 1],
            "residents": [first for first, _ in rows.values()],
            "noise": [second for _, second in rows.values()],
        }
    ).astype({"cell": "str"})
    file = tmp_path_factory.mktemp("grid") / "cells.tif"
    write_grid(cells, file)
    expected = cells[cells[["residents", "noise"]].notna().any(axis=1)]
    expected = expected.sort_values(["north", "east"], ascending=[False, True], ignore_index=True)
    assert_frame_equal(read_grid(file), expected, check_exact=True)
    write_grid(cells.drop(columns="cell"), file, size=size)
    assert_frame_equal(read_grid(file), expected, check_exact=True)


def test_bands_are_called_what_they_are_and_small_numbers_take_few_bytes(tmp_path: Path) -> None:
    cells = pd.DataFrame(
        {"cell": ["1km_6223_574"], "n": pd.array([None], dtype="Int64"), "m": [0], "text": ["x"]}
    )
    write_grid(cells, tmp_path / "a.tif", bands={"n": "Beboere", "m": "Støj"}, tags={"stamp": "made up"})
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.descriptions == ("Beboere", "Støj") and raster.dtypes == ("float32", "float32")
        assert raster.tags()["stamp"] == "made up" and np.isnan(raster.nodata)
    table = read_grid(tmp_path / "a.tif")
    assert table["Støj"].tolist() == [0.0] and table["Beboere"].isna().all()
    write_grid(cells, tmp_path / "b.tif")
    assert list(read_grid(tmp_path / "b.tif").columns) == ["cell", "east", "north", "n", "m"]


def write_raster(path: Path, transform: Affine, **profile: object) -> Path:
    values = np.array([[1, 0, 255], [2, 3, 4]], dtype=np.uint8)
    settings_of_file = {"crs": "EPSG:25832", "nodata": 255, **profile}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=3,
        height=2,
        count=1,
        dtype="uint8",
        transform=transform,
        **settings_of_file,
    ) as file:
        file.write(values, 1)
    return path


@pytest.mark.parametrize("top", [True, False])
def test_another_programs_raster_north_up_or_south_up(tmp_path: Path, top: bool) -> None:
    transform = Affine(100, 0, 575_000, 0, -100 if top else 100, 6_224_000)
    table = read_grid(write_raster(tmp_path / "r.tif", transform))
    assert list(table.columns) == ["cell", "east", "north", "band_1"] and len(table) == 5
    corner = 6_223_900 if top else 6_224_000
    by_corner = table.set_index(["east", "north"])["band_1"]
    assert by_corner[(575_000, corner)] == 1 and by_corner[(575_100, corner)] == 0
    assert (575_200, corner) not in by_corner.index  # no data, which is not the 0 beside it
    assert table["north"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("transform", "profile", "message"),
    [
        (Affine(100, 0, 575_050, 0, -100, 6_224_000), {}, "lie beside those of the square grid"),
        (Affine(120, 0, 576_000, 0, -120, 6_224_040), {}, "no squares of a size"),
        (Affine(100, 0, 575_000, 0, -50, 6_224_000), {}, "no squares of a size"),
        (Affine(80, 60, 575_000, 60, -80, 6_224_000), {}, "no squares of a size"),
        (Affine(100, 0, 575_000, 0, -100, 6_224_000), {"crs": "EPSG:25833"}, "is in EPSG:25832"),
    ],
)
def test_a_raster_off_the_grid_is_one_clear_error(
    tmp_path: Path, transform: Affine, profile: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read_grid(write_raster(tmp_path / "r.tif", transform, **profile))
    assert len(raised.value.problems) == 1 and raised.value.problems[0].file == "r.tif"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"cell": ["100m_62236_5749", "1km_6223_574"], "n": [1, 2]}, "several sizes"),
        ({"cell": ["100m_62236_5749"] * 2, "n": [1, 2]}, "duplicated"),
        ({"cell": ["100m_62236"], "n": [1]}, "no cells of the Danish square grid"),
        ({"cell": ["100m_62236_5749"]}, "no cell to write"),
        ({"cell": [], "n": []}, "no cell to write"),
        ({"east": [575_050], "north": [6_223_600], "n": [1]}, "no multiples of 100 m"),
        ({"n": [1]}, "is not there"),
        ({"cell": ["10m_605000_40000", "10m_644000_93000"], "n": [1, 2]}, "no bounds"),
    ],
)
def test_cells_that_make_no_raster(tmp_path: Path, cells: dict[str, list[object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        write_grid(pd.DataFrame(cells), tmp_path / "r.tif")
    assert not list(tmp_path.iterdir())
