"""What an indicator is: the frozen specification read from TOML."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["percent", "per_1000", "per_10000", "mean", "count"]
Direction = Literal["high_is_bad", "low_is_bad", "neutral"]
UnknownRule = Literal["exclude", "met", "not_met"]
Distinct = Literal["person", "household", "dwelling", "none"]


class Side(BaseModel):
    """One side of a fraction: rows of a register that meet a predicate, each counting one or a column's value.

    `where` is a row-wise SQL predicate (all rows if left out). `sum` names a column whose value each row contributes
    instead of one: a finished table's count, or a weight such as full-time persons (fixed point, see `Indicator.scale`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    register_name: str | None = Field(default=None, alias="register")
    where: str | None = None
    sum: str | None = None
    distinct: Distinct | None = None


class Indicator(BaseModel):
    """An indicator: numerator over denominator, with everything an output must tell about it.

    value = numerator / scale / (denominator - unknown) for shares, rates and means (unknown rule ``exclude``);
    for ``unit = "count"`` the value is the numerator. Shares and rates are plain fractions inside (0-1), whatever
    `unit` says; the unit decides how they are shown and which interval they get (Wilson for percent, Byar for rates).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    denominator: Side
    numerator: Side | None = None
    mean_of: str | None = None
    weight: str | None = None
    scale: int = Field(default=1, ge=1)
    distinct: Distinct = "none"
    unit: Unit = "percent"
    direction: Direction = "high_is_bad"
    unknown: UnknownRule = "exclude"
    pool_years: int = Field(default=1, ge=1)
    carry_forward: int = Field(default=0, ge=0)
    label_da: str
    label_en: str
    definition_da: str = ""
    definition_en: str = ""
    source: str = ""
    assumption: str | None = None

    def label(self, language: str) -> str:
        """The indicator's name in ``da`` or ``en``."""
        return self.label_da if language == "da" else self.label_en

    def definition(self, language: str) -> str:
        """What is counted, in ``da`` or ``en``."""
        return self.definition_da if language == "da" else self.definition_en
