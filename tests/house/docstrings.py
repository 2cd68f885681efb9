"""Docstrings in numpydoc's form: a type in the type slot, and every parameter of a function that lists them.

``python tests/house/docstrings.py [ROOM ...]`` prints what is not so, with its place. What `geo_bosoc` and its studies
export has more to keep: `test_house.py`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from names import PACKAGE, modules
from numpydoc.docscrape import NumpyDocString

TYPE_WORDS: Final = frozenset(
    """
    str int float bool bytes dict list tuple set frozenset object callable iterable iterator sequence mapping
    collection generator path date datetime ndarray array array-like scalar any literal type self none true false
    of or and to with by optional default integer integers floats
    """.split()
)
"""What a type may be made of, beside names with a capital, quoted words, numbers and dotted names."""

_SECTIONS: Final = ("Parameters", "Attributes", "Other Parameters")


def bad_docstrings(path: Path) -> Iterator[str]:
    """Each docstring of a module that is not in numpydoc's form, with its line and why."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = path.relative_to(PACKAGE.parent).as_posix()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        text = ast.get_docstring(node)
        if text is None:
            if not node.name.startswith("_") and node in tree.body:
                yield f"{where}:{node.lineno}: {node.name} has no docstring"
            continue
        for reason in _reasons(node, text):
            yield f"{where}:{node.lineno}: {node.name}: {reason}"


def _reasons(node: ast.FunctionDef | ast.ClassDef, text: str) -> Iterator[str]:
    if not re.search(r"^(Parameters|Attributes|Returns|Yields|Raises)\n-+$", text, re.MULTILINE):
        return
    parsed = NumpyDocString(text)
    listed: list[str] = []
    for section in _SECTIONS:
        for parameter in parsed[section]:
            names = [name.strip().lstrip("*") for name in parameter.name.split(",")]
            if section != "Attributes":
                listed += names
            if not parameter.type:
                # Several of one kind may be a line of names, if the first line of their text is no type.
                yield f"{parameter.name} has no type"
            elif not is_type(parameter.type):
                yield f"the type of {parameter.name} is no type: {parameter.type}"
            if not parameter.desc:
                yield f"{parameter.name} is not described"
    for parameter in (*parsed["Returns"], *parsed["Yields"]):
        if not is_type(parameter.type or parameter.name):
            yield f"what it returns is no type: {parameter.type or parameter.name}"
    if isinstance(node, ast.FunctionDef) and listed:
        arguments = [
            argument.arg
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            if argument.arg not in ("self", "cls")
        ]
        arguments += [extra.arg for extra in (node.args.vararg, node.args.kwarg) if extra is not None]
        for name in arguments:
            if name not in listed:
                yield f"{name} is not listed"
        for name in listed:
            if name not in arguments:
                yield f"{name} is no parameter"


def is_type(text: str) -> bool:
    """Whether a type slot holds a type: ``str or None``, ``dict of str to DataFrame``, ``{"a", "b"}, optional``."""
    text = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|shape \([^)]*\)", " ", text)
    words = re.findall(r"[^\s,\[\](){}|=*:]+", text)
    return all(
        word.lower() in TYPE_WORDS or word[0].isupper() or "." in word[1:-1] or not word[0].isalpha()
        for word in words
    )


def main() -> None:
    """Print what is wrong in the rooms that are named."""
    lines = list(dict.fromkeys(line for path in modules(*sys.argv[1:]) for line in bad_docstrings(path)))
    print(*lines, f"{len(lines)} docstrings", sep="\n")


if __name__ == "__main__":
    main()
