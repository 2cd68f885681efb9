"""Names that say nothing: words that are no names, wherever the code binds one.

``python tests/house/names.py [ROOM ...]`` prints each with its place.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[2] / "geo_bosoc"

NO_NAMES: Final = frozenset(
    "told found own one known wanted asked kept held whole beside many few there at".split()
)
"""No local variable, parameter, attribute, function, class or module is called so."""

NO_PUBLIC_NAMES: Final = frozenset(
    """
    fates findings shown yardsticks yardstick custody own_process meanwhile later until home_dates twins once
    look_again passed_over filled apart opening intake settle finish settling passes row_pass truths top base cells
    readings drawn margins result_words ruling judgement verdict change_by_chance matters doubt presence same_place
    similar counted town movers if_indicators letting sharing kinds fewest chance stock beside_sheets finished
    long_sheets embedding outlines page_data find find_balance everybody guard given_away unseen unguarded locating
    point_in_area point_keys placing identity safe_write whole_file collecting threads jit place places named_rows
    point_numbers tally count_parts engines
    """.split()
)
"""No module, class, public function or parameter is called so."""


def bad_names(path: Path) -> Iterator[str]:
    """Each name of a module that says nothing, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = path.relative_to(PACKAGE.parent).as_posix()
    if path.stem in NO_NAMES | NO_PUBLIC_NAMES:
        yield f"{where}: the module"
    for node in ast.walk(tree):
        for name, public in _bound(node):
            plain = name.strip("_").lower()
            if plain in NO_NAMES or (public and plain in NO_PUBLIC_NAMES):
                yield f"{where}:{getattr(node, 'lineno', 0)}: {name}"


def _bound(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Names that a node binds, and whether each is a module's, class's, function's or parameter's."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name, False
        case ast.Attribute(attr=name, ctx=ast.Store()):
            yield name, False
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, not name.startswith("_")
        case ast.ClassDef(name=name):
            yield name, True
        case ast.arg(arg=name):
            yield name, False
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, False
        case ast.alias(asname=str(name)):
            yield name, False
        case ast.ExceptHandler(name=str(name)):
            yield name, False
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, False
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            yield argument.arg, True


def modules(*rooms: str) -> list[Path]:
    """The modules of some rooms, of all by default."""
    if not rooms:
        return sorted(PACKAGE.rglob("*.py"))
    paths = [PACKAGE / room for room in rooms]
    return sorted(
        module
        for path in paths
        for module in (path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")])
    )


def main() -> None:
    """Print what is wrong in the rooms that are named."""
    lines = list(dict.fromkeys(line for path in modules(*sys.argv[1:]) for line in bad_names(path)))
    print(*lines, f"{len(lines)} names", sep="\n")


if __name__ == "__main__":
    main()
