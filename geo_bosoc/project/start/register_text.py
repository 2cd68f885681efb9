"""A register as it is written: its lines, each with its reason, its period, and what all registers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from geo_bosoc.boundaries.describe import LayerDescription
from geo_bosoc.project.start.folder import commented, toml_list, toml_text
from geo_bosoc.project.start.guessed_indicators import TableFigures
from geo_bosoc.project.start.user_files import FileGroup
from geo_bosoc.registers.tables.periods import to_period
from geo_bosoc.text.catalogue import word

Kind = Literal["count", "person", "address", "dwelling", "case"]

_MOST_PERIODS: Final = 12


@dataclass(frozen=True)
class Setting:
    """What all registers of a project share: the assessed layer, the table of addresses, the population, the language.

    `addresses` is its group and the column of ids that others point to; `person_keys` are the population's, as
    `geo_bosoc.project.start.user_files.person_key` writes them; `year` stands where no file tells a period.
    """

    layer: LayerDescription | None
    addresses: tuple[FileGroup, str] | None
    has_address_keys: bool
    population: str | None
    population_has_age: bool
    year: str
    language: str
    person_keys: frozenset[str] = field(default=frozenset(), repr=False)

    def why(self, line: str, **values: object) -> str:
        """A line of ``[start]`` in the catalogue."""
        return word("start", line, self.language, **values)


@dataclass
class RegisterText:
    """A register to write: its lines, the columns that it has by our names, its periods and its figures.

    With `off` it is written with ``#`` before each line: it could not be guessed, and why stands there. With
    `period_unknown` neither its files nor its rows tell a period, and this year stands for it.
    """

    name: str
    kind: Kind
    lines: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    periods: tuple[str, ...] = ()
    figures: TableFigures = field(default_factory=TableFigures)
    off: str = ""
    period_unknown: bool = False

    def add(self, key: str, value: str, comment: str, language: str, *, change: bool = False) -> None:
        """One more line.

        Parameters
        ----------
        key, value : str
            Of TOML.
        comment : str
            Why.
        language : str
            Of the mark.
        change : bool, optional
            With the mark that the user is to look at it.
        """
        self.lines.append(commented(f"{key} = {value}", comment, language, change=change))

    def text(self, language: str) -> str:
        """The table as the project file has it."""
        lines = [f"[registers.{self.name}]", *self.lines]
        if not self.off:
            return "\n".join(lines) + "\n"
        mark = word("start", "change", language)
        return "\n".join([f"# {mark}: {self.name}: {self.off}", *(f"# {line}" for line in lines)]) + "\n"


def add_period(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """The period of the rows: from the files' names, a column, or to be told.

    Parameters
    ----------
    register : RegisterText
        Takes the lines.
    group : FileGroup
        The files.
    setting : Setting
        What all registers share.
    """
    language = setting.language
    if group.periods:
        register.periods = group.periods
        return
    column = group.table.column("period")
    if column is None or column.role is None:
        register.periods, register.period_unknown = (setting.year,), True
        register.add("period", toml_text(setting.year), setting.why("period_unknown"), language, change=True)
        return
    values = group.table.sample[column.name].cast(pl.String).drop_nulls().unique().to_frame("v")
    by_quarter, by_year = (
        set(values.select(to_period(pl.col("v"), by)).to_series().drop_nulls()) for by in ("quarter", "year")
    )
    quarterly = column.type == "date" and len(by_quarter) > len(by_year)
    register.add("period", toml_text(column.name), column.role.why(language), language)
    if quarterly:
        register.add("period_by", '"quarter"', setting.why("quarters", dates=column.distinct), language)
    periods = sorted(by_quarter if quarterly or column.type != "date" else by_year)
    register.periods = tuple(periods[-_MOST_PERIODS:])


def periods_text(periods: Sequence[str]) -> str:
    """A list of periods as TOML has it.

    >>> periods_text(["2024", "2023"])
    '["2023", "2024"]'
    """
    return toml_list(sorted(set(periods)))
