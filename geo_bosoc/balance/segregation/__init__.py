"""Segregation: indices, their expected values under randomness, and at several scales.

The names stand in ``__init__.pyi``. `geo_bosoc.balance.segregation` was a function in version 0.1, now
`segregation_indices`: the namespace can still be called like it, with a warning.
"""

import sys
import warnings
from types import ModuleType
from typing import Any

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


class _CallableNamespace(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        message = "geo_bosoc.balance.segregation() is now geo_bosoc.segregation.segregation_indices()."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return self.segregation_indices(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableNamespace
