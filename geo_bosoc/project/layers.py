"""A project's boundaries, read in a thread of their own while its registers are."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import geopandas as gpd

from geo_bosoc.boundaries.files import PARQUET
from geo_bosoc.boundaries.municipal_bounds import tell_far_areas
from geo_bosoc.boundaries.read import read_areas, read_context_layer
from geo_bosoc.memory import give_back
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.located import AreasAndOutline
from geo_bosoc.project.spec import Project


@dataclass
class _Read:
    areas: gpd.GeoDataFrame | None = None
    outline: gpd.GeoDataFrame | None = None
    context: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    report: Report = field(default_factory=Report)


class Layers:
    """The layers that a project names: areas, the municipality's outline, and context to draw.

    Those in GeoParquet are read while the caller does something else. GDAL tells of some damage by Python's warnings,
    which can be heard in one thread at a time only: with a layer that it reads, all are read at once.
    """

    def __init__(self, project: Project) -> None:
        paths = [project.root / layer.path for layer in project.spec.boundaries.values()]
        if all(path.suffix.lower() in PARQUET for path in paths):
            thread = ThreadPoolExecutor(1, thread_name_prefix="boundaries")
            self._read: Future[_Read] = thread.submit(_read, project)
            thread.shutdown(wait=False)
        else:
            self._read = Future()
            self._read.set_result(_read(project))

    def to_locate(self) -> AreasAndOutline:
        """The areas and the outline that points are located in.

        Raises
        ------
        InputError
            They cannot be read; `settle` says why.
        """
        read = self._read.result()
        read.report.raise_errors()
        assert read.areas is not None
        return read.areas, read.outline

    def settle(self, report: Report) -> gpd.GeoDataFrame | None:
        """The areas; all problems of all layers go to `report`."""
        read = self._read.result()
        read.report.settle(report)
        return read.areas

    def area_ids(self) -> frozenset[str] | None:
        """The ids of all areas; None where they cannot be read."""
        areas = self._read.result().areas
        return None if areas is None else frozenset(areas["area_id"])

    @property
    def outline(self) -> gpd.GeoDataFrame | None:
        return self._read.result().outline

    @property
    def context(self) -> Mapping[str, gpd.GeoDataFrame]:
        return self._read.result().context


def _read(project: Project) -> _Read:
    read = _Read()
    for name, part in project.spec.boundaries.items():
        path = project.root / part.path
        own = Report()
        try:
            if part.role == "context":
                layer = read_context_layer(path, kind=part.kind, report=own, **part.reading)
            else:
                layer = read_areas(
                    path, id=part.id, name=part.name, kind=part.kind, report=own, **part.reading
                )
        except InputError as error:
            _keep(error, own)
            layer = None
        if layer is not None and not project.spec.project.made_up:
            code, bounds = project.spec.project.municipality, layer.geometry.bounds.to_numpy()
            tell_far_areas(bounds, code, path, own, key=f"boundaries.{name}")
        own.facts = {f"boundaries.{name}": own.facts} if own.facts else {}
        own.settle(read.report)
        if layer is None:
            continue
        if part.role == "context":
            read.context[name] = layer
        elif part.role == "outline":
            read.outline = layer
        else:
            read.areas = layer
    give_back()
    return read


def _keep(error: InputError, report: Report) -> None:
    """The error's problems join the report, each once."""
    for problem in error.problems:
        if problem not in report.problems:
            report.problems.append(problem)
