"""The Datafordeler's linked, bitemporal files: DAR's addresses and BBR's dwellings, on a day, each once."""

from geo_bosoc.datafordeler.bbr import read_bbr
from geo_bosoc.datafordeler.dar import read_dar
from geo_bosoc.datafordeler.entities import entity_files, in_force, read_entity

__all__ = ["entity_files", "in_force", "read_bbr", "read_dar", "read_entity"]
