"""Where the municipality's assignments can go: exempt estates, every so-manieth vacancy, and the load that shifts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.balance.estates import apportion
from geo_bosoc.models.spec import exact
from geo_bosoc.problems import Report

Status = Literal["H", "M", "A"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """A ladder's step: above `over_pct` (missing: everybody else) the municipality gets every so-manieth vacancy.

    `every` 0: none. `flexible_pct`: of the vacancies left, so many per cent are let by priority (flexible letting).
    """

    over_pct: float | None = Field(default=None, ge=0, lt=100)
    every: int = Field(ge=0)
    flexible_pct: float = Field(default=0.0, ge=0, le=100)
    status: Status
    assumption_da: str = ""
    assumption_en: str = ""


class Ladder(_Part):
    """An agreement's table of steps, from the highest threshold down; the last one takes the rest.

    `listed_exempt`: an area on the state's list is exempt whatever its share; one newly on it only if it also lies
    above by the municipality's own measurement, where `newly_listed_needs_own_measure` says so.
    """

    id: str
    label_da: str
    label_en: str
    indicator_da: str
    indicator_en: str
    source: str
    listed_exempt: bool = False
    newly_listed_needs_own_measure: bool = False
    step: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _falls(self) -> Ladder:
        *upper, last = [step.over_pct for step in self.step]
        if last is not None or any(one is None for one in upper):
            raise ValueError("every step but the last has over_pct")
        if upper != sorted(upper, key=lambda one: -(one or 0.0)) or len(set(upper)) < len(upper):
            raise ValueError("steps go from the highest over_pct down")
        return self


Exempt = Literal["exempt", "not_exempt", "undetermined"]
LETTING_COLUMNS: Final = (
    "estate_id", "outside", "base", "outside_share", "exempt", "reason", "vacancies", "every", "assigned_before",
    "assigned_by_ladder", "extra", "assigned_after", "share_after", "flexible", "waiting_list",
)  # fmt: skip


def allocate_vacancies(
    estates: pd.DataFrame, ladder: Ladder, *, general_every: int | None = None, report: Report | None = None
) -> pd.DataFrame:
    """Assignments by estate under a ladder, and where the exempt estates' part can go.

    Parameters
    ----------
    estates : ``estate_id``; ``outside`` and ``base`` (residents outside the work force, of so many; missing = not
        known, a base of 0 likewise); ``vacancies`` a year (whole numbers); where they apply ``listed`` (``listed``: on
        the state's list; ``newly``: newly so) and ``banned`` (True where the law forbids assignment).
    ladder : see `geo_bosoc.balance.load_rules`.
    general_every : every so-manieth vacancy everywhere before anybody is exempt; by default the ladder's last step.
    report : takes the fact ``letting``: the load before, what shifts (between bounds where some estate's exemption is
        undetermined), what is placed again and what is not.

    Returns
    -------
    DataFrame, one row an estate
        ``outside``, ``base`` (Int64) and ``outside_share``; ``exempt`` (exempt, not_exempt, undetermined) and
        ``reason`` (over, listed, banned);
        ``every`` of the estate's own step; ``assigned_before`` (every estate at `general_every`, whole vacancies);
        ``assigned_by_ladder``; ``extra`` (its part of what the exempt estates no longer take, by vacancies left and
        never more than those); ``assigned_after``; ``share_after`` of its vacancies; and of the vacancies left
        ``flexible`` (let by priority, whole ones rounded down) and ``waiting_list``.

    Notes
    -----
    The n-th vacancy is the municipality's: of v vacancies floor(v / n). An estate whose exemption is undetermined is
    treated as not exempt; the fact ``shift_high`` tells the load if all of these were exempt.
    """
    before_every = general_every if general_every is not None else ladder.step[-1].every
    rows = []
    for row in estates.to_dict("records"):
        exempt, reason, step = _step(row, ladder)
        vacancies = int(row["vacancies"])
        before = vacancies // before_every if before_every else 0
        now = 0 if exempt == "exempt" else vacancies // step.every if step.every else 0
        share = int(row["outside"]) / int(row["base"]) if _known_values(row) else float("nan")
        known = [int(row["outside"]), int(row["base"])] if _known_values(row) else [pd.NA, pd.NA]
        every = 0 if exempt == "exempt" else step.every
        rows.append(
            [
                row["estate_id"],
                *known,
                share,
                exempt,
                reason,
                vacancies,
                every,
                before,
                now,
                step.flexible_pct,
            ]
        )
    frame = pd.DataFrame(rows, columns=[*LETTING_COLUMNS[:10], "pct"]).astype(
        {"outside": "Int64", "base": "Int64"}
    )
    load, by_ladder = int(frame["assigned_before"].sum()), int(frame["assigned_by_ladder"].sum())
    extra = _shared_out(load - by_ladder, (frame["vacancies"] - frame["assigned_by_ladder"])
                        .where(frame["exempt"] != "exempt", 0).to_numpy(np.int64))  # fmt: skip
    after = frame["assigned_by_ladder"] + extra
    left = frame["vacancies"] - after
    flexible = [int(exact(pct) * int(free) / 100) for pct, free in zip(frame["pct"], left, strict=True)]
    if report is not None:
        open_ones = frame["exempt"] == "undetermined"
        gone = int(frame.loc[frame["exempt"] == "exempt", "assigned_before"].sum())
        report.facts["letting"] = {
            "ladder": ladder.id,
            "estates": len(frame),
            "exempt": int((frame["exempt"] == "exempt").sum()),
            "undetermined": int(open_ones.sum()),
            "load_before": load,
            "shift": gone,
            "shift_high": gone + int(frame.loc[open_ones, "assigned_before"].sum()),
            "placed_again": int(extra.sum()),
            "not_placed": max(0, load - by_ladder) - int(extra.sum()),
        }
    done = frame.assign(
        extra=extra,
        assigned_after=after,
        share_after=after / frame["vacancies"].where(frame["vacancies"] > 0),
        flexible=flexible,
        waiting_list=left - flexible,
    )
    return done[list(LETTING_COLUMNS)]


def _known_values(row: Mapping[Hashable, Any]) -> bool:
    return not (pd.isna(row["outside"]) or pd.isna(row["base"]) or int(row["base"]) == 0)


def _step(row: Mapping[Hashable, Any], ladder: Ladder) -> tuple[Exempt, str, Step]:
    """The estate's step and whether it is exempt."""
    last = ladder.step[-1]
    if row.get("banned") is True or row.get("banned") is np.True_:
        return "exempt", "banned", last
    listed = row.get("listed")
    newly = listed == "newly" and not ladder.newly_listed_needs_own_measure
    if ladder.listed_exempt and (listed == "listed" or newly):
        return "exempt", "listed", last
    if not _known_values(row):
        closed = any(step.every == 0 for step in ladder.step)
        return ("undetermined", "", last) if closed else ("not_exempt", "", last)
    share = Fraction(100 * int(row["outside"]), int(row["base"]))
    step = next(step for step in ladder.step if step.over_pct is None or share > exact(step.over_pct))
    return ("exempt", "over", step) if step.every == 0 else ("not_exempt", "", step)


def _shared_out(load: int, room: NDArray[np.int64]) -> NDArray[np.int64]:
    """`load` over the estates in proportion to their room, none above it; whole vacancies."""
    given = np.zeros(len(room), np.int64)
    load = min(load, int(room.sum()))
    if load <= 0:
        return given
    given[:] = np.minimum(apportion(load, room.astype(float)), room)
    short = load - int(given.sum())
    for at in np.argsort(-(room - given), kind="stable"):
        step = min(short, int(room[at] - given[at]))
        given[at] += step
        short -= step
    return given
