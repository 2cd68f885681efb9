"""Map layers from files, as they are: attributes, geometries and CRS, and each way of being broken in plain words.

GeoPackage, GeoJSON, Shapefile, FlatGeobuf and whatever else GDAL reads come in by way of pyogrio, GeoParquet
by way of pyarrow. Nothing is judged or repaired here but a ring that does not close; `geo_bosoc.boundaries.read` does
that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.attributes import lists_as_text
from geo_bosoc.boundaries.gdal_files import check_heights, choose_layer, layer_info, read_features
from geo_bosoc.boundaries.geometry import stated_map_crs
from geo_bosoc.boundaries.local_files import PARQUET, UnreadableError, must_be_file, must_be_local
from geo_bosoc.boundaries.shapefiles import must_be_complete, shapefile_encoding
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import Message, count_text, joined, phrase
from geo_bosoc.text.letters import mend_letters, tell_utf8


@dataclass(frozen=True)
class VectorLayer:
    """A layer as its file holds it.

    Attributes
    ----------
    file : str
        The file's name (not its path).
    table : DataFrame
        The chosen attributes, one row a feature.
    geometry : ndarray
        Shapely geometries, None where the feature has none.
    crs : CRS or None
        As the file states it, None where it states none.
    rows : ndarray of int
        The feature's number in the file, from 1.
    valid : bool
        Its polygons are known to be valid as they stand here.
    lists : frozenset of str
        Columns that the file fills with lists or records; `table` has them as text.
    """

    file: str
    table: pd.DataFrame
    geometry: NDArray[Any]
    crs: pyproj.CRS | None
    rows: NDArray[np.int64]
    valid: bool = False
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OpenedLayer:
    """A layer that can be read, and what is known of it before its features are.

    Attributes
    ----------
    file : Path
        Where it is.
    name : str or None
        The layer's name; None where the format has no layers.
    columns : tuple of str
        Its attribute columns, geometry apart.
    encoding : str or None
        That of its texts, where the format does not say.
    is_encoding_stated : bool
        Whether a file beside it names the encoding.
    feature_count : int or None
        How many features there should be; None for GeoParquet, which cannot be cut off unnoticed.
    """

    file: Path
    name: str | None
    columns: tuple[str, ...]
    encoding: str | None = None
    is_encoding_stated: bool = True
    feature_count: int | None = None


def open_layer(path: str | Path, *, layer: str | None = None, report: Report) -> OpenedLayer | None:
    """Look which layer of a file to read, and which columns it has.

    None, with the reason in `report`, if the file or layer cannot be read: not there, not a map layer,
    broken, or several layers and none chosen.
    """
    file = Path(path)
    try:
        must_be_file(file)
        if file.suffix.lower() == ".shp":
            must_be_complete(file)
        must_be_local(file, layer)
        if file.suffix.lower() in PARQUET:
            if layer is not None:
                raise UnreadableError("GeoParquet has no layers.", "Leave layer out.")
            meta, names = _parquet_head(file)
            return OpenedLayer(file, None, tuple(name for name in names if name not in meta["columns"]))
        name = choose_layer(file, layer)
        encoding, is_stated = shapefile_encoding(file, name)
        fields, feature_count = layer_info(file, name, encoding)
        return OpenedLayer(file, name, fields, encoding, is_stated, feature_count)
    except UnreadableError as error:
        report.error(error.args[0], file=file, hint=error.hint)
        return None


def read_layer(
    opened: OpenedLayer, *, columns: Collection[str] | None = None, report: Report
) -> VectorLayer | None:
    """Read a layer's features; None, with the reason in `report`, if that cannot be done.

    Parameters
    ----------
    opened : OpenedLayer
        From `open_layer`.
    columns : collection of str, optional
        The attributes to read (all if left out); others are not read at all.
    report : Report
        Takes the problems.
    """
    file = opened.file
    selected = [name for name in opened.columns if columns is None or name in columns]
    try:
        if opened.feature_count is None:
            table, wkb, crs = _read_parquet(file, selected)
        else:
            table, wkb, crs = read_features(
                file,
                opened.name,
                columns=selected,
                encoding=opened.encoding,
                feature_count=opened.feature_count,
            )
            if opened.encoding == "UTF-8" and not opened.is_encoding_stated:
                tell_utf8(file, table, report)
        geometry = _geometries(wkb, file, report)
    except UnreadableError as error:
        report.error(error.args[0], file=file, hint=error.hint)
        return None
    if crs is None and file.suffix.lower() in (".topojson", ".json", ".geojson"):
        check_heights(file, report)
    table, lists = lists_as_text(table)
    table = mend_letters(table, file, report)
    return VectorLayer(file.name, table, geometry, crs, np.arange(1, len(table) + 1), lists=lists)


def missing_column(name: str, present: Sequence[str]) -> Message:
    """The hint for a column that is not there: the nearest name, and all the names there are."""
    near = did_you_mean(name, present)
    columns = phrase("Its columns: {names}.", names=", ".join(present) or phrase("none"))
    return joined([near, columns], " ") if near else columns


def _parquet_head(file: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        schema = pq.read_schema(file)
    except (pa.ArrowInvalid, OSError):
        raise UnreadableError(
            "the file is damaged, or not Parquet though its name says so.", "Fetch or export it again."
        ) from None
    raw = (schema.metadata or {}).get(b"geo")
    if raw is None:
        raise UnreadableError(
            "this Parquet file has no geometry (it is not GeoParquet).",
            "Export it as GeoParquet or GeoPackage.",
        )
    try:
        meta = json.loads(raw)
        if meta["primary_column"] not in schema.names or meta["primary_column"] not in meta["columns"]:
            raise KeyError
    except (ValueError, KeyError, TypeError):
        raise UnreadableError("the GeoParquet header is damaged.", "Fetch or export it again.") from None
    return meta, list(schema.names)


def _read_parquet(file: Path, columns: list[str]) -> tuple[pd.DataFrame, NDArray[Any], pyproj.CRS | None]:
    meta, _ = _parquet_head(file)
    name = meta["primary_column"]
    column_meta = meta["columns"][name]
    if str(column_meta.get("encoding", "WKB")).upper() != "WKB":
        raise UnreadableError(
            phrase("its geometry is encoded as {encoding}.", encoding=column_meta["encoding"]),
            "Export it as GeoParquet with WKB, or as GeoPackage.",
        )
    try:
        table = pq.read_table(file, columns=[*columns, name])
    except (pa.ArrowInvalid, OSError):
        raise UnreadableError("the file is damaged.", "Fetch or export it again.") from None
    if not table.num_rows:
        raise UnreadableError(
            "there are no features in it.", "Check that the layer was exported with its features."
        )
    # GeoParquet that states no CRS means OGC:CRS84
    crs = stated_map_crs(column_meta.get("crs", "OGC:CRS84"))
    return (
        table.select(columns).to_pandas(integer_object_nulls=True),
        table[name].to_numpy(zero_copy_only=False),
        crs,
    )


def _geometries(wkb: NDArray[Any], file: Path, report: Report) -> NDArray[Any]:
    """Geometries from WKB; open rings are closed and reported, what cannot be read stops the file."""
    try:
        return np.asarray(shapely.from_wkb(wkb), dtype=object)
    except shapely.errors.GEOSException:
        pass
    with np.errstate(all="ignore"):
        strict = shapely.from_wkb(wkb, on_invalid="ignore")
        fixed = shapely.from_wkb(wkb, on_invalid="fix")
    has_bytes = np.array([shape is not None for shape in wkb])
    unreadable = has_bytes & shapely.is_missing(fixed)
    if unreadable.any():
        first = int(np.flatnonzero(unreadable)[0]) + 1
        raise UnreadableError(
            phrase(
                "the geometry of {count} cannot be read, the first in feature {first}.",
                count=count_text(int(unreadable.sum()), "feature"),
                first=first,
            ),
            "Repair it in the GIS program, or export the layer again.",
        )
    closed = has_bytes & shapely.is_missing(strict) & ~unreadable
    report.warn(
        phrase(
            "{count} had a ring that does not close; it was closed.",
            count=count_text(int(closed.sum()), "feature"),
        ),
        file=file,
        count=int(closed.sum()),
    )
    return np.asarray(fixed, dtype=object)
