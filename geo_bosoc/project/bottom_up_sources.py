"""Where the figures of the bottom-up study come from: residents and cases, and the indicators places are found by."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.disclosure.results import Results
from geo_bosoc.indicators import Indicator
from geo_bosoc.models.provenance import SERVICES, SOURCE_COLUMNS
from geo_bosoc.project.spec import Project


def bottom_up_sources(
    project: Project, part: BottomUpPart, indicator: Indicator, results: Results, period: str
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
    own = results.sources[results.sources["period"] == period]
    if indicator.id not in set(own["indicator"]):
        source = people.source or indicator.source_text(results.language)
        rows.append((indicator.id, period, part.population, period, lived, source))
    return pd.concat([pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)), own], ignore_index=True)
