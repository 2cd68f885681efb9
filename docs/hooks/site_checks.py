"""What a built page may not hold: anything that a browser would fetch from a host."""

from __future__ import annotations

import re

_EXTERNAL = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b(?![^>]*rel=[\"']?(?:canonical|alternate))[^>]*\bhref=[\"']?(?:https?:)?//"
    r"|url\([\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//",
    re.IGNORECASE,
)
"""What a browser would fetch from a host when it shows a page."""


def fetches(html: str) -> list[str]:
    """What a page would fetch from a host."""
    return [match.group() for match in _EXTERNAL.finditer(html)]
