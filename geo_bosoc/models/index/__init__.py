"""The index engine: composite indices from treated values to classes."""

from geo_bosoc.models.index.aggregate import aggregate
from geo_bosoc.models.index.classes import quantile_classes, share_classes
from geo_bosoc.models.index.engine import CompositeIndex, Part
from geo_bosoc.models.index.normalise import Normaliser, ranks, uk_exponential
from geo_bosoc.models.index.treat import treat

__all__ = [
    "CompositeIndex",
    "Normaliser",
    "Part",
    "aggregate",
    "quantile_classes",
    "ranks",
    "share_classes",
    "treat",
    "uk_exponential",
]
