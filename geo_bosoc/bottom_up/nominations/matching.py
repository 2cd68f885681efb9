"""What names and addresses as staff write them mean, and which nominations mean the same place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

SURE_LIKENESS: Final = 0.92
"""Likeness (difflib's ratio of the folded names) from which a single candidate is taken as meant: an assumption."""
DOUBTFUL_LIKENESS: Final = 0.72
"""Likeness from which a candidate is worth a person's look: an assumption."""
_MOST_CANDIDATES: Final = 3
_GENERIC_WORDS: Final = (
    "boligforeningen", "boligforening", "afdelingen", "afdeling", "afd", "boligselskabet", "boligselskab",
    "bebyggelsen", "området", "kvarteret", "ved", "omkring", "nær", "i", "the", "estate", "housing", "area",
)  # fmt: skip
_ADDRESS: Final = re.compile(r"^\s*(?P<street>[^\d,]+?)\s*(?P<number>\d{1,3}\s?[A-Za-zÆØÅæøå]?)(?=$|[\s,.])")


@dataclass(frozen=True)
class Candidate:
    """What a name may mean: `kind` is estate, street or address; `target` its id; `score` 1 for the same name."""

    kind: str
    target: str
    name: str
    score: float


def fold_name(text: str) -> str:
    """A name as it is compared: small letters, Danish letters however they are written, no signs.

    >>> fold_name("Højvangen"), fold_name("HOEJVANGEN"), fold_name("Aa-gade"), fold_name("Ågade")
    ('hojvangen', 'hojvangen', 'agade', 'agade')
    """
    plain = text.casefold()
    for pair, letter in (("å", "a"), ("aa", "a"), ("ø", "o"), ("oe", "o"), ("ö", "o"), ("æ", "e"), ("ae", "e"),
                         ("ä", "e"), ("ü", "u"), ("é", "e")):  # fmt: skip
        plain = plain.replace(pair, letter)
    plain = re.sub(r"['’.\-]", "", plain)
    return " ".join(re.sub(r"[^\w]", " ", plain).split())


def bare_name(text: str) -> str:
    """A folded name without the words that are no part of it ("afd. 3, Højvangen").

    >>> bare_name("Boligforeningen Højvangen, afd. 3")
    'hojvangen'
    """
    words = [w for w in fold_name(text).split() if w not in _GENERIC_WORDS_FOLDED and not w.isdigit()]
    return " ".join(words) or fold_name(text)


_GENERIC_WORDS_FOLDED: Final = frozenset(fold_name(word) for word in _GENERIC_WORDS)


@dataclass(frozen=True)
class Directory:
    """The names that may be meant. Each maps a folded name to what has it; several may share one."""

    estates: Mapping[str, tuple[Candidate, ...]]
    streets: Mapping[str, tuple[Candidate, ...]]
    doors: Mapping[tuple[str, str], str]
    estate_ids: Mapping[str, str]
    address_ids: frozenset[str]

    @classmethod
    def of(cls, areas: pd.DataFrame, addresses: pd.DataFrame) -> Directory:
        """From estates (`area_id, name`) and addresses (`address_id`, and `street, number` where known)."""
        estates = _by_name(
            Candidate("estate", str(i), str(n), 1.0)
            for i, n in zip(areas["area_id"], areas["name"], strict=True)
        )
        streets: Mapping[str, tuple[Candidate, ...]] = {}
        doors: dict[tuple[str, str], str] = {}
        if "street" in addresses.columns:
            with_street = addresses.dropna(subset=["street"])
            names = sorted(with_street["street"].unique())
            streets = _by_name(Candidate("street", f"street:{name}", str(name), 1.0) for name in names)
            if "number" in with_street.columns:
                for door, street, number in zip(
                    with_street["address_id"], with_street["street"], with_street["number"], strict=True
                ):
                    doors.setdefault((fold_name(str(street)), _number(str(number))), str(door))
        ids = dict(zip(areas["area_id"].astype(str), areas["name"].astype(str), strict=True))
        return cls(estates, streets, doors, ids, frozenset(addresses["address_id"].astype(str)))


def _by_name(candidates: Iterable[Candidate]) -> dict[str, tuple[Candidate, ...]]:
    by_name: dict[str, tuple[Candidate, ...]] = {}
    for candidate in candidates:
        for key in dict.fromkeys((fold_name(candidate.name), bare_name(candidate.name))):
            by_name[key] = (*by_name.get(key, ()), candidate)
    return by_name


def _number(text: str) -> str:
    return re.sub(r"\s", "", text).upper().lstrip("0")


def match_name(text: str, directory: Directory) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The estate or street that a free name surely means, and else the candidates for a person to choose from.

    A name is tried as it is, folded, and without words such as "afdeling". One that two estates share, or that is only
    like one, is in doubt.
    """
    for key in dict.fromkeys((fold_name(text), bare_name(text))):
        for names in (directory.estates, directory.streets):
            matches = names.get(key, ())
            if len(matches) == 1:
                return matches[0], ()
            if matches:
                return None, matches
    name = bare_name(text)
    if not name:
        return None, ()
    nearest: dict[str, Candidate] = {}
    for names in (directory.estates, directory.streets):
        for key in difflib.get_close_matches(name, list(names), n=_MOST_CANDIDATES, cutoff=DOUBTFUL_LIKENESS):
            score = round(difflib.SequenceMatcher(None, name, key).ratio(), 3)
            for candidate in names[key]:
                if candidate.target not in nearest or nearest[candidate.target].score < score:
                    nearest[candidate.target] = Candidate(
                        candidate.kind, candidate.target, candidate.name, score
                    )
    ranked = sorted(
        nearest.values(), key=lambda candidate: (-candidate.score, candidate.kind, candidate.target)
    )[:_MOST_CANDIDATES]
    if ranked and ranked[0].score >= SURE_LIKENESS and (len(ranked) == 1 or ranked[1].score < SURE_LIKENESS):
        return ranked[0], ()
    return None, tuple(ranked)


def match_address(text: str, directory: Directory) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The door that an address such as "Søndergade 12 B, 2. tv" means; a street with another spelling is in doubt."""
    parts = _ADDRESS.match(text)
    if parts is None:
        return match_name(text, directory)
    street, number = fold_name(parts["street"]), _number(parts["number"])
    door = directory.doors.get((street, number))
    if door is not None:
        return Candidate("address", door, "", 1.0), ()
    candidates = []
    for key in difflib.get_close_matches(
        street, list(directory.streets), n=_MOST_CANDIDATES, cutoff=DOUBTFUL_LIKENESS
    ):
        other_door = directory.doors.get((key, number))
        score = round(difflib.SequenceMatcher(None, street, key).ratio(), 3)
        street_name = directory.streets[key][0].name
        if other_door is not None:
            candidates.append(Candidate("address", other_door, f"{street_name} {number}", score))
        elif key == street:
            candidates.append(Candidate("street", f"street:{street_name}", street_name, score))
    return None, tuple(candidates)


@dataclass(frozen=True)
class PlaceGroups:
    """`place_by_nomination`; `trail` and `estates` as `Nominations` has them."""

    place_by_nomination: dict[str, str]
    trail: pd.DataFrame
    estates: pd.DataFrame


def deduplicate(
    rows: pd.DataFrame,
    homes: pd.DataFrame,
    addresses: pd.DataFrame,
    estate_homes: Mapping[str, list[str]],
    estate_ids: set[str],
    near: float,
) -> PlaceGroups:
    """Group the nominations that have homes by the place they mean.

    Those of an estate are the same place; one with at least half of its homes in a nominated estate belongs to that
    estate; the others are the same place where they share a home or lie within `near` metres of each other. Two
    estates are never merged, however near they lie. Places are numbered N001, N002 ... by their first nomination.
    """
    members = {str(k): list(v) for k, v in homes.groupby("nomination_id")["address_id"]}
    nominations = [str(nomination) for nomination in rows["nomination_id"] if str(nomination) in members]
    estate = {
        str(nomination): str(target)
        for nomination, target in zip(rows["nomination_id"], rows["matched_to"], strict=True)
        if target in estate_ids and str(nomination) in members
    }
    joined_to: dict[str, tuple[str, str]] = {}
    first_by_estate: dict[str, str] = {}
    for nomination in nominations:
        if nomination in estate:
            leader = first_by_estate.setdefault(estate[nomination], nomination)
            if leader != nomination:
                joined_to[nomination] = (leader, "same_estate")
    homes_by_estate = {area: set(estate_homes.get(area, ())) for area in first_by_estate}
    elsewhere = [nomination for nomination in nominations if nomination not in estate]
    for nomination in elsewhere:
        shares = {
            area: len(members_of_estate.intersection(members[nomination]))
            for area, members_of_estate in homes_by_estate.items()
        }
        best = max(sorted(shares), key=lambda area: shares[area], default=None)
        if best is not None and shares[best] and 2 * shares[best] >= len(members[nomination]):
            joined_to[nomination] = (first_by_estate[best], "inside_estate")
    elsewhere = [nomination for nomination in elsewhere if nomination not in joined_to]
    _join_near(elsewhere, members, addresses, near, joined_to)
    place_by_nomination: dict[str, str] = {}
    trail: list[tuple[str, str, str, str]] = []
    for nomination in nominations:
        first = nomination
        while first in joined_to:
            first = joined_to[first][0]
        if first not in place_by_nomination:
            place_by_nomination[first] = f"N{len({*place_by_nomination.values()}) + 1:03d}"
        place_by_nomination[nomination] = place_by_nomination[first]
        other, reason = joined_to.get(nomination, ("", "first"))
        trail.append((place_by_nomination[nomination], nomination, reason, other))
    frame = pd.DataFrame(trail, columns=["place_id", "nomination_id", "joined_by", "joined_to"])
    areas = sorted({(place_by_nomination[leader], area) for area, leader in first_by_estate.items()})
    return PlaceGroups(
        place_by_nomination,
        frame.sort_values(["place_id", "nomination_id"], kind="stable", ignore_index=True),
        pd.DataFrame(areas, columns=["place_id", "area_id"]),
    )


def _join_near(
    nominations: list[str],
    members: Mapping[str, list[str]],
    addresses: pd.DataFrame,
    near: float,
    joined_to: dict[str, tuple[str, str]],
) -> None:
    """Join each to the head of the first earlier one that it overlaps, or lies near."""
    coordinates = addresses.set_index("address_id")[["x", "y"]]
    points = {
        nomination: coordinates.reindex(members[nomination]).dropna().to_numpy(np.float64)
        for nomination in nominations
    }

    def first_of(name: str) -> str:
        while name in joined_to:
            name = joined_to[name][0]
        return name

    for position, nomination in enumerate(nominations):
        tree = cKDTree(points[nomination]) if len(points[nomination]) else None
        for other in nominations[:position]:
            if first_of(nomination) == first_of(other):
                continue
            reason = ""
            if set(members[nomination]) & set(members[other]):
                reason = "overlap"
            elif tree is not None and len(points[other]) and tree.query(points[other])[0].min() <= near:
                reason = "near"
            if reason:
                earlier, later = sorted((first_of(nomination), first_of(other)), key=nominations.index)
                joined_to[later] = (earlier, reason)
