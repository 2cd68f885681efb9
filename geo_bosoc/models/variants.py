"""A model in another form: with its indicators' units and names, or without residents' origin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Rule


def with_indicators(model: Model, indicators: Sequence[Indicator]) -> Model:
    """The model, its criteria with the unit and direction of their indicators where they say none themselves.

    The name of a figure is the indicator's, as maps and workbooks have it, where one criterion is about it; several on
    one figure keep names of their own.
    """
    specs = {indicator.id: indicator for indicator in indicators}
    uses = Counter(criterion.indicator for criterion in model.criterion)
    criteria = []
    for criterion in model.criterion:
        spec = specs.get(criterion.indicator)
        if spec is None:
            criteria.append(criterion)
            continue
        given, changed = criterion.model_fields_set, dict[str, Any]()
        if "unit" not in given and not criterion.complement:
            changed["unit"] = spec.unit
        if "direction" not in given and not criterion.complement and spec.direction != "neutral":
            changed["direction"] = spec.direction
        for name in ("label_da", "label_en"):
            if uses[criterion.indicator] == 1 or name not in given:
                changed[name] = getattr(spec, name)
        changed = {name: value for name, value in changed.items() if value != getattr(criterion, name)}
        criteria.append(criterion.model_copy(update=changed) if changed else criterion)
    if all(new is old for new, old in zip(criteria, model.criterion, strict=True)):
        return model
    return model.model_copy(update={"criterion": tuple(criteria)})


def compared_with_municipality(model: Model, criterion: Criterion) -> bool:
    """Whether the criterion cannot be answered without the municipality's figure."""
    if model.kind == "index" or MUNICIPALITY not in criterion.counted_references:
        return False
    if criterion.reference is not None and criterion.reference.parameter is not None:
        return False
    if model.kind == "points":
        return criterion.measure != "value"
    return criterion.limit is not None and criterion.limit[0] != "value"


def without_origin(model: Model) -> Model:
    """The model without criteria on residents' origin, and without categories that differ by it alone.

    Of "3 of 5" with one criterion of origin remains "3 of 4", of "2 of 3" remains "2 of 2": what an area
    meets without looking at where its residents come from.
    """
    if not model.uses_origin:
        return model
    removed = {criterion.key for criterion in model.criterion if criterion.uses_origin}
    dropped = {category.id for category in model.category if category.by_origin}
    categories = [
        _strip(category, removed, dropped) for category in model.category if category.id not in dropped
    ]
    return model.model_copy(
        update={
            "id": f"{model.id}-without-origin",
            "label_da": f"{model.label('da')} uden beboernes herkomst",
            "label_en": f"{model.label('en')} without residents' origin",
            "criterion": tuple(criterion for criterion in model.criterion if criterion.key not in removed),
            "category": tuple(categories),
        }
    )


def _strip(category: Category, removed: set[str], dropped: set[str]) -> Category:
    rules: list[Rule] = []
    for rule in category.rule:
        of = tuple(name for name in rule.of if name not in removed)
        rules.append(
            rule.model_copy(
                update={
                    "requires": tuple(name for name in rule.requires if name not in removed),
                    "of": of,
                    "at_least": min(rule.at_least, len(of)),
                    "categories": tuple(name for name in rule.categories if name not in dropped),
                }
            )
        )
    unless = tuple(name for name in category.unless if name not in dropped)
    return category.model_copy(update={"rule": tuple(rules), "unless": unless})
