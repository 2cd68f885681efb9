"""The figures that a list ahead stands on: the municipality's own, and finished values where those do not reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, shift
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Dated
from geo_bosoc.models.table_files import AREA_NAMES, area_column_of, period_column_of, read_finished
from geo_bosoc.models.tables import categorise_table, needed_columns
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase


def with_figure(model: Model, indicator: str, other: str) -> Model:
    """The model on another figure of its own, for a criterion that counts the same thing by another list.

    >>> from geo_bosoc.models import load_model
    >>> letting = with_figure(load_model("combined-letting"), "outside_labour_pct", "outside_labour_51b_pct")
    >>> sorted(letting.indicators)
    ['outside_labour_51b_pct', 'residents']
    """

    def renamed(criterion: Criterion) -> Criterion:
        if criterion.indicator != indicator:
            return criterion
        columns = tuple(column.model_copy(update={"name": other}) for column in criterion.columns)
        return criterion.model_copy(update={"indicator": other, "columns": columns, "id": criterion.key})

    return model.model_copy(update={"criterion": tuple(renamed(each) for each in model.criterion)})


def with_parameters(model: Model, year: str, parameters: Mapping[str, float], report: Report) -> Model:
    """The model with parameters of a year, in their own unit; a name that is none of its is reported."""
    ids = [parameter.id for parameter in model.parameter]
    for name in sorted(parameters.keys() - set(ids)):
        report.error(
            phrase("model {model} has no parameter '{name}'.", model=model.id, name=name),
            hint=phrase("It has {names}.", names=joined(ids)) if ids else None,
            key="follow_up.list_ahead.parameters",
        )
    dated = tuple(
        parameter.model_copy(
            update={"values": {**parameter.values, year: Dated(value=parameters[parameter.id])}}
        )
        if parameter.id in parameters
        else parameter
        for parameter in model.parameter
    )
    return model.model_copy(update={"parameter": dated})


def read_table_cells(
    table: pd.DataFrame | str | Path,
    model: Model,
    year: str,
    areas: Mapping[str, str],
    report: Report,
    *,
    shares: Collection[str] = (),
    per_cent: Collection[str] = (),
) -> dict[tuple[str, str, str], Cell]:
    """The finished values of the list's year, by area id."""
    frame = table if isinstance(table, pd.DataFrame) else read_finished(table)
    file = frame.attrs.get("file") if isinstance(table, pd.DataFrame) else Path(table).name
    attributes = dict(frame.attrs)
    header = [str(name) for name in frame.columns]
    period_column, area_column = period_column_of(header), area_column_of(header)
    if area_column is None:
        report.error(
            "there is no column with the area",
            hint=phrase("Give it a usual name ({names}).", names=joined(AREA_NAMES)),
            file=file,
        )
        return {}
    absent = [columns[0] for columns in needed_columns(model).values() if not set(columns) & set(header)]
    frame = frame.assign(**dict.fromkeys(absent, ""))  # what is missing is what the list ahead is about
    frame.attrs.update(attributes)
    problems = Report()
    cells = categorise_table(frame, model, report=problems, shares=shares, per_cent=per_cent).cells
    problems.hand_over(report)
    periods = sorted({period for _, period, _ in cells})
    if period_column is not None and year not in periods:
        report.error(
            phrase("the table has no rows of {year}.", year=year),
            hint=phrase("It has rows of {years}.", years=joined(periods)),
            file=file,
            column=period_column,
        )
        return {}
    ids = {name: area for area, name in areas.items()} | {area: area for area in areas}
    strangers = sorted({area for area, _, _ in cells if ids and area not in ids and not area.startswith("@")})
    if strangers:
        report.note(
            phrase(
                "rows of areas that the project does not assess are left out: {areas}.",
                areas=joined(strangers),
            ),
            file=file,
            count=len(strangers),
        )
    wanted_period = year if period_column is not None else periods[0] if periods else year
    return {
        (ids.get(area, area), year, indicator): cell
        for (area, period, indicator), cell in cells.items()
        if period == wanted_period and (not ids or area in ids)
    }


def periods_of(model: Model, indicator: str, year: str) -> list[str]:
    """The periods whose figures the model reads of an indicator for a list."""
    windows = {years for each in model.criterion if each.indicator == indicator for years in each.window}
    return sorted(shift(year, years) for years in windows) or [year]


def join_cells(municipal: Cells, table: Cells, model: Model, year: str) -> dict[tuple[str, str, str], Cell]:
    """Own figures, and where they do not reach the table's: a mean over years stands for each of them."""
    cells = {key: cell for key, cell in municipal.items() if key[2] in model.indicators}
    for (area, _, indicator), cell in table.items():
        periods = periods_of(model, indicator, year)
        complete = is_known(municipal, area, periods, indicator)
        if not complete and (
            cell.value is not None
            or not any(
                municipal.get((area, period, indicator), ABSENT).value is not None for period in periods
            )
        ):
            cells |= {(area, period, indicator): cell for period in {*periods, year}}
    return cells


def is_known(exact_cells: Cells, area: str, periods: Collection[str], indicator: str) -> bool:
    """Whether there is a figure for each of the periods."""
    return all(exact_cells.get((area, period, indicator), ABSENT).value is not None for period in periods)
