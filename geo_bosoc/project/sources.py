"""Where each indicator's figures come from: register, the data's own period, the day they describe, and whose."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import Language
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.plan import Part, make_parts
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.project.inputs import RESIDENTS, Inputs, id_columns
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.text.catalogue import word

_SPAN: Final = re.compile(r"\d{4}(?:K[1-4])?-(\d{4}(?:K[1-4])?)")
"""Several periods together, such as ``2022-2024`` or ``2023K2-2024K1``, and the last of them."""


def sources_of(inputs: Inputs, counts: pd.DataFrame, language: Language) -> pd.DataFrame:
    """A row for each register that a told indicator counts in, for each period.

    Parameters
    ----------
    counts : the counts of a run (``indicator, period, data_period`` of them).

    Returns
    -------
    DataFrame
        `SOURCE_COLUMNS`. ``data_period`` is the data's own period (`period_shift` taken back), and ``status_date`` the
        day that gives the homes or on which the rows hold, else the one that the register says it describes.
    """
    data = counts.drop_duplicates(["indicator", "period"]).set_index(["indicator", "period"])["data_period"]
    periods = sorted(counts["period"].unique())
    rows = []
    for part in _parts(inputs):
        spec = inputs.specs[part.register]
        for period in periods if part.indicator.id in data.index.get_level_values(0) else ():
            told = data[(part.indicator.id, period)]
            source = spec.source or part.indicator.source_text(language)
            rows.append(
                (
                    part.indicator.id,
                    period,
                    register_of(part.register),
                    _own_period(spec, told),
                    word("common", "home_on_event", language)
                    if spec.home_on == "event"
                    else _status_date(spec, told),
                    source,
                )
            )
    return pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)).drop_duplicates(ignore_index=True)


def internal_indicators(inputs: Inputs) -> frozenset[str]:
    """The told indicators that count in a register with ``publish = "internal"``."""
    return frozenset(
        part.indicator.id for part in _parts(inputs) if inputs.specs[part.register].publish == "internal"
    )


def _parts(inputs: Inputs) -> tuple[Part, ...]:
    """What outputs tell: the indicators shown, and the residents that stand beside every area."""
    shown = {indicator.id for indicator in inputs.shown}
    residents = [one for one in inputs.indicators if one.id == RESIDENTS and one.id not in shown]
    told: tuple[Indicator, ...] = (*inputs.shown, *residents)
    return make_parts(told, inputs.registers, id_columns(inputs.specs))


def _own_period(spec: RegisterSpec, data_period: object) -> object:
    """The period of the data themselves, where a register stands for lists of other years."""
    if not isinstance(data_period, str) or spec.period_shift == 0:
        return data_period
    return re.sub(r"\d{4}", lambda year: str(int(year.group()) - spec.period_shift), data_period)


def _status_date(spec: RegisterSpec, data_period: object) -> str | None:
    """The day that the figures describe: that of the last period they rest on.

    Rows that take their home from a key, or that hold over time, are looked up on the day of the list they count in;
    any others describe a day of their own period.

    >>> survey = RegisterSpec(path="survey.csv", unit="person", status_date="{year}-09-01")
    >>> _status_date(survey, "2022-2024"), _status_date(survey, "2013K1")
    ('2024-09-01', '2013-09-01')
    >>> shifted = {"period_shift": 1, "status_date": "{year}-01-01"}
    >>> charges = RegisterSpec(path="c.csv", unit="case", person="CPR", **shifted)
    >>> table = RegisterSpec(path="t.csv", unit="count", **shifted)
    >>> _status_date(charges, "2024"), _status_date(table, "2024")
    ('2024-01-01', '2023-01-01')
    """
    if not isinstance(data_period, str):
        return None
    span = _SPAN.fullmatch(data_period)
    last = span[1] if span else data_period
    keyed = spec.person is not None or (spec.dwelling is not None and spec.unit != "dwelling")
    looked_up = keyed or spec.spell is not None
    return spec.status_date_of(last if looked_up else str(_own_period(spec, last)))
