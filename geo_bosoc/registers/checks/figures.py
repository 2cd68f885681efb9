"""The figures of a finished table: what each column can be, and which are missing.

Functions of the table's typed rows, a frame a file (see `geo_bosoc.registers.checks.bounds` for the rules).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import polars as pl

from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.checks import bounds
from geo_bosoc.registers.checks.bounds import Figures
from geo_bosoc.registers.figure_scale import tell_lone_shares
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.layout.reshape import fraction_key
from geo_bosoc.registers.layout.table_use import Figure
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.values.columns import MARK_SUFFIX

Frames = Sequence[tuple[RegisterFile, pl.LazyFrame]]

Signed = Mapping[Path, Mapping[str, Collection[int]]]
"""By file and column, the rows whose cell says itself that it is per cent."""


def check_fractions(
    frames: Frames, spec: RegisterSpec, signed: Signed, report: Report, key: str | None
) -> None:
    """Columns of percentages and shares lie in their range, and are in the unit that the project says."""
    for name, base in spec.fractions.items():
        percent = name in spec.per_cent
        column = spec.columns.get(name, name)
        where = fraction_key(spec, name, key)
        asked: list[tuple[Figures, pl.Series]] = []
        before = len(report.errors)
        for file, frame in frames:
            figures = _figures(frame, file, name, column, where)
            if figures is None:
                continue
            stated = figures.rows.is_in(sorted(signed.get(file.path, {}).get(name, ())))
            asked.append((figures, stated))
            change = f'{"share" if percent else "per_cent"} = {{ "{column}" = "{base}" }}'
            bounds.check_share(
                figures, report, "percent" if percent else "share", confirmed=True, change=change
            )
            if percent:
                unstated = figures.values.filter(~stated), figures.rows.filter(~stated)
                tell_lone_shares(*unstated, report, file=file.name, column=column, key=where)
            whole = _figures(frame, file, base, spec.columns.get(base, base), where) if base else None
            if whole is not None:
                bounds.check_not_negative(whole, report)
        if not asked or len(report.errors) > before or not percent or name in spec.per_cent_under_1:
            continue
        together = Figures(
            pl.concat([figures.values for figures, _ in asked]),
            pl.concat([figures.rows for figures, _ in asked]),
            asked[0][0].file,
            column,
            where,
        )
        bounds.check_unit(
            together,
            report,
            stated=pl.concat([stated for _, stated in asked]),
            change=f'share = {{ "{column}" = "{base}" }} instead of per_cent',
            confirm=f'per_cent_under_1 = ["{column}"]',
        )


def check_figures(frames: Frames, spec: RegisterSpec, figures: Sequence[Figure], report: Report) -> None:
    """What indicators add up: no count under 0 or with decimals, no numerator over its base."""
    done: set[tuple[object, ...]] = set()
    for figure in figures:
        if figure.column.removesuffix("_count") in spec.fractions or figure.column in spec.made_columns:
            continue  # judged as it stands in the file
        for file, frame in frames:
            rows = _rows(frame, figure)
            column = spec.columns.get(figure.column, figure.column)
            key = f"indicator.{figure.indicator}"
            values = _figures(rows, file, figure.column, column, key)
            if values is None:
                continue
            once = (file.path, figure.column, figure.conditions, figure.whole, figure.signed)
            if once not in done and figure.column not in spec.negative:
                if figure.signed:
                    bounds.check_codes(values, report)
                else:
                    bounds.check_not_negative(values, report)
            if once not in done and figure.whole:
                bounds.check_whole(values, report)
            done.add(once)
            base = None if figure.base is None else _figures(rows, file, figure.base, None, None)
            if base is not None and figure.base != figure.column and figure.base not in spec.made_columns:
                bounds.check_over_base(
                    values,
                    base.values,
                    report,
                    base_name=spec.columns.get(str(figure.base), str(figure.base)),
                    strict=figure.strict,
                )


def with_marks(frames: Frames) -> list[tuple[RegisterFile, pl.LazyFrame]]:
    """The rows, with a companion ``<column>__mark`` for each column of figures of which any is missing.

    A figure that a finished table does not hold is missing, never nobody.
    """
    lacking: dict[str, None] = {}
    for _, frame in frames:
        schema = frame.collect_schema()
        names = [
            name
            for name, dtype in schema.items()
            if (dtype.is_numeric() or dtype == pl.Null) and name != ROW and name + MARK_SUFFIX not in schema
        ]
        if names:
            counted = frame.select(pl.col(names).null_count()).collect().row(0, named=True)
            lacking |= dict.fromkeys(name for name, count in counted.items() if count)
    if not lacking:
        return list(frames)
    marked = []
    for file, frame in frames:
        schema = frame.collect_schema()
        marks = [
            pl.when(pl.col(name).is_null()).then(pl.lit("missing")).alias(name + MARK_SUFFIX)
            for name in lacking
            if name in schema and name + MARK_SUFFIX not in schema
        ]
        marked.append((file, frame.with_columns(marks)))
    return marked


def _rows(frame: pl.LazyFrame, figure: Figure) -> pl.LazyFrame:
    """The rows that are added up; none where a condition needs a parameter or cannot be read."""
    schema = dict(frame.collect_schema())
    rows = frame
    for condition in figure.conditions:
        try:
            rows = rows.filter(parse_predicate(condition, schema))
        except InputError:
            return frame.head(0)  # mistakes are told where the indicators are checked
    return rows


def _figures(
    frame: pl.LazyFrame, file: RegisterFile, name: str, column: str | None, key: str | None
) -> Figures | None:
    """A column's figures; None where there is no such column of numbers."""
    schema = frame.collect_schema()
    if name not in schema or not schema[name].is_numeric():
        return None
    values = frame.select(ROW, pl.col(name).cast(pl.Float64)).collect()
    return Figures(values[name], values[ROW], file.name, column, key)
