"""Categories of areas: one verb for every kind of model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.categorisation import Categorisation as Categorisation
from geo_bosoc.models.categorisation import (
    Rows,
    Standing,
    hold,
    moved,
    points_row,
    points_rows,
    rules_row,
    rules_rows,
)
from geo_bosoc.models.exact_values import (
    ABSENT,
    Cell,
    Cells,
    pool,
    read_cells,
)
from geo_bosoc.models.measures import holds
from geo_bosoc.models.points import Score, score_areas
from geo_bosoc.models.rules import History, Memory, from_flags, judge, merge, questions
from geo_bosoc.models.spec import (
    UNDETERMINED,
    Gate,
    Model,
    exact,
)
from geo_bosoc.models.variants import with_indicators, without_origin
from geo_bosoc.problems import Report


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
    table : indicator table, one row an area, period and indicator (see `geo_bosoc.disclosure.results.Results.table`).
    reference areas : rows of the same shape for ``@municipality``, and ``@region`` or ``@national`` where a model
        asks for them. Without them the column `reference` of `table` serves as the municipality's value.
    indicators : definitions of the indicators, which say scale and what unknowns count as (see `read_cells`), and the
        unit, direction and name of criteria that say none (see `geo_bosoc.models.from_indicators`).
    history : who was in which category in earlier years, for rules that ask for years in a row. Earlier
        periods of `table` itself are used where it says nothing.
    origin : False runs a model without its criteria on residents' origin (see `without_origin`).
    assume : indicators whose gate is taken as passed where the figure is missing (told in the column
        `assumed`).

    Returns
    -------
    Categorisation
        Areas in order of id, periods as text. Thresholds are compared as exact fractions of counts.

    Raises
    ------
    InputError
        The table does not have the columns, or doubles rows. That the model names an indicator which the
        table does not hold is a warning: every area is then undetermined by it.
    """
    own = Report()
    model = with_indicators(model, indicators)
    used = model if origin else without_origin(model)
    cells = dict(read_cells(table, indicators=indicators, only=model.indicators, report=own))
    cells |= _reference_cells(table, reference_areas, indicators, model.indicators, own)
    present = {indicator for area, _, indicator in cells if not area.startswith("@")}
    for criterion in used.criterion:
        if criterion.indicator not in present:
            needs = f"It needs {criterion.needs}." if criterion.needs else None
            text = f"model {used.id} cannot be computed here: the table does not hold {criterion.indicator}"
            own.warn(text, hint=needs, key=f"indicators.{criterion.indicator}")
    for gate in used.gates:
        if gate.indicator not in present:
            own.warn(f"model {used.id} needs {gate.indicator} for its gate, which the table does not hold")
    own.settle(report)
    for area, period in table[["area_id", "period"]].drop_duplicates().itertuples(index=False, name=None):
        for indicator in sorted(model.indicators)[:1]:  # an area of which nothing that is needed is known
            cells.setdefault((str(area), str(period), indicator), ABSENT)
    return categorise_cells(cells, used, history=history, assume=assume)


def categorise_cells(
    cells: Cells,
    model: Model,
    *,
    history: History | None = None,
    assume: Collection[str] = (),
    finished: bool = False,
) -> Categorisation:
    """`categorise` on exact cells. ``finished`` figures are not averaged over a window again."""
    pooled = pool(cells, model.pool_years)
    rows = Rows()
    known = history or History()
    held: dict[str, Standing] = {}
    before: dict[str, tuple[dict[str, object], Mapping[str, float | None]]] = {}
    memory: Memory = {}
    memory_apart: Memory = {}
    for period, areas in _areas(cells).items():
        gates = {area: gate_state(model.gates, cells, area, period, assume) for area in areas}
        points: dict[str, Mapping[str, float | None]] = {}
        current: list[dict[str, object]] = []
        apart = without_origin(model) if model.uses_origin else None
        if model.kind == "points":
            scores = score_areas(model, pooled, areas, period, finished=finished)
            for area in areas:
                row = points_row(model, area, period, scores[area], gates[area])
                if apart is not None and row["points_min"] is not None:
                    alone = score_areas(apart, pooled, areas, period, finished=finished)[area]
                    row["socioeconomic"] = points_row(apart, area, period, alone, gates[area])["category"]
                if model.hold:
                    row, stands = hold(model, row, held.get(area), scores[area])
                    if stands is not None:
                        held[area] = stands
                current.append(row)
                rows.criteria += points_rows(model, area, period, scores[area])
                points[area] = _known_points(scores[area])
        elif model.kind == "rules":
            asked = questions(model, pooled, period, finished=finished)
            for area in areas:
                judgement = judge(
                    model, pooled, area, period, known, finished=finished, rules=asked, memory=memory
                )
                social = None
                if apart is not None:
                    social = judge(
                        apart,
                        pooled,
                        area,
                        period,
                        known,
                        finished=finished,
                        rules=asked,
                        memory=memory_apart,
                    )
                current.append(rules_row(model, area, period, judgement, social, gates[area]))
                rows.criteria += rules_rows(model, area, period, judgement)
                rows.add_flags(model, area, period, judgement, gates[area])
                points[area] = {}
            known = merge(known, from_flags(rows.flags_frame()))
        else:
            from geo_bosoc.models.index.categories import index_rows  # scikit-learn is slow to load

            made, criteria = index_rows(model, pooled, areas, period, gates)
            if apart is not None:
                for row, alone_row in zip(
                    made, index_rows(apart, pooled, areas, period, gates)[0], strict=True
                ):
                    row["socioeconomic"] = alone_row["category"]
            current += made
            rows.criteria += criteria
            points = {area: {} for area in areas}
        for row in current:
            area = str(row["area_id"])
            if area in before:
                row |= moved(before[area], row, points[area])
            before[area] = (row, points[area])
        rows.categories += current
    return rows.finish(model, pooled, known, finished=finished)


def gate_state(
    gates: Sequence[Gate], cells: Cells, area: str, period: str, assume: Collection[str] = ()
) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """What the gates say of an area: where it falls (None: it passes), what is missing, what was assumed.

    A gate that is not passed decides, whatever is unknown about the others.
    """
    unknown: list[str] = []
    assumed: list[str] = []
    for gate in gates:
        value = cells.get((area, period, gate.indicator), ABSENT).value
        if value is None:
            (assumed if gate.indicator in assume else unknown).append(gate.indicator)
        elif not holds(value, gate.operator, exact(gate.threshold)):
            return gate.category, (), ()
    return (UNDETERMINED if unknown else None), tuple(unknown), tuple(assumed)


def _areas(cells: Cells) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for area, period, _ in cells:
        if not area.startswith("@"):
            found.setdefault(period, set()).add(area)
    return {period: sorted(found[period]) for period in sorted(found)}


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
        found = read_cells(
            reference_areas, indicators=indicators, only=only, name="reference_areas", report=report
        )
        return {key: cell for key, cell in found.items() if key[0].startswith("@")}
    if "reference" not in table.columns:
        return {}
    rows = table.loc[table["reference"].notna(), ["period", "indicator", "reference"]]
    rows = rows.drop_duplicates(["period", "indicator"])
    rows = rows.assign(value=rows["reference"], status="ok", area_id=MUNICIPALITY)
    return read_cells(rows, only=only)
