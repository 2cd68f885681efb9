"""The bottom-up study from a project file: nominations and registers in, findings on true counts out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from geo_bosoc.bottom_up import core_of, false_discovery, join_places, local_statistic
from geo_bosoc.bottom_up.at_risk import at_risk
from geo_bosoc.bottom_up.findings import BottomUpFindings, CriterionWord
from geo_bosoc.bottom_up.merge import merge_places
from geo_bosoc.bottom_up.nominations import Nominations, read_nominations
from geo_bosoc.bottom_up.presence import municipal_presence
from geo_bosoc.bottom_up.services import Service, load_services
from geo_bosoc.bottom_up.stability import place_stability
from geo_bosoc.bottom_up.verify import verify
from geo_bosoc.findings import Findings
from geo_bosoc.grid import grid_means
from geo_bosoc.indicators import Indicator, compute_parameters, count_indicators, load_indicators
from geo_bosoc.indicators.spec import Side
from geo_bosoc.locating import locate
from geo_bosoc.models import load_model
from geo_bosoc.predicates import predicate_columns
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.bottom_up_sources import bottom_up_sources
from geo_bosoc.project.bottom_up_spec import BottomUpPart
from geo_bosoc.project.reading import id_columns, read_registers
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.protect.small_numbers import small
from geo_bosoc.registers import read_register

_ORIGIN: Final = re.compile(r"origin|non_western|herkomst|ikke_vestlig")
_UNITS: Final = {
    "da": ("dagtilbud", "skole", "socialpsykiatri", "ældrepleje", "SSP", "jobcenter", "sundhedspleje", "bibliotek",
           "boligorganisation", "familieafdeling", "politi", "hjemmepleje", "ungdomsskole", "klub"),
    "en": ("day care", "school", "social psychiatry", "elderly care", "SSP", "job centre", "health visitors", "library",
           "housing organisation", "family department", "police", "home care", "youth school", "youth club"),
}  # fmt: skip
_OTHER: Final = {"da": "en anden enhed", "en": "another unit"}
_ID: Final = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{1,20}")


@dataclass(frozen=True)
class _Town:
    """Who lives where: `addresses` (`address_id, x, y, residents, households, street, estate`), persons and cases."""

    addresses: pd.DataFrame
    units: pd.DataFrame
    persons: pd.DataFrame
    cases: pd.DataFrame


def find_bottom_up(
    project: str | Path | Project,
    found: Findings,
    *,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BottomUpFindings:
    """Named and found places of the last period with what the registers say of them; nothing is written.

    Parameters
    ----------
    project : a project file with a table ``[bottom_up]``, its folder, or a loaded `Project`.
    found : what the yearly run finds (`geo_bosoc.project.find`): areas, categories and the indicator table.

    Raises
    ------
    InputError
        There is no ``[bottom_up]``, or anything is wrong with it or the files.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    loaded = project if isinstance(project, Project) else load_project(project)
    part = loaded.spec.bottom_up
    if part is None:
        hint = (
            "Add [bottom_up] with nominations and the columns of your registers; docs/bottom_up.md shows one."
        )
        raise InputError(
            [Problem("error", "the project has no [bottom_up].", file=loaded.file.name, hint=hint)]
        )
    period = found.periods[-1]
    services = load_services(loaded.root / part.services if part.services else None)
    steps.step("reading residents and cases", 1, 4)
    indicator = _indicator(loaded, part)
    town = _town(loaded, part, indicator, services, period, found, own)
    exclude = {*part.exclude_addresses, *loaded.spec.places.not_homes}
    steps.step("matching nominations", 2, 4)
    nominations = _nominations(loaded, part, town, found, own)
    steps.step("finding places that nobody named", 3, 4)
    if part.barriers and part.barriers not in found.context:
        own.error(
            f"there is no [boundaries.{part.barriers}].", key="bottom_up.barriers", file=loaded.file.name
        )
    own.raise_errors()
    barriers = found.context.get(part.barriers) if part.barriers else None
    local = local_statistic(
        town.addresses, town.units, part.k, permutations=part.permutations, seed=part.seed,
        barriers=barriers, report=own,
    )  # fmt: skip
    flagged = false_discovery(local["p"], part.rate)
    members = _members(local, flagged, town, part, exclude, own)
    places, homes = merge_places(
        nominations, members, addresses=town.addresses, areas=found.areas, exclude=exclude,
        least_households=part.least_households, report=own,
    )  # fmt: skip
    places = _with_sizes(places, homes, town.addresses)
    steps.step("verifying", 4, 4)
    estates = locate(pl.from_dict(_columns(town.addresses[["address_id", "x", "y"]])), found.areas, overlap=True,
                     report=Report())  # fmt: skip
    references = pd.DataFrame({"place_id": [str(one) for one in estates["area_id"].to_list()],
                               "address_id": estates["address_id"].to_list()})  # fmt: skip
    stability = place_stability(
        town.addresses,
        town.units,
        local,
        flagged,
        homes,
        distance=part.distance,
        barriers=barriers,
        seed=part.seed,
    )
    criteria = str(loaded.root / part.criteria) if part.criteria.endswith(".toml") else part.criteria
    model = load_model(criteria)
    checked = verify(
        places, homes, town.cases, town.persons, criteria=model, references=references if len(references) else None,
        services=services, stability=stability, draws=part.draws, seed=part.seed, report=own,
    )  # fmt: skip
    own.raise_errors()
    profiles = tuple(one for one in found.indicators if not _ORIGIN.search(one.id))
    return BottomUpFindings(
        name=found.name,
        language=found.language,
        made_up=found.made_up,
        municipality=found.municipality,
        period=period,
        context=found.context,
        places=places,
        nominations=_nominated(nominations, part, found.language, services),
        unsettled=_unsettled(nominations),
        verdicts=checked.verdicts,
        evidence=checked.evidence,
        criteria={one.key: CriterionWord(one.label_da, one.label_en, one.unit) for one in model.criterion},
        presence=municipal_presence(town.cases, town.persons, homes, services),
        at_risk=at_risk(found.table, _flagged(found, period), profiles, period=period, report=own),
        areas=found.areas,
        surface=_surface(local, town, part, exclude, loaded.spec.protect.minimum),
        indicator=indicator,
        indicators=found.indicators,
        k=_surface_k(part),
        least_households=part.least_households,
        sources=bottom_up_sources(loaded, part, indicator, found, period),
        report=own,
    )


def _indicator(project: Project, part: BottomUpPart) -> Indicator:
    """The one that places are found by: it counts persons once each, and is not about origin."""
    spec = project.spec.indicators
    own = Report()
    indicator = load_indicators([part.indicator], file=spec.file, base=project.root, report=own)
    own.raise_errors()
    one = next((each for each in indicator if each.id == part.indicator), None)
    text = str(one.model_dump()) if one else ""
    if one is None or one.unit == "count" or one.mean_of or one.weight or one.scale != 1:
        own.error("places are found by an indicator that counts persons.", key="bottom_up.indicator")
    elif one.pool_years > 1:
        own.error("pools several years; places are found in one.", key="bottom_up.indicator")
    elif _ORIGIN.search(text):
        own.error("residents' origin is not used to find places.", key="bottom_up.indicator")
    own.raise_errors()
    assert one is not None
    return one


def _town(
    project: Project, part: BottomUpPart, indicator: Indicator, services: tuple[Service, ...], period: str,
    found: Findings, report: Report,
) -> _Town:  # fmt: skip
    specs = project.spec.registers
    for key, name in (("population", part.population), ("cases", part.cases)):
        if name not in specs:
            report.error(f"there is no [registers.{name}].", key=f"bottom_up.{key}", file=project.file.name)
    report.raise_errors()
    person = specs[part.population].id
    if person is None:
        report.error(
            "needs id: the persons' key.", key=f"registers.{part.population}", file=project.file.name
        )
        report.raise_errors()
    assert person is not None
    columns = {
        person,
        "age",
        *(name for one in services if one.eligible for name in predicate_columns(one.eligible)),
    }
    columns |= {part.home} if part.home else set()
    in_cases = {part.service, *({part.person} if part.person else ())}
    asked = [_asking(part.population, columns), _asking(part.cases, in_cases), indicator]
    quiet = Report()
    read = read_registers(project, asked, (period,), quiet)
    quiet.raise_errors()
    report.problems += [one for one in quiet.warnings if one not in report.problems]
    if read.addresses is None:
        report.error("homes are placed by address, and there is no address table.", key="bottom_up")
        report.raise_errors()
    assert read.addresses is not None
    people = read.frames[part.population].filter(
        (pl.col("period") == period) & pl.col("address_id").is_not_null()
    )
    home = part.home or "address_id"
    parameters = compute_parameters(read.frames, project.spec.parameters, report=report)
    ids = id_columns(read.specs)
    counted = count_indicators(
        {part.population: people.with_columns(area_id=pl.col(home).cast(pl.String))}, [indicator],
        parameters=parameters, periods=[period], ids=ids, report=report,
    )  # fmt: skip
    report.raise_errors()
    wanted = sorted({"address_id", *columns})
    persons = people.select(wanted).unique(subset=[person], keep="first", maintain_order=True).collect()
    cases = read.frames[part.cases].filter(pl.col("period") == period)
    there = [name for name in ("address_id", part.person) if name and name in cases.collect_schema().names()]
    listed = _pandas(cases.select(part.service, *there).collect()).rename(
        columns={part.service: "service", part.person or "": "person_id"}
    )
    frame = _pandas(persons).rename(columns={person: "person_id"})
    addresses = _addresses(project, part, read.addresses, frame, home if part.home else None, found, report)
    frame = frame[frame["address_id"].isin(set(addresses["address_id"]))]
    at = frame.drop_duplicates(home).set_index(home)["address_id"]
    units = counted.assign(
        address_id=counted["area_id"].map(at if part.home else dict(zip(at.index, at.index, strict=True))),
        at_risk=(counted["denominator"] - counted["unknown"]).astype("int64"),
        cases=counted["numerator"].astype("int64"),
    )
    units = units[(units["at_risk"] > 0) & units["address_id"].notna()][["address_id", "at_risk", "cases"]]
    return _Town(addresses, units.reset_index(drop=True), frame.reset_index(drop=True), listed)


def _asking(register: str, columns: set[str]) -> Indicator:
    """An indicator that counts nothing of interest, and has these columns read."""
    where = " OR ".join(f"{name} IS NULL" for name in sorted(columns))
    side = Side.model_validate({"register": register, "where": where})
    return Indicator(id=f"read_{register.lower()}", label_da="", label_en="", unit="count", denominator=side)


def _addresses(
    project: Project, part: BottomUpPart, table: pl.DataFrame, persons: pd.DataFrame, home: str | None,
    found: Findings, report: Report,
) -> pd.DataFrame:  # fmt: skip
    """Every address with coordinates: residents, households, and the names of its street and estate."""
    base = _pandas(table.select("address_id", "x", "y")).dropna(subset=["x", "y"]).reset_index(drop=True)
    name, spec = next((key, one) for key, one in project.spec.registers.items() if one.unit == "address")
    named = {"street": part.street, "number": part.number, "estate_id": part.estate}
    asked = {key: column for key, column in named.items() if column}
    if asked and spec.format is None:
        more = read_register(
            spec, columns=sorted(asked.values()), base=project.root, report=report, name=name
        )
        texts = _pandas(
            more.select("address_id", *asked.values()).unique("address_id", keep="first").collect()
        )
        base = base.merge(texts.rename(columns={column: key for key, column in asked.items()}), on="address_id",
                          how="left")  # fmt: skip
    living = persons.groupby("address_id").size()
    homes = persons.groupby("address_id")[home].nunique() if home else living.clip(upper=1)
    inside = locate(
        pl.from_dict(_columns(base[["address_id", "x", "y"]])), found.areas, overlap=False, report=Report()
    )
    names = dict(zip(found.areas["area_id"].astype(str), found.areas["name"], strict=True))
    estate = {a: names[str(b)] for a, b in zip(inside["address_id"].to_list(), inside["area_id"].to_list(), strict=True)
              if b is not None}  # fmt: skip
    return base.assign(
        residents=base["address_id"].map(living).fillna(0).astype("int64"),
        households=base["address_id"].map(homes).fillna(0).astype("int64"),
        estate=base["address_id"].map(estate),
    )


def _nominations(
    project: Project, part: BottomUpPart, town: _Town, found: Findings, report: Report
) -> Nominations | None:
    if part.nominations is None:
        return None
    columns = [
        name for name in ("address_id", "x", "y", "street", "number", "estate_id") if name in town.addresses
    ]
    own = Report()
    read = read_nominations(
        project.root / part.nominations, areas=found.areas, addresses=town.addresses[columns],
        settled=project.root / part.settled if part.settled else None, columns=part.nomination_columns, report=own,
    )  # fmt: skip
    own.settle(report)
    report.raise_errors()
    return read


def _members(
    local: pd.DataFrame,
    flagged: NDArray[np.bool_],
    town: _Town,
    part: BottomUpPart,
    exclude: set[str],
    report: Report,
) -> pd.DataFrame:
    """`address_id, place_id` of the places that nobody had to name."""
    core = core_of(local, flagged)
    near = local[local["k"] == local["k"].min()]
    ids = set(near.loc[core, "address_id"]) - exclude
    homes = town.addresses[town.addresses["address_id"].isin(ids)]
    return join_places(homes, distance=part.distance, report=report)


def _with_sizes(places: gpd.GeoDataFrame, homes: pd.DataFrame, addresses: pd.DataFrame) -> gpd.GeoDataFrame:
    """With how many homes (addresses), households and residents each place has."""
    living = homes.merge(addresses[["address_id", "households", "residents"]], on="address_id", how="left")
    sums = living.groupby("place_id").agg(
        homes=("address_id", "size"), households=("households", "sum"), residents=("residents", "sum")
    )
    sized = places.reset_index(drop=True)
    for name in sums.columns:
        sized[name] = sized["place_id"].map(sums[name]).fillna(0).astype("int64")
    return sized


def _nominated(
    nominations: Nominations | None, part: BottomUpPart, language: str, services: tuple[Service, ...]
) -> pd.DataFrame:
    """`place_id, unit, date` of the nominations that mean a place. A unit that is not known by name may be free text,
    and is told as another unit."""
    if nominations is None:
        return pd.DataFrame(columns=["place_id", "unit", "date"])
    known = {name.casefold(): name for name in part.units}
    here = _UNITS[language]
    for names in _UNITS.values():
        known |= {name.casefold(): told for name, told in zip(names, here, strict=True)}
    for one in services:
        known |= {text.casefold(): one.id for text in (one.id, one.label_da, one.label_en)}
    rows = nominations.rows[nominations.rows["place_id"] != ""]
    units = [known.get(str(unit).replace("_", " ").casefold(), known.get(str(unit).casefold(), _OTHER[language]))
             for unit in rows["unit"]]  # fmt: skip
    told = rows[["place_id"]].assign(unit=units, date=rows["date"].astype(str))
    return told.sort_values(["place_id", "unit", "date"], ignore_index=True)


def _unsettled(nominations: Nominations | None) -> pd.DataFrame:
    """The candidates for a person to settle. Ids that may be text, and doors, are left out."""
    columns = ["nomination_id", "row", "candidate_kind", "candidate", "candidate_name", "score", "accept"]
    if nominations is None:
        return pd.DataFrame(columns=columns)
    frame = nominations.doubtful[columns].copy()
    frame["nomination_id"] = [one if _ID.fullmatch(str(one)) else "" for one in frame["nomination_id"]]
    frame["candidate_name"] = frame["candidate_name"].where(frame["candidate_kind"] != "address", "")
    return frame


def _flagged(found: Findings, period: str) -> set[str]:
    """Areas that a model puts into one of its categories; the last one of a model takes the rest."""
    ids: set[str] = set()
    for model in found.models:
        own = [one.id for one in model.category]
        last = model.category[-1]
        named = own if model.kind == "rules" and last.rule else own[:-1]
        rows = found.categories[
            (found.categories["model"] == model.id) & (found.categories["period"] == period)
        ]
        ids |= set(rows.loc[rows["category"].isin(named), "area_id"].astype(str))
    return ids


def _surface_k(part: BottomUpPart) -> int:
    """The middle k: large enough to be told, small enough to show places."""
    return sorted(part.k)[len(part.k) // 2]


def _surface(
    local: pd.DataFrame, town: _Town, part: BottomUpPart, exclude: set[str], minimum: int
) -> pd.DataFrame:
    """Shares in the surroundings by cell; surroundings with few cases, or few others, and cells with few are nodata."""
    rows = local[local["k"] == _surface_k(part)].set_index("address_id")
    homes = town.addresses[~town.addresses["address_id"].isin(exclude)]
    near = rows.reindex(homes["address_id"])
    cases, base = near["cases"].fillna(0).astype("int64"), near["at_risk"].fillna(0).astype("int64")
    few = small(cases, minimum) | small(base - cases, minimum) | (base == 0)
    share = np.where(few, np.nan, cases / base.where(base > 0, 1)).astype(np.float64)
    return grid_means(homes, share, least=minimum)


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {name: frame[name].to_numpy() if frame[name].dtype.is_numeric() else frame[name].to_list()
         for name in frame.columns}
    )  # fmt: skip


def _columns(frame: pd.DataFrame) -> Mapping[str, Any]:
    return {name: frame[name].to_list() for name in frame.columns}
