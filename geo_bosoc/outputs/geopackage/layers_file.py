"""A GeoPackage: layers with their styles for QGIS, stamped, and the table of sources; the same bytes each time."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import Stamped, stamp_texts
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.text.catalogue import word

SOURCES: Final = "sources"

"""The table of a GeoPackage that tells where its layers' figures come from."""


_STYLES: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(100), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""


@dataclass(frozen=True)
class Style:
    """A style of a layer as `layer_styles` keeps it; a layer opens in QGIS with its default one."""

    name: str
    qml: str
    default: bool = True


@dataclass(frozen=True)
class FeatureLayer:
    """A layer of a GeoPackage.

    Attributes
    ----------
    name : str
        Of the table.
    title : str
        What its description begins with.
    features : GeoDataFrame
        Polygons in EPSG:25832.
    styles : tuple of Style
        Those that a reader may choose in QGIS.
    notice : str, optional
        What the description ends with.
    """

    name: str
    title: str
    features: gpd.GeoDataFrame
    styles: tuple[Style, ...]
    notice: str = ""


def write_layers(
    layers: Sequence[FeatureLayer],
    path: str | Path,
    results: Stamped,
    sources: pd.DataFrame,
    labels: Mapping[str, str],
    date: datetime,
) -> None:
    """Write layers with their styles and the table ``sources`` to a GeoPackage, each layer stamped.

    Parameters
    ----------
    layers : sequence of FeatureLayer
        In the order of the file.
    path : str or Path
        The file.
    results : Stamped
        Whose stamps and edition the file has.
    sources : DataFrame
        `SOURCE_COLUMNS`.
    labels : mapping
        The word for each indicator of `sources`.
    date : datetime
        The date inside the file.
    """
    moment = date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    stamped = stamp_texts(results)
    with atomic_file(path) as draft:
        with _dated(moment):
            for layer in layers:
                description = [f"{layer.title}.", *stamped, *filter(None, [layer.notice])]
                pyogrio.write_dataframe(
                    layer.features,
                    draft,
                    layer=layer.name,
                    driver="GPKG",
                    promote_to_multi=True,
                    geometry_type="MultiPolygon",
                    layer_options={"IDENTIFIER": layer.name, "DESCRIPTION": " ".join(description)},
                )
            _write_sources(sources, labels, draft, results)
        _write_styles(draft, layers, moment)


def _write_sources(sources: pd.DataFrame, labels: Mapping[str, str], path: Path, results: Stamped) -> None:
    """The table ``sources``: `SOURCE_COLUMNS`, with the indicator's word as ``label``."""
    table = sources[list(SOURCE_COLUMNS)].astype(object)
    table = table.where(table.notna(), None)
    table.insert(1, "label", [labels.get(name, name) for name in table["indicator"]])
    if results.edition.internal:
        table = table.assign(output_set=results.edition.mark)
    pyogrio.write_dataframe(
        table.astype("string"),
        path,
        layer=SOURCES,
        driver="GPKG",
        layer_options={
            "IDENTIFIER": SOURCES,
            "DESCRIPTION": " ".join(
                [word("common", "sources_table", results.language), *stamp_texts(results)]
            ),
        },
    )


def _write_styles(path: Path, layers: Sequence[FeatureLayer], moment: str) -> None:
    """The table of styles as QGIS keeps it, named in the GeoPackage's contents; then the file is packed."""
    rows = [
        (layer.name, style.name, style.qml, style.default, style.name, moment)
        for layer in layers
        for style in layer.styles
    ]
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute(_STYLES)
        file.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', NULL, ?)",
            rows,
        )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (moment,),
        )
        file.execute("INSERT INTO gpkg_ogr_contents VALUES ('layer_styles', ?)", (len(rows),))
        file.commit()
        file.execute("VACUUM")


@contextlib.contextmanager
def _dated(moment: str) -> Iterator[None]:
    """While GDAL writes, `moment` is the date it puts into files."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
