"""The change of a figure between two periods, split: who moved in and out, who grew into the base, who changed.

Each person whom the population register knows in either period is in one component of an area's change, so that the
components' numerators, bases and unknowns add up to the change exactly; what cannot be laid to a person is ``other``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import polars as pl

from geo_bosoc.follow_up.persons.link import LinkedPersons
from geo_bosoc.follow_up.persons.routes import FlowsOfPersons, count_flows, flows_of_persons, join_periods
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
        Everybody in each period (`geo_bosoc.follow_up.persons.link.link_persons`).
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
        change of the value), ``status``; the sums of squares that
        `geo_bosoc.follow_up.persons.causes.linked_change` goes by, and what these persons counted in the area before.
        Figures without counts in either period are left out.

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
    flows: dict[tuple[str, str], FlowsOfPersons] = {}
    counted = _with_sides(table, specs, {period for pair in pairs for period in pair})
    frames = [_components_of_pair(linked, counted, pair, joined, flows) for pair in pairs]
    rows = [frame for frame in frames if frame.height]
    if not rows:
        return pd.DataFrame(columns=[*COMPONENT_COLUMNS, *SQUARES, *BEFORE])
    numbers = {
        name: pl.col(name).replace_strict(list(values), range(len(values)), return_dtype=pl.Int64)
        for name, values in (("indicator", specs), ("component", COMPONENTS))
    }
    return pl.concat(rows).sort("period", "period_before", "area_id", *numbers.values()).to_pandas()


def _components_of_pair(
    linked: LinkedPersons,
    table: pl.DataFrame,
    pair: tuple[str, str],
    joined: dict[tuple[str, str], pl.DataFrame],
    flows: dict[tuple[str, str], FlowsOfPersons],
) -> pl.DataFrame:
    """`split_change` of two periods; `joined` and `flows` (`flows_of_persons`) hold and take what each step gives."""
    before, period = pair
    totals = _totals(table, before, period)
    first = {row["indicator"]: row for row in totals.unique("indicator", keep="first").iter_rows(named=True)}
    counted = []
    for indicator in linked.indicators:
        if indicator.id not in first:
            continue
        for step in _steps(linked.periods, first[indicator.id], indicator, before, period):
            if step not in joined:
                joined[step] = join_periods(linked, *step)
            if step not in flows:
                flows[step] = flows_of_persons(linked, joined[step])
            counted.append(count_flows(linked, joined[step], flows[step], *step, indicator.id))
    keys, names = ["area_id", "indicator"], [*NUMBERS, *PERSONS, *BEFORE]
    rules = totals.select(*keys, "scale", "rule")
    rows = [_linked_components(pl.concat(counted).join(rules, on=keys))] if counted else []
    summed = pl.concat([*rows, _rest(totals, rows)]).group_by(*keys, "component").agg(pl.col(SUMS).sum())
    return (
        summed.filter(pl.any_horizontal(pl.col(names) != 0))
        .join(totals, on=keys)
        .with_columns(_effect().alias("effect"), status=pl.lit("ok"))
        .select(*COMPONENT_COLUMNS, *SQUARES, *BEFORE)
    )


def _rest(totals: pl.DataFrame, rows: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What of each change is in no row of linked persons, as rows of the component ``other``."""
    keys = ["area_id", "indicator"]
    changes = totals.select(*keys, **{name: pl.col(f"d_{name}") for name in NUMBERS})
    taken = [each.select(*keys, -pl.col(NUMBERS)) for each in rows]
    rest = pl.concat([changes, *taken]).group_by(keys).agg(pl.col(NUMBERS).sum())
    # Of an indicator of linked persons each unit of what is left is taken to be a person.
    square = pl.col("numerator").abs() * pl.col("scale")
    zeros = dict.fromkeys((*PERSONS, "product", "base_square", *BEFORE), pl.lit(0, pl.Int64))
    rest = rest.join(totals.select(*keys, "scale"), on=keys)
    rest = rest.with_columns(component=pl.lit("other"), square=square, **zeros)
    return rest.select(*keys, "component", *SUMS)


def _with_sides(
    table: pd.DataFrame, specs: Mapping[str, Indicator], periods: Collection[str]
) -> pl.DataFrame:
    """The counted figures of some periods, with bases and numerators by the rule for unknowns, and what the rule is."""
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
        spec = specs[str(name)]
        met, base = integer_sides(rows, spec)
        rules = {"scale": spec.scale, "rule": spec.unknown, "is_count": spec.unit == "count"}
        sides.append(rows.assign(met=met, base=base, **rules))
    none = counted.assign(met=0, base=0, scale=1, rule="", is_count=False)
    return pl.from_pandas(pd.concat(sides) if sides else none)


def _totals(both: pl.DataFrame, before: str, period: str) -> pl.DataFrame:
    """What is split: the change of each count between two periods, of what `_with_sides` gives."""
    first = both.filter(pl.col("period") == before).rename({"period": "period_before"})
    last = both.filter(pl.col("period") == period).drop("scale", "rule", "is_count")
    merged = first.join(last, on=["area_id", "indicator"], suffix="_now", maintain_order="left")
    numbers = {name: (pl.col(name).fill_null(0), pl.col(f"{name}_now").fill_null(0)) for name in NUMBERS}
    return merged.select(
        pl.exclude([*NUMBERS, *(f"{name}_now" for name in NUMBERS)]),
        **{f"d_{name}": (now - earlier).cast(pl.Int64) for name, (earlier, now) in numbers.items()},
    )


def _steps(
    periods: Sequence[str], totals: Mapping[str, Any], indicator: Indicator, before: str, period: str
) -> list[tuple[str, str]]:
    """The pairs of data periods whose changes add up to that of two periods: one, or a step a pooled year.

    None where the figures rest on other data than the linked persons' periods, as of a survey carried forward.
    """
    data = [basis(each, indicator, periods) for each in (before, period)]
    texts = [totals[name] for name in ("data_period", "data_period_now") if name in totals]
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


def _linked_components(rows: pl.DataFrame) -> pl.DataFrame:
    """By indicator, area and component the sums of `SUMS`, of what `count_flows` gives beside the indicators' rules."""
    # Who came to an area counted nothing in it before, and who went counts nothing in it now.
    rows = rows.with_columns(
        *(_zero_where("in", f"{side}0") for side in "ndu"),
        *(_zero_where("out", f"{side}1") for side in "ndu"),
    )
    base = [_base(f"d{end}", f"u{end}") for end in (0, 1)]
    met = [_met(f"n{end}", f"u{end}") for end in (0, 1)]
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
        .group_by("area_id", "indicator", "component")
        .agg(expr.sum().alias(name) for name, expr in sums.items())
        .select("area_id", "indicator", "component", *SUMS)
    )


def _zero_where(direction: str, column: str) -> pl.Expr:
    return pl.when(pl.col("direction") == direction).then(0).otherwise(pl.col(column)).alias(column)


def _base(denominator: str, unknown: str) -> pl.Expr:
    """The base by the indicator's rule for unknowns."""
    return pl.col(denominator) - pl.when(pl.col("rule") == "exclude").then(pl.col(unknown)).otherwise(0)


def _met(numerator: str, unknown: str) -> pl.Expr:
    """The numerator by the indicator's rule for unknowns."""
    return pl.col(numerator) + pl.when(pl.col("rule") == "met").then(
        pl.col(unknown) * pl.col("scale")
    ).otherwise(0)


def _effect() -> pl.Expr:
    """A component's part in the change of the value; missing where a period has no base."""
    bases = [pl.col(name) for name in ("base", "base_now")]
    values = [
        pl.when(base > 0).then(pl.col(met) / base)
        for met, base in zip(("met", "met_now"), bases, strict=True)
    ]
    mean, base = (values[0] + values[1]) / 2, (bases[0] + bases[1]) / 2
    change, base_change = _met("numerator", "unknown"), _base("denominator", "unknown")
    effect = (change - mean * base_change) / (base * pl.col("scale"))
    return pl.when("is_count").then(change / pl.col("scale")).otherwise(effect)
