"""No file of ``$GEO_BOSOC_DATA`` ends as a fault of ours, whatever it is given as: boundaries, a register, finished
figures, a model; nor does a file whose name tells of another kind than it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

DATA = os.environ.get("GEO_BOSOC_DATA")
ENDINGS = (".csv", ".xlsx", ".json", ".parquet", ".geojson", ".gpkg", ".shp", ".gml", ".toml")
"""Under each of these, one file of every kind is tried."""
TRIED_AS_OTHERS = (".csv", ".xlsx", ".json", ".geojson", ".gpkg", ".tif")
LARGE = 25_000
"""Of files over this size one of each folder and kind is tried: they differ in their numbers only."""
ALIKE = (".geojson", ".toml")
"""Of these there are many small ones: beyond the first three of a folder each is tried in a third of the uses."""


def files(data: Path) -> list[str]:
    """What is tried: a path, the ending that it is tried under where that is not its own, and which third of the uses
    where one is enough, with tabs between them."""
    lines, seen, large = [], set(), set()
    alike: Counter[tuple[str, str]] = Counter()
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        kind = file.suffix or file.name
        if kind in seen and kind in (".sh", ".md", ".gfs", ".prj", ".shx", "README"):
            continue  # no data
        if kind not in TRIED_AS_OTHERS:
            seen.add(kind)
        if "geojson_invalid" in file.parts and "valid" in file.parts:
            continue  # well-formed features, of which there are enough
        if file.stat().st_size > LARGE:
            if (file.parent, kind) in large:
                continue
            large.add((file.parent, kind))
        folder = (file.relative_to(data).parts[0], kind)
        alike[folder] += kind in ALIKE
        lines.append(f"{file}\t\t{alike[folder] % 3 if alike[folder] > 3 else ''}")
        if kind not in seen and kind in TRIED_AS_OTHERS and file.stat().st_size <= LARGE:
            seen.add(kind)
            lines += [f"{file}\t{ending}\t" for ending in ENDINGS if ending != kind]
    return lines


@pytest.mark.skipif(DATA is None, reason="GEO_BOSOC_DATA is not set: the files lie there")
def test_no_file_ends_as_a_fault() -> None:
    assert DATA is not None
    lines = files(Path(DATA))
    assert len(lines) > 100
    tried = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("file_by_file.py"))],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=1800,
    )
    told = tried.stdout.splitlines()
    faults = [line for line in told if line.startswith("fault")]
    assert not faults, "\n".join(faults)
    assert tried.returncode == 0, f"the process died; last: {told[-1:]} {tried.stderr[-500:]}"
    assert told[-1] == "done"
