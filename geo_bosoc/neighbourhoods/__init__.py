"""Sums over each address's k nearest residents, exact, for a town or a country."""

from __future__ import annotations

from geo_bosoc.neighbourhoods.sums import nearest_sums

__all__ = ["nearest_sums"]
