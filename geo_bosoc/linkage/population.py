"""Who lives where on a date: rows that hold from a day to another, status dates, and the population.

The population has one row a person and status date, with the home or the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from geo_bosoc.linkage.address_register import AddressBook
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.spec_parts import Spell
from geo_bosoc.registers.tables import kvhx

FROM: Final = "@from"
TO: Final = "@to"
FOREVER: Final = date(9999, 1, 1)
REASON: Final = "@reason"
REASONS: Final = (
    "placeless_street_code",
    "protected_address",
    "no_address",
    "address_not_known",
    "not_a_home",
    "too_many_at_one_point",
)
"""Why somebody who lives in the municipality has no place; the first that fits."""


def with_bounds(
    frame: pl.LazyFrame, spell: Spell, key: str | None, report: Report, where: str
) -> pl.LazyFrame | None:
    """The rows with `FROM` (first day; null: ever since) and `TO` (first day no more; null: open).

    Rows that end before they begin, or on the same day, hold on no day: they stay, and no date finds them.
    """
    schema = frame.collect_schema()
    for end, name in (("from", spell.start), ("to", spell.to)):
        if name is not None and schema[name] not in (pl.Date, pl.Null):
            report.error(
                "these are no dates.",
                key=f"{where}.spell.{end}",
                column=name,
                hint="Write 2024-01-31 or 31-01-2024.",
            )
            return None
    start = pl.col(spell.start).cast(pl.Date)
    if spell.to is None:
        if key is None:
            return frame.with_columns(start.alias(FROM), pl.lit(None, pl.Date).alias(TO))
        ordered = frame.with_columns(start.alias(FROM))
        starts = pl.col(FROM).sort().unique(maintain_order=True)
        nexts = ordered.group_by(key).agg(starts.alias(FROM), starts.shift(-1).alias(TO)).explode(FROM, TO)
        return ordered.join(nexts, on=[key, FROM], how="left", nulls_equal=True)
    last = pl.col(spell.to).cast(pl.Date)
    next_day = pl.when(last < FOREVER).then(last.dt.offset_by("1d") if spell.to_included else last)
    return frame.with_columns(start.alias(FROM), next_day.alias(TO))


def holds_on(day: date | pl.Expr) -> pl.Expr:
    """Does the row hold on the day? (``FROM <= day < TO``)"""
    day_expr = pl.lit(day) if isinstance(day, date) else day
    return (pl.col(FROM).is_null() | (pl.col(FROM) <= day_expr)) & (
        pl.col(TO).is_null() | (pl.col(TO) > day_expr)
    )


def on_dates(frame: pl.LazyFrame, days: Mapping[str, date]) -> pl.LazyFrame:
    """The rows that hold on each period's day, with that ``period``; a row stands once for each such period."""
    parts = [
        frame.filter(holds_on(day)).with_columns(pl.lit(period).alias("period"))
        for period, day in sorted(days.items())
    ]
    return pl.concat(parts)


def one_each(frame: pl.DataFrame, key: str, days: Mapping[str, date]) -> tuple[pl.DataFrame, dict[str, int]]:
    """One row a person and period, of those that hold on its day: that which began last (then ends last, then the
    first by all other columns).

    Returns the rows with their ``period``, and by period how many persons had several. The same row in two extracts
    is one row.
    """
    parts, several = [], {}
    for period, day in sorted(days.items()):
        current = frame.filter(holds_on(day))
        if current[key].n_unique() != current.height:
            repeated = current.filter(pl.col(key).is_duplicated()).unique(maintain_order=True)
            counted = repeated.filter(pl.col(key).is_duplicated())[key].n_unique()
            if counted:
                several[period] = counted
            others = sorted(set(repeated.columns) - {key, FROM, TO})
            order = [pl.col(FROM), pl.col(TO).fill_null(FOREVER), *others]
            down = [True, True, *[False] * len(others)]
            latest = repeated.sort(order, descending=down, nulls_last=True).unique(
                key, keep="first", maintain_order=True
            )
            current = pl.concat([current.filter(~pl.col(key).is_duplicated()), latest])
        parts.append(current.with_columns(pl.lit(period).alias("period")))
    return pl.concat(parts), several


def gaps(frame: pl.DataFrame, present: pl.DataFrame, key: str, days: Mapping[str, date]) -> dict[str, int]:
    """By period, how many persons have rows before its day and after it, and none that holds on it."""
    counts = {}
    bounds = frame.group_by(key).agg(
        pl.col(FROM).min().alias("first"), pl.col(TO).fill_null(FOREVER).max().alias("last")
    )
    for period, day in sorted(days.items()):
        spanning = bounds.filter((pl.col("first") <= day) & (pl.col("last") > day)).select(key)
        missing = spanning.join(
            present.filter(pl.col("period") == period).select(key), on=key, how="anti"
        ).height
        if missing:
            counts[period] = missing
    return counts


def status_days(
    spec: RegisterSpec,
    name: str,
    periods: Iterable[str],
    report: Report,
    *,
    otherwise: RegisterSpec | None = None,
) -> dict[str, date]:
    """The status date of each period, by the register's own `status_date` or `otherwise`'s.

    Where neither says one, that is an error with its key.
    """
    dated_spec = spec if spec.status_date is not None or otherwise is None else otherwise
    if dated_spec.status_date is None:
        report.error(
            "a status date is needed to know which rows hold, and where everybody lived.",
            key=f"registers.{name}.status_date",
            hint='Write status_date = "{year}-01-01", or a date.',
        )
        return {}
    days = {}
    for period in sorted(set(periods)):
        text = dated_spec.status_date_of(period)
        assert text is not None
        try:
            days[period] = date.fromisoformat(text)
        except ValueError:
            report.error(
                phrase("{date} is no day of the calendar.", date=text), key=f"registers.{name}.status_date"
            )
    return days


@dataclass(frozen=True)
class Population:
    """Who lives where.

    Attributes
    ----------
    name : str
        What the register is called.
    spec : RegisterSpec
        How it was read.
    snapshots : LazyFrame
        The key, ``period``, ``address_id`` (null: no place) and the other columns, one row a person and period.
    stays : LazyFrame or None
        The key, ``address_id``, `FROM`, `TO` and the other columns, where the register has spells; None where it
        holds a row a person and period.
    days : Mapping of str to date
        The status date of each period.
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
    """Find who lives where on each period's status date.

    Parameters
    ----------
    frame : LazyFrame
        The register as `geo_bosoc.registers.read.read_register` gives it.
    spec : RegisterSpec
        How it was read.
    name : str
        What it is called.
    periods : sequence of str
        The periods of the run, where the rows hold over time.
    book : AddressBook
        The addresses, and the points where nobody lives.
    report : Report
        Takes the errors and, in counts (``facts["homes"][name]``), what could not be placed, doubled stays and gaps.

    Returns
    -------
    Population or None
        None with errors in `report` where a key, a status date or the periods are missing.
    """
    where = f"registers.{name}"
    if spec.id is None:
        report.error(
            "the population needs the column that tells persons apart.",
            key=f"{where}.id",
            hint='Write id = "PNR", or whatever the column is called.',
        )
        return None
    counts_by_period: dict[str, dict[str, dict[str, int]]] = {}
    if spec.status is not None:
        frame = _residents_only(frame, spec.status, counts_by_period)
    days: dict[str, date] = {}
    stays: pl.DataFrame | None = None
    if spec.spell is not None:
        if not periods:
            report.error(
                "the population's rows hold over time: say which periods are wanted.",
                key="run.periods",
                hint='Write periods = ["2023", "2024"].',
            )
            return None
        days = status_days(spec, name, periods, report)
        bounded = with_bounds(frame, spec.spell, spec.id, report, where)
        if bounded is None or not days:
            return None
        placed = book.assign_addresses(bounded.drop("period", strict=False), spec, _reason(spec))
        parts = spec.address_parts.names() if spec.address_parts is not None else []
        dropped = [*parts, spec.kvhx, spec.status, spec.protection]
        placed = placed.drop([name for name in dropped if name is not None], strict=False)
        stays = placed.collect(engine="streaming")
        rows, several = one_each(stays, spec.id, days)
        missing = gaps(stays, rows, spec.id, days)
        rows = rows.drop(FROM, TO)
        _report_stays(name, several, missing, report)
    else:
        if spec.status_date is not None:
            row_periods = frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls()
            days = status_days(spec, name, row_periods.to_list(), report)
        rows = book.assign_addresses(frame, spec, _reason(spec)).collect(engine="streaming")
    rows = book.without_crowds(rows, name, report)
    if spec.birth_date is not None:
        rows = _with_age(rows, spec.birth_date, days, where, report)
    counted = rows.group_by("period", REASON).agg(
        pl.len().alias("rows"), pl.col(spec.id).n_unique().alias("persons")
    )
    for line in counted.sort("period", REASON).iter_rows(named=True):
        reason = line[REASON] or "placed"
        counts_by_period.setdefault(line["period"], {})[reason] = {
            "rows": line["rows"],
            "persons": line["persons"],
        }
    report.facts.setdefault("homes", {})[name] = counts_by_period
    return Population(name, spec, rows.lazy(), None if stays is None else stays.lazy(), days)


def _residents_only(
    frame: pl.LazyFrame, column: str, counts_by_period: dict[str, dict[str, dict[str, int]]]
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
        left_out = counts_by_period.setdefault("left_out", {})
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


def _report_stays(name: str, several: dict[str, int], missing: dict[str, int], report: Report) -> None:
    key = f"registers.{name}.spell"
    for period, count in sorted(several.items()):
        report.warn(
            phrase(
                "{persons} had several homes on the status date of {period}; the one moved to last counts.",
                persons=count_text(count, "person"),
                period=period,
            ),
            key=key,
            count=count,
        )
    for period, count in sorted(missing.items()):
        report.note(
            phrase(
                "{persons} lived here before and after the status date of {period}, and not on it.",
                persons=count_text(count, "person"),
                period=period,
            ),
            key=key,
            count=count,
        )
    if several or missing:
        report.facts.setdefault("stays", {})[name] = {"several": several, "gaps": missing}
