"""What a model is: the frozen specification read from TOML (`kind` is points, rules or index)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Operator = Literal[">", ">=", "<", "<="]


class Gate(BaseModel):
    """What an area must meet to be assessed at all, such as more than 500 residents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    operator: Operator
    threshold: float
    source: str = ""
    assumption: str | None = None


class Category(BaseModel):
    """A category with its Danish and English words, and the colour that maps and workbooks give it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label_da: str
    label_en: str
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    min_points: float | None = None
    source: str = ""
    assumption: str | None = None

    def label(self, language: str) -> str:
        return self.label_da if language == "da" else self.label_en


class Criterion(BaseModel):
    """One indicator's part in the model. For ``points``: bands on a measure of the area against its yardstick."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    measure: Literal["value", "difference", "ratio", "z"] = "ratio"
    bands: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    source: str = ""
    assumption: str | None = None


class Model(BaseModel):
    """A categorisation model. `id` and dated `version` are told in every output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    kind: Literal["points", "rules", "index"]
    label_da: str = ""
    label_en: str = ""
    source: str = ""
    assumption: str | None = None
    gates: tuple[Gate, ...] = ()
    criterion: tuple[Criterion, ...] = ()
    category: tuple[Category, ...] = ()

    def label(self, language: str) -> str:
        return (self.label_da if language == "da" else self.label_en) or self.id
