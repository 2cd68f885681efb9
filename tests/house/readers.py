"""Small modules that one other module of their room reads: is each a thing of its own, or a part of its reader?

``python tests/house/readers.py [ROOM ...]`` lists them.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

from names import PACKAGE, modules

SMALL: Final = 130
"""Lines from which a module with one reader is a thing of its own."""


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def readers() -> dict[str, set[str]]:
    """By module, those that import it or something in it."""
    names = {name_of(path) for path in modules()}
    found_by: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        reader = name_of(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                targets = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
            elif isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            for target in targets:
                if target in names and target != reader:
                    found_by[target].add(reader)
    return found_by


def loose_leaves(*rooms: str) -> dict[str, str]:
    """The small modules with one reader, with what `main` says of them, of the rooms that are named."""
    by_module = readers()
    leaves = {}
    for path in modules(*rooms):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        name = name_of(path)
        who = {reader for reader in by_module[name] if reader != name.rpartition(".")[0]}
        if path.stem != "__init__" and len(who) <= 1 and lines < SMALL:
            leaves[name] = f"{name} ({lines} lines): {', '.join(sorted(who)) or 'nobody'}"
    return leaves


def main() -> None:
    """List the small modules with one reader, of the rooms that are named."""
    print(*loose_leaves(*sys.argv[1:]).values(), sep="\n")


if __name__ == "__main__":
    main()
