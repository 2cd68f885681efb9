"""What an index is in a model file: normalisation, weights by level, aggregation, classes."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Transform = Literal["none", "log", "log1p"]
Normalisation = Literal[
    "none", "minmax", "z", "rank", "percentile", "goalposts", "distance", "uk_exponential"
]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "sum"]
Ties = Literal["average", "min", "max", "ordinal"]
Edges = Literal["ceil", "floor", "type7"]
Treatment = Literal["none", "winsorise", "winsorise_then_log"]


class Group(BaseModel):
    """A part of an index: the criteria that name it, or other groups whose `parent` it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    parent: str = ""
    weight: float = Field(default=1.0, gt=0.0)
    aggregate: Aggregation | None = None


class IndexSpec(BaseModel):
    """How criteria become one score, and the score becomes categories.

    Attributes
    ----------
    normalise : how each criterion is put on one scale; `ddof` is that of z, `to` the ends of min-max.
    aggregate : how a level's parts become one; ``sum`` never divides by the weights.
    renormalise : whether weights are made to sum to one; ``arithmetic`` without it is the plain weighted sum.
    fit_period : the period that normalisation is fitted on ("" for each period by itself, "*" for all
        pooled).
    availability : least share of a group's weight that must be known; 1 means that every value must.
    shares : share of the areas in each category, worst first; they sum to one.
    edges : ``ceil`` is class ``ceil(k r / N)``, ``floor`` is ``floor(k (r - 1) / N) + 1``, ``type7`` cuts at
        quantiles.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    normalise: Normalisation = "minmax"
    ddof: int = Field(default=1, ge=0, le=1)
    to: tuple[float, float] = (0.0, 100.0)
    treat: Treatment = "none"
    max_winsorised: int = Field(default=5, ge=0, le=1_000_000)
    max_skew: float = 2.0
    max_kurtosis: float = 3.5
    aggregate: Aggregation = "arithmetic"
    renormalise: bool = False
    fit_period: str = ""
    availability: float = Field(default=1.0, gt=0.0, le=1.0)
    ties: Ties = "average"
    edges: Edges = "ceil"
    shares: tuple[float, ...] = ()
    group: tuple[Group, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> IndexSpec:
        if any(share <= 0 for share in self.shares):
            raise ValueError("shares of the areas must be above 0")
        if self.shares and not math.isclose(sum(self.shares), 1.0, abs_tol=1e-6):
            raise ValueError("shares of the areas must sum to 1")
        if self.to[0] == self.to[1]:
            raise ValueError("to names two different ends")
        ids = [group.id for group in self.group]
        if len(set(ids)) < len(ids):
            raise ValueError("each group stands once")
        parents = {group.id: group.parent for group in self.group}
        for name in ids:
            seen, here = {name}, parents[name]
            while here:
                if here not in parents:
                    raise ValueError(f"group {name!r} has a parent that is not there: {here!r}")
                if here in seen:
                    raise ValueError(f"group {name!r} is its own ancestor")
                seen.add(here)
                here = parents[here]
        return self
