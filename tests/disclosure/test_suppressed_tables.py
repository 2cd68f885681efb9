"""Rules that suppress for another figure's sake, one after the other until none asks for more."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.disclosure.suppressed_tables import PublishedTables, suppressed_cells

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]


def test_a_figure_that_goes_for_an_area_within_is_not_the_only_one_of_its_parts() -> None:
    """The town has 3 more of x than its estate: its x goes, and would be 100 less 30 less 40."""
    counts = {"town": (30, 30, 40), "estate": (27, 24, 29), "other": (10, 30, 40)}
    rows = [
        (area, "2024", name, count, sum(of_area), 0)
        for area, of_area in counts.items()
        for name, count in zip(("x", "y", "z"), of_area, strict=True)
    ]
    table = (
        pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[3:], "Int64")).assign(status="ok")
    )
    none = table.iloc[:0]
    pairs = AreaPairs(
        pd.DataFrame({"outer": ["town"], "inner": ["estate"]}), pd.DataFrame(columns=["first", "second"])
    )
    suppression = suppressed_cells(PublishedTables(table, none, pd.DataFrame()), pairs, (), Policy())
    suppressed = table[suppression.cells["numerator"]]
    of_town = set(suppressed.loc[suppressed["area_id"] == "town", "indicator"])
    assert "x" in of_town and len(of_town) >= 2
