"""Persons linked over the years of a project, from what its run has read: for the internal set alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.balance.code_lists import load_codes
from geo_bosoc.balance.dwellings import dwelling_groups
from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.persons.link import LinkedPersons, PersonRegister, by_period, link_persons
from geo_bosoc.follow_up.persons.linked_disclosure import suppress_linked
from geo_bosoc.follow_up.persons.linked_study import linked_frames
from geo_bosoc.follow_up.spec import FollowUpPart, period_pairs
from geo_bosoc.follow_up.spec_parts import DeathsPart, LinkPart
from geo_bosoc.linkage.link import population_name
from geo_bosoc.locate.join import locate
from geo_bosoc.locate.labels import Labels
from geo_bosoc.problems import Report, add_problems, did_you_mean
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.analysis import Analysis
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.read import read_register

DEATHS: Final = "follow_up.link.deaths"
"""The key of the project file that says who died."""
TENURE = "@tenure"
"""The population's column with the tenure of each home, where ``[balance]`` says how it is known."""


def frames_of_linked_persons(
    project: Project,
    analysis: Analysis,
    published: PublishedResults,
    report: Report,
    *,
    plans: gpd.GeoDataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """The frames of persons linked over years, as the internal set shows them.

    Parameters
    ----------
    project : Project
        Its ``[follow_up.link]`` says why persons are linked, and on what ground.
    analysis : Analysis
        What the run read, located and counted.
    published : PublishedResults
        The internal set's yearly results.
    report : Report
        Takes the problems.
    plans : GeoDataFrame, optional
        The areas of development plans, where they are read already.

    Returns
    -------
    dict of str to DataFrame
        As `geo_bosoc.follow_up.persons.linked_disclosure.suppress_linked`; empty with errors in `report`.
    """
    follow_up = project.spec.follow_up or FollowUpPart()
    part, inputs = follow_up.link, analysis.inputs
    population = population_name(inputs.specs)
    if population is None or inputs.specs[population].id is None or population not in analysis.labels:
        report.error(
            "persons are linked over years by the key of the population, and no register has role and id.",
            key="follow_up.link.years",
            hint='Give the register that says who lives where role = "population" and id = "...".',
        )
        return {}
    overlays = _points_in_plans(project, inputs, analysis.labels[population], plans)
    origins = _origins(project, part, inputs, overlays, report)
    days = _status_days(analysis, population)
    # of one period nobody is linked, and nobody has died since
    deaths = read_deaths(part.deaths, project.root, report) if len(analysis.results.periods) > 1 else None
    if deaths is not None and len(days) < len(analysis.results.periods):
        report.error(
            "a status date is needed to know who was dead by then.",
            key=f"registers.{population}.status_date",
            hint='Write status_date = "{year}-01-01".',
        )
    if report.errors:
        return {}
    linked = link_persons(
        _registers(project, inputs, analysis.labels, population, overlays),
        population,
        inputs.indicators,
        names=list(inputs.registers),
        parameters=inputs.parameters,
        ids=id_columns(inputs.specs),
        trait=TENURE,
        birth_date=inputs.specs[population].birth_date,
        days=days,
        deaths=deaths,
    )
    _warn_unlike_keys(part, linked, report)
    pairs = [
        pair
        for pair in period_pairs(analysis.results.periods, follow_up.years)
        if set(pair) <= set(linked.periods)
    ]
    plain = [use.model.id for use in inputs.uses if not use.origin]
    frames = linked_frames(linked, analysis.results, pairs, origins, without_origin=plain)
    return suppress_linked(frames, published)


def _status_days(analysis: Analysis, population: str) -> dict[str, date]:
    """The status date of each period that was read of the population."""
    spec = analysis.inputs.specs[population]
    periods = {part.period for part in analysis.inputs.parts[population]} | {*analysis.results.periods}
    texts = {period: spec.status_date_of(period) for period in sorted(filter(None, periods))}
    return {period: date.fromisoformat(text) for period, text in texts.items() if text is not None}


def read_deaths(part: DeathsPart | None, folder: Path, report: Report) -> pl.LazyFrame | None:
    """Read who died, and when.

    Parameters
    ----------
    part : DeathsPart or None
        Names the files.
    folder : Path
        Where relative paths start.
    report : Report
        Takes the problems.

    Returns
    -------
    LazyFrame or None
        ``person`` (as the population has it, person numbers hashed) and ``day`` (null: not known); None where no files
        say it, or with errors in `report`.
    """
    if part is None:
        return None
    problems = Report()
    rows = read_register(part.register, columns=[part.person], folder=folder, report=problems)
    is_date = problems.errors or part.day is None or rows.collect_schema()[part.day] in (pl.Date, pl.Null)
    if not is_date:
        name = Path(part.register.paths[0]).name
        problems.error(
            "these are no dates.", file=name, column=part.day, hint="Write 2024-01-31 or 31-01-2024."
        )
    keys = [f"{DEATHS}.{each.key}" if each.key else DEATHS for each in problems.problems]
    add_problems(report, [replace(each, key=key) for each, key in zip(problems.problems, keys, strict=True)])
    if problems.errors:
        return None
    day = pl.lit(None, pl.Date) if part.day is None else pl.col(part.day).cast(pl.Date)
    return rows.select(pl.col(part.person).alias("person"), day.alias("day")).drop_nulls("person")


def _warn_unlike_keys(part: LinkPart, linked: LinkedPersons, report: Report) -> None:
    """Warn where none of the dead was ever in the population: the two hardly have the same key."""
    if part.deaths is None or linked.deaths is None:
        return
    dead = linked.deaths["person"].implode()
    if not any(persons["person"].is_in(dead).any() for persons in linked.persons.values()):
        report.warn(
            "none of the dead was ever in the population: deaths are told as moves.",
            key=DEATHS,
            column=part.deaths.person,
            hint="Is this the key that the population has, and does where leave rows?",
        )


def _registers(
    project: Project,
    inputs: Inputs,
    labels: Mapping[str, Labels],
    population: str,
    overlays: pl.DataFrame | None,
) -> dict[str, PersonRegister]:
    """The population, and the registers that take their homes from it."""
    registers = {}
    for name, parts in inputs.parts.items():
        keyed = project.spec.registers[register_of(name)].place == "person"
        if name not in labels or (name != population and not keyed):
            continue
        rows = by_period([(part.frame, part.period) for part in parts])
        person = str(inputs.specs[name].id) if name == population else "person_id"
        if name == population:
            rows = _with_tenure(project, inputs, rows)
        registers[name] = PersonRegister(rows, person, labels[name], overlays)
    return registers


def _with_tenure(project: Project, inputs: Inputs, rows: dict[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """The population with the tenure of each home, where ``[balance]`` has dwellings and the key to them.

    The tenure is that of the last period whose dwellings were read, so that only who moves changes it.
    """
    part = project.spec.balance
    if part is None or part.home is None or part.dwellings not in inputs.frames:
        return rows
    if not all(part.home in frame.collect_schema() for frame in rows.values()):
        return rows
    spec, dwellings = project.spec.registers[part.dwellings], inputs.frames[part.dwellings]
    names = {spec.id: "dwelling_id", part.letting_status: "letting"}
    present = dwellings.collect_schema()
    renamed = {old: new for old, new in names.items() if old in present and old != new and old}
    dwellings = dwellings.rename(renamed).filter(pl.col("period") == pl.col("period").max())
    codes = load_codes(project.root / part.codes if part.codes.endswith(".toml") else part.codes)
    group = pl.col("group")
    tenure = pl.when(group.str.starts_with("social")).then(pl.lit("social")).otherwise(group)
    homes = (
        dwelling_groups(dwellings, codes, kind=part.kind or "")
        .select(pl.col("dwelling_id").alias(part.home), tenure.alias(TENURE))
        .unique(part.home, keep="first", maintain_order=True)
        .collect(engine="streaming")
    )
    return {
        period: frame.join(homes.lazy(), on=part.home, how="left", maintain_order="left")
        for period, frame in rows.items()
    }


def _points_in_plans(
    project: Project, inputs: Inputs, labels: Labels, plans: gpd.GeoDataFrame | None
) -> pl.DataFrame | None:
    """The points that lie in an area with a development plan: the points' keys, and ``area_id``."""
    part = project.spec.balance
    if plans is None:
        if part is None or part.development_plans is None:
            return None
        plans = read_areas(project.root / part.development_plans, report=Report())
    keys = [name for name in labels.keys if name != "period"]
    points = inputs.addresses if keys == ["address_id"] else labels.points.select(keys).unique().sort(keys)
    if points is None:
        return None
    located = locate(points, plans, on=keys, report=Report())
    return (
        located.with_columns(pl.col("area_id").cast(pl.String)).drop_nulls("area_id").select(*keys, "area_id")
    )


def _origins(
    project: Project, part: LinkPart, inputs: Inputs, overlays: pl.DataFrame | None, report: Report
) -> dict[str, Collection[str]]:
    """By name, the areas of which it is followed where people went: areas, development plans, groups of areas."""
    plans = [] if overlays is None else overlays["area_id"].unique().sort().to_list()
    areas_of: dict[str, Collection[str]] = dict(project.spec.groups)
    areas_of |= {str(area): [str(area)] for area in (*inputs.areas["area_id"], *plans)}
    for name in part.origins:
        if name not in areas_of:
            report.error(
                phrase('there is no area "{area}".', area=name),
                key="follow_up.link.origins",
                hint=did_you_mean(name, list(areas_of)),
            )
    return {name: areas_of[name] for name in part.origins or plans if name in areas_of}
