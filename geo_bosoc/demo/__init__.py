"""The made-up municipality: a town that a planner would believe, and none of it exists."""

from geo_bosoc.demo.municipality import Municipality, make_municipality, write_demo
from geo_bosoc.demo.raw.write import RawDemo, write_raw_demo

__all__ = ["Municipality", "RawDemo", "make_municipality", "write_demo", "write_raw_demo"]
