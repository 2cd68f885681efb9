"""Indicators that a user's own tables and registers give: shares that a percentage of the table confirms, counts, ages.

What belongs together is found in the figures: a column that is 100 times one column over another in nearly every row is
their percentage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Final

import polars as pl

from geo_bosoc.indicators import Indicator, list_indicators
from geo_bosoc.indicators.plan import needed_columns
from geo_bosoc.models import list_models
from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems import Report
from geo_bosoc.project.start.folder import commented, toml_table, toml_text
from geo_bosoc.project.start.user_files import FileGroup, as_name
from geo_bosoc.registers.column_roles import ColumnDescription
from geo_bosoc.registers.describe import TableDescription
from geo_bosoc.registers.tables.columns import DTYPES
from geo_bosoc.registers.tables.periods import head_period
from geo_bosoc.registers.tables.reshape import JOIN
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.guesses import folded, is_percentage_name, measures

_MOST_FIGURES: Final = 24
_MOST_COMPARED: Final = 12
_NEARLY_ALL: Final = 0.95
_GENERIC: Final = frozenset(
    ("antal", "procent", "pct", "andel", "count", "n", "value", "vaerdi", "indhold", "number", "tal", "sum", "total",
     "antal_samlet", "i_alt", "samlet")
)  # fmt: skip
_CODE_ENDINGS: Final = ("nr", "nummer", "kode", "id", "code")
_RESIDENTS: Final = frozenset(("beboere", "antal_beboere", "residents", "indbyggere", "folketal"))
_REGISTERS: Final = ("persons", "survey", "dwellings")
"""Those that indicators of the package count in."""
_AGES: Final = ((0, 17), (18, 64), (65, 125))


@dataclass(frozen=True)
class GuessedIndicator:
    """An indicator to write: its id, its label, the lines that define it and why it is guessed.

    `numerator` and `denominator` are columns of the register, `mean_of` a column of parts; `reason` is a line of
    ``[start]`` in the catalogue, with the percentage that confirmed it.
    """

    id: str
    label: str
    register: str
    denominator: str
    numerator: str | None = None
    mean_of: str | None = None
    unit: str = "percent"
    reason: str = "sum_of_column"
    confirmed_by: str = ""
    where: tuple[str, ...] | None = None
    label_en: str = ""

    def text(self, language: str) -> str:
        """The ``[[indicator]]`` table."""
        base = f"register = {toml_text(self.register)}"
        if self.where is not None:
            sides = [f"{base}" + (f", where = {toml_text(where)}" if where else "") for where in self.where]
        else:
            sides = [
                f"{base}, sum = {toml_text(column)}"
                for column in (self.denominator, self.numerator)
                if column
            ]
        why = word("start", self.reason, language, column=self.confirmed_by)
        names = ("denominator", "numerator")
        lines = [
            "[[indicator]]",
            f"id = {toml_text(self.id)}",
            commented(
                f"label_da = {toml_text(self.label)}", word("start", "label", language), language, change=True
            ),
            f"label_en = {toml_text(self.label_en or self.label)}",
            *(f"{name} = {{ {side} }}" for name, side in zip(names, sides, strict=False)),
            *([f"mean_of = {toml_text(self.mean_of)}"] if self.mean_of else []),
            commented(f"unit = {toml_text(self.unit)}", why, language),
            commented('direction = "neutral"', word("start", "direction", language), language, change=True),
        ]
        return "\n".join(lines) + "\n"


@dataclass
class TableFigures:
    """What a finished table is read for: its indicators, its percentages with their bases, and columns not used."""

    indicators: list[GuessedIndicator] = field(default_factory=list)
    per_cent: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)


def figures_of_table(group: FileGroup, area: str, *, across: bool) -> TableFigures:
    """The figures of a finished table.

    Parameters
    ----------
    group : FileGroup
        The table.
    area : str
        Its column of areas.
    across : bool
        Whether the areas stand across: then the table has one figure.

    Returns
    -------
    TableFigures
    """
    table, figures = group.table, TableFigures()
    title = _title(group)
    if across or table.periods_across:
        names = [as_name(group.name)] if across else _names_across(table) or [as_name(group.name)]
        cells = [column for column in table.columns if column.is_number and column.role is None]
        for name in names:
            members = [each for each in cells if len(names) == 1 or each.name.endswith(JOIN + name)]
            shares = is_percentage_name(name) or (len(names) == 1 and _are_percentages(table, members))
            counts = [other for other in names if other != name and not is_percentage_name(other)]
            _add_figure(figures, group, name, title, shares, counts[0] if len(counts) == 1 else "")
        return figures
    numbers = [column for column in table.columns if _is_figure(column, area)][:_MOST_FIGURES]
    used: set[str] = set()
    for triple in _confirmed_shares(table, numbers):
        share, numerator, denominator, unit = triple
        label = title if as_name(numerator) in _GENERIC or unit == "mean" else _label(numerator)
        reason = "share_confirmed" if unit == "percent" else "mean_confirmed"
        indicator_id = share if share in _model_figures() else label
        figures.indicators.append(
            GuessedIndicator(
                as_name(indicator_id), label, group.name, denominator, numerator, None, unit, reason, share
            )
        )
        used |= {share, numerator, denominator}
    for column in numbers:
        if column.name in used or column.distinct < 2:
            continue
        shares = is_percentage_name(column.name)
        if column.type == "decimal" and not shares:
            figures.unused.append(column.name)
        else:
            _add_figure(figures, group, column.name, title, shares, "")
    figures.unused += [column.name for column in table.columns if _is_figure(column, area)][_MOST_FIGURES:]
    return figures


def _add_figure(
    figures: TableFigures, group: FileGroup, name: str, title: str, shares: bool, base: str
) -> None:
    label = title if as_name(name) in _GENERIC or name == as_name(group.name) else _label(name)
    indicator = GuessedIndicator(
        name if name in _model_figures() else as_name(label), label, group.name, name
    )
    if as_name(name) in _RESIDENTS and not shares:
        indicator = replace(indicator, id="residents")
    if not shares:
        figures.indicators.append(replace(indicator, unit="count"))
        return
    figures.per_cent[name] = base
    if base:
        made = replace(
            indicator, denominator=base, numerator=f"{name}_count", reason="share_of_base", confirmed_by=base
        )
    else:
        made = replace(
            indicator, denominator=f"{name}_whole", mean_of=f"{name}_parts", reason="share_without_base"
        )
    figures.indicators.append(made)


def _model_figures() -> frozenset[str]:
    return frozenset(each.id for each in list_indicators()) | frozenset(
        indicator for model in list_models() for indicator in model.indicators
    )


def _title(group: FileGroup) -> str:
    """What a table is about, by its file's name."""
    return _label(group.name)


def _label(name: str) -> str:
    """A column's name as a label: words apart, the first with a capital."""
    plain = name.replace("_", " ").strip()
    return plain[:1].upper() + plain[1:]


def _names_across(table: TableDescription) -> list[str]:
    """The figures that a head of two rows has under each year."""
    names: dict[str, None] = {}
    for column in table.columns:
        parts = column.name.split(JOIN)
        if any(head_period(part) for part in parts):
            names |= dict.fromkeys([JOIN.join(part for part in parts if head_period(part) is None)])
    return [name for name in names if name]


def _are_percentages(table: TableDescription, columns: Sequence[ColumnDescription]) -> bool:
    """Whether all figures lie between 0 and 100, and some have decimals."""
    if not any(column.type == "decimal" for column in columns):
        return False
    values = [table.numbers(column.name) for column in columns]
    return all(bool(each.drop_nulls().is_between(0, 100).all()) for each in values)


def _is_figure(column: ColumnDescription, area: str) -> bool:
    role = column.role.value if column.role is not None else None
    if not column.is_number or column.name == area or folded(column.name).endswith(_CODE_ENDINGS):
        return False
    return role is None or role in measures()


def _confirmed_shares(
    table: TableDescription, columns: Sequence[ColumnDescription]
) -> Iterator[tuple[str, str, str, str]]:
    """Percentage (or mean), numerator, denominator and unit of each column that is one column over another."""
    compared = list(columns[:_MOST_COMPARED])
    values = {column.name: table.numbers(column.name) for column in compared}
    frame = pl.DataFrame(values)
    for share in compared:
        others = [column.name for column in compared if column.name != share.name and column.type == "whole"]
        for numerator, denominator in permutations(others, 2):
            unit = _unit_of(frame, share.name, numerator, denominator)
            if unit is not None:
                yield share.name, numerator, denominator, unit
                break


def _unit_of(frame: pl.DataFrame, share: str, numerator: str, denominator: str) -> str | None:
    rows = frame.select(s=pl.col(share), n=pl.col(numerator), d=pl.col(denominator)).drop_nulls()
    rows = rows.filter((pl.col("d") > 0) & (pl.col("n") > 0))
    if rows.height < 3 or rows["s"].n_unique() < 2:
        return None
    ratio = pl.col("n") / pl.col("d")
    per_cent, mean = rows.select(
        ((pl.col("s") - 100 * ratio).abs() <= 0.06).mean(),
        ((pl.col("s") - ratio).abs() <= 0.001 * ratio + 0.005).mean().alias("mean"),
    ).row(0)
    if per_cent >= _NEARLY_ALL:
        return "percent"
    return "mean" if mean >= _NEARLY_ALL else None


def number_of_rows(group: FileGroup) -> GuessedIndicator:
    """How many rows of a register lie in each area.

    Parameters
    ----------
    group : FileGroup
        The register.
    """
    return GuessedIndicator(
        f"{group.name}_rows" if group.name == "residents" else group.name, _title(group), group.name, "",
        unit="count", where=("",), reason="rows",
    )  # fmt: skip


def figures_of_rows(
    group: FileGroup, columns: Collection[str]
) -> tuple[list[str], list[GuessedIndicator], list[str]]:
    """Indicators of the package that a register of persons or answers gives, and others by age.

    Parameters
    ----------
    group : FileGroup
        The register; the package's indicators count in ``persons`` and ``survey``.
    columns : collection of str
        Its columns by our names, made ones included.

    Returns
    -------
    presets : list of str
        Ids of the package's indicators whose columns and codes are there.
    by_age : list of GuessedIndicator
        Shares of the young, of adults and of the old.
    other_codes : list of str
        Ids of those whose columns are there and whose codes are not.
    """
    presets: list[str] = []
    other_codes: list[str] = []
    for indicator in list_indicators():
        if not _counts_in(indicator, group.name) or not set(_columns(indicator)) <= set(columns):
            continue
        (presets if _has_codes(indicator, group) else other_codes).append(indicator.id)
    by_age = []
    if group.name == "persons" and "age" in columns:
        for low, high in _AGES:
            where = f"age BETWEEN {low} AND {high}" if high < 100 else f"age >= {low}"
            label = f"{low}-{high} år" if high < 100 else f"{low} år og derover"
            label_en = f"Aged {low}-{high}" if high < 100 else f"Aged {low} and over"
            name = f"age_{low}_{high}" if high < 100 else f"age_{low}"
            by_age.append(
                GuessedIndicator(
                    name,
                    label,
                    group.name,
                    "",
                    where=("age IS NOT NULL", where),
                    reason="by_age",
                    label_en=label_en,
                )
            )
    return presets, by_age, other_codes


def draft_of(indicator_id: str, language: str) -> str:
    """One of the package's indicators whose codes are the user's own, with ``#`` before each line.

    Parameters
    ----------
    indicator_id : str
        Its id.
    language : str
        Of the mark.
    """
    indicator = next(each for each in list_indicators() if each.id == indicator_id)
    lines = [f"id = {toml_text(indicator.id)}"]
    lines += [
        f"label_{code} = {toml_text(label)}"
        for code, label in (("da", indicator.label_da), ("en", indicator.label_en))
        if label
    ]
    for name, side in (("denominator", indicator.denominator), ("numerator", indicator.numerator)):
        if side is not None:
            values = side.model_dump(by_alias=True, exclude_none=True)
            lines.append(f"{name} = {toml_table(values)}")
    given = indicator.model_dump(exclude_unset=True)
    for key in ("mean_of", "unit", "scale", "direction", "carry_forward"):
        if key in given:
            value = given[key]
            lines.append(f"{key} = {toml_text(value) if isinstance(value, str) else value}")
    mark = f"{word('start', 'change', language)}: {indicator.id}: {word('start', 'draft', language)}"
    return "".join(f"# {line}\n" for line in (mark, "[[indicator]]", *lines))


def _counts_in(indicator: Indicator, register: str) -> bool:
    numerator = indicator.numerator
    named = {indicator.denominator.register_name, numerator.register_name if numerator else None}
    return named - {None} == {register}


def _columns(indicator: Indicator) -> tuple[str, ...]:
    needed = needed_columns([indicator], _REGISTERS, report=Report())
    return tuple(name for names in needed.values() for name in names)


def _has_codes(indicator: Indicator, group: FileGroup) -> bool:
    """Whether the columns have the types that an indicator's conditions compare, and the words that they look for."""
    texts = [side.where for side in (indicator.denominator, indicator.numerator) if side and side.where]
    roles = {each.role.value: each for each in group.table.columns if each.role is not None}
    types: dict[str, pl.DataType] = {"age": pl.Int64()}
    types |= {each.name: DTYPES[each.type] for each in group.table.columns}
    types |= {role: DTYPES[each.type] for role, each in roles.items()}
    report = Report()
    for text in texts:
        parse_predicate(text, types, report=report)
    mean = indicator.mean_of
    if report.errors or (mean is not None and not types[mean].is_numeric()):
        return False
    words = {part for text in texts for part in text.split("'")[1::2]}
    read = [column.name for role, column in roles.items() if role in measures()]
    return not words or any(group.values(name) & words for name in read)
