"""Tables as people write and lay them out: numbers, periods, marks and addresses; labels, heads, sheets."""

from __future__ import annotations
