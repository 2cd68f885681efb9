"""Rows that have a key instead of a place: who lived where on a date, and what each row is then.

A name is imported from its module when it is first used; the names stand in ``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
