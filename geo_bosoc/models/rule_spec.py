"""What rules, references, parameters and published history are in a model file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.indicators.spec import Unit
from geo_bosoc.text.provenance import Provenance

Yardstick = Literal["municipality", "region", "national"]


class Column(BaseModel):
    """A column of a finished table that holds an indicator, and the unit its numbers are in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: Unit


class Reference(BaseModel):
    """What an area is compared with: ``times = 3, of = "national"`` is three times the national rate.

    `parameter` names the dated values to use where no reference area row ``@national`` (or ``@region``) is given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Yardstick = "municipality"
    times: float | None = None
    parameter: str | None = None


class Dated(BaseModel):
    """A parameter's value in one list year. `times` says that the printed number is a multiple of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    times: float = 1.0
    source: str = ""


class Parameter(Provenance):
    """A figure that differs from year to year and is set outside the area's own data, such as a national
    rate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    unit: Unit = "percent"
    label_da: str = ""
    label_en: str = ""
    values: dict[str, Dated] = Field(default_factory=dict)


class Persistence(BaseModel):
    """Some category the last `years` years in a row, the list year itself among them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: tuple[str, ...] = Field(min_length=1)
    years: int = Field(ge=2, le=100)


class Rule(BaseModel):
    """One way into a category: everything named here must hold.

    `requires` are criteria that must all be met; at least `at_least` of the criteria in `of` must be; the
    area must be in each of `categories`, and must have been in some category for years in a row where
    `persistence` says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requires: tuple[str, ...] = ()
    at_least: int = Field(default=0, ge=0)
    of: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    persistence: Persistence | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not (self.requires or self.of or self.categories or self.persistence):
            raise ValueError("a rule must name criteria, categories or persistence")
        if self.of and not 1 <= self.at_least <= len(self.of):
            raise ValueError("at_least must lie between 1 and the number of criteria in `of`")
        if self.at_least and not self.of:
            raise ValueError("at_least needs the criteria it counts in `of`")
        return self
