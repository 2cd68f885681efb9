"""The addresses of a run by id and by KVHX, with what was settled by hand and the points where nobody lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import kvhx

KVHX: Final = "kvhx"
MOST_RESIDENTS: Final = 500
"""More residents than this on one point are taken for people whose home a system did not know."""


@dataclass(frozen=True)
class AddressBook:
    """Addresses and how rows find theirs.

    Attributes
    ----------
    addresses : DataFrame or None
        ``address_id, x, y`` and, where the table has keys, ``kvhx`` (normal form); None without a table.
    corrections : DataFrame or None
        ``from, to`` settled by hand: a written key (id or KVHX in normal form) and the address id.
    not_homes : tuple of str
        Ids or KVHX keys of addresses where nobody lives (the town hall, a shelter).
    most_residents : int
        See `MOST_RESIDENTS`.
    municipality : str or None
        The code that a KVHX in parts takes where its rows have none.
    """

    addresses: pl.DataFrame | None = None
    corrections: pl.DataFrame | None = None
    not_homes: tuple[str, ...] = ()
    most_residents: int = MOST_RESIDENTS
    municipality: str | None = None

    def key_of(self, spec: RegisterSpec) -> pl.Expr:
        """How a register's row writes its address: an id, or a KVHX in normal form."""
        if spec.address_parts is not None:
            return kvhx.from_parts(spec.address_parts, self.municipality).alias("@key")
        if spec.kvhx is not None:
            return kvhx.from_kvhx(spec.kvhx).alias("@key")
        return pl.col("address_id").cast(pl.String).alias("@key")

    def is_coded(self, spec: RegisterSpec) -> bool:
        """Whether the register's addresses are no ids."""
        return spec.address_parts is not None or spec.kvhx is not None

    def assign_addresses(
        self, frame: pl.LazyFrame, spec: RegisterSpec, reasons: Sequence[tuple[str, pl.Expr]] = ()
    ) -> pl.LazyFrame:
        """The rows with ``address_id`` (null: no place) and ``@reason`` (null: placed).

        A door that is not in the address table is placed at its entrance where that is known. What was settled by
        hand comes first. Registers placed by coordinates keep them.
        """
        if spec.place == "xy":
            blank = pl.col("x").is_null() | pl.col("y").is_null()
            reason = pl.when(blank).then(pl.lit("no_address")).otherwise(pl.lit(None, pl.String))
            return frame.with_columns(reason.alias("@reason"))
        keyed = frame.with_columns(self.key_of(spec))
        matched = pl.col("@key")
        if self.is_coded(spec) or self.corrections is not None:
            keyed = keyed.join(self._lookup(self.is_coded(spec)), on="@key", how="left")
            matched = pl.col("@matched")
            if self.is_coded(spec):
                entrances = self._entrances()
                keyed = keyed.with_columns(kvhx.entrance_of(pl.col("@key")).alias("@entrance")).join(
                    entrances, on="@entrance", how="left"
                )
                matched = pl.coalesce("@matched", "@at_entrance")
            else:
                matched = pl.coalesce("@matched", "@key")
        chain: Any = pl.when(pl.lit(False)).then(pl.lit(None, pl.String))
        for name, test in reasons:
            chain = chain.when(test).then(pl.lit(name))
        chain = chain.when(pl.col("@key").is_null()).then(pl.lit("no_address"))
        if self.addresses is not None:
            address_ids = self.addresses["address_id"].implode()
            chain = chain.when(~matched.is_in(address_ids).fill_null(False)).then(pl.lit("address_not_known"))
        if self.not_homes:
            chain = chain.when(matched.is_in(self._not_home_ids()).fill_null(False)).then(
                pl.lit("not_a_home")
            )
        placed = keyed.with_columns(
            chain.otherwise(pl.lit(None, pl.String)).alias("@reason"), matched.alias("@address")
        )
        address = pl.when(pl.col("@reason").is_null()).then(pl.col("@address")).alias("address_id")
        return placed.with_columns(address).drop(
            "@key", "@matched", "@entrance", "@at_entrance", "@address", strict=False
        )

    def without_crowds(self, rows: pl.DataFrame, name: str, report: Report) -> pl.DataFrame:
        """The rows, with nobody placed on a point that more than `most_residents` share on one date."""
        if "x" in rows.columns:
            positions = rows
        elif self.addresses is not None:
            positions = rows.join(
                self.addresses.select("address_id", "x", "y"),
                on="address_id",
                how="left",
                maintain_order="left",
            )
        else:
            return rows
        crowded = (
            positions.filter(pl.col("x").is_not_null() & pl.col("@reason").is_null())
            .group_by("period", "x", "y")
            .len()
            .filter(pl.col("len") > self.most_residents)
        )
        if crowded.is_empty():
            return rows
        report.warn(
            phrase(
                "{points} with more than {most_residents:,} residents each, {largest:,} at most: these count in the "
                "municipality and in no area.",
                points=count_text(crowded.select("x", "y").n_unique(), "point"),
                most_residents=self.most_residents,
                largest=int(crowded["len"].to_numpy().max()),
            ),
            key=f"registers.{name}",
            hint="If so many do live there, raise most_residents under [places].",
            count=int(crowded["len"].sum()),
        )
        crowded_rows = positions.join(crowded, on=["period", "x", "y"], how="left", maintain_order="left")[
            "len"
        ].is_not_null()
        crowded_rows = crowded_rows & positions["@reason"].is_null()
        blank = [
            pl.when(~crowded_rows).then(pl.col(c)).alias(c)
            for c in ("address_id", "x", "y")
            if c in rows.columns
        ]
        reason = pl.when(crowded_rows).then(pl.lit("too_many_at_one_point")).otherwise(pl.col("@reason"))
        return rows.with_columns(*blank, reason.alias("@reason"))

    def _lookup(self, coded: bool) -> pl.LazyFrame:
        """``@key`` to ``@matched``: by hand first, then the table's own keys."""
        parts = []
        if self.corrections is not None:
            parts.append(
                self.corrections.select(pl.col("from").alias("@key"), pl.col("to").alias("@matched"))
            )
        if coded and self.addresses is not None and KVHX in self.addresses.columns:
            table_keys = (
                self.addresses.drop_nulls(KVHX)
                .sort(KVHX, "address_id")
                .unique(KVHX, keep="first", maintain_order=True)
            )
            parts.append(
                table_keys.select(pl.col(KVHX).alias("@key"), pl.col("address_id").alias("@matched"))
            )
        empty = pl.DataFrame(schema={"@key": pl.String, "@matched": pl.String})
        return pl.concat([*parts, empty]).unique("@key", keep="first", maintain_order=True).lazy()

    def _entrances(self) -> pl.LazyFrame:
        """``@entrance`` to the first address with it."""
        if self.addresses is None or KVHX not in self.addresses.columns:
            return pl.LazyFrame(schema={"@entrance": pl.String, "@at_entrance": pl.String})
        return (
            self.addresses.lazy()
            .select(
                kvhx.entrance_of(pl.col(KVHX)).alias("@entrance"), pl.col("address_id").alias("@at_entrance")
            )
            .drop_nulls()
            .sort("@entrance", "@at_entrance")
            .unique("@entrance", keep="first", maintain_order=True)
        )

    def _not_home_ids(self) -> list[str]:
        listed = pl.DataFrame({"k": list(self.not_homes)})
        keys = set(listed.select(kvhx.from_kvhx("k")).to_series().drop_nulls()) | set(self.not_homes)
        if self.addresses is None or KVHX not in self.addresses.columns:
            return sorted(keys)
        entrances = self.addresses.with_columns(kvhx.entrance_of(pl.col(KVHX)).alias("@e"))
        bare_keys = {key.rstrip("-") for key in keys}
        test = (
            pl.col(KVHX).is_in(sorted(keys))
            | pl.col("@e").is_in(sorted(bare_keys))
            | pl.col("address_id").is_in(sorted(keys))
        )
        return sorted(entrances.filter(test.fill_null(False))["address_id"])


def read_corrections(path: Path, addresses: pl.DataFrame | None, report: Report) -> pl.DataFrame | None:
    """The table of addresses settled by hand: ``from, to, initials, date``.

    `from` is the address as a register writes it (an id, or a KVHX in any dialect), `to` the address that it is.
    Rows whose `to` no address has, and rows without initials or date, are warned about.
    """
    table_report = Report()
    frame = read_register(
        path,
        unit="case",
        place="address",
        address="to",
        period="2000",
        text=["from", "initials"],
        columns=["from", "initials", "date"],
        report=table_report,
        name="corrections",
    )
    table_report.facts.clear()
    table_report.hand_over(report)
    if table_report.errors:
        return None
    rows = frame.select("from", pl.col("address_id").alias("to"), "initials", "date").collect()
    rows = rows.with_columns(
        pl.coalesce(kvhx.from_kvhx(name), pl.col(name)).alias(name) for name in ("from", "to")
    ).drop_nulls(["from", "to"])
    if addresses is not None and KVHX in addresses.columns:
        table_keys = addresses.drop_nulls(KVHX).unique(KVHX, keep="first", maintain_order=True)
        keys = table_keys.select(pl.col(KVHX).alias("to"), pl.col("address_id").alias("@id"))
        rows = (
            rows.join(keys, on="to", how="left")
            .with_columns(pl.coalesce("@id", "to").alias("to"))
            .drop("@id")
        )
    unknown = (
        rows.filter(~pl.col("to").is_in(addresses["address_id"].implode()))
        if addresses is not None
        else rows.clear()
    )
    if unknown.height:
        report.warn(
            phrase(
                "{corrections} to an address that the address table does not have.",
                corrections=count_text(unknown.height, "correction"),
            ),
            file=path,
            column="to",
            count=unknown.height,
        )
    unsigned = rows.filter(pl.col("initials").is_null() | pl.col("date").is_null()).height
    if unsigned:
        report.warn(
            phrase(
                "{corrections} without initials or without date: nobody can tell who settled them.",
                corrections=count_text(unsigned, "correction"),
            ),
            file=path,
            count=unsigned,
        )
    doubled = rows.filter(pl.struct("from").is_duplicated())["from"].n_unique()
    if doubled:
        report.warn(
            phrase(
                "{addresses} settled twice: the last row counts.",
                addresses=count_text(doubled, "address", "addresses"),
            ),
            file=path,
            column="from",
        )
    report.facts["corrections"] = {"rows": rows.height}
    return rows.unique("from", keep="last", maintain_order=True).select("from", "to")
