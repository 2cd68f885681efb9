"""Where the figures of the bottom-up study come from: residents and cases, and the indicators places are found by."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.findings import Findings
from geo_bosoc.indicators import Indicator
from geo_bosoc.project.bottom_up_spec import BottomUpPart
from geo_bosoc.project.spec import Project
from geo_bosoc.sources import SERVICES, SOURCE_COLUMNS


def bottom_up_sources(
    project: Project, part: BottomUpPart, indicator: Indicator, found: Findings, period: str
) -> pd.DataFrame:
    """`SOURCE_COLUMNS` of the period: of the services (`SERVICES`: who could get them, and who does), of the indicator
    that places are found by, and of those that the run shows."""
    people, cases = (project.spec.registers[name] for name in (part.population, part.cases))
    lived = people.status_date_of(period)
    day = cases.status_date_of(period) or (lived if cases.place == "person" else None)
    rows = [
        (SERVICES, period, part.population, period, lived, people.source),
        (SERVICES, period, part.cases, period, day, cases.source),
    ]
    own = found.sources[found.sources["period"] == period]
    if indicator.id not in set(own["indicator"]):
        source = people.source or indicator.source_text(found.language)
        rows.append((indicator.id, period, part.population, period, lived, source))
    return pd.concat([pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)), own], ignore_index=True)
