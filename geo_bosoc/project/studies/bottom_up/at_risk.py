"""Areas that may be at risk, from a project: chances by the models without their gates, and early warning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.bottom_up.at_risk.chances import category_chances, looks_back
from geo_bosoc.bottom_up.at_risk.part import AtRiskPart
from geo_bosoc.bottom_up.at_risk.place_scores import PlaceCounts, pairs_of_homes, place_chances, shown_figures
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY
from geo_bosoc.follow_up.ahead.suppressed_forecasts import LIKELY
from geo_bosoc.follow_up.spec import WarningPart
from geo_bosoc.indicators import count_indicators
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.models import Model
from geo_bosoc.problems import Report
from geo_bosoc.project.analysis import Analysis
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import id_columns
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.follow_up_ahead import warning_frames

NEXT_YEAR: Final = 1
WORSE_COLUMNS: Final = ("area_id", "now", "period_ahead", "chance", "drivers")


def count_places(
    results: Results,
    inputs: Inputs,
    place_rows: gpd.GeoDataFrame,
    homes: pd.DataFrame,
    homes_of_areas: pd.DataFrame,
    within: pd.DataFrame,
) -> PlaceCounts | None:
    """Each indicator of the models that score areas, counted at the places outside the assessed areas.

    Of the last period, and of the earlier ones too where a model looks back. None where there is no such place, or no
    such model.

    Parameters
    ----------
    results : Results
        Of the yearly run.
    inputs : Inputs
        What was read.
    place_rows : GeoDataFrame
        ``place_id, name, named, residents, households`` and ``geometry``.
    homes : DataFrame
        ``place_id, address_id``.
    homes_of_areas : DataFrame
        ``area_id, address_id`` of the assessed areas.
    within : DataFrame
        ``place_id, area_id``: places that lie in areas are not counted.
    """
    models = _scoring_models(results.models)
    outside = place_rows[~place_rows["place_id"].astype(str).isin(set(within["place_id"].astype(str)))]
    homes = homes[homes["place_id"].isin(outside["place_id"])].drop_duplicates()
    if not models or homes.empty:
        return None
    names = {criterion.indicator for model in models for criterion in model.criterion}
    specs = [spec for spec in results.indicators if spec.id in names]
    ids = id_columns(inputs.specs)
    by_address = {
        name for name, rows in inputs.frames.items() if "address_id" in rows.collect_schema().names()
    }
    parts = make_parts(specs, inputs.registers, ids, Report())
    uncounted = {part.indicator.id for part in parts if part.register not in by_address}
    specs = [spec for spec in specs if spec.id not in uncounted]
    columns = {"address_id": homes["address_id"].astype(str), "area_id": homes["place_id"].astype(str)}
    of_homes = pl.LazyFrame(
        {name: values.to_list() for name, values in columns.items()}, schema=dict.fromkeys(columns, pl.String)
    )
    frames = {
        part.register: inputs.frames[part.register]
        .with_columns(pl.col("address_id").cast(pl.String))
        .join(of_homes, on="address_id", how="inner")
        for part in parts
        if part.register in by_address
    }
    periods = results.periods if any(looks_back(model) for model in models) else results.periods[-1:]
    inner = Report()
    counts = count_indicators(
        frames,
        specs,
        parameters=inputs.parameters,
        areas=sorted(set(columns["area_id"])),
        periods=periods,
        ids=ids,
        check_base=False,
        report=inner,
    )
    inner.raise_errors()
    return PlaceCounts(
        outside.reset_index(drop=True),
        counts,
        tuple(sorted(uncounted)),
        pairs_of_homes(homes, homes_of_areas.drop_duplicates()),
    )


def _scoring_models(models: Iterable[Model]) -> list[Model]:
    """Models that rank areas (an index) and models that use residents' origin are left out."""
    return [model for model in models if model.kind != "index" and not model.uses_origin]


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
    models = _scoring_models(published.models)
    if part is None or not models:
        return results
    if warning is None or NEXT_YEAR not in set(warning["horizon"]):
        frames = warning_frames(WarningPart(years=(NEXT_YEAR,)), analysis, published)
        warning = frames.get("warning", pd.DataFrame(columns=["model", "horizon"]))
    ahead = warning[warning["horizon"] == NEXT_YEAR]
    of_model = {model.id: ahead[ahead["model"] == model.id] for model in models}
    counted = results.place_counts
    figures = None if counted is None else shown_figures(counted, published, analysis.results.table)
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
        places={}
        if counted is None or figures is None
        else {
            model.id: place_chances(figures, counted.places, published, model, results.period, seed=part.seed)
            for model in models
        },
        counted=counted,
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
