"""What an outsider has read of a written set, and the words and numbers of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import LANGUAGES, word

FigureKey = tuple[str, str, str]
"""Area, period and indicator."""
CriterionKey = tuple[str, str, str, str]
"""Area, period, model and criterion."""

PROTECTED: Final = "protected"
_MOVE: Final = re.compile(r"^([a-z][a-z0-9_.-]*) ([+-]\d+(?:[.,]\d+)?)$")
_OTHER_DEFINITION: Final = re.compile(r"(.+)_(?:before|from)_\d{4}[a-z0-9_]*")
_FINEST: Final = 10**7


@dataclass(frozen=True, order=True)
class Leak:
    """A field of a suppressed figure that ought to be empty; what stands in it is not kept.

    Attributes
    ----------
    file : str
        Name of the file.
    row : str
        Area, period and indicator, or what there is of them.
    field : str
        The column or key.
    """

    file: str
    row: str
    field: str


@dataclass(frozen=True)
class Policy:
    """The policy that a set names in ``run.json``, as far as an outsider needs it.

    Attributes
    ----------
    name : str
        Its name.
    minimum : int
        The least count that is shown.
    least : int
        How many values of a suppressed count must stay possible.
    zeros_hidden, blind : bool
        Whether 0 and all are suppressed too; whether models look at no suppressed count, so that categories tell
        nothing of them.
    minimum_base : int
        Figures of a smaller base are suppressed, whatever the count.
    thresholds : tuple of tuple of str
        For each threshold of residents or households, the indicators of which nothing is shown below it.
    """

    name: str = "five"
    minimum: int = 5
    least: int = 2
    zeros_hidden: bool = False
    blind: bool = False
    minimum_base: int = 0
    thresholds: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure as it is published: counts in persons, `base` those whose status is known; None where it is empty."""

    status: str
    count: Fraction | None
    base: int | None
    value: Fraction | None
    data_period: str = ""

    @property
    def suppressed(self) -> bool:
        """Whether the figure is marked as suppressed."""
        return self.status == PROTECTED


@dataclass
class PublicSet:
    """What an outsider reads in a folder.

    Attributes
    ----------
    name : str
        What reports call the set.
    policy : Policy
        What it promises.
    by_rules : bool
        Whether it was written under the rules of suppression, so that what is left out tells nothing.
    models : tuple of Model
        The models that its categories come from.
    figures : dict
        By area, period and indicator.
    area_rows : dict
        By area, period and model, the texts of the row.
    references : dict
        By period, model and criterion, the reference that the areas are compared with.
    points, met, threshold : dict
        By area, period, model and criterion, what a suppressed figure's criterion shows nevertheless.
    totals : dict
        By reference area, period and indicator.
    of_rest : set of str
        Indicators that are shown beside the rest of the municipality: with the municipality's figure, it is the area's.
    scales : dict
        By indicator, what its published numerators are multiplied by; 0 for a mean.
    heads : set of str
        Indicators that count everybody: the count is the base.
    indicators : tuple of str
        In the order of ``run.json``.
    breakdowns : tuple of tuple of str
        Indicators that the indicator file declares as parts of one base.
    names : dict
        By area, its name.
    labels : dict
        By the name of a criterion or indicator, its indicator.
    criteria : dict
        By model and the name of a criterion, the criterion.
    shapes : dict
        By area, its outline.
    leaks : set of Leak
        Fields that ought to be empty.
    unread : set of str
        Files of the folder that the attack does not read.
    """

    name: str
    policy: Policy
    by_rules: bool
    models: tuple[Model, ...]
    language: str
    figures: dict[FigureKey, Figure] = field(default_factory=dict)
    area_rows: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)
    references: dict[tuple[str, str, str], Fraction] = field(default_factory=dict)
    points: dict[CriterionKey, Fraction] = field(default_factory=dict)
    met: dict[CriterionKey, str] = field(default_factory=dict)
    threshold: dict[CriterionKey, Fraction] = field(default_factory=dict)
    totals: dict[FigureKey, Figure] = field(default_factory=dict)
    of_rest: set[str] = field(default_factory=set)
    scales: dict[str, int] = field(default_factory=dict)
    heads: set[str] = field(default_factory=set)
    shapes: dict[str, Any] = field(default_factory=dict)
    indicators: tuple[str, ...] = ()
    breakdowns: tuple[tuple[str, ...], ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    criteria: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    leaks: set[Leak] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    @cached_property
    def suppressed(self) -> dict[FigureKey, Figure]:
        """The figures that are marked as suppressed."""
        return {key: figure for key, figure in self.figures.items() if figure.suppressed}

    @cached_property
    def withheld(self) -> frozenset[FigureKey]:
        """Figures that a threshold withholds: where no base is shown of any of its indicators."""
        cells: set[FigureKey] = set()
        for area, period in {key[:2] for key in self.suppressed}:
            for indicators in self.policy.thresholds:
                keys = [(area, period, each) for each in indicators if (area, period, each) in self.figures]
                if all(self.figures[key].suppressed and self.figures[key].base is None for key in keys):
                    cells.update(keys)
        return frozenset(cells)

    @cached_property
    def by_rest(self) -> dict[FigureKey, frozenset[int]]:
        """By suppressed figure the counts that it may have because they leave few in the rest of the municipality."""
        compared = self.of_rest | {
            criterion.indicator
            for model in self.models
            for criterion in model.criterion
            if criterion.compared_with_rest
        }
        counts: dict[FigureKey, frozenset[int]] = {}
        for key in self.suppressed:
            total, base = self.totals.get((MUNICIPALITY, *key[1:])), self.suppressed[key].base
            if key[2] not in compared or total is None or total.count is None or not total.base or not base:
                continue
            left = range(1, self.policy.minimum)
            met = {int(total.count) - each for each in left}
            not_met = {base - (total.base - int(total.count) - each) for each in left}
            small_base = set(range(base + 1)) if total.base - base in left else set()
            counts[key] = frozenset(each for each in met | not_met | small_base if 0 <= each <= base)
        return counts

    @cached_property
    def in_force(self) -> dict[str, str]:
        """By indicator that counts by a definition which is not in force, the indicator that counts by the one that is.

        Their ids tell (`geo_bosoc.indicators.reforms`).
        """
        matches = {each: _OTHER_DEFINITION.fullmatch(each) for each in self.indicators}
        return {
            other: match.group(1)
            for other, match in matches.items()
            if match is not None and match.group(1) in matches and self.scales.get(other, 1) == 1
        }

    @cached_property
    def hidden_rows(self) -> frozenset[tuple[str, str]]:
        """Areas and periods that have a suppressed figure."""
        return frozenset((area, period) for area, period, _ in self.suppressed)

    @cached_property
    def periods(self) -> list[str]:
        """Periods, sorted as text."""
        return sorted({period for _, period, _ in self.figures})

    def compares_with_rest(self, model_id: str, criterion_key: str) -> bool:
        """Whether a criterion compares with the municipality less the area."""
        return any(
            criterion.key == criterion_key and criterion.compared_with_rest
            for model in self.models
            if model.id == model_id
            for criterion in model.criterion
        )

    def leak(self, file: str, row: Iterable[str], name: str) -> None:
        """Note a field that ought to be empty."""
        self.leaks.add(Leak(file, ", ".join(row), name))


def exact_number(text: str, mark: str = ".") -> Fraction | None:
    """A number as it is written; None for an empty cell or a word.

    >>> exact_number("0,25", ",")
    Fraction(1, 4)
    """
    try:
        return Fraction(text.replace(mark, ".")) if text.strip() else None
    except ValueError:
        return None


def as_ratio(number: Fraction) -> Fraction:
    """The ratio of two counts that a number was written from.

    >>> as_ratio(Fraction("0.3333333333333333"))
    Fraction(1, 3)
    """
    ratio = number.limit_denominator(_FINEST)
    return ratio if float(ratio) == float(number) else number


def sentence_rest(sentence: str, label: str) -> str:
    """What a suppressed figure's sentence says but its name and that it is not shown.

    >>> sentence_rest("Safety: hidden (1-4).", "Safety")
    ''
    """
    rest = sentence.replace(label, "", 1) if label else sentence
    for text in sorted(hidden_words(), key=len, reverse=True):
        rest = rest.replace(text, "")
    return rest.strip(" :;,.")


@cache
def hidden_words() -> frozenset[str]:
    """The words that stand where a figure is suppressed."""
    marks = {word("common", "suppressed", language) for language in LANGUAGES} | {"not shown"}
    small = {f"{mark} (1-{most})" for mark in marks for most in range(2, 12)}  # of sets of earlier versions
    return frozenset(marks | small)


def moves(moved_by: str) -> dict[str, Fraction]:
    """What moved an area's points, by criterion: those that a number is told of.

    >>> moves("health +1, safety ?")
    {'health': Fraction(1, 1)}
    """
    parts = (_MOVE.match(part.strip()) for part in re.split(r"[,;] ", moved_by))
    return {match.group(1): Fraction(match.group(2).replace(",", ".")) for match in parts if match}
