"""What an attack leaves: how many values of each suppressed figure are still possible, by step - never which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.attack.public_set import Leak, Policy
from geo_bosoc.disclosure.attack.system import NEUTRAL, Live, Unknown
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import Language
from geo_bosoc.text.messages import in_language

STEPS: Final[tuple[str, ...]] = (
    "mark and base",
    "points, met, threshold, sentence",
    "total points and categories",
    "periods",
    "sums",
    "parts of one base",
    "nested areas and releases",
    "all together",
    "and the promise itself",
)
"""Each step has the facts of those before it. The last adds what the rules say of themselves: a side on which the
promise would be broken is not the true one."""
COLUMNS: Final = ("cells", "one", "two", "three", "four or more", "below the promise")
FLAGS: Final = ("exact", "short_side", "below")
WORST: Final = 10


@dataclass(frozen=True)
class AttackReport:
    """How far an outsider gets with what is published. For internal use: it says where to look.

    Attributes
    ----------
    policy : Policy
        What the set promises.
    cells : DataFrame
        One row a suppressed figure, and one a small difference of two areas or releases: ``release`` (0 is the set
        itself), ``area_id, period, indicator``, then for each step of `STEPS` how many of the promised values are left
        (``left_1`` ...; missing where there is nothing to protect), ``exact`` (a single count fits), ``short_side``
        (of the two sides, 1-4 and all but 1-4, all facts together leave one with fewer values than promised: the
        figure is safe as long as it lies on the other) and ``below``.
    leaks : tuple of Leak
        Fields of suppressed figures that the rules want empty.
    steps : DataFrame
        By step, the number of cells with so many values left (`COLUMNS`).
    contradictions : int
        Facts that fit no count, and were left out: the set was not made by these models or rules.
    unsettled : int
        Cells for which time ran out.
    unread : tuple of str
        Files that the attack does not read.
    """

    policy: Policy
    cells: pd.DataFrame = field(repr=False)
    leaks: tuple[Leak, ...] = ()
    steps: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    contradictions: int = 0
    unsettled: int = 0
    unread: tuple[str, ...] = ()

    @property
    def below(self) -> int:
        """Cells of which fewer values are left than the policy promises."""
        return int(self.cells["below"].sum())

    @property
    def exact(self) -> int:
        """Cells of which a single count fits."""
        return int(self.cells["exact"].sum())

    @property
    def short_sides(self) -> int:
        """Cells that are not below the promise, but would be if they lay on their other side."""
        return int((self.cells["short_side"] & ~self.cells["below"]).sum())

    @property
    def promise_holds(self) -> bool:
        """Whether no cell is below the promise and nothing leaks."""
        return not self.below and not self.leaks

    @property
    def worst(self) -> pd.DataFrame:
        """The ten cells below the promise that are worst off: ``release, area_id, period, indicator``."""
        last = f"left_{len(STEPS)}"
        rows = self.cells[self.cells["below"]].sort_values(
            [last, "release", "period", "area_id", "indicator"], kind="stable"
        )
        return rows.loc[:, ["release", "area_id", "period", "indicator"]].head(WORST).reset_index(drop=True)

    def text(self, language: Language = "en") -> str:
        """The report in words: a table by step, then rows; no values."""
        policy = self.policy
        head = phrase(
            "Policy {policy}: figures of 1-{most} persons; at least {least} values stay possible.",
            policy=policy.name,
            most=policy.minimum - 1,
            least=policy.least,
        )
        rest = [in_language(line, language) for line in (*self._of_promise(), *self._of_files())]
        return "\n".join([in_language(head, language), "", *_table(self.steps, language), "", *rest])

    def _of_promise(self) -> Iterator[str]:
        """What is below the promise, or would be."""
        if self.below:
            yield phrase(
                "{count} below the promise. The worst by row (area, period, indicator):", count=self.below
            )
        else:
            yield "No figure is below the promise."
        for release, *names in self.worst.itertuples(index=False, name=None):
            line = f"  {', '.join(names)}"
            yield phrase("{line} (earlier set {release})", line=line, release=release) if release else line
        if self.short_sides:
            yield phrase(
                "{count} more have a side (1-{most}, or all but so many) on which fewer would be left; under the rules "
                "they lie on the other.",
                count=self.short_sides,
                most=self.policy.minimum - 1,
            )

    def _of_files(self) -> Iterator[str]:
        """Fields that ought to be empty, and what was not read or settled."""
        if self.leaks:
            yield phrase(
                "{count} fields of suppressed figures that ought to be empty, such as:", count=len(self.leaks)
            )
        kinds = {
            (leak.file, leak.field.rpartition("_")[2] or leak.field): leak for leak in reversed(self.leaks)
        }
        for leak in sorted(kinds.values())[:WORST]:
            yield f"  {leak.file}: {leak.field}" + (f" ({leak.row})" if leak.row else "")
        if self.contradictions:
            yield phrase(
                "{count} facts fit no count and were left out: were files changed, or is a model another one?",
                count=self.contradictions,
            )
        if self.unsettled:
            yield phrase(
                "{count} figures could not be settled in time and count as protected.", count=self.unsettled
            )
        if self.unread:
            yield phrase("Not read: {names}.", names=joined(self.unread))


def _table(steps: pd.DataFrame, language: Language) -> list[str]:
    heads = [in_language(column, language) for column in COLUMNS]
    width = max(len(in_language(step, language)) for step in STEPS) + 4
    sizes = [max(len(head), 5) for head in heads]
    lines = [" " * width + "  ".join(f"{head:>{n}}" for head, n in zip(heads, sizes, strict=True))]
    for number, row in enumerate(steps.itertuples(index=False, name=None), start=1):
        name, *counts = row
        numbers = "  ".join(f"{count:>{n}}" for count, n in zip(counts, sizes, strict=True))
        lines.append(f"{number} {in_language(name, language):<{width - 2}}{numbers}")
    return lines


def values_left(unknown: Unknown, live: Collection[int]) -> dict[str, set[int]]:
    """By side of the promise, the values that are still possible."""
    sides: dict[str, set[int]] = {}
    for number in live:
        state = unknown.states[number]
        for side in state.sides:
            sides.setdefault(side, set()).add(state.value)
    return sides


def count_left(unknown: Unknown, live: Collection[int]) -> int | None:
    """How many values are left on the side that has most; None where there is nothing to protect.

    That is a figure that cannot be small (it is suppressed for the sake of another), or a difference that need not be.
    """
    sides = values_left(unknown, live)
    if set(sides) <= {NEUTRAL} or (unknown.difference and NEUTRAL in sides):
        return None
    return max(map(len, sides.values()))


def make_report(
    unknowns: Sequence[Unknown],
    by_step: Sequence[Live],
    policies: Sequence[Policy],
    leaks: Sequence[Leak],
    **counts: int | tuple[str, ...],
) -> AttackReport:
    """The report of an attack from what is live after each step."""
    rows: list[dict[str, object]] = []
    for number, unknown in enumerate(unknowns):
        if not unknown.protected:
            continue
        release, area, period, indicator = unknown.row
        left = [count_left(unknown, live[number]) for live in by_step]
        if unknown.difference and left[-1] is None and left[0] is None:
            continue
        row: dict[str, object] = {
            "release": release,
            "area_id": area,
            "period": period,
            "indicator": indicator,
        }
        row |= {f"left_{step}": count for step, count in enumerate(left, start=1)}
        row["exact"] = left[-1] is not None and len(by_step[-1][number]) == 1
        sides = values_left(unknown, by_step[-2][number])
        row["short_side"] = any(
            side != NEUTRAL and len(values) < policies[release].least for side, values in sides.items()
        )
        row["below"] = left[-1] is not None and left[-1] < policies[release].least
        rows.append(row)
    names = ["release", "area_id", "period", "indicator", *(f"left_{n}" for n in range(1, len(by_step) + 1))]
    cells = pd.DataFrame(rows, columns=[*names, *FLAGS]).astype(dict.fromkeys(FLAGS, bool))
    cells = cells.astype(dict.fromkeys(names[4:], "Int64"))
    steps = pd.DataFrame(
        [_step_row(unknowns, live, policies, name) for name, live in zip(STEPS, by_step, strict=False)],
        columns=["step", *COLUMNS],
    )
    return AttackReport(policies[0], cells, tuple(sorted(leaks)), steps, **counts)  # type: ignore[arg-type]


def _step_row(
    unknowns: Sequence[Unknown], live: Live, policies: Sequence[Policy], name: str
) -> tuple[object, ...]:
    lefts = [
        (left, policies[unknown.row[0]].least)
        for number, unknown in enumerate(unknowns)
        if unknown.protected and (left := count_left(unknown, live[number])) is not None
    ]
    sizes: Mapping[int, int] = {size: sum(min(left, 4) == size for left, _ in lefts) for size in range(1, 5)}
    below = sum(left < least for left, least in lefts)
    return (name, len(lefts), *(sizes[size] for size in range(1, 5)), below)
