"""The balance as CSV: the mix of each area, and the balance and the rule year by year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geo_bosoc.balance.findings import BalanceFindings
from geo_bosoc.reports.tables import write_csv


def write_balance_csv(found: BalanceFindings, path: str | Path) -> None:
    """Write the counts of dwellings by tenure, kind, size, building year and use (one row a count)."""
    _write(found.mix, found, path)


def write_balance_years_csv(found: BalanceFindings, path: str | Path) -> None:
    """Write every area's balance year by year, with the rule's share where a development plan is due."""
    frame = found.years
    if len(found.rules):
        keys = ["area_id", "year", "variant"]
        frame = frame.merge(
            found.rules[[*keys, "base", "share_low", "share_high", "met"]], on=keys, how="left"
        )
    _write(frame, found, path)


def _write(frame: pd.DataFrame, found: BalanceFindings, path: str | Path) -> None:
    """UTF-8 with BOM; ``;`` and decimal comma in Danish, ``,`` and point in English. Period, status date and source of
    the dwellings stand in the last columns."""
    told = {"data_period": found.period, "status_date": found.status_date, "source": found.source}
    named = frame.assign(name=[found.area_names.get(str(area), "") for area in frame["area_id"]], **told)
    first = ["area_id", "name"]
    write_csv(named[[*first, *[name for name in named.columns if name not in first]]], path, found.language)
