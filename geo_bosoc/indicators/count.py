"""Counting: from registers to whole numbers of numerator, denominator and unknown, by area and reference area.

`count_indicators` is the one road from rows to counts, of a notebook and of a yearly run. Registers whose rows have an
``area_id`` are counted as they stand. Registers whose rows name an address are counted by the *labels* of their
addresses (`geo_bosoc.locate.labels.label_addresses`): once by label, which is then summed to areas, to the municipality
and to all areas together, so that each register is read once, on this machine or on the workers of a Dask cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.count_checks import report_over_base
from geo_bosoc.indicators.counting.finalise import finalise, single_periods
from geo_bosoc.indicators.counting.raw_counts import no_counts, raw_counts, with_common_codes
from geo_bosoc.indicators.counting.registers import AREAS, CountPlan, PartCounts, RegisterPart
from geo_bosoc.indicators.executor import Executor, count_registers
from geo_bosoc.indicators.plan import PLACE, Ids, make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.labels import Labels
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.progress import Progress, Silent


def count_indicators(
    registers: Mapping[str, pl.LazyFrame | Sequence[RegisterPart]],
    indicators: Sequence[Indicator],
    *,
    labels: Labels | Mapping[str, Labels] | None = None,
    parameters: Parameters | None = None,
    areas: Collection[str] | pd.DataFrame | None = None,
    periods: Collection[str] | None = None,
    ids: Ids | None = None,
    municipality: Literal["register", "inside"] = "register",
    deferred_checks: Mapping[str, Sequence[Callable[[Report], None]]] | None = None,
    check_base: bool = True,
    each_period: Callable[[pd.DataFrame], None] | None = None,
    further: Sequence[PartCounts] = (),
    executor: Executor | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Count each indicator in each area and period: one streaming pass over each register.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        By name. Without `labels`, frames with ``area_id`` (null: in no area, not counted) and ``period`` beside the
        columns that the indicators name; where areas overlap a person has a row in each (`geo_bosoc.join_areas`). With
        `labels`, frames with the key of an address, or finished tables with ``area_id``; or lists of
        `geo_bosoc.indicators.counting.registers.RegisterPart`: rows that can be counted apart.
    indicators : sequence of Indicator
        What to count.
    labels : Labels or mapping of str to Labels, optional
        Where the rows of the registers lie: one set of labels for all, or one by register. The result then has the
        reference areas ``@municipality`` and ``@areas`` too.
    parameters : mapping, optional
        Values for ``:name`` in the predicates (`compute_parameters`).
    areas : collection of str or DataFrame, optional
        The areas to count, ids or a frame with ``area_id``; one without rows gets zeros. Left out: those that occur.
    periods : collection of str, optional
        The periods to count. Left out: those of the registers, surveys that are carried forward left aside.
    ids : mapping of str to mapping of str to str, optional
        The columns that tell persons, households and dwellings apart, by register; ``person_id`` and so on by default.
    municipality : {"register", "inside"}
        Whom ``@municipality`` counts: all rows of a register, or those whose address lies inside the outline.
    deferred_checks : mapping of str to sequence of callable, optional
        By register, what to check where the key of a row is not labelled and looks like a person number.
    check_base : bool
        False leaves it to the caller to compare numerators with bases in other registers (`report_over_base`).
    each_period : callable, optional
        Takes the areas' counts of single periods behind the figures of indicators with `pool_years`, as the result.
    further : sequence of PartCounts, optional
        With `labels`: raw counts of registers that were counted elsewhere (`geo_bosoc.rasters.zonal.count`), and stand
        without rows in `registers`.
    executor : Executor, optional
        Where registers with labels are counted: here, or on a Dask cluster.
    progress : Progress, optional
        Shows how many parts are counted.
    report : Report, optional
        Takes the problems, and under ``facts["counting"]`` for each indicator how many rows could not be counted
        (``denominator_unknown``, ``numerator_unknown``, ``without_id``) and which periods were carried forward. With
        `labels`, ``facts["match"]`` is what became of each register's rows (`geo_bosoc.match_report`).

    Returns
    -------
    DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown`` (int64; Int64 where a finished table has a
        figure that is missing or withheld: it is empty), ``status`` (ok, missing, protected or not_applicable) and
        ``data_period``: the data that the figure rests on ("2022-2024" where pooled, an earlier period where carried
        forward). Sorted by area and period, indicators in their own order; reference areas last.

    Raises
    ------
    InputError
        An indicator names a register, column or parameter that is not there, or a predicate that is not
        allowed; or a share's numerator is over its base, counted in another register (see `report_over_base`).

    Notes
    -----
    The denominator counts rows whose denominator predicate is true; unknown are those of them whose
    numerator predicate (or summed value) is missing. With ``distinct`` a person counts once an area and
    period: as met if met in any row, else as unknown if unknown in any. Where numerator and denominator
    come from different registers their rows cannot be linked: unknown is then 0 and the numerator's own
    unknown rows are in the report. A finished table's cell with a mark gives its status to the count
    (the worst one, where several are added).

    Examples
    --------
    >>> from geo_bosoc.indicators import Side
    >>> under_25 = Side(where="age < 25")
    >>> young = Indicator(
    ...     id="young", label_da="Prøve", label_en="", unit="percent", denominator=Side(), numerator=under_25
    ... )
    >>> persons = pl.LazyFrame(
    ...     {"area_id": ["a", "a", "b", None], "period": ["2024"] * 4, "age": [20, 40, None, 30]}
    ... )
    >>> counts = count_indicators({"persons": persons}, [young])
    >>> counts[["area_id", "numerator", "denominator", "unknown"]].values.tolist()
    [['a', 1, 2, 0], ['b', 0, 1, 1]]
    """
    inner_report = Report()
    for indicator in indicators:
        if not indicator.is_dated:
            inner_report.error(
                "each definition is counted for itself, and this indicator has reforms.",
                hint="Use what load_indicators gives, or by_definition(indicators).",
                file=indicator.file,
                key=f"indicator.{indicator.id}.reform",
            )
    if inner_report.errors:
        indicators = ()
    if labels is None:
        frames = {name: rows for name, rows in registers.items() if isinstance(rows, pl.LazyFrame)}
        raw = raw_counts(
            frames, indicators, parameters=parameters, periods=periods, ids=ids, report=inner_report
        )
        counts = None
        if not inner_report.errors:
            counts = finalise(raw, indicators, areas=areas, periods=periods, report=inner_report)
            if each_period is not None:
                each_period(single_periods(raw, indicators, areas=areas))
    else:
        by_register = dict.fromkeys(registers, labels) if isinstance(labels, Labels) else labels
        parts = _parts(registers, by_register, ids, inner_report)
        if not inner_report.errors:
            plan = CountPlan(
                indicators=tuple(indicators),
                schemas={name: dict(rows[0].frame.collect_schema()) for name, rows in parts.items()},
                parameters=parameters or {},
                ids=ids or {},
                periods=tuple(periods or ()) or None,
                rows=municipality,
                areas=_area_ids(areas, by_register),
            )
            every_part = [part for rows in parts.values() for part in rows]
            part_counts = [
                *count_registers(every_part, by_register, plan, executor or Executor(), progress or Silent()),
                *further,
            ]
            counts = _summed(part_counts, plan, by_register, deferred_checks or {}, inner_report)
            if each_period is not None and counts is not None:
                raw = _raw_of(part_counts, AREAS)
                each_period(single_periods(raw, indicators, areas=plan.areas))
        frames = {name: rows[0].frame for name, rows in parts.items() if rows}
    if inner_report.errors or counts is None:
        inner_report.hand_over(report)  # raises where nobody collects
        return finalise(no_counts(), (), areas=(), periods=(), report=None)
    if check_base:
        report_over_base(counts, make_parts(indicators, frames, ids, Report()), inner_report)
    inner_report.hand_over(report)
    return counts


def _parts(
    registers: Mapping[str, pl.LazyFrame | Sequence[RegisterPart]],
    labels: Mapping[str, Labels],
    ids: Ids | None,
    report: Report,
) -> dict[str, Sequence[RegisterPart]]:
    """The parts of each register; a frame is one part."""
    parts: dict[str, Sequence[RegisterPart]] = {}
    for name, rows in registers.items():
        if not isinstance(rows, pl.LazyFrame):
            parts[name] = rows
            if not rows:
                report.error(
                    phrase(
                        "The register {name} has no parts, so that there is nothing to count in it.",
                        name=name,
                    ),
                    hint="Give it at least one RegisterPart, or leave the register out.",
                    key=f"registers.{name}",
                )
            continue
        schema = rows.collect_schema()
        is_table = "area_id" in schema
        if not is_table and name not in labels:
            report.error(
                phrase("The register {name} has no column area_id, and no labels.", name=name),
                hint="Label its addresses (label_addresses), or join the areas (join_areas).",
                key=f"registers.{name}",
            )
        person = (ids or {}).get(name, {}).get("person", "person_id")
        parts[name] = [
            RegisterPart(
                name,
                rows,
                person=person if person in schema else None,
                municipal_row=is_table and bool(rows.select(_has_municipal_row(schema)).collect().item()),
            )
        ]
    return parts


def _has_municipal_row(schema: pl.Schema) -> pl.Expr:
    """Whether the municipality is what a row of its own says: there is one, or the frame is a finished table."""
    return (pl.col("area_id").cast(pl.String) == MUNICIPALITY).any() | _is_finished_table(
        schema, certain=False
    )


def _area_ids(areas: Collection[str] | pd.DataFrame | None, labels: Mapping[str, Labels]) -> tuple[str, ...]:
    if areas is None:
        return tuple(
            sorted({area for register_labels in labels.values() for area in register_labels.areas["area_id"]})
        )
    return tuple(areas["area_id"] if isinstance(areas, pd.DataFrame) else areas)


def _summed(
    part_counts: Sequence[PartCounts],
    plan: CountPlan,
    labels: Mapping[str, Labels],
    deferred_checks: Mapping[str, Sequence[Callable[[Report], None]]],
    report: Report,
) -> pd.DataFrame | None:
    """The counts of the areas, then of the municipality and of all areas; what became of the rows goes to the report's
    facts. None after an error."""
    for name in dict.fromkeys(part.register for part in part_counts if part.person_like):
        for check in deferred_checks.get(name, ()):
            check(report)
    if report.errors:
        return None
    report.facts["match"] = {
        name: dict(
            sorted(item for part in part_counts if part.register == name for item in part.match.items())
        )
        for name in labels
    }
    uncounted = _uncounted(part_counts)
    if uncounted:
        report.facts["counting"] = uncounted
    counts = _finalise_target(part_counts, plan, AREAS, list(plan.areas), plan.periods, report)
    periods = sorted(counts["period"].unique())
    references = [
        _finalise_target(part_counts, plan, target, [target], periods, Report())
        for target in (MUNICIPALITY, ALL_AREAS)
    ]
    return pd.concat([counts, *references], ignore_index=True)


def _finalise_target(
    part_counts: Sequence[PartCounts],
    plan: CountPlan,
    target: str,
    areas: list[str],
    periods: Collection[str] | None,
    report: Report,
) -> pd.DataFrame:
    """All parts' raw counts of one target, finalised."""
    raw = _raw_of(part_counts, target)
    return finalise(raw, plan.indicators, areas=areas, periods=periods, report=report)


def _raw_of(part_counts: Sequence[PartCounts], target: str) -> pl.DataFrame:
    """All parts' raw counts of one target."""
    parts = [part.raw[target] for part in part_counts if target in part.raw]
    return pl.concat(with_common_codes(parts), how="vertical")


def _uncounted(part_counts: Sequence[PartCounts]) -> dict[str, dict[str, int]]:
    """Rows that could not be counted, wherever they lie, by indicator and reason."""
    uncounted: dict[str, dict[str, int]] = {}
    for part in part_counts:
        for name, rows_by_reason in part.uncounted.items():
            totals = uncounted.setdefault(name, {})
            for reason, rows in rows_by_reason.items():
                totals[reason] = totals.get(reason, 0) + rows
    return dict(sorted(uncounted.items()))


def count_everyone(
    registers: Mapping[str, pl.LazyFrame],
    area_id: str = MUNICIPALITY,
    *,
    finished_tables: Collection[str] = (),
) -> dict[str, pl.LazyFrame]:
    """The same registers with everybody in one area: counted like the areas they give the reference area.

    Give registers as they were before areas were joined, so that each person has one row. With labels
    `count_indicators` counts the reference areas itself.

    A finished table counts nobody that it has no row for: of one that has a row ``@municipality`` of its own (see
    ``reference_row``) that row is taken, and of one without nothing, so that there is no reference area rather
    than the sum of the areas under another name. `finished_tables` names such tables; a frame with ``area_id`` whose
    figures carry marks, or with just one row an area and period, is taken for one.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        By name.
    area_id : str
        The id that everybody gets.
    finished_tables : collection of str
        Names of registers that are tables of finished figures.

    Returns
    -------
    dict of str to LazyFrame
        The registers, each with the column ``area_id``.

    Examples
    --------
    >>> everyone = count_everyone({"persons": pl.LazyFrame({"person_id": ["1", "2"]})})
    >>> everyone["persons"].collect()["area_id"].to_list()
    ['@municipality', '@municipality']
    """
    everyone = {}
    for name, frame in registers.items():
        schema = frame.collect_schema()
        if "area_id" in schema:
            is_municipal = pl.col("area_id").cast(pl.String) == MUNICIPALITY
            frame = frame.filter(
                is_municipal
                | ~(is_municipal.any() | _is_finished_table(schema, certain=name in finished_tables))
            )
        everyone[name] = frame.with_columns(pl.lit(area_id).alias("area_id"))
    return everyone


def _is_finished_table(schema: pl.Schema, *, certain: bool) -> pl.Expr:
    """Whether a frame with areas is a table of finished figures: it is known, its figures carry marks, or nothing but
    area and period tells its rows apart and no row has those of another."""
    texts = [name for name, dtype in schema.items() if not dtype.is_numeric() and name not in PLACE]
    if certain or any(name.endswith("__mark") for name in texts):
        return pl.lit(True)
    if texts or "period" not in schema:
        return pl.lit(False)
    return pl.struct(PLACE).n_unique() == pl.len()
