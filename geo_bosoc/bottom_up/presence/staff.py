"""The municipality's staff in and near places, and households that several kinds of service meet in.

Staff are reckoned in two steps, as access to care is (Luo and Wang 2003, "Measures of spatial accessibility to health
care in a GIS environment", Environment and Planning B 30(6), 865-884): the positions of an institution are shared
equally by the residents within reach of it, and a home has the sum of its shares. Over all homes the shares add up to
the positions of every institution that anybody lives within reach of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo_bosoc.bottom_up.presence.service_rates import smooth_rates, variance_between_places
from geo_bosoc.bottom_up.presence.services import Service, unit_labels, unit_words
from geo_bosoc.bottom_up.study_parts import ShownPart
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number, protected_word
from geo_bosoc.text.person_numbers import refuse_person_numbers

STAFF_COLUMNS: Final = ("kind", "full_time", "x", "y")
KINDS_TOGETHER: Final = 3
"""From so many kinds of service on a household is counted."""
IN_PLACE: Final = 50.0
"""Metres from one of a place's homes within which an institution lies in the place."""
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("kind", "slags", "type", "institution_type"),
    "full_time": ("full_time", "årsværk", "fuldtid", "fuldtidsstillinger", "fte"),
    "hours": ("hours", "timer", "ugentlige_timer"),
    "address_id": ("address_id", "adresse_id"),
    "x": ("x", "øst", "east"),
    "y": ("y", "nord", "north"),
}


def read_staff(
    path: Path, addresses: pd.DataFrame, report: Report, *, week: float = 37.0, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Institutions of the municipality and of those that it has contracts with.

    Parameters
    ----------
    path : Path
        A CSV or workbook, a row an institution: ``kind``, ``full_time`` (positions) or ``hours`` (a week), and
        ``address_id`` or ``x`` and ``y`` (EPSG:25832), or their names in Danish. Other columns are not read.
    addresses : DataFrame
        ``address_id, x, y`` of the homes.
    report : Report
        Takes every fault with its row.
    week : float
        Hours of a full-time position.
    columns : mapping of str to str
        Our names of columns and the file's, before the usual ones.

    Returns
    -------
    DataFrame
        `STAFF_COLUMNS`; a row without a place, or without a number, is in the report.
    """
    try:
        table = read_finished(path)
    except InputError as error:
        report.problems += list(error.problems)
        return pd.DataFrame(columns=list(STAFF_COLUMNS))
    numbers = row_numbers(table)
    roles = {role: (columns[role],) if role in columns else names for role, names in _ROLES.items()}
    by_role = columns_by_role(table.columns, roles)
    missing = [] if "kind" in by_role else ["kind"]
    missing += [] if {"full_time", "hours"} & set(by_role) else ["full_time"]
    missing += [] if "address_id" in by_role or {"x", "y"} <= set(by_role) else ["address_id"]
    for role in missing:
        report.error(
            phrase('there is no column "{column}".', column=role),
            hint=phrase("It may also be called {names}.", names=joined(roles[role][1:] or roles[role])),
            file=path, column=role,
        )  # fmt: skip
    if missing:
        return pd.DataFrame(columns=list(STAFF_COLUMNS))
    texts = {role: [bare_text(cell_text(cell)) for cell in table[column]] for role, column in by_role.items()}
    for role, column in by_role.items():
        refuse_person_numbers(texts[role], column, report, file=path.name, rows=numbers)
    home_of = dict(
        zip(
            addresses["address_id"].astype(str), zip(addresses["x"], addresses["y"], strict=True), strict=True
        )
    )
    rows = []
    for place, row in enumerate(numbers):
        cells = {role: values[place] for role, values in texts.items()}
        if not any(cells.values()):
            continue
        fault = _Fault(path, row, by_role, report)
        positions = fault.positions(cells, week)
        point = fault.point(cells, home_of)
        if positions is not None and point is not None:
            rows.append((cells["kind"], positions, *point))
    return pd.DataFrame(rows, columns=list(STAFF_COLUMNS))


@dataclass(frozen=True)
class _Fault:
    """What is read of a row, and what is wrong with it."""

    path: Path
    row: int
    columns: Mapping[str, str]
    report: Report

    def positions(self, texts: Mapping[str, str], week: float) -> float | None:
        """Full-time positions; hours where there are none."""
        for role, over in (("full_time", 1.0), ("hours", week)):
            if text := texts.get(role, ""):
                value = _decimal(text)
                if value is None or value < 0:
                    self._tell(role, "this is no number of 0 or more.", "Write it as 12.5 or 12,5.")
                    return None
                return value / over
        role = "full_time" if "full_time" in self.columns else "hours"
        self._tell(role, "is empty.", "Write the institution's positions or hours, 0 where it has no staff.")
        return None

    def point(
        self, texts: Mapping[str, str], homes: Mapping[str, tuple[float, float]]
    ) -> tuple[float, float] | None:
        """Where the institution is."""
        address = texts.get("address_id", "")
        if address in homes:
            x, y = homes[address]
            return float(x), float(y)
        x_value, y_value = (_decimal(texts.get(role, "")) for role in ("x", "y"))
        if x_value is not None and y_value is not None:
            return x_value, y_value
        role = "address_id" if "address_id" in self.columns else "x"
        hint = "Write x and y (EPSG:25832), or the id of an address that somebody lives at."
        self._tell(role, "the institution has no place.", hint)
        return None

    def _tell(self, role: str, message: str, hint: str) -> None:
        self.report.error(message, file=self.path, row=self.row, column=self.columns.get(role), hint=hint)


def _decimal(text: str) -> float | None:
    """A number with a decimal comma or point."""
    plain = text.replace(" ", "")
    plain = plain.replace(".", "").replace(",", ".") if "," in plain else plain
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def staff_at_places(
    staff: pd.DataFrame, addresses: pd.DataFrame, homes: pd.DataFrame, within: float
) -> pd.DataFrame:
    """Staff in and near places, and what their residents have of it.

    Parameters
    ----------
    staff : DataFrame
        `STAFF_COLUMNS`.
    addresses : DataFrame
        ``address_id, x, y, residents`` of the homes.
    homes : DataFrame
        ``place_id, address_id``.
    within : float
        Metres that a home is within reach of an institution.

    Returns
    -------
    DataFrame
        A row a place, and one of `MUNICIPALITY`: ``place_id, residents, institutions_in, institutions_near,
        positions_near, kinds, positions`` (the place's shares), ``per_100``, ``smoothed`` and ``ratio`` (to the
        municipality's).

    Examples
    --------
    >>> staff = pd.DataFrame({"kind": ["school"], "full_time": [10.0], "x": [0.0], "y": [0.0]})
    >>> addresses = pd.DataFrame({"address_id": ["a", "b"], "x": [10.0, 900.0], "y": 0.0, "residents": [50, 50]})
    >>> homes = pd.DataFrame({"place_id": ["N001"], "address_id": ["a"]})
    >>> staff_at_places(staff, addresses, homes, 300)[["place_id", "positions", "per_100"]].values.tolist()
    [['N001', 10.0, 20.0], ['@municipality', 10.0, 10.0]]
    """
    living = addresses.reset_index(drop=True)
    residents = living["residents"].to_numpy(dtype=float)
    points = living[["x", "y"]].to_numpy(dtype=float)
    sites = staff[["x", "y"]].to_numpy(dtype=float).reshape(-1, 2)
    near = cKDTree(points).query_ball_point(sites, within) if len(sites) and len(points) else []
    share = np.zeros(len(living))
    for positions, reached in zip(staff["full_time"], near, strict=True):
        total = residents[reached].sum()
        if total > 0:
            share[reached] += float(positions) / total
    place_of = {address: row for row, address in enumerate(living["address_id"].astype(str))}
    rows = []
    for place, of_place in homes.groupby("place_id", sort=True):
        own_homes = [place_of[each] for each in of_place["address_id"].astype(str) if each in place_of]
        distance = (
            cKDTree(points[own_homes]).query(sites)[0]
            if own_homes and len(sites)
            else np.full(len(sites), np.inf)
        )
        is_near = distance <= within
        rows.append({
            "place_id": str(place),
            "residents": residents[own_homes].sum(),
            "institutions_in": int((distance <= IN_PLACE).sum()),
            "institutions_near": int(is_near.sum()),
            "positions_near": float(staff.loc[is_near, "full_time"].sum()),
            "kinds": tuple(sorted(set(staff.loc[is_near, "kind"]))),
            "positions": float((share[own_homes] * residents[own_homes]).sum()),
        })  # fmt: skip
    rows.append({
        "place_id": MUNICIPALITY, "residents": residents.sum(), "institutions_in": len(staff),
        "institutions_near": len(staff), "positions_near": float(staff["full_time"].sum()),
        "kinds": (), "positions": float((share * residents).sum()),
    })  # fmt: skip
    return _rates(pd.DataFrame(rows))


def _rates(frame: pd.DataFrame) -> pd.DataFrame:
    """With positions per 100 residents, smoothed for small bases, and the ratio to the municipality's."""
    bases, positions = frame["residents"].to_numpy(dtype=float), frame["positions"].to_numpy(dtype=float)
    mean = float(positions[-1] / bases[-1]) if bases[-1] > 0 else 0.0
    between = variance_between_places(positions[:-1], bases[:-1], mean)
    smoothed = smooth_rates(positions, bases, mean, between)
    smoothed[-1] = mean
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(bases > 0, positions / bases, np.nan)
        ratio = smoothed / mean if mean > 0 else np.full(len(frame), np.nan)
    return frame.assign(per_100=100 * rate, smoothed=100 * smoothed, ratio=ratio)


def households_met(
    cases: pd.DataFrame, persons: pd.DataFrame, home: str, homes: pd.DataFrame
) -> pd.DataFrame:
    """Households that at least `KINDS_TOGETHER` kinds of service meet in.

    Parameters
    ----------
    cases : DataFrame
        ``person_id, service``.
    persons : DataFrame
        ``person_id, address_id`` and the column of their dwelling.
    home : str
        That column.
    homes : DataFrame
        ``place_id, address_id``.

    Returns
    -------
    DataFrame
        A row a place, and one of `MUNICIPALITY`: ``place_id, households, met``.
    """
    living = persons[["person_id", "address_id", home]].dropna(subset=[home])
    kinds = cases[["person_id", "service"]].dropna().merge(living, on="person_id").groupby(home)["service"]
    met = kinds.nunique().ge(KINDS_TOGETHER)
    households = living.drop_duplicates(home)[["address_id", home]]
    households = households.assign(met=households[home].map(met).eq(True))
    of_places = households.merge(homes, on="address_id").groupby("place_id", sort=True)["met"]
    table = of_places.agg(["size", "sum"]).reset_index()
    everywhere = pd.DataFrame(
        {"place_id": [MUNICIPALITY], "size": len(households), "sum": households["met"].sum()}
    )
    rows = pd.concat([table, everywhere], ignore_index=True).rename(
        columns={"size": "households", "sum": "met"}
    )
    return rows.astype({"place_id": str, "households": "int64", "met": "int64"})


@dataclass(frozen=True)
class PresencePart:
    """What the municipality is at a place besides its services to persons: staff, and households met by several kinds.

    Attributes
    ----------
    staff : DataFrame or None
        As `staff_at_places` gives it; None where no institutions are given.
    households : DataFrame or None
        As `households_met` gives it; None where households are not known.
    sizes : mapping of str to int
        How many households each place has: of places of few nothing is counted.
    within : float
        Metres that a home is within reach of an institution.
    services : tuple of Service
        Kinds of service, which give kinds of institution their names (`unit_words`).
    names : tuple of str
        Names of units that may be shown; a kind that may be somebody's name is another unit.
    unit_names : mapping of str to str
        The municipality's own names of units.
    """

    key: ClassVar[str] = "presence"
    staff: pd.DataFrame | None
    households: pd.DataFrame | None
    sizes: Mapping[str, int]
    within: float
    services: tuple[Service, ...]
    names: tuple[str, ...]
    unit_names: Mapping[str, str]

    def show(self, language: Language, minimum: int) -> ShownPart:
        """Both tables, and their sentences at places."""
        sheets: dict[str, pd.DataFrame] = {}
        lines: dict[str, list[str]] = {}
        if self.staff is not None:
            sheets["sheet_staff"] = sheet = self._staff_sheet(language, minimum)
            self._staff_lines(lines, sheet, language)
            sheet["institution_kinds"] = sheet["institution_kinds"].map(sentence_case)
        if self.households is not None:
            sheets["sheet_households_met"] = self._household_sheet(minimum)
            self._household_lines(lines, sheets["sheet_households_met"], language)
        notes = [word("bottom_up", "note_households_met", language, kinds=KINDS_TOGETHER)]
        if self.staff is not None:
            notes.insert(0, word("bottom_up", "note_staff", language, distance=number(self.within, language)))
        formats: dict[str, Any] = dict.fromkeys(
            ("positions_near", "positions_per_100", "positions_smoothed", "met_per_100"), "one_decimal"
        )
        formats |= {"positions_ratio": "two_decimals"}
        return ShownPart(sheets=sheets, formats=formats, lines=lines, notes=notes if sheets else ())

    def _staff_sheet(self, language: Language, minimum: int) -> pd.DataFrame:
        assert self.staff is not None
        labels = unit_labels(self.services, language)
        words = unit_words(self.services, self.names, self.unit_names)
        kinds = [
            dict.fromkeys(labels.get(name, name) for name in map(words.publishable_unit, each))
            for each in self.staff["kinds"]
        ]
        hidden = small(self.staff["residents"].round().astype("int64"), minimum)
        hidden |= self._is_few(self.staff["place_id"], minimum)
        return pd.DataFrame({
            "place_id": self.staff["place_id"],
            "institutions_in": self.staff["institutions_in"],
            "institutions_near": self.staff["institutions_near"],
            "institution_kinds": [", ".join(each) for each in kinds],
            "positions_near": self.staff["positions_near"],
            "positions_per_100": self.staff["per_100"].mask(hidden),
            "positions_smoothed": self.staff["smoothed"].mask(hidden),
            "positions_ratio": self.staff["ratio"].mask(hidden),
            "hidden": hidden,
        })  # fmt: skip

    def _household_sheet(self, minimum: int) -> pd.DataFrame:
        assert self.households is not None
        table = self.households
        hidden = small(table["met"], minimum) | small(table["households"] - table["met"], minimum)
        hidden |= self._is_few(table["place_id"], minimum)
        share = 100 * table["met"] / table["households"].where(table["households"] > 0)
        return pd.DataFrame({
            "place_id": table["place_id"],
            "households_met": table["met"].astype("Int64").mask(hidden),
            "met_per_100": share.mask(hidden),
            "hidden": hidden,
        })  # fmt: skip

    def _is_few(self, places: pd.Series, minimum: int) -> pd.Series:
        """Places of so few households that what is told of them is told of homes."""
        return small(places.map(self.sizes).fillna(minimum).astype("int64"), minimum)

    def _staff_lines(self, lines: dict[str, list[str]], sheet: pd.DataFrame, language: Language) -> None:
        sentence = partial(word, "bottom_up", language=language)
        rate = float(sheet["positions_per_100"].iloc[-1])  # the municipality's
        for row in sheet.iloc[:-1].to_dict("records"):
            near, distance = int(row["institutions_near"]), number(self.within, language)
            positions, kinds = number(row["positions_near"], language, 1), row["institution_kinds"]
            key = {0: "staff_none", 1: "staff_one"}.get(near, "staff_near")
            count = number(near, language)
            text = sentence(key, count=count, distance=distance, kinds=kinds, positions=positions)
            if near and not row["hidden"]:
                here = number(row["positions_per_100"], language, 1)
                text += " " + sentence("staff_rate", rate=here, municipality=number(rate, language, 1))
            lines.setdefault(str(row["place_id"]), []).append(text)

    def _household_lines(self, lines: dict[str, list[str]], sheet: pd.DataFrame, language: Language) -> None:
        sentence = partial(word, "bottom_up", language=language)
        is_hidden, rate = bool(sheet["hidden"].iloc[-1]), sheet["met_per_100"].iloc[-1]  # the municipality's
        for row in sheet.iloc[:-1].to_dict("records"):
            count = protected_word(language) if row["hidden"] else number(row["households_met"], language)
            text = sentence("met_line", kinds=KINDS_TOGETHER, count=count)
            if not row["hidden"] and not is_hidden:
                here = number(row["met_per_100"], language, 1)
                text += " " + sentence("met_rate", rate=here, municipality=number(float(rate), language, 1))
            lines.setdefault(str(row["place_id"]), []).append(text)
