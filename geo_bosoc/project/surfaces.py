"""`[surfaces]` of a project: what is wrong with it, and the surfaces of the last period for the internal set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd
import polars as pl

from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.indicators import Indicator, count_indicators
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.rates import integer_sides
from geo_bosoc.linkage.link import population_name
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.comparisons import check_indicator_ids
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.rasters.backdrop import Surface
from geo_bosoc.rasters.surfaces import SurfacesPart, resident_surface
from geo_bosoc.text.catalogue import word

if TYPE_CHECKING:
    from geo_bosoc.project.inputs import Inputs

DENSITY: Final = "residents-per-hectare"
"""The id of the surface of density; no indicator can have it."""
_TIMES_LEAST: Final = 4
"""Surroundings hold at least so many times the least count that is shown."""
_UNITS: Final = ("percent", "per_1000", "per_10000")


def check_surfaces(project: Project, indicators: Sequence[Indicator], report: Report) -> None:
    """Report what is wrong with ``[surfaces]``: surroundings of few, no homes, and figures that are no shares of
    residents.

    Parameters
    ----------
    project : Project
        With or without the table.
    indicators : sequence of Indicator
        Those that outputs show.
    report : Report
        Takes the problems.
    """
    part, registers = project.spec.surfaces, project.spec.registers
    if part is None:
        return
    file = project.file.name
    least = _TIMES_LEAST * project.spec.disclosure.minimum
    if part.k < least:
        report.error(
            phrase(
                "so few residents are no surroundings: where counts below {minimum} are hidden, at least {least} are "
                "needed.",
                minimum=project.spec.disclosure.minimum,
                least=least,
            ),
            file=file,
            key="surfaces.k",
            hint=phrase("Write k = {least} or more, or leave it out: {default}.", least=least, default=400),
        )
    population = population_name(registers)
    if population is None:
        report.error(
            "surfaces look at residents, and no register says that it has them.",
            file=file,
            key="surfaces",
            hint='Write role = "population" for the register of residents.',
        )
    elif registers[population].place not in ("address", "dwelling"):
        report.error(
            "surfaces look at residents by their address, and these have none.",
            file=file,
            key=f"registers.{population}.place",
            hint='Give residents an address (place = "address"), and a register with unit = "address".',
        )
    check_indicator_ids(part.indicators, "surfaces.indicators", indicators, project, report)
    for indicator in indicators:
        if (
            population is not None
            and indicator.id in part.indicators
            and not _is_share_of(indicator, population, project)
        ):
            report.error(
                phrase(
                    "{indicator} is no share of the residents in [registers.{register}].",
                    indicator=indicator.id,
                    register=population,
                ),
                file=file,
                key=f"surfaces.indicators.{indicator.id}",
                hint="Surfaces show shares that count residents once each: no means, no weights, no sums.",
            )


def _is_share_of(indicator: Indicator, population: str, project: Project) -> bool:
    """Whether an indicator counts residents, and among them those who meet it, at their addresses."""
    specs = project.spec.registers
    top = indicator.numerator
    plain = indicator.unit in _UNITS and indicator.mean_of is None and indicator.weight is None
    plain = plain and indicator.scale == 1 and indicator.denominator.sum is None
    if not plain or top is None or top.sum is not None or indicator.distinct not in ("none", "person"):
        return False
    variants = [side.register_name for side in (indicator.denominator, top) if side.register_name]
    parts = make_parts((indicator,), [*specs, *variants], id_columns(specs))
    bases = {register_of(part.register) for part in parts if part.side != "numerator"}
    return bases == {population} and all(
        specs[register_of(part.register)].place in ("address", "dwelling", "person") for part in parts
    )


def with_surfaces(
    part: SurfacesPart, inputs: Inputs, published: PublishedResults, report: Report
) -> PublishedResults:
    """The internal set with its surfaces of the last period, to write as rasters and to lay on the map.

    Parameters
    ----------
    part : SurfacesPart
        The project's table ``[surfaces]``.
    inputs : Inputs
        What was read, with its addresses.
    published : PublishedResults
        Of the internal set: its policy says what is too few.
    report : Report
        Takes the warnings.
    """
    if not published.edition.internal:
        raise ValueError("surfaces are of the internal set alone: windows that overlap tell single homes")
    period = published.periods[-1]
    indicators = [each for each in inputs.shown if each.id in part.indicators]
    addresses, counts = _counted_by_address(inputs, indicators, period)
    around = resident_surface(
        addresses,
        counts,
        k=part.k,
        size=part.size,
        least=published.edition.least_shown,
        report=report,
    )
    sources = published.sources[published.sources["period"] == period]

    def surface(name: str, source_of: str, column: str, **words: str) -> Surface:
        rows = around[around[column].notna()]
        cells = rows[["east", "north"]].assign(value=rows[column].to_numpy("float32"))
        lines = sources.loc[sources["indicator"] == source_of, "source"].dropna().unique()
        return Surface(
            id=name,
            cells=cells.reset_index(drop=True),
            size=part.size,
            k=part.k,
            period=period,
            source="; ".join(lines),
            **words,  # type: ignore[arg-type]
        )

    surfaces = []
    if part.density:
        labels = {f"label_{language}": word("surfaces", "density", language) for language in ("da", "en")}
        surfaces.append(surface(DENSITY, RESIDENTS, "density", unit="count", direction="neutral", **labels))
    for each in indicators:
        labels = {"label_da": each.label_da, "label_en": each.label_en}
        surfaces.append(
            surface(each.id, each.id, each.id, unit=each.unit, direction=each.direction, **labels)
        )
    with_cells = tuple(each for each in surfaces if len(each.cells))
    return published.with_surfaces(with_cells)


def _counted_by_address(
    inputs: Inputs, indicators: Sequence[Indicator], period: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The addresses with their residents, and the counts of indicators there, by their own rule for the unknown."""
    residents = next(each for each in inputs.indicators if each.id == RESIDENTS)
    frames = {
        name: rows.with_columns(area_id=pl.col("address_id").cast(pl.String))
        for name, rows in inputs.frames.items()
        if "address_id" in rows.collect_schema().names()
    }
    counting = Report()
    counted = count_indicators(
        frames,
        list({each.id: each for each in (residents, *indicators)}.values()),
        parameters=inputs.parameters,
        periods=[period],
        ids=id_columns(inputs.specs),
        check_base=False,
        report=counting,
    )
    counting.raise_errors()
    assert inputs.addresses is not None
    table = inputs.addresses.select("address_id", "x", "y").unique(
        "address_id", keep="first", maintain_order=True
    )
    addresses = pd.DataFrame(
        {
            "address_id": table["address_id"].cast(pl.String).to_list(),
            "x": table["x"].to_numpy(),
            "y": table["y"].to_numpy(),
        }
    ).dropna()
    of_residents = counted[counted["indicator"] == RESIDENTS].set_index("area_id")["numerator"]
    living = addresses["address_id"].map(of_residents).fillna(0).astype("int64")
    addresses = addresses.assign(residents=living)[living.to_numpy() > 0].reset_index(drop=True)
    parts = []
    for indicator in indicators:
        rows = counted[counted["indicator"] == indicator.id]
        numerator, base = integer_sides(rows, indicator)
        columns = {"numerator": numerator, "denominator": base, "unknown": 0}
        parts.append(pd.DataFrame({"address_id": rows["area_id"], "indicator": indicator.id, **columns}))
    empty = pd.DataFrame(columns=["address_id", "indicator", "numerator", "denominator", "unknown"])
    return addresses, pd.concat(parts, ignore_index=True) if parts else empty
