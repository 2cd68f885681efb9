"""Nominated places and detected places: matched or found, merged, and compared with the registers.

A name is imported from its module when it is first used; the names stand in ``__init__.pyi``.
"""

import warnings
from typing import Any

import lazy_loader

_names, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

_RENAMED = {
    "Presence": "ServiceRates",
    "core_of": "core_addresses",
    "municipal_presence": "municipal_service_rates",
}


def __getattr__(name: str) -> Any:
    """A public name from its module; one of version 0.1 under its new name, with a warning."""
    if name in _RENAMED:
        message = f"geo_bosoc.bottom_up.{name} is now geo_bosoc.bottom_up.{_RENAMED[name]}."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return _names(_RENAMED[name])
    return _names(name)
