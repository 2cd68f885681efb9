"""The house is in order: names say what things are, docstrings have numpydoc's form, public functions an example."""

from __future__ import annotations

import inspect

import pytest
from docstrings import bad_docstrings
from names import PACKAGE, bad_names, modules
from numpydoc.validate import validate
from readers import loose_leaves

import geo_bosoc as gb

ROOMS = sorted(path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py")
LONGEST = 400

KEPT_NAMES = {"unguarded"}
"""Arguments of the suppression that the policies of disclosure control will replace."""

LEAVES = ("geo_bosoc.cli.",)
"""Small modules that may have one reader: commands and their parts, which the app puts together."""

FAULTS = {
    "GL08": "no docstring",
    "PR01": "parameters that are not documented",
    "PR02": "parameters that do not exist",
    "PR03": "parameters in another order",
    "PR04": "parameters without a type",
    "RT01": "no section on what is returned",
    "EX01": "no example",
}
"""What numpydoc's validator must not find in a public function."""


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.startswith("_")])
def test_names_and_docstrings(room: str) -> None:
    paths = modules(room)
    faults = [fault for path in paths for fault in bad_names(path) if fault.split()[-1] not in KEPT_NAMES]
    faults += [fault for path in paths for fault in bad_docstrings(path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("namespace", ["", "balance", "bottom_up", "follow_up", "rasters", "segregation"])
def test_public_functions_are_documented_with_an_example(namespace: str) -> None:
    package = getattr(gb, namespace) if namespace else gb
    faults = []
    for name in package.__all__:
        public = getattr(package, name)
        if inspect.isfunction(public):
            errors = validate(f"{public.__module__}.{public.__qualname__}")["errors"]
            faults += [f"{name}: {code} {text}" for code, text in errors if code in FAULTS]
    assert not faults, "\n".join(faults)


def test_modules_are_short() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix(): length
        for path in modules()
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_no_small_module_has_one_reader() -> None:
    faults = [line for name, line in loose_leaves().items() if not name.startswith(LEAVES)]
    assert not faults, "each belongs in its reader, or with what it is like:\n" + "\n".join(faults)
