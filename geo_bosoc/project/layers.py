"""A project's boundaries: the areas, the municipality's outline, and context to draw."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import geopandas as gpd

from geo_bosoc.boundaries.municipal_bounds import warn_far_areas
from geo_bosoc.boundaries.read import read_areas, read_areas_and_layer, read_context_layer
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.spec import Project


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
    report : Report
        All problems of all layers.
    """

    areas: gpd.GeoDataFrame | None = None
    outline: gpd.GeoDataFrame | None = None
    context: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    as_areas: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    report: Report = field(default_factory=Report)

    def area_ids(self) -> frozenset[str] | None:
        """The ids of all areas; None where they cannot be read."""
        return None if self.areas is None else frozenset(self.areas["area_id"])


def read_layers(project: Project, *, as_areas: Collection[str] = ()) -> Layers:
    """Read every layer that the project names, once; those of `as_areas` as areas too, whatever their role."""
    read = Layers()
    for name, part in project.spec.boundaries.items():
        path = project.root / part.path
        layer_report = Report()
        try:
            if part.role == "context" and name in as_areas:
                read.as_areas[name], layer = read_areas_and_layer(
                    path, id=part.id, name=part.name, kind=part.kind, report=layer_report, **part.reading
                )
            elif part.role == "context":
                layer = read_context_layer(path, kind=part.kind, report=layer_report, **part.reading)
            else:
                layer = read_areas(
                    path, id=part.id, name=part.name, kind=part.kind, report=layer_report, **part.reading
                )
        except InputError as error:
            _keep(error, layer_report)
            layer = None
        if layer is not None and not project.spec.project.made_up:
            code, bounds = project.spec.project.municipality, layer.geometry.bounds.to_numpy()
            warn_far_areas(bounds, code, path, layer_report, key=f"boundaries.{name}")
        layer_report.facts = {f"boundaries.{name}": layer_report.facts} if layer_report.facts else {}
        layer_report.settle(read.report)
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
    return read


def _keep(error: InputError, report: Report) -> None:
    """The error's problems join the report, each once."""
    for problem in error.problems:
        if problem not in report.problems:
            report.problems.append(problem)
