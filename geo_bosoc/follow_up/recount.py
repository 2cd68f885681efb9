"""Boundaries that move: counts of an earlier year's areas on the boundaries of another year.

Three ways, told apart by the column ``method``:

``undivided``
    The earlier area lies in one later area, or in none: its people go with it, and nothing is assumed. Recounting from
    addresses is as exact, and better: a run that has the earlier year's register with addresses counts it on today's
    boundaries as it stands (`geo_bosoc.count_indicators` with labels), so that nothing has to be recounted here.
``dwellings``
    Counts of an earlier area are shared out over its dwellings. That the people live alike in them is an assumption.
``area``
    Where no dwellings are known, over its square metres: the last resort.

Counts are whole persons: what is left after whole shares goes to the largest remainders, so that the later areas, and
what lies in none of them, add up to the earlier count to the last person. Means are never interpolated: their sums may
be added up, but the people in a part of an area are not its mean. A figure that cannot be had is missing, and `reason`
says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.plan import STATUS_RANK
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.apportion import ground_weights, share_out
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase

UNDIVIDED, DWELLINGS, AREA = "undivided", "dwellings", "area"
METHODS: Final = (UNDIVIDED, DWELLINGS, AREA)
"""From exact to the last resort; a figure made of several has the last of them."""
COLUMNS: Final = (
    *("area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"),
    *("method", "reason"),
)
_SLIVER: Final = 0.001
"""The share of a later area that may lie outside the earlier ones: borders are drawn twice."""
_NUMBERS: Final = ("numerator", "denominator", "unknown")


class Recount(NamedTuple):
    """Counts on other boundaries.

    Attributes
    ----------
    counts : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown`` (Int64), ``status``, ``method`` and ``reason``
        (``not_covered``: the later area holds people of no earlier one; ``mean`` or ``no_base``: what cannot be shared
        out or added up; empty where there is a figure), a row for each later area. The municipality's own rows follow
        as they were.
    outside : DataFrame
        The same columns, by the earlier area's id: those of its people who live in none of the later areas.
    """

    counts: pd.DataFrame
    outside: pd.DataFrame


class _Part(NamedTuple):
    """The part of an earlier area that lies in the same later areas."""

    areas: tuple[str, ...]
    weight: int
    method: str


def recount(
    counts: pd.DataFrame,
    before: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    indicators: Sequence[Indicator] = (),
    dwellings: pd.DataFrame | None = None,
    exhaustive: bool = False,
    report: Report | None = None,
) -> Recount:
    """Counts of the areas of one year on the boundaries of another.

    Parameters
    ----------
    counts : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown`` and, where something is missing or withheld,
        ``status``: what `geo_bosoc.count_indicators` returns for the earlier areas.
    before, areas : GeoDataFrame
        The earlier and the later areas (``area_id``; EPSG:25832). Later areas may overlap, earlier ones may not.
    indicators : sequence of Indicator
        What the figures are; others count as shares.
    dwellings : DataFrame, optional
        ``x, y`` (EPSG:25832) and, where several stand at one address, ``dwellings``.
    exhaustive : bool
        Whether everybody lives in one of the earlier areas, as in blocks or districts: land between them is then
        streets, and a later area that holds some is not counted short.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    Recount
        Sorted by area, period and indicator.

    Raises
    ------
    InputError
        Earlier areas overlap, so that people would count twice.

    Examples
    --------
    >>> def squares(**corners):
    ...     shapes = [shapely.box(*corner) for corner in corners.values()]
    ...     return gpd.GeoDataFrame({"area_id": list(corners)}, geometry=shapes, crs=25832)
    >>> counts = pd.DataFrame({"area_id": ["old"], "period": ["2019"], "indicator": ["residents"],
    ...                        "numerator": [101], "denominator": [101], "unknown": [0]})
    >>> later = squares(west=(0, 0, 50, 100), east=(50, 0, 100, 100))
    >>> recount(counts, squares(old=(0, 0, 100, 100)), later).counts[["area_id", "numerator", "method"]].values.tolist()
    [['east', 51, 'area'], ['west', 50, 'area']]
    """
    problems = Report()
    overlapping = _overlaps(before)
    if overlapping:
        names = joined([*overlapping[:5], *(["..."] if len(overlapping) > 5 else [])])
        problems.error(
            phrase("earlier areas overlap, so that people would count twice: {names}.", names=names),
            hint="Recount one layer of areas at a time.",
        )
        problems.hand_over(report)
        empty = pd.DataFrame(columns=list(COLUMNS))
        return Recount(empty, empty)
    parts, covered = _parts(before, areas, dwellings)
    specs = {indicator.id: indicator for indicator in indicators}
    rows = counts if "status" in counts.columns else counts.assign(status="ok")
    of_areas = rows[rows["area_id"].astype(str).isin(list(parts))]
    keys = zip(*(of_areas[name].astype(str) for name in ("area_id", "period", "indicator")), strict=True)
    figures = dict(zip(keys, of_areas[[*_NUMBERS, "status"]].itertuples(index=False, name=None), strict=True))
    slices = sorted({key[1:] for key in figures})
    sums, outside = _Sums(specs), []
    for area_id, shared in parts.items():
        for period, indicator in slices:
            *numbers, status = figures.get((area_id, period, indicator), (None, None, None, "missing"))
            for part, share in zip(shared, share_out(numbers, [part.weight for part in shared]), strict=True):
                entry = _Entry(share, str(status), part.method)
                for later in part.areas:
                    sums.add((later, period, indicator), entry)
                if not part.areas:
                    outside.append((area_id, period, indicator, *sums.figure(indicator, [entry])))
    recounted = [
        (area_id, period, indicator, *sums.of((area_id, period, indicator), exhaustive or covered[area_id]))
        for area_id in sorted(covered)
        for period, indicator in slices
    ]
    municipal = rows[rows["area_id"].astype(str) == MUNICIPALITY].assign(method=UNDIVIDED, reason="")
    frames = [_frame(recounted), municipal.reindex(columns=list(COLUMNS))]
    problems.hand_over(report)
    together = pd.concat(
        [frame.astype(dict.fromkeys(_NUMBERS, "Int64")) for frame in frames if len(frame)] or frames
    )
    return Recount(together.reset_index(drop=True), _frame(sorted(outside, key=lambda row: row[:3])))


def _frame(rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
    texts = {name: str for name in COLUMNS if name not in _NUMBERS}
    return frame.astype({**dict.fromkeys(_NUMBERS, "Int64"), **texts})


class _Entry(NamedTuple):
    """What an earlier area's part brings to a later area."""

    numbers: tuple[int | None, ...]
    status: str
    method: str


class _Sums:
    """The parts that make up each figure of the later areas."""

    def __init__(self, specs: Mapping[str, Indicator]) -> None:
        self.specs = specs
        self.entries: dict[tuple[str, str, str], list[_Entry]] = defaultdict(list)

    def add(self, key: tuple[str, str, str], entry: _Entry) -> None:
        """One more part of a figure."""
        self.entries[key].append(entry)

    def of(self, key: tuple[str, str, str], covered: bool) -> tuple[Any, ...]:
        """Numbers, status, method and reason of a later area's figure."""
        entries = self.entries.get(key, [])
        if not covered:
            return None, None, None, "missing", "", "not_covered"
        if not entries:
            return 0, 0, 0, "ok", UNDIVIDED, ""
        return self.figure(key[2], entries)

    def figure(self, indicator: str, entries: Sequence[_Entry]) -> tuple[Any, ...]:
        """The same of some parts."""
        spec = self.specs.get(indicator)
        method = max((entry.method for entry in entries), key=METHODS.index)
        status = max((entry.status for entry in entries), key=lambda name: STATUS_RANK.get(name, 0))
        reason = ""
        if spec is not None and not spec.base_known and (len(entries) > 1 or method != UNDIVIDED):
            reason = "no_base"
        elif spec is not None and (spec.unit == "mean" or spec.mean_of is not None) and method != UNDIVIDED:
            reason = "mean"
        if status != "ok":
            return None, None, None, status, method, ""
        if reason:
            return None, None, None, "missing", method, reason
        columns = zip(*(entry.numbers for entry in entries), strict=True)
        return *(None if None in column else sum(column) for column in columns), status, method, ""


# ---- where the earlier areas lie in the later ones


def _overlaps(before: gpd.GeoDataFrame) -> list[str]:
    """Ids of earlier areas that share more than a border with another one."""
    shapes, ids = before.geometry.to_numpy(), before["area_id"].astype(str).to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.intersection(shapes[first], shapes[second])
    broad = (shapely.area(shared) > 0) & (mean_width(shared) >= SLIVER_WIDTH)
    return sorted({*ids[first[broad]], *ids[second[broad]]})


def _parts(
    before: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, dwellings: pd.DataFrame | None
) -> tuple[dict[str, list[_Part]], dict[str, bool]]:
    """The parts of each earlier area, and whether each later area is covered by earlier ones."""
    earlier, later = (
        frame.assign(area_id=frame["area_id"].astype(str)).sort_values("area_id", ignore_index=True)
        for frame in (before, areas)
    )
    by_dwellings, dwellings_of, inside = _dwelling_weights(earlier, later, dwellings)
    parts: dict[str, list[_Part]] = {}
    shapes, names = later.geometry.to_numpy(), later["area_id"].to_numpy()
    tree = shapely.STRtree(shapes)
    for area_id, shape in zip(earlier["area_id"], earlier.geometry, strict=True):
        weights, method = by_dwellings.get(area_id), DWELLINGS
        if not weights:
            near = sorted(tree.query(shape, predicate="intersects"))
            weights, method = (
                ground_weights(shape, [(names[number], shapes[number]) for number in near]),
                AREA,
            )
        if len(weights) == 1:
            method = UNDIVIDED
        parts[area_id] = [_Part(key, weights[key], method) for key in sorted(weights)]
    around = shapely.union_all(earlier.geometry.to_numpy())
    covered = {}
    for area_id, shape in zip(names, shapes, strict=True):
        if dwellings_of.get(area_id):
            covered[area_id] = inside.get(area_id, 0) >= (1 - _SLIVER) * dwellings_of[area_id]
        else:
            rest = shapely.difference(shape, around)
            covered[area_id] = bool(
                rest.area <= _SLIVER * shape.area or mean_width(np.array([rest]))[0] < SLIVER_WIDTH
            )
    return parts, covered


_Weights = dict[str, dict[tuple[str, ...], int]]


def _dwelling_weights(
    earlier: gpd.GeoDataFrame, later: gpd.GeoDataFrame, dwellings: pd.DataFrame | None
) -> tuple[_Weights, dict[str, int], dict[str, int]]:
    """By earlier area the dwellings in each set of later areas; by later area all, and those in earlier areas."""
    weights: _Weights = {}
    total: dict[str, int] = {}
    inside: dict[str, int] = {}
    if dwellings is None or dwellings.empty:
        return weights, total, inside
    x, y = (dwellings[name].to_numpy(dtype=float) for name in ("x", "y"))
    numbers: NDArray[np.int64] = (
        dwellings["dwellings"].fillna(0).to_numpy(np.int64)
        if "dwellings" in dwellings.columns
        else np.ones(len(dwellings), np.int64)
    )
    old = find_areas(x, y, earlier.geometry.to_numpy()).first
    old_names, names = earlier["area_id"].to_numpy(), later["area_id"].to_numpy()
    for number, areas_of_point in enumerate(_areas_of_points(x, y, later)):
        count = int(numbers[number])
        key = tuple(str(names[area]) for area in areas_of_point)
        for area_id in key:
            total[area_id] = total.get(area_id, 0) + count
        if old[number] < 0 or not count:
            continue
        for area_id in key:
            inside[area_id] = inside.get(area_id, 0) + count
        of_area = weights.setdefault(str(old_names[old[number]]), {})
        of_area[key] = of_area.get(key, 0) + count
    return weights, total, inside


def _areas_of_points(
    x: NDArray[np.float64], y: NDArray[np.float64], areas: gpd.GeoDataFrame
) -> Iterator[list[int]]:
    """The positions of the areas that each point lies in."""
    hits = find_areas(x, y, areas.geometry.to_numpy())
    more: dict[int, list[int]] = {}
    for point, area in zip(hits.more_point.tolist(), hits.more_area.tolist(), strict=True):
        more.setdefault(point, []).append(area)
    for number, first in enumerate(hits.first.tolist()):
        yield [] if first < 0 else [first, *more.get(number, [])]
