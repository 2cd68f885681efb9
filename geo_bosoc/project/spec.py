"""`bosoc.toml`: what a project says, checked with every mistake listed at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, model_validator

from geo_bosoc.balance.spec import BalancePart
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.follow_up.spec import FollowUpPart
from geo_bosoc.indicators import Parameter
from geo_bosoc.indicators.spec import IndicatorFile
from geo_bosoc.linkage.estate_membership import MembershipSpec
from geo_bosoc.models import Model
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.problems import InputError, Report, TomlFile, add_problems, did_you_mean, read_toml, validate
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.spec_parts import (
    BoundaryPart,
    HomeColumnPart,
    IndicatorsPart,
    MapPart,
    ModelPart,
    PlacesPart,
    ProjectPart,
    ProjectTable,
    ProtectPart,
    ReferencePart,
    RunPart,
)
from geo_bosoc.rasters.surfaces import SurfacesPart
from geo_bosoc.registers.spec import RegisterSpec

PROJECT_FILE = "bosoc.toml"

_OTHER_FILES: Final[dict[str, type[BaseModel]]] = {
    "the file that [indicators] file names": IndicatorFile,
    "a model file": Model,
}
"""The files beside the project file, as a hint says where a key belongs."""
HOME_KEYS: Final = ("address_id", "area_id", "dwelling_id", "period", "person_id", "x", "y")
"""What rows lie and are told apart by: no further column has such a name."""
_FORM: Final = re.compile(r"\d{4}(K[1-4])?", re.ASCII)


class DisclosurePart(Policy):
    """`[disclosure]`: what is suppressed, and the set that was published before.

    Attributes
    ----------
    previous : str or None
        The folder of the set that was published before (`geo-bosoc publish` makes it), outside of the output folder,
        which a run replaces. Its periods stay as they were published. Example: ``previous = "archive/2024"``
    revise : bool
        Whether the periods of that set are published anew, as far as nothing follows from old and new together.
    audit : bool
        Whether the attack runs on what is about to be written. Where it finds a figure, the sum of all areas of that
        indicator and period goes, then what the area's category says besides shown figures, then the municipality's
        figure; where that is not enough the run stops and names the row. Example: ``audit = true``
    households : {"household_id", "dwelling_id"} or None
        The population register's column that tells households apart: a household key, or the dwelling (households are
        then dwellings with residents). They are counted where it is given or the policy asks for them.
    """

    previous: str | None = Field(default=None, min_length=1)
    revise: bool = False
    audit: bool = False
    households: Literal["household_id", "dwelling_id"] | None = None

    @model_validator(mode="after")
    def _has_previous(self) -> DisclosurePart:
        if self.revise and self.previous is None:
            raise ValueError("revise goes with previous, the folder of the set that was published before.")
        return self

    @property
    def household_key(self) -> Literal["household", "dwelling"] | None:
        """What households are counted by; None where nobody asks for them."""
        if self.households is None and all(each.of != "households" for each in self.thresholds):
            return None
        return "household" if self.households == "household_id" else "dwelling"

    @property
    def rules(self) -> Policy:
        """The policy alone."""
        return Policy.model_validate({name: getattr(self, name) for name in Policy.model_fields})


class ProjectSpec(ProjectTable):
    """A checked `bosoc.toml`.

    Attributes
    ----------
    project : ProjectPart
        Whose project it is.
    boundaries : dict of str to BoundaryPart
        Layers of areas, by name.
    registers : dict of str to RegisterSpec
        Registers, by name.
    home_columns : dict of str to HomeColumnPart
        Further columns of rows that have a home, by name: how far it is to something, or a raster's value there.
    indicators : IndicatorsPart
        What is counted.
    model : tuple of ModelPart
        How areas are categorised.
    reference : ReferencePart
        What the areas are compared with, and who the municipality's figure counts.
    groups : dict of str to tuple of str
        Groups of areas by name, each a list of area ids: an agreement's, a housing organisation's. Their counts are
        added up; areas that share homes are refused. Example: ``groups = { agreement_west = ["0001", "0002"] }``
    parameters : dict of str to object
        What predicates need of a whole register, or values given, by name; written ``:median_income`` in a predicate.
        Example: ``parameters = { poverty_line = 150000 }``
    map : MapPart
        Classes and colours of indicators on maps, and the map page's background.
    run : RunPart
        Periods, and where they are counted.
    disclosure : DisclosurePart
        What may be published of small numbers.
    protect : ProtectPart or None
        The former name of `disclosure`.
    balance : BalancePart or None
        The mix of tenures.
    bottom_up : BottomUpPart or None
        Nominated and detected places.
    follow_up : FollowUpPart or None
        What became of the areas from year to year.
    surfaces : SurfacesPart or None
        Density and rates among the nearest residents, as rasters.
    documents : DocumentsPart or None
        Papers: report, profiles, maps as pictures.
    places : PlacesPart
        Points where nobody lives.
    membership : MembershipSpec or None
        The list of who belongs to each estate.
    """

    project: ProjectPart
    boundaries: dict[str, BoundaryPart]
    registers: dict[str, RegisterSpec]
    home_columns: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], HomeColumnPart] = Field(
        default_factory=dict
    )
    indicators: IndicatorsPart
    model: tuple[ModelPart, ...] = ()
    reference: ReferencePart = ReferencePart()
    groups: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    parameters: dict[str, float | str | Parameter] = Field(default_factory=dict)
    map: MapPart = MapPart()
    run: RunPart = RunPart()
    disclosure: DisclosurePart = DisclosurePart()
    protect: ProtectPart | None = Field(default=None, json_schema_extra={"deprecated": True})
    balance: BalancePart | None = None
    bottom_up: BottomUpPart | None = None
    follow_up: FollowUpPart | None = None
    surfaces: SurfacesPart | None = None
    documents: DocumentsPart | None = None
    places: PlacesPart = PlacesPart()
    membership: MembershipSpec | None = None

    @model_validator(mode="before")
    @classmethod
    def _shapes(cls, data: Any) -> Any:
        """`[model]` may be one table or several; a boundary's role follows from its name unless it is given."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if isinstance(data.get("model"), dict):
            data["model"] = (data["model"],)
        protect = data.get("protect")
        if isinstance(protect, dict) and protect and "disclosure" in data:
            raise ValueError("[protect] is the former name of [disclosure]: give [disclosure] alone.")
        minimum = protect.get("minimum") if isinstance(protect, dict) else None
        if isinstance(minimum, int) and 3 <= minimum <= 100:
            data["disclosure"] = {"minimum": minimum}
        boundaries = data.get("boundaries")
        if isinstance(boundaries, dict):
            roles = {"areas": "assessed", "municipality": "outline"}
            data["boundaries"] = {
                name: {"role": roles.get(name, "context"), **part} if isinstance(part, dict) else part
                for name, part in boundaries.items()
            }
        return data

    def rasters_of(self, columns: Collection[str]) -> list[str]:
        """The raster registers whose values at homes are among columns."""
        parts = [part for name, part in self.home_columns.items() if name in columns]
        return sorted(
            {part.raster for part in parts if part.raster is not None and part.raster in self.registers}
        )

    @property
    def assessed(self) -> list[str]:
        return [name for name, part in self.boundaries.items() if part.role == "assessed"]

    @property
    def outline(self) -> str | None:
        return next((name for name, part in self.boundaries.items() if part.role == "outline"), None)

    @property
    def context(self) -> list[str]:
        return [name for name, part in self.boundaries.items() if part.role == "context"]


@dataclass(frozen=True)
class Project:
    """A project: its checked specification and the folder that its paths start from."""

    spec: ProjectSpec
    file: Path

    def __repr__(self) -> str:
        return f"Project({self.spec.project.name!r}, {self.file.name})"

    @property
    def root(self) -> Path:
        return self.file.parent

    @property
    def output(self) -> Path:
        return self.root / self.spec.project.output


def load_project(path: str | Path | Project = PROJECT_FILE, *, report: Report | None = None) -> Project:
    """Read and check a project file; a `Project` that is loaded already is returned as it is.

    Parameters
    ----------
    path : str, Path or Project
        The file, or its folder.
    report : Report, optional
        Takes the warnings; errors raise all the same.

    Returns
    -------
    Project
        The specification, and the folder that its paths start from.

    Raises
    ------
    InputError
        The file is missing, is not TOML, or holds mistakes: every one of them, each with its key and line.

    Examples
    --------
    >>> load_project("my-project").spec.project.name  # doctest: +SKIP
    'Mågesund Kommune'
    """
    if isinstance(path, Project):
        return path
    file = Path(path)
    report = report if report is not None else Report()
    try:
        file = file / PROJECT_FILE if file.is_dir() else file
    except (OSError, ValueError):  # a name that no file can have
        report.error("no project file can have this name.", key="--project")
        report.raise_errors()
    try:
        document = read_toml(
            file,
            missing="there is no project file here.",
            hint='Make one with "geo-bosoc init", or name yours with --project.',
        )
        spec = validate(ProjectSpec, document, other_files=_OTHER_FILES)
    except InputError as error:
        add_problems(report, error.problems)
        raise
    _check_together(spec, document, report)
    report.raise_errors()
    return Project(spec, file.resolve())


def is_period(text: str) -> bool:
    """Whether a text is a year or a quarter.

    >>> is_period("2024K1"), is_period("24")
    (True, False)
    """
    return _FORM.fullmatch(text) is not None


def check_period_form(periods: Collection[str], report: Report, **where: Any) -> None:
    """Each period must be a year or a quarter; `where` are fields of `Problem`."""
    for period in dict.fromkeys(periods):
        if not is_period(period):
            report.error(
                phrase('"{period}" is not a period.', period=period),
                hint='Write a year "2024" or a quarter "2024K1".',
                **where,
            )


def _check_together(spec: ProjectSpec, document: TomlFile, report: Report) -> None:
    """What no single key can tell: that the parts fit together."""

    def wrong(message: str, key: str, hint: str | None = None) -> None:
        report.error(message, file=document.name, key=key, row=document.row(key.split(".")), hint=hint)

    if len(spec.assessed) != 1:
        wrong(
            "one layer of areas must be assessed."
            if not spec.assessed
            else phrase(
                "only one layer can be assessed, and these say so: {layers}.", layers=joined(spec.assessed)
            ),
            "boundaries",
            'Name it [boundaries.areas], or give it role = "assessed".',
        )
    if sum(part.role == "outline" for part in spec.boundaries.values()) > 1:
        wrong("only one layer can be the municipality's outline.", "boundaries")
    if not spec.registers:
        wrong(
            "no register is named.",
            "registers",
            "Add a [registers.persons] or a register of finished counts.",
        )
    if not (spec.indicators.use or spec.indicators.file):
        wrong(
            "no indicator is named.",
            "indicators",
            'Give use = ["health", ...] or file = "indicators.toml".',
        )
    if spec.reference.rows == "inside" and spec.outline is None:
        wrong('rows = "inside" needs an outline.', "reference.rows", "Add a [boundaries.municipality].")
    by_address = [name for name, part in spec.registers.items() if part.place == "address"]
    tables = [name for name, part in spec.registers.items() if part.unit == "address"]
    if by_address and not tables:
        wrong(
            phrase('{registers}: place = "address" needs an address table.', registers=joined(by_address)),
            f"registers.{by_address[0]}.place",
            'Add a [registers.addresses] with unit = "address" and x, y and crs.',
        )
    if len(tables) > 1:
        wrong(
            phrase("only one address table can be named, and there are {count}.", count=len(tables)),
            f"registers.{tables[1]}",
        )
    for name, column in spec.home_columns.items():
        if column.raster is not None:
            rasters = [key for key, part in spec.registers.items() if part.unit == "raster"]
            if column.raster not in rasters:
                wrong(
                    phrase('"{name}" is no register with unit = "raster".', name=column.raster),
                    f"home_columns.{name}.raster",
                    did_you_mean(column.raster, rasters),
                )
        elif column.layer is not None and column.layer not in spec.boundaries:
            wrong(
                phrase("there is no [boundaries.{name}].", name=column.layer),
                f"home_columns.{name}.layer",
                did_you_mean(column.layer, list(spec.boundaries)),
            )
        if name in HOME_KEYS:
            wrong(
                phrase("{column} is a column that rows have anyhow.", column=name),
                f"home_columns.{name}",
                "Call the further column something else.",
            )
    line = document.row(("run", "periods"))
    check_period_form(spec.run.periods, report, file=document.name, key="run.periods", row=line)
