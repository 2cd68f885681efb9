"""The command line: `geo-bosoc`."""

from geo_bosoc.cli.app import main

__all__ = ["main"]
