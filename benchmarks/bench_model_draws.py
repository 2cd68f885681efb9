"""Time and memory of the draws behind "how sure is a category"; run it by itself on a machine at rest.

python benchmarks/bench_model_draws.py
"""

from __future__ import annotations

import sys
import time

import numpy as np

from geo_bosoc.models.index.draws import method_draws, weight_draws
from geo_bosoc.models.index_spec import IndexSpec

SHARES = (0.05, 0.25, 0.5, 0.2)


def peak_mb() -> float:
    """Peak memory of this process in MB; nan where the system does not tell it."""
    try:
        import resource
    except ImportError:
        return float("nan")
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((10_000, 20))
    start = time.perf_counter()
    _ = values @ rng.random((20, 10_000))[:, :1_000]
    product_only = 10 * (time.perf_counter() - start)
    start = time.perf_counter()
    weight_draws(values, SHARES, draws=10_000)
    weights = time.perf_counter() - start
    start = time.perf_counter()
    method_draws(values, IndexSpec(shares=SHARES), draws=100)
    methods = time.perf_counter() - start
    print("10,000 areas x 20 indicators")
    print(f"  matrix product alone, 10,000 draws            {product_only:6.2f} s")
    print(f"  10,000 weight draws with category frequencies {weights:6.2f} s")
    print(f"  100 draws over normalisation, aggregation too {methods:6.2f} s")
    print(f"  peak memory                                   {peak_mb():6.0f} MB")


if __name__ == "__main__":
    main()
