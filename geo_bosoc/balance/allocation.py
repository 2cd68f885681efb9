"""Allocation of vacancies: exempt estates, the municipality's share of vacancies, and the load that shifts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from geo_bosoc.balance.code_lists import FrozenSpec, Status
from geo_bosoc.balance.estates import apportion
from geo_bosoc.models.criteria import exact
from geo_bosoc.problems import Report
from geo_bosoc.text.provenance import Labelled


class Step(FrozenSpec):
    """A ladder's step.

    Attributes
    ----------
    over_pct : float or None
        Estates above this share; left out: all others. Unit: per cent. Example: ``over_pct = 40``
    every : int
        The municipality gets one vacancy in so many; 0: none. Example: ``every = 4``
    flexible_pct : float
        Of the vacancies left, so many are let by priority (flexible letting). Unit: per cent.
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed. Example: ``status = "H"``
    assumption_da, assumption_en : str
        What is assumed in it. Example: ``assumption_da = "Trinnet er vores."`` ``assumption_en = "The step is ours."``
    """

    over_pct: float | None = Field(default=None, ge=0, lt=100)
    every: int = Field(ge=0)
    flexible_pct: float = Field(default=0.0, ge=0, le=100)
    status: Status
    assumption_da: str = ""
    assumption_en: str = ""


class Ladder(FrozenSpec, Labelled):
    """An agreement's table of steps, from the highest threshold down; the last one takes the rest.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "copenhagen-40plus"``
    indicator_da, indicator_en : str
        What its shares are of.
        Example: ``indicator_da = "Uden for arbejdsstyrken"`` ``indicator_en = "Outside the work force"``
    source : str
        Where it comes from. Example: ``source = "The agreement of 2024"``
    listed_exempt : bool
        Whether an area on the state's list is exempt whatever its share.
    newly_listed_needs_own_measure : bool
        Whether one newly on the list is exempt only if it also lies above by the municipality's own measurement.
    step : tuple of Step
        The steps.
    """

    id: str
    indicator_da: str
    indicator_en: str
    source: str
    listed_exempt: bool = False
    newly_listed_needs_own_measure: bool = False
    step: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _falls(self) -> Ladder:
        *upper, last = [step.over_pct for step in self.step]
        if last is not None or None in upper:
            raise ValueError("every step but the last has over_pct.")
        if upper != sorted(upper, key=lambda over_pct: -(over_pct or 0.0)) or len(set(upper)) < len(upper):
            raise ValueError("steps go from the highest over_pct down.")
        return self


Exempt = Literal["exempt", "not_exempt", "undetermined"]
ALLOCATION_COLUMNS: Final = (
    "estate_id", "outside", "base", "outside_share", "exempt", "reason", "vacancies", "every", "assigned_before",
    "assigned_by_ladder", "extra", "assigned_after", "share_after", "flexible", "waiting_list",
)  # fmt: skip


def allocate_vacancies(
    estates: pd.DataFrame, ladder: Ladder, *, general_every: int | None = None, report: Report | None = None
) -> pd.DataFrame:
    """Allocate vacancies to the municipality by estate under a ladder, and the exempt estates' part to the others.

    Parameters
    ----------
    estates : DataFrame
        ``estate_id``; ``outside`` and ``base`` (residents outside the work force, of so many; missing = not known, a
        base of 0 likewise); ``vacancies`` a year (whole numbers); where they apply ``listed`` (``listed``: on the
        state's list; ``newly``: newly so) and ``banned`` (True where the law forbids assignment).
    ladder : Ladder
        See `geo_bosoc.balance.load_rules`.
    general_every : int, optional
        The municipality has every n-th vacancy of every estate before any is exempt; by default n of the ladder's last
        step.
    report : Report, optional
        Takes the fact ``letting``: the load before, what shifts (between bounds where some estate's exemption is
        undetermined), what is placed again and what is not.

    Returns
    -------
    DataFrame
        One row an estate: ``outside``, ``base`` (Int64) and ``outside_share``; ``exempt`` (exempt, not_exempt,
        undetermined) and ``reason`` (over, listed, banned); ``every`` of the estate's own step; ``assigned_before``
        (every estate at `general_every`, whole vacancies); ``assigned_by_ladder``; ``extra`` (its part of what the
        exempt estates no longer take, by vacancies left and never more than those); ``assigned_after``;
        ``share_after`` of its vacancies; and of the vacancies left ``flexible`` (let by priority, whole ones rounded
        down) and ``waiting_list``.

    Notes
    -----
    Of v vacancies the municipality has floor(v / n). An estate whose exemption is undetermined is treated as not
    exempt; the fact ``shift_high`` is the load if all of these were exempt.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import allocate_vacancies, load_rules
    >>> estates = pd.DataFrame(
    ...     {"estate_id": ["A", "B"], "outside": [45, 20], "base": [100, 100], "vacancies": [16, 20]}
    ... )
    >>> table = allocate_vacancies(estates, load_rules().ladder_of("copenhagen-40plus"))
    >>> table[["estate_id", "exempt", "assigned_before", "assigned_after"]].values.tolist()
    [['A', 'exempt', 4, 0], ['B', 'not_exempt', 5, 9]]
    """
    before_every = general_every if general_every is not None else ladder.step[-1].every
    rows = []
    for row in estates.to_dict("records"):
        exempt, reason, step = _step_of(row, ladder)
        vacancies = int(row["vacancies"])
        before = vacancies // before_every if before_every else 0
        by_step = 0 if exempt == "exempt" else vacancies // step.every if step.every else 0
        share = int(row["outside"]) / int(row["base"]) if _has_share(row) else float("nan")
        residents = [int(row["outside"]), int(row["base"])] if _has_share(row) else [pd.NA, pd.NA]
        every = 0 if exempt == "exempt" else step.every
        rows.append(
            [
                row["estate_id"],
                *residents,
                share,
                exempt,
                reason,
                vacancies,
                every,
                before,
                by_step,
                step.flexible_pct,
            ]
        )
    frame = pd.DataFrame(rows, columns=[*ALLOCATION_COLUMNS[:10], "pct"]).astype(
        {"outside": "Int64", "base": "Int64"}
    )
    load, by_ladder = int(frame["assigned_before"].sum()), int(frame["assigned_by_ladder"].sum())
    extra = _distribute(load - by_ladder, (frame["vacancies"] - frame["assigned_by_ladder"])
                        .where(frame["exempt"] != "exempt", 0).to_numpy(np.int64))  # fmt: skip
    after = frame["assigned_by_ladder"] + extra
    left = frame["vacancies"] - after
    flexible = [
        int(exact(pct) * int(left_over) / 100) for pct, left_over in zip(frame["pct"], left, strict=True)
    ]
    if report is not None:
        undetermined = frame["exempt"] == "undetermined"
        shifted = int(frame.loc[frame["exempt"] == "exempt", "assigned_before"].sum())
        report.facts["letting"] = {
            "ladder": ladder.id,
            "estates": len(frame),
            "exempt": int((frame["exempt"] == "exempt").sum()),
            "undetermined": int(undetermined.sum()),
            "load_before": load,
            "shift": shifted,
            "shift_high": shifted + int(frame.loc[undetermined, "assigned_before"].sum()),
            "placed_again": int(extra.sum()),
            "not_placed": max(0, load - by_ladder) - int(extra.sum()),
        }
    result = frame.assign(
        extra=extra,
        assigned_after=after,
        share_after=after / frame["vacancies"].where(frame["vacancies"] > 0),
        flexible=flexible,
        waiting_list=left - flexible,
    )
    return result[list(ALLOCATION_COLUMNS)]


def _has_share(row: Mapping[Hashable, Any]) -> bool:
    return not (pd.isna(row["outside"]) or pd.isna(row["base"]) or int(row["base"]) == 0)


def _step_of(row: Mapping[Hashable, Any], ladder: Ladder) -> tuple[Exempt, str, Step]:
    """The estate's step, whether it is exempt, and why."""
    last = ladder.step[-1]
    if row.get("banned") is True or row.get("banned") is np.True_:
        return "exempt", "banned", last
    listed = row.get("listed")
    newly = listed == "newly" and not ladder.newly_listed_needs_own_measure
    if ladder.listed_exempt and (listed == "listed" or newly):
        return "exempt", "listed", last
    if not _has_share(row):
        closed = any(step.every == 0 for step in ladder.step)
        return ("undetermined", "", last) if closed else ("not_exempt", "", last)
    share = Fraction(100 * int(row["outside"]), int(row["base"]))
    step = next(step for step in ladder.step if step.over_pct is None or share > exact(step.over_pct))
    return ("exempt", "over", step) if step.every == 0 else ("not_exempt", "", step)


def _distribute(load: int, capacity: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distribute `load` over the estates in proportion to their capacity, never above it; whole vacancies."""
    allocated = np.zeros(len(capacity), np.int64)
    load = min(load, int(capacity.sum()))
    if load <= 0:
        return allocated
    allocated[:] = np.minimum(apportion(load, capacity.astype(float)), capacity)
    remaining = load - int(allocated.sum())
    for estate in np.argsort(-(capacity - allocated), kind="stable"):
        addition = min(remaining, int(capacity[estate] - allocated[estate]))
        allocated[estate] += addition
        remaining -= addition
    return allocated
