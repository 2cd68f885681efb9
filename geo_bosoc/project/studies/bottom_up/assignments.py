"""Assignment in a run: which areas are at risk as the internal set shows them, and how many dwellings areas have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
import polars as pl

from geo_bosoc.bottom_up.placing.load import dwellings_of_estates
from geo_bosoc.bottom_up.placing.part import AssignmentPart
from geo_bosoc.bottom_up.placing.tables import PlacingTables
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.bottom_up.study_parts import StudyPart
from geo_bosoc.disclosure.results import Edition, Results
from geo_bosoc.models import Model
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.sets.for_each_set import suppressed_set
from geo_bosoc.project.sets.previous_set import read_previous
from geo_bosoc.project.spec import Project


def assignment_parts(
    project: Project,
    results: Results,
    inputs: Inputs,
    tables: PlacingTables | None,
    homes_of_areas: pd.DataFrame,
    within: pd.DataFrame,
    edition: Edition,
    report: Report,
) -> tuple[StudyPart, ...]:
    """Assignment as a part of the study; none where the project names no table of it.

    Parameters
    ----------
    project : Project
        With a table ``[bottom_up]``.
    results : Results
        Of the yearly run.
    inputs : Inputs
        What the run has read.
    tables : PlacingTables or None
        As they were read.
    homes_of_areas : DataFrame
        ``area_id, address_id``: which area each home lies in.
    within : DataFrame
        ``place_id, area_id``.
    edition : Edition
        Of the study's files: categories are taken as the internal set shows them.
    report : Report
        Takes a warning of estates whose dwellings nobody knows.
    """
    part = project.spec.bottom_up
    if tables is None or part is None or part.placing is None:
        return ()
    period = results.periods[-1]
    in_register = _dwellings_by_area(part, inputs, homes_of_areas, period)
    unknown = set(tables.assignments["estate_id"].astype(str)) - set(
        dwellings_of_estates(tables, in_register)
    )
    if unknown:
        report.warn(
            phrase(
                "how many dwellings these estates have is not known, and their load is left out: {names}.",
                names=joined(sorted(unknown)[:20]),
            ),
            file=tables.files.get("assignments"),
            key="bottom_up.placing.vacancies",
            count=len(unknown),
            hint="Write their dwellings in the column dwellings of the vacancies.",
        )
    at_risk = frozenset[str]()
    if len(tables.assignments):
        published = suppressed_set(
            project,
            results,
            "internal",
            unguarded=edition.least_shown <= 1,
            before=read_previous(project),
            report=Report(),
        )
        at_risk = areas_at_risk(published.categories, published.models, period)
    names = dict(zip(results.areas["area_id"].astype(str), results.areas["name"].astype(str), strict=True))
    return (AssignmentPart(tables, part.placing.years, period, names, in_register, at_risk, within),)


def areas_at_risk(categories: pd.DataFrame, models: Iterable[Model], period: str) -> frozenset[str]:
    """Areas that some model gives another category than its mildest; a range counts where all of it does.

    Parameters
    ----------
    categories : DataFrame
        ``area_id, period, model, category``, and of ranges what is ``possible``, as a set shows them.
    models : iterable of Model
        Which gave them; their categories go from the worst to the mildest.
    period : str
        Which.

    Examples
    --------
    >>> from geo_bosoc.models import load_model
    >>> columns = ["area_id", "period", "model", "category", "possible"]
    >>> rows = [("1", "2024", "aarhus-2018", "deprived", None), ("2", "2024", "aarhus-2018", "outside_risk", None)]
    >>> areas_at_risk(pd.DataFrame(rows, columns=columns), [load_model("aarhus-2018")], "2024")
    frozenset({'1'})
    """
    rows = categories[categories["period"].astype(str) == period]
    ids: set[str] = set()
    for model in models:
        worse = {category.id for category in model.category[:-1]}
        of_model = rows[rows["model"] == model.id]
        possible = of_model["possible"] if "possible" in of_model else of_model["category"]
        for area, category, between in zip(of_model["area_id"], of_model["category"], possible, strict=True):
            options = str(between).split("|") if isinstance(between, str) and between else [str(category)]
            if set(options) <= worse:
                ids.add(str(area))
    return frozenset(ids)


def _dwellings_by_area(
    part: BottomUpPart, inputs: Inputs, homes_of_areas: pd.DataFrame, period: str
) -> Mapping[str, int]:
    """By area the dwellings of the register that the study names; empty where it names none."""
    frame = inputs.frames.get(part.dwellings) if part.dwellings is not None else None
    if frame is None:
        return {}
    stock = (
        frame.filter((pl.col("period") == period) & pl.col("address_id").is_not_null())
        .group_by(pl.col("address_id").cast(pl.String))
        .len()
        .collect()
    )
    by_address = dict(zip(stock["address_id"].to_list(), stock["len"].to_list(), strict=True))
    homes = homes_of_areas.astype(str).drop_duplicates()
    counts = homes["address_id"].map(by_address).fillna(0).astype("int64").groupby(homes["area_id"]).sum()
    return {str(area): int(count) for area, count in counts.items()}
