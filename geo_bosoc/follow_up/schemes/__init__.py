"""Schemes of status and dynamics: what an area's level and its direction are, and where they are cut into classes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.models.spec import Model
from geo_bosoc.problems import InputError, Problem, did_you_mean, load_spec
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text.provenance import Labelled, Provenance

Of = Literal["category", "points", "figures"]
LEAST_AREAS: Final = 10
"""Of fewer areas a standard deviation says too little: then no class is cut by it."""


class SchemeClass(Labelled):
    """`[[status.class]]`, `[[dynamics.class]]`: a class of one of the two, the best first.

    Attributes
    ----------
    id : str
        What stands for it in the id of the class of both. Example: ``id = "+"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9_+=/-]+$")


class SchemeSide(BaseModel):
    """`[status]`, `[dynamics]`: what is cut into classes, and where.

    Attributes
    ----------
    of : {"category", "points", "figures"}
        The model's categories; its points (of an index the index, of rules the number of criteria met, those on
        residents' origin left out); or its indicators, standardised over the areas and summed, high being bad, in
        standard deviations of the sum. Of dynamics, what any of them did over the years; of indicators, less what
        their reference did.
    limits : tuple of float
        Rising: a figure above a limit is in a worse class. A negative limit belongs to the class above it, so that the
        middle class has both its ends. Example: ``limits = [-1, 1]``
    classes : tuple of SchemeClass
        One more than limits, the best first; its key is ``class``. Left out of a status that is the category, which has
        the model's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    of: Of
    limits: tuple[float, ...] = ()
    classes: tuple[SchemeClass, ...] = Field(default=(), alias="class")

    @model_validator(mode="after")
    def _fits(self) -> SchemeSide:
        if list(self.limits) != sorted(set(self.limits)):
            raise ValueError("limits must rise")
        if self.classes and len(self.classes) != len(self.limits) + 1:
            raise ValueError("there is one class more than limits")
        if not self.classes and self.of != "category":
            raise ValueError("name the classes, the best first")
        return self

    def classes_of(self, scores: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The class of each score, 1 the best; 0 where there is none.

        Examples
        --------
        >>> load_scheme("berlin").dynamics.classes_of([-1.2, -1.0, 0.0, 1.0, 1.1, float("nan")]).tolist()
        [1, 2, 2, 2, 3, 0]
        """
        values = np.asarray(scores, dtype=np.float64)[..., None]
        limits = np.asarray(self.limits, dtype=np.float64)
        above = np.where(limits < 0, values >= limits, values > limits).sum(axis=-1) + 1
        return np.where(np.isfinite(values[..., 0]), above, 0).astype(np.int64)


class Scheme(Provenance, Labelled):
    """A scheme of status and dynamics, as its TOML file says it.

    Attributes
    ----------
    id, version : str
        Shown with it; the version is dated. Example: ``id = "mine"`` ``version = "2026-11-30"``
    years : int
        Over how many years the dynamics are taken. Unit: years. Example: ``years = 3``
    least_residents : int
        Areas with fewer have no class, in neither period.
    status : SchemeSide
        The level now.
    dynamics : SchemeSide
        What it did: three classes, better, stable and worse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    version: str
    years: int = Field(ge=1, le=100)
    least_residents: int = Field(default=0, ge=0)
    status: SchemeSide
    dynamics: SchemeSide

    @model_validator(mode="after")
    def _has_three_dynamics(self) -> Scheme:
        if len(self.dynamics.classes) != 3:
            raise ValueError("dynamics have three classes: better, stable, worse")
        return self

    def status_classes(self, model: Model) -> tuple[SchemeClass, ...]:
        """The classes of status, the best first: the scheme's, or the model's categories."""
        if self.status.classes:
            return self.status.classes
        named = (
            SchemeClass(id=each.id, label_da=each.label_da, label_en=each.label_en)
            for each in reversed(model.category)
        )
        return tuple(named)


def scheme_ids() -> tuple[str, ...]:
    """Ids of the schemes that ship with the package, in alphabetical order."""
    folder = resources.files("geo_bosoc.follow_up") / "schemes"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def load_scheme(source: str | Path) -> Scheme:
    """A scheme that ships with the package, by its id, or one of the user's own, by its file.

    Parameters
    ----------
    source : str or Path
        ``categories``, ``points``, ``hamburg``, ``berlin``, or the path of a TOML file.

    Returns
    -------
    Scheme
        The scheme.

    Raises
    ------
    InputError
        There is no such scheme or file, or the file is wrong.

    Examples
    --------
    >>> load_scheme("hamburg").years, load_scheme("berlin").label("en")
    (3, "Berlin's status and dynamics")
    """
    if str(source) in scheme_ids():
        return load_spec(Scheme, resources.files("geo_bosoc.follow_up") / "schemes" / f"{source}.toml")
    path = Path(source)
    if path.suffix != ".toml":
        names = scheme_ids()
        hint = did_you_mean(str(source), names) or phrase("Schemes: {names}.", names=", ".join(names))
        text = phrase('there is no scheme "{name}".', name=str(source))
        raise InputError([Problem("error", text, hint=hint)])
    return load_spec(Scheme, path)
