"""The results of a run (true counts), and what may be published of them: the frames that writers take."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final, Literal, NamedTuple, Protocol

import geopandas as gpd
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS as ALL_AREAS
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY as MUNICIPALITY
from geo_bosoc.boundaries.reference_areas import OUTSIDE, REST
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.indicators.map_classes import ThemeClasses
from geo_bosoc.indicators.similar_areas import TWIN_COLUMNS, TwinsPart
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report
from geo_bosoc.rasters.backdrop import Backdrop, Surface
from geo_bosoc.text.catalogue import Language, word

RESIDENTS: Final = "residents"
"""The indicator, and the column, of everybody who lives in an area."""
OutputSet = Literal["public", "internal"]

YEARLY_COLUMNS: Final = ("area_id", "period", "indicator", "numerator", "denominator", "unknown")
RECOUNT_COLUMNS: Final = ("area_id", "period", "indicator", "method", "reason")
HOUSEHOLD_COLUMNS = ("area_id", "period", "households")
FLAG_COLUMNS = ("area_id", "period", "model", "category", "met", "settled_by")


class Stamp(NamedTuple):
    """What a file must say of itself: its kind (``internal`` or ``made-up``), and the words."""

    kind: Literal["internal", "made-up"]
    text: str


@dataclass(frozen=True)
class Edition:
    """Which set of output files belong to, and by which policy small numbers are suppressed in them.

    Attributes
    ----------
    output_set : {"public", "internal"}
        The internal one is not for publication.
    policy : Policy
        What is suppressed. ``unsuppressed`` shows every number, which only an internal set may do; every file then
        says so.

    Raises
    ------
    ValueError
        A public set that is not suppressed.
    """

    output_set: OutputSet = "public"
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        if not self.policy.suppresses and self.output_set != "internal":
            raise ValueError('only output_set="internal" can be had without suppression of small numbers')

    @property
    def internal(self) -> bool:
        """Whether files are for internal use only."""
        return self.output_set == "internal"

    @property
    def least_shown(self) -> int:
        """The least count of persons that is shown besides 0; 1 where nothing is suppressed."""
        return self.policy.least_shown

    @property
    def mark(self) -> str:
        """What the column ``output_set`` of an internal set's tables says."""
        return self.output_set if self.policy.suppresses else f"{self.output_set}, unguarded"


class Stamped(Protocol):
    """Results that files are made of: of the yearly run, or of a study."""

    @property
    def edition(self) -> Edition: ...
    @property
    def language(self) -> Language: ...
    @property
    def made_up(self) -> bool: ...


class OfPublished:
    """Results that are a function of `published`: of its set, in its language, of its date.

    Attributes
    ----------
    published : PublishedResults
        What the set publishes.
    """

    published: PublishedResults

    @property
    def edition(self) -> Edition:
        """The set that its files belong to, and how small numbers are protected in them."""
        return self.published.edition

    @property
    def language(self) -> Language:
        """Of the outputs."""
        return self.published.language

    @property
    def made_up(self) -> bool:
        """Whether the registers are made up: every file then says so."""
        return self.published.made_up

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the last period's year, never the clock."""
        return self.published.file_date


def stamps(results: Stamped) -> list[Stamp]:
    """What every file of a set must say of itself: for internal use, small numbers shown, made-up data."""
    edition, language = results.edition, results.language
    every = (
        (edition.internal, Stamp("internal", word("common", "internal", language))),
        (not edition.policy.suppresses, Stamp("internal", word("common", "small_numbers_shown", language))),
        (results.made_up, Stamp("made-up", word("common", "made_up", language))),
    )
    return [stamp for applies, stamp in every if applies]


def stamp_texts(results: Stamped) -> list[str]:
    """The words of `stamps`."""
    return [stamp.text for stamp in stamps(results)]


class AreaPairs(NamedTuple):
    """How areas lie to each other.

    Attributes
    ----------
    containments : DataFrame
        ``outer, inner`` and, where it differs by period, ``period``: area ids; both ways where areas are the same.
    overlaps : DataFrame
        ``first, second`` (and ``period``): areas that share something, neither containing the other.
    """

    containments: pd.DataFrame
    overlaps: pd.DataFrame


def threshold_sentences(policy: Policy, language: Language) -> list[str]:
    """What readers are told of the thresholds: a sentence each.

    Examples
    --------
    >>> threshold_sentences(Policy(policy="lbf-100-50"), "en")[0]
    'Of areas with fewer than 100 residents no figure is shown.'
    """
    return [
        word("common", f"few_{each.of}_{each.figures}", language, least=each.minimum)
        for each in policy.thresholds
    ]


@dataclass(frozen=True)
class Results:
    """All results of a run, on true counts. Never written as they are: `geo_bosoc.suppress` makes `PublishedResults`.

    Attributes
    ----------
    name : str
        The project's name.
    language : {"da", "en"}
        Of the outputs.
    made_up : bool
        Whether the registers are made up: every file then says so.
    areas : GeoDataFrame
        The assessed areas (EPSG:25832; ``area_id, name, kind, geometry``), sorted by `area_id`.
    context : mapping of str to GeoDataFrame
        Other layers to draw, by name ("coast", "lakes", "roads"; any columns, EPSG:25832).
    indicators : tuple of Indicator
        In the order of the project file.
    table : DataFrame
        The indicator table, one row an area, period and indicator: ``area_id, period, indicator, numerator,
        denominator, unknown, value, low, high, reference, ratio, status``.
    reference_areas : DataFrame
        The same columns for ``@municipality`` and ``@areas``, and for groups of areas, ``@region`` and ``@national``
        where they are given.
    residents : DataFrame
        ``area_id, period, residents`` (int64), where a population register says.
    households : DataFrame
        ``area_id, period, households`` (int64), where the project has them counted: for the thresholds of a policy, and
        never written.
    models : tuple of Model
        The models that areas are categorised by.
    categories : DataFrame
        One row an area, period and model (`geo_bosoc.models.categorisation`), empty without a model.
    criteria : DataFrame
        One row an area, period, model and criterion, empty without a model.
    sources : DataFrame
        One row a register that an indicator counts in, and period: ``indicator, period, register, data_period,
        status_date, source`` (`geo_bosoc.models.provenance`); of the residents too, where they are told.
    flags : DataFrame
        Of models with rules, one row an area, period, model and category: ``area_id, period, model, category, met,
        settled_by`` (met | not_met | undetermined); empty where no model has rules.
    histories : mapping of str to History
        By model, who was in which category in earlier years, for rules that ask for years in a row.
    yearly : DataFrame
        The counts of single periods behind figures that are pooled over years: ``area_id, period, indicator, numerator,
        denominator, unknown`` and more. For `suppress` alone; `PublishedResults` have none.
    recounted : DataFrame
        ``area_id, period, indicator, method, reason``: how figures that came with areas as they were became those of
        today's areas, or why they could not (`geo_bosoc.follow_up.recount`); it has no figures.
    pairs : AreaPairs or None
        Which areas contain or overlap others, by their addresses; None where no addresses were counted: their polygons
        then say so.
    groups : mapping of str to tuple of str
        By the id of each group of areas its areas; its figures are those of ``@group:ID`` among the reference areas.
    profile : TwinsPart or None
        By which figures the areas most alike in profile are told, and how many there are, where the project asks for
        them.
    nearest : DataFrame
        Which areas they are (`geo_bosoc.indicators.similar_areas.find_twins`); of published results, by what is
        published alone.
    municipality : str or None
        Its code.
    internal_indicators : frozenset of str
        Ids of indicators that count in a register that may not be published.
    internal_registers : frozenset of str
        Those registers' names.
    themes : mapping of str to ThemeClasses
        How indicators are cut into classes on maps, by id, where the project says so.
    backdrop : Backdrop
        Which of the other layers have a name, and the picture beneath map pages.
    report : Report
        Warnings and facts of the run.
    """

    name: str
    language: Language
    made_up: bool
    areas: gpd.GeoDataFrame
    context: Mapping[str, gpd.GeoDataFrame]
    indicators: tuple[Indicator, ...]
    table: pd.DataFrame
    reference_areas: pd.DataFrame
    residents: pd.DataFrame
    models: tuple[Model, ...]
    categories: pd.DataFrame
    criteria: pd.DataFrame
    sources: pd.DataFrame
    flags: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FLAG_COLUMNS)))
    histories: Mapping[str, History] = field(default_factory=dict)
    yearly: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(YEARLY_COLUMNS)))
    households: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(HOUSEHOLD_COLUMNS)))
    recounted: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(RECOUNT_COLUMNS)))
    pairs: AreaPairs | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    profile: TwinsPart | None = None
    nearest: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TWIN_COLUMNS)))
    municipality: str | None = None
    internal_indicators: frozenset[str] = frozenset()
    internal_registers: frozenset[str] = frozenset()
    themes: Mapping[str, ThemeClasses] = field(default_factory=dict)
    backdrop: Backdrop = field(default_factory=Backdrop)
    report: Report = field(default_factory=Report)

    @functools.cached_property
    def periods(self) -> list[str]:
        """The periods of the run, sorted as text."""
        return sorted(self.table["period"].unique())

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the last period's year, never the clock."""
        return file_date(self.periods)


def compares_with_outside(results: Results) -> bool:
    """Whether a model or an indicator is compared with everybody outside the assessed areas."""
    of_models = {each.reference_area for model in results.models for each in model.criterion}
    return OUTSIDE in of_models | {spec.reference_area for spec in results.indicators}


def compared_with_rest(results: Results) -> frozenset[str]:
    """The indicators that the rest of the municipality is shown of: chosen for them, or by a model."""
    of_models = {
        each.indicator for model in results.models for each in model.criterion if each.compared_with_rest
    }
    return frozenset(of_models | {spec.id for spec in results.indicators if spec.reference_area == REST})


def file_date(periods: Sequence[str]) -> datetime:
    """1 January of the last period's year; of 2000 where there is none."""
    year = re.match(r"\d{4}", periods[-1]) if periods else None
    return datetime(int(year.group()) if year else 2000, 1, 1)


CHANGE: Final = "-change"
"""What the id of an indicator's change ends with where it stands beside the indicator's own figures."""


class _Suppressed(Enum):
    """What `PublishedResults` have as `made_by`; an enumeration, so that it is the same one in a worker process."""

    SUPPRESSED = "suppressed"


SUPPRESSED: Final = _Suppressed.SUPPRESSED


@dataclass(frozen=True)
class PublishedResults(Results):
    """Results with small numbers suppressed, for one set of output: the only thing a writer takes.

    In a suppressed cell `status` is ``protected`` and numerator, unknown, value, low, high and ratio are
    missing; in `criteria` so are value, threshold, met, margin and points of that indicator. A category that would tell
    too much is ``range``, and `possible` says between which categories. Of an internal set, `left` says for each
    suppressed figure that goes into a category how many of its counts stay possible for an outsider, and `reasons` why
    each is suppressed (`geo_bosoc.disclosure.primary.suppression_reasons`).
    `geo_bosoc.suppress` makes it, and nothing else may.

    Raises
    ------
    TypeError
        It was not made by `suppress`.
    """

    edition: Edition = field(default_factory=Edition)
    left: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    reasons: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    made_by: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made_by is not SUPPRESSED:
            raise TypeError("PublishedResults are made by geo_bosoc.suppress alone")

    @property
    def output_set(self) -> OutputSet:
        """The set that these are published in."""
        return self.edition.output_set

    @property
    def policy(self) -> Policy:
        """What is suppressed in them."""
        return self.edition.policy

    def with_surfaces(self, surfaces: tuple[Surface, ...]) -> PublishedResults:
        """The same, with surfaces to lay on the map: of the internal set alone, for overlapping windows of residents
        tell single homes.

        Raises
        ------
        ValueError
            It is the public set.
        """
        if not self.edition.internal:
            raise ValueError("surfaces are of the internal set alone: windows that overlap tell single homes")
        return replace(self, backdrop=replace(self.backdrop, surfaces=surfaces))
