"""What may be published of nominations: listed units, safe ids, outlines; never free text, names of staff or a home."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.bottom_up.publishable_geometries import nomination_outlines
from geo_bosoc.bottom_up.services import Service, unit_words
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import word

_ID: Final = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{1,20}")


def publishable_nominations(
    nominations: Nominations | None,
    part: BottomUpPart,
    language: str,
    services: tuple[Service, ...],
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    exclude: Collection[str] = (),
    report: Report | None = None,
) -> gpd.GeoDataFrame:
    """The nominations that mean a place, as `nomination_outlines` gives them, with what may be published of each.

    A unit goes by its name where its words are on the list, and else in the words given; what may be somebody's name is
    another unit, and an id that may be text is left out. Sorted by place, unit and date.
    """
    words = unit_words(services, part.units, language)
    outlines = nomination_outlines(
        nominations, addresses=addresses, areas=areas, exclude=exclude,
        least_households=part.least_households,
    )  # fmt: skip
    published = outlines.assign(
        nomination_id=[_safe(name) for name in outlines["nomination_id"]],
        joined_to=[_safe(name) for name in outlines["joined_to"]],
        unit=[words.publishable_name(str(unit)) for unit in outlines["unit"]],
        date=outlines["date"].astype(str),
    )
    unnamed = published["unit"] == word("bottom_up_map", "another_unit", language)
    if report is not None and unnamed.any():
        ids = ", ".join(sorted(name for name in published.loc[unnamed, "nomination_id"] if name)[:20])
        report.warn(
            f"the unit is not known by its words and is shown as another unit{f': nominations {ids}' if ids else ''}.",
            key="bottom_up.units",
            count=int(unnamed.sum()),
            hint='Write the names of units that may be shown: units = ["kirken"] in [bottom_up].',
        )
    return published.sort_values(["place_id", "unit", "date", "nomination_id"], ignore_index=True)


def doubtful_candidates(nominations: Nominations | None) -> pd.DataFrame:
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
