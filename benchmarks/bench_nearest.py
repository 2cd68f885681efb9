"""Sums over the 1,000 nearest residents: ours against listing neighbours with scipy, in one run.

    python benchmarks/bench_nearest.py [--small | --country] [--rounds N]

Each way runs in a process of its own, so that its peak memory is its own; the towns are made up, seeded, and the same
for all. "listing" is the plain way: `cKDTree` neighbours in chunks of addresses in sorted order, the radius from the
cumulated residents, 20 indicators summed by a sparse product. It breaks ties as the floating-point distances fall and
lists a fixed number of neighbours, so its sums are compared where its lists were long enough. "ours, by scipy" is what
runs where numba is not installed; its sums are compared with the compiled ones, every address. `--country` adds 2.7
million addresses, for which the plain way is measured on a tenth of the addresses (all of them as neighbours) and told
times ten.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow

SIZES = (60_000, 600_000)
COUNTRY = 2_700_000
K = 1_000
INDICATORS = 20
WAYS = ("ours, one thread", "ours", "ours, by scipy", "listing, merged", "listing")
SAMPLE = 10


def made_up_land(n: int) -> pd.DataFrame:
    """`n` addresses with 2.2 residents each: towns of different density, farms, one in ten on a shared spot."""
    rng = np.random.default_rng(n)
    side = 1000 * np.sqrt(n / 300)
    towns = max(3, n // 5000)
    centre = rng.uniform(0, side, (towns, 2))
    spread = rng.lognormal(6, 0.6, towns)
    town = rng.integers(0, towns, n)
    at = centre[town] + rng.normal(size=(n, 2)) * spread[town, None]
    at[: n // 10] = rng.uniform(0, side, (n // 10, 2))
    shared = rng.integers(0, n, n // 10)
    at[shared] = at[rng.integers(0, n, n // 10)]
    at = np.round(at[rng.permutation(n)], 2)
    residents = rng.poisson(2.2, n)
    figures = {f"indicator_{i:02d}": rng.binomial(residents, 0.02 + 0.02 * i) for i in range(INDICATORS)}
    return pd.DataFrame(
        {
            "address_id": pd.Series(np.arange(n)).astype(str),
            "x": 500_000 + at[:, 0],
            "y": 6_100_000 + at[:, 1],
            "residents": residents,
            **figures,
        }
    )


def listing(land: pd.DataFrame, merged: bool, sample: int) -> pd.DataFrame:
    """The plain way. Returns the sums of each address asked for (NaN where its list was too short)."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    names = [name for name in land.columns if name.startswith("indicator")]
    if merged:
        land = land.groupby(["x", "y"], as_index=False)[["residents", *names]].sum()
    xy = land[["x", "y"]].to_numpy()
    order = np.lexsort((xy[:, 1], np.floor(xy[:, 0] / 500)))
    xy, residents = xy[order], land["residents"].to_numpy()[order]
    figures = land[names].to_numpy()[order]
    tree = cKDTree(xy)
    size = int(K / residents.mean() * 1.4) + 20
    width = 1_000_000 // size
    sums = np.full((len(xy), len(names)), np.nan)
    for first in range(0, len(xy), width * sample):
        part = slice(first, min(first + width, len(xy)))
        distance, near = tree.query(xy[part], k=size, workers=2)
        reached = np.cumsum(residents[near], axis=1)
        last = (reached < K).sum(axis=1).clip(max=size - 1)
        among = distance <= np.take_along_axis(distance, last[:, None], axis=1)
        ends = np.concatenate(([0], np.cumsum(among.sum(axis=1))))
        chosen = csr_matrix((np.ones(ends[-1], np.int64), near[among], ends), (len(among), len(xy)))
        enough = (reached[:, -1] >= K) & ~among[:, -1]
        sums[part] = np.where(enough[:, None], chosen @ figures, np.nan)
    return pd.DataFrame(sums, columns=names, index=land.index[order]).sort_index()


def one_way(way: str, n: int, sample: int, data: Path) -> dict[str, Any]:
    """Run one way in this process: seconds, processor seconds, and memory in MB with the data read and at its peak."""
    from geo_bosoc.neighbourhoods import nearest_sums
    from geo_bosoc.problems import Report

    land = pd.read_parquet(data / f"{n}.parquet")
    names = [name for name in land.columns if name.startswith("indicator")]
    ours = way.startswith("ours")
    if ours:  # compiled, or loaded from the cache
        nearest_sums(land.head(100), 10, values=names, method="compiled", report=Report())
    forget_peak()
    before, cpu, began = memory("VmRSS"), time.process_time(), time.perf_counter()
    if not ours:
        listing(land, "merged" in way, sample)
        seconds = (time.perf_counter() - began) * sample
        return told(before, seconds, (time.process_time() - cpu) * sample)
    threads = 1 if "one" in way else 2
    method = "tree" if "scipy" in way else "compiled"
    sums = nearest_sums(land, K, values=names, method=method, n_jobs=threads, report=Report())
    result = told(before, time.perf_counter() - began, time.process_time() - cpu)
    if n == SIZES[0] and "scipy" in way:
        compiled = nearest_sums(land, K, values=names, method="compiled", report=Report())
        wrong = (compiled != sums).any(axis=1)
        result |= {"compared": n, "differ": int(wrong.sum())}
    elif n == SIZES[0]:
        plain = listing(land, False, 1)
        listed = plain.notna().all(axis=1).to_numpy()
        wrong = (plain.to_numpy()[listed] != sums[names].to_numpy()[listed]).any(axis=1)
        result |= {"compared": int(listed.sum()), "differ": int(wrong.sum())}
    return result


def told(before: float, seconds: float, cpu: float) -> dict[str, Any]:
    return {"seconds": seconds, "cpu": cpu, "before": before, "peak": memory("VmHWM")}


def memory(which: str) -> float:
    """What this process holds (VmRSS) or has held at most (VmHWM), in MB; not a number where /proc is not there."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(which))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Count the peak from here on: reading the data takes more than what it leaves."""
    pyarrow.default_memory_pool().release_unused()
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def child(*arguments: str) -> str:
    """Run this file in a process of its own and return what it prints."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="60,000 addresses only")
    parser.add_argument("--country", action="store_true", help="2.7 million addresses as well")
    parser.add_argument("--rounds", type=int, default=3, help="median of so many rounds (default 3)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        way, n, *rest = given.child
        if way == "write":
            made_up_land(int(n)).to_parquet(Path(rest[0]) / f"{n}.parquet")
        else:
            print(json.dumps(one_way(way, int(n), int(rest[0]), Path(rest[1]))))
        return
    print(
        f"k = {K}, {INDICATORS} indicators, medians of {given.rounds} rounds (of one where listing takes minutes)"
    )
    print(
        "ratio: to listing, by the clock and by processor time; MB: with the data read, and added at the peak (the "
        "result included)"
    )
    print(f"{'addresses':>10}  {'way':<18}{'s':>8}{'ratio':>8}{'cpu s':>9}{'ratio':>8}{'MB':>7}{'added':>7}")
    with tempfile.TemporaryDirectory() as folder:
        sizes = SIZES[:1] if given.small else (*SIZES, *((COUNTRY,) if given.country else ()))
        for n in sizes:
            child("write", str(n), folder)
            compare(n, given.rounds, folder)


def compare(n: int, times: int, folder: str) -> None:
    """All ways in turn on one size, and the table's lines about it."""
    rounds: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    sample = SAMPLE if n == COUNTRY else 1
    for number in range(times):
        for way in WAYS:
            if not (("listing" in way or "scipy" in way) and n > SIZES[0] and number):
                rounds[way].append(json.loads(child(way, str(n), str(sample), folder)))
    middle = {
        way: {name: statistics.median(one[name] for one in rounds[way]) for name in rounds[way][0]}
        for way in WAYS
    }
    plain = middle["listing"]
    for way, one in middle.items():
        print(
            f"{n:>10}  {way:<18}{one['seconds']:>8.2f}{one['seconds'] / plain['seconds']:>8.3f}{one['cpu']:>9.2f}"
            f"{one['cpu'] / plain['cpu']:>8.3f}{one['before']:>7.0f}{one['peak'] - one['before']:>7.0f}",
            flush=True,
        )
        if "differ" in one:
            peer = "the compiled way" if "scipy" in way else "listing"
            print(f"{'':>12}{one['compared']:.0f} addresses compared with {peer}, {one['differ']:.0f} differ")


if __name__ == "__main__":
    main()
