"""Categories of an index model: areas scored together, and their scores cut into classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.categorisation import GateState, blank_row
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import ABSENT, Cells, Reading, read, shift
from geo_bosoc.models.index.classes import classes_of, settled, worst_first
from geo_bosoc.models.index.engine import CompositeIndex, Part, criteria_of
from geo_bosoc.models.index.normalise import ranks
from geo_bosoc.models.index_problems import crossed_classings, fits_classes, main_classing
from geo_bosoc.models.index_spec import TOTAL, Classing
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.row_columns import Row
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

Array = npt.NDArray[np.float64]
Columns = dict[str, Any]
Gates = Mapping[str, Mapping[str, GateState]]
"""By period and area."""


@dataclass(frozen=True)
class _Figures:
    """A criterion's figures, an area each: in its unit on the bad side, as they are given, and what is missing."""

    bad: Array
    given: Array
    statuses: Sequence[str]
    missing: Sequence[str | None]


@dataclass(frozen=True)
class _Scored:
    """One period's areas that pass the gates, in order, and what the index makes of them."""

    areas: Sequence[str]
    figures: Sequence[_Figures]
    normalised: Array
    scores: Mapping[str, Array]
    without_scale: tuple[str, ...]


class IndexRun:
    """An index model on cells: every period scored once.

    Parameters
    ----------
    model : Model
        Of kind index.
    exact_cells : Cells
        The figures.
    gates : Mapping of str to Mapping of str to GateState
        By period and area.
    averaged : bool, optional
        Whether the figures are averaged already, so that windows are not read.
    report : Report, optional
        Takes warnings: a criterion that has no scale.
    """

    def __init__(
        self,
        model: Model,
        exact_cells: Cells,
        gates: Gates,
        *,
        averaged: bool = False,
        report: Report | None = None,
    ) -> None:
        assert model.index is not None
        self.model, self.spec = model, model.index
        self._cells, self._gates, self._averaged, self._report = exact_cells, gates, averaged, report
        self._scored: dict[str, _Scored] = {}

    def composite(self, period: str) -> CompositeIndex:
        """The index; a high score is bad, or good where the model says so."""
        parts = []
        for criterion in self.model.criterion:
            reference = None
            if self.spec.normalise == "distance" or any(g.normalise == "distance" for g in self.spec.group):
                of_area = read_reference(
                    self.model, self._cells, period, criterion, averaged=self._averaged
                ).value
                if of_area is not None:
                    share = 1 - of_area if criterion.complement else of_area
                    reference = float(share * UNIT_PARTS[criterion.unit])
            high_is_good = criterion.direction == "low_is_bad"
            parts.append(
                Part(
                    criterion.key,
                    1 if high_is_good == self.spec.high_is_good else -1,
                    criterion.weight,
                    criterion.group,
                    criterion.transform,
                    criterion.goalposts,
                    reference,
                    criterion.ties,
                )
            )
        return CompositeIndex(parts, self.spec)

    def assessed(self, period: str) -> list[str]:
        """The areas of a period that pass the gates."""
        return [area for area, gate in self._gates.get(period, {}).items() if gate.category is None]

    def scored(self, period: str) -> _Scored:
        """One period's scores."""
        if period not in self._scored:
            self._scored[period] = self._score(period)
        return self._scored[period]

    def category_rows(self, period: str) -> list[Row]:
        """A row an area: its category, and the score that it rests on as `points`.

        An area whose score is not known is undetermined, or may be in the categories that its other scores allow.
        """
        scored = self.scored(period)
        positions = {area: position for position, area in enumerate(scored.areas)}
        crossed = crossed_classings(self.spec, self.model.category)
        main = main_classing(self.spec, self.model.category)
        score_id = next((each.of or TOTAL for each in self.spec.classing if each.id == main), TOTAL)
        classes = {
            each.id: self._classes(each, period) for each in self.spec.classing if each.id in (main, *crossed)
        }
        if not crossed and not main:
            classes[""] = worst_first(
                scored.scores[TOTAL],
                self.spec.shares,
                self.spec.edges,
                self.spec.class_ties,
                self.spec.high_is_good,
            )
        rows = []
        for area, gate in self._gates[period].items():
            row = blank_row(self.model, area, period)
            row["assumed"] = ", ".join(gate.assumed) or None
            position = positions.get(area)
            if position is None:
                row |= {"category": gate.category, "undetermined_by": ", ".join(gate.missing) or None}
            elif crossed:
                row |= self._crossed_category(scored, position, crossed, classes)
            else:
                number = int(classes[main][position])
                row |= (
                    {"category": self.model.category[number - 1].id}
                    if number
                    else {
                        "category": UNDETERMINED,
                        "undetermined_by": ", ".join(self._blamed(scored, position, [score_id])),
                    }
                )
            if position is not None and score_id in scored.scores:
                score = scored.scores[score_id][position]
                if not np.isnan(score):
                    row |= dict.fromkeys(("points", "points_min", "points_max"), float(score))
            rows.append(row)
        return rows

    def criteria_columns(self, period: str) -> Columns:
        """The rows of criteria, an area after the other: each with its figure, and its normalised value as `points`."""
        scored, criteria = self.scored(period), self.model.criterion
        references = [
            read_reference(self.model, self._cells, period, criterion, averaged=self._averaged).value
            for criterion in criteria
        ]
        size = len(scored.areas)
        return {
            "area_id": [area for area in scored.areas for _ in criteria],
            "period": [period] * (size * len(criteria)),
            "model": [self.model.id] * (size * len(criteria)),
            "criterion": [criterion.key for criterion in criteria] * size,
            "indicator": [criterion.indicator for criterion in criteria] * size,
            "value": np.column_stack([each.given for each in scored.figures]).ravel(),
            "reference": np.tile([np.nan if value is None else float(value) for value in references], size),
            "measure": ["value"] * (size * len(criteria)),
            "points": scored.normalised.ravel(),
            "status": _across([each.statuses for each in scored.figures]),
            "missing_periods": _across([each.missing for each in scored.figures]),
        }

    def score_columns(self, period: str) -> Columns:
        """A row an area, score and classing: the score of each group and of the index, its rank from the worst, and its
        class in each of its classings."""
        scored = self.scored(period)
        sign = 1.0 if self.spec.high_is_good else -1.0
        columns: Columns = {
            name: []
            for name in (
                "area_id",
                "period",
                "model",
                "score",
                "value",
                "rank",
                "ranked",
                "classing",
                "class",
            )
        }
        for name in self.spec.scores:
            score = scored.scores[name]
            place = ranks(sign * score, "min")
            classings = [each for each in self.spec.classing if (each.of or TOTAL) == name]
            named: list[tuple[str | None, list[str | None]]] = [
                (each.id, self._class_names(each, period)) for each in classings
            ] or [(None, [None] * len(scored.areas))]
            for classing, classes in named:
                columns["area_id"] += scored.areas
                columns["period"] += [period] * len(scored.areas)
                columns["model"] += [self.model.id] * len(scored.areas)
                columns["score"] += [name] * len(scored.areas)
                columns["value"] += score.tolist()
                columns["rank"] += place.tolist()
                columns["ranked"] += [int(np.isfinite(score).sum())] * len(scored.areas)
                columns["classing"] += [classing] * len(scored.areas)
                columns["class"] += classes
        return columns

    def _figures(self, criterion: Criterion, areas: Sequence[str], period: str) -> _Figures:
        parts, complement = UNIT_PARTS[criterion.unit], criterion.complement
        plain = not criterion.change_since and (self._averaged or not criterion.window)
        bad = np.full(len(areas), np.nan)
        given = np.full(len(areas), np.nan)
        statuses, missing = ["ok"] * len(areas), list[str | None]([None] * len(areas))
        for number, area in enumerate(areas):
            value: Fraction | None
            years: tuple[str, ...]
            if plain:
                cell = self._cells.get((area, period, criterion.indicator), ABSENT)
                value, status, years = cell.value, cell.status, () if cell.value is not None else (period,)
            else:
                reading = self._reading(criterion, area, period)
                value, status, years = reading.value, reading.status, reading.missing
            if value is None:
                statuses[number], missing[number] = status, ", ".join(years) or None
                continue
            # A whole number over another is rounded once.
            figure = value.numerator * parts / value.denominator
            bad[number] = figure if not complement else (0 if criterion.change_since else parts) - figure
            given[number] = value.numerator / value.denominator
        return _Figures(bad, given, statuses, missing)

    def _matrix(self, figures: Sequence[_Figures]) -> Array:
        return np.column_stack([each.bad for each in figures])

    def _reading(self, criterion: Criterion, area: str, period: str) -> Reading:
        reading = read(self._cells, area, period, criterion, averaged=self._averaged)
        if not criterion.change_since:
            return reading
        earlier = shift(period, -criterion.change_since)
        before = self._cells.get((area, earlier, criterion.indicator), ABSENT)
        if reading.value is None:
            return reading
        if before.value is None:
            return reading._replace(value=None, status=before.status, missing=(earlier,))
        return reading._replace(value=reading.value - before.value)

    def _score(self, period: str) -> _Scored:
        areas = self.assessed(period)
        figures = [self._figures(criterion, areas, period) for criterion in self.model.criterion]
        values = self._matrix(figures)
        reference = values if self.spec.fit_period == "" else self._reference()
        index = self.composite(period).fit(reference)
        normalised = index.normalised(values)
        scores = index.aggregate(normalised)
        for key in index.without_scale_:
            if self._report is not None:
                self._report.warn(
                    phrase(
                        "{criterion} is the same in all areas that the scale is taken from ({period}): it has no "
                        "scale, and areas that need it are undetermined",
                        criterion=key,
                        period=self.spec.fit_period.replace("*", "") or period,
                    ),
                    key=f"criterion.{key}",
                )
        return _Scored(
            areas,
            figures,
            normalised,
            {name: settled(scores[name].to_numpy(), self.spec.decimals) for name in self.spec.scores},
            index.without_scale_,
        )

    def _reference(self) -> Array:
        periods = list(self._gates) if self.spec.fit_period == "*" else [self.spec.fit_period]
        if self._report is not None and not any(self.assessed(period) for period in periods):
            self._report.warn(
                phrase(
                    "there is no assessed area in {period}, which index.fit_period names: no area can be scored",
                    period=self.spec.fit_period,
                ),
                key="index.fit_period",
            )
        return np.vstack(
            [
                self._matrix(
                    [self._figures(each, self.assessed(period), period) for each in self.model.criterion]
                )
                for period in periods
            ]
        )

    def _classes(self, classing: Classing, period: str) -> npt.NDArray[np.int64]:
        name = classing.of or TOTAL
        scores = fitted = self.scored(period).scores[name]
        if classing.pooled:
            fitted = np.concatenate([self.scored(each).scores[name] for each in self._gates])
        size = len(classing.classes) or len(self.model.category)
        present = fitted[~np.isnan(fitted)]
        if classing.by == "deviations" and present.size and np.ptp(present) == 0 and self._report is not None:
            self._report.warn(
                phrase(
                    "all areas score alike in {period}: {classing} cannot cut them at standard deviations",
                    period=period,
                    classing=classing.id,
                ),
                key=f"index.classing.{classing.id}",
            )
        return classes_of(scores, classing, self.spec.high_is_good, size, fitted)

    def _class_names(self, classing: Classing, period: str) -> list[str | None]:
        names = classing.classes or tuple(category.id for category in self.model.category)
        return [names[number - 1] if number else None for number in self._classes(classing, period).tolist()]

    def _crossed_category(
        self,
        scored: _Scored,
        position: int,
        crossed: Sequence[str],
        classes: Mapping[str, npt.NDArray[np.int64]],
    ) -> Row:
        """The category of an area by its classes; where one is not known, those that the others allow."""
        by_id = {each.id: each for each in self.spec.classing}
        choices: list[dict[str, str]] = [{}]
        unknown = []
        for name in crossed:
            number = int(classes[name][position])
            options = by_id[name].classes if number == 0 else (by_id[name].classes[number - 1],)
            choices = [each | {name: option} for each in choices for option in options]
            if number == 0:
                unknown.append(by_id[name].of or TOTAL)
        possible = [
            category.id
            for category in self.model.category
            if any(fits_classes(category, each) for each in choices)
        ]
        if len(possible) == 1:
            return {"category": possible[0]}
        return {
            "category": UNDETERMINED,
            "possible": ", ".join(possible),
            "undetermined_by": ", ".join(self._blamed(scored, position, unknown)),
        }

    def _blamed(self, scored: _Scored, position: int, names: Sequence[str]) -> list[str]:
        """The indicators that keep an area from having scores: missing, without a scale, or where no mean exists."""
        members = {criterion for name in names for criterion in criteria_of(self.model, self.spec, name)}
        criteria = [each for each in self.model.criterion if each.key in members]
        position_of = {criterion.key: number for number, criterion in enumerate(self.model.criterion)}
        normalised = {each.key: scored.normalised[position, position_of[each.key]] for each in criteria}
        missing = [each for each in criteria if np.isnan(normalised[each.key])]
        blamed = missing or [each for each in criteria if normalised[each.key] <= 0] or criteria
        return list(dict.fromkeys(each.indicator for each in blamed))


def _across(columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Columns one beside the other, read row by row."""
    return [value for row in zip(*columns, strict=True) for value in row]
