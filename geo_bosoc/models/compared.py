"""What a model's criteria are compared with."""

from __future__ import annotations

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.spec import Criterion, Model


def compared_with_municipality(model: Model, criterion: Criterion) -> bool:
    """Whether the criterion cannot be answered without the municipality's figure."""
    if model.kind == "index" or criterion.reference_area != MUNICIPALITY:
        return False
    if criterion.reference is not None and criterion.reference.parameter is not None:
        return False
    if model.kind == "points":
        return criterion.measure != "value"
    return criterion.limit is not None and criterion.limit[0] != "value"
