"""The results of the study of balance, on true counts: the frames that its writers take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import geopandas as gpd
import pandas as pd

from geo_bosoc.balance.allocation import Ladder
from geo_bosoc.balance.code_lists import CodeList
from geo_bosoc.balance.rule_lists import ShareRule
from geo_bosoc.disclosure.results import Edition
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.problems import Report
from geo_bosoc.rasters.backdrop import Backdrop
from geo_bosoc.text.catalogue import Language


@dataclass(frozen=True)
class BalanceResults:
    """What the study of balance gives: the mix of tenures now, and under the projects.

    Attributes
    ----------
    name : str
        The project's name.
    language : str
        ``"da"`` or ``"en"``.
    made_up : bool
        Whether the registers are made up: every file then says so.
    areas : GeoDataFrame
        ``area_id, name, kind, geometry`` (EPSG:25832) and ``plan`` (True where a development plan is due). The areas of
        development plans come last and may overlap the others.
    context : dict of str to GeoDataFrame
        Layers to draw with them.
    period : str
        Of the dwellings.
    start, horizon : int
        The dwellings' year, and the last year of the projects' balance.
    rule : ShareRule
        The rule that development plans are compared with.
    count_demolished, count_business : bool
        What goes into its base.
    band : tuple of float
        The least and most per cent of social dwellings that count as mixed.
    band_assumed : bool
        Whether nobody gave the band.
    codes : CodeList
        What the dwellings' codes mean.
    register : str
        The id of the register of dwellings.
    source : str
        Whose register it is.
    mix : DataFrame
        See `geo_bosoc.balance.tenure_mix`.
    diversity, scales, inside, neighbours : DataFrame
        See `diversity`, `segregation_at_scales`, `mixed_inside` and `neighbour_contrast` in `geo_bosoc.segregation`.
    projects : DataFrame
        See `geo_bosoc.balance.check_projects`.
    years : DataFrame
        See `geo_bosoc.balance.scenario` (all areas).
    rules : DataFrame
        `share_rule` by ``area_id, variant, year`` where a development plan is due.
    compliance : DataFrame
        From which year on the rule is met (`compliance_year`).
    chances : DataFrame
        See `compliance_probability`, of the same areas.
    minimum_change : DataFrame
        See `minimum_changes`, of the same areas.
    dispensations : DataFrame
        See `dispensation`, of the same areas.
    residents : DataFrame
        Residents by tenure, true counts.
    what_if : DataFrame
        The indicators if the projects were carried out and lived in, true counts (`what_if_indicators`).
    what_if_labels : dict of str to str
        What these indicators are called.
    allocation : DataFrame
        See `geo_bosoc.balance.allocate_vacancies`.
    outside_indicator : str
        The indicator of residents outside the work force that the allocation goes by.
    ladder : Ladder or None
        The agreement that vacancies are allocated by.
    municipality : str or None
        Its name.
    status_date : str or None
        The day that the dwellings describe.
    sources : DataFrame
        Where the figures of the internal set come from (`SOURCE_COLUMNS`): the "if" indicators, the one behind the
        allocation, and the residents.
    report : Report
        What was noticed on the way.
    edition : Edition
        The set that its files belong to, and how small numbers are protected in them.
    suppressed : frozenset of (str, str)
        The figures (area and indicator) of the period that are suppressed in the yearly run's files of the same set.
    places : dict of str to tuple of str
        By area of the yearly run the areas among these that it lies in, of a development plan last; itself where the
        balance looks at the same areas.
    backdrop : Backdrop
        Which layers of context have a name, and the picture beneath the map page.
    """

    name: str
    language: Language
    made_up: bool
    areas: gpd.GeoDataFrame
    context: Mapping[str, gpd.GeoDataFrame]
    period: str
    start: int
    horizon: int
    rule: ShareRule
    band: tuple[float, float]
    band_assumed: bool
    codes: CodeList
    register: str
    source: str
    mix: pd.DataFrame
    diversity: pd.DataFrame
    scales: pd.DataFrame
    inside: pd.DataFrame
    neighbours: pd.DataFrame
    projects: pd.DataFrame
    years: pd.DataFrame
    rules: pd.DataFrame
    compliance: pd.DataFrame
    chances: pd.DataFrame
    minimum_change: pd.DataFrame
    dispensations: pd.DataFrame
    residents: pd.DataFrame
    what_if: pd.DataFrame
    what_if_labels: Mapping[str, str]
    allocation: pd.DataFrame
    ladder: Ladder | None
    outside_indicator: str = ""
    count_demolished: bool = True
    count_business: bool = True
    municipality: str | None = None
    status_date: str | None = None
    sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SOURCE_COLUMNS)))
    report: Report = field(default_factory=Report)
    edition: Edition = field(default_factory=Edition)
    suppressed: frozenset[tuple[str, str]] = frozenset()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    backdrop: Backdrop = field(default_factory=Backdrop)

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the dwellings' year, never the clock."""
        return datetime(self.start, 1, 1)

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Names by id."""
        return dict(zip(self.areas["area_id"].astype(str), self.areas["name"].astype(str), strict=True))

    @cached_property
    def tenures(self) -> pd.DataFrame:
        """The dwellings of the period by tenure: a row an area that has some and the whole, a column a tenure."""
        now = self.mix[(self.mix["period"] == self.period) & (self.mix["dimension"] == "tenure")]
        wide = now.pivot_table(index="area_id", columns="category", values="dwellings", aggfunc="sum").astype(
            float
        )
        return wide[wide.sum(axis=1) > 0]
