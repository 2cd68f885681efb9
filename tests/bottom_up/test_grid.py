"""The risk surface: cells of the Danish square grid, nodata where nobody lives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from geo_bosoc.problems import InputError
from geo_bosoc.rasters import grid_means, write_grid

HOMES = pd.DataFrame(
    {
        "x": [630_010.0, 630_090.0, 630_100.0, 630_410.0, np.nan],
        "y": [6_230_050.0, 6_230_050.0, 6_230_050.0, 6_229_899.9, 0.0],
        "residents": [1, 3, 2, 6, 4],
    }
)
VALUES = np.array([0.1, 0.5, 0.2, 0.7, 0.9])


def test_means_over_residents_in_cells_on_the_grid(tmp_path: Path):
    cells = grid_means(HOMES, VALUES)
    assert cells[["east", "north", "residents"]].to_numpy().tolist() == [
        [630_000, 6_230_000, 4], [630_100, 6_230_000, 2], [630_400, 6_229_800, 6],
    ]  # fmt: skip
    assert cells["value"].tolist() == pytest.approx([0.4, 0.2, 0.7])
    assert len(grid_means(HOMES, VALUES, least=3)) == 2
    write_grid(cells, tmp_path / "a.tif", bands={"value": "value"}, tags={"stamp": "INTERNAL"})
    write_grid(cells.iloc[::-1], tmp_path / "b.tif", bands={"value": "value"}, tags={"stamp": "INTERNAL"})
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.crs.to_epsg() == 25832 and raster.res == (100.0, 100.0)
        assert raster.bounds == (630_000, 6_229_800, 630_500, 6_230_100)
        assert np.isnan(raster.nodata) and raster.tags()["stamp"] == "INTERNAL"
        band = raster.read(1, masked=True)
        assert band.count() == 3 and band.shape == (3, 5)
        found = [value[0] for value in raster.sample([(630_050, 6_230_050), (630_450, 6_229_850)])]
        assert found == pytest.approx([0.4, 0.7])


def test_cells_off_the_grid_are_refused(tmp_path: Path):
    cells = grid_means(HOMES, VALUES)
    for wrong in (cells.assign(east=cells["east"] + 1), pd.concat([cells, cells]), cells[:0],
                  cells.drop(columns=["value", "residents"])):  # fmt: skip
        with pytest.raises(InputError):
            write_grid(wrong, tmp_path / "no.tif")
    assert not list(tmp_path.iterdir())
