"""What a model is: the frozen specification read from TOML (`kind` is points, rules or index)."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from geo_bosoc.models.category import LEFT_OUT, NOT_ASSESSED, Category, LeftOut
from geo_bosoc.models.criteria import Criterion, Gate
from geo_bosoc.models.index_spec import IndexSpec
from geo_bosoc.models.model_problems import model_problems
from geo_bosoc.models.spec_parts import CaseState, Parameter, newest_state
from geo_bosoc.problems.specs import Faults
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.provenance import Provenance, in_language

Kind = Literal["points", "rules", "index"]


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
        Whether a category's `unless` counts. Example: ``exclusive = false``
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
        if wrong := list(
            model_problems(self, self.kind, self.criterion, self.category, self.parameter, self.index)
        ):
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
