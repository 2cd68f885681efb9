"""The balance as tables: a workbook with a sheet a question, ready to print, and CSV files."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.outputs.mixed import mixed_today
from geo_bosoc.balance.outputs.texts import area_name, dwellings_source, notes, value_word
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.tenure import family_counts
from geo_bosoc.balance.what_if import TODAY, WAYS
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.disclosure.secondary.within_area import suppressed_in_closed_sums
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.outputs.workbook.book_file import open_book
from geo_bosoc.outputs.workbook.looks import INTEGER, PERCENT, QUIET, TWO_DECIMALS, Look
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.sheet import Book, Cell, missing
from geo_bosoc.text.catalogue import word, word_or_key, words
from geo_bosoc.text.numbers import protected_word

_SHARES: Final = frozenset((
    "social_share", "share_low", "share_high", "one_sided_share", "neighbour_share", "probability",
    "chance_low", "chance_high", "share_expected", "outside_share", "share_after", "rule_share",
))  # fmt: skip
_RATIOS: Final = frozenset((
    "entropy", "simpson", "inner_d_corrected", "value", "expected", "corrected", "value_now", "value_if",
))  # fmt: skip
_POINTS: Final = frozenset(("contrast",))
"""Differences between shares, in percentage points."""
_PLAIN_NUMBERS: Final = frozenset(("year", "done", "kept_from", "period"))
_RULE: Final = (
    "area_id", "variant", "year", "low", "high", "dwellings", "demolished", "business_m2", "base", "share_low",
    "share_high", "met", "too_many_high", "kept_from",
)  # fmt: skip
_MET: Final = {"met": "#cfe3d6", "not_met": "#e8b9a4", "undetermined": "#c9ccd1"}


def write_balance_workbook(results: BalanceResults, path: str | Path) -> None:
    """Write the balance to an Excel file.

    The public set tells dwellings only, which the building register shows to all; the internal one adds chances, the
    "if" indicators, letting, and residents by tenure, small numbers of them suppressed.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    heading = f"{word('balance', 'title', results.language)}: {results.name}"
    source = f"{word('tables', 'source', results.language)}: {dwellings_source(results)}"
    with open_book(results, path, heading, source) as book:
        lines = [(left, right, False) for left, right in notes(results)]
        book.text_sheet(word("balance", "sheet_readme", results.language), book.title, lines)
        for key, frame in sheets(results).items():
            if not frame.empty:
                _sheet(book, results, key, frame)


def sheets(results: BalanceResults) -> dict[str, pd.DataFrame]:
    """The tables of the workbook by sheet, in order."""
    minimum = results.edition.least_shown
    tenures = [str(tenure) for tenure in TENURES]
    now = results.mix[results.mix["period"] == results.period]
    wide = now[now["dimension"] == "tenure"].pivot_table(
        index="area_id", columns="category", values="dwellings", aggfunc="sum", sort=True
    ).reindex(columns=tenures, fill_value=0).reset_index()  # fmt: skip
    family = family_counts(now).rename(columns={"family_low": "low", "family_high": "high"})
    plans = dict(zip(results.areas["area_id"], results.areas["plan"], strict=True))
    mix = wide.merge(family[["area_id", "dwellings", "family", "low", "high"]], on="area_id")
    mix = mix.assign(
        plan=["x" if plans.get(area) else "" for area in mix["area_id"]],
        social_share=mix["social"] / mix["dwellings"],
    )[["area_id", "plan", "dwellings", *tenures, "social_share", "family", "low", "high"]]
    mixed = results.inside.merge(
        results.diversity[["area_id", "entropy", "simpson"]], on="area_id", how="left"
    )
    mixed = mixed.merge(
        results.neighbours[["area_id", "neighbour_share", "contrast"]], on="area_id", how="left"
    )
    mixed = mixed.merge(mixed_today(results)[["area_id", "place", "apart"]], on="area_id")
    mixed = mixed.rename(columns={"share": "social_share"})[
        ["area_id", "place", "apart", "total", "social_share", "entropy", "simpson", "blocks", "inner_d_corrected",
         "one_sided_share", "neighbour_share", "contrast"]
    ]  # fmt: skip
    scales = results.scales[results.scales["value"].notna() & (results.scales["measure"] != "exposure")]
    rule = (
        results.rules.merge(results.compliance, on=["area_id", "variant"], how="left")
        if len(results.rules)
        else results.rules
    )
    tables = {
        "sheet_mix": _without_bounds(mix),
        "sheet_mixed": mixed,
        "sheet_scales": scales[["scale", "size", "measure", "group", "value", "expected", "corrected"]].rename(
            columns={"size": "unit"}
        ),
        "sheet_rule": _without_equal_bounds(rule[list(_RULE)]) if len(rule) else pd.DataFrame(),
        "sheet_fewest": _fewest(results),
        "sheet_projects": results.projects.rename(columns={"year": "done", "name": "project_name"}),
        "sheet_years": results.years.drop(columns="family_low").rename(columns={"family_high": "family"})
        if (results.years["family_low"] == results.years["family_high"]).all() else
        results.years.rename(columns={"family_low": "low", "family_high": "high"}),
        "sheet_counts": _without_bounds(results.mix.drop(columns="period")),
    }  # fmt: skip
    if results.edition.internal:
        tables["sheet_chances"] = results.chances.merge(results.dispensations, on="area_id", how="left")
        tables["sheet_ifs"] = _ifs(results, minimum)
        tables["sheet_letting"] = _letting(results, minimum)
        tables["sheet_residents"] = _residents(results)
    return tables


def _without_bounds(table: pd.DataFrame) -> pd.DataFrame:
    """Counts without their bounds, where none lies between any."""
    is_settled = bool((table["low"] == table["high"]).all())
    return table.drop(columns=["low", "high"]) if is_settled else table


def _without_equal_bounds(rule: pd.DataFrame) -> pd.DataFrame:
    """The rule's rows with one column in the place of two where no count of family dwellings lies between bounds."""
    if (rule["low"] != rule["high"]).any():
        return rule
    names = {"high": "limited", "share_high": "rule_share", "too_many_high": "too_many"}
    return rule.drop(columns=["low", "share_low"]).rename(columns=names)


def _fewest(results: BalanceResults) -> pd.DataFrame:
    """What would be enough: a row for today and for each variant at the horizon, a column for each way.

    Where the family dwellings lie between bounds there are two rows, one for each end.
    """
    changes = results.minimum_change
    if changes.empty:
        return pd.DataFrame()
    keys = ["area_id", "year", "variant"]
    order = {name: place for place, name in enumerate((TODAY, "decided", "likely", "all"))}
    shares = results.rules.assign(
        variant=results.rules["variant"].where(results.rules["year"] > results.start, TODAY)
    ).drop_duplicates(keys)
    is_settled = bool((changes["number_low"] == changes["number_high"]).all())
    parts = []
    for bound in ("high",) if is_settled else ("low", "high"):
        wide = changes.pivot_table(index=keys, columns="way", values=f"number_{bound}", aggfunc="first")
        part = wide.reset_index().merge(shares[[*keys, f"share_{bound}"]], on=keys, how="left")
        parts.append(part.rename(columns={f"share_{bound}": "rule_share"}).assign(bound=bound))
    table = pd.concat(parts, ignore_index=True).sort_values(
        ["area_id", "year", "variant"],
        key=lambda column: column.map(order) if column.name == "variant" else column,
        kind="stable",
        ignore_index=True,
    )
    ways = [way for way in WAYS if way in table.columns]
    return table[[*keys, *([] if is_settled else ["bound"]), "rule_share", *ways]].rename(
        columns={"business_m2": "more_m2"}
    )


def _ifs(results: BalanceResults, minimum: int) -> pd.DataFrame:
    """The "if" indicators, without the figures that rest on few."""
    if results.what_if.empty:
        return pd.DataFrame()
    numerator, base = (
        results.what_if["numerator_now"].astype("int64"),
        results.what_if["denominator_now"].astype("int64"),
    )
    suppressed = (
        small(numerator, minimum) | small(base, minimum) | small((base - numerator).clip(lower=0), minimum)
    )
    suppressed |= _suppressed_beside(results.what_if["area_id"], results.what_if["indicator"], results)
    shown = results.what_if.assign(
        value_now=results.what_if["value_now"].mask(suppressed),
        value_if=results.what_if["value_if"].mask(suppressed),
    )
    return shown[["area_id", "indicator", "value_now", "value_if", "unlike"]]


_OF_STEP: Final = (
    "exempt", "reason", "every", "assigned_by_ladder", "extra", "assigned_after", "share_after", "flexible",
    "waiting_list",
)  # fmt: skip
"""What of an estate's letting follows from the step that its share lies in."""


def _letting(results: BalanceResults, minimum: int) -> pd.DataFrame:
    """The assignments, without the shares that rest on few, nor what follows from a step that would tell one.

    All assignments add up to the load: where one estate's are not shown, those of the one with fewest vacancies go too.
    """
    if results.allocation.empty:
        return results.allocation
    allocation = results.allocation
    outside, base = allocation["outside"], allocation["base"]
    suppressed = small(outside, minimum) | small(base, minimum) | small(base - outside, minimum)
    indicator = pd.Series(results.outside_indicator, index=allocation.index)
    suppressed |= _suppressed_beside(allocation["estate_id"], indicator, results)
    enough = [_step_leaves_enough(row, results) for row in allocation.to_dict("records")]
    telling = suppressed & ~allocation["reason"].isin(["listed", "banned"])
    telling &= ~pd.Series(enough, index=allocation.index, dtype=bool)
    if telling.sum() == 1 and len(allocation) > 1:
        telling[allocation.loc[~telling, "vacancies"].sort_values(kind="stable").index[0]] = True
    shown = allocation.assign(outside_share=allocation["outside_share"].mask(suppressed))
    shown = shown.assign(**{name: shown[name].astype("object").mask(telling, None) for name in _OF_STEP})
    return shown.drop(columns=["outside", "base"])


def _step_leaves_enough(row: Mapping[Hashable, Any], results: BalanceResults) -> bool:
    """Whether enough small counts on the estate's side of its share lie in the same step of the ladder."""
    policy = results.edition.policy
    if results.ladder is None or missing(row["base"]) or not policy.suppresses:
        return True
    base = int(row["base"])
    counts = range(1, min(policy.minimum, base))
    if base - int(row["outside"]) < policy.minimum <= base:
        counts = range(max(base - policy.minimum + 1, 1), base)
    limits = [step.over_pct for step in results.ladder.step if step.over_pct is not None]

    def step(count: int) -> int:
        return sum(100 * count > limit * base for limit in limits)

    alike = sum(step(count) == step(int(row["outside"])) for count in counts)
    return alike >= min(policy.least, len(counts))


def _suppressed_beside(areas: pd.Series, indicators: pd.Series, results: BalanceResults) -> pd.Series:
    """Which figures are suppressed in the yearly run's files of the same set."""
    keys = zip(areas.astype(str), indicators.astype(str), strict=True)
    return pd.Series([key in results.suppressed for key in keys], index=areas.index, dtype=bool)


def _residents(results: BalanceResults) -> pd.DataFrame:
    """Residents by tenure, which add up to those of each area: without small ones, nor what they would follow from."""
    if results.residents.empty:
        return results.residents
    counts = results.residents.pivot_table(
        index="area_id", columns="group", values="residents", aggfunc="sum", fill_value=0
    )
    suppressed = suppressed_in_closed_sums(counts.astype("int64"), results.edition.policy, total=MUNICIPALITY)
    shown = (
        counts.astype("Int64").mask(suppressed).reset_index().melt(id_vars="area_id", value_name="residents")
    )
    shown = shown[shown["residents"].ne(0).fillna(True)]
    return shown.sort_values(["area_id", "group"], kind="stable", ignore_index=True)


def _sheet(book: Book, results: BalanceResults, key: str, frame: pd.DataFrame) -> None:
    """A sheet of a table, with names beside ids of areas."""
    names = list(frame.columns)
    if "area_id" in names:
        names = [name for name in names if name != "name"]
        names.insert(names.index("area_id") + 1, "name")
    title = word_or_key("balance", key, results.language)
    heads = {name: word_or_key("balance", name, results.language) for name in names}
    hidden = Cell(protected_word(results.language), QUIET)

    def cell(name: str, row: Mapping[Hashable, Any]) -> Cell:
        if name == "area_id":
            return Cell("" if row[name] == MUNICIPALITY else str(row[name]))
        if name == "name" and "area_id" in row:
            return Cell(area_name(str(row["area_id"]), results))
        if key == "sheet_residents" and name == "residents" and missing(row[name]):
            return hidden
        return _cell(name, row[name], results)

    heading = words("balance", results.language).get(f"heading_{key}", title)
    book.frame(title, f"{heading}: {results.name}, {results.period}", frame, heads, cell, _width)


def _cell(name: str, value: Any, results: BalanceResults) -> Cell:
    if missing(value) or value is pd.NA:
        return Cell("")
    if isinstance(value, str):
        text = (
            results.what_if_labels.get(value, value)
            if name == "indicator"
            else value_word(name, value, results.language)
        )
        return Cell(text, Look(fill=_MET.get(value)) if name in ("met", "facts") else Look())
    if isinstance(value, bool):
        return Cell("x" if value else "")
    if name in _POINTS:
        return Cell(100 * float(value), Look(number="0.0"))
    if name == "unit" and value == 0:
        return Cell("")
    look = (
        PERCENT
        if name in _SHARES
        else TWO_DECIMALS
        if name in _RATIOS
        else "0"
        if name in _PLAIN_NUMBERS
        else INTEGER
    )
    return Cell(float(value) if isinstance(value, float) else int(value), Look(number=look))


def _width(head: str, cells: Sequence[Cell]) -> float:
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    if texts:
        return width_of(texts, 12, 34)
    return 18 if head in WAYS else 14 if head in _SHARES | _RATIOS | _POINTS else 12


def write_balance_csv(results: BalanceResults, path: str | Path) -> None:
    """Write the counts of dwellings by tenure, kind, size, building year and use (one row a count)."""
    _write_csv(results.mix, results, path)


def write_balance_years_csv(results: BalanceResults, path: str | Path) -> None:
    """Write every area's balance year by year, with the rule's share where a development plan is due."""
    frame = results.years
    if len(results.rules):
        keys = ["area_id", "year", "variant"]
        frame = frame.merge(
            results.rules[[*keys, "base", "share_low", "share_high", "met"]], on=keys, how="left"
        )
    _write_csv(frame, results, path)


def _write_csv(frame: pd.DataFrame, results: BalanceResults, path: str | Path) -> None:
    """UTF-8 with BOM; ``;`` and decimal comma in Danish, ``,`` and point in English. Period, status date and source of
    the dwellings stand in the last columns."""
    provenance = {"data_period": results.period, "status_date": results.status_date, "source": results.source}
    named = frame.assign(
        name=[results.area_names.get(str(area), "") for area in frame["area_id"]], **provenance
    )
    first = ["area_id", "name"]
    write_csv(named[[*first, *[name for name in named.columns if name not in first]]], path, results.language)
