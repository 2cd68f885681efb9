"""Surfaces of a made-up city: density and one rate among the k nearest residents, from addresses with their counts."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from bench_locate import peak_memory

from geo_bosoc.rasters.grid import write_grid
from geo_bosoc.rasters.surfaces import classes_picture, resident_surface


def city(residents: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Addresses, a third as many as residents, 60 per cent of them around forty centres within 15 km; and counts."""
    random = np.random.default_rng(seed)
    count, wide = residents // 3, 15_000.0
    towns = random.random((40, 2)) * wide
    spread = towns[random.integers(0, 40, count)] + random.normal(0, wide / 25, (count, 2))
    even = random.random((count, 2)) * wide
    places = np.where(random.random((count, 1)) < 0.6, spread, even).clip(1, wide - 1).round(1)
    living = np.bincount(random.integers(0, count, residents), minlength=count)
    addresses = pd.DataFrame(
        {
            "address_id": [f"{number:08d}" for number in range(count)],
            "x": 560_000 + places[:, 0],
            "y": 6_200_000 + places[:, 1],
            "residents": living,
        }
    )
    base = random.binomial(living, 0.6)
    counts = pd.DataFrame(
        {
            "address_id": addresses["address_id"],
            "indicator": "outside",
            "numerator": random.binomial(base, 0.2),
            "denominator": base,
            "unknown": 0,
        }
    )
    return addresses, counts


def main() -> None:
    """Print medians of three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=300_000)
    residents = parser.parse_args().residents
    addresses, counts = city(residents)
    print(f"{residents:,} residents, {len(addresses):,} addresses, 15 km across")
    for k in (100, 400, 1_600):
        for size in (100, 250):
            seconds, processor = [], []
            for _ in range(3):
                began, began_processor = time.perf_counter(), time.process_time()
                surface = resident_surface(addresses, counts, k=k, size=size, least=5)
                seconds.append(time.perf_counter() - began)
                processor.append(time.process_time() - began_processor)
            print(
                f"k = {k:>5}, {size} m: {len(surface):,} cells, {statistics.median(seconds):.2f} s, "
                f"processor {statistics.median(processor):.2f} s"
            )
    surface = resident_surface(addresses, counts, least=5)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_grid(surface, Path(folder) / "density.tif", bands={"density": "density"})
        size = (Path(folder) / "density.tif").stat().st_size
    picture, _ = classes_picture(surface, np.arange(len(surface)) % 5, ["#d5dcec"] * 5)
    print(f"written and drawn: {time.perf_counter() - began:.2f} s; {size:,} and {len(picture):,} bytes")
    print(f"peak {peak_memory():.0f} MB")


if __name__ == "__main__":
    main()
