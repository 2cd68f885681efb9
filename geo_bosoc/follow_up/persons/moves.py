"""Who moves in, out and within: how many, between which areas and tenures, and how they differ from those who stay.

Of persons linked over years, and so for the internal set alone. Births, deaths and changed boundaries are no moves.
Where the dead are not known, they cannot be told from those who moved out of the municipality (``left_or_died``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.follow_up.persons.components import BEFORE, KEYS, NUMBERS
from geo_bosoc.follow_up.persons.link import UNPLACED, LinkedPersons
from geo_bosoc.follow_up.persons.routes import GONE, ROUTE, area_flows, routes_of_pairs
from geo_bosoc.indicators.rates import Z95, indicator_table
from geo_bosoc.indicators.spec import Indicator

OUT: Final = (
    "same_home",
    "moved_within",
    "moved_to_area",
    "moved_out",
    "left",
    "left_or_died",
    "died",
    "boundary",
    "unplaced",
)
"""What became of those who lived in an area: the parts of its residents in the earlier period."""
IN: Final = (
    "same_home",
    "moved_within",
    "moved_from_area",
    "moved_in",
    "arrived",
    "born",
    "boundary",
    "unplaced",
)
"""Where those who live in an area were: the parts of its residents in the later period."""

MOVE_COLUMNS: Final = (
    "area_id",
    "period_before",
    "period",
    "direction",
    "flow",
    "persons",
    "share",
    "status",
)
BETWEEN_COLUMNS: Final = ("period_before", "period", "between", "origin", "destination", "persons", "status")
ELSEWHERE: Final = "@elsewhere"
"""The homes of the municipality that lie in none of the areas."""
OUTSIDE: Final = "@outside"
"""Not in the municipality's register."""
OUTSIDE_OR_DIED: Final = "@outside_or_died"
"""No more in it, where the dead are not known."""

GROUPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "moved_in": ("in", ("moved_in",)),
    "arrived": ("in", ("arrived",)),
    "stayed": ("in", ("stayed", "entered_base", "left_base")),
    "others": ("in", ("born", "boundary", "other")),
    "moved_out": ("out", ("moved_out",)),
    "left": ("out", ("left",)),
    "left_or_died": ("out", ("left_or_died",)),
    "died": ("out", ("died",)),
    "stayed_before": ("out", ("stayed", "entered_base", "left_base")),
    "others_before": ("out", ("boundary", "other")),
}
"""Groups of residents: whether as they are in the later period (in) or were in the earlier one (out), and of which
components; each side adds up to all of the period."""
PROFILE_COLUMNS: Final = (
    *KEYS, "group", "numerator", "denominator", "unknown", "value", "low", "high", "value_stayed", "differs", "effect",
    "status",
)  # fmt: skip


def area_moves(
    linked: LinkedPersons,
    pairs: Sequence[tuple[str, str]],
    areas: Collection[str],
    routes: Mapping[tuple[str, str], pl.DataFrame] | None = None,
) -> pd.DataFrame:
    """What became of each area's residents, and where its residents were before.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period.
    pairs : sequence of (str, str)
        The periods to compare, the earlier one first.
    areas : collection of str
        The assessed areas: moves between them are told apart from other moves within the municipality.
    routes : mapping, optional
        From `geo_bosoc.follow_up.persons.routes.count_routes`, by pair.

    Returns
    -------
    DataFrame
        One row an area, ``@municipality`` among them, pair, ``direction`` and ``flow``: ``persons``, and ``share`` of
        the residents of the period before (``out``, the flows of `OUT`) or of the period (``in``, those of `IN`). Each
        direction adds up to all residents.

    Examples
    --------
    >>> moves = gb.follow_up.area_moves(linked, [("2023", "2024")], ["0001", "0002"])  # doctest: +SKIP
    >>> moves[moves["direction"] == "out"].groupby("flow")["persons"].sum()  # doctest: +SKIP
    """
    frames = []
    for pair, counted in routes_of_pairs(linked, pairs, routes).items():
        flows = pd.concat(
            [_of_areas(linked, counted, frozenset(areas)), _of_municipality(linked, counted)],
            ignore_index=True,
        )
        flows = flows.groupby(["area_id", "direction", "flow"])["persons"].sum().reset_index()
        totals = flows.groupby(["area_id", "direction"])["persons"].transform("sum")
        frames.append(
            flows.assign(period_before=pair[0], period=pair[1], share=flows["persons"] / totals, status="ok")
        )
    if not frames:
        return pd.DataFrame(columns=list(MOVE_COLUMNS))
    order = {name: number for number, name in enumerate(dict.fromkeys((*OUT, *IN)))}
    rows = pd.concat(frames, ignore_index=True).assign(order=lambda frame: frame["flow"].map(order))
    rows = rows.sort_values(
        ["period", "period_before", "area_id", "direction", "order"],
        ascending=[True, True, True, False, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    return rows[list(MOVE_COLUMNS)]


def _of_areas(linked: LinkedPersons, routes: pl.DataFrame, areas: frozenset[str]) -> pd.DataFrame:
    """``area_id, direction, flow, persons`` of each area."""
    rows = routes.group_by(ROUTE).agg(pl.col("persons").sum())
    in_an_area = [code for code, ids in enumerate(linked.area_sets.areas) if areas.intersection(ids)]
    fate, moved = pl.col("fate"), pl.col("fate").is_in(["moved_in", "moved_out"])
    between = moved & pl.when(fate == "moved_in").then(pl.col("place_before")).otherwise(
        pl.col("place")
    ).is_in(in_an_area)
    flow = (
        pl.when(fate == "remained")
        .then(pl.when("same_home").then(pl.lit("same_home")).otherwise(pl.lit("moved_within")))
        .when(fate == "other")
        .then(pl.lit("unplaced"))
        .when(between & (fate == "moved_in"))
        .then(pl.lit("moved_from_area"))
        .when(between)
        .then(pl.lit("moved_to_area"))
        .otherwise(fate)
    )
    placed = rows.join(area_flows(linked, rows.select(ROUTE)), on=ROUTE).with_columns(flow.alias("flow"))
    each_side = pl.concat(
        [
            placed.filter(pl.col("direction").is_in([direction, "both"])).with_columns(
                pl.lit(direction).alias("direction")
            )
            for direction in ("in", "out")
        ]
    )
    summed = each_side.group_by("area_id", "direction", "flow").agg(pl.col("persons").sum())
    return pd.DataFrame({name: summed[name].to_list() for name in summed.columns})


def _of_municipality(linked: LinkedPersons, routes: pl.DataFrame) -> pd.DataFrame:
    """``area_id, direction, flow, persons`` of everybody in the register."""
    before, now = pl.col("place_before"), pl.col("place")
    common = (
        pl.when("same_home")
        .then(pl.lit("same_home"))
        .when((before == UNPLACED) | (now == UNPLACED))
        .then(pl.lit("unplaced"))
        .otherwise(pl.lit("moved_within"))
    )
    entry = pl.when("born").then(pl.lit("born")).otherwise(pl.lit("arrived"))
    exit_ = pl.when("died").then(pl.lit("died")).otherwise(pl.lit(linked.left))
    sides = {
        "out": routes.filter(before != GONE).with_columns(
            pl.when(now == GONE).then(exit_).otherwise(common).alias("flow")
        ),
        "in": routes.filter(now != GONE).with_columns(
            pl.when(before == GONE).then(entry).otherwise(common).alias("flow")
        ),
    }
    rows = []
    for direction, frame in sides.items():
        summed = frame.group_by("flow").agg(pl.col("persons").sum()).sort("flow")
        rows += [(MUNICIPALITY, direction, flow, persons) for flow, persons in summed.iter_rows()]
    return pd.DataFrame(rows, columns=["area_id", "direction", "flow", "persons"])


def moves_between(
    linked: LinkedPersons,
    pairs: Sequence[tuple[str, str]],
    areas: Collection[str],
    routes: Mapping[tuple[str, str], pl.DataFrame] | None = None,
) -> pd.DataFrame:
    """How many moved from one area to another, and from one tenure to another.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period.
    pairs : sequence of (str, str)
        The periods to compare, the earlier one first.
    areas : collection of str
        The assessed areas.
    routes : mapping, optional
        From `geo_bosoc.follow_up.persons.routes.count_routes`, by pair.

    Returns
    -------
    DataFrame
        ``period_before, period, between`` (``areas`` or ``tenures``), ``origin, destination, persons``. Areas may be
        ``@elsewhere`` and ``@outside`` (as a destination ``@outside_or_died`` where the dead are not known); moves
        within an area have it twice. Who lives where areas overlap counts in each. Tenures are those of moves within
        the municipality. Changed boundaries, births and deaths are no moves.
    """
    chosen = frozenset(areas)
    names = {
        code: sorted(chosen.intersection(ids)) or [ELSEWHERE]
        for code, ids in enumerate(linked.area_sets.areas)
    }
    origins = {**names, GONE: [OUTSIDE]}
    destinations = {**names, GONE: [OUTSIDE_OR_DIED if linked.deaths is None else OUTSIDE]}
    frames = []
    for pair, counted in routes_of_pairs(linked, pairs, routes).items():
        moved = counted.filter(
            ~pl.any_horizontal("same_home", "born", "died")
            & ~pl.any_horizontal(pl.col(ROUTE[:2]) == UNPLACED)
        )
        rows: dict[tuple[str, str, str], int] = {}
        for before, place, persons in (
            moved.group_by(ROUTE[:2]).agg(pl.col("persons").sum()).sort(ROUTE[:2]).iter_rows()
        ):
            for origin in origins[before]:
                for destination in destinations[place]:
                    key = ("areas", origin, destination)
                    rows[key] = rows.get(key, 0) + persons
        if "tenure" in moved.columns:
            within = moved.filter(pl.all_horizontal(pl.col(ROUTE[:2]) != GONE))
            tenures = within.drop_nulls(["tenure_before", "tenure"]).group_by("tenure_before", "tenure")
            for origin, destination, persons in tenures.agg(pl.col("persons").sum()).iter_rows():
                rows["tenures", str(origin), str(destination)] = persons
        keys = sorted(rows)
        frame = pd.DataFrame(keys, columns=["between", "origin", "destination"])
        frames.append(
            frame.assign(
                period_before=pair[0], period=pair[1], persons=[rows[key] for key in keys], status="ok"
            )
        )
    if not frames:
        return pd.DataFrame(columns=list(BETWEEN_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(BETWEEN_COLUMNS)]


def move_profiles(components: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Those who moved in and out of an area beside those who stayed, by what they count in each indicator.

    Parameters
    ----------
    components : DataFrame
        From `geo_bosoc.follow_up.persons.components.split_change`.
    indicators : sequence of Indicator
        What the figures are; counts are left out.

    Returns
    -------
    DataFrame
        One row an area, indicator, pair and group (`GROUPS`): counts, ``value`` and its 95 % interval, as the group is
        in the later period (in-movers and those who stayed) or was in the earlier one (out-movers, and those who stayed
        as they were then); ``value_stayed`` of those who stayed at the same time; ``differs`` from them (yes, no or
        cannot_tell: two-sided test of two proportions, pooled, at 5 %); ``effect``, the group's part in the change of
        the area's value (once a group: none for those who stayed or had other reasons as they were).
    """
    specs = {each.id: each for each in indicators if each.unit != "count"}
    linked = set(components.loc[components["component"] != "other", "indicator"].unique()) & set(specs)
    rows = components[components["indicator"].isin(linked)]
    if rows.empty:
        return pd.DataFrame(columns=list(PROFILE_COLUMNS))
    frames = []
    for group, (direction, names) in GROUPS.items():
        chosen = rows[rows["component"].isin(names)]
        if direction == "in":
            counts = {
                name: chosen[name] + chosen[before] for name, before in zip(NUMBERS, BEFORE, strict=True)
            }
        else:
            counts = {name: chosen[before] for name, before in zip(NUMBERS, BEFORE, strict=True)}
        chosen = chosen.assign(**counts)
        summed = chosen.groupby(list(KEYS), as_index=False, sort=False)[[*NUMBERS, "effect"]].sum()
        frames.append(summed[summed["denominator"] > 0].assign(group=group))
    groups = pd.concat(frames, ignore_index=True)
    values = indicator_table(groups.assign(status="ok"), indicators)
    groups = groups.assign(**{name: values[name] for name in ("value", "low", "high")}, status="ok")
    is_stayed = {"in": "stayed", "out": "stayed_before"}
    sides = groups["group"].map({group: direction for group, (direction, _) in GROUPS.items()})
    compared = groups.assign(stayed=sides.map(is_stayed))
    stayed = groups[groups["group"].isin(list(is_stayed.values()))]
    stayed = stayed[[*KEYS, "group", "value", "denominator", "unknown"]].rename(
        columns={"group": "stayed", "value": "value_stayed", "denominator": "d_stayed", "unknown": "u_stayed"}
    )
    compared = compared.merge(stayed, on=[*KEYS, "stayed"], how="left")
    compared["differs"] = _differs(compared, specs)
    compared["effect"] = compared["effect"].mask(compared["group"].isin(["stayed_before", "others_before"]))
    order = {name: number for number, name in enumerate(GROUPS)}
    numbers = {indicator.id: number for number, indicator in enumerate(indicators)}
    compared = compared.assign(number=compared["indicator"].map(numbers), order=compared["group"].map(order))
    compared = compared.sort_values(
        ["period", "period_before", "area_id", "number", "order"], ignore_index=True
    )
    return compared[list(PROFILE_COLUMNS)]


def _differs(rows: pd.DataFrame, specs: Mapping[str, Indicator]) -> np.ndarray:
    """Whether each group's share differs from that of those who stayed."""
    shares = {
        name
        for name, spec in specs.items()
        if spec.unit == "percent" and spec.weight is None and not spec.mean_of
    }
    is_share = rows["indicator"].isin(shares).to_numpy()
    sizes = [
        (rows[base] - rows[unknown]).to_numpy(dtype=float)
        for base, unknown in (("denominator", "unknown"), ("d_stayed", "u_stayed"))
    ]
    values = [rows[name].to_numpy(dtype=float) for name in ("value", "value_stayed")]
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (values[0] * sizes[0] + values[1] * sizes[1]) / (sizes[0] + sizes[1])
        z = np.abs(values[0] - values[1]) / np.sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
    is_stayed = rows["group"].isin(["stayed", "stayed_before"]).to_numpy()
    verdict = np.where(
        np.isnan(z), np.where(values[0] == values[1], "no", "cannot_tell"), np.where(z > Z95, "yes", "no")
    )
    return np.where(is_stayed, "", np.where(is_share, verdict, "cannot_tell"))
