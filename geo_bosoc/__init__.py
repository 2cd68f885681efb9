"""geo_bosoc: which neighbourhoods need help, and why.

Each step is a function on frames: `read_areas`, `read_register`, `locate`, `join_areas`, `count_indicators`,
`indicator_table`, `categorise`, `explain`, `suppress`, `risk_map`, `static_map`. A whole year from a project file is
`run_project`.
The studies are namespaces: `balance`, `segregation`, `bottom_up` and `follow_up`; so are `rasters`.

A name is imported from its room when it is first used, so that the command line answers ``--help`` at once; the names
stand in ``__init__.pyi``.
"""

import importlib
import warnings
from typing import Any

import lazy_loader

__version__ = "0.1.0"

_names, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

_RENAMED = {
    "Findings": "Results",
    "Shown": "PublishedResults",
    "everybody": "count_everyone",
    "find": "analyse",
    "show": "suppress",
}


def __getattr__(name: str) -> Any:
    """A public name from its room; one of version 0.1 under its new name, with a warning."""
    if name in _RENAMED:
        new = _RENAMED[name]
        warnings.warn(f"geo_bosoc.{name} is now geo_bosoc.{new}.", DeprecationWarning, stacklevel=2)
        return _names(new)
    if not name.startswith("_") and name not in __all__:
        studies = importlib.import_module("geo_bosoc.balance")
        if hasattr(studies, name):
            warnings.warn(
                f"geo_bosoc.{name} is now geo_bosoc.balance.{name}.", DeprecationWarning, stacklevel=2
            )
            return getattr(studies, name)
    return _names(name)
