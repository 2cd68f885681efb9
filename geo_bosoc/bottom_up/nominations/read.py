"""Nominations: places that staff nominate, read, matched to estates and homes, and deduplicated.

Free text is not read: of a nomination's columns only those named here are looked at, and the name or address that staff
wrote is used for matching alone. A place is called by its estate or its streets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo_bosoc.bottom_up.nominations.files import read_nomination_rows, read_settled
from geo_bosoc.bottom_up.nominations.matching import (
    Candidate,
    Directory,
    deduplicate,
    match_address,
    match_name,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

NEAR: Final = 50.0
"""Metres: a point means the homes within it, and places nearer to each other are one. An assumption."""
_FARTHEST: Final = 200.0
"""Metres from a point to the nearest home beyond which it names no place at all."""


@dataclass(frozen=True)
class Nominations:
    """Nominations with what they mean.

    Attributes
    ----------
    rows : DataFrame
        `nomination_id, unit, date, concern, source_kind` (point | address | polygon | estate | name), `place_id` (""
        where it means no place yet), `match` (sure | doubtful | none), `matched_to` (an area_id, an address_id,
        "street:..." or "").
    doubtful : DataFrame
        For a person to settle, one row a candidate: `nomination_id, row` (in the file), `candidate_kind, candidate,
        candidate_name, score, accept` (empty). With "ja" in `accept` the table is read back as `settled`.
    homes : DataFrame
        `nomination_id, address_id`.
    trail : DataFrame
        Why nominations are the same place: `place_id, nomination_id, joined_by` (first | same_estate | inside_estate |
        overlap | near), `joined_to` (a nomination_id; "" for the first).
    estates : DataFrame
        `place_id, area_id` of the places that are estates.
    """

    rows: pd.DataFrame
    doubtful: pd.DataFrame
    homes: pd.DataFrame
    trail: pd.DataFrame
    estates: pd.DataFrame


def read_nominations(
    path: str | Path,
    *,
    areas: gpd.GeoDataFrame,
    addresses: pd.DataFrame,
    settled: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    near: float = NEAR,
    report: Report | None = None,
) -> Nominations:
    """Read nominations and match them to places.

    Parameters
    ----------
    path : str or Path
        CSV, Excel, or a map file (GeoPackage, GeoJSON) with points and polygons. Columns: `nomination_id, unit` (day
        care, school ...), `date`, `concern`, and one of `area_id` (an estate's id), `address`, `x` and `y`
        (EPSG:25832), `name` (an estate or street as staff call it), or a geometry. The first that is given counts.
    areas : GeoDataFrame
        The estates, `area_id, name, geometry` (EPSG:25832).
    addresses : DataFrame
        All homes: `address_id, x, y`, and `street, number, estate_id` where they are known. Without `estate_id` an
        estate's homes are those in its outline.
    settled : str or Path, optional
        The table of doubtful matches with a "ja" (yes, 1, x) at the right candidate, or a "nej" at each.
    columns : dict of str to str, optional
        Our names of columns and the file's, where they differ.
    near : float, optional
        Metres; see `NEAR`.
    report : Report, optional
        Collects problems; without it errors raise.

    Returns
    -------
    Nominations

    Raises
    ------
    InputError
        The file cannot be read, ids are missing or duplicated, a column holds person numbers, a settled row names
        something that does not exist: all at once.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> from geo_bosoc.bottom_up import read_nominations
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_id": ["E1"], "name": ["Solparken"]}, geometry=[box(0, 0, 90, 90)], crs="EPSG:25832"
    ... )
    >>> addresses = pd.DataFrame({"address_id": ["a"], "x": [10.0], "y": [10.0]})
    >>> table = pd.DataFrame({"nomination_id": ["M1"], "unit": ["school"], "name": ["Solparken"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "nominations.csv"
    ...     table.to_csv(path, sep=";", index=False)
    ...     nominations = read_nominations(path, areas=areas, addresses=addresses)
    >>> nominations.rows[["nomination_id", "place_id", "match", "matched_to"]].values.tolist()
    [['M1', 'N001', 'sure', 'E1']]
    """
    inner_report = Report()
    file = Path(path)
    rows = read_nomination_rows(file, dict(columns or {}), inner_report)
    if addresses["address_id"].duplicated().any():
        inner_report.error("holds ids more than once.", file="addresses", column="address_id")
    directory = Directory.of(areas, addresses)
    settled_file = Path(settled) if settled is not None else None
    answers = read_settled(settled_file, inner_report) if settled_file is not None else {}
    for nomination_id, target in answers.items():
        street = target.startswith("street:") and any(
            candidate.target == target for streets in directory.streets.values() for candidate in streets
        )
        if (
            target
            and target not in directory.estate_ids
            and target not in directory.address_ids
            and not street
        ):
            inner_report.error(
                "names a candidate that is neither an estate, a street nor an address.",
                hint=phrase(
                    "Look at {nomination}: take a candidate from the table of doubtful matches.",
                    nomination=nomination_id,
                ),
                file=settled_file,
                column="candidate",
            )
    if inner_report.errors:
        inner_report.hand_over(report)
        return _no_nominations()
    unknown_ids = len(set(answers) - set(rows["nomination_id"]))
    if unknown_ids:
        inner_report.warn(
            "settles nominations that are not in the file of nominations.",
            file=settled_file,
            count=unknown_ids,
        )
    matcher = _Matcher(areas, addresses, directory, near)
    matched, doubtful, homes = [], [], []
    for record in rows.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        answer = answers.get(row["nomination_id"])
        kind, match, candidates, home_ids = matcher.match(row, answer or None)
        candidates = candidates if answer != "" else ()  # none of them is meant, somebody has said
        status = "sure" if match is not None else ("doubtful" if candidates else "none")
        matched.append(
            {
                **{name: row[name] for name in ("nomination_id", "unit", "date", "concern")},
                "source_kind": kind,
                "place_id": "",
                "match": status,
                "matched_to": match.target if match is not None else "",
            }
        )
        homes += [(row["nomination_id"], home) for home in home_ids]
        doubtful += [
            (row["nomination_id"], row["row"], other.kind, other.target, other.name, other.score, "")
            for other in candidates
            if match is None
        ]
    nominations = pd.DataFrame(matched, columns=_ROWS)
    home_rows = pd.DataFrame(homes, columns=["nomination_id", "address_id"])
    groups = deduplicate(
        nominations, home_rows, addresses, matcher.estate_homes, set(directory.estate_ids), near
    )
    nominations["place_id"] = pd.Series(
        [groups.place_by_nomination.get(name, "") for name in nominations["nomination_id"]],
        index=nominations.index,
        dtype=object,
    )
    for status, text, hint in (
        (
            "doubtful",
            "nominations are in doubt: rows {rows}.",
            "Settle them in the table of doubtful matches.",
        ),
        (
            "none",
            "nominations match no estate, street or home: rows {rows}.",
            "Give an estate's id, an address or coordinates.",
        ),
    ):
        row_numbers = rows.loc[(nominations["match"] == status).to_numpy(), "row"].tolist()
        if row_numbers:
            numbers = ", ".join(str(row) for row in sorted(row_numbers)[:20]) + (
                " ..." if len(row_numbers) > 20 else ""
            )
            inner_report.warn(phrase(text, rows=numbers), file=file, count=len(row_numbers), hint=hint)
    inner_report.hand_over(report)
    return Nominations(
        nominations, pd.DataFrame(doubtful, columns=_DOUBTS), home_rows, groups.trail, groups.estates
    )


_ROWS: Final = [
    "nomination_id", "unit", "date", "concern", "source_kind", "place_id", "match", "matched_to",
]  # fmt: skip
_DOUBTS: Final = [
    "nomination_id", "row", "candidate_kind", "candidate", "candidate_name", "score", "accept",
]  # fmt: skip


def _no_nominations() -> Nominations:
    return Nominations(
        pd.DataFrame(columns=_ROWS),
        pd.DataFrame(columns=_DOUBTS),
        pd.DataFrame(columns=["nomination_id", "address_id"]),
        pd.DataFrame(columns=["place_id", "nomination_id", "joined_by", "joined_to"]),
        pd.DataFrame(columns=["place_id", "area_id"]),
    )


@dataclass(frozen=True)
class PlaceText:
    """What a text that names a place means.

    Attributes
    ----------
    homes : tuple of str
        Addresses; none where it means no place, or is in doubt.
    near : tuple of str
        Names of estates and streets that it may mean.
    """

    homes: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def homes_of_texts(
    texts: Collection[str], *, areas: gpd.GeoDataFrame, addresses: pd.DataFrame
) -> dict[str, PlaceText]:
    """By text, the homes of the estate (by id or name), the street or the address that it names.

    `areas` and `addresses` are as `read_nominations` takes them.
    """
    directory = Directory.of(areas, addresses)
    matcher = _Matcher(areas, addresses, directory, NEAR)
    return {text: matcher.match_text(text) for text in sorted(set(texts))}


class _Matcher:
    """Matches nominations to homes; holds the index over homes."""

    def __init__(
        self, areas: gpd.GeoDataFrame, addresses: pd.DataFrame, directory: Directory, near: float
    ) -> None:
        self._directory, self._near = directory, near
        placed = addresses.dropna(subset=["x", "y"])
        self._ids = placed["address_id"].to_numpy(object)
        self._xy = placed[["x", "y"]].to_numpy(np.float64)
        self._tree = cKDTree(self._xy)
        self.estate_homes: dict[str, list[str]] = {}
        if "estate_id" in addresses.columns:
            listed = addresses.dropna(subset=["estate_id"])
            self.estate_homes = {str(k): sorted(v) for k, v in listed.groupby("estate_id")["address_id"]}
        else:
            for area, shape in zip(areas["area_id"], areas.geometry, strict=True):
                self.estate_homes[str(area)] = self._inside(shape)
        self._streets: dict[str, list[str]] = {}
        if "street" in addresses.columns:
            by_street = addresses.dropna(subset=["street"]).groupby("street")["address_id"]
            self._streets = {f"street:{k}": sorted(v) for k, v in by_street}

    def _inside(self, shape: Any) -> list[str]:
        if not len(self._xy):
            return []
        shapely.prepare(shape)
        return sorted(self._ids[shapely.intersects_xy(shape, self._xy[:, 0], self._xy[:, 1])].tolist())

    def match(
        self, row: Mapping[str, Any], answer: str | None
    ) -> tuple[str, Candidate | None, tuple[Candidate, ...], list[str]]:
        """The kind of source, the match (or None), the candidates, and the homes that are meant."""
        kind, sure, candidates = self._match_row(row)
        if answer is not None and sure is None:
            sure = Candidate("estate" if answer in self._directory.estate_ids else "settled", answer, "", 1.0)
        if kind == "polygon" and sure is not None:
            return kind, sure, (), self._inside(row["geometry"])
        if kind == "point" and sure is not None and answer is None:
            point = self._point(row)
            return kind, sure, (), sorted(self._ids[self._tree.query_ball_point(point, self._near)].tolist())
        return kind, sure, candidates, self._homes(sure.target) if sure is not None else []

    def _homes(self, target: str) -> list[str]:
        if target in self._directory.estate_ids:
            return self.estate_homes.get(target, [])
        return self._streets.get(target, [target] if target in self._directory.address_ids else [])

    def match_text(self, text: str) -> PlaceText:
        """What an estate's id or name, an address or a street means."""
        if text in self._directory.estate_ids:
            return PlaceText(tuple(self._homes(text)))
        sure, candidates = match_address(text, self._directory)
        names = [other.name if other.kind != "address" else _street_of(other.name) for other in candidates]
        return PlaceText(
            tuple(self._homes(sure.target)) if sure is not None else (), tuple(dict.fromkeys(names))
        )

    @staticmethod
    def _point(row: Mapping[str, Any]) -> tuple[float, float]:
        shape = row["geometry"]
        if shape is not None:
            return float(shape.x), float(shape.y)
        return float(row["x"]), float(row["y"])

    def _match_row(self, row: Mapping[str, Any]) -> tuple[str, Candidate | None, tuple[Candidate, ...]]:
        if row["area_id"]:
            is_estate = row["area_id"] in self._directory.estate_ids
            if is_estate:
                return "estate", Candidate("estate", row["area_id"], "", 1.0), ()
            return "estate", *match_name(row["name"] or row["area_id"], self._directory)
        shape = row["geometry"]
        if shape is not None and shape.geom_type != "Point":
            inside = self._inside(shape)
            return "polygon", Candidate("address", inside[0], "", 1.0) if inside else None, ()
        if shape is not None or row["x"] is not None:
            if not len(self._xy):
                return "point", None, ()
            distance, nearest = self._tree.query(self._point(row))
            home = Candidate("address", str(self._ids[nearest]), "", 1.0)
            if distance <= self._near:
                return "point", home, ()
            score = round(max(0.0, 1 - distance / _FARTHEST), 3)
            doubt = (Candidate("address", home.target, "", score),) if distance <= _FARTHEST else ()
            return "point", None, doubt
        if row["address"]:
            return "address", *match_address(row["address"], self._directory)
        if row["name"]:
            return "name", *match_name(row["name"], self._directory)
        return "name", None, ()


def _street_of(address: str) -> str:
    """An address without its door."""
    return re.sub(r"\s*\d[^\d]*$", "", address)
