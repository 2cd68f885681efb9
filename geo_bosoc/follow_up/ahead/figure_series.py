"""The figures that a model reads of the assessed areas, period by period, as series that a walk can be fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo_bosoc.follow_up.ahead.random_walk import AreaSeries, Walk, fit_walk
from geo_bosoc.models.apply import categorise_cells
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.exact_values import read, shift
from geo_bosoc.models.spec import Model
from geo_bosoc.models.uncertainty.simulation import Figures, meets_limit, read_figures

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ModelFigures:
    """The figures of the areas that a model assessed in the last period, as arrays.

    Attributes
    ----------
    model : Model
        Without categories that need several years in a row.
    areas, periods : tuple of str
        In order; `periods` may have gaps.
    figures : tuple of Figures
        A period each.
    base : ndarray
        Persons behind each figure, areas by criteria by periods; nan where that is not known.
    repeated : ndarray of bool
        Criteria by periods: whether the figure stands there again (a survey carried forward).
    categories : mapping of (str, str) to str
        By area and period.
    """

    model: Model
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    figures: tuple[Figures, ...]
    base: Array
    repeated: Flags
    categories: Mapping[tuple[str, str], str]
    _walks: dict[tuple[int, int], tuple[Walk, AreaSeries] | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, categorisation: Categorisation, data_periods: Mapping[tuple[str, str], str]) -> ModelFigures:
        """The figures behind a categorisation; `data_periods` as in `early_warnings`."""
        done = categorisation
        plain = without_persistence(done.model)
        if plain is not done.model:
            done = categorise_cells(done.cells, plain, averaged=done.averaged)
        rows = done.categories
        periods = tuple(sorted(rows["period"].unique()))
        last = rows[(rows["period"] == periods[-1]) & (rows["category"] != TOO_SMALL)] if periods else rows
        areas = tuple(sorted(last["area_id"]))
        base = np.full((len(areas), len(done.model.criterion), len(periods)), np.nan)
        repeated = np.zeros((len(done.model.criterion), len(periods)), dtype=bool)
        for column, criterion in enumerate(done.model.criterion):
            seen: set[str] = set()
            for number, period in enumerate(periods):
                data_period = data_periods.get((criterion.indicator, period), period)
                repeated[column, number] = data_period in seen
                seen.add(data_period)
                for row, area in enumerate(areas):
                    reading = read(done.cells, area, period, criterion, averaged=done.averaged)
                    if reading.cell.denominator:
                        base[row, column, number] = reading.cell.denominator * reading.parts
        figures = tuple(read_figures(done, areas, period) for period in periods)
        return cls(done.model, areas, periods, figures, base, repeated, done.category_by_area)

    def met(self, column: int, number: int) -> Array:
        """Whether each threshold is met in a period (1 or 0), areas by thresholds; nan where that is not known."""
        figures = self.figures[number]
        value, limits = figures.value[:, column, None], figures.limits[column]
        met = meets_limit(figures, column, value, limits).astype(float)
        return np.where(np.isfinite(value) & ~np.isnan(limits), met, np.nan)

    def ranks(self, number: int) -> Array:
        """The places of a period's categories in the model, the worst first; nan where an area has none."""
        order = {category.id: float(place) for place, category in enumerate(self.model.category)}
        names = [self.categories.get((area, self.periods[number]), "") for area in self.areas]
        return np.array([order.get(name, np.nan) for name in names], dtype=float)

    def targets(self, horizon: int) -> list[tuple[int, int]]:
        """Pairs of a period, the second at the earliest, and the one so many years after it, by number."""
        numbers = {period: number for number, period in enumerate(self.periods)}
        ahead = {number: numbers.get(shift(period, horizon)) for period, number in numbers.items()}
        return [(number, target) for number, target in ahead.items() if number >= 1 and target is not None]

    def walk(self, column: int, periods: int) -> tuple[Walk, AreaSeries] | None:
        """The walk of a criterion's figures in the first so many periods; None where there is nothing to go by."""
        if (column, periods) not in self._walks:
            series = self.series(column)
            try:
                past = series.head(periods) if series is not None else None
                self._walks[column, periods] = None if past is None else (fit_walk(past), past)
            except ValueError:
                self._walks[column, periods] = None
        return self._walks[column, periods]

    def series(self, column: int) -> AreaSeries | None:
        """A criterion's figures from its threshold; None for a plain count, or where no threshold can be measured from.

        A figure that is carried forward counts once.
        """
        criterion = self.model.criterion[column]
        if criterion.unit == "count":
            return None
        value = np.stack([figures.value[:, column] for figures in self.figures], axis=1)
        limits = np.stack([figures.limits[column] for figures in self.figures], axis=2)
        shares = criterion.unit != "mean" and bool(np.isfinite(self.base[:, column]).any())
        shares = shares and not bool((value > 1).any())
        value = np.where(self.repeated[column], np.nan, value)
        for step in range(limits.shape[1]):
            offset = _first_known(limits[:, step])
            fits = np.isfinite(offset) & ((offset > 0) & (offset < 1) if shares else offset != 0)
            if fits.any():
                offset = np.where(fits, offset, np.nan)
                return AreaSeries(value, self.base[:, column], offset, years_from(self.periods), shares)
        return None


def years_from(periods: Sequence[str]) -> Array:
    """The time of periods, in years from the first: quarters are fourths.

    >>> years_from(["2023", "2024"]).tolist(), years_from(["2023K3", "2024K1"]).tolist()
    ([0.0, 1.0], [0.0, 0.5])
    """
    times = [int(period[:4]) + (int(period[5]) - 1) / 4 * (period[4:5] == "K" and len(period) > 5)
             if len(period) > 5 else int(period[:4]) for period in periods]  # fmt: skip
    return np.asarray(times, dtype=float) - times[0]


def without_persistence(model: Model) -> Model:
    """The model without the categories that are reached by years in a row alone.

    >>> from geo_bosoc.models.load import load_model
    >>> [category.id for category in without_persistence(load_model("national-2018")).category]
    ['ghetto', 'vulnerable', 'not_listed']
    """
    gone = {c.id for c in model.category if c.rule and all(rule.persistence is not None for rule in c.rule)}
    if not gone:
        return model

    def strip(category: Category) -> Category:
        rules = tuple(rule for rule in category.rule if not gone.intersection(rule.categories))
        unless = tuple(name for name in category.unless if name not in gone)
        return category.model_copy(update={"rule": rules, "unless": unless})

    return model.model_copy(update={"category": tuple(strip(c) for c in model.category if c.id not in gone)})


def _first_known(values: Array) -> Array:
    """Of each period the first threshold that is known: it is the same for all areas."""
    finite = ~np.isnan(values)
    return np.where(finite.any(axis=0), values[np.argmax(finite, axis=0), np.arange(values.shape[1])], np.nan)
