"""How time and memory grow: 1 to 10 years, 100 to 10,000 areas, 60,000 to 60 million rows; and a national run.

    python benchmarks/bench_growth.py                # up to 60 million rows in 10 yearly files: minutes, 1 GB of disk
    python benchmarks/bench_growth.py --most 600000  # up to so many rows a year
    python benchmarks/bench_growth.py --only rows,national

From Parquet to counts (boundaries and registers read and checked, every address located, every area counted), every
run in a process of its own. Beside it the time to read all columns of the same Parquet files and nothing else, with
Polars (the fastest reader there is) and with pyarrow (which pandas and geopandas read with); a ratio is the median of
those of runs that followed each other. All without loading libraries. Below each line stand the steps; `categorising`
(values, intervals and ratios of every area) comes behind the counts.
The national run is 6 million persons a year in 10,000 areas of some 380 vertices, with 2.7 million addresses.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from made_up import make_project
from measuring import in_own_process

READERS = ("columns", "columns, Arrow")
HEAD = f"{'':44}{'seconds':>9}{'Polars':>9}{'ratio':>7}{'pyarrow':>9}{'ratio':>7}{'peak MB':>9}"


def one(name: str, repeats: int, **made: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder), model=False, country=True, **made)
        rounds = [
            {what: in_own_process(what, project) for what in ("counts", *READERS)} for _ in range(repeats)
        ]
        told = rounds[-1]["counts"]
        seconds = {what: median(each[what]["inner"] for each in rounds) for what in rounds[0]}
        line = f"{name:44}{seconds['counts']:9.2f}"
        for reader in READERS:
            ratio = median(each["counts"]["inner"] / each[reader]["inner"] for each in rounds)
            line += f"{seconds[reader]:9.2f}{ratio:7.1f}"
        print(f"{line}{max(each['counts']['peak_mb'] for each in rounds):9.0f}", flush=True)
        print(
            "    " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in told["steps"].items()), flush=True
        )
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=6_000_000, help="rows a year at most")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", default="years,areas,rows,national")
    given = parser.parse_args()
    wanted = given.only.split(",")
    print(HEAD)
    city = min(600_000, given.most)
    if "years" in wanted:
        for years in (1, 3, 10):
            one(
                f"{years} years of {city:,} rows, 1,000 areas",
                given.repeats,
                persons=city,
                years=years,
                areas=1000,
            )
    if "areas" in wanted:
        for areas in (100, 1_000, 10_000):
            one(f"{areas:,} areas, {city:,} rows", given.repeats, persons=city, years=1, areas=areas)
    if "rows" in wanted:
        for rows in (60_000, 600_000, 6_000_000):
            if rows <= given.most:
                one(f"{rows:,} rows, 1,000 areas", given.repeats, persons=rows, years=1, areas=1000)
    if "national" in wanted and given.most >= 6_000_000:
        country = {"persons": 6_000_000, "areas": 10_000, "vertices": 380, "addresses": 2_700_000}
        one("national: 6 million rows", given.repeats, years=1, **country)
        one("national: 60 million rows in 10 files", given.repeats, years=10, **country)


if __name__ == "__main__":
    main()
