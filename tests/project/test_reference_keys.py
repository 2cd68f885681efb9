"""Every key of every TOML file has a type, a default, a text, an example that holds, and an error in plain words."""

from __future__ import annotations

import tomllib

import pytest

from geo_bosoc.indicators.spec import Side
from geo_bosoc.problems import validate
from geo_bosoc.problems.spec_tables import branches, key_types
from geo_bosoc.project.reference.keys import FILES, Table, in_table, tables_of
from geo_bosoc.project.spec import ProjectSpec
from geo_bosoc.registers.spec import RegisterSpec

TABLES = [
    pytest.param(table, id=f"{file} {table.header}") for file in FILES for table in tables_of(FILES[file])
]


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_described_with_an_example_that_holds(table: Table) -> None:
    assert sorted(key.name for key in table.keys) == sorted(key_types(table.spec))
    assert table.text
    for key in table.keys:
        assert key.text.endswith((".", "?", ")", ":")), f"{key.name} is not described in its class"
        assert key.type
        optional = type(None) in branches(key_types(table.spec)[key.name])
        assert key.needed or key.default or optional or "table" in key.type
        if not key.example:
            assert "table" in key.type, f"{key.name} has no example"
            continue
        assert key.name in tomllib.loads(key.example)
        validate(table.spec, in_table(key.example, table.spec))
        assert key.error, f"nothing is said where {key.name} is wrong"


def test_types_defaults_units_and_errors_are_told_in_words() -> None:
    keys = {(table.name, key.name): key for table in tables_of(ProjectSpec) for key in table.keys}
    distance = keys["bottom_up", "distance"]
    assert (distance.type, distance.default, distance.unit) == (
        "number, over 0, at most 100,000",
        "75.0",
        "metres",
    )
    assert distance.error == "This must be over 0."
    assert keys["balance", "block"].type == "100 or 250 or 500 or 1000"
    assert keys["registers.NAME", "missing"].type == "list of texts"
    assert keys["project", "municipality"].error.startswith("A municipality's code has four digits")
    assert keys["project", "name"].needed and not keys["project", "name"].default


def test_a_table_within_a_table_has_keys_of_its_own() -> None:
    names = [table.header for table in tables_of(ProjectSpec)]
    assert {
        "[project]",
        "[registers.NAME]",
        "[registers.NAME.spell]",
        "[[model]]",
        "[parameters.NAME]",
    } <= set(names)
    spell = next(table for table in tables_of(RegisterSpec) if table.name == "spell")
    assert [key.name for key in spell.keys] == ["from", "to", "to_included"]
    assert next(key for key in tables_of(Side)[0].keys).name == "register"
