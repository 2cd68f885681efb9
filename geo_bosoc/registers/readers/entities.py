"""The linked files of the Datafordeler: one entity a file, CSV or JSON, with the rows that are in force on a day.

Rows are bitemporal. A row is in force on a day when its ``virkningFra``/``virkningTil`` hold it, it is the registry's
present knowledge (no ``registreringTil``) and its ``status`` is live. Read without this each dwelling counts several
times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.files import ROW, ROWS
from geo_bosoc.registers.readers.json_files import NoJsonError, NoRowsError, json_rows
from geo_bosoc.registers.readers.registry import open_source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.text import fold_name
from geo_bosoc.text.days import to_date

TIMES: Final = ("virkningFra", "virkningTil", "registreringFra", "registreringTil", "status")
_ROWS: Final = 5_000
"""How many rows of a JSON file are Python objects at a time."""
_OPEN: Final = date(9000, 1, 1)


@dataclass(frozen=True)
class Entity:
    """An entity's rows: text columns by the registry's own names, and the file they came from."""

    name: str
    rows: pl.DataFrame
    file: Path | None


def entity_files(files: Sequence[Path], entities: Sequence[str]) -> dict[str, list[Path]]:
    """Which entity each file holds, by its name: the longest entity name that the file's name has in it.

    A JSON file whose name says none may hold several (``{"EnhedList": [...]}``) and is looked into for all.
    """
    files_by_entity: dict[str, list[Path]] = {name: [] for name in entities}
    by_length = sorted(entities, key=len, reverse=True)
    for file in files:
        stem = file.stem.lower()
        named = next((name for name in by_length if name.lower() in stem), None)
        if named is not None:
            files_by_entity[named].append(file)
        elif file.suffix.lower() in ROWS:
            for name in entities:
                files_by_entity[name].append(file)
    return files_by_entity


def read_entity(
    name: str, files: Sequence[Path], needed: Sequence[str], optional: Sequence[str], report: Report
) -> Entity | None:
    """The named columns of an entity, all text; None with errors in `report` where files or columns are missing.

    Names are found whatever their case and however æ, ø and å are written (``dørbetegnelse``, ``doerbetegnelse``).
    """
    frames = []
    for file in files:
        frame = (
            _json(file, name, [*needed, *optional, *TIMES], needed, report)
            if file.suffix.lower() in ROWS
            else _text(file, [*needed, *optional, *TIMES], report)
        )
        if frame is None:
            continue
        file_names = {fold_name(column): column for column in frame.columns}
        missing = [column for column in needed if fold_name(column) not in file_names]
        for column in missing:
            report.error(
                "there is no such column.",
                file=file,
                column=column,
                hint=phrase("The file has: {names}.", names=", ".join(frame.columns[:40])),
            )
        if missing:
            continue
        present = [
            name for name in (*optional, *TIMES) if fold_name(name) in file_names and name not in needed
        ]
        frames.append(
            frame.select(
                pl.col(file_names[fold_name(name)])
                .cast(pl.String)
                .str.strip_chars()
                .replace({"": None})
                .alias(name)
                for name in (*needed, *present)
            )
        )
    if not frames:
        return None
    return Entity(name, pl.concat(frames, how="diagonal"), files[0])


def _text(file: Path, columns: Sequence[str], report: Report) -> pl.DataFrame | None:
    source = open_source(file, RegisterSpec(path=str(file), unit="case"), report)
    if source is None:
        return None
    folded = {fold_name(name) for name in columns}
    positions = [i for i, name in enumerate(source.header) if fold_name(name) in folded]
    if not positions:
        return pl.DataFrame(schema=dict.fromkeys(source.header, pl.String))
    batches = [batch.drop(ROW) for batch in source.batches(positions)]
    names = {f"c{i}": source.header[i] for i in positions}
    if not batches:
        return pl.DataFrame(schema=dict.fromkeys(names.values(), pl.String))
    return pl.concat(batches).rename(names)


def _json(
    file: Path, entity: str, required: Sequence[str], needed: Sequence[str], report: Report
) -> pl.DataFrame | None:
    """Rows of an array, of ``{"<Entity>List": [...]}``, or one object a line: the columns to read, as text.

    Where a needed one is missing, the names alone of all columns there are.
    """
    folded = {fold_name(name) for name in required}
    names: dict[str, None] = {}
    parts = []
    try:
        rows = json_rows(file, {f"{entity}list".lower(), entity.lower()})
        if rows is None:
            return None
        while batch := list(islice(rows, _ROWS)):
            for row in batch:
                if not row.keys() <= names.keys():
                    names |= dict.fromkeys(row)
            present = [name for name in names if fold_name(name) in folded]
            columns = {
                name: [None if row.get(name) is None else str(row[name]) for row in batch] for name in present
            }
            parts.append(pl.DataFrame(columns, schema=dict.fromkeys(present, pl.String)))
    except NoJsonError as error:
        report.error(error.args[0], file=file)
        return None
    except NoRowsError:
        report.error("the file holds no rows.", file=file, hint='Rows are [{"id_lokalId": ...}, ...].')
        return None
    if not {fold_name(name) for name in needed} <= {fold_name(name) for name in names}:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.concat(parts, how="diagonal")


def day_of(value: pl.Expr) -> pl.Expr:
    """The Danish day of a timestamp such as ``2018-09-30T22:00:00.000000Z`` or ``2018-10-01T00:00:00+02:00``; of what
    begins with a day and goes on otherwise, that day."""
    return pl.coalesce(to_date(value), value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))


def in_force(entity: Entity, day: date, live: Sequence[str], counts: dict[str, int]) -> pl.DataFrame:
    """The rows in force on a day, one an ``id_lokalId`` (the last to take effect); how many went, in `counts`."""
    rows = entity.rows
    columns = set(rows.columns)
    tests: dict[str, list[pl.Expr]] = {"superseded": [], "not_in_force": [], "not_live": []}
    if "registreringTil" in columns:
        tests["superseded"].append(_ends_after("registreringTil", _OPEN))
    if "virkningFra" in columns:
        start = day_of(pl.col("virkningFra"))
        tests["not_in_force"].append(pl.col("virkningFra").is_null() | (start <= day).fill_null(True))
    if "virkningTil" in columns:
        tests["not_in_force"].append(_ends_after("virkningTil", day))
    if "status" in columns and live:
        tests["not_live"].append(pl.col("status").is_in(list(live)).fill_null(True))
    for reason, conditions in tests.items():
        remaining = rows.filter(*conditions) if conditions else rows
        if rows.height - remaining.height:
            counts[f"{entity.name}: {reason}"] = rows.height - remaining.height
        rows = remaining
    if "id_lokalId" not in columns:
        return rows
    keyed = rows.drop_nulls("id_lokalId")
    order = [name for name in ("virkningFra", "registreringFra") if name in columns]
    if keyed["id_lokalId"].is_duplicated().any():
        counts[f"{entity.name}: doubled"] = keyed.height - keyed["id_lokalId"].n_unique()
        if order:
            keyed = keyed.sort(order, descending=True, nulls_last=True, maintain_order=True)
        keyed = keyed.unique("id_lokalId", keep="first", maintain_order=True)
    return keyed.sort("id_lokalId")


def _ends_after(name: str, day: date) -> pl.Expr:
    """The end is not there, or lies after the day."""
    end = day_of(pl.col(name))
    return pl.col(name).is_null() | (end > day).fill_null(False)


def with_names(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The frame with a column for each of the names, empty where the file had none."""
    missing = [pl.lit(None, pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(missing)
