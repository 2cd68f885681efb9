"""The steering group's criteria: a form of one page that the group fills in, read as a rules model.

The form asks who adopted the criteria and when, how many must be met, and for each figure the limit that is set.
Nominated and detected places are verified by the same. Until somebody is named who adopted them, they are a draft.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from geo_bosoc.models import load_model, parse_model
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report, load_spec, read_toml
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import Language

SHIPPED: Final = "skanderborg"
"""The model that a form's figures take their words from."""
_COUNTED: Final = "service_kinds"


class FormCriterion(BaseModel):
    """A criterion of the steering group: a figure and its limit.

    Attributes
    ----------
    figure : str
        What is looked at: ``services_per_100``, ``service_kinds``, ``persons_with_several_pct``, or an indicator of the
        project that is a share. Example: ``figure = "services_per_100"``
    times_municipality : float or None
        Met from so many times the municipality's figure on. Example: ``times_municipality = 1.5``
    at_least : float or None
        Met from this figure on, whatever the municipality's is; of a share in per cent. Example: ``at_least = 3``
    required : bool
        Whether no place is seen in the data without it.
    why : str
        Why the group looks at it, in its words.
        Example: ``why = "Vi samles, hvor kommunen er mest til stede."``
    label : str
        What outputs call it; left out, the figure's name. Example: ``label = "Langvarigt ledige"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str
    times_municipality: float | None = Field(default=None, gt=0, le=100)
    at_least: float | None = Field(default=None, gt=0, le=1_000_000)
    required: bool = False
    why: str = Field(default="", max_length=400)
    label: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _has_one_limit(self) -> FormCriterion:
        if (self.times_municipality is None) == (self.at_least is None):
            raise ValueError("give one limit: times_municipality, or at_least.")
        if self.figure == _COUNTED and self.at_least is None:
            raise ValueError(
                "kinds of service are counted at the place, and the municipality has no such figure: give at_least."
            )
        return self

    def criterion(self) -> dict[str, Any]:
        """The criterion of a rules model, in the words that ship with the package where the figure has some."""
        words: dict[str, Any] = {"indicator": self.figure, "unit": "percent"}
        for shipped in load_model(SHIPPED).criterion:
            if shipped.key == self.figure:
                dropped = {"reference", "threshold", "assumption", "assumption_da"}
                words = shipped.model_dump(exclude_defaults=True, exclude=dropped)
        if self.label:
            words |= {"label_da": self.label, "label_en": self.label}
        if self.why:
            words |= {"assumption": self.why, "assumption_da": self.why}
        limit: dict[str, Any] = {"threshold": self.at_least}
        if self.times_municipality is not None:
            limit = {"reference": {"of": "municipality", "times": self.times_municipality}}
        return words | {"measure": "value", "operator": ">="} | limit


class CriteriaForm(BaseModel):
    """The form that ``geo-bosoc bottom-up criteria`` writes: the steering group's criteria on one page.

    Attributes
    ----------
    adopted_by : str
        The group or committee that adopted them, no person's name; empty in a draft.
        Example: ``adopted_by = "Styregruppen for boligsocial indsats"`` ``adopted_on = 2026-09-15``
    adopted_on : str
        The day of it; empty in a draft.
        Example: ``adopted_by = "Styregruppen for boligsocial indsats"`` ``adopted_on = 2026-09-15``
    criteria_to_meet : int
        So many of the criteria must be met for a place to be seen in the data.
    criterion : tuple of FormCriterion
        The criteria. Example: ``criterion = [{ figure = "service_kinds", at_least = 3 }]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adopted_by: str = Field(default="", max_length=120)
    adopted_on: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    criteria_to_meet: int = Field(default=1, ge=1, le=20)
    criterion: tuple[FormCriterion, ...] = Field(min_length=1)

    @field_validator("adopted_on", mode="before")
    @classmethod
    def _day_as_text(cls, value: Any) -> Any:
        """A day as TOML has it, or in quotes."""
        return value.isoformat() if type(value) is date else value

    @field_validator("adopted_on")
    @classmethod
    def _day_exists(cls, value: str) -> str:
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            raise ValueError("the calendar has no such day.") from None

    @model_validator(mode="after")
    def _holds_together(self) -> CriteriaForm:
        if bool(self.adopted_by.strip()) != bool(self.adopted_on):
            raise ValueError(
                "say both who adopted the criteria and when (adopted_by, adopted_on), or leave both empty: a draft."
            )
        figures = Counter(each.figure for each in self.criterion)
        duplicates = sorted(name for name, count in figures.items() if count > 1)
        if duplicates:
            raise ValueError(
                phrase(
                    "each figure has one criterion, and these have more: {names}.", names=joined(duplicates)
                )
            )
        if self.criteria_to_meet > len(self.criterion):
            raise ValueError(
                phrase(
                    "criteria_to_meet is {count}, and the form has fewer criteria.",
                    count=self.criteria_to_meet,
                )
            )
        return self

    def model(self) -> Model:
        """The rules model that the form says."""
        keys = [each.figure for each in self.criterion]
        required = [each.figure for each in self.criterion if each.required]
        rule = {"requires": required, "at_least": self.criteria_to_meet, "of": keys}
        shipped = load_model(SHIPPED)
        seen, unseen = (category.model_dump(exclude={"rule", "assumption", "assumption_da"}, exclude_defaults=True)
                        for category in shipped.category)  # fmt: skip
        return parse_model(
            {
                "id": "steering-group",
                "version": self.adopted_on or "draft",
                "kind": "rules",
                "label_da": "Styregruppens kriterier",
                "label_en": "The steering group's criteria",
                "criterion": [each.criterion() for each in self.criterion],
                "category": [seen | {"rule": [rule]}, unseen],
            }
        )


@dataclass(frozen=True)
class AdoptedCriteria:
    """The criteria that places are verified by, and who stands behind them.

    Attributes
    ----------
    model : Model
        The rules.
    adopted_by, adopted_on : str
        The group and the day (ISO); both empty where nobody has adopted them.
    form : bool
        Whether they come from the steering group's form: unadopted ones are then its draft.
    """

    model: Model
    adopted_by: str = ""
    adopted_on: str = ""
    form: bool = False


def load_criteria(source: str | Path, *, report: Report | None = None) -> AdoptedCriteria:
    """Criteria from a form, a model file or a model that ships.

    Parameters
    ----------
    source : str or Path
        The path of a form (`form_text`) or of a model file, or a model's id.
    report : Report, optional
        Takes what is wrong as well.

    Returns
    -------
    AdoptedCriteria

    Raises
    ------
    InputError
        There is no such file or model, or something in it is wrong; all of it is listed.

    Examples
    --------
    >>> load_criteria("skanderborg").model.id, load_criteria("skanderborg").adopted_by
    ('skanderborg', '')
    """
    path = Path(source)
    if path.suffix != ".toml" or not path.is_file() or {"kind", "category"} & set(read_toml(path).data):
        return AdoptedCriteria(load_model(str(source), report=report))
    form = load_spec(CriteriaForm, path, report=report)
    return AdoptedCriteria(form.model(), form.adopted_by.strip(), form.adopted_on, form=True)


def form_text(language: Language) -> str:
    """The empty form with plain words beside each line, as a TOML file has it.

    Parameters
    ----------
    language : {"da", "en"}
        Of the words.

    Examples
    --------
    >>> [line for line in form_text("en").splitlines() if line.startswith("adopted")]
    ['adopted_by = ""', 'adopted_on = ""']
    """
    folder = resources.files("geo_bosoc.bottom_up") / "forms"
    return (folder / f"criteria_{language}.toml").read_text(encoding="utf-8")
