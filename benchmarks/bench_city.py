"""A whole run of a city, from Parquet to every output: 370,000 persons x 5 years x 200 areas x 20 indicators.

    python benchmarks/bench_city.py
    python benchmarks/bench_city.py --persons 100000 --years 2 --repeats 1

Each run is a process of its own, loading the libraries included. Times are medians.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from made_up import make_project
from measuring import in_own_process


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=370_000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--areas", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(
            Path(folder), persons=given.persons, years=given.years, areas=given.areas, vertices=100
        )
        print(f"{given.persons:,} persons x {given.years} years x {given.areas} areas x 20 indicators")
        print(f"{'':22}{'seconds':>9}{'processor':>11}{'peak MB':>9}")
        run = in_own_process("run", project, given.repeats)
        print(f"{'a run':22}{run['seconds']:9.1f}{run['processor']:11.1f}{run['peak_mb']:9.0f}")
        print("steps of the last run: " + ", ".join(f"{k} {v:.1f}" for k, v in run["steps"].items()))


if __name__ == "__main__":
    main()
