"""The package's face: every public name is there, comes from one room, and is told to type checkers too."""

from __future__ import annotations

import ast
from pathlib import Path

import geo_bosoc


def test_every_public_name_can_be_had() -> None:
    for name in geo_bosoc.__all__:
        assert getattr(geo_bosoc, name) is not None
    assert dir(geo_bosoc) == sorted(geo_bosoc.__all__)


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse(Path(str(geo_bosoc.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    names = {
        alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert names == set(geo_bosoc.__all__)
    assert len(names) <= 40


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    try:
        geo_bosoc.no_such_name  # noqa: B018
    except AttributeError as error:
        assert "no_such_name" in str(error)
    else:
        raise AssertionError("a name that is not there was found")
