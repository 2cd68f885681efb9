"""Tables of forums and of actions at places: small files of a row a place and year, in Danish or English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.bottom_up.nominations.read import homes_of_texts
from geo_bosoc.bottom_up.presence.services import folded_unit
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.problems import InputError, Report, did_you_mean, load_spec
from geo_bosoc.problems.messages import joined, listed, phrase
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.person_numbers import refuse_person_numbers
from geo_bosoc.text.provenance import Labelled

_PLACE: Final = {
    "place": ("place", "sted", "area_id", "area", "område", "address", "adresse", "name", "navn"),
    "year": ("year", "år", "period", "periode"),
}
_FORUM: Final[Mapping[str, tuple[str, ...]]] = {
    **_PLACE,
    "chair": ("chair", "formand", "formandskab", "tovholder"),
    "members": ("members", "medlemmer", "deltagere"),
    "status": ("status",),
}
_ACTION: Final[Mapping[str, tuple[str, ...]]] = {
    **_PLACE,
    "action": ("action", "indsats", "handling"),
    "count": ("count", "antal"),
    "goal": ("goal", "mål"),
    "counted": ("counted", "unit", "enhed", "tæller"),
}
STATUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "planned": ("planned", "planlagt", "på vej"),
    "active": ("active", "aktiv", "aktivt", "i gang", "igang"),
    "paused": ("paused", "pause", "på pause", "hviler"),
    "closed": ("closed", "lukket", "nedlagt", "afsluttet"),
}
"""What a forum's status may be, by the words for it."""
PERSONS: Final = "persons"
_COUNTED: Final[Mapping[str, tuple[str, ...]]] = {
    PERSONS: ("persons", "personer", "deltagere", "beboere", "børn", "unge", "participants", "residents"),
    "households": ("households", "husstande", "familier", "boliger", "families", "homes"),
    "times": ("times", "gange", "møder", "besøg", "aktiviteter", "meetings", "visits", "activities"),
}
FORUM_COLUMNS: Final = ("place", "row", "year", "chair", "members", "status")
ACTION_COLUMNS: Final = ("place", "row", "year", "action", "count", "goal", "counted")
_BETWEEN_MEMBERS: Final = re.compile(r"[;,|/+&\n]| og | and ")
_PLACE_ID: Final = re.compile(r"[NPE]\d{3,}")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


class ActionKind(Labelled):
    """A kind of action at places.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "homework"``
    begins : tuple of str
        Beginnings of the words it is known by. Example: ``begins = ["lektie", "homework"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    begins: tuple[str, ...] = Field(min_length=1)


class _ActionFile(BaseModel):
    """The file of kinds of action."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: tuple[ActionKind, ...]


@cache
def list_action_kinds() -> tuple[ActionKind, ...]:
    """The kinds of action that ship with the package.

    >>> [kind.label("en") for kind in list_action_kinds()][:2]
    ['home visits', 'homework help']
    """
    return load_spec(_ActionFile, resources.files("geo_bosoc.bottom_up.history") / "action_kinds.toml").action


def publishable_action(text: str, names: Iterable[str]) -> str:
    """What may be shown of an action as it was written: one of the names that the project allows, or the id of the kind
    it is known as; empty for any other text, which is not shown.

    >>> publishable_action("Lektiecafé hos Jytte", ()), publishable_action("Jyttes ting", ())
    ('homework', '')
    >>> publishable_action("Bydelsmødre", ["Bydelsmødre"])
    'Bydelsmødre'
    """
    folded = folded_unit(text)
    given = next((name for name in names if folded_unit(name) and folded_unit(name) in folded), None)
    if given is not None:
        return given
    first: tuple[int, int, str] | None = None
    for kind in list_action_kinds():
        for begin in (*kind.begins, kind.id, kind.label_da, kind.label_en):
            match = re.search(rf"\b{re.escape(folded_unit(begin))}", folded)
            rank = (match.start(), -len(begin), kind.id) if match else None
            first = rank if rank is not None and (first is None or rank[:2] < first[:2]) else first
    return "" if first is None else first[2]


def action_label(action: str, language: str) -> str:
    """What an action is called within a sentence, from its id or name; of one without either that it is another.

    >>> action_label("homework", "da"), action_label("Bydelsmødre", "da"), action_label("", "da")
    ('lektiehjælp', 'Bydelsmødre', 'andet')
    """
    labels = {kind.id: kind.label(language) for kind in list_action_kinds()}
    return labels.get(action, action) or word("bottom_up", "another_action", language)


def read_forums(path: Path, report: Report) -> pd.DataFrame:
    """The forums of places, a row a place and year.

    Parameters
    ----------
    path : Path
        A CSV or workbook with the columns ``place`` (an estate's id or name, an address, a street), ``year``, ``chair``
        and ``members`` (units, with commas between them) and ``status`` (planned, active, paused, closed), or their
        names in Danish: ``sted``, ``år``, ``formand``, ``medlemmer``, ``status``. Other columns are not read.
    report : Report
        Takes every fault with its row.

    Returns
    -------
    DataFrame
        `FORUM_COLUMNS`: `members` are tuples of what was written, `status` a key of `STATUSES` or "".
    """
    rows = []
    for number, texts, columns in _rows(path, _FORUM, ("place", "year"), report):
        status = _code(texts.get("status", ""), STATUSES, number, columns.get("status"), path, report)
        members = (part.strip() for part in _BETWEEN_MEMBERS.split(texts.get("members", "")))
        year = texts["year"]
        rows.append(
            (texts["place"], number, year, texts.get("chair", ""), tuple(filter(None, members)), status)
        )
    frame = pd.DataFrame(rows, columns=list(FORUM_COLUMNS))
    again = frame.assign(place=[text.casefold() for text in frame["place"]]).duplicated(["place", "year"])
    for number in frame.loc[again, "row"]:
        report.error("the place has a forum of that year in an earlier row too.",
                     hint="Leave one row a place and year.", file=path, row=int(number))  # fmt: skip
    return frame


def read_actions(path: Path, report: Report) -> pd.DataFrame:
    """What is done at places, a row an action.

    Parameters
    ----------
    path : Path
        A CSV or workbook with the columns ``place``, ``year``, ``action``, ``count`` (how many it was), ``goal`` (how
        many it was to be) and ``counted`` (what is counted: persons, households or times; persons if left out), or
        their names in Danish: ``sted``, ``år``, ``indsats``, ``antal``, ``mål``, ``enhed``. Other columns are not read.
    report : Report
        Takes every fault with its row.

    Returns
    -------
    DataFrame
        `ACTION_COLUMNS`: `count` and `goal` are whole numbers or None.
    """
    rows = []
    for number, texts, columns in _rows(path, _ACTION, ("place", "year", "action"), report):
        counts = [
            _count(texts.get(role, ""), number, columns.get(role), path, report) for role in ("count", "goal")
        ]
        counted = _code(texts.get("counted", ""), _COUNTED, number, columns.get("counted"), path, report)
        rows.append((texts["place"], number, texts["year"], texts["action"], *counts, counted or PERSONS))
    return pd.DataFrame(rows, columns=list(ACTION_COLUMNS), dtype=object)


@dataclass(frozen=True)
class PlaceTable:
    """A table of forums or of actions, and by the text that names a place its homes."""

    rows: pd.DataFrame
    homes: Mapping[str, tuple[str, ...]]


def read_place_tables(
    root: Path, part: BottomUpPart, addresses: pd.DataFrame, areas: gpd.GeoDataFrame, report: Report
) -> tuple[PlaceTable | None, PlaceTable | None]:
    """The project's forums and actions with the homes of each place; None where it names no such table.

    A place that is not known is an error with its row and the nearest names.
    """
    tables: list[PlaceTable | None] = []
    for name, read in ((part.forums, read_forums), (part.actions, read_actions)):
        if name is None:
            tables.append(None)
            continue
        rows = read(root / name, report)
        meanings = homes_of_texts(rows["place"], areas=areas, addresses=addresses)
        for text, row in zip(rows["place"], rows["row"], strict=True):
            if text and not meanings[text].homes:
                _tell_unknown_place(text, meanings[text].near, root / name, int(row), report)
        tables.append(PlaceTable(rows, {text: meaning.homes for text, meaning in meanings.items()}))
    return tables[0], tables[1]


def _tell_unknown_place(text: str, near: Collection[str], file: Path, row: int, report: Report) -> None:
    if _PLACE_ID.fullmatch(text):
        hint = phrase("Places are numbered anew in each run: write the estate, the street or an address.")
    elif near:
        hint = phrase("Did you mean {names}?", names=listed([f'"{name}"' for name in near], "or"))
    else:
        hint = phrase("Write an estate's id or name, a street or an address as the address table has them.")
    report.error("this place is not known.", hint=hint, file=file, row=row)


def _rows(
    path: Path, roles: Mapping[str, tuple[str, ...]], needed: Collection[str], report: Report
) -> list[tuple[int, dict[str, str], dict[str, str]]]:
    """Each row's number, its texts by role, and the columns by role; faults go to the report."""
    try:
        table = read_finished(path)
    except InputError as error:
        report.problems += list(error.problems)
        return []
    numbers = row_numbers(table)
    for name in table.columns:
        texts_of_column = [cell_text(value) for value in table[name]]
        refuse_person_numbers(texts_of_column, str(name), report, file=path.name, rows=numbers)
    columns = columns_by_role(table.columns, roles)
    for role in needed:
        if role not in columns:
            near = did_you_mean(role, [str(name) for name in table.columns])
            report.error(
                phrase('there is no column "{column}".', column=role),
                hint=near or phrase("It may also be called {names}.", names=joined(roles[role][1:])),
                file=path, column=role,
            )  # fmt: skip
    if any(role not in columns for role in needed):
        return []
    _tell_misspelled([str(name) for name in table.columns], roles, columns, path, report)
    rows = []
    for number, record in zip(numbers, table.to_dict("records"), strict=True):
        texts = {role: bare_text(cell_text(record[column])) for role, column in columns.items()}
        if not any(texts.values()):
            continue
        for role in needed:
            if not texts[role]:
                report.error("is empty.", file=path, row=number, column=columns[role])
        if texts["year"] and not _YEAR.fullmatch(texts["year"]):
            report.error("this is no year.", hint="Write it as 2024.", file=path, row=number,
                         column=columns["year"])  # fmt: skip
        rows.append((number, texts, columns))
    return rows


def _tell_misspelled(
    header: Collection[str],
    roles: Mapping[str, tuple[str, ...]],
    columns: Mapping[str, str],
    path: Path,
    report: Report,
) -> None:
    """A column whose name is nearly that of one that is missing; any other column is the municipality's own."""
    missing = [name for role, names in roles.items() if role not in columns for name in names]
    for name in header:
        near = did_you_mean(name, missing, cutoff=0.8) if name not in columns.values() else None
        if near is not None:
            report.warn("this column is not read.", file=path, column=name, hint=near)


def _code(
    text: str, codes: Mapping[str, tuple[str, ...]], row: int, column: str | None, path: Path, report: Report
) -> str:
    """The code that a word stands for; "" where there is none."""
    folded = " ".join(text.casefold().split())
    code = next((code for code, words in codes.items() if folded in words), "")
    if text and not code:
        names = joined([words[1] for words in codes.values()])
        report.error("this word is not known.", hint=phrase("Write one of: {names}.", names=names), file=path,
                     row=row, column=column)  # fmt: skip
    return code


def _count(text: str, row: int, column: str | None, path: Path, report: Report) -> int | None:
    digits: Any = text.replace(".", "").replace(" ", "")
    if not text:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        report.error("this is no whole number.", hint="Leave the cell empty where it is not known.", file=path,
                     row=row, column=column)  # fmt: skip
        return None
    return int(digits)
