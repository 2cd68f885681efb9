"""The list of 1 December ahead of time: what the figures that are there already say, and what the missing ones must be.

A municipality has its own population register, and the values of the criteria from Landsbyggefonden for its estates;
the rest comes with the list. Each area's category is worked out with and without the criterion on residents' origin,
three-valued: where figures are missing, it says which value of which figure would settle it. For internal use.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.follow_up.ahead.conditions import Cache, Determination, determining_conditions
from geo_bosoc.follow_up.ahead.list_figures import (
    is_known,
    join_cells,
    periods_of,
    read_table_cells,
    with_parameters,
)
from geo_bosoc.follow_up.ahead.list_texts import Obligation, determination_text, list_sentence
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.apply import gate_state
from geo_bosoc.models.categorisation import flag_rows, rules_row, rules_rows
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import Operator, exact
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, read_cells
from geo_bosoc.models.measures import holds, persons_to_cross
from geo_bosoc.models.rules import (
    CriterionResult,
    History,
    OutcomeCache,
    area_answers,
    category_outcome,
    evaluate_area,
    period_tests,
    tests_of_area,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.variants import without_origin
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import Language

LIST_COLUMNS: Final = (
    "area_id", "model", "period", "category", "possible", "category_without_origin", "possible_without_origin",
    "missing", "laws", "sentence", "status", "notice",
)  # fmt: skip
MARGIN_COLUMNS: Final = (
    "area_id", "model", "period", "criterion", "indicator", "value", "operator", "threshold", "met", "margin",
    "margin_persons", "persons_by", "figure_from", "uses_origin", "status",
)  # fmt: skip
CONDITION_COLUMNS: Final = (
    "area_id",
    "model",
    "period",
    "origin_criterion",
    "category",
    "figures",
    "sentence",
)
OBLIGATION_COLUMNS: Final = ("area_id", "model", "period", "obligation", "law", "due", "sentence", "mark")


@dataclass(frozen=True)
class ListAhead:
    """What the list of 1 December would say, as far as it can be told.

    Attributes
    ----------
    areas : DataFrame
        One row an area: its category (``undetermined``: `possible` says between which, ", " between them) with and
        without the criterion on origin, the indicators that are missing, the sections of the law that bind for sure, a
        sentence, and, in the first row, the notice that a model with residents' origin must bear.
    margins : DataFrame
        One row an area and criterion: value, threshold, and the least change in persons that crosses it, by the
        figure's own counts (``counts``) or by the number of people it is of (``base``); `figure_from` says where the
        figure is from (own | table | missing).
    conditions : DataFrame
        One row an area and way in which a missing figure would settle its category, with and without origin.
    obligations : DataFrame
        One row an area and obligation that is due (``yes``) or may be (``cannot_tell``).
    """

    areas: pd.DataFrame
    margins: pd.DataFrame
    conditions: pd.DataFrame
    obligations: pd.DataFrame


def list_ahead(
    municipal: pd.DataFrame | None,
    model: Model,
    year: str,
    *,
    table: pd.DataFrame | str | Path | None = None,
    shares: Collection[str] = (),
    per_cent: Collection[str] = (),
    areas: Mapping[str, str] | None = None,
    reference_areas: pd.DataFrame | None = None,
    indicators: Sequence[Indicator] = (),
    parameters: Mapping[str, float] | None = None,
    bases: Mapping[str, str] | None = None,
    history: History | None = None,
    obligations: Sequence[Obligation] = (),
    language: Language = "da",
    report: Report | None = None,
) -> ListAhead:
    """The categories of a list that is not out yet.

    Parameters
    ----------
    municipal : DataFrame or None
        The municipality's own figures, an indicator table (``area_id, period, indicator, value, status`` and counts).
        Where it has all the years that a criterion looks at, it is believed before `table`.
    model : Model
        A rules model, such as ``national-2021``.
    year : str
        The list's year.
    table : DataFrame, str or Path, optional
        Finished values, a row an area (see `geo_bosoc.models.categorise_table`), as Landsbyggefonden has them: means
        over the years that the criteria ask for.
    shares, per_cent : collection of str, optional
        Columns of `table` with percentages: those that hold shares (0.25 is 25 %), and those of which no value passes 1
        though they are in per cent.
    areas : mapping of str to str, optional
        The areas' ids and names: rows of `table` may name an area either way, and rows of others are left out.
    reference_areas : DataFrame, optional
        Rows ``@national``, ``@region`` of the same shape as `municipal`.
    indicators : sequence of Indicator, optional
        What `municipal` counts.
    parameters : mapping of str to float, optional
        The model's parameters of that year in their own unit: ``{"national_convicted": 0.78}`` per cent.
    bases : mapping of str to str, optional
        For figures without counts the indicator of `municipal` that counts whom they are of, so that margins can be
        told in persons: ``{"basic_edu_pct": "residents_30_59"}``.
    history : History, optional
        The lists of earlier years.
    obligations : sequence of Obligation, optional
        What follows from each category.
    language : {"da", "en"}, optional
        Of the sentences.
    report : Report, optional
        Where warnings go.

    Returns
    -------
    ListAhead
        Areas sorted by id.

    Raises
    ------
    InputError
        The table cannot be read or has no rows of that year; a parameter is none of the model's.

    Examples
    --------
    >>> from geo_bosoc.models import load_model
    >>> row = {"area": "Parken", "year": 2023, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 1.0,
    ...        "basic_edu_pct": 50.0, "non_western_pct": 20.0}
    >>> ahead = list_ahead(None, load_model("national-2021"), "2023", table=pd.DataFrame([row]), language="en")
    >>> print(*ahead.conditions.loc[ahead.conditions["origin_criterion"] == "with", "sentence"], sep="\\n")
    Vulnerable housing area, if gross income is under 55%.
    Not listed, if gross income is at least 55%.
    """
    list_report = report if report is not None else Report()
    model = with_parameters(model, year, parameters or {}, list_report)
    own_cells = {} if municipal is None else read_cells(municipal, indicators=indicators, report=list_report)
    references = {} if reference_areas is None else read_cells(reference_areas, indicators=indicators)
    table_cells: Cells = {}
    if table is not None:
        table_cells = read_table_cells(
            table, model, year, areas or {}, list_report, shares=shares, per_cent=per_cent
        )
    list_report.raise_errors()
    cells = join_cells(own_cells, table_cells, model, year)
    names = sorted(
        areas or {area for area, period, _ in cells if period == year and not area.startswith("@")}
    )
    cells |= {key: cell for key, cell in references.items() if key[0].startswith("@")}
    due = [each for each in obligations if each.holds_in(year)]
    evaluator = _Evaluator(model, cells, year, history or History(), language, due)
    rows: dict[str, list[dict[str, Any]]] = {"areas": [], "margins": [], "conditions": [], "obligations": []}
    for area in names:
        for name, more in evaluator.area_rows(area, own_cells, bases or {}).items():
            rows[name] += more
    columns = (LIST_COLUMNS, MARGIN_COLUMNS, CONDITION_COLUMNS, OBLIGATION_COLUMNS)
    frames = [
        pd.DataFrame(of_frame, columns=list(heads))
        for of_frame, heads in zip(rows.values(), columns, strict=True)
    ]
    frames[0].loc[:0, "notice"] = model.notice(language) or None  # once: it is of the model
    return ListAhead(*frames)


class _Evaluator:
    """One list: the model with and without origin, on cells that are there."""

    def __init__(
        self,
        model: Model,
        cells: Cells,
        year: str,
        history: History,
        language: Language,
        obligations: Sequence[Obligation],
    ) -> None:
        self.model, self.cells, self.year, self.history, self.language = model, cells, year, history, language
        self.obligations = obligations
        self.plain = without_origin(model)
        self.tests, self.plain_tests = (period_tests(each, cells, year) for each in (model, self.plain))
        self.caches: tuple[OutcomeCache, OutcomeCache] = ({}, {})
        self.determined = (Cache(), Cache())

    def area_rows(
        self, area: str, municipal: Cells, bases: Mapping[str, str]
    ) -> dict[str, list[dict[str, Any]]]:
        model, year = self.model, self.year
        key = {"area_id": area, "model": model.id, "period": year}
        tests, plain_tests = (
            tests_of_area(each, self.cells, area, year, of_period)
            for each, of_period in ((model, self.tests), (self.plain, self.plain_tests))
        )
        result = evaluate_area(model, self.cells, area, year, self.history, tests=tests, cache=self.caches[0])
        answers, _ = area_answers(self.plain, self.cells, area, year, self.history, plain_tests)
        plain = category_outcome(self.plain, answers, self.caches[1]).category
        gate = gate_state(model.gates, self.cells, area, year)
        row = rules_row(model, area, year, result.category, plain, gate)
        plain_row = rules_row(self.plain, area, year, plain, None, gate)
        ways = determining_conditions(
            model, self.cells, area, year, self.history, tests=tests, cache=self.determined[0]
        )
        plain_ways: list[Determination] = []
        if model.uses_origin:
            plain_ways = determining_conditions(
                self.plain, self.cells, area, year, self.history, tests=plain_tests, cache=self.determined[1]
            )
        flags = {flag["category"]: str(flag["met"]) for flag in flag_rows(model, area, year, result, gate)}
        missing = sorted(
            each for each in model.indicators
            if not is_known(self.cells, area, periods_of(model, each, year), each)
        )  # fmt: skip
        due = [(each, state) for each in self.obligations if (state := each.due(flags)) != "no"]
        return {
            "areas": [key | {
                "category": row["category"], "possible": row["possible"],
                "category_without_origin": plain_row["category"],
                "possible_without_origin": plain_row["possible"],
                "missing": ", ".join(missing),
                "laws": "; ".join(dict.fromkeys(each.law for each, state in due if state == "yes")),
                "sentence": list_sentence(model, self.plain, row, plain_row, ways, self.language), "status": "ok",
                "notice": None,
            }],
            "margins": [*self._gates(area, municipal), *self._margins(area, result.criteria, municipal, bases)],
            "conditions": [*self._condition_rows(key, ways, model, row, "with"),
                        *self._condition_rows(key, plain_ways, self.plain, plain_row, "without")],
            "obligations": [
                key | {"obligation": each.label(self.language), "law": each.law, "due": state,
                       "sentence": each.text(self.language), "mark": each.status}
                for each, state in due
            ],
        }  # fmt: skip

    def _condition_rows(
        self,
        key: dict[str, Any],
        ways: Sequence[Determination],
        model: Model,
        row: Mapping[str, Any],
        origin: str,
    ) -> list[dict[str, Any]]:
        if row["category"] != UNDETERMINED:
            return []
        return [
            key | {
                "origin_criterion": origin, "category": way.category,
                "figures": ", ".join(condition.indicator for condition in way.conditions),
                "sentence": determination_text(model, way, self.language),
            }
            for way in ways
        ]  # fmt: skip

    def _gates(self, area: str, municipal: Cells) -> list[dict[str, Any]]:
        """What every area must meet, such as 1,000 residents, as rows like those of criteria."""
        rows: list[dict[str, Any]] = []
        for gate in self.model.gates:
            value, limit = (
                self.cells.get((area, self.year, gate.indicator), ABSENT).value,
                exact(gate.threshold),
            )
            is_own = is_known(municipal, area, [self.year], gate.indicator)
            row: dict[str, Any] = dict.fromkeys(MARGIN_COLUMNS)
            rows.append(row | {
                "area_id": area, "model": self.model.id, "period": self.year, "criterion": gate.indicator,
                "indicator": gate.indicator, "value": None if value is None else float(value),
                "operator": gate.operator, "threshold": gate.threshold,
                "met": "undetermined" if value is None
                else "met" if holds(value, gate.operator, limit) else "not_met",
                "margin": None if value is None else float(value - limit),
                "margin_persons": _persons_of_count(value, gate.operator, limit),
                "persons_by": "" if value is None else "counts",
                "figure_from": "missing" if value is None else "own" if is_own else "table",
                "uses_origin": False, "status": "ok" if value is not None else "missing",
            })  # fmt: skip
        return rows

    def _margins(
        self,
        area: str,
        results: Sequence[CriterionResult],
        municipal: Cells,
        bases: Mapping[str, str],
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for result, row in zip(results, rules_rows(self.model, area, self.year, results), strict=True):
            criterion = result.criterion
            persons, persons_by = result.persons, "counts" if result.persons is not None else ""
            base = municipal.get((area, self.year, bases.get(criterion.indicator, "")), ABSENT)
            if persons is None and criterion.unit == "count":
                persons = _persons_of_count(result.reading.value, criterion.operator, result.limit)
                persons_by = "counts" if persons is not None else ""
            elif persons is None and base.value is not None:
                persons = _persons_by_base(result, int(base.value))
                persons_by = "base" if persons is not None else ""
            periods = periods_of(self.model, criterion.indicator, self.year)
            is_own = is_known(municipal, area, periods, criterion.indicator)
            has_value = result.reading.value is not None
            rows.append({
                **{name: row[name] for name in MARGIN_COLUMNS if name in row}, **_limit(result),
                "margin_persons": persons, "persons_by": persons_by,
                "figure_from": "missing" if not has_value else "own" if is_own else "table",
                "uses_origin": criterion.uses_origin,
            })  # fmt: skip
        return rows


def _limit(result: CriterionResult) -> dict[str, float | None]:
    """The threshold as a value of the area's figure, and how far over it the figure is; None where it is not known."""
    limit, value = result.limit, result.reading.value
    if limit is not None and result.criterion.complement:
        limit = 1 - limit
    margin = None if limit is None or value is None else float(value - limit)
    return {"threshold": None if limit is None else float(limit), "margin": margin}


def _persons_of_count(value: Fraction | None, operator: Operator, limit: Fraction | None) -> int | None:
    """The least change of a count that changes ``value operator limit``.

    >>> _persons_of_count(Fraction(990), ">=", Fraction(1000)), _persons_of_count(Fraction(1010), ">=", Fraction(1000))
    (10, -11)
    """
    if value is None or limit is None:
        return None
    is_met, upwards = holds(value, operator, limit), operator in (">", ">=")
    change = math.ceil(limit - value) if upwards != is_met else math.floor(limit - value)
    step = 1 if upwards != is_met else -1
    return change if holds(value + change, operator, limit) != is_met else change + step


def _persons_by_base(result: CriterionResult, base: int) -> int | None:
    """The least change in persons of a share that was given without its counts, by how many people it is of."""
    reading, criterion, limit = result.reading, result.criterion, result.limit
    bounded = criterion.bounded and criterion.unit in ("percent", "per_10000", "per_1000")
    if reading.value is None or limit is None or base <= 0 or not bounded:
        return None
    cell = Cell(reading.value, "ok", round(reading.value * base), base)
    edge = Fraction(limit)
    return persons_to_cross(cell, edge, criterion.operator, complement=criterion.complement)
