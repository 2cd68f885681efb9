"""Projects on the table: what is built, demolished or converted, where and when; checked before anything is counted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.balance.code_lists import KINDS, TENURES
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase

Action = Literal["build", "demolish", "convert"]
ACTIONS: Final = ("build", "demolish", "convert")
PROJECT_COLUMNS: Final = (
    "project_id", "name", "area_id", "year", "action", "tenure", "kind", "to_tenure", "to_kind", "dwellings", "m2",
    "probability",
)  # fmt: skip


def check_projects(
    projects: pd.DataFrame,
    areas: Collection[str] | None = None,
    *,
    file: str | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Check a table of projects, every fault with its row and column, and standardise it.

    Parameters
    ----------
    projects : DataFrame
        One row a project and kind of dwelling:

        - ``area_id``, or several joined by a plus ("U1+04") where the project lies in areas that overlap,
        - ``year`` (when it stands, is down or is converted: it counts from 1 January of the next year on in a balance
          by years, see `geo_bosoc.balance.scenario`),
        - ``dwellings`` (whole, 0 and more), ``tenure`` (social, private_rental, cooperative, owner_occupied, public,
          other), ``kind`` of a social dwelling (family, youth, elderly, care; missing = not known),
        - ``action``: build (where left out), demolish or convert; a conversion names ``to_tenure`` and ``to_kind``,
        - ``m2`` of business floor space built or demolished (missing = 0),
        - ``probability`` from 0 to 1 (missing = 1, decided); ``project_id`` and ``name`` where there are any.
    areas : collection of str, optional
        The areas of the study; a project elsewhere is reported and left out.
    file : str, optional
        The table's name, for messages.
    report : Report, optional
        Collects problems; without it errors raise.

    Returns
    -------
    DataFrame
        The columns above, sorted by year and project; empty if `report` took errors.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import check_projects
    >>> table = pd.DataFrame({"area_id": ["U1"], "year": [2026], "tenure": ["social"], "dwellings": [40]})
    >>> check_projects(table)[["project_id", "area_id", "action", "dwellings", "probability"]].values.tolist()
    [['row 2', 'U1', 'build', 40, 1.0]]
    """
    inner_report = Report()
    frame = projects.reset_index(drop=True)
    for name in ("area_id", "year", "tenure", "dwellings"):
        if name not in frame.columns:
            inner_report.error(
                phrase('the projects have no column "{column}".', column=name), file=file, column=name
            )
    if inner_report.errors:
        inner_report.hand_over(report)
        return _empty()
    rows = [
        _row(number, dict(row), inner_report, file)
        for number, row in enumerate(frame.to_dict("records"), start=2)
    ]
    if inner_report.errors:
        inner_report.hand_over(report)
        return _empty()
    checked = pd.DataFrame(rows, columns=list(PROJECT_COLUMNS)) if rows else _empty()
    checked = checked.assign(area_id=checked["area_id"].astype(str).str.split("+")).explode(
        "area_id", ignore_index=True
    )
    checked = checked.assign(area_id=checked["area_id"].str.strip())
    if areas is not None:
        elsewhere = ~checked["area_id"].isin(list(areas))
        if elsewhere.any():
            count = int(elsewhere.sum())
            inner_report.warn(
                phrase(
                    "{projects} in areas that are not known ({names}), left out.",
                    projects=count_text(count, "project row"),
                    names=joined(sorted(set(checked.loc[elsewhere, "area_id"]))[:5]),
                ),
                file=file,
                column="area_id",
                count=count,
            )
        checked = checked[~elsewhere]
    inner_report.hand_over(report)
    return checked.sort_values(["year", "project_id", "area_id"], kind="stable").reset_index(drop=True)


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in PROJECT_COLUMNS})


def _row(number: int, row: dict[Any, Any], report: Report, file: str | None) -> list[Any]:
    def fault(column: str, message: str, hint: str | None = None) -> None:
        report.error(message, file=file, row=number, column=column, hint=hint)

    def text(name: str, default: str = "") -> str:
        value = row.get(name)
        return default if value is None or pd.isna(value) or str(value).strip() == "" else str(value).strip()

    def integer(name: str, default: int | None = None) -> int:
        value = pd.to_numeric(pd.Series([row.get(name)]), errors="coerce").iloc[0]
        if pd.isna(value):
            if default is None or text(name):
                fault(name, "a whole number is needed.")
            return default or 0
        if value % 1 or value < 0:
            fault(name, "a whole number of 0 or more is needed.")
            return 0
        return int(value)

    def choice(name: str, choices: tuple[str, ...], value: str) -> str:
        if value not in choices:
            fault(name, "this is not known here.", phrase("Known: {names}.", names=joined(choices)))
        return value

    area = text("area_id")
    if not area:
        fault("area_id", "the project names no area.")
    action = choice("action", ACTIONS, text("action", "build"))
    tenure = choice("tenure", TENURES[:-1], text("tenure"))
    kind = text("kind")
    to_tenure, to_kind = text("to_tenure"), text("to_kind")
    for name, value in (("kind", kind), ("to_kind", to_kind)):
        if value:
            choice(name, KINDS, value)
    if kind and tenure != "social":
        fault("kind", "only social dwellings have a kind.")
    if action == "convert":
        choice("to_tenure", TENURES[:-1], to_tenure)
        if to_kind and to_tenure != "social":
            fault("to_kind", "only social dwellings have a kind.")
    elif to_tenure or to_kind:
        fault("to_tenure", "only a conversion says what the dwellings become.")
    year = integer("year")
    if year and not 1900 <= year <= 2200:
        fault("year", "this is no year.")
    probability = pd.to_numeric(pd.Series([row.get("probability")]), errors="coerce").iloc[0]
    if pd.isna(probability):
        if text("probability"):
            fault("probability", "a number from 0 to 1 is needed.")
        probability = 1.0
    elif not 0 <= probability <= 1:
        fault("probability", "a number from 0 to 1 is needed.", "Write 0.6 for 60 %.")
    name = text("project_id", f"row {number}")
    return [name, text("name", name), area, year, action, tenure, kind, to_tenure, to_kind, integer("dwellings"),
            integer("m2", 0), float(probability)]  # fmt: skip
