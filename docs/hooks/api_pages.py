"""The API reference: a page for each namespace, its names as mkdocstrings shows them."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import geo_bosoc
from geo_bosoc import balance, bottom_up, follow_up, rasters, segregation

_NAMESPACES: dict[str, ModuleType] = {
    "geo_bosoc": geo_bosoc,
    "geo_bosoc.balance": balance,
    "geo_bosoc.segregation": segregation,
    "geo_bosoc.bottom_up": bottom_up,
    "geo_bosoc.follow_up": follow_up,
    "geo_bosoc.rasters": rasters,
}


def api_pages() -> dict[str, str]:
    """Pages by path."""
    return {f"api/{name}.md": _page(name, module) for name, module in _NAMESPACES.items()}


def _page(name: str, module: ModuleType) -> str:
    parts = [f"# {name}", (module.__doc__ or "").partition("\n\n")[0].strip()]
    entries = _origins(module)
    functions = {public: origin for public, origin in entries.items() if public[:1].islower()}
    classes = {
        public: origin
        for public, origin in entries.items()
        if not public[:1].islower() and not public.isupper()
    }
    constants = {public: origin for public, origin in entries.items() if public.isupper()}
    for title, names in (("Functions", functions), ("Classes", classes), ("Constants", constants)):
        if names:
            parts.append(f"## {title}")
            parts += [f"::: {origin}.{public}" for public, origin in sorted(names.items())]
    return "\n\n".join(parts) + "\n"


def _origins(module: ModuleType) -> dict[str, str]:
    """The module that defines each public name, from the stub beside the namespace."""
    stub = Path(str(module.__file__)).with_suffix(".pyi")
    result: dict[str, str] = {}
    package = str(module.__package__)
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            for alias in node.names:
                result[alias.asname or alias.name] = f"{above}.{node.module}"
    return {name: origin for name, origin in result.items() if name not in ("segregation",)}
