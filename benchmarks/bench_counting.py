"""Counting 6 million persons x 20 indicators in 10,000 areas: this package against the same work written by
hand.

Run ``python benchmarks/bench_counting.py`` (``--rows``, ``--areas``, ``--repeats``, ``--only
ours,polars``). The data are made up and seeded. Each engine runs in a process of its own, reads the same
Parquet file and writes numerator, denominator and unknown of each area and indicator; the answers must be
the same to the last person. Told are the median time from scanning the file to the counts, the ratio to
Polars' streaming engine written by hand, and the peak memory above what the imports take. DuckDB is left
out where it is not installed.
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

import numpy as np
import polars as pl

LABOUR = ("employed", "outside", "student", "early_retirement", "pension", None)
EDUCATION = ("basic", "upper_secondary", "vocational", "higher", None)
PLACES = ("full", "partial", "none", None)

INDICATORS: tuple[tuple[str, str], ...] = (
    ("age BETWEEN 18 AND 64", "labour = 'outside'"),
    ("age BETWEEN 15 AND 64", "labour = 'outside'"),
    ("age BETWEEN 16 AND 66", "labour IN ('outside', 'early_retirement')"),
    ("age BETWEEN 18 AND 29", "labour = 'outside'"),
    ("age >= 18", "labour = 'pension'"),
    ("age BETWEEN 18 AND 64", "health"),
    ("age BETWEEN 10 AND 17", "charged"),
    ("age BETWEEN 15 AND 29", "charged"),
    ("age >= 18", "charged"),
    ("age BETWEEN 0 AND 17", "measures"),
    ("age BETWEEN 0 AND 9", "measures"),
    ("free_place IS NOT NULL", "free_place = 'full'"),
    ("free_place IS NOT NULL", "free_place <> 'none'"),
    ("age BETWEEN 6 AND 16", "absence > 10"),
    ("age BETWEEN 6 AND 16", "absence > 15.5"),
    ("age = 24", "education = 'basic'"),
    ("age BETWEEN 30 AND 59", "education = 'basic'"),
    ("age BETWEEN 30 AND 59", "education = 'higher'"),
    ("age BETWEEN 15 AND 64 AND labour <> 'student'", "income < 150000"),
    ("age >= 65", "income < 120000"),
)


def make_register(path: Path, rows: int, areas: int) -> None:
    """A made-up register, a row a person, a few values missing in every column that can miss one."""
    rng = np.random.default_rng(20240101)

    def words(values: tuple[str | None, ...]) -> pl.Series:
        return pl.Series(values, dtype=pl.String).gather(rng.integers(0, len(values), rows))

    def missing(series: pl.Series, share: float) -> pl.Series:
        return pl.select(pl.when(pl.Series(rng.random(rows) >= share)).then(series)).to_series()

    names = pl.Series([f"{number:05d}" for number in range(areas)])
    pl.DataFrame(
        {
            "area_id": names.gather(rng.integers(0, areas, rows)),
            "period": pl.repeat("2024", rows, eager=True),
            "age": pl.Series(rng.integers(0, 95, rows)).cast(pl.Int16),
            "labour": words(LABOUR),
            "education": words(EDUCATION),
            "free_place": words(PLACES),
            "health": missing(pl.Series(rng.random(rows) < 0.08), 0.02),
            "charged": pl.Series(rng.random(rows) < 0.03),
            "measures": pl.Series(rng.random(rows) < 0.04),
            "absence": missing(pl.Series((rng.random(rows) * 250).round() / 10), 0.3),
            "income": missing(pl.Series(rng.integers(0, 600_000, rows)).cast(pl.Int32), 0.05),
        }
    ).write_parquet(path)


def run_ours(path: Path) -> Callable[[], Any]:
    from geo_bosoc.indicators import Indicator, count_indicators

    indicators = [
        Indicator.model_validate(
            {
                "id": f"i{number}",
                "label_da": "Prøve",
                "label_en": "",
                "denominator": {"where": base},
                "numerator": {"where": met},
            }
        )
        for number, (base, met) in enumerate(INDICATORS)
    ]

    return lambda: count_indicators({"persons": pl.scan_parquet(path)}, indicators)


def by_hand() -> list[tuple[pl.Expr, pl.Expr]]:
    """The same twenty, as one writes them in Polars."""
    age, labour, education = pl.col("age"), pl.col("labour"), pl.col("education")
    place, absence, income = pl.col("free_place"), pl.col("absence"), pl.col("income")
    outside, charged, measures = labour == "outside", pl.col("charged"), pl.col("measures")
    return [
        (age.is_between(18, 64), outside),
        (age.is_between(15, 64), outside),
        (age.is_between(16, 66), labour.is_in(["outside", "early_retirement"])),
        (age.is_between(18, 29), outside),
        (age >= 18, labour == "pension"),
        (age.is_between(18, 64), pl.col("health")),
        (age.is_between(10, 17), charged),
        (age.is_between(15, 29), charged),
        (age >= 18, charged),
        (age.is_between(0, 17), measures),
        (age.is_between(0, 9), measures),
        (place.is_not_null(), place == "full"),
        (place.is_not_null(), place != "none"),
        (age.is_between(6, 16), absence > 10),
        (age.is_between(6, 16), absence > 15.5),
        (age == 24, education == "basic"),
        (age.is_between(30, 59), education == "basic"),
        (age.is_between(30, 59), education == "higher"),
        (age.is_between(15, 64) & (labour != "student"), income < 150_000),
        (age >= 65, income < 120_000),
    ]


def run_polars(path: Path, engine: str = "streaming") -> Callable[[], pl.DataFrame]:
    def run() -> pl.DataFrame:
        sums = [
            expr
            for number, (base, met) in enumerate(by_hand())
            for expr in (
                (base & met).sum().alias(f"n{number}"),
                base.sum().alias(f"d{number}"),
                (base & met.is_null()).sum().alias(f"u{number}"),
            )
        ]
        frame = pl.scan_parquet(path).group_by("area_id", "period").agg(*sums)
        return long(frame.collect(engine=engine))  # type: ignore[call-overload, no-any-return]

    return run


def long(wide: pl.DataFrame) -> pl.DataFrame:
    parts = [
        wide.select(
            "area_id",
            "period",
            pl.lit(f"i{number}").alias("indicator"),
            *[pl.col(f"{short}{number}").cast(pl.Int64).alias(name) for short, name in NAMES.items()],
        )
        for number in range(len(INDICATORS))
    ]
    return pl.concat(parts)


NAMES = {"n": "numerator", "d": "denominator", "u": "unknown"}


def run_pandas(path: Path) -> Callable[[], pl.DataFrame]:
    import pandas as pd

    def between(column: Any, low: int, high: int) -> Any:
        return (column >= low) & (column <= high)

    def run() -> pl.DataFrame:
        frame = pd.read_parquet(path, dtype_backend="pyarrow")
        age, labour, education = frame["age"], frame["labour"], frame["education"]
        place, absence, income = frame["free_place"], frame["absence"], frame["income"]
        charged, measures, outside = frame["charged"], frame["measures"], labour == "outside"
        pairs = [
            (between(age, 18, 64), outside),
            (between(age, 15, 64), outside),
            (between(age, 16, 66), (labour == "outside") | (labour == "early_retirement")),
            (between(age, 18, 29), outside),
            (age >= 18, labour == "pension"),
            (between(age, 18, 64), frame["health"]),
            (between(age, 10, 17), charged),
            (between(age, 15, 29), charged),
            (age >= 18, charged),
            (between(age, 0, 17), measures),
            (between(age, 0, 9), measures),
            (place.notna(), place == "full"),
            (place.notna(), place != "none"),
            (between(age, 6, 16), absence > 10),
            (between(age, 6, 16), absence > 15.5),
            (age == 24, education == "basic"),
            (between(age, 30, 59), education == "basic"),
            (between(age, 30, 59), education == "higher"),
            (between(age, 15, 64) & (labour != "student"), income < 150_000),
            (age >= 65, income < 120_000),
        ]
        sums = {}
        for number, (base, met) in enumerate(pairs):
            base = base.fillna(False).astype(bool)
            sums[f"n{number}"] = base & met.fillna(False).astype(bool)
            sums[f"d{number}"] = base
            sums[f"u{number}"] = base & met.isna()
        table = (
            pd.DataFrame(sums).groupby([frame["area_id"], frame["period"]], sort=False).sum().reset_index()
        )
        return long(pl.DataFrame({name: table[name].tolist() for name in table.columns}))

    return run


def run_duckdb(path: Path) -> Callable[[], pl.DataFrame]:
    import duckdb

    def run() -> pl.DataFrame:
        sums = ", ".join(
            f"count(*) FILTER (WHERE ({base}) AND ({met})) AS n{number}, "
            f"count(*) FILTER (WHERE {base}) AS d{number}, "
            f"count(*) FILTER (WHERE ({base}) AND ({met}) IS NULL) AS u{number}"
            for number, (base, met) in enumerate(INDICATORS)
        )
        query = (
            f"SELECT area_id, period, {sums} FROM read_parquet('{path.as_posix()}') GROUP BY area_id, period"
        )
        table = duckdb.sql(query).fetchnumpy()
        return long(pl.DataFrame({name: values.tolist() for name, values in table.items()}))

    return run


ENGINES: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "ours": run_ours,
    "polars": run_polars,
    "polars-memory": lambda path: run_polars(path, "in-memory"),
    "duckdb": run_duckdb,
    "pandas": run_pandas,
}


def peak_megabytes() -> float | None:
    """The process's peak memory so far; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def child(engine: str, path: Path, result: Path) -> None:
    run = ENGINES[engine](path)
    before = peak_megabytes()
    start = time.perf_counter()
    counts: Any = run()
    seconds = time.perf_counter() - start
    after = peak_megabytes()
    if not isinstance(counts, pl.DataFrame):
        counts = pl.DataFrame({name: counts[name].tolist() for name in counts.columns[:6]})
    counts.sort("area_id", "period", "indicator").write_parquet(result)
    added = after - before if after is not None and before is not None else None
    print(json.dumps({"seconds": seconds, "megabytes": added}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=6_000_000)
    parser.add_argument("--areas", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default=",".join(ENGINES))
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "REGISTER", "RESULT"), help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        make_register(Path(given.make[0]), int(given.make[1]), int(given.make[2]))
        return
    if given.child:
        child(given.child[0], Path(given.child[1]), Path(given.child[2]))
        return
    engines = [name for name in given.only.split(",") if name in ENGINES]
    if "duckdb" in engines and importlib.util.find_spec("duckdb") is None:
        engines.remove("duckdb")
        print("DuckDB is not installed: left out.")
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "persons.parquet"
        # In a process of its own: a child inherits the peak of the one that starts it.
        making = [sys.executable, __file__, "--make", str(register), str(given.rows), str(given.areas)]
        subprocess.run(making, check=True)
        told: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
        for _ in range(given.repeats):
            for name in engines:  # in turn, so that a busy moment hits all alike
                command = [sys.executable, __file__, "--child", name, str(register), str(Path(folder) / name)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                told[name].append(json.loads(done.stdout.splitlines()[-1]))
        answers = {name: pl.read_parquet(Path(folder) / name) for name in engines}
    first = answers[engines[0]]
    for name in engines[1:]:
        if not answers[name].select(first.columns).cast(first.schema).equals(first):
            sys.exit(f"{name} and {engines[0]} do not give the same counts.")
    print(
        f"{given.rows:,} rows x {len(INDICATORS)} indicators x {given.areas:,} areas; the same counts from all."
    )
    print(f"{'':<14}{'seconds':>9}{'ratio':>8}{'added MB':>10}")
    yardstick = statistics.median(one["seconds"] for one in told.get("polars", told[engines[0]]))
    for name in engines:
        seconds = statistics.median(one["seconds"] for one in told[name])
        memory = [one["megabytes"] for one in told[name] if one["megabytes"] is not None]
        print(
            f"{name:<14}{seconds:>9.2f}{seconds / yardstick:>8.2f}{max(memory, default=float('nan')):>10.0f}"
        )


if __name__ == "__main__":
    main()
