"""The study of balance from a project file: dwellings and plans in, findings out, files written together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.balance.allocation import allocate_vacancies
from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.dwellings import dwelling_groups, residents_by_tenure
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.rule_lists import ShareRule
from geo_bosoc.balance.rules import dispensation, share_rule
from geo_bosoc.balance.scenarios import compliance_probability, compliance_year, scenario
from geo_bosoc.balance.segregation.indices import diversity, mixed_inside
from geo_bosoc.balance.segregation.multiscale import neighbour_contrast, segregation_at_scales
from geo_bosoc.balance.spec import BalancePart
from geo_bosoc.balance.tenure import family_counts, tenure_mix
from geo_bosoc.balance.what_if import minimum_changes, what_if_indicators
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.indicators import count_indicators
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.locate.join import join_areas, locate
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import RESIDENTS, Inputs
from geo_bosoc.project.reading import read_inputs
from geo_bosoc.project.requests import id_columns, request_of_balance
from geo_bosoc.project.results import sources_of
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.studies.balance_inputs import (
    PLAN_KIND,
    Tables,
    last_period,
    pass_warnings_on,
    places_of_areas,
    read_balance,
    with_blocks,
)
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.text.catalogue import Language, as_language

GROUPS: Final = tuple(str(tenure) for tenure in TENURES)
ASSUMED_BAND: Final = (20.0, 40.0)
"""Per cent of social dwellings that count as mixed where nobody says otherwise: an assumption."""


def study_balance(
    project: str | Path | Project,
    *,
    inputs: Inputs | None = None,
    period: str | None = None,
    language: str | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BalanceResults:
    """Everything about the mix of tenures, now and under the projects, on true counts; nothing is written.

    Parameters
    ----------
    project : str, Path or Project
        A project file with a table ``[balance]``, its folder, or a loaded `Project`.
    inputs : Inputs, optional
        What a run has read (`read_inputs`, with `request_of_balance`); read here if left out.
    period : str, optional
        Of the dwellings; by default the last one of the run.
    language : {"da", "en"}, optional
        Instead of the project's.
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        There is no ``[balance]``, or anything is wrong with it or the files: all problems at once.
    """
    study_report = report if report is not None else Report()
    steps = progress or Silent()
    loaded = project if isinstance(project, Project) else load_project(project)
    part = loaded.spec.balance
    if part is None:
        hint = "Add [balance] with dwellings, plans and horizon; docs/planner.md shows one."
        problem = Problem("error", "the project has no [balance].", file=loaded.file.name, hint=hint)
        raise InputError([problem])
    steps.step("reading dwellings, areas and plans", 1, 5)
    if inputs is None:
        reading_report = Report()
        requests = (request_of_balance(loaded),)
        inputs = read_inputs(loaded, reading_report, periods=(period,) if period else (), requests=requests)
        pass_warnings_on(reading_report, study_report)
    period = period or last_period(loaded, inputs)
    balance_inputs = read_balance(loaded, part, inputs, period, study_report)
    codes, rules, rule = balance_inputs.codes, balance_inputs.rules, balance_inputs.rule
    areas, tables = balance_inputs.areas, balance_inputs.tables
    dwellings, addresses = balance_inputs.dwellings, balance_inputs.addresses
    projects, start = balance_inputs.projects, int(period[:4])
    steps.step("counting dwellings", 2, 5)
    located = locate(addresses, areas, overlap=True, report=Report())
    mix = tenure_mix(dwellings, tables.estates, codes, located=located, areas=list(areas["area_id"]),
                     kind=part.kind or "", report=study_report)  # fmt: skip
    study_report.raise_errors()
    steps.step("measuring segregation", 3, 5)
    own_areas = areas[areas["kind"] != PLAN_KIND]
    homes = _homes(dwellings, codes, part.kind or "", addresses, locate(addresses, own_areas, overlap=False,
                                                                       report=Report()))  # fmt: skip
    band = part.band or ASSUMED_BAND
    wide = _by_tenure(mix, period)
    scales = segregation_at_scales(homes, GROUPS, cell_sizes=part.cells, ks=part.nearest, report=study_report)
    blocks = with_blocks(homes, located, part.block)
    steps.step("reckoning the projects year by year", 4, 5)
    stock = _stock(mix, wide, tables.facts, period)
    years = scenario(stock, projects, start=start, horizon=part.horizon, report=study_report)
    due = list(areas.loc[areas["plan"], "area_id"])
    options = {"count_demolished": part.count_demolished, "count_business": part.count_business}
    ruled = _share_rules(years[years["area_id"].isin(due)], rule, options)
    stock_due = stock[stock["area_id"].isin(due)]
    steps.step("residents, letting and what if", 5, 5)
    ifs, counts = _what_if(inputs, dwellings, codes, part, addresses, located, wide, projects, period, start)
    return BalanceResults(
        name=loaded.spec.project.name,
        language=_language(language, loaded),
        made_up=loaded.spec.project.made_up,
        municipality=loaded.spec.project.municipality,
        areas=areas,
        places=places_of_areas(inputs.areas, areas),
        context=_context(inputs, part),
        backdrop=inputs.backdrop,
        period=period,
        start=start,
        horizon=part.horizon,
        rule=rule,
        count_demolished=part.count_demolished,
        count_business=part.count_business,
        band=band,
        band_assumed=part.band is None,
        codes=codes,
        register=part.dwellings,
        source=loaded.spec.registers[part.dwellings].source or codes.source,
        status_date=loaded.spec.registers[part.dwellings].status_date_of(period),
        sources=_sources(inputs, loaded, part, counts, ifs, period, _language(language, loaded)),
        mix=mix,
        diversity=diversity(wide.rename(columns={"dwellings": "total_dwellings"}), GROUPS),
        scales=scales,
        inside=mixed_inside(blocks, GROUPS, "social", band),
        neighbours=neighbour_contrast(own_areas, wide, "social", GROUPS),
        projects=projects,
        years=years,
        rules=ruled,
        compliance=compliance_year(ruled)
        if len(ruled)
        else pd.DataFrame(columns=["area_id", "variant", "kept_from"]),
        chances=compliance_probability(stock_due, projects, rule, start=start, year=part.horizon, **options),
        minimum_change=minimum_changes(years[years["area_id"].isin(due)], rule, **options),
        dispensations=_dispensations(stock_due, mix, tables.facts, period),
        residents=_residents(inputs, loaded, part, dwellings, codes, located, period, study_report),
        what_if=ifs,
        what_if_labels={
            indicator.id: indicator.label(_language(language, loaded)) for indicator in inputs.shown
        },
        allocation=_allocation(tables, counts, rules.ladder_of(part.ladder), part, study_report),
        ladder=rules.ladder_of(part.ladder) if tables.letting is not None else None,
        outside_indicator=part.indicator,
        report=study_report,
    )


def _language(language: str | None, project: Project) -> Language:
    return as_language(language or project.spec.project.language)


def _context(inputs: Inputs, part: BalancePart) -> dict[str, gpd.GeoDataFrame]:
    outline = {"municipality": inputs.outline} if inputs.outline is not None else {}
    return {**outline, **{name: layer for name, layer in inputs.context.items() if name != part.areas}}


def _homes(
    dwellings: pl.LazyFrame, codes: Any, kind: str, addresses: pl.DataFrame, located: pl.DataFrame
) -> pd.DataFrame:
    """Dwellings by tenure at each address."""
    groups = dwelling_groups(dwellings, codes, kind=kind)
    tenure = (
        pl.when(pl.col("group").str.starts_with("social")).then(pl.lit("social")).otherwise(pl.col("group"))
    )
    counted = (
        groups.group_by("address_id").agg([(tenure == name).sum().cast(pl.Int64).alias(name) for name in GROUPS])
        .collect(engine="streaming")
    )  # fmt: skip
    homes = (
        counted.join(addresses.select("address_id", "x", "y"), on="address_id", how="left")
        .join(located.with_columns(pl.col("area_id").cast(pl.String)), on="address_id", how="left")
        .sort("address_id")
    )
    return pd.DataFrame({name: homes[name].to_numpy() if name in ("x", "y", *GROUPS) else homes[name].to_list()
                         for name in homes.columns})  # fmt: skip


def _by_tenure(mix: pd.DataFrame, period: str) -> pd.DataFrame:
    """Tenures side by side, an area a row (the whole among them)."""
    rows = mix[(mix["dimension"] == "tenure") & (mix["period"] == period)]
    wide = rows.pivot_table(index="area_id", columns="category", values="dwellings", aggfunc="sum", sort=True)
    wide = wide.reindex(columns=list(GROUPS), fill_value=0).astype("int64").reset_index()
    return wide.assign(dwellings=wide[list(GROUPS)].sum(axis=1))


def _stock(mix: pd.DataFrame, wide: pd.DataFrame, facts: pd.DataFrame | None, period: str) -> pd.DataFrame:
    family = family_counts(mix[mix["period"] == period])[["area_id", "family_low", "family_high"]]
    stock = wide[wide["area_id"] != MUNICIPALITY].merge(family, on="area_id")
    if facts is None:
        return stock.assign(demolished=0, business_m2=0)
    columns = [name for name in ("demolished", "business_m2") if name in facts.columns]
    return stock.merge(facts[["area_id", *columns]], on="area_id", how="left")


def _share_rules(years: pd.DataFrame, rule: ShareRule, options: Mapping[str, bool]) -> pd.DataFrame:
    if years.empty:
        return pd.DataFrame(columns=["area_id", "variant", "year", "met"])
    outcomes = share_rule(years.assign(low=years["family_low"], high=years["family_high"])
                      if rule.counts == "family" else years.assign(low=years["social"], high=years["social"]),
                      rule, **options)  # fmt: skip
    return outcomes.assign(year=years["year"].to_numpy(), variant=years["variant"].to_numpy()).drop(
        columns="period"
    )


def _dispensations(
    stock: pd.DataFrame, mix: pd.DataFrame, facts: pd.DataFrame | None, period: str
) -> pd.DataFrame:
    counts = family_counts(mix[mix["period"] == period])
    least, most = (
        int(counts.loc[counts["area_id"] == MUNICIPALITY, name].sum())
        for name in ("family_low", "family_high")
    )
    by_area = {} if facts is None else facts.set_index("area_id").to_dict("index")
    rows = []
    for row in stock.to_dict("records"):
        area_facts: dict[Any, Any] = dict(by_area.get(row["area_id"], {}))
        facts_given: dict[str, Any] = {
            name: None
            if pd.isna(area_facts[name])
            else int(area_facts[name])
            if name == "residents"
            else bool(area_facts[name])
            for name in ("new_building_suffices", "sale_at_a_loss", "residents", "conviction_met")
            if name in area_facts
        }
        facts_said, missing = dispensation(
            (int(row["family_low"]), int(row["family_high"])),
            (least, most),
            **facts_given,
        )
        rows.append((row["area_id"], facts_said, ", ".join(missing)))
    return pd.DataFrame(rows, columns=["area_id", "facts", "missing"])


def _population(project: Project, part: BalancePart) -> tuple[str, RegisterSpec] | None:
    name = part.population or next(
        (key for key, spec in project.spec.registers.items() if spec.role == "population"), None
    )
    return None if name is None else (name, project.spec.registers[name])


def _residents(
    inputs: Inputs, project: Project, part: BalancePart, dwellings: pl.LazyFrame, codes: Any, located: pl.DataFrame,
    period: str, report: Report,
) -> pd.DataFrame:  # fmt: skip
    population = _population(project, part)
    if population is None:
        return pd.DataFrame(columns=["area_id", "period", "group", "residents"])
    name, _ = population
    persons = inputs.registers.get(name)
    if part.home is not None:
        persons = inputs.frames[name]
        places = [column for column in ("address_id", "x", "y") if column in persons.collect_schema()]
        persons = persons.select("period", *places, pl.col(part.home).alias("dwelling_id"))
    if persons is None:
        return pd.DataFrame(columns=["area_id", "period", "group", "residents"])
    rows = persons.filter(pl.col("period") == period)
    return residents_by_tenure(rows, dwellings, codes, located=located, kind=part.kind or "", report=report)


def _what_if(
    inputs: Inputs, dwellings: pl.LazyFrame, codes: Any, part: BalancePart, addresses: pl.DataFrame,
    located: pl.DataFrame, wide: pd.DataFrame, projects: pd.DataFrame, period: str, start: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """The "if" indicators of the areas that projects touch, and the counts of the assessed areas today."""
    by_address = [name for name in inputs.registers if inputs.specs[name].place == "address"]
    used: dict[str, set[str]] = {}
    for counted_part in make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs)):
        used.setdefault(counted_part.indicator.id, set()).add(counted_part.register)
    by_address_only = [
        indicator
        for indicator in inputs.indicators
        if used.get(indicator.id, {""}) <= set(by_address) and indicator.unit != "count"
    ]
    names = sorted({name for indicator in by_address_only for name in used[indicator.id]})
    if not by_address_only:
        return pd.DataFrame(), pd.DataFrame()
    groups = dwelling_groups(dwellings, codes, kind=part.kind or "").collect(engine="streaming")
    group_of_address = groups.group_by("address_id").agg(
        pl.when(pl.col("group").n_unique() == 1).then(pl.col("group").first())
        .when(pl.col("group").str.starts_with("social").all()).then(pl.lit("social")).alias("area_id")
    ).drop_nulls()  # fmt: skip
    places = {
        "group": group_of_address,
        "area": located.with_columns(pl.col("area_id").cast(pl.String)),
        "assessed": locate(addresses, inputs.areas, overlap=True, report=Report()).with_columns(
            pl.col("area_id").cast(pl.String)
        ),
    }
    counts = {
        key: _without_unknown(count_indicators(
            {name: join_areas(inputs.registers[name], place, on="address_id") for name in names}, by_address_only,
            parameters=inputs.parameters, areas=sorted(set(place["area_id"].to_list())), periods=[period],
            ids=id_columns(inputs.specs), report=Report(),
        ))
        for key, place in places.items()
    }  # fmt: skip
    dwellings_by_group = (
        groups.join(group_of_address, on="address_id")
        .group_by("area_id")
        .agg(pl.len().cast(pl.Int64).alias("dwellings"))
    )
    columns = {"group": "area_id", "dwellings": "dwellings"}
    stood = pd.DataFrame({name: dwellings_by_group[column].to_list() for name, column in columns.items()})
    touched = counts["area"][counts["area"]["area_id"].isin(set(projects["area_id"]))]
    shown = {indicator.id for indicator in inputs.shown}
    ifs = what_if_indicators(
        touched[touched["indicator"].isin(shown)], counts["group"].rename(columns={"area_id": "group"}), stood,
        wide[["area_id", "dwellings"]], projects, start=start, horizon=part.horizon,
    )  # fmt: skip
    scale = {indicator.id: indicator.scale for indicator in by_address_only}
    for name in ("value_now", "value_if") if len(ifs) else ():
        ifs[name] = ifs[name] / ifs["indicator"].map(scale)
    return ifs, counts["assessed"]


def _without_unknown(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with those of unknown status taken out of the base."""
    frame = counts[["area_id", "period", "indicator", "numerator", "denominator", "unknown", "data_period"]]
    return frame.assign(denominator=frame["denominator"] - frame["unknown"])


def _sources(
    inputs: Inputs, project: Project, part: BalancePart, counts: pd.DataFrame, ifs: pd.DataFrame, period: str,
    language: Language,
) -> pd.DataFrame:  # fmt: skip
    """Where the figures of the internal set come from: the "if" indicators, the one behind letting, the residents."""
    indicators = {part.indicator} if part.letting is not None else set()
    indicators |= set(ifs["indicator"]) if len(ifs) else set()
    of_indicators = (
        sources_of(inputs, counts[counts["indicator"].isin(indicators)], language)
        if indicators and len(counts)
        else None
    )
    population = _population(project, part)
    rows = []
    if population is not None:
        name, spec = population
        rows.append((RESIDENTS, period, name, period, spec.status_date_of(period), spec.source))
    people = pd.DataFrame(rows, columns=list(SOURCE_COLUMNS))
    return people if of_indicators is None else pd.concat([of_indicators, people], ignore_index=True)


def _allocation(
    tables: Tables, counts: pd.DataFrame, ladder: Any, part: BalancePart, report: Report
) -> pd.DataFrame:
    if tables.letting is None:
        return pd.DataFrame()
    outside = counts[counts["indicator"] == part.indicator] if len(counts) else counts
    if outside.empty:
        text = phrase('the indicator "{name}" is not counted in this project.', name=part.indicator)
        report.error(text, key="balance.indicator", hint="Name it under [indicators], or name another one.")
        report.raise_errors()
    assigned_counts = outside.rename(
        columns={"area_id": "estate_id", "numerator": "outside", "denominator": "base"}
    )
    estates = tables.letting.merge(
        assigned_counts[["estate_id", "outside", "base"]], on="estate_id", how="left"
    )
    return allocate_vacancies(estates, ladder, general_every=part.every, report=report)
