"""Values that indicators and parameters look for in the registers, and that no row has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from geo_bosoc.indicators import Indicator, Parameter
from geo_bosoc.indicators.plan import Ids, make_parts
from geo_bosoc.predicates.literals import predicate_literals
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.predicates.unmatched_literals import Condition, UnmatchedLiterals
from geo_bosoc.problems import Report
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.registers.checks.literals import tell_other_spellings
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns


def register_file(name: str, paths: Sequence[str], report: Report) -> str:
    """The first file of a register, as messages name it."""
    files = report.facts.get(f"register:{name}", {}).get("files", ())
    return str(files[0]) if files else Path(paths[0]).name


def check_literals(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    given: Mapping[str, object],
    specs: Mapping[str, RegisterSpec],
    parameters: Parameters,
    ids: Ids,
    report: Report,
) -> None:
    """A warning for each value of an indicator's or parameter's predicate that its register's column does not have.

    Parameters
    ----------
    registers : by name, as they were before areas were joined.
    given : ``[parameters]`` of the project file; `parameters` are their values.
    """
    predicates: dict[str, dict[str, str]] = {}
    for register, key, where in [*_of_indicators(indicators, registers, ids), *_of_parameters(given)]:
        if register in registers:
            predicates.setdefault(register, {}).setdefault(where, key)
    done: set[tuple[str, str]] = set()
    for register, keys in predicates.items():
        frame, name = registers[register], register_of(register)
        schema = frame.collect_schema()
        conditions = [
            Condition(key, predicate_literals(where, schema, parameters))
            for where, key in keys.items()
            if (name, where) not in done
        ]
        done |= {(name, where) for where in keys}
        met = UnmatchedLiterals([one for one in conditions if one.literals])
        met.look(frame, large=True)
        spec = specs[register]
        file = register_file(name, spec.paths, report)
        met.tell(report, file=file, names=spec.columns, never_shown=identifying_columns(spec))
        by_key = {one.key: one.literals for one in conditions}
        tell_other_spellings(frame, by_key, report, file=partial(_file_of, spec, file), names=spec.columns)


def _file_of(spec: RegisterSpec, first: str, period: str | None) -> str:
    """The file of a period, where files are named by it; else the first."""
    path = spec.paths[0]
    if period is None or len(spec.paths) > 1 or "{period}" not in path:
        return first
    data = f"{int(period[:4]) - spec.period_shift}{period[4:]}"
    return Path(path.replace("{period}", data)).name


def _of_indicators(
    indicators: Sequence[Indicator], registers: Mapping[str, pl.LazyFrame], ids: Ids
) -> Iterator[tuple[str, str, str]]:
    """Register, key and text of each predicate of an indicator."""
    for part in make_parts(indicators, registers, ids, Report()):
        if part.side != "numerator" and part.denominator.where:
            yield part.register, part.key("denominator", "where"), part.denominator.where
        if part.numerator is not None and part.numerator.where:
            yield part.register, part.key("numerator", "where"), part.numerator.where


def _of_parameters(given: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for name, one in given.items():
        if isinstance(one, Parameter) and one.where:
            yield one.register_name, f"parameters.{name}.where", one.where
