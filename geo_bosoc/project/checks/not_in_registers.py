"""What a project asks for and its registers do not hold: figures of models, periods, and values in conditions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.indicators import Indicator, Parameter, needed_columns
from geo_bosoc.indicators.plan import Ids, basis, make_parts
from geo_bosoc.predicates.literals import predicate_literals
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.predicates.unmatched_literals import Condition, UnmatchedLiterals
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, joined, listed, phrase
from geo_bosoc.project.inputs import PeriodRequest
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.checks.literals import tell_other_spellings
from geo_bosoc.registers.files import PARQUET, find_files
from geo_bosoc.registers.readers.parquet import parquet_header
from geo_bosoc.registers.readers.registry import open_source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns
from geo_bosoc.registers.tables.reshape import needs_reshaping


@dataclass(frozen=True)
class AbsentFigure:
    """An indicator of the package that a model needs and no register here gives: the register, or its columns."""

    indicator: str
    register: str
    columns: tuple[str, ...] = ()

    @property
    def remedy(self) -> Message:
        """Where it is declared, in words."""
        if not self.columns:
            return phrase(
                "{indicator} counts in [registers.{register}], which is not there",
                indicator=self.indicator,
                register=self.register,
            )
        return phrase(
            "{indicator} reads {columns} of [registers.{register}], which its file does not hold (or calls "
            'otherwise: columns = {{ {column} = "its name in the file" }})',
            indicator=self.indicator,
            columns=listed(self.columns),
            register=self.register,
            column=self.columns[0],
        )


def absent_figures(indicators: Sequence[Indicator], project: Project) -> dict[str, AbsentFigure]:
    """Those indicators that the project's registers cannot give: a register is not named, or its file lacks columns.

    Of a register that is laid out anew as it is read (linked files, years or areas across) nothing is said.

    Parameters
    ----------
    indicators : sequence of Indicator
        Those of the package that a model needs, and the project file does not name.
    project : Project
        The project.

    Returns
    -------
    dict of str to AbsentFigure
        By the indicator's id.
    """
    specs = project.spec.registers
    headers: dict[str, frozenset[str] | None] = {}
    absent: dict[str, AbsentFigure] = {}
    for indicator in indicators:
        for name in registers_named(indicator, specs):
            if name not in specs:
                absent.setdefault(indicator.id, AbsentFigure(indicator.id, name))
    for indicator in indicators:
        if indicator.id in absent:
            continue
        for name, columns in needed_columns(
            [indicator], specs, ids=id_columns(specs), report=Report()
        ).items():
            if name not in headers:
                headers[name] = _columns_of(specs[name], project.root)
            header = headers[name]
            missing = (
                ()
                if header is None
                else tuple(sorted(set(columns) - header - set(project.spec.home_columns)))
            )
            if missing:
                absent.setdefault(indicator.id, AbsentFigure(indicator.id, name, missing))
    return absent


def registers_named(indicator: Indicator, registers: Mapping[str, object]) -> list[str]:
    """The registers that an indicator counts in; the only one, or ``persons``, where it names none."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    denominator = indicator.denominator.register_name or default
    numerator = indicator.numerator.register_name if indicator.numerator is not None else None
    return list(dict.fromkeys([denominator, numerator or denominator]))


def _columns_of(spec: RegisterSpec, folder: Path) -> frozenset[str] | None:
    """The columns of a register's first file by our own names, with those that linking makes; None for no answer."""
    if spec.format is not None or needs_reshaping(spec) or spec.years_across is not None:
        return None
    files = find_files(spec, folder, None, Report(), None)
    if not files:
        return None
    header: tuple[str, ...] | None
    if files[0].path.suffix.lower() in PARQUET:
        header = parquet_header(files[0], Report())
    else:
        source = open_source(files[0].path, spec, Report())
        header = None if source is None else source.header
    if header is None:
        return None
    names = {name for name, written in spec.columns.items() if written in header}
    return frozenset({*header, *names, *spec.made_columns, "period"})


def tell_absent_figures(
    model: str, figures: Sequence[AbsentFigure], unknown: Sequence[str], project: Path, report: Report
) -> None:
    """One warning for what a model misses: which indicators, and where each is declared.

    Parameters
    ----------
    model : str
        The model's id.
    figures : sequence of AbsentFigure
        Indicators of the package that cannot be counted here.
    unknown : sequence of str
        Indicators that nothing defines.
    project : Path
        The project file.
    report : Report
        Takes the warning.
    """
    names = [*(figure.indicator for figure in figures), *unknown]
    if not names:
        return
    remedies = [figure.remedy for figure in figures]
    remedies += [
        phrase('{name} is defined nowhere: an [[indicator]] with id = "{name}" does', name=name)
        for name in unknown
    ]
    single = len(names) == 1
    report.warn(
        phrase(
            "{model} misses {names}: it counts as unknown, and areas whose category depends on it are undetermined."
            if single
            else "{model} misses {names}: they count as unknown, and areas whose category depends on them are "
            "undetermined.",
            model=model,
            names=joined(names),
        ),
        file=project,
        key="model",
        hint=phrase(
            "{remedies}. A figure under another name is declared as an [[indicator]] of this id in a "
            'file of your own ([indicators] file = "indicators.toml").',
            remedies=joined(remedies, "; "),
        ),
    )


def check_periods_in_registers(
    request: PeriodRequest, indicators: Sequence[Indicator], report: Report
) -> None:
    """A period that no register has rows of is an error; an earlier survey stands for it where all are surveys."""
    by_register = request.periods_held
    if not by_register or any(None in periods_held for periods_held in by_register.values()):
        return
    held_periods = {
        period for periods_held in by_register.values() for period in periods_held if period is not None
    }
    missing = [
        period
        for period in dict.fromkeys(request.periods)
        if not any(basis(period, indicator, held_periods).periods for indicator in _not_carried(indicators))
    ]
    if missing:
        _report_empty_periods("no register has rows of {periods}.", missing, request, report)


def check_periods_with_figures(
    counts: pd.DataFrame,
    request: PeriodRequest,
    indicators: Sequence[Indicator],
    registers_of: Mapping[str, Collection[str]],
    tallies: Collection[str],
    report: Report,
) -> None:
    """A period in which no area has any figure is an error; of one that lacks some, the registers are told.

    Parameters
    ----------
    counts : DataFrame
        Finalised counts of the areas (`geo_bosoc.indicators.finalise_counts`).
    request : PeriodRequest
        The periods asked for, and those that the registers hold.
    indicators : sequence of Indicator
        Those that are counted.
    registers_of : mapping of str to collection of str
        By indicator, the registers that it counts in.
    tallies : collection of str
        Indicators for which 0 is a figure: counts of cases, not of residents.
    report : Report
        Takes the errors, warnings and notes.
    """
    if counts.empty:
        return
    any_row = np.asarray(counts["denominator"] > 0) | np.asarray(counts["numerator"] > 0)
    zero_tells = np.asarray(counts["indicator"].isin(list(tallies)))
    is_protected = np.asarray(counts["status"] == "protected")
    is_missing = np.asarray(counts["status"] == "missing")
    figure = is_protected | (~is_missing & (any_row | zero_tells))
    figure &= np.asarray(counts["indicator"].isin([each.id for each in _not_carried(indicators)]))
    with_figure = {str(period) for period in counts.loc[figure, "period"].unique()}
    empty = [period for period in sorted(map(str, counts["period"].unique())) if period not in with_figure]
    if empty:
        _report_empty_periods("no area has any figure in {periods}.", empty, request, report)
    without = counts[counts["data_period"].isna() & ~counts["period"].isin(empty)]
    without = without[without["status"] != "not_applicable"]  # counted by a definition of other periods
    lacking = without[["indicator", "period"]].drop_duplicates().astype(str)
    tell = report.warn if request.periods else report.note
    _report_lacking_periods(lacking, indicators, registers_of, request, tell)


def _not_carried(indicators: Sequence[Indicator]) -> Sequence[Indicator]:
    """The indicators that have a figure of the period itself; all, where each is a survey carried forward."""
    return [indicator for indicator in indicators if not indicator.carry_forward] or indicators


def _report_lacking_periods(
    lacking: pd.DataFrame,
    indicators: Sequence[Indicator],
    registers_of: Mapping[str, Collection[str]],
    request: PeriodRequest,
    tell: Callable[..., None],
) -> None:
    """One problem a register: in which periods it has no rows, and which indicators have no figure then."""
    by_register_held = request.periods_held
    by_register: dict[str, dict[str, list[str]]] = {}
    order = [indicator.id for indicator in indicators]
    for indicator, period in sorted(
        lacking.itertuples(index=False, name=None), key=lambda row: order.index(row[0])
    ):
        registers = list(registers_of.get(indicator, ()))
        short = [
            name
            for name in registers
            if name in by_register_held and not {period, None} & set(by_register_held[name])
        ]
        for name in short or registers[-1:]:
            by_register.setdefault(name, {}).setdefault(period, []).append(indicator)
    for name, by_period in sorted(by_register.items()):
        same: dict[tuple[str, ...], list[str]] = {}
        for period, ids in sorted(by_period.items()):
            same.setdefault(tuple(dict.fromkeys(ids)), []).append(period)
        of_rows = sorted(period for period in by_register_held.get(name, ()) if period is not None)
        has = of_rows or sorted(request.read_periods([name]))
        hint: str = phrase("Add the rows of that time, or leave the period out under [run] periods.")
        if has:
            hint = phrase("It has rows of {periods}.", periods=joined(has)) + " " + hint
        for lost, without in same.items():
            tell(
                phrase(
                    "no rows of {periods}: {indicators} {has_have} no figure then.",
                    periods=joined(without),
                    indicators=joined(lost),
                    has_have=phrase("has" if len(lost) == 1 else "have"),
                ),
                key=f"registers.{name}",
                hint=hint,
            )


def _report_empty_periods(text: str, periods: Sequence[str], request: PeriodRequest, report: Report) -> None:
    read = sorted(request.read_periods(list(request.periods_held)))
    hint = (
        phrase("The registers have {periods}.", periods=joined(read))
        if read
        else "Look at the registers' period or {period}."
    )
    report.error(phrase(text, periods=joined(periods)), hint=hint, **request.where)


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
    registers : mapping of str to LazyFrame
        By name, as they were before areas were joined.
    indicators : sequence of Indicator
        Those that are counted.
    given : mapping of str to object
        ``[parameters]`` of the project file.
    specs : mapping of str to RegisterSpec
        The registers' specifications, by name.
    parameters : Parameters
        The values of `given`.
    ids : Ids
        The key column of each register (`id_columns`).
    report : Report
        Takes the warnings.
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
        met = UnmatchedLiterals([condition for condition in conditions if condition.literals])
        met.look(frame, large=True)
        spec = specs[register]
        file = register_file(name, spec.paths, report)
        met.tell(report, file=file, names=spec.columns, never_shown=identifying_columns(spec))
        by_key = {condition.key: condition.literals for condition in conditions}
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
    for name, parameter in given.items():
        if isinstance(parameter, Parameter) and parameter.where:
            yield parameter.register_name, f"parameters.{name}.where", parameter.where
