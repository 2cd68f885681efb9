"""The results of the bottom-up study, on true counts: the frames that its writers take. All of it is internal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.at_risk.place_scores import PlaceCounts
from geo_bosoc.bottom_up.criteria_form import AdoptedCriteria
from geo_bosoc.bottom_up.nominations.reasons import Reason
from geo_bosoc.bottom_up.presence.service_rates import ServiceRates
from geo_bosoc.bottom_up.study_parts import ShownPart, StudyPart
from geo_bosoc.disclosure.results import Edition
from geo_bosoc.indicators.spec import Indicator, Unit
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report
from geo_bosoc.rasters.backdrop import Backdrop
from geo_bosoc.text.catalogue import Language, word


@dataclass(frozen=True)
class CriterionWord:
    """What a criterion of the verification is called, and the unit of its figures."""

    label_da: str
    label_en: str
    unit: Unit = "mean"

    def label(self, language: str) -> str:
        return self.label_da if language == "da" else self.label_en


def criterion_words(model: Model, indicators: Iterable[Indicator]) -> dict[str, CriterionWord]:
    """By criterion its words; one without a name of its own goes by its indicator's."""
    by_id = {indicator.id: indicator for indicator in indicators}
    words = {}
    for each in model.criterion:
        named = each if each.label_da or each.label_en else by_id.get(each.indicator)
        label_da, label_en = (named.label_da, named.label_en) if named is not None else ("", "")
        words[each.key] = CriterionWord(
            label_da or label_en or each.key, label_en or label_da or each.key, each.unit
        )
    return words


LEAST_WITHIN: Final = 0.25
"""Of a place's homes, to say that it is of an area: a place may be of several."""


def places_within(homes: pd.DataFrame, homes_of_areas: pd.DataFrame) -> pd.DataFrame:
    """Which assessed areas places are of.

    Parameters
    ----------
    homes : DataFrame
        ``place_id, address_id`` of the places.
    homes_of_areas : DataFrame
        ``area_id, address_id`` of the areas.

    Returns
    -------
    DataFrame
        ``place_id, area_id`` where at least `LEAST_WITHIN` of the place's homes lie in the area, sorted.

    Examples
    --------
    >>> homes = pd.DataFrame({"place_id": ["N001"] * 4, "address_id": ["a", "b", "c", "d"]})
    >>> areas = pd.DataFrame({"area_id": ["0001", "0002"], "address_id": ["a", "x"]})
    >>> places_within(homes, areas).values.tolist()
    [['N001', '0001']]
    """
    homes, areas = (
        frame[[name, "address_id"]].astype(str).drop_duplicates()
        for frame, name in ((homes, "place_id"), (homes_of_areas, "area_id"))
    )
    shared = homes.merge(areas, on="address_id").groupby(["place_id", "area_id"]).size()
    totals = homes.groupby("place_id").size()
    share = shared / totals.reindex(shared.index.get_level_values("place_id")).to_numpy()
    return share[share >= LEAST_WITHIN].reset_index()[["place_id", "area_id"]]


@dataclass(frozen=True)
class BottomUpResults:
    """Nominated and detected places, and what the registers say of them.

    Attributes
    ----------
    name : str
        The project's name.
    language : str
        ``"da"`` or ``"en"``.
    made_up : bool
        Whether the registers are made up: every file then says so.
    period : str
        Of the registers.
    context : dict of str to GeoDataFrame
        Layers to draw with the places.
    places : GeoDataFrame
        ``place_id, name, named, found, nominations`` (how many), ``homes, households, residents`` and ``geometry``
        (EPSG:25832; None where nothing may be drawn). Names are those of estates and streets.
    nominations : GeoDataFrame
        One row a nomination that means a place
        (`geo_bosoc.bottom_up.places.publishable_geometries.nomination_outlines`). No free text and no name of staff
        gets this far, and no geometry points at a home.
    unsettled : DataFrame
        Doubtful matches, one row a candidate: ``nomination_id, row, candidate_kind, candidate, candidate_name, score,
        accept``.
    found_places, overlap : GeoDataFrame
        Places as they were detected, and where nominated and detected ones are the same homes (`detected_outlines`,
        `overlap_outlines`).
    verdicts : DataFrame
        ``place_id, verdict`` (confirmed | not_seen | found_not_named | found_not_seen | undetermined), ``held`` (share
        of draws), ``back`` and ``jaccard`` (`geo_bosoc.bottom_up.place_stability`).
    evidence : DataFrame
        ``place_id, criterion, value, low, high, municipality, similar, met``.
    criteria : dict of str to CriterionWord
        By criterion its words.
    adopted : AdoptedCriteria or None
        The criteria and who adopted them; None where a study has none.
    reasons : tuple of Reason
        The list that the nominations' codes (their column ``reasons``) are of.
    service_rates : ServiceRates
        Services at each place and in the municipality.
    surface : DataFrame
        Cells of the square grid: ``east, north, residents, value`` (share in the surroundings, 0-1; or services given
        there for each that is expected).
    indicator : Indicator or None
        What the surroundings are measured by; None where it is services given for each that is expected.
    k : int
        Nearest residents that surroundings are made of.
    least_households : int
        Of an area drawn from homes.
    municipality : str or None
        Its name.
    sources : DataFrame
        Where the figures come from (`SOURCE_COLUMNS`).
    report : Report
        What was noticed on the way.
    edition : Edition
        How small numbers are protected in its files, which are all internal.
    within : DataFrame
        ``place_id, area_id``: the assessed areas that a good part of a place's homes lie in (`places_within`).
    backdrop : Backdrop
        Which layers of context have a name, and the picture beneath the map page.
    areas : GeoDataFrame
        The assessed areas, in the yearly run's order; none where a study has none.
    of_others : DataFrame
        ``place_id, services, several, residents`` of the half of a place's homes that verified it, where the other half
        found it; no rows of places that all homes verified.
    parts : tuple of StudyPart
        What stands in the files beside the places.
    without_category : frozenset of str
        Those of the assessed areas that no model gives a risk category: a place in them is new.
    """

    name: str
    language: Language
    made_up: bool
    period: str
    context: Mapping[str, gpd.GeoDataFrame]
    places: gpd.GeoDataFrame
    nominations: gpd.GeoDataFrame
    unsettled: pd.DataFrame
    found_places: gpd.GeoDataFrame
    overlap: gpd.GeoDataFrame
    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    criteria: Mapping[str, CriterionWord]
    service_rates: ServiceRates
    surface: pd.DataFrame
    indicator: Indicator | None
    k: int
    least_households: int
    municipality: str | None = None
    sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SOURCE_COLUMNS)))
    report: Report = field(default_factory=Report)
    edition: Edition = field(default_factory=lambda: Edition("internal"))
    within: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["place_id", "area_id"]))
    backdrop: Backdrop = field(default_factory=Backdrop)
    areas: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    of_others: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["place_id", "services", "several", "residents"])
    )
    parts: tuple[StudyPart, ...] = ()
    place_counts: PlaceCounts | None = None

    def measure(self) -> str:
        """What the surroundings are measured by, in words."""
        if self.indicator is None:
            return word("bottom_up", "by_services", self.language)
        return self.indicator.label(self.language)

    without_category: frozenset[str] = frozenset()
    adopted: AdoptedCriteria | None = None
    reasons: tuple[Reason, ...] = ()

    def shown_parts(self) -> dict[str, ShownPart]:
        """What the parts of the study show, by key, in their order."""
        return {part.key: part.show(self.language, self.edition.least_shown) for part in self.parts}

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the period's year, never the clock."""
        return datetime(int(self.period[:4]), 1, 1)
