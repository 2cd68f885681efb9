"""Problems as data: reading checks everything, then raises one error that lists each problem.

A stage that reads takes an optional `Report`. Given one, its warnings and notes are collected there (they end in
``run.json``); given none, warnings are issued as `BosocWarning` so that a notebook shows them.

No message may hold a person number, an address or a cell's value from a person register: it names the file, the row
and the column instead.
"""

from geo_bosoc.problems.near_names import did_you_mean, near_names
from geo_bosoc.problems.report import (
    BosocWarning,
    InputError,
    Level,
    NonPersonal,
    Problem,
    Report,
    add_problems,
    read_or_none,
    refuse_names,
)
from geo_bosoc.problems.specs import load_spec, validate
from geo_bosoc.problems.toml_files import TomlFile, read_toml

__all__ = [
    "BosocWarning",
    "InputError",
    "Level",
    "NonPersonal",
    "Problem",
    "Report",
    "TomlFile",
    "add_problems",
    "did_you_mean",
    "load_spec",
    "near_names",
    "read_or_none",
    "read_toml",
    "refuse_names",
    "validate",
]
