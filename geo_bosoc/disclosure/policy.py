"""Policies of disclosure control: what counts as small, and how much of a suppressed count may be worked out."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems import InputError, Problem, did_you_mean
from geo_bosoc.problems.messages import joined, phrase

PolicyName = Literal[
    "five", "five-strict", "dst-3", "lbf-100-50", "dst-tables", "map-households", "pooled", "unsuppressed"
]
SizeOf = Literal["residents", "households"]
"""What an area's size is counted in."""


class Threshold(NamedTuple):
    """The least size of an area of which some figures are shown.

    Attributes
    ----------
    of : {"residents", "households"}
        What the size is counted in.
    minimum : int
        Of a smaller area the figures are withheld.
    figures : {"every", "shares", "parts"}
        Every figure; all but key figures (counts of everybody, means); parts of one base in three classes and more.
    """

    of: SizeOf
    minimum: int
    figures: Literal["every", "shares", "parts"]


LEAST_MINIMUM: Final = 3
"""A policy that suppressed only 1 (and 1 from 2) would hide nothing that matters."""

_PRESETS: Final[dict[str, dict[str, Any]]] = {
    "five": {"minimum": 5, "least": 2},
    "five-strict": {"minimum": 5, "least": 4},
    "dst-3": {"minimum": 3, "least": 2},
    "lbf-100-50": {"minimum_residents": 100, "minimum_households": 50},
    "dst-tables": {"minimum_residents": 100},
    "map-households": {"minimum_households": 20},
    "pooled": {"pooled": True},
    "unsuppressed": {"minimum": 1, "least": 1},
}
"""What each named policy says where nothing else is given."""

_FINER: Final[dict[str, tuple[Threshold, ...]]] = {
    "dst-tables": (Threshold("residents", 200, "shares"), Threshold("residents", 300, "parts")),
    "map-households": (Threshold("households", 50, "shares"), Threshold("households", 150, "parts")),
}
"""The thresholds of finer figures, which policies set by their name alone."""


class Policy(BaseModel):
    """What may be published of small counts.

    Counts of persons from 1 to ``minimum - 1`` (and all but so many) are suppressed, and of each of them an outsider
    who has the files and knows the rules cannot rule out so many values that fewer than `least` are left.

    Attributes
    ----------
    policy : str
        ``five`` (1-4 are suppressed, at least two of them stay possible), ``five-strict`` (all four do), ``dst-3``
        (1-2, as Statistics Denmark's tables), ``unsuppressed`` (internal sets only: every number is shown). As
        ``five``, and besides: ``lbf-100-50`` (nothing of areas under 100 residents or 50 households), ``dst-tables``
        (by residents: key figures from 100, shares from 200, breakdowns from 300), ``map-households`` (by households:
        key figures from 20, shares from 50, breakdowns from 150), ``pooled`` (what is not shown of a breakdown is one
        class).
    minimum : int
        The least number of persons that is shown (0 is shown too, but for `zeros`); at least 3. Unit: persons.
    least : int
        How many of the counts 1 to ``minimum - 1`` must stay possible.
    category : {"safe", "always"}
        ``safe``: a category that would tell too much of a suppressed count is a range. ``always``: it is told
        nevertheless, and `geo-bosoc attack` says of how many counts that tells too much.
    zeros : {"show", "hide"}
        Whether a count of 0 (and of all) is shown.
    minimum_base : int
        Figures with a smaller base are suppressed too. Unit: persons. Example: ``minimum_base = 20``
    minimum_mean_base : int
        The least base of a mean, where more than `minimum`: a mean times its base is the exact sum, which over few
        persons says much of each, and all of one who stands out. Unit: persons. Example: ``minimum_mean_base = 20``
    minimum_residents : int
        Of areas with fewer residents nothing is shown but name, outline and that they are too small. Unit: persons.
        Example: ``minimum_residents = 100``
    minimum_households : int
        Of areas with fewer households (see `households`) nothing is shown either. Unit: households.
        Example: ``minimum_households = 50``
    pooled : bool
        Of a breakdown (indicators with the same `breakdown`) the suppressed parts are published as one class,
        "Anonyme". Example: ``pooled = true``
    blind : bool
        Models look at no suppressed count: each counts as the middle of 1 to ``minimum - 1``. Everything may then be
        told, and some categories are not those of the true counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: PolicyName = "five"
    minimum: int = Field(default=5, ge=1, le=100)
    least: int = Field(default=2, ge=1, le=99)
    category: Literal["safe", "always"] = "safe"
    zeros: Literal["show", "hide"] = "show"
    minimum_base: int = Field(default=0, ge=0, le=1_000_000)
    minimum_mean_base: int = Field(default=0, ge=0, le=1_000_000)
    minimum_residents: int = Field(default=0, ge=0, le=1_000_000)
    minimum_households: int = Field(default=0, ge=0, le=1_000_000)
    pooled: bool = False
    blind: bool = False

    @model_validator(mode="before")
    @classmethod
    def _of_name(cls, data: object) -> object:
        if isinstance(data, dict):
            return {**_PRESETS.get(str(data.get("policy", "five")), {}), **data}
        return data

    @model_validator(mode="after")
    def _fits(self) -> Policy:
        if not self.suppresses:
            if any(getattr(self, name) != value for name, value in _UNSUPPRESSED.items()):
                raise ValueError('policy = "unsuppressed" takes no other option.')
            return self
        if self.minimum < LEAST_MINIMUM:
            raise ValueError(
                phrase(
                    "minimum must be at least {least}: a lower one hides nothing that matters.",
                    least=LEAST_MINIMUM,
                )
            )
        if not 2 <= self.least <= self.minimum - 1:
            raise ValueError(
                phrase(
                    "least must lie between 2 and {most}, which is how many counts are suppressed.",
                    most=self.minimum - 1,
                )
            )
        return self

    @property
    def suppresses(self) -> bool:
        """Whether anything is suppressed."""
        return self.policy != "unsuppressed"

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The least sizes of areas, those of every figure first.

        >>> [each.minimum for each in Policy(policy="map-households").thresholds]
        [20, 50, 150]
        """
        sizes: tuple[tuple[SizeOf, int], ...] = (
            ("residents", self.minimum_residents),
            ("households", self.minimum_households),
        )
        every = tuple(Threshold(of, minimum, "every") for of, minimum in sizes if minimum)
        return every + _FINER.get(self.policy, ())

    @property
    def least_shown(self) -> int:
        """The least count of persons that is shown besides 0: `minimum`, or 1 where nothing is suppressed."""
        return self.minimum if self.suppresses else 1


_UNSUPPRESSED: Final = {
    "minimum": 1, "least": 1, "category": "safe", "zeros": "show", "minimum_base": 0, "minimum_mean_base": 0,
    "minimum_residents": 0, "minimum_households": 0, "pooled": False, "blind": False,
}  # fmt: skip

UNSUPPRESSED: Final = Policy(policy="unsuppressed")


def as_policy(policy: Policy | str) -> Policy:
    """A policy, or the one of this name.

    Raises
    ------
    InputError
        No policy has this name.

    Examples
    --------
    >>> as_policy("five-strict").least
    4
    """
    if isinstance(policy, Policy):
        return policy
    names = get_args(PolicyName)
    if policy not in names:
        hint = did_you_mean(policy, names) or phrase("There are: {names}.", names=joined(names))
        raise InputError([Problem("error", "no policy of disclosure control has this name.", hint=hint)])
    return Policy.model_validate({"policy": policy})
