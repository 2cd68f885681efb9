"""run.json: what went in, with what, and the clock in one key alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import Edition, PublishedResults
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.problems import Report

Maker = Callable[..., PublishedResults]


def test_inputs_outputs_models_and_warnings_are_told(small_shown: Maker, tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    source = root / "data" / "personer æøå.csv"
    source.write_bytes(b"x" * 3_000_000)
    outside = tmp_path / "elsewhere.csv"
    outside.write_bytes(b"y")
    report = Report()
    report.warn(f"{root / 'data' / 'x.csv'} has no header.", file=root / "data" / "x.csv", row=1)
    report.facts["match"] = {
        "rows": np.int64(5), "share": np.float64("nan"), "ids": {"b", "a"}, "file": source, "day": date(2024, 1, 1),
        "array": np.array([1, 2]), "none": pd.NA,
    }  # fmt: skip
    shown = replace(small_shown(), report=report)
    write_manifest(
        shown,
        tmp_path / "run.json",
        inputs=[source, outside, source],
        outputs={"categories.csv": outside},
        root=root,
        written_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        more={"engine": "local"},
    )
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    told = json.loads(text)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    by_name = {each["name"]: each for each in told["inputs"]}
    assert by_name["data/personer æøå.csv"] == {
        "name": "data/personer æøå.csv", "bytes": 3_000_000, "sha256": digest
    }  # fmt: skip
    assert set(by_name) == {"data/personer æøå.csv", "elsewhere.csv"} and len(told["inputs"]) == 2
    assert told["outputs"][0]["name"] == "categories.csv"
    assert told["models"][0]["id"] == "aarhus-2018" and told["models"][0]["version"] == "2024-01-01"
    assert sum(told["categories"]["aarhus-2018"]["2024"].values()) == 8
    assert told["warnings"][0]["file"] == "x.csv"
    assert told["facts"]["match"] == {
        "rows": 5, "share": None, "ids": ["a", "b"], "file": "data/personer æøå.csv", "day": "2024-01-01",
        "array": [1, 2], "none": None,
    }  # fmt: skip
    assert told["output_set"] == "public" and told["guard"] is True and told["engine"] == "local"
    assert {"python", "polars", "geopandas", "GDAL", "GEOS", "PROJ"} <= set(told["versions"])
    assert str(tmp_path) not in text and str(Path.home()) not in text
    assert told["written_at"] == "2026-01-02T03:04:05+00:00"


def test_only_the_time_differs_between_two_runs(small_shown: Maker, tmp_path: Path) -> None:
    told = []
    for second in (1, 2):
        file = tmp_path / f"{second}.json"
        write_manifest(small_shown(), file, written_at=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC))
        told.append(file.read_text(encoding="utf-8").splitlines())
    differing = [pair for pair in zip(*told, strict=True) if pair[0] != pair[1]]
    assert len(differing) == 1 and "written_at" in differing[0][0]


def test_a_run_without_a_model_and_an_internal_one(small_shown: Maker, tmp_path: Path) -> None:
    shown = replace(
        small_shown("internal", "en", with_model=False), edition=Edition("internal", UNSUPPRESSED)
    )
    write_manifest(shown, tmp_path / "run.json")
    told = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert told["models"] == [] and told["categories"] == {}
    assert any("INTERNAL" in stamp for stamp in told["stamps"]) and any(
        "WITHOUT" in s for s in told["stamps"]
    )
    assert datetime.fromisoformat(told["written_at"]).tzinfo is not None


def test_the_sets_of_a_run_read_each_input_once(small_shown: Maker, tmp_path: Path) -> None:
    source = tmp_path / "persons.csv"
    source.write_text("person_id\n", encoding="utf-8")
    fingerprints: dict[Path, dict[str, Any]] = {}
    for output_set in ("public", "internal"):
        file = tmp_path / f"{output_set}.json"
        write_manifest(small_shown(output_set), file, inputs=[source], fingerprints=fingerprints)
        source.unlink(missing_ok=True)  # the second manifest does not open it
        (entry,) = json.loads(file.read_text(encoding="utf-8"))["inputs"]
        assert entry["name"] == "persons.csv" and entry["bytes"] == len("person_id\n")
