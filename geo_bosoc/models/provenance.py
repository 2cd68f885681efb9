"""What stands behind a figure: whose data, of which period, on which day; told beside it in every table.

A frame of sources has a row for each register that an indicator counts in, for each period of the run
(`SOURCE_COLUMNS`). Where several stand behind one figure they are told in one cell, "; " between them, in the order of
those rows: the denominator's register first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.exact_values import periods_read
from geo_bosoc.models.spec import Model
from geo_bosoc.text.numbers import day, register_word

SOURCE_COLUMNS: Final = ("indicator", "period", "register", "data_period", "status_date", "source")
TOLD: Final = ("data_period", "status_date", "source")
"""What is told of a figure: the period of the data themselves, the day they describe (or that gives the home), whose
they are."""

SERVICES: Final = "services"
"""What stands for an indicator where people's services are told: those who could get them, and those who do."""

_BETWEEN: Final = "; "
_NOTHING: Final = "–"

Row = dict[str, Any]


def provenance_by_figure(sources: pd.DataFrame) -> pd.DataFrame:
    """One row an indicator and period: ``indicator, period`` and `TOLD`, as text that is empty where nothing is known.

    >>> rows = [("crime", "2024", "persons", "2024", "2024-01-01", "CPR"),
    ...         ("crime", "2024", "charges", "2023", "2024-01-01", "Police"),
    ...         ("votes", "2024", "turnout", "2022", None, "")]
    >>> provenance_by_figure(pd.DataFrame(rows, columns=SOURCE_COLUMNS)).values.tolist()
    [['crime', '2024', '2024; 2023', '2024-01-01', 'CPR; Police'], ['votes', '2024', '2022', '', '']]
    """
    told = [(indicator, period, *_cells(rows)) for (indicator, period), rows in _by_figure(sources).items()]
    return pd.DataFrame(told, columns=["indicator", "period", *TOLD], dtype=object)


def provenance_by_criterion(
    criteria: pd.DataFrame, models: Iterable[Model], sources: pd.DataFrame
) -> pd.DataFrame:
    """For each row of `criteria` what stands behind it: `TOLD`, with the criteria's own index.

    A criterion that looks at several years tells all of them.
    """
    known = _by_figure(sources)
    read = {(model.id, each.key): (model, each) for model in models for each in model.criterion}
    made: dict[tuple[str, str, str, str], tuple[str, ...]] = {}
    rows = []
    named = criteria["criterion"] if "criterion" in criteria.columns else criteria["indicator"]
    for key in zip(criteria["model"], named, criteria["indicator"], criteria["period"], strict=True):
        if key not in made:
            model, criterion, indicator, period = key
            found = read.get((model, criterion))
            periods = periods_read(*found, str(period)) if found is not None else (str(period),)
            made[key] = _cells([row for each in periods for row in known.get((indicator, each), [])])
        rows.append(made[key])
    return pd.DataFrame(rows, columns=list(TOLD), index=criteria.index, dtype=object)


def source_lines(model: Model, period: str, sources: pd.DataFrame, language: str) -> list[str]:
    """A line for each criterion of a model: its word, then register, period, day and source of what it rests on."""
    known = _by_figure(sources)
    lines = []
    for criterion in model.criterion:
        parts = []
        for each in periods_read(model, criterion, period):
            parts += [source_line(row, language) for row in known.get((criterion.indicator, each), [])]
        if parts:
            lines.append(f"{criterion.label(language)}: {_BETWEEN.join(dict.fromkeys(parts))}")
    return lines


def lines_of(sources: pd.DataFrame, indicator: str, period: str, language: str) -> list[str]:
    """What stands behind an indicator's figure in a period, a line a register (see `source_line`)."""
    return [source_line(row, language) for row in _by_figure(sources).get((indicator, period), [])]


def source_line(row: Row, language: str) -> str:
    """A row of sources in words: register, the data's period, the day, and whose they are.

    >>> row = {"register": "persons", "data_period": "2024", "status_date": "2024-01-01", "source": "CPR"}
    >>> source_line(row, "da")
    'personer 2024, 01.01.2024 (CPR)'
    """
    register = register_word(_text(row["register"]), language)
    when = ", ".join(filter(None, (_text(row["data_period"]), day(row["status_date"], language))))
    source = _text(row["source"])
    return " ".join(filter(None, (register, when, f"({source})" if source else "")))


def _by_figure(sources: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in _rows(sources):
        found.setdefault((str(row["indicator"]), str(row["period"])), []).append(row)
    return found


def _rows(sources: pd.DataFrame) -> Iterator[Row]:
    for row in sources.to_dict(orient="records"):
        yield {str(name): value for name, value in row.items()}


def _cells(rows: Sequence[Row]) -> tuple[str, ...]:
    """A cell each of `TOLD`: what is the same for all rows once, else each row's, in their order."""
    each = list(dict.fromkeys(tuple(_text(row[name]) for name in TOLD) for row in rows))
    cells = []
    for column in zip(*each, strict=True) if each else [()] * len(TOLD):
        same = len(set(column)) <= 1
        cells.append("".join(column[:1]) if same else _BETWEEN.join(text or _NOTHING for text in column))
    return tuple(cells)


def _text(value: Any) -> str:
    """A cell's text; a date as ISO text, nothing for a missing one."""
    if value is None or value is pd.NA or value != value:
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
