"""What a model is: the frozen specification read from TOML (`kind` is points, rules or index)."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import ConfigDict, Field, model_validator

from geo_bosoc.models.criteria import TOO_SMALL, Criterion, Gate
from geo_bosoc.models.spec_parts import (
    CaseState,
    IndexSpec,
    Parameter,
    Rule,
    newest_state,
)
from geo_bosoc.problems.messages import Message, joined, phrase
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
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    hatch: bool = False
    min_points: float | None = None
    rule: tuple[Rule, ...] = ()
    unless: tuple[str, ...] = ()
    by_origin: bool = False


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
    index : IndexSpec or None
        How criteria become a score, of an index.

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
    index: IndexSpec | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Model:
        wrong: list[str] = []
        keys = [criterion.key for criterion in self.criterion]
        ids = [category.id for category in self.category]
        wrong += [
            phrase("criterion '{name}' is duplicated", name=key)
            for key in sorted({k for k in keys if keys.count(k) > 1})
        ]
        wrong += [
            phrase("category '{name}' is duplicated", name=name)
            for name in sorted({i for i in ids if ids.count(i) > 1})
        ]
        wrong += [
            phrase("category '{name}' is one that every model has: leave it out", name=name)
            for name in ids
            if name in _RESERVED
        ]
        if not self.criterion:
            wrong.append(phrase("a model needs at least one [[criterion]]"))
        if not self.category:
            wrong.append(phrase("a model needs at least one [[category]]"))
        if self.kind == "points":
            wrong += self._points_problems()
        elif self.kind == "rules":
            wrong += rules_problems(self.criterion, self.category, self.parameter)
        else:
            wrong += index_problems(self.index, self.criterion, len(self.category))
        if self.hold and self.kind != "points":
            wrong.append(phrase("hold counts points: it needs a model of kind points"))
        if wrong:
            raise ValueError(joined(wrong, "; "))
        return self

    @property
    def indicators(self) -> frozenset[str]:
        """The indicators whose figures it looks at."""
        return frozenset(
            {each.indicator for each in self.criterion} | {gate.indicator for gate in self.gates}
        )

    def _points_problems(self) -> list[Message]:
        wrong = [phrase("criterion '{name}' has no bands", name=c.key) for c in self.criterion if not c.bands]
        cuts = [category.min_points for category in self.category]
        *upper, lowest = cuts or [None]
        if any(cut is None for cut in upper):
            wrong.append(phrase("every category but the last needs min_points"))
        elif upper != sorted(upper, key=lambda cut: -(cut or 0.0)) or len(set(upper)) < len(upper):
            wrong.append(phrase("categories go from the most points to the fewest, min_points falling"))
        if lowest not in (None, 0, 0.0):
            wrong.append(phrase("the last category takes the rest: leave its min_points out"))
        return wrong

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
        """The model's categories in order, then the two classes for areas that are not assessed."""
        return self.category + NOT_ASSESSED

    def label(self, language: str) -> str:
        """The model's name in ``da`` or ``en``; its id where none is given."""
        return in_language(self.label_en, self.label_da, language) or self.id

    def category_label(self, category: str, language: str) -> str:
        """The word for a category of this model, the two not-assessed classes included."""
        return next((c.label(language) for c in self.categories if c.id == category), category)


def rules_problems(
    criteria: tuple[Criterion, ...], categories: tuple[Category, ...], parameters: tuple[Parameter, ...]
) -> list[Message]:
    """What does not hold together in a rules model: names that lead nowhere, thresholds or rules left out."""
    keys, ids = {c.key for c in criteria}, [c.id for c in categories]
    wrong = [
        phrase("criterion '{name}' has neither threshold nor reference", name=c.key)
        for c in criteria
        if c.limit is None
    ]
    wrong += [phrase("category '{name}' has no rule", name=c.id) for c in categories[:-1] if not c.rule]
    if categories and categories[-1].rule:
        wrong.append(phrase("the last category takes the rest: leave its rules out"))
    for category in categories:
        below = ids[ids.index(category.id) + 1 :]
        for rule in category.rule:
            for name in {*rule.requires, *rule.of} - keys:
                wrong.append(
                    phrase(
                        "category '{category}' names the criterion '{criterion}', which is not there",
                        category=category.id,
                        criterion=name,
                    )
                )
            for name in set(rule.categories) - set(below):
                wrong.append(
                    phrase(
                        "category '{category}' builds on '{other}', which must be a category after it",
                        category=category.id,
                        other=name,
                    )
                )
        wrong += [
            phrase("category '{category}' names '{other}' in unless", category=category.id, other=name)
            for name in category.unless
            if name not in ids
        ]
    parameter_ids = {parameter.id for parameter in parameters}
    for criterion in criteria:
        named = criterion.reference.parameter if criterion.reference else None
        if named is not None and named not in parameter_ids:
            wrong.append(
                phrase(
                    "criterion '{criterion}' names the parameter '{parameter}', which is not there",
                    criterion=criterion.key,
                    parameter=named,
                )
            )
    return sorted(wrong)


def index_problems(
    index: IndexSpec | None, criteria: tuple[Criterion, ...], categories: int
) -> list[Message]:
    """What does not hold together in an index model."""
    if index is None:
        return [phrase("an index model needs an [index] table")]
    group_ids = {group.id for group in index.group}
    groups = {criterion.group for criterion in criteria}
    wrong = [
        phrase("group '{name}' is not among [[index.group]]", name=name)
        for name in sorted(groups - group_ids - {""})
    ]
    filled = groups | {group.parent for group in index.group}
    wrong += [
        phrase("index.group '{name}' is empty: no criterion and no group belongs to it", name=group.id)
        for group in index.group
        if group.id not in filled
    ]
    wrong += [
        phrase(
            "criterion '{name}' is compared with the rest: an index compares areas with one reference",
            name=each.key,
        )
        for each in criteria
        if each.compared_with_rest
    ]
    wrong += [
        phrase("criterion '{name}' has {key}, which an index does not use: leave it out", name=c.key, key=key)
        for c in criteria
        for key, given in (("bands", bool(c.bands)), ("threshold", c.threshold is not None))
        if given
    ]
    if index.normalise == "goalposts":
        wrong += [
            phrase(
                "criterion '{name}' needs goalposts = [low, high], since index.normalise says so",
                name=each.key,
            )
            for each in criteria
            if each.goalposts is None
        ]
    if len(index.shares) != categories:
        wrong.append(phrase("index.shares must name one share of areas for each category, worst first"))
    return wrong


_RESERVED: Final = frozenset({RANGE, *(category.id for category in NOT_ASSESSED)})
