"""Parts of `[follow_up]`: goals with their registrations, safety surveys, and persons linked over years."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY

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
    origins : tuple of str
        Areas, or groups of them (``[groups]``), of which it is followed where people went; left out, the areas of
        development plans (``[balance] development_plans``). Example: ``origins = ["0001", "0003"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: bool = False
    purpose: str = ""
    legal_basis: str = ""
    origins: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_a_ground(self) -> LinkPart:
        if self.years and not (self.purpose.strip() and self.legal_basis.strip()):
            raise ValueError(
                "persons are linked over years only with both purpose and legal_basis: write why, and on what ground."
            )
        return self
