"""Counting the cells of a raster register: by area, in the municipality, and in all areas together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Final

import polars as pl

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.indicators.counting.raw_counts import no_counts, raw_counts_of_groups, sum_counts
from geo_bosoc.indicators.counting.registers import PartCounts
from geo_bosoc.indicators.counting.row_expressions import part_rows
from geo_bosoc.indicators.plan import Part, make_parts
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.rasters.zonal.coverage import Rule
from geo_bosoc.rasters.zonal.layers import LayerSpec, open_layer
from geo_bosoc.rasters.zonal.rows import SHARE, VALUE, Weighting, rows_in_areas
from geo_bosoc.rasters.zonal.targets import Targets

_PARTS: Final = 100_000
"""A quantile is counted in so many parts of the weight, so that it is compared exactly."""

_MOST_KEPT: Final = 4_000_000
"""From so many rows on, weights of the same value in the same area are added up."""

_IN_AREA: Final = "@in_area"
"""The column with a value times the share of its cell in the area, for sums."""

_ROOM: Final = float(2**62)
"""No sum of parts may be larger."""


def count_raster(
    register: str,
    layers: Mapping[str, LayerSpec],
    targets: Targets,
    indicators: Sequence[Indicator],
    schemas: Mapping[str, Mapping[str, Any]],
    *,
    rule: Rule = "exact",
    weights: Mapping[str, Mapping[str, LayerSpec]] | None = None,
    parameters: Parameters | None = None,
    key: str | None = None,
    report: Report | None = None,
) -> PartCounts:
    """Raw counts of a raster register, to be added to those of other registers (`count_indicators`).

    Parameters
    ----------
    register : str
        Its name.
    layers : mapping of str to LayerSpec
        Its values by period.
    targets : Targets
        The areas, and what they are compared with.
    indicators : sequence of Indicator
        All that are counted; those that count in this register are.
    schemas : mapping of str to mapping of str to type
        The columns of all registers, by name.
    rule : {"exact", "centre"}, optional
        Which cells are an area's: each with its share in it, or those whose centre lies in it.
    weights : mapping of str to mapping of str to LayerSpec, optional
        Other raster registers by whose values cells may be weighed, by name and period; of a period that one lacks its
        latest before it stands, or else its first.
    parameters : mapping, optional
        Values for ``:name`` in conditions.
    key : str, optional
        Where the project file names the register, for messages.
    report : Report, optional
        Takes the problems; without it errors raise.

    Returns
    -------
    PartCounts
        By target; nothing of a period whose file cannot be read.

    Raises
    ------
    InputError
        A file cannot be read, or covers none of the areas.

    Examples
    --------
    >>> count_raster("noise", layers, Targets.of(areas), [loud], schemas).raw["areas"]  # doctest: +SKIP
    """
    inner_report = Report()
    counted = [
        part.indicator
        for part in make_parts(indicators, schemas, report=inner_report)
        if part.register == register
    ]
    by_weight: dict[str | None, list[Indicator]] = {}
    for indicator in dict.fromkeys(counted):
        weight = indicator.weight if indicator.weight in (weights or {}) else None
        by_weight.setdefault(weight, []).append(indicator)
    raw: dict[str, list[pl.DataFrame]] = {target: [] for target in targets.groups}
    uncounted: dict[str, dict[str, int]] = {}
    for period, layer in sorted(layers.items()):
        for weight, of_weight in by_weight.items():
            problems = Report()
            weight_layer = None if weight is None else _of_period((weights or {})[weight], period)
            counting = _Counting(register, period, of_weight, targets, schemas, parameters or {}, problems)
            try:
                counting.run(layer, weight, weight_layer, rule)
            except UnreadableError as error:
                problems.error(error.args[0], file=layer.file, key=key, hint=error.hint)
            for problem in problems.problems:
                inner_report.problems.append(problem)
            for target, frames in counting.raw.items():
                raw[target] += frames
            for name, rows in counting.uncounted.items():
                for reason, count in rows.items():
                    of_indicator = uncounted.setdefault(name, {})
                    of_indicator[reason] = of_indicator.get(reason, 0) + count
    inner_report.hand_over(report)
    summed = {target: sum_counts(frames) for target, frames in raw.items() if frames}
    return PartCounts(register, summed, uncounted=uncounted)


def _of_period(layers: Mapping[str, LayerSpec], period: str) -> LayerSpec:
    """The layer of a period, or the latest one before it, or else the first."""
    earlier = [each for each in layers if each <= period]
    return layers[max(earlier) if earlier else min(layers)]


class _Counting:
    """One period's cells, counted for the indicators of one weight."""

    def __init__(
        self,
        register: str,
        period: str,
        indicators: Sequence[Indicator],
        targets: Targets,
        schemas: Mapping[str, Mapping[str, Any]],
        parameters: Parameters,
        report: Report,
    ) -> None:
        self._register, self._period, self._targets = register, period, targets
        self._indicators = [_on_cells(each, register) for each in indicators if each.quantile is None]
        quantiles = [each for each in indicators if each.quantile is not None]
        self._schemas, self._parameters, self._report = schemas, parameters, report
        self._quantiles = _Quantiles(quantiles, register, period, parameters)
        self._largest = 0.0
        self.raw: dict[str, list[pl.DataFrame]] = {target: [] for target in targets.groups}
        self.uncounted: dict[str, dict[str, int]] = {}

    def run(self, layer: LayerSpec, weight: str | None, weight_layer: LayerSpec | None, rule: Rule) -> None:
        """Count all rows; while one batch of them is counted, the next one is read and measured."""
        with ExitStack() as stack:
            weighting = None
            if weight is not None and weight_layer is not None:
                weighting = Weighting(weight, stack.enter_context(open_layer(weight_layer)))
            opened = stack.enter_context(open_layer(layer))
            thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="counting"))
            rows = rows_in_areas(opened, self._targets.polygons, self._targets.crs, rule, weighting=weighting)
            pending: Future[None] | None = None
            for batch in rows:
                if pending is not None:
                    pending.result()
                pending = thread.submit(self._count, batch)
            if pending is not None:
                pending.result()
        for target, frame in self._quantiles.raw_counts(self._targets.groups).items():
            self.raw[target].append(frame)
        self._check_room()

    def _count(self, batch: pl.LazyFrame) -> None:
        """Add a batch of rows."""
        frame = batch.collect()
        bounds = frame.select(pl.col(VALUE).min().alias("low"), pl.col(VALUE).max().alias("high")).row(0)
        self._largest = max([self._largest, *(abs(float(each)) for each in bounds if each is not None)])
        self._quantiles.add(frame)
        if not self._indicators:
            return
        in_area = pl.col(VALUE).cast(pl.Float64) * pl.col(SHARE)
        rows = frame.lazy().with_columns(pl.lit(self._period).alias("period"), in_area.alias(_IN_AREA))
        schema = rows.collect_schema()
        registers = {
            name: rows
            if name == self._register
            else pl.LazyFrame(schema={**columns, "area_id": schema["area_id"], "period": pl.String})
            for name, columns in self._schemas.items()
        }
        report = Report()
        counts = raw_counts_of_groups(
            registers,
            self._indicators,
            self._targets.groups,
            parameters=self._parameters,
            period=self._period,
            report=report,
        )
        for problem in report.problems:
            if problem not in self._report.problems:
                self._report.problems.append(problem)
        for target, each in counts.items():
            self.raw[target].append(each)
        for name, rows_by_reason in report.facts.get("counting", {}).items():
            totals = self.uncounted.setdefault(name, {})
            for reason, count in rows_by_reason.items():
                totals[reason] = totals.get(reason, 0) + count

    def _check_room(self) -> None:
        """An error where sums may have passed what a whole number of 64 bits holds."""
        m2 = float(sum(polygon.area for polygon in self._targets.polygons))
        for indicator in self._indicators:
            uses_value = indicator.mean_of == VALUE or _IN_AREA in indicator.sums
            largest = m2 * (max(1.0, self._largest) if uses_value else 1.0)
            if largest * indicator.scale * indicator.weight_scale >= _ROOM:
                self._report.error(
                    phrase(
                        "a value of the raster is {value:.3g}: sums in parts of {scale} pass what can be counted.",
                        value=self._largest,
                        scale=indicator.scale * indicator.weight_scale,
                    ),
                    key=f"indicator.{indicator.id}.scale",
                    hint="If it stands for no data, name it: missing = [...]. Otherwise write a smaller scale.",
                )


def _on_cells(indicator: Indicator, register: str) -> Indicator:
    """The indicator, with sums of the value as sums of what of it lies in the area."""

    def side(part: Side, of_register: str | None) -> Side:
        here = (part.register_name or of_register) == register
        return part.model_copy(update={"sum": _IN_AREA}) if here and part.sum == VALUE else part

    base = indicator.denominator
    sides = {"denominator": side(base, None)}
    if indicator.numerator is not None:
        sides["numerator"] = side(indicator.numerator, base.register_name)
    return indicator.model_copy(update=sides)


class _Quantiles:
    """Weights by area and value, added up over batches of rows.

    The quantile is the lowest value with at least that share of the weight at or below it; values are rounded once, to
    the indicator's scale. Unlike an interpolated one it is a value that a cell has, and does not hang on how an area
    is cut into cells.

    Parameters
    ----------
    indicators : sequence of Indicator
        With a `quantile`.
    register : str
        The register that they count in.
    period : str
        Of all rows.
    parameters : mapping
        Values for ``:name`` in conditions.
    """

    def __init__(
        self, indicators: Sequence[Indicator], register: str, period: str, parameters: Parameters
    ) -> None:
        self._parts = [Part(indicator, "both", register) for indicator in indicators]
        self._period, self._parameters = period, parameters
        self._weights: list[list[pl.DataFrame]] = [[] for _ in indicators]

    def add(self, rows: pl.DataFrame) -> None:
        """Add a batch of rows."""
        for part, frames in zip(self._parts, self._weights, strict=True):
            expressions = part_rows(part, rows.schema, self._parameters, Report())
            chosen = rows.lazy()
            if expressions.denominator is not None:
                chosen = chosen.filter(expressions.denominator)
            value = pl.col(str(part.indicator.mean_of)).cast(pl.Float64) * part.indicator.scale
            weight = pl.lit(1, pl.Int64) if expressions.weight is None else expressions.weight
            weighed = chosen.select(
                "area_id",
                value.round(mode="half_away_from_zero").cast(pl.Int64).alias("value"),
                weight.alias("weight"),
            )
            frames.append(_added_up(weighed.drop_nulls()))
            if len(frames) > 1 and sum(frame.height for frame in frames) > _MOST_KEPT:
                frames[:] = [_added_up(pl.concat(frames).lazy())]

    def raw_counts(self, groups: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """By target, raw counts whose numerator is the value in parts of the scale, over a base of one.

        Parameters
        ----------
        groups : mapping of str to DataFrame
            By target, ``area_id, group``.
        """
        schema = no_counts().schema
        counts: dict[str, list[pl.DataFrame]] = {target: [] for target in groups}
        for part, frames in zip(self._parts, self._weights, strict=True):
            if not frames:
                continue
            weights = pl.concat(frames)
            for target, group in groups.items():
                of_groups = weights.join(group, on="area_id").select(
                    pl.col("group").cast(pl.String).alias("area_id"), "value", "weight"
                )
                values = _quantile(_added_up(of_groups.lazy()), float(part.indicator.quantile or 0))
                counts[target].append(
                    values.select(
                        "area_id",
                        pl.lit(self._period).alias("period"),
                        pl.lit(part.indicator.id).alias("indicator"),
                        pl.lit("both").cast(schema["side"]).alias("side"),
                        pl.col("value").alias("numerator"),
                        pl.lit(1, pl.Int64).alias("denominator"),
                        pl.lit(0, pl.Int64).alias("unknown"),
                        pl.lit("ok").cast(schema["status"]).alias("status"),
                    )
                )
        return {target: pl.concat(frames) for target, frames in counts.items() if frames}


def _added_up(rows: pl.LazyFrame) -> pl.DataFrame:
    return rows.group_by("area_id", "value").agg(pl.col("weight").sum()).collect(engine="streaming")


def _quantile(weights: pl.DataFrame, share: float) -> pl.DataFrame:
    """By area, the lowest value with at least a share of the weight at or below it."""
    running = pl.col("weight").cum_sum().over("area_id")
    total = pl.col("weight").sum().over("area_id")
    reached = running * _PARTS >= total * round(share * _PARTS)
    has_weight = weights.filter(pl.col("weight") > 0).sort("area_id", "value")
    return has_weight.filter(reached).group_by("area_id", maintain_order=True).agg(pl.col("value").first())
