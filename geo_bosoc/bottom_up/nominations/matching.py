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

SURE: Final = 0.92
"""Likeness (difflib's ratio of the folded names) from which a single candidate is taken as meant: an assumption."""
DOUBTFUL: Final = 0.72
"""Likeness from which a candidate is worth a person's look: an assumption."""
_MANY: Final = 3
_WORDS: Final = (
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


def folded(text: str) -> str:
    """A name as it is compared: small letters, Danish letters however they are written, no signs.

    >>> folded("Højvangen"), folded("HOEJVANGEN"), folded("Aa-gade"), folded("Ågade")
    ('hojvangen', 'hojvangen', 'agade', 'agade')
    """
    plain = text.casefold()
    for pair, letter in (("å", "a"), ("aa", "a"), ("ø", "o"), ("oe", "o"), ("ö", "o"), ("æ", "e"), ("ae", "e"),
                         ("ä", "e"), ("ü", "u"), ("é", "e")):  # fmt: skip
        plain = plain.replace(pair, letter)
    plain = re.sub(r"['’.\-]", "", plain)
    return " ".join(re.sub(r"[^\w]", " ", plain).split())


def bare(text: str) -> str:
    """A folded name without the words that are no part of it ("afd. 3, Højvangen").

    >>> bare("Boligforeningen Højvangen, afd. 3")
    'hojvangen'
    """
    words = [w for w in folded(text).split() if w not in _WORDS_FOLDED and not w.isdigit()]
    return " ".join(words) or folded(text)


_WORDS_FOLDED: Final = frozenset(folded(word) for word in _WORDS)


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
            there = addresses.dropna(subset=["street"])
            names = sorted(there["street"].unique())
            streets = _by_name(Candidate("street", f"street:{name}", str(name), 1.0) for name in names)
            if "number" in there.columns:
                for door, street, number in zip(
                    there["address_id"], there["street"], there["number"], strict=True
                ):
                    doors.setdefault((folded(str(street)), _number(str(number))), str(door))
        ids = dict(zip(areas["area_id"].astype(str), areas["name"].astype(str), strict=True))
        return cls(estates, streets, doors, ids, frozenset(addresses["address_id"].astype(str)))


def _by_name(candidates: Iterable[Candidate]) -> dict[str, tuple[Candidate, ...]]:
    found: dict[str, tuple[Candidate, ...]] = {}
    for one in candidates:
        for key in dict.fromkeys((folded(one.name), bare(one.name))):
            found[key] = (*found.get(key, ()), one)
    return found


def _number(text: str) -> str:
    return re.sub(r"\s", "", text).upper().lstrip("0")


def match_name(text: str, directory: Directory) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The estate or street that a free name surely means, and else the candidates for a person to choose from.

    A name is tried as it is, folded, and without words such as "afdeling". One that two estates share, or that is only
    like one, is in doubt.
    """
    for key in dict.fromkeys((folded(text), bare(text))):
        for names in (directory.estates, directory.streets):
            hits = names.get(key, ())
            if len(hits) == 1:
                return hits[0], ()
            if hits:
                return None, hits
    asked = bare(text)
    if not asked:
        return None, ()
    near: dict[str, Candidate] = {}
    for names in (directory.estates, directory.streets):
        for key in difflib.get_close_matches(asked, list(names), n=_MANY, cutoff=DOUBTFUL):
            score = round(difflib.SequenceMatcher(None, asked, key).ratio(), 3)
            for one in names[key]:
                if one.target not in near or near[one.target].score < score:
                    near[one.target] = Candidate(one.kind, one.target, one.name, score)
    ranked = sorted(near.values(), key=lambda one: (-one.score, one.kind, one.target))[:_MANY]
    if ranked and ranked[0].score >= SURE and (len(ranked) == 1 or ranked[1].score < SURE):
        return ranked[0], ()
    return None, tuple(ranked)


def match_address(text: str, directory: Directory) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The door that an address such as "Søndergade 12 B, 2. tv" means; a street with another spelling is in doubt."""
    parts = _ADDRESS.match(text)
    if parts is None:
        return match_name(text, directory)
    street, number = folded(parts["street"]), _number(parts["number"])
    door = directory.doors.get((street, number))
    if door is not None:
        return Candidate("address", door, "", 1.0), ()
    found = []
    for key in difflib.get_close_matches(street, list(directory.streets), n=_MANY, cutoff=DOUBTFUL):
        other = directory.doors.get((key, number))
        score = round(difflib.SequenceMatcher(None, street, key).ratio(), 3)
        named = directory.streets[key][0].name
        if other is not None:
            found.append(Candidate("address", other, f"{named} {number}", score))
        elif key == street:
            found.append(Candidate("street", f"street:{named}", named, score))
    return None, tuple(found)


@dataclass(frozen=True)
class Grouped:
    """`place` of each nomination; `trail` and `estates` as `Nominations` has them."""

    place: dict[str, str]
    trail: pd.DataFrame
    estates: pd.DataFrame


def same_places(
    rows: pd.DataFrame,
    homes: pd.DataFrame,
    addresses: pd.DataFrame,
    estate_homes: Mapping[str, list[str]],
    estate_ids: set[str],
    near: float,
) -> Grouped:
    """Group the nominations that have homes.

    Those of one estate are one place; one with at least half of its homes in a nominated estate belongs to that estate;
    the others are one place where they share a home or lie within `near` metres of each other. Two estates never become
    one, however near they lie. Places are numbered N001, N002 ... by their first nomination.
    """
    members = {str(k): list(v) for k, v in homes.groupby("nomination_id")["address_id"]}
    order = [str(one) for one in rows["nomination_id"] if str(one) in members]
    estate = {
        str(one): str(target)
        for one, target in zip(rows["nomination_id"], rows["matched_to"], strict=True)
        if target in estate_ids and str(one) in members
    }
    joined: dict[str, tuple[str, str]] = {}
    first_of: dict[str, str] = {}
    for one in order:
        if one in estate:
            leader = first_of.setdefault(estate[one], one)
            if leader != one:
                joined[one] = (leader, "same_estate")
    listed = {area: set(estate_homes.get(area, ())) for area in first_of}
    loose = [one for one in order if one not in estate]
    for one in loose:
        shares = {area: len(there.intersection(members[one])) for area, there in listed.items()}
        best = max(sorted(shares), key=lambda area: shares[area], default=None)
        if best is not None and shares[best] and 2 * shares[best] >= len(members[one]):
            joined[one] = (first_of[best], "inside_estate")
    loose = [one for one in loose if one not in joined]
    _join_near(loose, members, addresses, near, joined)
    place: dict[str, str] = {}
    trail: list[tuple[str, str, str, str]] = []
    for one in order:
        head = one
        while head in joined:
            head = joined[head][0]
        if head not in place:
            place[head] = f"N{len({*place.values()}) + 1:03d}"
        place[one] = place[head]
        to, why = joined.get(one, ("", "first"))
        trail.append((place[one], one, why, to))
    frame = pd.DataFrame(trail, columns=["place_id", "nomination_id", "joined_by", "joined_to"])
    areas = sorted({(place[leader], area) for area, leader in first_of.items()})
    return Grouped(
        place,
        frame.sort_values(["place_id", "nomination_id"], kind="stable", ignore_index=True),
        pd.DataFrame(areas, columns=["place_id", "area_id"]),
    )


def _join_near(
    loose: list[str],
    members: Mapping[str, list[str]],
    addresses: pd.DataFrame,
    near: float,
    joined: dict[str, tuple[str, str]],
) -> None:
    """Join each to the head of the first earlier one that it overlaps, or lies near."""
    where = addresses.set_index("address_id")[["x", "y"]]
    spots = {one: where.reindex(members[one]).dropna().to_numpy(np.float64) for one in loose}

    def head(name: str) -> str:
        while name in joined:
            name = joined[name][0]
        return name

    for at, one in enumerate(loose):
        tree = cKDTree(spots[one]) if len(spots[one]) else None
        for other in loose[:at]:
            if head(one) == head(other):
                continue
            why = ""
            if set(members[one]) & set(members[other]):
                why = "overlap"
            elif tree is not None and len(spots[other]) and tree.query(spots[other])[0].min() <= near:
                why = "near"
            if why:
                first, second = sorted((head(one), head(other)), key=loose.index)
                joined[second] = (first, why)
