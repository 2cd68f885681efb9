"""Categories as they are published: worked out again on what is shown, and told where they tell nothing more.

A model that is run on published figures says what everybody can work out: that may always be told. What the true
categories say besides (a category where the shown figures leave a range) is told for models of points where
`geo_bosoc.disclosure.categories.worlds` finds that no suppressed count follows from it; for all others the range stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.categories.category_ranges import (
    PROTECTED,
    Key,
    PublicFigures,
    PublishedRanges,
    tell,
)
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import RESIDENTS, Results
from geo_bosoc.disclosure.secondary.same_figures import same_figures
from geo_bosoc.models.apply import categorise_cells, gate_state
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import NOT_ASSESSED, RANGE, UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.exact_values import Cell, periods_read, read_cells
from geo_bosoc.models.rules import History
from geo_bosoc.models.spec import Model

_KEYS: Final = ["area_id", "period", "model"]
_IDENTITY: Final = (*_KEYS, "model_version")
_OF_RESULT: Final = ("threshold", "met", "margin", "margin_persons", "points", "needed")
"""What a criterion row says besides its figure."""
_OF_TRUE: Final = ("held", "change_by_chance", "smallest_change")
"""Columns that only the true categories have: how sure they are, which starts from every figure."""


@dataclass(frozen=True)
class PublishedCategories:
    """Categories, criteria and flags of all models as they are published, and what became of them.

    Attributes
    ----------
    categories, criteria, flags : DataFrame
        As of `Results`.
    blind : tuple of str
        Models that were run on the middle of each suppressed count.
    """

    categories: pd.DataFrame
    criteria: pd.DataFrame
    flags: pd.DataFrame
    blind: tuple[str, ...] = ()


def public_figures(
    results: Results,
    *,
    decided: Collection[tuple[str, str]] = (),
    frozen: Collection[str] = (),
    withheld: Collection[Key] = frozenset(),
) -> PublicFigures:
    """The true figures that models look at, before anything is suppressed of them.

    Parameters
    ----------
    results : Results
        True counts and categories.
    decided : collection of (str, str), optional
        Indicators and periods of whose suppressed figures a set published before tells something: categories that rest
        on them tell no more than shown figures do.
    frozen : collection of str, optional
        Periods whose categories are told as in that set.
    withheld : collection of (str, str, str), optional
        Figures of areas below a threshold of the policy, of which nothing is shown: a model that looks at one says of
        the area that it is too small, and no more.
    """
    if not _models(results):
        return PublicFigures({}, {}, {}, {}, {})
    data_periods: dict[tuple[str, str], str] = {}
    columns = ["indicator", "period", "register", "data_period"]
    for indicator, period, register, of_data in results.sources[columns].itertuples(index=False, name=None):
        before = data_periods.get((indicator, period), "")
        data_periods[indicator, period] = f"{before}{register}:{of_data};"
    rows = results.criteria[results.criteria["points"].notna()]
    names = (rows[name] for name in ("area_id", "period", "model", "criterion"))
    points = dict(zip(zip(*names, strict=True), rows["points"].astype(float), strict=True))
    true = _exact_cells(results, results.table, results.reference_areas, results.residents)
    return PublicFigures(
        true,
        true,
        {},
        data_periods,
        points,
        frozenset(decided),
        frozenset(frozen),
        frozenset(withheld),
        _same_values(results),
    )


def with_shown(
    figures: PublicFigures,
    results: Results,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    residents: pd.DataFrame,
) -> PublicFigures:
    """The same beside what is published: suppressed figures have the status ``protected``, suppressed residents are
    missing.
    """
    if not _models(results):
        return figures
    suppressed = table[(table["status"] == PROTECTED) & table["denominator"].notna()]
    keys = suppressed[["area_id", "period", "indicator"]].itertuples(index=False, name=None)
    bases = {key: int(base) for key, base in zip(keys, suppressed["denominator"], strict=True)}
    return figures._replace(shown=_exact_cells(results, table, reference_areas, residents), bases=bases)


def told_ranges(results: Results, figures: PublicFigures, policy: Policy) -> PublishedRanges:
    """What may be told of categories besides what shown figures say, and which suppressed counts that leaves open."""
    if policy.category != "safe":
        return PublishedRanges({}, {})
    blind = _blind_models(results, figures, policy)
    simple = [model for model in _models(results) if by_own_figures(model) and model.id not in blind]
    return tell(simple, results.indicators, figures, policy)


def publish_categories(
    results: Results, figures: PublicFigures, ranges: PublishedRanges, policy: Policy
) -> PublishedCategories:
    """The categories of all models, as they may be told beside the published tables.

    Parameters
    ----------
    results : Results
        True counts and categories.
    figures : PublicFigures
        As they are published (`with_shown`).
    ranges : PublishedRanges
        What may be told besides (`told_ranges`).
    policy : Policy
        How much of a suppressed count may follow.
    """
    models = _models(results)
    if not models:
        return PublishedCategories(results.categories, results.criteria, results.flags)
    blind = _blind_models(results, figures, policy)
    frames: list[tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]] = []
    for model in models:
        shown = _with_gates(model, figures, policy)
        if model.id in blind:
            shown |= _middles(model, figures, policy)
        done = categorise_cells(shown, model, history=results.histories.get(model.id, History()))
        true = results.categories[results.categories["model"] == model.id]
        frames.append(_published(done, true, figures, ranges, policy, is_blind=model.id in blind))
    categories, criteria, flags = (pd.concat(parts, ignore_index=True) for parts in zip(*frames, strict=True))
    return PublishedCategories(categories, criteria, flags, tuple(sorted(blind)))


def _models(results: Results) -> list[Model]:
    """The models that there are categories of."""
    if results.categories.empty:
        return []
    ids = set(results.categories["model"])
    return [model for model in results.models if model.id in ids]


def _blind_models(results: Results, figures: PublicFigures, policy: Policy) -> set[str]:
    """Models that are run on the middle of each suppressed count."""
    return {
        model.id
        for model in _models(results)
        if (policy.blind or _looks_across_areas(model)) and _has_suppressed(model, figures)
    }


def _exact_cells(
    results: Results, table: pd.DataFrame, reference_areas: pd.DataFrame, residents: pd.DataFrame
) -> dict[Key, Cell]:
    """The figures that models look at; with the residents that gates ask for, where no indicator is named so."""
    only = {indicator for model in results.models for indicator in model.indicators}
    cells = read_cells(table, indicators=results.indicators, only=only)
    cells |= read_cells(reference_areas, indicators=results.indicators, only=only, name="reference_areas")
    if not (results.table["indicator"] == RESIDENTS).any():
        rows = residents[["area_id", "period", RESIDENTS]].itertuples(index=False, name=None)
        for area, period, count in rows:
            is_shown = not pd.isna(count)
            cell = Cell(Fraction(count), "ok") if is_shown else Cell(None, PROTECTED)
            cells[str(area), str(period), RESIDENTS] = cell
    return cells


def _same_values(results: Results) -> dict[str, str]:
    """Indicators that are one figure and have one value: a number and its share are not joined."""
    same = same_figures(results.table, results.indicators)
    numbers = {spec.id for spec in results.indicators if spec.unit == "count"}
    return {name: first for name, first in same.items() if (name in numbers) == (first in numbers)}


def by_own_figures(model: Model) -> bool:
    """Whether a category rests on the points of the area's own figures of that period alone."""
    return (
        model.kind == "points"
        and model.pool_years == 1
        and not model.hold
        and not any(criterion.window for criterion in model.criterion)
        and not model.uses_origin
        and not _looks_across_areas(model)
    )


def _looks_across_areas(model: Model) -> bool:
    """Whether an area's result rests on other areas' figures too."""
    return model.kind == "index" or any(criterion.measure == "z" for criterion in model.criterion)


def _has_suppressed(model: Model, figures: PublicFigures) -> bool:
    return any(key[2] in model.indicators and figures.suppressed(key) for key in figures.shown)


def _with_gates(model: Model, figures: PublicFigures, policy: Policy) -> dict[Key, Cell]:
    """The shown figures, a suppressed number of residents as a small one where the gates answer all of those alike."""
    cells = {key: cell for key, cell in figures.shown.items() if key[2] in model.indicators}
    gates = {gate.indicator for gate in model.gates} - {each.indicator for each in model.criterion}
    smallest = range(1, max(policy.minimum, policy.minimum_base))
    for key in [key for key in cells if key[2] in gates and figures.suppressed(key)]:
        area, period, indicator = key
        of_gate = [gate for gate in model.gates if gate.indicator == indicator]
        counts = [Cell(Fraction(count), "ok") for count in smallest]
        if len({gate_state(of_gate, {key: count}, area, period) for count in counts}) == 1:
            cells[key] = counts[0]
    return cells


def _middles(model: Model, figures: PublicFigures, policy: Policy) -> dict[Key, Cell]:
    """Each suppressed figure as the middle of the small counts, on the side where the municipality lies."""
    middles = {}
    of_rest = {criterion.indicator for criterion in model.criterion if criterion.compared_with_rest}
    for key, cell in figures.shown.items():
        if key[2] not in model.indicators or key[0].startswith("@") or not figures.suppressed(key):
            continue
        base = figures.bases.get(key)
        reference = figures.shown.get((MUNICIPALITY, *key[1:]), cell).value
        value = reference
        counts: dict[str, int] = {}
        if base is not None and base >= policy.minimum:
            halves = policy.minimum  # the middle of the small counts, in half persons
            value = Fraction(halves, 2 * base)
            if reference is not None and abs(reference - value) > abs(reference - (1 - value)):
                value, halves = 1 - value, 2 * base - halves
            if key[2] in of_rest:
                counts = {"numerator": halves, "denominator": base, "scale": 2}
        if value is not None:
            middles[key] = Cell(value, "ok", **counts)
    return middles


def _published(
    done: Categorisation,
    true: pd.DataFrame,
    figures: PublicFigures,
    ranges: PublishedRanges,
    policy: Policy,
    *,
    is_blind: bool,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Categories, criteria and flags of one model, with ranges where the true categories are not told."""
    model = done.model
    suppressed = _suppressed_rows(model, done.criteria, figures)
    touched = set(done.criteria.loc[suppressed, ["area_id", "period"]].itertuples(index=False, name=None))
    open_besides = _without_reference_or_gate(done, figures)
    rows = done.categories.merge(
        true[[*_KEYS, "category", *(name for name in _OF_TRUE if name in true.columns)]],
        on=_KEYS,
        how="left",
        suffixes=("", "_true"),
    )
    ids = [category.id for category in model.category]
    before: dict[str, Any] = {}
    used = {each.indicator for each in model.criterion}
    withheld = {(area, period) for area, period, indicator in figures.withheld if indicator in used}
    not_assessed = set()
    records = rows.to_dict("records")
    for row in records:
        area, period = row["area_id"], row["period"]
        key = (area, period, model.id)
        is_touched = (area, period) in touched
        if policy.category == "always" and is_touched and not is_blind:
            row["category"], row["possible"] = row["category_true"], None
        elif key in ranges.ranges:
            between = ranges.ranges[key]
            names = ids[between.worst : between.mildest + 1]
            single = len(names) == 1
            row["category"] = names[0] if single else (UNDETERMINED if between.exact else RANGE)
            row["possible"] = None if single else ", ".join(names)
        elif row["category"] == UNDETERMINED and (
            is_touched or ((area, period) in open_besides and row["category_true"] != UNDETERMINED)
        ):
            row["category"] = RANGE
        if row["category"] != UNDETERMINED:
            row["undetermined_by"] = None
        if is_touched:
            row["points"] = None
        if is_touched or row["category"] == RANGE:
            row.update({name: None for name in _OF_TRUE if name in row})
        if (area, period) in withheld:
            row.update({str(name): None for name in row if name not in _IDENTITY}, category=TOO_SMALL)
        earlier = before.get(area)
        row["category_before"] = earlier
        before[area] = None if row["category"] == RANGE else row["category"]
        if row["category"] in {each.id for each in NOT_ASSESSED} - {UNDETERMINED}:
            not_assessed.add((area, period))
    categories = pd.DataFrame(records, columns=[name for name in rows.columns if name != "category_true"])
    categories = categories.astype({name: true[name].dtype for name in _OF_TRUE if name in true.columns})
    categories = _without_words_of(categories, done.criteria[suppressed])
    keys = pd.MultiIndex.from_frame(done.criteria[["area_id", "period"]])
    blank = suppressed | pd.Series(keys.isin(list(not_assessed)), index=done.criteria.index)
    criteria = done.criteria.copy()
    for name in _OF_RESULT:
        criteria[name] = criteria[name].mask(blank, None)
    criteria["value"] = criteria["value"].mask(suppressed, None)
    of_rest = criteria["criterion"].isin([each.key for each in model.criterion if each.compared_with_rest])
    criteria["reference"] = criteria["reference"].mask(
        suppressed & of_rest, None
    )  # it is the figure's complement
    criteria["status"] = criteria["status"].mask(suppressed, PROTECTED)
    return categories, criteria, done.flags


def _without_reference_or_gate(done: Categorisation, figures: PublicFigures) -> set[tuple[str, str]]:
    """The areas and periods that a suppressed figure of a reference area, or of a gate, goes into."""
    model = done.model
    gates = {gate.indicator for gate in model.gates}
    references = {
        (area_id, criterion.indicator)
        for criterion in model.criterion
        for area_id in criterion.counted_references
    }
    gone = {key for key in figures.shown if figures.suppressed(key)}
    periods = {period for area, period, indicator in gone if (area, indicator) in references}
    rows = done.categories[["area_id", "period"]].itertuples(index=False, name=None)
    return {
        (area, period)
        for area, period in rows
        if period in periods or any((area, period, indicator) in gone for indicator in gates)
    }


def _suppressed_rows(model: Model, criteria: pd.DataFrame, figures: PublicFigures) -> pd.Series:
    """The criteria that a suppressed figure goes into, of any year that they look at."""
    read_by = {criterion.key: criterion for criterion in model.criterion}
    suppressed = {key for key in figures.shown if figures.suppressed(key)}
    columns = criteria[["area_id", "period", "criterion", "indicator"]].itertuples(index=False, name=None)
    rows = [
        any((area, year, indicator) in suppressed for year in periods_read(model, read_by[key], period))
        for area, period, key, indicator in columns
    ]
    return pd.Series(rows, index=criteria.index, dtype=bool)


def _without_words_of(categories: pd.DataFrame, suppressed: pd.DataFrame) -> pd.DataFrame:
    """Categories whose `moved_by` does not name criteria that are suppressed in that period or the one before."""
    hidden: dict[tuple[str, str], set[str]] = {}
    for area, period, key in suppressed[["area_id", "period", "criterion"]].itertuples(
        index=False, name=None
    ):
        hidden.setdefault((area, period), set()).add(key)
    earlier: dict[str, str] = {}
    words = []
    for area, period, text in categories[["area_id", "period", "moved_by"]].itertuples(
        index=False, name=None
    ):
        keys = hidden.get((area, period), set()) | hidden.get((area, earlier.get(area, "")), set())
        named = text.split(", ") if isinstance(text, str) else []
        parts = [part for part in named if part.rsplit(" ", 1)[0] not in keys]
        words.append(", ".join(parts) or None)
        earlier[area] = period
    return categories.assign(moved_by=pd.Series(words, index=categories.index, dtype="object"))
