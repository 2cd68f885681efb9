"""How an index is made, as a model file says it: scales, levels, and classes of scores."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems.messages import Message, phrase
from geo_bosoc.problems.specs import Faults

Transform = Literal["none", "log", "log1p"]
Normalisation = Literal[
    "none", "minmax", "z", "rank", "percentile", "goalposts", "distance", "uk_exponential"
]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "sum"]
Ties = Literal["average", "min", "max", "ordinal"]
Edges = Literal["ceil", "floor", "type7"]
Treatment = Literal["none", "winsorise", "winsorise_then_log"]
Cut = Literal["shares", "cuts", "deviations", "natural_breaks"]

Fault = tuple[tuple[str | int, ...], Message]
"""Where in a model file, and what is wrong."""

TOTAL: Final = "index"
"""What the score of all criteria is called, beside those of groups."""

RANKED: Final[frozenset[Normalisation]] = frozenset({"rank", "percentile", "uk_exponential"})
"""Scales that are made of ranks."""

NOISE: Final = 1e-11
"""Of the largest score: scores that differ by less differ by the order in which numbers were added up."""

_MEANS_ABOVE_ZERO: Final = ("geometric", "harmonic")
_AROUND_ZERO: Final = ("z", "distance")


class Group(BaseModel):
    """A part of an index: the criteria that name it, or other groups whose `parent` it is.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "work"``
    parent : str
        The group that it belongs to; left out, the index itself. Example: ``parent = "resources"``
    label_da, label_en : str
        Its name. Example: ``label_da = "Arbejde"`` ``label_en = "Work"``
    weight : float
        Its weight beside its siblings.
    normalise : {"none", "minmax", "z", "rank", "percentile", "goalposts", "distance", "uk_exponential"} or None
        How its criteria are put on one scale, where that is another way than the index's.
    treat : {"none", "winsorise", "winsorise_then_log"} or None
        What is done to outliers of its criteria, where that is something else than the index's.
    aggregate : {"arithmetic", "geometric", "harmonic", "sum"} or None
        How its parts become one, where that is another way than the index's.
    renormalise : bool or None
        Whether the weights of its parts are made to sum to one, where the index does otherwise.
    rescale : {"none", "minmax", "z", "rank", "percentile", "uk_exponential"}
        What is done to its score before it is handed up: a sub-domain is itself ranked, or standardised again.
        Example: ``rescale = "uk_exponential"``
    ties : {"average", "min", "max", "ordinal"} or None
        Rule for equal scores where `rescale` ranks them, if another than the index's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    parent: str = ""
    label_da: str = ""
    label_en: str = ""
    weight: float = Field(default=1.0, gt=0.0)
    normalise: Normalisation | None = None
    treat: Treatment | None = None
    aggregate: Aggregation | None = None
    renormalise: bool | None = None
    rescale: Literal["none", "minmax", "z", "rank", "percentile", "uk_exponential"] = "none"
    ties: Ties | None = None


class Classing(BaseModel):
    """One way to cut a score into classes. A score may have several.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "jenks"`` ``by = "natural_breaks"``
    of : str
        The group whose score is cut; left out, the index. Example: ``of = "status"``
    by : {"shares", "cuts", "deviations", "natural_breaks"}
        By shares of the areas, at fixed scores, at so many standard deviations from the mean, or where the sums of
        squares within classes are least. Example: ``by = "deviations"`` ``cuts = [1.0, -1.0]``
    shares : tuple of float
        Of ``shares``: the share of the areas in each class, worst first.
        Example: ``shares = [0.1, 0.9]`` ``by = "shares"``
    cuts : tuple of float
        Of ``cuts`` the scores, of ``deviations`` the standard deviations, from the worst class to the mildest.
        Example: ``cuts = [1.5, 1.0, -1.0]`` ``by = "deviations"``
    classes : tuple of str
        Their names, worst first; left out, they are the model's categories.
        Example: ``classes = ["low", "high"]``
    edges : {"ceil", "floor", "type7"}
        Of ``shares``; as in [index]. Example: ``edges = "floor"`` ``by = "shares"`` ``shares = [0.5, 0.5]``
    ties : {"average", "min", "max", "ordinal"}
        Of ``shares``: by which rank equal scores are classed, counted from the worst; with ``min`` they get the worst
        class that any of them would. Example: ``ties = "max"`` ``by = "shares"`` ``shares = [0.5, 0.5]``
    on_cut : {"worse", "milder"}
        Which class a score on a cut belongs to. Example: ``on_cut = "milder"`` ``by = "cuts"`` ``cuts = [0.5]``
    ddof : int
        Of the standard deviation of ``deviations``. Example: ``ddof = 1`` ``by = "deviations"`` ``cuts = [1.0]``
    pooled : bool
        Whether cuts are taken over the scores of all periods together.
        Example: ``pooled = true`` ``by = "natural_breaks"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    of: str = ""
    by: Cut = "shares"
    shares: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    edges: Edges = "ceil"
    ties: Ties = "min"
    on_cut: Literal["worse", "milder"] = "worse"
    ddof: int = Field(default=0, ge=0, le=1)
    pooled: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> Classing:
        if self.by == "shares":
            check_shares(self.shares)
            if not self.shares:
                raise ValueError("by shares needs shares = [...], worst first")
        elif self.shares:
            raise ValueError(phrase('shares go with by = "shares", not with "{by}"', by=self.by))
        if self.by in ("cuts", "deviations"):
            if not self.cuts:
                raise ValueError(
                    phrase('by = "{by}" needs cuts = [...], from the worst to the mildest', by=self.by)
                )
        elif self.cuts:
            raise ValueError(phrase('cuts go with by = "cuts" or "deviations", not with "{by}"', by=self.by))
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("each class is named once")
        if self.classes and self.size and len(self.classes) != self.size:
            raise ValueError(
                phrase("{size} classes are cut, and {named} named", size=self.size, named=len(self.classes))
            )
        return self

    @property
    def size(self) -> int:
        """How many classes it says there are; 0 where only their names say it (natural breaks)."""
        return len(self.shares) if self.by == "shares" else len(self.cuts) + 1 if self.cuts else 0


class IndexSpec(BaseModel):
    """How criteria become one score, and the score becomes categories.

    Attributes
    ----------
    normalise : {"none", "minmax", "z", "rank", "percentile", "goalposts", "distance", "uk_exponential"}
        How each criterion is put on one scale. Percentages are numbers of per cent, rates numbers of their unit.
    ddof : int
        Of the standard deviation of z.
    to : (float, float)
        The ends of min-max, percentiles and goalposts. Example: ``to = [0, 100]``
    capped : bool
        Whether values beyond their goalposts stop at the ends of the scale.
    treat : {"none", "winsorise", "winsorise_then_log"}
        What is done to outliers.
    max_winsorised : int
        How many values of a criterion may be drawn in.
    max_skew, max_kurtosis : float
        A criterion that passes both has outliers.
    aggregate : {"arithmetic", "geometric", "harmonic", "sum"}
        How a level's parts become one; ``sum`` never divides by the weights. Example: ``aggregate = "sum"``
    renormalise : bool
        Whether weights are made to sum to one; ``arithmetic`` without it is the plain weighted sum.
    total : bool
        Whether the groups become one score; without it each group stands for itself (status and dynamics).
    rescale : {"none", "minmax", "z", "rank", "percentile", "uk_exponential"}
        What is done to the score in the end. Example: ``rescale = "z"``
    high_is_good : bool
        Whether a high score is good, as in an index of human development; criteria are turned that way.
    decimals : int or None
        Scores are rounded to so many decimals before they are ranked and classed; left out, scores that differ in the
        last places of a computer's numbers alone are equal. Example: ``decimals = 3``
    fit_period : str
        The period that normalisation is fitted on ("" for each period by itself, "*" for all pooled); its assessed
        areas alone. Example: ``fit_period = "2020"``
    availability : float
        Least share of a group's weight that must be known; 1 means that every value must.
        Example: ``availability = 0.75``
    ties : {"average", "min", "max", "ordinal"}
        Rule for equal figures in ranks, of the figures as they are given.
    edges : {"ceil", "floor", "type7"}
        ``ceil`` is class ``ceil(k r / N)``, ``floor`` is ``floor(k (r - 1) / N) + 1``, r the rank from the worst;
        ``type7`` cuts at quantiles, a score on a cut going with those below it.
    class_ties : {"average", "min", "max", "ordinal"}
        By which rank equal scores are classed, counted from the worst: with ``min`` all of them get the worst class
        that any of them would.
    shares : tuple of float
        Share of the areas in each category, worst first; they sum to one. Example: ``shares = [0.1, 0.2, 0.7]``
    group : tuple of Group
        The levels between criteria and index.
    classing : tuple of Classing
        Classes by other rules than shares of the areas, of the index or of its groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    normalise: Normalisation = "minmax"
    ddof: int = Field(default=1, ge=0, le=1)
    to: tuple[float, float] = (0.0, 100.0)
    capped: bool = True
    treat: Treatment = "none"
    max_winsorised: int = Field(default=5, ge=0, le=1_000_000)
    max_skew: float = 2.0
    max_kurtosis: float = 3.5
    aggregate: Aggregation = "arithmetic"
    renormalise: bool = False
    total: bool = True
    rescale: Literal["none", "minmax", "z", "rank", "percentile", "uk_exponential"] = "none"
    high_is_good: bool = False
    decimals: int | None = Field(default=None, ge=0, le=12)
    fit_period: str = ""
    availability: float = Field(default=1.0, gt=0.0, le=1.0)
    ties: Ties = "average"
    edges: Edges = "ceil"
    class_ties: Ties = "min"
    shares: tuple[float, ...] = ()
    group: tuple[Group, ...] = ()
    classing: tuple[Classing, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> IndexSpec:
        check_shares(self.shares)
        if self.to[0] == self.to[1]:
            raise ValueError("to names two different ends")
        wrong = [*self._groups_that_lead_nowhere(), *self._scores_without_means(), *self._wrong_classings()]
        if wrong:
            raise Faults(wrong)
        return self

    def _groups_that_lead_nowhere(self) -> list[Fault]:
        ids = [group.id for group in self.group]
        parents = {group.id: group.parent for group in self.group}
        wrong: list[Fault] = []
        for number, group in enumerate(self.group):
            place = ("group", number)
            if group.id in ids[:number]:
                wrong.append(((*place, "id"), phrase("each group id must be unique")))
            if group.id == TOTAL:
                wrong.append(
                    (
                        (*place, "id"),
                        phrase("a group cannot be called '{name}': all criteria are", name=TOTAL),
                    )
                )
            seen, here = {group.id}, group.parent
            while here:
                if here not in parents:
                    message = phrase(
                        "group '{name}' has a parent that is not there: '{parent}'",
                        name=group.id,
                        parent=here,
                    )
                    wrong.append(((*place, "parent"), message))
                    break
                if here in seen:
                    wrong.append(
                        ((*place, "parent"), phrase("group '{name}' is its own ancestor", name=group.id))
                    )
                    break
                seen.add(here)
                here = parents[here]
        return wrong

    def _scores_without_means(self) -> list[Fault]:
        """Scales that hold zero, where a mean is taken that does not exist there."""
        places: list[tuple[tuple[str | int, ...], Aggregation, Normalisation]] = [
            (("aggregate",), self.aggregate, self.normalise)
        ]
        places += [
            (
                ("group", number, "aggregate"),
                group.aggregate or self.aggregate,
                group.normalise or self.normalise,
            )
            for number, group in enumerate(self.group)
            if group.aggregate is not None or group.normalise is not None
        ]
        wrong: list[Fault] = []
        for place, how, scale in places:
            if how not in _MEANS_ABOVE_ZERO:
                continue
            if scale in _AROUND_ZERO:
                message = phrase(
                    'a {how} mean does not exist of values at or below 0, which normalise = "{scale}" gives: take the '
                    "arithmetic mean, or minmax with to = [1, 100]",
                    how=how,
                    scale=scale,
                )
                wrong.append((place, message))
            elif scale in ("minmax", "percentile") and min(self.to) <= 0:
                message = phrase(
                    'a {how} mean does not exist of 0, which normalise = "{scale}" gives whoever is best: shift the '
                    "scale, to = [1, 100]",
                    how=how,
                    scale=scale,
                )
                wrong.append((place, message))
        return wrong

    def _wrong_classings(self) -> list[Fault]:
        ids = [classing.id for classing in self.classing]
        groups = {group.id for group in self.group}
        wrong: list[Fault] = []
        for number, each in enumerate(self.classing):
            place = ("classing", number)
            if each.id in ids[:number]:
                wrong.append(((*place, "id"), phrase("each classing id must be unique")))
            if each.of not in groups | ({"", TOTAL} if self.total else set()):
                message = (
                    phrase("classing '{name}' is of '{of}', which is no group", name=each.id, of=each.of)
                    if each.of
                    else phrase("classing '{name}' is of the index, and total = false", name=each.id)
                )
                wrong.append(((*place, "of"), message))
            steps = [after - before for before, after in pairwise(each.cuts)]
            if any(step <= 0 if self.high_is_good else step >= 0 for step in steps):
                message = phrase(
                    "the cuts of classing '{name}' go from the worst to the mildest: they {direction}",
                    name=each.id,
                    direction=phrase("rise") if self.high_is_good else phrase("fall"),
                )
                wrong.append(((*place, "cuts"), message))
        if self.shares and not self.total:
            wrong.append(
                (("shares",), phrase("shares cut the index, and total = false: write [[index.classing]]"))
            )
        return wrong

    @property
    def scores(self) -> tuple[str, ...]:
        """The ids of all scores: groups, and the index where there is one."""
        return (*(group.id for group in self.group), *((TOTAL,) if self.total else ()))


def check_shares(shares: tuple[float, ...]) -> None:
    """Raise ValueError where shares of the areas cannot be such."""
    if any(share <= 0 for share in shares):
        raise ValueError("shares of the areas must be above 0")
    if shares and not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
        raise ValueError("shares of the areas must sum to 1")
