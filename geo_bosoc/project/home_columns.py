"""Further columns of rows that have a home: which are wanted of which register, what they are, and where from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.requests import ReadingPlan, columns_to_read
from geo_bosoc.project.spec import Project
from geo_bosoc.rasters.zonal.registers import RasterRegister
from geo_bosoc.registers.assemble import ReadRegister
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.provenance import in_language


@dataclass(frozen=True)
class HomeSource:
    """What a column of ``[home_columns]`` is, and where that comes from.

    Attributes
    ----------
    label_da, label_en : str
        What the layer, or the raster's register, is called.
    source : str
        Where it comes from; may be empty.
    register : str
        The raster's register; empty for a distance.
    periods : tuple of str
        Those of the raster.
    """

    label_da: str
    label_en: str
    source: str
    register: str = ""
    periods: tuple[str, ...] = ()

    def text(self, language: Language, period: str) -> str:
        """As the source of a figure of a period says it.

        >>> HomeSource("Skoler", "Schools", "GeoDanmark").text("en", "2024")
        'distance in a straight line, no roads: Schools (GeoDanmark)'
        >>> HomeSource("støj", "noise", "", "noise", ("2017", "2022")).text("en", "2024")
        'value at the home: noise 2022'
        """
        kind = "value_at_home" if self.register else "straight_line"
        name = in_language(self.label_en, self.label_da, language)
        layer = " ".join(filter(None, (name, latest(self.periods, period))))
        text = word("common", kind, language, layer=layer)
        return f"{text} ({self.source})" if self.source else text


def latest(periods: Collection[str], period: str) -> str | None:
    """The last of the periods that is not after another one; None where all are.

    >>> latest(["2017", "2022"], "2024K1"), latest(["2017", "2022"], "2016")
    ('2022', None)
    """
    return max((each for each in periods if each <= period), default=None)


def home_sources(project: Project, rasters: Mapping[str, RasterRegister]) -> dict[str, HomeSource]:
    """By column of ``[home_columns]``, what it is and where that comes from."""
    sources = {}
    for name, part in project.spec.home_columns.items():
        if part.raster is not None:
            spec, raster = project.spec.registers[part.raster], rasters.get(part.raster)
            label_da, label_en = (
                word_or_key("registers", part.raster, language) for language in ("da", "en")
            )
            periods = tuple(sorted(raster.layers)) if raster is not None else ()
            sources[name] = HomeSource(label_da, label_en, part.source or spec.source, part.raster, periods)
        elif part.layer is not None:
            layer = project.spec.boundaries[part.layer]
            label_da, label_en = layer.label_da or layer.label_en, layer.label_en or layer.label_da
            sources[name] = HomeSource(label_da or part.layer, label_en or part.layer, part.source)
    return sources


def wanted_home_columns(project: Project, plan: ReadingPlan) -> dict[str, frozenset[str]]:
    """By register, the columns of ``[home_columns]`` that indicators, parameters or studies count by in it."""
    names = frozenset(project.spec.home_columns)
    by_register = {name: names & columns_to_read(project, plan, name) for name in sorted(plan.opened)}
    return {name: columns for name, columns in by_register.items() if columns}


def check_home_columns(
    spec: RegisterSpec, name: str, columns: Collection[str], register: ReadRegister, report: Report
) -> None:
    """Errors where the rows of a register have no home, or its files have a column of that name already."""
    for column in sorted(columns):
        if spec.place == "area" or spec.unit == "address":
            report.error(
                phrase("{column} is a column of rows that have a home, and these have none.", column=column),
                key=f"registers.{name}",
                column=column,
                hint="Count by it in a register of persons, dwellings or cases.",
            )
        elif spec.columns.get(column, column) in register.file_columns:
            report.error(
                phrase("the files have a column {column} already.", column=column),
                key=f"home_columns.{column}",
                file=Path(spec.paths[0]).name,
                hint="Call the further column something else.",
            )
