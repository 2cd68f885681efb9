"""Boundaries: areas and context layers from files, repaired, in one coordinate system, every change reported."""
