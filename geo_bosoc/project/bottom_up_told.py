"""What may be told of nominations: known units, safe ids, and outlines; never free text, names of staff or a home."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.drawn import nomination_outlines
from geo_bosoc.bottom_up.nominations import Nominations
from geo_bosoc.bottom_up.services import Service
from geo_bosoc.project.bottom_up_spec import BottomUpPart

_UNITS: Final = {
    "da": ("dagtilbud", "skole", "socialpsykiatri", "ældrepleje", "SSP", "jobcenter", "sundhedspleje", "bibliotek",
           "boligorganisation", "familieafdeling", "politi", "hjemmepleje", "ungdomsskole", "klub"),
    "en": ("day care", "school", "social psychiatry", "elderly care", "SSP", "job centre", "health visitors", "library",
           "housing organisation", "family department", "police", "home care", "youth school", "youth club"),
}  # fmt: skip
_OTHER: Final = {"da": "en anden enhed", "en": "another unit"}
_ID: Final = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{1,20}")


def told_nominations(
    nominations: Nominations | None,
    part: BottomUpPart,
    language: str,
    services: tuple[Service, ...],
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    exclude: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """The nominations that mean a place, as `nomination_outlines` gives them, with what may be told of each.

    A unit that is not known by name may be free text, and is told as another unit; an id that may be text is left out.
    Sorted by place, unit and date.
    """
    known = {name.casefold(): name for name in part.units}
    here = _UNITS[language]
    for names in _UNITS.values():
        known |= {name.casefold(): told for name, told in zip(names, here, strict=True)}
    for one in services:
        known |= {text.casefold(): one.id for text in (one.id, one.label_da, one.label_en)}
    drawn = nomination_outlines(
        nominations, addresses=addresses, areas=areas, exclude=exclude,
        least_households=part.least_households,
    )  # fmt: skip
    units = [known.get(str(unit).replace("_", " ").casefold(), known.get(str(unit).casefold(), _OTHER[language]))
             for unit in drawn["unit"]]  # fmt: skip
    told = drawn.assign(
        nomination_id=[_safe(one) for one in drawn["nomination_id"]],
        joined_to=[_safe(one) for one in drawn["joined_to"]],
        unit=units,
        date=drawn["date"].astype(str),
    )
    return told.sort_values(["place_id", "unit", "date", "nomination_id"], ignore_index=True)


def to_settle(nominations: Nominations | None) -> pd.DataFrame:
    """The candidates for a person to settle. Ids that may be text are left out, and doors of an address."""
    columns = ["nomination_id", "row", "candidate_kind", "candidate", "candidate_name", "score", "accept"]
    if nominations is None:
        return pd.DataFrame(columns=columns)
    frame = nominations.doubtful[columns].copy()
    frame["nomination_id"] = [_safe(one) for one in frame["nomination_id"]]
    door = frame["candidate_kind"] == "address"
    street = frame["candidate_name"].astype(str).str.replace(r"\s*\d[^\d]*$", "", regex=True)
    frame["candidate_name"] = frame["candidate_name"].where(~door, street)
    return frame


def _safe(name: object) -> str:
    """An id that cannot be text: short, of letters and digits, with a digit in it."""
    return str(name) if _ID.fullmatch(str(name)) else ""
