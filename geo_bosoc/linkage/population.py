"""The population: one row a person and status date, with the home or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from geo_bosoc.linkage import spells
from geo_bosoc.linkage.address_register import AddressBook
from geo_bosoc.linkage.reference_dates import status_days
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import kvhx

REASON: Final = "@reason"
PERSON: Final = "@person"

REASONS: Final = (
    "placeless_street_code",
    "protected_address",
    "no_address",
    "address_not_known",
    "not_a_home",
    "too_many_at_one_point",
)
"""Why somebody who lives in the municipality has no place; the first that fits."""


@dataclass(frozen=True)
class Population:
    """Who lives where.

    Attributes
    ----------
    snapshots : `PERSON`, ``period``, ``address_id`` (null: no place) and the other columns, one row a person and
        period; for the register itself.
    stays : `PERSON`, ``address_id``, `stays.FROM`, `stays.TO` and the other columns, where the register has
        spells; None where it holds a row a person and period.
    days : the status date of each period.
    """

    name: str
    spec: RegisterSpec
    snapshots: pl.LazyFrame
    stays: pl.LazyFrame | None
    days: Mapping[str, date]

    @property
    def key(self) -> str:
        assert self.spec.id is not None
        return self.spec.id


def make_population(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    name: str,
    periods: Sequence[str],
    book: AddressBook,
    report: Report,
) -> Population | None:
    """Settle who lives where on each period's status date.

    Parameters
    ----------
    frame : the register as `geo_bosoc.registers.read.read_register` gives it.
    periods : the periods to tell, where the rows hold over time.
    book : the addresses, and the points where nobody lives.

    Returns
    -------
    None with errors in `report` where a key, a status date or the periods are missing. What could not be
    placed, doubled stays and gaps are told there in counts: ``facts["homes"][name]``.
    """
    where = f"registers.{name}"
    if spec.id is None:
        report.error(
            "the population needs the column that tells persons apart.",
            key=f"{where}.id",
            hint='Write id = "PNR", or whatever the column is called.',
        )
        return None
    told: dict[str, dict[str, dict[str, int]]] = {}
    if spec.status is not None:
        frame = _residents_only(frame, spec.status, told)
    days: dict[str, date] = {}
    held: pl.DataFrame | None = None
    if spec.spell is not None:
        if not periods:
            report.error(
                "the population's rows hold over time: say which periods are wanted.",
                key="run.periods",
                hint='Write periods = ["2023", "2024"].',
            )
            return None
        days = status_days(spec, name, periods, report)
        bounded = spells.with_bounds(frame, spec.spell, spec.id, report, where)
        if bounded is None or not days:
            return None
        placed = book.place(bounded.drop("period", strict=False), spec, _reason(spec))
        parts = spec.address_parts.names() if spec.address_parts is not None else []
        gone = [*parts, spec.kvhx, spec.status, spec.protection]
        placed = placed.drop([name for name in gone if name is not None], strict=False)
        held = placed.collect(engine="streaming")
        rows, several = spells.one_each(held, spec.id, days)
        missing = spells.gaps(held, rows, spec.id, days)
        rows = rows.drop(spells.FROM, spells.TO)
        _tell_stays(name, several, missing, report)
    else:
        if spec.status_date is not None:
            found = frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls()
            days = status_days(spec, name, found.to_list(), report)
        rows = book.place(frame, spec, _reason(spec)).collect(engine="streaming")
    rows = book.without_crowds(rows, name, report)
    if spec.birth_date is not None:
        rows = _with_age(rows, spec.birth_date, days, where, report)
    counted = rows.group_by("period", REASON).agg(
        pl.len().alias("rows"), pl.col(spec.id).n_unique().alias("persons")
    )
    for line in counted.sort("period", REASON).iter_rows(named=True):
        reason = line[REASON] or "placed"
        told.setdefault(line["period"], {})[reason] = {"rows": line["rows"], "persons": line["persons"]}
    report.facts.setdefault("homes", {})[name] = told
    return Population(name, spec, rows.lazy(), None if held is None else held.lazy(), days)


def _residents_only(
    frame: pl.LazyFrame, column: str, match: dict[str, dict[str, dict[str, int]]]
) -> pl.LazyFrame:
    """CPR's status: 01 and 03 live here; 20-90 are inactive, and an empty one is not known."""
    status = pl.col(column).cast(pl.String).str.strip_chars().str.zfill(2)
    lives = status.is_in(["01", "03"]).fill_null(False)
    counted = (
        frame.filter(~lives)
        .group_by(status.alias("s"))
        .len()
        .sort("s", nulls_last=True)
        .collect(engine="streaming")
    )
    for code, rows in counted.iter_rows():
        left_out = match.setdefault("left_out", {})
        left_out["status_missing" if code is None else f"status_{code}"] = {"rows": rows}
    return frame.filter(lives)


def _reason(spec: RegisterSpec) -> list[tuple[str, pl.Expr]]:
    """What the row itself says against a place, in order."""
    reasons: list[tuple[str, pl.Expr]] = []
    street = kvhx.street_of(pl.col("@key")).is_between(*kvhx.SPECIAL_STREETS)
    placeless = street.fill_null(False)
    if spec.status is not None:
        code = pl.col(spec.status).cast(pl.String).str.strip_chars().str.zfill(2)
        placeless = placeless | (code == "03").fill_null(False)
    reasons.append(("placeless_street_code", placeless))
    if spec.protection is not None and spec.protected_addresses == "unplaced":
        mark = pl.col(spec.protection).cast(pl.String).str.strip_chars().fill_null("")
        reasons.append(
            ("protected_address", ~mark.str.to_lowercase().is_in(["", "0", "00", "nej", "n", "false"]))
        )
    return reasons


def _with_age(
    rows: pl.DataFrame, column: str, days: Mapping[str, date], where: str, report: Report
) -> pl.DataFrame:
    """Whole years on the period's status date, as ``age``."""
    if rows.schema[column] != pl.Date:
        report.error("these are no dates of birth.", key=f"{where}.birth_date", column=column)
        return rows
    if not days:
        report.error(
            "a status date is needed to tell ages from dates of birth.",
            key=f"{where}.status_date",
            hint='Write status_date = "{year}-01-01".',
        )
        return rows
    day = pl.col("period").replace_strict(dict(days), default=None, return_dtype=pl.Date)
    return rows.with_columns(age_on(pl.col(column), day))


def age_on(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Whole years from `born` to `day`: a birthday counts from its own day on; 29 February from 1 March.

    >>> frame = pl.DataFrame({"b": [date(2000, 2, 29), date(2000, 1, 1)], "d": [date(2018, 2, 28), date(2018, 1, 1)]})
    >>> frame.select(age_on(pl.col("b"), pl.col("d"))).to_series().to_list()
    [17, 18]
    """
    before = (day.dt.month() < born.dt.month()) | (
        (day.dt.month() == born.dt.month()) & (day.dt.day() < born.dt.day())
    )
    return (day.dt.year() - born.dt.year() - before.cast(pl.Int32)).cast(pl.Int64).alias("age")


def _tell_stays(name: str, several: dict[str, int], missing: dict[str, int], report: Report) -> None:
    key = f"registers.{name}.spell"
    for period, count in sorted(several.items()):
        report.warn(
            f"{count:,} person{'' if count == 1 else 's'} had several homes on the status date of {period}; the one "
            "moved to last counts.",
            key=key,
            count=count,
        )
    for period, count in sorted(missing.items()):
        report.note(
            f"{count:,} person{'' if count == 1 else 's'} lived here before and after the status date of {period}, "
            "and not on it.",
            key=key,
            count=count,
        )
    if several or missing:
        report.facts.setdefault("stays", {})[name] = {"several": several, "gaps": missing}
