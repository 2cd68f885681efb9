"""Provenance of a figure: whose data, of which period, on which day; given next to it in every table.

A frame of sources has a row for each register that an indicator counts in, for each period of the run
(`SOURCE_COLUMNS`). Where several stand behind one figure they share one cell, "; " between them, in the order of
those rows: the denominator's register first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.exact_values import periods_read
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import word_or_key
from geo_bosoc.text.numbers import day

SOURCE_COLUMNS: Final = ("indicator", "period", "register", "data_period", "status_date", "source")
PROVENANCE_COLUMNS: Final = ("data_period", "status_date", "source")
"""Provenance of a figure: the period of the data themselves, the day they describe (or that gives the home), and whose
they are."""

SERVICES: Final = "services"
"""Stands for an indicator in the provenance of people's services: those who could get them, and those who do."""

_BETWEEN: Final = "; "
_NOTHING: Final = "–"

Row = dict[str, Any]


def provenance_by_figure(sources: pd.DataFrame) -> pd.DataFrame:
    """One row an indicator and period, with `PROVENANCE_COLUMNS` as text that is empty where nothing is known.

    >>> rows = [("crime", "2024", "persons", "2024", "2024-01-01", "CPR"),
    ...         ("crime", "2024", "charges", "2023", "2024-01-01", "Police"),
    ...         ("votes", "2024", "turnout", "2022", None, "")]
    >>> provenance_by_figure(pd.DataFrame(rows, columns=SOURCE_COLUMNS)).values.tolist()
    [['crime', '2024', '2024; 2023', '2024-01-01', 'CPR; Police'], ['votes', '2024', '2022', '', '']]
    """
    lines = [(indicator, period, *_cells(rows)) for (indicator, period), rows in _by_figure(sources).items()]
    return pd.DataFrame(lines, columns=["indicator", "period", *PROVENANCE_COLUMNS], dtype=object)


def provenance_by_criterion(
    criteria: pd.DataFrame, models: Iterable[Model], sources: pd.DataFrame
) -> pd.DataFrame:
    """For each row of `criteria` its `PROVENANCE_COLUMNS`, with the index of `criteria`.

    A criterion that looks at several years has all of them.
    """
    by_figure = _by_figure(sources)
    criterion_of = {(model.id, each.key): (model, each) for model in models for each in model.criterion}
    cells: dict[tuple[str, str, str, str], tuple[str, ...]] = {}
    rows = []
    keys = criteria["criterion"] if "criterion" in criteria.columns else criteria["indicator"]
    for key in zip(criteria["model"], keys, criteria["indicator"], criteria["period"], strict=True):
        if key not in cells:
            model, criterion, indicator, period = key
            pair = criterion_of.get((model, criterion))
            periods = periods_read(*pair, str(period)) if pair is not None else (str(period),)
            cells[key] = _cells([row for year in periods for row in by_figure.get((indicator, year), [])])
        rows.append(cells[key])
    return pd.DataFrame(rows, columns=list(PROVENANCE_COLUMNS), index=criteria.index, dtype=object)


def source_lines(model: Model, period: str, sources: pd.DataFrame, language: str) -> list[str]:
    """A line for each criterion of a model: its word, then register, period, day and source of what it rests on."""
    by_figure = _by_figure(sources)
    lines = []
    for criterion in model.criterion:
        parts = []
        for year in periods_read(model, criterion, period):
            parts += [source_line(row, language) for row in by_figure.get((criterion.indicator, year), [])]
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
    register = word_or_key("registers", _text(row["register"]), language)
    when = ", ".join(filter(None, (_text(row["data_period"]), day(row["status_date"], language))))
    source = _text(row["source"])
    return " ".join(filter(None, (register, when, f"({source})" if source else "")))


def _by_figure(sources: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    by_figure: dict[tuple[str, str], list[Row]] = {}
    for row in sources.to_dict(orient="records"):
        named = {str(name): value for name, value in row.items()}
        by_figure.setdefault((str(row["indicator"]), str(row["period"])), []).append(named)
    return by_figure


def _cells(rows: Sequence[Row]) -> tuple[str, ...]:
    """A cell each of `PROVENANCE_COLUMNS`: what is the same for all rows once, else each row's, in their order."""
    each = list(dict.fromkeys(tuple(_text(row[name]) for name in PROVENANCE_COLUMNS) for row in rows))
    cells = []
    for column in zip(*each, strict=True) if each else [()] * len(PROVENANCE_COLUMNS):
        same = len(set(column)) <= 1
        cells.append("".join(column[:1]) if same else _BETWEEN.join(text or _NOTHING for text in column))
    return tuple(cells)


def _text(value: Any) -> str:
    """A cell's text; a date as ISO text, nothing for a missing one."""
    if value is None or value is pd.NA or value != value:
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
