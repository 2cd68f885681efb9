"""Definitions in: indicators from presets or a user's TOML, and the values of the parameters that predicates name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.indicators.reforms import by_definition
from geo_bosoc.indicators.spec import Indicator, IndicatorFile
from geo_bosoc.predicates.parse import Value, parse_predicate, predicate_columns
from geo_bosoc.problems import (
    InputError,
    Report,
    TomlFile,
    did_you_mean,
    read_or_none,
    read_toml,
    validate,
)
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.problems.spec_tables import belongs_in, key_types


def list_indicators() -> tuple[Indicator, ...]:
    """All indicators that ship with the package, in the order of their files.

    Returns
    -------
    tuple of Indicator
        Their specifications; ``id`` and ``label_en`` name them.

    Examples
    --------
    >>> "outside_labour_market" in [indicator.id for indicator in list_indicators()]
    True
    """
    return tuple(indicator for group in _presets().values() for indicator in group)


def load_indicators(
    sources: str | Path | Iterable[str | Path],
    *,
    file: str | Path | None = None,
    folder: str | Path | None = None,
    report: Report | None = None,
) -> tuple[Indicator, ...]:
    """Read indicators by id, by preset file or from a user's TOML.

    Parameters
    ----------
    sources : str, Path or iterable of str
        The id of an indicator (``"outside_labour_market"``), the name of a preset file (``"aarhus"``: all its
        indicators), the path of a TOML file with ``[[indicator]]`` tables (all of them), or several of these.
    file : str or Path, optional
        The project's own TOML: its indicators are read first and win over presets of the same id; those that `sources`
        does not name follow at the end.
    folder : str or Path, optional
        Where relative paths start.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    tuple of Indicator
        In the order of `sources`, each once; after one with reforms its overlaps
        (`geo_bosoc.indicators.by_definition`).

    Raises
    ------
    InputError
        An id is unknown, a file cannot be read, a key is missing or unknown, a predicate cannot be read, or
        an id is defined twice in one file: everything that is wrong, each with its key.

    Examples
    --------
    >>> [indicator.unit for indicator in load_indicators(["health", "youth_crime"])]
    ['percent', 'percent']
    """
    inner_report = Report()
    names = [sources] if isinstance(sources, str | Path) else list(sources)
    from_file = _read_file(file, folder, inner_report) if file is not None else ()
    by_id = {indicator.id: indicator for group in _presets().values() for indicator in group}
    for indicator in from_file:
        if indicator.id in by_id:
            inner_report.note(
                phrase(
                    "{file} defines {indicator} itself; the package's own is not used.",
                    file=Path(str(file)).name,
                    indicator=indicator.id,
                )
            )
        by_id[indicator.id] = indicator
    chosen: dict[str, Indicator] = {}
    for name in names:
        for indicator in _named(name, by_id, folder, inner_report):
            first_definition = chosen.setdefault(indicator.id, indicator)
            if first_definition.model_dump() != indicator.model_dump():
                inner_report.error(
                    phrase(
                        "The indicator {indicator} is defined twice, differently.", indicator=indicator.id
                    ),
                    key="indicators.use",
                )
    for indicator in from_file:
        chosen.setdefault(indicator.id, indicator)
    inner_report.hand_over(report)
    return by_definition(chosen.values())


def parse_indicators(
    data: dict[str, Any], *, file: str = "indicators.toml", report: Report | None = None
) -> tuple[Indicator, ...]:
    """Indicators from the mapping that a TOML file holds (``{"indicator": [...]}``); every problem by its
    key."""
    return _parse(TomlFile(file, data), report)


def _parse(document: TomlFile, report: Report | None) -> tuple[Indicator, ...]:
    problems = Report()
    file = document.name
    for name in document.data:
        if name not in key_types(IndicatorFile):
            problems.error(
                "this key is not known here.",
                hint=belongs_in(name, IndicatorFile, {}) or "Indicators stand under [[indicator]].",
                file=file,
                row=document.row((name,)),
                key=name,
            )
    tables = document.data.get("indicator", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.error("Indicators are written as [[indicator]] tables.", file=file, key="indicator")
        tables = []
    result: dict[str, Indicator] = {}
    for position in range(len(tables)):
        key = ("indicator", position)
        indicator = read_or_none(partial(validate, Indicator, document, key), problems)
        if indicator is None:
            continue
        if indicator.id in result:
            problems.error(
                phrase("The id {id} is given twice.", id=indicator.id),
                file=file,
                row=document.row(key),
                key=document.key_text(key),
            )
        result[indicator.id] = indicator.read_from(file)
        _read_predicates(indicator, str(file), problems)
    problems.hand_over(report)
    return tuple(result.values())


def _read_predicates(indicator: Indicator, file: str, report: Report) -> None:
    """Find text that is no SQL at all already here, before any register is known."""
    sides = [("denominator", indicator.denominator), ("numerator", indicator.numerator)]
    for number, reform in enumerate(indicator.reform):
        for name in ("numerator", "denominator", "numerator_before", "denominator_before"):
            sides.append((f"reform[{number + 1}].{name}", getattr(reform, name)))
    for side, part in sides:
        if part is not None and part.where is not None:
            try:
                predicate_columns(part.where)
            except InputError as wrong:
                for problem in wrong.problems:
                    report.error(
                        problem.message,
                        hint=problem.hint,
                        file=file,
                        key=f"indicator.{indicator.id}.{side}.where",
                    )


@cache
def _presets() -> dict[str, tuple[Indicator, ...]]:
    folder = resources.files("geo_bosoc.indicators") / "presets"
    files = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name
    )
    return {
        item.name.removesuffix(".toml"): tuple(
            each.read_from(f"geo_bosoc/{item.name}") for each in _parse(read_toml(item), None)
        )
        for item in files
    }


def _named(
    name: str | Path, by_id: dict[str, Indicator], folder: str | Path | None, report: Report
) -> tuple[Indicator, ...]:
    if isinstance(name, str):
        if name in by_id:
            return (by_id[name],)
        if name in _presets():
            return tuple(by_id[indicator.id] for indicator in _presets()[name])
        if not name.lower().endswith(".toml"):
            suggestion = did_you_mean(name, [*by_id, *_presets()], count=2)
            hint = suggestion or phrase("There are: {names}.", names=joined(by_id))
            report.error(phrase("There is no indicator {name}.", name=name), hint=hint, key="indicators.use")
            return ()
    return _read_file(name, folder, report)


def _read_file(name: str | Path, folder: str | Path | None, report: Report) -> tuple[Indicator, ...]:
    path = Path(folder or ".") / name
    document = read_or_none(
        lambda: read_toml(path, hint="Check [indicators] file.", key="indicators.file"), report
    )
    return _parse(document, report) if document is not None else ()


Statistic = Literal["median", "mean"]


class Parameter(BaseModel):
    """`[parameters]`: a statistic of a register's column, which predicates write with a colon: ``:median_income``.

    Attributes
    ----------
    register_name : str
        The register; its key is ``register``. Example: ``register = "persons"``
    column : str
        Its column of numbers. Example: ``column = "gross_income"``
    statistic : {"median", "mean"}
        What is taken of it.
    where : str or None
        Only over rows that meet this predicate. Example: ``where = "age >= 18"``
    by_period : bool
        Whether each period has its own value, with which its own rows are compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    register_name: str = Field(alias="register")
    column: str
    statistic: Statistic = "median"
    where: str | None = None
    by_period: bool = False


def compute_parameters(
    registers: Mapping[str, pl.LazyFrame],
    parameters: Mapping[str, Value | Parameter],
    *,
    report: Report | None = None,
) -> dict[str, Value | Mapping[str, Value]]:
    """The values of parameters: those given as they are, the others computed over the reference register.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        By name, as they were before areas were joined: each person once.
    parameters : mapping of str to Parameter or float or str
        By name, without the colon.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    dict
        A value for each name, or a mapping of periods to values (`Parameter.by_period`). The median of an
        even number is the mean of the middle two; missing values are left out; a statistic of nothing is
        None (unknown).

    Raises
    ------
    InputError
        A register or column is not there, or a predicate is wrong; every problem with its key.
    """
    inner_report = Report()
    values: dict[str, Value | Mapping[str, Value]] = {}
    for name, parameter in parameters.items():
        values[name] = (
            _computed(name, parameter, registers, inner_report)
            if isinstance(parameter, Parameter)
            else parameter
        )
    inner_report.hand_over(report)
    return values


def _computed(
    name: str, parameter: Parameter, registers: Mapping[str, pl.LazyFrame], report: Report
) -> Value | Mapping[str, Value]:
    key = f"parameters.{name}"
    register = registers.get(parameter.register_name)
    if register is None:
        names = joined(sorted(registers)) if registers else phrase("none")
        report.error(
            phrase("There is no register {name}.", name=parameter.register_name),
            hint=phrase("There are: {names}.", names=names),
            key=f"{key}.register",
        )
        return None
    schema = register.collect_schema()
    errors_before = len(report.errors)
    for column in (parameter.column, *(["period"] if parameter.by_period else [])):
        if column not in schema:
            hint = phrase("There are: {names}.", names=joined(sorted(schema)))
            report.error(
                phrase("There is no column {name}.", name=column),
                column=column,
                hint=hint,
                key=f"{key}.column",
            )
    if parameter.where is not None:
        register = register.filter(
            parse_predicate(parameter.where, schema, key=f"{key}.where", report=report)
        )
    if len(report.errors) > errors_before:
        return None
    if not schema[parameter.column].is_numeric():
        report.error(
            phrase("The column {name} does not hold numbers.", name=parameter.column),
            column=parameter.column,
            key=f"{key}.column",
        )
        return None
    number = pl.col(parameter.column).cast(pl.Float64).fill_nan(None)
    statistic = (number.median() if parameter.statistic == "median" else number.mean()).alias("value")
    if not parameter.by_period:
        result: float | None = register.select(statistic).collect(engine="streaming")["value"][0]
        return result
    table = register.group_by(pl.col("period").cast(pl.String)).agg(statistic).sort("period").collect()
    return {str(period): value for period, value in zip(table["period"], table["value"], strict=True)}
