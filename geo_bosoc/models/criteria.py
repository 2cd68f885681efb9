"""Criteria and gates of a model: which figure is looked at, how it is measured, and where its limits lie."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from pydantic import ConfigDict, Field, model_validator

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY, OUTSIDE, REST
from geo_bosoc.indicators.spec import Unit
from geo_bosoc.models.index_spec import Ties, Transform
from geo_bosoc.models.spec_parts import Column, Reference
from geo_bosoc.text.provenance import Provenance, in_language

Operator = Literal[">", ">=", "<", "<="]
Measure = Literal["value", "difference", "ratio", "z"]

TOO_SMALL: Final = "too_small"

_ENDINGS: Final[dict[str, Unit]] = {"_pct": "percent", "_per_10000": "per_10000", "_per_1000": "per_1000"}
"""The unit that a column's name says."""


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
    """What an area must meet to be assessed at all, such as more than 500 residents.

    Attributes
    ----------
    indicator : str
        The figure that is looked at. Example: ``indicator = "residents"``
    operator : {">", ">=", "<", "<="}
        How it is compared. Example: ``operator = ">"``
    threshold : float
        With what, in the indicator's unit. Example: ``threshold = 500``
    category : str
        The class of areas that do not pass. Example: ``category = "too_small"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str
    operator: Operator
    threshold: float
    category: str = TOO_SMALL


class Criterion(Provenance):
    """One indicator's part in the model.

    Attributes
    ----------
    indicator : str
        The figure that is looked at. Example: ``indicator = "outside_labour_market"``
    id : str
        The criterion's own id, where one figure has several criteria. Example: ``id = "outside_40"``
    label_da, label_en : str
        Its name; left out, the indicator's. Example: ``label_da = "Uden for arbejdsmarkedet"`` ``label_en = "Outside"``
    base_da, base_en : str
        Words of a sentence, "37 of the 912 *residents aged 18-64* are outside the labour market".
        Example: ``base_da = "beboere på 18-64 år"`` ``base_en = "residents aged 18-64"``
    met_da, met_en : str
        Words of a sentence, "37 of the 912 residents aged 18-64 are *outside the labour market*".
        Example: ``met_da = "uden for arbejdsmarkedet"`` ``met_en = "outside the labour market"``
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
        The unit of bands and thresholds on a value or a difference (percent: 40 means 0.40).
    measure : {"value", "difference", "ratio", "z"}
        What is compared: the area's value, or its difference, ratio or distance to the reference in
        standard deviations.
    complement : bool
        For a good share: ``1 - share`` is looked at, for area and reference alike.
    direction : {"high_is_bad", "low_is_bad"}
        With ``low_is_bad`` (a mean, where no complement exists) the ratio is reference over area, and the difference
        reference minus area.
    operator : {">", ">=", "<", "<="}
        The law's own: "overstiger" is ``>``, "mindst" is ``>=``, "mindre end" is ``<``.
    bands : tuple of float
        Of a points model: the least measures that give the first, second ... of `points`. They rise.
        Example: ``bands = [1.2, 1.6, 2.2]``
    points : tuple of float
        What each band gives; left out: 1, 2, 3. Example: ``bands = [1.2, 1.6]`` ``points = [1, 3]``
    threshold : float or None
        Of a rules model: the limit, in `unit`. Example: ``threshold = 40``
    reference : Reference or None
        What the area is compared with; left out, the municipality.
    window : tuple of int
        The periods, relative to the list year, whose yearly values are averaged. Unit: years.
        Example: ``window = [-2, -1]``
    columns : tuple of Column
        Columns of a finished table that hold the figure.
    needs, needs_da : str
        The published table that the figure comes from. Example: ``needs = "Convictions"``
        ``needs_da = "Domme"``
    uses_origin : bool
        Whether it looks at residents' origin, which is told and can be left out.
    bounded : bool
        Whether a percentage may not pass 100.
    weight : float
        Of an index: its weight in its group.
    group : str
        Of an index: the group that it belongs to. Example: ``group = "work"``
    transform : {"none", "log", "log1p"}
        Of an index: what is done to the figure before it is normalised, in its unit: of 20 per cent it is the logarithm
        of 20.
    goalposts : tuple of float or None
        Of an index: the figures that become the ends of the scale, in `unit` and before `transform`.
        Example: ``goalposts = [0, 50]``
    ties : {"average", "min", "max", "ordinal"} or None
        Of an index: the rule for equal figures in its ranks, if another than the index's.
    change_since : int
        Of an index: the figure is the change since so many years before, in `unit`. Unit: years.
        Example: ``change_since = 2``
    numerator, denominator : tuple of str
        Columns of a finished table whose sums are divided to give the figure, instead of `columns`.
        Example: ``numerator = ["one_room", "two_rooms"]`` ``denominator = ["households"]``
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
    ties: Ties | None = None
    change_since: int = Field(default=0, ge=0, le=100)
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()

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
        if self.measure == "z" and self.compared_with_rest:
            raise ValueError("z is a distance to one reference: the rest is another one for each area")
        if bool(self.numerator) != bool(self.denominator):
            raise ValueError("numerator and denominator go together: each names columns of the table")
        if self.numerator and self.columns:
            raise ValueError("give columns, or numerator and denominator, not both")
        if self.change_since and self.window:
            raise ValueError("a change is between two periods: leave window out")
        if self.complement and self.direction == "low_is_bad":
            raise ValueError("a complement is bad when high already: leave direction out")
        return self

    @property
    def key(self) -> str:
        """The criterion's own id; the indicator's where none is given."""
        return self.id or self.indicator

    @property
    def table_columns(self) -> tuple[Column, ...]:
        """Columns of a finished table that it is read from; by default ``<indicator>_pct`` and ``<indicator>``.

        Of a quotient all of them are needed, of others any one.
        """
        if self.numerator:
            return tuple(Column(name=name, unit="mean") for name in (*self.numerator, *self.denominator))
        if self.columns:
            return self.columns
        name = self.indicator
        for ending, unit in _ENDINGS.items():
            if name.endswith(ending):
                return (Column(name=name, unit=unit),)
        share = (Column(name=f"{name}_pct", unit="percent"),) if self.unit == "percent" else ()
        return (*share, Column(name=name, unit=self.unit))

    @property
    def steps(self) -> tuple[float, ...]:
        """Points of each band: as given, or 1, 2, 3 ..."""
        return self.points or _whole_steps(len(self.bands))

    @property
    def reference_area(self) -> str:
        """The reference area's area id: ``@`` and one of the areas that `Reference.of` may name."""
        return f"@{self.reference.of if self.reference else 'municipality'}"

    @property
    def compared_with_rest(self) -> bool:
        """Whether each area is compared with the municipality less itself."""
        return self.reference_area == REST

    @property
    def counted_references(self) -> frozenset[str]:
        """The area ids of the figures that the reference rests on: the municipality's of its rest, else its own."""
        counted = {REST: {MUNICIPALITY}, OUTSIDE: {MUNICIPALITY, ALL_AREAS}}
        return frozenset(counted.get(self.reference_area, {self.reference_area}))

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
