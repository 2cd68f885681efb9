"""An index of 33,755 made-up areas and seven figures from a CSV to a CSV, beside the same command on three rows.

What is above the three rows is the table's own: starting Python and loading the package is in both. Seconds and peak
memory of whole processes, the commands in turn.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

AREAS, NAMES = 33_755, ("income", "employment", "education", "health", "crime", "housing", "living")
WEIGHTS = (0.225, 0.225, 0.135, 0.135, 0.093, 0.093, 0.093)


def make(folder: Path) -> None:
    """The tables and the model: ranks transformed exponentially, weights that sum to .999, deciles."""
    rng = np.random.default_rng(1)
    columns = {name: np.round(rng.gamma(2, 10, AREAS), 3) for name in NAMES}
    table = pd.DataFrame({"area": [f"E{number:08d}" for number in range(AREAS)], **columns})
    table.to_csv(folder / "all.csv", index=False)
    table.head(3).to_csv(folder / "three.csv", index=False)
    lines = ['id = "made-up"', 'version = "1"', 'kind = "index"', "[index]", 'normalise = "uk_exponential"']
    lines.append(f"shares = {[0.1] * 10}")
    for name, weight in zip(NAMES, WEIGHTS, strict=True):
        lines += ["[[criterion]]", f'indicator = "{name}"', 'unit = "mean"', f"weight = {weight}"]
    for number in range(1, 11):
        lines += ["[[category]]", f'id = "decile_{number}"', f'label_da = "{number}"', 'colour = "#111111"']
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(folder: Path, table: str) -> tuple[float, float]:
    """Seconds and MB of the command on a table, in a process of its own."""
    code = (
        "import resource, sys; from geo_bosoc.cli.app import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)"
    )
    words = [
        "categorise",
        str(folder / table),
        "-m",
        str(folder / "model.toml"),
        "-o",
        str(folder / "out.csv"),
    ]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(done.stderr.splitlines()[-1])


def main() -> None:
    """Time both, in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder)
        figures = {
            table: [measure(folder, table) for _ in range(repeats)] for table in ("three.csv", "all.csv")
        }
    seconds, memory = (
        {table: min(each[place] for each in runs) for table, runs in figures.items()} for place in (0, 1)
    )
    for table in figures:
        print(f"{table}: {seconds[table]:.1f} s, {memory[table]:,.0f} MB")
    print(
        f"above three rows: {seconds['all.csv'] - seconds['three.csv']:.1f} s, "
        f"{memory['all.csv'] - memory['three.csv']:,.0f} MB"
    )


if __name__ == "__main__":
    main()
