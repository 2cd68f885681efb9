"""Locating points in areas: ours beside geopandas, SedonaDB and DuckDB, in turn, on the same made-up country.

    python benchmarks/bench_locate.py                    # 6 million points, 10,000 areas of some 380 vertices
    python benchmarks/bench_locate.py --points 100000 --areas 500 --repeat 3
    python benchmarks/bench_locate.py --addresses 2700000 --layout towns

Each runs in a process of its own, from the two Parquet files to pairs of point and area in memory; a peer
that is not installed is named and left out. All must give the same answer: points on borders, where the
peers' `within` loses them, are counted and told. Times are medians; ratios hold within one run only.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

SIZE = 300_000.0
ORIGIN = (450_000.0, 6_060_000.0)
SEED = 20_260


def coverage(count: int, vertices: int) -> NDArray[Any]:
    """Polygons that cover a square without gap or overlap: Voronoi cells whose shared edges wind."""
    random = np.random.default_rng(SEED)
    seeds = random.random((count, 2)) * SIZE
    x, y = seeds.T
    mirrored = [(-x, y), (2 * SIZE - x, y), (x, -y), (x, 2 * SIZE - y)]  # so that the rim is straight
    cells = Voronoi(np.concatenate([seeds, *(np.column_stack(side) for side in mirrored)]))
    share = np.linspace(0, 1, max(2, round(vertices / 6)) + 1)[1:-1]
    drawn: dict[tuple[int, int], NDArray[np.float64]] = {}

    def edge(a: int, b: int) -> NDArray[np.float64]:
        ends = (min(a, b), max(a, b))
        if ends not in drawn:
            start, stop = cells.vertices[ends[0]], cells.vertices[ends[1]]
            step = stop - start
            rim = any(
                abs(start[i] - at) < 1e-3 and abs(stop[i] - at) < 1e-3 for i in (0, 1) for at in (0, SIZE)
            )
            wind = np.sin(share * np.pi) * random.normal(0, 0.0 if rim else 0.012, len(share))
            sideways = np.array([-step[1], step[0]])
            drawn[ends] = np.concatenate(
                [[start], start + np.outer(share, step) + np.outer(wind, sideways), [stop]]
            )
        return drawn[ends] if a == ends[0] else drawn[ends][::-1]

    shapes = []
    for place in range(count):
        ring = cells.regions[cells.point_region[place]]
        pieces = [edge(ring[i - 1], ring[i])[:-1] for i in range(len(ring))]
        shapes.append(shapely.Polygon(np.concatenate(pieces) + ORIGIN))
    return np.array(shapes, dtype=object)


def write_data(
    folder: Path, points: int, areas: int, vertices: int, addresses: int, layout: str
) -> dict[str, float]:
    random = np.random.default_rng(SEED + 1)
    shapes = coverage(areas, vertices)
    frame = gpd.GeoDataFrame({"area_id": [f"{i:05d}" for i in range(areas)]}, geometry=shapes, crs=25832)
    frame.to_parquet(folder / "areas.parquet")
    if layout == "towns":
        towns = random.random((400, 2)) * SIZE
        which = random.choice(len(towns), addresses, p=random.dirichlet(np.full(len(towns), 0.3)))
        xy = towns[which] + random.normal(0, 4_000, (addresses, 2))
    else:
        xy = random.random((addresses, 2)) * SIZE
    xy = np.round(xy, 2) + ORIGIN
    corners = shapely.get_coordinates(shapes)
    border = random.choice(len(corners), max(addresses // 10_000, 1))
    xy[: len(border)] = corners[border]  # one in 10,000 exactly on a border
    rows = np.arange(points) if points == addresses else random.integers(0, addresses, points)
    table = pl.DataFrame({"address_id": rows, "x": xy[rows, 0], "y": xy[rows, 1]})
    table.write_parquet(folder / "points.parquet")
    return {
        "vertices_per_area": float(shapely.get_num_coordinates(shapes).mean()),
        "valid": bool(shapely.is_valid(shapes).all()),
    }


# --- the contestants: each returns (address ids, areas' numbers, seconds of the join alone)

Answer = tuple[NDArray[Any], NDArray[Any], float]


def ours(folder: Path) -> Answer:
    import scipy.ndimage  # noqa: F401  (libraries are loaded before the clock starts, as the peers' are)

    from geo_bosoc.locate.join import locate

    areas = gpd.read_parquet(folder / "areas.parquet")
    points = pl.read_parquet(folder / "points.parquet")
    start = time.perf_counter()
    located = locate(points, areas)
    taken = time.perf_counter() - start
    return located["address_id"].to_numpy(), located["area_id"].to_physical().to_numpy(), taken


def geopandas_sjoin(folder: Path) -> Answer:
    areas = gpd.read_parquet(folder / "areas.parquet")
    table = pl.read_parquet(folder / "points.parquet")
    points = gpd.GeoDataFrame(
        {"address_id": table["address_id"].to_numpy()},
        geometry=shapely.points(table["x"].to_numpy(), table["y"].to_numpy()),
        crs=25832,
    )
    start = time.perf_counter()
    joined = gpd.sjoin(points, areas, predicate="within")
    taken = time.perf_counter() - start
    return joined["address_id"].to_numpy(), joined["index_right"].to_numpy(), taken


def sedona(folder: Path) -> Answer:
    import sedonadb

    connection = sedonadb.connect()
    connection.read_parquet(str(folder / "areas.parquet")).to_view("areas")
    connection.read_parquet(str(folder / "points.parquet")).to_view("points")
    start = time.perf_counter()
    result = connection.sql(
        "SELECT p.address_id AS address_id, a.area_id AS area_id FROM points p JOIN areas a"
        " ON ST_Within(ST_SetSRID(ST_Point(p.x, p.y), 25832), a.geometry)"
    ).to_arrow_table()
    taken = time.perf_counter() - start
    table = pl.DataFrame(pl.from_arrow(result))
    return table["address_id"].to_numpy(), table["area_id"].cast(pl.Int32).to_numpy(), taken


def duckdb_spatial(folder: Path) -> Answer:
    import duckdb

    connection = duckdb.connect()
    connection.execute("LOAD spatial")
    start = time.perf_counter()
    result = connection.execute(
        f"SELECT p.address_id, a.area_id FROM '{(folder / 'points.parquet').as_posix()}' p"
        f" JOIN '{(folder / 'areas.parquet').as_posix()}' a ON ST_Within(ST_Point(p.x, p.y), a.geometry)"
    ).pl()
    taken = time.perf_counter() - start
    return result["address_id"].to_numpy(), result["area_id"].cast(pl.Int32).to_numpy(), taken


CONTESTANTS: dict[str, Callable[[Path], Answer]] = {
    "geo_bosoc": ours,
    "geopandas": geopandas_sjoin,
    "sedonadb": sedona,
    "duckdb": duckdb_spatial,
}


def missing(name: str) -> str | None:
    """Why a peer cannot run here, if it cannot."""
    if importlib.util.find_spec(name) is None:
        return "not installed"
    if name == "duckdb":
        import duckdb

        try:
            duckdb.connect().execute("LOAD spatial")
        except duckdb.Error:
            return "its spatial extension is not installed, and is fetched from the network only"
    return None


def peak_memory() -> float:
    """The process's greatest memory so far, in MB; NaN where the system does not tell.

    Linux's own account of the process comes first: `resource` would count what the parent held before.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def work(name: str, folder: Path, answer: Path) -> None:
    """Run one contestant, here: its answer (least area of each address) to a file, its figures to stdout."""
    before = peak_memory()
    cpu = time.process_time()
    start = time.perf_counter()
    address, area, join = CONTESTANTS[name](folder)
    whole = time.perf_counter() - start
    figures = {
        "whole": whole,
        "join": join,
        "cpu": time.process_time() - cpu,
        "memory": peak_memory() - before,
    }
    least = np.full(int(address.max(initial=-1)) + 1, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(least, address, area.astype(np.int32))
    np.save(answer, least)
    print(json.dumps(figures))


def run(name: str, folder: Path) -> tuple[dict[str, float], NDArray[np.int32]]:
    answer = folder / f"{name}.npy"
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", name, "--data", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=1800
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1]), np.load(answer)


def compare(answers: dict[str, NDArray[np.int32]], folder: Path) -> None:
    """Ours against each peer; a difference off the borders is a failure."""
    mine = answers["geo_bosoc"]
    areas = gpd.read_parquet(folder / "areas.parquet").geometry.to_numpy()
    points = pl.read_parquet(folder / "points.parquet").unique("address_id")
    place = np.full((len(mine), 2), np.nan)
    inside = points.filter(pl.col("address_id") < len(mine))
    place[inside["address_id"].to_numpy()] = inside.select("x", "y").to_numpy()
    for name, other in answers.items():
        if name == "geo_bosoc":
            continue
        other = np.concatenate(
            [other, np.full(max(len(mine) - len(other), 0), np.iinfo(np.int32).max, np.int32)]
        )
        if len(other) > len(mine):
            raise SystemExit(f"{name} places addresses that geo_bosoc does not")
        apart = np.flatnonzero(other != mine)
        border = shapely.boundary(areas[mine[apart]])
        off = [i for i, line in zip(apart, border, strict=True) if not shapely.intersects_xy(line, *place[i])]
        if off:
            raise SystemExit(f"{name} and geo_bosoc differ on {len(off)} points that lie on no border")
        print(
            f"{name}: the same, but for {len(apart)} points exactly on a border, which it does not place so"
        )
    sample = np.random.default_rng(1).choice(len(mine), min(2_000, len(mine)), replace=False)
    sample = sample[np.isfinite(place[sample, 0])]
    tree = shapely.STRtree(areas)
    for i in sample:
        hits = [
            j
            for j in sorted(tree.query(shapely.Point(*place[i])))
            if areas[j].intersects(shapely.Point(*place[i]))
        ]
        if (hits[0] if hits else np.iinfo(np.int32).max) != mine[i]:
            raise SystemExit("geo_bosoc differs from shapely asked point by point")
    print(f"geo_bosoc: the same as shapely asked one by one, on {len(sample)} points")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=6_000_000, help="rows")
    parser.add_argument("--addresses", type=int, help="distinct addresses among them (default: as many)")
    parser.add_argument("--areas", type=int, default=10_000)
    parser.add_argument("--vertices", type=int, default=380, help="of an area")
    parser.add_argument("--layout", choices=["even", "towns"], default="even")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--peers", nargs="*", default=list(CONTESTANTS)[1:], choices=list(CONTESTANTS)[1:])
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.data, options.data / f"{options.worker}.npy")
        return
    with tempfile.TemporaryDirectory(prefix="bench_locate_") as name:
        folder = Path(name)
        about = write_data(
            folder,
            options.points,
            options.areas,
            options.vertices,
            options.addresses or options.points,
            options.layout,
        )
        if not about["valid"]:
            raise SystemExit("the made-up areas are not valid")
        print(
            f"{options.points:,} points at {options.addresses or options.points:,} addresses ({options.layout}),"
            f" {options.areas:,} areas of {about['vertices_per_area']:.0f} vertices"
        )
        names = ["geo_bosoc"]
        for peer in options.peers:
            reason = missing(peer)
            print(f"{peer}: left out, {reason}") if reason else names.append(peer)
        figures: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        answers: dict[str, NDArray[np.int32]] = {}
        for _ in range(options.repeat):
            for name in names:
                measured, answers[name] = run(name, folder)
                figures[name].append(measured)
        middle = {
            name: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
            for name, runs in figures.items()
        }
        heads = (
            ("join s", 9),
            ("whole s", 9),
            ("cpu s", 9),
            ("added MB", 10),
            ("ours/it: join", 16),
            ("whole", 8),
        )
        print("\n" + " " * 12 + "".join(f"{head:>{width}}" for head, width in heads))
        own = middle["geo_bosoc"]
        for name, one in middle.items():
            print(
                f"{name:12}{one['join']:9.2f}{one['whole']:9.2f}{one['cpu']:9.2f}{one['memory']:10.0f}"
                f"{own['join'] / one['join']:16.3f}{own['whole'] / one['whole']:8.3f}"
            )
        print()
        compare(answers, folder)


if __name__ == "__main__":
    main()
