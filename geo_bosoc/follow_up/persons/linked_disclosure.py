"""What an internal set shows of persons linked over years: small counts go, and what they would follow from.

Each sum is closed: what is left out does not follow from the parts beside it. A figure that the yearly tables of the
same set suppress has no parts here either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.secondary.within_area import suppressed_in_closed_sums, suppressed_in_rows
from geo_bosoc.follow_up.persons.components import COMPONENT_COLUMNS, KEYS, PERSONS
from geo_bosoc.follow_up.persons.linked_study import PAIR, with_reasons
from geo_bosoc.follow_up.persons.moves import GROUPS, IN, OUT

_ROW: Final = "@row"


def suppress_linked(
    frames: Mapping[str, pd.DataFrame], published: PublishedResults
) -> dict[str, pd.DataFrame]:
    """What an internal set shows of the frames of linked persons.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        From `linked_frames`.
    published : PublishedResults
        The yearly results of the set. Where nothing is suppressed in it, nothing is here.

    Returns
    -------
    dict of str to DataFrame
        The frames; numbers that are not shown are missing and their `status` is ``protected``. A cause is told where
        both categories are.

    Raises
    ------
    ValueError
        The set is public.
    """
    if not published.edition.internal:
        raise ValueError("linked persons are for an internal set alone")
    shown = {name: frame.copy() for name, frame in frames.items()}
    shown["components"] = shown["components"][list(COMPONENT_COLUMNS)]
    shown["category_causes"] = with_reasons(_causes_shown(shown["category_causes"], published), published)
    if not published.policy.suppresses:
        return shown
    policy, cells = published.policy, _suppressed_cells(published)
    components, by_component = _with_parts_hidden(
        shown["components"], list(PERSONS), list(KEYS), "component", policy
    )
    by_component |= _of_suppressed(components, cells)
    figures = ["numerator", "denominator", "unknown", *PERSONS, "effect"]
    rows_with_any = components.loc[by_component, list(KEYS)]
    shown["components"] = _without(components, by_component, figures)
    changes = shown["linked_change"]
    touched = _is_among(changes, rows_with_any)
    changes = _without(changes, touched, ["low", "high"])
    changes["differs"] = changes["differs"].mask(touched, "")
    shown["linked_change"] = _without(
        changes, _of_suppressed(changes, cells), ["value_before", "value", "difference", "low", "high"]
    )
    shown["move_profiles"] = _profiles_shown(shown["move_profiles"], cells, policy)
    shown["moves"] = _moves_shown(shown["moves"], policy)
    between = shown["moves_between"]
    shown["moves_between"] = _without(between, _matrix_closed(between, policy), ["persons"])
    shown["destinations"] = _destinations_shown(shown["destinations"], policy)
    return shown


def _without(frame: pd.DataFrame, rows: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    """The frame without the numbers of some rows."""
    hidden = {name: frame[name].astype("Float64").mask(rows) for name in columns}
    return frame.assign(**hidden, status=frame["status"].mask(rows, "protected"))


def _is_among(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """The rows of a frame that have the same in some columns as any of other rows."""
    among = pd.MultiIndex.from_frame(frame[list(rows.columns)]).isin(pd.MultiIndex.from_frame(rows))
    return pd.Series(among, index=frame.index, dtype=bool)


def _suppressed_cells(published: PublishedResults) -> pd.DataFrame:
    """Area, indicator and period of the figures that the yearly tables suppress."""
    table = published.table
    return table.loc[table["status"] == "protected", ["area_id", "indicator", "period"]]


def _of_suppressed(frame: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """The rows whose figure is suppressed in either period."""
    return _is_among(frame, cells.set_axis(["area_id", "indicator", "period_before"], axis=1)) | _is_among(
        frame, cells
    )


def _closed(counts: Sequence[npt.NDArray[np.int64]], policy: Policy) -> npt.NDArray[np.bool_]:
    """Which cells of some tables of one shape are not shown, so that no row's sum gives one of them."""
    flags = np.zeros(counts[0].shape, dtype=bool)
    rows = np.arange(len(flags))
    while len(rows):
        before = flags[rows]
        for each in counts:
            flags[rows] = suppressed_in_rows(each[rows], flags[rows], policy)
        # one table's flags are another one's to begin with
        rows = rows[(flags[rows] != before).any(axis=1)] if len(counts) > 1 else rows[:0]
    return flags


def _closed_both_ways(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Which cells of a table are not shown, so that the sum of no row or column gives one of them."""
    counts = table.to_numpy(dtype=np.int64)
    flags = np.zeros(counts.shape, dtype=bool)
    while True:
        before = flags
        flags = suppressed_in_rows(counts, flags, policy)
        flags = suppressed_in_rows(counts.T, flags.T, policy).T
        if np.array_equal(flags, before):
            return pd.DataFrame(flags, index=table.index, columns=table.columns)


def _with_parts_hidden(
    frame: pd.DataFrame, counts: Sequence[str], keys: list[str], part: str, policy: Policy
) -> tuple[pd.DataFrame, pd.Series]:
    """A long frame and which of its rows are not shown, where the parts of each of the keys are a closed sum.

    A part that is nothing has no row; where it must not be shown that it is nothing, it gets one.
    """
    if frame.empty:
        return frame, pd.Series(False, index=frame.index, dtype=bool)
    parts = pd.Index(sorted(frame[part].unique()))
    figures = frame.groupby(keys, sort=False).ngroup().to_numpy(dtype=np.int64)
    cells = (figures, parts.get_indexer(pd.Index(frame[part])))
    shape = (int(figures.max()) + 1, len(parts))
    tables = [_summed(frame[name], cells, shape) for name in counts]
    flags = _closed(tables, policy)
    absent = flags.copy()
    absent[cells] = False
    rows, columns = np.nonzero(absent)
    if not len(rows):
        return frame, pd.Series(flags[cells], index=frame.index, dtype=bool)
    last = np.zeros(shape[0], dtype=np.int64)
    last[figures] = np.arange(len(frame))
    numbers = dict.fromkeys(frame.select_dtypes("number").columns, 0)
    added = frame[keys].take(last[rows]).assign(**{part: parts.take(columns)}, **numbers, status="ok")
    order = np.argsort(np.concatenate([np.arange(float(len(frame))), last[rows] + 0.5]), kind="stable")
    every = pd.concat([frame, added], ignore_index=True).take(order).reset_index(drop=True)
    hidden = np.concatenate([flags[cells], flags[rows, columns]])[order]
    return every, pd.Series(hidden, index=every.index, dtype=bool)


def _summed(numbers: pd.Series, cells: tuple[Any, Any], shape: tuple[int, int]) -> npt.NDArray[np.int64]:
    """A table of counts, of which each row says its cell."""
    table = np.zeros(shape, dtype=np.int64)
    np.add.at(table, cells, numbers.to_numpy(dtype=np.int64))
    return table


def _wide(frame: pd.DataFrame, keys: list[str], part: str, values: str) -> pd.DataFrame:
    """A row for each of the keys and a column for each part."""
    summed = frame.groupby([*keys, part])[values].sum()
    return summed.unstack(part, fill_value=0).astype("int64")  # noqa: PD010


def _flags_of(frame: pd.DataFrame, flags: pd.DataFrame, keys: list[str], part: str) -> pd.Series:
    """The flags of a wide table on the rows of the long one."""
    numbers = flags.to_numpy(dtype=bool)[_cells_of(frame, flags, keys, part)]
    return pd.Series(numbers, index=frame.index, dtype=bool)


def _cells_of(frame: pd.DataFrame, wide: pd.DataFrame, keys: list[str], part: str) -> tuple[Any, Any]:
    """The row and the column that each row of a long table has in the wide one."""
    index = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
    return wide.index.get_indexer(index), wide.columns.get_indexer(pd.Index(frame[part]))


def _profiles_shown(frame: pd.DataFrame, cells: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The profiles without small groups, nor what gives one: each side adds up to the published figure."""
    met = frame["numerator"].clip(lower=0)
    rest = (frame["denominator"] - frame["unknown"] - frame["numerator"]).clip(lower=0)
    counted = frame.assign(**{"@met": met, "@rest": rest})
    sides = []
    for direction in ("in", "out"):
        groups = [group for group, (way, _) in GROUPS.items() if way == direction]
        side, rows = _with_parts_hidden(
            counted[counted["group"].isin(groups)], ["@met", "@rest", "unknown"], list(KEYS), "group", policy
        )
        sides.append(side.assign(**{"@hidden": rows}))
    both = pd.concat(sides, ignore_index=True)
    hidden = both["@hidden"] | _of_suppressed(both, cells)
    figures = ["numerator", "denominator", "unknown", "value", "low", "high", "value_stayed", "effect"]
    shown = _without(both, hidden, figures)
    stayed_of = {group: {"in": "stayed", "out": "stayed_before"}[way] for group, (way, _) in GROUPS.items()}
    keys_hidden = both.loc[hidden, [*KEYS, "group"]]
    of_hidden_stayers = _is_among(both.assign(group=both["group"].map(stayed_of)), keys_hidden)
    shown["value_stayed"] = shown["value_stayed"].mask(of_hidden_stayers)
    shown["differs"] = shown["differs"].mask(hidden | of_hidden_stayers, "")
    order = {name: number for number, name in enumerate(GROUPS)}
    numbers = {name: number for number, name in enumerate(frame["indicator"].unique())}
    shown = shown.assign(**{_ROW: shown["group"].map(order), "@number": shown["indicator"].map(numbers)})
    return shown.sort_values(["period", "period_before", "area_id", "@number", _ROW], ignore_index=True)[
        list(frame.columns)
    ]


def _moves_shown(frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The flows that are shown: each direction adds up to the residents, and both have those who remained."""
    keys = ["area_id", *PAIR]
    wide = {
        str(direction): _wide(rows, keys, "flow", "persons") for direction, rows in frame.groupby("direction")
    }
    if len(wide) < 2:
        return frame
    index = wide["in"].index.union(wide["out"].index)
    wide = {direction: table.reindex(index, fill_value=0) for direction, table in wide.items()}
    shared = [name for name in ("same_home", "moved_within") if all(name in table for table in wide.values())]
    flags = {
        direction: pd.DataFrame(False, index=index, columns=table.columns)
        for direction, table in wide.items()
    }
    while True:
        before = {direction: each.copy() for direction, each in flags.items()}
        for direction, table in wide.items():
            flags[direction] = suppressed_in_closed_sums(table, policy, before=flags[direction])
        either = flags["in"][shared] | flags["out"][shared]
        flags = {direction: each.assign(**either) for direction, each in flags.items()}
        if all(flags[direction].equals(before[direction]) for direction in flags):
            break
    present = set(frame[[*keys, "direction", "flow"]].itertuples(index=False, name=None))
    absent = [
        (*key, direction, flow)
        for direction, each in flags.items()
        for key, row in zip(each.index, each.to_numpy(dtype=bool), strict=True)
        for flow, is_hidden in zip(each.columns, row, strict=True)
        if is_hidden and (*key, direction, flow) not in present
    ]
    rows = pd.DataFrame(absent, columns=[*keys, "direction", "flow"]).assign(
        persons=0, share=0.0, status="ok"
    )
    every = pd.concat([frame, rows], ignore_index=True) if absent else frame
    parts = [
        _flags_of(each, flags[str(direction)], keys, "flow") for direction, each in every.groupby("direction")
    ]
    shown = _without(every, _in_order(parts, every), ["persons", "share"])
    order = {name: number for number, name in enumerate(dict.fromkeys((*OUT, *IN)))}
    shown = shown.assign(**{_ROW: shown["flow"].map(order)}).sort_values(
        ["period", "period_before", "area_id", "direction", _ROW],
        ascending=[True, True, True, False, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    return shown[list(frame.columns)]


def _in_order(parts: Sequence[pd.Series], frame: pd.DataFrame) -> pd.Series:
    """Flags of parts of a frame, on its rows."""
    flags = pd.Series(False, index=frame.index, dtype=bool)
    for part in parts:
        flags.loc[part.index] = part
    return flags


def _matrix_closed(frame: pd.DataFrame, policy: Policy) -> pd.Series:
    """The moves between areas and tenures not to be shown: rows and columns of each matrix are closed sums."""
    parts = []
    for _, rows in frame.groupby([*PAIR, "between"]):
        wide = _wide(rows, ["origin"], "destination", "persons")
        flags = _closed_both_ways(wide, policy)
        parts.append(_flags_of(rows, flags, ["origin"], "destination"))
    return _in_order(parts, frame)


def _destinations_shown(frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Where people went without small numbers; the sum over years goes with the years."""
    areas = frame[frame["destination"] != "@areas"]
    tables = {
        name: _wide(areas, ["origin", *PAIR], "destination", name) for name in ("persons", "households")
    }
    rows = small(frame["persons"], policy.minimum) | small(frame["households"], policy.minimum)
    if len(areas):
        wide = tables["persons"]
        closed = _closed([table.to_numpy(dtype=np.int64) for table in tables.values()], policy)
        closed_table = pd.DataFrame(closed, index=wide.index, columns=wide.columns)
        flags = _flags_of(areas, closed_table, ["origin", *PAIR], "destination")
        rows |= flags.reindex(frame.index, fill_value=False)
    shown = _without(frame, rows, ["persons", "households", "expected", "ratio", "low", "high"])
    return shown.assign(more_than_chance=shown["more_than_chance"].mask(rows, ""))


def _causes_shown(frame: pd.DataFrame, published: PublishedResults) -> pd.DataFrame:
    """The causes of changes between categories that the set tells."""
    if frame.empty:
        return frame
    rows = published.categories[["area_id", "period", "model", "category"]].itertuples(index=False, name=None)
    categories = set(rows)
    keys = frame[["area_id", "model", *PAIR, "category_before", "category"]].itertuples(
        index=False, name=None
    )
    shown = [
        (area, before, model, former) in categories and (area, period, model, category) in categories
        for area, model, before, period, former, category in keys
    ]
    return frame[pd.Series(shown, index=frame.index, dtype=bool)].reset_index(drop=True)
