"""Map layers from files, as they are: attributes, geometries and CRS, and each way of being broken in plain words.

GeoPackage, GeoJSON, Shapefile, FlatGeobuf and whatever else GDAL reads come in by way of pyogrio, GeoParquet
by way of pyarrow. Nothing is judged or repaired here but a ring that does not close; `geo_bosoc.boundaries.read` does
that.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from geo_bosoc.boundaries.attributes import EXACT, lists_as_text
from geo_bosoc.boundaries.dbf_text import shapefile_encoding
from geo_bosoc.boundaries.geometry import is_map_crs, parse_crs
from geo_bosoc.boundaries.json_files import check_heights, exact_json_numbers, json_fault
from geo_bosoc.boundaries.local_files import PARQUET, UnreadableError, must_be_local
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.text.letters import mend_letters, tell_utf8

_DAMAGE = re.compile(r"corrupt|malformed|truncat|unreadable", re.IGNORECASE)


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
        _must_be_a_file(file)
        must_be_local(file, layer)
        if file.suffix.lower() in PARQUET:
            if layer is not None:
                raise UnreadableError("GeoParquet has no layers.", "Leave layer out.")
            meta, names = _parquet_head(file)
            return OpenedLayer(file, None, tuple(name for name in names if name not in meta["columns"]))
        name = _choose_layer(file, layer)
        encoding, is_stated = shapefile_encoding(file, name)
        info = _gdal(file, pyogrio.read_info, layer=name, encoding=encoding, force_feature_count=True)
        columns = tuple(str(field) for field in info["fields"])
        return OpenedLayer(file, name, columns, encoding, is_stated, int(info["features"]))
    except UnreadableError as error:
        report.error(str(error), file=file, hint=error.hint)
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
            table, wkb, crs = _read_gdal(opened, opened.feature_count, selected)
            if opened.encoding == "UTF-8" and not opened.is_encoding_stated:
                tell_utf8(file, table, report)
        geometry = _geometries(wkb, file, report)
    except UnreadableError as error:
        report.error(str(error), file=file, hint=error.hint)
        return None
    if crs is None and file.suffix.lower() in (".topojson", ".json", ".geojson"):
        check_heights(file, report)
    table, lists = lists_as_text(table)
    table = mend_letters(table, file, report)
    return VectorLayer(file.name, table, geometry, crs, np.arange(1, len(table) + 1), lists=lists)


def missing_column(name: str, present: Sequence[str]) -> str:
    """The hint for a column that is not there: the nearest name, and all the names there are."""
    near = did_you_mean(name, present)
    return f"{near + ' ' if near else ''}Its columns: {', '.join(present) or 'none'}."


def _must_be_a_file(file: Path) -> None:
    if file.is_dir() and file.suffix.lower() != ".gdb":
        raise UnreadableError("this is a folder.", "Name the file in it.")
    if not file.exists():
        raise UnreadableError("the file is not there.", "Check the name and the folder.")
    if file.is_file() and file.stat().st_size == 0:
        raise UnreadableError("the file is empty (0 bytes).", "Fetch or export it again.")
    if file.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        raise UnreadableError("this is one part of a Shapefile.", "Name the file that ends in .shp.")
    if file.suffix.lower() == ".shp":
        missing = [end for end in (".dbf", ".shx") if not _sibling(file, end)]
        if missing:
            raise UnreadableError(
                f"the rest of the Shapefile is missing beside it: {' and '.join(missing)}.",
                "A Shapefile is several files of one name (.shp, .shx, .dbf, .prj): copy them all.",
            )
        if _cut_off(file):
            raise UnreadableError("the file is damaged: its end is missing.", "Fetch or export it again.")


def _cut_off(shapefile: Path) -> bool:
    """Whether a .shp file is shorter than its header says (GDAL takes what is missing for empty features)."""
    with shapefile.open("rb") as opened:
        words = int.from_bytes(opened.read(100)[24:28], "big")
    return shapefile.stat().st_size < 2 * words


def _sibling(file: Path, end: str) -> bool:
    return any(file.with_suffix(suffix).exists() for suffix in (end, end.upper()))


def _gdal(file: Path, call: Any, **options: Any) -> Any:
    """One pyogrio call, its failures in plain words. At times a damaged file only makes GDAL *warn*."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = call(file, **options)
    except UnicodeDecodeError:
        raise UnreadableError(
            "its text is not in the encoding that the file states.",
            "Export it again as GeoPackage, or as UTF-8.",
        ) from None
    except (DataSourceError, ValueError, RuntimeError, OSError) as error:
        raise UnreadableError(*_why(file, error)) from None
    if any(_DAMAGE.search(str(warning.message)) for warning in caught):
        raise UnreadableError(
            "the file is damaged: a part of it is missing or unreadable.", "Fetch or export it again."
        )
    return result


def _why(file: Path, error: Exception) -> tuple[str, str | None]:
    if file.suffix.lower() in (".geojson", ".json", ".topojson"):
        fault = json_fault(file)
        if fault:
            return fault, "Fetch or export it again; it may have been cut off."
        fault_text = _first_sentence(str(error).replace("Failed to read GeoJSON data; ", ""), file)
        return (
            f"the file is JSON, but not GeoJSON that can be read ({fault_text}).",
            "Export it again from the GIS program.",
        )
    if _DAMAGE.search(str(error)):
        return "the file is damaged: a part of it is missing or unreadable.", "Fetch or export it again."
    return (
        f"the file cannot be opened as a map layer ({_first_sentence(str(error), file)}).",
        "It may be damaged, or of another format than its name says. GeoPackage, GeoJSON, Shapefile,"
        " FlatGeobuf and GeoParquet are read.",
    )


def _first_sentence(text: str, file: Path) -> str:
    """GDAL's words without the user's folders and without its advice to programmers."""
    text = text.replace(str(file), file.name).replace(file.as_posix(), file.name)
    return re.split(r"\. |; |\n", text.strip())[0].rstrip(".:")


def _choose_layer(file: Path, layer: str | None) -> str | None:
    layers = _gdal(file, pyogrio.list_layers)
    names = [str(name) for name, _ in layers]
    with_geometry = [str(name) for name, kind in layers if kind is not None]
    if layer is not None:
        if layer not in names:
            near = did_you_mean(layer, names)
            guess = f"{near} " if near else ""
            raise UnreadableError(
                f'there is no layer "{layer}".', f"{guess}Its layers: {', '.join(names) or 'none'}."
            )
        return layer
    if not names:
        raise UnreadableError("there is no layer in it.", "Fetch or export it again.")
    if not with_geometry:
        raise UnreadableError("there is no layer with geometry in it, only tables.")
    if len(with_geometry) > 1:
        raise UnreadableError(
            f"there are {len(with_geometry)} layers in it, and none was chosen.",
            f'Choose with layer = "...", one of: {", ".join(with_geometry)}.',
        )
    return with_geometry[0]


def _read_gdal(
    opened: OpenedLayer, feature_count: int, columns: list[str]
) -> tuple[pd.DataFrame, NDArray[Any], pyproj.CRS | None]:
    file, layer = opened.file, opened.name
    meta, _, wkb, fields = _gdal(
        file,
        pyogrio.raw.read,
        layer=layer,
        columns=columns,
        datetime_as_string=True,
        encoding=opened.encoding,
    )
    table = pd.DataFrame({str(name): values for name, values in zip(meta["fields"], fields, strict=True)})
    table = _exact(table, file, layer, feature_count)
    wkb = np.asarray([], dtype=object) if wkb is None else wkb
    if len(wkb) < feature_count:
        raise UnreadableError(
            f"the file is damaged: it says {feature_count} features, and {len(wkb)} could be read.",
            "Fetch or export it again.",
        )
    if not len(wkb):
        raise UnreadableError(
            "there are no features in it.", "Check that the layer was exported with its features."
        )
    return (table if len(table.columns) else pd.DataFrame(index=range(len(wkb)))), wkb, _crs(meta["crs"])


def _exact(table: pd.DataFrame, file: Path, layer: str | None, features: int) -> pd.DataFrame:
    """Long whole numbers, which GDAL gives as decimals where a value is missing, digit by digit where the file has
    them."""
    long = [
        str(name)
        for name in table.columns
        if table[name].dtype.kind == "f" and bool((table[name].abs() >= EXACT).any())
    ]
    if not long:
        return table
    exact: dict[str, list[Any]] = {}
    if file.suffix.lower() in (".geojson", ".json"):
        exact = exact_json_numbers(file, long, features)
    if not exact:
        _, arrow = _gdal(file, pyogrio.raw.read_arrow, layer=layer, columns=long, read_geometry=False)
        exact = {name: arrow[name].to_pylist() for name in long if pa.types.is_integer(arrow[name].type)}
    changed = {
        name: pd.Series(values, dtype=object) for name, values in exact.items() if len(values) == len(table)
    }
    return table.assign(**changed) if changed else table


def _crs(stated: Any) -> pyproj.CRS | None:
    """The CRS that a file states; None where it is none of maps, such as GeoPackage's "undefined"."""
    crs = parse_crs(stated) if stated else None
    return crs if crs is not None and is_map_crs(crs) else None


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
            f"its geometry is encoded as {column_meta['encoding']}.",
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
    crs = _crs(column_meta.get("crs", "OGC:CRS84"))
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
            f"the geometry of {unreadable.sum()} feature(s) cannot be read, the first in feature {first}.",
            "Repair it in the GIS program, or export the layer again.",
        )
    closed = has_bytes & shapely.is_missing(strict) & ~unreadable
    report.warn(
        f"{closed.sum()} feature(s) had a ring that does not close; it was closed.",
        file=file,
        count=int(closed.sum()),
    )
    return np.asarray(fixed, dtype=object)
