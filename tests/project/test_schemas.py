"""JSON schemas for editors: those that ship are those of the specifications, and know good files from bad."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import geo_bosoc
from geo_bosoc.demo.start import START_KINDS, write_start
from geo_bosoc.project.reference.keys import FILES, in_table, tables_of
from geo_bosoc.project.reference.schemas import schema_of, schema_text, write_schemas

PACKAGE = Path(geo_bosoc.__file__).parent
SHIPPED = PACKAGE / "project" / "reference" / "schemas"


def as_editor(value: Any) -> Any:
    """A TOML value as an editor checks it: days are texts."""
    if isinstance(value, dict):
        return {name: as_editor(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_editor(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def faults(file: str, text: str) -> list[str]:
    validator = Draft7Validator(json.loads((SHIPPED / f"{file}.schema.json").read_text(encoding="utf-8")))
    return [error.message for error in validator.iter_errors(as_editor(tomllib.loads(text)))]


@pytest.mark.parametrize("file", FILES)
def test_what_ships_is_what_the_specifications_say(file: str) -> None:
    shipped = (SHIPPED / f"{file}.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(file), "python -m geo_bosoc.project.reference.schemas writes them anew"
    Draft7Validator.check_schema(json.loads(shipped))
    assert {path.name for path in SHIPPED.iterdir()} == {f"{name}.schema.json" for name in FILES}


def test_good_files_have_no_faults(tmp_path: Path) -> None:
    for kind in START_KINDS:
        write_start(tmp_path / kind, kind)
        assert not faults("bosoc", (tmp_path / kind / "bosoc.toml").read_text(encoding="utf-8"))
        for file in (tmp_path / kind).glob("indicators.toml"):
            assert not faults("indicators", file.read_text(encoding="utf-8"))
    for name, folder in {
        "model": "models/presets", "indicators": "indicators/presets", "benefits": "linkage/benefits",
    }.items():  # fmt: skip
        for path in (PACKAGE / folder).glob("*.toml"):
            assert not faults(name, path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize("file", FILES)
def test_each_example_is_good_in_the_editor_too(file: str) -> None:
    schema = schema_of(file)
    for table in tables_of(FILES[file]):
        part = schema if not table.name else {**schema["definitions"][table.spec.__name__]}
        validator = Draft7Validator({**part, "definitions": schema["definitions"]})
        for key in table.keys:
            if key.example:
                data = as_editor(in_table(key.example, table.spec))
                assert not list(validator.iter_errors(data)), f"{table.header} {key.name}"


def test_bad_files_have_faults() -> None:
    areas = '[project]\nname = "X"\n[boundaries.areas]\npath = "a"\n'
    good = areas + '[registers.p]\npath = "p"\nunit = "person"\n[indicators]\n'
    assert not faults("bosoc", good)
    assert any(
        "'persons' is not one of" in fault for fault in faults("bosoc", good.replace('"person"', '"persons"'))
    )
    assert any(
        "'minimum' was unexpected" in fault
        for fault in faults("bosoc", good.replace("[boundaries", "minimum = 5\n[boundaries"))
    )
    assert any(
        "1 is less than the minimum" in fault for fault in faults("bosoc", good + "[protect]\nminimum = 1\n")
    )


def test_schemas_are_written_beside_a_project(tmp_path: Path) -> None:
    names = [path.name for path in write_schemas(tmp_path)]
    assert names[:3] == ["bosoc.schema.json", "indicators.schema.json", "model.schema.json"]
    assert (tmp_path / names[0]).read_bytes() == (SHIPPED / names[0]).read_bytes()
