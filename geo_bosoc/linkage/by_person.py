"""Registers with a key instead of a place: each row takes its home from the population or the dwellings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.linkage import spells
from geo_bosoc.linkage.full_time import to_full_time
from geo_bosoc.linkage.population import REASON, Population, age_on
from geo_bosoc.linkage.reference_dates import status_days
from geo_bosoc.linkage.weighted_mean import to_weighted_mean
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.periods import shift_period

_DAY: Final = "@day"

MATCH_STATUSES: Final = (
    "home_found",
    "home_without_place",
    "not_in_population",
    "without_key",
    "without_date",
)
"""What became of a row with a person's key. The last three count nowhere: they belong to no resident."""


def give_homes(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    name: str,
    population: Population,
    periods: Sequence[str],
    report: Report,
    base: Path | None = None,
) -> pl.LazyFrame | None:
    """A register with a person's key, each row at the home of its person.

    The home is that of the register's own status date (the population's where it has none), or, with
    ``home_on = "event"``, that on the day of the event. Rows whose person does not live in the municipality then are
    left out and told (``facts["homes"][name]``); rows of residents without a place keep no address.

    Returns
    -------
    ``person_id, period, address_id``, the columns that `spec.take` names, and the register's own. None with errors in
    `report`.
    """
    where = f"registers.{name}"
    spelled = _of_periods(frame, spec, name, population, periods, report)
    if spelled is None:
        return None
    if spec.full_time is not None:
        spelled = to_full_time(spelled, spec.full_time, where, report, base)
        if spelled is not None:
            spelled = spelled.with_columns(shift_period(pl.col("period"), spec.period_shift))
            kept = sorted(set(periods) or set(population.days))
            spelled = spelled.filter(pl.col("period").is_in(kept)) if kept else spelled
    elif spec.weighted_mean is not None:
        spelled = to_weighted_mean(spelled, spec.weighted_mean, where, report)
    if spelled is None:
        return None
    homes = _homes(spelled, spec, name, population, report)
    if homes is None:
        return None
    homes = homes.collect(engine="streaming").lazy()  # once: told from and counted from
    _tell(homes, name, report)
    live = pl.col("@fate").is_in(["home_found", "home_without_place"])
    return homes.filter(live).drop("@fate", _DAY, spells.FROM, spells.TO, REASON, strict=False)


def _of_periods(
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
    bounded = spells.with_bounds(frame, spec.spell, None, report, where)
    if bounded is None:
        return None
    if not spec.snapshots:  # rows of a period that also say from when to when: those that hold on its day
        found = frame.select("period").unique().collect(engine="streaming")["period"].drop_nulls().to_list()
        days = status_days(spec, name, found, report, otherwise=population.spec)
        day = pl.col("period").replace_strict(days, default=None, return_dtype=pl.Date)
        return bounded.filter(spells.holds_on(day)).drop(spells.FROM, spells.TO)
    wanted = periods or sorted(population.days)
    if not wanted:
        report.error(
            "the rows hold over time: say which periods are wanted.",
            key="run.periods",
            hint='Write periods = ["2023", "2024"].',
        )
        return None
    days = status_days(spec, name, wanted, report, otherwise=population.spec)
    if not days:
        return None
    return spells.on_dates(bounded.drop("period", strict=False), days).drop(spells.FROM, spells.TO)


def _homes(
    rows: pl.LazyFrame, spec: RegisterSpec, name: str, population: Population, report: Report
) -> pl.LazyFrame | None:
    """Each row with ``address_id``, what is taken over, and ``@fate``."""
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
    own_day = spec.status_date is not None and spec.status_date != population.spec.status_date
    if on_event:
        assert spec.event is not None
        if rows.collect_schema()[spec.event] not in (pl.Date, pl.Null):
            report.error("these are no dates.", key=f"{where}.event", column=spec.event)
            return None
        rows = rows.with_columns(pl.col(spec.event).cast(pl.Date).alias(_DAY))
        keys = ["person_id", _DAY]
    elif own_day:
        found = rows.select("period").unique().collect(engine="streaming")["period"].drop_nulls().to_list()
        days = status_days(spec, name, found, report)
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
    taken = [column for column in spec.take if column != "age" or population.spec.birth_date is None]
    wants_age = "age" in spec.take and population.spec.birth_date is not None
    if keys[1] == _DAY and population.stays is not None:
        lived = _on_days(rows.select(*keys).drop_nulls().unique(), population)
        if wants_age:
            lived = lived.with_columns(age_on(pl.col(str(population.spec.birth_date)), pl.col(_DAY)))
    else:
        lived = source.rename({population.key: "person_id"})
        if population.stays is None:
            lived = lived.unique(["person_id", "period"], keep="first", maintain_order=True)
    places = [column for column in ("address_id", "x", "y") if column in lived.collect_schema()]
    columns = [*places, *taken, *(["age"] if wants_age else [])]
    clash = [column for column in columns if column in rows.collect_schema()]
    joined = rows.drop(clash).join(
        lived.select(*keys, *columns, pl.lit(True).alias("@lives")), on=keys, how="left"
    )
    fate = (
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
    return joined.with_columns(fate.alias("@fate")).drop("@lives")


def _on_days(rows: pl.LazyFrame, population: Population) -> pl.LazyFrame:
    """Where each of these persons lived on each of these days, one row each."""
    assert population.stays is not None
    lived = population.stays.rename({population.key: "person_id"})
    found = rows.join(lived, on="person_id").filter(spells.holds_on(pl.col(_DAY)))
    last = [pl.col(spells.FROM), pl.col(spells.TO).fill_null(spells.FOREVER), pl.col("address_id")]
    order = found.sort(
        ["person_id", _DAY, *last], descending=[False, False, True, True, False], nulls_last=True
    )
    return order.unique(["person_id", _DAY], keep="first", maintain_order=True)


def _can_take(spec: RegisterSpec, population: Population, where: str, report: Report) -> bool:
    has = set(population.snapshots.collect_schema())
    missing = [column for column in spec.take if column not in has]
    for column in missing:
        report.error(f'the population has no column "{column}".', key=f"{where}.take", column=column)
    return not missing


def _tell(rows: pl.LazyFrame, name: str, report: Report) -> None:
    """What became of the rows, by period."""
    counted = (
        rows.group_by("period", "@fate")
        .agg(pl.len().alias("rows"), pl.col("person_id").drop_nulls().n_unique().alias("persons"))
        .sort("period", "@fate")
        .collect(engine="streaming")
    )
    told: dict[str, dict[str, dict[str, int]]] = {}
    lost = 0
    for line in counted.iter_rows(named=True):
        told.setdefault(str(line["period"]), {})[line["@fate"]] = {
            "rows": line["rows"],
            "persons": line["persons"],
        }
        lost += line["rows"] if line["@fate"] not in ("home_found", "home_without_place") else 0
    report.facts.setdefault("homes", {})[name] = told
    if lost:
        total = int(counted["rows"].sum())
        report.warn(
            f"{lost:,} of {total:,} rows belong to nobody who lives in the municipality then; they are left out.",
            key=f"registers.{name}",
            hint="run.json tells them by period and reason.",
            count=lost,
        )
