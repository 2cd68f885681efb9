"""Areas as the sheets to print have them: the last period's category and the one before, the worst area first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.provenance import PROVENANCE_COLUMNS
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.category_order import way_of, worst_first_key
from geo_bosoc.outputs.csv_tables import CELL_COLUMNS, ORDER
from geo_bosoc.outputs.texts import category_class
from geo_bosoc.outputs.workbook.category_sheets import area_names

Row = Mapping[Hashable, Any]
_OF_FIGURES: Final = tuple(f"_{name}" for name in (*CELL_COLUMNS[1:], *PROVENANCE_COLUMNS))
"""What columns of figures end with that no sheet to print shows."""
_NO_ROW: Final[Row] = {
    "category": "",
    "points": None,
    "points_min": None,
    "points_max": None,
    "residents": None,
}


@dataclass(frozen=True)
class AreaResult:
    """An area's rows of ``categories.csv`` in the last period and the one before it.

    Attributes
    ----------
    area_id, name : str
        The area; its name is unlike every other's.
    now, before : mapping
        Its rows; that of `before` is empty where there is one period.
    """

    area_id: str
    name: str
    now: Row
    before: Row

    @property
    def class_now(self) -> str:
        """The class of its category (`geo_bosoc.outputs.texts.category_class`)."""
        return category_class(self.now.get("category"), self.now.get("possible"))

    @property
    def class_before(self) -> str:
        """The class of its category in the period before."""
        return category_class(self.before.get("category"), self.before.get("possible"))


def area_results(published: PublishedResults, model: Model, table: pd.DataFrame) -> list[AreaResult]:
    """A model's areas, the worst first: by category, by points, by name; those not assessed last.

    Parameters
    ----------
    published : PublishedResults
        What may be shown.
    model : Model
        One of its models.
    table : DataFrame
        Its rows of `geo_bosoc.outputs.csv_tables.categories_table`.
    """
    *_, before, now = ["", *sorted(table["period"].unique())]
    columns = [name for name in table.columns if not name.endswith(_OF_FIGURES) or name in ORDER]
    rows = {
        period: {
            str(row["area_id"]): row
            for row in table.loc[table["period"] == period, columns].to_dict("records")
        }
        for period in (before, now)
    }
    names = area_names(published)
    areas = [
        AreaResult(area_id, names[area_id], row, rows[before].get(area_id, _NO_ROW))
        for area_id, row in rows[now].items()
    ]
    return sorted(
        areas,
        key=lambda area: worst_first_key(model, area.class_now, area.now, area.name, area.area_id),
    )


def direction(model: Model, area: AreaResult) -> str:
    """Which way an area's category moved.

    Returns
    -------
    {"worse", "better", "assessed", "not_assessed", "open"}
        ``assessed`` of one that was too small before and is not now, ``not_assessed`` the other way; ``open`` where it
        cannot be said.
    """
    if TOO_SMALL in (area.class_before, area.class_now):
        return "assessed" if area.class_before == TOO_SMALL else "not_assessed"
    return way_of([category.id for category in model.category], area.class_before, area.class_now) or "open"
