"""Surfaces of the internal set: rasters with their QGIS styles, and pictures for the map page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.outputs.figure_classes import classes_of, limits_of
from geo_bosoc.outputs.geopackage.qgis_style import StyleClass, raster_style
from geo_bosoc.outputs.thematic_map import Class, Variable
from geo_bosoc.rasters.backdrop import Surface
from geo_bosoc.rasters.grid import write_grid
from geo_bosoc.rasters.surfaces import classes_picture
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import UNIT_FACTOR, number


@dataclass(frozen=True)
class SurfaceClasses:
    """The classes of a surface's figures, quantiles of them.

    Attributes
    ----------
    classes : list of Class
        From the lowest figures to the highest, or the other way round in lightness where low is bad.
    of_cells : ndarray of int
        The class of each cell, the place in `classes`.
    limits : list of float
        Between the classes, in the figures' own unit: a figure on a limit belongs above it.
    """

    classes: list[Class]
    of_cells: NDArray[np.int64]
    limits: list[float]


def surface_classes(surface: Surface, language: str) -> SurfaceClasses:
    """The classes of a surface in words and colours.

    Parameters
    ----------
    surface : Surface
        With one cell at least.
    language : {"da", "en"}
        Of the words.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"east": [0, 100], "north": [0, 0], "value": [0.1, 0.3]})
    >>> surface = Surface("outside", "Uden for", "Outside", "percent", "neutral", cells, size=100, k=400, period="2024")
    >>> [each.label for each in surface_classes(surface, "en").classes]
    ['under 14.0%', '14.0% and over']
    """
    figures = surface.cells["value"].to_numpy(np.float64) * UNIT_FACTOR[surface.unit]
    variable = Variable(
        id=surface.id, label=surface.label(language), unit=surface.unit, direction=surface.direction
    )
    limits = limits_of(variable, figures.tolist())
    classes = classes_of(variable, limits, (), language)
    of_cells = np.searchsorted(np.array(limits, np.float64), figures, side="right").astype(np.int64)
    return SurfaceClasses(classes, of_cells, [limit / UNIT_FACTOR[surface.unit] for limit in limits])


def surface_note(surface: Surface, language: str) -> str:
    """What a surface shows, and what is left empty.

    Parameters
    ----------
    surface : Surface
        Any.
    language : {"da", "en"}
        Of the words.
    """
    size, k = number(surface.size, language), number(surface.k, language)
    return word("surfaces", "note", language, size=size, k=k, period=surface.period)


def surface_picture(surface: Surface) -> tuple[bytes, tuple[float, float, float, float]]:
    """A surface as `geo_bosoc.rasters.surfaces.classes_picture` draws it: a PNG and its bounds in degrees, whatever the
    language."""
    made = surface_classes(surface, "en")
    colours = [each.fill.colour for each in made.classes]
    return classes_picture(surface.cells, made.of_cells, colours, size=surface.size)


def write_surfaces(published: PublishedResults, folder: str | Path) -> None:
    """Write each surface as a GeoTIFF, and its QGIS style beside it under the same name; nothing where there is none.

    Parameters
    ----------
    published : PublishedResults
        Of the internal set.
    folder : str or Path
        Where they lie.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        A file is open in another program; it is left as it was.
    """
    language, stamp = published.language, " ".join(stamp_texts(published))
    for surface in published.backdrop.surfaces:
        label = surface.label(language)
        tags = {
            "stamp": stamp,
            "name": label,
            "note": surface_note(surface, language),
            "period": surface.period,
            "nearest_residents": str(surface.k),
            "sources": surface.source,
        }
        write_grid(
            surface.cells,
            Path(folder) / f"{surface.id}.tif",
            bands={"value": label},
            size=surface.size,
            tags=tags,
        )
        with atomic_file(Path(folder) / f"{surface.id}.qml") as draft:
            draft.write_text(
                _style(surface, language, f"{label}. {stamp}".strip()), encoding="utf-8", newline="\n"
            )


def _style(surface: Surface, language: str, comment: str) -> str:
    """The QGIS style; QGIS gives a figure to the class whose highest it does not pass."""
    made = surface_classes(surface, language)
    figures = surface.cells["value"].to_numpy(np.float64)
    # Halfway from the highest figure below a limit to the limit, where a figure on it belongs above.
    below = [(figures[figures < limit].max(initial=-np.inf) + limit) / 2 for limit in made.limits]
    ends = [*(f"{end:.9g}" for end in below), "inf"]
    classes = [StyleClass(end, each.label, each.fill) for end, each in zip(ends, made.classes, strict=True)]
    return raster_style(classes, float(figures.min()), float(figures.max()), comment)
