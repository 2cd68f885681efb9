"""Figures in documents: an area's beside those that it is compared with, as cells of tables, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.documents.document import TableCell
from geo_bosoc.outputs.layers import by_area
from geo_bosoc.outputs.texts import (
    absent,
    category_class,
    class_word,
    possible_of,
    reference_word,
    status_word,
)
from geo_bosoc.text.catalogue import Language, word, words
from geo_bosoc.text.colours import WITHOUT_FIGURE, Fill, category_fills, striped
from geo_bosoc.text.numbers import in_unit, number, protected_word

Row = Mapping[str, Any]
_EMPTY: Final[Row] = {}


class Figures:
    """The figures of published results by area, period and indicator, as documents write them.

    Parameters
    ----------
    published : PublishedResults
        What may be shown.
    """

    def __init__(self, published: PublishedResults) -> None:
        self.published = published
        self.language: Language = published.language
        areas = published.areas
        self.names = dict(zip(areas["area_id"].astype(str), areas["name"].astype(str), strict=True))

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str], Row]:
        rows: dict[tuple[str, str, str], Row] = {}
        for frame in (self.published.table, self.published.reference_areas):
            for record in frame.to_dict("records"):
                key = (str(record["area_id"]), str(record["period"]), str(record["indicator"]))
                rows[key] = {str(name): value for name, value in record.items()}
        return rows

    @cached_property
    def _categories(self) -> dict[str, dict[tuple[str, str], dict[str, Any]]]:
        categories = self.published.categories
        return {
            model.id: by_area(categories[categories["model"] == model.id]) for model in self.published.models
        }

    @cached_property
    def _residents(self) -> dict[tuple[str, str], Any]:
        rows = by_area(self.published.residents)
        return {key: row[RESIDENTS] for key, row in rows.items()}

    @property
    def periods(self) -> list[str]:
        """The periods, sorted as text."""
        return self.published.periods

    @property
    def last(self) -> str:
        """The last period."""
        return self.periods[-1] if self.periods else ""

    @property
    def before(self) -> str:
        """The period before the last one; "" where there is one alone."""
        return self.periods[-2] if len(self.periods) > 1 else ""

    def row(self, area_id: str, period: str, indicator: str) -> Row:
        """A figure's row of the indicator table; empty where there is none."""
        return self._rows.get((area_id, period, indicator), _EMPTY)

    def name(self, area_id: str) -> str:
        """An area's name, or what a reference area is called."""
        return self.names.get(area_id) or reference_word(area_id, self.language)

    def head(self, area_id: str, period: str) -> str:
        """The head of a column of figures: "the area", or what a reference area is called, and the period."""
        short = words("documents", self.language).get(f"head_{area_id}", self.name(area_id))
        return f"{word('documents', 'the_area', self.language) if area_id in self.names else short} {period}"

    def value(self, area_id: str, period: str, spec: Indicator) -> float | None:
        """A figure in its inner unit (shares 0-1); None where it is not there or not shown."""
        return self.end(area_id, period, spec, "value")

    def end(self, area_id: str, period: str, spec: Indicator, end: str) -> float | None:
        """A figure's ``value``, or the ``low`` or ``high`` end of its interval, in its inner unit."""
        value: Any = self.row(area_id, period, spec.id).get(end)
        return None if absent(value) else float(value)

    def cell(self, area_id: str, period: str, spec: Indicator) -> TableCell:
        """A figure as a cell: in its unit, or why it is not there."""
        row = self.row(area_id, period, spec.id)
        if not absent(row.get("value")):
            decimals = 2 if spec.unit == "mean" else 1
            return TableCell(in_unit(float(row["value"]), spec.unit, self.language, decimals), is_number=True)
        status = "missing" if not row or absent(row.get("status")) else str(row["status"])
        return TableCell(status_word(status, self.published), is_number=True, is_quiet=True)

    def is_there(self, area_id: str, spec: Indicator) -> bool:
        """Whether there is a figure in some period, shown or suppressed: else the municipality has no data for it."""
        rows = (self.row(area_id, period, spec.id) for period in self.periods)
        return any(row and row.get("status") in ("ok", "protected") for row in rows)

    def references(self, spec: Indicator) -> list[str]:
        """The reference areas that an indicator is shown beside: its own, all assessed areas, the municipality."""
        compared = [spec.reference_area, ALL_AREAS, MUNICIPALITY]
        with_figures = {area for area, _, indicator in self._rows if indicator == spec.id}
        return [area for area in dict.fromkeys(compared) if area in with_figures]

    def residents(self, area_id: str, period: str) -> TableCell:
        """How many live in an area."""
        value: Any = self._residents.get((area_id, period))
        if absent(value):
            return TableCell(protected_word(self.language), is_number=True, is_quiet=True)
        return TableCell(number(float(value), self.language), is_number=True)

    def category(self, model: Model, area_id: str, period: str) -> Row:
        """The row of an area's category; empty where the model has none."""
        return self._categories[model.id].get((area_id, period), _EMPTY)

    def category_class(self, model: Model, area_id: str, period: str) -> str:
        """The class of an area's category (`geo_bosoc.outputs.texts.category_class`)."""
        row = self.category(model, area_id, period)
        return category_class(row.get("category"), row.get("possible"))

    def category_cell(self, model: Model, area_id: str, period: str) -> TableCell:
        """An area's category in words, with its colour."""
        name = self.category_class(model, area_id, period)
        assessed = bool(name) and name not in {each.id for each in NOT_ASSESSED}
        return TableCell(
            class_word(model, name, self.language), is_quiet=not assessed, fill=category_fill(model, name)
        )


def category_fill(model: Model, name: str) -> Fill:
    """How the class of a category is drawn, on maps and beside its word; a range in the stripes of both.

    Parameters
    ----------
    model : Model
        Whose category it is.
    name : str
        Its class (`geo_bosoc.outputs.texts.category_class`).
    """
    fills = dict(
        zip(
            (category.id for category in model.category),
            category_fills([category.colour for category in model.category]),
            strict=True,
        )
    )
    every = WITHOUT_FIGURE | fills
    between = possible_of(name)
    if between:
        return striped([every.get(each, WITHOUT_FIGURE[""]) for each in between])
    return every.get(name, WITHOUT_FIGURE[""])
