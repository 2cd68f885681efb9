"""Totals with their parts in a finished table: a class (``I alt``) or an area's row that would be counted twice.

A value of a class column is a total where its figures are the sum of the other values' in every area and period, or
where its word says so (in Danish or English) and no figure speaks against it. Cells that are missing or protected prove
nothing: their groups are left out. What few small figures show may be chance; it takes two areas, and figures that
would agree by chance in one of two hundred tables at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.files import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.table_rows import Sum, TableUse

LEAST_EVIDENCE: Final = log(200)
"""How unlikely it must be that figures add up by chance: the product of the totals, each plus one."""

LEAST_OF_NO_AREA: Final = log(20)
"""The same for a row whose id is no area's: it is already strange."""

_WORDS: Final = re.compile(
    r"(i alt|ialt|tot|total|totalt|totals|totaler|sum|samlet|samtlige|alle|all|both|tilsammen|hele landet|landet|"
    r"hele kommunen|kommunen|kommunen i alt|hele byen|whole country|all denmark|hele danmark|"
    r"begge køn|begge koen|begge kon|mænd og kvinder|both sexes|both genders|men and women|males and females|"
    r"grand total|sub ?total|samlet antal|total antal|antal i alt|in total|altogether|overall|"
    r"alle (aldre|aldersgrupper|køn|koen|grupper|områder|omraader|herkomster|personer|kategorier|værdier|typer)|"
    r"all (ages|age groups|sexes|genders|groups|areas|origins|persons|categories|values|types)|"
    r".+[ ,(]i alt\)?|i alt[ ,(].+|total[ ,(:-].+|.+[ ,(]total\)?|.+[ ,(]in total\)?)"
)


@dataclass(frozen=True)
class Total:
    """A value that stands for others of its column."""

    column: str
    value: str
    added_up: bool
    parts: tuple[str, ...]
    row: int | None


def is_total_word(value: str) -> bool:
    """Whether a label says that it stands for all others.

    >>> [is_total_word(word) for word in ("I alt", "TOT", "Begge køn", "Alder i alt", "18+", "Totten")]
    [True, True, True, True, False, False]
    """
    plain = re.sub(r"\s+", " ", value.replace("\u00a0", " ")).strip(" .:*-–").lower()
    return _WORDS.fullmatch(plain) is not None


def tell_totals(
    frame: pl.LazyFrame, spec: RegisterSpec, use: TableUse, file: str | Path, report: Report
) -> None:
    """Totals that are counted with their parts are errors in `report`, with the `where` that leaves them out.

    Parameters
    ----------
    frame : LazyFrame
        A finished table's rows in their types, with `geo_bosoc.registers.files.ROW`, ``area_id`` and ``period``.
    spec : RegisterSpec
        The register's.
    use : TableUse
        What the table is read for.
    file : str or Path
        For messages.
    report : Report
        Takes the errors.
    """
    schema = frame.collect_schema()
    texts = [
        name
        for name, dtype in schema.items()
        if dtype == pl.String and name not in ("area_id", "period") and not name.endswith(MARK_SUFFIX)
    ]
    figures = _figures(schema, spec, use.sums)
    if not figures:
        return
    table = frame.select(ROW, "area_id", "period", *texts, *figures).collect()
    for total in class_totals(table, texts, figures):
        if use.sums is not None and not any(_mixes(frame, total, added) for added in use.sums):
            continue
        what = (
            phrase("is the sum of the other values in every area")
            if total.added_up
            else phrase("is a total beside its parts")
        )
        parts = ", ".join(total.parts[:5]) + (", ..." if len(total.parts) > 5 else "")
        report.error(
            phrase(
                '"{value}" {what} ({parts}): it would be counted twice.',
                value=total.value,
                what=what,
                parts=parts,
            ),
            file=file,
            row=total.row,
            column=spec.columns.get(total.column, total.column),
            hint=phrase(
                "Leave it out of the register: {line}.",
                line=leaving_out(spec.where, total.column, total.value),
            ),
        )
    if spec.reference_row is None:
        for total in area_totals(table, texts, figures, use.area_ids()):
            report.error(
                phrase(
                    'the row "{value}" is the sum of the other areas\' rows: it is no area.',
                    value=total.value,
                ),
                file=file,
                row=total.row,
                column=spec.columns.get(spec.area, spec.area),
                hint=phrase(
                    'If it is the whole municipality: reference_row = "{value}"; if not, leave it '
                    "out: {line}.",
                    value=total.value,
                    line=leaving_out(spec.where, spec.area, total.value),
                ),
            )


def leaving_out(where: str | None, column: str, value: str) -> str:
    """The TOML line that leaves out a value of a column, besides what is left out already.

    >>> leaving_out(None, "alder", "I alt")
    'where = "alder <> \\'I alt\\'"'
    """
    plain = re.fullmatch(r"[^\W\d]\w*", column) is not None
    name = column if plain else '\\"' + column + '\\"'
    literal = value.replace("'", "''")
    test = f"{name} <> '{literal}'"
    before = where.replace('"', '\\"') if where else None
    return f'where = "({before}) AND {test}"' if before else f'where = "{test}"'


def class_totals(table: pl.DataFrame, classes: Sequence[str], figures: Sequence[str]) -> list[Total]:
    """The values of class columns that stand for the others of their column.

    `table` has `ROW`, ``area_id``, ``period``, the class columns and the figures.
    """
    totals: list[Total] = []
    for column in classes:
        rest = table.filter(pl.col(column).is_not_null())
        groups = ["area_id", "period", *(name for name in classes if name != column)]
        while True:
            values = rest[column].unique().sort().to_list()
            by_word = {
                v for v in values if is_total_word(v) and _may_be_total(rest, column, v, groups, figures)
            }
            by_sum = _added_up(rest, column, groups, figures, least_parts=2)
            new = by_word or by_sum
            if not new:
                break
            parts = tuple(v for v in values if v not in new and not is_total_word(v))
            for value in sorted(new):
                row = rest.filter(pl.col(column) == value)[ROW].min()
                totals.append(
                    Total(column, value, value in by_sum, parts, row if isinstance(row, int) else None)
                )
            rest = rest.filter(~pl.col(column).is_in(sorted(new)))
    return totals


def area_totals(
    table: pl.DataFrame, classes: Sequence[str], figures: Sequence[str], area_ids: Collection[str] | None
) -> list[Total]:
    """Rows of no area that are the sum of the other rows, or of the areas' own.

    Where `area_ids` are not known, only rows that say that they are totals are looked at.
    """
    rest = table.filter(pl.col("area_id").is_not_null() & (pl.col("area_id") != MUNICIPALITY))
    groups = ["period", *classes]
    totals: list[str] = []
    values = rest["area_id"].unique().to_list()
    if area_ids is None:
        strangers = {value for value in values if is_total_word(value)}
    else:
        strangers = set(values) - set(area_ids)
    among_all = {
        least: _added_up(rest, "area_id", groups, figures, least_parts=2, least=least)
        for least in {_least_of(value) for value in strangers}
    }
    of_areas = ~pl.col("area_id").is_in(sorted(strangers))
    has_areas = bool(strangers) and not rest.filter(of_areas).is_empty()
    for value in sorted(strangers):
        least = _least_of(value)
        is_total = value in among_all[least]
        if not is_total and has_areas:
            beside_areas = rest.filter((pl.col("area_id") == value) | of_areas)
            is_total = value in _added_up(
                beside_areas, "area_id", groups, figures, least_parts=2, least=least
            )
        if is_total:
            totals.append(value)
    return [Total("area_id", value, True, (), _first_row(rest, "area_id", value)) for value in totals]


def _least_of(value: str) -> float:
    """The evidence that a row of no area needs, less where its name says what it is."""
    return 0.0 if is_total_word(value) else LEAST_OF_NO_AREA


def _first_row(table: pl.DataFrame, column: str, value: str) -> int | None:
    row = table.filter(pl.col(column) == value)[ROW].min()
    return row if isinstance(row, int) else None


def _added_up(
    table: pl.DataFrame,
    column: str,
    groups: Sequence[str],
    figures: Sequence[str],
    *,
    least_parts: int,
    least: float = LEAST_EVIDENCE,
) -> set[str]:
    """The values whose figures are the sum of all others' in each group that shows all of its figures."""
    sure: set[str] = set()
    doubtful: set[str] = set()
    among_areas = column == "area_id"
    for figure in figures:
        x = pl.col(figure)
        complete = table.with_columns(
            whole=x.sum().over(groups), hidden=x.null_count().over(groups), rows=pl.len().over(groups)
        ).filter((pl.col("hidden") == 0) & (pl.col("rows") > least_parts) & (pl.col("whole") > 0))
        sums = complete.group_by(column).agg(
            holds=(2 * x == pl.col("whole")).all(),
            areas=pl.len() if among_areas else pl.col("area_id").n_unique(),
            evidence=(x.cast(pl.Float64).clip(lower_bound=0) + 1).log().sum(),
        )
        for value, holds, areas, evidence in sums.iter_rows():
            if not holds:
                doubtful.add(value)
            elif evidence >= least and (among_areas or areas >= 2):
                sure.add(value)
    return sure - doubtful


def _may_be_total(
    table: pl.DataFrame, column: str, value: str, groups: Sequence[str], figures: Sequence[str]
) -> bool:
    """Whether a value stands beside others in an area and period, and is nowhere less than one of them."""
    is_value = pl.col(column) == value
    both = is_value.any() & (~is_value).any()
    if table.filter(both.over("area_id", "period")).is_empty():
        return False
    for figure in figures:
        x = pl.col(figure)
        total = pl.when(is_value).then(x).max().over(groups)
        part = pl.when(~is_value).then(x).max().over(groups)
        if table.select((total < part).any()).item():
            return False
    return True


def _mixes(frame: pl.LazyFrame, total: Total, added: Sum) -> bool:
    """Whether what is added up holds the total and, in the same area and period, one of its parts."""
    schema = dict(frame.collect_schema())
    rows = frame
    for condition in added.conditions:
        try:
            rows = rows.filter(parse_predicate(condition, schema))
        except InputError:
            return True  # parameters and mistakes are reported where the indicators are checked
    is_total = pl.col(total.column) == total.value
    groups = rows.group_by("area_id", "period").agg(total=is_total.any(), part=(~is_total).any())
    return bool(groups.select((pl.col("total") & pl.col("part")).any()).collect().item())


def _figures(schema: pl.Schema, spec: RegisterSpec, sums: tuple[Sum, ...] | None) -> list[str]:
    """The columns of counts: those that are added up, where that is known."""
    shares = {*spec.fractions, *spec.made_columns}
    counts = [
        name
        for name, dtype in schema.items()
        if (dtype.is_integer() or dtype.is_float())
        and name not in {ROW, *shares}
        and not name.startswith("@")
    ]
    summed = {added.column for added in sums or ()}
    return [name for name in counts if name in summed] or counts
