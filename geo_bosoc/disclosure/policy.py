"""Policies of disclosure control: what counts as small, and how much of a suppressed count may be worked out."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

PolicyName = Literal["five", "five-strict", "dst-3", "unsuppressed"]

LEAST_MINIMUM: Final = 3
"""A policy that suppressed only 1 (and 1 from 2) would hide nothing that matters."""

_PRESETS: Final[dict[str, dict[str, int]]] = {
    "five": {"minimum": 5, "least": 2},
    "five-strict": {"minimum": 5, "least": 4},
    "dst-3": {"minimum": 3, "least": 2},
    "unsuppressed": {"minimum": 1, "least": 1},
}
"""What each named policy says where nothing else is given."""


class Policy(BaseModel):
    """What may be published of small counts.

    Counts of persons from 1 to ``minimum - 1`` (and all but so many) are suppressed, and of each of them an outsider
    who has the files and knows the rules cannot rule out so many values that fewer than `least` are left.

    Attributes
    ----------
    policy : {"five", "five-strict", "dst-3", "unsuppressed"}
        ``five`` (1-4 are suppressed, at least two of them stay possible), ``five-strict`` (all four do), ``dst-3``
        (1-2, as Statistics Denmark's tables), ``unsuppressed`` (internal sets only: every number is shown).
    minimum : int
        The least number of persons that is shown (0 is shown too, but for `zeros`); at least 3.
    least : int
        How many of the counts 1 to ``minimum - 1`` must stay possible.
    category : {"safe", "always"}
        ``safe``: a category that would tell too much of a suppressed count is a range. ``always``: it is told
        nevertheless, and `geo-bosoc attack` says of how many counts that tells too much.
    zeros : {"show", "hide"}
        Whether a count of 0 (and of all) is shown.
    minimum_base : int
        Figures with a smaller base are suppressed too.
    minimum_mean_base : int
        The least base of a mean, where more than `minimum`: a mean times its base is the exact sum, which over few
        persons says much of each, and all of one who stands out.
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
                f"minimum must be at least {LEAST_MINIMUM}: a lower one hides nothing that matters."
            )
        if not 2 <= self.least <= self.minimum - 1:
            raise ValueError(
                f"least must lie between 2 and {self.minimum - 1}, which is how many counts are suppressed."
            )
        return self

    @property
    def suppresses(self) -> bool:
        """Whether anything is suppressed."""
        return self.policy != "unsuppressed"

    @property
    def least_shown(self) -> int:
        """The least count of persons that is shown besides 0: `minimum`, or 1 where nothing is suppressed."""
        return self.minimum if self.suppresses else 1


_UNSUPPRESSED: Final = {
    "minimum": 1, "least": 1, "category": "safe", "zeros": "show", "minimum_base": 0, "minimum_mean_base": 0,
    "blind": False,
}  # fmt: skip

UNSUPPRESSED: Final = Policy(policy="unsuppressed")


def as_policy(policy: Policy | str) -> Policy:
    """A policy, or the one of this name.

    >>> as_policy("five-strict").least
    4
    """
    return policy if isinstance(policy, Policy) else Policy.model_validate({"policy": policy})
