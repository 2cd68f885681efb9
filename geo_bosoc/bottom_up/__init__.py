"""Places that staff name and places that nobody named: matched or found, joined, and held against the registers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
