"""Small numbers, identity, what may be shown: between the findings and everything that writes."""

from geo_bosoc.protect.show import show

__all__ = ["show"]
