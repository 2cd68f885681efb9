"""What a model is: the frozen specification read from TOML (`kind` is points, rules or index)."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.indicators.spec import Unit

Operator = Literal[">", ">=", "<", "<="]
Measure = Literal["value", "difference", "ratio", "z"]
Kind = Literal["points", "rules", "index"]

TOO_SMALL: Final = "too_small"
UNDETERMINED: Final = "undetermined"


def exact(number: float | int) -> Fraction:
    """A number from TOML as the decimal that was written: ``exact(1.1)`` is 11/10, not its binary neighbour.

    >>> exact(1.1), exact(40)
    (Fraction(11, 10), Fraction(40, 1))
    """
    return Fraction(repr(number))


class Gate(BaseModel):
    """What an area must meet to be assessed at all, such as more than 500 residents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    operator: Operator
    threshold: float
    category: str = TOO_SMALL
    source: str = ""
    assumption: str | None = None


class Category(BaseModel):
    """A category with its Danish and English words, and the colour that maps and workbooks give it.

    `hatch` asks maps to draw lines over the colour, so that the class is told without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label_da: str
    label_en: str
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    hatch: bool = False
    min_points: float | None = None
    source: str = ""
    assumption: str | None = None

    def label(self, language: str) -> str:
        """The category's word in ``da`` or ``en``."""
        return self.label_da if language == "da" else self.label_en


NOT_ASSESSED: Final[tuple[Category, ...]] = (
    Category(
        id=TOO_SMALL,
        label_da="For lille til at blive vurderet",
        label_en="Too small to be assessed",
        colour="#a8a8a8",
        source="areas that do not pass the model's gate",
    ),
    Category(
        id=UNDETERMINED,
        label_da="Uafklaret",
        label_en="Undetermined",
        colour="#6f7d8c",
        hatch=True,
        source="areas whose category depends on a figure that is missing or protected",
    ),
)
"""The two classes every model has beside its own: grey and hatched, never green or white."""


class Criterion(BaseModel):
    """One indicator's part in the model. For ``points``: bands on a measure of the area against its
    yardstick.

    `measure` is taken on the *bad* side: with ``complement`` a good share becomes ``1 - share`` for area and
    yardstick alike; with ``direction = "low_is_bad"`` (a mean, where no complement exists) the ratio is
    yardstick over area and the difference yardstick minus area. `bands` are the least measures that give the
    first, second ... of `points` (1, 2, 3 where they are left out). Bands on a value or a difference are in
    `unit` (percent: 40 means 0.40).

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
    source: str = ""
    assumption: str | None = None

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
        return self.points or tuple(float(step) for step in range(1, len(self.bands) + 1))

    def label(self, language: str) -> str:
        """The criterion's name in ``da`` or ``en``."""
        return (self.label_da if language == "da" else self.label_en) or self.indicator


class Model(BaseModel):
    """A categorisation model. `id` and dated `version` are told in every output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    version: str
    kind: Kind
    label_da: str = ""
    label_en: str = ""
    source: str = ""
    assumption: str | None = None
    gates: tuple[Gate, ...] = ()
    criterion: tuple[Criterion, ...] = ()
    category: tuple[Category, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Model:
        wrong: list[str] = []
        keys = [criterion.key for criterion in self.criterion]
        ids = [category.id for category in self.category]
        wrong += [f"criterion {key!r} stands twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
        wrong += [f"category {name!r} stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
        wrong += [f"category {name!r} is kept for every model: leave it out" for name in ids if name in _KEPT]
        if not self.criterion:
            wrong.append("a model needs at least one [[criterion]]")
        if not self.category:
            wrong.append("a model needs at least one [[category]]")
        if self.kind == "points":
            wrong += self._points_problems()
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _points_problems(self) -> list[str]:
        wrong = [f"criterion {c.key!r} has no bands" for c in self.criterion if not c.bands]
        cuts = [category.min_points for category in self.category]
        *upper, lowest = cuts or [None]
        if any(cut is None for cut in upper):
            wrong.append("every category but the last needs min_points")
        elif upper != sorted(upper, key=lambda cut: -(cut or 0.0)) or len(set(upper)) < len(upper):
            wrong.append("categories go from the most points to the fewest, min_points falling")
        if lowest not in (None, 0, 0.0):
            wrong.append("the last category takes the rest: leave its min_points out")
        return wrong

    @property
    def max_points(self) -> float:
        """The most points an area can get."""
        return float(sum(max(criterion.steps, default=0.0) for criterion in self.criterion))

    @property
    def categories(self) -> tuple[Category, ...]:
        """The model's categories in order, then the two classes for areas that are not assessed."""
        return self.category + NOT_ASSESSED

    def label(self, language: str) -> str:
        """The model's name in ``da`` or ``en``; its id where none is given."""
        return (self.label_da if language == "da" else self.label_en) or self.id

    def category_label(self, category: str, language: str) -> str:
        """The word for a category of this model, the two not-assessed classes included."""
        return next((c.label(language) for c in self.categories if c.id == category), category)


_KEPT: Final = frozenset(category.id for category in NOT_ASSESSED)
