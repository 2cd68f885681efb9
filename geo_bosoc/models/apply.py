"""Categories of areas: one verb for every kind of model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.categorisation import (
    Categorisation,
    GateState,
    HeldCategory,
    Rows,
    areas_by_period,
    change_since,
    flag_rows,
    flags_frame,
    points_row,
    points_rows,
    rules_row,
    rules_rows,
    with_hold,
)
from geo_bosoc.models.category import LEFT_OUT, UNDETERMINED, LeftOut
from geo_bosoc.models.criteria import Gate, exact
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, pool, read_cells
from geo_bosoc.models.measures import holds
from geo_bosoc.models.points import Score, score_areas
from geo_bosoc.models.row_columns import Row
from geo_bosoc.models.rules import (
    History,
    OutcomeCache,
    area_answers,
    category_outcome,
    evaluate_area,
    from_flags,
    merge_histories,
    period_tests,
    tests_of_area,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.variants import with_indicators, without_origin
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import bilingual, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers


def categorise(
    table: pd.DataFrame,
    model: Model,
    *,
    reference_areas: pd.DataFrame | None = None,
    indicators: Sequence[Indicator] = (),
    history: History | None = None,
    origin: bool = True,
    assume: Collection[str] = (),
    report: Report | None = None,
) -> Categorisation:
    """Put each area of each period in a category.

    Parameters
    ----------
    table : DataFrame
        An indicator table, one row an area, period and indicator (see `geo_bosoc.disclosure.results.Results.table`).
    model : Model
        The model (see `geo_bosoc.models.load.load_model`).
    reference_areas : DataFrame, optional
        Rows of the same shape for ``@municipality``, and ``@region`` or ``@national`` where a model asks for them.
        Without them the column `reference` of `table` serves as the municipality's value.
    indicators : sequence of Indicator, optional
        Definitions of the indicators, which say scale and what unknowns count as (see `read_cells`), and the unit,
        direction and name of criteria that say none (see `geo_bosoc.models.variants.with_indicators`).
    history : History, optional
        Who was in which category in earlier years, for rules that ask for years in a row. Earlier periods of `table`
        itself are used where it says nothing.
    origin : bool, optional
        False runs a model without its criteria on residents' origin (see `geo_bosoc.models.without_origin`).
    assume : collection of str, optional
        Indicators whose gate is taken as passed where the figure is missing (listed in the column `assumed`).
    report : Report, optional
        Where warnings go.

    Returns
    -------
    Categorisation
        Areas in order of id, periods as text. Thresholds are compared as exact fractions of counts.

    Raises
    ------
    InputError
        The table does not have the columns, or doubles rows. That the model names an indicator which the
        table does not hold is a warning: every area is then undetermined by it.

    Examples
    --------
    >>> from geo_bosoc.models import parse_model
    >>> model = parse_model({
    ...     "id": "example", "version": "2024-01-01", "kind": "points",
    ...     "criterion": [{"indicator": "crime", "measure": "ratio", "bands": [1.5, 2.0]}],
    ...     "category": [
    ...         {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "colour": "#2a0f52", "min_points": 2},
    ...         {"id": "other", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
    ...     ],
    ... })
    >>> rows = [("0001", "2024", "crime", 9, 300, 0.03, "ok"), ("0002", "2024", "crime", 4, 400, 0.01, "ok")]
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "value", "status"]
    >>> municipality = pd.DataFrame([("@municipality", "2024", "crime", 150, 10000, 0.015, "ok")], columns=columns)
    >>> done = categorise(pd.DataFrame(rows, columns=columns), model, reference_areas=municipality)
    >>> done.categories[["area_id", "category", "points"]].values.tolist()
    [['0001', 'risk', 2.0], ['0002', 'other', 0.0]]
    """
    table_report = Report()
    if "area_id" in table.columns:
        refuse_person_numbers([str(area) for area in table["area_id"].unique()], "area_id", table_report)
        table_report.raise_errors()
    model = with_indicators(model, indicators)
    applied = model if origin else without_origin(model)
    cells = read_cells(table, indicators=indicators, only=model.indicators, report=table_report)
    cells |= _reference_cells(table, reference_areas, indicators, model.indicators, table_report)
    present = {indicator for area, _, indicator in cells if not area.startswith("@")}
    for criterion in applied.criterion:
        if criterion.indicator not in present:
            table_report.warn(
                phrase(
                    "model {model} misses {indicator}, which the table does not hold: areas whose category depends on "
                    "it are undetermined",
                    model=applied.id,
                    indicator=criterion.indicator,
                ),
                hint=phrase("It needs {needs}.", needs=bilingual(criterion.needs, criterion.needs_da))
                if criterion.needs
                else None,
                key=absent_key(criterion.indicator),
            )
    for gate in applied.gates:
        if gate.indicator not in present:
            table_report.warn(
                phrase(
                    "model {model} needs {indicator} for its gate, which the table does not hold: areas that the gate "
                    "could leave out are undetermined",
                    model=applied.id,
                    indicator=gate.indicator,
                ),
                key=absent_key(gate.indicator),
            )
    any_indicator = min(model.indicators)
    for area, period in table[["area_id", "period"]].drop_duplicates().itertuples(index=False, name=None):
        # An area of which nothing that is needed is known.
        cells.setdefault((str(area), str(period), any_indicator), ABSENT)
    done = categorise_cells(cells, applied, history=history, assume=assume, report=table_report)
    table_report.hand_over(report)
    return done


def absent_key(indicator: str) -> str:
    """The key of the warning that a model misses an indicator, for whoever has said it already.

    >>> absent_key("safety")
    'indicators.safety'
    """
    return f"indicators.{indicator}"


def categorise_cells(
    exact_cells: Cells,
    model: Model,
    *,
    history: History | None = None,
    assume: Collection[str] = (),
    averaged: bool = False,
    report: Report | None = None,
) -> Categorisation:
    """`categorise` on exact cells. `averaged` figures are not averaged over a window again."""
    pooled = pool(exact_cells, model.pool_years)
    rows = Rows()
    past = history or History()
    held_categories: dict[str, HeldCategory] = {}
    before: dict[str, tuple[Row, Mapping[str, float | None]]] = {}
    plain_model = without_origin(model) if model.uses_origin else None
    cache: OutcomeCache = {}
    plain_cache: OutcomeCache = {}
    areas_of = areas_by_period(exact_cells)
    all_gates = {
        period: {
            area: gate_state(model.gates, exact_cells, area, period, assume, model.left_out) for area in areas
        }
        for period, areas in areas_of.items()
    }
    index_run = plain_run = None
    if model.kind == "index":
        from geo_bosoc.models.index.categories import IndexRun  # scikit-learn is slow to load

        index_run = IndexRun(model, pooled, all_gates, averaged=averaged, report=report)
        if plain_model is not None:
            plain_run = IndexRun(plain_model, pooled, all_gates, averaged=averaged)
    for period, areas in areas_of.items():
        gates = all_gates[period]
        points: dict[str, Mapping[str, float | None]] = {area: {} for area in areas}
        current: list[Row] = []
        criteria: list[Row] = []
        if model.kind == "points":
            scores = score_areas(model, pooled, areas, period, averaged=averaged)
            plain_scores = (
                score_areas(plain_model, pooled, areas, period, averaged=averaged) if plain_model else {}
            )
            for area in areas:
                row = points_row(model, area, period, scores[area], gates[area])
                if plain_model is not None and row["points_min"] is not None:
                    plain_row = points_row(plain_model, area, period, plain_scores[area], gates[area])
                    row["socioeconomic"] = plain_row["category"]
                if model.hold:
                    row, held_category = with_hold(model, row, held_categories.get(area), scores[area])
                    if held_category is not None:
                        held_categories[area] = held_category
                current.append(row)
                criteria += points_rows(model, area, period, scores[area])
                points[area] = _known_points(scores[area])
        elif model.kind == "rules":
            tests = period_tests(model, pooled, period, averaged=averaged)
            plain_tests = (
                period_tests(plain_model, pooled, period, averaged=averaged) if plain_model else tests
            )
            flags: list[Row] = []
            for area in areas:
                area_tests = tests_of_area(model, pooled, area, period, tests, averaged=averaged)
                result = evaluate_area(
                    model, pooled, area, period, past, averaged=averaged, tests=area_tests, cache=cache
                )
                plain = None
                if plain_model is not None:
                    area_tests = tests_of_area(
                        plain_model, pooled, area, period, plain_tests, averaged=averaged
                    )
                    answers, _ = area_answers(
                        plain_model, pooled, area, period, past, area_tests, averaged=averaged
                    )
                    plain = category_outcome(plain_model, answers, plain_cache).category
                current.append(rules_row(model, area, period, result.category, plain, gates[area]))
                criteria += rules_rows(model, area, period, result.criteria)
                flags += flag_rows(model, area, period, result, gates[area])
            rows.flags.add(flags)
            past = merge_histories(past, from_flags(flags_frame(flags)))
        elif index_run is not None:
            current = index_run.category_rows(period)
            if plain_run is not None:
                for row, plain_row in zip(current, plain_run.category_rows(period), strict=True):
                    row["socioeconomic"] = plain_row["category"]
        for row in current:
            area = str(row["area_id"])
            if area in before:
                row |= change_since(before[area], row, points[area])
            if len(areas_of) > 1:
                before[area] = (row, points[area])
        rows.categories.add(current)
        rows.criteria.add(criteria)
        del current, criteria
        if index_run is not None:
            rows.criteria.add_columns(index_run.criteria_columns(period))
            rows.scores.add_columns(index_run.score_columns(period))
    return rows.to_categorisation(model, pooled, past, averaged=averaged)


def gate_state(
    gates: Sequence[Gate],
    exact_cells: Cells,
    area: str,
    period: str,
    assume: Collection[str] = (),
    left_out: Sequence[LeftOut] = (),
) -> GateState:
    """What the gates say of an area; a gate that is not passed decides, whatever is unknown about the others.

    An area that the model leaves out by name is told as such, with the reason.
    """
    for each in left_out:
        if each.area_id == area and (not each.periods or period in each.periods):
            return GateState(LEFT_OUT.id, assumed=(each.reason_da or each.reason,))
    unknown: list[str] = []
    assumed: list[str] = []
    for gate in gates:
        value = exact_cells.get((area, period, gate.indicator), ABSENT).value
        if value is None:
            (assumed if gate.indicator in assume else unknown).append(gate.indicator)
        elif not holds(value, gate.operator, exact(gate.threshold)):
            return GateState(gate.category)
    return GateState(UNDETERMINED if unknown else None, tuple(unknown), tuple(assumed))


def _known_points(scores: Sequence[Score]) -> dict[str, float | None]:
    return {score.criterion.key: score.least if score.decided else None for score in scores}


def _reference_cells(
    table: pd.DataFrame,
    reference_areas: pd.DataFrame | None,
    indicators: Sequence[Indicator],
    only: Collection[str],
    report: Report,
) -> dict[tuple[str, str, str], Cell]:
    if reference_areas is not None:
        cells = read_cells(
            reference_areas, indicators=indicators, only=only, name="reference_areas", report=report
        )
        return {key: cell for key, cell in cells.items() if key[0].startswith("@")}
    if "reference" not in table.columns:
        return {}
    of_municipality = table["reference"].notna()
    if "reference_area" in table.columns:
        of_municipality &= table["reference_area"] == MUNICIPALITY
    rows = table.loc[of_municipality, ["period", "indicator", "reference"]]
    rows = rows.drop_duplicates(["period", "indicator"])
    rows = rows.assign(value=rows["reference"], status="ok", area_id=MUNICIPALITY)
    return read_cells(rows, only=only)
