"""`[bottom_up]` in `bosoc.toml`: who nominates places, how they are detected, and the criteria that verify both."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems.messages import phrase


class PlacingPart(BaseModel):
    """`[bottom_up.placing]`: dwellings for those whom the municipality assigns, as small tables.

    Attributes
    ----------
    agreements : str or None
        A table with ``organisation, every, from_year``, and ``to_year`` where an agreement has ended: of a housing
        organisation's vacancies the municipality has every n-th. Example: ``agreements = "data/agreements.csv"``
    vacancies : str or None
        A table with ``estate_id, year, vacancies, organisation``, and where they are given ``dwellings`` and
        ``banned`` (the law forbids assignment). Example: ``vacancies = "data/vacancies_by_year.csv"``
    assignments : str or None
        A table with ``estate_id, year, assigned`` (households). Example: ``assignments = "data/assignments.csv"``
    need : str or None
        A table with ``year, waiting`` (households at the end of the year), and ``assigned`` where it is given.
        Example: ``need = "data/need.csv"``
    years : int
        The last years that an estate's assignments are added up over. Unit: years.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreements: str | None = None
    vacancies: str | None = None
    assignments: str | None = None
    need: str | None = None
    years: int = Field(default=5, ge=1, le=50)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> PlacingPart:
        if self.agreements is not None and self.vacancies is None:
            raise ValueError("agreements need vacancies: the right is a part of them.")
        if not self.files:
            raise ValueError("name at least one of agreements, vacancies, assignments and need.")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        named = (self.agreements, self.vacancies, self.assignments, self.need)
        return tuple(name for name in named if name is not None)


class FurtherServices(BaseModel):
    """`[[bottom_up.further_services]]`: a register of services or visits that count beside the cases.

    Attributes
    ----------
    cases : str
        Its name among the project's registers. Example: ``cases = "home_visits"``
    service : str or None
        Its column with the kind of service, where it has several. Example: ``service = "slags"``
    kind : str or None
        Or the one kind that all its rows are, by its id in the list of services. Example: ``kind = "family_support"``
    person : str or None
        Its column with the person; left out, its rows count at their address. Example: ``person = "person_id"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: str = Field(min_length=1)
    service: str | None = None
    kind: str | None = None
    person: str | None = None

    @model_validator(mode="after")
    def _kind_is_known_in_one_way(self) -> FurtherServices:
        if (self.service is None) == (self.kind is None):
            raise ValueError(phrase("needs service (a column) or kind (of all rows), and not both."))
        return self


class StaffPart(BaseModel):
    """`[bottom_up.staff]`: institutions of the municipality and of those that it has contracts with, and their staff.

    Attributes
    ----------
    file : str
        A CSV or workbook, a row an institution: ``kind``, ``full_time`` (positions) or ``hours`` (a week), and
        ``address_id`` or ``x`` and ``y``. Names of institutions and people are not read.
        Example: ``file = "data/registers/institutions.csv"``
    columns : dict of str to str
        Our names of columns and the file's. Example: ``columns = { full_time = "Aarsvaerk" }``
    within : float
        Metres that a home is within reach of an institution. Unit: metres. Example: ``within = 300``
    week : float
        Hours of a full-time position. Unit: hours. Example: ``week = 37``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(min_length=1)
    columns: dict[Literal["kind", "full_time", "hours", "address_id", "x", "y"], str] = Field(
        default_factory=dict
    )
    within: float = Field(default=300.0, gt=0, le=10_000)
    week: float = Field(default=37.0, gt=0, le=168)


class TypologyPart(BaseModel):
    """`[bottom_up.typology]`: types of areas by their profiles.

    Attributes
    ----------
    indicators : tuple of str
        What profiles are made of: indicators of the project that are shares, rates or means, and not of residents'
        origin; left out, all such. Example: ``indicators = ["outside_labour_market", "youth_crime"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicators: tuple[str, ...] = ()


class BottomUpPart(BaseModel):
    """`[bottom_up]`: nominated places, detected places, and what the registers say of both.

    Attributes
    ----------
    nominations : str or None
        A CSV, workbook or map file of places that staff nominate; left out, places are only detected.
        Example: ``nominations = "data/nominations.csv"``
    settled : str or None
        The table of doubtful matches with the right ones marked. Example: ``settled = "data/settled.csv"``
    nomination_columns : dict of str to str
        Our names of columns and the file's. Example: ``nomination_columns = { place = "Sted" }``
    units : tuple of str
        Names of units that may be shown besides the usual ones (`units.toml`); a unit that is not known is shown in the
        words given where they mean a role, and else as "another unit": the text may be somebody's name.
        Example: ``units = ["Ungehuset"]``
    unit_names : dict of str to str
        What the municipality calls its units, each with the unit or kind of service that it is: the name is known in
        the nominations, and shown and gathered as that unit. Example: ``unit_names = { Ungehuset = "youth_club" }``
    reasons : str or None
        A file of the reasons that may stand as codes in the column ``concern``; left out, the usual ones
        (`reasons.toml`). What is no code is free text, of which no word is shown. Example: ``reasons = "reasons.toml"``
    years : int
        How many of the run's last years (periods) tell what the registers said of each place; 1 for the last alone.
        Unit: years.
    forums : str or None
        A CSV or workbook of the places' forums, a row a place and year: place, year, chair and members (units), status.
        Example: ``forums = "data/forums.csv"``
    actions : str or None
        A CSV or workbook of what is done at places: place, year, action, count, goal.
        Example: ``actions = "data/actions.csv"``
    action_names : tuple of str
        Names of actions that may be shown besides the usual ones (`action_kinds.toml`); another text is not shown.
        Example: ``action_names = ["Bydelsmødre"]``
    find_by : {"services", "indicator"} or None
        What places are detected by: "services" where the municipality gives more services than its rates would give to
        those who live there, "indicator" where more residents meet an indicator. Left out, it is the indicator where
        one is named, and else services. Example: ``find_by = "services"``
    verify_by_others : bool
        Of places detected by their services: one half of the homes detects them, and the other half verifies those that
        nobody nominated. ``false`` uses all homes for both, and nearly every detected place is then confirmed.
        Example: ``verify_by_others = true``
    indicator : str or None
        What places are detected by with ``find_by = "indicator"``: one that counts persons (by default
        ``outside_labour_market``). It may not be about residents' origin.
        Example: ``indicator = "outside_labour_market"``
    population, cases : str
        The registers of persons and of municipal cases. Example: ``population = "persons"`` ``cases = "cases"``
    service : str
        The cases' column with the kind of service. Example: ``service = "indsats"``
    person : str or None
        The cases' column with the person (left out where cases have a place of their own).
        Example: ``person = "person_id"``
    further_services : tuple of FurtherServices
        Further registers of services or visits, which detect and verify places as the cases do.
    staff : StaffPart or None
        Institutions with staff: what the municipality is in and near each place, shown by itself.
        Example: ``staff = { file = "data/registers/institutions.csv" }``
    home : str or None
        The persons' column with their dwelling, so that households are told apart; without it each address counts as a
        household. Example: ``home = "dwelling_id"``
    street, number, estate : str or None
        Columns of the address table, for names and for matching nominations.
        Example: ``street = "vejnavn"`` ``number = "husnr"`` ``estate = "afdeling"``
    k : tuple of int
        Nearest residents that surroundings are made of. Unit: residents. Example: ``k = [100, 300]``
    permutations, seed : int
        Of the local statistic.
    find : {"significant", "worst"}
        "significant" detects where chance would rarely put so many, "worst" the worst share of the residents'
        surroundings.
    rate : float
        Expected share of false alarms among what is significant.
    worst : float
        That share of the residents.
    distance : float
        Metres that are walked between neighbours of a place, across no barrier. Unit: metres.
    join : {"single", "dbscan", "hdbscan"}
        How flagged homes become places: "single" joins all that is near enough, "dbscan" only over homes that have
        others near them, "hdbscan" then divides places by density (`docs/found_places.md` compares them).
    least_residents : int
        Of a place that is detected. Unit: residents. Example: ``least_residents = 100``
    barriers : str or None
        A layer of boundaries that neither surroundings nor places reach across. Example: ``barriers = "roads"``
    services : str or None
        A file of kinds of service. Example: ``services = "services.toml"``
    criteria : str
        The steering group's form (``geo-bosoc bottom-up criteria`` writes it), or a model's id or file.
        Example: ``criteria = "criteria.toml"``
    worse_next_year : float
        From which chance of a worse category next year on an assessed area is listed among those that may be at risk;
        one in four, from where early warning writes a sentence. Example: ``worse_next_year = 0.4``
    typology : TypologyPart
        Which indicators areas are put in types by; left out, all of the project but counts and those of origin.
        Example: ``typology = { indicators = ["outside_labour_market", "youth_crime"] }``
    draws : int
        Repetitions behind the stability of a verdict.
    least_households : int
        Of an area drawn from homes. Unit: households.
    exclude_addresses : tuple of str
        Ids of shelters, institutions and protected addresses: never in a place, and never within an outline.
        Example: ``exclude_addresses = ["0a3f50a0-0001"]``
    dwellings : str or None
        The register of dwellings. Example: ``dwellings = "dwellings"``
    institutions : str or None
        Which of them lie in an institution (a predicate; by default BBR's residential institutions): their addresses
        are left out as the excluded ones are. Example: ``institutions = "bbr_use = 160"``
    placing : PlacingPart or None
        Agreements, vacancies, assignments and need of dwellings that the municipality assigns.
        Example: ``placing = { assignments = "data/assignments.csv" }``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    nominations: str | None = None
    settled: str | None = None
    nomination_columns: dict[str, str] = Field(default_factory=dict)
    units: tuple[str, ...] = ()
    unit_names: dict[str, str] = Field(default_factory=dict)
    reasons: str | None = None
    years: int = Field(default=3, ge=1, le=50)
    forums: str | None = None
    actions: str | None = None
    action_names: tuple[str, ...] = ()
    find_by: Literal["services", "indicator"] | None = None
    verify_by_others: bool = True
    indicator: str | None = None
    population: str = "persons"
    cases: str = "cases"
    service: str = "service"
    person: str | None = "person_id"
    further_services: tuple[FurtherServices, ...] = ()
    staff: StaffPart | None = None
    home: str | None = None
    street: str | None = None
    number: str | None = None
    estate: str | None = None
    k: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = Field(default=(100, 300, 1000), min_length=1)
    permutations: int = Field(default=99, ge=1, le=9999)
    seed: int = Field(default=1, ge=0, le=4_294_967_295)
    find: Literal["significant", "worst"] = "significant"
    rate: float = Field(default=0.05, gt=0, lt=1)
    worst: float = Field(default=0.05, gt=0, lt=1)
    distance: float = Field(default=75.0, gt=0, le=100_000)
    join: Literal["single", "dbscan", "hdbscan"] = "dbscan"
    least_residents: int = Field(default=50, ge=0, le=1_000_000)
    barriers: str | None = None
    services: str | None = None
    criteria: str = "skanderborg"
    worse_next_year: float = Field(default=0.25, gt=0, le=1)
    typology: TypologyPart = TypologyPart()
    draws: int = Field(default=200, ge=20, le=100_000)
    least_households: int = Field(default=20, ge=20, le=1_000_000)
    exclude_addresses: tuple[str, ...] = ()
    dwellings: str | None = None
    institutions: str | None = None
    placing: PlacingPart | None = None

    @model_validator(mode="after")
    def _finds_in_one_way(self) -> BottomUpPart:
        if self.find_by == "services" and self.indicator is not None:
            raise ValueError(phrase('leave indicator out, or write find_by = "indicator".'))
        return self

    @property
    def detection_indicator(self) -> str | None:
        """The indicator that places are detected by; None where it is services."""
        if self.find_by == "services" or (self.find_by is None and self.indicator is None):
            return None
        return self.indicator or "outside_labour_market"

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        staff = self.staff.file if self.staff is not None else None
        named = (
            staff,
            self.nominations, self.settled, self.reasons, self.forums, self.actions, self.services,
        )  # fmt: skip
        criteria = (self.criteria,) if self.criteria.endswith(".toml") else ()
        placing = self.placing.files if self.placing is not None else ()
        return tuple(name for name in named if name is not None) + criteria + placing
