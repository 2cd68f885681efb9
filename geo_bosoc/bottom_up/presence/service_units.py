"""Households with the services they are given and those to be expected: what finding places by services works on.

A household's expected services are the municipality's rates for those of its members who could get each kind. Chance
exchanges what households are given among households of the same members by what they could get, so that neither old
people nor large families make a place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.presence.service_rates import service_records
from geo_bosoc.bottom_up.presence.services import Service
from geo_bosoc.problems import Report

LEAST_EXCHANGED: Final = 50
"""Households that chance exchanges with each other at least: an assumption. Rarer ones go with those whose expected
services are nearest."""


def service_units(
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    services: Sequence[Service] | None = None,
    *,
    home: str | None = None,
    exclude: Collection[str] = (),
    report: Report | None = None,
) -> pd.DataFrame:
    """Households with their services and the expected ones, for `local_statistic`.

    Parameters
    ----------
    cases, persons : DataFrame
        As `municipal_service_rates` takes them. A case without a person counts in the households of its address in
        turn; one at an address where nobody lives counts nowhere.
    services : sequence of Service, optional
        The kinds; by default those that ship with the package.
    home : str, optional
        The persons' column with their dwelling; without it an address is a household.
    exclude : collection of str, optional
        Addresses of institutions and shelters: neither their residents nor their services are counted.
    report : Report, optional
        Takes the cases that count nowhere.

    Returns
    -------
    DataFrame
        One row a household: `address_id, at_risk` (its members), `cases` (services: a person with a kind), `expected`
        (they add up to the cases), `stratum` (of households that chance may exchange).

    Raises
    ------
    InputError
        As `municipal_service_rates`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import Service, service_units
    >>> persons = pd.DataFrame({"person_id": [1, 2, 3, 4], "address_id": list("abbb"), "home": [1, 2, 2, 3]})
    >>> cases = pd.DataFrame({"person_id": [2, 3], "service": "care"})
    >>> care = Service(id="care", label_da="Pleje", label_en="Care")
    >>> units = service_units(cases, persons, [care], home="home")
    >>> units[["address_id", "at_risk", "cases", "expected"]].values.tolist()
    [['a', 1, 0, 0.5], ['b', 2, 2, 1.0], ['b', 1, 0, 0.5]]
    """
    records = service_records(cases, persons, services, report=report)
    lived_in = persons[home] if home is not None else persons["address_id"]
    size = len(persons)
    counted = ~np.isin(records.address.astype(str), np.array(sorted(map(str, exclude)), dtype=str))
    living = counted[:size] & lived_in.notna().to_numpy()
    household, _ = pd.factorize(lived_in[living], sort=True)
    number = int(household.max()) + 1 if household.size else 0
    given, eligible = records.given[:size][living], records.eligible[:size][living]
    members = np.bincount(household, minlength=number)
    could = np.column_stack([_by_household(household, column, number) for column in eligible.T])
    got = np.column_stack([_by_household(household, column, number) for column in given.T])
    address = np.empty(number, dtype=object)
    address[household[::-1]] = records.address[:size][living][::-1]
    rows, kinds = np.nonzero(records.given[size:] * counted[size:, None])
    got = _shared_out(got, address, records.address[size:][rows], kinds)
    all_could = could.sum(axis=0)
    rate = np.divide(got.sum(axis=0), all_could, out=np.zeros(all_could.size), where=all_could > 0)
    expected = could @ rate
    return pd.DataFrame(
        {
            "address_id": address,
            "at_risk": members.astype(np.int64),
            "cases": (got * (all_could > 0)).sum(axis=1).astype(np.int64),
            "expected": expected,
            "stratum": _strata(could, expected),
        }
    )


def half_of_homes(
    cases: pd.DataFrame, persons: pd.DataFrame, *, home: str | None = None, seed: int = 1
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which persons and which cases belong to one half of the homes, drawn by their keys.

    Parameters
    ----------
    cases, persons : DataFrame
        As `service_units` takes them.
    home : str, optional
        See there; members of a household are in the same half.
    seed : int, optional
        Another seed draws other halves; the order of rows decides nothing.

    Returns
    -------
    tuple of ndarray of bool
        (persons,) and (cases,). A case goes with its person's home, and one without a person with its address.
    """
    lived_in = persons[home].fillna(persons["address_id"]) if home is not None else persons["address_id"]
    of_persons = _first_half(lived_in, seed)
    person = np.full(len(cases), -1)
    if "person_id" in cases.columns:
        person = pd.Index(persons["person_id"]).get_indexer(pd.Index(cases["person_id"]))
    of_addresses = np.zeros(len(cases), bool)
    if "address_id" in cases.columns:
        of_addresses = _first_half(cases["address_id"], seed)
    return of_persons, np.where(person >= 0, of_persons[person] if len(persons) else False, of_addresses)


def _first_half(keys: pd.Series, seed: int) -> NDArray[np.bool_]:
    codes, values = pd.factorize(keys.astype(str))
    first = [
        hashlib.blake2b(f"{seed}:{value}".encode(), digest_size=1).digest()[0] % 2 == 0 for value in values
    ]
    return np.asarray(first, dtype=bool)[codes]


def _by_household(household: NDArray[np.intp], figures: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    return np.bincount(household, weights=figures, minlength=number).astype(np.int64)


def _shared_out(
    got: NDArray[np.int64],
    address: NDArray[np.object_],
    addresses: NDArray[np.object_],
    kinds: NDArray[np.intp],
) -> NDArray[np.int64]:
    """With the services that are known by address only, given to the households there in turn."""
    homes = pd.Series(np.arange(len(address)), dtype="int64").groupby(address.astype(str)).indices
    turn: dict[str, int] = {}
    for place, kind in sorted(zip(addresses.astype(str), kinds.tolist(), strict=True)):
        households = homes.get(place)
        if households is not None:
            got[households[turn.get(place, 0) % len(households)], kind] += 1
            turn[place] = turn.get(place, 0) + 1
    return got


def _strata(could: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Households of the same composition; those of rare ones in groups of nearly the same expected services."""
    if not len(could):
        return np.zeros(0, np.int64)
    _, kind, counts = np.unique(could, axis=0, return_inverse=True, return_counts=True)
    stratum = kind.reshape(-1).astype(np.int64)
    rare = np.flatnonzero(counts[stratum] < LEAST_EXCHANGED)
    if rare.size:
        order = rare[np.argsort(expected[rare], kind="stable")]
        groups = max(1, rare.size // LEAST_EXCHANGED)
        stratum[order] = len(counts) + np.arange(rare.size) * groups // rare.size
    return stratum
