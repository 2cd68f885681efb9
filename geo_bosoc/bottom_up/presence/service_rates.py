"""Service rates: services granted at a place, by kind, compared with what the municipality's rates would give there.

A service is a person with a kind, however many cases. A kind's rate is services per person who could get that kind
(children for school psychology); kinds are added up by indirect standardisation: what is given at a place and what
the municipality's rates would give to the people who live there, so that a place is not "full of services" for being
full of old people. Rates of small bases are smoothed by empirical Bayes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.presence.services import Service, eligible_services, load_services
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.rates import poisson_interval, wilson
from geo_bosoc.problems import Report

Floats = NDArray[np.float64]
MEET_TIMES: Final = 1.25
"""A kind meets others at a place where it is given this many times as often as in the municipality: an assumption."""


@dataclass(frozen=True)
class ServiceRecords:
    """Who lives where, what they could get and what they get: a row a person (or a case at an address without one).

    Attributes
    ----------
    address : ndarray of object
        (n,) address ids.
    resident : ndarray of int
        (n,) 1 for a person, 0 for a case that no person in the register has.
    eligible, given : ndarray of int
        (n, kinds) 0 or 1.
    services : tuple of Service
        The kinds, in the order of the columns.
    """

    address: NDArray[np.object_]
    resident: NDArray[np.int64]
    eligible: NDArray[np.int64]
    given: NDArray[np.int64]
    services: tuple[Service, ...]

    @property
    def several(self) -> NDArray[np.int64]:
        """(n,) 1 for residents who are given at least two kinds."""
        return np.asarray((self.given.sum(axis=1) >= 2) & (self.resident == 1), dtype=np.int64)


@dataclass(frozen=True)
class ReferenceRates:
    """What a place is compared with: the municipality's rates, and how much rates differ between places.

    `rate` and `between` are (kinds,): services per person who could get them, and the variance of the true rates.
    `per_resident` is services per resident of the municipality.
    """

    rate: Floats
    between: Floats
    per_resident: float
    times: float = MEET_TIMES


@dataclass(frozen=True)
class ServiceRates:
    """Service rates of each place, and (`place_id` "@municipality") of the municipality.

    Attributes
    ----------
    kinds : DataFrame
        One row a place and kind: `place_id, service, services` (persons given it), `eligible` (who could get it),
        `per_100` of these with `low, high` (Poisson, 95 %), `expected` at the municipality's rate, `ratio`, `smoothed`
        (per 100, empirical Bayes), `meets` (given there, and smoothed at least `times` the municipality's rate).
    places : DataFrame
        One row a place: `place_id, residents, services, expected, services_per_100` (per 100 residents, standardised:
        the municipality's figure times given / expected), `low, high` (Poisson), `service_kinds` (how many meet),
        `kinds_given`, `several` (residents with two kinds or more), `several_share, several_low, several_high`
        (Wilson; fractions).
    reference : ReferenceRates
        The municipality's rates.
    services : tuple of Service
        The kinds.
    """

    kinds: pd.DataFrame
    places: pd.DataFrame
    reference: ReferenceRates
    services: tuple[Service, ...] = field(default=())


def service_records(
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    services: Sequence[Service] | None = None,
    *,
    report: Report | None = None,
) -> ServiceRecords:
    """Persons with the services they could get and do get. Cases belong to their person's home.

    Parameters
    ----------
    cases : DataFrame
        Running cases of a status date: `service`, and `person_id` or `address_id` (or both: an institution's case has
        an address only). Other columns are not looked at.
    persons : DataFrame
        `person_id`, `address_id` and the columns that `eligible` names (usually `age`). Origin is not used.
    services : sequence of Service, optional
        The kinds; by default those that ship with the package.
    report : Report, optional
        Takes the cases that count nowhere.

    Returns
    -------
    ServiceRecords

    Raises
    ------
    InputError
        Columns are missing, or a predicate cannot be read.
    """
    inner_report = Report()
    kinds = tuple(services) if services is not None else load_services()
    for name in ("person_id", "address_id"):
        if name not in persons.columns:
            inner_report.error("is not there.", file="persons", column=name)
    if "service" not in cases.columns:
        inner_report.error("is not there.", file="cases", column="service")
    if not {"person_id", "address_id"} & set(cases.columns):
        inner_report.error("needs the person or the address.", file="cases", column="person_id")
    if not inner_report.errors and persons["person_id"].duplicated().any():
        inner_report.error(
            "holds persons more than once: give one status date.", file="persons", column="person_id"
        )
    inner_report.raise_errors()
    eligible = eligible_services(persons, kinds, inner_report)
    inner_report.raise_errors()
    column_of = {service.id: position for position, service in enumerate(kinds)}
    kind = cases["service"].map(column_of)
    unknown = int(kind.isna().sum())
    if unknown:
        inner_report.warn("cases are of a kind that the list of services does not have.", file="cases",
                 column="service", count=unknown)  # fmt: skip
    person_rows = np.full(len(cases), -1)
    if "person_id" in cases.columns:
        person_rows = pd.Index(persons["person_id"]).get_indexer(pd.Index(cases["person_id"]))
    given = np.zeros_like(eligible)
    known_kind = kind.notna().to_numpy()
    with_person = known_kind & (person_rows >= 0)
    column = kind.fillna(0).to_numpy(np.int64)
    given[person_rows[with_person], column[with_person]] = 1
    not_eligible = int((given > eligible).sum())
    if not_eligible:
        inner_report.note("services are given to people outside those who could get them, and are not counted.",
                 file="cases", count=not_eligible)  # fmt: skip
    given = np.minimum(given, eligible)
    address = persons["address_id"].to_numpy(object)
    without_person = known_kind & (person_rows < 0)
    has_address = without_person & (
        cases["address_id"].notna().to_numpy() if "address_id" in cases.columns else False
    )
    if (without_person & ~has_address).any():
        inner_report.warn("cases belong to nobody in the register and have no address.", file="cases",
                 count=int((without_person & ~has_address).sum()))  # fmt: skip
    extra_given = np.zeros((int(has_address.sum()), len(kinds)), np.int64)
    extra_given[np.arange(len(extra_given)), column[has_address]] = 1
    inner_report.hand_over(report)
    extra_addresses = (
        cases.loc[has_address, "address_id"].to_numpy(object) if has_address.any() else np.empty(0, object)
    )
    return ServiceRecords(
        np.concatenate([address, extra_addresses]),
        np.concatenate([np.ones(len(persons), np.int64), np.zeros(len(extra_given), np.int64)]),
        np.concatenate([eligible, np.zeros_like(extra_given)]),
        np.concatenate([given, extra_given]),
        kinds,
    )


@dataclass(frozen=True)
class PlaceSums:
    """Sums by place: `given`, `eligible` are (places, kinds); `several`, `residents` (places,)."""

    names: tuple[str, ...]
    given: Floats
    eligible: Floats
    several: Floats
    residents: Floats


def rows_by_place(
    records: ServiceRecords, homes: pd.DataFrame
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Places in order (`homes`: `place_id, address_id`), and (place, row of `records`) for all who live there.

    Pairs are sorted; places may overlap, and be empty.
    """
    names = sorted(homes["place_id"].unique())
    rows = pd.DataFrame({"address_id": records.address, "row": np.arange(len(records.address))})
    pairs = homes[["place_id", "address_id"]].drop_duplicates().merge(rows, on="address_id")
    place = pd.Index(names).get_indexer(pd.Index(pairs["place_id"])).astype(np.int64)
    row = pairs["row"].to_numpy(np.int64)
    order = np.lexsort((row, place))
    return tuple(str(name) for name in names), place[order], row[order]


def place_sums(records: ServiceRecords, homes: pd.DataFrame) -> PlaceSums:
    """Services, those who could get them, residents with several and residents, of each place."""
    names, place, row = rows_by_place(records, homes)

    def summed(values: NDArray[np.int64]) -> Floats:
        return np.asarray(np.bincount(place, weights=values[row], minlength=len(names)), dtype=np.float64)

    kinds = range(records.given.shape[1])
    size = (len(names), len(kinds))
    return PlaceSums(
        names,
        np.column_stack([summed(records.given[:, k]) for k in kinds]).reshape(size),
        np.column_stack([summed(records.eligible[:, k]) for k in kinds]).reshape(size),
        summed(records.several),
        summed(records.resident),
    )


def variance_between_places(events: Floats, bases: Floats, mean: float) -> float:
    """The variance of true rates between places, beyond what chance does to small bases; never below 0.

    Marshall (1991), "Mapping disease and mortality rates using empirical Bayes estimators", Applied Statistics 40(2),
    283-294, the global estimator: ``sum b (x - m)^2 / sum b - m / mean(b)``. With `mean` = all events / all bases
    it is that of `esda.smoothing.Empirical_Bayes`, which lets it fall below 0.
    """
    populated = bases > 0
    if not populated.any():
        return 0.0
    rate = events[populated] / bases[populated]
    spread = float((bases[populated] * (rate - mean) ** 2).sum() / bases[populated].sum())
    return max(0.0, spread - mean / float(bases[populated].mean()))


def smooth_rates(events: Floats, bases: Floats, mean: Floats | float, between: Floats | float) -> Floats:
    """Rates shrunk towards `mean`, the more the smaller the base: ``w x + (1-w) m`` with ``w = a / (a + m/b)``."""
    safe_bases = np.where(bases > 0, bases, 1.0)
    noise = np.asarray(mean) / safe_bases
    total = np.asarray(between) + noise
    weight = np.where((bases > 0) & (total > 0), np.asarray(between) / np.where(total > 0, total, 1.0), 0.0)
    return np.asarray(weight * events / safe_bases + (1 - weight) * mean, dtype=np.float64)


def reference_rates(records: ServiceRecords, sums: PlaceSums, times: float = MEET_TIMES) -> ReferenceRates:
    """The municipality's rates (all in `records`), and how much the places differ beyond chance."""
    services, eligible = records.given.sum(axis=0).astype(float), records.eligible.sum(axis=0).astype(float)
    rate = np.divide(services, eligible, out=np.zeros_like(services), where=eligible > 0)
    between = [
        variance_between_places(sums.given[:, k], sums.eligible[:, k], float(rate[k]))
        for k in range(rate.size)
    ]
    residents = int(records.resident.sum())
    return ReferenceRates(
        rate, np.array(between), float(services.sum()) / residents if residents else 0.0, times
    )


def service_indicators(
    given: Floats, eligible: Floats, several: Floats, residents: Floats, reference: ReferenceRates
) -> dict[str, Floats]:
    """`SERVICE_INDICATORS` of places (or of draws): `given` and `eligible` are (places, kinds), the rest (places,).

    NaN where no person could get anything, or there are no residents.
    """
    expected = eligible @ reference.rate
    given_sum = given.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, given_sum / expected, np.nan)
        share = np.where(residents > 0, several / residents, np.nan)
    smoothed = smooth_rates(given, eligible, reference.rate, reference.between)
    meets = (given > 0) & (smoothed >= reference.times * reference.rate)
    return {
        "services_per_100": 100 * reference.per_resident * ratio,
        "service_kinds": np.where(residents > 0, meets.sum(axis=1), np.nan).astype(np.float64),
        "persons_with_several_pct": share,
    }


def municipal_service_rates(
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    homes: pd.DataFrame | None = None,
    services: Sequence[Service] | None = None,
    *,
    times: float = MEET_TIMES,
    report: Report | None = None,
) -> ServiceRates:
    """Services granted per 100 residents at each place, and where several kinds meet.

    Parameters
    ----------
    cases : DataFrame
        Running cases of a status date: `service`, and `person_id` or `address_id` (or both: an institution's case has
        an address only). Other columns are not looked at.
    persons : DataFrame
        `person_id`, `address_id` and the columns that `eligible` names (usually `age`). Origin is not used.
    homes : DataFrame, optional
        `place_id, address_id`; by default each address is a place of its own.
    services : sequence of Service, optional
        The kinds; by default those that ship with the package.
    times : float, optional
        How many times the municipality's rate makes a kind count as meeting others.
    report : Report, optional
        Takes the cases that count nowhere.

    Returns
    -------
    ServiceRates

    Raises
    ------
    InputError
        Columns are missing, or a predicate cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import Service, municipal_service_rates
    >>> persons = pd.DataFrame({"person_id": [1, 2, 3, 4], "address_id": ["a", "a", "b", "b"]})
    >>> cases = pd.DataFrame({"person_id": [1, 2, 3], "service": "care"})
    >>> care = Service(id="care", label_da="Pleje", label_en="Care")
    >>> rates = municipal_service_rates(cases, persons, services=[care])
    >>> rates.places[["place_id", "residents", "services", "services_per_100"]].values.tolist()
    [['a', 2, 2, 100.0], ['b', 2, 1, 50.0], ['@municipality', 4, 3, 75.0]]
    """
    records = service_records(cases, persons, services, report=report)
    if homes is None:
        addresses = pd.unique(pd.Series(records.address, dtype=object).dropna())
        homes = pd.DataFrame({"place_id": addresses, "address_id": addresses})
    sums = place_sums(records, homes)
    reference = reference_rates(records, sums, times)
    all_addresses = pd.DataFrame(
        {"place_id": MUNICIPALITY, "address_id": pd.unique(pd.Series(records.address))}
    )
    municipality = place_sums(records, all_addresses.dropna())
    return _frames(records, sums, municipality, reference)


def _frames(
    records: ServiceRecords, sums: PlaceSums, total: PlaceSums, reference: ReferenceRates
) -> ServiceRates:
    names = [*sums.names, *total.names]
    size = (len(names), len(records.services))
    given, eligible = np.vstack([sums.given, total.given]), np.vstack([sums.eligible, total.eligible])
    several = np.concatenate([sums.several, total.several])
    residents = np.concatenate([sums.residents, total.residents])
    indicators = service_indicators(given, eligible, several, residents, reference)
    low, high = poisson_interval(given, eligible)
    expected = eligible * reference.rate
    smoothed = smooth_rates(given, eligible, reference.rate, reference.between)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(eligible > 0, given / eligible, np.nan)
        ratio = np.where(expected > 0, given / expected, np.nan)
    kinds = pd.DataFrame(
        {
            "place_id": np.repeat(np.array(names, dtype=object), size[1]),
            "service": [service.id for service in records.services] * size[0],
            "services": given.ravel().astype(np.int64),
            "eligible": eligible.ravel().astype(np.int64),
            "per_100": 100 * rate.ravel(),
            "low": 100 * low.ravel(),
            "high": 100 * high.ravel(),
            "expected": expected.ravel(),
            "ratio": ratio.ravel(),
            "smoothed": 100 * smoothed.ravel(),
            "meets": ((given > 0) & (smoothed >= reference.times * reference.rate)).ravel(),
        }
    )
    all_low, all_high = poisson_interval(given.sum(axis=1), expected.sum(axis=1))
    share_low, share_high = wilson(several, residents)
    level = 100 * reference.per_resident
    places = pd.DataFrame(
        {
            "place_id": names,
            "residents": residents.astype(np.int64),
            "services": given.sum(axis=1).astype(np.int64),
            "expected": expected.sum(axis=1),
            "services_per_100": indicators["services_per_100"],
            "low": level * all_low,
            "high": level * all_high,
            "service_kinds": indicators["service_kinds"],
            "kinds_given": (given > 0).sum(axis=1),
            "several": several.astype(np.int64),
            "several_share": indicators["persons_with_several_pct"],
            "several_low": share_low,
            "several_high": share_high,
        }
    )
    return ServiceRates(kinds, places, reference, records.services)
