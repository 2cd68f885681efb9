"""A run is interrupted, by Ctrl-C or a signal: what was there before is whole, and nothing is left beside it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 300
"""Seconds that a busy machine may take to come to the step, and to leave it."""

SLOW = """
import sys, time
from pathlib import Path
import geo_bosoc.project.analysis as run
import geo_bosoc.outputs.workbook.write as workbook
from geo_bosoc.cli.app import main

step, mark = sys.argv[1], Path(sys.argv[2])
where = workbook if step == "write_workbook" else run
real = getattr(where, step)

def slow(*args, **named):
    if step == "write_workbook":
        args[1].write_bytes(b"the first half")
    mark.touch()
    time.sleep(600)
    return real(*args, **named)

setattr(where, step, slow)
sys.argv = ["geo-bosoc", "run", "--project", sys.argv[3]]
main()
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize(
    ("step", "signal_name"),
    [("count_project", "SIGTERM"), ("write_workbook", "SIGHUP")],
)
def test_an_interrupted_run_leaves_the_last_one_whole(
    town: Path, town_maps: Path, tmp_path: Path, step: str, signal_name: str
) -> None:
    shutil.copytree(town_maps, town / "maps")
    before, project_files = contents(town / "maps"), sorted(path.name for path in town.iterdir())
    mark, script, spool = tmp_path / "mark", tmp_path / "slow.py", tmp_path / "spool"
    script.write_text(SLOW, encoding="utf-8")
    spool.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script), step, str(mark), str(town)],
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(spool)},
    )
    try:
        limit = time.monotonic() + PATIENCE
        while not mark.exists():
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.05)
        process.send_signal(getattr(signal, signal_name))
        try:
            messages = process.communicate(timeout=PATIENCE)[1]
        except (
            subprocess.TimeoutExpired
        ):  # an interrupt within a callback of a library is lost: the next one ends it
            process.send_signal(getattr(signal, signal_name))
            messages = process.communicate(timeout=PATIENCE)[1]
    finally:
        process.kill()
    assert process.returncode == 130
    assert b"nothing was left half-written" in messages
    assert contents(town / "maps") == before
    assert sorted(path.name for path in town.iterdir()) == project_files
    assert not [path for path in spool.iterdir() if path.name.startswith("geo_bosoc")]
