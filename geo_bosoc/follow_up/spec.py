"""`[follow_up]` in `bosoc.toml`: which periods are compared, and what is followed besides."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from geo_bosoc.follow_up.spec_parts import GoalsPart, LinkPart, SafetyPart
from geo_bosoc.indicators.map_classes import DEFAULT_CLASSES, DEFAULT_SCHEME, Scheme, ThemeClasses
from geo_bosoc.indicators.similar_areas import TwinsPart

PeriodPair = tuple[str, str]
"""Two periods, the earlier first."""


class ChangePart(BaseModel):
    """`[follow_up.change]`: how differences between two periods are taken.

    Attributes
    ----------
    against : str or None
        The reference area whose own change is held against that of an area; left out, the reference that each
        indicator has. Example: ``against = "@rest"``
    correlation : float or dict of str to float
        How strongly what a person is counted as in one period goes with what the same person is counted as in the
        other (phi), for all indicators or by id. 0: the periods are taken as independent, and intervals are rather too
        wide. Example: ``correlation = { outside_labour_market = 0.7 }``
    overlap : float or dict of str to float
        The share of the smaller base that is counted in both periods, for all indicators or by id; matters where there
        is a correlation. Example: ``overlap = 0.85``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    against: str | None = None
    correlation: float | dict[str, float] = 0.0
    overlap: float | dict[str, float] = 1.0


class DynamicsPart(BaseModel):
    """`[follow_up.dynamics]`: status and dynamics as one class.

    Attributes
    ----------
    scheme : str
        What status and dynamics are and where they are cut: ``categories`` (the model's categories now and then),
        ``points`` (its categories, and what points did), ``hamburg``, ``berlin``, or a TOML file of one's own.
        Example: ``scheme = "hamburg"``
    years : int or None
        Over how many years dynamics are taken; left out, the scheme's. Unit: years. Example: ``years = 2``
    models : tuple of str
        Ids of the models that it is made by; left out, all. Example: ``models = ["aarhus-2018"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: str = "categories"
    years: int | None = Field(default=None, ge=1, le=100)
    models: tuple[str, ...] = ()

    @property
    def file(self) -> str | None:
        """The scheme's file, where it is one's own."""
        return self.scheme if self.scheme.endswith(".toml") else None


class ClassesPart(BaseModel):
    """`[follow_up.classes]`: the classes of change on the map, the same in all periods.

    Attributes
    ----------
    scheme : {"quantiles", "equal_interval", "fisher_jenks", "std_mean", "maximum_breaks"}
        How the differences of all areas and periods together are cut (a scheme of mapclassify).
        Example: ``scheme = "fisher_jenks"``
    classes : int
        How many classes there are. Example: ``classes = 4``
    limits : dict of str to tuple of float
        Limits that are given, by indicator, in the unit that differences are shown in (percentage points), rising.
        Example: ``limits = { outside_labour_market = [-2, -1, 1, 2] }``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Scheme = DEFAULT_SCHEME
    classes: int = Field(default=DEFAULT_CLASSES, ge=2, le=DEFAULT_CLASSES)
    limits: dict[str, tuple[float, ...]] = Field(default_factory=dict)

    @field_validator("limits")
    @classmethod
    def _rise(cls, limits: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for each in limits.values():
            if list(each) != sorted(set(each)) or not 1 <= len(each) <= 4:
                raise ValueError("limits are one to four rising numbers.")
        return limits

    def theme(self, indicator: str) -> ThemeClasses:
        """The classes of an indicator's change."""
        given = self.limits.get(indicator)
        if given is not None:
            return ThemeClasses(limits=given)
        return ThemeClasses().with_defaults(self.scheme, self.classes)


class WarningPart(BaseModel):
    """`[follow_up.warning]`: early warning, in the internal set: what may come, as far as it can be told.

    Attributes
    ----------
    years : tuple of int
        How many years ahead. Unit: years. Example: ``years = [1, 3]``
    seed : int
        Where the random numbers start that the chance of a worse category is drawn with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: tuple[Annotated[int, Field(ge=1, le=10)], ...] = Field(default=(1, 3), min_length=1)
    seed: int = Field(default=0, ge=0)


class ListAheadPart(BaseModel):
    """`[follow_up.list_ahead]`: the list of 1 December ahead of time, in the internal set.

    Attributes
    ----------
    year : str
        The list's year; own figures of that period are read. Example: ``year = "2026"``
    model : str
        A rules model that ships, or a model file. Example: ``model = "national-2021"``
    table : str or None
        A table of finished values, a row an area, such as Landsbyggefonden's values of the criteria
        (Parallelsamfundskriterieværdier). Own figures come first, where the run counts them under the model's names.
        Example: ``table = "data/kriterier.csv"``
    shares, per_cent : tuple of str
        Columns of `table` with percentages: those that hold shares (0.25 is 25 %), and those of which no value passes 1
        though they are in per cent. Example: ``shares = ["outside_labour_pct"]`` ``per_cent = ["convicted_pct"]``
    parameters : dict of str to float
        The model's parameters of that year, such as the national conviction rate in per cent.
        Example: ``parameters = { national_convicted = 0.78 }``
    bases : dict of str to str
        For figures without counts the indicator that counts whom they are of: margins are then told in persons.
        Example: ``bases = { basic_edu_pct = "residents_30_59" }``
    history : str or None
        Earlier lists for "five years in a row": a CSV with area and year, or ``published``; left out, those that the
        project's own model of that id has. Example: ``history = "data/lists.csv"``
    obligations : str or None
        A file of what follows from each category, instead of the shipped one. Example: ``obligations = "duties.toml"``
    combined_letting : bool
        Whether combined letting (§51b) is looked at too, by the figure ``outside_labour_51b_pct``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: str = Field(pattern=r"^\d{4}$")
    model: str = "national-2021"
    table: str | None = None
    shares: tuple[str, ...] = ()
    per_cent: tuple[str, ...] = ()
    parameters: dict[str, float] = Field(default_factory=dict)
    bases: dict[str, str] = Field(default_factory=dict)
    history: str | None = None
    obligations: str | None = None
    combined_letting: bool = True

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        named = (self.table, self.obligations, None if self.history == "published" else self.history)
        model = (self.model,) if self.model.endswith(".toml") else ()
        return (*(name for name in named if name is not None), *model)


class FollowUpPart(BaseModel):
    """`[follow_up]`: what became of the areas from year to year.

    Attributes
    ----------
    years : tuple of int
        How many years lie between the periods that are compared; each period is held against that before it by so
        many years, where both are in the run. Unit: years. Example: ``years = [1, 4]``
    chained : bool
        Whether series are also given on the level of the last definition, where a reform changed it: earlier figures
        times what the new definition gave in the overlap for each one of the old. That is an assumption, and is said.
    boundaries : dict of str to str
        By period, the map file of the areas that its finished tables are of: their figures are recounted on today's
        boundaries. Columns are those of ``[boundaries.areas]``.
        Example: ``boundaries = { "2019" = "data/boundaries/areas_2019.gpkg" }``
    exhaustive_boundaries : bool
        Whether everybody lived in one of the areas of `boundaries`, as in districts or parishes: land of today's areas
        outside of them is then water or streets, and no area has too few counted.
    area_history : str or None
        A table of areas that were renamed, merged or split: ``area_id_before, area_id, from, kind``.
        Example: ``area_history = "data/area_history.csv"``
    change : ChangePart
        How differences between two periods are taken.
    dynamics : DynamicsPart
        Status and dynamics as one class.
    classes : ClassesPart
        The classes of change on the map.
    goals : GoalsPart or None
        Goals, and registrations of one's own that they may be about.
    safety : SafetyPart or None
        A survey's shares next to three references.
    link : LinkPart
        Whether persons are linked over the years, for the internal set.
    warning : WarningPart or None
        Early warning.
    list_ahead : ListAheadPart or None
        The list of 1 December ahead of time.
    twins : TwinsPart or None
        The areas most alike in profile, by which figures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: tuple[int, ...] = Field(default=(1,), min_length=1)
    link: LinkPart = Field(default_factory=LinkPart)
    chained: bool = False
    boundaries: dict[str, str] = Field(default_factory=dict)
    exhaustive_boundaries: bool = False
    area_history: str | None = None
    change: ChangePart = ChangePart()
    dynamics: DynamicsPart = DynamicsPart()
    classes: ClassesPart = ClassesPart()
    goals: GoalsPart | None = None
    safety: SafetyPart | None = None
    warning: WarningPart | None = None
    list_ahead: ListAheadPart | None = None
    twins: TwinsPart | None = None

    @field_validator("years")
    @classmethod
    def _are_positive(cls, years: tuple[int, ...]) -> tuple[int, ...]:
        if min(years) < 1:
            raise ValueError("years are whole numbers from 1 on.")
        return tuple(dict.fromkeys(years))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names, for the manifest."""
        goals = self.goals.files if self.goals is not None else ()
        scheme = (self.dynamics.file,) if self.dynamics.file is not None else ()
        survey = (self.safety.table,) if self.safety is not None and self.safety.table else ()
        history = (self.area_history,) if self.area_history is not None else ()
        list_ahead = self.list_ahead.files if self.list_ahead is not None else ()
        boundaries = dict.fromkeys(self.boundaries.values())
        return (*goals, *scheme, *survey, *boundaries, *history, *list_ahead)


def period_pairs(periods: Collection[str], years: Collection[int] = (1,)) -> list[PeriodPair]:
    """Each period with the one that lies so many years before it, where both are there.

    Parameters
    ----------
    periods : collection of str
        Years or quarters: ``2024``, ``2024K1``.
    years : collection of int, optional
        How many years lie between the two.

    Returns
    -------
    list of (str, str)
        The period before, and the period; sorted by the later one, the nearest one before it first.

    Examples
    --------
    >>> period_pairs(["2022", "2023", "2024"], [1, 2])
    [('2022', '2023'), ('2023', '2024'), ('2022', '2024')]
    >>> period_pairs(["2023K1", "2023K2", "2024K1"])
    [('2023K1', '2024K1')]
    """
    all_periods = set(periods)
    return [
        (before, period)
        for period in sorted(all_periods)
        for distance in sorted(set(years))
        if (before := f"{int(period[:4]) - distance:04d}{period[4:]}") in all_periods
    ]
