"""From year to year: what changed and against what, goals and how they stand, who moved, what may come.

What may be public is made from what is published alone, so that nothing follows from it that did not follow before.
A name is imported from its module when it is first used; the names stand in ``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
