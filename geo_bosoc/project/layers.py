"""The layers that a project names: areas, outline, context, and the picture beneath maps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd

from geo_bosoc.boundaries.municipal_bounds import warn_far_areas
from geo_bosoc.boundaries.read import read_areas, read_areas_and_layer, read_context_layer
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.spec import Project
from geo_bosoc.project.spec_parts import BoundaryPart
from geo_bosoc.rasters.backdrop import Backdrop, Background, NamedLayer
from geo_bosoc.rasters.background import read_background
from geo_bosoc.rasters.cell_tables import read_cells

MOST_SHAPES: Final = 3_000
"""Of a layer that readers of a map page switch on and off."""
LARGE_MAP: Final = 5_000
"""Areas from which a map page takes seconds to open and to change."""


@dataclass
class Layers:
    """The layers that a project names, as far as they can be read.

    Attributes
    ----------
    areas : GeoDataFrame or None
        None where they cannot be read.
    outline : GeoDataFrame or None
        The municipality's.
    context : dict of GeoDataFrame
        Layers to draw, by name.
    as_areas : dict of GeoDataFrame
        The layers that a study wants as areas, by name.
    backdrop : Backdrop
        Which of the layers to draw have a name, and the picture beneath maps.
    report : Report
        All problems of all layers.
    """

    areas: gpd.GeoDataFrame | None = None
    outline: gpd.GeoDataFrame | None = None
    context: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    as_areas: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    backdrop: Backdrop = field(default_factory=Backdrop)
    report: Report = field(default_factory=Report)

    def area_ids(self) -> frozenset[str] | None:
        """The ids of all areas; None where they cannot be read."""
        return None if self.areas is None else frozenset(self.areas["area_id"])

    def layer(self, project: Project, name: str) -> gpd.GeoDataFrame | None:
        """The layer that ``[boundaries.NAME]`` names; None where it cannot be read."""
        role = project.spec.boundaries[name].role
        return {"assessed": self.areas, "outline": self.outline}.get(role, self.context.get(name))


def read_layers(project: Project, *, as_areas: Collection[str] = ()) -> Layers:
    """Read every layer that the project names, once.

    Parameters
    ----------
    project : Project
        The project.
    as_areas : collection of str, optional
        Layers that a study wants as areas too, whatever their role.

    Returns
    -------
    Layers
        As far as they can be read: what is wrong is in their report.
    """
    read = Layers()
    for name, part in project.spec.boundaries.items():
        path = project.root / part.path
        layer_report = Report()
        try:
            if part.cell is not None:
                layer = _read_cells(part, path, layer_report)
                if part.role == "context" and name in as_areas:
                    read.as_areas[name] = layer
                if part.role == "context":
                    layer = layer[["name", "kind", "geometry"]]
            elif part.role == "context" and name in as_areas:
                read.as_areas[name], layer = read_areas_and_layer(
                    path, id=part.id, name=part.name, kind=part.kind, report=layer_report, **part.reading
                )
            elif part.role == "context":
                layer = read_context_layer(
                    path, name=part.names, kind=part.kind, report=layer_report, **part.reading
                )
            else:
                layer = read_areas(
                    path, id=part.id, name=part.name, kind=part.kind, report=layer_report, **part.reading
                )
            if part.role == "context" and part.has_label:
                _warn_of_many(layer, path, name, layer_report)
        except InputError as error:
            _add_once(error, layer_report)
            layer = None
        if layer is not None and not project.spec.project.made_up:
            code, bounds = project.spec.project.municipality, layer.geometry.bounds.to_numpy()
            warn_far_areas(bounds, code, path, layer_report, key=f"boundaries.{name}")
        layer_report.facts = {f"boundaries.{name}": layer_report.facts} if layer_report.facts else {}
        layer_report.hand_over(read.report)
        if layer is None:
            continue
        if part.role != "context" and name in as_areas:
            read.as_areas[name] = layer
        if part.role == "context":
            read.context[name] = layer
        elif part.role == "outline":
            read.outline = layer
        else:
            read.areas = layer
    read.backdrop = Backdrop(_named_layers(project), _background(project, read))
    return read


def _read_cells(part: BoundaryPart, path: Path, report: Report) -> gpd.GeoDataFrame:
    """The cells of the square grid that a table names."""
    return read_cells(
        path,
        str(part.cell),
        name=part.name if "name" in part.model_fields_set else None,
        kind=part.kind,
        where=part.where,
        sheet=part.layer,
        not_person_numbers=part.not_person_numbers,
        report=report,
    )


def _warn_of_many(layer: gpd.GeoDataFrame, path: Path, name: str, report: Report) -> None:
    """A layer that readers switch on has each of its shapes in the page, which becomes slow."""
    if len(layer) > MOST_SHAPES:
        report.warn(
            phrase(
                "{count:,} shapes have a name on the map page: with more than {most:,} it becomes slow.",
                count=len(layer),
                most=MOST_SHAPES,
            ),
            file=path,
            key=f"boundaries.{name}",
            hint='Choose among them with where = "...", or leave the label out.',
            count=len(layer),
        )


def note_large_map(areas: gpd.GeoDataFrame, report: Report) -> None:
    """A note where there are so many areas that their map page is slow.

    Parameters
    ----------
    areas : GeoDataFrame
        Of the run.
    report : Report
        Where the note goes.
    """
    if len(areas) >= LARGE_MAP:
        report.note(
            phrase("the map page has {count:,} areas: it takes seconds to open.", count=len(areas)),
            key="boundaries",
            hint="Map larger areas, or open the GeoPackage of the run in a GIS.",
        )


def _named_layers(project: Project) -> dict[str, NamedLayer]:
    """What layers of context are called, those that have a label."""
    return {
        name: NamedLayer(part.label_da, part.label_en, part.show, part.colour or "")
        for name, part in project.spec.boundaries.items()
        if part.has_label
    }


def _background(project: Project, layers: Layers) -> Background | None:
    """The picture beneath maps, cut to the outline or, where there is none, to the areas."""
    part = project.spec.map.background
    around = layers.areas if layers.outline is None else layers.outline
    if part is None or around is None or around.empty:
        return None
    return read_background(
        project.root / part.path,
        around,
        attribution=part.attribution,
        crs=part.crs,
        budget=part.budget,
        visible=part.show,
        opacity=part.opacity,
        report=layers.report,
    )


def _add_once(error: InputError, report: Report) -> None:
    """The error's problems join the report, each once."""
    for problem in error.problems:
        if problem not in report.problems:
            report.problems.append(problem)
