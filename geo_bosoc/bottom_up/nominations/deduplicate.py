"""Nominations that mean the same place put together, with the trail of why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree


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
