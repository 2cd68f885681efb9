"""What the study of balance has found, on true counts: the frames that its writers take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import geopandas as gpd
import pandas as pd

from geo_bosoc.balance.codes import CodeList
from geo_bosoc.balance.rule_lists import Ladder, ShareRule
from geo_bosoc.disclosure.results import Language
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.problems import Report


@dataclass(frozen=True)
class BalanceResults:
    """Everything found about the mix of tenures now and under the projects.

    Attributes
    ----------
    areas : ``area_id, name, kind, geometry`` (EPSG:25832) and ``plan`` (True where a development plan is due); the
        areas of development plans come last and may overlap the others.
    context : layers to draw beside them.
    period : of the dwellings; `start` is its year, `horizon` the last year of the projects' balance.
    band : the least and most per cent of social dwellings that count as mixed; `band_assumed` where nobody gave it.
    mix : see `geo_bosoc.balance.tenure_mix`. scales, inside, neighbours, diversity : see
        `geo_bosoc.balance.segregation.indices`.
    projects, years : see `check_projects` and `scenario` (all areas).
    rules : `share_rule` by ``area_id, variant, year`` where a development plan is due; `kept` from which year;
        `chances`, `fewest` and `dispensations` of the same areas.
    status_date : the day that the dwellings describe; `source` whose register they are of.
    sources : where the figures of the internal set come from (`SOURCE_COLUMNS`): the "if" indicators, the one behind
        letting, and the residents.
    residents : by tenure, true counts. ifs : the "if" indicators, true counts. letting : see `letting`.
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
    kept: pd.DataFrame
    chances: pd.DataFrame
    fewest: pd.DataFrame
    dispensations: pd.DataFrame
    residents: pd.DataFrame
    ifs: pd.DataFrame
    if_labels: Mapping[str, str]
    letting: pd.DataFrame
    ladder: Ladder | None
    municipality: str | None = None
    status_date: str | None = None
    sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SOURCE_COLUMNS)))
    report: Report = field(default_factory=Report)

    @property
    def file_date(self) -> datetime:
        """The date that files carry inside: 1 January of the dwellings' year, never the clock."""
        return datetime(self.start, 1, 1)

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Names by id."""
        return dict(zip(self.areas["area_id"].astype(str), self.areas["name"].astype(str), strict=True))
