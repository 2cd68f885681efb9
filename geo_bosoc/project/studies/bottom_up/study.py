"""The bottom-up study from a project file: nominations and registers in, results on true counts out."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.bottom_up.nominations.reasons import OTHER, Reason, reason_codes
from geo_bosoc.bottom_up.places.merge import merge_places
from geo_bosoc.bottom_up.places.place_order import areas_without_category
from geo_bosoc.bottom_up.places.publishable_geometries import (
    detected_outlines,
    nomination_outlines,
    overlap_outlines,
)
from geo_bosoc.bottom_up.presence.service_rates import municipal_service_rates
from geo_bosoc.bottom_up.presence.services import ANOTHER_UNIT, Service, unit_words
from geo_bosoc.bottom_up.presence.staff import PresencePart, households_met, staff_at_places
from geo_bosoc.bottom_up.results import BottomUpResults, criterion_words, places_within
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import Edition, Results
from geo_bosoc.indicators import Indicator
from geo_bosoc.locate.join import locate
from geo_bosoc.models.provenance import SERVICES, SOURCE_COLUMNS
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.reading import read_inputs
from geo_bosoc.project.requests import last_of_years
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.bottom_up.assignments import assignment_parts
from geo_bosoc.project.studies.bottom_up.at_risk import count_places
from geo_bosoc.project.studies.bottom_up.earlier_years import PlacesOfYear, history_of_places
from geo_bosoc.project.studies.bottom_up.finding import detect_places, stability_of_places, verify_places
from geo_bosoc.project.studies.bottom_up.inputs import (
    BottomUpInputs,
    BottomUpLists,
    read_bottom_up,
    read_bottom_up_lists,
)
from geo_bosoc.project.studies.bottom_up.typology import check_typology
from geo_bosoc.project.studies.residents import Residents, columns_of
from geo_bosoc.rasters.grid import grid_means


def study_bottom_up(
    project: Project,
    results: Results,
    *,
    inputs: Inputs | None = None,
    lists: BottomUpLists | None = None,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BottomUpResults:
    """Named and found places of the last period with what the registers say of them; nothing is written.

    Parameters
    ----------
    project : Project
        With a table ``[bottom_up]``.
    results : Results
        Of the yearly run (`geo_bosoc.project.analyse`): areas, categories and the indicator table.
    inputs : Inputs, optional
        What the run has read, with the study's request; read here if left out.
    lists : BottomUpLists, optional
        The study's own lists, as the run has read them; read here if left out.
    unguarded : bool
        Has writers show small numbers as they are, and say so; outlines and nominations stay as they are.
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        There is no ``[bottom_up]``, or anything is wrong with it or the files.
    """
    study_report = report if report is not None else Report()
    steps = progress or Silent()
    part = project.spec.bottom_up
    if part is None:
        hint = "Add [bottom_up] with nominations and the columns of your registers; docs/project_file.md has its keys."
        raise InputError(
            [Problem("error", "the project has no [bottom_up].", file=project.file.name, hint=hint)]
        )
    period = results.periods[-1]
    edition = Edition("internal", UNSUPPRESSED if unguarded else project.spec.disclosure.rules)
    steps.step("reading residents, cases and nominations", 1, 3)
    lists = lists or read_bottom_up_lists(project)
    if inputs is None:
        read_periods = last_of_years(results.periods, part.years)
        inputs = read_inputs(project, Report(), periods=read_periods, requests=(lists.request(project),))
    study = read_bottom_up(project, part, inputs, lists, period, study_report)
    town, services, barriers = study.town, study.services, study.barriers
    exclude = {*part.exclude_addresses, *project.spec.places.not_homes, *town.institutions}
    steps.step("finding places that nobody named", 2, 3)
    detection = detect_places(town, part, services, exclude, barriers, study_report)
    members = detection.members
    outline: dict[str, Any] = {
        "addresses": town.addresses,
        "exclude": exclude,
        "least_households": part.least_households,
    }
    places, homes = merge_places(
        study.nominations, members, areas=results.areas, report=study_report, **outline
    )
    places = _with_sizes(places, homes, town.addresses)
    steps.step("verifying", 3, 3)
    estates = locate(pl.from_dict(columns_of(town.addresses[["address_id", "x", "y"]])), results.areas, overlap=True,
                     report=Report())  # fmt: skip
    references = pd.DataFrame({"place_id": [str(area_id) for area_id in estates["area_id"].to_list()],
                               "address_id": estates["address_id"].to_list()})  # fmt: skip
    stability = stability_of_places(detection, homes, town, part, barriers)
    rates = municipal_service_rates(town.cases, town.persons, homes, services, report=study_report)
    checked = verify_places(
        places, homes, detection, town, criteria=study.criteria.model, counts=town.counts,
        references=references if len(references) else None,
        services=services, stability=stability, draws=part.draws, seed=part.seed,
    )  # fmt: skip
    check_typology(part, results.indicators, study_report)
    study_report.raise_errors()
    homes_of_areas = references.rename(columns={"place_id": "area_id"})
    within = places_within(homes, homes_of_areas)
    nominations = publishable_nominations(
        study.nominations,
        part,
        services,
        town.addresses,
        results.areas,
        exclude,
        study_report,
        study.reasons,
    )
    history = history_of_places(
        project,
        part,
        inputs,
        lists,
        study,
        PlacesOfYear(town, homes, checked),
        names=dict(zip(places["place_id"].astype(str), places["name"].astype(str), strict=True)),
        nominations=nominations,
        periods=last_of_years(results.periods, part.years),
        references=references if len(references) else None,
        exclude=exclude,
        report=study_report,
    )
    return BottomUpResults(
        name=results.name,
        language=results.language,
        made_up=results.made_up,
        municipality=results.municipality,
        period=period,
        context=results.context,
        backdrop=results.backdrop,
        areas=results.areas,
        places=places,
        nominations=nominations,
        reasons=study.reasons,
        unsettled=doubtful_matches(study.nominations),
        found_places=detected_outlines(members, places, **outline),
        overlap=overlap_outlines(members, homes, places, **outline),
        verdicts=checked.verdicts,
        evidence=checked.evidence,
        criteria=criterion_words(study.criteria.model, lists.more),
        adopted=study.criteria,
        of_others=checked.of_others,
        service_rates=rates,
        surface=_surface(detection.local, town, part, exclude, edition.least_shown),
        indicator=study.indicator,
        k=_surface_k(part),
        least_households=part.least_households,
        edition=edition,
        sources=bottom_up_sources(project, part, study.indicator, results, period),
        report=study_report,
        without_category=areas_without_category(results.categories, period),
        within=within,
        place_counts=count_places(results, inputs, places, homes, homes_of_areas, within),
        parts=(
            history,
            *_presence_parts(study, part, places, homes),
            *assignment_parts(
                project, results, inputs, lists.placing, homes_of_areas, within, edition, study_report
            ),
        ),
    )


def _presence_parts(
    study: BottomUpInputs, part: BottomUpPart, places: gpd.GeoDataFrame, homes: pd.DataFrame
) -> tuple[PresencePart, ...]:
    """Staff at places, and households that several services meet in; none where the project gives neither."""
    town, institutions = study.town, part.staff
    staff = households = None
    if study.staff is not None and institutions is not None:
        staff = staff_at_places(study.staff, town.addresses, homes, institutions.within)
    if part.home is not None and part.home in town.persons.columns and part.person is not None:
        households = households_met(town.cases, town.persons, part.home, homes)
    if staff is None and households is None:
        return ()
    sizes = dict(zip(places["place_id"].astype(str), places["households"].astype(int), strict=True))
    within = 0.0 if institutions is None else institutions.within
    return (PresencePart(staff, households, sizes, within, study.services, part.units, part.unit_names),)


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


def _surface_k(part: BottomUpPart) -> int:
    """The middle k: large enough to be told, small enough to show places."""
    return sorted(part.k)[len(part.k) // 2]


def _surface(
    local: pd.DataFrame, town: Residents, part: BottomUpPart, exclude: set[str], minimum: int
) -> pd.DataFrame:
    """Shares in the surroundings by cell, or services given for each that is expected; surroundings with few cases, or
    few others, and cells with few are nodata."""
    rows = local[local["k"] == _surface_k(part)].set_index("address_id")
    homes = town.addresses[~town.addresses["address_id"].isin(exclude)]
    surroundings = rows.reindex(homes["address_id"])
    cases, base = (
        surroundings["cases"].fillna(0).astype("int64"),
        surroundings["at_risk"].fillna(0).astype("int64"),
    )
    if part.detection_indicator is None:
        over = surroundings["expected"].fillna(0.0)
        too_few = small(cases, minimum) | small(base, minimum) | (over <= 0)
    else:
        over = base.astype(float)
        too_few = small(cases, minimum) | small(base - cases, minimum) | (base == 0)
    share = np.where(too_few, np.nan, cases / over.where(over > 0, 1)).astype(np.float64)
    return grid_means(homes, share, least=minimum)


def bottom_up_sources(
    project: Project, part: BottomUpPart, indicator: Indicator | None, results: Results, period: str
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
    shown_sources = results.sources[results.sources["period"] == period]
    if indicator is not None and indicator.id not in set(shown_sources["indicator"]):
        source = people.source or indicator.source_text(results.language)
        rows.append((indicator.id, period, part.population, period, lived, source))
    return pd.concat([pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)), shown_sources], ignore_index=True)


_ID: Final = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{1,20}")


def publishable_nominations(
    nominations: Nominations | None,
    part: BottomUpPart,
    services: tuple[Service, ...],
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    exclude: Collection[str] = (),
    report: Report | None = None,
    reasons: tuple[Reason, ...] = (),
) -> gpd.GeoDataFrame:
    """The nominations that mean a place, as `nomination_outlines` gives them, with what may be published of each.

    A unit goes by its id where its words are on the list, and else in the words given; what may be somebody's name is
    `ANOTHER_UNIT`, an id that may be text is left out, and of the reasons the codes are left (``reasons``, with blanks
    between). Sorted by place, unit and date.
    """
    words = unit_words(services, part.units, part.unit_names)
    outlines = nomination_outlines(
        nominations, addresses=addresses, areas=areas, exclude=exclude,
        least_households=part.least_households,
    )  # fmt: skip
    concerns: dict[str, str] = {}
    if nominations is not None:
        rows = nominations.rows
        concerns = dict(zip(rows["nomination_id"], rows["concern"].astype(str), strict=True))
    published = outlines.assign(
        reasons=[
            " ".join(reason_codes(concerns.get(name, ""), reasons)) for name in outlines["nomination_id"]
        ],
        nomination_id=[_safe(name) for name in outlines["nomination_id"]],
        joined_to=[_safe(name) for name in outlines["joined_to"]],
        unit=[words.publishable_unit(str(unit)) for unit in outlines["unit"]],
        date=outlines["date"].astype(str),
    )
    unnamed = published["unit"] == ANOTHER_UNIT
    if report is not None and unnamed.any():
        ids = sorted(name for name in published.loc[unnamed, "nomination_id"] if name)[:20]
        report.warn(
            phrase(
                "the unit is not known by its words and is shown as another unit: nominations {ids}.",
                ids=joined(ids),
            )
            if ids
            else "the unit is not known by its words and is shown as another unit.",
            key="bottom_up.units",
            count=int(unnamed.sum()),
            hint='Write the names of units that may be shown: units = ["kirken"] in [bottom_up].',
        )
    if report is not None:
        _note_free_text(published, part, report)
    return published.sort_values(["place_id", "unit", "date", "nomination_id"], ignore_index=True)


def _note_free_text(published: gpd.GeoDataFrame, part: BottomUpPart, report: Report) -> None:
    """Say how many reasons are no code: no word of them is shown."""
    is_free = published["reasons"].astype(str).str.split().map(lambda codes: OTHER in codes)
    if not is_free.any():
        return
    ids = sorted(name for name in published.loc[is_free, "nomination_id"] if name)[:20]
    text = "what stands as the reason is no code, and is shown as another reason."
    report.note(
        phrase("what stands as the reason is no code, and is shown as another reason: nominations {ids}.",
               ids=joined(ids)) if ids else text,
        key="bottom_up.reasons",
        count=int(is_free.sum()),
        hint=phrase("Write a reason of the list, such as {example}, in the column {column}; several with a comma "
                    "between.", example="utryghed", column=part.nomination_columns.get("concern", "concern")),
    )  # fmt: skip


def doubtful_matches(nominations: Nominations | None) -> pd.DataFrame:
    """The candidates for a person to settle. Ids that may be text are left out, and doors of an address."""
    columns = ["nomination_id", "row", "candidate_kind", "candidate", "candidate_name", "score", "accept"]
    if nominations is None:
        return pd.DataFrame(columns=columns)
    frame = nominations.doubtful[columns].copy()
    frame["nomination_id"] = [_safe(name) for name in frame["nomination_id"]]
    door = frame["candidate_kind"] == "address"
    street = frame["candidate_name"].astype(str).str.replace(r"\s*\d[^\d]*$", "", regex=True)
    frame["candidate_name"] = frame["candidate_name"].where(~door, street)
    return frame


def _safe(name: object) -> str:
    """An id that cannot be text: short, of letters and digits, with a digit in it."""
    return str(name) if _ID.fullmatch(str(name)) else ""
