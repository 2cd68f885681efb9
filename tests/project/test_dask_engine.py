"""Counting on Dask: a real scheduler, workers that are processes of their own, one of them killed at work."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geo_bosoc.indicators import executor
from geo_bosoc.indicators.counting.registers import CountPlan, RegisterPart
from geo_bosoc.indicators.executor import (
    Executor,
    count_registers,
    pack,
    unpack,
)
from geo_bosoc.locate.labels import Labels, label_points
from geo_bosoc.problems import InputError, Report
from geo_bosoc.progress import Silent
from geo_bosoc.project import run_project

FILES = ("categories.csv", "criteria.csv", "categories.gpkg", "categories.xlsx", "risk_map.html")


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


def wait_until(done: Any, seconds: float = 300) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "this took too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="Dask is not installed: counting on workers is not tested")
    from distributed import Client

    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    common = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = subprocess.Popen(
        [*start, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
        **common,
    )
    made: Cluster | None = None
    try:
        wait_until(file.exists)
        with Client(scheduler_file=str(file), timeout="300s") as client:
            made = Cluster(client.scheduler.address)
            begin = [sys.executable, "-m", "distributed.cli.dask_worker", made.address, "--no-nanny"]
            more = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
            made.workers += [subprocess.Popen([*begin, *more], **common) for _ in range(2)]
            client.wait_for_workers(2, timeout="300s")
        yield made
    finally:
        for process in [*(made.workers if made else []), scheduler]:
            process.kill()
            process.wait()


def run_on(town: Path, output: str, more: str) -> Path:
    file = town / "bosoc.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[run]\n", f"[run]\n{more}\n"), encoding="utf-8")
    try:
        return run_project(town, output=town / output, report=Report()).folder
    finally:
        file.write_text(text, encoding="utf-8")


def test_workers_give_the_same_files(town: Path, town_maps: Path, cluster: Cluster) -> None:
    there = run_on(town, "there", f'engine = "dask"\nscheduler = "{cluster.address}"')
    for name in FILES:
        assert (town_maps / name).read_bytes() == (there / name).read_bytes(), name


def slowly(frame: pl.LazyFrame, marks: Path, number: int, seconds: float) -> pl.LazyFrame:
    """The same rows, which take a while to come; a file says that somebody began with them."""

    def wait(rows: pl.DataFrame) -> pl.DataFrame:
        import os
        import time
        from pathlib import Path

        Path(marks, f"{number}-{os.getpid()}").touch()
        time.sleep(seconds)
        return rows

    return frame.map_batches(wait, schema=frame.collect_schema())


def made_parts(marks: Path, seconds: float) -> tuple[list[RegisterPart], dict[str, Labels], CountPlan]:
    from geo_bosoc.indicators import Indicator
    from geo_bosoc.indicators.spec import Side

    points = pl.DataFrame({"address_id": [str(n) for n in range(50)], "x": 1.0, "y": 2.0})
    located = pl.DataFrame(
        {"address_id": [str(n) for n in range(40)], "area_id": pl.Series([str(n % 3) for n in range(40)])}
    )
    places = label_points(["address_id"], points, located, points.select("address_id").head(45))
    frames = [
        pl.DataFrame(
            {
                "person_id": [f"p{n}" for n in range(1000)],
                "address_id": [str((n * 7 + year) % 60) for n in range(1000)],
                "period": str(year),
                "age": [(n * 13 + year) % 90 for n in range(1000)],
            }
        ).lazy()
        for year in range(2015, 2021)
    ]
    texts = {"label_da": "Prøve", "label_en": "", "source": "", "direction": "neutral"}
    young = Indicator(
        id="young",
        denominator=Side(),
        numerator=Side(where="age < 30"),
        unit="percent",
        distinct="none",
        **texts,
    )
    once = Indicator(
        id="once",
        denominator=Side(),
        numerator=Side(where="age > 60"),
        unit="percent",
        distinct="person",
        **texts,
    )
    schema = dict(frames[0].collect_schema())
    plan = CountPlan((young, once), {"persons": schema}, {}, {}, None, "inside", ("0", "1", "2"))
    parts = [
        RegisterPart("persons", slowly(frame, marks, number, seconds), "person_id")
        for number, frame in enumerate(frames)
    ]
    return parts, {"persons": places}, plan


def test_a_worker_that_dies_costs_time_and_no_figure(cluster: Cluster, tmp_path: Path) -> None:
    """Six parts that take a while each; the worker that works on the third is killed while it does."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    expected = count_registers(*made_parts(here, 0.0), Executor(), Silent())
    killed: list[int] = []

    def kill() -> None:
        wait_until(lambda: any(there.glob("2-*")))
        pid = int(next(there.glob("2-*")).name.split("-")[1])
        next(worker for worker in cluster.workers if worker.pid == pid).kill()
        killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    counted = count_registers(*made_parts(there, 0.3), Executor("dask", cluster.address), Silent())
    killer.join()
    assert killed
    survivors = {int(mark.name.split("-")[1]) for mark in there.glob("2-*")} - set(killed)
    assert survivors, "the part that was lost was counted by another worker"
    for one, other in zip(expected, counted, strict=True):
        assert one.match == other.match
        assert one.uncounted == other.uncounted
        assert all(one.raw[target].equals(other.raw[target]) for target in one.raw)
        assert one.raw.keys() == other.raw.keys()


def test_workers_of_its_own(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: counting on workers is not tested")
    expected = count_registers(*made_parts(tmp_path, 0.0), Executor(), Silent())
    counted = count_registers(*made_parts(tmp_path, 0.0), Executor("dask"), Silent())
    assert [one.match for one in counted] == [one.match for one in expected]
    assert all(
        one.raw[target].equals(other.raw[target])
        for one, other in zip(expected, counted, strict=True)
        for target in one.raw
    )


def test_labels_are_the_same_after_a_journey() -> None:
    places = made_parts(Path(), 0.0)[1]["persons"]
    back = unpack(pack(places))
    assert back.keys == places.keys
    assert back.points.equals(places.points)
    assert back.labels.equals(places.labels)
    assert back.areas.equals(places.areas)


def test_without_dask_it_says_what_to_install(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install .*geo-bosoc\[dask\]"):
        run_on(town, "nowhere", 'engine = "dask"')
    assert not (town / "nowhere").exists()


def test_a_scheduler_that_does_not_answer_is_told(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: counting on workers is not tested")
    monkeypatch.setattr(executor, "_ANSWER", "1s")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_on(town, "nowhere", 'engine = "dask"\nscheduler = "tcp://127.0.0.1:9"')


def test_a_scheduler_without_dask_is_a_mistake(town: Path) -> None:
    with pytest.raises(InputError, match=r"engine = .dask."):
        run_on(town, "nowhere", 'scheduler = "tcp://127.0.0.1:8786"')
