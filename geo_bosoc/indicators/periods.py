"""Periods as text, and which data stand for a period: its own, several years pooled, or an earlier
survey's."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from geo_bosoc.indicators.spec import Indicator

_FORM = re.compile(r"^(?P<year>\d{4})(?:K(?P<quarter>[1-4]))?$")


@dataclass(frozen=True, slots=True)
class Basis:
    """The data periods that stand for a period, in order; empty where there are none within reach."""

    periods: tuple[str, ...]
    carried: bool = False

    @property
    def text(self) -> str | None:
        """``2024``, or ``2022-2024`` for several; None for none."""
        if not self.periods:
            return None
        first, last = self.periods[0], self.periods[-1]
        return first if first == last else f"{first}-{last}"


def quarter_number(period: str) -> int | None:
    """Quarters since year 0, a year counting as its last quarter; None for another form of period.

    Examples
    --------
    >>> quarter_number("2024K1") - quarter_number("2023"), quarter_number("2023/24")
    (1, None)
    """
    match = _FORM.match(period)
    if match is None:
        return None
    return int(match["year"]) * 4 + int(match["quarter"] or 4) - 1


def same_form(first: str, other: str) -> bool:
    """Whether both are years, or both are quarters."""
    return len(first) == len(other) and (quarter_number(first) is None) == (quarter_number(other) is None)


def basis(period: str, indicator: Indicator, available: Collection[str]) -> Basis:
    """Which data periods stand for `period`.

    The period itself; with ``pool_years = n`` (n > 1) all periods of the n years that end with it (4n
    quarters for a quarter), as far as there are data; with ``carry_forward = n``, where the period has no
    data of its own, the latest period before it that is at most n years older, pooled in its turn.

    Parameters
    ----------
    period : the period asked for, ``2024`` or ``2024K1``; any other text only ever stands for itself.
    available : periods for which there are data.

    Examples
    --------
    >>> from geo_bosoc.indicators.load import load_indicators
    >>> safety = load_indicators("safety")[0]
    >>> basis("2024", safety, ["2019", "2022"])
    Basis(periods=('2022',), carried=True)
    """
    if period in available:
        return Basis(_pooled(period, indicator.pool_years, available))
    here = quarter_number(period)
    if here is None or not indicator.carry_forward:
        return Basis(())
    earlier = [(at, one) for one in available if (at := quarter_number(one)) is not None and at <= here]
    reach = [pair for pair in earlier if here - pair[0] <= 4 * indicator.carry_forward]
    if not reach:
        return Basis(())
    return Basis(_pooled(max(reach)[1], indicator.pool_years, available), carried=True)


def _pooled(period: str, years: int, available: Collection[str]) -> tuple[str, ...]:
    here = quarter_number(period)
    if years == 1 or here is None:
        return (period,)
    return tuple(
        sorted(
            one
            for one in available
            if same_form(one, period) and 0 <= here - (quarter_number(one) or 0) < 4 * years
        )
    )
