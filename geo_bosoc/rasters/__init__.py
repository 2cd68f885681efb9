"""Rasters and the Danish square grid: cells as ids, squares, areas and GeoTIFFs.

A name is imported from its module when it is first used; the names stand in ``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
