"""The examples in the docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import geo_bosoc


def test_every_example_in_a_docstring_holds() -> None:
    tried = 0
    for module in pkgutil.walk_packages(geo_bosoc.__path__, "geo_bosoc."):
        outcome = doctest.testmod(importlib.import_module(module.name))
        assert outcome.failed == 0, module.name
        tried += outcome.attempted
    assert tried > 20
