"""Registers with a key instead of a place: each row takes its home from the population or the dwellings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.linkage.person_totals import to_full_time, to_weighted_mean
from geo_bosoc.linkage.population import (
    FOREVER,
    FROM,
    REASON,
    TO,
    Population,
    age_on,
    holds_on,
    on_dates,
    status_days,
    with_bounds,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.periods import shift_period

_DAY: Final = "@day"

RESIDENT: Final = ("home_found", "home_without_place")
"""Match statuses of a resident's row; rows ``not_in_population, without_key, without_date`` count nowhere."""


def link_by_person(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    name: str,
    population: Population,
    periods: Sequence[str],
    report: Report,
    folder: Path | None = None,
) -> pl.LazyFrame | None:
    """A register with a person's key, each row at the home of its person.

    The home is that of the register's own status date (the population's where it has none), or, with
    ``home_on = "event"``, that on the day of the event. Rows whose person does not live in the municipality then are
    left out and counted (``facts["homes"][name]``); rows of residents without a place keep no address.

    Returns
    -------
    LazyFrame or None
        ``person_id, period, address_id``, the columns that `spec.take` names, and the register's own. None with errors
        in `report`.
    """
    where = f"registers.{name}"
    dated = _on_status_dates(frame, spec, name, population, periods, report)
    if dated is None:
        return None
    if spec.full_time is not None:
        dated = to_full_time(dated, spec.full_time, where, report, folder)
        if dated is not None:
            dated = dated.with_columns(shift_period(pl.col("period"), spec.period_shift))
            chosen_periods = sorted(set(periods) or set(population.days))
            dated = dated.filter(pl.col("period").is_in(chosen_periods)) if chosen_periods else dated
    elif spec.weighted_mean is not None:
        dated = to_weighted_mean(dated, spec.weighted_mean, where, report)
    if dated is None:
        return None
    homes = _with_homes(dated, spec, name, population, report)
    if homes is None:
        return None
    homes = homes.collect(engine="streaming").lazy()  # once: reported from and counted from
    _report_matches(homes, name, report)
    resident = pl.col("@status").is_in(RESIDENT)
    return homes.filter(resident).drop("@status", _DAY, FROM, TO, REASON, strict=False)


def _on_status_dates(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    name: str,
    population: Population,
    periods: Sequence[str],
    report: Report,
) -> pl.LazyFrame | None:
    """The rows with their period: spells stand for each status date on which they hold."""
    where = f"registers.{name}"
    if spec.spell is None:
        return frame
    bounded = with_bounds(frame, spec.spell, None, report, where)
    if bounded is None:
        return None
    if not spec.snapshots:  # rows of a period that also say from when to when: those that hold on its day
        row_periods = (
            frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls().to_list()
        )
        days = status_days(spec, name, row_periods, report, otherwise=population.spec)
        day = pl.col("period").replace_strict(days, default=None, return_dtype=pl.Date)
        return bounded.filter(holds_on(day)).drop(FROM, TO)
    chosen_periods = periods or sorted(population.days)
    if not chosen_periods:
        report.error(
            "the rows hold over time: say which periods are wanted.",
            key="run.periods",
            hint='Write periods = ["2023", "2024"].',
        )
        return None
    days = status_days(spec, name, chosen_periods, report, otherwise=population.spec)
    if not days:
        return None
    return on_dates(bounded.drop("period", strict=False), days).drop(FROM, TO)


def _with_homes(
    rows: pl.LazyFrame, spec: RegisterSpec, name: str, population: Population, report: Report
) -> pl.LazyFrame | None:
    """Each row with ``address_id``, what is taken over, and ``@status``."""
    where = f"registers.{name.partition('@')[0]}"
    on_event = spec.home_on == "event"
    if on_event and population.stays is None:
        report.error(
            "homes on the day of an event need to know from when to when everybody lived where.",
            key=f"registers.{population.name}.spell",
            hint='Write spell = { from = "TILFLYDTO", to = "FRAFLYDTO" } for the population.',
        )
        return None
    if not _can_take(spec, population, where, report):
        return None
    source = population.snapshots
    keys = ["person_id", "period"]
    other_status_date = spec.status_date is not None and spec.status_date != population.spec.status_date
    if on_event:
        assert spec.event is not None
        if rows.collect_schema()[spec.event] not in (pl.Date, pl.Null):
            report.error("these are no dates.", key=f"{where}.event", column=spec.event)
            return None
        rows = rows.with_columns(pl.col(spec.event).cast(pl.Date).alias(_DAY))
        keys = ["person_id", _DAY]
    elif other_status_date:
        row_periods = (
            rows.select("period").unique().collect(engine="streaming")["period"].drop_nulls().to_list()
        )
        days = status_days(spec, name, row_periods, report)
        if population.stays is None:
            report.warn(
                "the population has one home a person and period; that one is taken, not the home on this "
                "register's own status date.",
                key=f"{where}.status_date",
            )
        else:
            day = pl.col("period").replace_strict(days, default=None, return_dtype=pl.Date)
            rows = rows.with_columns(day.alias(_DAY))
            keys = ["person_id", _DAY]
    taken_columns = [column for column in spec.take if column != "age" or population.spec.birth_date is None]
    with_age = "age" in spec.take and population.spec.birth_date is not None
    if keys[1] == _DAY and population.stays is not None:
        residences = _on_days(rows.select(*keys).drop_nulls().unique(), population)
        if with_age:
            residences = residences.with_columns(
                age_on(pl.col(str(population.spec.birth_date)), pl.col(_DAY))
            )
    else:
        residences = source.rename({population.key: "person_id"})
        if population.stays is None:
            residences = residences.unique(["person_id", "period"], keep="first", maintain_order=True)
    places = [column for column in ("address_id", "x", "y") if column in residences.collect_schema()]
    columns = [*places, *taken_columns, *(["age"] if with_age else [])]
    replaced = [column for column in columns if column in rows.collect_schema()]
    joined = rows.drop(replaced).join(
        residences.select(*keys, *columns, pl.lit(True).alias("@lives")), on=keys, how="left"
    )
    status = (
        pl.when(pl.col("person_id").is_null())
        .then(pl.lit("without_key"))
        .when(pl.col(keys[1]).is_null())
        .then(pl.lit("without_date"))
        .when(pl.col("@lives").is_null())
        .then(pl.lit("not_in_population"))
        .when(pl.col(places[0]).is_null())
        .then(pl.lit("home_without_place"))
        .otherwise(pl.lit("home_found"))
    )
    return joined.with_columns(status.alias("@status")).drop("@lives")


def _on_days(rows: pl.LazyFrame, population: Population) -> pl.LazyFrame:
    """Where each of these persons lived on each of these days, one row each."""
    assert population.stays is not None
    stays = population.stays.rename({population.key: "person_id"})
    residences = rows.join(stays, on="person_id").filter(holds_on(pl.col(_DAY)))
    last = [pl.col(FROM), pl.col(TO).fill_null(FOREVER), pl.col("address_id")]
    order = residences.sort(
        ["person_id", _DAY, *last], descending=[False, False, True, True, False], nulls_last=True
    )
    return order.unique(["person_id", _DAY], keep="first", maintain_order=True)


def _can_take(spec: RegisterSpec, population: Population, where: str, report: Report) -> bool:
    columns = set(population.snapshots.collect_schema())
    missing = [column for column in spec.take if column not in columns]
    for column in missing:
        report.error(
            phrase('the population has no column "{column}".', column=column),
            key=f"{where}.take",
            column=column,
        )
    return not missing


def _report_matches(rows: pl.LazyFrame, name: str, report: Report) -> None:
    """What became of the rows, by period."""
    counted = (
        rows.group_by("period", "@status")
        .agg(pl.len().alias("rows"), pl.col("person_id").drop_nulls().n_unique().alias("persons"))
        .sort("period", "@status")
        .collect(engine="streaming")
    )
    counts_by_period: dict[str, dict[str, dict[str, int]]] = {}
    dropped = 0
    for line in counted.iter_rows(named=True):
        counts_by_period.setdefault(str(line["period"]), {})[line["@status"]] = {
            "rows": line["rows"],
            "persons": line["persons"],
        }
        dropped += line["rows"] if line["@status"] not in RESIDENT else 0
    report.facts.setdefault("homes", {})[name] = counts_by_period
    if dropped:
        total = int(counted["rows"].sum())
        report.warn(
            phrase(
                "{dropped:,} of {total:,} rows belong to nobody who lives in the municipality then; they "
                "are left out.",
                dropped=dropped,
                total=total,
            ),
            key=f"registers.{name}",
            hint="run.json of the internal set tells them by period and reason.",
            count=dropped,
        )
