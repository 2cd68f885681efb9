"""geo_bosoc: which neighbourhoods need help, and why.

Each step is a function on frames: `read_areas`, `read_register`, `locate`, `join_areas`, `count_indicators`,
`indicator_table`, `categorise`, `explain`, `suppress`, `risk_map`. A whole year from a project file is `run_project`.
The studies are namespaces: `balance` and `bottom_up`.

A name is imported from its room when it is first used, so that the command line answers ``--help`` at once; the names
stand in ``__init__.pyi``.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
