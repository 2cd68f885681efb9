"""The public set is the same whether the internal one is written too, and no input can be guessed from it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.demo import write_demo
from geo_bosoc.problems import Report
from geo_bosoc.project import run_project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with both studies and staff's nominations, run without and with the internal set."""
    folder = tmp_path_factory.mktemp("begge")
    write_demo(folder, residents=8_000, years=(2023, 2024))
    nominations = folder / "data" / "registers" / "nominations.csv"
    nominations.write_text(nominations.read_text("utf-8") + "X9;Nobody;;Nowhere;;;;;\n", encoding="utf-8")
    cases = folder / "data" / "registers" / "cases.parquet"
    rows = pl.read_parquet(cases)
    pl.concat([rows, rows.head(7)]).write_parquet(cases)
    for name, internal in (("alone", False), ("both", True)):
        run_project(folder, output=folder / name, internal=internal, report=Report())
    return folder


def manifest(folder: Path) -> dict[str, object]:
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert content.pop("written_at")
    return content


def test_the_public_set_is_the_same_with_and_without_the_internal_one(made: Path) -> None:
    names = sorted(path.name for path in (made / "alone").iterdir())
    assert names == sorted(path.name for path in (made / "both").iterdir())
    assert manifest(made / "alone") == manifest(made / "both")
    for name in set(names) - {"run.json"}:
        assert (made / "alone" / name).read_bytes() == (made / "both" / name).read_bytes(), name
    text = json.dumps(manifest(made / "both")).lower()
    assert not [word for word in ("nominat", "bottom", "cases", "letting", "flagged") if word in text]
    inner = json.dumps(manifest(made / "both-internal"))
    assert "nominations.csv" in inner and "register:cases" in inner and "letting" in inner


def test_size_and_hash_of_inputs_with_persons_or_homes_are_internal(made: Path) -> None:
    public, internal = (
        {entry["name"]: set(entry) for entry in manifest(folder)["inputs"]}  # type: ignore[attr-defined]
        for folder in (made / "both", made / "both-internal")
    )
    assert {"data/registers/vacancies.csv", "data/registers/persons_2024.parquet"} <= set(public)
    for name, fields in public.items():
        is_told = name.startswith("data/boundaries") or name == "bosoc.toml"
        assert fields == ({"name", "bytes", "sha256"} if is_told else {"name"}), name
    assert set(internal) > set(public) and all(fields > {"name"} for fields in internal.values())
