"""The list ahead in words, and what follows from standing on it: a dated list of obligations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.follow_up.ahead.conditions import Condition, Determination
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.problems import load_spec
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import either, number
from geo_bosoc.text.provenance import Labelled, in_language

MOST_WAYS: Final = 3
"""Ways to settle a category that an area's sentence names; the table has all."""
_PLACES: Final = 2


class Obligation(Labelled):
    """What follows for municipality and housing organisation from a place on the list.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "plan"``
    law : str
        The section. Example: ``law = "§ 168 a"``
    categories : tuple of str
        The categories that it follows from; one is enough. Example: ``categories = ["transformation"]``
    text_da, text_en : str
        What is to be done, in Danish and English.
        Example: ``text_da = "Der skal laves en plan."`` ``text_en = "A plan is due."``
    valid_from, valid_to : str or None
        The days of the lists that it holds for. Example: ``valid_from = "2021-12-01"`` ``valid_to = "2030-01-01"``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed. Example: ``status = "H"``
    source : str
        Where it comes from. Example: ``source = "Almenboligloven § 168 a"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    law: str
    categories: tuple[str, ...] = Field(min_length=1)
    text_da: str = ""
    text_en: str = ""
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    status: Literal["H", "M", "A"]
    source: str

    def text(self, language: str) -> str:
        """What is to be done, in ``da`` or ``en``."""
        return in_language(self.text_en, self.text_da, language)

    def due(self, flags: Mapping[str, str]) -> Literal["yes", "cannot_tell", "no"]:
        """Whether it is due, given of each category whether it is met, not met or undetermined."""
        states = {flags[category] for category in self.categories if category in flags}
        if "met" in states:
            return "yes"
        return "cannot_tell" if UNDETERMINED in states else "no"

    def holds_in(self, year: str) -> bool:
        """Whether it holds for the list of 1 December of a year."""
        day = f"{year[:4]}-12-01"
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class ObligationFile(BaseModel):
    """A dated list of obligations, such as the shipped one.

    Attributes
    ----------
    obligation : tuple of Obligation
        What follows from which category.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    obligation: tuple[Obligation, ...] = ()


def read_obligations(source: str | Path | None = None) -> tuple[Obligation, ...]:
    """The obligations of a file, or the shipped ones.

    Raises
    ------
    InputError
        The file is not there or not of that shape: all problems at once.

    Examples
    --------
    >>> [each.id for each in read_obligations() if each.holds_in("2019")]
    ['plan', 'ban_vulnerable', 'combined_letting']
    """
    path = files("geo_bosoc.follow_up") / "obligations.toml" if source is None else Path(source)
    return load_spec(ObligationFile, path).obligation


def determination_text(model: Model, determination: Determination, language: Language) -> str:
    """A way to settle a category: "Not listed, if gross income is at least 55%."."""
    category = model.category_label(determination.category, language)
    if not determination.conditions:
        return f"{category}."
    parts = [condition_text(model, condition, language) for condition in determination.conditions]
    conditions = f" {word('list_ahead', 'and', language)} ".join(parts)
    return word("list_ahead", "if", language, category=category, conditions=conditions)


def condition_text(model: Model, condition: Condition, language: Language) -> str:
    """What a figure must be, in words; bounds are rounded to the sure side."""
    if condition.listed is not None:
        key = "was_listed" if condition.listed else "was_not_listed"
        return word("list_ahead", key, language, year=condition.period)
    criterion = next((each for each in model.criterion if each.indicator == condition.indicator), None)
    unit = criterion.unit if criterion is not None else "count"
    name = criterion.label(language) if criterion is not None else word("list_ahead", "residents", language)
    name = name[:1].lower() + name[1:]
    if criterion is not None and condition.of == "value" and condition.period_differs:
        name = word("list_ahead", "figure_of", language, figure=name, year=condition.period)
    if condition.of == "reference" and criterion is not None:
        whose = word("reference_genitives", criterion.reference_area, language)
        name = word("list_ahead", "reference", language, figure=name, whose=whose)
    factor = 1 if condition.of == "times" else UNIT_PARTS[unit]
    ends = []
    for bound, is_open, operators in (
        (condition.low, condition.low_open, (">", ">=")),
        (condition.high, condition.high_open, ("<", "<=")),
    ):
        if bound is None:
            continue
        operator = word("operators", operators[0] if is_open else operators[1], language)
        size = _rounded(bound * factor, language, upwards=operators[0] == ">")
        if condition.of == "times" and criterion is not None:
            whose = word("reference_genitives", criterion.reference_area, language)
            ends.append(word("sentences", "times_whose", language, operator=operator, size=size, whose=whose))
        else:
            ends.append(f"{operator} {size}{word('unit_suffixes', unit, language)}")
    bounds = f" {word('list_ahead', 'and', language)} ".join(ends)
    return word("list_ahead", "is", language, figure=name, bounds=bounds)


def list_sentence(
    model: Model,
    plain: Model,
    row: Mapping[str, Any],
    plain_row: Mapping[str, Any],
    ways: Sequence[Determination],
    language: Language,
) -> str:
    """What the list would say of an area, with and without origin, and what would settle it."""
    texts = []
    if row["category"] == UNDETERMINED:
        names = [model.category_label(name, language) for name in str(row["possible"]).split(", ")]
        texts.append(word("list_ahead", "may_be", language, categories=either(names, language)))
        texts += [determination_text(model, way, language) for way in ways[:MOST_WAYS]]
    else:
        texts.append(f"{model.category_label(row['category'], language)}.")
    if model.uses_origin and row["category"] != TOO_SMALL:
        names = [
            plain.category_label(name, language)
            for name in str(plain_row["possible"] or plain_row["category"]).split(", ")
        ]
        texts.append(word("list_ahead", "without_origin", language, categories=either(names, language)))
    return " ".join(texts)


def _rounded(value: Fraction, language: Language, *, upwards: bool) -> str:
    """A bound with at most two decimals, moved to where the statement still holds."""
    scaled = value * 10**_PLACES
    steps = math.ceil(scaled) if upwards else math.floor(scaled)
    decimals = next(places for places in range(_PLACES + 1) if steps % 10 ** (_PLACES - places) == 0)
    return number(steps / 10**_PLACES, language, decimals)
