"""Registers in: CSV, Parquet, Excel and JSON rows, Danish formats, lazy."""

from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import MUNICIPALITY

__all__ = ["MUNICIPALITY", "RegisterSpec", "read_register"]
