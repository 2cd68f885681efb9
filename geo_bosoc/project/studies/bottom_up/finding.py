"""How places that nobody named are found in a project, by services or by an indicator, and verified by other homes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up import (
    core_addresses,
    false_discovery,
    join_places,
    local_statistic,
    place_stability,
    service_units,
    verify,
)
from geo_bosoc.bottom_up.detection.clusters import worst_share_by_k
from geo_bosoc.bottom_up.presence.service_rates import municipal_service_rates
from geo_bosoc.bottom_up.presence.service_units import half_of_homes
from geo_bosoc.bottom_up.presence.services import Service
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.bottom_up.verification import Verification
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.residents import Residents

LEAST_RESIDENTS: Final = 30
"""Of a place that is verified, as `verify` has it; of half of its homes, half as many."""
OF_OTHERS: Final = ["place_id", "services", "several", "residents"]


@dataclass(frozen=True)
class Detection:
    """What the surroundings of homes show, and the homes of the places made of it.

    Attributes
    ----------
    units : DataFrame
        What the local statistic exchanged.
    local : DataFrame
        What it gave.
    flagged : ndarray of bool
        By row of it.
    members : DataFrame
        ``address_id, place_id``.
    others : tuple of DataFrame or None
        The cases and the persons of the homes that took no part; None where all did.
    """

    units: pd.DataFrame
    local: pd.DataFrame
    flagged: NDArray[np.bool_]
    members: pd.DataFrame
    others: tuple[pd.DataFrame, pd.DataFrame] | None = None


def detect_places(
    residents: Residents,
    part: BottomUpPart,
    services: Sequence[Service],
    exclude: set[str],
    barriers: gpd.GeoDataFrame | None,
    report: Report,
) -> Detection:
    """The places that nobody had to name, by what ``find_by`` says."""
    units, others = residents.units, None
    if part.detection_indicator is None:
        cases, persons = residents.cases, residents.persons
        if part.verify_by_others:
            lives, given = half_of_homes(cases, persons, home=part.home, seed=part.seed)
            others = (cases[~given].reset_index(drop=True), persons[~lives].reset_index(drop=True))
            cases, persons = cases[given].reset_index(drop=True), persons[lives].reset_index(drop=True)
        units = service_units(cases, persons, services, home=part.home, exclude=exclude, report=Report())
        units = units[units["address_id"].isin(set(residents.addresses["address_id"]))].reset_index(drop=True)
        if not units["cases"].sum():
            report.warn(
                "no services are counted in the period, so that they find no places.",
                key="bottom_up.find_by",
                hint='Add the cases of the period, or find places by an indicator: find_by = "indicator".',
            )
    local = local_statistic(
        residents.addresses, units, part.k, permutations=part.permutations, seed=part.seed, barriers=barriers,
        report=report,
    )  # fmt: skip
    if part.find == "worst":
        flagged = worst_share_by_k(local, residents.addresses, part.worst)
    else:
        flagged = false_discovery(local["p"], part.rate)
    near = local[local["k"] == local["k"].min()]
    ids = set(near.loc[core_addresses(local, flagged), "address_id"]) - exclude
    homes = residents.addresses[residents.addresses["address_id"].isin(ids)]
    members = join_places(
        homes,
        distance=part.distance,
        method=part.join,
        least_residents=part.least_residents,
        barriers=barriers,
        report=report,
    )
    return Detection(units, local, flagged, members, others)


def stability_of_places(
    detection: Detection,
    homes: pd.DataFrame,
    residents: Residents,
    part: BottomUpPart,
    barriers: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """How often each place comes back (`place_stability`), by the settings of the project."""
    return place_stability(
        residents.addresses,
        detection.units,
        detection.local,
        detection.flagged,
        homes,
        distance=part.distance,
        method=part.join,
        least_residents=part.least_residents,
        worst=part.worst if part.find == "worst" else None,
        barriers=barriers,
        seed=part.seed,
    )


@dataclass(frozen=True)
class VerifiedPlaces:
    """What the registers say of the places, and the services of the homes that verify those that nobody named.

    Attributes
    ----------
    verdicts, evidence : DataFrame
        As `geo_bosoc.bottom_up.verify` gives them.
    of_others : DataFrame
        ``place_id, services, several, residents`` of the half of the homes that verified the place; empty where all
        homes did.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    of_others: pd.DataFrame


def verify_places(
    merged_places: pd.DataFrame,
    homes: pd.DataFrame,
    detection: Detection,
    residents: Residents,
    **settings: Any,
) -> VerifiedPlaces:
    """The places against the criteria: those that nobody named by the homes that did not find them, where some did not.

    A place that staff named was not chosen for its services, and all of its homes verify it. `settings` are those of
    `geo_bosoc.bottom_up.verify`.
    """
    named = merged_places["named"].astype(bool) | (detection.others is None)
    checked = (
        [_verify(merged_places[named], homes, residents.cases, residents.persons, settings)]
        if named.any()
        else []
    )
    if named.all() or detection.others is None:
        return VerifiedPlaces(*_in_order(checked), pd.DataFrame(columns=OF_OTHERS))
    cases, persons = detection.others
    least = settings | {"least_residents": LEAST_RESIDENTS // 2}
    by_others = _verify(merged_places[~named], homes, cases, persons, least)
    living = merged_places.set_index("place_id")["residents"]
    verdicts = by_others.verdicts.assign(residents=by_others.verdicts["place_id"].map(living).astype("int64"))
    detected = homes[homes["place_id"].isin(verdicts["place_id"])]
    rates = municipal_service_rates(cases, persons, detected, settings["services"], report=Report())
    return VerifiedPlaces(
        *_in_order([*checked, replace(by_others, verdicts=verdicts)]), rates.places[OF_OTHERS]
    )


def _verify(
    merged_places: pd.DataFrame,
    homes: pd.DataFrame,
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    settings: dict[str, Any],
) -> Verification:
    of_places = homes[homes["place_id"].isin(merged_places["place_id"])]
    return verify(merged_places, of_places, cases, persons, report=Report(), **settings)


def _in_order(checked: list[Verification]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts and evidence in one frame each, by place."""
    verdicts, evidence = (
        pd.concat(frames, ignore_index=True).sort_values("place_id", kind="stable", ignore_index=True)
        for frames in ([each.verdicts for each in checked], [each.evidence for each in checked])
    )
    return verdicts, evidence
