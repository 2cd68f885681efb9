"""BBR, the building and dwelling register: each dwelling once, with use, type, area, year and ownership, on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.readers.entities import (
    Entity,
    entity_files,
    in_force,
    read_entity,
    with_names,
)

LIVE: Final = ("6", "7")
"""BBR's life cycle: 6 built, 7 in force (2 planned, 3 being built, 10 demolished or deleted)."""

_UNITS: Final = {
    "bbr_use": "enh020EnhedensAnvendelse",
    "bbr_kind": "enh023Boligtype",
    "m2": "enh026EnhedensSamledeAreal",
    "m2_dwelling": "enh027ArealTilBeboelse",
    "m2_business": "enh028ArealTilErhverv",
    "rooms": "enh031AntalVærelser",
    "bbr_letting": "enh045Udlejningsforhold",
}
_BUILDINGS: Final = {"building_use": "byg021BygningensAnvendelse", "built": "byg026Opførelsesår"}
_NUMBERS: Final = (
    "bbr_use",
    "bbr_ownership",
    "m2",
    "m2_dwelling",
    "m2_business",
    "rooms",
    "built",
    "building_use",
)

_NEEDED: Final = {
    "Enhed": ("id_lokalId", "bygning"),
    "Bygning": ("id_lokalId",),
    "Grund": ("id_lokalId", "bestemtFastEjendom"),
    "Ejendomsrelation": ("id_lokalId", "ejendommensEjerforholdskode"),
    "EnhedEjendomsrelation": ("enhed", "ejerlejlighed"),
}
_OPTIONAL: Final = {
    "Enhed": ("adresseIdentificerer", "kommunekode", *_UNITS.values()),
    "Bygning": ("husnummer", "grund", "ejendomsrelation", *_BUILDINGS.values()),
    "Grund": (),
    "Ejendomsrelation": ("bfeNummer", "ejendomstype"),
    "EnhedEjendomsrelation": ("id_lokalId",),
}

COLUMNS: Final = (
    "dwelling_id", "period", "address_id", "building_id", "access_address_id", "bfe", "bbr_ownership",
    *_UNITS, *_BUILDINGS,
)  # fmt: skip


def read_bbr(
    files: Sequence[Path], days: Mapping[str, date], report: Report, *, key: str | None = None
) -> pl.DataFrame:
    """The units (dwellings and business units) that stand on each period's day, each once.

    Ownership and BFE number are those of the flat's own property (EnhedEjendomsrelation), and else of the property
    on which the building stands (Bygning to Grund to Ejendomsrelation).

    Parameters
    ----------
    files : sequence of Path
        CSV or JSON: Enhed and Bygning, and Grund, Ejendomsrelation and EnhedEjendomsrelation for ownership.
    days : mapping of str to date
        The status date of each period.
    report : Report
        Takes what is wrong, and in ``facts["bbr"]`` by period what was left out.
    key : str, optional
        The register's place in the project file.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row a unit and period, sorted by both; areas in m2, codes as BBR has them. ``bbr_kind`` is "1"
        for a proper dwelling.
    """
    by_entity = entity_files(files, tuple(_NEEDED))
    entities: dict[str, Entity] = {}
    for name, needed in _NEEDED.items():
        if not by_entity[name]:
            if name in ("Enhed", "Bygning"):
                report.error(
                    phrase("the file with {entity} is missing.", entity=name),
                    key=f"{key}.path" if key else None,
                    hint='The files are told apart by their names: "Enhed.csv", "Bygning.csv", ...',
                )
            elif name == "Ejendomsrelation":
                report.warn(
                    phrase("without {entity} nobody's ownership is known.", entity=name),
                    key=f"{key}.path" if key else None,
                )
            continue
        entity = read_entity(name, by_entity[name], needed, _OPTIONAL[name], report)
        if entity is not None:
            entities[name] = entity
    if report.errors:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    counts: dict[str, dict[str, int]] = {}
    parts = [
        _on_day(entities, period, day, counts.setdefault(period, {})) for period, day in sorted(days.items())
    ]
    report.facts["bbr"] = counts
    return pl.concat(parts)


def _on_day(entities: Mapping[str, Entity], period: str, day: date, counts: dict[str, int]) -> pl.DataFrame:
    rows = {}
    for name, entity in entities.items():
        live = LIVE if name in ("Enhed", "Bygning") else ()
        rows[name] = with_names(in_force(entity, day, live, counts), _OPTIONAL[name])
    units = rows["Enhed"].select(
        pl.col("id_lokalId").alias("dwelling_id"),
        pl.col("adresseIdentificerer").alias("address_id"),
        pl.col("bygning").alias("building_id"),
        *(pl.col(column).alias(name) for name, column in _UNITS.items()),
    )
    buildings = rows["Bygning"].select(
        pl.col("id_lokalId").alias("building_id"),
        pl.col("husnummer").alias("access_address_id"),
        "grund",
        "ejendomsrelation",
        *(pl.col(column).alias(name) for name, column in _BUILDINGS.items()),
    )
    standing = units.join(buildings, on="building_id", how="inner")
    counts["units"] = standing.height
    counts["without_building"] = units.height - standing.height
    owned = _with_owner(standing, rows)
    counts["without_address"] = int(owned["address_id"].null_count())
    counts["without_ownership"] = int(owned["bbr_ownership"].null_count())
    numbers = [
        pl.col(name).str.extract(r"^(-?\d+)").cast(pl.Int64, strict=False).alias(name) for name in _NUMBERS
    ]
    done = owned.with_columns(pl.lit(period).alias("period"), *numbers)
    return done.select(COLUMNS).sort("dwelling_id")


def _with_owner(units: pl.DataFrame, rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The units with ``bfe`` and ``bbr_ownership``: of the flat, else of the ground's property."""
    nothing = pl.DataFrame(schema=dict.fromkeys(("@property", "bfe", "bbr_ownership"), pl.String))
    properties = nothing
    if "Ejendomsrelation" in rows:
        properties = rows["Ejendomsrelation"].select(
            pl.col("id_lokalId").alias("@property"),
            pl.col("bfeNummer").alias("bfe"),
            pl.col("ejendommensEjerforholdskode").alias("bbr_ownership"),
        )
    flats = pl.DataFrame(schema=dict.fromkeys(("dwelling_id", "@flat"), pl.String))
    if "EnhedEjendomsrelation" in rows:
        flats = (
            rows["EnhedEjendomsrelation"]
            .select(pl.col("enhed").alias("dwelling_id"), pl.col("ejerlejlighed").alias("@flat"))
            .drop_nulls()
            .sort("dwelling_id", "@flat")
            .unique("dwelling_id", keep="first", maintain_order=True)
        )
    grounds = pl.DataFrame(schema=dict.fromkeys(("grund", "@ground"), pl.String))
    if "Grund" in rows:
        grounds = rows["Grund"].select(
            pl.col("id_lokalId").alias("grund"), pl.col("bestemtFastEjendom").alias("@ground")
        )
    keyed = units.join(flats, on="dwelling_id", how="left").join(grounds, on="grund", how="left")
    keyed = keyed.with_columns(pl.coalesce("@flat", "ejendomsrelation", "@ground").alias("@property"))
    return keyed.join(properties, on="@property", how="left")
