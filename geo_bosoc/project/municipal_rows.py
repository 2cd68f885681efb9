"""The municipality's own row in finished tables: whether it is there, and what cannot be told without it.

A finished table does not tell whom it leaves out, so the sum of its areas is no figure of the municipality. Without a
row of its own there is no `@municipality`, and criteria that compare with it are undetermined.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.plan import Ids, basis, make_parts
from geo_bosoc.models.variants import compared_with_municipality
from geo_bosoc.problems import Report
from geo_bosoc.project.models_used import ModelUse
from geo_bosoc.registers.spec import RegisterSpec

_COUNTS = ("numerator", "denominator", "unknown")


def municipal_by_own_row(spec: RegisterSpec) -> bool:
    """Whether the municipality's figure is that of a row of its own, and never a sum of the other rows."""
    return spec.place == "area" and (spec.unit == "count" or spec.reference_row is not None)


def without_other_periods(counts: pd.DataFrame, municipal: pd.DataFrame) -> pd.DataFrame:
    """The municipality's counts, missing where they rest on other periods of the data than the areas' do.

    Parameters
    ----------
    counts, municipal : finalised counts of the areas and of the municipality (`geo_bosoc.indicators.finalise_counts`).
    """
    keys = ["period", "indicator"]
    theirs = counts.drop_duplicates(keys).set_index(keys)["data_period"]
    expected = theirs.reindex(pd.MultiIndex.from_frame(municipal[keys])).to_numpy(dtype=object)
    here = municipal["data_period"].to_numpy(dtype=object)
    other = pd.Series(
        [pd.notna(own) and own != area for own, area in zip(here, expected, strict=True)],
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


def tell_missing_rows(
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
    registers : by name, with ``area_id`` and ``period``; registers that are no finished tables are not looked at.
    periods : the periods to tell; empty for those that the tables hold.
    """
    tables: dict[str, dict[str, Indicator]] = {}
    for part in make_parts(indicators, registers, ids, Report()):
        if municipal_by_own_row(specs[part.register]):
            tables.setdefault(part.register, {})[part.indicator.id] = part.indicator
    for name, counted in sorted(tables.items()):
        frame = registers[name]
        rows = frame.filter(pl.col("area_id").is_not_null() & pl.col("period").is_not_null())
        municipal = (pl.col("area_id") == MUNICIPALITY).any()
        there = rows.group_by("period").agg(municipal.alias("own")).sort("period").collect(engine="streaming")
        have = dict(there.select(pl.col("period").cast(pl.String), "own").rows())
        _tell_table(name, specs[name], counted, have, uses, periods, report)


def _tell_table(
    name: str,
    spec: RegisterSpec,
    counted: Mapping[str, Indicator],
    have: Mapping[str, bool],
    uses: Sequence[ModelUse],
    periods: Collection[str],
    report: Report,
) -> None:
    """Tell of one table; `have` says of each of its periods whether it holds the municipality's row."""
    lacking: dict[str, list[str]] = {}
    for indicator in counted.values():
        read = {one for period in periods or have for one in basis(period, indicator, have).periods}
        without = sorted(period for period in read if not have[period])
        if without:
            lacking[indicator.id] = without
    if not lacking:
        return
    missing = sorted({period for several in lacking.values() for period in several})
    named = spec.reference_row
    hint = f'Add a row with the municipality\'s own figures, and name it: reference_row = "{named or "Kommunen"}"'
    if named is not None:
        hint = f'Add the row "{named}", or write the municipality\'s id in the table as reference_row = "..."'
    hint += f" under [registers.{name}]. The sum of the areas is shown under its own name."
    when = "" if not any(have.values()) else f" in {', '.join(missing)}"
    text = f"the table has no row for the municipality{when}"
    if named is not None:
        text = f'the table has no row "{named}" (the municipality\'s){when}'
    needing = [
        f"{criterion.key} of {use.model.id}"
        for use in uses
        for criterion in use.model.criterion
        if criterion.indicator in lacking
        and criterion.indicator in use.needed
        and compared_with_municipality(use.model, criterion)
    ]
    if needing:
        be = "is" if len(needing) == 1 else "are"
        report.warn(
            f"{text}: {', '.join(dict.fromkeys(needing))} {be} undetermined there, without a figure to compare with.",
            key=f"registers.{name}.reference_row",
            column=spec.columns.get(spec.area, spec.area),
            hint=hint,
        )
        return
    level = report.warn if named is not None else report.note
    level(
        f"{text}: {', '.join(lacking)} stand without the municipality's figure.",
        key=f"registers.{name}.reference_row",
        hint=hint,
    )
