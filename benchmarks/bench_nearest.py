"""Distance from homes to the nearest of many shapes, beside geopandas' `sjoin_nearest`: 1,000,000 made-up homes."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_bosoc.locate.join import distance_to_nearest

HOMES, POINTS, PARKS, COAST = 1_000_000, 5_000, 200, 20_000
SIDE = 20_000


def layers(rng: np.random.Generator) -> dict[str, gpd.GeoSeries]:
    """Stops and parks; and the same with a coast of many corners."""
    stops = gpd.GeoSeries(gpd.points_from_xy(*rng.uniform(0, SIDE, (2, POINTS))))
    parks = [
        shapely.Point(*rng.uniform(0, SIDE, 2)).buffer(
            rng.uniform(50, 400), quad_segs=int(rng.integers(8, 60))
        )
        for _ in range(PARKS)
    ]
    steps = np.linspace(0, SIDE, COAST)
    coast = shapely.LineString(np.column_stack([steps, 500 * np.sin(steps / 700)]))
    both = pd.concat([stops, gpd.GeoSeries(parks)], ignore_index=True)
    return {
        "stops and parks": gpd.GeoSeries(both, crs=25832),
        "a coast": gpd.GeoSeries([coast], crs=25832),
    }


def main() -> None:
    """Time both, and compare what they say."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, SIDE, (2, HOMES))
    for name, layer in layers(rng).items():
        number = (
            HOMES if name == "stops and parks" else 20_000
        )  # the peer takes minutes for more beside a coast
        start = time.perf_counter()
        ours = distance_to_nearest(x[:number], y[:number], layer)
        middle = time.perf_counter()
        homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x[:number], y[:number]), crs=25832)
        joined = homes.sjoin_nearest(gpd.GeoDataFrame(geometry=layer), distance_col="metres")
        peer = joined[~joined.index.duplicated()]["metres"].to_numpy()
        end = time.perf_counter()
        assert np.allclose(ours, peer)
        print(
            f"{name}, {number:,} homes: {middle - start:.2f} s; sjoin_nearest {end - middle:.2f} s; "
            f"ratio {(middle - start) / (end - middle):.2f}"
        )


if __name__ == "__main__":
    main()
