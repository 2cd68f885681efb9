"""What writers take is made by disclosure control, and by nothing else."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from geo_bosoc.disclosure.results import PublishedResults, Results

PACKAGE = Path(__file__).parents[2] / "geo_bosoc"


def test_true_counts_cannot_be_passed_off_as_published(rules_findings: Results) -> None:
    true = {each.name: getattr(rules_findings, each.name) for each in fields(Results)}
    for stranger in ({}, {"made_by": None}, {"made_by": "suppressed"}, {"made_by": object()}):
        with pytest.raises(TypeError, match="suppress"):
            PublishedResults(**true, **stranger)


def test_a_worker_process_gets_them_as_they_are(small_shown: Callable[..., PublishedResults]) -> None:
    copy = pickle.loads(pickle.dumps(small_shown()))
    assert copy.edition == small_shown().edition and copy.table.equals(small_shown().table)


def test_only_disclosure_builds_them() -> None:
    """Nobody else calls the class, names the mark that its constructor asks for, or copies published results."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if PACKAGE / "disclosure" in path.parents and path.parent.name != "attack":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                assert name not in ("SUPPRESSED", "made_by"), path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func).split(".")[-1]
                assert called != "PublishedResults", path
                if called == "replace" and node.args:
                    assert ast.unparse(node.args[0]).split(".")[-1] != "published", path


def test_one_function_says_what_every_file_is_stamped_with() -> None:
    stamps = {"internal", "small_numbers_shown", "made_up"}
    allowed = {"disclosure/results.py"}
    asking = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            arguments = [ast.unparse(each) for each in node.args[:2]] if isinstance(node, ast.Call) else []
            if arguments[:1] == ["'common'"] and arguments[1].strip("'") in stamps:
                asking.add(path.relative_to(PACKAGE).as_posix())
    assert asking == allowed
