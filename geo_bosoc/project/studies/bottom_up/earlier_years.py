"""The places over the years: each earlier year studied anew as this one is, and what forums and staff say beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_bosoc.bottom_up.history.place_history import (
    ACTION_COLUMNS,
    FORUM_COLUMNS,
    NOMINATION_COLUMNS,
    VERDICT_COLUMNS,
    PlaceHistory,
    follow_back,
    former_id,
    place_of_homes,
)
from geo_bosoc.bottom_up.history.place_tables import PlaceTable, publishable_action
from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.bottom_up.places.merge import most_alike, nominated_homes, place_name
from geo_bosoc.bottom_up.presence.services import UnitWords, unit_words
from geo_bosoc.bottom_up.results import criterion_words
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.problems import Report, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.bottom_up.finding import VerifiedPlaces, detect_places, verify_places
from geo_bosoc.project.studies.bottom_up.inputs import BottomUpInputs, BottomUpLists
from geo_bosoc.project.studies.residents import Residents, read_residents


@dataclass(frozen=True)
class PlacesOfYear:
    """The places of a year, and what the registers said of them.

    Attributes
    ----------
    town : Residents
        Who lived where.
    homes : DataFrame
        `place_id, address_id`.
    checked : VerifiedPlaces
        The verdicts.
    """

    town: Residents
    homes: pd.DataFrame
    checked: VerifiedPlaces


def history_of_places(
    project: Project,
    part: BottomUpPart,
    inputs: Inputs,
    lists: BottomUpLists,
    study: BottomUpInputs,
    this_year: PlacesOfYear,
    *,
    names: Mapping[str, str],
    nominations: pd.DataFrame,
    periods: Collection[str],
    references: pd.DataFrame | None,
    exclude: Collection[str],
    report: Report,
) -> PlaceHistory:
    """The file of each place over the periods.

    Parameters
    ----------
    project : Project
        Whose places they are.
    part : BottomUpPart
        Its table ``[bottom_up]``.
    inputs : Inputs
        What was read, of all the periods.
    lists : BottomUpLists
        The study's own lists.
    study : BottomUpInputs
        What this year's study works on.
    this_year : PlacesOfYear
        What it gave.
    names : dict of str to str
        By place its name.
    nominations : DataFrame
        `place_id, unit, date`, with units as they may be shown.
    periods : collection of str
        Those to study, one a year, this year's last.
    references : DataFrame or None
        Homes of places to compare with.
    exclude : collection of str
        Addresses that are no homes of any place.
    report : Report
        Takes a note of years that cannot be studied.
    """
    *earlier, period = sorted(periods)
    studied: dict[str, PlacesOfYear] = {}
    for before in earlier:
        of_year = _study_year(project, part, inputs, lists, study, before, references, exclude)
        if of_year is not None:
            studied[before[:4]] = of_year
    missing = [before for before in earlier if before[:4] not in studied]
    if missing:
        report.note(
            phrase(
                "the registers do not say who got services then: no verdicts of {periods}.",
                periods=joined(missing),
            ),
            key="bottom_up.years",
        )
    homes_of_years = {year: of_year.homes for year, of_year in studied.items()}
    ids, followed = follow_back(this_year.homes, homes_of_years)
    places_of_rows, followed = _places_of_tables((study.forums, study.actions), followed)
    verdicts = [_verdicts(period[:4], this_year, {})]
    verdicts += [_verdicts(year, of_year, ids) for year, of_year in sorted(studied.items())]
    units = unit_words(study.services, part.units, part.unit_names)
    return PlaceHistory(
        {**_names_of_former(followed, study.town.addresses), **names},
        pd.concat(verdicts, ignore_index=True),
        _nominations(nominations, period[:4]),
        _forums(study.forums, places_of_rows, units),
        _actions(study.actions, places_of_rows, part.action_names),
        (*sorted(studied), period[:4]),
        criterion_words(study.criteria.model, lists.more),
        study.services,
    )


def _study_year(
    project: Project, part: BottomUpPart, inputs: Inputs, lists: BottomUpLists, study: BottomUpInputs, period: str,
    references: pd.DataFrame | None, exclude: Collection[str],
) -> PlacesOfYear | None:  # fmt: skip
    """The places of an earlier period and their verdicts; None where its registers do not say who got services."""
    quiet = Report()
    town = read_or_none(
        lambda: read_residents(
            project, part, inputs, study.indicator, study.services, lists.more, period, inputs.areas, quiet
        ),
        quiet,
    )
    if town is None or town.cases.empty:
        return None
    left_out = {*exclude, *town.institutions}
    detection = detect_places(town, part, study.services, left_out, study.barriers, quiet)
    detected = detection.members
    named = nominated_homes(nominations_until(study.nominations, period), left_out)
    matched = set(most_alike(named, detected)["found_id"])
    homes = pd.concat([named, detected[~detected["place_id"].isin(matched)]], ignore_index=True)
    homes = homes.drop_duplicates().sort_values(["place_id", "address_id"], ignore_index=True)
    listed = pd.DataFrame({"place_id": sorted(set(homes["place_id"]))})
    listed["named"] = listed["place_id"].isin(named["place_id"])
    listed["found"] = ~listed["named"]
    living = homes["address_id"].map(town.addresses.set_index("address_id")["residents"]).fillna(0)
    listed["residents"] = listed["place_id"].map(living.groupby(homes["place_id"]).sum())
    checked = verify_places(
        listed, homes, detection, town, criteria=study.criteria.model, counts=town.counts, references=references,
        services=study.services, draws=part.draws, seed=part.seed,
    )  # fmt: skip
    return PlacesOfYear(town, homes, checked)


def nominations_until(nominations: Nominations | None, period: str) -> Nominations | None:
    """The nominations of a year and of those before it; one without a date counts in the last year alone."""
    if nominations is None:
        return None
    dates = nominations.rows["date"].astype(str)
    is_made = (dates != "") & (dates.str[:4] <= period[:4])
    rows = nominations.rows[is_made]
    homes = nominations.homes[nominations.homes["nomination_id"].isin(rows["nomination_id"])]
    return Nominations(rows, nominations.doubtful, homes, nominations.trail, nominations.estates)


def _verdicts(year: str, of_year: PlacesOfYear, ids: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """`VERDICT_COLUMNS` of a year; places that are another place's part now have none."""
    households = of_year.town.addresses.set_index("address_id")["households"]
    living = of_year.homes.assign(households=of_year.homes["address_id"].map(households).fillna(0))
    counts = living.groupby("place_id")["households"].sum().astype("int64")
    evidence = of_year.checked.evidence
    met = evidence[evidence["met"] == "met"].groupby("place_id")["criterion"].agg(list)
    rows = []
    for row in of_year.checked.verdicts.to_dict("records"):
        place = str(row["place_id"])
        place_id = ids.get((year, place)) if ids else place
        if place_id is not None:
            criteria = tuple(met.get(place, ()))
            rows.append((place_id, year, row["verdict"], row["why"], criteria, int(counts.get(place, 0))))
    return pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))


def _places_of_tables(
    tables: Collection[PlaceTable | None], followed: pd.DataFrame
) -> tuple[dict[str, str], pd.DataFrame]:
    """By the text of forums and actions the place it means; one that is none of the places becomes a former one."""
    ids: dict[str, str] = {}
    formers = followed.loc[followed["place_id"].str.startswith("E"), "place_id"].nunique()
    for text, homes in sorted(pair for table in tables if table is not None for pair in table.homes.items()):
        ids[text] = place_of_homes(followed, homes)
        if not ids[text]:
            formers += 1
            ids[text] = former_id(formers)
            more = pd.DataFrame({"place_id": ids[text], "address_id": list(homes)})
            followed = pd.concat([followed, more], ignore_index=True)
    return ids, followed


def _names_of_former(followed: pd.DataFrame, addresses: pd.DataFrame) -> dict[str, str]:
    former = followed[followed["place_id"].str.startswith("E")].merge(addresses, on="address_id", how="left")
    return {str(place_id): place_name(homes) for place_id, homes in former.groupby("place_id")}


def _nominations(nominations: pd.DataFrame, this_year: str) -> pd.DataFrame:
    """`NOMINATION_COLUMNS`; one without a date is of this year."""
    dates = nominations["date"].astype(str)
    frame = pd.DataFrame({
        "place_id": nominations["place_id"].astype(str),
        "year": dates.str[:4].where(dates != "", this_year),
        "unit": nominations["unit"].astype(str),
    })  # fmt: skip
    return frame[list(NOMINATION_COLUMNS)]


def _forums(table: PlaceTable | None, ids: Mapping[str, str], units: UnitWords) -> pd.DataFrame:
    """`FORUM_COLUMNS`, with units as they may be shown: of what may be somebody's name nothing is."""
    rows = []
    for row in _records(table):
        chair = units.publishable_unit(row["chair"]) if row["chair"] else ""
        members = tuple(dict.fromkeys(map(units.publishable_unit, row["members"])))
        rows.append((ids[row["place"]], row["year"], chair, members, row["status"]))
    return pd.DataFrame(rows, columns=list(FORUM_COLUMNS))


def _records(table: PlaceTable | None) -> list[dict[str, Any]]:
    rows = [] if table is None else table.rows.to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _actions(table: PlaceTable | None, ids: Mapping[str, str], names: Collection[str]) -> pd.DataFrame:
    """`ACTION_COLUMNS`, with the kinds of action."""
    rows = []
    for row in _records(table):
        action = publishable_action(row["action"], names)
        rows.append((ids[row["place"]], row["year"], action, row["count"], row["goal"], row["counted"]))
    return pd.DataFrame(rows, columns=list(ACTION_COLUMNS))
