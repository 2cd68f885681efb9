"""The balance as CSV: the mix of each area, and the balance and the rule year by year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.outputs.csv_tables import write_csv


def write_balance_csv(results: BalanceResults, path: str | Path) -> None:
    """Write the counts of dwellings by tenure, kind, size, building year and use (one row a count)."""
    _write(results.mix, results, path)


def write_balance_years_csv(results: BalanceResults, path: str | Path) -> None:
    """Write every area's balance year by year, with the rule's share where a development plan is due."""
    frame = results.years
    if len(results.rules):
        keys = ["area_id", "year", "variant"]
        frame = frame.merge(
            results.rules[[*keys, "base", "share_low", "share_high", "met"]], on=keys, how="left"
        )
    _write(frame, results, path)


def _write(frame: pd.DataFrame, results: BalanceResults, path: str | Path) -> None:
    """UTF-8 with BOM; ``;`` and decimal comma in Danish, ``,`` and point in English. Period, status date and source of
    the dwellings stand in the last columns."""
    told = {"data_period": results.period, "status_date": results.status_date, "source": results.source}
    named = frame.assign(name=[results.area_names.get(str(area), "") for area in frame["area_id"]], **told)
    first = ["area_id", "name"]
    write_csv(named[[*first, *[name for name in named.columns if name not in first]]], path, results.language)
