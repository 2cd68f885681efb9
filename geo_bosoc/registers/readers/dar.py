"""DAR, the address register: Adresse to Husnummer to Adressepunkt, on a day, as one table of addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import ROWS
from geo_bosoc.registers.readers.entities import (
    Entity,
    entity_files,
    in_force,
    read_entity,
    with_names,
)
from geo_bosoc.registers.spec_parts import AddressParts
from geo_bosoc.registers.standardise import X_IN_DENMARK, Y_IN_DENMARK
from geo_bosoc.registers.tables import kvhx

LIVE: Final = ("2", "3")
"""DAR's life cycle: 2 preliminary, 3 in force (1 internal, 4 discontinued, 5 dropped)."""

COLUMNS: Final = ("address_id", "x", "y", "access_address_id", "plot", "kvhx")

_NEEDED: Final = {
    "Adresse": ("id_lokalId", "husnummer"),
    "Husnummer": ("id_lokalId", "adgangspunkt"),
    "Adressepunkt": ("id_lokalId", "position"),
    "NavngivenVejKommunedel": ("kommune", "vejkode", "navngivenVej"),
}
_OPTIONAL: Final = {
    "Adresse": ("etagebetegnelse", "dørbetegnelse"),
    "Husnummer": ("husnummertekst", "jordstykke", "navngivenVej"),
    "Adressepunkt": (),
    "NavngivenVejKommunedel": ("id_lokalId",),
}


def read_dar(
    files: Sequence[Path],
    days: Sequence[date],
    report: Report,
    *,
    municipality: str | None = None,
    key: str | None = None,
) -> pl.DataFrame:
    """The addresses that are in force on any of the days, each once, as on the last such day.

    Parameters
    ----------
    files : sequence of Path
        CSV or JSON, an entity a file: Adresse, Husnummer, Adressepunkt, and NavngivenVejKommunedel for KVHX keys.
    days : sequence of date
        Status dates.
    report : Report
        Takes what is wrong, and in ``facts["dar"]`` what was left out.
    municipality : str, optional
        Which municipality's street code a street has that crosses a border.
    key : str, optional
        The register's place in the project file.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``x, y`` in EPSG:25832 (null without a point), the entrance's id, its plot, and the KVHX in normal
        form (null without street codes).
    """
    by_entity = entity_files(files, tuple(_NEEDED))
    entities: dict[str, Entity] = {}
    for name, needed in _NEEDED.items():
        if not by_entity[name]:
            if name != "NavngivenVejKommunedel":
                report.error(
                    phrase("the file with {entity} is missing.", entity=name),
                    key=f"{key}.path" if key else None,
                    hint='The files are told apart by their names: "Adresse.csv", "Husnummer.csv", "Adressepunkt.csv".',
                )
            continue
        entity = read_entity(name, by_entity[name], needed, _OPTIONAL[name], report)
        if entity is not None:
            entities[name] = entity
    if report.errors:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    counts: dict[str, dict[str, int]] = {}
    by_day = []
    for day in sorted(set(days), reverse=True):
        by_day.append(_on_day(entities, day, municipality, counts.setdefault(day.isoformat(), {})))
    report.facts["dar"] = counts
    _tell_points(entities["Adressepunkt"], days, report)
    return pl.concat(by_day).unique("address_id", keep="first", maintain_order=True).sort("address_id")


def _on_day(
    entities: dict[str, Entity], day: date, municipality: str | None, counts: dict[str, int]
) -> pl.DataFrame:
    rows = {name: in_force(entity, day, LIVE, counts) for name, entity in entities.items()}
    doors = with_names(rows["Adresse"], _OPTIONAL["Adresse"])
    houses = with_names(rows["Husnummer"], _OPTIONAL["Husnummer"])
    points = rows["Adressepunkt"]
    x, y = point_of(pl.col("position"))
    place = points.select(pl.col("id_lokalId").alias("adgangspunkt"), x, y)
    nowhere = (pl.col("x") == 0) & (pl.col("y") == 0)
    place = place.with_columns(pl.when(~nowhere).then(pl.col(name)).alias(name) for name in ("x", "y"))
    house = houses.select(
        pl.col("id_lokalId").alias("husnummer"), "adgangspunkt", "husnummertekst", "navngivenVej",
        pl.col("jordstykke").alias("plot"),
    ).join(place, on="adgangspunkt", how="left")  # fmt: skip
    house = house.join(
        _streets(rows.get("NavngivenVejKommunedel"), municipality), on="navngivenVej", how="left"
    )
    joined = doors.join(house.with_columns(pl.lit(True).alias("@house")), on="husnummer", how="left")
    counts["addresses"] = joined.height
    counts["without_house"] = int(joined["@house"].null_count())
    counts["without_point"] = int(joined["x"].null_count())
    parts = AddressParts(
        municipality="kommune",
        street="vejkode",
        number="husnummertekst",
        floor="etagebetegnelse",
        door="dørbetegnelse",
    )
    return joined.select(
        pl.col("id_lokalId").alias("address_id"), "x", "y", pl.col("husnummer").alias("access_address_id"), "plot",
        kvhx.from_parts(parts, municipality).alias("kvhx"),
    )  # fmt: skip


def _tell_points(points: Entity, days: Sequence[date], report: Report) -> None:
    """Warn of points in force that lie at 0, 0 or far outside Denmark, and say which is the first in the file."""
    x, y = pl.col("x"), pl.col("y")
    nowhere = (x == 0) & (y == 0)
    outside = ~nowhere & ~(x.is_between(*X_IN_DENMARK) & y.is_between(*Y_IN_DENMARK))
    rows = (
        points.rows.lazy()
        .select("id_lokalId", "position", *point_of(pl.col("position")))
        .with_row_index("row")
    )
    wrong = rows.filter(nowhere | outside).collect()
    if not wrong.height:
        return
    live = pl.concat([in_force(points, day, LIVE, {}).select("id_lokalId", "position") for day in days])
    head = 1 if points.file is None or points.file.suffix.lower() in ROWS else 2
    for which, where in (
        (nowhere, phrase("at 0, 0, which is no place: their addresses are without one")),
        (outside, phrase("outside Denmark, and in no area")),
    ):
        several = wrong.filter(which).join(live.unique(), on=["id_lokalId", "position"], how="semi")
        if several.height:
            first = int(several["row"][0]) + head
            report.warn(
                phrase(
                    "{points} {where}; the first is in row {first}.",
                    points=count_text(several.height, "point"),
                    where=where,
                    first=first,
                ),
                file=points.file,
                column="position",
                row=first,
                count=several.height,
                hint="Fetch the address points again, or look the addresses up.",
            )


def _streets(rows: pl.DataFrame | None, municipality: str | None) -> pl.DataFrame:
    """``navngivenVej`` to ``kommune, vejkode``, one each: the project's own municipality first."""
    if rows is None:
        return pl.DataFrame(schema=dict.fromkeys(("navngivenVej", "kommune", "vejkode"), pl.String))
    inside = pl.col("kommune").str.zfill(4) == (municipality or "")
    return (
        rows.with_columns(inside.alias("@inside"))
        .sort(["@inside", "kommune", "vejkode"], descending=[True, False, False])
        .unique("navngivenVej", keep="first", maintain_order=True)
        .select("navngivenVej", "kommune", "vejkode")
    )


def point_of(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """x and y of a WKT point such as ``POINT (533640.58 6152135.2)``; null where the text is none.

    >>> frame = pl.DataFrame({"p": ["POINT (533640.58 6152135.2)", "POINT Z(1 2 3)", "POINT EMPTY"]})
    >>> frame.select(*point_of(pl.col("p"))).rows()
    [(533640.58, 6152135.2), (1.0, 2.0), (None, None)]
    """
    number = r"([+-]?\d+(?:\.\d+)?)"
    groups = text.str.extract_groups(rf"(?i)^\s*(?:SRID=\d+;)?POINT\s*Z?M?\s*\(\s*{number}\s+{number}")
    return (
        groups.struct.field("1").cast(pl.Float64, strict=False).alias("x"),
        groups.struct.field("2").cast(pl.Float64, strict=False).alias("y"),
    )
