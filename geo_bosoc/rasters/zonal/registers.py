"""Raster registers: their files by period, and the cells of all of them counted in areas."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import polars as pl
from pyproj import CRS as MapCRS
from rasterio.windows import Window

from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.indicators.counting.registers import PartCounts
from geo_bosoc.indicators.plan import basis, make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.predicates.parse import Parameters, parse_predicate
from geo_bosoc.problems import Report, add_problems
from geo_bosoc.problems.messages import phrase
from geo_bosoc.rasters.raster_files import OpenRasters
from geo_bosoc.rasters.zonal.count import count_raster
from geo_bosoc.rasters.zonal.coverage import Rule
from geo_bosoc.rasters.zonal.layers import LayerSpec, open_layer
from geo_bosoc.rasters.zonal.pixel_space import cell_m2
from geo_bosoc.rasters.zonal.rows import AREA, VALUE
from geo_bosoc.rasters.zonal.targets import Targets
from geo_bosoc.registers.files import RegisterFile, find_files, periods_to_read
from geo_bosoc.registers.spec import RegisterSpec

_FEW_CELLS: Final = 25
"""Where half of the areas are smaller than so many cells of a raster of counts, what they share with others is much of
what they have."""


@dataclass(frozen=True)
class RasterRegister:
    """A raster register whose files can be opened.

    Attributes
    ----------
    layers : mapping of str to LayerSpec
        Its values by period.
    rule : {"exact", "centre"}
        Which cells are an area's.
    m2 : float
        What the smallest cell in the middle of a file measures.
    is_whole_numbers : bool
        Whether no file holds fractions.
    """

    layers: Mapping[str, LayerSpec]
    rule: Rule
    m2: float
    is_whole_numbers: bool

    def close(self) -> None:
        """Close its files; whoever reads them again opens them again."""
        for layer in self.layers.values():
            if layer.keeper is not None:
                layer.keeper.close()

    def schema(self, weights: Collection[str] = ()) -> dict[str, Any]:
        """The columns that it has for the checks of conditions, with other raster registers as weights.

        >>> list(RasterRegister({}, "exact", 100.0, True).schema(["population"]))
        ['area_id', 'period', 'value', 'area', 'population']
        """
        return {
            "area_id": pl.String,
            "period": pl.String,
            VALUE: pl.Int64 if self.is_whole_numbers else pl.Float64,
            AREA: pl.Float64,
            **dict.fromkeys(sorted(weights), pl.Float64),
        }


@dataclass
class _Files:
    """What was seen of a register's files."""

    layers: dict[str, LayerSpec] = field(default_factory=dict)
    m2: list[float] = field(default_factory=list)
    whole_numbers: list[bool] = field(default_factory=list)


def open_raster_register(
    spec: RegisterSpec,
    folder: Path | None,
    periods: Collection[str],
    run_periods: Sequence[str],
    report: Report,
    *,
    name: str,
) -> RasterRegister | None:
    """Find and check a raster register's files; no value is read.

    Parameters
    ----------
    spec : RegisterSpec
        With ``unit = "raster"``.
    folder : Path, optional
        Where relative paths start.
    periods : collection of str
        The periods whose files are opened; empty for all.
    run_periods : sequence of str
        Those of the project file: a raster that says no period stands for these, or for `periods`.
    report : Report
        Takes the problems, and under ``facts["register:NAME"]`` the files and governance.
    name : str
        The register's name.

    Returns
    -------
    RasterRegister or None
        None with errors in `report`.
    """
    key = f"registers.{name}"
    problems = Report()
    files = find_files(spec, folder, periods_to_read(spec, folder, periods), problems, key)
    seen, keeper = _Files(), OpenRasters()
    if spec.distance_to is not None:
        schema = {VALUE: pl.Float64}
        parse_predicate(spec.distance_to, schema, key=f"{key}.distance_to", report=problems)
    for file in files:
        for period in _periods_of(spec, file, tuple(periods) or tuple(run_periods), problems, key):
            if period in seen.layers:
                problems.error(
                    phrase("two rasters are of {period}.", period=period),
                    file=file.path,
                    key=f"{key}.path",
                    hint="Name one file a period: put {period} where the year stands in the files' names.",
                )
            seen.layers[period] = LayerSpec.of(spec, file.path, keeper)
        _look_at(LayerSpec.of(spec, file.path, keeper), seen, problems, key)
    report.facts[f"register:{name}"] = {
        "files": [file.name for file in files],
        "unit": spec.unit,
        **spec.governance(),
    }
    report.problems.extend(problems.problems)
    if problems.errors:
        return None
    return RasterRegister(seen.layers, spec.rule, min(seen.m2, default=1.0), all(seen.whole_numbers))


def _periods_of(
    spec: RegisterSpec, file: RegisterFile, run_periods: Sequence[str], report: Report, key: str
) -> list[str]:
    """The periods that a file stands for."""
    if spec.period_column is not None:
        report.error(
            phrase('period = "{text}" is no year or quarter.', text=spec.period_column),
            key=f"{key}.period",
            hint='A raster has no columns: write period = "2024", or {period} in path.',
        )
        return []
    period = spec.fixed_period or file.period
    if period is not None:
        return [period]
    if not run_periods:
        report.error(
            "nothing says of which year the raster is.",
            file=file.path,
            key=f"{key}.period",
            hint='Write period = "2024", or {period} in path for files of several years.',
        )
        return []
    report.note(
        "nothing says of which year the raster is: it stands for every period of the run.",
        file=file.path,
        key=f"{key}.period",
        hint='Write period = "2024", and carry_forward = 5 in its indicators to use it for later years.',
    )
    return list(run_periods)


def _look_at(layer: LayerSpec, seen: _Files, report: Report, key: str) -> None:
    """Open a file, and see what its cells are like."""
    try:
        with open_layer(layer) as opened:
            middle = Window(opened.width // 2, opened.height // 2, 1, 1)
            m2 = float(cell_m2(opened.raster, middle, MapCRS.from_user_input(CRS))[0, 0])
            seen.m2.append(m2 if math.isfinite(m2) and m2 > 0 else 1.0)
            seen.whole_numbers.append(opened.is_whole_numbers)
    except UnreadableError as error:
        report.error(error.args[0], file=layer.file, key=key, hint=error.hint)


def count_rasters(
    registers: Mapping[str, RasterRegister],
    indicators: Sequence[Indicator],
    schemas: Mapping[str, Mapping[str, Any]],
    *,
    areas: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None,
    periods: Collection[str],
    parameters: Parameters | None = None,
    report: Report,
) -> list[PartCounts]:
    """Count all raster registers, of the periods that stand for those of a run; their files are closed then.

    Parameters
    ----------
    registers : mapping of str to RasterRegister
        By name.
    indicators : sequence of Indicator
        All that are counted, with their settings (`with_raster_settings`).
    schemas : mapping of str to mapping of str to type
        The columns of all registers, by name.
    areas, outline : GeoDataFrame
        The areas; the municipality's outline, without which there is no figure of it.
    periods : collection of str
        Those of the run; empty for all that the rasters are of.
    parameters : mapping, optional
        Values for ``:name`` in conditions.
    report : Report
        Takes the problems.

    Returns
    -------
    list of PartCounts
        One a register that indicators count in.

    Raises
    ------
    InputError
        A raster cannot be read, or lies elsewhere.
    """
    by_register: dict[str, list[Indicator]] = {}
    for part in make_parts(indicators, schemas, report=Report()):
        if part.register in registers:
            by_register.setdefault(part.register, []).append(part.indicator)
    with ExitStack() as stack:
        for raster in registers.values():
            stack.callback(raster.close)
        if not by_register:
            return []
        return _counted(
            by_register, registers, indicators, schemas, areas, outline, periods, parameters, report
        )


def _counted(
    by_register: Mapping[str, Sequence[Indicator]],
    registers: Mapping[str, RasterRegister],
    indicators: Sequence[Indicator],
    schemas: Mapping[str, Mapping[str, Any]],
    areas: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None,
    periods: Collection[str],
    parameters: Parameters | None,
    report: Report,
) -> list[PartCounts]:
    """As `count_rasters`, with the indicators of each register."""
    targets = Targets.of(areas, outline)
    problems, counts = Report(), []
    if outline is None:
        problems.note(
            "without an outline of the municipality there is no figure of rasters for it.",
            key="boundaries",
            hint='Name one: [boundaries.outline] with role = "outline".',
        )
    for name, of_register in by_register.items():
        raster = registers[name]
        needed = {
            data
            for indicator in of_register
            for period in periods
            for data in basis(period, indicator, raster.layers).periods
        }
        counts.append(
            count_raster(
                name,
                {period: layer for period, layer in raster.layers.items() if period in needed or not periods},
                targets,
                indicators,
                schemas,
                rule=raster.rule,
                weights={other: each.layers for other, each in registers.items()},
                parameters=parameters,
                key=f"registers.{name}",
                report=problems,
            )
        )
        _warn_if_coarse(name, of_register, raster.m2, areas, problems)
    add_problems(report, problems.problems)
    report.raise_errors()
    return counts


def _warn_if_coarse(
    name: str, indicators: Sequence[Indicator], m2: float, areas: gpd.GeoDataFrame, report: Report
) -> None:
    """Warn where a raster of counts has cells that are not small beside the areas."""
    typical = float(areas.geometry.area.median()) / m2
    if typical < _FEW_CELLS and any(VALUE in each.sums for each in indicators):
        report.warn(
            phrase(
                "a raster of counts is coarser than the areas: half of them are smaller than {count:.1f} of its cells "
                "({m2:,.0f} m2), so that much of what they are given lives elsewhere.",
                count=typical,
                m2=m2,
            ),
            key=f"registers.{name}",
            hint="A cell's count is spread evenly over it. Count the people themselves, by their addresses, where they "
            "are at hand, or map larger areas.",
        )
