"""Local Moran on a published case: the figures that PySAL's users' guide prints for homicides round St. Louis.

Rey and Anselin's guide ("Spatial Autocorrelation", PySAL users' tutorial; data: Messner et al. 2000) prints Moran's I
of HR8893 with the rook weights of ``stl.gal`` (which libpysal's wheel holds), the pseudo p of all 78 counties from 999
permutations, and the quadrants of those below 0.05. For the SIDS rates of North Carolina, esda's documentation prints
the 0.248 that OpenGeoDa gave, with the weights of ``sids2.gal``.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_bosoc.bottom_up.detection.local import QUADRANTS, local_moran
from geo_bosoc.problems import InputError, Report

EXAMPLES = Path(libpysal.__file__).parent / "examples"
# fmt: off
PRINTED_P = [
    0.169, 0.073, 0.438, 0.298, 0.366, 0.062, 0.308, 0.225, 0.049, 0.048, 0.234, 0.555, 0.476, 0.651, 0.434, 0.498,
    0.540, 0.626, 0.607, 0.190, 0.147, 0.031, 0.387, 0.617, 0.292, 0.681, 0.227, 0.347, 0.417, 0.614, 0.511, 0.610,
    0.007, 0.566, 0.234, 0.017, 0.002, 0.003, 0.078, 0.002, 0.079, 0.451, 0.587, 0.347, 0.236, 0.008, 0.030, 0.041,
    0.061, 0.097, 0.264, 0.316, 0.105, 0.501, 0.047, 0.298, 0.109, 0.669, 0.718, 0.666, 0.291, 0.616, 0.376, 0.502,
    0.351, 0.249, 0.269, 0.421, 0.166, 0.155, 0.233, 0.611, 0.548, 0.124, 0.636, 0.561, 0.078, 0.112,
]
PRINTED_QUADRANTS = [4, 3, 4, 1, 3, 1, 3, 1, 1, 3, 3, 3]
# fmt: on


def _weights(name: str) -> libpysal.weights.W:
    file = libpysal.io.open(str(EXAMPLES / name))
    try:
        return file.read()
    finally:
        file.close()


def _somewhere(count: int) -> gpd.GeoDataFrame:
    shapes = shapely.points(np.arange(count), np.zeros(count))
    return gpd.GeoDataFrame({"area_id": [str(i) for i in range(count)]}, geometry=shapes, crs="EPSG:25832")


def test_homicides_round_st_louis_as_printed():
    told = pd.read_csv(EXAMPLES / "stl" / "stl_hom.txt", skiprows=1)
    found = local_moran(_somewhere(78), told["HR8893"], weights=_weights("stl/stl.gal"), permutations=1999)
    assert found["local"].sum() / 77 == pytest.approx(0.24365582621771659, abs=1e-12)
    printed = np.array(PRINTED_P)
    low = printed < 0.05
    assert found["quadrant"][low].tolist() == [QUADRANTS[q - 1] for q in PRINTED_QUADRANTS]
    # the guide drew before either tail was counted as it is now: p above one half is the other tail's
    ours = found["p"].to_numpy()
    printed = np.minimum(printed, 1 - printed)
    error = np.sqrt(np.maximum(printed * (1 - printed), 0.001) / 999)
    assert (np.abs(ours - printed) < 4 * error + 0.001).mean() == 1.0


def test_sids_as_opengeoda_gave_it():
    sids = gpd.read_file(EXAMPLES / "sids2" / "sids2.shp").set_crs("EPSG:4267")
    found = local_moran(
        sids.assign(area_id=sids["FIPS"]), sids["SIDR74"], weights=_weights("sids2/sids2.gal"), permutations=0
    )
    assert found["local"].sum() / 99 == pytest.approx(0.248, abs=5e-4)
    assert found["p"].isna().all()


def test_neighbours_by_distance_and_the_ones_without():
    squares = [shapely.box(x, 0, x + 100, 100) for x in (0, 120, 240, 360, 900)]
    areas = gpd.GeoDataFrame({"area_id": list("abcde")}, geometry=squares, crs="EPSG:25832")
    report = Report()
    found = local_moran(areas, pd.Series([9.0, 8.0, 1.0, 2.0, 5.0]), permutations=0, report=report)
    assert found["quadrant"].tolist()[:2] == ["high_high", "high_high"] or found["local"][0] > 0
    assert found["local"].isna().tolist() == [False] * 4 + [True]
    assert "e" in report.problems[0].message
    # by hand: mean 5, z = 4 3 -4 -3 0; sum of squares 50; a: (n-1) z_a z_b / 50 = 4 x 4 x 3 / 50
    assert found["local"][0] == pytest.approx(0.96)
    assert found["local"][1] == pytest.approx(4 * 3 * (4 - 4) / 2 / 50)
    with pytest.raises(InputError):
        local_moran(areas, pd.Series([1.0] * 5))
