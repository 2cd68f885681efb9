"""What an indicator is: the frozen specification read from TOML."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.text.provenance import Labelled, Provenance, in_language

Unit = Literal["percent", "per_1000", "per_10000", "mean", "count"]
Direction = Literal["high_is_bad", "low_is_bad", "neutral"]
UnknownRule = Literal["exclude", "met", "not_met"]
Distinct = Literal["person", "household", "dwelling", "none"]
Theme = Literal[
    "residents",
    "children",
    "youth",
    "employment",
    "income",
    "health",
    "safety",
    "dwellings",
    "surroundings",
    "citizenship",
    "other",
]
"""What an indicator is about: under which heading of a profile or a report it stands."""
REFERENCE_PATTERN: Final = r"^(@(municipality|rest|outside_areas|areas|region|national|twins|group:.+))?$"
"""What may be named as a reference; nothing is the municipality."""


class Side(BaseModel):
    """One side of a fraction: rows of a register that meet a predicate, each counting one or a column's value.

    Attributes
    ----------
    register_name : str or None
        The register's name; its key is ``register``. Left out: the denominator's, or the only one, or ``persons``.
        Example: ``register = "persons"``
    where : str or None
        A row-wise SQL predicate; left out, all rows. Example: ``where = "age BETWEEN 18 AND 64"``
    sum : str or None
        A column whose value each row contributes instead of one: a finished table's count, or full-time persons (fixed
        point, see `Indicator.scale`). Example: ``sum = "antal"``
    distinct : {"person", "household", "dwelling", "none"} or None
        What is counted once, over the indicator's own setting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    register_name: str | None = Field(default=None, alias="register")
    where: str | None = None
    sum: str | None = None
    distinct: Distinct | None = None


class Reform(Provenance):
    """`[[indicator.reform]]`: from a period on the indicator is counted by another definition.

    The periods of `overlap` are counted by both, so that it can be said how much of a change is the reform. Where a
    figure is pooled over years, each year counts by its own definition.

    Attributes
    ----------
    valid_from : str
        The first period that is counted by it. Example: ``valid_from = "2024"``
    numerator, denominator : Side or None
        Who is counted from then on, by another ``where``; left out, as before.
        Example: ``numerator = { where = "paragraph IN ('32', '46')" }`` ``denominator = { where = "age < 18" }``
    numerator_before, denominator_before : Side or None
        How the definition before is counted in the overlap, where the columns changed too; left out, as it stood.
        Example: ``numerator_before = { sum = "outside_fte_2021_12_01" }``
        ``denominator_before = { where = "age < 18" }``
    overlap : tuple of str
        The periods that are counted by both. Example: ``overlap = ["2024"]``
    definition_da, definition_en : str
        What is counted from then on, in a sentence. Example: ``definition_da = "Foranstaltninger efter barnets lov."``
        ``definition_en = "Measures by the Child's Act."``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: str = Field(min_length=4)
    numerator: Side | None = None
    denominator: Side | None = None
    numerator_before: Side | None = None
    denominator_before: Side | None = None
    overlap: tuple[str, ...] = ()
    definition_da: str = ""
    definition_en: str = ""

    @field_validator("numerator", "denominator")
    @classmethod
    def _changes_where_alone(cls, side: Side | None) -> Side | None:
        if side is not None and (side.register_name or side.sum or side.distinct):
            raise ValueError("a reform changes where alone; of other columns say numerator_before.")
        return side

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of what changes."""
        return not any((self.numerator, self.denominator, self.numerator_before, self.denominator_before))

    def definition(self, language: str) -> str:
        """What is counted from then on, in ``da`` or ``en``."""
        return in_language(self.definition_en, self.definition_da, language)


class OtherDefinition(NamedTuple):
    """What an indicator is that counts another one by a definition that is not in force.

    Attributes
    ----------
    indicator : str
        The id of the other one.
    valid_from : str
        The reform's first period.
    is_before : bool
        Whether it is the definition before the reform, in a period after it; else that after, in a period before.
    periods : tuple of str
        The periods that it is counted in.
    """

    indicator: str
    valid_from: str
    is_before: bool
    periods: tuple[str, ...]


class Indicator(Provenance, Labelled):
    """An indicator: numerator over denominator, with everything an output must tell about it.

    A row of the base contributes ``round(w)`` to the denominator and ``round(x * w * scale)`` to the
    numerator, where w is 1 or ``weight * weight_scale``, and x is 1, the numerator's `sum` column or
    `mean_of`. So

        value = numerator / scale / (denominator - unknown)        (unknown = "exclude")

    for shares, rates and means; "met" adds the unknown to the numerator, "not_met" leaves them in the base
    only. For ``unit = "count"`` the value is numerator / scale. Shares and rates are plain fractions inside
    (0-1), whatever `unit` says; the unit decides how they are shown and which interval they get (Wilson for
    percent, Poisson for rates).

    Attributes
    ----------
    id : str
        Its id: a small letter, then small letters, figures and ``_``. Example: ``id = "small_dwellings"``
    denominator : Side
        Who is counted: the base.
    numerator : Side or None
        Who of them is meant. Left out with `mean_of`, and for counts.
    mean_of : str or None
        A column whose mean is taken over the base, with ``unit = "mean"``. Example: ``mean_of = "absence_pct"``
    quantile : float or None
        Of a raster, instead of the mean of `mean_of`: the lowest value that at least this share of the weight does not
        pass, 0.5 for the median. Example: ``quantile = 0.9`` ``mean_of = "value"``
        ``unit = "mean"``
    weight : str or None
        A column with each row's weight, as of a survey. Of a raster: ``area`` (left out: the m2 of each cell in the
        area), or another raster register of counts, such as of the people who live there.
        Example: ``weight = "vaegt"``
    weight_scale : int
        The parts in which the weight is counted: 100 keeps two decimals.
    scale : int
        The parts in which values are counted: 100 keeps two decimals. One that rounds values away is a warning.
    distinct : {"person", "household", "dwelling", "none"}
        What is counted once, where rows repeat it.
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
        How it is shown, and which interval it has.
    direction : {"high_is_bad", "low_is_bad", "neutral"}
        Which side is worse.
    unknown : {"exclude", "met", "not_met"}
        What rows count as whose numerator is not known.
    pool_years : int
        The counts of the last so many years are added. Unit: years.
    carry_forward : int
        A survey's latest figure stands for so many years after it. Unit: years.
    base_known : bool
        False for a published percentage without its base (a project finds that out by itself where the figures are a
        register's `per_cent` without base): its value is shown and compared exactly, without counts or interval.
    home_on : {"status_date", "event"} or None
        Which day gives the home of rows with a person's key, over their register's own setting.
    breakdown : str
        Indicators of the same breakdown are parts of one base, with each of its people in just one of them: where one
        part is suppressed, another one is too. Example: ``breakdown = "tenure"``
    reference : str
        What the areas are compared with: ``@municipality`` (left out), ``@rest`` (the municipality less the area),
        ``@outside_areas`` (the municipality less all assessed areas), ``@areas``, ``@region``, ``@national``,
        ``@twins`` (the areas most like it), or ``@group:`` and the name of one of `[groups]`.
        Example: ``reference = "@rest"``
    theme : Theme
        Under which heading of a profile or a report it stands: ``residents``, ``children``, ``youth``, ``employment``,
        ``income``, ``health``, ``safety``, ``dwellings``, ``surroundings`` (noise, green, distances), ``citizenship``
        or ``other``. Example: ``theme = "youth"``
    definition_da, definition_en : str
        What is counted, in a sentence. Example: ``definition_da = "Boliger under 60 m2."``
        ``definition_en = "Dwellings under 60 m2."``
    reform : tuple of Reform
        From when on it is counted by another definition, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    denominator: Side
    numerator: Side | None = None
    mean_of: str | None = None
    quantile: float | None = Field(default=None, gt=0, lt=1)
    weight: str | None = None
    weight_scale: int = Field(default=1, ge=1, le=1_000_000_000)
    scale: int = Field(default=1, ge=1, le=1_000_000_000)
    distinct: Distinct = "none"
    unit: Unit = "percent"
    direction: Direction = "high_is_bad"
    unknown: UnknownRule = "exclude"
    pool_years: int = Field(default=1, ge=1, le=100)
    carry_forward: int = Field(default=0, ge=0, le=100)
    base_known: bool = True
    home_on: Literal["status_date", "event"] | None = None
    breakdown: str = ""
    reference: str = Field(default="", pattern=REFERENCE_PATTERN)
    theme: Theme = "other"
    definition_da: str = ""
    definition_en: str = ""
    reform: tuple[Reform, ...] = ()
    _file: str | None = PrivateAttr(default=None)
    _other: OtherDefinition | None = PrivateAttr(default=None)
    _is_dated: bool = PrivateAttr(default=False)
    _is_of_raster: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _holds_together(self) -> Indicator:
        top, base = self.numerator, self.denominator
        if self.mean_of is not None and top is not None:
            raise ValueError(
                "mean_of and numerator exclude each other: a mean's numerator is the sum of its column"
            )
        if self.unit != "count" and self.mean_of is None and top is None:
            raise ValueError('a numerator is missing (or mean_of; only unit = "count" can do without)')
        if self.weight is None and self.weight_scale != 1:
            raise ValueError("weight_scale says in which parts the weight is counted, but there is no weight")
        sums = [base.sum, top.sum if top else None, self.mean_of, self.weight]
        if self.counts_distinct and any(sums):
            raise ValueError("distinct counts each once: it goes with neither sum, mean_of nor weight")
        if self.weight is not None and base.sum is not None:
            raise ValueError("a finished table's sum cannot be weighted again: leave out weight or sum")
        if self.quantile is not None and (self.mean_of is None or self.pool_years > 1):
            raise ValueError("quantile goes with mean_of, the column, and for one year at a time.")
        starts = [reform.valid_from for reform in self.reform]
        if starts != sorted(set(starts)):
            raise ValueError("reforms stand in order, each with a valid_from of its own.")
        if any(reform.is_empty for reform in self.reform):
            raise ValueError(
                "a reform changes something: give numerator or denominator, or how it was before."
            )
        if top is None and any(reform.numerator or reform.numerator_before for reform in self.reform):
            raise ValueError("there is no numerator that a reform could change.")
        return self

    @property
    def counts_distinct(self) -> bool:
        """Whether either side counts persons, households or dwellings instead of rows."""
        sides = [side.distinct or self.distinct for side in (self.denominator, self.numerator) if side]
        return any(kind != "none" for kind in sides)

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns that its sides add up."""
        return tuple(side.sum for side in (self.denominator, self.numerator) if side is not None and side.sum)

    @property
    def reference_area(self) -> str:
        """The reference area that the areas are compared with."""
        return self.reference or MUNICIPALITY

    @property
    def file(self) -> str | None:
        """The name of the file that defines it, where it was read from one."""
        return self._file

    def read_from(self, file: str | None) -> Indicator:
        """The same indicator, which knows the file that defines it."""
        indicator = self.model_copy()
        indicator._file = file
        return indicator

    @property
    def other_definition(self) -> OtherDefinition | None:
        """Which indicator it counts by a definition that is not in force; None where it stands for itself."""
        return self._other

    @property
    def is_dated(self) -> bool:
        """Whether its conditions tell the periods of its reforms apart (`geo_bosoc.indicators.by_definition`)."""
        return self._is_dated or not self.reform

    def as_dated(self, other: OtherDefinition | None = None) -> Indicator:
        """The same indicator, whose conditions tell periods apart; or which counts another one by `other`."""
        indicator = self.model_copy()
        indicator._is_dated, indicator._other = True, other
        return indicator

    @property
    def is_of_raster(self) -> bool:
        """Whether a side of it adds up cells of a raster: its counts are m2, or spread over cells, and no persons."""
        return self._is_of_raster

    def as_of_raster(self) -> Indicator:
        """The same indicator, which knows that it adds up cells."""
        indicator = self.model_copy()
        indicator._is_of_raster = True
        return indicator

    def definition(self, language: str) -> str:
        """What is counted, in ``da`` or ``en``."""
        return in_language(self.definition_en, self.definition_da, language)


class IndicatorFile(BaseModel):
    """A file of a project's own indicators, which `[indicators] file` names.

    Attributes
    ----------
    indicator : tuple of Indicator
        What each of them counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: tuple[Indicator, ...] = ()
