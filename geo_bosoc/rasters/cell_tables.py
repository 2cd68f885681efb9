"""Tables of the square grid that come without coordinates: their cells as areas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.rasters.square_grid import cell_corners, rows_text, squares
from geo_bosoc.registers.files import PARQUET, ROW, find_files
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.readers.registry import open_source
from geo_bosoc.registers.spec import RegisterSpec

_LIKE_A_CELL: Final = r"(?i)^\d+ ?k?m[_ENne ]|^CRS\d+RES"
"""What an id of a cell begins with, be it broken; a total or a footnote does not."""


def read_cells(
    path: str | Path,
    column: str,
    *,
    name: str | None = None,
    kind: str | None = None,
    where: str | None = None,
    sheet: str | None = None,
    not_person_numbers: Sequence[str] = (),
    report: Report | None = None,
) -> gpd.GeoDataFrame:
    """Read a table that names cells of the square grid and no coordinates, as areas: each of its cells once.

    Parameters
    ----------
    path : str or Path
        A text file, workbook, JSON or Parquet, as `geo_bosoc.read_register` reads them.
    column : str
        The column with the cells' ids.
    name, kind : str, optional
        The columns with the cells' names and kinds; left out, a cell is called by its id, and is an ``area``.
    where : str, optional
        A row-wise SQL predicate on the table's columns: only the cells of rows that meet it.
    sheet : str, optional
        The worksheet, where a workbook has several.
    not_person_numbers : sequence of str, optional
        Columns whose ten-digit numbers are certainly no person numbers.
    report : Report, optional
        Collects problems; without it errors raise and warnings are issued.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, kind, geometry`` in EPSG:25832, sorted by ``area_id``. Empty if `report` took errors.

    Raises
    ------
    InputError
        The table cannot be read, names no cell, or ids are broken: with their rows.

    Notes
    -----
    Rows without an id and rows whose id is none of a cell (a total, a footnote, people without an address) are left
    out, and told.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "cells.csv"
    >>> _ = file.write_text("KN1kmDK;persons\\n1km_6223_574;412\\n1km_6223_575;35\\n")
    >>> read_cells(file, "KN1kmDK")["area_id"].tolist()
    ['1km_6223_574', '1km_6223_575']
    """
    file, problems = Path(path), Report()
    spec = RegisterSpec(
        path=str(file),
        unit="count",  # so that headings, blank rows and notes are none of its rows
        place="address",  # and so that a cell may have several
        address=column,
        area=column,
        period="2000",
        where=where,
        sheet=sheet,
        text=tuple(each for each in (name, kind) if each is not None),
        not_person_numbers=tuple(not_person_numbers),
    )
    rows = read_register(spec, columns=spec.text, report=problems, name=file.name)
    areas = squares([], pd.DataFrame({"east": [], "north": [], "size": []}))
    if not problems.errors:
        by_role = {"id": "address_id", "name": name or "address_id", "kind": kind or "address_id"}
        columns = [pl.col(each).cast(pl.String).alias(role) for role, each in by_role.items()]
        table = rows.select(columns).unique("id", keep="first", maintain_order=True).collect()
        is_cell = like_cells(table["id"])
        _tell_other_rows(file, column, spec, table["id"].filter(~is_cell), bool(is_cell.any()), problems)
        cells = table.filter(is_cell).sort("id")
        ids = cells["id"].to_list()
        inner = Report()
        corners = cell_corners(ids, report=inner)
        if inner.errors:  # the rows are looked up where they are needed
            every_row = _rows_of_ids(file, column, spec)
            broken = every_row.filter(pl.col("id").is_in(ids))
            cell_corners(
                broken["id"], rows=broken["row"].to_list(), file=file, column=column, report=problems
            )
        if not problems.errors:
            kind_by_cell = None if kind is None else cells["kind"].fill_null("area").to_list()
            areas = squares(ids, corners, kind_by_cell)
            areas["name"] = pd.Series(cells["name"].fill_null(cells["id"]).to_list(), dtype="str")
    problems.hand_over(report)
    return areas.iloc[:0] if problems.errors else areas


def check_cells(frame: pl.LazyFrame, spec: RegisterSpec, folder: Path | None, report: Report) -> None:
    """Look at the cells of a register with ``place = "cell"``, if it is one: broken ids and several sizes are errors.

    Parameters
    ----------
    frame : LazyFrame
        Its rows, with the cells' ids as ``area_id``.
    spec : RegisterSpec
        The register's.
    folder : Path or None
        Where relative paths start.
    report : Report
        Takes the errors, and a warning of rows that are of no cell. Where it has errors already, nothing is looked at.
    """
    if spec.place != "cell" or report.errors:
        return
    files = [file.path for file in find_files(spec, folder, None, Report(), None)]
    ids = frame.select(pl.col("area_id").unique().sort()).collect()["area_id"]
    ids = ids.filter(ids.is_null() | (ids != MUNICIPALITY))
    is_cell = like_cells(ids)
    column = spec.columns.get(spec.area, spec.area)
    _tell_other_rows(files[0], column, spec, ids.filter(~is_cell), bool(is_cell.any()), report)
    cells = ids.filter(is_cell)
    inner = Report()
    corners = cell_corners(cells, report=inner)
    for file in files if inner.errors else ():
        broken = _rows_of_ids(file, column, spec).filter(pl.col("id").is_in(cells.to_list()))
        cell_corners(broken["id"], rows=broken["row"].to_list(), file=file, column=column, report=report)
    if len(corners) and (corners["size"] != corners["size"].iloc[0]).any():
        report.error(
            "the table holds cells of several sizes, so that people would count twice.",
            file=files[0],
            column=column,
            hint="Choose those of one size with where.",
        )


def like_cells(ids: pl.Series) -> pl.Series:
    """Which ids are of cells, whole or broken, and not of a total or a footnote."""
    return ids.cast(pl.String).str.contains(_LIKE_A_CELL).fill_null(False)


def _tell_other_rows(
    file: Path, column: str, spec: RegisterSpec, ids: pl.Series, any_cell: bool, report: Report
) -> None:
    """Rows that name no cell: left out where others do, else the column is the wrong one."""
    where = {"file": file, "column": column}
    if not any_cell:
        report.error(
            "no value of the column is an id of a cell.",
            hint="Choose the column with ids such as 100m_62236_5749.",
            **where,
        )
    elif len(ids):
        every_row = _rows_of_ids(file, column, spec)
        others = every_row.filter(pl.col("id").is_in(ids.drop_nulls().to_list()) | pl.col("id").is_null())
        if others.is_empty():
            return
        report.warn(
            phrase(
                "{count} of no cell (a total, a footnote, people without a place), left out of the areas: {rows}.",
                count=count_text(len(others), "row is", "rows are"),
                rows=rows_text(others["row"].to_numpy()),
            ),
            count=len(others),
            **where,
        )


def _rows_of_ids(file: Path, column: str, spec: RegisterSpec) -> pl.DataFrame:
    """``row, id`` of a table as it stands, for messages."""
    empty = pl.DataFrame(schema={"row": pl.Int64, "id": pl.String})
    if file.suffix.lower() in PARQUET:
        frame = pl.read_parquet(file, columns=[column]).with_row_index(ROW, 1)
        return frame.select(pl.col(ROW).cast(pl.Int64).alias("row"), _stripped(column))
    source = open_source(file, spec, Report())
    if source is None or column not in source.header:
        return empty
    position = source.header.index(column)
    frames = [
        batch.select(pl.col(ROW).cast(pl.Int64).alias("row"), _stripped(f"c{position}"))
        for batch in source.batches([position])
    ]
    return pl.concat([empty, *frames])


def _stripped(column: str) -> pl.Expr:
    """Ids without blanks around them; empty ones as null."""
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias("id")
