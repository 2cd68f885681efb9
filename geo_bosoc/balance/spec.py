"""`[balance]` in `bosoc.toml`: which dwellings, which areas, which plans, and what counts as mixed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class BalancePart(BaseModel):
    """`[balance]`: the mix of tenures now, and after the projects on the table.

    Attributes
    ----------
    dwellings : str
        The register of dwellings (unit = "dwelling"). Example: ``dwellings = "dwellings"``
    kind, estate, letting_status : str or None
        Its columns with each social dwelling's kind from the estate list, with its estate, and with the letting (1
        let, 2 used by the owner).
        Example: ``kind = "dwelling_type"`` ``estate = "afdeling"`` ``letting_status = "udlejning"``
    estates : str or None
        The estate list: a table with ``estate_id, family, youth, elderly, care``.
        Example: ``estates = "data/estates.csv"`` ``estate = "afdeling"``
    codes, rules : str
        Shipped lists by id, or files of the same shape. Example: ``codes = "bbr"`` ``rules = "my_rules.toml"``
    areas : str or None
        The layer of boundaries that is looked at; by default the assessed layer. Example: ``areas = "districts"``
    development_plans : str or None
        A file of boundaries (``area_id, name``): where a development plan is due, with a delimitation of its own.
        Example: ``development_plans = "data/plans.geojson"``
    facts : str or None
        A table about these: ``area_id, demolished, business_m2, new_building_suffices, sale_at_a_loss,
        conviction_met``. Example: ``facts = "data/facts.csv"``
    plans : str or None
        The table of projects. Example: ``plans = "data/plans.csv"``
    horizon : int
        The last year of the balance.
    rule : str
        Which share is asked of the development plans. Example: ``rule = "family-40"``
    count_demolished, count_business : bool
        What goes into its denominator.
    band : tuple of float or None
        The least and most per cent of social dwellings that count as mixed.
        Unit: per cent. Example: ``band = [20, 40]``
    block : {100, 250, 500, 1000}
        Size of the grid cells (metres) that must be mixed inside an area. Unit: metres.
    cells, nearest : tuple of int
        Sizes of grid cells (metres) and numbers of nearest residents that segregation is measured at.
        Example: ``cells = [100, 1000]`` ``nearest = [200, 1000]``
    population, home : str or None
        The register of persons and its column with the dwelling's id, for residents by tenure.
        Example: ``population = "persons"`` ``home = "dwelling_id"``
    letting : str or None
        A table with ``estate_id, vacancies, listed, banned`` of the assessed areas.
        Example: ``letting = "data/vacancies.csv"``
    ladder : str
        The agreement that these vacancies are allocated by. Example: ``ladder = "copenhagen-40plus"``
    every : int or None
        The municipality has every n-th vacancy before any estate is exempt. Example: ``every = 4``
    indicator : str
        Counts the residents outside the work force. Example: ``indicator = "outside_labour_market"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dwellings: str = "dwellings"
    kind: str | None = None
    estate: str | None = None
    letting_status: str | None = None
    estates: str | None = None
    codes: str = "bbr"
    rules: str = "rules"
    areas: str | None = None
    development_plans: str | None = None
    facts: str | None = None
    plans: str | None = None
    horizon: int = Field(default=2030, ge=1900, le=2200)
    rule: str = "family-40"
    count_demolished: bool = True
    count_business: bool = True
    band: tuple[float, float] | None = None
    block: Literal[100, 250, 500, 1000] = 250
    cells: tuple[Literal[100, 250, 500, 1000, 10000], ...] = (100, 1000)
    nearest: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = (200, 1000)
    population: str | None = None
    home: str | None = None
    letting: str | None = None
    ladder: str = "copenhagen-40plus"
    every: int | None = Field(default=None, ge=1, le=1000)
    indicator: str = "outside_labour_market"

    @model_validator(mode="after")
    def _is_consistent(self) -> BalancePart:
        if self.band is not None and not 0 <= self.band[0] <= self.band[1] <= 100:
            raise ValueError("band is the least and the most per cent, such as [20, 40].")
        if self.estates is not None and self.estate is None:
            raise ValueError('estates needs estate = "...": the column with each dwelling\'s estate.')
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        tables = (self.development_plans, self.estates, self.facts, self.plans, self.letting)
        lists = (name for name in (self.codes, self.rules) if name.endswith(".toml"))
        return (*(name for name in tables if name is not None), *lists)
