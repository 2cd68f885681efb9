"""The figures of a finished table: what each column can be, which are missing, and rows and periods that it lacks.

Functions of the table's typed rows, a frame a file (see `geo_bosoc.registers.checks.bounds` for the rules). A table
that leaves out rows of nobody as a habit lacks many; that is a note. What lacks few has lost them: a warning that names
them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import Message, count_text, joined, phrase
from geo_bosoc.registers.checks import bounds
from geo_bosoc.registers.checks.bounds import Figures, tell_lone_shares
from geo_bosoc.registers.files import ROW, RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.reshape import fraction_key
from geo_bosoc.registers.tables.table_rows import Figure

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
        columns: list[tuple[Figures, pl.Series]] = []
        before = len(report.errors)
        for file, frame in frames:
            figures = _figures(frame, file, name, column, where)
            if figures is None:
                continue
            stated = figures.rows.is_in(sorted(signed.get(file.path, {}).get(name, ())))
            columns.append((figures, stated))
            change = f'{"share" if percent else "per_cent"} = {{ "{column}" = "{base}" }}'
            bounds.check_share(
                figures, report, "percent" if percent else "share", confirmed=True, change=change
            )
            if percent:
                values, rows = figures.values.filter(~stated), figures.rows.filter(~stated)
                tell_lone_shares(values, rows, report, file=file.name, column=column, key=where)
            base_figures = _figures(frame, file, base, spec.columns.get(base, base), where) if base else None
            if base_figures is not None:
                bounds.check_not_negative(base_figures, report)
        if not columns or len(report.errors) > before or not percent or name in spec.per_cent_under_1:
            continue
        together = Figures(
            pl.concat([figures.values for figures, _ in columns]),
            pl.concat([figures.rows for figures, _ in columns]),
            columns[0][0].file,
            column,
            where,
        )
        bounds.check_unit(
            together,
            report,
            stated=pl.concat([stated for _, stated in columns]),
            change=phrase(
                'share = {{ "{column}" = "{base}" }} instead of per_cent', column=column, base=base
            ),
            confirm=f'per_cent_under_1 = ["{column}"]',
        )


def check_figures(frames: Frames, spec: RegisterSpec, figures: Sequence[Figure], report: Report) -> None:
    """What indicators add up: no count under 0 or with decimals, no numerator over its base."""
    done: set[tuple[object, ...]] = set()
    for figure in figures:
        if figure.column.removesuffix("_count") in spec.fractions or figure.column in spec.made_columns:
            continue  # checked as it stands in the file
        for file, frame in frames:
            rows = _rows_added_up(frame, figure)
            column = spec.columns.get(figure.column, figure.column)
            key = f"indicator.{figure.indicator}"
            values = _figures(rows, file, figure.column, column, key)
            if values is None:
                continue
            checked = (file.path, figure.column, figure.conditions, figure.is_count, figure.signed)
            if checked not in done and figure.column not in spec.negative:
                if figure.signed:
                    bounds.check_codes(values, report)
                else:
                    bounds.check_not_negative(values, report)
            if checked not in done and figure.is_count:
                bounds.check_whole(values, report)
            done.add(checked)
            denominator = (
                None if figure.denominator is None else _figures(rows, file, figure.denominator, None, None)
            )
            if (
                denominator is not None
                and figure.denominator != figure.column
                and figure.denominator not in spec.made_columns
            ):
                bounds.check_over_denominator(
                    values,
                    denominator.values,
                    report,
                    denominator_name=spec.columns.get(str(figure.denominator), str(figure.denominator)),
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


def _rows_added_up(frame: pl.LazyFrame, figure: Figure) -> pl.LazyFrame:
    """The rows that are added up; none where a condition needs a parameter or cannot be read."""
    schema = dict(frame.collect_schema())
    rows = frame
    for condition in figure.conditions:
        try:
            rows = rows.filter(parse_predicate(condition, schema))
        except InputError:
            return frame.head(0)  # mistakes are reported where the indicators are checked
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


def tell_absent_periods(
    table_periods: Collection[str],
    periods: Collection[str],
    spec: RegisterSpec,
    file: str | Path,
    report: Report,
    *,
    column: str | None,
    key: str | None,
) -> None:
    """An error where a table holds none of the periods, a warning for each that it lacks.

    Parameters
    ----------
    table_periods : collection of str
        The periods of all rows of the table.
    periods : collection of str
        Those to read.
    spec : RegisterSpec
        The register's.
    file : str or Path
        For messages.
    report : Report
        Takes the error or the warnings.
    column : str or None
        The column that says a row's period; None where the file's head, its name or the specification does.
    key : str or None
        The register's place in the project file.
    """
    absent = sorted(set(periods) - set(table_periods))
    if not absent or not table_periods:
        return
    where: dict[str, Any] = {
        "file": Path(file),
        "column": spec.columns.get(column, column) if column else None,
        "key": key,
    }
    listed = ", ".join(sorted(table_periods)[:8]) + (", ..." if len(table_periods) > 8 else "")
    if set(periods) & set(table_periods):
        for period in absent:
            report.warn(
                phrase(
                    "there are no rows for {period}; the table holds {periods}.",
                    period=period,
                    periods=listed,
                ),
                **where,
            )
        return
    quarters = sorted(period for period in table_periods if period[:4] in periods and len(period) > 4)
    years = sorted({period[:4] for period in periods if len(period) > 4} & set(table_periods))
    same = quarters or years
    hint = "Correct period here, or the periods that are asked for ([run] periods, --period)."
    if same:
        kind = phrase("quarters" if quarters else "years")
        written = ", ".join(f'"{period}"' for period in same[:4])
        hint = phrase(
            "Its periods are {kind}: ask for them, [run] periods = [{written}].", kind=kind, written=written
        )
    message = phrase(
        "the table has no rows for {absent}; it holds {periods}.", absent=", ".join(absent), periods=listed
    )
    if spec.fixed_period is None:
        report.error(message, hint=hint, **where)
    else:
        report.warn(message, hint=hint, **where)


MOST_LOST: Final = 3
"""So many rows less are a loss, however small the table."""

SHARE: Final = 0.1
"""And so much of the rows that there would be."""

_NAMED: Final = 5


def tell_gaps(
    rows: pl.DataFrame,
    classes: Sequence[str],
    areas: Collection[str],
    report: Report,
    **where: Any,
) -> None:
    """Tell the rows that `rows` lacks.

    Parameters
    ----------
    rows : DataFrame
        ``area_id, period`` and the columns of `classes`.
    classes : sequence of str
        The columns that tell the rows of an area and period apart.
    areas : collection of str
        Ids of all areas; rows of others are left alone.
    report : Report
        Takes the warnings and notes.
    **where : Any
        Fields of `geo_bosoc.problems.Problem`: the file, column and key.
    """
    area_rows = rows.filter(pl.col("area_id").is_in(list(areas)))
    if area_rows.is_empty():
        return  # that no area fits is reported elsewhere
    absent = sorted(set(areas) - set(area_rows["area_id"]))
    if absent:
        report.warn(
            phrase(
                "{areas} {has_have} no row in the table ({ids}): no figure is shown there.",
                areas=count_text(len(absent), "area"),
                has_have=phrase("has" if len(absent) == 1 else "have"),
                ids=_listed(absent),
            ),
            count=len(absent),
            hint="Add the rows, or see whether the ids are written otherwise.",
            **where,
        )
    by_period = _by_period(area_rows.select("area_id", "period").unique(), areas=True)
    missing = _lacking(area_rows, ["area_id"], ["period"])
    _tell_missing_rows(missing, phrase("its figure is missing"), by_period, report, where)
    if classes:
        with_classes = area_rows.drop_nulls(list(classes))
        missing = _lacking(with_classes, ["area_id", "period"], list(classes), usual=True)
        rows_by_period = _by_period(with_classes)
        _tell_missing_rows(missing, phrase("it counts as nobody"), rows_by_period, report, where)


def _lacking(
    rows: pl.DataFrame, units: list[str], parts: list[str], *, usual: bool = False
) -> tuple[list[str], int]:
    """The pairs of a unit and a part that are not there, as text, and how many pairs there would be.

    With `usual` only parts count that nearly all units have.
    """
    present = rows.select(*units, *parts).unique()
    all_units = present.select(units).unique()
    by_part = present.group_by(parts).agg(pl.len().alias("__units"))
    if usual:
        least = max(all_units.height * (1 - SHARE), all_units.height - MOST_LOST)
        by_part = by_part.filter(pl.col("__units") >= min(least, all_units.height - 1))
    grid = all_units.join(by_part.select(parts), how="cross")
    absent = grid.join(present, on=[*units, *parts], how="anti").sort(*units, *parts)
    texts = [", ".join(map(str, row)) for row in absent.iter_rows()]
    return texts, grid.height


def _by_period(rows: pl.DataFrame, *, areas: bool = False) -> Message | None:
    """How many rows (or areas) there are in each period, where they differ: ``36 rows in 2024, 40 in 2023``."""
    counted = rows.group_by("period").len().sort("period", descending=True)
    if counted["len"].n_unique() < 2:
        return None
    least, most = counted.sort("len").row(0)[0], counted.sort("len").row(-1)[0]
    named = counted.filter(pl.col("period").is_in([least, most]) | (pl.int_range(pl.len()) < _NAMED))
    (period, number), *others = named.iter_rows()
    first = count_text(number, "area") if areas else count_text(number, "row")
    return joined(
        [
            phrase("{rows} in {period}", rows=first, period=period),
            *(phrase("{count} in {period}", count=count, period=other) for other, count in others),
        ]
    )


def _tell_missing_rows(
    missing: tuple[list[str], int],
    result: Message,
    by_period: Message | None,
    report: Report,
    where: Mapping[str, Any],
) -> None:
    texts, expected = missing
    if not texts:
        return
    lost = len(texts) <= max(MOST_LOST, SHARE * expected)
    listed = _listed(texts, "; ")
    message = phrase(
        "{rows} of an area and period {is_are} not in the table ({keys}): {result}.",
        rows=count_text(len(texts), "row"),
        is_are=phrase("is" if len(texts) == 1 else "are"),
        keys=listed,
        result=phrase("{result} ({by_period})", result=result, by_period=by_period) if by_period else result,
    )
    if lost:
        report.warn(message, count=len(texts), hint="Add the row; write 0 where there is nobody.", **where)
    else:
        report.note(message, count=len(texts), **where)


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    return between.join(texts[:_NAMED]) + (between + "..." if len(texts) > _NAMED else "")
