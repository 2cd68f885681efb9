"""One run of a project in a process of its own, with those it starts: seconds, processor seconds, peak memory."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench_locate import peak_memory


class Together:
    """The greatest memory of this process and the ones it started, in MB, looked at twenty times a second."""

    def __init__(self) -> None:
        self.peak = peak_memory()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while Path("/proc/self/status").exists():
            held = _resident("self")
            if held == held:
                others = [_resident(number) for number in _started()]
                if others:
                    self.peak = max(self.peak, held + sum(one for one in others if one == one))
            time.sleep(0.05)

    def told(self) -> float:
        return max(self.peak, peak_memory())


def _started() -> list[str]:
    numbers: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            numbers += (task / "children").read_text(encoding="ascii").split()
    return numbers


def _resident(process: str) -> float:
    """What a process holds now, in MB; NaN where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return float("nan")


class Clock:
    """A progress that notes how long each step takes."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.peaks: dict[str, int] = {}
        self._name = ""
        self._began = 0.0

    def step(self, name: str, number: int, total: int) -> None:
        now = time.perf_counter()
        if self._name:
            self.steps[self._name] = round(now - self._began, 2)
            self.peaks[self._name] = round(peak_memory())
        self._name, self._began = name, now

    def part(self, done: float, total: float) -> None:
        return None


def in_own_process(what: str, project: Path, repeats: int = 1) -> dict[str, Any]:
    """Medians of some runs. `what` is ``run`` (to every output), ``run, internal`` (of both sets), ``counts`` (to the
    counts of every area), ``columns`` and ``columns, Arrow`` (only reading the columns, with
    Polars and with pyarrow) or ``nothing`` (only loading the libraries).

    A run is made with the package's modules compiled, as they are where it was installed.
    """
    told = []
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, __file__, "nothing", str(project)], env=env, capture_output=True, check=True
    )
    for _ in range(repeats):
        began = time.perf_counter()
        command = [sys.executable, __file__, what, str(project)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=env)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        told.append({**json.loads(done.stdout), "seconds": time.perf_counter() - began})
    middle = {
        name: statistics.median(one[name] for one in told)
        for name in ("seconds", "inner", "processor", "peak_mb")
    }
    return {**middle, "steps": told[-1]["steps"]}


def work(what: str, project: Path) -> None:
    from geo_bosoc.problems import Report
    from geo_bosoc.project import analyse, run_project

    clock = Clock()
    memory = Together()
    began = time.perf_counter()
    if what.startswith("run"):
        run_project(project, report=Report(), progress=clock, internal=what.endswith("internal"))
    elif what == "counts":
        analyse(project, report=Report(), progress=clock)
    elif what.startswith("columns"):
        read_columns(project, with_arrow=what.endswith("Arrow"))
    clock.step("", 0, 0)
    inner = time.perf_counter() - began
    if what == "counts":  # what comes behind the counts is told, and not part of them
        inner -= clock.steps["categorising"]
    told = {"inner": inner, "processor": processor(), "peak_mb": memory.told(), "steps": clock.steps}
    told["peaks"] = clock.peaks
    print(json.dumps(told))


def processor() -> float:
    """Processor seconds of this process and of those it started that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def read_columns(project: Path, *, with_arrow: bool = False) -> None:
    """Read every column of every Parquet file of the project once, a file at a time, into memory."""
    import polars as pl
    import pyarrow.parquet as pq

    for file in sorted(project.parent.rglob("*.parquet")):
        if with_arrow:
            pq.read_table(file)
        else:
            pl.scan_parquet(file).collect(engine="streaming")


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
