"""Parts of `[follow_up]`: goals with their registrations, safety surveys, and persons linked over years."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.registers.spec import RegisterSpec

REFERENCES: Final = ("all_plans", "all_social_housing", "population")
"""All areas with a plan, all social housing, the population: what VIVE compares an area with."""


class GoalSource(BaseModel):
    """`[[follow_up.goals.sets]]`: a set of goals.

    Attributes
    ----------
    source : str
        A shipped set by id, a table of goals, or a dated file that names its table.
        Example: ``source = "data/goals.csv"``
    area : str or None
        The area of goals that name none: an area's id, or a group's. Example: ``area = "0012"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    area: str | None = None

    @property
    def file(self) -> str | None:
        """The file, where it is one."""
        return self.source if Path(self.source).suffix else None


class GoalsPart(BaseModel):
    """`[follow_up.goals]`: goals, and registrations of one's own that they may be about.

    Attributes
    ----------
    sets : tuple of GoalSource
        The sets of goals. Example: ``sets = [{ source = "data/goals.csv" }]``
    registrations : tuple of str
        Tables of registrations (``area_id;period;measure;value;unit;note``), or of Landsbyggefonden's shape.
        Example: ``registrations = ["data/registrations.csv"]``
    area : str or None
        The area of registrations in Landsbyggefonden's shape that name none. Example: ``area = "0012"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: tuple[GoalSource, ...] = Field(min_length=1)
    registrations: tuple[str, ...] = ()
    area: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        return (*(each.file for each in self.sets if each.file is not None), *self.registrations)


class SafetyPart(BaseModel):
    """`[follow_up.safety]`: a survey's shares next to three references, and whether they differ.

    Attributes
    ----------
    indicators : tuple of str
        Indicators of the run that count answers; left out where there is a table, only those of the run.
        Example: ``indicators = ["safety"]``
    all_plans, all_social_housing, population : str or None
        The reference areas: all areas with a plan, all social housing, the population.
        Example: ``all_plans = "@group:plans"`` ``all_social_housing = "@areas"`` ``population = "@municipality"``
    table : str or None
        A finished table with ``area_id, question, area_pct, respondents`` and the references' figures.
        Example: ``table = "data/safety.csv"``
    reference_respondents : int
        How many answers stand behind a reference of the finished table that does not say so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicators: tuple[str, ...] = ("safety",)
    all_plans: str | None = None
    all_social_housing: str | None = ALL_AREAS
    population: str | None = MUNICIPALITY
    table: str | None = None
    reference_respondents: int = Field(default=10_000, ge=1, le=10_000_000)

    @property
    def references(self) -> dict[str, str]:
        """The reference area of each of the three that there is."""
        areas = {name: getattr(self, name) for name in REFERENCES}
        return {name: area for name, area in areas.items() if area}


class DeathsPart(BaseModel):
    """`[follow_up.link.deaths]`: who died, so that deaths are told from moves out of the municipality.

    Attributes
    ----------
    path : str or tuple of str
        The file or files, as in ``[registers]``: a list of the dead, moves with an event for deaths, or an extract of
        the population that has those who died as well. Example: ``path = "data/deaths.csv"`` ``person = "PNR"``
    person : str
        The column with the key of the population, hashed in the same way. Example: ``path = "data/deaths.csv"``
        ``person = "PNR"``
    day : str or None
        The column with the day of death: who died after a status date had left the municipality before it. Left out (or
        empty), whoever is no more in the population and in the file is taken to have died.
        Example: ``path = "data/deaths.csv"`` ``person = "PNR"`` ``day = "DOEDSDATO"``
    where : str or None
        Only rows that meet this row-wise SQL predicate are of the dead, such as those of CPR's status 90.
        Example: ``path = "data/cpr.csv"`` ``person = "PNR"`` ``where = "STATUS = '90'"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str | tuple[str, ...]
    person: str = Field(min_length=1)
    day: str | None = None
    where: str | None = None

    @property
    def register(self) -> RegisterSpec:
        """How its files are read: as one list, whatever periods they are of."""
        names = [name for name in (self.person, self.day) if name is not None]
        return RegisterSpec(
            path=self.path,
            unit="case",
            person=self.person,
            event=self.day,
            where=self.where,
            period="0001",
            columns=dict(zip(names, names, strict=True)),
        )


class LinkPart(BaseModel):
    """Whether persons are linked over years, for the internal set alone: who moved, and how those who stayed changed.

    Attributes
    ----------
    years : bool
        Link persons over the periods of the run. Example: ``years = true``
        ``purpose = "Opfølgning på boligsocial aftale"`` ``legal_basis = "Databeskyttelseslovens § 10"``
    purpose : str
        Why persons are followed from year to year; in the internal manifest.
        Example: ``purpose = "Opfølgning på boligsocial aftale"``
    legal_basis : str
        On what ground; in the internal manifest. Example: ``legal_basis = "Databeskyttelseslovens § 10"``
    deaths : DeathsPart or None
        The files that say who died; left out, deaths cannot be told from moves out of the municipality.
        Example: ``deaths = { path = "data/deaths.csv", person = "PNR", day = "DOEDSDATO" }``
    origins : tuple of str
        Areas, or groups of them (``[groups]``), of which it is followed where people went; left out, the areas of
        development plans (``[balance] development_plans``). Example: ``origins = ["0001", "0003"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: bool = False
    purpose: str = ""
    legal_basis: str = ""
    deaths: DeathsPart | None = None
    origins: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_a_ground(self) -> LinkPart:
        if self.years and not (self.purpose.strip() and self.legal_basis.strip()):
            raise ValueError(
                "persons are linked over years only with both purpose and legal_basis: write why, and on what ground."
            )
        return self
