"""What areas are compared with besides the municipality: its rest, groups of areas, the region, the whole country.

Everything here is worked out from tables of areas and reference areas alone. Of published tables it is a function of
what is published: the rest of a suppressed figure is suppressed, since with the municipality's figure it would tell it,
and so is a group with a suppressed member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.boundaries.reference_areas import (
    ALL_AREAS,
    GROUP,
    MUNICIPALITY,
    NATIONAL,
    OUTSIDE,
    REGION,
    REST,
    TWINS,
    group_area,
)
from geo_bosoc.indicators.rates import COLUMNS, indicator_table, integer_sides
from geo_bosoc.indicators.spec import Indicator

_KEYS: Final = ["period", "indicator"]
_COUNTS: Final = ["numerator", "denominator", "unknown"]


def rest_of_municipality(
    table: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator]
) -> pd.DataFrame:
    """The figures of the rest of the municipality, as each area sees it: the municipality's counts less the area's.

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas (`indicator_table`), true or published.
    reference_areas : DataFrame
        The same with rows of ``@municipality``.
    indicators : sequence of Indicator
        What the figures are.

    Returns
    -------
    DataFrame
        A row for each of `table`, in its order, with the columns of an indicator table: ``area_id`` is that of the
        area whose rest it is, the denominator those whose status is known, and ``reference`` the municipality's
        figure. The status is the area's or else the municipality's where that is not ok, and ``missing`` where there
        are no counts or the area does not lie in the municipality.

    Examples
    --------
    >>> from geo_bosoc.indicators import Side
    >>> spec = Indicator(id="crime", denominator=Side(), numerator=Side(where="charged"), label_da="Sigtede")
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    >>> area = indicator_table(pd.DataFrame([("0001", "2024", "crime", 36, 100, 0, "ok")], columns=columns), [spec])
    >>> municipality = area.assign(area_id="@municipality", numerator=189, denominator=1000)
    >>> rest = rest_of_municipality(area, municipality, [spec])
    >>> rest[["numerator", "denominator", "value"]].values.tolist()
    [[153, 900, 0.17]]
    """
    specs = {indicator.id: indicator for indicator in indicators}
    municipality = reference_areas[reference_areas["area_id"] == MUNICIPALITY].drop_duplicates(_KEYS)
    keys = pd.MultiIndex.from_frame(table[_KEYS])
    of_rows = counted_sides(municipality, specs).set_index(pd.MultiIndex.from_frame(municipality[_KEYS]))
    total = of_rows.reindex(keys).reset_index(drop=True)
    area = counted_sides(table, specs).reset_index(drop=True)
    counts = table[["area_id", *_KEYS]].reset_index(drop=True).assign(unknown=0)
    for name in ("numerator", "denominator"):
        counts[name] = total[name] - area[name]
    status = area["status"].where(area["status"] != "ok", total["status"].fillna("missing"))
    numbers = counts[["numerator", "denominator"]]
    outside = numbers.isna().any(axis=1) | (numbers < 0).any(axis=1).fillna(False)
    counts["status"] = status.mask((status == "ok") & outside, "missing")
    counts = counts.astype(dict.fromkeys(_COUNTS, "Int64"))
    return indicator_table(counts, indicators, municipality)


def counted_sides(table: pd.DataFrame, specs: Mapping[str, Indicator]) -> pd.DataFrame:
    """``numerator, denominator, status`` by row: whole numbers by each indicator's rule for unknowns."""
    numerator, base = (np.zeros(len(table), dtype=np.int64) for _ in range(2))
    for name, rows in table.groupby("indicator", sort=False).indices.items():
        numerator[rows], base[rows] = integer_sides(table.iloc[rows], specs[str(name)])
    without = table[["numerator", "denominator"]].isna().any(axis=1).to_numpy()
    return pd.DataFrame(
        {
            "numerator": pd.Series(numerator, dtype="Int64").mask(without),
            "denominator": pd.Series(base, dtype="Int64").mask(without),
            "status": table["status"].to_numpy(),
        }
    )


def group_rows(
    table: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    indicators: Sequence[Indicator],
    municipality: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The figures of groups of areas: the sums of their members' counts.

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published.
    groups : mapping of str to sequence of str
        By the group's id its areas, which must not overlap: nobody is counted once only.
    indicators : sequence of Indicator
        What the figures are.
    municipality : DataFrame, optional
        Rows of ``@municipality``, for `reference` and `ratio`.

    Returns
    -------
    DataFrame
        A row a group, period and indicator, with the columns of an indicator table; ``area_id`` is ``@group:`` and the
        id. A group has a figure only where each of its members has one; else its status is ``protected`` if a member's
        is, or the first member's that is not ok.

    Examples
    --------
    >>> from geo_bosoc.indicators import Side
    >>> spec = Indicator(id="crime", denominator=Side(), numerator=Side(where="charged"), label_da="Sigtede")
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    >>> rows = [("1", "2024", "crime", 6, 40, 0, "ok"), ("2", "2024", "crime", 9, 60, 0, "ok")]
    >>> table = indicator_table(pd.DataFrame(rows, columns=columns), [spec])
    >>> group_rows(table, {"west": ["1", "2"]}, [spec])[["area_id", "numerator", "value"]].values.tolist()
    [['@group:west', 15, 0.15]]
    """
    specs = {indicator.id: indicator for indicator in indicators}
    sides = counted_sides(table, specs).set_index(table.index)
    area_ids = table["area_id"].astype(str)
    extra = [name for name in ("data_period",) if name in table.columns]
    slots = table[[*_KEYS, *extra]].drop_duplicates(_KEYS)
    rows: list[pd.DataFrame] = []
    for group, members in groups.items():
        of_group = area_ids.isin(list(members))
        counts = pd.concat([table.loc[of_group, _KEYS], sides[of_group]], axis=1)
        has_figure = counts["status"].eq("ok") & counts["numerator"].notna()
        sums = counts[has_figure].groupby(_KEYS)[["numerator", "denominator"]].agg("sum")
        number = counts[has_figure].groupby(_KEYS).size()
        keys = pd.MultiIndex.from_frame(slots[_KEYS])
        is_whole = number.reindex(keys, fill_value=0).to_numpy() == len(members)
        one_group = slots.assign(area_id=group_area(group), unknown=0)
        for name in ("numerator", "denominator"):
            one_group[name] = sums[name].reindex(keys).mask(~is_whole).to_numpy()
        one_group["status"] = np.where(is_whole, "ok", _status_of(counts[~has_figure], keys))
        rows.append(one_group)
    columns = ["area_id", *_KEYS, *_COUNTS, "status"]
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    return indicator_table(frame.astype(dict.fromkeys(_COUNTS, "Int64")), indicators, municipality)


def _status_of(without_figure: pd.DataFrame, keys: pd.MultiIndex) -> np.ndarray:
    """By period and indicator why a group has no figure: ``protected`` goes before any other reason."""
    statuses = without_figure.assign(
        order=without_figure["status"].ne("protected"),
        status=without_figure["status"].replace("ok", "missing"),
    )
    first = statuses.sort_values("order", kind="stable").drop_duplicates(_KEYS).set_index(_KEYS)["status"]
    return np.asarray(first.reindex(keys).fillna("missing").to_numpy(dtype=object))


def is_given(area_id: str) -> bool:
    """Whether a reference area is none that a run counts: a table's, or a group of areas.

    >>> is_given("@region"), is_given("@group:west"), is_given("@municipality")
    (True, True, False)
    """
    return area_id in (REGION, NATIONAL, OUTSIDE) or area_id.startswith(GROUP)


def outside_rows(reference_areas: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """The figures of everybody outside the assessed areas: the municipality's counts less those of all areas.

    Parameters
    ----------
    reference_areas : DataFrame
        Rows of ``@municipality`` and ``@areas``, true or published.
    indicators : sequence of Indicator
        What the figures are.

    Returns
    -------
    DataFrame
        Rows of ``@outside_areas`` with the columns of an indicator table, where there are rows of ``@areas``.
    """
    of_areas = reference_areas[reference_areas["area_id"] == ALL_AREAS].reset_index(drop=True)
    rows = rest_of_municipality(of_areas, reference_areas, indicators).assign(area_id=OUTSIDE)
    return rows.assign(data_period=of_areas["data_period"]) if "data_period" in of_areas.columns else rows


def with_references(
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    indicators: Sequence[Indicator],
    *,
    of_twins: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The table with each indicator's reference as its definition chooses it (`Indicator.reference`).

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published, with the municipality's figure as `reference`.
    reference_areas : DataFrame
        Rows of the reference areas.
    indicators : sequence of Indicator
        What the figures are.
    of_twins : DataFrame, optional
        The figures of each area's twins (`geo_bosoc.indicators.similar_areas.twin_rows`); without them an indicator
        that is compared with ``@twins`` has no reference.

    Returns
    -------
    DataFrame
        The table itself where every indicator is compared with the municipality; else `reference` and `ratio` are those
        of the reference area that the new column ``reference_area`` names.
    """
    chosen = {spec.id: spec.reference_area for spec in indicators}
    if set(chosen.values()) <= {MUNICIPALITY}:
        return table
    names = table["indicator"].map(chosen).fillna(MUNICIPALITY)
    reference = table["reference"].astype(float).mask(names != MUNICIPALITY)
    ok = reference_areas[reference_areas["status"] == "ok"]
    values = ok.drop_duplicates(["area_id", *_KEYS]).set_index(["area_id", *_KEYS])["value"]
    counted = table["indicator"].isin([spec.id for spec in indicators if spec.unit == "count"])
    rest = names == REST
    if rest.any():
        figures = rest_of_municipality(table[rest], reference_areas, indicators)
        reference[rest] = figures["value"].to_numpy(dtype=float)
    alike = names == TWINS
    if alike.any() and of_twins is not None:
        keyed = of_twins.set_index(["area_id", *_KEYS])["value"].astype(float)
        keys = pd.MultiIndex.from_frame(table.loc[alike, ["area_id", *_KEYS]])
        reference[alike] = keyed.reindex(keys).to_numpy(dtype=float)
    others = ~(rest | alike) & (names != MUNICIPALITY)
    if others.any():
        keys = pd.MultiIndex.from_arrays([names[others], *(table.loc[others, name] for name in _KEYS)])
        reference[others] = values.reindex(keys).to_numpy(dtype=float)
    reference = reference.mask(counted)
    value = table["value"].astype(float)
    ratio = (value / reference.where(reference > 0)).astype(float)
    return table.assign(reference=reference, ratio=ratio, reference_area=names)


def given_rows(
    rows: pd.DataFrame, indicators: Sequence[Indicator], municipality: pd.DataFrame
) -> pd.DataFrame:
    """Figures of the region or the whole country as rows of reference areas.

    Parameters
    ----------
    rows : DataFrame
        ``reference, indicator, period`` and ``numerator, denominator`` (whole numbers, in the indicator's fixed point;
        empty where they are not given) and ``value`` (a plain fraction; used where there are no counts).
    indicators : sequence of Indicator
        What the figures are.
    municipality : DataFrame
        Rows of ``@municipality``, for `reference` and `ratio`.

    Returns
    -------
    DataFrame
        The columns of an indicator table; a figure without counts has no interval.
    """
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    counts = rows.rename(columns={"reference": "area_id"}).assign(unknown=0, status="ok")
    without = counts["numerator"].isna()
    counts = counts.astype(dict.fromkeys(_COUNTS, "Int64"))
    rated = indicator_table(
        counts[["area_id", *_KEYS, *_COUNTS, "status"]].assign(
            denominator=counts["denominator"].mask(without, 1)
        ),
        indicators,
        municipality,
    )
    bare = without.to_numpy()
    rated["value"] = rated["value"].mask(bare, rows["value"].to_numpy(dtype=float))
    for name in ("low", "high", *_COUNTS):
        rated[name] = rated[name].mask(bare)
    base = rated["reference"].astype(float)
    rated["ratio"] = rated["value"].astype(float) / base.where(base > 0)
    return rated


def references_of(indicators: Iterable[Indicator]) -> frozenset[str]:
    """The reference areas that indicators are compared with."""
    return frozenset(spec.reference_area for spec in indicators)
