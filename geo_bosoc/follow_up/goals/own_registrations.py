"""Own registrations: participants, meetings, kroner on an account; a small table, checked, small numbers hidden."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import small
from geo_bosoc.follow_up.goals.targets import (
    FACTORS,
    as_number,
    counts_persons,
    parse_period,
    parts_of,
    plain_unit,
)
from geo_bosoc.indicators.rates import wilson
from geo_bosoc.models.indicator_rows import LBF_IDS, indicator_columns, split_name
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers, status_of_text
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers

REGISTRATION_COLUMNS: Final = (
    "area_id", "period", "measure", "value", "low", "high", "base", "unit", "note", "status",
)  # fmt: skip
_NAMES: Final = {
    "area_id": ("area_id", "area", "område"),
    "period": ("period", "periode", "year", "år"),
    "measure": ("measure", "mål", "måltal", "indicator", "indikator"),
    "value": ("value", "værdi", "antal"),
    "unit": ("unit", "enhed"),
    "base": ("base", "respondents", "adspurgte", "svar"),
    "note": ("note", "bemærkning"),
}
_REQUIRED: Final = ("area_id", "period", "measure", "value", "unit")


def read_registrations(
    source: str | Path | pd.DataFrame,
    areas: Collection[str] | None = None,
    *,
    area: str = "",
    file: str | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Read a table of own registrations, every fault with its row and column.

    Parameters
    ----------
    source : str, Path or DataFrame
        One row an area, period and measure:

        - ``area_id`` (an area, ``@municipality``, ``@areas`` or ``@group:ID``),
        - ``period`` (2024, the half-year 2024H1, the quarter 2024K1),
        - ``measure`` (what is registered, by the name that goals use),
        - ``value`` (``..`` and ``<5`` are hidden, blank is missing), ``unit`` ("persons", "kr.", "percent" ...),
        - ``base`` where a percentage has one (how many were asked), and ``note``.

        Or a table of Landsbyggefonden's shape: ``indicator, area_value, municipality_value, unit, year``.
    areas : collection of str, optional
        The areas that there are; another is an error.
    area : str, optional
        The area of a table of Landsbyggefonden's shape.
    file : str, optional
        The table's name, for messages.
    report : Report, optional
        Collects problems; without it errors raise.

    Returns
    -------
    DataFrame
        ``area_id, period, measure, value, low, high, base, unit, note, status`` in the unit inside (a percentage is a
        fraction), sorted by measure, area and period; empty if `report` took errors. True figures: see
        `suppress_registrations`.

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> table = pd.DataFrame([{"area_id": "0012", "period": "2024 h1", "measure": "meetings", "value": "1.204",
    ...                        "unit": "meetings"}])
    >>> read_registrations(table)[["period", "value", "status"]].values.tolist()
    [['2024H1', 1204.0, 'ok']]
    """
    reading = Report()
    table = source if isinstance(source, pd.DataFrame) else read_finished(source, signs=True)
    name = file or (None if isinstance(source, pd.DataFrame) else Path(source).name)
    roles = indicator_columns([str(column) for column in table.columns])
    wide = roles is not None and "value" not in table.columns
    if wide and roles is not None:
        table, columns = _from_lbf(table, roles, area), {role: role for role in _NAMES}
    else:
        columns = _columns(table, reading, name)
    rows: list[dict[str, Any]] = []
    if not reading.errors:
        texts = [cell_text(value) for value in table[columns["measure"]]]
        refuse_person_numbers(texts, columns["measure"], reading, file=name, rows=row_numbers(table))
        for number, row in zip(row_numbers(table), table.to_dict("records"), strict=True):
            cells = {role: bare_text(cell_text(row.get(column))) for role, column in columns.items()}
            if any(cells.values()):
                rows.append(_row(cells, number, columns, areas, reading, name))
        _refuse_twice(rows, reading, name)
    if reading.errors:
        rows = []
    reading.hand_over(report)
    frame = pd.DataFrame(rows, columns=[*REGISTRATION_COLUMNS, "row"])
    return frame.sort_values(["measure", "area_id", "period"], ignore_index=True)[list(REGISTRATION_COLUMNS)]


def _columns(table: pd.DataFrame, report: Report, file: str | None) -> dict[str, str]:
    header = [str(name) for name in table.columns]
    columns = columns_by_role(header, _NAMES)
    for role in _REQUIRED:
        if role not in columns:
            needs = phrase("A table of registrations has the columns {names}.", names=joined(_NAMES))
            report.error(
                phrase('there is no column "{column}".', column=role), file=file, column=role, hint=needs
            )
    for name in header:
        if name and name not in columns.values():
            hint = did_you_mean(name, [spelling for names in _NAMES.values() for spelling in names])
            report.warn("this column is not read.", file=file, column=name, hint=hint)
    return columns


def _from_lbf(table: pd.DataFrame, roles: dict[str, str], area: str) -> pd.DataFrame:
    """Landsbyggefonden's table as registrations: a row for the area's figure, and one for the municipality's."""
    rows = []
    for number, row in zip(row_numbers(table), table.to_dict("records"), strict=True):
        written = cell_text(row[roles["indicator"]])
        parts = split_name(written, LBF_IDS)
        measure = written
        if parts is not None:  # what follows the name of turnout is the election, else the part of the area
            measure = parts[0] if parts[0] == "turnout" else ", ".join(filter(None, parts))
        for place, role in ((cell_text(row.get(roles.get("area", ""))) or area, "area_value"),
                            (MUNICIPALITY, "municipality_value")):  # fmt: skip
            value = row[roles[role]]
            if cell_text(value):
                period, unit = (row.get(roles.get(name, "")) for name in ("period", "unit"))
                rows.append((place, period, measure, value, unit, "", number))
    frame = pd.DataFrame(rows, columns=["area_id", "period", "measure", "value", "unit", "note", "row"])
    frame = frame.drop_duplicates(["area_id", "period", "measure", "value"], ignore_index=True)
    frame.attrs["rows"] = frame["row"].tolist()
    return frame


def _row(
    cells: dict[str, str], number: int, columns: dict[str, str], areas: Collection[str] | None, report: Report,
    file: str | None,
) -> dict[str, Any]:  # fmt: skip
    def fault(role: str, message: str, hint: str | None = None) -> None:
        report.error(message, file=file, row=number, column=columns.get(role, role), hint=hint)

    for role in ("measure", "unit"):
        if not cells.get(role):
            fault(role, "this cell is empty.", "Each row names what is registered, and its unit.")
    area_id = cells.get("area_id", "")
    if areas is not None and area_id not in areas:
        text = phrase('there is no area "{area}".', area=area_id) if area_id else "the row names no area."
        fault("area_id", text, did_you_mean(area_id, areas))
    period = parse_period(cells.get("period", ""))
    if period is None:
        fault(
            "period", "this is no period.", "Write a year (2024), a half-year (2024H1) or a quarter (2024K1)."
        )
    unit, text = plain_unit(cells.get("unit", "")), cells.get("value", "")
    status = status_of_text(text)
    value = as_number("0" if text == "-" else text.removesuffix("%"), unit) if status == "ok" else None
    if status == "ok" and value is None:
        fault("value", "is not a number", "Write 40.7 or 40,7.")
    value = _whole_thousands(text, value, unit)
    base = as_number(cells["base"]) if cells.get("base") else None
    if cells.get("base") and (base is None or base < 0 or base % 1):
        fault("base", "a whole number of 0 or more is needed.")
        base = None
    if value is not None and unit == "percent" and not 0 <= value <= 1:
        fault("value", "a percentage lies from 0 to 100.")
    if value is not None and counts_persons(unit) and (value < 0 or value % 1):
        fault("value", "a count is a whole number of 0 or more.",
              "What counts no persons has a unit that says so, such as kr., meetings or hours.")  # fmt: skip
    low, high = _interval(value, base, unit)
    return {"area_id": area_id, "period": period or "", "measure": cells.get("measure", ""), "value": value,
            "low": low, "high": high, "base": base, "unit": unit, "note": cells.get("note", ""),
            "status": status, "row": number}  # fmt: skip


def _whole_thousands(text: str, value: float | None, unit: str) -> float | None:
    """1.204 persons, meetings or areas are 1204: groups of three digits in what is counted whole."""
    if value is None or unit in (*FACTORS, "mean"):
        return value
    first, *groups = text.split(".")
    is_grouped = bool(groups) and 1 <= len(first) <= 3 and first.isdigit()
    if is_grouped and first != "0" and all(len(group) == 3 and group.isdigit() for group in groups):
        return float(first + "".join(groups))
    return value


def _interval(value: float | None, base: float | None, unit: str) -> tuple[float | None, float | None]:
    """Wilson's interval of a percentage with a base; none of anything else."""
    if value is None or not base or unit != "percent" or not 0 <= value <= 1:
        return None, None
    low, high = wilson(value * base, base)
    return float(low), float(high)


def _refuse_twice(rows: Sequence[dict[str, Any]], report: Report, file: str | None) -> None:
    rows_of: dict[tuple[str, str, str], int] = {}
    units: dict[str, str] = {}
    for row in rows:
        key = (row["measure"], row["area_id"], row["period"])
        if key in rows_of:
            report.error(
                phrase("{measure} of {area} in {period} stands in row {row} too.", measure=key[0], area=key[1],
                       period=key[2], row=rows_of[key]),
                file=file, row=row["row"],
            )  # fmt: skip
        rows_of.setdefault(key, row["row"])
        if units.setdefault(key[0], row["unit"]) != row["unit"]:
            report.error(
                phrase("{measure} has another unit above: {unit}.", measure=key[0], unit=units[key[0]]),
                file=file, row=row["row"], column="unit",
            )  # fmt: skip


def suppress_registrations(registrations: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Registrations with small numbers of persons suppressed, as a policy says.

    Suppressed is a count of persons from 1 to 4 (by the policy's minimum; 0 too where it hides zeros), a percentage
    whose count, complement or base is so small, and what would give it back: the year where one of its quarters or
    half-years is suppressed, and the municipality's or a group's figure where an area's is.

    Parameters
    ----------
    registrations : DataFrame
        What `read_registrations` returns.
    policy : Policy
        What is small.

    Returns
    -------
    DataFrame
        The same rows; in suppressed ones no numbers and status ``protected``.

    Examples
    --------
    >>> rows = [("0012", "2024", "sport", 3), ("0013", "2024", "sport", 9), ("@municipality", "2024", "sport", 12)]
    >>> table = pd.DataFrame(rows, columns=["area_id", "period", "measure", "value"]).assign(unit="persons")
    >>> suppress_registrations(read_registrations(table), Policy())["status"].tolist()
    ['protected', 'ok', 'protected']
    """
    if not policy.suppresses or registrations.empty:
        return registrations.copy()
    is_small = [_is_small(row, policy) for row in registrations.to_dict("records")]
    protected = (registrations["status"] == "protected") | pd.Series(is_small, index=registrations.index)
    persons = registrations["unit"].map(counts_persons).astype(bool) | registrations["base"].notna()
    for _ in range(4):  # a quarter hides its half-year, that its year, and that the municipality's
        rows = registrations.loc[protected & persons, ["measure", "area_id", "period"]].to_dict("records")
        keys = {(str(row["measure"]), str(row["area_id"]), str(row["period"])) for row in rows}
        follows = [_follows(row, keys) for row in registrations.to_dict("records")]
        grown = protected | (persons & pd.Series(follows, index=registrations.index))
        if bool((grown == protected).all()):
            break
        protected = grown
    result = registrations.copy()
    result["status"] = result["status"].mask(protected, "protected")
    for name in ("value", "low", "high", "base"):
        result[name] = pd.to_numeric(result[name]).astype("float64").mask(protected)
    result["note"] = result["note"].mask(protected, "")
    return result


def _is_small(row: dict[Any, Any], policy: Policy) -> bool:
    value, base = row["value"], row["base"]
    if value is None or math.isnan(value):
        return False
    counts: list[float] = []
    if counts_persons(row["unit"]):
        counts = [value]
    elif base is not None and not math.isnan(base):
        counts = [base]
        if row["unit"] == "percent":
            counts += [round(value * base), base - round(value * base)]
        if base < max(policy.minimum_base, 1):
            return True
    hides_zero = policy.zeros == "hide" and any(count == 0 for count in counts)
    return hides_zero or bool(small(pd.Series(counts, dtype="float64"), policy.minimum).any())


def _follows(row: dict[Any, Any], protected: Collection[tuple[str, str, str]]) -> bool:
    """Whether a figure would give back a suppressed one: of a part of its period, or of an area in it."""
    measure, area, period = row["measure"], row["area_id"], row["period"]
    if any((measure, area, part) in protected for part in parts_of(period)):
        return True
    return area.startswith("@") and any(
        key[0] == measure and key[2] == period and key[1] != area and not key[1].startswith("@")
        for key in protected
    )
