"""What a criterion takes from the indicator that it is about: unit, direction and name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.spec import Model


def with_indicators(model: Model, indicators: Sequence[Indicator]) -> Model:
    """The model, its criteria with the unit and direction of their indicators where they say none themselves.

    The name of a figure is the indicator's, as maps and workbooks have it, where one criterion is about it; several on
    one figure keep names of their own.
    """
    specs = {indicator.id: indicator for indicator in indicators}
    often = Counter(criterion.indicator for criterion in model.criterion)
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
            if often[criterion.indicator] == 1 or name not in given:
                changed[name] = getattr(spec, name)
        changed = {name: value for name, value in changed.items() if value != getattr(criterion, name)}
        criteria.append(criterion.model_copy(update=changed) if changed else criterion)
    if all(new is old for new, old in zip(criteria, model.criterion, strict=True)):
        return model
    return model.model_copy(update={"criterion": tuple(criteria)})
