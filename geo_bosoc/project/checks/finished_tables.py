"""Finished tables against the project: areas' gaps, the municipality's own row, and the sum of all areas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.plan import Ids, basis, make_parts
from geo_bosoc.models.variants import compared_with_municipality
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import Inputs, ModelUse
from geo_bosoc.project.requests import id_columns
from geo_bosoc.registers.checks.bounds import tell_round_figures
from geo_bosoc.registers.checks.figures import tell_gaps
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX

_COUNTS = ("numerator", "denominator", "unknown")


def municipal_by_own_row(spec: RegisterSpec) -> bool:
    """Whether the municipality's figure is that of a row of its own, and never a sum of the other rows."""
    return spec.place == "area" and (spec.unit == "count" or spec.reference_row is not None)


def without_other_periods(counts: pd.DataFrame, municipal: pd.DataFrame) -> pd.DataFrame:
    """The municipality's counts, missing where they rest on other periods of the data than the areas' do.

    Parameters
    ----------
    counts, municipal : DataFrame
        Finalised counts of the areas and of the municipality (`geo_bosoc.indicators.finalise_counts`).
    """
    keys = ["period", "indicator"]
    areas_period = counts.drop_duplicates(keys).set_index(keys)["data_period"]
    expected = areas_period.reindex(pd.MultiIndex.from_frame(municipal[keys])).to_numpy(dtype=object)
    municipal_period = municipal["data_period"].to_numpy(dtype=object)
    other = pd.Series(
        [
            pd.notna(municipal_data) and municipal_data != areas_data
            for municipal_data, areas_data in zip(municipal_period, expected, strict=True)
        ],
        index=municipal.index,
        dtype=bool,
    )
    if not other.any():
        return municipal
    changed = municipal.astype(dict.fromkeys(_COUNTS, "Int64"))
    changed.loc[other, list(_COUNTS)] = pd.NA
    changed.loc[other, "status"] = "missing"
    changed.loc[other, "data_period"] = None
    return changed


def report_missing_municipal_rows(
    registers: Mapping[str, pl.LazyFrame],
    specs: Mapping[str, RegisterSpec],
    indicators: Sequence[Indicator],
    uses: Sequence[ModelUse],
    periods: Collection[str],
    ids: Ids,
    report: Report,
) -> None:
    """Tell of each finished table that has no row for the municipality: a warning where a criterion needs it.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        By name, with ``area_id`` and ``period``; registers that are no finished tables are not looked at.
    specs : mapping of str to RegisterSpec
        The registers' specifications, by name.
    indicators : sequence of Indicator
        Those that are counted.
    uses : sequence of ModelUse
        The models, whose criteria may need the municipality's figure.
    periods : collection of str
        The periods to report on; empty for those that the tables hold.
    ids : Ids
        The key column of each register (`id_columns`).
    report : Report
        Takes the warnings and notes.
    """
    tables: dict[str, dict[str, Indicator]] = {}
    for part in make_parts(indicators, registers, ids, Report()):
        if municipal_by_own_row(specs[part.register]):
            tables.setdefault(part.register, {})[part.indicator.id] = part.indicator
    for name, counted in sorted(tables.items()):
        frame = registers[name]
        rows = frame.filter(pl.col("area_id").is_not_null() & pl.col("period").is_not_null())
        municipal = (pl.col("area_id") == MUNICIPALITY).any()
        rows_by_period = (
            rows.group_by("period").agg(municipal.alias("own")).sort("period").collect(engine="streaming")
        )
        has_row = dict(rows_by_period.select(pl.col("period").cast(pl.String), "own").rows())
        _report_table(name, specs[name], counted, has_row, uses, periods, report)


def _report_table(
    name: str,
    spec: RegisterSpec,
    counted: Mapping[str, Indicator],
    has_row: Mapping[str, bool],
    uses: Sequence[ModelUse],
    periods: Collection[str],
    report: Report,
) -> None:
    """Tell of one table; `has_row` says of each of its periods whether it holds the municipality's row."""
    lacking: dict[str, list[str]] = {}
    for indicator in counted.values():
        read = {
            basis_period
            for period in periods or has_row
            for basis_period in basis(period, indicator, has_row).periods
        }
        without = sorted(period for period in read if not has_row[period])
        if without:
            lacking[indicator.id] = without
    if not lacking:
        return
    missing = sorted({period for periods_without in lacking.values() for period in periods_without})
    named = spec.reference_row
    hint = phrase(
        'Add a row with the municipality\'s own figures, and name it: reference_row = "Kommunen" under '
        "[registers.{register}]. The sum of the areas is shown under its own name.",
        register=name,
    )
    if named is not None:
        hint = phrase(
            'Add the row "{row}", or write the municipality\'s id in the table as reference_row = "..." under '
            "[registers.{register}]. The sum of the areas is shown under its own name.",
            row=named,
            register=name,
        )
    when = phrase(" in {periods}", periods=joined(missing)) if any(has_row.values()) else ""
    text = phrase("the table has no row for the municipality{when}", when=when)
    if named is not None:
        text = phrase('the table has no row "{row}" (the municipality\'s){when}', row=named, when=when)
    needing = [
        phrase("{criterion} of {model}", criterion=criterion.key, model=use.model.id)
        for use in uses
        for criterion in use.model.criterion
        if criterion.indicator in lacking
        and criterion.indicator in use.needed
        and compared_with_municipality(use.model, criterion)
    ]
    if needing:
        report.warn(
            phrase(
                "{text}: {criteria} {is_are} undetermined there, without a figure to compare with.",
                text=text,
                criteria=joined(dict.fromkeys(needing)),
                is_are=phrase("is" if len(needing) == 1 else "are"),
            ),
            key=f"registers.{name}.reference_row",
            column=spec.columns.get(spec.area, spec.area),
            hint=hint,
        )
        return
    level = report.warn if named is not None else report.note
    level(
        phrase(
            "{text}: {indicators} stand without the municipality's figure.",
            text=text,
            indicators=joined(lacking),
        ),
        key=f"registers.{name}.reference_row",
        hint=hint,
    )


def warn_table_gaps(inputs: Inputs, periods: Collection[str], report: Report) -> None:
    """Warn of areas, years and classes that a finished table lacks, and of columns whose figures are all round.

    Parameters
    ----------
    inputs : Inputs
        What was read: areas, registers and indicators.
    periods : collection of str
        Those of the run; empty for all that the tables hold.
    report : Report
        Takes the warnings.
    """
    areas = list(inputs.areas["area_id"])
    for name, frame in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.unit != "count" or spec.place != "area":
            continue
        in_run = frame.filter(pl.col("period").is_in(list(periods))) if periods else frame
        in_run = in_run.filter(~pl.col("period").is_in(list(inputs.earlier.boundaries)))
        schema = frame.collect_schema()
        classes = [
            column
            for column, dtype in schema.items()
            if column not in ("area_id", "period")
            and not column.endswith(MARK_SUFFIX)
            and (column == spec.id or not (dtype.is_numeric() or dtype == pl.Null))
        ]
        columns = [column for column in _columns(name, spec, inputs) if column in schema]
        rows = in_run.select(
            "area_id", "period", *classes, *(column for column in columns if column not in classes)
        ).collect()
        file = Path(spec.paths[0]).name if len(spec.paths) == 1 else None
        where = {"file": file, "key": f"registers.{name}"}
        area = spec.columns.get(spec.area, spec.area)
        tell_gaps(rows, classes, areas, report, column=area, **where)
        for column in columns:
            if rows.height and rows[column].null_count() == rows.height:
                report.warn(
                    "the column is empty in every row: no figure is shown.",
                    column=spec.columns.get(column, column),
                    hint="Is it the right column, and did the export hold it?",
                    **where,
                )
            tell_round_figures(rows[column], report, column=spec.columns.get(column, column), **where)


def _columns(name: str, spec: RegisterSpec, inputs: Inputs) -> list[str]:
    """The columns of counts that indicators add up, as they stand in the file."""
    columns: dict[str, None] = dict.fromkeys(base for base in spec.fractions.values() if base)
    for part in make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs)):
        if part.register != name or part.indicator.unit == "mean":
            continue
        sides = {
            "numerator": (part.indicator.numerator,),
            "denominator": (part.indicator.denominator,),
            "both": (part.indicator.denominator, part.indicator.numerator),
        }[part.side]
        columns |= dict.fromkeys(side.sum for side in sides if side is not None and side.sum is not None)
    return [column for column in columns if column not in spec.made_columns]


_NUMBERS = ("numerator", "denominator", "unknown")


def indicators_of_finished_tables(
    indicators: Sequence[Indicator], specs: Mapping[str, RegisterSpec], ids: Ids
) -> tuple[Indicator, ...]:
    """The indicators that count in finished tables alone."""
    places: dict[str, set[bool]] = {}
    for part in make_parts(indicators, specs, ids, Report()):
        spec = specs[part.register]
        places.setdefault(part.indicator.id, set()).add(spec.place == "area" and spec.unit == "count")
    return tuple(indicator for indicator in indicators if places.get(indicator.id) == {True})


def sum_of_areas_with_figures(
    counts: pd.DataFrame, together: pd.DataFrame, indicators: Sequence[Indicator], report: Report
) -> pd.DataFrame:
    """The counts of all areas together, of those areas only that have a figure.

    One area whose figure is missing or withheld would else leave all of them without one. How many are left out is
    told.

    Parameters
    ----------
    counts, together : DataFrame
        Finalised counts of each area, and of ``@areas``.
    indicators : sequence of Indicator
        Those to look at (see `indicators_of_finished_tables`).
    report : Report
        Takes a note of how many areas are left out.
    """
    names = {indicator.id for indicator in indicators}
    finished = counts[counts["indicator"].isin(names)]
    shown = finished["status"] == "ok"
    keys = ["period", "indicator"]
    lacking = (~shown).groupby([finished[key] for key in keys]).sum()
    areas = shown.groupby([finished[key] for key in keys]).size()
    any_figure = shown.groupby([finished[key] for key in keys]).any()
    partly = any_figure.index[(lacking > 0) & any_figure]
    if partly.empty:
        return together
    sums = finished[shown].groupby(keys)[list(_NUMBERS)].sum()
    data = finished[shown].groupby(keys)["data_period"].first()
    changed = together.astype(dict.fromkeys(_NUMBERS, "Int64"))
    rows = changed.set_index(keys).index
    partial = rows.isin(partly)
    for name in _NUMBERS:
        changed.loc[partial, name] = sums[name].reindex(rows[partial]).to_numpy()
    changed.loc[partial, "data_period"] = data.reindex(rows[partial]).to_numpy()
    changed.loc[partial, "status"] = "ok"
    for indicator in sorted({name for _, name in partly}):
        periods = [period for period, name in partly if name == indicator]
        lost = joined(
            phrase(
                "{count} of {total} in {period}",
                count=lacking[period, indicator],
                total=areas[period, indicator],
                period=period,
            )
            for period in periods
        )
        report.note(
            phrase("areas have no figure ({lost}): all areas together are the others.", lost=lost),
            key=f"indicator.{indicator}",
        )
    return changed
