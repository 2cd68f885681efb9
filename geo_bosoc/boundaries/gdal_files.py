"""Map layers by way of GDAL (pyogrio): which layers a file has, their features, and GDAL's failures in plain words.

GeoJSON and TopoJSON are looked at as text too, for what GDAL does not tell or tells wrong.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from geo_bosoc.boundaries.attributes import EXACT
from geo_bosoc.boundaries.geometry import stated_map_crs
from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import joined, phrase

_DAMAGE = re.compile(r"corrupt|malformed|truncat|unreadable", re.IGNORECASE)


def choose_layer(file: Path, layer: str | None) -> str:
    """The layer that is named, or else the only one with geometry."""
    layers = _gdal(file, pyogrio.list_layers)
    names = [str(name) for name, _ in layers]
    with_geometry = [str(name) for name, kind in layers if kind is not None]
    if layer is not None:
        if layer not in names:
            near = did_you_mean(layer, names)
            layers_text = phrase("Its layers: {names}.", names=", ".join(names) or phrase("none"))
            raise UnreadableError(
                phrase('there is no layer "{layer}".', layer=layer),
                joined([near, layers_text], " ") if near else layers_text,
            )
        return layer
    if not names:
        raise UnreadableError("there is no layer in it.", "Fetch or export it again.")
    if not with_geometry:
        raise UnreadableError("there is no layer with geometry in it, only tables.")
    if len(with_geometry) > 1:
        raise UnreadableError(
            phrase("there are {count} layers in it, and none was chosen.", count=len(with_geometry)),
            phrase('Choose with layer = "...", one of: {names}.', names=", ".join(with_geometry)),
        )
    return with_geometry[0]


def layer_info(file: Path, layer: str | None, encoding: str | None) -> tuple[tuple[str, ...], int]:
    """The attribute columns of a layer, and how many features there should be."""
    info = _gdal(file, pyogrio.read_info, layer=layer, encoding=encoding, force_feature_count=True)
    return tuple(str(field) for field in info["fields"]), int(info["features"])


def read_features(
    file: Path, layer: str | None, *, columns: Sequence[str], encoding: str | None, feature_count: int
) -> tuple[pd.DataFrame, NDArray[Any], pyproj.CRS | None]:
    """Attributes, geometries as WKB and CRS of a layer.

    Parameters
    ----------
    file : Path
        Where it is.
    layer : str or None
        Its name.
    columns : sequence of str
        The attributes to read.
    encoding : str or None
        That of its texts, where the format does not say.
    feature_count : int
        How many features there should be: fewer are a fault of the file.

    Raises
    ------
    UnreadableError
        The file is damaged, or the layer is empty.
    """
    meta, _, wkb, fields = _gdal(
        file,
        pyogrio.raw.read,
        layer=layer,
        columns=list(columns),
        datetime_as_string=True,
        encoding=encoding,
    )
    table = pd.DataFrame({str(name): values for name, values in zip(meta["fields"], fields, strict=True)})
    table = _exact(table, file, layer, feature_count)
    wkb = np.asarray([], dtype=object) if wkb is None else wkb
    if len(wkb) < feature_count:
        raise UnreadableError(
            phrase(
                "the file is damaged: it says {expected:,} features, and {count:,} could be read.",
                expected=feature_count,
                count=len(wkb),
            ),
            "Fetch or export it again.",
        )
    if not len(wkb):
        raise UnreadableError(
            "there are no features in it.", "Check that the layer was exported with its features."
        )
    return (
        (table if len(table.columns) else pd.DataFrame(index=range(len(wkb)))),
        wkb,
        stated_map_crs(meta["crs"]),
    )


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
        fault = _json_fault(file)
        if fault:
            return fault, "Fetch or export it again; it may have been cut off."
        return "the file is JSON, but not GeoJSON that can be read.", "Export it again from the GIS program."
    if _DAMAGE.search(str(error)):
        return "the file is damaged: a part of it is missing or unreadable.", "Fetch or export it again."
    return (
        "the file cannot be opened as a map layer.",
        "It may be damaged, or of another format than its name says. GeoPackage, GeoJSON, Shapefile,"
        " FlatGeobuf and GeoParquet are read.",
    )


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
        exact = _exact_json_numbers(file, long, features)
    if not exact:
        _, arrow = _gdal(file, pyogrio.raw.read_arrow, layer=layer, columns=long, read_geometry=False)
        exact = {name: arrow[name].to_pylist() for name in long if pa.types.is_integer(arrow[name].type)}
    changed = {
        name: pd.Series(values, dtype=object) for name, values in exact.items() if len(values) == len(table)
    }
    return table.assign(**changed) if changed else table


def _json_fault(file: Path) -> str | None:
    """Why a file is no JSON, in words; None where it is."""
    try:
        json.loads(file.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return phrase("this is not valid JSON from line {line} on.", line=error.lineno)
    except UnicodeDecodeError:
        return "the text is not UTF-8, which GeoJSON has to be."
    except RecursionError:
        return "the JSON is nested too deeply."
    return None


def check_heights(file: Path, report: Report) -> None:
    """GDAL takes the third number of a TopoJSON's positions for the next place, and draws every area wrong."""
    try:
        topology = json.loads(file.read_bytes().decode("utf-8-sig"))
        high = topology["type"] == "Topology" and any(
            len(position) != 2 for arc in topology["arcs"] for position in arc
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if high:
        report.error(
            "the positions of this TopoJSON have heights, with which its arcs are read at the wrong place.",
            file=file,
            hint="Fetch it as GeoJSON or GeoPackage, or without heights.",
        )


def _exact_json_numbers(file: Path, names: Sequence[str], features: int) -> dict[str, list[Any]]:
    """Properties of GeoJSON features as the file writes them, long numbers digit by digit; empty if they can't be told.

    A whole number comes as an int, any other value as JSON's own.
    """

    def number(text: str) -> Any:
        integer = re.fullmatch(r"(-?\d+)\.0*", text)
        return int(integer[1]) if integer else float(text)

    try:
        collection = json.loads(file.read_bytes().decode("utf-8-sig"), parse_float=number)
        rows = [feature["properties"] for feature in collection["features"]]
        columns = {name: [row.get(name) for row in rows] for name in names}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return columns if len(rows) == features else {}
