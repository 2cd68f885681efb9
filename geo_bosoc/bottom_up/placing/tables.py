"""Agreements, vacancies, assignments and need: small tables, checked cell by cell before anything is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.spec import PlacingPart
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.problems import Report, add_problems, did_you_mean, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers

_ESTATE: Final = ("estate_id", "estate", "area_id", "afdeling", "område")
_YEAR: Final = ("year", "år")
_ORGANISATION: Final = ("organisation", "boligorganisation")
COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "agreements": {
        "organisation": _ORGANISATION,
        "every": ("every", "hver"),
        "from_year": ("from_year", "fra_år", "fra år"),
        "to_year": ("to_year", "til_år", "til år"),
    },
    "vacancies": {
        "estate_id": _ESTATE,
        "year": _YEAR,
        "vacancies": ("vacancies", "ledige"),
        "organisation": _ORGANISATION,
        "dwellings": ("dwellings", "boliger"),
        "banned": ("banned", "forbud"),
    },
    "assignments": {"estate_id": _ESTATE, "year": _YEAR, "assigned": ("assigned", "anvist")},
    "need": {"year": _YEAR, "waiting": ("waiting", "venter"), "assigned": ("assigned", "anvist")},
}
"""By table and role each column, by the names it goes by."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "agreements": ("organisation", "every", "from_year"),
    "vacancies": ("estate_id", "year", "vacancies"),
    "assignments": ("estate_id", "year", "assigned"),
    "need": ("year", "waiting"),
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "agreements": ("organisation", "from_year"),
    "vacancies": ("estate_id", "year"),
    "assignments": ("estate_id", "year"),
    "need": ("year",),
}
_TEXTS: Final = ("estate_id", "organisation")
_YEARS: Final = ("year", "from_year", "to_year")
_YES_NO: Final = {"": False, "nej": False, "no": False, "ja": True, "yes": True}


@dataclass(frozen=True)
class PlacingTables:
    """What the files say, one row a cell's key; a table that the project does not name is empty.

    Attributes
    ----------
    agreements : DataFrame
        ``organisation, every`` (0: no vacancy), ``from_year, to_year`` (missing: until further notice).
    vacancies : DataFrame
        ``estate_id, year, vacancies, organisation, dwellings`` (missing where not given), ``banned``.
    assignments : DataFrame
        ``estate_id, year, assigned``, and the ``row`` of the file.
    need : DataFrame
        ``year, waiting, assigned`` (missing where not given).
    files : mapping of str to str
        By table its file's name.
    """

    agreements: pd.DataFrame
    vacancies: pd.DataFrame
    assignments: pd.DataFrame
    need: pd.DataFrame
    files: Mapping[str, str] = field(default_factory=dict)


def read_placing(part: PlacingPart, root: Path, report: Report) -> PlacingTables | None:
    """Read the tables that ``[bottom_up.placing]`` names; all that is wrong joins `report`.

    Parameters
    ----------
    part : PlacingPart
        Which files there are.
    root : Path
        The project's folder.
    report : Report
        Takes every problem, with file, row and column.

    Returns
    -------
    PlacingTables or None
        None where anything is wrong.
    """
    inner_report = Report()
    paths = {name: getattr(part, name) for name in COLUMNS}
    tables = {
        name: _empty(name) if path is None else _table(name, root / path, inner_report)
        for name, path in paths.items()
    }
    if not inner_report.errors:
        tables["vacancies"] = _with_organisations(tables, paths, inner_report)
    add_problems(report, inner_report.problems)
    if inner_report.errors:
        return None
    return PlacingTables(**tables, files={name: Path(path).name for name, path in paths.items() if path})


def check_estates(tables: PlacingTables, areas: Collection[str], report: Report) -> None:
    """Estates of assignments that are neither among the areas nor among the vacancies are errors with their rows.

    Parameters
    ----------
    tables : PlacingTables
        As they were read.
    areas : collection of str
        Ids of the assessed areas.
    report : Report
        Takes the errors.
    """
    ids = {*areas, *tables.vacancies["estate_id"]}
    for row in tables.assignments[~tables.assignments["estate_id"].isin(ids)].to_dict("records"):
        report.error(
            "this estate is neither among the areas nor among the vacancies.",
            file=tables.files.get("assignments"),
            row=int(row["row"]),
            column="estate_id",
            hint=did_you_mean(str(row["estate_id"]), sorted(ids))
            or "Write the estate's id as in the boundaries, with leading zeros, or add its vacancies and dwellings.",
        )


def _empty(name: str) -> pd.DataFrame:
    """A table without rows, in the types of one that has some."""
    types = {
        role: "object" if role in _TEXTS else "bool" if role == "banned" else "Int64"
        for role in COLUMNS[name]
    }
    return pd.DataFrame({role: pd.Series(dtype=kind) for role, kind in {**types, "row": "Int64"}.items()})  # fmt: skip


def _table(name: str, path: Path, report: Report) -> pd.DataFrame:
    """A file's rows by role; empty where it cannot be read."""
    frame = read_or_none(lambda: read_finished(path), report)
    if frame is None:
        return _empty(name)
    header, roles = [str(column) for column in frame.columns], COLUMNS[name]
    columns = columns_by_role(header, roles)
    for role in _NEEDED[name]:
        if role not in columns:
            report.error(
                phrase('there is no column "{name}".', name=role),
                file=path.name,
                column=role,
                key=f"bottom_up.placing.{name}",
                hint=phrase("It may also be called {names}.", names=joined(roles[role][1:])),
            )
    numbers = row_numbers(frame)
    for role in set(_TEXTS) & set(columns):
        texts = [cell_text(value) for value in frame[columns[role]]]
        refuse_person_numbers(texts, columns[role], report, file=path.name, rows=numbers)
    if not set(_NEEDED[name]) <= set(columns):
        return _empty(name)
    rows = []
    for number, record in zip(numbers, frame.to_dict("records"), strict=True):
        cells = {role: bare_text(cell_text(record[column])) for role, column in columns.items()}
        if any(cells.values()):
            rows.append(_Row(name, cells, number, columns, path.name, report).values())
    table = pd.DataFrame(rows, columns=list(_empty(name).columns)).astype(_empty(name).dtypes.to_dict())
    _check_keys(name, table, columns, path.name, report)
    return table


def _check_keys(
    name: str, table: pd.DataFrame, columns: Mapping[str, str], file: str, report: Report
) -> None:
    """A row for the same estate, organisation or year as an earlier one is an error."""
    keys = list(_KEYS[name])
    for row in table.loc[table.duplicated(keys) & table[keys].notna().all(axis=1), "row"]:
        report.error(
            phrase("an earlier row has the same {keys}.", keys=joined(columns[key] for key in keys)),
            file=file,
            row=int(row),
            column=columns[keys[0]],
            hint="Add the figures together, or delete the row that is wrong.",
        )


def _with_organisations(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, str | None], report: Report
) -> pd.DataFrame:
    """The vacancies with an organisation each: that of the only agreement, where their file names none."""
    vacancies = tables["vacancies"]
    names = sorted(set(tables["agreements"]["organisation"]))
    blank = vacancies["organisation"] == ""
    if blank.any() and len(names) == 1:
        return vacancies.assign(organisation=vacancies["organisation"].mask(blank, names[0]))
    if blank.any() and names:
        report.error(
            "it is not said whose vacancies these are, and there are agreements with several organisations.",
            file=Path(str(paths["vacancies"])).name,
            row=int(vacancies.loc[blank, "row"].iloc[0]),
            column="organisation",
            count=int(blank.sum()),
            hint="Write each estate's organisation as in the agreements.",
        )
    unknown = sorted(set(vacancies["organisation"]) - {*names, ""})
    for name in unknown if names else []:
        report.warn(
            phrase('there is no agreement with "{name}": its vacancies give no right.', name=name),
            file=Path(str(paths["vacancies"])).name,
            column="organisation",
            key="bottom_up.placing.agreements",
            hint=did_you_mean(name, names) or "Add a row to the agreements, or leave it so.",
        )
    return vacancies


class _Row:
    """A row of a table while it is read: every fault goes to the report."""

    def __init__(
        self, table: str, cells: Mapping[str, str], number: int, columns: Mapping[str, str], file: str, report: Report
    ) -> None:  # fmt: skip
        self.table, self.cells, self.number = table, cells, number
        self.columns, self.file, self.report = columns, file, report

    def values(self) -> list[Any]:
        """The cells by the table's roles, and the row's number."""
        read: dict[str, Callable[[str], Any]] = {
            **dict.fromkeys(_TEXTS, self._text), **dict.fromkeys(_YEARS, self._year), "banned": self._yes_no
        }  # fmt: skip
        return [*(read.get(role, self._count)(role) for role in COLUMNS[self.table]), self.number]

    def _fault(self, role: str, message: str, hint: str) -> None:
        self.report.error(
            message, file=self.file, row=self.number, column=self.columns.get(role, role), hint=hint
        )

    def _is_needed(self, role: str) -> bool:
        return role in _NEEDED[self.table]

    def _text(self, role: str) -> str:
        text = self.cells.get(role, "")
        if not text and self._is_needed(role):
            self._fault(role, "the cell is empty.", "Fill it in, or delete the row.")
        return text

    def _year(self, role: str) -> Any:
        text = self.cells.get(role, "")
        if not text and not self._is_needed(role):
            return pd.NA
        if not (text.isascii() and text.isdigit() and len(text) == 4 and 1900 <= int(text) <= 2200):
            self._fault(role, "this is no year.", "Write four digits, such as 2024.")
            return pd.NA
        return int(text)

    def _count(self, role: str) -> Any:
        text = self.cells.get(role, "")
        if not text and not self._is_needed(role):
            return pd.NA
        plain = text.replace(".", "") if _has_thousands(text) else text
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 7):
            hint = (
                "Write 6 for every sixth vacancy, and 0 where the agreement gives none."
                if role == "every"
                else "Write a whole number, 0 where there is none."
            )
            self._fault(role, "a whole number of 0 or more is needed.", hint)
            return pd.NA
        return int(plain)

    def _yes_no(self, role: str) -> bool:
        text = self.cells.get(role, "").casefold()
        if text not in _YES_NO:
            self._fault(role, "this is neither yes nor no.", 'Write "ja" or "nej", or leave it empty.')
        return _YES_NO.get(text, False)


def _has_thousands(text: str) -> bool:
    """Whether dots part groups of three digits, as in 1.200."""
    first, *groups = text.split(".")
    return bool(groups) and 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)
