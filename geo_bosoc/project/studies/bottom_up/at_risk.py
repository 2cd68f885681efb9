"""Areas that may be at risk, from a project: chances by the models without their gates, and early warning."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from geo_bosoc.bottom_up.at_risk.chances import category_chances
from geo_bosoc.bottom_up.at_risk.part import AtRiskPart
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY
from geo_bosoc.follow_up.ahead.suppressed_forecasts import LIKELY
from geo_bosoc.follow_up.spec import WarningPart
from geo_bosoc.project.analysis import Analysis
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.follow_up_ahead import warning_frames

NEXT_YEAR: Final = 1
WORSE_COLUMNS: Final = ("area_id", "now", "period_ahead", "chance", "drivers")


def with_areas_at_risk(
    project: Project,
    results: BottomUpResults,
    analysis: Analysis,
    published: PublishedResults,
    warning: pd.DataFrame | None = None,
) -> BottomUpResults:
    """The bottom-up study's results with the areas that may be at risk, as the internal set may tell them.

    Models that rank areas (an index) and models that use residents' origin are left out.

    Parameters
    ----------
    project : Project
        With ``[bottom_up]``.
    results : BottomUpResults
        Of the study; the part stands last among its parts.
    analysis : Analysis
        What the set was made from: which data are behind each figure is read of it.
    published : PublishedResults
        The internal set; areas and chances are functions of it.
    warning : DataFrame, optional
        The set's early warnings (`geo_bosoc.follow_up.ahead.early_warning.WARNING_COLUMNS`), where the follow-up
        has made them; made here if left out, or if they do not tell of the next year.
    """
    part = project.spec.bottom_up
    models = [model for model in published.models if model.kind != "index" and not model.uses_origin]
    if part is None or not models:
        return results
    if warning is None or NEXT_YEAR not in set(warning["horizon"]):
        frames = warning_frames(WarningPart(years=(NEXT_YEAR,)), analysis, published)
        warning = frames.get("warning", pd.DataFrame(columns=["model", "horizon"]))
    ahead = warning[warning["horizon"] == NEXT_YEAR]
    of_model = {model.id: ahead[ahead["model"] == model.id] for model in models}
    at_risk = AtRiskPart(
        published=published,
        period=results.period,
        unassessed={
            model.id: category_chances(published, model, results.period, seed=part.seed) for model in models
        },
        worse={model.id: _worse_next_year(of_model[model.id], part.worse_next_year) for model in models},
        untold={model.id: _untold(of_model[model.id]) for model in models},
        limit=part.worse_next_year,
        within=results.within,
    )
    return replace(results, parts=(*results.parts, at_risk))


def _worse_next_year(ahead: pd.DataFrame, limit: float) -> pd.DataFrame:
    """The areas whose chance of a worse category passes the limit, with the criteria that may pass a threshold."""
    if ahead.empty:
        return pd.DataFrame(columns=list(WORSE_COLUMNS))
    forecasts = ahead[ahead["status"] == "ok"]
    listed = forecasts[(forecasts["criterion"] == CATEGORY) & (forecasts["chance"] >= limit)]
    near = forecasts[
        (forecasts["criterion"] != CATEGORY)
        & (forecasts["now"] == "not_met")
        & (forecasts["chance"] >= LIKELY)
    ]
    near = near.sort_values(["area_id", "chance", "criterion"], ascending=[True, False, True])
    named = near.drop_duplicates(["area_id", "criterion"]).groupby("area_id")["criterion"].agg(",".join)
    listed = listed.assign(drivers=listed["area_id"].map(named).fillna(""))
    listed = listed.sort_values(["chance", "area_id"], ascending=[False, True], ignore_index=True)
    return listed[list(WORSE_COLUMNS)]


def _untold(ahead: pd.DataFrame) -> int:
    """Of how many areas no chance of a worse category is told."""
    if ahead.empty:
        return 0
    return int(((ahead["criterion"] == CATEGORY) & (ahead["status"] != "ok")).sum())
