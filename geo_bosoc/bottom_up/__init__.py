"""Places that staff name and places that nobody named: matched or found, joined, and held against the registers."""

from __future__ import annotations

from geo_bosoc.bottom_up.detection.local import false_discovery, local_statistic, worst_share
from geo_bosoc.bottom_up.detection.places import core_of, join_places
from geo_bosoc.bottom_up.detection.stability import place_stability
from geo_bosoc.bottom_up.merge import merge_places
from geo_bosoc.bottom_up.nominations.read import Nominations, read_nominations
from geo_bosoc.bottom_up.outlines import outline_places
from geo_bosoc.bottom_up.service_rates import Presence, municipal_presence
from geo_bosoc.bottom_up.services import Service, load_services
from geo_bosoc.bottom_up.verify import Verification, verify

__all__ = [
    "Nominations",
    "Presence",
    "Service",
    "Verification",
    "core_of",
    "false_discovery",
    "join_places",
    "load_services",
    "local_statistic",
    "merge_places",
    "municipal_presence",
    "outline_places",
    "place_stability",
    "read_nominations",
    "verify",
    "worst_share",
]
