"""From raw files to counts: 400,000 persons over five years, keyed extracts, linked files, a list, workbooks.

    python benchmarks/bench_raw.py [--persons 400000] [--folder DIR]

writes the made-up municipality of 100,000 in raw shape, every person so many times over (each with a number of their
own), and measures one process that reads, links, locates and counts: seconds, seconds of processor time, and peak
memory. The promise is 60 seconds and 2 GB on two cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import polars as pl
from bench_locate import peak_memory

from geo_bosoc.demo import write_raw_demo

TOWN = 100_000
KEYED = (
    "befolkning_1", "befolkning_2", "forsørgelse", "uddannelse", "sigtelser", "foranstaltninger", "pladser",
    "fravær", "ydelser",
)  # fmt: skip


def make(folder: Path, times: int) -> None:
    """The raw demo in `folder`, each person `times` times over."""
    write_raw_demo(folder, residents=TOWN)
    for name in KEYED:
        path = folder / "data" / "registers" / f"{name}.csv"
        table = pl.read_csv(path.read_bytes().decode("cp1252").encode(), separator=";", infer_schema=False)
        key = table.columns[0]
        digits = pl.col(key).str.replace("-", "", literal=True).str.zfill(10)
        copies = [table]
        for number in range(1, times):
            month = (digits.str.slice(2, 2).cast(pl.Int64) + 20 * number).cast(pl.String)
            copies.append(
                table.with_columns((digits.str.slice(0, 2) + month + digits.str.slice(4)).alias(key))
            )
        path.write_bytes(pl.concat(copies).write_csv(separator=";").encode("cp1252"))
    project = folder / "bosoc.toml"
    text = project.read_text(encoding="utf-8")
    most = re.search(r"most_residents = (\d+)", text)
    assert most is not None
    text = text.replace(most.group(), f"most_residents = {int(most.group(1)) * times}")
    project.write_text(text, encoding="utf-8")


def count(folder: Path) -> tuple[float, float, float, int]:
    """Raw files to counts in a process of its own; seconds, processor time, peak GB, residents of the last year."""
    from geo_bosoc.problems import Report
    from geo_bosoc.project.count import count_project, label_registers
    from geo_bosoc.project.reading import read_inputs
    from geo_bosoc.project.spec import load_project

    began, worked = time.perf_counter(), time.process_time()
    report = Report()
    inputs = read_inputs(load_project(folder), report)
    labels = label_registers(inputs, report)
    counts, reference_counts, *_ = count_project(inputs, labels, periods=(), rows="register", report=report)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    del counts
    everyone = reference_counts[
        (reference_counts["area_id"] == "@municipality") & (reference_counts["indicator"] == "residents")
    ]
    return seconds, processor, peak_memory() * 1024**2 / 1e9, int(everyone["denominator"].iloc[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=400_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench_raw_") as place:
        folder = asked.folder or Path(place)
        times = max(1, round(asked.persons / TOWN))
        make(folder, times)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            seconds, processor, peak, residents = pool.submit(count, folder).result()
        print(
            f"{residents:,} residents, {size / 1e6:.0f} MB of raw files: {seconds:.1f} s, {processor:.1f} s of "
            f"processor time, {peak:.2f} GB at most"
        )


if __name__ == "__main__":
    main()
