"""How long the follow-up takes: alone, and beside the run that it is a part of.

    python benchmarks/bench_follow_up.py                     # 370,000 persons a year
    python benchmarks/bench_follow_up.py --persons 100000 --only beside --repeats 1

Promised: 370,000 persons x 5 years in 5 s beside the run. ``beside`` runs the city of `bench_city.py` (200 areas, 20
indicators) to every output, each time in a process of its own: without follow-up, with it, and with persons linked over
years; the public set alone, and both sets. The runs of a round follow each other, so that they meet the same load.
``linked`` times the steps of linked persons in a city of 60 areas, on one core. There is no peer that links persons
over years and splits a change; Polars' own join of two years is timed beside it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # one core; set before Polars is loaded

import geopandas as gpd
import numpy as np
import polars as pl
import shapely
from made_up import make_project
from measuring import in_own_process

from geo_bosoc.follow_up.persons.causes import linked_change
from geo_bosoc.follow_up.persons.components import split_change
from geo_bosoc.follow_up.persons.destinations import destinations
from geo_bosoc.follow_up.persons.link import PersonRegister, by_period, link_persons
from geo_bosoc.follow_up.persons.moves import area_moves, move_profiles, moves_between
from geo_bosoc.follow_up.persons.routes import count_routes
from geo_bosoc.indicators import Indicator, Side, count_indicators, indicator_table
from geo_bosoc.locate.labels import Labels, label_addresses
from geo_bosoc.problems import Report

PERIODS = [str(year) for year in range(2020, 2025)]
SIDE = 10
AREAS = 60
INDICATORS = tuple(
    Indicator(
        id=f"i{number}",
        label_da="Opdigtet",
        label_en="Made up",
        unit="percent",
        denominator=Side(where=f"age BETWEEN {low} AND {high}"),
        numerator=Side(where=f"trait_{number}"),
    )
    for number, (low, high) in enumerate(
        [(18, 64), (18, 64), (10, 17), (0, 17), (0, 6), (15, 24), (24, 24), (65, 120)]
    )
)


def made_up_years(persons: int) -> tuple[list[pl.DataFrame], Labels, list[str]]:
    """The persons of each year: 6 in 100 leave and come, 12 in 100 move, 1 in 10 changes a trait."""
    rng = np.random.default_rng(1)
    addresses = max(persons // 3, 100)
    x, y = rng.uniform(0, SIDE * 1000, (2, addresses))
    table = pl.DataFrame({"address_id": [f"A{number:07d}" for number in range(addresses)], "x": x, "y": y})
    boxes = [
        shapely.box(
            1000 * (cell % SIDE),
            1000 * (cell // SIDE),
            1000 * (cell % SIDE) + 600,
            1000 * (cell // SIDE) + 600,
        )
        for cell in range(AREAS)
    ]
    ids = [f"{number:04d}" for number in range(AREAS)]
    areas = gpd.GeoDataFrame({"area_id": ids}, geometry=boxes, crs=25832)
    labels = label_addresses(table, areas, report=Report())
    names = table["address_id"].to_numpy()
    key, home, age = np.arange(persons), rng.integers(0, addresses, persons), rng.integers(0, 95, persons)
    traits = [rng.random(persons) < 0.2 for _ in INDICATORS]
    years, last = [], persons
    for period in PERIODS:
        columns = {f"trait_{number}": trait for number, trait in enumerate(traits)}
        person = pl.Series("person_id", key).cast(pl.String).str.zfill(9)
        frame = pl.DataFrame({"address_id": names[home], "age": age, **columns})
        years.append(frame.with_columns(person, pl.lit(period).alias("period")))
        renewed = np.flatnonzero(rng.random(persons) < 0.06)
        key, home, age = key.copy(), home.copy(), age + 1
        key[renewed] = last + np.arange(len(renewed))
        last += len(renewed)
        age[renewed] = rng.integers(0, 60, len(renewed))
        moved = (rng.random(persons) < 0.12) | np.isin(np.arange(persons), renewed)
        home[moved] = rng.integers(0, addresses, int(moved.sum()))
        traits = [np.where(rng.random(persons) < 0.1, rng.random(persons) < 0.2, trait) for trait in traits]
    return years, labels, ids


def bench_linked(persons: int) -> None:
    """Persons linked over years: the decomposition, moves, profiles and destinations."""
    years, labels, ids = made_up_years(persons)
    register = PersonRegister(by_period([(frame.lazy(), period) for frame, period in zip(years, PERIODS, strict=True)]),
                              "person_id", labels)  # fmt: skip
    rows = pl.concat([frame.lazy() for frame in years])
    counts = count_indicators({"persons": rows}, INDICATORS, labels=labels, areas=ids, periods=PERIODS)
    table = indicator_table(counts[counts["area_id"].isin(ids)], INDICATORS)
    pairs = list(pairwise(PERIODS))
    start = time.process_time()
    years[0].join(years[1], on="person_id", how="full", coalesce=True)
    print(f"Polars' join of two years, all columns: {time.process_time() - start:.2f} s")
    total = time.process_time()
    start = total
    linked = link_persons({"persons": register}, "persons", INDICATORS)
    print(f"link_persons: {time.process_time() - start:.2f} s")
    start = time.process_time()
    joined: dict[tuple[str, str], pl.DataFrame] = {}
    components = split_change(linked, table, INDICATORS, pairs, joined=joined)
    linked_change(components, table, INDICATORS, pairs)
    print(f"split_change, linked_change: {time.process_time() - start:.2f} s")
    start = time.process_time()
    routes = {pair: count_routes(linked, *pair, joined[pair]) for pair in pairs}
    area_moves(linked, pairs, ids, routes)
    moves_between(linked, pairs, ids, routes)
    move_profiles(components, INDICATORS)
    destinations(linked, {"a": ids[:1], "b": ids[1:3]}, pairs, ids, routes)
    print(f"moves, profiles, destinations: {time.process_time() - start:.2f} s")
    print(f"persons linked over years, together: {time.process_time() - total:.2f} s of one core")


FOLLOW_UP = """
[follow_up]
years = [1, 4]
"""
LINK = """
[follow_up.link]
years = true
purpose = "Opdigtet"
legal_basis = "Opdigtet"
"""
RUNS = (
    ("public set, no follow-up", "run", ""),
    ("public set, follow-up", "run", FOLLOW_UP),
    ("both sets, no follow-up", "run, internal", ""),
    ("both sets, follow-up", "run, internal", FOLLOW_UP),
    ("both sets, linked persons too", "run, internal", FOLLOW_UP + LINK),
)


def bench_beside(persons: int, areas: int, repeats: int) -> None:
    """Runs of a city without follow-up, with it, and with persons linked over years."""
    environment = os.environ.pop("POLARS_MAX_THREADS")  # a run takes the cores that there are
    seconds: dict[str, list[float]] = {name: [] for name, _, _ in RUNS}
    processor: dict[str, list[float]] = {name: [] for name, _, _ in RUNS}
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder), persons=persons, years=5, areas=areas)
        text = project.read_text(encoding="utf-8")
        for _ in range(repeats):
            for name, what, part in RUNS:
                project.write_text(text + part, encoding="utf-8")
                run = in_own_process(what, project)
                seconds[name].append(run["seconds"])
                processor[name].append(run["processor"])
                memory[name] = max(memory.get(name, 0.0), run["peak_mb"])
    os.environ["POLARS_MAX_THREADS"] = environment
    print(f"{persons:,} persons x 5 years x {areas} areas x 20 indicators, medians of {repeats}")
    print(f"{'':31}{'seconds':>9}{'processor':>11}{'peak MB':>9}")
    for name, _, _ in RUNS:
        medians = (statistics.median(seconds[name]), statistics.median(processor[name]))
        print(f"{name:31}{medians[0]:9.1f}{medians[1]:11.1f}{memory[name]:9.0f}")
    for name, without in ((RUNS[1][0], RUNS[0][0]), (RUNS[3][0], RUNS[2][0]), (RUNS[4][0], RUNS[3][0])):
        more = [
            statistics.median(a - b for a, b in zip(numbers[name], numbers[without], strict=True))
            for numbers in (seconds, processor)
        ]
        print(f"{name} less {without}: {more[0]:.1f} s, {more[1]:.1f} s of processor")


def main() -> None:
    """Every section, or one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=370_000)
    parser.add_argument("--areas", type=int, default=200, help="of the city that is run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("beside", "linked"))
    chosen = parser.parse_args()
    if chosen.only != "beside":
        bench_linked(chosen.persons)
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if chosen.only != "linked":
        bench_beside(chosen.persons, chosen.areas, chosen.repeats)


if __name__ == "__main__":
    main()
