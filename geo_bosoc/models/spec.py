"""What a model is: the frozen specification read from TOML (`kind` is points, rules or index)."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.models.criteria import TOO_SMALL, Criterion, Gate
from geo_bosoc.models.index.spec import IndexSpec
from geo_bosoc.models.model_problems import model_problems
from geo_bosoc.models.spec_parts import CaseState, Parameter, Rule, newest_state
from geo_bosoc.problems.specs import Faults
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.provenance import Labelled, Provenance, in_language

Kind = Literal["points", "rules", "index"]

UNDETERMINED: Final = "undetermined"
RANGE: Final = "range"  # in published results alone


class Category(Provenance, Labelled):
    """A category with its words, and the colour that maps and workbooks give it.

    Attributes
    ----------
    id : str
        Its id in every file. Example: ``id = "deprived"``
    colour : str
        As ``#`` and six signs. Example: ``colour = "#ef8a3c"``
    hatch : bool
        Whether maps draw lines over the colour, so that the class is seen without it.
    min_points : float or None
        Of a points model: from so many points on; the last category has none. Example: ``min_points = 6``
    rule : tuple of Rule
        Of a rules model: the ways into it, of which one is enough; the last category takes the rest.
    unless : tuple of str
        Categories that rule this one out when the model is exclusive. Example: ``unless = ["hard_ghetto"]``
    by_origin : bool
        Whether it differs from a milder one by residents' origin alone.
    classes : dict of str to str or tuple of str
        Of an index with several classings: by classing, the class (or any of several) that an area of this category is
        in. Example: ``classes = { status = "low", dynamics = ["falling", "stable"] }``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    hatch: bool = False
    min_points: float | None = None
    rule: tuple[Rule, ...] = ()
    unless: tuple[str, ...] = ()
    by_origin: bool = False
    classes: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)

    def named_classes(self, classing: str) -> tuple[str, ...]:
        """The classes of a classing that it takes in; none where it says nothing of it."""
        classes = self.classes.get(classing, ())
        return (classes,) if isinstance(classes, str) else classes


class LeftOut(BaseModel):
    """An area that is not assessed, though it passes the gates.

    Attributes
    ----------
    area_id : str
        The area. Example: ``area_id = "10010203"``
    periods : tuple of str
        Of these periods; left out, of all. Example: ``periods = ["2013"]``
    reason, reason_da : str
        Why, in English and Danish; one of the two is needed. Example: ``reason = "No figures are published."``
        ``reason_da = "Der er ikke offentliggjort tal."``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    area_id: str
    periods: tuple[str, ...] = ()
    reason: str = ""
    reason_da: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> LeftOut:
        if not (self.reason or self.reason_da):
            raise ValueError("say why the area is left out: reason_da or reason")
        return self


LEFT_OUT: Final = Category(
    id="left_out",
    label_da="Holdt ude",
    label_en="Left out",
    colour="#a8a8a8",
    source="areas that the model leaves out by name, with a reason",
    source_da="områder, som modellen holder ude ved navn, med en begrundelse",
)
"""The class of areas that a model leaves out by name; only such models have it."""

NOT_ASSESSED: Final[tuple[Category, ...]] = (
    Category(
        id=TOO_SMALL,
        label_da="For lille til at blive vurderet",
        label_en="Too small to be assessed",
        colour="#a8a8a8",
        source="areas that do not pass the model's gate",
        source_da="områder, der ikke opfylder modellens adgangskrav",
    ),
    Category(
        id=UNDETERMINED,
        label_da="Uafklaret",
        label_en="Undetermined",
        colour="#6f7d8c",
        hatch=True,
        source="areas whose category depends on a figure that is missing or protected",
        source_da="områder, hvis kategori afhænger af et tal, der mangler eller er skjult",
    ),
)
"""The two classes every model has in addition to its own: grey and hatched, never green or white."""


class Model(Provenance):
    """A categorisation model, as its TOML file says it.

    Attributes
    ----------
    id, version : str
        Shown in every output; the version is dated. Example: ``id = "mine"`` ``version = "2026-01-01"``
    kind : {"points", "rules", "index"}
        How criteria become a category. Example: ``kind = "points"``
    label_da, label_en, country : str
        Its name in Danish and English, and where it is from ("dk").
        Example: ``label_da = "Vores model"`` ``label_en = "Our model"`` ``country = "dk"``
    exclusive : bool
        Whether a category's `unless` counts.
    pool_years : int
        Each area's counts are summed over so many periods before anything is compared. Unit: years.
    hold : float
        A category changes only when points have moved by more than this since it was given. Unit: points.
    gates : tuple of Gate
        What an area must meet to be assessed.
    criterion : tuple of Criterion
        What is looked at.
    category : tuple of Category
        The worst first; the last takes the rest.
    parameter : tuple of Parameter
        Dated figures from outside, such as national rates.
    state : tuple of CaseState
        News of the case on residents' origin (see `case_state`).
    area_columns : tuple of str
        Names of the column with the area in finished tables, besides the usual ones.
        Example: ``area_columns = ["lsoa11_code"]``
    index : IndexSpec or None
        How criteria become a score, of an index.
    left_out : tuple of LeftOut
        Areas that are not assessed, by name and with a reason.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> load_model("aarhus-2018").category_label("too_small", "en")
    'Too small to be assessed'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    version: str
    kind: Kind
    label_da: str = ""
    label_en: str = ""
    country: str = "dk"
    exclusive: bool = False
    pool_years: int = Field(default=1, ge=1, le=100)
    hold: float = Field(default=0.0, ge=0.0)
    gates: tuple[Gate, ...] = ()
    criterion: tuple[Criterion, ...] = ()
    category: tuple[Category, ...] = ()
    parameter: tuple[Parameter, ...] = ()
    state: tuple[CaseState, ...] = ()
    area_columns: tuple[str, ...] = ()
    index: IndexSpec | None = None
    left_out: tuple[LeftOut, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Model:
        if wrong := list(model_problems(self, _RESERVED)):
            raise Faults(wrong)
        return self

    @property
    def indicators(self) -> frozenset[str]:
        """The indicators whose figures it looks at."""
        return frozenset(
            {each.indicator for each in self.criterion} | {gate.indicator for gate in self.gates}
        )

    @property
    def uses_origin(self) -> bool:
        """Whether any criterion uses residents' origin."""
        return any(criterion.uses_origin for criterion in self.criterion)

    def notice(self, language: str) -> str:
        """What must be shown wherever a model that uses residents' origin is shown; empty for other models."""
        return word("sentences", "origin_notice", language) if self.uses_origin else ""

    def case_state(self, language: str) -> str:
        """How the case that `notice` is about stood on its latest day; empty for models without residents' origin."""
        return newest_state(language, self.state) if self.uses_origin else ""

    @property
    def max_points(self) -> float:
        """The most points an area can get."""
        return float(sum(max(criterion.steps, default=0.0) for criterion in self.criterion))

    @property
    def categories(self) -> tuple[Category, ...]:
        """The model's categories in order, then the classes for areas that are not assessed."""
        return self.category + NOT_ASSESSED + ((LEFT_OUT,) if self.left_out else ())

    def label(self, language: str) -> str:
        """The model's name in ``da`` or ``en``; its id where none is given."""
        return in_language(self.label_en, self.label_da, language) or self.id

    def category_label(self, category: str, language: str) -> str:
        """The word for a category of this model, the two not-assessed classes included."""
        return next((c.label(language) for c in self.categories if c.id == category), category)


_RESERVED: Final = frozenset({RANGE, *(category.id for category in (*NOT_ASSESSED, LEFT_OUT))})
