"""Estates as lists: a dated list of addresses, plots, properties or buildings decides who belongs; polygons are drawn.

An area that the list names belongs to the list on every date: an address inside its outline that is not listed is not
in it, and a listed address outside is. Areas that the list does not name (districts, villages) stay polygons. Estates
that merge or split do so by the dates of their rows; `MembershipSpec.renamed` maps ids and names that changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.linkage.population import FROM, TO, holds_on, with_bounds
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, count_text, phrase
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec_parts import Spell
from geo_bosoc.registers.tables import kvhx

By = Literal["address_id", "access_address_id", "kvhx", "plot", "bfe", "building_id"]
BIG_DIFFERENCE: Final = 0.02
"""Above this share, the dwellings counted and those that the organisation tells are warned about."""


class MembershipSpec(BaseModel):
    """`[membership]`: the list of who belongs to each estate. It decides; the outline is drawn.

    Attributes
    ----------
    path : str
        The list. Example: ``path = "data/estates.xlsx"``
    by : {"address_id", "access_address_id", "kvhx", "plot", "bfe", "building_id"}
        What its rows name.
    column : str or None
        Where that stands; left out, in a column of the same name. Example: ``column = "ADRESSE"``
    area : str
        The column with the estate's id. Example: ``area = "afdeling"``
    valid_from, valid_to : str or None
        The columns with a row's first day, and the first day on which it holds no more (open where empty or in the year
        9999). Example: ``valid_from = "fra"`` ``valid_to = "til"``
    status_date : str
        The day that counts for a period. Example: ``status_date = "{year}-01-01"``
    renamed : dict of str to str
        The areas' ids by the list's. Example: ``renamed = { "12-a" = "0012" }``
    dwellings : str or None
        A column with the organisation's own number of dwellings of the estate, repeated or once; it is compared.
        Example: ``dwellings = "antal_boliger"``
    sheet : int, str or None
        The worksheet: a name, or a number from 1. Example: ``sheet = 2``
    header_row : int or None
        The row with the column names, from 1. Example: ``header_row = 3``
    source : str
        Whose list it is. Example: ``source = "Boligforeningen"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    path: str
    by: By = "address_id"
    column: str | None = None
    area: str = "area_id"
    valid_from: str | None = None
    valid_to: str | None = None
    status_date: str = Field(default="{year}-01-01", pattern=r"^(\d{4}|\{year\})-\d{2}-\d{2}$")
    renamed: dict[str, str] = Field(default_factory=dict)
    dwellings: str | None = None
    sheet: int | str | None = None
    header_row: int | None = None
    source: str = ""

    def day_of(self, period: str) -> date:
        """The day that counts for a period."""
        return date.fromisoformat(self.status_date.replace("{year}", period[:4]))


@dataclass(frozen=True)
class Membership:
    """The list, read: ``area_id, key`` and the bounds `FROM`, `TO`; the organisation's own counts."""

    spec: MembershipSpec
    rows: pl.DataFrame
    organisation_counts: Mapping[str, int]

    @property
    def areas(self) -> list[str]:
        """The areas that the list decides on."""
        return sorted(self.rows["area_id"].unique())

    @property
    def dated(self) -> bool:
        return self.spec.valid_from is not None or self.spec.valid_to is not None


def read_membership(
    spec: MembershipSpec, known_areas: Collection[str], report: Report, *, folder: Path | None = None
) -> Membership | None:
    """Read the list; None with errors in `report`. Estates that are no area, and rows without key, are warned about."""
    column = spec.column or spec.by
    extra = [name for name in (spec.valid_from, spec.valid_to, spec.dwellings) if name is not None]
    list_report = Report()
    frame = read_register(
        spec.path,
        unit="case",
        place="area",
        area=spec.area,
        period="2000",
        text=[column],
        columns=[column, *extra],
        sheet=spec.sheet,
        header_row=spec.header_row,
        folder=folder,
        report=list_report,
        name="membership",
    )
    list_report.facts = {"membership_list": list_report.facts.pop("register:membership", {})}
    list_report.hand_over(report)
    if list_report.errors:
        return None
    start = spec.valid_from
    bounded: pl.LazyFrame | None
    if start is None:
        frame, start = frame.with_columns(pl.lit(None, pl.Date).alias("@start")), "@start"
    end = spec.valid_to
    if end is None:
        frame, end = frame.with_columns(pl.lit(None, pl.Date).alias("@end")), "@end"
    bounded = with_bounds(frame, Spell(start=start, to=end), None, report, "membership")
    if bounded is None:
        return None
    rows = bounded.collect()
    key = pl.coalesce(kvhx.from_kvhx(column), pl.col(column)) if spec.by == "kvhx" else pl.col(column)
    area = pl.col("area_id").replace(spec.renamed)
    rows = rows.with_columns(key.alias("key"), area.alias("area_id"))
    blank = rows.filter(pl.col("key").is_null() | pl.col("area_id").is_null()).height
    if blank:
        report.warn(
            phrase(
                "{rows} without {column} or without estate.", rows=count_text(blank, "row"), column=column
            ),
            file=Path(spec.path),
            count=blank,
        )
    counts: dict[str, int] = {}
    if spec.dwellings is not None:
        reported = (
            rows.group_by("area_id")
            .agg(pl.col(spec.dwellings).cast(pl.Int64, strict=False).max())
            .drop_nulls()
        )
        counts = dict(reported.sort("area_id").rows())
    rows = rows.drop_nulls(["area_id", "key"]).select("area_id", "key", FROM, TO)
    unknown = sorted(set(rows["area_id"]) - set(known_areas))
    if unknown:
        named = ", ".join(unknown[:8]) + (", ..." if len(unknown) > 8 else "")
        report.warn(
            phrase(
                "{estates} of the list that are no area ({ids}): counted in the municipality only.",
                estates=count_text(len(unknown), "estate"),
                ids=named,
            ),
            file=Path(spec.path),
            column=spec.area,
            count=len(unknown),
            hint="Give them an outline, or map their ids with renamed.",
        )
    return Membership(spec, rows.filter(pl.col("area_id").is_in(list(known_areas))), counts)


def apply_membership(
    located: pl.DataFrame,
    address_keys: pl.DataFrame,
    membership: Membership,
    periods: Collection[str],
    report: Report,
) -> tuple[list[str], pl.DataFrame]:
    """Where each address belongs, with the list in charge of the areas that it names.

    Parameters
    ----------
    located : DataFrame
        ``address_id, area_id`` by polygons (`geo_bosoc.locate.join.locate`).
    address_keys : DataFrame
        ``address_id, key``: how the list would name each address (several rows for several keys).
    membership : Membership
        The list.
    periods : collection of str
        The periods that registers have; where the list is dated each has an answer of its own.
    report : Report
        Takes, by area, how many rows of the list name no address.

    Returns
    -------
    list of str
        The key columns (with ``period`` where the list is dated).
    DataFrame
        The located addresses by them, sorted as the addresses were.
    """
    ids = located.schema["area_id"]
    keys = address_keys.drop_nulls()
    if membership.spec.by == "kvhx":  # a key without floor and door names every door of the entrance
        entrance = kvhx.entrance_of(pl.col("key")) + pl.lit(kvhx.BETWEEN * 2)
        keys = pl.concat([keys, keys.with_columns(entrance.alias("key"))])
    keys = keys.unique(maintain_order=True)
    listed = membership.rows.join(keys, on="key", how="left")
    unmatched = listed.filter(pl.col("address_id").is_null()).group_by("area_id").len().sort("area_id")
    if unmatched.height:
        report.warn(
            phrase(
                "{rows} of the list, in {estates}, with no address that is known.",
                rows=count_text(int(unmatched["len"].sum()), "row"),
                estates=count_text(unmatched.height, "estate"),
            ),
            key="membership",
            count=int(unmatched["len"].sum()),
        )
    report.facts["membership_rows_without_address"] = dict(unmatched.rows())
    listed = listed.drop_nulls("address_id")
    by_polygon = located.filter(~pl.col("area_id").cast(pl.String).is_in(membership.areas))
    if not membership.dated:
        by_list = listed.select("address_id", pl.col("area_id").cast(ids)).unique(maintain_order=True)
        return ["address_id"], pl.concat([by_polygon, by_list]).sort("address_id", "area_id")
    parts = []
    for period in sorted(periods):
        day = membership.spec.day_of(period)
        current = listed.filter(holds_on(day)).select("address_id", pl.col("area_id").cast(ids))
        by_period = pl.concat([by_polygon, current.unique(maintain_order=True)])
        parts.append(by_period.select("address_id", pl.lit(period).alias("period"), "area_id"))
    return ["address_id", "period"], pl.concat(parts).sort("period", "address_id", "area_id")


def compare(
    by_list: pl.DataFrame,
    by_polygon: pl.DataFrame,
    membership: Membership,
    people: Mapping[str, pl.LazyFrame],
) -> pl.DataFrame:
    """Who is inside the outline and not on the list, and the reverse.

    Parameters
    ----------
    by_list, by_polygon : DataFrame
        What `apply_membership` and what `locate` gave.
    membership : Membership
        The list.
    people : Mapping of str to LazyFrame
        Registers whose rows are counted (``address_id, period``), by what they are called: persons, dwellings.

    Returns
    -------
    DataFrame
        ``area_id, period, listed_<name>, inside_not_listed_<name>, listed_outside_<name>`` for each of `people`, one
        row an area of the list and period. These are true counts: not for publication.
    """
    text = pl.col("area_id").cast(pl.String)
    outline = by_polygon.select("address_id", text).filter(pl.col("area_id").is_in(membership.areas))
    listed = by_list.with_columns(text).filter(pl.col("area_id").is_in(membership.areas))
    on_period = ["period"] if "period" in by_list.columns else []
    tables: list[pl.DataFrame] = []
    for name, frame in people.items():
        counted = frame.group_by("address_id", "period").len().collect(engine="streaming")
        ins = counted.join(outline, on="address_id").with_columns(pl.lit(True).alias("@in"))
        on = counted.join(listed, on=["address_id", *on_period]).with_columns(pl.lit(True).alias("@on"))
        keys = ["address_id", "period", "area_id"]
        joined = ins.join(
            on.select(*keys, "@on", pl.col("len").alias("n")), on=keys, how="full", coalesce=True
        )
        size = pl.coalesce("len", "n")
        is_in, is_on = pl.col("@in").is_not_null(), pl.col("@on").is_not_null()
        tables.append(
            joined.group_by("area_id", "period").agg(
                size.filter(is_on).sum().cast(pl.Int64).alias(f"listed_{name}"),
                size.filter(is_in & ~is_on).sum().cast(pl.Int64).alias(f"inside_not_listed_{name}"),
                size.filter(is_on & ~is_in).sum().cast(pl.Int64).alias(f"listed_outside_{name}"),
            )
        )
    if not tables:
        return pl.DataFrame(schema={"area_id": pl.String, "period": pl.String})
    result = tables[0]
    for table in tables[1:]:
        result = result.join(table, on=["area_id", "period"], how="full", coalesce=True)
    return result.sort("area_id", "period").with_columns(pl.selectors.numeric().fill_null(0))


def _difference(name: str) -> Message:
    """In words what a column of `compare` counts."""
    what = name.rpartition("_")[2]
    counted = phrase("persons") if what == "persons" else phrase("dwellings") if what == "dwellings" else what
    if name.startswith("inside_not_listed_"):
        return phrase("{counted} inside the outline and not on the list", counted=counted)
    return phrase("{counted} on the list and outside the outline", counted=counted)


def report_differences(table: pl.DataFrame, membership: Membership, report: Report, minimum: int = 5) -> None:
    """The differences as facts for the manifest: totals by period, and areas with counts under `minimum` as "<5"."""
    numbers = [name for name in table.columns if name not in ("area_id", "period")]
    totals = table.group_by("period").agg(pl.col(numbers).sum()).sort("period")
    facts: dict[str, Any] = {
        "source": membership.spec.source,
        "total": {
            row["period"]: {name: row[name] for name in numbers} for row in totals.iter_rows(named=True)
        },
        "areas": {},
    }
    differs = [
        name for name in numbers if not name.startswith("listed_") or name.startswith("listed_outside")
    ]
    for row in table.iter_rows(named=True):
        differences = {
            name: f"<{minimum}" if 0 < row[name] < minimum else row[name] for name in differs if row[name]
        }
        if differences:
            facts["areas"].setdefault(row["period"], {})[row["area_id"]] = differences
    if membership.organisation_counts and "listed_dwellings" in numbers and table.height:
        last = table.filter(pl.col("period") == table["period"].max())
        listed_counts = dict(last.select("area_id", "listed_dwellings").rows())
        facts["organisations_own_dwellings"] = {
            area: {"listed": listed_counts.get(area, 0), "own": organisation_count}
            for area, organisation_count in membership.organisation_counts.items()
        }
        differing = [
            a
            for a, organisation_count in membership.organisation_counts.items()
            if abs(listed_counts.get(a, 0) - organisation_count) > BIG_DIFFERENCE * organisation_count
        ]
        if differing:
            report.warn(
                phrase(
                    "{estates} with another number of dwellings than the organisation tells ({ids}).",
                    estates=count_text(len(differing), "estate"),
                    ids=", ".join(sorted(differing)[:8]) + (", ..." if len(differing) > 8 else ""),
                ),
                key="membership.dwellings",
                count=len(differing),
                hint="run.json of the internal set holds both numbers.",
            )
    for name in differs:
        total = int(table[name].sum())
        if total:
            report.note(
                phrase(
                    "{difference}: {total:,} over all periods; the list decides.",
                    difference=_difference(name),
                    total=total,
                ),
                key="membership",
                count=total,
            )
    report.facts["membership"] = facts
