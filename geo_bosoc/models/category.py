"""The categories of a model: its own, and the classes of areas that are not assessed."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.spec_parts import Rule
from geo_bosoc.text.provenance import Labelled, Provenance

UNDETERMINED: Final = "undetermined"
RANGE: Final = "range"  # in published results alone


class Category(Provenance, Labelled):
    """A category with its words, and the colour that maps and workbooks give it.

    Attributes
    ----------
    id : str
        Its id in every file. Example: ``id = "deprived"``
    label_local : str
        Its name in the language of the model's country, where that is neither of the two.
        Example: ``label_local = "sehr niedrig"``
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
    label_local: str = ""
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
        The area. Example: ``area_id = "10010203"`` ``reason = "No figures are published."``
    periods : tuple of str
        Of these periods; left out, of all. Example: ``periods = ["2013"]`` ``reason = "No figures are published."``
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

RESERVED: Final = frozenset({RANGE, *(category.id for category in (*NOT_ASSESSED, LEFT_OUT))})
"""Ids that no model gives a category."""
