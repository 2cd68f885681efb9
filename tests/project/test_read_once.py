"""A run with all its studies takes the rows of each input file in once, whoever wants them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from geo_bosoc.follow_up import goal_files, own_registrations
from geo_bosoc.problems import Report
from geo_bosoc.project import load_project, run_project
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.studies import follow_up_ahead
from geo_bosoc.registers import read
from geo_bosoc.registers.readers import parquet


def test_each_input_file_is_read_once(
    whole_town_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: Counter[str] = Counter()

    def counting(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(file: Any, *arguments: Any, **named: Any) -> Any:
            register_file = getattr(file, "file", file)
            readings[Path(getattr(register_file, "path", register_file)).name] += 1
            return call(file, *arguments, **named)

        return counted

    monkeypatch.setattr(parquet, "scan", counting(parquet.scan))
    monkeypatch.setattr(read, "ingest", counting(read.ingest))
    monkeypatch.setattr(pyogrio.raw, "read", counting(pyogrio.raw.read))
    for module in (follow_up_ahead, goal_files, own_registrations):
        monkeypatch.setattr(module, "read_finished", counting(module.read_finished))
    run_project(whole_town_template, internal=True, output=tmp_path / "out", report=Report())
    project = load_project(whole_town_template)
    expected = {file.name for file in input_files(project) if file.suffix != ".toml"}
    assert {"cases.parquet", "nominations.csv", "districts.geojson", "development_plans.geojson"} <= expected
    assert readings == dict.fromkeys(expected, 1)
