"""The mixed city: tenure mix, segregation, the rules of balance, and what building would do to them.

A name is imported from its module when it is first used; the names stand in ``__init__.pyi``.
"""

import warnings
from typing import Any

import lazy_loader

_names, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

_RENAMED = {
    "Stock": "DwellingStock",
    "chance_of_keeping": "compliance_probability",
    "fewest": "minimum_change",
    "fewest_together": "combined_change",
    "first_year_kept": "compliance_year",
    "if_indicators": "what_if_indicators",
    "kinds_by_area": "dwelling_types_by_area",
    "letting": "allocate_vacancies",
    "share_estates": "apportion_estates",
}


def __getattr__(name: str) -> Any:
    """A public name from its module; one of version 0.1 under its new name, with a warning."""
    if name in _RENAMED:
        message = f"geo_bosoc.balance.{name} is now geo_bosoc.balance.{_RENAMED[name]}."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return _names(_RENAMED[name])
    return _names(name)
