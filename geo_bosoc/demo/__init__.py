"""The made-up municipality: a town that a planner would believe, and none of it exists."""

from geo_bosoc.demo.files import write_demo
from geo_bosoc.demo.raw.write import RawDemo, write_raw_demo
from geo_bosoc.demo.town import Town, make_town

__all__ = ["RawDemo", "Town", "make_town", "write_demo", "write_raw_demo"]
