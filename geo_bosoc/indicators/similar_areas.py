"""Twins: the areas most alike in profile, by the figures that say so; a reference beside municipality and rest.

Everything is a function of the tables that it is given: of published ones, nothing follows that did not before. A
figure that is suppressed or missing takes no part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.boundaries.reference_areas import TWINS
from geo_bosoc.indicators.rates import COLUMNS, indicator_table
from geo_bosoc.indicators.references import counted_sides
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import phrase

Floats = npt.NDArray[np.float64]

TWIN_COLUMNS: Final = ("area_id", "period", "rank", "twin", "distance", "figures_compared", "compared_by")
_FIGURE: Final = ["period", "indicator"]
_DIGITS: Final = 12
"""Distances that agree in so many digits are the same: the id then decides."""
_NO_SPREAD: Final = 1e-12


class TwinsPart(BaseModel):
    """`[follow_up.twins]`: how many areas most alike in profile each area is shown beside, and by which figures.

    An indicator that is compared with ``@twins`` is compared with these.

    Attributes
    ----------
    by : tuple of str
        The indicators that make up a profile; left out, every share, rate and mean.
        Example: ``by = ["outside_labour_market", "low_income_families"]``
    number : int
        How many twins an area has. Unit: areas. Example: ``number = 5``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: tuple[str, ...] = ()
    number: int = Field(default=5, ge=1, le=100)

    def checked(self, indicators: Sequence[Indicator], report: Report) -> TwinsPart:
        """The same with its figures named; one that is no indicator is an error.

        Parameters
        ----------
        indicators : sequence of Indicator
            Those that are published.
        report : Report
            Takes the problems.
        """
        ids = [spec.id for spec in indicators]
        for name in self.by:
            if name not in ids:
                report.error(
                    phrase('there is no indicator "{name}".', name=name),
                    key="follow_up.twins.by",
                    hint=did_you_mean(name, ids),
                )
        return self.model_copy(update={"by": self.by or profile_of(indicators)})

    def among(self, indicators: Sequence[Indicator]) -> TwinsPart:
        """The same with its figures named, those of `indicators` alone: what a set does not show takes no part.

        Parameters
        ----------
        indicators : sequence of Indicator
            Those that are shown.

        Examples
        --------
        >>> from geo_bosoc.indicators import Side
        >>> spec = Indicator(id="x", denominator=Side(), numerator=Side(where="y"), label_da="X")
        >>> TwinsPart(by=("x", "z")).among([spec]).by, TwinsPart().among([spec]).by
        (('x',), ('x',))
        """
        ids = {spec.id for spec in indicators}
        by = tuple(name for name in self.by if name in ids) if self.by else profile_of(indicators)
        return self.model_copy(update={"by": by})


def profile_of(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """The indicators that a profile is made of where none are named: all but plain counts, and what is counted by
    a definition that is not in force."""
    return tuple(spec.id for spec in indicators if spec.unit != "count" and spec.other_definition is None)


def find_twins(table: pd.DataFrame, by: Sequence[str], *, number: int = 5) -> pd.DataFrame:
    """The areas most like each area, in each period.

    Each figure is put in standard deviations over the areas that have it (ddof 0); the distance of two areas is the
    root of the mean squared difference over the figures that both have. Two areas that share fewer than half of the
    figures are not compared.

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published.
    by : sequence of str
        The indicators that make up a profile.
    number : int, optional
        How many twins an area has.

    Returns
    -------
    DataFrame
        `TWIN_COLUMNS`: one row an area, period and twin, the nearest first (ties by area id): ``distance`` in standard
        deviations, ``figures_compared`` how many it rests on, ``compared_by`` which.

    Examples
    --------
    >>> columns = ["area_id", "period", "indicator", "value", "status"]
    >>> rows = [("a", "2024", "x", 0.1, "ok"), ("b", "2024", "x", 0.12, "ok"), ("c", "2024", "x", 0.4, "ok")]
    >>> nearest = find_twins(pd.DataFrame(rows, columns=columns), ["x"], number=1)
    >>> nearest[["area_id", "twin"]].values.tolist()
    [['a', 'b'], ['b', 'a'], ['c', 'b']]
    """
    rows: list[tuple[object, ...]] = []
    shown = table[(table["status"] == "ok") & table["indicator"].isin(list(by))]
    for period, of_period in shown.groupby("period", sort=True):
        profiles = of_period.pivot(index="area_id", columns="indicator", values="value")  # noqa: PD010
        profiles = profiles.reindex(columns=[name for name in by if name in profiles.columns]).sort_index()
        areas = [str(area) for area in profiles.index]
        names = [str(name) for name in profiles.columns]
        standardised, has_spread = _standardised(profiles.to_numpy(dtype=np.float64))
        names = [name for name, spreads in zip(names, has_spread, strict=True) if spreads]
        rows += _nearest(str(period), areas, names, standardised[:, has_spread], len(by), number)
    return pd.DataFrame(rows, columns=list(TWIN_COLUMNS)).sort_values(
        ["period", "area_id", "rank"], kind="stable", ignore_index=True
    )


def _standardised(values: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Columns in standard deviations from their mean, and which of them have a spread at all."""
    if not values.size:
        return values, np.zeros(values.shape[1], dtype=bool)
    mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    has_spread = deviation > _NO_SPREAD * np.maximum(np.abs(mean), 1.0)
    return (values - mean) / np.where(has_spread, deviation, 1.0), has_spread


def _nearest(
    period: str, areas: Sequence[str], names: Sequence[str], values: Floats, figures: int, number: int
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    least = max(1, math.ceil(figures / 2))
    for position, area in enumerate(areas):
        differences = values - values[position]
        both = np.isfinite(differences)
        shared = both.sum(axis=1)
        squares = np.where(both, differences, 0.0) ** 2
        distances = np.sqrt(squares.sum(axis=1) / np.maximum(shared, 1))
        alike = shared >= least
        alike[position] = False
        candidates = sorted(
            (float(f"{distances[other]:.{_DIGITS}g}"), areas[other], other)
            for other in _not_beyond(distances, np.flatnonzero(alike), number)
        )
        for rank, (distance, twin, other) in enumerate(candidates[:number], start=1):
            by = [name for name, is_shared in zip(names, both[other], strict=True) if is_shared]
            rows.append((area, period, rank, twin, distance, len(by), "|".join(by)))
    return rows


def _not_beyond(distances: Floats, others: npt.NDArray[np.intp], number: int) -> list[int]:
    """Those of `others` that are no farther away than the `number`-th of them, ties and all."""
    if len(others) > number:
        farthest = np.partition(distances[others], number - 1)[number - 1]
        others = others[distances[others] <= farthest * (1 + 10 * 10.0**-_DIGITS)]
    return [int(other) for other in others]


def twin_rows(table: pd.DataFrame, of_areas: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """The figures of each area's twins taken together: the sums of their counts.

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published.
    of_areas : DataFrame
        What `find_twins` gave.
    indicators : sequence of Indicator
        What the figures are.

    Returns
    -------
    DataFrame
        The columns of an indicator table and ``reference_area`` (``@twins``) and ``twins`` (how many have the figure):
        ``area_id`` is the area's whose twins they are. The twins whose figure is suppressed or missing are left out;
        with fewer than half of them there is none.

    Examples
    --------
    >>> from geo_bosoc.indicators import Side
    >>> spec = Indicator(id="x", denominator=Side(), numerator=Side(where="y"), label_da="X")
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    >>> rows = [("a", "2024", "x", 9, 90, 0, "ok"), ("b", "2024", "x", 8, 40, 0, "ok")]
    >>> table = indicator_table(pd.DataFrame(rows, columns=columns), [spec])
    >>> twin_rows(table, find_twins(table, ["x"], number=1), [spec])[["area_id", "value"]].values.tolist()
    [['a', 0.2], ['b', 0.1]]
    """
    if of_areas.empty:
        return pd.DataFrame(columns=[*COLUMNS, "twins", "reference_area"])
    rows = table[["area_id", *_FIGURE]].reset_index(drop=True)
    sides = counted_sides(table, {spec.id: spec for spec in indicators})
    rows = pd.concat([rows.rename(columns={"area_id": "twin"}), sides], axis=1)
    pairs = of_areas[["area_id", "period", "twin"]].merge(rows, on=["twin", "period"], how="left")
    shown = pairs["status"].eq("ok") & pairs["numerator"].notna()
    keys = ["area_id", *_FIGURE]
    sums = pairs[shown].groupby(keys)[["numerator", "denominator"]].agg("sum")
    numbers = pairs.assign(twins=shown).groupby(keys, sort=True)["twins"].agg(["sum", "size"]).reset_index()
    enough = (numbers["sum"] > 0) & (2 * numbers["sum"] >= numbers["size"])
    counts = numbers[keys].join(sums, on=keys)
    for name in ("numerator", "denominator"):
        counts[name] = counts[name].mask(~enough)
    counts["status"] = np.where(enough, "ok", "missing")
    counts = counts.assign(unknown=0).astype(dict.fromkeys(("numerator", "denominator", "unknown"), "Int64"))
    return indicator_table(counts, indicators).assign(twins=numbers["sum"], reference_area=TWINS)


def twins_of(
    table: pd.DataFrame, profile: TwinsPart | None, indicators: Sequence[Indicator]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who each area's twins are, and their figures of the indicators that are compared with them.

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published.
    profile : TwinsPart or None
        With its figures named (`TwinsPart.among`); None where nobody asks for twins.
    indicators : sequence of Indicator
        What the figures are, and what each is compared with.

    Returns
    -------
    nearest : DataFrame
        As `find_twins` gives it.
    of_twins : DataFrame
        As `twin_rows` gives it, for `geo_bosoc.indicators.references.with_references`.
    """
    nearest = pd.DataFrame(columns=list(TWIN_COLUMNS))
    if profile is not None:
        nearest = find_twins(table, profile.by, number=profile.number)
    compared = [spec for spec in indicators if spec.reference_area == TWINS and spec.unit != "count"]
    rows = table[table["indicator"].isin([spec.id for spec in compared])]
    return nearest, twin_rows(rows, nearest if len(rows) else nearest.iloc[:0], compared)


def beside_same_twins(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    nearest: pd.DataFrame,
    pair: tuple[str, str],
    indicators: Mapping[str, Indicator],
) -> pd.DataFrame:
    """Figures beside those of the same twins in two periods: the later period's, so that both are of the same areas.

    Parameters
    ----------
    rows : DataFrame
        Figures with ``area_id, period, indicator, reference``.
    table : DataFrame
        An indicator table of areas, with ``reference_area`` where anything is compared with another reference than the
        municipality.
    nearest : DataFrame
        As `find_twins` gave it.
    pair : (str, str)
        The earlier period, and the one whose twins they are.
    indicators : mapping of str to Indicator
        What the figures are.

    Returns
    -------
    DataFrame
        The rows; of the earlier period, `reference` is what the later period's twins had then, where the reference is
        ``@twins``.
    """
    before, period = pair
    if "reference_area" not in table.columns:
        return rows
    is_before = (table["period"] == before) & (table["reference_area"] == TWINS)
    compared = table[is_before & table["indicator"].isin(list(indicators))]
    later = nearest[nearest["period"] == period].assign(period=before)
    keys = ["area_id", *_FIGURE]
    of_twins = twin_rows(compared, later if len(compared) else later.iloc[:0], list(indicators.values()))
    values = of_twins.set_index(keys)["value"].astype("float64")
    row_keys = pd.MultiIndex.from_frame(rows[keys])
    moved = row_keys.isin(pd.MultiIndex.from_frame(compared[keys]))
    return rows.assign(reference=rows["reference"].mask(moved, values.reindex(row_keys).set_axis(rows.index)))
