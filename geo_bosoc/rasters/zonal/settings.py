"""What indicators on rasters leave open: that cells weigh by their area, and in which parts is counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.rasters.zonal.registers import RasterRegister
from geo_bosoc.rasters.zonal.rows import AREA

DECIMALS: Final = 1000
"""Parts of a value, and of a person: three decimals."""

_PARTS_OF_CELL: Final = 10_000
"""A cell is counted in at least so many parts, so that shares of it are not rounded away."""

_LEAST_BASE: Final = 100.0
"""m2: a base in whole m2 is none of smaller cells."""


def with_raster_settings(
    indicators: Sequence[Indicator], registers: Mapping[str, RasterRegister], report: Report
) -> tuple[Indicator, ...]:
    """Indicators on rasters with what they leave open: that cells weigh by their area, and in which parts is counted.

    Parameters
    ----------
    indicators : sequence of Indicator
        All of a project's; those that count in no raster are given back as they are.
    registers : mapping of str to RasterRegister
        The raster registers by name.
    report : Report
        Takes what no raster can give.

    Returns
    -------
    tuple of Indicator
        In the order of `indicators`.
    """
    return tuple(_with_settings(indicator, registers, report) for indicator in indicators)


def _with_settings(
    indicator: Indicator, registers: Mapping[str, RasterRegister], report: Report
) -> Indicator:
    base, top = indicator.denominator, indicator.numerator
    base_register = base.register_name or ""
    top_register = (top.register_name or base_register) if top is not None else base_register
    key = f"indicator.{indicator.id}"
    where: dict[str, Any] = {"file": indicator.file}
    if base_register not in registers and top_register not in registers:
        if indicator.quantile is not None:
            report.error(
                "quantile is of rasters: of a register's rows there are means.",
                key=f"{key}.quantile",
                **where,
            )
        return indicator
    if indicator.counts_distinct:
        report.error(
            "a raster has no persons to tell apart: leave out distinct.", key=f"{key}.distinct", **where
        )
        return indicator
    if base_register != top_register or indicator.unit == "count":
        return _with_sums(indicator, registers, report)
    if base.sum is not None or (top is not None and top.sum is not None):
        report.error(
            "a share or a mean of a raster is weighed, and adds up nothing.",
            key=f"{key}.denominator.sum",
            hint=phrase(
                'Leave out sum; weight = "{register}" weighs cells by their value.', register=base_register
            ),
            **where,
        )
        return indicator
    weight = indicator.weight or AREA
    if weight != AREA and weight not in registers:
        report.error(
            phrase('"{weight}" is no raster register by which cells could be weighed.', weight=weight),
            key=f"{key}.weight",
            hint='Leave weight out to weigh by area, or name a register with unit = "raster".',
            **where,
        )
        return indicator
    m2 = registers[base_register].m2
    settings = {"weight_scale": _area_parts(m2) if weight == AREA else DECIMALS}
    if indicator.mean_of is not None:
        settings["scale"] = DECIMALS
    stated = {name: getattr(indicator, name) for name in settings if name in indicator.model_fields_set}
    update: dict[str, Any] = {"weight": weight, **settings, **stated}
    if indicator.quantile is not None:
        update["base_known"] = False
    return indicator.model_copy(update=update).as_of_raster()


def _area_parts(m2: float) -> int:
    """In how many parts a m2 is counted, where cells measure so much.

    >>> _area_parts(100.0), _area_parts(0.16), _area_parts(10_000.0)
    (100, 100000, 1)
    """
    return int(10 ** min(9, max(0, math.ceil(math.log10(_PARTS_OF_CELL / m2)))))


def _with_sums(indicator: Indicator, registers: Mapping[str, RasterRegister], report: Report) -> Indicator:
    """A count, or two sides in different registers: the raster's side adds up m2, or values."""
    base, top = indicator.denominator, indicator.numerator
    base_register = base.register_name or ""

    def with_sum(side: Side, register: str) -> Side:
        is_open = register in registers and side.sum is None
        return side.model_copy(update={"sum": AREA}) if is_open else side

    update: dict[str, Any] = {"denominator": with_sum(base, base_register), "weight": None, "weight_scale": 1}
    counting, register = update["denominator"], base_register
    if top is not None:
        register = top.register_name or base_register
        update["numerator"] = counting = with_sum(top, register)
    if register in registers and "scale" not in indicator.model_fields_set:
        update["scale"] = _area_parts(registers[register].m2) if counting.sum == AREA else DECIMALS
    if indicator.weight is not None:
        report.error(
            "a sum of a raster is weighed by nothing: leave out weight.",
            file=indicator.file,
            key=f"indicator.{indicator.id}.weight",
        )
    if top is not None and base_register in registers and registers[base_register].m2 < _LEAST_BASE:
        report.error(
            "a base is counted in whole numbers, and the raster's cells are too small for that.",
            file=indicator.file,
            key=f"indicator.{indicator.id}.denominator",
            hint="Give the raster as the numerator.",
        )
    return indicator.model_copy(update=update).as_of_raster()
