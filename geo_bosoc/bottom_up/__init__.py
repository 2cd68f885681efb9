"""Places that nobody named: found from what lies around each home, joined, outlined and named."""

from __future__ import annotations

from geo_bosoc.bottom_up.local import false_discovery, local_statistic, worst_share
from geo_bosoc.bottom_up.outlines import outline_places
from geo_bosoc.bottom_up.places import core_of, join_places

__all__ = [
    "core_of",
    "false_discovery",
    "join_places",
    "local_statistic",
    "outline_places",
    "worst_share",
]
