"""Means of a made-up raster of 20,000 x 20,000 cells in 2,000 areas: beside exactextract, rasterstats, plain reading.

Each is measured in a process of its own, one after the other: seconds of one mean in every area, and peak memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from bench_locate import peak_memory
from rasterio.transform import from_origin
from rasterio.windows import Window

SIDE, CELL, AREAS, BLOCK, NODATA = 20_000, 5, 2_000, 512, -9999.0
WEST, NORTH = 500_000, 6_300_000
FILES = ("noise.tif", "areas.parquet")


def make(folder: Path) -> None:
    """A smooth field with noise on it in tenths, 1 % of it without data; Voronoi cells as areas."""
    rng = np.random.default_rng(22)
    coarse = rng.random((SIDE // 250 + 2, SIDE // 250 + 2)) * 25 + 45
    profile = {
        "driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "float32", "crs": "EPSG:25832",
        "transform": from_origin(WEST, NORTH, CELL, CELL), "nodata": NODATA, "tiled": True, "blockxsize": BLOCK,
        "blockysize": BLOCK, "compress": "deflate", "zlevel": 1, "num_threads": 2,
    }  # fmt: skip
    columns = np.arange(SIDE) / 250
    left, across = columns.astype(int), columns % 1
    with rasterio.open(folder / FILES[0], "w", **profile) as file:
        for top in range(0, SIDE, BLOCK):
            rows = np.arange(top, min(top + BLOCK, SIDE)) / 250
            above, down = rows.astype(int), (rows % 1)[:, None]
            upper = coarse[above][:, left] * (1 - across) + coarse[above][:, left + 1] * across
            lower = coarse[above + 1][:, left] * (1 - across) + coarse[above + 1][:, left + 1] * across
            band = upper * (1 - down) + lower * down + rng.normal(0, 1, (len(rows), SIDE))
            band = band.round(1).astype(np.float32)
            band[rng.random(band.shape) < 0.01] = NODATA
            file.write(band, 1, window=Window(0, top, SIDE, len(rows)))
    box = shapely.box(WEST, NORTH - SIDE * CELL, WEST + SIDE * CELL, NORTH)
    seeds = rng.random((AREAS, 2)) * SIDE * CELL + [WEST, NORTH - SIDE * CELL]
    parts = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=box))
    polygons = shapely.segmentize(shapely.intersection(parts, box), 200)
    # In the order of the rows, which is the best that the peers can get.
    order = np.lexsort(
        (shapely.get_x(shapely.centroid(polygons)), -(shapely.bounds(polygons)[:, 3] // 10_000))
    )
    ids = [f"{number:04d}" for number in range(len(parts))]
    gpd.GeoDataFrame({"area_id": ids}, geometry=polygons[order], crs=25832).to_parquet(folder / FILES[1])


def read(folder: Path) -> list[float]:
    """Every cell, block by block."""
    total = 0.0
    with rasterio.open(folder / FILES[0]) as file:
        for top in range(0, SIDE, BLOCK):
            total += float(file.read(1, window=Window(0, top, SIDE, min(BLOCK, SIDE - top)))[0, 0])
    return [total]


def ours(folder: Path, rule: str) -> list[float]:
    """By this package, to the counts."""
    from geo_bosoc.indicators import Indicator, Side
    from geo_bosoc.problems import Report
    from geo_bosoc.rasters.zonal.registers import count_rasters, open_raster_register
    from geo_bosoc.rasters.zonal.settings import with_raster_settings
    from geo_bosoc.registers.spec import RegisterSpec

    spec = RegisterSpec(path=str(folder / FILES[0]), unit="raster", period="2024", rule=rule)
    register = open_raster_register(spec, None, (), (), Report(), name="noise")
    assert register is not None
    mean = Indicator(
        id="mean",
        denominator=Side(register_name="noise"),
        mean_of="value",
        unit="mean",
        label_da="Støj",
        label_en="",
    )
    registers, report = {"noise": register}, Report()
    indicators = with_raster_settings([mean], registers, report)
    areas = gpd.read_parquet(folder / FILES[1])
    (counts,) = count_rasters(
        registers,
        indicators,
        {"noise": register.schema()},
        areas=areas,
        outline=None,
        periods=["2024"],
        report=report,
    )
    rows = counts.raw["areas"].to_pandas().set_index("area_id").loc[areas["area_id"]]
    return list(rows["numerator"] / indicators[0].scale / (rows["denominator"] - rows["unknown"]))


def by_exactextract(folder: Path) -> list[float]:
    import exactextract

    areas = gpd.read_parquet(folder / FILES[1])
    return list(exactextract.exact_extract(str(folder / FILES[0]), areas, ["mean"], output="pandas")["mean"])


def by_rasterstats(folder: Path) -> list[float]:
    import rasterstats

    areas = gpd.read_parquet(folder / FILES[1])
    rows = rasterstats.zonal_stats(areas, str(folder / FILES[0]), stats=["mean"])
    return [row["mean"] for row in rows]


PARTS: dict[str, Callable[[Path], list[float]]] = {
    "read": read,
    "exact": lambda folder: ours(folder, "exact"),
    "exactextract": by_exactextract,
    "centre": lambda folder: ours(folder, "centre"),
    "rasterstats": by_rasterstats,
}


def measure(part: str, folder: Path) -> tuple[float, float, np.ndarray]:
    """Seconds, MB and means of one part, in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    seconds, memory = map(float, printed[0].split())
    return seconds, memory, np.array([float(line) for line in printed[1:]])


def main() -> None:
    """Time each, and compare what they say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=list(PARTS))
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.part:
        start = time.perf_counter()
        means = PARTS[arguments.part](arguments.folder)
        print(time.perf_counter() - start, peak_memory())
        print(*means, sep="\n")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        if not all((folder / name).exists() for name in FILES):
            make(folder)
        results = {part: measure(part, folder) for part in PARTS}
    for part, (seconds, memory, _) in results.items():
        print(f"{part}: {seconds:.1f} s, {memory:,.0f} MB")
    for part, peer in (("exact", "exactextract"), ("centre", "read"), ("centre", "rasterstats")):
        print(f"{part} / {peer}: {results[part][0] / results[peer][0]:.2f}")
    np.testing.assert_allclose(results["exact"][2], results["exactextract"][2], rtol=1e-6)
    np.testing.assert_allclose(results["centre"][2], results["rasterstats"][2], rtol=1e-5)


if __name__ == "__main__":
    main()
