"""Tables of a user that name cells of the square grid: recognised by their values, and areas where nothing else is."""

from __future__ import annotations

from typing import Final

import pandas as pd
import polars as pl

from geo_bosoc.boundaries.describe import LayerDescription
from geo_bosoc.problems import Report
from geo_bosoc.project.start.user_files import FileGroup
from geo_bosoc.rasters.cell_tables import like_cells
from geo_bosoc.rasters.square_grid import cell_polygons
from geo_bosoc.text.guesses import guess

_CELLS: Final = 0.9
"""The share of a column's values that are ids of cells, where it says a cell."""


def cell_column(group: FileGroup) -> str | None:
    """The column of a table that says a cell of the square grid, by its values; None where there is none.

    Parameters
    ----------
    group : FileGroup
        The table.
    """
    for column in group.table.columns:
        if column.type == "text":
            values = pl.Series(sorted(group.values(column.name)), dtype=pl.String)
            if len(values) and like_cells(values).sum() >= _CELLS * len(values):
                return column.name
    return None


def cell_layer(group: FileGroup) -> LayerDescription | None:
    """The cells that a table names, as a layer of areas; None where it names none, or where an id is broken.

    Parameters
    ----------
    group : FileGroup
        The table.
    """
    column = cell_column(group)
    if column is None:
        return None
    values = pl.Series(sorted(group.values(column)), dtype=pl.String)
    report = Report()
    cells = cell_polygons(values.filter(like_cells(values)).to_list(), report=report)
    if report.errors:
        return None
    ids = cells["area_id"].tolist()
    return LayerDescription(
        file=group.table.file,
        layer=None,
        features=len(ids),
        polygons=len(ids),
        crs=None,
        states_crs=True,
        columns=(column,),
        id=guess(column, "cell_ids"),
        name=None,
        kind=None,
        ids=frozenset(ids),
        table=pd.DataFrame({column: ids}),
        geometry=cells.geometry.to_numpy(),
        has_cells=True,
    )
