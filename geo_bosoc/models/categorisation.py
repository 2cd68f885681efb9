"""What a categorisation is, and how its frames are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.exact_values import Cells
from geo_bosoc.models.rules.evaluate import RulesResult
from geo_bosoc.models.rules.history import History
from geo_bosoc.models.spec import Model

CATEGORY_COLUMNS: Final = (
    "area_id", "period", "model", "model_version", "category", "points", "points_min", "points_max",
    "undetermined_by", "category_before", "points_before", "moved_by", "possible", "socioeconomic", "assumed",
)  # fmt: skip
CRITERIA_COLUMNS: Final = (
    "area_id", "period", "model", "criterion", "indicator", "value", "reference", "measure", "operator",
    "threshold", "met", "margin", "margin_persons", "points", "status", "needed", "missing_periods",
)  # fmt: skip
FLAG_COLUMNS: Final = ("area_id", "period", "model", "category", "met", "settled_by")
NUMBERS: Final = frozenset((
    "points", "points_min", "points_max", "points_before", "value", "reference", "threshold", "margin",
    "margin_persons", "needed",
))  # fmt: skip


@dataclass(frozen=True)
class Categorisation:
    """What a model says of each area and period, and why.

    Attributes
    ----------
    categories : one row an area and period: ``area_id, period, model, model_version, category, points,
        points_min, points_max, undetermined_by, category_before, points_before, moved_by, possible,
        socioeconomic, assumed``. `undetermined_by` names the indicators that would settle it, ", " between
        them ("history 2014" for a year whose list is not known); `possible` the categories it can be;
        `moved_by` the points that changed since the period before in the same table ("health +1, safety -1";
        "safety ?" where one of the two is not known); `socioeconomic` the category without residents' origin,
        where the model uses it; `assumed` the gates that were taken as passed, or ``held`` where the category
        stands though the points ask for another. None where there is nothing to tell.
    criteria : one row an area, period and criterion: ``area_id, period, model, criterion, indicator, value,
        reference, measure, operator, threshold, met, margin, margin_persons, points, status, needed,
        missing_periods``. Value and reference are those of the table (never turned); `threshold` is in the
        measure's own terms (of a points model the last band reached, or the first where none is); `margin` is
        measure minus threshold; `margin_persons` the least signed change in the numerator that crosses it,
        all else held; `needed` what the one missing period's figure must pass.
    flags : of a rules model, one row an area, period and category: ``met`` says whether it holds by itself,
        beside the others; ``settled_by`` what would decide it.
    model : the model, as it was run.
    cells : the exact figures behind it, reference areas among them, for explanations and margins.
    history : what is known of earlier years, for rules that ask for years in a row.
    finished : whether the figures were taken as averaged already.
    """

    categories: pd.DataFrame
    criteria: pd.DataFrame
    model: Model
    flags: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FLAG_COLUMNS)))
    cells: Cells = field(repr=False, default_factory=dict)
    history: History = field(repr=False, default_factory=History)
    finished: bool = False


@dataclass
class Rows:
    """Rows gathered period by period, until `finish` makes frames of them."""

    categories: list[dict[str, Any]] = field(default_factory=list)
    criteria: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)

    def add_flags(
        self,
        model: Model,
        area: str,
        period: str,
        judgement: RulesResult,
        gate: tuple[str | None, tuple[str, ...], tuple[str, ...]],
    ) -> None:
        """Flags of one area: not met where a gate is not passed, undetermined where that is not known."""
        decided, missing, _ = gate
        for category in model.category[:-1]:
            state, settled = judgement.flags[category.id], judgement.flags_settled_by[category.id]
            if decided is not None and not missing:
                state, settled = "not_met", ()
            elif missing and state != "not_met":
                state, settled = "undetermined", (*missing, *settled)
            key = {"area_id": area, "period": period, "model": model.id, "category": category.id}
            self.flags.append(key | {"met": state, "settled_by": ", ".join(dict.fromkeys(settled)) or None})

    def flags_frame(self) -> pd.DataFrame:
        """The flags so far."""
        return _frame(self.flags, FLAG_COLUMNS)

    def finish(self, model: Model, cells: Cells, history: History, *, finished: bool) -> Categorisation:
        """The frames, sorted by period and area."""
        return Categorisation(
            categories=_frame(self.categories, CATEGORY_COLUMNS),
            criteria=_frame(self.criteria, CRITERIA_COLUMNS),
            model=model,
            flags=self.flags_frame(),
            cells=cells,
            history=history,
            finished=finished,
        )


def _frame(rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in frame.columns:
        frame[column] = frame[column].astype("float64" if column in NUMBERS else "object")
        if column not in NUMBERS:
            frame[column] = frame[column].where(frame[column].notna(), None)
    return frame.sort_values(["period", "area_id"], kind="stable", ignore_index=True)
