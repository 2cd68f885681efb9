"""How much the municipality is present at a place: services granted, by kind, against those who could get them.

A service is one person with one kind, however many cases. A kind's rate is services per person who could get that kind
(children for school psychology); kinds are added up by indirect standardisation: what is given at a place against what
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

from geo_bosoc.bottom_up.services import Service, eligible_services, load_services
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.intervals import poisson_interval, wilson
from geo_bosoc.problems import Report

Floats = NDArray[np.float64]
MEET_TIMES: Final = 1.25
"""A kind meets others at a place where it is given this many times as often as in the municipality: an assumption."""


@dataclass(frozen=True)
class Given:
    """Who lives where, what they could get and what they get: one row a person (or a case at an address without one).

    Attributes
    ----------
    address : (n,) address ids. resident : (n,) 1 for a person, 0 for a case that no person in the register has.
    eligible, given : (n, kinds) 0 or 1.
    services : the kinds, in the order of the columns.
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
class Standard:
    """What a place is measured against: the municipality's rates, and how much rates differ between places.

    `rate` and `between` are (kinds,): services per person who could get them, and the variance of the true rates.
    `per_resident` is services per resident of the municipality.
    """

    rate: Floats
    between: Floats
    per_resident: float
    times: float = MEET_TIMES


@dataclass(frozen=True)
class ServiceRates:
    """Municipal presence at each place, and (`place_id` "@municipality") in the municipality.

    Attributes
    ----------
    kinds : one row a place and kind: `place_id, service, services` (persons given it), `eligible` (who could get it),
        `per_100` of these with `low, high` (Poisson, 95 %), `expected` at the municipality's rate, `ratio`, `smoothed`
        (per 100, empirical Bayes), `meets` (given there, and smoothed at least `times` the municipality's rate).
    places : one row a place: `place_id, residents, services, expected, services_per_100` (per 100 residents,
        standardised: the municipality's figure times given / expected), `low, high` (Poisson), `service_kinds` (how
        many meet), `kinds_given`, `several` (residents with two kinds or more), `several_share, several_low,
        several_high` (Wilson; fractions).
    """

    kinds: pd.DataFrame
    places: pd.DataFrame
    standard: Standard
    services: tuple[Service, ...] = field(default=())


def given_services(
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    services: Sequence[Service] | None = None,
    *,
    report: Report | None = None,
) -> Given:
    """Persons with the services they could get and do get. Cases belong to their person's home.

    Parameters
    ----------
    cases : running cases of one status date: `service`, and `person_id` or `address_id` (or both: an institution's
        case has an address only). Other columns are not looked at.
    persons : `person_id`, `address_id` and the columns that `eligible` names (usually `age`). Origin is not used.
    services : the kinds; by default those that ship with the package.
    report : told of cases that count nowhere.

    Raises
    ------
    InputError
        Columns are missing, or a predicate cannot be read.
    """
    own = Report()
    kinds = tuple(services) if services is not None else load_services()
    for name in ("person_id", "address_id"):
        if name not in persons.columns:
            own.error("is not there.", file="persons", column=name)
    if "service" not in cases.columns:
        own.error("is not there.", file="cases", column="service")
    if not {"person_id", "address_id"} & set(cases.columns):
        own.error("needs the person or the address.", file="cases", column="person_id")
    if not own.errors and persons["person_id"].duplicated().any():
        own.error("holds persons more than once: give one status date.", file="persons", column="person_id")
    own.raise_errors()
    eligible = eligible_services(persons, kinds, own)
    own.raise_errors()
    number = {service.id: at for at, service in enumerate(kinds)}
    kind = cases["service"].map(number)
    unknown = int(kind.isna().sum())
    if unknown:
        own.warn("cases are of a kind that the list of services does not have.", file="cases",
                 column="service", count=unknown)  # fmt: skip
    who = np.full(len(cases), -1)
    if "person_id" in cases.columns:
        who = pd.Index(persons["person_id"]).get_indexer(pd.Index(cases["person_id"]))
    given = np.zeros_like(eligible)
    known = kind.notna().to_numpy()
    with_person = known & (who >= 0)
    column = kind.fillna(0).to_numpy(np.int64)
    given[who[with_person], column[with_person]] = 1
    outside = int((given > eligible).sum())
    if outside:
        own.note("services are given to people outside those who could get them, and are not counted.",
                 file="cases", count=outside)  # fmt: skip
    given = np.minimum(given, eligible)
    address = persons["address_id"].to_numpy(object)
    alone = known & (who < 0)
    placed = alone & (cases["address_id"].notna().to_numpy() if "address_id" in cases.columns else False)
    if (alone & ~placed).any():
        own.warn("cases belong to nobody in the register and have no address.", file="cases",
                 count=int((alone & ~placed).sum()))  # fmt: skip
    extra = np.zeros((int(placed.sum()), len(kinds)), np.int64)
    extra[np.arange(len(extra)), column[placed]] = 1
    own.settle(report)
    more = cases.loc[placed, "address_id"].to_numpy(object) if placed.any() else np.empty(0, object)
    return Given(
        np.concatenate([address, more]),
        np.concatenate([np.ones(len(persons), np.int64), np.zeros(len(extra), np.int64)]),
        np.concatenate([eligible, np.zeros_like(extra)]),
        np.concatenate([given, extra]),
        kinds,
    )


@dataclass(frozen=True)
class PlaceSums:
    """Figures added up by place: `got`, `could` are (places, kinds); `several`, `residents` (places,)."""

    names: tuple[str, ...]
    got: Floats
    could: Floats
    several: Floats
    residents: Floats


def place_rows(
    given: Given, homes: pd.DataFrame
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Places in order (`homes`: `place_id, address_id`), and (place, row of `given`) for all who live there.

    Pairs are sorted; places may overlap, and have nobody.
    """
    names = sorted(homes["place_id"].unique())
    rows = pd.DataFrame({"address_id": given.address, "row": np.arange(len(given.address))})
    both = homes[["place_id", "address_id"]].drop_duplicates().merge(rows, on="address_id")
    place = pd.Index(names).get_indexer(pd.Index(both["place_id"])).astype(np.int64)
    row = both["row"].to_numpy(np.int64)
    order = np.lexsort((row, place))
    return tuple(str(name) for name in names), place[order], row[order]


def place_sums(given: Given, homes: pd.DataFrame) -> PlaceSums:
    """Services, those who could get them, residents with several and residents, of each place."""
    names, place, row = place_rows(given, homes)

    def summed(values: NDArray[np.int64]) -> Floats:
        return np.asarray(np.bincount(place, weights=values[row], minlength=len(names)), dtype=np.float64)

    kinds = range(given.given.shape[1])
    size = (len(names), len(kinds))
    return PlaceSums(
        names,
        np.column_stack([summed(given.given[:, k]) for k in kinds]).reshape(size),
        np.column_stack([summed(given.eligible[:, k]) for k in kinds]).reshape(size),
        summed(given.several),
        summed(given.resident),
    )


def between_places(events: Floats, base: Floats, mean: float) -> float:
    """The variance of true rates between places, beyond what chance does to small bases; never below 0.

    Marshall (1991), "Mapping disease and mortality rates using empirical Bayes estimators", Applied Statistics 40(2),
    283-294, the global estimator: ``sum b (x - m)^2 / sum b - m / mean(b)``. With `mean` = all events / all bases
    it is that of `esda.smoothing.Empirical_Bayes`, which lets it fall below 0.
    """
    there = base > 0
    if not there.any():
        return 0.0
    rate = events[there] / base[there]
    spread = float((base[there] * (rate - mean) ** 2).sum() / base[there].sum())
    return max(0.0, spread - mean / float(base[there].mean()))


def smooth(events: Floats, base: Floats, mean: Floats | float, between: Floats | float) -> Floats:
    """Rates drawn towards `mean`, the more the smaller the base: ``w x + (1-w) m`` with ``w = a / (a + m/b)``."""
    safe = np.where(base > 0, base, 1.0)
    noise = np.asarray(mean) / safe
    total = np.asarray(between) + noise
    weight = np.where((base > 0) & (total > 0), np.asarray(between) / np.where(total > 0, total, 1.0), 0.0)
    return np.asarray(weight * events / safe + (1 - weight) * mean, dtype=np.float64)


def make_standard(given: Given, sums: PlaceSums, times: float = MEET_TIMES) -> Standard:
    """The municipality's rates (everybody in `given`), and how much the places differ beyond chance."""
    got, could = given.given.sum(axis=0).astype(float), given.eligible.sum(axis=0).astype(float)
    rate = np.divide(got, could, out=np.zeros_like(got), where=could > 0)
    between = [between_places(sums.got[:, k], sums.could[:, k], float(rate[k])) for k in range(rate.size)]
    people = int(given.resident.sum())
    return Standard(rate, np.array(between), float(got.sum()) / people if people else 0.0, times)


def figures(
    got: Floats, could: Floats, several: Floats, residents: Floats, standard: Standard
) -> dict[str, Floats]:
    """The three figures of places (or of draws): `got` and `could` are (places, kinds), the rest (places,).

    NaN where nobody could get anything, or nobody lives there.
    """
    expected = could @ standard.rate
    given = got.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, given / expected, np.nan)
        share = np.where(residents > 0, several / residents, np.nan)
    smoothed = smooth(got, could, standard.rate, standard.between)
    meets = (got > 0) & (smoothed >= standard.times * standard.rate)
    return {
        "services_per_100": 100 * standard.per_resident * ratio,
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
    cases, persons, services : see `given_services`.
    homes : `place_id, address_id`; by default each address is a place of its own.
    times : how many times the municipality's rate makes a kind count as meeting others.

    Raises
    ------
    InputError
        As `given_services`.
    """
    given = given_services(cases, persons, services, report=report)
    if homes is None:
        every = pd.unique(pd.Series(given.address, dtype=object).dropna())
        homes = pd.DataFrame({"place_id": every, "address_id": every})
    sums = place_sums(given, homes)
    standard = make_standard(given, sums, times)
    count_everyone = pd.DataFrame(
        {"place_id": MUNICIPALITY, "address_id": pd.unique(pd.Series(given.address))}
    )
    whole = place_sums(given, count_everyone.dropna())
    return _frames(given, sums, whole, standard)


def _frames(given: Given, sums: PlaceSums, total: PlaceSums, standard: Standard) -> ServiceRates:
    names = [*sums.names, *total.names]
    size = (len(names), len(given.services))
    got, could = np.vstack([sums.got, total.got]), np.vstack([sums.could, total.could])
    several = np.concatenate([sums.several, total.several])
    residents = np.concatenate([sums.residents, total.residents])
    told = figures(got, could, several, residents, standard)
    low, high = poisson_interval(got, could)
    expected = could * standard.rate
    smoothed = smooth(got, could, standard.rate, standard.between)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(could > 0, got / could, np.nan)
        ratio = np.where(expected > 0, got / expected, np.nan)
    kinds = pd.DataFrame(
        {
            "place_id": np.repeat(np.array(names, dtype=object), size[1]),
            "service": [service.id for service in given.services] * size[0],
            "services": got.ravel().astype(np.int64),
            "eligible": could.ravel().astype(np.int64),
            "per_100": 100 * rate.ravel(),
            "low": 100 * low.ravel(),
            "high": 100 * high.ravel(),
            "expected": expected.ravel(),
            "ratio": ratio.ravel(),
            "smoothed": 100 * smoothed.ravel(),
            "meets": ((got > 0) & (smoothed >= standard.times * standard.rate)).ravel(),
        }
    )
    all_low, all_high = poisson_interval(got.sum(axis=1), expected.sum(axis=1))
    share_low, share_high = wilson(several, residents)
    level = 100 * standard.per_resident
    places = pd.DataFrame(
        {
            "place_id": names,
            "residents": residents.astype(np.int64),
            "services": got.sum(axis=1).astype(np.int64),
            "expected": expected.sum(axis=1),
            "services_per_100": told["services_per_100"],
            "low": level * all_low,
            "high": level * all_high,
            "service_kinds": told["service_kinds"],
            "kinds_given": (got > 0).sum(axis=1),
            "several": several.astype(np.int64),
            "several_share": told["persons_with_several_pct"],
            "several_low": share_low,
            "several_high": share_high,
        }
    )
    return ServiceRates(kinds, places, standard, given.services)
