"""The change of a figure between two periods, split: who moved in and out, who grew into the base, who changed.

Each person whom the population register knows in either period is in one component of an area's change, so that the
components' numerators, bases and unknowns add up to the change exactly; what cannot be laid to a person is ``other``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd
import polars as pl

from geo_bosoc.follow_up.link import LinkedPersons
from geo_bosoc.follow_up.routes import ROUTE, area_flows, count_flows, join_periods
from geo_bosoc.indicators.plan import basis, quarter_number
from geo_bosoc.indicators.rates import integer_sides
from geo_bosoc.indicators.spec import Indicator

COMPONENTS: Final = (
    "moved_in", "moved_out", "arrived", "left", "left_or_died", "born", "died", "entered_base", "left_base", "stayed",
    "boundary", "other",
)  # fmt: skip
"""What a person's part in a change may be.

``moved_in`` from elsewhere in the municipality, ``moved_out`` to there; ``arrived`` and ``left``: not in the register
before, or no more (from and to other municipalities); ``left_or_died``: no more in it, where the dead are not known;
``born`` and ``died`` in between; ``entered_base`` and ``left_base``: of those who stayed, into the base and out of it
(by age and the like); ``stayed``: of those who stayed in the base, the change itself; ``boundary``: the same address in
another area; ``other``: not linked."""

KEYS: Final = ("area_id", "indicator", "period_before", "period")
COMPONENT_COLUMNS: Final = (
    *KEYS, "component", "numerator", "denominator", "unknown", "gained", "lost", "base_only", "effect", "status",
)  # fmt: skip
NUMBERS: Final = ("numerator", "denominator", "unknown")
PERSONS: Final = ("gained", "lost", "base_only")
SQUARES: Final = ("square", "product", "base_square")
BEFORE: Final = ("numerator_before", "denominator_before", "unknown_before")
"""What a component's persons counted in the area in the earlier period."""
SUMS: Final = (*NUMBERS, *PERSONS, *SQUARES, *BEFORE)


def split_change(
    linked: LinkedPersons,
    table: pd.DataFrame,
    indicators: Sequence[Indicator],
    pairs: Sequence[tuple[str, str]],
    *,
    joined: dict[tuple[str, str], pl.DataFrame] | None = None,
) -> pd.DataFrame:
    """Split each change of each figure into what persons did.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period (`geo_bosoc.follow_up.link.link_persons`).
    table : DataFrame
        The true indicator table of the areas.
    indicators : sequence of Indicator
        What the figures are. Of those that count no persons who can be linked all is ``other``.
    pairs : sequence of (str, str)
        The periods to compare, the earlier one first.
    joined : dict, optional
        Takes what `join_periods` gives, by pair, for other uses of it.

    Returns
    -------
    DataFrame
        One row an area, indicator, pair and component that is not nothing: ``area_id, indicator, period_before, period,
        component, numerator, denominator, unknown`` (its part in the change of each count; the parts add up to it),
        ``gained, lost, base_only`` (persons who count more, less, or in the base only), ``effect`` (its part in the
        change of the value), ``status``; the sums of squares that `geo_bosoc.follow_up.causes.linked_change` goes by,
        and what these persons counted in the area before. Figures without counts in either period are left out.

    Notes
    -----
    A value n / b becomes n' / b'. With v the mean of the two values and B that of the two bases, a component with the
    parts dn and db has the effect (dn - v db) / B (Marshall-Edgeworth). The effects add up to the change, do not hang
    on an order, and components may be joined: n'/b' - n/b = (n' - n - v (b' - b)) / B is an identity. It is what the
    component's persons lie above or below the mean share, over all.

    Examples
    --------
    >>> linked = gb.follow_up.link_persons(registers, "persons", results.indicators)  # doctest: +SKIP
    >>> pairs = [("2023", "2024")]
    >>> parts = gb.follow_up.split_change(linked, results.table, results.indicators, pairs)  # doctest: +SKIP
    >>> parts.groupby("component")["effect"].sum()  # doctest: +SKIP
    """
    specs = {indicator.id: indicator for indicator in indicators}
    joined = {} if joined is None else joined
    flows: dict[tuple[str, str], pl.DataFrame] = {}
    counted = _with_sides(table, specs, {period for pair in pairs for period in pair})
    frames = [_components_of_pair(linked, counted, specs, pair, joined, flows) for pair in pairs]
    if not frames:
        return pd.DataFrame(columns=[*COMPONENT_COLUMNS, *SQUARES, *BEFORE])
    order = {name: number for number, name in enumerate(COMPONENTS)}
    numbers = {name: number for number, name in enumerate(specs)}
    rows = pd.concat(frames, ignore_index=True)
    keys = pd.DataFrame(
        {
            "period": rows["period"], "period_before": rows["period_before"], "area_id": rows["area_id"],
            "indicator": rows["indicator"].map(numbers), "component": rows["component"].map(order),
        }
    )  # fmt: skip
    return rows.loc[keys.sort_values(list(keys.columns), kind="stable").index].reset_index(drop=True)


def _components_of_pair(
    linked: LinkedPersons,
    table: pd.DataFrame,
    specs: Mapping[str, Indicator],
    pair: tuple[str, str],
    joined: dict[tuple[str, str], pl.DataFrame],
    flows: dict[tuple[str, str], pl.DataFrame],
) -> pd.DataFrame:
    """`split_change` of two periods; `joined` and `flows` (`area_flows`) hold and take what each step gives."""
    before, period = pair
    totals = _totals(table, before, period)
    if totals.empty:
        return pd.DataFrame(columns=[*COMPONENT_COLUMNS, *SQUARES, *BEFORE])
    of_persons: list[pl.DataFrame] = []
    for indicator in linked.indicators:
        if indicator.id not in specs:
            continue
        parts = []
        for step in _steps(linked.periods, totals, indicator, before, period):
            if step not in joined:
                joined[step] = join_periods(linked, *step)
            if step not in flows:
                flows[step] = area_flows(linked, joined[step].select(ROUTE).unique())
            counted = count_flows(linked, joined[step], *step, indicator.id)
            parts.append(_linked_components(flows[step], counted, indicator))
        if parts:
            summed = pl.concat(parts).group_by("area_id", "indicator", "component").agg(pl.col(SUMS).sum())
            of_persons.append(summed.sort("area_id", "component"))
    none = pd.DataFrame(columns=["area_id", "indicator", "component", *SUMS])
    none = none.astype(dict.fromkeys(SUMS, "int64"))
    rows = _pandas(pl.concat(of_persons)) if of_persons else none
    keys = ["area_id", "indicator"]
    rows = rows.merge(totals[keys], on=keys, how="inner")
    linked_sums = rows.groupby(keys)[list(NUMBERS)].sum()
    rest = totals.set_index(keys)[[f"d_{name}" for name in NUMBERS]].set_axis(list(NUMBERS), axis=1)
    rest = rest.sub(linked_sums.reindex(rest.index).fillna(0)).astype("int64").reset_index()
    # Of an indicator of linked persons each unit of what is left is taken to be a person.
    scale = rest["indicator"].map({name: spec.scale for name, spec in specs.items()})
    zeros = dict.fromkeys((*PERSONS, "product", "base_square", *BEFORE), 0)
    rest = rest.assign(component="other", square=rest["numerator"].abs() * scale, **zeros)
    both = (
        pd.concat([rows, rest], ignore_index=True).groupby([*keys, "component"], sort=False)[list(SUMS)].sum()
    )
    both = both.reset_index().merge(totals, on=keys)
    changes = both[[*NUMBERS, *PERSONS, *BEFORE]].ne(0).any(axis=1)
    both = both[changes].assign(period_before=before, period=period, status="ok")
    both["effect"] = _effects(both, specs)
    return both[[*COMPONENT_COLUMNS, *SQUARES, *BEFORE]].astype(
        dict.fromkeys((*NUMBERS, *PERSONS, *BEFORE), "int64")
    )


def _with_sides(
    table: pd.DataFrame, specs: Mapping[str, Indicator], periods: Collection[str]
) -> pd.DataFrame:
    """The counted figures of some periods, with both bases and numerators by the rule for unknowns."""
    counted = table[
        table["indicator"].isin(list(specs))
        & table["period"].isin(list(periods))
        & table["numerator"].notna()
        & table["denominator"].notna()
    ]
    columns = ["area_id", "indicator", "period", *NUMBERS]
    counted = counted[[*columns, *(["data_period"] if "data_period" in counted else [])]]
    sides = []
    for name, rows in counted.groupby("indicator", sort=False):
        met, base = integer_sides(rows, specs[str(name)])
        sides.append(rows.assign(met=met, base=base))
    return pd.concat(sides) if sides else counted.assign(met=0, base=0)


def _totals(both: pd.DataFrame, before: str, period: str) -> pd.DataFrame:
    """What is split: the change of each count between two periods, of what `_with_sides` gives."""
    keys = ["area_id", "indicator"]
    columns = [*keys, *NUMBERS, "met", "base", *(["data_period"] if "data_period" in both else [])]
    merged = both.loc[both["period"] == before, columns].merge(
        both.loc[both["period"] == period, columns], on=keys, suffixes=("_before", "")
    )
    changes = {
        f"d_{name}": merged[name].fillna(0).astype("int64")
        - merged[f"{name}_before"].fillna(0).astype("int64")
        for name in NUMBERS
    }
    return merged.drop(columns=[*NUMBERS, *(f"{name}_before" for name in NUMBERS)]).assign(**changes)


def _steps(
    periods: Sequence[str], totals: pd.DataFrame, indicator: Indicator, before: str, period: str
) -> list[tuple[str, str]]:
    """The pairs of data periods whose changes add up to that of two periods: one, or a step a pooled year.

    None where the figures rest on other data than the linked persons' periods, as of a survey carried forward.
    """
    data = [basis(each, indicator, periods) for each in (before, period)]
    rows = totals[totals["indicator"] == indicator.id]
    texts = [
        rows[name].iloc[0] for name in ("data_period_before", "data_period") if name in rows and len(rows)
    ]
    if any(text != each.text for text, each in zip(texts, data, strict=False)):
        return []
    gap = (quarter_number(period) or 0) - (quarter_number(before) or 0)
    if gap == 0:
        return [(before, period)] if before in periods and period in periods else []
    return [
        (earlier, later)
        for later in data[1].periods
        for earlier in data[0].periods
        if (quarter_number(later) or 0) - (quarter_number(earlier) or 0) == gap
    ]


def _linked_components(flows: pl.DataFrame, counted: pl.DataFrame, indicator: Indicator) -> pl.DataFrame:
    """By area and component the sums of `SUMS`, of one indicator's persons; `flows` from `area_flows`."""
    rows = counted.join(flows, on=ROUTE)
    # Who came to an area counted nothing in it before, and who went counts nothing in it now.
    rows = rows.with_columns(
        *(_zero_where("in", f"{side}0") for side in "ndu"),
        *(_zero_where("out", f"{side}1") for side in "ndu"),
    )
    base = [
        pl.col(f"d{end}") - (pl.col(f"u{end}") if indicator.unknown == "exclude" else 0) for end in (0, 1)
    ]
    extra = indicator.scale if indicator.unknown == "met" else 0
    met = [pl.col(f"n{end}") + pl.col(f"u{end}") * extra for end in (0, 1)]
    of_stayer = (
        pl.when((pl.col("d0") == 0) & (pl.col("d1") > 0))
        .then(pl.lit("entered_base"))
        .when((pl.col("d0") > 0) & (pl.col("d1") == 0))
        .then(pl.lit("left_base"))
        .otherwise(pl.lit("stayed"))
    )
    persons, dn, db = (pl.col(name) for name in ("persons", "dn", "db"))
    sums = {
        "numerator": (pl.col("n1") - pl.col("n0")) * persons,
        "denominator": (pl.col("d1") - pl.col("d0")) * persons,
        "unknown": (pl.col("u1") - pl.col("u0")) * persons,
        **{name: pl.col(f"{side}0") * persons for name, side in zip(BEFORE, "ndu", strict=True)},
        "gained": persons.filter(dn > 0),
        "lost": persons.filter(dn < 0),
        "base_only": persons.filter((dn == 0) & (db != 0)),
        "square": dn * dn * persons,
        "product": dn * db * persons,
        "base_square": db * db * persons,
    }
    return (
        rows.with_columns(
            pl.when(pl.col("fate") == "remained")
            .then(of_stayer)
            .otherwise(pl.col("fate"))
            .alias("component"),
            (met[1] - met[0]).alias("dn"),
            (base[1] - base[0]).alias("db"),
        )
        .group_by("area_id", "component")
        .agg(expr.sum().alias(name) for name, expr in sums.items())
        .select(pl.lit(indicator.id).alias("indicator"), "area_id", "component", *SUMS)
    )


def _zero_where(direction: str, column: str) -> pl.Expr:
    return pl.when(pl.col("direction") == direction).then(0).otherwise(pl.col(column)).alias(column)


def _effects(rows: pd.DataFrame, specs: Mapping[str, Indicator]) -> pd.Series:
    """Each component's part in the change of the value; missing where a period has no base."""
    scale = rows["indicator"].map({name: spec.scale for name, spec in specs.items()}).astype(float)
    counted = rows["indicator"].map({name: spec.unit == "count" for name, spec in specs.items()}).astype(bool)
    change, base_change = effective_counts(rows, specs)
    values = [rows[f"met{end}"] / rows[f"base{end}"].where(rows[f"base{end}"] > 0) for end in ("_before", "")]
    mean, base = (values[0] + values[1]) / 2, (rows["base_before"] + rows["base"]) / 2
    effect = (change - mean * base_change) / (base * scale)
    return effect.where(~counted, change / scale).astype(float)


def effective_counts(rows: pd.DataFrame, specs: Mapping[str, Indicator]) -> tuple[pd.Series, pd.Series]:
    """Numerator and base of each component, by the indicators' rules for unknowns."""
    rule = rows["indicator"].map({name: spec.unknown for name, spec in specs.items()})
    scale = rows["indicator"].map({name: spec.scale for name, spec in specs.items()}).astype("int64")
    unknown = rows["unknown"]
    numerator = rows["numerator"] + (unknown * scale).where(rule == "met", 0)
    return numerator.astype(float), (rows["denominator"] - unknown.where(rule == "exclude", 0)).astype(float)


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: frame[name].to_list() for name in frame.columns})
