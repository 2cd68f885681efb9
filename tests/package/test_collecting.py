"""Looking rarely for cycles of objects: put back afterwards, and what must be cleared up at the end is."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from geo_bosoc.collecting import rarely_collected

ONE_TASK = """
import tempfile
from geo_bosoc.collecting import process_of_one_task

process_of_one_task()
holder = [tempfile.TemporaryDirectory()]
holder.append(holder)  # a cycle: only looking for cycles would find it
print(holder[0].name)
"""


def test_the_threshold_is_put_back() -> None:
    before = gc.get_threshold()
    with rarely_collected():
        assert gc.get_threshold()[0] > 1_000_000
        with rarely_collected():
            assert gc.isenabled()
    assert gc.get_threshold() == before


def test_who_does_not_collect_at_all_goes_on_so() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(0)
        with rarely_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_a_process_of_one_task_clears_up_at_its_end() -> None:
    done = subprocess.run([sys.executable, "-c", ONE_TASK], capture_output=True, encoding="utf-8", check=True)
    assert not Path(done.stdout.strip()).exists()
    assert done.stderr == "" or "Implicitly cleaning up" in done.stderr
