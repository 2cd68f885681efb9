"""Criteria and gates of a model: which figure is looked at, how it is measured, and where its limits lie."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from pydantic import ConfigDict, Field, model_validator

from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.spec_parts import Column, Reference, Transform
from geo_bosoc.text.provenance import Provenance, in_language

Operator = Literal[">", ">=", "<", "<="]
Measure = Literal["value", "difference", "ratio", "z"]

TOO_SMALL: Final = "too_small"


@lru_cache(maxsize=4096)
def exact(number: float | int) -> Fraction:
    """A number from TOML as the decimal that was written: ``exact(1.1)`` is 11/10, not its binary neighbour.

    >>> exact(1.1), exact(40)
    (Fraction(11, 10), Fraction(40, 1))
    """
    return Fraction(repr(number))


@lru_cache
def _whole_steps(bands: int) -> tuple[float, ...]:
    return tuple(float(step) for step in range(1, bands + 1))


class Gate(Provenance):
    """What an area must meet to be assessed at all, such as more than 500 residents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    operator: Operator
    threshold: float
    category: str = TOO_SMALL


class Criterion(Provenance):
    """One indicator's part in the model.

    For ``points``: bands on a measure of the area against its reference area. `measure` is taken on the *bad* side:
    with ``complement`` a good share becomes ``1 - share`` for area and reference area alike; with ``direction =
    "low_is_bad"`` (a mean, where no complement exists) the ratio is reference area over area and the difference
    reference area minus area. `bands` are the least measures that give the first, second ... of `points` (1, 2, 3
    where they are left out). Bands on a value or a difference are in `unit` (percent: 40 means 0.40).

    For ``rules``: `threshold` with the law's own `operator`, or `reference` ("3 x national"). `window` are
    the periods, relative to the list year, whose yearly values are averaged (``[-2, -1]``). `columns` are the
    columns of a finished table that hold the figure, `needs` the published table it comes from. `bounded` is
    off for a percentage that may pass 100. For ``index``: `weight` and `group`.

    `base` and `met` are the words of a sentence: "37 of the 912 *residents aged 18-64* are *outside the
    labour market*".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    id: str = ""
    label_da: str = ""
    label_en: str = ""
    base_da: str = ""
    base_en: str = ""
    met_da: str = ""
    met_en: str = ""
    unit: Unit = "percent"
    measure: Measure = "ratio"
    complement: bool = False
    direction: Literal["high_is_bad", "low_is_bad"] = "high_is_bad"
    operator: Operator = ">="
    bands: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    threshold: float | None = None
    reference: Reference | None = None
    window: tuple[int, ...] = ()
    columns: tuple[Column, ...] = ()
    needs: str = ""
    needs_da: str = ""
    uses_origin: bool = False
    bounded: bool = True
    weight: float = Field(default=1.0, gt=0.0)
    group: str = ""
    transform: Transform = "none"
    goalposts: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _bands_fit(self) -> Criterion:
        if list(self.bands) != sorted(set(self.bands)):
            raise ValueError("bands must rise, each once")
        if self.points and len(self.points) != len(self.bands):
            raise ValueError("points must be as many as bands")
        if self.points and list(self.points) != sorted(self.points):
            raise ValueError("points must not fall from band to band")
        if self.complement and self.unit != "percent":
            raise ValueError("only a share (unit percent) has a complement; use direction = 'low_is_bad'")
        if self.threshold is not None and self.reference is not None and self.reference.times is not None:
            raise ValueError("give a threshold or a reference with times, not both")
        if any(abs(years) > 100 for years in self.window):
            raise ValueError("a window names years from the list year: -2 is the year before last")
        if self.goalposts is not None and self.goalposts[0] == self.goalposts[1]:
            raise ValueError("goalposts are two different values")
        if len(set(self.window)) < len(self.window):
            raise ValueError("a window names each period once")
        if self.complement and self.direction == "low_is_bad":
            raise ValueError("a complement is bad when high already: leave direction out")
        return self

    @property
    def key(self) -> str:
        """The criterion's own id; the indicator's where none is given."""
        return self.id or self.indicator

    @property
    def steps(self) -> tuple[float, ...]:
        """Points of each band: as given, or 1, 2, 3 ..."""
        return self.points or _whole_steps(len(self.bands))

    @property
    def reference_area(self) -> str:
        """The reference area's area id: ``@municipality``, ``@region`` or ``@national``."""
        return f"@{self.reference.of if self.reference else 'municipality'}"

    @property
    def limit(self) -> tuple[Measure, float] | None:
        """A rule's measure and threshold: on the value, or as so many times a reference."""
        if self.reference is not None and self.reference.times is not None:
            return "ratio", self.reference.times
        return None if self.threshold is None else (self.measure, self.threshold)

    def label(self, language: str) -> str:
        """The criterion's name in ``da`` or ``en``."""
        return in_language(self.label_en, self.label_da, language) or self.indicator

    def needs_text(self, language: str) -> str:
        """The published table that the figure comes from, in ``da`` or ``en``; empty where none is needed."""
        return in_language(self.needs, self.needs_da, language)
