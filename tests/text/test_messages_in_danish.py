"""What the program says, in Danish: every message of the package has its Danish, and no Danish is left over."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import geo_bosoc
from geo_bosoc.cli.language import in_paragraphs
from geo_bosoc.problems import Problem
from geo_bosoc.problems.messages import count_text, has_words, joined, listed, phrase, with_values
from geo_bosoc.text.messages import (
    DANISH,
    danish_templates,
    in_language,
    is_said_in_danish,
    problem_in_language,
)

PACKAGE = Path(geo_bosoc.__file__).parent
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")
MODULES = ["memory.py", "progress.py"]
"""Modules that stand in no room."""
PLACES = {
    **dict.fromkeys(("error", "warn", "note", "say", "phrase", "step"), (0,)),
    **dict.fromkeys(("Problem", "add"), (1,)),
    **dict.fromkeys(("RefusedError", "UnreadableError"), (0, 1)),
}
"""Calls whose arguments at these places are messages."""
KEYWORDS = {"hint", "message", "help", "missing"}


def texts_of(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that a message may be."""
    if isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from texts_of(value)
    else:
        yield node


def messages(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            "validator" in ast.unparse(each) for each in node.decorator_list
        ):
            raised = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
            for call in raised:
                if getattr(call.func, "id", "") == "ValueError":
                    yield from texts_of(call.args[0])
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "add" and not ast.unparse(node.func).endswith("report.add"):
            continue
        for place in PLACES.get(name, ()):
            if len(node.args) > place:
                yield from texts_of(node.args[place])
        for keyword in node.keywords:
            if keyword.arg in KEYWORDS and name not in ("Field", "Typer"):
                yield from texts_of(keyword.value)


def modules(room: str) -> Iterator[tuple[Path, ast.AST]]:
    paths = [PACKAGE / room] if room in MODULES else sorted((PACKAGE / room).rglob("*.py"))
    for path in paths:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", [*MODULES, *ROOMS])
def test_every_message_has_its_danish(room: str) -> None:
    faults = []
    for path, tree in modules(room):
        for text in messages(tree):
            if isinstance(text, ast.JoinedStr):
                faults.append(
                    f"{path.name}:{text.lineno}: an f-string cannot be said in Danish: write phrase(...)"
                )
            elif isinstance(text, ast.Constant) and isinstance(text.value, str):
                values = dict.fromkeys(placeholders(text.value), 0)
                if text.value not in danish_templates() and has_words(phrase(text.value, **values)):
                    faults.append(f"{path.name}:{text.lineno}: {text.value}")
    assert not faults, "\n".join(faults)


def placeholders(template: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError:
        return set()  # a brace of TOML: the text is no template


def test_the_danish_has_the_same_placeholders() -> None:
    differ = [
        english
        for english, danish in danish_templates().items()
        if placeholders(english) != placeholders(danish)
    ]
    assert not differ


def test_no_danish_is_left_over() -> None:
    """Each English text in the catalogue stands in the code, or is said by Click and Typer."""
    constants = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
                constants.add(in_paragraphs(node.value.strip()))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "count_text":
                nouns = [each.value for each in node.args[1:] if isinstance(each, ast.Constant)]
                if nouns:
                    constants |= {
                        "{count:,} " + noun for noun in (nouns[0], (nouns[1:] or [f"{nouns[0]}s"])[0])
                    }
    library = set(danish_of_libraries())
    assert sorted(set(danish_templates()) - constants - library) == []


def danish_of_libraries() -> set[str]:
    path = DANISH / "click.toml"
    return set(tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()


def test_numbers_dates_and_parts_are_said_in_danish() -> None:
    text = phrase("{rows}, {share:.1f} %", rows=count_text(1204, "row"), share=12.5)
    assert in_language(text, "da") == "1.204 rækker, 12,5 %"
    assert in_language(text, "en") == text == "1,204 rows, 12.5 %"
    assert in_language(listed(["a", "b", "c"]), "da") == "a, b og c"
    assert (
        in_language(joined(["there is no such file.", "x"]), "da") == "there is no such file., x"
    )  # a name, not ours


def test_a_problem_is_said_with_its_place() -> None:
    problem = Problem("error", "there is no such file.", file="a.csv", row=3, column="alder")
    assert problem_in_language(problem, "da") == "a.csv, række 3, kolonne alder: filen findes ikke."
    assert str(problem) == "a.csv, row 3, column alder: there is no such file."


def test_a_person_number_in_a_name_is_blanked_and_the_message_stays_one() -> None:
    text = phrase("{first} and {last}", first="CPR 990299-7391", last="b")
    problem = Problem("error", text)
    assert "7391" not in problem.message
    assert problem_in_language(problem, "da") == "CPR [personnummer] og b."
    assert is_said_in_danish(with_values(text, str.upper))
