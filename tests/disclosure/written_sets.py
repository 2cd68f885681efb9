"""Small public sets, written by hand with a switch for each thing that may be shown: what the attack is tested on.

The points are worked out here once more, in plain fractions, so that the attack is not compared with itself.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path

Key = tuple[str, str, str]
Count = tuple[int, int]

BANDS = (Fraction(5, 4), Fraction(7, 4), Fraction(5, 2))
CUTOFFS = {"red": 5, "yellow": 3}
MODEL = """
id = "small"
version = "2024-01-01"
kind = "points"
{criteria}
[[category]]
id = "red"
label_da = "Rød"
label_en = "Red"
colour = "#9b1c1f"
min_points = 5

[[category]]
id = "yellow"
label_da = "Gul"
label_en = "Yellow"
colour = "#f2bf33"
min_points = 3

[[category]]
id = "green"
label_da = "Grøn"
label_en = "Green"
colour = "#c4e8b4"
"""
CRITERION = """
[[criterion]]
indicator = "{indicator}"
label_da = "{indicator}"
label_en = "{indicator}"
bands = [1.25, 1.75, 2.5]
"""
EVERYTHING = frozenset({"points", "met", "total", "category", "before", "moves"})


@dataclass(frozen=True)
class World:
    """Counts and bases by area, period and indicator, and references by period and indicator.

    `revealed` are the things of suppressed figures that the set shows nevertheless; `rules` whether it says that it was
    written under the rules of suppression; `data_periods` the periods that figures are of, where it is another.
    """

    counts: Mapping[Key, Count]
    references: Mapping[tuple[str, str], Fraction]
    revealed: Collection[str] = EVERYTHING
    rules: bool = False
    least: int = 2
    data_periods: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ranges: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def areas(self) -> list[str]:
        return sorted({area for area, _, _ in self.counts})

    @property
    def periods(self) -> list[str]:
        return sorted({period for _, period, _ in self.counts})

    @property
    def indicators(self) -> list[str]:
        return sorted({indicator for _, _, indicator in self.counts})

    @property
    def suppressed(self) -> list[Key]:
        return sorted(key for key, (count, base) in self.counts.items() if suppressed(count, base))

    def points(self, key: Key) -> int:
        count, base = self.counts[key]
        reference = self.references[key[1], key[2]]
        return sum(Fraction(count, base) >= reference * band for band in BANDS)

    def total(self, area: str, period: str) -> int:
        return sum(self.points((area, period, indicator)) for indicator in self.indicators)

    def category(self, area: str, period: str) -> str:
        total = self.total(area, period)
        return next((name for name, least in CUTOFFS.items() if total >= least), "green")


def suppressed(count: int, denominator: int) -> bool:
    """Whether a figure must not be shown."""
    return 0 < count < 5 or 0 < denominator - count < 5 or 0 < denominator < 5


def rows_of(world: World) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of ``categories.csv`` and ``criteria.csv`` of a world: all that an outsider sees."""
    areas, criteria = [], []
    before = dict(zip(world.periods[1:], world.periods, strict=False))
    for period, area in product(world.periods, world.areas):
        keys = [(area, period, indicator) for indicator in world.indicators]
        hidden = {key for key in keys if suppressed(*world.counts[key])}
        row = {"period": period, "area_id": area, "name": f"Area {area}", "model": "small"}
        row["category"] = ""
        total = str(world.total(area, period))
        if not hidden or "category" in world.revealed:
            row["category"] = world.category(area, period)
        if (area, period) in world.ranges:
            row |= {"category": "range", "possible": world.ranges[area, period]}
        if not hidden or "total" in world.revealed:
            row |= {"points": total, "points_min": total, "points_max": total}
        if period in before:
            past = before[period]
            past_hidden = any(
                suppressed(*world.counts[area, past, indicator]) for indicator in world.indicators
            )
            if not past_hidden or "before" in world.revealed:
                row["points_before"] = str(world.total(area, past))
            if "moves" in world.revealed:
                changes = {
                    i: world.points((area, period, i)) - world.points((area, past, i))
                    for i in world.indicators
                }
                row["moved_by"] = ", ".join(f"{i} {change:+d}" for i, change in changes.items() if change)
        for key in keys:
            count, base = world.counts[key]
            indicator, points = key[2], str(world.points(key))
            reference = str(float(world.references[period, indicator]))
            cells = {"status": "ok", "reference": reference, "denominator": str(base)}
            cells["data_period"] = world.data_periods.get((period, indicator), period)
            if key in hidden:
                cells["status"] = "protected"
                cells["denominator"] = str(base) if base >= 5 else ""
            else:
                cells |= {"numerator": str(count), "value": str(count / base), "unknown": "0"}
            if key not in hidden or "points" in world.revealed:
                cells["points"] = points
            row |= {f"{indicator}_{name}": cell for name, cell in cells.items()}
            criterion = {"period": period, "area_id": area, "model": "small", "criterion": indicator}
            criterion |= {"criterion_label": indicator, "indicator": indicator, "reference": reference}
            criterion |= {"status": cells["status"], "sentence": f"{indicator}: hidden."}
            criterion["points"] = cells.get("points", "")
            if key not in hidden or "met" in world.revealed:
                criterion["met"] = "met" if int(points) else "not_met"
            criteria.append(criterion)
        areas.append(row)
    return areas, criteria


def write_set(world: World, folder: Path, **manifest: object) -> Path:
    """Write a world as a public set, and its model beside it; returns the model's file."""
    folder.mkdir(parents=True, exist_ok=True)
    areas, criteria = rows_of(world)
    (folder / "categories.csv").write_text(_csv(areas), encoding="utf-8-sig", newline="")
    (folder / "criteria.csv").write_text(_csv(criteria), encoding="utf-8-sig", newline="")
    entry: dict[str, object] = {
        "language": "en",
        "output_set": "public",
        "minimum": 5,
        "models": [{"id": "small"}],
    }
    entry["indicators"] = world.indicators
    if world.rules:
        entry["disclosure"] = {"policy": "five", "minimum": 5, "least": world.least}
    (folder / "run.json").write_text(json.dumps(entry | manifest), encoding="utf-8")
    model = folder.parent / "small.toml"
    criteria_text = "".join(CRITERION.format(indicator=indicator) for indicator in world.indicators)
    model.write_text(MODEL.format(criteria=criteria_text), encoding="utf-8")
    return model


def _csv(rows: list[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def choices(denominator: int) -> list[Count]:
    """Counts and denominators that a suppressed figure may have: its denominator is shown from 5 up."""
    if denominator >= 5:
        return [(count, denominator) for count in range(denominator + 1) if suppressed(count, denominator)]
    return [(count, each) for each in range(1, 5) for count in range(each + 1)]
