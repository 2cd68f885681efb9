"""A look into map files: which layers, how many features, which CRS, and which columns are ids and names of areas.

Everything that is guessed has a reason (`geo_bosoc.text.guesses`); nothing is judged or repaired, which
`geo_bosoc.boundaries.read` does.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from geo_bosoc.boundaries.attributes import texts
from geo_bosoc.boundaries.files import VectorLayer, open_layer, read_layer
from geo_bosoc.boundaries.geometry import fitting_crs, in_denmark, leads_to_working_crs, reproject
from geo_bosoc.boundaries.local_files import FORMATS, PARQUET
from geo_bosoc.problems import Report
from geo_bosoc.text.find_person_numbers import count_person_numbers, names_person_numbers
from geo_bosoc.text.guesses import Guess, folded, guess, roles_by_name

_NO_LAYERS: Final = (".csv", ".json")
"""Formats of GDAL that are taken for registers unless they say otherwise."""
_POLYGONS: Final = (3, 6)
_ID_ENDINGS: Final = ("id", "nr", "kode", "nummer", "noegle")


@dataclass(frozen=True)
class LayerDescription:
    """What a layer holds, and what its columns are taken for.

    Attributes
    ----------
    file : Path
        The file.
    layer : str or None
        Its layer, where the file has several.
    features, polygons : int
        How many features, and how many of them are areas.
    crs : Guess or None
        ``EPSG:25832`` and the like, as stated or as the coordinates say; None where neither tells.
    states_crs : bool
        Whether the file itself names the CRS in which its coordinates lie in Denmark.
    columns : tuple of str
        Its attribute columns.
    id, name, kind : Guess or None
        The columns with the areas' ids, names and kinds.
    ids : frozenset of str
        The ids, as they are read.
    table : DataFrame
        The attributes.
    geometry : ndarray
        In EPSG:25832, None where that is not possible.
    has_cells : bool
        Whether it is a table without coordinates, and its ids say which cells of the square grid its areas are.
    """

    file: Path
    layer: str | None
    features: int
    polygons: int
    crs: Guess | None
    states_crs: bool
    columns: tuple[str, ...]
    id: Guess | None
    name: Guess | None
    kind: Guess | None
    ids: frozenset[str] = field(repr=False)
    table: pd.DataFrame = field(repr=False, compare=False)
    geometry: NDArray[Any] | None = field(repr=False, compare=False)
    has_cells: bool = False


def is_layer_file(path: Path) -> bool:
    """Whether a file's name, and for GeoJSON and Parquet its beginning, says that it holds map layers.

    >>> is_layer_file(Path("areas.gpkg")), is_layer_file(Path("persons.csv"))
    (True, False)
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _has_geometry(path)
    if suffix == ".json":
        try:
            with path.open("rb") as stream:
                beginning = stream.read(4096)
        except OSError:
            return False
        return b'"FeatureCollection"' in beginning or b'"Topology"' in beginning
    return suffix in (*FORMATS, *PARQUET) and suffix not in _NO_LAYERS


def _has_geometry(path: Path) -> bool:
    try:
        return b"geo" in (pq.read_schema(path).metadata or {})
    except (OSError, ValueError):  # pyarrow's own errors are ValueErrors
        return False


def describe_layers(path: str | Path, *, report: Report) -> list[LayerDescription]:
    """Look into a map file: each layer with geometry in it.

    Parameters
    ----------
    path : str or Path
        The file.
    report : Report
        Takes what keeps a layer from being read.

    Returns
    -------
    list of LayerDescription
        In the file's order; empty where nothing can be read.

    Examples
    --------
    >>> import geopandas as gpd, tempfile
    >>> file = Path(tempfile.mkdtemp()) / "areas.gpkg"
    >>> square = shapely.box(575_000, 6_220_000, 575_200, 6_220_200)
    >>> gpd.GeoDataFrame({"nr": ["0017"], "navn": ["Parken"]}, geometry=[square], crs="EPSG:25832").to_file(file)
    >>> layer = describe_layers(file, report=Report())[0]
    >>> layer.id.value, layer.name.value, layer.crs.value
    ('nr', 'navn', 'EPSG:25832')
    """
    file = Path(path)
    descriptions = []
    for name in _layer_names(file):
        problems = Report()
        opened = open_layer(file, layer=name, report=problems)
        features = None if opened is None else read_layer(opened, report=problems)
        report.problems.extend(problems.errors)
        if features is not None and opened is not None:
            descriptions.append(_described(file, name, features))
    return descriptions


def _layer_names(file: Path) -> Sequence[str | None]:
    """The layers with geometry where there are several; ``[None]`` where the layer needs no name."""
    if file.suffix.lower() in PARQUET or not file.exists():
        return [None]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # GDAL's words on broken features; what is wrong is said by `open_layer`
            names = [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]
    except (DataSourceError, DataLayerError, ValueError, RuntimeError, OSError):
        return [None]
    return names if len(names) > 1 else [None]


def _described(file: Path, name: str | None, features: VectorLayer) -> LayerDescription:
    table, geometry = features.table, features.geometry
    kinds = shapely.get_type_id(geometry)
    crs, states_crs, moved = _coordinate_system(features)
    hidden = _columns_with_person_numbers(table)
    columns = [
        str(column) for column in table.columns if column not in features.lists and column not in hidden
    ]
    area_id = _id_column(table, columns)
    area_name = _name_column(table, columns, area_id)
    kind = next(
        (guess(column, "name", name=column) for column in columns if "kind" in roles_by_name(column)), None
    )
    ids = frozenset(texts(table[area_id.value])) - {""} if area_id is not None else frozenset()
    return LayerDescription(
        file,
        name,
        len(geometry),
        int(np.isin(kinds, _POLYGONS).sum()),
        crs,
        states_crs,
        tuple(map(str, table.columns)),
        area_id,
        area_name,
        kind,
        ids,
        table[columns],
        moved,
    )


def _columns_with_person_numbers(table: pd.DataFrame) -> frozenset[str]:
    """Columns of text that hold what looks like person numbers: they are no ids, and shown nowhere."""
    frame = pl.DataFrame({str(name): texts(table[name]) for name in table.columns})
    named = [name for name in frame.columns if names_person_numbers(name)]
    return frozenset(count_person_numbers(frame.lazy(), frame.columns, named))


def _coordinate_system(features: VectorLayer) -> tuple[Guess | None, bool, NDArray[Any] | None]:
    """The CRS in which the features lie in Denmark, whether the file says so, and the features in EPSG:25832."""
    stated = features.crs
    geometry = features.geometry[~shapely.is_missing(features.geometry)]
    if stated is not None and leads_to_working_crs(stated):
        moved = reproject(shapely.force_2d(features.geometry), stated)
        present = moved[~shapely.is_missing(moved)]
        if len(present) and in_denmark(present, complete=False).mean() > 0.5:
            authority = stated.to_authority()
            label = ":".join(authority) if authority else str(stated.name)
            return guess(label, "crs_stated"), True, moved
    fits = fitting_crs(shapely.total_bounds(geometry)) if len(geometry) else None
    if fits is None or fits == "swapped":
        return None, False, None
    moved = reproject(shapely.force_2d(features.geometry), pyproj.CRS(fits))
    return guess(fits, "crs_by_coordinates"), False, moved


def _unique_columns(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        values = texts(table[column])
        if len(set(values)) == len(values) and "" not in values:
            yield column


def _id_column(table: pd.DataFrame, columns: Sequence[str]) -> Guess | None:
    """The column of ids: one whose values differ, by its name; else the first such of short values."""
    unique = [column for column in _unique_columns(table, columns) if not _is_measure(table, column)]
    short = [column for column in unique if _longest(table, column) <= 20]
    named = [column for column in unique if _longest(table, column) <= 40]
    ranks = (
        [column for column in short if "area" in roles_by_name(column)],
        [column for column in short if "id" in roles_by_name(column)],
        [column for column in short if folded(column).endswith(_ID_ENDINGS) and "fid" not in column.lower()],
        [column for column in named if "id" in roles_by_name(column)],
    )
    for candidates in ranks:
        if candidates:
            return guess(candidates[0], "unique_and_name", name=candidates[0])
    others = [column for column in short if "name" not in roles_by_name(column)] or unique
    return guess(others[0], "unique_values") if others else None


def _longest(table: pd.DataFrame, column: str) -> int:
    return max((len(value) for value in texts(table.loc[:, column])), default=0)


def _is_measure(table: pd.DataFrame, column: str) -> bool:
    """Whether values are measures, such as an extent in square metres, and no numbers of areas."""
    values = table.loc[:, column]
    if folded(column) == "area" and pd.api.types.is_numeric_dtype(values):
        return True
    return bool(pd.api.types.is_float_dtype(values) and (values.dropna() % 1 != 0).any())


def _name_column(table: pd.DataFrame, columns: Sequence[str], area_id: Guess | None) -> Guess | None:
    named = [
        column for column in columns if "name" in roles_by_name(column) or column.lower().endswith("navn")
    ]
    if named:
        best = max(named, key=lambda column: (len(set(texts(table.loc[:, column]))), -columns.index(column)))
        return guess(best, "name", name=best)
    if area_id is not None:
        return guess(area_id.value, "no_name_column")
    return None
