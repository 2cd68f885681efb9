"""An indicator by two definitions in one period: what they count differently is a count of persons, too.

The figure by the definition in force stays, that by the other one (`Indicator.other_definition`) goes: where the two
differ by 1 to ``minimum - 1`` persons, in the count, the base or the unknown, or by all but so few of the base; and
wherever the figure in force is not shown itself, which it would be near. A total by the other definition goes where
the differences of the areas, which it less the total in force adds up, would take a promised value. Where the bases
differ by so few, the other definition's base goes as well, and with it the base of all areas together.

What decisions tell. A figure by the other definition that is not shown beside one that is tells that it is small, or
that the two differ by a few, more or less: not which, and not on which side.

Not covered: differences of such differences between two areas of which one contains the other; two reforms whose
overlaps fall in one period; means, whose bases alone are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.primary import COUNTS, small, small_cells
from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES, possible_values
from geo_bosoc.disclosure.secondary.totals import unsafe_totals
from geo_bosoc.indicators.spec import Indicator

_KEYS = ["area_id", "period"]


def unsafe_definitions(
    table: pd.DataFrame, suppressed: pd.Series, *, indicators: Sequence[Indicator], minimum: int = 5
) -> pd.DataFrame:
    """What of figures by a definition that is not in force goes for the sake of those beside them.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    suppressed : Series of bool
        On the index of `table`: figures that are not shown.
    indicators : sequence of Indicator
        What the figures are.
    minimum : int
        Persons.

    Returns
    -------
    DataFrame of bool
        On the index of `table`: ``numerator`` (the count and all that tells it), ``unknown``, ``denominator``.

    Examples
    --------
    >>> from geo_bosoc.indicators.reforms import by_definition
    >>> from geo_bosoc.indicators.spec import Reform, Side
    >>> reform = Reform(valid_from="2024", numerator=Side(where="code = 'new'"), overlap=("2024",))
    >>> measures = Indicator(
    ...     id="i", label_en="I", denominator=Side(), numerator=Side(where="code = 'old'"), reform=(reform,)
    ... )
    >>> rows = [("a", "2024", "i", 20, 90, 0), ("a", "2024", "i_before_2024", 23, 90, 0)]
    >>> table = pd.DataFrame(rows, columns=["area_id", "period", "indicator", *COUNTS])
    >>> nothing = pd.Series(False, index=table.index)
    >>> unsafe_definitions(table, nothing, indicators=by_definition([measures]))["numerator"].tolist()
    [False, True]
    """
    unsafe = pd.DataFrame(False, index=table.index, columns=list(FIGURES))
    for _, pairs in _pairs(table, indicators, minimum):
        rows = pairs["is_small"].to_numpy(bool) | suppressed.loc[pairs["row_in_force"]].to_numpy(bool)
        unsafe.loc[pairs.loc[rows, "row"], "numerator"] = True
        unsafe.loc[pairs.loc[pairs["base_is_small"], "row"], "denominator"] = True
    return unsafe


def unsafe_definition_totals(
    totals: pd.DataFrame,
    parts: pd.DataFrame,
    suppressed: pd.Series,
    suppressed_totals: pd.Series,
    *,
    indicators: Sequence[Indicator],
    minimum: int = 5,
) -> pd.DataFrame:
    """What of totals by a definition that is not in force goes.

    Parameters
    ----------
    totals, parts : DataFrame
        True counts of the reference areas and of the areas, as in
        `geo_bosoc.disclosure.secondary.totals.unsafe_totals`.
    suppressed, suppressed_totals : Series of bool
        On the index of `parts` and of `totals`: figures that are not shown.
    indicators : sequence of Indicator
        What the figures are.
    minimum : int
        Persons.

    Returns
    -------
    DataFrame of bool
        On the index of `totals`, as `unsafe_definitions` gives it.
    """
    unsafe = unsafe_definitions(totals, suppressed_totals, indicators=indicators, minimum=minimum)
    of_totals = dict(_pairs(totals, indicators, minimum))
    for name, pairs in _pairs(parts, indicators, minimum):
        if name not in of_totals:
            continue
        total_pairs = of_totals[name]
        hidden = np.zeros(len(pairs), dtype=bool)
        for row in ("row", "row_in_force"):
            hidden |= suppressed.loc[pairs[row]].to_numpy(bool)
        for period, of_period in pairs.groupby("period", sort=True):
            is_hidden = pd.Series(hidden, index=pairs.index).loc[of_period.index]
            here = total_pairs[total_pairs["period"] == period]
            if of_period["base_is_small"].any():
                unsafe.loc[here.loc[here["area_id"] != MUNICIPALITY, "row"], "denominator"] = True
            if not is_hidden.any() or here.empty:
                continue
            # a part that gained and one that lost do not add up as counts do
            if (of_period["numerator"] > 0).any() and (of_period["numerator"] < 0).any():
                goes = here["area_id"] != MUNICIPALITY
            else:
                of_parts, of_areas = (_as_counts(frame, name) for frame in (of_period, here))
                values = possible_values(of_parts, is_hidden, indicators, minimum)
                goes = unsafe_totals(
                    of_areas, of_parts, values, indicators=indicators, minimum=minimum, last=()
                ).any(axis=1)
            unsafe.loc[here.loc[goes, "row"], "numerator"] = True
    return unsafe


def _pairs(
    table: pd.DataFrame, indicators: Sequence[Indicator], minimum: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    """By indicator that is another one's other definition, what the two count differently.

    ``area_id, period, row, row_in_force`` (on the index of the table), ``numerator, denominator, unknown`` (apart),
    ``base`` (not a difference), ``is_small`` and ``base_is_small`` (the bases differ by few, with or without the
    unknown).
    """
    for spec in indicators:
        other = spec.other_definition
        if other is None:
            continue
        columns = [*_KEYS, *COUNTS]
        frames = [
            table.loc[(table["indicator"] == name) & table["numerator"].notna(), columns].reset_index(
                names="row"
            )
            for name in (spec.id, other.indicator)
        ]
        both = frames[0].merge(frames[1], on=_KEYS, suffixes=("", "_in_force"))
        differences = pd.DataFrame(
            {name: both[name].astype("Int64") - both[f"{name}_in_force"].astype("Int64") for name in COUNTS}
        )
        apart = differences.abs()
        base, base_in_force = (
            both[f"denominator{which}"].astype("Int64") - both[f"unknown{which}"].astype("Int64").fillna(0)
            for which in ("", "_in_force")
        )
        as_cells = apart.assign(indicator=spec.id, denominator=base, unknown=0)
        differs = (apart["numerator"] > 0) & (base >= minimum)
        is_small = small_cells(as_cells, indicators, minimum) & differs.fillna(False)
        base_is_small = small((base - base_in_force).abs(), minimum)
        for name in COUNTS[1:]:
            base_is_small |= small(apart[name], minimum)
        flags = {"is_small": is_small | base_is_small, "base_is_small": base_is_small}
        yield (
            spec.id,
            both[[*_KEYS, "row", "row_in_force"]].assign(**differences, base=base, **flags),
        )


def _as_counts(pairs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Differences as a table of counts."""
    return pairs[_KEYS].assign(
        indicator=name, numerator=pairs["numerator"].abs(), denominator=pairs["base"], unknown=0
    )
