"""How the figures of an indicator are cut into classes on maps, as a project file says it."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems.messages import phrase

Scheme = Literal["quantiles", "equal_interval", "fisher_jenks", "std_mean", "maximum_breaks"]
"""How values are cut, by mapclassify's names; those of its schemes that give the same limits in each run."""

DEFAULT_SCHEME: Final[Scheme] = "quantiles"
DEFAULT_CLASSES: Final = 5
"""How many classes there are where nothing is said; more than these need colours of their own."""
MOST_CLASSES: Final = 9

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class ThemeClasses(BaseModel):
    """`[map.themes.ID]`: the classes of one indicator on all maps, the same in every period.

    Attributes
    ----------
    limits : tuple of float
        Limits between classes, rising, in the unit that the indicator is shown in (10 is 10 %); a value on a limit
        belongs above it. They take the place of `scheme` and `classes`. Example: ``limits = [10, 20, 30]``
    scheme : {"quantiles", "equal_interval", "fisher_jenks", "std_mean", "maximum_breaks"} or None
        How the published figures of all areas and periods together are cut (a scheme of mapclassify); left out, that of
        `[map]`. Example: ``scheme = "fisher_jenks"``
    classes : int or None
        How many classes there are; left out, as many as colours, or that of `[map]`. ``std_mean`` has five of its own.
        Example: ``classes = 4``
    colours : tuple of str
        A colour for each class, from the lowest figures to the highest; left out, steps from light to dark.
        Example: ``colours = ["#fde0dd", "#fa9fb5", "#c51b8a"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: tuple[float, ...] = Field(default=(), max_length=MOST_CLASSES - 1)
    scheme: Scheme | None = None
    classes: int | None = Field(default=None, ge=2, le=MOST_CLASSES)
    colours: tuple[Colour, ...] = Field(default=(), max_length=MOST_CLASSES)

    @model_validator(mode="after")
    def _fit(self) -> ThemeClasses:
        for first, second in pairwise(self.limits):
            if second <= first:
                raise ValueError(
                    phrase(
                        "limits rise from class to class, and {second} stands after {first}.",
                        second=f"{second:g}",
                        first=f"{first:g}",
                    )
                )
        if self.limits and (self.scheme is not None or self.classes is not None):
            raise ValueError("give limits, or scheme and classes, not both.")
        if self.scheme == "std_mean" and self.classes not in (None, DEFAULT_CLASSES):
            raise ValueError('scheme = "std_mean" has five classes: leave classes out.')
        size = self.size
        if self.colours and len(self.colours) != size:
            raise ValueError(
                phrase(
                    "{classes} classes need as many colours, and {colours} are given.",
                    classes=size,
                    colours=len(self.colours),
                )
            )
        if size > DEFAULT_CLASSES and not self.colours:
            raise ValueError(
                phrase(
                    "more than {classes} classes need colours of their own: add colours, one a class.",
                    classes=DEFAULT_CLASSES,
                )
            )
        return self

    @property
    def size(self) -> int:
        """How many classes there are at most."""
        if self.limits:
            return len(self.limits) + 1
        if self.scheme == "std_mean":
            return DEFAULT_CLASSES
        return self.classes or len(self.colours) or DEFAULT_CLASSES

    def with_defaults(self, scheme: Scheme, classes: int) -> ThemeClasses:
        """The same with the project's scheme and number of classes where it has none.

        Raises
        ------
        ValueError
            The colours are not as many as the classes of that scheme.

        Examples
        --------
        >>> ThemeClasses(classes=3).with_defaults("fisher_jenks", 5).scheme
        'fisher_jenks'
        """
        if self.limits:
            return self
        chosen = self.scheme or scheme
        size = DEFAULT_CLASSES if chosen == "std_mean" else self.classes or len(self.colours) or classes
        return ThemeClasses(scheme=chosen, classes=size, colours=self.colours)
